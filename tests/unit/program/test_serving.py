"""What serves models, and how requests reach it, over whole stacks."""

import functools
import json

from tests.house import stacks
from tests.house.iam import granted
from tests.house.recorder import Recording

BINDING = "kubernetes:elbv2.k8s.aws/v1beta1:TargetGroupBinding"
NAMESPACE = "kubernetes:core/v1:Namespace"


def with_every_orchestrator() -> Recording:
    config = stacks.example_config("primary", "airflow")
    platform = json.loads(config["tandem:platform"])
    platform["orchestrators"] = ["prefect", "argo-workflows", "airflow", "temporal"]
    return stacks.record_program("primary", {**config, "tandem:platform": json.dumps(platform)}, preview=True)


def labels_of(recording: Recording, namespace: str) -> dict[str, str]:
    (found,) = [each for each in recording.all(NAMESPACE) if each.plain["metadata"]["name"] == namespace]
    return found.plain["metadata"].get("labels", {})


def test_whoever_a_load_balancer_leads_to_waits_for_its_health_checks() -> None:
    recording = with_every_orchestrator()
    bound = {each.plain["metadata"]["namespace"] for each in recording.all(BINDING)}
    assert bound == {"models", "monitoring", "prefect", "argo-workflows", "airflow", "temporal"}
    for namespace in bound:
        assert labels_of(recording, namespace).get("elbv2.k8s.aws/pod-readiness-gate-inject") == "enabled", namespace


RELEASE = "kubernetes:helm.sh/v3:Release"


@functools.cache
def told() -> Recording:
    """The serving example, with every size of its models said."""
    config = stacks.example_config("primary", "serving")
    platform = json.loads(config["tandem:platform"])
    platform["kubernetes"]["gpu_nodes"] |= {"instance_types": ["g6.12xlarge"], "disk_gib": 300}
    triton = next(each for each in platform["models"] if each["name"] == "triton")
    triton |= {
        "version": "7",
        "manifest_digest": "ab" * 32,
        "repository_gib": 120,
        "gpus_per_replica": 2,
        "cpu": "12",
        "memory": "60Gi",
        "shared_memory_gib": 8,
        "request_seconds": 90,
        "warm_up": {"path": "/v2/models/classifier/infer", "body": "{}"},
        "arguments": ["--pinned-memory-pool-byte-size=536870912"],
        "environment": {"OMP_NUM_THREADS": "4"},
    }
    bare = {"name": "bare", "engine": "container", "image": "registry.example.com/models/bare:1.0.0"}
    platform["models"].append({**bare, "gpus_per_replica": 0, "paths": ["/bare/*"]})
    (stack,) = platform["serving"]["vllm_stacks"]
    stack |= {"cpu": "6", "memory": "40Gi", "weights_gib": 60, "arguments": ["--max-model-len=8192"]}
    return stacks.record_program("primary", {**config, "tandem:platform": json.dumps(platform)})


def test_a_model_server_has_the_sizes_that_the_settings_say() -> None:
    values = told().one(RELEASE, "triton").plain["values"]
    assert values["resources"] == {"cpu": "12", "memory": "60Gi"}
    assert (values["gpus"], values["sharedMemoryGiB"], values["repositoryGiB"]) == (2, 8, 120)
    assert values["requestSeconds"] == 90
    assert values["checksums"] == {"required": True, "digest": "ab" * 32}
    assert values["warmUp"] == {"path": "/v2/models/classifier/infer", "body": "{}"}
    assert values["args"] == ["--pinned-memory-pool-byte-size=536870912"]
    assert values["env"] == {"OMP_NUM_THREADS": "4"}


def test_a_container_that_says_how_it_is_measured_is_updated_and_scaled_like_the_others() -> None:
    values = told().one(RELEASE, "rank").plain["values"]
    assert values["rollout"]["strategy"] == "canary"
    assert values["scaling"]["by"] == "queue"
    assert values["container"]["metricsPath"] == "/metrics"
    assert {name: "rank_" in query for name, query in values["metrics"]["queries"].items()} == dict.fromkeys(
        ("latencySeconds", "errorRatio", "queueSeconds"), True
    )
    assert values["metrics"]["enabled"] is True
    assert values["prometheus"]["namespace"] == "monitoring"


def test_every_model_has_alerts_and_who_has_no_metrics_is_not_asked_for_any() -> None:
    recording = told()
    for name in ("triton", "chat", "rank", "bare"):
        alerts = recording.one(RELEASE, name).plain["values"]["alerts"]
        assert alerts == {"enabled": True, "runbookUrl": "https://wiki.example.com/tandem/playbooks"}, name
    assert "metrics" not in recording.one(RELEASE, "bare").plain["values"]


