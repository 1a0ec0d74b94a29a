"""CPU and memory of pods, for autoscaling."""

from typing import Any, NotRequired, TypedDict

import pulumi
import pulumi_kubernetes as k8s

from components._scheduling import node_loss_tolerations, resources, spread
from components.charts import METRICS_SERVER
from components.helm._release import release


class MetricsServerArgs(TypedDict):
    """Inputs of MetricsServer."""

    replicas: NotRequired[int]
    """Replicas, at least 2. Default 2."""


class MetricsServer(pulumi.ComponentResource):
    """The metrics API in ``kube-system``: without it no horizontal pod autoscaler scales.

    Losing a zone loses a replica; the other answers.

    Cost when idle: none of its own. State: none. Regions: all children regional.
    """

    release: k8s.helm.v3.Release
    """To depend on, for what is scaled by CPU."""

    def __init__(self, name: str, args: MetricsServerArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        replicas = int(args.get("replicas", 2))
        if replicas < 2:
            raise ValueError(f"replicas: got {replicas}, must be at least 2: without it nothing scales")
        super().__init__("tandem:index:MetricsServer", name, {}, opts)
        self.release = release(
            name,
            METRICS_SERVER,
            namespace="kube-system",
            values=render_metrics_server(release_name=name, replicas=replicas),
            parent=self,
        )
        self.register_outputs({})


def render_metrics_server(*, release_name: str, replicas: int) -> dict[str, Any]:
    """Values of the metrics-server chart."""
    labels = {"app.kubernetes.io/name": METRICS_SERVER.name, "app.kubernetes.io/instance": release_name}
    return {
        "replicas": replicas,
        # Only that its pods show them to whoever reaches them: SystemMonitors asks, SystemPolicies says who may.
        "metrics": {"enabled": True},
        "podDisruptionBudget": {"enabled": True, "maxUnavailable": 1, "unhealthyPodEvictionPolicy": "AlwaysAllow"},
        "topologySpreadConstraints": spread(labels),
        "tolerations": node_loss_tolerations(),
        "updateStrategy": {"type": "RollingUpdate", "rollingUpdate": {"maxUnavailable": 0, "maxSurge": 1}},
        "priorityClassName": "system-cluster-critical",
        "resources": resources("100m", "400Mi"),
    }
