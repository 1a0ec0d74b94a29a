"""Backups: where they lie, when they are taken and copied, and the proof that they can be restored."""

from components.backup._plan import vault_arn
from components.backup.plan import BackupPlan, BackupPlanArgs, RestoreInto
from components.backup.vault import BackupVault, BackupVaultArgs

__all__ = [
    "BackupPlan",
    "BackupPlanArgs",
    "BackupVault",
    "BackupVaultArgs",
    "RestoreInto",
    "vault_arn",
]
