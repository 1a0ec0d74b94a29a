"""Alerts: what fires when, who is told, and the page that says what to do."""

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pulumi
import pulumi_kubernetes as k8s
import pytest

from components.observability import AlertRules, AlertRulesArgs, ModelObjective
from components.observability.alert_rules import (
    GROUPS,
    LIMITS,
    REPLACES,
    Group,
    Severity,
    filled,
    model_rules,
    plan_base_url,
    plan_groups,
    plan_limits,
    plan_recover,
    render_group,
    slug,
)
from components.observability.metrics import METRICS
from tests.house.go_tools import find_or_build
from tests.house.promtool import PROMTOOL, check_rules, metrics_in, try_rules
from tests.house.recorder import Recording, record

ROOT = Path(__file__).parents[3]
PLAYBOOKS = ROOT / "docs" / "playbooks"
RULE = "kubernetes:monitoring.coreos.com/v1:PrometheusRule"
RESNET: ModelObjective = {
    "name": "resnet",
    "engine": "triton",
    "latency_seconds": 0.5,
    "error_ratio": 0.01,
    "queue_seconds": 0.2,
}
LLAMA: ModelObjective = {
    "name": "Org/Llama-7B",
    "engine": "vllm",
    "latency_seconds": 30,
    "error_ratio": 0.02,
    "queue_seconds": 5,
}
BY_CHOICE = [name for name, group in GROUPS.items() if not group.always]
ALL = plan_groups(BY_CHOICE, [RESNET, LLAMA])


@pytest.fixture(scope="session")
def promtool() -> Path:
    tool = find_or_build(PROMTOOL)
    if tool is None:
        pytest.skip("neither promtool nor Go is here: expressions are not parsed")
    return tool


def rendered(*names: str, **limits: float) -> list[dict[str, Any]]:
    return [
        render_group(
            name,
            ALL[name],
            limits=plan_limits(limits),
            playbook_base_url="https://example.com/playbooks",
            recover=frozenset(),
        )
        for name in names
    ]


def series(name: str, values: str = "1x60", /, **labels: str) -> dict[str, str]:
    inside = ",".join(f'{key}="{value}"' for key, value in labels.items())
    return {"series": f"{name}{{{inside}}}", "values": values}


def node(name: str, zone: str, ready: str = "1x60") -> list[dict[str, str]]:
    return [
        series("kube_node_labels", node=name, label_topology_kubernetes_io_zone=zone),
        series("kube_node_status_condition", ready, node=name, condition="Ready", status="true"),
    ]


def pod(name: str, on: str, owner: str = "api-5d9c", kind: str = "ReplicaSet") -> list[dict[str, str]]:
    where = {"namespace": "prefect", "pod": name}
    return [
        series("kube_pod_info", **where, node=on, created_by_kind=kind, created_by_name=owner),
        series("kube_pod_status_phase", **where, phase="Running"),
    ]


THREE_NODES = [*node("n1", "use1-a"), *node("n2", "use1-b"), *node("n3", "use1-c")]


def fires(
    promtool: Path,
    group: str,
    alert: str,
    at: str,
    given: list[dict[str, str]],
    *,
    with_groups: tuple[str, ...] = (),
    labels: dict[str, str] | None = None,
    **limits: float,
) -> bool:
    """Whether an alert fires at a time; with labels: with exactly these, beside its severity."""
    groups = rendered(*with_groups, group, **limits)
    rule = next(each for each in ALL[group].rules if each.name == alert)
    # Annotations are compared, too: let the rules say nothing, and compare labels alone.
    for each in groups:
        for one in each["rules"]:
            one.pop("annotations", None)
    expected = [{"exp_labels": {**(labels or {}), "severity": rule.severity.value}}]

    def came_true(alerts: list[Any]) -> bool:
        check = {"eval_time": at, "alertname": alert, "exp_alerts": alerts}
        try:
            try_rules(promtool, groups, {"interval": "30s", "input_series": given, "alert_rule_test": [check]})
        except RuntimeError as error:
            if "got:" not in str(error):
                raise
            return False
        return True

    if came_true([]):
        return False
    if labels is not None and not came_true(expected):
        raise AssertionError(f"{alert} fires with other labels than {labels}")
    return True


def test_prometheus_takes_every_rule_and_finds_nothing_doubled(promtool: Path) -> None:
    check_rules(promtool, rendered(*ALL))


def test_a_rule_that_cannot_be_parsed_is_refused(promtool: Path) -> None:
    (broken,) = rendered("velero")
    broken["rules"][0]["expr"] = "sum by (schedule (up)"
    with pytest.raises(RuntimeError, match="parse error"):
        check_rules(promtool, [broken])


@pytest.mark.parametrize("name", sorted(ALL))
def test_every_metric_has_a_source(name: str) -> None:
    group = ALL[name]
    for each in (*group.recordings, *group.rules):
        unknown = metrics_in(each.expression) - set(METRICS)
        assert not unknown, f"{each.name} asks for {unknown}"


def test_names_of_metrics_are_told_from_functions_labels_and_texts() -> None:
    expression = 'sum by (le, x) (rate(vllm:a_b_bucket{c="d e"}[5m])) / on (n) group_left (z) up{q!=""} > <limit> or f2'
    assert metrics_in(expression) == {"vllm:a_b_bucket", "up", "f2"}


