"""The controller that binds pods to the load balancer's target groups."""

from typing import Any, NotRequired, TypedDict

import pulumi
import pulumi_kubernetes as k8s

from components._scheduling import node_loss_tolerations, resources, spread
from components.charts import LOAD_BALANCER_CONTROLLER
from components.helm._release import release

CONTROLLER_NAMESPACE = "kube-system"
"""Namespace of the controller: system-cluster-critical pods are at home there."""
CONTROLLER_SERVICE_ACCOUNT = "aws-load-balancer-controller"
"""Service account that gets the controller's AWS rights through Pod Identity."""


class LoadBalancerControllerArgs(TypedDict):
    """Inputs of LoadBalancerController."""

    cluster_name: pulumi.Input[str]
    """Cluster that it runs in."""
    region: pulumi.Input[str]
    """Region of the cluster. Told, because nodes let no pod ask their metadata service."""
    vpc_id: pulumi.Input[str]
    """VPC of the cluster. Told, for the same reason."""
    replicas: NotRequired[int]
    """Replicas, at least 2; one leads, the others wait. Default 2."""


class LoadBalancerController(pulumi.ComponentResource):
    """The AWS load balancer controller, in ``kube-system``.

    Losing its leader's zone pauses new bindings for the length of a lease, about 15 s; bound pods keep serving.
    Give CONTROLLER_SERVICE_ACCOUNT its rights (PodIdentity) before this, and let every target group binding depend
    on it: without a running controller a binding can be neither made nor deleted.

    Cost when idle: none of its own. State: none. Regions: all children regional.
    """

    release: k8s.helm.v3.Release
    """To depend on."""

    def __init__(self, name: str, args: LoadBalancerControllerArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        replicas = int(args.get("replicas", 2))
        if replicas < 2:
            raise ValueError(f"replicas: got {replicas}, must be at least 2: one leads, another takes over")
        super().__init__("tandem:index:LoadBalancerController", name, {}, opts)
        self.release = release(
            name,
            LOAD_BALANCER_CONTROLLER,
            namespace=CONTROLLER_NAMESPACE,
            values=render_load_balancer_controller(
                release_name=name,
                cluster_name=args["cluster_name"],
                region=args["region"],
                vpc_id=args["vpc_id"],
                replicas=replicas,
            ),
            parent=self,
        )
        self.register_outputs({})


def render_load_balancer_controller(
    *,
    release_name: str,
    cluster_name: pulumi.Input[str],
    region: pulumi.Input[str],
    vpc_id: pulumi.Input[str],
    replicas: int,
) -> dict[str, Any]:
    """Values of the aws-load-balancer-controller chart."""
    labels = {
        "app.kubernetes.io/name": LOAD_BALANCER_CONTROLLER.name,
        "app.kubernetes.io/instance": release_name,
    }
    return {
        "clusterName": cluster_name,
        "region": region,
        "vpcId": vpc_id,
        "serviceAccount": {"create": True, "name": CONTROLLER_SERVICE_ACCOUNT},
        "replicaCount": replicas,
        "podDisruptionBudget": {"maxUnavailable": 1, "unhealthyPodEvictionPolicy": "AlwaysAllow"},
        "topologySpreadConstraints": spread(labels),
        "tolerations": node_loss_tolerations(),
        "updateStrategy": {"type": "RollingUpdate", "rollingUpdate": {"maxUnavailable": 0, "maxSurge": 1}},
        "priorityClassName": "system-cluster-critical",
        "resources": resources("100m", "256Mi"),
        # The chart's own, but for the last.
        "securityContext": {
            "runAsNonRoot": True,
            "readOnlyRootFilesystem": True,
            "allowPrivilegeEscalation": False,
            "capabilities": {"drop": ["ALL"]},
        },
        # On, it makes every new Service in the cluster wait for this controller
        # (aws-load-balancer-controller#4140, #2336); our load balancers are not made from Services.
        "enableServiceMutatorWebhook": False,
        # Off, every render makes a new certificate authority.
        "keepTLSSecret": True,
    }
