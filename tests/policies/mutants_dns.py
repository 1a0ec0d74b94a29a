"""Rules of names and health checks, by the ways to break them."""

# One mutant a line, or the table cannot be read as one.
# ruff: noqa: E501

import copy
from typing import Any

from tests.policies.other_region import with_other_region
from tests.policies.platform import UNKNOWN_TEXT, Mutant, Platform, Thing

RECORD = "aws:route53/record:Record"
ZONE = "aws:route53/zone:Zone"

ALWAYS: set[str] = {"DNS-01?", "DNS-03?"}
"""What nobody can say of one stack alone."""


def things() -> dict[str, Thing]:
    """What breaks none of them."""
    return {
        "zone": Thing(ZONE, {"name": "example.com"}, protect=True),
        "check": Thing(
            "aws:route53/healthCheck:HealthCheck",
            {"type": "HTTPS", "resourcePath": "/api/health", "requestInterval": 10, "failureThreshold": 2},
        ),
        "alarm-check": Thing(
            "aws:route53/healthCheck:HealthCheck",
            {"type": "CLOUDWATCH_METRIC", "insufficientDataHealthStatus": "LastKnownStatus"},
        ),
        "region-check": Thing(
            "aws:route53/healthCheck:HealthCheck",
            {"type": "CALCULATED", "childHealthThreshold": 2, "childHealthchecks": [UNKNOWN_TEXT] * 2},
            {"childHealthchecks": ["check", "alarm-check"]},
        ),
        "regional": Thing(
            RECORD,
            {
                "name": "us-east-1.api.example.com",
                "type": "A",
                "aliases": [{"name": UNKNOWN_TEXT, "evaluateTargetHealth": True}],
            },
            {"aliases": ["balancer"]},
        ),
        "record": Thing(
            RECORD,
            {
                "name": "api.example.com",
                "type": "CNAME",
                "records": ["us-east-1.api.example.com"],
                "ttl": 30,
                "setIdentifier": "us-east-1",
                "failoverRoutingPolicies": [{"type": "PRIMARY"}],
                "healthCheckId": UNKNOWN_TEXT,
            },
            {"healthCheckId": ["region-check"]},
        ),
    }


def shared(platform: Platform, policy: str = "weightedRoutingPolicies", **props: object) -> Platform:
    """Add a name that this region has a share of."""
    given = {
        "name": "models.example.com",
        "type": "CNAME",
        "records": ["us-east-1.api.example.com"],
        "ttl": 30,
        "setIdentifier": "us-east-1",
        policy: [{"weight": 1}],
        "healthCheckId": UNKNOWN_TEXT,
        **props,
    }
    edges = {"healthCheckId": ["region-check"]} if given["healthCheckId"] == UNKNOWN_TEXT else {}
    return platform.add(
        "share", Thing(RECORD, {key: value for key, value in given.items() if value is not None}, edges)
    )


NONE: dict[str, Any] = {"policy": "multivalueAnswerRoutingPolicy", "multivalueAnswerRoutingPolicy": False}
VALUES: dict[str, Any] = {**NONE, "multivalueAnswerRoutingPolicy": True}
NEAR: dict[str, Any] = {"policy": "geoproximityRoutingPolicy", "geoproximityRoutingPolicy": {"awsRegion": "us-east-1"}}
BY_ADDRESS: dict[str, Any] = {
    "policy": "cidrRoutingPolicy",
    "cidrRoutingPolicy": {"collectionId": "1", "locationName": "office"},
}


def turned(platform: Platform) -> Platform:
    """Let the record follow a routing control."""
    by_hand = Thing("aws:route53/healthCheck:HealthCheck", {"type": "RECOVERY_CONTROL", "routingControlArn": "arn"})
    return platform.add("by-hand", by_hand).point("record", "healthCheckId", "by-hand")


