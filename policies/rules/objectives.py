"""What is promised of journeys, against what the plan says of them: time, loss, availability.

A stack promises it in its outputs (``resilience.objectives``); who promises nothing is asked for nothing.
"""

import math
from collections.abc import Iterator, Sequence

from policies.registry import Options, Scope, Severity, Verdict, Verdicts, fails, passes, rule, unproven
from resilience.availability import YEAR
from resilience.changes import Advice, advise
from resilience.facts import Facts
from resilience.graph import Graph, Resource
from resilience.objectives import (
    OUTPUT,
    STACK,
    Comparison,
    Measure,
    Objectives,
    Standing,
    compare,
    objectives,
)
from resilience.survey import survey

WHERE = "settings: objectives.journeys; elsewhere the stack's output resilienceObjectives"
COUNTED = {Measure.TIME: "is back after {} at worst", Measure.LOSS: "loses writes of {} at worst"}


@rule(
    "SYS-01",
    title="Each journey is back in the time that is promised",
    why="Who leans on a promise plans by it, and learns in the outage what it was worth.",
    fix=f"the change that is named, or another promise ({WHERE})",
    severity=Severity.HIGH,
    scope=Scope.STACKS,
    types=[STACK],
    frameworks=["AWS Well-Architected REL13-BP02", "AWS Well-Architected REL13-BP01"],
)
def back_in_time(stack: Resource, graph: Graph, _: Options) -> Verdicts:
    """Compute the recovery time of each journey for each lost zone and region."""
    yield from _held(stack, graph, Measure.TIME, Measure.CAPACITY)


@rule(
    "SYS-02",
    title="No fault loses more of what was written than is promised",
    why="Work that was acknowledged is gone, and nobody can say which.",
    fix=f"the change that is named, or another promise ({WHERE})",
    severity=Severity.HIGH,
    scope=Scope.STACKS,
    types=[STACK],
    frameworks=["AWS Well-Architected REL13-BP01", "AWS Well-Architected REL13-BP02"],
)
def loses_no_more(stack: Resource, graph: Graph, _: Options) -> Verdicts:
    """Compute what each journey has written and loses, for each lost zone and region."""
    yield from _held(stack, graph, Measure.LOSS)


@rule(
    "SYS-05",
    title="Each journey is there as much of the year as is promised",
    why="What agreements promise for its parts, one after the other, is less than any of them.",
    fix=f"redundancy for the part that is named, or another promise ({WHERE})",
    severity=Severity.MEDIUM,
    scope=Scope.STACKS,
    types=[STACK],
    frameworks=["AWS Well-Architected REL13-BP01", "AWS Well-Architected REL11-BP07"],
)
def there_as_promised(stack: Resource, graph: Graph, _: Options) -> Verdicts:
    """Multiply and combine what agreements promise for the parts of each journey."""
    yield from _held(stack, graph, Measure.AVAILABILITY)


def _held(stack: Resource, graph: Graph, *measures: Measure) -> Verdicts:
    output = stack.read(OUTPUT)
    if output.unknown:
        yield unproven(f"{output.path} is not known yet", output.path)
        return
    try:
        asked = objectives(stack, graph)
    except ValueError as error:
        yield fails(f"what is promised cannot be read: {'; '.join(str(error).splitlines())}", OUTPUT)
        return
    if asked is None:
        return
    alike = [other for other in graph.of(STACK) if other.properties.get(OUTPUT) == stack.properties.get(OUTPUT)]
    places = {(each.resource.stack, each.region) for each in survey(graph, asked.facts).clusters}
    held = {home for other in alike for name, home in places if name == other.stack}
    for number, each in enumerate(compare(graph, asked)):
        # What both stacks promise is said of the one that stands where it is lost, and of one of them if none does.
        home = each.faults[0].region if each.faults else ""
        here = (stack.stack, home) in places if home in held else stack is alike[0]
        if each.promise.measure in measures and here:
            yield _verdict(number, each, graph, asked)


def _verdict(number: int, each: Comparison, graph: Graph, asked: Objectives) -> Verdict:
    promise = each.promise
    said = f"{promise.journey}{_lost(each)}"
    if each.standing is Standing.UNKNOWN or each.value is None:
        return unproven(f"{said}: {'; '.join(each.doubts) or 'nobody can say'}", promise.path)
    evidence = f"{said} {_found(each.promise.measure, each.value)}{_share(each)}; promised is {_promised(each)}"
    if each.standing is Standing.KEPT:
        return passes(evidence)
    parts = [evidence, *_terms(each, asked.facts), _advised(each, advise(graph, asked)[number])]
    return fails(". ".join(part for part in parts if part), promise.path)


def _lost(each: Comparison) -> str:
    if not each.faults:
        return ""
    titles = [fault.title for fault in each.faults]
    alike = f" (as without {', '.join(titles[1:])})" if len(titles) > 1 else ""
    return f" without {titles[0]}{alike}"


def _found(measure: Measure, value: float) -> str:
    if measure is Measure.CAPACITY:
        return f"has {math.floor(value * 10 + 1e-6) / 10:g} % of its capacity when it serves again"
    if measure is Measure.AVAILABILITY:
        return f"is there {value:.4f} % of a year"
    if value == math.inf:
        return "stays down" if measure is Measure.TIME else "does without all that was written while it lasts"
    return COUNTED[measure].format(_seconds(value))


def _share(each: Comparison) -> str:
    """What of its capacity a journey has when it is back."""
    share = each.outcome.then if each.outcome is not None else None
    if share is None or each.promise.measure is not Measure.TIME or each.value == math.inf:
        return ""
    # Never more than it is; hardly any is still some.
    percent = math.floor(share * 1000 + 1e-6) / 10
    return f" with {percent:g} % of its capacity" if percent else " with less than 0.1 % of its capacity"


def _promised(each: Comparison) -> str:
    limit = each.promise.limit
    if each.promise.measure is Measure.CAPACITY:
        return f"{limit:g} %"
    if each.promise.measure is Measure.AVAILABILITY:
        return f"{limit:g} %, and that is {_seconds((1 - limit / 100) * YEAR)} a year without it"
    return _seconds(limit)


def _terms(each: Comparison, facts: Facts) -> Iterator[str]:
    """What the seconds are made of; of a year, the parts that cost most."""
    if each.terms:
        yield "Terms: " + " + ".join(
            f"{term.step.value} {_seconds(term.worst)} ({term.because}{_sources(term.facts, facts, term.worst)})"
            for term in each.terms
        )
    elif each.outcome is not None and each.outcome.because:
        yield "Because " + "; ".join(each.outcome.because)
    elif each.availability is not None:
        weakest = sorted(
            (value, share.region, share.block, share.facts)
            for share in each.availability.shares
            if (value := share.value) is not None and value < 1
        )[:3]
        yield "Weakest: " + ", ".join(
            f"{block} in {home} {100 * value:.4g} %{_sources(ids, facts)}" for value, home, block, ids in weakest
        )


def _sources(ids: Sequence[str], facts: Facts, worst: float | None = None) -> str:
    """The fact that a number is from, with who says it; none if the graph says it."""
    for fact in map(facts.__getitem__, ids):
        if worst is None or fact.value == worst:
            return f" [{fact.id}, {fact.class_.value}: {fact.source.partition(',')[0]}]"
    return ""


def _advised(each: Comparison, advice: Advice) -> str:
    if not advice.changes or advice.value is None:
        return advice.said
    return f"{advice.said}: then it {_found(each.promise.measure, advice.value)}"


def _seconds(seconds: float) -> str:
    return f"{seconds:,.0f} s"
