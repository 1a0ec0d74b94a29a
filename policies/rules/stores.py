"""Tables, file systems and the one name over buckets of several regions."""

from policies.registry import Options, Scope, Severity, Verdicts, counts, fails, holds, is_true, passes, rule, unproven
from resilience.graph import Graph, Members, Resource

TABLE = "aws:dynamodb/table:Table"
FILE_SYSTEM = "aws:efs/fileSystem:FileSystem"
MOUNT_TARGET = "aws:efs/mountTarget:MountTarget"
BACKUP_POLICY = "aws:efs/backupPolicy:BackupPolicy"
ACCESS_POINT = "aws:s3control/multiRegionAccessPoint:MultiRegionAccessPoint"
BUCKETS = ("aws:s3/bucket:Bucket", "aws:s3/bucketV2:BucketV2")


@rule(
    "DDB-01",
    title="A table goes back to any second, and cannot be deleted by mistake",
    why="State locks and checkpoints are in it. A loop that overwrites them is in every replica at once; of a table "
    "that is deleted without recovery nothing is left.",
    fix='point_in_time_recovery={"enabled": True} and deletion_protection_enabled=True on aws.dynamodb.Table',
    severity=Severity.HIGH,
    scope=Scope.RESOURCE,
    types=[TABLE],
    frameworks=["AWS FSBP DynamoDB.2", "AWS FSBP DynamoDB.6", "Checkov CKV_AWS_28", "AWS Well-Architected REL09-BP03"],
)
def table(resource: Resource, _: Graph, __: Options) -> Verdicts:
    """Both are off unless they are turned on."""
    yield is_true(resource.read("pointInTimeRecovery.enabled"))
    yield is_true(resource.read("deletionProtectionEnabled"))


@rule(
    "EFS-01",
    title="A file system is in several zones, mounted in two, and backed up",
    why="One Zone storage is lost with its zone. Pods of a zone without a mount target use another's, and hang with "
    "it.",
    fix="leave availability_zone_name of aws.efs.FileSystem out; one aws.efs.MountTarget a zone; aws.efs.BackupPolicy "
    "ENABLED",
    severity=Severity.HIGH,
    scope=Scope.STACK,
    types=[FILE_SYSTEM],
    frameworks=["AWS Well-Architected REL09-BP01", "AWS Well-Architected REL10-BP01"],
)
def file_system(files: Resource, graph: Graph, _: Options) -> Verdicts:
    """Look at its storage, the zones of its mount targets, and its policy of backups."""
    zone = files.read("availabilityZoneName")
    if zone.unknown:
        yield unproven("availabilityZoneName is not known yet; it must be left out")
    elif zone.content:
        yield fails(f"availabilityZoneName is {zone.shown()}; it must be left out")
    targets = graph.referrers(files, MOUNT_TARGET, "fileSystemId")
    zones = Members.told([(target, graph.zone(target)) for target in targets])
    loose = any(not graph.targets(each, "fileSystemId", FILE_SYSTEM) for each in graph.of(MOUNT_TARGET))
    if loose and zones.least < 2:
        yield unproven("fileSystemId of a mount target leads to no file system in view: it may be this one's")
    else:
        yield counts(zones, 2, "zones of its mount targets")
    policies = graph.referrers(files, BACKUP_POLICY, "fileSystemId")
    for policy in policies:
        yield holds(policy.read("backupPolicy.status"), lambda status: status == "ENABLED", '"ENABLED"')
    if not policies:
        yield fails("no aws.efs.BackupPolicy belongs to it (an edge from fileSystemId)")


@rule(
    "S3-08",
    title="A multi-region access point leads to two regions",
    why="Applications are told one name so that nobody changes it in an outage; over one region, it goes with it.",
    fix="details.regions of aws.s3control.MultiRegionAccessPoint with a bucket of each region",
    severity=Severity.HIGH,
    scope=Scope.STACK,
    types=[ACCESS_POINT],
    frameworks=["AWS Well-Architected REL10-BP01"],
)
def access_point(point: Resource, graph: Graph, _: Options) -> Verdicts:
    """Count the regions of its buckets, by edges, or else the buckets."""
    buckets = point.read("details.regions")
    linked = [graph.region(bucket) for bucket in graph.targets(point, "details", *BUCKETS)]
    known = tuple(sorted({str(read.content) for read in linked if read.known}))
    names = {each.field("bucket").shown() for each in buckets.each()}
    seen = f"regions of its buckets: {', '.join(known) or 'none'}"
    # Ids that are not known yet look alike, and are not one bucket.
    same = len(names) < 2 and not any(each.field("bucket").unknown for each in buckets.each())
    if len(known) >= 2:
        yield passes(seen)
    elif buckets.unknown:
        yield unproven("details.regions is not known yet")
    elif len(buckets.each()) < 2 or same or sum(read.known for read in linked) >= len(buckets.each()):
        yield fails(f"{seen}, of {len(buckets.each())}; there must be at least 2")
    else:
        yield unproven(f"{seen}, of {len(buckets.each())}; the others' are not known")
