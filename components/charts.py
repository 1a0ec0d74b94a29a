"""Every Helm chart this project deploys: name, repository and exact version, in one table.

A chart is raised here, then its key table is rebuilt (``scripts/chart_tables.py``); tests hold the two together.
"""

from dataclasses import dataclass


@dataclass(frozen=True)
class Chart:
    """One pinned chart."""

    name: str
    """Name in its repository; also the name of its key table."""
    repository: str | None
    """Helm repository, or folder of an OCI registry (``oci://``), that publishes it; None for a chart of this
    project."""
    version: str
    """Exact chart version, no range."""
    app_version: str
    """Version of what it deploys."""
    source: str
    """Where its text is kept and was read."""


PREFECT_SERVER = Chart(
    name="prefect-server",
    repository="https://prefecthq.github.io/prefect-helm",
    version="2026.8.18172642",
    app_version="3.8.3",
    source="https://github.com/PrefectHQ/prefect-helm/tree/2026.8.18172642/charts/prefect-server",
)

PREFECT_WORKER = Chart(
    name="prefect-worker",
    repository="https://prefecthq.github.io/prefect-helm",
    version="2026.8.18172642",
    app_version="3.8.3",
    source="https://github.com/PrefectHQ/prefect-helm/tree/2026.8.18172642/charts/prefect-worker",
)

LOAD_BALANCER_CONTROLLER = Chart(
    name="aws-load-balancer-controller",
    repository="https://aws.github.io/eks-charts",
    version="3.5.0",
    app_version="v3.5.0",
    source="https://github.com/aws/eks-charts/tree/v0.0.242/stable/aws-load-balancer-controller",
)

KARPENTER = Chart(
    name="karpenter",
    repository="oci://public.ecr.aws/karpenter",
    version="1.14.1",
    app_version="1.14.1",
    source="https://github.com/aws/karpenter-provider-aws/tree/v1.14.1/charts/karpenter",
)

KARPENTER_CRD = Chart(
    name="karpenter-crd",
    repository="oci://public.ecr.aws/karpenter",
    version="1.14.1",
    app_version="1.14.1",
    source="https://github.com/aws/karpenter-provider-aws/tree/v1.14.1/charts/karpenter-crd",
)

METRICS_SERVER = Chart(
    name="metrics-server",
    repository="https://kubernetes-sigs.github.io/metrics-server/",
    version="3.13.1",
    app_version="0.8.1",
    source="https://github.com/kubernetes-sigs/metrics-server/tree/metrics-server-helm-chart-3.13.1/charts/metrics-server",
)

GPU_DEVICE_PLUGIN = Chart(
    name="nvidia-device-plugin",
    repository="https://nvidia.github.io/k8s-device-plugin",
    version="0.20.0",
    app_version="0.20.0",
    source="https://github.com/NVIDIA/k8s-device-plugin/tree/v0.20.0/deployments/helm/nvidia-device-plugin",
)

MODEL_SERVER = Chart(
    name="model-server",
    repository=None,
    version="0.2.0",
    app_version="26.07",
    source="components/inference/model-server",
)

AIRFLOW = Chart(
    name="airflow",
    repository="https://airflow.apache.org",
    version="1.19.0",
    app_version="3.1.6",
    source="https://github.com/apache/airflow/tree/helm-chart/1.19.0/chart",
)

ARGO_CD = Chart(
    name="argo-cd",
    repository="https://argoproj.github.io/argo-helm",
    version="10.1.1",
    app_version="v3.4.4",
    source="https://github.com/argoproj/argo-helm/tree/argo-cd-10.1.1/charts/argo-cd",
)

ARGO_EVENTS = Chart(
    name="argo-events",
    repository="https://argoproj.github.io/argo-helm",
    version="2.4.22",
    app_version="v1.9.10",
    source="https://github.com/argoproj/argo-helm/tree/argo-events-2.4.22/charts/argo-events",
)

ARGO_ROLLOUTS = Chart(
    name="argo-rollouts",
    repository="https://argoproj.github.io/argo-helm",
    version="2.41.0",
    app_version="v1.9.0",
    source="https://github.com/argoproj/argo-helm/tree/argo-rollouts-2.41.0/charts/argo-rollouts",
)

ARGO_WORKFLOWS = Chart(
    name="argo-workflows",
    repository="https://argoproj.github.io/argo-helm",
    version="1.0.18",
    app_version="v4.0.6",
    source="https://github.com/argoproj/argo-helm/tree/argo-workflows-1.0.18/charts/argo-workflows",
)

FLUENT_BIT = Chart(
    name="aws-for-fluent-bit",
    repository="https://aws.github.io/eks-charts",
    version="0.2.0",
    app_version="3.2.1",
    source="https://github.com/aws/eks-charts/tree/v0.0.242/stable/aws-for-fluent-bit",
)

CERT_MANAGER = Chart(
    name="cert-manager",
    repository="https://charts.jetstack.io",
    version="v1.21.1",
    app_version="v1.21.1",
    source="https://github.com/cert-manager/cert-manager/tree/v1.21.1/deploy/charts/cert-manager",
)

GPU_METRICS = Chart(
    name="dcgm-exporter",
    repository="https://nvidia.github.io/dcgm-exporter/helm-charts",
    version="4.8.2",
    app_version="4.5.3-4.8.2",
    source="https://github.com/NVIDIA/dcgm-exporter/tree/4.5.3-4.8.2/deployment",
)

EXTERNAL_DNS = Chart(
    name="external-dns",
    repository="https://kubernetes-sigs.github.io/external-dns/",
    version="1.21.1",
    app_version="0.21.0",
    source="https://github.com/kubernetes-sigs/external-dns/tree/external-dns-helm-chart-1.21.1/charts/external-dns",
)

