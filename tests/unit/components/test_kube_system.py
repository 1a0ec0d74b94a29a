"""Pods of ours in Kubernetes' own namespace: who reaches them, and who measures them."""

from typing import Any

import pulumi
import pulumi_kubernetes as k8s
import pytest

from components.helm import (
    SystemMonitors,
    SystemPolicies,
    SystemPoliciesArgs,
    SystemReleases,
)
from components.helm.metrics_server import render_metrics_server
from components.observability import PredictorMonitor
from sandbox.values import unwrapped
from tests.house import stacks
from tests.house.recorder import Recording, record

POLICY = "kubernetes:networking.k8s.io/v1:NetworkPolicy"
MONITOR = "kubernetes:monitoring.coreos.com/v1:PodMonitor"
RELEASE = "kubernetes:helm.sh/v3:Release"
BOTH = pytest.mark.parametrize("stack", stacks.STACKS)
RELEASES: SystemReleases = {
    "load_balancer_controller": "balancer",
    "karpenter": "nodes",
    "metrics_server": "metrics",
    "gpu_device_plugin": "gpus",
}


def made(**changes: Any) -> Recording:
    def program() -> None:
        provider = k8s.Provider("cluster", kubeconfig="{}")
        namespace = k8s.core.v1.Namespace(
            "monitoring",
            metadata=k8s.meta.v1.ObjectMetaArgs(name="monitoring"),
            opts=pulumi.ResourceOptions(provider=provider),
        )
        opts = pulumi.ResourceOptions(providers=[provider], depends_on=[namespace])
        args: SystemPoliciesArgs = {
            "releases": RELEASES,
            "vpc_cidrs": ["10.0.0.0/16", "10.1.0.0/16"],
            "monitoring_namespace": "monitoring",
            **changes,  # type: ignore[typeddict-item]
        }
        SystemPolicies("doors", args, opts)
        SystemMonitors("monitors", {"releases": args["releases"]}, opts)
        PredictorMonitor("predictors", {"namespace": "monitoring"}, opts)

    return record(program)


MADE = made()


def spec(name: str, type_: str = POLICY, recording: Recording = MADE) -> dict[str, Any]:
    (found,) = [each for each in recording.all(type_) if each.plain["metadata"]["name"] == name]
    return unwrapped(found.plain["spec"])


def test_policies_are_of_these_pods_and_never_of_the_namespace() -> None:
    policies = MADE.all(POLICY)
    assert {each.plain["metadata"]["name"] for each in policies} == {"balancer", "nodes", "metrics", "gpus"}
    for each in policies:
        assert each.plain["metadata"]["namespace"] == "kube-system"
        labels = each.plain["spec"]["podSelector"]["matchLabels"]
        assert set(labels) == {"app.kubernetes.io/name", "app.kubernetes.io/instance"}
        assert labels["app.kubernetes.io/instance"] == each.plain["metadata"]["name"]
    assert MADE.unregistered_components() == []


@pytest.mark.parametrize(
    ("name", "by_api_server", "by_prometheus"),
    [("balancer", [9443], [8080]), ("nodes", [], [8080]), ("metrics", [10250], [10250]), ("gpus", [], [])],
)
def test_who_calls_comes_in_where_somebody_listens(
    name: str, by_api_server: list[int], by_prometheus: list[int]
) -> None:
    called: dict[str, list[int]] = {"vpc": [], "monitoring": []}
    for rule in spec(name)["ingress"]:
        callers = rule["from"]
        # A rule without ports would open all of them, and one without callers would open it to all.
        assert rule["ports"]
        assert callers
        ports = [int(each["port"]) for each in rule["ports"]]
        if "ipBlock" in callers[0]:
            assert [each["ipBlock"]["cidr"] for each in callers] == ["10.0.0.0/16", "10.1.0.0/16"]
            called["vpc"] += ports
        else:
            (caller,) = callers
            assert caller["namespaceSelector"]["matchLabels"] == {"kubernetes.io/metadata.name": "monitoring"}
            called["monitoring"] += ports
    assert called == {"vpc": by_api_server, "monitoring": by_prometheus}
    assert spec(name)["policyTypes"] == ["Ingress", "Egress"]


@pytest.mark.parametrize("name", ["balancer", "nodes", "metrics", "gpus"])
def test_they_reach_everything_but_their_node_s_rights(name: str) -> None:
    assert spec(name)["egress"] == [{"to": [{"ipBlock": {"cidr": "0.0.0.0/0", "except": ["169.254.169.254/32"]}}]}]


def test_without_a_network_the_api_server_would_be_kept_out() -> None:
    with pytest.raises(ValueError, match="vpc_cidrs: is empty, so the API server reaches no webhook"):
        made(vpc_cidrs=[])


