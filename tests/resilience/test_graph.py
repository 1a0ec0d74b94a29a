import json
import random
from dataclasses import FrozenInstanceError
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from resilience import graph as graph_module
from resilience.adapters.analyzer import decode
from resilience.adapters.state import exported_resources, read_export
from resilience.graph import (
    SUBNET,
    UNKNOWN,
    Graph,
    Members,
    Provider,
    Read,
    Resource,
    Secret,
    State,
    home_of,
    name_of,
    project_of,
    stack_names,
    stack_of,
    type_of,
)
from tests.policies.platform import UNKNOWN_TEXT, secret, struct

GROUP = "aws:rds/subnetGroup:SubnetGroup"


def resource(type_: str, name: str, properties: dict[str, Any] | None = None, **more: Any) -> Resource:
    return Resource(f"urn:pulumi:primary::tandem::{type_}::{name}", type_, name, properties or {}, **more)


def spread(zones: list[Any], elements: Any) -> Members:
    """Zones of a subnet group computed from subnets in these zones (None: left out), naming these elements."""
    subnets = [
        resource(SUBNET, f"s{number}", {} if zone is None else {"availabilityZone": zone})
        for number, zone in enumerate(zones)
    ]
    group = resource(
        GROUP, "group", {"subnetIds": elements}, edges={"subnetIds": tuple(each.urn for each in subnets)}
    )  # fmt: skip
    return Graph([*subnets, group]).zones(group, "subnetIds")


@pytest.mark.parametrize(
    ("path", "state", "shown"),
    [
        ("a.b", State.VALUE, "1"),
        ("a.c", State.MISSING, "not set"),
        ("a.b.c", State.MISSING, "not set"),
        ("list[1].x", State.VALUE, "2"),
        ("list[0].x", State.UNKNOWN, "unknown"),
        ("list[7].x", State.MISSING, "not set"),
        ("null", State.MISSING, "not set"),
        ("hidden", State.UNKNOWN, "unknown"),
        ("hidden.further[0].in", State.UNKNOWN, "unknown"),
        ("secret", State.VALUE, "[secret]"),
        ("secretTree.x", State.VALUE, "[secret]"),
        ("", State.VALUE, '{"a": {"b": 1}, "hidden": "unknown", "list": ["unknown", {"x": 2}], "null": null…'),
    ],
)
def test_a_read_has_one_of_three_answers(path: str, state: State, shown: str) -> None:
    read = resource(
        "t",
        "n",
        {
            "a": {"b": 1},
            "list": [UNKNOWN, {"x": 2}],
            "null": None,
            "hidden": UNKNOWN,
            "secret": Secret("swordfish"),
            "secretTree": Secret({"x": "swordfish"}),
        },
    ).read(path)
    assert (read.state, read.shown()) == (state, shown)


@pytest.mark.parametrize(("length", "shown"), [(78, "x" * 78 + '"'), (79, "x" * 79 + "…")])
def test_what_is_long_is_cut(length: int, shown: str) -> None:
    assert resource("t", "n", {"text": "x" * length}).read("text").shown() == f'"{shown}'


def test_text_is_shown_in_its_own_letters() -> None:
    assert resource("t", "n", {"text": "Zürich"}).read("text").shown() == '"Zürich"'


@pytest.mark.parametrize(
    ("index", "state"), [(0, State.VALUE), (1, State.UNKNOWN), (2, State.MISSING), (3, State.MISSING)]
)
def test_an_element_beyond_the_last_is_missing(index: int, state: State) -> None:
    assert resource("t", "n", {"list": ["x", UNKNOWN]}).read(f"list[{index}]").state is state


@pytest.mark.parametrize(
    ("content", "whole"), [(3, 3), (0, 0), (True, None), ("3", None), (3.5, None), (UNKNOWN, None)]
)
def test_a_whole_number_is_no_truth_and_no_text(content: Any, whole: int | None) -> None:
    assert resource("t", "n", {"it": content}).read("it").whole == whole


def test_a_secret_s_mark_goes_to_all_that_is_in_it() -> None:
    read = resource("t", "n", {"tree": Secret({"list": ["x", Secret("y")], "hidden": UNKNOWN})}).read("tree")
    parts = [*read.field("list").each(), read.at("list[0]"), read.at("list[9]"), read.field("hidden"), read.field("no")]
    assert {part.secret for part in parts} == {True}
    assert not resource("t", "n", {"tree": {"x": 1}}).read("tree.x").secret


