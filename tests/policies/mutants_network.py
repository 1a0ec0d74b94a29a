"""Rules of the network, by the ways to break them."""

# One mutant a line, or the table cannot be read as one.
# ruff: noqa: E501

from tests.policies.platform import SUBNET, UNKNOWN_TEXT, VPC, ZONES, Mutant, Thing

ALWAYS: set[str] = set()
"""What nobody can say of one stack alone."""


def things() -> dict[str, Thing]:
    """What breaks none of them."""
    made: dict[str, Thing] = {"vpc": Thing(VPC, {"cidrBlock": "10.0.0.0/16"})}
    for zone in ZONES:
        for tier in ("public", "private"):
            made[f"{tier}-{zone}"] = Thing(
                SUBNET, {"vpcId": UNKNOWN_TEXT, "availabilityZone": f"us-east-1{zone}"}, {"vpcId": ["vpc"]}
            )
        made[f"nat-{zone}"] = Thing(
            "aws:ec2/natGateway:NatGateway", {"subnetId": UNKNOWN_TEXT}, {"subnetId": [f"public-{zone}"]}
        )
        made[f"table-{zone}"] = Thing("aws:ec2/routeTable:RouteTable", {"vpcId": UNKNOWN_TEXT}, {"vpcId": ["vpc"]})
        made[f"out-{zone}"] = Thing(
            "aws:ec2/route:Route",
            {"destinationCidrBlock": "0.0.0.0/0", "natGatewayId": UNKNOWN_TEXT, "routeTableId": UNKNOWN_TEXT},
            {"natGatewayId": [f"nat-{zone}"], "routeTableId": [f"table-{zone}"]},
        )
        made[f"association-{zone}"] = Thing(
            "aws:ec2/routeTableAssociation:RouteTableAssociation",
            {"subnetId": UNKNOWN_TEXT, "routeTableId": UNKNOWN_TEXT},
            {"subnetId": [f"private-{zone}"], "routeTableId": [f"table-{zone}"]},
        )
    return made


def table(name: str) -> Thing:
    """A route table with its routes inside it, through one zone's NAT gateway."""
    return Thing(
        "aws:ec2/routeTable:RouteTable",
        {"routes": [{"cidrBlock": "0.0.0.0/0", "natGatewayId": UNKNOWN_TEXT}]},
        {"routes": [name]},
    )


MUTANTS: list[Mutant] = [
    # NET-01
    ("two zones", lambda p: p.put("public-c", "availabilityZone", "us-east-1a").put("private-c", "availabilityZone", "us-east-1a"), {"NET-01", "RDS-03"}),
    ("subnets of another VPC", lambda p: p.point("public-c", "vpcId").point("private-c", "vpcId"), {"NET-01"}),
    ("subnets of two zones of another VPC", lambda p: p.point("public-b", "vpcId").point("private-b", "vpcId").point("public-c", "vpcId").point("private-c", "vpcId"), {"NET-01"}),
    ("a VPC without subnets", lambda p: p.add("empty", Thing("aws:ec2/vpc:Vpc", {"cidrBlock": "10.1.0.0/16"})), {"NET-01"}),
    ("a zone left to AWS", lambda p: p.delete("public-c", "availabilityZone").delete("private-c", "availabilityZone"), {"NET-01?", "NET-02?", "RDS-03?"}),
    ("a zone unknown", lambda p: p.hide("public-c", "availabilityZone").hide("private-c", "availabilityZone"), {"NET-01?", "NET-02?", "RDS-03?"}),
    # NET-02
    ("one NAT gateway for all", lambda p: p.point("out-b", "natGatewayId", "nat-a").point("out-c", "natGatewayId", "nat-a").drop("nat-b", "nat-c"), {"NET-02"}),
    ("NAT gateway in another zone", lambda p: p.point("nat-b", "subnetId", "public-a"), {"NET-02"}),
    ("route table shared by two zones", lambda p: p.point("association-b", "routeTableId", "table-a"), {"NET-02"}),
    ("routes inside the table", lambda p: p.add("inline", table("nat-a")).point("association-b", "routeTableId", "inline"), {"NET-02"}),
    ("NAT gateway not in view", lambda p: p.cut("out-b", "natGatewayId"), {"NET-02?"}),
    ("NAT gateway's subnet not in view", lambda p: p.cut("nat-b", "subnetId"), {"NET-02?"}),
    ("routed subnet not in view", lambda p: p.cut("association-b", "subnetId"), {"NET-02?"}),
]  # fmt: skip

GOOD: list[Mutant] = [
    ("regional NAT gateway", lambda p: p.point("out-b", "natGatewayId", "nat-a").put("nat-a", "availabilityMode", "regional"), set()),
]  # fmt: skip
