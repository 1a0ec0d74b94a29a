"""Google Cloud: what stands by there is in several zones, safe from mistakes, and can grow to carry it all."""

import re

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
    is_true,
    passes,
    rule,
    unproven,
)
from policies.rules.eks import CLUSTER as EKS_CLUSTER
from policies.rules.system import floor
from policies.schedules import longest_gap
from resilience.graph import Graph, Members, Read, Resource

CLUSTER = "gcp:container/cluster:Cluster"
NODE_POOL = "gcp:container/nodePool:NodePool"
DATABASE = "gcp:sql/databaseInstance:DatabaseInstance"
BUCKET = "gcp:storage/bucket:Bucket"
BACKUP_PLAN = "gcp:gkebackup/backupPlan:BackupPlan"
REGION = re.compile(r"[a-z]+-[a-z]+\d+")
ZONE = re.compile(r"[a-z]+-[a-z]+\d+-[a-z]")
DUAL_REGIONS = frozenset({"ASIA1", "EUR4", "EUR5", "EUR7", "EUR8", "NAM4"})
MULTI_REGIONS = frozenset({"ASIA", "EU", "US"})
"""Locations of buckets that are more than one region: https://cloud.google.com/storage/docs/locations."""
CHANNELS = ("REGULAR", "STABLE", "EXTENDED")
GPU_MACHINES = ("a2", "a3", "a4", "a4x", "g2", "g4")
"""Families of machines that come with GPUs: https://cloud.google.com/compute/docs/gpus."""
A2_VCPUS = {"1g": 12, "2g": 24, "4g": 48, "8g": 96, "16g": 96}
"""vCPUs of ``a2-highgpu-…`` and ``a2-megagpu-16g``, whose names count GPUs and not vCPUs: the same page."""


@rule(
    "GCP-01",
    title="A GKE cluster is regional",
    why="A zonal cluster has one control plane in one zone: with that zone no node is added, no pod moved and nothing "
    "deployed, and each upgrade of the control plane is an outage of it."
    " Google's zone europe-west9-a was flooded on 2023-04-25 and still down two weeks later (The Register, "
    "2023-05-10).",
    fix='location="us-central1" (a region, not a zone) on gcp.container.Cluster',
    severity=Severity.CRITICAL,
    scope=Scope.RESOURCE,
    types=[CLUSTER],
)
def regional_cluster(cluster: Resource, _: Graph, __: Options) -> Verdicts:
    """Look at its location; left out, it is the provider's zone, or else its region."""
    yield holds(_location(cluster), lambda place: REGION.fullmatch(place) is not None, "a region")


@rule(
    "GCP-02",
    title="A node pool is in two zones",
    why="A pool in one zone is lost with it, and a regional control plane has nothing left to schedule on.",
    fix="leave node_locations of gcp.container.NodePool out in a regional cluster, or name two zones",
    severity=Severity.HIGH,
    scope=Scope.STACK,
    types=[NODE_POOL],
    options={"minZones": Option(2, 2, 4, "Zones that a pool must have nodes in.")},
)
def pool_zones(pool: Resource, graph: Graph, options: Options) -> Verdicts:
    """Count the zones that it names, or else its cluster; a region has at least three."""
    least = options["minZones"]
    clusters = graph.targets(pool, "cluster", CLUSTER)
    for holder in (pool, *clusters):
        zones = holder.read("nodeLocations")
        if zones.unknown or zones.content:
            yield counts(Members.listed(zones), least, "its zones")
            return
    place = next((read for read in map(_location, (*clusters, pool)) if not read.missing), _location(pool))
    if place.missing and not clusters:
        yield unproven("cluster leads to no cluster in view, and location is not set: its zones are not known")
    else:
        yield holds(place, lambda where: REGION.fullmatch(where) is not None, "a region, or node_locations two zones")


