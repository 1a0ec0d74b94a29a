"""Which instances, connections, roles and databases there are, before anything is created."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

READER_TIERS = 15
"""Aurora knows promotion tiers 0 to 15; the lowest is promoted first."""

RECOVERY_POINT_MIN_SECONDS = 20
RECOVERY_POINT_MAX_SECONDS = 2_147_483_647
"""``rds.global_db_rpo`` (Aurora User Guide, "Managing RPOs for Aurora PostgreSQL-based global databases", read
2026-11)."""

MONITORING_INTERVALS_SECONDS = (1, 5, 10, 15, 30, 60)
"""Enhanced Monitoring (RDS API, ``CreateDBInstance``)."""

INSIGHTS_RETENTION_DAYS = (7, *(31 * months for months in range(1, 24)), 731)
"""Performance Insights (RDS API, ``CreateDBInstance``, read 2026-11). Its data is shown by Database Insights since
2026-07-31."""

FORWARDED_PERCENT = 25
"""Of the writer's connections that forwarded writes may take: the default of
``apg_write_forward.max_forwarding_connections_percent`` (Aurora User Guide, "Using write forwarding in an Aurora
PostgreSQL global database", read 2026-11). A proxy must leave them alone (the same, "Using RDS Proxy with Aurora global
databases")."""

KEPT_FREE_PERCENT = 5
"""Of an instance's connections that no proxy opens, so that an owner can always sign in."""

NAME = re.compile(r"[a-z][a-z0-9_]{0,62}")
"""Names that PostgreSQL folds to themselves and keeps whole, 63 bytes, and that mean nothing to a shell."""

RESERVED_PREFIXES = ("pg_", "rds")
RESERVED_ROLES = frozenset({"public", "none"})
"""What PostgreSQL and RDS have for themselves, such as ``pg_monitor``, ``rdsadmin`` and ``rds_superuser``."""

RESERVED_DATABASES = frozenset({"postgres", "template0", "template1", "rdsadmin"})


@dataclass(frozen=True)
class RolePlan:
    """One role and the database it owns."""

    role: str
    database: str


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


def plan_parameters(recovery_point_seconds: int | None) -> dict[str, str]:
    """Cluster parameters: TLS forced, and the recovery point guarded where one is given.

    Raises:
        ValueError: If Aurora cannot guard that recovery point.
    """
    parameters = {"rds.force_ssl": "1"}
    if recovery_point_seconds is not None:
        if not RECOVERY_POINT_MIN_SECONDS <= recovery_point_seconds <= RECOVERY_POINT_MAX_SECONDS:
            raise ValueError(
                f"recovery_point_seconds: got {recovery_point_seconds}, must be {RECOVERY_POINT_MIN_SECONDS} to "
                f"{RECOVERY_POINT_MAX_SECONDS}, or left out: Aurora guards no tighter one"
            )
        parameters["rds.global_db_rpo"] = str(recovery_point_seconds)
    return parameters


def plan_observation(*, monitoring_interval_seconds: int, insights_retention_days: int) -> None:
    """Check how closely instances are watched, and for how long it is kept.

    Raises:
        ValueError: If RDS offers no such interval or retention.
    """
    if monitoring_interval_seconds not in MONITORING_INTERVALS_SECONDS:
        offered = ", ".join(map(str, MONITORING_INTERVALS_SECONDS))
        raise ValueError(
            f"monitoring_interval_seconds: got {monitoring_interval_seconds}, must be one of {offered}; 60 is usual"
        )
    if insights_retention_days not in INSIGHTS_RETENTION_DAYS:
        raise ValueError(
            f"insights_retention_days: got {insights_retention_days}, must be 7, a multiple of 31 up to 713, or 731"
        )


def plan_proxy_share(*, write_forwarding: bool) -> int:
    """Percent of an instance's connections that a proxy may open.

    The rest is for the other region's forwarded writes where there are any, and for people and the jobs that go round
    the proxy.
    """
    return 100 - KEPT_FREE_PERCENT - (FORWARDED_PERCENT if write_forwarding else 0)


def plan_proxy(*, connections_percent: int, write_forwarding: bool, secrets: int) -> None:
    """Check what a proxy may take of an instance, and that it can sign in at all.

    Raises:
        ValueError: With what is wrong and what is allowed.
    """
    if secrets < 1:
        raise ValueError("secret_arns: is empty; a proxy signs in with the secrets it is given, name one a role")
    most = 100 - (FORWARDED_PERCENT if write_forwarding else 0)
    if not 1 <= connections_percent <= most:
        kept = f"; {FORWARDED_PERCENT} are the other region's forwarded writes'" if write_forwarding else ""
        raise ValueError(f"connections_percent: got {connections_percent}, must be 1 to {most}{kept}")


def plan_roles(*, owner: str, roles: Sequence[tuple[str, str]]) -> list[RolePlan]:
    """Check databases and their roles, so that nothing in a name can be anything but a name.

    Args:
        owner: Who makes them.
        roles: Database and role of each.

    Raises:
        ValueError: With the name that is wrong and what is allowed.
    """
    if not roles:
        raise ValueError("roles: is empty; give at least one database and its role")
    _check_name("owner", owner)
    planned: list[RolePlan] = []
    for position, (database, role) in enumerate(roles):
        _check_name(f"roles[{position}].database", database)
        _check_name(f"roles[{position}].role", role)
        if database in RESERVED_DATABASES:
            raise ValueError(f"roles[{position}].database: {database} is the server's own; take another name")
        if role == owner:
            raise ValueError(f"roles[{position}].role: {role} is the owner of all; a database needs a role of its own")
        if role in {entry.role for entry in planned} or database in {entry.database for entry in planned}:
            raise ValueError(f"roles[{position}]: {database} or {role} is named twice; each database has its own role")
        planned.append(RolePlan(role=role, database=database))
    return planned


def _check_name(where: str, name: str) -> None:
    if not NAME.fullmatch(name):
        raise ValueError(
            f"{where}: got {name!r}, must begin with a lower-case letter and hold only those, digits and underscores, "
            "63 at most"
        )
    if name in RESERVED_ROLES or name.startswith(RESERVED_PREFIXES):
        raise ValueError(f"{where}: {name} is PostgreSQL's or RDS' own; take another name")
