"""What is measured, written down and told of the cluster."""

from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

from components.helm import (
    ALERTMANAGER_SERVICE_ACCOUNT,
    COLLECTOR_SERVICE_ACCOUNT,
    GRAFANA_POD_PORT,
    GRAFANA_PORT,
    GRAFANA_SERVICE_ACCOUNT,
    LOG_SHIPPING_SERVICE_ACCOUNT,
    OPENTELEMETRY_WEBHOOK_PORT,
    OTLP_GRPC_PORT,
    OTLP_HTTP_PORT,
    PROMETHEUS_PORT,
    PROMETHEUS_SERVICE_ACCOUNT,
    CertManager,
    ExternalSecretsMonitor,
    GpuMetrics,
    LogShipping,
    LogShippingArgs,
    OpenTelemetryCollector,
    OpenTelemetryCollectorArgs,
    OpenTelemetryOperator,
    PrometheusStack,
    PrometheusStackArgs,
    SystemMonitors,
    alertmanager_policy,
    alerts_url,
    collector_policy,
    grafana_policy,
    log_shipping_policy,
    prometheus_policy,
)
from components.monitoring import ManagedPrometheus
from components.observability import (
    REPLACES,
    AlertRouting,
    AlertRoutingArgs,
    AlertRules,
    AlertRulesArgs,
    Dashboards,
    ModelObjective,
    PredictorMonitor,
    ReplicatedRegion,
    Replication,
)
from components.storage import EVERYTHING, REPLICATION_MINUTES
from infra.layers.below import RECOVERY, Below
from infra.layers.data import BUCKETS, GRAFANA, GRAFANA_SIGN_IN, LOGS
from infra.layers.platform import Services, bind, system_releases
from infra.namespaces import EVENTS, EXTERNAL_SECRETS, KEDA, MONITORING, NODE_AGENTS, ROLLOUTS, TELEMETRY
from infra.sections import Engine
from infra.sections.workloads import VllmStack
from infra.settings import Settings

API_SERVER_PORTS = [10250]
"""Ports of the webhook that judges Prometheus' rules."""


@dataclass(frozen=True)
class Monitors:
    """What to depend on."""

    stack: PrometheusStack
    """Brings the definitions of monitors and rules."""
    workspace: ManagedPrometheus | None
    """Where measurements outlive the cluster, if anywhere."""
    grafana: pulumi.Resource
    """Grafana, bound to the load balancer."""


def build(below: Below, services: Services, databases: list[pulumi.Resource]) -> Monitors:
    """Prometheus first: whatever is measured by it needs its definitions."""
    settings, data = below.settings, below.data
    section = settings.platform.observability
    workspace = _workspace(below) if section.managed_prometheus else None
    # The node exporter looks at its host.
    namespace = below.namespace(
        MONITORING,
        pod_security="privileged",
        webhook_ports=API_SERVER_PORTS,
        entrance_ports=[GRAFANA_POD_PORT],
        # KEDA and Argo Rollouts ask Prometheus.
        admits={KEDA: [PROMETHEUS_PORT], ROLLOUTS: [PROMETHEUS_PORT]},
    )
    rights = [
        below.rights(
            MONITORING,
            ALERTMANAGER_SERVICE_ACCOUNT,
            pulumi.Output.all(below.topic_arn, below.keys.logs.arn).apply(lambda arns: alertmanager_policy(*arns)),
        ),
        below.rights(
            MONITORING,
            GRAFANA_SERVICE_ACCOUNT,
            grafana_policy([each["region"] for each in _replicated(settings)], settings.platform.account_id),
        ),
    ]
    if workspace is not None:
        rights.append(below.rights(MONITORING, PROMETHEUS_SERVICE_ACCOUNT, workspace.arn.apply(prometheus_policy)))
    routing = _routing(below, namespace, services)
    args: PrometheusStackArgs = {
        "namespace": namespace,
        "region": settings.region_name,
        "cluster_name": below.compute.cluster_name,
        "storage_class": services.storage_class,
        "alertmanager_secret": routing.secret_name,
        "admin_secret": data.secret_arns[GRAFANA_SIGN_IN],
        "database_host": data.writer_hosts[0],
        "database_port": data.database.port,
        "database_secret": data.secret_arns[GRAFANA],
        "retention_days": section.metrics_days,
        "storage_gib": section.metrics_gib,
        "replaced_alerts": REPLACES,
    }
    if workspace is not None:
        args["remote_write_url"] = workspace.remote_write_url
    stack = PrometheusStack("prometheus", args, below.after(*services.for_all, *rights, *below.doors, *databases))
    ExternalSecretsMonitor(
        "external-secrets-monitor",
        {"namespace": EXTERNAL_SECRETS, "operator": EXTERNAL_SECRETS},
        below.after(services.secrets, stack),
    )
    SystemMonitors("system-monitors", {"releases": system_releases(settings)}, below.after(stack))
    if settings.platform.serving.kserve:
        PredictorMonitor("predictors", {"namespace": namespace}, below.after(stack))
    grafana = bind(below, services, GRAFANA, namespace, stack.grafana_service, GRAFANA_PORT)
    _alert(below, namespace, stack)
    Dashboards("dashboards", {"namespace": namespace, "replication": _replication(settings)}, below.in_cluster)
    return Monitors(stack, workspace, grafana)


