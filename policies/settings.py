"""How a user sets the pack: levels and numbers, by rule."""

import difflib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import Enum
from pathlib import Path
from typing import Any, cast

from policies.registry import Outcome, Rule, Scope

ON_UNKNOWN = "onUnknown"
EVERY_RULE = "all"
LEVEL = "enforcementLevel"
REMEDIATE = "remediate"
"""A level of the engine's. Nothing here is remediated, so who asks for it gets told."""
ENVIRONMENTS = "environments"
"""Of Pulumi ESC: the engine's own, beside the rules."""
MOST_NAMES = 12
"""Listed in an error; more are no help to anyone."""
BASELINES = Path(__file__).parent / "baselines"


class Level(Enum):
    """What a finding does: shown, or stops the operation."""

    ADVISORY = "advisory"
    MANDATORY = "mandatory"
    DISABLED = "disabled"


@dataclass(frozen=True, slots=True)
class RuleSettings:
    """One rule's settings."""

    level: Level
    on_unknown: Level
    """Level of UNPROVEN; never above the rule's own."""
    options: Mapping[str, int]

    def level_of(self, outcome: Outcome) -> Level:
        """What a finding of this outcome does."""
        return self.on_unknown if outcome is Outcome.UNPROVEN else self.level


@dataclass(frozen=True, slots=True)
class Given:
    """What a user has written about a rule, or about all of them."""

    level: Level | None
    properties: Mapping[str, Any]


def default_on_unknown(rule: Rule) -> Level:
    """A rule over several stacks knows too little in one, and some know enough only later: no reason to stop."""
    return Level.ADVISORY if rule.scope is Scope.STACKS or rule.known_late else Level.MANDATORY


def baseline(name: str) -> Path:
    """The policy configuration of a baseline: ``dev``, ``prod`` or ``critical``.

    Raises:
        ValueError: If there is none of this name.
    """
    names = sorted(file.stem for file in BASELINES.glob("*.json"))
    if name not in names:
        raise ValueError(f"{name}: no baseline has this name{nearest(name, names)}")
    return BASELINES / f"{name}.json"


