"""Alarms that somebody hears, and queues that lose nothing."""

import re
from functools import lru_cache

from policies.registry import (
    Option,
    Options,
    Scope,
    Severity,
    Verdicts,
    fails,
    holds,
    is_true,
    passes,
    rule,
    unproven,
)
from resilience.graph import Graph, Resource

METRIC_ALARM = "aws:cloudwatch/metricAlarm:MetricAlarm"
COMPOSITE_ALARM = "aws:cloudwatch/compositeAlarm:CompositeAlarm"
HEALTH_CHECK = "aws:route53/healthCheck:HealthCheck"
PLAN = "aws:arcregionswitch/plan:Plan"
AUTOSHIFT = "aws:arczonalshift/zonalAutoshiftConfiguration:ZonalAutoshiftConfiguration"
EXPERIMENT = "aws:fis/experimentTemplate:ExperimentTemplate"
LISTENERS = {
    COMPOSITE_ALARM: "alarmRule",
    HEALTH_CHECK: "cloudwatchAlarmName",
    PLAN: "associatedAlarms",
    AUTOSHIFT: "practiceRunConfiguration",
    EXPERIMENT: "stopConditions",
}
"""Who listens to an alarm besides people, and where it says to which."""
TOPIC = "aws:sns/topic:Topic"
QUEUE = "aws:sqs/queue:Queue"
REDRIVE = "aws:sqs/redrivePolicy:RedrivePolicy"
DEAD_LETTERS = {
    QUEUE: "redrivePolicy",
    REDRIVE: "redrivePolicy",
    "aws:lambda/function:Function": "deadLetterConfig",
    "aws:cloudwatch/eventTarget:EventTarget": "deadLetterConfig",
    "aws:sns/topicSubscription:TopicSubscription": "redrivePolicy",
}
"""Who puts into a queue what failed elsewhere, and where it says into which."""
DESTINATIONS = (
    "aws:lambda/functionEventInvokeConfig:FunctionEventInvokeConfig",
    "aws:lambda/eventSourceMapping:EventSourceMapping",
)
"""The same, which may name another queue for what did not fail."""
OWN_KEYS = "alias/aws/"


@rule(
    "MON-01",
    title="Somebody hears an alarm",
    why="An alarm that tells nobody is a line in a console that nobody has open.",
    fix="alarm_actions=[topic.arn] on the alarm, or on a composite alarm that names it",
    severity=Severity.HIGH,
    scope=Scope.STACK,
    types=[METRIC_ALARM, COMPOSITE_ALARM],
    frameworks=["AWS Security Hub CloudWatch.15", "AWS Security Hub CloudWatch.17", "AWS Well-Architected REL06-BP03"],
)
def heard(alarm: Resource, graph: Graph, _: Options) -> Verdicts:
    """Find its actions, or who else listens; what listens is judged by itself."""
    actions, on = alarm.read("alarmActions"), alarm.read("actionsEnabled")
    if actions.each() and not on.unknown and on.content is not False:
        yield unproven("alarmActions is not known yet") if actions.unknown else passes("it has actions")
        return
    listening = _listening(alarm, graph)
    if listening:
        yield passes(f"it is listened to by {', '.join(each.name for each in listening)}")
    elif on.unknown:
        yield unproven("actionsEnabled is not known yet")
    else:
        yield fails(f"alarmActions is {actions.shown()}, actionsEnabled {on.shown()}, and nothing else listens to it")


@rule(
    "MON-02",
    title="A topic is encrypted, with a key that alarms may use",
    why="Messages name what is broken. With AWS' own key alarms are not delivered at all: it lets no CloudWatch use it "
    "(SNS Developer Guide, event sources and encrypted topics).",
    fix="kms_master_key_id of an aws.kms.Key whose policy names cloudwatch.amazonaws.com (components: Notifications)",
    severity=Severity.MEDIUM,
    scope=Scope.RESOURCE,
    types=[TOPIC],
    frameworks=["AWS Security Hub SNS.1"],
    known_late=True,
)
def topic_key(topic: Resource, _: Graph, __: Options) -> Verdicts:
    """A key of one's own must be named."""
    yield holds(
        topic.read("kmsMasterKeyId"),
        lambda key: bool(key) and OWN_KEYS not in str(key),
        "a key of one's own",
    )


