"""Helm releases: all or nothing, the same chart every time, no database in a pod, and pods that survive a lost zone."""

import re
from collections.abc import Iterator

from policies.registry import (
    Option,
    Options,
    Scope,
    Severity,
    Verdict,
    Verdicts,
    fails,
    holds,
    is_not_true,
    is_true,
    passes,
    rule,
    unproven,
)
from policies.rules.kubernetes import budgets, hardened, has_class, room
from resilience.charts import Budget, Key, Pods, Security, chart_of, pods_of
from resilience.graph import Graph, Read, Resource, State
from resilience.selectors import RELEASE, ZONE, any_of, every, keeps_apart, pairs, same_namespace, selects, spreads

EXACT_VERSION = re.compile(r"v?\d+\.\d+\.\d+(-[0-9A-Za-z.-]+)?(\+[0-9A-Za-z.-]+)?")
DATABASES = ("postgresql", "postgresql-ha", "mysql", "mariadb", "mongodb", "redis", "valkey")
"""Names that charts give to the database charts they bring along."""
ON_BY_DEFAULT = {
    "prefect-server": ("postgresql",),
    "airflow": ("postgresql", "redis"),
}
"""Charts that bring one along unless told not to: values.yaml of prefect-server 2026.8.18172642 and of Apache Airflow's
chart 1.x (read 2026-11)."""


@rule(
    "HELM-01",
    title="A release is atomic, waits, and pins its chart",
    why="A release that does not wait is green while its pods crash; one that is not atomic stays half upgraded; one "
    "without an exact version installs another chart in the second region than in the first.",
    fix='atomic=True, skip_await left out, timeout=300 or more, version="1.2.3" on kubernetes.helm.v3.Release',
    severity=Severity.HIGH,
    scope=Scope.RESOURCE,
    types=[RELEASE],
    options={"minTimeoutSeconds": Option(300, 1, 7200, "Shortest time that a release waits for its pods.")},
)
def installs_whole(release: Resource, _: Graph, options: Options) -> Verdicts:
    """Look at atomic, skipAwait, timeout and version; a chart in a folder is pinned by being there."""
    yield is_true(release.read("atomic"))
    yield is_not_true(release.read("skipAwait"))
    least = options["minTimeoutSeconds"]
    yield holds(release.read("timeout"), lambda seconds: seconds >= least, f"at least {least}", default=300)
    version, chart = release.read("version"), release.read("chart")
    if chart.unknown and version.missing:
        yield unproven("chart is not known yet, and so whether it needs a version")
    elif not (version.missing and _is_folder(chart, release)):
        yield holds(version, lambda text: EXACT_VERSION.fullmatch(text) is not None, "one exact version, no range")


def _is_folder(chart: Read, release: Resource) -> bool:
    text = str(chart.content)
    remote = "://" in text or not release.read("repositoryOpts.repo").missing
    return not remote and (text.startswith((".", "/")) or text.count("/") > 1)


@rule(
    "HELM-02",
    title="What a release runs, it runs at least twice",
    why="A chart's defaults are for trying it out: one pod, and with its node it is gone until another is up.",
    fix="the chart's own key, as in values {'server': {'replicaCount': 2}} (resilience/charts.py names it)",
    severity=Severity.HIGH,
    scope=Scope.RESOURCE,
    types=[RELEASE],
    options={"minReplicas": Option(2, 2, 9, "Fewest replicas of a workload of a chart that may have several.")},
)
def runs_twice(release: Resource, _: Graph, options: Options) -> Verdicts:
    """Look up each workload's key, or its autoscaler's; a singleton by nature stands in the table with its reason."""
    for pods, verdict in _running(release):
        yield verdict if pods is None else _several(pods, options["minReplicas"])


