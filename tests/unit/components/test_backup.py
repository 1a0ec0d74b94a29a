"""What is backed up, how long it is kept, where it goes, and the proof that it restores."""

import json
from typing import Any

import pytest

from components.backup import BackupPlan, BackupPlanArgs, BackupVault, BackupVaultArgs, vault_arn
from components.backup._plan import weekly
from tests.house import ground
from tests.house.recorder import Recording, record

VAULT: BackupVaultArgs = {
    "vault_name": "tandem-us-east-1",
    "account_id": "000000000000",
    "key_arn": "replaced",
    "min_retention_days": 7,
    "max_retention_days": 35,
    "topic_arn": "arn:aws:sns:us-east-1:000000000000:alarms",
}
CLUSTER = "arn:aws:rds:us-east-1:000000000000:cluster:tandem-us-east-1"
PLAN: BackupPlanArgs = {
    "plan_name": "tandem-us-east-1",
    "vault_name": "tandem-us-east-1",
    "vault_arn": "arn:aws:backup:us-east-1:000000000000:backup-vault:tandem-us-east-1",
    "retention_days": 35,
    "lock_days": 7,
    "max_retention_days": 35,
    "hour_utc": 3,
    "copy_to_vault_arn": "arn:aws:backup:us-west-2:000000000000:backup-vault:tandem-us-west-2",
    "database_arns": [CLUSTER],
    "restore_test_weekday": "SUN",
    "restore": {"subnet_group_name": "tandem-us-east-1", "security_group_ids": ["sg-0123456789abcdef0"]},
}


def vault(**changes: Any) -> Recording:
    def program() -> None:
        BackupVault("vault", {**VAULT, "key_arn": ground.key().arn, **changes})  # type: ignore[typeddict-item]

    return record(program)


def plan(**changes: Any) -> Recording:
    def program() -> None:
        args: Any = {**PLAN, **changes}
        BackupPlan("plan", {key: value for key, value in args.items() if value is not None})

    return record(program)


def test_nothing_in_a_vault_goes_before_its_time() -> None:
    recording = vault()
    lock = recording.one("aws:backup/vaultLockConfiguration:VaultLockConfiguration").plain
    assert (lock["minRetentionDays"], lock["maxRetentionDays"]) == (7, 35)
    assert "changeableForDays" not in lock, "a lock for good must be asked for"
    [statement] = json.loads(recording.one("aws:backup/vaultPolicy:VaultPolicy").plain["policy"])["Statement"]
    assert statement["Effect"] == "Deny"
    assert {"backup:DeleteRecoveryPoint", "backup:UpdateRecoveryPointLifecycle"} <= set(statement["Action"])
    expiry = "arn:aws:iam::000000000000:role/aws-service-role/backup.amazonaws.com/*"
    assert statement["Condition"] == {"ArnNotLike": {"aws:PrincipalArn": expiry}}


def test_a_lock_for_good_can_be_asked_for() -> None:
    lock = vault(compliance_after_days=3).one("aws:backup/vaultLockConfiguration:VaultLockConfiguration")
    assert lock.plain["changeableForDays"] == 3


def test_a_vault_is_encrypted_kept_and_heard_of() -> None:
    recording = vault()
    made = recording.one("aws:backup/vault:Vault")
    assert made.protect
    assert made.plain["forceDestroy"] is False
    assert made.plain["kmsKeyArn"].startswith("arn:aws:kms:us-east-1:")
    told = recording.one("aws:backup/vaultNotifications:VaultNotifications").plain
    assert told["snsTopicArn"] == VAULT["topic_arn"]
    assert "COPY_JOB_FAILED" in told["backupVaultEvents"]


def test_a_vault_that_may_go_goes_with_what_it_holds() -> None:
    made = vault(protected=False).one("aws:backup/vault:Vault")
    assert not made.protect
    assert made.plain["forceDestroy"] is True


def test_backups_are_taken_daily_copied_to_the_other_region_and_kept_alike() -> None:
    [rule] = plan().one("aws:backup/plan:Plan").plain["rules"]
    assert rule["schedule"] == "cron(0 3 * * ? *)"
    assert rule["targetVaultName"] == "tandem-us-east-1"
    [copy] = rule["copyActions"]
    assert copy["destinationVaultArn"] == PLAN["copy_to_vault_arn"]
    assert rule["lifecycle"]["deleteAfter"] == copy["lifecycle"]["deleteAfter"] == 35


