"""One row of the table as an alarm."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

from components.monitoring._plan import Watch, threshold


@dataclass(frozen=True)
class Watched:
    """A row of the table on one thing.

    Attributes:
        watch: the row.
        thing: the thing's name; empty where there is only one.
        values: the thing, in the order of the row's dimensions.
        objectives: of this thing, by their names in the table.
    """

    watch: Watch
    thing: str
    values: Sequence[pulumi.Input[str]]
    objectives: Mapping[str, float]

    @property
    def name(self) -> str:
        """Of the alarm, without the region."""
        return f"{self.watch.key}-{self.thing}" if self.thing else self.watch.key

    @property
    def threshold(self) -> float:
        """From where on it is wrong."""
        return threshold(self.watch, self.objectives)


def metric_alarm(
    name: str,
    watched: Watched,
    *,
    prefix: str,
    topic_arn: pulumi.Input[str],
    region: str | None,
    opts: pulumi.ResourceOptions,
) -> "aws.cloudwatch.MetricAlarm":
    """The alarm; whoever hears that it fires hears that it ends."""
    watch = watched.watch
    return aws.cloudwatch.MetricAlarm(
        f"{name}-{watched.name}",
        name=f"{prefix}-{watched.name}",
        alarm_description=f"{watch.class_}: {watch.meaning}",
        namespace=watch.namespace,
        metric_name=watch.metric,
        dimensions=dict(zip(watch.dimensions, watched.values, strict=True)),
        statistic=watch.statistic,
        period=watch.period,
        evaluation_periods=watch.periods,
        comparison_operator=watch.comparison,
        threshold=watched.threshold,
        treat_missing_data=watch.missing,
        alarm_actions=[topic_arn],
        ok_actions=[topic_arn],
        region=region,
        opts=opts,
    )
