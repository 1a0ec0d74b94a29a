"""What is promised, read from a stack's outputs and held to what the model says; and what would keep it."""

import re
from dataclasses import replace
from typing import Any

import pytest

from resilience.changes import Cost, advise
from resilience.facts import Class
from resilience.graph import UNKNOWN, Graph, Resource
from resilience.objectives import OUTPUT, STACK, Comparison, Standing, compare, objectives
from tests.resilience.small import ZONES, Small
from tests.resilience.stacks import platform

OWN = {"value": 12, "unit": "s", "date": "2026-11-21", "source": "drill of November"}


def stack(**said: Any) -> Resource:
    return Resource(f"urn:pulumi:one::p::{STACK}::one", STACK, "one", {OUTPUT: {"version": 1, **said}})


def compared(small: Small, *others: Small, **said: Any) -> tuple[Graph, tuple[Comparison, ...]]:
    promises = stack(**said)
    graph = Graph([*small.graph(*others).resources, promises])
    asked = objectives(promises, graph)
    assert asked is not None
    return graph, compare(graph, asked)


def shop(
    replicas: int = 3, *, spread: bool = True, toleration: int | None = 30, instances: tuple[str, ...] = ()
) -> Small:
    made = Small().network().cluster(nodes=6)
    if instances:
        made.aurora(instances)
    return made.service(replicas=replicas, spread=spread, toleration=toleration).entrance()


def advised(small: Small, **said: Any) -> tuple[str, ...]:
    graph, _ = compared(small, **said)
    asked = objectives(next(iter(graph.of(STACK))), graph)
    assert asked is not None
    (advice,) = advise(graph, asked).values()
    return tuple(change.what for change in advice.changes)


@pytest.mark.parametrize(
    ("said", "message"),
    [
        ({"version": 2}, "resilienceObjectives.version is 2, must be 1"),
        ({"journey": {}}, "resilienceObjectives.journey is nothing that can be said here; did you mean journeys?"),
        ({"journeys": 5}, "resilienceObjectives.journeys is 5, must be a mapping"),
        ({"journeys": {"a": {"zones": {}}}}, "journeys.a.zones is nothing that can be said here; did you mean zone?"),
        ({"journeys": {"a": {"zone": {"rto_seconds": "1"}}}}, 'rto_seconds is "1", must be a number of 0 or more'),
        ({"journeys": {"a": {"zone": {"rto_seconds": -1}}}}, "rto_seconds is -1, must be a number of 0 or more"),
        ({"journeys": {"a": {"zone": {"rto_seconds": UNKNOWN}}}}, "rto_seconds is unknown, must be a number of 0 or"),
        (
            {"journeys": {"a": {"availability_percent": 101}}},
            "availability_percent is 101, must be a number of 0 to 100",
        ),
        (
            {"journeys": {"a": {"zone": {"rto_seconds": 10**5000}}}},
            "rto_seconds is more than 1e+09, must be a number of 0 to 1e+09",
        ),
        (
            {"measured": {"aurora.failover.typical": {**OWN, "value": 61}}},
            "aurora.failover.typical is 61 s, and aurora.failover.worst is 60: what is typical must be no more",
        ),
        ({"regions": [5]}, "resilienceObjectives.regions[0] is 5, must be text"),
        ({"measured": {"aurora.failover.typcal": OWN}}, "is no fact; did you mean aurora.failover.typical?"),
        ({"measured": {"sla.eks": OWN}}, 'measured.sla.eks.unit is "s", must be %'),
        ({"measured": {"decide.typical": {**OWN, "value": True}}}, "value is true, must be a number of 0 or more"),
        ({"measured": {"decide.typical": {**OWN, "source": None}}}, "decide.typical.source is not set, must be text"),
    ],
)
def test_what_cannot_be_read_is_named(said: dict[str, Any], message: str) -> None:
    promises = stack(**said)
    with pytest.raises(ValueError, match=re.escape(message)):
        objectives(promises, Graph([promises]))


def test_every_mistake_is_told_at_once() -> None:
    promises = stack(regions=[5], journeys=6)
    with pytest.raises(ValueError, match=r"journeys is 6.*\n.*regions\[0\] is 5"):
        objectives(promises, Graph([promises]))


def test_who_says_nothing_promises_nothing() -> None:
    promises = replace(stack(), properties={})
    assert objectives(promises, Graph([promises])) is None


def test_what_was_measured_replaces_a_fact_with_its_source() -> None:
    promises = stack(measured={"aurora.failover.typical": OWN})
    asked = objectives(promises, Graph([promises]))
    assert asked is not None
    fact = asked.facts["aurora.failover.typical"]
    assert (fact.value, fact.class_, fact.source, fact.date) == (12, Class.MEASURED, "drill of November", "2026-11-21")


@pytest.mark.parametrize(("seconds", "standing"), [(119, Standing.BROKEN), (120, Standing.KEPT)])
def test_a_promise_is_held_at_worst_and_to_the_second(seconds: int, standing: Standing) -> None:
    _, (found,) = compared(shop(), journeys={"use-shop": {"zone": {"rto_seconds": seconds}}})
    assert (found.standing, found.value, len(found.faults)) == (standing, 120, 3)
    assert sum(term.worst for term in found.terms) == 120


def test_what_never_comes_back_breaks_every_promise() -> None:
    _, (found,) = compared(shop(), journeys={"use-shop": {"region": {"rto_seconds": 604_800}}})
    assert (found.standing, found.value) == (Standing.BROKEN, float("inf"))


