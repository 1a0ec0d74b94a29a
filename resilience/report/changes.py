"""What a change does to every outcome: before and after, and the term that makes the difference."""

import math
from collections import Counter
from dataclasses import dataclass
from functools import cached_property

from resilience.diagram import Chain
from resilience.faults import Fault
from resilience.objectives import Comparison, Standing
from resilience.outcomes import Duration, Outcome, Verdict
from resilience.report.contents import (
    Badness,
    Report,
    after_losing,
    available,
    badness,
    cell,
    percent,
    promised,
    seconds_of,
    short,
    spoken,
)
from resilience.words import counted

CLOSE = 1e-9
"""Shares that differ by no more are the same: they come of sums in another order."""


@dataclass(frozen=True, slots=True)
class Change:
    """One difference, and all journeys and faults that it is the same for."""

    titles: tuple[str, ...]
    """Of the journeys."""
    faults: tuple[Fault, ...]
    before: Outcome
    after: Outcome
    """Of the first of the faults."""
    worse: bool
    """Whether anything in it is worse, whatever else is better."""
    because: tuple[str, ...]


@dataclass(frozen=True)
class Changes:
    """Two reports side by side."""

    before: Report
    after: Report

    @cached_property
    def all(self) -> tuple[Change, ...]:
        """Every difference: what is worse first, the worst of it first."""
        by_journey: dict[tuple[object, ...], list[Fault]] = {}
        of: dict[tuple[object, ...], tuple[Outcome, Outcome, tuple[str, ...]]] = {}
        for diagram in self.after.diagrams:
            for fault in self.after.faults:
                key = diagram.journey, fault.id
                before, after = self.before.outcomes.get(key), self.after.outcomes[key]
                if before is not None and not same(before, after):
                    told = because(before, after)
                    alike = (diagram.title, _figures(before), _figures(after), told)
                    by_journey.setdefault(alike, []).append(fault)
                    of.setdefault(alike, (before, after, told))
        # Journeys that the same faults do the same to.
        titles: dict[tuple[object, ...], list[tuple[object, ...]]] = {}
        for alike, faults in by_journey.items():
            titles.setdefault((*alike[1:], tuple(faults)), []).append(alike)
        made: list[Change] = []
        for several in titles.values():
            before, after, told = of[several[0]]
            faults = tuple(by_journey[several[0]])
            made.append(
                Change(tuple(str(each[0]) for each in several), faults, before, after, worse(before, after), told)
            )
        return tuple(sorted(made, key=_turn))

    @property
    def worse(self) -> int:
        """How many outcomes are worse than before; a journey that is gone counts with all of its faults.

        So do a journey that is there for less of a year, a promise that is no longer kept, and what a fault that there
        was not takes down, or that nobody can say of it: a resource of another name is another fault.
        """
        gone = sum(len(self.before.faults) for _ in self.journeys_gone)
        new = sum(len(faults) for _, _, faults in self.down_new) + len(self.broken_new)
        year = sum(fewer for _, _, _, fewer in self.years)
        return sum(len(change.titles) * len(change.faults) for change in self.all if change.worse) + gone + new + year

    @property
    def better(self) -> int:
        """How many outcomes are better than before, and in nothing worse."""
        year = sum(not fewer for _, _, _, fewer in self.years)
        return sum(len(change.titles) * len(change.faults) for change in self.all if not change.worse) + year

    @cached_property
    def years(self) -> tuple[tuple[str, float | None, float | None, bool], ...]:
        """Journeys that are there for another part of a year: title, before and after, and whether that is less."""
        found: list[tuple[str, float | None, float | None, bool]] = []
        for diagram in self.after.diagrams:
            if diagram.journey not in self.before.availabilities:
                continue
            before, after = (each.availabilities[diagram.journey].value for each in (self.before, self.after))
            one, other = (-1.0 if value is None else value for value in (before, after))
            if not _close(one, other):
                found.append((diagram.title, before, after, other < one))
        return tuple(found)

    @cached_property
    def broken_new(self) -> tuple[Comparison, ...]:
        """Promises that are not kept, and were, or were not made; and those of which nobody can say so any more."""
        before: dict[str, int] = {}
        for each in self.before.promises:
            path = each.promise.path
            before[path] = max(before.get(path, 0), _broken(each))
        return tuple(each for each in self.after.promises if _broken(each) > before.get(each.promise.path, 0))

    @cached_property
    def down_new(self) -> tuple[tuple[str, Verdict, tuple[Fault, ...]], ...]:
        """What faults that there were not do to journeys that there were, where they are down, or nobody can say."""
        gone = {diagram.journey for diagram in self.before.diagrams}
        found: dict[tuple[str, Verdict], list[Fault]] = {}
        for diagram in self.after.diagrams:
            for fault in self.faults_new if diagram.journey in gone else ():
                verdict = self.after.outcomes[diagram.journey, fault.id].verdict
                if verdict < Verdict.DEGRADED:
                    found.setdefault((diagram.title, verdict), []).append(fault)
        return tuple((title, verdict, tuple(faults)) for (title, verdict), faults in found.items())

    @cached_property
    def journeys_gone(self) -> tuple[str, ...]:
        """Titles of journeys that nothing leads to any more."""
        left = {diagram.journey for diagram in self.after.diagrams}
        return tuple(diagram.title for diagram in self.before.diagrams if diagram.journey not in left)

    @cached_property
    def journeys_new(self) -> tuple[str, ...]:
        """Titles of journeys that there were not."""
        were = {diagram.journey for diagram in self.before.diagrams}
        return tuple(diagram.title for diagram in self.after.diagrams if diagram.journey not in were)

    @cached_property
    def faults_gone(self) -> tuple[Fault, ...]:
        """Faults of what is no longer there."""
        left = {fault.id for fault in self.after.faults}
        return tuple(fault for fault in self.before.faults if fault.id not in left)

    @cached_property
    def faults_new(self) -> tuple[Fault, ...]:
        """Faults of what was not there."""
        were = {fault.id for fault in self.before.faults}
        return tuple(fault for fault in self.after.faults if fault.id not in were)


