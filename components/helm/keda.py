"""What scales workloads on queues, measurements and schedules instead of CPU."""

from collections.abc import Sequence
from typing import Any, NotRequired, TypedDict

import pulumi
import pulumi_kubernetes as k8s

from components._scheduling import node_loss_tolerations, resources, spread
from components.charts import KEDA
from components.helm._release import release
from components.iam import Statement, allow, document
from components.kubernetes import Priority

KEDA_WEBHOOK_PORT, KEDA_API_PORT = 9443, 6443
"""Ports that the API server calls: of the admission webhook, and of the metrics that pods are scaled by."""

KEDA_SERVICE_ACCOUNT = "keda-operator"
"""Give it ``keda_policy`` when something scales on what AWS counts."""

_PARTS = {
    "operator": "keda-operator",
    "metricsServer": "keda-operator-metrics-apiserver",
    "webhooks": "keda-admission-webhooks",
}
"""The chart's three deployments, and the label ``app`` of their pods: fixed names, one KEDA a cluster."""


class KedaArgs(TypedDict):
    """Inputs of Keda."""

    namespace: pulumi.Input[str]
    """Existing namespace."""
    replicas: NotRequired[int]
    """Replicas of each of its three parts, at least 2. Default 2."""


class Keda(pulumi.ComponentResource):
    """KEDA: an operator, the server of the metrics it finds, and the webhook that judges what is asked of it.

    Losing a zone loses one of each. One operator leads, another takes over within a lease, about 15 s; metrics servers
    ask whichever leads. Meanwhile nothing is scaled, and nothing is scaled down: an HPA without its metric stays as it
    is. The webhook lets objects pass when it is gone. Definitions stay when the release goes, else a failed install
    would take every ScaledObject, and with it every HPA, along.

    A cluster has one server of external metrics: nothing else may serve ``external.metrics.k8s.io``.

    A trigger signs in to AWS as KEDA_SERVICE_ACCOUNT by a TriggerAuthentication with ``podIdentity.provider: aws`` and
    no role: EKS Pod Identity gives the operator its credentials, and the chart's switch for IRSA stays off (keda#6706).

    Ports: KEDA_API_PORT and KEDA_WEBHOOK_PORT for the API server, 9666 from the metrics server to the
    operator, 8080 for Prometheus. AWS: ``keda_policy``, if anything scales on AWS.

    Cost when idle: its pods. State: none but its objects. Regions: all children regional.
    """

    release: k8s.helm.v3.Release
    """To depend on, for whatever has ScaledObjects."""

    def __init__(self, name: str, args: KedaArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        replicas = int(args.get("replicas", 2))
        if replicas < 2:
            raise ValueError(f"replicas: got {replicas}, must be at least 2: one leads, another takes over")
        super().__init__("tandem:index:Keda", name, {}, opts)
        self.release = release(
            name, KEDA, namespace=args["namespace"], values=render_keda(replicas=replicas), parent=self
        )
        self.register_outputs({})


def keda_policy(queue_arns: Sequence[str]) -> str:
    """What KEDA_SERVICE_ACCOUNT may do: count messages of these queues, and read metrics of CloudWatch.

    Metrics have no resource (Service Authorization Reference, Amazon CloudWatch).
    """
    counting: list[Statement] = [allow(["sqs:GetQueueAttributes"], queue_arns)] if queue_arns else []
    return document([*counting, allow(["cloudwatch:GetMetricData"], ["*"])])


def render_keda(*, replicas: int) -> dict[str, Any]:
    """Values of the keda chart."""
    # The chart passes on these two keys alone, so an ill pod counts against its budget.
    budget = {"maxUnavailable": 1}
    watched = {"enabled": True, "serviceMonitor": {"enabled": True}}
    return {
        # Never pulled anew: a pod must start on another node while the registry is away.
        "image": {"pullPolicy": "IfNotPresent"},
        "crds": {"install": True, "additionalAnnotations": {"helm.sh/resource-policy": "keep"}},
        "operator": {"replicaCount": replicas, "tolerations": node_loss_tolerations()},
        "metricsServer": {"replicaCount": replicas, "tolerations": node_loss_tolerations()},
        "webhooks": {"replicaCount": replicas, "failurePolicy": "Ignore", "tolerations": node_loss_tolerations()},
        # The chart says `metricServer` here and `metricsServer` above and below.
        "podDisruptionBudget": {"operator": budget, "metricServer": budget, "webhooks": budget},
        "topologySpreadConstraints": {part: spread({"app": app}) for part, app in _PARTS.items()},
        # The chart's own limit of one CPU each stays: a key that has a default can be changed, not taken away.
        "resources": {
            "operator": resources("100m", "512Mi"),
            "metricServer": resources("50m", "256Mi"),
            "webhooks": resources("10m", "128Mi"),
        },
        "priorityClassName": Priority.SERVICES.value,
        "serviceAccount": {"operator": {"create": True, "name": KEDA_SERVICE_ACCOUNT}},
        "prometheus": {"operator": watched, "metricServer": watched, "webhooks": watched},
    }
