"""Where programs send their traces, measurements and logs."""

from typing import Any, NotRequired, TypedDict

import pulumi
import pulumi_kubernetes as k8s

from components._pod_security import READ_ONLY
from components._scheduling import node_loss_tolerations, resources, spread
from components.charts import OPENTELEMETRY_COLLECTOR, OPENTELEMETRY_OPERATOR
from components.helm._budget import disruption_budget
from components.helm._release import release
from components.iam import Statement, allow, document
from components.kubernetes import Priority

COLLECTOR_SERVICE_ACCOUNT = "opentelemetry-collector"
"""Give it ``collector_policy``."""

OTLP_GRPC_PORT = 4317
OTLP_HTTP_PORT = 4318
OPENTELEMETRY_WEBHOOK_PORT = 9443
"""Port of the operator that the API server calls."""

COLLECTOR_IMAGE = "ghcr.io/open-telemetry/opentelemetry-collector-releases/opentelemetry-collector-contrib"
"""The distribution with AWS's exporters in it."""


class OpenTelemetryOperatorArgs(TypedDict):
    """Inputs of OpenTelemetryOperator."""

    namespace: pulumi.Input[str]
    """Existing namespace."""
    replicas: NotRequired[int]
    """Replicas, at least 2; one leads, the others wait. Default 2."""


