"""Judging exported states without an engine; those of both regions make one picture."""

import argparse
import sys
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path

from policies.catalog import all_rules
from policies.judge import Finding, judge
from policies.registry import Outcome, Rule
from policies.settings import Level, RuleSettings, baseline, read_config, settle
from policies.waivers import WAIVER_RULES, Waivers, elsewhere, find, read, review, waive
from resilience.adapters.state import read_export
from resilience.graph import Graph, Resource

CLEAN, FINDINGS, NOT_JUDGED = 0, 1, 2
"""Exit codes: nothing that stops; mandatory findings; a file could not be read."""


@dataclass(frozen=True, slots=True)
class Checked:
    """What was judged, and what was found."""

    findings: tuple[Finding, ...]
    graph: Graph
    rules: int
    """How many were put; those that are disabled are not."""
    waivers: Waivers

    @property
    def stops(self) -> bool:
        """Whether any finding is mandatory."""
        return any(finding.level is Level.MANDATORY for finding in self.findings)


def parser() -> argparse.ArgumentParser:
    """Describe the command."""
    made = argparse.ArgumentParser(
        prog="python -m policies check",
        description="Judge exported states together, without an engine: `pulumi stack export -s primary --file "
        "primary.json`. Exit code 0: nothing mandatory; 1: mandatory findings; 2: a file could not be read.",
    )
    made.add_argument("exports", nargs="+", metavar="EXPORT", type=Path, help="file of `pulumi stack export`")
    which = made.add_mutually_exclusive_group()
    which.add_argument("--config", type=Path, help="levels and numbers, as `pulumi --policy-pack-config` takes them")
    which.add_argument("--baseline", help="dev, prod or critical")
    return made


def main(arguments: Sequence[str], environment: Mapping[str, str]) -> int:
    """Run the command; return its exit code."""
    asked = parser().parse_args(arguments)
    try:
        config = baseline(asked.baseline) if asked.baseline else asked.config
        rules = all_rules()
        settings = settle((*rules, *WAIVER_RULES), read_config(config) if config else {})
        waivers = read(find(Path.cwd(), environment), rules)
        checked = check(rules, asked.exports, settings, waivers, datetime.now(UTC).date())
    except ValueError as error:
        sys.stderr.write(f"{error}\n")
        return NOT_JUDGED
    sys.stdout.write(f"{report(checked)}\n")
    return FINDINGS if checked.stops else CLEAN


def check(
    rules: Iterable[Rule],
    files: Iterable[Path],
    settings: Mapping[str, RuleSettings],
    waivers: Waivers,
    today: date,
) -> Checked:
    """Judge all the files together.

    Raises:
        ValueError: With one line a mistake: a file that is no state export, or two of one stack.
    """
    rules = tuple(rules)
    graph = Graph(_read(files))
    findings = waive(judge(rules, graph, settings), waivers, today)
    findings += review(waivers, graph, findings, settings, rules, today)
    enabled = sum(settings[rule.id].level is not Level.DISABLED for rule in rules)
    return Checked(tuple(findings), graph, enabled, waivers)


def report(checked: Checked) -> str:
    """One paragraph a finding, for a terminal, and in the end what was judged."""
    paragraphs = [
        f"{finding.level.value:9}  {finding.rule.id}  ({finding.rule.severity.value})  {finding.urn}\n"
        f"           {finding.message}"
        for finding in checked.findings
    ]
    stacks = checked.graph.stacks
    judged = (
        f"{_count(len(checked.graph.resources), 'resource')} of {_count(len(stacks), 'stack')} "
        f"({', '.join(stacks) or 'none'}) judged by {_count(checked.rules, 'rule')}: {_counts(checked.findings)}"
    )
    others = elsewhere(checked.waivers, checked.graph)
    unused = [f"waivers for other stacks were not looked at: {', '.join(others)}"] if others else []
    return "\n".join([*paragraphs, judged, *unused])


def _read(files: Iterable[Path]) -> list[Resource]:
    mistakes: list[str] = []
    resources: list[Resource] = []
    homes: dict[str, Path] = {}
    for file in files:
        try:
            read_here = read_export(file)
        except ValueError as error:
            mistakes.append(str(error))
            continue
        # A stack's name is its own within a project only.
        for name in sorted({"/".join(each.urn.removeprefix("urn:pulumi:").split("::")[:2]) for each in read_here}):
            stack, _, project = name.partition("/")
            if name in homes:
                mistakes.append(f"{file}: is of stack {stack} of {project}, and so is {homes[name]}; give each once")
            homes.setdefault(name, file)
        if not read_here:
            mistakes.append(f"{file}: has no resources; the stack is empty, or the export is of another")
        resources += read_here
    if mistakes:
        raise ValueError("\n".join(mistakes))
    return resources


def _counts(findings: Sequence[Finding]) -> str:
    levels = Counter(finding.level for finding in findings)
    told = [f"{levels[level]} {level.value}" for level in (Level.MANDATORY, Level.ADVISORY) if levels[level]]
    unproven = sum(finding.outcome is Outcome.UNPROVEN for finding in findings)
    waived = sum(finding.waiver is not None for finding in findings)
    told += [f"{number} of them {name}" for number, name in ((unproven, "unproven"), (waived, "waived")) if number]
    return ", ".join(told) or "no findings"


def _count(number: int, thing: str) -> str:
    return f"{number:,} {thing}{'' if number == 1 else 's'}"
