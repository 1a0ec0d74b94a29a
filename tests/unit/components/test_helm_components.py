"""What is installed into a cluster: children, order, secrets, and what is refused before anything is registered."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pulumi
import pulumi_aws as aws
import pulumi_kubernetes as k8s
import pytest

from components.helm import (
    GpuDevicePlugin,
    Karpenter,
    LoadBalancerController,
    MetricsServer,
    PrefectServer,
    PrefectServerArgs,
    PrefectWorker,
    PrefectWorkerArgs,
    TargetGroupBinding,
)
from components.inference import ModelServer, ModelServerArgs
from tests.house.recorder import UNKNOWN, Recording, record

RELEASE = "kubernetes:helm.sh/v3:Release"
ROOT = Path(__file__).parents[3]


def prefect_args(**changes: Any) -> PrefectServerArgs:
    arguments: PrefectServerArgs = {
        "namespace": "prefect",
        "public_url": "https://prefect.example.com",
        "database_hosts": ["db.example.com", "db-ro.example.com"],
        "database_port": 5432,
        "database_name": "prefect",
        "database_secret": "tandem/prefect",
        "redis_host": "cache.example.com",
        "redis_port": 6379,
        "redis_secret": "tandem-us-east-1/prefect-cache",
        "sign_in_secret": "tandem/sign-in",
    }
    return {**arguments, **changes}  # type: ignore[typeddict-item]


def worker_args(**changes: Any) -> PrefectWorkerArgs:
    arguments: PrefectWorkerArgs = {
        "namespace": "prefect",
        "api_url": "http://prefect.prefect.svc.cluster.local:4200/api",
        "sign_in_secret": "prefect-sign-in",
        "work_pool": "kubernetes",
        "flow_service_account": "flows",
        "failover_endpoint": "https://api.example.com",
        "artifact_bucket": "artifacts-us-east-1",
        "checkpoint_bucket": "checkpoints-us-east-1",
    }
    return {**arguments, **changes}  # type: ignore[typeddict-item]


def model_args(**changes: Any) -> ModelServerArgs:
    arguments: ModelServerArgs = {
        "namespace": "models",
        "region": "us-east-1",
        "model_repository": "s3://artifacts-us-east-1/models",
        "service_account": "triton",
    }
    return {**arguments, **changes}  # type: ignore[typeddict-item]


def in_cluster() -> pulumi.ResourceOptions:
    """A cluster with a provider of its own and the namespaces that workloads live in."""
    provider = k8s.Provider("cluster", kubeconfig="{}")
    namespaces = [
        k8s.core.v1.Namespace(
            name, metadata=k8s.meta.v1.ObjectMetaArgs(name=name), opts=pulumi.ResourceOptions(provider=provider)
        )
        for name in ("prefect", "models")
    ]
    return pulumi.ResourceOptions(providers=[provider], depends_on=namespaces)


def install_all() -> None:
    """Everything there is, as a stack does it."""
    opts = in_cluster()
    controller = LoadBalancerController(
        "controller", {"cluster_name": "tandem", "region": "us-east-1", "vpc_id": "vpc-0a1b2c3d4e5f60718"}, opts
    )
    MetricsServer("metrics", {}, opts)
    GpuDevicePlugin("gpus", {}, opts)
    Karpenter(
        "karpenter",
        {"cluster_name": "tandem", "cluster_endpoint": "https://example", "interruption_queue": "tandem-karpenter"},
        opts,
    )
    server = PrefectServer("prefect", prefect_args(), opts)
    PrefectWorker("worker", worker_args(api_url=server.api_url, sign_in_secret=server.sign_in_secret), opts)
    ModelServer("triton", model_args(), opts)
    TargetGroupBinding(
        "prefect",
        {
            "namespace": "prefect",
            "service_name": server.service_name,
            "service_port": 4200,
            "target_group_arn": "arn:aws:elasticloadbalancing:us-east-1:000000000000:targetgroup/t/0123456789abcdef",
        },
        pulumi.ResourceOptions.merge(opts, pulumi.ResourceOptions(depends_on=[controller])),
    )


@pytest.fixture(scope="module")
def recording() -> Recording:
    return record(install_all)


def test_the_names_and_parents_of_everything_are_a_contract(recording: Recording) -> None:
    names = {each.urn: each.name for each in recording.registrations}
    children = {
        f"{each.type.split(':')[-1]} {each.name} < {names[each.parent]}"
        for each in recording.registrations
        if each.parent
    }
    assert children == {
        "ConfigMap worker-flows < worker",
        *(f"ExternalSecret prefect-{role} < prefect" for role in ("database", "redis", "sign-in")),
        *(f"ExternalSecret prefect-{role} < prefect-{role}" for role in ("database", "redis", "sign-in")),
        "Job prefect-migration < prefect",
        "PodDisruptionBudget prefect-background-services < prefect",
        "PodDisruptionBudget prefect-server < prefect",
        "Release controller < controller",
        "Release gpus < gpus",
        "Release karpenter < karpenter",
        "Release karpenter-crds < karpenter",
        "Release metrics < metrics",
        "Release prefect < prefect",
        "Release triton < triton",
        "Release worker < worker",
        "ServiceAccount worker-flows < worker",
        "ServiceMonitor prefect-metrics < prefect",
        "TargetGroupBinding prefect < prefect",
    }


def test_every_component_says_what_it_made(recording: Recording) -> None:
    assert recording.unregistered_components() == []
    tokens = {each.type for each in recording.registrations if not each.custom}
    assert tokens == {
        f"tandem:index:{name}"
        for name in (
            "ExternalSecret",
            "GpuDevicePlugin",
            "Karpenter",
            "LoadBalancerController",
            "MetricsServer",
            "ModelServer",
            "PrefectServer",
            "PrefectWorker",
            "TargetGroupBinding",
        )
    }


def test_everything_goes_to_the_cluster_of_the_provider_that_was_given(recording: Recording) -> None:
    provider = recording.one("pulumi:providers:kubernetes")
    found = [each for each in recording.registrations if each.type.startswith("kubernetes:") and each.parent]
    assert len(found) == 18
    assert {each.provider.rpartition("::")[0] for each in found} == {provider.urn}


def test_nothing_in_the_cluster_is_named_by_chance(recording: Recording) -> None:
    for each in recording.registrations:
        if each.type == RELEASE:
            assert each.plain["name"] == each.name
        elif each.type.startswith("kubernetes:") and each.parent:
            assert each.plain["metadata"]["name"]
            assert each.plain["metadata"]["namespace"]


def test_workers_start_after_the_servers_and_their_runs_account(recording: Recording) -> None:
    worker = recording.one(RELEASE, "worker")
    assert recording.waits_for(worker, recording.one(RELEASE, "prefect"))
    assert recording.waits_for(worker, recording.one("ServiceAccount"))
    assert recording.waits_for(worker, recording.one("ConfigMap"))


def test_a_binding_comes_after_the_pods_and_the_controller_that_must_delete_it(recording: Recording) -> None:
    binding = recording.one("kubernetes:elbv2.k8s.aws/v1beta1:TargetGroupBinding")
    assert recording.waits_for(binding, recording.one(RELEASE, "prefect"))
    # The engine deletes a child before its parent, and a parent before what the parent depends on.
    assert recording.waits_for(recording.by_urn(binding.parent), recording.one(RELEASE, "controller"))
    spec = binding.plain["spec"]
    assert spec["serviceRef"] == {"name": "prefect", "port": 4200}
    assert spec["targetType"] == "ip"
    assert "networking" not in spec, "the controller would leave security group rules behind"


def test_each_version_migrates_with_a_job_of_its_own(recording: Recording) -> None:
    job = recording.one("Job")
    version = job.plain["spec"]["template"]["spec"]["containers"][0]["image"].split(":")[1].split("-")[0]
    assert job.plain["metadata"]["name"] == f"prefect-migration-{version.replace('.', '-')}"


@pytest.mark.parametrize("component", ["server", "background-services"])
def test_prefect_s_pods_are_drained_one_at_a_time(recording: Recording, component: str) -> None:
    spec = recording.one("PodDisruptionBudget", f"prefect-{component}").plain["spec"]
    assert spec["maxUnavailable"] == 1
    assert spec["unhealthyPodEvictionPolicy"] == "AlwaysAllow"
    assert spec["selector"]["matchLabels"] == {
        "app.kubernetes.io/name": "prefect-server",
        "app.kubernetes.io/instance": "prefect",
        "app.kubernetes.io/component": component,
    }


def test_runs_know_where_to_go_when_the_region_is_gone(recording: Recording) -> None:
    environment = recording.one("ConfigMap").plain
    assert environment["data"] == {
        "FAILOVER_ENDPOINT": "https://api.example.com",
        "ARTIFACT_BUCKET": "artifacts-us-east-1",
        "CHECKPOINT_BUCKET": "checkpoints-us-east-1",
        "HOME": "/home/prefect",
    }
    assert environment["metadata"]["name"] == "worker-flows"
    account = recording.one("ServiceAccount").plain
    assert account["metadata"]["name"] == "flows"
    assert account["automountServiceAccountToken"] is False


def test_urls_in_the_cluster_follow_the_names_of_the_services() -> None:
    def program() -> None:
        opts = in_cluster()
        pulumi.export("api", PrefectServer("prefect", prefect_args(), opts).api_url)
        pulumi.export("models", ModelServer("triton", model_args(), opts).url)

    assert dict(record(program).outputs) == {
        "api": "http://prefect.prefect.svc.cluster.local:4200/api",
        "models": "http://triton.models.svc.cluster.local:8000",
    }


def test_the_model_server_s_chart_is_the_same_text_in_every_clone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT / "infra")  # where the engine runs the program, as Pulumi.yaml's `main` says
    release = record(lambda: ModelServer("triton", model_args(), in_cluster())).one(RELEASE).plain
    assert release["chart"] == "../components/inference/model-server"
    assert (ROOT / "infra" / release["chart"] / "Chart.yaml").is_file()


def test_a_model_server_waits_as_long_as_its_weights_take() -> None:
    def program() -> None:
        ModelServer("triton", model_args(startup_seconds=3600), in_cluster())

    assert record(program).one(RELEASE).plain["timeout"] > 2 * 3600


def test_a_preview_without_a_database_or_a_cluster_still_shows_every_resource() -> None:
    def program() -> None:
        made = aws.sns.Topic("anything")
        PrefectServer("prefect", prefect_args(database_hosts=[made.arn], redis_host=made.arn), in_cluster())

    recording = record(program, preview=True)
    values = recording.one(RELEASE, "prefect").plain["values"]
    assert values["backgroundServices"]["messaging"]["redis"]["host"] is UNKNOWN
    assert values["server"]["autoscaling"]["minReplicas"] == 3


CONTROLLER = {"cluster_name": "tandem", "region": "us-east-1", "vpc_id": "vpc-0a1b2c3d4e5f60718"}
BINDING = {"namespace": "prefect", "service_name": "prefect", "target_group_arn": "arn"}


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: LoadBalancerController("x", {**CONTROLLER, "replicas": 1}), r"^replicas: got 1, must be at least 2"),
        (lambda: MetricsServer("x", {"replicas": 1}), r"^replicas: got 1, must be at least 2"),
        (lambda: TargetGroupBinding("x", {**BINDING, "service_port": 0}), r"^service_port: got 0, must be a port"),
        (lambda: TargetGroupBinding("x", {**BINDING, "service_port": 65536}), r"^service_port: got 65536"),
        (lambda: PrefectServer("x", prefect_args(replicas=2)), r"^replicas: got 2, must be at least 3, one a zone"),
        (
            lambda: PrefectServer("x", prefect_args(max_replicas=3)),
            r"^max_replicas: got 3, must be above replicas \(3\)",
        ),
        (lambda: PrefectWorker("x", worker_args(replicas=1)), r"^replicas: got 1, must be at least 2"),
        (lambda: PrefectWorker("x", worker_args(work_pool="")), r"^work_pool: is empty; name the pool"),
        (lambda: ModelServer("x", model_args(gpus_per_replica=-1)), r"^gpus_per_replica: got -1, must be 0 to 8"),
        (lambda: ModelServer("x", model_args(gpus_per_replica=9)), r"^gpus_per_replica: got 9, must be 0 to 8"),
        (lambda: ModelServer("x", model_args(replicas=1)), r"^replicas: got 1, must be at least 2, in two zones"),
        (lambda: ModelServer("x", model_args(max_replicas=2)), r"^max_replicas: got 2, must be above replicas \(2\)"),
        (lambda: ModelServer("x", model_args(startup_seconds=29)), r"^startup_seconds: got 29, must be 30 to 7200"),
        (lambda: ModelServer("x", model_args(target_cpu_percent=96)), r"^target_cpu_percent: got 96, must be 10 to 95"),
    ],
)
def test_what_would_not_survive_a_zone_is_refused_before_anything_is_registered(
    make: Callable[[], object], message: str
) -> None:
    def program() -> None:
        with pytest.raises(ValueError, match=message):
            make()

    assert record(program).registrations == []
