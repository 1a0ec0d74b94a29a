"""Airflow: schedulers, API servers and workers, of a database that others may share."""

from collections.abc import Sequence
from typing import Any, NotRequired, TypedDict

import pulumi
import pulumi_kubernetes as k8s

from components._pod_security import CONFINED, POD_SECURITY, READ_ONLY
from components._scheduling import node_loss_tolerations, resources, spread
from components.charts import AIRFLOW
from components.helm._budget import disruption_budget
from components.helm._release import release
from components.helm.external_secret import ExternalSecret, Source
from components.helm.runs import RunFailoverArgs, render_run_environment, runs_policy
from components.iam import allow, document
from components.kubernetes import Priority

PRIVILEGES = "tandem.dev/privileges"
"""Annotation with the reason why a container has more rights than most; the policy pack asks for it."""

AIRFLOW_PORT = 8080
"""Port of the API servers, which serve people, clients and the platform's own workers."""

AIRFLOW_SERVICE_ACCOUNTS = {
    "apiServer": "airflow-api-server",
    "dagProcessor": "airflow-dag-processor",
    "scheduler": "airflow-scheduler",
    "triggerer": "airflow-triggerer",
    "workers": "airflow-worker",
}
"""Service accounts that need rights in AWS (``airflow_policy``), by the chart's name of who they are for."""

LOG_PREFIX = "airflow/logs"
"""Where in the artifact bucket logs of tasks are kept."""

EXECUTORS = ("CeleryExecutor", "KubernetesExecutor", "CeleryExecutor,KubernetesExecutor")
"""Of several the first takes every task that does not ask for another."""

IMAGE = f"apache/airflow:{AIRFLOW.app_version}"
USER_ID = 50000
PGBOUNCER_PORT = 6543
PGBOUNCER_REPLICAS = 2
STATSD_METRICS_PORT = "statsd-scrape"
PGBOUNCER_METRICS_PORT = "pgb-metrics"

WORKER_CONCURRENCY = 8
"""Tasks that one Celery worker runs at a time; KEDA counts with it."""

WORKER_GRACE_SECONDS = 1800
"""Time that a Celery worker which must go has to finish its tasks, taking no others."""

LOCAL_SETTINGS = """\
def pod_mutation_hook(pod):
    pod.metadata.labels = {**(pod.metadata.labels or {}), "component": "task"}
    pod.metadata.annotations = {**(pod.metadata.annotations or {}), "karpenter.sh/do-not-disrupt": "true"}
"""
"""What Airflow does to each pod that it starts for a task (airflow.apache.org, "Cluster Policies").

Off with the label of Celery's workers, which the chart's template gives it: their budget would select the pod, and a
budget that selects one without a controller lets none of its pods go (kubernetes.io, "Specifying a Disruption Budget
for your Application"). And Karpenter is to wait for it, as it is nobody's to start again."""


SSH = ("git@", "ssh://")
"""How addresses of repositories begin that ask for a key."""


class BrokerArgs(TypedDict):
    """Queue of the Celery workers."""

    host: pulumi.Input[str]
    """Primary endpoint of Redis or Valkey, cluster mode disabled: Celery speaks to a single primary only."""
    port: pulumi.Input[int]
    """Its TLS port."""
    secret: pulumi.Input[str]
    """Secret of Secrets Manager with ``username`` and ``password`` of its user."""
    database: NotRequired[int]
    """Number of its database; 0 may be another's. Default 1."""


class DagsArgs(TypedDict):
    """Where workflows come from."""

    repository: str
    """Address of a Git repository: ``https://``, which anybody may read, or one of SSH."""
    branch: str
    """Branch or tag to follow."""
    folder: NotRequired[str]
    """Folder of it with the workflows. Default: its root."""
    ssh_secret: NotRequired[pulumi.Input[str]]
    """Secret of Secrets Manager whose ``privateKey`` may read the repository; required for addresses of SSH, and for
    them alone."""
    known_hosts: NotRequired[str]
    """Lines of a ``known_hosts`` file with the repository's host; required with ``ssh_secret``."""


