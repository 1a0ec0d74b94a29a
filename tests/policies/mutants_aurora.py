"""Rules of Aurora, by the ways to break them."""

# One mutant a line, or the table cannot be read as one.
# ruff: noqa: E501

from tests.policies.other_region import with_other_region
from tests.policies.platform import CLUSTER, PRIVATE, UNKNOWN_TEXT, Mutant, Thing, secret

ALWAYS: set[str] = {"RDS-08?"}
"""What nobody can say of one stack alone."""


def things() -> dict[str, Thing]:
    """What breaks none of them."""
    made = {
        "shell": Thing(
            "aws:rds/globalCluster:GlobalCluster",
            {"globalClusterIdentifier": "tandem", "region": "us-east-1"},
            protect=True,
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
            },
            {"globalClusterIdentifier": ["shell"]},
            protect=True,
        ),
    }
    for number, zone in enumerate("ab"):
        made[f"db-{number}"] = Thing(
            "aws:rds/clusterInstance:ClusterInstance",
            {"clusterIdentifier": UNKNOWN_TEXT, "availabilityZone": f"us-east-1{zone}"},
            {"clusterIdentifier": ["db"]},
        )
    return made


MUTANTS: list[Mutant] = [
    # RDS-01
    ("no reader", lambda p: p.drop("db-1"), {"RDS-01"}),
    ("no instance", lambda p: p.drop("db-0", "db-1"), {"RDS-01"}),
    ("reader of another cluster", lambda p: with_other_region(p).point("db-1", "clusterIdentifier", "db-west"), {"RDS-01"}),
    ("reader's cluster not in view", lambda p: p.cut("db-1", "clusterIdentifier"), {"RDS-01?"}),
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
    # RDS-08
    ("both members in one region", lambda p: with_other_region(p, region="us-east-1"), {"RDS-08"}),
    ("member of another global database", lambda p: with_other_region(p, identifier="tandem2"), {"RDS-08"}),
    ("member that is alone", lambda p: with_other_region(p).delete("db-west", "globalClusterIdentifier"), {"RDS-08"}),
    ("member unknown", lambda p: with_other_region(p).hide("db-west", "globalClusterIdentifier"), {"RDS-08?"}),
]  # fmt: skip

GOOD: list[Mutant] = [
    ("both regions in view", with_other_region, set()),
    ("zones left to Aurora", lambda p: p.delete("db-1", "availabilityZone").put("db-0", "availabilityZone", "us-east-1a"), set()),
    ("Multi-AZ DB cluster makes its own readers", lambda p: p.drop("db-0", "db-1").put("db", "dbClusterInstanceClass", "db.r6gd.large"), set()),
]  # fmt: skip
