"""Airflow: everything twice, keys that stay, one pool of connections that follows the writer, nothing static in AWS."""

import configparser
import json
from collections.abc import Callable
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pulumi
import pulumi_kubernetes as k8s
import pytest

from components.helm import AIRFLOW_SERVICE_ACCOUNTS, Airflow, airflow_policy
from components.helm.airflow import (
    LOCAL_SETTINGS,
    WORKER_CONCURRENCY,
    render_airflow,
    render_broker_url,
    render_database,
    render_migration,
)
from components.kubernetes import Priority
from tests.house.iam import granted
from tests.house.recorder import Recording, record

BUDGET = "kubernetes:policy/v1:PodDisruptionBudget"
EXTERNAL_SECRET = "kubernetes:external-secrets.io/v1:ExternalSecret"
MONITOR = "kubernetes:monitoring.coreos.com/v1:ServiceMonitor"
RELEASE = "kubernetes:helm.sh/v3:Release"
PARTS = ["scheduler", "dagProcessor", "triggerer", "apiServer", "workers", "pgbouncer"]
ARTIFACTS, CHECKPOINTS = "arn:aws:s3:::artifacts", "arn:aws:s3:::checkpoints"
KEY = "arn:aws:kms:us-east-1:000000000000:key/mrk-1"


def args(**changes: Any) -> Any:
    return {
        "namespace": "airflow",
        "public_url": "https://airflow.example.com",
        "region_name": "us-east-1",
        "database_host": "db.example.com",
        "database_port": 5432,
        "database_name": "airflow",
        "database_secret": "tandem/airflow",
        "broker": {"host": "cache.example.com", "port": 6379, "secret": "tandem-us-east-1/airflow-cache"},
        "fernet_secret": "tandem/airflowFernet",
        "api_secret": "tandem/airflowApi",
        "jwt_secret": "tandem/airflowJwt",
        "sign_in_secret": "tandem/sign-in",
        "dags": {"repository": "https://github.com/example/dags.git", "branch": "main", "folder": "dags"},
        "failover_endpoint": "https://api.example.com",
        "artifact_bucket": "artifacts",
        "checkpoint_bucket": "checkpoints",
        **changes,
    }


def installed(*, without: str = "", unknown: str = "", **changes: Any) -> Recording:
    def program() -> None:
        provider = k8s.Provider("cluster", kubeconfig="{}")
        namespace = k8s.core.v1.Namespace(
            "airflow",
            metadata=k8s.meta.v1.ObjectMetaArgs(name="airflow"),
            opts=pulumi.ResourceOptions(provider=provider),
        )
        arguments = args(**changes)
        arguments.pop(without, None)
        if unknown:
            arguments[unknown] = pulumi.Output.from_input(pulumi.UNKNOWN)
        Airflow("airflow", arguments, pulumi.ResourceOptions(providers=[provider], depends_on=[namespace]))

    return record(program, preview=bool(unknown))


@pytest.fixture(scope="module")
def whole() -> Recording:
    return installed()


def values(executor: str = "CeleryExecutor,KubernetesExecutor") -> dict[str, Any]:
    return render_airflow(
        release_name="airflow",
        executor=executor,
        public_url="https://airflow.example.com",
        region_name="us-east-1",
        dags={"repository": "https://github.com/example/dags.git", "branch": "main"},
        log_folder="s3://a/airflow/logs",
        environment={"FAILOVER_ENDPOINT": "https://o", "ARTIFACT_BUCKET": "a", "CHECKPOINT_BUCKET": "c"},
        schedulers=2,
        dag_processors=2,
        triggerers=2,
        api_servers=3,
        max_api_servers=10,
        workers=2,
        max_workers=20,
    )


