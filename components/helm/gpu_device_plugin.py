"""What makes a node's GPUs known to the scheduler."""

from typing import Any, NotRequired, TypedDict

import pulumi
import pulumi_kubernetes as k8s

from components._scheduling import resources
from components.charts import GPU_DEVICE_PLUGIN
from components.helm._release import release
from components.kubernetes import GPU_TAINT, POOL_LABEL


class GpuDevicePluginArgs(TypedDict):
    """Inputs of GpuDevicePlugin."""

    pool: NotRequired[str]
    """Value of the pool label (POOL_LABEL) on nodes with GPUs. Default ``gpu``, as NodePool sets it."""


class GpuDevicePlugin(pulumi.ComponentResource):
    """NVIDIA's device plugin on every GPU node, in ``kube-system``.

    For nodes whose image has the driver but no plugin, as Amazon Linux 2023's has; Bottlerocket's has one, and two
    plugins on a node fight over its GPUs (bottlerocket#4162).

    Cost when idle: none of its own. State: none. Regions: all children regional.
    """

    release: k8s.helm.v3.Release
    """To depend on, for pods that ask for GPUs."""

    def __init__(self, name: str, args: GpuDevicePluginArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("tandem:index:GpuDevicePlugin", name, {}, opts)
        self.release = release(
            name,
            GPU_DEVICE_PLUGIN,
            namespace="kube-system",
            values=render_gpu_device_plugin(pool=args.get("pool", "gpu")),
            parent=self,
        )
        self.register_outputs({})


def render_gpu_device_plugin(*, pool: str) -> dict[str, Any]:
    """Values of the nvidia-device-plugin chart."""
    return {
        "nodeSelector": {POOL_LABEL: pool},
        # Replaces the chart's own terms, which want labels of node-feature-discovery: without that it would run on
        # no node at all.
        "affinity": {
            "nodeAffinity": {
                "requiredDuringSchedulingIgnoredDuringExecution": {
                    "nodeSelectorTerms": [
                        {"matchExpressions": [{"key": POOL_LABEL, "operator": "In", "values": [pool]}]}
                    ]
                }
            }
        },
        "tolerations": [{"key": GPU_TAINT, "operator": "Exists", "effect": "NoSchedule"}],
        "priorityClassName": "system-node-critical",
        "resources": resources("50m", "128Mi"),
    }
