"""Copying a bucket's objects to a bucket in another region."""

from typing import NotRequired, TypedDict

import pulumi
import pulumi_aws as aws

from components.iam import allow, document, trust

REPLICATION_MINUTES = 15
"""The only value S3 takes: replication time control is designed for 99.99 % of objects within 15 minutes
(S3 User Guide, replication-time-control, read 2026-11)."""

EVERYTHING = "everything"
"""Id of the one rule: a dimension of the metrics of replication."""


class BucketReplicationArgs(TypedDict):
    """Inputs of BucketReplication. Both buckets must be versioned already."""

    source_bucket: pulumi.Input[str]
    """Name of the bucket that objects are copied from."""
    source_arn: pulumi.Input[str]
    """Its ARN."""
    source_key_arn: pulumi.Input[str]
    """Key that encrypts it."""
    source_region: pulumi.Input[str]
    """Region of the source bucket: the configuration lives there."""
    destination_arn: pulumi.Input[str]
    """ARN of the bucket that objects are copied to."""
    destination_key_arn: pulumi.Input[str]
    """Key of the destination's region that encrypts the copies."""
    object_lock: NotRequired[bool]
    """Both buckets lock their objects: copies keep the lock of the original. One way only. Default false."""


class BucketReplication(pulumi.ComponentResource):
    """One-way replication with time control, delete markers, and changes made to replicas. Two make it two-way.

    Losing the source's region costs the objects of the last minutes: 99.9 % within 15 minutes by SLA (S3 RTC SLA,
    4 May 2022). Objects that were there before are not copied. How far the copies are behind is a metric of the
    destination's region, what failed one of the source's (S3 User Guide, "Using S3 Replication metrics", read 2026-11).

    Cost when idle: none; copied bytes. State: none. Regions: the role is global, the configuration in
    ``source_region``.
    """

    def __init__(self, name: str, args: BucketReplicationArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("tandem:index:BucketReplication", name, {}, opts)
        child = pulumi.ResourceOptions(parent=self)
        role = aws.iam.Role(name, assume_role_policy=trust("s3.amazonaws.com"), opts=child)
        permission = aws.iam.RolePolicy(
            name,
            role=role.id,
            policy=pulumi.Output.all(
                args["source_arn"], args["source_key_arn"], args["destination_arn"], args["destination_key_arn"]
            ).apply(lambda arns: replication_policy(*arns, object_lock=args.get("object_lock", False))),
            opts=child,
        )
        aws.s3.BucketReplicationConfig(
            name,
            bucket=args["source_bucket"],
            role=role.arn,
            rules=[
                aws.s3.BucketReplicationConfigRuleArgs(
                    id=EVERYTHING,
                    status="Enabled",
                    priority=0,
                    filter=aws.s3.BucketReplicationConfigRuleFilterArgs(prefix=""),
                    delete_marker_replication=aws.s3.BucketReplicationConfigRuleDeleteMarkerReplicationArgs(
                        status="Enabled"
                    ),
                    source_selection_criteria=aws.s3.BucketReplicationConfigRuleSourceSelectionCriteriaArgs(
                        replica_modifications=(
                            aws.s3.BucketReplicationConfigRuleSourceSelectionCriteriaReplicaModificationsArgs(
                                status="Enabled"
                            )
                        ),
                        sse_kms_encrypted_objects=(
                            aws.s3.BucketReplicationConfigRuleSourceSelectionCriteriaSseKmsEncryptedObjectsArgs(
                                status="Enabled"
                            )
                        ),
                    ),
                    destination=aws.s3.BucketReplicationConfigRuleDestinationArgs(
                        bucket=args["destination_arn"],
                        encryption_configuration=(
                            aws.s3.BucketReplicationConfigRuleDestinationEncryptionConfigurationArgs(
                                replica_kms_key_id=args["destination_key_arn"]
                            )
                        ),
                        replication_time=aws.s3.BucketReplicationConfigRuleDestinationReplicationTimeArgs(
                            status="Enabled",
                            time=aws.s3.BucketReplicationConfigRuleDestinationReplicationTimeTimeArgs(
                                minutes=REPLICATION_MINUTES
                            ),
                        ),
                        metrics=aws.s3.BucketReplicationConfigRuleDestinationMetricsArgs(
                            status="Enabled",
                            event_threshold=aws.s3.BucketReplicationConfigRuleDestinationMetricsEventThresholdArgs(
                                minutes=REPLICATION_MINUTES
                            ),
                        ),
                    ),
                )
            ],
            region=args["source_region"],
            opts=pulumi.ResourceOptions(parent=self, depends_on=[permission]),
        )
        self.register_outputs({})


def replication_policy(
    source_arn: str, source_key_arn: str, destination_arn: str, destination_key_arn: str, *, object_lock: bool = False
) -> str:
    """What S3 needs to copy encrypted objects: an IAM policy document."""
    # Locks need two rights more (S3 User Guide, "Object Lock considerations", read 2026-11).
    locks = ["s3:GetObjectRetention", "s3:GetObjectLegalHold"] if object_lock else []
    return document(
        [
            allow(["s3:GetReplicationConfiguration", "s3:ListBucket"], [source_arn]),
            allow(
                ["s3:GetObjectVersionForReplication", "s3:GetObjectVersionAcl", "s3:GetObjectVersionTagging", *locks],
                [f"{source_arn}/*"],
            ),
            allow(["s3:ReplicateObject", "s3:ReplicateDelete", "s3:ReplicateTags"], [f"{destination_arn}/*"]),
            allow(["kms:Decrypt"], [source_key_arn]),
            allow(["kms:Encrypt"], [destination_key_arn]),
        ]
    )
