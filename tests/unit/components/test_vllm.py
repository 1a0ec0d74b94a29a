"""Large language models behind routers: what the production stack is told, and what it cannot be."""

from typing import Any

import pulumi
import pulumi_kubernetes as k8s
import pytest

from components.inference import VllmStack, VllmStackArgs
from components.inference.vllm_stack import render_vllm_stack
from sandbox.knowledge.helm import check_values, table
from tests.house.recorder import Recording, record

PROMETHEUS = "http://prometheus.monitoring:9090"
RELEASE = "kubernetes:helm.sh/v3:Release"
REVISION = "0123456789abcdef0123456789abcdef01234567"


SCALER = "kubernetes:keda.sh/v1alpha1:ScaledObject"


def in_cluster() -> pulumi.ResourceOptions:
    """A cluster with a provider of its own and the namespace that models live in."""
    provider = k8s.Provider("cluster", kubeconfig="{}")
    namespace = k8s.core.v1.Namespace(
        "models",
        metadata=k8s.meta.v1.ObjectMetaArgs(name="models"),
        opts=pulumi.ResourceOptions(provider=provider),
    )
    return pulumi.ResourceOptions(providers=[provider], depends_on=[namespace])


def model(**changes: Any) -> Any:
    return {"name": "qwen", "model": "Qwen/Qwen3-8B", "revision": REVISION, **changes}


def installed(**changes: Any) -> Recording:
    def program() -> None:
        given: dict[str, Any] = {"namespace": "models", "models": [model()], **changes}
        stack = VllmStack("llm", VllmStackArgs(**given), in_cluster())
        pulumi.export("url", stack.url)
        pulumi.export("service", stack.service_name)

    return record(program)


def rendered(*models: Any, **changes: Any) -> dict[str, Any]:
    given: dict[str, Any] = {
        "release_name": "llm",
        "models": list(models) or [model()],
        "service_account": "llm-engines",
        "token_secret": None,
        "startup_seconds": 1800,
        "prometheus_url": None,
        "routers": 2,
        "max_routers": 6,
        "pool": "gpu",
    }
    return render_vllm_stack(**{**given, **changes})


def engine(*models: Any, **changes: Any) -> dict[str, Any]:
    return rendered(*models, **changes)["servingEngineSpec"]["modelSpec"][0]


def test_the_chart_knows_every_key_of_it() -> None:
    found = table("vllm-stack")
    assert found is not None
    assert check_values(found, rendered(token_secret="hub", prometheus_url=PROMETHEUS)) == []


def test_clients_ask_the_routers() -> None:
    assert installed().outputs == {
        "service": "llm-router-service",
        "url": "http://llm-router-service.models.svc.cluster.local",
    }


def test_engines_run_twice_in_two_zones_and_are_drained_one_at_a_time() -> None:
    spec = engine()
    assert spec["replicaCount"] == 2
    assert spec["pdb"] == {"enabled": True, "maxUnavailable": 1}
    zones, hosts = spec["affinity"]["podAntiAffinity"]["preferredDuringSchedulingIgnoredDuringExecution"]
    assert zones["podAffinityTerm"]["topologyKey"] == "topology.kubernetes.io/zone"
    assert hosts["podAffinityTerm"]["topologyKey"] == "kubernetes.io/hostname"
    assert zones["podAffinityTerm"]["labelSelector"]["matchLabels"] == {"model": "qwen", "helm-release-name": "llm"}


def test_engines_run_on_gpu_nodes_without_a_runtime_class() -> None:
    engines = rendered(pool="large")["servingEngineSpec"]
    node = engines["modelSpec"][0]["affinity"]["nodeAffinity"]["requiredDuringSchedulingIgnoredDuringExecution"]
    (term,) = node["nodeSelectorTerms"]
    assert term["matchExpressions"] == [{"key": "tandem.dev/pool", "operator": "In", "values": ["large"]}]
    assert {"key": "nvidia.com/gpu", "operator": "Exists", "effect": "NoSchedule"} in engines["tolerations"]
    assert {each.get("tolerationSeconds") for each in engines["tolerations"]} == {None, 30}
    assert (engines["runtimeClassName"], engines["modelSpec"][0]["runtimeClassName"]) == ("", "")


