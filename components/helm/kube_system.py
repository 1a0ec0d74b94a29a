"""Who reaches the pods of this platform in ``kube-system``, and how Prometheus measures them."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, NotRequired, TypedDict

import pulumi
import pulumi_kubernetes as k8s

from components.charts import GPU_DEVICE_PLUGIN, KARPENTER, LOAD_BALANCER_CONTROLLER, METRICS_SERVER
from components.kubernetes.namespace import INSTANCE_METADATA

NAMESPACE = "kube-system"


@dataclass(frozen=True)
class _Pods:
    """What one chart's pods listen on.

    Attributes:
        chart: name of the chart, which is a label of its pods.
        called: ports that the API server calls.
        endpoint: of a PodMonitor; none where nothing is measured.
        measured: port of the endpoint.
    """

    chart: str
    called: tuple[int, ...] = ()
    endpoint: Mapping[str, Any] = field(default_factory=dict[str, Any])
    measured: int = 0

    def labels(self, release: str) -> dict[str, str]:
        """What its pods alone have."""
        return {"app.kubernetes.io/name": self.chart, "app.kubernetes.io/instance": release}


# Ports and their names are the charts' own (templates/deployment.yaml of each, read 2026-11).
_LOAD_BALANCER = _Pods(LOAD_BALANCER_CONTROLLER.name, (9443,), {"port": "metrics-server"}, 8080)
_KARPENTER = _Pods(KARPENTER.name, (), {"port": "http-metrics"}, 8080)
_METRICS_SERVER = _Pods(
    METRICS_SERVER.name,
    (10250,),
    # Its certificate is one that it makes for itself when it starts.
    {"port": "https", "scheme": "https", "tlsConfig": {"insecureSkipVerify": True}},
    10250,
)
_DEVICE_PLUGIN = _Pods(GPU_DEVICE_PLUGIN.name)


class SystemReleases(TypedDict):
    """Names of the releases in ``kube-system``."""

    load_balancer_controller: str
    """Name of the LoadBalancerController."""
    karpenter: str
    """Name of the Karpenter."""
    metrics_server: str
    """Name of the MetricsServer."""
    gpu_device_plugin: NotRequired[str]
    """Name of the GpuDevicePlugin. Default: there is none."""


class SystemPoliciesArgs(TypedDict):
    """Inputs of SystemPolicies."""

    releases: SystemReleases
    """Whose pods."""
    vpc_cidrs: list[pulumi.Input[str]]
    """Networks of the VPC, from which the API server calls: at least one."""
    monitoring_namespace: str
    """Namespace of Prometheus."""


class SystemPolicies(pulumi.ComponentResource):
    """Network policies of this platform's own pods in ``kube-system``; AWS's are left alone.

    In come, at the ports that listen: the API server, to the load-balancer controller's webhook and the metrics
    server's API; Prometheus, to what it measures. Nobody comes in to the device plugin, which speaks with its kubelet
    by a socket. A kubelet always reaches its own node's pods. Out goes everything but to the node's metadata service:
    all of them have rights of their own and are told their region.

    By chart and release, never for the whole namespace: a default there would stand between pods and CoreDNS, and would
    have to know each add-on of AWS' in each of its versions. Add-ons on the host's network (CNI, kube-proxy, Pod
    Identity agent) no policy reaches at all. These three stay in this namespace rather than in ones of their own:
    the API server gives its service accounts a share of its own when it is overloaded, as during a failover
    (kubernetes.io, "API Priority and Fairness", flow schema ``kube-system-service-accounts``; karpenter.sh, "Getting
    started", asks for it).

    The policies hold where something enforces them, as Namespace says. Cost when idle: none. State: none. Regions: one
    cluster's.
    """

    def __init__(self, name: str, args: SystemPoliciesArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        if not args["vpc_cidrs"]:
            raise ValueError("vpc_cidrs: is empty, so the API server reaches no webhook; name the VPC's networks")
        super().__init__("tandem:index:SystemPolicies", name, {}, opts)
        for release, pods in _standing(args["releases"]).items():
            k8s.networking.v1.NetworkPolicy(
                f"{name}-{release}",
                metadata=k8s.meta.v1.ObjectMetaArgs(name=release, namespace=NAMESPACE),
                spec=render_system_policy(
                    pods, release, vpc_cidrs=args["vpc_cidrs"], monitoring=args["monitoring_namespace"]
                ),
                opts=pulumi.ResourceOptions(parent=self),
            )
        self.register_outputs({})


class SystemMonitorsArgs(TypedDict):
    """Inputs of SystemMonitors."""

    releases: SystemReleases
    """Whose pods."""


class SystemMonitors(pulumi.ComponentResource):
    """Lets Prometheus measure what binds pods to load balancers, starts nodes, and tells autoscalers of the load.

    Apart from their charts, because they come first: Prometheus brings the definition of PodMonitor, and itself needs
    nodes and a load balancer. Must depend on PrometheusStack.

    Cost when idle: none. State: none. Regions: one cluster's.
    """

    def __init__(self, name: str, args: SystemMonitorsArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("tandem:index:SystemMonitors", name, {}, opts)
        for release, pods in _standing(args["releases"]).items():
            if not pods.measured:
                continue
            k8s.apiextensions.CustomResource(
                f"{name}-{release}",
                api_version="monitoring.coreos.com/v1",
                kind="PodMonitor",
                metadata=k8s.meta.v1.ObjectMetaArgs(name=release, namespace=NAMESPACE),
                spec=render_system_monitor(pods, release),
                opts=pulumi.ResourceOptions(parent=self),
            )
        self.register_outputs({})


def _standing(releases: SystemReleases) -> dict[str, _Pods]:
    pods = {
        releases["load_balancer_controller"]: _LOAD_BALANCER,
        releases["karpenter"]: _KARPENTER,
        releases["metrics_server"]: _METRICS_SERVER,
    }
    if "gpu_device_plugin" in releases:
        pods[releases["gpu_device_plugin"]] = _DEVICE_PLUGIN
    return pods


def render_system_policy(pods: _Pods, release: str, *, vpc_cidrs: list[pulumi.Input[str]], monitoring: str) -> Any:
    """Spec of the NetworkPolicy of one chart's pods."""
    ingress: list[dict[str, Any]] = []
    if pods.called:
        ingress.append(
            {
                "from": [{"ipBlock": {"cidr": cidr}} for cidr in vpc_cidrs],
                "ports": [{"protocol": "TCP", "port": port} for port in pods.called],
            }
        )
    if pods.measured:
        ingress.append(
            {
                "from": [{"namespaceSelector": {"matchLabels": {"kubernetes.io/metadata.name": monitoring}}}],
                "ports": [{"protocol": "TCP", "port": pods.measured}],
            }
        )
    return {
        "podSelector": {"matchLabels": pods.labels(release)},
        "policyTypes": ["Ingress", "Egress"],
        "ingress": ingress,
        "egress": [{"to": [{"ipBlock": {"cidr": "0.0.0.0/0", "except": [INSTANCE_METADATA]}}]}],
    }


def render_system_monitor(pods: _Pods, release: str) -> dict[str, Any]:
    """Spec of the PodMonitor of one chart's pods."""
    return {
        "selector": {"matchLabels": pods.labels(release)},
        "podMetricsEndpoints": [{**pods.endpoint, "interval": "30s"}],
    }
