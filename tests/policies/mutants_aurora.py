"""Rules of Aurora, by the ways to break them."""

# One mutant a line, or the table cannot be read as one.
# ruff: noqa: E501

from tests.policies.other_region import with_other_region
from tests.policies.platform import CLUSTER, PRIVATE, UNKNOWN_TEXT, Mutant, Platform, Thing, secret

PROXY = "aws:rds/proxy:Proxy"
PARAMETERS = "aws:rds/parameterGroup:ParameterGroup"

ALWAYS: set[str] = {"RDS-08?", "RDS-10?", "RDS-11?", "RDS-13?"}
"""What nobody can say of one stack alone."""


def things() -> dict[str, Thing]:
    """What breaks none of them."""
    made = {
        "shell": Thing(
            "aws:rds/globalCluster:GlobalCluster",
            {"globalClusterIdentifier": "tandem", "region": "us-east-1", "deletionProtection": True},
            protect=True,
        ),
        "db-parameters": Thing(
            "aws:rds/clusterParameterGroup:ClusterParameterGroup",
            {
                "name": "own-17",
                "family": "aurora-postgresql17",
                "parameters": [{"name": "rds.force_ssl", "value": "1"}, {"name": "rds.global_db_rpo", "value": "60"}],
            },
        ),
        "proxy": Thing(
            PROXY,
            {"requireTls": True, "vpcSubnetIds": [UNKNOWN_TEXT] * 3, "vpcSecurityGroupIds": [UNKNOWN_TEXT]},
            {"vpcSubnetIds": PRIVATE, "vpcSecurityGroupIds": ["db-group"]},
        ),
        "db-subnets": Thing(
            "aws:rds/subnetGroup:SubnetGroup", {"subnetIds": [UNKNOWN_TEXT] * 3}, {"subnetIds": PRIVATE}
        ),
        "db": Thing(
            CLUSTER,
            {
                "globalClusterIdentifier": UNKNOWN_TEXT,
                "backupRetentionPeriod": 14,
                "deletionProtection": True,
                "deleteAutomatedBackups": False,
                "masterPassword": secret("swordfish"),
                "engine": "aurora-postgresql",
                "engineVersion": "17.5",
                "skipFinalSnapshot": False,
                "finalSnapshotIdentifier": "final",
                "copyTagsToSnapshot": True,
                "storageEncrypted": True,
                "kmsKeyId": UNKNOWN_TEXT,
                "dbClusterParameterGroupName": "own-17",
                "preferredMaintenanceWindow": "sun:03:00-sun:04:00",
                "vpcSecurityGroupIds": [UNKNOWN_TEXT],
            },
            {
                "globalClusterIdentifier": ["shell"],
                "kmsKeyId": ["key"],
                "dbClusterParameterGroupName": ["db-parameters"],
                "vpcSecurityGroupIds": ["db-group"],
            },
            protect=True,
        ),
    }
    for number, zone in enumerate("ab"):
        made[f"db-{number}"] = Thing(
            "aws:rds/clusterInstance:ClusterInstance",
            {
                "clusterIdentifier": UNKNOWN_TEXT,
                "availabilityZone": f"us-east-1{zone}",
                "instanceClass": "db.r6g.large",
                "promotionTier": number,
                "publiclyAccessible": False,
            },
            {"clusterIdentifier": ["db"]},
        )
    return made


def reader(instance_class: str, tier: int) -> Thing:
    """A third instance of the database."""
    return Thing(
        "aws:rds/clusterInstance:ClusterInstance",
        {"clusterIdentifier": UNKNOWN_TEXT, "instanceClass": instance_class, "promotionTier": tier},
        {"clusterIdentifier": ["db"]},
    )


def plain(platform: Platform, **props: object) -> Platform:
    """Add a database that is no Aurora."""
    good = {
        **{"multiAz": True, "finalSnapshotIdentifier": "final", "copyTagsToSnapshot": True},
        **{"backupRetentionPeriod": 7, "deletionProtection": True, "deleteAutomatedBackups": False},
        **{"storageEncrypted": True, "engine": "postgres", "engineVersion": "17.5"},
    }
    return platform.add("plain", Thing("aws:rds/instance:Instance", {**good, **props}, protect=True))


