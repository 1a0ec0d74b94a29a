"""What rules are made with: registering one, judging a property, counting."""

from collections.abc import Iterator
from dataclasses import FrozenInstanceError, fields
from datetime import date
from typing import Any

import pytest

from policies.registry import (
    RULES,
    Option,
    Outcome,
    Rule,
    Scope,
    Severity,
    Verdict,
    Waived,
    Waiver,
    counts,
    holds,
    is_not_true,
    is_true,
    rule,
)
from resilience.graph import UNKNOWN, Members, Read, Resource


def read(**properties: Any) -> Read:
    """The property ``days`` of a resource that has these."""
    return Resource("urn:pulumi:primary::tandem::t::r", "t", "r", properties).read("days")


def a_week(value: Any) -> bool:
    return value >= 7


@pytest.mark.parametrize(
    ("properties", "said"),
    [
        ({"days": 7}, Verdict(Outcome.PASS, "days is 7")),
        ({"days": 6}, Verdict(Outcome.FAIL, "days is 6; it must be at least 7", "days")),
        # As programs in YAML write a number.
        ({"days": "7"}, Verdict(Outcome.PASS, 'days is "7"')),
        ({"days": "6"}, Verdict(Outcome.FAIL, 'days is "6"; it must be at least 7', "days")),
        ({"days": []}, Verdict(Outcome.FAIL, "days is []; it must be at least 7", "days")),
        ({"days": UNKNOWN}, Verdict(Outcome.UNPROVEN, "days is not known yet; it must be at least 7", "days")),
        ({}, Verdict(Outcome.FAIL, "days is not set; it must be at least 7", "days")),
    ],
)
def test_a_property_is_judged(properties: dict[str, Any], said: Verdict) -> None:
    assert holds(read(**properties), a_week, "at least 7") == said


@pytest.mark.parametrize(
    ("default", "said"),
    [
        (7, Verdict(Outcome.PASS, "days is 7 by default")),
        (1, Verdict(Outcome.FAIL, "days is 1 by default; it must be at least 7", "days")),
    ],
)
def test_what_is_not_set_is_what_the_cloud_takes(default: int, said: Verdict) -> None:
    assert holds(read(), a_week, "at least 7", default=default) == said
    # What is set, is not.
    assert holds(read(days=8), a_week, "at least 7", default=default) == Verdict(Outcome.PASS, "days is 8")
    assert holds(read(days=UNKNOWN), a_week, "at least 7", default=default).outcome is Outcome.UNPROVEN


@pytest.mark.parametrize("digits", [19, 20])
def test_a_text_of_many_digits_is_no_number(digits: int) -> None:
    outcome = holds(read(days="9" * digits), a_week, "at least 7").outcome
    assert outcome is (Outcome.PASS if digits < 20 else Outcome.FAIL)


@pytest.mark.parametrize("error", [TypeError, ValueError, AttributeError, KeyError, IndexError, OverflowError])
def test_what_a_test_cannot_handle_is_not_good(error: type[Exception]) -> None:
    def breaks(_: Any) -> bool:
        raise error

    assert holds(read(days=7), breaks, "a number").outcome is Outcome.FAIL


@pytest.mark.parametrize(
    ("value", "true", "not_true"),
    [
        (True, Outcome.PASS, Outcome.FAIL),
        (False, Outcome.FAIL, Outcome.PASS),
        ("true", Outcome.PASS, Outcome.FAIL),
        ("false", Outcome.FAIL, Outcome.PASS),
        ("yes", Outcome.FAIL, Outcome.FAIL),
        (1, Outcome.FAIL, Outcome.FAIL),
        (0, Outcome.FAIL, Outcome.FAIL),
        (None, Outcome.FAIL, Outcome.PASS),
        (UNKNOWN, Outcome.UNPROVEN, Outcome.UNPROVEN),
    ],
)
def test_truth_is_truth_alone(value: Any, true: Outcome, not_true: Outcome) -> None:
    assert (is_true(read(days=value)).outcome, is_not_true(read(days=value)).outcome) == (true, not_true)


A, B, C = "us-east-1a", "us-east-1b", "us-east-1c"


@pytest.mark.parametrize(
    ("members", "said"),
    [
        (Members((A, B), 2, 2), Verdict(Outcome.PASS, f"zones: {A}, {B}")),
        (Members((A, B, C), 3, None), Verdict(Outcome.PASS, f"zones: {A}, {B}, {C}")),
        (Members((A,), 1, 1), Verdict(Outcome.FAIL, f"zones: {A}; there must be at least 2")),
        (Members((), 0, 0), Verdict(Outcome.FAIL, "zones: none; there must be at least 2")),
        (
            Members((A,), 1, 2, ("x.zone", "y.zone")),
            Verdict(Outcome.UNPROVEN, f"zones: {A}; whether there are 2 depends on x.zone, y.zone, not known yet"),
        ),
        (
            Members((), 0, None, ("zones",)),
            Verdict(Outcome.UNPROVEN, "zones: none; whether there are 2 depends on zones, not known yet"),
        ),
    ],
)
def test_so_many_must_be_sure(members: Members, said: Verdict) -> None:
    assert counts(members, 2, "zones") == said


def judge(*_: Any) -> Iterator[Verdict]:
    yield from ()


def test_a_rule_is_registered_as_it_is_written(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("policies.registry.RULES", here := dict[str, Any]())
    told: dict[str, Any] = {"title": "It holds", "why": "Else.", "fix": "Hold it"}
    told |= {"severity": Severity.LOW, "scope": Scope.STACK}
    assert rule("TST-01", **told, types=["t"])(judge) is judge
    days = {"days": Option(7, 1, 35, "Days.")}
    rule("TST-02", **told, types=["t"], frameworks=["AWS FSBP X.1"], options=days, known_late=True)(judge)
    one, other = here["TST-01"], here["TST-02"]
    assert [getattr(one, name) for name in told] == list(told.values())
    assert (one.types, one.frameworks, one.options, one.known_late, one.judge) == (("t",), (), {}, False, judge)
    assert (other.frameworks, other.options, other.known_late) == (("AWS FSBP X.1",), days, True)


def test_an_id_is_given_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("policies.registry.RULES", dict(RULES))
    make = rule("TST-01", title="", why="", fix="", severity=Severity.LOW, scope=Scope.STACK, types=[])
    make(judge)
    with pytest.raises(ValueError, match=r"^TST-01: two rules have this id$"):
        make(judge)


RULE = Rule("TST-01", "", "", "", Severity.LOW, Scope.STACK, ("t",), (), {}, judge)
WAIVED = Waived("", "t", "r", (), 3)
WAIVER = Waiver("known", ("TST-01",), ("primary",), (WAIVED,), "data@example.com", "", date(2027, 1, 31), 2)


def test_a_rule_knows_in_time_unless_it_says_so() -> None:
    assert not RULE.known_late


@pytest.mark.parametrize(
    "one", [Verdict(Outcome.PASS, ""), Option(7, 1, 35, ""), RULE, WAIVED, WAIVER], ids=lambda one: type(one).__name__
)
def test_what_is_said_stays_as_it_is(one: Any) -> None:
    with pytest.raises(FrozenInstanceError, match="cannot assign to field"):
        setattr(one, fields(one)[0].name, None)
    with pytest.raises(AttributeError, match="has no attribute 'misspelt'"):
        object.__setattr__(one, "misspelt", None)
