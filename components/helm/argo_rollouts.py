"""The controller that lets a new version take over step by step, and takes it back when it is worse."""

from typing import Any, NotRequired, TypedDict

import pulumi
import pulumi_kubernetes as k8s

from components._scheduling import node_loss_tolerations, resources, spread
from components.charts import ARGO_ROLLOUTS
from components.helm._release import release
from components.kubernetes import Priority

ROLLOUTS_SERVICE_ACCOUNT = "argo-rollouts"
"""Service account of the controller. It needs AWS rights only if rollouts ask load balancers whether their targets are
ready, which this project's do not."""


class ArgoRolloutsArgs(TypedDict):
    """Inputs of ArgoRollouts."""

    namespace: pulumi.Input[str]
    """Existing namespace."""
    replicas: NotRequired[int]
    """Controllers, at least 2; one leads, the others wait. Default 2."""


class ArgoRollouts(pulumi.ComponentResource):
    """Argo Rollouts: canary and blue/green updates that an analysis of metrics carries on or takes back.

    Losing the leader's zone pauses rollouts for the length of a lease, about 15 s, and changes no traffic: pods,
    services and weights stay as they are without the controller. An update that is under way goes on where it was.

    The chart has no key for how its budget treats ill pods: a controller that never becomes ready holds its node up.
    Its dashboard is off: whoever reaches that may promote and abort without signing in. Rights of its providers are cut
    down to the load balancer controller's and the Gateway API's.

    Ports: 8090, metrics, from Prometheus. Probes come from the node.

    Cost when idle: its pods. State: none but the definitions of its objects, which stay when it is uninstalled, and
    with them every rollout. Regions: all children regional.
    """

    release: k8s.helm.v3.Release
    """To depend on: whatever has a Rollout or an AnalysisTemplate."""

    def __init__(self, name: str, args: ArgoRolloutsArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        replicas = int(args.get("replicas", 2))
        if replicas < 2:
            raise ValueError(f"replicas: got {replicas}, must be at least 2: one leads, another takes over")
        super().__init__("tandem:index:ArgoRollouts", name, {}, opts)
        self.release = release(
            name,
            ARGO_ROLLOUTS,
            namespace=args["namespace"],
            values=render_argo_rollouts(release_name=name, replicas=replicas),
            parent=self,
        )
        self.register_outputs({})


def render_argo_rollouts(*, release_name: str, replicas: int) -> dict[str, Any]:
    """Values of the argo-rollouts chart."""
    labels = {
        "app.kubernetes.io/name": ARGO_ROLLOUTS.name,
        "app.kubernetes.io/instance": release_name,
        "app.kubernetes.io/component": "rollouts-controller",
    }
    unused = ("istio", "smi", "ambassador", "awsAppMesh", "traefik", "apisix", "contour", "glooPlatform")
    return {
        "fullnameOverride": release_name,
        "installCRDs": True,
        "keepCRDs": True,
        "serviceAccount": {"create": True, "name": ROLLOUTS_SERVICE_ACCOUNT},
        "providerRBAC": {"enabled": True, "providers": dict.fromkeys(unused, False)},
        "controller": {
            "replicas": replicas,
            "pdb": {"enabled": True, "maxUnavailable": 1},
            "topologySpreadConstraints": spread(labels),
            "tolerations": node_loss_tolerations(),
            "priorityClassName": Priority.SERVICES.value,
            "resources": resources("100m", "256Mi"),
            "logging": {"format": "json"},
            "metrics": {"enabled": True, "serviceMonitor": {"enabled": True}},
        },
        "dashboard": {"enabled": False},
    }
