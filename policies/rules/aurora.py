"""Databases: readers that take over, and regions that do."""

import re
from collections.abc import Callable
from itertools import combinations
from typing import Any

from policies.registry import (
    Option,
    Options,
    Scope,
    Severity,
    Verdict,
    Verdicts,
    counts,
    fails,
    holds,
    is_not_true,
    is_true,
    passes,
    rule,
    unproven,
)
from resilience.graph import Graph, Read, Resource

CLUSTER = "aws:rds/cluster:Cluster"
INSTANCE = "aws:rds/clusterInstance:ClusterInstance"
PLAIN = "aws:rds/instance:Instance"
SUBNET_GROUP = "aws:rds/subnetGroup:SubnetGroup"
GLOBAL_CLUSTER = "aws:rds/globalCluster:GlobalCluster"
PARAMETER_GROUP = "aws:rds/clusterParameterGroup:ClusterParameterGroup"
PROXY = "aws:rds/proxy:Proxy"
KEYS = ("aws:kms/key:Key", "aws:kms/replicaKey:ReplicaKey")

PLAIN_PARAMETERS = "aws:rds/parameterGroup:ParameterGroup"
TLS_PARAMETERS = {
    "aurora-postgresql": ("rds.force_ssl", ("1",)),
    "aurora-mysql": ("require_secure_transport", ("ON", "1")),
    "postgres": ("rds.force_ssl", ("1",)),
    "mysql": ("require_secure_transport", ("1", "ON")),
    "mariadb": ("require_secure_transport", ("1", "ON")),
    "sqlserver": ("rds.force_ssl", ("1",)),
}
"""What forces TLS, and how, by the beginning of an engine, or of a parameter group's family: RDS User Guide, "Using
SSL/TLS to encrypt a connection". Oracle and Db2 do it by an option or a port of their own, which is not judged."""
TLS_BY_DEFAULT = 15
"""RDS for PostgreSQL forces TLS by default from this major version on: RDS User Guide, "Using SSL with a PostgreSQL DB
instance"."""
RECOVERY_POINT = "rds.global_db_rpo"
LEAST_RECOVERY_POINT = 20
"""Seconds; Aurora guards no tighter one: Aurora User Guide, "Managing RPOs for Aurora PostgreSQL-based global
databases"."""
DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
DAY = 24 * 60
WEEK = len(DAYS) * DAY
HOURS = re.compile(r"(\d\d):(\d\d)-(\d\d):(\d\d)")
WINDOW = re.compile(rf"({'|'.join(DAYS)}):(\d\d):(\d\d)-({'|'.join(DAYS)}):(\d\d):(\d\d)")


@rule(
    "RDS-01",
    title="An Aurora cluster has a writer and a reader",
    why="Without a reader, losing the writer means waiting up to ten minutes for a new instance instead of a promotion "
    "(Aurora User Guide, high availability)."
    " On 2016-06-05 storms cut the power of one zone in Sydney, and many instances with it "
    "(aws.amazon.com/message/4372T8).",
    fix="at least two aws.rds.ClusterInstance with cluster_identifier=cluster.id",
    severity=Severity.CRITICAL,
    scope=Scope.STACK,
    types=[CLUSTER],
    frameworks=["AWS FSBP RDS.15", "AWS Well-Architected REL11-BP02"],
    options={"minInstances": Option(2, 2, 16, "Instances of a cluster.")},
)
def instances(cluster: Resource, graph: Graph, options: Options) -> Verdicts:
    """Count its instances."""
    if not cluster.read("dbClusterInstanceClass").missing:
        yield passes("a Multi-AZ DB cluster, whose two readers RDS makes")
        return
    if cluster.read("engineMode").content == "serverless":
        # Aurora User Guide, "Using Amazon Aurora Serverless v1" (read 2026-11).
        yield fails("engineMode is serverless: version 1 has no readers, and ended on 2025-03-31", "engineMode")
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
    why="Readers in the writer's zone are lost with it: nobody is left to promote, and the cluster waits for a new "
    "instance to start, at the hour when everybody starts one.",
    fix="availability_zone of the aws.rds.ClusterInstances in different zones",
    severity=Severity.CRITICAL,
    scope=Scope.STACK,
    types=[CLUSTER],
    frameworks=["AWS FSBP RDS.15", "AWS Well-Architected REL10-BP01"],
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
    frameworks=["AWS Well-Architected REL10-BP01"],
    options={"minZones": Option(3, 2, 6, "Zones of a database subnet group.")},
)
def subnet_group_zones(group: Resource, graph: Graph, options: Options) -> Verdicts:
    """Count the zones of its subnets."""
    yield counts(graph.zones(group, "subnetIds"), options["minZones"], "zones of its subnets")


