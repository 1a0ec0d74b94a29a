"""What people do with a platform, traced through its graph to everything that it leans on.

From a name of Route 53 to a load balancer, its listener's rules, a target group, the binding or Service in a cluster,
the release or Deployment behind it, and from its values, and the secrets and config maps that they name, to databases,
caches and buckets. Edges are the engine's property dependencies; text is compared between stacks alone. What a graph
cannot know is a ``Hints``, and every diagram says which it leaned on.
"""

import math
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import cast

from resilience.diagram import (
    Block,
    Chain,
    Diagram,
    Need,
    Repair,
    Role,
    Site,
    Step,
    Term,
    checkpoint_in,
    deployment,
    evenly,
    follower,
    leader,
    object_in,
    region,
    service,
    version,
    zone,
)
from resilience.facts import Facts
from resilience.graph import SUBNET, Graph, Members, Read, Resource, Secret
from resilience.routes import BALANCERS, HOST_NAME, PLAN, STACK_REFERENCE, Names, Way, names, plain, time_to_live, ways
from resilience.selectors import RELEASE, has_labels
from resilience.survey import (
    DEPLOYMENT,
    EVENT_BUS,
    Cluster,
    Survey,
    Workload,
    cluster_of,
    placed,
    survey,
    zones_with_nodes,
)

LISTENERS = ("aws:lb/listener:Listener", "aws:alb/listener:Listener")
RULES = ("aws:lb/listenerRule:ListenerRule", "aws:alb/listenerRule:ListenerRule")
TARGET_GROUPS = ("aws:lb/targetGroup:TargetGroup", "aws:alb/targetGroup:TargetGroup")
BINDING = "kubernetes:elbv2.k8s.aws/v1beta1:TargetGroupBinding"
SERVICE = "kubernetes:core/v1:Service"
NAMED = (
    "kubernetes:external-secrets.io/v1:ExternalSecret",
    "kubernetes:core/v1:ConfigMap",
    "kubernetes:core/v1:Secret",
)
AURORA = "aws:rds/cluster:Cluster"
AURORA_INSTANCE = "aws:rds/clusterInstance:ClusterInstance"
GLOBAL_DATABASE = "aws:rds/globalCluster:GlobalCluster"
RDS = "aws:rds/instance:Instance"
PROXY = "aws:rds/proxy:Proxy"
PROXY_ENDPOINT = "aws:rds/proxyEndpoint:ProxyEndpoint"
PROXY_TARGET = "aws:rds/proxyTarget:ProxyTarget"
CACHE = "aws:elasticache/replicationGroup:ReplicationGroup"
CACHE_SUBNETS = "aws:elasticache/subnetGroup:SubnetGroup"
GLOBAL_CACHE = "aws:elasticache/globalReplicationGroup:GlobalReplicationGroup"
BUCKETS = ("aws:s3/bucket:Bucket", "aws:s3/bucketV2:BucketV2")
VERSIONING = ("aws:s3/bucketVersioning:BucketVersioning", "aws:s3/bucketVersioningV2:BucketVersioningV2")
ENCRYPTION = (
    "aws:s3/bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration",
    "aws:s3/bucketServerSideEncryptionConfigurationV2:BucketServerSideEncryptionConfigurationV2",
)
REPLICATION = "aws:s3/bucketReplicationConfig:BucketReplicationConfig"
KEYS = ("aws:kms/key:Key", "aws:kms/replicaKey:ReplicaKey")
ENDPOINT = "aws:ec2/vpcEndpoint:VpcEndpoint"
DATA = (AURORA, AURORA_INSTANCE, GLOBAL_DATABASE, RDS, PROXY, PROXY_ENDPOINT, CACHE, *BUCKETS)

ADDRESSES = (
    "endpoint",
    "readerEndpoint",
    "address",
    "primaryEndpointAddress",
    "readerEndpointAddress",
    "configurationEndpointAddress",
    "bucket",
    "arn",
)
"""Properties by which data is called from elsewhere."""


@dataclass(frozen=True, slots=True)
class Orchestrator:
    """What of a chart does what, as its makers say."""

    title: str
    submits: tuple[str, ...]
    """Workloads that take a run."""
    steps: tuple[str, ...]
    """Further workloads without which no step starts."""
    leads: str
    """The one of them that everything waits for if it is gone."""
    elects: bool
    """Whether its replicas elect one that works; otherwise all of them do."""
    helpers: tuple[str, ...] = ()
    """Charts that stand beside it and start steps."""
    elsewhere: str = ""
    """What is needed too and is in no chart."""


ORCHESTRATORS: Mapping[str, Orchestrator] = {
    "prefect-server": Orchestrator(
        "Prefect", ("server",), ("backgroundServices",), "backgroundServices", elects=False, helpers=("prefect-worker",)
    ),
    "argo-workflows": Orchestrator("Argo Workflows", ("server",), ("controller",), "controller", elects=True),
    "airflow": Orchestrator(
        "Airflow",
        ("apiServer", "pgbouncer"),
        ("scheduler", "dagProcessor", "triggerer", "workers"),
        "scheduler",
        elects=False,
    ),
    "temporal": Orchestrator(
        "Temporal",
        ("server.frontend", "server.history", "server.matching"),
        ("server.worker",),
        "server.history",
        elects=False,
        elsewhere="teams' own workers run Temporal's steps; they are not in view, and taken to be as redundant",
    ),
}
"""By chart: the charts that components/charts.py pins, as their documentation describes the parts (2026-11)."""
MODEL_SERVERS = {"model-server": ("servers", "edge"), "vllm-stack": ("router", "engine")}
"""Workloads of charts that answer for models."""


@dataclass(frozen=True, slots=True)
class Hints:
    """What the model is told because no graph says it; each is in the results that leaned on it."""

    brokers_are_rebuilt: bool = True
    """What a broker or cache held is made again from the database; its loss loses nothing."""


@dataclass(frozen=True)
class _Tracer:
    graph: Graph
    facts: Facts
    hints: Hints
    names: Names
    survey: Survey
    called: Mapping[str, Resource]
    """Data by what it is called from elsewhere."""
    plans: tuple[Resource, ...]

    # What a step asks for.

    @property
    def step(self) -> Need:
        return Need(self.facts["step.cpu"].value, self.facts["step.memory"].value)

    @property
    def gpu_step(self) -> Need:
        cpu, memory, gpus = (self.facts[f"step.gpu.{each}"].value for each in ("cpu", "memory", "gpus"))
        return Need(cpu, memory, gpus)

    # Words.

    def term(self, step: Step, id_: str, because: str, *urns: str) -> Term:
        """A term from a pair of facts, ``id_.typical`` and ``id_.worst``."""
        low, high = self.facts[f"{id_}.typical"], self.facts[f"{id_}.worst"]
        return Term(step, low.value, high.value, because, (low.id, high.id), urns)

    @property
    def crash(self) -> Term:
        """Until it is seen that a pod is gone, or ill."""
        low, high = self.facts["kubernetes.pod.detect"], self.facts["kubernetes.pod.detect.worst"]
        return Term(Step.DETECT, low.value, high.value, "a probe of the pod fails", (low.id, high.id))


@lru_cache(maxsize=8)
def diagrams(graph: Graph, facts: Facts, hints: Hints = Hints()) -> tuple[Diagram, ...]:
    """Every journey that a graph has an entry for, by name.

    Args:
        graph: One stack or several; what is in a stack that is not in view is not known.
        facts: The table, with what is measured.
        hints: What no graph says.
    """
    called: dict[str, Resource] = {}
    for resource in graph.of(*DATA):
        for path in ADDRESSES:
            read = resource.read(path)
            if read.known and isinstance(read.content, str) and read.content:
                called[
                    read.content.rpartition(":")[0] if path == "endpoint" and ":" in read.content else read.content
                ] = resource
    tracer = _Tracer(graph, facts, hints, names(graph, facts), survey(graph, facts), called, graph.of(PLAN))
    return tuple(sorted(_journeys(tracer), key=lambda diagram: diagram.journey))


# Entries.


