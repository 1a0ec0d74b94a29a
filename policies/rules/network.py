"""Networks: three zones, no zone's way out through another, and ways in and across that a lost zone leaves open."""

import re
from collections.abc import Iterator
from functools import lru_cache
from ipaddress import IPv4Network

from policies.addresses import everyone, network
from policies.registry import (
    Option,
    Options,
    Outcome,
    Scope,
    Severity,
    Verdict,
    Verdicts,
    counts,
    fails,
    holds,
    passes,
    rule,
    unproven,
)
from resilience.graph import SUBNET, Graph, Members, Read, Resource

VPC = "aws:ec2/vpc:Vpc"
ROUTE = "aws:ec2/route:Route"
ROUTE_TABLE = "aws:ec2/routeTable:RouteTable"
DEFAULT_TABLE = "aws:ec2/defaultRouteTable:DefaultRouteTable"
"""The table that AWS makes with a VPC, taken over: its main one, unless a ``MAIN`` names another."""
TABLES = (ROUTE_TABLE, DEFAULT_TABLE)
MAIN = "aws:ec2/mainRouteTableAssociation:MainRouteTableAssociation"
ASSOCIATION = "aws:ec2/routeTableAssociation:RouteTableAssociation"
NAT = "aws:ec2/natGateway:NatGateway"
ENDPOINT = "aws:ec2/vpcEndpoint:VpcEndpoint"
ENDPOINT_ROUTES = "aws:ec2/vpcEndpointRouteTableAssociation:VpcEndpointRouteTableAssociation"
FLOW_LOG = "aws:ec2/flowLog:FlowLog"
NODE_GROUP = "aws:eks/nodeGroup:NodeGroup"
MORE_ADDRESSES = "aws:ec2/vpcIpv4CidrBlockAssociation:VpcIpv4CidrBlockAssociation"
SUBNETWORK = "gcp:compute/subnetwork:Subnetwork"
ATTACHMENT = "aws:ec2transitgateway/vpcAttachment:VpcAttachment"
PEERING = "aws:ec2/vpcPeeringConnection:VpcPeeringConnection"
ACCEPTER = "aws:ec2/vpcPeeringConnectionAccepter:VpcPeeringConnectionAccepter"
SECURITY_GROUPS = ("aws:ec2/securityGroup:SecurityGroup", "aws:ec2/defaultSecurityGroup:DefaultSecurityGroup")
INGRESS_RULE = "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule"
OLD_RULE = "aws:ec2/securityGroupRule:SecurityGroupRule"
BEST_FIRST = (Outcome.PASS, Outcome.UNPROVEN, Outcome.FAIL)
WEB_PORTS = (80, 443)
"""What may be open to everyone: AWS FSBP EC2.18 takes the same two."""
ALL_PROTOCOLS = ("-1", "all")
WITHOUT_PORTS = ("icmp", "icmpv6", "1", "58")
"""Protocols whose ``fromPort`` and ``toPort`` are a type and a code: EC2 API, AuthorizeSecurityGroupIngress; their
numbers are the IANA's."""
SERVICE = re.compile(r"(?:cn\.)?com\.amazonaws\.[a-z0-9-]+\.(.+)")
POD_SUBNET_TAGS = ("kubernetes.io/role/internal-elb", "karpenter.sh/discovery")
"""Tags by which load balancers and Karpenter find the subnets of nodes."""
GATEWAY_SERVICES = ("s3", "dynamodb")
"""Services with gateway endpoints, which cost nothing: https://docs.aws.amazon.com/vpc/latest/privatelink/gateway-endpoints.html."""
NODE_SERVICES = ("ec2", "ecr.api", "ecr.dkr", "eks", "eks-auth", "sts")
"""Interface endpoints that nodes and Pod Identity need where there is no way out; images themselves come from S3:
https://docs.aws.amazon.com/eks/latest/userguide/private-clusters.html."""


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
    members = Members(known, len(known), len(known) + len(hidden), hidden)
    yield counts(members, options["minZones"], "zones of its subnets")


