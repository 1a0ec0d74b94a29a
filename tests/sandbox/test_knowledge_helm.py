"""A Release is judged against its chart: version, repository and every key of its values."""

import json
from pathlib import Path
from typing import Any

import pytest

from sandbox.knowledge import Failure, check, coverage, replaces
from sandbox.knowledge.helm import RELEASE, check_values, table
from sandbox.values import UNKNOWN

TABLE: dict[str, Any] = {
    "chart": "web",
    "version": "1.2.3",
    "repository": "https://charts.example.com",
    "keys": {
        "server": "block",
        "server.replicas": "integer",
        "server.image": "block",
        "server.image.tag": "string",
        "server.env": "array",
        "server.securityContext": "open",
        "server.securityContext.runAsUser": "integer",
        "labels": "map",
        "port": "integer|string",
        "ratio": "number",
        "clusterName": "any",
        "level": "string",
    },
    "enums": {"level": ["DEBUG", "INFO"]},
    "strict": ["server"],
    "required": ["clusterName"],
}

ACCEPTED: list[dict[str, Any]] = [
    {"clusterName": "a"},
    {"clusterName": UNKNOWN, "server": UNKNOWN},
    {"clusterName": "a", "server": {"replicas": 3.0, "image": {"tag": "1"}, "env": [{"any": "thing"}]}},
    {"clusterName": "a", "server": {"replicas": None, "securityContext": {"runAsUser": 1, "fsGroup": 2}}},
    {"clusterName": "a", "labels": {"any": {"thing": 1}}, "port": "http", "ratio": 0.5, "level": "INFO"},
    {"clusterName": "a", "port": 80, "__defaults": []},
]


@pytest.mark.parametrize("values", ACCEPTED)
def test_values_that_the_chart_reads_are_accepted(values: dict[str, Any]) -> None:
    assert check_values(TABLE, values) == []


REFUSED: list[tuple[dict[str, Any], str, str]] = [
    ({"servr": {}}, "values.servr", "Helm would silently ignore it; nearest: 'server'"),
    ({"server": {"replcas": 1}}, "values.server.replcas", "its schema refuses the release; nearest: 'replicas'"),
    ({"server": {"image": {"name": "a"}}}, "values.server.image.name", "silently ignore it; it has 'tag'"),
    (
        {"server": {"replicas": "3"}},
        "values.server.replicas",
        "got '3', which web does not take here; it takes: integer",
    ),
    ({"server": {"replicas": True}}, "values.server.replicas", "it takes: integer"),
    ({"server": {"replicas": 2.5}}, "values.server.replicas", "it takes: integer"),
    (
        {"server": {"securityContext": {"runAsUser": "a"}}},
        "values.server.securityContext.runAsUser",
        "it takes: integer",
    ),
    ({"server": []}, "values.server", "it takes: object"),
    ({"port": {}}, "values.port", "it takes: integer or string"),
    ({"level": "WARN"}, "values.level", "'WARN' is not one of 'DEBUG', 'INFO'"),
    ({"clusterName": ""}, "values.clusterName", "web does not render without it"),
    ({"clusterName": None}, "values.clusterName", "is required"),
]


@pytest.mark.parametrize(("values", "property_", "reason"), REFUSED, ids=[case[1] for case in REFUSED])
def test_a_value_that_the_chart_does_not_read_is_refused(values: dict[str, Any], property_: str, reason: str) -> None:
    [failure] = check_values(TABLE, {"clusterName": "a", **values})
    assert failure.property == property_
    assert reason in failure.reason


def prefect(**changes: Any) -> dict[str, Any]:
    found = table("prefect-server")
    assert found is not None
    return {
        "chart": "prefect-server",
        "version": found["version"],
        "repositoryOpts": {"repo": found["repository"]},
        "values": {"server": {"replicaCount": 3.0}},
        "compat": "true",
        **changes,
    }


MODEL = {"name": "qwen", "modelURL": "Qwen/Qwen3-8B", "replicaCount": 2, "vllmConfig": {"tensorParallelSize": 1}}


def engines(*models: Any) -> dict[str, Any]:
    return {"servingEngineSpec": {"modelSpec": list(models)}}


@pytest.mark.parametrize(
    ("model", "property_", "reason"),
    [
        ({**MODEL, "replicaCounts": 2}, "[1].replicaCounts", "nearest: 'replicaCount'"),
        ({**MODEL, "modelRevisions": "a"}, "[1].modelRevisions", "nearest: 'modelRevision'"),
        ({**MODEL, "replicaCount": "2"}, "[1].replicaCount", "it takes: integer"),
        ({**MODEL, "vllmConfig": {"tensorParallel": 1}}, "[1].vllmConfig.tensorParallel", "is not a value"),
        ("qwen", "[1]", "it takes: object"),
    ],
)
def test_items_of_a_list_are_looked_into(model: Any, property_: str, reason: str) -> None:
    vllm = table("vllm-stack")
    assert vllm is not None
    (failure,) = check_values(vllm, engines(MODEL, model))
    assert failure.property == f"values.servingEngineSpec.modelSpec{property_}"
    assert reason in failure.reason


