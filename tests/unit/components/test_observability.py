"""What is measured, logged and traced gets out of a node and a zone that dies."""

from collections.abc import Callable
from typing import Any

import pulumi
import pulumi_kubernetes as k8s
import pytest

from components.charts import OPENTELEMETRY_COLLECTOR, PREFECT_EXPORTER
from components.helm import (
    COLLECTOR_SERVICE_ACCOUNT,
    KEDA_SERVICE_ACCOUNT,
    LOG_SHIPPING_SERVICE_ACCOUNT,
    GpuMetrics,
    Keda,
    LogShipping,
    OpenTelemetryCollector,
    OpenTelemetryOperator,
    PrefectExporter,
    collector_policy,
    keda_policy,
    log_shipping_policy,
)
from components.helm.gpu_device_plugin import render_gpu_device_plugin
from components.helm.gpu_metrics import render_gpu_metrics
from components.helm.keda import render_keda
from components.helm.log_shipping import render_log_shipping
from components.helm.opentelemetry import (
    collector_labels,
    render_opentelemetry_collector,
    render_opentelemetry_operator,
)
from components.helm.prefect_exporter import render_prefect_exporter
from components.monitoring import ManagedPrometheus
from sandbox.knowledge.helm import check_values, table
from tests.house import ground
from tests.house.iam import granted
from tests.house.recorder import UNKNOWN, Recording, record

RELEASE = "kubernetes:helm.sh/v3:Release"
GROUP = "arn:aws:logs:us-west-2:000000000000:log-group:/tandem/us-west-2/pods"
WORKSPACE = "arn:aws:aps:us-west-2:000000000000:workspace/ws-0"
WRITE = "https://aps-workspaces.us-west-2.amazonaws.com/workspaces/ws-0/api/v1/remote_write"


def collector(**changes: Any) -> dict[str, Any]:
    arguments: dict[str, Any] = {
        "release_name": "collector",
        "region": "us-west-2",
        "log_group": "/tandem/us-west-2/otel",
        "remote_write_url": WRITE,
        "replicas": 2,
        "max_replicas": 10,
    }
    return render_opentelemetry_collector(**{**arguments, **changes})


def logs(**changes: Any) -> dict[str, Any]:
    arguments: dict[str, Any] = {
        "release_name": "logs",
        "region": "us-west-2",
        "log_group": "/tandem/us-west-2/pods",
        "opensearch_host": "search.example.com",
        "buffer_gib": 3,
    }
    return render_log_shipping(**{**arguments, **changes})


def exporter(sign_in_secret: str | None = "prefect-sign-in") -> dict[str, Any]:
    return render_prefect_exporter(
        release_name="exporter", api_url="http://prefect.orchestration:4200/api", sign_in_secret=sign_in_secret
    )


VALUES: dict[str, dict[str, Any]] = {
    "aws-for-fluent-bit": logs(),
    "dcgm-exporter": render_gpu_metrics(release_name="gpus", pool="gpu"),
    "keda": render_keda(replicas=2),
    "opentelemetry-collector": collector(),
    "opentelemetry-operator": render_opentelemetry_operator(release_name="opentelemetry", replicas=3),
    "prometheus-prefect-exporter": exporter(),
}


@pytest.mark.parametrize("chart", sorted(VALUES))
def test_every_key_is_one_that_the_chart_reads(chart: str) -> None:
    keys = table(chart)
    assert keys is not None
    assert check_values(keys, VALUES[chart]) == []


def seconds(tolerations: list[dict[str, Any]]) -> set[Any]:
    return {each.get("tolerationSeconds") for each in tolerations}


# KEDA


@pytest.mark.parametrize(
    ("part", "budget", "app"),
    [
        ("operator", "operator", "keda-operator"),
        ("metricsServer", "metricServer", "keda-operator-metrics-apiserver"),
        ("webhooks", "webhooks", "keda-admission-webhooks"),
    ],
)
def test_each_part_of_keda_runs_twice_spread_and_lets_one_go(part: str, budget: str, app: str) -> None:
    values = VALUES["keda"]
    assert values[part]["replicaCount"] == 2
    assert seconds(values[part]["tolerations"]) == {30}
    assert values["podDisruptionBudget"][budget] == {"maxUnavailable": 1}
    zones, hosts = values["topologySpreadConstraints"][part]
    assert (zones["topologyKey"], hosts["topologyKey"]) == ("topology.kubernetes.io/zone", "kubernetes.io/hostname")
    assert zones["labelSelector"]["matchLabels"] == {"app": app}
    assert values["resources"][budget]["limits"]["memory"]
    assert values["prometheus"][budget] == {"enabled": True, "serviceMonitor": {"enabled": True}}


