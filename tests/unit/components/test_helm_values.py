"""What is said to each chart, against its own schema where its text is at hand; key tables: test_chart_tables.py."""

import copy
import json
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from components.charts import CHARTS
from components.helm.airflow import EXECUTORS, render_airflow
from components.helm.argo_cd import render_argo_cd
from components.helm.argo_events import render_argo_events
from components.helm.argo_rollouts import render_argo_rollouts
from components.helm.argo_workflows import render_argo_workflows
from components.helm.cert_manager import render_cert_manager
from components.helm.external_dns import render_external_dns
from components.helm.external_secrets import render_external_secrets
from components.helm.gatekeeper import render_gatekeeper
from components.helm.gpu_device_plugin import render_gpu_device_plugin
from components.helm.gpu_metrics import render_gpu_metrics
from components.helm.karpenter import render_karpenter
from components.helm.keda import render_keda
from components.helm.kyverno import render_kyverno
from components.helm.load_balancer_controller import CONTROLLER_SERVICE_ACCOUNT, render_load_balancer_controller
from components.helm.log_shipping import render_log_shipping
from components.helm.metrics_server import render_metrics_server
from components.helm.opentelemetry import render_opentelemetry_collector, render_opentelemetry_operator
from components.helm.prefect_exporter import render_prefect_exporter
from components.helm.prefect_server import (
    pod_labels,
    render_migration,
    render_prefect_server,
)
from components.helm.prefect_worker import render_job_template, render_prefect_worker
from components.helm.prometheus_stack import render_prometheus_stack
from components.helm.temporal import render_temporal
from components.helm.vault import render_vault
from components.helm.velero import render_velero
from components.inference.kserve import render_kserve, render_kserve_runtimes
from components.inference.model_server import render_model_server, startup_timeout_seconds
from components.inference.vllm_stack import render_vllm_stack
from components.kubernetes import GPU_TAINT, POOL_LABEL
from sandbox.knowledge.helm import check_values, table

ROOT = Path(__file__).parents[3]
SHARED = ROOT.parent / "shared" / "charts"


def prefect_server(**changes: Any) -> dict[str, Any]:
    arguments: dict[str, Any] = {
        "release_name": "prefect",
        "ui_api_url": "https://prefect.example.com/api",
        "redis_host": "cache.example.com",
        "redis_port": 6379,
        "signs_in": True,
        "replicas": 3,
        "max_replicas": 10,
    }
    return render_prefect_server(**{**arguments, **changes})


def job_template(*, gpus: int = 0) -> str:
    return render_job_template(service_account="flows", environment="worker-flows", cpu="500m", memory="1Gi", gpus=gpus)


def prefect_worker(**changes: Any) -> dict[str, Any]:
    arguments: dict[str, Any] = {
        "release_name": "worker",
        "api_url": "http://prefect.orchestration.svc.cluster.local:4200/api",
        "sign_in_secret": "prefect-sign-in",
        "work_pool": "kubernetes",
        "job_template": job_template(),
        "environment": "worker-flows",
        "replicas": 2,
    }
    return render_prefect_worker(**{**arguments, **changes})


def model_server(**changes: Any) -> dict[str, Any]:
    arguments: dict[str, Any] = {
        "namespace": "models",
        "region": "us-east-1",
        "model_repository": "s3://artifacts-us-east-1/models",
        "service_account": "triton",
    }
    return render_model_server(
        {**arguments, **changes},  # type: ignore[typeddict-item]
        release_name="model",
        chart_digest="0" * 16,
    )


def load_balancer_controller() -> dict[str, Any]:
    return render_load_balancer_controller(
        release_name="lbc", cluster_name="tandem", region="us-east-1", vpc_id="vpc-0a1b2c3d4e5f60718", replicas=2
    )


def airflow() -> dict[str, Any]:
    return render_airflow(
        release_name="airflow",
        executor=EXECUTORS[2],
        public_url="https://airflow.example.com",
        region_name="us-east-1",
        dags={
            "repository": "git@github.com:example/dags.git",
            "branch": "main",
            "ssh_secret": "tandem/dags",
            "known_hosts": "github.com ssh-ed25519 AAAA",
        },
        log_folder="s3://artifacts/airflow/logs",
        environment={"FAILOVER_ENDPOINT": "https://api.example.com"},
        schedulers=2,
        dag_processors=2,
        triggerers=2,
        api_servers=3,
        max_api_servers=10,
        workers=2,
        max_workers=20,
    )


