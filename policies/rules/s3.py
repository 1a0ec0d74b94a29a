"""S3: nothing that is overwritten, deleted or lost with its region is gone, and nothing is everybody's."""

import re
from fnmatch import fnmatchcase
from functools import lru_cache

from policies.documents import statements, texts
from policies.registry import (
    Option,
    Options,
    Outcome,
    Scope,
    Severity,
    Verdict,
    Verdicts,
    fails,
    holds,
    is_not_true,
    is_true,
    passes,
    rule,
    unproven,
)
from resilience.graph import Graph, Read, Resource
from resilience.selectors import every

BUCKETS = ("aws:s3/bucket:Bucket", "aws:s3/bucketV2:BucketV2")
VERSIONINGS = ("aws:s3/bucketVersioning:BucketVersioning", "aws:s3/bucketVersioningV2:BucketVersioningV2")
REPLICATION = "aws:s3/bucketReplicationConfig:BucketReplicationConfig"
LIFECYCLES = (
    "aws:s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration",
    "aws:s3/bucketLifecycleConfigurationV2:BucketLifecycleConfigurationV2",
)
LOCKS = (
    "aws:s3/bucketObjectLockConfiguration:BucketObjectLockConfiguration",
    "aws:s3/bucketObjectLockConfigurationV2:BucketObjectLockConfigurationV2",
)
PUBLIC_ACCESS = "aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock"
ACCOUNT_ACCESS = "aws:s3/accountPublicAccessBlock:AccountPublicAccessBlock"
POLICY = "aws:s3/bucketPolicy:BucketPolicy"
KEPT_FOR_PROOF = {"audit", "backup", "backups"}
"""Words in the name of a bucket whose objects nobody may change."""
ACCOUNT_ID = re.compile(r"\b\d{12}\b")
BEST_FIRST = (Outcome.PASS, Outcome.UNPROVEN, Outcome.FAIL)
FLAGS = ("blockPublicAcls", "blockPublicPolicy", "ignorePublicAcls", "restrictPublicBuckets")


@rule(
    "S3-01",
    title="A bucket is versioned",
    why="An overwritten or deleted object is gone without versions, and replication refuses to start.",
    fix='aws.s3.BucketVersioning with bucket=bucket.id and versioning_configuration.status="Enabled"',
    severity=Severity.HIGH,
    scope=Scope.STACK,
    types=BUCKETS,
    frameworks=["AWS Security Hub S3.14"],
)
def versioned(bucket: Resource, graph: Graph, _: Options) -> Verdicts:
    """Find its versioning, of its own or beside it."""
    if bucket.read("versioning.enabled").content is True:
        yield passes("versioning.enabled is true")
        return
    found = [each for type_ in VERSIONINGS for each in graph.referrers(bucket, type_, "bucket")]
    verdicts: list[Verdict] = [
        holds(each.read("versioningConfiguration.status"), lambda status: status == "Enabled", '"Enabled"')
        for each in found
    ]
    yield from verdicts or [_lacks("BucketVersioning", VERSIONINGS, graph)]


