"""A model server: what it is said to the chart, and what cannot be said."""

import json
from typing import Any

import pulumi
import pulumi_kubernetes as k8s
import pytest

from components.inference import ModelServer, ModelServerArgs, sagemaker_fallback_policy
from components.inference.model_server import render_model_server
from tests.house.recorder import Recording, record

RELEASE = "kubernetes:helm.sh/v3:Release"
PROMETHEUS = "http://prometheus.monitoring:9090"


def in_cluster() -> pulumi.ResourceOptions:
    """A cluster with a provider of its own and the namespace that models live in."""
    provider = k8s.Provider("cluster", kubeconfig="{}")
    namespace = k8s.core.v1.Namespace(
        "models",
        metadata=k8s.meta.v1.ObjectMetaArgs(name="models"),
        opts=pulumi.ResourceOptions(provider=provider),
    )
    return pulumi.ResourceOptions(providers=[provider], depends_on=[namespace])


def arguments(**changes: Any) -> ModelServerArgs:
    given: dict[str, Any] = {
        "namespace": "models",
        "region": "us-east-1",
        "model_repository": "s3://models-us-east-1/classifier",
        "service_account": "classifier",
    }
    return {**given, **changes}  # type: ignore[typeddict-item]


def installed(**changes: Any) -> Recording:
    def program() -> None:
        server = ModelServer("classifier", arguments(**changes), in_cluster())
        pulumi.export("url", server.url)
        pulumi.export("service", server.service_name)
        pulumi.export("grpc", server.grpc_service_name)
        pulumi.export("edge", server.edge_service_account)

    return record(program)


def rendered(**changes: Any) -> dict[str, Any]:
    return render_model_server(arguments(**changes), release_name="classifier", chart_digest="0" * 16)


def test_clients_find_it_under_its_name() -> None:
    assert installed().outputs == {
        "url": "http://classifier.models.svc.cluster.local:8000",
        "service": "classifier",
        "grpc": "classifier",
    }, "and without an edge, no service account of it"


def test_behind_an_edge_clients_find_it_under_the_same_name() -> None:
    outputs = installed(fallback={"url": "https://models.us-west-2.example.com"}).outputs
    assert outputs["url"] == "http://classifier.models.svc.cluster.local:8000"
    assert (outputs["grpc"], outputs["edge"]) == ("classifier-server", "classifier-edge")


def test_the_cloud_takes_every_value_of_every_setting() -> None:
    recording = installed(
        model_version="7",
        manifest_digest="0" * 64,
        prometheus_url=PROMETHEUS,
        runbook_url="https://example.com/playbooks/model-server",
        strategy="canary",
        canary_weights=[10, 50],
        target_queue_seconds=0.5,
        warm_up={"path": "/v2/models/classifier/infer", "body": "{}"},
        shadow={"image": "nvcr.io/nvidia/tritonserver:26.08-py3", "percent": 5},
        fallback={"sagemaker_endpoint": "classifier", "region": "us-west-2"},
        client_cidrs=["10.10.0.0/16"],
    )
    values = recording.one(RELEASE).plain["values"]
    assert values["rollout"] == {"strategy": "canary", "weights": [10, 50]}
    assert values["scaling"] == {"by": "queue", "queueSeconds": 0.5}
    assert values["fallback"] == {"kind": "sagemaker", "endpoint": "classifier", "region": "us-west-2"}
    assert values["shadow"] == {"enabled": True, "image": "nvcr.io/nvidia/tritonserver:26.08-py3", "percent": 5}


def test_it_is_served_before_orchestrators_and_runs() -> None:
    assert rendered()["priorityClassName"] == "tandem-serving"


def test_a_version_has_a_manifest_or_does_not_start() -> None:
    assert rendered()["checksums"] == {"required": False, "digest": ""}
    assert rendered(model_version="7", manifest_digest="a" * 64)["checksums"] == {"required": True, "digest": "a" * 64}


@pytest.mark.parametrize(
    ("image", "repository", "tag"),
    [
        ("registry.example.com:5000/triton:26.08-py3", "registry.example.com:5000/triton", "26.08-py3"),
        ("triton:1.2.3@sha256:" + "0" * 64, "triton", "1.2.3@sha256:" + "0" * 64),
    ],
)
def test_an_image_is_split_where_its_tag_begins(image: str, repository: str, tag: str) -> None:
    assert rendered(image=image)["image"] == {"repository": repository, "tag": tag}


def test_vllm_is_called_by_the_component_s_name_unless_it_has_another() -> None:
    assert rendered(engine="vllm")["vllm"] == {"servedModelName": "classifier"}
    assert rendered(engine="vllm", served_model_name="chat")["vllm"] == {"servedModelName": "chat"}


def test_numbers_of_other_languages_arrive_whole() -> None:
    container = {"port": 8080.0, "latency_query": "x"}
    values = rendered(engine="container", image="a:1.0", container=container, gpus_per_replica=0.0)
    assert values["container"] == {"port": 8080}
    assert isinstance(values["container"]["port"], int)
    assert values["metrics"] == {"queries": {"latencySeconds": "x"}}
    assert (values["gpus"], values["nodeSelector"]) == (0, {})


