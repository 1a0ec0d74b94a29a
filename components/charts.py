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
    version="0.1.0",
    app_version="26.07",
    source="components/inference/model-server",
)

CHARTS = (
    LOAD_BALANCER_CONTROLLER,
    KARPENTER,
    KARPENTER_CRD,
    METRICS_SERVER,
    MODEL_SERVER,
    GPU_DEVICE_PLUGIN,
    PREFECT_SERVER,
    PREFECT_WORKER,
)
"""All of them, by name."""
