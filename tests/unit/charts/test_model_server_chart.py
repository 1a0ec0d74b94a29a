"""The model server's chart, rendered by helm itself: what the cluster would be given."""

import hashlib
import http.server
import itertools
import json
import os
import re
import subprocess
import sys
import threading
import time
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, ClassVar

import pytest

from components.inference.model_server import CHART_FOLDER, HTTP_PORT, ModelServerArgs, digest, render_model_server
from sandbox.knowledge import kubernetes
from tests.house import helm as command_line
from tests.house.go_tools import find_or_build
from tests.house.promtool import PROMTOOL, try_rules

Objects = dict[tuple[str, str], dict[str, Any]]

ENGINES = ("triton", "vllm", "container")
STRATEGIES = ("rolling", "canary", "blueGreen")
PROMETHEUS = "http://prometheus.monitoring:9090"
IMAGE = "registry.example.com/models/classifier:1.4.0"
QUERIES = {
    "latency_query": "sum(rate(seconds_sum{$selector}[2m])) / sum(rate(seconds_count{$selector}[2m]))",
    "error_query": "sum(rate(failed_total{$selector}[2m])) / sum(rate(requests_total{$selector}[2m]))",
    "queue_query": "avg(waiting_seconds{$selector})",
}
PATH_OF = {"triton": "/v2/health/ready", "vllm": "/health", "container": "/ready"}


@pytest.fixture(scope="session")
def helm() -> Path:
    found = find_or_build(command_line.HELM)
    if found is None:
        pytest.skip("neither helm nor go is on PATH: the chart is not rendered")
    return found


@pytest.fixture(scope="session")
def promtool() -> Path:
    found = find_or_build(PROMTOOL)
    if found is None:
        pytest.skip("neither promtool nor Go is here: alerts are not tried")
    return found


def arguments(engine: str = "triton", **changes: Any) -> ModelServerArgs:
    given: dict[str, Any] = {
        "namespace": "serving",
        "region": "us-west-2",
        "model_repository": "s3://artifacts-us-west-2/models",
        "service_account": "reader",
        "engine": engine,
    }
    if engine == "container":
        given |= {"image": IMAGE, "container": {"port": 8080, "readiness_path": "/ready", **QUERIES}}
    return {**given, **changes}  # type: ignore[typeddict-item]


EVERYTHING: dict[str, Any] = {
    "model_version": "7",
    "manifest_digest": "0" * 64,
    "prometheus_url": PROMETHEUS,
    "runbook_url": "https://example.com/playbooks/model-server",
    "target_queue_seconds": 0.5,
    "shadow": {"model_version": "8", "percent": 10},
    "fallback": {"url": "https://models.us-east-1.example.com"},
}
WARM_UP: dict[str, dict[str, Any]] = {
    "triton": {"warm_up": {"path": "/v2/models/classifier/infer", "body": '{"inputs":[]}'}},
    "vllm": {},
    "container": {"warm_up": {"path": "/warm"}},
}


def values(engine: str = "triton", **changes: Any) -> dict[str, Any]:
    return render_model_server(
        arguments(engine, **changes), release_name="model", chart_digest=changes.pop("chart_digest", "0" * 16)
    )


def template(helm: Path, given: dict[str, Any], release: str = "model") -> Objects:
    rendered = command_line.template(helm, release, CHART_FOLDER, given)
    found = {(each["kind"], each["metadata"]["name"]): each for each in rendered}
    assert len(found) == len(rendered), "two objects of one kind and name"
    return found


def render(helm: Path, engine: str = "triton", **changes: Any) -> Objects:
    return template(helm, values(engine, **changes))


COMBINATIONS = [
    pytest.param(engine, strategy, full, id=f"{engine}-{strategy}-{'everything' if full else 'plain'}")
    for engine, strategy, full in itertools.product(ENGINES, STRATEGIES, (False, True))
]


@pytest.fixture(scope="session")
def combined(helm: Path) -> Any:
    cache: dict[tuple[str, str, bool], Objects] = {}

    def combine(engine: str, strategy: str, full: bool) -> Objects:
        if (engine, strategy, full) not in cache:
            changes: dict[str, Any] = {**EVERYTHING, **WARM_UP[engine]} if full else {}
            if strategy != "rolling":
                changes |= {"prometheus_url": PROMETHEUS}
            cache[engine, strategy, full] = render(helm, engine, strategy=strategy, **changes)
        return cache[engine, strategy, full]

    return combine


def workloads(objects: Objects) -> list[dict[str, Any]]:
    return [each for (kind, _), each in objects.items() if kind in ("Deployment", "Rollout")]


def servers(objects: Objects) -> dict[str, Any]:
    found = objects.get(("Deployment", "model")) or objects.get(("Rollout", "model"))
    assert found is not None
    return found


def server(objects: Objects) -> dict[str, Any]:
    (container,) = servers(objects)["spec"]["template"]["spec"]["containers"]
    return container


def selects(selector: dict[str, Any], pod: dict[str, Any]) -> bool:
    labels = pod["metadata"]["labels"]
    return bool(selector) and all(labels.get(key) == value for key, value in selector.items())


def selected_by(selector: dict[str, Any], objects: Objects) -> list[str]:
    return [each["metadata"]["name"] for each in workloads(objects) if selects(selector, each["spec"]["template"])]


def environment(container: dict[str, Any]) -> dict[str, str]:
    return {each["name"]: each.get("value", "") for each in container["env"]}


def token(each: dict[str, Any]) -> str:
    group = each["apiVersion"] if "/" in each["apiVersion"] else f"core/{each['apiVersion']}"
    return f"kubernetes:{group}:{each['kind']}"


def test_helm_finds_nothing_to_say_about_it(helm: Path) -> None:
    for engine in ENGINES:
        given = values(engine, **EVERYTHING, **WARM_UP[engine])
        assert "0 chart(s) failed" in command_line.lint(helm, CHART_FOLDER, given)


@pytest.mark.parametrize(("engine", "strategy", "full"), COMBINATIONS)
def test_it_consists_of_objects_that_kubernetes_accepts(combined: Any, engine: str, strategy: str, full: bool) -> None:
    for each in combined(engine, strategy, full).values():
        assert kubernetes.check(token(each), each) == []
        assert each["metadata"]["namespace"] == "serving"
        assert each["metadata"]["labels"]["app.kubernetes.io/part-of"] == "model"


