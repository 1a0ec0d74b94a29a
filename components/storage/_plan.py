"""What a bucket keeps, for how long, and who writes to it, before anything is created."""

import re
from collections.abc import Sequence

MOST_DAYS = 3650
"""Ten years: longer is taken for a mistake."""

LOAD_BALANCER_LOGS = "logdelivery.elasticloadbalancing.amazonaws.com"

_SERVICE = re.compile(r"[a-z0-9-]+(\.[a-z0-9-]+)*\.amazonaws\.com")
_PREFIX = re.compile(r"[A-Za-z0-9!_.*'()-]+(/[A-Za-z0-9!_.*'()-]+)*")


def check_encryption(*, has_key: bool, load_balancer_logs: bool) -> None:
    """Refuse a key that load balancers cannot write with.

    Raises:
        ValueError: If there is a key and must be none, or none and must be one.
    """
    if load_balancer_logs and has_key:
        # "The only server-side encryption option that's supported is Amazon S3-managed keys" (ELB User Guide, "Enable
        # access logs for your Application Load Balancer", read 2026-11): switching the logs on fails otherwise.
        raise ValueError(
            "key_arn: a bucket of load balancer logs must have none; load balancers write with S3's own keys only"
        )
    if not load_balancer_logs and not has_key:
        raise ValueError("key_arn: missing; only a bucket with load_balancer_logs goes without")


def check_retention(
    *,
    noncurrent_days: int,
    disposable: bool,
    expire_days: int | None,
    lock_days: int | None,
    compliance: bool,
    protected: bool,
) -> None:
    """Refuse a lifecycle that could delete the only copy, or one that a lock contradicts.

    Raises:
        ValueError: With what to write instead.
    """
    for what, days in (
        ("noncurrent_days", noncurrent_days),
        ("expire_days", expire_days),
        ("object_lock_days", lock_days),
    ):
        if days is not None and not 1 <= days <= MOST_DAYS:
            raise ValueError(f"{what}: got {days}, must be 1 to {MOST_DAYS}")
    if expire_days is not None and not disposable:
        raise ValueError(
            "expire_days: would delete objects that may stand nowhere else; leave it out, or say disposable where "
            "nobody misses them, as with logs"
        )
    if disposable and expire_days is None:
        raise ValueError("disposable: says that objects may go, but not when; give expire_days")
    if expire_days is not None and lock_days is not None and expire_days < lock_days:
        raise ValueError(
            f"expire_days: got {expire_days}, must be at least object_lock_days ({lock_days}); a locked object cannot "
            "expire, and would only look deleted"
        )
    if compliance and lock_days is None:
        raise ValueError("object_lock_mode: nothing is locked without object_lock_days; give both or neither")
    if compliance and not protected:
        raise ValueError(
            "protected: false, but nobody, not even root, deletes objects locked in compliance mode before their time; "
            "use governance mode where the bucket shall be deletable"
        )


def check_writers(writers: Sequence[tuple[str, str]], *, account_id: str | None, load_balancer_logs: bool) -> None:
    """Refuse writers that S3 would not know, or that other accounts could borrow.

    Args:
        writers: service and folder of each.
        account_id: on whose behalf they may write.
        load_balancer_logs: whether load balancers write too.

    Raises:
        ValueError: With what to write instead.
    """
    if (writers or load_balancer_logs) and account_id is None:
        raise ValueError("account_id: missing; AWS services write for any account unless told for which")
    for service, prefix in writers:
        if service == LOAD_BALANCER_LOGS:
            raise ValueError(f"writers: {service} writes only without a key; give load_balancer_logs instead")
        if not _SERVICE.fullmatch(service):
            raise ValueError(f"writers: got {service!r}, must be such as 'cloudtrail.amazonaws.com'")
        if prefix and not _PREFIX.fullmatch(prefix):
            raise ValueError(
                f"writers: got the prefix {prefix!r}, must be such as 'trail', without a slash at the ends, or empty"
            )
    if len(set(writers)) != len(writers):
        raise ValueError("writers: one stands twice; each service and prefix may stand once")