def same(before: Outcome, after: Outcome) -> bool:
    """Whether nothing that anybody notices differs."""
    return all(_close(one, other) for one, other in _measures(before, after))


def worse(before: Outcome, after: Outcome) -> bool:
    """Whether anything is worse: less of it serves, later, or more is lost, or nobody can say any more."""
    if after.verdict is Verdict.UNKNOWN and before.verdict is not Verdict.UNKNOWN:
        return True
    return any(other > one and not _close(one, other) for one, other in _measures(before, after))


def _broken(found: Comparison) -> int:
    return (Standing.KEPT, Standing.UNKNOWN, Standing.BROKEN).index(found.standing)


def _measures(before: Outcome, after: Outcome) -> list[tuple[float, float]]:
    """What is compared, before and after; more is worse."""
    pairs = list(zip(_late(before), _late(after), strict=True))
    if before.slots is not None and after.slots is not None:
        # A share of less is no gain: it is counted how many steps can start.
        return [*pairs, (-before.slots, -after.slots)]
    return [*pairs, *zip(_short(before), _short(after), strict=True)]


def _late(outcome: Outcome) -> tuple[float, ...]:
    kind, late, _, gone = badness(outcome)
    typical = [math.inf if each is None else each.typical_seconds for each in (outcome.rto, outcome.rpo)]
    return kind, late, gone, *typical


def _short(outcome: Outcome) -> tuple[float, ...]:
    return badness(outcome)[2], 1 - outcome.at_once


def _close(one: float, other: float) -> bool:
    return one == other or abs(one - other) <= CLOSE


def _figures(outcome: Outcome) -> tuple[object, ...]:
    measures = (*_late(outcome), *_short(outcome))
    return outcome.verdict, outcome.slots, *(each if math.isinf(each) else round(each, 6) for each in measures)


def _turn(change: Change) -> tuple[bool, tuple[float, ...], tuple[str, ...], str]:
    key: Badness = badness(change.after if change.worse else change.before)
    return not change.worse, tuple(-each for each in key), change.titles, change.faults[0].id