@rule(
    "RDS-04",
    title="Whoever is promoted first carries the writer's load",
    why="Aurora promotes the reader of the lowest tier, however small it is: a failover that succeeds, onto an "
    "instance that then drowns.",
    fix="one instance_class for the aws.rds.ClusterInstances of the two lowest values of promotion_tier",
    severity=Severity.HIGH,
    scope=Scope.STACK,
    types=[CLUSTER],
)
def successor(cluster: Resource, graph: Graph, _: Options) -> Verdicts:
    """Compare the classes of the first two in line, and of all that tie with the second."""
    found = graph.referrers(cluster, INSTANCE, "clusterIdentifier")
    if len(found) < 2:
        # RDS-01's.
        return
    first, hidden = _first_in_line(found)
    classes = sorted({str(each.read("instanceClass").content) for each in first})
    seen = f"classes of {', '.join(each.name for each in first)}: {', '.join(classes)}"
    if hidden:
        yield unproven(f"{hidden[0]} is not known yet, and so which class is promoted first")
    elif len(classes) == 1:
        yield passes(seen)
    else:
        yield fails(f"{seen}; they must be of one")


@rule(
    "RDS-05",
    title="Backups go back a week",
    why="Corruption replicates to every region in a second. What is found after the weekend needs last week's data; "
    "AWS keeps one day by default, and of a database that is no Aurora none."
    " On 2024-02-21 Resend's migration, meant for a laptop, dropped all tables of production: a backup was all "
    "there was (resend.com/blog/incident-report-for-february-21-2024).",
    fix="backup_retention_period=7 or more on aws.rds.Cluster or aws.rds.Instance",
    severity=Severity.HIGH,
    scope=Scope.RESOURCE,
    types=[CLUSTER, PLAIN],
    frameworks=["AWS FSBP RDS.11", "AWS Well-Architected REL09-BP03"],
    options={"minDays": Option(7, 1, 35, "Days of point-in-time recovery.")},
)
def backups(database: Resource, _: Graph, options: Options) -> Verdicts:
    """Compare the days with what is wanted; the provider's default is one, or none. A replica has its source's."""
    days, default = options["minDays"], 1 if database.type == CLUSTER else 0
    if database.read("replicateSourceDb").missing:
        kept = database.read("backupRetentionPeriod")
        yield holds(kept, lambda kept: kept >= days, f"at least {days}", default=default)


@rule(
    "RDS-06",
    title="A database cannot be deleted by mistake",
    why="Deleting a database deletes its automated backups with it unless told otherwise; a wrong name in a console is "
    "enough, and no snapshot is newer than last night's.",
    fix="deletion_protection=True on aws.rds.Cluster or aws.rds.Instance",
    severity=Severity.CRITICAL,
    scope=Scope.RESOURCE,
    types=[CLUSTER, PLAIN],
    frameworks=["AWS FSBP RDS.7", "AWS FSBP RDS.8"],
)
def deletion(database: Resource, _: Graph, __: Options) -> Verdicts:
    """Deletion protection must be on; who makes a replica makes another."""
    if database.type == CLUSTER or database.read("replicateSourceDb").missing:
        yield is_true(database.read("deletionProtection"))


