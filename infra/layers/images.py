"""Container images: where they are kept, and copies of others'."""

import pulumi

from components.registry import PullThroughCache, Registry, Scanning, Upstream
from infra.layers.keys import Keys
from infra.settings import Settings


def build(
    settings: Settings, keys: Keys, puller_role_arns: list[pulumi.Output[str]], opts: pulumi.ResourceOptions
) -> Registry:
    """This region's repositories: the same in both, so that either region starts pods without the other."""
    section = settings.platform.registry
    registry = Registry(
        "registry",
        {
            "repositories": [f"{settings.platform.name}/{name}" for name in section.repositories],
            "key_arn": keys.data.arn,
            "scanning": Scanning.CONTINUOUS if section.enhanced_scanning else Scanning.ON_PUSH,
            "protected": settings.region.protected,
        },
        opts,
    )
    if section.pull_through:
        PullThroughCache(
            "pull-through",
            {
                "account_id": settings.platform.account_id,
                "upstreams": [{"upstream": Upstream(name)} for name in section.pull_through],
                "key_arn": keys.data.arn,
                "puller_role_arns": list(puller_role_arns),
                "region": settings.region_name,
            },
            opts,
        )
    return registry