def switched(platform: Platform) -> Platform:
    """Lay a name over both regions that a plan switches, by the other region's stack."""
    with_other_region(platform)
    platform.add("plan", Thing("aws:arcregionswitch/plan:Plan", {"name": "tandem"}, stack="secondary"))
    for position, region in enumerate(("us-east-1", "us-west-2")):
        record = Thing(
            RECORD,
            {
                "name": "switch.example.com",
                "type": "CNAME",
                "records": [f"{region}.api.example.com"],
                "ttl": 30,
                "setIdentifier": region,
                "failoverRoutingPolicies": [{"type": ("PRIMARY", "SECONDARY")[position]}],
                "healthCheckId": UNKNOWN_TEXT,
            },
            {"healthCheckId": ["plan"]},
            stack="secondary",
        )
        platform.add(f"switch-{region}", record)
    over = Thing(
        RECORD,
        {
            "name": "all.example.com",
            "type": "CNAME",
            "records": ["switch.example.com"],
            "ttl": 30,
            "setIdentifier": "switched",
            "weightedRoutingPolicies": [{"weight": 1}],
        },
        stack="secondary",
    )
    return platform.add("over", over)


def again(platform: Platform, path: str, value: object) -> Platform:
    """Have both regions' records a second time, with one difference."""
    with_other_region(platform).put("record-west", "zoneId", platform.things["record"].props.get("zoneId"))
    for name in ("record", "record-west"):
        platform.add(f"{name}-2", copy.deepcopy(platform.things[name])).put(f"{name}-2", path, value)
    return platform


def in_zones(platform: Platform, **zones: str) -> Platform:
    """Let records be of zones whose ids are not known yet, by edges, or by none."""
    for name, zone in zones.items():
        platform.put(name, "zoneId", UNKNOWN_TEXT)
        if zone:
            platform.point(name, "zoneId", zone)
    return platform


def horizons(platform: Platform, outer: str, inner: str) -> Platform:
    """Have both regions' records twice, in two zones, all in this stack."""
    platform.add("inner", Thing(ZONE, {"name": "example.com"}, protect=True))
    again(platform, "ttl", 30)
    for name in ("record-west", "record-west-2"):
        platform.things[name].stack = "primary"
    zones = {"record": outer, "record-west": outer, "record-2": inner, "record-west-2": inner}
    return in_zones(platform, **zones)


def from_elsewhere(platform: Platform) -> Platform:
    """Let the other region's stack have the record of this region too, with the check of this region by its id."""
    return with_other_region(platform).put("region-check", "id", "hc-1").put("record-west", "healthCheckId", "hc-1")