def _routing(below: Below, namespace: pulumi.Output[str], services: Services) -> AlertRouting:
    """Whom Alertmanager tells: whoever hears of AWS' alarms, and who is named besides."""
    platform = below.settings.platform
    args: AlertRoutingArgs = {
        "namespace": namespace,
        "region": below.settings.region_name,
        "topic_arn": below.topic_arn,
        "receivers": {kind: name for kind, name in platform.alerts.receivers.items()},
    }
    if platform.observability.recovery is not None:
        args["recovery_url"] = alerts_url(RECOVERY, EVENTS)
    return AlertRouting("alertmanager-routing", args, below.after(services.secrets.store))


def _replication(settings: Settings) -> Replication:
    """What both regions' dashboards show of the copies: names that either region knows before the other stands."""
    return {
        "regions": _replicated(settings),
        "rule_id": EVERYTHING,
        "recovery_point_seconds": settings.platform.objectives.recovery_point_seconds,
        "latency_seconds": REPLICATION_MINUTES * 60,
    }


def _replicated(settings: Settings) -> list[ReplicatedRegion]:
    def replicated(region: str) -> ReplicatedRegion:
        name = settings.regional_name_in(region)
        application = f"{name}-app"
        return {
            "region": region,
            "alarm_prefix": name,
            "database": name,
            "caches": [f"{name}-broker", application],
            "global_caches": [application] if settings.platform.cache.application.global_datastore else [],
            "buckets": {holds: settings.bucket_name_in(region, holds) for holds in BUCKETS if holds != LOGS},
        }

    return [replicated(each) for each in (settings.region_name, settings.other_region) if each is not None]


def _alert(below: Below, namespace: pulumi.Output[str], stack: PrometheusStack) -> None:
    """What is wrong from when on, each with its page."""
    settings = below.settings
    platform = settings.platform
    groups = ["load_balancer", "karpenter", "metrics_server", "keda", "cert_manager", "external_secrets"]
    groups += ["velero", "argo_rollouts", "argo_events", "gpu"]
    groups += [each.value.replace("-", "_") for each in platform.orchestrators]
    engines = {model.engine.value for model in platform.models if model.engine is not Engine.CONTAINER}
    if platform.serving.vllm_stacks:
        groups.append("vllm_stack")
        engines.add(Engine.VLLM.value)
    if platform.serving.kserve:
        groups.append("kserve")
        # Its runtimes of them show what they always do.
        engines |= {Engine.TRITON.value, Engine.VLLM.value}
    groups += sorted(engines)
    if platform.services.admission != "none":
        groups.append(platform.services.admission)
    if platform.services.gitops is not None:
        groups.append("argo_cd")
    args: AlertRulesArgs = {
        "namespace": namespace,
        "playbook_base_url": platform.observability.playbooks_url,
        "groups": groups,
        "models": _objectives(platform.serving.vllm_stacks),
        "zones": len(settings.zones),
        # One GPU a node at least.
        "gpu_floor": len(settings.zones) * platform.kubernetes.gpu_nodes.floor_per_zone,
    }
    if platform.observability.recovery is not None:
        args["recover"] = list(platform.observability.recovery.alerts)
    AlertRules("alerts", args, below.after(stack))


