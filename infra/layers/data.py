"""What must not be lost: credentials, database, caches, buckets."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

from components.cache import Cache, GlobalCache, ShardedCache, ShardedCacheArgs
from components.database import PORT, Database, DatabaseArgs, DatabaseProxy, GlobalDatabase
from components.kubernetes import Cluster
from components.network import Network
from components.secrets import Credential, CredentialArgs, ReplicaArgs, Rotation
from components.storage import Bucket, BucketArgs
from infra.layers.keys import Keys
from infra.namespaces import ARGO_CD
from infra.peer import Founder
from infra.sections import Orchestrator
from infra.settings import Settings

OWNER = "owner"
"""Credential of the database's owner, who makes databases and roles and is used for nothing else."""
OWNER_NAME = "tandem"
FIRST_DATABASE = "tandem"
"""Made with the cluster; nobody's. Every orchestrator has one of its own."""

DATABASES: Mapping[Orchestrator, Sequence[str]] = {
    Orchestrator.PREFECT: ["prefect"],
    Orchestrator.ARGO_WORKFLOWS: ["argo_workflows"],
    Orchestrator.AIRFLOW: ["airflow"],
    Orchestrator.TEMPORAL: ["temporal", "temporal_visibility"],
}
"""Databases of each orchestrator; each has a role and a credential of its own name."""
GRAFANA = "grafana"
"""Database of the dashboards' users."""

SIGN_IN = "signIn"
"""Of Prefect, the same in both regions, because clients must not care which one answers."""
GRAFANA_SIGN_IN = "grafanaSignIn"
"""Of Grafana."""
AIRFLOW_SIGN_IN = "airflowSignIn"
"""Of Airflow's first administrator."""
PEOPLE = {SIGN_IN: "admin", GRAFANA_SIGN_IN: "admin", AIRFLOW_SIGN_IN: "admin"}
"""What people sign in with, and as whom."""
AIRFLOW_KEYS = ("airflowFernet", "airflowApi", "airflowJwt")
"""What Airflow encrypts and signs with: what one region wrote, the other one must read."""

APPLICATION = "application"
"""User of the applications' cache."""
BROKER = "broker"
"""User of the broker, while no orchestrator has its queue there."""
BROKER_USERS: Mapping[Orchestrator, str] = {Orchestrator.PREFECT: "prefect", Orchestrator.AIRFLOW: "airflow"}
"""Orchestrators whose queue is in the broker, and their users there."""

CACHE_ACCESS = "on ~* &* +@all -@admin"
"""What a client may do, in Redis' own words: everything but administer the server."""

LOGS, AUDIT, BACKUPS = "logs", "audit", "volumes"
BUCKETS = ("artifacts", "checkpoints", "models", LOGS, AUDIT, BACKUPS)


def databases(settings: Settings) -> list[str]:
    """Databases of the platform."""
    chosen = settings.platform.orchestrators
    return [*(name for each in Orchestrator if each in chosen for name in DATABASES[each]), GRAFANA]


def sign_ins(settings: Settings) -> list[str]:
    """Credentials, beside those of databases, that pods of both regions must agree on."""
    airflow = Orchestrator.AIRFLOW in settings.platform.orchestrators
    prefect = Orchestrator.PREFECT in settings.platform.orchestrators
    return [*([SIGN_IN] if prefect else []), GRAFANA_SIGN_IN, *((AIRFLOW_SIGN_IN, *AIRFLOW_KEYS) if airflow else ())]


def passwords(settings: Settings) -> list[str]:
    """Credentials of people, whose passwords the stack exports."""
    return [name for name in sign_ins(settings) if name in PEOPLE]


def known_to_both(settings: Settings) -> list[str]:
    """Credentials that pods of both regions use."""
    return [*databases(settings), *sign_ins(settings)]


@dataclass(frozen=True)
class Data:
    """The region's data."""

    database: Database
    global_cluster_identifier: pulumi.Output[str]
    writer: pulumi.Output[str]
    """Host that leads to the writer, in whichever region it is."""
    writer_hosts: list[pulumi.Output[str]]
    """Hosts by which this region's clients reach the writer, in order."""
    proxy: DatabaseProxy | None
    secret_arns: dict[str, pulumi.Output[str]]
    """Credentials in this region, by what they are of, once they have a value."""
    passwords: dict[str, pulumi.Output[str]]
    """Secret: what people sign in with."""
    broker: Cache
    broker_secret_arns: dict[str, pulumi.Output[str]]
    """Credentials of the broker's users."""
    application_cache: ShardedCache
    global_cache: pulumi.Output[str] | None
    """The global datastore of the applications' cache."""
    buckets: dict[str, Bucket]
    """By what they hold."""


