"""Every alarm there is, as data: what is measured, from where on it is wrong, and what that means."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

RECOVERY_POINT = "recovery point objective"
FLOOR = "floor of the node group"
LATENCY = "objective of the replication rule"

MOST_CHILDREN = 100
"""Alarms that a composite alarm names (CloudWatch API, PutCompositeAlarm, read 2026-11)."""

_BALANCER = re.compile(r"arn:aws[a-z-]*:elasticloadbalancing:[a-z0-9-]+:\d{12}:loadbalancer/(.+)")
_TARGETS = re.compile(r"arn:aws[a-z-]*:elasticloadbalancing:[a-z0-9-]+:\d{12}:(targetgroup/.+)")


class AlarmClass(StrEnum):
    """What an alarm means for whoever is woken by it."""

    SERVING = "serving"
    """The region cannot serve: send clients elsewhere."""
    DATA = "data"
    """More would be lost now than was promised."""
    CAPACITY = "capacity"
    """It still serves, and may soon not."""
    OPERATIONS = "operations"
    """Something to repair by day."""


@dataclass(frozen=True)
class Watch:
    """One alarm on one kind of thing.

    Attributes:
        key: its name, after the region's and before the thing's.
        namespace: of CloudWatch.
        metric: name of the metric.
        dimensions: names of its dimensions, in the order in which things are given.
        statistic: over a period; one that Route 53 knows too.
        period: seconds.
        periods: how many in a row must be wrong.
        comparison: with the threshold, for the alarm to fire.
        threshold: a number, or the objective that it comes from.
        scale: what an objective is multiplied by, to have the metric's unit.
        missing: what no data means, in CloudWatch's words.
        class_: what it means for people.
        meaning: in words.
        source: of the metric, its dimensions and where it is published.
    """

    key: str
    namespace: str
    metric: str
    dimensions: tuple[str, ...]
    statistic: str
    period: int
    periods: int
    comparison: str
    threshold: float | str
    class_: AlarmClass
    meaning: str
    source: str
    scale: float = 1
    missing: str = "notBreaching"


OVER, UNDER = "GreaterThanThreshold", "LessThanThreshold"

_ALB = "Elastic Load Balancing, CloudWatch metrics for your Application Load Balancer"
_AURORA = "Aurora User Guide, Amazon CloudWatch metrics for Amazon Aurora (its cluster table read 2026-11)"
_REDIS = "ElastiCache User Guide, Metrics for Valkey and Redis OSS; dimension CacheClusterId as aws-cdk has it"
_NAT = "VPC User Guide, Monitor NAT gateways with Amazon CloudWatch"
_BACKUP = "AWS Backup Developer Guide, AWS Backup metrics with Amazon CloudWatch (read 2026-11)"
_S3 = "S3 User Guide, Using S3 Replication metrics, which also says in which region (read 2026-11)"
_PROXY = "Aurora User Guide, Monitoring RDS Proxy metrics; dimension set 1, ProxyName (read 2026-11)"
_EKS = "EKS User Guide, Monitor cluster control plane metrics in CloudWatch, namespace AWS/EKS"

BALANCER = (
    Watch(
        "errors",
        "AWS/ApplicationELB",
        "HTTPCode_ELB_5XX_Count",
        ("LoadBalancer",),
        "Sum",
        60,
        3,
        OVER,
        100,
        AlarmClass.SERVING,
        "the load balancer itself answers more than 100 requests a minute with an error: it has nobody to ask",
        _ALB,
    ),
    Watch(
        "rejected-connections",
        "AWS/ApplicationELB",
        "RejectedConnectionCount",
        ("LoadBalancer",),
        "Sum",
        60,
        3,
        OVER,
        0,
        AlarmClass.CAPACITY,
        "the load balancer has reached its most connections and refuses clients",
        _ALB,
    ),
)
TARGETS = (
    Watch(
        "no-healthy-host",
        "AWS/ApplicationELB",
        "HealthyHostCount",
        ("TargetGroup", "LoadBalancer"),
        # Each zone's part of the load balancer counts: the largest count below one means nobody sees a healthy pod.
        "Maximum",
        60,
        2,
        UNDER,
        1,
        AlarmClass.SERVING,
        "no pod of this service passes its health check",
        _ALB,
        # Without registered targets nothing is reported, which is no better.
        missing="breaching",
    ),
    Watch(
        "unhealthy-hosts",
        "AWS/ApplicationELB",
        "UnHealthyHostCount",
        ("TargetGroup", "LoadBalancer"),
        "Maximum",
        60,
        10,
        OVER,
        0,
        AlarmClass.OPERATIONS,
        "a pod of this service has failed its health check for 10 minutes",
        _ALB,
    ),
    Watch(
        "slow",
        "AWS/ApplicationELB",
        "TargetResponseTime",
        ("TargetGroup", "LoadBalancer"),
        "Average",
        60,
        15,
        OVER,
        10,
        AlarmClass.CAPACITY,
        "this service takes more than 10 s to begin to answer, on average, for 15 minutes",
        _ALB,
    ),
)
DATABASE = (
    Watch(
        "database-silent",
        "AWS/RDS",
        "EngineUptime",
        ("DBClusterIdentifier",),
        "SampleCount",
        60,
        5,
        UNDER,
        1,
        AlarmClass.SERVING,
        "no instance of the database has reported for 5 minutes",
        _AURORA,
        missing="breaching",
    ),
    Watch(
        "database-cpu",
        "AWS/RDS",
        "CPUUtilization",
        ("DBClusterIdentifier",),
        "Maximum",
        60,
        15,
        OVER,
        90,
        AlarmClass.CAPACITY,
        "an instance of the database has been busy over 90 % for 15 minutes",
        _AURORA,
    ),
    Watch(
        "database-local-storage",
        "AWS/RDS",
        "FreeLocalStorage",
        ("DBClusterIdentifier",),
        "Minimum",
        300,
        1,
        UNDER,
        2 * 1024**3,
        AlarmClass.CAPACITY,
        "an instance has less than 2 GiB left for sorting and logs; at nothing its queries fail",
        _AURORA,
    ),
    Watch(
        "database-reader-lag",
        "AWS/RDS",
        "AuroraReplicaLagMaximum",
        ("DBClusterIdentifier",),
        "Maximum",
        60,
        5,
        OVER,
        2000,
        AlarmClass.OPERATIONS,
        "a reader of this region is more than 2 s behind; nothing is lost by it, storage is shared",
        _AURORA,
    ),
    Watch(
        "database-deadlocks",
        "AWS/RDS",
        "Deadlocks",
        ("DBClusterIdentifier",),
        "Average",
        60,
        5,
        OVER,
        0.1,
        AlarmClass.OPERATIONS,
        "transactions have locked each other out every ten seconds for 5 minutes",
        _AURORA,
    ),
)
INSTANCES = (
    Watch(
        "database-restarted",
        "AWS/RDS",
        "EngineUptime",
        ("DBInstanceIdentifier",),
        "Minimum",
        60,
        1,
        UNDER,
        300,
        AlarmClass.OPERATIONS,
        "this instance has restarted within the last 5 minutes: a failover, a crash or maintenance",
        _AURORA,
    ),
)
# "Available only in secondary AWS Regions": published where the data arrives. Which region that is changes with every
# switchover, so both have these; where the writer is they have no data, and say so instead of saying all is well.
GLOBAL_DATABASE = (
    Watch(
        "database-recovery-point",
        "AWS/RDS",
        "AuroraGlobalDBRPOLag",
        ("DBClusterIdentifier",),
        "Maximum",
        60,
        3,
        OVER,
        RECOVERY_POINT,
        AlarmClass.DATA,
        "a failover to this region would lose more committed work than the objective allows",
        _AURORA,
        scale=1000,
        missing="missing",
    ),
    Watch(
        "database-replication-lag",
        "AWS/RDS",
        "AuroraGlobalDBReplicationLag",
        ("DBClusterIdentifier",),
        "Average",
        60,
        5,
        OVER,
        RECOVERY_POINT,
        AlarmClass.OPERATIONS,
        "storage of this region has been behind for half of what the objective allows, for 5 minutes",
        _AURORA,
        scale=500,
        missing="missing",
    ),
)
PROXY = (
    Watch(
        "proxy-wait",
        "AWS/RDS",
        "DatabaseConnectionsBorrowLatency",
        ("ProxyName",),
        "Average",
        60,
        5,
        OVER,
        1_000_000,
        AlarmClass.CAPACITY,
        "clients wait over a second for a connection to the database",
        _PROXY,
    ),
)
CACHE_NODES = (
    Watch(
        "cache-cpu",
        "AWS/ElastiCache",
        "EngineCPUUtilization",
        ("CacheClusterId",),
        "Average",
        60,
        15,
        OVER,
        90,
        AlarmClass.CAPACITY,
        "Redis on this node has been busy over 90 % for 15 minutes; it has one thread",
        _REDIS,
    ),
    Watch(
        "cache-replica-lag",
        "AWS/ElastiCache",
        "ReplicationLag",
        ("CacheClusterId",),
        "Maximum",
        60,
        5,
        OVER,
        RECOVERY_POINT,
        AlarmClass.DATA,
        "losing the primary node's zone would lose more of the cache than the objective allows",
        _REDIS,
        # Of replicas only; which node is one changes with every promotion.
        missing="missing",
    ),
)
KEEPING_CACHE_NODES = (
    Watch(
        "cache-memory",
        "AWS/ElastiCache",
        "DatabaseMemoryUsagePercentage",
        ("CacheClusterId",),
        "Maximum",
        60,
        5,
        OVER,
        80,
        AlarmClass.CAPACITY,
        "this node is over 80 % full; at 100 % it refuses to write",
        _REDIS,
    ),
)
GLOBAL_CACHE_NODES = (
    Watch(
        "cache-recovery-point",
        "AWS/ElastiCache",
        "GlobalDatastoreReplicationLag",
        ("CacheClusterId",),
        "Maximum",
        60,
        5,
        OVER,
        RECOVERY_POINT,
        AlarmClass.DATA,
        "a failover to this region would lose more of the cache than the objective allows",
        _REDIS,
        # Of the primary nodes of the region that replicates only.
        missing="missing",
    ),
)
NAT = (
    Watch(
        "nat-ports",
        "AWS/NATGateway",
        "ErrorPortAllocation",
        ("NatGatewayId",),
        "Sum",
        60,
        3,
        OVER,
        0,
        AlarmClass.CAPACITY,
        "this zone's NAT gateway has no port left for new connections to some destination",
        _NAT,
    ),
    Watch(
        "nat-drops",
        "AWS/NATGateway",
        "PacketsDropCount",
        ("NatGatewayId",),
        "Sum",
        60,
        15,
        OVER,
        0,
        AlarmClass.CAPACITY,
        "this zone's NAT gateway has dropped packets in each of 15 minutes",
        _NAT,
    ),
)
NODES = (
    Watch(
        "nodes-below-floor",
        "AWS/AutoScaling",
        "GroupInServiceInstances",
        ("AutoScalingGroupName",),
        "Minimum",
        60,
        10,
        UNDER,
        FLOOR,
        AlarmClass.CAPACITY,
        "this node group has had fewer nodes than its floor for 10 minutes: a zone without capacity, or a bad image",
        "EC2 Auto Scaling User Guide, CloudWatch metrics; only while the group collects them",
        missing="missing",
    ),
)
CLUSTER = (
    Watch(
        "pods-pending",
        "AWS/EKS",
        "scheduler_pending_pods_UNSCHEDULABLE",
        ("ClusterName",),
        "Maximum",
        60,
        15,
        OVER,
        0,
        AlarmClass.CAPACITY,
        "pods have found no node for 15 minutes",
        _EKS,
    ),
    Watch(
        "kubernetes-throttled",
        "AWS/EKS",
        "apiserver_request_total_429",
        ("ClusterName",),
        "Sum",
        60,
        10,
        OVER,
        60,
        AlarmClass.OPERATIONS,
        "Kubernetes has turned away more than one request a second for 10 minutes",
        _EKS,
    ),
)
CERTIFICATE = (
    Watch(
        "certificate-expires",
        "AWS/CertificateManager",
        "DaysToExpiry",
        ("CertificateArn",),
        "Minimum",
        86400,
        1,
        UNDER,
        30,
        AlarmClass.OPERATIONS,
        "the certificate expires within 30 days and ACM has not renewed it: are its DNS records still there?",
        "ACM User Guide, Supported CloudWatch metrics",
    ),
)
QUEUES = (
    Watch(
        "queue-age",
        "AWS/SQS",
        "ApproximateAgeOfOldestMessage",
        ("QueueName",),
        "Maximum",
        60,
        5,
        OVER,
        300,
        AlarmClass.OPERATIONS,
        "a message has waited over 5 minutes: nobody reads this queue",
        "SQS Developer Guide, Available CloudWatch metrics for Amazon SQS",
    ),
)
VAULT = (
    Watch(
        "backup-failed",
        "AWS/Backup",
        "NumberOfBackupJobsFailed",
        ("BackupVaultName",),
        "Sum",
        3600,
        1,
        OVER,
        0,
        AlarmClass.DATA,
        "a backup has failed",
        _BACKUP,
    ),
    Watch(
        "backup-copy-failed",
        "AWS/Backup",
        "NumberOfCopyJobsFailed",
        ("BackupVaultName",),
        "Sum",
        3600,
        1,
        OVER,
        0,
        AlarmClass.DATA,
        "a backup of the other region could not be copied here",
        _BACKUP,
    ),
    Watch(
        "backup-missing",
        "AWS/Backup",
        "NumberOfBackupJobsCompleted",
        ("BackupVaultName",),
        "Sum",
        86400,
        2,
        UNDER,
        1,
        AlarmClass.DATA,
        "two days without a backup: the plan selects nothing, or the account has not opted in to Aurora",
        _BACKUP,
        missing="breaching",
    ),
)
# "The vault name of copy jobs is that of their destination vault"; the region they are counted in is not said, so each
# region watches both vaults' names.
COPIES = (
    Watch(
        "backup-copy-away-failed",
        "AWS/Backup",
        "NumberOfCopyJobsFailed",
        ("BackupVaultName",),
        "Sum",
        3600,
        1,
        OVER,
        0,
        AlarmClass.DATA,
        "a backup could not be copied to the other region",
        _BACKUP,
    ),
)
# Published in the region of the destination bucket; not if that is deleted.
REPLICATION_ARRIVES = (
    Watch(
        "replication-latency",
        "AWS/S3",
        "ReplicationLatency",
        ("SourceBucket", "DestinationBucket", "RuleId"),
        "Maximum",
        60,
        5,
        OVER,
        LATENCY,
        AlarmClass.DATA,
        "objects of the other region reach this one later than replication time control promises",
        _S3,
    ),
    Watch(
        "replication-backlog",
        "AWS/S3",
        "BytesPendingReplication",
        ("SourceBucket", "DestinationBucket", "RuleId"),
        "Maximum",
        60,
        30,
        OVER,
        100 * 1024**3,
        AlarmClass.OPERATIONS,
        "more than 100 GiB of the other region have been waiting to be replicated here for half an hour",
        _S3,
    ),
)
# Published in the region of the source bucket, also if the destination is deleted.
REPLICATION_LEAVES = (
    Watch(
        "replication-failed",
        "AWS/S3",
        "OperationsFailedReplication",
        ("SourceBucket", "DestinationBucket", "RuleId"),
        "Sum",
        300,
        1,
        OVER,
        0,
        AlarmClass.DATA,
        "an object of this region could not be replicated: a key, a policy or the other bucket has changed",
        _S3,
    ),
)

ALL: Sequence[Watch] = (
    *BALANCER,
    *TARGETS,
    *DATABASE,
    *INSTANCES,
    *GLOBAL_DATABASE,
    *PROXY,
    *CACHE_NODES,
    *KEEPING_CACHE_NODES,
    *GLOBAL_CACHE_NODES,
    *NAT,
    *NODES,
    *CLUSTER,
    *CERTIFICATE,
    *QUEUES,
    *VAULT,
    *COPIES,
    *REPLICATION_ARRIVES,
    *REPLICATION_LEAVES,
)
"""Every kind of alarm there is."""

REPLICATION: Sequence[Watch] = (
    *GLOBAL_DATABASE,
    *GLOBAL_CACHE_NODES,
    *(watch for watch in CACHE_NODES if watch.metric == "ReplicationLag"),
    *REPLICATION_ARRIVES,
    *REPLICATION_LEAVES,
)
"""Those that say how far one copy of the data is behind another."""


def threshold(watch: Watch, objectives: Mapping[str, float]) -> float:
    """From where on a metric is wrong, by the objectives of whoever watches."""
    if isinstance(watch.threshold, str):
        return objectives[watch.threshold] * watch.scale
    return watch.threshold


def dimension(ids: Sequence[str], position: int) -> str:
    """One of several ids. While there are fewer, the last stands in, so that a lost node stops no update.

    Raises:
        ValueError: If there is none at all.
    """
    if not ids:
        raise ValueError("caches: a cache has no nodes; give the node_ids of one that stands")
    return ids[min(position, len(ids) - 1)]


def load_balancer_suffix(arn: str) -> str:
    """What CloudWatch calls a load balancer: ``app/<name>/<id>``.

    Raises:
        ValueError: If it is no load balancer's ARN.
    """
    matched = _BALANCER.fullmatch(arn)
    if matched is None:
        raise ValueError(f"load_balancer.arn: got {arn!r}, must be the ARN of a load balancer")
    return matched[1]


def target_group_suffix(arn: str) -> str:
    """What CloudWatch calls a target group: ``targetgroup/<name>/<id>``.

    Raises:
        ValueError: If it is no target group's ARN.
    """
    matched = _TARGETS.fullmatch(arn)
    if matched is None:
        raise ValueError(f"load_balancer.target_groups: got {arn!r}, must be the ARN of a target group")
    return matched[1]


def any_of(alarm_names: Sequence[str]) -> str:
    """The rule of a composite alarm that fires when one of these does; of none, one that never fires."""
    return " OR ".join(f'ALARM("{name}")' for name in alarm_names) or "FALSE"


def check_alarms(*, recovery_point_seconds: int, floors: Mapping[str, int], serving: int, data: int) -> None:
    """Refuse objectives that no alarm could hold, and more alarms than a composite one names.

    Raises:
        ValueError: With what to write instead.
    """
    if recovery_point_seconds < 1:
        raise ValueError(f"recovery_point_seconds: got {recovery_point_seconds}, must be at least 1")
    for pool, floor in floors.items():
        if floor < 1:
            raise ValueError(
                f"node_groups.{pool}.floor: got {floor}, must be at least 1; leave out one without a floor"
            )
    for what, count in (("mean that the region cannot serve", serving), ("mean that data is at risk", data)):
        if count > MOST_CHILDREN:
            raise ValueError(
                f"alarms: {count} {what}, but a composite alarm names at most {MOST_CHILDREN}; watch fewer things"
            )
