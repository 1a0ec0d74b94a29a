"""What the engine tells while it works: of an event log, a streamed preview, or an analysis of a state.

An engine that is killed leaves half a line, and a newer one tells of things not known here. Neither hides the rest.
"""

import json
import re
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, cast

from policies.judge import Finding
from policies.registry import Outcome, Rule
from policies.settings import RuleSettings

UNPROVEN = ": unproven. "
BROKEN = ": not judged, the rule itself broke at "
"""How the pack's own messages tell what is no plain failure; a test holds them to ``Finding.message``."""

COLOURS = re.compile(r"<\{%.*?%\}>|\x1b\[[0-9;]*m")
"""The engine's marks of colours, and a terminal's."""


@dataclass(frozen=True, slots=True)
class Violation:
    """A policy's finding, as the engine passes it on."""

    pack: str
    policy: str
    urn: str
    message: str
    level: str


@dataclass(frozen=True, slots=True)
class Events:
    """What is of use in the engine's events."""

    stack: str
    """Of the first resource they tell of; empty if they tell of none."""
    changes: Mapping[str, int]
    """Resources by what would happen to them."""
    errors: tuple[str, ...]
    """What the engine, the program and the providers complain of."""
    violations: tuple[Violation, ...]
    ended: bool
    """Whether the engine came to its end: it says so last of all."""
    failed: bool
    """Whether it says then that something went wrong."""


def read(lines: Iterable[str]) -> Events:
    """Read events, one a line."""
    seen: Counter[str] = Counter()
    urns: list[str] = []
    summary: Mapping[str, Any] | None = None
    errors: dict[str, None] = {}
    violations: dict[Violation, None] = {}
    for line in lines:
        event = _object(line)
        if (told := _member(event, "summaryEvent")) is not None:
            summary = told
        elif (told := _member(event, "resourcePreEvent")) is not None:
            metadata = _member(told, "metadata") or {}
            seen[_text(metadata, "op")] += 1
            urns.append(_text(metadata, "urn"))
        elif (told := _member(event, "diagnosticEvent")) is not None:
            if told.get("severity") in ("error", "fatal") and (said := _plain(_text(told, "message"))):
                name = _text(told, "urn").rpartition("::")[2]
                errors[f"{name}: {said}" if name else said] = None
        elif (told := _member(event, "policyEvent")) is not None:
            violation = Violation(
                _text(told, "policyPackName"),
                _text(told, "policyName"),
                _text(told, "resourceUrn"),
                _plain(_text(told, "message")),
                _text(told, "enforcementLevel"),
            )
            violations[violation] = None
            urns.append(violation.urn)
    stack = next((stack_of(urn) for urn in urns if urn), "")
    counted: Mapping[str, Any] = (_member(summary, "resourceChanges") or {}) if summary is not None else seen
    changes = {str(name): count for name, count in sorted(counted.items()) if name and isinstance(count, int)}
    return Events(
        stack,
        changes,
        tuple(errors),
        tuple(violations),
        summary is not None,
        _text(summary or {}, "result") == "failed",
    )


def findings(
    violations: Iterable[Violation], pack: str, rules: Iterable[Rule], settings: Mapping[str, RuleSettings]
) -> list[Finding]:
    """The pack's own findings among what the engine passed on, sorted as ``judge`` sorts them.

    Args:
        violations: What the engine passed on, of whichever pack.
        pack: Name of this one.
        rules: All of them.
        settings: Their levels; the engine may have been told to stop at nothing.
    """
    by_id = {rule.id: rule for rule in rules}
    found: list[Finding] = []
    for each in violations:
        rule = by_id.get(each.policy)
        if each.pack != pack or rule is None:
            continue
        # What stands before the title says who answers for it.
        message = each.message[max(each.message.find(rule.title), 0) :].removeprefix(rule.title)
        outcome = Outcome.FAIL
        if message.startswith(UNPROVEN):
            outcome, evidence = Outcome.UNPROVEN, message.removeprefix(UNPROVEN).removesuffix(".")
        elif message.startswith(BROKEN):
            outcome, evidence = Outcome.CRASHED, message.removeprefix(BROKEN).removesuffix(". Please report it.")
        else:
            evidence = message.removeprefix(". ").removesuffix(f". Fix: {rule.fix}")
        found.append(Finding(rule, each.urn, outcome, evidence, settings[rule.id].level_of(outcome)))
    return sorted(found, key=lambda finding: (finding.urn, finding.rule.id, finding.evidence))


def stack_of(urn: str) -> str:
    """Name of the stack that a resource is in; empty for no resource."""
    return urn.removeprefix("urn:pulumi:").split("::")[0]


def _object(line: str) -> Mapping[str, Any]:
    try:
        event = json.loads(line)
    except (ValueError, RecursionError):
        return {}
    return cast("Mapping[str, Any]", event) if isinstance(event, dict) else {}


def _member(event: Mapping[str, Any], name: str) -> Mapping[str, Any] | None:
    member = event.get(name)
    return cast("Mapping[str, Any]", member) if isinstance(member, dict) else None


def _text(event: Mapping[str, Any], name: str) -> str:
    member = event.get(name)
    return member if isinstance(member, str) else ""


def _plain(text: str) -> str:
    return COLOURS.sub("", text).strip()
