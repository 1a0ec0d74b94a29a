"""Who hears of an alarm."""

import re
from collections.abc import Mapping
from typing import NotRequired, TypedDict

import pulumi
import pulumi_aws as aws

from components._outputs import known_once
from components.iam import allow, document, trust

CONFIRMS_ITSELF = {"pagerduty": True, "opsgenie": True, "webhook": False}
"""Kinds of URL, and whether who answers there confirms the subscription without being told. A webhook of one's own
is confirmed by hand, from the first message it gets."""

WATCHES = "arn:aws:iam::aws:policy/CloudWatchReadOnlyAccess"

CHAT_REGION = "us-east-2"
"""Where channels are configured. AWS Chatbot is one for all regions, but answers in us-east-2, us-west-2, eu-west-1 and
ap-southeast-1 only (AWS General Reference, "AWS Chatbot endpoints", read 2026-11)."""

_TOPIC = re.compile(r"[A-Za-z0-9_-]{1,256}")
_EMAIL = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+")


class SlackChannel(TypedDict):
    """A channel in Slack, whose workspace somebody has authorized in the console of AWS Chatbot."""

    workspace_id: str
    """Such as ``T07EA123LEP``."""
    channel_id: str
    """Such as ``C07EZ1ABC23``."""


class TeamsChannel(TypedDict):
    """A channel in Microsoft Teams, whose team somebody has authorized in the console of AWS Chatbot."""

    tenant_id: str
    """Of Microsoft Entra, a UUID."""
    team_id: str
    """A UUID."""
    channel_id: str
    """As in the channel's link, such as ``19%3ab6ef35dc342d56ba5654e6fc6d25a071%40thread.tacv2``."""


class NotificationsArgs(TypedDict):
    """Inputs of Notifications."""

    topic_name: str
    """Physical name, unique in the region."""
    key_arn: pulumi.Input[str]
    """Key of this region that encrypts messages. It must let the services that publish use it (EncryptionKey,
    ``publishers``): CloudWatch drops in silence what it cannot encrypt."""
    account_id: str
    """Account of the topic: nobody else's alarms publish."""
    emails: list[str]
    """Addresses. Each must confirm once, from its mail."""
    urls: dict[str, pulumi.Input[str]]
    """Where to post to, by kind: ``pagerduty``, ``opsgenie``, ``webhook``. Secret: whoever has one can raise alarms."""
    slack: NotRequired[SlackChannel]
    """Channel in Slack. Default none."""
    teams: NotRequired[TeamsChannel]
    """Channel in Teams. Default none."""
    chat_topic_arns: NotRequired[list[pulumi.Input[str]]]
    """Other regions' topics that the channels tell too: an account configures a channel once, not once a region
    (aws-cloudformation/cloudformation-coverage-roadmap#1155). They must stand. Default none."""
    region: NotRequired[str]
    """Region of every child. Default: the provider's."""


