"""Rules of the network, by the ways to break them."""

# One mutant a line, or the table cannot be read as one.
# ruff: noqa: E501

from tests.policies.other_region import with_other_region
from tests.policies.platform import PRIVATE, SUBNET, UNKNOWN_TEXT, VPC, ZONES, Mutant, Platform, Thing

ENDPOINT = "aws:ec2/vpcEndpoint:VpcEndpoint"
ROUTE = "aws:ec2/route:Route"
ROUTE_TABLE = "aws:ec2/routeTable:RouteTable"
ASSOCIATION = "aws:ec2/routeTableAssociation:RouteTableAssociation"
MAIN = "aws:ec2/mainRouteTableAssociation:MainRouteTableAssociation"

ALWAYS: set[str] = {"NET-06?"}
"""What nobody can say of one stack alone."""

INTERFACES = ("ec2", "ecr.api", "ecr.dkr", "eks", "eks-auth", "sts")
TABLES = [f"table-{zone}" for zone in ZONES]


def things() -> dict[str, Thing]:
    """What breaks none of them."""
    made: dict[str, Thing] = {
        "vpc": Thing(VPC, {"cidrBlock": "10.0.0.0/16"}),
        "flow-log": Thing("aws:ec2/flowLog:FlowLog", {"vpcId": UNKNOWN_TEXT, "trafficType": "ALL"}, {"vpcId": ["vpc"]}),
        "https": Thing(
            "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule",
            {"securityGroupId": UNKNOWN_TEXT, "cidrIpv4": "0.0.0.0/0", "fromPort": 443, "toPort": 443},
        ),
    }
    for number, zone in enumerate(ZONES):
        made[f"public-{zone}"] = Thing(
            SUBNET,
            {
                "vpcId": UNKNOWN_TEXT,
                "availabilityZone": f"us-east-1{zone}",
                "cidrBlock": f"10.0.{200 + number}.0/24",
                "tags": {"kubernetes.io/role/elb": "1"},
            },
            {"vpcId": ["vpc"]},
        )
        made[f"private-{zone}"] = Thing(
            SUBNET,
            {
                "vpcId": UNKNOWN_TEXT,
                "availabilityZone": f"us-east-1{zone}",
                "cidrBlock": f"10.0.{32 * number}.0/19",
                "tags": {"kubernetes.io/role/internal-elb": "1"},
            },
            {"vpcId": ["vpc"]},
        )
        made[f"nat-{zone}"] = Thing(
            "aws:ec2/natGateway:NatGateway", {"subnetId": UNKNOWN_TEXT}, {"subnetId": [f"public-{zone}"]}
        )
        made[f"table-{zone}"] = Thing(ROUTE_TABLE, {"vpcId": UNKNOWN_TEXT}, {"vpcId": ["vpc"]})
        made[f"out-{zone}"] = Thing(
            ROUTE,
            {"destinationCidrBlock": "0.0.0.0/0", "natGatewayId": UNKNOWN_TEXT, "routeTableId": UNKNOWN_TEXT},
            {"natGatewayId": [f"nat-{zone}"], "routeTableId": [f"table-{zone}"]},
        )
        made[f"association-{zone}"] = Thing(
            ASSOCIATION,
            {"subnetId": UNKNOWN_TEXT, "routeTableId": UNKNOWN_TEXT},
            {"subnetId": [f"private-{zone}"], "routeTableId": [f"table-{zone}"]},
        )
    for service in ("s3", "dynamodb"):
        made[f"to-{service}"] = Thing(
            ENDPOINT,
            {
                "vpcId": UNKNOWN_TEXT,
                "vpcEndpointType": "Gateway",
                "serviceName": f"com.amazonaws.us-east-1.{service}",
                "routeTableIds": [UNKNOWN_TEXT] * 3,
            },
            {"vpcId": ["vpc"], "routeTableIds": list(TABLES)},
        )
    for service in INTERFACES:
        made[f"to-{service}"] = Thing(
            ENDPOINT,
            {
                "vpcId": UNKNOWN_TEXT,
                "vpcEndpointType": "Interface",
                "privateDnsEnabled": True,
                "serviceName": f"com.amazonaws.us-east-1.{service}",
                "subnetIds": [UNKNOWN_TEXT] * 3,
            },
            {"vpcId": ["vpc"], "subnetIds": list(PRIVATE)},
        )
    return made