@rule(
    "NET-02",
    title="Private subnets leave through a NAT gateway of their own zone",
    why="A NAT gateway lives in one zone. Every zone routed through it loses its way out when that one is lost.",
    fix="one aws.ec2.NatGateway and one aws.ec2.RouteTable a zone (components: nat_gateways per-zone), "
    'or availability_mode="regional"',
    severity=Severity.HIGH,
    scope=Scope.STACK,
    types=[ROUTE, *TABLES],
    frameworks=["AWS Well-Architected REL10-BP01"],
)
def ways_out(table: Resource, graph: Graph, _: Options) -> Verdicts:
    """Compare the zone of a NAT gateway with those of the subnets routed to it, wherever the route leads."""
    if table.type == ROUTE:
        if _is_set(table.read("natGatewayId")):
            nats = graph.targets(table, "natGatewayId", NAT)
            tables = graph.targets(table, "routeTableId", *TABLES, VPC)
            if not nats or not tables:
                missing = "natGatewayId" if not nats else "routeTableId"
                yield unproven(f"{missing} leads to nothing in view, so its zone is not known")
            for nat in nats:
                for routed in tables:
                    yield from _same_zone(nat, routed, graph)
    elif hidden := _hidden_routes(table):
        yield unproven(f"{hidden} is not known yet, and so which NAT gateways it leads to")
    elif any(_is_set(route.field("natGatewayId")) for route in table.read("routes").each() if route.known):
        nats = graph.targets(table, "routes", NAT)
        if not nats:
            yield unproven("routes lead to a NAT gateway that is not in view, so its zone is not known")
        for nat in nats:
            yield from _same_zone(nat, table, graph)


def _is_set(read: Read) -> bool:
    """Whether there is one, known or not; what is not set is an empty text once it stands."""
    return read.unknown or bool(read.content)


def _hidden_routes(table: Resource) -> str:
    """Path of routes inside a table of which nothing is known; what a program leaves out is planned as unknown too."""
    hidden = [route.path for route in table.read("routes").each() if route.unknown]
    return hidden[0] if hidden and table.edges.get("routes") else ""


def _same_zone(nat: Resource, table: Resource, graph: Graph) -> Iterator[Verdict]:
    if nat.read("availabilityMode").content == "regional":
        yield passes(f"{nat.name} is regional")
        return
    for association in graph.referrers(table, ASSOCIATION, "routeTableId"):
        subnets = graph.targets(association, "subnetId", SUBNET)
        if not subnets and not association.read("subnetId").missing:
            yield unproven(f"{association.name}.subnetId leads to nothing in view, so its zone is not known")
        for subnet in subnets:
            yield _in_its_zone(subnet, nat, graph)
    networks, doubts = _main_of(table, graph)
    for doubt in doubts:
        yield unproven(f"{doubt} leads to no VPC in view, nor to its subnets without a table of their own")
    for vpc in networks:
        for subnet in graph.referrers(vpc, SUBNET, "vpcId"):
            if graph.referrers(subnet, ASSOCIATION, "subnetId"):
                continue
            verdict, loose = _in_its_zone(subnet, nat, graph), _loose_associations(graph)
            if verdict.outcome is Outcome.FAIL and loose:
                yield unproven(f"{verdict.evidence}, unless {loose[0].name} gives it another table")
            else:
                yield verdict


def _in_its_zone(subnet: Resource, nat: Resource, graph: Graph) -> Verdict:
    own, zone = graph.zone(nat), graph.zone(subnet)
    if not own.known or not zone.known:
        unknown = f"{nat.name}.{own.path}" if not own.known else f"{subnet.name}.{zone.path}"
        return unproven(f"{unknown} is not known")
    if own.content == zone.content:
        return passes(f"{subnet.name} leaves through {nat.name} in {zone.content}")
    return fails(f"{subnet.name} in {zone.content} leaves through {nat.name} in {own.content}")


