"""Whoever must hear of something does, each number has its alarm, and two alarms say what it all means."""

import json
from collections.abc import Callable
from typing import Any

import pulumi
import pytest

from components.dns import RegionAlarm
from components.monitoring import (
    AlarmClass,
    Alarms,
    AlarmsArgs,
    Notifications,
    NotificationsArgs,
    ReplicationAlarms,
    ReplicationAlarmsArgs,
    load_balancer_suffix,
    target_group_suffix,
)
from components.monitoring import _plan as plan
from sandbox.values import Secret
from tests.house import ground
from tests.house.iam import granted
from tests.house.recorder import Recording, Registration, record

ACCOUNT = "000000000000"
TOPIC, POLICY, SUBSCRIPTION = (
    "aws:sns/topic:Topic",
    "aws:sns/topicPolicy:TopicPolicy",
    "aws:sns/topicSubscription:TopicSubscription",
)
SLACK = "aws:chatbot/slackChannelConfiguration:SlackChannelConfiguration"
TEAMS = "aws:chatbot/teamsChannelConfiguration:TeamsChannelConfiguration"
ALARM, COMPOSITE = "aws:cloudwatch/metricAlarm:MetricAlarm", "aws:cloudwatch/compositeAlarm:CompositeAlarm"

URL = "https://events.example.com/integration/4f1c/enqueue"
CHANNELS: dict[str, Any] = {
    "slack": {"workspace_id": "T07EA123LEP", "channel_id": "C07EZ1ABC23"},
    "teams": {
        "tenant_id": "6a1b2c3d-0000-4000-8000-000000000001",
        "team_id": "6a1b2c3d-0000-4000-8000-000000000002",
        "channel_id": "19%3ab6ef35dc342d56ba5654e6fc6d25a071%40thread.tacv2",
    },
}


def make_notifications(**changes: Any) -> Notifications:
    args: NotificationsArgs = {
        "topic_name": "tandem-alarms",
        "key_arn": ground.key("us-west-2").arn,
        "account_id": ACCOUNT,
        "emails": ["oncall@example.com"],
        "urls": {"pagerduty": URL, "webhook": URL},
        "region": "us-west-2",
        **changes,  # type: ignore[typeddict-item]
    }
    return Notifications("alarms", args)


def notifications(**changes: Any) -> Recording:
    return record(lambda: make_notifications(**changes))


def statements(policy: str) -> dict[str, dict[str, Any]]:
    return {statement["Sid"]: statement for statement in json.loads(policy)["Statement"]}


def test_messages_are_encrypted_with_our_key_in_the_region() -> None:
    recording = notifications()
    topic = recording.one(TOPIC)
    assert topic.property_dependencies["kmsMasterKeyId"] == [recording.one("aws:kms/key:Key").urn]
    for type_ in (TOPIC, POLICY, SUBSCRIPTION):
        assert {each.region for each in recording.all(type_)} == {"us-west-2"}


def test_only_this_account_s_services_publish_and_only_over_tls() -> None:
    recording = notifications()
    found = statements(recording.one(POLICY).plain["policy"])
    topic = f"arn:aws:sns:us-west-2:{ACCOUNT}:tandem-alarms"
    assert set(found) == {"AlarmsAndEventsPublish", "BackupsPublish", "TlsOnly"}
    alarms = found["AlarmsAndEventsPublish"]
    assert alarms["Principal"] == {"Service": ["cloudwatch.amazonaws.com", "events.amazonaws.com"]}
    assert alarms["Condition"] == {"StringEquals": {"aws:SourceAccount": ACCOUNT}}
    assert found["BackupsPublish"]["Principal"] == {"Service": ["backup.amazonaws.com"]}
    assert found["TlsOnly"]["Effect"] == "Deny"
    assert found["TlsOnly"]["Condition"] == {"Bool": {"aws:SecureTransport": "false"}}
    for statement in found.values():
        assert (statement["Action"], statement["Resource"]) == (["sns:Publish"], [topic])


