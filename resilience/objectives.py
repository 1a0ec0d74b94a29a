"""What is promised of journeys, as a stack carries it in its outputs, and whether what stands in its graph keeps it.

A stack says it as the output ``resilienceObjectives``: whoever's program it is, that is all that is needed::

    pulumi.export("resilienceObjectives", {
        "version": 1,
        "regions": ["us-east-1", "us-west-2"],
        "journeys": {"submit": {"zone": {"rto_seconds": 120, "rpo_seconds": 0}, "availability_percent": 99.99}},
        "measured": {"aurora.failover.typical": {"value": 12, "unit": "s", "date": "2026-11-21", "source": "drill"}},
    })

All that is promised is held at worst. Where a region that is named is not in view, what needs it is UNKNOWN.
"""

import difflib
import math
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from enum import Enum
from functools import lru_cache
from typing import Any

from resilience.availability import Availability, availability
from resilience.diagram import Chain, Diagram, worst
from resilience.facts import FACTS, MOST, Facts, Measured
from resilience.faults import Fault, Kind, faults
from resilience.graph import SUBNET, Graph, Read, Resource
from resilience.journeys import diagrams
from resilience.outcomes import Outcome, Verdict, outcome
from resilience.survey import Survey, survey

STACK = "pulumi:pulumi:Stack"
OUTPUT = "resilienceObjectives"
VERSION = 1
LOST = {"zone": Kind.ZONE, "region": Kind.REGION}
"""Faults that something can be promised for."""


class Measure(Enum):
    """What is promised."""

    TIME = "rto_seconds"
    LOSS = "rpo_seconds"
    CAPACITY = "capacity_percent"
    """Of what it has while all is well, when it serves again."""
    AVAILABILITY = "availability_percent"


BOUNDS = {Measure.TIME: math.inf, Measure.LOSS: math.inf, Measure.CAPACITY: 100.0}
"""What can be promised of a fault, and the most that it can be."""


class Standing(Enum):
    """Whether it is kept."""

    KEPT = "kept"
    BROKEN = "broken"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Promise:
    """One number that is promised."""

    journey: str
    measure: Measure
    lost: str
    """``zone`` or ``region``; empty for availability."""
    limit: float
    """Seconds, or percent."""

    @property
    def path(self) -> str:
        """Where the stack says it."""
        return ".".join(part for part in (OUTPUT, "journeys", self.journey, self.lost, self.measure.value) if part)


@dataclass(frozen=True, eq=False)
class Objectives:
    """All that a stack promises."""

    promises: tuple[Promise, ...]
    regions: tuple[str, ...] = ()
    """In which the platform is to stand; empty: in those in view."""
    facts: Facts = field(default_factory=Facts)
    """With what was measured."""


@dataclass(frozen=True, slots=True)
class Comparison:
    """A promise beside what the graph says."""

    promise: Promise
    standing: Standing
    faults: tuple[Fault, ...] = ()
    """Those that come out alike; none for availability."""
    value: float | None = None
    """Seconds at worst, infinite if it never comes back or all is lost, or percent. None: nobody can say."""
    outcome: Outcome | None = None
    availability: Availability | None = None
    doubts: tuple[str, ...] = ()
    """What would have to be known."""

    def kept_by(self, value: float | None) -> bool:
        """Whether such a value would keep the promise."""
        if value is None:
            return False
        least = self.promise.measure in (Measure.AVAILABILITY, Measure.CAPACITY)
        return value >= self.promise.limit if least else value <= self.promise.limit

    @property
    def terms(self) -> Chain:
        """What the seconds are the sum of; empty where there is no such sum."""
        if self.outcome is None:
            return ()
        duration = {Measure.TIME: self.outcome.rto, Measure.LOSS: self.outcome.rpo}.get(self.promise.measure)
        return duration.worst if duration is not None else ()


# Reading.


@lru_cache(maxsize=8)
def objectives(stack: Resource, graph: Graph) -> Objectives | None:
    """What a stack promises; the same object for all stacks of a graph that say the same.

    Args:
        stack: A resource of type STACK.
        graph: In which it is.

    Returns:
        None if it promises nothing.

    Raises:
        ValueError: If its output is not of the form above, or not known: one line a mistake.
    """
    output = stack.read(OUTPUT)
    if output.missing:
        return None
    for other in graph.of(STACK):
        if other.urn < stack.urn and other.properties.get(OUTPUT) == stack.properties.get(OUTPUT):
            # Compared once for both.
            return objectives(other, graph)
    mistakes: list[str] = []
    version = output.field("version")
    if not isinstance(output.content, dict):
        raise ValueError(f"{OUTPUT} is {output.shown()}, must be a mapping with version and journeys")
    if version.content != VERSION:
        raise ValueError(f"{version.path} is {version.shown()}, must be {VERSION}, which this version reads")
    for name in _strangers(output, {"version", "regions", "journeys", "measured"}):
        mistakes.append(name)
    promises = tuple(_promises(output.field("journeys"), mistakes))
    regions = [_text(each, mistakes) for each in output.field("regions").each()]
    measured = dict(_measured(output.field("measured"), mistakes))
    if mistakes:
        raise ValueError("\n".join(mistakes))
    return Objectives(promises, tuple(regions), Facts(measured))


