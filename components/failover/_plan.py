"""What moves an application to another region, in which order, before anything is created."""

import re
from collections.abc import Collection, Mapping, Sequence
from enum import StrEnum

LONGEST_OBJECTIVE_MINUTES = 10_080
"""Region switch API, CreatePlan, recoveryTimeObjectiveMinutes (read 2026-11)."""

_PLAN_NAME = re.compile(r"[a-zA-Z0-9](?:[a-zA-Z0-9-]{0,30}[a-zA-Z0-9])?")
_PREFIX = re.compile(r"[^/ ][^/]*(?:/[^/ ][^/]*)*")


class Approach(StrEnum):
    """Who serves while nothing is wrong."""

    ACTIVE_PASSIVE = "active-passive"
    """One region; the other stands by."""
    ACTIVE_ACTIVE = "active-active"
    """Both."""


class Block(StrEnum):
    """What a step does, in Region switch's words (API, ExecutionBlockType, read 2026-11)."""

    APPROVAL = "ManualApproval"
    SCALING = "EKSResourceScaling"
    DATABASE = "AuroraGlobalDatabase"
    ROUTING = "Route53HealthCheck"


def plan_steps(*, approval: bool, scales: bool, database: bool, routes: bool) -> list[Block]:
    """The steps of a move, in order.

    Capacity stands before the database moves, and the database has moved before traffic does: while a step fails, the
    region that served before still can, because its sessions forward their writes.

    Not in parallel, though Region switch could: pulumi-aws reads the scaling of a parallel step back wrongly, so that
    every preview would show a difference (terraform-provider-aws, arcregionswitch/plan.go, Flatten, read 2026-11).

    Raises:
        ValueError: If nothing would move.
    """
    moves = [
        block
        for block, wanted in ((Block.SCALING, scales), (Block.DATABASE, database), (Block.ROUTING, routes))
        if wanted
    ]
    if not moves:
        raise ValueError("workloads, database and records: none is given, so the plan would move nothing; give one")
    return [Block.APPROVAL, *moves] if approval else moves


def other_region(region: str, regions: Sequence[str]) -> str:
    """The one of two regions that is not this one."""
    return next(other for other in regions if other != region)


def check_regions(regions: Sequence[str], primary: str) -> None:
    """Refuse anything but two regions, one of them the primary.

    Raises:
        ValueError: With what to write instead.
    """
    if len(regions) != 2 or len(set(regions)) != 2:
        raise ValueError(f"regions: got {list(regions)}, must be two different ones, as Region switch takes")
    if primary not in regions:
        raise ValueError(f"primary_region: got {primary!r}, must be one of {list(regions)}")


def check_given(what: str, given: Collection[str] | Mapping[str, object], regions: Sequence[str]) -> None:
    """Refuse a mapping that lacks a region or has another.

    Raises:
        ValueError: With the regions it must have.
    """
    if set(given) != set(regions):
        raise ValueError(f"{what}: is for {sorted(given)}, must be for {sorted(regions)}")


def check_settings(*, name: str, recovery_time_minutes: int, target_percent: int, minimum_success_percent: int) -> None:
    """Refuse what Region switch refuses only when the plan is made.

    Raises:
        ValueError: With what to write instead.
    """
    if not _PLAN_NAME.fullmatch(name):
        raise ValueError(f"name: got {name!r}, must be 1 to 32 letters, digits and hyphens, none at either end")
    if not 1 <= recovery_time_minutes <= LONGEST_OBJECTIVE_MINUTES:
        raise ValueError(
            f"recovery_time_minutes: got {recovery_time_minutes}, must be 1 to {LONGEST_OBJECTIVE_MINUTES}"
        )
    if target_percent < 1:
        raise ValueError(f"target_percent: got {target_percent}, must be at least 1; 100 is what ran before")
    if not 0 <= minimum_success_percent <= 99:
        raise ValueError(f"minimum_success_percent: got {minimum_success_percent}, must be 0 to 99")


def check_prefix(prefix: str) -> None:
    """Refuse a folder that Region switch refuses.

    Raises:
        ValueError: With what to write instead.
    """
    if not _PREFIX.fullmatch(prefix):
        raise ValueError(f"report prefix: got {prefix!r}, must be such as 'region-switch', without a slash at the ends")
