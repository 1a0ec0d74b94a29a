"""A name that follows whichever region is healthy."""

from enum import StrEnum
from typing import NotRequired, TypedDict

import pulumi
import pulumi_aws as aws

MAX_WEIGHT = 255
"""Route 53 API, ResourceRecordSet, Weight (read 2026-11)."""


class Routing(StrEnum):
    """When a region's record is the answer, while the region is healthy."""

    FAILOVER_PRIMARY = "failover-primary"
    """Always."""
    FAILOVER_SECONDARY = "failover-secondary"
    """While the primary is not healthy."""
    LATENCY = "latency"
    """For clients that it is nearest to."""
    WEIGHTED = "weighted"
    """For its share of all answers."""


class TrafficRecordArgs(TypedDict):
    """Inputs of TrafficRecord."""

    zone_id: pulumi.Input[str]
    """Hosted zone of the name."""
    domain_name: str
    """The name clients use; each region has a record for it, all of one kind of routing."""
    target_name: pulumi.Input[str]
    """This region's own name: a RegionHealth's ``fqdn``, or a name that leads on."""
    region_name: str
    """The region; it tells the records apart."""
    routing: Routing
    """When this region is the answer."""
    weight: NotRequired[int]
    """Share of this region, 0 to 255, of the sum of all; with weighted routing only. With 0 it answers only while no
    other is healthy."""
    health_check_id: pulumi.Input[str]
    """What the region's health is: a RegionHealth's."""
    ttl_seconds: int
    """Time that resolvers may keep the answer; at most 60 s keeps a failover under two minutes."""


class TrafficRecord(pulumi.ComponentResource):
    """One region's record of a name that both regions share.

    While a region is unhealthy it is no answer; with none healthy, Route 53 answers as if all were. Answering is Route
    53's data plane, designed for 100 %: no control plane is asked, and no record is changed, when a region dies.

    Cost when idle: none. State: none. Regions: global; each region's stack owns its own record, so that neither needs
    the other to change it.
    """

    url: str
    """Where clients go."""
    domain_name: str
    """The name clients use."""
    set_identifier: str
    """What tells this record from the others of its name."""

    def __init__(self, name: str, args: TrafficRecordArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        routing = Routing(args["routing"])
        weight = plan_weight(routing, args.get("weight"))
        ttl = int(args["ttl_seconds"])
        if ttl < 1:
            raise ValueError(f"ttl_seconds: got {ttl}, must be at least 1")
        super().__init__("tandem:index:TrafficRecord", name, {}, opts)

        failover = {Routing.FAILOVER_PRIMARY: "PRIMARY", Routing.FAILOVER_SECONDARY: "SECONDARY"}.get(routing)
        aws.route53.Record(
            name,
            zone_id=args["zone_id"],
            name=args["domain_name"],
            type="CNAME",
            records=[args["target_name"]],
            ttl=ttl,
            set_identifier=args["region_name"],
            health_check_id=args["health_check_id"],
            failover_routing_policies=(
                [aws.route53.RecordFailoverRoutingPolicyArgs(type=failover)] if failover is not None else None
            ),
            latency_routing_policies=(
                [aws.route53.RecordLatencyRoutingPolicyArgs(region=args["region_name"])]
                if routing is Routing.LATENCY
                else None
            ),
            weighted_routing_policies=(
                [aws.route53.RecordWeightedRoutingPolicyArgs(weight=weight)] if weight is not None else None
            ),
            opts=pulumi.ResourceOptions(parent=self),
        )
        self.url = f"https://{args['domain_name']}"
        self.domain_name = args["domain_name"]
        self.set_identifier = args["region_name"]
        self.register_outputs({"url": self.url})


def plan_weight(routing: Routing, weight: int | None) -> int | None:
    """The weight of a weighted record; none of any other.

    Raises:
        ValueError: If it is missing, out of range, or would mean nothing.
    """
    if routing is not Routing.WEIGHTED:
        if weight is not None:
            raise ValueError(f"weight: got {weight}, but {routing} routing has none; leave it out")
        return None
    if weight is None:
        raise ValueError("weight: is missing; with weighted routing say how large this region's share is")
    if not 0 <= int(weight) <= MAX_WEIGHT:
        raise ValueError(f"weight: got {weight}, must be 0 to {MAX_WEIGHT}")
    return int(weight)
