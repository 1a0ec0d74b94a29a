"""What breaks a rule, and what does not: taken from the tests, and shown as the Pulumi program that would write it.

The good example is the tests' compliant platform, the bad one the smallest of its mutants that this rule alone finds.
What the rule says of it comes from running the rule.
"""

import difflib
import functools
import itertools
import keyword
import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, cast

from policies.catalog import all_rules
from policies.judge import Finding, judge
from policies.registry import Outcome, Rule
from policies.settings import settle
from resilience.adapters.analyzer import SECRET, SIGNATURE, UNKNOWNS, stack_resources
from resilience.graph import Graph
from resilience.objectives import STACK
from tests.policies.platform import Mutate, Platform, Thing
from tests.policies.reference import GOOD, MUTANTS, reference

WIDTH = 100
HELD_BY_USERS = frozenset(
    {"labels", "matchLabels", "annotations", "nodeSelector", "tags", "values", "data", "stringData", "limits",
     "requests"}
)  # fmt: skip
"""Properties whose members the user names: these names are kept as they are."""
OUTPUTS = {
    ("aws:kms/key:Key", "arn"),
    ("aws:elasticache/globalReplicationGroup:GlobalReplicationGroup", "globalReplicationGroupId"),
}
"""What only the cloud says, and the tests' platform knows because that stack is up."""
CUSTOM = "kubernetes.apiextensions.CustomResource"
CONTEXT = 1
"""Lines shown around a change, beside those that open and close what it is in."""


@dataclass(frozen=True, slots=True)
class Example:
    """A mistake, as a person would make it.

    Attributes:
        mistake: what is wrong, in the words of the tests.
        good: lines of the program that breaks no rule: what the mistake changes, and what is found.
        difference: pairs of a mark ("-", "+", " ", or "" where lines are left out) and a line.
        findings: what the rule has against it.
    """

    mistake: str
    good: tuple[str, ...]
    difference: tuple[tuple[str, str], ...]
    findings: tuple[Finding, ...]


@dataclass(frozen=True, slots=True)
class Candidate:
    """A mutant and the compliant platform that it differs least from."""

    mistake: str
    mutate: Mutate
    base: Mutate
    """Makes the compliant platform of the reference."""
    changed: frozenset[str]
    """Names of the things that differ."""


@functools.cache
def examples() -> Mapping[str, Example]:
    """An example for every rule, by its id.

    Raises:
        ValueError: If no mutant is found by a rule alone, or the rule does not find it.
    """
    rules = all_rules()
    candidates = _candidates()
    missing = [rule.id for rule in rules if rule.id not in candidates]
    if missing:
        raise ValueError(f"no mutant that this rule alone finds: {', '.join(missing)}")
    return MappingProxyType({rule.id: _example(rule, candidates[rule.id]) for rule in rules})


def found_together() -> dict[str, set[str]]:
    """The rules that some mutant breaks together with a rule, by its id."""
    together: dict[str, set[str]] = {}
    for _, _, found in MUTANTS:
        ids = {each.rstrip("?") for each in found}
        for id_ in ids:
            together.setdefault(id_, set()).update(ids - {id_})
    return together


def _candidates() -> dict[str, list[Candidate]]:
    """For each rule the mutants that it alone finds, those that change fewest things first."""
    parts: dict[tuple[str, str], int] = {}
    names: list[str] = []

    def fingerprint(platform: Platform) -> frozenset[int]:
        """A number for each of its things, the same for the same thing in every platform."""
        made = frozenset(parts.setdefault((name, repr(thing)), len(parts)) for name, thing in platform.things.items())
        names.extend(name for name, _ in itertools.islice(parts, len(names), None))
        return made

    bases = [(mutate, fingerprint(mutate(reference()))) for _, mutate, _ in GOOD]
    found: dict[str, list[Candidate]] = {}
    for mistake, mutate, ids in MUTANTS:
        if len(ids) != 1 or (id_ := next(iter(ids))).endswith("?"):
            continue
        own = fingerprint(mutate(reference()))
        # Of two equally near, the one that has the thing too, but done right.
        changed, base, _ = min(
            ((frozenset(names[part] for part in own ^ other), base, -len(other)) for base, other in bases),
            key=lambda row: (len(row[0]), row[2]),
        )
        found.setdefault(id_, []).append(Candidate(mistake, mutate, base, changed))
    for several in found.values():
        several.sort(key=lambda each: len(each.changed))
    return found


