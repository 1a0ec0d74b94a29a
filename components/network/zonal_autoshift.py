"""Leaving a zone that AWS sees failing, and rehearsing it every week."""

import re
from collections.abc import Sequence
from typing import NotRequired, TypedDict

import pulumi
import pulumi_aws as aws

MAX_WINDOWS = 15
"""Most windows, and most dates, of one resource (CloudFormation schema of ZonalAutoshiftConfiguration)."""

_DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_TIME = rf"({'|'.join(_DAYS)}):([01]\d|2[0-3]):([0-5]\d)"
_WINDOW = re.compile(f"{_TIME}-{_TIME}")
_DATE = re.compile(r"\d{4}-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])")


class ZonalAutoshiftArgs(TypedDict):
    """Inputs of ZonalAutoshift."""

    resource_arn: pulumi.Input[str]
    """Load balancer (application or network), EKS cluster or Auto Scaling group, with zonal shift switched on."""
    outcome_alarm_arn: pulumi.Input[str]
    """CloudWatch alarm of the same region that says the application is unwell: it ends a practice run."""
    blocking_alarm_arn: NotRequired[pulumi.Input[str]]
    """CloudWatch alarm of the same region that keeps practice runs from starting, such as that of another incident."""
    blocked_windows: NotRequired[list[str]]
    """Times, UTC, when no practice run starts, such as ``Mon:08:00-Mon:18:00``."""
    allowed_windows: NotRequired[list[str]]
    """The only times, UTC, when practice runs start. Instead of ``blocked_windows``."""
    blocked_dates: NotRequired[list[str]]
    """Days, UTC, when no practice run starts, such as ``2026-12-24``."""
    region: NotRequired[str]
    """Region of every child. Default: the provider's."""


class ZonalAutoshift(pulumi.ComponentResource):
    """Lets AWS move a resource's traffic out of a zone that fails, and shifts it for practice about once a week.

    Losing a zone then takes no decision of ours: traffic leaves it when AWS's own telemetry sees the impairment. The
    other zones must already have room for all of it; a practice run shows each week whether they do, and ends at once
    when the outcome alarm fires. Alarms are the practice runs' alone: an autoshift in earnest asks none.

    Cost when idle: none. State: none. Regions: all children regional.
    """

    def __init__(self, name: str, args: ZonalAutoshiftArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        blocked, allowed = args.get("blocked_windows", []), args.get("allowed_windows", [])
        check_practice_times(blocked=blocked, allowed=allowed, dates=args.get("blocked_dates", []))
        super().__init__("tandem:index:ZonalAutoshift", name, {}, opts)
        aws.arczonalshift.ZonalAutoshiftConfiguration(
            name,
            resource_arn=args["resource_arn"],
            zonal_autoshift_status="ENABLED",
            outcome_alarms=[
                aws.arczonalshift.ZonalAutoshiftConfigurationOutcomeAlarmArgs(
                    alarm_identifier=args["outcome_alarm_arn"], type="CLOUDWATCH"
                )
            ],
            blocking_alarms=[
                aws.arczonalshift.ZonalAutoshiftConfigurationBlockingAlarmArgs(
                    alarm_identifier=args["blocking_alarm_arn"], type="CLOUDWATCH"
                )
            ]
            if "blocking_alarm_arn" in args
            else None,
            blocked_windows=blocked or None,
            allowed_windows=allowed or None,
            blocked_dates=args.get("blocked_dates") or None,
            region=args.get("region"),
            opts=pulumi.ResourceOptions(parent=self),
        )
        self.register_outputs({})


def check_practice_times(*, blocked: Sequence[str], allowed: Sequence[str], dates: Sequence[str]) -> None:
    """Refuse times that ARC would refuse, or that it would read otherwise than meant.

    Raises:
        ValueError: If both kinds of windows are given, there are too many, or one is malformed.
    """
    if blocked and allowed:
        raise ValueError("blocked_windows and allowed_windows: exclude each other; give one")
    for name, windows in (("blocked_windows", blocked), ("allowed_windows", allowed)):
        _check_each(name, windows, _WINDOW, "'Mon:08:00-Mon:18:00', in UTC")
    _check_each("blocked_dates", dates, _DATE, "'2026-12-24'")


def _check_each(name: str, given: Sequence[str], pattern: re.Pattern[str], example: str) -> None:
    if len(given) > MAX_WINDOWS:
        raise ValueError(f"{name}: got {len(given)}, must be at most {MAX_WINDOWS}")
    for each in given:
        if not pattern.fullmatch(each):
            raise ValueError(f"{name}: got {each!r}, must be such as {example}")
