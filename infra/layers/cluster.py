"""The cluster and its nodes."""

from dataclasses import dataclass

import pulumi

from components.keys import EncryptionKey
from components.kubernetes import AddOns, Cluster, NodePool
from components.network import Network
from infra.settings import Settings


@dataclass(frozen=True)
class Compute:
    """A cluster with nodes."""

    cluster: Cluster
    cluster_name: str
    """Physical name, known before the cluster is there."""
    needed_by_workloads: list[pulumi.Resource]
    """What every object in the cluster depends on."""


def build(settings: Settings, network: Network, opts: pulumi.ResourceOptions) -> Compute:
    """Control plane, system nodes over all zones, and one GPU pool a zone with a floor."""
    platform, section = settings.platform, settings.platform.kubernetes
    cluster_name = settings.regional_name
    key = EncryptionKey(
        "cluster-key",
        {
            "description": f"Secrets, disks and logs of {cluster_name}",
            "alias": f"{cluster_name}-cluster",
            "account_id": platform.account_id,
            "logs_in": settings.region_name,
            "disks": True,
            "protected": settings.region.protected,
        },
        opts,
    )
    cluster = Cluster(
        "cluster",
        {
            "cluster_name": cluster_name,
            "version": section.version,
            "subnet_ids": list(network.private_subnet_ids),
            "key_arn": key.arn,
            "admin_role_arns": section.admin_role_arns,
            "public_access_cidrs": section.public_access_cidrs,
            "log_retention_days": section.log_retention_days,
            "protected": settings.region.protected,
        },
        opts,
    )
    system = NodePool(
        "system",
        {
            "cluster_name": cluster.name_with_first_add_ons,
            "role_arn": cluster.node_role_arn,
            "subnet_ids": list(network.private_subnet_ids),
            "instance_types": section.system_nodes.instance_types,
            "floor_per_zone": section.system_nodes.floor_per_zone,
            "max_per_zone": section.system_nodes.max_per_zone,
            "key_arn": key.arn,
        },
        opts,
    )
    # One pool a zone: the group that cannot get GPUs in its zone must not hold up the others
    # (karpenter-provider-aws#8637), and a floor in each is capacity that needs not be asked for on the bad day.
    gpu = [
        NodePool(
            f"gpu-{zone}",
            {
                "cluster_name": cluster.name_with_first_add_ons,
                "role_arn": cluster.node_role_arn,
                "subnet_ids": [subnet_id],
                "instance_types": section.gpu_nodes.instance_types,
                "floor_per_zone": section.gpu_nodes.floor_per_zone,
                "max_per_zone": section.gpu_nodes.max_per_zone,
                "key_arn": key.arn,
                "gpu": True,
            },
            opts,
        )
        for zone, subnet_id in zip(network.zones, network.private_subnet_ids, strict=True)
    ]
    add_ons = AddOns("add-ons", {"cluster_name": system.cluster_name}, opts)
    return Compute(
        cluster=cluster,
        cluster_name=cluster_name,
        needed_by_workloads=[*cluster.admin_access, system, *gpu, add_ons],
    )
