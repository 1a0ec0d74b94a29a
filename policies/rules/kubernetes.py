"""Workloads: what an eviction, a lost node and a lost zone leave of them, and what each container asks for.

What a Helm release runs is not in view as objects: resilience/charts.py says what pods it makes, and a chart that it
does not know may make any. The children of a ``kubernetes.helm.v4.Chart`` and of a manifest are objects like all
others.
"""

import math
import re
from collections.abc import Callable, Iterator, Sequence
from functools import lru_cache, partial
from typing import Any, cast

from policies.registry import (
    Option,
    Options,
    Outcome,
    Scope,
    Severity,
    Verdict,
    Verdicts,
    fails,
    holds,
    is_not_true,
    passes,
    rule,
    unproven,
)
from resilience.charts import pods_of
from resilience.graph import UNKNOWN, Graph, Read, Resource, Secret, State, Unknown
from resilience.selectors import (
    HOST,
    RELEASE,
    ZONE,
    Index,
    any_of,
    every,
    has_labels,
    keeps_apart,
    namespace,
    neighbours,
    pair,
    pairs,
    rarest,
    same_namespace,
    selects,
    spreads,
)

DEPLOYMENT = "kubernetes:apps/v1:Deployment"
STATEFUL_SET = "kubernetes:apps/v1:StatefulSet"
ROLLOUT = "kubernetes:argoproj.io/v1alpha1:Rollout"
DAEMON_SET = "kubernetes:apps/v1:DaemonSet"
JOB = "kubernetes:batch/v1:Job"
CRON_JOB = "kubernetes:batch/v1:CronJob"
WORKLOADS = (DEPLOYMENT, STATEFUL_SET, ROLLOUT)
"""What serves, and is there in several. A Rollout is Argo's Deployment."""
POD_MAKERS = (*WORKLOADS, DAEMON_SET, JOB, CRON_JOB)
BUDGET = "kubernetes:policy/v1:PodDisruptionBudget"
SCALED_OBJECT = "kubernetes:keda.sh/v1alpha1:ScaledObject"
SCALERS = (
    *(f"kubernetes:autoscaling/{version}:HorizontalPodAutoscaler" for version in ("v1", "v2", "v2beta1", "v2beta2")),
    SCALED_OBJECT,
)
SERVICE = "kubernetes:core/v1:Service"
BINDING = "kubernetes:elbv2.k8s.aws/v1beta1:TargetGroupBinding"
PRIORITY_CLASS = "kubernetes:scheduling.k8s.io/v1:PriorityClass"
NETWORK_POLICY = "kubernetes:networking.k8s.io/v1:NetworkPolicy"
STORAGE_CLASS = "kubernetes:storage.k8s.io/v1:StorageClass"
CLAIM = "kubernetes:core/v1:PersistentVolumeClaim"
SCHEDULE = "kubernetes:velero.io/v1:Schedule"
BACKUP_PLAN = "gcp:gkebackup/backupPlan:BackupPlan"
CLUSTERS = ("gcp:container/cluster:Cluster", "aws:eks/cluster:Cluster")
"""What a provider's kubeconfig may be computed from; plans of Backup for GKE are of the first."""
POD = "kubernetes:core/v1:Pod"
OPERATED: dict[str, dict[str, str] | None] = {
    "kubernetes:argoproj.io/v1alpha1:EventBus": {
        "controller": "eventbus-controller",
        "eventbus-name": "{name}",
        "owner-name": "{name}",
    },
    "kubernetes:argoproj.io/v1alpha1:EventSource": {
        "controller": "eventsource-controller",
        "eventsource-name": "{name}",
        "owner-name": "{name}",
    },
    "kubernetes:argoproj.io/v1alpha1:Sensor": {
        "controller": "sensor-controller",
        "sensor-name": "{name}",
        "owner-name": "{name}",
    },
    "kubernetes:monitoring.coreos.com/v1:Alertmanager": None,
    "kubernetes:monitoring.coreos.com/v1:Prometheus": None,
    "kubernetes:opentelemetry.io/v1beta1:OpenTelemetryCollector": None,
    "kubernetes:serving.kserve.io/v1beta1:InferenceService": {
        "app": "isvc.{name}-predictor",
        "component": "predictor",
        "serving.kserve.io/inferenceservice": "{name}",
    },
}
"""Objects of which an operator makes pods, and the labels that it gives them; None: there is more to know than a name.
argoproj/argo-events, pkg/reconciler; kserve/kserve, pkg/constants (read 2026-11)."""
SINGLETON = "tandem.dev/singleton"
"""Annotation of a workload that there may be only one of, with the reason."""
PRIVILEGES = "tandem.dev/privileges"
"""Annotation of a workload that needs more than the restricted rights, with the reason."""
PRE_STOP = "tandem.dev/pre-stop-seconds"
"""Annotation of a workload whose pre-stop hook is a program, with the longest time that it takes."""
GPU = "nvidia.com/gpu"
ZONE_LABELS = (
    ZONE,
    "failure-domain.beta.kubernetes.io/zone",
    "topology.k8s.aws/zone-id",
    "topology.ebs.csi.aws.com/zone",
)
OWN_CLASSES = ("system-cluster-critical", "system-node-critical")
"""Priority classes that every cluster has. Nobody else may make one whose name begins like theirs: kubernetes.io, "Pod
Priority and Preemption"."""
NODE_LOSS = ("node.kubernetes.io/not-ready", "node.kubernetes.io/unreachable")
REGIONAL_STORAGE = ("efs.csi.aws.com", "s3.csi.aws.com", "secrets-store.csi.k8s.io")
"""Provisioners of volumes that are in no single zone."""
HANDLERS = ("httpGet", "grpc", "tcpSocket", "exec")
GRAPHS = 4
"""So many are remembered by what stands in them: one is put to all rules, then the next."""


# What there is several of.


@rule(
    "K8S-01",
    title="A workload has at least two replicas",
    why="With one pod, losing its node is losing the service until another pod is up, and so is every update of the "
    "node.",
    fix=f"replicas=2 or more in its spec, or min_replicas of its autoscaler; what can only be one carries the "
    f"annotation {SINGLETON} with the reason",
    severity=Severity.HIGH,
    scope=Scope.STACK,
    types=WORKLOADS,
    frameworks=["kube-linter minimum-three-replicas", "Polaris deploymentMissingReplicas", "Datree K8s replicas"],
    options={"minReplicas": Option(2, 2, 9, "Fewest replicas, or fewest that an autoscaler keeps.")},
)
def replicated(workload: Resource, graph: Graph, options: Options) -> Verdicts:
    """Count its replicas, or the least of its autoscaler; Kubernetes takes one where none is said."""
    reason = _annotation(workload, SINGLETON)
    if reason.unknown:
        yield unproven(f"{reason.path} is not known yet")
    elif reason.content:
        yield passes(f"a singleton: {reason.content}")
    else:
        least = options["minReplicas"]
        yield holds(_replicas(workload, graph), lambda number: int(number) >= least, f"at least {least}", default=1)


@rule(
    "K8S-02",
    title="A replicated workload has a disruption budget",
    why="Draining nodes for an update may evict every replica at once; only a PodDisruptionBudget keeps some.",
    fix="kubernetes.policy.v1.PodDisruptionBudget in its namespace whose selector matches its pods' labels",
    severity=Severity.HIGH,
    scope=Scope.STACK,
    types=WORKLOADS,
    frameworks=["Polaris missingPodDisruptionBudget"],
)
def has_budget(workload: Resource, graph: Graph, _: Options) -> Verdicts:
    """Find a budget whose labels and expressions match, in the same namespace of the same cluster."""
    replicas = _replicas(workload, graph)
    if replicas.unknown:
        yield unproven(f"{replicas.path} is not known yet")
        return
    if not _several(replicas):
        return
    labels = _labels(workload)
    matching, doubts = _budgets_of(workload, labels, graph)
    if matching:
        yield passes(f"{_names(matching)} selects its pods")
    elif doubts:
        yield unproven(f"whether {_names(doubts)} selects its pods is not known yet (namespace, selector or labels)")
    else:
        yield fails(f"no PodDisruptionBudget in its namespace selects pods with the labels {labels.shown()}")