def table(name: str) -> Thing:
    """A route table with its routes inside it, through one zone's NAT gateway."""
    return Thing(
        ROUTE_TABLE,
        {"routes": [{"cidrBlock": "0.0.0.0/0", "natGatewayId": UNKNOWN_TEXT}]},
        {"routes": [name]},
    )


def with_main(platform: Platform) -> Platform:
    """Let the table of the first zone be the VPC's main one, which its public subnet alone uses."""
    for zone in "bc":
        edges = {"subnetId": [f"public-{zone}"], "routeTableId": ["to-all"]}
        platform.add(f"to-all-{zone}", Thing(ASSOCIATION, dict.fromkeys(edges, UNKNOWN_TEXT), edges))
    platform.add("to-all", Thing(ROUTE_TABLE, {"vpcId": UNKNOWN_TEXT}, {"vpcId": ["vpc"]}))
    edges = {"vpcId": ["vpc"], "routeTableId": ["table-a"]}
    return platform.add("main", Thing(MAIN, dict.fromkeys(edges, UNKNOWN_TEXT), edges))


def taken_over(platform: Platform, zone: str = "a") -> Platform:
    """Let the table that AWS made be the main one, with routes inside it, and lead to S3 and DynamoDB."""
    made = Thing(
        "aws:ec2/defaultRouteTable:DefaultRouteTable",
        {
            "defaultRouteTableId": UNKNOWN_TEXT,
            "routes": [{"cidrBlock": "0.0.0.0/0", "natGatewayId": UNKNOWN_TEXT}],
        },
        {"defaultRouteTableId": ["vpc"], "routes": [f"nat-{zone}"]},
    )
    for service in ("s3", "dynamodb"):
        platform.put(f"to-{service}", "routeTableIds", [UNKNOWN_TEXT] * 4)
        platform.point(f"to-{service}", "routeTableIds", *TABLES, "default")
    return with_main(platform).drop("main").add("default", made)


def by_words(platform: Platform) -> Platform:
    """Route what has no table of its own by a route into the main table, which nothing else names."""
    edges = {"natGatewayId": ["nat-a"], "routeTableId": ["vpc"]}
    route = Thing(ROUTE, {"destinationCidrBlock": "0.0.0.0/0", **dict.fromkeys(edges, UNKNOWN_TEXT)}, edges)
    return with_main(platform).drop("main").add("main-out", route)


def by_association(platform: Platform, service: str, *zones: str) -> Platform:
    """Put an endpoint into the route tables of zones by resources of their own."""
    endpoint = f"to-{service}"
    platform.delete(endpoint, "routeTableIds").cut(endpoint, "routeTableIds")
    for zone in zones:
        platform.add(
            f"{endpoint}-{zone}",
            Thing(
                "aws:ec2/vpcEndpointRouteTableAssociation:VpcEndpointRouteTableAssociation",
                {"routeTableId": UNKNOWN_TEXT, "vpcEndpointId": UNKNOWN_TEXT},
                {"routeTableId": [f"table-{zone}"], "vpcEndpointId": [endpoint]},
            ),
        )
    return platform


def attached(platform: Platform, *subnets: str) -> Platform:
    """Attach the VPC to a transit gateway, by these subnets."""
    attachment = Thing(
        "aws:ec2transitgateway/vpcAttachment:VpcAttachment",
        {"vpcId": UNKNOWN_TEXT, "subnetIds": [UNKNOWN_TEXT] * len(subnets)},
        {"vpcId": ["vpc"], "subnetIds": list(subnets)},
    )
    return platform.add("attachment", attachment)


def attached_from_elsewhere(platform: Platform, *ids: str) -> Platform:
    """Attach the VPC to a transit gateway by the other region's stack, once everything stands."""
    for name in ("vpc", *PRIVATE):
        platform.put(name, "id", f"id-{name}")
    attachment = Thing(
        "aws:ec2transitgateway/vpcAttachment:VpcAttachment",
        {"vpcId": "id-vpc", "subnetIds": list(ids), "region": "us-east-1"},
        {"vpcId": ["peer"], "subnetIds": ["peer"]},
        region="us-west-2",
        stack="secondary",
    )
    return with_other_region(platform).add("attachment", attachment)


