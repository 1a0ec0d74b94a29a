"""Names that a registry takes and the upstreams it can cache, before anything is created."""

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

_REPOSITORY = re.compile(r"(?:[a-z0-9]+(?:[._-][a-z0-9]+)*/)*[a-z0-9]+(?:[._-][a-z0-9]+)*")
LONGEST_PREFIX = 30
"""ECR API, CreatePullThroughCacheRule, ecrRepositoryPrefix (read 2026-11)."""
LONGEST_NAME = 256
"""ECR API, CreateRepository, repositoryName (read 2026-11)."""


class Upstream(StrEnum):
    """A registry that images can be cached from. The value is what its images' names get before them."""

    ECR_PUBLIC = "ecr-public"
    """Amazon's public gallery."""
    KUBERNETES = "kubernetes"
    """The Kubernetes project's."""
    QUAY = "quay"
    """Red Hat's."""
    DOCKER_HUB = "docker-hub"
    """Docker's. It limits how much an address may pull, so that nodes that start together fail together."""
    GITHUB = "github"
    """GitHub's."""


@dataclass(frozen=True)
class UpstreamFacts:
    """What ECR must be told of an upstream.

    Attributes:
        host: its host name, as CreatePullThroughCacheRule takes it.
        signs_in: whether ECR caches it only with credentials.
    """

    host: str
    signs_in: bool


UPSTREAMS: Mapping[Upstream, UpstreamFacts] = {
    Upstream.ECR_PUBLIC: UpstreamFacts("public.ecr.aws", signs_in=False),
    Upstream.KUBERNETES: UpstreamFacts("registry.k8s.io", signs_in=False),
    Upstream.QUAY: UpstreamFacts("quay.io", signs_in=False),
    Upstream.DOCKER_HUB: UpstreamFacts("registry-1.docker.io", signs_in=True),
    Upstream.GITHUB: UpstreamFacts("ghcr.io", signs_in=True),
}
"""ECR API, CreatePullThroughCacheRule, and ECR User Guide, "Sync an upstream registry" (read 2026-11)."""


def check_repositories(names: Sequence[str]) -> None:
    """Refuse names that ECR refuses, or that would be one repository.

    Raises:
        ValueError: With the name and what it must be.
    """
    if not names:
        raise ValueError("repositories: got none, must be at least one")
    for name in names:
        if not 2 <= len(name) <= LONGEST_NAME or not _REPOSITORY.fullmatch(name):
            raise ValueError(
                f"repositories: got {name!r}, must be lower-case letters, digits and single ._- between them, such as "
                "'tandem/model-server'"
            )
        if names.count(name) > 1:
            raise ValueError(f"repositories: {name!r} stands twice")


def check_prefix(prefix: str) -> None:
    """Refuse a prefix that ECR refuses for cached images.

    Raises:
        ValueError: With what it must be.
    """
    if not 2 <= len(prefix) <= LONGEST_PREFIX or not _REPOSITORY.fullmatch(prefix):
        raise ValueError(
            f"prefix: got {prefix!r}, must be 2 to {LONGEST_PREFIX} lower-case letters, digits and single ._- between "
            "them"
        )


def check_credentials(upstream: Upstream, *, given: bool) -> None:
    """Refuse an upstream that ECR would not cache for want of credentials.

    Raises:
        ValueError: If it needs them.
    """
    if UPSTREAMS[upstream].signs_in and not given:
        raise ValueError(
            f"upstreams: {upstream.value} is cached only with credentials; give credential_arn, of a secret in this "
            "region whose name begins with 'ecr-pullthroughcache/'"
        )


def untagged_only(days: int) -> str:
    """A lifecycle policy, as JSON text, that expires images without a tag and no others.

    Raises:
        ValueError: If they would expire at once.
    """
    if days < 1:
        raise ValueError(f"untagged_days: got {days}, must be at least 1")
    return json.dumps(
        {
            "rules": [
                {
                    "rulePriority": 1,
                    "description": "What no tag names any more",
                    "selection": {
                        "tagStatus": "untagged",
                        "countType": "sinceImagePushed",
                        "countUnit": "days",
                        "countNumber": days,
                    },
                    "action": {"type": "expire"},
                }
            ]
        }
    )