def test_a_region_alone_copies_nothing() -> None:
    [rule] = plan(copy_to_vault_arn=None).one("aws:backup/plan:Plan").plain["rules"]
    assert not rule.get("copyActions")


def test_the_database_is_selected_and_its_backup_restored_where_nobody_reaches_it() -> None:
    recording = plan()
    assert recording.one("aws:backup/selection:Selection").plain["resources"] == [CLUSTER]
    tested = recording.one("aws:backup/restoreTestingSelection:RestoreTestingSelection").plain
    assert (tested["protectedResourceType"], tested["protectedResourceArns"]) == ("Aurora", [CLUSTER])
    into = tested["restoreMetadataOverrides"]
    assert into["dbSubnetGroupName"] == "tandem-us-east-1"
    assert json.loads(into["vpcSecurityGroupIds"]) == ["sg-0123456789abcdef0"]


def test_the_newest_backup_is_restored_every_week_once_it_is_finished() -> None:
    test = plan().one("aws:backup/restoreTestingPlan:RestoreTestingPlan").plain
    assert test["scheduleExpression"] == "cron(0 15 ? * SUN *)"
    assert test["recoveryPointSelection"]["includeVaults"] == [PLAN["vault_arn"]]
    assert test["recoveryPointSelection"]["algorithm"] == "LATEST_WITHIN_WINDOW"


@pytest.mark.parametrize(
    ("hour", "weekday", "when"), [(13, "SUN", "cron(0 1 ? * MON *)"), (11, "SAT", "cron(0 23 ? * SAT *)")]
)
def test_half_a_day_later_may_be_the_next_day(hour: int, weekday: str, when: str) -> None:
    assert weekly(hour, weekday) == when


def test_buckets_are_restored_too_when_they_are_backed_up() -> None:
    bucket = "arn:aws:s3:::tandem-artifacts-000000000000-us-east-1"
    recording = plan(bucket_arns=[bucket])
    assert recording.one("aws:backup/selection:Selection").plain["resources"] == [CLUSTER, bucket]
    tested = {
        one.plain["protectedResourceType"]: one.plain["protectedResourceArns"]
        for one in recording.all("aws:backup/restoreTestingSelection:RestoreTestingSelection")
    }
    assert tested == {"Aurora": [CLUSTER], "S3": [bucket]}
    policies = {one.plain["policyArn"] for one in recording.all("aws:iam/rolePolicyAttachment:RolePolicyAttachment")}
    assert any(policy.endswith("ForS3Backup") for policy in policies)


def test_the_other_vault_s_arn_is_known_before_it_stands() -> None:
    arn = vault_arn(region="us-west-2", account_id="000000000000", vault_name="tandem-us-west-2")
    assert arn == PLAN["copy_to_vault_arn"]


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"retention_days": 5}, "retention_days: got 5, must be 7 to 35"),
        ({"retention_days": 36}, "retention_days: got 36, must be 7 to 35"),
        ({"hour_utc": 24}, "hour_utc: got 24, must be 0 to 23"),
        ({"restore_test_weekday": "Sunday"}, "restore_test_weekday: got 'Sunday', must be one of MON"),
        ({"database_arns": []}, "both are empty, so nothing would be backed up"),
        ({"plan_name": "a plan"}, "plan_name: got 'a plan', must be 1 to 50"),
    ],
)
def test_a_plan_that_would_fail_every_night_is_refused(changes: dict[str, Any], told: str) -> None:
    with pytest.raises(ValueError, match=told):
        plan(**changes)


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"vault_name": "v"}, "vault_name: got 'v', must be 2 to 50"),
        ({"min_retention_days": 36}, "got 36 and 35, must be 1 to 36500"),
        ({"compliance_after_days": 2}, "compliance_after_days: got 2, must be 3 to 36500"),
    ],
)
def test_a_vault_that_aws_would_refuse_is_refused(changes: dict[str, Any], told: str) -> None:
    with pytest.raises(ValueError, match=told):
        vault(**changes)
