"""The way in: an application load balancer that Pulumi owns."""

from typing import NotRequired, TypedDict
from zlib import crc32

import pulumi
import pulumi_aws as aws

from components._naming import physical
from components._outputs import known_once
from components._security_groups import admit

TARGET_GROUP_NAME_LIMIT = 32
"""https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_CreateTargetGroup.html (read 2026-11);
the same limit holds for load balancers."""


class ServiceArgs(TypedDict):
    """One service behind the load balancer."""

    name: str
    """What it is called, unique on this load balancer."""
    port: int
    """Port its pods listen on."""
    health_path: str
    """Path that answers 200 when a pod can serve."""
    paths: NotRequired[list[str]]
    """Path patterns routed to it, at most five. Exactly one service has neither paths nor hosts: it gets the rest."""
    hosts: NotRequired[list[str]]
    """Host names routed to it, whatever the path; with paths too, what matches both."""
    sticky_seconds: NotRequired[int]
    """Time that one browser's requests go to one pod, by a cookie, while that pod is well: 1 to 604,800 (seven days).
    For what keeps sign-ins in a pod. A Service's own ``sessionAffinity`` does nothing here: targets are pods. Default:
    each request goes to any pod."""


class LoadBalancerArgs(TypedDict):
    """Inputs of LoadBalancer."""

    vpc_id: pulumi.Input[str]
    """VPC of the targets."""
    subnet_ids: list[pulumi.Input[str]]
    """Public subnets, one a zone, at least two."""
    certificate_arn: pulumi.Input[str]
    """Certificate of the names it answers to, issued."""
    allowed_cidrs: list[str]
    """Networks that may connect."""
    allowed_addresses: NotRequired[list[pulumi.Input[str]]]
    """IPv4 addresses that may connect, such as the NAT gateways that this region's own pods come from."""
    allowed_prefix_list_ids: NotRequired[list[pulumi.Input[str]]]
    """Prefix lists that may connect, such as Route 53's health checkers."""
    services: list[ServiceArgs]
    """What it routes to."""
    target_security_group_id: pulumi.Input[str]
    """Security group of the pods: the load balancer is let in on the services' ports. A rule left to the controller
    in the cluster would outlive it and block deletion."""
    access_logs_bucket: NotRequired[pulumi.Input[str]]
    """Bucket of this region that a line for every request is written to, known once its policy lets the load balancer
    write. It must be encrypted with S3's own keys, SSE-S3: a load balancer takes no bucket with a key of KMS
    (Application Load Balancers, "Enable access logs", read 2026-11). Default: nothing is written."""
    access_logs_prefix: NotRequired[str]
    """Folder in it, without ``AWSLogs``, which AWS adds. Default: none."""
    protected: NotRequired[bool]
    """Refuse deletion. Default true."""
    region: NotRequired[str]
    """Region of every child. Default: the provider's."""