def test_keda_starts_while_its_registry_is_away_and_blocks_nobody() -> None:
    values = VALUES["keda"]
    assert values["image"]["pullPolicy"] == "IfNotPresent"
    assert values["webhooks"]["failurePolicy"] == "Ignore"
    assert values["priorityClassName"] == "tandem-services"


def test_a_failed_install_of_keda_takes_no_scaled_object_along() -> None:
    assert VALUES["keda"]["crds"]["additionalAnnotations"] == {"helm.sh/resource-policy": "keep"}


def test_keda_counts_only_the_queues_it_is_given() -> None:
    queue = "arn:aws:sqs:us-west-2:000000000000:work"
    assert granted(keda_policy([queue])) == {"sqs:GetQueueAttributes": {queue}, "cloudwatch:GetMetricData": {"*"}}
    assert granted(keda_policy([])) == {"cloudwatch:GetMetricData": {"*"}}
    assert VALUES["keda"]["serviceAccount"]["operator"]["name"] == KEDA_SERVICE_ACCOUNT


# Logs


def test_no_destination_keeps_the_chart_s_region() -> None:
    values = VALUES["aws-for-fluent-bit"]
    for output in ("cloudWatchLogs", "cloudWatch", "firehose", "kinesis", "kinesis_streams", "s3"):
        assert values[output]["region"] == "us-west-2"
    for output in ("opensearch", "elasticsearch"):
        assert values[output]["awsRegion"] == "us-west-2"


@pytest.mark.parametrize(
    ("output", "key"), [("cloudWatchLogs", "logStreamTemplate"), ("opensearch", "suppressTypeName")]
)
def test_a_lost_destination_loses_no_log_until_its_share_of_the_disk_is_full(output: str, key: str) -> None:
    lines = [line.strip() for line in VALUES["aws-for-fluent-bit"][output][key].splitlines()]
    assert lines[1:] == ["Retry_Limit no_limits", "storage.total_limit_size 3G"]


def test_what_waits_is_on_a_disk_that_outlives_the_pod() -> None:
    values = VALUES["aws-for-fluent-bit"]
    (state,) = [each for each in values["volumes"] if each["name"] == "state"]
    (mount,) = [each for each in values["volumeMounts"] if each["name"] == "state"]
    assert state["hostPath"]["path"] == mount["mountPath"]
    assert "readOnly" not in mount
    lines = values["service"]["extraService"].splitlines()
    assert f"storage.path {mount['mountPath']}/chunks" in lines
    assert values["input"]["db"].startswith(mount["mountPath"])
    assert "storage.type filesystem" in [line.strip() for line in values["input"]["skipLongLines"].splitlines()]


def test_more_lines_stand_in_the_section_that_they_belong_to() -> None:
    values = VALUES["aws-for-fluent-bit"]
    for value in (
        values["input"]["skipLongLines"],
        values["cloudWatchLogs"]["logStreamTemplate"],
        values["opensearch"]["suppressTypeName"],
    ):
        _, *more = value.splitlines()
        # As the chart indents a section's lines in its config map: with less, the text would end there.
        assert {len(line) - len(line.lstrip()) for line in more} == {8}


def test_a_log_shipper_is_not_killed_because_cloudwatch_is_away() -> None:
    values = VALUES["aws-for-fluent-bit"]
    assert values["livenessProbe"] == {"httpGet": {"path": "/"}}
    assert "Health_Check Off" in values["service"]["extraService"].splitlines()


def test_log_groups_are_made_by_who_knows_their_key() -> None:
    cloudwatch = VALUES["aws-for-fluent-bit"]["cloudWatchLogs"]
    assert cloudwatch["autoCreateGroup"] is False
    assert cloudwatch["logGroupName"] == "/tandem/us-west-2/pods"


def test_every_node_s_logs_are_shipped_without_rights_to_write_them() -> None:
    values = VALUES["aws-for-fluent-bit"]
    assert values["tolerations"] == [{"operator": "Exists"}]
    (read,) = [each for each in values["volumeMounts"] if each["mountPath"] == "/var/log"]
    assert read["readOnly"] is True
    confined = values["containerSecurityContext"]
    assert confined["readOnlyRootFilesystem"] is True
    assert confined["capabilities"] == {"drop": ["ALL"]}