@pytest.mark.parametrize(("engine", "strategy", "full"), COMBINATIONS)
def test_every_workload_survives_a_zone_a_drain_and_a_lost_node(
    combined: Any, engine: str, strategy: str, full: bool
) -> None:
    objects = combined(engine, strategy, full)
    budgets = [each["spec"] for (kind, _), each in objects.items() if kind == "PodDisruptionBudget"]
    scaled = servers(objects)
    for each in workloads(objects):
        pod = each["spec"]["template"]
        spec = pod["spec"]
        assert each is scaled or each["spec"]["replicas"] >= 2
        assert selects(each["spec"]["selector"]["matchLabels"], pod)
        (budget,) = [found for found in budgets if selects(found["selector"]["matchLabels"], pod)]
        assert (budget["maxUnavailable"], budget["unhealthyPodEvictionPolicy"]) == (1, "AlwaysAllow")
        assert [found["topologyKey"] for found in spec["topologySpreadConstraints"]] == [
            "topology.kubernetes.io/zone",
            "kubernetes.io/hostname",
        ]
        for spread in spec["topologySpreadConstraints"]:
            assert selects(spread["labelSelector"]["matchLabels"], pod)
            assert spread["whenUnsatisfiable"] == "ScheduleAnyway"
            hash_label = "rollouts-pod-template-hash" if each["kind"] == "Rollout" else "pod-template-hash"
            assert spread["matchLabelKeys"] == [hash_label]
        tolerations = {found["key"]: found for found in spec["tolerations"]}
        assert tolerations["node.kubernetes.io/unreachable"]["tolerationSeconds"] == 30
        assert tolerations["node.kubernetes.io/not-ready"]["tolerationSeconds"] == 30
        assert spec["priorityClassName"] == "tandem-serving"
        assert spec["automountServiceAccountToken"] is False
        assert ("ServiceAccount", spec["serviceAccountName"]) in objects
        main = spec["containers"][0]
        assert {"startupProbe", "livenessProbe", "readinessProbe", "lifecycle"} <= main.keys()
    for budget in budgets:
        assert len(selected_by(budget["selector"]["matchLabels"], objects)) == 1


@pytest.mark.parametrize(("engine", "strategy", "full"), COMBINATIONS)
def test_no_container_may_become_root_or_write_outside_its_volumes(
    combined: Any, engine: str, strategy: str, full: bool
) -> None:
    objects = combined(engine, strategy, full)
    pods = [each["spec"]["template"]["spec"] for each in workloads(objects)]
    pods += [
        metric["provider"]["job"]["spec"]["template"]["spec"]
        for (kind, _), each in objects.items()
        if kind == "AnalysisTemplate"
        for metric in each["spec"]["metrics"]
        if "job" in metric["provider"]
    ]
    for pod in pods:
        assert pod["securityContext"]["runAsNonRoot"] is True
        assert pod["securityContext"]["runAsUser"] > 0
        assert pod["securityContext"]["seccompProfile"] == {"type": "RuntimeDefault"}
        for container in [*pod.get("initContainers", []), *pod["containers"]]:
            assert container["securityContext"] == {
                "allowPrivilegeEscalation": False,
                "readOnlyRootFilesystem": True,
                "capabilities": {"drop": ["ALL"]},
            }
            resources = container["resources"]
            assert resources["requests"]["memory"] == resources["limits"]["memory"]
            assert resources["requests"]["cpu"]
            tag = container["image"].rpartition("/")[2].partition(":")[2]
            assert any(character.isdigit() for character in tag), container["image"]


@pytest.mark.parametrize(("engine", "strategy", "full"), COMBINATIONS)
def test_every_service_policy_and_monitor_selects_one_workload(
    combined: Any, engine: str, strategy: str, full: bool
) -> None:
    objects = combined(engine, strategy, full)
    for (kind, name), each in objects.items():
        spec = each.get("spec", {})
        selector = {
            "Service": lambda spec=spec: spec["selector"],
            "NetworkPolicy": lambda spec=spec: spec["podSelector"]["matchLabels"],
            "PodMonitor": lambda spec=spec: spec["selector"]["matchLabels"],
        }.get(kind)
        if selector is None:
            continue
        (workload,) = selected_by(selector(), objects)
        main = next(each for each in workloads(objects) if each["metadata"]["name"] == workload)
        names = {port["name"] for port in main["spec"]["template"]["spec"]["containers"][0]["ports"]}
        if kind == "Service":
            assert {port["targetPort"] for port in spec["ports"]} <= names
            assert {port["name"]: port["port"] for port in spec["ports"]}["http"] == HTTP_PORT
        if kind == "NetworkPolicy":
            assert {port["port"] for rule in spec["ingress"] for port in rule["ports"]} <= names
            assert name == workload
        if kind == "PodMonitor":
            assert {endpoint["port"] for endpoint in spec["podMetricsEndpoints"]} <= names
            assert spec["podTargetLabels"] == ["rollouts-pod-template-hash"]


@pytest.mark.parametrize(("engine", "strategy", "full"), COMBINATIONS)
def test_one_autoscaler_owns_the_replicas_of_what_is_there(
    combined: Any, engine: str, strategy: str, full: bool
) -> None:
    objects = combined(engine, strategy, full)
    scalers = [each for (kind, _), each in objects.items() if kind in ("HorizontalPodAutoscaler", "ScaledObject")]
    (scaler,) = scalers
    owner = servers(objects)
    assert scaler["kind"] == ("ScaledObject" if full else "HorizontalPodAutoscaler")
    assert scaler["spec"]["scaleTargetRef"] == {
        "apiVersion": owner["apiVersion"],
        "kind": "Deployment" if strategy == "rolling" else "Rollout",
        "name": "model",
    }
    assert "replicas" not in owner["spec"]


def test_without_settings_only_what_is_needed_is_there(combined: Any) -> None:
    assert sorted(kind for kind, _ in combined("triton", "rolling", False)) == [
        "Deployment",
        "HorizontalPodAutoscaler",
        "NetworkPolicy",
        "PodDisruptionBudget",
        "Service",
        "ServiceAccount",
    ]


def test_two_releases_do_not_select_each_other_s_pods(helm: Path, combined: Any) -> None:
    other = template(helm, values(**EVERYTHING), "other")
    for (kind, _), each in other.items():
        if kind in ("Service", "PodDisruptionBudget"):
            selector = each["spec"]["selector"]
            assert selected_by(selector.get("matchLabels", selector), combined("triton", "rolling", True)) == []