@dataclass(frozen=True)
class _Door:
    """A way through a load balancer to pods."""

    balancer: Resource
    hosts: tuple[str, ...]
    """Names that it is for; empty: all that lead to the load balancer."""
    group: Resource
    workloads: tuple[Workload, ...]
    cluster: Cluster | None
    called: str
    """Name of the Service behind it, or of the target group where that is not known."""
    doubts: tuple[str, ...]


def _journeys(tracer: _Tracer) -> Iterator[Diagram]:
    doors = [door for balancer in tracer.graph.of(*BALANCERS) for door in _doors(balancer, tracer)]
    for chart, orchestrator in ORCHESTRATORS.items():
        own = [door for door in doors if any(workload.chart == chart for workload in door.workloads)]
        if own or any(workload.chart == chart for cluster in tracer.survey.clusters for workload in cluster.workloads):
            yield from _orchestrated(chart, orchestrator, own, tracer)
    models: dict[str, list[_Door]] = {}
    for door in doors:
        for workload in door.workloads:
            if workload.chart in MODEL_SERVERS:
                models.setdefault(workload.resource.name, []).append(door)
    inside = {
        workload.resource.name
        for cluster in tracer.survey.clusters
        for workload in cluster.workloads
        if workload.chart in MODEL_SERVERS
    }
    for name in sorted(inside):
        yield _inference(name, models.get(name, []), tracer)
    yield from _others(doors, tracer)
    if any(workload.resource.type == EVENT_BUS for cluster in tracer.survey.clusters for workload in cluster.workloads):
        yield _events(tracer)


def _doors(balancer: Resource, tracer: _Tracer) -> Iterator[_Door]:
    graph = tracer.graph
    for listener in [each for type_ in LISTENERS for each in graph.referrers(balancer, type_, "loadBalancerArn")]:
        for group in graph.targets(listener, "defaultActions", *TARGET_GROUPS):
            yield _door(balancer, (), group, tracer)
        rules = [each for type_ in RULES for each in graph.referrers(listener, type_, "listenerArn")]
        for rule in rules:
            hosts = tuple(
                plain(str(value.content))
                for condition in rule.read("conditions").each()
                for value in condition.at("hostHeader.values").each()
                if value.known
            )
            for group in graph.targets(rule, "actions", *TARGET_GROUPS):
                yield _door(balancer, hosts, group, tracer)


def _door(balancer: Resource, hosts: tuple[str, ...], group: Resource, tracer: _Tracer) -> _Door:
    graph = tracer.graph
    bindings = graph.referrers(group, BINDING, "spec") or tuple(
        binding
        for binding in graph.of(BINDING)
        if group.read("arn").known and binding.read("spec.targetGroupARN").content == group.read("arn").content
    )
    workloads: list[Workload] = []
    doubts: list[str] = []
    where = ""
    for binding in bindings:
        where = cluster_of(binding, graph)
        found = _behind(binding, tracer, where)
        workloads += found
        if not found:
            doubts.append(f"which pods {binding.name} leads to is not known")
    if not bindings:
        doubts.append(f"nothing in view is bound to {group.name}")
    services = [each.content for binding in bindings if (each := binding.read("spec.serviceRef.name")).known]
    called = str(services[0]) if services else group.name
    return _Door(balancer, hosts, group, tuple(workloads), tracer.survey.cluster(where), called, tuple(doubts))


def _behind(binding: Resource, tracer: _Tracer, where: str) -> list[Workload]:
    """Pods of the Service that a binding names: by its selector, or of the release that it was computed from."""
    graph, cluster = tracer.graph, tracer.survey.cluster(where)
    if cluster is None:
        return []
    name, space = binding.read("spec.serviceRef.name"), binding.read("metadata.namespace")
    for each in graph.of(SERVICE):
        same = cluster_of(each, graph) == where and each.read("metadata.namespace").content == space.content
        if same and name.known and (each.read("metadata.name").content or each.name) == name.content:
            selector = each.read("spec.selector")
            near = [each for each in cluster.workloads if each.namespace.content == space.content]
            answers = [has_labels(selector, each.labels) for each in near]
            # With one of which nobody knows whether it is meant, nobody knows who is.
            return [] if None in answers else [each for each, own in zip(near, answers, strict=True) if own]
    releases = graph.targets(binding, "spec", RELEASE)
    found = [workload for workload in cluster.workloads if workload.resource in releases and not workload.daemon]
    if len(releases) == 1 and found and found[0].chart in ORCHESTRATORS:
        wanted = ORCHESTRATORS[found[0].chart].submits
        return [workload for workload in found if workload.part in wanted]
    if len(releases) == 1 and found and found[0].chart in MODEL_SERVERS:
        wanted = MODEL_SERVERS[found[0].chart]
        return [workload for workload in found if workload.part in wanted]
    return found if len(releases) == 1 else []


# Journeys.


def _orchestrated(chart: str, orchestrator: Orchestrator, doors: Sequence[_Door], tracer: _Tracer) -> Iterator[Diagram]:
    suffix = "" if len(_standing(tracer)) == 1 else f" with {orchestrator.title}"
    several = "" if len(_standing(tracer)) == 1 else f"-{chart}"
    hints: list[str] = [orchestrator.elsewhere] if orchestrator.elsewhere else []
    hints.append("the database's writer is in the region that the name leads to first")
    if tracer.hints.brokers_are_rebuilt:
        hints.append("what a broker held is made again from the database")
    submit: list[Site] = []
    cpu: list[Site] = []
    gpu: list[Site] = []
    store: list[Site] = []
    led, doubts = _led(doors, tracer)
    for way, door, cluster in led:
        own = [each for each in cluster.workloads if each.chart == chart]
        helpers = [each for each in cluster.workloads if each.chart in orchestrator.helpers]
        servers = [each for each in own if each.part in orchestrator.submits]
        starters = [each for each in own if each.part in orchestrator.steps] + helpers
        takes = [_pods(each, cluster, door, orchestrator, tracer) for each in servers]
        data = list(_data(servers, cluster, tracer, stores=False))
        entrance = _entrance(way.balancer, tracer)
        face = [entrance, *takes, *data]
        submit.append(_site(cluster, way, face, tracer))
        further = [_pods(each, cluster, None, orchestrator, tracer) for each in starters]
        more = list(_data(starters, cluster, tracer, stores=False))
        stores = list(_data([*servers, *starters], cluster, tracer, stores=True))
        control = _control_plane(cluster, tracer)
        inside = _once([*takes, *data, *further, *more, control, *stores])
        for sites, kind, step in ((cpu, "cpu", tracer.step), (gpu, "gpu", tracer.gpu_step)):
            if kind == "gpu" and not cluster.pools["gpu"].nodes:
                continue
            room = _room(cluster, kind, step, orchestrator, tracer)
            sites.append(_site(cluster, way, [*inside, room], tracer))
        # Of several buckets those that are called so, with their keys and the way to them.
        others = [block for block in stores if block.role is Role.STORE and "artifact" not in block.name]
        every = len(others) == sum(block.role is Role.STORE for block in stores)
        if stores:
            artifacts = stores if every else [block for block in stores if block not in others]
            store.append(_site(cluster, way, artifacts, tracer))
    front = _front([way for way, _, _ in led], tracer)
    title = orchestrator.title
    yield Diagram(f"submit{several}", f"submit a run{suffix}", front, tuple(submit), tuple(hints), doubts)
    asks = "a step asks for {0.cpu:g} cores, {0.memory:g} GiB and {0.gpus:g} GPUs"
    pulls = "images of steps come from a registry on the internet"
    for journey, sites, step, what in (
        ("cpu-step", cpu, tracer.step, "run a CPU step"),
        ("gpu-step", gpu, tracer.gpu_step, "run a GPU step"),
    ):
        if sites or doubts:
            # A step needs no name: runs are told of the other region, and the plan moves what starts them.
            yield Diagram(
                f"{journey}{several}", what + suffix, (), tuple(sites), (*hints, asks.format(step), pulls), doubts,
                slots=True,
            )  # fmt: skip
    if store:
        told = f"artifacts are in the buckets that {title}'s values, config maps and secrets name"
        yield Diagram(f"artifact{several}", f"read and write an artifact{suffix}", (), tuple(store), (told,), ())