@rule(
    "GCP-03",
    title="A GKE cluster cannot be deleted by mistake",
    why="A replacement that nobody read in a preview deletes the cluster first, with every workload in it.",
    fix="leave deletion_protection of gcp.container.Cluster out, or at True",
    severity=Severity.HIGH,
    scope=Scope.RESOURCE,
    types=[CLUSTER],
)
def cluster_deletion(cluster: Resource, _: Graph, __: Options) -> Verdicts:
    """On unless it is turned off."""
    yield _not_false(cluster.read("deletionProtection"))


@rule(
    "GCP-04",
    title="GKE is upgraded by a channel, and within a window",
    why="Without a channel a cluster falls out of support and is upgraded by force; without a window that happens at "
    "noon, perhaps while it carries what another region has lost.",
    fix='release_channel={"channel": "REGULAR"} and maintenance_policy with a recurring_window on '
    "gcp.container.Cluster",
    severity=Severity.MEDIUM,
    scope=Scope.RESOURCE,
    types=[CLUSTER],
    frameworks=["Checkov CKV_GCP_70"],
)
def upgrades(cluster: Resource, _: Graph, __: Options) -> Verdicts:
    """Autopilot is in a channel always."""
    autopilot = cluster.read("enableAutopilot")
    if autopilot.content is not True:
        channel = cluster.read("releaseChannel.channel")
        yield holds(channel, lambda name: name in CHANNELS, " or ".join(CHANNELS))
    policy = cluster.read("maintenancePolicy")
    windows = [policy.field(name) for name in ("recurringWindow", "dailyMaintenanceWindow")]
    if policy.unknown or any(window.unknown for window in windows):
        yield unproven("maintenancePolicy is not known yet")
    elif any(window.content for window in windows):
        yield passes("maintenancePolicy has a window")
    else:
        yield fails(f"maintenancePolicy is {policy.shown()}; it must have a window")


@rule(
    "GCP-05",
    title="Broken nodes of GKE are repaired, and old ones upgraded",
    why="A node whose kubelet or GPU hangs stays in the pool, counts as capacity, and takes pods that never run.",
    fix='leave management of gcp.container.NodePool out, or {"auto_repair": True, "auto_upgrade": True}',
    severity=Severity.HIGH,
    scope=Scope.RESOURCE,
    types=[NODE_POOL],
    frameworks=["Checkov CKV_GCP_9", "Checkov CKV_GCP_10"],
)
def repair(pool: Resource, _: Graph, __: Options) -> Verdicts:
    """Both are on unless they are turned off."""
    yield _not_false(pool.read("management.autoRepair"))
    yield _not_false(pool.read("management.autoUpgrade"))


@rule(
    "GCP-06",
    title="What stands by on GKE has a node in each zone",
    why="A pool at zero has to be bought when everybody buys, and waits for machines, drivers and images first: "
    "minutes where they can be had; GPUs often cannot.",
    fix='autoscaling={"min_node_count": 1, ...} (a zone) on gcp.container.NodePool',
    severity=Severity.HIGH,
    scope=Scope.RESOURCE,
    types=[NODE_POOL],
    options={"minNodes": Option(1, 1, 1000, "Nodes a zone that a pool never goes below.")},
)
def pool_floor(pool: Resource, _: Graph, options: Options) -> Verdicts:
    """Look at its least nodes; what Google may take back at any time needs none."""
    least = options["minNodes"]
    if any(pool.read(f"nodeConfig.{name}").content is True for name in ("spot", "preemptible")):
        yield passes("it is of machines that Google may take back, and no floor to stand on")
        return
    scaling = pool.read("autoscaling")
    if scaling.unknown:
        yield unproven("autoscaling is not known yet")
    elif scaling.missing:
        count = pool.read("initialNodeCount" if pool.read("nodeCount").missing else "nodeCount")
        yield holds(count, lambda nodes: nodes >= least, f"at least {least}")
    elif _set(scaling.field("totalMinNodeCount")):
        yield holds(scaling.field("totalMinNodeCount"), lambda nodes: nodes >= least * 3, f"at least {least * 3}")
    else:
        yield holds(scaling.field("minNodeCount"), lambda nodes: nodes >= least, f"at least {least}", default=0)


