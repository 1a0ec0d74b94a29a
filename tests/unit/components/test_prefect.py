"""Prefect: credentials never pass through Pulumi, runs are nobody special, and both regions may serve."""

import json
from collections.abc import Callable
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

import pulumi
import pulumi_kubernetes as k8s
import pytest

from components.helm import PrefectServer, PrefectServerArgs, PrefectWorker
from components.helm.prefect_server import (
    pod_labels,
    render_database_url,
    render_migration,
    render_prefect_server,
    render_redis_url,
)
from components.helm.prefect_worker import HOME, render_job_template, render_prefect_worker
from components.kubernetes import GPU_TAINT, Priority
from tests.house.recorder import Recording, record

EXTERNAL_SECRET = "kubernetes:external-secrets.io/v1:ExternalSecret"
RELEASE = "kubernetes:helm.sh/v3:Release"
MONITOR = "kubernetes:monitoring.coreos.com/v1:ServiceMonitor"
RESTRICTED = {"allowPrivilegeEscalation": False, "readOnlyRootFilesystem": True, "capabilities": {"drop": ["ALL"]}}


def server_args(**changes: Any) -> PrefectServerArgs:
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


def in_cluster() -> pulumi.ResourceOptions:
    """A cluster with the namespace of the orchestrator."""
    provider = k8s.Provider("cluster", kubeconfig="{}")
    namespace = k8s.core.v1.Namespace(
        "prefect", metadata=k8s.meta.v1.ObjectMetaArgs(name="prefect"), opts=pulumi.ResourceOptions(provider=provider)
    )
    return pulumi.ResourceOptions(providers=[provider], depends_on=[namespace])


def server(**changes: Any) -> Recording:
    def program() -> None:
        PrefectServer("prefect", server_args(**changes), in_cluster())

    return record(program)


def worker_args(**changes: Any) -> Any:
    return {
        "namespace": "prefect",
        "api_url": "http://prefect.prefect.svc.cluster.local:4200/api",
        "work_pool": "cpu",
        "flow_service_account": "cpu-flows",
        "failover_endpoint": "https://api.example.com",
        "artifact_bucket": "artifacts-us-east-1",
        "checkpoint_bucket": "checkpoints-us-east-1",
        **changes,
    }


@pytest.fixture(scope="module")
def whole() -> Recording:
    return server()


def values() -> dict[str, Any]:
    return render_prefect_server(
        release_name="prefect",
        ui_api_url="https://prefect.example.com/api",
        redis_host="cache.example.com",
        redis_port=6379,
        signs_in=True,
        replicas=3,
        max_replicas=10,
    )


def template(**changes: Any) -> dict[str, Any]:
    arguments: dict[str, Any] = {
        "service_account": "flows",
        "environment": "worker-flows",
        "cpu": "500m",
        "memory": "1Gi",
        "gpus": 0,
    }
    return json.loads(render_job_template(**{**arguments, **changes}))


def run_pod(job_template: dict[str, Any]) -> dict[str, Any]:
    return job_template["job_configuration"]["job_manifest"]["spec"]["template"]["spec"]


def filled(text: str, username: str, password: str) -> str:
    """What the templates of the secrets become; both are letters and digits."""
    for key, value in (("username", username), ("password", password)):
        text = text.replace(f"{{{{ .it_{key} | urlquery }}}}", value)
    return text


def test_no_password_passes_through_pulumi(whole: Recording) -> None:
    assert whole.all("kubernetes:core/v1:Secret") == []
    sources = {
        each.name: {(item["remoteRef"]["key"], item["remoteRef"]["property"]) for item in each.plain["spec"]["data"]}
        for each in whole.all(EXTERNAL_SECRET)
    }
    assert sources == {
        "prefect-database": {("tandem/prefect", "username"), ("tandem/prefect", "password")},
        "prefect-redis": {
            ("tandem-us-east-1/prefect-cache", "username"),
            ("tandem-us-east-1/prefect-cache", "password"),
        },
        "prefect-sign-in": {("tandem/sign-in", "username"), ("tandem/sign-in", "password")},
    }


def test_servers_and_the_migration_wait_for_the_secrets_to_be_there(whole: Recording) -> None:
    release, migration = whole.one(RELEASE, "prefect"), whole.one("Job")
    assert migration.urn in release.dependencies
    for secret in whole.all(EXTERNAL_SECRET):
        assert secret.plain["metadata"]["annotations"] == {"pulumi.com/waitFor": "condition=Ready"}
        assert whole.waits_for(migration, secret)
        assert whole.waits_for(release, secret)