def _standing(tracer: _Tracer) -> set[str]:
    return {
        workload.chart
        for cluster in tracer.survey.clusters
        for workload in cluster.workloads
        if workload.chart in ORCHESTRATORS
    }


def _inference(name: str, doors: Sequence[_Door], tracer: _Tracer) -> Diagram:
    led, doubts = _led(doors, tracer)
    sites: list[Site] = []
    hints: list[str] = []
    if not doors:
        # Served inside the cluster alone: the journey begins there, and ends with its region.
        for cluster in tracer.survey.clusters:
            own = [each for each in cluster.workloads if each.resource.name == name and each.chart in MODEL_SERVERS]
            if own:
                blocks = [_pods(each, cluster, None, None, tracer) for each in own]
                sites.append(_site(cluster, None, blocks, tracer, beside=_starting(own, cluster, tracer)))
        hints.append(f"{name} is asked inside its cluster: nobody outside is led to it")
        sites = sites[:1]
        doubts = ()
    for way, door, cluster in led:
        own = [each for each in door.workloads if each.resource.name == name]
        blocks = [_entrance(way.balancer, tracer), *(_pods(each, cluster, door, None, tracer) for each in own)]
        sites.append(_site(cluster, way, blocks, tracer, beside=_starting(own, cluster, tracer)))
    return Diagram(
        f"infer-{name}",
        f"infer with {name}",
        _front([way for way, _, _ in led], tracer),
        tuple(sites),
        tuple(hints),
        doubts,
    )


def _others(doors: Sequence[_Door], tracer: _Tracer) -> Iterator[Diagram]:
    """Whatever else people reach by a name: a foreign graph's own services."""
    # The last two are for those who keep the platform, not for those who use it.
    known = {*ORCHESTRATORS, *MODEL_SERVERS, "kube-prometheus-stack", "argo-cd"}
    by_name: dict[str, list[_Door]] = {}
    for door in doors:
        if not any(workload.chart in known for workload in door.workloads):
            by_name.setdefault(door.called, []).append(door)
    for name, own in sorted(by_name.items()):
        led, doubts = _led(own, tracer)
        sites = [
            _site(
                cluster,
                way,
                [
                    _entrance(way.balancer, tracer),
                    *(_pods(each, cluster, door, None, tracer) for each in door.workloads),
                    *_data(door.workloads, cluster, tracer, stores=False),
                ],
                tracer,
                beside=_starting(door.workloads, cluster, tracer),
            )
            for way, door, cluster in led
        ]
        yield Diagram(
            f"use-{name}", f"use {name}", _front([way for way, _, _ in led], tracer), tuple(sites), (), doubts
        )


def _events(tracer: _Tracer) -> Diagram:
    """Into the event bus of the cluster that the name leads to first."""
    sites: list[Site] = []
    doors = [door for balancer in tracer.graph.of(*BALANCERS) for door in _doors(balancer, tracer)]
    led, _ = _led([door for door in doors if not door.hosts], tracer)
    order = {cluster.resource.urn: number for number, (_, _, cluster) in enumerate(led)}
    clusters = sorted(tracer.survey.clusters, key=lambda each: (order.get(each.resource.urn, len(order)), each.region))
    for cluster in clusters:
        buses = [each for each in cluster.workloads if each.resource.type == EVENT_BUS]
        handlers = [each for each in cluster.workloads if each.chart == "argo-events" and not each.daemon]
        if buses:
            way = next((way for way, _, found in led if found is cluster), None)
            entrance = [_entrance(way.balancer, tracer)] if way is not None else []
            blocks = [*entrance, *(_bus(each, cluster, tracer) for each in buses)]
            beside = [*(_pods(each, cluster, None, None, tracer) for each in handlers), _control_plane(cluster, tracer)]
            sites.append(_site(cluster, way, blocks, tracer, beside=tuple(beside)))
    hints = (
        "whoever sends an event sends it to the region that the name leads to, and again if it is not taken",
        "event sources are teams' own objects; they are not in view",
    )
    front = _front([way for way, _, _ in led], tracer)
    return Diagram("event", "ingest an event", front, tuple(sites), hints, ())


def _led(doors: Sequence[_Door], tracer: _Tracer) -> tuple[list[tuple[Way, _Door, Cluster]], tuple[str, ...]]:
    """Doors in the order in which a name leads to them; one each a region."""
    doubts = [doubt for door in doors for doubt in door.doubts]
    found: list[tuple[Way, _Door, Cluster]] = []
    candidates = _names_of(doors, tracer)
    chosen: tuple[Way, ...] = max(
        (ways(tracer.names, name) for name in candidates), key=lambda each: len(each), default=()
    )
    for way in chosen:
        for door in doors:
            if door.balancer is way.balancer and door.cluster is not None and door.workloads:
                found.append((way, door, door.cluster))
                break
    for door in doors:
        if not chosen and not found and door.cluster is not None and door.workloads:
            # No name in view leads here: the journey begins at the load balancer.
            found.append((Way(door.balancer, 1.0, (), None), door, door.cluster))
    return found, tuple(dict.fromkeys(doubts))


def _names_of(doors: Sequence[_Door], tracer: _Tracer) -> list[str]:
    """Names that lead to these doors: those that their rules ask for, or any that no rule of theirs' asks for."""
    own = {host for door in doors for host in door.hosts}
    if own:
        return sorted(own & set(tracer.names.by_name))
    balancers = {door.balancer.urn for door in doors}
    taken = {
        plain(str(value.content))
        for rule in tracer.graph.of(*RULES)
        for condition in rule.read("conditions").each()
        for value in condition.at("hostHeader.values").each()
        if value.known
    }
    free = [
        name
        for name in sorted(tracer.names.by_name)
        if name not in taken and any(way.balancer.urn in balancers for way in ways(tracer.names, name))
    ]
    # The first of those that no other one answers with: what people type.
    pointed = {
        plain(str(answer.content))
        for name in free
        for record in tracer.names.by_name[name]
        for answer in record.read("records").each()
        if answer.known
    }
    return [name for name in free if name not in pointed] or free


# Blocks.


def _once(blocks: Iterable[Block]) -> list[Block]:
    return list({block.name: block for block in blocks}.values())


def _site(
    cluster: Cluster,
    way: Way | None,
    needs: Sequence[Block],
    tracer: _Tracer,
    *,
    beside: Sequence[Block] = (),
) -> Site:
    blocks = _once(needs)
    apart = [
        block
        for block in _once([*beside, _control_plane(cluster, tracer)])
        if block.name not in {b.name for b in blocks}
    ]
    seen: set[str] = set()
    if way is not None and way.moves is not None:
        # The check asks the load balancer for a page of whatever its listener leads to by default.
        default = [door for door in _doors(way.balancer, tracer) if not door.hosts][:1]
        asked = {workload.name for door in default for workload in door.workloads}
        seen = {block.name for block in blocks if block.role is Role.ENTRANCE or block.name in asked}
    return Site(
        cluster.region,
        tuple(blocks),
        tuple(apart),
        cluster.pools,
        way.share if way is not None else 1.0,
        way.moves if way is not None else None,
        frozenset(seen),
        _summons(cluster.region, way, tracer),
        (*cluster.doubts, *(way.doubts if way is not None else ())),
    )


def _front(led: Sequence[Way], tracer: _Tracer) -> tuple[Block, ...]:
    records = {record.urn for way in led for record in way.records}
    if not led:
        return ()
    doubts = () if records else ("which name leads to the load balancer is not in view",)
    return (
        Block(
            "name",
            Role.NAME,
            "",
            tuple(sorted(records)),
            whole=frozenset({service("dns", "every region")}),
            all="sla.route53",
            doubts=doubts,
        ),
    )


def _entrance(balancer: Resource, tracer: _Tracer) -> Block:
    graph = tracer.graph
    property_ = "subnetMappings" if balancer.edges.get("subnetMappings") else "subnets"
    elements = None
    if property_ == "subnetMappings":
        elements = [mapping.field("subnetId") for mapping in balancer.read("subnetMappings").each()]
    spread = graph.zones(balancer, property_, elements)
    home = _home(balancer, graph)
    risk, unsure, members = _in_zones(spread, home, tracer)
    leaves = tracer.term(
        Step.REROUTE, "elb.zone", "the load balancer's name leaves out its address in the dark zone", balancer.urn
    )
    return Block(
        "entrance",
        Role.ENTRANCE,
        home,
        (balancer.urn,),
        members,
        whole=frozenset({region(home), balancer.urn}),
        risk=risk,
        unsure=unsure,
        reroute=(leaves,),
        all="sla.elb" if spread.least >= 2 else "sla.elb.single_az",
        zones=spread.least if spread.least == spread.most else None,
    )


