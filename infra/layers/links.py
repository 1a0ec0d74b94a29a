"""Everything that spans the two regions. Built by the joining stack only; one arrow, no cycle.

What lives in the founder's region is made there by the resource's own ``region``, not through a second provider.
Changing one of these few needs that region; nothing here is needed while it is dark.
"""

from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

from components.monitoring import ReplicationAlarms
from components.network import (
    MAX_ZONES,
    Accelerator,
    LoadBalancer,
    Network,
    PeeringLink,
    PeeringLinkArgs,
    TransitGatewayLink,
    TransitGatewayLinkArgs,
)
from components.registry import Registry, RegistryReplication
from components.storage import EVERYTHING, REPLICATION_MINUTES, Bucket, BucketReplication
from infra.layers.data import AUDIT, LOGS, Data
from infra.layers.keys import Keys
from infra.layers.traffic import Entrance
from infra.peer import Founder
from infra.settings import Settings


@dataclass(frozen=True)
class _End:
    """One end of a replication."""

    region: str
    bucket: pulumi.Output[str]
    arn: pulumi.Output[str]
    key_arn: pulumi.Output[str]
    topic_arn: pulumi.Output[str]
    """Who hears when copies are late or fail."""


def build(
    settings: Settings,
    founder: Founder,
    keys: Keys,
    network: Network,
    data: Data,
    images: Registry,
    entrance: Entrance,
    topic_arn: pulumi.Output[str],
    opts: pulumi.ResourceOptions,
) -> None:
    """Every link, and what watches it."""
    replicate_buckets(settings, founder, keys, data.buckets, topic_arn, opts)
    replicate_images(settings, founder, images, opts)
    connect_networks(settings, founder, network, opts)
    admit_runs(settings, founder, network, entrance.load_balancer, opts)
    accelerate(settings, founder, entrance.load_balancer, opts)


def replicate_buckets(
    settings: Settings,
    founder: Founder,
    keys: Keys,
    buckets: dict[str, Bucket],
    topic_arn: pulumi.Output[str],
    opts: pulumi.ResourceOptions,
) -> None:
    """Copy both ways, so that whichever region serves has what the other wrote. Logs of a region stay there."""
    for holds, bucket in buckets.items():
        if holds == LOGS:
            continue
        here = _End(settings.region_name, bucket.bucket_name, bucket.arn, keys.data.arn, topic_arn)
        there = _End(
            founder.region,
            founder.buckets[holds].name,
            founder.buckets[holds].arn,
            founder.data_key_arn,
            founder.topic_arn,
        )
        for name, source, destination in (
            (f"{holds}-to-founder", here, there),
            (f"{holds}-from-founder", there, here),
        ):
            BucketReplication(
                name,
                {
                    "source_bucket": source.bucket,
                    "source_arn": source.arn,
                    "source_key_arn": source.key_arn,
                    "source_region": source.region,
                    "destination_arn": destination.arn,
                    "destination_key_arn": destination.key_arn,
                    "object_lock": holds == AUDIT,
                },
                opts,
            )
            ReplicationAlarms(
                name,
                {
                    "prefix": settings.platform.name,
                    "region_name": source.region,
                    "topic_arn": source.topic_arn,
                    "destination_region_name": destination.region,
                    "destination_topic_arn": destination.topic_arn,
                    "store": holds,
                    "source_bucket": source.bucket,
                    "destination_bucket": destination.bucket,
                    "rule_id": EVERYTHING,
                    "latency_seconds": REPLICATION_MINUTES * 60,
                },
                opts,
            )


def replicate_images(settings: Settings, founder: Founder, images: Registry, opts: pulumi.ResourceOptions) -> None:
    """Copy what is pushed to the founder's registry to this region's."""
    RegistryReplication(
        "images-from-founder",
        {
            "account_id": settings.platform.account_id,
            "source_region": founder.region,
            "destination_region": settings.region_name,
            "repositories": list(images.repository_arns),
            "destination_arns": list(images.repository_arns.values()),
        },
        opts,
    )


def connect_networks(settings: Settings, founder: Founder, network: Network, opts: pulumi.ResourceOptions) -> None:
    """A private way between the regions, if one is asked for."""
    ends: PeeringLinkArgs = {
        "region": settings.region_name,
        "vpc_id": network.vpc_id,
        "cidr": settings.cidr,
        "route_table_ids": list(network.private_route_table_ids),
        "peer_region": founder.region,
        "peer_vpc_id": founder.vpc_id,
        "peer_cidr": settings.platform.network.cidrs[founder.region],
        "peer_route_table_ids": founder.route_tables,
        # As many as here: infra.peer refuses to link regions that differ.
        "peer_route_tables": len(settings.zones),
    }
    match settings.platform.network.link:
        case "none":
            return
        case "peering":
            PeeringLink("link", ends, opts)
        case "transit-gateway":
            stands: TransitGatewayLinkArgs = {
                **ends,
                "subnet_ids": list(network.private_subnet_ids),
                "peer_subnet_ids": founder.private_subnets,
            }
            TransitGatewayLink("link", stands, opts)


def accelerate(settings: Settings, founder: Founder, entrance: LoadBalancer, opts: pulumi.ResourceOptions) -> None:
    """Fixed addresses that lead to the healthy regions, if they are asked for."""
    if not settings.platform.traffic.accelerator:
        return
    standby = 0 if settings.platform.mode == "active-passive" else 100
    Accelerator(
        "accelerator",
        {
            "accelerator_name": settings.platform.name,
            "endpoints": [
                {"region": founder.region, "load_balancer_arn": founder.entrance},
                {"region": settings.region_name, "load_balancer_arn": entrance.arn, "traffic_percent": standby},
            ],
            "protected": settings.region.protected,
        },
        opts,
    )


def admit_runs(
    settings: Settings,
    founder: Founder,
    network: Network,
    entrance: LoadBalancer,
    opts: pulumi.ResourceOptions,
) -> None:
    """Let each region's runs reach the other's load balancer: FAILOVER_ENDPOINT leads there."""
    for position, address in enumerate(network.nat_addresses):
        aws.vpc.SecurityGroupIngressRule(
            f"founder-from-here-{position}",
            security_group_id=founder.entrance_security_group,
            cidr_ipv4=pulumi.Output.concat(address, "/32"),
            description=f"Runs in {settings.region_name}",
            ip_protocol="tcp",
            from_port=443,
            to_port=443,
            region=founder.region,
            opts=opts,
        )
    # How many addresses the founder has is not known here, so they come as a list.
    runs = aws.ec2.ManagedPrefixList(
        "founder-runs",
        name=f"{settings.platform.name}-founder-runs",
        address_family="IPv4",
        # A region has no more NAT gateways than zones.
        max_entries=MAX_ZONES,
        entries=founder.nat_addresses.apply(
            lambda addresses: [aws.ec2.ManagedPrefixListEntryArgs(cidr=f"{address}/32") for address in addresses]
        ),
        opts=opts,
    )
    aws.vpc.SecurityGroupIngressRule(
        "here-from-founder",
        security_group_id=entrance.security_group_id,
        prefix_list_id=runs.id,
        description="Runs in the founder's region",
        ip_protocol="tcp",
        from_port=443,
        to_port=443,
        opts=opts,
    )
