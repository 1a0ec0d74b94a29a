"""The model server's chart, rendered by helm itself: what the cluster would be given."""

import json
from pathlib import Path
from typing import Any

import kubernetes_validate
import pytest

from components.inference.model_server import CHART_FOLDER, HTTP_PORT, digest, render_model_server
from tests.house import helm as command_line

Objects = dict[str, dict[str, Any]]


@pytest.fixture(scope="session")
def helm() -> Path:
    found = command_line.find_or_build()
    if found is None:
        pytest.skip("neither helm nor go is on PATH: the chart is not rendered")
    return found


def values(**changes: Any) -> dict[str, Any]:
    arguments: dict[str, Any] = {
        "region": "us-west-2",
        "model_repository": "s3://artifacts-us-west-2/models",
        "service_account": "triton",
        "gpus_per_replica": 2,
        "replicas": 2,
        "max_replicas": 6,
        "startup_seconds": 605,
        "repository_gib": 40,
        "target_cpu_percent": 70,
        "priority_class": "inference",
        "pool": "gpu",
        "chart_digest": digest(CHART_FOLDER),
    }
    return render_model_server(**{**arguments, **changes})


@pytest.fixture(scope="session")
def objects(helm: Path) -> Objects:
    return {each["kind"]: each for each in command_line.template(helm, "triton", CHART_FOLDER, values())}


@pytest.fixture(scope="session")
def pod(objects: Objects) -> dict[str, Any]:
    return objects["Deployment"]["spec"]["template"]


@pytest.fixture(scope="session")
def server(pod: dict[str, Any]) -> dict[str, Any]:
    (container,) = pod["spec"]["containers"]
    return container


def selects(selector: dict[str, Any], pod: dict[str, Any]) -> bool:
    labels = pod["metadata"]["labels"]
    return bool(selector) and all(labels.get(key) == value for key, value in selector.items())


def test_helm_finds_nothing_to_say_about_it(helm: Path) -> None:
    assert "0 chart(s) failed" in command_line.lint(helm, CHART_FOLDER, values())


def test_it_consists_of_objects_that_kubernetes_accepts(objects: Objects) -> None:
    kinds = {"Deployment", "Service", "ServiceAccount", "PodDisruptionBudget", "HorizontalPodAutoscaler"}
    assert set(objects) == kinds
    for each in objects.values():
        kubernetes_validate.validate(each, "1.35", strict=True)
        assert each["metadata"]["namespace"] == "serving"


def test_everything_that_selects_pods_selects_these(objects: Objects, pod: dict[str, Any]) -> None:
    assert selects(objects["Deployment"]["spec"]["selector"]["matchLabels"], pod)
    assert selects(objects["Service"]["spec"]["selector"], pod)
    assert selects(objects["PodDisruptionBudget"]["spec"]["selector"]["matchLabels"], pod)
    for spread in pod["spec"]["topologySpreadConstraints"]:
        assert selects(spread["labelSelector"]["matchLabels"], pod)


def test_two_releases_do_not_select_each_other_s_pods(helm: Path, pod: dict[str, Any]) -> None:
    other = {each["kind"]: each for each in command_line.template(helm, "other", CHART_FOLDER, values())}
    assert not selects(other["Service"]["spec"]["selector"], pod)
    assert not selects(other["PodDisruptionBudget"]["spec"]["selector"]["matchLabels"], pod)


def test_replicas_spread_over_zones_then_nodes_but_start_anywhere_in_need(pod: dict[str, Any]) -> None:
    keys = [(each["topologyKey"], each["whenUnsatisfiable"]) for each in pod["spec"]["topologySpreadConstraints"]]
    assert keys == [
        ("topology.kubernetes.io/zone", "ScheduleAnyway"),
        ("kubernetes.io/hostname", "ScheduleAnyway"),
    ]


def test_the_autoscaler_owns_the_replicas_of_the_deployment(objects: Objects) -> None:
    autoscaler = objects["HorizontalPodAutoscaler"]["spec"]
    target = autoscaler["scaleTargetRef"]
    assert (target["kind"], target["name"]) == ("Deployment", objects["Deployment"]["metadata"]["name"])
    assert (autoscaler["minReplicas"], autoscaler["maxReplicas"]) == (2, 6)
    assert "replicas" not in objects["Deployment"]["spec"]


def test_gpu_requests_equal_their_limits(server: dict[str, Any]) -> None:
    resources = server["resources"]
    assert resources["requests"]["nvidia.com/gpu"] == resources["limits"]["nvidia.com/gpu"] == 2
    assert resources["requests"]["memory"] == resources["limits"]["memory"]


def test_slow_weights_have_the_time_they_were_promised(objects: Objects, server: dict[str, Any]) -> None:
    probe = server["startupProbe"]
    assert probe["failureThreshold"] * probe["periodSeconds"] >= 605
    assert objects["Deployment"]["spec"]["progressDeadlineSeconds"] > 605


def test_a_server_that_is_alive_but_not_ready_is_taken_out_not_killed(server: dict[str, Any]) -> None:
    assert server["readinessProbe"]["httpGet"]["path"] == "/v2/health/ready"
    assert server["livenessProbe"]["httpGet"]["path"] == "/v2/health/live"
    assert server["startupProbe"]["httpGet"]["path"] == "/v2/health/ready"


def test_a_stopping_server_drains_before_it_is_killed(pod: dict[str, Any], server: dict[str, Any]) -> None:
    sleep = server["lifecycle"]["preStop"]["sleep"]["seconds"]
    (exit_argument,) = [each for each in server["args"] if each.startswith("--exit-timeout-secs=")]
    assert pod["spec"]["terminationGracePeriodSeconds"] > sleep + int(exit_argument.split("=")[1])


