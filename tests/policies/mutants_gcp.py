"""Rules of Google Cloud, by the ways to break them."""

# One mutant a line, or the table cannot be read as one.
# ruff: noqa: E501

from tests.policies.other_region import with_other_region
from tests.policies.platform import UNKNOWN_TEXT, Mutant, Platform, Thing

A2_MACHINES = ("a2-highgpu-1g", "a2-highgpu-2g", "a2-highgpu-4g", "a2-highgpu-8g", "a2-megagpu-16g")
ALWAYS: set[str] = {"GCP-14?"}
"""What nobody can say of one stack alone."""


def things() -> dict[str, Thing]:
    """What breaks none of them: all that stands by on Google Cloud, of one stack."""
    return {
        "gke": Thing(
            "gcp:container/cluster:Cluster",
            {
                "location": "us-central1",
                "releaseChannel": {"channel": "REGULAR"},
                "maintenancePolicy": {"recurringWindow": {"recurrence": "FREQ=WEEKLY;BYDAY=SU"}},
                "addonsConfig": {"gkeBackupAgentConfig": {"enabled": True}},
            },
            region=None,
        ),
        "gke-pool": Thing(
            "gcp:container/nodePool:NodePool",
            {
                "cluster": UNKNOWN_TEXT,
                "nodeConfig": {"machineType": "n2-standard-8"},
                "autoscaling": {"minNodeCount": 1, "maxNodeCount": 4},
            },
            {"cluster": ["gke"]},
            region=None,
        ),
        "gke-gpus": Thing(
            "gcp:container/nodePool:NodePool",
            {
                "cluster": UNKNOWN_TEXT,
                "nodeConfig": {"machineType": "g2-standard-8"},
                "autoscaling": {"minNodeCount": 1, "maxNodeCount": 4},
            },
            {"cluster": ["gke"]},
            region=None,
        ),
        "gke-backups": Thing(
            "gcp:gkebackup/backupPlan:BackupPlan",
            {"cluster": UNKNOWN_TEXT, "backupSchedule": {"cronSchedule": "0 3 * * *"}},
            {"cluster": ["gke"]},
            region=None,
        ),
        "sql": Thing(
            "gcp:sql/databaseInstance:DatabaseInstance",
            {
                "name": "tandem",
                "region": "us-central1",
                "databaseVersion": "POSTGRES_17",
                "settings": {
                    "availabilityType": "REGIONAL",
                    "deletionProtectionEnabled": True,
                    "backupConfiguration": {"enabled": True, "pointInTimeRecoveryEnabled": True},
                },
            },
            protect=True,
            region=None,
        ),
        "sql-replica": Thing(
            "gcp:sql/databaseInstance:DatabaseInstance",
            {
                "region": "us-east4",
                "databaseVersion": "POSTGRES_17",
                "masterInstanceName": UNKNOWN_TEXT,
                "settings": {"deletionProtectionEnabled": True},
            },
            {"masterInstanceName": ["sql"]},
            protect=True,
            region=None,
        ),
        "gcs": Thing(
            "gcp:storage/bucket:Bucket",
            {"location": "NAM4", "versioning": {"enabled": True}, "rpo": "ASYNC_TURBO"},
            protect=True,
            region=None,
        ),
    }


def pool(platform: Platform, path: str, value: object) -> Platform:
    """Change a setting of the pool that may not be there yet."""
    platform.things["gke-pool"].props[path] = value
    return platform


def region_of(platform: Platform, name: str, region: str) -> Platform:
    """Let the provider say where something is."""
    platform.things[name].region = region
    return platform


def large(platform: Platform, nodes: int) -> Platform:
    """Stand by with so many vCPUs for an EKS cluster of 104."""
    with_other_region(platform).put("nodes-west", "scalingConfig", {"minSize": 26, "desiredSize": 26, "maxSize": 52})
    platform.put("nodes", "scalingConfig", {"minSize": 26, "desiredSize": 26, "maxSize": 52})
    platform.put("gke-pool", "nodeConfig/machineType", "n1-standard-1")
    return platform.put("gke-pool", "autoscaling", {"totalMinNodeCount": 3, "totalMaxNodeCount": nodes})


