"""Which nodes and users there are, and what a cache of two regions may be, before anything is created."""

import re
from collections.abc import Sequence

MOST_REPLICAS = 5
"""Of one shard (ElastiCache, CreateReplicationGroup, read 2026-11)."""
MOST_NODES = 500
"""Of all shards together, once AWS has raised the quota from 90 (same page)."""

GLOBAL_FAMILIES = ("m5", "m6g", "m7g", "r5", "r6g", "r7g", "c7gn")
"""Families a Global Datastore runs on, from size large up (ElastiCache User Guide, "Prerequisites and limitations" of
global datastores, read 2026-11). It lists r6gd too, whose data tiering this room does not offer."""

DEFAULT_USER = "default"
"""Whom Redis takes a client for that names no user."""

_NODE_TYPE = re.compile(r"cache\.([a-z0-9-]+)\.([a-z0-9]+)")
_USER = re.compile(r"[a-z][a-z0-9-]{0,62}")


def spread(*, replicas: int, zones: Sequence[str]) -> list[str]:
    """The zone of each node of a cache that is not sharded, the primary's first.

    Raises:
        ValueError: If a lost zone could take the only copy.
    """
    check_copies(replicas=replicas, zones=len(zones))
    return [zones[position % len(zones)] for position in range(replicas + 1)]


def check_copies(*, replicas: int, zones: int) -> None:
    """Refuse what a lost zone could empty.

    Raises:
        ValueError: If there is no replica, or only one zone for it.
    """
    if not 1 <= replicas <= MOST_REPLICAS:
        raise ValueError(
            f"replicas: got {replicas}, must be 1 to {MOST_REPLICAS}; without a replica a lost zone loses the data"
        )
    if zones < 2:
        raise ValueError(f"zones: got {zones}, must be at least 2 for automatic failover")


def check_shards(*, shards: int, replicas_per_shard: int, zones: int) -> None:
    """Refuse a sharded cache that a lost zone could empty in part, or that is larger than ElastiCache makes one.

    Raises:
        ValueError: With what to write instead.
    """
    check_copies(replicas=replicas_per_shard, zones=zones)
    if shards < 1:
        raise ValueError(f"shards: got {shards}, must be at least 1")
    nodes = shards * (replicas_per_shard + 1)
    if nodes > MOST_NODES:
        raise ValueError(
            f"shards: {shards} with {replicas_per_shard} replicas each are {nodes} nodes, must be at most "
            f"{MOST_NODES}; use fewer shards of a larger node type"
        )


def check_global(node_type: str) -> None:
    """Refuse a node type that no Global Datastore runs on.

    Raises:
        ValueError: If its family or size is not among those that AWS lists.
    """
    matched = _NODE_TYPE.fullmatch(node_type)
    family, size = matched.groups() if matched else ("", "")
    if family not in GLOBAL_FAMILIES or not size.endswith("large"):
        raise ValueError(
            f"node_type: got {node_type!r}, but a Global Datastore runs only on {', '.join(GLOBAL_FAMILIES)} from size "
            "large up; write such as 'cache.r7g.large', or leave the cache regional"
        )


def check_users(names: Sequence[str]) -> None:
    """Refuse names that ElastiCache or this room keeps for itself.

    Raises:
        ValueError: If there is none, one twice, the default one, or one that ElastiCache refuses.
    """
    if not names:
        raise ValueError("users: got none, must be at least one; whoever names no user is refused")
    for name in names:
        if not _USER.fullmatch(name):
            raise ValueError(f"users: got {name!r}, must be lower-case letters, digits and hyphens, a letter first")
        if name == DEFAULT_USER:
            raise ValueError(f"users: {name!r} is switched off, so that nobody connects unnamed; use another name")
        if names.count(name) > 1:
            raise ValueError(f"users: {name!r} stands twice; give each client a name of its own")
