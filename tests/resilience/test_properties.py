"""Less never makes anything better, more never worse; order means nothing, and what is unknown is never good."""

import math
import random
import re
from collections.abc import Callable
from dataclasses import replace
from typing import Any, cast

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from resilience.facts import Facts
from resilience.graph import UNKNOWN, Graph, Resource
from resilience.outcomes import Duration, Outcome, Verdict, outcomes
from resilience.report.contents import report
from tests.resilience.small import Small
from tests.resilience.stacks import platform

FACTS = Facts()
Outcomes = dict[tuple[str, str], Outcome]


def seconds(duration: Duration | None) -> tuple[float, float]:
    return (math.inf, math.inf) if duration is None else (duration.typical_seconds, duration.worst_seconds)


def better(one: Outcome, other: Outcome, *, room: bool = True) -> bool:
    """Whether an outcome is better than another: it serves where that does not, or is ahead in something and behind in
    nothing. Who moves to another region may have more room there, and needs longer or loses more: that is another way.

    Capacity is a share of what is there while all is well, and what is there differs: of steps their number is
    compared, and neither where what is taken away leaves room to others.
    """
    if min(one.verdict, other.verdict) < Verdict.DEGRADED:
        return one.verdict > max(other.verdict, Verdict.UNKNOWN)
    counted = one.slots is not None and other.slots is not None
    mine, theirs = (
        (
            *((each.slots if counted else each.capacity) or 0.0 for _ in range(room)),
            *(-number for number in (*seconds(each.rto), *seconds(each.rpo))),
        )
        for each in (one, other)
    )
    ahead = any(a > b + 1e-6 for a, b in zip(mine, theirs, strict=True))
    return ahead and all(a >= b - 1e-6 for a, b in zip(mine, theirs, strict=True))


def of_any_zone(found: Outcomes) -> Outcomes:
    """Outcomes, with the zones of a region as one fault: the worst of them.

    An instance in a further zone makes that zone's loss one that may be the writer's. No zone's is worse than before.
    """
    kept: Outcomes = {}
    for (journey, fault), outcome in sorted(found.items()):
        key = journey, re.sub(r"^(zone-.*\d)[a-z]$", r"\1", fault)
        kept[key] = outcome if key not in kept or better(kept[key], outcome) else kept[key]
    return kept


def worse_nowhere(more: Outcomes, less: Outcomes, *, room: bool = True) -> None:
    """Nothing of what has less is better; what only one of them has cannot be compared."""
    more, less = of_any_zone(more), of_any_zone(less)
    shared = more.keys() & less.keys()
    assert [(key, less[key], more[key]) for key in sorted(shared) if better(less[key], more[key], room=room)] == []


def years(graph: Graph) -> dict[str, float | None]:
    """How much of a year each journey is there."""
    return {journey: each.value for journey, each in report(graph).availabilities.items()}


def no_longer_there(more: Graph, less: Graph) -> None:
    """No journey of what has less is there for longer; one of which nobody can say is never one of the good."""
    whole, part = years(more), years(less)
    ahead = {name: (part[name], whole[name]) for name in whole.keys() & part.keys() if not _least(part, whole, name)}
    assert ahead == {}


def _least(part: dict[str, float | None], whole: dict[str, float | None], name: str) -> bool:
    mine, other = part[name], whole[name]
    return mine is None or (other is not None and mine <= other + 1e-12)


# Small ones.

Shape = dict[str, Any]
shapes = st.fixed_dictionaries(
    {
        "zones": st.integers(1, 3),
        "nats": st.integers(0, 3),
        "nodes": st.integers(1, 6),
        "replicas": st.integers(1, 4),
        "spread": st.booleans(),
        "instances": st.integers(1, 3),
        "interval": st.sampled_from([None, 10, 30]),
        "two": st.booleans(),
    }
)


