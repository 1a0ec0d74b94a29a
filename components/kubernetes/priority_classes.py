"""Who goes first when there is too little room."""

from enum import StrEnum

import pulumi
import pulumi_kubernetes as k8s


class Priority(StrEnum):
    """Names of the platform's priority classes, highest first; what Kubernetes itself needs stands above them."""

    SERVICES = "tandem-services"
    """What every workload leans on: secrets, certificates, names, scaling, metrics."""
    SERVING = "tandem-serving"
    """Model servers, and what decides where requests go."""
    ORCHESTRATION = "tandem-orchestration"
    """What keeps the state of runs and starts their steps."""
    RUNS = "tandem-runs"
    """Steps of runs, which are retried. They wait for room instead of making it."""


VALUES = {
    Priority.SERVICES: 900_000,
    Priority.SERVING: 800_000,
    Priority.ORCHESTRATION: 700_000,
    Priority.RUNS: 100_000,
}
"""Higher goes first; below the 1,000,000,000 that Kubernetes leaves to its users (kubernetes.io, "Pod Priority and
Preemption", read 2026-11)."""

DESCRIPTIONS = {
    Priority.SERVICES: "What every workload leans on",
    Priority.SERVING: "Model servers",
    Priority.ORCHESTRATION: "Orchestrators",
    Priority.RUNS: "Steps of runs: retried, and preempting nobody",
}


class PriorityClasses(pulumi.ComponentResource):
    """The platform's priority classes.

    With a zone gone, pods of a higher class push out those of a lower one: a model answers before a batch step goes on.
    Pods that carry no class of these have priority 0, and are the first to go.

    Cost when idle: none. State: none. Regions: one cluster's.
    """

    def __init__(self, name: str, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("tandem:index:PriorityClasses", name, {}, opts)
        for priority, value in VALUES.items():
            k8s.scheduling.v1.PriorityClass(
                f"{name}-{priority.value.removeprefix('tandem-')}",
                metadata=k8s.meta.v1.ObjectMetaArgs(name=priority.value),
                value=value,
                description=DESCRIPTIONS[priority],
                global_default=False,
                preemption_policy="Never" if priority is Priority.RUNS else "PreemptLowerPriority",
                opts=pulumi.ResourceOptions(parent=self),
            )
        self.register_outputs({})
