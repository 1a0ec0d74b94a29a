"""Nobody enters a namespace uninvited, no pod becomes its node, and no workload takes the whole cluster."""

from typing import Any

import pulumi
import pulumi_kubernetes as k8s
import pytest

from components.kubernetes import CONTAINER_DEFAULTS, Namespace, NamespaceArgs
from components.kubernetes.namespace import plan_namespace
from tests.house.recorder import Recording, record

NAMESPACE = "kubernetes:core/v1:Namespace"
POLICY = "kubernetes:networking.k8s.io/v1:NetworkPolicy"
LIMITS = "kubernetes:core/v1:LimitRange"
QUOTA = "kubernetes:core/v1:ResourceQuota"
CIDR = "10.10.0.0/16"
VPC = {"ipBlock": {"cidr": CIDR}}


def arguments(**changes: Any) -> NamespaceArgs:
    base: NamespaceArgs = {"namespace": "models", "pod_security": "restricted", "vpc_cidrs": [CIDR]}
    return {**base, **changes}  # type: ignore[typeddict-item]


def room(*, preview: bool = False, **changes: Any) -> Recording:
    """A namespace, and a config map in it that stands for any workload."""

    def program() -> None:
        provider = k8s.Provider("cluster", kubeconfig="{}")
        made = Namespace("models", arguments(**changes), pulumi.ResourceOptions(providers=[provider]))
        k8s.core.v1.ConfigMap(
            "workload",
            metadata=k8s.meta.v1.ObjectMetaArgs(name="workload", namespace=made.namespace_name),
            opts=pulumi.ResourceOptions(provider=provider),
        )

    return record(program, preview=preview)


def policies(**changes: Any) -> dict[str, Any]:
    return {each.plain["metadata"]["name"]: each.plain["spec"] for each in room(**changes).all(POLICY)}


def lets_in(spec: Any) -> Any:
    assert spec["podSelector"] == {}
    assert spec["policyTypes"] == ["Ingress"]
    (rule,) = spec["ingress"]
    return rule["from"], [each["port"] for each in rule.get("ports", [])]


def test_at_first_only_pods_of_the_namespace_come_in() -> None:
    found = policies()
    assert sorted(found) == ["allow-same-namespace", "deny-ingress", "deny-instance-metadata"]
    assert found["deny-ingress"] == {"podSelector": {}, "policyTypes": ["Ingress"]}
    assert lets_in(found["allow-same-namespace"]) == ([{"podSelector": {}}], [])


def test_pods_go_out_everywhere_but_to_the_node_s_own_rights() -> None:
    spec = policies()["deny-instance-metadata"]
    assert spec["podSelector"] == {}
    # Said of "Ingress" too, it would let nobody in beyond the others; left out, Kubernetes would assume just that.
    assert spec["policyTypes"] == ["Egress"]
    # No port is named: name resolution goes by UDP, Pod Identity by 169.254.170.23.
    assert spec["egress"] == [{"to": [{"ipBlock": {"cidr": "0.0.0.0/0", "except": ["169.254.169.254/32"]}}]}]


def test_the_api_server_and_load_balancers_come_from_the_vpc_at_their_ports() -> None:
    found = policies(webhook_ports=[9443], entrance_ports=[8000, 8001], vpc_cidrs=[CIDR, "100.64.0.0/16"])
    from_everywhere = [VPC, {"ipBlock": {"cidr": "100.64.0.0/16"}}]
    assert lets_in(found["allow-api-server"]) == (from_everywhere, [9443])
    assert lets_in(found["allow-load-balancers"]) == (from_everywhere, [8000, 8001])


def test_named_namespaces_come_in_at_their_ports_and_prometheus_at_all() -> None:
    found = policies(
        admits=[{"namespace": "prefect", "ports": [8000]}, {"namespace": "api-server", "ports": [80]}],
        monitoring_namespace="monitoring",
        webhook_ports=[9443],
    )

    def pods_of(name: str) -> Any:
        return [{"namespaceSelector": {"matchLabels": {"kubernetes.io/metadata.name": name}}}]

    assert lets_in(found["allow-from-prefect"]) == (pods_of("prefect"), [8000])
    # A namespace by the name of another policy takes nobody's place.
    assert lets_in(found["allow-from-api-server"]) == (pods_of("api-server"), [80])
    assert lets_in(found["allow-api-server"]) == ([VPC], [9443])
    assert lets_in(found["allow-monitoring"]) == (pods_of("monitoring"), [])


def test_a_network_that_is_not_known_yet_is_waited_for() -> None:
    def program() -> None:
        provider = k8s.Provider("cluster", kubeconfig="{}")
        cidr = pulumi.Output.from_input(CIDR)
        args = arguments(vpc_cidrs=[cidr], entrance_ports=[80])
        Namespace("models", args, pulumi.ResourceOptions(providers=[provider]))

    spec = record(program).one(POLICY, "models-allow-load-balancers").plain["spec"]
    assert lets_in(spec) == ([VPC], [80])


