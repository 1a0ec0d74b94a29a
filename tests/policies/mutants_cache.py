"""Rules of the cache, by the ways to break them."""

# One mutant a line, or the table cannot be read as one.
# ruff: noqa: E501

from tests.policies.other_region import with_other_region
from tests.policies.platform import PRIVATE, UNKNOWN_TEXT, Mutant, Platform, Thing

GROUP = "aws:elasticache/replicationGroup:ReplicationGroup"

ALWAYS: set[str] = set()
"""What nobody can say of one stack alone."""


def things() -> dict[str, Thing]:
    """What breaks none of them."""
    return {
        "cache-subnets": Thing(
            "aws:elasticache/subnetGroup:SubnetGroup", {"subnetIds": [UNKNOWN_TEXT] * 3}, {"subnetIds": PRIVATE}
        ),
        "cache": Thing(
            GROUP,
            {
                "automaticFailoverEnabled": True,
                "multiAzEnabled": True,
                "numCacheClusters": 3,
                "engineVersion": "7.1",
                "snapshotRetentionLimit": 7,
                "finalSnapshotIdentifier": "final",
                "atRestEncryptionEnabled": True,
                "transitEncryptionEnabled": True,
                "userGroupIds": [UNKNOWN_TEXT],
                "securityGroupIds": [UNKNOWN_TEXT],
            },
            {"securityGroupIds": ["db-group"]},
            protect=True,
        ),
    }


def founded(platform: Platform) -> Platform:
    """Let the cache found a global one."""
    shell = Thing(
        "aws:elasticache/globalReplicationGroup:GlobalReplicationGroup",
        {"globalReplicationGroupId": "abcde-tandem", "primaryReplicationGroupId": UNKNOWN_TEXT},
        {"primaryReplicationGroupId": ["cache"]},
        protect=True,
    )
    return platform.add("global-cache", shell)


def joined(platform: Platform, region: str = "us-west-2", identifier: str | None = "abcde-tandem") -> Platform:
    """Let a cache of the other stack join it."""
    props: dict[str, object] = {
        "automaticFailoverEnabled": True,
        "multiAzEnabled": True,
        "replicasPerNodeGroup": 1,
        "snapshotRetentionLimit": 7,
        "finalSnapshotIdentifier": "final",
        "userGroupIds": ["users"],
        **({"globalReplicationGroupId": identifier} if identifier else {}),
    }
    if not identifier:
        props |= {"atRestEncryptionEnabled": True, "transitEncryptionEnabled": True}
    with_other_region(founded(platform))
    lag = Thing(
        "aws:cloudwatch/metricAlarm:MetricAlarm",
        {
            "metricName": "GlobalDatastoreReplicationLag",
            "dimensions": {"ReplicationGroupId": UNKNOWN_TEXT},
            "alarmActions": ["arn"],
        },
        {"dimensions": ["cache-west"]},
        region=region,
        stack="secondary",
    )
    platform.add("cache-lag", lag)
    return platform.add("cache-west", Thing(GROUP, props, protect=True, region=region, stack="secondary"))


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
    ("no replica of the one shard", lambda p: p.put("cache", "numCacheClusters", 1).put("cache", "replicasPerNodeGroup", 0).put("cache", "clusterMode", "disabled"), {"EC-03"}),
    ("nodes of shards without a replica", lambda p: p.put("cache", "numCacheClusters", 2).put("cache", "replicasPerNodeGroup", 0).put("cache", "clusterMode", "enabled"), {"EC-03"}),
    ("replicas unknown", lambda p: p.hide("cache", "numCacheClusters"), {"EC-03?"}),
    ("cache subnets in one zone", lambda p: p.point("cache-subnets", "subnetIds", "private-a", "public-a").put("cache-subnets", "subnetIds", [UNKNOWN_TEXT] * 2), {"EC-05"}),
    ("one cache subnet", lambda p: p.point("cache-subnets", "subnetIds", "private-a").put("cache-subnets", "subnetIds", [UNKNOWN_TEXT]), {"EC-05"}),
    ("one cache subnet of three", lambda p: p.put("cache-subnets", "subnetIds", ["subnet-1"]), {"EC-05"}),
    ("cache subnets unknown", lambda p: p.hide("cache-subnets", "subnetIds"), {"EC-05?"}),
    # EC-04
    ("no snapshots", lambda p: p.put("cache", "snapshotRetentionLimit", 0), {"EC-04"}),
    ("no snapshots by default", lambda p: p.delete("cache", "snapshotRetentionLimit"), {"EC-04"}),
    ("snapshots as a word", lambda p: p.put("cache", "snapshotRetentionLimit", "week"), {"EC-04"}),
    ("snapshots unknown", lambda p: p.hide("cache", "snapshotRetentionLimit"), {"EC-04?"}),
    # EC-06
    ("global cache in one region", lambda p: joined(p, region="us-east-1"), {"EC-06"}),
    ("global cache that nobody joins", lambda p: joined(p, identifier=None), {"EC-06"}),
    ("cache that joins another", lambda p: joined(p, identifier="abcde-tandem2"), {"EC-06"}),
    ("global cache alone", founded, {"EC-06?"}),
    ("region of what joins unknown", lambda p: joined(p).put("cache-west", "region", UNKNOWN_TEXT), {"EC-06?"}),
    ("cache that joins unknown", lambda p: joined(p).hide("cache-west", "globalReplicationGroupId"), {"EC-06?"}),
    ("cache that joins, and where the founder is, unknown", lambda p: joined(p).hide("cache-west", "globalReplicationGroupId").put("cache", "region", UNKNOWN_TEXT), {"EC-06?"}),
    # EC-07
    ("cache's minor versions by hand", lambda p: p.put("cache", "autoMinorVersionUpgrade", False), {"EC-07"}),
    ("cache's minor versions as a word", lambda p: p.put("cache", "autoMinorVersionUpgrade", "soon"), {"EC-07"}),
    ("cache's minor versions as a number", lambda p: p.put("cache", "autoMinorVersionUpgrade", 0), {"EC-07"}),
    ("cache's minor versions unknown", lambda p: p.hide("cache", "autoMinorVersionUpgrade"), {"EC-07?"}),
    # EC-08
    ("cache's final snapshot without a name", lambda p: p.delete("cache", "finalSnapshotIdentifier"), {"EC-08"}),
    ("cache's final snapshot of an empty name", lambda p: p.put("cache", "finalSnapshotIdentifier", ""), {"EC-08"}),
    ("cache's final snapshot null", lambda p: p.put("cache", "finalSnapshotIdentifier", None), {"EC-08"}),
    ("cache's final snapshot unknown", lambda p: p.hide("cache", "finalSnapshotIdentifier"), {"EC-08?"}),
    # EC-09
    ("cache plain on disk", lambda p: p.put("cache", "atRestEncryptionEnabled", False), {"EC-09"}),
    ("cache plain on disk by default", lambda p: p.delete("cache", "atRestEncryptionEnabled"), {"EC-09"}),
    ("cache of Redis plain on disk by default", lambda p: p.delete("cache", "atRestEncryptionEnabled").put("cache", "engine", "redis"), {"EC-09"}),
    ("cache of Valkey plain on disk", lambda p: p.put("cache", "atRestEncryptionEnabled", False).put("cache", "engine", "valkey"), {"EC-09"}),
    ("cache of nobody knows what by default", lambda p: p.delete("cache", "atRestEncryptionEnabled").put("cache", "engine", UNKNOWN_TEXT), {"EC-09?"}),
    ("cache plain on the way", lambda p: p.put("cache", "transitEncryptionEnabled", False), {"EC-09"}),
    ("cache plain on the way by default", lambda p: p.delete("cache", "transitEncryptionEnabled"), {"EC-09"}),
    ("cache's encryption unknown", lambda p: p.hide("cache", "transitEncryptionEnabled"), {"EC-09?"}),
    # EC-10
    ("cache for everybody", lambda p: p.delete("cache", "userGroupIds"), {"EC-10"}),
    ("cache of no users", lambda p: p.put("cache", "userGroupIds", []), {"EC-10"}),
    ("cache of an empty password", lambda p: p.delete("cache", "userGroupIds").put("cache", "authToken", ""), {"EC-10"}),
    ("cache's users unknown", lambda p: p.hide("cache", "userGroupIds"), {"EC-10?"}),
    ("cache's password unknown", lambda p: p.delete("cache", "userGroupIds").hide("cache", "authToken"), {"EC-10?"}),
]  # fmt: skip

