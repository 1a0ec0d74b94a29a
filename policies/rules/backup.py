"""Backups: often enough, kept long enough, out of reach, in another region, and known to be of use."""

import re
from fnmatch import fnmatchcase

from policies.registry import (
    Option,
    Options,
    Scope,
    Severity,
    Verdict,
    Verdicts,
    fails,
    holds,
    passes,
    rule,
    unproven,
)
from policies.schedules import DAY_HOURS, longest_gap
from resilience.graph import Graph, Read, Resource
from resilience.selectors import every

PLAN = "aws:backup/plan:Plan"
SELECTION = "aws:backup/selection:Selection"
VAULT = "aws:backup/vault:Vault"
LOCK = "aws:backup/vaultLockConfiguration:VaultLockConfiguration"
TEST = "aws:backup/restoreTestingPlan:RestoreTestingPlan"
TESTED = "aws:backup/restoreTestingSelection:RestoreTestingSelection"
CLUSTER = "aws:rds/cluster:Cluster"
LEAST_GRACE = 3
"""Days after which AWS lets a vault's lock become one that nobody takes off, at the earliest."""
ARN = re.compile(r"arn:[^:]+:backup:(?P<region>[^:]+):")
COMPARING = {
    "stringEquals": (False, False),
    "stringLikes": (True, False),
    "stringNotEquals": (False, True),
    "stringNotLikes": (True, True),
}
"""Conditions of a selection: whether a value is a pattern, and whether it must not fit."""
FOR_EVER = 36_500
"""Days that AWS keeps a backup whose rule does not say: as many as it can be told to."""


@rule(
    "BKP-01",
    title="Backups are taken daily and kept for weeks",
    why="A mistake replicates to every region. What goes back past it is a backup, as old as the plan lets it be.",
    fix="schedule such as cron(0 3 * * ? *) and lifecycle.delete_after=14 or more in each rule of aws.backup.Plan",
    severity=Severity.HIGH,
    scope=Scope.RESOURCE,
    types=[PLAN],
    frameworks=["AWS Config BACKUP_PLAN_MIN_FREQUENCY_AND_MIN_RETENTION_CHECK", "AWS Well-Architected REL09-BP03"],
    options={
        "maxHours": Option(24, 1, 744, "Longest time between two backups."),
        "minDays": Option(14, 1, FOR_EVER, "Days that a backup, or a copy of it, is kept."),
    },
)
def frequency(plan: Resource, _: Graph, options: Options) -> Verdicts:
    """One rule must be frequent enough; all must keep what they make."""
    most, least = options["maxHours"], options["minDays"]
    rules = plan.read("rules").each()
    schedules = [each.field("schedule") for each in rules]
    gaps = [_hours(read) for read in schedules]
    continuous = any(each.field("enableContinuousBackup").content is True for each in rules)
    if continuous or any(gap is not None and gap <= most for gap in gaps):
        yield passes("a rule is continuous, or comes round in time")
    elif any(read.unknown for read in schedules):
        yield unproven(f"{next(read for read in schedules if read.unknown).path} is not known yet")
    else:
        shown = ", ".join(map(Read.shown, schedules)) or "none"
        yield fails(f"schedules: {shown}; one must come round in {most} hours")
    for each in rules:
        kept = [each.at("lifecycle.deleteAfter"), *(copy.at("lifecycle.deleteAfter") for copy in _copies(each))]
        for read in kept:
            yield _keeps(read, least, FOR_EVER, f"at least {least}")


