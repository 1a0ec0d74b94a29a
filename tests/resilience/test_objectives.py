"""What is promised, read from a stack's outputs and held to what the model says; and what would keep it."""

import re
from dataclasses import replace
from typing import Any

import pytest

from resilience.changes import Advice, Cost, advise, changed
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
        (
            {"journeys": {"a": {"zone": {"capacity_percent": 101}}}},
            "a.zone.capacity_percent is 101, must be a number of 0 to 100",
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


@pytest.mark.parametrize(("percent", "standing"), [(66, Standing.KEPT), (67, Standing.BROKEN)])
def test_a_share_of_capacity_is_held_when_it_serves_again(percent: float, standing: Standing) -> None:
    # Of three pods two are left when the load balancer has left the zone; the third is made anew later.
    _, (found,) = compared(shop(), journeys={"use-shop": {"zone": {"capacity_percent": percent}}})
    assert (found.standing, found.value, found.terms) == (standing, pytest.approx(200 / 3), ())


def test_what_does_not_come_back_has_no_capacity() -> None:
    _, (found,) = compared(shop(), journeys={"use-shop": {"region": {"capacity_percent": 1}}})
    assert (found.standing, found.value) == (Standing.BROKEN, 0)
    both = ["us-east-1", "us-west-2"]
    _, (found,) = compared(shop(), regions=both, journeys={"use-shop": {"region": {"capacity_percent": 1}}})
    assert found.standing is Standing.UNKNOWN


def test_more_pods_keep_a_share_of_capacity() -> None:
    # Of four pods over three zones two may be in the one that is lost, as of five, and of six: 2/4, 3/5, 4/6.
    what = advised(shop(replicas=4), journeys={"use-shop": {"zone": {"capacity_percent": 60}}})
    assert what == ("replicas of shop in us-east-1: 5 in place of 4",)


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
    # One failure of a check every 30 s: 30 x 2 + 6 + 30 = 96.
    assert {change.what for change in advice.changes} == {
        "failureThreshold of check: 1 in place of 3",
        "ttl of record: 30 in place of 300",
    }
    assert {change.cost for change in advice.changes} == {Cost.CONFIGURATION}
    assert advice.value is not None
    assert advice.value <= 100


def test_a_check_that_asks_more_often_is_a_feature_and_replaces_it() -> None:
    said = {"use-shop": {"region": {"rto_seconds": 60}}}
    graph, _ = compared(pair()[0], pair()[1], journeys=said)
    (advice,) = advice_of(graph)
    # 10 x 4 + 6 + 10 = 56; every 30 s, with one failure and the shortest TTL, it would be 30 x 2 + 6 + 5 = 71.
    assert [(change.what, change.cost) for change in advice.changes] == [
        ("ttl of record: 10 in place of 300", Cost.CONFIGURATION),
        ("requestInterval of check: 10 in place of 30, which replaces the check", Cost.FEATURE),
    ]
    assert advice.value == 56


def advice_of(graph: Graph) -> list[Advice]:
    asked = objectives(next(iter(graph.of(STACK))), graph)
    assert asked is not None
    return list(advise(graph, asked).values())


def cards(zones: tuple[str, ...], **sizes: int) -> Small:
    """Workflows beside a node with a GPU, and a group of such nodes that has none, with two subnets a zone."""
    made = Small().network().cluster(nodes=6).nodes("gpu", 1, "g6.xlarge", zones=("a",))
    for letter in zones:
        made.add("aws:ec2/subnet:Subnet", f"subnet-{letter}2", {"availabilityZone": made.zone(letter)})
    made.nodes("spare", 0, "g6.xlarge", zones=(*zones, *(f"{letter}2" for letter in zones)))
    first = made.parts["spare"]
    first = replace(first, properties={**first.properties, "scalingConfig": {"minSize": 0, **sizes}})
    made.parts["spare"] = first
    return made.flows()


def checked(**check: int) -> Small:
    made = shop()
    return made.add("aws:lb/targetGroup:TargetGroup", "group", {"healthCheck": check})


def serving(**replicas: int) -> Small:
    return Small().network().cluster().nodes("gpu", 3, "g6.xlarge").model(replicas=replicas)


@pytest.mark.parametrize(
    ("small", "journey", "seconds", "what"),
    [
        # A node a zone, however many subnets it has there; what is wanted, and the most, follow.
        (
            cards(("b",), desiredSize=0, maxSize=1),
            "gpu-step",
            3600,
            "floor of spare: 1 nodes in place of 0, and desiredSize 1 in place of 0",
        ),
        (
            cards(("b", "c"), desiredSize=0, maxSize=1),
            "gpu-step",
            3600,
            "floor of spare: 2 nodes in place of 0, and desiredSize 2 in place of 0, and maxSize 2 in place of 1",
        ),
        (
            serving(min=1, max=1),
            "infer-vision",
            120,
            "replicas of vision servers in us-east-1: 2 in place of 1, and at most 2 in place of 1",
        ),
        (
            serving(min=1, max=4),
            "infer-vision",
            120,
            "replicas of vision servers in us-east-1: 2 in place of 1",
        ),
        # 30 x 3 + 10; an interval of 10 s leaves no time to wait 10 s for an answer.
        (
            checked(interval=30, timeout=10, unhealthyThreshold=5),
            "use-shop",
            120,
            "healthCheck.unhealthyThreshold of group: 2 in place of 5",
        ),
        # The provider says 3: 40 x 4 + 5 = 165, and 40 x 3 + 5 = 125.
        (checked(interval=40, timeout=5), "use-shop", 125, "healthCheck.unhealthyThreshold of group: 2 in place of 3"),
        # One node fails over to none.
        (
            Small().network().cluster(6).cache(1, fails_over=False, apart=False).service(toleration=30).entrance(),
            "use-shop",
            120,
            "replicas of cache: one more",
        ),
    ],
)  # fmt: skip
def test_every_change_that_is_advised_can_be_made(small: Small, journey: str, seconds: int, what: str) -> None:
    graph, _ = compared(small, journeys={journey: {"zone": {"rto_seconds": seconds}}})
    told = advice_of(graph)
    assert {change.what for advice in told for change in advice.changes} == {what}
    for advice in told:
        assert refused(changed(graph, advice.changes)) == []


@pytest.mark.parametrize(("timeout", "what"), [(5, ("healthCheck.interval of group: 10 in place of 60",)), (10, ())])
def test_a_target_group_asks_again_once_it_has_given_up(timeout: int, what: tuple[str, ...]) -> None:
    # 60 x 3 + 5; every 10 s it would be 10 x 3 + 5. Who waits 10 s for an answer cannot ask every 10 s.
    small = checked(interval=60, timeout=timeout, unhealthyThreshold=2)
    assert advised(small, journeys={"use-shop": {"zone": {"rto_seconds": 120}}}) == what


def refused(graph: Graph) -> list[str]:
    """Resources with numbers that AWS, or a chart, does not take."""
    found: list[str] = []
    for each in graph.resources:
        sizes = [each.read(f"scalingConfig.{name}").whole for name in ("minSize", "desiredSize", "maxSize")]
        replicas = [each.read(f"values.replicas.{name}").whole for name in ("min", "max")]
        patience = [each.read(f"healthCheck.{name}").whole for name in ("timeout", "interval")]
        nodes = each.read("numCacheClusters").whole
        alone = nodes == 1 and True in (each.read(f"{x}Enabled").content for x in ("multiAz", "automaticFailover"))
        rising = [[number for number in numbers if number is not None] for numbers in (sizes, replicas, patience)]
        if alone or any(numbers != sorted(numbers) for numbers in rising) or len(set(rising[2])) < len(rising[2]):
            found.append(each.name)
    return found


def test_advice_is_the_same_on_a_slow_machine_and_says_what_was_not_tried(monkeypatch: pytest.MonkeyPatch) -> None:
    said = {"use-shop": {"region": {"rto_seconds": 100}}}
    graph, _ = compared(pair()[0], pair()[1], journeys=said)
    told: list[str] = []
    for trials in (0, 1, 2, 16):
        monkeypatch.setattr("resilience.changes.TRIALS", trials)
        advise.cache_clear()
        (advice,) = advice_of(graph)
        assert advice.tried <= trials
        told.append(advice.said)
    advise.cache_clear()
    both = "failureThreshold of check: 1 in place of 3; ttl of record: 5 in place of 300"
    assert told == [
        "Nothing was tried: other promises came first",
        f"This keeps it; what of it can be spared was not tried (nothing): {both}",
        f"This keeps it; what of it can be spared was not tried (nothing): {both}",
        f"Cheapest change that keeps it (nothing): {both.replace('5 in', '30 in')}",
    ]


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