@rule(
    "K8S-03",
    title="A disruption budget lets one pod go, and not all",
    why="A budget that allows nothing blocks every node update until someone deletes it; one that says nothing "
    "protects nothing.",
    fix="max_unavailable=1",
    severity=Severity.HIGH,
    scope=Scope.STACK,
    types=[BUDGET],
    frameworks=["kube-linter pdb-max-unavailable", "kube-linter pdb-min-available"],
)
def budget_leaves_room(budget: Resource, graph: Graph, _: Options) -> Verdicts:
    """Compare the budget with the replicas of what it selects."""
    most, least = budget.read("spec.maxUnavailable"), budget.read("spec.minAvailable")
    alone = room(most, least, None)
    if alone.outcome is not Outcome.UNPROVEN:
        yield alone
        return
    counted: list[tuple[str, Read]] = []
    for made in _pods(graph).near(budget, pair(budget.read("spec.selector").field("matchLabels"))):
        if every([same_namespace(made.of, budget, graph), selects(budget.read("spec.selector"), made.labels)]):
            counted.append((made.name, made.replicas))
    if not counted:
        yield alone
    for name, replicas in counted:
        verdict = room(most, least, replicas)
        yield Verdict(verdict.outcome, f"{name}: {verdict.evidence}")


def room(most: Read, least: Read, replicas: Read | None) -> Verdict:
    """Whether a budget lets a pod go, and keeps one.

    Args:
        most: maxUnavailable, which counts if both are said.
        least: minAvailable.
        replicas: Of what it selects; None: nothing of it is in view.
    """
    if most.unknown:
        return unproven(f"{most.path} is not known yet")
    if most.known:
        allowed = _share(most, 100)
        if allowed is None or allowed < 1:
            return fails(f"{most.path} is {most.shown()}; it must be at least 1")
        if str(most.content) == "100%":
            return fails(f'{most.path} is "100%": every pod may go at once')
        if _share(most, 2) == 1:
            # It keeps one of two, and so some of more; of a single pod, that must go, it keeps none.
            return passes(f"{most.path} is {most.shown()}")
    elif not least.known:
        return (
            unproven(f"{least.path} is not known yet")
            if least.unknown
            else fails(f"neither {most.path} nor {least.path} is set")
        )
    elif str(least.content) in ("0", "0%"):
        return fails(f"{least.path} is {least.shown()}: every pod may go at once")
    said = most if most.known else least
    if replicas is None or replicas.unknown:
        what = "what it selects is not in view" if replicas is None else f"{replicas.path} is not known yet"
        return unproven(f"{said.path} is {said.shown()}, and {what}")
    number = _number(replicas, 1)
    share = _share(said, number)
    seen = f"{said.path} is {said.shown()} of {number} replicas"
    whole = share is None or share >= number
    if most.missing:
        return fails(seen) if whole else passes(seen)
    return fails(f"{seen}: every pod may go at once") if whole and number > 1 else passes(seen)


@rule(
    "K8S-04",
    title="A disruption budget selects pods",
    why="One that selects none looks like protection in every list, and protects nothing: a label was changed, or "
    "misspelt.",
    fix="the labels of the pods' template in the budget's selector, in the pods' namespace",
    severity=Severity.HIGH,
    scope=Scope.STACK,
    types=[BUDGET],
)
def budget_selects(budget: Resource, graph: Graph, _: Options) -> Verdicts:
    """Put its selector to the pods of the namespace's workloads and releases."""
    selector = budget.read("spec.selector")
    yield _meets(
        budget, graph, selector.field("matchLabels"), partial(selects, selector), f"its selector {selector.shown()}"
    )


@rule(
    "K8S-05",
    title="No pod is under two disruption budgets",
    why="The eviction API answers with an error where two budgets select a pod: no node with it can be drained.",
    fix="one PodDisruptionBudget a workload, with a selector that no other workload's labels match",
    severity=Severity.HIGH,
    scope=Scope.STACK,
    types=WORKLOADS,
)
def one_budget(workload: Resource, graph: Graph, _: Options) -> Verdicts:
    """Count the budgets that select its pods."""
    matching, doubts = _budgets_of(workload, _labels(workload), graph)
    names = _names(matching) or "none"
    if len(matching) > 1:
        yield fails(f"{names} select its pods")
    elif doubts and len(matching) + len(doubts) > 1:
        yield unproven(f"{names} selects its pods; whether {_names(doubts)} does too is not known yet")
    else:
        yield passes(f"budgets that select its pods: {names}")


@rule(
    "K8S-06",
    title="Replicas are spread over zones",
    why="The scheduler may put every replica into one zone, and losing it takes them all.",
    fix="topology_spread_constraints with topology_key topology.kubernetes.io/zone, max_skew 1 and the pods' labels, "
    "or an anti-affinity over that key",
    severity=Severity.HIGH,
    scope=Scope.STACK,
    types=WORKLOADS,
    frameworks=["Polaris topologySpreadConstraint", "AWS Well-Architected REL10-BP01"],
)
def spread_over_zones(workload: Resource, graph: Graph, _: Options) -> Verdicts:
    """Find a constraint or an anti-affinity over zones whose selector matches the pods."""
    yield from _spread(workload, graph, ZONE)


@rule(
    "K8S-07",
    title="Replicas are kept on different nodes",
    why="Nodes fail more often than zones: two replicas on one node are one replica.",
    fix="topology_spread_constraints with topology_key kubernetes.io/hostname, max_skew 1 and the pods' labels, or an "
    "anti-affinity over that key",
    severity=Severity.MEDIUM,
    scope=Scope.STACK,
    types=WORKLOADS,
    frameworks=["kube-linter no-anti-affinity"],
)
def spread_over_hosts(workload: Resource, graph: Graph, _: Options) -> Verdicts:
    """Find a constraint or an anti-affinity over nodes whose selector matches the pods."""
    yield from _spread(workload, graph, HOST)


def _spread(workload: Resource, graph: Graph, topology: str) -> Verdicts:
    replicas = _replicas(workload, graph)
    if not _several(replicas):
        return
    pod, labels = _pod(workload), _labels(workload)
    constraints = pod.field("topologySpreadConstraints").each()
    answers = [spreads(constraint, labels, topology) for constraint in constraints]
    found = any_of([*answers, keeps_apart(pod.field("affinity"), labels, topology)])
    if found:
        yield passes(f"a constraint or an anti-affinity over {topology} matches its pods")
    elif found is None or replicas.unknown:
        yield unproven(f"{replicas.path}, a topology spread constraint or the affinity is not known yet")
    else:
        yield fails(
            f"none of {len(constraints)} constraints has {topology}, maxSkew 1 and a selector that matches its pods, "
            f"and no anti-affinity does"
        )


# What each container says of itself.