def test_every_secret_that_a_pod_names_has_the_key_it_asks_for(whole: Recording) -> None:
    made = {
        each.plain["metadata"]["name"]: set(each.plain["spec"]["target"]["template"]["data"])
        for each in whole.all(EXTERNAL_SECRET)
    }
    said = whole.one(RELEASE, "prefect").plain["values"]
    database, background = said["externalDatabase"], said["backgroundServices"]["messaging"]
    assert database["connectionStringSecretKey"] in made[database["existingSecret"]]
    # The chart's own keys of these two (prefect-server, values.yaml).
    assert "redis-password" in made[background["redis"]["existingSecret"]]
    assert "docket-url" in made[background["docket"]["existingSecret"]]
    assert "auth-string" in made[said["server"]["basicAuth"]["existingSecret"]]
    references = [each["valueFrom"]["secretKeyRef"] for each in said["global"]["prefect"]["env"] if "valueFrom" in each]
    assert [each["name"] for each in references] == ["prefect-redis"]
    for each in references:
        assert each["key"] in made[each["name"]]
    container: Any = render_migration("prefect-database")["template"]
    (_, _, connection) = container["spec"]["containers"][0]["env"]
    assert connection["value_from"]["secret_key_ref"]["key"] in made["prefect-database"]


def test_the_connection_url_tries_every_host_encrypted() -> None:
    hosts = ["db.example.com", "db-ro.example.com"]
    url = urlsplit(filled(render_database_url(hosts=hosts, port=5432.0, name="prefect"), "owner", "pw"))
    assert (unquote(url.username or ""), unquote(url.password or "")) == ("owner", "pw")
    assert (url.scheme, url.path) == ("postgresql+asyncpg", "/prefect")
    assert parse_qsl(url.query) == [
        ("host", "db.example.com:5432"),
        ("host", "db-ro.example.com:5432"),
        ("ssl", "require"),
    ]


def test_turns_are_taken_over_an_encrypted_connection() -> None:
    url = urlsplit(filled(render_redis_url(host="cache.example.com", port=6379.0), "prefect", "pw"))
    assert (url.scheme, url.username, url.password) == ("rediss", "prefect", "pw")
    assert (url.hostname, url.port, url.path) == ("cache.example.com", 6379, "/0")


def test_what_replicas_must_know_of_each_other_is_in_redis() -> None:
    said = values()
    messaging = said["backgroundServices"]["messaging"]
    # From the broker the chart derives the storage of concurrency leases and of the order of events.
    assert (messaging["broker"], messaging["cache"]) == ("prefect_redis.messaging", "prefect_redis.messaging")
    environment = {each["name"]: each.get("value") for each in said["global"]["prefect"]["env"]}
    assert environment["PREFECT_SERVER_WORKER_CHANNEL_CLEANUP_QUEUE_STORAGE"] == "prefect_redis.cleanup_queue"
    assert "username" not in messaging["redis"]


def test_without_a_secret_there_is_no_sign_in() -> None:
    found: list[PrefectServer] = []

    def program() -> None:
        arguments = server_args()
        del arguments["sign_in_secret"]
        found.append(PrefectServer("prefect", arguments, in_cluster()))

    recording = record(program)
    assert {each.name for each in recording.all(EXTERNAL_SECRET)} == {"prefect-database", "prefect-redis"}
    assert found[0].sign_in_secret is None
    assert "basicAuth" not in recording.one(RELEASE).plain["values"]["server"]
    (endpoint,) = recording.one(MONITOR).plain["spec"]["endpoints"]
    assert "basicAuth" not in endpoint


def test_prometheus_signs_in_to_read_metrics(whole: Recording) -> None:
    monitor = whole.one(MONITOR).plain
    assert monitor["metadata"]["namespace"] == "prefect"
    assert monitor["spec"]["selector"]["matchLabels"] == pod_labels("prefect", "server")
    (endpoint,) = monitor["spec"]["endpoints"]
    # The name that the chart gives the port (prefect-server, values.yaml, service.portName).
    assert (endpoint["port"], endpoint["path"]) == ("server-svc-port", "/api/metrics")
    assert endpoint["basicAuth"] == {
        "username": {"name": "prefect-sign-in", "key": "username"},
        "password": {"name": "prefect-sign-in", "key": "password"},
    }
    environment = whole.one(RELEASE).plain["values"]["server"]["env"]
    assert {"name": "PREFECT_SERVER_METRICS_ENABLED", "value": "true"} in environment


@pytest.mark.parametrize("part", ["server", "backgroundServices"])
def test_prefect_s_pods_are_important_and_may_do_little(part: str) -> None:
    said = values()[part]
    assert said["priorityClassName"] == Priority.ORCHESTRATION
    assert said["podSecurityContext"]["seccompProfile"] == {"type": "RuntimeDefault"}
    assert said["containerSecurityContext"].items() >= RESTRICTED.items()
    assert said["automountServiceAccountToken"] is False


