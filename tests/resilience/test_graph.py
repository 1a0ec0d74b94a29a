import json
import random
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from resilience.adapters.analyzer import decode
from resilience.adapters.state import exported_resources, read_export
from resilience.graph import SUBNET, UNKNOWN, Graph, Members, Provider, Read, Resource, Secret, State
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
