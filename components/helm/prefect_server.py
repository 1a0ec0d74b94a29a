"""The orchestrator's API, user interface and background services."""

from typing import Any, NotRequired, TypedDict

import pulumi
import pulumi_kubernetes as k8s

from components._pod_security import POD_SECURITY, READ_ONLY
from components._scheduling import node_loss_tolerations, resources, spread_affinity
from components.charts import PREFECT_SERVER
from components.helm._budget import disruption_budget
from components.helm._release import release
from components.helm.external_secret import ExternalSecret, Source
from components.kubernetes import Priority

SERVER_PORT = 4200
"""Port of the API, the user interface and the metrics."""

REPOSITORY = "prefecthq/prefect"
TAG = f"{PREFECT_SERVER.app_version}-python3.11"

BACKGROUND_REPLICAS = 2
"""Safe since Prefect 3.6.6: docket lets each service run in one place at a time (prefect-helm#580)."""

FOLLOW_THE_WRITER: list[dict[str, Any]] = [
    # For all hosts of the connection URL together: an inactive endpoint must be tried and left in it.
    {"name": "PREFECT_SERVER_DATABASE_CONNECTION_TIMEOUT", "value": "10"},
    # A session that is older asks the names anew, and so finds the writer in another region. Prefect tests each session
    # before it is used (SQLAlchemy's pre-ping); one whose writer became a reader passes that test. Default 3600.
    {"name": "PREFECT_SERVER_DATABASE_SQLALCHEMY_POOL_RECYCLE", "value": "60"},
]
"""How sessions get to whoever writes after a failover (Prefect 3.6.6, server/database/configurations.py)."""

DRAIN_SECONDS = 20
"""Time that a stopping server keeps answering while load balancers take it out."""

PREFECT_POD = {**POD_SECURITY, "runAsUser": 1001, "fsGroup": 1001}
"""The charts' own, which leave out the profile for background services."""

PREFECT_CONTAINER = {**READ_ONLY, "runAsUser": 1001, "runAsNonRoot": True}


class PrefectServerArgs(TypedDict):
    """Inputs of PrefectServer."""

    namespace: pulumi.Input[str]
    """Existing namespace."""
    public_url: pulumi.Input[str]
    """Where browsers reach it, such as ``https://prefect.example.com``, without a final slash."""
    database_hosts: list[pulumi.Input[str]]
    """Hosts of PostgreSQL in order of preference; every connection goes to the first that takes it. The writer's
    endpoint, then one that reaches the writer by other means, for the time that this region has no writer."""
    database_port: pulumi.Input[int]
    """Its port."""
    database_name: pulumi.Input[str]
    """Database, existing."""
    database_secret: pulumi.Input[str]
    """Secret of Secrets Manager, by name or ARN, with ``username`` and ``password`` of who owns the database."""
    redis_host: pulumi.Input[str]
    """Primary endpoint of Redis or Valkey, cluster mode disabled: this region's own, see PrefectServer."""
    redis_port: pulumi.Input[int]
    """Its TLS port."""
    redis_secret: pulumi.Input[str]
    """Secret of Secrets Manager with ``username`` and ``password`` of its user."""
    sign_in_secret: NotRequired[pulumi.Input[str]]
    """Secret of Secrets Manager with the ``username`` and ``password`` that clients sign in with, the same in every
    region. Absent: whoever reaches the API may do anything."""
    replicas: NotRequired[int]
    """API servers that always run, at least 3, one a zone. Default 3."""
    max_replicas: NotRequired[int]
    """Most API servers under load. Default 10."""