def test_people_and_services_are_subscribed_as_each_understands_it() -> None:
    recording = notifications(urls={"pagerduty": URL, "opsgenie": URL, "webhook": URL})
    email = recording.one(SUBSCRIPTION, "alarms-oncall@example.com").plain
    assert (email["protocol"], email["endpoint"]) == ("email", "oncall@example.com")
    found = {kind: recording.one(SUBSCRIPTION, f"alarms-{kind}") for kind in ("pagerduty", "opsgenie", "webhook")}
    assert {each.plain["protocol"] for each in found.values()} == {"https"}
    assert {kind: each.plain["rawMessageDelivery"] for kind, each in found.items()} == {
        "pagerduty": False,
        "opsgenie": False,
        "webhook": True,
    }
    assert {kind: each.plain["endpointAutoConfirms"] for kind, each in found.items()} == {
        "pagerduty": True,
        "opsgenie": True,
        "webhook": False,
    }


def test_a_url_that_raises_alarms_is_a_secret() -> None:
    for kind in ("pagerduty", "webhook"):
        endpoint = notifications().one(SUBSCRIPTION, f"alarms-{kind}").props["endpoint"]
        assert isinstance(endpoint, Secret)
        assert endpoint.value == URL


def test_chat_channels_see_alarms_and_change_nothing() -> None:
    recording = notifications(**CHANNELS)
    topic = recording.one(TOPIC)
    for type_ in (SLACK, TEAMS):
        channel = recording.one(type_)
        assert channel.property_dependencies["snsTopicArns"] == [topic.urn]
        assert channel.plain["guardrailPolicyArns"] == ["arn:aws:iam::aws:policy/CloudWatchReadOnlyAccess"]
        assert recording.waits_for(channel, recording.one("aws:iam/rolePolicy:RolePolicy"))
    assert recording.one(SLACK).plain["slackTeamId"] == "T07EA123LEP"
    rights = granted(recording.one("aws:iam/rolePolicy:RolePolicy").plain["policy"])
    verbs = {action.partition(":")[2] for action in rights}
    assert verbs
    assert not [verb for verb in verbs if not verb.startswith(("Describe", "Get", "List")) or "*" in verb]
    trust = json.loads(recording.one("aws:iam/role:Role").plain["assumeRolePolicy"])
    assert trust["Statement"][0]["Principal"] == {"Service": "chatbot.amazonaws.com"}


def test_a_channel_is_configured_where_chat_answers_for_the_topics_of_all_regions() -> None:
    other = f"arn:aws:sns:us-east-1:{ACCOUNT}:tandem-alarms"
    recording = notifications(**CHANNELS, chat_topic_arns=[other])
    for type_ in (SLACK, TEAMS):
        channel = recording.one(type_)
        assert channel.region == "us-east-2"
        assert channel.plain["snsTopicArns"] == [f"arn:aws:sns:us-west-2:{ACCOUNT}:tandem-alarms", other]


def test_without_chat_there_is_no_role() -> None:
    recording = notifications()
    assert not recording.all(SLACK) + recording.all(TEAMS) + recording.all("aws:iam/role:Role")


def test_the_topic_is_handed_out_once_everybody_of_its_region_is_on_it_and_waits_for_no_other_region() -> None:
    def program() -> None:
        arn = make_notifications(**CHANNELS).topic_arn
        pulumi.ComponentResource("test:index:Reader", "reader", {"topic": arn})

    recording = record(program)
    reader = recording.one("test:index:Reader")
    for type_ in (POLICY, SUBSCRIPTION):
        assert recording.all(type_)
        assert all(recording.waits_for(reader, each) for each in recording.all(type_))
    for type_ in (SLACK, TEAMS):
        assert recording.all(type_)
        assert not any(recording.waits_for(reader, each) for each in recording.all(type_))


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"topic_name": "tandem alarms"}, "topic_name: got 'tandem alarms'"),
        ({"emails": ["oncall"]}, "emails: got 'oncall'"),
        ({"emails": ["a@b.cd", "a@b.cd"]}, "emails: 'a@b.cd' stands twice"),
        ({"urls": {"pager": URL}}, "urls: got 'pager', must be one of pagerduty"),
        ({"urls": {"webhook": "http://example.com/4f1c"}}, "urls.webhook: must begin with 'https://'"),
    ],
)
def test_recipients_that_would_never_hear_are_refused(changes: dict[str, Any], told: str) -> None:
    with pytest.raises(ValueError, match=told):
        notifications(**changes)


