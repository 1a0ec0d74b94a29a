"""Machines that nobody's Kubernetes looks after, and functions: in two zones, replaced when ill, losing no event."""

from policies.registry import Options, Scope, Severity, Verdicts, counts, fails, holds, is_true, passes, rule, unproven
from resilience.graph import Graph, Members, Resource

GROUP = "aws:autoscaling/group:Group"
FUNCTION = "aws:lambda/function:Function"
INVOKE_CONFIG = "aws:lambda/functionEventInvokeConfig:FunctionEventInvokeConfig"
CALLERS = {
    "aws:cloudwatch/eventTarget:EventTarget": "arn",
    "aws:sns/topicSubscription:TopicSubscription": "endpoint",
    "aws:s3/bucketNotification:BucketNotification": "lambdaFunctions",
    "aws:scheduler/schedule:Schedule": "target",
}
"""Who calls a function and does not wait for an answer, and where it names it: Lambda Developer Guide, "Asynchronous
invocation"."""


@rule(
    "ASG-01",
    title="An Auto Scaling group is in two zones",
    why="A group of one zone is at zero when that zone is, and stays there: it may start machines nowhere else.",
    fix="vpc_zone_identifiers of aws.autoscaling.Group with subnets of two zones or more",
    severity=Severity.HIGH,
    scope=Scope.STACK,
    types=[GROUP],
    frameworks=["AWS FSBP AutoScaling.2", "AWS Well-Architected REL10-BP01"],
)
def group_zones(group: Resource, graph: Graph, _: Options) -> Verdicts:
    """Count the zones of its subnets, or those that it names."""
    named = group.read("availabilityZones")
    if group.read("vpcZoneIdentifiers").missing:
        yield counts(Members.listed(named), 2, "its zones")
    else:
        yield counts(graph.zones(group, "vpcZoneIdentifiers"), 2, "zones of its subnets")


@rule(
    "ASG-02",
    title="A group behind a load balancer replaces what the load balancer gave up on",
    why="EC2 calls a machine well whose kernel answers. With the server on it dead, the load balancer sends it nothing "
    "and the group keeps it: capacity that is paid for and counted, and is none.",
    fix='health_check_type="ELB" on aws.autoscaling.Group',
    severity=Severity.HIGH,
    scope=Scope.RESOURCE,
    types=[GROUP],
    frameworks=["AWS FSBP AutoScaling.1", "Checkov CKV2_AWS_15", "AWS Well-Architected REL11-BP03"],
)
def group_health(group: Resource, _: Graph, __: Options) -> Verdicts:
    """Where it names target groups or load balancers, what says that a machine is well must be they."""
    behind = [group.read(name) for name in ("targetGroupArns", "loadBalancers")]
    if any(read.unknown or read.content for read in behind):
        yield holds(group.read("healthCheckType"), lambda kind: kind == "ELB", '"ELB"')


@rule(
    "ASG-03",
    title="A group of spot machines gets new ones before the old are taken",
    why="AWS gives two minutes' notice. A group that waits for them to pass is short of a machine until a new one has "
    "booted, and of many at once where a whole kind is taken back.",
    fix="capacity_rebalance=True on aws.autoscaling.Group",
    severity=Severity.MEDIUM,
    scope=Scope.RESOURCE,
    types=[GROUP],
)
def group_rebalance(group: Resource, _: Graph, __: Options) -> Verdicts:
    """Where some of its machines may be spot."""
    share = group.read("mixedInstancesPolicy.instancesDistribution.onDemandPercentageAboveBaseCapacity")
    if share.unknown:
        yield unproven(f"{share.path} is not known yet, and so whether it takes spot")
    elif share.known and share.content != 100:
        yield is_true(group.read("capacityRebalance"))


@rule(
    "L-01",
    title="A function in a VPC is in two zones",
    why="What is called when a zone is lost must not be in that zone alone: a function of one subnet fails with it.",
    fix="vpc_config of aws.lambda_.Function with subnets of two zones or more",
    severity=Severity.HIGH,
    scope=Scope.STACK,
    types=[FUNCTION],
    frameworks=["AWS FSBP Lambda.5", "AWS Well-Architected REL10-BP01"],
)
def function_zones(function: Resource, graph: Graph, _: Options) -> Verdicts:
    """Count the zones of its subnets; outside a VPC it is in all of them."""
    subnets = function.read("vpcConfig.subnetIds")
    if subnets.unknown or subnets.content:
        yield counts(graph.zones(function, "vpcConfig", subnets.each()), 2, "zones of its subnets")


@rule(
    "Q-03",
    title="An event that a function failed on is kept",
    why="Lambda tries an event three times and throws it away: a failover that was triggered by it never happened, and "
    "nothing says so.",
    fix="dead_letter_config of aws.lambda_.Function, or aws.lambda_.FunctionEventInvokeConfig with "
    "destination_config.on_failure",
    severity=Severity.MEDIUM,
    scope=Scope.STACK,
    types=[FUNCTION],
    frameworks=["AWS Config LAMBDA_DLQ_CHECK", "Checkov CKV_AWS_116"],
)
def function_failures(function: Resource, graph: Graph, _: Options) -> Verdicts:
    """Find where its failures go, if something calls it and does not wait for an answer."""
    callers = [each for type_, name in CALLERS.items() for each in graph.referrers(function, type_, name)]
    if not callers:
        return
    letters = function.read("deadLetterConfig.targetArn")
    settings = graph.referrers(function, INVOKE_CONFIG, "functionName")
    kept = [letters, *(each.read("destinationConfig.onFailure.destination") for each in settings)]
    loose = [each.name for each in graph.of(INVOKE_CONFIG) if not graph.targets(each, "functionName", FUNCTION)]
    if any((read.unknown and read.path.endswith((".targetArn", ".destination"))) or read.content for read in kept):
        yield passes("what it fails on is sent on")
    elif loose or any(read.unknown for read in kept):
        yield unproven("where it sends what it fails on is not known yet, or in settings of a function not in view")
    else:
        yield fails(f"what it fails on is sent nowhere, and it is called by {', '.join(each.name for each in callers)}")
