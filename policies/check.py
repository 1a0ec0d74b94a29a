"""Judging exported states without an engine; those of both regions make one picture."""

from collections.abc import Iterable
from pathlib import Path

from policies.judge import Finding, judge
from policies.registry import Rule
from policies.settings import Level, settle
from resilience.adapters.state import read_export
from resilience.graph import Graph


def check(rules: Iterable[Rule], files: Iterable[Path]) -> list[Finding]:
    """Findings over all the files together.

    Raises:
        ValueError: If a file is no state export.
    """
    rules = tuple(rules)
    graph = Graph([resource for file in files for resource in read_export(file)])
    return judge(rules, graph, settle(rules, {}))


def report(findings: Iterable[Finding]) -> str:
    """One paragraph a finding, for a terminal."""
    return "\n".join(
        f"{finding.level.value:9}  {finding.rule.id}  ({finding.rule.severity.value})  {finding.urn}\n"
        f"           {finding.message}"
        for finding in findings
    )


def stops(findings: Iterable[Finding]) -> bool:
    """Whether any of them is mandatory."""
    return any(finding.level is Level.MANDATORY for finding in findings)
