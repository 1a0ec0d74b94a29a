"""What requests never reach the load balancer: AWS WAF."""

from typing import NotRequired, TypedDict

import pulumi
import pulumi_aws as aws

from components.iam import document

LOG_GROUP_PREFIX = "aws-waf-logs-"
"""WAF writes to no other log group (AWS WAF Developer Guide, "Sending web ACL traffic logs to CloudWatch Logs")."""
LEAST_RATE, GREATEST_RATE = 10, 2_000_000_000
"""AWS WAF API, RateLimit (read 2026-11)."""
RATE_WINDOW_SECONDS = 300

MANAGED = (
    "AWSManagedRulesAmazonIpReputationList",
    "AWSManagedRulesKnownBadInputsRuleSet",
    "AWSManagedRulesCommonRuleSet",
)
"""AWS's own rule groups, in the order they are asked."""
COUNTED = {
    "AWSManagedRulesCommonRuleSet": (
        "SizeRestrictions_BODY",
        "CrossSiteScripting_BODY",
        "EC2MetaDataSSRF_BODY",
        "GenericLFI_BODY",
        "GenericRFI_BODY",
    )
}
"""Rules that count and let pass. Models take bodies of megabytes, and WAF holds anything beyond 8 KB at a load balancer
to be an attack ("Considerations for managing body inspection in AWS WAF", read 2026-11); and what people ask a model is
free text, in which markup, paths and addresses are no attack."""
REDACTED_HEADERS = ("authorization", "cookie")
"""What would let a reader of the log in."""


class FirewallArgs(TypedDict):
    """Inputs of Firewall."""

    firewall_name: str
    """Physical name, unique in the region; its log group is ``aws-waf-logs-`` and this."""
    load_balancer_arn: pulumi.Input[str]
    """Load balancer it stands before."""
    requests_per_five_minutes: int
    """Requests that one address may send in five minutes, 10 to 2,000,000,000, before it is turned away."""
    trusted_addresses: NotRequired[list[pulumi.Input[str]]]
    """IPv4 addresses that the rate does not hold for, such as NAT gateways: all runs of a zone come from one."""
    log_key_arn: pulumi.Input[str]
    """Key of this region that encrypts the log."""
    log_retention_days: int
    """Days that the log is kept."""
    region: NotRequired[str]
    """Region of every child. Default: the provider's."""


