"""Who hears of which alert, and which alerts say nothing that another has not said."""

import json
import re
from collections.abc import Mapping, Sequence
from typing import Any, NotRequired, TypedDict

import pulumi
import pulumi_kubernetes as k8s

from components.helm import ExternalSecret
from components.observability.alert_rules import RECOVERY_LABEL, RECOVERY_WORKFLOW, Severity

CONFIGURATION_KEY = "alertmanager.yaml"
"""Key of the Kubernetes secret that Alertmanager reads."""

PROPERTIES = {
    "pagerduty": "routing_key",
    "opsgenie": "api_key",
    "slack": "url",
    "teams": "url",
    "webhook": "url",
    "heartbeat": "url",
}
"""Whom Alertmanager may tell without a topic between, and the property of the secret that it needs for that."""

WAKES = ("pagerduty", "opsgenie")
"""They wake people, so that they hear of what is critical only."""

_SAYS = "{{ .CommonAnnotations.summary }}"
_TITLE = "[{{ .Status | toUpper }}] {{ .GroupLabels.alertname }} ({{ .Alerts | len }})"
_EACH = (
    '{{ $text := "" }}{{ range .Alerts }}'
    '{{ $text = printf "%s%s\\n%s\\n%s\\n\\n" $text .Annotations.summary .Annotations.description '
    ".Annotations.runbook_url }}{{ end }}"
)
# Amazon Q Developer (once Chatbot) shows nothing in Slack or Teams but messages of a service it knows, or of this form
# (AWS Chatbot Administrator Guide, "Custom notifications", read 2026-11).
_FOR_A_TOPIC = (
    _EACH
    + '{"version":"1.0","source":"custom","content":{"textType":"client-markdown","title":'
    + '{{ printf "[%s] %s" (.Status | toUpper) .GroupLabels.alertname | toJson }},'
    + '"description":{{ $text | toJson }}}}'
)


class AlertRoutingArgs(TypedDict):
    """Inputs of AlertRouting."""

    namespace: pulumi.Input[str]
    """Existing namespace of Alertmanager."""
    region: str
    """Region of the topic, which requests are signed for."""
    topic_arn: pulumi.Input[str]
    """Topic that the alarms of AWS tell, too (Notifications): whoever hears of those hears of alerts."""
    receivers: NotRequired[dict[str, pulumi.Input[str]]]
    """Whom to tell without a topic between: secrets of Secrets Manager in this region, by kind. ``pagerduty`` with the
    key ``routing_key`` and ``opsgenie`` with ``api_key`` hear of what is critical; ``slack``, ``teams`` and ``webhook``
    with ``url`` hear of everything; ``heartbeat`` with ``url`` is called every minute, and alarms when that stops."""
    recovery_url: NotRequired[pulumi.Input[str]]
    """Where alerts go that call for a recovery run (AlertRecovery.webhook_url)."""


