"""Rules of every resource, and keys, by the ways to break them."""

# One mutant a line, or the table cannot be read as one.
# ruff: noqa: E501

from tests.policies.other_region import KEY_ARN, twin, with_other_region
from tests.policies.platform import UNKNOWN_TEXT, Mutant, Platform, Thing

ALWAYS: set[str] = {"KMS-01?", "STK-06?"}
"""What nobody can say of one stack alone."""


def things() -> dict[str, Thing]:
    """What breaks none of them."""
    return {"key": Thing("aws:kms/key:Key", {"deletionWindowInDays": 30, "multiRegion": True}, protect=True)}


def alike(platform: Platform, name: str, path: str, value: object) -> Platform:
    """Give the other region the same thing, but for one property."""
    other = twin(platform.things[name])
    other.called = name
    return with_other_region(platform).add(f"{name}-alike", other).put(f"{name}-alike", path, value)


def placed_nowhere(platform: Platform, name: str, placed: dict[str, object]) -> Platform:
    """Make it by a provider that no region is given."""
    platform.through(name, "explicit", placed)
    platform.things[name].region = None
    return platform


MUTANTS: list[Mutant] = [
    ("bucket unprotected", lambda p: p.unprotect("bucket"), {"STK-01"}),
    ("database unprotected", lambda p: p.unprotect("db"), {"STK-01"}),
    ("zone unprotected", lambda p: p.unprotect("zone"), {"STK-01"}),
    ("bucket in whichever account", lambda p: p.through("bucket", "default_7_51_1", {}), {"STK-02"}),
    ("VPC in whichever account, by a provider of its own", lambda p: p.through("vpc", "explicit", {}), {"STK-02"}),
    ("VPC in no account", lambda p: p.through("vpc", "explicit", {"allowedAccountIds": "[]"}), {"STK-02"}),
    ("bucket in whichever region", lambda p: placed_nowhere(p, "images", {"allowedAccountIds": '["123456789012"]'}), {"STK-02"}),
    ("bucket in whichever region, and an empty one", lambda p: placed_nowhere(p, "images", {"region": "", "allowedAccountIds": '["123456789012"]'}), {"STK-02"}),
    ("VPC by a role that is none", lambda p: p.through("vpc", "explicit", {"assumeRole": "{}"}), {"STK-02"}),
    ("bucket of Google's in whichever project", lambda p: p.through("gcs", "default", {}), {"STK-02"}),
    ("bucket of Google's in a project without a name", lambda p: p.through("gcs", "default", {}).put("gcs", "project", ""), {"STK-02"}),
    ("workload in whichever cluster", lambda p: p.through("disks", "default_4_34_2", {}), {"STK-02"}),
    ("workload in whichever cluster, by a provider of its own", lambda p: p.through("disks", "explicit", {"enableServerSideApply": "true"}), {"STK-02"}),
    ("vault unprotected", lambda p: p.unprotect("vault"), {"STK-01"}),
    ("secret unprotected", lambda p: p.unprotect("password"), {"STK-01"}),
    # STK-03
    ("backups' retention ignored", lambda p: p.ignoring("db", "backupRetentionPeriod"), {"STK-03"}),
    ("all of a cluster's network ignored", lambda p: p.ignoring("eks", "vpcConfig"), {"STK-03"}),
    ("a part of the floor ignored", lambda p: p.ignoring("nodes", "scalingConfig.minSize"), {"STK-03"}),
    ("all of the floor ignored", lambda p: p.ignoring("nodes", "scalingConfig"), {"STK-03"}),
    ("routing by distance ignored", lambda p: p.ignoring("record", "geoproximityRoutingPolicy"), {"STK-03"}),
    ("routing by network ignored", lambda p: p.ignoring("record", "cidrRoutingPolicy"), {"STK-03"}),
    ("everything ignored", lambda p: p.ignoring("cache", "*"), {"STK-03"}),
    ("a rule of replication ignored", lambda p: with_other_region(p).ignoring("copy-here", "rules[0].status"), {"STK-03"}),
    ("a value of a release ignored", lambda p: p.ignoring("release", 'values["postgresql"]'), {"STK-03"}),
    # STK-06
    ("release of another version", lambda p: alike(p, "release", "version", "2026.7.1"), {"STK-06"}),
    ("cache of another version", lambda p: alike(p, "cache", "engineVersion", "7.0"), {"STK-06"}),
    ("cache of a version left to AWS", lambda p: alike(p, "cache", "engineVersion", None), {"STK-06"}),
    ("release of another chart", lambda p: alike(p, "release", "chart", "prefect"), {"STK-06", "HELM-02?", "HELM-03?", "HELM-05?"}),
    ("version elsewhere unknown", lambda p: alike(p, "release", "version", UNKNOWN_TEXT), {"STK-06?", "HELM-01?"}),
    # KMS-01
    ("key of a global database in one region", lambda p: with_other_region(p).put("key", "multiRegion", False), {"KMS-01"}),
    ("key of a global database in one region by default", lambda p: with_other_region(p).delete("key", "multiRegion"), {"KMS-01"}),
    ("copy of another key", lambda p: with_other_region(p).put("key-west", "primaryKeyArn", KEY_ARN[:-1] + "2"), {"KMS-01"}),
    ("copy of the key in its own region", lambda p: with_other_region(p).put("key-west", "region", "us-east-1"), {"KMS-01", "RDS-18", "SYS-04"}),
    ("key of a database of its own in one region", lambda p: with_other_region(p).put("key", "multiRegion", False).delete("db", "globalClusterIdentifier").cut("db", "globalClusterIdentifier"), {"RDS-08", "RDS-23?"}),
    ("key's regions unknown", lambda p: with_other_region(p).hide("key", "multiRegion"), {"KMS-01?"}),
    ("key's own region unknown", lambda p: with_other_region(p).put("key", "region", UNKNOWN_TEXT), {"KMS-01?", "RDS-18?"}),
    ("region of the key's copy unknown", lambda p: with_other_region(p).put("key-west", "region", UNKNOWN_TEXT), {"KMS-01?", "RDS-18?"}),
    ("key and region of its copy unknown", lambda p: with_other_region(p).put("key", "region", UNKNOWN_TEXT).put("key-west", "region", UNKNOWN_TEXT), {"KMS-01?", "RDS-18?"}),
    ("key and copy unknown", lambda p: with_other_region(p).delete("key", "arn").hide("key-west", "primaryKeyArn"), {"KMS-01?"}),
    ("copy of the key unknown", lambda p: with_other_region(p).hide("key-west", "primaryKeyArn"), {"KMS-01?"}),
    ("key deleted in 29 days", lambda p: p.put("key", "deletionWindowInDays", 29), {"KMS-02"}),
    ("key deleted in a week", lambda p: p.put("key", "deletionWindowInDays", 7), {"KMS-02"}),
    ("key window as a word", lambda p: p.put("key", "deletionWindowInDays", "month"), {"KMS-02"}),
    ("key window unknown", lambda p: p.hide("key", "deletionWindowInDays"), {"KMS-02?"}),
]  # fmt: skip