def test_a_secret_of_a_fallback_is_named_never_told() -> None:
    fallback = {"url": "https://api.example.com", "header": "api-key", "header_secret": "stranger"}
    assert rendered(fallback=fallback)["fallback"]["header"] == {
        "name": "api-key",
        "secretName": "stranger",
        "secretKey": "value",
    }


def test_the_edge_may_ask_one_endpoint() -> None:
    arn = "arn:aws:sagemaker:us-west-2:000000000000:endpoint/classifier"
    (statement,) = json.loads(sagemaker_fallback_policy(arn))["Statement"]
    assert (statement["Action"], statement["Resource"]) == (["sagemaker:InvokeEndpoint"], [arn])


CONTAINER: dict[str, Any] = {"engine": "container", "image": "a:1.0"}
JUDGED: dict[str, Any] = {"latency_query": "x", "error_query": "x"}


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"engine": "torchserve"}, r"^engine: got 'torchserve', must be one of triton, vllm, container"),
        ({"container": {"port": 80}}, r"^container: is of the engine container; triton answers"),
        ({"engine": "container"}, r"^image: is missing; the engine container has none"),
        ({**CONTAINER, "warm_up": {"path": "/x", "body": "{}"}}, r"^warm_up.body: the kubelet"),
        ({"engine": "vllm", "gpus_per_replica": 0}, r"^gpus_per_replica: got 0, but vLLM's image needs GPUs"),
        ({"served_model_name": "x"}, r"^served_model_name: is of the engine vllm; triton"),
        ({"image": "triton:latest"}, r"^image: got 'triton:latest', must end with an exact tag"),
        ({"image": "registry.example.com:5000/triton"}, r"^image: got .*, must end with an exact tag"),
        ({"manifest_digest": "0" * 64}, r"^manifest_digest: give model_version, too"),
        ({"request_seconds": 0}, r"^request_seconds: got 0, must be 1 to 3600"),
        ({"strategy": "recreate"}, r"^strategy: got 'recreate', must be one of rolling, canary, blueGreen"),
        ({"strategy": "canary"}, r"^strategy: canary judges the new version by Prometheus"),
        (
            {**CONTAINER, "strategy": "blueGreen", "prometheus_url": PROMETHEUS, "container": {"latency_query": "x"}},
            r"^container: blueGreen judges a container by latency_query and error_query",
        ),
        ({"canary_weights": [10]}, r"^canary_weights: the strategy is rolling; write canary"),
        (
            {"strategy": "canary", "prometheus_url": PROMETHEUS, "canary_weights": [50, 10]},
            r"^canary_weights: got \[50, 10\], must rise, from 1 to 99",
        ),
        (
            {"strategy": "canary", "prometheus_url": PROMETHEUS, "canary_weights": [50, 100]},
            r"^canary_weights: got \[50, 100\], must rise",
        ),
        ({"target_queue_seconds": 1}, r"^target_queue_seconds: the queue's numbers come from Prometheus"),
        (
            {**CONTAINER, "target_queue_seconds": 1, "prometheus_url": PROMETHEUS, "container": JUDGED},
            r"^target_queue_seconds: a container's queue is not known",
        ),
        ({"target_queue_seconds": 0, "prometheus_url": PROMETHEUS}, r"^target_queue_seconds: got 0, must be above 0"),
        ({"runbook_url": "https://example.com"}, r"^runbook_url: alerts come from Prometheus"),
        ({"shadow": {}}, r"^shadow: is the same as what serves"),
        ({"model_version": "7", "shadow": {"model_version": "7"}}, r"^shadow: is the same as what serves"),
        ({"shadow": {"image": "a:latest"}}, r"^shadow.image: got 'a:latest', must end with an exact tag"),
        ({"shadow": {"model_version": "8", "percent": 0}}, r"^shadow.percent: got 0, must be 1 to 100"),
        ({"shadow": {"model_version": "8", "replicas": 1}}, r"^shadow.replicas: got 1, must be at least 2"),
        ({"fallback": {}}, r"^fallback: give either url or sagemaker_endpoint"),
        (
            {"fallback": {"url": "https://x", "sagemaker_endpoint": "x", "region": "us-east-1"}},
            r"^fallback: give either url or sagemaker_endpoint",
        ),
        ({"fallback": {"sagemaker_endpoint": "x"}}, r"^fallback: sagemaker_endpoint and region belong together"),
        ({"fallback": {"url": "https://x", "header": "a"}}, r"^fallback: header and header_secret belong together"),
        (
            {
                "fallback": {
                    "sagemaker_endpoint": "x",
                    "region": "us-east-1",
                    "header": "a",
                    "header_secret": "b",
                }
            },
            r"^fallback.header: is of url; SageMaker is asked",
        ),
    ],
)
def test_what_cannot_be_is_refused_before_anything_is_made(changes: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        installed(**changes)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({}, r"^model_repository: is missing; triton serves what is in it"),
        ({**CONTAINER, "model_version": "7"}, r"^model_version: there is no model_repository"),
        ({**CONTAINER, "shadow": {"model_version": "8"}}, r"^shadow.model_version: there is no model_repository"),
    ],
)
def test_what_needs_a_repository_is_refused_without_one(changes: dict[str, Any], message: str) -> None:
    given = arguments(**changes)
    del given["model_repository"]  # type: ignore[misc]
    with pytest.raises(ValueError, match=message):
        record(lambda: ModelServer("classifier", given, in_cluster()))
