"""What a cache says of itself."""

import pulumi
import pulumi_aws as aws


def slow_log(
    name: str,
    identifier: str,
    *,
    retention_days: int | None,
    key_arn: pulumi.Input[str] | None,
    region: str | None,
    opts: pulumi.ResourceOptions,
) -> "list[aws.elasticache.ReplicationGroupLogDeliveryConfigurationArgs] | None":
    """Where a cache writes its slow commands: a log group of its own, or nowhere without ``retention_days``.

    The group is made first, because one that AWS makes keeps everything for ever and unencrypted.
    """
    if retention_days is None:
        return None
    group = aws.cloudwatch.LogGroup(
        name,
        name=f"/aws/elasticache/{identifier}",
        retention_in_days=retention_days,
        kms_key_id=key_arn,
        region=region,
        opts=opts,
    )
    return [
        aws.elasticache.ReplicationGroupLogDeliveryConfigurationArgs(
            destination=group.name, destination_type="cloudwatch-logs", log_format="json", log_type="slow-log"
        )
    ]