class AirflowArgs(TypedDict):
    """Inputs of Airflow."""

    namespace: pulumi.Input[str]
    """Existing namespace."""
    public_url: pulumi.Input[str]
    """Where browsers reach it, such as ``https://airflow.example.com``, without a final slash."""
    region_name: str
    """Region of the buckets."""
    database_host: pulumi.Input[str]
    """Host of PostgreSQL that leads to the writer."""
    database_port: pulumi.Input[int]
    """Its port."""
    database_name: pulumi.Input[str]
    """Database, existing."""
    database_secret: pulumi.Input[str]
    """Secret of Secrets Manager, by name or ARN, with ``username`` and ``password`` of who owns the database."""
    broker: NotRequired[BrokerArgs]
    """Queue of the Celery workers, this region's own. Required if ``executor`` names them."""
    fernet_secret: pulumi.Input[str]
    """Secret with a ``password`` of 32 characters at least, which becomes the key that connections and variables are
    encrypted with in the database. The same in every region, and never another: what it encrypted would be lost."""
    api_secret: pulumi.Input[str]
    """Secret with a ``password`` that signs sessions of browsers. The same in every region."""
    jwt_secret: pulumi.Input[str]
    """Secret with a ``password`` that signs tokens of clients and workers. The same in every region."""
    sign_in_secret: NotRequired[pulumi.Input[str]]
    """Secret with ``username`` and ``password`` of an administrator, made when there is none of that name. Absent:
    nobody can sign in until somebody is made."""
    dags: DagsArgs
    """Where workflows come from."""
    failover_endpoint: pulumi.Input[str]
    """Where tasks reach the platform in the other region: FAILOVER_ENDPOINT in their environment."""
    artifact_bucket: pulumi.Input[str]
    """Bucket for logs and what tasks leave behind: ARTIFACT_BUCKET in their environment."""
    checkpoint_bucket: pulumi.Input[str]
    """Bucket for what tasks resume from: CHECKPOINT_BUCKET in their environment."""
    failover: NotRequired[RunFailoverArgs]
    """Copies of the checkpoints. Absent: this region has none elsewhere."""
    executor: NotRequired[str]
    """One of EXECUTORS. Default ``CeleryExecutor,KubernetesExecutor``: tasks start at once on workers that wait, and
    one that needs a pod of its own, such as with a GPU, asks for it by ``executor="KubernetesExecutor"``."""
    schedulers: NotRequired[int]
    """At least 2. Default 2."""
    dag_processors: NotRequired[int]
    """At least 2. Default 2."""
    triggerers: NotRequired[int]
    """At least 2. Default 2."""
    api_servers: NotRequired[int]
    """API servers that always run, at least 2. Default 3, one a zone."""
    max_api_servers: NotRequired[int]
    """Most API servers under load. Default 10."""
    workers: NotRequired[int]
    """Celery workers that always run, at least 2. Default 2."""
    max_workers: NotRequired[int]
    """Most Celery workers under load. Default 20."""


