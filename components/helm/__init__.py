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
from components.helm.prometheus_stack import (
    ALERTMANAGER_PORT,
    ALERTMANAGER_SERVICE_ACCOUNT,
    DASHBOARD_LABEL,
    GRAFANA_DATABASE,
    GRAFANA_POD_PORT,
    GRAFANA_PORT,
    PROMETHEUS_PORT,
    PROMETHEUS_SERVICE_ACCOUNT,
    PrometheusStack,
    PrometheusStackArgs,
    alertmanager_policy,
    prometheus_policy,
)
from components.helm.target_group_binding import TargetGroupBinding, TargetGroupBindingArgs
from components.helm.velero import (
    OTHER_LOCATION,
    OWN_LOCATION,
    VELERO_SERVICE_ACCOUNT,
    BackupSchedule,
    Velero,
    VeleroArgs,
    velero_policy,
)

__all__ = [
    "ALERTMANAGER_PORT",
    "ALERTMANAGER_SERVICE_ACCOUNT",
    "CLUSTER_STORE",
    "CONTROLLER_NAMESPACE",
    "CONTROLLER_SERVICE_ACCOUNT",
    "DASHBOARD_LABEL",
    "GRAFANA_DATABASE",
    "GRAFANA_POD_PORT",
    "GRAFANA_PORT",
    "OTHER_LOCATION",
    "OWN_LOCATION",
    "PROMETHEUS_PORT",
    "PROMETHEUS_SERVICE_ACCOUNT",
    "SERVER_PORT",
    "VELERO_SERVICE_ACCOUNT",
    "BackupSchedule",
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
    "PrometheusStack",
    "PrometheusStackArgs",
    "Source",
    "TargetGroupBinding",
    "TargetGroupBindingArgs",
    "Velero",
    "VeleroArgs",
    "alertmanager_policy",
    "prometheus_policy",
    "velero_policy",
]