def _in_zones(spread: Members, home: str, tracer: _Tracer) -> tuple[dict[str, int], dict[str, int], int]:
    """One member a zone: those of known zones, and those that may be in any zone of the region."""
    members = max(1, spread.most if spread.most is not None else spread.least)
    hidden = members - len(spread.known)
    risk = {zone(name): 1 for name in spread.known}
    unsure = {zone(name): hidden for name, place in tracer.survey.zones.items() if hidden and place == home}
    return risk, unsure, members


def _home(resource: Resource, graph: Graph) -> str:
    read = graph.region(resource)
    return str(read.content) if read.known else ""


def _pods(
    workload: Workload, cluster: Cluster, door: _Door | None, orchestrator: Orchestrator | None, tracer: _Tracer
) -> Block:
    facts = tracer.facts
    risk, unsure = placed(workload, cluster)
    model = workload.chart in MODEL_SERVERS
    count = workload.replicas or 0
    gone = facts["kubernetes.node.detect"]
    if door is not None:
        reroute = left_out = _left_out(door.group, workload, tracer)
    else:
        # Callers in the cluster ask whatever its Service has for ready: a node's pods until the node is given up.
        because = f"{workload.name}'s Service has the pods of a node that does not answer"
        reroute = (Term(Step.REROUTE, gone.value, gone.value, because, (gone.id,), (cluster.resource.urn,)),)
        left_out = (tracer.crash,)
    tolerated = facts["kubernetes.node.toleration"]
    seconds = tolerated.value if workload.tolerates is None else workload.tolerates
    anew = (
        Term(Step.DETECT, gone.value, gone.value, "a node that does not answer", (gone.id,), (cluster.resource.urn,)),
        Term(
            Step.EVICT,
            seconds,
            seconds,
            f"pods of {workload.name} are kept for it to come back, then evicted",
            (tolerated.id,) if workload.tolerates is None else (),
            (workload.resource.urn,),
        ),
        _start(workload, tracer),
    )
    one = Repair(
        (count - 1) / count if count else 0.0,
        left_out if count > 1 else (tracer.crash, _start(workload, tracer)),
        why="one pod of it is gone",
        then=(count - 1) / count if count > 1 else 1.0,
    )
    repairs = {follower(workload.id): one}
    if orchestrator is not None and workload.part == orchestrator.leads:
        repairs[leader(workload.id)] = _lead(workload, orchestrator, one, tracer)
    repairs[deployment(workload.id)] = _bad_deployment(workload, tracer)
    if model:
        repairs[version(workload.id)] = _bad_version(workload, tracer)
    kind = "gpu" if workload.each is not None and workload.each.gpus else "cpu"
    wake = _raised(workload, tracer) if count == 0 else ()
    starts = ["control plane"]
    if model:
        starts += [block.name for block in _stores(workload, cluster, tracer)]
    return Block(
        workload.name,
        Role.WORKLOAD,
        cluster.region,
        (workload.resource.urn,),
        members=count,
        needed=1,
        whole=frozenset({region(cluster.region), workload.resource.urn}),
        risk=risk,
        unsure=unsure,
        reroute=reroute,
        remake=anew,
        buys=(tracer.term(Step.START, "node.start", f"a node is bought for {workload.name}", cluster.resource.urn),),
        pool=kind,
        demand=workload.id,
        starts=tuple(starts),
        repairs=repairs,
        wake=wake,
        ready=not wake,
        raised=bool(wake),
        each="pod.availability",
        zones=min(count, zones_with_nodes(cluster, kind).sure) if workload.over_zones else 1,
        doubts=workload.doubts,
    )


def _raised(workload: Workload, tracer: _Tracer) -> Chain:
    """Until a plan has started what stands by with no pods at all; empty: no plan does."""
    plan = _plan_for(workload.region, tracer)
    if plan is None:
        return ()
    before = _before(plan, workload.region, lambda step: workload.namespace.content in _scaled(step), tracer)
    if before is None:
        return ()
    step = tracer.facts["arc.step.typical"]
    scaled = Term(Step.START, step.value, step.value, f"{plan.name} starts {workload.name}", (step.id,), (plan.urn,))
    lost = _others_of(plan, workload.region)
    return (*_decision(plan, workload.region, lost, tracer), *before, scaled, _start(workload, tracer))


def _start(workload: Workload, tracer: _Tracer) -> Term:
    facts = tracer.facts
    if workload.chart not in MODEL_SERVERS:
        return tracer.term(Step.START, "pod.start", f"{workload.name} starts", workload.resource.urn)
    quick, slow = facts["model.start.typical"], facts["model.start.worst"]
    said = workload.resource.read("values.startupSeconds").content
    most = float(said) if isinstance(said, int) else slow.value
    used = (quick.id,) if isinstance(said, int) else (quick.id, slow.id)
    return Term(
        Step.WARM_UP, min(quick.value, most), most, f"{workload.name} loads its model", used, (workload.resource.urn,)
    )


def _left_out(group: Resource, workload: Workload, tracer: _Tracer) -> Chain:
    """Until a target group sends nothing more to a target that does not answer."""
    facts = tracer.facts
    check = group.read("healthCheck")
    interval, times, waits = (check.field(name) for name in ("interval", "unhealthyThreshold", "timeout"))
    used: list[str] = []
    numbers: list[float] = []
    # What is given at all is given whole: the provider fills it in before AWS would.
    threshold_id = "elb.threshold.default" if check.missing else "elb.threshold.provider"
    for read, id_ in ((interval, "elb.interval.default"), (times, threshold_id)):
        if read.missing:
            used.append(id_)
        numbers.append(
            facts[id_].value if read.missing else float(read.content) if isinstance(read.content, int) else math.inf
        )
    seconds, threshold = numbers
    patience = float(waits.content) if isinstance(waits.content, int) else seconds
    return (
        Term(
            Step.REROUTE,
            seconds * threshold,
            seconds * (threshold + 1) + patience,
            f"{group.name} asks {workload.name} every {seconds:g} s and believes {threshold:g} failures",
            tuple(used),
            (group.urn,),
        ),
    )


def _lead(workload: Workload, orchestrator: Orchestrator, one: Repair, tracer: _Tracer) -> Repair:
    if not orchestrator.elects or workload.replicas == 1:
        return replace(one, why=f"{orchestrator.title} has no leader; one pod of it is gone")
    term = tracer.term(
        Step.PROMOTE, "kubernetes.lease", f"another {workload.name} gets the lease", workload.resource.urn
    )
    return Repair(0.0, (term,), why="the one that has the lease is gone")


def _bad_deployment(workload: Workload, tracer: _Tracer) -> Repair:
    """A version whose pods do not become ready: a rolling update stops, a release that waits goes back."""
    resource = workload.resource
    if workload.resource.type == RELEASE:
        atomic, skips = resource.read("atomic"), resource.read("skipAwait")
        if atomic.content is True and skips.content is not True:
            return Repair(1.0, (), why="its pods never become ready: the old ones serve on, and the release goes back")
    back = tracer.term(
        Step.RESTORE, "manual", f"somebody brings the last version of {workload.name} back", resource.urn
    )
    count = workload.replicas or 0
    old = max(0, count - _replaced(workload))
    if old and old == count:
        return Repair(1.0, (), why="its pods never become ready: the rolling update stops, and the old ones serve on")
    if old:
        why = f"its pods never become ready: the rolling update stops, and {old} of {count} old ones serve on"
        return Repair(old / count, (back,), why=why)
    return Repair(0.0, (back,), why="nothing holds it back")


