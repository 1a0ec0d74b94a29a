"""Whatever a property holds: no rule breaks, none is silent, and nothing takes for ever."""

from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from policies.catalog import all_rules
from policies.judge import judge
from policies.registry import Outcome
from policies.settings import settle
from resilience.adapters.analyzer import stack_resources
from resilience.graph import UNKNOWN, Graph, Resource, Secret
from tests.policies.reference import reference

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
        ["a.b[0]\n]", "[", "*", "cron(* * ? * * *)", "cron(0 0/0 * * ? *)", "1e400", "1.x", "10.0.0.0/99", "::/0"]
        + ["arn:aws:s3:::", "arn", "{", "[[]]", '{"Statement": 1}', '{"Statement": [[1]]}', "[" * 5000, "9" * 5000]
        + ["sun:25:00-mon:00:00", "db.", ".", "m7i.999999999999xlarge", "100%", "%", "-5", "٣", "\u0000", "null"]
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