def peered(platform: Platform, *regions: str, peer_region: str | None = "us-west-2") -> Platform:
    """Peer the VPC with one in another region, with routes in these regions."""
    props = {"vpcId": UNKNOWN_TEXT, "peerVpcId": "vpc-2", **({"peerRegion": peer_region} if peer_region else {})}
    platform.add("peering", Thing("aws:ec2/vpcPeeringConnection:VpcPeeringConnection", props, {"vpcId": ["vpc"]}))
    platform.add(
        "accepter",
        Thing(
            "aws:ec2/vpcPeeringConnectionAccepter:VpcPeeringConnectionAccepter",
            {"vpcPeeringConnectionId": UNKNOWN_TEXT, "region": peer_region},
            {"vpcPeeringConnectionId": ["peering"]},
        ),
    )
    for number, region in enumerate(regions):
        platform.add(
            f"across-{number}",
            Thing(
                ROUTE,
                {
                    "routeTableId": f"rtb-{number}",
                    "destinationCidrBlock": "10.1.0.0/16",
                    "vpcPeeringConnectionId": UNKNOWN_TEXT,
                    "region": region,
                },
                {"vpcPeeringConnectionId": ["accepter" if number else "peering"]},
            ),
        )
    return platform


def opened(cidr: str, first: int, last: int) -> Thing:
    """A rule of the older kind."""
    return Thing(
        "aws:ec2/securityGroupRule:SecurityGroupRule",
        {"type": "ingress", "cidrBlocks": [cidr], "fromPort": first, "toPort": last, "protocol": "tcp"},
    )


def group(cidr: str, port: int) -> Thing:
    """A security group with a rule inside it."""
    return Thing(
        "aws:ec2/securityGroup:SecurityGroup",
        {"ingress": [{"cidrBlocks": [cidr], "fromPort": port, "toPort": port, "protocol": "tcp"}]},
    )