def _several(pods: Pods, wanted: int) -> Verdict:
    workload, replicas = pods.workload, pods.replicas()
    if workload.daemon:
        return passes(f"{pods.name}: one on every node")
    if workload.singleton:
        return passes(f"{pods.name}: {workload.singleton}")
    if _stands_by(replicas):
        return passes(f"{pods.name}: {replicas.path} is 0; HELM-06 asks who runs it meanwhile")
    least = max(workload.least, wanted)
    found = holds(replicas, lambda number: int(number) >= least, f"at least {least}")
    return Verdict(found.outcome, f"{pods.name}: {found.evidence}")


@rule(
    "HELM-03",
    title="What a release runs is drained one by one, and spread over zones",
    why="Without a budget an update of the nodes evicts every replica at once; without spread all of them may be in "
    "the zone that is lost.",
    fix="the chart's keys for its budget and its topologySpreadConstraints or affinity; where it has none for a "
    "budget, a kubernetes.policy.v1.PodDisruptionBudget beside it that selects the pods' labels (resilience/charts.py)",
    severity=Severity.HIGH,
    scope=Scope.STACK,
    types=[RELEASE],
    frameworks=["Polaris missingPodDisruptionBudget", "Polaris topologySpreadConstraint"],
)
def drained_and_spread(release: Resource, graph: Graph, _: Options) -> Verdicts:
    """Look at the chart's own budget, at budgets beside the release, and at what its values say of spread."""
    for pods, verdict in _running(release):
        if pods is None:
            yield verdict
        elif not pods.workload.daemon:
            found = [_budget(pods, graph), *([] if pods.workload.singleton else [_spread(pods)])]
            yield from (Verdict(each.outcome, f"{pods.name}: {each.evidence}") for each in found)


@rule(
    "HELM-04",
    title="No release brings its own database",
    why="A chart's bundled database is one pod on one disk in one zone, without backups.",
    fix="values {<database>: {enabled: False}}, and the address of Aurora or ElastiCache instead",
    severity=Severity.CRITICAL,
    scope=Scope.RESOURCE,
    types=[RELEASE],
)
def no_bundled_database(release: Resource, _: Graph, __: Options) -> Verdicts:
    """Look for the sub-charts' switches in the values, and for charts where they are on by default."""
    values = release.read("values")
    if values.unknown:
        yield unproven("values is not known yet")
        return
    chart = str(release.read("chart").content or "").rpartition("/")[2]
    for name in DATABASES:
        switch = values.field(name).field("enabled")
        if switch.unknown:
            yield unproven(f"{switch.path} is not known yet")
        elif switch.content is True:
            yield fails(f"values.{name}.enabled is true")
        elif switch.missing and name in ON_BY_DEFAULT.get(chart, ()):
            yield fails(f"values.{name}.enabled is not set, and {chart} has it on by default")
    yield passes("no bundled database is on")


@rule(
    "HELM-05",
    title="A release's pods ask for what any workload has to ask for",
    why="Pods without requests are evicted first and scheduled blindly, without a priority they are preempted by "
    "anything, without probes a pod that hangs stays, and a root container is a way into its node. What values decide "
    "is judged here; the children of a kubernetes.helm.v4.Chart are ordinary resources, which the K8S rules judge; "
    "charts in a folder of this project are rendered by tests, and their manifests put to the K8S rules.",
    fix="the chart's keys for resources, priorityClassName, probes and securityContext (resilience/charts.py names "
    "them)",
    severity=Severity.MEDIUM,
    scope=Scope.STACK,
    types=[RELEASE],
    frameworks=["kube-linter unset-memory-requirements", "Polaris priorityClassNotSet", "Polaris livenessProbeMissing"],
)
def asks_enough(release: Resource, graph: Graph, _: Options) -> Verdicts:
    """Lay the values over the chart's defaults, and look at every container that the chart lets be set."""
    for pods, verdict in _running(release):
        if pods is None:
            yield verdict
        else:
            yield from (Verdict(each.outcome, f"{pods.name}: {each.evidence}") for each in _asks(pods, release, graph))


