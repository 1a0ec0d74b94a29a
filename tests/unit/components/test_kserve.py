"""KServe: its three charts in order, a controller that survives, and models of two replicas."""

from typing import Any

import pulumi
import pulumi_kubernetes as k8s
import pytest

from components.inference import InferenceService, InferenceServiceArgs, KServe
from components.inference.kserve import (
    CONTROLLER,
    CONTROLLER_LABELS,
    predictor_labels,
    render_inference_service,
    render_kserve,
    render_kserve_runtimes,
)
from sandbox.knowledge.helm import check_values, table
from tests.house.recorder import Recording, record

RELEASE = "kubernetes:helm.sh/v3:Release"
SCALER = "kubernetes:autoscaling/v2:HorizontalPodAutoscaler"
BUDGET = "kubernetes:policy/v1:PodDisruptionBudget"
SERVICE = "kubernetes:serving.kserve.io/v1beta1:InferenceService"


def in_cluster() -> pulumi.ResourceOptions:
    """A cluster with a provider of its own and the namespaces of the controller and of models."""
    provider = k8s.Provider("cluster", kubeconfig="{}")
    namespaces = [
        k8s.core.v1.Namespace(
            name, metadata=k8s.meta.v1.ObjectMetaArgs(name=name), opts=pulumi.ResourceOptions(provider=provider)
        )
        for name in ("kserve", "models")
    ]
    return pulumi.ResourceOptions(providers=[provider], depends_on=namespaces)


def arguments(**changes: Any) -> InferenceServiceArgs:
    given: dict[str, Any] = {
        "namespace": "models",
        "model_format": "triton",
        "storage_uri": "s3://models-us-east-1/classifier/7",
        "service_account": "classifier",
    }
    return {**given, **changes}  # type: ignore[typeddict-item]


@pytest.fixture(scope="module")
def recording() -> Recording:
    def program() -> None:
        opts = in_cluster()
        kserve = KServe("kserve", {"namespace": "kserve", "region": "us-east-1", "replicas": 3}, opts)
        after = pulumi.ResourceOptions.merge(opts, pulumi.ResourceOptions(depends_on=[kserve]))
        service = InferenceService("classifier", arguments(), after)
        pulumi.export("service", service.service_name)
        pulumi.export("url", service.url)

    return record(program)


def predictor(**changes: Any) -> dict[str, Any]:
    return render_inference_service("classifier", arguments(**changes))["predictor"]


@pytest.mark.parametrize(
    ("chart", "values"),
    [
        ("kserve-resources", render_kserve(region="us-east-1")),
        ("kserve-runtime-configs", render_kserve_runtimes()),
    ],
)
def test_the_charts_know_every_key_of_it(chart: str, values: dict[str, Any]) -> None:
    found = table(chart)
    assert found is not None
    assert check_values(found, values) == []


def test_definitions_come_first_then_the_controller_then_runtimes_then_models(recording: Recording) -> None:
    definitions = recording.one(RELEASE, "kserve-crds")
    controller = recording.one(RELEASE, "kserve")
    runtimes = recording.one(RELEASE, "kserve-runtimes")
    assert recording.waits_for(controller, definitions)
    assert recording.waits_for(runtimes, controller)
    # Its component waits, and so all that is in it.
    assert recording.waits_for(recording.by_urn(recording.one(SERVICE).parent), runtimes)


def test_it_needs_neither_knative_nor_istio() -> None:
    controller = render_kserve(region="us-east-1")["kserve"]["controller"]
    assert controller["deploymentMode"] == "Standard"
    assert controller["gateway"] == {"disableIstioVirtualHost": True, "disableIngressCreation": True}


def test_webhooks_answer_in_several_controllers_of_which_one_may_go(recording: Recording) -> None:
    scaler = recording.one(SCALER).plain["spec"]
    assert scaler["scaleTargetRef"] == {"apiVersion": "apps/v1", "kind": "Deployment", "name": CONTROLLER}
    assert (scaler["minReplicas"], scaler["maxReplicas"]) == (3, 4)
    budget = recording.one(BUDGET, "kserve-controller").plain
    assert budget["metadata"]["namespace"] == "kserve"
    assert budget["spec"]["selector"]["matchLabels"] == CONTROLLER_LABELS
    assert budget["spec"]["maxUnavailable"] == 1
    zones, hosts = render_kserve(region="us-east-1")["kserve"]["controller"]["topologySpreadConstraints"]
    assert zones["labelSelector"]["matchLabels"] == CONTROLLER_LABELS
    assert (zones["topologyKey"], hosts["topologyKey"]) == ("topology.kubernetes.io/zone", "kubernetes.io/hostname")


def test_runtimes_are_pinned_and_none_is_unmaintained() -> None:
    runtimes = render_kserve_runtimes()["kserve"]["servingruntime"]
    assert runtimes["tritonserver"] == {"tag": "26.07-py3"}
    assert runtimes["vllmserver"] == {"tag": "v0.24.0"}
    for name in ("torchserve", "tensorflow", "huggingfaceserver_multinode"):
        assert runtimes[name] == {"disabled": True}


def test_one_controller_is_refused() -> None:
    with pytest.raises(ValueError, match=r"^replicas: got 1, must be at least 2: the API server waits"):
        record(lambda: KServe("kserve", {"namespace": "kserve", "region": "us-east-1", "replicas": 1}, in_cluster()))