def elsewhere(platform: Platform, of: object, region: str = "us-east4") -> Platform:
    """Let a replica be another stack's."""
    platform.drop("sql-replica")
    good = {"settings": {"deletionProtectionEnabled": True}}
    props = {**good, "region": region, "masterInstanceName": of}
    thing = Thing("gcp:sql/databaseInstance:DatabaseInstance", props, protect=True, region=None, stack="secondary")
    return with_other_region(platform).add("sql-west", thing)


MUTANTS: list[Mutant] = [
    # GCP-01
    ("zonal cluster", lambda p: p.put("gke", "location", "us-central1-a"), {"GCP-01", "GCP-02"}),
    ("zonal cluster, its pools in two zones", lambda p: p.put("gke", "location", "us-central1-a").put("gke", "nodeLocations", ["us-central1-b", "us-central1-c"]), {"GCP-01"}),
    ("zonal by the provider", lambda p: p.delete("gke", "location").put("gke", "nodeLocations", ["us-central1-b", "us-central1-c"]), {"GCP-01"}),
    ("location misspelt", lambda p: p.put("gke", "location", "us-central").put("gke", "nodeLocations", ["us-central1-b", "us-central1-c"]), {"GCP-01"}),
    ("location unknown", lambda p: p.hide("gke", "location").put("gke", "nodeLocations", ["us-central1-b", "us-central1-c"]), {"GCP-01?"}),
    # GCP-02
    ("pool of one zone", lambda p: pool(p, "nodeLocations", ["us-central1-b"]), {"GCP-02"}),
    ("pool of one zone twice", lambda p: pool(p, "nodeLocations", ["us-central1-b", "us-central1-b"]), {"GCP-02"}),
    ("cluster of one zone's nodes", lambda p: p.put("gke", "nodeLocations", ["us-central1-b"]), {"GCP-02"}),
    ("zones of a pool unknown", lambda p: pool(p, "nodeLocations", UNKNOWN_TEXT), {"GCP-02?"}),
    ("second zone of a pool unknown", lambda p: pool(p, "nodeLocations", ["us-central1-b", UNKNOWN_TEXT]), {"GCP-02?"}),
    ("pool of a cluster not in view", lambda p: p.cut("gke-pool", "cluster"), {"GCP-02?"}),
    ("pool in a zone of a cluster not in view", lambda p: pool(p.cut("gke-pool", "cluster"), "location", "us-central1-a"), {"GCP-02"}),
    ("both zones of a pool unknown", lambda p: pool(p, "nodeLocations", [UNKNOWN_TEXT] * 2), {"GCP-02?"}),
    # GCP-03
    ("cluster may be deleted", lambda p: p.put("gke", "deletionProtection", False), {"GCP-03"}),
    ("cluster's protection a word", lambda p: p.put("gke", "deletionProtection", "no"), {"GCP-03"}),
    ("cluster's protection a number", lambda p: p.put("gke", "deletionProtection", 0), {"GCP-03"}),
    ("cluster's protection unknown", lambda p: p.put("gke", "deletionProtection", UNKNOWN_TEXT), {"GCP-03?"}),
    # GCP-04
    ("cluster in no channel", lambda p: p.delete("gke", "releaseChannel"), {"GCP-04"}),
    ("cluster in the rapid channel", lambda p: p.put("gke", "releaseChannel/channel", "RAPID"), {"GCP-04"}),
    ("cluster out of all channels", lambda p: p.put("gke", "releaseChannel/channel", "UNSPECIFIED"), {"GCP-04"}),
    ("cluster upgraded at noon", lambda p: p.delete("gke", "maintenancePolicy"), {"GCP-04"}),
    ("window with exclusions alone", lambda p: p.put("gke", "maintenancePolicy", {"maintenanceExclusions": [{}]}), {"GCP-04"}),
    ("autopilot upgraded at noon", lambda p: p.put("gke", "enableAutopilot", True).delete("gke", "maintenancePolicy"), {"GCP-04"}),
    ("channel unknown", lambda p: p.hide("gke", "releaseChannel/channel"), {"GCP-04?"}),
    ("window unknown", lambda p: p.hide("gke", "maintenancePolicy/recurringWindow"), {"GCP-04?"}),
    # GCP-05
    ("pool that is not repaired", lambda p: pool(p, "management", {"autoRepair": False, "autoUpgrade": True}), {"GCP-05"}),
    ("pool that is not upgraded", lambda p: pool(p, "management", {"autoRepair": True, "autoUpgrade": False}), {"GCP-05"}),
    ("pool that is neither", lambda p: pool(p, "management", {"autoRepair": False, "autoUpgrade": False}), {"GCP-05"}),
    ("repair of a pool unknown", lambda p: pool(p, "management", {"autoRepair": UNKNOWN_TEXT}), {"GCP-05?"}),
    # GCP-06
    ("pool that begins at zero", lambda p: p.put("gke-pool", "autoscaling/minNodeCount", 0), {"GCP-06"}),
    ("pool without a floor", lambda p: p.delete("gke-pool", "autoscaling/minNodeCount"), {"GCP-06"}),
    ("pool of no floor, with one in all that a provider keeps as 0", lambda p: p.put("gke-pool", "autoscaling", {"minNodeCount": 0, "maxNodeCount": 4, "totalMinNodeCount": 0}), {"GCP-06"}),
    ("weekly backups, with a point that a provider keeps as 0", lambda p: p.put("gke-backups", "backupSchedule", {"cronSchedule": "0 3 * * 0", "rpoConfig": {"targetRpoMinutes": 0}}), {"GCP-13"}),
    ("standby of a node a zone, with a most in all that a provider keeps as 0", lambda p: large(p, 0).put("gke-pool", "autoscaling/minNodeCount", 1).put("gke-pool", "autoscaling/maxNodeCount", 1), {"GCP-14"}),
    ("pool of a floor of two in all", lambda p: p.put("gke-pool", "autoscaling", {"totalMinNodeCount": 2, "totalMaxNodeCount": 12}), {"GCP-06"}),
    ("pool fixed at zero", lambda p: pool(p.delete("gke-pool", "autoscaling"), "nodeCount", 0), {"GCP-06"}),
    ("pool of no size", lambda p: p.delete("gke-pool", "autoscaling"), {"GCP-06"}),
    ("floor of a pool unknown", lambda p: p.hide("gke-pool", "autoscaling/minNodeCount"), {"GCP-06?"}),
    ("scaling of a pool unknown", lambda p: p.hide("gke-pool", "autoscaling"), {"GCP-06?"}),
    # GCP-07
    ("upgrade that takes a node first", lambda p: pool(p, "upgradeSettings", {"maxSurge": 1, "maxUnavailable": 1}), {"GCP-07"}),
    ("upgrade without a node more", lambda p: pool(p, "upgradeSettings", {"maxSurge": 0, "maxUnavailable": 0}), {"GCP-07"}),
    ("upgrade in place", lambda p: pool(p, "upgradeSettings", {"maxSurge": 0, "maxUnavailable": 2}), {"GCP-07"}),
    ("upgrade unknown", lambda p: pool(p, "upgradeSettings", {"maxUnavailable": UNKNOWN_TEXT}), {"GCP-07?"}),
    # GCP-08
    ("zonal database", lambda p: p.put("sql", "settings/availabilityType", "ZONAL"), {"GCP-08"}),
    ("database that does not say", lambda p: p.delete("sql", "settings/availabilityType"), {"GCP-08"}),
    ("database regional in small letters", lambda p: p.put("sql", "settings/availabilityType", "regional"), {"GCP-08"}),
    ("availability unknown", lambda p: p.hide("sql", "settings/availabilityType"), {"GCP-08?"}),
    # GCP-09
    ("database without backups", lambda p: p.put("sql", "settings/backupConfiguration/enabled", False), {"GCP-09"}),
    ("database without a log", lambda p: p.delete("sql", "settings/backupConfiguration/pointInTimeRecoveryEnabled"), {"GCP-09"}),
    ("MySQL without a binary log", lambda p: p.put("sql", "databaseVersion", "MYSQL_8_0"), {"GCP-09"}),
    ("six days of a log", lambda p: p.put("sql", "settings/backupConfiguration/transactionLogRetentionDays", 6), {"GCP-09"}),
    ("backups of a database unknown", lambda p: p.hide("sql", "settings/backupConfiguration"), {"GCP-09?"}),
    ("engine of a database unknown", lambda p: p.hide("sql", "databaseVersion"), {"GCP-09?"}),
    # GCP-10
    ("database may be deleted by the program", lambda p: p.put("sql", "deletionProtection", False), {"GCP-10"}),
    ("database may be deleted by hand", lambda p: p.delete("sql", "settings/deletionProtectionEnabled"), {"GCP-10"}),
    ("replica may be deleted by hand", lambda p: p.put("sql-replica", "settings/deletionProtectionEnabled", False), {"GCP-10"}),
    ("protection of a database unknown", lambda p: p.hide("sql", "settings/deletionProtectionEnabled"), {"GCP-10?"}),
    # GCP-11
    ("replica in the same region", lambda p: with_other_region(p).put("sql-replica", "region", "us-central1"), {"GCP-11"}),
    ("no replica in either stack", lambda p: with_other_region(p).drop("sql-replica"), {"GCP-11"}),
    ("other stack's replica of another", lambda p: elsewhere(p, "tandem-2"), {"GCP-11"}),
    ("other stack's replica in the same region", lambda p: elsewhere(p, "tandem", "us-central1"), {"GCP-11"}),
    ("other stack's replica of nobody knows whom", lambda p: elsewhere(p, UNKNOWN_TEXT), {"GCP-11?"}),
    ("no replica in this stack", lambda p: p.drop("sql-replica"), {"GCP-11?"}),
    ("region of a replica unknown", lambda p: p.hide("sql-replica", "region"), {"GCP-11?"}),
    ("regions of a database and its replica unknown", lambda p: p.hide("sql", "region").hide("sql-replica", "region"), {"GCP-11?"}),
    ("region of a database unknown", lambda p: p.hide("sql", "region"), {"GCP-11?"}),
    # GCP-12
    ("bucket of one region", lambda p: p.put("gcs", "location", "US-CENTRAL1"), {"GCP-12"}),
    ("bucket of a region twice", lambda p: p.put("gcs", "location", "US").put("gcs", "customPlacementConfig", {"dataLocations": ["US-EAST4", "US-EAST4"]}), {"GCP-12"}),
    ("bucket without a location", lambda p: p.delete("gcs", "location"), {"GCP-12"}),
    ("location of a bucket unknown", lambda p: p.hide("gcs", "location"), {"GCP-12?", "GCP-16?"}),
    ("second region of a bucket unknown", lambda p: p.put("gcs", "location", "US").put("gcs", "customPlacementConfig", {"dataLocations": ["US-EAST4", UNKNOWN_TEXT]}), {"GCP-12?"}),
    ("both regions of a bucket unknown", lambda p: p.put("gcs", "location", "US").put("gcs", "customPlacementConfig", {"dataLocations": UNKNOWN_TEXT}), {"GCP-12?", "GCP-16?"}),
    ("placement of a bucket unknown", lambda p: p.put("gcs", "location", "US").hide("gcs", "customPlacementConfig"), {"GCP-12?", "GCP-16?"}),
    # GCP-13
    ("no plan", lambda p: p.drop("gke-backups"), {"GCP-13"}),
    ("plan that is off", lambda p: p.put("gke-backups", "deactivated", True), {"GCP-13"}),
    ("plan that rests", lambda p: p.put("gke-backups", "backupSchedule/paused", True), {"GCP-13"}),
    ("plan of every second day", lambda p: p.put("gke-backups", "backupSchedule/cronSchedule", "0 3 */2 * *"), {"GCP-13"}),
    ("plan of six days a week", lambda p: p.put("gke-backups", "backupSchedule/cronSchedule", "0 3 * * 1-6"), {"GCP-13"}),
    ("plan that nobody can read", lambda p: p.put("gke-backups", "backupSchedule/cronSchedule", "daily"), {"GCP-13"}),
    ("plan without a schedule", lambda p: p.delete("gke-backups", "backupSchedule"), {"GCP-13"}),
    ("plan of 25 hours", lambda p: p.put("gke-backups", "backupSchedule", {"rpoConfig": {"targetRpoMinutes": 1500}}), {"GCP-13"}),
    ("plan of a day and a minute", lambda p: p.put("gke-backups", "backupSchedule", {"rpoConfig": {"targetRpoMinutes": 1441}}), {"GCP-13"}),
    ("plan of six days a week, by another count", lambda p: p.put("gke-backups", "backupSchedule/cronSchedule", "0 3 * * SUN,1,2,3,4,5"), {"GCP-13"}),
    ("plans of clusters not in view", lambda p: p.cut("gke-backups", "cluster").add("gke-more", Thing("gcp:gkebackup/backupPlan:BackupPlan", {"cluster": UNKNOWN_TEXT}, region=None)), {"GCP-13?"}),
    ("cluster without the agent", lambda p: p.delete("gke", "addonsConfig"), {"GCP-13"}),
    ("schedule of a GKE plan unknown", lambda p: p.hide("gke-backups", "backupSchedule/cronSchedule"), {"GCP-13?"}),
    ("whether a GKE plan is on unknown", lambda p: p.hide("gke-backups", "deactivated"), {"GCP-13?"}),
    ("whether a GKE plan rests unknown", lambda p: p.hide("gke-backups", "backupSchedule/paused"), {"GCP-13?"}),
    ("plan of a cluster not in view", lambda p: p.cut("gke-backups", "cluster"), {"GCP-13?"}),
    # GCP-14
    ("standby that cannot grow", lambda p: with_other_region(p).put("gke-pool", "autoscaling/maxNodeCount", 0), {"GCP-14"}),
    ("standby of small machines", lambda p: with_other_region(p).put("gke-pool", "nodeConfig/machineType", "e2-standard-2").put("gke-pool", "autoscaling/maxNodeCount", 1), {"GCP-14"}),
    ("standby on GKE without GPUs", lambda p: with_other_region(p).put("gke-gpus", "nodeConfig/machineType", "n2-standard-8"), {"GCP-14"}),
    ("most of a pool unknown", lambda p: with_other_region(p).hide("gke-pool", "autoscaling/maxNodeCount"), {"GCP-14?"}),
    ("machines of a pool unknown", lambda p: with_other_region(p).hide("gke-pool", "nodeConfig/machineType"), {"GCP-14?"}),
    ("accelerators of a pool unknown", lambda p: with_other_region(p).hide("gke-pool", "nodeConfig/guestAccelerators"), {"GCP-14?"}),
    ("machines that nobody can count", lambda p: with_other_region(p).put("gke-pool", "nodeConfig/machineType", "custom-2-4096-ext"), {"GCP-14?"}),
    ("pool of a cluster not in view, of a standby", lambda p: with_other_region(p).cut("gke-pool", "cluster"), {"GCP-02?", "GCP-14?"}),
    ("standby one vCPU of 104 too small", lambda p: large(p, 103), {"GCP-14"}),
    ("zonal standby", lambda p: with_other_region(p).put("gke", "location", "us-central1-a"), {"GCP-01", "GCP-02"}),
    ("machines of both pools unknown", lambda p: with_other_region(p).hide("gke-pool", "nodeConfig/machineType").hide("gke-gpus", "nodeConfig/machineType"), {"GCP-14?"}),
    ("machines of the first pool unknown", lambda p: with_other_region(p).hide("gke-gpus", "nodeConfig/machineType"), {"GCP-14?"}),
    ("accelerators of the first pool unknown", lambda p: with_other_region(p).put("gke-gpus", "nodeConfig", {"machineType": "n1-standard-8", "guestAccelerators": UNKNOWN_TEXT}), {"GCP-14?"}),
    # GCP-15
    ("Google's bucket without versions", lambda p: p.delete("gcs", "versioning"), {"GCP-15"}),
    ("Google's bucket with versions off", lambda p: p.put("gcs", "versioning/enabled", False), {"GCP-15"}),
    ("Google's bucket with versions a word", lambda p: p.put("gcs", "versioning/enabled", "yes"), {"GCP-15"}),
    ("versions of Google's bucket unknown", lambda p: p.hide("gcs", "versioning/enabled"), {"GCP-15?"}),
    # GCP-16
    ("bucket without turbo", lambda p: p.delete("gcs", "rpo"), {"GCP-16"}),
    ("bucket with default replication", lambda p: p.put("gcs", "rpo", "DEFAULT"), {"GCP-16"}),
    ("bucket of two named regions without turbo", lambda p: p.put("gcs", "location", "US").put("gcs", "customPlacementConfig", {"dataLocations": ["US-EAST4", "US-CENTRAL1"]}).delete("gcs", "rpo"), {"GCP-16"}),
    ("turbo unknown", lambda p: p.hide("gcs", "rpo"), {"GCP-16?"}),
]  # fmt: skip