class OpenTelemetryOperator(pulumi.ComponentResource):
    """OpenTelemetry's operator: collectors and instrumentation as objects of the cluster.

    Losing its leader's zone pauses changes for the length of a lease; collectors that run go on. Its webhook must
    answer before its own objects can be made or changed; pods of others start without instrumentation when it is gone.
    Its certificate is cert-manager's: make this depend on CertManager.

    Ports: OPENTELEMETRY_WEBHOOK_PORT for the API server, 8443 for Prometheus.

    Cost when idle: its pods. State: none but its objects. Regions: all children regional.
    """

    release: k8s.helm.v3.Release
    """To depend on, for whatever has OpenTelemetryCollectors or Instrumentations."""

    def __init__(self, name: str, args: OpenTelemetryOperatorArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        replicas = int(args.get("replicas", 2))
        if replicas < 2:
            raise ValueError(f"replicas: got {replicas}, must be at least 2: one leads, another takes over")
        super().__init__("tandem:index:OpenTelemetryOperator", name, {}, opts)
        self.release = release(
            name,
            OPENTELEMETRY_OPERATOR,
            namespace=args["namespace"],
            values=render_opentelemetry_operator(release_name=name, replicas=replicas),
            parent=self,
        )
        self.register_outputs({})


class OpenTelemetryCollectorArgs(TypedDict):
    """Inputs of OpenTelemetryCollector."""

    namespace: pulumi.Input[str]
    """Existing namespace."""
    region: pulumi.Input[str]
    """Region of X-Ray, CloudWatch and Amazon Managed Prometheus."""
    log_group: pulumi.Input[str]
    """Name of an existing log group of CloudWatch."""
    remote_write_url: NotRequired[pulumi.Input[str]]
    """Where measurements go (ManagedPrometheus.remote_write_url). Default none: measurements are refused."""
    replicas: NotRequired[int]
    """Collectors that always run, at least 2. Default 2."""
    max_replicas: NotRequired[int]
    """Most collectors under load. Default 10."""


class OpenTelemetryCollector(pulumi.ComponentResource):
    """A gateway that takes OTLP from every pod and hands it to X-Ray, CloudWatch and Amazon Managed Prometheus.

    Losing a zone loses the collectors in it with what they had not sent, about ten seconds' worth; programs connect to
    the others. One that is running out of memory refuses, and programs try again, rather than being killed with all it
    holds. With AWS away it tries again for five minutes and then drops: what must be kept goes to the pod's own output,
    which LogShipping keeps on disk. Connections over gRPC end after a minute, so that they spread over new collectors.

    Ports: OTLP_GRPC_PORT and OTLP_HTTP_PORT for every pod, 8888 for Prometheus. AWS: ``collector_policy``.

    Cost when idle: its pods. State: none. Regions: all children regional.
    """

    release: k8s.helm.v3.Release
    """To depend on."""
    grpc_endpoint: pulumi.Output[str]
    """``OTEL_EXPORTER_OTLP_ENDPOINT`` of programs that speak gRPC."""
    http_endpoint: pulumi.Output[str]
    """``OTEL_EXPORTER_OTLP_ENDPOINT`` of programs that speak HTTP."""

    def __init__(self, name: str, args: OpenTelemetryCollectorArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        replicas, max_replicas = plan_collectors(int(args.get("replicas", 2)), int(args.get("max_replicas", 10)))
        super().__init__("tandem:index:OpenTelemetryCollector", name, {}, opts)
        self.release = release(
            name,
            OPENTELEMETRY_COLLECTOR,
            namespace=args["namespace"],
            values=render_opentelemetry_collector(
                release_name=name,
                region=args["region"],
                log_group=args["log_group"],
                remote_write_url=args.get("remote_write_url"),
                replicas=replicas,
                max_replicas=max_replicas,
            ),
            parent=self,
        )
        # The chart's own budget cannot say how it treats an ill pod, which must not keep its node from being drained.
        disruption_budget(name, namespace=args["namespace"], labels=collector_labels(name), parent=self)
        ready = self.release.name.apply(lambda _: name)
        host = pulumi.Output.concat("http://", ready, ".", args["namespace"], ".svc.cluster.local:")
        self.grpc_endpoint = pulumi.Output.concat(host, str(OTLP_GRPC_PORT))
        self.http_endpoint = pulumi.Output.concat(host, str(OTLP_HTTP_PORT))
        self.register_outputs({"grpcEndpoint": self.grpc_endpoint, "httpEndpoint": self.http_endpoint})


def plan_collectors(replicas: int, max_replicas: int) -> tuple[int, int]:
    """Check the number of collectors.

    Raises:
        ValueError: If a lost pod would leave none, or load could not add any.
    """
    if replicas < 2:
        raise ValueError(f"replicas: got {replicas}, must be at least 2")
    if max_replicas <= replicas:
        raise ValueError(f"max_replicas: got {max_replicas}, must be above replicas ({replicas})")
    return replicas, max_replicas


def collector_policy(log_group_arn: str, workspace_arn: str | None = None) -> str:
    """What COLLECTOR_SERVICE_ACCOUNT may do: send traces, write streams of one log group and samples to one workspace.

    Sending traces has no resource (Service Authorization Reference, AWS X-Ray).
    """
    group = log_group_arn.removesuffix(":*")
    sampling: list[Statement] = [] if workspace_arn is None else [allow(["aps:RemoteWrite"], [workspace_arn])]
    return document(
        [
            allow(["xray:PutTelemetryRecords", "xray:PutTraceSegments"], ["*"]),
            allow(["logs:CreateLogStream", "logs:PutLogEvents"], [group, f"{group}:log-stream:*"]),
            *sampling,
        ]
    )


def collector_labels(release_name: str) -> dict[str, str]:
    """Labels by which the chart selects its pods."""
    return {
        "app.kubernetes.io/name": OPENTELEMETRY_COLLECTOR.name,
        "app.kubernetes.io/instance": release_name,
        "component": "standalone-collector",
    }


def render_opentelemetry_operator(*, release_name: str, replicas: int) -> dict[str, Any]:
    """Values of the opentelemetry-operator chart."""
    labels = {
        "app.kubernetes.io/name": OPENTELEMETRY_OPERATOR.name,
        "app.kubernetes.io/instance": release_name,
        "app.kubernetes.io/component": "controller-manager",
    }
    return {
        "fullnameOverride": release_name,
        "replicaCount": replicas,
        "pdb": {"create": True, "minAvailable": replicas - 1},
        "topologySpreadConstraints": spread(labels),
        "tolerations": node_loss_tolerations(),
        "priorityClassName": Priority.SERVICES.value,
        "manager": {
            "leaderElection": {"enabled": True},
            "resources": resources("100m", "256Mi"),
            "securityContext": {"readOnlyRootFilesystem": True},
            "serviceMonitor": {"enabled": True},
        },
        # The chart's other way makes a new certificate at every upgrade, and old pods keep the old one.
        "admissionWebhooks": {"certManager": {"enabled": True}, "autoGenerateCert": {"enabled": False}},
        "crds": {"create": True},
    }


def render_opentelemetry_collector(
    *,
    release_name: str,
    region: pulumi.Input[str],
    log_group: pulumi.Input[str],
    remote_write_url: pulumi.Input[str] | None,
    replicas: int,
    max_replicas: int,
) -> dict[str, Any]:
    """Values of the opentelemetry-collector chart."""
    return {
        "fullnameOverride": release_name,
        "mode": "deployment",
        "image": {"repository": COLLECTOR_IMAGE, "tag": OPENTELEMETRY_COLLECTOR.app_version},
        "replicaCount": replicas,
        "autoscaling": {
            "enabled": True,
            "minReplicas": replicas,
            "maxReplicas": max_replicas,
            "targetCPUUtilizationPercentage": 70,
        },
        "rollout": {"strategy": "RollingUpdate", "rollingUpdate": {"maxUnavailable": 0, "maxSurge": 1}},
        "topologySpreadConstraints": spread(collector_labels(release_name)),
        "tolerations": node_loss_tolerations(),
        "priorityClassName": Priority.SERVICES.value,
        "resources": resources("250m", "1Gi"),
        "useGOMEMLIMIT": True,
        "serviceAccount": {"create": True, "name": COLLECTOR_SERVICE_ACCOUNT},
        "podSecurityContext": {"seccompProfile": {"type": "RuntimeDefault"}},
        "securityContext": {**READ_ONLY, "runAsNonRoot": True, "runAsUser": 10001},
        "ports": {
            "jaeger-compact": {"enabled": False},
            "jaeger-thrift": {"enabled": False},
            "jaeger-grpc": {"enabled": False},
            "zipkin": {"enabled": False},
            "metrics": {"enabled": True},
        },
        "serviceMonitor": {"enabled": True},
        # Not `config`, which is merged with the chart's own: its receivers for Jaeger and Zipkin would listen as well.
        "alternateConfig": render_collector_config(
            region=region, log_group=log_group, remote_write_url=remote_write_url
        ),
    }


def render_collector_config(
    *, region: pulumi.Input[str], log_group: pulumi.Input[str], remote_write_url: pulumi.Input[str] | None
) -> dict[str, Any]:
    """The collector's own configuration."""
    own = "${env:MY_POD_IP}"
    exporters: dict[str, Any] = {
        "awsxray": {"region": region},
        "awscloudwatchlogs": {
            "region": region,
            "log_group_name": log_group,
            # A stream each: CloudWatch takes a stream's events in order, and collectors know nothing of each other.
            "log_stream_name": "${env:OTEL_K8S_POD_NAME}",
        },
    }
    extensions: dict[str, Any] = {"health_check": {"endpoint": f"{own}:13133"}}
    # In this order: what is refused for want of memory must not have been batched.
    processors = ["memory_limiter", "batch"]
    pipelines: dict[str, Any] = {
        "traces": {"receivers": ["otlp"], "processors": processors, "exporters": ["awsxray"]},
        "logs": {"receivers": ["otlp"], "processors": processors, "exporters": ["awscloudwatchlogs"]},
    }
    if remote_write_url is not None:
        extensions["sigv4auth"] = {"region": region, "service": "aps"}
        exporters["prometheusremotewrite"] = {
            "endpoint": remote_write_url,
            "auth": {"authenticator": "sigv4auth"},
            "resource_to_telemetry_conversion": {"enabled": True},
        }
        pipelines["metrics"] = {
            "receivers": ["otlp"],
            "processors": processors,
            "exporters": ["prometheusremotewrite"],
        }
    return {
        "extensions": extensions,
        "receivers": {
            "otlp": {
                "protocols": {
                    "grpc": {
                        "endpoint": f"{own}:{OTLP_GRPC_PORT}",
                        "keepalive": {
                            "server_parameters": {"max_connection_age": "60s", "max_connection_age_grace": "10s"}
                        },
                    },
                    "http": {"endpoint": f"{own}:{OTLP_HTTP_PORT}"},
                }
            }
        },
        "processors": {
            "memory_limiter": {"check_interval": "1s", "limit_percentage": 80, "spike_limit_percentage": 20},
            "batch": {"timeout": "5s", "send_batch_size": 1000, "send_batch_max_size": 1000},
        },
        "exporters": exporters,
        "service": {
            "extensions": sorted(extensions),
            "pipelines": pipelines,
            "telemetry": {
                "metrics": {"readers": [{"pull": {"exporter": {"prometheus": {"host": own, "port": 8888}}}}]}
            },
        },
    }