@rule(
    "RDS-07",
    title="Whoever deletes a database keeps its last state",
    why="Without a final snapshot, taking down the wrong stack is the end of the data; without a name for it, taking "
    "down the right one stops half-way.",
    fix="skip_final_snapshot=False and final_snapshot_identifier on aws.rds.Cluster or aws.rds.Instance",
    severity=Severity.HIGH,
    scope=Scope.RESOURCE,
    types=[CLUSTER, PLAIN],
)
def final_snapshot(database: Resource, _: Graph, __: Options) -> Verdicts:
    """It must be taken, and have a name; a replica has no state of its own."""
    if not database.read("replicateSourceDb").missing:
        return
    yield is_not_true(database.read("skipFinalSnapshot"))
    yield holds(database.read("finalSnapshotIdentifier"), bool, "a name")


@rule(
    "RDS-08",
    title="A global database has members in two regions",
    why="With one region in it, the data is lost for as long as that region is."
    " us-east-1 as a whole was disturbed for fourteen hours from 2025-10-19 to 20 "
    "(aws.amazon.com/message/101925).",
    fix="an aws.rds.Cluster in the other region with global_cluster_identifier",
    severity=Severity.CRITICAL,
    scope=Scope.STACKS,
    types=[GLOBAL_CLUSTER],
    frameworks=["AWS Well-Architected REL10-BP01"],
)
def global_members(database: Resource, graph: Graph, _: Options) -> Verdicts:
    """Count the regions of its members, here and, where they are in view, in other stacks."""
    members, doubts = _members(database, graph)
    regions = {str(read.content) for read in map(graph.region, members) if read.known}
    doubts += [f"the region of {cluster.name} is not known" for cluster in members if not graph.region(cluster).known]
    seen = f"regions of its members: {', '.join(sorted(regions)) or 'none'}"
    if len(regions) >= 2:
        yield passes(seen)
    elif doubts:
        yield unproven(f"{seen}; {doubts[0]}")
    elif len(graph.stacks) == 1:
        yield unproven(f"{seen}; {_not_in_view(graph)}")
    else:
        yield fails(f"{seen}; there must be at least 2 in the stacks {', '.join(graph.stacks)}")


@rule(
    "RDS-09",
    title="A global database cannot be deleted by mistake",
    why="Without the shell, regions no longer follow each other, and joining them again means copying everything.",
    fix="deletion_protection=True on aws.rds.GlobalCluster, and no force_destroy",
    severity=Severity.CRITICAL,
    scope=Scope.RESOURCE,
    types=[GLOBAL_CLUSTER],
)
def global_deletion(database: Resource, _: Graph, __: Options) -> Verdicts:
    """Deletion protection must be on and force off; the engine's protection is STK-01's."""
    yield is_true(database.read("deletionProtection"))
    yield is_not_true(database.read("forceDestroy"))


@rule(
    "RDS-10",
    title="Each region of a global database carries the other's load",
    why="The standby is promoted as it is: without an instance it has to make one first, with a smaller one it drowns.",
    fix="instance_class, and max_capacity of serverless instances, the same in both stacks",
    severity=Severity.HIGH,
    scope=Scope.STACKS,
    types=[GLOBAL_CLUSTER],
    frameworks=["AWS Well-Architected REL11-BP05"],
)
def equal_members(database: Resource, graph: Graph, _: Options) -> Verdicts:
    """Compare, over its members, the classes of the instances that are promoted first."""
    members, doubts = _members(database, graph)
    loads: dict[str, str] = {}
    for cluster in members:
        if not cluster.read("dbClusterInstanceClass").missing:
            reads = [cluster.read("dbClusterInstanceClass")]
        else:
            # One without instances is RDS-01's.
            first, _hidden = _first_in_line(graph.referrers(cluster, INSTANCE, "clusterIdentifier"))
            reads = [each.read("instanceClass") for each in first]
        most = cluster.read("serverlessv2ScalingConfiguration.maxCapacity")
        if any(read.unknown for read in (*reads, most)):
            doubts.append(f"the class of an instance of {cluster.name} is not known yet")
        elif reads:
            up_to = "" if most.missing else f" up to {most.content} ACUs"
            loads[_label(cluster)] = ", ".join(sorted({str(read.content) for read in reads})) + up_to
    yield _agree("classes", loads, doubts, graph)


