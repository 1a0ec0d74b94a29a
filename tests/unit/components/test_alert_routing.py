"""Who is told of which alert, and by what."""

import json
import re
from pathlib import Path
from typing import Any

import pulumi
import pulumi_kubernetes as k8s
import pytest

from components.observability import AlertRouting, AlertRoutingArgs, render_alertmanager
from components.observability.alert_rules import GROUPS, Severity
from components.observability.routing import INHIBITIONS, PROPERTIES, escaped, unescaped
from tests.house.go_tools import find_or_build
from tests.house.promtool import AMTOOL, check_alertmanager, receivers_of, rendered_notice
from tests.house.recorder import Recording, record

TOPIC = "arn:aws:sns:us-east-1:000000000000:tandem-us-east-1-alarms"
RECOVERY = "http://recovery-eventsource-svc.events.svc.cluster.local:12000/alerts"
EXTERNAL = "kubernetes:external-secrets.io/v1:ExternalSecret"
SECRET = "kubernetes:core/v1:Secret"
KINDS = list(PROPERTIES)


@pytest.fixture(scope="session")
def amtool() -> Path:
    tool = find_or_build(AMTOOL)
    if tool is None:
        pytest.skip("neither amtool nor Go is here: the configuration is not loaded")
    return tool


def made_by_external_secrets(text: str) -> str:
    """The text after its templates have run, with addresses and keys in the place of secrets."""

    def value(found: re.Match[str]) -> str:
        return json.dumps("https://example.com/hook" if found[1].endswith("_url") else "k" * 32)

    replaced = re.sub(r"\{\{ \.(\w+) \| toJson \}\}", value, text)
    return unescaped(replaced)


def configuration(*receivers: str, recovery_url: str | None = None) -> str:
    return made_by_external_secrets(
        render_alertmanager(region="us-east-1", topic_arn=TOPIC, receivers=receivers, recovery_url=recovery_url)
    )


def receiver(name: str, *kinds: str) -> dict[str, Any]:
    document = json.loads(configuration(*kinds))
    return next(each for each in document["receivers"] if each["name"] == name)


@pytest.mark.parametrize("kinds", [(), ("pagerduty",), ("slack", "teams"), tuple(KINDS)], ids=str)
@pytest.mark.parametrize("recovery", [None, RECOVERY])
def test_alertmanager_takes_the_configuration(amtool: Path, kinds: tuple[str, ...], recovery: str | None) -> None:
    check_alertmanager(amtool, configuration(*kinds, recovery_url=recovery))


def test_a_configuration_with_a_mistake_is_refused(amtool: Path) -> None:
    with pytest.raises(RuntimeError, match="field repeat_intervall not found"):
        check_alertmanager(amtool, configuration().replace("repeat_interval", "repeat_intervall"))


@pytest.mark.parametrize(
    ("labels", "told"),
    [
        ({"alertname": "WorkloadDown", "severity": "critical"}, ["critical"]),
        ({"alertname": "WorkloadShort", "severity": "warning"}, ["warning"]),
        ({"alertname": "InfoInhibitor", "severity": "none"}, ["nobody"]),
        ({"alertname": "CPUThrottlingHigh", "severity": "info"}, ["nobody"]),
        ({"alertname": "Watchdog", "severity": "none"}, ["heartbeat"]),
        ({"alertname": "PrefectRunStuck", "severity": "warning", "recovery": "workflow"}, ["recovery", "warning"]),
        ({"alertname": "ZoneDown", "severity": "critical", "recovery": "workflow"}, ["recovery", "critical"]),
        ({"alertname": "SomebodyElses"}, ["critical"]),
    ],
)
def test_who_is_told(amtool: Path, labels: dict[str, str], told: list[str]) -> None:
    assert receivers_of(amtool, configuration(*KINDS, recovery_url=RECOVERY), labels) == told


def test_a_watchdog_without_a_heartbeat_tells_nobody(amtool: Path) -> None:
    assert receivers_of(amtool, configuration(), {"alertname": "Watchdog", "severity": "none"}) == ["nobody"]