def multi(platform: Platform) -> Platform:
    """Let the database be a Multi-AZ DB cluster of RDS."""
    platform.drop("db-0", "db-1").put("db", "engine", "postgres").put("db", "dbClusterInstanceClass", "db.r6gd.large")
    return platform


def first_serverless(platform: Platform) -> Platform:
    """Let the database be serverless as it was first: always encrypted, with no backups that stay."""
    platform.drop("db-0", "db-1").put("db", "engineMode", "serverless")
    return platform.delete("db", "storageEncrypted").delete("db", "deleteAutomatedBackups")


def serverless(platform: Platform, least: object, most: int = 64) -> Platform:
    """Let the database be serverless."""
    scaling = {"minCapacity": least, "maxCapacity": most}
    platform.put("db", "serverlessv2ScalingConfiguration", scaling)
    return platform.put("db-0", "instanceClass", "db.serverless").put("db-1", "instanceClass", "db.serverless")


MUTANTS: list[Mutant] = [
    # RDS-01
    ("no reader", lambda p: p.drop("db-1"), {"RDS-01"}),
    ("no instance", lambda p: p.drop("db-0", "db-1"), {"RDS-01"}),
    ("reader of another cluster", lambda p: with_other_region(p).point("db-1", "clusterIdentifier", "db-west"), {"RDS-01", "SYS-04"}),
    ("standby without an instance", lambda p: with_other_region(p).drop("west-0", "west-1"), {"RDS-01"}),
    ("standby without a reader", lambda p: with_other_region(p).drop("west-1"), {"RDS-01"}),
    ("serverless of version 1", lambda p: first_serverless(p), {"RDS-01"}),
    ("reader's cluster not in view", lambda p: p.cut("db-1", "clusterIdentifier"), {"RDS-01?"}),
    ("instances' clusters not in view", lambda p: p.cut("db-0", "clusterIdentifier").cut("db-1", "clusterIdentifier"), {"RDS-01?"}),
    ("no reader, and the writer's class unknown", lambda p: p.drop("db-1").hide("db-0", "instanceClass"), {"RDS-01"}),
    # RDS-02
    ("reader in the writer's zone", lambda p: p.put("db-1", "availabilityZone", "us-east-1a"), {"RDS-02"}),
    ("writer moved to the reader's zone", lambda p: p.put("db-0", "availabilityZone", "us-east-1b"), {"RDS-02"}),
    ("both in a third zone", lambda p: p.put("db-0", "availabilityZone", "us-east-1c").put("db-1", "availabilityZone", "us-east-1c"), {"RDS-02"}),
    ("reader's zone unknown", lambda p: p.hide("db-1", "availabilityZone"), {"RDS-02?"}),
    # RDS-03
    ("subnet group of two zones", lambda p: p.put("db-subnets", "subnetIds", [UNKNOWN_TEXT] * 2).point("db-subnets", "subnetIds", "private-a", "private-b"), {"RDS-03"}),
    ("subnet group twice in a zone", lambda p: p.point("db-subnets", "subnetIds", "private-a", "private-b", "public-b"), {"RDS-03"}),
    ("subnet group names two of three", lambda p: p.put("db-subnets", "subnetIds", ["subnet-1", "subnet-2"]), {"RDS-03"}),
    ("subnet group's edges gone", lambda p: p.cut("db-subnets", "subnetIds"), {"RDS-03?"}),
    ("subnet group unknown", lambda p: p.hide("db-subnets", "subnetIds"), {"RDS-03?"}),
    # RDS-05, RDS-06, RDS-14
    ("backups of six days", lambda p: p.put("db", "backupRetentionPeriod", 6), {"RDS-05"}),
    ("backups by default", lambda p: p.delete("db", "backupRetentionPeriod"), {"RDS-05"}),
    ("no backups", lambda p: p.put("db", "backupRetentionPeriod", 0), {"RDS-05"}),
    ("backups unknown", lambda p: p.hide("db", "backupRetentionPeriod"), {"RDS-05?"}),
    ("database deletable", lambda p: p.put("db", "deletionProtection", False), {"RDS-06"}),
    ("database deletable by default", lambda p: p.delete("db", "deletionProtection"), {"RDS-06"}),
    ("database protection null", lambda p: p.put("db", "deletionProtection", None), {"RDS-06"}),
    ("database protection unknown", lambda p: p.hide("db", "deletionProtection"), {"RDS-06?"}),
    ("backups deleted along", lambda p: p.put("db", "deleteAutomatedBackups", True), {"RDS-14"}),
    ("backups deleted along by default", lambda p: p.delete("db", "deleteAutomatedBackups"), {"RDS-14"}),
    ("fate of backups null", lambda p: p.put("db", "deleteAutomatedBackups", None), {"RDS-14"}),
    ("fate of backups unknown", lambda p: p.hide("db", "deleteAutomatedBackups"), {"RDS-14?"}),
    ("backups of a plain database deleted along", lambda p: plain(p, deleteAutomatedBackups=None), {"RDS-14"}),
    ("Multi-AZ DB cluster that nobody restores as RDS'", lambda p: multi(p), {"BKP-04"}),
    ("database of an engine unknown", lambda p: p.hide("db", "engine"), {"BKP-04?", "RDS-11?", "RDS-22?"}),
    # RDS-08
    ("both members in one region", lambda p: with_other_region(p, region="us-east-1"), {"RDS-08"}),
    ("member of another global database", lambda p: with_other_region(p, identifier="tandem2"), {"RDS-08"}),
    ("member that is alone", lambda p: with_other_region(p).delete("db-west", "globalClusterIdentifier"), {"RDS-08"}),
    ("member's region unknown", lambda p: with_other_region(p).put("db-west", "region", UNKNOWN_TEXT), {"RDS-08?", "RDS-18?"}),
    ("members' regions unknown", lambda p: with_other_region(p).put("db-west", "region", UNKNOWN_TEXT).put("db", "region", UNKNOWN_TEXT), {"RDS-08?", "RDS-18?"}),
    ("member unknown", lambda p: with_other_region(p).hide("db-west", "globalClusterIdentifier"), {"RDS-08?", "RDS-10?", "RDS-11?", "RDS-13?"}),
    # RDS-04
    ("reader of half the size", lambda p: p.put("db-1", "instanceClass", "db.r6g.medium"), {"RDS-04"}),
    ("first reader in line smaller than the second", lambda p: p.add("db-2", reader("db.r6g.large", 2)).put("db-1", "instanceClass", "db.r6g.medium"), {"RDS-04"}),
    ("a smaller one first of all", lambda p: p.add("db-2", reader("db.r6g.medium", 0)), {"RDS-04"}),
    ("a smaller one that ties with the reader", lambda p: p.add("db-2", reader("db.t4g.medium", 1)), {"RDS-04"}),
    ("class of the reader unknown", lambda p: p.hide("db-1", "instanceClass"), {"RDS-04?"}),
    ("tier of the reader unknown", lambda p: p.hide("db-1", "promotionTier"), {"RDS-04?"}),
    ("classes of both unknown", lambda p: p.hide("db-0", "instanceClass").hide("db-1", "instanceClass"), {"RDS-04?"}),
    ("a smaller one that ties by default", lambda p: p.delete("db-0", "promotionTier").delete("db-1", "promotionTier").add("db-2", reader("db.r6g.medium", 0)), {"RDS-04"}),
    # RDS-07
    ("no final snapshot", lambda p: p.put("db", "skipFinalSnapshot", True), {"RDS-07"}),
    ("final snapshot without a name", lambda p: p.delete("db", "finalSnapshotIdentifier"), {"RDS-07"}),
    ("final snapshot of an empty name", lambda p: p.put("db", "finalSnapshotIdentifier", ""), {"RDS-07"}),
    ("plain database kept for a day", lambda p: plain(p, backupRetentionPeriod=1), {"RDS-05"}),
    ("plain database not kept at all", lambda p: plain(p).delete("plain", "backupRetentionPeriod"), {"RDS-05"}),
    ("plain database may be deleted", lambda p: plain(p).delete("plain", "deletionProtection"), {"RDS-06"}),
    ("no final snapshot of a plain database", lambda p: plain(p, skipFinalSnapshot=True), {"RDS-07"}),
    ("final snapshot unknown", lambda p: p.hide("db", "skipFinalSnapshot"), {"RDS-07?"}),
    # RDS-09
    ("global database deletable", lambda p: p.put("shell", "deletionProtection", False), {"RDS-09"}),
    ("global database deletable by default", lambda p: p.delete("shell", "deletionProtection"), {"RDS-09"}),
    ("global database destroyed with members", lambda p: p.put("shell", "forceDestroy", True), {"RDS-09"}),
    ("protection of the global database unknown", lambda p: p.hide("shell", "deletionProtection"), {"RDS-09?"}),
    # RDS-10
    ("standby of half the size", lambda p: with_other_region(p).put("west-0", "instanceClass", "db.r6g.medium").put("west-1", "instanceClass", "db.r6g.medium"), {"RDS-10"}),
    ("standby of another family", lambda p: with_other_region(p).put("west-0", "instanceClass", "db.r5.large").put("west-1", "instanceClass", "db.r5.large"), {"RDS-10"}),
    ("standby of another class than RDS' own readers", lambda p: with_other_region(p).drop("db-0", "db-1").put("db", "dbClusterInstanceClass", "db.r6gd.large"), {"RDS-10"}),
    ("standby that grows to less", lambda p: with_other_region(serverless(p, 4)).put("west-0", "instanceClass", "db.serverless").put("west-1", "instanceClass", "db.serverless").put("db-west", "serverlessv2ScalingConfiguration", {"minCapacity": 4, "maxCapacity": 32}), {"RDS-10"}),
    ("standby's class unknown", lambda p: with_other_region(p).hide("west-0", "instanceClass"), {"RDS-04?", "RDS-10?"}),
    # RDS-11
    ("standby of an older minor version", lambda p: with_other_region(p).put("db-west", "engineVersion", "17.4"), {"RDS-11"}),
    ("standby of a newer major version", lambda p: with_other_region(p).put("db-west", "engineVersion", "18.1"), {"RDS-11"}),
    ("standby of another engine", lambda p: with_other_region(p).put("db-west", "engine", "aurora-mysql"), {"RDS-11"}),
    ("standby's version unknown", lambda p: with_other_region(p).hide("db-west", "engineVersion"), {"RDS-11?"}),
    # RDS-12
    ("minor versions by hand", lambda p: p.put("db-0", "autoMinorVersionUpgrade", False), {"RDS-12"}),
    ("minor versions of the reader by hand", lambda p: p.put("db-1", "autoMinorVersionUpgrade", False), {"RDS-12"}),
    ("minor versions of a plain database by hand", lambda p: plain(p, autoMinorVersionUpgrade=False), {"RDS-12"}),
    ("minor versions unknown", lambda p: p.hide("db-1", "autoMinorVersionUpgrade"), {"RDS-12?"}),
    # RDS-13
    ("maintenance left to AWS", lambda p: p.delete("db", "preferredMaintenanceWindow"), {"RDS-13"}),
    ("maintenance no window", lambda p: p.put("db", "preferredMaintenanceWindow", "sundays"), {"RDS-13"}),
    ("maintenance of both at once", lambda p: with_other_region(p).put("db-west", "preferredMaintenanceWindow", "Sun:03:00-Sun:04:00"), {"RDS-13"}),
    ("maintenance of both for a minute", lambda p: with_other_region(p).put("db-west", "preferredMaintenanceWindow", "sun:03:59-sun:05:00"), {"RDS-13"}),
    ("maintenance of both around the week's end", lambda p: with_other_region(p).put("db", "preferredMaintenanceWindow", "mon:00:00-mon:00:30").put("db-west", "preferredMaintenanceWindow", "sun:23:45-mon:00:15"), {"RDS-13"}),
    ("maintenance of the standby unknown", lambda p: with_other_region(p).hide("db-west", "preferredMaintenanceWindow"), {"RDS-13?"}),
    ("maintenance while backups are taken", lambda p: with_other_region(p).put("db", "preferredBackupWindow", "02:30-03:01"), {"RDS-13"}),
    ("maintenance while backups of the night before are taken", lambda p: with_other_region(p).put("db-west", "preferredBackupWindow", "23:00-09:01"), {"RDS-13"}),
    ("maintenance at the week's end while backups are taken", lambda p: with_other_region(p).put("db", "preferredMaintenanceWindow", "sun:23:50-mon:00:20").put("db", "preferredBackupWindow", "00:10-00:40"), {"RDS-13"}),
    ("when backups are taken unknown", lambda p: with_other_region(p).hide("db", "preferredBackupWindow").point("db", "preferredBackupWindow", "vpc"), {"RDS-13?"}),
    ("maintenance of no length", lambda p: with_other_region(p).put("db-west", "preferredMaintenanceWindow", "wed:03:00-wed:03:00"), {"RDS-13"}),
    ("maintenance of both left to AWS", lambda p: with_other_region(p).delete("db", "preferredMaintenanceWindow").delete("db-west", "preferredMaintenanceWindow"), {"RDS-13"}),
    ("maintenance of both unknown", lambda p: with_other_region(p).hide("db", "preferredMaintenanceWindow").hide("db-west", "preferredMaintenanceWindow"), {"RDS-13?"}),
    # RDS-15
    ("snapshots without tags", lambda p: p.put("db", "copyTagsToSnapshot", False), {"RDS-15"}),
    ("snapshots without tags by default", lambda p: p.delete("db", "copyTagsToSnapshot"), {"RDS-15"}),
    ("snapshots of a plain database without tags", lambda p: plain(p, copyTagsToSnapshot=False), {"RDS-15"}),
    ("tags of snapshots unknown", lambda p: p.hide("db", "copyTagsToSnapshot"), {"RDS-15?"}),
    # RDS-17
    ("proxy in one zone", lambda p: p.put("proxy", "vpcSubnetIds", [UNKNOWN_TEXT]).point("proxy", "vpcSubnetIds", "private-a"), {"RDS-17"}),
    ("proxy twice in a zone", lambda p: p.put("proxy", "vpcSubnetIds", [UNKNOWN_TEXT] * 2).point("proxy", "vpcSubnetIds", "private-a", "public-a"), {"RDS-17"}),
    ("proxy names one of three subnets", lambda p: p.put("proxy", "vpcSubnetIds", ["subnet-1"]), {"RDS-17"}),
    ("proxy's subnets unknown", lambda p: p.hide("proxy", "vpcSubnetIds"), {"RDS-17?"}),
    # RDS-18
    ("database not encrypted", lambda p: p.put("db", "storageEncrypted", False), {"RDS-18"}),
    ("database not encrypted by default", lambda p: p.delete("db", "storageEncrypted"), {"RDS-18"}),
    ("database with a key of elsewhere", lambda p: p.cut("db", "kmsKeyId").put("db", "kmsKeyId", "arn:aws:kms:us-west-2:123456789012:key/1"), {"RDS-18"}),
    ("standby with the founder's key", lambda p: with_other_region(p).point("db-west", "kmsKeyId", "key"), {"RDS-18", "SYS-04"}),
    ("database's key by an alias", lambda p: p.cut("db", "kmsKeyId").put("db", "kmsKeyId", "alias/tandem"), {"RDS-18?"}),
    ("database's key not in view", lambda p: p.cut("db", "kmsKeyId"), {"RDS-18?"}),
    ("database's encryption unknown", lambda p: p.hide("db", "storageEncrypted"), {"RDS-18?"}),
    ("plain database not encrypted", lambda p: plain(p, storageEncrypted=False), {"RDS-18"}),
    ("plain database not encrypted by default", lambda p: plain(p, storageEncrypted=None), {"RDS-18"}),
    ("plain database with a key of elsewhere", lambda p: plain(p, kmsKeyId="arn:aws:kms:us-west-2:123456789012:key/1"), {"RDS-18"}),
    # RDS-19
    ("serverless from one ACU", lambda p: serverless(p, 1), {"RDS-19"}),
    ("serverless that pauses", lambda p: serverless(p, 0), {"RDS-19"}),
    ("serverless from half an ACU", lambda p: serverless(p, 0.5), {"RDS-19"}),
    ("serverless floor unknown", lambda p: serverless(p, UNKNOWN_TEXT), {"RDS-19?"}),
    # RDS-20
    ("plain database in one zone", lambda p: plain(p, multiAz=False), {"RDS-20"}),
    ("plain database in one zone by default", lambda p: plain(p).delete("plain", "multiAz"), {"RDS-20"}),
    ("plain database's zones as a word", lambda p: plain(p, multiAz="yes"), {"RDS-20"}),
    ("plain database's zones unknown", lambda p: plain(p, multiAz=UNKNOWN_TEXT), {"RDS-20?"}),
    # RDS-21
    ("writer public", lambda p: p.put("db-0", "publiclyAccessible", True), {"RDS-21"}),
    ("reader public", lambda p: p.put("db-1", "publiclyAccessible", True), {"RDS-21"}),
    ("plain database public", lambda p: plain(p, publiclyAccessible=True), {"RDS-21"}),
    ("public or not unknown", lambda p: p.hide("db-1", "publiclyAccessible"), {"RDS-21?"}),
    # RDS-22
    ("TLS not forced", lambda p: p.put("db-parameters", "parameters/0/value", "0"), {"RDS-22"}),
    ("TLS not named", lambda p: p.put("db-parameters", "parameters/0/name", "ssl"), {"RDS-22"}),
    ("TLS forced the way of another engine", lambda p: p.put("db-parameters", "family", "aurora-mysql8.0"), {"RDS-22"}),
    ("AWS' parameters", lambda p: p.put("db", "dbClusterParameterGroupName", "default.aurora-postgresql17"), {"RDS-22"}),
    ("AWS' parameters by default", lambda p: p.delete("db", "dbClusterParameterGroupName"), {"RDS-22"}),
    ("engine of the parameters unknown", lambda p: p.hide("db-parameters", "family"), {"RDS-22?"}),
    ("TLS unknown", lambda p: p.hide("db-parameters", "parameters/0/value"), {"RDS-22?"}),
    ("a parameter's name unknown", lambda p: p.hide("db-parameters", "parameters/0/name"), {"RDS-22?"}),
    ("TLS forced and not", lambda p: p.put("db-parameters", "parameters", [{"name": "rds.force_ssl", "value": "0"}, {"name": "rds.force_ssl", "value": "1"}]), {"RDS-22"}),
    ("TLS not forced and forced", lambda p: p.put("db-parameters", "parameters", [{"name": "rds.force_ssl", "value": "1"}, {"name": "rds.force_ssl", "value": "0"}]), {"RDS-22"}),
    ("TLS not forced by a plain database's parameters", lambda p: p.add("plain-parameters", Thing(PARAMETERS, {"family": "mysql8.4", "parameters": [{"name": "require_secure_transport", "value": "0"}]})), {"RDS-22"}),
    ("TLS not forced by a plain database's older parameters", lambda p: p.add("plain-parameters", Thing(PARAMETERS, {"family": "postgres14"})), {"RDS-22"}),
    ("TLS forced no more", lambda p: p.add("plain-parameters", Thing(PARAMETERS, {"family": "postgres17", "parameters": [{"name": "rds.force_ssl", "value": "0"}]})), {"RDS-22"}),
    ("plain database with AWS' older parameters", lambda p: plain(p, engineVersion="14.9"), {"RDS-22"}),
    ("plain database with AWS' parameters of MySQL", lambda p: plain(p, engine="mysql", engineVersion="8.4", parameterGroupName="default.mysql8.4"), {"RDS-22"}),
    ("plain database with MySQL's parameters by default", lambda p: plain(p, engine="mysql", engineVersion="8.4"), {"RDS-22"}),
    ("plain database's version unknown", lambda p: plain(p, engineVersion=UNKNOWN_TEXT), {"RDS-22?"}),
    ("plain database's engine unknown", lambda p: plain(p, engine=UNKNOWN_TEXT), {"RDS-22?"}),
    ("Multi-AZ DB cluster with AWS' older parameters", lambda p: multi(p).put("rehearsed-databases", "protectedResourceType", "RDS").put("db", "engineVersion", "14.9").delete("db", "dbClusterParameterGroupName").cut("db", "dbClusterParameterGroupName"), {"RDS-22", "RDS-23?"}),
    # RDS-23
    ("global database not in view", lambda p: p.cut("db", "globalClusterIdentifier"), {"RDS-23?"}),
    ("recovery point of an hour", lambda p: p.put("db-parameters", "parameters/1/value", "3600"), {"RDS-23"}),
    ("recovery point off by one", lambda p: p.put("db-parameters", "parameters/1/value", "301"), {"RDS-23"}),
    ("recovery point that Aurora cannot guard", lambda p: p.put("db-parameters", "parameters/1/value", "19"), {"RDS-23"}),
    ("recovery point unknown", lambda p: p.hide("db-parameters", "parameters/1/value"), {"RDS-23?"}),
    ("parameters not in view", lambda p: p.cut("db", "dbClusterParameterGroupName"), {"RDS-23?"}),
    # RDS-24
    ("proxy without TLS", lambda p: p.put("proxy", "requireTls", False), {"RDS-24"}),
    ("proxy without TLS by default", lambda p: p.delete("proxy", "requireTls"), {"RDS-24"}),
    ("proxy's TLS as text", lambda p: p.put("proxy", "requireTls", "yes"), {"RDS-24"}),
    ("proxy's TLS unknown", lambda p: p.hide("proxy", "requireTls"), {"RDS-24?"}),
]  # fmt: skip

