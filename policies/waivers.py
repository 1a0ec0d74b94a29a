"""Waivers: what somebody answers for, until a day; in ``policies.waivers.yaml`` beside Pulumi.yaml.

    exceptions:
      reports-may-be-lost:
        policies: [S3-01, S3-06]
        stacks: [primary]
        resources:
          - urn: urn:pulumi:primary::tandem::aws:s3/bucket:Bucket::reports
          - type: aws:s3/bucket:Bucket
            name: reports-copy
            properties: [forceDestroy]
        owner: data@example.com
        reason: Made anew from the database each night.
        expires: 2027-01-31

The shape is that of the engine's coming ``exceptions``, with an owner and a day. Nothing in it is a pattern; a type and
a name that several resources of a stack have, under several parents, mean none of them. What is waived stays in sight,
as advice. A waiver that does not say all of this waives nothing; what is wrong with waivers is found by rules of their
own, WAIVER-01 to WAIVER-05, which nothing waives, and neither does anything waive a rule that broke.
"""

import difflib
import os
import re
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import cast

import yaml

from policies.judge import Finding, alone
from policies.registry import Option, Outcome, Rule, Scope, Severity, Verdicts, Waived, Waiver
from policies.settings import Level, RuleSettings, nearest
from resilience.graph import Graph, Resource, name_of, stack_of, type_of

FILE = "policies.waivers.yaml"
PROJECT = "Pulumi.yaml"
ENVIRONMENT = "TANDEM_WAIVERS"
"""Names another file."""
STACK = "pulumi:pulumi:Stack"
FIELDS = ("policies", "stacks", "resources", "owner", "reason", "expires")
RESOURCE_FIELDS = ("urn", "type", "name", "properties")
DAY = re.compile(r"\d{4}-\d{2}-\d{2}")


def _of_no_resource(_: Resource, __: Graph, ___: object) -> Verdicts:
    """Rules about waivers judge no resource: ``review`` finds what is wrong."""
    yield from ()


def _rule(id_: str, title: str, why: str, fix: str, severity: Severity, **options: Option) -> Rule:
    return Rule(id_, title, why, fix, severity, Scope.STACK, (), (), options, _of_no_resource)


MALFORMED = _rule(
    "WAIVER-01",
    "A waiver says what, where, who, why and until when",
    "One that cannot be read waives nothing, and whoever wrote it believes that it does.",
    f"in {FILE}: policies, stacks, resources, owner, reason and expires",
    Severity.HIGH,
)
TOO_WIDE = _rule(
    "WAIVER-02",
    "A waiver is for named resources, and for a while",
    "One for everything, or for ever, waives what nobody has thought of yet.",
    f"in {FILE}: name each rule, stack and resource; expires: within the days allowed",
    Severity.HIGH,
    maxDays=Option(365, 1, 1830, "Days ahead that a waiver may expire."),
)
EXPIRED = _rule(
    "WAIVER-03",
    "A waiver has not expired",
    "Somebody answered for it until that day, and for no longer.",
    f"make the resource keep the rule and take the waiver out of {FILE}, or let its owner decide again",
    Severity.HIGH,
)
UNMATCHED = _rule(
    "WAIVER-04",
    "A waiver waives something",
    "One that is left over waives the same thing the next time somebody breaks it; one with a wrong name waives "
    "nothing, and whoever wrote it believes that it does.",
    f"take out of {FILE} what is mended; of a finding, copy rule and URN",
    Severity.MEDIUM,
)
REPEATED = _rule(
    "WAIVER-05",
    "A finding has one waiver",
    "Of two, one expires or is taken out, and the other goes on waiving.",
    f"in {FILE}: keep the one whose owner answers for it",
    Severity.MEDIUM,
)
WAIVER_RULES = (MALFORMED, TOO_WIDE, EXPIRED, UNMATCHED, REPEATED)


@dataclass(frozen=True, slots=True)
class Mistake:
    """Something wrong with the file itself, in whichever stack."""

    rule: Rule
    line: int
    text: str