@rule(
    "S3-02",
    title="A bucket is copied to the other region",
    why="Artifacts, models and checkpoints in one region alone are lost with it, and so is every run that needs them.",
    fix="components: BucketReplication, or aws.s3.BucketReplicationConfig to a bucket in the other region",
    severity=Severity.HIGH,
    scope=Scope.STACKS,
    types=BUCKETS,
    frameworks=["AWS Security Hub S3.7"],
    options={
        "maxDisposableDays": Option(
            365, 1, 3650, "Days within which every object of a bucket must expire, for it to need no copy."
        )
    },
)
def replicated(bucket: Resource, graph: Graph, options: Options) -> Verdicts:
    """Find a replication out of it into another region; into it is enough where objects are locked."""
    disposable = _disposable(bucket, graph, options["maxDisposableDays"])
    if disposable:
        yield passes("all of its objects expire by themselves: nobody misses them")
        return
    own = graph.region(bucket)
    proof = bool(_belonging(bucket, LOCKS, graph))
    doubts: list[str] = [] if own.known else ["its region is not known"]
    doubts += ["whether all of its objects expire is not known yet"] if disposable is None else []
    parts: list[str] = []
    for config in graph.of(REPLICATION):
        source, hidden = _source(config, graph)
        for rule_ in config.read("rules").each():
            destination = _destination(config, rule_, graph)
            on, whole = rule_.field("status"), _whole(rule_)
            if on.known and on.content != "Enabled":
                continue
            if whole is False:
                parts += [config.name] if source is bucket or (proof and destination is bucket) else []
                continue
            if source is bucket and destination is None:
                doubts.append(f"the bucket that {config.name} copies to is not in view")
            elif source is None and hidden:
                doubts.append(f"the bucket that {config.name} copies is not in view")
            if destination is None or not (source is bucket or (proof and destination is bucket)):
                continue
            other = graph.region(destination if source is bucket else source or bucket)
            if on.unknown or whole is None or not other.known:
                doubts.append(f"{config.name} may or may not copy it: a status, filter or region is not known")
            elif own.known and other.content != own.content:
                yield passes(f"{config.name} copies between {own.content} and {other.content}")
                return
    if doubts:
        yield unproven("; ".join(doubts))
    elif len(graph.stacks) == 1:
        yield unproven(f"replication may be made in another stack than {bucket.stack}")
    elif parts:
        yield fails(f"{', '.join(dict.fromkeys(parts))} copies a part of it alone, by a prefix or another filter")
    else:
        yield fails("no replication rule that is on copies it to another region")


@rule(
    "S3-03",
    title="Replication keeps time, says so, and leaves nothing out",
    why="Without time control a copy comes when it comes, without metrics nobody sees that it does not, and without "
    "delete markers and changes to copies the regions drift apart.",
    fix="components: BucketReplication; replication_time, metrics, delete_marker_replication and "
    "source_selection_criteria.replica_modifications enabled in each rule",
    severity=Severity.HIGH,
    scope=Scope.RESOURCE,
    types=[REPLICATION],
)
def in_time(config: Resource, _: Graph, __: Options) -> Verdicts:
    """Each rule must have all of them on."""
    for rule_ in config.read("rules").each():
        for path in (
            "status",
            "destination.replicationTime.status",
            "destination.metrics.status",
            "deleteMarkerReplication.status",
            "sourceSelectionCriteria.replicaModifications.status",
        ):
            yield holds(rule_.at(path), lambda status: status == "Enabled", '"Enabled"')


@rule(
    "S3-04",
    title="Replication begins when both buckets are versioned",
    why="S3 refuses it before. In no order, the first `up` fails now and then, and the second one does not.",
    fix="bucket and destination from outputs known once versioned (components: Bucket.bucket_name and Bucket.arn), or "
    "depends_on both aws.s3.BucketVersioning",
    severity=Severity.MEDIUM,
    scope=Scope.STACKS,
    types=[REPLICATION],
)
def versioned_first(config: Resource, graph: Graph, _: Options) -> Verdicts:
    """Find both buckets' versioning; in the same stack the replication must wait for it."""
    ends = [("source", _source(config, graph)[0])]
    ends += [("destination", _destination(config, each, graph)) for each in config.read("rules").each()]
    for role, bucket in ends:
        versionings = _belonging(bucket, VERSIONINGS, graph) if bucket else []
        if bucket is None:
            yield unproven(f"its {role} is not in view, and so whether that is versioned")
        elif bucket.read("versioning.enabled").content is True:
            yield passes(f"{bucket.name} is versioned from the beginning")
        elif not versionings:
            yield fails(f"no aws.s3.BucketVersioning belongs to {bucket.name}, its {role}")
        elif bucket.stack != config.stack:
            yield passes(f"{bucket.name} of {bucket.stack} stands, versioned")
        elif any(each.urn in graph.awaited(config) for each in versionings):
            yield passes(f"it waits for the versioning of {bucket.name}")
        else:
            yield fails(f"it does not wait for the versioning of {bucket.name}, its {role}")


