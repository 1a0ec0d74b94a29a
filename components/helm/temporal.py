"""Temporal: its servers and user interface, on databases that others may share."""

import re
from collections.abc import Sequence
from typing import Any, NotRequired, TypedDict

import pulumi
import pulumi_kubernetes as k8s

from components._pod_security import CONFINED, POD_SECURITY, READ_ONLY
from components._scheduling import node_loss_tolerations, resources, spread
from components.charts import TEMPORAL
from components.helm._budget import disruption_budget
from components.helm._release import release
from components.helm.external_secret import ExternalSecret, Source

TEMPORAL_PORT = 7233
"""gRPC port of the frontend."""

TEMPORAL_UI_PORT = 8080
"""Port of the user interface."""

TEMPORAL_SERVICES = ("frontend", "internal-frontend", "history", "matching", "worker")
"""Of the servers; the internal frontend is the worker service's own, which clients cannot crowd out."""

RESOURCES = {
    "frontend": resources("500m", "512Mi"),
    "internal-frontend": resources("250m", "512Mi"),
    "history": resources("1", "2Gi"),
    "matching": resources("500m", "512Mi"),
    "worker": resources("250m", "512Mi"),
}

STOPPING_SECONDS = 60
"""Time in which a history server that must go hands its shards over."""

USER = {**POD_SECURITY, "runAsUser": 1000, "fsGroup": 1000}


class StoreArgs(TypedDict):
    """One of Temporal's two databases."""

    name: str
    """Database, existing and owned by the user."""
    username: str
    """Who owns it."""
    secret: pulumi.Input[str]
    """Secret of Secrets Manager, by name or ARN, with the user's ``password``."""


class TemporalArgs(TypedDict):
    """Inputs of Temporal."""

    namespace: pulumi.Input[str]
    """Existing namespace."""
    database_host: pulumi.Input[str]
    """Host of PostgreSQL that leads to the writer."""
    database_port: pulumi.Input[int]
    """Its port."""
    persistence: StoreArgs
    """Where workflows are kept."""
    visibility: StoreArgs
    """Where they are found again: another database than ``persistence``."""
    history_shards: NotRequired[int]
    """Shards that workflows are divided into, 1 to 16384; the most that can be worked on at a time. Never another after
    the first start: workflows would not be found again. Default 512."""
    temporal_namespaces: NotRequired[list[str]]
    """Temporal's own namespaces, made where they are not there yet and never removed: lower-case letters, digits and
    inner hyphens, 46 at most. Default ``default``, which clients ask for that say nothing."""
    retention_days: NotRequired[int]
    """Days that a workflow is found after its end, in namespaces as they are made. Those that are there keep theirs
    (``temporal operator namespace update``). At least 1; default 7."""
    replicas: NotRequired[int]
    """Replicas of each service, at least 3. Default 3, one a zone."""
    standby: NotRequired[bool]
    """Start no servers and leave the schema alone: another region's, on the same databases, are at work. See Temporal.
    Default false."""