@rule(
    "BKP-02",
    title="Backups are copied to another region",
    why="A backup in the region that is lost is lost with it: when a data centre of OVHcloud burnt down in March "
    "2021, customers whose backups were on the same site lost both.",
    fix="copy_actions with the ARN of the other region's vault (components: copy_to)",
    severity=Severity.HIGH,
    scope=Scope.STACK,
    types=[PLAN],
    frameworks=["AWS Well-Architected REL13-BP02"],
)
def copied(plan: Resource, graph: Graph, _: Options) -> Verdicts:
    """Find a copy whose vault, by its ARN or edge, is in another region."""
    own = graph.region(plan)
    vaults = [copy.field("destinationVaultArn") for each in plan.read("rules").each() for copy in _copies(each)]
    regions: set[str] = set()
    doubts: list[str] = [] if own.known else ["its own region is not known"]
    for vault in vaults:
        named = ARN.match(str(vault.content))
        if named:
            regions.add(named["region"])
        elif vault.unknown:
            doubts.append(f"{vault.path} is not known yet")
    if own.known and any(vault.unknown for vault in vaults):
        # What is not named yet leads by edges to the vaults it may be, this plan's own among them.
        places = [graph.region(each) for each in graph.targets(plan, "rules", VAULT)]
        regions |= {str(read.content) for read in places if read.known and read.content != own.content}
    seen = f"regions of its copies: {', '.join(sorted(regions)) or 'none'}"
    if own.known and regions - {str(own.content)}:
        yield passes(seen)
    elif doubts and vaults:
        yield unproven(f"{seen}; {'; '.join(doubts)}")
    else:
        yield fails(f"{seen}; there must be one in another than {own.content}")


@rule(
    "BKP-03",
    title="A backup vault is locked",
    why="Whoever breaks in deletes backups first. A locked vault gives none away before its time, but to whoever may "
    "take the lock off (backup:DeleteBackupVaultLockConfiguration); with changeable_for_days, soon to nobody.",
    fix="aws.backup.VaultLockConfiguration with min_retention_days for each vault (components: BackupVault, and "
    "compliance_after_days for a lock that nobody takes off)",
    severity=Severity.HIGH,
    scope=Scope.STACK,
    types=[VAULT],
    frameworks=["AWS Config BACKUP_RECOVERY_POINT_MANUAL_DELETION_DISABLED", "AWS Well-Architected REL09-BP02"],
    options={
        "compliance": Option(0, 0, 1, "1 asks for a lock that cannot be taken off; 0 takes governance mode too."),
    },
)
def vault_lock(vault: Resource, graph: Graph, options: Options) -> Verdicts:
    """Find its lock, with a shortest retention, and where that is asked for, one that cannot be taken off."""
    found = graph.referrers(vault, LOCK, "backupVaultName")
    loose = [each.name for each in graph.of(LOCK) if not graph.targets(each, "backupVaultName", VAULT)]
    for lock in found:
        yield holds(lock.read("minRetentionDays"), lambda days: days >= 1, "at least 1")
        if options["compliance"]:
            # Without it the lock stays changeable: AWS Backup API, PutBackupVaultLockConfiguration, ChangeableForDays.
            yield holds(lock.read("changeableForDays"), lambda days: days >= LEAST_GRACE, f"at least {LEAST_GRACE}")
    if loose and not found:
        yield unproven(f"no vault in view is that of {', '.join(loose)}: it may be this one")
    elif not found:
        yield fails("no aws.backup.VaultLockConfiguration belongs to it (an edge from backupVaultName)")


