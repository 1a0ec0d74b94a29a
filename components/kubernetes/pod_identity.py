"""AWS rights for the pods of one service account."""

from typing import NotRequired, TypedDict

import pulumi
import pulumi_aws as aws

from components.iam import trust


class PodIdentityArgs(TypedDict):
    """Inputs of PodIdentity."""

    cluster_name: pulumi.Input[str]
    """Cluster of the pods."""
    namespace: str
    """Namespace of the service account."""
    service_account: str
    """Service account; it needs no annotation."""
    policy: pulumi.Input[str]
    """What its pods may do: an IAM policy document as JSON text."""
    region: NotRequired[str]
    """Region of every child. Default: the provider's."""


class PodIdentity(pulumi.ComponentResource):
    """A role that only the pods of one service account of one cluster get, without static keys.

    Cost when idle: none. State: none. Regions: the role is global, its association regional.
    """

    association: pulumi.Resource
    """To depend on: pods that start before it have no rights until they restart."""

    def __init__(self, name: str, args: PodIdentityArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("tandem:index:PodIdentity", name, {}, opts)
        child = pulumi.ResourceOptions(parent=self)
        role = aws.iam.Role(
            name,
            assume_role_policy=trust("pods.eks.amazonaws.com", ["sts:AssumeRole", "sts:TagSession"]),
            opts=child,
        )
        permission = aws.iam.RolePolicy(name, role=role.id, policy=args["policy"], opts=child)
        self.association = aws.eks.PodIdentityAssociation(
            name,
            cluster_name=args["cluster_name"],
            namespace=args["namespace"],
            service_account=args["service_account"],
            role_arn=role.arn,
            region=args.get("region"),
            opts=pulumi.ResourceOptions(parent=self, depends_on=[permission]),
        )
        self.register_outputs({})