def _example(rule: Rule, candidates: Sequence[Candidate]) -> Example:
    """Of the mutants that change fewest things, the one that changes fewest lines."""
    least = len(candidates[0].changed)
    shown: list[tuple[int, Candidate, Platform, Platform]] = []
    for each in candidates:
        if len(each.changed) == least:
            good, bad = each.base(reference()), each.mutate(reference())
            lines = _compared(_lines(good, each.changed), _lines(bad, each.changed))
            # An edge that another property gives away is not to be seen.
            if changes := sum(mark != " " for mark, _ in lines):
                shown.append((changes, each, good, bad))
    _, candidate, good, bad = min(shown, key=lambda row: row[0])
    graph = Graph(stack_resources(bad.stack_request().resources))
    findings = [each for each in judge([rule], graph, settle([rule], {})) if each.outcome is Outcome.FAIL]
    if not findings:
        raise ValueError(f"{rule.id} does not find the mutant {candidate.mistake!r}")
    urns = {each.urn for each in findings}
    names = candidate.changed | {name for name in bad.things if bad.urn(name) in urns}
    lines = _lines(good, names)
    difference = _compared(lines, _lines(bad, names))
    return Example(candidate.mistake, tuple(lines), tuple(_abridged(difference)), tuple(findings))


def _compared(good: Sequence[str], bad: Sequence[str]) -> list[tuple[str, str]]:
    rows: list[tuple[str, str]] = []
    for what, start, end, other_start, other_end in difflib.SequenceMatcher(None, good, bad, False).get_opcodes():
        if what == "equal":
            rows += [(" ", line) for line in good[start:end]]
        else:
            rows += [("-", line) for line in good[start:end]] + [("+", line) for line in bad[other_start:other_end]]
    return rows


def _abridged(difference: Sequence[tuple[str, str]]) -> list[tuple[str, str]]:
    """Changed lines, their neighbours, and what opens and closes everything they are in."""
    kept: set[int] = set()
    for index, (mark, line) in enumerate(difference):
        if mark == " ":
            continue
        around = range(max(0, index - CONTEXT), min(len(difference), index + CONTEXT + 1))
        # A neighbour that opens or closes something would be torn from its other end.
        kept.update(other for other in around if other == index or _whole(difference[other][1]))
        for way in (range(index - 1, -1, -1), range(index + 1, len(difference))):
            inside = _depth(line)
            for other in way:
                text = difference[other][1]
                if text and _depth(text) < inside:
                    kept.add(other)
                    inside = _depth(text)
                if inside == 0:
                    break
    # Nothing changed in what is only blamed: its name is enough.
    kept.update(index for index, (_, line) in enumerate(difference) if line and _depth(line) == 0)
    shown: list[tuple[str, str]] = []
    for index, row in enumerate(difference):
        if index in kept:
            shown.append(row)
        elif shown and shown[-1][0]:
            shown.append(("", " " * _depth(row[1]) + "..."))
    return shown


def _whole(line: str) -> bool:
    return not re.search(r"[\[{(](  # .*)?$", line) and not re.match(r" *[\]})]", line)


def _depth(line: str) -> int:
    return len(line) - len(line.lstrip())


# A thing as the program that writes it.


