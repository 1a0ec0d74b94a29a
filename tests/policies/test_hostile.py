"""Whatever a property holds: no rule breaks, none is silent, and nothing takes for ever."""

import json
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from policies.catalog import all_rules
from policies.judge import MOST_VERDICTS, judge
from policies.registry import Outcome, Rule, Scope, Severity, Verdict, fails
from policies.settings import settle
from resilience.adapters.analyzer import DEEPEST, stack_resources
from resilience.adapters.state import exported_resources
from resilience.graph import UNKNOWN, Graph, Resource, Secret
from tests.policies.platform import Platform, Thing
from tests.policies.reference import reference
from tests.policies.serving import diagnostics, serving, verdicts

RULES = all_rules()
SETTINGS = settle(RULES, {})
KNOWN = stack_resources(reference().stack_request().resources)


def paths(content: Any, way: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """Every place in a tree."""
    if way:
        yield way
    if isinstance(content, Secret):
        yield from paths(content.value, way)
    members = content.items() if isinstance(content, dict) else enumerate(content) if isinstance(content, list) else ()
    for step, member in members:
        yield from paths(member, (*way, step))


def replaced(content: Any, way: tuple[Any, ...], value: Any) -> Any:
    if isinstance(content, Secret) and way:
        return Secret(replaced(content.value, way, value))
    if not way:
        return value
    first, *rest = way
    if isinstance(content, dict):
        return {**content, first: replaced(content[first], tuple(rest), value)}
    return [replaced(each, tuple(rest), value) if index == first else each for index, each in enumerate(content)]


def spoilt(resource: Resource, properties: dict[str, Any]) -> Resource:
    return Resource(
        resource.urn,
        resource.type,
        resource.name,
        properties,
        resource.parent,
        resource.provider,
        resource.edges,
        resource.protect,
        resource.ignore_changes,
        resource.dependencies,
    )


PLACES = [(index, way) for index, each in enumerate(KNOWN) for way in paths(each.properties)]
SCALARS = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-(2**70), 2**70),
    st.floats(),
    st.text(max_size=20),
    st.sampled_from(
        [
            *("a.b[0]\n]", "[", "*", "cron(* * ? * * *)", "cron(0 0/0 * * ? *)", "1e400", "1.x", "10.0.0.0/99", "::/0"),
            *("arn:aws:s3:::", "arn", "{", "[[]]", '{"Statement": 1}', '{"Statement": [[1]]}', "[" * 5000, "9" * 5000),
            *("sun:25:00-mon:00:00", "db.", ".", "m7i.999999999999xlarge", "100%", "%", "-5", "\u0663", "\0", "null"),
        ]
    ),
    st.sampled_from([UNKNOWN, Secret("swordfish"), Secret(UNKNOWN), Secret(None)]),
)
VALUES = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8) | st.just("a.b[0]"), inner),
    max_leaves=6,
)


def crashes(resources: list[Resource]) -> list[str]:
    found = judge(RULES, Graph(resources), SETTINGS)
    return [f"{each.rule.id} {each.urn}: {each.evidence}" for each in found if each.outcome is Outcome.CRASHED]