@rule(
    "RDS-11",
    title="Members of a global database run one version",
    why="A switchover is refused between versions that differ (Aurora User Guide, switchovers of a global database): "
    "found out on the day it is needed.",
    fix="aws.rds.GlobalCluster.engine_version, and the members after it; not one stack's alone",
    severity=Severity.HIGH,
    scope=Scope.STACKS,
    types=[GLOBAL_CLUSTER],
    frameworks=["AWS Well-Architected REL13-BP04"],
)
def one_version(database: Resource, graph: Graph, _: Options) -> Verdicts:
    """Compare engine and version of its members."""
    members, doubts = _members(database, graph)
    versions: dict[str, str] = {}
    for cluster in members:
        reads = [cluster.read("engine"), cluster.read("engineVersion")]
        doubts += [f"{read.path} of {cluster.name} is not known" for read in reads if not read.known]
        if all(read.known for read in reads):
            versions[_label(cluster)] = " ".join(str(read.content) for read in reads)
    yield _agree("versions", versions, doubts, graph)


@rule(
    "RDS-12",
    title="Minor versions are installed by themselves",
    why="They hold the fixes for what makes failovers fail; by hand they come after the outage.",
    fix="leave auto_minor_version_upgrade of aws.rds.ClusterInstance or aws.rds.Instance at true",
    severity=Severity.MEDIUM,
    scope=Scope.RESOURCE,
    types=[INSTANCE, PLAIN],
    frameworks=["AWS FSBP RDS.13", "CIS AWS Foundations v5.0.0 2.2.2"],
)
def minor_versions(instance: Resource, _: Graph, __: Options) -> Verdicts:
    """AWS installs them by default."""
    yield _not_false(instance.read("autoMinorVersionUpgrade"))


@rule(
    "RDS-13",
    title="Regions of a global database are not maintained at the same time",
    why="Maintenance fails over. In both regions at once, neither is there for the other.",
    fix="preferred_maintenance_window of aws.rds.Cluster in each stack, hours apart, and from preferred_backup_window",
    severity=Severity.MEDIUM,
    scope=Scope.STACKS,
    types=[GLOBAL_CLUSTER],
)
def maintenance(database: Resource, graph: Graph, _: Options) -> Verdicts:
    """Each member must have a window, and none may touch another's, or its own of backups; AWS chooses those apart."""
    members, doubts = _members(database, graph)
    windows: dict[str, tuple[int, int]] = {}
    wrong: list[str] = []
    for cluster in members:
        read = cluster.read("preferredMaintenanceWindow")
        window = _window(read)
        if read.unknown:
            doubts.append(f"{read.path} of {cluster.name} is not known yet")
        elif window is None:
            wrong.append(
                f"{read.path} of {_label(cluster)} is {read.shown()}; it must be a window such as sun:03:00-sun:04:00"
            )
        else:
            windows[_label(cluster)] = window
            backups = cluster.read("preferredBackupWindow")
            if any(_overlap(window, each) for each in _every_day(backups)):
                wrong.append(f"{read.path} of {_label(cluster)} overlaps its {backups.path}, {backups.shown()}")
            elif backups.unknown and cluster.edges.get(backups.path):
                doubts.append(f"{backups.path} of {cluster.name} is not known yet")
    for one, other in combinations(sorted(windows), 2):
        if _overlap(windows[one], windows[other]):
            wrong.append(f"the windows of {one} and {other} overlap")
    if wrong:
        yield fails(wrong[0])
    elif doubts:
        yield unproven(doubts[0])
    elif len(graph.stacks) == 1 and len(members) < 2:
        yield unproven(_not_in_view(graph))
    else:
        yield passes("windows are set and apart")


