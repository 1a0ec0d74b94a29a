"""A way between the networks of two regions, over a transit gateway in each."""

from collections.abc import Sequence
from typing import NotRequired, TypedDict

import pulumi
import pulumi_aws as aws

from components._outputs import known_once
from components.network.peering import check_sides

ASN, PEER_ASN = 64512, 64513
"""Private numbers. AWS advises different ones for gateways that are peered (Transit Gateways, "Transit gateway peering
attachments")."""


class TransitGatewayLinkArgs(TypedDict):
    """Inputs of TransitGatewayLink."""

    vpc_id: pulumi.Input[str]
    """VPC of this side."""
    cidr: pulumi.Input[str]
    """Network of this side."""
    subnet_ids: list[pulumi.Input[str]]
    """Subnets of this side, one in every zone: a zone without one does not reach the gateway."""
    route_table_ids: list[pulumi.Input[str]]
    """Route tables of this side that lead to the other."""
    region: str
    """Region of this side."""
    peer_vpc_id: pulumi.Input[str]
    """VPC of the other side."""
    peer_cidr: pulumi.Input[str]
    """Network of the other side; it must not overlap this one's."""
    peer_subnet_ids: pulumi.Input[list[str]]
    """Subnets of the other side, one in every zone."""
    peer_region: str
    """Region of the other side."""
    peer_route_table_ids: pulumi.Input[list[str]]
    """Route tables of the other side that lead to this one."""
    peer_route_tables: int
    """How many those are; it decides how many routes exist, so it is said rather than found out."""
    asn: NotRequired[int]
    """Autonomous system number of this side's gateway. Default 64512."""
    peer_asn: NotRequired[int]
    """Autonomous system number of the other side's gateway. Default 64513."""


