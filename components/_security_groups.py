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


def admit_group(
    name: str,
    group_id: pulumi.Input[str],
    source_group_id: pulumi.Input[str],
    port: int,
    *,
    region: str | None,
    opts: pulumi.ResourceOptions,
) -> pulumi.Resource:
    """Let whoever is in another security group in on one TCP port, by a rule to depend on.

    Both groups are of one region: AWS takes no reference across a peering between regions (VPC Peering Guide, "Update
    your security groups to reference peer security groups", read 2026-11).
    """
    return aws.vpc.SecurityGroupIngressRule(
        name,
        security_group_id=group_id,
        referenced_security_group_id=source_group_id,
        ip_protocol="tcp",
        from_port=port,
        to_port=port,
        region=region,
        opts=opts,
    )


def reach_group(
    name: str,
    group_id: pulumi.Input[str],
    target_group_id: pulumi.Input[str],
    port: int,
    *,
    region: str | None,
    opts: pulumi.ResourceOptions,
) -> pulumi.Resource:
    """Let a security group out to another one on one TCP port, by a rule to depend on.

    Without such a rule nothing gets out of a group: the provider takes away the one that AWS puts into each.
    """
    return aws.vpc.SecurityGroupEgressRule(
        name,
        security_group_id=group_id,
        referenced_security_group_id=target_group_id,
        ip_protocol="tcp",
        from_port=port,
        to_port=port,
        region=region,
        opts=opts,
    )