@pytest.mark.parametrize("level", ["restricted", "baseline", "privileged"])
def test_pods_below_the_level_are_refused_warned_of_and_noted(level: str) -> None:
    metadata = room(pod_security=level).one(NAMESPACE).plain["metadata"]
    assert metadata == {
        "name": "models",
        "labels": {f"pod-security.kubernetes.io/{mode}": level for mode in ("enforce", "warn", "audit")},
    }


def test_targets_of_a_load_balancer_are_ready_once_it_finds_them_healthy() -> None:
    label = "elbv2.k8s.aws/pod-readiness-gate-inject"
    assert room(entrance_ports=[8000]).one(NAMESPACE).plain["metadata"]["labels"][label] == "enabled"
    assert label not in room(webhook_ports=[9443], entrance_ports=[]).one(NAMESPACE).plain["metadata"]["labels"]


def test_without_a_quota_nothing_is_counted() -> None:
    recording = room()
    assert recording.all(LIMITS) == []
    assert recording.all(QUOTA) == []


def test_a_quota_counts_as_kubernetes_names_things() -> None:
    quota = {
        "cpu": "16",
        "memory": "64Gi",
        "memory_limit": "96Gi",
        "pods": 40,
        "gpus": 4.0,
        "volume_claims": 0,
    }
    assert room(quota=quota).one(QUOTA).plain["spec"] == {
        "hard": {
            "requests.cpu": "16",
            "requests.memory": "64Gi",
            "limits.memory": "96Gi",
            "pods": "40",
            "requests.nvidia.com/gpu": "4",
            "persistentvolumeclaims": "0",
        }
    }
    least = room(quota={"cpu": "16", "memory": "64Gi", "pods": 40}).one(QUOTA).plain["spec"]["hard"]
    assert least == {"requests.cpu": "16", "requests.memory": "64Gi", "limits.memory": "64Gi", "pods": "40"}


def test_under_a_quota_a_container_that_says_nothing_is_not_refused() -> None:
    recording = room(quota={"cpu": "16", "memory": "64Gi", "pods": 40})
    (limits,) = recording.one(LIMITS).plain["spec"]["limits"]
    assert limits == {
        "type": "Container",
        "defaultRequest": {"cpu": CONTAINER_DEFAULTS["cpu"], "memory": CONTAINER_DEFAULTS["memory"]},
        "default": {"memory": CONTAINER_DEFAULTS["memory"]},
    }
    # The defaults stand first: a pod that starts between the two would be refused.
    assert recording.one(LIMITS).urn in recording.one(QUOTA).dependencies


def test_defaults_stand_without_a_quota_too_and_never_limit_cpu() -> None:
    defaults = {"cpu": "250m", "memory": "512Mi", "memory_limit": "1Gi", "memory_max": "8Gi"}
    (limits,) = room(container_defaults=defaults).one(LIMITS).plain["spec"]["limits"]
    assert limits == {
        "type": "Container",
        "defaultRequest": {"cpu": "250m", "memory": "512Mi"},
        "default": {"memory": "1Gi"},
        "max": {"memory": "8Gi"},
    }


@pytest.mark.parametrize("preview", [False, True])
def test_no_pod_starts_before_the_policies_stand_and_a_preview_knows_the_name(preview: bool) -> None:
    recording = room(preview=preview, monitoring_namespace="monitoring", quota={"cpu": "1", "memory": "1Gi", "pods": 1})
    workload = recording.one("kubernetes:core/v1:ConfigMap", "workload")
    assert workload.plain["metadata"]["namespace"] == "models"
    rules = [each.urn for type_ in (POLICY, LIMITS, QUOTA) for each in recording.all(type_)]
    assert len(rules) == 6
    assert set(rules) <= set(workload.dependencies)


def test_everything_stands_inside_under_the_component() -> None:
    recording = room(container_defaults=CONTAINER_DEFAULTS)
    component = recording.one("tandem:index:Namespace", "models")
    namespace = recording.one(NAMESPACE, "models")
    assert recording.unregistered_components() == []
    for each in (*recording.all(POLICY), *recording.all(LIMITS)):
        assert each.parent == component.urn
        assert each.name == f"models-{each.plain['metadata']['name']}"
        assert each.plain["metadata"]["namespace"] == "models"
        assert namespace.urn in each.dependencies


