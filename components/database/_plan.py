"""Which database instances there are, before anything is created."""

from dataclasses import dataclass

READER_TIERS = 15
"""Aurora knows promotion tiers 0 to 15; the lowest is promoted first."""


@dataclass(frozen=True)
class InstancePlan:
    """One database instance."""

    zone: str
    promotion_tier: int


def plan_instances(*, instances: int, zones: list[str]) -> list[InstancePlan]:
    """Spread instances over zones, and rank them for promotion.

    The first may write, the others follow in order, so that the second, in another zone, is promoted first.

    Raises:
        ValueError: If one instance, or one zone, would have to survive alone.
    """
    if instances < 2:
        raise ValueError(f"instances: got {instances}, must be at least 2; a writer alone takes minutes to replace")
    if len(zones) < 2:
        raise ValueError(f"zones: got {len(zones)}, must be at least 2 so that a reader survives the writer's zone")
    return [
        InstancePlan(zone=zones[position % len(zones)], promotion_tier=min(position, READER_TIERS))
        for position in range(instances)
    ]


def parameter_family(engine_version: str) -> str:
    """Parameter group family of an Aurora PostgreSQL version: ``17.5`` has ``aurora-postgresql17``.

    Raises:
        ValueError: If the version is not of the form ``17.5``.
    """
    major, dot, minor = engine_version.partition(".")
    if not (dot and major.isdigit() and minor.isdigit()):
        raise ValueError(f"engine_version: got {engine_version!r}, must be of the form '17.5'")
    return f"aurora-postgresql{major}"
