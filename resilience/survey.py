"""What stands in a graph, as the model of faults sees it: clusters with their nodes and workloads, ways out, stores.

Everything is read once a graph. What cannot be read is None or is said in ``doubts``; nothing is guessed.
"""

import math
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import cast

from resilience.charts import CHARTS, Key, Pods, chart_of, pods_of
from resilience.diagram import Demand, Need, Nodes, Pool, node, region, zone
from resilience.facts import Facts
from resilience.graph import SUBNET, UNKNOWN, Graph, Read, Resource, Secret, State
from resilience.instances import capacity, has_gpus
from resilience.selectors import HOST, RELEASE, ZONE, any_of, keeps_apart, spreads

CLUSTER = "aws:eks/cluster:Cluster"
KUBERNETES = "pulumi:providers:kubernetes"
NODE_GROUP = "aws:eks/nodeGroup:NodeGroup"
NODE_POOL = "kubernetes:karpenter.sh/v1:NodePool"
PRIORITY_CLASS = "kubernetes:scheduling.k8s.io/v1:PriorityClass"
DEPLOYMENT = "kubernetes:apps/v1:Deployment"
STATEFUL_SET = "kubernetes:apps/v1:StatefulSet"
DAEMON_SET = "kubernetes:apps/v1:DaemonSet"
EVENT_BUS = "kubernetes:argoproj.io/v1alpha1:EventBus"
ROUTE = "aws:ec2/route:Route"
ROUTE_TABLE = "aws:ec2/routeTable:RouteTable"
ASSOCIATION = "aws:ec2/routeTableAssociation:RouteTableAssociation"
NAT_GATEWAY = "aws:ec2/natGateway:NatGateway"

UNKNOWN_PRIORITY = 2**31 - 1
"""Of what may come before all others: the most that a priority can be."""
GPU = "nvidia.com/gpu"
REQUESTS: Mapping[str, Mapping[str, tuple[str, str, str]]] = {
    "model-server": {
        "servers": ("resources.cpu", "resources.memory", "gpus"),
        "shadow": ("resources.cpu", "resources.memory", "gpus"),
        "edge": ("edge.cpu", "edge.memory", ""),
    },
}
"""Where charts that have words of their own for it say cores, memory and GPUs of a workload; empty: none."""
SERVER = ("model_server.cpu", "model_server.memory", "model_server.gpus")
OWN_DEFAULTS: Mapping[str, Mapping[str, tuple[str, ...]]] = {
    "model-server": {
        "servers": SERVER,
        "shadow": SERVER,
        "edge": ("model_server.edge.cpu", "model_server.edge.memory"),
    },
    "kserve-resources": {"controller": ("kserve.controller.cpu", "kserve.controller.memory")},
}
"""Facts of what these charts ask for where a release says nothing: cores, memory and GPUs."""

SUFFIXES = {
    "": 1.0, "k": 1e3, "M": 1e6, "G": 1e9, "T": 1e12,
    "Ki": 2.0**10, "Mi": 2.0**20, "Gi": 2.0**30, "Ti": 2.0**40,
}  # fmt: skip
QUANTITY = re.compile(r"(\d+(?:\.\d+)?)([A-Za-z]*)")


@dataclass(frozen=True, slots=True)
class Workload:
    """Pods that do the same, of an object or of a release."""

    id: str
    """URN of the object or release, with the workload's name after a space for a release."""
    name: str
    """What to call it: the release's or object's name, with the chart's workload after it where it has several."""
    chart: str
    """Empty for an object."""
    part: str
    """The workload's name in the chart; empty for an object."""
    resource: Resource
    cluster: str
    """URN of its cluster; empty: not in view."""
    region: str
    namespace: Read
    labels: Read
    replicas: int | None
    most: int | None
    """Replicas that an autoscaler may make; None: none, or nobody can say."""
    each: Need | None
    priority: int | None
    over_zones: bool | None
    """Whether something keeps them evenly over zones."""
    over_hosts: bool | None
    tolerates: float | None
    """Seconds that they stay bound to a node that does not answer; None: what Kubernetes gives."""
    daemon: bool
    singleton: str
    doubts: tuple[str, ...]


