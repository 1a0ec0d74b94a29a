"""Rules of machines and functions, by the ways to break them."""

# One mutant a line, or the table cannot be read as one.
# ruff: noqa: E501

from tests.policies.platform import PRIVATE, UNKNOWN_TEXT, Mutant, Platform, Thing

ALWAYS: set[str] = set()
"""What nobody can say of one stack alone."""
GROUP = "aws:autoscaling/group:Group"
TARGET = "aws:cloudwatch/eventTarget:EventTarget"


def things() -> dict[str, Thing]:
    """What breaks none of them."""
    return {
        "machines": Thing(
            GROUP,
            {
                "vpcZoneIdentifiers": [UNKNOWN_TEXT] * 3,
                "targetGroupArns": [UNKNOWN_TEXT],
                "healthCheckType": "ELB",
                "capacityRebalance": True,
                "mixedInstancesPolicy": {"instancesDistribution": {"onDemandPercentageAboveBaseCapacity": 50}},
            },
            {"vpcZoneIdentifiers": PRIVATE},
        ),
        "function": Thing(
            "aws:lambda/function:Function",
            {"vpcConfig": {"subnetIds": [UNKNOWN_TEXT] * 3}, "deadLetterConfig": {"targetArn": UNKNOWN_TEXT}},
            {"vpcConfig": PRIVATE},
        ),
        "event": Thing(TARGET, {"arn": UNKNOWN_TEXT}, {"arn": ["function"]}),
    }


def named(platform: Platform, zones: object) -> Platform:
    """Let the group name its zones, as in a default VPC."""
    platform.delete("machines", "vpcZoneIdentifiers").cut("machines", "vpcZoneIdentifiers")
    return platform.put("machines", "availabilityZones", zones)


def settled(platform: Platform, settings: dict[str, object]) -> Platform:
    """Say where failures go beside the function."""
    thing = Thing(
        "aws:lambda/functionEventInvokeConfig:FunctionEventInvokeConfig", settings, {"functionName": ["function"]}
    )
    return platform.delete("function", "deadLetterConfig").add("settings", thing)


