"""What has to be watched: how far the copies are behind, silence, and drills that stop in time."""

from policies.registry import Options, Outcome, Scope, Severity, Verdicts, fails, holds, passes, rule, unproven
from resilience.graph import Graph, Resource

ALARM = "aws:cloudwatch/metricAlarm:MetricAlarm"
DATABASE = "aws:rds/cluster:Cluster"
CACHE = "aws:elasticache/replicationGroup:ReplicationGroup"
EXPERIMENT = "aws:fis/experimentTemplate:ExperimentTemplate"
LAG = {
    DATABASE: ("globalClusterIdentifier", ("AuroraGlobalDBReplicationLag", "AuroraGlobalDBRPOLag")),
    CACHE: ("globalReplicationGroupId", ("GlobalDatastoreReplicationLag",)),
}
"""By type, what makes a store a member of a global one, and the metrics that say how far behind its copy is: Aurora and
ElastiCache User Guides, "CloudWatch metrics"."""
HEARTBEATS = {
    "HealthCheckStatus": "AWS/Route53",
    "HealthyHostCount": "AWS/ApplicationELB",
    "NumberOfBackupJobsCompleted": "AWS/Backup",
}
"""Metrics that fall silent when what they count is gone, with their namespace (of HealthyHostCount, one of two)."""


@rule(
    "MON-03",
    title="How far the other region is behind is watched",
    why="Replication that stopped looks like replication that has nothing to do. Nobody knows of it until the day of "
    "the failover, which then loses all that was written since.",
    fix='aws.cloudwatch.MetricAlarm with metric_name="AuroraGlobalDBReplicationLag" and the cluster in dimensions',
    severity=Severity.HIGH,
    scope=Scope.STACK,
    types=list(LAG),
)
def lag(store: Resource, graph: Graph, _: Options) -> Verdicts:
    """Find an alarm on its lag, by an edge from dimensions or by its name in them."""
    member, metrics = LAG[store.type]
    if store.read(member).missing:
        return
    alarms = [
        alarm
        for alarm in graph.of(ALARM)
        if alarm.stack == store.stack and str(alarm.read("metricName").content) in metrics
    ]
    names = {str(store.read(name).content) for name in ("clusterIdentifier", "replicationGroupId", "id")} - {"None"}
    for alarm in alarms:
        dimensions = alarm.read("dimensions")
        if store in graph.targets(alarm, "dimensions", store.type):
            yield passes(f"{alarm.name} watches it")
            return
        if any(read.content in names for read in dimensions.fields().values() if read.known):
            yield passes(f"{alarm.name} names it")
            return
    unsure = [
        alarm
        for alarm in alarms
        if not graph.targets(alarm, "dimensions", store.type)
        and (
            alarm.read("dimensions").unknown or any(each.unknown for each in alarm.read("dimensions").fields().values())
        )
    ]
    if unsure:
        names = ", ".join(each.name for each in unsure)
        yield unproven(f"dimensions are not known yet, and so whether it is watched by {names}")
    else:
        yield fails(f"no alarm on {' or '.join(metrics)} has it in its dimensions")


@rule(
    "MON-04",
    title="A drill stops when users feel it",
    why="An experiment without a stop condition goes on breaking things until its time is up, whatever it has broken "
    "besides.",
    fix='stop_conditions=[{"source": "aws:cloudwatch:alarm", "value": alarm.arn}] on aws.fis.ExperimentTemplate',
    severity=Severity.HIGH,
    scope=Scope.RESOURCE,
    types=[EXPERIMENT],
    known_late=True,
)
def drill(template: Resource, _: Graph, __: Options) -> Verdicts:
    """Look for an alarm among its stop conditions."""
    conditions = template.read("stopConditions").each()
    sources = [each.field("source") for each in conditions]
    if any(source.content == "aws:cloudwatch:alarm" for source in sources):
        yield passes("an alarm stops it")
    elif any(source.unknown for source in sources):
        yield unproven("stopConditions is not known yet")
    else:
        yield fails(f"stopConditions is {template.read('stopConditions').shown()}; one must be an alarm")


@rule(
    "MON-05",
    title="Silence of a heartbeat is an alarm",
    why="When the last target, probe or backup job is gone its metric has no data at all, and an alarm that takes no "
    "data for good stays green through the outage.",
    fix='treat_missing_data="breaching" on aws.cloudwatch.MetricAlarm',
    severity=Severity.HIGH,
    scope=Scope.RESOURCE,
    types=[ALARM],
    frameworks=["AWS Well-Architected REL11-BP01"],
)
def silence(alarm: Resource, _: Graph, __: Options) -> Verdicts:
    """Look at alarms that go off when too few are left of something that is counted."""
    operator, metric = alarm.read("comparisonOperator"), alarm.read("metricName")
    hidden = [read.path for read in (metric, operator) if read.unknown]
    counted = metric.unknown or str(metric.content) in HEARTBEATS
    if not counted or not (operator.unknown or str(operator.content).startswith("LessThan")):
        return
    verdict = holds(alarm.read("treatMissingData"), lambda kind: kind == "breaching", '"breaching"')
    if hidden and verdict.outcome is not Outcome.PASS:
        yield unproven(f"{hidden[0]} is not known yet, and so whether it matters that {verdict.evidence}")
    else:
        yield verdict
