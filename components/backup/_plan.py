"""What is kept how long, and where copies go, before anything is created."""

import re

MOST_DAYS = 36_500
"""Longest retention that a vault enforces, and the longest grace (AWS Backup Developer Guide,
"AWS Backup Vault Lock")."""
LEAST_GRACE_DAYS = 3
"""Shortest time before a lock is for good (as above)."""

_VAULT = re.compile(r"[A-Za-z0-9_-]{2,50}")
_PLAN = re.compile(r"[A-Za-z0-9_-]{1,50}")

WEEKDAYS = ("MON", "TUE", "WED", "THU", "FRI", "SAT", "SUN")


def vault_arn(*, region: str, account_id: str, vault_name: str) -> str:
    """ARN of a vault, known before it stands: plans of both regions copy into the other's.

    Raises:
        ValueError: If no vault can be called so.
    """
    check_vault_name(vault_name)
    return f"arn:aws:backup:{region}:{account_id}:backup-vault:{vault_name}"


def check_vault_name(vault_name: str) -> None:
    """Refuse a name that AWS Backup refuses.

    Raises:
        ValueError: With what it may be.
    """
    if not _VAULT.fullmatch(vault_name):
        raise ValueError(f"vault_name: got {vault_name!r}, must be 2 to 50 letters, digits, hyphens and underscores")


def check_lock(*, least_days: int, most_days: int, compliance_after_days: int | None) -> None:
    """Refuse bounds that AWS Backup refuses.

    Raises:
        ValueError: With what to write instead.
    """
    if not 1 <= least_days <= most_days <= MOST_DAYS:
        raise ValueError(
            f"min_retention_days and max_retention_days: got {least_days} and {most_days}, must be 1 to {MOST_DAYS}, "
            "the first not above the second"
        )
    if compliance_after_days is not None and not LEAST_GRACE_DAYS <= compliance_after_days <= MOST_DAYS:
        raise ValueError(
            f"compliance_after_days: got {compliance_after_days}, must be {LEAST_GRACE_DAYS} to {MOST_DAYS}; "
            "leave it out for a lock that can be lifted"
        )


def check_plan(
    *,
    plan_name: str,
    retention_days: int,
    least_days: int,
    most_days: int,
    hour_utc: int,
    weekday: str,
    resources: int,
) -> None:
    """Refuse a plan whose jobs would fail night after night, or back up nothing.

    Raises:
        ValueError: With what to write instead.
    """
    if not _PLAN.fullmatch(plan_name):
        raise ValueError(f"plan_name: got {plan_name!r}, must be 1 to 50 letters, digits, hyphens and underscores")
    if not resources:
        raise ValueError("database_arns and bucket_arns: both are empty, so nothing would be backed up; give one")
    if not least_days <= retention_days <= most_days:
        raise ValueError(
            f"retention_days: got {retention_days}, must be {least_days} to {most_days}; the vaults take nothing else"
        )
    if not 0 <= hour_utc <= 23:
        raise ValueError(f"hour_utc: got {hour_utc}, must be 0 to 23")
    if weekday not in WEEKDAYS:
        raise ValueError(f"restore_test_weekday: got {weekday!r}, must be one of {', '.join(WEEKDAYS)}")


def daily(hour_utc: int) -> str:
    """When backups begin, as AWS Backup writes it."""
    return f"cron(0 {hour_utc} * * ? *)"


def weekly(hour_utc: int, weekday: str) -> str:
    """When the last backup is restored: half a day after it began, so that it is finished."""
    later = hour_utc + 12
    day = WEEKDAYS[(WEEKDAYS.index(weekday) + later // 24) % len(WEEKDAYS)]
    return f"cron(0 {later % 24} ? * {day} *)"
