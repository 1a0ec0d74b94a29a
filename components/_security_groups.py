"""Who may connect to what."""

from collections.abc import Sequence

import pulumi
import pulumi_aws as aws


def admit(
    name: str,
    group_id: pulumi.Input[str],
    port: int,
    *,
    cidrs: Sequence[str],
    region: str | None,
    opts: pulumi.ResourceOptions,
) -> None:
    """Let networks in on one TCP port, by a rule each: ``{name}-0`` and so on.

    Rules are resources of their own, because rules inside a group are all replaced when one changes.
    """
    for position, cidr in enumerate(cidrs):
        aws.vpc.SecurityGroupIngressRule(
            f"{name}-{position}",
            security_group_id=group_id,
            cidr_ipv4=cidr,
            ip_protocol="tcp",
            from_port=port,
            to_port=port,
            region=region,
            opts=opts,
        )
