"""What measures the cluster outlives a zone, and shows dashboards while the database does not write."""

import json
import os
import signal
import subprocess
import time
from pathlib import Path
from typing import Any

import pulumi
import pulumi_kubernetes as k8s
import pytest

from components.helm import (
    ALERTMANAGER_SERVICE_ACCOUNT,
    PROMETHEUS_SERVICE_ACCOUNT,
    PrometheusStack,
    PrometheusStackArgs,
    alertmanager_policy,
    prometheus_policy,
)
from components.helm.prometheus_stack import render_prometheus_stack
from sandbox.knowledge.helm import check_values, table
from tests.house.iam import granted
from tests.house.recorder import Recording, record

RELEASE = "kubernetes:helm.sh/v3:Release"
EXTERNAL = "kubernetes:external-secrets.io/v1:ExternalSecret"
WRITE = "https://aps-workspaces.us-east-1.amazonaws.com/workspaces/ws-0/api/v1/remote_write"


def rendered(**changes: Any) -> dict[str, Any]:
    arguments: dict[str, Any] = {
        "release_name": "metrics",
        "namespace": "monitoring",
        "region": "us-east-1",
        "cluster_name": "tandem-us-east-1",
        "storage_class": "gp3",
        "alertmanager_secret": "alertmanager",
        "admin_secret": "metrics-grafana-admin",
        "database_host": "db.example.com",
        "database_port": "5432",
        "database_address": "db.example.com:5432",
        "database_secret": "metrics-grafana-database",
        "remote_write_url": WRITE,
        "retention_days": 15,
        "storage_gib": 100,
        "memory_gib": 4,
        "replaced_alerts": (),
    }
    return render_prometheus_stack(**{**arguments, **changes})


VALUES = rendered()


def stack(name: str = "metrics", *, preview: bool = False, **changes: Any) -> Recording:
    def program() -> None:
        provider = k8s.Provider("cluster", kubeconfig="{}")
        namespace = k8s.core.v1.Namespace(
            "monitoring",
            metadata=k8s.meta.v1.ObjectMetaArgs(name="monitoring"),
            opts=pulumi.ResourceOptions(provider=provider),
        )
        arguments: PrometheusStackArgs = {
            "namespace": "monitoring",
            "region": "us-east-1",
            "cluster_name": "tandem-us-east-1",
            "storage_class": "gp3",
            "alertmanager_secret": "alertmanager",
            "admin_secret": "tandem/grafana-admin",
            "database_host": "db.example.com",
            "database_port": 5432,
            "database_secret": "tandem/grafana",
            **changes,  # type: ignore[typeddict-item]
        }
        made = PrometheusStack(name, arguments, pulumi.ResourceOptions(providers=[provider], depends_on=[namespace]))
        pulumi.export("prometheus", made.prometheus_url)
        pulumi.export("alertmanager", made.alertmanager_url)
        pulumi.export("grafana", made.grafana_service)

    return record(program, preview=preview)


@pytest.fixture(scope="module")
def whole() -> Recording:
    # Numbers arrive as doubles, as from another resource.
    return stack(remote_write_url=WRITE, database_port=5432.0)


def test_every_key_is_one_that_the_chart_reads() -> None:
    keys = table("kube-prometheus-stack")
    assert keys is not None
    assert check_values(keys, VALUES) == []


@pytest.mark.parametrize(
    ("part", "spec", "replicas", "kept"),
    [("prometheus", "prometheusSpec", 2, 1), ("alertmanager", "alertmanagerSpec", 3, 2)],
)
def test_what_keeps_state_runs_in_several_zones_on_volumes_and_lets_one_go(
    part: str, spec: str, replicas: int, kept: int
) -> None:
    pods = VALUES[part][spec]
    assert pods["replicas"] == replicas
    assert VALUES[part]["podDisruptionBudget"] == {"enabled": True, "minAvailable": kept}
    zones, hosts = pods["topologySpreadConstraints"]
    assert (zones["topologyKey"], hosts["topologyKey"]) == ("topology.kubernetes.io/zone", "kubernetes.io/hostname")
    # As the operator labels them.
    assert zones["labelSelector"]["matchLabels"]["app.kubernetes.io/name"] == part
    storage = pods.get("storageSpec") or pods["storage"]
    assert storage["volumeClaimTemplate"]["spec"]["storageClassName"] == "gp3"
    assert pods["priorityClassName"] == "tandem-services"
    assert {each["tolerationSeconds"] for each in pods["tolerations"]} == {30}


