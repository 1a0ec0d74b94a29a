"""What a rule is: a pure function of the graph, with everything that people and the engine are told about it."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from enum import Enum
from typing import Any

from resilience.graph import Graph, Members, Read, Resource


class Severity(Enum):
    """How bad it is to break a rule."""

    LOW = "low"
    MEDIUM = "medium"
    HIGH = "high"
    CRITICAL = "critical"


class Scope(Enum):
    """What a rule has to see."""

    RESOURCE = "resource"
    """One resource alone: checked before it is created, so it stops ``pulumi up`` too."""
    STACK = "stack"
    """The whole stack: checked at the end of a preview; ``pulumi up`` has changed things by then."""
    STACKS = "stacks"
    """Both regions' stacks. In one stack alone it can only say that it cannot say."""


class Outcome(Enum):
    """What a rule says of a resource."""

    PASS = "pass"  # noqa: S105 (no password)
    FAIL = "fail"
    UNPROVEN = "unproven"
    """Something that decides it is not known, or not in view. Never counts as good."""
    CRASHED = "crashed"
    """The rule itself broke. Never counts as good."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """An outcome with its evidence: for UNPROVEN, the path of what would have to be known."""

    outcome: Outcome
    evidence: str
    path: str = ""
    """Pulumi path of the property that decided, such as ``scalingConfig.minSize``; empty where it was no single one."""


MOST_DIGITS = 20
"""Of a number that is given as text."""
Verdicts = Iterator[Verdict]
Options = Mapping[str, Any]
Judge = Callable[[Resource, Graph, Options], Verdicts]


@dataclass(frozen=True, slots=True)
class Option:
    """A number that a rule can be configured with."""

    default: int
    minimum: int
    maximum: int
    meaning: str


@dataclass(frozen=True, slots=True)
class Rule:
    """One invariant."""

    id: str
    """Also its name in the engine's output."""
    title: str
    """What must hold, in one line."""
    why: str
    """What happens where it does not."""
    fix: str
    """What to write in Pulumi Python."""
    severity: Severity
    scope: Scope
    types: tuple[str, ...]
    """Types of the resources it judges."""
    frameworks: tuple[str, ...]
    """Controls that ask for the same, such as ``AWS FSBP RDS.15``."""
    options: Mapping[str, Option]
    judge: Judge
    known_late: bool = False
    """What it reads is made of ids that only the cloud gives: a first preview says so, and stops nothing. ``up`` has
    them, and the rule is put again."""


@dataclass(frozen=True, slots=True)
class Waived:
    """A resource of a waiver: by its URN, or by its type and name."""

    urn: str
    type: str
    name: str
    properties: tuple[str, ...]
    """Paths of properties, if only findings about these, or about what is in them, are waived."""
    line: int


@dataclass(frozen=True, slots=True)
class Waiver:
    """Who answers, until when, for rules that resources break."""

    id: str
    policies: tuple[str, ...]
    """Ids of rules."""
    stacks: tuple[str, ...]
    resources: tuple[Waived, ...]
    owner: str
    reason: str
    expires: date
    """The last day it holds, in UTC."""
    line: int


RULES: dict[str, Rule] = {}
"""Every rule by id, filled by importing ``policies.catalog``."""


def rule(
    id_: str,
    *,
    title: str,
    why: str,
    fix: str,
    severity: Severity,
    scope: Scope,
    types: Sequence[str],
    frameworks: Sequence[str] = (),
    options: Mapping[str, Option] | None = None,
    known_late: bool = False,
) -> Callable[[Judge], Judge]:
    """Register a judge of single resources as a rule.

    Raises:
        ValueError: If the id is taken.
    """

    def register(judge: Judge) -> Judge:
        if id_ in RULES:
            raise ValueError(f"{id_}: two rules have this id")
        RULES[id_] = Rule(
            id_,
            title,
            why,
            fix,
            severity,
            scope,
            tuple(types),
            tuple(frameworks),
            dict(options or {}),
            judge,
            known_late,
        )
        return judge

    return register


def passes(evidence: str) -> Verdict:
    """It holds."""
    return Verdict(Outcome.PASS, evidence)


def fails(evidence: str, path: str = "") -> Verdict:
    """It does not hold."""
    return Verdict(Outcome.FAIL, evidence, path)


def unproven(evidence: str, path: str = "") -> Verdict:
    """Nobody can say."""
    return Verdict(Outcome.UNPROVEN, evidence, path)


def holds(read: Read, test: Callable[[Any], bool], wanted: str, *, default: Any = None) -> Verdict:
    """Judge one property; a number or truth may be given as text, as programs in YAML do and providers take.

    Args:
        read: What was read.
        test: Whether a value is good. One that it cannot handle is not.
        wanted: What is good, to follow "must be".
        default: What the cloud takes where the property is not set; None if that is not good or not known.
    """
    if read.unknown:
        return unproven(f"{read.path} is not known yet; it must be {wanted}", read.path)
    if read.missing and default is None:
        return fails(f"{read.path} is not set; it must be {wanted}", read.path)
    content = default if read.missing else read.content
    good = _passes(test, content) or _passes(test, _meant(content))
    shown = f"{default!r} by default" if read.missing else read.shown()
    if good:
        return passes(f"{read.path} is {shown}")
    return fails(f"{read.path} is {shown}; it must be {wanted}", read.path)


def _passes(test: Callable[[Any], bool], content: Any) -> bool:
    try:
        return test(content)
    except (TypeError, ValueError, AttributeError, LookupError, ArithmeticError):
        # Whatever a test expects, a property can hold anything: a list, an infinite number.
        return False


def _meant(content: Any) -> Any:
    """What a provider takes a text for, where it wants a number or truth.

    A checked input still is the text: pulumi/pulumi-terraform-bridge, pkg/tfbridge/schema.go, MakeTerraformInput (read
    2026-11).
    """
    if content in ("true", "false"):
        return content == "true"
    # Python refuses to read thousands of digits.
    number = isinstance(content, str) and content.isdecimal() and len(content) < MOST_DIGITS
    return int(content) if number else content


def is_true(read: Read) -> Verdict:
    """The property must be set to true."""
    return holds(read, lambda value: value is True, "true")


def is_not_true(read: Read) -> Verdict:
    """The property must be false or left out."""
    return holds(read, lambda value: value is False, "false or left out", default=False)


def counts(members: Members, least: int, what: str) -> Verdict:
    """There must be so many different ones."""
    seen = f"{what}: {', '.join(members.known) or 'none'}"
    if members.least >= least:
        return passes(seen)
    if members.most is not None and members.most < least:
        return fails(f"{seen}; there must be at least {least}")
    return unproven(f"{seen}; whether there are {least} depends on {', '.join(members.unknown)}, not known yet")
