"""What holds for every resource: protection, and knowing where it goes."""

from policies.registry import Option, Options, Scope, Severity, Verdicts, fails, holds, passes, rule
from resilience.graph import Graph, Resource

KEYS = ("aws:kms/key:Key", "aws:kms/replicaKey:ReplicaKey")
STATEFUL = (
    "aws:rds/cluster:Cluster",
    "aws:rds/globalCluster:GlobalCluster",
    "aws:rds/instance:Instance",
    "aws:elasticache/replicationGroup:ReplicationGroup",
    "aws:s3/bucket:Bucket",
    "aws:s3/bucketV2:BucketV2",
    *KEYS,
    "aws:dynamodb/table:Table",
    "aws:efs/fileSystem:FileSystem",
    "aws:route53/zone:Zone",
)
"""What holds data, or names and keys without which data cannot be reached."""
PLACED = (*STATEFUL, "aws:ec2/vpc:Vpc", "aws:eks/cluster:Cluster", "aws:lb/loadBalancer:LoadBalancer")
"""What decides which region everything around it is in."""


@rule(
    "STK-01",
    title="What holds data is protected",
    why="A renamed resource or a wrong stack is enough for the engine to delete it; protected, it refuses.",
    fix="opts=pulumi.ResourceOptions(protect=True)",
    severity=Severity.HIGH,
    scope=Scope.RESOURCE,
    types=STATEFUL,
)
def protected(resource: Resource, _: Graph, __: Options) -> Verdicts:
    """The engine's own protection must be on; it is always known."""
    yield passes("protect is set") if resource.protect else fails("protect is not set")


@rule(
    "STK-02",
    title="Nothing is placed by a default provider",
    why="A default provider takes region, account and cluster from the shell of whoever runs it: the wrong profile "
    "deploys one region into the other, or workloads into whatever cluster kubectl points at.",
    fix="opts=pulumi.ResourceOptions(provider=...) with an explicit provider",
    severity=Severity.HIGH,
    scope=Scope.RESOURCE,
    types=[*PLACED, "kubernetes:*"],
)
def explicit_provider(resource: Resource, _: Graph, __: Options) -> Verdicts:
    """Look at who makes it."""
    if resource.provider is None:
        # Components, and resources that the engine hands over without one, go nowhere by themselves.
        return
    if resource.provider.default:
        yield fails(f"its provider is {resource.provider.name}")
    else:
        yield passes(f"its provider is {resource.provider.name}")


@rule(
    "KMS-02",
    title="A deleted key can be brought back for thirty days",
    why="A key deleted by mistake is every backup deleted by mistake; AWS waits at most thirty days before it does.",
    fix="deletion_window_in_days=30 on aws.kms.Key",
    severity=Severity.HIGH,
    scope=Scope.RESOURCE,
    types=KEYS,
    frameworks=["AWS FSBP KMS.3"],
    options={"minDays": Option(30, 7, 30, "Shortest wait before a key is deleted.")},
)
def key_deletion_window(key: Resource, _: Graph, options: Options) -> Verdicts:
    """Compare the days with what is wanted; AWS' default is thirty."""
    days = options["minDays"]
    yield holds(key.read("deletionWindowInDays"), lambda wait: wait >= days, f"at least {days}", default=30)
