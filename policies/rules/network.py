"""Networks: three zones, and no zone's way out through another."""

from collections.abc import Iterator

from policies.registry import Option, Options, Scope, Severity, Verdict, Verdicts, counts, fails, passes, rule, unproven
from resilience.graph import SUBNET, Graph, Members, Resource

VPC = "aws:ec2/vpc:Vpc"
ROUTE = "aws:ec2/route:Route"
ROUTE_TABLE = "aws:ec2/routeTable:RouteTable"
ASSOCIATION = "aws:ec2/routeTableAssociation:RouteTableAssociation"
NAT = "aws:ec2/natGateway:NatGateway"
EVERYWHERE = ("0.0.0.0/0", "::/0")


@rule(
    "NET-01",
    title="A VPC has subnets in three zones",
    why="With two zones, losing one leaves a single zone with all of the load and no quorum for anything of three.",
    fix="one aws.ec2.Subnet a zone with availability_zone set, in at least three zones of the region",
    severity=Severity.HIGH,
    scope=Scope.STACK,
    types=[VPC],
    frameworks=["AWS Well-Architected REL10-BP01"],
    options={"minZones": Option(3, 2, 6, "Zones that a VPC must have subnets in.")},
)
def zones_of_a_vpc(vpc: Resource, graph: Graph, options: Options) -> Verdicts:
    """Count the zones of its subnets."""
    reads = [(subnet, graph.zone(subnet)) for subnet in graph.referrers(vpc, SUBNET, "vpcId")]
    known = tuple(sorted({str(read.content) for _, read in reads if read.known}))
    # A subnet whose zone is left out gets one from AWS, nobody knows which.
    hidden = tuple(f"{subnet.name}.availabilityZone" for subnet, read in reads if not read.known)
    members = Members(known, len(known) or min(1, len(hidden)), len(known) + len(hidden), hidden)
    yield counts(members, options["minZones"], "zones of its subnets")


@rule(
    "NET-02",
    title="Private subnets leave through a NAT gateway of their own zone",
    why="A NAT gateway lives in one zone. Every zone routed through it loses its way out when that one is lost.",
    fix="one aws.ec2.NatGateway and one aws.ec2.RouteTable a zone (components: nat_gateways per-zone), "
    'or availability_mode="regional"',
    severity=Severity.HIGH,
    scope=Scope.STACK,
    types=[ROUTE, ROUTE_TABLE],
    frameworks=["AWS Well-Architected REL10-BP01"],
)
def ways_out(table: Resource, graph: Graph, _: Options) -> Verdicts:
    """Compare the zone of a NAT gateway with those of the subnets routed to it."""
    if table.type == ROUTE:
        if table.read("destinationCidrBlock").content in EVERYWHERE and not table.read("natGatewayId").missing:
            nats = graph.targets(table, "natGatewayId", NAT)
            tables = graph.targets(table, "routeTableId", ROUTE_TABLE)
            if not nats or not tables:
                missing = "natGatewayId" if not nats else "routeTableId"
                yield unproven(f"{missing} leads to nothing in view, so its zone is not known")
            for nat in nats:
                for routed in tables:
                    yield from _same_zone(nat, routed, graph)
    elif any(not route.field("natGatewayId").missing for route in table.read("routes").each() if route.known):
        nats = graph.targets(table, "routes", NAT)
        if not nats:
            yield unproven("routes lead to a NAT gateway that is not in view, so its zone is not known")
        for nat in nats:
            yield from _same_zone(nat, table, graph)


def _same_zone(nat: Resource, table: Resource, graph: Graph) -> Iterator[Verdict]:
    if nat.read("availabilityMode").content == "regional":
        yield passes(f"{nat.name} is regional")
        return
    own = graph.zone(nat)
    for association in graph.referrers(table, ASSOCIATION, "routeTableId"):
        subnets = graph.targets(association, "subnetId", SUBNET)
        if not subnets and not association.read("subnetId").missing:
            yield unproven(f"{association.name}.subnetId leads to nothing in view, so its zone is not known")
        for subnet in subnets:
            zone = graph.zone(subnet)
            if not own.known or not zone.known:
                unknown = f"{nat.name}.{own.path}" if not own.known else f"{subnet.name}.{zone.path}"
                yield unproven(f"{unknown} is not known")
            elif own.content == zone.content:
                yield passes(f"{subnet.name} leaves through {nat.name} in {zone.content}")
            else:
                yield fails(f"{subnet.name} in {zone.content} leaves through {nat.name} in {own.content}")
