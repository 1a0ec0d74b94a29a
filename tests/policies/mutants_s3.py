"""Rules of S3, by the ways to break them."""

# One mutant a line, or the table cannot be read as one.
# ruff: noqa: E501

import copy
import json

from tests.policies.other_region import with_other_region
from tests.policies.platform import UNKNOWN_TEXT, Mutant, Platform, Thing

BUCKET = "aws:s3/bucket:Bucket"
ALWAYS: set[str] = {"S3-02?"}
"""What nobody can say of one stack alone."""


def things() -> dict[str, Thing]:
    """What breaks none of them."""
    return {
        "bucket": Thing(BUCKET, {"bucket": "bucket-name", "forceDestroy": False}, protect=True),
        "versioning": Thing(
            "aws:s3/bucketVersioning:BucketVersioning",
            {"bucket": UNKNOWN_TEXT, "versioningConfiguration": {"status": "Enabled"}},
            {"bucket": ["bucket"]},
        ),
        "lifecycle": Thing(
            "aws:s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration",
            {
                "bucket": UNKNOWN_TEXT,
                "rules": [{"status": "Enabled", "noncurrentVersionExpiration": {"noncurrentDays": 30}}],
            },
            {"bucket": ["bucket"]},
        ),
        "no-public": Thing(
            "aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock",
            {
                "bucket": UNKNOWN_TEXT,
                "blockPublicAcls": True,
                "blockPublicPolicy": True,
                "ignorePublicAcls": True,
                "restrictPublicBuckets": True,
            },
            {"bucket": ["bucket"]},
        ),
        "tls-only": Thing(
            "aws:s3/bucketPolicy:BucketPolicy",
            {"bucket": UNKNOWN_TEXT, "policy": denying()},
            {"bucket": ["bucket"]},
        ),
    }


def denying(
    effect: str = "Deny",
    principal: object = "*",
    action: object = "s3:*",
    plain: object = "false",
    resource: object = None,
    bucket: str = "bucket-name",
    **conditions: object,
) -> str:
    """A bucket policy about requests without TLS."""
    arn = f"arn:aws:s3:::{bucket}"
    statement = {
        "Effect": effect,
        "Principal": principal,
        "Action": action,
        "Resource": [arn, f"{arn}/*"] if resource is None else resource,
        "Condition": {"Bool": {"aws:SecureTransport": plain}, **conditions},
    }
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]})


def halves(*resources: str) -> str:
    """A bucket policy with a statement for each of these."""
    each = [json.loads(denying(resource=resource))["Statement"][0] for resource in resources]
    return json.dumps({"Version": "2012-10-17", "Statement": each})


def proof(platform: Platform, name: str = "tandem-audit-1", **retention: object) -> Platform:
    """Let the bucket be for proof, with this lock."""
    platform.put("bucket", "bucket", name).put("tls-only", "policy", denying(bucket=name))
    lock = Thing(
        "aws:s3/bucketObjectLockConfiguration:BucketObjectLockConfiguration",
        {"bucket": UNKNOWN_TEXT, "rule": {"defaultRetention": {"mode": "GOVERNANCE", **retention}}},
        {"bucket": ["bucket"]},
    )
    return platform.add("lock", lock) if retention else platform


def another(platform: Platform, name: str, props: dict[str, object]) -> Platform:
    """Add a bucket that is as closed as the first."""
    for like in ("no-public", "tls-only"):
        thing = copy.deepcopy(platform.things[like])
        thing.edges = {"bucket": [name]}
        platform.add(f"{name}-{like}", thing)
    platform.put(f"{name}-tls-only", "policy", denying(bucket=f"{name}-1"))
    return platform.add(name, Thing(BUCKET, {"bucket": f"{name}-1", **props}, protect=True))


def for_all(platform: Platform, **props: object) -> Platform:
    """Close the whole account, and not the bucket by itself."""
    flags = dict.fromkeys(("blockPublicAcls", "blockPublicPolicy", "ignorePublicAcls", "restrictPublicBuckets"), True)
    closed = Thing("aws:s3/accountPublicAccessBlock:AccountPublicAccessBlock", {**flags, **props})
    return platform.drop("no-public").add("no-public-account", closed)