def test_what_needs_a_region_that_is_not_in_view_is_unknown() -> None:
    both = ["us-east-1", "us-west-2"]
    said = {"zone": {"rto_seconds": 60}, "region": {"rto_seconds": 60}, "availability_percent": 99.9999}
    _, found = compared(shop(), regions=both, journeys={"use-shop": said})
    assert [each.standing for each in found] == [Standing.BROKEN, Standing.UNKNOWN, Standing.UNKNOWN]
    assert found[1].doubts == ("us-west-2 is not in view, and may serve in its place",)


@pytest.mark.parametrize(
    ("hidden", "doubts", "told"),
    [
        ("abc", ("no zone of us-east-1 is in view", "which zone is the one of subnet-a, subnet-b, subnet-c is not"), 0),
        ("c", ("which zone is the one of subnet-c is not known",), 2),
    ],
)
def test_what_is_promised_of_a_zone_that_is_not_in_view_is_unknown(
    hidden: str, doubts: tuple[str, ...], told: int
) -> None:
    small = shop()
    for letter in hidden:
        small.add("aws:ec2/subnet:Subnet", f"subnet-{letter}", {"availabilityZone": UNKNOWN})
    _, found = compared(small, journeys={"use-shop": {"zone": {"rpo_seconds": 0}}})
    *others, last = found
    assert [fault.id for each in others for fault in each.faults] == ["zone-us-east-1a", "zone-us-east-1b"][:told]
    assert last.standing is Standing.UNKNOWN
    assert all(said.startswith(begins) for said, begins in zip(last.doubts, doubts, strict=True))


def test_what_is_promised_without_subnets_in_view_is_unknown() -> None:
    small = shop()
    for letter in ZONES:
        del small.parts[f"subnet-{letter}"]
    _, found = compared(small, journeys={"use-shop": {"zone": {"rto_seconds": 1, "rpo_seconds": 0}}})
    assert [(each.standing, each.doubts) for each in found] == [
        (Standing.UNKNOWN, ("no zone of us-east-1 is in view",)),
        (Standing.UNKNOWN, ("no zone of us-east-1 is in view",)),
    ]


def test_what_is_promised_of_a_region_that_nobody_knows_is_unknown() -> None:
    small = Small()
    small.aws = replace(small.aws, properties={"region": UNKNOWN})
    small.network().cluster().service().entrance()
    _, (found,) = compared(small, journeys={"use-shop": {"region": {"rto_seconds": 1}}})
    assert found.standing is Standing.UNKNOWN
    assert found.doubts == ("in which region use-shop goes on is not known",)


def test_a_journey_that_is_not_in_view_is_unknown_and_its_neighbour_named() -> None:
    _, (found,) = compared(shop(), journeys={"use-shopp": {"zone": {"rto_seconds": 60}}})
    assert found.standing is Standing.UNKNOWN
    assert found.doubts == ("no journey use-shopp is in view; did you mean use-shop?",)


def test_the_platform_keeps_what_it_promises() -> None:
    graph = platform("primary", "secondary")
    first, second = (objectives(each, graph) for each in graph.of(STACK))
    assert first is second
    assert first is not None
    found = compare(graph, first)
    assert [each.promise.path for each in found if each.standing is not Standing.KEPT] == []
    assert len({each.promise.journey for each in found}) == 6


# What would keep it.


def test_one_instance_gets_a_reader_and_nothing_that_does_not_help() -> None:
    what = advised(shop(instances=("a",)), journeys={"use-shop": {"zone": {"rto_seconds": 120}}})
    assert what == ("readers of database: one more, in us-east-1b",)


def test_replicas_that_may_share_a_zone_are_spread() -> None:
    what = advised(shop(spread=False), journeys={"use-shop": {"zone": {"rto_seconds": 120}}})
    assert what == ("spread of shop in us-east-1: over zones and nodes",)


def test_the_mildest_number_that_suffices_is_named() -> None:
    said = {"use-shop": {"region": {"rto_seconds": 100}}}
    graph, _ = compared(pair()[0], pair()[1], journeys=said)
    asked = objectives(next(iter(graph.of(STACK))), graph)
    assert asked is not None
    (advice,) = advise(graph, asked).values()
    assert {change.what for change in advice.changes} == {
        "requestInterval of check: 10 in place of 30",
        "ttl of record: 30 in place of 300",
    }
    assert {change.cost for change in advice.changes} == {Cost.CONFIGURATION}
    assert advice.value is not None
    assert advice.value <= 100


def pair() -> tuple[Small, Small]:
    """The shape of 30 s x 3 with a TTL of 300."""
    here = shop().name(role="PRIMARY", interval=30, times=3, ttl=300)
    there = Small("us-west-2", "two").network().cluster(nodes=6).service(toleration=30).entrance()
    return here, there.name(role="SECONDARY", ttl=300)


def test_what_nothing_keeps_is_said_to_be_kept_by_nothing() -> None:
    graph, _ = compared(shop(), journeys={"use-shop": {"zone": {"rto_seconds": 60}}})
    asked = objectives(next(iter(graph.of(STACK))), graph)
    assert asked is not None
    (advice,) = advise(graph, asked).values()
    assert (advice.changes, advice.ended) == ((), True)
    assert advice.said == "None of the changes tried keeps it"