def _asks(pods: Pods, release: Resource, graph: Graph) -> list[Verdict]:
    return [
        *(each for key in pods.workload.resources for each in _resources(pods.value(key))),
        *(_probe(pods.value(Key(path, default=False))) for path in pods.workload.probes),
        *(each for security in pods.workload.security for each in _security(pods, security)),
        *([has_class(pods.first(pods.workload.priority), release, graph)] if pods.workload.priority else []),
    ]


@rule(
    "HELM-06",
    title="What stands by in one region runs in another",
    why="A chart that is told to run none of a workload runs none: right for what may run in one region at a time, and "
    "only while the other one runs it.",
    fix="two replicas at least in the values of the region that is at work, 0 in the other's alone",
    severity=Severity.HIGH,
    scope=Scope.STACKS,
    types=[RELEASE],
)
def runs_somewhere(release: Resource, graph: Graph, _: Options) -> Verdicts:
    """Look for a release of the same chart and name, in another stack, that runs what this one does not."""
    for pods, _running_verdict in _running(release):
        if pods is not None and _stands_by(pods.replicas()):
            yield _runs_elsewhere(pods, release, graph)


def _runs_elsewhere(pods: Pods, release: Resource, graph: Graph) -> Verdict:
    if len(graph.stacks) == 1:
        return unproven(f"{pods.name} stands by, and releases of other stacks than {release.stack} are not in view")
    twins = [
        other
        for each in graph.of(RELEASE)
        if each.stack != release.stack and _same_release(each, release)
        for other, _its_verdict in _running(each)
        if other is None or other.workload is pods.workload
    ]
    numbers = [None if other is None else other.replicas() for other in twins]
    at_work = next((read for read in numbers if read is not None and read.known and not _stands_by(read)), None)
    if at_work:
        return passes(f"{pods.name}: {at_work.path} is {at_work.shown()} in another stack")
    if any(read is None or read.unknown for read in numbers):
        return unproven(f"{pods.name} stands by, and what another stack runs of it is not known yet")
    return fails(f"{pods.name}: no stack runs any")


def _stands_by(replicas: Read) -> bool:
    """Said so, not forgotten: no chart runs none by default."""
    return replicas.known and replicas.content == 0


def _same_release(one: Resource, other: Resource) -> bool:
    names = [str(each.read("name").content or each.name) for each in (one, other)]
    return chart_of(one) == chart_of(other) and names[0] == names[1]


def _running(release: Resource) -> Iterator[tuple[Pods | None, Verdict]]:
    """The pods that a release runs, each with a PASS; without one, or with another verdict, what stands against it."""
    found = pods_of(release)
    if found is None:
        chart = chart_of(release)
        if chart is None or release.read("values").unknown:
            yield None, unproven(f"{'chart' if chart is None else 'values'} is not known yet")
        else:
            yield None, unproven(f"resilience/charts.py does not say what pods the chart {chart} makes")
    for pods in found or ():
        runs = pods.runs()
        if runs is None:
            paths = ", ".join(condition.path for condition in pods.workload.when)
            yield None, unproven(f"{pods.name}: whether it runs depends on {paths}, not known yet")
        elif runs:
            yield pods, passes(f"{pods.name} runs")