def _main_of(table: Resource, graph: Graph) -> tuple[list[Resource], list[str]]:
    """VPCs whose subnets without a table of their own use this one, and what leads to one that is not in view."""
    made: list[Resource] = [table] if table.type == VPC else []
    doubts: list[str] = []
    if table.type == DEFAULT_TABLE:
        made += graph.targets(table, "defaultRouteTableId", VPC)
        doubts += [] if made else [f"{table.name}.defaultRouteTableId"]
    networks = [vpc for vpc in made if not graph.referrers(vpc, MAIN, "vpcId")]
    for main in graph.referrers(table, MAIN, "routeTableId"):
        named = graph.targets(main, "vpcId", VPC)
        networks += named
        doubts += [] if named else [f"{main.name}.vpcId"]
    return networks, doubts


@lru_cache(maxsize=4)
def _loose_associations(graph: Graph) -> tuple[Resource, ...]:
    """Those whose subnet is not in view: it may be any."""
    return tuple(
        each
        for each in graph.of(ASSOCIATION)
        if not each.read("subnetId").missing and not graph.targets(each, "subnetId", SUBNET)
    )


@rule(
    "NET-03",
    title="An interface endpoint is in every zone of its VPC",
    why="An endpoint without an interface in a zone is reached through another zone: losing that one cuts off a zone "
    "that is well.",
    fix="aws.ec2.VpcEndpoint.subnet_ids with one subnet of every zone",
    severity=Severity.HIGH,
    scope=Scope.STACK,
    types=[ENDPOINT],
    frameworks=["AWS Well-Architected REL10-BP01"],
)
def endpoint_zones(endpoint: Resource, graph: Graph, _: Options) -> Verdicts:
    """Compare the zones of its subnets with those of the VPC's."""
    kind = endpoint.read("vpcEndpointType")
    if kind.unknown:
        yield unproven("vpcEndpointType is not known yet, and so whether it has interfaces")
    if kind.content != "Interface":
        return
    vpcs = graph.targets(endpoint, "vpcId", VPC)
    if not vpcs:
        yield unproven("vpcId leads to no VPC in view, so its zones are not known")
    for vpc in vpcs:
        yield _in_every_zone(vpc, graph.zones(endpoint, "subnetIds"), graph)


@rule(
    "NET-04",
    title="A subnet of pods has room for a lost zone's",
    why="Every pod has an address of its subnet. The pods of a lost zone cannot start where addresses have run out.",
    fix="aws.ec2.Subnet.cidr_block of /20 or larger for nodes (components: a VPC of /17 or larger)",
    severity=Severity.HIGH,
    scope=Scope.RESOURCE,
    types=[SUBNET],
    frameworks=["AWS Well-Architected REL02-BP03"],
    options={"maxPrefixLength": Option(20, 16, 28, "Longest prefix of a subnet of pods; 20 is 4,091 addresses.")},
)
def room_for_pods(subnet: Resource, _: Graph, options: Options) -> Verdicts:
    """Look at the size of subnets that are tagged for nodes."""
    tags = subnet.read("tags")
    if tags.unknown:
        yield unproven("tags is not known yet, and so whether pods live in it")
        return
    if all(tags.field(tag).missing for tag in POD_SUBNET_TAGS) or subnet.read("ipv6Native").content is True:
        return
    longest = options["maxPrefixLength"]
    yield holds(
        subnet.read("cidrBlock"), lambda cidr: int(str(cidr).rpartition("/")[2]) <= longest, f"/{longest} or larger"
    )