def _replaced(workload: Workload) -> int:
    """Pods that are taken away before the first new one is ready; of what says nothing that can be read, all.

    As Kubernetes' documentation has it: of a Deployment ``maxUnavailable``, a quarter by default, rounded down, and one
    where ``maxSurge`` is nothing as well; of a StatefulSet, as of an event bus, one, or ``maxUnavailable``, rounded up.
    """
    resource, count = workload.resource, workload.replicas or 0
    if resource.type == RELEASE:
        return count
    rolls = resource.read("spec.strategy" if resource.type == DEPLOYMENT else "spec.updateStrategy")
    most, more = rolls.at("rollingUpdate.maxUnavailable"), rolls.at("rollingUpdate.maxSurge")
    if rolls.at("type").unknown or rolls.at("type").content == "Recreate" or most.unknown or more.unknown:
        return count
    if resource.type != DEPLOYMENT:
        return 1 if most.missing else max(1, math.ceil(_portion(most, count)))
    away = math.floor(count / 4 if most.missing else _portion(most, count))
    surges = 1 if more.missing else math.ceil(_portion(more, count))
    return away if surges else max(1, away)


def _portion(read: Read, count: int) -> float:
    """A number of pods, or a percentage of them; all of what is neither."""
    if isinstance(read.content, int):
        return float(read.content)
    number = str(read.content).removesuffix("%")
    return int(number) * count / 100 if number.isdecimal() else float(count)


def _bad_version(workload: Workload, tracer: _Tracer) -> Repair:
    """A model that starts and answers wrongly: only a rollout that measures it stops it."""
    values = workload.resource.read("values")
    strategy = values.at("rollout.strategy")
    if strategy.content == "canary":
        weights = [each.content for each in values.at("rollout.weights").each() if isinstance(each.content, int)]
        first = weights[0] if weights else tracer.facts["rollout.first"].value * 100
        chain = (_measured(workload, "an analysis measures the first share", tracer),)
        return Repair(1 - first / 100, chain, why=f"{first:g} % of its replicas have it until the analysis says no")
    if strategy.content == "blueGreen":
        chain = (_measured(workload, "an analysis measures all of it", tracer),)
        return Repair(0.0, chain, why="all requests go to it until the analysis says no")
    alert = tracer.term(Step.DETECT, "alert", "an alert reaches somebody", workload.resource.urn)
    decides = tracer.term(Step.DECIDE, "decide", "somebody sees that its answers are wrong", workload.resource.urn)
    back = tracer.term(Step.RESTORE, "rollback", f"somebody brings the last version of {workload.name} back")
    return Repair(
        0.0,
        (alert, decides, back, _start(workload, tracer)),
        why="a rolling update asks no more than whether it starts",
    )


def _measured(workload: Workload, because: str, tracer: _Tracer) -> Term:
    """Until an analysis has measured enough."""
    values = workload.resource.read("values")
    used: list[str] = []
    numbers: list[float] = []
    for name, id_ in (
        ("pauseSeconds", "rollout.pause"),
        ("measurements", "rollout.measurements"),
        ("intervalSeconds", "rollout.interval"),
    ):
        said = values.at(f"rollout.{name}").content
        if not isinstance(said, int):
            used.append(id_)
        numbers.append(float(said) if isinstance(said, int) else tracer.facts[id_].value)
    pause, measurements, interval = numbers
    seconds = pause + measurements * interval
    return Term(Step.DETECT, seconds, seconds, because, tuple(used), (workload.resource.urn,))


def _control_plane(cluster: Cluster, tracer: _Tracer) -> Block:
    return Block(
        "control plane",
        Role.CONTROL_PLANE,
        cluster.region,
        (cluster.resource.urn,),
        whole=frozenset({region(cluster.region), cluster.resource.urn}),
        all="sla.eks",
    )


def _room(cluster: Cluster, kind: str, step: Need, orchestrator: Orchestrator, tracer: _Tracer) -> Block:
    facts = tracer.facts
    gone = facts["kubernetes.node.detect"]
    tolerated = facts["kubernetes.node.toleration"]
    said = {each.resource.urn: each.tolerates for each in cluster.workloads if each.tolerates is not None}
    seconds = max(said.values(), default=tolerated.value)
    evicted = Term(
        Step.EVICT,
        seconds,
        seconds,
        f"pods of {orchestrator.title} are kept for it to come back, then evicted",
        () if said else (tolerated.id,),
        tuple(sorted(urn for urn, own in said.items() if own == seconds)),
    )
    again = (
        Term(Step.DETECT, gone.value, gone.value, "a node that does not answer", (gone.id,), (cluster.resource.urn,)),
        evicted,
        tracer.term(Step.START, "node.start", "a node is bought where there is none", cluster.resource.urn),
        tracer.term(Step.START, "pod.start", "the step starts anew", cluster.resource.urn),
    )
    return Block(
        f"room for {kind.upper()} steps",
        Role.ROOM,
        cluster.region,
        tuple(sorted({nodes.urn for nodes in cluster.pools[kind].nodes})),
        whole=frozenset({region(cluster.region)}),
        reroute=again,
        pool=kind,
        step=step,
        each="zone.availability",
        zones=len({unit for nodes in cluster.pools[kind].nodes for unit in nodes.on if unit.startswith("zone ")}),
    )


def _bus(workload: Workload, cluster: Cluster, tracer: _Tracer) -> Block:
    """A quorum, each on a disk that stays in its zone."""
    block = _pods(workload, cluster, None, None, tracer)
    count = workload.replicas or 0
    needed = count // 2 + 1
    term = tracer.term(
        Step.PROMOTE, "kubernetes.lease", "the rest of the bus elects another leader", workload.resource.urn
    )
    one, new = block.repairs[follower(workload.id)], block.repairs[deployment(workload.id)]
    alone = "too few are left for a quorum"
    if count - 1 >= needed:
        one = replace(one, chain=(term,))
    else:
        one = Repair(0.0, (tracer.crash, _start(workload, tracer)), why=f"{one.why}, {alone}")
        new = replace(new, left=0.0, why=f"{new.why}; {alone}")
    repairs = {**block.repairs, follower(workload.id): one, deployment(workload.id): new}
    return replace(
        block,
        role=Role.BUS,
        needed=needed,
        reroute=(term,),
        repairs=repairs,
        # The disk is in the zone that is dark.
        remake=None,
        behind=None,
        loses=(),
    )


# Data.


def _starting(workloads: Sequence[Workload], cluster: Cluster, tracer: _Tracer) -> tuple[Block, ...]:
    """What is needed to start pods of models anew, and not to go on serving."""
    stores = [block for workload in workloads for block in _stores(workload, cluster, tracer)]
    return (_control_plane(cluster, tracer), *stores)


def _stores(workload: Workload, cluster: Cluster, tracer: _Tracer) -> list[Block]:
    return list(_data([workload], cluster, tracer, stores=True))


def _data(workloads: Sequence[Workload], cluster: Cluster, tracer: _Tracer, *, stores: bool) -> Iterator[Block]:
    """Databases and caches, or buckets with their keys, that workloads name."""
    found: dict[str, Resource] = {}
    for workload in workloads:
        for resource in _named(workload, cluster, tracer):
            found[resource.urn] = resource
    for urn in sorted(found):
        resource = found[urn]
        if _home(resource, tracer.graph) not in ("", cluster.region) and _members_of(resource, tracer):
            # Of a global database the member that is here.
            continue
        if stores and resource.type in BUCKETS:
            yield from _bucket(resource, cluster, tracer)
        elif not stores and resource.type == AURORA:
            yield _aurora(resource, cluster, tracer)
        elif not stores and resource.type == RDS:
            yield _rds(resource, cluster, tracer)
        elif not stores and resource.type == CACHE:
            yield _cache(resource, tracer)


def _named(workload: Workload, cluster: Cluster, tracer: _Tracer) -> list[Resource]:
    """Data that a release or object was computed from, itself or over what it names in its namespace."""
    graph = tracer.graph
    holder = workload.resource
    property_ = "values" if holder.type == RELEASE else "spec"
    texts = set(_texts(holder.properties.get(property_)))
    found = _data_of(holder, property_, tracer)
    for each in graph.of(*NAMED):
        if (
            cluster_of(each, graph) != cluster.resource.urn
            or each.read("metadata.namespace").content != workload.namespace.content
        ):
            continue
        called = {each.read("metadata.name").content, each.read("spec.target.name").content}
        if called & texts:
            for inner in ("spec", "data", "stringData"):
                found += _data_of(each, inner, tracer)
    return list({resource.urn: resource for resource in found}.values())


