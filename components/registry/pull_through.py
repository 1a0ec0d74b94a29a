"""Copies of other registries' images in this region."""

from collections.abc import Sequence
from typing import NotRequired, TypedDict

import pulumi
import pulumi_aws as aws

from components.iam import allow, document, trust
from components.registry._plan import UPSTREAMS, Upstream, check_credentials, check_prefix, untagged_only


class CachedUpstream(TypedDict):
    """A registry to cache."""

    upstream: Upstream
    """Which one."""
    prefix: NotRequired[str]
    """What its images' names get before them here. Default: the upstream's own."""
    credential_arn: NotRequired[pulumi.Input[str]]
    """Secret in this account and region with ``username`` and ``accessToken``, whose name begins with
    ``ecr-pullthroughcache/``. Docker Hub and GitHub need one."""


class PullThroughCacheArgs(TypedDict):
    """Inputs of PullThroughCache."""

    account_id: str
    """Account of the registry."""
    upstreams: list[CachedUpstream]
    """What to cache."""
    key_arn: pulumi.Input[str]
    """Key of this region that encrypts what is cached."""
    puller_role_arns: NotRequired[list[pulumi.Input[str]]]
    """Roles, nodes' mostly, that may have an image cached by pulling it. Default: those whose own policies let them."""
    untagged_days: NotRequired[int]
    """Days until a cached image that no tag names any more expires. Default 14."""
    region: str
    """Region of every child; what may be done is limited to it."""


class PullThroughCache(pulumi.ComponentResource):
    """Caches an upstream's image the first time somebody pulls it through here, and keeps it.

    Losing an upstream costs only images never pulled in this region; each region caches for itself, so losing the other
    costs nothing. A node that starts pulls from here and needs no way to the internet for it.

    Cost when idle: stored bytes. State: copies only, so nothing is protected; repositories that pulls have made stay
    when this goes. Regions: all children regional, but for the role.
    """

    addresses: dict[Upstream, pulumi.Output[str]]
    """What stands for the upstream's host in an image's name here, by upstream."""

    def __init__(self, name: str, args: PullThroughCacheArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        lifecycle = untagged_only(int(args.get("untagged_days", 14)))
        if not args["upstreams"]:
            raise ValueError("upstreams: got none, must be at least one")
        prefixes = {cached["upstream"]: cached.get("prefix", cached["upstream"].value) for cached in args["upstreams"]}
        if len(set(prefixes.values())) < len(args["upstreams"]):
            raise ValueError(f"upstreams: two have one prefix or are one registry: {sorted(prefixes.values())}")
        for cached in args["upstreams"]:
            check_prefix(prefixes[cached["upstream"]])
            check_credentials(cached["upstream"], given="credential_arn" in cached)
        region = args["region"]
        super().__init__("tandem:index:PullThroughCache", name, {}, opts)
        child = pulumi.ResourceOptions(parent=self)

        role = aws.iam.Role(name, assume_role_policy=trust("ecr.amazonaws.com"), opts=child)
        permission = aws.iam.RolePolicy(
            name,
            role=role.id,
            policy=pulumi.Output.from_input(args["key_arn"]).apply(
                lambda key_arn: creation_policy(
                    account_id=args["account_id"],
                    region=args["region"],
                    prefixes=list(prefixes.values()),
                    key_arn=key_arn,
                )
            ),
            opts=child,
        )
        self.addresses = {}
        for cached in args["upstreams"]:
            upstream = cached["upstream"]
            template = aws.ecr.RepositoryCreationTemplate(
                f"{name}-{prefixes[upstream]}",
                prefix=prefixes[upstream],
                description=f"Cached from {UPSTREAMS[upstream].host}",
                applied_fors=["PULL_THROUGH_CACHE"],
                # Upstreams move tags, such as `latest`; a cache that could not would keep the first image for ever.
                image_tag_mutability="MUTABLE",
                encryption_configurations=[
                    aws.ecr.RepositoryCreationTemplateEncryptionConfigurationArgs(
                        encryption_type="KMS", kms_key=args["key_arn"]
                    )
                ],
                # With a key of one's own, ECR needs a role of one's own (ECR User Guide, "Creating a repository
                # creation template", read 2026-11).
                custom_role_arn=role.arn,
                lifecycle_policy=lifecycle,
                region=region,
                opts=pulumi.ResourceOptions(parent=self, depends_on=[permission]),
            )
            rule = aws.ecr.PullThroughCacheRule(
                f"{name}-{prefixes[upstream]}",
                ecr_repository_prefix=prefixes[upstream],
                upstream_registry_url=UPSTREAMS[upstream].host,
                credential_arn=cached.get("credential_arn"),
                region=region,
                # The first pull makes a repository as the template says, if there is one by then.
                opts=pulumi.ResourceOptions(parent=self, depends_on=[template]),
            )
            self.addresses[upstream] = pulumi.Output.concat(
                args["account_id"], ".dkr.ecr.", region, ".amazonaws.com/", rule.ecr_repository_prefix
            )
        if args.get("puller_role_arns"):
            aws.ecr.RegistryPolicy(
                name,
                policy=pulumi.Output.all(*args.get("puller_role_arns", [])).apply(
                    lambda arns: pulling_policy(
                        account_id=args["account_id"],
                        region=args["region"],
                        prefixes=list(prefixes.values()),
                        role_arns=arns,
                    )
                ),
                region=region,
                opts=child,
            )
        self.register_outputs({"addresses": {upstream.value: url for upstream, url in self.addresses.items()}})


def creation_policy(*, account_id: str, region: str, prefixes: Sequence[str], key_arn: str) -> str:
    """What ECR needs to make repositories for what is pulled: an IAM policy document.

    AWS' own (ECR User Guide, "Create a custom policy for repository creation templates", read 2026-11), but for these
    repositories and this key alone, and without replication.
    """
    return document(
        [
            allow(["ecr:CreateRepository", "ecr:TagResource"], _repositories(account_id, prefixes, region)),
            allow(["kms:CreateGrant", "kms:DescribeKey", "kms:RetireGrant"], [key_arn]),
        ]
    )


def pulling_policy(*, account_id: str, region: str, prefixes: Sequence[str], role_arns: Sequence[str]) -> str:
    """What roles need besides pulling to have images cached: a registry policy.

    ECR User Guide, "IAM permissions required to sync an upstream registry" (read 2026-11).
    """
    repositories = _repositories(account_id, prefixes, region)
    statement = allow(["ecr:BatchImportUpstreamImage", "ecr:CreateRepository"], repositories)
    return document([statement | {"Sid": "PullThroughCache", "Principal": {"AWS": list(role_arns)}}])


def _repositories(account_id: str, prefixes: Sequence[str], region: str) -> list[str]:
    return [f"arn:aws:ecr:{region}:{account_id}:repository/{prefix}/*" for prefix in prefixes]