MUTANTS: list[Mutant] = [
    # ASG-01
    ("group of one subnet", lambda p: p.put("machines", "vpcZoneIdentifiers", [UNKNOWN_TEXT]).point("machines", "vpcZoneIdentifiers", "private-a"), {"ASG-01"}),
    ("group of two subnets of a zone", lambda p: p.put("machines", "vpcZoneIdentifiers", [UNKNOWN_TEXT] * 2).point("machines", "vpcZoneIdentifiers", "private-a", "public-a"), {"ASG-01"}),
    ("group that names one zone", lambda p: named(p, ["us-east-1a"]), {"ASG-01"}),
    ("group that names one zone twice", lambda p: named(p, ["us-east-1a", "us-east-1a"]), {"ASG-01"}),
    ("group of no subnets and no zones", lambda p: p.delete("machines", "vpcZoneIdentifiers").cut("machines", "vpcZoneIdentifiers"), {"ASG-01"}),
    ("group that names one zone, and one unknown", lambda p: named(p, ["us-east-1a", UNKNOWN_TEXT]), {"ASG-01?"}),
    ("group's subnets unknown", lambda p: p.hide("machines", "vpcZoneIdentifiers"), {"ASG-01?"}),
    ("group's zones unknown", lambda p: named(p, UNKNOWN_TEXT), {"ASG-01?"}),
    # ASG-02
    ("group that asks EC2", lambda p: p.put("machines", "healthCheckType", "EC2"), {"ASG-02"}),
    ("group that asks EC2 by default", lambda p: p.delete("machines", "healthCheckType"), {"ASG-02"}),
    ("group of an old load balancer that asks EC2", lambda p: p.delete("machines", "targetGroupArns").put("machines", "loadBalancers", ["classic"]).put("machines", "healthCheckType", "EC2"), {"ASG-02"}),
    ("whom a group asks unknown", lambda p: p.hide("machines", "healthCheckType"), {"ASG-02?"}),
    # ASG-03
    ("spot group that waits", lambda p: p.put("machines", "capacityRebalance", False), {"ASG-03"}),
    ("spot group that waits by default", lambda p: p.delete("machines", "capacityRebalance"), {"ASG-03"}),
    ("group of spot alone that waits", lambda p: p.put("machines", "mixedInstancesPolicy/instancesDistribution/onDemandPercentageAboveBaseCapacity", 0).delete("machines", "capacityRebalance"), {"ASG-03"}),
    ("share of spot unknown", lambda p: p.hide("machines", "mixedInstancesPolicy"), {"ASG-03?"}),
    ("share of spot alone unknown", lambda p: p.hide("machines", "mixedInstancesPolicy/instancesDistribution/onDemandPercentageAboveBaseCapacity"), {"ASG-03?"}),
    ("rebalancing unknown", lambda p: p.hide("machines", "capacityRebalance"), {"ASG-03?"}),
    # L-01
    ("function of one subnet", lambda p: p.put("function", "vpcConfig/subnetIds", [UNKNOWN_TEXT]).point("function", "vpcConfig", "private-a"), {"L-01"}),
    ("function of two subnets of a zone", lambda p: p.put("function", "vpcConfig/subnetIds", [UNKNOWN_TEXT] * 2).point("function", "vpcConfig", "private-a", "public-a"), {"L-01"}),
    ("function of one named subnet", lambda p: p.put("function", "vpcConfig/subnetIds", ["subnet-1"]).cut("function", "vpcConfig"), {"L-01"}),
    ("function's subnets unknown", lambda p: p.hide("function", "vpcConfig/subnetIds"), {"L-01?"}),
    #
    ("function that loses events", lambda p: p.delete("function", "deadLetterConfig"), {"Q-03"}),
    ("function that loses a topic's messages", lambda p: p.delete("function", "deadLetterConfig").drop("event").add("subscription", Thing("aws:sns/topicSubscription:TopicSubscription", {"endpoint": UNKNOWN_TEXT}, {"endpoint": ["function"]})), {"Q-03"}),
    ("function with settings for success alone", lambda p: settled(p, {"destinationConfig": {"onSuccess": {"destination": "arn"}}}), {"Q-03"}),
    ("where failures go unknown", lambda p: p.hide("function", "deadLetterConfig"), {"Q-03?"}),
    ("settings of a function not in view", lambda p: settled(p, {}).cut("settings", "functionName"), {"Q-03?"}),
]  # fmt: skip

GOOD: list[Mutant] = [
    ("group of two subnets", lambda p: p.put("machines", "vpcZoneIdentifiers", [UNKNOWN_TEXT] * 2).point("machines", "vpcZoneIdentifiers", "private-a", "private-b"), set()),
    ("group of subnets, whose zones AWS will tell", lambda p: p.put("machines", "availabilityZones", UNKNOWN_TEXT), set()),
    ("function of two subnets", lambda p: p.put("function", "vpcConfig/subnetIds", [UNKNOWN_TEXT] * 2).point("function", "vpcConfig", "private-a", "private-b"), set()),
    ("group that names two zones", lambda p: named(p, ["us-east-1a", "us-east-1b"]), set()),
    ("group behind no load balancer", lambda p: p.delete("machines", "targetGroupArns").delete("machines", "healthCheckType"), set()),
    ("group without spot", lambda p: p.put("machines", "mixedInstancesPolicy/instancesDistribution/onDemandPercentageAboveBaseCapacity", 100).delete("machines", "capacityRebalance"), set()),
    ("function outside a VPC", lambda p: p.delete("function", "vpcConfig").cut("function", "vpcConfig"), set()),
    ("function that is waited for", lambda p: p.delete("function", "deadLetterConfig").drop("event"), set()),
    ("failures sent on beside the function", lambda p: settled(p, {"destinationConfig": {"onFailure": {"destination": "arn"}}}), set()),
]  # fmt: skip

EVIDENCE: dict[str, set[str]] = {
    "group that names one zone, and one unknown": {"ASG-01: its zones: us-east-1a; whether there are 2 depends on availabilityZones[1], not known yet"},
    "share of spot unknown": {"ASG-03: mixedInstancesPolicy is not known yet, and so whether it takes spot"},
    "function that loses events": {"Q-03: what it fails on is sent nowhere, and it is called by event"},
}  # fmt: skip
"""What is said of some of them, word for word."""