def test_every_alert_has_a_page_and_every_page_an_alert() -> None:
    linked = {rule.playbook for group in ALL.values() for rule in group.rules}
    assert linked == {path.stem for path in PLAYBOOKS.glob("*.md")}


@pytest.mark.parametrize("path", sorted(PLAYBOOKS.glob("*.md")), ids=lambda path: path.stem)
def test_a_page_says_what_it_means_what_to_look_at_what_to_do_and_when_it_is_over(path: Path) -> None:
    text = path.read_text()
    assert re.findall(r"^## (.+)$", text, re.MULTILINE) == ["Look", "Do", "Over"]
    look, do = text.split("## Look")[1].split("## Do")
    assert "```sh" in look
    assert "- " in do or "1. " in do
    assert all(len(line) <= 170 for line in text.splitlines())
    # Whoever reads it at 3 a.m. reads no second screen.
    assert len(text.splitlines()) <= 60


@pytest.mark.parametrize("path", sorted(PLAYBOOKS.glob("*.md")), ids=lambda path: path.stem)
def test_links_between_pages_lead_somewhere(path: Path) -> None:
    for target in re.findall(r"\]\(([^)]+)\)", path.read_text()):
        assert (PLAYBOOKS / target).is_file(), target


@pytest.mark.parametrize("path", sorted(PLAYBOOKS.glob("*.md")), ids=lambda path: path.stem)
def test_a_page_names_only_alerts_and_pages_that_are(path: Path) -> None:
    known = {rule.name for group in ALL.values() for rule in group.rules}
    named = set(re.findall(r"^`?([A-Z][a-z]+[A-Z]\w+)`?:", path.read_text(), re.MULTILINE))
    assert named <= known, named - known


def test_alerts_have_names_of_their_own_but_for_those_of_models() -> None:
    names = [rule.name for name, group in ALL.items() if not name.startswith("model-") for rule in group.rules]
    assert len(names) == len(set(names))


def test_what_wakes_people_is_few_and_the_watchdog_is_neither() -> None:
    severities = {rule.name: rule.severity for group in GROUPS.values() for rule in group.rules}
    assert severities["Watchdog"] is Severity.NONE
    assert [name for name, severity in severities.items() if severity is Severity.NONE] == ["Watchdog"]
    critical = [name for name, severity in severities.items() if severity is Severity.CRITICAL]
    assert 2 * len(critical) < len(severities)


def test_no_alert_of_the_chart_is_told_twice() -> None:
    ours = {rule.name for group in GROUPS.values() for rule in group.rules}
    assert {name for name in ours if name in REPLACES} == {"Watchdog"}
    assert len(set(REPLACES)) == len(REPLACES)


def test_the_watchdog_always_fires(promtool: Path) -> None:
    assert fires(promtool, "watching", "Watchdog", "1m", [], labels={})


# Zones


def test_replicas_in_one_zone_are_an_imbalance_after_a_quarter_of_an_hour(promtool: Path) -> None:
    given = [*THREE_NODES, *pod("a", "n1"), *pod("b", "n1"), *pod("c", "n1")]
    where = {"namespace": "prefect", "workload": "api-5d9c"}
    assert fires(promtool, "zones", "ZoneImbalance", "20m", given, labels=where)
    assert not fires(promtool, "zones", "ZoneImbalance", "10m", given)


def test_replicas_in_two_zones_are_none(promtool: Path) -> None:
    given = [*THREE_NODES, *pod("a", "n1"), *pod("b", "n1"), *pod("c", "n2")]
    assert not fires(promtool, "zones", "ZoneImbalance", "20m", given)


def test_a_single_replica_is_none(promtool: Path) -> None:
    assert not fires(promtool, "zones", "ZoneImbalance", "20m", [*THREE_NODES, *pod("a", "n1")])


def test_replicas_in_the_only_zone_that_has_nodes_are_none(promtool: Path) -> None:
    given = [*node("n1", "use1-a"), *node("n2", "use1-a"), *pod("a", "n1"), *pod("b", "n2")]
    assert not fires(promtool, "zones", "ZoneImbalance", "20m", given)


def test_pods_of_a_daemon_set_are_none(promtool: Path) -> None:
    given = [*THREE_NODES, *pod("a", "n1", kind="DaemonSet"), *pod("b", "n1", kind="DaemonSet")]
    assert not fires(promtool, "zones", "ZoneImbalance", "20m", given)


def test_a_zone_without_a_ready_node_is_down_within_two_minutes(promtool: Path) -> None:
    given = [*node("n1", "use1-a", "1x10 0x60"), *node("n2", "use1-b"), *node("n3", "use1-c")]
    assert fires(promtool, "zones", "ZoneDown", "8m", given, labels={"zone": "use1-a"})
    assert not fires(promtool, "zones", "ZoneDown", "4m", given)


def test_a_zone_with_one_ready_node_of_two_is_not_down(promtool: Path) -> None:
    given = [*node("n0", "use1-a", "0x60"), *THREE_NODES]
    assert not fires(promtool, "zones", "ZoneDown", "8m", given)
    assert fires(promtool, "zones", "NodeNotReady", "8m", given, labels={"node": "n0", "zone": "use1-a"})


