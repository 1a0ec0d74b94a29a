"""The network of one region."""

from enum import StrEnum
from typing import NotRequired, TypedDict

import pulumi
import pulumi_aws as aws

from components._outputs import known_once
from components._security_groups import admit
from components.iam import allow, document, trust
from components.network._plan import ZonePlan, plan_subnets, room

ANYWHERE = "0.0.0.0/0"

GATEWAY_SERVICES = ("s3", "dynamodb")
INTERFACE_SERVICES = (
    "ecr.api",
    "ecr.dkr",
    "sts",
    "secretsmanager",
    "kms",
    "logs",
    "ec2",
    "elasticloadbalancing",
    "autoscaling",
    "ssm",
    "ssmmessages",
    "ec2messages",
    "eks",
    "eks-auth",
    "sqs",
)
"""What nodes, pods and controllers ask of AWS, by the last part of the service's name ("AWS services that integrate
with AWS PrivateLink", read 2026-11)."""

FLOW_SECONDS = 60
"""Traffic is written down by the minute, not by AWS's default of ten: an outage is told in minutes."""


class NatGateways(StrEnum):
    """How private subnets reach the outside."""

    PER_ZONE = "per-zone"
    """One NAT gateway in each zone: losing a zone takes no other zone's way out."""
    SINGLE = "single"
    """One for all zones. Cheaper, and its zone takes every zone's way out along; the policy pack refuses it."""


class NetworkArgs(TypedDict):
    """Inputs of Network."""

    cidr: str
    """IPv4 network of the VPC, /16 to /20."""
    zones: list[str]
    """Two to four availability zones of the region, in an order that never changes."""
    cluster_name: str
    """Cluster whose nodes and load balancers find their subnets by its name; it need not exist yet."""
    flow_log_name: str
    """Physical name, unique in the region; the log of all traffic is ``/aws/vpc/`` and this."""
    flow_log_key_arn: pulumi.Input[str]
    """Key of this region that encrypts the log."""
    log_retention_days: int
    """Days that the log is kept."""
    max_addresses: NotRequired[int]
    """Nodes, pods and endpoints that there may be in all; refused if they did not fit without one zone. Default: not
    checked, ``room`` says how many do."""
    nat_gateways: NotRequired[NatGateways]
    """One in each zone (default), or a single one whose zone takes every zone's way out along."""
    region: NotRequired[str]
    """Region of every child. Default: the provider's."""