def test_opensearch_is_written_to_only_where_there_is_one() -> None:
    assert VALUES["aws-for-fluent-bit"]["opensearch"]["host"] == "search.example.com"
    assert logs(opensearch_host=None)["opensearch"] == {"enabled": False, "awsRegion": "us-west-2"}


@pytest.mark.parametrize("arn", [GROUP, f"{GROUP}:*"])
def test_logs_are_written_to_one_group(arn: str) -> None:
    rights = granted(log_shipping_policy(arn))
    assert set(rights) == {"logs:CreateLogStream", "logs:DescribeLogStreams", "logs:PutLogEvents"}
    assert rights["logs:PutLogEvents"] == {GROUP, f"{GROUP}:log-stream:*"}
    domain = "arn:aws:es:us-west-2:000000000000:domain/logs"
    assert granted(log_shipping_policy(arn, domain))["es:ESHttpPost"] == {f"{domain}/*"}
    assert VALUES["aws-for-fluent-bit"]["serviceAccount"]["name"] == LOG_SHIPPING_SERVICE_ACCOUNT


# OpenTelemetry


def test_operators_run_spread_and_let_one_go() -> None:
    values = VALUES["opentelemetry-operator"]
    assert values["replicaCount"] == 3
    assert values["pdb"] == {"create": True, "minAvailable": 2}
    zones, _ = values["topologySpreadConstraints"]
    assert zones["labelSelector"]["matchLabels"]["app.kubernetes.io/instance"] == "opentelemetry"
    assert values["manager"]["leaderElection"] == {"enabled": True}


def test_the_operator_s_certificate_outlives_an_upgrade() -> None:
    webhooks = VALUES["opentelemetry-operator"]["admissionWebhooks"]
    assert webhooks == {"certManager": {"enabled": True}, "autoGenerateCert": {"enabled": False}}


def test_collectors_scale_above_two_and_are_replaced_before_they_go() -> None:
    values = collector(replicas=3, max_replicas=7)
    scaling = values["autoscaling"]
    assert (scaling["enabled"], scaling["minReplicas"], scaling["maxReplicas"]) == (True, 3, 7)
    assert values["rollout"]["rollingUpdate"] == {"maxUnavailable": 0, "maxSurge": 1}
    zones, _ = values["topologySpreadConstraints"]
    assert zones["labelSelector"]["matchLabels"] == collector_labels("collector")
    assert seconds(values["tolerations"]) == {30}


def test_a_collector_refuses_before_it_is_killed() -> None:
    config = VALUES["opentelemetry-collector"]["alternateConfig"]
    assert config["processors"]["memory_limiter"]["limit_percentage"] < 100
    for pipeline in config["service"]["pipelines"].values():
        assert pipeline["processors"][0] == "memory_limiter"


def test_everything_that_a_pipeline_names_is_there() -> None:
    for config in (collector()["alternateConfig"], collector(remote_write_url=None)["alternateConfig"]):
        for pipeline in config["service"]["pipelines"].values():
            for kind in ("receivers", "processors", "exporters"):
                assert set(pipeline[kind]) <= set(config[kind])
        used = {name for each in config["service"]["pipelines"].values() for name in each["exporters"]}
        assert used == set(config["exporters"])
        assert set(config["service"]["extensions"]) == set(config["extensions"])


def test_measurements_are_signed_and_taken_only_where_they_can_go() -> None:
    config = VALUES["opentelemetry-collector"]["alternateConfig"]
    assert config["extensions"]["sigv4auth"] == {"region": "us-west-2", "service": "aps"}
    assert config["exporters"]["prometheusremotewrite"]["endpoint"] == WRITE
    assert config["exporters"]["prometheusremotewrite"]["auth"] == {"authenticator": "sigv4auth"}
    assert "metrics" not in collector(remote_write_url=None)["alternateConfig"]["service"]["pipelines"]


def test_traces_and_logs_go_to_the_region_of_the_cluster() -> None:
    exporters = VALUES["opentelemetry-collector"]["alternateConfig"]["exporters"]
    assert exporters["awsxray"] == {"region": "us-west-2"}
    assert exporters["awscloudwatchlogs"]["region"] == "us-west-2"
    assert exporters["awscloudwatchlogs"]["log_group_name"] == "/tandem/us-west-2/otel"
    # Of its own for each collector.
    assert "POD_NAME" in exporters["awscloudwatchlogs"]["log_stream_name"]