GOOD: list[Mutant] = [
    ("location by the provider", lambda p: pool(p, "location", "us-central1"), set()),
    ("cluster's location by the provider", lambda p: region_of(p.delete("gke", "location"), "gke", "us-central1"), set()),
    ("pool of one fixed node a zone", lambda p: pool(p.delete("gke-pool", "autoscaling"), "nodeCount", 1), set()),
    ("pool of two zones", lambda p: pool(p, "nodeLocations", ["us-central1-b", "us-central1-c"]), set()),
    ("autopilot without a channel", lambda p: p.put("gke", "enableAutopilot", True).delete("gke", "releaseChannel"), set()),
    ("daily window", lambda p: p.put("gke", "maintenancePolicy", {"dailyMaintenanceWindow": {"startTime": "03:00"}}), set()),
    ("extended channel", lambda p: p.put("gke", "releaseChannel/channel", "EXTENDED"), set()),
    ("pool of spot machines at zero", lambda p: p.put("gke-pool", "autoscaling/minNodeCount", 0).put("gke-pool", "nodeConfig/spot", True), set()),
    ("pool of a floor of its own, with one in all that a provider keeps as 0", lambda p: p.put("gke-pool", "autoscaling", {"minNodeCount": 1, "maxNodeCount": 4, "totalMinNodeCount": 0, "totalMaxNodeCount": 0}), set()),
    ("standby of its own most, with one in all that a provider keeps as 0", lambda p: with_other_region(p).put("gke-pool", "autoscaling", {"minNodeCount": 1, "maxNodeCount": 4, "totalMinNodeCount": 0, "totalMaxNodeCount": 0}), set()),
    ("pool of a floor of three in all", lambda p: p.put("gke-pool", "autoscaling", {"totalMinNodeCount": 3, "totalMaxNodeCount": 12}), set()),
    ("pool of a fixed size", lambda p: pool(p.delete("gke-pool", "autoscaling"), "nodeCount", 4), set()),
    ("upgrade by blue and green", lambda p: pool(p, "upgradeSettings", {"strategy": "BLUE_GREEN"}), set()),
    ("MySQL with a binary log", lambda p: p.put("sql", "databaseVersion", "MYSQL_8_0").put("sql", "settings/backupConfiguration", {"enabled": True, "binaryLogEnabled": True}), set()),
    ("a log by the edition", lambda p: p.delete("sql", "settings/backupConfiguration/pointInTimeRecoveryEnabled").put("sql", "settings/edition", "ENTERPRISE_PLUS"), set()),
    ("other stack's replica", lambda p: elsewhere(p, "tandem"), set()),
    ("other stack's replica by project and name", lambda p: elsewhere(p, "project:tandem"), set()),
    ("multi-region has no turbo", lambda p: p.put("gcs", "location", "eu").delete("gcs", "rpo"), set()),
    ("bucket of two named regions", lambda p: p.put("gcs", "location", "US").put("gcs", "customPlacementConfig", {"dataLocations": ["US-EAST4", "US-CENTRAL1"]}), set()),
    ("plan of every day by name", lambda p: p.put("gke-backups", "backupSchedule/cronSchedule", "0 3 * * 0-6"), set()),
    ("plan of every day from Monday", lambda p: p.put("gke-backups", "backupSchedule/cronSchedule", "0 3 * * 1-7"), set()),
    ("plan of every day one by one", lambda p: p.put("gke-backups", "backupSchedule/cronSchedule", "0 3 * * SUN,1,2,3,4,5,6"), set()),
    ("plan by hours", lambda p: p.put("gke-backups", "backupSchedule", {"rpoConfig": {"targetRpoMinutes": 1440}}), set()),
    ("second plan is off", lambda p: p.add("gke-more", Thing("gcp:gkebackup/backupPlan:BackupPlan", {"cluster": UNKNOWN_TEXT, "deactivated": True}, {"cluster": ["gke"]}, region=None)), set()),
    ("standby that makes machines as pods ask", lambda p: with_other_region(p).put("gke", "enableAutopilot", True).drop("gke-pool", "gke-gpus"), set()),
    *[(f"standby of {machine}", lambda p, machine=machine: with_other_region(p).put("gke-gpus", "nodeConfig/machineType", machine), set()) for machine in A2_MACHINES],
    ("standby of just as much", lambda p: large(p, 104), set()),
    ("standby of twelve nodes in all", lambda p: with_other_region(p).put("gke-pool", "autoscaling", {"totalMinNodeCount": 3, "totalMaxNodeCount": 12}), set()),
    ("standby in two zones", lambda p: pool(with_other_region(p), "nodeLocations", ["us-central1-b", "us-central1-c"]), set()),
    ("standby of H100s", lambda p: with_other_region(p).put("gke-gpus", "nodeConfig/machineType", "a3-highgpu-8g"), set()),
    ("standby with GPUs attached", lambda p: with_other_region(p).put("gke-gpus", "nodeConfig", {"machineType": "n1-standard-8", "guestAccelerators": [{"type": "nvidia-tesla-t4", "count": 1}]}), set()),
]  # fmt: skip