def _lines(platform: Platform, names: Collection[str]) -> list[str]:
    """Every named thing that the platform has, as a call, a blank line between two."""
    stacks = {thing.stack for thing in platform.things.values()}
    lines: list[str] = []
    for name, thing in platform.things.items():
        if name not in names:
            continue
        lines += [""] if lines else []
        lines += [f"# in the stack {thing.stack}"] if len(stacks) > 1 else []
        lines += _call(name, thing)
    return lines


def _call(name: str, thing: Thing) -> list[str]:
    if thing.type == STACK:
        # No program makes the stack that it is in; what it can give it are outputs.
        return [line for key, value in thing.props.items() for line in _export(key, value, thing.edges.get(key, []))]
    if thing.type == "pulumi:pulumi:StackReference":
        return [f'{_variable(name)} = pulumi.StackReference("{thing.props["name"]}")']
    lines = [f"{_variable(name)} = {python_class(thing.type, thing.props)}(", f'    "{thing.called or name}",']
    untyped = lines[0].endswith(f"{CUSTOM}(")
    if untyped:
        _, version, kind = thing.type.split(":")
        lines += [f'    api_version="{version}",', f'    kind="{kind}",']
    for key, value in thing.props.items():
        if (thing.type, key) in OUTPUTS:
            lines.append(f"    # {snake(key)} is {_text(value)}")
            continue
        # The SDK hands on what it has no class for, under the names that it was given.
        lines += _Shown(thing.edges.get(key, [])).property(snake(key), value, "values" if untyped else key, 4)
    lines += _options(thing)
    return [*lines, ")"]


def _export(name: str, value: Any, sources: Sequence[str]) -> list[str]:
    lines = _value(value, "values", 4, iter(sources))
    if len(lines) == 1 and len(said := f"pulumi.export({_text(name)}, {lines[0]})") <= WIDTH:
        return [said]
    lines[0] = f"    {lines[0]}"
    lines[-1] += ","
    return ["pulumi.export(", f"    {_text(name)},", *lines, ")"]


def _options(thing: Thing) -> list[str]:
    is_provider = thing.type.startswith("pulumi:providers:")
    given = [
        # A provider is made through none.
        *([] if thing.provider.startswith("default") or is_provider else [f"provider={_provider(thing)}"]),
        *(["protect=True"] if thing.protect else []),
        *([f"ignore_changes={_text(thing.ignore)}"] if thing.ignore else []),
        *([f"depends_on=[{', '.join(map(_variable, thing.after))}]"] if thing.after else []),
    ]
    if not given:
        return []
    line = f"    opts=pulumi.ResourceOptions({', '.join(given)}),"
    if len(line) <= WIDTH:
        return [line]
    return ["    opts=pulumi.ResourceOptions(", *(f"        {each}," for each in given), "    ),"]


def _provider(thing: Thing) -> str:
    if thing.provider != "explicit":
        return _variable(thing.provider)
    package = thing.type.partition(":")[0]
    return _variable(f"{package}-{thing.region}" if thing.region and package == "aws" else f"{package}-provider")


class _Shown:
    """A property with the things it was computed from: each unknown value in it comes from one of them."""

    def __init__(self, sources: Sequence[str]) -> None:
        self._sources = list(sources)

    def property(self, name: str, value: Any, key: str, indent: int) -> list[str]:
        """Lines of ``name=value,``."""
        unknown = _count(value)
        one_each = unknown == len(self._sources)
        # An unknown that several things decide is none of theirs alone.
        note = "" if one_each or not self._sources else f"  # from {', '.join(map(_variable, self._sources))}"
        left = iter(self._sources if one_each else [])
        first, *others = _value(value, key, indent, left)
        first = f"{' ' * indent}{name}={first}"
        if not others:
            return [f"{first},{note}"]
        return [f"{first}{note}", *others[:-1], f"{others[-1]},"]