class PrefectServer(pulumi.ComponentResource):
    """Prefect's API servers and, apart from them, its background services, on an external database and Redis.

    Losing a zone loses the pods in it, started elsewhere within a minute; API servers in the other zones keep
    answering. Background services run twice and take turns. The schema is migrated by a job of its own before any
    server starts: the chart's is a post-install hook, which Helm runs only after the servers it migrates for are
    ready. A new Prefect version brings a new job.

    Two regions on one database, each with a Redis of its own, may both run background services, and do: the one that
    does not serve needs no call to anybody to take over. What they do twice is harmless, as read in Prefect 3.8.3:
    scheduled runs are inserted against an idempotency key (``_insert_scheduled_flow_runs``, server/models/
    deployments.py); marking late is refused the second time (``EnsureOnlyScheduledFlowsMarkedLate``, server/
    orchestration/core_policy.py) under a row lock; expired pauses and cancellations look at the run's state again
    (server/services/pause_expirations.py, cancellation_cleanup.py); foreman and vacuum only repeat updates and deletes.
    Events and reactive automations stay in the region whose API took them. Two things are not harmless:

    - An automation that fires because something did *not* happen is evaluated in both regions, over rows that nothing
      locks (``proactive_evaluation``, server/events/triggers.py): now and then it fires twice. Let its action be one
      that may happen twice, which any failover asks for anyway.
    - A slot of a concurrency limit is counted in the database, but its lease lies in the Redis of the region that gave
      it, and only that region gives it back (server/services/repossessor.py). With the region gone, its slots stay
      taken: set them free with ``prefect global-concurrency-limit update NAME --active-slots 0``.

    Pods take credentials from their environment, once: after a change in Secrets Manager the Kubernetes secrets follow
    within the hour, and ``kubectl rollout restart deployment -l app.kubernetes.io/instance=NAME`` makes pods use them.
    Pulumi never sees the values, so nothing here can restart them by itself.

    Connections to the database are encrypted (``ssl=require``); its certificate is not verified, since Prefect's
    image does not hold Amazon's database CA. Connections to Redis are encrypted and verified.

    Background services have no probe: the chart has no key for one, and Prefect no endpoint behind it. One that ends
    is started again by Kubernetes; one that hangs is seen only by its effect, so alert on runs that are late.

    Ports: SERVER_PORT from the load balancer, from workers and runs, and from Prometheus. AWS rights: none. Cost when
    idle: its pods. State: none of its own; it is in the database. Regions: all children regional.
    """

    service_name: pulumi.Output[str]
    """Service of the API and the user interface, on SERVER_PORT."""
    api_url: pulumi.Output[str]
    """API as pods of the cluster reach it."""
    sign_in_secret: str | None
    """Kubernetes secret with the sign-in for workers, in the same namespace. None: no sign-in."""
    release: k8s.helm.v3.Release
    """To depend on."""

    def __init__(self, name: str, args: PrefectServerArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        if not args["database_hosts"]:
            raise ValueError("database_hosts: is empty; name the writer's endpoint at least")
        replicas, max_replicas = plan_servers(int(args.get("replicas", 3)), int(args.get("max_replicas", 10)))
        namespace = args["namespace"]
        super().__init__("tandem:index:PrefectServer", name, {}, opts)
        child = pulumi.ResourceOptions(parent=self)

        def secret(role: str, source: pulumi.Input[str], template: dict[str, pulumi.Input[str]]) -> ExternalSecret:
            sources: dict[str, Source] = {"it": {"secret": source, "properties": ["username", "password"]}}
            return ExternalSecret(
                f"{name}-{role}", {"namespace": namespace, "sources": sources, "template": template}, child
            )

        secrets: list[pulumi.Resource] = [
            secret(
                "database",
                args["database_secret"],
                {
                    "connection-string": pulumi.Output.all(
                        hosts=args["database_hosts"], port=args["database_port"], name=args["database_name"]
                    ).apply(lambda database: render_database_url(**database))
                },
            ),
            secret(
                "redis",
                args["redis_secret"],
                {
                    "redis-username": "{{ .it_username }}",
                    "redis-password": "{{ .it_password }}",
                    "docket-url": pulumi.Output.all(host=args["redis_host"], port=args["redis_port"]).apply(
                        lambda redis: render_redis_url(**redis)
                    ),
                },
            ),
        ]
        self.sign_in_secret = None
        if "sign_in_secret" in args:
            self.sign_in_secret = f"{name}-sign-in"
            secrets.append(
                secret(
                    "sign-in",
                    args["sign_in_secret"],
                    {
                        "auth-string": "{{ .it_username }}:{{ .it_password }}",
                        # For Prometheus, which wants them apart.
                        "username": "{{ .it_username }}",
                        "password": "{{ .it_password }}",
                    },
                )
            )

        # A job's template cannot change, so each version has a job of its own.
        job_name = f"{name}-migration-{PREFECT_SERVER.app_version.replace('.', '-')}"
        migration = k8s.batch.v1.Job(
            f"{name}-migration",
            metadata=k8s.meta.v1.ObjectMetaArgs(name=job_name, namespace=namespace),
            spec=render_migration(f"{name}-database"),
            opts=pulumi.ResourceOptions(parent=self, depends_on=secrets),
        )
        self.release = release(
            name,
            PREFECT_SERVER,
            namespace=namespace,
            values=render_prefect_server(
                release_name=name,
                ui_api_url=pulumi.Output.concat(args["public_url"], "/api"),
                redis_host=args["redis_host"],
                redis_port=args["redis_port"],
                signs_in=self.sign_in_secret is not None,
                replicas=replicas,
                max_replicas=max_replicas,
            ),
            parent=self,
            depends_on=[*secrets, migration],
        )
        for component in ("server", "background-services"):
            disruption_budget(
                f"{name}-{component}", namespace=namespace, labels=pod_labels(name, component), parent=self
            )
        k8s.apiextensions.CustomResource(
            f"{name}-metrics",
            api_version="monitoring.coreos.com/v1",
            kind="ServiceMonitor",
            metadata=k8s.meta.v1.ObjectMetaArgs(name=name, namespace=namespace),
            spec=render_service_monitor(name, sign_in_secret=self.sign_in_secret),
            opts=child,
        )
        # From the release, so that what uses the name waits for the pods behind it.
        self.service_name = self.release.name.apply(lambda _: name)
        self.api_url = pulumi.Output.concat(
            "http://", self.service_name, ".", namespace, f".svc.cluster.local:{SERVER_PORT}/api"
        )
        self.register_outputs({"serviceName": self.service_name, "apiUrl": self.api_url})


def plan_servers(replicas: int, max_replicas: int) -> tuple[int, int]:
    """Check the number of API servers.

    Raises:
        ValueError: If a lost pod would leave none, or load could not add any.
    """
    if replicas < 3:
        raise ValueError(f"replicas: got {replicas}, must be at least 3, one a zone")
    if max_replicas <= replicas:
        raise ValueError(f"max_replicas: got {max_replicas}, must be above replicas ({replicas})")
    return replicas, max_replicas


def render_database_url(*, hosts: list[str], port: float, name: str) -> str:
    """Template of the connection URL for asyncpg, encrypted, that tries the hosts in order.

    SQLAlchemy takes several hosts as query parameters
    (https://docs.sqlalchemy.org/en/20/dialects/postgresql.html#multihost-connections, read 2026-11).
    """
    tried = "&".join(f"host={host}:{int(port)}" for host in hosts)
    user = "{{ .it_username | urlquery }}:{{ .it_password | urlquery }}"
    # `ssl`, not libpq's `sslmode`, which asyncpg refuses (prefect-helm#199).
    return f"postgresql+asyncpg://{user}@/{name}?{tried}&ssl=require"


def render_redis_url(*, host: str, port: float) -> str:
    """Template of the URL of database 0, encrypted."""
    return f"rediss://{{{{ .it_username | urlquery }}}}:{{{{ .it_password | urlquery }}}}@{host}:{int(port)}/0"


def render_service_monitor(release_name: str, *, sign_in_secret: str | None) -> dict[str, Any]:
    """How Prometheus finds the API servers' metrics; they are behind the sign-in like the rest of the API."""
    endpoint: dict[str, Any] = {"port": "server-svc-port", "path": "/api/metrics", "interval": "30s"}
    if sign_in_secret is not None:
        endpoint["basicAuth"] = {key: {"name": sign_in_secret, "key": key} for key in ("username", "password")}
    return {"selector": {"matchLabels": pod_labels(release_name, "server")}, "endpoints": [endpoint]}


def pod_labels(release_name: str, component: str) -> dict[str, str]:
    """Labels by which the chart selects the pods of one of its deployments."""
    return {
        "app.kubernetes.io/name": PREFECT_SERVER.name,
        "app.kubernetes.io/instance": release_name,
        "app.kubernetes.io/component": component,
    }


def render_migration(database_secret: str) -> "k8s.batch.v1.JobSpecArgsDict":
    """Specification of the job that brings the database to the version of the servers."""
    return {
        "backoff_limit": 5,
        "active_deadline_seconds": 540,
        "template": {
            "metadata": {"labels": {"app.kubernetes.io/component": "migration"}},
            "spec": {
                "restart_policy": "Never",
                "automount_service_account_token": False,
                "priority_class_name": Priority.ORCHESTRATION.value,
                "tolerations": [
                    {
                        "key": each["key"],
                        "operator": each["operator"],
                        "effect": each["effect"],
                        "toleration_seconds": each["tolerationSeconds"],
                    }
                    for each in node_loss_tolerations()
                ],
                "security_context": {
                    "run_as_user": 1001,
                    "run_as_non_root": True,
                    "fs_group": 1001,
                    "seccomp_profile": {"type": "RuntimeDefault"},
                },
                "containers": [
                    {
                        "name": "migration",
                        "image": f"{REPOSITORY}:{TAG}",
                        "command": ["prefect", "server", "database", "upgrade", "-y"],
                        # The only writable folder; Prefect keeps its profile in it.
                        "working_dir": "/home/prefect",
                        "env": [
                            {"name": "HOME", "value": "/home/prefect"},
                            {"name": "TMPDIR", "value": "/home/prefect"},
                            {
                                "name": "PREFECT_SERVER_DATABASE_CONNECTION_URL",
                                "value_from": {"secret_key_ref": {"name": database_secret, "key": "connection-string"}},
                            },
                        ],
                        "resources": {
                            "requests": {"cpu": "250m", "memory": "512Mi"},
                            "limits": {"memory": "512Mi"},
                        },
                        "security_context": {
                            "allow_privilege_escalation": False,
                            "read_only_root_filesystem": True,
                            "capabilities": {"drop": ["ALL"]},
                        },
                        "volume_mounts": [{"name": "home", "mount_path": "/home/prefect"}],
                    }
                ],
                "volumes": [{"name": "home", "empty_dir": {}}],
            },
        },
    }


def render_prefect_server(
    *,
    release_name: str,
    ui_api_url: pulumi.Input[str],
    redis_host: pulumi.Input[str],
    redis_port: pulumi.Input[int],
    signs_in: bool,
    replicas: int,
    max_replicas: int,
) -> dict[str, Any]:
    """Values of the prefect-server chart."""
    environment = [
        *FOLLOW_THE_WRITER,
        # The chart takes it as plain text alone.
        {
            "name": "PREFECT_REDIS_MESSAGING_USERNAME",
            "valueFrom": {"secretKeyRef": {"name": f"{release_name}-redis", "key": "redis-username"}},
        },
        # What is to be cleaned up after a cancelled run. By default in the memory of the process that found it, which
        # is no API server (settings/models/server/worker_channel.py), and only these talk to workers.
        {"name": "PREFECT_SERVER_WORKER_CHANNEL_CLEANUP_QUEUE_STORAGE", "value": "prefect_redis.cleanup_queue"},
    ]
    server: dict[str, Any] = {
        "autoscaling": {
            "enabled": True,
            "minReplicas": replicas,
            "maxReplicas": max_replicas,
            "targetCPU": 70,
            # Off: a server keeps the memory it once took, so it would never scale down again.
            "targetMemory": 0,
        },
        "resources": resources("500m", "1Gi"),
        "affinity": spread_affinity(pod_labels(release_name, "server")),
        "tolerations": node_loss_tolerations(),
        # Strings, as the chart's schema wants; as strings they must be percentages, as Kubernetes wants.
        "updateStrategy": {"type": "RollingUpdate", "rollingUpdate": {"maxUnavailable": "0%", "maxSurge": "34%"}},
        "lifecycle": {"preStop": {"sleep": {"seconds": DRAIN_SECONDS}}},
        "terminationGracePeriodSeconds": DRAIN_SECONDS + 40,
        "automountServiceAccountToken": False,
        "priorityClassName": Priority.ORCHESTRATION.value,
        "podSecurityContext": PREFECT_POD,
        "containerSecurityContext": PREFECT_CONTAINER,
        "env": [{"name": "PREFECT_SERVER_METRICS_ENABLED", "value": "true"}],
        "uiConfig": {"prefectUiApiUrl": ui_api_url},
        "startupProbe": {"enabled": True},
        "livenessProbe": {"enabled": True},
        "readinessProbe": {"enabled": True},
    }
    if signs_in:
        server["basicAuth"] = {"enabled": True, "existingSecret": f"{release_name}-sign-in"}
    return {
        "fullnameOverride": release_name,
        "global": {"prefect": {"image": {"repository": REPOSITORY, "prefectTag": TAG}, "env": environment}},
        "server": server,
        # Apart from the API servers: together, every API server would schedule, with its messages in its own memory.
        "backgroundServices": {
            "runAsSeparateDeployment": True,
            "replicaCount": BACKGROUND_REPLICAS,
            "resources": resources("500m", "1Gi"),
            "affinity": spread_affinity(pod_labels(release_name, "background-services")),
            "tolerations": node_loss_tolerations(),
            "automountServiceAccountToken": False,
            "priorityClassName": Priority.ORCHESTRATION.value,
            "podSecurityContext": PREFECT_POD,
            "containerSecurityContext": PREFECT_CONTAINER,
            "messaging": {
                # With it the chart keeps leases of concurrency limits and the order of events in Redis, too.
                "broker": "prefect_redis.messaging",
                "cache": "prefect_redis.messaging",
                "redis": {
                    "host": redis_host,
                    "port": redis_port,
                    "ssl": True,
                    "existingSecret": f"{release_name}-redis",
                },
                # Without it each pod coordinates with itself alone (prefect-helm#587).
                "docket": {"existingSecret": f"{release_name}-redis"},
            },
        },
        "migrations": {"enabled": False},
        "externalDatabase": {
            "existingSecret": f"{release_name}-database",
            "connectionStringSecretKey": "connection-string",
        },
        "secret": {"create": False},
        "postgresql": {"enabled": False},
        "redis": {"enabled": False},
        "sqlite": {"enabled": False},
        "httproute": {"enabled": False},
        "service": {"port": SERVER_PORT, "targetPort": SERVER_PORT},
    }
