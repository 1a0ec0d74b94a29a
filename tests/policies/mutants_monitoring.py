"""Rules of alarms and queues, by the ways to break them."""

# One mutant a line, or the table cannot be read as one.
# ruff: noqa: E501

from tests.policies.platform import UNKNOWN_TEXT, Mutant, Platform, Thing

ALWAYS: set[str] = set()
"""What nobody can say of one stack alone."""

QUEUE = "aws:sqs/queue:Queue"
CHECK = "aws:route53/healthCheck:HealthCheck"


def things() -> dict[str, Thing]:
    """What breaks none of them."""
    return {
        "topic": Thing("aws:sns/topic:Topic", {"kmsMasterKeyId": "arn:aws:kms:us-east-1:123456789012:key/1"}),
        "lag": Thing("aws:cloudwatch/metricAlarm:MetricAlarm", {"name": "tandem-lag", "alarmActions": [UNKNOWN_TEXT]}),
        "targets-gone": Thing("aws:cloudwatch/metricAlarm:MetricAlarm", {"name": "tandem-targets"}),
        "cannot-serve": Thing(
            "aws:cloudwatch/compositeAlarm:CompositeAlarm",
            {"alarmName": "tandem-serve", "alarmRule": UNKNOWN_TEXT, "alarmActions": [UNKNOWN_TEXT]},
            {"alarmRule": ["targets-gone"]},
        ),
        "work": Thing(
            QUEUE, {"sqsManagedSseEnabled": True, "redrivePolicy": UNKNOWN_TEXT}, {"redrivePolicy": ["dead"]}
        ),
        "dead": Thing(QUEUE, {"sqsManagedSseEnabled": True}),
        "news": Thing(QUEUE, {"sqsManagedSseEnabled": True, "messageRetentionSeconds": 300}),
    }


def watched(platform: Platform, name: str) -> Platform:
    """Let a health check follow the alarm of targets, and no composite alarm."""
    platform.point("cannot-serve", "alarmRule", "lag")
    return platform.add(
        "watching",
        Thing(
            CHECK,
            {
                "type": "CLOUDWATCH_METRIC",
                "cloudwatchAlarmName": name,
                "insufficientDataHealthStatus": "LastKnownStatus",
            },
        ),
    )


def redriven(platform: Platform, **edges: list[str]) -> Platform:
    """Say beside the queue where its dead letters go."""
    policy = Thing(
        "aws:sqs/redrivePolicy:RedrivePolicy", {"queueUrl": UNKNOWN_TEXT}, {"redrivePolicy": ["dead"], **edges}
    )
    return platform.delete("work", "redrivePolicy").cut("work", "redrivePolicy").add("redrive", policy)


def of_others(platform: Platform, type_: str, property_: str, value: object = UNKNOWN_TEXT) -> Platform:
    """Let the queue of dead letters be something else's than another queue's."""
    platform.put("work", "redrivePolicy", '{"deadLetterTargetArn":"arn","maxReceiveCount":5}').cut(
        "work", "redrivePolicy"
    )
    return platform.add("failing", Thing(type_, {property_: value}, {property_: ["dead"]}))


def sent(platform: Platform, type_: str, **ways: str) -> Platform:
    """Let the queue of dead letters be where settings of a function send what becomes of events."""
    return of_others(platform, type_, "destinationConfig", {way: {"destination": arn} for way, arn in ways.items()})


def stopping(platform: Platform, alarm: str, *edges: str) -> Platform:
    """Let a drill stop by an alarm, and nothing else listen to that of targets."""
    platform.point("cannot-serve", "alarmRule", "lag")
    conditions = [{"source": "aws:cloudwatch:alarm", "value": alarm}]
    drill = Thing("aws:fis/experimentTemplate:ExperimentTemplate", {"stopConditions": conditions})
    platform.add("drill-of-targets", drill)
    return platform.point("drill-of-targets", "stopConditions", *edges)


