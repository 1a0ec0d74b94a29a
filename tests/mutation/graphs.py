"""Breaks graphs, one thing at a time, wherever a rule looks.

Nothing is listed by hand. A rule is put to a graph that notes what it touches: each property, present or not, each
edge, each resource. Each of them is then broken in every way that fits what it is, and every judgement that had touched
it is made again; no other can come out differently, so that a mutant costs a few judgements and not a whole graph.

What must hold, of every rule and all that it touches:

- What is good stays without findings; a rule that crashes on a mutant is a mistake.
- What is not known never counts as good: where some value makes a rule fail, an unknown one leaves it unproven at
  least.
"""

import re
import sys
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from typing import Any, cast

from policies.catalog import all_rules
from policies.judge import alone, verdicts
from policies.registry import Outcome, Rule
from policies.settings import settle
from resilience.graph import UNKNOWN, Graph, Provider, Read, Resource, Secret

Step = str | int
Path = tuple[Step, ...]
"""Way to a property; what is no property begins with an angle bracket: ``("<edge>", "subnetIds")``."""
Place = tuple[str, Path]
"""URN, and way."""

EDGE, ITSELF, PROTECT, IGNORED, PROVIDER, WAITS = (
    "<edge>",
    "<itself>",
    "<protect>",
    "<ignored>",
    "<provider>",
    "<waits>",
)
ZONE = re.compile(r"([a-z]{2}-[a-z]+-\d)([a-f])")


# What a rule touches.


@dataclass
class Notes:
    """What has been touched since it was last looked at."""

    places: set[Place] = field(default_factory=set[Place])


class Members(dict[str, Any]):
    """An object that notes which of its members are asked for."""

    def __init__(self, content: dict[str, Any], notes: Notes, urn: str, path: Path) -> None:
        super().__init__((name, _watched(each, notes, urn, (*path, name))) for name, each in content.items())
        self._notes, self._urn, self._path = notes, urn, path

    def _touch(self, name: str) -> None:
        self._notes.places.add((self._urn, (*self._path, name)))

    def get(self, key: str, default: Any = None) -> Any:
        self._touch(key)
        return super().get(key, default)

    def __getitem__(self, key: str) -> Any:
        self._touch(key)
        return super().__getitem__(key)

    def __iter__(self) -> Iterator[str]:
        for key in super().__iter__():
            self._touch(key)
            yield key

    def items(self) -> Any:
        return [(key, self[key]) for key in self]

    def values(self) -> Any:
        return [self[key] for key in self]


class Elements(list[Any]):
    """A list that notes which of its elements are asked for."""

    def __init__(self, content: list[Any], notes: Notes, urn: str, path: Path) -> None:
        super().__init__(_watched(each, notes, urn, (*path, index)) for index, each in enumerate(content))
        self._notes, self._urn, self._path = notes, urn, path

    def _touch(self, index: int) -> None:
        self._notes.places.add((self._urn, (*self._path, index)))

    def __getitem__(self, index: Any) -> Any:
        self._touch(index)
        return super().__getitem__(index)

    def __iter__(self) -> Iterator[Any]:
        for index, element in enumerate(super().__iter__()):
            self._touch(index)
            yield element


def _watched(content: Any, notes: Notes, urn: str, path: Path) -> Any:
    if isinstance(content, Secret):
        return Secret(_watched(content.value, notes, urn, path))
    if isinstance(content, dict):
        return Members(cast("dict[str, Any]", content), notes, urn, path)
    if isinstance(content, list):
        return Elements(cast("list[Any]", content), notes, urn, path)
    return content


class Touched(Resource):
    """A resource that notes what it is asked."""

    def __init__(self, real: Resource, notes: Notes) -> None:
        object.__getattribute__(self, "__dict__").update(real=real, notes=notes, seen={})

    def __getattribute__(self, name: str) -> Any:
        own = object.__getattribute__(self, "__dict__")
        if name == "__dict__":
            return own
        real, notes, seen = own["real"], own["notes"], own["seen"]
        if name == "properties":
            if name not in seen:
                seen[name] = _watched(dict(real.properties), notes, real.urn, ())
            return seen[name]
        if name == "edges":
            if name not in seen:
                seen[name] = Members(dict(real.edges), notes, real.urn, (EDGE,))
            return seen[name]
        if name == "provider" and real.provider is not None:
            notes.places.add((real.urn, (PROVIDER,)))
            return real.provider
        for attribute, mark in (("protect", PROTECT), ("ignore_changes", IGNORED), ("dependencies", WAITS)):
            if name == attribute:
                notes.places.add((real.urn, (mark,)))
        if name in real.__dict__:
            return real.__dict__[name]
        return object.__getattribute__(self, name)


