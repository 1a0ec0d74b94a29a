"""What runs of every orchestrator are told of the platform, and what they may do with its buckets."""

from collections.abc import Sequence
from typing import NotRequired, TypedDict

import pulumi

from components.iam import allow, document


class RunFailoverArgs(TypedDict):
    """Where a run finds its checkpoints when this region's bucket is dark."""

    region: str
    """The other region: FAILOVER_REGION."""
    checkpoint_bucket: pulumi.Input[str]
    """Its bucket, which holds copies: FAILOVER_CHECKPOINT_BUCKET."""


class RunArgs(TypedDict):
    """What every orchestrator's runs are told; its component takes the same inputs."""

    failover_endpoint: pulumi.Input[str]
    """Where runs reach the platform in the other region: FAILOVER_ENDPOINT."""
    artifact_bucket: pulumi.Input[str]
    """Bucket for what runs leave behind: ARTIFACT_BUCKET."""
    checkpoint_bucket: pulumi.Input[str]
    """Bucket for what runs resume from: CHECKPOINT_BUCKET."""
    failover: NotRequired[RunFailoverArgs]
    """Copies of the checkpoints. Absent: this region has none elsewhere."""


def render_run_environment(args: RunArgs) -> dict[str, pulumi.Input[str]]:
    """Environment of runs, as workflows/recovery.py reads it."""
    told = {
        "FAILOVER_ENDPOINT": args["failover_endpoint"],
        "ARTIFACT_BUCKET": args["artifact_bucket"],
        "CHECKPOINT_BUCKET": args["checkpoint_bucket"],
    }
    if "failover" in args:
        told["FAILOVER_REGION"] = args["failover"]["region"]
        told["FAILOVER_CHECKPOINT_BUCKET"] = args["failover"]["checkpoint_bucket"]
    return told


def runs_policy(bucket_arns: Sequence[str], key_arns: Sequence[str]) -> str:
    """What runs need: read and write artifacts and checkpoints.

    Name the other region's checkpoint bucket and key, too, for runs that outlive this region's bucket.
    """
    return document(
        [
            allow(["s3:ListBucket"], bucket_arns),
            allow(["s3:GetObject", "s3:GetObjectVersion", "s3:PutObject"], [f"{arn}/*" for arn in bucket_arns]),
            allow(["kms:Decrypt", "kms:GenerateDataKey"], key_arns),
        ]
    )