def test_connections_end_so_that_they_reach_new_collectors() -> None:
    grpc = VALUES["opentelemetry-collector"]["alternateConfig"]["receivers"]["otlp"]["protocols"]["grpc"]
    assert grpc["keepalive"]["server_parameters"]["max_connection_age"] == "60s"


def test_collectors_listen_for_otlp_alone_from_an_image_of_an_exact_version() -> None:
    values = VALUES["opentelemetry-collector"]
    assert [port for port, said in values["ports"].items() if said["enabled"]] == ["metrics"]
    assert set(values["alternateConfig"]["receivers"]) == {"otlp"}
    assert values["image"]["repository"].endswith("-contrib")
    assert values["image"]["tag"] == OPENTELEMETRY_COLLECTOR.app_version
    assert values["securityContext"]["readOnlyRootFilesystem"] is True


def test_a_collector_writes_to_one_group_and_one_workspace() -> None:
    rights = granted(collector_policy(GROUP, WORKSPACE))
    assert rights == {
        "xray:PutTelemetryRecords": {"*"},
        "xray:PutTraceSegments": {"*"},
        "logs:CreateLogStream": {GROUP, f"{GROUP}:log-stream:*"},
        "logs:PutLogEvents": {GROUP, f"{GROUP}:log-stream:*"},
        "aps:RemoteWrite": {WORKSPACE},
    }
    assert "aps:RemoteWrite" not in granted(collector_policy(GROUP))
    assert VALUES["opentelemetry-collector"]["serviceAccount"]["name"] == COLLECTOR_SERVICE_ACCOUNT


# GPUs


def test_gpus_are_measured_where_the_device_plugin_finds_them_and_nowhere_else() -> None:
    values, plugin = VALUES["dcgm-exporter"], render_gpu_device_plugin(pool="gpu")
    assert values["nodeSelector"] == plugin["nodeSelector"]
    assert values["tolerations"] == plugin["tolerations"]
    assert values["priorityClassName"] == "system-node-critical"
    assert values["serviceMonitor"]["enabled"] is True


# Prefect


def test_the_exporter_is_one_that_may_go_and_comes_back() -> None:
    values = VALUES["prometheus-prefect-exporter"]
    assert values["replicaCount"] == 1
    assert values["podDisruptionBudget"] == {"maxUnavailable": 1, "unhealthyPodEvictionPolicy": "AlwaysAllow"}
    assert seconds(values["tolerations"]) == {30}
    assert values["image"] == {"tag": PREFECT_EXPORTER.app_version}
    assert values["podSecurityContext"]["runAsNonRoot"] is True
    assert values["podSecurityContext"]["runAsUser"] > 0


def test_a_slow_api_has_the_exporter_killed_by_nothing() -> None:
    values = VALUES["prometheus-prefect-exporter"]
    assert not {"livenessProbe", "readinessProbe"} & set(values)
    assert values["serviceMonitor"]["enabled"] is True


def test_the_exporter_signs_in_by_a_secret_and_only_where_it_is_asked_to() -> None:
    signing = VALUES["prometheus-prefect-exporter"]["basicAuth"]
    assert signing == {"enabled": True, "existingSecret": "prefect-sign-in"}
    assert exporter(sign_in_secret=None)["basicAuth"] == {"enabled": False}


# All together


def install_all() -> None:
    provider = k8s.Provider("cluster", kubeconfig="{}")
    namespace = k8s.core.v1.Namespace(
        "monitoring",
        metadata=k8s.meta.v1.ObjectMetaArgs(name="monitoring"),
        opts=pulumi.ResourceOptions(provider=provider),
    )
    opts = pulumi.ResourceOptions(providers=[provider], depends_on=[namespace])
    workspace = ManagedPrometheus(
        "samples", {"alias": "tandem-us-east-1", "key_arn": ground.key().arn, "region": "us-east-1"}
    )
    Keda("keda", {"namespace": "monitoring"}, opts)
    LogShipping("logs", {"namespace": "monitoring", "region": "us-east-1", "log_group": "/tandem/pods"}, opts)
    OpenTelemetryOperator("opentelemetry", {"namespace": "monitoring"}, opts)
    gateway = OpenTelemetryCollector(
        "collector",
        {
            "namespace": "monitoring",
            "region": "us-east-1",
            "log_group": "/tandem/otel",
            "remote_write_url": workspace.remote_write_url,
        },
        opts,
    )
    GpuMetrics("gpus", {"namespace": "monitoring"}, opts)
    PrefectExporter("exporter", {"namespace": "monitoring", "api_url": "http://prefect:4200/api"}, opts)
    pulumi.export("grpc", gateway.grpc_endpoint)
    pulumi.export("http", gateway.http_endpoint)
    pulumi.export("write", workspace.remote_write_url)
    pulumi.export("query", workspace.query_url)


