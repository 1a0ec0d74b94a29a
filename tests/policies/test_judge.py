"""Putting rules to a graph: what is a finding, in which order, and in which words."""

import re
from collections.abc import Iterator
from dataclasses import FrozenInstanceError, fields
from datetime import date
from typing import Any

import pytest

from policies.judge import Finding, alone, judge, verdicts
from policies.registry import Judge, Outcome, Rule, Scope, Severity, Verdict, Waiver, fails, passes, unproven
from policies.settings import Level, RuleSettings
from resilience.graph import Graph, Resource

ONE, OTHER = (Resource(f"urn:pulumi:primary::tandem::t::{name}", "t", name, {}) for name in "ab")
GRAPH = Graph([OTHER, ONE, Resource("urn:pulumi:primary::tandem::other::c", "other", "c", {})])
STRICT = RuleSettings(Level.MANDATORY, Level.ADVISORY, {"days": 7})


def made(judge_: Judge, id_: str = "TST-01", scope: Scope = Scope.RESOURCE) -> Rule:
    return Rule(id_, "It holds", "Else.", "Hold it", Severity.LOW, scope, ("t",), (), {}, judge_)


def says(*said: Verdict) -> Judge:
    def judge_(*_: object) -> Iterator[Verdict]:
        yield from said

    return judge_


def broken(*_: Any) -> Iterator[Verdict]:
    yield fails("this much is known")
    raise KeyError("swordfish")


def found(*rules: Rule, settings: RuleSettings = STRICT) -> list[Finding]:
    return judge(rules, GRAPH, {rule.id: settings for rule in rules})


def test_what_is_good_is_no_finding() -> None:
    assert found(made(says(passes("fine")))) == []


def test_a_finding_says_what_where_and_how_bad() -> None:
    rule = made(says(passes("fine"), fails("days is 1", "days"), unproven("zone is not known yet", "zone")))
    assert found(rule)[:2] == [
        Finding(rule, ONE.urn, Outcome.FAIL, "days is 1", Level.MANDATORY, "days"),
        Finding(rule, ONE.urn, Outcome.UNPROVEN, "zone is not known yet", Level.ADVISORY, "zone"),
    ]


def test_a_rule_is_put_to_its_types_with_its_numbers() -> None:
    asked: list[tuple[str, int]] = []

    def asks(resource: Resource, graph: Graph, options: Any) -> Iterator[Verdict]:
        assert graph is GRAPH
        asked.append((resource.name, options["days"]))
        yield passes("fine")

    found(made(asks))
    assert asked == [("a", 7), ("b", 7)]


def test_findings_come_by_resource_then_rule_then_evidence() -> None:
    second, first = made(says(fails("x")), "TST-02"), made(says(fails("z"), fails("y")), "TST-01")
    assert [(each.urn[-1], each.rule.id, each.evidence) for each in found(second, first)] == [
        *(("a", "TST-01", "y"), ("a", "TST-01", "z"), ("a", "TST-02", "x")),
        *(("b", "TST-01", "y"), ("b", "TST-01", "z"), ("b", "TST-02", "x")),
    ]


@pytest.mark.parametrize(
    ("level", "on_unknown", "left"),
    [
        (Level.DISABLED, Level.DISABLED, set[str]()),
        (Level.ADVISORY, Level.DISABLED, {"bad"}),
        (Level.MANDATORY, Level.ADVISORY, {"bad", "open"}),
    ],
)
def test_what_is_disabled_is_not_said(level: Level, on_unknown: Level, left: set[str]) -> None:
    rule = made(says(fails("bad"), unproven("open")))
    assert {each.evidence for each in found(rule, settings=RuleSettings(level, on_unknown, {}))} == left


def test_a_rule_that_is_disabled_is_not_asked() -> None:
    def never(*_: Any) -> Iterator[Verdict]:
        raise AssertionError

    assert found(made(never), settings=RuleSettings(Level.DISABLED, Level.DISABLED, {})) == []


def test_a_rule_that_breaks_says_where_and_not_on_what() -> None:
    before, crash = verdicts(made(broken), ONE, GRAPH, STRICT)
    assert before == fails("this much is known")
    assert crash.outcome is Outcome.CRASHED
    line = broken.__code__.co_firstlineno + 2
    assert crash.evidence == f"test_judge.py:{line} with KeyError"


def test_where_a_rule_breaks_is_where_the_error_was_raised() -> None:
    def deeper(*_: Any) -> Iterator[Verdict]:
        yield passes(re.fullmatch("(", "").group())  # pyright: ignore[reportOptionalMemberAccess]

    [crash] = verdicts(made(deeper), ONE, GRAPH, STRICT)
    assert not crash.evidence.startswith("test_judge.py")


@pytest.mark.parametrize(("many", "crashed"), [(10_000, 0), (10_001, 1), (10_009, 1)])
def test_a_rule_says_no_more_than_it_may(many: int, crashed: int) -> None:
    said = list(verdicts(made(says(*[fails("again")] * many)), ONE, GRAPH, STRICT))
    assert len(said) == 10_000 + crashed
    ends = [each.evidence for each in said if each.outcome is Outcome.CRASHED]
    assert ends == ["its verdict 10,001 of one resource"] * crashed


@pytest.mark.parametrize(("length", "shown"), [(1500, 1500), (1501, 1501), (1600, 1501)])
def test_evidence_is_short(length: int, shown: int) -> None:
    evidence = found(made(says(fails("x" * length))))[0].evidence
    assert len(evidence) == shown
    assert evidence.endswith("…") == (length > 1500)


@pytest.mark.parametrize(
    ("said", "words"),
    [
        (fails("days is 1"), "It holds. days is 1. Fix: Hold it"),
        (unproven("days is not known yet"), "It holds: unproven. days is not known yet."),
        (
            Verdict(Outcome.CRASHED, "a.py:1 with KeyError"),
            "It holds: not judged, the rule itself broke at a.py:1 with KeyError. Please report it.",
        ),
    ],
)
def test_a_person_reads(said: Verdict, words: str) -> None:
    rule = made(says(said))
    assert {each.message for each in found(rule)} == {words}
    waiver = Waiver("known", (), (), (), "data@example.com", "It is rebuilt.", date(2027, 1, 31), 3)
    waived = Finding(rule, ONE.urn, said.outcome, said.evidence, Level.ADVISORY, waiver=waiver)
    assert waived.message == f"waived by data@example.com until 2027-01-31 (known): It is rebuilt. {words}"


def test_a_rule_of_one_resource_judges_it_alone() -> None:
    assert [scope for scope in Scope if alone(made(broken, scope=scope))] == [Scope.RESOURCE]


@pytest.mark.parametrize("one", [found(made(says(fails("bad"))))[0]], ids=lambda one: type(one).__name__)
def test_what_is_said_stays_as_it_is(one: Any) -> None:
    with pytest.raises(FrozenInstanceError, match="cannot assign to field"):
        setattr(one, fields(one)[0].name, None)
    with pytest.raises(AttributeError, match="has no attribute 'misspelt'"):
        object.__setattr__(one, "misspelt", None)
