"""Rules of what is watched, by the ways to break them."""

# One mutant a line, or the table cannot be read as one.
# ruff: noqa: E501

from tests.policies.other_region import with_other_region
from tests.policies.platform import UNKNOWN_TEXT, Mutant, Platform, Thing

ALWAYS: set[str] = set()
"""What nobody can say of one stack alone."""
ALARM = "aws:cloudwatch/metricAlarm:MetricAlarm"


def things() -> dict[str, Thing]:
    """What breaks none of them."""
    return {
        "behind": Thing(
            ALARM,
            {
                "metricName": "AuroraGlobalDBReplicationLag",
                "comparisonOperator": "GreaterThanThreshold",
                "dimensions": {"DBClusterIdentifier": UNKNOWN_TEXT},
                "alarmActions": ["arn"],
            },
            {"dimensions": ["db"]},
        ),
        "silent": Thing(
            ALARM,
            {
                "metricName": "HealthyHostCount",
                "comparisonOperator": "LessThanThreshold",
                "treatMissingData": "breaching",
                "alarmActions": ["arn"],
            },
        ),
        "drill": Thing(
            "aws:fis/experimentTemplate:ExperimentTemplate",
            {"stopConditions": [{"source": "aws:cloudwatch:alarm", "value": UNKNOWN_TEXT}]},
        ),
    }


def by_name(platform: Platform, name: object) -> Platform:
    """Let the alarm say its database's name, which is known."""
    platform.put("db", "clusterIdentifier", "tandem").cut("behind", "dimensions")
    return platform.put("behind", "dimensions/DBClusterIdentifier", name)


MUTANTS: list[Mutant] = [
    # MON-03
    ("nobody watches the lag", lambda p: p.drop("behind"), {"MON-03"}),
    ("nobody watches the other region's lag", lambda p: with_other_region(p).drop("behind-west"), {"MON-03"}),
    ("alarm on another lag", lambda p: p.put("behind", "metricName", "AuroraReplicaLagMaximum"), {"MON-03"}),
    ("alarm on another database's lag", lambda p: by_name(p, "other"), {"MON-03"}),
    ("nobody watches a global cache's lag", lambda p: p.put("cache", "globalReplicationGroupId", UNKNOWN_TEXT), {"MON-03"}),
    ("alarm on nobody knows whose lag", lambda p: by_name(p, UNKNOWN_TEXT), {"MON-03?"}),
    # MON-04
    ("drill without a condition", lambda p: p.put("drill", "stopConditions", [{"source": "none"}]), {"MON-04"}),
    ("drill with no conditions at all", lambda p: p.put("drill", "stopConditions", []), {"MON-04"}),
    ("drill that does not say", lambda p: p.delete("drill", "stopConditions"), {"MON-04"}),
    ("what stops a drill unknown", lambda p: p.hide("drill", "stopConditions/0/source"), {"MON-04?"}),
    # MON-05
    ("silence is no alarm", lambda p: p.put("silent", "treatMissingData", "notBreaching"), {"MON-05"}),
    ("silence is ignored by default", lambda p: p.delete("silent", "treatMissingData"), {"MON-05"}),
    ("silence of backups is no alarm", lambda p: p.put("silent", "metricName", "NumberOfBackupJobsCompleted").put("silent", "comparisonOperator", "LessThanOrEqualToThreshold").put("silent", "treatMissingData", "missing"), {"MON-05"}),
    ("silence is no alarm, and whether few or many are unknown", lambda p: p.put("silent", "treatMissingData", "notBreaching").hide("silent", "comparisonOperator"), {"MON-05?"}),
    ("silence is no alarm, and of what unknown", lambda p: p.delete("silent", "treatMissingData").hide("silent", "metricName"), {"MON-05?"}),
    ("what silence means unknown", lambda p: p.hide("silent", "treatMissingData"), {"MON-05?"}),
]  # fmt: skip

GOOD: list[Mutant] = [
    ("alarm by the database's name", lambda p: by_name(p, "tandem"), set()),
    ("alarm on the recovery point", lambda p: p.put("behind", "metricName", "AuroraGlobalDBRPOLag"), set()),
    ("both databases watched", with_other_region, set()),
    ("silence of errors is good", lambda p: p.put("silent", "metricName", "HTTPCode_ELB_5XX_Count").delete("silent", "treatMissingData"), set()),
    ("silence is an alarm, whatever it is of", lambda p: p.hide("silent", "comparisonOperator").hide("silent", "metricName"), set()),
    ("too many hosts is no silence", lambda p: p.put("silent", "comparisonOperator", "GreaterThanThreshold").delete("silent", "treatMissingData"), set()),
]  # fmt: skip

EVIDENCE: dict[str, set[str]] = {
    "silence is no alarm, and whether few or many are unknown": {'MON-05: comparisonOperator is not known yet, and so whether it matters that treatMissingData is "notBreaching"; it must be "breaching"'},
    "alarm on nobody knows whose lag": {"MON-03: dimensions are not known yet, and so whether it is watched by behind"},
}  # fmt: skip
"""What is said of some of them, word for word."""
