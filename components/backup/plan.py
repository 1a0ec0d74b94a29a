"""What is backed up daily, where copies go, and the weekly proof that it restores."""

import json
from typing import NotRequired, TypedDict

import pulumi
import pulumi_aws as aws

from components._outputs import known_once
from components.backup._plan import MOST_DAYS, check_plan, daily, weekly
from components.iam import trust

BACKUP_POLICY = "arn:aws:iam::aws:policy/service-role/AWSBackupServiceRolePolicyForBackup"
RESTORE_POLICY = "arn:aws:iam::aws:policy/service-role/AWSBackupServiceRolePolicyForRestores"
S3_BACKUP_POLICY = "arn:aws:iam::aws:policy/AWSBackupServiceRolePolicyForS3Backup"
S3_RESTORE_POLICY = "arn:aws:iam::aws:policy/AWSBackupServiceRolePolicyForS3Restore"
"""AWS Backup needs many actions on resources it names only as it makes them; AWS keeps these policies up with it
(AWS Backup Developer Guide, "Managed policies", read 2026-11)."""

START_MINUTES = 60
"""Minutes that a backup may wait for its turn."""
COMPLETION_MINUTES = 1440
"""Minutes until a backup that is not finished is given up: the next one begins then."""


class RestoreInto(TypedDict):
    """Where a restore test puts a database, instead of the account's default VPC, which may not exist."""

    subnet_group_name: NotRequired[pulumi.Input[str]]
    """Database subnet group of this region."""
    security_group_ids: NotRequired[list[pulumi.Input[str]]]
    """Security groups of that VPC; one without rules keeps the restored data to itself."""


class BackupPlanArgs(TypedDict):
    """Inputs of BackupPlan."""

    plan_name: str
    """Physical name, unique in the region."""
    vault_name: pulumi.Input[str]
    """Vault of this region that backups go to."""
    vault_arn: pulumi.Input[str]
    """ARN of that vault, whose backups the restore test picks from."""
    retention_days: int
    """Days that backups and their copies are kept, within the locks of both vaults."""
    lock_days: NotRequired[int]
    """The vaults' least retention, so that one too short is refused now. Default 1."""
    max_retention_days: NotRequired[int]
    """The vaults' longest retention, likewise. Default unknown."""
    hour_utc: int
    """Hour of the day, UTC, when backups begin."""
    copy_to_vault_arn: NotRequired[pulumi.Input[str]]
    """Vault of the other region that each backup is copied to. Default: no copies."""
    database_arns: list[pulumi.Input[str]]
    """Aurora clusters of this region."""
    bucket_arns: NotRequired[list[pulumi.Input[str]]]
    """Versioned buckets of this region. Default none."""
    restore_test_weekday: str
    """Day the last backup is restored for proof, half a day after it began: ``MON`` to ``SUN``."""
    restore: NotRequired[RestoreInto]
    """Where databases are restored to for that. Default: AWS Backup's guess, the default VPC."""
    region: NotRequired[str]
    """Region of every child. Default: the provider's."""