@pytest.mark.parametrize(
    "made",
    [
        Secret("x"),
        Read("p", State.MISSING),
        Provider("p", "t", {}),
        Members((), 0, 0),
    ],
)
def test_what_rules_are_given_is_small_and_stays_as_it_is(made: Any) -> None:
    assert not hasattr(made, "__dict__")
    [first, *_] = made.__slots__
    with pytest.raises(FrozenInstanceError, match=f"cannot assign to field '{first}'"):
        setattr(made, first, "other")


def test_a_resource_stays_as_it_is_and_is_no_other_that_looks_alike() -> None:
    one, other = resource("t", "n"), resource("t", "n")
    with pytest.raises(FrozenInstanceError, match="cannot assign to field 'name'"):
        one.name = "other"  # pyright: ignore[reportAttributeAccessIssue]
    assert len({one, other}) == 2
    assert len({Provider("p", "t", {}), Provider("p", "t", {})}) == 2
    assert not one.protect


def test_a_key_with_dots_is_read_by_its_name() -> None:
    assert resource("t", "n", {"labels": {"a.b/c": "x"}}).read("labels").field("a.b/c").content == "x"


def test_a_list_that_is_unknown_as_a_whole_gives_one_unknown_element() -> None:
    [element] = resource("t", "n", {"list": UNKNOWN}).read("list").each()
    assert element == Read("list[*]", State.UNKNOWN)


def test_the_wire_s_marks_are_understood() -> None:
    output = {"4dabf18193072939515e22adb298388d": "d0e6a833031e9bbcd3f4e8bde6ca49a4"}
    properties = {
        "whole": 3.0,
        "part": 3.5,
        "secret": secret({"deep": UNKNOWN_TEXT}),
        "output": {**output, "value": 1},
        "secretOutput": {**output, "value": "x", "secret": True},
        "later": {**output, "dependencies": ["urn"]},
        "number": "3eeb2bf0-c639-47a8-9e75-3b44932eb421",
    }
    decoded = decode(struct(properties))
    assert decoded == {
        "whole": 3,
        "part": 3.5,
        "secret": Secret({"deep": UNKNOWN}),
        "output": 1,
        "secretOutput": Secret("x"),
        "later": UNKNOWN,
        "number": UNKNOWN,
    }
    assert isinstance(decoded["whole"], int)


def test_a_secret_does_not_show_itself() -> None:
    assert "swordfish" not in repr(Secret("swordfish"))
    assert "swordfish" not in repr(Read("p", State.VALUE, "swordfish", secret=True))


@pytest.mark.parametrize(
    ("zones", "elements", "least", "most"),
    [
        (["a", "b", "c"], [UNKNOWN] * 3, 3, 3),
        (["a", "a", "b"], [UNKNOWN] * 3, 2, 2),
        (["a", "b", None], [UNKNOWN] * 3, 2, 3),
        (["a", "b", UNKNOWN], [UNKNOWN] * 3, 2, 3),
        ([None, None], [UNKNOWN] * 2, 1, 2),
        (["a", "b", "c"], ["one"], 1, 1),
        (["a", "b", "c"], ["one", "one", "one"], 1, 1),
        (["a", "a", "b"], ["one", "two"], 1, 2),
        (["a", "b", None], ["one", "two"], 1, 2),
        (["a", "b"], [UNKNOWN] * 3, 2, 3),
        ([], ["one", "two"], 0, 2),
        ([], [], 0, 0),
        (["a", "b", "c"], UNKNOWN, 0, None),
    ],
)
def test_zones_are_counted_as_far_as_anyone_can_say(
    zones: list[Any], elements: Any, least: int, most: int | None
) -> None:  # fmt: skip
    members = spread(zones, elements)
    assert (members.least, members.most) == (least, most)


@pytest.mark.parametrize(
    ("zones", "elements", "known", "unknown"),
    [
        (["b", "a"], [UNKNOWN] * 2, ("a", "b"), ()),
        (["a", UNKNOWN], [UNKNOWN] * 2, ("a",), ("s1.availabilityZone",)),
        (["a", "b"], ["one"], ("a", "b"), ("subnetIds",)),
        (["a"], ["one", "two"], ("a",), ("subnetIds",)),
        (["a", None], UNKNOWN, ("a",), ("subnetIds[*]", "s1.availabilityZone")),
    ],
)
def test_what_would_have_to_be_known_of_zones_is_named(
    zones: list[Any], elements: Any, known: tuple[str, ...], unknown: tuple[str, ...]
) -> None:
    members = spread(zones, elements)
    assert (members.known, members.unknown) == (known, unknown)