EXTERNAL_SECRETS = Chart(
    name="external-secrets",
    repository="https://charts.external-secrets.io",
    version="2.9.0",
    app_version="v2.9.0",
    source="https://github.com/external-secrets/external-secrets/tree/helm-chart-2.9.0/deploy/charts/external-secrets",
)

GATEKEEPER = Chart(
    name="gatekeeper",
    repository="https://open-policy-agent.github.io/gatekeeper/charts",
    version="3.23.0",
    app_version="v3.23.0",
    source="https://github.com/open-policy-agent/gatekeeper/tree/v3.23.0/charts/gatekeeper",
)

KEDA = Chart(
    name="keda",
    repository="https://kedacore.github.io/charts",
    version="2.20.2",
    app_version="2.20.2",
    source="https://github.com/kedacore/charts/tree/v2.20.2/keda",
)

KSERVE_CRD = Chart(
    name="kserve-crd",
    repository="oci://ghcr.io/kserve/charts",
    version="v0.20.0",
    app_version="v0.20.0",
    source="https://github.com/kserve/kserve/tree/v0.20.0/charts/kserve-crd",
)

KSERVE = Chart(
    name="kserve-resources",
    repository="oci://ghcr.io/kserve/charts",
    version="v0.20.0",
    app_version="v0.20.0",
    source="https://github.com/kserve/kserve/tree/v0.20.0/charts/kserve-resources",
)

KSERVE_RUNTIMES = Chart(
    name="kserve-runtime-configs",
    repository="oci://ghcr.io/kserve/charts",
    version="v0.20.0",
    app_version="v0.20.0",
    source="https://github.com/kserve/kserve/tree/v0.20.0/charts/kserve-runtime-configs",
)

PROMETHEUS_STACK = Chart(
    name="kube-prometheus-stack",
    repository="https://prometheus-community.github.io/helm-charts",
    version="88.5.3",
    app_version="v0.93.1",
    source="https://github.com/prometheus-community/helm-charts/tree/kube-prometheus-stack-88.5.3/charts/kube-prometheus-stack",
)

KYVERNO = Chart(
    name="kyverno",
    repository="https://kyverno.github.io/kyverno/",
    version="3.9.0",
    app_version="v1.19.0",
    source="https://github.com/kyverno/kyverno/tree/kyverno-chart-3.9.0/charts/kyverno",
)

OPENTELEMETRY_COLLECTOR = Chart(
    name="opentelemetry-collector",
    repository="https://open-telemetry.github.io/opentelemetry-helm-charts",
    version="0.170.0",
    app_version="0.158.0",
    source="https://github.com/open-telemetry/opentelemetry-helm-charts/tree/opentelemetry-collector-0.170.0/charts/opentelemetry-collector",
)

OPENTELEMETRY_OPERATOR = Chart(
    name="opentelemetry-operator",
    repository="https://open-telemetry.github.io/opentelemetry-helm-charts",
    version="0.122.0",
    app_version="0.158.0",
    source="https://github.com/open-telemetry/opentelemetry-helm-charts/tree/opentelemetry-operator-0.122.0/charts/opentelemetry-operator",
)

PREFECT_EXPORTER = Chart(
    name="prometheus-prefect-exporter",
    repository="https://prefecthq.github.io/prefect-helm",
    version="2026.8.7141024",
    app_version="4.0.0",
    source="https://github.com/PrefectHQ/prefect-helm/tree/2026.8.7141024/charts/prometheus-prefect-exporter",
)

TEMPORAL = Chart(
    name="temporal",
    repository="https://go.temporal.io/helm-charts",
    version="1.6.0",
    app_version="1.31.2",
    source="https://github.com/temporalio/helm-charts/tree/temporal-1.6.0/charts/temporal",
)

VAULT = Chart(
    name="vault",
    repository="https://helm.releases.hashicorp.com",
    version="0.34.1",
    app_version="2.0.4",
    source="https://github.com/hashicorp/vault-helm/tree/v0.34.1",
)

VELERO = Chart(
    name="velero",
    repository="https://vmware-tanzu.github.io/helm-charts",
    version="12.1.0",
    app_version="1.18.1",
    source="https://github.com/vmware-tanzu/helm-charts/tree/velero-12.1.0/charts/velero",
)

VLLM_STACK = Chart(
    name="vllm-stack",
    repository="https://vllm-project.github.io/production-stack",
    version="0.1.12",
    app_version="0.1.12",
    source="https://github.com/vllm-project/production-stack/tree/vllm-stack-0.1.12/helm",
)

CHARTS = (
    AIRFLOW,
    ARGO_CD,
    ARGO_EVENTS,
    ARGO_ROLLOUTS,
    ARGO_WORKFLOWS,
    FLUENT_BIT,
    LOAD_BALANCER_CONTROLLER,
    CERT_MANAGER,
    GPU_METRICS,
    EXTERNAL_DNS,
    EXTERNAL_SECRETS,
    GATEKEEPER,
    KARPENTER,
    KARPENTER_CRD,
    KEDA,
    KSERVE_CRD,
    KSERVE,
    KSERVE_RUNTIMES,
    PROMETHEUS_STACK,
    KYVERNO,
    METRICS_SERVER,
    MODEL_SERVER,
    GPU_DEVICE_PLUGIN,
    OPENTELEMETRY_COLLECTOR,
    OPENTELEMETRY_OPERATOR,
    PREFECT_SERVER,
    PREFECT_WORKER,
    PREFECT_EXPORTER,
    TEMPORAL,
    VAULT,
    VELERO,
    VLLM_STACK,
)
"""All of them, by name."""