@rule(
    "K8S-08",
    title="A container that serves says when it is ready",
    why="Without a readiness probe requests are sent to a pod from the moment it starts, and to one that cannot "
    "answer.",
    fix="readiness_probe on every container with ports",
    severity=Severity.HIGH,
    scope=Scope.STACK,
    types=WORKLOADS,
    frameworks=["Checkov CKV_K8S_9", "kube-linter no-readiness-probe", "Polaris readinessProbeMissing"],
)
def ready(workload: Resource, graph: Graph, _: Options) -> Verdicts:
    """Look at containers with ports; where none has one and a Service selects the pods, at the first."""
    containers = _containers(workload)
    serving = [each for each in containers if each.field("ports").unknown or each.field("ports").content]
    if not serving and _served(workload, graph) is not False:
        serving = containers[:1]
    for container in serving:
        yield _set(container.field("readinessProbe"), container)


@rule(
    "K8S-09",
    title="A container that hangs is started again",
    why="Only a liveness probe restarts what runs and does nothing. One that is the same as the readiness probe "
    "restarts whatever is merely busy, all replicas at once under load.",
    fix="liveness_probe on every container, of another path or with a higher failure_threshold than its "
    "readiness_probe",
    severity=Severity.MEDIUM,
    scope=Scope.RESOURCE,
    types=WORKLOADS,
    frameworks=[
        "Checkov CKV_K8S_8",
        "kube-linter no-liveness-probe",
        "Polaris livenessProbeMissing",
        "AWS Well-Architected REL11-BP03",
    ],
)
def alive(workload: Resource, _: Graph, __: Options) -> Verdicts:
    """Look for the probe, and compare it with the other."""
    for container in _containers(workload):
        live, ready_ = container.field("livenessProbe"), container.field("readinessProbe")
        if not live.known:
            yield _set(live, container)
        elif ready_.missing:
            yield passes(f"{live.path} is set")
        elif live.content == ready_.content and not _hides(live.content):
            yield fails(f"{live.path} is the same as the readiness probe")
        elif ready_.unknown or _hides(live.content) or _hides(ready_.content):
            yield unproven(f"{live.path} or the readiness probe is not known yet, so neither whether they differ")
        else:
            yield passes(f"{live.path} differs from the readiness probe")


@rule(
    "K8S-10",
    title="A model server is given the time that its weights take",
    why="Without a startup probe a liveness probe kills a server that still loads its model, again and again.",
    fix="startup_probe with failure_threshold times period_seconds of at least the time to load",
    severity=Severity.HIGH,
    scope=Scope.RESOURCE,
    types=WORKLOADS,
    options={"minSeconds": Option(300, 10, 7200, "Shortest time that a container with a GPU is given to start.")},
)
def time_to_load(workload: Resource, _: Graph, options: Options) -> Verdicts:
    """Multiply failures and period of each container that has GPUs."""
    for container in _containers(workload):
        has = _has_gpu(container)
        if has is None:
            yield unproven(f"{container.path}.resources is not known yet, and so whether it has a GPU")
        elif has:
            yield _startup(container.field("startupProbe"), options["minSeconds"])


def _startup(probe: Read, least: int) -> Verdict:
    if not probe.known:
        return _set(probe, probe)
    # Kubernetes' own: three failures, ten seconds apart, from the start.
    defaults = {"failureThreshold": 3, "periodSeconds": 10, "initialDelaySeconds": 0}
    parts = [(probe.field(name), number) for name, number in defaults.items()]
    for part, _ in parts:
        if part.unknown:
            return unproven(f"{part.path} is not known yet")
    failures, period, delay = (_number(part, number) for part, number in parts)
    seconds = failures * period + delay
    seen = f"{probe.path} gives {seconds} s"
    return passes(seen) if seconds >= least else fails(f"{seen}; it must be at least {least}")


@rule(
    "K8S-11",
    title="A container says how much CPU and memory it needs",
    why="A pod without requests is put on a node that has no room for it, and is the first to be evicted from it.",
    fix='resources={"requests": {"cpu": "250m", "memory": "512Mi"}} on every container',
    severity=Severity.HIGH,
    scope=Scope.RESOURCE,
    types=POD_MAKERS,
    frameworks=["Checkov CKV_K8S_10", "Polaris cpuRequestsMissing", "kube-linter unset-cpu-requirements"],
)
def requests(workload: Resource, _: Graph, __: Options) -> Verdicts:
    """Look at every container; a limit alone is a request too."""
    for container in _containers(workload):
        for what in ("cpu", "memory"):
            asked, limit = (container.field("resources").field(side).field(what) for side in ("requests", "limits"))
            yield _set(limit if asked.missing and not limit.missing else asked, container)


@rule(
    "K8S-12",
    title="A container has a limit on memory, and one on a GPU node a GPU",
    why="A leak without a limit takes the node's memory from everybody on it. A pod that may go to GPU nodes and asks "
    "for no GPU keeps one that nobody else can use.",
    fix='resources={"limits": {"memory": "512Mi"}}, and "nvidia.com/gpu": "1" where the pod tolerates that taint',
    severity=Severity.MEDIUM,
    scope=Scope.RESOURCE,
    types=POD_MAKERS,
    frameworks=["Checkov CKV_K8S_12", "Polaris memoryLimitsMissing", "kube-linter unset-memory-requirements"],
)
def limits(workload: Resource, _: Graph, __: Options) -> Verdicts:
    """Look at every container, and at the pod's tolerations; what runs on every node needs no GPU of its own."""
    containers = _containers(workload)
    for container in containers:
        yield _set(container.field("resources").field("limits").field("memory"), container)
    tolerates = [toleration.field("key") for toleration in _pod(workload).field("tolerations").each()]
    if workload.type != DAEMON_SET and any(key.content == GPU for key in tolerates):
        gpus = any_of([_has_gpu(container) for container in containers])
        if gpus:
            yield passes("a container has a GPU")
        elif gpus is None:
            yield unproven("whether a container asks for a GPU is not known yet")
        else:
            yield fails(f"it tolerates {GPU}, and no container asks for a GPU")


@rule(
    "K8S-13",
    title="A workload has a priority class that exists",
    why="With a zone gone there is too little room: what has no priority is as important as a batch step. A class "
    "that does not exist keeps every pod from being made; whether one of another program does, nobody can say here.",
    fix="priority_class_name of a kubernetes.scheduling.v1.PriorityClass of this program, or system-cluster-critical",
    severity=Severity.MEDIUM,
    scope=Scope.STACK,
    types=POD_MAKERS,
    frameworks=["kube-linter priority-class-name", "Polaris priorityClassNotSet"],
)
def priority(workload: Resource, graph: Graph, _: Options) -> Verdicts:
    """Look the class up among those of the same cluster."""
    yield has_class(_pod(workload).field("priorityClassName"), workload, graph)


def has_class(name: Read, resource: Resource, graph: Graph) -> Verdict:
    """Whether a priority class is named, and is there in the cluster of a resource."""
    if name.unknown:
        return unproven(f"{name.path} is not known yet")
    if name.missing or name.content == "":
        return fails(f"{name.path} is not set")
    text = str(name.content)
    if text in OWN_CLASSES:
        return passes(f"{name.path} is {name.shown()}, Kubernetes' own")
    if text.startswith("system-"):
        return fails(f"{name.path} is {name.shown()}; of such names Kubernetes has {' and '.join(OWN_CLASSES)} alone")
    names = [(each, each.read("metadata.name")) for each in graph.of(PRIORITY_CLASS) if _same_cluster(each, resource)]
    if any(read.content == text for _, read in names):
        return passes(f"{name.path} is {name.shown()}")
    unknown = next((each for each, read in names if not read.known), None)
    if unknown:
        return unproven(f"{name.path} is {name.shown()}, and the name of {unknown.name} is not known yet")
    return unproven(f"{name.path} is {name.shown()}; no such PriorityClass is in view, and another program may make it")