class Network(pulumi.ComponentResource):
    """A VPC over several zones: losing one leaves the others their subnets, routes, NAT gateway and endpoints.

    The pods of a lost zone fit into the others' subnets, as long as there are at most ``room`` addresses in use. S3 and
    DynamoDB are reached by gateway endpoints and what nodes, pods and controllers ask of AWS by interface endpoints in
    every zone, so that nodes start, pull images and get rights while a NAT gateway is down.

    Cost when idle: NAT gateways and each interface endpoint in each zone, by the hour. State: the log of traffic.
    Regions: the log's role is global, all else regional.
    """

    vpc_id: pulumi.Output[str]
    """Id of the VPC."""
    cidr: str
    """Network of the VPC."""
    zones: list[str]
    """Zones, in the order of every list of subnets below."""
    public_subnet_ids: list[pulumi.Output[str]]
    """Subnets of load balancers and NAT gateways, known once they have their route to the internet."""
    private_subnet_ids: list[pulumi.Output[str]]
    """Subnets of nodes and pods, known once they have their way out."""
    private_subnet_cidrs: list[str]
    """Networks of nodes and pods: who may reach databases and caches."""
    private_route_table_ids: list[pulumi.Output[str]]
    """Route tables of nodes and pods, one a zone."""
    database_subnet_ids: list[pulumi.Output[str]]
    """Subnets without a route to the outside, known once nothing else can give them one."""
    database_subnet_cidrs: list[str]
    """Networks of databases and caches."""
    database_route_table_ids: list[pulumi.Output[str]]
    """The route table of all database subnets: one, because it leads to nothing that is in a zone."""
    endpoints_security_group_id: pulumi.Output[str]
    """Security group of the interface endpoints."""
    endpoint_ids: dict[str, pulumi.Output[str]]
    """Endpoint of each service, such as ``s3`` or ``ecr.api``."""
    room: int
    """Addresses for nodes and pods that are left when a zone is lost: all there may be at any time."""
    nat_gateway_ids: dict[str, pulumi.Output[str]]
    """NAT gateways, by zone."""
    nat_addresses: list[pulumi.Output[str]]
    """Public IPv4 addresses that nodes and pods come from, as the outside sees them."""

    def __init__(self, name: str, args: NetworkArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        plan = plan_subnets(args["cidr"], args["zones"], addresses=int(args.get("max_addresses", 0)))
        nat_gateways = NatGateways(args.get("nat_gateways", NatGateways.PER_ZONE))
        region = args.get("region")
        super().__init__("tandem:index:Network", name, {}, opts)
        child = pulumi.ResourceOptions(parent=self)

        vpc = aws.ec2.Vpc(
            name,
            cidr_block=args["cidr"],
            enable_dns_hostnames=True,
            enable_dns_support=True,
            tags={"Name": name},
            region=region,
            opts=child,
        )
        internet = aws.ec2.InternetGateway(
            f"{name}-internet", vpc_id=vpc.id, tags={"Name": name}, region=region, opts=child
        )
        to_internet = aws.ec2.RouteTable(
            f"{name}-public", vpc_id=vpc.id, tags={"Name": f"{name}-public"}, region=region, opts=child
        )
        out = aws.ec2.Route(
            f"{name}-public-out",
            route_table_id=to_internet.id,
            destination_cidr_block=ANYWHERE,
            gateway_id=internet.id,
            region=region,
            opts=child,
        )

        owned = {f"kubernetes.io/cluster/{args['cluster_name']}": "shared"}
        self.public_subnet_ids, self.private_subnet_ids = [], []
        self.nat_addresses, self.private_route_table_ids, self.nat_gateway_ids = [], [], {}
        pods: list[pulumi.Output[str]] = []
        nats: list[aws.ec2.NatGateway] = []
        for position, zone in enumerate(plan):
            public = aws.ec2.Subnet(
                f"{name}-public-{zone.zone}",
                cidr_block=zone.public,
                # Load balancers find their subnets by these tags:
                # https://kubernetes-sigs.github.io/aws-load-balancer-controller/latest/deploy/subnet_discovery/
                tags={"Name": f"{name}-public-{zone.zone}", "kubernetes.io/role/elb": "1"} | owned,
                vpc_id=vpc.id,
                availability_zone=zone.zone,
                region=region,
                opts=child,
            )
            reached = aws.ec2.RouteTableAssociation(
                f"{name}-public-{zone.zone}",
                subnet_id=public.id,
                route_table_id=to_internet.id,
                region=region,
                opts=child,
            )
            if position == 0 or nat_gateways is NatGateways.PER_ZONE:
                address = aws.ec2.Eip(
                    f"{name}-nat-{zone.zone}", domain="vpc", tags={"Name": f"{name}-nat-{zone.zone}"}, region=region,
                    opts=child,
                )  # fmt: skip
                self.nat_addresses.append(address.public_ip)
                nats.append(
                    aws.ec2.NatGateway(
                        f"{name}-{zone.zone}",
                        subnet_id=public.id,
                        allocation_id=address.id,
                        tags={"Name": f"{name}-{zone.zone}"},
                        region=region,
                        # An address cannot be mapped while the VPC has no way to the internet.
                        opts=pulumi.ResourceOptions(parent=self, depends_on=[internet]),
                    )
                )
                self.nat_gateway_ids[zone.zone] = nats[-1].id
            private = aws.ec2.Subnet(
                f"{name}-private-{zone.zone}",
                cidr_block=zone.private,
                tags={
                    "Name": f"{name}-private-{zone.zone}",
                    "kubernetes.io/role/internal-elb": "1",
                    # Karpenter starts nodes in what its node classes select by this tag:
                    # https://karpenter.sh/docs/concepts/nodeclasses/
                    "karpenter.sh/discovery": args["cluster_name"],
                }
                | owned,
                vpc_id=vpc.id,
                availability_zone=zone.zone,
                region=region,
                opts=child,
            )
            private_table = aws.ec2.RouteTable(
                f"{name}-private-{zone.zone}",
                vpc_id=vpc.id,
                tags={"Name": f"{name}-private-{zone.zone}"},
                region=region,
                opts=child,
            )
            way_out = aws.ec2.Route(
                f"{name}-private-{zone.zone}-out",
                route_table_id=private_table.id,
                destination_cidr_block=ANYWHERE,
                nat_gateway_id=nats[-1].id,
                region=region,
                opts=child,
            )
            leaving = aws.ec2.RouteTableAssociation(
                f"{name}-private-{zone.zone}",
                subnet_id=private.id,
                route_table_id=private_table.id,
                region=region,
                opts=child,
            )
            # What stands in a subnet is made after its way out and goes before it: a load balancer cannot be made
            # without an internet gateway, nor the gateway be taken away while something has a public address.
            self.public_subnet_ids.append(known_once(public.id, reached.id, out.id))
            self.private_subnet_ids.append(known_once(private.id, leaving.id, way_out.id))
            self.private_route_table_ids.append(private_table.id)
            pods.append(private.id)

        self._add_database_subnets(name, vpc, plan, region)
        self._add_endpoints(name, vpc, args["cidr"], pods, region)
        self._add_flow_log(name, vpc, args)
        self.vpc_id = vpc.id
        self.cidr = args["cidr"]
        self.zones = list(args["zones"])
        self.private_subnet_cidrs = [zone.private for zone in plan]
        self.database_subnet_cidrs = [zone.database for zone in plan]
        self.room = room(args["cidr"], len(plan))
        self.register_outputs({"vpcId": self.vpc_id, "privateSubnetIds": self.private_subnet_ids})

    def _add_database_subnets(self, name: str, vpc: "aws.ec2.Vpc", plan: list[ZonePlan], region: str | None) -> None:
        child = pulumi.ResourceOptions(parent=self)
        # Without one of their own they would share the VPC's main table, and whatever somebody adds to that.
        table = aws.ec2.RouteTable(
            f"{name}-database", vpc_id=vpc.id, tags={"Name": f"{name}-database"}, region=region, opts=child
        )
        self.database_subnet_ids = []
        for zone in plan:
            subnet = aws.ec2.Subnet(
                f"{name}-database-{zone.zone}",
                cidr_block=zone.database,
                tags={"Name": f"{name}-database-{zone.zone}"},
                vpc_id=vpc.id,
                availability_zone=zone.zone,
                region=region,
                opts=child,
            )
            association = aws.ec2.RouteTableAssociation(
                f"{name}-database-{zone.zone}",
                subnet_id=subnet.id,
                route_table_id=table.id,
                region=region,
                opts=child,
            )
            self.database_subnet_ids.append(known_once(subnet.id, association.id))
        self.database_route_table_ids = [table.id]

    def _add_endpoints(
        self, name: str, vpc: "aws.ec2.Vpc", cidr: str, subnet_ids: list[pulumi.Output[str]], region: str | None
    ) -> None:
        child = pulumi.ResourceOptions(parent=self)
        services = pulumi.Output.concat("com.amazonaws.", vpc.region, ".")
        self.endpoint_ids = {
            service: aws.ec2.VpcEndpoint(
                f"{name}-{service}",
                vpc_id=vpc.id,
                service_name=pulumi.Output.concat(services, service),
                vpc_endpoint_type="Gateway",
                route_table_ids=[*self.private_route_table_ids, *self.database_route_table_ids],
                tags={"Name": f"{name}-{service}"},
                region=region,
                opts=child,
            ).id
            for service in GATEWAY_SERVICES
        }
        group = aws.ec2.SecurityGroup(
            f"{name}-endpoints",
            description="HTTPS from the VPC to interface endpoints",
            vpc_id=vpc.id,
            tags={"Name": f"{name}-endpoints"},
            region=region,
            opts=child,
        )
        self.endpoints_security_group_id = group.id
        # Whoever is in the VPC may ask: rights are the caller's, not its address'.
        admit(f"{name}-endpoints-from", group.id, 443, cidrs=[cidr], region=region, opts=child)
        self.endpoint_ids |= {
            service: aws.ec2.VpcEndpoint(
                f"{name}-{service.replace('.', '-')}",
                vpc_id=vpc.id,
                service_name=pulumi.Output.concat(services, service),
                vpc_endpoint_type="Interface",
                private_dns_enabled=True,
                subnet_ids=subnet_ids,
                security_group_ids=[group.id],
                tags={"Name": f"{name}-{service}"},
                region=region,
                opts=child,
            ).id
            for service in INTERFACE_SERVICES
        }

    def _add_flow_log(self, name: str, vpc: "aws.ec2.Vpc", args: NetworkArgs) -> None:
        region = args.get("region")
        child = pulumi.ResourceOptions(parent=self)
        # Made first: a group that AWS makes keeps everything for ever and unencrypted.
        group = aws.cloudwatch.LogGroup(
            f"{name}-flow",
            name=f"/aws/vpc/{args['flow_log_name']}",
            retention_in_days=int(args["log_retention_days"]),
            kms_key_id=args["flow_log_key_arn"],
            region=region,
            opts=child,
        )
        role = aws.iam.Role(f"{name}-flow", assume_role_policy=trust("vpc-flow-logs.amazonaws.com"), opts=child)
        permission = aws.iam.RolePolicy(
            f"{name}-flow", role=role.name, policy=group.arn.apply(render_flow_policy), opts=child
        )
        aws.ec2.FlowLog(
            f"{name}-flow",
            vpc_id=vpc.id,
            traffic_type="ALL",
            log_destination_type="cloud-watch-logs",
            log_destination=group.arn,
            iam_role_arn=known_once(role.arn, permission.id),
            max_aggregation_interval=FLOW_SECONDS,
            tags={"Name": name},
            region=region,
            opts=child,
        )


def render_flow_policy(group_arn: str) -> str:
    """What the flow log may do, as JSON text: write to its own log group.

    As the VPC User Guide documents it ("IAM role for publishing flow logs to CloudWatch Logs"), without the right to
    make groups and bounded to this one.
    """
    return document(
        [
            allow(
                ["logs:CreateLogStream", "logs:PutLogEvents", "logs:DescribeLogGroups", "logs:DescribeLogStreams"],
                [group_arn, f"{group_arn}:*"],
            )
        ]
    )
