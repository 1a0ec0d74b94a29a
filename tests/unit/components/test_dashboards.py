"""What people look at while something fails over: it loads, it asks for what there is, it says where it asks."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pulumi
import pulumi_kubernetes as k8s
import pytest

from components.observability import Dashboards
from components.observability.alert_rules import GROUPS
from components.observability.dashboards import read_dashboards
from components.observability.metrics import METRICS
from tests.house.go_tools import find_or_build
from tests.house.promtool import PROMTOOL, check_rules, metrics_in, try_rules
from tests.house.recorder import record

DASHBOARDS: dict[str, dict[str, Any]] = {name: json.loads(text) for name, text in read_dashboards().items()}
DATASOURCE = {"type": "prometheus", "uid": "${datasource}"}
TYPES = {"row", "stat", "table", "timeseries"}


@pytest.fixture(scope="session")
def promtool() -> Path:
    tool = find_or_build(PROMTOOL)
    if tool is None:
        pytest.skip("neither promtool nor Go is here: expressions are not parsed")
    return tool


def targets(name: str) -> Iterator[dict[str, Any]]:
    for panel in DASHBOARDS[name]["panels"]:
        yield from panel.get("targets", [])


def panel(name: str, title: str) -> dict[str, Any]:
    return next(each for each in DASHBOARDS[name]["panels"] if each["title"] == title)


def test_there_are_four() -> None:
    assert {each["title"] for each in DASHBOARDS.values()} == {
        "Failing over",
        "Model serving",
        "Orchestration",
        "Zones and capacity",
    }
    assert len({each["uid"] for each in DASHBOARDS.values()}) == 4


@pytest.mark.parametrize("name", sorted(DASHBOARDS))
def test_grafana_takes_it(name: str) -> None:
    dashboard = DASHBOARDS[name]
    assert dashboard["schemaVersion"] >= 36
    assert dashboard["uid"].startswith("tandem-")
    assert "id" not in dashboard, "an id is one Grafana's own"
    panels = dashboard["panels"]
    ids = [each["id"] for each in panels]
    assert len(set(ids)) == len(ids)
    assert {each["type"] for each in panels} <= TYPES
    for each in panels:
        place = each["gridPos"]
        assert place["w"] >= 1
        assert 0 <= place["x"] <= 24 - place["w"]
        if each["type"] != "row":
            assert each["title"]
            assert each["targets"]
            references = [target["refId"] for target in each["targets"]]
            assert len(set(references)) == len(references)
            assert each["fieldConfig"]["defaults"]["unit"]


@pytest.mark.parametrize("name", sorted(DASHBOARDS))
def test_no_panel_covers_another(name: str) -> None:
    taken: set[tuple[int, int]] = set()
    for each in DASHBOARDS[name]["panels"]:
        place = each["gridPos"]
        cells = {
            (x, y)
            for x in range(place["x"], place["x"] + place["w"])
            for y in range(place["y"], place["y"] + place["h"])
        }
        assert not taken & cells, each["title"]
        taken |= cells


@pytest.mark.parametrize("name", sorted(DASHBOARDS))
def test_whoever_looks_chooses_the_region(name: str) -> None:
    (variable,) = DASHBOARDS[name]["templating"]["list"]
    assert (variable["name"], variable["type"], variable["query"]) == ("datasource", "datasource", "prometheus")
    asked = [each["datasource"] for each in DASHBOARDS[name]["panels"] if each["type"] != "row"]
    assert asked
    assert all(each == DATASOURCE for each in [*asked, *(target["datasource"] for target in targets(name))])


def test_failing_over_shows_every_region_at_once() -> None:
    dashboard = DASHBOARDS["failing-over"]
    (variable,) = dashboard["templating"]["list"]
    assert variable["multi"] is True
    assert variable["current"]["value"] == ["$__all"]
    (row,) = [each for each in dashboard["panels"] if each["type"] == "row"]
    assert row["repeat"] == "datasource"
    assert dashboard["panels"][0] == row, "only what follows the row is repeated"


@pytest.mark.parametrize("name", sorted(DASHBOARDS))
def test_every_expression_parses(promtool: Path, name: str) -> None:
    rules = [{"record": f"panel:{index}", "expr": each["expr"]} for index, each in enumerate(targets(name))]
    # One group each: panels may ask the same.
    check_rules(promtool, [{"name": each["record"], "rules": [each]} for each in rules])


@pytest.mark.parametrize("name", sorted(DASHBOARDS))
def test_every_metric_has_a_source(name: str) -> None:
    unknown = {metric for each in targets(name) for metric in metrics_in(each["expr"])} - set(METRICS)
    assert not unknown


def test_every_metric_of_the_table_is_asked_for() -> None:
    asked = {metric for name in DASHBOARDS for each in targets(name) for metric in metrics_in(each["expr"])}
    for group in GROUPS.values():
        for rule in (*group.recordings, *group.rules):
            asked |= metrics_in(rule.expression)
    of_models = {
        "nv_inference_queue_duration_us",
        "nv_inference_request_duration_us",
        "vllm:e2e_request_latency_seconds_bucket",
        "vllm:request_queue_time_seconds_bucket",
    }
    assert set(METRICS) - asked - of_models == set()


def test_gpus_that_running_pods_ask_for_are_not_free(promtool: Path) -> None:
    def gpus(name: str, node: str, count: int, **labels: str) -> dict[str, str]:
        inside = ",".join(f'{key}="{value}"' for key, value in {"node": node, **labels}.items())
        return {"series": f'{name}{{resource="nvidia_com_gpu",{inside}}}', "values": f"{count}x5"}

    where = {"namespace": "models"}
    given = [
        {"series": 'tandem:node_zone{node="n1",zone="a"}', "values": "1x5"},
        {"series": 'tandem:node_zone{node="n2",zone="b"}', "values": "1x5"},
        gpus("kube_node_status_allocatable", "n1", 4),
        gpus("kube_node_status_allocatable", "n2", 4),
        gpus("kube_pod_container_resource_requests", "n1", 3, **where, pod="busy"),
        gpus("kube_pod_container_resource_requests", "n1", 1, **where, pod="done"),
        {"series": 'kube_pod_status_phase{namespace="models",pod="busy",phase="Running"}', "values": "1x5"},
        {"series": 'kube_pod_status_phase{namespace="models",pod="done",phase="Running"}', "values": "0x5"},
    ]
    by_zone = [{"labels": '{zone="a"}', "value": 1}, {"labels": '{zone="b"}', "value": 4}]
    for title, expected in (("GPUs free by zone", by_zone), ("GPUs free", [{"labels": "{}", "value": 5}])):
        (target,) = panel("failing-over", title)["targets"]
        test = {"expr": target["expr"], "eval_time": "1m", "exp_samples": expected}
        try_rules(promtool, [], {"interval": "30s", "input_series": given, "promql_expr_test": [test]})


def test_each_is_a_config_map_that_grafana_finds() -> None:
    def program() -> None:
        provider = k8s.Provider("cluster", kubeconfig="{}")
        namespace = k8s.core.v1.Namespace(
            "monitoring",
            metadata=k8s.meta.v1.ObjectMetaArgs(name="monitoring"),
            opts=pulumi.ResourceOptions(provider=provider),
        )
        opts = pulumi.ResourceOptions(providers=[provider], depends_on=[namespace])
        Dashboards("dashboards", {"namespace": "monitoring"}, opts)

    recording = record(program)
    maps = recording.all("kubernetes:core/v1:ConfigMap")
    assert {each.name for each in maps} == {f"dashboards-{name}" for name in DASHBOARDS}
    for each in maps:
        assert each.props["metadata"]["labels"] == {"grafana_dashboard": "1"}
        ((file, text),) = each.props["data"].items()
        assert json.loads(text) == DASHBOARDS[file.removesuffix(".json")]
        assert len(text) < 1024 * 1024, "the API server takes no larger ConfigMap"
    assert recording.unregistered_components() == []