def read_config(path: Path) -> dict[str, Given]:
    """What a policy configuration says, in the form that ``pulumi preview --policy-pack-config`` takes.

    Raises:
        ValueError: With one line a mistake: a file that cannot be read, a level that is none, a rule given twice.
    """
    mistakes: list[str] = []

    def members(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        made: dict[str, Any] = dict(pairs)
        twice = {name for name, _ in pairs if [each for each, _ in pairs].count(name) > 1}
        # The engine would take the last without a word.
        mistakes.extend(f"{path}: {name}: is given twice" for name in sorted(twice))
        return made

    try:
        content: Any = json.loads(path.read_text(encoding="utf-8"), object_pairs_hook=members)
    except OSError as error:
        raise ValueError(f"{path}: {error.strerror}") from error
    except (ValueError, RecursionError) as error:
        raise ValueError(f'{path}: is not JSON ({error}); write {{"all": "advisory"}}, for instance') from error
    if not isinstance(content, dict):
        raise ValueError(f"{path}: must be an object of rules and their settings, is {type(content).__name__}")
    given: dict[str, Given] = {}
    for name, value in cast("dict[str, Any]", content).items():
        if name == ENVIRONMENTS:
            continue
        properties = dict(cast("dict[str, Any]", value)) if isinstance(value, dict) else {LEVEL: value}
        levels = {REMEDIATE: Level.MANDATORY} | {level.value: level for level in Level}
        names = sorted(levels)
        if LEVEL in properties and properties[LEVEL] not in names:
            mistakes.append(f"{path}: {name}: is {properties[LEVEL]!r}, must be one of {', '.join(names)}")
        elif name == EVERY_RULE and LEVEL not in properties:
            # The engine panics: pulumi/pulumi 3.257.0, analyzer_plugin.go, marshalEnforcementLevel.
            mistakes.append(f"{path}: {name}: must have an {LEVEL} beside {', '.join(properties) or 'nothing'}")
        else:
            level = levels[properties.pop(LEVEL)] if LEVEL in properties else None
            given[name] = Given(level, properties)
    if mistakes:
        raise ValueError("\n".join(mistakes))
    return given


def settle(rules: Iterable[Rule], given: Mapping[str, Given]) -> dict[str, RuleSettings]:
    """Every rule's settings, by its id.

    Raises:
        ValueError: With one line a mistake: an unknown rule or setting, a value out of range.
    """
    by_id = {rule.id: rule for rule in rules}
    mistakes: list[str] = []
    for name in sorted(set(given) - {EVERY_RULE, *by_id}):
        mistakes.append(f"{name}: no rule has this name{nearest(name, by_id)}")
    every = given.get(EVERY_RULE, Given(None, {}))
    for name in sorted(set(every.properties) - {ON_UNKNOWN}):
        mistakes.append(f"{EVERY_RULE}.{name}: must be given to a rule, not to all; here only {ON_UNKNOWN} may stand")
    settled: dict[str, RuleSettings] = {}
    for rule in by_id.values():
        own = given.get(rule.id, Given(None, {}))
        allowed = [ON_UNKNOWN, *rule.options]
        for name in sorted(set(own.properties) - set(allowed)):
            mistakes.append(f"{rule.id}.{name}: the rule has no such setting{nearest(name, allowed)}")
        level = own.level or every.level or Level.MANDATORY
        text = own.properties.get(ON_UNKNOWN, every.properties.get(ON_UNKNOWN, default_on_unknown(rule).value))
        where = rule.id if ON_UNKNOWN in own.properties else EVERY_RULE
        try:
            on_unknown = Level(text)
        except ValueError:
            mistakes.append(
                f"{where}.{ON_UNKNOWN}: is {text!r}, must be one of {', '.join(each.value for each in Level)}"
            )
            on_unknown = level
        options: dict[str, int] = {}
        for name, option in rule.options.items():
            value = own.properties.get(name, option.default)
            # A number from the engine is a float, and may be infinite.
            number = isinstance(value, (int, float)) and not isinstance(value, bool)
            whole = number and float(value).is_integer()
            if not whole or not option.minimum <= value <= option.maximum:
                mistakes.append(
                    f"{rule.id}.{name}: is {value!r}, must be a whole number from {option.minimum} to {option.maximum}"
                )
                continue
            options[name] = int(value)
        settled[rule.id] = RuleSettings(level, _softer(level, on_unknown), options)
    if mistakes:
        raise ValueError("\n".join(dict.fromkeys(mistakes)))
    return settled


def schema(rule: Rule) -> dict[str, Any]:
    """JSON schema of a rule's settings beside its level.

    It has no defaults: the engine would fill them in, and what is set for ``all`` could not be told from them.
    """
    properties: dict[str, Any] = {
        ON_UNKNOWN: {
            "type": "string",
            "enum": [level.value for level in Level],
            "description": "Level of a finding that something is not known, so that the rule cannot say. "
            f"Default: {default_on_unknown(rule).value}, and never above the rule's own level.",
        }
    }
    for name, option in rule.options.items():
        properties[name] = {
            "type": "integer",
            "minimum": option.minimum,
            "maximum": option.maximum,
            "description": f"{option.meaning} Default: {option.default}.",
        }
    return properties


def _softer(level: Level, other: Level) -> Level:
    order = [Level.DISABLED, Level.ADVISORY, Level.MANDATORY]
    return min(level, other, key=order.index)


def nearest(name: str, names: Iterable[str]) -> str:
    """The end of an error about a name that does not exist."""
    choice = sorted(names)
    near = difflib.get_close_matches(name.upper(), [each.upper() for each in choice], n=1)
    found = [each for each in choice if near and each.upper() == near[0]]
    if found:
        return f"; did you mean {found[0]}?"
    return f"; there are {', '.join(choice)}" if len(choice) <= MOST_NAMES else f"; there are {len(choice)} others"
