"""Whether one bucket's objects reach the other in time."""

from typing import TypedDict

import pulumi

from components.monitoring._metric_alarm import Watched, metric_alarm
from components.monitoring._plan import LATENCY, REPLICATION_ARRIVES, REPLICATION_LEAVES, AlarmClass


class ReplicationAlarmsArgs(TypedDict):
    """Inputs of ReplicationAlarms."""

    prefix: str
    """What every alarm's name begins with, before the region; unique in the account."""
    region_name: str
    """Region of the source bucket: S3 publishes there what failed."""
    topic_arn: pulumi.Input[str]
    """Topic of that region."""
    destination_region_name: str
    """Region of the destination bucket: S3 publishes there what is late."""
    destination_topic_arn: pulumi.Input[str]
    """Topic of that region."""
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

    An alarm reads metrics of its own region only, and S3 publishes lateness where objects arrive, failures where they
    leave (S3 User Guide, "Using S3 Replication metrics", read 2026-11). So the region that would take over knows how
    much of the other's is missing, also while the other is silent.

    Cost when idle: three alarms, by the month. State: none. Regions: each alarm in the one its metric is in.
    """

    names: list[str]
    """Names of the alarms."""
    data_alarms: dict[str, list[pulumi.Output[str]]]
    """Names of those that mean data is at risk, by region, for a composite alarm of that region."""

    def __init__(self, name: str, args: ReplicationAlarmsArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        seconds = int(args["latency_seconds"])
        if seconds < 1:
            raise ValueError(f"latency_seconds: got {seconds}, must be at least 1; replication time control keeps 900")
        source, destination = args["region_name"], args["destination_region_name"]
        if source == destination:
            raise ValueError(
                f"destination_region_name: got {destination!r}, the source's own; must be the other region's"
            )
        super().__init__("tandem:index:ReplicationAlarms", name, {}, opts)
        values = [args["source_bucket"], args["destination_bucket"], args["rule_id"]]
        self.names = []
        self.data_alarms = {}
        for region, topic_arn, rows in (
            (source, args["topic_arn"], REPLICATION_LEAVES),
            (destination, args["destination_topic_arn"], REPLICATION_ARRIVES),
        ):
            for watch in rows:
                watched = Watched(watch, args["store"], values, {LATENCY: seconds})
                alarm = metric_alarm(
                    name,
                    watched,
                    prefix=f"{args['prefix']}-{region}",
                    topic_arn=topic_arn,
                    region=region,
                    opts=pulumi.ResourceOptions(parent=self),
                )
                self.names.append(f"{args['prefix']}-{region}-{watched.name}")
                if watch.class_ is AlarmClass.DATA:
                    self.data_alarms.setdefault(region, []).append(alarm.name)
        self.register_outputs({"names": self.names})