@pytest.mark.parametrize(
    ("zones", "named", "least", "most"),
    [
        (["a", "a", "a", "b", "c"], 4, 2, 3),
        (["a", "a", "a", "b", "c"], 3, 1, 3),
        (["a", "a", "a", "b", "c", "d"], 5, 3, 4),
        (["a", "a", "a", "b", "b", "c", "d"], 5, 2, 4),
        (["a", "b", None, None], 3, 1, 3),
        (["a", "b", None], 2, 1, 2),
        ([None, None, None], 2, 1, 2),
        (["a", "b"], 0, 0, 0),
    ],
)
def test_some_of_the_subnets_may_be_all_in_the_zones_with_most(
    zones: list[Any], named: int, least: int, most: int
) -> None:
    members = spread(zones, [UNKNOWN] * named)
    assert (members.least, members.most) == (least, most)


@pytest.mark.parametrize(
    ("properties", "members"),
    [
        ({"in": {"list": ["b", "a", "b"]}}, Members(("a", "b"), 2, 2)),
        ({"in": {"list": ["a", UNKNOWN, "b", UNKNOWN]}}, Members(("a", "b"), 2, 4, ("in.list[1]", "in.list[3]"))),
        ({"in": {"list": ["a", None]}}, Members(("a",), 1, 1)),
        ({"in": {"list": UNKNOWN}}, Members((), 0, None, ("in.list[*]",))),
        ({"in": UNKNOWN}, Members((), 0, None, ("in[*]",))),
        ({"in": {"list": []}}, Members((), 0, 0)),
        ({}, Members((), 0, 0)),
    ],
)
def test_members_of_a_list(properties: dict[str, Any], members: Members) -> None:
    assert Members.listed(resource("t", "n", properties).read("in.list")) == members


@pytest.mark.parametrize(
    ("zones", "members"),
    [
        (["b", "a", "b"], Members(("a", "b"), 2, 2)),
        (["a", UNKNOWN, None], Members(("a",), 1, 3, ("n1.zone", "n2.zone"))),
        ([0, 1], Members(("0", "1"), 2, 2)),
        ([], Members((), 0, 0)),
    ],
)
def test_members_that_resources_tell_of_themselves(zones: list[Any], members: Members) -> None:
    told = [resource("t", f"n{number}", {"zone": zone}) for number, zone in enumerate(zones)]
    assert Members.told([(each, each.read("zone")) for each in told]) == members


def test_zones_may_be_asked_of_what_is_further_in() -> None:
    subnets = [resource(SUBNET, name, {"availabilityZone": name}) for name in "ab"]
    edges = {"vpcConfig": tuple(each.urn for each in subnets)}
    cluster = resource("aws:eks/cluster:Cluster", "c", {"vpcConfig": {"subnetIds": [UNKNOWN] * 2}}, edges=edges)
    graph = Graph([*subnets, cluster])
    assert graph.zones(cluster, "vpcConfig", cluster.read("vpcConfig.subnetIds").each()) == Members(("a", "b"), 2, 2)
    assert graph.zones(cluster, "vpcConfig", []).most == 0


@given(st.lists(st.sampled_from(["a", "b", "c", None]), max_size=5), st.integers(0, 6), st.data())
def test_knowing_more_never_contradicts_what_was_said(zones: list[str | None], named: int, data: st.DataObject) -> None:
    before = spread(zones, [UNKNOWN] * named)
    revealed = [zone or data.draw(st.sampled_from(["a", "b", "c", "d"])) for zone in zones]
    after = spread(revealed, [UNKNOWN] * named)
    assert before.least <= after.least
    assert before.most is not None
    assert after.most is not None
    assert before.most >= after.most
    assert after.least <= after.most


