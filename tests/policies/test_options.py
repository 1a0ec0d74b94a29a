"""What numbers of a rule change."""

import pytest

from policies.catalog import all_rules
from policies.judge import verdicts
from policies.registry import Outcome
from policies.settings import Level, RuleSettings
from resilience.adapters.analyzer import stack_resources
from resilience.graph import Graph
from tests.policies.platform import Platform
from tests.policies.reference import reference

RULES = {rule.id: rule for rule in all_rules()}


def outcomes(platform: Platform, id_: str, **options: int) -> set[Outcome]:
    rule = RULES[id_]
    given = {name: option.default for name, option in rule.options.items()} | options
    graph = Graph(stack_resources(platform.stack_request().resources))
    settings = RuleSettings(Level.MANDATORY, Level.MANDATORY, given)
    return {
        verdict.outcome for each in graph.of(*rule.types) for verdict in verdicts(rule, each, graph, settings)
    }  # fmt: skip


@pytest.mark.parametrize(("days", "outcome"), [(6, Outcome.FAIL), (7, Outcome.PASS), (31, Outcome.PASS)])
def test_how_often_a_restore_is_rehearsed(days: int, outcome: Outcome) -> None:
    assert outcomes(reference(), "BKP-04", maxDays=days) == {outcome}


@pytest.mark.parametrize(("hours", "outcome"), [(23, Outcome.FAIL), (24, Outcome.PASS)])
def test_how_often_a_backup_is_taken(hours: int, outcome: Outcome) -> None:
    assert outcome in outcomes(reference(), "BKP-01", maxHours=hours)
    assert (Outcome.FAIL in outcomes(reference(), "BKP-01", maxHours=hours)) == (outcome is Outcome.FAIL)
