"""The table of what charts run, against the charts themselves and against what is said to each of them."""

import copy
import itertools
import json
from collections.abc import Iterator
from dataclasses import fields, is_dataclass
from pathlib import Path
from typing import Any, cast

import pytest
import yaml

from components.charts import CHARTS as PINNED
from policies.judge import verdicts
from policies.registry import RULES, Outcome, Scope, Verdict
from policies.rules import helm, kubernetes
from policies.settings import Level, RuleSettings
from resilience.charts import CHARTS, FULL, WITHOUT_WORKLOADS, Key, On, Workload, pods_of
from resilience.graph import Graph, Provider, Resource
from tests.house import helm as command_line
from tests.house.go_tools import find_or_build
from tests.unit.charts.test_model_server_chart import (
    CHART_FOLDER,
    COMBINATIONS,
    EVERYTHING,
    PROMETHEUS,
    WARM_UP,
    values,
)
from tests.unit.components.test_helm_values import VALUES

ROOT = Path(__file__).parents[2]
SHARED = ROOT.parent / "shared" / "charts"
FOLDERS = {chart.name: SHARED / chart.name for chart in PINNED}
SUBCHARTS = {"kube-prometheus-stack": {"grafana": "grafana", "kube-state-metrics": "kube-state-metrics"}}
"""Charts in charts, whose own defaults stand in another file."""
TEMPLATES_ALONE = {
    ("aws-for-fluent-bit", "priorityClassName"),
    ("temporal", "server.{service}.replicaCount"),
}
"""Keys that templates read and values.yaml does not have."""
PROVIDER = Provider("cluster", "pulumi:providers:kubernetes", {})


def keys(row: Any) -> Iterator[Key | On]:
    """Every key in a row, however deep."""
    if isinstance(row, Key | On):
        yield row
    elif isinstance(row, tuple):
        for each in cast("tuple[Any, ...]", row):
            yield from keys(each)
    elif is_dataclass(row):
        for field in fields(row):
            yield from keys(getattr(row, field.name))


def paths(workload: Workload) -> list[str]:
    """Every path that a row names."""
    named = [key.path for key in keys(workload)] + list(workload.spread) + list(workload.probes)
    if workload.budget is not None and workload.budget.block:
        named.append(workload.budget.block)
    return [f"{workload.each}[]{path}" if path.startswith(".") else path for path in [*named, workload.each] if path]


ROWS = [(chart, workload) for chart, rows in CHARTS.items() for workload in rows]
NAMES = [f"{chart}-{workload.name}" for chart, workload in ROWS]


def table(chart: str) -> Any:
    return json.loads((ROOT / "components/helm/tables" / f"{chart}.json").read_text())


def test_every_pinned_chart_has_rows_or_a_reason_for_none() -> None:
    assert {chart.name for chart in PINNED} == {*CHARTS, *WITHOUT_WORKLOADS}
    assert not set(CHARTS) & set(WITHOUT_WORKLOADS)
    assert all(CHARTS.values())
    assert all(WITHOUT_WORKLOADS.values())


def test_no_workload_of_a_chart_is_named_twice() -> None:
    assert len(set(NAMES)) == len(NAMES)


@pytest.mark.parametrize(("chart", "workload"), ROWS, ids=NAMES)
def test_a_workload_has_replicas_or_a_reason_for_one(chart: str, workload: Workload) -> None:
    assert [bool(workload.replicas), bool(workload.singleton), workload.daemon].count(True) == 1, chart


def known(chart: str, path: str) -> bool:
    """Whether a chart has a key, or takes any key in the block that it would be in."""
    declared: dict[str, str] = table(chart)["keys"]
    if path in declared or (chart, path) in TEMPLATES_ALONE:
        return True
    if chart == "temporal" and path.startswith("server.") and path.endswith(".replicaCount"):
        return (chart, "server.{service}.replicaCount") in TEMPLATES_ALONE
    parts = path.split(".")
    above = (".".join(parts[:length]) for length in range(len(parts) - 1, 0, -1))
    nearest = next((each for each in above if each in declared), "")
    return bool({"open", "map", "any"} & set(declared.get(nearest, "").split("|")))


@pytest.mark.parametrize(("chart", "workload"), ROWS, ids=NAMES)
def test_every_path_is_one_that_the_chart_has(chart: str, workload: Workload) -> None:
    assert [path for path in paths(workload) if not known(chart, path)] == []


def test_a_path_that_the_chart_has_not_is_found() -> None:
    assert not known("metrics-server", "podDisruptionBudgets.enabled")
    assert not known("temporal", "server.frontend.replica")
    assert not known("vllm-stack", "servingEngineSpec.modelSpec[].replicaCounts")
    assert known("vllm-stack", "servingEngineSpec.modelSpec[].replicaCount")
    assert known("kube-prometheus-stack", "grafana.topologySpreadConstraints")


def mapping(content: Any) -> dict[str, Any]:
    return cast("dict[str, Any]", content) if isinstance(content, dict) else {}


