"""Where a name leads: Route 53's records followed to load balancers, and how clients get from one to the next."""

import math
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache

from resilience.diagram import Chain, Step, Term
from resilience.facts import Facts
from resilience.graph import Graph, Read, Resource

RECORD = "aws:route53/record:Record"
HEALTH_CHECK = "aws:route53/healthCheck:HealthCheck"
PLAN = "aws:arcregionswitch/plan:Plan"
ALARM = "aws:cloudwatch/metricAlarm:MetricAlarm"
BALANCERS = ("aws:lb/loadBalancer:LoadBalancer", "aws:alb/loadBalancer:LoadBalancer")
PROBING = ("HTTP", "HTTPS", "HTTP_STR_MATCH", "HTTPS_STR_MATCH", "TCP")
SHARING = (
    ("weightedRoutingPolicies", "weight"),
    ("latencyRoutingPolicies", ""),
    ("geolocationRoutingPolicies", ""),
    ("geoproximityRoutingPolicy", ""),
    ("multivalueAnswerRoutingPolicy", ""),
)
STACK_REFERENCE = "::pulumi:pulumi:StackReference::"
ADDRESS = ("A", "AAAA", "CNAME")


@dataclass(frozen=True)
class Way:
    """One load balancer that a name leads to."""

    balancer: Resource
    share: float
    """Of the clients, while all is well; 0 for one that stands by."""
    records: tuple[Resource, ...]
    """From the name to it."""
    moves: Chain | None
    """Until clients are led on by a health check; None: no check does that."""
    probes: tuple[Resource, ...] = ()
    """Health checks that decide it."""
    doubts: tuple[str, ...] = ()


@dataclass(frozen=True, eq=False)
class Names:
    """Records by the name that they answer for, with all that following them takes: each is looked up, never sought."""

    graph: Graph
    facts: Facts
    by_name: Mapping[str, Sequence[Resource]]
    balancers: Mapping[str, Resource]
    """By DNS name."""
    checks: Mapping[str, Sequence[Resource]]
    """Health checks by id."""
    roots: Mapping[str, Sequence[Resource]]
    """Health checks that no other one sums up, by stack."""

    @cached_property
    def ways(self) -> Mapping[str, tuple[Way, ...]]:
        """Load balancers that each name leads to, the first choice first."""
        found: dict[tuple[str, frozenset[str]], tuple[Way, ...]] = {}
        return {name: self._ways(name, frozenset(), found) for name in self.by_name}

    def _ways(
        self, name: str, seen: frozenset[str], found: dict[tuple[str, frozenset[str]], tuple[Way, ...]]
    ) -> tuple[Way, ...]:
        if name in seen:
            return ()
        # Where it comes from matters to those names alone that lead back there.
        key = name, seen & self._beyond[name]
        if key not in found:
            found[key] = _once(list(self._each(name, seen | {name}, found)))
        return found[key]

    def _each(
        self, name: str, seen: frozenset[str], found: dict[tuple[str, frozenset[str]], tuple[Way, ...]]
    ) -> Iterator[Way]:
        records = self.by_name[name]
        ordered = sorted(
            records, key=lambda record: (_rank(record), str(record.read("setIdentifier").content), record.urn)
        )
        shares = [_weight(record) for record in ordered]
        total = sum(shares)
        for number, (record, share) in enumerate(zip(ordered, shares, strict=True)):
            moves, probes, doubts = _moves(record, self) if len(ordered) > 1 else (None, (), ())
            last = number == len(ordered) - 1 and _rank(record) == 1
            own = share / total if total else float(number == 0)
            balancers, names = self._answers[record.urn]
            following = [Way(balancer, 1.0 / len(balancers), (), None) for balancer in balancers]
            for way in following or [way for next_ in names for way in self._ways(next_, seen, found)]:
                yield Way(
                    way.balancer,
                    way.share * own,
                    (record, *way.records),
                    # The innermost check is the one that is asked first; the last resort leads nowhere else.
                    way.moves if way.moves is not None or last else moves,
                    way.probes or probes,
                    (*way.doubts, *doubts),
                )

    @cached_property
    def _answers(self) -> Mapping[str, tuple[Sequence[Resource], Sequence[str]]]:
        """By record's URN, what it answers with: load balancers, or other names that records are in view of."""
        return {record.urn: _answer(record, self) for records in self.by_name.values() for record in records}

    @cached_property
    def _beyond(self) -> Mapping[str, frozenset[str]]:
        """All names that a name leads on to, over others."""
        found: dict[str, frozenset[str]] = {}
        for name in self.by_name:
            beyond: set[str] = set()
            ahead = [name]
            while ahead:
                next_ = {each for record in self.by_name[ahead.pop()] for each in self._answers[record.urn][1]}
                ahead += sorted(next_ - beyond)
                beyond |= next_
            found[name] = frozenset(beyond)
        return found


