"""Everything that may be lost, one at a time: each fault is a pure function of the graph to what it takes away.

``faults(graph)`` lists them all: a fault of a zone for each zone, of a model for each model. What they take are units
(``resilience.diagram``): they say nothing about who leans on them.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import Enum
from functools import lru_cache

from resilience.diagram import (
    checkpoint_in,
    deployment,
    follower,
    leader,
    node,
    object_in,
    region,
    service,
    version,
    zone,
)
from resilience.facts import Facts
from resilience.graph import Graph, Resource
from resilience.journeys import AURORA, AURORA_INSTANCE, BUCKETS, CACHE, MODEL_SERVERS, ORCHESTRATORS, RDS
from resilience.routes import BALANCERS
from resilience.survey import NAT_GATEWAY, Survey, Workload, floor_of, survey


class Kind(Enum):
    """What is lost."""

    POD = "pod"
    NODE = "node"
    ZONE = "zone"
    NAT = "NAT gateway"
    GPU_POOL = "GPU pool of a zone"
    DATABASE_WRITER = "database writer"
    DATABASE_READER = "database reader"
    CACHE_PRIMARY = "cache primary"
    REPLICAS = "one replica of every workload"
    LEADER = "orchestrator leader"
    LOAD_BALANCER = "load balancer"
    CONTROL_PLANE = "cluster control plane"
    OBJECT_STORE = "object store"
    KEY_SERVICE = "key service"
    REGION = "region"
    DNS = "DNS path"
    MODEL_VERSION = "bad model version"
    DEPLOYMENT = "bad deployment"
    OBJECT = "deleted object"
    CHECKPOINT = "corrupted checkpoint"


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing that is lost, and nothing else."""

    id: str
    """``zone-us-east-1a``; unique within a graph."""
    kind: Kind
    title: str
    region: str
    """Where; empty: everywhere."""
    takes: frozenset[str]
    """Units."""
    urns: tuple[str, ...] = ()
    """Resources that it is about; none for a place or a service."""


@lru_cache(maxsize=8)
def faults(graph: Graph, facts: Facts) -> tuple[Fault, ...]:
    """Every single fault of a graph, in the order of Kind."""
    found = [fault for of in ALL for fault in sorted(of(survey(graph, facts)), key=lambda fault: fault.id)]
    return tuple(found)


def pods(seen: Survey) -> Iterator[Fault]:
    """One pod of each workload that a journey may lean on."""
    for workload in _serving(seen):
        yield _of(Kind.POD, workload, f"a pod of {workload.name}", {follower(workload.id)})


def nodes(seen: Survey) -> Iterator[Fault]:
    """One node of each group, the one with most on it."""
    for cluster in seen.clusters:
        for pool in cluster.pools.values():
            for group in pool.nodes:
                if group.one and group.count:
                    name = group.urn.rpartition("::")[2]
                    yield Fault(
                        f"node-{cluster.region}-{name}",
                        Kind.NODE,
                        f"a node of {name} in {cluster.region}",
                        cluster.region,
                        frozenset({node(group.urn)}),
                        (group.urn,),
                    )


def zones(seen: Survey) -> Iterator[Fault]:
    """Each zone, with all that is in it."""
    for name, home in seen.zones.items():
        if home in seen.regions:
            yield Fault(f"zone-{name}", Kind.ZONE, f"zone {name}", home, frozenset({zone(name)}))


def gateways(seen: Survey) -> Iterator[Fault]:
    """Each NAT gateway."""
    for gateway in seen.graph.of(NAT_GATEWAY):
        home = _home(gateway, seen)
        yield Fault(
            f"nat-{home}-{gateway.name}",
            Kind.NAT,
            f"NAT gateway {gateway.name}",
            home,
            frozenset({gateway.urn}),
            (gateway.urn,),
        )


def gpu_pools(seen: Survey) -> Iterator[Fault]:
    """All nodes with GPUs of a zone, and those that could be bought there: the type is not to be had."""
    for cluster in seen.clusters:
        if cluster.pools["gpu"].nodes:
            for name in cluster.zones:
                unit = floor_of(name, "gpu")
                urns = {each.urn for each in cluster.pools["gpu"].nodes if unit in each.on}
                yield Fault(
                    f"gpus-{name}",
                    Kind.GPU_POOL,
                    f"nodes with GPUs in {name}",
                    cluster.region,
                    frozenset({unit}),
                    tuple(sorted(urns)),
                )


def writers(seen: Survey) -> Iterator[Fault]:
    """The instance of each database that takes writes."""
    for database in seen.graph.of(AURORA, RDS):
        yield _in(Kind.DATABASE_WRITER, database, seen, f"the writer of {database.name}", {leader(database.urn)})


def readers(seen: Survey) -> Iterator[Fault]:
    """One further instance of each database that has one."""
    for database in seen.graph.of(AURORA):
        if len(seen.graph.referrers(database, AURORA_INSTANCE, "clusterIdentifier")) < 2:
            continue
        yield _in(Kind.DATABASE_READER, database, seen, f"a reader of {database.name}", {follower(database.urn)})


def primaries(seen: Survey) -> Iterator[Fault]:
    """The primary of each cache, of a shard of it."""
    for cache in seen.graph.of(CACHE):
        yield _in(Kind.CACHE_PRIMARY, cache, seen, f"a primary of {cache.name}", {leader(cache.urn)})