def test_gpus_of_an_engine_work_together_and_their_requests_equal_their_limits() -> None:
    spec = engine(model(gpus_per_replica=4, memory="64Gi"))
    assert spec["vllmConfig"]["tensorParallelSize"] == 4
    assert spec["resources"]["requests"]["nvidia.com/gpu"] == spec["resources"]["limits"]["nvidia.com/gpu"] == 4
    assert spec["resources"]["requests"]["memory"] == spec["resources"]["limits"]["memory"] == "64Gi"


def test_images_and_weights_are_pinned() -> None:
    values = rendered()
    assert values["routerSpec"]["tag"] == "v0.1.12"
    assert values["servingEngineSpec"]["modelSpec"][0]["tag"] == "v0.24.0"
    assert values["servingEngineSpec"]["modelSpec"][0]["modelRevision"] == REVISION


def test_slow_weights_have_the_time_they_were_promised() -> None:
    probe = rendered(startup_seconds=3605)["servingEngineSpec"]["startupProbe"]
    assert probe["failureThreshold"] * probe["periodSeconds"] >= 3605
    assert installed(startup_seconds=3600).one(RELEASE).plain["timeout"] >= 2 * 3600


def test_no_update_takes_an_engine_or_a_router_away() -> None:
    values = rendered()
    for part in ("servingEngineSpec", "routerSpec"):
        assert values[part]["strategy"]["rollingUpdate"] == {"maxUnavailable": 0, "maxSurge": 1}


def test_routers_run_twice_go_round_in_turn_and_find_their_own_engines() -> None:
    values = rendered()
    router = values["routerSpec"]
    assert router["autoscaling"]["minReplicas"] == 2
    assert router["pdb"] == {"enabled": True, "maxUnavailable": 1}
    assert router["routingLogic"] == "roundrobin"
    zones, _ = router["affinity"]["podAntiAffinity"]["preferredDuringSchedulingIgnoredDuringExecution"]
    assert zones["podAffinityTerm"]["labelSelector"]["matchLabels"] == {
        "app.kubernetes.io/component": "router",
        "app.kubernetes.io/instance": "llm",
    }
    assert values["servingEngineSpec"]["labels"]["release"] == "llm"


def test_nothing_runs_as_root_or_writes_outside_its_volumes() -> None:
    values = rendered()
    for part in ("servingEngineSpec", "routerSpec"):
        assert values[part]["securityContext"]["runAsNonRoot"] is True
        assert values[part]["securityContext"]["seccompProfile"] == {"type": "RuntimeDefault"}
        security = values[part]["containerSecurityContext"]
        assert (security["readOnlyRootFilesystem"], security["allowPrivilegeEscalation"]) == (True, False)
        assert security["capabilities"] == {"drop": ["ALL"]}
    for spec in (values["routerSpec"], values["servingEngineSpec"]["modelSpec"][0]):
        assert [each["mountPath"] for each in spec["extraVolumeMounts"]] == ["/tmp"]
        assert spec["priorityClassName"] == "tandem-serving"