def test_a_refused_url_is_not_repeated() -> None:
    with pytest.raises(ValueError, match="https") as caught:
        notifications(urls={"webhook": "http://example.com/4f1c"})
    assert "4f1c" not in str(caught.value)


BALANCER = f"arn:aws:elasticloadbalancing:us-east-1:{ACCOUNT}:loadbalancer/app/entrance/50dc6c495c0c9188"
TARGETS = f"arn:aws:elasticloadbalancing:us-east-1:{ACCOUNT}:targetgroup/entrance-prefect/73e2d6bc24d8a067"
TOPIC_ARN = f"arn:aws:sns:us-east-1:{ACCOUNT}:tandem-alarms"


def alarm_args(**changes: Any) -> AlarmsArgs:
    return {
        "region_name": "us-east-1",
        "prefix": "us-east-1",
        "topic_arn": TOPIC_ARN,
        "recovery_point_seconds": 30,
        "database": {"cluster_identifier": "tandem-us-east-1", "instances": ["tandem-0", "tandem-1"]},
        "global_database": True,
        "caches": {
            "broker": {"node_ids": ["broker-001", "broker-002"], "nodes": 2},
            "cache": {"node_ids": ["cache-0001-001"], "nodes": 1, "evicts": True, "two_regions": True},
        },
        "nat_gateways": {"us-east-1a": "nat-0a", "us-east-1b": "nat-0b"},
        "load_balancer": {"arn": BALANCER, "target_groups": {"prefect": TARGETS, "models": TARGETS}},
        "node_groups": {"system": {"asg_name": "eks-system", "floor": 3}},
        "certificate_arn": f"arn:aws:acm:us-east-1:{ACCOUNT}:certificate/6a1b2c3d-0000-4000-8000-000000000001",
        "queues": {"interruptions": "tandem-interruptions"},
        "cluster_name": "tandem",
        "proxy_name": "tandem-proxy",
        "backup_vault_name": "tandem-vault",
        "copy_vault_name": "tandem-there",
        "region": "us-east-1",
        **changes,  # type: ignore[typeddict-item]
    }


def alarms(**changes: Any) -> Recording:
    return record(lambda: Alarms("watch", alarm_args(**changes)))


def by_name(recording: Recording) -> dict[str, Registration]:
    return {each.plain["name"]: each for each in recording.all(ALARM)}


def children(recording: Recording, composite: str) -> set[str]:
    rule = recording.one(COMPOSITE, f"watch-{composite}").plain["alarmRule"]
    return {part.removeprefix('ALARM("').removesuffix('")') for part in rule.split(" OR ")}


def test_every_alarm_tells_the_topic_when_it_fires_and_when_it_ends() -> None:
    recording = alarms()
    for each in recording.all(ALARM) + recording.all(COMPOSITE):
        assert each.plain["alarmActions"] == each.plain["okActions"] == [TOPIC_ARN]
        assert each.region == "us-east-1"


@pytest.mark.parametrize(
    ("alarm", "dimensions"),
    [
        ("errors", {"LoadBalancer": "app/entrance/50dc6c495c0c9188"}),
        (
            "no-healthy-host-prefect",
            {
                "TargetGroup": "targetgroup/entrance-prefect/73e2d6bc24d8a067",
                "LoadBalancer": "app/entrance/50dc6c495c0c9188",
            },
        ),
        ("database-recovery-point", {"DBClusterIdentifier": "tandem-us-east-1"}),
        ("database-restarted-1", {"DBInstanceIdentifier": "tandem-1"}),
        ("cache-replica-lag-broker-1", {"CacheClusterId": "broker-002"}),
        ("nat-ports-us-east-1b", {"NatGatewayId": "nat-0b"}),
        ("nodes-below-floor-system", {"AutoScalingGroupName": "eks-system"}),
        ("pods-pending", {"ClusterName": "tandem"}),
        ("queue-age-interruptions", {"QueueName": "tandem-interruptions"}),
        ("proxy-wait", {"ProxyName": "tandem-proxy"}),
        ("backup-missing", {"BackupVaultName": "tandem-vault"}),
        ("backup-copy-failed", {"BackupVaultName": "tandem-vault"}),
        ("backup-copy-away-failed", {"BackupVaultName": "tandem-there"}),
    ],
)
def test_an_alarm_names_what_it_watches(alarm: str, dimensions: dict[str, str]) -> None:
    assert by_name(alarms())[f"us-east-1-{alarm}"].plain["dimensions"] == dimensions


