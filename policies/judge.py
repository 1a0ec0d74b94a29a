"""Putting rules to a graph."""

import traceback
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from policies.registry import Outcome, Rule, Scope, Verdict, Waiver
from policies.settings import Level, RuleSettings
from resilience.graph import Graph, Resource
from resilience.words import cut

MOST_VERDICTS = 10_000
"""Of one rule on one resource. More are a rule that does not end, and would keep the engine waiting for ever."""

MOST_EVIDENCE = 1500
"""Characters. What is longer is some property's text, and no terminal or pull request is the place for it."""


@dataclass(frozen=True, slots=True)
class Finding:
    """What a rule has against a resource."""

    rule: Rule
    urn: str
    outcome: Outcome
    evidence: str
    level: Level
    path: str = ""
    """Pulumi path of the property that decided; empty where it was no single one."""
    waiver: Waiver | None = None
    """Who answers for it. It is advisory then, and stays in sight."""

    @property
    def message(self) -> str:
        """What a person reads under the rule's name."""
        if self.waiver is None:
            return self._own_message
        return (
            f"waived by {self.waiver.owner} until {self.waiver.expires} ({self.waiver.id}): "
            f"{self.waiver.reason.rstrip('.')}. {self._own_message}"
        )

    @property
    def _own_message(self) -> str:
        if self.outcome is Outcome.CRASHED:
            return f"{self.rule.title}: not judged, the rule itself broke at {self.evidence}. Please report it."
        if self.outcome is Outcome.UNPROVEN:
            return f"{self.rule.title}: unproven. {_sentence(self.evidence)}"
        return f"{self.rule.title}. {_sentence(self.evidence)} Fix: {self.rule.fix}"


def judge(rules: Iterable[Rule], graph: Graph, settings: Mapping[str, RuleSettings]) -> list[Finding]:
    """Everything that is not proved good, sorted by resource and rule; a rule that breaks hides no other.

    Nothing is said of what a program only reads: its own program answers for it. Others' rules see it.
    """
    found = [
        Finding(
            rule, resource.urn, verdict.outcome, cut(graph.hidden(verdict.evidence), MOST_EVIDENCE), level, verdict.path
        )
        for rule in rules
        if settings[rule.id].level is not Level.DISABLED
        for resource in graph.of(*rule.types)
        if not resource.external
        for verdict in verdicts(rule, resource, graph, settings[rule.id])
        if verdict.outcome is not Outcome.PASS
        if (level := settings[rule.id].level_of(verdict.outcome)) is not Level.DISABLED
    ]
    return in_order(found)


def in_order(findings: Iterable[Finding]) -> list[Finding]:
    """Findings, sorted by resource and rule."""
    return sorted(findings, key=lambda finding: (finding.urn, finding.rule.id, finding.evidence))


def verdicts(rule: Rule, resource: Resource, graph: Graph, settings: RuleSettings) -> Iterator[Verdict]:
    """What a rule says of a resource; a last one of CRASHED if it breaks on the way."""
    try:
        for number, verdict in enumerate(rule.judge(resource, graph, settings.options), start=1):
            if number > MOST_VERDICTS:
                yield Verdict(Outcome.CRASHED, f"its verdict {number:,} of one resource")
                return
            yield verdict
    except Exception as error:
        # Not the error's words: they may hold a property's value, and that may be a secret.
        last = traceback.extract_tb(error.__traceback__)[-1]
        yield Verdict(Outcome.CRASHED, f"{Path(last.filename).name}:{last.lineno} with {type(error).__name__}")


def alone(rule: Rule) -> bool:
    """Whether a rule judges a resource without the rest of its stack."""
    return rule.scope is Scope.RESOURCE


def _sentence(evidence: str) -> str:
    return evidence if evidence.endswith("?") else f"{evidence}."