@dataclass(frozen=True, slots=True)
class Waivers:
    """All of a file's; what is wrong with the others."""

    file: str = FILE
    entries: tuple[Waiver, ...] = ()
    mistakes: tuple[Mistake, ...] = ()


def find(start: Path, environment: Mapping[str, str]) -> Path | None:
    """The file of waivers: the one that ``TANDEM_WAIVERS`` names, else the one beside the nearest Pulumi.yaml.

    The engine runs a pack in the folder of the program, which may lie below that of the project.
    """
    if named := environment.get(ENVIRONMENT):
        return Path(named)
    for folder in (start, *start.parents):
        if (folder / PROJECT).exists():
            return folder / FILE if (folder / FILE).exists() else None
    return None


def read(path: Path | None, rules: Iterable[Rule], project: Path | None = None) -> Waivers:
    """Waivers of a file; none of no file. What is wrong is told in ``mistakes``, and waives nothing.

    Args:
        path: The file.
        rules: Those that can be waived.
        project: Folder that the file's place is told relative to. Default: its own.
    """
    if path is None:
        return Waivers()
    file = Path(os.path.relpath(path, project or path.parent)).as_posix()
    try:
        text = path.read_text(encoding="utf-8")
        composed = yaml.compose(text, yaml.SafeLoader)  # pyright: ignore[reportUnknownMemberType, reportUnknownVariableType]
        root = cast("yaml.Node | None", composed)
    except OSError as error:
        return _unreadable(file, 1, error.strerror or "cannot be read")
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        return _unreadable(file, line, f"is not YAML ({error.problem})")
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        return _unreadable(file, 1, f"is not YAML ({type(error).__name__})")
    except RecursionError:
        return _unreadable(file, 1, "is nested too deeply")
    if root is None:
        return Waivers(file)
    reader = _Reader({rule.id for rule in rules})
    top = reader.fields(root, "the file", ("exceptions",))
    found = [reader.waiver(name, node) for name, node in reader.members(top.get("exceptions"), "exceptions")]
    entries = tuple(each for each in found if each is not None)
    return Waivers(file, entries, (*reader.mistakes, *_repeated(entries)))


def waive(
    findings: Iterable[Finding], waivers: Waivers, today: date, called: Counter[tuple[str, str, str]]
) -> list[Finding]:
    """The findings, each with its waiver if it has one that has not expired.

    Args:
        findings: What was found.
        waivers: All of the file's.
        today: In UTC.
        called: How many resources in view have a stack, type and name (``names``): these mean one of them, or none.
    """
    by_rule: dict[str, list[Waiver]] = {}
    for each in waivers.entries:
        if today <= each.expires:
            for id_ in each.policies:
                by_rule.setdefault(id_, []).append(each)
    return [
        finding
        if finding.outcome is Outcome.CRASHED
        else _waived(finding, by_rule.get(finding.rule.id, ()), alone=called[_named(finding.urn)] < 2)
        for finding in findings
    ]


def review(
    waivers: Waivers,
    graph: Graph,
    findings: Iterable[Finding],
    settings: Mapping[str, RuleSettings],
    rules: Iterable[Rule],
    today: date,
    judged: Collection[str] | None = None,
) -> list[Finding]:
    """What is wrong with waivers themselves.

    Args:
        waivers: Those given to ``waive``.
        graph: The stacks in view; a waiver for another is left alone.
        findings: All that ``waive`` has returned, of single resources too.
        settings: Of every rule, with those about waivers.
        rules: Those that were put.
        today: In UTC.
        judged: URNs of the resources that rules of single resources were put to. None: all.
    """
    by_id = {rule.id: rule for rule in rules}
    waived = [finding for finding in findings if finding.waiver is not None]
    stacks = {stack_of(each.urn): each.urn for each in graph.of(STACK)}
    in_view = _stacks(graph)
    found = [(mistake.rule, "", mistake.line, mistake.text) for mistake in waivers.mistakes]
    most = settings[TOO_WIDE.id].options["maxDays"]
    for waiver in waivers.entries:
        here = [stack for stack in waiver.stacks if stack in in_view]
        if not here:
            continue
        urn = stacks.get(here[0], "")
        if today > waiver.expires:
            found.append((EXPIRED, urn, waiver.line, f"{waiver.id} of {waiver.owner} expired on {waiver.expires}"))
            continue
        if (days := (waiver.expires - today).days) > most:
            text = (
                f"{waiver.id} of {waiver.owner} expires in {days} days, on {waiver.expires}; it must be within {most}"
            )
            found.append((TOO_WIDE, urn, waiver.line, text))
        own = [finding for finding in waived if finding.waiver is waiver]
        for stack in here:
            for rule, line, text in _left_over(waiver, stack, own, graph, settings, by_id, judged):
                found.append((rule, stacks.get(stack, ""), line, f"{waiver.id} of {waiver.owner}: {text}"))
    return [
        Finding(rule, urn, Outcome.FAIL, f"{waivers.file}:{line}: {text}", settings[rule.id].level)
        for rule, urn, line, text in found
        if settings[rule.id].level is not Level.DISABLED
    ]