def from_another(platform: Platform, account: str, **props: object) -> Platform:
    """Close the account of another provider."""
    allowed = {"allowedAccountIds": f'["{account}"]'} if account else {}
    return for_all(platform, **props).through("no-public-account", "other", allowed)


def two_rules(platform: Platform, name: str, path: str, value: object) -> Platform:
    """Let a replication have one more rule, before its own and like it but for one property."""
    rules = with_other_region(platform).things[name].props["rules"]
    rules.insert(0, copy.deepcopy(rules[0]))
    return platform.put(name, f"rules/0/{path}", value)


def one_way(platform: Platform) -> Platform:
    """Copy the other region's bucket here, and nothing back."""
    return with_other_region(platform).drop("copy-here")


MUTANTS: list[Mutant] = [
    ("versioning dropped", lambda p: p.drop("versioning"), {"S3-01"}),
    ("versioning suspended", lambda p: p.put("versioning", "versioningConfiguration/status", "Suspended"), {"S3-01"}),
    ("versioning of another bucket", lambda p: another(p, "other", {}).point("versioning", "bucket", "other"), {"S3-01"}),
    ("versioning without a status", lambda p: p.put("versioning", "versioningConfiguration", {}), {"S3-01"}),
    ("versioning unknown", lambda p: p.hide("versioning", "versioningConfiguration"), {"S3-01?"}),
    ("versioned bucket not in view", lambda p: p.cut("versioning", "bucket"), {"S3-01?"}),
    # S3-02
    ("bucket copied nowhere", one_way, {"S3-02"}),
    ("copies switched off", lambda p: with_other_region(p).put("copy-back", "rules/0/status", "Disabled"), {"S3-02", "S3-03"}),
    ("copied within the region", lambda p: with_other_region(p).put("bucket-west", "region", "us-east-1"), {"S3-02"}),
    ("the standby's bucket copied nowhere", lambda p: with_other_region(p).drop("copy-back"), {"S3-02"}),
    ("another bucket copied", lambda p: another(with_other_region(p), "logs", {"versioning": {"enabled": True}}), {"S3-02"}),
    ("bucket's region unknown", lambda p: with_other_region(p).put("bucket", "region", UNKNOWN_TEXT), {"S3-02?"}),
    ("what is copied unknown", lambda p: with_other_region(p).hide("copy-here", "bucket"), {"S3-02?", "S3-04?"}),
    ("copies on or off unknown", lambda p: with_other_region(p).hide("copy-here", "rules/0/status"), {"S3-02?", "S3-03?"}),
    ("where copies go unknown", lambda p: with_other_region(p).hide("copy-back", "rules/0/destination/bucket"), {"S3-02?", "S3-04?"}),
    ("a part of a bucket copied", lambda p: with_other_region(p).put("copy-here", "rules/0/filter", {"prefix": "logs/"}), {"S3-02"}),
    ("a part of a bucket copied, the older way", lambda p: with_other_region(p).put("copy-here", "rules/0/prefix", "logs/"), {"S3-02"}),
    ("tagged objects copied", lambda p: with_other_region(p).put("copy-here", "rules/0/filter", {"and": {"prefix": "", "tags": {"copy": "yes"}}}), {"S3-02"}),
    ("two parts of a bucket copied", lambda p: two_rules(p, "copy-here", "filter", {"prefix": "logs/"}).put("copy-here", "rules/1/filter", {"tag": {"key": "copy", "value": "yes"}}), {"S3-02"}),
    ("a part of a bucket copied to somewhere", lambda p: with_other_region(p).put("copy-back", "rules/0/filter", {"prefix": "logs/"}).hide("copy-back", "rules/0/destination/bucket"), {"S3-02", "S3-04?"}),
    ("which objects are copied unknown", lambda p: with_other_region(p).hide("copy-here", "rules/0/filter"), {"S3-02?"}),
    ("prefix of what is copied unknown", lambda p: with_other_region(p).put("copy-here", "rules/0/filter", {"prefix": UNKNOWN_TEXT}), {"S3-02?"}),
    ("a part of a bucket that expires", lambda p: one_way(p).put("lifecycle", "rules/0/expiration", {"days": 90}).put("lifecycle", "rules/0/filter", {"prefix": "tmp/"}), {"S3-02"}),
    ("a part of a bucket that expires, the older way", lambda p: one_way(p).put("lifecycle", "rules/0/expiration", {"days": 90}).put("lifecycle", "rules/0/prefix", "tmp/"), {"S3-02"}),
    ("tagged objects that expire", lambda p: one_way(p).put("lifecycle", "rules/0/expiration", {"days": 90}).put("lifecycle", "rules/0/filter", {"tag": {"key": "tmp", "value": "1"}}), {"S3-02"}),
    ("objects that expire, of a part unknown", lambda p: one_way(p).put("lifecycle", "rules/0/expiration", {"days": 90}).put("lifecycle", "rules/0/filter", UNKNOWN_TEXT), {"S3-02?"}),
    ("objects that expire after a year and a day", lambda p: one_way(p).put("lifecycle", "rules/0/expiration", {"days": 366}), {"S3-02"}),
    ("objects that expire in no time", lambda p: one_way(p).put("lifecycle", "rules/0/expiration", {"days": 0}), {"S3-02"}),
    ("objects that expire at a time unknown", lambda p: one_way(p).put("lifecycle", "rules/0/expiration", {"days": UNKNOWN_TEXT}), {"S3-02?"}),
    ("objects that would expire", lambda p: one_way(p).put("lifecycle", "rules/0/expiration", {"days": 90}).put("lifecycle", "rules/0/status", "Disabled"), {"S3-02"}),
    ("bucket's region and where copies go unknown", lambda p: with_other_region(p).put("bucket-west", "region", UNKNOWN_TEXT).hide("copy-back", "rules/0/destination/bucket"), {"S3-02?", "S3-04?"}),
    ("one of two rules of copies off", lambda p: two_rules(p, "copy-here", "status", "Disabled"), {"S3-03"}),
    ("one of two rules of copies to a bucket not in view", lambda p: two_rules(p, "copy-back", "destination/bucket", "arn:aws:s3:::elsewhere"), {"S3-04?"}),
    # S3-03
    ("copies in no time", lambda p: with_other_region(p).delete("copy-here", "rules/0/destination/replicationTime"), {"S3-03"}),
    ("copies without metrics", lambda p: with_other_region(p).put("copy-here", "rules/0/destination/metrics/status", "Disabled"), {"S3-03"}),
    ("copies without delete markers", lambda p: with_other_region(p).put("copy-back", "rules/0/deleteMarkerReplication/status", "Disabled"), {"S3-03"}),
    ("copies without delete markers by default", lambda p: with_other_region(p).delete("copy-back", "rules/0/deleteMarkerReplication"), {"S3-03"}),
    ("changes to copies stay", lambda p: with_other_region(p).delete("copy-back", "rules/0/sourceSelectionCriteria"), {"S3-03"}),
    ("time of copies unknown", lambda p: with_other_region(p).hide("copy-back", "rules/0/destination/replicationTime/status"), {"S3-03?"}),
    # S3-04
    ("copies before the source is versioned", lambda p: with_other_region(p).point("copy-back", "bucket", "bucket-west"), {"S3-04"}),
    ("copies before the destination is versioned", lambda p: with_other_region(p).point("copy-here", "rules", "bucket-west"), {"S3-04"}),
    ("copies after another bucket's versioning", lambda p: with_other_region(p).point("copy-here", "rules", "bucket-west", "versioning"), {"S3-04"}),
    ("copies of what is not versioned", lambda p: with_other_region(p).drop("versioning"), {"S3-01", "S3-04"}),
    ("copies of a bucket that is not in view", lambda p: with_other_region(p).put("copy-here", "bucket", "elsewhere"), {"S3-02", "S3-04?"}),
    # S3-05
    ("proof without a lock", proof, {"S3-05"}),
    ("proof by its name in the program", lambda p: another(p, "backups", {"versioning": {"enabled": True}}), {"S3-05"}),
    ("proof beside a locked bucket", lambda p: proof(another(p, "kept", {"versioning": {"enabled": True}}), days=30).point("lock", "bucket", "kept"), {"S3-05"}),
    ("proof by the beginning of its name", lambda p: p.hide("bucket", "bucket").put("bucket", "bucketPrefix", "audit-").put("tls-only", "policy", denying(resource="*")), {"S3-05"}),
    ("proof or not, its name is unknown", lambda p: p.hide("bucket", "bucket").put("tls-only", "policy", denying(resource="*")), {"S3-05?"}),
    ("proof or not, locked for a week", lambda p: proof(p, UNKNOWN_TEXT, days=7).put("tls-only", "policy", denying(resource="*")), {"S3-05?"}),
    ("proof locked for a week", lambda p: proof(p, days=7), {"S3-05"}),
    ("proof locked off by one", lambda p: proof(p, days=29), {"S3-05"}),
    ("proof locked without a time", lambda p: proof(p, days=None), {"S3-05"}),
    ("proof locked for no year", lambda p: proof(p, years=0), {"S3-05"}),
    ("proof locked for a time unknown", lambda p: proof(p, days=UNKNOWN_TEXT), {"S3-05?"}),
    ("locked bucket not in view", lambda p: proof(p, days=30).cut("lock", "bucket"), {"S3-05?"}),
    # S3-07
    ("versions kept for 29 days", lambda p: p.put("lifecycle", "rules/0/noncurrentVersionExpiration/noncurrentDays", 29), {"S3-07"}),
    ("versions kept for a day", lambda p: p.put("lifecycle", "rules/0/noncurrentVersionExpiration/noncurrentDays", 1), {"S3-07"}),
    ("versions kept for no time", lambda p: p.put("lifecycle", "rules/0/noncurrentVersionExpiration", {}), {"S3-07"}),
    ("versions kept unknown", lambda p: p.hide("lifecycle", "rules/0/noncurrentVersionExpiration"), {"S3-07?"}),
    # S3-09
    ("bucket open", lambda p: p.drop("no-public"), {"S3-09"}),
    ("bucket open beside a closed one", lambda p: with_other_region(p).drop("no-public"), {"S3-09"}),
    ("public lists", lambda p: p.put("no-public", "blockPublicAcls", False), {"S3-09"}),
    ("public policies", lambda p: p.put("no-public", "blockPublicPolicy", False), {"S3-09"}),
    ("public lists that hold", lambda p: p.delete("no-public", "ignorePublicAcls"), {"S3-09"}),
    ("public policies that hold", lambda p: p.delete("no-public", "restrictPublicBuckets"), {"S3-09"}),
    ("public or not unknown bucket", lambda p: p.hide("no-public", "restrictPublicBuckets"), {"S3-09?"}),
    ("closed bucket not in view", lambda p: p.cut("no-public", "bucket"), {"S3-09?"}),
    ("account open to policies", lambda p: for_all(p, blockPublicPolicy=False), {"S3-09"}),
    ("account open or not unknown", lambda p: for_all(p, restrictPublicBuckets=UNKNOWN_TEXT), {"S3-09?"}),
    ("another account closed", lambda p: from_another(p, "210987654321"), {"S3-09"}),
    ("another account closed, by its number", lambda p: from_another(p, "123456789012", accountId="210987654321"), {"S3-09"}),
    ("account that is closed not known", lambda p: from_another(p, ""), {"S3-09?"}),
    ("one of two accounts closed", lambda p: from_another(p, '123456789012", "210987654321'), {"S3-09?"}),
    ("account open, and closed bucket not in view", lambda p: for_all(p, blockPublicPolicy=False).add("no-public", Thing("aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock", {"bucket": UNKNOWN_TEXT})), {"S3-09?"}),
    # S3-10
    ("bucket without a policy", lambda p: p.drop("tls-only"), {"S3-10"}),
    ("bucket without a policy beside one with", lambda p: with_other_region(p).drop("tls-only"), {"S3-10"}),
    ("requests without TLS allowed", lambda p: p.put("tls-only", "policy", denying("Allow", StringEquals={"aws:SourceAccount": "123456789012"})), {"S3-10"}),
    ("requests with TLS denied", lambda p: p.put("tls-only", "policy", denying(plain="true")), {"S3-10"}),
    ("reading without TLS denied", lambda p: p.put("tls-only", "policy", denying(action="s3:GetObject")), {"S3-10"}),
    ("somebody denied without TLS", lambda p: p.put("tls-only", "policy", denying(principal={"AWS": "arn:aws:iam::123456789012:root"})), {"S3-10"}),
    ("objects without TLS denied, and not their list", lambda p: p.put("tls-only", "policy", denying(resource="arn:aws:s3:::bucket-name/*")), {"S3-10"}),
    ("some objects without TLS denied", lambda p: p.put("tls-only", "policy", denying(resource=["arn:aws:s3:::bucket-name", "arn:aws:s3:::bucket-name/public/*"])), {"S3-10"}),
    ("one object without TLS denied", lambda p: p.put("tls-only", "policy", denying(resource=["arn:aws:s3:::bucket-name", "arn:aws:s3:::bucket-name/"])), {"S3-10"}),
    ("another bucket's objects without TLS denied", lambda p: p.put("tls-only", "policy", denying(bucket="bucket-nam")), {"S3-10"}),
    ("one account denied without TLS", lambda p: p.put("tls-only", "policy", denying(StringEquals={"aws:PrincipalAccount": "123456789012"})), {"S3-10"}),
    ("requests denied on another condition", lambda p: p.put("tls-only", "policy", denying(Bool={"aws:ViaAWSService": "false"})), {"S3-10"}),
    ("requests without TLS let be", lambda p: p.put("tls-only", "policy", denying(Bool={}, Null={"aws:SecureTransport": "false"})), {"S3-10"}),
    ("name of the bucket that is denied unknown", lambda p: p.hide("bucket", "bucket"), {"S3-05?", "S3-10?"}),
    ("bucket policy unknown", lambda p: p.hide("tls-only", "policy"), {"S3-10?", "SEC-04?"}),
    ("buckets of two policies not in view", lambda p: p.cut("tls-only", "bucket").add("tls-too", p.things["tls-only"]), {"S3-10?"}),
    ("bucket of the policy not in view", lambda p: p.cut("tls-only", "bucket"), {"S3-10?"}),
    ("bucket destroyed with objects", lambda p: p.put("bucket", "forceDestroy", True), {"S3-06"}),
    ("bucket destruction as text", lambda p: p.put("bucket", "forceDestroy", "true"), {"S3-06"}),
    ("bucket destruction as a number", lambda p: p.put("bucket", "forceDestroy", 1), {"S3-06"}),
    ("bucket destruction unknown", lambda p: p.hide("bucket", "forceDestroy"), {"S3-06?"}),
]  # fmt: skip