class Airflow(pulumi.ComponentResource):
    """Airflow on an external database and Redis, with its own PgBouncer between.

    Every part runs twice at least. Schedulers are equals who lock rows (no leader): one that is lost is missed after
    half a minute, and its tasks are taken over by the others. A task whose worker is lost fails after five minutes
    without a sign of life (``scheduler.task_instance_heartbeat_timeout``) and is retried as its workflow says.
    A worker that must go finishes its tasks for WORKER_GRACE_SECONDS first.

    The schema is migrated before anything starts, by a job of its own and straight at the database: the chart's job
    would be waited for beside pods that wait for it, and is gone when Helm looks for it after five minutes.

    Two regions on one database, with a network between them, are one Airflow: schedulers in both take workflows, each
    queues tasks with its own workers, and when a region is gone the other's schedulers take its tasks over by
    themselves. Keys must be the same in both. Every query crosses between the regions, which is slow. Without a network
    it cannot be had: Airflow opens savepoints, which Aurora does not forward (docs/adr/0005).

    PgBouncer follows the writer: no connection to the database is older than a minute. Connections to it inside the
    cluster are not encrypted, passwords on them are not sent (SCRAM); those from it to the database are, without
    checking the certificate. Prepared statements are kept for asyncpg, which cannot do without.

    Pods take credentials from their environment, once: after a change in Secrets Manager restart the deployments,
    PgBouncer first (``kubectl rollout restart deployment -l release=NAME``).

    Singleton: statsd, for metrics alone, started again within a minute; the chart has no key for more, and what is sent
    to it meanwhile is lost. DAG processors have no readiness probe, and the image's own files stay writable: its
    authors do not say what it writes.

    Ports: AIRFLOW_PORT from the load balancer; PGBOUNCER_PORT from KEDA's operator; 9102 and 9127 from Prometheus.
    AWS rights: ``airflow_policy`` for each of AIRFLOW_SERVICE_ACCOUNTS. Cost when idle: its pods, about 10 vCPU. State:
    none of its own; it is in the database and in S3. Regions: all children regional.
    """

    service_name: pulumi.Output[str]
    """Service of the API servers, on AIRFLOW_PORT."""
    release: k8s.helm.v3.Release
    """To depend on."""

    def __init__(self, name: str, args: AirflowArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        executor = plan_airflow(args)
        namespace = args["namespace"]
        super().__init__("tandem:index:Airflow", name, {}, opts)

        secrets = self._secrets(name, args)
        migration = k8s.batch.v1.Job(
            f"{name}-migration",
            metadata=k8s.meta.v1.ObjectMetaArgs(
                # A job's template cannot change, so each version has a job of its own.
                name=f"{name}-migration-{AIRFLOW.app_version.replace('.', '-')}",
                namespace=namespace,
                annotations={PRIVILEGES: "writes where the image's authors do not say: a writable root"},
            ),
            spec=render_migration(name, signs_in="sign_in_secret" in args),
            opts=pulumi.ResourceOptions(parent=self, depends_on=secrets),
        )
        self.release = release(
            name,
            AIRFLOW,
            namespace=namespace,
            values=render_airflow(
                release_name=name,
                executor=executor,
                public_url=args["public_url"],
                region_name=args["region_name"],
                dags=args["dags"],
                log_folder=pulumi.Output.concat("s3://", args["artifact_bucket"], f"/{LOG_PREFIX}"),
                environment=render_run_environment(args),
                schedulers=int(args.get("schedulers", 2)),
                dag_processors=int(args.get("dag_processors", 2)),
                triggerers=int(args.get("triggerers", 2)),
                api_servers=int(args.get("api_servers", 3)),
                max_api_servers=int(args.get("max_api_servers", 10)),
                workers=int(args.get("workers", 2)),
                max_workers=int(args.get("max_workers", 20)),
            ),
            parent=self,
            depends_on=[*secrets, migration],
            # Images are large, and every pod waits for its turn at the database first.
            timeout_seconds=900,
        )
        # The chart has no budget of these.
        for component in ("dag-processor", "statsd"):
            disruption_budget(
                f"{name}-{component}", namespace=namespace, labels=pod_labels(name, component), parent=self
            )
        for component, port in (("statsd", STATSD_METRICS_PORT), ("pgbouncer", PGBOUNCER_METRICS_PORT)):
            k8s.apiextensions.CustomResource(
                f"{name}-{component}-metrics",
                api_version="monitoring.coreos.com/v1",
                kind="ServiceMonitor",
                metadata=k8s.meta.v1.ObjectMetaArgs(name=f"{name}-{component}", namespace=namespace),
                spec={
                    "selector": {"matchLabels": pod_labels(name, component)},
                    "endpoints": [{"port": port, "interval": "30s"}],
                },
                opts=pulumi.ResourceOptions(parent=self, depends_on=[self.release]),
            )
        # From the release, so that what uses the name waits for the pods behind it.
        self.service_name = self.release.name.apply(lambda _: f"{name}-api-server")
        self.register_outputs({"serviceName": self.service_name})

    def _secrets(self, name: str, args: AirflowArgs) -> list[pulumi.Resource]:
        namespace = args["namespace"]

        def secret(role: str, sources: dict[str, Source], template: dict[str, pulumi.Input[str]]) -> pulumi.Resource:
            return ExternalSecret(
                f"{name}-{role}",
                {"namespace": namespace, "sources": sources, "template": template},
                pulumi.ResourceOptions(parent=self),
            )

        owner: Source = {"secret": args["database_secret"], "properties": ["username", "password"]}
        database = pulumi.Output.all(
            host=args["database_host"], port=args["database_port"], name=args["database_name"], namespace=namespace
        )
        secrets = [
            secret(
                "database",
                {"it": owner},
                {
                    key: database.apply(lambda known, key=key: render_database(name, **known)[key])
                    for key in ("connection", "direct", "result-backend", "pgbouncer.ini", "users.txt", "stats")
                },
            ),
            # Apart, because the chart looks for both under one key.
            secret(
                "result-backend",
                {"it": owner},
                {"connection": database.apply(lambda known: render_database(name, **known)["result-backend"])},
            ),
            secret(
                "keys",
                {
                    "fernet": {"secret": args["fernet_secret"], "properties": ["password"]},
                    "api": {"secret": args["api_secret"], "properties": ["password"]},
                    "jwt": {"secret": args["jwt_secret"], "properties": ["password"]},
                },
                {
                    # Fernet wants the base64 of exactly 32 bytes.
                    "fernet-key": "{{ .fernet_password | trunc 32 | b64enc }}",
                    "api-secret-key": "{{ .api_password }}",
                    "jwt-secret": "{{ .jwt_password }}",
                },
            ),
        ]
        if "broker" in args:
            broker = args["broker"]
            number = int(broker.get("database", 1))
            secrets.append(
                secret(
                    "broker",
                    {"it": {"secret": broker["secret"], "properties": ["username", "password"]}},
                    {
                        "connection": pulumi.Output.all(host=broker["host"], port=broker["port"]).apply(
                            lambda known: render_broker_url(**known, database=number)
                        )
                    },
                )
            )
        if "sign_in_secret" in args:
            secrets.append(
                secret(
                    "sign-in",
                    {"it": {"secret": args["sign_in_secret"], "properties": ["username", "password"]}},
                    {"username": "{{ .it_username }}", "password": "{{ .it_password }}"},
                )
            )
        if "ssh_secret" in args["dags"]:
            secrets.append(
                secret(
                    "git",
                    {"it": {"secret": args["dags"]["ssh_secret"], "properties": ["privateKey"]}},
                    # OpenSSH reads no key whose last line has no end, which is soon lost on the way into a secret.
                    {"gitSshKey": "{{ .it_privateKey | trim }}\n"},
                )
            )
        return secrets


def plan_airflow(args: AirflowArgs) -> str:
    """Check the executor and what it needs, and the number of everything.

    Raises:
        ValueError: With what is wrong and what to write instead.
    """
    executor = args.get("executor", EXECUTORS[2])
    if executor not in EXECUTORS:
        raise ValueError(f"executor: got {executor!r}, must be one of {', '.join(map(repr, EXECUTORS))}")
    if "Celery" in executor and "broker" not in args:
        raise ValueError(f"broker: is missing; {executor} hands tasks over in Redis. Or say KubernetesExecutor")
    for part, default in (
        ("schedulers", 2),
        ("dag_processors", 2),
        ("triggerers", 2),
        ("api_servers", 3),
        ("workers", 2),
    ):
        number = int(args.get(part, default))
        if number < 2:
            raise ValueError(f"{part}: got {number}, must be at least 2: with one lost another must go on")
    for most, least, by_default in (("max_api_servers", "api_servers", (10, 3)), ("max_workers", "workers", (20, 2))):
        number, above = int(args.get(most, by_default[0])), int(args.get(least, by_default[1]))
        if number <= above:
            raise ValueError(f"{most}: got {number}, must be above {least} ({above})")
    if "broker" in args and not 0 <= int(args["broker"].get("database", 1)) <= 15:
        raise ValueError(f"broker.database: got {args['broker'].get('database')}, must be 0 to 15")
    dags = args["dags"]
    if dags["repository"].startswith(SSH) != ("ssh_secret" in dags):
        raise ValueError(
            f"dags.ssh_secret: {'is given' if 'ssh_secret' in dags else 'is missing'} for {dags['repository']!r};"
            f" a key belongs to an address that begins with {' or '.join(SSH)}, and to no other"
        )
    if "ssh_secret" in dags and not dags.get("known_hosts"):
        raise ValueError("dags.known_hosts: is missing; write the lines that ssh-keyscan prints for the host")
    return executor


def airflow_policy(
    service_account: str,
    *,
    artifact_bucket_arn: str,
    checkpoint_bucket_arn: str,
    key_arn: str,
    copy_arns: Sequence[str] = (),
    copy_key_arns: Sequence[str] = (),
) -> str:
    """What one of AIRFLOW_SERVICE_ACCOUNTS needs: tasks and triggers both buckets, the others the logs alone.

    ``copy_arns`` are buckets of checkpoints in other regions, that tasks go on from, and ``copy_key_arns`` their keys.
    """
    if service_account not in AIRFLOW_SERVICE_ACCOUNTS.values():
        known = ", ".join(AIRFLOW_SERVICE_ACCOUNTS.values())
        raise ValueError(f"service_account: got {service_account!r}, must be one of {known}")
    if service_account in (AIRFLOW_SERVICE_ACCOUNTS["workers"], AIRFLOW_SERVICE_ACCOUNTS["triggerer"]):
        return runs_policy([artifact_bucket_arn, checkpoint_bucket_arn, *copy_arns], [key_arn, *copy_key_arns])
    under = {"StringLike": {"s3:prefix": [LOG_PREFIX, f"{LOG_PREFIX}/*"]}}
    objects = f"{artifact_bucket_arn}/{LOG_PREFIX}/*"
    if service_account == AIRFLOW_SERVICE_ACCOUNTS["apiServer"]:
        return document(
            [
                allow(["s3:ListBucket"], [artifact_bucket_arn], under),
                allow(["s3:GetObject"], [objects]),
                allow(["kms:Decrypt"], [key_arn]),
            ]
        )
    return document(
        [
            allow(["s3:ListBucket"], [artifact_bucket_arn], under),
            allow(["s3:GetObject", "s3:PutObject"], [objects]),
            allow(["kms:Decrypt", "kms:GenerateDataKey"], [key_arn]),
        ]
    )


def pod_labels(release_name: str, component: str) -> dict[str, str]:
    """Labels by which the chart selects the pods of one of its deployments, and which their service has, too."""
    return {"tier": "airflow", "component": component, "release": release_name}


def render_database(release_name: str, *, host: str, port: float, name: str, namespace: str) -> dict[str, str]:
    """Templates of everything that signs in to the database, by key of the secret."""
    user = "{{ .it_username | urlquery }}:{{ .it_password | urlquery }}"
    # With the namespace: KEDA's operator takes the same address, from another one. Without `sslmode`, which asyncpg
    # refuses, and Airflow makes its address from this.
    pooled = f"{user}@{release_name}-pgbouncer.{namespace}:{PGBOUNCER_PORT}"
    server = f"host={host} port={int(port)} dbname={name}"
    return {
        "connection": f"postgresql://{pooled}/{release_name}-metadata",
        "result-backend": f"db+postgresql://{pooled}/{release_name}-result-backend",
        "direct": f"postgresql://{user}@{host}:{int(port)}/{name}?sslmode=require",
        "stats": f"postgresql://{user}@127.0.0.1:{PGBOUNCER_PORT}/pgbouncer?sslmode=disable",
        "users.txt": '"{{ .it_username }}" "{{ .it_password }}"\n',
        "pgbouncer.ini": "\n".join(
            [
                "[databases]",
                f"{release_name}-metadata = {server} pool_size=20",
                f"{release_name}-result-backend = {server} pool_size=5",
                "",
                "[pgbouncer]",
                "pool_mode = transaction",
                "listen_addr = *",
                f"listen_port = {PGBOUNCER_PORT}",
                # None: its folder is read-only, and nobody uses it.
                "unix_socket_dir =",
                "auth_type = scram-sha-256",
                "auth_file = /etc/pgbouncer/users.txt",
                "stats_users = {{ .it_username }}",
                "ignore_startup_parameters = extra_float_digits",
                "max_client_conn = 1000",
                # asyncpg prepares every statement, and in a pool of transactions finds it again only so (since 1.21).
                "max_prepared_statements = 200",
                "server_tls_sslmode = require",
                # After a failover the name leads elsewhere, and the old writer may live on as a reader.
                "server_lifetime = 60",
                "dns_max_ttl = 5",
                "",
            ]
        ),
    }


def render_broker_url(*, host: str, port: float, database: int) -> str:
    """Template of the URL of the queue, encrypted and verified."""
    user = "{{ .it_username | urlquery }}:{{ .it_password | urlquery }}"
    return f"rediss://{user}@{host}:{int(port)}/{database}?ssl_cert_reqs=required"


def render_migration(release_name: str, *, signs_in: bool) -> "k8s.batch.v1.JobSpecArgsDict":
    """Specification of the job that brings the database to the version of the servers, and makes the administrator."""
    commands = ["set -e", "airflow db migrate"]
    secrets = {
        "AIRFLOW__DATABASE__SQL_ALCHEMY_CONN": (f"{release_name}-database", "direct"),
        "AIRFLOW__CORE__FERNET_KEY": (f"{release_name}-keys", "fernet-key"),
        "AIRFLOW__API__SECRET_KEY": (f"{release_name}-keys", "api-secret-key"),
        "AIRFLOW__API_AUTH__JWT_SECRET": (f"{release_name}-keys", "jwt-secret"),
    }
    if signs_in:
        secrets["ADMIN_USERNAME"] = (f"{release_name}-sign-in", "username")
        secrets["ADMIN_PASSWORD"] = (f"{release_name}-sign-in", "password")
        # Says that there is one already, and ends well.
        commands.append(
            'airflow users create --role Admin --username "$ADMIN_USERNAME" --password "$ADMIN_PASSWORD"'
            ' --email "$ADMIN_USERNAME@localhost" --firstname Platform --lastname Administrator'
        )
    return {
        "backoff_limit": 5,
        "active_deadline_seconds": 840,
        "template": {
            "metadata": {"labels": pod_labels(release_name, "migration")},
            "spec": {
                "restart_policy": "Never",
                "automount_service_account_token": False,
                "priority_class_name": Priority.ORCHESTRATION.value,
                "security_context": {
                    "run_as_user": USER_ID,
                    "run_as_group": 0,
                    "run_as_non_root": True,
                    "fs_group": 0,
                    "seccomp_profile": {"type": "RuntimeDefault"},
                },
                "containers": [
                    {
                        "name": "migration",
                        "image": IMAGE,
                        "command": ["bash", "-c", "\n".join(commands)],
                        "env": [
                            # Its tables are migrated along (Airflow 3, RunDBManager).
                            {"name": "AIRFLOW__CORE__AUTH_MANAGER", "value": AUTH_MANAGER},
                            {"name": "AIRFLOW__CORE__LOAD_EXAMPLES", "value": "False"},
                            *(
                                {"name": variable, "value_from": {"secret_key_ref": {"name": secret, "key": key}}}
                                for variable, (secret, key) in secrets.items()
                            ),
                        ],
                        "resources": {"requests": {"cpu": "500m", "memory": "1Gi"}, "limits": {"memory": "1Gi"}},
                        "security_context": {
                            "allow_privilege_escalation": False,
                            "capabilities": {"drop": ["ALL"]},
                        },
                    }
                ],
            },
        },
    }


AUTH_MANAGER = "airflow.providers.fab.auth_manager.fab_auth_manager.FabAuthManager"
"""The chart's own choice."""


def render_airflow(
    *,
    release_name: str,
    executor: str,
    public_url: pulumi.Input[str],
    region_name: str,
    dags: DagsArgs,
    log_folder: pulumi.Input[str],
    environment: dict[str, pulumi.Input[str]],
    schedulers: int,
    dag_processors: int,
    triggerers: int,
    api_servers: int,
    max_api_servers: int,
    workers: int,
    max_workers: int,
) -> dict[str, Any]:
    """Values of the airflow chart."""
    celery = "Celery" in executor
    budget = {"enabled": True, "config": {"maxUnavailable": 1}}
    # Of what the groomer leaves: the logs themselves are in S3.
    groomer = {"retentionDays": 2, "resources": resources("10m", "128Mi"), "securityContexts": _container()}

    def part(
        chart_s_name: str, component: str, cpu: str, memory: str, priority: Priority = Priority.ORCHESTRATION
    ) -> dict[str, Any]:
        return {
            "serviceAccount": {"create": True, "name": AIRFLOW_SERVICE_ACCOUNTS[chart_s_name]},
            "resources": resources(cpu, memory),
            "priorityClassName": priority.value,
            "topologySpreadConstraints": spread(pod_labels(release_name, component)),
            "waitForMigrations": {"enabled": True, "securityContexts": _container()},
        }

    # What the chart's `config` has no key for.
    settings: dict[str, pulumi.Input[str]] = {
        "API__BASE_URL": public_url,
        "LOGGING__REMOTE_LOGGING": "True",
        "LOGGING__REMOTE_BASE_LOG_FOLDER": log_folder,
        "LOGGING__REMOTE_LOG_CONN_ID": "aws_default",
        "LOGGING__DELETE_LOCAL_LOGS": "True",
        # For tasks whose scheduler is gone; 300 by default.
        "SCHEDULER__ORPHANED_TASKS_CHECK_INTERVAL": "60",
        # A task of Celery's that runs for longer would be handed out again.
        "CELERY_BROKER_TRANSPORT_OPTIONS__VISIBILITY_TIMEOUT": "86400",
    }
    database = f"{release_name}-database"
    values: dict[str, Any] = {
        # Else the release's name alone would have to be the chart's, too.
        "useStandardNaming": True,
        "fullnameOverride": release_name,
        "defaultAirflowTag": AIRFLOW.app_version,
        "airflowVersion": AIRFLOW.app_version,
        "executor": executor,
        "securityContexts": {
            "pod": {**POD_SECURITY, "runAsUser": USER_ID, "runAsGroup": 0, "fsGroup": 0},
            "containers": CONFINED,
        },
        "tolerations": node_loss_tolerations(),
        "env": [
            *({"name": key, "value": value} for key, value in environment.items()),
            # No key in it: the SDK finds the pod's own identity.
            {"name": "AIRFLOW_CONN_AWS_DEFAULT", "value": f"aws:///?region_name={region_name}"},
            {"name": "AWS_DEFAULT_REGION", "value": region_name},
            *({"name": f"AIRFLOW__{key}", "value": value} for key, value in settings.items()),
        ],
        # Of its own the chart would make new ones at every update, and sign out whoever is signed in (airflow#57415).
        "fernetKeySecretName": f"{release_name}-keys",
        "apiSecretKeySecretName": f"{release_name}-keys",
        "jwtSecretName": f"{release_name}-keys",
        # The last even where there is no broker: else the chart makes one up.
        "data": {"metadataSecretName": database, "brokerUrlSecretName": f"{release_name}-broker"},
        "airflowLocalSettings": LOCAL_SETTINGS,
        "config": {"core": {"auth_manager": AUTH_MANAGER}, "celery": {"worker_concurrency": WORKER_CONCURRENCY}},
        "scheduler": {
            **part("scheduler", "scheduler", "1", "2Gi"),
            "replicas": schedulers,
            "podDisruptionBudget": budget,
            "logGroomerSidecar": groomer,
        },
        "dagProcessor": {
            **part("dagProcessor", "dag-processor", "500m", "2Gi"),
            "enabled": True,
            "replicas": dag_processors,
            "logGroomerSidecar": groomer,
        },
        "triggerer": {
            **part("triggerer", "triggerer", "500m", "1Gi"),
            "replicas": triggerers,
            # What it waits for is in the database.
            "persistence": {"enabled": False},
            "podDisruptionBudget": budget,
            "logGroomerSidecar": groomer,
        },
        "apiServer": {
            **part("apiServer", "api-server", "1", "2Gi"),
            "replicas": api_servers,
            "hpa": {"enabled": True, "minReplicaCount": api_servers, "maxReplicaCount": max_api_servers},
            # Load balancers take a stopping server out first; half a minute is the chart's grace.
            "containerLifecycleHooks": {"preStop": {"sleep": {"seconds": 15}}},
            "podDisruptionBudget": budget,
        },
        # Read for pods of the KubernetesExecutor, too.
        "workers": {
            **part("workers", "worker", "1", "4Gi", Priority.RUNS),
            "persistence": {"enabled": False},
            # These win. By default there is a disk for each worker, and one of them; none is not to be had.
            "celery": {"persistence": {"enabled": False}, "replicas": workers},
            # They need the database for no task's start, and so wait for work where it cannot be reached.
            "waitForMigrations": {"enabled": False},
            "terminationGracePeriodSeconds": WORKER_GRACE_SECONDS,
            "logGroomerSidecar": groomer,
        },
        "pgbouncer": {
            "enabled": True,
            "replicas": PGBOUNCER_REPLICAS,
            "configSecretName": database,
            "serviceAccount": {"create": True, "automountServiceAccountToken": False},
            "podDisruptionBudget": budget,
            "priorityClassName": Priority.ORCHESTRATION.value,
            "topologySpreadConstraints": spread(pod_labels(release_name, "pgbouncer")),
            "resources": resources("250m", "256Mi"),
            "securityContexts": _outsider(),
            "metricsExporterSidecar": {
                "statsSecretName": database,
                "statsSecretKey": "stats",
                "resources": resources("10m", "64Mi"),
                "securityContexts": {"container": READ_ONLY},
            },
        },
        "statsd": {
            "enabled": True,
            "serviceAccount": {"create": True, "automountServiceAccountToken": False},
            "priorityClassName": Priority.ORCHESTRATION.value,
            "resources": resources("50m", "128Mi"),
            "securityContexts": _outsider(),
        },
        "dags": {"gitSync": _git_sync(release_name, dags)},
        "logs": {"persistence": {"enabled": False}},
        # A job of this component's does both, before the release.
        "migrateDatabaseJob": {"enabled": False, "serviceAccount": {"create": False}},
        "createUserJob": {"enabled": False, "serviceAccount": {"create": False}},
        "postgresql": {"enabled": False},
        "redis": {"enabled": False},
        "flower": {"enabled": False},
    }
    if celery:
        values["data"]["resultBackendSecretName"] = f"{release_name}-result-backend"
        values["workers"] |= {
            "replicas": workers,
            "podDisruptionBudget": budget,
            "keda": {"enabled": True, "minReplicaCount": workers, "maxReplicaCount": max_workers},
        }
    return values


def _container() -> dict[str, Any]:
    return {"container": CONFINED}


def _outsider() -> dict[str, Any]:
    """Contexts of images that are not Airflow's own, whose user the chart chooses."""
    return {
        "pod": {**POD_SECURITY, "runAsUser": 65534},
        "container": READ_ONLY,
    }


def _git_sync(release_name: str, dags: DagsArgs) -> dict[str, Any]:
    values: dict[str, Any] = {
        "enabled": True,
        "repo": dags["repository"],
        # One for git-sync 3, one for 4; the chart passes both on.
        "branch": dags["branch"],
        "ref": dags["branch"],
        "rev": "HEAD",
        "subPath": dags.get("folder", ""),
        "period": "60s",
        # It goes on with what it has while the repository does not answer.
        "maxFailures": -1,
        "resources": resources("50m", "256Mi"),
        "securityContexts": {"container": {**CONFINED, "runAsUser": 65533}},
    }
    if "ssh_secret" in dags:
        values["sshKeySecret"] = f"{release_name}-git"
        values["knownHosts"] = dags.get("known_hosts", "")
    return values