def elsewhere(waivers: Waivers, graph: Graph) -> list[str]:
    """Stacks that waivers name and that are not in view."""
    return sorted({stack for waiver in waivers.entries for stack in waiver.stacks} - _stacks(graph))


def _stacks(graph: Graph) -> set[str]:
    """Names of the stacks in view, as waivers have them: a file is one project's."""
    return {stack_of(each.urn) for each in graph.resources}


def _waived(finding: Finding, waivers: Iterable[Waiver], *, alone: bool) -> Finding:
    for waiver in waivers:
        if any((each.urn or alone) and _means(each, waiver, finding) for each in waiver.resources):
            return replace(finding, level=Level.ADVISORY, waiver=waiver)
    return finding


def names(urns: Iterable[str]) -> Counter[tuple[str, str, str]]:
    """How many of these resources, each given once, have a stack, type and name."""
    return Counter(map(_named, urns))


def _named(urn: str) -> tuple[str, str, str]:
    """What a waiver may name a resource by in place of its URN: stack, type and name."""
    return stack_of(urn), type_of(urn), name_of(urn)


def _means(waived: Waived, waiver: Waiver, finding: Finding) -> bool:
    """Whether a resource of a waiver is the one that a finding is about, and the property too."""
    kind = type_of(finding.urn), name_of(finding.urn)
    same = finding.urn == waived.urn if waived.urn else kind == (waived.type, waived.name)
    return (
        stack_of(finding.urn) in waiver.stacks
        and same
        and (not waived.properties or _within(finding.path, waived.properties))
    )


def _within(path: str, properties: Iterable[str]) -> bool:
    return any(path == each or path.startswith((f"{each}.", f"{each}[")) for each in properties)


def _left_over(
    waiver: Waiver,
    stack: str,
    own: list[Finding],
    graph: Graph,
    settings: Mapping[str, RuleSettings],
    rules: Mapping[str, Rule],
    judged: Collection[str] | None,
) -> Iterator[tuple[Rule, int, str]]:
    """Rules and resources of a waiver that it waives nothing of in a stack, each with what finds it and the line."""
    here = [finding for finding in own if stack_of(finding.urn) == stack]
    resources = [each for each in waiver.resources if not each.urn or stack_of(each.urn) == stack]
    used = {finding.rule.id for finding in here}
    # What sees one stack alone does not know what a rule over both would say.
    open_ = {
        id_
        for id_ in waiver.policies
        if id_ not in used and rules[id_].scope is Scope.STACKS and len(graph.stacks) == 1
    }
    for each in resources:
        in_view = [resource.urn for resource in _meant(each, graph) if stack_of(resource.urn) == stack]
        if len(in_view) > 1:
            open_ |= set(waiver.policies)
            named = f"{each.type} {each.name} is {len(in_view)} resources of {stack}"
            yield TOO_WIDE, each.line, f"{named}, and waives none of them; give the urn of one, such as {in_view[0]}"
            continue
        untouched = judged is not None and in_view and not set(in_view) & set(judged)
        if untouched:
            # An operation on a part of the stack puts the rules to that part.
            open_ |= {id_ for id_ in waiver.policies if id_ not in used and alone(rules[id_])}
        if any(_means(each, waiver, finding) for finding in here):
            continue
        what = each.urn or f"{each.type} {each.name}"
        if not in_view:
            names = [resource.urn if each.urn else resource.name for resource in graph.resources]
            near = difflib.get_close_matches(each.urn or each.name, names, n=1)
            yield (
                UNMATCHED,
                each.line,
                f"no resource of {stack} is {what}{f'; did you mean {near[0]}?' if near else ''}",
            )
        elif not open_:
            about = f" about {', '.join(each.properties)}" if each.properties else ""
            yield UNMATCHED, each.line, f"{', '.join(waiver.policies)} has nothing{about} against {what}"
    for id_ in waiver.policies:
        if settings[id_].level is Level.DISABLED:
            yield UNMATCHED, waiver.line, f"{id_} is disabled in {stack}"
        elif here and id_ not in used | open_:
            yield UNMATCHED, waiver.line, f"{id_} has nothing against its resources in {stack}"


