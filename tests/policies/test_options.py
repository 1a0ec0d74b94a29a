"""What numbers of a rule change."""

import pytest

from policies.catalog import all_rules
from policies.judge import verdicts
from policies.registry import Outcome
from policies.settings import Level, RuleSettings
from resilience.adapters.analyzer import stack_resources
from resilience.graph import Graph
from tests.policies.mutants_s3 import proof
from tests.policies.platform import UNKNOWN_TEXT, Platform
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


@pytest.mark.parametrize(
    ("days", "asked", "outcome"),
    [
        (None, 0, {Outcome.PASS}),
        (None, 1, {Outcome.PASS, Outcome.FAIL}),
        (2, 1, {Outcome.PASS, Outcome.FAIL}),
        (3, 1, {Outcome.PASS}),
    ],
)
def test_whether_a_vault_s_lock_may_be_taken_off(days: int | None, asked: int, outcome: set[Outcome]) -> None:
    platform = reference()
    platform.put("vault-lock", "changeableForDays", days)
    assert outcomes(platform, "BKP-03", compliance=asked) == outcome


@pytest.mark.parametrize(
    ("mode", "asked", "outcome"),
    [
        ("GOVERNANCE", 0, {Outcome.PASS}),
        ("GOVERNANCE", 1, {Outcome.PASS, Outcome.FAIL}),
        ("COMPLIANCE", 1, {Outcome.PASS}),
        (UNKNOWN_TEXT, 1, {Outcome.PASS, Outcome.UNPROVEN}),
    ],
)
def test_whether_a_locked_object_may_be_deleted(mode: str, asked: int, outcome: set[Outcome]) -> None:
    platform = proof(reference(), days=30)
    platform.put("lock", "rule/defaultRetention/mode", mode)
    assert outcomes(platform, "S3-05", compliance=asked) == outcome


@pytest.mark.parametrize(("days", "outcome"), [(89, Outcome.UNPROVEN), (90, Outcome.PASS)])
def test_how_soon_what_needs_no_copy_expires(days: int, outcome: Outcome) -> None:
    platform = reference()
    platform.put("lifecycle", "rules/0/expiration", {"days": 90})
    assert outcomes(platform, "S3-02", maxDisposableDays=days) == {outcome}