@dataclass(frozen=True)
class Cluster:
    """One Kubernetes cluster."""

    resource: Resource
    region: str
    zones: tuple[str, ...]
    workloads: tuple[Workload, ...]
    pools: Mapping[str, Pool]
    """``cpu`` and ``gpu``."""
    doubts: tuple[str, ...]


@dataclass(frozen=True)
class Survey:
    """A graph, read."""

    graph: Graph
    regions: tuple[str, ...]
    zones: Mapping[str, str]
    """Region by zone."""
    clusters: tuple[Cluster, ...]

    def cluster(self, urn: str) -> Cluster | None:
        """The cluster of that URN."""
        return next((each for each in self.clusters if each.resource.urn == urn), None)


@lru_cache(maxsize=8)
def survey(graph: Graph, facts: Facts) -> Survey:
    """Read a graph."""
    zones: dict[str, str] = {}
    for subnet in graph.of(SUBNET):
        where, name = graph.region(subnet), graph.zone(subnet)
        if where.known and name.known:
            zones[str(name.content)] = str(where.content)
    ways = ways_out(graph)
    clusters = _raised(tuple(_cluster(each, graph, facts, zones, ways) for each in graph.of(CLUSTER)))
    regions = {str(read.content) for each in graph.resources if _serves(each) and (read := graph.region(each)).known}
    return Survey(graph, tuple(sorted(regions)), dict(sorted(zones.items())), clusters)


def _raised(clusters: tuple[Cluster, ...]) -> tuple[Cluster, ...]:
    """With what stands by in one cluster with no pods counted as often as it runs in another."""
    most: dict[str, int] = {}
    for workload in (each for cluster in clusters for each in cluster.workloads):
        most[workload.name] = max(most.get(workload.name, 0), workload.replicas or 0)
    return tuple(
        replace(
            cluster,
            pools={
                kind: replace(
                    pool,
                    demands=tuple(
                        replace(demand, raised=0 if demand.count else most.get(names.get(demand.workload, ""), 0))
                        for demand in pool.demands
                    ),
                )
                for kind, pool in cluster.pools.items()
            },
        )
        for cluster in clusters
        for names in [{workload.id: workload.name for workload in cluster.workloads}]
    )


def _serves(resource: Resource) -> bool:
    """Whether a resource says that a journey may go on in its region; a bucket of copies and a key do not."""
    return resource.type in (CLUSTER, "aws:lb/loadBalancer:LoadBalancer", "aws:rds/cluster:Cluster")


def ways_out(graph: Graph) -> Mapping[str, frozenset[str]]:
    """By subnet's URN, units without which nothing in it reaches the internet; no entry: it leaves directly, or not."""
    gateways: dict[str, frozenset[str]] = {}
    for route in graph.of(ROUTE):
        for gateway in graph.targets(route, "natGatewayId", NAT_GATEWAY):
            for table in graph.targets(route, "routeTableId", ROUTE_TABLE):
                gateways[table.urn] = gateways.get(table.urn, frozenset[str]()) | _units(gateway, graph)
    found: dict[str, frozenset[str]] = {}
    for table in graph.of(ROUTE_TABLE):
        for gateway in graph.targets(table, "routes", NAT_GATEWAY):
            gateways[table.urn] = gateways.get(table.urn, frozenset[str]()) | _units(gateway, graph)
    for association in graph.of(ASSOCIATION):
        for table in graph.targets(association, "routeTableId", ROUTE_TABLE):
            for subnet in graph.targets(association, "subnetId", SUBNET):
                if table.urn in gateways:
                    found[subnet.urn] = gateways[table.urn]
    return found


def _units(gateway: Resource, graph: Graph) -> frozenset[str]:
    place = graph.zone(gateway)
    return frozenset([gateway.urn, *([zone(str(place.content))] if place.known else [])])


def cluster_of(resource: Resource, graph: Graph) -> str:
    """URN of the cluster that an object is in, by its provider's kubeconfig; empty: not in view."""
    provider = graph.get(resource.provider.urn) if resource.provider else None
    clusters = graph.targets(provider, "kubeconfig", CLUSTER) if provider and provider.type == KUBERNETES else ()
    return clusters[0].urn if len(clusters) == 1 else ""


