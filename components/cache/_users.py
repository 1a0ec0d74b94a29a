"""Who may do what in a cache: Redis' own access control."""

from collections.abc import Sequence
from typing import TypedDict

import pulumi
import pulumi_aws as aws

from components._naming import physical
from components.cache._plan import DEFAULT_USER

USER_ID_LIMIT = 40
"""Characters of the id of a user or of a group of them, no more than of a replication group's."""


class CacheUser(TypedDict):
    """One client of a cache."""

    name: str
    """Name it signs in with: lower-case letters, digits and hyphens."""
    password: pulumi.Input[str]
    """Its password, 16 to 128 characters."""
    access: str
    """What it may do, as Redis' ACL: ``on ~queue:* &* +@all -@dangerous``, for one. Without ``on`` it may not connect,
    and without ``&*`` it may not subscribe."""


def user_group(
    name: str,
    identifier: str,
    users: Sequence[CacheUser],
    *,
    region: str | None,
    opts: pulumi.ResourceOptions,
) -> pulumi.Output[str]:
    """Id of a group of exactly these users; a client that names none of them is refused.

    Redis takes a client without a name for ``default``, whom AWS lets do everything. Each group must hold a user of
    that name (CloudFormation, ElastiCache::UserGroup, read 2026-11); this one may do nothing.
    """
    nobody = aws.elasticache.User(
        f"{name}-default",
        user_id=physical(identifier, DEFAULT_USER, limit=USER_ID_LIMIT),
        user_name=DEFAULT_USER,
        engine="redis",
        access_string="off ~* -@all",
        authentication_mode=aws.elasticache.UserAuthenticationModeArgs(type="no-password-required"),
        region=region,
        opts=opts,
    )
    somebody = [
        aws.elasticache.User(
            f"{name}-{user['name']}",
            user_id=physical(identifier, user["name"], limit=USER_ID_LIMIT),
            user_name=user["name"],
            engine="redis",
            access_string=user["access"],
            authentication_mode=aws.elasticache.UserAuthenticationModeArgs(
                type="password", passwords=[pulumi.Output.secret(user["password"])]
            ),
            region=region,
            opts=opts,
        )
        for user in users
    ]
    group = aws.elasticache.UserGroup(
        name,
        user_group_id=physical(identifier, limit=USER_ID_LIMIT),
        engine="redis",
        user_ids=[user.user_id for user in [nobody, *somebody]],
        region=region,
        opts=opts,
    )
    return group.user_group_id