def helped(small: Small) -> Small:
    """With an agent on every node and a release of a chart that is known."""
    agent = {"containers": [{"name": "agent", "resources": {"requests": {"cpu": "100m", "memory": "64Mi"}}}]}
    small.add("kubernetes:apps/v1:DaemonSet", "agent", {"spec": {"template": {"spec": agent}}})
    return small.add("kubernetes:helm.sh/v3:Release", "controller", {"chart": "kserve-resources"})


def built(shape: Shape, seed: int = 0, *, helpers: bool = False) -> Graph:
    zones = ("a", "b", "c")[: shape["zones"]]

    def region(name: str, stack: str, role: str) -> Small:
        nats = zones[: shape["nats"]]
        small = Small(name, stack).network(zones, nats).cluster(shape["nodes"], zones=zones)
        small.aurora(tuple(zones[number % len(zones)] for number in range(shape["instances"])))
        small.service(replicas=shape["replicas"], spread=shape["spread"], cpu="1").entrance(zones=zones)
        return (helped(small) if helpers else small).name(role=role, interval=shape["interval"])

    first = region("us-east-1", "one", "PRIMARY" if shape["two"] else "")
    others = [region("us-west-2", "two", "SECONDARY")] if shape["two"] else []
    parts = [part for each in (first, *others) for part in each.parts.values()]
    random.Random(seed).shuffle(parts)
    return Graph(parts)


@settings(max_examples=25, deadline=None)
@given(shapes, st.integers(1, 1000))
def test_the_order_of_resources_means_nothing(shape: Shape, seed: int) -> None:
    assert outcomes(built(shape), FACTS) == outcomes(built(shape, seed), FACTS)
    assert years(built(shape)) == years(built(shape, seed))


@settings(max_examples=60, deadline=None)
@given(shapes, st.sampled_from(["nodes", "replicas", "instances", "spread", "two", "interval"]))
def test_more_is_never_worse(shape: Shape, what: str) -> None:
    more = dict(shape)
    if what in ("spread", "two"):
        shape, more[what] = {**shape, what: False}, True
    elif what == "interval":
        shape, more[what] = {**shape, what: 30}, 10
    else:
        more[what] += 1
    if what == "replicas":
        # More pods ask for more room; they are compared where there is enough for both.
        shape, more = {**shape, "nodes": 6}, {**more, "nodes": 6}
    found, fewer = outcomes(built(more), FACTS), outcomes(built(shape), FACTS)
    if what == "replicas":
        # A rollout may take one of four away, a quarter, and none of three.
        found = {key: outcome for key, outcome in found.items() if not key[1].startswith("bad-deployment")}
    worse_nowhere(found, fewer, room=what != "replicas")
    no_longer_there(built(more), built(shape))


@settings(max_examples=40, deadline=None)
@given(shapes, st.data())
def test_what_is_hidden_is_never_good(shape: Shape, data: st.DataObject) -> None:
    graph = built(shape, helpers=True)
    hideable = [
        (resource, path)
        for resource in graph.resources
        for path in ("scalingConfig", "instanceTypes", "availabilityZone", "spec", "healthCheckId", "ttl", "chart")
        if resource.type.startswith(
            ("aws:eks/nodeGroup", "aws:rds", "kubernetes:apps", "kubernetes:helm", "aws:route53/record")
        )
        and not resource.read(path).missing
    ]
    resource, path = data.draw(st.sampled_from(hideable))
    hidden = replace(resource, properties={**resource.properties, path: UNKNOWN})
    blurred = Graph([hidden if each is resource else each for each in graph.resources])
    worse_nowhere(outcomes(graph, FACTS), outcomes(blurred, FACTS))
    no_longer_there(graph, blurred)


def told(found: Outcomes) -> None:
    """Nobody waits for nothing: what serves nobody at first says why, and for how long."""
    for key, outcome in found.items():
        if outcome.verdict is Verdict.UNKNOWN:
            assert outcome.doubts, key
        elif outcome.at_once == 0:
            assert outcome.because, key
            assert outcome.rto is None or outcome.rto.worst_seconds > 0, (key, outcome.because)


@settings(max_examples=25, deadline=None)
@given(shapes)
def test_what_serves_nobody_at_first_says_why_and_for_how_long(shape: Shape) -> None:
    told(outcomes(built(shape), FACTS))