@given(st.randoms(use_true_random=False))
def test_the_order_of_resources_changes_nothing(shuffler: random.Random) -> None:
    subnets = [resource(SUBNET, name, {"availabilityZone": name}) for name in "abc"]
    group = resource(
        GROUP, "g", {"subnetIds": [UNKNOWN] * 3}, edges={"subnetIds": tuple(each.urn for each in subnets)}
    )  # fmt: skip
    resources = [*subnets, group]
    shuffler.shuffle(resources)
    graph = Graph(resources)
    assert [each.name for each in graph.of(SUBNET)] == ["a", "b", "c"]
    assert graph.zones(group, "subnetIds") == Members(("a", "b", "c"), 3, 3)
    assert graph.referrers(subnets[0], GROUP, "subnetIds") == (group,)


@pytest.mark.parametrize(
    ("type_", "properties", "provider", "region"),
    [
        ("aws:s3/bucket:Bucket", {"region": "eu-west-1", "arn": "arn:aws:sqs:us-west-1:1:q"}, "us-east-1", "eu-west-1"),
        ("aws:s3/bucket:Bucket", {"arn": "arn:aws:sqs:us-west-1:1:q"}, "us-east-1", "us-east-1"),
        ("aws:sqs/queue:Queue", {"arn": "arn:aws:sqs:us-west-1:1:q"}, None, "us-west-1"),
        ("aws:route53/record:Record", {"region": "us-east-1"}, "us-east-1", None),
        ("aws:s3/bucket:Bucket", {"arn": "arn:aws:s3:::b"}, None, None),
        ("aws:s3/bucket:Bucket", {"arn": "arn:aws:s3:eu-west-1"}, None, None),
        ("aws:s3/bucket:Bucket", {"arn": "arn:aws:s3:eu-west-1:1"}, None, None),
        ("aws:s3/bucket:Bucket", {"arn": 5}, None, None),
        ("aws:iam/role:Role", {"arn": "arn:aws:iam::1:role/r"}, "us-east-1", None),
    ],
)
def test_a_resource_is_where_it_says_then_its_provider_then_its_arn(
    type_: str, properties: dict[str, Any], provider: str | None, region: str | None
) -> None:
    through = Provider("p", "pulumi:providers:aws", {"region": provider}) if provider else None
    one = resource(type_, "n", properties, provider=through)
    assert Graph([one]).region(one).content == region


def test_an_unknown_region_is_not_the_provider_s() -> None:
    through = Provider("p", "pulumi:providers:aws", {"region": "us-east-1"})
    one = resource("aws:s3/bucket:Bucket", "n", {"region": UNKNOWN}, provider=through)
    assert Graph([one]).region(one).unknown


def test_a_zone_comes_through_the_subnet() -> None:
    subnet = resource(SUBNET, "s", {"availabilityZone": "us-east-1b", "availabilityZoneId": UNKNOWN})
    nat = resource("aws:ec2/natGateway:NatGateway", "n", {"subnetId": UNKNOWN}, edges={"subnetId": (subnet.urn,)})
    assert Graph([subnet, nat]).zone(nat).content == "us-east-1b"
    assert Graph([nat]).zone(nat).unknown


def test_a_region_that_an_unknown_arn_would_say_is_unknown() -> None:
    one = resource("aws:sqs/queue:Queue", "n", {"arn": UNKNOWN})
    assert Graph([one]).region(one) == Read("region", State.UNKNOWN)
    none = resource("aws:sqs/queue:Queue", "n")
    assert Graph([none]).region(none) == Read("region", State.MISSING)


def test_a_provider_s_region_may_be_unknown_or_a_secret() -> None:
    for given_, read in [
        (UNKNOWN, Read("provider.region", State.UNKNOWN)),
        (Secret("us-east-1"), Read("provider.region", State.VALUE, "us-east-1", secret=True)),
    ]:
        one = resource("aws:s3/bucket:Bucket", "n", provider=Provider("p", "pulumi:providers:aws", {"region": given_}))
        assert Graph([one]).region(one) == read


@pytest.mark.parametrize(
    ("name", "default"),
    [("default", True), ("default_7_1_0", True), ("default_7_1_0_beta", True), ("default_7", False), ("main", False)],
)
def test_a_provider_that_nobody_named_is_told_by_its_name(name: str, default: bool) -> None:
    assert Provider(name, "pulumi:providers:aws", {}).default is default


