"""What a person reads at a terminal: the matrix, one outcome in full, and what a change does."""

from collections.abc import Sequence

from rich.console import Console
from rich.table import Table
from rich.text import Text

from resilience.diagram import Term
from resilience.facts import Fact
from resilience.faults import Fault, Kind
from resilience.objectives import Standing
from resilience.outcomes import Duration, Outcome
from resilience.report.changes import Change, Changes, beside, difference, summary
from resilience.report.contents import (
    DOWN,
    LONGER,
    MEANING,
    UNKNOWN,
    Report,
    after_losing,
    available,
    cell_parts,
    level,
    losses,
    named,
    percent,
    promised,
    sentence,
    spoken,
    thinned,
    touched,
)
from resilience.words import counted, plain, what_of

STYLES = ("dim", "", "yellow", "bold yellow", "bold red", "bold white on red", "bold reverse")
"""By level; what a cell says is in its text."""
SHORT_KINDS = (
    Kind.ZONE, Kind.NAT, Kind.GPU_POOL, Kind.DATABASE_WRITER, Kind.CACHE_PRIMARY, Kind.LOAD_BALANCER, Kind.REGION,
    Kind.DNS,
)  # fmt: skip
"""What the short matrix tells of: places, and what stands in them once."""
NAMES = 12
"""Resources that are named of those that are dark, or take over."""


def matrix(report: Report, console: Console, *, short: bool = False) -> None:
    """Print faults by journeys, the worst first; faults that do the same share a row.

    Args:
        report: What to print.
        console: Where; its width is kept.
        short: Tell of places, and of what stands in them once, alone.
    """
    if not report.diagrams:
        console.print("There is no journey in view: nothing leads to a workload, and nothing starts steps.")
        return
    noticed = [group for group in report.groups if any(map(touched, report.row(group[0])))]
    quiet = len(report.faults) - sum(map(len, noticed))
    told = [tuple(fault for fault in group if not short or fault.kind in SHORT_KINDS) for group in noticed]
    shown = [group for group in told if group]
    table = Table(box=None, padding=(0, 1, 0, 0), pad_edge=False, show_edge=False)
    # A cell is never cut: what is lost takes the lines that it needs.
    table.add_column("fault", overflow="fold", ratio=1)
    for diagram in report.diagrams:
        table.add_column(Text(plain(diagram.title)), justify="right", overflow="fold", min_width=6, max_width=8)
    for group in shown:
        cells = [
            Text("\n".join(each for each in cell_parts(outcome) if each), STYLES[level(outcome)])
            for outcome in report.row(group[0])
        ]
        table.add_row(Text(named(group)), *cells)
    left = sum(map(len, noticed)) - sum(map(len, shown))
    if left:
        table.add_row(
            Text(f"{counted(left, 'fault')} of other kinds", "dim"), *(Text("…", "dim") for _ in report.diagrams)
        )
    if quiet:
        label = f"{quiet} more that nobody notices" if noticed else f"any of {counted(quiet, 'fault')}"
        table.add_row(Text(label, "dim"), *(Text("0 s", "dim") for _ in report.diagrams))
    there = [available(report.availabilities[each.journey].value, 4).removesuffix(" %") for each in report.diagrams]
    table.add_row(Text("availability in %"), *map(Text, there), style="bold")
    console.print(table)
    for promise in report.promises:
        # In the short form what is kept goes without saying.
        if promise.standing is not Standing.KEPT or not short:
            style = "dim" if promise.standing is Standing.KEPT else "bold"
            console.print(Text(f"promise {promised(promise)}", style))
    _legend(console)


def _legend(console: Console) -> None:
    console.print(
        Text.assemble(
            f"{MEANING} ",
            ("0 s", STYLES[0]),
            ": nobody waits, though all of it may not serve at once; ",
            ("5 h", STYLES[LONGER]),
            ": somebody has to decide or restore; ",
            ("down", STYLES[DOWN]),
            ": until what is lost is back; ",
            ("?", STYLES[UNKNOWN]),
            ": nobody can say.",
        )
    )


