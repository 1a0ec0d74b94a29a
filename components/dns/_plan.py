"""How fast names leave a dead region, and who asks whether it is dead, before anything is created."""

from collections.abc import Sequence
from dataclasses import dataclass

CHECKER_REGIONS = (
    "us-west-1",
    "eu-west-1",
    "ap-northeast-1",
    "sa-east-1",
    "ap-southeast-2",
    "us-west-2",
    "us-east-1",
    "ap-southeast-1",
)
"""Where Route 53 checks from (Route 53 API, HealthCheckRegion, read 2026-11), those that platforms rarely stand in
first: they are the default."""
MIN_CHECKERS = 3
"""Route 53 refuses fewer regions (Route 53 API, HealthCheckConfig, Regions)."""
HEALTHY_SHARE = 0.18
"""More than this share of the checkers keeps an endpoint healthy (Route 53 Developer Guide, "How Route 53 determines
whether a health check is healthy")."""

INTERVAL_SECONDS = 10
"""The faster of the two that Route 53 offers; it cannot be changed later."""
TIMEOUT_SECONDS = 6
"""4 s to connect and 2 s to answer: how long a check of a dead endpoint takes (Route 53 Developer Guide, ibidem)."""
MAX_FAILURES = 3
MIN_TTL_SECONDS, GOOD_TTL_SECONDS, MAX_TTL_SECONDS = 5, 30, 60
"""Shorter multiplies queries, and many resolvers keep an answer that long anyway; Route 53 advises 60 s or less on
records that move."""


@dataclass(frozen=True)
class Detection:
    """How a dead region is noticed, and how long clients still go there."""

    interval_seconds: int
    """Between two checks by one checker."""
    failure_threshold: int
    """Failed checks in a row that make a region unhealthy."""
    ttl_seconds: int
    """Time that resolvers keep an answer."""
    typical_seconds: int
    """From the failure until clients are sent elsewhere: interval x threshold + TTL."""
    worst_seconds: int
    """The same when the failure comes right after a check and every check times out. Resolvers that ignore the TTL,
    and clients that keep their connections, take longer than any plan can say."""


def plan_detection(redirect_seconds: int) -> Detection:
    """The steadiest detection that still sends clients elsewhere in time.

    Three failures in a row while resolvers may keep answers for half a minute, else two, else one: each fewer mistakes
    more hiccups for a dead region.

    Raises:
        ValueError: If nothing is that fast.
    """
    for threshold in range(MAX_FAILURES, 0, -1):
        noticed = _noticed(threshold)
        ttl = min(MAX_TTL_SECONDS, redirect_seconds - noticed)
        if ttl >= (GOOD_TTL_SECONDS if threshold == MAX_FAILURES else MIN_TTL_SECONDS):
            typical = INTERVAL_SECONDS * threshold + ttl
            return Detection(INTERVAL_SECONDS, threshold, ttl, typical, noticed + ttl)
    least = _noticed(1) + MIN_TTL_SECONDS
    raise ValueError(
        f"redirect_seconds: got {redirect_seconds}, must be at least {least}: a check every {INTERVAL_SECONDS} s takes "
        f"up to {_noticed(1)} s to notice, and resolvers keep answers for {MIN_TTL_SECONDS} s"
    )


def _noticed(threshold: int) -> int:
    return INTERVAL_SECONDS * (threshold + 1) + TIMEOUT_SECONDS


def plan_checkers(region: str, chosen: Sequence[str] | None = None) -> list[str]:
    """Where a region is checked from: never from where it stands alone.

    Checkers beside a load balancer still reach it when nobody else does. Among few checkers they are share enough to
    keep a region healthy that is cut off from the world.

    Raises:
        ValueError: If they are too few, unknown, repeated, or could outvote the world.
    """
    if chosen is None:
        return [checker for checker in CHECKER_REGIONS if checker != region][:MIN_CHECKERS]
    known = ", ".join(sorted(CHECKER_REGIONS))
    foreign = [checker for checker in chosen if checker not in CHECKER_REGIONS]
    if foreign:
        raise ValueError(f"checker_regions: Route 53 does not check from {', '.join(foreign)}; choose among {known}")
    if len(set(chosen)) != len(chosen):
        raise ValueError(f"checker_regions: {', '.join(chosen)} names a region twice; each may stand once")
    if len(chosen) < MIN_CHECKERS:
        raise ValueError(f"checker_regions: got {len(chosen)}, must be at least {MIN_CHECKERS}; choose among {known}")
    if region in chosen and 1 / len(chosen) > HEALTHY_SHARE:
        raise ValueError(
            f"checker_regions: {region} would check itself, and one of {len(chosen)} is enough to stay healthy; "
            f"leave it out, or name more"
        )
    return list(chosen)