def _meant(waived: Waived, graph: Graph) -> list[Resource]:
    if waived.urn:
        resource = graph.get(waived.urn)
        return [resource] if resource else []
    return [each for each in graph.of(waived.type) if name_of(each.urn) == waived.name]


def _unreadable(file: str, line: int, text: str) -> Waivers:
    return Waivers(file, (), (Mistake(MALFORMED, line, text),))


def _repeated(waivers: Iterable[Waiver]) -> Iterator[Mistake]:
    seen: list[tuple[str, str, Waived, Waiver]] = []
    for waiver in waivers:
        for id_ in waiver.policies:
            for stack in waiver.stacks:
                for each in waiver.resources:
                    for earlier_id, earlier_stack, other, first in seen:
                        if (earlier_id, earlier_stack) == (id_, stack) and _meet(each, other):
                            what = each.urn or f"{each.type} {each.name}"
                            where = f"{first.id}, line {other.line}"
                            text = f"{waiver.id}: {id_} of {what} in {stack} is waived in {where} too"
                            yield Mistake(REPEATED, each.line, text)
                    seen.append((id_, stack, each, waiver))


def _meet(one: Waived, other: Waived) -> bool:
    """Whether two mean one resource, and a property in common."""
    if one.urn and other.urn:
        same = one.urn == other.urn
    else:
        kinds = [
            (type_of(each.urn), name_of(each.urn)) if each.urn else (each.type, each.name) for each in (one, other)
        ]
        same = kinds[0] == kinds[1]
    overlap = not one.properties or not other.properties
    overlap = overlap or any(_within(each, other.properties) for each in one.properties)
    return same and (overlap or any(_within(each, one.properties) for each in other.properties))