@pytest.mark.parametrize("severity", ["critical", "warning"])
def test_both_severities_tell_the_topic_that_aws_alarms_tell(severity: str) -> None:
    (topic,) = receiver(severity)["sns_configs"]
    assert topic["topic_arn"] == TOPIC
    assert topic["sigv4"] == {"region": "us-east-1"}
    assert topic["attributes"] == {"severity": severity}
    assert topic["send_resolved"] is True


def test_warnings_wake_nobody() -> None:
    critical, warning = receiver("critical", *KINDS), receiver("warning", *KINDS)
    assert set(critical) - set(warning) == {"pagerduty_configs", "opsgenie_configs"}
    assert {"slack_configs", "msteamsv2_configs", "webhook_configs"} <= set(warning)


def test_each_alert_that_calls_for_recovery_is_a_notice_of_its_own() -> None:
    document = json.loads(configuration(recovery_url=RECOVERY))
    (route,) = [each for each in document["route"]["routes"] if each["receiver"] == "recovery"]
    assert route["group_by"] == ["..."]
    assert route["continue"] is True
    assert receiver_of(document, "recovery")["webhook_configs"] == [{"url": RECOVERY, "send_resolved": False}]


def receiver_of(document: dict[str, Any], name: str) -> dict[str, Any]:
    return next(each for each in document["receivers"] if each["name"] == name)


def test_a_message_for_the_topic_is_one_that_chat_shows(amtool: Path) -> None:
    annotations = {
        "summary": 'No "node" of zone a is ready',
        "description": "Its pods are <being> started.",
        "runbook_url": "https://example.com/zone-lost.md",
    }
    notice = {
        "status": "firing",
        "alerts": [{"status": "firing", "labels": {"alertname": "ZoneDown"}, "annotations": annotations}] * 2,
        "groupLabels": {"alertname": "ZoneDown"},
    }
    message = json.loads(rendered_notice(amtool, receiver("critical")["sns_configs"][0]["message"], notice))
    assert (message["version"], message["source"]) == ("1.0", "custom")
    content = message["content"]
    assert content["title"] == "[FIRING] ZoneDown"
    assert content["description"] == 2 * ("\n".join(annotations.values()) + "\n\n")


def silenced(alert: dict[str, str], by: dict[str, str]) -> bool:
    """Whether one alert silences another, as Alertmanager reads the rules."""

    def matches(matchers: list[str], labels: dict[str, str]) -> bool:
        for matcher in matchers:
            found = re.fullmatch(r'(\w+)(=~|!=|=)"(.*)"', matcher)
            assert found, matcher
            value = labels.get(found[1], "")
            same = re.fullmatch(found[3], value) is not None if found[2] == "=~" else value == found[3]
            if same is (found[2] == "!="):
                return False
        return True

    return any(
        matches(rule["source_matchers"], by)
        and matches(rule["target_matchers"], alert)
        and all(alert.get(label, "") == by.get(label, "") for label in rule["equal"])
        for rule in INHIBITIONS
    )


def test_a_zone_that_is_gone_silences_its_nodes_and_pods_and_no_other_s() -> None:
    gone = {"alertname": "ZoneDown", "zone": "us-east-1a", "severity": "critical"}
    assert silenced({"alertname": "NodeNotReady", "zone": "us-east-1a", "node": "n1"}, gone)
    assert silenced({"alertname": "PodRestarting", "zone": "us-east-1a", "pod": "a"}, gone)
    assert not silenced({"alertname": "PodRestarting", "zone": "us-east-1b", "pod": "a"}, gone)
    assert not silenced({"alertname": "WorkloadDown", "namespace": "prefect"}, gone)
    # Two alerts that both lack a label have it in common.
    assert not silenced({"alertname": "WorkloadDown", "namespace": "prefect"}, {"alertname": "ZoneDown"})
    assert not silenced(gone, gone)


