"""The name that clients use, where a FailoverPlan says which region is asked first."""

from typing import NotRequired, TypedDict

import pulumi
import pulumi_aws as aws

from components.failover._plan import Approach, check_given, check_regions, other_region


class SwitchedNameArgs(TypedDict):
    """Inputs of SwitchedName."""

    zone_id: pulumi.Input[str]
    """Hosted zone of all names."""
    domain_name: str
    """The name clients use. The founding region has a record of weight 0 for it, which answers while this stands not
    yet or no longer."""
    switch_name: str
    """The name whose records the plan switches; nobody uses it directly."""
    regions: list[str]
    """The two regions."""
    primary_region: str
    """The one that is asked first while nothing is wrong."""
    approach: NotRequired[Approach]
    """Who serves while nothing is wrong. Default active-passive."""
    weights: NotRequired[dict[str, int]]
    """Share of a region, by region, where both serve. Default: the region that is nearest to the client."""
    regional_names: dict[str, str]
    """Each region's own name, by region."""
    health_check_ids: dict[str, pulumi.Input[str]]
    """What each region's own health is, by region: of its RegionHealth."""
    switch_ids: dict[str, pulumi.Input[str]]
    """What the plan says of each region, by region: a FailoverPlan's ``health_check_ids``."""
    ttl_seconds: int
    """Time that resolvers may keep an answer."""


class SwitchedName(pulumi.ComponentResource):
    """A name that the joining region lays over both: the plan says who is asked first, health says who answers.

    ``domain_name`` leads to ``switch_name``, whose record of a region answers while the plan has that region active,
    with ``<region>.<switch_name>``, which is the region while it is healthy, and else the other. So health alone still
    moves clients away from a region that dies, within seconds and without a run; and a region that comes back after a
    run gets no clients until a run fails back, though it is healthy again.

    There are three steps because a record carries one health check, and the plan's stand in an account of AWS': nothing
    says that a check of ours may have them as children. All are the joining region's, because its plan makes those
    checks. The founder, which refers to nobody, keeps its own record, of weight 0: Route 53 answers with it only while
    there is no healthy other (Route 53 Developer Guide, "How Amazon Route 53 chooses records when health checking is
    configured", read 2026-11).

    Cost when idle: none. State: none. Regions: all children global.
    """

    url: str
    """Where clients go."""

    def __init__(self, name: str, args: SwitchedNameArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        regions, switch, ttl = args["regions"], args["switch_name"], int(args["ttl_seconds"])
        check_regions(regions, args["primary_region"])
        for what in ("regional_names", "health_check_ids", "switch_ids"):
            check_given(what, args[what], regions)
        if "weights" in args:
            check_given("weights", args["weights"], regions)
        if ttl < 1:
            raise ValueError(f"ttl_seconds: got {ttl}, must be at least 1")
        passive = args.get("approach", Approach.ACTIVE_PASSIVE) == Approach.ACTIVE_PASSIVE
        weights = args.get("weights", {})
        if passive and weights:
            raise ValueError("weights: given, but one region stands by; leave them out, or let both regions serve")
        super().__init__("tandem:index:SwitchedName", name, {}, opts)
        child = pulumi.ResourceOptions(parent=self)

        for region in regions:
            for part, first, target, check in (
                ("own", "PRIMARY", region, args["health_check_ids"][region]),
                # Without a health check it is always there, as what is left.
                ("other", "SECONDARY", other_region(region, regions), None),
            ):
                aws.route53.Record(
                    f"{name}-{region}-{part}",
                    zone_id=args["zone_id"],
                    name=f"{region}.{switch}",
                    type="CNAME",
                    records=[args["regional_names"][target]],
                    ttl=ttl,
                    set_identifier=target,
                    health_check_id=check,
                    failover_routing_policies=[aws.route53.RecordFailoverRoutingPolicyArgs(type=first)],
                    opts=child,
                )
        roles = {region: "PRIMARY" if region == args["primary_region"] else "SECONDARY" for region in regions}
        switched = [
            aws.route53.Record(
                f"{name}-{region}",
                zone_id=args["zone_id"],
                name=switch,
                type="CNAME",
                records=[f"{region}.{switch}"],
                ttl=ttl,
                set_identifier=region,
                health_check_id=args["switch_ids"][region],
                failover_routing_policies=(
                    [aws.route53.RecordFailoverRoutingPolicyArgs(type=roles[region])] if passive else None
                ),
                weighted_routing_policies=(
                    [aws.route53.RecordWeightedRoutingPolicyArgs(weight=weights[region])]
                    if not passive and weights
                    else None
                ),
                latency_routing_policies=(
                    [aws.route53.RecordLatencyRoutingPolicyArgs(region=region)] if not passive and not weights else None
                ),
                opts=child,
            )
            for region in regions
        ]
        aws.route53.Record(
            name,
            zone_id=args["zone_id"],
            name=args["domain_name"],
            type="CNAME",
            records=[switch],
            ttl=ttl,
            set_identifier="switched",
            weighted_routing_policies=[aws.route53.RecordWeightedRoutingPolicyArgs(weight=1)],
            # Clients follow it from the moment it stands.
            opts=pulumi.ResourceOptions(parent=self, depends_on=switched),
        )
        self.url = f"https://{args['domain_name']}"
        self.register_outputs({"url": self.url})