MUTANTS: list[Mutant] = [
    ("primary unchecked", lambda p: p.delete("record", "healthCheckId").cut("record", "healthCheckId"), {"DNS-02"}),
    ("primary's check empty", lambda p: p.put("record", "healthCheckId", "").cut("record", "healthCheckId"), {"DNS-02"}),
    ("primary alias does not look", lambda p: p.delete("record", "healthCheckId").cut("record", "healthCheckId").put("record", "aliases", [{"evaluateTargetHealth": False}]), {"DNS-02"}),
    ("unchecked, and whether it is primary unknown", lambda p: p.put("record", "failoverRoutingPolicies", [{"type": UNKNOWN_TEXT}]).delete("record", "healthCheckId").cut("record", "healthCheckId"), {"DNS-02?"}),
    ("unchecked, and of two roles that are unknown", lambda p: p.put("record", "failoverRoutingPolicies", [{"type": UNKNOWN_TEXT}] * 2).delete("record", "healthCheckId").cut("record", "healthCheckId"), {"DNS-02?"}),
    ("primary's check known by its id alone", lambda p: p.put("record", "healthCheckId", "hc-9").cut("record", "healthCheckId"), {"DNS-07?", "DNS-10?"}),
    ("primary's check not in view of either stack", lambda p: with_other_region(p).cut("record", "healthCheckId").add("check-west", Thing("aws:route53/healthCheck:HealthCheck", p.things["check"].props, stack="secondary")), {"DNS-02?", "DNS-07?", "DNS-10?"}),
    ("primary's check not in view", lambda p: p.cut("record", "healthCheckId"), {"DNS-02?", "DNS-07?", "DNS-10?"}),
    ("TTL off by one", lambda p: p.put("record", "ttl", 61), {"DNS-04"}),
    ("no TTL", lambda p: p.delete("record", "ttl"), {"DNS-04"}),
    ("TTL of a weighted record", lambda p: shared(p, ttl=61), {"DNS-04"}),
    ("TTL of a record that is near", lambda p: shared(p, **NEAR, ttl=61), {"DNS-04"}),
    ("TTL of a record by who asks", lambda p: shared(p, **BY_ADDRESS, ttl=61), {"DNS-04"}),
    ("TTL of one of several values", lambda p: shared(p, **VALUES, ttl=61), {"DNS-04"}),
    ("long TTL, and whether it moves unknown", lambda p: shared(p, weightedRoutingPolicies=UNKNOWN_TEXT, ttl=61), {"DNS-04?"}),
    ("long TTL, and whether it is an alias unknown", lambda p: shared(p, ttl=61, aliases=UNKNOWN_TEXT), {"DNS-04?"}),
    ("TTL unknown", lambda p: p.hide("record", "ttl"), {"DNS-04?", "DNS-07?"}),
    ("check off", lambda p: p.put("check", "disabled", True), {"DNS-05"}),
    ("check inverted", lambda p: p.put("check", "invertHealthcheck", True), {"DNS-05"}),
    ("four failures", lambda p: p.put("check", "failureThreshold", 4), {"DNS-05"}),
    ("no failure needed", lambda p: p.put("check", "failureThreshold", 0), {"DNS-05"}),
    ("interval that AWS does not know", lambda p: p.put("check", "requestInterval", 60), {"DNS-05", "DNS-07"}),
    ("check from two regions", lambda p: p.put("check", "regions", ["us-east-1", "us-west-2"]), {"DNS-05"}),
    ("threshold unknown", lambda p: p.hide("check", "failureThreshold"), {"DNS-05?", "DNS-07?"}),
    ("check's regions unknown", lambda p: p.hide("check", "regions"), {"DNS-05?"}),
    ("check's type unknown", lambda p: p.hide("check", "type"), {"DNS-05?", "DNS-06?", "DNS-07?", "DNS-10?", "DNS-11?", "DNS-12?"}),
    ("zone destroyed with records", lambda p: p.put("zone", "forceDestroy", True), {"DNS-09"}),
    ("zone destruction as text", lambda p: p.put("zone", "forceDestroy", "true"), {"DNS-09"}),
    ("zone destruction as a number", lambda p: p.put("zone", "forceDestroy", 1), {"DNS-09"}),
    ("zone destruction unknown", lambda p: p.hide("zone", "forceDestroy"), {"DNS-09?"}),
    # DNS-01
    ("two primaries", lambda p: with_other_region(p).put("record-west", "failoverRoutingPolicies", [{"type": "PRIMARY"}]), {"DNS-01", "DNS-02"}),
    ("two secondaries", lambda p: with_other_region(p).put("record", "failoverRoutingPolicies", [{"type": "SECONDARY"}]), {"DNS-01"}),
    ("two records of one identifier", lambda p: with_other_region(p).put("record-west", "setIdentifier", "us-east-1"), {"DNS-01"}),
    ("a record without an identifier", lambda p: with_other_region(p).delete("record", "setIdentifier"), {"DNS-01"}),
    ("no secondary in either stack", lambda p: with_other_region(p).drop("record-west"), {"DNS-01", "DNS-03"}),
    ("secondary of another name", lambda p: with_other_region(p).put("record-west", "name", "app.example.com"), {"DNS-01", "DNS-03"}),
    ("two primaries in one stack", lambda p: p.add("again", Thing(RECORD, {**p.things["record"].props, "setIdentifier": "again", "records": ["us-west-2.api.example.com"]}, {"healthCheckId": ["region-check"]})), {"DNS-01"}),
    ("secondary's identifier unknown", lambda p: with_other_region(p).hide("record-west", "setIdentifier"), {"DNS-01?"}),
    ("neither primary nor secondary", lambda p: with_other_region(p).put("record", "failoverRoutingPolicies", [{}]).put("record-west", "failoverRoutingPolicies", [{}]), {"DNS-01"}),
    ("pairs in zones that nobody can tell apart", lambda p: horizons(p, "", ""), {"DNS-01?", "DNS-03?"}),
    ("pairs in one zone, not known yet", lambda p: horizons(p, "zone", "zone"), {"DNS-01", "DNS-03"}),
    ("pairs in zones of two stacks, not known yet", lambda p: in_zones(with_other_region(p).add("zone-west", Thing(ZONE, {"name": "example.com"}, protect=True, stack="secondary")), record="zone", **{"record-west": "zone-west"}), {"DNS-01?", "DNS-03?"}),
    ("zone of one record unknown", lambda p: with_other_region(p).put("record", "zoneId", UNKNOWN_TEXT).put("record-west", "zoneId", "Z1"), {"DNS-01?", "DNS-03?"}),
    ("pair whose type is unknown", lambda p: with_other_region(p).put("record-west", "type", UNKNOWN_TEXT), {"DNS-01?", "DNS-03?"}),
    ("another type in an unknown zone, and no secondary", lambda p: with_other_region(p).put("record", "zoneId", UNKNOWN_TEXT).put("record-west", "zoneId", "Z1").put("record-west", "type", "A"), {"DNS-01", "DNS-03"}),
    # DNS-03
    ("both records lead here, one by a name with a dot", lambda p: with_other_region(p).put("record-west", "name", "api.example.com.").put("record-west", "records", ["us-east-1.api.example.com"]), {"DNS-03"}),
    ("both records lead out of view", lambda p: with_other_region(p).put("record", "records", ["elsewhere.example.net"]).put("record-west", "records", ["elsewhere.example.org"]), {"DNS-03?"}),
    ("both records lead here", lambda p: with_other_region(p).put("record-west", "records", ["us-east-1.api.example.com"]), {"DNS-03"}),
    ("both regions' names lead here", lambda p: with_other_region(p).point("regional-west", "aliases", "balancer"), {"DNS-03"}),
    ("both records lead to names of the other region", lambda p: with_other_region(p).point("regional", "aliases", "balancer-west"), {"DNS-03"}),
    ("latency of one region twice", lambda p: shared(with_other_region(p), "latencyRoutingPolicies", latencyRoutingPolicies=[{"region": "us-east-1"}]).add("share-2", Thing(RECORD, {**p.things["share"].props, "setIdentifier": "2", "records": ["us-west-2.api.example.com"]}, {"healthCheckId": ["region-check"]})), {"DNS-03"}),
    ("near to one region twice", lambda p: shared(with_other_region(p), **NEAR).add("share-2", Thing(RECORD, {**p.things["share"].props, "setIdentifier": "2", "records": ["us-west-2.api.example.com"]}, {"healthCheckId": ["region-check"]})), {"DNS-03"}),
    ("by who asks to one region twice", lambda p: shared(with_other_region(p), **BY_ADDRESS).add("share-2", Thing(RECORD, {**p.things["share"].props, "setIdentifier": "2", "records": ["regional.example.com"]}, {"healthCheckId": ["region-check"]})).add("regional-2", Thing(RECORD, {**p.things["regional"].props, "name": "regional.example.com"}, {"aliases": ["balancer"]})), {"DNS-03"}),
    ("near to one region, and to one unknown", lambda p: shared(with_other_region(p), **NEAR).add("share-2", Thing(RECORD, {**p.things["share"].props, "setIdentifier": "2", "records": ["us-west-2.api.example.com"], "geoproximityRoutingPolicy": {"awsRegion": UNKNOWN_TEXT}}, {"healthCheckId": ["region-check"]})), {"DNS-03?"}),
    ("a plan's records lead to one name of both regions", lambda p: switched(p).put("switch-us-east-1", "records", ["api.example.com"]).put("switch-us-west-2", "records", ["api.example.com"]), {"DNS-03"}),
    ("a record that leads to itself", lambda p: p.put("record", "records", ["api.example.com"]), {"DNS-03?"}),
    ("secondary leads out of view", lambda p: with_other_region(p).put("record-west", "records", ["elsewhere.example.org"]), {"DNS-03?"}),
    # DNS-06
    ("check of the front page", lambda p: p.put("check", "resourcePath", "/"), {"DNS-06"}),
    ("check of no path", lambda p: p.delete("check", "resourcePath"), {"DNS-06"}),
    ("check of an empty path", lambda p: p.put("check", "resourcePath", ""), {"DNS-06"}),
    ("check's path unknown", lambda p: p.hide("check", "resourcePath"), {"DNS-06?"}),
    # DNS-07
    ("check every half minute", lambda p: p.put("check", "requestInterval", 30), {"DNS-07"}),
    ("time promised off by one", lambda p: p.put("check", "requestInterval", 30).put("check", "failureThreshold", 1).put("record", "ttl", 55), {"DNS-07"}),
    ("a record kept for minutes", lambda p: p.put("record", "ttl", 300), {"DNS-04", "DNS-07"}),
    ("a slow check that a record follows directly", lambda p: p.put("check", "requestInterval", 30).point("record", "healthCheckId", "check"), {"DNS-07", "DNS-10"}),
    ("check by default", lambda p: p.delete("check", "requestInterval").delete("check", "failureThreshold"), {"DNS-07"}),
    ("slow check of an alias", lambda p: p.delete("record", "ttl").delete("record", "records").put("record", "aliases", [{"name": UNKNOWN_TEXT, "evaluateTargetHealth": False}]).put("check", "requestInterval", 30), {"DNS-07"}),
    ("slow check of a shared name", lambda p: shared(p).add("slow", Thing("aws:route53/healthCheck:HealthCheck", {"type": "HTTPS", "resourcePath": "/ready", "requestInterval": 30, "failureThreshold": 2})).add("slow-region", Thing("aws:route53/healthCheck:HealthCheck", {"type": "CALCULATED", "childHealthThreshold": 2, "childHealthchecks": [UNKNOWN_TEXT] * 2}, {"childHealthchecks": ["slow", "alarm-check"]})).point("share", "healthCheckId", "slow-region"), {"DNS-07"}),
    ("check's interval unknown", lambda p: p.hide("check", "requestInterval"), {"DNS-05?", "DNS-07?"}),
    ("check's timing unknown", lambda p: p.hide("check", "requestInterval").hide("check", "failureThreshold"), {"DNS-05?", "DNS-07?"}),
    ("one probe unknown and one slow", lambda p: p.hide("check", "requestInterval").add("check-2", Thing("aws:route53/healthCheck:HealthCheck", {**p.things["check"].props, "requestInterval": 30})).put("region-check", "childHealthThreshold", 3).put("region-check", "childHealthchecks", [UNKNOWN_TEXT] * 3).point("region-check", "childHealthchecks", "check", "check-2", "alarm-check"), {"DNS-05?", "DNS-07?", "DNS-07"}),
    ("one probe of no number and one slow", lambda p: p.put("check", "requestInterval", "fast").add("check-2", Thing("aws:route53/healthCheck:HealthCheck", {**p.things["check"].props, "requestInterval": 30})).put("region-check", "childHealthThreshold", 3).put("region-check", "childHealthchecks", [UNKNOWN_TEXT] * 3).point("region-check", "childHealthchecks", "check", "check-2", "alarm-check"), {"DNS-05", "DNS-07"}),
    # DNS-08
    ("weighted and unchecked", lambda p: shared(p, healthCheckId=None), {"DNS-08"}),
    ("nearest and unchecked", lambda p: shared(p, "latencyRoutingPolicies", latencyRoutingPolicies=[{"region": "us-east-1"}], healthCheckId=None), {"DNS-08"}),
    ("one of several values and unchecked", lambda p: p.add("value", Thing(RECORD, {"name": "v.example.com", "type": "A", "records": ["203.0.113.7"], "ttl": 30, "multivalueAnswerRoutingPolicy": True})), {"DNS-08"}),
    ("one of several values or not unknown, and unchecked", lambda p: p.add("value", Thing(RECORD, {"name": "v.example.com", "type": "A", "records": ["203.0.113.7"], "ttl": 30, "multivalueAnswerRoutingPolicy": UNKNOWN_TEXT})), {"DNS-08?"}),
    ("near and unchecked", lambda p: shared(p, **NEAR, healthCheckId=None), {"DNS-08"}),
    ("chosen by who asks and unchecked", lambda p: shared(p, **BY_ADDRESS, healthCheckId=None), {"DNS-08"}),
    ("weighted or not unknown, and unchecked", lambda p: shared(p, weightedRoutingPolicies=UNKNOWN_TEXT, healthCheckId=None), {"DNS-08?"}),
    ("weighted alias that does not look", lambda p: shared(p, healthCheckId=None, records=None, ttl=None, aliases=[{"name": "a", "evaluateTargetHealth": False}]), {"DNS-08"}),
    ("weighted and its check not in view", lambda p: shared(p).cut("share", "healthCheckId"), {"DNS-07?", "DNS-08?", "DNS-10?"}),
    # DNS-10
    ("region judged by a probe alone", lambda p: p.point("record", "healthCheckId", "check"), {"DNS-10"}),
    ("region judged by an alarm alone", lambda p: p.point("record", "healthCheckId", "alarm-check"), {"DNS-10"}),
    ("region judged by probes alone", lambda p: p.point("region-check", "childHealthchecks", "check", "check-2").add("check-2", Thing("aws:route53/healthCheck:HealthCheck", p.things["check"].props)), {"DNS-10"}),
    ("shared name judged by a probe alone", lambda p: shared(p).point("share", "healthCheckId", "check"), {"DNS-10"}),
    ("other stack's record judged by a probe of this one", lambda p: with_other_region(p).put("check", "id", "hc-2").put("record-west", "healthCheckId", "hc-2"), {"DNS-10"}),
    ("region judged by a check of what type unknown", lambda p: turned(p).put("by-hand", "type", UNKNOWN_TEXT), {"DNS-05?", "DNS-06?", "DNS-07?", "DNS-10?", "DNS-11?", "DNS-12?"}),
    ("a child not in view", lambda p: p.point("region-check", "childHealthchecks", "check"), {"DNS-10?"}),
    # DNS-11
    ("one healthy child is enough", lambda p: p.put("region-check", "childHealthThreshold", 1), {"DNS-11"}),
    ("more healthy children than there are", lambda p: p.put("region-check", "childHealthThreshold", 3), {"DNS-11"}),
    ("no healthy child needed", lambda p: p.put("region-check", "childHealthThreshold", 0), {"DNS-11"}),
    ("calculated of nothing", lambda p: p.put("region-check", "childHealthThreshold", 0).put("region-check", "childHealthchecks", []).cut("region-check", "childHealthchecks"), {"DNS-10", "DNS-11"}),
    ("no threshold of children", lambda p: p.delete("region-check", "childHealthThreshold"), {"DNS-11"}),
    ("children unknown", lambda p: p.hide("region-check", "childHealthchecks"), {"DNS-11?"}),
    ("calculated of one probe", lambda p: p.put("region-check", "childHealthThreshold", 1).put("region-check", "childHealthchecks", [UNKNOWN_TEXT]).point("region-check", "childHealthchecks", "check"), {"DNS-10"}),
    # DNS-12
    ("no data is ill", lambda p: p.put("alarm-check", "insufficientDataHealthStatus", "Unhealthy"), {"DNS-12"}),
    ("no data is well", lambda p: p.put("alarm-check", "insufficientDataHealthStatus", "Healthy"), {"DNS-12"}),
    ("no data is nobody's business", lambda p: p.delete("alarm-check", "insufficientDataHealthStatus"), {"DNS-12"}),
    ("meaning of no data unknown", lambda p: p.hide("alarm-check", "insufficientDataHealthStatus"), {"DNS-12?"}),
]  # fmt: skip