def quantity(read: Read) -> float | None:
    """A quantity of Kubernetes as a number: ``500m`` is 0.5, ``1Gi`` 2³⁰; None: it is none, or not known."""
    if not read.known or isinstance(read.content, bool):
        return None
    if isinstance(read.content, int | float):
        return float(read.content)
    match = QUANTITY.fullmatch(str(read.content))
    if match and match[2] == "m":
        return float(match[1]) / 1000
    return float(match[1]) * SUFFIXES[match[2]] if match and match[2] in SUFFIXES else None


def _cluster(
    resource: Resource, graph: Graph, facts: Facts, zones: Mapping[str, str], ways: Mapping[str, frozenset[str]]
) -> Cluster:
    where = graph.region(resource)
    home = str(where.content) if where.known else ""
    classes = _priorities(graph)
    workloads = tuple(
        workload
        for each in graph.of(RELEASE, DEPLOYMENT, STATEFUL_SET, DAEMON_SET, EVENT_BUS)
        if cluster_of(each, graph) == resource.urn
        for workload in _workloads(each, resource.urn, home, classes, facts)
    )
    own = tuple(sorted(name for name, place in zones.items() if place == home))
    unknown = [each for each in graph.of(RELEASE) if cluster_of(each, graph) == resource.urn and pods_of(each) is None]
    pools = _pools(resource, graph, facts, workloads, home, own, ways)
    # What nobody knows may ask for room on any node, and come before all others.
    hidden = tuple(Demand(each.urn, UNKNOWN_PRIORITY, None, 0) for each in unknown)
    return Cluster(
        resource,
        home,
        own,
        workloads,
        {kind: replace(pool, demands=(*pool.demands, *hidden)) for kind, pool in pools.items()},
        tuple(f"what pods {each.name} makes is not known" for each in unknown),
    )


def _pools(
    cluster: Resource,
    graph: Graph,
    facts: Facts,
    workloads: Sequence[Workload],
    home: str,
    zones: tuple[str, ...],
    ways: Mapping[str, frozenset[str]],
) -> dict[str, Pool]:
    nodes: dict[str, list[Nodes]] = {"cpu": [], "gpu": []}
    starts = _starts(cluster, graph, ways)
    for group in graph.referrers(cluster, NODE_GROUP, "clusterName"):
        kind, found = _group(group, graph, facts, home, ways)
        nodes[kind] += found
    for pool in graph.of(NODE_POOL):
        if cluster_of(pool, graph) == cluster.urn:
            kind, found = _bought(pool, facts, home, zones)
            # New nodes come into the zone's subnets, and leave them as the floor's do.
            nodes[kind] += [replace(each, starts=_starts_in(each, starts)) for each in found]
    if cluster.read("computeConfig.enabled").content is True:
        # EKS Auto Mode buys what pods ask for, and says no limit.
        endless = Need(math.inf, math.inf, math.inf)
        for kind in nodes:
            nodes[kind] += [
                Nodes(cluster.urn, 1, endless, on, starts.get(zone(name), frozenset()), bought=True)
                for name in zones
                for on in [frozenset({region(home), zone(name), floor_of(name, kind)})]
            ]
    demands: dict[str, list[Demand]] = {"cpu": [], "gpu": []}
    everywhere: Need | None = Need()
    for workload in workloads:
        if workload.daemon:
            everywhere = everywhere + workload.each if everywhere is not None and workload.each is not None else None
            continue
        kind = "gpu" if workload.each is not None and workload.each.gpus else "cpu"
        count = workload.replicas
        each = workload.each if count is not None and workload.priority is not None else None
        priority = UNKNOWN_PRIORITY if workload.priority is None else workload.priority
        demands[kind].append(Demand(workload.id, priority, each, count or 0))
    return {kind: Pool(kind, tuple(found), tuple(demands[kind]), everywhere) for kind, found in nodes.items()}


def _starts(cluster: Resource, graph: Graph, ways: Mapping[str, frozenset[str]]) -> Mapping[str, frozenset[str]]:
    """By unit of a zone, what the cluster's subnets there lean on to reach the internet."""
    found: dict[str, frozenset[str]] = {}
    for subnet in graph.targets(cluster, "vpcConfig", SUBNET):
        place = graph.zone(subnet)
        if place.known:
            unit = zone(str(place.content))
            found[unit] = found.get(unit, frozenset[str]()) | ways.get(subnet.urn, frozenset[str]())
    return found