class TouchedGraph(Graph):
    """A graph that notes which resources it gave out, and over which edges."""

    def __init__(self, resources: Iterable[Resource], notes: Notes) -> None:
        super().__init__(resources)
        self._touched = {each.urn: Touched(each, notes) for each in self.resources}
        self._notes = notes

    def _given(self, found: Iterable[Resource]) -> tuple[Resource, ...]:
        given = tuple(self._touched[each.urn] for each in found)
        self._notes.places.update((each.urn, (ITSELF,)) for each in found)
        return given

    def get(self, urn: str) -> Resource | None:
        found = super().get(urn)
        return self._given([found])[0] if found else None

    def of(self, *types: str) -> tuple[Resource, ...]:
        return self._given(super().of(*types))

    def targets(self, resource: Resource, property_: str, *types: str) -> tuple[Resource, ...]:
        return self._given(super().targets(resource, property_, *types))

    def referrers(self, resource: Resource, type_: str, property_: str) -> tuple[Resource, ...]:
        found = super().referrers(resource, type_, property_)
        self._notes.places.update((each.urn, (EDGE, property_)) for each in found)
        return self._given(found)

    def awaited(self, resource: Resource) -> frozenset[str]:
        found = super().awaited(resource)
        self._notes.places.add((resource.urn, (WAITS,)))
        self._given([each for urn in found if (each := super(TouchedGraph, self).get(urn)) is not None])
        return found


# Ways to break a thing.


def _broken(content: Any) -> Iterator[tuple[str, Any]]:
    """What a property may be instead, each with the mutator's name; UNKNOWN and None, which is to be left out, too."""
    if isinstance(content, Secret):
        yield from ((name, None if other is None else Secret(other)) for name, other in _broken(content.value))
        return
    if content is UNKNOWN:
        yield from (("deleted", None), ("set", "other"))
        return
    if content is None:
        yield from (("set", True), ("set", False), ("set", 0), ("set", 1000), ("set", "other"), ("set", ["other"]))
        yield from (("set", {"other": "other"}), ("unknown", UNKNOWN))
        return
    yield from (("deleted", None), ("unknown", UNKNOWN))
    if isinstance(content, bool):
        yield "flipped", not content
    elif isinstance(content, int | float):
        yield from (
            ("off by one", content - 1),
            ("off by one", content + 1),
            ("zero", 0),
            ("far off", content * 100 + 1),
        )
    elif isinstance(content, str):
        zone = ZONE.fullmatch(content)
        if zone:
            yield from (("another zone", zone[1] + letter) for letter in "abc" if letter != zone[2])
        if content.isdecimal():
            yield from (("off by one", str(int(content) - 1)), ("off by one", str(int(content) + 1)), ("zero", "0"))
        yield from (("other text", f"{content}x"), ("emptied", ""), ("widened", "*"))
    elif isinstance(content, list):
        members = cast("list[Any]", content)
        if members:
            yield from (("member dropped", members[1:]), ("emptied", list[Any]()))
        if len(members) > 1:
            yield from (("member dropped", members[:-1]), ("members alike", [members[0]] * len(members)))
    elif isinstance(content, dict) and content:
        yield "emptied", dict[str, Any]()


def _put(content: Any, path: Path, value: Any) -> Any:
    """The tree with another value at a place; None takes it away."""
    if isinstance(content, Secret):
        return Secret(_put(content.value, path, value))
    step, *rest = path
    if isinstance(step, int):
        elements = list(cast("list[Any]", content)) if isinstance(content, list) else []
        if step >= len(elements):
            return cast("Any", content)
        changed = _put(elements[step], tuple(rest), value) if rest else value
        kept: list[Any] = [] if changed is None else [changed]
        return [*elements[:step], *kept, *elements[step + 1 :]]
    members = dict(cast("dict[str, Any]", content)) if isinstance(content, dict) else {}
    members[step] = _put(members.get(step), tuple(rest), value) if rest else value
    if members[step] is None:
        del members[step]
    return members


def _at(content: Any, path: Path) -> Any:
    for step in path:
        while isinstance(content, Secret):
            content = content.value
        if isinstance(step, int):
            elements = cast("list[Any]", content) if isinstance(content, list) else []
            content = elements[step] if step < len(elements) else None
        else:
            content = cast("dict[str, Any]", content).get(step) if isinstance(content, dict) else None
    return content


def _other_region(provider: Provider, region: Any) -> Provider:
    return replace(provider, properties={**provider.properties, "region": region})


def mutants(resource: Resource, path: Path) -> Iterator[tuple[str, Resource | None]]:
    """A resource, broken at one place in every way that fits; None: it is gone."""
    mark, *rest = path
    if mark == ITSELF:
        yield "resource dropped", None
    elif mark == EDGE:
        if not rest:
            return
        yield "edge dropped", replace(resource, edges={key: to for key, to in resource.edges.items() if key != rest[0]})
    elif mark == PROTECT:
        yield "unprotected", replace(resource, protect=not resource.protect)
    elif mark == IGNORED:
        for name in resource.properties:
            yield "changes ignored", replace(resource, ignore_changes=(*resource.ignore_changes, name))
    elif mark == WAITS:
        yield "waits for nothing", replace(resource, dependencies=())
    elif mark == PROVIDER:
        made = resource.provider
        if made is not None:
            yield "another region", replace(resource, provider=_other_region(made, "ap-south-1"))
            yield "another region", replace(resource, provider=_other_region(made, "us-west-2"))
            yield "another region", replace(resource, provider=_other_region(made, "us-east-1"))
            yield "unknown", replace(resource, provider=_other_region(made, UNKNOWN))
            yield "provider dropped", replace(resource, provider=replace(made, name="default", urn=made.urn + "x"))
    else:
        for name, value in _broken(_at(resource.properties, path)):
            yield name, replace(resource, properties=_put(resource.properties, path, value))