@rule(
    "Q-01",
    title="What a queue cannot deliver is kept",
    why="A message that fails again and again is thrown away in the end, and with it the only trace of what was asked.",
    fix="redrive_policy of aws.sqs.Queue to a queue of dead letters",
    severity=Severity.MEDIUM,
    scope=Scope.STACK,
    types=[QUEUE],
    options={"maxSeconds": Option(3600, 60, 1_209_600, "Messages that live no longer are news, and need no keeping.")},
)
def dead_letters(queue: Resource, graph: Graph, options: Options) -> Verdicts:
    """Find where its dead letters go; a queue of dead letters has no other."""
    most, life = options["maxSeconds"], queue.read("messageRetentionSeconds")
    policy = queue.read("redrivePolicy")
    beside = [*graph.targets(queue, "redrivePolicy", QUEUE), *graph.referrers(queue, REDRIVE, "queueUrl")]
    last = [each for type_, property_ in DEAD_LETTERS.items() for each in graph.referrers(queue, type_, property_)]
    sent = [each for type_ in DESTINATIONS for each in graph.referrers(queue, type_, "destinationConfig")]
    failures = {each.name: _fails_into(queue, each) for each in sent}
    loose = [each.name for each in graph.of(REDRIVE) if not graph.targets(each, "queueUrl", QUEUE)]
    if life.whole is not None and life.whole <= most:
        yield passes(f"its messages live {life.whole} s")
    elif beside or last or policy.content or True in failures.values():
        yield passes("redrivePolicy is set, or dead letters are put here")
    elif life.unknown or policy.unknown or loose or None in failures.values():
        paths = [f"{name}.queueUrl" for name in loose] + [read.path for read in (life, policy) if read.unknown]
        paths += [f"{name}.destinationConfig" for name, answer in failures.items() if answer is None]
        yield unproven(f"not known yet: {', '.join(paths)}")
    else:
        yield fails("redrivePolicy is not set")


@rule(
    "Q-02",
    title="A queue is encrypted",
    why="What is queued holds what it is about: addresses, prompts, names of files, for up to fourteen days.",
    fix="sqs_managed_sse_enabled=True or kms_master_key_id on aws.sqs.Queue",
    severity=Severity.MEDIUM,
    scope=Scope.RESOURCE,
    types=[QUEUE],
    frameworks=["AWS FSBP SQS.1"],
    known_late=True,
)
def queue_key(queue: Resource, _: Graph, __: Options) -> Verdicts:
    """By SQS' own key, or one named."""
    key = queue.read("kmsMasterKeyId")
    if key.missing:
        yield is_true(queue.read("sqsManagedSseEnabled"))
    else:
        yield holds(key, bool, "a key")


def _fails_into(queue: Resource, config: Resource) -> bool | None:
    """Whether a queue that a function's settings lead to is for what fails; what succeeds may go to one too."""
    failed, done = (config.read(f"destinationConfig.{way}.destination") for way in ("onFailure", "onSuccess"))
    if not all(read.unknown or read.content for read in (failed, done)):
        # What is left out is kept as an empty text.
        return bool(failed.unknown or failed.content)
    arn = queue.read("arn")
    return failed.content == arn.content if failed.known and arn.known else None


def _listening(alarm: Resource, graph: Graph) -> list[Resource]:
    """What names an alarm, by an edge or in so many words."""
    name = alarm.read("alarmName" if alarm.type == COMPOSITE_ALARM else "name")
    edges = [each for type_, property_ in LISTENERS.items() for each in graph.referrers(alarm, type_, property_)]
    words = _listeners(graph).get((alarm.type, str(name.content)), []) if name.known else []
    return [each for each in (*edges, *words) if each is not alarm]


@lru_cache(maxsize=4)
def _listeners(graph: Graph) -> dict[tuple[str, str], list[Resource]]:
    """What listens to alarms of a type without an edge to any, by the words that may be their names."""
    found: dict[tuple[str, str], list[Resource]] = {}
    for type_, property_ in LISTENERS.items():
        for each in graph.of(type_):
            words = set(re.split(r"[^\w./-]+", str(each.read(property_).content)))
            for alarms in (METRIC_ALARM, COMPOSITE_ALARM):
                if not graph.targets(each, property_, alarms):
                    for word in words:
                        found.setdefault((alarms, word), []).append(each)
    return found
