"""What would have to be changed for a promise to be kept: tried out on the graph, cheapest first.

A change edits resources of the graph, or adds one; the model is then computed anew, and says whether that is enough.
Cheap is, in this order: configuration that costs nothing, a feature billed by use, a pod, an instance, a GPU. All
changes of the cheapest kinds that help at all are made together, and then taken back one by one, dearest first, as far
as the promise is still kept. What is left is the answer: no part of it can be spared. That something dearer is shorter
is not looked for.

What is tried is counted, and never timed: the same graph gets the same advice on every machine.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from enum import IntEnum
from functools import lru_cache
from typing import Any, cast

from resilience.availability import availability
from resilience.charts import pods_of
from resilience.diagram import Diagram, Role
from resilience.faults import Kind, faults
from resilience.graph import SUBNET, Graph, Resource, Secret
from resilience.instances import GPUS
from resilience.journeys import AURORA, AURORA_INSTANCE, CACHE, REPLICATION, TARGET_GROUPS, diagrams
from resilience.objectives import Comparison, Measure, Objectives, Standing, at_worst, compare
from resilience.outcomes import Outcome, outcome
from resilience.routes import HEALTH_CHECK, PLAN, RECORD
from resilience.selectors import RELEASE
from resilience.survey import DEPLOYMENT, NODE_GROUP, STATEFUL_SET, Survey, Workload, survey

TRIALS = 16
"""How often the model is computed for all promises of a graph together, a few tenths of a second each for a thousand
resources. A preview waits for it, and only if a promise is broken."""
ROUNDS = 3
"""What is seen only once the longest way is shorter, is looked at again."""
TIMES, TTLS = (3, 2, 1), (60, 30, 10, 5)
"""Failures in a row of a check of Route 53, and seconds that resolvers keep a record; mildest first."""
FASTER = "requestInterval"
"""Of a check of Route 53: it asks every 30 s, or, for a price, every 10 s and that cannot be changed later (Amazon
Route 53 API Reference, HealthCheckConfig, RequestInterval; Amazon Route 53 pricing)."""
TOLERATED = 30
"""Seconds that pods wait for a node that does not answer."""
TOPOLOGIES = ("topology.kubernetes.io/zone", "kubernetes.io/hostname")


class Cost(IntEnum):
    """What a change costs, in the order in which changes are tried."""

    CONFIGURATION = 0
    FEATURE = 1
    POD = 2
    INSTANCE = 3
    GPU = 4

    @property
    def said(self) -> str:
        """For people."""
        return ("nothing", "a feature billed by use", "a pod", "an instance", "a GPU")[self]


Edit = tuple[str, str, Any]
"""URN, path of a property, and its new value."""


@dataclass(frozen=True, slots=True)
class Change:
    """One thing that somebody could write differently."""

    what: str
    """In words: unique among the changes of a graph."""
    cost: Cost
    edits: tuple[Edit, ...] = ()
    adds: tuple[Resource, ...] = ()
    milder: tuple["Change", ...] = ()
    """The same with less of it, least first."""


@dataclass(frozen=True, slots=True)
class Advice:
    """What is known of ways to keep a promise."""

    changes: tuple[Change, ...]
    """All of them together keep it; empty: none that was tried does."""
    value: float | None
    """What it would be with them; of those that do not suffice, the best that was seen."""
    tried: int
    """How often the model was computed."""
    ended: bool
    """Whether all was tried that could be: of changes that keep it, whether one of them can be spared."""

    @property
    def said(self) -> str:
        """One sentence for people."""
        if self.changes:
            dearest = max(change.cost for change in self.changes)
            told = f"({dearest.said}): {'; '.join(each.what for each in self.changes)}"
            spare = "This keeps it; what of it can be spared was not tried"
            return f"Cheapest change that keeps it {told}" if self.ended else f"{spare} {told}"
        late = "" if self.ended else ", and more were not tried"
        if not (self.tried or self.ended):
            return "Nothing was tried: other promises came first"
        return f"None of the changes tried keeps it{late}" if self.tried else "Nothing that could be changed is known"


@lru_cache(maxsize=4)
def advise(graph: Graph, asked: Objectives) -> Mapping[int, Advice]:
    """For every broken promise, by its place among ``compare(graph, asked)``, what would keep it.

    Args:
        graph: One stack or several.
        asked: What is promised of them.
    """
    broken = [(n, each) for n, each in enumerate(compare(graph, asked)) if each.standing is Standing.BROKEN]
    trial = Trial(graph, asked, TRIALS)
    return {number: trial.advice(comparison) for number, comparison in broken}


class Spent(Exception):
    """No trial is left."""


class Trial:
    """A graph to try changes on; what was computed once is kept."""

    def __init__(self, graph: Graph, asked: Objectives, left: int) -> None:
        """Compute the model anew for changes as often as ``left``."""
        self._graph, self._asked, self._left = graph, asked, left
        self._computed: dict[frozenset[str], tuple[Graph, Mapping[str, Diagram]]] = {}
        self._tried: set[frozenset[str]] = set()
        self._ended = True

    def advice(self, comparison: Comparison) -> Advice:
        """The cheapest changes that keep a broken promise."""
        self._tried, self._ended = set(), True
        best, chosen = comparison.value, None
        try:
            best, chosen = self._search(comparison)
        except Spent:
            self._ended = False
        changes = tuple(sorted(chosen or (), key=lambda change: (change.cost, change.what)))
        return Advice(changes, best, len(self._tried), self._ended)

    def _search(self, comparison: Comparison) -> tuple[float | None, list[Change] | None]:
        made: dict[str, Change] = {}
        value, about = self._value(comparison, [])
        best = value
        for cost in Cost:
            for _ in range(ROUNDS):
                graph, traced = self._with([])
                known = self._candidates(graph, traced[comparison.promise.journey], about, comparison)
                fresh = [each for each in known if each.cost <= cost and _family(each) not in made]
                if not fresh:
                    break
                made |= {_family(each): each for each in fresh}
                value, about_now = self._value(comparison, list(made.values()))
                about |= about_now
                if comparison.kept_by(value):
                    return self._spared(comparison, list(made.values()))
                best = value if value is not None else best
        return best, None

    def _spared(self, comparison: Comparison, changes: list[Change]) -> tuple[float | None, list[Change]]:
        """Those that it takes: each taken back, or made milder, if the promise is kept without."""
        kept = sorted(changes, key=lambda change: (-change.cost, change.what))
        value, _ = self._value(comparison, kept)
        for change in tuple(kept):
            others = [each for each in kept if each is not change]
            for milder in ([], *([each] for each in change.milder)):
                try:
                    tried, _ = self._value(comparison, [*others, *milder])
                except Spent:
                    # What is left keeps it, though some of it may be spared.
                    self._ended = False
                    return value, kept
                if comparison.kept_by(tried):
                    kept, value = [*others, *milder], tried
                    break
        return value, kept

    def _value(self, comparison: Comparison, changes: Iterable[Change]) -> tuple[float | None, set[str]]:
        """What is promised as it would be with these changes, and URNs of what it is about then."""
        graph, traced = self._with(list(changes))
        diagram = traced.get(comparison.promise.journey)
        if diagram is None:
            return None, set()
        if comparison.promise.measure is Measure.AVAILABILITY:
            lost = [fault for fault in faults(graph, self._asked.facts) if fault.kind is Kind.REGION]
            regional = {fault.region: outcome(diagram, fault) for fault in lost}
            blocks = {urn for site in diagram.sites for block in site.needs for urn in block.urns}
            return availability(diagram, self._asked.facts, regional).percent, blocks
        measure = comparison.promise.measure
        each: list[tuple[float, set[str]]] = []
        for fault in comparison.faults:
            found = outcome(diagram, fault)
            value = at_worst(measure, found)
            if value is None:
                return None, set()
            each.append((value, _about(diagram, found, measure)))
        worst = min if measure is Measure.CAPACITY else max
        return worst(each, key=lambda pair: pair[0], default=(-1.0, set[str]()))

    def _with(self, changes: list[Change]) -> tuple[Graph, Mapping[str, Diagram]]:
        key = frozenset(change.what for change in changes)
        if key and key not in self._computed:
            if not self._left:
                raise Spent
            self._left -= 1
        if key:
            self._tried.add(key)
        if key not in self._computed:
            graph = changed(self._graph, changes) if changes else self._graph
            traced = {each.journey: each for each in diagrams(graph, self._asked.facts)}
            self._computed[key] = (graph, traced)
        return self._computed[key]

    def _candidates(self, graph: Graph, diagram: Diagram, about: set[str], comparison: Comparison) -> list[Change]:
        """Changes to what a promise is about."""
        seen = survey(graph, self._asked.facts)
        names = {block.name for site in diagram.sites for block in (*site.needs, *site.beside)}
        found: list[Change] = []
        for resource in (each for urn in sorted(about) if (each := graph.get(urn)) is not None):
            if resource.type == RECORD and isinstance(resource.read("ttl").content, int):
                found += _less(resource, "ttl", TTLS, resource.read("ttl").content)
            elif resource.type == HEALTH_CHECK:
                found += _asked(resource)
            elif resource.type == PLAN:
                found += _plan(resource)
            elif resource.type in TARGET_GROUPS:
                found += _probes(resource)
            elif resource.type == REPLICATION:
                found += _copies(resource)
            elif resource.type == AURORA:
                found += _reader(resource, graph, seen)
            elif resource.type == CACHE:
                found += _replica(resource)
            elif resource.type == NODE_GROUP:
                found += _floor(resource, graph)
            found += [
                change
                for cluster in seen.clusters
                for workload in cluster.workloads
                if workload.resource is resource and workload.name in names and not workload.daemon
                for change in _pods(workload)
            ]
        if comparison.promise.measure is Measure.LOSS:
            # Nothing of what is lost comes back sooner.
            return [each for each in found if not each.what.startswith(("ttl of", "failureThreshold", FASTER))]
        return found


def changed(graph: Graph, changes: Iterable[Change]) -> Graph:
    """The graph as it would be."""
    resources = {resource.urn: resource for resource in graph.resources}
    for change in changes:
        resources |= {added.urn: added for added in change.adds}
        for urn, path, value in change.edits:
            properties = cast("Mapping[str, Any]", _put(resources[urn].properties, _way(path), value))
            resources[urn] = replace(resources[urn], properties=properties)
    return Graph(resources.values())


def _about(diagram: Diagram, found: Outcome, measure: Measure) -> set[str]:
    """URNs that a recovery is about: of its terms, and of what was lost on the way."""
    duration = found.rto if measure is Measure.TIME else found.rpo
    terms = {urn for term in duration.worst for urn in term.urns} if duration is not None else set[str]()
    if measure is Measure.LOSS and duration is not None:
        return terms
    rooms = {urn for site in diagram.sites for block in site.needs if block.role is Role.ROOM for urn in block.urns}
    return terms | set(found.dark) | (rooms if found.capacity is not None and found.capacity <= 0 else set[str]())


def _family(change: Change) -> str:
    """What a change is about; two of one family are never made together."""
    return change.what.partition(": ")[0]


# Kinds of changes.


def _less(resource: Resource, path: str, values: tuple[int, ...], now: object) -> Iterator[Change]:
    """A smaller number of seconds or failures."""
    if not isinstance(now, int):
        return
    steps = [
        Change(
            f"{path} of {resource.name}: {value} in place of {now}", Cost.CONFIGURATION, ((resource.urn, path, value),)
        )
        for value in values
        if value < now
    ]
    if steps:
        yield replace(steps[-1], milder=tuple(steps[:-1]))


def _asked(check: Resource) -> Iterator[Change]:
    """Believe a check of Route 53 sooner, or replace it by one that asks more often."""
    times, interval = check.read("failureThreshold"), check.read(FASTER)
    yield from _less(check, "failureThreshold", TIMES, 3 if times.missing else times.content)
    if interval.missing or interval.content == 30:
        what = f"{FASTER} of {check.name}: 10 in place of 30, which replaces the check"
        yield Change(what, Cost.FEATURE, ((check.urn, FASTER, 10),))


def _plan(plan: Resource) -> Iterator[Change]:
    """Let it promote with loss. That an alarm starts it is no help here: it is lost with its region."""
    edits = tuple(
        (plan.urn, f"{config.path}.ungracefuls", [{"ungraceful": "failover"}])
        for workflow in plan.read("workflows").each()
        for step in workflow.field("steps").each()
        for config in step.field("globalAuroraConfigs").each()
        if config.field("ungracefuls").missing
    )
    if edits:
        what = f"data loss accepted by {plan.name}: its database step fails over (settings: failover.accept_data_loss)"
        yield Change(what, Cost.CONFIGURATION, edits)


def _probes(group: Resource) -> Iterator[Change]:
    check = group.read("healthCheck")
    interval, times, waits = (check.field(name) for name in ("interval", "unhealthyThreshold", "timeout"))
    # An answer has to be given up before the next question (Elastic Load Balancing, HealthCheckTimeoutSeconds).
    patience = 5 if waits.missing else waits.whole
    steps = tuple(each for each in (10, 5) if patience is not None and each > patience)
    # With a check that is given, the provider says 3; AWS says 2 where none is.
    for read, values, default in ((interval, steps, 30), (times, (2,), 2 if check.missing else 3)):
        yield from _less(group, read.path, values, default if read.missing else read.content)


def _copies(config: Resource) -> Iterator[Change]:
    # One is not to be had without the other (Amazon S3 User Guide, replication-time-control).
    wanted = {
        "replicationTime": {"status": "Enabled", "time": {"minutes": 15}},
        "metrics": {"status": "Enabled", "eventThreshold": {"minutes": 15}},
    }
    edits = tuple(
        (config.urn, f"rules[{number}].destination.{name}", value)
        for number, rule in enumerate(config.read("rules").each())
        if rule.at("destination.replicationTime.status").content != "Enabled"
        for name, value in wanted.items()
    )
    if edits:
        yield Change(f"Replication Time Control of {config.name}: on", Cost.FEATURE, edits)


def _reader(cluster: Resource, graph: Graph, seen: Survey) -> Iterator[Change]:
    """One more instance, in the zone that has fewest."""
    instances = graph.referrers(cluster, AURORA_INSTANCE, "clusterIdentifier")
    home = graph.region(cluster).content
    zones = sorted(name for name, place in seen.zones.items() if place == home)
    places = [graph.zone(instance).content for instance in instances]
    if instances and zones:
        place = min(zones, key=lambda name: (places.count(name), name))
        first = instances[0]
        properties = {**first.properties, "availabilityZone": place}
        name = f"{first.name}-more"
        more = replace(first, urn=f"{first.urn}-more", name=name, properties=properties, edges=dict(first.edges))
        yield Change(f"readers of {cluster.name}: one more, in {place}", Cost.INSTANCE, adds=(more,))


def _replica(group: Resource) -> Iterator[Change]:
    """One more node, in another zone, that takes over by itself."""
    path, base = ("replicasPerNodeGroup", 0) if group.read("numCacheClusters").missing else ("numCacheClusters", 1)
    count = group.read(path)
    number = base if count.missing else count.whole
    # At most five replicas a shard (Amazon ElastiCache User Guide, Replication.Redis.Groups).
    if number is not None and number - base < 5:
        edits = ((group.urn, path, number + 1), *_over_zones(group))
        yield Change(f"replicas of {group.name}: one more", Cost.INSTANCE, edits)
    if _over_zones(group) and number is not None and number > base:
        what = f"failover of {group.name}: multiAzEnabled and automaticFailoverEnabled"
        yield Change(what, Cost.CONFIGURATION, _over_zones(group))


def _over_zones(group: Resource) -> tuple[Edit, ...]:
    both = ("multiAzEnabled", "automaticFailoverEnabled")
    return tuple((group.urn, path, True) for path in both if group.read(path).content is not True)


def _floor(group: Resource, graph: Graph) -> Iterator[Change]:
    """One more node a zone; AWS refuses a floor above what is wanted, or above the most that there may be."""
    least = group.read("scalingConfig.minSize").whole
    families = {str(each.content).partition(".")[0] for each in group.read("instanceTypes").each()}
    zones = len({graph.zone(subnet).content for subnet in graph.targets(group, "subnetIds", SUBNET)}) or 1
    if least is not None:
        number = least + zones
        others = {name: group.read(f"scalingConfig.{name}") for name in ("desiredSize", "maxSize")}
        raised = {name: each.whole for name, each in others.items() if each.whole is not None and each.whole < number}
        cost = Cost.GPU if families & GPUS.keys() else Cost.INSTANCE
        what = f"floor of {group.name}: {number} nodes in place of {least}"
        what += "".join(f", and {name} {number} in place of {before}" for name, before in raised.items())
        yield Change(what, cost, tuple((group.urn, f"scalingConfig.{name}", number) for name in ("minSize", *raised)))


def _pods(workload: Workload) -> Iterator[Change]:
    """More pods, apart from each other, that leave a dead node soon."""
    resource = workload.resource
    count, path = workload.replicas, _replicas(workload)
    gpu = workload.each is not None and workload.each.gpus > 0
    if count is not None and path and not workload.singleton:
        steps: list[Change] = []
        for number in (count + 1, count + 2):
            what = f"replicas of {workload.name} in {workload.region}: {number} in place of {count}"
            edits = [(resource.urn, path, number)]
            most = path.replace("min", "max") if "min" in path.rpartition(".")[2] else ""
            if most and (before := resource.read(most).whole) is not None and before < number:
                # An autoscaler that may make fewer than it must is refused.
                edits.append((resource.urn, most, number))
                what += f", and at most {number} in place of {before}"
            steps.append(Change(what, Cost.GPU if gpu else Cost.POD, tuple(edits)))
        yield replace(steps[-1], milder=tuple(steps[:-1]))
    where = _spread(workload)
    if where and count is not None and count > 1 and not (workload.over_zones and workload.over_hosts):
        constraints = [
            {
                "maxSkew": 1,
                "topologyKey": key,
                "whenUnsatisfiable": "ScheduleAnyway",
                "labelSelector": {"matchLabels": workload.labels.content},
            }
            for key in TOPOLOGIES
        ]
        what = f"spread of {workload.name} in {workload.region}: over zones and nodes"
        yield Change(what, Cost.CONFIGURATION, ((resource.urn, where, constraints),))
    edits = tuple(_tolerations(workload))
    if edits:
        what = f"tolerationSeconds of {workload.name} in {workload.region}: {TOLERATED}"
        yield Change(what, Cost.CONFIGURATION, edits)


def _replicas(workload: Workload) -> str:
    """Path of a workload's number of pods; empty: nobody can say it."""
    if workload.resource.type in (DEPLOYMENT, STATEFUL_SET):
        return "spec.replicas"
    for pods in pods_of(workload.resource) or () if workload.resource.type == RELEASE else ():
        if pods.workload.name == workload.part and pods.name in workload.id:
            path = pods.replicas().path.removesuffix(" by default")
            return path if path.startswith("values.") else ""
    return ""


