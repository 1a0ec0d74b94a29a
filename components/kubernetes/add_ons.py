"""EKS add-ons that need nodes to become healthy."""

import json
from typing import NotRequired, TypedDict

import pulumi
import pulumi_aws as aws

from components.iam import trust
from components.kubernetes._plan import LAST_ADD_ONS, plan_add_on_versions


class AddOnsArgs(TypedDict):
    """Inputs of AddOns."""

    cluster_name: pulumi.Input[str]
    """Cluster, known once it has nodes (NodePool.cluster_name): without them these add-ons hang as DEGRADED for
    twenty minutes and fail (terraform-aws-eks#3001)."""
    dns_replicas: NotRequired[int]
    """CoreDNS replicas, spread over zones. Default 3."""
    add_on_versions: NotRequired[dict[str, str]]
    """Versions by add-on, those of Cluster among them or not. Default: what EKS recommends, as for Cluster."""
    region: NotRequired[str]
    """Region of every child. Default: the provider's."""


class AddOns(pulumi.ComponentResource):
    """CoreDNS, spread over zones, the EBS volume driver with its snapshots, and the agent that finds ill nodes.

    Losing a zone leaves name resolution in the others. A node whose disk, network or GPU fails while its kubelet still
    answers is found by the agent alone; node repair replaces or restarts it.

    Cost when idle: none of their own. State: none. Regions: the role is global.
    """

    add_ons: list[pulumi.Resource]
    """The add-ons, to depend on."""

    def __init__(self, name: str, args: AddOnsArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        replicas = int(args.get("dns_replicas", 3))
        if replicas < 2:
            raise ValueError(f"dns_replicas: got {replicas}, must be at least 2: every lookup in the cluster needs one")
        versions = plan_add_on_versions(args.get("add_on_versions", {}), LAST_ADD_ONS)
        region = args.get("region")
        super().__init__("tandem:index:AddOns", name, {}, opts)
        child = pulumi.ResourceOptions(parent=self)

        role = aws.iam.Role(
            f"{name}-ebs",
            assume_role_policy=trust("pods.eks.amazonaws.com", ["sts:AssumeRole", "sts:TagSession"]),
            opts=child,
        )
        permission = aws.iam.RolePolicyAttachment(
            f"{name}-ebs",
            role=role.name,
            policy_arn="arn:aws:iam::aws:policy/service-role/AmazonEBSCSIDriverPolicy",
            opts=child,
        )
        dns = aws.eks.Addon(
            f"{name}-coredns",
            addon_name="coredns",
            addon_version=versions.get("coredns"),
            cluster_name=args["cluster_name"],
            configuration_values=render_dns_configuration(replicas),
            resolve_conflicts_on_create="OVERWRITE",
            resolve_conflicts_on_update="OVERWRITE",
            region=region,
            opts=child,
        )
        volumes = aws.eks.Addon(
            f"{name}-ebs",
            addon_name="aws-ebs-csi-driver",
            addon_version=versions.get("aws-ebs-csi-driver"),
            cluster_name=args["cluster_name"],
            pod_identity_associations=[
                aws.eks.AddonPodIdentityAssociationArgs(role_arn=role.arn, service_account="ebs-csi-controller-sa")
            ],
            resolve_conflicts_on_create="OVERWRITE",
            resolve_conflicts_on_update="OVERWRITE",
            region=region,
            opts=pulumi.ResourceOptions(parent=self, depends_on=[permission]),
        )
        # Backups of volumes begin with a snapshot; its definitions and controller are no part of the driver.
        snapshots = aws.eks.Addon(
            f"{name}-snapshots",
            addon_name="snapshot-controller",
            addon_version=versions.get("snapshot-controller"),
            cluster_name=args["cluster_name"],
            resolve_conflicts_on_create="OVERWRITE",
            resolve_conflicts_on_update="OVERWRITE",
            region=region,
            opts=child,
        )
        # Without it node repair sees a kubelet that stopped answering and no more; with it a GPU's XID errors too
        # (EKS user guide, "Automatically repair nodes in EKS clusters", read 2026-11).
        repair = aws.eks.Addon(
            f"{name}-node-monitoring",
            addon_name="eks-node-monitoring-agent",
            addon_version=versions.get("eks-node-monitoring-agent"),
            cluster_name=args["cluster_name"],
            resolve_conflicts_on_create="OVERWRITE",
            resolve_conflicts_on_update="OVERWRITE",
            region=region,
            opts=child,
        )
        self.add_ons = [dns, volumes, snapshots, repair]
        self.register_outputs({})


def render_dns_configuration(replicas: int) -> str:
    """Configuration values of the CoreDNS add-on as JSON text."""
    spread = {
        "maxSkew": 1,
        "topologyKey": "topology.kubernetes.io/zone",
        "whenUnsatisfiable": "ScheduleAnyway",
        "labelSelector": {"matchLabels": {"k8s-app": "kube-dns"}},
    }
    return json.dumps({"replicaCount": replicas, "topologySpreadConstraints": [spread]})
