"""The cluster and its nodes."""

from dataclasses import dataclass

import pulumi

from components.keys import EncryptionKey
from components.kubernetes import AddOns, Cluster, KarpenterAccess, NodePool, NodePoolArgs
from components.network import Network
from infra.layers.keys import Keys
from infra.settings import Settings


@dataclass(frozen=True)
class Compute:
    """A cluster with nodes."""

    cluster: Cluster
    cluster_name: str
    """Physical name, known before the cluster is there."""
    key: EncryptionKey
    """Of its secrets and its nodes' disks."""
    pools: dict[str, NodePool]
    """Node groups with a floor, by name."""
    karpenter: KarpenterAccess
    puller_role_arns: list[pulumi.Output[str]]
    """Roles of all nodes."""
    needed_by_workloads: list[pulumi.Resource]
    """What every object in the cluster depends on."""


def build(settings: Settings, keys: Keys, network: Network, opts: pulumi.ResourceOptions) -> Compute:
    """Control plane, system nodes over all zones, and one GPU pool a zone with a floor."""
    platform, section = settings.platform, settings.platform.kubernetes
    cluster_name = settings.regional_name
    key = EncryptionKey(
        "cluster-key",
        {
            "description": f"Secrets and disks of {cluster_name}",
            "alias": f"{cluster_name}-cluster",
            "account_id": platform.account_id,
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
            "support_type": "EXTENDED" if section.extended_support else "STANDARD",
            "subnet_ids": list(network.private_subnet_ids),
            "key_arn": key.arn,
            "log_key_arn": keys.logs.arn,
            "admin_role_arns": section.admin_role_arns,
            "public_access_cidrs": section.public_access_cidrs,
            "log_retention_days": platform.logs.cluster_days,
            "protected": settings.region.protected,
        },
        opts,
    )

    def pool(name: str, subnet_ids: list[pulumi.Input[str]], **more: object) -> NodePool:
        nodes = section.gpu_nodes if more.get("gpu") else section.system_nodes
        args: NodePoolArgs = {
            "cluster_name": cluster.name_with_first_add_ons,
            "role_arn": cluster.node_role_arn,
            "subnet_ids": subnet_ids,
            "instance_types": nodes.instance_types,
            "floor_per_zone": nodes.floor_per_zone,
            "max_per_zone": nodes.max_per_zone,
            "disk_gib": nodes.disk_gib,
            "ami_family": section.ami_family,
            "key_arn": key.arn,
        }
        return NodePool(name, NodePoolArgs(**args, **more), opts)

    system = pool("system", list(network.private_subnet_ids))
    # One pool a zone: the group that cannot get GPUs in its zone must not hold up the others
    # (karpenter-provider-aws#8637), and a floor in each is capacity that needs not be asked for on the bad day.
    reservations = settings.region.capacity_reservations
    gpu = {
        f"gpu-{zone}": pool(
            f"gpu-{zone}",
            [subnet_id],
            gpu=True,
            **({"capacity_reservation_id": reservations[zone]} if zone in reservations else {}),
        )
        for zone, subnet_id in zip(network.zones, network.private_subnet_ids, strict=True)
    }
    add_ons = AddOns("add-ons", {"cluster_name": system.cluster_name}, opts)
    karpenter = KarpenterAccess(
        "karpenter",
        {
            "cluster": cluster.name,
            "cluster_name": cluster_name,
            "account_id": platform.account_id,
            "region_name": settings.region_name,
        },
        opts,
    )
    return Compute(
        cluster=cluster,
        cluster_name=cluster_name,
        key=key,
        pools={"system": system, **gpu},
        karpenter=karpenter,
        puller_role_arns=[cluster.node_role_arn, karpenter.node_role_arn],
        needed_by_workloads=[*cluster.admin_access, system, *gpu.values(), add_ons],
    )