@pytest.mark.parametrize("engine", ENGINES)
def test_each_engine_is_asked_where_it_answers(combined: Any, engine: str) -> None:
    container = server(combined(engine, "rolling", False))
    assert container["readinessProbe"]["httpGet"] == {"path": PATH_OF[engine], "port": "http"}
    ports = {each["name"]: each["containerPort"] for each in container["ports"]}
    assert (
        ports
        == {
            "triton": {"http": 8000, "grpc": 8001, "metrics": 8002},
            "vllm": {"http": 8000},
            "container": {"http": 8080},
        }[engine]
    )


def test_triton_lives_though_a_model_does_not_load(combined: Any) -> None:
    container = server(combined("triton", "rolling", False))
    assert container["livenessProbe"]["httpGet"]["path"] == "/v2/health/live"
    assert "--model-repository=/models" in container["args"]
    assert "--model-control-mode=none" in container["args"]


def test_vllm_serves_the_copied_model_under_its_name_and_asks_no_hub(helm: Path) -> None:
    container = server(render(helm, "vllm", gpus_per_replica=4, arguments=["--max-model-len=8192"]))
    assert container["command"] == ["vllm", "serve"]
    assert container["args"][0] == "/models"
    assert {"--served-model-name=model", "--tensor-parallel-size=4", "--max-model-len=8192"} <= set(container["args"])
    assert environment(container)["HF_HUB_OFFLINE"] == "1"
    assert container["image"] == "vllm/vllm-openai:v0.24.0"


def test_a_container_runs_as_it_is_told(helm: Path) -> None:
    given = values("container", arguments=["--workers=4"], environment={"LOG_LEVEL": "info"})
    container = server(template(helm, {**given, "command": ["serve"], "envFromSecret": "keys"}))
    assert (container["image"], container["command"], container["args"]) == (IMAGE, ["serve"], ["--workers=4"])
    assert environment(container)["LOG_LEVEL"] == "info"
    assert container["envFrom"] == [{"secretRef": {"name": "keys"}}]


def test_a_container_that_brings_its_model_copies_none(helm: Path) -> None:
    given = arguments("container")
    del given["model_repository"]  # type: ignore[misc]
    objects = template(helm, render_model_server(given, release_name="model", chart_digest=""))
    pod = servers(objects)["spec"]["template"]["spec"]
    assert "initContainers" not in pod
    assert "models" not in {each["name"] for each in pod["volumes"]}
    assert "ephemeral-storage" not in server(objects)["resources"]["requests"]


def test_gpu_requests_equal_their_limits(helm: Path) -> None:
    objects = render(helm, gpus_per_replica=2)
    resources = server(objects)["resources"]
    assert resources["requests"]["nvidia.com/gpu"] == resources["limits"]["nvidia.com/gpu"] == 2
    pod = servers(objects)["spec"]["template"]["spec"]
    assert pod["nodeSelector"] == {"tandem.dev/pool": "gpu"}
    assert {"key": "nvidia.com/gpu", "operator": "Exists", "effect": "NoSchedule"} in pod["tolerations"]


def test_without_gpus_it_runs_on_any_node_but_theirs(helm: Path) -> None:
    objects = render(helm, gpus_per_replica=0)
    assert "nvidia.com/gpu" not in server(objects)["resources"]["limits"]
    pod = servers(objects)["spec"]["template"]["spec"]
    assert "nodeSelector" not in pod
    assert "nvidia.com/gpu" not in {each["key"] for each in pod["tolerations"]}


@pytest.mark.parametrize("engine", ENGINES)
def test_slow_weights_have_the_time_they_were_promised(helm: Path, engine: str) -> None:
    objects = render(helm, engine, startup_seconds=605)
    probe = server(objects)["startupProbe"]
    assert probe["failureThreshold"] * probe["periodSeconds"] >= 605
    assert servers(objects)["spec"]["progressDeadlineSeconds"] > 605


@pytest.mark.parametrize("strategy", STRATEGIES)
def test_no_update_takes_a_replica_away(combined: Any, strategy: str) -> None:
    update = servers(combined("triton", strategy, True))["spec"]["strategy"]
    if strategy == "rolling":
        assert update["rollingUpdate"] == {"maxUnavailable": 0, "maxSurge": 1}
    elif strategy == "canary":
        assert (update["canary"]["maxUnavailable"], update["canary"]["maxSurge"]) == (0, 1)
    else:
        assert update["blueGreen"]["scaleDownDelaySeconds"] > 5 * 60


def test_a_stopping_server_drains_before_it_is_killed(helm: Path) -> None:
    objects = render(helm, request_seconds=90)
    sleep = server(objects)["lifecycle"]["preStop"]["sleep"]["seconds"]
    assert "--exit-timeout-secs=90" in server(objects)["args"]
    assert servers(objects)["spec"]["template"]["spec"]["terminationGracePeriodSeconds"] > sleep + 90


def test_another_version_of_the_model_is_another_pod(helm: Path) -> None:
    before = servers(render(helm, model_version="7"))["spec"]["template"]
    after = servers(render(helm, model_version="8"))["spec"]["template"]
    assert environment(before["spec"]["initContainers"][0])["SOURCE"] == "s3://artifacts-us-west-2/models/7"
    assert environment(after["spec"]["initContainers"][0])["SOURCE"] == "s3://artifacts-us-west-2/models/8"


def test_raising_the_chart_alone_restarts_no_server(helm: Path) -> None:
    one = template(helm, values() | {"chartDigest": "one"})
    other = template(helm, values() | {"chartDigest": "other"})
    assert servers(one)["spec"]["template"] == servers(other)["spec"]["template"]
    assert servers(other)["metadata"]["annotations"] == {"tandem.dev/chart": "other"}


def test_models_come_from_the_bucket_of_the_region_by_the_pods_own_rights(combined: Any) -> None:
    pod = servers(combined("triton", "rolling", False))["spec"]["template"]["spec"]
    (models,) = pod["initContainers"]
    given = environment(models)
    assert (given["SOURCE"], given["AWS_REGION"]) == ("s3://artifacts-us-west-2/models", "us-west-2")
    assert not [name for name in given if "KEY" in name]
    assert pod["serviceAccountName"] == "reader"


