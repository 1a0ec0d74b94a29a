"""Workloads: what an eviction, and a lost zone, leave of them."""

import math

from policies.registry import Options, Scope, Severity, Verdicts, fails, passes, rule, unproven
from policies.selectors import every, same_namespace, selects
from resilience.graph import Graph, Read, Resource, State

DEPLOYMENT = "kubernetes:apps/v1:Deployment"
STATEFUL_SET = "kubernetes:apps/v1:StatefulSet"
WORKLOADS = (DEPLOYMENT, STATEFUL_SET)
BUDGET = "kubernetes:policy/v1:PodDisruptionBudget"
AUTOSCALER = "kubernetes:autoscaling/v2:HorizontalPodAutoscaler"
ZONE = "topology.kubernetes.io/zone"


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
    if _number(replicas, 1) < 2:
        return
    labels = workload.read("spec.template.metadata.labels")
    doubt = ""
    for budget in graph.of(BUDGET):
        matched = every(
            [same_namespace(workload, budget, graph), selects(budget.read("spec.selector"), labels)]
        )  # fmt: skip
        if matched:
            yield passes(f"{budget.name} selects its pods")
            return
        if matched is None:
            doubt = budget.name
    if doubt:
        yield unproven(f"whether {doubt} selects its pods is not known yet (namespace, selector or labels)")
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
    if most.unknown or least.unknown:
        yield unproven(f"{(most if most.unknown else least).path} is not known yet")
    elif most.missing and least.missing:
        yield fails("neither spec.maxUnavailable nor spec.minAvailable is set")
    elif most.known:
        allowed = _share(most, 100)
        if allowed is None or allowed < 1:
            yield fails(f"spec.maxUnavailable is {most.shown()}; it must be at least 1")
        elif str(most.content) == "100%":
            yield fails('spec.maxUnavailable is "100%": every pod may go at once')
        else:
            yield passes(f"spec.maxUnavailable is {most.shown()}")
    else:
        yield from _against_replicas(budget, least, graph)


def _against_replicas(budget: Resource, least: Read, graph: Graph) -> Verdicts:
    if str(least.content) in ("0", "0%"):
        yield fails(f"spec.minAvailable is {least.shown()}: every pod may go at once")
        return
    found = [
        (workload, every([same_namespace(workload, budget, graph), selects(budget.read("spec.selector"), labels)]))
        for workload in graph.of(*WORKLOADS)
        for labels in [workload.read("spec.template.metadata.labels")]
    ]
    selected = [workload for workload, matched in found if matched]
    if not selected:
        yield unproven(f"spec.minAvailable is {least.shown()}, and what it selects is not in view")
    for workload in selected:
        replicas = _replicas(workload, graph)
        if replicas.unknown:
            yield unproven(f"{workload.name}: {replicas.path} is not known yet")
            continue
        number = _number(replicas, 1)
        kept = _share(least, number)
        if kept is None or kept >= number:
            yield fails(f"spec.minAvailable is {least.shown()} of {number} replicas of {workload.name}")
        else:
            yield passes(f"spec.minAvailable is {least.shown()} of {number} replicas of {workload.name}")


@rule(
    "K8S-06",
    title="Replicas are spread over zones",
    why="The scheduler may put every replica into one zone, and losing it takes them all.",
    fix="topology_spread_constraints with topology_key topology.kubernetes.io/zone, max_skew 1 and the pods' labels",
    severity=Severity.HIGH,
    scope=Scope.STACK,
    types=WORKLOADS,
    frameworks=["Polaris topologySpreadConstraint"],
)
def spread(workload: Resource, graph: Graph, _: Options) -> Verdicts:
    """Find a constraint over zones whose selector matches the pods; an autoscaler may own their number."""
    replicas = _replicas(workload, graph)
    if not replicas.unknown and _number(replicas, 1) < 2:
        return
    labels = workload.read("spec.template.metadata.labels")
    constraints = workload.read("spec.template.spec.topologySpreadConstraints").each()
    answers = [_spreads(constraint, labels) for constraint in constraints]
    if True in answers:
        yield passes("a constraint over zones matches its pods")
    elif None in answers or replicas.unknown:
        yield unproven(f"{replicas.path} or a topology spread constraint is not known yet")
    else:
        yield fails(
            f"none of {len(constraints)} constraints has {ZONE}, maxSkew 1 and a selector that matches its pods"
        )


def _spreads(constraint: Read, labels: Read) -> bool | None:
    key, skew = constraint.field("topologyKey"), constraint.field("maxSkew")
    return every(
        [
            None if key.unknown else key.content == ZONE,
            None if skew.unknown else skew.content == 1,
            selects(constraint.field("labelSelector"), labels),
        ]
    )


def _replicas(workload: Resource, graph: Graph) -> Read:
    """Fewest replicas: the autoscaler's minimum if one owns the number, else the workload's own."""
    for scaler in graph.of(AUTOSCALER):
        target = scaler.read("spec.scaleTargetRef")
        named = target.field("name").content == workload.read("metadata.name").content
        kind = target.field("kind").content == workload.type.rpartition(":")[2]
        if named and target.field("name").known and kind and same_namespace(scaler, workload, graph):
            return scaler.read("spec.minReplicas")
    return workload.read("spec.replicas")


def _number(read: Read, default: int) -> int:
    return read.content if read.state is State.VALUE and isinstance(read.content, int) else default


def _share(read: Read, whole: int) -> int | None:
    """A number of pods, or a percentage of them rounded up as Kubernetes does; None if it is neither."""
    if isinstance(read.content, int):
        return read.content
    text = str(read.content)
    return math.ceil(int(text[:-1]) * whole / 100) if text.endswith("%") and text[:-1].isdecimal() else None
