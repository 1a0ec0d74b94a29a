"""S3: nothing that is overwritten or deleted is gone."""

from policies.registry import (
    Options,
    Scope,
    Severity,
    Verdict,
    Verdicts,
    fails,
    holds,
    is_not_true,
    passes,
    rule,
    unproven,
)
from resilience.graph import Graph, Resource

BUCKETS = ("aws:s3/bucket:Bucket", "aws:s3/bucketV2:BucketV2")
VERSIONINGS = ("aws:s3/bucketVersioning:BucketVersioning", "aws:s3/bucketVersioningV2:BucketVersioningV2")


@rule(
    "S3-01",
    title="A bucket is versioned",
    why="An overwritten or deleted object is gone without versions, and replication refuses to start.",
    fix='aws.s3.BucketVersioning with bucket=bucket.id and versioning_configuration.status="Enabled"',
    severity=Severity.HIGH,
    scope=Scope.STACK,
    types=BUCKETS,
    frameworks=["AWS FSBP S3.14"],
)
def versioned(bucket: Resource, graph: Graph, _: Options) -> Verdicts:
    """Find its versioning, of its own or beside it."""
    if bucket.read("versioning.enabled").content is True:
        yield passes("versioning.enabled is true")
        return
    found = [each for type_ in VERSIONINGS for each in graph.referrers(bucket, type_, "bucket")]
    verdicts: list[Verdict] = [
        holds(each.read("versioningConfiguration.status"), lambda status: status == "Enabled", '"Enabled"')
        for each in found
    ]
    loose = [each.name for each in graph.of(*VERSIONINGS) if not graph.targets(each, "bucket", *BUCKETS)]
    if verdicts:
        yield from verdicts
    elif loose:
        yield unproven(f"{loose[0]}.bucket leads to no bucket in view: it may be this one's versioning")
    else:
        yield fails("no aws.s3.BucketVersioning belongs to it (an edge from bucket)")


@rule(
    "S3-06",
    title="A bucket with objects cannot be deleted",
    why="force_destroy deletes every object, with every version, on the way to deleting the bucket.",
    fix="leave force_destroy out of aws.s3.Bucket",
    severity=Severity.HIGH,
    scope=Scope.RESOURCE,
    types=BUCKETS,
)
def force_destroy(bucket: Resource, _: Graph, __: Options) -> Verdicts:
    """It must not be forced."""
    yield is_not_true(bucket.read("forceDestroy"))