def test_a_zone_whose_nodes_are_gone_is_missing(promtool: Path) -> None:
    given = [*node("n1", "use1-a"), *node("n2", "use1-b")]
    assert fires(promtool, "zones", "ZoneMissing", "20m", given, labels={})
    assert not fires(promtool, "zones", "ZoneMissing", "20m", given, zones=2)
    assert not fires(promtool, "zones", "ZoneMissing", "20m", THREE_NODES)


def test_not_to_know_zones_is_an_alert_itself(promtool: Path) -> None:
    unlabelled = [series("kube_node_labels", node="n1"), *pod("a", "n1")]
    assert fires(promtool, "zones", "ZonesUnseen", "20m", unlabelled, labels={})
    assert not fires(promtool, "zones", "ZonesUnseen", "20m", THREE_NODES)


# Workloads


def test_an_alert_of_a_pod_says_in_which_zone_it_is(promtool: Path) -> None:
    restarts = series("kube_pod_container_status_restarts_total", "0+1x60", namespace="prefect", pod="a", container="x")
    given = [*THREE_NODES, *pod("a", "n2"), restarts]
    where = {"namespace": "prefect", "pod": "a", "container": "x", "node": "n2", "zone": "use1-b"}
    assert fires(promtool, "workloads", "PodRestarting", "16m", given, with_groups=("zones",), labels=where)


def test_a_single_restart_is_no_alert(promtool: Path) -> None:
    restarts = series(
        "kube_pod_container_status_restarts_total", "0x9 1x60", namespace="prefect", pod="a", container="x"
    )
    given = [*THREE_NODES, *pod("a", "n2"), restarts]
    assert not fires(promtool, "workloads", "PodRestarting", "16m", given, with_groups=("zones",))


@pytest.mark.parametrize(("failed", "fine", "expected"), [("0+3x60", "0+1x60", True), ("0+1x60", "0+3x60", False)])
def test_a_probe_that_mostly_fails_is_an_alert(promtool: Path, failed: str, fine: str, expected: bool) -> None:
    where = {"namespace": "prefect", "pod": "a", "container": "x", "probe_type": "Readiness"}
    given = [
        *THREE_NODES,
        *pod("a", "n2"),
        series("prober_probe_total", failed, **where, result="failed"),
        series("prober_probe_total", fine, **where, result="successful"),
    ]
    assert fires(promtool, "workloads", "ProbeFailing", "15m", given, with_groups=("zones",)) is expected


def test_a_deployment_without_a_replica_is_down_and_one_scaled_to_nothing_is_not(promtool: Path) -> None:
    given = [
        series("kube_deployment_spec_replicas", "3x60", namespace="prefect", deployment="api"),
        series("kube_deployment_status_replicas_available", "0x60", namespace="prefect", deployment="api"),
        series("kube_deployment_spec_replicas", "0x60", namespace="prefect", deployment="idle"),
        series("kube_deployment_status_replicas_available", "0x60", namespace="prefect", deployment="idle"),
    ]
    where = {"namespace": "prefect", "deployment": "api", "workload": "api"}
    assert fires(promtool, "workloads", "WorkloadDown", "5m", given, labels=where)
    assert fires(promtool, "workloads", "WorkloadShort", "20m", given, labels=where)


def test_a_stateful_set_is_short_when_one_of_its_pods_is_not_ready(promtool: Path) -> None:
    given = [
        series("kube_statefulset_replicas", "3x60", namespace="events", statefulset="bus"),
        series("kube_statefulset_status_replicas_ready", "2x60", namespace="events", statefulset="bus"),
    ]
    where = {"namespace": "events", "statefulset": "bus", "workload": "bus"}
    assert fires(promtool, "workloads", "WorkloadShort", "20m", given, labels=where)
    assert not fires(promtool, "workloads", "WorkloadDown", "20m", given)


def test_a_budget_of_no_pods_needs_no_room(promtool: Path) -> None:
    def budget(expected: int) -> list[dict[str, str]]:
        where = {"namespace": "prefect", "poddisruptionbudget": "api"}
        return [
            series("kube_poddisruptionbudget_status_pod_disruptions_allowed", "0x90", **where),
            series("kube_poddisruptionbudget_status_expected_pods", f"{expected}x90", **where),
        ]

    assert fires(promtool, "workloads", "BudgetWithoutRoom", "40m", budget(3))
    assert not fires(promtool, "workloads", "BudgetWithoutRoom", "40m", budget(0))


def test_an_autoscaler_that_cannot_move_is_not_at_its_maximum(promtool: Path) -> None:
    def autoscaler(least: int) -> list[dict[str, str]]:
        where = {"namespace": "models", "horizontalpodautoscaler": "resnet"}
        return [
            series("kube_horizontalpodautoscaler_status_current_replicas", "6x60", **where),
            series("kube_horizontalpodautoscaler_spec_max_replicas", "6x60", **where),
            series("kube_horizontalpodautoscaler_spec_min_replicas", f"{least}x60", **where),
        ]

    assert fires(promtool, "workloads", "AutoscalerAtMaximum", "20m", autoscaler(2))
    assert not fires(promtool, "workloads", "AutoscalerAtMaximum", "20m", autoscaler(6))