class LoadBalancer(pulumi.ComponentResource):
    """An internet-facing load balancer in every zone, with one target group for each service.

    Pulumi owns it, not a controller in the cluster, so that DNS can point at it before any pod runs and destroying
    leaves nothing behind; the controller only binds pods to the target groups. A pod that fails two checks of 10 s
    gets no more requests; a lost zone is taken out of DNS by the load balancer itself.

    Cost when idle: the load balancer, by the hour. State: none. Regions: all children regional.
    """

    arn: pulumi.Output[str]
    """ARN of the load balancer."""
    dns_name: pulumi.Output[str]
    """Name to point an alias record at."""
    zone_id: pulumi.Output[str]
    """Hosted zone of that name, for alias records."""
    security_group_id: pulumi.Output[str]
    """Its security group: what else may connect is let in here."""
    target_group_arns: dict[str, pulumi.Output[str]]
    """Target group of each service, by the service's name. Known only once its listener rule exists."""

    def __init__(self, name: str, args: LoadBalancerArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        services = list(args["services"])
        fallback = plan_fallback(services)
        priorities = plan_priorities([service for service in services if service is not fallback])
        check_logs_prefix(args.get("access_logs_prefix"))
        protected = args.get("protected", True)
        region = args.get("region")
        super().__init__("tandem:index:LoadBalancer", name, {}, opts)
        child = pulumi.ResourceOptions(parent=self)

        group = aws.ec2.SecurityGroup(
            f"{name}-lb",
            description="HTTPS from allowed networks to the load balancer",
            vpc_id=args["vpc_id"],
            tags={"Name": f"{name}-lb"},
            region=region,
            opts=child,
        )
        admit(f"{name}-lb-from", group.id, 443, cidrs=args["allowed_cidrs"], region=region, opts=child)
        for position, address in enumerate(args.get("allowed_addresses", [])):
            aws.vpc.SecurityGroupIngressRule(
                f"{name}-lb-from-address-{position}",
                security_group_id=group.id,
                cidr_ipv4=pulumi.Output.concat(address, "/32"),
                ip_protocol="tcp",
                from_port=443,
                to_port=443,
                region=region,
                opts=child,
            )
        for position, prefix_list in enumerate(args.get("allowed_prefix_list_ids", [])):
            aws.vpc.SecurityGroupIngressRule(
                f"{name}-lb-from-list-{position}",
                security_group_id=group.id,
                prefix_list_id=prefix_list,
                ip_protocol="tcp",
                from_port=443,
                to_port=443,
                region=region,
                opts=child,
            )
        for port in sorted({service["port"] for service in services}):
            aws.vpc.SecurityGroupEgressRule(
                f"{name}-lb-to-{port}",
                security_group_id=group.id,
                referenced_security_group_id=args["target_security_group_id"],
                ip_protocol="tcp",
                from_port=port,
                to_port=port,
                region=region,
                opts=child,
            )
            aws.vpc.SecurityGroupIngressRule(
                f"{name}-pods-from-lb-{port}",
                security_group_id=args["target_security_group_id"],
                referenced_security_group_id=group.id,
                ip_protocol="tcp",
                from_port=port,
                to_port=port,
                region=region,
                opts=child,
            )

        balancer = aws.lb.LoadBalancer(
            name,
            name=physical(name, limit=TARGET_GROUP_NAME_LIMIT),
            load_balancer_type="application",
            internal=False,
            subnets=args["subnet_ids"],
            security_groups=[group.id],
            enable_deletion_protection=protected,
            enable_zonal_shift=True,
            drop_invalid_header_fields=True,
            access_logs=aws.lb.LoadBalancerAccessLogsArgs(
                bucket=args["access_logs_bucket"], prefix=args.get("access_logs_prefix"), enabled=True
            )
            if "access_logs_bucket" in args
            else None,
            region=region,
            opts=child,
        )
        groups = {
            service["name"]: aws.lb.TargetGroup(
                f"{name}-{service['name']}",
                name=physical(name, service["name"], limit=TARGET_GROUP_NAME_LIMIT),
                port=service["port"],
                protocol="HTTP",
                target_type="ip",
                vpc_id=args["vpc_id"],
                # Pods are given 30 s and more to finish; AWS' default of 300 s would hold up every roll-out.
                deregistration_delay=25,
                health_check=aws.lb.TargetGroupHealthCheckArgs(
                    path=service["health_path"],
                    protocol="HTTP",
                    matcher="200",
                    interval=10,
                    timeout=5,
                    healthy_threshold=2,
                    unhealthy_threshold=2,
                ),
                stickiness=aws.lb.TargetGroupStickinessArgs(
                    type="lb_cookie", cookie_duration=service["sticky_seconds"], enabled=True
                )
                if "sticky_seconds" in service
                else None,
                region=region,
                opts=child,
            )
            for service in services
        }
        listener = aws.lb.Listener(
            f"{name}-https",
            load_balancer_arn=balancer.arn,
            port=443,
            protocol="HTTPS",
            ssl_policy="ELBSecurityPolicy-TLS13-1-2-2021-06",
            certificate_arn=args["certificate_arn"],
            default_actions=[
                aws.lb.ListenerDefaultActionArgs(type="forward", target_group_arn=groups[fallback["name"]].arn)
            ],
            region=region,
            opts=child,
        )
        routed = [service for service in services if service is not fallback]
        rules = {
            service["name"]: aws.lb.ListenerRule(
                f"{name}-{service['name']}",
                listener_arn=listener.arn,
                priority=priorities[service["name"]],
                conditions=_conditions(service),
                actions=[aws.lb.ListenerRuleActionArgs(type="forward", target_group_arn=groups[service["name"]].arn)],
                region=region,
                opts=child,
            )
            for service in routed
        }

        self.arn = balancer.arn
        self.dns_name = balancer.dns_name
        self.zone_id = balancer.zone_id
        self.security_group_id = group.id
        self.target_group_arns = {
            # A target group that no listener uses is never checked, so its pods never become ready.
            key: known_once(target.arn, rules.get(key, listener).arn)
            for key, target in groups.items()
        }
        self.register_outputs({"arn": self.arn, "dnsName": self.dns_name})


def plan_fallback(services: list[ServiceArgs]) -> ServiceArgs:
    """The one service with neither path patterns nor host names.

    Raises:
        ValueError: If there is not exactly one, or two services share a name.
    """
    names = [service["name"] for service in services]
    if len(set(names)) != len(names):
        raise ValueError(f"services: {', '.join(names)} has a name twice; every service needs its own")
    rest = [service for service in services if not service.get("paths") and not service.get("hosts")]
    if len(rest) != 1:
        got = ", ".join(service["name"] for service in rest) or "none"
        raise ValueError(f"services: exactly one must have no paths and no hosts and get the rest; got {got}")
    return rest[0]


def plan_priorities(services: list[ServiceArgs]) -> dict[str, int]:
    """Priority of each service's rule, by its name alone and its own patterns: what others come and go changes none.

    Hosts go before paths, which match on any host; of paths the longer one, which is the more precise.

    Raises:
        ValueError: If two come out alike.
    """
    planned: dict[str, int] = {}
    for service in services:
        chance = crc32(service["name"].encode())
        precise = max((len(path.rstrip("*")) for path in service.get("paths", [])), default=0)
        # ELB takes 1 to 50,000 (API reference, CreateRule), and a pattern of 128 characters at the most.
        priority = 1 + chance % 999 if service.get("hosts") else 1000 + (128 - precise) * 300 + chance % 300
        twin = next((name for name, given in planned.items() if given == priority), None)
        if twin is not None:
            raise ValueError(f"services: {twin} and {service['name']} come to one priority by chance; rename one")
        planned[service["name"]] = priority
    return planned


def _conditions(service: ServiceArgs) -> list["aws.lb.ListenerRuleConditionArgs"]:
    conditions: list[aws.lb.ListenerRuleConditionArgs] = []
    if service.get("hosts"):
        hosts = aws.lb.ListenerRuleConditionHostHeaderArgs(values=service.get("hosts", []))
        conditions.append(aws.lb.ListenerRuleConditionArgs(host_header=hosts))
    if service.get("paths"):
        paths = aws.lb.ListenerRuleConditionPathPatternArgs(values=service.get("paths", []))
        conditions.append(aws.lb.ListenerRuleConditionArgs(path_pattern=paths))
    return conditions


def check_logs_prefix(prefix: str | None) -> None:
    """Refuse a folder that AWS refuses only once the load balancer is made.

    Raises:
        ValueError: With what to write instead.
    """
    if prefix is not None and (not prefix or "AWSLogs" in prefix or prefix != prefix.strip("/")):
        raise ValueError(
            f"access_logs_prefix: got {prefix!r}, must be such as 'entrance': no slash at the ends, no 'AWSLogs'"
        )