class AlertRouting(pulumi.ComponentResource):
    """Alertmanager's configuration as a Kubernetes secret.

    Without receivers of its own it holds nothing secret and is made here; with some, their keys pass from Secrets
    Manager to the cluster by an ExternalSecret, and through no state file. Alertmanager signs what it publishes with
    the rights of its service account.

    A topic passes messages on as they are. Mail shows them; Slack and Teams show them through Amazon Q Developer;
    PagerDuty's and Opsgenie's endpoints for CloudWatch may not read them: name both as receivers. Each message carries
    its severity as an attribute, for subscriptions that filter.

    Ports: none of its own. Out: SNS, and the receivers' addresses, on 443.

    Cost when idle: none. State: none. Regions: one cluster's; each region tells its own topic.
    """

    secret_name: pulumi.Output[str]
    """For PrometheusStack, once it is there."""

    def __init__(self, name: str, args: AlertRoutingArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        receivers = args.get("receivers", {})
        plan_receivers(list(receivers))
        super().__init__("tandem:index:AlertRouting", name, {}, opts)
        child = pulumi.ResourceOptions(parent=self)

        def render(given: Mapping[str, Any]) -> str:
            return render_alertmanager(
                region=args["region"],
                topic_arn=given["topic"],
                receivers=list(receivers),
                recovery_url=given["recovery"],
            )

        configuration = pulumi.Output.all(topic=args["topic_arn"], recovery=args.get("recovery_url")).apply(render)
        if receivers:
            secret = ExternalSecret(
                name,
                {
                    "namespace": args["namespace"],
                    "sources": {
                        kind: {"secret": secret, "properties": [PROPERTIES[kind]]} for kind, secret in receivers.items()
                    },
                    "template": {CONFIGURATION_KEY: configuration},
                },
                child,
            )
            self.secret_name = pulumi.Output.from_input(secret.secret_name)
        else:
            made = k8s.core.v1.Secret(
                name,
                metadata=k8s.meta.v1.ObjectMetaArgs(name=name, namespace=args["namespace"]),
                string_data={CONFIGURATION_KEY: configuration.apply(unescaped)},
                opts=child,
            )
            self.secret_name = made.metadata.apply(lambda _: name)
        self.register_outputs({"secretName": self.secret_name})


def plan_receivers(kinds: Sequence[str]) -> None:
    """Check whom Alertmanager is to tell.

    Raises:
        ValueError: If a kind is unknown.
    """
    for kind in kinds:
        if kind not in PROPERTIES:
            raise ValueError(f"receivers: got {kind!r}, must be one of {', '.join(sorted(PROPERTIES))}")


def render_alertmanager(
    *, region: str, topic_arn: str, receivers: Sequence[str] = (), recovery_url: str | None = None
) -> str:
    """Alertmanager's configuration, for an ExternalSecret's template.

    What stands for a secret is ``{{ .<kind>_<property> | toJson }}``. Alertmanager's own templates are escaped: what
    external-secrets makes of the text has them as they were.

    Args:
        region: of the topic.
        topic_arn: of the topic.
        receivers: kinds of PROPERTIES whose secrets are sources of the ExternalSecret, under these names.
        recovery_url: where alerts go that call for a recovery run.
    """
    told = {
        severity: {
            "name": severity,
            **_told_by_topic(region, topic_arn, severity),
            **_told_directly(receivers, severity),
        }
        for severity in (Severity.CRITICAL.value, Severity.WARNING.value)
    }
    routes: list[dict[str, Any]] = [_watchdog("heartbeat" in receivers)]
    others: list[dict[str, Any]] = [{"name": "nobody"}]
    if "heartbeat" in receivers:
        others.append({"name": "heartbeat", "webhook_configs": [{"url": _secret("heartbeat"), "send_resolved": False}]})
    if recovery_url is not None:
        others.append({"name": "recovery", "webhook_configs": [{"url": recovery_url, "send_resolved": False}]})
        routes.append(
            {
                "receiver": "recovery",
                "matchers": [f'{RECOVERY_LABEL}="{RECOVERY_WORKFLOW}"'],
                # Each alert for itself: a sensor looks at the first of a notice.
                "group_by": ["..."],
                "group_wait": "30s",
                "repeat_interval": "4h",
                "continue": True,
            }
        )
    routes += [
        {"receiver": "nobody", "matchers": ['severity=~"info|none"']},
        {
            "receiver": Severity.WARNING.value,
            "matchers": ['severity="warning"'],
            "group_wait": "2m",
            "repeat_interval": "12h",
        },
        # What carries no severity, or one that is not known here, is taken for the worst. A route of its own: the root
        # is not asked once any route took an alert, and the one for recovery takes it only in passing.
        {"receiver": Severity.CRITICAL.value},
    ]
    document: dict[str, Any] = {
        "global": {"resolve_timeout": "5m"},
        "route": {
            "receiver": Severity.CRITICAL.value,
            "group_by": ["alertname", "namespace", "zone"],
            "group_wait": "30s",
            "group_interval": "5m",
            "repeat_interval": "1h",
            "routes": routes,
        },
        "inhibit_rules": INHIBITIONS,
        "receivers": [*told.values(), *others],
    }
    # JSON is YAML, and quotes every text: no address or template can be read as anything else.
    text = json.dumps(document, indent=2)
    # Secrets come quoted by `toJson`, in place of the quotes around them.
    return re.sub(r'"<secret:(\w+)>"', r"{{ .\1 | toJson }}", escaped(text))


INHIBITIONS: list[dict[str, Any]] = [
    # A zone that is gone says so once, instead of each of its nodes and pods.
    {
        "source_matchers": ['alertname="ZoneDown"'],
        "target_matchers": ['zone!=""', 'alertname!="ZoneDown"'],
        "equal": ["zone"],
    },
    {
        "source_matchers": ['alertname="WorkloadDown"'],
        "target_matchers": ['alertname="WorkloadShort"'],
        "equal": ["namespace", "workload"],
    },
    {
        "source_matchers": ['alertname="CertificateExpiresSoon"'],
        "target_matchers": ['alertname="CertificateExpiring"'],
        "equal": ["namespace", "exported_namespace", "name"],
    },
    # Without a leader nothing leaves the queue.
    {
        "source_matchers": ['alertname="ArgoWorkflowsLeaderless"'],
        "target_matchers": ['alertname=~"ArgoWorkflowsQueueSlow|ArgoWorkflowsStuck"'],
        "equal": [],
    },
]
"""Which alert silences which, where these labels are the same."""


def escaped(text: str) -> str:
    """Text that Go's templates leave as this one is."""
    return re.sub(r"\{\{|\}\}", lambda braces: '{{ "' + braces[0] + '" }}', text)


def unescaped(text: str) -> str:
    """What Go's templates make of ``escaped`` text."""
    return re.sub(r'\{\{ "(\{\{|\}\})" \}\}', r"\1", text)


def _watchdog(heard: bool) -> dict[str, Any]:
    route: dict[str, Any] = {"receiver": "heartbeat" if heard else "nobody", "matchers": ['alertname="Watchdog"']}
    return {**route, "group_wait": "0s", "group_interval": "30s", "repeat_interval": "1m"} if heard else route


def _told_by_topic(region: str, topic_arn: str, severity: str) -> dict[str, Any]:
    return {
        "sns_configs": [
            {
                "topic_arn": topic_arn,
                "sigv4": {"region": region},
                "subject": "[{{ .Status | toUpper }}] {{ .GroupLabels.alertname }}",
                "message": _FOR_A_TOPIC,
                "attributes": {"severity": severity},
                "send_resolved": True,
            }
        ]
    }


def _told_directly(receivers: Sequence[str], severity: str) -> dict[str, Any]:
    kinds = {
        "pagerduty": (
            "pagerduty_configs",
            {
                "routing_key": _secret("pagerduty"),
                "severity": severity,
                "description": f"{{{{ .GroupLabels.alertname }}}}: {_SAYS}",
                "links": [{"href": "{{ .CommonAnnotations.runbook_url }}", "text": "What to do"}],
            },
        ),
        "opsgenie": (
            "opsgenie_configs",
            {
                "api_key": _secret("opsgenie"),
                "message": f"{{{{ .GroupLabels.alertname }}}}: {_SAYS}",
                "description": _EACH + "{{ $text }}",
                "priority": "P1",
            },
        ),
        "slack": ("slack_configs", {"api_url": _secret("slack"), "title": _TITLE, "text": _EACH + "{{ $text }}"}),
        "teams": (
            "msteamsv2_configs",
            {"webhook_url": _secret("teams"), "title": _TITLE, "text": _EACH + "{{ $text }}"},
        ),
        "webhook": ("webhook_configs", {"url": _secret("webhook")}),
    }
    return {
        key: [{**config, "send_resolved": True}]
        for kind, (key, config) in kinds.items()
        if kind in receivers and (severity == Severity.CRITICAL.value or kind not in WAKES)
    }


def _secret(kind: str) -> str:
    return f"<secret:{kind}_{PROPERTIES[kind]}>"