def test_a_volume_is_never_filled_by_samples() -> None:
    spec = rendered(storage_gib=50, retention_days=30)["prometheus"]["prometheusSpec"]
    assert spec["storageSpec"]["volumeClaimTemplate"]["spec"]["resources"]["requests"]["storage"] == "50Gi"
    assert (spec["retention"], spec["retentionSize"]) == ("30d", "40GiB")


def test_managed_prometheus_can_tell_the_replicas_of_one_cluster() -> None:
    spec = VALUES["prometheus"]["prometheusSpec"]
    assert spec["externalLabels"] == {"cluster": "tandem-us-east-1", "region": "us-east-1"}
    assert spec["replicaExternalLabelName"] == "__replica__"
    assert spec["remoteWrite"] == [{"url": WRITE, "sigv4": {"region": "us-east-1"}}]
    assert rendered(remote_write_url=None)["prometheus"]["prometheusSpec"]["remoteWrite"] == []


@pytest.mark.parametrize("kind", ["serviceMonitor", "podMonitor", "probe", "rule", "scrapeConfig"])
def test_everybody_s_monitors_and_rules_are_taken(kind: str) -> None:
    assert VALUES["prometheus"]["prometheusSpec"][f"{kind}SelectorNilUsesHelmValues"] is False


def test_what_aws_hides_is_neither_scraped_nor_missed() -> None:
    hidden = ("kubeControllerManager", "kubeScheduler", "kubeEtcd", "kubeProxy")
    assert [VALUES[part] for part in hidden] == [{"enabled": False}] * 4
    rules = VALUES["defaultRules"]["rules"]
    for rule in ("etcd", "kubeControllerManager", "kubeProxy", "kubeSchedulerAlerting", "kubeSchedulerRecording"):
        assert rules[rule] is False
    # The others stay as the chart has them.
    assert set(rules.values()) == {False}
    assert VALUES["defaultRules"]["create"] is True


def test_rules_are_judged_twice_and_pass_when_nobody_judges() -> None:
    webhooks = VALUES["prometheusOperator"]["admissionWebhooks"]
    assert webhooks["failurePolicy"] == "Ignore"
    assert webhooks["deployment"]["replicas"] == 2
    assert webhooks["deployment"]["podDisruptionBudget"] == {"enabled": True, "minAvailable": 1}
    zones, _ = webhooks["deployment"]["affinity"]["podAntiAffinity"]["preferredDuringSchedulingIgnoredDuringExecution"]
    assert zones["podAffinityTerm"]["labelSelector"]["matchLabels"] == {
        "app": "kube-prometheus-stack-operator-webhook",
        "release": "metrics",
    }


def test_definitions_are_replaced_before_each_upgrade_by_images_of_exact_versions() -> None:
    job = VALUES["crds"]["upgradeJob"]
    assert job["enabled"] is True
    assert job["image"]["busybox"]["tag"] not in ("", "latest")


def test_the_chart_makes_no_alertmanager_configuration_and_no_password() -> None:
    spec = VALUES["alertmanager"]["alertmanagerSpec"]
    assert spec["useExistingSecret"] is True
    assert spec["additionalConfig"] == {"configSecret": "alertmanager"}
    grafana = VALUES["grafana"]
    assert grafana["admin"]["existingSecret"] == "metrics-grafana-admin"
    assert grafana["envFromSecret"] == "metrics-grafana-database"
    assert "password" not in grafana["grafana.ini"]["database"]
    assert "adminPassword" not in grafana


def test_every_node_is_measured_whatever_its_taints() -> None:
    exporter = VALUES["prometheus-node-exporter"]
    assert exporter["tolerations"] == [{"operator": "Exists"}]
    assert exporter["priorityClassName"] == "system-node-critical"


def test_grafana_reads_no_secret_outside_its_namespace() -> None:
    grafana = VALUES["grafana"]
    assert grafana["rbac"] == {"namespaced": True}
    for kind in ("dashboards", "datasources"):
        assert grafana["sidecar"][kind]["searchNamespace"] == "monitoring"
        assert grafana["sidecar"][kind]["resource"] == "configmap"


def test_grafana_runs_twice_encrypted_and_leaves_alerts_to_alertmanager() -> None:
    grafana = VALUES["grafana"]
    assert grafana["replicas"] == 2
    assert grafana["podDisruptionBudget"] == {"maxUnavailable": 1, "unhealthyPodEvictionPolicy": "AlwaysAllow"}
    assert grafana["grafana.ini"]["database"]["ssl_mode"] == "require"
    assert grafana["grafana.ini"]["database"]["host"] == "db.example.com:5432"
    assert grafana["grafana.ini"]["unified_alerting"] == {"enabled": False}