@pytest.mark.parametrize(
    ("properties", "subnets", "answer"),
    [
        ({"availabilityZoneId": "use1-az1"}, 0, Read("availabilityZoneId", State.VALUE, "use1-az1")),
        ({"availabilityZone": UNKNOWN, "availabilityZoneId": "id"}, 0, Read("availabilityZoneId", State.VALUE, "id")),
        ({"availabilityZoneId": UNKNOWN}, 1, Read("availabilityZoneId", State.UNKNOWN)),
        ({"subnetId": UNKNOWN}, 0, Read("subnetId", State.UNKNOWN)),
        ({"subnetId": "subnet-1"}, 0, Read("subnetId", State.UNKNOWN)),
        ({"subnetId": UNKNOWN}, 2, Read("subnetId", State.UNKNOWN)),
        ({"subnetId": UNKNOWN}, 1, Read("availabilityZone", State.VALUE, "s0")),
        ({}, 0, Read("availabilityZone", State.MISSING)),
    ],
)
def test_a_zone_is_a_resource_s_own_or_its_one_subnet_s(properties: Any, subnets: int, answer: Read) -> None:
    others = [resource(SUBNET, f"s{number}", {"availabilityZone": f"s{number}"}) for number in range(subnets)]
    edges = {"subnetId": tuple(each.urn for each in others)}
    one = resource("aws:ec2/instance:Instance", "n", properties, edges=edges)
    assert Graph([one, *others]).zone(one) == answer


def test_resources_are_found_by_type_package_and_edges() -> None:
    bucket, queue = resource("aws:s3/bucket:Bucket", "b"), resource("aws:sqs/queue:Queue", "q")
    pod = resource("kubernetes:core/v1:Pod", "p")
    twice = (bucket.urn, queue.urn, bucket.urn, "urn:gone")
    topic = resource("aws:sns/topic:Topic", "t", edges={"policy": twice})
    graph = Graph([bucket, queue, pod, topic])
    assert graph.of("aws:*") == (bucket, topic, queue)
    assert graph.of("kubernetes:*", "aws:s3/bucket:Bucket") == (pod, bucket)
    assert graph.of("gcp:*", "aws:s3/bucketV2:BucketV2") == ()
    assert graph.targets(topic, "policy", bucket.type) == (bucket,)
    assert graph.targets(topic, "other", bucket.type) == ()
    assert graph.referrers(bucket, topic.type, "policy") == (topic,)
    assert graph.referrers(bucket, topic.type, "other") == ()
    assert graph.get(bucket.urn) is bucket
    assert graph.get("urn:gone") is None


@pytest.mark.parametrize(
    ("secret", "text", "shown"),
    [
        ("abcd", "public abcd", "public [secret]"),
        ("abc", "abc", "abc"),
        ("x" * 50, "x" * 40 + "…", "[secret]…"),
        ("x" * 50, "x" * 39 + "…", "x" * 39 + "…"),
        (True, "True", "True"),
    ],
)
def test_a_secret_is_taken_out_of_any_text(secret: Any, text: str, shown: str) -> None:
    one = resource("t", "name", {"list": [{"x": Secret(secret)}], "open": "public"}, provider=Provider("p", "t", {}))
    assert Graph([one]).hidden(text) == shown
    through = Provider("p", "t", {"token": Secret([secret])})
    assert Graph([resource("t", "name", provider=through)]).hidden(text) == shown


def test_of_two_resources_with_one_urn_the_last_stands() -> None:
    first, last = resource("t", "n", {"x": 1}), resource("t", "n", {"x": 2})
    assert Graph([first, last]).resources == (last,)


def test_stacks_in_view_are_sorted() -> None:
    others = [Resource(f"urn:pulumi:{stack}::tandem::t::n", "t", "n", {}) for stack in ("b", "a", "b")]
    assert Graph(others).stacks == ("a", "b")


def test_what_is_awaited_comes_through_values_words_providers_and_parents() -> None:
    base, access, other = resource("t", "base"), resource("t", "access"), resource("t", "other")
    cluster = resource("t", "cluster", edges={"subnets": (base.urn,)})
    urn = "urn:pulumi:primary::tandem::pulumi:providers:kubernetes::p"
    provider = Resource(urn, "pulumi:providers:kubernetes", "p", {}, dependencies=(cluster.urn, access.urn, "urn:gone"))
    controller = resource("t", "controller")
    release = resource("t", "release", dependencies=(controller.urn,))
    pod = resource("t", "pod", parent=release.urn, provider=Provider("p", "pulumi:providers:kubernetes", {}, urn))
    graph = Graph([base, access, other, cluster, provider, controller, release, pod])
    assert graph.awaited(pod) == {urn, cluster.urn, access.urn, base.urn, release.urn, controller.urn, "urn:gone"}
    assert graph.awaited(base) == frozenset()