def test_a_fallback_s_credentials_come_from_secrets_manager() -> None:
    recording = told()
    (secret,) = [
        each
        for each in recording.all("kubernetes:external-secrets.io/v1:ExternalSecret")
        if each.name == "chat-fallback"
    ]
    assert secret.plain["metadata"]["namespace"] == "models"
    assert secret.plain["spec"]["data"][0]["remoteRef"] == {"key": "tandem/chat-fallback", "property": "value"}
    assert list(secret.plain["spec"]["target"]["template"]["data"]) == ["value"]
    release = recording.one(RELEASE, "chat")
    assert release.plain["values"]["fallback"]["header"] == {
        "name": "Authorization",
        "secretName": "chat-fallback",
        "secretKey": "value",
    }
    assert secret.urn in recording.by_urn(release.parent).dependencies, "no pod starts before its secret is there"
    (policy,) = [
        each.plain["policy"]
        for each in recording.all("aws:iam/rolePolicy:RolePolicy")
        if "external-secrets" in each.name
    ]
    assert ":secret:tandem/chat-fallback-??????" in policy


def test_engines_of_vllm_s_stack_have_the_sizes_that_the_settings_say() -> None:
    (engine,) = told().one(RELEASE, "mistral").plain["values"]["servingEngineSpec"]["modelSpec"]
    asked = engine["resources"]["requests"]
    assert (asked["cpu"], asked["memory"], asked["ephemeral-storage"]) == ("6", "40Gi", "60Gi")
    assert engine["vllmConfig"]["extraArgs"] == ["--max-model-len=8192"]


def test_kserve_serves_a_model_of_the_bucket_s_with_its_own_rights() -> None:
    recording = told()
    service = recording.one("kubernetes:serving.kserve.io/v1beta1:InferenceService", "churn")
    predictor = service.plain["spec"]["predictor"]
    bucket = recording.one("aws:s3/bucket:Bucket", "models").plain["bucket"]
    assert service.plain["metadata"]["namespace"] == "models"
    assert predictor["model"]["storageUri"] == f"s3://{bucket}/models/churn/3"
    assert predictor["model"]["modelFormat"] == {"name": "sklearn"}
    assert predictor["model"]["protocolVersion"] == "v2"
    assert predictor["model"]["resources"]["requests"] == {"cpu": "1", "memory": "2Gi"}
    assert (predictor["minReplicas"], predictor["maxReplicas"]) == (2, 3)
    assert predictor["serviceAccountName"] == "churn"
    policy = recording.one("aws:iam/rolePolicy:RolePolicy", "models-churn-rights").plain["policy"]
    assert granted(policy)["s3:GetObject"] == {f"arn:aws:s3:::{bucket}/models/churn/*"}
    (association,) = [
        each
        for each in recording.all("aws:eks/podIdentityAssociation:PodIdentityAssociation")
        if each.plain["serviceAccount"] == "churn"
    ]
    assert association.plain["namespace"] == "models"
    component = recording.by_urn(service.parent)
    assert recording.waits_for(component, recording.one(RELEASE, "kserve-runtimes"))
    assert recording.waits_for(component, association)


def test_models_may_fill_every_gpu_node_that_there_can_be() -> None:
    (quota,) = [
        each.plain["spec"]["hard"]
        for each in told().all("kubernetes:core/v1:ResourceQuota")
        if each.plain["metadata"]["namespace"] == "models"
    ]
    # Eight nodes of 48 cores in each of three zones, 192 GiB each, beside what elastic nodes add.
    assert int(quota["requests.cpu"]) >= 8 * 3 * 45
    assert int(quota["requests.memory"].removesuffix("Gi")) >= 8 * 3 * 171


def test_disks_of_gpu_nodes_have_room_for_models_whoever_makes_the_nodes() -> None:
    recording = told()
    floor = recording.one("aws:ec2/launchTemplate:LaunchTemplate", "gpu-us-east-1a").plain
    assert [each["ebs"]["volumeSize"] for each in floor["blockDeviceMappings"]] == [300]
    added = recording.one("kubernetes:karpenter.k8s.aws/v1:EC2NodeClass", "elastic-gpu-class").plain["spec"]
    assert [each["ebs"]["volumeSize"] for each in added["blockDeviceMappings"]] == ["300Gi"]
    system = recording.one("aws:ec2/launchTemplate:LaunchTemplate", "system").plain
    assert [each["ebs"]["volumeSize"] for each in system["blockDeviceMappings"]] == [100]