@rule(
    "BKP-04",
    title="Restoring a database is rehearsed",
    why="A backup that was never restored is a hope: the key is gone, the role may not, it takes a day. GitLab found "
    "on 2017-01-31 that none of its five ways to go back worked (its post-mortem of the database incident)."
    " Resend's first restore on 2024-02-21 took six hours and gave nothing back, for a wrong time was chosen "
    "(resend.com/blog/incident-report-for-february-21-2024).",
    fix='aws.backup.RestoreTestingSelection with protected_resource_type="Aurora" (components: RestoreTest)',
    severity=Severity.HIGH,
    scope=Scope.STACK,
    types=[CLUSTER],
    frameworks=["AWS Well-Architected REL09-BP04"],
    options={"maxDays": Option(31, 1, 366, "Longest time between two rehearsals.")},
)
def rehearsed(cluster: Resource, graph: Graph, options: Options) -> Verdicts:
    """Find a selection that holds the cluster, of a test that is frequent enough."""
    most = options["maxDays"]
    verdicts = [
        (within, _hours(test.read("scheduleExpression")), selection, test.read("scheduleExpression"))
        for selection in graph.of(TESTED)
        if (within := _tests(selection, cluster, graph)) is not False
        for test in graph.targets(selection, "restoreTestingPlanName", TEST)
    ]
    often = [
        selection.name
        for within, hours, selection, _ in verdicts
        if within and hours is not None and hours <= most * DAY_HOURS
    ]
    unsure = [selection.name for within, _, selection, schedule in verdicts if within is None or schedule.unknown]
    loose = [each.name for each in graph.of(TESTED) if not graph.targets(each, "restoreTestingPlanName", TEST)]
    if often:
        yield passes(f"at least every {most} days it is restored by {', '.join(often)}")
    elif unsure:
        yield unproven(f"not known yet is whether it is restored, and when, by {', '.join(unsure)}")
    elif loose:
        yield unproven(f"no test in view is that of {', '.join(loose)}")
    elif verdicts:
        shown = ", ".join(schedule.shown() for *_, schedule in verdicts)
        yield fails(f"it is restored by {shown}; it must be every {most} days at least")
    else:
        yield fails("no aws.backup.RestoreTestingSelection of its kind, Aurora or RDS, holds it")


@rule(
    "BKP-05",
    title="A plan keeps backups as long as its vault wants",
    why="A job that asks a locked vault for less than its least, or more than its most, fails, night after night (AWS "
    "Backup API, PutBackupVaultLockConfiguration).",
    fix="lifecycle.delete_after between min_retention_days and max_retention_days of the vault's lock",
    severity=Severity.HIGH,
    scope=Scope.STACK,
    types=[PLAN],
)
def within_lock(plan: Resource, graph: Graph, _: Options) -> Verdicts:
    """Compare each rule's retention with the lock of the vault that it names."""
    vaults = graph.targets(plan, "rules", VAULT)
    for each in plan.read("rules").each():
        name, kept = each.field("targetVaultName"), each.at("lifecycle.deleteAfter")
        named = [vault for vault in vaults if name.known and vault.read("name").content == name.content]
        meant = named or (vaults if len(vaults) == 1 else ())
        if not meant:
            yield unproven(f"{name.path} leads to no vault in view, so its lock is not known")
        for lock in (lock for vault in meant for lock in graph.referrers(vault, LOCK, "backupVaultName")):
            least, most = lock.read("minRetentionDays"), lock.read("maxRetentionDays")
            if kept.unknown or any(read.whole is None and not read.missing for read in (least, most)):
                yield unproven(f"{kept.path} or a bound of {lock.name} is not known yet")
            else:
                first, last = least.whole or 1, most.whole or FOR_EVER
                wanted = f"{first} to {last}, the bounds of {lock.name}"
                yield _keeps(kept, first, last, wanted)


@rule(
    "RDS-16",
    title="A database is in a backup plan",
    why="Aurora's own backups stay in its region and go with it. Copies elsewhere are a plan's.",
    fix="aws.backup.Selection with the cluster's ARN, or with a tag that it has, in resources or selection_tags",
    severity=Severity.HIGH,
    scope=Scope.STACK,
    types=[CLUSTER],
    frameworks=["AWS Config AURORA_RESOURCES_PROTECTED_BY_BACKUP_PLAN", "AWS Well-Architected REL09-BP01"],
)
def in_backup_plan(cluster: Resource, graph: Graph, _: Options) -> Verdicts:
    """Find a selection that holds it, of a plan in view."""
    answers = [(each, _selects(each, cluster, graph)) for each in graph.of(SELECTION)]
    chosen = [each for each, answer in answers if answer is True]
    unsure = [each.name for each, answer in answers if answer is None]
    if any(graph.targets(each, "planId", PLAN) for each in chosen):
        yield passes("it is selected")
    elif chosen:
        yield unproven(f"planId leads to no plan in view, of {', '.join(each.name for each in chosen)}")
    elif unsure:
        yield unproven(f"not known yet is whether it is selected by {', '.join(unsure)}")
    else:
        yield fails("no aws.backup.Selection holds it, by its ARN or a tag")