def test_clients_ask_the_predictor(recording: Recording) -> None:
    assert recording.outputs == {
        "service": "classifier-predictor",
        "url": "http://classifier-predictor.models.svc.cluster.local",
    }


def test_a_model_is_a_deployment_that_an_autoscaler_owns(recording: Recording) -> None:
    service = recording.one(SERVICE).plain
    annotations = service["metadata"]["annotations"]
    assert annotations["serving.kserve.io/deploymentMode"] == "Standard"
    assert annotations["serving.kserve.io/autoscalerClass"] == "hpa"
    assert annotations["pulumi.com/waitFor"] == "condition=Ready"
    spec = service["spec"]["predictor"]
    assert (spec["minReplicas"], spec["maxReplicas"], spec["scaleMetric"], spec["scaleTarget"]) == (2, 6, "cpu", 70)


def test_a_model_is_waited_for_as_long_as_it_may_take() -> None:
    found = record(lambda: InferenceService("classifier", arguments(startup_seconds=3600), in_cluster())).one(SERVICE)
    assert found.custom_timeouts["create"] == found.custom_timeouts["update"]
    assert int(found.custom_timeouts["create"].removesuffix("s")) >= 2 * 3600


def test_replicas_spread_over_zones_and_one_may_go(recording: Recording) -> None:
    labels = predictor_labels("classifier")
    assert labels == {"app": "isvc.classifier-predictor"}
    budget = recording.one(BUDGET, "classifier").plain["spec"]
    assert (budget["maxUnavailable"], budget["unhealthyPodEvictionPolicy"]) == (1, "AlwaysAllow")
    assert budget["selector"]["matchLabels"] == labels
    for each in predictor()["topologySpreadConstraints"]:
        assert each["labelSelector"]["matchLabels"] == labels
    assert {each["tolerationSeconds"] for each in predictor()["tolerations"]} == {30}


def test_no_update_takes_a_replica_away() -> None:
    assert predictor()["deploymentStrategy"]["rollingUpdate"] == {"maxUnavailable": 0, "maxSurge": 1}


def test_gpus_are_asked_for_where_they_are() -> None:
    with_gpus = predictor(gpus_per_replica=2, pool="large")
    room = with_gpus["model"]["resources"]
    assert room["requests"]["nvidia.com/gpu"] == room["limits"]["nvidia.com/gpu"] == "2"
    assert with_gpus["nodeSelector"] == {"tandem.dev/pool": "large"}
    assert with_gpus["tolerations"][0] == {"key": "nvidia.com/gpu", "operator": "Exists", "effect": "NoSchedule"}
    without = predictor()
    assert "nodeSelector" not in without
    assert "nvidia.com/gpu" not in without["model"]["resources"]["limits"]


def test_a_model_is_said_which_runtime_protocol_and_arguments() -> None:
    model = predictor(runtime="kserve-tritonserver", protocol_version="v2", arguments=["--log-verbose=1"])["model"]
    assert (model["runtime"], model["protocolVersion"], model["args"]) == (
        "kserve-tritonserver",
        "v2",
        ["--log-verbose=1"],
    )
    assert {"runtime", "protocolVersion", "args"} & predictor()["model"].keys() == set()


def test_a_request_is_not_above_the_runtime_s_limit_of_one_core() -> None:
    room = predictor(cpu="4", memory="16Gi")["model"]["resources"]
    assert int(room["limits"]["cpu"]) >= int(room["requests"]["cpu"])
    assert room["requests"]["memory"] == room["limits"]["memory"] == "16Gi"


def test_pods_have_an_account_of_their_own_and_are_not_root(recording: Recording) -> None:
    account = recording.one("kubernetes:core/v1:ServiceAccount").plain
    assert account["metadata"]["name"] == predictor()["serviceAccountName"] == "classifier"
    assert account["automountServiceAccountToken"] is predictor()["automountServiceAccountToken"] is False
    assert predictor()["securityContext"]["runAsNonRoot"] is True
    assert predictor()["priorityClassName"] == "tandem-serving"
    assert recording.waits_for(recording.one(SERVICE), recording.one("kubernetes:core/v1:ServiceAccount"))


@pytest.mark.parametrize(
    ("name", "changes", "message"),
    [
        ("Classifier", {}, r"^name: got 'Classifier', must be lower-case letters"),
        ("7classifier", {}, r"^name: got '7classifier', must be lower-case letters, digits and hyphens, begin"),
        ("c" * 51, {}, r"^name: got 'c+', .* no longer than 50"),
        ("x", {"protocol_version": "v3"}, r"^protocol_version: got 'v3', must be v1 or v2"),
        ("x", {"gpus_per_replica": 9}, r"^gpus_per_replica: got 9, must be 0 to 8"),
        ("x", {"replicas": 1}, r"^replicas: got 1, must be at least 2, in two zones"),
        ("x", {"max_replicas": 2}, r"^max_replicas: got 2, must be above replicas \(2\)"),
        ("x", {"target_cpu_percent": 5}, r"^target_cpu_percent: got 5, must be 10 to 95"),
        ("x", {"startup_seconds": 10}, r"^startup_seconds: got 10, must be 60 to 7200"),
    ],
)
def test_what_cannot_be_is_refused_before_anything_is_made(name: str, changes: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        record(lambda: InferenceService(name, arguments(**changes), in_cluster()))
