"""ElastiCache: a replica in another zone that takes over by itself."""

from policies.registry import (
    Option,
    Options,
    Scope,
    Severity,
    Verdicts,
    counts,
    fails,
    holds,
    is_true,
    passes,
    rule,
    unproven,
)
from resilience.graph import Graph, Resource

GROUP = "aws:elasticache/replicationGroup:ReplicationGroup"
GLOBAL_GROUP = "aws:elasticache/globalReplicationGroup:GlobalReplicationGroup"
SUBNET_GROUP = "aws:elasticache/subnetGroup:SubnetGroup"


@rule(
    "EC-01",
    title="A cache fails over by itself",
    why="Without automatic failover a lost primary node stays lost until a person promotes another.",
    fix="automatic_failover_enabled=True on aws.elasticache.ReplicationGroup",
    severity=Severity.HIGH,
    scope=Scope.RESOURCE,
    types=[GROUP],
    frameworks=["AWS FSBP ElastiCache.3", "AWS Well-Architected REL11-BP02", "AWS Well-Architected REL11-BP03"],
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
    frameworks=["AWS Well-Architected REL10-BP01"],
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
    """Look at replicas a shard; of one that is known to have a single shard, at its nodes.

    What a program leaves out the cloud fills in: once up, both are there.
    """
    per_shard, nodes = group.read("replicasPerNodeGroup"), group.read("numCacheClusters")
    if per_shard.missing or (not nodes.missing and group.read("clusterMode").content == "disabled"):
        yield holds(nodes, lambda number: number >= 2, "at least 2")
    else:
        yield holds(per_shard, lambda number: number >= 1, "at least 1")


@rule(
    "EC-04",
    title="A cache has snapshots",
    why="Whoever empties it by mistake empties every replica; only a snapshot still has what was in it.",
    fix="snapshot_retention_limit=1 or more on aws.elasticache.ReplicationGroup",
    severity=Severity.MEDIUM,
    scope=Scope.RESOURCE,
    types=[GROUP],
    frameworks=["AWS FSBP ElastiCache.1", "AWS Well-Architected REL09-BP03"],
    options={"minDays": Option(1, 1, 35, "Days that daily snapshots are kept.")},
)
def snapshots(group: Resource, _: Graph, options: Options) -> Verdicts:
    """Compare the days with what is wanted; AWS takes none by default."""
    days = options["minDays"]
    yield holds(group.read("snapshotRetentionLimit"), lambda kept: kept >= days, f"at least {days}")


@rule(
    "EC-05",
    title="A cache subnet group spans two zones",
    why="Nodes can be only where the group has a subnet: with one zone in it, several zones and failover are asked "
    "for and silently not had.",
    fix="aws.elasticache.SubnetGroup.subnet_ids with one database subnet a zone",
    severity=Severity.HIGH,
    scope=Scope.STACK,
    types=[SUBNET_GROUP],
    frameworks=["AWS Well-Architected REL10-BP01"],
)
def subnet_group_zones(group: Resource, graph: Graph, _: Options) -> Verdicts:
    """Count the zones of its subnets."""
    yield counts(graph.zones(group, "subnetIds"), 2, "zones of its subnets")


@rule(
    "EC-06",
    title="A global cache has members in two regions",
    why="With one region in it, what it holds is lost for as long as that region is.",
    fix="an aws.elasticache.ReplicationGroup in the other region with global_replication_group_id",
    severity=Severity.HIGH,
    scope=Scope.STACKS,
    types=[GLOBAL_GROUP],
    frameworks=["AWS Well-Architected REL10-BP01"],
)
def global_members(shell: Resource, graph: Graph, _: Options) -> Verdicts:
    """Compare the founder's region with those of the groups that join it, in all stacks in view."""
    founders = graph.targets(shell, "primaryReplicationGroupId", GROUP)
    members = [*founders, *graph.referrers(shell, GROUP, "globalReplicationGroupId")]
    identifier = shell.read("globalReplicationGroupId")
    doubts: list[str] = []
    for group in graph.of(GROUP):
        named = group.read("globalReplicationGroupId")
        if group.stack == shell.stack or named.missing:
            continue
        # Edges end at a stack's border: there the names alone say what belongs together.
        if not named.known or not identifier.known:
            doubts.append(f"{group.name}.globalReplicationGroupId is not known yet")
        elif named.content == identifier.content:
            members.append(group)
    # The shell stands in its founder's region, should the founder not be in view.
    places = [graph.region(each) for each in (shell, *members)]
    regions = {str(read.content) for read in places if read.known}
    doubts += ["the region of a member is not known"] if any(not read.known for read in places) else []
    seen = f"regions of its members: {', '.join(sorted(regions)) or 'none'}"
    if len(regions) >= 2:
        yield passes(seen)
    elif doubts:
        yield unproven(f"{seen}; {doubts[0]}")
    elif len(graph.stacks) == 1:
        yield unproven(f"{seen}; members in other stacks than {shell.stack} are not in view")
    else:
        yield fails(f"{seen}; there must be at least 2 in the stacks {', '.join(graph.stacks)}")


@rule(
    "EC-07",
    title="Minor versions of a cache are installed by themselves",
    why="They hold the fixes for what makes failovers fail; by hand they come after the outage.",
    fix="leave auto_minor_version_upgrade of aws.elasticache.ReplicationGroup at true",
    severity=Severity.MEDIUM,
    scope=Scope.RESOURCE,
    types=[GROUP],
    frameworks=["AWS FSBP ElastiCache.2"],
)
def minor_versions(group: Resource, _: Graph, __: Options) -> Verdicts:
    """AWS installs them by default."""
    wanted = "true or left out"
    yield holds(group.read("autoMinorVersionUpgrade"), lambda value: value is True, wanted, default=True)


@rule(
    "EC-08",
    title="Whoever deletes a cache keeps what was in it",
    why="Deleted without a final snapshot, queues and leases are gone: tasks that were accepted never run, and "
    "nothing says which.",
    fix="final_snapshot_identifier on aws.elasticache.ReplicationGroup",
    severity=Severity.MEDIUM,
    scope=Scope.RESOURCE,
    types=[GROUP],
)
def final_snapshot(group: Resource, _: Graph, __: Options) -> Verdicts:
    """The snapshot is taken where it has a name."""
    yield holds(group.read("finalSnapshotIdentifier"), bool, "a name")


@rule(
    "EC-09",
    title="A cache is encrypted, on disk and on the way",
    why="What is queued holds what it is about, and it goes between zones.",
    fix="at_rest_encryption_enabled=True and transit_encryption_enabled=True on aws.elasticache.ReplicationGroup",
    severity=Severity.HIGH,
    scope=Scope.RESOURCE,
    types=[GROUP],
    frameworks=["AWS FSBP ElastiCache.4", "AWS FSBP ElastiCache.5"],
)
def encrypted(group: Resource, _: Graph, __: Options) -> Verdicts:
    """Both must be on; a member of a global cache has the founder's. Valkey is encrypted on disk by default."""
    if not group.read("globalReplicationGroupId").missing:
        return
    engine, on_disk = group.read("engine"), group.read("atRestEncryptionEnabled")
    if on_disk.missing and engine.unknown:
        yield unproven(f"{engine.path} is not known yet, and so what {on_disk.path} is by default", on_disk.path)
    else:
        default = True if engine.content == "valkey" else None
        yield holds(on_disk, lambda value: value is True, "true", default=default)
    yield is_true(group.read("transitEncryptionEnabled"))


@rule(
    "EC-10",
    title="A cache asks who connects",
    why="Without users or a password, whatever reaches the port may empty it.",
    fix="user_group_ids (components: users) or auth_token on aws.elasticache.ReplicationGroup",
    severity=Severity.HIGH,
    scope=Scope.RESOURCE,
    types=[GROUP],
    frameworks=["AWS FSBP ElastiCache.6"],
    known_late=True,
)
def asks_who(group: Resource, _: Graph, __: Options) -> Verdicts:
    """There must be a group of users, or a password."""
    token = group.read("authToken")
    users = group.read("userGroupIds")
    if (token.known and token.content) or (users.known and users.each()):
        yield passes("it has users or a password")
    elif token.unknown or users.unknown:
        yield unproven(f"{(token if token.unknown else users).path} is not known yet; it must be given")
    else:
        yield fails("neither userGroupIds nor authToken is set")
