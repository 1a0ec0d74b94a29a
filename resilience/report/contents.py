"""What every form of the report is made of: outcomes, put in order and in words."""

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import groupby

from resilience.availability import Availability, availability
from resilience.diagram import Diagram
from resilience.facts import FACTS, Class, Fact, Facts, Measured
from resilience.faults import Fault, Kind, faults
from resilience.graph import Graph
from resilience.journeys import Hints, diagrams
from resilience.objectives import STACK, Comparison, Measure, compare, objectives
from resilience.outcomes import Duration, Outcome, Verdict, outcomes
from resilience.words import plain

MEANING = (
    "Longest time until it serves again, and the share of its capacity that it comes to while the fault lasts, if not "
    "all. Serving again is answering some: what is made anew comes later, and each outcome in full says how much."
)
MINUTE, HOUR = 60, 3600
LEVELS = (0.0, 2.0 * MINUTE, 15.0 * MINUTE, 2.0 * HOUR)
"""Seconds up to which a journey's outage is of a level, from 0."""
LONGER, DOWN, UNKNOWN = len(LEVELS), len(LEVELS) + 1, len(LEVELS) + 2
"""Levels above those: longer than all of them, down, and not known."""


@dataclass(frozen=True)
class Report:
    """Every fault for every journey of one graph."""

    graph: Graph
    facts: Facts
    diagrams: tuple[Diagram, ...]
    faults: tuple[Fault, ...]
    outcomes: Mapping[tuple[str, str], Outcome]
    """By journey and fault."""
    availabilities: Mapping[str, Availability]
    """By journey."""
    promises: tuple[Comparison, ...] = ()
    """What the stacks promise, beside what is so."""

    def row(self, fault: Fault) -> tuple[Outcome, ...]:
        """What a fault does to each journey, in the order of the diagrams."""
        return tuple(self.outcomes[diagram.journey, fault.id] for diagram in self.diagrams)

    @cached_property
    def regions(self) -> tuple[str, ...]:
        """Regions that journeys go on in, in the order in which clients are led to them."""
        ordered = [(number, site.region) for diagram in self.diagrams for number, site in enumerate(diagram.sites)]
        return tuple(dict.fromkeys(region for _, region in sorted(ordered)))

    @cached_property
    def groups(self) -> tuple[tuple[Fault, ...], ...]:
        """Faults that do the same to every journey, the worst first."""
        return self._grouped(lambda _: 0)

    @cached_property
    def groups_of_a_kind(self) -> tuple[tuple[Fault, ...], ...]:
        """The same, but of one kind each."""
        order = list(Kind)
        return self._grouped(lambda fault: order.index(fault.kind))

    @cached_property
    def assumed(self) -> tuple[str, ...]:
        """What was taken to be so because no graph says it."""
        return tuple(dict.fromkeys(hint for diagram in self.diagrams for hint in diagram.hints))

    @cached_property
    def used(self) -> tuple[str, ...]:
        """Ids of the facts that any figure leans on, in the table's order."""
        named = {id_ for outcome in self.outcomes.values() for id_ in outcome.facts}
        named |= {id_ for each in self.availabilities.values() for share in each.shares for id_ in share.facts}
        named |= {id_ for each in self.availabilities.values() for id_ in each.assumed}
        return tuple(fact.id for fact in self.facts if fact.id in named)

    def _grouped(self, apart: Callable[[Fault], int]) -> tuple[tuple[Fault, ...], ...]:
        found: dict[tuple[object, ...], list[Fault]] = {}
        for fault in self.faults:
            found.setdefault((apart(fault), *(_figures(each) for each in self.row(fault))), []).append(fault)
        # Faults come in one order; groups that are as bad as each other stay in it.
        return tuple(sorted(map(tuple, found.values()), key=lambda group: badness_of(self.row(group[0])), reverse=True))


def report(graph: Graph, measured: Mapping[str, float] | None = None, hints: Hints | None = None) -> Report:
    """Put every fault to every journey.

    Args:
        graph: One stack or several.
        measured: Facts that are known better than by the table and by the stacks, by id.
        hints: What no graph says.

    Raises:
        ValueError: If what is measured, or what a stack promises, is no such thing: one line a mistake.
    """
    asked = list(dict.fromkeys(each for stack in graph.of(STACK) if (each := objectives(stack, graph)) is not None))
    own = {
        fact.id: Measured(fact.value, fact.source, fact.date) for each in asked for fact in _known_better(each.facts)
    }
    table, known = Facts({**own, **(measured or {})}), hints or Hints()
    found = outcomes(graph, table, known)
    ordered = faults(graph, table)
    every = tuple(sorted(diagrams(graph, table, known), key=lambda diagram: _turn(diagram.journey)))
    shares = {
        diagram.journey: availability(
            diagram,
            table,
            {fault.region: found[diagram.journey, fault.id] for fault in ordered if fault.kind is Kind.REGION},
        )
        for diagram in every
    }
    promises = tuple(kept for each in asked for kept in compare(graph, replace(each, facts=table)))
    return Report(graph, table, every, ordered, found, shares, promises)