class Firewall(pulumi.ComponentResource):
    """A web ACL before a load balancer: bad addresses, known bad inputs, the web's common attacks, and too many.

    It is part of the load balancer's own data plane in every zone. Where WAF does not answer, the load balancer does
    not either: it fails closed, and the region's health check sees that.

    Cost when idle: the ACL and each rule, by the month. State: its log. Regions: all children regional.
    """

    arn: pulumi.Output[str]
    """ARN of the web ACL, known once it stands before the load balancer."""
    log_group_name: pulumi.Output[str]
    """Its log."""

    def __init__(self, name: str, args: FirewallArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        rate = int(args["requests_per_five_minutes"])
        if not LEAST_RATE <= rate <= GREATEST_RATE:
            raise ValueError(f"requests_per_five_minutes: got {rate}, must be {LEAST_RATE} to {GREATEST_RATE}")
        region = args.get("region")
        super().__init__("tandem:index:Firewall", name, {}, opts)
        child = pulumi.ResourceOptions(parent=self)

        trusted = None
        if args.get("trusted_addresses"):
            trusted = aws.wafv2.IpSet(
                f"{name}-trusted",
                name=f"{args['firewall_name']}-trusted",
                description="Addresses that the rate does not hold for",
                scope="REGIONAL",
                ip_address_version="IPV4",
                addresses=[pulumi.Output.concat(address, "/32") for address in args.get("trusted_addresses", [])],
                region=region,
                opts=child,
            )
        acl = aws.wafv2.WebAcl(
            name,
            name=args["firewall_name"],
            description="Before the load balancer of the platform",
            scope="REGIONAL",
            default_action=aws.wafv2.WebAclDefaultActionArgs(allow=aws.wafv2.WebAclDefaultActionAllowArgs()),
            rules=[
                _rate_rule(rate, trusted),
                *(_managed_rule(group, priority=position + 1) for position, group in enumerate(MANAGED)),
            ],
            visibility_config=aws.wafv2.WebAclVisibilityConfigArgs(
                cloudwatch_metrics_enabled=True, metric_name=args["firewall_name"], sampled_requests_enabled=True
            ),
            region=region,
            opts=child,
        )
        self._add_log(name, args, acl)
        association = aws.wafv2.WebAclAssociation(
            name, resource_arn=args["load_balancer_arn"], web_acl_arn=acl.arn, region=region, opts=child
        )
        self.arn = association.web_acl_arn
        self.register_outputs({"arn": self.arn})

    def _add_log(self, name: str, args: FirewallArgs, acl: "aws.wafv2.WebAcl") -> None:
        region = args.get("region")
        child = pulumi.ResourceOptions(parent=self)
        group = aws.cloudwatch.LogGroup(
            name,
            name=f"{LOG_GROUP_PREFIX}{args['firewall_name']}",
            retention_in_days=int(args["log_retention_days"]),
            kms_key_id=args["log_key_arn"],
            region=region,
            opts=child,
        )
        # Left to itself WAF writes all its log groups into one policy of the account, which stays when they go and at
        # some size refuses the next (terraform-provider-aws#25296).
        permission = aws.cloudwatch.LogResourcePolicy(
            name,
            policy_name=f"{LOG_GROUP_PREFIX}{args['firewall_name']}",
            policy_document=group.arn.apply(render_delivery_policy),
            region=region,
            opts=child,
        )
        aws.wafv2.WebAclLoggingConfiguration(
            name,
            resource_arn=acl.arn,
            log_destination_configs=[group.arn],
            redacted_fields=[
                aws.wafv2.WebAclLoggingConfigurationRedactedFieldArgs(
                    single_header=aws.wafv2.WebAclLoggingConfigurationRedactedFieldSingleHeaderArgs(name=header)
                )
                for header in REDACTED_HEADERS
            ],
            region=region,
            opts=pulumi.ResourceOptions(parent=self, depends_on=[permission]),
        )
        self.log_group_name = group.name


def render_delivery_policy(group_arn: str) -> str:
    """Who may write to a log group of WAF's, as JSON text: AWS's delivery of logs, for this account and region.

    The rights that AWS writes into policies of its own for delivered logs, on this group alone; the provider advises to
    manage one (WebAclLoggingConfiguration, warning on AWSWAF-LOGS, read 2026-11).
    """
    _, partition, _, region, account, _ = group_arn.split(":", 5)
    return document(
        [
            {
                "Effect": "Allow",
                "Principal": {"Service": "delivery.logs.amazonaws.com"},
                "Action": ["logs:CreateLogStream", "logs:PutLogEvents"],
                "Resource": f"{group_arn}:log-stream:*",
                "Condition": {
                    "StringEquals": {"aws:SourceAccount": account},
                    "ArnLike": {"aws:SourceArn": f"arn:{partition}:logs:{region}:{account}:*"},
                },
            }
        ]
    )


def _rate_rule(limit: int, trusted: "aws.wafv2.IpSet | None") -> "aws.wafv2.WebAclRuleArgs":
    waf = aws.wafv2
    others = None
    if trusted is not None:
        others = waf.WebAclRuleStatementRateBasedStatementScopeDownStatementArgs(
            not_statement=waf.WebAclRuleStatementRateBasedStatementScopeDownStatementNotStatementArgs(
                statement=waf.WebAclRuleStatementRateBasedStatementScopeDownStatementArgs(
                    ip_set_reference_statement=(
                        waf.WebAclRuleStatementRateBasedStatementScopeDownStatementIpSetReferenceStatementArgs(
                            arn=trusted.arn
                        )
                    )
                )
            )
        )
    return waf.WebAclRuleArgs(
        name="rate",
        priority=0,
        action=waf.WebAclRuleActionArgs(block=waf.WebAclRuleActionBlockArgs()),
        statement=waf.WebAclRuleStatementArgs(
            rate_based_statement=waf.WebAclRuleStatementRateBasedStatementArgs(
                aggregate_key_type="IP",
                limit=limit,
                evaluation_window_sec=RATE_WINDOW_SECONDS,
                scope_down_statement=others,
            )
        ),
        visibility_config=_visibility("rate"),
    )


def _managed_rule(group: str, *, priority: int) -> "aws.wafv2.WebAclRuleArgs":
    waf = aws.wafv2
    return waf.WebAclRuleArgs(
        name=group,
        priority=priority,
        override_action=waf.WebAclRuleOverrideActionArgs(none=waf.WebAclRuleOverrideActionNoneArgs()),
        statement=waf.WebAclRuleStatementArgs(
            managed_rule_group_statement=waf.WebAclRuleStatementManagedRuleGroupStatementArgs(
                vendor_name="AWS",
                name=group,
                rule_action_overrides=[
                    waf.WebAclRuleStatementManagedRuleGroupStatementRuleActionOverrideArgs(
                        name=rule,
                        action_to_use=waf.WebAclRuleStatementManagedRuleGroupStatementRuleActionOverrideActionToUseArgs(
                            count=waf.WebAclRuleStatementManagedRuleGroupStatementRuleActionOverrideActionToUseCountArgs()
                        ),
                    )
                    for rule in COUNTED.get(group, ())
                ]
                or None,
            )
        ),
        visibility_config=_visibility(group),
    )


def _visibility(metric: str) -> "aws.wafv2.WebAclRuleVisibilityConfigArgs":
    return aws.wafv2.WebAclRuleVisibilityConfigArgs(
        cloudwatch_metrics_enabled=True, metric_name=metric, sampled_requests_enabled=True
    )
