"""What the engine tells while it works: of an event log, a streamed preview, or an analysis of a state.

An engine that is killed leaves half a line, and a newer one tells of things not known here. Neither hides the rest.
"""

import json
import re
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

from policies.judge import Finding, in_order
from policies.registry import Outcome, Rule
from policies.settings import RuleSettings
from resilience.graph import name_of, stack_of

UNPROVEN = ": unproven. "
BROKEN = ": not judged, the rule itself broke at "
"""How the pack's own messages tell what is no plain failure; a test holds them to ``Finding.message``."""

STOPPED = "preview failed"
"""The engine's last word of a preview with a mandatory finding; there is no summary then: pulumi/pulumi 3.257.0, tried
2026-11."""

PACK_FOLDER = Path(__file__).resolve().parent

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

    @property
    def stops(self) -> bool:
        """Whether the engine goes no further because of it."""
        return self.level not in ("advisory", "disabled")


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
    packs: frozenset[str]
    """Names of the packs that were put to the end, the rules over the whole stack last."""


def read(lines: Iterable[str]) -> Events:
    """Read events, one a line."""
    seen: Counter[str] = Counter()
    urns: list[str] = []
    summary: Mapping[str, Any] | None = None
    errors: dict[str, None] = {}
    violations: dict[Violation, None] = {}
    packs: set[str] = set()
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
                name = name_of(_text(told, "urn"))
                errors[f"{name}: {said}" if name else said] = None
        elif (told := _member(event, "policyAnalyzeStackSummaryEvent")) is not None:
            packs.add(_text(told, "policyPackName"))
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
    if summary is not None and not seen and summary.get("isPreview") is False:
        # `pulumi policy analyze` tells of packs here alone: pulumi/pulumi 3.257.0, policy_analyze.go, analyzeEvents.
        packs |= set(_member(summary, "PolicyPacks") or ())
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
        frozenset(packs),
    )


def failure(told: Events, pack: str, rules: Iterable[Rule]) -> str:
    """Why a stack does not count as judged, a line a reason; empty if the pack was put to all of it.

    Args:
        told: What the engine says of the stack.
        pack: Name of this pack.
        rules: All of its rules, with those about waivers.
    """
    ids = {rule.id for rule in rules}
    own = [each for each in told.violations if each.pack == pack and each.policy in ids]
    vetoes = [each for each in told.violations if each.stops and each not in own]
    if pack in told.packs and not vetoes and any(each.stops for each in own) and set(told.errors) == {STOPPED}:
        # It says so, and no more, where a mandatory finding of ours is all that is wrong.
        return ""
    reasons = list(told.errors) if told.failed or not told.ended else []
    reasons += [f"{each.policy} of {each.pack or 'a pack without a name'}: {each.message}" for each in vetoes]
    if not told.ended and not reasons:
        reasons.append("the engine did not come to its end")
    if pack not in told.packs and own:
        reasons.append(f"the engine stopped before {pack} was put to the whole stack")
    elif pack not in told.packs:
        reasons.append(f"the events tell of no {pack}; preview with --policy-pack {PACK_FOLDER}")
    elif told.failed and not reasons and not any(each.stops for each in own):
        reasons.append("the engine says that it failed, and not why")
    return "\n".join(reasons)


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
            evidence = message.removeprefix(". ").removesuffix(f" Fix: {rule.fix}").removesuffix(".")
        found.append(Finding(rule, each.urn, outcome, evidence, settings[rule.id].level_of(outcome)))
    return in_order(found)


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