def because(before: Outcome, after: Outcome) -> tuple[str, ...]:
    """What makes the difference: terms that are new, gone or of another length, and what happens now."""
    told = [
        *_terms(before.rto.worst if before.rto else (), after.rto.worst if after.rto else (), ""),
        *_terms(before.rpo.worst if before.rpo else (), after.rpo.worst if after.rpo else (), "of what is lost, "),
        *(doubt for doubt in after.doubts if doubt not in before.doubts),
    ]
    happens = [word for word in after.because if word not in before.because]
    no_more = [f"no more: {word}" for word in before.because if word not in after.because]
    if before.verdict is Verdict.UNKNOWN and after.verdict is not Verdict.UNKNOWN:
        told += [f"known now: {doubt}" for doubt in before.doubts]
    return tuple(dict.fromkeys([*told, *(happens or no_more)]))


def _terms(before: Chain, after: Chain, of: str) -> list[str]:
    left, come = (
        list((Counter(before) - Counter(after)).elements()),
        list((Counter(after) - Counter(before)).elements()),
    )
    told: list[str] = []
    for term in come:
        old = next((each for each in left if each.step is term.step), None)
        if old is not None:
            left.remove(old)
        then = f"{spoken(old.worst)} → " if old is not None else ""
        told.append(f"{of}{term.step.value} {then}{spoken(term.worst)}: {term.because}")
    return [*told, *(f"{of}{term.step.value} {spoken(term.worst)} → 0 s: {term.because} no more" for term in left)]


# Words.


def summary(found: Changes) -> str:
    """How many outcomes differ, in one line."""
    if not (found.all or found.journeys_gone or found.journeys_new or found.worse or found.better):
        return f"Nothing changes: {counted(len(found.after.outcomes), 'outcome')} are as they were."
    return f"{counted(found.worse, 'outcome')} would be worse, {found.better:,} better."


def beside(found: Changes) -> list[tuple[str, str]]:
    """What differs beside outcomes of faults that there were before, each with ``worse`` or ``better`` before it."""
    lines = [("worse", f"nothing leads to {title} any more") for title in found.journeys_gone]
    lines += [("worse", f"promise {promised(each)}") for each in found.broken_new]
    for title, verdict, faults in found.down_new:
        how = "down until what is lost is back" if verdict is Verdict.DOWN else "nobody can say"
        lines.append(("worse", f"{title}, {after_losing(faults)}, which there was not: {how}"))
    for title, before, after, fewer in sorted(found.years, key=lambda each: not each[3]):
        word = "worse" if fewer else "better"
        lines.append((word, f"{title} is there {available(before)} → {available(after)} of a year"))
    return lines


def difference(change: Change) -> str:
    """Before and after in few characters, with what of it differs: ``0 s → 180 s``."""
    before, after = change.before, change.after
    if before.slots is not None and after.slots is not None and before.slots != after.slots:
        times = (short(seconds_of(each.rto)) for each in (before, after))
        return (
            " → ".join(f"{time} {each.slots:,}" for time, each in zip(times, (before, after), strict=True)) + " steps"
        )
    if cell(before) != cell(after):
        return f"{cell(before)} → {cell(after)}"
    for times, one, other in (("", before.rto, after.rto), ("loses ", before.rpo, after.rpo)):
        for which, low, high in (("", *_worst(one, other)), ("mostly ", *_typical(one, other))):
            if low != high:
                return f"{times}{which}{low} → {high}"
    return f"{percent(before.at_once)} → {percent(after.at_once)} of it serves in the moment of the fault"


def _worst(one: Duration | None, other: Duration | None) -> tuple[str, str]:
    low, high = ("all" if each is None else spoken(each.worst_seconds) for each in (one, other))
    return low, high


def _typical(one: Duration | None, other: Duration | None) -> tuple[str, str]:
    low, high = ("all" if each is None else spoken(each.typical_seconds) for each in (one, other))
    return low, high