def autoscaler_status(active: str, desired: str) -> list[dict[str, str]]:
    where = {"namespace": "models", "horizontalpodautoscaler": "resnet"}
    name = "kube_horizontalpodautoscaler_status"
    return [
        series(f"{name}_condition", active, **where, condition="ScalingActive", status="false"),
        series(f"{name}_desired_replicas", desired, **where),
    ]


def test_an_autoscaler_without_a_measurement_is_blind_and_one_at_rest_is_not(promtool: Path) -> None:
    assert fires(promtool, "workloads", "AutoscalerBlind", "15m", autoscaler_status("1x60", "3x60"))
    assert not fires(promtool, "workloads", "AutoscalerBlind", "15m", autoscaler_status("1x60", "0x60"))
    assert not fires(promtool, "workloads", "AutoscalerBlind", "15m", autoscaler_status("0x60", "3x60"))


# Drift


def kubelets(*versions: str) -> list[dict[str, str]]:
    return [
        series("kube_node_info", "1x3600", node=f"n{number}", kubelet_version=version)
        for number, version in enumerate(versions)
    ]


def test_minor_versions_that_differ_for_a_day_are_drift_and_patches_are_none(promtool: Path) -> None:
    mixed = kubelets("v1.33.8-eks-1a2b3c4", "v1.34.2-eks-5d6e7f8", "v1.34.2-eks-5d6e7f8")
    assert fires(promtool, "drift", "KubernetesVersionsDiffer", "25h", mixed, labels={})
    assert not fires(promtool, "drift", "KubernetesVersionsDiffer", "20h", mixed)
    patches = kubelets("v1.34.1-eks-1a2b3c4", "v1.34.2-eks-5d6e7f8")
    assert not fires(promtool, "drift", "KubernetesVersionsDiffer", "25h", patches)


def test_a_node_that_nobody_opens_again_is_drift(promtool: Path) -> None:
    given = [
        *(series("kube_node_labels", "1x900", node=name, label_topology_kubernetes_io_zone=zone)
          for name, zone in (("n1", "use1-a"), ("n2", "use1-b"))),
        series("kube_node_spec_unschedulable", "1x900", node="n1"),
        series("kube_node_spec_unschedulable", "0x900", node="n2"),
    ]  # fmt: skip
    where = {"node": "n1", "zone": "use1-a"}
    assert fires(promtool, "drift", "NodeCordoned", "5h", given, with_groups=("zones",), labels=where)
    assert not fires(promtool, "drift", "NodeCordoned", "3h", given, with_groups=("zones",))


@pytest.mark.parametrize("kind", ["deployment", "statefulset", "daemonset"])
def test_a_change_that_its_controller_has_not_read_is_drift(promtool: Path, kind: str) -> None:
    def workload(seen: int) -> list[dict[str, str]]:
        where = {"namespace": "prefect", kind: "api"}
        return [
            series(f"kube_{kind}_metadata_generation", "7x60", **where),
            series(f"kube_{kind}_status_observed_generation", f"{seen}x60", **where),
        ]

    labels = {"namespace": "prefect", kind: "api", "workload": "api"}
    assert fires(promtool, "drift", "ChangeNotSeen", "20m", workload(6), labels=labels)
    assert not fires(promtool, "drift", "ChangeNotSeen", "20m", workload(7))


@pytest.mark.parametrize(
    ("kind", "wanted"),
    [("deployment", "kube_deployment_spec_replicas"), ("statefulset", "kube_statefulset_replicas")],
)
def test_an_update_that_stands_half_done_for_an_hour_is_drift(promtool: Path, kind: str, wanted: str) -> None:
    def workload(updated: str) -> list[dict[str, str]]:
        where = {"namespace": "prefect", kind: "api"}
        return [
            series(wanted, "3x200", **where),
            series(f"kube_{kind}_status_replicas_updated", updated, **where),
        ]

    labels = {"namespace": "prefect", kind: "api", "workload": "api"}
    assert fires(promtool, "drift", "ChangeHalfDone", "70m", workload("1x200"), labels=labels)
    assert not fires(promtool, "drift", "ChangeHalfDone", "70m", workload("1x20 3x180"))


def test_a_deployment_that_somebody_paused_is_drift(promtool: Path) -> None:
    def deployment(paused: int) -> list[dict[str, str]]:
        return [series("kube_deployment_spec_paused", f"{paused}x200", namespace="prefect", deployment="api")]

    labels = {"namespace": "prefect", "deployment": "api", "workload": "api"}
    assert fires(promtool, "drift", "ChangesPaused", "70m", deployment(1), labels=labels)
    assert not fires(promtool, "drift", "ChangesPaused", "70m", deployment(0))


def container(name: str, digest: str, owner: str, kind: str = "ReplicaSet", of: str = "api") -> list[dict[str, str]]:
    where = {"namespace": "prefect", "pod": name}
    image = {"image": "example.com/api:v1", "image_id": f"example.com/api@sha256:{digest}"}
    return [
        series("kube_pod_info", "1x200", **where, node="n1", created_by_kind=kind, created_by_name=owner),
        series("kube_pod_container_info", "1x200", **where, container=of, **image),
    ]