@pytest.mark.parametrize(
    ("alarm", "expected"),
    [
        ("database-recovery-point", 30_000),
        ("database-replication-lag", 15_000),
        ("cache-replica-lag-broker-0", 30),
        ("cache-recovery-point-cache-0", 30),
        ("nodes-below-floor-system", 3),
    ],
)
def test_thresholds_come_from_the_objectives_in_the_metric_s_unit(alarm: str, expected: float) -> None:
    assert by_name(alarms())[f"us-east-1-{alarm}"].plain["threshold"] == expected


def test_two_questions_have_an_answer_each() -> None:
    recording = alarms()
    assert children(recording, "cannot-serve") == {
        "us-east-1-errors",
        "us-east-1-no-healthy-host-prefect",
        "us-east-1-no-healthy-host-models",
        "us-east-1-database-silent",
    }
    assert children(recording, "data-at-risk") == {
        "us-east-1-database-recovery-point",
        "us-east-1-cache-replica-lag-broker-0",
        "us-east-1-cache-replica-lag-broker-1",
        "us-east-1-cache-replica-lag-cache-0",
        "us-east-1-cache-recovery-point-cache-0",
        "us-east-1-backup-failed",
        "us-east-1-backup-copy-failed",
        "us-east-1-backup-copy-away-failed",
        "us-east-1-backup-missing",
    }
    assert {each.plain["alarmName"] for each in recording.all(COMPOSITE)} == {
        "us-east-1-cannot-serve",
        "us-east-1-data-at-risk",
    }


def test_a_composite_alarm_is_made_after_what_it_names() -> None:
    recording = alarms()
    made = by_name(recording)
    for composite in ("cannot-serve", "data-at-risk"):
        one = recording.one(COMPOSITE, f"watch-{composite}")
        assert all(recording.waits_for(one, made[child]) for child in children(recording, composite))


def test_alarms_of_others_can_mean_that_data_is_at_risk() -> None:
    found = children(alarms(more_data_alarms=["tandem-us-east-1-replication-failed-models"]), "data-at-risk")
    assert "tandem-us-east-1-replication-failed-models" in found


def test_a_service_the_region_can_do_without_wakes_nobody_elsewhere() -> None:
    balancer = {"arn": BALANCER, "target_groups": {"prefect": TARGETS, "models": TARGETS}, "serves": ["prefect"]}
    recording = alarms(load_balancer=balancer)
    assert "us-east-1-no-healthy-host-models" in by_name(recording)
    assert "us-east-1-no-healthy-host-models" not in children(recording, "cannot-serve")
    assert "us-east-1-no-healthy-host-prefect" in children(recording, "cannot-serve")


def handed_out(read: Callable[[Alarms], Any]) -> Any:
    found: list[Any] = []
    record(lambda: pulumi.Output.from_input(read(Alarms("watch", alarm_args()))).apply(found.append))
    return found[0]


def test_route_53_gets_alarms_it_can_read() -> None:
    serving: list[RegionAlarm] = handed_out(lambda made: made.serving)
    made = by_name(alarms())
    assert {alarm["alarm_name"] for alarm in serving} == children(alarms(), "cannot-serve")
    for alarm in serving:
        props = made[str(alarm["alarm_name"])].plain
        assert alarm["region"] == "us-east-1"
        assert props["period"] >= 60
        assert props["statistic"] in {"Average", "Minimum", "Maximum", "Sum", "SampleCount"}
        assert not {"metricQueries", "extendedStatistic"} & set(props)
        assert str(props["threshold"]) in str(alarm["settings"])  # type: ignore[typeddict-item]