VALUES: dict[str, dict[str, Any]] = {
    "argo-workflows": render_argo_workflows(
        release_name="argo-workflows",
        cluster_name="tandem-us-east-1",
        runs_namespaces=["runs"],
        database_hosts="db.example.com,db-ro.example.com",
        database_port=5432,
        database_name="argo_workflows",
        writes_are_forwarded=False,
        region="us-east-1",
        artifact_bucket="artifacts",
        artifact_key_arn="arn:aws:kms:us-east-1:123456789012:key/mrk-1",
        environment={"FAILOVER_ENDPOINT": "https://api.example.com"},
        sign_in={
            "issuer": "https://id.example.com",
            "secret": "tandem/argo-sign-in",
            "public_url": "https://argo.example.com",
        },
        exit_template="argo-workflows-recovery",
        servers=3,
        max_servers=6,
        parallelism=200,
        namespace_parallelism=100,
    ),
    "temporal": render_temporal(
        release_name="temporal",
        database_address="db.example.com:5432",
        persistence={"name": "temporal", "username": "temporal", "secret": "tandem/temporal"},
        visibility={
            "name": "temporal_visibility",
            "username": "temporal_visibility",
            "secret": "tandem/temporal_visibility",
        },
        history_shards=512,
        temporal_namespaces=["default", "training"],
        retention_days=7,
        replicas=3,
    ),
    "airflow": airflow(),
    "aws-for-fluent-bit": render_log_shipping(
        release_name="logs",
        region="us-east-1",
        log_group="/tandem/us-east-1/pods",
        opensearch_host="search.example.com",
        buffer_gib=2,
    ),
    "dcgm-exporter": render_gpu_metrics(release_name="gpu-metrics", pool="gpu"),
    "keda": render_keda(replicas=2),
    "kube-prometheus-stack": render_prometheus_stack(
        release_name="metrics",
        namespace="monitoring",
        region="us-east-1",
        cluster_name="tandem-us-east-1",
        storage_class="gp3",
        alertmanager_secret="alertmanager",
        admin_secret="metrics-grafana-admin",
        database_host="db.example.com",
        database_port="5432",
        database_address="db.example.com:5432",
        database_secret="metrics-grafana-database",
        remote_write_url="https://example/api/v1/remote_write",
        retention_days=15,
        storage_gib=100,
        memory_gib=4,
        replaced_alerts=["Watchdog"],
    ),
    "opentelemetry-collector": render_opentelemetry_collector(
        release_name="collector",
        region="us-east-1",
        log_group="/tandem/us-east-1/otel",
        remote_write_url="https://example/api/v1/remote_write",
        replicas=2,
        max_replicas=10,
    ),
    "opentelemetry-operator": render_opentelemetry_operator(release_name="opentelemetry", replicas=2),
    "prometheus-prefect-exporter": render_prefect_exporter(
        release_name="prefect-exporter", api_url="http://prefect.orchestration:4200/api", sign_in_secret=None
    ),
    "argo-events": render_argo_events(release_name="events", replicas=2),
    "argo-rollouts": render_argo_rollouts(release_name="rollouts", replicas=2),
    "argo-cd": render_argo_cd(
        release_name="deploy",
        domain="deploy.example.com",
        redis_host="cache.example.com",
        redis_port=6379,
        redis_secret="deploy-redis",
        replicas=2,
    ),
    "gatekeeper": render_gatekeeper(replicas=3, exempt=["kube-system"]),
    "kyverno": render_kyverno(release_name="kyverno", replicas=3, exempt=["kube-system"]),
    "vault": render_vault(
        release_name="vault",
        region="us-east-1",
        key_arn="arn:aws:kms:us-east-1:000000000000:key/mrk-0",
        storage_class="encrypted",
        data_gib=20,
        audit_gib=10,
        replicas=3,
    ),
    "velero": render_velero(
        release_name="velero",
        region="us-east-1",
        bucket="backups-us-east-1",
        prefix="velero/us-east-1",
        key_arn="arn:aws:kms:us-east-1:000000000000:key/mrk-0",
        other_bucket="backups-us-east-1",
        other_prefix="velero/us-west-2",
        schedules={"daily": {"cron": "0 3 * * *", "ttl_days": 30, "namespaces": ["orchestration"]}},
    ),
    "aws-load-balancer-controller": load_balancer_controller(),
    "cert-manager": render_cert_manager(release_name="cert-manager", namespace="cert-manager", replicas=2),
    "external-dns": render_external_dns(
        region="us-east-1",
        owner_id="tandem-us-east-1",
        domains=["apps.example.com"],
        zone_ids=["Z0123456789ABCDEFGHIJ"],
    ),
    "external-secrets": render_external_secrets(release_name="external-secrets", replicas=2),
    "karpenter": render_karpenter(
        release_name="karpenter",
        cluster_name="tandem-us-east-1",
        cluster_endpoint="https://example",
        interruption_queue="tandem-us-east-1-karpenter",
        replicas=2,
    ),
    "karpenter-crd": {},
    "kserve-crd": {},
    "kserve-resources": render_kserve(region="us-east-1"),
    "kserve-runtime-configs": render_kserve_runtimes(),
    "metrics-server": render_metrics_server(release_name="metrics-server", replicas=2),
    "model-server": model_server(
        model_version="7",
        prometheus_url="http://prometheus.monitoring:9090",
        runbook_url="https://example.com/playbooks/model-server",
        strategy="canary",
        target_queue_seconds=0.5,
        warm_up={"path": "/v2/models/classifier/infer", "body": "{}"},
        shadow={"model_version": "8", "percent": 10},
        fallback={"url": "https://models.example.com", "header": "api-key", "header_secret": "fallback"},
    ),
    "nvidia-device-plugin": render_gpu_device_plugin(pool="gpu"),
    "prefect-server": prefect_server(),
    "prefect-worker": prefect_worker(),
    "vllm-stack": render_vllm_stack(
        release_name="llm",
        models=[{"name": "qwen", "model": "Qwen/Qwen3-8B", "revision": "0" * 40}],
        service_account="llm-engines",
        token_secret="llm-hugging-face",
        startup_seconds=1800,
        # Its schema wants one trigger where its template, and KEDA, want a list; the packaged chart goes without that
        # schema (helm/.helmignore). With a Prometheus: test_vllm.py.
        prometheus_url=None,
        routers=2,
        max_routers=6,
        pool="gpu",
    ),
}