def test_one_declaration_with_two_images_is_drift_and_an_update_is_none(promtool: Path) -> None:
    pushed_again = [*container("a", "11", "api-5d9c"), *container("b", "22", "api-5d9c")]
    labels = {"namespace": "prefect", "workload": "api-5d9c", "container": "api"}
    assert fires(promtool, "drift", "ImagesDiffer", "70m", pushed_again, labels=labels)
    updating = [*container("a", "11", "api-5d9c"), *container("b", "22", "api-77aa")]
    assert not fires(promtool, "drift", "ImagesDiffer", "70m", updating)
    two_containers = [*container("a", "11", "api-5d9c"), *container("b", "22", "api-5d9c", of="sidecar")]
    assert not fires(promtool, "drift", "ImagesDiffer", "70m", two_containers)
    # A run is its own declaration.
    runs = [*container("a", "11", "run", "Job"), *container("b", "22", "run", "Job")]
    assert not fires(promtool, "drift", "ImagesDiffer", "70m", runs)


# What is installed by choice


def reconciled(errors: str, controller: str = "targetGroupBinding") -> list[dict[str, str]]:
    return [series("controller_runtime_reconcile_errors_total", errors, controller=controller, pod="a")]


def test_bindings_that_fail_for_ten_minutes_are_told_of_and_other_controllers_errors_are_not(promtool: Path) -> None:
    labels = {"controller": "targetGroupBinding"}
    assert fires(promtool, "load_balancer", "BindingsFailing", "20m", reconciled("0+1x60"), labels=labels)
    assert not fires(promtool, "load_balancer", "BindingsFailing", "20m", reconciled("0+1x4 4x60"))
    assert not fires(promtool, "load_balancer", "BindingsFailing", "20m", reconciled("0+1x60", "nodeclaim.lifecycle"))


def test_a_call_that_aws_refuses_is_told_of_at_once(promtool: Path) -> None:
    labels = {"service": "Elastic Load Balancing v2", "operation": "RegisterTargets"}

    def calls(refused: str) -> list[dict[str, str]]:
        return [series("aws_api_call_permission_errors_total", refused, **labels, error_code="AccessDenied", pod="a")]

    assert fires(promtool, "load_balancer", "LoadBalancerCallsRefused", "12m", calls("0x10 1x50"), labels=labels)
    assert not fires(promtool, "load_balancer", "LoadBalancerCallsRefused", "12m", calls("1x60"))


@pytest.mark.parametrize(
    ("waiting", "errors", "method", "expected"),
    [
        ("1x60", "0+1x60", "Create", True),
        # Another type, or another zone, was found.
        ("0x60", "0+1x60", "Create", False),
        ("1x60", "3x60", "Create", False),
        ("1x60", "0+1x60", "List", False),
    ],
)
def test_nodes_are_not_made_while_pods_wait_and_aws_refuses(
    promtool: Path, waiting: str, errors: str, method: str, expected: bool
) -> None:
    error = {"error": "InsufficientCapacityError"}
    given = [
        series("kube_pod_status_unschedulable", waiting, namespace="models", pod="resnet-1"),
        series("karpenter_cloudprovider_errors_total", errors, method=method, controller="x", provider="aws", **error),
    ]
    labels = error if expected else None
    assert fires(promtool, "karpenter", "NodesNotMade", "20m", given, labels=labels) is expected


@pytest.mark.parametrize(("used", "expected"), [(95, True), (80, False)])
def test_a_node_pool_near_its_limit_is_told_of(promtool: Path, used: int, expected: bool) -> None:
    where = {"nodepool": "elastic", "resource_type": "cpu"}
    given = [
        series("karpenter_nodepools_usage", f"{used}x60", **where, pod="a"),
        series("karpenter_nodepools_limit", "100x60", **where, pod="a"),
        # One without a limit of GPUs.
        series("karpenter_nodepools_usage", "0x60", nodepool="elastic", resource_type="nvidia_com_gpu", pod="a"),
        series("karpenter_nodepools_limit", "0x60", nodepool="elastic", resource_type="nvidia_com_gpu", pod="a"),
    ]
    labels = where if expected else None
    assert fires(promtool, "karpenter", "NodePoolNearLimit", "20m", given, labels=labels) is expected


def test_karpenter_is_out_of_step_when_even_its_leader_is(promtool: Path) -> None:
    def replicas(leader: int) -> list[dict[str, str]]:
        name = "karpenter_cluster_state_synced"
        return [series(name, f"{leader}x60", pod="a"), series(name, "0x60", pod="b")]

    assert fires(promtool, "karpenter", "KarpenterOutOfStep", "20m", replicas(0), labels={})
    assert not fires(promtool, "karpenter", "KarpenterOutOfStep", "20m", replicas(1))


@pytest.mark.parametrize(("failed", "expected"), [("0+3x60", True), ("0+1x60", False)])
def test_kubelets_that_do_not_answer_the_metrics_server_are_told_of(
    promtool: Path, failed: str, expected: bool
) -> None:
    name = "metrics_server_kubelet_request_total"
    given = [series(name, "0+12x60", success="true", pod="a"), series(name, failed, success="false", pod="a")]
    assert fires(promtool, "metrics_server", "PodsNotMeasured", "20m", given) is expected