class Bucket:
    """The init container's script, run here: ``aws s3 sync`` copies from a folder, /models is another one."""

    def __init__(self, helm: Path, tmp_path: Path) -> None:
        pod = servers(render(helm))["spec"]["template"]["spec"]
        self.models = tmp_path / "models"
        self.files = tmp_path / "bucket"
        tools = tmp_path / "tools"
        for folder in (self.models, self.files, tools):
            folder.mkdir()
        (tools / "aws").write_text(f'#!/bin/bash\n[ "$1 $2" = "s3 sync" ] && cp -a {self.files}/. {self.models}/\n')
        (tools / "aws").chmod(0o755)
        self.command = [*pod["initContainers"][0]["command"], *pod["initContainers"][0]["args"]]
        self.command[-1] = self.command[-1].replace("/models\n", f"{self.models}\n")
        self.path = f"{tools}:{os.environ['PATH']}"

    def put(self, name: str, text: str) -> None:
        (self.files / name).parent.mkdir(parents=True, exist_ok=True)
        (self.files / name).write_text(text)

    def list_files(self) -> str:
        lines = [
            f"{hashlib.sha256(path.read_bytes()).hexdigest()}  {path.relative_to(self.files)}\n"
            for path in sorted(self.files.rglob("*"))
            if path.is_file()
        ]
        self.put("SHA256SUMS", "".join(lines))
        return hashlib.sha256("".join(lines).encode()).hexdigest()

    def copy(self, *, required: bool = True, manifest_digest: str = "") -> subprocess.CompletedProcess[str]:
        given = {
            "PATH": self.path,
            "SOURCE": "s3://bucket/models/7",
            "MANIFEST": "SHA256SUMS",
            "REQUIRED": "true" if required else "false",
            "DIGEST": manifest_digest,
        }
        return subprocess.run(self.command, env=given, check=False, capture_output=True, text=True)


@pytest.fixture
def bucket(helm: Path, tmp_path: Path) -> Bucket:
    found = Bucket(helm, tmp_path)
    found.put("classifier/config.pbtxt", "name: classifier")
    found.put("classifier/1/a model.onnx", "weights")
    return found


def test_a_version_published_as_the_page_says_is_served(bucket: Bucket) -> None:
    page = (Path(__file__).parents[3] / "docs/serving.md").read_text()
    (list_files,) = re.findall(r"^\$ (find .*)$", page, re.MULTILINE)
    subprocess.run(["bash", "-c", list_files], cwd=bucket.files, check=True)
    released = hashlib.sha256((bucket.files / "SHA256SUMS").read_bytes()).hexdigest()
    result = bucket.copy(manifest_digest=released)
    assert (result.returncode, result.stdout) == (0, "s3://bucket/models/7: 2 files verified\n")


def test_files_that_are_those_of_the_manifest_are_served(bucket: Bucket) -> None:
    result = bucket.copy(manifest_digest=bucket.list_files())
    assert (result.returncode, result.stdout) == (0, "s3://bucket/models/7: 2 files verified\n")
    assert (bucket.models / "classifier" / "1" / "a model.onnx").read_text() == "weights"


def test_a_file_that_changed_fails_the_pod_with_its_name(bucket: Bucket) -> None:
    bucket.list_files()
    bucket.put("classifier/1/a model.onnx", "other weights")
    result = bucket.copy()
    assert result.returncode == 1
    assert "classifier/1/a model.onnx: FAILED" in result.stdout
    assert "s3://bucket/models/7: files differ from SHA256SUMS" in result.stderr


def test_a_file_that_is_missing_fails_the_pod(bucket: Bucket) -> None:
    bucket.list_files()
    (bucket.files / "classifier" / "config.pbtxt").unlink()
    result = bucket.copy()
    assert result.returncode == 1
    assert "files differ" in result.stderr


def test_a_file_that_nobody_listed_fails_the_pod(bucket: Bucket) -> None:
    bucket.list_files()
    bucket.put("classifier/2/.hidden", "more weights")
    result = bucket.copy()
    assert result.returncode == 1
    assert "classifier/2/.hidden is not listed in SHA256SUMS" in result.stderr


def test_a_manifest_that_is_not_the_released_one_fails_the_pod(bucket: Bucket) -> None:
    released = bucket.list_files()
    bucket.put("classifier/1/a model.onnx", "other weights")
    bucket.list_files()
    result = bucket.copy(manifest_digest=released)
    assert result.returncode == 1
    assert "SHA256SUMS is not the one that was released" in result.stderr


def test_a_version_without_a_manifest_fails_the_pod_and_a_plain_repository_does_not(bucket: Bucket) -> None:
    result = bucket.copy()
    assert result.returncode == 1
    assert "has no SHA256SUMS" in result.stderr
    assert bucket.copy(required=False).returncode == 0


def test_a_version_must_have_a_manifest(helm: Path) -> None:
    def required(objects: Objects) -> str:
        return environment(servers(objects)["spec"]["template"]["spec"]["initContainers"][0])["REQUIRED"]

    assert required(render(helm)) == "false"
    assert required(render(helm, model_version="7")) == "true"


class Server(http.server.BaseHTTPRequestHandler):
    """A stand-in of a model server on a port of its own."""

    metrics: ClassVar[list[str]] = []
    asked: ClassVar[list[tuple[str, str, bytes]]] = []
    status = 200

    def do_GET(self) -> None:
        if self.path == "/metrics":
            type(self).asked.append(("GET", self.path, b""))
            self.answer(200, type(self).metrics.pop(0) if type(self).metrics else "")
        else:
            type(self).asked.append(("GET", self.path, b""))
            self.answer(type(self).status, "")

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        type(self).asked.append(("POST", self.path, body))
        self.answer(type(self).status, "{}")

    def answer(self, status: int, text: str) -> None:
        self.send_response(status)
        self.end_headers()
        self.wfile.write(text.encode())

    def log_message(self, format: str, *args: Any) -> None:
        """Say nothing."""


@contextmanager
def serving(status: int = 200, metrics: list[str] | None = None) -> Generator[tuple[str, type[Server]]]:
    handler = type("Handler", (Server,), {"asked": [], "metrics": metrics or [], "status": status})
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as found:
        thread = threading.Thread(target=found.serve_forever)
        thread.start()
        try:
            yield f"http://127.0.0.1:{found.server_port}", handler
        finally:
            found.shutdown()
            thread.join()


def run_in_image(command: list[str], url: str) -> subprocess.CompletedProcess[str]:
    """Run a command of a probe or hook here, against a stand-in instead of port 8000."""
    local = [sys.executable, *(each.replace("http://127.0.0.1:8000", url) for each in command[1:])]
    return subprocess.run(local, check=False, capture_output=True, text=True)


def test_a_replica_is_started_only_when_it_answers_its_warm_up_request(combined: Any) -> None:
    probe = server(combined("vllm", "rolling", False))["startupProbe"]
    with serving() as (url, handler):
        assert run_in_image(probe["exec"]["command"], url).returncode == 0
    ((method, path, body),) = handler.asked
    assert (method, path) == ("POST", "/v1/completions")
    assert json.loads(body) == {"model": "model", "prompt": "Hello", "max_tokens": 1}
    with serving(status=500) as (url, _):
        assert run_in_image(probe["exec"]["command"], url).returncode != 0