class Temporal(pulumi.ComponentResource):
    """Temporal's four services and an internal frontend, three times each, and its user interface twice.

    Losing a zone loses a third of each service; history servers in the others take its shards over within seconds, and
    workflows go on from what the database has. Workers are the users' own deployments and poll on.

    With the writer of the database gone nothing goes on, and nothing is lost: each call fails and is retried. Servers
    connect anew as soon as the database says that it is read-only or starting (``isConnNeedsRefreshError``, Temporal
    1.31.2, common/persistence/sql/sqlplugin/postgresql/driver/interface.go), no connection is older than a minute, and
    the plugin is ``postgres12_pgx``: unlike ``postgres12`` it refuses a server that does not write
    (``target_session_attrs=read-write``), which an address that still leads to the old writer is.

    **One region at a time.** Servers find each other in the database: those of two regions on one database become one
    ring, that half of it cannot reach or only slowly. So the other region is installed with ``standby``: everything but
    servers and schema, and what switches regions scales its deployments (``NAME-frontend`` and so on) to ``replicas``,
    after those here are at none or gone. An update leaves that number alone as long as these values do not change. Both
    regions on databases of their own need Temporal's replication, which this does not set up.

    The schema is brought up to date by a job before an install or update, Temporal's namespaces are made by one after
    it; a standby finds both in the databases. Databases and roles exist already. Passwords
    go from Secrets Manager into the pods; after a change restart them
    (``kubectl rollout restart deployment -l app.kubernetes.io/instance=NAME``). Connections to the database are
    encrypted; its certificate is not verified, since the image does not hold Amazon's database CA. Those among the
    servers and to clients are not: keep them inside the cluster. Nobody is asked to sign in, by the API or the user
    interface: let only those in who may do anything.

    What the chart cannot do: no key of 1.6.0 sets a priority class (temporalio/helm-charts#949, merged after it, does),
    so pods have none, and are the first to go when room is short; the worker service has a readiness probe by its
    membership port, and no liveness probe. Admin tools are left out: start a pod of ``temporalio/admin-tools`` when
    they are needed. Its dynamic configuration is Temporal's default: the chart reads ``server.dynamicConfig``, but its
    values do not name it.

    Ports: TEMPORAL_PORT from clients and workers, TEMPORAL_UI_PORT from the load balancer, 9090 from Prometheus;
    6933 to 6939 and 7233 to 7239 among its own pods. AWS rights: none. Cost when idle: its pods, about 8 vCPU; in
    standby the user interface's. State: none of its own; it is in the databases. Regions: all children regional.
    """

    service_name: pulumi.Output[str]
    """Service of the frontend, on TEMPORAL_PORT."""
    ui_service_name: pulumi.Output[str]
    """Service of the user interface, on TEMPORAL_UI_PORT."""
    release: k8s.helm.v3.Release
    """To depend on."""

    def __init__(self, name: str, args: TemporalArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        plan_temporal(args)
        namespace = args["namespace"]
        super().__init__("tandem:index:Temporal", name, {}, opts)
        child = pulumi.ResourceOptions(parent=self)
        needed: list[pulumi.Resource] = []
        for role in ("persistence", "visibility"):
            sources: dict[str, Source] = {"it": {"secret": args[role]["secret"], "properties": ["password"]}}
            needed.append(
                ExternalSecret(
                    f"{name}-{role}",
                    {"namespace": namespace, "sources": sources, "template": {"password": "{{ .it_password }}"}},
                    child,
                )
            )
        # The chart's own is a hook that is made anew at every update, under the feet of the pods that run as it.
        needed.append(
            k8s.core.v1.ServiceAccount(
                name,
                metadata=k8s.meta.v1.ObjectMetaArgs(name=name, namespace=namespace),
                automount_service_account_token=False,
                opts=child,
            )
        )
        self.release = release(
            name,
            TEMPORAL,
            namespace=namespace,
            values=render_temporal(
                release_name=name,
                database_address=pulumi.Output.all(args["database_host"], args["database_port"]).apply(
                    lambda known: f"{known[0]}:{int(known[1])}"
                ),
                persistence=args["persistence"],
                visibility=args["visibility"],
                history_shards=int(args.get("history_shards", 512)),
                temporal_namespaces=args.get("temporal_namespaces", ["default"]),
                retention_days=int(args.get("retention_days", 7)),
                replicas=0 if args.get("standby") else int(args.get("replicas", 3)),
            ),
            parent=self,
            depends_on=needed,
            # The job that makes namespaces asks again until there are servers, after five minutes at the latest.
            timeout_seconds=900,
        )
        # Of ours, because the chart leaves them out where there is no replica yet.
        for component in (*TEMPORAL_SERVICES, "web"):
            disruption_budget(
                f"{name}-{component}", namespace=namespace, labels=pod_labels(name, component), parent=self
            )
        # From the release, so that what uses the names waits for the pods behind them.
        self.service_name = self.release.name.apply(lambda _: f"{name}-frontend")
        self.ui_service_name = self.release.name.apply(lambda _: f"{name}-web")
        self.register_outputs({"serviceName": self.service_name, "uiServiceName": self.ui_service_name})


def plan_temporal(args: TemporalArgs) -> None:
    """Check the numbers, the databases, and the names of namespaces.

    Raises:
        ValueError: With what is wrong and what to write instead.
    """
    replicas = int(args.get("replicas", 3))
    if replicas < 3:
        raise ValueError(f"replicas: got {replicas}, must be at least 3, one a zone; for none write standby")
    shards = int(args.get("history_shards", 512))
    if not 1 <= shards <= 16384:
        raise ValueError(f"history_shards: got {shards}, must be 1 to 16384")
    namespaces = args.get("temporal_namespaces", ["default"])
    if not namespaces:
        raise ValueError("temporal_namespaces: is empty; name one at least, such as default: no client works without")
    for name in namespaces:
        # It becomes part of a container's name, and of a line for the shell.
        if not re.fullmatch(r"[a-z0-9]([a-z0-9-]{0,44}[a-z0-9])?", name):
            raise ValueError(
                f"temporal_namespaces: got {name!r}, must be lower-case letters, digits and inner hyphens, 46 at most"
            )
    retention = int(args.get("retention_days", 7))
    if retention < 1:
        raise ValueError(f"retention_days: got {retention}, must be at least 1")
    if args["persistence"]["name"] == args["visibility"]["name"]:
        raise ValueError(
            f"visibility.name: got {args['visibility']['name']!r}, as persistence.name; both schemas have a table of"
            " versions, so each needs a database of its own"
        )


def pod_labels(release_name: str, component: str) -> dict[str, str]:
    """Labels by which the chart selects the pods of one of its deployments."""
    return {
        "app.kubernetes.io/name": TEMPORAL.name,
        "app.kubernetes.io/instance": release_name,
        "app.kubernetes.io/component": component,
    }


def render_temporal(
    *,
    release_name: str,
    database_address: pulumi.Input[str],
    persistence: StoreArgs,
    visibility: StoreArgs,
    history_shards: int,
    temporal_namespaces: Sequence[str],
    retention_days: int,
    replicas: int,
) -> dict[str, Any]:
    """Values of the temporal chart."""

    def store(role: str, args: StoreArgs) -> dict[str, Any]:
        return {
            "sql": {
                "createDatabase": False,
                # A standby may not even reach the databases.
                "manageSchema": replicas > 0,
                "pluginName": "postgres12_pgx",
                "driverName": "postgres12_pgx",
                "databaseName": args["name"],
                "connectAddr": database_address,
                "connectProtocol": "tcp",
                "connectAttributes": {"target_session_attrs": "read-write"},
                "user": args["username"],
                "existingSecret": f"{release_name}-{role}",
                "secretKey": "password",
                "maxConns": 20,
                "maxIdleConns": 20,
                # After a failover the name leads elsewhere, and the old writer may live on as a reader.
                "maxConnLifetime": "60s",
                "tls": {"enabled": True, "enableHostVerification": False},
            }
        }

    services: dict[str, dict[str, Any]] = {
        service: {
            "enabled": True,
            "resources": RESOURCES[service],
            "tolerations": node_loss_tolerations(),
            "topologySpreadConstraints": spread(pod_labels(release_name, service)),
            "containerSecurityContext": READ_ONLY,
        }
        for service in TEMPORAL_SERVICES
    }
    # A port that accepts says little; this one says that the service behind it is in the ring.
    for service, port in (("frontend", TEMPORAL_PORT), ("internal-frontend", 7236)):
        services[service]["readinessProbe"] = {
            "grpc": {"port": port, "service": "temporal.api.workflowservice.v1.WorkflowService"}
        }
    # It has no other port, and by default no probe.
    services["worker"]["readinessProbe"] = {"tcpSocket": {"port": "membership"}}
    return {
        "fullnameOverride": release_name,
        "serviceAccount": {"create": False, "name": release_name},
        "server": {
            "image": {"tag": TEMPORAL.app_version},
            "replicaCount": replicas,
            "securityContext": USER,
            "terminationGracePeriodSeconds": STOPPING_SECONDS,
            # No update takes a server away before another is ready.
            "deploymentStrategy": {"type": "RollingUpdate", "rollingUpdate": {"maxUnavailable": 0, "maxSurge": 1}},
            "metrics": {"serviceMonitor": {"enabled": True}},
            "config": {
                "logLevel": "info",
                "persistence": {
                    "numHistoryShards": history_shards,
                    "datastores": {
                        "default": store("persistence", persistence),
                        "visibility": store("visibility", visibility),
                    },
                },
                "namespaces": {
                    # By the servers; where there are none, the other region's made them.
                    "create": replicas > 0,
                    "namespace": [{"name": name, "retention": f"{retention_days}d"} for name in temporal_namespaces],
                },
            },
            **services,
        },
        "web": {
            "enabled": True,
            "replicaCount": 2,
            "resources": resources("100m", "128Mi"),
            "tolerations": node_loss_tolerations(),
            "topologySpreadConstraints": spread(pod_labels(release_name, "web")),
            "securityContext": USER,
            # Its start writes its configuration beside the program.
            "containerSecurityContext": CONFINED,
        },
        # What it says of resources and rights holds for the job that makes namespaces, too.
        "schema": {
            # That job starts beside the servers, and fails until they answer.
            "backoffLimit": 10,
            "activeDeadlineSeconds": 540,
            "resources": resources("100m", "128Mi"),
            "securityContext": USER,
            "containerSecurityContext": CONFINED,
        },
        # Its image has the tools of the schema job, too.
        "admintools": {
            "enabled": False,
            "image": {"tag": TEMPORAL.app_version},
            "tolerations": node_loss_tolerations(),
        },
        # For images before 1.30.
        "shims": {"dockerize": False, "elasticsearchTool": False},
    }