@pytest.mark.parametrize(
    ("group", "alert", "metric", "labels"),
    [
        (
            "load_balancer",
            "BindingsUnwatched",
            "controller_runtime_reconcile_total",
            {"controller": "targetGroupBinding"},
        ),
        ("karpenter", "KarpenterUnwatched", "karpenter_cluster_state_synced", {}),
        ("metrics_server", "MetricsServerUnwatched", "metrics_server_kubelet_request_total", {"success": "true"}),
    ],
)
def test_not_to_measure_a_controller_is_an_alert_itself(
    promtool: Path, group: str, alert: str, metric: str, labels: dict[str, str]
) -> None:
    assert fires(promtool, group, alert, "20m", [])
    assert not fires(promtool, group, alert, "20m", [series(metric, **labels, pod="a")])


def routed(incoming: str, answered: str, errors: str) -> list[dict[str, str]]:
    where = {"namespace": "models", "model": "org/llama", "pod": "router-a"}
    engine = {**where, "server": "http://10.0.0.1:8000"}
    return [
        series("vllm:num_incoming_requests_total", incoming, **where),
        series("vllm:request_latency_seconds_count", answered, **engine, status="success"),
        series("vllm:request_latency_seconds_count", "0+9x60", **engine, status="error"),
        series("vllm:request_errors_total", errors, **engine, error_type="ClientOSError"),
    ]


def test_a_routed_model_that_answers_nobody_wakes_people(promtool: Path) -> None:
    labels = {"namespace": "models", "model": "org/llama"}
    unanswered = "RoutedModelUnanswered"
    assert fires(promtool, "vllm_stack", unanswered, "15m", routed("0+9x60", "5x60", "0x60"), labels=labels)
    assert not fires(promtool, "vllm_stack", unanswered, "15m", routed("0+9x60", "0+1x60", "0x60"))
    assert not fires(promtool, "vllm_stack", unanswered, "15m", routed("9x60", "5x60", "0x60"))


def test_engines_that_break_off_one_request_of_ten_wake_people(promtool: Path) -> None:
    labels = {"namespace": "models", "model": "org/llama"}
    failing = "RoutedModelFailing"
    assert fires(promtool, "vllm_stack", failing, "15m", routed("0+90x60", "0+80x60", "0+9x60"), labels=labels)
    assert not fires(promtool, "vllm_stack", failing, "15m", routed("0+900x60", "0+800x60", "0+9x60"))


def test_what_routers_repeat_of_their_engines_is_not_counted_again(promtool: Path) -> None:
    of_an_engine = series("vllm:num_requests_waiting", "90x60", namespace="models", model_name="org/llama", pod="e")
    repeated = [
        series("vllm:num_requests_waiting", "90x60", namespace="models", server="http://e:8000", pod=pod)
        for pod in ("router-a", "router-b")
    ]
    assert not fires(promtool, "vllm", "LanguageModelBacklog", "15m", [of_an_engine, *repeated])
    more = {**of_an_engine, "values": "120x60"}
    labels = {"namespace": "models", "model_name": "org/llama"}
    assert fires(promtool, "vllm", "LanguageModelBacklog", "15m", [more, *repeated], labels=labels)


@pytest.mark.parametrize(("within", "expected"), [("2.5", False), ("10.0", True)])
def test_a_predictor_is_slow_by_the_slowest_of_twenty(promtool: Path, within: str, expected: bool) -> None:
    given = [
        series(
            "request_predict_seconds_bucket",
            "0+10x80" if bucket == "+Inf" or float(bucket) >= float(within) else "0x80",
            namespace="models",
            model_name="iris",
            le=bucket,
        )
        for bucket in ("2.5", "10.0", "+Inf")
    ]
    labels = {"namespace": "models", "model_name": "iris"} if expected else None
    assert fires(promtool, "kserve", "PredictorSlow", "30m", given, labels=labels) is expected


def test_predictors_that_nobody_measures_are_told_of(promtool: Path) -> None:
    def predictor(up: int) -> list[dict[str, str]]:
        where = {"namespace": "teams", "pod": "iris-predictor-6c9-x"}
        owner = {"created_by_kind": "ReplicaSet", "created_by_name": "iris-predictor-6c9f"}
        return [series("kube_pod_info", **where, node="n1", **owner), series("up", f"{up}x60", job="kserve/predictors")]

    assert fires(promtool, "kserve", "PredictorsUnwatched", "20m", predictor(0), labels={})
    assert not fires(promtool, "kserve", "PredictorsUnwatched", "20m", predictor(1))
    assert not fires(promtool, "kserve", "PredictorsUnwatched", "20m", [])


