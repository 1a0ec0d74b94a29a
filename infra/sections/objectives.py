"""What is promised, and what was measured: the resilience of journeys as numbers that a plan is held to."""

from datetime import date
from typing import Annotated, Literal, Self

from pydantic import AfterValidator, StringConstraints, model_validator

from infra.sections.kinds import Misplaced, Section, say

LEAST_REDIRECT_SECONDS = 31
"""What components.dns.plan_detection can still keep: one failed check and a TTL of 5 s."""
LONGEST_SECONDS = 7 * 24 * 3600
"""A week. What may be out for longer needs no second region."""


def _day(value: str) -> str:
    try:
        return date.fromisoformat(value).isoformat()
    except ValueError as error:
        raise ValueError("must be a date such as 2026-11-21, in quotes") from error


Day = Annotated[str, AfterValidator(_day)]
"""Date as YYYY-MM-DD, in quotes: YAML makes a time of what has none."""


class Limits(Section):
    """What a fault may cost a journey at worst."""

    rto_seconds: int | None = say(
        None, ge=0, le=LONGEST_SECONDS, unit="seconds", costs="What makes it come back sooner"
    )
    """Longest time until it serves again; 0: it serves all the while. Default: nothing is promised."""
    rpo_seconds: int | None = say(None, ge=0, le=LONGEST_SECONDS, unit="seconds", costs="What copies sooner")
    """Most recent writes that may be lost; 0: none. Default: nothing is promised."""
    capacity_percent: float | None = say(
        None, gt=0, le=100, unit="percent", costs="Pods and nodes beside the lost ones"
    )
    """Least that it has of its capacity when it serves again; what is made anew later does not count. Default: a time
    is kept however few are answered."""

    @model_validator(mode="after")
    def _promises_something(self) -> Self:
        if self.rto_seconds is None and self.rpo_seconds is None and self.capacity_percent is None:
            raise Misplaced("rto_seconds", None, "must be set, or rpo_seconds: without both nothing is promised")
        return self


class JourneyObjectives(Section):
    """What is promised of one journey."""

    zone: Limits | None = say(None, costs="Nothing")
    """While any one availability zone is lost."""
    region: Limits | None = say(None, costs="Nothing")
    """While any one region is lost."""
    availability_percent: float | None = say(None, gt=0, lt=100, unit="percent", costs="Redundancy")
    """Share of a year that it is there, by what agreements promise for its parts."""

    @model_validator(mode="after")
    def _promises_something(self) -> Self:
        if self.zone is None and self.region is None and self.availability_percent is None:
            raise Misplaced("zone", None, "must be set, or region, or availability_percent")
        return self


class Measured(Section):
    """A number of yours, in place of what the model takes from documentation."""

    value: float = say(ge=0, costs="Nothing")
    """What was measured."""
    unit: Literal["s", "%", "ratio", "count", "1/a", "cores", "GiB"] = say(costs="Nothing")
    """What it counts, in words of the model: seconds, percent, 0 to 1, how many, how often in a year, CPUs,
    memory."""
    date: Day = say(costs="Nothing")
    """When it was measured."""
    source: Annotated[str, StringConstraints(min_length=3, max_length=200)] = say(costs="Nothing")
    """What measured it: a drill, a dashboard. It is quoted wherever the number counts."""


class Objectives(Section):
    """What is promised. Health checks, TTLs, backups, the database's guard and every alarm are derived from here."""

    redirect_seconds: int = say(
        70, ge=LEAST_REDIRECT_SECONDS, le=600, unit="seconds",
        costs="Less reacts to shorter disturbances: one failed check may move everybody",
    )  # fmt: skip
    """Longest time until clients are led away from a region that has died: it gives the health check's threshold and
    the records' TTL (10 s x (threshold + 1) + 6 s + TTL at worst)."""
    recovery_point_seconds: int = say(
        60, ge=20, le=86_400, unit="seconds", costs="Less alarms earlier about lag between the regions"
    )
    """Most recent writes that losing a region may cost. Alarms fire before it is exceeded."""
    recovery_point_enforced: bool = say(
        False,
        costs="The promise is kept by waiting: while the joining region is dark, the writer's commits wait too, until "
        "an operator removes that member",
    )
    """Let Aurora hold back commits rather than exceed ``recovery_point_seconds`` (``rds.global_db_rpo``), while the
    founding region writes: the other one, promoted alone, would wait for a region that is gone."""
    recovery_time_minutes: int = say(
        15, ge=1, le=1440, unit="minutes", costs="Nothing: ARC reports every execution against it"
    )
    """Longest time until the other region serves and writes."""
    recovery_window_days: int = say(14, ge=7, le=35, unit="days", costs="Backup storage")
    """How far back the database can be brought to any second."""
    journeys: dict[str, JourneyObjectives] = say({}, costs="Nothing; a plan that breaks one is stopped")
    """What is promised of what people do, by journey: ``submit``, ``cpu-step``, ``gpu-step``, ``artifact`` (with
    ``-prefect-server``, ``-argo-workflows``, ``-airflow`` or ``-temporal`` behind it where there are several
    orchestrators), ``event``, and ``infer-`` with the name of a model. Policies SYS-01, SYS-02 and SYS-05 compute from
    each plan whether it keeps them, at worst."""
    measured: dict[str, Measured] = say({}, costs="Nothing")
    """Your own measurements, by the id of the fact that each replaces, such as ``aurora.failover.typical``."""
