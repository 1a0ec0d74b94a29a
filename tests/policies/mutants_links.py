"""Rules of links to elsewhere, by the ways to break them."""

# One mutant a line, or the table cannot be read as one.
# ruff: noqa: E501

from tests.policies.platform import UNKNOWN_TEXT, Mutant, Platform, Thing

ALWAYS: set[str] = set()
"""What nobody can say of one stack alone."""
GATEWAY = "gcp:compute/haVpnGateway:HaVpnGateway"
TUNNEL = "gcp:compute/vPNTunnel:VPNTunnel"


def things() -> dict[str, Thing]:
    """What breaks none of them: a link between the clouds, seen from both."""
    made = {
        "vpn-google": Thing(GATEWAY, {"network": "n"}, region="us-central1"),
        "vpn-aws": Thing("aws:ec2/vpnGateway:VpnGateway", {}),
    }
    for number in (0, 1):
        made[f"tunnel-{number}"] = Thing(
            TUNNEL,
            {"vpnGateway": UNKNOWN_TEXT, "vpnGatewayInterface": number},
            {"vpnGateway": ["vpn-google"]},
            region="us-central1",
        )
        made[f"far-end-{number}"] = Thing("aws:ec2/customerGateway:CustomerGateway", {"type": "ipsec.1"})
        made[f"connection-{number}"] = Thing(
            "aws:ec2/vpnConnection:VpnConnection",
            {"vpnGatewayId": UNKNOWN_TEXT, "customerGatewayId": UNKNOWN_TEXT},
            {"vpnGatewayId": ["vpn-aws"], "customerGatewayId": [f"far-end-{number}"]},
        )
    return made


def through_transit(platform: Platform) -> Platform:
    """Let both connections end at a transit gateway."""
    platform.drop("vpn-aws").add("transit", Thing("aws:ec2transitgateway/transitGateway:TransitGateway", {}))
    for number in (0, 1):
        edges = platform.things[f"connection-{number}"].edges
        edges["transitGatewayId"] = ["transit"]
        del edges["vpnGatewayId"]
        props = platform.things[f"connection-{number}"].props
        props["transitGatewayId"] = props.pop("vpnGatewayId")
    return platform


MUTANTS: list[Mutant] = [
    ("one tunnel", lambda p: p.drop("tunnel-1"), {"NET-12"}),
    ("two tunnels of one interface", lambda p: p.put("tunnel-1", "vpnGatewayInterface", 0), {"NET-12"}),
    ("Google's gateway without a tunnel", lambda p: p.drop("tunnel-0", "tunnel-1"), {"NET-12"}),
    ("one connection", lambda p: p.drop("connection-1"), {"NET-12"}),
    ("two connections to one far end", lambda p: p.point("connection-1", "customerGatewayId", "far-end-0"), {"NET-12"}),
    ("transit gateway with one connection", lambda p: through_transit(p).drop("connection-1"), {"NET-12"}),
    ("interface of a tunnel unknown", lambda p: p.hide("tunnel-1", "vpnGatewayInterface"), {"NET-12?"}),
    ("interfaces of both tunnels unknown", lambda p: p.hide("tunnel-0", "vpnGatewayInterface").hide("tunnel-1", "vpnGatewayInterface"), {"NET-12?"}),
    ("gateways of both tunnels not in view", lambda p: p.cut("tunnel-0", "vpnGateway").cut("tunnel-1", "vpnGateway"), {"NET-12?"}),
    ("gateway of a tunnel not in view", lambda p: p.cut("tunnel-1", "vpnGateway"), {"NET-12?"}),
    ("far end not in view", lambda p: p.cut("connection-1", "customerGatewayId"), {"NET-12?"}),
    ("AWS' end not in view", lambda p: p.cut("connection-1", "vpnGatewayId"), {"NET-12?"}),
]  # fmt: skip

GOOD: list[Mutant] = [
    ("both connections through a transit gateway", through_transit, set()),
    ("a third tunnel of who knows what", lambda p: p.add("tunnel-2", Thing(TUNNEL, {"vpnGateway": UNKNOWN_TEXT, "vpnGatewayInterface": 0}, region="us-central1")), set()),
    ("transit gateway of VPCs alone", lambda p: p.add("transit", Thing("aws:ec2transitgateway/transitGateway:TransitGateway", {})), set()),
]  # fmt: skip

EVIDENCE: dict[str, set[str]] = {
    "one tunnel": {"NET-12: interfaces that have a tunnel: 0; there must be at least 2"},
    "gateways of both tunnels not in view": {"NET-12: tunnel-0.vpnGateway leads to no gateway in view: it may be a second way of this one"},
}  # fmt: skip