def test_a_gpu_that_the_device_plugin_took_away_is_lost(promtool: Path) -> None:
    where = {"node": "n1", "resource": "nvidia_com_gpu", "unit": "integer"}
    capacity = series("kube_node_status_capacity", "4x60", **where)
    ill = [capacity, series("kube_node_status_allocatable", "3x60", **where)]
    well = [capacity, series("kube_node_status_allocatable", "4x60", **where)]
    assert fires(promtool, "gpu", "GpuLost", "5m", ill, labels=where)
    assert not fires(promtool, "gpu", "GpuLost", "5m", well)
    assert fires(promtool, "gpu", "GpuBelowFloor", "10m", well, labels={}, gpu_floor=5)
    assert not fires(promtool, "gpu", "GpuBelowFloor", "10m", well, gpu_floor=4)
    assert not fires(promtool, "gpu", "GpuBelowFloor", "10m", [])
    assert fires(promtool, "gpu", "GpuBelowFloor", "10m", [], labels={}, gpu_floor=1)


@pytest.mark.parametrize(("xid", "expected"), [(79, True), (48, True), (13, False), (31, False), (0, False)])
def test_errors_of_a_gpu_itself_count_and_those_of_programs_do_not(promtool: Path, xid: int, expected: bool) -> None:
    given = [series("DCGM_FI_DEV_XID_ERRORS", f"{xid}x60", gpu="0", UUID="GPU-1", Hostname="n1")]
    assert fires(promtool, "gpu", "GpuError", "5m", given) is expected


def test_a_certificate_warns_in_time_and_wakes_at_the_end(promtool: Path) -> None:
    def certificate(days: int) -> list[dict[str, str]]:
        name = "certmanager_certificate_expiration_timestamp_seconds"
        return [series(name, f"{days * 86400}x300", namespace="prefect", name="api")]

    assert fires(promtool, "cert_manager", "CertificateExpiring", "2h", certificate(10))
    assert not fires(promtool, "cert_manager", "CertificateExpiresSoon", "2h", certificate(10))
    assert fires(promtool, "cert_manager", "CertificateExpiresSoon", "2h", certificate(2))
    assert not fires(promtool, "cert_manager", "CertificateExpiring", "2h", certificate(60))


def test_an_old_backup_is_told_of_whatever_failed(promtool: Path) -> None:
    given = [series("velero_backup_last_successful_timestamp", "0x600", schedule="daily")]
    assert fires(promtool, "velero", "BackupTooOld", "2h", given, labels={"schedule": "daily"}, backup_seconds=3600)
    assert not fires(promtool, "velero", "BackupTooOld", "30m", given, backup_seconds=3600)


def test_a_run_is_stuck_after_the_time_that_the_platform_says(promtool: Path) -> None:
    where = {"flow_name": "train", "deployment_name": "nightly", "flow_run_id": "0a1b"}
    given = [series("prefect_flow_runs_ongoing_run_time", "0+30x300", **where, state_name="Running")]
    assert fires(promtool, "prefect", "PrefectRunStuck", "90m", given, labels=where, stuck_run_seconds=3600)
    assert not fires(promtool, "prefect", "PrefectRunStuck", "90m", given)


def test_no_leader_among_workflow_controllers_is_seen_even_when_none_is_measured(promtool: Path) -> None:
    assert fires(promtool, "argo_workflows", "ArgoWorkflowsLeaderless", "5m", [], labels={})
    standing_by = [series("argo_workflows_is_leader", "0x60", pod="a"), series("argo_workflows_is_leader", pod="b")]
    assert not fires(promtool, "argo_workflows", "ArgoWorkflowsLeaderless", "5m", standing_by)


def test_a_scheduler_that_beats_no_more_is_silent(promtool: Path) -> None:
    beating = [series("airflow_scheduler_heartbeat", "0+6x60")]
    stopped = [series("airflow_scheduler_heartbeat", "0+6x10 60x60")]
    assert not fires(promtool, "airflow", "AirflowSchedulerSilent", "20m", beating)
    assert fires(promtool, "airflow", "AirflowSchedulerSilent", "20m", stopped)


@pytest.mark.parametrize(("failures", "expected"), [("0+6x60", True), ("0+1x60", False)])
def test_a_model_fails_beyond_what_it_promises(promtool: Path, failures: str, expected: bool) -> None:
    given = [
        series("nv_inference_request_success", "0+300x60", model="resnet", pod="a"),
        series("nv_inference_request_failure", failures, model="resnet", reason="BACKEND", pod="a"),
        series("nv_inference_request_failure", "0+900x60", model="other", reason="BACKEND", pod="a"),
    ]
    labels = {"model": "resnet"} if expected else None
    assert fires(promtool, "model-resnet", "ModelErrorObjective", "15m", given, labels=labels) is expected


@pytest.mark.parametrize(("microseconds", "expected"), [(600_000, True), (400_000, False)])
def test_a_triton_model_is_slow_by_the_average_of_its_requests(
    promtool: Path, microseconds: int, expected: bool
) -> None:
    given = [
        series("nv_inference_request_success", "0+10x80", model="resnet", pod="a"),
        series("nv_inference_request_duration_us", f"0+{10 * microseconds}x80", model="resnet", pod="a"),
    ]
    assert fires(promtool, "model-resnet", "ModelLatencyObjective", "30m", given) is expected