GOOD: list[Mutant] = [
    ("bucket by a default provider that is told where", lambda p: p.through("bucket", "default_7_51_1", {"allowedAccountIds": '["123456789012"]'}), set()),
    ("workload in a cluster that is named, whose kubeconfig a first preview does not show", lambda p: p.through("disks", "explicit", {"clusterIdentifier": "tandem"}), set()),
    ("bucket by a role", lambda p: p.through("bucket", "default", {"assumeRoles": '[{"roleArn":"arn:aws:iam::123456789012:role/tandem"}]'}), set()),
    ("bucket by a role, as it was called before", lambda p: p.through("bucket", "default", {"assumeRole": '{"roleArn":"arn:aws:iam::123456789012:role/tandem"}'}), set()),
    ("bucket by the role of a job", lambda p: p.through("bucket", "default", {"assumeRoleWithWebIdentity": '{"roleArn":"arn:aws:iam::123456789012:role/tandem"}'}), set()),
    ("bucket of Google's in a project of its own", lambda p: p.through("gcs", "default", {}).put("gcs", "project", "tandem"), set()),
    ("VPC in an account that is not known yet", lambda p: p.through("vpc", "explicit", {"allowedAccountIds": UNKNOWN_TEXT}), set()),
    ("bucket with a region of its own", lambda p: placed_nowhere(p, "images", {"allowedAccountIds": '["123456789012"]'}).put("images", "region", "us-east-1"), set()),
    ("workload that is only written down", lambda p: p.through("disks", "explicit", {"renderYamlToDirectory": "yaml"}), set()),
    ("default key window", lambda p: p.delete("key", "deletionWindowInDays"), set()),
    ("release alike", lambda p: alike(p, "release", "timeout", 900), set()),
    ("desired size ignored", lambda p: p.ignoring("nodes", "scalingConfig.desiredSize"), set()),
    ("who writes ignored", lambda p: p.ignoring("db", "replicationSourceIdentifier", "globalClusterIdentifier", "engineVersion"), set()),
    ("key of a log in one region", lambda p: with_other_region(p).add("log-key", Thing("aws:kms/key:Key", {"deletionWindowInDays": 30}, protect=True)), set()),
]  # fmt: skip

EVIDENCE: dict[str, set[str]] = {
    "default key window": {"KMS-02: deletionWindowInDays is 30 by default"},
    "all of the floor ignored": {"STK-03: changes of scalingConfig are ignored, and so those of scalingConfig.minSize"},
    "version elsewhere unknown": {"STK-06: version of release in secondary is not known yet"},
    "cache of a version left to AWS": {"STK-06: engineVersion is \"7.1\", and not set in secondary"},
    "copy of the key in its own region": {"KMS-01: regions of its copies: us-east-1; there must be one in another than us-east-1"},
    "key and region of its copy unknown": {"KMS-01: regions of its copies: none; its region is not known"},
}  # fmt: skip
"""What is said of some of them, word for word."""
