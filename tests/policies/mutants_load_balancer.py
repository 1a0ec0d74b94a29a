"""Rules of load balancers, by the ways to break them."""

# One mutant a line, or the table cannot be read as one.
# ruff: noqa: E501

import copy

from tests.policies.other_region import with_other_region
from tests.policies.platform import PUBLIC, UNKNOWN_TEXT, Mutant, Platform, Thing

ALWAYS: set[str] = set()
"""What nobody can say of one stack alone."""


def things() -> dict[str, Thing]:
    """What breaks none of them."""
    return {
        "balancer": Thing(
            "aws:lb/loadBalancer:LoadBalancer",
            {
                "subnets": [UNKNOWN_TEXT] * 3,
                "loadBalancerType": "application",
                "internal": False,
                "enableDeletionProtection": True,
                "enableZonalShift": True,
            },
            {"subnets": PUBLIC},
        ),
        "targets": Thing(
            "aws:lb/targetGroup:TargetGroup",
            {
                "protocol": "HTTP",
                "targetType": "ip",
                "deregistrationDelay": 25,
                "healthCheck": {"path": "/ready", "protocol": "HTTP", "interval": 10, "unhealthyThreshold": 2},
            },
        ),
        "listener": Thing("aws:lb/listener:Listener", {"protocol": "HTTPS", "defaultActions": [{"type": "forward"}]}),
        "redirect": Thing(
            "aws:lb/listener:Listener",
            {"protocol": "HTTP", "defaultActions": [{"type": "redirect", "redirect": {"protocol": "HTTPS"}}]},
        ),
        "wall": Thing("aws:wafv2/webAcl:WebAcl", {"scope": "REGIONAL"}),
        "wall-association": Thing(
            "aws:wafv2/webAclAssociation:WebAclAssociation",
            {"webAclArn": UNKNOWN_TEXT, "resourceArn": UNKNOWN_TEXT},
            {"webAclArn": ["wall"], "resourceArn": ["balancer"]},
        ),
        "service": Thing(
            "kubernetes:core/v1:Service",
            {"metadata": {"name": "web", "namespace": "serving"}, "spec": {"selector": {"app": "web"}}},
            region=None,
        ),
        "binding": Thing(
            "kubernetes:elbv2.k8s.aws/v1beta1:TargetGroupBinding",
            {
                "metadata": {"name": "web", "namespace": "serving"},
                "spec": {"serviceRef": {"name": "web", "port": 80}, "targetGroupARN": UNKNOWN_TEXT},
            },
            {"spec": ["targets"]},
            region=None,
        ),
        "fast-lane": Thing("aws:globalaccelerator/listener:Listener", {"protocol": "TCP"}, region=None),
        "fast-east": lane("us-east-1"),
        "fast-west": lane("us-west-2"),
    }


def lane(region: str) -> Thing:
    """A region that an accelerator leads to."""
    return Thing(
        "aws:globalaccelerator/endpointGroup:EndpointGroup",
        {"listenerArn": UNKNOWN_TEXT, "endpointGroupRegion": region},
        {"listenerArn": ["fast-lane"]},
        region=None,
    )


def network(platform: Platform, kind: str = "network") -> Platform:
    """Make it a load balancer of connections."""
    return platform.put("balancer", "loadBalancerType", kind)


def grace(platform: Platform, seconds: int) -> Platform:
    """Give pods so long to end."""
    return platform.put("web", "spec/template/spec/terminationGracePeriodSeconds", seconds)


def servers(platform: Platform, type_: str, property_: str) -> Platform:
    """Put machines, or tasks, behind a group of their own."""
    props = {**platform.things["targets"].props, "deregistrationDelay": 300}
    platform.add("servers", Thing("aws:lb/targetGroup:TargetGroup", props))
    made: dict[str, object] = {
        property_: UNKNOWN_TEXT,
        "healthCheckType": "ELB",
        "mixedInstancesPolicy": {},
        "vpcZoneIdentifiers": [UNKNOWN_TEXT] * 3,
    }
    return platform.add("server", Thing(type_, made, {property_: ["servers"], "vpcZoneIdentifiers": PUBLIC}))


def elsewhere(platform: Platform) -> Platform:
    """Have a service of the same name, for the same pods' labels, in another namespace."""
    service = copy.deepcopy(platform.things["service"])
    service.props["metadata"]["namespace"] = "elsewhere"
    return platform.add("a-service", service)


