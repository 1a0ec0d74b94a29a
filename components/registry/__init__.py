"""Images: the platform's own, their copies in the other region, and copies of others'."""

from components.registry._plan import Upstream
from components.registry.pull_through import CachedUpstream, PullThroughCache, PullThroughCacheArgs
from components.registry.registry import (
    Registry,
    RegistryArgs,
    RegistryReplication,
    RegistryReplicationArgs,
    Scanning,
)

__all__ = [
    "CachedUpstream",
    "PullThroughCache",
    "PullThroughCacheArgs",
    "Registry",
    "RegistryArgs",
    "RegistryReplication",
    "RegistryReplicationArgs",
    "Scanning",
    "Upstream",
]