@rule(
    "RDS-14",
    title="Automated backups outlive their database",
    why="Otherwise deleting the database deletes every point in time that one could go back to.",
    fix="delete_automated_backups=False on aws.rds.Cluster or aws.rds.Instance",
    severity=Severity.HIGH,
    scope=Scope.RESOURCE,
    types=[CLUSTER, PLAIN],
)
def backups_outlive(database: Resource, _: Graph, __: Options) -> Verdicts:
    """AWS deletes them by default; a replica's are its source's, and version 1 of serverless cannot keep them."""
    if database.type == PLAIN and not database.read("replicateSourceDb").missing:
        return
    if database.read("engineMode").content != "serverless":
        # Aurora User Guide, "Retaining automated backups" (read 2026-11).
        yield holds(database.read("deleteAutomatedBackups"), lambda value: value is False, "false")


@rule(
    "RDS-15",
    title="Snapshots have their database's tags",
    why="Backup plans, costs and rights go by tags. A snapshot without them is in no plan, and nobody's.",
    fix="copy_tags_to_snapshot=True on aws.rds.Cluster or aws.rds.Instance",
    severity=Severity.LOW,
    scope=Scope.RESOURCE,
    types=[CLUSTER, PLAIN],
    frameworks=["AWS FSBP RDS.16", "AWS FSBP RDS.17"],
)
def tags_of_snapshots(database: Resource, _: Graph, __: Options) -> Verdicts:
    """AWS copies none by default; of a replica it takes no snapshots."""
    if database.type == CLUSTER or database.read("replicateSourceDb").missing:
        yield is_true(database.read("copyTagsToSnapshot"))


@rule(
    "RDS-17",
    title="A database proxy is in two zones",
    why="Every connection goes through it: in one zone, losing that cuts off a database that is well.",
    fix="aws.rds.Proxy.vpc_subnet_ids with one subnet a zone",
    severity=Severity.HIGH,
    scope=Scope.STACK,
    types=[PROXY],
    frameworks=["AWS Well-Architected REL10-BP01"],
    options={"minZones": Option(2, 2, 6, "Zones of a proxy's subnets.")},
)
def proxy_zones(proxy: Resource, graph: Graph, options: Options) -> Verdicts:
    """Count the zones of its subnets."""
    yield counts(graph.zones(proxy, "vpcSubnetIds"), options["minZones"], "zones of its subnets")


@rule(
    "RDS-18",
    title="A database is encrypted with a key of its own region",
    why="A key of the other region is gone with it, and the data here with the key.",
    fix="storage_encrypted=True and kms_key_id of an aws.kms.Key or ReplicaKey in the database's region",
    severity=Severity.HIGH,
    scope=Scope.STACK,
    types=[CLUSTER, PLAIN],
    frameworks=["AWS FSBP RDS.3", "AWS FSBP RDS.27", "CIS AWS Foundations v5.0.0 2.2.1"],
)
def own_key(database: Resource, graph: Graph, _: Options) -> Verdicts:
    """Compare the region of its key, by its edge or ARN, with the database's."""
    # A replica is encrypted as its source is, and version 1 of serverless always.
    copied = not database.read("replicateSourceDb").missing and database.read("storageEncrypted").missing
    if not copied and database.read("engineMode").content != "serverless":
        yield is_true(database.read("storageEncrypted"))
    key = database.read("kmsKeyId")
    if key.missing:
        yield passes("kmsKeyId is not set: AWS' own key of the region")
        return
    own = graph.region(database)
    regions = [graph.region(each) for each in graph.targets(database, "kmsKeyId", *KEYS)]
    if not regions and str(key.content).startswith("arn:"):
        regions = [Read("kmsKeyId", own.state, str(key.content).split(":")[3])]
    if not regions or any(not region.known for region in (own, *regions)):
        yield unproven("kmsKeyId leads to no key whose region is known")
    for region in regions:
        if own.known and region.known:
            seen = f"its key is in {region.content}"
            yield passes(seen) if region.content == own.content else fails(f"{seen}, the database in {own.content}")