def database() -> dict[str, str]:
    filled = render_database("airflow", host="db.example.com", port=5432.0, name="airflow", namespace="flows")
    return {
        key: text.replace("{{ .it_username | urlquery }}", "owner")
        .replace("{{ .it_password | urlquery }}", "pw")
        .replace("{{ .it_username }}", "owner")
        .replace("{{ .it_password }}", "pw")
        for key, text in filled.items()
    }


def ini() -> configparser.ConfigParser:
    parser = configparser.ConfigParser(interpolation=None)
    parser.read_string(database()["pgbouncer.ini"])
    return parser


@pytest.mark.parametrize("part", PARTS)
def test_every_part_runs_twice_at_least_spread_over_zones(part: str) -> None:
    said = values()[part]
    assert said["replicas"] >= 2
    zones, hosts = said["topologySpreadConstraints"]
    assert (zones["topologyKey"], hosts["topologyKey"]) == ("topology.kubernetes.io/zone", "kubernetes.io/hostname")
    labels = zones["labelSelector"]["matchLabels"]
    component = {"dagProcessor": "dag-processor", "apiServer": "api-server", "workers": "worker"}.get(part, part)
    assert labels == {"tier": "airflow", "component": component, "release": "airflow"}


def test_every_pod_has_one_budget_that_lets_one_go(whole: Recording) -> None:
    said = whole.one(RELEASE).plain["values"]
    by_chart = {part for part in PARTS if said[part].get("podDisruptionBudget", {}).get("enabled")}
    assert by_chart == {"scheduler", "triggerer", "apiServer", "workers", "pgbouncer"}
    assert {said[part]["podDisruptionBudget"]["config"]["maxUnavailable"] for part in by_chart} == {1}
    of_ours = {each.plain["spec"]["selector"]["matchLabels"]["component"] for each in whole.all(BUDGET)}
    assert of_ours == {"dag-processor", "statsd"}


def test_tasks_in_pods_of_their_own_are_left_alone_and_no_budget_of_workers_counts_them() -> None:
    class Pod:
        class metadata:
            labels: Any = {"tier": "airflow", "component": "worker", "release": "airflow"}  # noqa: RUF012
            annotations: Any = None

    scope: dict[str, Any] = {}
    exec(LOCAL_SETTINGS, scope)
    scope["pod_mutation_hook"](Pod)
    assert Pod.metadata.labels == {"tier": "airflow", "component": "task", "release": "airflow"}
    assert Pod.metadata.annotations == {"karpenter.sh/do-not-disrupt": "true"}
    assert values()["airflowLocalSettings"] == LOCAL_SETTINGS


def test_workers_follow_the_queue_and_keep_no_disk() -> None:
    workers = values()["workers"]
    assert workers["keda"] == {"enabled": True, "minReplicaCount": 2, "maxReplicaCount": 20}
    # Either one alone leaves the workers in a stateful set, each with a disk of 100 GiB.
    assert workers["celery"] == {"persistence": {"enabled": False}, "replicas": 2}
    assert workers["persistence"] == {"enabled": False}
    assert values()["config"]["celery"] == {"worker_concurrency": WORKER_CONCURRENCY}
    assert workers["terminationGracePeriodSeconds"] >= 600


def test_what_keeps_state_goes_before_what_is_retried() -> None:
    said = values()
    assert said["workers"]["priorityClassName"] == Priority.RUNS
    others = [part for part in PARTS if part != "workers"]
    assert {said[part]["priorityClassName"] for part in [*others, "statsd"]} == {Priority.ORCHESTRATION}


def test_without_celery_there_is_no_queue_and_no_worker_waits() -> None:
    said = values("KubernetesExecutor")
    assert "keda" not in said["workers"]
    assert "resultBackendSecretName" not in said["data"]
    recording = installed(without="broker", executor="KubernetesExecutor")
    assert "airflow-broker" not in {each.name for each in recording.all(EXTERNAL_SECRET)}


