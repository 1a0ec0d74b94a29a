"""A region's own name, and whether it can serve."""

from typing import NotRequired, TypedDict

import pulumi
import pulumi_aws as aws

from components.dns._plan import plan_checkers

MAX_CHILDREN = 255
"""Health checks that one calculated check watches (Route 53 Developer Guide, "Calculated health checks")."""


class RegionAlarm(TypedDict):
    """One CloudWatch alarm that means the region cannot serve."""

    name: str
    """What it watches, unique among the region's."""
    alarm_name: pulumi.Input[str]
    """Name of an alarm of this account on one metric. Route 53 reads the metric's data itself, by the alarm's settings:
    a composite alarm has none, and high resolution and percentiles it does not take (Route 53 API, AlarmIdentifier,
    read 2026-11)."""
    region: str
    """Region it stands in."""
    settings: NotRequired[pulumi.Input[str]]
    """What changes whenever the alarm's settings do, such as its threshold as text. Route 53 copies them when the
    check is made and follows no later change by itself (Route 53 Developer Guide, "Values That You Specify When You
    Create or Update Health Checks", read 2026-11)."""


class RegionHealthArgs(TypedDict):
    """Inputs of RegionHealth."""

    zone_id: pulumi.Input[str]
    """Hosted zone of the name."""
    regional_name: str
    """This region's own name, which always leads here."""
    region_name: str
    """The region."""
    load_balancer_dns_name: pulumi.Input[str]
    """Where this region answers."""
    load_balancer_zone_id: pulumi.Input[str]
    """Hosted zone of that name."""
    health_path: str
    """Path that answers 2xx or 3xx when the region can serve."""
    interval_seconds: int
    """Seconds between checks by one checker, 10 or 30; changing it makes the check anew."""
    failure_threshold: int
    """Failed checks in a row that make the region unhealthy, 1 to 10."""
    checker_regions: NotRequired[list[str]]
    """Where Route 53 checks from, at least three. Default three that are not this one."""
    alarms: NotRequired[list[RegionAlarm]]
    """What else makes the region unhealthy. Default nothing."""


class RegionHealth(pulumi.ComponentResource):
    """One health check that says whether a region can serve: its endpoint answers, and no alarm of its fires.

    A dead endpoint is noticed after about interval x threshold; plan_detection says how long until clients are
    elsewhere. Alarms are minutes slower and notice what still answers but no longer works. One without data leaves
    things as they were, because a region that is cut off reports nothing either, and its endpoint says so sooner. An
    alarm on something that both regions share would make both unhealthy, and Route 53 would then ignore all of it.

    Checking is Route 53's data plane, designed for 100 %: no control plane is asked on the bad day.

    Cost when idle: each check, by the month. State: none. Regions: all children global, so the name carries the region.
    """

    health_check_id: pulumi.Output[str]
    """The whole: what records follow."""
    endpoint_check_id: pulumi.Output[str]
    """The endpoint alone."""
    fqdn: pulumi.Output[str]
    """This region's own name, known once it leads here."""
    regional_url: str
    """Where this region answers, healthy or not."""

    def __init__(self, name: str, args: RegionHealthArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        interval, threshold = int(args["interval_seconds"]), int(args["failure_threshold"])
        alarms = args.get("alarms", [])
        check_health(interval=interval, threshold=threshold, path=args["health_path"], alarms=alarms)
        checkers = plan_checkers(args["region_name"], args.get("checker_regions"))
        super().__init__("tandem:index:RegionHealth", name, {}, opts)
        child = pulumi.ResourceOptions(parent=self)

        regional = aws.route53.Record(
            f"{name}-regional",
            zone_id=args["zone_id"],
            name=args["regional_name"],
            type="A",
            aliases=[
                aws.route53.RecordAliasArgs(
                    name=args["load_balancer_dns_name"],
                    zone_id=args["load_balancer_zone_id"],
                    evaluate_target_health=True,
                )
            ],
            opts=child,
        )
        endpoint = aws.route53.HealthCheck(
            f"{name}-endpoint",
            type="HTTPS",
            fqdn=regional.fqdn,
            port=443,
            resource_path=args["health_path"],
            request_interval=interval,
            failure_threshold=threshold,
            regions=checkers,
            measure_latency=True,
            enable_sni=True,
            tags={"Name": f"{args['regional_name']} answers"},
            opts=child,
        )
        watched = [
            aws.route53.HealthCheck(
                f"{name}-{alarm['name']}",
                type="CLOUDWATCH_METRIC",
                cloudwatch_alarm_name=alarm["alarm_name"],
                cloudwatch_alarm_region=alarm["region"],
                insufficient_data_health_status="LastKnownStatus",
                triggers={"settings": alarm["settings"]} if "settings" in alarm else None,
                tags={"Name": f"{args['region_name']}: {alarm['name']}"},
                opts=child,
            )
            for alarm in alarms
        ]
        whole = aws.route53.HealthCheck(
            name,
            type="CALCULATED",
            child_healthchecks=[endpoint.id, *[check.id for check in watched]],
            child_health_threshold=1 + len(watched),
            tags={"Name": f"{args['region_name']} can serve"},
            opts=child,
        )
        self.health_check_id = whole.id
        self.endpoint_check_id = endpoint.id
        self.fqdn = regional.fqdn
        self.regional_url = f"https://{args['regional_name']}"
        self.register_outputs({"healthCheckId": self.health_check_id, "regionalUrl": self.regional_url})


def check_health(*, interval: int, threshold: int, path: str, alarms: list[RegionAlarm]) -> None:
    """Refuse what Route 53 would refuse late, and checks that prove nothing.

    Raises:
        ValueError: With what to write instead.
    """
    if interval not in (10, 30):
        raise ValueError(f"interval_seconds: got {interval}, must be 10 or 30")
    if not 1 <= threshold <= 10:
        raise ValueError(f"failure_threshold: got {threshold}, must be 1 to 10")
    if path in ("", "/"):
        raise ValueError("health_path: must be a path that fails when the region cannot serve, not '/'")
    names = [alarm["name"] for alarm in alarms]
    if len(set(names)) != len(names):
        raise ValueError(f"alarms: {', '.join(names)} has a name twice; every alarm needs its own")
    if {"regional", "endpoint"} & set(names):
        raise ValueError(
            "alarms: 'regional' and 'endpoint' are names of this component's own; call the alarm otherwise"
        )
    if len(names) >= MAX_CHILDREN:
        raise ValueError(f"alarms: got {len(names)}, must be at most {MAX_CHILDREN - 1} beside the endpoint's check")
