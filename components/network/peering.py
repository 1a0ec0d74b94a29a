"""A direct way between the networks of two regions."""

from typing import TypedDict

import pulumi
import pulumi_aws as aws


class PeeringLinkArgs(TypedDict):
    """Inputs of PeeringLink."""

    vpc_id: pulumi.Input[str]
    """VPC of this side, which asks."""
    cidr: pulumi.Input[str]
    """Network of this side."""
    route_table_ids: list[pulumi.Input[str]]
    """Route tables of this side that lead to the other."""
    region: str
    """Region of this side."""
    peer_vpc_id: pulumi.Input[str]
    """VPC of the other side."""
    peer_cidr: pulumi.Input[str]
    """Network of the other side; it must not overlap this one's."""
    peer_region: str
    """Region of the other side."""
    peer_route_table_ids: pulumi.Input[list[str]]
    """Route tables of the other side that lead to this one."""
    peer_route_tables: int
    """How many those are; it decides how many routes exist, so it is said rather than found out."""


class PeeringLink(pulumi.ComponentResource):
    """A VPC peering connection, accepted and routed on both sides, that resolves names to private addresses.

    It has no zones, no bandwidth of its own and nothing that can fail alone (AWS, VPC connectivity options, "VPC
    peering", read 2026-11); losing a region loses the way to it and nothing else. Security groups of the other region
    cannot be named in rules; its networks can ("VPC peering basics", read 2026-11).

    Both sides are made by whoever makes the link: changing it needs both regions, using it needs no control plane.

    Cost when idle: none; bytes between regions cost. State: none. Regions: each child in its side's.
    """

    connection_id: pulumi.Output[str]
    """Id of the connection, the same in both regions, known once it is active."""

    def __init__(self, name: str, args: PeeringLinkArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        region, peer_region = args["region"], args["peer_region"]
        check_sides(region, peer_region)
        peer_tables = int(args["peer_route_tables"])
        if not args["route_table_ids"] or peer_tables < 1:
            raise ValueError(
                "route_table_ids and peer_route_tables: each side needs at least one route table, or answers never come"
            )
        super().__init__("tandem:index:PeeringLink", name, {}, opts)
        child = pulumi.ResourceOptions(parent=self)

        asked = aws.ec2.VpcPeeringConnection(
            name,
            vpc_id=args["vpc_id"],
            peer_vpc_id=args["peer_vpc_id"],
            peer_region=peer_region,
            # A connection to another region can only be accepted there.
            auto_accept=False,
            tags={"Name": f"{name} to {peer_region}"},
            region=region,
            opts=child,
        )
        accepted = aws.ec2.VpcPeeringConnectionAccepter(
            name,
            vpc_peering_connection_id=asked.id,
            auto_accept=True,
            tags={"Name": f"{name} to {region}"},
            region=peer_region,
            opts=child,
        )
        # Options of a connection that is not active yet are refused, and each side sets its own ("Enable DNS
        # resolution for a VPC peering connection", read 2026-11).
        aws.ec2.PeeringConnectionOptions(
            f"{name}-names-here",
            vpc_peering_connection_id=accepted.id,
            requester=aws.ec2.PeeringConnectionOptionsRequesterArgs(allow_remote_vpc_dns_resolution=True),
            region=region,
            opts=child,
        )
        aws.ec2.PeeringConnectionOptions(
            f"{name}-names-there",
            vpc_peering_connection_id=accepted.id,
            accepter=aws.ec2.PeeringConnectionOptionsAccepterArgs(allow_remote_vpc_dns_resolution=True),
            region=peer_region,
            opts=child,
        )
        for position, table in enumerate(args["route_table_ids"]):
            aws.ec2.Route(
                f"{name}-there-{position}",
                route_table_id=table,
                destination_cidr_block=args["peer_cidr"],
                vpc_peering_connection_id=accepted.id,
                region=region,
                opts=child,
            )
        theirs = pulumi.Output.from_input(args["peer_route_table_ids"])
        for position in range(peer_tables):
            aws.ec2.Route(
                f"{name}-back-{position}",
                route_table_id=theirs[position],
                destination_cidr_block=args["cidr"],
                vpc_peering_connection_id=accepted.id,
                region=peer_region,
                opts=child,
            )
        self.connection_id = accepted.id
        self.register_outputs({"connectionId": self.connection_id})


def check_sides(region: str, peer_region: str) -> None:
    """Refuse a link from a region to itself.

    Raises:
        ValueError: If both sides are one region.
    """
    if region == peer_region:
        raise ValueError(f"peer_region: got {peer_region}, which is this side's; name the other region")