EVIDENCE: dict[str, set[str]] = {
    "as it is": {"GCP-07: upgradeSettings.maxSurge is 1 by default", "GCP-09: settings.backupConfiguration.transactionLogRetentionDays is 7 by default"},
    "pool of a floor of two in all": {"GCP-06: autoscaling.totalMinNodeCount is 2; it must be at least 3"},
    "pool without a floor": {"GCP-06: autoscaling.minNodeCount is 0 by default; it must be at least 1"},
    "no replica in either stack": {"GCP-11: regions of its replicas: none; there must be one in another than us-central1"},
    "regions of a database and its replica unknown": {"GCP-11: regions of its replicas: none; its region is not known"},
    "plan of a day and a minute": {"GCP-13: backupSchedule.rpoConfig.targetRpoMinutes is 1441; it must be at most 1440"},
    "plans of clusters not in view": {"GCP-13: gke-backups.cluster leads to no cluster in view: it may be this one's plan"},
    "zonal standby": {"GCP-14: without GPUs: at most 32 vCPUs, for a floor of 12 of eks-west"},
    "standby on GKE without GPUs": {"GCP-14: with GPUs: at most 0 vCPUs, for a floor of 12 of eks-west; it must be 100 % of it"},
    "machines of both pools unknown": {"GCP-14: with GPUs: at most 0 vCPUs, for a floor of 12 of eks-west; gke-gpus.nodeConfig.machineType is not known"},
    "machines of the first pool unknown": {"GCP-14: without GPUs: at most 96 vCPUs, for a floor of 12 of eks-west; gke-gpus.nodeConfig.machineType is not known"},
    "accelerators of the first pool unknown": {"GCP-14: without GPUs: at most 96 vCPUs, for a floor of 12 of eks-west; gke-gpus.nodeConfig.guestAccelerators is not known"},
    "most of a pool unknown": {"GCP-14: without GPUs: at most 0 vCPUs, for a floor of 12 of eks-west; gke-pool.autoscaling.maxNodeCount is not known"},
    "standby of twelve nodes in all": {"GCP-14: without GPUs: at most 96 vCPUs, for a floor of 12 of eks-west"},
    "standby in two zones": {"GCP-14: without GPUs: at most 64 vCPUs, for a floor of 12 of eks-west"},
    # Four nodes in each of three zones, of the vCPUs that Google's page gives.
    **{f"standby of {machine}": {f"GCP-14: with GPUs: at most {12 * size} vCPUs, for a floor of 12 of eks-west"} for machine, size in zip(A2_MACHINES, (12, 24, 48, 96, 96), strict=True)},
    "standby of H100s": {f"GCP-14: with GPUs: at most {12 * 208} vCPUs, for a floor of 12 of eks-west"},
    "location of a bucket unknown": {"GCP-16: location is not known yet"},
}  # fmt: skip
"""Where it would be false to say anything else."""