def test_who_asks_the_database_starts_first_and_stays() -> None:
    (asking,) = VALUES["grafana"]["extraInitContainers"]
    assert asking["restartPolicy"] == "Always"
    assert asking["startupProbe"]["exec"]["command"] == ["test", "-s", "/run/database/type"]
    variables = {each["name"]: each for each in asking["env"]}
    assert variables["PGPASSWORD"]["valueFrom"]["secretKeyRef"]["name"] == "metrics-grafana-database"
    assert asking["securityContext"]["readOnlyRootFilesystem"] is True
    mounts = {each["name"]: each for each in VALUES["grafana"]["extraVolumeMounts"]}
    assert mounts["database"]["mountPath"] == asking["volumeMounts"][0]["mountPath"]


def script(folder: Path, name: str, text: str) -> Path:
    path = folder / name
    path.write_text(f"#!/bin/sh\n{text}\n")
    path.chmod(0o755)
    return path


def until(wanted: str, path: Path) -> None:
    for _ in range(600):
        if path.exists() and path.read_text().strip() == wanted:
            return
        time.sleep(0.05)
    pytest.fail(f"{path.name} never became {wanted!r}")


def running(command: str, folder: Path, stdout: int | None = None) -> subprocess.Popen[bytes]:
    environment = {
        "PATH": f"{folder}:{os.environ['PATH']}",
        "STATE": str(folder / "type"),
        "INTERVAL": "0.1",
        "RUN": str(folder / "run.sh"),
    }
    return subprocess.Popen(["/bin/sh", "-c", command], env=environment, stdout=stdout)


def asking_script() -> str:
    (asking,) = VALUES["grafana"]["extraInitContainers"]
    return asking["command"][2]


@pytest.mark.parametrize(("answer", "found"), [("echo f", "postgres"), ("echo t", "sqlite3"), ("exit 2", "sqlite3")])
def test_only_a_database_that_writes_is_used(tmp_path: Path, answer: str, found: str) -> None:
    script(tmp_path, "psql", answer)
    process = running(asking_script(), tmp_path)
    try:
        until(found, tmp_path / "type")
    finally:
        process.terminate()
    assert process.wait(timeout=30) == 0


def test_a_database_is_given_up_only_after_several_answers(tmp_path: Path) -> None:
    script(tmp_path, "psql", 'echo asked >> "$STATE.log"; cat "$STATE.answer"')
    (tmp_path / "type.answer").write_text("f\n")
    process = running(asking_script(), tmp_path)
    try:
        until("postgres", tmp_path / "type")
        before = len((tmp_path / "type.log").read_text().splitlines())
        (tmp_path / "type.answer").write_text("t\n")
        until("sqlite3", tmp_path / "type")
        after = len((tmp_path / "type.log").read_text().splitlines())
    finally:
        process.terminate()
        process.wait(timeout=30)
    assert after - before >= 4


def test_grafana_starts_with_what_the_database_is_and_ends_when_that_changes(tmp_path: Path) -> None:
    (tmp_path / "type").write_text("postgres\n")
    script(tmp_path, "run.sh", 'echo "$GF_DATABASE_TYPE" > "$STATE.used"; exec sleep 60')
    process = running(VALUES["grafana"]["args"][0], tmp_path)
    until("postgres", tmp_path / "type.used")
    time.sleep(0.5)
    assert process.poll() is None
    (tmp_path / "type").write_text("sqlite3\n")
    assert process.wait(timeout=30) != 0
    process = running(VALUES["grafana"]["args"][0], tmp_path)
    until("sqlite3", tmp_path / "type.used")
    process.send_signal(signal.SIGTERM)
    process.wait(timeout=30)


def test_a_stopping_grafana_is_told_and_waited_for(tmp_path: Path) -> None:
    (tmp_path / "type").write_text("postgres\n")
    script(
        tmp_path,
        "run.sh",
        'trap "sleep 0.5; echo stopped > $STATE.used; exit 0" TERM; echo up > "$STATE.used"\n'
        "while :; do sleep 0.1; done",
    )
    process = running(VALUES["grafana"]["args"][0], tmp_path)
    until("up", tmp_path / "type.used")
    process.send_signal(signal.SIGTERM)
    process.wait(timeout=30)
    assert (tmp_path / "type.used").read_text() == "stopped\n"