def _starts_in(nodes: Nodes, starts: Mapping[str, frozenset[str]]) -> frozenset[str]:
    return frozenset(unit for where in nodes.on for unit in starts.get(where, ()))


def _group(
    group: Resource, graph: Graph, facts: Facts, home: str, ways: Mapping[str, frozenset[str]]
) -> tuple[str, list[Nodes]]:
    """Nodes of a managed group's floor, one entry a zone: Auto Scaling keeps them even."""
    types = group.read("instanceTypes").each()
    names = [str(each.content) for each in types if each.known]
    kind = "gpu" if names and all(has_gpus(name) for name in names) else "cpu"
    sizes = [capacity(name) for name in names]
    each = None
    if names and len(names) == len(types) and all(size is not None for size in sizes):
        known = [size for size in sizes if size is not None]
        # Which of several types comes is decided at run time: the least of each counts.
        least = Need(min(s.cpu for s in known), min(s.memory for s in known), min(s.gpus for s in known))
        each = _allocatable(least, facts)
    floor = group.read("scalingConfig.minSize")
    subnets = graph.targets(group, "subnetIds", SUBNET)
    by_zone: dict[str, list[Resource]] = {}
    for subnet in subnets:
        read = graph.zone(subnet)
        by_zone.setdefault(str(read.content) if read.known else "", []).append(subnet)
    every = frozenset(zone(name) for name in by_zone if name)
    if not floor.known or not isinstance(floor.content, int) or not by_zone:
        return kind, [Nodes(group.urn, 0, None, frozenset({region(home), group.urn}), frozenset())]
    found: list[Nodes] = []
    names = sorted(by_zone)
    for index, name in enumerate(names):
        count = floor.content // len(names) + (index < floor.content % len(names))
        # Which zone has one more is decided at run time.
        on = frozenset({zone(name)}) if name else every
        starts = frozenset[str]().union(*(ways.get(subnet.urn, frozenset()) for subnet in by_zone[name]))
        one = node(group.urn) if index == 0 else ""
        units = on | {region(home), group.urn, floor_of(name, kind)}
        found.append(Nodes(group.urn, count, each, units, starts, one=one))
    return kind, found


def floor_of(zone_name: str, kind: str) -> str:
    """The unit of all nodes of a kind in a zone."""
    return f"{kind} nodes in {zone_name}"


def _allocatable(whole: Need, facts: Facts) -> Need:
    return Need(
        whole.cpu * facts["node.allocatable.cpu"].value,
        whole.memory * facts["node.allocatable.memory"].value,
        whole.gpus,
    )


def _bought(pool: Resource, facts: Facts, home: str, zones: tuple[str, ...]) -> tuple[str, list[Nodes]]:
    """What Karpenter may buy: its limits, evenly over the zones that it may use."""
    limits = pool.read("spec.limits")
    taints = [each.field("key").content for each in pool.read("spec.template.spec.taints").each()]
    kind = "gpu" if GPU in taints or GPU in limits.fields() else "cpu"
    named = _values(pool, ZONE)
    over = tuple(name for name in zones if named is None or name in named)
    types = _values(pool, "node.kubernetes.io/instance-type")
    sizes = [capacity(name) for name in types or ()]
    cpu, memory, gpus = (
        quantity(limits.field(name)) if not limits.field(name).missing else math.inf for name in ("cpu", "memory", GPU)
    )
    each = None
    if limits.unknown or cpu is None or memory is None or gpus is None or not over:
        pass
    elif kind == "cpu":
        # The categories that pools may buy have at least 2 GiB a core (resilience/instances.py).
        each = Need(cpu / len(over), min(memory / 2**30, cpu * 2) / len(over), 0)
    elif sizes and all(size is not None and size.gpus for size in sizes):
        known = [size for size in sizes if size is not None]
        number = gpus / len(over)
        per_gpu = min(_allocatable(size, facts).cpu / size.gpus for size in known)
        memory_per_gpu = min(_allocatable(size, facts).memory / size.gpus for size in known)
        each = Need(min(cpu, number * per_gpu), number * memory_per_gpu, number)
    return kind, [
        Nodes(
            pool.urn,
            1,
            each,
            frozenset({region(home), zone(name), pool.urn, floor_of(name, kind)}),
            frozenset(),
            bought=True,
        )
        for name in over
    ]


