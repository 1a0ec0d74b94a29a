"""What is installed into a cluster from pinned charts."""

from components.helm.cert_manager import (
    CERT_MANAGER_SERVICE_ACCOUNT,
    CERT_MANAGER_WEBHOOK_PORT,
    CLUSTER_ISSUER,
    CertManager,
    CertManagerArgs,
)
from components.helm.external_dns import EXTERNAL_DNS_SERVICE_ACCOUNT, ExternalDns, ExternalDnsArgs, external_dns_policy
from components.helm.external_secret import CLUSTER_STORE, ExternalSecret, ExternalSecretArgs, Source
from components.helm.external_secrets import (
    EXTERNAL_SECRETS_SERVICE_ACCOUNT,
    EXTERNAL_SECRETS_WEBHOOK_PORT,
    ExternalSecretsMonitor,
    ExternalSecretsMonitorArgs,
    ExternalSecretsOperator,
    ExternalSecretsOperatorArgs,
    external_secrets_policy,
)
from components.helm.gatekeeper import GATEKEEPER_METRICS_PORT, GATEKEEPER_WEBHOOK_PORT, Gatekeeper, GatekeeperArgs
from components.helm.gpu_device_plugin import GpuDevicePlugin, GpuDevicePluginArgs
from components.helm.karpenter import Karpenter, KarpenterArgs
from components.helm.kyverno import KYVERNO_METRICS_PORT, KYVERNO_WEBHOOK_PORT, Kyverno, KyvernoArgs
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
    "CERT_MANAGER_SERVICE_ACCOUNT",
    "CERT_MANAGER_WEBHOOK_PORT",
    "CLUSTER_ISSUER",
    "CLUSTER_STORE",
    "CONTROLLER_NAMESPACE",
    "CONTROLLER_SERVICE_ACCOUNT",
    "DASHBOARD_LABEL",
    "EXTERNAL_DNS_SERVICE_ACCOUNT",
    "EXTERNAL_SECRETS_SERVICE_ACCOUNT",
    "EXTERNAL_SECRETS_WEBHOOK_PORT",
    "GATEKEEPER_METRICS_PORT",
    "GATEKEEPER_WEBHOOK_PORT",
    "GRAFANA_DATABASE",
    "GRAFANA_POD_PORT",
    "GRAFANA_PORT",
    "KYVERNO_METRICS_PORT",
    "KYVERNO_WEBHOOK_PORT",
    "OTHER_LOCATION",
    "OWN_LOCATION",
    "PROMETHEUS_PORT",
    "PROMETHEUS_SERVICE_ACCOUNT",
    "SERVER_PORT",
    "VELERO_SERVICE_ACCOUNT",
    "BackupSchedule",
    "CertManager",
    "CertManagerArgs",
    "ExternalDns",
    "ExternalDnsArgs",
    "ExternalSecret",
    "ExternalSecretArgs",
    "ExternalSecretsMonitor",
    "ExternalSecretsMonitorArgs",
    "ExternalSecretsOperator",
    "ExternalSecretsOperatorArgs",
    "Gatekeeper",
    "GatekeeperArgs",
    "GpuDevicePlugin",
    "GpuDevicePluginArgs",
    "Karpenter",
    "KarpenterArgs",
    "Kyverno",
    "KyvernoArgs",
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
    "external_dns_policy",
    "external_secrets_policy",
    "prometheus_policy",
    "velero_policy",
]