@rule(
    "RDS-19",
    title="A serverless database has a floor",
    why="It grows only as fast as it is loaded, and from a pause it has to wake first: a standby at the bottom takes "
    "over with none of what the other had.",
    fix="serverlessv2_scaling_configuration.min_capacity of 2 ACUs or more",
    severity=Severity.MEDIUM,
    scope=Scope.RESOURCE,
    types=[CLUSTER],
    options={"minCapacity": Option(2, 1, 256, "Least ACUs of a serverless instance.")},
)
def serverless_floor(cluster: Resource, _: Graph, options: Options) -> Verdicts:
    """Compare the floor with what is wanted, where there are serverless instances."""
    scaling = cluster.read("serverlessv2ScalingConfiguration")
    if scaling.missing:
        return
    least = options["minCapacity"]
    yield holds(scaling.field("minCapacity"), lambda capacity: capacity >= least, f"at least {least}")


@rule(
    "RDS-20",
    title="A database that is no Aurora has a standby in another zone",
    why="A single instance is down for as long as its zone is, and for every change of its class, engine or disk "
    "besides; restored from a backup, it is empty of everything since."
    " On 2016-06-05 storms cut the power of one zone in Sydney, and many instances with it "
    "(aws.amazon.com/message/4372T8).",
    fix="multi_az=True on aws.rds.Instance",
    severity=Severity.HIGH,
    scope=Scope.RESOURCE,
    types=[PLAIN],
    frameworks=[
        "AWS FSBP RDS.5",
        "CIS AWS Foundations v5.0.0 2.2.4",
        "AWS Well-Architected REL10-BP01",
        "AWS Well-Architected REL11-BP02",
    ],
)
def multi_az(instance: Resource, _: Graph, __: Options) -> Verdicts:
    """Multi-AZ must be on, but for replicas."""
    if instance.read("replicateSourceDb").missing:
        yield is_true(instance.read("multiAz"))


@rule(
    "RDS-21",
    title="A database has no public address",
    why="What is reached from the internet is attacked from there: a public database is found by scanners within "
    "hours, and its password is all that is left between."
    " Wiz found DeepSeek's database open to everyone, with chats and keys in it, within minutes (published "
    "2025-01-29).",
    fix="publicly_accessible=False on aws.rds.ClusterInstance or aws.rds.Instance",
    severity=Severity.CRITICAL,
    scope=Scope.RESOURCE,
    types=[INSTANCE, PLAIN],
    frameworks=["AWS FSBP RDS.2", "CIS AWS Foundations v5.0.0 2.2.3"],
)
def no_public_address(instance: Resource, _: Graph, __: Options) -> Verdicts:
    """It has none by default in a private subnet group."""
    yield is_not_true(instance.read("publiclyAccessible"))


@rule(
    "RDS-22",
    title="A database refuses connections without TLS",
    why="Passwords and data go between zones, and with a global writer endpoint between regions.",
    fix='aws.rds.ClusterParameterGroup with rds.force_ssl="1", named by db_cluster_parameter_group_name; for an '
    "aws.rds.Instance, aws.rds.ParameterGroup and parameter_group_name",
    severity=Severity.HIGH,
    scope=Scope.RESOURCE,
    types=[PARAMETER_GROUP, PLAIN_PARAMETERS, CLUSTER, PLAIN],
)
def forced_tls(resource: Resource, _: Graph, __: Options) -> Verdicts:
    """A group must force it, or do so by default, and a database must have a group that does."""
    if resource.type in (CLUSTER, PLAIN):
        yield from _forced(resource)
        return
    family = resource.read("family")
    wanted = next((to for text, to in TLS_PARAMETERS.items() if str(family.content).startswith(text)), None)
    names = [each.field("name") for each in resource.read("parameters").each()]
    if family.unknown:
        yield unproven("family is not known yet, and so what forces TLS")
        return
    # An instance of Aurora has a group besides its cluster's, which is the one that says.
    if wanted is None or (resource.type == PLAIN_PARAMETERS and str(family.content).startswith("aurora")):
        return
    name, values = wanted
    if _by_default(str(family.content)) and not any(each.unknown or each.content == name for each in names):
        yield passes(f"{name} is not set; {family.content} forces TLS by default")
    else:
        yield from _parameter(resource, name, lambda value: str(value) in values, " or ".join(values))


