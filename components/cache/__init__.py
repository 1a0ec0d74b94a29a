"""Caches: the orchestrator's broker, and the applications' cache in one region or two."""

from components.cache._users import CacheUser
from components.cache.global_datastore import GlobalCache, GlobalCacheArgs
from components.cache.redis import Cache, CacheArgs
from components.cache.sharded import ShardedCache, ShardedCacheArgs

__all__ = [
    "Cache",
    "CacheArgs",
    "CacheUser",
    "GlobalCache",
    "GlobalCacheArgs",
    "ShardedCache",
    "ShardedCacheArgs",
]