def _values(pool: Resource, key: str) -> list[str] | None:
    """Values that a node pool requires of a label; None: it requires none."""
    for each in pool.read("spec.template.spec.requirements").each():
        if each.field("key").content == key and each.field("operator").content == "In":
            return [str(value.content) for value in each.field("values").each() if value.known]
    return None


def _priorities(graph: Graph) -> dict[str, int]:
    found = {"system-cluster-critical": 2_000_000_000, "system-node-critical": 2_000_001_000}
    for each in graph.of(PRIORITY_CLASS):
        name, value = each.read("metadata.name"), each.read("value")
        if name.known and isinstance(value.content, int):
            found[str(name.content)] = value.content
    return found


def _priority(read: Read, classes: Mapping[str, int]) -> int | None:
    if read.unknown:
        return None
    # A class that is not in view may be any number.
    return classes.get(str(read.content)) if read.content else 0


def _workloads(
    resource: Resource, cluster: str, home: str, classes: Mapping[str, int], facts: Facts
) -> Iterator[Workload]:
    if resource.type == RELEASE:
        for pods in pods_of(resource) or ():
            if pods.runs() is not False and not _left_out(pods):
                yield _of_release(pods, cluster, home, classes, facts)
    elif resource.type == EVENT_BUS:
        yield _of_bus(resource, cluster, home, classes)
    else:
        yield _of_object(resource, cluster, home, classes)


def _left_out(pods: Pods) -> bool:
    """Whether it is the edge of a model server that has neither a shadow nor a fallback: the chart makes none."""
    values = pods.release.read("values")
    reads = (values.at("shadow.enabled"), values.at("fallback.kind"))
    edge = chart_of(pods.release) == "model-server" and pods.workload.name == "edge"
    return edge and not any(read.unknown or read.content not in (None, False, "none") for read in reads)


def _of_release(pods: Pods, cluster: str, home: str, classes: Mapping[str, int], facts: Facts) -> Workload:
    release, workload = pods.release, pods.workload
    chart = chart_of(release) or ""
    several = len(CHARTS[chart]) > 1
    count = pods.replicas() if not workload.daemon else Read("", State.MISSING)
    doubts = [] if pods.runs() else [f"whether {release.name} runs {pods.name} is not known"]
    if not workload.daemon and not isinstance(count.content, int):
        doubts.append(f"{count.path} of {release.name} is {count.shown()}")
    spread = [pods.value(key) for key in _keys(workload.spread)]
    over = {
        topology: _kept(spread, pods.labels, topology, fills=workload.fills)
        or (workload.spread_by_default and topology == ZONE)
        for topology in (ZONE, HOST)
    }
    return Workload(
        id=f"{release.urn} {pods.name}",
        name=f"{release.name} {pods.name}" if several else release.name,
        chart=chart,
        part=workload.name,
        resource=release,
        cluster=cluster,
        region=home,
        namespace=release.read("namespace"),
        labels=pods.labels,
        replicas=count.content if isinstance(count.content, int) else None,
        most=_most(pods),
        each=_requests(pods, chart, facts),
        priority=_priority(pods.first(workload.priority), classes) if workload.priority else 0,
        over_zones=over[ZONE],
        # What is kept over zones alone may still be two on a node.
        over_hosts=over[HOST] or (over[ZONE] if workload.spread_by_default else over[HOST]),
        tolerates=_tolerates(release),
        daemon=workload.daemon,
        singleton=workload.singleton,
        doubts=tuple(doubts),
    )


def _keys(paths: Sequence[str]) -> list[Key]:
    return [Key(path) for path in paths]


def _kept(spread: Sequence[Read], labels: Read, topology: str, *, fills: bool) -> bool | None:
    """Whether one of the places that may say so keeps pods apart over a topology; soft or hard."""
    answers: list[bool | None] = []
    for read in spread:
        if read.known and isinstance(read.content, str):
            # A template of its own, which the chart renders.
            answers.append(topology in read.content)
            continue
        answers += [spreads(each, labels, topology, fills=fills) for each in read.each()]
        answers.append(keeps_apart(read, labels, topology))
    return any_of(answers)


