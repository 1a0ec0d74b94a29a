"""Route 53: names that leave a dead region by themselves, and fast."""

from functools import lru_cache

from policies.registry import (
    Option,
    Options,
    Outcome,
    Scope,
    Severity,
    Verdict,
    Verdicts,
    fails,
    holds,
    is_not_true,
    passes,
    rule,
    unproven,
)
from resilience.graph import Graph, Read, Resource
from resilience.selectors import every

RECORD = "aws:route53/record:Record"
HEALTH_CHECK = "aws:route53/healthCheck:HealthCheck"
ZONE = "aws:route53/zone:Zone"
PLAN = "aws:arcregionswitch/plan:Plan"
"""A plan of ARC Region switch has health checks of its own, in an account of AWS'."""
BALANCERS = ("aws:lb/loadBalancer:LoadBalancer", "aws:alb/loadBalancer:LoadBalancer")
SHARING = (
    "weightedRoutingPolicies",
    "latencyRoutingPolicies",
    "geolocationRoutingPolicies",
    "geoproximityRoutingPolicy",
    "cidrRoutingPolicy",
)
MOVING = ("failoverRoutingPolicies", *SHARING)
"""What makes a record one of several that take over from each other."""
SEVERAL = "multivalueAnswerRoutingPolicy"
"""Of several values a resolver gets up to eight that are healthy."""
ALIAS_SECONDS = 60
"""TTL of an alias to a load balancer: Route 53 Developer Guide, "Choosing between alias and non-alias records"."""
ANSWER_SECONDS = 6
"""A checker gives up on a connection after 4 s and on an answer after 2 more: Route 53 Developer
Guide, "How Route 53 determines whether a health check is healthy"."""
PROBING = ("HTTP", "HTTPS", "HTTP_STR_MATCH", "HTTPS_STR_MATCH", "TCP")
"""Health checks that probe an endpoint, with an interval and a threshold; the others follow alarms or other checks."""
BY_HAND = "RECOVERY_CONTROL"
"""A health check that is as a routing control of ARC is turned, by people or by what they run."""


@rule(
    "DNS-02",
    title="A primary failover record has a health check",
    why="A PRIMARY without one counts as healthy for ever: nobody is ever sent to the other region.",
    fix="health_check_id=aws.route53.HealthCheck(...).id on the record, or evaluate_target_health=True on its alias",
    severity=Severity.CRITICAL,
    scope=Scope.STACK,
    types=[RECORD],
    frameworks=["AWS Well-Architected REL11-BP02"],
)
def primary_is_checked(record: Resource, graph: Graph, _: Options) -> Verdicts:
    """Find the health check, by its edge or given id, or the alias' own."""
    roles = [policy.field("type") for policy in record.read("failoverRoutingPolicies").each()]
    if not any(role.unknown or role.content == "PRIMARY" for role in roles):
        return
    verdict = _checked(record, graph)
    if verdict.outcome is Outcome.FAIL and all(role.unknown for role in roles):
        yield unproven(f"{roles[0].path} is not known yet, and so whether it is PRIMARY")
    else:
        yield verdict


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
    moving, aliases = _policies(record, (*MOVING, SEVERAL)), record.read("aliases")
    if not moving or (aliases.known and aliases.each()):
        return
    seconds = options["maxSeconds"]
    verdict = _if_any(moving, holds(record.read("ttl"), lambda ttl: ttl <= seconds, f"at most {seconds}"))
    yield _if_any([aliases], verdict) if aliases.unknown else verdict


