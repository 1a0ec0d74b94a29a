"""Links to other clouds and to one's own data centres: two ways, or an upgrade of one end is an outage."""

from policies.registry import Options, Scope, Severity, Verdicts, counts, rule, unproven
from resilience.graph import Graph, Members, Resource

HA_GATEWAY = "gcp:compute/haVpnGateway:HaVpnGateway"
TUNNEL = "gcp:compute/vPNTunnel:VPNTunnel"
CONNECTION = "aws:ec2/vpnConnection:VpnConnection"
CUSTOMER_GATEWAY = "aws:ec2/customerGateway:CustomerGateway"
VPN_GATEWAY = "aws:ec2/vpnGateway:VpnGateway"
TRANSIT_GATEWAY = "aws:ec2transitgateway/transitGateway:TransitGateway"
AWS_ENDS = {"transitGatewayId": TRANSIT_GATEWAY, "vpnGatewayId": VPN_GATEWAY}
"""What a VPN connection can end at in AWS, and where it says so."""


@rule(
    "NET-12",
    title="A VPN to another cloud has two ways",
    why="Google and AWS take one end of a VPN down for maintenance without asking, and promise nothing for a single "
    "one: a link of one tunnel is gone for minutes, with everything that waits for the other cloud.",
    fix="gcp.compute.VPNTunnel for vpn_gateway_interface 0 and 1 of each gcp.compute.HaVpnGateway; "
    "aws.ec2.VpnConnection to two aws.ec2.CustomerGateway for each gateway",
    severity=Severity.HIGH,
    scope=Scope.STACK,
    types=[HA_GATEWAY, *AWS_ENDS.values()],
    frameworks=["AWS Well-Architected REL02-BP02"],
)
def two_ways(gateway: Resource, graph: Graph, _: Options) -> Verdicts:
    """Count the interfaces of Google's gateway that have tunnels; the far ends that AWS' is connected to."""
    if gateway.type == HA_GATEWAY:
        tunnels = graph.referrers(gateway, TUNNEL, "vpnGateway")
        members = Members.told([(tunnel, tunnel.read("vpnGatewayInterface")) for tunnel in tunnels])
        what, loose = "interfaces that have a tunnel", _loose(graph, TUNNEL, "vpnGateway", HA_GATEWAY)
    else:
        property_ = next(name for name, type_ in AWS_ENDS.items() if type_ == gateway.type)
        tunnels = graph.referrers(gateway, CONNECTION, property_)
        ends = [(each, graph.targets(each, "customerGatewayId", CUSTOMER_GATEWAY)) for each in tunnels]
        known = tuple(sorted({end.name for _, found in ends for end in found}))
        hidden = tuple(f"{each.name}.customerGatewayId" for each, found in ends if not found)
        members = Members(known, len(known), len(known) + len(hidden), hidden)
        what, loose = "far ends that it is connected to", _loose(graph, CONNECTION, property_, gateway.type)
        if not tunnels and not loose:
            # A transit gateway joins VPCs, too; without a VPN it is no link to elsewhere.
            return
    if loose and members.least < 2:
        yield unproven(f"{loose[0]} leads to no gateway in view: it may be a second way of this one")
    else:
        yield counts(members, 2, what)


def _loose(graph: Graph, type_: str, property_: str, end: str) -> list[str]:
    """What has such an end, nobody knows which."""
    return [
        f"{each.name}.{property_}"
        for each in graph.of(type_)
        if not each.read(property_).missing and not graph.targets(each, property_, end)
    ]
