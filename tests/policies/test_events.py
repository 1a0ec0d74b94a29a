"""What is read of the engine's events, whole or broken."""

import json
import random
from typing import Any

import pytest

from policies import events
from policies.catalog import all_rules
from policies.judge import Finding
from policies.registry import Outcome
from policies.servicer import PACK
from policies.settings import Level, settle

RULES = all_rules()
SETTINGS = settle(RULES, {})
URN = "urn:pulumi:primary::tandem::aws:rds/cluster:Cluster::db"


def lines(*told: dict[str, Any]) -> list[str]:
    return [json.dumps({"sequence": number, "timestamp": 1, **each}) for number, each in enumerate(told)]


def pre(op: str) -> dict[str, Any]:
    return {"resourcePreEvent": {"metadata": {"op": op, "urn": URN}, "planning": True}}


def complaint(message: str, severity: str = "error", urn: str = "") -> dict[str, Any]:
    return {"diagnosticEvent": {"urn": urn, "message": message, "severity": severity}}


def violation(policy: str, message: str, **more: str) -> dict[str, Any]:
    told = {"resourceUrn": URN, "policyName": policy, "policyPackName": PACK, "enforcementLevel": "advisory"}
    return {"policyEvent": {**told, "message": f"{message}\n", **more}}


def summary(**changes: int) -> dict[str, Any]:
    return {"summaryEvent": {"resourceChanges": changes, "isPreview": True}}


def test_a_whole_preview() -> None:
    told = events.read(
        lines(
            {"preludeEvent": {"config": {}}},
            pre("create"),
            complaint("<{%reset%}>\x1b[31mno such zone<{%reset%}>\n", urn=URN),
            complaint("<{%reset%}>\x1b[31mno such zone<{%reset%}>\n", urn=URN),
            complaint("careful", "warning"),
            violation("RDS-06", "<{%fg 1%}>bad<{%reset%}>"),
            violation("RDS-06", "<{%fg 1%}>bad<{%reset%}>"),
            summary(same=2, create=1),
            {"cancelEvent": {}},
        )
    )
    assert told.changes == {"create": 1, "same": 2}
    assert told.errors == ("db: no such zone",)
    assert told.violations == (events.Violation(PACK, "RDS-06", URN, "bad", "advisory"),)
    assert told.ended


def test_an_engine_that_was_killed_has_told_half() -> None:
    whole = lines(pre("create"), pre("create"), pre("update"), violation("RDS-06", "bad"))
    told = events.read([*whole, whole[0][: len(whole[0]) // 2]])
    assert told.changes == {"create": 2, "update": 1}
    assert len(told.violations) == 1
    assert not told.ended


@pytest.mark.parametrize(
    "odd",
    [
        *("", "null", "7", "[]", '"text"', "{", "\x00", "[" * 100_000, '{"summaryEvent": 7}'),
        *('{"policyEvent": {"message": 7, "policyName": null}}', '{"diagnosticEvent": {"severity": "error"}}'),
        *('{"resourcePreEvent": {}}', '{"resourcePreEvent": {"metadata": {"op": []}}}', '{"newerEvent": {"a": 1}}'),
        '{"summaryEvent": {"resourceChanges": {"create": "many", "same": null}}}',
    ],
)
def test_what_is_odd_hides_nothing(odd: str) -> None:
    told = events.read([*lines(pre("create"), violation("RDS-06", "bad")), odd, *lines(complaint("broken"))])
    assert [each.policy for each in told.violations if each.policy] == ["RDS-06"]
    assert told.errors == ("broken",)


def test_lines_in_any_order_and_any_number_cut_anywhere() -> None:
    chance = random.Random(7)
    made = lines(*[violation("RDS-06", f"bad {number}") for number in range(3000)], summary(create=3))
    chance.shuffle(made)
    cut = [line[: chance.randrange(len(line))] if chance.random() < 0.1 else line for line in made]
    told = events.read(cut)
    whole = sum(a == b and "policyEvent" in a for a, b in zip(made, cut, strict=True))
    assert len(told.violations) == whole > 2000


@pytest.mark.parametrize("outcome", [Outcome.FAIL, Outcome.UNPROVEN, Outcome.CRASHED])
@pytest.mark.parametrize("rule", [RULES[0], RULES[-1], *(each for each in RULES if each.id in ("RDS-06", "RDS-08"))])
def test_a_finding_is_known_again_by_its_message(rule: Any, outcome: Outcome) -> None:
    for evidence in ("a: unproven. is b. Fix: nothing", "no rule is STK-0; did you mean STK-01?"):
        finding = Finding(rule, URN, outcome, evidence, SETTINGS[rule.id].level_of(outcome))
        told = events.read(lines(violation(rule.id, finding.message)))
        assert events.findings(told.violations, PACK, RULES, SETTINGS) == [finding]
        assert "?." not in finding.message.replace(rule.fix, "") or outcome is Outcome.CRASHED


def test_who_answers_for_a_finding_is_no_part_of_its_evidence() -> None:
    [rule] = [each for each in RULES if each.id == "RDS-06"]
    message = Finding(rule, URN, Outcome.FAIL, "it is false", Level.MANDATORY).message
    told = events.read(lines(violation("RDS-06", f"waived by a until 2027-01-01 (b): c. {message}")))
    [found] = events.findings(told.violations, PACK, RULES, SETTINGS)
    assert (found.outcome, found.evidence) == (Outcome.FAIL, "it is false")


def test_other_packs_and_rules_that_are_gone_are_no_findings_of_ours() -> None:
    told = events.read(lines(violation("RDS-06", "bad", policyPackName="another"), violation("OLD-01", "bad")))
    assert len(told.violations) == 2
    assert events.findings(told.violations, PACK, RULES, SETTINGS) == []