@rule(
    "GCP-07",
    title="An upgrade of a GKE pool adds a node before it takes one",
    why="An upgrade that takes nodes first runs a standby of few nodes with fewer, at an hour that Google picks.",
    fix='upgrade_settings={"max_surge": 1, "max_unavailable": 0} on gcp.container.NodePool',
    severity=Severity.MEDIUM,
    scope=Scope.RESOURCE,
    types=[NODE_POOL],
)
def surge(pool: Resource, _: Graph, __: Options) -> Verdicts:
    """GKE adds one and takes none unless it is told otherwise; blue and green keeps the old ones."""
    settings = pool.read("upgradeSettings")
    if settings.field("strategy").content == "BLUE_GREEN":
        yield passes("it keeps the old nodes until the new ones stand")
        return
    yield holds(settings.field("maxUnavailable"), lambda nodes: nodes == 0, "0", default=0)
    yield holds(settings.field("maxSurge"), lambda nodes: nodes >= 1, "at least 1", default=1)


@rule(
    "GCP-08",
    title="A Cloud SQL database is regional",
    why="A zonal instance is down as long as its zone is, and comes back from a backup if that is for good."
    " Google's zone europe-west9-a was flooded on 2023-04-25 and still down two weeks later (The Register, "
    "2023-05-10).",
    fix='settings={"availability_type": "REGIONAL", ...} on gcp.sql.DatabaseInstance',
    severity=Severity.CRITICAL,
    scope=Scope.RESOURCE,
    types=[DATABASE],
    frameworks=["Prowler cloudsql_instance_high_availability_enabled"],
)
def regional_database(database: Resource, _: Graph, __: Options) -> Verdicts:
    """Replicas are judged by whom they replicate."""
    if not _replicates(database):
        yield holds(database.read("settings.availabilityType"), lambda kind: kind == "REGIONAL", '"REGIONAL"')


@rule(
    "GCP-09",
    title="A Cloud SQL database goes back to any minute of a week",
    why="A wrong migration is in every replica within a second. What goes back before it is a log of changes and a "
    "backup to start from.",
    fix='settings={"backup_configuration": {"enabled": True, "point_in_time_recovery_enabled": True}, ...} '
    "on gcp.sql.DatabaseInstance; binary_log_enabled for MySQL",
    severity=Severity.HIGH,
    scope=Scope.RESOURCE,
    types=[DATABASE],
    frameworks=["Checkov CKV_GCP_14", "Prowler cloudsql_instance_automated_backups"],
    options={"minDays": Option(7, 1, 35, "Days of changes that are kept; Google keeps seven by default.")},
)
def database_backups(database: Resource, _: Graph, options: Options) -> Verdicts:
    """Backups, and the log that each engine has; Enterprise Plus keeps it unless it is told not to."""
    if _replicates(database):
        return
    least = options["minDays"]
    backups = database.read("settings.backupConfiguration")
    yield is_true(backups.field("enabled"))
    engine = database.read("databaseVersion")
    if engine.unknown:
        yield unproven("databaseVersion is not known yet, and so which log it needs")
    elif str(engine.content).startswith("MYSQL"):
        yield is_true(backups.field("binaryLogEnabled"))
    else:
        plus = database.read("settings.edition").content == "ENTERPRISE_PLUS"
        log = backups.field("pointInTimeRecoveryEnabled")
        yield _not_false(log) if plus else is_true(log)
    yield holds(
        backups.field("transactionLogRetentionDays"), lambda days: days >= least, f"at least {least}", default=7
    )


@rule(
    "GCP-10",
    title="A Cloud SQL database cannot be deleted by mistake",
    why="deletion_protection stops this program alone; the console, gcloud and another stack delete the database, and "
    "its backups with it.",
    fix='leave deletion_protection out, and settings={"deletion_protection_enabled": True, ...} on '
    "gcp.sql.DatabaseInstance",
    severity=Severity.HIGH,
    scope=Scope.RESOURCE,
    types=[DATABASE],
)
def database_deletion(database: Resource, _: Graph, __: Options) -> Verdicts:
    """The provider's own, which is on by default, and Google's, which is not."""
    yield _not_false(database.read("deletionProtection"))
    yield is_true(database.read("settings.deletionProtectionEnabled"))