@rule(
    "K8S-14",
    title="An update keeps the pods that serve",
    why="An update that takes replicas away before the new ones answer is an outage of its own; Recreate takes all.",
    fix='strategy={"type": "RollingUpdate", "rolling_update": {"max_unavailable": 0, "max_surge": "25%"}}',
    severity=Severity.MEDIUM,
    scope=Scope.STACK,
    types=[DEPLOYMENT, ROLLOUT],
    frameworks=["kube-linter no-rolling-update-strategy"],
    options={"maxPercent": Option(25, 0, 99, "Most replicas, in percent, that an update may take away at once.")},
)
def rolls(workload: Resource, graph: Graph, options: Options) -> Verdicts:
    """Read the strategy; Kubernetes and Argo Rollouts take a quarter away where nothing is said."""
    replicas = _replicas(workload, graph)
    if not _several(replicas):
        # Of a single pod that must never be two, Recreate is right.
        return
    strategy = workload.read("spec.strategy")
    kind = strategy.field("type")
    if kind.content == "Recreate":
        yield fails(f"{kind.path} is Recreate: no replica is left while it updates")
        return
    if not strategy.field("blueGreen").missing:
        yield passes("a blue/green update keeps all")
        return
    most = strategy.field("canary" if workload.type == ROLLOUT else "rollingUpdate").field("maxUnavailable")
    percent = options["maxPercent"]
    if kind.unknown or most.unknown or (replicas.unknown and isinstance(most.content, int) and most.content):
        unknown = next(read for read in (kind, most, replicas) if read.unknown)
        yield unproven(f"{unknown.path} is not known yet")
        return
    yield holds(
        most,
        lambda given: _percent(given, replicas.content) <= percent,
        f"at most {percent} % of the replicas, or 0",
        default="25%",
    )


@rule(
    "K8S-15",
    title="An autoscaler keeps two replicas, and can add some",
    why="One that goes down to one pod, or none, undoes what replicas are for; one whose most is its least does "
    "nothing.",
    fix="min_replicas=2 or more and max_replicas above it (min_replica_count and max_replica_count of a ScaledObject)",
    severity=Severity.HIGH,
    scope=Scope.RESOURCE,
    types=SCALERS,
    frameworks=[
        "kube-linter hpa-minimum-three-replicas",
        "Polaris hpaMinAvailability",
        "Polaris hpaMaxAvailability",
        "AWS Well-Architected REL07-BP01",
    ],
    options={"minReplicas": Option(2, 1, 9, "Fewest replicas that an autoscaler keeps.")},
)
def scales(scaler: Resource, _: Graph, options: Options) -> Verdicts:
    """Compare both ends; KEDA takes 0 and 100 where nothing is said, Kubernetes 1 and refuses."""
    keda = scaler.type == SCALED_OBJECT
    low, high = (scaler.read(f"spec.{end}{'ReplicaCount' if keda else 'Replicas'}") for end in ("min", "max"))
    least, unsaid = options["minReplicas"], 0 if keda else 1
    yield holds(low, lambda number: number >= least, f"at least {least}", default=unsaid)
    floor = _number(low, unsaid)
    if low.unknown and high.known:
        yield unproven(f"{low.path} is not known yet, and so whether {high.path} is above it")
    else:
        yield holds(high, lambda number: number > floor, f"above {low.path}, {floor}", default=100 if keda else None)


@rule(
    "K8S-16",
    title="An autoscaler has something to scale",
    why="One that names a workload that is not there scales nothing, and says so only in its events.",
    fix="scale_target_ref with the kind and metadata.name of a workload of its namespace",
    severity=Severity.HIGH,
    scope=Scope.STACK,
    types=SCALERS,
    frameworks=["kube-linter dangling-horizontalpodautoscaler"],
)
def scales_something(scaler: Resource, graph: Graph, _: Options) -> Verdicts:
    """Look its target up among workloads of the namespace; a release names its own after itself."""
    target = scaler.read("spec.scaleTargetRef")
    name, kind = target.field("name"), target.field("kind")
    unknown = next((read for read in (name, kind) if read.unknown), None)
    if unknown:
        yield unproven(f"{unknown.path} is not known yet")
        return
    wanted = str(kind.content or "Deployment")
    doubts: list[str] = []
    for workload in _named(graph).near(scaler, [str(name.content)]):
        if workload.type.rpartition(":")[2] != wanted:
            continue
        if same_namespace(scaler, workload, graph) and workload.read("metadata.name").known:
            yield passes(f"{workload.name} is its target")
            return
        doubts.append(workload.name)
    for release in neighbours(scaler, graph, RELEASE):
        called, near = release.read("name"), same_namespace(scaler, release, graph)
        # Templates name what they make after the release; what exactly, no value says.
        if near and called.known and str(name.content).startswith(str(called.content)):
            yield passes(f"{name.content} is one of the release {called.content}")
            return
        if near is None or not called.known or pods_of(release) is None:
            doubts.append(release.name)
    if doubts:
        yield unproven(f"whether {', '.join(doubts)} is, or makes, the {wanted} {name.shown()} is not known")
    else:
        yield fails(f"there is no {wanted} {name.shown()} in its namespace")


@rule(
    "K8S-17",
    title="A pod has the time to end what it began",
    why="What is in flight when the grace period is over is killed: the wait before the signal counts into it.",
    fix=f"termination_grace_period_seconds of at least the pre_stop wait and the longest request together; a hook "
    f"that is a program carries how long it takes in the workload's annotation {PRE_STOP}",
    severity=Severity.MEDIUM,
    scope=Scope.RESOURCE,
    types=WORKLOADS,
    options={"drainSeconds": Option(10, 0, 3600, "Time that requests in flight are given after the pre-stop wait.")},
)
def ends_in_time(workload: Resource, _: Graph, options: Options) -> Verdicts:
    """Add the longest pre-stop wait and the drain; Kubernetes gives thirty seconds where nothing is said."""
    said = _annotation(workload, PRE_STOP)
    hooks = [container.field("lifecycle").field("preStop") for container in _containers(workload)]
    waits = [said if hook.known and str(said.content).isdecimal() else _pre_stop(hook) for hook in hooks]
    for wait in waits:
        if wait.unknown:
            yield unproven(f"{wait.path} is not known, and so how long it takes")
            return
    longest = max([0, *(int(wait.content) for wait in waits if wait.known)])
    drain = options["drainSeconds"]
    wanted = f"at least {longest + drain}: {longest} before the signal, and {drain} after it"
    grace = _pod(workload).field("terminationGracePeriodSeconds")
    yield holds(grace, lambda seconds: seconds >= longest + drain, wanted, default=30)


def _pre_stop(hook: Read) -> Read:
    """Seconds that a hook waits; 0 if there is none, UNKNOWN if nobody can say."""
    if not hook.known:
        return hook
    sleep = hook.field("sleep").field("seconds")
    if not sleep.missing:
        return sleep
    words = hook.field("exec").field("command").each()
    command = " ".join(str(word.content) for word in words)
    found = re.findall(r"\bsleep\s+(\d+)(?:\s|;|&|$)", command)
    if found and not any(word.unknown for word in words):
        return Read(hook.path, State.VALUE, sum(int(seconds) for seconds in found))
    return Read(hook.path, State.UNKNOWN)


