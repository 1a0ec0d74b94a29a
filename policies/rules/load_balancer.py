"""Load balancers: in several zones, there to stay, and quick to leave out what does not answer."""

from functools import lru_cache

from policies.registry import (
    MOST_DIGITS,
    Option,
    Options,
    Outcome,
    Scope,
    Severity,
    Verdicts,
    counts,
    fails,
    holds,
    is_true,
    passes,
    rule,
    unproven,
)
from resilience.graph import Graph, Members, Read, Resource
from resilience.selectors import Index, every, has_labels, pair, pairs, same_namespace

BALANCERS = ("aws:lb/loadBalancer:LoadBalancer", "aws:alb/loadBalancer:LoadBalancer")
TARGET_GROUPS = ("aws:lb/targetGroup:TargetGroup", "aws:alb/targetGroup:TargetGroup")
LISTENERS = ("aws:lb/listener:Listener", "aws:alb/listener:Listener")
WEB_ACL = "aws:wafv2/webAcl:WebAcl"
ACL_ASSOCIATION = "aws:wafv2/webAclAssociation:WebAclAssociation"
ACCELERATOR_LISTENER = "aws:globalaccelerator/listener:Listener"
ENDPOINT_GROUP = "aws:globalaccelerator/endpointGroup:EndpointGroup"
BINDING = "kubernetes:elbv2.k8s.aws/v1beta1:TargetGroupBinding"
KUBERNETES = ("pulumi:providers:kubernetes", "kubernetes:*")
NO_PODS = {
    "aws:autoscaling/attachment:Attachment": "lbTargetGroupArn",
    "aws:autoscaling/group:Group": "targetGroupArns",
    "aws:ecs/service:Service": "loadBalancers",
    "aws:lb/targetGroupAttachment:TargetGroupAttachment": "targetGroupArn",
}
"""What puts targets that are no pods into a group, and the property that names it."""
SERVICE = "kubernetes:core/v1:Service"
WORKLOADS = ("kubernetes:apps/v1:Deployment", "kubernetes:apps/v1:StatefulSet")
LABELS = "spec.template.metadata.labels"
CONNECTIONS = ("TCP", "UDP", "TCP_UDP", "TLS", "QUIC", "TCP_QUIC", "GENEVE")
"""Protocols of groups whose targets AWS asks by connecting, where nothing else is said: Elastic Load Balancing API
Reference, CreateTargetGroup, HealthCheckProtocol (read 2026-11)."""
POD_SECONDS = 30
"""What Kubernetes gives a pod to end where nothing is said: terminationGracePeriodSeconds."""


@rule(
    "LB-01",
    title="A load balancer is in two zones",
    why="A load balancer in one zone is lost with it, and everything behind it, however many zones that is in."
    " On 2021-12-22 a zone of us-east-1 lost its power, and Slack and Asana had trouble with it (The Register, "
    "same day).",
    fix="subnets (or subnet_mappings) with one subnet a zone",
    severity=Severity.CRITICAL,
    scope=Scope.STACK,
    types=BALANCERS,
    frameworks=["AWS FSBP ELB.13", "AWS Well-Architected REL10-BP01"],
)
def zones(balancer: Resource, graph: Graph, _: Options) -> Verdicts:
    """Count the zones of its subnets, named one way or the other."""
    # Whichever way the program names them, AWS reports both.
    if balancer.edges.get("subnetMappings"):
        elements = [mapping.field("subnetId") for mapping in balancer.read("subnetMappings").each()]
        yield counts(graph.zones(balancer, "subnetMappings", elements), 2, "zones of its subnets")
    else:
        yield counts(graph.zones(balancer, "subnets"), 2, "zones of its subnets")


@rule(
    "LB-02",
    title="A load balancer cannot be deleted by mistake",
    why="A new one has another name: every record that pointed at the old one points at nothing.",
    fix="enable_deletion_protection=True on aws.lb.LoadBalancer",
    severity=Severity.MEDIUM,
    scope=Scope.RESOURCE,
    types=BALANCERS,
    frameworks=["AWS FSBP ELB.6"],
)
def deletion(balancer: Resource, _: Graph, __: Options) -> Verdicts:
    """Deletion protection must be on."""
    yield is_true(balancer.read("enableDeletionProtection"))


