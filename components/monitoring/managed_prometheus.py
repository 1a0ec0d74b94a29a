"""Where samples of clusters are kept that may be lost."""

import re
from typing import NotRequired, TypedDict

import pulumi
import pulumi_aws as aws

_ALIAS = re.compile(r"[0-9A-Za-z][0-9A-Za-z._-]{0,99}")


class ManagedPrometheusArgs(TypedDict):
    """Inputs of ManagedPrometheus."""

    alias: str
    """Name that people read, 1 to 100 letters, digits, dots, hyphens and underscores."""
    key_arn: pulumi.Input[str]
    """Key of this region for samples and logs. It must let CloudWatch Logs use it."""
    log_retention_days: NotRequired[int]
    """Days that errors of rules and of its Alertmanager are kept. Default 30."""
    region: NotRequired[str]
    """Region of every child. Default: the provider's."""


class ManagedPrometheus(pulumi.ComponentResource):
    """A workspace of Amazon Managed Prometheus, encrypted, with its errors logged.

    Regional, on several zones of AWS's own: losing a zone loses nothing, and losing the cluster leaves its samples
    readable. Losing the region loses both, so each region writes to its own. Of the two Prometheus of a cluster it
    takes the samples of one, by the labels ``cluster`` and ``__replica__``, and those of the other once the first has
    been silent for 30 s (Amazon Managed Service for Prometheus User Guide, "Deduplicating high availability metrics").

    Cost when idle: its key and log group; samples by the million. State: 150 days of samples, AWS's default. Regions:
    all children regional.
    """

    arn: pulumi.Output[str]
    """For ``prometheus_policy`` and ``collector_policy``."""
    remote_write_url: pulumi.Output[str]
    """Where Prometheus and collectors write to."""
    query_url: pulumi.Output[str]
    """Base of queries, as Grafana's data source and KEDA want it, without a final slash."""

    def __init__(self, name: str, args: ManagedPrometheusArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        check_alias(args["alias"])
        region = args.get("region")
        super().__init__("tandem:index:ManagedPrometheus", name, {}, opts)
        child = pulumi.ResourceOptions(parent=self)
        logs = aws.cloudwatch.LogGroup(
            f"{name}-logs",
            # Else every workspace lengthens one resource policy until that is full (CloudWatch Logs User Guide, "Log
            # group resource policy size limit considerations").
            name=f"/aws/vendedlogs/prometheus/{args['alias']}",
            retention_in_days=args.get("log_retention_days", 30),
            kms_key_id=args["key_arn"],
            region=region,
            opts=child,
        )
        workspace = aws.amp.Workspace(
            name,
            alias=args["alias"],
            kms_key_arn=args["key_arn"],
            logging_configuration={"log_group_arn": pulumi.Output.concat(logs.arn, ":*")},
            region=region,
            opts=child,
        )
        self.arn = workspace.arn
        self.remote_write_url = workspace.prometheus_endpoint.apply(
            lambda url: f"{url.rstrip('/')}/api/v1/remote_write"
        )
        self.query_url = workspace.prometheus_endpoint.apply(lambda url: url.rstrip("/"))
        self.register_outputs({"arn": self.arn, "remoteWriteUrl": self.remote_write_url, "queryUrl": self.query_url})


def check_alias(alias: str) -> None:
    """Refuse a name that AWS would.

    Raises:
        ValueError: With what to write instead.
    """
    if not _ALIAS.fullmatch(alias):
        raise ValueError(f"alias: got {alias!r}, must be 1 to 100 letters, digits, dots, hyphens and underscores")