@rule(
    "NET-05",
    title="An attachment to a transit gateway is in every zone of its VPC",
    why="A transit gateway is reached from the zones that the attachment has a subnet in, and from no other.",
    fix="aws.ec2transitgateway.VpcAttachment.subnet_ids with one subnet of every zone",
    severity=Severity.HIGH,
    scope=Scope.STACKS,
    types=[ATTACHMENT],
    frameworks=["AWS Well-Architected REL10-BP01"],
)
def attachment_zones(attachment: Resource, graph: Graph, _: Options) -> Verdicts:
    """Compare the zones of its subnets with those of the VPC's, which may be another stack's."""
    vpcs = graph.targets(attachment, "vpcId", VPC)
    members = graph.zones(attachment, "subnetIds")
    if not vpcs:
        # Edges end at a stack's border: there ids alone say what belongs together.
        vpcs = _elsewhere(attachment, [attachment.read("vpcId")], VPC, graph)
        subnets = _elsewhere(attachment, attachment.read("subnetIds").each(), SUBNET, graph)
        zones = [graph.zone(subnet) for subnet in subnets]
        hidden = len(attachment.read("subnetIds").each()) - sum(zone.known for zone in zones)
        known = tuple(sorted({str(zone.content) for zone in zones if zone.known}))
        members = Members(known, len(known), len(known) + hidden, ("subnetIds",) if hidden else ())
    if not vpcs:
        yield unproven("vpcId leads to no VPC in view, so its zones are not known")
    for vpc in vpcs:
        yield _in_every_zone(vpc, members, graph)


@rule(
    "NET-06",
    title="Networks of both regions have addresses of their own",
    why="Networks that overlap can never be joined, by peering, transit gateway or VPN, and nobody renumbers a region "
    "in an outage.",
    fix="aws.ec2.Vpc.cidr_block and gcp.compute.Subnetwork.ip_cidr_range of each stack from a range of its own",
    severity=Severity.HIGH,
    scope=Scope.STACKS,
    types=[VPC, SUBNETWORK],
    frameworks=["AWS Well-Architected REL02-BP05"],
)
def own_addresses(network: Resource, graph: Graph, _: Options) -> Verdicts:
    """Compare its blocks with every other VPC's, and Google's subnets', in all stacks in view."""
    own = _blocks(network, graph)
    others = {other: _blocks(other, graph) for other in graph.of(VPC, SUBNETWORK) if other is not network}
    overlapping = [
        (mine, theirs, other)
        for other, blocks in others.items()
        for theirs in blocks
        for mine in own
        if mine is not None and theirs is not None and mine.overlaps(theirs)
    ]
    for mine, theirs, other in overlapping:
        yield fails(f"{mine} overlaps {theirs} of {other.name} in {other.stack}")
    if overlapping:
        return
    hidden = [network] if None in own else [other for other, blocks in others.items() if None in blocks]
    if hidden:
        yield unproven(f"addresses of {', '.join(f'{each.name} in {each.stack}' for each in hidden)} are not known")
    elif len(graph.stacks) == 1:
        yield unproven(f"networks of other stacks than {network.stack} are not in view")
    else:
        yield passes(f"{', '.join(map(str, own))} overlaps none of {len(others)} others")


@rule(
    "NET-07",
    title="S3 and DynamoDB are reached without a NAT gateway",
    why="Images, artifacts and checkpoints come from S3. Through a NAT gateway they cost by the gigabyte and stop with "
    "it; a gateway endpoint costs nothing and is in no zone.",
    fix='aws.ec2.VpcEndpoint with vpc_endpoint_type="Gateway" for each, and route_table_ids of every private table',
    severity=Severity.MEDIUM,
    scope=Scope.STACK,
    types=TABLES,
)
def gateway_endpoints(table: Resource, graph: Graph, _: Options) -> Verdicts:
    """Find both endpoints of every route table that leads to a NAT gateway."""
    ways = [route.read("natGatewayId") for route in graph.referrers(table, ROUTE, "routeTableId")]
    ways += [route.field("natGatewayId") for route in table.read("routes").each() if route.known]
    hidden = _hidden_routes(table)
    if not hidden and not any(_is_set(way) for way in ways):
        return
    found, doubts = _gateways(table, graph)
    services = {service for endpoint in found for service in [_service(endpoint)] if service}
    doubts += [f"{each.name}.serviceName is not known yet" for each in found if each.read("serviceName").unknown]
    missing = [service for service in GATEWAY_SERVICES if service not in services]
    if not missing:
        yield passes(f"gateway endpoints: {', '.join(sorted(services))}")
    elif doubts:
        yield unproven(f"gateway endpoints: {', '.join(sorted(services)) or 'none'}; {doubts[0]}")
    elif not any(_is_set(way) for way in ways):
        yield unproven(f"{hidden} is not known yet, and so whether it leads to a NAT gateway")
    else:
        yield fails(f"no gateway endpoint for {' and '.join(missing)} has this route table in it")