@rule(
    "GCP-11",
    title="A Cloud SQL database has a replica in another region",
    why="Backups of a lost region take hours to restore, where they can be read at all; a replica is promoted in "
    "minutes.",
    fix="gcp.sql.DatabaseInstance with master_instance_name=primary.name and another region",
    severity=Severity.HIGH,
    scope=Scope.STACKS,
    types=[DATABASE],
)
def replica_elsewhere(database: Resource, graph: Graph, _: Options) -> Verdicts:
    """Find who replicates it, by an edge, or by its name from another stack."""
    if _replicates(database):
        return
    name, own = database.read("name"), graph.region(database)
    replicas = list(graph.referrers(database, DATABASE, "masterInstanceName"))
    doubts: list[str] = [] if own.known else ["its region is not known"]
    for other in graph.of(DATABASE):
        of = other.read("masterInstanceName")
        if other.stack == database.stack or of.missing:
            continue
        # Edges end at a stack's border: there names alone say what belongs together.
        if of.known and name.known and str(of.content).rpartition(":")[2] == name.content:
            replicas.append(other)
        elif not (of.known and name.known):
            doubts.append(f"whether {other.name} in {other.stack} replicates it is not known yet")
    places = [graph.region(replica) for replica in replicas]
    regions = {str(place.content) for place in places if place.known}
    doubts += ["the region of a replica is not known" for place in places if not place.known]
    seen = f"regions of its replicas: {', '.join(sorted(regions)) or 'none'}"
    if own.known and regions - {str(own.content)}:
        yield passes(seen)
    elif doubts:
        yield unproven(f"{seen}; {doubts[0]}")
    elif len(graph.stacks) == 1:
        yield unproven(f"{seen}; replicas in other stacks than {database.stack} are not in view")
    else:
        yield fails(f"{seen}; there must be one in another than {own.content}")


@rule(
    "GCP-12",
    title="A bucket of Google's is in two regions",
    why="What is in a bucket of one region cannot be read while that region is away, and a location cannot be changed "
    "later: the bucket has to be made anew and everything copied.",
    fix='location="NAM4", "EUR4", "US", "EU" or "ASIA" on gcp.storage.Bucket, or custom_placement_config of two',
    severity=Severity.HIGH,
    scope=Scope.RESOURCE,
    types=[BUCKET],
)
def bucket_regions(bucket: Resource, _: Graph, __: Options) -> Verdicts:
    """Look at its location; two regions of one's own are named beside it."""
    placed = bucket.read("customPlacementConfig.dataLocations")
    if placed.unknown or placed.content:
        yield counts(Members.listed(placed), 2, "its regions")
    else:
        more = DUAL_REGIONS | MULTI_REGIONS
        yield holds(bucket.read("location"), lambda place: str(place).upper() in more, "a dual-region or multi-region")


@rule(
    "GCP-13",
    title="What runs on GKE is backed up daily",
    why="A namespace deleted by mistake takes its volumes along; manifests come back from Git, what was on the disks "
    "does not.",
    fix="gcp.gkebackup.BackupPlan with backup_schedule, and gke_backup_agent_config of the cluster's addons_config on",
    severity=Severity.HIGH,
    scope=Scope.STACK,
    types=[CLUSTER],
    options={"maxHours": Option(24, 1, 744, "Longest time between two backups.")},
)
def cluster_backups(cluster: Resource, graph: Graph, options: Options) -> Verdicts:
    """Find a plan of it that is on and frequent enough, and what it needs in the cluster."""
    plans = graph.referrers(cluster, BACKUP_PLAN, "cluster")
    loose = [plan.name for plan in graph.of(BACKUP_PLAN) if not graph.targets(plan, "cluster", CLUSTER)]
    if not plans and loose:
        yield unproven(f"{loose[0]}.cluster leads to no cluster in view: it may be this one's plan")
    elif not plans:
        yield fails("no gcp.gkebackup.BackupPlan belongs to it (an edge from cluster)")
    else:
        yield is_true(cluster.read("addonsConfig.gkeBackupAgentConfig.enabled"))
        verdicts = [_frequent(plan, options["maxHours"]) for plan in plans]
        yield min(verdicts, key=lambda verdict: ("pass", "unproven", "fail").index(verdict.outcome.value))