def _most(pods: Pods) -> int | None:
    for _, minimum in pods.workload.scalers:
        way, _, last = minimum.path.rpartition(".")
        read = pods.release.read("values").at(f"{way}.{last.replace('min', 'max')}")
        if isinstance(read.content, int):
            return read.content
    return None


def _requests(pods: Pods, chart: str, facts: Facts) -> Need | None:
    """What one pod asks for: of all its containers; None: a container does not say, or nobody can."""
    own = REQUESTS.get(chart, {}).get(pods.workload.name)
    ids = OWN_DEFAULTS.get(chart, {}).get(pods.workload.name)
    default = Need(*(facts[id_].value for id_ in ids)) if ids else None
    if own is not None:
        return _in_own_words(pods, own, default)
    if pods.element is not None and not pods.workload.resources:
        return _need(pods.element.field("resources"))
    reads = [pods.value(key) for key in pods.workload.resources]
    needs = [_need(read) for read in reads]
    if not needs or any(need is None for need in needs):
        return default
    return sum((need for need in needs if need is not None), start=Need())


def _in_own_words(pods: Pods, paths: tuple[str, str, str], default: Need | None) -> Need | None:
    base = default or Need()
    parts: list[float] = []
    for path, scale, least in zip(paths, (1.0, 2.0**30, 1.0), (base.cpu, base.memory, base.gpus), strict=True):
        read = pods.release.read("values").at(path) if path else Read("", State.MISSING)
        number = least if read.missing and (default is not None or scale == 1.0) else quantity(read)
        if number is None:
            return None
        parts.append(number if read.missing else number / scale)
    return Need(*parts)


def _need(resources: Read) -> Need | None:
    """Requests of a container, or its limits where it says no requests."""
    parts: list[float] = []
    for name, scale in (("cpu", 1.0), ("memory", 2.0**30), (GPU, 1.0)):
        read = resources.at("requests").field(name)
        read = resources.at("limits").field(name) if read.missing else read
        number = 0.0 if read.missing and name == GPU else quantity(read)
        if number is None:
            return None
        parts.append(number / scale)
    return Need(*parts)


def _tolerates(holder: Resource) -> float | None:
    """The longest that pods wait for a node that does not answer, wherever a release or a pod says it."""
    found: list[float] = []
    ahead: list[object] = [holder.properties]
    while ahead:
        each = ahead.pop()
        if isinstance(each, Secret):
            ahead.append(each.value)
        elif isinstance(each, dict):
            members = cast("dict[str, object]", each)
            if str(members.get("key", "")).startswith("node.kubernetes.io/") and "tolerationSeconds" in members:
                seconds = members["tolerationSeconds"]
                if isinstance(seconds, int | float):
                    found.append(float(seconds))
            ahead += members.values()
        elif isinstance(each, list):
            ahead += cast("list[object]", each)
    own = holder.read("values.nodeLossSeconds").content
    return max(found, default=float(own) if isinstance(own, int) else None)


def _of_object(resource: Resource, cluster: str, home: str, classes: Mapping[str, int]) -> Workload:
    spec = resource.read("spec")
    template = spec.at("template.spec")
    return _workload(
        resource,
        (cluster, home),
        labels=spec.at("template.metadata.labels"),
        count=None if resource.type == DAEMON_SET else spec.at("replicas"),
        alone=1,
        resources=[each.field("resources") for each in template.at("containers").each()],
        priority=_priority(template.at("priorityClassName"), classes),
        spread=[template.at("topologySpreadConstraints"), template.at("affinity")],
    )


def _of_bus(resource: Resource, cluster: str, home: str, classes: Mapping[str, int]) -> Workload:
    """An event bus of Argo Events: a quorum of servers, each on a disk of its own."""
    stream = resource.read("spec.jetstream")
    name = resource.read("metadata.name")
    labels = {"controller": "eventbus-controller", "eventbus-name": name.content if name.known else UNKNOWN}
    return _workload(
        resource,
        (cluster, home),
        labels=Read("labels of the event bus", State.VALUE, labels),
        count=stream.at("replicas"),
        alone=3,
        resources=[stream.at("containerTemplate.resources")],
        priority=_priority(stream.at("priorityClassName"), classes),
        spread=[stream.at("affinity")],
    )