MUTANTS: list[Mutant] = [
    # NET-01
    ("two zones", lambda p: p.put("public-c", "availabilityZone", "us-east-1a").put("private-c", "availabilityZone", "us-east-1a"), {"NET-01", "RDS-03"}),
    ("subnets of another VPC", lambda p: p.point("public-c", "vpcId").point("private-c", "vpcId"), {"NET-01"}),
    ("subnets of two zones of another VPC", lambda p: p.point("public-b", "vpcId").point("private-b", "vpcId").point("public-c", "vpcId").point("private-c", "vpcId"), {"NET-01"}),
    ("a VPC without subnets", lambda p: p.add("empty", Thing(VPC, {"cidrBlock": "10.1.0.0/16"})).add("empty-log", Thing("aws:ec2/flowLog:FlowLog", {"vpcId": UNKNOWN_TEXT, "trafficType": "ALL"}, {"vpcId": ["empty"]})), {"NET-01"}),
    ("a zone left to AWS", lambda p: p.delete("public-c", "availabilityZone").delete("private-c", "availabilityZone"), {"NET-01?", "NET-02?", "NET-03?", "RDS-03?"}),
    ("a zone unknown", lambda p: p.hide("public-c", "availabilityZone").hide("private-c", "availabilityZone"), {"NET-01?", "NET-02?", "NET-03?", "RDS-03?"}),
    # NET-02
    ("one NAT gateway for all", lambda p: p.point("out-b", "natGatewayId", "nat-a").point("out-c", "natGatewayId", "nat-a").drop("nat-b", "nat-c"), {"NET-02"}),
    ("NAT gateway in another zone", lambda p: p.point("nat-b", "subnetId", "public-a"), {"NET-02"}),
    ("route table shared by two zones", lambda p: p.point("association-b", "routeTableId", "table-a"), {"NET-02"}),
    ("routes inside the table", lambda p: p.add("inline", table("nat-a")).point("association-b", "routeTableId", "inline"), {"NET-02", "NET-07"}),
    ("routes inside the table that AWS made", lambda p: taken_over(p).drop("association-b"), {"NET-02"}),
    ("table that AWS made, given to another zone", lambda p: taken_over(p).point("association-b", "routeTableId", "default"), {"NET-02"}),
    ("a zone through the main table", lambda p: with_main(p).drop("association-b"), {"NET-02"}),
    ("a zone through the table that is main without a word", lambda p: by_words(p).drop("association-b"), {"NET-02"}),
    ("a table that AWS made and another is instead, given to another zone", lambda p: with_main(taken_over(p)).point("to-all-b", "routeTableId", "default"), {"NET-02"}),
    ("some services through another zone", lambda p: p.delete("out-b", "destinationCidrBlock").put("out-b", "destinationPrefixListId", "pl-1").point("out-b", "natGatewayId", "nat-a"), {"NET-02"}),
    ("where to through another zone unknown", lambda p: p.hide("out-b", "destinationCidrBlock").point("out-b", "natGatewayId", "nat-a"), {"NET-02"}),
    ("main table of another VPC", lambda p: with_main(p.add("vpc-2", Thing(VPC, {"cidrBlock": "10.9.0.0/16"}))).point("main", "vpcId", "vpc-2").drop("association-b"), {"NET-01", "NET-08"}),
    ("routes that nobody knows", lambda p: taken_over(p).hide("default", "routes"), {"NET-02?"}),
    ("routes that nobody knows, and no way to S3", lambda p: taken_over(p).hide("default", "routes").put("to-s3", "routeTableIds", [UNKNOWN_TEXT] * 3).point("to-s3", "routeTableIds", *TABLES), {"NET-02?", "NET-07?"}),
    ("VPC of the table that AWS made not in view", lambda p: taken_over(p).cut("default", "defaultRouteTableId"), {"NET-02?"}),
    ("VPC of the main table not in view", lambda p: with_main(p).cut("main", "vpcId"), {"NET-02?"}),
    ("main table's zone unknown", lambda p: with_main(p).hide("public-a", "availabilityZone"), {"NET-02?", "NET-03?"}),
    ("a zone through the main table, or through one of its own", lambda p: with_main(p).cut("association-b", "subnetId"), {"NET-02?"}),
    ("main table that a route leads out of not in view", lambda p: by_words(p).cut("main-out", "routeTableId"), {"NET-02?"}),
    ("no way to S3 from the table that AWS made", lambda p: taken_over(p).put("to-s3", "routeTableIds", [UNKNOWN_TEXT] * 3).point("to-s3", "routeTableIds", *TABLES), {"NET-07"}),
    ("NAT gateway not in view", lambda p: p.cut("out-b", "natGatewayId"), {"NET-02?"}),
    ("NAT gateway's subnet not in view", lambda p: p.cut("nat-b", "subnetId"), {"NET-02?"}),
    ("routed subnet not in view", lambda p: p.cut("association-b", "subnetId"), {"NET-02?"}),
    ("a routed subnet's zone unknown", lambda p: p.hide("private-c", "availabilityZone"), {"NET-02?", "NET-03?", "RDS-03?"}),
    # NET-03
    ("endpoint in one zone", lambda p: p.put("to-sts", "subnetIds", [UNKNOWN_TEXT]).point("to-sts", "subnetIds", "private-a"), {"NET-03"}),
    ("endpoint in two of three zones", lambda p: p.put("to-sts", "subnetIds", [UNKNOWN_TEXT] * 2).point("to-sts", "subnetIds", "private-a", "private-b"), {"NET-03"}),
    ("endpoint twice in a zone", lambda p: p.point("to-sts", "subnetIds", "private-a", "private-b", "public-b"), {"NET-03"}),
    ("endpoint names two of three subnets", lambda p: p.put("to-sts", "subnetIds", ["subnet-1", "subnet-2"]), {"NET-03"}),
    ("a fourth zone without endpoints", lambda p: p.add("private-d", Thing(SUBNET, {"vpcId": UNKNOWN_TEXT, "availabilityZone": "us-east-1d"}, {"vpcId": ["vpc"]})), {"NET-03"}),
    ("endpoint's kind unknown", lambda p: p.hide("to-sts", "vpcEndpointType"), {"NET-03?", "NET-09?"}),
    ("endpoint's VPC not in view", lambda p: p.cut("to-sts", "vpcId"), {"NET-03?", "NET-09?"}),
    ("endpoint's subnets unknown", lambda p: p.hide("to-sts", "subnetIds"), {"NET-03?"}),
    ("endpoint's subnet not in view", lambda p: p.point("to-sts", "subnetIds", "private-a", "private-b"), {"NET-03?"}),
    ("endpoint's edges gone", lambda p: p.cut("to-sts", "subnetIds"), {"NET-03?"}),
    ("a subnet without endpoints left to AWS", lambda p: p.add("private-d", Thing(SUBNET, {"vpcId": UNKNOWN_TEXT}, {"vpcId": ["vpc"]})), {"NET-03?"}),
    # NET-04
    ("pods' subnet off by one", lambda p: p.put("private-a", "cidrBlock", "10.0.0.0/21"), {"NET-04"}),
    ("pods' subnet of 251 addresses", lambda p: p.put("private-b", "cidrBlock", "10.0.32.0/24"), {"NET-04"}),
    ("Karpenter's subnet small", lambda p: p.put("public-a", "tags", {"karpenter.sh/discovery": "tandem"}), {"NET-04"}),
    ("pods' subnet left to AWS", lambda p: p.delete("private-a", "cidrBlock"), {"NET-04"}),
    ("pods' subnet unknown", lambda p: p.hide("private-a", "cidrBlock"), {"NET-04?"}),
    ("subnet's tags unknown", lambda p: p.hide("public-a", "tags"), {"NET-04?"}),
    # NET-05
    ("attachment in one zone", lambda p: attached(p, "private-a"), {"NET-05"}),
    ("attachment in two of three zones", lambda p: attached(p, "private-a", "private-b"), {"NET-05"}),
    ("attachment twice in a zone", lambda p: attached(p, "private-a", "private-b", "public-b"), {"NET-05"}),
    ("attachment from elsewhere in two of three zones", lambda p: attached_from_elsewhere(p, "id-private-a", "id-private-b"), {"NET-05"}),
    ("attachment's VPC not in view", lambda p: attached(p, *PRIVATE).cut("attachment", "vpcId"), {"NET-05?"}),
    ("attachment from elsewhere, a subnet not in view", lambda p: attached_from_elsewhere(p, "id-private-a", "id-private-b", "id-3"), {"NET-05?"}),
    # NET-06
    ("the other region's addresses the same", lambda p: with_other_region(p).put("vpc-west", "cidrBlock", "10.0.0.0/16"), {"NET-06"}),
    ("the other region's addresses within", lambda p: with_other_region(p).put("vpc-west", "cidrBlock", "10.0.128.0/20"), {"NET-06"}),
    ("the other region's addresses around", lambda p: with_other_region(p).put("vpc-west", "cidrBlock", "10.0.0.0/8"), {"NET-06"}),
    ("this region's addresses unknown", lambda p: with_other_region(p).hide("vpc", "cidrBlock"), {"NET-06?"}),
    ("this region's addresses left to an address manager", lambda p: with_other_region(p).delete("vpc", "cidrBlock"), {"NET-06?"}),
    ("the other region's second addresses the same", lambda p: with_other_region(p).add("more", Thing("aws:ec2/vpcIpv4CidrBlockAssociation:VpcIpv4CidrBlockAssociation", {"vpcId": UNKNOWN_TEXT, "cidrBlock": "10.0.0.0/16"}, {"vpcId": ["vpc-west"]}, region="us-west-2", stack="secondary")), {"NET-06"}),
    ("the other cloud's addresses within", lambda p: with_other_region(p).add("google", Thing("gcp:compute/subnetwork:Subnetwork", {"ipCidrRange": "10.2.0.0/16", "secondaryIpRanges": [{"ipCidrRange": "10.0.16.0/20"}]}, region="us-central1")), {"NET-06"}),
    ("the other region's addresses unknown", lambda p: with_other_region(p).hide("vpc-west", "cidrBlock"), {"NET-06?"}),
    ("the other region's addresses the same, by another address of theirs", lambda p: with_other_region(p).put("vpc-west", "cidrBlock", "10.0.1.0/16"), {"NET-06"}),
    # NET-07
    ("no way to S3", lambda p: p.drop("to-s3"), {"NET-07"}),
    ("no way to DynamoDB", lambda p: p.drop("to-dynamodb"), {"NET-07"}),
    ("no way to S3 from one zone", lambda p: p.put("to-s3", "routeTableIds", [UNKNOWN_TEXT] * 2).point("to-s3", "routeTableIds", "table-a", "table-b"), {"NET-07"}),
    ("S3 by associations from two zones", lambda p: by_association(p, "s3", "a", "c"), {"NET-07"}),
    ("S3 by interfaces", lambda p: p.put("to-s3", "vpcEndpointType", "Interface").put("to-s3", "subnetIds", [UNKNOWN_TEXT] * 3).point("to-s3", "subnetIds", *PRIVATE), {"NET-07"}),
    ("whether the way to S3 is an interface unknown", lambda p: p.hide("to-s3", "vpcEndpointType"), {"NET-03?", "NET-07?"}),
    ("a way to another service", lambda p: p.put("to-s3", "serviceName", "com.amazonaws.us-east-1.s3express"), {"NET-07"}),
    ("an association to nothing in view", lambda p: by_association(p, "s3", *ZONES).cut("to-s3-a", "vpcEndpointId"), {"NET-07?"}),
    ("tables of the way to S3 unknown", lambda p: p.hide("to-s3", "routeTableIds"), {"NET-07?"}),
    ("two of three tables of the way to S3", lambda p: p.put("to-s3", "routeTableIds", [UNKNOWN_TEXT] * 2), {"NET-07?"}),
    ("service of the way unknown", lambda p: p.hide("to-s3", "serviceName"), {"NET-07?"}),
    ("services of both ways unknown", lambda p: p.hide("to-s3", "serviceName").hide("to-dynamodb", "serviceName"), {"NET-07?"}),
    # NET-08
    ("no flow log", lambda p: p.drop("flow-log"), {"NET-08"}),
    ("flow log of what is refused", lambda p: p.put("flow-log", "trafficType", "REJECT"), {"NET-08"}),
    ("flow log of nothing in particular", lambda p: p.delete("flow-log", "trafficType"), {"NET-08"}),
    ("flow log of a subnet", lambda p: p.delete("flow-log", "vpcId").cut("flow-log", "vpcId").put("flow-log", "subnetId", UNKNOWN_TEXT), {"NET-08"}),
    ("flow log's VPC not in view", lambda p: p.cut("flow-log", "vpcId"), {"NET-08?"}),
    ("VPCs of two flow logs not in view", lambda p: p.cut("flow-log", "vpcId").add("flow-log-2", Thing("aws:ec2/flowLog:FlowLog", {"vpcId": UNKNOWN_TEXT, "trafficType": "ALL"})), {"NET-08?"}),
    ("flow log's traffic unknown", lambda p: p.hide("flow-log", "trafficType"), {"NET-08?"}),
    # NET-09
    ("no way to the registry", lambda p: p.drop("to-ecr.dkr"), {"NET-09"}),
    ("no way to STS", lambda p: p.drop("to-sts"), {"NET-09"}),
    ("a way that has no private names", lambda p: p.put("to-eks-auth", "privateDnsEnabled", False), {"NET-09"}),
    ("a way of another VPC", lambda p: with_other_region(p).point("to-sts", "vpcId", "vpc-west"), {"NET-03", "NET-09", "SYS-04"}),
    ("private names by default", lambda p: p.delete("to-ec2", "privateDnsEnabled"), {"NET-09"}),
    ("private names unknown", lambda p: p.hide("to-ec2", "privateDnsEnabled"), {"NET-09?"}),
    ("endpoint's service unknown", lambda p: p.hide("to-eks", "serviceName"), {"NET-09?"}),
    ("private names of two unknown", lambda p: p.hide("to-ec2", "privateDnsEnabled").hide("to-eks", "privateDnsEnabled"), {"NET-09?"}),
    ("no way to STS, and a gateway's VPC not in view", lambda p: p.drop("to-sts").cut("to-s3", "vpcId"), {"NET-09"}),
    # NET-10
    ("no routes across", lambda p: peered(p), {"NET-10"}),
    ("routes there and none back", lambda p: peered(p, "us-east-1", "us-east-1"), {"NET-10"}),
    ("routes back and none there", lambda p: peered(p, "us-west-2"), {"NET-10"}),
    ("one route in one region", lambda p: peered(p, "us-east-1", peer_region=None), {"NET-10"}),
    ("the other end's region unknown", lambda p: peered(p, "us-east-1", "us-east-1", peer_region=UNKNOWN_TEXT), {"NET-10?"}),
    ("a route's region unknown", lambda p: peered(p, "us-east-1", UNKNOWN_TEXT), {"NET-10?"}),
    ("the own end's region unknown", lambda p: peered(p, "us-east-1", "us-west-2").put("peering", "region", UNKNOWN_TEXT), {"NET-10?"}),
    # NET-11
    ("SSH open to everyone", lambda p: p.put("https", "fromPort", 22).put("https", "toPort", 22), {"NET-11"}),
    ("a range open to everyone", lambda p: p.put("https", "toPort", 8443), {"NET-11"}),
    ("everything open to everyone", lambda p: p.delete("https", "fromPort").delete("https", "toPort").put("https", "ipProtocol", "-1"), {"NET-11"}),
    ("PostgreSQL open to everyone by IPv6", lambda p: p.delete("https", "cidrIpv4").put("https", "cidrIpv6", "::/0").put("https", "fromPort", 5432).put("https", "toPort", 5432), {"NET-11"}),
    ("Redis open by an older rule", lambda p: p.add("redis", opened("0.0.0.0/0", 6379, 6379)), {"NET-11"}),
    ("Redis open inside a group", lambda p: p.add("redis", group("0.0.0.0/0", 6379)), {"NET-11"}),
    ("PostgreSQL open to both halves of the world", lambda p: p.add("halves", Thing("aws:ec2/securityGroup:SecurityGroup", {"ingress": [{"protocol": "tcp", "fromPort": 5432, "toPort": 5432, "cidrBlocks": ["0.0.0.0/1", "128.0.0.0/1"]}]})), {"NET-11"}),
    ("SSH open to half of the world", lambda p: p.put("https", "fromPort", 22).put("https", "toPort", 22).put("https", "cidrIpv4", "128.0.0.0/1"), {"NET-11"}),
    ("SSH open to everyone by IPv6, written otherwise", lambda p: p.delete("https", "cidrIpv4").put("https", "cidrIpv6", "0::/0").put("https", "fromPort", 22).put("https", "toPort", 22), {"NET-11"}),
    ("SSH open in the VPC's own group", lambda p: p.add("own", Thing("aws:ec2/defaultSecurityGroup:DefaultSecurityGroup", {"ingress": [{"protocol": "tcp", "fromPort": 22, "toPort": 22, "cidrBlocks": ["0.0.0.0/0"]}]})), {"NET-11"}),
    ("every port of a protocol that has them all", lambda p: p.put("https", "ipProtocol", "-1"), {"NET-11"}),
    ("protocol that everyone may speak unknown", lambda p: p.hide("https", "ipProtocol"), {"NET-11?"}),
    ("who may connect unknown", lambda p: p.hide("https", "cidrIpv4").put("https", "fromPort", 22).put("https", "toPort", 22), {"NET-11?"}),
    ("open port unknown", lambda p: p.hide("https", "fromPort"), {"NET-11?"}),
]  # fmt: skip