@rule(
    "GCP-14",
    title="What stands by on GKE can grow to the load of the cluster it stands in for",
    why="A failover moves all traffic at once; a pool at its maximum leaves the rest of it pending, with quota and "
    "machines to spare.",
    fix="max_node_count of gcp.container.NodePool's autoscaling times zones, to the vCPUs of the other clusters' floor",
    severity=Severity.HIGH,
    scope=Scope.STACKS,
    types=[CLUSTER],
    options={"minPercent": Option(100, 1, 1000, "What its pools may grow to, of an EKS cluster's floor, in vCPUs.")},
)
def can_grow(cluster: Resource, graph: Graph, options: Options) -> Verdicts:
    """Compare the most vCPUs of its pools with the floor of other stacks' EKS clusters, GPUs by themselves."""
    primaries = [each for each in graph.of(EKS_CLUSTER) if each.stack != cluster.stack]
    if len(graph.stacks) == 1:
        yield unproven(f"clusters of other stacks than {cluster.stack} are not in view")
    if cluster.read("enableAutopilot").content is True:
        yield passes("Autopilot starts nodes as pods ask for them")
        return
    most, hidden = _most(cluster, graph)
    for primary in primaries:
        floors, hidden_there = floor(primary, graph)
        for kind in sorted(floors):
            reached = most.get(kind, 0)
            seen = f"{kind}: at most {reached} vCPUs, for a floor of {floors[kind]} of {primary.name}"
            if hidden or hidden_there:
                yield unproven(f"{seen}; {[*hidden, *hidden_there][0]} is not known")
            elif reached * 100 >= floors[kind] * options["minPercent"]:
                yield passes(seen)
            else:
                yield fails(f"{seen}; it must be {options['minPercent']} % of it")


@rule(
    "GCP-15",
    title="A bucket of Google's is versioned",
    why="An object that is overwritten is gone at once, in both of its regions: replication keeps a mistake as "
    "carefully as anything else.",
    fix='versioning={"enabled": True} on gcp.storage.Bucket',
    severity=Severity.HIGH,
    scope=Scope.RESOURCE,
    types=[BUCKET],
    frameworks=["Checkov CKV_GCP_78"],
)
def bucket_versions(bucket: Resource, _: Graph, __: Options) -> Verdicts:
    """Off unless it is turned on."""
    yield is_true(bucket.read("versioning.enabled"))


@rule(
    "GCP-16",
    title="A bucket of two regions keeps both within a quarter of an hour",
    why="Without turbo replication Google aims at an hour for most objects and twelve for the rest: a checkpoint that "
    "was written is not there when the other region looks for it (Cloud Storage, data availability and durability).",
    fix='rpo="ASYNC_TURBO" on gcp.storage.Bucket',
    severity=Severity.MEDIUM,
    scope=Scope.RESOURCE,
    types=[BUCKET],
)
def bucket_turbo(bucket: Resource, _: Graph, __: Options) -> Verdicts:
    """Only buckets of two regions can have it."""
    placed, location = bucket.read("customPlacementConfig.dataLocations"), bucket.read("location")
    if placed.unknown or location.unknown:
        yield unproven(f"{(location if location.unknown else placed).path} is not known yet")
    elif placed.content or str(location.content).upper() in DUAL_REGIONS:
        yield holds(bucket.read("rpo"), lambda kind: kind == "ASYNC_TURBO", '"ASYNC_TURBO"')


def _location(resource: Resource) -> Read:
    """Where it says it is; left out, the provider's zone, or else its region."""
    own = resource.read("location")
    if not own.missing or resource.provider is None:
        return own
    zone = resource.provider.read("zone")
    return resource.provider.read("region") if zone.missing else zone