def test_names_and_arns_of_alarms_are_handed_out() -> None:
    recording = alarms()
    names = [*by_name(recording), "us-east-1-cannot-serve", "us-east-1-data-at-risk"]
    assert sorted(handed_out(lambda made: made.names)) == sorted(names)
    assert handed_out(lambda made: made.cannot_serve_arn).endswith(":alarm:us-east-1-cannot-serve")
    assert handed_out(lambda made: made.data_at_risk_arn).endswith(":alarm:us-east-1-data-at-risk")
    assert handed_out(lambda made: made.cannot_serve_name) == "us-east-1-cannot-serve"


def test_a_region_that_writes_does_not_claim_to_be_caught_up() -> None:
    # Lag is published where data arrives only; there "notBreaching" would say that all is well.
    made = by_name(alarms())
    for alarm in ("database-recovery-point", "database-replication-lag", "cache-recovery-point-cache-0"):
        assert made[f"us-east-1-{alarm}"].plain["treatMissingData"] == "missing"


def test_silence_is_an_alarm_where_something_must_speak() -> None:
    made = by_name(alarms())
    for alarm in ("no-healthy-host-prefect", "database-silent", "backup-missing"):
        assert made[f"us-east-1-{alarm}"].plain["treatMissingData"] == "breaching"


def test_what_is_not_there_has_no_alarms() -> None:
    args = alarm_args(global_database=False, caches={}, queues={}, node_groups={}, nat_gateways={})
    for key in ("cluster_name", "proxy_name", "backup_vault_name", "copy_vault_name"):
        del args[key]
    recording = record(lambda: Alarms("watch", args))
    namespaces = {each.plain["namespace"] for each in recording.all(ALARM)}
    assert namespaces == {"AWS/ApplicationELB", "AWS/RDS", "AWS/CertificateManager"}
    assert not [each for each in by_name(recording) if "recovery-point" in each or "proxy" in each]
    assert recording.one(COMPOSITE, "watch-data-at-risk").plain["alarmRule"] == "FALSE"


def test_only_a_cache_that_keeps_everything_warns_of_being_full() -> None:
    made = by_name(alarms())
    assert "us-east-1-cache-memory-broker-0" in made
    assert "us-east-1-cache-memory-cache-0" not in made
    assert "us-east-1-cache-recovery-point-broker-0" not in made


def test_a_node_that_is_missing_for_a_while_stops_no_update() -> None:
    made = by_name(alarms(caches={"broker": {"node_ids": ["broker-001"], "nodes": 2}}))
    assert made["us-east-1-cache-cpu-broker-1"].plain["dimensions"] == {"CacheClusterId": "broker-001"}


def test_a_preview_knows_every_alarm_before_anything_stands() -> None:
    def program() -> None:
        unknown = ground.key().arn
        Alarms("watch", alarm_args(caches={"broker": {"node_ids": unknown.apply(lambda arn: [arn]), "nodes": 2}}))

    recording = record(program, preview=True)
    assert len([each for each in by_name(recording) if "cache-cpu-broker" in each]) == 2


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"recovery_point_seconds": 0}, "recovery_point_seconds: got 0"),
        ({"node_groups": {"gpu": {"asg_name": "x", "floor": 0}}}, "node_groups.gpu.floor: got 0"),
        ({"caches": {"broker": {"node_ids": [], "nodes": 1}}}, "caches: a cache has no nodes"),
        (
            {"load_balancer": {"arn": BALANCER, "target_groups": {"prefect": TARGETS}, "serves": ["perfect"]}},
            "load_balancer.serves: got 'perfect', must be one of prefect",
        ),
        (
            {"caches": {"c": {"node_ids": ["x"], "nodes": 100}}, "backup_vault_name": "tandem-vault"},
            "alarms: 105 mean that data is at risk",
        ),
        (
            {"load_balancer": {"arn": BALANCER, "target_groups": {str(each): TARGETS for each in range(99)}}},
            "alarms: 101 mean that the region cannot serve",
        ),
    ],
)
def test_alarms_that_mean_nothing_are_refused(changes: dict[str, Any], told: str) -> None:
    with pytest.raises(ValueError, match=told):
        alarms(**changes)