def test_the_worse_of_two_alerts_of_one_thing_silences_the_other() -> None:
    down = {"alertname": "WorkloadDown", "namespace": "prefect", "workload": "api"}
    assert silenced({**down, "alertname": "WorkloadShort"}, down)
    assert not silenced({**down, "alertname": "WorkloadShort", "workload": "worker"}, down)


def test_what_silences_and_is_silenced_are_alerts_that_are() -> None:
    known = {rule.name for group in GROUPS.values() for rule in group.rules}
    for rule in INHIBITIONS:
        for matcher in (*rule["source_matchers"], *rule["target_matchers"]):
            key, _, value = matcher.partition("=")
            if key in ("alertname", "alertname!"):
                assert set(value.strip('~"').split("|")) <= known


def test_only_warnings_and_what_has_a_zone_are_silenced() -> None:
    severities = {rule.name: rule.severity for group in GROUPS.values() for rule in group.rules}
    for rule in INHIBITIONS[1:]:
        for name in rule["target_matchers"][0].partition("=")[2].strip('~"').split("|"):
            assert severities[name] is Severity.WARNING


def test_alertmanager_s_own_templates_survive_external_secrets() -> None:
    text = '{"a": "{{ .Status }} {{ range .Alerts }}x{{ end }}"}'
    assert unescaped(escaped(text)) == text
    # Go reads what stands between its braces: nothing but texts, and secrets.
    rendered = render_alertmanager(region="us-east-1", topic_arn=TOPIC, receivers=KINDS)
    actions = re.findall(r"\{\{ (.*?) \}\}", rendered.replace('"{{"', '"<<"').replace('"}}"', '">>"'))
    allowed = {'"<<"', '">>"', *(f".{kind}_{key} | toJson" for kind, key in PROPERTIES.items())}
    assert set(actions) == allowed


def routed(**changes: Any) -> Recording:
    arguments: AlertRoutingArgs = {"namespace": "monitoring", "region": "us-east-1", "topic_arn": TOPIC}

    def program() -> None:
        provider = k8s.Provider("cluster", kubeconfig="{}")
        namespace = k8s.core.v1.Namespace(
            "monitoring",
            metadata=k8s.meta.v1.ObjectMetaArgs(name="monitoring"),
            opts=pulumi.ResourceOptions(provider=provider),
        )
        routing = AlertRouting(
            "routing",
            {**arguments, **changes},  # type: ignore[typeddict-item]
            pulumi.ResourceOptions(providers=[provider], depends_on=[namespace]),
        )
        pulumi.export("secret", routing.secret_name)

    return record(program)


def test_without_receivers_of_its_own_the_secret_is_made_here() -> None:
    recording = routed()
    secret = recording.one(SECRET, "routing")
    assert json.loads(secret.plain["stringData"]["alertmanager.yaml"])["route"]["receiver"] == "critical"
    assert recording.all(EXTERNAL) == []
    assert recording.outputs["secret"] == "routing"


def test_with_receivers_their_keys_pass_through_no_state() -> None:
    recording = routed(receivers={"pagerduty": "tandem/pagerduty", "slack": "tandem/slack"}, recovery_url=RECOVERY)
    spec = recording.one(EXTERNAL).props["spec"]
    read = {(each["remoteRef"]["key"], each["remoteRef"]["property"]) for each in spec["data"]}
    assert read == {("tandem/pagerduty", "routing_key"), ("tandem/slack", "url")}
    text = spec["target"]["template"]["data"]["alertmanager.yaml"]
    assert "{{ .pagerduty_routing_key | toJson }}" in text
    assert RECOVERY in text
    assert [each for each in recording.all(SECRET) if each.type == SECRET] == []
    assert recording.unregistered_components() == []


def test_a_receiver_that_is_not_known_is_refused() -> None:
    with pytest.raises(ValueError, match=r"receivers: got 'pager', must be one of .*pagerduty"):
        routed(receivers={"pager": "x"})