@pytest.mark.parametrize("sound", [True, False])
def test_so_do_databases_and_caches(sound: bool) -> None:
    small = Small().network().cluster().rds(standby=sound).cache(fails_over=sound, apart=sound)
    told(outcomes(small.service().entrance().name().graph(), FACTS))


# The platform.


def changed(graph: Graph, wanted: Callable[[Resource], bool], path: str, value: Any) -> Graph:
    """The platform with another value at a path of some resources, and at least of one."""
    found = [each for each in graph.resources if wanted(each)]
    assert found
    return Graph([_with(each, path.split("."), value) if each in found else each for each in graph.resources])


def _with(resource: Resource, way: list[str], value: Any) -> Resource:
    def put(tree: Any, way: list[str]) -> Any:
        if not way:
            return value
        return {
            **cast("dict[str, Any]", tree or {}),
            way[0]: put(cast("dict[str, Any]", tree or {}).get(way[0]), way[1:]),
        }

    return replace(resource, properties=put(resource.properties, way))


def without(graph: Graph, wanted: Callable[[Resource], bool]) -> Graph:
    found = [each for each in graph.resources if wanted(each)]
    assert found
    return Graph([each for each in graph.resources if each not in found])


def called(type_: str, name: str = "") -> Callable[[Resource], bool]:
    return lambda resource: resource.type.endswith(type_) and (not name or resource.name == name)


SPOILT: dict[str, Callable[[Graph], Graph]] = {
    "one database instance": lambda g: without(g, lambda r: called("ClusterInstance")(r) and not r.name.endswith("-0")),
    "a database in one zone": lambda g: changed(
        g,
        lambda r: called(":ClusterInstance")(r) and r.stack == "primary",
        "availabilityZone",
        "us-east-1a",
    ),
    "no failover of caches": lambda g: changed(g, called(":ReplicationGroup"), "automaticFailoverEnabled", False),
    "caches in one zone": lambda g: changed(g, called(":ReplicationGroup"), "multiAzEnabled", False),
    "one cache node": lambda g: changed(g, called(":ReplicationGroup", "broker"), "numCacheClusters", 1),
    "one server": lambda g: changed(g, called(":Release", "prefect"), "values.server.autoscaling.minReplicas", 1),
    "no spread": lambda g: changed(g, called(":Release", "prefect"), "values.server.affinity", {}),
    "one model server": lambda g: changed(g, called(":Release", "vision"), "values.replicas.min", 1),
    "no floor of GPUs": lambda g: changed(g, lambda r: r.name.startswith("gpu-us-"), "scalingConfig.minSize", 0),
    "no elastic nodes": lambda g: without(g, called("karpenter.sh/v1:NodePool")),
    "a standby without nodes": lambda g: changed(
        without(g, lambda r: called("karpenter.sh/v1:NodePool")(r) and r.stack == "secondary"),
        lambda r: called(":NodeGroup")(r) and r.stack == "secondary",
        "scalingConfig.minSize",
        0,
    ),
    "a standby with small nodes": lambda g: changed(
        without(g, lambda r: called("karpenter.sh/v1:NodePool")(r) and r.stack == "secondary"),
        lambda r: called(":NodeGroup")(r) and r.stack == "secondary" and not r.name.startswith("gpu-"),
        "instanceTypes",
        ["t3.small"],
    ),
    "slow checks": lambda g: changed(g, called(":HealthCheck", "health-endpoint"), "requestInterval", 30),
    "patient checks": lambda g: changed(g, called(":HealthCheck", "health-endpoint"), "failureThreshold", 10),
    "long TTL": lambda g: changed(g, called("record:Record"), "ttl", 300),
    "no replication": lambda g: without(g, called(":BucketReplicationConfig")),
    "no versions": lambda g: changed(g, called(":BucketVersioning"), "versioningConfiguration.status", "Suspended"),
    "no plan": lambda g: without(g, called("plan:Plan", "failover")),
    "one region": lambda g: without(g, lambda r: r.stack == "secondary"),
    "patient targets": lambda g: changed(g, called(":TargetGroup"), "healthCheck.interval", 30),
    "no atomic releases": lambda g: changed(g, called(":Release"), "atomic", False),
}