GOOD: list[Mutant] = [
    ("cache of Valkey, encrypted on disk by default", lambda p: p.delete("cache", "atRestEncryptionEnabled").put("cache", "engine", "valkey"), set()),
    ("a cache that is up", lambda p: p.put("cache", "replicasPerNodeGroup", 0).put("cache", "clusterMode", "disabled"), set()),
    ("number and truth as text", lambda p: p.put("cache", "snapshotRetentionLimit", "7").put("cache", "autoMinorVersionUpgrade", "true"), set()),
    ("cache subnets in two zones", lambda p: p.point("cache-subnets", "subnetIds", "private-a", "private-b").put("cache-subnets", "subnetIds", [UNKNOWN_TEXT] * 2), set()),
    ("sharded cache", lambda p: p.delete("cache", "numCacheClusters").put("cache", "replicasPerNodeGroup", 1), set()),
    ("cache of two nodes", lambda p: p.put("cache", "numCacheClusters", 2), set()),
    ("cache of one snapshot", lambda p: p.put("cache", "snapshotRetentionLimit", 1), set()),
    ("global cache in both regions", joined, set()),
    ("cache with a password", lambda p: p.delete("cache", "userGroupIds").put("cache", "authToken", "correct horse"), set()),
    ("cache's minor versions left out", lambda p: p.put("cache", "autoMinorVersionUpgrade", None), set()),
]  # fmt: skip

EVIDENCE: dict[str, set[str]] = {
    "no replica by default": {"EC-03: numCacheClusters is not set; it must be at least 2"},
    "no replica of a shard": {"EC-03: replicasPerNodeGroup is 0; it must be at least 1"},
    "cache subnets in one zone": {"EC-05: zones of its subnets: us-east-1a; there must be at least 2"},
    "global cache in one region": {"EC-06: regions of its members: us-east-1; there must be at least 2 in the stacks primary, secondary"},
    "global cache alone": {"EC-06: regions of its members: us-east-1; members in other stacks than primary are not in view"},
    "cache that joins, and where the founder is, unknown": {"EC-06: regions of its members: us-east-1; cache-west.globalReplicationGroupId is not known yet"},
    "cache's users unknown": {"EC-10: userGroupIds is not known yet; it must be given"},
    "cache's password unknown": {"EC-10: authToken is not known yet; it must be given"},
}  # fmt: skip
"""What is said of some of them, word for word."""