@dataclass(frozen=True)
class _Shared:
    """What both regions have in common: made by the founder, known to who joins."""

    global_cluster_identifier: pulumi.Output[str]
    writer: pulumi.Output[str]
    secret_arns: dict[str, pulumi.Output[str]]
    passwords: dict[str, pulumi.Output[str]]


def build(
    settings: Settings, keys: Keys, network: Network, founder: Founder | None, opts: pulumi.ResourceOptions
) -> Data:
    """Bring up the region's data: as the founder's, or as a member of what the founder has made."""
    shared = _found(settings, keys, opts) if founder is None else _join(settings, founder)
    database = _database(settings, keys, network, shared, opts)
    proxied = settings.platform.database.proxy
    if founder is None:
        _rotate(settings, keys, network, database, shared, opts)
    broker, broker_secret_arns = _broker(settings, keys, network, opts)
    application_cache = _application_cache(settings, keys, network, founder, opts)
    return Data(
        database=database,
        global_cluster_identifier=shared.global_cluster_identifier,
        writer=shared.writer,
        writer_hosts=_writer_hosts(settings, database, shared.writer),
        proxy=_proxy(settings, keys, network, database, shared, opts) if proxied else None,
        secret_arns=shared.secret_arns,
        passwords={name: shared.passwords[name] for name in passwords(settings)},
        broker=broker,
        broker_secret_arns=broker_secret_arns,
        application_cache=application_cache,
        global_cache=_global_cache(settings, application_cache, founder, opts),
        buckets={holds: _bucket(settings, keys, holds, opts) for holds in BUCKETS},
    )


def admit_cluster(data: Data, cluster: Cluster, opts: pulumi.ResourceOptions) -> list[pulumi.Resource]:
    """Let nodes and pods in, by their security group, which comes with the cluster. What they reach waits for this."""
    doors = {
        "database": (data.database.security_group_id, data.database.port),
        "broker": (data.broker.security_group_id, data.broker.port),
        "application-cache": (data.application_cache.security_group_id, data.application_cache.port),
    }
    if data.proxy is not None:
        doors["database-proxy"] = (data.proxy.security_group_id, data.database.port)
    return [
        aws.vpc.SecurityGroupIngressRule(
            f"{name}-from-cluster",
            security_group_id=group_id,
            referenced_security_group_id=cluster.security_group_id,
            description="Nodes and pods",
            ip_protocol="tcp",
            from_port=port,
            to_port=port,
            opts=opts,
        )
        for name, (group_id, port) in doors.items()
    ]


def _found(settings: Settings, keys: Keys, opts: pulumi.ResourceOptions) -> _Shared:
    platform = settings.platform
    shell = GlobalDatabase(
        "global-database",
        {
            "identifier": platform.name,
            "engine_version": platform.database.engine_version,
            "database_name": FIRST_DATABASE,
            "protected": settings.region.protected,
        },
        opts,
    )
    replicas: list[ReplicaArgs] = [{"region": settings.other_region}] if settings.other_region else []

    def credential(name: str, username: str, database: str | None = None) -> Credential:
        args: CredentialArgs = {
            "secret_name": f"{platform.name}/{name}",
            "username": username,
            "key_arn": keys.secrets.arn,
            "replicas": replicas,
            # A secret that may go leaves its name to the next one.
            "recovery_window_days": 30 if settings.region.protected else 0,
            "protected": settings.region.protected,
        }
        if database is not None:
            args["engine"] = "postgres"
            args["host"] = shell.writer_endpoint
            args["port"] = PORT
            args["database_name"] = database
        return Credential(f"{name}-credential", args, opts)

    credentials = {
        OWNER: credential(OWNER, OWNER_NAME, FIRST_DATABASE),
        **{name: credential(name.replace("_", "-"), name, name) for name in databases(settings)},
        **{name: credential(_hyphens(name), PEOPLE.get(name, platform.name)) for name in sign_ins(settings)},
    }
    return _Shared(
        global_cluster_identifier=shell.identifier,
        writer=shell.writer_endpoint,
        secret_arns={name: each.arn for name, each in credentials.items()},
        passwords={name: credentials[name].password for name in (OWNER, *passwords(settings))},
    )


def _hyphens(name: str) -> str:
    return re.sub(r"(?=[A-Z])", "-", name).lower()


def _join(settings: Settings, founder: Founder) -> _Shared:
    return _Shared(
        global_cluster_identifier=founder.global_cluster_identifier,
        writer=founder.database_writer,
        secret_arns={name: founder.replica(arn, settings.region_name) for name, arn in founder.secret_arns.items()},
        passwords=dict(founder.passwords),
    )


