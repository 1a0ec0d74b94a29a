"""The cache: broker and leases of the orchestrator."""

from components.cache.redis import Cache, CacheArgs

__all__ = ["Cache", "CacheArgs"]