@rule(
    "S3-05",
    title="A bucket kept for proof is locked",
    why="Whoever breaks in deletes backups and logs first. A locked object stays until its time, but for whoever has "
    "s3:BypassGovernanceRetention; in compliance mode for everybody.",
    fix="aws.s3.BucketObjectLockConfiguration with rule.default_retention (components: object_lock_days, and "
    "object_lock_mode for a lock that nobody takes off)",
    severity=Severity.HIGH,
    scope=Scope.STACK,
    types=BUCKETS,
    frameworks=["AWS Security Hub S3.15"],
    options={
        "minDays": Option(30, 1, 36_500, "Days that an object in it is locked."),
        "compliance": Option(0, 0, 1, "1 asks for compliance mode, which nobody can take off; 0 takes governance too."),
    },
)
def locked(bucket: Resource, graph: Graph, options: Options) -> Verdicts:
    """Find the lock of a bucket whose name says that it is for proof."""
    given, prefix = bucket.read("bucket"), bucket.read("bucketPrefix")
    names = f"{bucket.name} {prefix.content or ''} {given.content or ''}".lower()
    for_proof = bool(KEPT_FOR_PROOF & set(re.split(r"[^a-z0-9]+", names)))
    if not for_proof and not (given.unknown and prefix.missing):
        return
    for verdict in _locked(bucket, graph, options) or [_lacks("BucketObjectLockConfiguration", LOCKS, graph)]:
        if for_proof or verdict.outcome is Outcome.PASS:
            yield verdict
        else:
            yield unproven(f"bucket is not known yet, and so whether it is for proof; {verdict.evidence}")


def _locked(bucket: Resource, graph: Graph, options: Options) -> list[Verdict]:
    """What its locks are worth; none if it has none."""
    days, verdicts = options["minDays"], list[Verdict]()
    for lock in _belonging(bucket, LOCKS, graph):
        kept = lock.read("rule.defaultRetention")
        # A provider keeps 0 years where only days are given.
        if kept.field("years").missing or kept.field("years").content == 0:
            verdicts.append(holds(kept.field("days"), lambda number: number >= days, f"at least {days}"))
        else:
            verdicts.append(holds(kept.field("years"), lambda number: number >= 1, "at least 1"))
        if options["compliance"]:
            verdicts.append(holds(kept.field("mode"), lambda mode: mode == "COMPLIANCE", '"COMPLIANCE"'))
    return verdicts


@rule(
    "S3-06",
    title="A bucket with objects cannot be deleted",
    why="force_destroy deletes every object, with every version, on the way to deleting the bucket.",
    fix="leave force_destroy out of aws.s3.Bucket",
    severity=Severity.HIGH,
    scope=Scope.RESOURCE,
    types=BUCKETS,
)
def force_destroy(bucket: Resource, _: Graph, __: Options) -> Verdicts:
    """It must not be forced."""
    yield is_not_true(bucket.read("forceDestroy"))


@rule(
    "S3-07",
    title="What was overwritten or deleted can be brought back for a month",
    why="A mistake is found after the weekend, or after the month. Versions that expire sooner are gone by then.",
    fix="noncurrent_version_expiration.noncurrent_days=30 or more in every lifecycle rule",
    severity=Severity.MEDIUM,
    scope=Scope.RESOURCE,
    types=LIFECYCLES,
    frameworks=["AWS Security Hub S3.10"],
    options={"minDays": Option(30, 1, 3650, "Days that a version that was replaced is kept.")},
)
def versions_kept(lifecycle: Resource, _: Graph, options: Options) -> Verdicts:
    """Look at rules that let versions expire; without one they stay."""
    days = options["minDays"]
    for each in lifecycle.read("rules").each():
        expiry = each.field("noncurrentVersionExpiration")
        if each.field("status").content != "Disabled" and not expiry.missing:
            yield holds(expiry.field("noncurrentDays"), lambda kept: kept >= days, f"at least {days}")