@rule(
    "LB-03",
    title="A network load balancer sends to targets in every zone",
    why="Without cross-zone balancing clients of a zone whose targets are gone get errors while other zones have room.",
    fix="enable_cross_zone_load_balancing=True on aws.lb.LoadBalancer",
    severity=Severity.MEDIUM,
    scope=Scope.RESOURCE,
    types=BALANCERS,
    frameworks=["AWS Config NLB_CROSS_ZONE_LOAD_BALANCING_ENABLED"],
)
def cross_zone(balancer: Resource, _: Graph, __: Options) -> Verdicts:
    """Application load balancers always do; the others have to be told."""
    kind = balancer.read("loadBalancerType")
    if kind.unknown:
        yield unproven("loadBalancerType is not known yet, and so whether it crosses zones by itself")
    elif kind.content in ("network", "gateway"):
        yield is_true(balancer.read("enableCrossZoneLoadBalancing"))


@rule(
    "LB-04",
    title="A target that does not answer is left out within half a minute",
    why="Until a target counts as ill it gets its share of the requests. The defaults take a minute and a half, and "
    "ask for a page that answers while nothing behind it works.",
    fix="health_check with a path, interval=10 and unhealthy_threshold=2 on aws.lb.TargetGroup",
    severity=Severity.HIGH,
    scope=Scope.RESOURCE,
    types=TARGET_GROUPS,
    frameworks=["AWS Well-Architected REL11-BP01"],
    options={"maxSeconds": Option(30, 5, 300, "Longest time until a target that does not answer gets no requests.")},
)
def target_health(group: Resource, _: Graph, options: Options) -> Verdicts:
    """Multiply interval and threshold, and look at the path where it asks by HTTP."""
    check = group.read("healthCheck")
    if check.unknown:
        yield unproven("healthCheck is not known yet")
        return
    if group.read("targetType").content == "lambda" and check.field("enabled").content is not True:
        yield passes("a function is not asked whether it is well, unless that is enabled")
        return
    protocol = check.field("protocol")
    asks = group.read("protocol") if protocol.missing else protocol
    if asks.unknown:
        yield unproven(f"{asks.path} is not known yet, and so whether it asks for a path")
    elif asks.content not in CONNECTIONS:
        yield holds(check.field("path"), lambda path: path not in ("", "/"), "a path of its own")
    interval, threshold = check.field("interval"), check.field("unhealthyThreshold")
    hidden = [read.path for read in (interval, threshold) if read.unknown]
    if hidden:
        yield unproven(f"{' and '.join(hidden)} is not known yet")
        return
    # Defaults of aws.lb.TargetGroup.
    seconds, times = _number(interval, 30), _number(threshold, 3)
    wanted = options["maxSeconds"]
    shown = f"healthCheck: {seconds or interval.shown()} s x {times or threshold.shown()}"
    if seconds is None or times is None or seconds * times > wanted:
        yield fails(f"{shown}; it must be at most {wanted} s")
    else:
        yield passes(shown)