def _budget(pods: Pods, graph: Graph) -> Verdict:
    """Exactly one budget must select the pods: the chart's, or one beside the release. A singleton needs none."""
    own: list[Resource] = []
    doubts: list[Resource] = []
    for budget in budgets(graph).near(pods.release, pairs(pods.labels)):
        answers = [same_namespace(pods.release, budget, graph), selects(budget.read("spec.selector"), pods.labels)]
        matched = every(answers)
        if matched is not False:
            (own if matched else doubts).append(budget)
    made = _makes(pods, pods.workload.budget)
    selecting = [*(["the chart's own budget"] if made else []), *sorted(each.name for each in own)]
    if len(selecting) > 1:
        return fails(f"{' and '.join(selecting)} select its pods, and evictions then fail")
    open_ = [*(each.name for each in doubts), *(["the chart's own budget"] if made is None else [])]
    if selecting and open_:
        return unproven(f"{selecting[0]} selects its pods; whether {', '.join(open_)} does too is not known yet")
    if own:
        return passes("a budget beside the release selects its pods")
    if made and pods.workload.budget:
        return _room(pods, pods.workload.budget)
    if open_:
        return unproven(f"whether {', '.join(open_)} selects its pods is not known yet")
    if pods.workload.singleton:
        return passes("a single pod needs no budget")
    key = pods.workload.budget
    where = (
        f"values.{key.switch.path if key.switch else key.block} is not set" if key else "the chart has no key for one"
    )
    return fails(f"no budget selects its pods: {where}, and no PodDisruptionBudget beside the release does")


def _makes(pods: Pods, budget: Budget | None) -> bool | None:
    """Whether the chart itself makes a budget."""
    if budget is None:
        return False
    if budget.switch is not None:
        switch = pods.value(budget.switch)
        return None if switch.unknown else switch.content is True
    if not budget.block or budget.most is not None or budget.least is not None:
        return True
    block = pods.value(Key(budget.block))
    return None if block.unknown else not block.missing


def _room(pods: Pods, budget: Budget) -> Verdict:
    if not budget.block:
        return passes("the chart's own budget lets one pod go")
    most, least = (
        _bare(pods.value(Key(f"{budget.block}.{name}", default)))
        for name, default in (("maxUnavailable", budget.most), ("minAvailable", budget.least))
    )
    return room(most, least, pods.replicas())


def _bare(read: Read) -> Read:
    """A number in quotes: templates write it without, and some charts take it no other way."""
    text = read.content
    return Read(read.path, read.state, int(text)) if isinstance(text, str) and text.isdecimal() else read


def _spread(pods: Pods) -> Verdict:
    """The first of the places that says anything must keep the pods apart over zones."""
    reads = [pods.value(Key(path)) for path in pods.workload.spread]
    said = next((read for read in reads if not read.missing and read.content != []), None)
    if said is None:
        if pods.workload.spread_by_default and all(read.missing for read in reads):
            return passes("the chart spreads its pods over zones")
        where = f"none of values.{', values.'.join(pods.workload.spread)} is set" if reads else "the chart has no key"
        return fails(f"nothing spreads its pods over zones: {where}")
    if said.known and isinstance(said.content, str):
        # A template of its own, which the chart renders.
        return passes(f"{said.path} is over zones") if ZONE in said.content else fails(f"{said.path} has no {ZONE}")
    constraints = [spreads(each, pods.labels, ZONE, fills=pods.workload.fills) for each in said.each()]
    found = any_of([*constraints, keeps_apart(said, pods.labels, ZONE)])
    if found:
        return passes(f"{said.path} is over zones")
    if found is None:
        return unproven(f"{said.path}, or the labels of its pods, are not known yet")
    return fails(f"{said.path} keeps no pods with its labels apart over {ZONE} (with maxSkew 1)")


def _resources(read: Read) -> Iterator[Verdict]:
    for path in ("requests.cpu", "requests.memory", "limits.memory"):
        inner = read.at(path)
        if inner.missing:
            # A limit is a request as well.
            limit = read.at(path.replace("requests", "limits"))
            inner = inner if limit.missing else limit
        yield holds(inner, lambda given: given not in ("", 0), "set")


def _probe(read: Read) -> Verdict:
    return holds(read, lambda given: given is True, "true: the chart has the probe off by default")


def _security(pods: Pods, security: Security) -> list[Verdict]:
    own = pods.value(security.container)
    pod = pods.value(security.pod) if security.pod else Read("the pod's", State.MISSING)
    return hardened(own, pod, writable=security.writable)