def _promises(journeys: Read, mistakes: list[str]) -> Iterator[Promise]:
    for name, journey in _mapping(journeys, mistakes).items():
        mistakes += _strangers(journey, {*LOST, Measure.AVAILABILITY.value})
        _mapping(journey, mistakes)
        for lost in LOST:
            limits = journey.field(lost)
            mistakes += _strangers(limits, {each.value for each in BOUNDS})
            if limits.missing:
                continue
            _mapping(limits, mistakes)
            for measure, most in BOUNDS.items():
                number = _number(limits.field(measure.value), mistakes, most=most)
                if number is not None:
                    yield Promise(name, measure, lost, number)
        percent = _number(journey.field(Measure.AVAILABILITY.value), mistakes, most=100.0)
        if percent is not None:
            yield Promise(name, Measure.AVAILABILITY, "", percent)


def _measured(measured: Read, mistakes: list[str]) -> Iterator[tuple[str, Measured]]:
    units = {fact.id: fact.unit for fact in FACTS}
    for id_, own in _mapping(measured, mistakes).items():
        unit = units.get(id_)
        if unit is None:
            mistakes.append(f"{own.path} is no fact{_nearest(id_, units)}")
            continue
        said = own.field("unit")
        if said.content != unit.value:
            mistakes.append(f"{said.path} is {said.shown()}, must be {unit.value}")
        most = {"%": 100.0, "ratio": 1.0}.get(unit.value, math.inf)
        value = _number(own.field("value"), mistakes, most=most, needed=True)
        source, date = (_text(own.field(name), mistakes) for name in ("source", "date"))
        if value is not None:
            yield id_, Measured(value, source, date)


def _mapping(read: Read, mistakes: list[str]) -> Mapping[str, Read]:
    if not read.missing and not isinstance(read.content, dict):
        mistakes.append(f"{read.path} is {read.shown()}, must be a mapping")
    return read.fields()


def _strangers(read: Read, known: Iterable[str]) -> Iterator[str]:
    for name in read.fields():
        if name not in known:
            yield f"{read.path}.{name} is nothing that can be said here{_nearest(name, known)}"


def _number(read: Read, mistakes: list[str], *, most: float = math.inf, needed: bool = False) -> float | None:
    if read.missing and not needed:
        return None
    content: Any = read.content
    # An integer may have more digits than a float can hold.
    number = isinstance(content, int | float) and not isinstance(content, bool) and abs(content) <= MOST
    if not number or not 0 <= content <= most:
        large = isinstance(content, int | float) and content > MOST
        bound = "0 or more" if most == math.inf and not large else f"0 to {min(most, MOST):g}"
        said = f"more than {MOST:g}" if large else read.shown()
        mistakes.append(f"{read.path} is {said}, must be a number of {bound}")
        return None
    return float(content)


def _text(read: Read, mistakes: list[str]) -> str:
    if not isinstance(read.content, str):
        mistakes.append(f"{read.path} is {read.shown()}, must be text")
    return str(read.content)


def _nearest(name: str, known: Iterable[str]) -> str:
    names = sorted(known)
    near = difflib.get_close_matches(name, names, 1)
    if near:
        return f"; did you mean {near[0]}?"
    return f"; allowed: {', '.join(names)}" if len(names) < 20 else ""


# Comparing.


@lru_cache(maxsize=4)
def compare(graph: Graph, asked: Objectives) -> tuple[Comparison, ...]:
    """Every promise beside what the graph says, in the order of the promises; faults that come out alike once.

    What is promised of a zone or region that is not in view, or not known, is UNKNOWN, beside those that are.

    Args:
        graph: One stack or several.
        asked: What is promised of them.
    """
    traced = {diagram.journey: diagram for diagram in diagrams(graph, asked.facts)}
    lost = {word: [f for f in faults(graph, asked.facts) if f.kind is kind] for word, kind in LOST.items()}
    seen, away = survey(graph, asked.facts), missing(graph, asked)
    known: dict[tuple[str, str], Outcome] = {}

    def outcomes_of(diagram: Diagram, word: str) -> list[tuple[Fault, Outcome]]:
        for fault in lost[word]:
            if (diagram.journey, fault.id) not in known:
                known[diagram.journey, fault.id] = outcome(diagram, fault)
        return [(fault, known[diagram.journey, fault.id]) for fault in lost[word]]

    found: list[Comparison] = []
    for promise in asked.promises:
        diagram = traced.get(promise.journey)
        if diagram is None:
            near = _nearest(promise.journey, traced)
            doubts = (f"no journey {promise.journey} is in view{near}",)
            found.append(Comparison(promise, Standing.UNKNOWN, doubts=doubts))
        elif promise.lost:
            found += _of_faults(promise, diagram, outcomes_of(diagram, promise.lost), away)
            if doubts := _unseen(promise.lost, diagram, seen):
                found.append(Comparison(promise, Standing.UNKNOWN, doubts=doubts))
        else:
            regional = {fault.region: each for fault, each in outcomes_of(diagram, "region")}
            found.append(_of_year(promise, availability(diagram, asked.facts, regional), away))
    return tuple(found)


