"""Rules of backups, by the ways to break them."""

# One mutant a line, or the table cannot be read as one.
# ruff: noqa: E501

from tests.policies.other_region import with_other_region
from tests.policies.platform import UNKNOWN_TEXT, Mutant, Platform, Thing

ALWAYS: set[str] = set()
"""What nobody can say of one stack alone."""


def things() -> dict[str, Thing]:
    """What breaks none of them."""
    return {
        "vault": Thing("aws:backup/vault:Vault", {"name": "tandem"}, protect=True),
        "vault-lock": Thing(
            "aws:backup/vaultLockConfiguration:VaultLockConfiguration",
            {"backupVaultName": UNKNOWN_TEXT, "minRetentionDays": 7, "maxRetentionDays": 365},
            {"backupVaultName": ["vault"]},
        ),
        "plan-of-backups": Thing(
            "aws:backup/plan:Plan",
            {
                "rules": [
                    {
                        "ruleName": "daily",
                        "targetVaultName": "tandem",
                        "schedule": "cron(0 3 * * ? *)",
                        "lifecycle": {"deleteAfter": 35},
                        "copyActions": [
                            {
                                "destinationVaultArn": "arn:aws:backup:us-west-2:123456789012:backup-vault:tandem",
                                "lifecycle": {"deleteAfter": 35},
                            }
                        ],
                    }
                ]
            },
            {"rules": ["vault"]},
        ),
        "selected": Thing(
            "aws:backup/selection:Selection",
            {"planId": UNKNOWN_TEXT, "resources": [UNKNOWN_TEXT]},
            {"planId": ["plan-of-backups"], "resources": ["db"]},
        ),
        "rehearsal": Thing(
            "aws:backup/restoreTestingPlan:RestoreTestingPlan", {"scheduleExpression": "cron(0 6 ? * SUN *)"}
        ),
        "rehearsed-databases": Thing(
            "aws:backup/restoreTestingSelection:RestoreTestingSelection",
            {
                "restoreTestingPlanName": UNKNOWN_TEXT,
                "protectedResourceType": "Aurora",
                "protectedResourceArns": [UNKNOWN_TEXT],
            },
            {"restoreTestingPlanName": ["rehearsal"], "protectedResourceArns": ["db"]},
        ),
    }


def every(platform: Platform, schedule: str) -> Platform:
    """Back up so often."""
    return platform.put("plan-of-backups", "rules/0/schedule", schedule)


def kept(platform: Platform, days: object) -> Platform:
    """Keep backups so long."""
    return platform.put("plan-of-backups", "rules/0/lifecycle/deleteAfter", days)


def copied(platform: Platform, arn: str, *vaults: str) -> Platform:
    """Copy backups there."""
    platform.put("plan-of-backups", "rules/0/copyActions/0/destinationVaultArn", arn)
    return platform.point("plan-of-backups", "rules", "vault", *vaults)


def by_tag(platform: Platform, value: object, own: object = "daily", condition: str | None = None) -> Platform:
    """Select by a tag, and not by ARN."""
    platform.delete("selected", "resources").cut("selected", "resources").put(
        "db", "tags", {"backup": own, "stage": "prod"}
    )
    if condition:
        wanted = [{"key": "aws:ResourceTag/stage", "value": condition}]
        platform.put("selected", "conditions", [{"stringEquals": wanted}])
    tag = {"type": "STRINGEQUALS", "key": "backup", "value": value}
    return platform.put("selected", "selectionTags", [tag])


def but_for(platform: Platform, own: object = "daily", **conditions: object) -> Platform:
    """Select everything on conditions about one tag, which the database has."""
    platform.put("selected", "resources", ["*"]).cut("selected", "resources").put("db", "tags", {"backup": own})
    given = {
        operator: [{"key": "aws:ResourceTag/backup", "value": value}] for operator, value in conditions.items() if value
    }
    return platform.put("selected", "conditions", [given])


def a_year(platform: Platform) -> Platform:
    """Rehearse restoring the database once a year besides."""
    selection = Thing(platform.things["rehearsed-databases"].type, {**platform.things["rehearsed-databases"].props})
    selection.edges = {"restoreTestingPlanName": ["a-rehearsal"], "protectedResourceArns": ["db"]}
    yearly = Thing(platform.things["rehearsal"].type, {"scheduleExpression": "cron(0 6 1 1 ? *)"})
    return platform.add("a-rehearsal", yearly).add("a-rehearsed-database", selection)