@rule(
    "K8S-18",
    title="A volume is made where its pod is",
    why="A volume that is made at once is made in any zone, and its pod can then only ever run in that one.",
    fix='volume_binding_mode="WaitForFirstConsumer" on kubernetes.storage.v1.StorageClass',
    severity=Severity.HIGH,
    scope=Scope.RESOURCE,
    types=[STORAGE_CLASS],
)
def binds_late(storage: Resource, _: Graph, __: Options) -> Verdicts:
    """Read the binding mode; Kubernetes binds at once. File systems of a whole region may."""
    provisioner = storage.read("provisioner")
    if provisioner.known and provisioner.content in REGIONAL_STORAGE:
        yield passes(f"{provisioner.content} makes volumes that every zone reaches")
        return
    mode = storage.read("volumeBindingMode")
    yield holds(mode, lambda given: given == "WaitForFirstConsumer", "WaitForFirstConsumer", default="Immediate")


@rule(
    "K8S-19",
    title="What keeps data in volumes is backed up",
    why="A volume is in one zone, and a snapshot of a disk knows neither the claims nor the objects around it.",
    fix="a velero.io Schedule (or schedules in the values of the velero chart) whose included_namespaces has the "
    "namespace; on GKE a gcp.gkebackup.BackupPlan of all namespaces, or of this, with include_volume_data",
    severity=Severity.HIGH,
    scope=Scope.STACK,
    types=[STATEFUL_SET, CLAIM],
    frameworks=["Kyverno backup-all-volumes", "AWS Well-Architected REL09-BP01"],
)
def backed_up(resource: Resource, graph: Graph, _: Options) -> Verdicts:
    """Find a schedule, or a plan of Backup for GKE, of the same cluster that takes its namespace and is not off."""
    if resource.type == STATEFUL_SET and resource.read("spec.volumeClaimTemplates").missing:
        return
    home = namespace(resource)
    plans = [(plan.name, _plan_takes(plan, resource, graph)) for plan in graph.of(BACKUP_PLAN)]
    planned = next((name for name, takes in plans if takes), "")
    if planned:
        yield passes(f"{planned} takes its namespace")
        return
    doubts = [name for name, takes in plans if takes is None]
    for name, template, paused in _schedules(graph, resource):
        included, excluded = template.field("includedNamespaces"), template.field("excludedNamespaces")
        inside = any_of([True] if included.missing else [_is_in(home, each) for each in included.each()])
        takes = every([inside, _not(any_of([_is_in(home, each) for each in excluded.each()])), _not(paused)])
        if takes:
            yield passes(f"{name} takes its namespace")
            return
        if takes is None:
            doubts.append(name)
    if doubts:
        yield unproven(f"whether {', '.join(doubts)} takes its namespace is not known yet")
    else:
        yield fails(f"no schedule of Velero or Backup for GKE takes the namespace {str(home.content or 'default')!r}")


def _plan_takes(plan: Resource, resource: Resource, graph: Graph) -> bool | None:
    """Whether a plan of Backup for GKE is of a resource's cluster, on, and takes volumes of its namespace."""
    provider = graph.get(resource.provider.urn) if resource.provider else None
    clusters = graph.targets(provider, "kubeconfig", *CLUSTERS) if provider else ()
    its = graph.targets(plan, "cluster", *CLUSTERS)
    # One that leads to no cluster in view may be of this; a cluster of another cloud's is not.
    hidden = not clusters or (not its and any(each.type == CLUSTERS[0] for each in clusters))
    config, schedule = plan.read("backupConfig"), plan.read("backupSchedule")
    times = [schedule.field("cronSchedule"), schedule.at("rpoConfig.targetRpoMinutes")]
    chosen = [config.field(name) for name in ("selectedNamespaceLabels", "selectedApplications")]
    home, named = namespace(resource), config.at("selectedNamespaces.namespaces").each()
    return every(
        [
            None if hidden else any(each in its for each in clusters),
            any_of([None if each.unknown else bool(each.content) for each in times]),
            _not(any_of([_truth(plan.read("deactivated")), _truth(schedule.field("paused"))])),
            _truth(config.field("includeVolumeData")),
            any_of(
                [
                    _truth(config.field("allNamespaces")),
                    *(_is_in(home, each) for each in named),
                    *(None for each in chosen if each.content or each.unknown),
                ]
            ),
        ]
    )


def _schedules(graph: Graph, resource: Resource) -> Iterator[tuple[str, Read, bool | None]]:
    for schedule in graph.of(SCHEDULE):
        if _same_cluster(schedule, resource):
            yield schedule.name, schedule.read("spec.template"), _truth(schedule.read("spec.paused"))
    for release in graph.of(RELEASE):
        if not _same_cluster(release, resource) or str(release.read("chart").content).rpartition("/")[2] != "velero":
            continue
        schedules = release.read("values.schedules")
        if schedules.unknown:
            yield release.name, schedules, None
        for name, schedule in schedules.fields().items():
            off = [_truth(schedule.field("disabled")), _truth(schedule.field("paused"))]
            yield f"{name} of {release.name}", schedule.field("template"), any_of(off)


@rule(
    "K8S-20",
    title="No pod stands by itself",
    why="Nobody makes a pod anew that no workload owns: with its node it is gone.",
    fix="kubernetes.apps.v1.Deployment, or kubernetes.batch.v1.Job for what ends",
    severity=Severity.HIGH,
    scope=Scope.RESOURCE,
    types=[POD],
    frameworks=["AWS Well-Architected REL11-BP03"],
)
def no_naked_pod(pod: Resource, _: Graph, __: Options) -> Verdicts:
    """There must be none, but for one that something owns."""
    owners = pod.read("metadata.ownerReferences")
    if owners.unknown:
        yield unproven(f"{owners.path} is not known yet")
    elif owners.content:
        yield passes("something owns it")
    else:
        yield fails("it is a pod that nothing owns")


@rule(
    "K8S-21",
    title="A disruption budget lets ill pods go",
    why="By default a pod that is not ready counts as lost already: where one does not get well, no node of the "
    "others can be drained, nor its own.",
    fix='unhealthy_pod_eviction_policy="AlwaysAllow"',
    severity=Severity.MEDIUM,
    scope=Scope.RESOURCE,
    types=[BUDGET],
    frameworks=["kube-linter pdb-unhealthy-pod-eviction-policy"],
)
def lets_ill_pods_go(budget: Resource, _: Graph, __: Options) -> Verdicts:
    """Read the policy; Kubernetes takes IfHealthyBudget."""
    policy = budget.read("spec.unhealthyPodEvictionPolicy")
    yield holds(policy, lambda given: given == "AlwaysAllow", "AlwaysAllow", default="IfHealthyBudget")


@rule(
    "K8S-22",
    title="Pods of a lost node start elsewhere soon",
    why="Kubernetes waits five minutes before it moves the pods of a node that no longer answers.",
    fix="tolerations of node.kubernetes.io/not-ready and node.kubernetes.io/unreachable with effect NoExecute and "
    "toleration_seconds=30",
    severity=Severity.MEDIUM,
    scope=Scope.RESOURCE,
    types=WORKLOADS,
    options={"maxSeconds": Option(60, 0, 299, "Longest time that a pod stays on a node that does not answer.")},
)
def leaves_lost_nodes(workload: Resource, _: Graph, options: Options) -> Verdicts:
    """Find the tolerations of both taints; without one Kubernetes adds 300 seconds."""
    tolerations = _pod(workload).field("tolerations").each()
    most = options["maxSeconds"]
    for taint in NODE_LOSS:
        matching = [(each, _tolerates(each, taint)) for each in tolerations]
        found = next((each for each, answer in matching if answer), None)
        if found is not None:
            seconds = found.field("tolerationSeconds")
            yield holds(seconds, lambda given: given <= most, f"at most {most}")
        elif any(answer is None for _, answer in matching):
            yield unproven(f"whether a toleration is of {taint} is not known yet")
        else:
            yield fails(f"it says nothing of {taint}, and so stays 300 s; it must be at most {most}")