@rule(
    "LB-05",
    title="A pod lives as long as its load balancer still sends to it",
    why="What is in flight when a pod is told to end is cut off with it, at every roll-out and every drained node.",
    fix="deregistration_delay of at most the pods' termination_grace_period_seconds (30 where that is not set)",
    severity=Severity.MEDIUM,
    scope=Scope.STACK,
    types=TARGET_GROUPS,
)
def deregistration(group: Resource, graph: Graph, _: Options) -> Verdicts:
    """Compare the delay with the time that the pods bound to it have; a chart's pods are not in view.

    Of a group that nothing in view binds to pods, nothing is said, unless there is Kubernetes whose pods it may have.
    """
    bound_to_pods = bool(graph.referrers(group, BINDING, "spec"))
    others = any(graph.referrers(group, type_, property_) for type_, property_ in NO_PODS.items())
    if group.read("targetType").content == "lambda":
        return
    if not bound_to_pods and (others or not _has_kubernetes(graph)):
        return
    delay = group.read("deregistrationDelay")
    graces: dict[str, Read] = {}
    doubts: list[str] = []
    for workload, bound in _bound(group, graph):
        if bound is None:
            doubts.append(f"whether {workload.name} is bound to it is not known yet")
        else:
            graces[workload.name] = workload.read("spec.template.spec.terminationGracePeriodSeconds")
    if any(grace.unknown for grace in graces.values()):
        doubts.append("terminationGracePeriodSeconds of its pods is not known yet")
    seconds = [POD_SECONDS if grace.missing else grace.content for grace in graces.values() if not grace.unknown]
    least = min([each for each in seconds if isinstance(each, int)], default=POD_SECONDS)
    wanted = f"at most {least}, the time that its pods have to end"
    # AWS waits five minutes by default.
    verdict = holds(delay, lambda given: int(given) <= least, wanted, default=300)
    if not bound_to_pods and verdict.outcome is Outcome.FAIL:
        doubts.append("no TargetGroupBinding in view leads to it, so whether its targets are pods is not known")
    doubt = "; ".join(doubts)
    yield unproven(f"{delay.path} is {delay.shown()}; {doubt}", delay.path) if doubts and not delay.unknown else verdict


@rule(
    "LB-06",
    title="A zone can be taken out of a load balancer",
    why="A zone that is ill but not dead is left by a zonal shift; what refuses that keeps sending there.",
    fix="enable_zonal_shift=True on aws.lb.LoadBalancer",
    severity=Severity.MEDIUM,
    scope=Scope.RESOURCE,
    types=BALANCERS,
    frameworks=["AWS Well-Architected REL11-BP02"],
)
def zonal_shift(balancer: Resource, _: Graph, __: Options) -> Verdicts:
    """Zonal shift must be enabled; AWS has it off. Gateway load balancers know none."""
    kind = balancer.read("loadBalancerType")
    if kind.content != "gateway":
        yield is_true(balancer.read("enableZonalShift"))


@rule(
    "LB-07",
    title="A web ACL stands before the load balancer that faces the internet",
    why="An ACL that nothing is associated with filters nothing and looks like protection.",
    fix="aws.wafv2.WebAclAssociation with web_acl_arn and resource_arn=balancer.arn",
    severity=Severity.HIGH,
    scope=Scope.STACK,
    types=[WEB_ACL, *BALANCERS],
    frameworks=["AWS Security Hub ELB.16"],
)
def firewall(resource: Resource, graph: Graph, _: Options) -> Verdicts:
    """From an ACL to something it stands before; from a load balancer to an ACL, where its region has one."""
    if resource.type == WEB_ACL:
        if resource.read("scope").content == "CLOUDFRONT":
            return
        found = graph.referrers(resource, ACL_ASSOCIATION, "webAclArn")
        loose = [each.name for each in graph.of(ACL_ASSOCIATION) if not graph.targets(each, "webAclArn", WEB_ACL)]
    else:
        region = graph.region(resource)
        walls = [
            each
            for each in graph.of(WEB_ACL)
            if each.read("scope").content != "CLOUDFRONT" and graph.region(each).content == region.content
        ]
        if not walls or resource.read("internal").content is True:
            return
        if resource.read("loadBalancerType").content in ("network", "gateway"):
            return
        found = graph.referrers(resource, ACL_ASSOCIATION, "resourceArn")
        loose = [each.name for each in graph.of(ACL_ASSOCIATION) if not graph.targets(each, "resourceArn", *BALANCERS)]
    if found:
        yield passes("an association belongs to it")
    elif loose:
        yield unproven(f"nothing in view is what {', '.join(loose)} leads to: it may be this")
    else:
        yield fails("no aws.wafv2.WebAclAssociation belongs to it")