GOOD: list[Mutant] = [
    ("both regions in view", with_other_region, set()),
    ("zones left to Aurora", lambda p: p.delete("db-1", "availabilityZone").put("db-0", "availabilityZone", "us-east-1a"), set()),
    ("Multi-AZ DB cluster makes its own readers", lambda p: p.drop("db-0", "db-1").put("db", "dbClusterInstanceClass", "db.r6gd.large"), set()),
    ("a small reader last in line", lambda p: p.add("db-2", reader("db.t4g.medium", 15)), set()),
    ("a small one last in line, of the first name", lambda p: p.add("db-2", reader("db.r6g.large", 1)).put("db-0", "instanceClass", "db.t4g.medium").put("db-0", "promotionTier", 15).put("db-1", "promotionTier", 0), set()),
    ("a small one of tier 1 behind two of tier 0", lambda p: p.add("db-2", reader("db.r6g.large", 0)).put("db-0", "instanceClass", "db.t4g.medium").put("db-0", "promotionTier", 1).put("db-1", "promotionTier", 0), set()),
    ("a plain database", plain, set()),
    ("a replica of a plain database", lambda p: plain(p, replicateSourceDb="db", multiAz=False, skipFinalSnapshot=True).delete("plain", "finalSnapshotIdentifier"), set()),
    ("a replica of a plain database may be deleted, and made again", lambda p: plain(p, replicateSourceDb="db").delete("plain", "deletionProtection").delete("plain", "backupRetentionPeriod").delete("plain", "copyTagsToSnapshot"), set()),
    ("serverless from two ACUs", lambda p: serverless(p, 2), set()),
    ("AWS' own key", lambda p: p.delete("db", "kmsKeyId").cut("db", "kmsKeyId"), set()),
    ("a key by its ARN", lambda p: p.cut("db", "kmsKeyId").put("db", "kmsKeyId", "arn:aws:kms:us-east-1:123456789012:key/1"), set()),
    ("MySQL that forces TLS", lambda p: p.put("db-parameters", "family", "aurora-mysql8.0").put("db-parameters", "parameters/0", {"name": "require_secure_transport", "value": "ON"}), set()),
    ("recovery point not guarded", lambda p: p.put("db-parameters", "parameters", [{"name": "rds.force_ssl", "value": "1"}]), set()),
    ("maintenance one before the other", lambda p: with_other_region(p).put("db", "preferredMaintenanceWindow", "tue:10:00-tue:11:00"), set()),
    ("recovery point of five minutes", lambda p: p.put("db-parameters", "parameters/1/value", "300"), set()),
    ("recovery point as near as Aurora guards", lambda p: p.put("db-parameters", "parameters/1/value", "20"), set()),
    ("parameters of an engine that forces TLS by default", lambda p: p.put("db-parameters", "family", "postgres17").put("db-parameters", "parameters/0/name", "ssl"), set()),
    ("parameters of Oracle", lambda p: p.add("plain-parameters", Thing(PARAMETERS, {"family": "oracle-ee-19"})), set()),
    ("parameters of one instance of Aurora", lambda p: p.add("plain-parameters", Thing(PARAMETERS, {"family": "aurora-postgresql17"})), set()),
    ("parameters of a plain database that force TLS", lambda p: plain(p, engine="mysql", parameterGroupName="own").add("plain-parameters", Thing(PARAMETERS, {"family": "mysql8.4", "parameters": [{"name": "require_secure_transport", "value": 1}]})), set()),
    ("plain database of Oracle", lambda p: plain(p, engine="oracle-ee", engineVersion="19"), set()),
    ("plain database with AWS' parameters, which force TLS", lambda p: plain(p, engineVersion="15", parameterGroupName="default.postgres15"), set()),
    ("replica of a plain database, encrypted as that is", lambda p: plain(p, replicateSourceDb="db", engine=None, storageEncrypted=None, deleteAutomatedBackups=None), set()),
    ("Multi-AZ DB cluster that RDS restores", lambda p: multi(p).put("rehearsed-databases", "protectedResourceType", "RDS"), set()),
    ("maintenance once backups are taken", lambda p: with_other_region(p).put("db", "preferredBackupWindow", "02:30-03:00").put("db-west", "preferredBackupWindow", "10:00-10:30"), set()),
    ("maintenance when AWS takes backups, as planned", lambda p: with_other_region(p).hide("db", "preferredBackupWindow"), set()),
    ("maintenance one after the other", lambda p: with_other_region(p).put("db-west", "preferredMaintenanceWindow", "sun:04:00-sun:05:00"), set()),
    ("maintenance a day after the other", lambda p: with_other_region(p).put("db-west", "preferredMaintenanceWindow", "mon:03:00-mon:04:00"), set()),
    ("maintenance half an hour after the other", lambda p: with_other_region(p).put("db", "preferredMaintenanceWindow", "sun:03:30-sun:04:30").put("db-west", "preferredMaintenanceWindow", "sun:04:30-sun:05:00"), set()),
    ("maintenance around midnight, and soon after", lambda p: with_other_region(p).put("db", "preferredMaintenanceWindow", "tue:23:50-wed:00:10").put("db-west", "preferredMaintenanceWindow", "wed:00:30-wed:01:00"), set()),
]  # fmt: skip

