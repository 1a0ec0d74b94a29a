"""Markdown for a comment on a pull request, and for the summary of a run.

Names and values come from whoever wrote the program: they stand in code spans, where nothing of them is a link, a
mention, a picture or HTML.
"""

from collections.abc import Callable, Iterable, Sequence
from itertools import groupby

from policies.judge import Finding
from policies.preview import Preview
from policies.registry import Rule
from policies.report.contents import WORST_FIRST, Report, changes
from policies.settings import Level
from resilience.graph import home_of
from resilience.words import code, counted, cut, fence, plain, shown_name, shown_type

MARK = "<!-- tandem-resilience policies -->"
"""The first line. Whoever posts the comment finds the last one by it, and writes in its place."""

MOST_CHARACTERS = 65_000
"""GitHub refuses a comment of more than 65,536."""
MOST_PLACES = 8
"""Resources that are named under one rule."""
MOST_SHOWN = 400
"""Characters of a value or of a name."""
REASON_LINES = 25

Block = tuple[int, str]
"""How many findings a text is about, and the text."""


def render(report: Report, most: int = MOST_CHARACTERS) -> str:
    """The report, cut before what does not fit, with a word on how much that is.

    Args:
        report: What was found.
        most: Characters.
    """
    head = "\n".join([MARK, f"## {_headline(report)}", "", *_stacks(report), ""])
    blocks = [
        *[(0, _failure(each, report)) for each in report.failures],
        *_section(report.crashed, "Rules that broke", report, _broken),
        *[
            block
            for severity in WORST_FIRST
            for block in _section(
                [each for each in report.open if each.rule.severity is severity],
                severity.value.capitalize(),
                report,
                _broken,
            )
        ],
        *_section(report.unproven, "Unproven", report, _unproven),
        *_section(report.waived, "Waived", report, _waived),
    ]
    total = sum(count for count, _ in blocks)
    told, length, kept = 0, len(head), [head]
    for count, text in blocks:
        rest = _left_out(total - told)
        if length + len(text) + len(rest) + 2 > most:
            kept.append(rest)
            break
        told, length = told + count, length + len(text) + 1
        kept.append(text)
    return "\n".join(kept).rstrip() + "\n"


def _left_out(count: int) -> str:
    return f"\n**{counted(count, 'finding')} more did not fit here; the SARIF and JUnit files have all of them.**"


def _headline(report: Report) -> str:
    if report.failures:
        names = ", ".join(_code(report.stack(each.home)) for each in report.failures)
        return f"Policies: {names} could not be judged"
    parts = [
        counted(report.mandatory, "mandatory finding") if report.mandatory else "",
        f"{advisory:,} advisory" if (advisory := len(report.findings) - report.mandatory) else "",
    ]
    return f"Policies: {', '.join(each for each in parts if each) or 'every rule holds'}"


def _stacks(report: Report) -> list[str]:
    rows = ["| Stack | Resources | Would happen | Mandatory | Advisory |", "|---|--:|---|--:|--:|"]
    for each in report.previews:
        found = report.of(each.home)
        stops = sum(finding.level is Level.MANDATORY for finding in found)
        told = "**not judged**" if each.failure else changes(each)
        # A pipe would end the cell, in a code span too.
        name, count = _code(report.stack(each.home).replace("|", "¦")), len(each.resources) or "?"
        rows.append(f"| {name} | {count} | {told} | {stops:,} | {len(found) - stops:,} |")
    judged = [report.stack(each.home) for each in report.previews if each.resources]
    together = f" {' and '.join(_code(each) for each in judged)} judged together." if len(judged) > 1 else ""
    return [*rows, "", f"{counted(report.put, 'rule')}.{together}"]


def not_judged(reason: str) -> str:
    """What stands where there is no report: that there is none, and why."""
    return f"{MARK}\n## Policies: not judged\n\n{_block(reason)}\n"


def _failure(preview: Preview, report: Report) -> str:
    return f"### {_code(report.stack(preview.home))} could not be judged\n\n{_block(preview.failure)}\n"


def _block(reason: str) -> str:
    lines = [plain(line) for line in reason.splitlines()]
    if (left := len(lines) - REASON_LINES) > 0:
        lines = [f"({counted(left, 'line')} left out here)", *lines[-REASON_LINES:]]
    text = "\n".join(cut(line, MOST_SHOWN) for line in lines)
    around = fence(text, 3)
    return f"{around}text\n{text}\n{around}"


def _section(
    findings: Sequence[Finding], title: str, report: Report, told: Callable[[Rule, Sequence[Finding], Report], str]
) -> list[Block]:
    """A heading, then a block for each rule."""
    blocks: list[Block] = []
    for rule, group in groupby(findings, key=lambda each: each.rule):
        of_rule = list(group)
        heading = "" if blocks else f"### {title} ({len(findings):,})\n\n"
        blocks.append((len(of_rule), f"{heading}{told(rule, of_rule, report)}\n"))
    return blocks


def _broken(rule: Rule, findings: Sequence[Finding], report: Report) -> str:
    fix = f"  \n  Fix: {_ours(rule.fix)}" if findings[0].waiver is None else ""
    return f"- **{rule.id}** {_ours(rule.title)} ({_levels(findings)}){fix}\n{_resources(findings, report)}"


def _unproven(rule: Rule, findings: Sequence[Finding], report: Report) -> str:
    return f"- **{rule.id}** {_ours(rule.title)} ({_levels(findings)})\n{_resources(findings, report)}"


def _waived(rule: Rule, findings: Sequence[Finding], report: Report) -> str:
    waivers = {each.waiver.id: each.waiver for each in findings if each.waiver is not None}
    why = [
        f"  - until {each.expires} by {_code(each.owner)}: {_code(each.reason)} ({_code(each.id)})"
        for each in waivers.values()
    ]
    return "\n".join([f"- **{rule.id}** {_ours(rule.title)}", *why, _resources(findings, report)])


def _levels(findings: Iterable[Finding]) -> str:
    return " and ".join(sorted({each.level.value for each in findings}, reverse=True))


def _resources(findings: Sequence[Finding], report: Report) -> str:
    lines: list[str] = []
    for each in findings[:MOST_PLACES]:
        where = [_code(f"{place.file}:{place.line}") for place in report.places(each)[:1]]
        name = f"{report.stack(home_of(each.urn))} {shown_name(each.urn)}"
        what = [_code(name), _code(shown_type(each.urn))] if each.urn else []
        lines.append(f"  - {', '.join([*what, *where])}: {_code(each.evidence)}")
    if (left := len(findings) - MOST_PLACES) > 0:
        lines.append(f"  - and {left:,} more")
    return "\n".join(lines)


def _code(text: str) -> str:
    return code(text, MOST_SHOWN)


def _ours(text: str) -> str:
    """The pack's own words; ``<name>`` in them is no HTML."""
    return plain(text).replace("<", "&lt;")