def _database(
    settings: Settings, keys: Keys, network: Network, shared: _Shared, opts: pulumi.ResourceOptions
) -> Database:
    section, objectives = settings.platform.database, settings.platform.objectives
    args: DatabaseArgs = {
        "identifier": settings.regional_name,
        "engine_version": section.engine_version,
        "instance_class": section.instance_class,
        "instances": section.instances,
        "zones": settings.zones,
        "vpc_id": network.vpc_id,
        "subnet_ids": list(network.database_subnet_ids),
        "key_arn": keys.data.arn,
        "log_key_arn": keys.logs.arn,
        "log_retention_days": settings.platform.logs.data_days,
        "global_cluster_identifier": shared.global_cluster_identifier,
        "peer_cidrs": _linked_cidrs(settings),
        "write_forwarding": section.write_forwarding,
        "backup_retention_days": objectives.recovery_window_days,
        "backup_window": _hour(settings, 6),
        "maintenance_window": _hour(settings, 9, day="sun" if settings.founds else "wed"),
        "protected": settings.region.protected,
    }
    if settings.founds:
        if objectives.recovery_point_enforced:
            args["recovery_point_seconds"] = objectives.recovery_point_seconds
        args["database_name"] = FIRST_DATABASE
        args["master_username"] = OWNER_NAME
        args["master_password"] = shared.passwords[OWNER]
    return Database("database", args, opts)


def _hour(settings: Settings, later: int, *, day: str = "") -> str:
    """An hour, UTC, so long after AWS Backup begins: its jobs fail beside a cluster's own backup or maintenance."""
    hour = f"{day}:" if day else ""
    hour += f"{(settings.platform.backup.hour_utc + later) % 24:02}"
    return f"{hour}:00-{hour}:59"


def _proxy(
    settings: Settings,
    keys: Keys,
    network: Network,
    database: Database,
    shared: _Shared,
    opts: pulumi.ResourceOptions,
) -> DatabaseProxy:
    return DatabaseProxy(
        "database-proxy",
        {
            "identifier": settings.regional_name,
            "cluster_identifier": database.cluster_identifier,
            "database_security_group_id": database.security_group_id,
            "region_name": settings.region_name,
            "vpc_id": network.vpc_id,
            "subnet_ids": list(network.database_subnet_ids),
            "secret_arns": [shared.secret_arns[name] for name in databases(settings)],
            # Of copies it is AWS's own key, whose id nobody knows; the right is for Secrets Manager's use of it alone.
            "key_arn": keys.secrets.arn
            if settings.founds
            else f"arn:aws:kms:{settings.region_name}:{settings.platform.account_id}:key/*",
            "write_forwarding": settings.platform.database.write_forwarding,
            "log_key_arn": keys.logs.arn,
            "log_retention_days": settings.platform.logs.data_days,
        },
        opts,
    )


def _rotate(
    settings: Settings,
    keys: Keys,
    network: Network,
    database: Database,
    shared: _Shared,
    opts: pulumi.ResourceOptions,
) -> None:
    """Change the owner's password now and then. The orchestrators' stay: their pods read them when they start only.

    From the founder's region alone: the secret is changed there, and its replica follows.
    """
    Rotation(
        "owner-rotation",
        {
            "function_name": f"{settings.platform.name}-rotate-owner",
            "secret_arn": shared.secret_arns[OWNER],
            "key_arn": keys.secrets.arn,
            "region_name": settings.region_name,
            "days": settings.platform.database.rotation_days,
            "vpc_id": network.vpc_id,
            "subnet_ids": list(network.private_subnet_ids),
            "database_security_group_id": database.security_group_id,
            "peer_cidrs": _linked_cidrs(settings),
            "endpoint_security_group_id": network.endpoints_security_group_id,
            "log_key_arn": keys.logs.arn,
            "log_retention_days": settings.platform.logs.data_days,
        },
        opts,
    )


def _linked_cidrs(settings: Settings) -> list[str]:
    """The other region's network, if there is a way to it."""
    if settings.platform.network.link == "none" or settings.other_region is None:
        return []
    return [settings.platform.network.cidrs[settings.other_region]]


def _writer_hosts(settings: Settings, database: Database, writer: pulumi.Output[str]) -> list[pulumi.Output[str]]:
    """How this region's clients reach the writer.

    The global writer endpoint, wherever it leads, if there is a way between the regions. Without one, its address in
    the other region takes no connection and refuses none, and asyncpg's one time limit covers all hosts together
    (asyncpg 0.32, connection.connect): the second would never be tried. This region's own cluster endpoint does not
    answer at all while another region writes, and so leads on at once to the readers, who forward.
    """
    if settings.platform.network.link != "none" or not settings.platform.database.write_forwarding:
        return [writer]
    return [database.endpoint, database.reader_endpoint]