def own_default(chart: str, path: str) -> Any:
    """What values.yaml says under a path, its own over its subchart's where it has one; None if nothing."""
    sources = [(FOLDERS[chart], path)]
    for name, subchart in SUBCHARTS.get(chart, {}).items():
        if path.startswith(f"{name}."):
            sources.append((SHARED / subchart, path.removeprefix(f"{name}.")))
    for folder, inner in sources:
        found: Any = yaml.safe_load((folder / "values.yaml").read_text())
        for part in inner.split("."):
            found = mapping(found).get(part)
        if found is not None:
            return found
    return None


def same_default(said: Any, own: Any) -> bool:
    """Whether a row's default is what the chart has; of resources and security contexts, as much as is asked for."""
    if said in (None, "", {}) or said is False:
        return own in (None, "", {}, [], False)
    if said == "set":
        return own not in (None, "")
    if isinstance(said, dict):
        return all(same_default(value, mapping(own).get(key)) for key, value in mapping(cast(Any, said)).items())
    return bool(said == own)


@pytest.mark.parametrize(("chart", "workload"), ROWS, ids=NAMES)
def test_every_default_is_the_chart_s_own(chart: str, workload: Workload) -> None:
    if not FOLDERS[chart].is_dir():
        pytest.skip(f"the text of {chart} is not at hand ({FOLDERS[chart]})")
    wrong: list[str] = []
    for key in keys(workload):
        if not key.path or key.path.startswith("."):
            continue
        own = own_default(chart, key.path)
        if key.path in FILLED_IN.get(chart, {}):
            assert own == FILLED_IN[chart][key.path], f"{key.path} is no longer empty"
        elif not same_default(key.default, own):
            wrong.append(f"{key.path}: said {key.default!r}, is {own!r}")
    assert wrong == []


FILLED_IN: dict[str, dict[str, Any]] = {
    # templates/_helpers.yaml, containerSecurityContext and podSecurityContext: what is empty is filled in.
    "airflow": {
        f"{part}.securityContexts.{of}": {}
        for part in ("apiServer", "scheduler", "dagProcessor", "triggerer", "workers", "pgbouncer", "statsd")
        for of in ("container", "pod")
    },
    # templates/_helpers.tpl, injector.securityContext.* and server.statefulSet.securityContext.*
    "vault": {
        f"{part}.securityContext.{of}": {} for part in ("injector", "server.statefulSet") for of in ("container", "pod")
    },
}
"""Empty in values.yaml, and filled in by templates."""


def place(each: Any) -> Resource:
    """An object as the engine hands it over."""
    group = each["apiVersion"] if "/" in each["apiVersion"] else f"core/{each['apiVersion']}"
    type_ = f"kubernetes:{group}:{each['kind']}"
    each["metadata"].setdefault("namespace", "serving")
    name = each["metadata"]["name"]
    return Resource(f"urn:pulumi:primary::tandem::{type_}::{name}", type_, name, each, provider=PROVIDER)


def release(chart: str, said: Any, name: str) -> Resource:
    properties = {"name": name, "namespace": "serving", "chart": chart, "values": said}
    type_ = "kubernetes:helm.sh/v3:Release"
    return Resource(f"urn:pulumi:primary::tandem::{type_}::{name}", type_, name, properties, provider=PROVIDER)


def name_in(said: Any) -> str | None:
    """The release's name, as the values themselves say it in a selector."""
    if isinstance(said, dict):
        block = cast("dict[str, Any]", said)
        labels = cast("dict[str, str]", block.get("matchLabels") or {})
        for key in ("app.kubernetes.io/instance", "release", "helm-release-name"):
            if key in labels:
                return labels[key]
        return next((found for each in block.values() if (found := name_in(each))), None)
    if isinstance(said, list):
        return next((found for each in cast("list[Any]", said) if (found := name_in(each))), None)
    return None


def beside(made: Resource) -> list[Resource]:
    """The budgets that a component puts beside its release: of what the chart has no key for, or no room in its key."""
    found: list[Resource] = []
    for pods in pods_of(made) or ():
        chart = str(made.read("chart").content)
        if pods.workload.daemon or (pods.workload.budget is not None and chart not in BUDGETS_BESIDE):
            continue
        labels = cast("dict[str, Any]", pods.labels.content)
        spec = {"maxUnavailable": 1, "unhealthyPodEvictionPolicy": "AlwaysAllow", "selector": {"matchLabels": labels}}
        metadata = {"name": pods.name.replace(" ", "-").lower()}
        found.append(
            place({"apiVersion": "policy/v1", "kind": "PodDisruptionBudget", "metadata": metadata, "spec": spec})
        )
    return found


BUDGETS_BESIDE = {"argo-events", "argo-workflows", "opentelemetry-collector", "temporal"}
"""Charts that have a key, of which values.yaml, and so the key table, does not show all."""
SILENT: dict[str, str] = {
    "dcgm-exporter": "one on every node, which the chart gives all it has to ask for",
    "kserve-resources": "a singleton, which the chart gives all it has to ask for",
    "opentelemetry-collector": "runs nothing until told how",
}
"""Charts that break no rule without a word said, and why."""