def _forced(database: Resource) -> Verdicts:
    """Judge which group a database has: one of its own is judged by itself, AWS' by what it does by default."""
    engine, version = database.read("engine"), database.read("engineVersion")
    name = database.read("dbClusterParameterGroupName" if database.type == CLUSTER else "parameterGroupName")
    aurora = database.type == CLUSTER and str(engine.content or "aurora").startswith("aurora")
    by_aws = name.missing or str(name.content).startswith("default.")
    if database.type == PLAIN and not database.read("replicateSourceDb").missing and name.missing:
        yield passes("a replica has its source's parameters by default")
    elif engine.unknown:
        yield unproven("engine is not known yet, and so what forces TLS", "engine")
    elif not aurora and not str(engine.content).startswith(tuple(TLS_PARAMETERS)):
        yield passes(f"engine is {engine.shown()}, whose way to force TLS is not judged")
    elif engine.content == "postgres" and by_aws and not name.unknown:
        if not version.known:
            yield unproven("engineVersion is not known, and so whether PostgreSQL forces TLS by default")
        elif _by_default(f"postgres{version.content}"):
            yield passes(f"PostgreSQL {version.content} forces TLS by default")
        else:
            yield fails(f"{name.path} is {name.shown()}, and PostgreSQL {version.content} forces no TLS by default")
    else:
        yield holds(name, lambda text: not str(text).startswith("default."), "a group of its own")


def _by_default(family: str) -> bool:
    """Whether RDS' own group of a family forces TLS: ``postgres15`` and later ones."""
    match = re.match(r"postgres(\d+)", family)
    return match is not None and int(match[1]) >= TLS_BY_DEFAULT


@rule(
    "RDS-23",
    title="A guard of a global database's recovery point is one",
    why="A guard holds back commits while the other region lags by more, and while it is dark: whoever pays that price "
    "must get what is promised for it. None at all is a choice, with alarms on the lag instead.",
    fix=f"recovery_point_seconds of the founder's Database ({RECOVERY_POINT} in its parameter group), within the bound",
    severity=Severity.MEDIUM,
    scope=Scope.STACK,
    types=[GLOBAL_CLUSTER],
    options={"maxSeconds": Option(300, LEAST_RECOVERY_POINT, 86_400, "Seconds of writes that may be lost.")},
)
def guarded_recovery_point(database: Resource, graph: Graph, options: Options) -> Verdicts:
    """Find the parameter in the group of a member in this stack."""
    most = options["maxSeconds"]
    members = graph.referrers(database, CLUSTER, "globalClusterIdentifier")
    groups = [
        group for each in members for group in graph.targets(each, "dbClusterParameterGroupName", PARAMETER_GROUP)
    ]
    if not groups:
        yield unproven("no parameter group of a member is in view (an edge from dbClusterParameterGroupName)")
    for group in groups:
        guarded = [each.field("name") for each in group.read("parameters").each()]
        if any(name.unknown or name.content == RECOVERY_POINT for name in guarded):
            yield from _parameter(
                group, RECOVERY_POINT, lambda value: LEAST_RECOVERY_POINT <= int(value) <= most, f"at most {most}"
            )


@rule(
    "RDS-24",
    title="A database proxy refuses connections without TLS",
    why="What the database forces, the proxy in front of it must force too: clients speak with the proxy, and their "
    "passwords go over the network as they are.",
    fix="require_tls=True on aws.rds.Proxy",
    severity=Severity.HIGH,
    scope=Scope.RESOURCE,
    types=[PROXY],
    frameworks=["AWS FSBP RDS.43"],
)
def proxy_tls(proxy: Resource, _: Graph, __: Options) -> Verdicts:
    """AWS does not force it by default."""
    yield is_true(proxy.read("requireTls"))