def test_cloudwatch_s_names_of_load_balancers_are_read_off_their_arns() -> None:
    assert load_balancer_suffix(BALANCER) == "app/entrance/50dc6c495c0c9188"
    assert target_group_suffix(TARGETS) == "targetgroup/entrance-prefect/73e2d6bc24d8a067"
    with pytest.raises(ValueError, match=r"load_balancer\.arn: got"):
        load_balancer_suffix(TARGETS)
    with pytest.raises(ValueError, match="target_groups: got"):
        target_group_suffix(BALANCER)


def test_every_row_of_the_table_says_what_it_means_and_is_accepted() -> None:
    keys = [watch.key for watch in plan.ALL]
    assert len(set(keys)) == len(keys)
    for watch in plan.ALL:
        assert watch.meaning
        assert watch.source
        assert watch.dimensions
        # CloudWatch evaluates a day of short periods, a week of those from an hour up (PutMetricAlarm).
        assert watch.period * watch.periods <= (7 * 86400 if watch.period >= 3600 else 86400)
        # What Route 53 watches, it watches in single standard metrics.
        if watch.class_ is AlarmClass.SERVING:
            assert watch.period == 60


def make_replication(**changes: Any) -> ReplicationAlarms:
    args: ReplicationAlarmsArgs = {
        "prefix": "tandem",
        "region_name": "us-west-2",
        "topic_arn": f"arn:aws:sns:us-west-2:{ACCOUNT}:tandem-alarms",
        "destination_region_name": "us-east-1",
        "destination_topic_arn": TOPIC_ARN,
        "store": "models",
        "source_bucket": "tandem-models-us-west-2",
        "destination_bucket": "tandem-models-us-east-1",
        "rule_id": "everything",
        "latency_seconds": 900,
        **changes,  # type: ignore[typeddict-item]
    }
    return ReplicationAlarms("replication", args)


def test_replication_is_watched_where_s3_publishes_it() -> None:
    recording = record(make_replication)
    made = by_name(recording)
    assert {name: (each.plain["metricName"], each.region) for name, each in made.items()} == {
        "tandem-us-east-1-replication-latency-models": ("ReplicationLatency", "us-east-1"),
        "tandem-us-west-2-replication-failed-models": ("OperationsFailedReplication", "us-west-2"),
        "tandem-us-east-1-replication-backlog-models": ("BytesPendingReplication", "us-east-1"),
    }
    for each in made.values():
        assert each.plain["alarmActions"] == [f"arn:aws:sns:{each.region}:{ACCOUNT}:tandem-alarms"]
        assert each.plain["dimensions"] == {
            "SourceBucket": "tandem-models-us-west-2",
            "DestinationBucket": "tandem-models-us-east-1",
            "RuleId": "everything",
        }
    assert made["tandem-us-east-1-replication-latency-models"].plain["threshold"] == 900


def test_replication_s_alarms_are_handed_out() -> None:
    found: list[str] = []
    names: list[str] = []

    def program() -> None:
        made = make_replication()
        names.extend(made.names)
        pulumi.Output.json_dumps(made.data_alarms).apply(found.append)

    recording = record(program)
    assert sorted(names) == sorted(by_name(recording))
    assert json.loads(found[0]) == {
        "us-east-1": ["tandem-us-east-1-replication-latency-models"],
        "us-west-2": ["tandem-us-west-2-replication-failed-models"],
    }


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"latency_seconds": 0}, "latency_seconds: got 0"),
        ({"destination_region_name": "us-west-2"}, "destination_region_name: got 'us-west-2', the source's own"),
    ],
)
def test_a_replication_that_is_none_is_refused(changes: dict[str, Any], told: str) -> None:
    with pytest.raises(ValueError, match=told):
        record(lambda: make_replication(**changes))


@pytest.mark.parametrize("make", [make_notifications, make_replication, lambda: Alarms("watch", alarm_args())])
def test_components_say_that_they_are_done(make: Callable[[], Any]) -> None:
    assert record(make).unregistered_components() == []