def _value(value: Any, key: str, indent: int, sources: Any) -> list[str]:
    """A value as lines; the first has no indentation yet, the last no comma."""
    if isinstance(value, dict):
        members = cast("dict[str, Any]", value)
        if members.get(SIGNATURE) == SECRET:
            lines = _value(members.get("value"), key, indent, sources)
            lines[0] = f"pulumi.Output.secret({lines[0]}"
            lines[-1] += ")"
            return lines
        names = {name: name if key in HELD_BY_USERS else snake(name) for name in members}
        below = key if key == "values" else ""
        rows = [
            (f'"{names[name]}": ', _value(member, below or name, indent + 4, sources))
            for name, member in members.items()
        ]
        return _braced("{", rows, "}", indent)
    if isinstance(value, list):
        rows = [("", _value(each, key, indent + 4, sources)) for each in cast("list[Any]", value)]
        return _braced("[", rows, "]", indent)
    if isinstance(value, str) and value in UNKNOWNS:
        source = next(sources, None)
        return ["..." if source is None else f"{_variable(source)}.{_output(key)}"]
    return [_text(value)]


def _braced(opening: str, rows: Sequence[tuple[str, list[str]]], closing: str, indent: int) -> list[str]:
    """In one line if that is short and nothing in it has two."""
    if all(len(lines) == 1 for _, lines in rows):
        line = f"{opening}{', '.join(f'{name}{lines[0]}' for name, lines in rows)}{closing}"
        nested = opening == "{" and len(rows) > 2
        if indent + len(line) <= WIDTH * 3 // 4 and not nested:
            return [line]
    made = [opening]
    for name, lines in rows:
        inside = [f"{' ' * (indent + 4)}{name}{lines[0]}", *lines[1:]]
        made += [*inside[:-1], f"{inside[-1]},"]
    return [*made, f"{' ' * indent}{closing}"]


def _count(value: Any) -> int:
    if isinstance(value, dict):
        return sum(map(_count, cast("dict[str, Any]", value).values()))
    if isinstance(value, list):
        return sum(map(_count, cast("list[Any]", value)))
    return int(isinstance(value, str) and value in UNKNOWNS)


def _output(key: str) -> str:
    return "arn" if re.search(r"arns?$", key, re.IGNORECASE) else "id"


def _text(value: Any) -> str:
    """A scalar as the house quotes it."""
    if isinstance(value, str):
        return _quoted(value)
    if isinstance(value, list):
        return f"[{', '.join(_text(each) for each in cast('list[Any]', value))}]"
    return repr(value)


def _quoted(text: str) -> str:
    shown = repr(text)
    return f'"{shown[1:-1]}"' if shown[0] == "'" and '"' not in text else shown


def _variable(name: str) -> str:
    made = re.sub(r"\W", "_", name)
    made = f"_{made}" if made[:1].isdecimal() else made
    return f"{made}_" if keyword.iskeyword(made) else made


def snake(name: str) -> str:
    """A property's name in Python, as the SDKs' generator writes it; what is no camel case stays as it is."""
    if not re.fullmatch(r"[a-z][A-Za-z0-9]*", name):
        return name
    made = re.sub(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])", "_", name).lower()
    return f"{made}_" if keyword.iskeyword(made) else made


def python_class(type_: str, props: Mapping[str, Any]) -> str:
    """The class of a type token: ``aws:rds/cluster:Cluster`` is ``aws.rds.Cluster``."""
    package, module, name = type_.split(":")
    if package == "kubernetes":
        group, _, version = module.partition("/")
        # Objects of kinds that only their operators know.
        if "." in group and not group.endswith((".k8s.io", "helm.sh")):
            return CUSTOM
        return f"kubernetes.{group.partition('.')[0]}.{version}.{name}"
    if package == "pulumi" and module == "providers":
        return f"{name}.Provider"
    module = module.partition("/")[0]
    module = f"{module}_" if keyword.iskeyword(module) else module
    return f"{package}.{name}" if module == "index" else f"{package}.{module}.{name}"