def test_a_grafana_that_has_hardly_started_is_stopped_too(tmp_path: Path) -> None:
    (tmp_path / "type").write_text("postgres\n")
    script(tmp_path, "run.sh", "exec sleep 20")
    for _ in range(5):
        process = running(VALUES["grafana"]["args"][0], tmp_path, stdout=subprocess.PIPE)
        assert process.stdout is not None
        assert process.stdout.readline() == b"database: postgres\n"
        process.send_signal(signal.SIGTERM)
        # What the shell says of a child that a signal ended: it was there, was told, and was waited for.
        assert process.wait(timeout=15) == 128 + signal.SIGTERM
        process.stdout.close()


def test_secrets_stand_before_the_release_and_pass_through_no_value(whole: Recording) -> None:
    made = whole.one(RELEASE, "metrics")
    secrets = whole.all(EXTERNAL)
    assert {each.name for each in secrets} == {"metrics-grafana-admin", "metrics-grafana-database"}
    for each in secrets:
        assert whole.waits_for(made, each)
    database = whole.one(EXTERNAL, "metrics-grafana-database").plain["spec"]
    assert {each["remoteRef"]["key"] for each in database["data"]} == {"tandem/grafana"}
    assert set(database["target"]["template"]["data"]) == {"GF_DATABASE_USER", "GF_DATABASE_PASSWORD"}


def test_the_operator_may_be_evicted_and_so_never_holds_a_node(whole: Recording) -> None:
    (budget,) = whole.all("PodDisruptionBudget")
    assert budget.plain["spec"]["maxUnavailable"] == 1
    assert budget.plain["spec"]["selector"]["matchLabels"] == {
        "app": "kube-prometheus-stack-operator",
        "release": "metrics",
    }


def test_a_port_is_a_whole_number_in_text(whole: Recording) -> None:
    values = whole.one(RELEASE, "metrics").plain["values"]
    assert values["grafana"]["grafana.ini"]["database"]["host"] == "db.example.com:5432"
    (asking,) = values["grafana"]["extraInitContainers"]
    assert {"name": "PGPORT", "value": "5432"} in asking["env"]


def test_others_find_its_services(whole: Recording) -> None:
    assert whole.outputs == {
        "prometheus": "http://metrics-prometheus.monitoring.svc.cluster.local:9090",
        "alertmanager": "http://metrics-alertmanager.monitoring.svc.cluster.local:9093",
        "grafana": "metrics-grafana",
    }
    assert whole.unregistered_components() == []


def test_service_accounts_have_names_that_rights_can_be_given_to() -> None:
    assert VALUES["prometheus"]["serviceAccount"]["name"] == PROMETHEUS_SERVICE_ACCOUNT
    assert VALUES["alertmanager"]["serviceAccount"]["name"] == ALERTMANAGER_SERVICE_ACCOUNT


def test_rights_name_one_workspace_one_topic_and_one_key() -> None:
    workspace = "arn:aws:aps:us-east-1:000000000000:workspace/ws-0"
    assert granted(prometheus_policy(workspace)) == {"aps:RemoteWrite": {workspace}}
    topic, key = "arn:aws:sns:us-east-1:000000000000:alerts", "arn:aws:kms:us-east-1:000000000000:key/k"
    assert granted(alertmanager_policy(topic, key)) == {
        "sns:Publish": {topic},
        "kms:Decrypt": {key},
        "kms:GenerateDataKey": {key},
    }
    assert "*" not in json.dumps(json.loads(alertmanager_policy(topic, key)))


BAD: list[tuple[str, dict[str, Any], str]] = [
    ("metrics-of-the-whole-platform", {}, "name: got 'metrics-of-the-whole-platform', must be 1 to 26"),
    ("Metrics", {}, "name: got 'Metrics', must be 1 to 26"),
    ("metrics", {"retention_days": 0}, "retention_days: got 0, must be at least 1"),
    ("metrics", {"storage_gib": 5}, "storage_gib: got 5, must be at least 10"),
    ("metrics", {"memory_gib": 0}, "memory_gib: got 0, must be at least 1"),
]


@pytest.mark.parametrize(("name", "changes", "message"), BAD)
def test_what_could_keep_nothing_is_refused(name: str, changes: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        stack(name, **changes)


def test_a_preview_needs_no_cluster() -> None:
    assert stack(preview=True).one(RELEASE, "metrics").plain["version"]