def test_triton_and_containers_are_warmed_by_the_request_they_were_given(combined: Any) -> None:
    triton = server(combined("triton", "rolling", True))["startupProbe"]["exec"]["command"]
    assert triton[-3:] == ["http://127.0.0.1:8000/v2/models/classifier/infer", '{"inputs":[]}', "30"]
    container = server(combined("container", "rolling", True))["startupProbe"]
    assert container["httpGet"] == {"path": "/warm", "port": "http"}
    assert container["timeoutSeconds"] >= 30
    assert server(combined("triton", "rolling", False))["startupProbe"]["httpGet"]["path"] == "/v2/health/ready"


def test_a_container_is_warmed_by_a_command_of_its_own(helm: Path) -> None:
    given = {**values("container"), "warmUp": {"command": ["python", "warm.py"], "timeoutSeconds": 60}}
    probe = server(template(helm, given))["startupProbe"]
    assert (probe["exec"]["command"], probe["timeoutSeconds"]) == (["python", "warm.py"], 65)


def metrics_page(running: int, waiting: int) -> str:
    return (
        "# TYPE vllm:num_requests_running gauge\n"
        f'vllm:num_requests_running{{engine="0",model_name="model"}} {running}.0\n'
        f'vllm:num_requests_waiting{{engine="0",model_name="model"}} {waiting}.0\n'
        'vllm:num_requests_waiting_by_reason{engine="0",reason="capacity"} 7.0\n'
    )


def test_vllm_stops_when_its_requests_have_ended(helm: Path) -> None:
    given = {**values("vllm", request_seconds=20), "drainSeconds": 5}
    command = server(template(helm, given))["lifecycle"]["preStop"]["exec"]["command"]
    assert command[-2:] == ["5", "20"]
    with serving(metrics=[metrics_page(2, 0), metrics_page(0, 1), metrics_page(0, 0)]) as (url, handler):
        assert run_in_image([*command[:-2], "0", "20"], url).returncode == 0
    assert len(handler.asked) == 3


def test_vllm_stops_in_the_end_though_a_request_does_not(combined: Any) -> None:
    command = server(combined("vllm", "rolling", False))["lifecycle"]["preStop"]["exec"]["command"]
    begin = time.monotonic()
    with serving(metrics=[metrics_page(1, 0)] * 20) as (url, _):
        assert run_in_image([*command[:-2], "0", "1"], url).returncode == 0
    assert 1 <= time.monotonic() - begin < 10


@pytest.mark.parametrize("engine", ENGINES)
def test_the_queue_adds_replicas_and_a_silent_prometheus_keeps_enough(combined: Any, engine: str) -> None:
    scaled = combined(engine, "rolling", True)["ScaledObject", "model"]["spec"]
    (trigger,) = scaled["triggers"]
    assert (scaled["minReplicaCount"], scaled["maxReplicaCount"]) == (2, 6)
    assert scaled["fallback"] == {"failureThreshold": 3, "replicas": 6}
    assert trigger["metricType"] == "AverageValue", "KEDA takes a fallback for no other type"
    assert trigger["metadata"]["serverAddress"] == PROMETHEUS
    assert trigger["metadata"]["threshold"] == "0.5"
    assert trigger["metadata"]["ignoreNullValues"] == "false"
    query = trigger["metadata"]["query"]
    assert {
        "triton": "nv_inference_queue_duration_us",
        "vllm": "vllm:request_queue_time_seconds_sum",
        "container": "waiting_seconds",
    }[engine] in query
    assert 'job="serving/model"' in query
    assert query.endswith(' * count(up{job="serving/model"} == 1)')


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize("strategy", ["canary", "blueGreen"])
def test_a_new_version_is_judged_by_its_own_latency_and_errors(combined: Any, engine: str, strategy: str) -> None:
    objects = combined(engine, strategy, False)
    judgement = objects["AnalysisTemplate", "model"]["spec"]
    assert [each["name"] for each in judgement["metrics"]] == ["error-ratio", "latency-seconds"]
    for metric, limit in zip(judgement["metrics"], (0.01, 2), strict=True):
        prometheus = metric["provider"]["prometheus"]
        assert prometheus["address"] == PROMETHEUS
        assert 'job="serving/model",rollouts_pod_template_hash="{{args.hash}}"' in prometheus["query"]
        assert "$selector" not in prometheus["query"]
        assert metric["successCondition"].endswith(f"result[0] <= {limit}")
        assert metric["failureCondition"].endswith(f"result[0] > {limit}")
        # No request is no proof: a measurement that is neither, and as many of them as there may be.
        assert "!isNaN(result[0])" in metric["successCondition"]
        assert metric["inconclusiveLimit"] < metric["count"]
        assert metric["failureLimit"] < metric["count"]
    update = servers(objects)["spec"]
    assert update["progressDeadlineAbort"] is True
    used = update["strategy"].get("blueGreen", {}).get("postPromotionAnalysis") or next(
        step["analysis"] for step in update["strategy"]["canary"]["steps"] if "analysis" in step
    )
    assert used["templates"] == [{"templateName": "model"}]
    assert used["args"] == [{"name": "hash", "valueFrom": {"podTemplateHashValue": "Latest"}}]


def test_a_canary_is_judged_at_each_step(helm: Path) -> None:
    objects = render(helm, strategy="canary", canary_weights=[10, 40, 80], prometheus_url=PROMETHEUS)
    steps = servers(objects)["spec"]["strategy"]["canary"]["steps"]
    assert [next(iter(step)) for step in steps] == ["setWeight", "pause", "analysis"] * 3
    assert [step["setWeight"] for step in steps if "setWeight" in step] == [10, 40, 80]


def test_a_blue_green_update_asks_the_new_version_before_any_client_does(combined: Any) -> None:
    objects = combined("vllm", "blueGreen", False)
    update = servers(objects)["spec"]["strategy"]["blueGreen"]
    assert (update["activeService"], update["previewService"]) == ("model", "model-preview")
    assert update["prePromotionAnalysis"] == {"templates": [{"templateName": "model-preview"}]}
    for name in ("model", "model-preview"):
        assert ("Service", name) in objects
    (metric,) = objects["AnalysisTemplate", "model-preview"]["spec"]["metrics"]
    job = metric["provider"]["job"]["spec"]["template"]
    assert environment(job["spec"]["containers"][0])["URL"] == "http://model-preview:8000/v1/completions"
    assert selected_by(job["metadata"]["labels"], objects) == []