@rule(
    "NET-08",
    title="Traffic of a VPC is logged",
    why="After an outage nobody can say what was cut off from what, and for how long, if nothing was written down.",
    fix='aws.ec2.FlowLog with vpc_id=vpc.id and traffic_type="ALL"',
    severity=Severity.MEDIUM,
    scope=Scope.STACK,
    types=[VPC],
    frameworks=["AWS FSBP EC2.6", "CIS AWS Foundations v5.0.0 3.7"],
)
def flow_log(vpc: Resource, graph: Graph, _: Options) -> Verdicts:
    """Find a log of all of its traffic."""
    found = graph.referrers(vpc, FLOW_LOG, "vpcId")
    loose = [
        each.name
        for each in graph.of(FLOW_LOG)
        if not each.read("vpcId").missing and not graph.targets(each, "vpcId", VPC)
    ]
    if found:
        verdicts = [holds(each.read("trafficType"), lambda kind: kind == "ALL", '"ALL"') for each in found]
        yield min(verdicts, key=lambda verdict: BEST_FIRST.index(verdict.outcome))
    elif loose:
        yield unproven(f"{loose[0]}.vpcId leads to no VPC in view: it may be this one's log")
    else:
        yield fails("no aws.ec2.FlowLog belongs to it (an edge from vpcId)")


@rule(
    "NET-09",
    title="Nodes start without a NAT gateway",
    why="A node that cannot reach EC2, the registry, STS and EKS never becomes ready: with the NAT gateway gone, a "
    "zone that is well gets no nodes, and pods no rights.",
    fix='aws.ec2.VpcEndpoint with vpc_endpoint_type="Interface" and private_dns_enabled=True for '
    f"{', '.join(NODE_SERVICES)}",
    severity=Severity.MEDIUM,
    scope=Scope.STACK,
    types=[VPC],
)
def node_endpoints(vpc: Resource, graph: Graph, _: Options) -> Verdicts:
    """Find an interface endpoint with private names for everything that nodes need."""
    subnets = graph.referrers(vpc, SUBNET, "vpcId")
    if not any(graph.referrers(subnet, NODE_GROUP, "subnetIds") for subnet in subnets):
        return
    present: set[str] = set()
    doubts: list[str] = []
    near = {*graph.referrers(vpc, ENDPOINT, "vpcId"), *_without_vpc(graph)}
    for endpoint in sorted(near, key=lambda each: each.urn):
        reads = [endpoint.read(name) for name in ("vpcEndpointType", "privateDnsEnabled", "serviceName")]
        hidden = [f"{endpoint.name}.{read.path} is not known yet" for read in reads if read.unknown]
        if not graph.targets(endpoint, "vpcId", VPC):
            hidden.append(f"{endpoint.name}.vpcId leads to no VPC in view")
        if not hidden and reads[0].content == "Interface" and reads[1].content is True:
            present.add(_service(endpoint))
        elif reads[0].unknown or reads[0].content == "Interface":
            doubts += hidden
    missing = [service for service in NODE_SERVICES if service not in present]
    if not missing:
        yield passes(f"interface endpoints: {', '.join(sorted(present))}")
    elif doubts:
        yield unproven(f"no interface endpoint for {', '.join(missing)} is certain; {doubts[0]}")
    else:
        yield fails(f"no interface endpoint with private names for {', '.join(missing)}")


