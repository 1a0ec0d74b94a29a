"""What is installed into a cluster from pinned charts."""

from components.helm.external_secret import CLUSTER_STORE, ExternalSecret, ExternalSecretArgs, Source
from components.helm.gpu_device_plugin import GpuDevicePlugin, GpuDevicePluginArgs
from components.helm.karpenter import Karpenter, KarpenterArgs
from components.helm.load_balancer_controller import (
    CONTROLLER_NAMESPACE,
    CONTROLLER_SERVICE_ACCOUNT,
    LoadBalancerController,
    LoadBalancerControllerArgs,
)
from components.helm.metrics_server import MetricsServer, MetricsServerArgs
from components.helm.prefect_server import SERVER_PORT, PrefectServer, PrefectServerArgs
from components.helm.prefect_worker import PrefectWorker, PrefectWorkerArgs
from components.helm.target_group_binding import TargetGroupBinding, TargetGroupBindingArgs

__all__ = [
    "CLUSTER_STORE",
    "CONTROLLER_NAMESPACE",
    "CONTROLLER_SERVICE_ACCOUNT",
    "SERVER_PORT",
    "ExternalSecret",
    "ExternalSecretArgs",
    "GpuDevicePlugin",
    "GpuDevicePluginArgs",
    "Karpenter",
    "KarpenterArgs",
    "LoadBalancerController",
    "LoadBalancerControllerArgs",
    "MetricsServer",
    "MetricsServerArgs",
    "PrefectServer",
    "PrefectServerArgs",
    "PrefectWorker",
    "PrefectWorkerArgs",
    "Source",
    "TargetGroupBinding",
    "TargetGroupBindingArgs",
]