def _data_of(holder: Resource, property_: str, tracer: _Tracer) -> list[Resource]:
    graph = tracer.graph
    found = list(graph.targets(holder, property_, *DATA))
    if any(STACK_REFERENCE in urn for urn in holder.edges.get(property_, ())):
        # Ids are compared between stacks alone.
        for text in _texts(holder.properties.get(property_)):
            for word in (text, *HOST_NAME.findall(text)):
                other = tracer.called.get(word)
                if other is not None and other.stack != holder.stack:
                    found.append(other)
        # At a first preview nothing of another stack is known: what stands there under the same name says it.
        twins = [each for each in graph.of(holder.type) if each.name == holder.name and each.stack != holder.stack]
        found += [each for twin in twins for each in graph.targets(twin, property_, GLOBAL_DATABASE)]
    return [inner for each in dict.fromkeys(found) for inner in _resolved(each, tracer)]


def _resolved(resource: Resource, tracer: _Tracer) -> list[Resource]:
    """The store itself, for what stands before it or is part of it."""
    graph = tracer.graph
    if resource.type == AURORA_INSTANCE:
        return list(graph.targets(resource, "clusterIdentifier", AURORA))
    if resource.type == PROXY_ENDPOINT:
        return [each for proxy in graph.targets(resource, "dbProxyName", PROXY) for each in _resolved(proxy, tracer)]
    if resource.type == PROXY:
        targets = graph.referrers(resource, PROXY_TARGET, "dbProxyName")
        named = [
            graph.targets(each, path, AURORA, RDS)
            for each in targets
            for path in ("dbClusterIdentifier", "dbInstanceIdentifier")
        ]
        return [each for resources in named for each in resources]
    if resource.type == GLOBAL_DATABASE:
        first = graph.referrers(resource, AURORA, "globalClusterIdentifier")
        return [*first, *(other for each in first[:1] for other in _members_of(each, tracer))]
    return [resource]


def _texts(tree: object) -> Iterator[str]:
    ahead = [tree]
    while ahead:
        each = ahead.pop()
        if isinstance(each, Secret):
            ahead.append(each.value)
        elif isinstance(each, dict):
            ahead += cast("dict[str, object]", each).values()
        elif isinstance(each, list):
            ahead += cast("list[object]", each)
        elif isinstance(each, str):
            yield each


def _aurora(cluster: Resource, where: Cluster, tracer: _Tracer) -> Block:
    graph = tracer.graph
    instances = graph.referrers(cluster, AURORA_INSTANCE, "clusterIdentifier")
    home = _home(cluster, graph)
    risk: dict[str, int] = {}
    unsure: dict[str, int] = {}
    hidden = 0
    for instance in instances:
        place = graph.zone(instance)
        if place.known:
            risk[zone(str(place.content))] = risk.get(zone(str(place.content)), 0) + 1
        else:
            hidden += 1
        risk[instance.urn] = 1
    for name, region_name in tracer.survey.zones.items():
        if hidden and region_name == home:
            unsure[zone(name)] = hidden
    count = len(instances)
    zones_known = len([unit for unit in risk if unit.startswith("zone ")])
    promote = (tracer.term(Step.PROMOTE, "aurora.failover", f"{cluster.name} makes a reader its writer", cluster.urn),)
    recreate = tracer.term(Step.RESTORE, "aurora.recreate", f"{cluster.name} gets a new instance", cluster.urn)
    by_hand = tracer.term(Step.DECIDE, "manual", "somebody makes an instance in another zone", cluster.urn)
    reads = tracer.term(Step.REROUTE, "aurora.reader", f"{cluster.name}'s reader endpoint leaves it out", cluster.urn)
    repairs = {
        leader(cluster.urn): Repair(
            0.0, promote if count > 1 else (recreate,), why="the writer is gone; storage has six copies in three zones"
        ),
    }
    if count > 1:
        rest = (count - 1) / count
        repairs[follower(cluster.urn)] = Repair(rest, (reads,), why="a reader is gone", then=rest)
    wake, ready, behind = _second(cluster, tracer)
    return Block(
        f"database {cluster.name}",
        Role.DATABASE,
        home,
        (cluster.urn, *(instance.urn for instance in instances)),
        members=count,
        whole=frozenset({region(home), cluster.urn}),
        risk=risk,
        unsure=unsure,
        reroute=(reads,),
        promote=promote if count > 1 else None,
        remake=(by_hand, recreate),
        repairs=repairs,
        wake=wake,
        ready=ready,
        behind=behind,
        all="sla.aurora.multi_az" if zones_known >= 2 else "sla.aurora.single_az",
        zones=zones_known or None,
        doubts=() if count else (f"no instance of {cluster.name} is in view",),
    )


def _members_of(cluster: Resource, tracer: _Tracer) -> list[Resource]:
    """Other clusters of the same global database, by edges, or, in another stack, by its identifier."""
    graph = tracer.graph
    if cluster.type != AURORA or not cluster.edges.get("globalClusterIdentifier"):
        return []
    mine = graph.targets(cluster, "globalClusterIdentifier", GLOBAL_DATABASE)
    given = cluster.read("globalClusterIdentifier")
    found: list[Resource] = []
    for other in graph.of(AURORA):
        if other is cluster:
            continue
        theirs = graph.targets(other, "globalClusterIdentifier", GLOBAL_DATABASE)
        named = other.read("globalClusterIdentifier")
        same = bool(mine) and mine == theirs
        if other.stack != cluster.stack and given.known and named.known:
            same = given.content == named.content
        elif other.stack != cluster.stack:
            # Not known yet, computed from the other's stack, which has one global database.
            joins = any(
                STACK_REFERENCE in urn
                for each in (cluster, other)
                for urn in each.edges.get("globalClusterIdentifier", ())
            )
            same = joins and len(graph.of(GLOBAL_DATABASE)) == 1
        if same:
            found.append(other)
    return found


def _second(cluster: Resource, tracer: _Tracer) -> tuple[Chain, bool, Chain | None]:
    """What has to happen until this cluster takes writes in place of another region's, and what it lacks then."""
    others = _members_of(cluster, tracer)
    if not others:
        return (), True, None
    forwards = cluster.read("enableGlobalWriteForwarding").content is True
    copies = "the global database copies asynchronously"
    behind = (tracer.term(Step.REPLICATE, "aurora.global.rpo", copies, cluster.urn),)
    promote = tracer.term(
        Step.PROMOTE, "aurora.global", f"{cluster.name} becomes the global database's writer", cluster.urn
    )
    home = _home(cluster, tracer.graph)
    plan = _plan_for(home, tracer)
    before = _before(plan, home, _promotes, tracer) if plan is not None else None
    if plan is None or before is None:
        alert = tracer.term(Step.DETECT, "alert", "an alert reaches somebody", cluster.urn)
        alone = tracer.term(Step.DECIDE, "manual", "no plan promotes it: somebody does it by hand", cluster.urn)
        says_yes = tracer.term(Step.DECIDE, "decide", "somebody decides", cluster.urn)
        return (alert, says_yes, alone, promote), forwards, behind
    given_up = _given_up(next(filter(_promotes, _steps(plan, home))), plan, tracer)
    return (*_decision(plan, home, _others_of(plan, home), tracer), *before, *given_up, promote), forwards, behind


def _plan_for(home: str, tracer: _Tracer) -> Resource | None:
    for plan in tracer.plans:
        regions = [each.content for each in plan.read("regions").each()]
        if home in regions:
            return plan
    return None


def _others_of(plan: Resource, home: str) -> frozenset[str]:
    """Regions that a plan leads away from when it leads into this one."""
    return frozenset(str(each.content) for each in plan.read("regions").each() if each.known) - {home}


