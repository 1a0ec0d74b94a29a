"""Who checks the admission policies: Kyverno."""

from typing import Any, NotRequired, TypedDict

import pulumi
import pulumi_kubernetes as k8s

from components._scheduling import node_loss_tolerations, resources, spread
from components.charts import KYVERNO
from components.helm._release import release
from components.kubernetes import POOL_LABEL, Priority
from components.kubernetes.admission import EXEMPT_NAMESPACES

KYVERNO_WEBHOOK_PORT = 9443
"""Port of its pods that the API server calls."""

KYVERNO_METRICS_PORT = 8000

CONTROLLERS = ("background", "cleanup", "reports")


class KyvernoArgs(TypedDict):
    """Inputs of Kyverno."""

    namespace: pulumi.Input[str]
    """Existing namespace, of its own, not ``kube-system``."""
    replicas: NotRequired[int]
    """Replicas that answer the API server, at least 3. Default 3, one a zone."""
    exempt_namespaces: NotRequired[list[str]]
    """Namespaces whose objects never come to it, besides EXEMPT_NAMESPACES and its own."""


class Kyverno(pulumi.ComponentResource):
    """Kyverno, with three replicas at the API server's call and two of each of its other controllers.

    Losing a zone leaves two that answer; of the others one leads and one waits. It cannot lock itself out: nothing of
    EXEMPT_NAMESPACES is asked of it, its own pods run on the node groups' system nodes, which no webhook starts, and
    whatever a policy says, the API server goes on without an answer (kyverno#11122, #16177, #4686). Should it ever
    hang, delete the webhook configurations labelled ``webhook.kyverno.io/managed-by=kyverno``, which it makes anew. It
    makes and renews its own certificates. The chart has no probes for the other controllers: watch their leases.

    Ports: the API server to KYVERNO_WEBHOOK_PORT; Prometheus to KYVERNO_METRICS_PORT. Rights in AWS: none.
    Definitions of monitors must be there. Cost when idle: nine pods. State: none but reports. Regions: one cluster's.
    """

    release: k8s.helm.v3.Release
    """To depend on: policies of AdmissionPolicies need its definitions."""

    def __init__(self, name: str, args: KyvernoArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        replicas = int(args.get("replicas", 3))
        if replicas < 3:
            raise ValueError(f"replicas: got {replicas}, must be at least 3: an update and a lost zone may coincide")
        super().__init__("tandem:index:Kyverno", name, {}, opts)
        self.release = release(
            name,
            KYVERNO,
            namespace=args["namespace"],
            values=render_kyverno(
                release_name=name, replicas=replicas, exempt=[*EXEMPT_NAMESPACES, *args.get("exempt_namespaces", [])]
            ),
            parent=self,
        )
        self.register_outputs({})


def render_kyverno(*, release_name: str, replicas: int, exempt: list[str]) -> dict[str, Any]:
    """Values of the kyverno chart."""
    return {
        "fullnameOverride": release_name,
        "global": {"nodeSelector": {"kubernetes.io/os": "linux", POOL_LABEL: "system"}},
        "config": {
            "excludeKyvernoNamespace": True,
            "webhooks": {
                "namespaceSelector": {
                    "matchExpressions": [
                        {"key": "kubernetes.io/metadata.name", "operator": "NotIn", "values": sorted(set(exempt))}
                    ]
                }
            },
        },
        # Whatever a policy says of it: an admission that is down must not keep a lost zone's pods from starting.
        "features": {"forceFailurePolicyIgnore": {"enabled": True}},
        "admissionController": {
            **_controller(release_name, "admission"),
            "replicas": replicas,
            # One of three, four or five: the chart's 40% would be two of five.
            "updateStrategy": {"type": "RollingUpdate", "rollingUpdate": {"maxSurge": 1, "maxUnavailable": "34%"}},
            "initContainer": {"resources": resources("10m", "256Mi")},
            "container": {"resources": resources("250m", "512Mi")},
        },
        **{
            f"{part}Controller": {
                **_controller(release_name, part),
                "replicas": 2,
                "resources": resources("100m", "256Mi"),
            }
            for part in CONTROLLERS
        },
        "crds": {"migration": {"podResources": resources("10m", "256Mi")}},
        "webhooksCleanup": {"resources": resources("10m", "256Mi")},
    }


def _controller(release_name: str, part: str) -> dict[str, Any]:
    labels = {
        "app.kubernetes.io/component": f"{part}-controller",
        "app.kubernetes.io/instance": release_name,
        "app.kubernetes.io/part-of": release_name,
    }
    return {
        "priorityClassName": Priority.SERVICES.value if part != "admission" else "system-cluster-critical",
        "topologySpreadConstraints": spread(labels),
        "tolerations": node_loss_tolerations(),
        "podSecurityContext": {"runAsNonRoot": True, "seccompProfile": {"type": "RuntimeDefault"}},
        "podDisruptionBudget": {
            "enabled": True,
            # Null removes what the chart says by default: it takes one of the two.
            "minAvailable": None,
            "maxUnavailable": 1,
            "unhealthyPodEvictionPolicy": "AlwaysAllow",
        },
        "serviceMonitor": {"enabled": True},
    }
