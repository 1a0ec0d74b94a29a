"""Backups beside the database's own: daily, locked, copied to the other region, and restored for practice."""

import pulumi
import pulumi_aws as aws

from components.backup import BackupPlan, BackupPlanArgs, BackupVault, vault_arn
from components.network import Network
from infra.layers.data import Data
from infra.layers.keys import Keys
from infra.settings import Settings


def build(
    settings: Settings,
    keys: Keys,
    network: Network,
    data: Data,
    topic_arn: pulumi.Output[str],
    opts: pulumi.ResourceOptions,
) -> None:
    """A vault in each region, and a plan that copies to the other's.

    The other vault's ARN is computed, not asked for: the founder's plan names a vault that comes with who joins.
    """
    section = settings.platform.backup
    vault = BackupVault(
        "backup-vault",
        {
            "vault_name": settings.regional_name,
            "account_id": settings.platform.account_id,
            "key_arn": keys.data.arn,
            "min_retention_days": section.lock_days,
            "max_retention_days": section.retention_days,
            "topic_arn": topic_arn,
            "protected": settings.region.protected,
        },
        opts,
    )
    nobody = aws.ec2.SecurityGroup(
        "restore-tests", description="Lets nobody in: what is restored for practice", vpc_id=network.vpc_id, opts=opts
    )
    args: BackupPlanArgs = {
        "plan_name": settings.regional_name,
        "vault_name": vault.vault_name,
        "vault_arn": vault.arn,
        "retention_days": section.retention_days,
        "lock_days": section.lock_days,
        "max_retention_days": section.retention_days,
        "hour_utc": section.hour_utc,
        "database_arns": [data.database.arn],
        "restore_test_weekday": section.restore_test_weekday.upper(),
        "restore": {
            "subnet_group_name": data.database.subnet_group_name,
            "security_group_ids": [nobody.id],
        },
    }
    if settings.other_region is not None:
        there = settings.regional_name_in(settings.other_region)
        args["copy_to_vault_arn"] = vault_arn(
            region=settings.other_region, account_id=settings.platform.account_id, vault_name=there
        )
    BackupPlan("backup-plan", args, opts)
