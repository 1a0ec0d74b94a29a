"""What is served must have a node that it fits on, and is told as it is said."""

import json
import math
import re
from typing import Any

import pytest
import yaml

from components.kubernetes import gpu_room
from components.kubernetes._gpu_room import (
    AGENTS_CPU,
    AGENTS_MEMORY_GIB,
    ALLOCATABLE_CPU,
    ALLOCATABLE_MEMORY,
    GIB_PER_VCPU,
    GPUS,
)
from infra import settings
from resilience import instances
from resilience.facts import Facts
from resilience.survey import survey
from tests.house import stacks
from tests.resilience.stacks import platform


def serving(path: str = "", value: Any = None) -> dict[str, str]:
    """The serving example's settings with the value at a dotted path below ``tandem:platform`` replaced."""
    config = stacks.example_config("primary", "serving")
    told = json.loads(config["tandem:platform"])
    here: Any = told
    *parents, last = [int(part) if part.isdigit() else part for part in path.split(".")]
    for part in parents:
        here = here[part]
    if path:
        here[last] = value
    return {**config, "tandem:platform": json.dumps(told)}


def test_what_gpu_nodes_have_is_what_the_resilience_model_says() -> None:
    ours = {f"{family}.{size}" for family, sizes in GPUS.items() for size in sizes}
    assert ours == {f"{family}.{size}" for family, sizes in instances.GPUS.items() for size in sizes}
    facts = Facts()
    assert facts["node.allocatable.cpu"].value == ALLOCATABLE_CPU
    assert facts["node.allocatable.memory"].value == ALLOCATABLE_MEMORY
    for each in ours:
        room, whole = gpu_room(each, 200), instances.capacity(each)
        assert room is not None
        assert whole is not None
        assert room.gpus == whole.gpus
        assert room.cpu == pytest.approx(whole.cpu * ALLOCATABLE_CPU - AGENTS_CPU)
        assert room.memory_gib == pytest.approx(whole.memory * ALLOCATABLE_MEMORY - AGENTS_MEMORY_GIB)
    assert set(GPUS) == set(GIB_PER_VCPU)


def test_what_runs_on_every_gpu_node_is_taken_off() -> None:
    for cluster in survey(platform("primary"), Facts()).clusters:
        agents = cluster.pools["gpu"].everywhere
        assert agents is not None
        assert 0 < agents.cpu < AGENTS_CPU
        assert 0 < agents.memory < AGENTS_MEMORY_GIB


def test_a_type_that_is_not_known_is_nothing_s_room() -> None:
    assert gpu_room("g6.3xlarge", 100) is None
    assert gpu_room("p9.48xlarge", 100) is None
    room = gpu_room("g6.xlarge", 100)
    assert room is not None
    assert room.disk_gib == pytest.approx(89)


JUDGED: list[tuple[str, Any, str]] = [
    ("models.2.metrics", None, r"models\[2\]\.metrics\.queue_query: must be set, because scale_on_queue is"),
    ("models.2.metrics.latency_query", None, r"metrics\.latency_query: must be set, because rollout is canary"),
    ("models.2.metrics.error_query", None, r"metrics\.error_query: must be set, because rollout is canary"),
    ("models.2.metrics.error_query", "avg(failed)", r"error_query: must be PromQL with \$selector where the labels"),
    ("models.0.metrics", {"path": "/metrics"}, r"models\[0\]\.metrics: is of a container; triton is measured"),
    ("models.1.fallback.header", None, r"fallback\.header: must be set, too: header and header_secret belong"),
    ("models.1.fallback.header_secret", None, r"fallback\.header_secret: must be set, too"),
    ("models.1.fallback.header", "X Key", r"fallback\.header: must be the name of a header"),
    (
        "models.2.fallback",
        {"sagemaker_endpoint": "rank", "header": "a", "header_secret": "b"},
        r"fallback\.header: is of url; SageMaker is asked with rights of AWS",
    ),
]


@pytest.mark.parametrize(("path", "value", "told"), JUDGED, ids=[f"{path}={value}" for path, value, _ in JUDGED])
def test_what_cannot_be_judged_or_asked_is_told(path: str, value: Any, told: str) -> None:
    with pytest.raises(settings.SettingsError, match=told):
        settings.parse(serving(path, value))


KSERVED: list[tuple[str, Any, str]] = [
    ("serving.kserve", False, r"serving\.kserve: must be true, because there are inference_services"),
    ("serving.inference_services.0.name", "chat", r"inference_services\[0\]\.name: is another model's name"),
    ("serving.inference_services.0.name", "mistral", r"inference_services\[0\]\.name: is another model's name"),
    (
        "serving.inference_services.0.replicas",
        3,
        r"inference_services\[0\]\.max_replicas: must be above replicas \(3\)",
    ),
    ("serving.inference_services.0.gpus_per_replica", 2, r"services\[0\]\.gpus_per_replica: must be at most 1, which"),
    ("serving.inference_services.0.repository_prefix", "/churn", r"must be a path of letters, digits"),
]


@pytest.mark.parametrize(("path", "value", "told"), KSERVED, ids=[f"{path}={value}" for path, value, _ in KSERVED])
def test_what_kserve_cannot_serve_is_told(path: str, value: Any, told: str) -> None:
    with pytest.raises(settings.SettingsError, match=told):
        settings.parse(serving(path, value))