GOOD: list[Mutant] = [
    ("versioning of the bucket's own", lambda p: p.drop("versioning").put("bucket", "versioning", {"enabled": True}), set()),
    ("copies of buckets versioned from the beginning", lambda p: with_other_region(p).drop("versioning", "versioning-west").put("bucket", "versioning", {"enabled": True}).put("bucket-west", "versioning", {"enabled": True}), set()),
    ("copies from a bucket by its edge", lambda p: with_other_region(p).hide("copy-back", "bucket"), set()),
    ("copies to a bucket by its edge", lambda p: with_other_region(p).hide("copy-here", "rules/0/destination/bucket"), set()),
    ("a part of a bucket copied, and all of it", lambda p: two_rules(p, "copy-here", "filter", {"prefix": "logs/"}), set()),
    ("copies of any prefix", lambda p: with_other_region(p).put("copy-here", "rules/0/filter", {"prefix": ""}), set()),
    ("proof locked for a month", lambda p: proof(p, days=30), set()),
    ("proof locked for a month, and for years that a provider keeps as 0", lambda p: proof(p, days=30, years=0), set()),
    ("proof or not, it is locked", lambda p: proof(p, UNKNOWN_TEXT, days=30).put("tls-only", "policy", denying(resource="*")), set()),
    ("proof locked for a year", lambda p: proof(p, years=1), set()),
    ("locked copies of locked objects", lambda p: one_way(proof(p, "bucket-name", days=30)), set()),
    ("logs that expire are not copied", lambda p: one_way(p).put("lifecycle", "rules/0/expiration", {"days": 90}), set()),
    ("logs that expire after a day, of any size", lambda p: one_way(p).put("lifecycle", "rules/0/expiration", {"days": 1}).put("lifecycle", "rules/0/filter", {"objectSizeGreaterThan": 0}), set()),
    ("logs that expire, of any prefix", lambda p: one_way(p).put("lifecycle", "rules/0/expiration", {"days": 365}).put("lifecycle", "rules/0/filter", {"prefix": ""}), set()),
    ("whole account closed", for_all, set()),
    ("account closed by another provider of it", lambda p: from_another(p, "123456789012", accountId=UNKNOWN_TEXT), set()),
    ("account closed by its number", lambda p: from_another(p, "", accountId="123456789012").through("no-public-account", "other", {"assumeRoles": [{}]}), set()),
    ("account open, and bucket closed", lambda p: for_all(p.add("closed", p.things["no-public"]), blockPublicPolicy=False), set()),
    ("account and bucket closed half each", lambda p: for_all(p.add("closed", p.things["no-public"]), blockPublicPolicy=False).put("closed", "blockPublicAcls", False), set()),
    ("TLS as two statements", lambda p: p.put("tls-only", "policy", json.dumps({"Statement": [{"Effect": "Allow", "Principal": {"Service": "x"}, "Action": "s3:PutObject"}, json.loads(denying(principal={"AWS": "*"}, action=["s3:*"]))["Statement"][0]]})), set()),
    ("TLS said as a list", lambda p: p.put("tls-only", "policy", denying(plain=["false"])), set()),
    ("TLS said as a truth", lambda p: p.put("tls-only", "policy", denying(plain=False)), set()),
    ("TLS said in small letters", lambda p: p.put("tls-only", "policy", denying(Bool={}, BoolIfExists={"aws:securetransport": "false"})), set()),
    ("TLS for the bucket and for its objects", lambda p: p.put("tls-only", "policy", halves("arn:aws:s3:::bucket-name", "arn:aws:s3:::bucket-name/*")), set()),
    ("TLS for all that begins like the bucket", lambda p: p.put("tls-only", "policy", denying(resource="arn:aws:s3:::bucket-name*")), set()),
    ("TLS for whatever bucket it is", lambda p: p.put("tls-only", "policy", denying(resource="*")).hide("bucket", "bucket").put("bucket", "bucketPrefix", "models-"), set()),
    ("versions that never expire", lambda p: p.put("lifecycle", "rules/0", {"status": "Disabled", "noncurrentVersionExpiration": {"noncurrentDays": 1}}), set()),
]  # fmt: skip

EVIDENCE: dict[str, set[str]] = {
    "one of two accounts closed": {"S3-09: whether the account of no-public-account is that of the bucket is not known"},
    "some objects without TLS denied": {"S3-10: tls-only denies it of a part; Resource must hold the bucket's ARN, and that with /*"},
    "one account denied without TLS": {"S3-10: no statement of tls-only denies everybody what comes without TLS, on no other condition"},
    "name of the bucket that is denied unknown": {"S3-10: bucket is not known yet, and so whether tls-only is about all of it"},
    "two parts of a bucket copied": {"S3-02: copy-here copies a part of it alone, by a prefix or another filter"},
    "buckets of two policies not in view": {"S3-10: no bucket in view is that of tls-only, tls-too: it may be this one"},
    "bucket's region and where copies go unknown": {"S3-02: its region is not known; the bucket that copy-back copies to is not in view"},
}  # fmt: skip
"""What is said of some of them, word for word."""