class TransitGatewayLink(pulumi.ComponentResource):
    """A transit gateway in each region, peered, with routes on both sides.

    Against PeeringLink it costs by the hour and by the byte, and lets further networks, VPNs and offices join. A
    gateway is in several zones by itself; a VPC reaches it from every zone that the attachment has a subnet in, so
    losing one zone leaves the others their way. Peered gateways exchange no routes: those here are static
    (terraform-aws-transit-gateway#159, read 2026-11).

    Both sides are made by whoever makes the link: changing it needs both regions, using it needs no control plane.

    Cost when idle: each attachment, by the hour. State: none. Regions: each child in its side's.
    """

    gateway_id: pulumi.Output[str]
    """Transit gateway of this side."""
    peer_gateway_id: pulumi.Output[str]
    """Transit gateway of the other side."""
    route_table_id: pulumi.Output[str]
    """Route table of this side's gateway, for what joins later."""
    peer_route_table_id: pulumi.Output[str]
    """Route table of the other side's gateway."""
    attachment_id: pulumi.Output[str]
    """Attachment of the two gateways, known once it is accepted."""

    def __init__(self, name: str, args: TransitGatewayLinkArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        region, peer_region = args["region"], args["peer_region"]
        check_sides(region, peer_region)
        asn, peer_asn = int(args.get("asn", ASN)), int(args.get("peer_asn", PEER_ASN))
        if asn == peer_asn:
            raise ValueError(f"peer_asn: got {peer_asn}, which is this side's; give each gateway its own")
        peer_tables = int(args["peer_route_tables"])
        if not args["route_table_ids"] or peer_tables < 1:
            raise ValueError(
                "route_table_ids and peer_route_tables: each side needs at least one route table, or answers never come"
            )
        super().__init__("tandem:index:TransitGatewayLink", name, {}, opts)
        child = pulumi.ResourceOptions(parent=self)

        here, own = self._add_gateway(f"{name}-here", args["vpc_id"], args["subnet_ids"], asn=asn, region=region)
        there, other = self._add_gateway(
            f"{name}-there", args["peer_vpc_id"], args["peer_subnet_ids"], asn=peer_asn, region=peer_region
        )
        asked = aws.ec2transitgateway.PeeringAttachment(
            name,
            transit_gateway_id=here.transit_gateway_id,
            peer_transit_gateway_id=there.transit_gateway_id,
            peer_region=peer_region,
            tags={"Name": f"{name} to {peer_region}"},
            region=region,
            opts=child,
        )
        accepted = aws.ec2transitgateway.PeeringAttachmentAccepter(
            name,
            transit_gateway_attachment_id=asked.id,
            tags={"Name": f"{name} to {region}"},
            region=peer_region,
            opts=child,
        )
        # An attachment takes routes only once it is accepted (terraform-provider-aws#14228, read 2026-11).
        across = known_once(asked.id, accepted.id)
        theirs = pulumi.Output.from_input(args["peer_route_table_ids"])
        self._add_routes(
            f"{name}-here",
            here,
            own,
            across,
            destination=args["peer_cidr"],
            vpc_tables=[pulumi.Output.from_input(table) for table in args["route_table_ids"]],
            region=region,
        )
        self._add_routes(
            f"{name}-there",
            there,
            other,
            across,
            destination=args["cidr"],
            vpc_tables=[theirs[position] for position in range(peer_tables)],
            region=peer_region,
        )
        self.gateway_id, self.peer_gateway_id = here.transit_gateway_id, there.transit_gateway_id
        self.route_table_id, self.peer_route_table_id = own.id, other.id
        self.attachment_id = across
        self.register_outputs({"gatewayId": self.gateway_id, "peerGatewayId": self.peer_gateway_id})

    def _add_gateway(
        self,
        name: str,
        vpc_id: pulumi.Input[str],
        subnet_ids: pulumi.Input[Sequence[pulumi.Input[str]]],
        *,
        asn: int,
        region: str,
    ) -> "tuple[aws.ec2transitgateway.VpcAttachment, aws.ec2transitgateway.RouteTable]":
        child = pulumi.ResourceOptions(parent=self)
        gateway = aws.ec2transitgateway.TransitGateway(
            name,
            description="To the platform's other region",
            amazon_side_asn=asn,
            # What is attached is routed as written below, not by what AWS adds to a default table.
            default_route_table_association="disable",
            default_route_table_propagation="disable",
            auto_accept_shared_attachments="disable",
            tags={"Name": name},
            region=region,
            opts=child,
        )
        attachment = aws.ec2transitgateway.VpcAttachment(
            name,
            transit_gateway_id=gateway.id,
            vpc_id=vpc_id,
            subnet_ids=subnet_ids,
            transit_gateway_default_route_table_association=False,
            transit_gateway_default_route_table_propagation=False,
            tags={"Name": name},
            region=region,
            opts=child,
        )
        table = aws.ec2transitgateway.RouteTable(
            name, transit_gateway_id=gateway.id, tags={"Name": name}, region=region, opts=child
        )
        return attachment, table

    def _add_routes(
        self,
        name: str,
        vpc: "aws.ec2transitgateway.VpcAttachment",
        table: "aws.ec2transitgateway.RouteTable",
        across: pulumi.Output[str],
        *,
        destination: pulumi.Input[str],
        vpc_tables: list[pulumi.Output[str]],
        region: str,
    ) -> None:
        child = pulumi.ResourceOptions(parent=self)
        for part, attachment in (("vpc", vpc.id), ("across", across)):
            aws.ec2transitgateway.RouteTableAssociation(
                f"{name}-{part}",
                transit_gateway_attachment_id=attachment,
                transit_gateway_route_table_id=table.id,
                region=region,
                opts=child,
            )
        aws.ec2transitgateway.RouteTablePropagation(
            f"{name}-vpc",
            transit_gateway_attachment_id=vpc.id,
            transit_gateway_route_table_id=table.id,
            region=region,
            opts=child,
        )
        aws.ec2transitgateway.Route(
            f"{name}-across",
            destination_cidr_block=destination,
            transit_gateway_attachment_id=across,
            transit_gateway_route_table_id=table.id,
            region=region,
            opts=child,
        )
        for position, vpc_table in enumerate(vpc_tables):
            aws.ec2.Route(
                f"{name}-{position}",
                route_table_id=vpc_table,
                destination_cidr_block=destination,
                # A VPC cannot be routed to a gateway that it is not attached to.
                transit_gateway_id=known_once(vpc.transit_gateway_id, vpc.id),
                region=region,
                opts=child,
            )
