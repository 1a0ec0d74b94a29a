"""A customer-managed key, alone, as the primary of a multi-region pair, or as a replica."""

import re
from collections.abc import Sequence
from typing import NotRequired, TypedDict

import pulumi
import pulumi_aws as aws

from components._protection import stateful
from components.iam import Statement, document

DELETION_WINDOW_DAYS = 30
"""The longest AWS offers: a key deleted by mistake is every backup deleted by mistake."""

LOG_DELIVERY = "delivery.logs.amazonaws.com"
NAMES_ACCOUNT = frozenset({"cloudwatch.amazonaws.com", LOG_DELIVERY})
"""Services that say on whose behalf they come, so that no other account reaches the key through them. EventBridge must
not be asked ("not supported for EventBridge-to-encrypted topics"), and of AWS Backup nothing is written (SNS Developer
Guide, "Managing Amazon SNS encryption keys and costs"; CloudWatch User Guide, "Notifying users on alarm changes";
CloudWatch Logs User Guide, "Logs sent to Amazon S3"; read 2026-11)."""

_SERVICE = re.compile(r"[a-z0-9-]+(\.[a-z0-9-]+)*\.amazonaws\.com")


class EncryptionKeyArgs(TypedDict):
    """Inputs of EncryptionKey."""

    description: str
    """What it encrypts."""
    alias: str
    """Name people know it by, without ``alias/``."""
    account_id: str
    """Account whose IAM policies may grant its use."""
    logs_in: NotRequired[str]
    """Region whose CloudWatch Logs encrypts this account's log groups with it."""
    disks: NotRequired[bool]
    """Let EC2 encrypt disks with it for whoever in this account may start instances, Auto Scaling included."""
    publishers: NotRequired[list[str]]
    """AWS services that write by themselves to what it encrypts, such as ``cloudwatch.amazonaws.com`` to a topic or
    ``delivery.logs.amazonaws.com`` to a bucket. Default none. Load balancers need none: their logs take S3's own keys
    only. Nor does AWS Backup for its vaults: it comes with the rights of its role."""
    multi_region: NotRequired[bool]
    """Make it the primary of a multi-region key, so that replicas in other regions decrypt the same data."""
    primary_key_arn: NotRequired[pulumi.Input[str]]
    """Make it a replica of this multi-region key instead."""
    protected: NotRequired[bool]
    """Refuse deletion. Default true."""
    region: NotRequired[str]
    """Region of every child. Default: the provider's."""


class EncryptionKey(pulumi.ComponentResource):
    """A rotated KMS key with an alias. As half of a multi-region pair it decrypts while the other region is dark.

    Cost when idle: by the month. State: losing the key loses what it encrypted; protected, and deletion waits 30
    days. Regions: all children regional.
    """

    arn: pulumi.Output[str]
    """ARN of the key in this region."""
    key_id: pulumi.Output[str]
    """Id of the key; the same in every region of a multi-region pair."""

    def __init__(self, name: str, args: EncryptionKeyArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        if args.get("multi_region") and "primary_key_arn" in args:
            raise ValueError("multi_region and primary_key_arn: a key is either a primary or a replica; give one")
        publishers = args.get("publishers", [])
        check_publishers(publishers)
        region = args.get("region")
        policy = render_key_policy(
            args["account_id"],
            logs_in=args.get("logs_in"),
            disks=args.get("disks", False),
            publishers=publishers,
        )
        super().__init__("tandem:index:EncryptionKey", name, {}, opts)
        options = stateful(self, args.get("protected", True))

        if "primary_key_arn" in args:
            key = aws.kms.ReplicaKey(
                name,
                description=args["description"],
                primary_key_arn=args["primary_key_arn"],
                deletion_window_in_days=DELETION_WINDOW_DAYS,
                policy=policy,
                region=region,
                opts=options,
            )
        else:
            key = aws.kms.Key(
                name,
                description=args["description"],
                multi_region=args.get("multi_region", False),
                enable_key_rotation=True,
                deletion_window_in_days=DELETION_WINDOW_DAYS,
                policy=policy,
                region=region,
                opts=options,
            )
        aws.kms.Alias(
            name,
            name=f"alias/{args['alias']}",
            target_key_id=key.key_id,
            region=region,
            opts=pulumi.ResourceOptions(parent=self),
        )
        self.arn = key.arn
        self.key_id = key.key_id
        self.register_outputs({"arn": self.arn, "keyId": self.key_id})


USE = ["kms:Encrypt*", "kms:Decrypt*", "kms:ReEncrypt*", "kms:GenerateDataKey*", "kms:Describe*"]


def check_publishers(publishers: Sequence[str]) -> None:
    """Refuse what is no AWS service.

    Raises:
        ValueError: With what a service is called.
    """
    for service in publishers:
        if not _SERVICE.fullmatch(service):
            raise ValueError(f"publishers: got {service!r}, must be such as 'cloudwatch.amazonaws.com'")


def render_key_policy(
    account_id: str, *, logs_in: str | None = None, disks: bool = False, publishers: Sequence[str] = ()
) -> str:
    """Who may use a key, as JSON text: the account by its IAM policies, and the services that need more."""
    statements: list[Statement] = [
        {
            "Sid": "AccountGrantsThroughIam",
            "Effect": "Allow",
            "Principal": {"AWS": f"arn:aws:iam::{account_id}:root"},
            "Action": "kms:*",
            "Resource": "*",
        }
    ]
    if logs_in is not None:
        # As CloudWatch Logs documents it ("Encrypt log data using AWS KMS", read 2026-11).
        statements.append(
            {
                "Sid": "LogsEncrypt",
                "Effect": "Allow",
                "Principal": {"Service": f"logs.{logs_in}.amazonaws.com"},
                "Action": USE,
                "Resource": "*",
                "Condition": {
                    "ArnLike": {"kms:EncryptionContext:aws:logs:arn": f"arn:aws:logs:{logs_in}:{account_id}:*"}
                },
            }
        )
    if disks:
        # As the AWS managed key for EBS has it. Without the grant a managed node group's instances end at launch, with
        # "Client.InternalError" (EC2 Auto Scaling, "Required key policy for use with encrypted volumes", read 2026-11).
        statements.append(
            {
                "Sid": "DisksEncrypt",
                "Effect": "Allow",
                "Principal": {"AWS": "*"},
                "Action": [*USE, "kms:CreateGrant"],
                "Resource": "*",
                "Condition": {
                    "StringEquals": {"kms:CallerAccount": account_id},
                    "StringLike": {"kms:ViaService": "ec2.*.amazonaws.com"},
                },
            }
        )
    for service in sorted(publishers):
        statement: Statement = {
            "Sid": "".join(word.capitalize() for word in re.split("[.-]", service)[:-2]) + "Encrypts",
            "Effect": "Allow",
            "Principal": {"Service": service},
            # As SNS documents it ("Enable compatibility between event sources from AWS services and encrypted topics"),
            # and CloudWatch Logs for what it delivers.
            "Action": USE if service == LOG_DELIVERY else ["kms:Decrypt", "kms:GenerateDataKey"],
            "Resource": "*",
        }
        if service in NAMES_ACCOUNT:
            statement["Condition"] = {"StringEquals": {"aws:SourceAccount": account_id}}
        statements.append(statement)
    return document(statements)