def key_table(name: str) -> Any:
    found = table(name)
    assert found is not None
    return found


def merged(defaults: Any, values: Any) -> Any:
    """As Helm merges values over a chart's own: mappings by key, everything else replaced."""
    if isinstance(defaults, dict) and isinstance(values, dict):
        return {key: merged(defaults.get(key), values.get(key, defaults.get(key))) for key in {**defaults, **values}}
    return values


def test_every_chart_of_the_table_is_said_something() -> None:
    assert sorted(VALUES) == sorted(chart.name for chart in CHARTS)


@pytest.mark.parametrize("name", sorted(VALUES))
def test_every_key_is_one_that_the_chart_reads_and_of_its_type(name: str) -> None:
    assert check_values(key_table(name), VALUES[name]) == []


@pytest.mark.parametrize(
    ("name", "path", "wrong", "right"),
    [
        ("aws-load-balancer-controller", (), "replicas", "replicaCount"),
        ("aws-load-balancer-controller", ("serviceAccount",), "nam", "name"),
        ("metrics-server", ("podDisruptionBudget",), "maxUnavailble", "maxUnavailable"),
        ("model-server", ("replicas",), "minimum", "min"),
        ("nvidia-device-plugin", (), "toleration", "tolerations"),
        ("prefect-server", ("server", "autoscaling"), "minReplica", "minReplicas"),
        ("prefect-server", ("backgroundServices", "messaging", "redis"), "hosts", "host"),
        ("prefect-worker", ("worker",), "podDisruptionBudgets", "podDisruptionBudget"),
    ],
)
def test_a_misspelt_key_is_refused_with_the_right_one(name: str, path: tuple[str, ...], wrong: str, right: str) -> None:
    values = copy.deepcopy(VALUES[name])
    block = values
    for key in path:
        block = block[key]
    block[wrong] = 1
    (failure,) = check_values(key_table(name), values)
    assert failure.property == ".".join(["values", *path, wrong])
    assert right in failure.reason


@pytest.mark.parametrize(
    ("name", "path"),
    [
        ("aws-load-balancer-controller", "clusterName"),
        ("model-server", "region"),
        ("prefect-worker", "worker.config.workPool"),
    ],
)
def test_a_key_without_which_the_chart_cannot_work_must_be_given(name: str, path: str) -> None:
    values = copy.deepcopy(VALUES[name])
    *parents, last = path.split(".")
    block = values
    for key in parents:
        block = block[key]
    block[last] = ""
    (failure,) = check_values(key_table(name), values)
    assert failure.property == f"values.{path}"