def test_a_cluster_without_the_device_plugin_has_no_policy_of_it() -> None:
    releases = {key: name for key, name in RELEASES.items() if key != "gpu_device_plugin"}
    assert len(made(releases=releases).all(POLICY)) == 3


def test_prometheus_measures_them_where_they_say() -> None:
    monitors = {each.plain["metadata"]["name"]: each.plain for each in MADE.all(MONITOR)}
    assert set(monitors) == {"balancer", "nodes", "metrics", "predictors"}
    ends = {name: each["spec"]["podMetricsEndpoints"][0] for name, each in monitors.items()}
    assert (ends["balancer"]["port"], ends["nodes"]["port"]) == ("metrics-server", "http-metrics")
    assert (ends["metrics"]["port"], ends["metrics"]["scheme"]) == ("https", "https")
    for name in ("balancer", "nodes", "metrics"):
        assert monitors[name]["metadata"]["namespace"] == "kube-system"
        assert monitors[name]["spec"]["selector"] == spec(name)["podSelector"]
    # Else it asks who scrapes, and a PodMonitor has no token to show.
    assert render_metrics_server(release_name="metrics", replicas=2)["metrics"] == {"enabled": True}


def test_predictors_of_every_namespace_are_asked_at_the_port_that_they_say() -> None:
    monitor = spec("predictors", MONITOR)
    assert monitor["namespaceSelector"] == {"any": True}
    (end,) = monitor["podMetricsEndpoints"]
    assert "port" not in end
    # Whoever has no port to say is left out, instead of being asked at none.
    kept = [each for each in end["relabelings"] if each.get("action") == "keep"]
    assert any(each["sourceLabels"] == ["__meta_kubernetes_pod_annotation_prometheus_io_port"] for each in kept)
    (address,) = [each for each in end["relabelings"] if each.get("targetLabel") == "__address__"]
    assert address["sourceLabels"][0] == "__meta_kubernetes_pod_ip"
    assert address["separator"] == ":"


# Of the platform, as it is made


@BOTH
def test_policies_stand_before_pods_and_monitors_come_after_their_definition(stack: str) -> None:
    recording = stacks.recorded(stack)
    policies = [each for each in recording.all(POLICY) if each.plain["metadata"]["namespace"] == "kube-system"]
    monitors = [each for each in recording.all(MONITOR) if each.plain["metadata"]["namespace"] == "kube-system"]
    assert (len(policies), len(monitors)) == (4, 3)
    prometheus = recording.one(RELEASE, "prometheus")
    for each in policies:
        release = recording.one(RELEASE, each.plain["metadata"]["name"])
        assert release.plain["namespace"] == "kube-system"
        # What a component waits for, its children do.
        assert recording.waits_for(recording.by_urn(release.parent), each)
    for each in monitors:
        assert recording.waits_for(recording.by_urn(each.parent), prometheus)
        assert recording.one(RELEASE, each.plain["metadata"]["name"])


@BOTH
def test_every_release_in_kubernetes_own_namespace_has_its_policy(stack: str) -> None:
    recording = stacks.recorded(stack)
    releases = {
        each.name
        for each in recording.all(RELEASE)
        # Definitions alone.
        if each.plain.get("namespace") == "kube-system" and not each.name.endswith("-crds")
    }
    policies = {
        each.plain["metadata"]["name"]
        for each in recording.all(POLICY)
        if each.plain["metadata"]["namespace"] == "kube-system"
    }
    assert releases == policies


@BOTH
def test_alerts_of_what_is_always_there_are_there(stack: str) -> None:
    rules = {each.name for each in stacks.recorded(stack).all("kubernetes:monitoring.coreos.com/v1:PrometheusRule")}
    for group in ("drift", "load-balancer", "karpenter", "metrics-server"):
        assert f"alerts-{group}" in rules


def test_models_of_other_charts_have_alerts_of_their_own() -> None:
    recording = stacks.recorded_example("primary", "serving")
    rules = {
        each.name: each.plain["spec"]["groups"][0]["rules"]
        for each in recording.all("kubernetes:monitoring.coreos.com/v1:PrometheusRule")
    }
    assert {"alerts-vllm-stack", "alerts-kserve", "alerts-triton", "alerts-vllm"} <= set(rules)
    own = [name for name in rules if name.startswith("alerts-model-")]
    assert own
    assert [each["alert"] for each in rules[own[0]]] == [
        "ModelErrorObjective",
        "ModelLatencyObjective",
        "ModelQueueObjective",
    ]
    assert [each.plain["metadata"]["namespace"] for each in recording.all(MONITOR) if each.name == "predictors"] == [
        "monitoring"
    ]
