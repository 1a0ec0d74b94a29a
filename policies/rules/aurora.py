"""Aurora: readers that take over, and regions that do."""

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

CLUSTER = "aws:rds/cluster:Cluster"
INSTANCE = "aws:rds/clusterInstance:ClusterInstance"
SUBNET_GROUP = "aws:rds/subnetGroup:SubnetGroup"
GLOBAL_CLUSTER = "aws:rds/globalCluster:GlobalCluster"


@rule(
    "RDS-01",
    title="An Aurora cluster has a writer and a reader",
    why="Without a reader, losing the writer means waiting up to ten minutes for a new instance instead of a promotion "
    "(Aurora User Guide, high availability).",
    fix="at least two aws.rds.ClusterInstance with cluster_identifier=cluster.id",
    severity=Severity.CRITICAL,
    scope=Scope.STACK,
    types=[CLUSTER],
    frameworks=["AWS FSBP RDS.15"],
    options={"minInstances": Option(2, 2, 16, "Instances of a cluster.")},
)
def instances(cluster: Resource, graph: Graph, options: Options) -> Verdicts:
    """Count its instances."""
    if not cluster.read("dbClusterInstanceClass").missing:
        yield passes("a Multi-AZ DB cluster, whose two readers RDS makes")
        return
    found = graph.referrers(cluster, INSTANCE, "clusterIdentifier")
    names = ", ".join(instance.name for instance in found) or "none"
    if len(found) >= options["minInstances"]:
        yield passes(f"its instances: {names}")
        return
    # An instance that names a cluster without an edge to any may be one of this cluster's.
    loose = [each.name for each in graph.of(INSTANCE) if not graph.targets(each, "clusterIdentifier", CLUSTER)]
    if len(found) + len(loose) >= options["minInstances"]:
        yield unproven(f"its instances: {names}; {loose[0]}.clusterIdentifier leads to no cluster in view")
        return
    yield fails(f"its instances: {names}; there must be at least {options['minInstances']}")


@rule(
    "RDS-02",
    title="Instances of a cluster are not all in one zone",
    why="Readers in the writer's zone are lost with it.",
    fix="availability_zone of the aws.rds.ClusterInstances in different zones",
    severity=Severity.CRITICAL,
    scope=Scope.STACK,
    types=[CLUSTER],
    frameworks=["AWS FSBP RDS.15"],
)
def instance_zones(cluster: Resource, graph: Graph, _: Options) -> Verdicts:
    """Compare the zones that instances are pinned to; Aurora spreads the others."""
    found = graph.referrers(cluster, INSTANCE, "clusterIdentifier")
    zones = [instance.read("availabilityZone") for instance in found]
    pinned = {str(zone.content) for zone in zones if zone.known}
    if len(found) < 2 or len(pinned) > 1 or any(zone.missing for zone in zones):
        yield passes(f"zones that its instances are pinned to: {', '.join(sorted(pinned)) or 'none'}")
    elif any(zone.unknown for zone in zones):
        yield unproven("availabilityZone of an instance is not known yet")
    else:
        yield fails(f"all {len(found)} instances are pinned to {pinned.pop()}")


@rule(
    "RDS-03",
    title="A database subnet group spans three zones",
    why="Aurora can put an instance only where the group has a subnet: with two zones, losing one leaves no spare.",
    fix="aws.rds.SubnetGroup.subnet_ids with one database subnet a zone, three zones",
    severity=Severity.HIGH,
    scope=Scope.STACK,
    types=[SUBNET_GROUP],
    options={"minZones": Option(3, 2, 6, "Zones of a database subnet group.")},
)
def subnet_group_zones(group: Resource, graph: Graph, options: Options) -> Verdicts:
    """Count the zones of its subnets."""
    yield counts(graph.zones(group, "subnetIds"), options["minZones"], "zones of its subnets")


@rule(
    "RDS-05",
    title="Backups go back a week",
    why="Corruption replicates to every region in a second. What is found after the weekend needs last week's data; "
    "AWS keeps one day by default.",
    fix="backup_retention_period=7 or more on aws.rds.Cluster",
    severity=Severity.HIGH,
    scope=Scope.RESOURCE,
    types=[CLUSTER],
    frameworks=["AWS FSBP RDS.11"],
    options={"minDays": Option(7, 1, 35, "Days of point-in-time recovery.")},
)
def backups(cluster: Resource, _: Graph, options: Options) -> Verdicts:
    """Compare the days with what is wanted; AWS' default is one."""
    days = options["minDays"]
    yield holds(cluster.read("backupRetentionPeriod"), lambda kept: kept >= days, f"at least {days}", default=1)


@rule(
    "RDS-06",
    title="A database cluster cannot be deleted by mistake",
    why="Deleting a cluster deletes its automated backups with it unless told otherwise.",
    fix="deletion_protection=True on aws.rds.Cluster",
    severity=Severity.CRITICAL,
    scope=Scope.RESOURCE,
    types=[CLUSTER],
    frameworks=["AWS FSBP RDS.7"],
)
def cluster_deletion(cluster: Resource, _: Graph, __: Options) -> Verdicts:
    """Deletion protection must be on."""
    yield is_true(cluster.read("deletionProtection"))


@rule(
    "RDS-08",
    title="A global database has members in two regions",
    why="With one region in it, the data is lost for as long as that region is.",
    fix="an aws.rds.Cluster in the other region with global_cluster_identifier",
    severity=Severity.CRITICAL,
    scope=Scope.STACKS,
    types=[GLOBAL_CLUSTER],
)
def global_members(database: Resource, graph: Graph, _: Options) -> Verdicts:
    """Count the regions of its members, here and, where they are in view, in other stacks."""
    members = list(graph.referrers(database, CLUSTER, "globalClusterIdentifier"))
    doubts: list[str] = []
    identifier = database.read("globalClusterIdentifier")
    for cluster in graph.of(CLUSTER):
        named = cluster.read("globalClusterIdentifier")
        if cluster.stack == database.stack or named.missing:
            continue
        # Edges end at a stack's border: there the names alone say what belongs together.
        if not named.known or not identifier.known:
            doubts.append(f"{cluster.name}.globalClusterIdentifier is not known yet")
        elif named.content == identifier.content:
            members.append(cluster)
    regions = {str(read.content) for read in map(graph.region, members) if read.known}
    doubts += [f"the region of {cluster.name} is not known" for cluster in members if not graph.region(cluster).known]
    seen = f"regions of its members: {', '.join(sorted(regions)) or 'none'}"
    if len(regions) >= 2:
        yield passes(seen)
    elif doubts:
        yield unproven(f"{seen}; {doubts[0]}")
    elif len(graph.stacks) == 1:
        yield unproven(f"{seen}; members in other stacks than {graph.stacks[0]} are not in view")
    else:
        yield fails(f"{seen}; there must be at least 2 in the stacks {', '.join(graph.stacks)}")


@rule(
    "RDS-14",
    title="Automated backups outlive their cluster",
    why="Otherwise deleting the cluster deletes every point in time that one could go back to.",
    fix="delete_automated_backups=False on aws.rds.Cluster",
    severity=Severity.HIGH,
    scope=Scope.RESOURCE,
    types=[CLUSTER],
)
def backups_outlive(cluster: Resource, _: Graph, __: Options) -> Verdicts:
    """AWS deletes them by default."""
    yield holds(cluster.read("deleteAutomatedBackups"), lambda value: value is False, "false")