@lru_cache(maxsize=8)
def names(graph: Graph, facts: Facts) -> Names:
    """Index the records of a graph; one whose name is not known yet goes by its URN."""
    by_name: dict[str, list[Resource]] = {}
    for record in graph.of(RECORD):
        if record.read("type").content in ADDRESS:
            by_name.setdefault(_name(record), []).append(record)
    balancers = {str(each.read("dnsName").content): each for each in graph.of(*BALANCERS) if each.read("dnsName").known}
    checks: dict[str, list[Resource]] = {}
    roots: dict[str, list[Resource]] = {}
    children = {urn for check in graph.of(HEALTH_CHECK) for urn in check.edges.get("childHealthchecks", ())}
    for check in graph.of(HEALTH_CHECK):
        if (own := check.read("id")).known:
            checks.setdefault(str(own.content), []).append(check)
        if check.urn not in children:
            roots.setdefault(check.stack, []).append(check)
    return Names(graph, facts, by_name, balancers, checks, roots)


def _name(record: Resource) -> str:
    read = record.read("name")
    return plain(str(read.content)) if read.known else record.urn


def plain(name: str) -> str:
    """A name without its last dot, in small letters."""
    return name.rstrip(".").lower()


def ways(index: Names, name: str) -> tuple[Way, ...]:
    """Load balancers that a name leads to, the first choice first; none if no record is in view."""
    return index.ways.get(name, ())


def _once(found: Sequence[Way]) -> tuple[Way, ...]:
    """Each load balancer at its first place, with all of its clients."""
    kept: dict[str, Way] = {}
    for way in found:
        before = kept.get(way.balancer.urn)
        if before is None:
            kept[way.balancer.urn] = way
        elif way.share:
            kept[way.balancer.urn] = Way(
                before.balancer, before.share + way.share, before.records, before.moves, before.probes, before.doubts
            )
    return tuple(sorted(kept.values(), key=lambda way: way.share == 0))


def _rank(record: Resource) -> int:
    """A failover record's place: PRIMARY or one without a role first."""
    roles = [policy.field("type").content for policy in record.read("failoverRoutingPolicies").each()]
    return 1 if "SECONDARY" in roles else 0


def _weight(record: Resource) -> float:
    """Share of a record among its like, before it is divided by their sum."""
    if _rank(record):
        return 0.0
    weights = [policy.field("weight").content for policy in record.read("weightedRoutingPolicies").each()]
    return float(weights[0]) if weights and isinstance(weights[0], int) else 1.0


def _answer(record: Resource, index: Names) -> tuple[Sequence[Resource], Sequence[str]]:
    """What a record answers with: load balancers, or other names that records are in view of."""
    graph = index.graph
    balancers = graph.targets(record, "aliases", *BALANCERS) or graph.targets(record, "records", *BALANCERS)
    answers = [*record.read("records").each(), *(alias.field("name") for alias in record.read("aliases").each())]
    known = [plain(str(answer.content)) for answer in answers if answer.known]
    balancers = balancers or tuple(index.balancers[name] for name in known if name in index.balancers)
    if balancers:
        return balancers, ()
    following = known or [
        _name(target) for property_ in ("records", "aliases") for target in graph.targets(record, property_, RECORD)
    ]
    return (), [name for name in following if name in index.by_name]


def _moves(record: Resource, index: Names) -> tuple[Chain | None, tuple[Resource, ...], tuple[str, ...]]:
    """Until resolvers stop handing out a record whose target is dark."""
    graph, facts = index.graph, index.facts
    given = record.read("healthCheckId")
    if graph.targets(record, "healthCheckId", PLAN):
        # A plan turns it, and nothing else.
        return None, (), ()
    checks = graph.targets(record, "healthCheckId", HEALTH_CHECK) or _elsewhere(record, index)
    if checks:
        found = detection(checks[0], graph, facts)
        if found is None:
            return None, (), ()
        detect, probes = found
        return (*detect, time_to_live(record, facts)), probes, ()
    aliases = [alias.field("evaluateTargetHealth") for alias in record.read("aliases").each()]
    if any(alias.content is True for alias in aliases):
        slow, slowest = facts["elb.zone.typical"], facts["elb.zone.worst"]
        term = Term(
            Step.DETECT,
            slow.value,
            slowest.value,
            "Route 53 leaves an alias whose load balancer has no healthy target",
            (slow.id, slowest.id),
            (record.urn,),
        )
        return (term, time_to_live(record, facts)), (), ()
    if given.unknown or given.content:
        return None, (), (f"which health check {record.name} follows is not known",)
    return None, (), ()