@settings(max_examples=150, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
@given(places=st.lists(st.tuples(st.sampled_from(PLACES), VALUES), min_size=1, max_size=4))
def test_any_property_may_hold_anything(places: list[tuple[tuple[int, tuple[Any, ...]], Any]]) -> None:
    resources = list(KNOWN)
    for (index, way), value in {place[0]: (place, value) for place, value in places}.values():
        resources[index] = spoilt(KNOWN[index], replaced(KNOWN[index].properties, way, value))
    assert crashes(resources) == []


HOSTILE: list[Any] = [
    *(True, -1, float("inf"), float("nan"), "x", "9" * 5000, "[" * 5000, UNKNOWN, Secret({"a": UNKNOWN})),
    *([], [None], [1, "a", None, {}], {}, {"": {}}, {"a.b[0]": [{"x\n": 1}]}, {"Statement": [[1], UNKNOWN, "x"]}),
    '{"Statement": [1, [], {"Action": {}, "Resource": 1, "Principal": [{}], "Condition": {"a": 1}, "Effect": []}]}',
]


@pytest.mark.parametrize("value", HOSTILE, ids=[f"{type(each).__name__}-{n}" for n, each in enumerate(HOSTILE)])
def test_every_property_may_hold_each_of_these(value: Any) -> None:
    """All places of a level at once would hide one another: each place by itself, one in each resource at a time."""
    by_resource: dict[int, list[tuple[Any, ...]]] = {}
    for index, way in PLACES:
        by_resource.setdefault(index, []).append(way)
    for turn in range(max(map(len, by_resource.values()))):
        resources = list(KNOWN)
        for index, ways in by_resource.items():
            if turn < len(ways):
                resources[index] = spoilt(KNOWN[index], replaced(KNOWN[index].properties, ways[turn], value))
        assert crashes(resources) == []


def test_a_whole_resource_may_be_anything() -> None:
    for value in HOSTILE:
        spoiled = [spoilt(each, {name: value for name in each.properties}) for each in KNOWN]
        assert crashes(spoiled) == []
    assert crashes([spoilt(each, {}) for each in KNOWN]) == []


def test_a_resource_without_provider_region_or_edges_is_judged() -> None:
    for each in KNOWN:
        bare = Resource(each.urn, each.type, each.name, each.properties)
        others = [other for other in KNOWN if other is not each]
        assert crashes([*others, bare]) == []
    assert crashes([Resource(each.urn, each.type, each.name, {}) for each in KNOWN]) == []


def test_cycles_end() -> None:
    urns = tuple(each.urn for each in KNOWN)
    cyclic = [
        replace(each, edges=dict.fromkeys([*each.edges, *each.properties], urns), dependencies=urns, parent=urns[0])
        for each in KNOWN
    ]
    assert crashes(cyclic) == []


def deep(levels: int) -> Any:
    content: Any = "bottom"
    for _ in range(levels):
        content = [content]
    return content


def test_what_lies_too_deep_is_unknown_and_so_unproven() -> None:
    wrapped = f"{'[' * 900}1{']' * 900}"
    row = {
        "urn": "urn:pulumi:primary::tandem::aws:rds/cluster:Cluster::db",
        "type": "aws:rds/cluster:Cluster",
        "outputs": {"backupRetentionPeriod": json.loads(wrapped), "deletionProtection": True},
    }
    [db] = exported_resources({"deployment": {"resources": [row]}})
    content: Any = db.properties["backupRetentionPeriod"]
    levels = 1
    while content is not UNKNOWN:
        [content] = content
        levels += 1
    assert levels == DEEPEST
    found = judge(RULES, Graph([db]), SETTINGS)
    assert [each for each in found if each.rule.id == "RDS-05"]
    assert not [each for each in found if each.outcome is Outcome.CRASHED]
    assert max(len(each.message) for each in found) < 1000


def test_ten_megabytes_of_text_are_shown_short_and_read_fast() -> None:
    text = "arn:aws:s3:::" * 800_000
    started = time.process_time()
    spoiled = [
        spoilt(each, {name: text if isinstance(value, str) else value for name, value in each.properties.items()})
        for each in KNOWN
        if each.type.startswith(("aws:rds", "aws:s3", "kubernetes:"))
    ]
    found = judge(RULES, Graph(spoiled), SETTINGS)
    assert not [each for each in found if each.outcome is Outcome.CRASHED]
    assert max(len(each.message) for each in found) < 2000
    assert time.process_time() - started < 20


def seconds(copies: int) -> float:
    """Of the processor, for many of the platform's every resource in one stack."""
    resources: list[Resource] = []
    for number in range(copies):
        platform = reference()
        for name, thing in platform.things.items():
            thing.called, thing.provider = f"{thing.called or name}-{number}", f"{thing.provider}-{number}"
        resources += stack_resources(platform.stack_request().resources)
    graph = Graph(resources)
    started = time.process_time()
    judge(RULES, graph, SETTINGS)
    return time.process_time() - started


def test_many_of_a_kind_take_no_longer_each() -> None:
    # What compares all with all takes sixteen times as long for four times as many.
    few, many = min(seconds(6) for _ in range(3)), min(seconds(24) for _ in range(2))
    assert many < 10 * few


Judge = Callable[[Resource, Graph, Any], Iterator[Verdict]]


def broken_rule(judge_: Judge, id_: str = "TST-99") -> Rule:
    return Rule(
        id_, "Breaks", "-", "-", Severity.LOW, Scope.STACK, ("aws:rds/cluster:Cluster",), (), {}, judge_
    )  # fmt: skip


def in_the_middle(*_: Any) -> Iterator[Verdict]:
    yield fails("found before")
    raise KeyError("swordfish")


def endless_calls(*arguments: Any) -> Iterator[Verdict]:
    yield from endless_calls(*arguments)


def out_of_memory(*_: Any) -> Iterator[Verdict]:
    raise MemoryError
    yield


def endless(*_: Any) -> Iterator[Verdict]:
    while True:
        yield fails("and again")


BROKEN: list[tuple[Judge, str, int]] = [
    (in_the_middle, "with KeyError", 1),
    (endless_calls, "with RecursionError", 0),
    (out_of_memory, "with MemoryError", 0),
    (endless, f"its verdict {MOST_VERDICTS + 1:,} of one resource", MOST_VERDICTS),
]


@pytest.mark.parametrize(("judge_", "said", "before"), BROKEN, ids=[row[0].__name__ for row in BROKEN])
def test_a_rule_that_breaks_in_any_way_hides_no_other(judge_: Judge, said: str, before: int) -> None:
    platform = reference().put("db", "deletionProtection", False).drop("db-1")
    with serving(RULES) as stub:
        without = verdicts(stub, platform)
    with serving([*RULES, broken_rule(judge_)]) as stub:
        found = diagnostics(stub, platform)
        assert verdicts(stub, platform) == without | {"TST-99"}
    own = [each.message for each in found if each.policyName == "TST-99"]
    [broke] = [message for message in own if "the rule itself broke" in message]
    assert said in broke
    assert "swordfish" not in broke
    assert len(own) == before + 1


def test_the_engine_hears_of_foreign_and_hostile_resources() -> None:
    things = reference().things | {
        "none": Thing("foreign:index:Thing", {"deep": deep(40), "a.b[0]\n": {"": None}, "nan": float("nan")}),
        "component": Thing("some:component:Thing", {}),
        "short": Thing("x", {"a": float("inf")}),
        "loop": Thing("aws:ec2/subnet:Subnet", {"subnetId": "x"}, {"subnetId": ["loop"], "vpcId": ["loop"]}),
    }
    with serving() as stub:
        expected, found = verdicts(stub, reference()), diagnostics(stub, Platform(things))
    assert not [each.message for each in found if "the rule itself broke" in each.message]
    assert {each.rstrip("?") for each in expected} <= {each.policyName for each in found}
