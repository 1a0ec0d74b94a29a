"""What sends the logs of every pod away before their node is gone."""

from typing import Any, NotRequired, TypedDict

import pulumi
import pulumi_kubernetes as k8s

from components._pod_security import READ_ONLY
from components._scheduling import resources
from components.charts import FLUENT_BIT
from components.helm._release import release
from components.iam import Statement, allow, document

LOG_SHIPPING_SERVICE_ACCOUNT = "log-shipping"
"""Give it ``log_shipping_policy``."""

_STATE = "/var/fluent-bit/state"

_SERVICE = f"""\
Flush 1
HTTP_Server On
HTTP_Listen 0.0.0.0
HTTP_PORT 2020
Health_Check Off
scheduler.base 5
scheduler.cap 60
storage.path {_STATE}/chunks
storage.sync normal
storage.checksum Off
storage.backlog.mem_limit 16M
storage.max_chunks_up 64
storage.metrics On
"""


class LogShippingArgs(TypedDict):
    """Inputs of LogShipping."""

    namespace: pulumi.Input[str]
    """Existing namespace."""
    region: pulumi.Input[str]
    """Region of every destination: the chart's own is us-east-1, wherever the cluster is."""
    log_group: pulumi.Input[str]
    """Name of an existing log group of CloudWatch, which has its retention and its key: Fluent Bit makes none."""
    opensearch_host: NotRequired[pulumi.Input[str]]
    """Host of an OpenSearch domain that gets the same logs. Default none."""
    buffer_gib: NotRequired[int]
    """Disk of each node that waiting logs may take for each destination, at least 1 GiB. Default 2."""


class LogShipping(pulumi.ComponentResource):
    """Fluent Bit on every node, which sends what containers print to CloudWatch, and to OpenSearch if told.

    What is read is on the node's disk until its destination has it, tried again for ever and at most a minute apart.
    So losing CloudWatch loses nothing until ``buffer_gib`` is full; then the oldest goes. Losing a node loses what it
    had not sent, about a second's worth while CloudWatch answers. A restarted Fluent Bit reads on where it was.

    One a node by nature, and no budget: a drain leaves DaemonSets alone. Whether it lives is asked of its own page, not
    of the chart's health check: that fails with the destination, and would restart it just when it must hold on to
    what it has. It runs as root, who owns the logs of containers, but without a capability and with nothing to write
    but its state on the node.

    Ports: 2020 for Prometheus. AWS: ``log_shipping_policy``.

    Cost when idle: its pods; logs by the gigabyte. State: offsets and waiting logs, on each node. Regions: all children
    regional.
    """

    release: k8s.helm.v3.Release
    """To depend on."""

    def __init__(self, name: str, args: LogShippingArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        buffer_gib = int(args.get("buffer_gib", 2))
        if buffer_gib < 1:
            raise ValueError(
                f"buffer_gib: got {buffer_gib}, must be at least 1: it holds logs while CloudWatch is gone"
            )
        super().__init__("tandem:index:LogShipping", name, {}, opts)
        self.release = release(
            name,
            FLUENT_BIT,
            namespace=args["namespace"],
            values=render_log_shipping(
                release_name=name,
                region=args["region"],
                log_group=args["log_group"],
                opensearch_host=args.get("opensearch_host"),
                buffer_gib=buffer_gib,
            ),
            parent=self,
        )
        self.register_outputs({})


def log_shipping_policy(log_group_arn: str, opensearch_arn: str | None = None) -> str:
    """What LOG_SHIPPING_SERVICE_ACCOUNT may do: write streams of one log group, and documents of one domain."""
    group = log_group_arn.removesuffix(":*")
    indexing: list[Statement] = (
        [] if opensearch_arn is None else [allow(["es:ESHttpPost", "es:ESHttpPut"], [f"{opensearch_arn}/*"])]
    )
    return document(
        [
            allow(
                ["logs:CreateLogStream", "logs:DescribeLogStreams", "logs:PutLogEvents"],
                # As a group, and as what is in it (Service Authorization Reference, Amazon CloudWatch Logs).
                [group, f"{group}:log-stream:*"],
            ),
            *indexing,
        ]
    )


def render_log_shipping(
    *,
    release_name: str,
    region: pulumi.Input[str],
    log_group: pulumi.Input[str],
    opensearch_host: pulumi.Input[str] | None,
    buffer_gib: int,
) -> dict[str, Any]:
    """Values of the aws-for-fluent-bit chart."""
    # Fluent Bit's own is one more try, and then the logs are dropped.
    kept = ("Retry_Limit no_limits", f"storage.total_limit_size {buffer_gib}G")
    opensearch: dict[str, Any] = {"enabled": False, "awsRegion": region}
    if opensearch_host is not None:
        opensearch = {
            "enabled": True,
            "host": opensearch_host,
            "awsRegion": region,
            "awsAuth": "On",
            "tls": "On",
            # An index a day, so that old ones can go as a whole.
            "logstashFormat": "On",
            "logstashPrefix": "kubernetes",
            # Labels such as `app` and `app.kubernetes.io/name` cannot both be fields.
            "replaceDots": "On",
            "suppressTypeName": _lines("On", *kept),
        }
    return {
        "fullnameOverride": release_name,
        "serviceAccount": {"create": True, "name": LOG_SHIPPING_SERVICE_ACCOUNT},
        "service": {"extraService": _SERVICE},
        "input": {
            "enabled": True,
            "db": f"{_STATE}/tail.db",
            "skipLongLines": _lines("On", "DB.locking On", "storage.type filesystem"),
        },
        "cloudWatchLogs": {
            "enabled": True,
            "region": region,
            "logGroupName": log_group,
            "logStreamPrefix": "node-",
            "logStreamTemplate": _lines(
                "$kubernetes['namespace_name'].$kubernetes['pod_name'].$kubernetes['container_name']", *kept
            ),
            "autoCreateGroup": False,
        },
        "opensearch": opensearch,
        # Off, but each has us-east-1 for whoever switches it on.
        "cloudWatch": {"enabled": False, "region": region},
        "firehose": {"enabled": False, "region": region},
        "kinesis": {"enabled": False, "region": region},
        "kinesis_streams": {"enabled": False, "region": region},
        "elasticsearch": {"enabled": False, "awsRegion": region},
        "s3": {"enabled": False, "region": region},
        "resources": resources("100m", "256Mi"),
        "containerSecurityContext": {
            **READ_ONLY,
            "runAsUser": 0,
            "seccompProfile": {"type": "RuntimeDefault"},
        },
        # On every node, whatever keeps other pods away.
        "priorityClassName": "system-node-critical",
        "tolerations": [{"operator": "Exists"}],
        "livenessProbe": {"httpGet": {"path": "/"}},
        "volumes": [
            {"name": "logs", "hostPath": {"path": "/var/log"}},
            {"name": "state", "hostPath": {"path": _STATE, "type": "DirectoryOrCreate"}},
            {"name": "tmp", "emptyDir": {}},
        ],
        "volumeMounts": [
            {"name": "logs", "mountPath": "/var/log", "readOnly": True},
            {"name": "state", "mountPath": _STATE},
            {"name": "tmp", "mountPath": "/tmp"},  # noqa: S108
        ],
        "serviceMonitor": {"enabled": True},
    }


def _lines(value: str, *more: str) -> str:
    """A value, and more lines of the section that it stands in: the chart's keys for them have no default."""
    return "\n        ".join((value, *more))