def _elsewhere(record: Resource, index: Names) -> tuple[Resource, ...]:
    """The health check of another stack that a record follows: by its id, or as the only one that it can be."""
    given = record.read("healthCheckId")
    same = index.checks.get(str(given.content), ()) if given.known else ()
    found = tuple(check for check in same if check.stack != record.stack)
    sources = {urn.rpartition("/")[2] for urn in record.edges.get("healthCheckId", ()) if STACK_REFERENCE in urn}
    if found or not sources:
        return found
    roots = [check for stack in sorted(sources - {record.stack}) for check in index.roots.get(stack, ())]
    # At a first preview ids are not known, and the other stack has one check that no other one sums up.
    return tuple(roots) if len(roots) == 1 and not roots[0].read("id").known else ()


def time_to_live(record: Resource, facts: Facts) -> Term:
    """How long resolvers keep a record."""
    ttl = record.read("ttl")
    if record.read("aliases").each():
        fact = facts["route53.alias.ttl"]
        return Term(
            Step.DNS, fact.value, fact.value, "resolvers keep an alias to a load balancer", (fact.id,), (record.urn,)
        )
    seconds = float(ttl.content) if isinstance(ttl.content, int) else math.inf
    return Term(Step.DNS, seconds, seconds, f"resolvers keep {record.name}: ttl is {ttl.shown()}", (), (record.urn,))


def detection(check: Resource, graph: Graph, facts: Facts) -> tuple[Chain, tuple[Resource, ...]] | None:
    """Until a check says that a dark region is ill, and the checks that say so; None: it never does.

    A probe takes its interval as often as its threshold says, at worst once more and the time until a checker gives up.
    An alarm stands in the region that is dark, and says nothing new: it counts only if silence is ill to it.
    """
    kind = check.read("type").content
    if check.read("disabled").content is True or check.read("invertHealthcheck").content is True:
        return None
    if kind in PROBING:
        return (_probe(check, facts),), (check,)
    if kind == "CLOUDWATCH_METRIC":
        if check.read("insufficientDataHealthStatus").content != "Unhealthy":
            return None
        return (_alarm(check, graph, facts),), (check,)
    if kind == "CALCULATED":
        children = graph.targets(check, "childHealthchecks", HEALTH_CHECK)
        threshold, named = check.read("childHealthThreshold"), check.read("childHealthchecks").each()
        if not isinstance(threshold.content, int) or not children:
            return None
        found = [(answer, child) for child in children if (answer := detection(child, graph, facts)) is not None]
        found.sort(key=lambda each: (math.fsum(term.worst for term in each[0][0]), each[1].urn))
        # So many must be ill before too few are well.
        ill = len(named) - threshold.content
        return found[ill][0] if 0 <= ill < len(found) else None
    return None


def _probe(check: Resource, facts: Facts) -> Term:
    interval, threshold = check.read("requestInterval"), check.read("failureThreshold")
    used: list[str] = []
    seconds = _or_fact(interval, "route53.interval.default", facts, used)
    times = _or_fact(threshold, "route53.threshold.default", facts, used)
    answer = facts["route53.answer"]
    return Term(
        Step.DETECT,
        seconds * times,
        seconds * (times + 1) + answer.value,
        f"{check.name} asks every {seconds:g} s and believes {times:g} failures",
        (*used, answer.id),
        (check.urn,),
    )


def _or_fact(read: Read, id_: str, facts: Facts, used: list[str]) -> float:
    if read.missing:
        used.append(id_)
        return facts[id_].value
    return float(read.content) if isinstance(read.content, int | float) else math.inf


def _alarm(check: Resource, graph: Graph, facts: Facts) -> Term:
    alarms = graph.targets(check, "cloudwatchAlarmName", ALARM)
    late, later = facts["route53.alarm.typical"], facts["route53.alarm.worst"]
    seconds = math.inf
    if alarms:
        period, number = alarms[0].read("period").content, alarms[0].read("evaluationPeriods").content
        if isinstance(period, int) and isinstance(number, int):
            seconds = float(period * number)
    return Term(
        Step.DETECT,
        seconds + late.value,
        seconds + later.value,
        f"{check.name} follows an alarm of {seconds:g} s",
        (late.id, later.id),
        (check.urn, *(alarm.urn for alarm in alarms)),
    )


HOST_NAME = re.compile(r"[a-z0-9](?:[a-z0-9-]*[a-z0-9])?(?:\.[a-z0-9](?:[a-z0-9-]*[a-z0-9])?)+")
"""A host name in running text."""