# Judging.

RULES = all_rules()
BY_ID = {rule.id: rule for rule in RULES}
SETTINGS = settle(RULES, {})
Said = Counter[Outcome]
REMEMBERED: list[Any] = [
    each
    for name, module in list(sys.modules.items())
    if name.partition(".")[0] in ("policies", "resilience")
    for each in vars(module).values()
    if hasattr(each, "cache_clear")
]


@dataclass(frozen=True)
class Judgement:
    """A rule put to a resource of a graph."""

    id: str
    urn: str


@dataclass(frozen=True)
class Fate:
    """What became of one mutant."""

    mutator: str
    place: Place
    type: str
    killed_by: frozenset[str]
    failed: frozenset[Judgement]
    unproven: frozenset[Judgement]
    changed: frozenset[Judgement]
    """What came out differently, for better or worse."""
    crashed: frozenset[str]
    asked: frozenset[Judgement]
    """All that had touched the place."""


def normal(path: Path) -> str:
    """A place's name whatever the numbers in it: ``rules[*].status``."""
    text = ""
    for step in path:
        text += "[*]" if isinstance(step, int) else f".{step}" if text else step
    return text


class Golden:
    """A graph that keeps every rule, or leaves open what one stack must, and all that was touched in judging it."""

    def __init__(self, resources: Iterable[Resource], rules: Iterable[Rule] = RULES, most: int | None = None) -> None:
        """Judge them; ``most``: no more than so many resources of a type by a rule."""
        self.whole = Graph(resources)
        self.resources = {each.urn: each for each in self.whole.resources}
        self.single = {urn: replace(each, edges={}, dependencies=()) for urn, each in self.resources.items()}
        self.touched: dict[Place, set[Judgement]] = {}
        self.said: dict[Judgement, Said] = {}
        # Evidence reads all of a value, and decides nothing.
        shown, Read.shown = Read.shown, lambda self: ""  # pyright: ignore[reportUnknownLambdaType]
        try:
            for rule in rules:
                self._trace(rule, most)
        finally:
            Read.shown = shown

    def _trace(self, rule: Rule, most: int | None) -> None:
        notes = Notes()
        whole = TouchedGraph(self.resources.values(), notes)
        judged: Counter[str] = Counter()
        for resource in self.whole.of(*rule.types):
            judged[resource.type] += 1
            if most is not None and judged[resource.type] > most:
                continue
            for remembered in REMEMBERED:
                # What is remembered of a graph would not be touched again.
                remembered.cache_clear()
            notes.places.clear()
            graph = TouchedGraph([self.single[resource.urn]], notes) if alone(rule) else whole
            judgement = Judgement(rule.id, resource.urn)
            given = cast("Resource", graph.get(resource.urn))
            self.said[judgement] = _said(rule, given, graph)
            # Without itself there is nothing to judge.
            for place in notes.places - {(resource.urn, (ITSELF,))}:
                self.touched.setdefault(place, set()).add(judgement)

    def broken(self, place: Place) -> Iterator[Fate]:
        """Every mutant at a place, judged by all that had looked there."""
        urn, path = place
        asked = frozenset(self.touched[place])
        for name, other in mutants(self.resources[urn], path):
            rest = {key: each for key, each in self.resources.items() if key != urn}
            whole: Graph | None = None
            failed: set[Judgement] = set()
            unproven: set[Judgement] = set()
            changed: set[Judgement] = set()
            crashed: set[str] = set()
            for judgement in asked:
                rule = BY_ID[judgement.id]
                if alone(rule):
                    if other is None:
                        continue
                    graph = Graph([replace(other, edges={}, dependencies=())])
                else:
                    whole = graph = whole or Graph([*rest.values(), *([other] if other else [])])
                resource = graph.get(judgement.urn)
                if resource is None:
                    continue
                now, before = _said(rule, resource, graph), self.said[judgement]
                if now != before:
                    changed.add(judgement)
                if now[Outcome.CRASHED]:
                    crashed.add(rule.id)
                if now[Outcome.FAIL] > before[Outcome.FAIL]:
                    failed.add(judgement)
                elif now[Outcome.UNPROVEN] > before[Outcome.UNPROVEN]:
                    unproven.add(judgement)
            yield Fate(
                name,
                place,
                self.resources[urn].type,
                frozenset(each.id for each in failed | unproven),
                frozenset(failed),
                frozenset(unproven),
                frozenset(changed),
                frozenset(crashed),
                asked,
            )


def _said(rule: Rule, resource: Resource, graph: Graph) -> Said:
    return Counter(each.outcome for each in verdicts(rule, resource, graph, SETTINGS[rule.id]))