def test_with_nothing_to_ask_a_blue_green_update_goes_by_readiness(combined: Any) -> None:
    objects = combined("triton", "blueGreen", False)
    assert "prePromotionAnalysis" not in servers(objects)["spec"]["strategy"]["blueGreen"]
    assert ("AnalysisTemplate", "model-preview") not in objects


def rules(objects: Objects) -> dict[str, dict[str, Any]]:
    (group,) = objects["PrometheusRule", "model"]["spec"]["groups"]
    return {each["alert"]: each for each in group["rules"]}


@pytest.mark.parametrize("engine", ENGINES)
def test_each_model_has_alerts_that_say_what_to_do(combined: Any, engine: str) -> None:
    found = rules(combined(engine, "rolling", True))
    assert sorted(found) == [
        "ModelServerDegraded",
        "ModelServerDown",
        "ModelServerErrors",
        "ModelServerQueue",
        "ModelServerSlow",
    ]
    for name, each in found.items():
        page = each["annotations"]["runbook_url"].removeprefix("https://example.com/playbooks/model-server/")
        assert (Path(__file__).parents[3] / "docs/playbooks" / page).is_file(), f"{name} leads to {page}"
        assert each["annotations"]["summary"].startswith("serving/model: ")
        assert each["labels"]["model_server"] == "model"
        assert "model" in each["expr"]
        assert "$selector" not in each["expr"]
    assert found["ModelServerDown"]["labels"]["severity"] == "critical"


AVAILABLE = "kube_deployment_status_replicas_available"
READY = "kube_replicaset_status_ready_replicas"
ROLLOUT = "rollout_info_replicas_available"
OWN = {AVAILABLE: "deployment", READY: "replicaset", ROLLOUT: "name"}


def series(metric: str, name: str, values: str) -> dict[str, str]:
    return {"series": f'{metric}{{namespace="serving",{OWN[metric]}="{name}"}}', "values": values}


DOWN: list[tuple[str, str, list[tuple[str, str, str]], bool]] = [
    ("two replicas", "rolling", [(AVAILABLE, "model", "2x40"), (AVAILABLE, "other", "2x40")], False),
    ("none", "rolling", [(AVAILABLE, "model", "0x40"), (AVAILABLE, "other", "2x40")], True),
    ("no Deployment", "rolling", [(AVAILABLE, "other", "2x40")], True),
    (
        "kube-state-metrics moves",
        "rolling",
        [(AVAILABLE, "model", "2x4 stale _x40"), (AVAILABLE, "other", "2x4 stale _x40")],
        False,
    ),
    ("two replicas of a Rollout", "canary", [(ROLLOUT, "model", "2x40"), (AVAILABLE, "other", "2x40")], False),
    (
        "none of a Rollout whose next version is ready but not asked",
        "blueGreen",
        [(ROLLOUT, "model", "0x40"), (READY, "model-5d9c", "2x40"), (AVAILABLE, "other", "2x40")],
        True,
    ),
    (
        "no controller leads",
        "canary",
        [(ROLLOUT, "model", "2x4 stale _x40"), (READY, "model-5d9c", "2x40"), (AVAILABLE, "other", "2x40")],
        False,
    ),
    ("no Rollout", "canary", [(READY, "model-shadow-5d9c", "2x40"), (AVAILABLE, "other", "2x40")], True),
    (
        "nobody counts",
        "canary",
        [
            (ROLLOUT, "model", "2x4 stale _x40"),
            (READY, "model-5d9c", "2x4 stale _x40"),
            (AVAILABLE, "other", "2x4 stale"),
        ],
        False,
    ),
]


@pytest.mark.parametrize(("strategy", "given", "down"), [row[1:] for row in DOWN], ids=[row[0] for row in DOWN])
def test_a_model_is_down_when_nobody_is_ready_and_not_when_nobody_counts(
    combined: Any, promtool: Path, strategy: str, given: list[tuple[str, str, str]], down: bool
) -> None:
    (group,) = combined("triton", strategy, True)["PrometheusRule", "model"]["spec"]["groups"]
    (rule,) = [each for each in group["rules"] if each["alert"] == "ModelServerDown"]
    labels = {"severity": "critical", "namespace": "serving", "model_server": "model"}
    expected = [{"exp_labels": labels}] if down else []
    try_rules(
        promtool,
        [{**group, "rules": [{**rule, "annotations": {}}]}],
        {
            "interval": "30s",
            "input_series": [series(*each) for each in given],
            "alert_rule_test": [
                {"eval_time": "10m", "alertname": "ModelServerDown", "exp_alerts": expected},
            ],
        },
    )


def test_replicas_of_a_rollout_are_counted_where_they_are(combined: Any) -> None:
    found = rules(combined("triton", "canary", True))
    assert "rollout_info_replicas_available" in found["ModelServerDown"]["expr"]
    assert 'phase="Degraded"' in found["ModelUpdateAborted"]["expr"]
    rolling = rules(combined("triton", "rolling", True))
    assert (
        'kube_deployment_status_replicas_available{namespace="serving",deployment="model"}'
        in (rolling["ModelServerDown"]["expr"])
    )


def test_a_container_without_numbers_has_alerts_on_its_replicas_alone(helm: Path) -> None:
    changes: dict[str, Any] = {**EVERYTHING, "container": {"port": 8080}}
    del changes["target_queue_seconds"]
    objects = template(helm, values("container", **changes))
    assert sorted(rules(objects)) == ["ModelServerDegraded", "ModelServerDown"]
    # Prometheus would call a target down that has no metrics.
    assert [kind for kind, _ in objects if kind == "PodMonitor"] == []
    assert len(objects["NetworkPolicy", "model"]["spec"]["ingress"]) == 1
    changes["container"] = {"port": 8080, "metrics_path": "/numbers"}
    (endpoint,) = template(helm, values("container", **changes))["PodMonitor", "model"]["spec"]["podMetricsEndpoints"]
    assert endpoint["path"] == "/numbers"


def configuration(objects: Objects) -> str:
    return objects["ConfigMap", "model-edge"]["data"]["nginx.conf.template"]