INVOKE_CONFIG = "aws:lambda/functionEventInvokeConfig:FunctionEventInvokeConfig"
SOURCE = "aws:lambda/eventSourceMapping:EventSourceMapping"
ARN = "arn:aws:cloudwatch:us-east-1:123456789012:alarm:tandem-"
MUTANTS: list[Mutant] = [
    # MON-01
    ("alarm that tells nobody", lambda p: p.delete("lag", "alarmActions"), {"MON-01"}),
    ("alarm of no actions", lambda p: p.put("lag", "alarmActions", []), {"MON-01"}),
    ("alarm with actions off", lambda p: p.put("lag", "actionsEnabled", False), {"MON-01"}),
    ("composite alarm that tells nobody", lambda p: p.delete("cannot-serve", "alarmActions"), {"MON-01"}),
    ("composite alarm of other alarms", lambda p: p.point("cannot-serve", "alarmRule", "lag"), {"MON-01"}),
    ("health check of another alarm", lambda p: watched(p, "tandem-others"), {"MON-01"}),
    ("health check of an alarm whose name begins alike", lambda p: watched(p, "tandem-targets-2"), {"MON-01"}),
    ("drill that another alarm stops", lambda p: stopping(p, f"{ARN}others"), {"MON-01"}),
    ("alarm's actions unknown", lambda p: p.hide("lag", "alarmActions"), {"MON-01?"}),
    ("actions on or off unknown", lambda p: p.hide("lag", "actionsEnabled"), {"MON-01?"}),
    # MON-02
    ("topic in the clear", lambda p: p.delete("topic", "kmsMasterKeyId"), {"MON-02"}),
    ("topic with AWS' key", lambda p: p.put("topic", "kmsMasterKeyId", "alias/aws/sns"), {"MON-02"}),
    ("topic with AWS' key by its ARN", lambda p: p.put("topic", "kmsMasterKeyId", "arn:aws:kms:us-east-1:123456789012:alias/aws/sns"), {"MON-02"}),
    ("topic with an empty key", lambda p: p.put("topic", "kmsMasterKeyId", ""), {"MON-02"}),
    ("topic's key unknown", lambda p: p.hide("topic", "kmsMasterKeyId"), {"MON-02?"}),
    #
    ("dead letters thrown away", lambda p: p.delete("work", "redrivePolicy").cut("work", "redrivePolicy").drop("dead"), {"Q-01"}),
    ("messages of two hours thrown away", lambda p: p.put("news", "messageRetentionSeconds", 7200), {"Q-01"}),
    ("messages of four days thrown away", lambda p: p.delete("news", "messageRetentionSeconds"), {"Q-01"}),
    ("messages off by one thrown away", lambda p: p.put("news", "messageRetentionSeconds", 3601), {"Q-01"}),
    ("dead letters to nowhere", lambda p: p.put("work", "redrivePolicy", "").cut("work", "redrivePolicy").drop("dead"), {"Q-01"}),
    ("dead letters of another queue", lambda p: redriven(p, queueUrl=["work"]).put("news", "messageRetentionSeconds", 7200), {"Q-01"}),
    ("what succeeds thrown away", lambda p: sent(p, INVOKE_CONFIG, onSuccess=UNKNOWN_TEXT), {"Q-01"}),
    ("what succeeds thrown away, as a provider keeps it", lambda p: sent(p, INVOKE_CONFIG, onFailure="", onSuccess="arn-1"), {"Q-01"}),
    ("what succeeds thrown away, and what fails kept", lambda p: sent(p, INVOKE_CONFIG, onSuccess="arn-1", onFailure="arn-2").put("dead", "arn", "arn-1"), {"Q-01"}),
    ("what fails or what succeeds unknown", lambda p: sent(p, INVOKE_CONFIG, onSuccess=UNKNOWN_TEXT, onFailure=UNKNOWN_TEXT), {"Q-01?"}),
    ("where events go unknown", lambda p: of_others(p, SOURCE, "destinationConfig"), {"Q-01?"}),
    ("dead letters to somewhere", lambda p: p.cut("work", "redrivePolicy").drop("dead"), {"Q-01?"}),
    ("life of messages unknown", lambda p: p.hide("news", "messageRetentionSeconds"), {"Q-01?"}),
    ("dead letters of a queue not in view", lambda p: redriven(p), {"Q-01?"}),
    #
    ("queue in the clear", lambda p: p.put("work", "sqsManagedSseEnabled", False), {"Q-02"}),
    ("queue in the clear by default", lambda p: p.delete("news", "sqsManagedSseEnabled"), {"Q-02"}),
    ("queue with an empty key", lambda p: p.put("news", "kmsMasterKeyId", ""), {"Q-02"}),
    ("queue in the clear or not unknown", lambda p: p.hide("news", "sqsManagedSseEnabled"), {"Q-02?"}),
]  # fmt: skip

