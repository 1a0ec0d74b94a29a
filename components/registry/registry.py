"""Repositories for the platform's own images, and their copies in another region."""

from enum import StrEnum
from typing import NotRequired, TypedDict

import pulumi
import pulumi_aws as aws

from components._outputs import known_once
from components._protection import stateful
from components.registry._plan import check_repositories, untagged_only


class Scanning(StrEnum):
    """When images are searched for known vulnerabilities."""

    ON_PUSH = "on-push"
    """Once, as they arrive."""
    CONTINUOUS = "continuous"
    """Whenever one becomes known, by Amazon Inspector: costs by the image, and is set for the whole registry."""


class RegistryArgs(TypedDict):
    """Inputs of Registry."""

    repositories: list[str]
    """Names of the repositories, the same in both regions: copies keep theirs."""
    key_arn: pulumi.Input[str]
    """Key of this region that encrypts the images."""
    untagged_days: NotRequired[int]
    """Days until an image that no tag names expires. Default 14. No other ever expires."""
    scanning: NotRequired[Scanning]
    """When images are scanned. Default on push."""
    protected: NotRequired[bool]
    """Refuse deletion, also of a repository that still holds images. Default true."""
    region: NotRequired[str]
    """Region of every child. Default: the provider's."""


class Registry(pulumi.ComponentResource):
    """Private, encrypted repositories whose tags always mean the same image, each scanned.

    Losing a zone loses no image (ECR stores them in S3); losing the region needs a RegistryReplication, because nodes
    that start in the other must pull from there.

    Cost when idle: stored bytes; scans while they are continuous. State: the images; protected. Regions: all children
    regional.
    """

    repository_urls: dict[str, pulumi.Output[str]]
    """Where to push to and pull from, by name."""
    repository_arns: dict[str, pulumi.Output[str]]
    """ARNs, by name."""

    def __init__(self, name: str, args: RegistryArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        check_repositories(args["repositories"])
        lifecycle = untagged_only(int(args.get("untagged_days", 14)))
        region = args.get("region")
        protected = args.get("protected", True)
        super().__init__("tandem:index:Registry", name, {}, opts)
        child = pulumi.ResourceOptions(parent=self)

        if args.get("scanning", Scanning.ON_PUSH) == Scanning.CONTINUOUS:
            aws.ecr.RegistryScanningConfiguration(
                name,
                scan_type="ENHANCED",
                rules=[
                    aws.ecr.RegistryScanningConfigurationRuleArgs(
                        scan_frequency="CONTINUOUS_SCAN",
                        repository_filters=[
                            aws.ecr.RegistryScanningConfigurationRuleRepositoryFilterArgs(
                                filter=repository, filter_type="WILDCARD"
                            )
                            for repository in args["repositories"]
                        ],
                    )
                ],
                region=region,
                opts=child,
            )
        self.repository_urls, self.repository_arns = {}, {}
        for repository in args["repositories"]:
            made = aws.ecr.Repository(
                f"{name}-{repository}",
                name=repository,
                # A tag that moved would run another image in the region that pulls later.
                image_tag_mutability="IMMUTABLE",
                image_scanning_configuration=aws.ecr.RepositoryImageScanningConfigurationArgs(scan_on_push=True),
                encryption_configurations=[
                    aws.ecr.RepositoryEncryptionConfigurationArgs(encryption_type="KMS", kms_key=args["key_arn"])
                ],
                force_delete=not protected,
                region=region,
                opts=stateful(self, protected),
            )
            aws.ecr.LifecyclePolicy(
                f"{name}-{repository}", repository=made.name, policy=lifecycle, region=region, opts=child
            )
            self.repository_urls[repository] = made.repository_url
            self.repository_arns[repository] = made.arn
        self.register_outputs({"repositoryUrls": self.repository_urls})


class RegistryReplicationArgs(TypedDict):
    """Inputs of RegistryReplication."""

    account_id: str
    """Account of both registries."""
    source_region: str
    """Region that images are pushed to; the configuration lives there."""
    destination_region: str
    """Region that gets copies."""
    repositories: list[str]
    """Repositories to copy, by name."""
    destination_arns: list[pulumi.Input[str]]
    """ARNs of those repositories in the destination. They are made first: ECR would make what is missing, with tags
    that move and without our key."""


class RegistryReplication(pulumi.ComponentResource):
    """Copies what is pushed in one region to the other, under the same name. Two make it two-way.

    Losing the source's region costs the images that were not copied yet. Images that were there before are not copied,
    and settings never are (ECR User Guide, "Private image replication", read 2026-11).

    Cost when idle: none; copied and stored bytes. State: none. Regions: the configuration, one for the whole registry,
    in ``source_region``.
    """

    def __init__(self, name: str, args: RegistryReplicationArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        check_repositories(args["repositories"])
        if args["source_region"] == args["destination_region"]:
            raise ValueError(f"destination_region: got {args['destination_region']!r}, must differ from source_region")
        super().__init__("tandem:index:RegistryReplication", name, {}, opts)
        destination = known_once(
            pulumi.Output.from_input(args["account_id"]),
            *[pulumi.Output.from_input(arn) for arn in args["destination_arns"]],
        )
        rules = aws.ecr.ReplicationConfigurationReplicationConfigurationArgs(
            rules=[
                aws.ecr.ReplicationConfigurationReplicationConfigurationRuleArgs(
                    destinations=[
                        aws.ecr.ReplicationConfigurationReplicationConfigurationRuleDestinationArgs(
                            region=args["destination_region"], registry_id=destination
                        )
                    ],
                    repository_filters=[
                        aws.ecr.ReplicationConfigurationReplicationConfigurationRuleRepositoryFilterArgs(
                            filter=repository, filter_type="PREFIX_MATCH"
                        )
                        for repository in args["repositories"]
                    ],
                )
            ]
        )
        aws.ecr.ReplicationConfiguration(
            name,
            replication_configuration=rules,
            region=args["source_region"],
            opts=pulumi.ResourceOptions(parent=self),
        )
        self.register_outputs({})