def _steps(plan: Resource, target: str) -> Iterator[Read]:
    """Steps of the workflow that makes this region the one that serves, in order; parallel ones one after another."""
    for workflow in plan.read("workflows").each():
        of = workflow.field("workflowTargetRegion")
        if workflow.field("workflowTargetAction").content != "deactivate" and (of.missing or of.content == target):
            for step in workflow.field("steps").each():
                inner = [each for config in step.at("parallelConfigs").each() for each in config.field("steps").each()]
                yield from inner or [step]


def _promotes(step: Read) -> bool:
    return step.field("executionBlockType").content == "AuroraGlobalDatabase"


def _scaled(step: Read) -> set[object]:
    """Namespaces whose workloads a step brings to strength."""
    return {
        inner.field("namespace").content
        for config in step.field("eksResourceScalingConfigs").each()
        for resources in config.field("scalingResources").each()
        for inner in resources.field("resources").each()
    }


def _before(plan: Resource, target: str, wanted: Callable[[Read], bool], tracer: _Tracer) -> Chain | None:
    """What a plan does before a step, of those by which this region becomes the one that serves; None: it has none."""
    chain: list[Term] = []
    for step in _steps(plan, target):
        if wanted(step):
            return tuple(chain)
        chain += _taking(step, plan, target, tracer)
    return None


def _taking(step: Read, plan: Resource, target: str, tracer: _Tracer) -> Iterator[Term]:
    """How long a step takes, at worst its timeout. A first approval is part of the decision."""
    kind = step.field("executionBlockType").content
    if kind == "ManualApproval":
        if step.path != next(_steps(plan, target)).path:
            yield tracer.term(Step.DECIDE, "decide", f"{plan.name} waits for somebody once more", plan.urn)
        return
    if kind == "AuroraGlobalDatabase":
        yield from _given_up(step, plan, tracer)
        yield tracer.term(Step.PROMOTE, "aurora.global", f"{plan.name} moves the database's writer", plan.urn)
        return
    mostly = tracer.facts["arc.step.typical"]
    limits = [
        number * 60.0
        for config in step.field("eksResourceScalingConfigs").each()
        if isinstance(number := config.field("timeoutMinutes").content, int)
    ]
    what = "brings workloads to strength" if kind == "EKSResourceScaling" else f"goes through its step {kind}"
    worst = max([mostly.value, *limits])
    yield Term(Step.START, mostly.value, worst, f"{plan.name} {what}", (mostly.id,), (plan.urn,))


def _given_up(step: Read, plan: Resource, tracer: _Tracer) -> Chain:
    """Until somebody gives up what a dark region has not sent, where the plan does not."""
    if any(each.at("ungracefuls").each() for each in step.at("globalAuroraConfigs").each()):
        return ()
    because = "the plan only switches over, which the dark region has no part in: an operator accepts the loss"
    return (tracer.term(Step.DECIDE, "manual", because, plan.urn),)


def _decision(plan: Resource, target: str, lost: frozenset[str], tracer: _Tracer) -> Chain:
    """Until a plan begins: an alarm starts it, or somebody does; where others approve, that is one decision of both.

    How long an approval may take says nothing of how soon it comes: one that lapses is asked for anew.

    Args:
        plan: What is started.
        target: Region that it leads into.
        lost: Regions that it leads away from. An alarm that stands in one is gone with it, and somebody starts the
            plan then; where a trigger's alarm stands is in its ARN, and there if that is not known.
        tracer: The graph, with the facts.
    """
    approved = any(step.field("executionBlockType").content == "ManualApproval" for step in _steps(plan, target))
    what = f"somebody starts {plan.name}{', and somebody approves' if approved else ''}"
    people = (
        tracer.term(Step.DETECT, "alert", "an alert reaches somebody", plan.urn),
        tracer.term(Step.DECIDE, "decide", what, plan.urn),
    )
    alarms = _triggers(plan, lost)
    if approved or not alarms:
        return people
    starts = tracer.term(Step.DETECT, "route53.alarm", f"an alarm starts {plan.name}", plan.urn)
    return (replace(starts, needs=alarms, otherwise=people),)


def _triggers(plan: Resource, lost: frozenset[str]) -> frozenset[str]:
    """Units of the regions whose alarms make a plan lead away from these by itself; empty: none does."""
    stands: dict[object, frozenset[str]] = {}
    for alarm in plan.read("associatedAlarms").each():
        parts = str(alarm.field("resourceIdentifier").content).split(":")
        # arn:aws:cloudwatch:us-east-1:123456789012:alarm:name
        stands[alarm.field("mapBlockKey").content] = frozenset({parts[3]} if len(parts) > 3 else lost)
    found: set[str] = set()
    for trigger in plan.read("triggers").each():
        target, action = trigger.field("targetRegion"), trigger.field("action").content
        if target.known and (target.content in lost) == (action == "deactivate"):
            for condition in trigger.field("conditions").each():
                if condition.field("condition").content == "red":
                    found |= stands.get(condition.field("associatedAlarmName").content, lost)
    return frozenset(map(region, found))


def _summons(home: str, way: Way | None, tracer: _Tracer) -> Chain | None:
    """Until somebody has led clients on to another region by a plan, or by hand."""
    facts = tracer.facts
    if len(tracer.survey.clusters) < 2:
        return None
    plan = _plan_for(home, tracer)
    moving = [record for record in (way.records if way else ()) if not record.read("setIdentifier").missing]
    kept = [time_to_live(record, facts) for record in moving or (way.records if way else ())]
    dns: Chain = (max(kept, key=lambda term: (term.worst, term.because)),) if kept else ()
    if plan is not None:
        for target in sorted(_others_of(plan, home)):
            before = _before(plan, target, lambda step: _leads(step, moving), tracer)
            if before is not None:
                return (*_decision(plan, target, frozenset({home}), tracer), *before, *dns)
    alert = tracer.term(Step.DETECT, "alert", "an alert reaches somebody")
    says_yes = tracer.term(Step.DECIDE, "decide", "somebody decides")
    by_hand = tracer.term(Step.DECIDE, "manual", "no plan leads clients on: somebody does it by hand")
    return (alert, says_yes, by_hand, *dns)


def _leads(step: Read, records: Sequence[Resource]) -> bool:
    """Whether a step turns these records to another region."""
    names = {record.read("name").content for record in records}
    return any(
        (name := config.field("recordName")).known and name.content in names
        for config in step.at("route53HealthCheckConfigs").each()
    )


def _rds(instance: Resource, where: Cluster, tracer: _Tracer) -> Block:
    """One database instance, with a standby in another zone or without."""
    home = _home(instance, tracer.graph)
    standby = instance.read("multiAz")
    own = {zone(name): 1 for name, place in tracer.survey.zones.items() if place == home}
    place = tracer.graph.zone(instance)
    promote = (tracer.term(Step.PROMOTE, "rds.failover", f"{instance.name} fails over to its standby", instance.urn),)
    restore = (
        tracer.term(Step.DECIDE, "manual", "somebody restores a backup in another zone", instance.urn),
        tracer.term(Step.RESTORE, "aurora.restore", f"{instance.name} comes back from its backup", instance.urn),
    )
    last = tracer.facts["aurora.pitr.rpo"]
    lost = (
        Term(
            Step.REPLICATE,
            last.value,
            last.value,
            "the last point that a backup can go back to",
            (last.id,),
            (instance.urn,),
        ),
    )
    two = standby.content is True
    return Block(
        f"database {instance.name}",
        Role.DATABASE,
        home,
        (instance.urn,),
        members=2 if two else 1,
        whole=frozenset({region(home), instance.urn}),
        risk=own if two or not place.known else {zone(str(place.content)): 1},
        promote=promote if two else None,
        remake=None if two else restore,
        loses=() if two else lost,
        repairs={
            leader(instance.urn): Repair(
                0.0,
                promote
                if two
                else (tracer.term(Step.RESTORE, "aurora.recreate", f"{instance.name} gets a new host", instance.urn),),
                why="the host that takes writes is gone",
            )
        },
        behind=None,
        all="sla.rds.multi_az" if two else "sla.rds.single_az",
        zones=2 if two else 1,
        doubts=("multiAz is not known yet",) if standby.unknown else (),
    )


