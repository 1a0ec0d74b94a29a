"""What Karpenter needs in AWS: rights, a role for its nodes, and news of instances that are about to go."""

import json
from typing import Any, NotRequired, TypedDict

import pulumi
import pulumi_aws as aws

from components._naming import physical
from components._outputs import known_once
from components.iam import Statement, allow, document, trust
from components.kubernetes.pod_identity import PodIdentity, PodIdentityArgs

KARPENTER_NAMESPACE = "kube-system"
"""Namespace of the controller. Its priority class is at home there, and the API server serves that namespace's
requests before others'."""
KARPENTER_SERVICE_ACCOUNT = "karpenter"
"""Service account that gets the controller's AWS rights through Pod Identity."""

NODE_POLICIES = ("AmazonEKSWorkerNodePolicy", "AmazonEC2ContainerRegistryPullOnly", "AmazonSSMManagedInstanceCore")

EVENTS: dict[str, dict[str, Any]] = {
    "spot-interruption": {"source": ["aws.ec2"], "detail-type": ["EC2 Spot Instance Interruption Warning"]},
    "rebalance": {"source": ["aws.ec2"], "detail-type": ["EC2 Instance Rebalance Recommendation"]},
    # Only the states and the kind of health event that Karpenter acts on: the rest would be read and thrown away.
    "state-change": {
        "source": ["aws.ec2"],
        "detail-type": ["EC2 Instance State-change Notification"],
        "detail": {"state": ["stopping", "stopped", "shutting-down", "terminated"]},
    },
    "scheduled-change": {
        "source": ["aws.health"],
        "detail-type": ["AWS Health Event"],
        "detail": {"service": ["EC2"], "eventTypeCategory": ["scheduledChange"]},
    },
    "reservation-interruption": {
        "source": ["aws.ec2"],
        "detail-type": ["EC2 Capacity Reservation Instance Interruption Warning"],
    },
}
"""Events of an instance's end that Karpenter v1.14.1 understands (its ``interruption/messages``, read 2026-11)."""


class KarpenterAccessArgs(TypedDict):
    """Inputs of KarpenterAccess."""

    cluster: pulumi.Input[str]
    """Name of the cluster, known once its control plane answers."""
    cluster_name: str
    """The same name as plain text, of one cluster in the whole account: queue, role and rights are named after it."""
    account_id: str
    """Account of the cluster."""
    region_name: str
    """Region of the cluster: the controller's rights end at its border."""
    region: NotRequired[str]
    """Region of every child. Default: the provider's."""