def test_the_edge_takes_over_the_name_and_leaves_the_servers_theirs(combined: Any) -> None:
    objects = combined("triton", "rolling", True)
    assert selected_by(objects["Service", "model"]["spec"]["selector"], objects) == ["model-edge"]
    assert selected_by(objects["Service", "model-server"]["spec"]["selector"], objects) == ["model"]
    assert {each["name"] for each in objects["Service", "model-server"]["spec"]["ports"]} == {"http", "grpc", "metrics"}
    assert "server model-server.serving.svc.cluster.local:8000" in configuration(objects)


def seconds(text: str, directive: str) -> list[int]:
    return [int(found) for found in re.findall(rf"^ *{directive} (\d+)s;$", text, re.MULTILINE)]


def test_a_connection_that_a_lost_node_swallows_is_tried_again_and_a_request_that_was_sent_is_not(
    helm: Path,
) -> None:
    # The shortest answers there may be.
    given = {**values(fallback={"url": "https://a.example.com"}), "edge": {"timeoutSeconds": 5}}
    text = configuration(template(helm, given))
    (server,) = re.findall(r"server \{\n *listen 8080;.*?location / \{", text, re.DOTALL)
    # A connection that nobody answers is a timeout to nginx, and no error.
    assert "proxy_next_upstream error timeout;" in server
    assert "non_idempotent" not in "".join(line for line in text.splitlines() if not line.lstrip().startswith("#"))
    (connect,), (again,), (answer,) = (
        seconds(server, name) for name in ("proxy_connect_timeout", "proxy_next_upstream_timeout", "proxy_read_timeout")
    )
    (tries,) = re.findall(r"proxy_next_upstream_tries (\d+);", server)
    (upstream,) = re.findall(r"upstream servers \{.*?\n  \}", text, re.DOTALL)
    assert int(tries) == len(re.findall(r"^ *server model-server\.serving", upstream, re.MULTILINE)) == 3
    # Time for all of them; and none left once an answer has been waited for in vain, whatever the method.
    assert (int(tries) - 1) * connect < again < answer == 5
    with pytest.raises(RuntimeError, match=r"/edge/timeoutSeconds.*minimum: got 4, want 5"):
        template(helm, {**given, "edge": {"timeoutSeconds": 4}})


def test_a_blue_green_update_behind_the_edge_switches_the_servers_service(combined: Any) -> None:
    objects = combined("vllm", "blueGreen", True)
    assert servers(objects)["spec"]["strategy"]["blueGreen"]["activeService"] == "model-server"


def test_a_shadow_serves_another_version_to_copies_alone(combined: Any) -> None:
    objects = combined("triton", "rolling", True)
    shadow = objects["Deployment", "model-shadow"]["spec"]
    copied = shadow["template"]["spec"]["initContainers"][0]
    assert shadow["replicas"] == 2
    assert environment(copied)["SOURCE"] == "s3://artifacts-us-west-2/models/8"
    assert environment(copied)["DIGEST"] == "", "that digest is of the servers' version"
    sources = objects["NetworkPolicy", "model-shadow"]["spec"]["ingress"][0]["from"]
    assert sources == [{"podSelector": {}}]
    text = configuration(objects)
    assert "mirror /.mirror;" in text
    assert "10% yes;" in text
    assert "proxy_read_timeout 10s;" in text
    assert objects["PodMonitor", "model-shadow"]["spec"]["selector"]["matchLabels"] == shadow["selector"]["matchLabels"]


def test_a_shadow_alone_degrades_to_nobody(helm: Path) -> None:
    text = configuration(render(helm, shadow={"image": "registry.example.com/triton:2.0.0"}))
    assert "@fallback" not in text
    assert "* yes;" in text


def test_a_fallback_is_verified_and_named_and_answers_when_servers_do_not(helm: Path) -> None:
    objects = render(helm, fallback={"url": "https://models.us-east-1.example.com:8443/v2/"})
    text = configuration(objects)
    assert "error_page 502 503 504 = @fallback;" in text
    assert "set $fallback https://models.us-east-1.example.com:8443/v2;" in text
    assert "proxy_set_header Host models.us-east-1.example.com:8443;" in text
    assert "proxy_ssl_name models.us-east-1.example.com;" in text
    assert "proxy_ssl_verify on;" in text
    assert 'proxy_set_header Authorization ""' not in text
    assert "mirror" not in text
    assert ("Deployment", "model-shadow") not in objects


def test_a_stranger_gets_its_own_secret_and_none_of_the_client_s(helm: Path) -> None:
    fallback = {"url": "https://api.example.com", "header": "api-key", "header_secret": "stranger"}
    objects = render(helm, fallback=fallback)
    text = configuration(objects)
    assert 'proxy_set_header Authorization "";' in text
    assert 'proxy_set_header api-key "${FALLBACK_HEADER}";' in text
    (nginx,) = objects["Deployment", "model-edge"]["spec"]["template"]["spec"]["containers"]
    (secret,) = [each for each in nginx["env"] if each["name"] == "FALLBACK_HEADER"]
    assert secret["valueFrom"] == {"secretKeyRef": {"name": "stranger", "key": "value"}}


def test_sagemaker_is_asked_by_the_edge_s_own_rights(helm: Path) -> None:
    objects = render(helm, fallback={"sagemaker_endpoint": "classifier", "region": "us-east-1"})
    pod = objects["Deployment", "model-edge"]["spec"]["template"]["spec"]
    nginx, signer = pod["containers"]
    assert pod["serviceAccountName"] == "model-edge"
    assert "--name=sagemaker" in signer["args"]
    assert "--host=runtime.sagemaker.us-east-1.amazonaws.com" in signer["args"]
    (address,) = [each.removeprefix("--port=") for each in signer["args"] if each.startswith("--port=")]
    assert f"set $signer http://{address};" in configuration(objects)
    assert "proxy_pass $signer/endpoints/classifier/invocations;" in configuration(objects)
    assert "FALLBACK_HEADER" not in {each["name"] for each in nginx["env"]}


def test_another_configuration_restarts_the_edge(helm: Path) -> None:
    def annotation(**fallback: Any) -> str:
        edge = render(helm, fallback=fallback)["Deployment", "model-edge"]
        return edge["spec"]["template"]["metadata"]["annotations"]["tandem.dev/configuration"]

    assert annotation(url="https://a.example.com") != annotation(url="https://b.example.com")


