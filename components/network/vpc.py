"""The network of one region."""

from enum import StrEnum
from typing import NotRequired, TypedDict

import pulumi
import pulumi_aws as aws

from components._security_groups import admit
from components.network._plan import plan_subnets

ANYWHERE = "0.0.0.0/0"


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
    nat_gateways: NotRequired[NatGateways]
    """One in each zone (default), or a single one whose zone takes every zone's way out along."""
    region: NotRequired[str]
    """Region of every child. Default: the provider's."""


class Network(pulumi.ComponentResource):
    """A VPC over several zones: losing one leaves the others their subnets, routes, NAT gateway and endpoints.

    S3 is reached by a gateway endpoint and the image registry by interface endpoints in every zone, so that nodes
    pull images while a NAT gateway is down.

    Cost when idle: NAT gateways and interface endpoints, by the hour. State: none. Regions: all children regional.
    """

    vpc_id: pulumi.Output[str]
    """Id of the VPC."""
    cidr: str
    """Network of the VPC."""
    zones: list[str]
    """Zones, in the order of every list of subnets below."""
    public_subnet_ids: list[pulumi.Output[str]]
    """Subnets with a route to the internet: load balancers and NAT gateways."""
    private_subnet_ids: list[pulumi.Output[str]]
    """Subnets of nodes and pods."""
    private_subnet_cidrs: list[str]
    """Networks of nodes and pods: who may reach databases and caches."""
    database_subnet_ids: list[pulumi.Output[str]]
    """Subnets without a route to the outside."""
    nat_addresses: list[pulumi.Output[str]]
    """Public IPv4 addresses that nodes and pods come from, as the outside sees them."""

    def __init__(self, name: str, args: NetworkArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        plan = plan_subnets(args["cidr"], args["zones"])
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
        aws.ec2.Route(
            f"{name}-public-out",
            route_table_id=to_internet.id,
            destination_cidr_block=ANYWHERE,
            gateway_id=internet.id,
            region=region,
            opts=child,
        )

        self.public_subnet_ids, self.private_subnet_ids, self.database_subnet_ids = [], [], []
        self.nat_addresses = []
        private_tables: list[pulumi.Output[str]] = []
        nats: list[aws.ec2.NatGateway] = []
        for position, zone in enumerate(plan):
            public = aws.ec2.Subnet(
                f"{name}-public-{zone.zone}",
                cidr_block=zone.public,
                # Load balancers find their subnets by these tags:
                # https://kubernetes-sigs.github.io/aws-load-balancer-controller/latest/deploy/subnet_discovery/
                tags={"Name": f"{name}-public-{zone.zone}", "kubernetes.io/role/elb": "1"},
                vpc_id=vpc.id,
                availability_zone=zone.zone,
                region=region,
                opts=child,
            )
            aws.ec2.RouteTableAssociation(
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
            private = aws.ec2.Subnet(
                f"{name}-private-{zone.zone}",
                cidr_block=zone.private,
                tags={"Name": f"{name}-private-{zone.zone}", "kubernetes.io/role/internal-elb": "1"},
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
            aws.ec2.Route(
                f"{name}-private-{zone.zone}-out",
                route_table_id=private_table.id,
                destination_cidr_block=ANYWHERE,
                nat_gateway_id=nats[-1].id,
                region=region,
                opts=child,
            )
            aws.ec2.RouteTableAssociation(
                f"{name}-private-{zone.zone}",
                subnet_id=private.id,
                route_table_id=private_table.id,
                region=region,
                opts=child,
            )
            database = aws.ec2.Subnet(
                f"{name}-database-{zone.zone}",
                cidr_block=zone.database,
                tags={"Name": f"{name}-database-{zone.zone}"},
                vpc_id=vpc.id,
                availability_zone=zone.zone,
                region=region,
                opts=child,
            )
            self.public_subnet_ids.append(public.id)
            self.private_subnet_ids.append(private.id)
            self.database_subnet_ids.append(database.id)
            private_tables.append(private_table.id)

        self._add_endpoints(name, vpc, args["cidr"], private_tables, region)
        self.vpc_id = vpc.id
        self.cidr = args["cidr"]
        self.zones = list(args["zones"])
        self.private_subnet_cidrs = [zone.private for zone in plan]
        self.register_outputs({"vpcId": self.vpc_id, "privateSubnetIds": self.private_subnet_ids})

    def _add_endpoints(
        self, name: str, vpc: aws.ec2.Vpc, cidr: str, private_tables: list[pulumi.Output[str]], region: str | None
    ) -> None:
        child = pulumi.ResourceOptions(parent=self)
        endpoint_region = vpc.region
        aws.ec2.VpcEndpoint(
            f"{name}-s3",
            vpc_id=vpc.id,
            service_name=pulumi.Output.concat("com.amazonaws.", endpoint_region, ".s3"),
            vpc_endpoint_type="Gateway",
            route_table_ids=private_tables,
            tags={"Name": f"{name}-s3"},
            region=region,
            opts=child,
        )
        group = aws.ec2.SecurityGroup(
            f"{name}-endpoints",
            description="HTTPS from the VPC to interface endpoints",
            vpc_id=vpc.id,
            tags={"Name": f"{name}-endpoints"},
            region=region,
            opts=child,
        )
        admit(f"{name}-endpoints-from", group.id, 443, cidrs=[cidr], region=region, opts=child)
        for service in ("ecr.api", "ecr.dkr"):
            aws.ec2.VpcEndpoint(
                f"{name}-{service.replace('.', '-')}",
                vpc_id=vpc.id,
                service_name=pulumi.Output.concat("com.amazonaws.", endpoint_region, f".{service}"),
                vpc_endpoint_type="Interface",
                private_dns_enabled=True,
                subnet_ids=self.private_subnet_ids,
                security_group_ids=[group.id],
                tags={"Name": f"{name}-{service}"},
                region=region,
                opts=child,
            )