@pytest.mark.parametrize(("within", "expected"), [("20.0", False), ("60.0", True)])
def test_a_language_model_is_slow_by_the_slowest_of_twenty(promtool: Path, within: str, expected: bool) -> None:
    buckets = ["20.0", "60.0", "+Inf"]
    given = [
        series(
            "vllm:e2e_request_latency_seconds_bucket",
            "0x80" if bucket < within and bucket != "+Inf" else "0+10x80",
            model_name="Org/Llama-7B",
            le=bucket,
        )
        for bucket in buckets
    ]
    assert fires(promtool, "model-org-llama-7b", "ModelLatencyObjective", "30m", given) is expected


# The component


def installed(**changes: Any) -> Recording:
    arguments: AlertRulesArgs = {
        "namespace": "monitoring",
        "playbook_base_url": "https://example.com/docs/playbooks/",
        "groups": ["prefect", "argo_workflows"],
        "models": [LLAMA],
        "recover": ["PrefectRunStuck"],
        "gpu_floor": 4,
    }

    def program() -> None:
        provider = k8s.Provider("cluster", kubeconfig="{}")
        opts = pulumi.ResourceOptions(provider=provider)
        namespace = k8s.core.v1.Namespace(
            "monitoring", metadata=k8s.meta.v1.ObjectMetaArgs(name="monitoring"), opts=opts
        )
        AlertRules(
            "alerts",
            {**arguments, **changes},  # type: ignore[typeddict-item]
            pulumi.ResourceOptions(provider=provider, depends_on=[namespace]),
        )

    return record(program)


def test_one_object_a_group_of_what_is_installed() -> None:
    recording = installed()
    names = sorted(each.name for each in recording.all(RULE))
    assert names == [
        "alerts-argo-workflows",
        "alerts-drift",
        "alerts-model-org-llama-7b",
        "alerts-prefect",
        "alerts-watching",
        "alerts-workloads",
        "alerts-zones",
    ]
    assert {each.props["metadata"]["namespace"] for each in recording.all(RULE)} == {"monitoring"}
    assert recording.unregistered_components() == []


def test_each_alert_links_its_page_and_only_the_chosen_call_for_recovery() -> None:
    rules: list[Any] = installed().one(RULE, "alerts-prefect").props["spec"]["groups"][0]["rules"]
    links = {each["alert"]: each["annotations"]["runbook_url"] for each in rules}
    assert links["PrefectRunStuck"] == "https://example.com/docs/playbooks/run-stuck.md"
    assert [each["alert"] for each in rules if each["labels"].get("recovery") == "workflow"] == ["PrefectRunStuck"]


def test_limits_stand_in_the_expressions() -> None:
    rules: list[Any] = installed(groups=["gpu"], recover=[]).one(RULE, "alerts-gpu").props["spec"]["groups"][0]["rules"]
    assert next(each["expr"] for each in rules if each["alert"] == "GpuBelowFloor").endswith("< 4")


@pytest.mark.parametrize("name", sorted(ALL))
def test_no_limit_is_left_open(name: str) -> None:
    for rule in ALL[name].rules:
        assert not re.search(r"<[a-z_]+>", filled(rule.expression, LIMITS))


@pytest.mark.parametrize(
    ("plan", "match"),
    [
        (lambda: plan_base_url("docs/playbooks"), "playbook_base_url: got 'docs/playbooks', must be an address"),
        (lambda: plan_limits({"zones": 1}), "zones: got 1, must be at least 2"),
        (lambda: plan_limits({"stuck_run_seconds": 5}), "stuck_run_seconds: got 5, must be at least 60"),
        (lambda: plan_limits({"gpu_floor": -1}), "gpu_floor: got -1, must not be negative"),
        (lambda: plan_groups(["prefekt"], []), "groups: got 'prefekt', must be one of .*prefect"),
        (lambda: plan_groups(["zones"], []), "groups: got 'zones', must be one of"),
        (lambda: plan_groups([], [RESNET, {**RESNET, "name": "ResNet"}]), "name each model once"),
        (lambda: plan_recover(["PrefectRunStuk"], ALL), "recover: got 'PrefectRunStuk', which is no alert"),
        (lambda: model_rules({**RESNET, "engine": "torch"}), "engine: got 'torch', must be triton or vllm"),
        (lambda: model_rules({**RESNET, "error_ratio": 5}), "error_ratio: got 5, must be between 0 and 1"),
        (lambda: model_rules({**RESNET, "latency_seconds": 0}), "latency_seconds: got 0, must be above 0"),
        (lambda: model_rules({**RESNET, "queue_seconds": 0}), "queue_seconds: got 0, must be above 0"),
        (lambda: model_rules({**RESNET, "name": "--"}), "must have a letter or a digit"),
        (lambda: model_rules({**RESNET, "name": 'a"b'}), "must have neither quotes, backslashes nor braces"),
        (lambda: model_rules({**RESNET, "name": "a\\b"}), "must have neither quotes, backslashes nor braces"),
    ],
)
def test_what_cannot_be_is_said_before_anything_is_made(plan: Callable[[], Any], match: str) -> None:
    with pytest.raises(ValueError, match=match):
        plan()


def test_a_model_s_name_becomes_part_of_an_object_s() -> None:
    assert slug("Org/Model_7B.v2") == "org-model-7b-v2"
    assert isinstance(ALL["model-org-llama-7b"], Group)
