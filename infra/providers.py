"""The providers everything is made through: each knows exactly one place, and refuses any other."""

from collections.abc import Sequence

import pulumi
import pulumi_aws as aws
import pulumi_kubernetes as kubernetes

from infra.settings import Settings


def aws_provider(settings: Settings) -> aws.Provider:
    """AWS in the stack's region; any account but the one in the settings is refused before a resource is touched."""
    return aws.Provider(
        "aws",
        region=settings.region_name,  # pyright: ignore[reportArgumentType]  (any region, not only the SDK's enum)
        allowed_account_ids=[settings.platform.account_id],
        default_tags=aws.ProviderDefaultTagsArgs(
            tags={"platform": settings.platform.name, "stack": pulumi.get_stack(), "managed-by": "pulumi"}
        ),
    )


def kubernetes_provider(
    cluster_name: str, kubeconfig: pulumi.Output[str], depends_on: Sequence[pulumi.Resource]
) -> kubernetes.Provider:
    """The stack's cluster, and no other.

    Everything made through it depends on ``depends_on`` too, so that destroying goes the other way round: workloads
    before nodes, and the right to delete them last of all.

    Args:
        cluster_name: Identity of the cluster: the provider is replaced when this changes, not when the kubeconfig does.
        kubeconfig: Kubeconfig as JSON text, unknown until the cluster is there.
        depends_on: Nodes, add-ons and access that everything in the cluster needs.
    """
    return kubernetes.Provider(
        "kubernetes",
        kubeconfig=kubeconfig,
        cluster_identifier=cluster_name,
        enable_server_side_apply=True,
        opts=pulumi.ResourceOptions(depends_on=depends_on),
    )