def _members(database: Resource, graph: Graph) -> tuple[list[Resource], list[str]]:
    """Clusters of a global database in all stacks in view, and what leaves it open whether there are more."""
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
    return members, doubts


def _label(cluster: Resource) -> str:
    # Both regions' stacks give it the same name.
    return f"{cluster.name} in {cluster.stack}"


def _not_in_view(graph: Graph) -> str:
    return f"members in other stacks than {', '.join(graph.stacks)} are not in view"


def _agree(what: str, values: dict[str, str], doubts: list[str], graph: Graph) -> Verdict:
    """Whether members have one value; who has which is known of some."""
    seen = f"{what}: {', '.join(f'{values[name]} of {name}' for name in sorted(values)) or 'none known'}"
    if len(set(values.values())) > 1:
        return fails(f"{seen}; they must be the same")
    if doubts:
        return unproven(f"{seen}; {doubts[0]}")
    if len(graph.stacks) == 1 and len(values) < 2:
        return unproven(f"{seen}; {_not_in_view(graph)}")
    return passes(seen)


def _first_in_line(instances: tuple[Resource, ...]) -> tuple[list[Resource], list[str]]:
    """The two instances that are promoted first, with all that tie with the second, and what would have to be known."""
    reads = {each: (each.read("promotionTier"), each.read("instanceClass")) for each in instances}
    hidden = [
        f"{each.name}.{read.path}"
        for each, (tier, kind) in reads.items()
        for read in (tier, kind)
        if read.unknown or (read is tier and not read.missing and read.whole is None)
    ]
    if hidden:
        return list(instances), hidden
    tiers = {each: 0 if tier.missing else tier.content for each, (tier, _) in reads.items()}
    ranked = sorted(instances, key=lambda each: tiers[each])
    return [each for each in ranked if tiers[each] <= tiers[ranked[:2][-1]]], []


def _not_false(read: Read) -> Verdict:
    return holds(read, lambda value: value is True, "true or left out", default=True)


def _parameter(group: Resource, name: str, test: Callable[[Any], bool], wanted: str) -> Verdicts:
    """Judge a parameter of a group by its name; they have no order, and one that is given twice must be good twice."""
    parameters = group.read("parameters").each()
    found = [each for each in parameters if each.field("name").content == name]
    for each in found:
        yield holds(each.field("value"), test, wanted)
    if found:
        return
    if any(each.field("name").unknown for each in parameters):
        yield unproven(f"a parameter of {group.name} is not known yet; {name} must be {wanted}")
    else:
        yield fails(f"{name} is not set in {group.name}; it must be {wanted}")


def _window(read: Read) -> tuple[int, int] | None:
    """First and last minute, of a week, of a window; the last may lie in the next week."""
    match = WINDOW.fullmatch(str(read.content).lower())
    if not match:
        return None
    first_day, first_hour, first_minute, last_day, last_hour, last_minute = match.groups()
    first = DAYS.index(first_day) * DAY + int(first_hour) * 60 + int(first_minute)
    last = DAYS.index(last_day) * DAY + int(last_hour) * 60 + int(last_minute)
    return first, last if last > first else last + WEEK


def _every_day(read: Read) -> list[tuple[int, int]]:
    """The same of a window of every day, once for each; none if it is no such."""
    match = HOURS.fullmatch(str(read.content))
    if not match:
        return []
    first, last = int(match[1]) * 60 + int(match[2]), int(match[3]) * 60 + int(match[4])
    last += 0 if last > first else DAY
    return [(day * DAY + first, day * DAY + last) for day in range(len(DAYS))]


def _overlap(one: tuple[int, int], other: tuple[int, int]) -> bool:
    return any(one[0] < other[1] + weeks and other[0] + weeks < one[1] for weeks in (-WEEK, 0, WEEK))