def _copies(rule_: Read) -> list[Read]:
    return rule_.field("copyActions").each()


def _hours(schedule: Read) -> int | None:
    return longest_gap(str(schedule.content))


def _tests(selection: Resource, cluster: Resource, graph: Graph) -> bool | None:
    """Whether a restore test restores a cluster, as far as anyone can say."""
    kind, engine = selection.read("protectedResourceType"), cluster.read("engine")
    # Engines of Multi-AZ DB clusters are RDS' own: AWS Backup API, RestoreTestingSelectionForCreate (read 2026-11).
    wanted = "Aurora" if engine.missing or str(engine.content).startswith("aurora") else "RDS"
    if engine.unknown:
        return None
    if kind.known and kind.content != wanted:
        return False
    if selection.stack != cluster.stack:
        return False
    if selection.read("protectedResourceArns").missing:
        # By its tags, then, which are not compared here.
        return None
    held = _holds(selection, "protectedResourceArns", cluster, graph)
    return None if kind.unknown and held else held


def _selects(selection: Resource, cluster: Resource, graph: Graph) -> bool | None:
    """Whether a selection selects a cluster: by ARN or by one of its tags, and then only if all conditions hold.

    AWS Backup Developer Guide, "Assign resources", and its examples (read 2026-11).
    """
    if selection.stack != cluster.stack:
        return False
    left_out = _holds(selection, "notResources", cluster, graph)
    tags, conditions = selection.read("selectionTags"), selection.read("conditions")
    by = [_tagged(cluster, each) for each in tags.each()]
    by += [] if selection.read("resources").missing else [_holds(selection, "resources", cluster, graph)]
    within = True if True in by or not by else (None if None in by else False)
    must = [
        _tagged(cluster, each, like=like, negated=negated)
        for condition in (conditions.each() or [conditions])
        for operator, (like, negated) in COMPARING.items()
        for each in condition.field(operator).each()
    ]
    return every([None if left_out is None else not left_out, within, *must])


def _holds(selection: Resource, property_: str, cluster: Resource, graph: Graph) -> bool | None:
    """Whether a list of ARNs and patterns of them holds a cluster's, by its edges or its text."""
    if selection in graph.referrers(cluster, selection.type, property_):
        return True
    arn, given = cluster.read("arn"), selection.read(property_).each()
    if any(each.content == "*" or (arn.known and fnmatchcase(str(arn.content), str(each.content))) for each in given):
        return True
    if not arn.known and any(":rds:" in str(each.content) for each in given):
        # An ARN of a database, or a pattern of them, in so many words.
        return None
    # What is unknown here is some other resource's, to which its edges lead, unless it has none.
    elsewhere = bool(selection.edges.get(property_))
    return None if any(each.unknown for each in given) and not elsewhere else False


def _tagged(resource: Resource, wanted: Read, *, like: bool = False, negated: bool = False) -> bool | None:
    """Whether a resource has a tag, of its own or, once planned, of its provider's, with the value that is wanted.

    AWS says that a condition filters "those resources that you tagged": whether a negated one takes a resource without
    the tag, it does not say (AWS Backup API, Conditions, read 2026-11).
    """
    key, value = wanted.field("key"), wanted.field("value")
    name = str(key.content).removeprefix("aws:ResourceTag/")
    own = resource.read("tags").field(name)
    if own.missing:
        own = resource.read("tagsAll").field(name)
    if key.unknown or value.unknown or own.unknown or (own.missing and negated):
        return None
    fits = fnmatchcase(str(own.content), str(value.content)) if like else own.content == value.content
    return own.known and fits is not negated


def _keeps(kept: Read, least: int, most: int, wanted: str) -> Verdict:
    """Whether a backup is kept for days between these; 0, which a provider keeps where nothing is said, is for ever."""
    return holds(kept, lambda days: least <= (days or FOR_EVER) <= most, wanted, default=FOR_EVER)