def _spread(workload: Workload) -> str:
    if not isinstance(workload.labels.content, dict):
        return ""
    if workload.resource.type in (DEPLOYMENT, STATEFUL_SET):
        return "spec.template.spec.topologySpreadConstraints"
    for pods in pods_of(workload.resource) or () if workload.resource.type == RELEASE else ():
        if pods.workload.name == workload.part:
            keys = [path for path in pods.workload.spread if path.lower().endswith("topologyspreadconstraints")]
            return f"values.{keys[0]}" if keys and not keys[0].startswith(".") else ""
    return ""


def _tolerations(workload: Workload) -> Iterator[Edit]:
    resource = workload.resource
    if workload.tolerates is not None and workload.tolerates <= TOLERATED:
        return
    if resource.type in (DEPLOYMENT, STATEFUL_SET):
        tainted = ("node.kubernetes.io/not-ready", "node.kubernetes.io/unreachable")
        wanted = [
            {"key": key, "operator": "Exists", "effect": "NoExecute", "tolerationSeconds": TOLERATED} for key in tainted
        ]
        yield resource.urn, "spec.template.spec.tolerations", wanted
    elif isinstance(resource.read("values.nodeLossSeconds").content, int):
        yield resource.urn, "values.nodeLossSeconds", TOLERATED
    else:
        for path in _waits(resource.properties.get("values"), "values"):
            yield resource.urn, path, TOLERATED