def _set(read: Read) -> bool:
    """Whether a number is set: a provider keeps 0 for one that is not."""
    return not read.missing and read.content != 0


def _not_false(read: Read) -> Verdict:
    return holds(read, lambda value: value is True, "true or left out", default=True)


def _replicates(database: Resource) -> bool:
    return not database.read("masterInstanceName").missing


def _frequent(plan: Resource, most: int) -> Verdict:
    """Whether a plan of backups is on, and comes round often enough."""
    schedule = plan.read("backupSchedule")
    off = [plan.read("deactivated"), schedule.field("paused")]
    if any(read.content is True for read in off):
        return fails(f"{plan.name} is off")
    if not schedule.unknown and any(read.unknown for read in off):
        return unproven(f"whether {plan.name} is on is not known yet")
    cron, minutes = schedule.field("cronSchedule"), schedule.at("rpoConfig.targetRpoMinutes")
    if _set(minutes):
        return holds(minutes, lambda within: within <= most * 60, f"at most {most * 60}")
    return holds(cron, lambda text: _hours(text) <= most, f"a time at least every {most} hours")


def _hours(cron: str) -> int:
    """Hours at most between two runs of a standard cron expression of five fields.

    Raises:
        ValueError: If nobody can say.
    """
    minute, hour, day, month, weekday = cron.split()
    # AWS counts weekdays from Sunday, 1 to 7; cron from Sunday, 0, to Sunday, 7, which is the first of the next week.
    weekday = re.sub(r"(?<![/\d])\d+", lambda match: str(int(match[0]) + 1), weekday)
    gap = longest_gap(f"cron({minute} {hour} {day} {month} {weekday} *)")
    if gap is None:
        raise ValueError(cron)
    return gap


def _most(cluster: Resource, graph: Graph) -> tuple[dict[str, int], list[str]]:
    """Count vCPUs of the most nodes of a cluster, with and without GPUs, and what would have to be known to say."""
    most: dict[str, int] = {}
    hidden = [f"{pool.name}.cluster" for pool in graph.of(NODE_POOL) if not graph.targets(pool, "cluster", CLUSTER)]
    for pool in graph.referrers(cluster, NODE_POOL, "cluster"):
        machine, scaling = pool.read("nodeConfig.machineType"), pool.read("autoscaling")
        size = _vcpus(str(machine.content))
        total, each = scaling.field("totalMaxNodeCount"), scaling.field("maxNodeCount")
        if scaling.missing:
            each = pool.read("nodeCount")
        counted = total if _set(total) else each
        if size is None or counted.whole is None:
            hidden.append(f"{pool.name}.{machine.path if size is None else counted.path}")
            continue
        accelerated, added = (
            str(machine.content).partition("-")[0] in GPU_MACHINES,
            pool.read("nodeConfig.guestAccelerators"),
        )
        if not accelerated and added.unknown:
            hidden.append(f"{pool.name}.{added.path}")
            continue
        kind = "with GPUs" if accelerated or added.content else "without GPUs"
        zones = 1 if _set(total) else _zones(pool, cluster)
        most[kind] = most.get(kind, 0) + counted.whole * zones * size
    return most, hidden


def _zones(pool: Resource, cluster: Resource) -> int:
    """In how many zones a pool is, at least; GKE takes three of a region that it is not told zones of."""
    for holder in (pool, cluster):
        if zones := holder.read("nodeLocations").each():
            return len(zones)
    place = _location(cluster)
    return 3 if place.known and REGION.fullmatch(str(place.content)) else 1


def _vcpus(machine: str) -> int | None:
    """``n2-standard-8`` has 8, ``a2-highgpu-2g`` 24, ``a3-highgpu-8g`` 208; None for what is none of these."""
    family, _, size = machine.partition("-")
    last = size.rpartition("-")[2]
    if family == "a2":
        return A2_VCPUS.get(last)
    if match := re.fullmatch(r"(\d+)g", last):
        return int(match[1]) * 26 if family == "a3" else None
    if family == "custom":
        return None
    return int(last) if last.isdecimal() else None
