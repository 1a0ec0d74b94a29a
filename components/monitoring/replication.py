"""Whether one bucket's objects reach the other in time."""

from typing import TypedDict

import pulumi

from components.monitoring._metric_alarm import Watched, metric_alarm
from components.monitoring._plan import LATENCY, REPLICATION


class ReplicationAlarmsArgs(TypedDict):
    """Inputs of ReplicationAlarms."""

    region_name: str
    """Region of the source bucket: S3 publishes there, so the alarms live there."""
    topic_arn: pulumi.Input[str]
    """Topic of that region that the alarms tell."""
    store: str
    """What the buckets hold, such as ``artifacts``; in the alarms' names."""
    source_bucket: pulumi.Input[str]
    """Bucket whose objects are replicated."""
    destination_bucket: pulumi.Input[str]
    """Bucket they are replicated to."""
    rule_id: pulumi.Input[str]
    """Id of the replication rule, with metrics switched on."""
    latency_seconds: int
    """Seconds an object may take; replication time control promises 900."""


class ReplicationAlarms(pulumi.ComponentResource):
    """Alarms when one direction of a replication is late, fails or piles up. Two make it both directions.

    Losing the source's region while they fire loses what was not replicated yet.

    Cost when idle: three alarms, by the month. State: none. Regions: all children in ``region_name``.
    """

    names: list[str]
    """Names of the alarms."""
    data_alarms: list[pulumi.Output[str]]
    """Names of those that mean data is at risk, for a composite alarm of the same region."""

    def __init__(self, name: str, args: ReplicationAlarmsArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        seconds = int(args["latency_seconds"])
        if seconds < 1:
            raise ValueError(f"latency_seconds: got {seconds}, must be at least 1; replication time control keeps 900")
        super().__init__("tandem:index:ReplicationAlarms", name, {}, opts)
        values = [args["source_bucket"], args["destination_bucket"], args["rule_id"]]
        made = [
            (
                watch,
                metric_alarm(
                    name,
                    Watched(watch, args["store"], values, {LATENCY: seconds}),
                    region_name=args["region_name"],
                    topic_arn=args["topic_arn"],
                    region=args["region_name"],
                    opts=pulumi.ResourceOptions(parent=self),
                ),
            )
            for watch in REPLICATION
        ]
        self.names = [f"{args['region_name']}-{watch.key}-{args['store']}" for watch, _ in made]
        self.data_alarms = [alarm.name for watch, alarm in made if watch.class_ == "data"]
        self.register_outputs({"names": self.names})
