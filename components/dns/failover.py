"""A name that follows whichever region is healthy."""

from enum import StrEnum
from typing import TypedDict

import pulumi
import pulumi_aws as aws


class FailoverRole(StrEnum):
    """Which region answers first."""

    PRIMARY = "PRIMARY"
    """Answers while it is healthy."""
    SECONDARY = "SECONDARY"
    """Answers while the primary is not."""


class FailoverRecordArgs(TypedDict):
    """Inputs of FailoverRecord."""

    zone_id: pulumi.Input[str]
    """Hosted zone of both names."""
    domain_name: str
    """The name clients use; both regions have a record for it."""
    regional_name: str
    """This region's own name."""
    role: FailoverRole
    """Which region answers first."""
    set_identifier: str
    """What tells the records apart; the region's name."""
    load_balancer_dns_name: pulumi.Input[str]
    """Where this region answers."""
    load_balancer_zone_id: pulumi.Input[str]
    """Hosted zone of that name."""
    health_path: str
    """Path that answers 2xx or 3xx when the region can serve."""
    ttl_seconds: int
    """Time that resolvers may keep the answer; at most 60 s keeps a failover under two minutes."""
    interval_seconds: int
    """Seconds between checks, 10 or 30."""
    failure_threshold: int
    """Failed checks in a row that make the region unhealthy, 1 to 10."""


class FailoverRecord(pulumi.ComponentResource):
    """One region's half of a failover pair, with its health check.

    Clients move away from a dead region after about interval x threshold + TTL; 10 s x 2 + 30 s is 50 s typically,
    66 s at worst. Checking and answering is Route 53's data plane, designed for 100 %: no control plane is asked.

    Cost when idle: the health check, by the month. State: none. Regions: all children global, so each region's names
    carry the region.
    """

    health_check_id: pulumi.Output[str]
    """The health check of this region."""
    url: str
    """Where clients go."""
    regional_url: str
    """Where this region answers, healthy or not."""

    def __init__(self, name: str, args: FailoverRecordArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        if args["interval_seconds"] not in (10, 30):
            raise ValueError(f"interval_seconds: got {args['interval_seconds']}, must be 10 or 30")
        if args["health_path"] in ("", "/"):
            raise ValueError("health_path: must be a path that fails when the region cannot serve, not '/'")
        super().__init__("tandem:index:FailoverRecord", name, {}, opts)
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
        check = aws.route53.HealthCheck(
            name,
            type="HTTPS",
            fqdn=regional.fqdn,
            port=443,
            resource_path=args["health_path"],
            request_interval=int(args["interval_seconds"]),
            failure_threshold=int(args["failure_threshold"]),
            measure_latency=True,
            enable_sni=True,
            tags={"Name": f"{args['domain_name']} in {args['set_identifier']}"},
            opts=child,
        )
        aws.route53.Record(
            name,
            zone_id=args["zone_id"],
            name=args["domain_name"],
            type="CNAME",
            records=[args["regional_name"]],
            ttl=int(args["ttl_seconds"]),
            set_identifier=args["set_identifier"],
            health_check_id=check.id,
            failover_routing_policies=[aws.route53.RecordFailoverRoutingPolicyArgs(type=args["role"].value)],
            opts=child,
        )
        self.health_check_id = check.id
        self.url = f"https://{args['domain_name']}"
        self.regional_url = f"https://{args['regional_name']}"
        self.register_outputs({"url": self.url, "regionalUrl": self.regional_url})