MUTANTS: list[Mutant] = [
    ("balancer in one subnet", lambda p: p.put("balancer", "subnets", [UNKNOWN_TEXT]).point("balancer", "subnets", "public-a"), {"LB-01"}),
    ("balancer twice in a zone", lambda p: p.put("balancer", "subnets", [UNKNOWN_TEXT] * 2).point("balancer", "subnets", "public-a", "private-a"), {"LB-01"}),
    ("balancer mapped into one zone", lambda p: p.delete("balancer", "subnets").cut("balancer", "subnets").put("balancer", "subnetMappings", [{"subnetId": UNKNOWN_TEXT}]).point("balancer", "subnetMappings", "public-a"), {"LB-01"}),
    ("balancer's subnets not in view", lambda p: p.cut("balancer", "subnets"), {"LB-01?"}),
    ("balancer's subnets unknown", lambda p: p.hide("balancer", "subnets"), {"LB-01?"}),
    ("balancer deletable", lambda p: p.put("balancer", "enableDeletionProtection", False), {"LB-02"}),
    ("balancer deletable by default", lambda p: p.delete("balancer", "enableDeletionProtection"), {"LB-02"}),
    ("balancer protection null", lambda p: p.put("balancer", "enableDeletionProtection", None), {"LB-02"}),
    ("balancer protection unknown", lambda p: p.hide("balancer", "enableDeletionProtection"), {"LB-02?"}),
    # LB-03
    ("connections to the own zone", lambda p: network(p).put("balancer", "enableCrossZoneLoadBalancing", False), {"LB-03"}),
    ("connections to the own zone by default", network, {"LB-03"}),
    ("packets to the own zone by default", lambda p: network(p, "gateway").delete("balancer", "enableZonalShift"), {"LB-03"}),
    ("kind of balancer unknown", lambda p: p.hide("balancer", "loadBalancerType"), {"LB-03?"}),
    ("crossing of zones unknown", lambda p: network(p).put("balancer", "enableCrossZoneLoadBalancing", UNKNOWN_TEXT), {"LB-03?"}),
    # LB-04
    ("targets asked for the front page", lambda p: p.put("targets", "healthCheck/path", "/"), {"LB-04"}),
    ("appliances asked for the front page", lambda p: p.put("targets", "protocol", "GENEVE").put("targets", "healthCheck/path", "/"), {"LB-04"}),
    ("targets asked for no path", lambda p: p.delete("targets", "healthCheck/path"), {"LB-04"}),
    ("targets out after half a minute and ten seconds", lambda p: p.put("targets", "healthCheck/unhealthyThreshold", 4), {"LB-04"}),
    ("targets asked every half minute by default", lambda p: p.delete("targets", "healthCheck/interval"), {"LB-04"}),
    ("targets out after three failures by default", lambda p: p.delete("targets", "healthCheck/unhealthyThreshold").put("targets", "healthCheck/interval", 11), {"LB-04"}),
    ("targets asked by default", lambda p: p.delete("targets", "healthCheck"), {"LB-04"}),
    ("functions asked for the front page", lambda p: p.put("targets", "targetType", "lambda").put("targets", "healthCheck", {"enabled": True, "path": "/", "interval": 10, "unhealthyThreshold": 2}), {"LB-04"}),
    ("targets asked at a word", lambda p: p.put("targets", "healthCheck/interval", "soon"), {"LB-04"}),
    ("targets out after a number of too many digits", lambda p: p.put("targets", "healthCheck/unhealthyThreshold", "0" * 19 + "3"), {"LB-04"}),
    ("targets' protocol unknown", lambda p: p.hide("targets", "healthCheck/protocol"), {"LB-04?"}),
    ("targets' check unknown", lambda p: p.hide("targets", "healthCheck"), {"LB-04?"}),
    ("targets' threshold unknown", lambda p: p.hide("targets", "healthCheck/unhealthyThreshold"), {"LB-04?"}),
    ("targets' interval unknown", lambda p: p.hide("targets", "healthCheck/interval"), {"LB-04?"}),
    # LB-05
    ("requests in flight cut off", lambda p: p.put("targets", "deregistrationDelay", 31), {"LB-05"}),
    ("requests in flight cut off by default", lambda p: p.delete("targets", "deregistrationDelay"), {"LB-05"}),
    ("pods that end at once", lambda p: grace(p, 10), {"LB-05"}),
    ("pods of a chart, and a long delay", lambda p: p.drop("service").put("targets", "deregistrationDelay", 60), {"LB-05", "K8S-24"}),
    ("other pods have longer", lambda p: grace(p, 300).put("service", "spec/selector/app", "api").put("targets", "deregistrationDelay", 60), {"LB-05", "K8S-24"}),
    ("one of two kinds of pods ends sooner", lambda p: p.put("targets", "deregistrationDelay", 60).add("web-2", Thing("kubernetes:apps/v1:Deployment", copy.deepcopy(p.things["web"].props), region=None)).put("web-2", "spec/template/spec/terminationGracePeriodSeconds", 300), {"LB-05"}),
    ("service of another name", lambda p: grace(p, 300).put("targets", "deregistrationDelay", 60).put("service", "metadata/name", "api"), {"LB-05", "K8S-24"}),
    ("service's name unknown", lambda p: p.hide("service", "metadata/name"), {"LB-05?", "K8S-24?"}),
    ("service of the same name in another namespace", lambda p: elsewhere(grace(p, 10)), {"LB-05", "K8S-24"}),
    ("name of the service that is bound unknown", lambda p: p.hide("binding", "spec/serviceRef/name"), {"LB-05?", "K8S-24?"}),
    ("long delay of a group that nothing binds", lambda p: p.cut("binding", "spec").put("targets", "deregistrationDelay", 31), {"LB-05?"}),
    ("delay by default of a group that nothing binds", lambda p: p.cut("binding", "spec").delete("targets", "deregistrationDelay"), {"LB-05?"}),
    ("delay by default, and the service's name unknown", lambda p: p.delete("targets", "deregistrationDelay").hide("service", "metadata/name"), {"LB-05?", "K8S-24?"}),
    ("delay unknown", lambda p: p.hide("targets", "deregistrationDelay"), {"LB-05?"}),
    ("pods' time unknown", lambda p: grace(p, 0).hide("web", "spec/template/spec/terminationGracePeriodSeconds"), {"LB-05?", "K8S-17?"}),
    ("pods of the service unknown", lambda p: p.hide("service", "spec/selector"), {"LB-05?", "K8S-24?"}),
    # LB-06
    ("zone cannot be left", lambda p: p.put("balancer", "enableZonalShift", False), {"LB-06"}),
    ("zone cannot be left by default", lambda p: p.delete("balancer", "enableZonalShift"), {"LB-06"}),
    ("leaving a zone null", lambda p: p.put("balancer", "enableZonalShift", None), {"LB-06"}),
    ("leaving a zone unknown", lambda p: p.hide("balancer", "enableZonalShift"), {"LB-06?"}),
    # LB-07
    ("wall before nothing", lambda p: p.drop("wall-association"), {"LB-07"}),
    ("a second wall before nothing", lambda p: p.add("wall-2", Thing("aws:wafv2/webAcl:WebAcl", {"scope": "REGIONAL"})), {"LB-07"}),
    ("a balancer without the wall", lambda p: p.add("balancer-2", Thing("aws:lb/loadBalancer:LoadBalancer", p.things["balancer"].props, {"subnets": PUBLIC})), {"LB-07"}),
    ("wall before something not in view", lambda p: p.cut("wall-association", "resourceArn"), {"LB-07?"}),
    ("wall not in view", lambda p: p.cut("wall-association", "webAclArn"), {"LB-07?"}),
    # LB-08
    ("requests in the clear", lambda p: p.put("listener", "protocol", "HTTP"), {"LB-08"}),
    ("redirected to the clear", lambda p: p.put("redirect", "defaultActions/0/redirect/protocol", "HTTP"), {"LB-08"}),
    ("redirected without saying to what", lambda p: p.delete("redirect", "defaultActions/0/redirect"), {"LB-08"}),
    ("no action in the clear", lambda p: p.put("redirect", "defaultActions", []), {"LB-08"}),
    ("listener's protocol unknown", lambda p: p.hide("listener", "protocol"), {"LB-08?"}),
    ("redirection unknown", lambda p: p.hide("redirect", "defaultActions"), {"LB-08?"}),
    # LB-09
    ("accelerator to one region", lambda p: p.drop("fast-west"), {"LB-09"}),
    ("accelerator to one region twice", lambda p: p.put("fast-west", "endpointGroupRegion", "us-east-1"), {"LB-09"}),
    ("accelerator to a region turned off", lambda p: p.put("fast-west", "trafficDialPercentage", 0), {"LB-09"}),
    ("accelerator to nowhere", lambda p: p.drop("fast-east", "fast-west"), {"LB-09"}),
    ("both of the accelerator's regions unknown", lambda p: p.hide("fast-west", "endpointGroupRegion").hide("fast-east", "endpointGroupRegion"), {"LB-09?"}),
    ("accelerator's region unknown", lambda p: p.hide("fast-west", "endpointGroupRegion"), {"LB-09?"}),
    ("whether a region of the accelerator is turned off unknown", lambda p: p.hide("fast-west", "trafficDialPercentage"), {"LB-09?"}),
    ("accelerator's region left to the provider", lambda p: p.delete("fast-west", "endpointGroupRegion"), {"LB-09?"}),
    ("balancer of a region without a wall", lambda p: p.add("there", Thing("aws:lb/loadBalancer:LoadBalancer", {**p.things["balancer"].props, "region": "eu-west-1"}, {"subnets": PUBLIC})), {"SYS-04"}),
]  # fmt: skip