MUST_WORSEN = {
    "a standby without nodes": {
        (journey, "region-us-east-1") for journey in ("submit", "cpu-step", "gpu-step", "infer-vision", "infer-triton")
    },
    "a standby with small nodes": {("submit", "region-us-east-1"), ("cpu-step", "region-us-east-1")},
    "a database in one zone": {("submit", "zone-us-east-1a")},
    "one database instance": {("submit", "database-writer-us-east-1-database")},
    "one model server": {("infer-vision", "pod-us-east-1-vision-servers")},
    "slow checks": {("infer-vision", "region-us-east-1")},
    "long TTL": {("infer-vision", "region-us-east-1")},
    "no replication": {("artifact", "region-us-east-1")},
    "no versions": {("artifact", "deleted-object-us-east-1-artifacts")},
    "no atomic releases": {("submit", "bad-deployment-us-east-1-prefect-server")},
}
"""Outcomes that have to be worse, by what is spoilt."""


@pytest.fixture(scope="module")
def whole() -> Outcomes:
    return outcomes(platform(), FACTS)


@pytest.mark.parametrize("what", SPOILT)
def test_a_platform_with_less_is_nowhere_better_and_somewhere_worse(what: str, whole: Outcomes) -> None:
    spoilt = outcomes(SPOILT[what](platform()), FACTS)
    # Fewer pods ask for less room, and leave it to others.
    worse_nowhere(whole, spoilt, room=what not in ("one server", "one model server"))
    no_longer_there(platform(), SPOILT[what](platform()))
    lost = whole.keys() - spoilt.keys()
    worse = [key for key in whole.keys() & spoilt.keys() if better(whole[key], spoilt[key])]
    assert worse or lost
    assert MUST_WORSEN.get(what, set()) <= set(worse)


@pytest.mark.parametrize("seed", range(3))
def test_the_platform_s_order_means_nothing(seed: int, whole: Outcomes) -> None:
    parts = list(platform().resources)
    random.Random(seed).shuffle(parts)
    assert outcomes(Graph(parts), FACTS) == whole


def test_a_primary_of_a_cache_takes_time_to_replace(whole: Outcomes) -> None:
    lost = whole["submit", "cache-primary-us-east-1-broker"]
    assert lost.rto is not None
    assert [term.step.value for term in lost.rto.worst] == ["promote"]
    assert lost.because == ("cache broker: its primary is gone",)


def gpus(least: int) -> Outcome:
    """Running a GPU step after us-east-1 is lost, with so many nodes with GPUs a zone in us-west-2."""
    graph = changed(platform(), lambda r: r.name.startswith("gpu-us-west-2"), "scalingConfig.minSize", least)
    return outcomes(graph, FACTS)["gpu-step", "region-us-east-1"]


def test_where_no_step_can_start_the_region_that_stands_in_is_no_help(whole: Outcomes) -> None:
    some, none = whole["gpu-step", "region-us-east-1"], gpus(0)
    assert some.slots
    assert any(word.startswith(f"in us-west-2: {some.slots} of ") for word in some.because)
    assert (none.verdict, none.capacity, none.slots, none.rto) == (Verdict.DOWN, 0.0, 0, None)
    assert any(word.startswith("in us-west-2: no step can start beside all that runs, and ") for word in none.because)


def test_the_platform_says_why_and_for_how_long(whole: Outcomes) -> None:
    told(whole)


def test_the_platform_survives_every_zone_and_region_as_it_claims(whole: Outcomes) -> None:
    for (journey, fault), outcome in whole.items():
        if fault.startswith(("zone-", "region-")):
            assert outcome.verdict >= Verdict.DEGRADED, (journey, fault, outcome.because, outcome.doubts)
    assert not [key for key, outcome in whole.items() if outcome.verdict is Verdict.UNKNOWN]