REFUSED: list[tuple[dict[str, Any], str]] = [
    ({"namespace": "Models"}, r"namespace: got 'Models', must be at most 63 lower-case letters"),
    ({"namespace": "m" * 64}, r"namespace: got 'm{64}', must be at most 63"),
    ({"namespace": "kube-system"}, r"namespace: 'kube-system' is Kubernetes' own"),
    ({"namespace": "default"}, r"namespace: 'default' is Kubernetes' own"),
    ({"pod_security": "strict"}, r"pod_security: got 'strict', must be one of restricted, baseline, privileged"),
    ({"webhook_ports": [0]}, r"webhook_ports: got 0, must be a port"),
    ({"entrance_ports": [65536]}, r"entrance_ports: got 65536, must be a port"),
    ({"entrance_ports": [80, 80.0]}, r"entrance_ports: a port stands twice in 80, 80"),
    ({"webhook_ports": [9443], "vpc_cidrs": []}, r"vpc_cidrs: is empty, so nobody reaches webhook_ports"),
    ({"entrance_ports": [80], "vpc_cidrs": []}, r"vpc_cidrs: is empty, so nobody reaches entrance_ports"),
    ({"admits": [{"namespace": "a_b", "ports": [80]}]}, r"admits\[0\]\.namespace: got 'a_b'"),
    ({"admits": [{"namespace": "models", "ports": [80]}]}, r"admits\[0\]\.namespace: 'models' is this namespace"),
    ({"admits": [{"namespace": "a", "ports": [1]}] * 2}, r"admits\[1\]\.namespace: 'a' stands twice"),
    ({"admits": [{"namespace": "a", "ports": []}]}, r"admits\[0\]\.ports: is empty, which Kubernetes reads as all"),
    ({"admits": [{"namespace": "a", "ports": [-1]}]}, r"admits\[0\]\.ports: got -1"),
    ({"monitoring_namespace": ""}, r"monitoring_namespace: got ''"),
    ({"container_defaults": {"cpu": "1 core", "memory": "1Gi"}}, r"container_defaults\.cpu: got '1 core', must be an"),
    (
        {"container_defaults": {"cpu": "1", "memory": "0"}},
        r"container_defaults\.memory: got '0', must be an amount above",
    ),
    ({"container_defaults": {"cpu": "1", "memory": "1GB"}}, r"container_defaults\.memory: got '1GB'"),
    (
        {"container_defaults": {"cpu": "1", "memory": "1Gi", "memory_limit": "1G"}},
        r"container_defaults\.memory_limit: got 1G, must be at least the request, 1Gi",
    ),
    (
        {"container_defaults": {"cpu": "1", "memory": "1Gi", "memory_max": "512Mi"}},
        r"container_defaults\.memory_max: got 512Mi, must be at least what a container gets without asking, 1Gi",
    ),
    ({"quota": {"cpu": "50m", "memory": "1Gi", "pods": 1}}, r"quota\.cpu: got 50m, must hold one container .* 100m"),
    ({"quota": {"cpu": "1", "memory": "128Mi", "pods": 1}}, r"quota\.memory: got 128Mi, must hold one container"),
    (
        {
            "quota": {"cpu": "1", "memory": "1Gi", "memory_limit": "2Gi", "pods": 1},
            "container_defaults": {"cpu": "1", "memory": "1Gi", "memory_limit": "3Gi"},
        },
        r"quota\.memory_limit: got 2Gi, must hold one container of the defaults at least, which takes 3Gi",
    ),
    (
        {"quota": {"cpu": "1", "memory": "2Gi", "memory_limit": "1Gi", "pods": 1}},
        r"quota\.memory_limit: got 1Gi, must be at least the requests, 2Gi",
    ),
    ({"quota": {"cpu": "1", "memory": "1Gi", "pods": 0}}, r"quota\.pods: got 0, must be at least 1"),
    ({"quota": {"cpu": "1", "memory": "1Gi", "pods": 1, "gpus": -1}}, r"quota\.gpus: got -1, must be 0 or more"),
    (
        {"quota": {"cpu": "1", "memory": "1Gi", "pods": 1, "volume_claims": -2}},
        r"quota\.volume_claims: got -2, must be 0 or more",
    ),
]


@pytest.mark.parametrize(("changes", "message"), REFUSED)
def test_what_cannot_work_is_refused_before_anything_is_registered(changes: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        plan_namespace(arguments(**changes))


def test_the_component_asks_for_the_plan() -> None:
    with pytest.raises(ValueError, match=r"namespace: 'default' is Kubernetes' own"):
        room(namespace="default")


def test_amounts_are_compared_and_not_their_digits() -> None:
    plan_namespace(
        arguments(
            quota={"cpu": "1", "memory": "1000Mi", "memory_limit": "1Ti", "pods": 1},
            container_defaults={"cpu": "900m", "memory": "0.5Gi", "memory_limit": "1.5G", "memory_max": "2Gi"},
        )
    )