def test_everything_goes_through_the_pool_but_the_migration() -> None:
    urls = {key: urlsplit(text) for key, text in database().items() if "://" in text}
    pool = "airflow-pgbouncer.flows"
    assert {key: (url.hostname, url.port, url.path) for key, url in urls.items()} == {
        "connection": (pool, 6543, "/airflow-metadata"),
        "result-backend": (pool, 6543, "/airflow-result-backend"),
        "direct": ("db.example.com", 5432, "/airflow"),
        "stats": ("127.0.0.1", 6543, "/pgbouncer"),
    }
    assert urls["connection"].query == "", "asyncpg refuses sslmode"
    assert parse_qs(urls["direct"].query) == {"sslmode": ["require"]}
    pod: Any = render_migration("airflow", signs_in=False)["template"]
    variables = {each["name"]: each for each in pod["spec"]["containers"][0]["env"]}
    reference = variables["AIRFLOW__DATABASE__SQL_ALCHEMY_CONN"]["value_from"]["secret_key_ref"]
    assert reference == {"name": "airflow-database", "key": "direct"}


def test_the_pool_follows_the_writer_encrypted_and_keeps_prepared_statements() -> None:
    parser = ini()
    assert parser["databases"]["airflow-metadata"].startswith("host=db.example.com port=5432 dbname=airflow ")
    assert parser["databases"]["airflow-result-backend"].startswith("host=db.example.com port=5432 dbname=airflow ")
    pool = parser["pgbouncer"]
    assert int(pool["server_lifetime"]) <= 60
    assert pool["server_tls_sslmode"] == "require"
    assert (pool["pool_mode"], int(pool["max_prepared_statements"]) > 0) == ("transaction", True)
    assert (pool["auth_type"], pool["stats_users"]) == ("scram-sha-256", "owner")
    assert database()["users.txt"] == '"owner" "pw"\n'


def test_the_queue_is_reached_encrypted_and_verified() -> None:
    url = urlsplit(render_broker_url(host="cache.example.com", port=6379.0, database=1))
    assert (url.scheme, url.path, url.query) == ("rediss", "/1", "ssl_cert_reqs=required")


def test_every_secret_that_the_chart_names_has_the_key_it_looks_for(whole: Recording) -> None:
    made = {
        each.plain["metadata"]["name"]: set(each.plain["spec"]["target"]["template"]["data"])
        for each in whole.all(EXTERNAL_SECRET)
    }
    said = whole.one(RELEASE).plain["values"]
    # The keys that the chart asks for (docs of the chart, "Production Guide"; templates/_helpers.yaml).
    assert "connection" in made[said["data"]["metadataSecretName"]]
    assert "connection" in made[said["data"]["resultBackendSecretName"]]
    assert "connection" in made[said["data"]["brokerUrlSecretName"]]
    assert "fernet-key" in made[said["fernetKeySecretName"]]
    assert "api-secret-key" in made[said["apiSecretKeySecretName"]]
    assert "jwt-secret" in made[said["jwtSecretName"]]
    assert made[said["pgbouncer"]["configSecretName"]] >= {"pgbouncer.ini", "users.txt"}
    sidecar = said["pgbouncer"]["metricsExporterSidecar"]
    assert sidecar["statsSecretKey"] in made[sidecar["statsSecretName"]]
    container = whole.one("Job").plain["spec"]["template"]["spec"]["containers"][0]
    for each in container["env"]:
        if "valueFrom" in each:
            reference = each["valueFrom"]["secretKeyRef"]
            assert reference["key"] in made[reference["name"]]


def test_the_fernet_key_is_made_of_the_first_32_bytes_of_the_password(whole: Recording) -> None:
    data = whole.one(EXTERNAL_SECRET, "airflow-keys").plain["spec"]["target"]["template"]["data"]
    assert data["fernet-key"] == "{{ .fernet_password | trunc 32 | b64enc }}"