@rule(
    "NET-10",
    title="A peering connection is routed from both regions",
    why="With routes on one side alone, requests arrive and answers do not.",
    fix="aws.ec2.Route with vpc_peering_connection_id in route tables of both VPCs, region= for the other side's",
    severity=Severity.HIGH,
    scope=Scope.STACK,
    types=[PEERING],
)
def peering_routes(peering: Resource, graph: Graph, _: Options) -> Verdicts:
    """Compare the regions that lead into it with the two that it joins."""
    ends = (peering, *graph.referrers(peering, ACCEPTER, "vpcPeeringConnectionId"))
    routes = [
        *(each for end in ends for each in graph.referrers(end, ROUTE, "vpcPeeringConnectionId")),
        *(each for end in ends for type_ in TABLES for each in graph.referrers(end, type_, "routes")),
    ]
    own, other = graph.region(peering), peering.read("peerRegion")
    regions = [graph.region(each) for each in routes]
    if own.unknown or own.missing or other.unknown or any(not region.known for region in regions):
        yield unproven("the region of the connection, of its other end or of a route is not known yet")
        return
    wanted = {str(own.content), str(other.content or own.content)}
    seen = {str(region.content) for region in regions}
    if wanted <= seen and len(routes) >= 2:
        yield passes(f"routes in: {', '.join(sorted(seen))}")
    else:
        sides = " and ".join(sorted(wanted))
        yield fails(f"routes in: {', '.join(sorted(seen)) or 'none'}; there must be some on both sides, in {sides}")


@rule(
    "NET-11",
    title="Only the web's ports are open to everyone",
    why="What everyone can reach, everyone can flood or break into; load balancers need 443, and 80 to redirect."
    " Wiz found DeepSeek's database open to everyone, with chats and keys in it, within minutes (published "
    "2025-01-29).",
    fix="referenced_security_group_id or the networks that need it instead of 0.0.0.0/0, whole or in parts",
    severity=Severity.CRITICAL,
    scope=Scope.RESOURCE,
    types=[INGRESS_RULE, OLD_RULE, *SECURITY_GROUPS],
    frameworks=["AWS FSBP EC2.18", "CIS AWS Foundations v5.0.0 5.3", "CIS AWS Foundations v5.0.0 5.4"],
)
def open_ports(resource: Resource, _: Graph, __: Options) -> Verdicts:
    """Look at rules of their own, of the older kind, and inside a group."""
    if resource.type in SECURITY_GROUPS:
        for inline in resource.read("ingress").each():
            yield from _web_only([*inline.field("cidrBlocks").each(), *inline.field("ipv6CidrBlocks").each()], inline)
    elif resource.type == OLD_RULE:
        if resource.read("type").content != "egress":
            whole = resource.read("")
            yield from _web_only([*resource.read("cidrBlocks").each(), *resource.read("ipv6CidrBlocks").each()], whole)
    else:
        yield from _web_only([resource.read("cidrIpv4"), resource.read("cidrIpv6")], resource.read(""))


def _web_only(sources: list[Read], ports: Read) -> Iterator[Verdict]:
    first, last = ports.field("fromPort"), ports.field("toPort")
    # Rules of their own name it otherwise.
    protocol = ports.field("protocol") if ports.field("ipProtocol").missing else ports.field("ipProtocol")
    all_of_them = str(protocol.content).lower() in ALL_PROTOCOLS
    closed = first.known and first.content == last.content and first.content in WEB_PORTS
    open_to = everyone(each for each in map(network, sources) if each is not None)
    if str(protocol.content).lower() in WITHOUT_PORTS:
        yield passes(f"{protocol.path} is {protocol.shown()}, which has no ports")
    elif closed and not all_of_them and not protocol.unknown:
        yield passes(f"{first.path} is {first.shown()}")
    elif open_to:
        hidden = next((read for read in (protocol, first, last) if read.unknown), None)
        if all_of_them:
            yield fails(f"everyone ({open_to[0]}) may connect to every port; only 80 and 443 may be open")
        elif hidden is not None:
            yield unproven(f"{hidden.path} is not known yet, and everyone may connect")
        else:
            shown = f"ports {first.shown()} to {last.shown()}"
            yield fails(f"everyone ({open_to[0]}) may connect to {shown}; only 80 and 443 may be open")
    elif any(source.unknown for source in sources):
        hidden = next(source for source in sources if source.unknown)
        yield unproven(f"{hidden.path} is not known yet, and so who may connect")


