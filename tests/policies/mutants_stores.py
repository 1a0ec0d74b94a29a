"""Rules of tables, file systems and access points, by the ways to break them."""

# One mutant a line, or the table cannot be read as one.
# ruff: noqa: E501

from tests.policies.platform import UNKNOWN_TEXT, Mutant, Platform, Thing

ALWAYS: set[str] = set()
"""What nobody can say of one stack alone."""
MOUNT = "aws:efs/mountTarget:MountTarget"
POINT = "aws:s3control/multiRegionAccessPoint:MultiRegionAccessPoint"


def things() -> dict[str, Thing]:
    """What breaks none of them."""
    made = {
        "locks": Thing(
            "aws:dynamodb/table:Table",
            {"pointInTimeRecovery": {"enabled": True}, "deletionProtectionEnabled": True},
            protect=True,
        ),
        "files": Thing("aws:efs/fileSystem:FileSystem", {"encrypted": True}, protect=True),
        "files-backups": Thing(
            "aws:efs/backupPolicy:BackupPolicy",
            {"fileSystemId": UNKNOWN_TEXT, "backupPolicy": {"status": "ENABLED"}},
            {"fileSystemId": ["files"]},
        ),
    }
    for zone in "ab":
        made[f"mount-{zone}"] = Thing(
            MOUNT,
            {"fileSystemId": UNKNOWN_TEXT, "subnetId": UNKNOWN_TEXT},
            {"fileSystemId": ["files"], "subnetId": [f"private-{zone}"]},
        )
    return made


def one_name(platform: Platform, *buckets: object, of: tuple[str, ...] = ()) -> Platform:
    """Put one name over buckets."""
    regions = [{"bucket": bucket} for bucket in buckets]
    return platform.add(
        "one-name", Thing(POINT, {"details": {"name": "one", "regions": regions}}, {"details": list(of)})
    )


def over_two(platform: Platform, region: str) -> Platform:
    """Put one name over the bucket and a bare one of a region."""
    bare = Thing("aws:s3/bucket:Bucket", {"region": region}, protect=True)
    return one_name(platform.add("bare", bare), UNKNOWN_TEXT, UNKNOWN_TEXT, of=("bucket", "bare"))


MUTANTS: list[Mutant] = [
    # DDB-01
    ("table that cannot go back", lambda p: p.put("locks", "pointInTimeRecovery/enabled", False), {"DDB-01"}),
    ("table that does not say", lambda p: p.delete("locks", "pointInTimeRecovery"), {"DDB-01"}),
    ("table that may be deleted", lambda p: p.delete("locks", "deletionProtectionEnabled"), {"DDB-01"}),
    ("recovery of a table unknown", lambda p: p.hide("locks", "pointInTimeRecovery"), {"DDB-01?"}),
    # EFS-01
    ("files in one zone", lambda p: p.put("files", "availabilityZoneName", "us-east-1a"), {"EFS-01"}),
    ("whether files are in one zone unknown", lambda p: p.hide("files", "availabilityZoneName"), {"EFS-01?"}),
    ("files mounted in one zone", lambda p: p.drop("mount-b"), {"EFS-01"}),
    ("files mounted twice in a zone", lambda p: p.point("mount-b", "subnetId", "public-a"), {"EFS-01"}),
    ("files mounted nowhere", lambda p: p.drop("mount-a", "mount-b"), {"EFS-01"}),
    ("files without backups", lambda p: p.drop("files-backups"), {"EFS-01"}),
    ("files with backups off", lambda p: p.put("files-backups", "backupPolicy/status", "DISABLED"), {"EFS-01"}),
    ("zone of a mount unknown", lambda p: p.hide("private-b", "availabilityZone"), {"EFS-01?", "EKS-13?", "NET-02?", "NET-03?", "RDS-03?"}),
    ("mount of files not in view", lambda p: p.cut("mount-b", "fileSystemId"), {"EFS-01?"}),
    ("backups of files unknown", lambda p: p.hide("files-backups", "backupPolicy/status"), {"EFS-01?"}),
    ("zones of both mounts unknown", lambda p: p.cut("mount-a", "subnetId").cut("mount-b", "subnetId"), {"EFS-01?"}),
    # S3-08
    ("one name over one bucket not in view", lambda p: one_name(p, UNKNOWN_TEXT), {"S3-08"}),
    ("one name over two buckets by their names", lambda p: one_name(p, "a", "b"), {"S3-08?"}),
    ("one name over one bucket", lambda p: one_name(p, "a"), {"S3-08"}),
    ("one name over one bucket twice", lambda p: one_name(p, "a", "a"), {"S3-08"}),
    ("one name over no bucket", lambda p: one_name(p), {"S3-08"}),
    ("one name over buckets of one region", lambda p: over_two(p, "us-east-1"), {"S3-01", "S3-02?", "S3-08", "S3-09", "S3-10"}),
    ("one name over a bucket of nobody knows where", lambda p: over_two(p, UNKNOWN_TEXT), {"S3-01", "S3-02?", "S3-08?", "S3-09", "S3-10"}),
    ("one name over buckets not in view", lambda p: one_name(p, UNKNOWN_TEXT, UNKNOWN_TEXT), {"S3-08?"}),
    ("one name over nobody knows what", lambda p: one_name(p).hide("one-name", "details/regions"), {"S3-08?"}),
]  # fmt: skip

GOOD: list[Mutant] = [
    ("mounts in two zones, and one of files not in view", lambda p: p.add("mount-c", Thing(MOUNT, {"fileSystemId": UNKNOWN_TEXT, "subnetId": UNKNOWN_TEXT}, {"subnetId": ["private-c"]})), set()),
    ("one name over buckets of two regions", lambda p: over_two(p, "us-west-2"), {"S3-01", "S3-02?", "S3-09", "S3-10"}),
]  # fmt: skip

EVIDENCE: dict[str, set[str]] = {
    "one name over buckets of one region": {"S3-08: regions of its buckets: us-east-1, of 2; there must be at least 2"},
    "one name over two buckets by their names": {"S3-08: regions of its buckets: none, of 2; the others' are not known"},
}  # fmt: skip
"""What is said of some of them, word for word."""