class KarpenterAccess(pulumi.ComponentResource):
    """Rights of the Karpenter controller, role and instance profile of its nodes, and its queue of interruptions.

    The controller may start, tag and end instances of its own cluster in its own region and pass on one role. The
    instance profile is made here, so that Karpenter never calls IAM, whose control plane stands in us-east-1, to start
    a node. Without the queue it learns of a reclaimed instance only when its node is gone. Spot instances need the
    account's service-linked role for Spot, which is made once by hand or by the first Spot request.

    Cost when idle: none worth naming. State: none; a message lives five minutes. Regions: roles and profile are global.
    """

    queue_name: pulumi.Output[str]
    """Queue of interruptions, known once events may be sent to it."""
    node_role_name: pulumi.Output[str]
    """Role of Karpenter's nodes."""
    node_role_arn: pulumi.Output[str]
    """ARN of that role."""
    instance_profile: pulumi.Output[str]
    """Instance profile of Karpenter's nodes, known once they may join the cluster."""
    association: pulumi.Resource
    """To depend on: a controller that starts before it has no rights until it restarts."""

    def __init__(self, name: str, args: KarpenterAccessArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        region = args.get("region")
        # Plain, so that a preview of the first `up` shows the whole policy and not "known after".
        role_name = physical(args["cluster_name"], "karpenter-node", limit=64)
        queue_name = physical(args["cluster_name"], "karpenter", limit=80)
        super().__init__("tandem:index:KarpenterAccess", name, {}, opts)
        child = pulumi.ResourceOptions(parent=self)

        role = aws.iam.Role(
            f"{name}-node", name=role_name, assume_role_policy=trust("ec2.amazonaws.com"), opts=child
        )  # fmt: skip
        attachments = [
            aws.iam.RolePolicyAttachment(
                f"{name}-node-{policy}", role=role.name, policy_arn=f"arn:aws:iam::aws:policy/{policy}", opts=child
            )
            for policy in NODE_POLICIES
        ]
        profile = aws.iam.InstanceProfile(f"{name}-node", name=role_name, role=role.name, opts=child)
        # A role of its own: that of the node groups has an entry made by EKS, and a second one is refused.
        entry = aws.eks.AccessEntry(
            f"{name}-node",
            cluster_name=args["cluster"],
            principal_arn=role.arn,
            type="EC2_LINUX",
            region=region,
            opts=child,
        )

        queue = aws.sqs.Queue(
            f"{name}-interruptions",
            name=queue_name,
            # A warning comes two minutes ahead; one older than five is of an instance that is gone.
            message_retention_seconds=300,
            sqs_managed_sse_enabled=True,
            region=region,
            opts=child,
        )
        rules = {
            event: aws.cloudwatch.EventRule(
                f"{name}-{event}",
                description=f"{event} of instances, to Karpenter of {args['cluster_name']}",
                event_pattern=json.dumps(pattern),
                region=region,
                opts=child,
            )
            for event, pattern in EVENTS.items()
        }
        permission = aws.sqs.QueuePolicy(
            f"{name}-interruptions",
            queue_url=queue.url,
            policy=pulumi.Output.all(queue.arn, *[rule.arn for rule in rules.values()]).apply(
                lambda known: render_queue_policy(known[0], known[1:])
            ),
            region=region,
            opts=child,
        )
        targets = [
            aws.cloudwatch.EventTarget(
                f"{name}-{event}",
                rule=rule.name,
                target_id="karpenter",
                arn=queue.arn,
                region=region,
                opts=pulumi.ResourceOptions(parent=self, depends_on=[permission]),
            )
            for event, rule in rules.items()
        ]

        identity: PodIdentityArgs = {
            "cluster_name": args["cluster"],
            "namespace": KARPENTER_NAMESPACE,
            "service_account": KARPENTER_SERVICE_ACCOUNT,
            "policy": render_karpenter_policy(
                cluster_name=args["cluster_name"],
                account_id=args["account_id"],
                region=args["region_name"],
                queue_name=queue_name,
                node_role_name=role_name,
            ),
        }
        if region is not None:
            identity["region"] = region
        self.queue_name = known_once(queue.name, *[target.id for target in targets])
        self.node_role_name = role.name
        self.node_role_arn = role.arn
        self.instance_profile = known_once(
            profile.name, entry.id, *[attachment.id for attachment in attachments]
        )  # fmt: skip
        self.association = PodIdentity(f"{name}-controller", identity, child).association
        self.register_outputs({"queueName": self.queue_name, "instanceProfile": self.instance_profile})


def render_queue_policy(queue_arn: str, rule_arns: list[str]) -> str:
    """Who may send to the queue of interruptions, as JSON text: those rules, and nobody in the clear."""
    return document(
        [
            {
                "Sid": "EventsOfInstances",
                "Effect": "Allow",
                "Principal": {"Service": "events.amazonaws.com"},
                "Action": ["sqs:SendMessage"],
                "Resource": [queue_arn],
                "Condition": {"ArnEquals": {"aws:SourceArn": rule_arns}},
            },
            {
                "Sid": "NothingInTheClear",
                "Effect": "Deny",
                "Principal": "*",
                "Action": ["sqs:SendMessage", "sqs:ReceiveMessage", "sqs:DeleteMessage"],
                "Resource": [queue_arn],
                "Condition": {"Bool": {"aws:SecureTransport": "false"}},
            },
        ]
    )


def render_karpenter_policy(
    *, cluster_name: str, account_id: str, region: str, queue_name: str, node_role_name: str
) -> str:
    """What the Karpenter controller may do, as JSON text of at most 10,240 characters, IAM's limit for a role.

    The same bounds as upstream's CloudFormation template for v1.14.1 (karpenter.sh, "CloudFormation", read 2026-11),
    without the rights over instance profiles, which nodes with a ready-made profile do not need.
    """
    owned = f"kubernetes.io/cluster/{cluster_name}"
    of_this_cluster = {f"aws:ResourceTag/{owned}": "owned"}
    of_a_pool = {"aws:ResourceTag/karpenter.sh/nodepool": "*"}
    tagged = {f"aws:RequestTag/{owned}": "owned", "aws:RequestTag/eks:eks-cluster-name": cluster_name}
    for_a_pool = {"aws:RequestTag/karpenter.sh/nodepool": "*"}
    cluster_arn = f"arn:aws:eks:{region}:{account_id}:cluster/{cluster_name}"

    def ec2(*kinds: str, account: str = account_id) -> list[str]:
        return [f"arn:aws:ec2:{region}:{account}:{kind}/*" for kind in kinds]

    made = ec2("fleet", "instance", "volume", "network-interface", "launch-template", "spot-instances-request")
    # Reservations may be shared with this account by another.
    used = [
        *ec2("image", "snapshot", account=""),
        *ec2("security-group", "subnet"),
        *ec2("capacity-reservation", account="*"),
    ]
    statements: list[Statement] = [
        allow(["ec2:RunInstances", "ec2:CreateFleet"], used),
        allow(
            ["ec2:RunInstances", "ec2:CreateFleet"],
            ec2("launch-template"),
            {"StringEquals": of_this_cluster, "StringLike": of_a_pool},
        ),
        allow(
            ["ec2:RunInstances", "ec2:CreateFleet", "ec2:CreateLaunchTemplate"],
            made,
            {"StringEquals": tagged, "StringLike": for_a_pool},
        ),
        allow(
            ["ec2:CreateTags"],
            made,
            {
                "StringEquals": tagged | {"ec2:CreateAction": ["RunInstances", "CreateFleet", "CreateLaunchTemplate"]},
                "StringLike": for_a_pool,
            },
        ),
        # Later, an instance may be told what it is called and which claim it is of, nothing else.
        allow(
            ["ec2:CreateTags"],
            ec2("instance"),
            {
                "StringEquals": of_this_cluster,
                "StringLike": of_a_pool,
                "StringEqualsIfExists": {"aws:RequestTag/eks:eks-cluster-name": cluster_name},
                "ForAllValues:StringEquals": {
                    "aws:TagKeys": ["eks:eks-cluster-name", "karpenter.sh/nodeclaim", "Name"]
                },
            },
        ),
        allow(
            ["ec2:TerminateInstances", "ec2:DeleteLaunchTemplate"],
            ec2("instance", "launch-template"),
            {"StringEquals": of_this_cluster, "StringLike": of_a_pool},
        ),
        allow(
            ["iam:PassRole"],
            [f"arn:aws:iam::{account_id}:role/{node_role_name}"],
            {"StringEquals": {"iam:PassedToService": "ec2.amazonaws.com"}},
        ),
        allow(["eks:DescribeCluster"], [cluster_arn]),
        allow(
            ["sqs:DeleteMessage", "sqs:GetQueueUrl", "sqs:ReceiveMessage"],
            [f"arn:aws:sqs:{region}:{account_id}:{queue_name}"],
        ),
        allow(["ssm:GetParameter"], [f"arn:aws:ssm:{region}::parameter/aws/service/*"]),
        # EC2's Describe actions, prices and the state of zonal shifts know no resources.
        allow(
            [
                "ec2:DescribeCapacityReservations",
                "ec2:DescribeImages",
                "ec2:DescribeInstanceStatus",
                "ec2:DescribeInstanceTypeOfferings",
                "ec2:DescribeInstanceTypes",
                "ec2:DescribeInstances",
                "ec2:DescribeLaunchTemplates",
                "ec2:DescribePlacementGroups",
                "ec2:DescribeSecurityGroups",
                "ec2:DescribeSpotPriceHistory",
                "ec2:DescribeSubnets",
            ],
            ["*"],
            {"StringEquals": {"aws:RequestedRegion": region}},
        ),
        allow(["pricing:GetProducts"], ["*"]),
        allow(
            ["arc-zonal-shift:GetManagedResource"],
            ["*"],
            {"StringEquals": {"arc-zonal-shift:ResourceIdentifier": cluster_arn}},
        ),
        # Read alone: the controller looks for profiles of its own to clean up and finds none.
        allow(["iam:ListInstanceProfiles"], ["*"]),
        allow(["iam:GetInstanceProfile"], [f"arn:aws:iam::{account_id}:instance-profile/*"]),
    ]
    return document(statements)