def replicas(seen: Survey) -> Iterator[Fault]:
    """One pod of everything at once, as when all is rolled out anew: one fault a region."""
    for cluster in seen.clusters:
        own = [workload for workload in cluster.workloads if not workload.daemon]
        yield Fault(
            f"replicas-{cluster.region}",
            Kind.REPLICAS,
            f"one replica of every workload in {cluster.region}",
            cluster.region,
            frozenset(follower(workload.id) for workload in own),
            tuple(sorted({workload.resource.urn for workload in own})),
        )


def leaders(seen: Survey) -> Iterator[Fault]:
    """Of each orchestrator the pod that all steps wait for."""
    for workload in _serving(seen):
        orchestrator = ORCHESTRATORS.get(workload.chart)
        if orchestrator is not None and workload.part == orchestrator.leads:
            yield _of(Kind.LEADER, workload, f"the leader of {orchestrator.title}", {leader(workload.id)})


def balancers(seen: Survey) -> Iterator[Fault]:
    """Each load balancer."""
    for balancer in seen.graph.of(*BALANCERS):
        yield _in(Kind.LOAD_BALANCER, balancer, seen, f"load balancer {balancer.name}", {balancer.urn})


def control_planes(seen: Survey) -> Iterator[Fault]:
    """The API of each cluster; what runs, runs on."""
    for cluster in seen.clusters:
        yield _in(
            Kind.CONTROL_PLANE,
            cluster.resource,
            seen,
            f"the control plane of {cluster.resource.name}",
            {cluster.resource.urn},
        )


def object_stores(seen: Survey) -> Iterator[Fault]:
    """S3 in each region."""
    for name in seen.regions:
        yield Fault(f"s3-{name}", Kind.OBJECT_STORE, f"S3 in {name}", name, frozenset({service("s3", name)}))


def key_services(seen: Survey) -> Iterator[Fault]:
    """KMS in each region."""
    for name in seen.regions:
        yield Fault(f"kms-{name}", Kind.KEY_SERVICE, f"KMS in {name}", name, frozenset({service("kms", name)}))


def regions(seen: Survey) -> Iterator[Fault]:
    """Each region as a whole."""
    for name in seen.regions:
        yield Fault(f"region-{name}", Kind.REGION, f"region {name}", name, frozenset({region(name)}))


def dns(_: Survey) -> Iterator[Fault]:
    """The way to Route 53's answers."""
    yield Fault("dns", Kind.DNS, "Route 53 answers nobody", "", frozenset({service("dns", "every region")}))


def model_versions(seen: Survey) -> Iterator[Fault]:
    """A version of each model that starts and answers wrongly."""
    for workload in _serving(seen):
        if workload.chart in MODEL_SERVERS and workload.part in ("servers", "engine"):
            title = f"a wrong version of {workload.name}"
            yield _of(Kind.MODEL_VERSION, workload, title, {version(workload.id)})


def deployments(seen: Survey) -> Iterator[Fault]:
    """A version of each workload that does not start."""
    for workload in _serving(seen):
        title = f"a version of {workload.name} that does not start"
        yield _of(Kind.DEPLOYMENT, workload, title, {deployment(workload.id)})


def objects(seen: Survey) -> Iterator[Fault]:
    """An object of each bucket that somebody deletes."""
    for bucket in seen.graph.of(*BUCKETS):
        yield _in(Kind.OBJECT, bucket, seen, f"a deleted object in {bucket.name}", {object_in(bucket.urn)})


def checkpoints(seen: Survey) -> Iterator[Fault]:
    """An object of each bucket whose bytes are wrong."""
    for bucket in seen.graph.of(*BUCKETS):
        title = f"a corrupted checkpoint in {bucket.name}"
        yield _in(Kind.CHECKPOINT, bucket, seen, title, {checkpoint_in(bucket.urn)})


ALL: tuple[Callable[[Survey], Iterator[Fault]], ...] = (
    pods, nodes, zones, gateways, gpu_pools, writers, readers, primaries, replicas, leaders, balancers, control_planes,
    object_stores, key_services, regions, dns, model_versions, deployments, objects, checkpoints,
)  # fmt: skip
"""In the order in which a report has them."""


def _serving(seen: Survey) -> Iterator[Workload]:
    """Workloads that journeys lean on; what watches or installs is not among them."""
    helpers = {name for each in ORCHESTRATORS.values() for name in each.helpers}
    known = {*ORCHESTRATORS, *MODEL_SERVERS, *helpers, ""}
    for cluster in seen.clusters:
        for workload in cluster.workloads:
            if workload.chart in known and not workload.daemon:
                yield workload


def _of(kind: Kind, workload: Workload, title: str, takes: set[str]) -> Fault:
    id_ = f"{kind.value}-{workload.region}-{workload.name}".replace(" ", "-").lower()
    return Fault(
        id_, kind, f"{title} in {workload.region}", workload.region, frozenset(takes), (workload.resource.urn,)
    )


def _in(kind: Kind, resource: Resource, seen: Survey, title: str, takes: set[str]) -> Fault:
    home = _home(resource, seen)
    id_ = f"{kind.value}-{home}-{resource.name}".replace(" ", "-").lower()
    return Fault(id_, kind, f"{title} in {home}", home, frozenset(takes), (resource.urn,))


def _home(resource: Resource, seen: Survey) -> str:
    read = seen.graph.region(resource)
    return str(read.content) if read.known else ""
