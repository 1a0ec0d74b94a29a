"""The EKS cluster of one region."""

import json
from typing import NotRequired, TypedDict

import pulumi
import pulumi_aws as aws

from components._outputs import known_once
from components.iam import trust
from components.kubernetes._kubeconfig import render_kubeconfig
from components.kubernetes._plan import FIRST_ADD_ONS, plan_add_on_versions

CONTROL_PLANE_LOGS = ["api", "audit", "authenticator", "controllerManager", "scheduler"]
CLUSTER_ADMIN = "arn:aws:eks::aws:cluster-access-policy/AmazonEKSClusterAdminPolicy"
SUPPORT_TYPES = ("STANDARD", "EXTENDED")

CONFIGURATION = {
    # Off by default: without it a NetworkPolicy is stored and keeps nobody out (EKS user guide, "Restrict Pod network
    # traffic with Kubernetes network policies", read 2026-11). The value is text.
    "vpc-cni": json.dumps({"enableNetworkPolicy": "true"}),
}
"""Configuration values of the first add-ons, as JSON text."""


class ClusterArgs(TypedDict):
    """Inputs of Cluster."""

    cluster_name: str
    """Physical name; kubeconfigs and the log group are computed from it."""
    version: str
    """Kubernetes minor version such as ``1.35``."""
    subnet_ids: list[pulumi.Input[str]]
    """Private subnets, one a zone, at least two."""
    key_arn: pulumi.Input[str]
    """Key that encrypts Kubernetes secrets."""
    log_key_arn: NotRequired[pulumi.Input[str]]
    """Key that encrypts the control plane's logs. Default: ``key_arn``."""
    admin_role_arns: list[str]
    """IAM roles that get cluster-admin rights."""
    public_access_cidrs: NotRequired[list[str]]
    """Networks that may reach the API server from the internet. Default none: private endpoint only."""
    log_retention_days: NotRequired[int]
    """Days that control-plane logs are kept. Default 90."""
    support_type: NotRequired[str]
    """What happens when the version's standard support ends: ``STANDARD`` upgrades it then, ``EXTENDED`` keeps it for
    another year at a higher price. Default ``STANDARD``."""
    add_on_versions: NotRequired[dict[str, str]]
    """Versions by add-on, those of AddOns among them or not. Default: what EKS recommends for the cluster's version on
    the day the add-on is made; AWS publishes that list through its API alone, so there is none to keep here."""
    protected: NotRequired[bool]
    """Refuse deletion. Default true."""
    region: NotRequired[str]
    """Region of every child. Default: the provider's."""