def _known_better(facts: Facts) -> list[Fact]:
    return [fact for fact in facts if fact.class_ is Class.MEASURED and fact not in FACTS]


# Order.


JOURNEYS = ("submit", "cpu-step", "gpu-step", "infer", "use", "artifact", "event")
"""As work goes through a platform: what a report has first. Beginnings of the journeys' names."""


def _turn(journey: str) -> tuple[int, str]:
    known = [number for number, name in enumerate(JOURNEYS) if f"{journey}-".startswith(f"{name}-")]
    return min(known, default=len(JOURNEYS)), journey


Badness = tuple[int, float, float, float]


def badness(outcome: Outcome) -> Badness:
    """A key by which outcomes sort, the best first: whether it serves, how late, with how much, and what is lost."""
    kind = {Verdict.DOWN: 2, Verdict.UNKNOWN: 1}.get(outcome.verdict, 0)
    lost = 0.0 if outcome.capacity is None else 1 - outcome.capacity
    return kind, seconds_of(outcome.rto), lost, seconds_of(outcome.rpo)


def badness_of(row: Iterable[Outcome]) -> tuple[Badness, ...]:
    """The same for a row: by its worst outcome, then by the next."""
    return tuple(sorted(map(badness, row), reverse=True))


def seconds_of(duration: Duration | None) -> float:
    """At most; infinite where it never ends, or nobody can say."""
    return math.inf if duration is None else duration.worst_seconds


def touched(outcome: Outcome) -> bool:
    """Whether a fault is noticed by anybody at all."""
    return not (
        outcome.verdict is Verdict.SURVIVES
        and seconds_of(outcome.rto) == 0
        and seconds_of(outcome.rpo) == 0
        and outcome.at_once == 1
    )


def thinned(outcome: Outcome) -> bool:
    """Whether it serves again with less than it has later: what is only left out by then is made anew."""
    return outcome.then is not None and outcome.capacity is not None and outcome.then < outcome.capacity


def level(outcome: Outcome) -> int:
    """How bad it is, for a colour: an index into LEVELS, or LONGER, DOWN, UNKNOWN."""
    if outcome.verdict is Verdict.DOWN:
        return DOWN
    if outcome.verdict is Verdict.UNKNOWN:
        return UNKNOWN
    late = seconds_of(outcome.rto)
    # Less than all of it is no small matter, however soon it is back.
    least = 0 if outcome.capacity is None or outcome.capacity >= 1 else 1
    return max(least, next((number for number, most in enumerate(LEVELS) if late <= most), LONGER))


def _figures(outcome: Outcome) -> tuple[object, ...]:
    times = [
        None if each is None else (each.typical_seconds, each.worst_seconds) for each in (outcome.rto, outcome.rpo)
    ]
    return outcome.verdict, *times, outcome.capacity, outcome.at_once, outcome.then


# Words.


def short(seconds: float) -> str:
    """A time in few characters, never less than it is: ``35 s``, ``86 min``, ``5.3 h``."""
    if math.isinf(seconds):
        return "no end"
    if seconds <= 2 * MINUTE:
        return f"{math.ceil(seconds):d} s"
    if seconds < 2 * HOUR:
        return f"{math.ceil(seconds / MINUTE):d} min"
    return f"{math.ceil(seconds / HOUR * 10) / 10:g} h"


def spoken(seconds: float) -> str:
    """A time in full: ``1 h 25 min 34 s``."""
    if math.isinf(seconds):
        return "no bound"
    whole = round(seconds)
    hours, minutes, rest = whole // HOUR, whole % HOUR // MINUTE, whole % MINUTE
    parts = [f"{number} {unit}" for number, unit in ((hours, "h"), (minutes, "min"), (rest, "s")) if number]
    return " ".join(parts) or "0 s"


def percent(share: float) -> str:
    """A share, never more than it is: ``65 %``, and ``<1 %`` for what is hardly anything."""
    return "<1 %" if 0 < share < 0.01 else f"{math.floor(share * 100 + 1e-9):d} %"


def available(value: float | None, most: int = 6) -> str:
    """An availability in percent, never more than it is, with as many digits as tell nines apart: ``99.9985 %``."""
    if value is None:
        return "not known"
    # Two digits after the nines.
    digits = 2 if value >= 1 else min(most, max(2, math.floor(-math.log10(1 - value) + 1e-9)))
    factor = 10.0**digits
    text = f"{math.floor(value * 100 * factor + 1e-6) / factor:.{digits}f}"
    return f"{text.rstrip('0').rstrip('.')} %"


def cell(outcome: Outcome) -> str:
    """An outcome in a cell: the longest time until it serves, and with how much."""
    return " ".join(each for each in cell_parts(outcome) if each)