VAULT = "arn:aws:backup:{}:123456789012:backup-vault:tandem"
FAR = Thing("aws:backup/vault:Vault", {"name": "far"}, protect=True, region="us-west-2")
FAR_LOCK = Thing(
    "aws:backup/vaultLockConfiguration:VaultLockConfiguration", {"minRetentionDays": 1}, {"backupVaultName": ["far"]}
)

MUTANTS: list[Mutant] = [
    # BKP-01
    ("backups every other day", lambda p: every(p, "cron(0 3 */2 * ? *)"), {"BKP-01"}),
    ("backups on weekdays", lambda p: every(p, "cron(0 3 ? * MON-FRI *)"), {"BKP-01"}),
    ("backups monthly", lambda p: every(p, "cron(0 3 1 * ? *)"), {"BKP-01"}),
    ("backups in one month", lambda p: every(p, "cron(0 3 * 1 ? *)"), {"BKP-01"}),
    ("backups on no schedule", lambda p: p.delete("plan-of-backups", "rules/0/schedule"), {"BKP-01"}),
    ("backups kept for 13 days", lambda p: kept(p, 13), {"BKP-01"}),
    ("backups kept for ever, in a vault that lets less", lambda p: kept(p, 0), {"BKP-05"}),
    ("copies kept for a week", lambda p: p.put("plan-of-backups", "rules/0/copyActions/0/lifecycle/deleteAfter", 7), {"BKP-01"}),
    ("backups' schedule unknown", lambda p: p.hide("plan-of-backups", "rules/0/schedule"), {"BKP-01?"}),
    # BKP-02
    ("backups not copied", lambda p: p.delete("plan-of-backups", "rules/0/copyActions"), {"BKP-02"}),
    ("no copy action", lambda p: p.put("plan-of-backups", "rules/0/copyActions", []), {"BKP-02"}),
    ("backups copied within the region", lambda p: copied(p, VAULT.format("us-east-1")), {"BKP-02"}),
    ("backups copied within the region, and another vault far away", lambda p: copied(p.add("far", FAR).add("far-lock", FAR_LOCK), VAULT.format("us-east-1"), "far"), {"BKP-02"}),
    ("rules of backups unknown", lambda p: p.hide("plan-of-backups", "rules"), {"BKP-01?", "BKP-02?", "BKP-05?"}),
    ("backups copied to a vault by its name", lambda p: copied(p, "tandem"), {"BKP-02"}),
    ("plan's region, and where backups are copied, unknown", lambda p: copied(p, UNKNOWN_TEXT).put("plan-of-backups", "region", UNKNOWN_TEXT), {"BKP-02?"}),
    ("plan's region unknown", lambda p: p.put("plan-of-backups", "region", UNKNOWN_TEXT), {"BKP-02?"}),
    ("backups copied to a vault of a region unknown", lambda p: copied(p.add("far", FAR).add("far-lock", FAR_LOCK).put("far", "region", UNKNOWN_TEXT), UNKNOWN_TEXT, "far"), {"BKP-02?"}),
    ("backups copied somewhere", lambda p: copied(p, UNKNOWN_TEXT), {"BKP-02?"}),
    # BKP-03
    ("vault without a lock", lambda p: p.drop("vault-lock"), {"BKP-03"}),
    ("vault locked without a least", lambda p: p.delete("vault-lock", "minRetentionDays"), {"BKP-03"}),
    ("vault locked for nothing", lambda p: p.put("vault-lock", "minRetentionDays", 0), {"BKP-03"}),
    ("lock of another vault", lambda p: p.add("far", FAR).point("vault-lock", "backupVaultName", "far"), {"BKP-03"}),
    ("vault's lock unknown", lambda p: p.hide("vault-lock", "minRetentionDays"), {"BKP-03?", "BKP-05?"}),
    ("locked vault not in view", lambda p: p.cut("vault-lock", "backupVaultName"), {"BKP-03?"}),
    # BKP-04
    ("no rehearsal", lambda p: p.drop("rehearsed-databases"), {"BKP-04"}),
    ("rehearsal of buckets", lambda p: p.put("rehearsed-databases", "protectedResourceType", "S3"), {"BKP-04"}),
    ("rehearsal once a year", lambda p: p.put("rehearsal", "scheduleExpression", "cron(0 6 1 1 ? *)"), {"BKP-04"}),
    ("rehearsal of another database", lambda p: p.point("rehearsed-databases", "protectedResourceArns", "cache"), {"BKP-04"}),
    ("rehearsal's schedule unknown", lambda p: p.hide("rehearsal", "scheduleExpression"), {"BKP-04?"}),
    ("rehearsal in the other region alone", lambda p: with_other_region(p).drop("rehearsed-databases").put("rehearsed-databases-west", "protectedResourceArns", ["*"]), {"BKP-04"}),
    ("rehearsal by tags", lambda p: p.delete("rehearsed-databases", "protectedResourceArns").cut("rehearsed-databases", "protectedResourceArns"), {"BKP-04?"}),
    ("rehearsal of what kind unknown", lambda p: p.hide("rehearsed-databases", "protectedResourceType"), {"BKP-04?"}),
    ("rehearsal of something", lambda p: p.cut("rehearsed-databases", "protectedResourceArns"), {"BKP-04?"}),
    ("rehearsal not in view", lambda p: p.cut("rehearsed-databases", "restoreTestingPlanName"), {"BKP-04?"}),
    # BKP-05
    ("backups kept longer than the vault lets", lambda p: kept(p, 366), {"BKP-05"}),
    ("backups kept for ever", lambda p: p.delete("plan-of-backups", "rules/0/lifecycle"), {"BKP-05"}),
    ("vault that wants more", lambda p: p.put("vault-lock", "minRetentionDays", 36), {"BKP-05"}),
    ("vault that lets less", lambda p: p.put("vault-lock", "maxRetentionDays", 34), {"BKP-05"}),
    ("vault that lets less, and wants nothing", lambda p: p.put("vault-lock", "maxRetentionDays", 34).delete("vault-lock", "minRetentionDays"), {"BKP-03", "BKP-05"}),
    ("vault's most unknown", lambda p: p.hide("vault-lock", "maxRetentionDays"), {"BKP-05?"}),
    ("plan's vault one of two", lambda p: copied(p.add("far", FAR).add("far-lock", FAR_LOCK), VAULT.format("us-west-2"), "far").hide("plan-of-backups", "rules/0/targetVaultName"), {"BKP-05?"}),
    ("plan's vault not in view", lambda p: p.point("plan-of-backups", "rules"), {"BKP-05?"}),
    # RDS-16
    ("database not selected", lambda p: p.drop("selected"), {"RDS-16"}),
    ("another database selected", lambda p: p.point("selected", "resources", "cache"), {"RDS-16"}),
    ("database left out", lambda p: p.put("selected", "resources", ["*"]).put("selected", "notResources", [UNKNOWN_TEXT]).point("selected", "notResources", "db"), {"RDS-16"}),
    ("database with another tag", lambda p: by_tag(p, "daily", own="weekly"), {"RDS-16"}),
    ("database with a tag, and not the condition", lambda p: by_tag(p, "daily", condition="test"), {"RDS-16"}),
    ("database selected in the other region alone", lambda p: with_other_region(p).drop("selected").put("selected-west", "resources", ["*"]), {"RDS-16"}),
    ("database left out by its tag", lambda p: but_for(p, stringNotEquals="daily"), {"RDS-16"}),
    ("database left out by the beginning of its tag", lambda p: but_for(p, stringNotLikes="da*"), {"RDS-16"}),
    ("database of another tag than begins so", lambda p: but_for(p, stringLikes="week*"), {"RDS-16"}),
    ("database that meets one condition of two", lambda p: but_for(p, stringLikes="da*", stringNotEquals="daily"), {"RDS-16"}),
    ("database without the tag that is a condition", lambda p: but_for(p, stringEquals="daily").put("db", "tags", {}), {"RDS-16"}),
    ("database without the tag that leaves out", lambda p: but_for(p, stringNotEquals="no").put("db", "tags", {}), {"RDS-16?"}),
    ("tag that leaves out unknown", lambda p: but_for(p, stringNotEquals=UNKNOWN_TEXT), {"RDS-16?"}),
    ("conditions unknown", lambda p: but_for(p).hide("selected", "conditions"), {"RDS-16?"}),
    ("what is left out unknown", lambda p: p.put("selected", "notResources", [UNKNOWN_TEXT]), {"RDS-16?"}),
    ("databases by their ARNs, and its own unknown", lambda p: p.put("selected", "resources", ["arn:aws:rds:*:*:cluster:tandem*"]).cut("selected", "resources").hide("db", "arn"), {"RDS-16?"}),
    ("tables by their ARNs, and its own unknown", lambda p: p.put("selected", "resources", ["arn:aws:dynamodb:*:*:table/*"]).cut("selected", "resources").hide("db", "arn"), {"RDS-16"}),
    ("databases by other ARNs", lambda p: p.put("selected", "resources", ["arn:aws:rds:*:*:cluster:other*"]).cut("selected", "resources").put("db", "arn", "arn:aws:rds:us-east-1:123456789012:cluster:tandem"), {"RDS-16"}),
    ("tag that is selected unknown", lambda p: by_tag(p, UNKNOWN_TEXT), {"RDS-16?"}),
    ("name of the tag that is selected unknown", lambda p: by_tag(p, "daily").hide("selected", "selectionTags/0/key"), {"RDS-16?"}),
    ("database's tag unknown", lambda p: by_tag(p, "daily", own=UNKNOWN_TEXT), {"RDS-16?"}),
    ("selection of something", lambda p: p.cut("selected", "resources"), {"RDS-16?"}),
    ("plan of the selection not in view", lambda p: p.cut("selected", "planId"), {"RDS-16?"}),
]  # fmt: skip