def test_the_schema_is_migrated_after_the_secrets_and_before_everything_else(whole: Recording) -> None:
    job, release = whole.one("Job"), whole.one(RELEASE)
    assert job.urn in release.dependencies
    for secret in whole.all(EXTERNAL_SECRET):
        assert whole.waits_for(job, secret)
    said = release.plain["values"]
    assert said["migrateDatabaseJob"]["enabled"] is False
    assert said["createUserJob"]["enabled"] is False, "the chart's makes admin with the password admin"
    assert job.plain["metadata"]["name"] == "airflow-migration-3-1-6"


def test_an_administrator_is_made_only_of_a_secret(whole: Recording) -> None:
    def commands(recording: Recording) -> str:
        return recording.one("Job").plain["spec"]["template"]["spec"]["containers"][0]["command"][-1]

    assert 'airflow users create --role Admin --username "$ADMIN_USERNAME" --password "$ADMIN_PASSWORD"' in commands(
        whole
    )
    assert "users create" not in commands(installed(without="sign_in_secret"))


@pytest.mark.parametrize("bundled", ["postgresql", "redis", "flower"])
def test_nothing_bundled_runs(bundled: str) -> None:
    assert values()[bundled] == {"enabled": False}


def test_logs_go_to_s3_without_a_key_and_tasks_know_the_other_region(whole: Recording) -> None:
    environment = {each["name"]: each["value"] for each in whole.one(RELEASE).plain["values"]["env"]}
    assert environment["FAILOVER_ENDPOINT"] == "https://api.example.com"
    assert environment["ARTIFACT_BUCKET"] == "artifacts"
    assert environment["CHECKPOINT_BUCKET"] == "checkpoints"
    assert environment["AIRFLOW__LOGGING__REMOTE_LOGGING"] == "True"
    assert environment["AIRFLOW__LOGGING__REMOTE_BASE_LOG_FOLDER"] == "s3://artifacts/airflow/logs"
    connection = urlsplit(str(environment["AIRFLOW_CONN_AWS_DEFAULT"]))
    assert environment["AIRFLOW__LOGGING__REMOTE_LOG_CONN_ID"] == "aws_default"
    assert (connection.scheme, connection.netloc) == ("aws", "")


def test_service_accounts_are_those_that_rights_are_given_to() -> None:
    said = values()
    assert {part: said[part]["serviceAccount"]["name"] for part in AIRFLOW_SERVICE_ACCOUNTS} == AIRFLOW_SERVICE_ACCOUNTS


@pytest.mark.parametrize("part", sorted(AIRFLOW_SERVICE_ACCOUNTS))
def test_only_tasks_and_triggers_reach_more_than_logs(part: str) -> None:
    policy = airflow_policy(
        AIRFLOW_SERVICE_ACCOUNTS[part], artifact_bucket_arn=ARTIFACTS, checkpoint_bucket_arn=CHECKPOINTS, key_arn=KEY
    )
    statements = json.loads(policy)["Statement"]
    objects = {arn for each in statements if "s3:GetObject" in each["Action"] for arn in each["Resource"]}
    if part in ("workers", "triggerer"):
        assert objects == {f"{ARTIFACTS}/*", f"{CHECKPOINTS}/*"}
    else:
        assert objects == {f"{ARTIFACTS}/airflow/logs/*"}
        (listing,) = [each for each in statements if "s3:ListBucket" in each["Action"]]
        assert listing["Condition"] == {"StringLike": {"s3:prefix": ["airflow/logs", "airflow/logs/*"]}}
    writes = any("s3:PutObject" in each["Action"] for each in statements)
    assert writes is (part != "apiServer")
    assert "kms:Decrypt" in granted(policy)


def test_rights_are_given_to_no_other_account() -> None:
    with pytest.raises(ValueError, match=r"^service_account: got 'default', must be one of airflow-api-server"):
        airflow_policy("default", artifact_bucket_arn=ARTIFACTS, checkpoint_bucket_arn=CHECKPOINTS, key_arn=KEY)