def _objectives(stacks: list[VllmStack]) -> list[ModelObjective]:
    """What models promise that no chart of ours watches. Of stacks that serve one model, the strictest."""
    promised: dict[str, ModelObjective] = {
        stack.model: {
            "name": stack.model,
            "engine": Engine.VLLM.value,
            "latency_seconds": stack.latency_seconds,
            "error_ratio": stack.error_percent / 100,
            "queue_seconds": stack.latency_seconds / 2,
        }
        for stack in sorted(stacks, key=lambda each: -each.latency_seconds)
    }
    return list(promised.values())


def write_down(below: Below, services: Services, monitors: Monitors, certificates: CertManager) -> None:
    """Logs of pods, errors of GPUs, and what programs say of themselves."""
    stack, workspace = monitors.stack, monitors.workspace
    settings = below.settings
    agents = below.namespace(NODE_AGENTS, pod_security="privileged")
    GpuMetrics("gpu-metrics", {"namespace": agents}, below.after(stack, *services.for_gpus))
    pod_logs = _log_group(below, "pods")
    opensearch = settings.region.opensearch
    domain = None if opensearch is None else opensearch.domain_arn
    shipping = below.rights(
        NODE_AGENTS, LOG_SHIPPING_SERVICE_ACCOUNT, pod_logs.arn.apply(lambda arn: log_shipping_policy(arn, domain))
    )
    args: LogShippingArgs = {"namespace": agents, "region": settings.region_name, "log_group": pod_logs.name}
    if opensearch is not None:
        args["opensearch_host"] = opensearch.host
    LogShipping("log-shipping", args, below.after(shipping, stack))
    telemetry = below.namespace(
        TELEMETRY,
        webhook_ports=[OPENTELEMETRY_WEBHOOK_PORT],
        # Any program of the cluster may tell of itself.
        entrance_ports=[OTLP_GRPC_PORT, OTLP_HTTP_PORT],
    )
    operator = OpenTelemetryOperator(
        "opentelemetry-operator",
        {"namespace": telemetry},
        below.after(certificates.issuer, services.priorities, stack),
    )
    program_logs = _log_group(below, "programs")
    collecting = below.rights(
        TELEMETRY,
        COLLECTOR_SERVICE_ACCOUNT,
        program_logs.arn.apply(collector_policy)
        if workspace is None
        else pulumi.Output.all(program_logs.arn, workspace.arn).apply(lambda arns: collector_policy(*arns)),
    )
    collector: OpenTelemetryCollectorArgs = {
        "namespace": telemetry,
        "region": settings.region_name,
        "log_group": program_logs.name,
    }
    if workspace is not None:
        collector["remote_write_url"] = workspace.remote_write_url
    OpenTelemetryCollector("opentelemetry-collector", collector, below.after(collecting, operator, stack))


def _workspace(below: Below) -> ManagedPrometheus:
    return ManagedPrometheus(
        "managed-prometheus",
        {
            "alias": below.settings.regional_name,
            "key_arn": below.keys.logs.arn,
            "log_retention_days": below.settings.platform.observability.pod_log_days,
        },
        below.in_aws,
    )


def _log_group(below: Below, of: str) -> "aws.cloudwatch.LogGroup":
    return aws.cloudwatch.LogGroup(
        f"{of}-logs",
        name=f"/{below.settings.platform.name}/{below.settings.regional_name}/{of}",
        kms_key_id=below.keys.logs.arn,
        retention_in_days=below.settings.platform.observability.pod_log_days,
        opts=below.in_aws,
    )