GOOD: list[Mutant] = [
    ("functions that nobody asks", lambda p: p.put("targets", "targetType", "lambda").delete("targets", "healthCheck"), set()),
    ("balancer in two zones", lambda p: p.put("balancer", "subnets", [UNKNOWN_TEXT] * 2).point("balancer", "subnets", "public-a", "public-b"), set()),
    ("requests in flight for as long as pods live by default", lambda p: p.put("targets", "deregistrationDelay", 30), set()),
    ("balancer mapped into two zones", lambda p: p.delete("balancer", "subnets").cut("balancer", "subnets").put("balancer", "subnetMappings", [{"subnetId": UNKNOWN_TEXT}] * 2).point("balancer", "subnetMappings", "public-a", "public-b"), set()),
    ("connections to all zones", lambda p: network(p).put("balancer", "enableCrossZoneLoadBalancing", True), set()),
    ("targets asked every ten seconds, as text", lambda p: p.put("targets", "healthCheck/interval", "10"), set()),
    ("targets that only connect", lambda p: p.put("targets", "healthCheck", {"protocol": "TCP", "interval": 10, "unhealthyThreshold": 3}), set()),
    *(
        (
            f"targets asked by {protocol}, without a path",
            lambda p, protocol=protocol: p.put("targets", "protocol", protocol).put("targets", "healthCheck", {"interval": 10, "unhealthyThreshold": 2}),
            set[str](),
        )
        for protocol in ("GENEVE", "QUIC", "TCP_QUIC")
    ),
    ("targets asked by the group's own protocol", lambda p: p.delete("targets", "healthCheck/protocol"), set()),
    ("pods that live long, and a long delay", lambda p: grace(p, 300).put("targets", "deregistrationDelay", 300), set()),
    ("a short delay of a group that nothing binds", lambda p: p.cut("binding", "spec").put("targets", "deregistrationDelay", 30), set()),
    ("servers of a group of instances", lambda p: servers(p, "aws:autoscaling/group:Group", "targetGroupArns"), set()),
    ("servers attached as a group", lambda p: servers(p, "aws:autoscaling/attachment:Attachment", "lbTargetGroupArn"), set()),
    ("servers attached one by one", lambda p: servers(p, "aws:lb/targetGroupAttachment:TargetGroupAttachment", "targetGroupArn"), set()),
    ("tasks of a service", lambda p: servers(p, "aws:ecs/service:Service", "loadBalancers"), set()),
    ("a function needs no delay", lambda p: p.put("targets", "targetType", "lambda").delete("targets", "deregistrationDelay"), set()),
    ("balancer inside needs no wall", lambda p: p.add("inside", Thing("aws:lb/loadBalancer:LoadBalancer", {**p.things["balancer"].props, "internal": True}, {"subnets": PUBLIC})), set()),
    ("no wall at all", lambda p: p.drop("wall", "wall-association"), set()),
    ("targets asked by the default interval, once", lambda p: p.delete("targets", "healthCheck/interval").put("targets", "healthCheck/unhealthyThreshold", 1), set()),
    ("targets out after the default number of failures", lambda p: p.delete("targets", "healthCheck/unhealthyThreshold"), set()),
    ("balancer of connections needs no wall", lambda p: p.add("lines", Thing("aws:lb/loadBalancer:LoadBalancer", {**p.things["balancer"].props, "loadBalancerType": "network", "enableCrossZoneLoadBalancing": True}, {"subnets": PUBLIC})), set()),
    ("a wall at the edge", lambda p: p.drop("wall", "wall-association").add("edge", Thing("aws:wafv2/webAcl:WebAcl", {"scope": "CLOUDFRONT"})), set()),
    ("a wall in one region's stack only", with_other_region, set()),
]  # fmt: skip

EVIDENCE: dict[str, set[str]] = {
    "targets asked by default": {"LB-04: healthCheck: 30 s x 3; it must be at most 30 s"},
    "targets asked at a word": {"LB-04: healthCheck: \"soon\" s x 2; it must be at most 30 s"},
    "targets' interval unknown": {"LB-04: healthCheck.interval is not known yet"},
    "targets' threshold unknown": {"LB-04: healthCheck.unhealthyThreshold is not known yet"},
    "requests in flight cut off by default": {"LB-05: deregistrationDelay is 300 by default; it must be at most 30, the time that its pods have to end"},
}  # fmt: skip
"""What is said of some of them, word for word."""