@rule(
    "S3-09",
    title="A bucket is nobody's but the account's",
    why="One wrong policy or access list, and everything in it is everybody's: the usual way that data leaks from S3,"
    " made by hand in a hurry, and found by others first."
    " UpGuard found the records of up to 14 million customers of Verizon in a bucket that everyone could read "
    "(published 2017-07-12).",
    fix="aws.s3.BucketPublicAccessBlock with all four true, or one aws.s3.AccountPublicAccessBlock for the account",
    severity=Severity.CRITICAL,
    scope=Scope.STACK,
    types=BUCKETS,
    frameworks=["AWS FSBP S3.8", "CIS AWS Foundations v5.0.0 2.1.4"],
)
def closed(bucket: Resource, graph: Graph, _: Options) -> Verdicts:
    """Find what closes it, or its account, with all four; S3 goes by the stricter of both."""
    found = _belonging(bucket, (PUBLIC_ACCESS,), graph)
    wide = [each for each in graph.of(ACCOUNT_ACCESS) if _same_account(each, bucket) is not False]
    if not found and not wide:
        yield _lacks("BucketPublicAccessBlock", (PUBLIC_ACCESS,), graph)
        return
    for flag in FLAGS:
        above = [_closes(each, flag, bucket) for each in wide]
        own = [is_true(each.read(flag)) for each in found]
        for verdict in own or [_lacks("BucketPublicAccessBlock", (PUBLIC_ACCESS,), graph)]:
            yield min((*above, verdict), key=lambda each: BEST_FIRST.index(each.outcome))


@rule(
    "S3-10",
    title="A bucket refuses requests without TLS",
    why="S3 answers without TLS to whoever asks without: models and checkpoints can be read, and changed, on the way.",
    fix="aws.s3.BucketPolicy that denies s3:* where aws:SecureTransport is false (components: Bucket)",
    severity=Severity.HIGH,
    scope=Scope.STACK,
    types=BUCKETS,
    frameworks=["AWS FSBP S3.5", "CIS AWS Foundations v5.0.0 2.1.1"],
    known_late=True,
)
def tls_only(bucket: Resource, graph: Graph, _: Options) -> Verdicts:
    """Find statements that deny everybody everything without TLS, of the bucket and of all that is in it."""
    found = _belonging(bucket, (POLICY,), graph)
    for policy in found:
        given = statements(policy.read("policy"))
        denying = [each for each in given or [] if _denies_plain(each)]
        covered = _covers([text for each in denying for text in texts(each.field("Resource"))], bucket)
        if given is None:
            yield unproven(f"policy of {policy.name} is not known yet")
        elif not denying:
            yield fails(f"no statement of {policy.name} denies everybody what comes without TLS, on no other condition")
        elif covered is None:
            yield unproven(f"bucket is not known yet, and so whether {policy.name} is about all of it")
        elif covered:
            yield passes(f"{policy.name} denies what comes without TLS")
        else:
            yield fails(f"{policy.name} denies it of a part; Resource must hold the bucket's ARN, and that with /*")
    if not found:
        yield _lacks("BucketPolicy", (POLICY,), graph)


def _belonging(bucket: Resource, types: tuple[str, ...], graph: Graph) -> list[Resource]:
    return [each for type_ in types for each in graph.referrers(bucket, type_, "bucket")]


def _closes(block: Resource, flag: str, bucket: Resource) -> Verdict:
    """What an account's block, which may be another's, says of a bucket."""
    verdict = is_true(block.read(flag))
    if verdict.outcome is Outcome.PASS and _same_account(block, bucket) is None:
        return unproven(f"whether the account of {block.name} is that of the bucket is not known")
    return verdict


def _same_account(block: Resource, bucket: Resource) -> bool | None:
    """Whether a block is of a bucket's account; a provider has but one, and closes no other's."""
    if block.provider and bucket.provider and block.provider.urn == bucket.provider.urn:
        return True
    given = block.read("accountId")
    its, own = {str(given.content)} if given.known else _accounts(block), _accounts(bucket)
    if its and own and not its & own:
        return False
    return True if its == own and len(its) == 1 else None


def _accounts(resource: Resource) -> set[str]:
    """Those that its provider may be used with; none if nobody says."""
    allowed = resource.provider.read("allowedAccountIds").content if resource.provider else ""
    return set(ACCOUNT_ID.findall(str(allowed)))


