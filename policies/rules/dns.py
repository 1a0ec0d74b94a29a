"""Route 53: names that leave a dead region by themselves, and fast."""

from policies.registry import (
    Option,
    Options,
    Scope,
    Severity,
    Verdicts,
    fails,
    holds,
    is_not_true,
    passes,
    rule,
    unproven,
)
from resilience.graph import Graph, Resource

RECORD = "aws:route53/record:Record"
HEALTH_CHECK = "aws:route53/healthCheck:HealthCheck"
ZONE = "aws:route53/zone:Zone"
MOVING = ("failoverRoutingPolicies", "weightedRoutingPolicies", "latencyRoutingPolicies", "geolocationRoutingPolicies")
"""What makes a record one of several that take over from each other."""
PROBING = ("HTTP", "HTTPS", "HTTP_STR_MATCH", "HTTPS_STR_MATCH", "TCP")
"""Health checks that probe an endpoint, with an interval and a threshold; the others follow alarms or other checks."""


@rule(
    "DNS-02",
    title="A primary failover record has a health check",
    why="A PRIMARY without one counts as healthy for ever: nobody is ever sent to the other region.",
    fix="health_check_id=aws.route53.HealthCheck(...).id on the record, or evaluate_target_health=True on its alias",
    severity=Severity.CRITICAL,
    scope=Scope.STACK,
    types=[RECORD],
)
def primary_is_checked(record: Resource, graph: Graph, _: Options) -> Verdicts:
    """Find the health check, by its edge or given id, or the alias' own."""
    roles = [policy.field("type") for policy in record.read("failoverRoutingPolicies").each()]
    if not any(role.unknown or role.content == "PRIMARY" for role in roles):
        return
    checks = graph.targets(record, "healthCheckId", HEALTH_CHECK)
    aliases = [alias.field("evaluateTargetHealth") for alias in record.read("aliases").each()]
    given = record.read("healthCheckId")
    if checks:
        yield passes(f"healthCheckId is {checks[0].name}")
    elif given.known and given.content:
        yield passes("healthCheckId is set")
    elif any(alias.content is True for alias in aliases):
        yield passes("evaluateTargetHealth is true")
    elif given.unknown or any(alias.unknown for alias in aliases):
        yield unproven("healthCheckId is not known yet, and leads to no health check in view")
    elif all(role.unknown for role in roles):
        yield unproven(f"{roles[0].path} is not known yet, and so whether it is PRIMARY")
    else:
        yield fails("healthCheckId is not set, and no alias has evaluateTargetHealth")


@rule(
    "DNS-04",
    title="Records that move are kept by resolvers for a minute at most",
    why="A resolver sends clients to the dead region until the TTL is over, however fast the health check is.",
    fix="ttl=60 or less on the record",
    severity=Severity.HIGH,
    scope=Scope.RESOURCE,
    types=[RECORD],
    options={"maxSeconds": Option(60, 1, 3600, "Longest TTL of a record with a routing policy.")},
)
def time_to_live(record: Resource, _: Graph, options: Options) -> Verdicts:
    """Compare the TTL with what is wanted; an alias has its target's."""
    policies = [record.read(policy) for policy in MOVING]
    if not any(policy.unknown or policy.each() for policy in policies) or record.read("aliases").each():
        return
    seconds = options["maxSeconds"]
    yield holds(record.read("ttl"), lambda ttl: ttl <= seconds, f"at most {seconds}")


@rule(
    "DNS-05",
    title="A health check is fast, asks from several regions, and is on",
    why="A slow check adds minutes to every failover; one that is off, inverted or asks from too few places fails over "
    "for the wrong reasons, or never.",
    fix="request_interval=10, failure_threshold=2, three regions or none named, no disabled or invert_healthcheck",
    severity=Severity.HIGH,
    scope=Scope.RESOURCE,
    types=[HEALTH_CHECK],
)
def health_check(check: Resource, _: Graph, __: Options) -> Verdicts:
    """Look at everything that slows it down or turns it off."""
    yield is_not_true(check.read("disabled"))
    kind = check.read("type")
    if kind.unknown:
        yield unproven("type is not known yet")
        return
    if kind.content not in PROBING:
        return
    yield is_not_true(check.read("invertHealthcheck"))
    yield holds(check.read("failureThreshold"), lambda number: 1 <= number <= 3, "1 to 3", default=3)
    yield holds(check.read("requestInterval"), lambda seconds: seconds in (10, 30), "10 or 30", default=30)
    regions = check.read("regions")
    if regions.unknown:
        yield unproven("regions is not known yet; it must be left out or name at least 3")
    elif regions.each() and len(regions.each()) < 3:
        yield fails(f"regions is {regions.shown()}; it must be left out or name at least 3")


@rule(
    "DNS-09",
    title="A hosted zone with records cannot be deleted",
    why="A deleted zone takes every name with it; made anew it has other name servers, and the registrar's still "
    "point at the old ones.",
    fix="leave force_destroy out of aws.route53.Zone",
    severity=Severity.CRITICAL,
    scope=Scope.RESOURCE,
    types=[ZONE],
)
def zone_deletion(zone: Resource, _: Graph, __: Options) -> Verdicts:
    """It must not be forced; protect is STK-01's."""
    yield is_not_true(zone.read("forceDestroy"))
