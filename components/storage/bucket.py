"""A bucket for what must not be lost."""

from collections.abc import Sequence
from enum import StrEnum
from typing import NotRequired, TypedDict

import pulumi
import pulumi_aws as aws

from components._outputs import known_once
from components._protection import stateful
from components.iam import Statement, document
from components.storage._plan import LOAD_BALANCER_LOGS, check_encryption, check_retention, check_writers

ABANDONED_UPLOAD_DAYS = 7
REQUEST_METRICS = "EntireBucket"
"""Filter that S3 counts requests by: a dimension of its request metrics."""


class ObjectLockMode(StrEnum):
    """Who may delete a locked object before its time."""

    GOVERNANCE = "GOVERNANCE"
    """Whoever has ``s3:BypassGovernanceRetention`` and says so in the request."""
    COMPLIANCE = "COMPLIANCE"
    """Nobody, not even root: "the only way is to delete the associated AWS account" (S3 User Guide, "Locking objects
    with Object Lock", read 2026-11)."""


class BucketWriter(TypedDict):
    """An AWS service that writes to a bucket by itself."""

    service: str
    """Its principal, such as ``cloudtrail.amazonaws.com``. The bucket's key must name it among its ``publishers``."""
    prefix: str
    """Folder it writes to, without a slash at the ends. Empty for anywhere."""


class BucketArgs(TypedDict):
    """Inputs of Bucket."""

    bucket_name: str
    """Physical name, unique in the world; the other region computes it."""
    key_arn: NotRequired[pulumi.Input[str]]
    """Key of the bucket's own region that encrypts every object. Missing with ``load_balancer_logs`` only."""
    noncurrent_days: NotRequired[int]
    """Days that overwritten and deleted versions can be brought back, 1 to 3650. Default 90."""
    disposable: NotRequired[bool]
    """Nobody misses its objects once they are ``expire_days`` old. Default false: only versions that were replaced ever
    expire."""
    expire_days: NotRequired[int]
    """Days until an object of a disposable bucket expires; it can be brought back for ``noncurrent_days`` more."""
    object_lock_days: NotRequired[int]
    """Days that no version can be deleted, 1 to 3650. Default: it can. Can never be switched off again."""
    object_lock_mode: NotRequired[ObjectLockMode]
    """Who may delete a locked object all the same. Default governance."""
    load_balancer_logs: NotRequired[bool]
    """Let load balancers of the account and region write their access logs here, encrypted by S3's own keys, because
    they know no others. Default false."""
    load_balancer_log_prefix: NotRequired[str]
    """Folder of those logs, as the load balancers have it. Default none."""
    writers: NotRequired[list[BucketWriter]]
    """Other AWS services that write here by themselves. Default none."""
    account_id: NotRequired[str]
    """Account whose services write; with any of the above."""
    request_metrics: NotRequired[bool]
    """Count requests and errors by the minute, for alarms on throttling. Costs by the metric. Default false."""
    protected: NotRequired[bool]
    """Refuse deletion, also of a bucket that still holds objects. Default true."""
    region: NotRequired[str]
    """Region of every child. Default: the provider's."""