GOOD: list[Mutant] = [
    ("backups every six hours", lambda p: every(p, "cron(0 0/6 * * ? *)"), set()),
    ("continuous backups", lambda p: p.put("plan-of-backups", "rules/0/enableContinuousBackup", True).delete("plan-of-backups", "rules/0/schedule"), set()),
    ("backups kept for ever, which a provider keeps as 0", lambda p: kept(p, 0).delete("vault-lock", "maxRetentionDays"), set()),
    ("backups kept for two weeks", lambda p: kept(p, 14).put("vault-lock", "minRetentionDays", 14), set()),
    ("vault that keeps for a day", lambda p: p.put("vault-lock", "minRetentionDays", 1), set()),
    ("rehearsal once a year, and once a week", lambda p: a_year(p), set()),
    ("database of an engine that is left out", lambda p: p.delete("db", "engine"), set()),
    ("rehearsal once a month", lambda p: p.put("rehearsal", "scheduleExpression", "cron(0 6 1 * ? *)"), set()),
    ("vault by its only edge", lambda p: p.hide("plan-of-backups", "rules/0/targetVaultName"), set()),
    ("a stricter vault elsewhere", lambda p: copied(p.add("far", FAR).add("far-lock", FAR_LOCK).put("far-lock", "minRetentionDays", 100), VAULT.format("us-west-2"), "far"), set()),
    ("database selected by conditions alone", lambda p: by_tag(p, "daily", condition="prod").delete("selected", "selectionTags"), set()),
    ("database selected by its provider's tag", lambda p: by_tag(p, "daily").put("db", "tags", {}).put("db", "tagsAll", {"backup": "daily"}), set()),
    ("backups at the edges of the lock", lambda p: kept(p, 365), set()),
    ("backups copied to a vault of this stack", lambda p: copied(p.add("far", FAR).add("far-lock", FAR_LOCK), UNKNOWN_TEXT, "far"), set()),
    ("database selected by its tag", lambda p: by_tag(p, "daily", condition="prod"), set()),
    ("database not left out by its tag", lambda p: but_for(p, stringNotEquals="no", stringNotLikes="week*", stringLikes="d*y", stringEquals="daily"), set()),
    ("databases by their ARNs", lambda p: p.put("selected", "resources", ["arn:aws:rds:*:*:cluster:tandem*"]).cut("selected", "resources").put("db", "arn", "arn:aws:rds:us-east-1:123456789012:cluster:tandem"), set()),
    ("everything selected", lambda p: p.put("selected", "resources", ["*"]).cut("selected", "resources"), set()),
    ("rehearsal twice a month", lambda p: p.put("rehearsal", "scheduleExpression", "cron(0 6 1,15 * ? *)"), set()),
]  # fmt: skip

EVIDENCE: dict[str, set[str]] = {
    "backups every other day": {'BKP-01: schedules: "cron(0 3 */2 * ? *)"; one must come round in 24 hours'},
    "backups not copied": {"BKP-02: regions of its copies: none; there must be one in another than us-east-1"},
    "backups copied somewhere": {"BKP-02: regions of its copies: none; rules[0].copyActions[0].destinationVaultArn is not known yet"},
    "backups copied within the region": {"BKP-02: regions of its copies: us-east-1; there must be one in another than us-east-1"},
    "plan's region, and where backups are copied, unknown": {"BKP-02: regions of its copies: none; its own region is not known; rules[0].copyActions[0].destinationVaultArn is not known yet"},
    "rehearsal once a year": {'BKP-04: it is restored by "cron(0 6 1 1 ? *)"; it must be every 31 days at least'},
    "rehearsal once a year, and once a week": {"BKP-04: at least every 31 days it is restored by rehearsed-databases"},
    "vault that lets less, and wants nothing": {"BKP-05: rules[0].lifecycle.deleteAfter is 35; it must be 1 to 34, the bounds of vault-lock"},
}  # fmt: skip
"""What is said of some of them, word for word."""