GOOD: list[Mutant] = [
    ("alarm that a health check follows", lambda p: watched(p, "tandem-targets"), set()),
    ("alarm in a composite alarm's words", lambda p: p.cut("cannot-serve", "alarmRule").put("cannot-serve", "alarmRule", 'ALARM("tandem-targets") OR ALARM(tandem-lag)'), set()),
    ("composite alarm in another's words", lambda p: p.delete("cannot-serve", "alarmActions").add("whole", Thing("aws:cloudwatch/compositeAlarm:CompositeAlarm", {"alarmName": "tandem", "alarmRule": "ALARM(tandem-serve)", "alarmActions": ["arn"]})), set()),
    ("messages of an hour", lambda p: p.put("news", "messageRetentionSeconds", 3600), set()),
    ("dead letters by an ARN", lambda p: p.put("work", "redrivePolicy", '{"deadLetterTargetArn":"arn","maxReceiveCount":5}').cut("work", "redrivePolicy").drop("dead"), set()),
    ("dead letters said beside", lambda p: redriven(p, queueUrl=["work"]), set()),
    ("alarm that stops a drill", lambda p: stopping(p, UNKNOWN_TEXT, "targets-gone"), set()),
    ("alarm that stops a drill, by its ARN", lambda p: stopping(p, f"{ARN}targets"), set()),
    ("dead letters of a function", lambda p: of_others(p, "aws:lambda/function:Function", "deadLetterConfig"), set()),
    ("dead letters of a rule of events", lambda p: of_others(p, "aws:cloudwatch/eventTarget:EventTarget", "deadLetterConfig"), set()),
    ("dead letters of a subscription", lambda p: of_others(p, "aws:sns/topicSubscription:TopicSubscription", "redrivePolicy"), set()),
    ("what a function fails on", lambda p: sent(p, INVOKE_CONFIG, onFailure=UNKNOWN_TEXT), set()),
    ("what a function fails on, as a provider keeps it", lambda p: sent(p, INVOKE_CONFIG, onFailure="arn-1", onSuccess=""), set()),
    ("what a function fails on, from a source", lambda p: sent(p, SOURCE, onFailure=UNKNOWN_TEXT), set()),
    ("what a function fails on, and what not", lambda p: sent(p, INVOKE_CONFIG, onSuccess="arn-1", onFailure="arn-2").put("dead", "arn", "arn-2"), set()),
    ("queue with a key", lambda p: p.delete("news", "sqsManagedSseEnabled").put("news", "kmsMasterKeyId", "key"), set()),
]  # fmt: skip

EVIDENCE: dict[str, set[str]] = {
    "what fails or what succeeds unknown": {"Q-01: not known yet: failing.destinationConfig"},
    "life of messages unknown": {"Q-01: not known yet: messageRetentionSeconds"},
    "dead letters of a queue not in view": {"Q-01: not known yet: redrive.queueUrl"},
}  # fmt: skip
"""What is said of some of them, word for word."""