def _broker(
    settings: Settings, keys: Keys, network: Network, opts: pulumi.ResourceOptions
) -> tuple[Cache, dict[str, pulumi.Output[str]]]:
    """Of the region alone: a queue belongs to the workers who take from it."""
    chosen = [user for each, user in BROKER_USERS.items() if each in settings.platform.orchestrators]
    if settings.platform.services.gitops is not None:
        chosen.append(ARGO_CD)
    # A cache of users has one at least, whether or not anybody is there to sign in.
    credentials = {user: _cache_user(settings, keys, user, opts) for user in chosen or [BROKER]}
    section = settings.platform.cache
    cache = Cache(
        "broker",
        {
            "identifier": f"{settings.regional_name}-broker",
            "node_type": section.broker.node_type,
            "replicas": section.broker.replicas,
            "zones": settings.zones,
            "vpc_id": network.vpc_id,
            "subnet_ids": list(network.database_subnet_ids),
            "key_arn": keys.data.arn,
            "users": [
                {"name": user, "password": each.password, "access": CACHE_ACCESS} for user, each in credentials.items()
            ],
            "snapshot_retention_days": section.snapshot_retention_days,
            "log_retention_days": settings.platform.logs.data_days,
            "log_key_arn": keys.logs.arn,
            "protected": settings.region.protected,
        },
        opts,
    )
    return cache, {user: each.arn for user, each in credentials.items()}


def _application_cache(
    settings: Settings, keys: Keys, network: Network, founder: Founder | None, opts: pulumi.ResourceOptions
) -> ShardedCache:
    credential = _cache_user(settings, keys, APPLICATION, opts)
    section = settings.platform.cache.application
    args: ShardedCacheArgs = {
        "identifier": f"{settings.regional_name}-app",
        "node_type": section.node_type,
        "shards": section.shards,
        "replicas_per_shard": section.replicas_per_shard,
        "vpc_id": network.vpc_id,
        "subnet_ids": list(network.database_subnet_ids),
        "key_arn": keys.data.arn,
        "users": [{"name": APPLICATION, "password": credential.password, "access": CACHE_ACCESS}],
        "snapshot_retention_days": settings.platform.cache.snapshot_retention_days,
        "log_retention_days": settings.platform.logs.data_days,
        "log_key_arn": keys.logs.arn,
        "protected": settings.region.protected,
    }
    if section.global_datastore and founder is not None:
        args["member_of"] = founder.global_cache
    return ShardedCache("application-cache", args, opts)


def _global_cache(
    settings: Settings, cache: ShardedCache, founder: Founder | None, opts: pulumi.ResourceOptions
) -> pulumi.Output[str] | None:
    section = settings.platform.cache.application
    if not section.global_datastore:
        return None
    if founder is not None:
        return founder.global_cache
    return GlobalCache(
        "global-cache",
        {
            "identifier": settings.platform.name,
            "primary_group_id": cache.group_id,
            "node_type": section.node_type,
            "protected": settings.region.protected,
        },
        opts,
    ).identifier


def _cache_user(settings: Settings, keys: Keys, user: str, opts: pulumi.ResourceOptions) -> Credential:
    """Of this region's cache: the other one has users of its own."""
    return Credential(
        f"{user}-cache-credential",
        {
            "secret_name": f"{settings.regional_name}/{user}-cache",
            "key_arn": keys.secrets.arn,
            "username": user,
            "recovery_window_days": 30 if settings.region.protected else 0,
            "protected": settings.region.protected,
        },
        opts,
    )


def _bucket(settings: Settings, keys: Keys, holds: str, opts: pulumi.ResourceOptions) -> Bucket:
    section = settings.platform.storage
    args: BucketArgs = {
        "bucket_name": settings.bucket_name(holds),
        "key_arn": keys.data.arn,
        "noncurrent_days": section.noncurrent_days,
        "request_metrics": True,
        "protected": settings.region.protected,
    }
    if holds == LOGS:
        # Load balancers write to what S3's own key encrypts, and to nothing else.
        del args["key_arn"]
        args["load_balancer_logs"] = True
        args["account_id"] = settings.platform.account_id
        args["disposable"] = True
        args["expire_days"] = section.log_days
    if holds == AUDIT:
        args["object_lock_days"] = section.audit_lock_days
    return Bucket(holds, args, opts)