def test_two_that_await_each_other_end_the_search() -> None:
    one = resource("t", "one", dependencies=("urn:pulumi:primary::tandem::t::two",))
    two = resource("t", "two", dependencies=(one.urn,))
    assert Graph([one, two]).awaited(one) == {one.urn, two.urn}


def test_what_was_known_before_fills_in_what_is_not_known_now() -> None:
    now = resource("t", "n", {"a": UNKNOWN, "b": [UNKNOWN, 2], "c": {"d": UNKNOWN}, "e": 1, "f": UNKNOWN})
    before = resource("t", "n", {"a": [1], "b": [1, 9], "c": {"d": 3}, "e": 9, "g": 5})
    assert now.known_better_by(before).properties == {
        "a": [1],
        "b": [1, 2],
        "c": {"d": 3},
        "e": 1,
        "f": UNKNOWN,
        # A plan without a provider's say is empty; what the program said still stands.
        "g": 5,
    }


@pytest.mark.parametrize(
    ("now", "before", "filled"),
    [
        (Secret(UNKNOWN), Secret("x"), Secret("x")),
        (Secret(UNKNOWN), "x", Secret("x")),
        (UNKNOWN, Secret("x"), Secret("x")),
        (UNKNOWN, None, UNKNOWN),
        (UNKNOWN, 0, 0),
        ("x", UNKNOWN, "x"),
        ([UNKNOWN], [1, 2], [UNKNOWN]),
        ([UNKNOWN, 1], "text", [UNKNOWN, 1]),
        ([], [], []),
        ({"a": UNKNOWN}, [1], {"a": UNKNOWN}),
        ([{"a": UNKNOWN}], [{"a": 1, "b": 2}], [{"a": 1, "b": 2}]),
    ],
)
def test_a_secret_stays_one_and_a_list_of_another_length_says_nothing(now: Any, before: Any, filled: Any) -> None:
    better = resource("t", "n", {"x": now}).known_better_by(resource("t", "n", {"x": before}))
    assert better.properties == {"x": filled}


def test_who_made_a_resource_may_be_known_from_before() -> None:
    early, late = (Provider(name, "pulumi:providers:aws", {}) for name in ("early", "late"))
    before = resource("t", "n", provider=early)
    assert resource("t", "n").known_better_by(before).provider is early
    now = resource(
        "t", "n", provider=late, parent="urn:p", edges={"x": ("urn:e",)}, protect=True, ignore_changes=("tags",),
        dependencies=("urn:d",),
    )  # fmt: skip
    better = now.known_better_by(before)
    assert better.provider is late
    assert (better.urn, better.parent, better.edges) == (now.urn, "urn:p", {"x": ("urn:e",)})
    assert (better.protect, better.ignore_changes, better.dependencies) == (True, ("tags",), ("urn:d",))


def export() -> dict[str, Any]:
    provider = "urn:pulumi:primary::tandem::pulumi:providers:aws::aws"
    bucket = "urn:pulumi:primary::tandem::aws:s3/bucket:Bucket::b"
    mark = {"4dabf18193072939515e22adb298388d": "1b47061264138c4ac30d75fd1eb44270"}
    return {
        "version": 3,
        "deployment": {
            "resources": [
                {"urn": "urn:pulumi:primary::tandem::pulumi:pulumi:Stack::s", "type": "pulumi:pulumi:Stack"},
                {"urn": provider, "type": "pulumi:providers:aws", "id": "1", "inputs": {"region": "us-east-1"}},
                {
                    "urn": bucket,
                    "type": "aws:s3/bucket:Bucket",
                    "provider": f"{provider}::1",
                    "protect": True,
                    "propertyDependencies": {"policy": ["urn:x"], "none": None},
                    "dependencies": ["urn:x", "urn:y"],
                    "outputs": {
                        "days": 3.0,
                        "shown": {**mark, "plaintext": '"x"'},
                        "hidden": {**mark, "ciphertext": "v1:abc"},
                    },
                },
                {"urn": bucket, "type": "aws:s3/bucket:Bucket", "delete": True, "outputs": {"days": 99}},
            ]
        },
    }