GOOD: list[Mutant] = [
    ("everyone may ask whether it is there", lambda p: p.put("https", "ipProtocol", "icmp").put("https", "fromPort", 3).put("https", "toPort", 4), set()),
    ("everyone may ask whether it is there, by IPv6 and by number", lambda p: p.delete("https", "cidrIpv4").put("https", "cidrIpv6", "::/0").put("https", "ipProtocol", "58").put("https", "fromPort", -1).put("https", "toPort", -1), set()),
    ("SSH open to all private addresses", lambda p: p.put("https", "fromPort", 22).put("https", "toPort", 22).put("https", "cidrIpv4", "10.0.0.0/8"), set()),
    ("SSH open to all private addresses of IPv6", lambda p: p.delete("https", "cidrIpv4").put("https", "cidrIpv6", "fc00::/7").put("https", "fromPort", 22).put("https", "toPort", 22), set()),
    ("the VPC's own group lets itself in", lambda p: p.add("own", Thing("aws:ec2/defaultSecurityGroup:DefaultSecurityGroup", {"ingress": [{"protocol": "-1", "fromPort": 0, "toPort": 0, "self": True}]})), set()),
    ("main table", with_main, set()),
    ("table that AWS made", taken_over, set()),
    ("route into the main table", by_words, set()),
    ("table that AWS made and another is instead", lambda p: with_main(taken_over(p, "b")), set()),
    ("routes that the program leaves out, as planned", lambda p: p.hide("table-a", "routes"), set()),
    ("regional NAT gateway", lambda p: p.point("out-b", "natGatewayId", "nat-a").put("nat-a", "availabilityMode", "regional"), set()),
    ("both regions' networks", with_other_region, set()),
    ("endpoint that is in every zone by more subnets", lambda p: p.put("to-sts", "subnetIds", [UNKNOWN_TEXT] * 4).point("to-sts", "subnetIds", *PRIVATE, "public-a"), set()),
    ("pods' subnet just large enough", lambda p: p.put("private-a", "cidrBlock", "10.0.0.0/20"), set()),
    ("pods' subnet of IPv6 alone", lambda p: p.delete("private-a", "cidrBlock").put("private-a", "ipv6Native", True), set()),
    ("a table to the internet, once it stands", lambda p: p.add("open", Thing(ROUTE_TABLE, {"vpcId": UNKNOWN_TEXT}, {"vpcId": ["vpc"]})).add("open-out", Thing(ROUTE, {"destinationCidrBlock": "0.0.0.0/0", "gatewayId": "igw-1", "natGatewayId": ""}, {"routeTableId": ["open"]})), set()),
    ("small subnet without pods", lambda p: p.put("public-a", "cidrBlock", "10.0.200.0/28"), set()),
    ("attachment in every zone", lambda p: attached(p, *PRIVATE), set()),
    ("attachment from elsewhere in every zone", lambda p: attached_from_elsewhere(p, *[f"id-{name}" for name in PRIVATE]), set()),
    ("S3 by associations", lambda p: by_association(p, "s3", *ZONES), set()),
    ("a table without a way out needs no way to S3", lambda p: p.add("closed", Thing(ROUTE_TABLE, {"vpcId": UNKNOWN_TEXT}, {"vpcId": ["vpc"]})), set()),
    ("a second flow log of less", lambda p: p.add("refused", Thing("aws:ec2/flowLog:FlowLog", {"vpcId": UNKNOWN_TEXT, "trafficType": "REJECT"}, {"vpcId": ["vpc"]})), set()),
    ("routes there and back", lambda p: peered(p, "us-east-1", "us-west-2"), set()),
    ("routes there and back in one region", lambda p: peered(p, "us-east-1", "us-east-1", peer_region=None), set()),
    ("HTTP open to everyone", lambda p: p.put("https", "fromPort", 80).put("https", "toPort", 80), set()),
    ("SSH from one network", lambda p: p.add("ssh", opened("203.0.113.0/24", 22, 22)), set()),
    ("everything out", lambda p: p.add("out", opened("0.0.0.0/0", 0, 65535)).put("out", "type", "egress"), set()),
]  # fmt: skip