class BackupPlan(pulumi.ComponentResource):
    """Backs up databases and buckets daily, copies that to the other region, and restores the last one every week.

    Losing the region leaves the copies, up to a day old. For a database that is the way back from a mistake that
    replication copied too; a point in time comes from the cluster's own backups. Continuous backups are not asked of
    AWS Backup: it would take over the cluster's retention, and this program's next update would change it back, and
    what is copied to another region is a snapshot all the same (AWS Backup Developer Guide, "Copying continuous
    backups" and "Changing your retention period", read 2026-11).

    A restore test of Aurora makes the cluster, not an instance in it: it proves the backup whole and the key at hand,
    and runs no query (AWS Backup Developer Guide, "Restoring an Amazon Aurora cluster", read 2026-11).

    The account must have opted in to Aurora in each region (``aws backup update-region-settings``); without it Aurora
    is left out in silence, however it is selected, and only an alarm on missing backups tells. The setting is one for
    all of the account's plans, so this one leaves it alone (same guide, "Assign resources with AWS CLI", read 2026-11).

    Cost when idle: stored bytes, twice with copies; the tests, by the restore. State: none. Regions: all children
    regional but the roles.
    """

    plan_id: pulumi.Output[str]
    """Id of the plan, known once it has its resources."""
    restore_test_name: str
    """Physical name of the restore testing plan."""

    def __init__(self, name: str, args: BackupPlanArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        databases, buckets = args["database_arns"], args.get("bucket_arns", [])
        retention, hour = int(args["retention_days"]), int(args["hour_utc"])
        weekday = args["restore_test_weekday"]
        check_plan(
            plan_name=args["plan_name"],
            retention_days=retention,
            least_days=int(args.get("lock_days", 1)),
            most_days=int(args.get("max_retention_days", MOST_DAYS)),
            hour_utc=hour,
            weekday=weekday,
            resources=len(databases) + len(buckets),
        )
        region = args.get("region")
        super().__init__("tandem:index:BackupPlan", name, {}, opts)
        child = pulumi.ResourceOptions(parent=self)

        backs_up = _role(f"{name}-backup", [BACKUP_POLICY] + [S3_BACKUP_POLICY] * bool(buckets), child)
        restores = _role(f"{name}-restore", [RESTORE_POLICY] + [S3_RESTORE_POLICY] * bool(buckets), child)
        plan = aws.backup.Plan(
            name,
            name=args["plan_name"],
            rules=[
                aws.backup.PlanRuleArgs(
                    rule_name="daily",
                    target_vault_name=args["vault_name"],
                    schedule=daily(hour),
                    start_window=START_MINUTES,
                    completion_window=COMPLETION_MINUTES,
                    lifecycle=aws.backup.PlanRuleLifecycleArgs(delete_after=retention),
                    copy_actions=[
                        aws.backup.PlanRuleCopyActionArgs(
                            destination_vault_arn=args["copy_to_vault_arn"],
                            # Left out, copies are kept for ever (terraform-provider-aws#37862).
                            lifecycle=aws.backup.PlanRuleCopyActionLifecycleArgs(delete_after=retention),
                        )
                    ]
                    if "copy_to_vault_arn" in args
                    else None,
                )
            ],
            region=region,
            opts=child,
        )
        selection = aws.backup.Selection(
            name,
            name=args["plan_name"],
            plan_id=plan.id,
            iam_role_arn=backs_up,
            resources=[*databases, *buckets],
            region=region,
            opts=child,
        )
        # Of restore tests, names take no hyphens (AWS Backup API, CreateRestoreTestingPlan, read 2026-11).
        self.restore_test_name = args["plan_name"].replace("-", "_")
        test = aws.backup.RestoreTestingPlan(
            name,
            name=self.restore_test_name,
            schedule_expression=weekly(hour, weekday),
            start_window_hours=1,
            recovery_point_selection=aws.backup.RestoreTestingPlanRecoveryPointSelectionArgs(
                algorithm="LATEST_WITHIN_WINDOW",
                include_vaults=[args["vault_arn"]],
                recovery_point_types=["SNAPSHOT"],
                selection_window_days=7,
            ),
            region=region,
            opts=child,
        )
        for kind, arns, overrides in (
            ("Aurora", databases, _overrides(args.get("restore", {}))),
            ("S3", buckets, None),
        ):
            if arns:
                aws.backup.RestoreTestingSelection(
                    f"{name}-{kind.lower()}",
                    name=kind.lower(),
                    restore_testing_plan_name=test.name,
                    protected_resource_type=kind,
                    protected_resource_arns=arns,
                    iam_role_arn=restores,
                    # An hour to look at what was restored; then AWS Backup deletes it.
                    validation_window_hours=1,
                    restore_metadata_overrides=overrides,
                    region=region,
                    opts=child,
                )
        self.plan_id = known_once(plan.id, selection.id)
        self.register_outputs({"planId": self.plan_id, "restoreTestName": self.restore_test_name})


def _role(name: str, policies: list[str], opts: pulumi.ResourceOptions) -> pulumi.Output[str]:
    """A role of AWS Backup's; its ARN is known once it may do what it is for."""
    role = aws.iam.Role(name, assume_role_policy=trust("backup.amazonaws.com"), opts=opts)
    attached = [
        aws.iam.RolePolicyAttachment(
            f"{name}-{policy.rpartition('PolicyFor')[2]}", role=role.name, policy_arn=policy, opts=opts
        )
        for policy in policies
    ]
    return known_once(role.arn, *[attachment.id for attachment in attached])


def _overrides(restore: RestoreInto) -> dict[str, pulumi.Input[str]] | None:
    """What a restore test must be told of a database's network (same guide, "Restore testing inferred metadata")."""
    overrides: dict[str, pulumi.Input[str]] = {}
    if "subnet_group_name" in restore:
        overrides["dbSubnetGroupName"] = restore["subnet_group_name"]
    if "security_group_ids" in restore:
        overrides["vpcSecurityGroupIds"] = pulumi.Output.all(*restore["security_group_ids"]).apply(json.dumps)
    return overrides or None