class Notifications(pulumi.ComponentResource):
    """An encrypted topic that this account's alarms, events and backups publish to, and who hears of them.

    Each region has its own: an alarm tells topics of its region only, and one that needs the other region would be
    silent on the day that region is the news.

    A channel is the exception: it is configured once, for the topics of all regions.

    Cost when idle: none but the key. State: none. Regions: the topic regional; channels and their role are AWS
    Chatbot's and IAM's, which are global, so names carry the topic's.
    """

    topic_arn: pulumi.Output[str]
    """ARN of the topic, known once services may publish to it and everybody of this region is subscribed."""

    def __init__(self, name: str, args: NotificationsArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        check_recipients(args["topic_name"], args["emails"], args["urls"])
        region = args.get("region")
        super().__init__("tandem:index:Notifications", name, {}, opts)
        child = pulumi.ResourceOptions(parent=self)

        topic = aws.sns.Topic(
            name, name=args["topic_name"], kms_master_key_id=args["key_arn"], region=region, opts=child
        )
        policy = aws.sns.TopicPolicy(
            name,
            arn=topic.arn,
            policy=topic.arn.apply(lambda arn: topic_policy(arn, args["account_id"])),
            region=region,
            opts=child,
        )
        subscriptions = [
            aws.sns.TopicSubscription(
                f"{name}-{email}", topic=topic.arn, protocol="email", endpoint=email, region=region, opts=child
            )
            for email in args["emails"]
        ] + [
            aws.sns.TopicSubscription(
                f"{name}-{kind}",
                topic=topic.arn,
                protocol="https",
                endpoint=pulumi.Output.secret(url),
                endpoint_auto_confirms=CONFIRMS_ITSELF[kind],
                # PagerDuty and Opsgenie read the envelope; one's own webhook wants the alarm alone.
                raw_message_delivery=kind == "webhook",
                region=region,
                opts=child,
            )
            for kind, url in args["urls"].items()
        ]
        told_of = [topic.arn, *args.get("chat_topic_arns", [])]
        role = _chat_role(name, child) if "slack" in args or "teams" in args else ""
        if "slack" in args:
            aws.chatbot.SlackChannelConfiguration(
                name,
                configuration_name=f"{args['topic_name']}-slack",
                slack_team_id=args["slack"]["workspace_id"],
                slack_channel_id=args["slack"]["channel_id"],
                iam_role_arn=role,
                # Left out, people in the channel may do what AdministratorAccess allows, as far as the role does
                # (AWS Chatbot API, CreateSlackChannelConfiguration, read 2026-11).
                guardrail_policy_arns=[WATCHES],
                sns_topic_arns=told_of,
                logging_level="ERROR",
                region=CHAT_REGION,
                opts=child,
            )
        if "teams" in args:
            aws.chatbot.TeamsChannelConfiguration(
                name,
                configuration_name=f"{args['topic_name']}-teams",
                tenant_id=args["teams"]["tenant_id"],
                team_id=args["teams"]["team_id"],
                channel_id=args["teams"]["channel_id"],
                iam_role_arn=role,
                guardrail_policy_arns=[WATCHES],
                sns_topic_arns=told_of,
                logging_level="ERROR",
                region=CHAT_REGION,
                opts=child,
            )
        # Not once the channels stand: they are made in CHAT_REGION, and with that dark this region must go on.
        self.topic_arn = known_once(topic.arn, policy.id, *[each.id for each in subscriptions])
        self.register_outputs({"topicArn": self.topic_arn})


def check_recipients(topic_name: str, emails: list[str], urls: Mapping[str, pulumi.Input[str]]) -> None:
    """Refuse recipients that would never hear anything.

    Raises:
        ValueError: With what to write instead.
    """
    if not _TOPIC.fullmatch(topic_name):
        raise ValueError(f"topic_name: got {topic_name!r}, must be 1 to 256 letters, digits, hyphens and underscores")
    for email in emails:
        if not _EMAIL.fullmatch(email):
            raise ValueError(f"emails: got {email!r}, must be such as 'oncall@example.com'")
        if emails.count(email) > 1:
            raise ValueError(f"emails: {email!r} stands twice; give each once")
    for kind, url in urls.items():
        if kind not in CONFIRMS_ITSELF:
            raise ValueError(f"urls: got {kind!r}, must be one of {', '.join(CONFIRMS_ITSELF)}")
        # The URL is a secret, so the message leaves it out.
        if isinstance(url, str) and not url.startswith("https://"):
            raise ValueError(f"urls.{kind}: must begin with 'https://'; what is posted names resources")


def topic_policy(topic_arn: str, account_id: str) -> str:
    """Who may publish: this account's alarms, events and backups, and nothing unencrypted."""
    return document(
        [
            {
                "Sid": "AlarmsAndEventsPublish",
                "Effect": "Allow",
                "Principal": {"Service": ["cloudwatch.amazonaws.com", "events.amazonaws.com"]},
                "Action": ["sns:Publish"],
                "Resource": [topic_arn],
                # Both say whose they are (CloudWatch User Guide, "Notifying users on alarm changes"; EventBridge User
                # Guide, "Using IAM policy conditions", the latter read 2026-11).
                "Condition": {"StringEquals": {"aws:SourceAccount": account_id}},
            },
            {
                # AWS Backup documents no account to compare with, and publishes to topics of the vault's account only
                # (AWS Backup Developer Guide, "Notification options with AWS Backup", read 2026-11).
                "Sid": "BackupsPublish",
                "Effect": "Allow",
                "Principal": {"Service": ["backup.amazonaws.com"]},
                "Action": ["sns:Publish"],
                "Resource": [topic_arn],
            },
            {
                "Sid": "TlsOnly",
                "Effect": "Deny",
                "Principal": {"AWS": "*"},
                "Action": ["sns:Publish"],
                "Resource": [topic_arn],
                "Condition": {"Bool": {"aws:SecureTransport": "false"}},
            },
        ]
    )


def _chat_role(name: str, opts: pulumi.ResourceOptions) -> pulumi.Output[str]:
    """What AWS Chatbot may see to draw an alarm's graph; its ARN is known once it may."""
    role = aws.iam.Role(f"{name}-chat", assume_role_policy=trust("chatbot.amazonaws.com"), opts=opts)
    policy = aws.iam.RolePolicy(
        f"{name}-chat",
        role=role.id,
        # None of these takes a resource but DescribeAlarms, which composite alarms need for all (Service Authorization
        # Reference, Amazon CloudWatch).
        policy=document(
            [
                allow(
                    [
                        "cloudwatch:DescribeAlarms",
                        "cloudwatch:GetMetricData",
                        "cloudwatch:GetMetricStatistics",
                        "cloudwatch:ListMetrics",
                    ],
                    ["*"],
                )
            ]
        ),
        opts=opts,
    )
    return known_once(role.arn, policy.id)