EVIDENCE: dict[str, set[str]] = {
    "routes that nobody knows": {"NET-02: routes[*] is not known yet, and so which NAT gateways it leads to"},
    "routes that nobody knows, and no way to S3": {"NET-07: routes[*] is not known yet, and so whether it leads to a NAT gateway"},
    "VPC of the table that AWS made not in view": {"NET-02: default.defaultRouteTableId leads to no VPC in view, nor to its subnets without a table of their own"},
    "VPC of the main table not in view": {"NET-02: main.vpcId leads to no VPC in view, nor to its subnets without a table of their own"},
    "a zone through the main table, or through one of its own": {"NET-02: private-b in us-east-1b leaves through nat-a in us-east-1a, unless association-b gives it another table"},
    "NAT gateway not in view": {"NET-02: natGatewayId leads to nothing in view, so its zone is not known"},
    "NAT gateway's subnet not in view": {"NET-02: nat-b.subnetId is not known"},
    "a routed subnet's zone unknown": {"NET-02: private-c.availabilityZone is not known"},
    "a zone left to AWS": {"NET-03: zones of its subnets: us-east-1a, us-east-1b; of vpc: us-east-1a, us-east-1b; more depends on private-c.availabilityZone"},
    "endpoint's edges gone": {"NET-03: zones of its subnets: none; of vpc: us-east-1a, us-east-1b, us-east-1c; more depends on subnetIds"},
    "a subnet without endpoints left to AWS": {"NET-03: zones of its subnets: us-east-1a, us-east-1b, us-east-1c; of vpc: us-east-1a, us-east-1b, us-east-1c; more depends on zones that are not known yet"},
    "attachment from elsewhere, a subnet not in view": {"NET-05: zones of its subnets: us-east-1a, us-east-1b; of vpc: us-east-1a, us-east-1b, us-east-1c; more depends on subnetIds"},
    "the other region's addresses unknown": {"NET-06: addresses of vpc-west in secondary are not known"},
    "services of both ways unknown": {"NET-07: gateway endpoints: none; to-dynamodb.serviceName is not known yet"},
    "VPCs of two flow logs not in view": {"NET-08: flow-log.vpcId leads to no VPC in view: it may be this one's log"},
    "private names of two unknown": {"NET-09: no interface endpoint for ec2, eks is certain; to-ec2.privateDnsEnabled is not known yet"},
    "no routes across": {"NET-10: routes in: none; there must be some on both sides, in us-east-1 and us-west-2"},
    "who may connect unknown": {"NET-11: cidrIpv4 is not known yet, and so who may connect"},
    "open port unknown": {"NET-11: fromPort is not known yet, and everyone may connect"},
    "PostgreSQL open to both halves of the world": {"NET-11: everyone (0.0.0.0/0) may connect to ports 5432 to 5432; only 80 and 443 may be open"},
}  # fmt: skip
"""Where it would be false to say anything else."""