def _workload(
    resource: Resource,
    where: tuple[str, str],
    *,
    labels: Read,
    count: Read | None,
    alone: int,
    resources: Sequence[Read],
    priority: int | None,
    spread: Sequence[Read],
) -> Workload:
    """Pods of an object.

    Args:
        resource: The object.
        where: URN of its cluster, and the region.
        labels: Of the pods.
        count: How many there are; None: one a node.
        alone: How many there are where the object does not say.
        resources: What each container of a pod asks for.
        priority: Of the pods; None: nobody can say.
        spread: What may keep them apart.
    """
    needs = [_need(each) for each in resources]
    known = [need for need in needs if need is not None]
    number = None if count is None else alone if count.missing else count.whole
    return Workload(
        id=resource.urn,
        name=resource.name,
        chart="",
        part="",
        resource=resource,
        cluster=where[0],
        region=where[1],
        namespace=resource.read("metadata.namespace"),
        labels=labels,
        replicas=number,
        most=None,
        each=sum(known, start=Need()) if known and len(known) == len(needs) else None,
        priority=priority,
        over_zones=_kept(spread, labels, ZONE, fills=False),
        over_hosts=_kept(spread, labels, HOST, fills=False),
        tolerates=_tolerates(resource),
        daemon=count is None,
        singleton="",
        doubts=(f"{count.path} of {resource.name} is {count.shown()}",) if count is not None and number is None else (),
    )


def placed(workload: Workload, cluster: Cluster) -> tuple[dict[str, int], dict[str, int]]:
    """How many of a workload's pods go at most with a zone, a node, a zone's nodes: surely, and perhaps beside them."""
    count = workload.replicas or 0
    gpu = workload.each is not None and bool(workload.each.gpus)
    kind = "gpu" if gpu else "cpu"
    risk: dict[str, int] = {}
    unsure: dict[str, int] = {}
    places = zones_with_nodes(cluster, kind)
    most = math.ceil(count / places.sure) if workload.over_zones is True else count
    for name in places.zones:
        for unit in (zone(name), floor_of(name, kind)):
            risk[unit] = most
            if workload.over_zones is None:
                least = math.ceil(count / len(places.zones))
                risk[unit], unsure[unit] = least, count - least
    for nodes in cluster.pools[kind].nodes:
        if nodes.one:
            several = workload.over_hosts is True or workload.over_zones is True
            risk[nodes.one] = _on_one_node(workload, cluster, kind) if several else count
    return risk, unsure


@dataclass(frozen=True)
class Places:
    """Where nodes of a kind stand."""

    zones: tuple[str, ...]
    """Zones that may have one."""
    sure: int
    """How many of these have one, whichever they are: at least one."""


def zones_with_nodes(cluster: Cluster, kind: str) -> Places:
    """Zones whose nodes a kind of pods may run on, of the floor or bought; any one of all, where no node is in view."""
    zones: set[str] = set()
    sure: set[str] = set()
    loose = 0
    for nodes in cluster.pools[kind].nodes:
        own = [name for name in cluster.zones if zone(name) in nodes.on]
        # Of a floor that nobody knows, nobody knows where it is.
        zones |= set(own or cluster.zones)
        if nodes.bought or nodes.count:
            # A subnet of an unknown zone may be in any of them.
            sure |= set(own) if len(own) == 1 else set()
            loose += len(own) > 1
    return Places(tuple(sorted(zones)) or cluster.zones, max(1, min(len(zones), len(sure) + loose)))


def _on_one_node(workload: Workload, cluster: Cluster, kind: str) -> int:
    count = workload.replicas or 0
    if workload.over_hosts is True:
        hosts = sum(nodes.count for nodes in cluster.pools[kind].nodes if not nodes.bought)
        return math.ceil(count / max(1, hosts)) if hosts else count
    return math.ceil(count / zones_with_nodes(cluster, kind).sure)