@rule(
    "LB-08",
    title="Plain HTTP only leads to HTTPS",
    why="What is sent in the clear, prompts and tokens among it, can be read and changed on the way.",
    fix='protocol="HTTPS" on aws.lb.Listener, or default_actions of type "redirect" to it',
    severity=Severity.HIGH,
    scope=Scope.RESOURCE,
    types=LISTENERS,
    frameworks=["AWS FSBP ELB.1"],
)
def encrypted(listener: Resource, _: Graph, __: Options) -> Verdicts:
    """Look at what listeners by HTTP do."""
    protocol = listener.read("protocol")
    if protocol.unknown:
        yield unproven("protocol is not known yet")
    if protocol.content != "HTTP":
        return
    actions = listener.read("defaultActions").each()
    targets = [action.field("redirect").field("protocol") for action in actions]
    if targets and all(target.content == "HTTPS" for target in targets):
        yield passes("it redirects to HTTPS")
    elif any(target.unknown for target in targets):
        yield unproven("defaultActions is not known yet")
    else:
        yield fails("protocol is HTTP, and defaultActions do not redirect to HTTPS")


@rule(
    "LB-09",
    title="An accelerator leads to two regions",
    why="An accelerator of one region is down with it: its addresses stay, and lead to nothing that answers.",
    fix="one aws.globalaccelerator.EndpointGroup for each region, with endpoint_group_region",
    severity=Severity.HIGH,
    scope=Scope.STACK,
    types=[ACCELERATOR_LISTENER],
    frameworks=["AWS Well-Architected REL10-BP01"],
)
def accelerated_regions(listener: Resource, graph: Graph, _: Options) -> Verdicts:
    """Count the regions of its endpoint groups that get traffic."""
    groups = [
        each
        for each in graph.referrers(listener, ENDPOINT_GROUP, "listenerArn")
        if each.read("trafficDialPercentage").content != 0
    ]
    reads = [
        (group, dial if dial.unknown else group.read("endpointGroupRegion"))
        for group in groups
        for dial in [group.read("trafficDialPercentage")]
    ]
    # A group that names no region is in whichever the provider asks; one that may be turned off may be in none.
    yield counts(Members.told(reads), 2, "its regions")


def _number(read: Read, default: int) -> int | None:
    """A whole number, which providers take as text too; None for what is none."""
    text = str(default if read.missing else read.content)
    return int(text) if text.isdecimal() and len(text) < MOST_DIGITS else None


def _bound(group: Resource, graph: Graph) -> list[tuple[Resource, bool | None]]:
    """Workloads whose pods are, or may be, targets of a group: by a binding, to a service, to its pods."""
    found: list[tuple[Resource, bool | None]] = []
    services, workloads = _by_name(graph), _by_labels(graph)
    for binding in graph.referrers(group, BINDING, "spec"):
        wanted = binding.read("spec.serviceRef.name")
        for service in services.near(binding, None if wanted.unknown else [str(wanted.content)]):
            name, selector = service.read("metadata.name"), service.read("spec.selector")
            named = None if wanted.unknown or name.unknown else wanted.content == name.content
            here = every([same_namespace(binding, service, graph), named])
            for workload in workloads.near(service, pair(selector)):
                selected = has_labels(selector, workload.read(LABELS))
                bound = every([here, same_namespace(service, workload, graph), selected])
                if bound is not False:
                    found.append((workload, bound))
    return found


@lru_cache(maxsize=4)
def _has_kubernetes(graph: Graph) -> bool:
    return bool(graph.of(*KUBERNETES))


@lru_cache(maxsize=4)
def _by_name(graph: Graph) -> Index[Resource]:
    reads = [(service, service.read("metadata.name")) for service in graph.of(SERVICE)]
    return Index((service, service, None if name.unknown else [str(name.content)]) for service, name in reads)


@lru_cache(maxsize=4)
def _by_labels(graph: Graph) -> Index[Resource]:
    return Index((workload, workload, pairs(workload.read(LABELS))) for workload in graph.of(*WORKLOADS))