def _in_every_zone(vpc: Resource, members: Members, graph: Graph) -> Verdict:
    """Whether subnets are in every zone that their VPC has subnets in."""
    reads = [graph.zone(subnet) for subnet in graph.referrers(vpc, SUBNET, "vpcId")]
    wanted = {str(read.content) for read in reads if read.known}
    # Zones that may be named and zones that are: a list can be computed from more subnets than it names.
    exact = members.least == len(members.known)
    missing = wanted - set(members.known)
    seen = f"zones of its subnets: {', '.join(members.known) or 'none'}; of {vpc.name}: {', '.join(sorted(wanted))}"
    if exact and not missing and all(read.known for read in reads):
        return passes(seen)
    if members.most is not None and (members.most < len(wanted) or (missing and members.most == len(members.known))):
        return fails(seen)
    return unproven(f"{seen}; more depends on {', '.join(members.unknown) or 'zones that are not known yet'}")


def _elsewhere(resource: Resource, ids: list[Read], type_: str, graph: Graph) -> tuple[Resource, ...]:
    """Resources of other stacks that ids mean."""
    wanted = {str(read.content) for read in ids if read.known}
    return tuple(
        each
        for each in graph.of(type_)
        if each.stack != resource.stack and each.read("id").known and each.read("id").content in wanted
    )


def _blocks(network: Resource, graph: Graph) -> list[IPv4Network | None]:
    """All of a network's ranges; None for one that is not known, or chosen by an address manager, or no network."""
    if network.type == VPC:
        reads = [network.read("cidrBlock")]
        reads += [each.read("cidrBlock") for each in graph.referrers(network, MORE_ADDRESSES, "vpcId")]
    else:
        ranges = network.read("secondaryIpRanges").each()
        reads = [network.read("ipCidrRange"), *(each.field("ipCidrRange") for each in ranges)]
    return [_network(read) for read in reads]


def _network(read: Read) -> IPv4Network | None:
    try:
        return IPv4Network(str(read.content), strict=False)
    except ValueError:
        return None


def _service(endpoint: Resource) -> str:
    """``ecr.api`` of ``com.amazonaws.us-east-1.ecr.api``; empty if nobody can say."""
    match = SERVICE.fullmatch(str(endpoint.read("serviceName").content))
    return match[1] if match else ""


@lru_cache(maxsize=4)
def _without_vpc(graph: Graph) -> tuple[Resource, ...]:
    """Endpoints whose VPC is not in view: they may be any's."""
    return tuple(each for each in graph.of(ENDPOINT) if not graph.targets(each, "vpcId", VPC))


@lru_cache(maxsize=4)
def _lists(graph: Graph) -> dict[Resource, int]:
    """By gateway endpoint, how many more route tables its list names than its edges lead to."""
    return {
        each: len(each.read("routeTableIds").each()) - len(graph.targets(each, "routeTableIds", *TABLES))
        for each in graph.of(ENDPOINT)
        if each.read("vpcEndpointType").content in (None, "Gateway")
    }


def _gateways(table: Resource, graph: Graph) -> tuple[list[Resource], list[str]]:
    """Gateway endpoints that lead out of a route table, and what leaves it open whether there are more."""
    found: list[Resource] = []
    doubts: list[str] = []
    naming = set(graph.referrers(table, ENDPOINT, "routeTableIds"))
    lists = _lists(graph)
    # A list may be computed from more tables than it names, or named without an edge to any.
    for endpoint in sorted(naming | {each for each, more in lists.items() if more > 0}, key=lambda each: each.urn):
        type_ = endpoint.read("vpcEndpointType")
        if endpoint not in lists:
            continue
        if type_.unknown:
            doubts.append(f"{endpoint.name}.{type_.path} is not known yet")
        elif lists[endpoint] == 0:
            found.append(endpoint)
        else:
            doubts.append(f"{endpoint.name}.routeTableIds may or may not name it")
    for association in graph.referrers(table, ENDPOINT_ROUTES, "routeTableId"):
        found += graph.targets(association, "vpcEndpointId", ENDPOINT)
        if not graph.targets(association, "vpcEndpointId", ENDPOINT):
            doubts.append(f"{association.name}.vpcEndpointId leads to no endpoint in view")
    return found, doubts