def _tolerates(toleration: Read, taint: str) -> bool | None:
    key, effect = toleration.field("key"), toleration.field("effect")
    if key.unknown or effect.unknown:
        return None
    everything = key.missing and toleration.field("operator").content == "Exists"
    return (everything or key.content == taint) and effect.content in (None, "NoExecute")


@rule(
    "K8S-23",
    title="A workload is tied to no single zone",
    why="What may run in one zone alone is gone with it.",
    fix="no zone in node_selector, and two or more values where a node affinity names zones",
    severity=Severity.HIGH,
    scope=Scope.RESOURCE,
    types=WORKLOADS,
    frameworks=["AWS Well-Architected REL10-BP01"],
)
def in_no_single_zone(workload: Resource, _: Graph, __: Options) -> Verdicts:
    """Look at the node selector and at required node affinities."""
    pod = _pod(workload)
    selector = pod.field("nodeSelector")
    required = pod.field("affinity").field("nodeAffinity").field("requiredDuringSchedulingIgnoredDuringExecution")
    unknown = next((read for read in (selector, required) if read.unknown), None)
    if unknown:
        yield unproven(f"{unknown.path} is not known yet")
        return
    label = next((name for name in ZONE_LABELS if not selector.field(name).missing), None)
    terms = [_zones(term) for term in required.field("nodeSelectorTerms").each()]
    if label:
        yield fails(f"nodeSelector has {label}: {selector.field(label).shown()}")
    elif UNKNOWN in terms:
        yield unproven("a required node affinity is not known yet")
    elif terms and None not in terms:
        # Terms are alternatives: together they name what it may run in.
        named = {zone for term in terms for zone in cast("frozenset[str]", term)}
        seen = f"a required node affinity names {', '.join(sorted(named)) or 'no zone'}"
        yield passes(seen) if len(named) > 1 else fails(seen)
    else:
        yield passes("it may run in every zone")


def _zones(term: Read) -> frozenset[str] | Unknown | None:
    """Zones that a term leaves; None if all, UNKNOWN if nobody knows."""
    left: frozenset[str] | None = None
    for expression in term.field("matchExpressions").each():
        key, operator, values = (expression.field(name) for name in ("key", "operator", "values"))
        if key.unknown or (key.content in ZONE_LABELS and operator.unknown):
            return UNKNOWN
        if key.content not in ZONE_LABELS or operator.content != "In":
            continue
        named = values.each()
        if any(value.unknown for value in named) and len(named) < 2:
            return UNKNOWN
        own = frozenset(value.path if value.unknown else str(value.content) for value in named)
        left = own if left is None else left & own
    return UNKNOWN if term.unknown else left


@rule(
    "K8S-24",
    title="A service has pods behind it",
    why="A service that selects none answers nobody, and nothing says so until somebody asks.",
    fix="the labels of the pods' template in the service's selector; service_ref with a Service of the same namespace",
    severity=Severity.HIGH,
    scope=Scope.STACK,
    types=[SERVICE, BINDING],
    frameworks=["kube-linter dangling-service"],
)
def service_has_pods(resource: Resource, graph: Graph, _: Options) -> Verdicts:
    """Put a service's selector to the pods of its namespace; look up the service of a target group binding."""
    if resource.type == BINDING:
        yield _bound(resource, graph)
        return
    selector, kind = resource.read("spec.selector"), resource.read("spec.type")
    if (selector.known and not selector.fields()) or selector.missing or kind.content == "ExternalName":
        # Whoever writes its endpoints answers for them.
        return
    yield _meets(resource, graph, selector, partial(has_labels, selector), f"its selector {selector.shown()}")


def _bound(binding: Resource, graph: Graph) -> Verdict:
    name = binding.read("spec.serviceRef.name")
    if name.unknown:
        return unproven(f"{name.path} is not known yet")
    doubt = ""
    for service in _named(graph).near(binding, [str(name.content)]):
        if service.type != SERVICE:
            continue
        if same_namespace(binding, service, graph) and service.read("metadata.name").known:
            return passes(f"{service.name} is its service")
        doubt = service.name
    for release in neighbours(binding, graph, RELEASE):
        if same_namespace(binding, release, graph):
            return passes(f"{name.content} is a service of {release.name}, if of anything")
        doubt = release.name
    if doubt:
        return unproven(f"whether {doubt} is, or makes, the service {name.shown()} is not known yet")
    return fails(f"there is no service {name.shown()}, and no release that could make it, in its namespace")


@rule(
    "K8S-25",
    title="Every region runs the same workloads",
    why="A workload that is missing in the other region is missing when that region is all there is.",
    fix="the workload in both stacks: what only one of them needs is said in the settings of both, with its reason",
    severity=Severity.HIGH,
    scope=Scope.STACKS,
    types=[*WORKLOADS, RELEASE],
    frameworks=["AWS Well-Architected REL13-BP04"],
)
def in_every_region(resource: Resource, graph: Graph, _: Options) -> Verdicts:
    """Look for its kind, namespace and name in every other stack that runs any."""
    own, everything = _called(resource), _run(graph)
    if len(graph.stacks) == 1:
        # Once is enough.
        first, *_others = graph.of(*WORKLOADS, RELEASE)
        if resource is first:
            yield unproven(f"workloads of other stacks than {resource.stack} are not in view")
        return
    if own is None:
        yield unproven("its name or namespace is not known yet")
        return
    for stack in graph.stacks:
        if stack == resource.stack:
            continue
        there, hidden = everything[stack]
        if own in there:
            yield passes(f"{stack} has it too")
        elif hidden:
            yield unproven(f"{hidden} workloads in {stack} have names or namespaces that are not known yet")
        else:
            yield fails(f"{stack} has no {own[0].rpartition(':')[2]} {own[2]!r} in the namespace {own[1]!r}")


def _called(resource: Resource) -> tuple[str, str, str] | None:
    name = resource.read("name" if resource.type == RELEASE else "metadata.name")
    home = namespace(resource)
    if home.unknown or name.unknown:
        return None
    return (resource.type, str(home.content or "default"), str(name.content or resource.name))


@lru_cache(maxsize=GRAPHS)
def _run(graph: Graph) -> dict[str, tuple[frozenset[tuple[str, str, str]], int]]:
    """What each stack runs, and of how many nobody knows what they are called."""
    found: dict[str, list[tuple[str, str, str] | None]] = {stack: [] for stack in graph.stacks}
    for resource in graph.of(*WORKLOADS, RELEASE):
        found[resource.stack].append(_called(resource))
    return {stack: (frozenset(each for each in all_ if each), all_.count(None)) for stack, all_ in found.items()}


# What each pod may do.


@rule(
    "K8S-26",
    title="An image is pinned",
    why="latest is whatever was pushed last: a pod that is started anew in an outage runs what nobody has tried, and "
    "the other region runs something else.",
    fix='image="repository:1.2.3", or better "repository@sha256:…"',
    severity=Severity.HIGH,
    scope=Scope.RESOURCE,
    types=POD_MAKERS,
    frameworks=["Checkov CKV_K8S_14", "kube-linter latest-tag", "Polaris tagNotSpecified"],
)
def pinned(workload: Resource, _: Graph, __: Options) -> Verdicts:
    """Look at the tag or digest of every container's image, those that run first too."""
    for container in [*_containers(workload), *_containers(workload, "initContainers")]:
        yield holds(container.field("image"), _is_pinned, "an image with a digest, or a tag that is not latest")


def _is_pinned(image: Any) -> bool:
    text = str(image)
    tag = text.rpartition("/")[2].partition(":")[2]
    return "@sha256:" in text or tag not in ("", "latest")


