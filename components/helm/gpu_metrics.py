"""What measures GPUs."""

from typing import Any, NotRequired, TypedDict

import pulumi
import pulumi_kubernetes as k8s

from components._scheduling import resources
from components.charts import GPU_METRICS
from components.helm._release import release
from components.kubernetes import GPU_TAINT, POOL_LABEL


class GpuMetricsArgs(TypedDict):
    """Inputs of GpuMetrics."""

    namespace: pulumi.Input[str]
    """Existing namespace."""
    pool: NotRequired[str]
    """Value of the pool label (POOL_LABEL) on nodes with GPUs. Default ``gpu``, as NodePool sets it."""


class GpuMetrics(pulumi.ComponentResource):
    """NVIDIA's DCGM exporter on every GPU node: load, memory, temperature, and the errors (XID) of a GPU that is lost.

    On GPU nodes only: elsewhere it crashes for want of a driver. It is for nodes whose container runtime hands GPUs to
    whoever asks by environment, as Amazon Linux 2023's does; Bottlerocket's refuses that to pods without privileges
    unless its setting ``nvidia-container-runtime.visible-devices-envvar-when-unprivileged`` is on.

    One a node by nature, and no budget: a drain leaves DaemonSets alone. Losing it loses measurements of one node, not
    its work. It runs as root with SYS_ADMIN, the chart's own choice, which NVIDIA's profiling counters need; it gets no
    token of the cluster. A GPU that fell off its node is seen twice: here as an XID, and by the kubelet.

    Ports: 9400 for Prometheus.

    Cost when idle: none of its own. State: none. Regions: all children regional.
    """

    release: k8s.helm.v3.Release
    """To depend on."""

    def __init__(self, name: str, args: GpuMetricsArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("tandem:index:GpuMetrics", name, {}, opts)
        self.release = release(
            name,
            GPU_METRICS,
            namespace=args["namespace"],
            values=render_gpu_metrics(release_name=name, pool=args.get("pool", "gpu")),
            parent=self,
        )
        self.register_outputs({})


def render_gpu_metrics(*, release_name: str, pool: str) -> dict[str, Any]:
    """Values of the dcgm-exporter chart."""
    return {
        "fullnameOverride": release_name,
        "nodeSelector": {POOL_LABEL: pool},
        "tolerations": [{"key": GPU_TAINT, "operator": "Exists", "effect": "NoSchedule"}],
        "priorityClassName": "system-node-critical",
        "resources": resources("100m", "512Mi"),
        "podSecurityContext": {"seccompProfile": {"type": "RuntimeDefault"}},
        "serviceMonitor": {"enabled": True, "interval": "15s"},
    }
