"""The orchestrator's API, user interface and background services."""

import hashlib
from typing import Any, NotRequired, TypedDict
from urllib.parse import quote

import pulumi
import pulumi_kubernetes as k8s

from components.charts import PREFECT_SERVER
from components.helm._release import release
from components.helm._scheduling import node_loss_tolerations, resources, spread_affinity

SERVER_PORT = 4200
"""Port of the API and the user interface."""

REPOSITORY = "prefecthq/prefect"
TAG = f"{PREFECT_SERVER.app_version}-python3.11"

BACKGROUND_REPLICAS = 2
"""Safe since Prefect 3.6.6: docket lets each service run in one place at a time (prefect-helm#580)."""

FOLLOW_THE_WRITER = [
    # For all hosts of the connection URL together: an inactive endpoint must be tried and left in it.
    {"name": "PREFECT_SERVER_DATABASE_CONNECTION_TIMEOUT", "value": "10"},
    # A session that is older asks the names anew, and so finds the writer in another region. Prefect tests each session
    # before it is used (SQLAlchemy's pre-ping); one whose writer became a reader passes that test. Default 3600.
    {"name": "PREFECT_SERVER_DATABASE_SQLALCHEMY_POOL_RECYCLE", "value": "60"},
]
"""How sessions get to whoever writes after a failover (Prefect 3.6.6, server/database/configurations.py)."""

DRAIN_SECONDS = 20
"""Time that a stopping server keeps answering while load balancers take it out."""


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
    database_username: pulumi.Input[str]
    """User that owns the database."""
    database_password: pulumi.Input[str]
    """Its password; any characters. Kept as a secret whatever it is passed as."""
    redis_host: pulumi.Input[str]
    """Primary endpoint of Redis or Valkey, cluster mode disabled: Prefect speaks to a single primary only."""
    redis_port: pulumi.Input[int]
    """Its TLS port."""
    redis_username: NotRequired[pulumi.Input[str]]
    """Its user. Default ``default``."""
    redis_password: pulumi.Input[str]
    """Its password; any characters. Kept as a secret whatever it is passed as."""
    sign_in_password: NotRequired[pulumi.Input[str]]
    """Password of the user ``admin``, the same in every region. Absent: whoever reaches the API may do anything."""
    replicas: NotRequired[int]
    """API servers that always run, at least 2. Default 3, one a zone."""
    max_replicas: NotRequired[int]
    """Most API servers under load. Default 10."""