def explanation(report: Report, fault: Fault, outcome: Outcome, console: Console) -> None:
    """Print one outcome with every term, the facts behind it, what goes dark and what takes over."""
    title = next(plain(diagram.title) for diagram in report.diagrams if diagram.journey == outcome.journey)
    lines = [
        Text.assemble((f"{title}, {after_losing([fault])}", "bold"), f"  ({fault.id})"),
        Text.assemble(("  ", ""), (sentence(outcome), STYLES[level(outcome)])),
        Text(f"  lost of what was written: {losses(outcome)}"),
    ]
    if outcome.capacity is not None:
        steps = "" if outcome.slots is None else f"; {counted(outcome.slots, 'more step')} can start"
        first = outcome.then if thinned(outcome) else None
        again = f", {percent(first)} when it serves again" if first is not None else ""
        now = f"{percent(outcome.at_once)} at once{again}"
        lines.append(Text(f"  capacity: {now}, {percent(outcome.capacity)} once recovered{steps}"))
    for name, duration in (("until it serves again", outcome.rto), ("what was written, and is lost", outcome.rpo)):
        lines += _terms(report, name, duration)
    diagram = next(each for each in report.diagrams if each.journey == outcome.journey)
    for name, words in (
        ("what happens", outcome.because),
        ("would have to be known", outcome.doubts),
        ("goes dark, or in part", _names(outcome.dark)),
        ("takes over, or carries on", _names(outcome.takes_over)),
        ("taken to be so", diagram.hints),
    ):
        if words:
            lines += [Text(f"  {name}", "bold"), *(Text(f"    {plain(word)}") for word in words)]
    for line in lines:
        console.print(line, soft_wrap=True)
    console.print()


def _terms(report: Report, name: str, duration: Duration | None) -> list[Text]:
    if duration is None or not duration.worst_seconds:
        return []
    lines = [Text(f"  {name}", "bold")]
    passed = 0.0
    for term in duration.worst:
        lines.append(Text(f"    {_line(term, passed)}"))
        passed += term.worst
        lines += [Text(f"      {_told(report.facts[id_])}", "dim") for id_ in term.facts]
    lines.append(Text(f"    = {spoken(duration.worst_seconds)} at most, {spoken(duration.typical_seconds)} mostly"))
    if [term.because for term in duration.typical] != [term.because for term in duration.worst]:
        # Side by side, the one that takes longest is another one mostly.
        mostly = ", ".join(
            f"{term.step.value} {spoken(term.typical)}: {plain(term.because)}" for term in duration.typical
        )
        lines.append(Text(f"      mostly {mostly}"))
    return lines


def _line(term: Term, passed: float) -> str:
    start = f"at {spoken(passed)}" if passed else "at once"
    mostly = "" if term.typical == term.worst else f", mostly {spoken(term.typical)}"
    return f"{start:>16}  {term.step.value:9} {spoken(term.worst)}{mostly}: {plain(term.because)}"


def _told(fact: Fact) -> str:
    unit = "" if fact.unit.value in ("ratio", "count") else f" {fact.unit.value}"
    return f"{' ':16}  {fact.id} = {fact.value:g}{unit}, {fact.class_.value}: {fact.source}, {fact.date}"


def _names(urns: Sequence[str]) -> list[str]:
    names = list(dict.fromkeys(what_of(urn) for urn in urns))
    left = len(names) - NAMES
    return names if left <= 0 else [*names[:NAMES], f"and {left} more"]


def changes(found: Changes, console: Console) -> None:
    """Print what a change does to every outcome: what is worse first."""
    for line in told(found):
        console.print(Text(line), soft_wrap=True)


def told(found: Changes) -> list[str]:
    """The same in plain lines."""
    lines = [summary(found)]
    lines += [f"{word}: {plain(text)}" for word, text in beside(found)]
    lines += [line for change in found.all for line in _change(change)]
    lines += [f"new: {plain(title)}" for title in found.journeys_new]
    for what, faults in (("no more to lose", found.faults_gone), ("new to lose", found.faults_new)):
        if faults:
            lines.append(f"{what}: {named(faults)}")
    return lines


def _change(change: Change) -> list[str]:
    word = "worse" if change.worse else "better"
    journeys = plain(", ".join(change.titles))
    head = f"{word}: {journeys}, {after_losing(change.faults)}: {difference(change)}"
    return [head, *(f"    because {plain(reason)}" for reason in change.because)]
