"""Where backups lie, locked."""

from typing import NotRequired, TypedDict

import pulumi
import pulumi_aws as aws

from components._outputs import known_once
from components._protection import stateful
from components.backup._plan import check_lock, check_vault_name
from components.iam import document

ALARMING = ["COPY_JOB_FAILED", "CONTINUOUS_BACKUP_INTERRUPTED", "S3_BACKUP_OBJECT_FAILED", "S3_RESTORE_OBJECT_FAILED"]
"""What a vault tells of at once. Other failures of jobs are alarms on its metrics: as events they come together with
what succeeded (AWS Backup Developer Guide, "Notification options with AWS Backup", read 2026-11)."""


class BackupVaultArgs(TypedDict):
    """Inputs of BackupVault."""

    vault_name: str
    """Physical name, unique in the region; the other region computes it."""
    account_id: str
    """Account of the vault, whose AWS Backup lets backups expire."""
    key_arn: pulumi.Input[str]
    """Key of this region that encrypts what is copied here from the other, and everything of buckets."""
    min_retention_days: int
    """Shortest time that anything is kept here, 1 to 36500 days. Jobs that want less fail."""
    max_retention_days: int
    """Longest, likewise: a mistake must not be paid for for ever."""
    compliance_after_days: NotRequired[int]
    """Days, 3 to 36500, after which nobody, not even AWS, can lift the lock or delete the vault before the last backup
    has expired. Default never: the lock can be lifted by whoever may."""
    topic_arn: NotRequired[pulumi.Input[str]]
    """Topic that hears of copies and objects that failed. Default none."""
    protected: NotRequired[bool]
    """Refuse deletion, also of a vault that still holds backups. Default true."""
    region: NotRequired[str]
    """Region of every child. Default: the provider's."""


class BackupVault(pulumi.ComponentResource):
    """A vault that deletes no backup before its time, whoever asks: its policy refuses people, its lock everybody.

    Losing a zone loses nothing. Losing the region leaves what a BackupPlan has copied to the other region's vault, as
    old as the last copy. The lock is lifted by whoever may call DeleteBackupVaultLockConfiguration, which nobody needs
    on a normal day; with ``compliance_after_days`` by nobody.

    Cost when idle: stored backups. State: the backups; protected. Regions: all children regional.
    """

    vault_name: pulumi.Output[str]
    """Name of the vault, known once it is locked and guarded: plans may back up into it."""
    arn: pulumi.Output[str]
    """ARN of the vault."""

    def __init__(self, name: str, args: BackupVaultArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        check_vault_name(args["vault_name"])
        check_lock(
            least_days=int(args["min_retention_days"]),
            most_days=int(args["max_retention_days"]),
            compliance_after_days=args.get("compliance_after_days"),
        )
        region = args.get("region")
        protected = args.get("protected", True)
        super().__init__("tandem:index:BackupVault", name, {}, opts)
        child = pulumi.ResourceOptions(parent=self)

        vault = aws.backup.Vault(
            name,
            name=args["vault_name"],
            kms_key_arn=args["key_arn"],
            force_destroy=not protected,
            region=region,
            opts=stateful(self, protected),
        )
        guard = aws.backup.VaultPolicy(
            name, backup_vault_name=vault.name, policy=nothing_goes_early(args["account_id"]), region=region, opts=child
        )
        lock = aws.backup.VaultLockConfiguration(
            name,
            backup_vault_name=vault.name,
            min_retention_days=int(args["min_retention_days"]),
            max_retention_days=int(args["max_retention_days"]),
            changeable_for_days=args.get("compliance_after_days"),
            region=region,
            opts=stateful(self, protected),
        )
        if "topic_arn" in args:
            aws.backup.VaultNotifications(
                name,
                backup_vault_name=vault.name,
                sns_topic_arn=args["topic_arn"],
                backup_vault_events=ALARMING,
                region=region,
                opts=child,
            )
        self.vault_name = known_once(vault.name, guard.id, lock.id)
        self.arn = vault.arn
        self.register_outputs({"vaultName": self.vault_name, "arn": self.arn})


def nothing_goes_early(account_id: str) -> str:
    """Policy of a vault: nobody deletes what it holds or lets it expire earlier, but AWS Backup when its time has come.

    Vault policies take no wildcard action (AWS Backup Developer Guide, "Vault access policies", read 2026-11). Deleting
    the vault itself is left to the lock and to ``protected``: AWS refuses it while anything is inside.
    """
    return document(
        [
            {
                "Sid": "NothingGoesEarly",
                "Effect": "Deny",
                "Principal": "*",
                "Action": [
                    "backup:DeleteRecoveryPoint",
                    "backup:DisassociateRecoveryPoint",
                    "backup:UpdateRecoveryPointLifecycle",
                ],
                "Resource": "*",
                "Condition": {
                    "ArnNotLike": {
                        "aws:PrincipalArn": f"arn:aws:iam::{account_id}:role/aws-service-role/backup.amazonaws.com/*"
                    }
                },
            }
        ]
    )