@rule(
    "DNS-05",
    title="A health check is fast, asks from several regions, and is on",
    why="A slow check adds minutes to every failover; one that is off, inverted or asks from too few places fails over "
    "for the wrong reasons, or never.",
    fix="request_interval=10, failure_threshold=2, three regions or none named, no disabled or invert_healthcheck",
    severity=Severity.HIGH,
    scope=Scope.RESOURCE,
    types=[HEALTH_CHECK],
    frameworks=["AWS Well-Architected REL11-BP01"],
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


@rule(
    "DNS-01",
    title="Failover records come as one primary and one secondary",
    why="A PRIMARY alone answers with a dead region. Of two with one identifier the second replaces the first.",
    fix='failover_routing_policies of type "PRIMARY" and "SECONDARY" for one name, with a set_identifier each',
    severity=Severity.CRITICAL,
    scope=Scope.STACKS,
    types=[RECORD],
    frameworks=["AWS Well-Architected REL11-BP02"],
)
def pairs(record: Resource, graph: Graph, _: Options) -> Verdicts:
    """Look at all failover records of its name, in all stacks in view; the first speaks for all."""
    alike, unsure = _alike(record, graph, ("failoverRoutingPolicies",))
    if not alike or alike[0] is not record:
        return
    reads = [policy.field("type") for each in alike for policy in each.read("failoverRoutingPolicies").each()]
    identifiers = [each.read("setIdentifier") for each in alike]
    roles = sorted(str(read.content) for read in reads if read.known)
    seen = f"records of {record.read('name').shown()}: {', '.join(f'{each.name} in {each.stack}' for each in alike)}"
    missing = [role for role in ("PRIMARY", "SECONDARY") if role not in roles]
    named = [str(read.content) for read in identifiers if read.known]
    if len(roles) > len(set(roles)) or len(named) > len(set(named)):
        yield fails(f"{seen}; their types are {', '.join(roles)} and their identifiers {', '.join(named)}, one twice")
    elif any(read.missing for read in identifiers):
        yield fails(f"{seen}; setIdentifier of one is not set")
    elif unsure:
        yield unproven(f"{seen}; {_not_told_apart(unsure)}")
    elif any(read.unknown for read in (*reads, *identifiers)) or record.read("name").unknown:
        yield unproven(f"{seen}; a name, a type or an identifier is not known yet")
    elif missing and len(graph.stacks) == 1:
        yield unproven(f"{seen}; no {' or '.join(missing)} there, and other stacks than {record.stack} are not in view")
    elif missing:
        yield fails(f"{seen}; no {' or '.join(missing)} in the stacks {', '.join(graph.stacks)}")
    else:
        yield passes(seen)


@rule(
    "DNS-03",
    title="Records that take over from each other lead to two regions",
    why="Two records that end in one region move nobody anywhere: the health check fails over, everything says that "
    "it worked, and users meet the same dead region.",
    fix="records (or aliases) with each region's own name or load balancer",
    severity=Severity.CRITICAL,
    scope=Scope.STACKS,
    types=[RECORD],
    frameworks=["AWS Well-Architected REL10-BP01"],
)
def two_regions(record: Resource, graph: Graph, _: Options) -> Verdicts:
    """Follow all records of its name to load balancers, by way of other names; the first speaks for all."""
    alike, unsure = _alike(record, graph, MOVING)
    if not alike or alike[0] is not record:
        return
    targets = [_target(each) for each in alike]
    regions: set[str] = set()
    doubts: list[str] = []
    for each in alike:
        found, hidden = _regions(each, graph)
        regions |= found
        doubts += hidden
    seen = f"regions that {record.read('name').shown()} leads to: {', '.join(sorted(regions)) or 'none'}"
    known = [target for target in targets if target]
    if len(known) > len(set(known)):
        yield fails(f"{seen}; two records of it have the same target, {', '.join(sorted(known))}")
    elif unsure:
        yield unproven(f"{seen}; {_not_told_apart(unsure)}")
    elif len(regions) >= 2:
        yield passes(seen)
    elif doubts:
        yield unproven(f"{seen}; {doubts[0]}")
    elif len(graph.stacks) == 1:
        yield unproven(f"{seen}; records of other stacks than {record.stack} are not in view")
    else:
        yield fails(f"{seen}; there must be at least 2")


@rule(
    "DNS-06",
    title="A health check asks for a path that fails when the region cannot serve",
    why="The front page, or any page of a load balancer, answers while nothing behind it works.",
    fix='resource_path="/api/health" or another path that needs what clients need',
    severity=Severity.HIGH,
    scope=Scope.RESOURCE,
    types=[HEALTH_CHECK],
    frameworks=["AWS Well-Architected REL11-BP01"],
)
def health_path(check: Resource, _: Graph, __: Options) -> Verdicts:
    """Look at the path of checks by HTTP."""
    kind = check.read("type")
    if kind.unknown:
        yield unproven("type is not known yet, and so whether it asks for a path")
    elif kind.content in PROBING and kind.content != "TCP":
        wanted = "a path of its own"
        yield holds(check.read("resourcePath"), lambda path: path not in ("", "/"), wanted)


@rule(
    "DNS-07",
    title="A dead region is left within the time that is promised",
    why="Route 53 needs so many failed checks, and resolvers keep the old answer until its TTL is over: what is "
    "promised to clients is the sum.",
    fix="request_interval=10 with failure_threshold and ttl so that 10 x (threshold + 1) + 6 + ttl is within it",
    severity=Severity.HIGH,
    scope=Scope.STACKS,
    types=[RECORD],
    options={"maxSeconds": Option(120, 20, 3600, "Longest time until resolvers get the other region's answer.")},
)
def detection(record: Resource, graph: Graph, options: Options) -> Verdicts:
    """Add interval, threshold and TTL of the slowest check that moves it; a plan's checks wait for a run."""
    if not _follows_check(record, graph):
        return
    found = _checks(record, graph)
    if not found:
        yield unproven("healthCheckId leads to no health check in view, so its timing is not known")
    alias = bool(record.read("aliases").each())
    ttl = record.read("ttl")
    for check in found:
        for probe in _probes(check, graph):
            interval, threshold = probe.read("requestInterval"), probe.read("failureThreshold")
            hidden = [read.path for read in (probe.read("type"), interval, threshold, ttl) if read.unknown]
            if hidden:
                yield unproven(f"{hidden[0]} of {probe.name} or of the record is not known yet")
                continue
            parts = [interval.content or 30, threshold.content or 3, ALIAS_SECONDS if alias else ttl.content]
            if not all(isinstance(part, int) for part in parts):
                # A TTL that is left out is DNS-04's, an interval of the wrong type DNS-05's.
                continue
            seconds, failures, kept = parts
            worst = seconds * (failures + 1) + ANSWER_SECONDS + kept
            shown = f"{seconds} s x ({failures} + 1) of {probe.name} + {ANSWER_SECONDS} s + TTL of {kept} s = {worst} s"
            wanted = options["maxSeconds"]
            yield passes(shown) if worst <= wanted else fails(f"{shown}; it must be at most {wanted} s")


@rule(
    "DNS-08",
    title="Records that share a name have health checks",
    why="A weighted or latency record without one gets its share of the clients, dead or alive.",
    fix="health_check_id=aws.route53.HealthCheck(...).id on the record, or evaluate_target_health=True on its alias",
    severity=Severity.CRITICAL,
    scope=Scope.STACK,
    types=[RECORD],
    frameworks=["AWS Well-Architected REL11-BP02"],
)
def sharers_are_checked(record: Resource, graph: Graph, _: Options) -> Verdicts:
    """Find the health check; a name whose own records decide by health needs none."""
    sharing = _policies(record, (*SHARING, SEVERAL))
    if not sharing:
        return
    verdict = _checked(record, graph)
    chosen = sorted({each.read("name").shown() for each in _named(record, graph) if _moves(each)})
    if verdict.outcome is Outcome.FAIL and chosen:
        yield passes(f"it leads to {', '.join(chosen)}, whose records decide")
    else:
        yield _if_any(sharing, verdict)


@rule(
    "DNS-10",
    title="A region is judged by a probe and by alarms together",
    why="A probe sees that the front answers, and not that the database behind it lost its writer; an alarm sees that, "
    "and not that nobody can reach it.",
    fix='aws.route53.HealthCheck of type "CALCULATED" whose child_healthchecks are a probe and one "CLOUDWATCH_METRIC" '
    "for each alarm (components: RegionHealth)",
    severity=Severity.HIGH,
    scope=Scope.STACKS,
    types=[RECORD],
)
def judged_by_both(record: Resource, graph: Graph, _: Options) -> Verdicts:
    """Look at the children of the check that moves it."""
    if not _follows_check(record, graph):
        return
    found = _checks(record, graph)
    if not found:
        yield unproven("healthCheckId leads to no health check in view")
    for check in found:
        children = graph.targets(check, "childHealthchecks", HEALTH_CHECK)
        kinds = [each.read("type") for each in children]
        probed = any(kind.content in PROBING for kind in kinds)
        alarmed = any(kind.content == "CLOUDWATCH_METRIC" for kind in kinds)
        unseen = check.read("childHealthchecks")
        seen = f"{check.name} is {check.read('type').shown()}, of {', '.join(each.name for each in children) or 'none'}"
        if probed and alarmed:
            yield passes(seen)
        elif check.read("type").content == BY_HAND:
            yield passes(f"{check.name} is a routing control's: who turns that judges")
        elif check.read("type").unknown or any(kind.unknown for kind in kinds):
            yield unproven(f"{seen}; the type of one is not known yet")
        elif len([each for each in unseen.each() if each.content != ""]) > len(children):
            yield unproven(f"{seen}; childHealthchecks leads to others that are not in view")
        else:
            yield fails(f"{seen}; it must be CALCULATED, of a probe and a CLOUDWATCH_METRIC check")


@rule(
    "DNS-11",
    title="A calculated check fails with each of its children",
    why="With a lower threshold one dead part is outvoted by others that are well; with a higher one the region is "
    "never healthy.",
    fix="child_health_threshold=len(child_healthchecks)",
    severity=Severity.HIGH,
    scope=Scope.RESOURCE,
    types=[HEALTH_CHECK],
)
def unanimous(check: Resource, _: Graph, __: Options) -> Verdicts:
    """Compare the threshold with the number of children."""
    kind, children = check.read("type"), check.read("childHealthchecks")
    if kind.unknown or (kind.content == "CALCULATED" and children.unknown):
        yield unproven(f"{(kind if kind.unknown else children).path} is not known yet")
    elif kind.content == "CALCULATED":
        number = len(children.each())
        threshold = check.read("childHealthThreshold")
        yield holds(threshold, lambda value: value == number > 0, f"{number}, the number of its children")


@rule(
    "DNS-12",
    title="An alarm without data moves nobody",
    why="Metrics are missing for minutes when CloudWatch is late. Counted as ill, that moves every client for nothing; "
    "counted as well, it keeps them in a region that was ill a moment ago.",
    fix='insufficient_data_health_status="LastKnownStatus"',
    severity=Severity.MEDIUM,
    scope=Scope.RESOURCE,
    types=[HEALTH_CHECK],
)
def without_data(check: Resource, _: Graph, __: Options) -> Verdicts:
    """It must be said, for checks that follow an alarm."""
    kind = check.read("type")
    if kind.unknown:
        yield unproven("type is not known yet, and so whether it follows an alarm")
    elif kind.content == "CLOUDWATCH_METRIC":
        status = check.read("insufficientDataHealthStatus")
        yield holds(status, lambda value: value == "LastKnownStatus", '"LastKnownStatus"')


def _policies(record: Resource, names: tuple[str, ...]) -> list[Read]:
    """Those of its routing policies that are set, or may be: lists, objects, and one that is a truth."""
    return [
        read for read in map(record.read, names) if read.unknown or read.content not in (None, [], {}, False, "false")
    ]


def _if_any(policies: list[Read], verdict: Verdict) -> Verdict:
    """A verdict on what has a routing policy, where that may not be known yet."""
    if verdict.outcome is Outcome.FAIL and all(policy.unknown for policy in policies):
        return unproven(f"{policies[0].path} is not known yet, and so whether it matters that {verdict.evidence}")
    return verdict


def _moves(record: Resource) -> bool:
    return bool(_policies(record, MOVING))


def _follows_check(record: Resource, graph: Graph) -> bool:
    """Whether a record moves by a health check, and not when a plan is run."""
    given = record.read("healthCheckId")
    return _moves(record) and bool(given.unknown or given.content) and not graph.targets(record, "healthCheckId", PLAN)


def _checked(record: Resource, graph: Graph) -> Verdict:
    """Whether something can say that a record's target is ill: a health check, a plan, or its alias' own."""
    checks = graph.targets(record, "healthCheckId", HEALTH_CHECK, PLAN)
    aliases = [alias.field("evaluateTargetHealth") for alias in record.read("aliases").each()]
    given = record.read("healthCheckId")
    if checks and not given.missing:
        return passes(f"healthCheckId is of {', '.join(each.name for each in checks)}")
    if given.known and given.content:
        return passes("healthCheckId is set")
    if any(alias.content is True for alias in aliases):
        return passes("evaluateTargetHealth is true")
    if given.unknown or any(alias.unknown for alias in aliases):
        return unproven("healthCheckId is not known yet, and leads to no health check in view")
    return fails("healthCheckId is not set, and no alias has evaluateTargetHealth")


def _checks(record: Resource, graph: Graph) -> tuple[Resource, ...]:
    """Health checks that move a record, in its own stack by edges, in others by id."""
    given = record.read("healthCheckId")
    return graph.targets(record, "healthCheckId", HEALTH_CHECK) or tuple(
        each
        for each in graph.of(HEALTH_CHECK)
        if given.known and each.stack != record.stack and each.read("id").content == given.content
    )


def _probes(check: Resource, graph: Graph) -> tuple[Resource, ...]:
    """The check itself, or those of its children that probe an endpoint, or may."""

    def may_probe(each: Resource) -> bool:
        return each.read("type").unknown or each.read("type").content in PROBING

    children = graph.targets(check, "childHealthchecks", HEALTH_CHECK)
    return (check,) if may_probe(check) else tuple(child for child in children if may_probe(child))


def _alike(record: Resource, graph: Graph, policies: tuple[str, ...]) -> tuple[list[Resource], list[Resource]]:
    """Records of its name, type and zone that have such a policy too, itself among them, and those that may be.

    None if it has none itself.
    """
    if not _policies(record, policies):
        return [], []
    name = record.read("name")
    near = _by_name(graph).get(_plain(name), []) if name.known else []
    answers = {each: _is_alike(record, each, graph) for each in near if _policies(each, policies)} | {record: True}
    found = sorted(answers, key=lambda each: each.urn)
    return [each for each in found if answers[each]], [each for each in found if answers[each] is None]


def _is_alike(record: Resource, other: Resource, graph: Graph) -> bool | None:
    types, zones = ([each.read(property_) for each in (record, other)] for property_ in ("type", "zoneId"))
    same_type = None if any(type_.unknown for type_ in types) else types[0].content == types[1].content
    if any(zone.missing for zone in zones):
        return same_type
    if all(zone.known for zone in zones):
        return every([same_type, zones[0].content == zones[1].content])
    made = [graph.targets(each, "zoneId", ZONE) for each in (record, other)]
    if any(len(each) != 1 for each in made):
        return every([same_type, None])
    (one,), (another,) = made
    # One program may only read what another one makes.
    known = one is another or one.stack == another.stack
    return every([same_type, one is another if known else None])


def _not_told_apart(records: list[Resource]) -> str:
    names = ", ".join(f"{each.name} in {each.stack}" for each in records)
    return f"a zoneId or type is not known yet, and so whether this is beside {names}"


def _plain(name: Read) -> str:
    return str(name.content).rstrip(".")


@lru_cache(maxsize=4)
def _by_name(graph: Graph) -> dict[str, list[Resource]]:
    """Records by their name, without the dot at its end: every record asks for those of its own."""
    named: dict[str, list[Resource]] = {}
    for record in graph.of(RECORD):
        if record.read("name").known:
            named.setdefault(_plain(record.read("name")), []).append(record)
    return named


def _target(record: Resource) -> str:
    """What a record answers with, if that is known."""
    reads = [*record.read("records").each(), *(alias.field("name") for alias in record.read("aliases").each())]
    return "" if any(not read.known for read in reads) else " ".join(sorted(str(read.content) for read in reads))


def _named(record: Resource, graph: Graph) -> list[Resource]:
    """Records of the names that a record answers with, by edges while those are not known yet."""
    reads = [*record.read("records").each(), *(alias.field("name") for alias in record.read("aliases").each())]
    edges = (*graph.targets(record, "records", RECORD), *graph.targets(record, "aliases", RECORD))
    named = {each for read in reads if read.known for each in _by_name(graph).get(_plain(read), ())}
    return sorted({*edges, *named}, key=lambda each: each.urn)


def _regions(record: Resource, graph: Graph) -> tuple[set[str], list[str]]:
    """Regions that a record leads to, and what keeps anyone from saying which; each record on the way is asked once."""
    regions: set[str] = set()
    doubts: list[str] = []
    seen, ahead = {record}, [record]
    while ahead:
        current = ahead.pop()
        said = [policy.field("region") for policy in current.read("latencyRoutingPolicies").each()]
        said += [read for read in [current.read("geoproximityRoutingPolicy.awsRegion")] if not read.missing]
        balancers = graph.targets(current, "aliases", *BALANCERS)
        reads = [*said, *(graph.region(balancer) for balancer in balancers)]
        regions |= {str(read.content) for read in reads if read.known}
        doubts += [f"{current.name}.{read.path} is not known yet" for read in reads if read.unknown]
        if said or balancers:
            continue
        named = [each for each in _named(current, graph) if each is not current]
        if not named:
            doubts.append(
                f"{current.name} leads to {_target(current) or 'what is not known yet'}, which is not in view"
            )
        ahead += [each for each in reversed(named) if each not in seen]
        seen |= set(named)
    return regions, doubts
