"""Levels and numbers of rules: what is given, what holds, and what is refused in which words."""

import json
import re
from collections.abc import Iterator
from dataclasses import FrozenInstanceError, fields
from pathlib import Path
from typing import Any

import pytest

from policies.registry import Option, Outcome, Rule, Scope, Severity, Verdict
from policies.settings import (
    BASELINES,
    Given,
    Level,
    RuleSettings,
    baseline,
    default_on_unknown,
    nearest,
    read_config,
    schema,
    settle,
)

ADVISORY, MANDATORY, DISABLED = Level.ADVISORY, Level.MANDATORY, Level.DISABLED
DAYS = {"days": Option(7, 2, 35, "Days that it is kept.")}


def never(*_: object) -> Iterator[Verdict]:
    yield from ()


def made(id_: str = "TST-01", scope: Scope = Scope.RESOURCE, *, late: bool = False) -> Rule:
    options = {"TST-01": DAYS, "TST-03": DAYS | {"hours": Option(24, 1, 24, "Hours.")}}.get(id_, {})
    return Rule(id_, "It holds", "Else.", "Hold it", Severity.LOW, scope, ("t",), (), options, never, late)


@pytest.mark.parametrize(
    ("rule", "level"),
    [
        (made(), MANDATORY),
        (made(scope=Scope.STACK), MANDATORY),
        (made(scope=Scope.STACKS), ADVISORY),
        (made(late=True), ADVISORY),
        (made(scope=Scope.STACKS, late=True), ADVISORY),
    ],
)
def test_what_cannot_be_known_in_time_stops_nothing(rule: Rule, level: Level) -> None:
    assert default_on_unknown(rule) is level
    assert settle([rule], {})[rule.id] == RuleSettings(MANDATORY, level, {"days": 7})


def test_a_level_is_of_the_outcome() -> None:
    settings = RuleSettings(MANDATORY, ADVISORY, {})
    assert {each: settings.level_of(each) for each in Outcome if each is not Outcome.PASS} == {
        Outcome.FAIL: MANDATORY,
        Outcome.CRASHED: MANDATORY,
        Outcome.UNPROVEN: ADVISORY,
    }


@pytest.mark.parametrize(
    ("given", "level", "on_unknown"),
    [
        ({"TST-01": Given(ADVISORY, {})}, ADVISORY, ADVISORY),
        ({"TST-01": Given(DISABLED, {})}, DISABLED, DISABLED),
        ({"TST-01": Given(None, {"onUnknown": "advisory"})}, MANDATORY, ADVISORY),
        ({"TST-01": Given(ADVISORY, {"onUnknown": "mandatory"})}, ADVISORY, ADVISORY),
        ({"TST-01": Given(ADVISORY, {"onUnknown": "disabled"})}, ADVISORY, DISABLED),
        ({"all": Given(ADVISORY, {})}, ADVISORY, ADVISORY),
        ({"all": Given(DISABLED, {}), "TST-01": Given(MANDATORY, {})}, MANDATORY, MANDATORY),
        ({"all": Given(MANDATORY, {"onUnknown": "disabled"})}, MANDATORY, DISABLED),
        (
            {"all": Given(MANDATORY, {"onUnknown": "disabled"}), "TST-01": Given(None, {"onUnknown": "advisory"})},
            MANDATORY,
            ADVISORY,
        ),
    ],
)
def test_a_rule_s_own_level_goes_before_that_of_all(given: dict[str, Given], level: Level, on_unknown: Level) -> None:
    assert settle([made()], given)["TST-01"] == RuleSettings(level, on_unknown, {"days": 7})


@pytest.mark.parametrize("value", [2, 35, 14, 14.0])
def test_a_number_may_be_all_that_is_allowed(value: float) -> None:
    settled = settle([made(), made("TST-02")], {"TST-01": Given(None, {"days": value})})
    assert settled["TST-01"].options == {"days": int(value)}
    assert isinstance(settled["TST-01"].options["days"], int)
    assert settled["TST-02"].options == {}


WHOLE = "must be a whole number from 2 to 35"


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"TST-01": Given(None, {"days": 1})}, f"TST-01.days: is 1, {WHOLE}"),
        ({"TST-01": Given(None, {"days": 36})}, f"TST-01.days: is 36, {WHOLE}"),
        ({"TST-01": Given(None, {"days": 2.5})}, f"TST-01.days: is 2.5, {WHOLE}"),
        ({"TST-01": Given(None, {"days": True})}, f"TST-01.days: is True, {WHOLE}"),
        ({"TST-01": Given(None, {"days": "7"})}, f"TST-01.days: is '7', {WHOLE}"),
        ({"TST-01": Given(None, {"days": float("inf")})}, f"TST-01.days: is inf, {WHOLE}"),
        (
            {"TST-01": Given(None, {"day": 7})},
            "TST-01.day: the rule has no such setting; did you mean days?",
        ),
        ({"TST-1": Given(ADVISORY, {})}, "TST-1: no rule has this name; did you mean TST-01?"),
        (
            {"all": Given(ADVISORY, {"days": 7})},
            "all.days: must be given to a rule, not to all; here only onUnknown may stand",
        ),
        (
            {"TST-01": Given(None, {"onUnknown": "loud"})},
            "TST-01.onUnknown: is 'loud', must be one of advisory, mandatory, disabled",
        ),
        # Of all rules, once.
        (
            {"all": Given(None, {"onUnknown": "loud"})},
            "all.onUnknown: is 'loud', must be one of advisory, mandatory, disabled",
        ),
        # One number is wrong, and so is the next.
        (
            {"TST-03": Given(None, {"days": 1, "hours": 25})},
            f"TST-03.days: is 1, {WHOLE}\nTST-03.hours: is 25, must be a whole number from 1 to 24",
        ),
        # Each mistake, a line.
        (
            {"x": Given(None, {}), "TST-01": Given(None, {"days": 1, "onUnknown": 1})},
            "x: no rule has this name; there are TST-01, TST-02, TST-03\n"
            f"TST-01.onUnknown: is 1, must be one of advisory, mandatory, disabled\nTST-01.days: is 1, {WHOLE}",
        ),
    ],
)
def test_what_does_not_fit_is_refused(given: dict[str, Given], said: str) -> None:
    with pytest.raises(ValueError, match=f"^{re.escape(said)}$"):
        settle([made(), made("TST-02"), made("TST-03")], given)