def _unseen(lost: str, diagram: Diagram, seen: Survey) -> tuple[str, ...]:
    """Of places that a journey goes on in, those whose loss nobody can compute: they are another stack's."""
    homes = {site.region for site in diagram.sites}
    if not homes or "" in homes:
        return (f"in which region {diagram.journey} goes on is not known",)
    if lost == "region":
        return ()
    found = [f"no zone of {home} is in view" for home in sorted(homes - set(seen.zones.values()))]
    hidden = [
        subnet.name
        for subnet in seen.graph.of(SUBNET)
        if not seen.graph.zone(subnet).known and seen.graph.region(subnet).content in {*homes, None}
    ]
    return (*found, *([f"which zone is the one of {', '.join(hidden)} is not known"] if hidden else []))


def missing(graph: Graph, asked: Objectives) -> tuple[str, ...]:
    """Regions that the platform is to stand in, and that are not in view."""
    seen = {cluster.region for cluster in survey(graph, asked.facts).clusters}
    return tuple(sorted(set(asked.regions) - seen))


def _of_faults(
    promise: Promise, diagram: Diagram, found: list[tuple[Fault, Outcome]], away: tuple[str, ...]
) -> Iterator[Comparison]:
    alike: dict[tuple[Any, ...], list[tuple[Fault, Outcome]]] = {}
    for fault, each in found:
        duration = each.rto if promise.measure is Measure.TIME else each.rpo
        terms = tuple((t.step, t.worst, t.because) for t in duration.worst) if duration is not None else None
        then = each.then if promise.measure is not Measure.LOSS else None
        alike.setdefault((fault.region, each.verdict, terms, then, each.doubts), []).append((fault, each))
    for group in alike.values():
        each = group[0][1]
        value = at_worst(promise.measure, each)
        lost = tuple(fault for fault, _ in group)
        compared = Comparison(promise, Standing.UNKNOWN, lost, value, each, doubts=each.doubts)
        if value is not None:
            standing = Standing.KEPT if compared.kept_by(value) else Standing.BROKEN
            compared = replace(compared, standing=standing)
        if away and compared.standing is Standing.BROKEN and _helped(promise, diagram, each):
            doubts = (f"{', '.join(away)} is not in view, and may serve in its place",)
            compared = replace(compared, standing=Standing.UNKNOWN, doubts=doubts)
        yield compared


def at_worst(measure: Measure, found: Outcome) -> float | None:
    """Of an outcome what a promise is about, at worst: seconds, infinite if it never comes back, or percent.

    None: nobody can say.
    """
    if found.verdict is Verdict.UNKNOWN:
        return None
    if measure is Measure.CAPACITY:
        return 100 * (found.then or 0.0)
    duration = found.rto if measure is Measure.TIME else found.rpo
    return math.inf if duration is None else duration.worst_seconds


def _helped(promise: Promise, diagram: Diagram, found: Outcome) -> bool:
    """Whether a region that is not in view could better an outcome."""
    if promise.lost == "region" or found.verdict is Verdict.DOWN:
        return True
    # One that stands by is not asked while the other serves; one that serves may be left, by its health check.
    stands_by = all(site.share == 0 for site in diagram.sites)
    timed = promise.measure is not Measure.CAPACITY
    left = any(site.moves is not None and (worst(site.moves) <= promise.limit or not timed) for site in diagram.sites)
    return stands_by or (found.at_once == 0 and left)


def _of_year(promise: Promise, found: Availability, away: tuple[str, ...]) -> Comparison:
    percent = found.percent
    standing, doubts = Standing.KEPT, found.doubts
    if percent is None:
        standing, doubts = Standing.UNKNOWN, doubts or ("how available one of its parts is",)
    elif percent < promise.limit:
        standing = Standing.BROKEN
        if away:
            standing, doubts = Standing.UNKNOWN, (f"{', '.join(away)} is not in view, and may serve in its place",)
    return Comparison(promise, standing, (), percent, availability=found, doubts=doubts)