def test_items_that_are_not_known_or_taken_away_are_not_judged() -> None:
    vllm = table("vllm-stack")
    assert vllm is not None
    assert check_values(vllm, engines(MODEL, UNKNOWN, None, {**MODEL, "pdb": {"enabled": True}})) == []
    assert check_values(vllm, {"servingEngineSpec": {"modelSpec": UNKNOWN}}) == []


def test_a_release_as_the_table_has_it_is_accepted() -> None:
    assert check(RELEASE, prefect()) == []
    assert check(RELEASE, prefect(values=UNKNOWN, version=UNKNOWN)) == []


def test_a_misspelt_value_is_found_in_a_release() -> None:
    [failure] = check(RELEASE, prefect(values={"server": {"replicaCont": 3}}))
    assert failure.property == "values.server.replicaCont"
    assert "nearest: 'replicaCount'" in failure.reason


def test_a_release_must_say_its_version() -> None:
    [failure] = check(RELEASE, prefect(version=None))
    assert failure.property == "version"
    assert "Helm would take the newest" in failure.reason


def test_a_release_at_another_version_is_refused() -> None:
    [failure] = check(RELEASE, prefect(version="1.0.0"))
    assert failure.reason.startswith("'1.0.0' is not the version prefect-server is pinned at")


def test_a_release_from_another_repository_is_refused() -> None:
    [failure] = check(RELEASE, prefect(repositoryOpts={"repo": "https://charts.example.com"}))
    assert failure.property == "repositoryOpts.repo"
    assert "but prefect-server comes from 'https://prefecthq.github.io/prefect-helm'" in failure.reason


def karpenter(**changes: Any) -> dict[str, Any]:
    found = table("karpenter")
    assert found is not None
    return {
        "chart": f"{found['repository']}/karpenter",
        "version": found["version"],
        "values": {"settings": {"clusterName": "tandem"}},
        **changes,
    }


def test_a_chart_in_a_registry_is_known_by_its_address() -> None:
    assert check(RELEASE, karpenter()) == []


@pytest.mark.parametrize(
    ("changes", "property_", "reason"),
    [
        ({"chart": "karpenter"}, "chart", "but karpenter comes from 'oci://public.ecr.aws/karpenter/karpenter'"),
        ({"chart": "oci://registry.example.com/karpenter"}, "chart", "got 'oci://registry.example.com/karpenter'"),
        ({"repositoryOpts": {"repo": "oci://public.ecr.aws/karpenter"}}, "repositoryOpts.repo", "has no repository"),
        ({"version": "1.0.0"}, "version", "is not the version karpenter is pinned at"),
        ({"values": {}}, "values.settings.clusterName", "is required"),
    ],
)
def test_a_chart_from_elsewhere_than_its_registry_is_refused(
    changes: dict[str, Any], property_: str, reason: str
) -> None:
    [failure] = check(RELEASE, karpenter(**changes))
    assert failure.property == property_
    assert reason in failure.reason


def test_the_release_itself_is_judged_by_the_sdk() -> None:
    assert check(RELEASE, prefect(vaules={})) == [Failure("vaules", "is not an input here; nearest: 'values'")]


def test_a_chart_without_a_table_is_judged_by_the_sdk_alone_and_says_so() -> None:
    assert check(RELEASE, {"chart": "grafana", "values": {"anything": 1}}) == []
    assert coverage(RELEASE, {"chart": "grafana"}) == ("the Pulumi SDK's types",)
    assert coverage(RELEASE, {"chart": "prefect-server"})[-1] == "the chart's key table"


def test_a_chart_in_a_folder_is_judged_by_the_schema_beside_it(tmp_path: Path) -> None:
    schema = {
        "$schema": "http://json-schema.org/draft-07/schema#",
        "type": "object",
        "additionalProperties": False,
        "required": ["replicas"],
        "properties": {"replicas": {"type": "integer", "minimum": 1}, "region": {"type": "string"}},
    }
    (tmp_path / "values.schema.json").write_text(json.dumps(schema))
    release = {"chart": str(tmp_path), "values": {"replicas": 2, "region": UNKNOWN}}
    assert check(RELEASE, release) == []
    assert check(RELEASE, {**release, "values": {"replicas": UNKNOWN}}) == []
    [failure] = check(RELEASE, {**release, "values": {"replicas": 0}})
    assert failure == Failure("values.replicas", "0 is less than the minimum of 1")


def test_a_release_is_replaced_when_its_name_or_namespace_changes() -> None:
    assert replaces(RELEASE) == {"name", "namespace"}