def test_workers_are_important_and_may_do_little() -> None:
    said = render_prefect_worker(
        release_name="cpu",
        api_url="http://prefect:4200/api",
        sign_in_secret=None,
        work_pool="cpu",
        job_template=json.dumps(template()),
        environment="cpu-flows",
        replicas=2,
    )
    worker = said["worker"]
    assert said["serviceAccount"] == {"create": True, "name": "cpu"}
    assert worker["priorityClassName"] == Priority.ORCHESTRATION
    assert worker["containerSecurityContext"].items() >= RESTRICTED.items()
    assert worker["initContainer"]["containerSecurityContext"].items() >= RESTRICTED.items()


def test_runs_wait_for_room_may_do_little_and_are_left_where_they_are() -> None:
    job_template = template()
    pod = run_pod(job_template)
    assert pod["priorityClassName"] == Priority.RUNS
    assert pod["securityContext"]["runAsNonRoot"] is True
    assert pod["securityContext"]["seccompProfile"] == {"type": "RuntimeDefault"}
    (container,) = pod["containers"]
    assert container["securityContext"]["allowPrivilegeEscalation"] is False
    assert container["securityContext"]["capabilities"] == {"drop": ["ALL"]}
    metadata = job_template["job_configuration"]["job_manifest"]["spec"]["template"]["metadata"]
    assert metadata["annotations"] == {"karpenter.sh/do-not-disrupt": "true"}


def test_runs_may_write_where_they_start_though_not_over_their_image() -> None:
    job_template = template()
    (container,) = run_pod(job_template)["containers"]
    assert job_template["variables"]["properties"]["read_only_root"]["default"] is True
    assert container["workingDir"] == HOME
    assert {each["mountPath"] for each in container["volumeMounts"]} == {HOME, "/tmp"}


def test_only_a_pool_of_gpus_goes_to_gpu_nodes() -> None:
    pod, gpu = run_pod(template()), run_pod(template(gpus=2))
    assert GPU_TAINT not in {each["key"] for each in pod["tolerations"]}
    assert "nvidia.com/gpu" not in pod["containers"][0]["resources"]["limits"]
    assert {"key": GPU_TAINT, "operator": "Exists", "effect": "NoSchedule"} in gpu["tolerations"]
    assert gpu["containers"][0]["resources"]["limits"]["nvidia.com/gpu"] == "{{ gpus }}"
    assert template(gpus=2)["variables"]["properties"]["gpus"]["default"] == 2


@pytest.mark.parametrize("gpus", [0, 1])
def test_every_placeholder_of_a_pool_s_template_is_a_variable_and_every_variable_is_used(gpus: int) -> None:
    job_template = template(gpus=gpus)
    text = json.dumps(job_template)
    assert {part.split("}}")[0].strip() for part in text.split("{{")[1:]} == set(
        job_template["variables"]["properties"]
    )


def test_pools_of_one_namespace_share_nothing() -> None:
    def program() -> None:
        opts = in_cluster()
        PrefectWorker("cpu", worker_args(), opts)
        PrefectWorker(
            "gpu",
            worker_args(work_pool="gpu", flow_service_account="gpu-flows", run_cpu="4", run_memory="16Gi", run_gpus=1),
            opts,
        )

    recording = record(program)
    # Registered as their inputs resolve, in either order.
    found = sorted(recording.all(RELEASE), key=lambda each: each.name)
    configurations = [each.plain["values"]["worker"]["config"] for each in found]
    assert [each["workPool"] for each in configurations] == ["cpu", "gpu"]
    assert len({each["baseJobTemplate"]["name"] for each in configurations}) == 2
    defaults = [
        json.loads(each["baseJobTemplate"]["configuration"])["variables"]["properties"] for each in configurations
    ]
    assert [(each["cpu"]["default"], each["memory"]["default"]) for each in defaults] == [
        ("500m", "1Gi"),
        ("4", "16Gi"),
    ]
    assert [each["service_account_name"]["default"] for each in defaults] == ["cpu-flows", "gpu-flows"]
    assert {each.plain["metadata"]["name"] for each in recording.all("ServiceAccount")} == {"cpu-flows", "gpu-flows"}


def test_a_preview_without_a_database_shows_every_secret() -> None:
    def program() -> None:
        unknown = pulumi.Output.from_input(pulumi.UNKNOWN)
        PrefectServer("prefect", server_args(database_hosts=[unknown], database_secret=unknown), in_cluster())

    assert len(record(program, preview=True).all(EXTERNAL_SECRET)) == 3


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: PrefectServer("x", server_args(database_hosts=[])), r"^database_hosts: is empty; name the writer"),
        (lambda: PrefectWorker("x", worker_args(run_gpus=9)), r"^run_gpus: got 9, must be 0 to 8"),
        (lambda: PrefectWorker("x", worker_args(run_gpus=-1)), r"^run_gpus: got -1, must be 0 to 8"),
    ],
)
def test_what_no_node_could_do_is_refused_before_anything_is_registered(
    make: Callable[[], object], message: str
) -> None:
    def program() -> None:
        with pytest.raises(ValueError, match=message):
            make()

    assert record(program).registrations == []
