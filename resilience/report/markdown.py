"""Markdown for a comment on a pull request: what a change does, and the matrix folded away.

Names come from whoever wrote the program: they stand in code spans, where nothing of them is a link, a mention or HTML.
"""

from resilience.objectives import Standing
from resilience.report.changes import Change, Changes, beside, difference, summary
from resilience.report.contents import (
    MEANING,
    Report,
    after_losing,
    available,
    cell,
    named,
    promised,
    touched,
)
from resilience.words import code, counted

MARK = "<!-- tandem-resilience resilience -->"
"""The first line. Whoever posts the comment finds the last one by it, and writes in its place."""

MOST_CHARACTERS = 20_000
"""Longer ones nobody reads; GitHub refuses 65,536."""
CUT = "more did not fit here; the page has all."
MOST_SHOWN = 240
"""Characters of a reason or of names."""


def render(report: Report, changes: Changes | None = None, most: int = MOST_CHARACTERS) -> str:
    """The report, cut before the row that does not fit, with a word on how many that are.

    Args:
        report: What there would be.
        changes: What is different; None: nothing is compared.
        most: Characters.
    """
    head = [MARK, f"## {_headline(report, changes)}", ""]
    parts: list[tuple[list[str], list[str], list[str]]] = []
    if changes is not None:
        parts += _changes(changes)
    if report.promises:
        order = (Standing.BROKEN, Standing.UNKNOWN, Standing.KEPT)
        ordered = sorted(report.promises, key=lambda each: order.index(each.standing))
        parts.append((["", "### Promises", ""], [f"- {_code(promised(each))}" for each in ordered], [""]))
    parts.append(_matrix(report, folded=changes is not None))
    if report.assumed:
        told = [f"- {_code(each)}" for each in report.assumed]
        parts.append(
            (["", "<details><summary>Taken to be so, as no graph says it</summary>", ""], told, ["", "</details>"])
        )
    made = "\n".join(head)
    for before, rows, after in parts:
        cut = len(made)
        made = _fitted(made, before, rows, after, most)
        if CUT in made[cut:]:
            # One word on it is enough: what comes after has less room yet.
            break
    return made.rstrip() + "\n"


def _fitted(made: str, before: list[str], rows: list[str], after: list[str], most: int) -> str:
    """Text with a table after it, of which as many rows are kept as there is room for."""
    ends = "\n".join(after)
    text = "\n".join([made, *before])
    for number, row in enumerate(rows):
        rest = f"\n\n**{counted(len(rows) - number, 'row')} {CUT}**\n"
        if len(text) + len(row) + len(rest) + len(ends) + 2 > most:
            # What stands before a table is little; where not even that fits, nothing is begun.
            return f"{text}{rest}{ends}" if number else f"{made}{rest}"
        text = f"{text}\n{row}"
    return f"{text}\n{ends}"


def _headline(report: Report, changes: Changes | None) -> str:
    if changes is not None:
        return f"Resilience: {summary(changes)[0].lower()}{summary(changes)[1:].rstrip('.')}"
    quiet = sum(not any(map(touched, report.row(fault))) for fault in report.faults)
    return f"Resilience: {quiet:,} of {counted(len(report.faults), 'fault')} nobody notices"


def _changes(changes: Changes) -> list[tuple[list[str], list[str], list[str]]]:
    parts: list[tuple[list[str], list[str], list[str]]] = []
    gone = [f"- {'**worse**' if word == 'worse' else word}: {_code(text)}" for word, text in beside(changes)]
    gone += [f"- new: {_code(title)}" for title in changes.journeys_new]
    gone += [
        f"- {what}: {_code(named(faults))}"
        for what, faults in (("no more to lose", changes.faults_gone), ("new to lose", changes.faults_new))
        if faults
    ]
    if gone:
        parts.append(([""], gone, [""]))
    if changes.all:
        head = ["", "| | Journey | After | Before → after | Because |", "|---|---|---|---|---|"]
        parts.append((head, [_change(change) for change in changes.all], [""]))
    return parts


def _change(change: Change) -> str:
    word = "**worse**" if change.worse else "better"
    why = "<br>".join(_code(reason) for reason in change.because) or " "
    what = (
        _code(", ".join(change.titles)),
        _code(after_losing(change.faults).removeprefix("after ")),
        _cell(difference(change)),
    )
    return f"| {word} | {' | '.join(what)} | {why} |"


def _matrix(report: Report, *, folded: bool) -> tuple[list[str], list[str], list[str]]:
    titles = [_code(diagram.title) for diagram in report.diagrams]
    noticed = [group for group in report.groups if any(map(touched, report.row(group[0])))]
    rows = [_row(_code(named(group)), [cell(outcome) for outcome in report.row(group[0])]) for group in noticed]
    quiet = len(report.faults) - sum(map(len, noticed))
    if quiet:
        rows.append(_row(f"{quiet:,} more that nobody notices", ["0 s"] * len(titles)))
    there = [available(report.availabilities[diagram.journey].value) for diagram in report.diagrams]
    rows.append(_row("*availability*", there))
    before = [
        *(["", "<details><summary>Every fault for every journey</summary>"] if folded else []),
        "",
        _row("Fault", titles),
        f"|---|{'--:|' * len(titles)}",
    ]
    return before, rows, ["", MEANING, *(["", "</details>"] if folded else [])]


def _row(first: str, cells: list[str]) -> str:
    return f"| {first} | {' | '.join(map(_cell, cells))} |"


def _cell(text: str) -> str:
    return text.replace("<", "&lt;").replace("|", "\\|") if not text.startswith("`") else text


def _code(text: str) -> str:
    """A code span in a cell."""
    # A pipe would end the cell, in a code span too.
    return code(text.replace("|", "¦"), MOST_SHOWN)