@pytest.fixture(scope="module")
def whole() -> Recording:
    return record(install_all)


def test_the_names_and_parents_of_everything_are_a_contract(whole: Recording) -> None:
    names = {each.urn: each.name for each in whole.registrations}
    children = {
        f"{each.type.split(':')[-1]} {each.name} < {names[each.parent]}"
        for each in whole.registrations
        if each.parent and not names[each.parent].startswith("ground")
    }
    assert children == {
        "LogGroup samples-logs < samples",
        "PodDisruptionBudget collector < collector",
        "Release collector < collector",
        "Release exporter < exporter",
        "Release gpus < gpus",
        "Release keda < keda",
        "Release logs < logs",
        "Release opentelemetry < opentelemetry",
        "Workspace samples < samples",
    }
    assert whole.unregistered_components() == []


def test_the_collectors_budget_selects_their_pods_alone(whole: Recording) -> None:
    spec = whole.one("PodDisruptionBudget", "collector").plain["spec"]
    # As the chart labels the pods of a deployment.
    assert spec["selector"]["matchLabels"] == {
        "app.kubernetes.io/name": "opentelemetry-collector",
        "app.kubernetes.io/instance": "collector",
        "component": "standalone-collector",
    }
    assert (spec["maxUnavailable"], spec["unhealthyPodEvictionPolicy"]) == (1, "AlwaysAllow")


def test_programs_find_the_collectors(whole: Recording) -> None:
    host = "http://collector.monitoring.svc.cluster.local"
    assert (whole.outputs["grpc"], whole.outputs["http"]) == (f"{host}:4317", f"{host}:4318")


def test_samples_are_encrypted_and_errors_logged_for_a_while(whole: Recording) -> None:
    key = whole.one("aws:kms/key:Key")
    workspace, group = whole.one("aws:amp/workspace:Workspace"), whole.one("aws:cloudwatch/logGroup:LogGroup")
    assert key.urn in workspace.property_dependencies["kmsKeyArn"]
    assert key.urn in group.property_dependencies["kmsKeyId"]
    assert group.plain["name"] == "/aws/vendedlogs/prometheus/tandem-us-east-1"
    assert group.plain["retentionInDays"] == 30
    assert workspace.plain["loggingConfiguration"]["logGroupArn"].endswith(":*")
    assert {workspace.region, group.region} == {"us-east-1"}


def test_a_workspace_says_where_to_write_and_to_ask(whole: Recording) -> None:
    assert not whole.outputs["query"].endswith("/")
    assert whole.outputs["write"] == f"{whole.outputs['query']}/api/v1/remote_write"
    values = whole.one(RELEASE, "collector").plain["values"]
    assert values["alternateConfig"]["exporters"]["prometheusremotewrite"]["endpoint"] == whole.outputs["write"]


def test_a_preview_knows_no_workspace_yet() -> None:
    assert record(install_all, preview=True).outputs["write"] is UNKNOWN


BAD: list[tuple[Callable[[], Any], str]] = [
    (lambda: Keda("keda", {"namespace": "m", "replicas": 1}), "replicas: got 1, must be at least 2: one leads"),
    (
        lambda: OpenTelemetryOperator("o", {"namespace": "m", "replicas": 1}),
        "replicas: got 1, must be at least 2: one leads",
    ),
    (
        lambda: OpenTelemetryCollector("c", {"namespace": "m", "region": "r", "log_group": "g", "replicas": 1}),
        "replicas: got 1, must be at least 2",
    ),
    (
        lambda: OpenTelemetryCollector("c", {"namespace": "m", "region": "r", "log_group": "g", "max_replicas": 2}),
        r"max_replicas: got 2, must be above replicas \(2\)",
    ),
    (
        lambda: LogShipping("l", {"namespace": "m", "region": "r", "log_group": "g", "buffer_gib": 0}),
        "buffer_gib: got 0, must be at least 1",
    ),
    (
        lambda: ManagedPrometheus("m", {"alias": "two words", "key_arn": "k"}),
        "alias: got 'two words', must be 1 to 100",
    ),
]


@pytest.mark.parametrize(("make", "message"), BAD)
def test_what_would_lose_its_last_pod_or_log_is_refused(make: Callable[[], Any], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        record(make)
