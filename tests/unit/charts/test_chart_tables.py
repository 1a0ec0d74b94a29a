"""Key tables: rebuilt from a chart they are what is kept, and they say what the chart allows."""

import json
from pathlib import Path
from typing import Any

import pytest

from components.charts import CHARTS, Chart
from scripts.chart_tables import ROOT, SHARED, TABLES, build, main, read_folder

CHART = Chart(name="example", repository="https://charts.example.com", version="1.2.3", app_version="4", source="-")


def table(values: dict[str, Any], schema: dict[str, Any] | None = None, **description: Any) -> dict[str, Any]:
    return json.loads(build(CHART, description, values, schema or {}))


def kept(name: str) -> dict[str, Any]:
    return json.loads((TABLES / f"{name}.json").read_text())


@pytest.mark.skipif(not SHARED.is_dir(), reason=f"the charts' texts are not at hand ({SHARED})")
def test_the_kept_tables_are_those_of_the_charts(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--check"]) == 0, capsys.readouterr().out


def test_the_model_server_s_table_is_that_of_its_chart() -> None:
    # Needs no text but our own, so it holds in every clone.
    chart = next(chart for chart in CHARTS if chart.repository is None)
    assert build(chart, *read_folder(ROOT / chart.source)) == (TABLES / f"{chart.name}.json").read_text()


def test_there_is_a_table_for_each_chart_and_no_other() -> None:
    assert sorted(path.stem for path in TABLES.glob("*.json")) == sorted(chart.name for chart in CHARTS)


@pytest.mark.parametrize("chart", CHARTS, ids=lambda chart: chart.name)
def test_a_table_is_of_the_pinned_version(chart: Chart) -> None:
    assert (kept(chart.name)["version"], kept(chart.name)["repository"]) == (chart.version, chart.repository)


@pytest.mark.parametrize("chart", CHARTS, ids=lambda chart: chart.name)
def test_every_key_stands_in_a_block_of_the_table(chart: Chart) -> None:
    keys = kept(chart.name)["keys"]
    for key in keys:
        parent = key.rpartition(".")[0]
        assert not parent or set(keys[parent].split("|")) & {"block", "open"}, f"{key} stands in a {keys[parent]}"


def test_a_chart_s_version_is_exact() -> None:
    assert all(part.isdigit() for chart in CHARTS for part in chart.version.removeprefix("v").split("."))


def test_charts_stand_in_order_and_once() -> None:
    names = [chart.name for chart in CHARTS]
    assert names == sorted(set(names))


def test_the_model_server_s_versions_are_those_of_its_chart() -> None:
    import yaml

    from scripts.chart_tables import ROOT

    chart = next(chart for chart in CHARTS if chart.repository is None)
    description = yaml.safe_load((ROOT / chart.source / "Chart.yaml").read_text())
    assert (description["name"], description["version"], description["appVersion"]) == (
        chart.name,
        chart.version,
        chart.app_version,
    )


def test_types_are_read_off_the_defaults() -> None:
    values = {"a": True, "b": 1, "c": 1.5, "d": "x", "e": [1], "f": None, "g": {}, "h": {"i": 1}}
    assert table(values)["keys"] == {
        "a": "boolean",
        "b": "integer",
        "c": "number",
        "d": "string",
        "e": "array",
        "f": "any",
        "g": "map",
        "h": "block",
        "h.i": "integer",
    }


def test_a_schema_says_more_than_a_default() -> None:
    schema = {
        "properties": {
            "port": {"type": ["integer", "string"]},
            "limit": {"type": ["integer", "null"]},
            "mode": {"type": "string", "enum": ["b", "a"]},
            "server": {"type": "object", "additionalProperties": False, "properties": {"extra": {"type": "string"}}},
            "job": {"type": ["object", "string"]},
        }
    }
    result = table({"port": "", "server": {"replicas": 1}}, schema)
    assert result["keys"]["port"] == "integer|string"
    assert result["keys"]["limit"] == "integer"
    assert result["keys"]["job"] == "map|string"
    assert result["enums"] == {"mode": ["a", "b"]}
    assert result["strict"] == ["server"]
    assert {"server.extra", "server.replicas"} <= set(result["keys"])


def test_what_is_copied_into_kubernetes_objects_is_open_all_the_way_down() -> None:
    values = {"affinity": {"nodeAffinity": {"x": 1}}, "podLabels": {"a": "b"}, "image": {"tag": ""}}
    assert {key: kind for key, kind in table(values)["keys"].items() if kind in ("open", "block")} == {
        "affinity": "open",
        "affinity.nodeAffinity": "open",
        "podLabels": "open",
        "image": "block",
    }


def test_an_item_of_a_list_is_what_schema_and_example_say_of_it() -> None:
    item = {"type": "object", "properties": {"name": {"type": "string"}, "mode": {"enum": ["a", "b"]}}}
    schema: dict[str, Any] = {
        "properties": {
            "models": {"type": "array", "items": item},
            "hosts": {"type": "array", "items": {**item, "additionalProperties": False}},
            "headers": {"type": "array", "items": item},
            "env": {"type": "array", "items": item},
            "containers": {"type": "array", "items": {"$ref": "#/definitions/io.k8s.api.core.v1.Container"}},
            "words": {"type": "array", "items": {"type": "string"}},
        },
        "definitions": {"io.k8s.api.core.v1.Container": item},
    }
    result = table({"models": [{"replicas": 1}], "env": [{"name": "A"}]}, schema)
    items = {key: kind for key, kind in result["keys"].items() if key.endswith("[]")}
    # Of headers nobody has an example, so there may be more to one than the schema says.
    assert items == {"models[]": "block", "hosts[]": "block", "headers[]": "open"}
    assert (result["keys"]["models[].name"], result["keys"]["models[].replicas"]) == ("string", "integer")
    assert result["enums"]["models[].mode"] == ["a", "b"]
    assert result["strict"] == ["hosts[]"]


def test_a_strict_block_stays_strict_whatever_its_name() -> None:
    schema = {"properties": {"resources": {"type": "object", "additionalProperties": False, "properties": {"cpu": {}}}}}
    assert table({}, schema)["keys"]["resources"] == "block"


def test_a_subchart_takes_values_that_the_chart_does_not_list() -> None:
    dependencies = [{"name": "postgresql"}, {"name": "node-feature-discovery", "alias": "nfd"}]
    values = {
        "postgresql": {"enabled": True, "auth": {"user": ""}},
        "nfd": {"enabled": True},
        "global": {"x": {"y": 1}},
    }
    keys = table(values, dependencies=dependencies)["keys"]
    assert (keys["postgresql"], keys["postgresql.auth"], keys["nfd"]) == ("open", "open", "open")
    assert (keys["global"], keys["global.x"]) == ("open", "block")


def test_keys_that_a_schema_wants_are_required() -> None:
    schema = {
        "required": ["region", "account"],
        "properties": {
            "region": {"type": "string"},
            "account": {"type": "object", "required": ["name"], "properties": {"name": {"type": "string"}}},
        },
    }
    assert table({}, schema)["required"] == ["account.name", "region"]


def test_a_key_with_a_dot_is_refused() -> None:
    with pytest.raises(SystemExit, match=r"example: key 'grafana.ini' of the root holds a dot"):
        table({"grafana.ini": {}})


def test_a_label_among_a_chart_s_selectors_is_no_key_of_the_chart() -> None:
    keys = table({"nodeSelector": {"kubernetes.io/os": "linux"}})["keys"]
    assert keys == {"nodeSelector": "open"}


def test_a_chart_whose_text_is_not_at_hand_is_named_and_left_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("scripts.chart_tables.TABLES", tmp_path)
    assert main(["--charts", str(tmp_path)]) == 0
    assert f"not in {tmp_path}, so left alone: airflow, argo-cd, argo-events, " in (capsys.readouterr().out)
    assert [file.name for file in tmp_path.iterdir()] == ["model-server.json"]


def test_a_required_key_that_the_chart_lost_is_reported() -> None:
    chart = Chart(name="prefect-worker", repository="-", version="1.0.0", app_version="1", source="-")
    with pytest.raises(SystemExit, match=r"required keys worker.config.workPool, .* are not keys"):
        build(chart, {}, {"worker": {}}, {})


def test_a_stale_table_fails_the_check_and_is_left_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    if not SHARED.is_dir():
        pytest.skip(f"the charts' texts are not at hand ({SHARED})")
    monkeypatch.setattr("scripts.chart_tables.TABLES", tmp_path)
    assert main(["--check"]) == 1
    assert "out of date: " in capsys.readouterr().out
    assert list(tmp_path.iterdir()) == []
    assert main([]) == 0
    assert main(["--check"]) == 0


@pytest.mark.parametrize(
    ("chart", "key", "kind"),
    [
        ("aws-load-balancer-controller", "podDisruptionBudget", "map"),
        ("aws-load-balancer-controller", "updateStrategy", "map"),
        ("karpenter", "settings.enableZonalShift", "boolean"),
        ("karpenter", "nodeSelector", "open"),
        ("karpenter-crd", "additionalAnnotations", "map"),
        ("metrics-server", "podDisruptionBudget", "block"),
        ("prefect-server", "server.affinity", "map"),
        ("prefect-server", "server.resources", "block"),
        ("prefect-server", "backgroundServices.messaging.redis.port", "integer|string"),
        ("prefect-worker", "worker.config.baseJobTemplate.configuration", "map|string"),
        ("nvidia-device-plugin", "affinity", "open"),
        ("model-server", "replicas", "block"),
    ],
)
def test_known_facts_of_the_pinned_charts(chart: str, key: str, kind: str) -> None:
    assert kept(chart)["keys"][key] == kind


@pytest.mark.parametrize("key", ["server.topologySpreadConstraints", "server.podDisruptionBudget"])
def test_prefect_s_server_takes_neither_spread_constraints_nor_a_budget(key: str) -> None:
    assert key not in kept("prefect-server")["keys"]
    assert "server" in kept("prefect-server")["strict"]
