"""What keeps the pair in order: the founder is destroyed after whoever joined it.

AWS deletes no policy that a role still has (IAM API, DeletePolicy, DeleteConflict). The founder makes one after
everything else, so that destroying begins with it; who joins gives it to a role of its own. A founder that is destroyed
too early fails at its first step, with nothing gone, on a resource whose name says what to do.
"""

from collections.abc import Sequence

import pulumi
import pulumi_aws as aws

from components.iam import allow, document, trust
from infra.settings import Settings

HOLD = "destroy-joining-stacks-first"


def remember_everything() -> list[pulumi.Resource]:
    """A list that grows by every resource of the stack as it is registered, providers aside."""
    everything: list[pulumi.Resource] = []

    def note(args: pulumi.ResourceTransformationArgs) -> None:
        # A component's children stand for it, and providers are deleted without asking anybody.
        if not isinstance(args.resource, pulumi.ProviderResource | pulumi.ComponentResource):
            everything.append(args.resource)

    pulumi.runtime.register_stack_transformation(note)
    return everything


def hold(
    settings: Settings,
    cluster_arn: pulumi.Output[str],
    everything: Sequence[pulumi.Resource],
    opts: pulumi.ResourceOptions,
) -> pulumi.Output[str]:
    """Make the founder's hold, last of all.

    Returns:
        Its ARN, for whoever joins. It allows no more than a look at the founder's cluster.
    """
    policy = aws.iam.Policy(
        HOLD,
        name=f"{settings.platform.name}-founder",
        description="Held by every stack that joined; the founder goes last",
        policy=cluster_arn.apply(lambda arn: document([allow(["eks:DescribeCluster"], [arn])])),
        opts=pulumi.ResourceOptions.merge(opts, pulumi.ResourceOptions(depends_on=list(everything))),
    )
    return policy.arn


def take_hold(settings: Settings, hold_arn: pulumi.Output[str], opts: pulumi.ResourceOptions) -> pulumi.Resource:
    """Take the founder's hold: what everything else of this stack waits for, so that it comes first and goes last."""
    # Nobody is to act by this role; it is there to have the policy.
    role = aws.iam.Role(
        "founder-hold",
        name=f"{settings.regional_name}-joined",
        assume_role_policy=trust("arc-region-switch.amazonaws.com"),
        opts=opts,
    )
    return aws.iam.RolePolicyAttachment("founder-hold", role=role.name, policy_arn=hold_arn, opts=opts)
