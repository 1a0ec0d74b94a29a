"""Everything that spans the two regions. Built by the joining stack only; one arrow, no cycle.

What lives in the founder's region is made there by the resource's own ``region``, not through a second provider.
Changing one of these few needs that region; nothing here is needed while it is dark.
"""

from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

from components.keys import EncryptionKey
from components.network import MAX_ZONES, LoadBalancer, Network
from components.storage import Bucket, BucketReplication
from infra.layers.keys import build_data_key
from infra.peer import Founder
from infra.settings import Settings


@dataclass(frozen=True)
class Membership:
    """What the joining region's data is a member of."""

    data_key: EncryptionKey
    """Replica of the founder's multi-region key, in this region."""
    global_cluster_identifier: pulumi.Output[str]
    database_name: pulumi.Output[str]
    database_username: pulumi.Output[str]
    database_password: pulumi.Output[str]
    """Secret; the database replicates its roles, so the founder's password is this region's."""
    sign_in_password: pulumi.Output[str]
    """Secret."""


def join(settings: Settings, founder: Founder, opts: pulumi.ResourceOptions) -> Membership:
    """Join the founder's key and global database."""
    return Membership(
        data_key=build_data_key(settings, opts, replica_of=founder.data_key_arn),
        global_cluster_identifier=founder.global_cluster_identifier,
        database_name=founder.database_name,
        database_username=founder.database_username,
        database_password=founder.database_password,
        sign_in_password=founder.sign_in_password,
    )


def replicate_artifacts(
    settings: Settings,
    founder: Founder,
    data_key: EncryptionKey,
    artifacts: Bucket,
    opts: pulumi.ResourceOptions,
) -> None:
    """Copy artifacts both ways, so that whichever region serves has what the other wrote."""
    BucketReplication(
        "artifacts-to-founder",
        {
            "source_bucket": artifacts.bucket_name,
            "source_arn": artifacts.arn,
            "source_key_arn": data_key.arn,
            "source_region": settings.region_name,
            "destination_arn": founder.artifacts_arn,
            "destination_key_arn": founder.data_key_arn,
        },
        opts,
    )
    BucketReplication(
        "artifacts-from-founder",
        {
            "source_bucket": founder.artifacts_bucket,
            "source_arn": founder.artifacts_arn,
            "source_key_arn": founder.data_key_arn,
            "source_region": founder.region,
            "destination_arn": artifacts.arn,
            "destination_key_arn": data_key.arn,
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
    """Let each region's runs reach the other's load balancer: FAILOVER_ENDPOINT leads to either."""
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