class _Reader:
    """Takes waivers from YAML, with one mistake for each that is in it."""

    def __init__(self, rules: Collection[str]) -> None:
        self.mistakes: list[Mistake] = []
        self._rules = rules

    def members(self, node: yaml.Node | None, where: str) -> list[tuple[str, yaml.Node]]:
        """Names and values of an object; each name once."""
        if node is None:
            return []
        if not isinstance(node, yaml.MappingNode):
            self._wrong(node, f"{where}: must be an object")
            return []
        found: dict[str, yaml.Node] = {}
        for key, value in cast("list[tuple[yaml.Node, yaml.Node]]", node.value):
            name = str(key.value) if isinstance(key, yaml.ScalarNode) else ""
            if not name or name in found:
                self._wrong(key, f"{where}: {name or 'a name'} {'is given twice' if name else 'must be text'}")
            found.setdefault(name, value)
        return list(found.items())

    def fields(self, node: yaml.Node, where: str, allowed: tuple[str, ...]) -> dict[str, yaml.Node]:
        """Members of an object that may have these alone."""
        found = dict(self.members(node, where))
        for name in set(found) - set(allowed):
            self._wrong(found[name], f"{where}: {name} is no field{nearest(name, allowed)}")
        return {name: found[name] for name in allowed if name in found}

    def waiver(self, id_: str, node: yaml.Node) -> Waiver | None:
        """One waiver; None if anything in it is wrong."""
        before = len(self.mistakes)
        given = self.fields(node, id_, FIELDS)
        for name in FIELDS:
            if isinstance(node, yaml.MappingNode) and name not in given:
                self._wrong(node, f"{id_}: {name} must be given")
        policies = self._names(given.get("policies"), f"{id_}: policies")
        for each in policies:
            if each not in self._rules:
                self._wrong(given["policies"], f"{id_}: policies: no rule is {each}{nearest(each, self._rules)}")
        stacks = self._names(given.get("stacks"), f"{id_}: stacks")
        resources = [
            self._resource(each, f"{id_}: resources[{index}]", stacks)
            for index, each in enumerate(self._elements(given.get("resources"), f"{id_}: resources"))
        ]
        owner, reason, day = (self._text(given.get(name), f"{id_}: {name}") for name in ("owner", "reason", "expires"))
        try:
            expires = date.fromisoformat(day if DAY.fullmatch(day) else "")
        except ValueError:
            expires = date.min
            if day:
                self._wrong(given["expires"], f"{id_}: expires: is {day!r}, must be a day such as 2027-01-31")
        if len(self.mistakes) > before:
            return None
        return Waiver(id_, policies, stacks, tuple(resources), owner, reason, expires, _line(node))

    def _resource(self, node: yaml.Node, where: str, stacks: Collection[str]) -> Waived:
        given = self.fields(node, where, RESOURCE_FIELDS)
        urn, type_, name = (self._text(given.get(field), f"{where}.{field}") for field in RESOURCE_FIELDS[:3])
        if isinstance(node, yaml.MappingNode) and (bool(urn) == bool(type_) or bool(type_) != bool(name)):
            self._wrong(node, f"{where}: must have a urn, or a type and a name")
        if urn and (not urn.startswith("urn:pulumi:") or urn.count("::") < 3):
            self._wrong(given["urn"], f"{where}.urn: is {urn!r}, must be urn:pulumi:<stack>::<project>::<type>::<name>")
        elif urn and stacks and stack_of(urn) not in stacks:
            self._wrong(given["urn"], f"{where}.urn: is of {stack_of(urn)}, which is not one of its stacks")
        properties = self._names(given["properties"], f"{where}.properties") if "properties" in given else ()
        for text, field in ((type_, "type"), (name if name == "*" else "", "name")):
            self._pattern(text, node, f"{where}.{field}")
        return Waived(urn, type_, name, properties, _line(node))

    def _names(self, node: yaml.Node | None, where: str) -> tuple[str, ...]:
        texts = [self._text(each, where) for each in self._elements(node, where)]
        for text in texts:
            self._pattern(text, cast("yaml.Node", node), where)
        for text in {text for text in texts if texts.count(text) > 1}:
            self._wrong(cast("yaml.Node", node), f"{where}: {text} is given twice")
        # A pattern has been told of, and is no name to look for.
        return tuple(text for text in texts if text and not _is_pattern(text))

    def _elements(self, node: yaml.Node | None, where: str) -> list[yaml.Node]:
        if node is None:
            return []
        if not isinstance(node, yaml.SequenceNode) or not node.value:
            self._wrong(node, f"{where}: must be a list of at least one")
            return []
        return cast("list[yaml.Node]", node.value)

    def _text(self, node: yaml.Node | None, where: str) -> str:
        if node is None:
            return ""
        text = str(node.value).strip() if isinstance(node, yaml.ScalarNode) else ""
        if not text:
            self._wrong(node, f"{where}: must be text")
        return text

    def _pattern(self, text: str, node: yaml.Node, where: str) -> None:
        if _is_pattern(text):
            message = f"{where}: is {text!r}; nothing in a waiver is a pattern, name each one"
            self.mistakes.append(Mistake(TOO_WIDE, _line(node), message))

    def _wrong(self, node: yaml.Node, text: str) -> None:
        self.mistakes.append(Mistake(MALFORMED, _line(node), text))


def _is_pattern(text: str) -> bool:
    return "*" in text or text == "all"


def _line(node: yaml.Node) -> int:
    return node.start_mark.line + 1