GOOD: list[Mutant] = [
    ("alias that looks at its target", lambda p: p.delete("record", "healthCheckId").delete("record", "ttl").cut("record", "healthCheckId").put("record", "aliases", [{"evaluateTargetHealth": True}]), set()),
    ("secondary record unchecked", lambda p: p.put("record", "failoverRoutingPolicies", [{"type": "SECONDARY"}]).delete("record", "healthCheckId").cut("record", "healthCheckId"), set()),
    ("slow record that never moves", lambda p: p.add("still", Thing(RECORD, {"name": "docs.example.com", "type": "CNAME", "ttl": 300, "records": ["x"]})), set()),
    ("check by calculation, inverted", lambda p: p.put("region-check", "invertHealthcheck", True), set()),
    ("names of both regions", with_other_region, set()),
    ("check that opens a connection only", lambda p: p.put("check", "type", "TCP").delete("check", "resourcePath"), set()),
    ("three failures of ten seconds, and a minute", lambda p: p.put("check", "failureThreshold", 3).put("record", "ttl", 60), set()),
    ("shared name", shared, set()),
    ("shared by an alias that looks", lambda p: shared(p, healthCheckId=None, records=None, ttl=None, aliases=[{"name": "a", "evaluateTargetHealth": True}]), set()),
    ("shared by latency", lambda p: shared(p, "latencyRoutingPolicies", latencyRoutingPolicies=[{"region": "us-east-1"}]), set()),
    ("just within the time promised", lambda p: p.delete("check", "requestInterval").put("check", "failureThreshold", 1).put("record", "ttl", 54), set()),
    ("check from three regions", lambda p: p.put("check", "regions", ["us-east-1", "us-west-2", "eu-west-1"]), set()),
    ("one failure is enough", lambda p: p.put("check", "failureThreshold", 1), set()),
    ("a record that never moves may have any check", lambda p: p.add("still", Thing(RECORD, {"name": "docs.example.com", "type": "CNAME", "ttl": 300, "records": ["x"], "healthCheckId": UNKNOWN_TEXT}, {"healthCheckId": ["check"]})), set()),
    ("pairs in a public and a private zone, not known yet", lambda p: horizons(p, "zone", "inner"), set()),
    ("pair in a zone not known yet", lambda p: in_zones(with_other_region(p), record="zone", **{"record-west": "zone"}), set()),
    ("pairs of two types", lambda p: again(p, "type", "AAAA"), set()),
    ("pairs in two zones", lambda p: again(p.put("record", "zoneId", "Z1"), "zoneId", "Z2"), set()),
    ("one name in two zones", lambda p: with_other_region(p).put("record", "zoneId", "Z1").put("record-west", "zoneId", "Z1").add("inside", Thing(RECORD, {"name": "api.example.com", "type": "CNAME", "zoneId": "Z2", "ttl": 30, "records": ["x"]})), set()),
    ("name that a plan switches, over both regions", switched, set()),
    ("regional names not known yet", lambda p: with_other_region(p).put("record", "records", [UNKNOWN_TEXT]).point("record", "records", "regional").put("record-west", "records", [UNKNOWN_TEXT]).point("record-west", "records", "regional-west"), set()),
    ("check of another stack", from_elsewhere, set()),
    ("region whose routing control is turned", turned, set()),
    ("near to both regions", lambda p: shared(with_other_region(p), **NEAR).add("share-2", Thing(RECORD, {**p.things["share"].props, "setIdentifier": "2", "records": ["us-west-2.api.example.com"], "geoproximityRoutingPolicy": {"awsRegion": "us-west-2"}}, {"healthCheckId": ["region-check"]})), set()),
    ("one value for ever", lambda p: shared(p, **NONE, ttl=300, healthCheckId=None), set()),
]  # fmt: skip