def cell_parts(outcome: Outcome) -> tuple[str, str]:
    """The same, time and share apart; no share where it is all, or none."""
    if outcome.verdict is Verdict.DOWN:
        return "down", ""
    if outcome.verdict is Verdict.UNKNOWN:
        return "?", ""
    left = "" if outcome.capacity is None or outcome.capacity >= 1 else percent(outcome.capacity)
    return short(seconds_of(outcome.rto)), left


def sentence(outcome: Outcome) -> str:
    """An outcome in words."""
    if outcome.verdict is Verdict.DOWN:
        return "down until what is lost is back"
    if outcome.verdict is Verdict.UNKNOWN:
        return "nobody can say"
    if outcome.rto is None:
        late = "part of it is down until what is lost is back"
    elif outcome.rto.worst_seconds:
        low, high = outcome.rto.typical_seconds, outcome.rto.worst_seconds
        late = f"serves again after {spoken(low)}" + (f", {spoken(high)} at most" if high > low else "")
    else:
        late = "serves on"
    if outcome.capacity is None:
        return late
    first = outcome.then if thinned(outcome) and outcome.then is not None else outcome.capacity
    if first >= 1:
        return late
    comma = "," if outcome.rto is None or outcome.rto.worst_seconds else ""
    later = f", later {percent(outcome.capacity)}" if thinned(outcome) else ""
    return f"{late}{comma} with {percent(first)} of its capacity{later}"


def losses(outcome: Outcome) -> str:
    """What is lost of what was written, in words."""
    if outcome.verdict is Verdict.UNKNOWN:
        return "not known"
    if outcome.rpo is None:
        return "nothing for sure but time: what was written there is out of reach until it is back"
    if not outcome.rpo.worst_seconds:
        return "nothing"
    low, high = outcome.rpo.typical_seconds, outcome.rpo.worst_seconds
    return f"the last {spoken(low)}" + (f", {spoken(high)} at most" if high > low else "")


def named(group: Sequence[Fault], most: int = 4) -> str:
    """Several faults in one breath: ``zone us-east-1a, b, c``."""
    return "; ".join(_of_a_kind(list(alike), most) for _, alike in groupby(group, key=lambda fault: fault.kind))


MISHAPS = (Kind.DNS, Kind.MODEL_VERSION, Kind.DEPLOYMENT, Kind.OBJECT, Kind.CHECKPOINT)
"""Faults that happen, rather than take something away."""


def _of_a_kind(group: Sequence[Fault], most: int) -> str:
    titles = [plain(fault.title).split(" ") for fault in group]
    if len(titles) == 1:
        return " ".join(titles[0])
    first = titles[0]
    head = _common(titles)
    tail = _common([words[head:][::-1] for words in titles])
    middles = [" ".join(words[head : len(words) - tail]) for words in titles]
    same = _common(middles)
    if same > 1 and all(len(each) == same + 1 for each in middles):
        # Zones of a region: us-east-1a, b, c.
        middles = [middles[0], *(each[same:] for each in middles[1:])]
    shown = ", ".join(middles[:most]) + (f" and {len(middles) - most} more" if len(middles) > most else "")
    return " ".join([*first[:head], shown, *(first[len(first) - tail :] if tail else [])])


def _common(rows: Sequence[Sequence[str]]) -> int:
    """How many of the first words, or letters, are the same in all."""
    return next(
        (number for number, words in enumerate(zip(*rows, strict=False)) if len(set(words)) > 1),
        min(map(len, rows), default=0),
    )


def after_losing(group: Sequence[Fault], most: int = 4) -> str:
    """The same in a sentence: ``after losing zone us-east-1a``, ``after a deleted object in models``."""
    lost = any(fault.kind not in MISHAPS for fault in group)
    return f"after {'losing ' if lost else ''}{named(group, most)}"


def promised(found: Comparison) -> str:
    """A promise beside what is so: ``broken: submit, losing any zone: 60 s promised until it serves again, 2 min``."""
    promise = found.promise
    if promise.measure is Measure.AVAILABILITY:
        wanted, told = (
            f"{promise.limit:g} % of a year promised",
            available(None if found.value is None else found.value / 100),
        )
    elif promise.measure is Measure.CAPACITY:
        wanted = f"{promise.limit:g} % of its capacity promised when it serves again"
        told = "not known" if found.value is None else percent(found.value / 100)
    else:
        what = "until it serves again" if promise.measure is Measure.TIME else "of writes lost"
        wanted = f"{spoken(promise.limit)} promised {what}"
        told = "not known" if found.value is None else spoken(found.value)
    then = found.outcome.then if found.outcome is not None and promise.measure is Measure.TIME else None
    share = f" with {percent(then)} of its capacity" if then is not None else ""
    lost = f", losing any {promise.lost}" if promise.lost else ""
    # Of several regions each has a line of its own, which says which it is.
    where = f" ({named(found.faults)})" if found.faults else ""
    doubts = f": {'; '.join(found.doubts)}" if found.doubts else ""
    return plain(f"{found.standing.value}: {promise.journey}{lost}: {wanted}, {told} at worst{share}{where}{doubts}")