def test_the_engine_is_told_what_may_be_set() -> None:
    told = schema(made())
    assert list(told) == ["onUnknown", "days"]
    assert told["onUnknown"]["enum"] == ["advisory", "mandatory", "disabled"]
    assert "Default: mandatory, and never above" in told["onUnknown"]["description"]
    assert told["days"] == {
        "type": "integer",
        "minimum": 2,
        "maximum": 35,
        "description": "Days that it is kept. Default: 7.",
    }


def config(tmp_path: Path, text: str) -> Path:
    file = tmp_path / "config.json"
    file.write_text(text)
    return file


def test_a_config_is_read(tmp_path: Path) -> None:
    text: dict[str, Any] = {
        "environments": ["shared/policies"],
        "all": {"enforcementLevel": "advisory", "onUnknown": "disabled"},
        "TST-01": {"days": 7},
        "TST-02": "remediate",
        "TST-03": {"enforcementLevel": "disabled"},
    }
    assert read_config(config(tmp_path, json.dumps(text))) == {
        "all": Given(ADVISORY, {"onUnknown": "disabled"}),
        "TST-01": Given(None, {"days": 7}),
        "TST-02": Given(MANDATORY, {}),
        "TST-03": Given(DISABLED, {}),
    }


LEVELS = "must be one of advisory, disabled, mandatory, remediate"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[]", "must be an object of rules and their settings, is list"),
        ('{"all": "loud", "TST-01": 1}', f"all: is 'loud', {LEVELS}\nTST-01: is 1, {LEVELS}"),
        ('{"all": {}}', "all: must have an enforcementLevel beside nothing"),
        ('{"all": {"x": 1, "y": 2}}', "all: must have an enforcementLevel beside x, y"),
        ('{"a": "advisory", "a": "mandatory", "b": {"c": 1, "c": 1}}', "c: is given twice\na: is given twice"),
    ],
)
def test_a_config_that_is_none_is_refused(tmp_path: Path, text: str, said: str) -> None:
    file = config(tmp_path, text)
    lines = "\n".join(f"{file}: {line}" for line in said.splitlines())
    with pytest.raises(ValueError, match=f"^{re.escape(lines)}$"):
        read_config(file)


def test_a_file_that_is_none_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=r"nothing\.json: No such file or directory$"):
        read_config(tmp_path / "nothing.json")
    with pytest.raises(ValueError, match=r'is not JSON \(Expecting .*\); write \{"all": "advisory"\}, for instance$'):
        read_config(config(tmp_path, "{"))


def test_a_baseline_is_a_file() -> None:
    assert baseline("prod") == BASELINES / "prod.json"
    with pytest.raises(ValueError, match=r"^prd: no baseline has this name; did you mean prod\?$"):
        baseline("prd")


@pytest.mark.parametrize(
    ("name", "names", "said"),
    [
        ("onunknown", ["days", "onUnknown"], "; did you mean onUnknown?"),
        ("x", ["b", "a"], "; there are a, b"),
        ("x", list("abcdefghijkl"), "; there are a, b, c, d, e, f, g, h, i, j, k, l"),
        ("x", list("abcdefghijklm"), "; there are 13 others"),
        # The nearest of several that are near, and the first of those that differ in capitals alone.
        ("minDay", ["maxDays", "minDays", "minHours"], "; did you mean minDays?"),
        ("PROD", ["prod", "Prod"], "; did you mean Prod?"),
    ],
)
def test_a_name_that_is_none_is_near_another(name: str, names: list[str], said: str) -> None:
    assert nearest(name, names) == said


@pytest.mark.parametrize(
    "one", [RuleSettings(MANDATORY, ADVISORY, {}), Given(None, {})], ids=lambda one: type(one).__name__
)
def test_what_is_said_stays_as_it_is(one: Any) -> None:
    with pytest.raises(FrozenInstanceError, match="cannot assign to field"):
        setattr(one, fields(one)[0].name, None)
    with pytest.raises(AttributeError, match="has no attribute 'misspelt'"):
        object.__setattr__(one, "misspelt", None)