def test_metrics_of_tasks_and_of_the_pool_are_scraped(whole: Recording) -> None:
    found = {
        each.plain["spec"]["selector"]["matchLabels"]["component"]: each.plain["spec"]["endpoints"][0]["port"]
        for each in whole.all(MONITOR)
    }
    # Names of the ports in the chart's services.
    assert found == {"statsd": "statsd-scrape", "pgbouncer": "pgb-metrics"}


def test_a_key_for_the_repository_comes_from_secrets_manager() -> None:
    dags = {"repository": "git@github.com:example/dags.git", "branch": "main"}
    recording = installed(dags={**dags, "ssh_secret": "tandem/dags", "known_hosts": "github.com ssh-ed25519 AAAA"})
    sync = recording.one(RELEASE).plain["values"]["dags"]["gitSync"]
    secret = recording.one(EXTERNAL_SECRET, sync["sshKeySecret"]).plain["spec"]
    assert set(secret["target"]["template"]["data"]) == {"gitSshKey"}
    assert sync["knownHosts"] == "github.com ssh-ed25519 AAAA"
    assert "sshKeySecret" not in values()["dags"]["gitSync"]


def test_workers_wait_for_work_and_for_nothing_else() -> None:
    said = values()["workers"]
    assert said["waitForMigrations"] == {"enabled": False}
    assert said["celery"]["replicas"] == said["replicas"], "it wins over the other number of the workers"


def test_a_preview_without_a_database_shows_every_secret() -> None:
    recording = installed(unknown="database_host")
    assert len(recording.all(EXTERNAL_SECRET)) == 5


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"executor": "LocalExecutor"}, r"^executor: got 'LocalExecutor', must be one of 'CeleryExecutor'"),
        ({"schedulers": 1}, r"^schedulers: got 1, must be at least 2"),
        ({"dag_processors": 1}, r"^dag_processors: got 1, must be at least 2"),
        ({"triggerers": 0}, r"^triggerers: got 0, must be at least 2"),
        ({"api_servers": 1}, r"^api_servers: got 1, must be at least 2"),
        ({"workers": 1}, r"^workers: got 1, must be at least 2"),
        ({"max_api_servers": 3}, r"^max_api_servers: got 3, must be above api_servers \(3\)"),
        ({"max_workers": 2}, r"^max_workers: got 2, must be above workers \(2\)"),
        (
            {"broker": {"host": "h", "port": 6379, "secret": "s", "database": 16}},
            r"^broker\.database: got 16, must be 0 to 15",
        ),
        (
            {"dags": {"repository": "git@github.com:example/dags.git", "branch": "main"}},
            r"^dags\.ssh_secret: is missing for 'git@",
        ),
        (
            {"dags": {"repository": "ssh://git@github.com/example/dags.git", "branch": "main"}},
            r"^dags\.ssh_secret: is missing for 'ssh://.*begins with git@ or ssh://, and to no other",
        ),
        (
            {"dags": {"repository": "https://example.com/dags", "branch": "main", "ssh_secret": "s"}},
            r"^dags\.ssh_secret: is given for 'https://",
        ),
        (
            {"dags": {"repository": "git@github.com:example/dags.git", "branch": "main", "ssh_secret": "s"}},
            r"^dags\.known_hosts: is missing",
        ),
    ],
)
def test_what_would_not_survive_is_refused_before_anything_is_registered(changes: Any, message: str) -> None:
    refused(lambda: Airflow("x", args(**changes)), message)


def test_celery_wants_a_queue() -> None:
    arguments = args()
    del arguments["broker"]
    refused(lambda: Airflow("x", arguments), r"^broker: is missing; CeleryExecutor,KubernetesExecutor hands tasks over")


def refused(make: Callable[[], object], message: str) -> None:
    def program() -> None:
        with pytest.raises(ValueError, match=message):
            make()

    assert record(program).registrations == []