class Cluster(pulumi.ComponentResource):
    """A private, encrypted, logged control plane over all zones, with zonal shift, and the add-ons nodes need first.

    AWS runs the control plane in several zones: losing one is its business, not ours. Access is by access entries
    alone; whoever created the cluster has no hidden rights.

    Cost when idle: the control plane, by the hour. State: Kubernetes objects; protected. Regions: the role is global.
    """

    name: pulumi.Output[str]
    """Name of the cluster, known once its control plane answers."""
    arn: pulumi.Output[str]
    """ARN of the cluster, for zonal autoshift among others."""
    endpoint: pulumi.Output[str]
    """URL of the API server."""
    security_group_id: pulumi.Output[str]
    """Security group of nodes and pods."""
    node_role_arn: pulumi.Output[str]
    """Role of every node."""
    kubeconfig: pulumi.Output[str]
    """Kubeconfig as JSON, secret; tokens come from ``aws eks get-token``."""
    admin_access: list[pulumi.Resource]
    """The access entries' policies. Everything in the cluster depends on them, or destroying it is "Unauthorized"
    (terraform-aws-eks#2923)."""
    name_with_first_add_ons: pulumi.Output[str]
    """Name of the cluster, known once it has the add-ons that nodes need to become ready: give this to node pools
    (terraform-aws-eks#3327)."""

    def __init__(self, name: str, args: ClusterArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        if not args["admin_role_arns"]:
            raise ValueError("admin_role_arns: is empty; without one nobody, Pulumi included, could use the cluster")
        support_type = args.get("support_type", "STANDARD")
        if support_type not in SUPPORT_TYPES:
            raise ValueError(f"support_type: got {support_type!r}, must be one of {', '.join(SUPPORT_TYPES)}")
        versions = plan_add_on_versions(args.get("add_on_versions", {}), FIRST_ADD_ONS)
        region = args.get("region")
        protected = args.get("protected", True)
        public_cidrs = args.get("public_access_cidrs", [])
        super().__init__("tandem:index:Cluster", name, {}, opts)
        child = pulumi.ResourceOptions(parent=self)

        role = aws.iam.Role(
            f"{name}-control-plane", assume_role_policy=trust("eks.amazonaws.com"), opts=child
        )  # fmt: skip
        permission = aws.iam.RolePolicyAttachment(
            f"{name}-control-plane",
            role=role.name,
            policy_arn="arn:aws:iam::aws:policy/AmazonEKSClusterPolicy",
            opts=child,
        )
        # Created before the cluster, which would otherwise make its own that never expires.
        logs = aws.cloudwatch.LogGroup(
            f"{name}-logs",
            name=f"/aws/eks/{args['cluster_name']}/cluster",
            retention_in_days=args.get("log_retention_days", 90),
            kms_key_id=args.get("log_key_arn", args["key_arn"]),
            region=region,
            opts=child,
        )
        cluster = aws.eks.Cluster(
            name,
            name=args["cluster_name"],
            version=args["version"],
            role_arn=role.arn,
            vpc_config=aws.eks.ClusterVpcConfigArgs(
                subnet_ids=args["subnet_ids"],
                endpoint_private_access=True,
                endpoint_public_access=bool(public_cidrs),
                public_access_cidrs=public_cidrs or None,
            ),
            encryption_config=aws.eks.ClusterEncryptionConfigArgs(
                provider=aws.eks.ClusterEncryptionConfigProviderArgs(key_arn=args["key_arn"]), resources=["secrets"]
            ),
            enabled_cluster_log_types=CONTROL_PLANE_LOGS,
            access_config=aws.eks.ClusterAccessConfigArgs(
                authentication_mode="API", bootstrap_cluster_creator_admin_permissions=False
            ),
            upgrade_policy=aws.eks.ClusterUpgradePolicyArgs(support_type=support_type),
            zonal_shift_config=aws.eks.ClusterZonalShiftConfigArgs(enabled=True),
            bootstrap_self_managed_addons=False,
            deletion_protection=protected,
            region=region,
            opts=pulumi.ResourceOptions(parent=self, depends_on=[permission, logs], protect=protected),
        )
        self.admin_access = []
        for position, admin in enumerate(args["admin_role_arns"]):
            entry = aws.eks.AccessEntry(
                f"{name}-admin-{position}",
                cluster_name=cluster.name,
                principal_arn=admin,
                region=region,
                opts=child,
            )
            self.admin_access.append(
                aws.eks.AccessPolicyAssociation(
                    f"{name}-admin-{position}",
                    cluster_name=cluster.name,
                    principal_arn=entry.principal_arn,
                    policy_arn=CLUSTER_ADMIN,
                    access_scope=aws.eks.AccessPolicyAssociationAccessScopeArgs(type="cluster"),
                    region=region,
                    opts=child,
                )
            )
        self._add_node_role(name)
        add_ons = self._add_first_add_ons(name, cluster, versions, region)

        self.name = cluster.name
        self.name_with_first_add_ons = known_once(cluster.name, *[add_on.id for add_on in add_ons])
        self.arn = cluster.arn
        self.endpoint = cluster.endpoint
        self.security_group_id = cluster.vpc_config.cluster_security_group_id.apply(str)
        kubeconfig = pulumi.Output.all(
            cluster.name, cluster.endpoint, cluster.certificate_authority.data, cluster.region
        ).apply(lambda known: render_kubeconfig(*known))
        self.kubeconfig = pulumi.Output.secret(kubeconfig)
        self.register_outputs({"name": self.name, "endpoint": self.endpoint})

    def _add_node_role(self, name: str) -> None:
        child = pulumi.ResourceOptions(parent=self)
        role = aws.iam.Role(f"{name}-node", assume_role_policy=trust("ec2.amazonaws.com"), opts=child)
        attachments = [
            aws.iam.RolePolicyAttachment(
                f"{name}-node-{policy}", role=role.name, policy_arn=f"arn:aws:iam::aws:policy/{policy}", opts=child
            )
            for policy in (
                "AmazonEKSWorkerNodePolicy",
                "AmazonEC2ContainerRegistryPullOnly",
                "AmazonSSMManagedInstanceCore",
            )
        ]
        # A node that boots before its role may join never joins: the role is known only with its policies.
        self.node_role_arn = known_once(role.arn, *[attachment.id for attachment in attachments])

    def _add_first_add_ons(
        self, name: str, cluster: "aws.eks.Cluster", versions: dict[str, str], region: str | None
    ) -> "list[aws.eks.Addon]":
        child = pulumi.ResourceOptions(parent=self)
        cni_role = aws.iam.Role(
            f"{name}-cni",
            assume_role_policy=trust("pods.eks.amazonaws.com", ["sts:AssumeRole", "sts:TagSession"]),
            opts=child,
        )
        cni_right = aws.iam.RolePolicyAttachment(
            f"{name}-cni", role=cni_role.name, policy_arn="arn:aws:iam::aws:policy/AmazonEKS_CNI_Policy", opts=child
        )
        identities = {
            "vpc-cni": [
                aws.eks.AddonPodIdentityAssociationArgs(role_arn=cni_role.arn, service_account="aws-node"),
            ]
        }
        return [
            aws.eks.Addon(
                f"{name}-{add_on}",
                addon_name=add_on,
                addon_version=versions.get(add_on),
                cluster_name=cluster.name,
                configuration_values=CONFIGURATION.get(add_on),
                pod_identity_associations=identities.get(add_on),
                resolve_conflicts_on_create="OVERWRITE",
                resolve_conflicts_on_update="OVERWRITE",
                region=region,
                # Without its right the CNI neither gives pods addresses nor gives interfaces back when nodes go, and
                # what is left of those blocks deleting the subnets (amazon-vpc-cni-k8s#608).
                opts=pulumi.ResourceOptions(parent=self, depends_on=[cni_right] if add_on == "vpc-cni" else None),
            )
            for add_on in FIRST_ADD_ONS
        ]
