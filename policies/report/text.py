"""What a person reads at a terminal."""

from collections.abc import Iterable

from policies.judge import Finding
from policies.report.contents import Report, changes
from resilience.graph import home_of
from resilience.words import counted, plain, shown_name


def render(report: Report) -> str:
    """The report: the worst last, where the eye is."""
    lines = _paragraphs([*report.waived, *report.unproven, *reversed(report.open), *report.crashed], report)
    for each in report.previews:
        if each.failure:
            lines.append(f"{plain(report.stack(each.home))}: could not be judged")
            lines += [f"  {plain(line)}" for line in each.failure.splitlines()]
        else:
            # Events alone do not say how many there are, and of what stands nothing would change.
            count = [counted(len(each.resources), "resource")] if each.resources else []
            told = [changes(each)] if each.changes or not each.resources else []
            lines.append(f"{plain(report.stack(each.home))}: {'; '.join([*count, *told])}")
    advisory = len(report.findings) - report.mandatory
    kinds = ((report.unproven, "unproven"), (report.waived, "waived"))
    those = "".join(f", {len(found):,} of them {name}" for found, name in kinds if found)
    found = f"{counted(report.mandatory, 'mandatory finding')}, {advisory:,} advisory{those}"
    lines.append(f"{counted(report.put, 'rule')}: {found}")
    if report.unseen:
        lines.append(f"waivers for other stacks were not looked at: {plain(', '.join(report.unseen))}")
    return "\n".join(lines) + "\n"


def _paragraphs(findings: Iterable[Finding], report: Report) -> list[str]:
    lines: list[str] = []
    for each in findings:
        where = [f"{place.file}:{place.line}" for place in report.places(each)[:1]]
        parts = (report.stack(home_of(each.urn)), shown_name(each.urn), *where)
        what = "  ".join(plain(part) for part in parts if part)
        lines += [
            f"{each.level.value:9}  {each.rule.id}  ({each.rule.severity.value})  {what}",
            f"           {plain(each.message)}",
        ]
    return lines