def test_load_balancers_pods_of_the_namespace_and_prometheus_may_ask(helm: Path) -> None:
    changes: dict[str, Any] = {**EVERYTHING, "client_cidrs": ["10.20.0.0/16"]}
    clients, metrics = render(helm, **changes)["NetworkPolicy", "model"]["spec"]["ingress"]
    assert clients["from"] == [{"podSelector": {}}, {"ipBlock": {"cidr": "10.20.0.0/16"}}]
    assert {each["port"] for each in clients["ports"]} == {"http", "grpc"}
    assert metrics["from"] == [{"namespaceSelector": {"matchLabels": {"kubernetes.io/metadata.name": "monitoring"}}}]
    assert [each["port"] for each in metrics["ports"]] == ["metrics"]


SERVED = {"prometheus": {"url": PROMETHEUS}, "metrics": {"enabled": True}}


@pytest.mark.parametrize(
    ("engine", "changes", "message"),
    [
        ("triton", {"gpu": 1}, r"additional properties 'gpu' not allowed"),
        ("triton", {"engine": "torchserve"}, r"/engine.*must be one of 'triton', 'vllm', 'container'"),
        ("triton", {"replicas": {"min": 1, "max": 6}}, r"/replicas/min.*minimum: got 1, want 2"),
        ("triton", {"replicas": {"min": 6, "max": 6}}, r"replicas.max \(6\) must be above replicas.min \(6\)"),
        ("triton", {"gpus": 9}, r"/gpus.*maximum: got 9, want 8"),
        ("triton", {"gpus": "1"}, r"/gpus.*got string, want integer"),
        ("triton", {"modelRepository": "https://models"}, r"/modelRepository.*does not match pattern"),
        ("triton", {"modelRepository": ""}, r"modelRepository: triton serves what is in it"),
        ("triton", {"modelVersion": "7/8"}, r"/modelVersion.*does not match pattern"),
        ("triton", {"region": "us-east"}, r"/region.*does not match pattern"),
        ("triton", {"startupSeconds": 5000}, r"progressDeadlineSeconds must be above startupSeconds"),
        ("triton", {"image": {"repository": "triton", "tag": "latest"}}, r"/image/tag.*does not match pattern"),
        ("triton", {"image": {"tag": "26.08-py3"}}, r"image.repository and image.tag: give both"),
        ("triton", {"serviceAccount": {"name": ""}}, r"/serviceAccount/name.*does not match pattern"),
        ("triton", {"nodeSelector": {"gpu": True}}, r"/nodeSelector/gpu.*got boolean, want string"),
        ("triton", {"command": ["serve"]}, r"command: triton has its own; add to it by args"),
        ("triton", {"checksums": {"digest": "0" * 64}}, r"checksums.digest: set checksums.required, too"),
        ("triton", {"warmUp": {"body": "{}"}}, r"warmUp.body: needs warmUp.path"),
        ("vllm", {"vllm": {"servedModelName": ""}}, r"vllm.servedModelName: write the name that clients ask for"),
        ("vllm", {"gpus": 0}, r"gpus: vLLM's image needs GPUs"),
        ("container", {"image": {"repository": ""}}, r"image.repository: the engine container has no image"),
        ("container", {"warmUp": {"path": "/x", "body": "{}"}}, r"warmUp.body: a kubelet cannot send it"),
        ("container", {"modelRepository": "", "modelVersion": "7"}, r"modelVersion and checksums: there is no model"),
        ("triton", {"scaling": {"by": "queue"}}, r"scaling.by: the queue's numbers come from Prometheus"),
        ("triton", {"scaling": {"by": "queue"}, "prometheus": {"url": PROMETHEUS}}, r"scaling.by: set metrics.enabled"),
        ("triton", {"scaling": {"fallbackReplicas": 9}}, r"scaling.fallbackReplicas \(9\) must be from replicas.min"),
        ("triton", {"scaling": {"fallbackReplicas": 1}}, r"scaling.fallbackReplicas \(1\) must be from replicas.min"),
        (
            "container",
            {"scaling": {"by": "queue"}, "prometheus": {"url": PROMETHEUS}, "metrics": {"enabled": True}},
            r"metrics.queries.queueSeconds: a container's queue is not known",
        ),
        ("triton", {"rollout": {"strategy": "canary"}}, r"rollout.strategy: canary judges the new version by"),
        ("triton", {"rollout": {"weights": [100]}}, r"/rollout/weights/0.*maximum: got 100, want 99"),
        (
            "container",
            {**SERVED, "rollout": {"strategy": "blueGreen"}},
            r"metrics.queries: write latencySeconds and errorRatio",
        ),
        (
            "triton",
            {**SERVED, "rollout": {"strategy": "blueGreen", "scaleDownDelaySeconds": 300}},
            r"rollout.scaleDownDelaySeconds \(300\) must be above measurements x intervalSeconds \(300\)",
        ),
        ("triton", {"alerts": {"enabled": True}}, r"alerts.enabled: set metrics.enabled, too"),
        (
            "container",
            {"alerts": {"enabled": True}, "metrics": {"queries": {"queueSeconds": "avg(waiting{$selector})"}}},
            r"alerts.enabled: set metrics.enabled, too",
        ),
        ("triton", {**SERVED, "alerts": {"enabled": True}}, r"alerts.runbookUrl: write where people read"),
        ("triton", {"shadow": {"enabled": True}}, r"shadow: is the same as what serves"),
        ("triton", {"shadow": {"enabled": True, "image": "a/b:latest"}}, r"/shadow/image.*does not match pattern"),
        ("triton", {"fallback": {"kind": "http"}}, r"fallback.url: write where requests go"),
        ("triton", {"fallback": {"kind": "sagemaker"}}, r"fallback.region and fallback.endpoint: name the SageMaker"),
        (
            "triton",
            {"fallback": {"kind": "sagemaker", "region": "us-east-1", "endpoint": "x", "url": "https://x"}},
            r"fallback.url: kind sagemaker does not use it",
        ),
        (
            "triton",
            {"fallback": {"kind": "http", "url": "https://x", "header": {"name": "api-key"}}},
            r"fallback.header: is for kind http, and needs secretName",
        ),
        ("triton", {"fallback": {"url": "https://x;evil"}}, r"/fallback/url.*does not match pattern"),
    ],
)
def test_bad_values_are_refused(helm: Path, engine: str, changes: dict[str, Any], message: str) -> None:
    given = values(engine)
    if engine == "container":
        given.pop("metrics", None)
    with pytest.raises(RuntimeError, match=message):
        template(helm, {**given, **changes})


def test_a_shadow_version_needs_a_repository(helm: Path) -> None:
    given = {**values("container"), "modelRepository": "", "shadow": {"enabled": True, "modelVersion": "8"}}
    with pytest.raises(RuntimeError, match=r"shadow\.modelVersion: there is no modelRepository"):
        template(helm, given)


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