class Bucket(pulumi.ComponentResource):
    """Versioned, encrypted, private, TLS-only storage. Overwriting and deleting can be undone for ``noncurrent_days``.

    Losing a zone loses no object (S3 Standard keeps each in three zones at least); losing the region needs a
    BucketReplication. Its lifecycle never deletes what may be the only copy, unless the bucket is said to be
    disposable. With a lock nobody deletes a version before its time, whatever happens to their credentials; a locked
    bucket replicates one way, into another locked one.

    Cost when idle: stored bytes. State: the objects; protected. Regions: all children regional.
    """

    bucket_name: pulumi.Output[str]
    """Name of the bucket, known once it is versioned and encrypted."""
    arn: pulumi.Output[str]
    """ARN of the bucket, known once it is versioned: replication may be configured."""
    writable: pulumi.Output[str]
    """Name of the bucket, known once its policy lets ``writers`` and load balancers in."""

    def __init__(self, name: str, args: BucketArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        days = int(args.get("noncurrent_days", 90))
        expire_days, lock_days = args.get("expire_days"), args.get("object_lock_days")
        mode = ObjectLockMode(args.get("object_lock_mode", ObjectLockMode.GOVERNANCE))
        logs = args.get("load_balancer_logs", False)
        protected = args.get("protected", True)
        check_encryption(has_key="key_arn" in args, load_balancer_logs=logs)
        check_retention(
            noncurrent_days=days,
            disposable=args.get("disposable", False),
            expire_days=expire_days,
            lock_days=lock_days,
            compliance=mode is ObjectLockMode.COMPLIANCE,
            protected=protected,
        )
        writers, account_id = args.get("writers", []), args.get("account_id")
        check_writers(
            [(writer["service"], writer["prefix"]) for writer in writers],
            account_id=account_id,
            load_balancer_logs=logs,
        )
        region = args.get("region")
        super().__init__("tandem:index:Bucket", name, {}, opts)
        child = pulumi.ResourceOptions(parent=self)

        bucket = aws.s3.Bucket(
            name,
            bucket=args["bucket_name"],
            force_destroy=not protected,
            object_lock_enabled=None if lock_days is None else True,
            region=region,
            opts=stateful(self, protected),
        )
        aws.s3.BucketOwnershipControls(
            name,
            bucket=bucket.id,
            rule=aws.s3.BucketOwnershipControlsRuleArgs(object_ownership="BucketOwnerEnforced"),
            region=region,
            opts=child,
        )
        closed = aws.s3.BucketPublicAccessBlock(
            name,
            bucket=bucket.id,
            block_public_acls=True,
            block_public_policy=True,
            ignore_public_acls=True,
            restrict_public_buckets=True,
            region=region,
            opts=child,
        )
        versioning = aws.s3.BucketVersioning(
            name,
            bucket=bucket.id,
            versioning_configuration=aws.s3.BucketVersioningVersioningConfigurationArgs(status="Enabled"),
            region=region,
            opts=child,
        )
        encryption = aws.s3.BucketServerSideEncryptionConfiguration(
            name,
            bucket=bucket.id,
            rules=[
                aws.s3.BucketServerSideEncryptionConfigurationRuleArgs(
                    bucket_key_enabled=True,
                    apply_server_side_encryption_by_default=(
                        aws.s3.BucketServerSideEncryptionConfigurationRuleApplyServerSideEncryptionByDefaultArgs(
                            sse_algorithm="aws:kms", kms_master_key_id=args["key_arn"]
                        )
                    ),
                )
                if "key_arn" in args
                else aws.s3.BucketServerSideEncryptionConfigurationRuleArgs(
                    apply_server_side_encryption_by_default=(
                        aws.s3.BucketServerSideEncryptionConfigurationRuleApplyServerSideEncryptionByDefaultArgs(
                            sse_algorithm="AES256"
                        )
                    ),
                )
            ],
            region=region,
            opts=child,
        )
        policy = aws.s3.BucketPolicy(
            name,
            bucket=bucket.id,
            policy=bucket.arn.apply(
                lambda arn: bucket_policy(
                    arn,
                    account_id=account_id,
                    region=region,
                    writers=writers,
                    load_balancer_log_prefix=args.get("load_balancer_log_prefix", "") if logs else None,
                )
            ),
            region=region,
            # S3 answers 409 while two of a bucket's settings change at once.
            opts=pulumi.ResourceOptions(parent=self, depends_on=[closed]),
        )
        # Only versions that were replaced expire: the current one may be the only copy.
        rules = [
            aws.s3.BucketLifecycleConfigurationRuleArgs(
                id="expire-replaced-versions",
                status="Enabled",
                filter=aws.s3.BucketLifecycleConfigurationRuleFilterArgs(prefix=""),
                noncurrent_version_expiration=(
                    aws.s3.BucketLifecycleConfigurationRuleNoncurrentVersionExpirationArgs(noncurrent_days=days)
                ),
                abort_incomplete_multipart_upload=(
                    aws.s3.BucketLifecycleConfigurationRuleAbortIncompleteMultipartUploadArgs(
                        days_after_initiation=ABANDONED_UPLOAD_DAYS
                    )
                ),
            )
        ]
        if expire_days is not None:
            rules.append(
                aws.s3.BucketLifecycleConfigurationRuleArgs(
                    id="expire-disposable",
                    status="Enabled",
                    filter=aws.s3.BucketLifecycleConfigurationRuleFilterArgs(prefix=""),
                    expiration=aws.s3.BucketLifecycleConfigurationRuleExpirationArgs(days=int(expire_days)),
                )
            )
        aws.s3.BucketLifecycleConfiguration(
            name,
            bucket=bucket.id,
            rules=rules,
            region=region,
            opts=pulumi.ResourceOptions(parent=self, depends_on=[versioning]),
        )
        if lock_days is not None:
            aws.s3.BucketObjectLockConfiguration(
                name,
                bucket=bucket.id,
                rule=aws.s3.BucketObjectLockConfigurationRuleArgs(
                    default_retention=aws.s3.BucketObjectLockConfigurationRuleDefaultRetentionArgs(
                        mode=mode.value, days=int(lock_days)
                    )
                ),
                region=region,
                opts=pulumi.ResourceOptions(parent=self, depends_on=[versioning]),
            )
        if args.get("request_metrics", False):
            aws.s3.BucketMetric(name, bucket=bucket.id, name=REQUEST_METRICS, region=region, opts=child)
        self.bucket_name = known_once(bucket.bucket, versioning.id, encryption.id)
        self.arn = known_once(bucket.arn, versioning.id)
        self.writable = known_once(bucket.bucket, policy.id, encryption.id)
        self.register_outputs({"bucketName": self.bucket_name, "arn": self.arn})


def bucket_policy(
    bucket_arn: str,
    *,
    account_id: str | None = None,
    region: str | None = None,
    writers: Sequence[BucketWriter] = (),
    load_balancer_log_prefix: str | None = None,
) -> str:
    """Bucket policy that denies every request without TLS, and lets AWS services of one account write."""
    statements: list[Statement] = [
        {
            "Sid": "TlsOnly",
            "Effect": "Deny",
            "Principal": "*",
            "Action": "s3:*",
            "Resource": [bucket_arn, f"{bucket_arn}/*"],
            "Condition": {"Bool": {"aws:SecureTransport": "false"}},
        }
    ]
    ours = {"StringEquals": {"aws:SourceAccount": account_id}}
    for writer in writers:
        folder = f"{writer['prefix']}/" if writer["prefix"] else ""
        statements.append(_writes(writer["service"], f"{bucket_arn}/{folder}*", ours))
    for service in sorted({writer["service"] for writer in writers}):
        # Services that deliver logs look whether the bucket is their customer's before they write.
        statements.append(
            {
                "Effect": "Allow",
                "Principal": {"Service": service},
                "Action": ["s3:GetBucketAcl"],
                "Resource": [bucket_arn],
                "Condition": ours,
            }
        )
    if load_balancer_log_prefix is not None:
        folder = f"{load_balancer_log_prefix}/" if load_balancer_log_prefix else ""
        balancers = f"arn:aws:elasticloadbalancing:{region or '*'}:{account_id}:loadbalancer/*"
        statements.append(
            _writes(
                LOAD_BALANCER_LOGS,
                f"{bucket_arn}/{folder}AWSLogs/{account_id}/*",
                {"ArnLike": {"aws:SourceArn": balancers}},
            )
        )
    return document(statements)


def _writes(service: str, resource: str, condition: dict[str, dict[str, str | None]]) -> Statement:
    return {
        "Effect": "Allow",
        "Principal": {"Service": service},
        "Action": ["s3:PutObject"],
        "Resource": [resource],
        "Condition": condition,
    }
