"""How Prometheus measures models that teams bring to KServe."""

from typing import Any, TypedDict

import pulumi
import pulumi_kubernetes as k8s

_PORT = "__meta_kubernetes_pod_annotation_prometheus_io_port"
_PATH = "__meta_kubernetes_pod_annotation_prometheus_io_path"


class PredictorMonitorArgs(TypedDict):
    """Inputs of PredictorMonitor."""

    namespace: pulumi.Input[str]
    """Existing namespace, KServe's; it measures predictors of every namespace."""


class PredictorMonitor(pulumi.ComponentResource):
    """Lets Prometheus measure predictors of KServe, wherever they are, that say at which port.

    They say it when their InferenceService has the annotation ``serving.kserve.io/enable-prometheus-scraping: "true"``:
    KServe then writes its runtime's port and path on each pod. Metrics are the runtime's own, so what can be asked
    differs: Triton's and vLLM's have requests, failures and queues; KServe's own servers have the time of each
    prediction and count no failures. Series of one model carry its ``inferenceservice``.

    Must depend on KServe and on PrometheusStack. Cost when idle: none. State: none. Regions: one cluster's.
    """

    def __init__(self, name: str, args: PredictorMonitorArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("tandem:index:PredictorMonitor", name, {}, opts)
        k8s.apiextensions.CustomResource(
            name,
            api_version="monitoring.coreos.com/v1",
            kind="PodMonitor",
            metadata=k8s.meta.v1.ObjectMetaArgs(name=name, namespace=args["namespace"]),
            spec=render_predictor_monitor(),
            opts=pulumi.ResourceOptions(parent=self),
        )
        self.register_outputs({})


def render_predictor_monitor() -> dict[str, Any]:
    """Spec of the PodMonitor. Ports are in annotations, so it names none; equal targets are one."""
    return {
        "namespaceSelector": {"any": True},
        "selector": {"matchExpressions": [{"key": "serving.kserve.io/inferenceservice", "operator": "Exists"}]},
        "podTargetLabels": ["serving.kserve.io/inferenceservice"],
        "podMetricsEndpoints": [
            {
                "interval": "15s",
                "relabelings": [
                    {
                        "action": "keep",
                        "sourceLabels": ["__meta_kubernetes_pod_container_name"],
                        "regex": "kserve-container",
                    },
                    {"action": "keep", "sourceLabels": [_PORT], "regex": "[0-9]+"},
                    {"sourceLabels": [_PATH], "regex": "(/.*)", "targetLabel": "__metrics_path__"},
                    {
                        "sourceLabels": ["__meta_kubernetes_pod_ip", _PORT],
                        "separator": ":",
                        "targetLabel": "__address__",
                    },
                ],
            }
        ],
    }