def test_waiting_requests_add_engines_and_a_silent_prometheus_keeps_enough() -> None:
    models = [model(replicas=3, max_replicas=8, waiting_requests=6)]
    recording = installed(models=models, prometheus_url=PROMETHEUS)
    scaler = recording.one(SCALER)
    assert scaler.plain["metadata"] == {"name": "llm-qwen", "namespace": "models"}
    assert recording.waits_for(scaler, recording.one(RELEASE))
    keda = scaler.plain["spec"]
    # The chart's name for it (templates/deployment-vllm-multi.yaml).
    assert keda["scaleTargetRef"] == {"apiVersion": "apps/v1", "kind": "Deployment", "name": "llm-qwen-deployment-vllm"}
    (trigger,) = keda["triggers"]
    assert (keda["minReplicaCount"], keda["maxReplicaCount"]) == (3, 8)
    assert keda["fallback"] == {"failureThreshold": 3, "replicas": 8}
    assert trigger["metricType"] == "AverageValue", "KEDA takes a fallback for no other type"
    assert trigger["metadata"] == {
        "serverAddress": PROMETHEUS,
        "query": 'sum(vllm:num_requests_waiting{service="llm-qwen-engine-service"})',
        "threshold": "6",
        "ignoreNullValues": "false",
    }


def test_without_a_prometheus_nothing_is_monitored_or_scaled_by_it() -> None:
    values = rendered()
    assert installed().all(SCALER) == []
    for part in ("servingEngineSpec", "routerSpec"):
        assert values[part]["serviceMonitor"]["enabled"] is False
        assert rendered(prometheus_url=PROMETHEUS)[part]["serviceMonitor"]["enabled"] is True


@pytest.mark.parametrize("bundled", ["kube-prometheus-stack", "prometheus-adapter", "cacheserverSpec"])
def test_nothing_bundled_runs(bundled: str) -> None:
    assert rendered()[bundled] == {"enabled": False}


def test_a_token_goes_from_secrets_manager_to_the_cluster_before_engines_start() -> None:
    recording = installed(hugging_face_secret="tandem/hugging-face")
    release = recording.one(RELEASE)
    secret = recording.one("kubernetes:external-secrets.io/v1:ExternalSecret")
    assert recording.waits_for(release, secret)
    (spec,) = release.plain["values"]["servingEngineSpec"]["modelSpec"]
    assert spec["hf_token"] == {"secretName": "llm-hugging-face", "secretKey": "token"}
    assert "hf_token" not in engine()


def test_engines_have_an_account_of_their_own_that_the_api_server_gives_nothing() -> None:
    recording = installed()
    account = recording.one("kubernetes:core/v1:ServiceAccount")
    assert account.plain["automountServiceAccountToken"] is False
    assert recording.waits_for(recording.one(RELEASE), account)
    (spec,) = recording.one(RELEASE).plain["values"]["servingEngineSpec"]["modelSpec"]
    assert spec["serviceAccountName"] == account.plain["metadata"]["name"] == "llm-engines"


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"models": []}, r"^models: is empty; name one at least"),
        ({"models": [model(), model()]}, r"^models: 'qwen' is there twice"),
        ({"models": [model(name="Qwen_3")]}, r"^models\[0\].name: got 'Qwen_3', must be lower-case"),
        ({"models": [model(name="q" * 60)]}, r"^models\[0\].name: 'llm-q+-vllm-stack', .* is longer than 63"),
        ({"models": [model(revision="main")]}, r"^models\[0\].revision: got 'main', must be a commit"),
        ({"models": [model(gpus_per_replica=0)]}, r"^models\[0\].gpus_per_replica: got 0, must be 1 to 8"),
        ({"models": [model(replicas=1)]}, r"^models\[0\].replicas: got 1, must be at least 2"),
        ({"models": [model(max_replicas=2)]}, r"^models\[0\].max_replicas: got 2, must be above replicas \(2\)"),
        ({"models": [model(waiting_requests=0)]}, r"^models\[0\].waiting_requests: got 0, must be at least 1"),
        ({"startup_seconds": 10}, r"^startup_seconds: got 10, must be 60 to 7200"),
        ({"routers": 1}, r"^routers: got 1, must be at least 2, in two zones"),
        ({"max_routers": 2}, r"^max_routers: got 2, must be above routers \(2\)"),
    ],
)
def test_what_cannot_be_is_refused_before_anything_is_made(changes: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        installed(**changes)
