"""ElastiCache: a replica in another zone that takes over by itself."""

from policies.registry import Options, Scope, Severity, Verdicts, counts, holds, is_true, rule
from resilience.graph import Graph, Resource

GROUP = "aws:elasticache/replicationGroup:ReplicationGroup"
SUBNET_GROUP = "aws:elasticache/subnetGroup:SubnetGroup"


@rule(
    "EC-01",
    title="A cache fails over by itself",
    why="Without automatic failover a lost primary node stays lost until a person promotes another.",
    fix="automatic_failover_enabled=True on aws.elasticache.ReplicationGroup",
    severity=Severity.HIGH,
    scope=Scope.RESOURCE,
    types=[GROUP],
    frameworks=["AWS FSBP ElastiCache.3"],
)
def automatic_failover(group: Resource, _: Graph, __: Options) -> Verdicts:
    """Automatic failover must be on."""
    yield is_true(group.read("automaticFailoverEnabled"))


@rule(
    "EC-02",
    title="A cache's nodes are in several zones",
    why="Replicas in the primary node's zone are lost with it; only Multi-AZ keeps them apart.",
    fix="multi_az_enabled=True on aws.elasticache.ReplicationGroup",
    severity=Severity.HIGH,
    scope=Scope.RESOURCE,
    types=[GROUP],
)
def multi_az(group: Resource, _: Graph, __: Options) -> Verdicts:
    """Multi-AZ must be on."""
    yield is_true(group.read("multiAzEnabled"))


@rule(
    "EC-03",
    title="Every shard of a cache has a replica",
    why="Without a replica there is nothing to fail over to, and the data in memory is gone.",
    fix="num_cache_clusters=2 or more, or replicas_per_node_group=1 or more",
    severity=Severity.HIGH,
    scope=Scope.RESOURCE,
    types=[GROUP],
)
def replicas(group: Resource, _: Graph, __: Options) -> Verdicts:
    """Look at replicas a shard where shards are counted, at nodes otherwise."""
    per_shard = group.read("replicasPerNodeGroup")
    nodes = group.read("numCacheClusters")
    if nodes.missing and not per_shard.missing:
        yield holds(per_shard, lambda number: number >= 1, "at least 1")
    else:
        yield holds(nodes, lambda number: number >= 2, "at least 2")


@rule(
    "EC-05",
    title="A cache subnet group spans two zones",
    why="Nodes can be only where the group has a subnet.",
    fix="aws.elasticache.SubnetGroup.subnet_ids with one database subnet a zone",
    severity=Severity.HIGH,
    scope=Scope.STACK,
    types=[SUBNET_GROUP],
)
def subnet_group_zones(group: Resource, graph: Graph, _: Options) -> Verdicts:
    """Count the zones of its subnets."""
    yield counts(graph.zones(group, "subnetIds"), 2, "zones of its subnets")