def _cache(group: Resource, tracer: _Tracer) -> Block:
    graph = tracer.graph
    home = _home(group, graph)
    count, doubts = _nodes_a_shard(group)
    subnets = graph.targets(group, "subnetGroupName", CACHE_SUBNETS)
    spread = graph.zones(subnets[0], "subnetIds") if len(subnets) == 1 else Members((), 0, None)
    over = group.read("multiAzEnabled").content is True and spread.least >= 2
    fails_over = group.read("automaticFailoverEnabled").content is True and count > 1
    own = [name for name, place in tracer.survey.zones.items() if place == home]
    risk = evenly(count, spread.known if over else own, spread=over)
    promote = (
        tracer.term(Step.PROMOTE, "elasticache.failover", f"{group.name} makes a replica its primary", group.urn),
    )
    anew = (tracer.term(Step.RESTORE, "elasticache.recreate", f"{group.name} gets a new node, empty", group.urn),)
    by_hand = tracer.term(Step.DECIDE, "manual", f"somebody makes {group.name} serve from another zone", group.urn)
    lag = (tracer.term(Step.REPLICATE, "elasticache.rpo", f"{group.name} copies asynchronously", group.urn),)
    rebuilt = tracer.hints.brokers_are_rebuilt
    nothing: Chain = ()
    repairs = {
        leader(group.urn): Repair(
            0.0,
            promote if fails_over else anew,
            why="its primary is gone",
            loses=nothing if rebuilt else (lag if fails_over else None),
        ),
    }
    return Block(
        f"cache {group.name}",
        Role.CACHE,
        home,
        (group.urn,),
        members=count,
        whole=frozenset({region(home), group.urn}),
        risk=risk,
        promote=promote if fails_over else (by_hand, *promote),
        remake=(by_hand, *anew),
        loses=nothing if rebuilt else (lag if fails_over else None),
        repairs=repairs,
        behind=nothing if rebuilt else None,
        all="sla.elasticache.multi_az" if over and fails_over else "sla.elasticache.single_az",
        zones=min(count, spread.least) if over else 1,
        doubts=doubts,
    )


def _nodes_a_shard(group: Resource) -> tuple[int, tuple[str, ...]]:
    """Nodes of each shard; every shard is needed, and each has as many."""
    replicas, nodes = group.read("replicasPerNodeGroup"), group.read("numCacheClusters")
    if isinstance(nodes.content, int):
        # It is of groups without shards.
        return max(1, nodes.content), ()
    if isinstance(replicas.content, int):
        return replicas.content + 1, ()
    hidden = [read.path for read in (nodes, replicas) if read.unknown]
    return 1, tuple(f"{path} of {group.name} is not known yet" for path in hidden[:1])


def _bucket(bucket: Resource, cluster: Cluster, tracer: _Tracer) -> Iterator[Block]:
    graph = tracer.graph
    home = _home(bucket, graph)
    kept = [each for type_ in VERSIONING for each in graph.referrers(bucket, type_, "bucket")]
    status = [each.read("versioningConfiguration.status") for each in kept]
    versioned = any(read.content == "Enabled" for read in status)
    back = tracer.term(Step.RESTORE, "restore.object", "somebody takes the delete marker away", bucket.urn)
    anew = "work since the checkpoint before is done again"
    older = (tracer.term(Step.REPLICATE, "checkpoint.interval", anew, bucket.urn),)
    again = tracer.term(Step.START, "pod.start", "the run goes on from the checkpoint before", bucket.urn)
    # Of one object; all others are read on.
    repairs = {
        object_in(bucket.urn): Repair(0.0, (back,), why="its version is still there")
        if versioned
        else Repair(0.0, None, loses=None, why="the bucket keeps no versions: it is gone"),
        checkpoint_in(bucket.urn): Repair(0.0, (again,), loses=older, why="the one before it is whole")
        if versioned
        else Repair(0.0, None, loses=None, why="the bucket keeps no versions: what was overwritten is gone"),
    }
    unknown = [f"whether {bucket.name} keeps versions is not known" for read in status if read.unknown]
    yield Block(
        f"bucket {bucket.name}",
        Role.STORE,
        home,
        (bucket.urn,),
        whole=frozenset({region(home), bucket.urn, service("s3", home)}),
        repairs=repairs,
        behind=_copied(bucket, tracer),
        all="sla.s3",
        doubts=tuple(unknown) if not versioned else (),
    )
    encryption = [each for type_ in ENCRYPTION for each in graph.referrers(bucket, type_, "bucket")]
    for key in [key for each in encryption for key in graph.targets(each, "rules", *KEYS)][:1]:
        yield Block(
            f"key {key.name}",
            Role.KEY,
            home,
            (key.urn,),
            whole=frozenset({region(home), key.urn, service("kms", home)}),
            all="sla.kms",
        )
    yield from _path(bucket, cluster, tracer)


def _path(bucket: Resource, cluster: Cluster, tracer: _Tracer) -> Iterator[Block]:
    """The way to S3: an endpoint in the cluster's network, which is never lost alone, or through NAT gateways."""
    graph = tracer.graph
    subnets = graph.targets(cluster.resource, "vpcConfig", SUBNET)
    networks = {urn for subnet in subnets for urn in subnet.edges.get("vpcId", ())}
    for endpoint in graph.of(ENDPOINT):
        if networks & set(endpoint.edges.get("vpcId", ())):
            name = endpoint.read("serviceName")
            if endpoint.name.endswith("s3") if name.unknown else str(name.content).endswith(".s3"):
                return
    gateways = sorted({unit for pool in cluster.pools.values() for nodes in pool.nodes for unit in nodes.starts})
    if not gateways:
        return
    own = {nodes.starts for pool in cluster.pools.values() for nodes in pool.nodes if not nodes.bought and nodes.starts}
    members = len(own)
    risk: dict[str, int] = {}
    for units in own:
        for unit in units:
            risk[unit] = risk.get(unit, 0) + 1
    yield Block(
        "way out",
        Role.EGRESS,
        cluster.region,
        tuple(unit for unit in gateways if unit.startswith("urn:")),
        members=members,
        whole=frozenset({region(cluster.region)}),
        risk=risk,
        each="sla.nat",
        zones=members,
    )


def _copied(bucket: Resource, tracer: _Tracer) -> Chain | None:
    """How far a bucket is behind the one that is copied into it; None: nothing is copied into it."""
    graph, facts = tracer.graph, tracer.facts
    name = bucket.read("bucket")
    for config in graph.of(REPLICATION):
        for rule in config.read("rules").each():
            arn = rule.at("destination.bucket")
            into = bucket in graph.targets(config, "rules", *BUCKETS) or (
                arn.known and name.known and str(arn.content) == f"arn:aws:s3:::{name.content}"
            )
            if not into or rule.field("status").content != "Enabled" or not _whole(rule, config, graph):
                continue
            timed = rule.at("destination.replicationTime.status").content == "Enabled"
            low = facts["s3.replication.typical"]
            high = facts["s3.rtc.bound" if timed else "s3.replication.worst"]
            because = f"{config.name} copies {'within Replication Time Control' if timed else 'without a bound'}"
            return (Term(Step.REPLICATE, low.value, high.value, because, (low.id, high.id), (config.urn, bucket.urn)),)
    return None


def _whole(rule: Read, config: Resource, graph: Graph) -> bool:
    """Whether a rule of replication surely copies every object: none is chosen, nor left out for how it is encrypted.

    Objects that a key of KMS encrypts are copied only where the rule says so (Amazon S3 User Guide, "Replicating
    encrypted objects", read 2026-11).
    """
    chosen = [rule.field("prefix"), *rule.field("filter").fields().values()]
    if rule.field("filter").unknown or any(each.unknown or each.content not in (None, "") for each in chosen):
        return False
    by_key = any(
        algorithm.unknown or str(algorithm.content).startswith("aws:kms")
        for bucket in graph.targets(config, "bucket", *BUCKETS)
        for type_ in ENCRYPTION
        for encryption in graph.referrers(bucket, type_, "bucket")
        for each in encryption.read("rules").each()
        for algorithm in [each.at("applyServerSideEncryptionByDefault.sseAlgorithm")]
    )
    return not by_key or rule.at("sourceSelectionCriteria.sseKmsEncryptedObjects.status").content == "Enabled"