@pytest.mark.parametrize("chart", CHARTS, ids=lambda chart: chart.name)
def test_values_satisfy_the_chart_s_own_schema(chart: Any) -> None:
    folder = SHARED / chart.name if chart.repository else ROOT / chart.source
    if not folder.is_dir():
        pytest.skip(f"the text of {chart.name} is not at hand ({folder})")
    if not (folder / "values.schema.json").exists():
        pytest.skip(f"{chart.name} {chart.version} has no schema; its key table holds")
    schema = json.loads((folder / "values.schema.json").read_text())
    defaults = yaml.safe_load((folder / "values.yaml").read_text())
    jsonschema.Draft7Validator(schema).validate(merged(defaults, VALUES[chart.name]))


@pytest.mark.parametrize("name", ["aws-load-balancer-controller", "karpenter", "metrics-server"])
def test_controllers_run_twice_spread_over_zones_and_are_drained_one_at_a_time(name: str) -> None:
    values = VALUES[name]
    assert values.get("replicaCount", values.get("replicas")) == 2
    assert values["podDisruptionBudget"]["maxUnavailable"] == 1
    zones, hosts = values["topologySpreadConstraints"]
    assert zones["topologyKey"] == "topology.kubernetes.io/zone"
    assert hosts["topologyKey"] == "kubernetes.io/hostname"
    assert zones["labelSelector"]["matchLabels"]["app.kubernetes.io/name"] == name


def test_the_metrics_server_has_a_budget_only_when_it_is_switched_on() -> None:
    assert VALUES["metrics-server"]["podDisruptionBudget"]["enabled"] is True


def test_the_load_balancer_controller_leaves_services_alone_and_keeps_its_certificate() -> None:
    values = VALUES["aws-load-balancer-controller"]
    assert values["enableServiceMutatorWebhook"] is False
    assert values["keepTLSSecret"] is True
    assert values["serviceAccount"] == {"create": True, "name": CONTROLLER_SERVICE_ACCOUNT}
    assert values["region"] == "us-east-1"
    assert values["vpcId"].startswith("vpc-")


def test_the_device_plugin_runs_on_gpu_nodes_without_node_feature_discovery() -> None:
    values = VALUES["nvidia-device-plugin"]
    required = values["affinity"]["nodeAffinity"]["requiredDuringSchedulingIgnoredDuringExecution"]
    (term,) = required["nodeSelectorTerms"]
    assert term["matchExpressions"] == [{"key": POOL_LABEL, "operator": "In", "values": ["gpu"]}]
    assert [each["key"] for each in values["tolerations"]] == [GPU_TAINT]


def test_api_servers_scale_on_cpu_alone_above_three() -> None:
    autoscaling = VALUES["prefect-server"]["server"]["autoscaling"]
    assert autoscaling == {"enabled": True, "minReplicas": 3, "maxReplicas": 10, "targetCPU": 70, "targetMemory": 0}


@pytest.mark.parametrize(("part", "component"), [("server", "server"), ("backgroundServices", "background-services")])
def test_prefect_pods_spread_over_zones_by_the_labels_they_carry(part: str, component: str) -> None:
    affinity = VALUES["prefect-server"][part]["affinity"]["podAntiAffinity"]
    zones, hosts = affinity["preferredDuringSchedulingIgnoredDuringExecution"]
    assert zones["podAffinityTerm"]["topologyKey"] == "topology.kubernetes.io/zone"
    assert zones["weight"] > hosts["weight"]
    assert zones["podAffinityTerm"]["labelSelector"]["matchLabels"] == pod_labels("prefect", component)


@pytest.mark.parametrize("part", ["server", "backgroundServices"])
def test_prefect_pods_leave_a_lost_node_within_half_a_minute(part: str) -> None:
    assert {each["tolerationSeconds"] for each in VALUES["prefect-server"][part]["tolerations"]} == {30}


def test_no_update_takes_an_api_server_away_and_a_stopping_one_drains_first() -> None:
    server = VALUES["prefect-server"]["server"]
    # A bare number in a string is refused by the API server: it must be a percentage.
    assert server["updateStrategy"]["rollingUpdate"] == {"maxUnavailable": "0%", "maxSurge": "34%"}
    assert server["terminationGracePeriodSeconds"] > server["lifecycle"]["preStop"]["sleep"]["seconds"]