def test_no_update_takes_a_replica_away(objects: Objects) -> None:
    assert objects["Deployment"]["spec"]["strategy"]["rollingUpdate"] == {"maxUnavailable": 0, "maxSurge": 1}
    budget = objects["PodDisruptionBudget"]["spec"]
    assert (budget["maxUnavailable"], budget["unhealthyPodEvictionPolicy"]) == (1, "AlwaysAllow")


def test_replicas_run_on_tainted_gpu_nodes_and_leave_lost_ones_soon(pod: dict[str, Any]) -> None:
    tolerations = {each["key"]: each for each in pod["spec"]["tolerations"]}
    assert tolerations["nvidia.com/gpu"] == {"key": "nvidia.com/gpu", "operator": "Exists", "effect": "NoSchedule"}
    assert tolerations["node.kubernetes.io/unreachable"]["tolerationSeconds"] == 30
    assert tolerations["node.kubernetes.io/not-ready"]["tolerationSeconds"] == 30
    assert pod["spec"]["nodeSelector"] == {"tandem.dev/pool": "gpu"}
    assert pod["spec"]["priorityClassName"] == "inference"


def test_models_come_from_the_bucket_of_the_region_by_the_pods_own_rights(
    objects: Objects, pod: dict[str, Any], server: dict[str, Any]
) -> None:
    (models,) = pod["spec"]["initContainers"]
    assert models["args"][-2:] == ["s3://artifacts-us-west-2/models", "/models"]
    assert "--model-repository=/models" in server["args"]
    assert pod["spec"]["serviceAccountName"] == objects["ServiceAccount"]["metadata"]["name"] == "triton"
    environment = {each["name"]: each["value"] for each in models["env"]}
    assert environment["AWS_REGION"] == "us-west-2"
    assert not [name for name in environment if "KEY" in name]


def test_no_container_may_become_root_or_write_outside_its_volumes(pod: dict[str, Any]) -> None:
    assert pod["spec"]["securityContext"]["runAsNonRoot"] is True
    for container in pod["spec"]["initContainers"] + pod["spec"]["containers"]:
        assert container["securityContext"] == {
            "allowPrivilegeEscalation": False,
            "readOnlyRootFilesystem": True,
            "capabilities": {"drop": ["ALL"]},
        }


def test_the_service_offers_the_port_that_others_are_told(objects: Objects, server: dict[str, Any]) -> None:
    ports = {each["name"]: each["containerPort"] for each in server["ports"]}
    for each in objects["Service"]["spec"]["ports"]:
        assert ports[each["targetPort"]] == each["port"]
    assert ports["http"] == HTTP_PORT


def test_raising_the_chart_alone_restarts_no_server(helm: Path, pod: dict[str, Any]) -> None:
    for each in command_line.template(helm, "triton", CHART_FOLDER, values(chart_digest="another")):
        if each["kind"] == "Deployment":
            assert each["spec"]["template"] == pod
            assert each["metadata"]["annotations"] == {"tandem.dev/chart": "another"}


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"gpu": 1}, r"additional properties 'gpu' not allowed"),
        ({"replicas": {"min": 1, "max": 6}}, r"/replicas/min.*minimum: got 1, want 2"),
        ({"replicas": {"min": 6, "max": 6}}, r"replicas.max \(6\) must be above replicas.min \(6\)"),
        ({"gpus": 0}, r"/gpus.*minimum: got 0, want 1"),
        ({"gpus": "1"}, r"/gpus.*got string, want integer"),
        ({"modelRepository": "https://models"}, r"/modelRepository.*does not match pattern"),
        ({"region": "us-east"}, r"/region.*does not match pattern"),
        ({"startupSeconds": 5000}, r"progressDeadlineSeconds must be above startupSeconds"),
        ({"image": {"tag": "latest"}}, r"/image/tag.*does not match pattern"),
        ({"serviceAccount": {"name": ""}}, r"/serviceAccount/name.*does not match pattern"),
        ({"nodeSelector": {"gpu": True}}, r"/nodeSelector/gpu.*got boolean, want string"),
    ],
    ids=lambda value: str(value) if isinstance(value, dict) else "",
)
def test_bad_values_are_refused(helm: Path, changes: dict[str, Any], message: str) -> None:
    with pytest.raises(RuntimeError, match=message):
        command_line.template(helm, "triton", CHART_FOLDER, {**values(), **changes})


def test_every_value_of_the_chart_says_what_it_means() -> None:
    def undescribed(schema: dict[str, Any], path: str = "") -> list[str]:
        found: list[str] = []
        for key, rules in schema.get("properties", {}).items():
            found += ([] if rules.get("description") else [f"{path}{key}"]) + undescribed(rules, f"{path}{key}.")
        return found

    schema = json.loads((CHART_FOLDER / "values.schema.json").read_text())
    assert undescribed(schema) == []


def test_any_change_of_the_chart_changes_its_digest(tmp_path: Path) -> None:
    (tmp_path / "templates").mkdir()
    (tmp_path / "Chart.yaml").write_text("version: 1.0.0")
    before = digest(tmp_path)
    (tmp_path / "templates" / "a.yaml").write_text("a")
    added = digest(tmp_path)
    (tmp_path / "templates" / "a.yaml").rename(tmp_path / "templates" / "b.yaml")
    assert len({before, added, digest(tmp_path)}) == 3