def _waits(tree: object, path: str) -> Iterator[str]:
    """Paths of all tolerationSeconds in a tree."""
    if isinstance(tree, Secret):
        yield from _waits(tree.value, path)
    elif isinstance(tree, dict):
        for name, member in cast("dict[str, object]", tree).items():
            if name == "tolerationSeconds":
                yield f"{path}.{name}"
            elif not set(name) & set(".[]"):
                yield from _waits(member, f"{path}.{name}")
    elif isinstance(tree, list):
        for index, element in enumerate(cast("list[object]", tree)):
            yield from _waits(element, f"{path}[{index}]")


# Editing.


def _way(path: str) -> list[str | int]:
    """``rules[0].status`` as its steps."""
    way: list[str | int] = []
    for part in path.split("."):
        name, *indices = part.replace("]", "").split("[")
        way += [name, *map(int, indices)]
    return way


def _put(tree: Any, way: list[str | int], value: Any) -> Any:
    """A copy of a tree with another value in one place; what is not there is made."""
    if not way:
        return value
    if isinstance(tree, Secret):
        return Secret(_put(tree.value, way, value))
    step, *rest = way
    if isinstance(step, int):
        elements = list(cast("list[Any]", tree))
        elements[step] = _put(elements[step], rest, value)
        return elements
    members = dict(cast("dict[str, Any]", tree)) if isinstance(tree, dict) else {}
    members[step] = _put(members.get(step), rest, value)
    return members
