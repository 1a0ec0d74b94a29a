"""What a credential and its rotation may be, before anything is created."""

import string
from collections.abc import Sequence

ROTATION_MAX_DAYS = 1000
"""Secrets Manager API, ``RotationRulesType`` (``AutomaticallyAfterDays``, 1 to 1000)."""

EXCLUDED_CHARACTERS = "".join(sorted(set(string.punctuation) - set("-._")))
"""What a rotated password must not hold, so that it can stand in URLs, connection strings and shells as it is. Three
signs are left, because the rotation function asks for one of every kind."""


def plan_credential(*, recovery_window_days: int, replica_regions: Sequence[str]) -> None:
    """Check how long a secret can be called back, and where its copies stand.

    Raises:
        ValueError: With what is wrong and what is allowed.
    """
    if recovery_window_days != 0 and not 7 <= recovery_window_days <= 30:
        raise ValueError(
            f"recovery_window_days: got {recovery_window_days}, must be 7 to 30, or 0 to delete at once and for good"
        )
    twice = sorted({region for region in replica_regions if replica_regions.count(region) > 1})
    if twice:
        raise ValueError(f"replicas: {twice[0]} is named twice; one copy a region")


def plan_rotation(days: int) -> None:
    """Check how often a password is changed.

    Raises:
        ValueError: If Secrets Manager offers no such schedule.
    """
    if not 1 <= days <= ROTATION_MAX_DAYS:
        raise ValueError(f"days: got {days}, must be 1 to {ROTATION_MAX_DAYS}; 30 is usual")
