"""The controller that starts nodes for pods that wait, and ends those that stand empty."""

from typing import Any, NotRequired, TypedDict

import pulumi
import pulumi_kubernetes as k8s

from components._scheduling import node_loss_tolerations, resources, spread
from components.charts import KARPENTER, KARPENTER_CRD
from components.helm._release import release
from components.kubernetes import KARPENTER_NAMESPACE, KARPENTER_SERVICE_ACCOUNT, POOL_LABEL


class KarpenterArgs(TypedDict):
    """Inputs of Karpenter."""

    cluster_name: pulumi.Input[str]
    """Cluster that it runs in."""
    cluster_endpoint: pulumi.Input[str]
    """URL of the cluster's API server, told to every node."""
    interruption_queue: pulumi.Input[str]
    """Queue of instances that are about to go (KarpenterAccess.queue_name)."""
    replicas: NotRequired[int]
    """Replicas, at least 2; one leads, the others wait. Default 2."""


class Karpenter(pulumi.ComponentResource):
    """Karpenter in ``kube-system``, on the node groups' system nodes: never on a node of its own making.

    Losing its leader's zone pauses new nodes for the length of a lease, about 15 s. During a zonal shift it starts none
    in the shifted zone. Give KARPENTER_SERVICE_ACCOUNT its rights (KarpenterAccess) before this, and let every node
    pool depend on it: without a running controller a pool can be neither made nor deleted.

    Cost when idle: none of its own. State: none but the definitions of its objects. Regions: all children regional.
    """

    release: k8s.helm.v3.Release
    """To depend on."""

    def __init__(self, name: str, args: KarpenterArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        replicas = int(args.get("replicas", 2))
        if replicas < 2:
            raise ValueError(f"replicas: got {replicas}, must be at least 2: one leads, another takes over")
        super().__init__("tandem:index:Karpenter", name, {}, opts)
        # Of their own: Helm installs the definitions inside a chart once and never again, so that an upgrade of the
        # controller would meet those of the version before (karpenter.sh, "Upgrade guide"; research/charts.md §2.14).
        definitions = release(
            f"{name}-crds", KARPENTER_CRD, namespace=KARPENTER_NAMESPACE, values={}, parent=self
        )  # fmt: skip
        self.release = release(
            name,
            KARPENTER,
            namespace=KARPENTER_NAMESPACE,
            values=render_karpenter(
                release_name=name,
                cluster_name=args["cluster_name"],
                cluster_endpoint=args["cluster_endpoint"],
                interruption_queue=args["interruption_queue"],
                replicas=replicas,
            ),
            parent=self,
            depends_on=[definitions],
            skip_crds=True,
        )
        self.register_outputs({})


def render_karpenter(
    *,
    release_name: str,
    cluster_name: pulumi.Input[str],
    cluster_endpoint: pulumi.Input[str],
    interruption_queue: pulumi.Input[str],
    replicas: int,
) -> dict[str, Any]:
    """Values of the karpenter chart.

    The chart's own affinity stays: not on nodes of Karpenter's, and no two replicas on one node.
    """
    labels = {"app.kubernetes.io/name": KARPENTER.name, "app.kubernetes.io/instance": release_name}
    return {
        "replicas": replicas,
        "serviceAccount": {"create": True, "name": KARPENTER_SERVICE_ACCOUNT},
        "settings": {
            "clusterName": cluster_name,
            "clusterEndpoint": cluster_endpoint,
            "interruptionQueue": interruption_queue,
            "eksControlPlane": True,
            # Else it would start nodes in the very zone that traffic is being moved out of.
            "enableZonalShift": True,
            # Alpha since v1.1. With it a node whose GPU, disk or network failed is replaced, as node groups replace
            # theirs, after 10 to 30 minutes and only while few of a pool are ill (karpenter.sh, "Disruption").
            "featureGates": {"nodeRepair": True},
        },
        "nodeSelector": {POOL_LABEL: "system"},
        "podDisruptionBudget": {"maxUnavailable": 1},
        # The chart's own constraint would rather keep a replica waiting than place two in one zone.
        "topologySpreadConstraints": spread(labels),
        "tolerations": node_loss_tolerations(),
        "priorityClassName": "system-cluster-critical",
        # The VPC's resolver: CoreDNS may itself be waiting for a node that only Karpenter can start
        # (karpenter.sh, "Troubleshooting", read 2026-11).
        "dnsPolicy": "Default",
        "controller": {"resources": resources("1", "1Gi")},
    }
