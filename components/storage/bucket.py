"""A bucket for what must not be lost."""

import json
from typing import NotRequired, TypedDict

import pulumi
import pulumi_aws as aws

from components._outputs import known_once
from components._protection import stateful

ABANDONED_UPLOAD_DAYS = 7


class BucketArgs(TypedDict):
    """Inputs of Bucket."""

    bucket_name: str
    """Physical name, unique in the world; the other region computes it."""
    key_arn: pulumi.Input[str]
    """Key of the bucket's own region that encrypts every object."""
    noncurrent_days: NotRequired[int]
    """Days that overwritten and deleted versions can be brought back, 1 to 3650. Default 90."""
    protected: NotRequired[bool]
    """Refuse deletion, also of a bucket that still holds objects. Default true."""
    region: NotRequired[str]
    """Region of every child. Default: the provider's."""


class Bucket(pulumi.ComponentResource):
    """Versioned, encrypted, private, TLS-only storage. Overwriting and deleting can be undone for ``noncurrent_days``.

    Losing a zone loses no object (S3 Standard keeps each in three zones at least); losing the region needs a
    BucketReplication.

    Cost when idle: stored bytes. State: the objects; protected. Regions: all children regional.
    """

    bucket_name: pulumi.Output[str]
    """Name of the bucket, known once it is versioned and encrypted."""
    arn: pulumi.Output[str]
    """ARN of the bucket, known once it is versioned: replication may be configured."""

    def __init__(self, name: str, args: BucketArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        days = int(args.get("noncurrent_days", 90))
        if not 1 <= days <= 3650:
            raise ValueError(f"noncurrent_days: got {days}, must be 1 to 3650")
        region = args.get("region")
        protected = args.get("protected", True)
        super().__init__("tandem:index:Bucket", name, {}, opts)
        child = pulumi.ResourceOptions(parent=self)

        bucket = aws.s3.Bucket(
            name,
            bucket=args["bucket_name"],
            force_destroy=not protected,
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
            ],
            region=region,
            opts=child,
        )
        aws.s3.BucketPolicy(
            name,
            bucket=bucket.id,
            policy=bucket.arn.apply(tls_only_policy),
            region=region,
            # S3 answers 409 while two of a bucket's settings change at once.
            opts=pulumi.ResourceOptions(parent=self, depends_on=[closed]),
        )
        aws.s3.BucketLifecycleConfiguration(
            name,
            bucket=bucket.id,
            rules=[
                # Only versions that were replaced ever expire: the current one may be the only copy.
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
            ],
            region=region,
            opts=pulumi.ResourceOptions(parent=self, depends_on=[versioning]),
        )
        self.bucket_name = known_once(bucket.bucket, versioning.id, encryption.id)
        self.arn = known_once(bucket.arn, versioning.id)
        self.register_outputs({"bucketName": self.bucket_name, "arn": self.arn})


def tls_only_policy(bucket_arn: str) -> str:
    """Bucket policy that denies every request without TLS."""
    return json.dumps(
        {
            "Version": "2012-10-17",
            "Statement": [
                {
                    "Sid": "TlsOnly",
                    "Effect": "Deny",
                    "Principal": "*",
                    "Action": "s3:*",
                    "Resource": [bucket_arn, f"{bucket_arn}/*"],
                    "Condition": {"Bool": {"aws:SecureTransport": "false"}},
                }
            ],
        }
    )