def test_a_state_export_becomes_resources() -> None:
    graph = Graph(exported_resources(export()))
    [bucket] = graph.of("aws:s3/bucket:Bucket")
    assert bucket.properties == {"days": 3, "shown": Secret("x"), "hidden": Secret(UNKNOWN)}
    assert (bucket.protect, dict(bucket.edges), bucket.stack) == (True, {"policy": ("urn:x",)}, "primary")
    assert graph.region(bucket).content == "us-east-1"
    assert graph.awaited(bucket) == {"urn:x", "urn:y", "urn:pulumi:primary::tandem::pulumi:providers:aws::aws"}
    assert bucket.read("hidden").unknown


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("{", "is not JSON"),
        ("[]", "has no `deployment`"),
        ("{}", "has no `deployment`"),
        ('{"version": 2, "deployment": {}}', "is of version 2, must be 3"),
    ],
)
def test_a_file_that_is_no_export_is_refused(tmp_path: Path, text: str, said: str) -> None:
    file = tmp_path / "state.json"
    file.write_text(text)
    with pytest.raises(ValueError, match=said):
        read_export(file)


def test_a_file_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="No such file"):
        read_export(tmp_path / "none.json")


def test_an_export_is_read_from_a_file(tmp_path: Path) -> None:
    file = tmp_path / "state.json"
    file.write_text(json.dumps(export()))
    assert len(read_export(file)) == 3


@pytest.mark.parametrize(
    ("urn", "parts"),
    [
        ("urn:pulumi:one::shop::aws:s3/bucket:Bucket::logs", ("one", "shop", "aws:s3/bucket:Bucket", "logs")),
        ("urn:pulumi:one::shop::a:b:C$d:e:F$g:h:I::x::y", ("one", "shop", "g:h:I", "x::y")),
        ("", ("", "", "", "")),
    ],
)  # fmt: skip
def test_each_part_of_a_urn(urn: str, parts: tuple[str, ...]) -> None:
    assert (stack_of(urn), project_of(urn), type_of(urn), name_of(urn)) == parts
    assert home_of(urn) == parts[:2]


def test_the_stack_of_a_resource_is_found_once(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []

    def counted(urn: str) -> str:
        asked.append(urn)
        return stack_of(urn)

    monkeypatch.setattr(graph_module, "stack_of", counted)
    bucket = resource("aws:s3/bucket:Bucket", "b")
    assert {bucket.stack for _ in range(3)} == {stack_of(bucket.urn)}
    assert asked == [bucket.urn]


@pytest.mark.parametrize(
    ("homes", "names"),
    [
        ([("prod", "shop"), ("dev", "shop"), ("prod", "shop")], {"prod", "dev"}),
        ([("prod", "east"), ("prod", "west"), ("dev", "west")], {"east/prod", "west/prod", "dev"}),
        # Of a stack that could not be judged nobody knows the project.
        ([("prod", "east"), ("prod", "")], {"east/prod", "prod"}),
        ([], set[str]()),
    ],
)
def test_a_stack_s_name_is_short_while_there_is_one(homes: list[tuple[str, str]], names: set[str]) -> None:
    assert set(stack_names(homes).values()) == names
    assert set(stack_names(homes)) == set(homes)


def test_stacks_of_two_projects_are_two_stacks() -> None:
    east, west = (
        Resource(f"urn:pulumi:prod::{project}::aws:s3/bucket:Bucket::b", "aws:s3/bucket:Bucket", "b", {"a": 1})
        for project in ("east", "west")
    )
    both = Graph([east, west])
    assert both.stacks == ("east/prod", "west/prod")
    assert [each.stack for each in both.of("aws:s3/bucket:Bucket")] == ["east/prod", "west/prod"]
    assert both.get(east.urn) in both.resources
    # Seen without the other, it has its own name again.
    assert Graph(each for each in both.resources if each.urn == east.urn).stacks == ("prod",)
    assert Graph([east]).resources == (east,)


def test_an_edge_leads_to_the_stack_by_its_whole_name() -> None:
    bucket = Resource("urn:pulumi:prod::east::t:t:T::b", "t:t:T", "b", {})
    policy = Resource("urn:pulumi:prod::west::t:t:P::p", "t:t:P", "p", {}, edges={"bucket": (bucket.urn,)})
    graph = Graph([bucket, policy])
    assert [each.stack for each in graph.referrers(bucket, "t:t:P", "bucket")] == ["west/prod"]
    assert [each.stack for each in graph.targets(policy, "bucket", "t:t:T")] == ["east/prod"]