def test_background_services_share_redis_for_messages_and_for_turns() -> None:
    background = VALUES["prefect-server"]["backgroundServices"]
    assert background["runAsSeparateDeployment"] is True
    assert background["replicaCount"] == 2
    assert background["messaging"]["redis"]["ssl"] is True
    assert background["messaging"]["docket"] == {"existingSecret": "prefect-redis"}


@pytest.mark.parametrize("bundled", ["postgresql", "redis", "sqlite", "migrations"])
def test_nothing_bundled_runs(bundled: str) -> None:
    assert VALUES["prefect-server"][bundled] == {"enabled": False}


def test_no_credential_stands_in_the_values() -> None:
    values = VALUES["prefect-server"]
    assert values["externalDatabase"] == {
        "existingSecret": "prefect-database",
        "connectionStringSecretKey": "connection-string",
    }
    assert values["secret"] == {"create": False}
    assert values["server"]["basicAuth"] == {"enabled": True, "existingSecret": "prefect-sign-in"}
    assert "basicAuth" not in prefect_server(signs_in=False)["server"]


def test_the_image_is_pinned_to_a_version_the_chart_accepts() -> None:
    image = VALUES["prefect-server"]["global"]["prefect"]["image"]
    major, minor, patch = (int(part) for part in image["prefectTag"].split("-")[0].split("."))
    assert (major, minor, patch) >= (3, 6, 6), "background services run twice only since 3.6.6 (prefect-helm#580)"


def test_servers_migration_and_worker_run_the_same_version() -> None:
    server = VALUES["prefect-server"]["global"]["prefect"]["image"]["prefectTag"]
    worker = VALUES["prefect-worker"]["worker"]["image"]["prefectTag"]
    pod: Any = render_migration("prefect-database")["template"]
    assert pod["spec"]["containers"][0]["image"] == f"prefecthq/prefect:{server}"
    assert worker == f"{server}-kubernetes"


def test_workers_have_names_of_their_own_and_are_restarted_when_they_hang() -> None:
    worker = VALUES["prefect-worker"]["worker"]
    assert "name" not in worker["config"]
    assert worker["livenessProbe"] == {"enabled": True}
    assert worker["replicaCount"] == 2
    assert worker["podDisruptionBudget"]["maxUnavailable"] == 1
    assert worker["extraEnvVarsCMs"] == ["worker-flows"]


def test_a_worker_signs_in_only_where_the_api_asks_for_it() -> None:
    signing = VALUES["prefect-worker"]["worker"]["selfHostedServerApiConfig"]
    assert signing["basicAuth"] == {"enabled": True, "existingSecret": "prefect-sign-in"}
    assert "basicAuth" not in prefect_worker(sign_in_secret=None)["worker"]["selfHostedServerApiConfig"]


def test_runs_get_the_service_account_the_failover_endpoint_and_requests() -> None:
    template = json.loads(job_template())
    pod = template["job_configuration"]["job_manifest"]["spec"]["template"]["spec"]
    assert template["variables"]["properties"]["service_account_name"]["default"] == "flows"
    assert pod["serviceAccountName"] == "{{ service_account_name }}"
    (container,) = pod["containers"]
    assert container["envFrom"] == [{"configMapRef": {"name": "worker-flows"}}]
    assert set(container["resources"]["requests"]) == {"cpu", "memory"}


def test_every_placeholder_of_the_job_template_is_a_variable_and_every_variable_is_used() -> None:
    text = job_template()
    template = json.loads(text)
    placeholders = {part.split("}}")[0].strip() for part in text.split("{{")[1:]}
    assert placeholders == set(template["variables"]["properties"])


def test_a_model_server_gets_the_room_it_was_asked_for() -> None:
    values = model_server(gpus_per_replica=2, replicas=3, max_replicas=9, startup_seconds=1800)
    assert values["gpus"] == 2
    assert values["replicas"] == {"min": 3, "max": 9, "targetCPUPercent": 70}
    assert values["startupSeconds"] == 1800
    assert values["progressDeadlineSeconds"] > 1800
    assert values["priorityClassName"] == "tandem-serving"
    assert model_server(priority_class="inference")["priorityClassName"] == "inference"


@given(startup_seconds=st.integers(30, 7200))
def test_no_update_is_given_up_while_weights_may_still_load(startup_seconds: int) -> None:
    values = model_server(startup_seconds=startup_seconds)
    # With one replica more than wanted at a time, two replicas load one after the other.
    assert values["progressDeadlineSeconds"] >= 2 * values["startupSeconds"] == 2 * startup_seconds
    assert startup_timeout_seconds(startup_seconds) >= values["progressDeadlineSeconds"]