@rule(
    "K8S-27",
    title="A container has no more rights than it needs",
    why="A container that is root, can become it, or can write its own program, is a way into the node and all that "
    "runs on it.",
    fix='security_context={"run_as_non_root": True, "allow_privilege_escalation": False, "read_only_root_filesystem": '
    f'True, "capabilities": {{"drop": ["ALL"]}}}}; what needs more carries the annotation {PRIVILEGES} with the reason',
    severity=Severity.MEDIUM,
    scope=Scope.RESOURCE,
    types=POD_MAKERS,
    frameworks=[
        *("Kubernetes Pod Security Standards restricted", "CIS EKS v1.8.0 4.2.1", "CIS EKS v1.8.0 4.2.5"),
        *("Checkov CKV_K8S_22", "kube-linter run-as-non-root"),
    ],
)
def confined(workload: Resource, _: Graph, __: Options) -> Verdicts:
    """Read each container's security context, and the pod's where that counts."""
    reason = _annotation(workload, PRIVILEGES)
    if reason.content:
        yield passes(f"it needs more: {reason.content}")
        return
    pod = _pod(workload).field("securityContext")
    for container in [*_containers(workload), *_containers(workload, "initContainers")]:
        verdicts = hardened(container.field("securityContext"), pod)
        if reason.unknown:
            bad = any(each.outcome is not Outcome.PASS for each in verdicts)
            yield unproven(f"{reason.path} is not known yet") if bad else passes("all is as it must be")
        else:
            yield from verdicts


def hardened(own: Read, pod: Read, *, writable: str = "") -> list[Verdict]:
    """What a container's security context, and its pod's, say against it.

    Args:
        own: The container's, which comes first.
        pod: The pod's.
        writable: Why its root file system cannot be read-only; empty: it can.
    """
    found = [_rootless(own, pod)]
    found.append(holds(own.field("allowPrivilegeEscalation"), lambda given: given is False, "false"))
    found.append(is_not_true(own.field("privileged")))
    dropped = own.field("capabilities").field("drop")
    found.append(holds(dropped, lambda given: "ALL" in given, 'a list with "ALL"'))
    if not writable:
        found.append(holds(own.field("readOnlyRootFilesystem"), lambda given: given is True, "true"))
    return found


def _rootless(own: Read, pod: Read) -> Verdict:
    """A user other than 0, or the word that it is none; the container's comes before the pod's."""
    says = [side.field("runAsNonRoot") for side in (own, pod)]
    user = next((read for read in (side.field("runAsUser") for side in (own, pod)) if not read.missing), says[0])
    said = next((read for read in says if not read.missing), says[0])
    if said.content is True or (isinstance(user.content, int) and user.content > 0):
        return passes("it does not run as root")
    unknown = next((read for read in (said, user) if read.unknown), None)
    if unknown:
        return unproven(f"{unknown.path} is not known yet")
    return fails(f"{said.path} is {said.shown()}; it must be true, here or for the pod")


@rule(
    "K8S-28",
    title="A workload has a service account of its own",
    why="Whatever the default account of a namespace is given, every pod there has; and rights of AWS are given to "
    "accounts.",
    fix="service_account_name of a kubernetes.core.v1.ServiceAccount, or automount_service_account_token=False where "
    "it needs no rights at all",
    severity=Severity.MEDIUM,
    scope=Scope.RESOURCE,
    types=POD_MAKERS,
    frameworks=["CIS EKS v1.8.0 4.1.5", "kube-linter default-service-account", "Checkov CKV_K8S_38"],
)
def own_account(workload: Resource, _: Graph, __: Options) -> Verdicts:
    """Read the account's name, or that the pod is given no token of it."""
    pod = _pod(workload)
    name, mounted = pod.field("serviceAccountName"), pod.field("automountServiceAccountToken")
    if mounted.content is False and name.missing:
        yield passes("its pods are given no token")
    elif mounted.unknown and name.missing:
        yield unproven(f"{mounted.path} is not known yet")
    else:
        yield holds(name, lambda given: given not in ("", "default"), "an account other than default")


@rule(
    "K8S-29",
    title="Who may reach a workload is said",
    why="Without a network policy every pod of the cluster reaches it: one that is taken over, and one that floods "
    "it. kube-system is the cluster's own and left as it is: its webhooks and name servers are not asked by pods "
    "alone.",
    fix="kubernetes.networking.v1.NetworkPolicy in its namespace; one with an empty pod_selector and "
    "policy_types=['Ingress'] denies everything that no other lets in",
    severity=Severity.MEDIUM,
    scope=Scope.STACK,
    types=[*POD_MAKERS, RELEASE],
    frameworks=["CIS EKS v1.8.0 4.3.2", "kube-linter non-isolated-pod"],
)
def isolated(resource: Resource, graph: Graph, _: Options) -> Verdicts:
    """Find a policy over what comes in whose selector matches its pods."""
    if namespace(resource).content == "kube-system":
        yield passes("it is in kube-system")
        return
    if resource.type == RELEASE:
        found = pods_of(resource)
        if found == ():
            return
        pods = [(each.name, each.labels) for each in found or () if each.runs() is not False]
        pods = pods or [("its pods", Read("their labels", State.UNKNOWN))]
    else:
        pods = [("its pods", _labels(resource))]
    for name, labels in pods:
        policies = _policies(graph).near(resource, pairs(labels))
        answers = [(policy, _isolates(policy, resource, labels, graph)) for policy in policies]
        by = next((policy.name for policy, answer in answers if answer), "")
        doubt = next((policy.name for policy, answer in answers if answer is None), "")
        if by:
            yield passes(f"{by} selects {name}")
        elif doubt:
            yield unproven(f"whether {doubt} selects {name} is not known")
        else:
            yield fails(f"no NetworkPolicy over what comes in selects {name}")


def _isolates(policy: Resource, resource: Resource, labels: Read, graph: Graph) -> bool | None:
    selector, kinds = policy.read("spec.podSelector"), policy.read("spec.policyTypes")
    whole = selector.known and not selector.fields()
    return every(
        [
            same_namespace(policy, resource, graph),
            None if kinds.unknown else kinds.missing or "Ingress" in [each.content for each in kinds.each()],
            True if whole else selects(selector, labels),
        ]
    )


# What rules ask of objects.


class _Made:
    """Pods in view: of a workload, or of a workload of a release."""

    __slots__ = ("labels", "name", "of", "replicas", "runs")

    def __init__(self, of: Resource, name: str, labels: Read, replicas: Read, runs: bool | None) -> None:
        self.of, self.name, self.labels, self.replicas, self.runs = of, name, labels, replicas, runs


@lru_cache(maxsize=GRAPHS)
def _pods(graph: Graph) -> Index[_Made]:
    """All pods in view, by their labels."""
    made = [
        _Made(workload, workload.name, _labels(workload), _replicas(workload, graph), True)
        for workload in graph.of(*POD_MAKERS, POD)
    ]
    for release in graph.of(RELEASE):
        for pods in pods_of(release) or ():
            runs = pods.runs()
            if runs is not False:
                made.append(_Made(release, f"{release.name}, {pods.name}", pods.labels, pods.replicas(), runs))
    for owner in graph.of(*OPERATED):
        labels, name = OPERATED[owner.type], owner.read("metadata.name")
        if labels is not None and name.known:
            known = {key: text.replace("{name}", str(name.content)) for key, text in labels.items()}
            replicas = Read(f"the number of pods of {owner.name}", State.UNKNOWN)
            made.append(_Made(owner, owner.name, Read("labels", State.VALUE, known), replicas, True))
    return Index((each, each.of, pairs(each.labels)) for each in made)


