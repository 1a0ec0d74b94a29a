"""What must not be lost: keys, database, cache, artifacts."""

from dataclasses import dataclass

import pulumi
import pulumi_random as random

from components.cache import Cache
from components.database import Database, DatabaseArgs, GlobalDatabase
from components.keys import EncryptionKey
from components.network import Network
from components.storage import Bucket
from infra.layers.keys import build_data_key
from infra.layers.links import Membership
from infra.settings import Settings

DATABASE_NAME = "prefect"
DATABASE_USERNAME = "tandem"


@dataclass(frozen=True)
class Data:
    """The region's data."""

    data_key: EncryptionKey
    database: Database
    database_name: pulumi.Output[str]
    database_username: pulumi.Output[str]
    database_password: pulumi.Output[str]
    """Secret."""
    global_cluster_identifier: pulumi.Output[str]
    cache: Cache
    cache_password: pulumi.Output[str]
    """Secret."""
    sign_in_password: pulumi.Output[str]
    """Of the orchestrator, secret; the same in both regions, because clients must not care which one answers."""
    artifacts: Bucket


def build(settings: Settings, network: Network, membership: Membership | None, opts: pulumi.ResourceOptions) -> Data:
    """Bring up the region's data: as the founder's, or as a member of what the founder has made."""
    platform, protected = settings.platform, settings.region.protected

    if membership is None:
        data_key = build_data_key(settings, opts)
        shell = GlobalDatabase(
            "global-database",
            {
                "identifier": platform.name,
                "engine_version": platform.database.engine_version,
                "database_name": DATABASE_NAME,
                "protected": protected,
            },
            opts,
        )
        global_cluster_identifier = shell.identifier
        database_name = pulumi.Output.from_input(DATABASE_NAME)
        database_username = pulumi.Output.from_input(DATABASE_USERNAME)
        database_password = _password("database-password")
        sign_in_password = _password("sign-in-password")
    else:
        data_key = membership.data_key
        global_cluster_identifier = membership.global_cluster_identifier
        database_name = membership.database_name
        database_username = membership.database_username
        database_password = membership.database_password
        sign_in_password = membership.sign_in_password

    database_args: DatabaseArgs = {
        "identifier": settings.regional_name,
        "engine_version": platform.database.engine_version,
        "instance_class": platform.database.instance_class,
        "instances": platform.database.instances,
        "zones": settings.region.zones,
        "vpc_id": network.vpc_id,
        "subnet_ids": list(network.database_subnet_ids),
        "client_cidrs": network.private_subnet_cidrs,
        "key_arn": data_key.arn,
        "global_cluster_identifier": global_cluster_identifier,
        "backup_retention_days": platform.database.backup_retention_days,
        "protected": protected,
    }
    if membership is None:
        database_args["database_name"] = DATABASE_NAME
        database_args["master_username"] = DATABASE_USERNAME
        database_args["master_password"] = database_password
    cache_password = _password("cache-password")

    return Data(
        data_key=data_key,
        database=Database("database", database_args, opts),
        database_name=database_name,
        database_username=database_username,
        database_password=database_password,
        global_cluster_identifier=global_cluster_identifier,
        cache=Cache(
            "cache",
            {
                "identifier": settings.regional_name,
                "node_type": platform.cache.node_type,
                "replicas": platform.cache.replicas,
                "zones": settings.region.zones,
                "vpc_id": network.vpc_id,
                "subnet_ids": list(network.database_subnet_ids),
                "client_cidrs": network.private_subnet_cidrs,
                "key_arn": data_key.arn,
                "auth_token": cache_password,
                "snapshot_retention_days": platform.cache.snapshot_retention_days,
                "protected": protected,
            },
            opts,
        ),
        cache_password=cache_password,
        sign_in_password=sign_in_password,
        artifacts=Bucket(
            "artifacts",
            {
                "bucket_name": f"{platform.name}-artifacts-{platform.account_id}-{settings.region_name}",
                "key_arn": data_key.arn,
                "noncurrent_days": platform.artifacts.noncurrent_days,
                "protected": protected,
            },
            opts,
        ),
    )


def _password(name: str) -> pulumi.Output[str]:
    # Letters and digits only: it becomes part of connection URLs.
    return random.RandomPassword(name, length=40, special=False).result