def classes() -> list[Resource]:
    names = ("tandem-services", "tandem-serving", "tandem-orchestration", "tandem-runs", "inference")
    group = {"apiVersion": "scheduling.k8s.io/v1", "kind": "PriorityClass"}
    return [place({**group, "metadata": {"name": name}, "value": 1}) for name in names]


def judged(graph: Graph, *ids: str) -> list[str]:
    """What is not proved good, by rule and resource."""
    found: list[str] = []
    for id_ in ids:
        rule = RULES[id_]
        options = {name: option.default for name, option in rule.options.items()}
        settings = RuleSettings(Level.MANDATORY, Level.MANDATORY, options)
        for resource in graph.of(*rule.types):
            bad: Iterator[Verdict] = (
                each for each in verdicts(rule, resource, graph, settings) if each.outcome is not Outcome.PASS
            )
            found += [f"{id_} {resource.name}: {each.outcome.value}: {each.evidence}" for each in bad]
    return found


@pytest.mark.parametrize("chart", sorted(VALUES))
def test_what_is_said_to_a_chart_keeps_the_rules_of_releases(chart: str) -> None:
    made = release(chart, VALUES[chart], name_in(VALUES[chart]) or chart)
    graph = Graph([made, *beside(made), *classes()])
    assert judged(graph, "HELM-02", "HELM-03", "HELM-04", "HELM-05") == []


@pytest.mark.parametrize(
    ("path", "value", "told"),
    [
        (
            ("modelSpec", 0, "resources", "limits"),
            {"nvidia.com/gpu": 1},
            "servingEngineSpec.modelSpec[0].resources.limits.memory",
        ),
        (("modelSpec", 0, "resources", "requests"), {"memory": "10Gi"}, "modelSpec[0].resources.requests.cpu"),
        (("containerSecurityContext", "readOnlyRootFilesystem"), False, "containerSecurityContext.readOnlyRootFile"),
        (("securityContext",), {}, "runAsNonRoot"),
    ],
)
def test_engines_of_vllm_s_stack_ask_for_what_any_workload_has_to(path: tuple[Any, ...], value: Any, told: str) -> None:
    given = copy.deepcopy(VALUES["vllm-stack"])
    if path == ("securityContext",):
        del given["servingEngineSpec"]["containerSecurityContext"]["runAsNonRoot"]
    here = given["servingEngineSpec"]
    for part in path[:-1]:
        here = here[part]
    here[path[-1]] = value
    graph = Graph([release("vllm-stack", given, name_in(given) or "vllm-stack"), *classes()])
    found = judged(graph, "HELM-05")
    assert found
    assert all(": fail: engine" in each for each in found), found
    assert any(told in each for each in found), found


@pytest.mark.parametrize("chart", sorted(set(CHARTS) - set(SILENT)))
def test_without_a_word_said_a_chart_breaks_a_rule(chart: str) -> None:
    # Or its rows would say nothing.
    assert judged(Graph([release(chart, {}, chart)]), "HELM-02", "HELM-03", "HELM-05") != []


# HELM-05, of what is rendered.


@pytest.fixture(scope="session")
def command() -> Path:
    found = find_or_build(command_line.HELM)
    if found is None:
        pytest.skip("neither helm nor go is on PATH: the chart is not rendered")
    return found


OF_OBJECTS = [
    rule.id
    for rule in RULES.values()
    if rule.id.startswith("K8S-") and rule.scope is not Scope.STACKS and rule.judge.__module__ == kubernetes.__name__
]


def manifests(command: Path, given: dict[str, Any]) -> list[Resource]:
    return [place(each) for each in command_line.template(command, "model", CHART_FOLDER, given)]


@pytest.mark.parametrize(("engine", "strategy", "full"), COMBINATIONS)
def test_what_our_chart_renders_keeps_the_rules_of_objects(
    command: Path, engine: str, strategy: str, full: bool
) -> None:
    changes: dict[str, Any] = {**EVERYTHING, **WARM_UP[engine]} if full else {}
    if strategy != "rolling":
        changes |= {"prometheus_url": PROMETHEUS}
    found = judged(Graph([*manifests(command, values(engine, strategy=strategy, **changes)), *classes()]), *OF_OBJECTS)
    # Its hook is a program, which ends when no request is left: how long that takes at most, no manifest says.
    hooks = [
        each for each in found if engine == "vllm" and each.startswith("K8S-17 ") and "preStop is not known" in each
    ]
    assert [each for each in found if each not in hooks] == []


def test_a_manifest_that_breaks_a_rule_is_found(command: Path) -> None:
    objects = manifests(command, values("triton"))
    without = [each for each in objects if each.type != kubernetes.BUDGET]
    assert len(without) < len(objects)
    assert any(each.startswith("K8S-02 model") for each in judged(Graph([*without, *classes()]), *OF_OBJECTS))


def test_rules_of_objects_are_all_there_are() -> None:
    assert len(OF_OBJECTS) >= 28
    assert {f"K8S-{number:02}" for number in itertools.chain(range(1, 25), range(26, 30))} == set(OF_OBJECTS)
    assert helm.RELEASE == kubernetes.RELEASE
    assert FULL["limits"]["memory"] == "set"