def _meets(
    resource: Resource, graph: Graph, wanted: Read, matches: Callable[[Read], bool | None], what: str
) -> Verdict:
    """Whether any pods in a resource's namespace match.

    Args:
        resource: Whose namespace it is.
        graph: Where the pods are.
        wanted: Labels that they must have.
        matches: Whether pods with these labels match.
        what: What it is that they match.
    """
    doubts: list[str] = []
    for made in _pods(graph).near(resource, pair(wanted)):
        answer = every([same_namespace(resource, made.of, graph), matches(made.labels)])
        if answer and made.runs:
            return passes(f"{what} matches {made.name}")
        if answer is not False:
            doubts.append(f"whether {what} matches {made.name} is not known yet")
    for other in neighbours(resource, graph, RELEASE, *OPERATED):
        hidden = pods_of(other) is None if other.type == RELEASE else OPERATED[other.type] is None
        if hidden or (other.type != RELEASE and not other.read("metadata.name").known):
            doubts.append(f"{other.name} makes pods whose labels are not in view, and whether {what} matches them")
    return next((unproven(doubt) for doubt in doubts), fails(f"{what} matches no pods of its namespace"))


@lru_cache(maxsize=GRAPHS)
def budgets(graph: Graph) -> Index[Resource]:
    """All budgets, by one of the labels that their selectors want."""
    return _by_selector(graph.of(BUDGET), "spec.selector.matchLabels")


@lru_cache(maxsize=GRAPHS)
def _policies(graph: Graph) -> Index[Resource]:
    return _by_selector(graph.of(NETWORK_POLICY), "spec.podSelector.matchLabels")


@lru_cache(maxsize=GRAPHS)
def _services(graph: Graph) -> Index[Resource]:
    return _by_selector(graph.of(SERVICE), "spec.selector")


def _by_selector(found: Sequence[Resource], path: str) -> Index[Resource]:
    return Index(zip(found, found, rarest([each.read(path) for each in found]), strict=True))


@lru_cache(maxsize=GRAPHS)
def _scalers(graph: Graph) -> Index[Resource]:
    """All autoscalers whose target is known, by its name."""
    found = [(scaler, scaler.read("spec.scaleTargetRef.name")) for scaler in graph.of(*SCALERS)]
    return Index((scaler, scaler, [str(name.content)]) for scaler, name in found if name.known)


@lru_cache(maxsize=GRAPHS)
def _named(graph: Graph) -> Index[Resource]:
    """All workloads and services, by their names."""
    found = [(each, each.read("metadata.name")) for each in graph.of(*WORKLOADS, SERVICE)]
    return Index((each, each, [str(name.content)] if name.known else None) for each, name in found)


def _budgets_of(workload: Resource, labels: Read, graph: Graph) -> tuple[list[Resource], list[Resource]]:
    """Budgets that select pods, and those of which nobody knows."""
    matching: list[Resource] = []
    doubts: list[Resource] = []
    for budget in budgets(graph).near(workload, pairs(labels)):
        matched = every([same_namespace(workload, budget, graph), selects(budget.read("spec.selector"), labels)])
        if matched is not False:
            (matching if matched else doubts).append(budget)
    return matching, doubts


def _served(workload: Resource, graph: Graph) -> bool | None:
    """Whether a service selects a workload's pods."""
    labels = _labels(workload)
    return any_of(
        [
            every([same_namespace(workload, service, graph), has_labels(service.read("spec.selector"), labels)])
            for service in _services(graph).near(workload, pairs(labels))
        ]
    )


def _names(resources: list[Resource]) -> str:
    return ", ".join(sorted(each.name for each in resources))


def _template(workload: Resource) -> Read:
    """The template of a workload's pods; a pod is its own."""
    if workload.type == POD:
        return workload.read("")
    if workload.type == CRON_JOB:
        return workload.read("spec.jobTemplate.spec.template")
    reference = workload.read("spec.workloadRef")
    # Of a Rollout alone.
    if not reference.missing:
        return Read(f"the template behind {reference.path}", State.UNKNOWN)
    return workload.read("spec.template")


def _pod(workload: Resource) -> Read:
    return _template(workload).field("spec")


def _labels(workload: Resource) -> Read:
    return _template(workload).field("metadata").field("labels")


def _containers(workload: Resource, which: str = "containers") -> list[Read]:
    return _pod(workload).field(which).each()


def _annotation(workload: Resource, name: str) -> Read:
    return workload.read("metadata.annotations").field(name)


def _set(read: Read, container: Read) -> Verdict:
    """It must be there, whatever it is."""
    name = container.field("name")
    of = f" (container {name.content})" if name.known else ""
    if read.unknown:
        return unproven(f"{read.path}{of} is not known yet")
    if read.missing or read.content in ({}, ""):
        return fails(f"{read.path}{of} is not set")
    return passes(f"{read.path}{of} is set")


def _has_gpu(container: Read) -> bool | None:
    resources = container.field("resources")
    reads = [resources.field(side).field(GPU) for side in ("limits", "requests")]
    return any_of([None if read.unknown else str(read.content or 0) != "0" for read in reads])


def _hides(content: Any) -> bool:
    """Whether something in it is not known yet."""
    if isinstance(content, Secret):
        return _hides(content.value)
    if isinstance(content, dict):
        return any(_hides(member) for member in cast("dict[str, Any]", content).values())
    if isinstance(content, list):
        return any(_hides(member) for member in cast("list[Any]", content))
    return content is UNKNOWN


def _replicas(workload: Resource, graph: Graph) -> Read:
    """Fewest replicas: the autoscaler's minimum if one owns the number, else the workload's own."""
    own = workload.read("metadata.name")
    for scaler in _scalers(graph).near(workload, [str(own.content)] if own.known else []):
        kind = str(scaler.read("spec.scaleTargetRef.kind").content or "Deployment")
        if kind == workload.type.rpartition(":")[2] and same_namespace(scaler, workload, graph):
            least = scaler.read("spec.minReplicaCount" if scaler.type == SCALED_OBJECT else "spec.minReplicas")
            if least.missing:
                return Read(least.path, State.VALUE, 0 if scaler.type == SCALED_OBJECT else 1)
            return least
    return workload.read("spec.replicas")


def _same_cluster(one: Resource, other: Resource) -> bool:
    clusters = [each.provider.name if each.provider else "" for each in (one, other)]
    return one.stack == other.stack and clusters[0] == clusters[1]


def _is_in(home: Read, pattern: Read) -> bool | None:
    if home.unknown or pattern.unknown:
        return None
    return pattern.content in ("*", home.content or "default")


def _truth(read: Read) -> bool | None:
    return None if read.unknown else read.content is True


def _not(answer: bool | None) -> bool | None:
    return None if answer is None else not answer


def _number(read: Read, default: int) -> int:
    return default if read.whole is None else read.whole


def _percent(given: Any, whole: Any) -> float:
    if isinstance(given, int):
        return given and given * 100 / whole
    text = str(given)
    if not text.endswith("%"):
        raise ValueError(text)
    return float(text[:-1])


def _several(replicas: Read) -> bool:
    """Whether there are, or may be, two or more; Kubernetes takes one where none is said."""
    return replicas.unknown or (replicas.whole is not None and replicas.whole >= 2)


def _share(read: Read, whole: int) -> int | None:
    """A number of pods, or a percentage of them rounded up as Kubernetes does; None if it is neither."""
    if isinstance(read.content, int):
        return read.content
    text = str(read.content)
    return math.ceil(int(text[:-1]) * whole / 100) if text.endswith("%") and text[:-1].isdecimal() else None
