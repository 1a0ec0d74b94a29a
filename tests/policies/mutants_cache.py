"""Rules of the cache, by the ways to break them."""

# One mutant a line, or the table cannot be read as one.
# ruff: noqa: E501

from tests.policies.platform import PRIVATE, UNKNOWN_TEXT, Mutant, Thing

ALWAYS: set[str] = set()
"""What nobody can say of one stack alone."""


def things() -> dict[str, Thing]:
    """What breaks none of them."""
    return {
        "cache-subnets": Thing(
            "aws:elasticache/subnetGroup:SubnetGroup", {"subnetIds": [UNKNOWN_TEXT] * 3}, {"subnetIds": PRIVATE}
        ),
        "cache": Thing(
            "aws:elasticache/replicationGroup:ReplicationGroup",
            {"automaticFailoverEnabled": True, "multiAzEnabled": True, "numCacheClusters": 3},
            protect=True,
        ),
    }


MUTANTS: list[Mutant] = [
    ("no failover", lambda p: p.put("cache", "automaticFailoverEnabled", False), {"EC-01"}),
    ("no failover by default", lambda p: p.delete("cache", "automaticFailoverEnabled"), {"EC-01"}),
    ("failover null", lambda p: p.put("cache", "automaticFailoverEnabled", None), {"EC-01"}),
    ("failover unknown", lambda p: p.hide("cache", "automaticFailoverEnabled"), {"EC-01?"}),
    ("one zone", lambda p: p.put("cache", "multiAzEnabled", False), {"EC-02"}),
    ("one zone by default", lambda p: p.delete("cache", "multiAzEnabled"), {"EC-02"}),
    ("zones as text", lambda p: p.put("cache", "multiAzEnabled", "yes"), {"EC-02"}),
    ("zones unknown", lambda p: p.hide("cache", "multiAzEnabled"), {"EC-02?"}),
    ("no replica", lambda p: p.put("cache", "numCacheClusters", 1), {"EC-03"}),
    ("no replica by default", lambda p: p.delete("cache", "numCacheClusters"), {"EC-03"}),
    ("no replica of a shard", lambda p: p.delete("cache", "numCacheClusters").put("cache", "replicasPerNodeGroup", 0), {"EC-03"}),
    ("replicas unknown", lambda p: p.hide("cache", "numCacheClusters"), {"EC-03?"}),
    ("cache subnets in one zone", lambda p: p.point("cache-subnets", "subnetIds", "private-a", "public-a").put("cache-subnets", "subnetIds", [UNKNOWN_TEXT] * 2), {"EC-05"}),
    ("one cache subnet", lambda p: p.point("cache-subnets", "subnetIds", "private-a").put("cache-subnets", "subnetIds", [UNKNOWN_TEXT]), {"EC-05"}),
    ("one cache subnet of three", lambda p: p.put("cache-subnets", "subnetIds", ["subnet-1"]), {"EC-05"}),
    ("cache subnets unknown", lambda p: p.hide("cache-subnets", "subnetIds"), {"EC-05?"}),
]  # fmt: skip

GOOD: list[Mutant] = [
    ("sharded cache", lambda p: p.delete("cache", "numCacheClusters").put("cache", "replicasPerNodeGroup", 1), set()),
]  # fmt: skip