EVIDENCE: dict[str, set[str]] = {
    "pairs in zones that nobody can tell apart": {'DNS-01: records of "api.example.com": record in primary; a zoneId or type is not known yet, and so whether this is beside record-2 in primary, record-west in primary, record-west-2 in primary'},
    "long TTL, and whether it moves unknown": {"DNS-04: weightedRoutingPolicies is not known yet, and so whether it matters that ttl is 61; it must be at most 60"},
    "region whose routing control is turned": {"DNS-10: by-hand is a routing control's: who turns that judges"},
    "unchecked, and of two roles that are unknown": {"DNS-02: failoverRoutingPolicies[0].type is not known yet, and so whether it is PRIMARY"},
    "check by default": {"DNS-05: failureThreshold is 3 by default", "DNS-07: 30 s x (3 + 1) of check + 6 s + TTL of 30 s = 156 s; it must be at most 120 s"},
    "neither primary nor secondary": {'DNS-01: records of "api.example.com": record in primary, record-west in secondary; no PRIMARY or SECONDARY in the stacks primary, secondary'},
    "no secondary in either stack": {'DNS-01: records of "api.example.com": record in primary; no SECONDARY in the stacks primary, secondary'},
    "both records lead here, one by a name with a dot": {
        'DNS-01: records of "api.example.com": record in primary, record-west in secondary',
        'DNS-03: regions that "api.example.com" leads to: us-east-1; two records of it have the same target, us-east-1.api.example.com, us-east-1.api.example.com',
    },
    "both records lead out of view": {'DNS-03: regions that "api.example.com" leads to: none; record leads to elsewhere.example.net, which is not in view'},
    "slow check of an alias": {"DNS-07: 30 s x (2 + 1) of check + 6 s + TTL of 60 s = 156 s; it must be at most 120 s"},
    "check's type unknown": {"DNS-07: type of check or of the record is not known yet"},
    "check's timing unknown": {"DNS-07: requestInterval of check or of the record is not known yet"},
    "name that a plan switches, over both regions": {'DNS-08: it leads to "switch.example.com", whose records decide'},
    "calculated of nothing": {'DNS-10: region-check is "CALCULATED", of none; it must be CALCULATED, of a probe and a CLOUDWATCH_METRIC check'},
    "children unknown": {"DNS-11: childHealthchecks is not known yet"},
}  # fmt: skip
"""Where it would be false to say anything else."""