def _lacks(kind: str, types: tuple[str, ...], graph: Graph) -> Verdict:
    """What is said of a bucket that none of these belongs to: one whose bucket is not in view may be its."""
    loose = [each.name for each in graph.of(*types) if not graph.targets(each, "bucket", *BUCKETS)]
    if loose:
        return unproven(f"no bucket in view is that of {', '.join(loose)}: it may be this one")
    return fails(f"no aws.s3.{kind} belongs to it (an edge from bucket)")


def _disposable(bucket: Resource, graph: Graph, most: int) -> bool | None:
    """Whether all of its objects expire soon, and not only some, or versions that were replaced."""
    lifecycles = _belonging(bucket, LIFECYCLES, graph)
    answers = [_expires(rule_, most) for lifecycle in lifecycles for rule_ in lifecycle.read("rules").each()]
    return True if True in answers else (None if None in answers else False)


def _expires(rule_: Read, most: int) -> bool | None:
    """Whether a lifecycle rule lets every object expire."""
    days, on = rule_.at("expiration.days"), rule_.field("status")
    in_time = None if days.unknown else days.whole is not None and 1 <= days.whole <= most
    return every([in_time, None if on.unknown else on.content == "Enabled", _whole(rule_)])


def _whole(rule_: Read) -> bool | None:
    """Whether a rule is for every object: it has no prefix, or an empty one, and no other filter."""
    chosen = [rule_.field("filter"), rule_.field("prefix"), *rule_.field("filter").fields().values()]
    if any(each.known and each.content not in ("", 0) for each in chosen[1:]):
        return False
    return None if any(each.unknown for each in chosen) else True


def _source(config: Resource, graph: Graph) -> tuple[Resource | None, bool]:
    """The bucket that is copied, if it is in view, and whether it could be any."""
    name = config.read("bucket")
    return next(iter(graph.targets(config, "bucket", *BUCKETS)), _named(name, graph)), name.unknown


def _destination(config: Resource, rule_: Read, graph: Graph) -> Resource | None:
    """The bucket that a rule copies to, if it is in view."""
    target = rule_.at("destination.bucket")
    if target.known:
        return _named(target, graph)
    found = graph.targets(config, "rules", *BUCKETS)
    return next(iter(found)) if len(found) == 1 else None


def _named(name: Read, graph: Graph) -> Resource | None:
    """The bucket of a name or ARN; names are unique in the world."""
    return _buckets(graph).get(str(name.content).rpartition(":::")[2])


@lru_cache(maxsize=4)
def _buckets(graph: Graph) -> dict[str, Resource]:
    named = [(each, each.read(path)) for each in graph.of(*BUCKETS) for path in ("id", "bucket")]
    return {str(read.content): each for each, read in named if read.known}


def _denies_plain(statement: Read) -> bool:
    """Whether a statement denies everybody everything where there is no TLS, on no other condition."""
    conditions = [
        (operator, key.lower(), texts(values))
        for operator, keys in statement.field("Condition").fields().items()
        for key, values in keys.fields().items()
    ]
    principal = statement.field("Principal")
    return (
        statement.field("Effect").content == "Deny"
        and len(conditions) == 1
        and conditions[0][0] in ("Bool", "BoolIfExists")
        and conditions[0][1] == "aws:securetransport"
        and "false" in [text.lower() for text in conditions[0][2]]
        and any(action in ("*", "s3:*") for action in texts(statement.field("Action")))
        and any("*" in texts(each) for each in (principal, principal.field("AWS")))
    )


def _covers(patterns: list[str], bucket: Resource) -> bool | None:
    """Whether patterns of ARNs hold a bucket and each of its objects; None if that hangs on its name, not known yet."""
    named = bucket.read("bucket")
    name = str(named.content) if named.known else ""
    ends = [pattern.split(":", 5)[-1] for pattern in patterns]
    itself = [end for end in ends if fnmatchcase(name, end)]
    # What ends in an asterisk, and fits the beginning of a key, fits the key.
    objects = [end for end in ends if end.endswith("*") and fnmatchcase(f"{name}/", end)]
    if named.known:
        return bool(itself and objects)
    return True if "*" in ends else None