STACK = "serving.vllm_stacks.0"
TOO_LARGE: list[tuple[str, Any, str]] = [
    (
        f"{STACK}.memory",
        "32Gi",
        r"vllm_stacks\[0\]\.memory: must be at most 12\.9Gi, which is what g6\.xlarge has left",
    ),
    (f"{STACK}.cpu", "4", r"vllm_stacks\[0\]\.cpu: must be at most 3\.2, which"),
    (f"{STACK}.weights_gib", 180, r"weights_gib: must be at most 179, .* kubernetes\.gpu_nodes a larger disk_gib"),
    (f"{STACK}.gpus_per_replica", 2, r"vllm_stacks\[0\]\.gpus_per_replica: must be at most 1, .* a larger type"),
    ("models.0.memory", "14Gi", r"models\[0\]\.memory: must be at most 12\.9Gi, which is what g6\.xlarge has left"),
    ("models.1.cpu", "3500m", r"models\[1\]\.cpu: must be at most 3\.2, which is what g6\.xlarge has left"),
    ("models.1.repository_gib", 200, r"models\[1\]\.repository_gib: must be at most 179, which"),
    ("models.0.gpus_per_replica", 4, r"models\[0\]\.gpus_per_replica: must be at most 1, which"),
    ("kubernetes.gpu_nodes.disk_gib", 40, r"models\[0\]\.repository_gib: must be at most 35, which"),
    ("models.0.shared_memory_gib", 10, r"models\[0\]\.shared_memory_gib: must be below memory \(10Gi\)"),
    ("models.0.cpu", "0", r'models\[0\]\.cpu: must be cores in quotes such as "2" or "500m"'),
    ("models.0.memory", "10", r"models\[0\]\.memory: must be an amount such as 16Gi"),
    ("models.0.manifest_digest", "a" * 64, r"models\[0\]\.version: must be set, because manifest_digest is"),
    ("models.0.manifest_digest", "abc", r"manifest_digest: must be the SHA-256 of the manifest"),
    (
        "models.2.warm_up",
        {"path": "/rank", "body": "{}"},
        r"warm_up\.body: is sent by nobody where engine is container",
    ),
    ("models.0.environment", {"A-B": "1"}, r"environment\.A-B: must be the name of a variable"),
]


@pytest.mark.parametrize(("path", "value", "told"), TOO_LARGE, ids=[f"{path}={value}" for path, value, _ in TOO_LARGE])
def test_a_size_that_no_node_has_is_told_with_what_one_has(path: str, value: Any, told: str) -> None:
    with pytest.raises(settings.SettingsError, match=told):
        settings.parse(serving(path, value))


def test_a_replica_fits_if_one_of_several_types_has_room() -> None:
    config = serving("kubernetes.gpu_nodes.instance_types", ["g6.xlarge", "g6.12xlarge"])
    told = json.loads(config["tandem:platform"])
    told["models"][0] |= {"gpus_per_replica": 4, "cpu": "40", "memory": "150Gi"}
    assert settings.parse({**config, "tandem:platform": json.dumps(told)}).platform.models[0].cpu == "40"
    # No type has both: the larger memory is of the type with one GPU.
    told["kubernetes"]["gpu_nodes"]["instance_types"] = ["g6.16xlarge", "g5.12xlarge"]
    told["models"][0] |= {"memory": "200Gi"}
    with pytest.raises(
        settings.SettingsError, match=r"models\[0\]\.memory: must be at most 171\.3Gi, .* g6\.16xlarge or"
    ):
        settings.parse({**config, "tandem:platform": json.dumps(told)})


def test_of_a_type_that_nobody_knows_nothing_is_refused() -> None:
    config = serving("kubernetes.gpu_nodes.instance_types", ["p9.48xlarge"])
    told = json.loads(config["tandem:platform"])
    told["models"][0]["memory"] = "1000Gi"
    assert settings.parse({**config, "tandem:platform": json.dumps(told)}).platform.models[0].memory == "1000Gi"


def test_what_needs_no_gpu_is_no_matter_of_theirs() -> None:
    assert settings.parse(serving("models.2.memory", "100Gi")).platform.models[2].gpus_per_replica == 0


PAGE = (stacks.ROOT / "docs/serving.md").read_text()


def test_the_page_says_what_nodes_have_left() -> None:
    rows = re.findall(r"^\| `([\w.]+)` \| (\d+) \| ([\d.]+) \| ([\d.]+) \|$", PAGE, re.MULTILINE)
    assert len(rows) == 5
    for instance_type, gpus, cores, gib in rows:
        room = gpu_room(instance_type, 200)
        assert room is not None
        assert (int(gpus), float(cores), float(gib)) == (
            room.gpus,
            math.floor(10 * room.cpu) / 10,
            math.floor(10 * room.memory_gib) / 10,
        )


def test_the_page_s_settings_are_settings() -> None:
    (block,) = re.findall(r"```yaml\n(.*?)```", PAGE, re.DOTALL)
    config = stacks.example_config("primary", "serving")
    told = json.loads(config["tandem:platform"])
    told |= yaml.safe_load(block)
    (model,) = settings.parse({**config, "tandem:platform": json.dumps(told)}).platform.models
    assert model.warm_up is not None
    assert json.loads(model.warm_up.body) == {"inputs": []}


def test_the_page_leads_to_what_is_there() -> None:
    for target in re.findall(r"\]\(([^)#:]+)\)", PAGE):
        assert (stacks.ROOT / "docs" / target).exists(), target