class PrefectServer(pulumi.ComponentResource):
    """Prefect's API servers and, apart from them, its background services, on an external database and Redis.

    Losing a zone loses the pods in it, started elsewhere within a minute; API servers in the other zones keep
    answering. Background services run twice and take turns. The schema is migrated by a job of its own before any
    server starts: the chart's is a post-install hook, which Helm runs only after the servers it migrates for are
    ready. A new Prefect version brings a new job.

    Connections to the database are encrypted (``ssl=require``); its certificate is not verified, since Prefect's
    image does not hold Amazon's database CA. Connections to Redis are encrypted and verified. The chart has no probe
    for background services: watch for late runs.

    Cost when idle: its pods. State: none of its own; it is in the database. Regions: all children regional.
    """

    service_name: pulumi.Output[str]
    """Service of the API and the user interface, on SERVER_PORT."""
    api_url: pulumi.Output[str]
    """API as pods of the cluster reach it."""
    sign_in_secret: str | None
    """Secret with the sign-in for workers, in the same namespace. None: no sign-in."""
    release: k8s.helm.v3.Release
    """To depend on."""

    def __init__(self, name: str, args: PrefectServerArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        if not args["database_hosts"]:
            raise ValueError("database_hosts: is empty; name the writer's endpoint at least")
        replicas, max_replicas = plan_servers(int(args.get("replicas", 3)), int(args.get("max_replicas", 10)))
        namespace = args["namespace"]
        super().__init__("tandem:index:PrefectServer", name, {}, opts)
        child = pulumi.ResourceOptions(parent=self)

        connection = pulumi.Output.secret(
            pulumi.Output.all(
                hosts=args["database_hosts"],
                port=args["database_port"],
                name=args["database_name"],
                username=args["database_username"],
                password=args["database_password"],
            ).apply(lambda database: render_database_url(**database))
        )
        docket = pulumi.Output.secret(
            pulumi.Output.all(
                host=args["redis_host"],
                port=args["redis_port"],
                username=args.get("redis_username", "default"),
                password=args["redis_password"],
            ).apply(lambda redis: render_redis_url(**redis))
        )
        redis_password = pulumi.Output.secret(args["redis_password"])
        database_secret = k8s.core.v1.Secret(
            f"{name}-database",
            metadata=k8s.meta.v1.ObjectMetaArgs(name=f"{name}-database", namespace=namespace),
            string_data={"connection-string": connection},
            opts=child,
        )
        redis_secret = k8s.core.v1.Secret(
            f"{name}-redis",
            metadata=k8s.meta.v1.ObjectMetaArgs(name=f"{name}-redis", namespace=namespace),
            string_data={"redis-password": redis_password, "docket-url": docket},
            opts=child,
        )
        secrets: list[pulumi.Resource] = [database_secret, redis_secret]
        credentials: list[pulumi.Input[str]] = [connection, docket]
        self.sign_in_secret = None
        if "sign_in_password" in args:
            self.sign_in_secret = f"{name}-sign-in"
            sign_in = pulumi.Output.secret(pulumi.Output.concat("admin:", args["sign_in_password"]))
            secrets.append(
                k8s.core.v1.Secret(
                    self.sign_in_secret,
                    metadata=k8s.meta.v1.ObjectMetaArgs(name=self.sign_in_secret, namespace=namespace),
                    string_data={"auth-string": sign_in},
                    opts=child,
                )
            )
            credentials.append(sign_in)

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
                redis_username=args.get("redis_username", "default"),
                # Shown, so that a preview tells when new credentials restart the pods; the long random passwords in it
                # keep it from being guessed backwards.
                credentials_digest=pulumi.Output.unsecret(pulumi.Output.all(*credentials).apply(digest)),
                signs_in=self.sign_in_secret is not None,
                replicas=replicas,
                max_replicas=max_replicas,
            ),
            parent=self,
            depends_on=[*secrets, migration],
        )
        for component in ("server", "background-services"):
            k8s.policy.v1.PodDisruptionBudget(
                f"{name}-{component}",
                metadata=k8s.meta.v1.ObjectMetaArgs(name=f"{name}-{component}", namespace=namespace),
                spec=k8s.policy.v1.PodDisruptionBudgetSpecArgs(
                    max_unavailable=1,
                    unhealthy_pod_eviction_policy="AlwaysAllow",
                    selector=k8s.meta.v1.LabelSelectorArgs(match_labels=pod_labels(name, component)),
                ),
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
    if replicas < 2:
        raise ValueError(f"replicas: got {replicas}, must be at least 2, better one a zone")
    if max_replicas <= replicas:
        raise ValueError(f"max_replicas: got {max_replicas}, must be above replicas ({replicas})")
    return replicas, max_replicas


def render_database_url(*, hosts: list[str], port: float, name: str, username: str, password: str) -> str:
    """Connection URL for asyncpg, encrypted, that tries the hosts in order.

    SQLAlchemy takes several hosts as query parameters
    (https://docs.sqlalchemy.org/en/20/dialects/postgresql.html#multihost-connections, read 2026-11).
    """
    tried = "&".join(f"host={host}:{int(port)}" for host in hosts)
    # `ssl`, not libpq's `sslmode`, which asyncpg refuses (prefect-helm#199).
    return f"postgresql+asyncpg://{quote(username, safe='')}:{quote(password, safe='')}@/{name}?{tried}&ssl=require"


def render_redis_url(*, host: str, port: float, username: str, password: str) -> str:
    """URL of database 0, encrypted."""
    user = f"{quote(username, safe='')}:{quote(password, safe='')}"
    return f"rediss://{user}@{host}:{int(port)}/0"


def digest(credentials: list[str]) -> str:
    """A value that changes when any of the credentials does."""
    return hashlib.sha256("\n".join(credentials).encode()).hexdigest()


def pod_labels(release_name: str, component: str) -> dict[str, str]:
    """Labels by which the chart selects the pods of one of its deployments."""
    return {
        "app.kubernetes.io/name": PREFECT_SERVER.name,
        "app.kubernetes.io/instance": release_name,
        "app.kubernetes.io/component": component,
    }


def render_migration(database_secret: str) -> k8s.batch.v1.JobSpecArgsDict:
    """Specification of the job that brings the database to the version of the servers."""
    return {
        "backoff_limit": 5,
        "active_deadline_seconds": 540,
        "template": {
            "metadata": {"labels": {"app.kubernetes.io/component": "migration"}},
            "spec": {
                "restart_policy": "Never",
                "automount_service_account_token": False,
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
    redis_username: pulumi.Input[str],
    credentials_digest: pulumi.Input[str],
    signs_in: bool,
    replicas: int,
    max_replicas: int,
) -> dict[str, Any]:
    """Values of the prefect-server chart."""
    # Pods read their credentials once, when they start.
    restart = {"tandem.dev/credentials": credentials_digest}
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
        "podAnnotations": restart,
        "uiConfig": {"prefectUiApiUrl": ui_api_url},
        "startupProbe": {"enabled": True},
        "livenessProbe": {"enabled": True},
        "readinessProbe": {"enabled": True},
    }
    if signs_in:
        server["basicAuth"] = {"enabled": True, "existingSecret": f"{release_name}-sign-in"}
    return {
        "fullnameOverride": release_name,
        "global": {"prefect": {"image": {"repository": REPOSITORY, "prefectTag": TAG}, "env": FOLLOW_THE_WRITER}},
        "server": server,
        # Apart from the API servers: together, every API server would schedule, with its messages in its own memory.
        "backgroundServices": {
            "runAsSeparateDeployment": True,
            "replicaCount": BACKGROUND_REPLICAS,
            "resources": resources("500m", "1Gi"),
            "affinity": spread_affinity(pod_labels(release_name, "background-services")),
            "tolerations": node_loss_tolerations(),
            "automountServiceAccountToken": False,
            "podAnnotations": restart,
            "messaging": {
                "redis": {
                    "host": redis_host,
                    "port": redis_port,
                    "username": redis_username,
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