EVIDENCE: dict[str, set[str]] = {
    "maintenance while backups are taken": {'RDS-13: preferredMaintenanceWindow of db in primary overlaps its preferredBackupWindow, "02:30-03:01"'},
    "no instance": {"RDS-01: its instances: none; there must be at least 2", "RDS-02: zones that its instances are pinned to: none"},
    "no reader": {"RDS-01: its instances: db-0; there must be at least 2"},
    "instances' clusters not in view": {"RDS-01: its instances: none; db-0.clusterIdentifier leads to no cluster in view"},
    "classes of both unknown": {"RDS-04: db-0.instanceClass is not known yet, and so which class is promoted first"},
    "backups by default": {"RDS-05: backupRetentionPeriod is 1 by default; it must be at least 7"},
    "plain database not kept at all": {"RDS-05: backupRetentionPeriod is 0 by default; it must be at least 7"},
    "members' regions unknown": {"RDS-08: regions of its members: none; the region of db is not known"},
    "global database not in view": {"RDS-08: regions of its members: none; members in other stacks than primary are not in view", "RDS-11: versions: none known; members in other stacks than primary are not in view"},
    "member unknown": {"RDS-11: versions: aurora-postgresql 17.5 of db in primary; db-west.globalClusterIdentifier is not known yet"},
    "maintenance of both left to AWS": {"RDS-13: preferredMaintenanceWindow of db in primary is not set; it must be a window such as sun:03:00-sun:04:00"},
    "maintenance of both unknown": {"RDS-13: preferredMaintenanceWindow of db is not known yet"},
    "TLS not forced": {'RDS-22: parameters[0].value is "0"; it must be 1'},
}  # fmt: skip
"""Where it would be false to say anything else."""
