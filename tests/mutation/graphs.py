"""Breaks graphs, one thing at a time, wherever a rule looks.

Nothing is listed by hand. A rule is put to a graph that notes what it touches: each property, present or not, each
edge, each resource. Each of them is then broken in every way that fits what it is, and every judgement that had touched
it is made again; no other can come out differently, so that a mutant costs a few judgements and not a whole graph.
Of places that are alike to a rule (same type, same path, same kind of value, its own resource or another) a few stand
for all: they are the spots.

What must hold, of every rule and all that it touches:

- What is good stays without findings; a rule that crashes on a mutant is a mistake.
- What is not known never counts as good: where some value makes a rule fail, an unknown one leaves it unproven at
  least.
"""

import re
import sys
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping
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
ANY = "any"
"""Instead of a type, where a rule looks at whatever there is."""
ZONE = re.compile(r"([a-z]{2}-[a-z]+-\d)([a-f])")
FAR = "arn:aws:kms:ap-south-1:123456789012:key/far"
"""Something in a region that no stack is in."""
PER_RULE = 4
"""Judgements of one rule that are made again for a mutant: resources that are alike fare alike."""
PER_SPOT = 3
"""Places of a spot that are broken: the first, the last, and the one in the middle."""


# What a rule touches.


@dataclass
class Notes:
    """What has been touched since it was last looked at."""

    places: set[Place] = field(default_factory=set[Place])
    anywhere: set[Place] = field(default_factory=set[Place])
    """What was asked of resources whatever their type."""

    def clear(self) -> None:
        """Begin anew."""
        self.places.clear()
        self.anywhere.clear()


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
        self._notes = notes
        self._touched = {each.urn: Touched(each, notes) for each in self.resources}
        of_any = Notes(notes.anywhere)
        self._any = tuple(cast("Resource", Touched(each, of_any)) for each in self.resources)

    def __getattribute__(self, name: str) -> Any:
        if name == "resources" and "_any" in super().__getattribute__("__dict__"):
            self._notes.anywhere.update((each.urn, (ITSELF,)) for each in super().__getattribute__("resources"))
            return self._any
        if name == "stacks":
            # No single resource makes a stack.
            return tuple(sorted({each.stack for each in super().__getattribute__("resources")}))
        return super().__getattribute__(name)

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
        yield from (("deleted", None), ("set", "other"), ("names another region", FAR))
        return
    if content is None:
        yield from (("set", True), ("set", False), ("set", 0), ("set", 1000), ("set", "other"), ("set", ["other"]))
        yield from (("set", {"other": "other"}), ("unknown", UNKNOWN), ("names another region", FAR))
        return
    yield from (("deleted", None), ("unknown", UNKNOWN), ("names another region", FAR))
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


def at(content: Any, path: Path) -> Any:
    for step in path:
        while isinstance(content, Secret):
            content = content.value
        if isinstance(step, int):
            elements = cast("list[Any]", content) if isinstance(content, list) else []
            content = elements[step] if step < len(elements) else None
        else:
            content = cast("dict[str, Any]", content).get(step) if isinstance(content, dict) else None
    return content


def with_value(resource: Resource, path: Path, value: Any) -> Resource:
    """A resource with another value at a place; None takes it away."""
    return replace(resource, properties=_put(resource.properties, path, value))


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
            yield (
                "provider dropped",
                replace(resource, provider=replace(made, name="default", urn=made.urn + "x", properties={})),
            )
    else:
        for name, value in _broken(at(resource.properties, path)):
            yield name, with_value(resource, path, value)


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


@dataclass(frozen=True, order=True)
class Judgement:
    """A rule put to a resource of a graph."""

    id: str
    urn: str


@dataclass(frozen=True, order=True)
class Spot:
    """Where a rule looks, whichever resource it is."""

    id: str
    type: str
    path: str
    role: str
    """``own``: of the resource that it judges; ``other``: of another."""
    kind: str
    """What is there: missing, unknown, truth, number, text, list, object; empty for what is no property."""


@dataclass(frozen=True)
class Change:
    """One way to break one place: the mutator's name, and which of its mutants."""

    place: Place
    mutator: str
    number: int = 0


def normal(path: Path) -> str:
    """A place's name whatever the numbers in it: ``rules[*].status``."""
    text = ""
    for step in path:
        text += "[*]" if isinstance(step, int) else f".{step}" if text else step
    return text


def kind(resource: Resource, path: Path) -> str:
    """What is at a place."""
    if str(path[0]).startswith("<"):
        return ""
    content = at(resource.properties, path)
    while isinstance(content, Secret):
        content = content.value
    if content is None or content is UNKNOWN:
        return "missing" if content is None else "unknown"
    kinds = ((bool, "truth"), (int | float, "number"), (str, "text"), (list, "list"))
    return next((name for type_, name in kinds if isinstance(content, type_)), "object")


def changes(resource: Resource, path: Path) -> Iterator[Change]:
    """Every way to break a place."""
    numbers: Counter[str] = Counter()
    for mutator, _ in mutants(resource, path):
        yield Change((resource.urn, path), mutator, numbers[mutator])
        numbers[mutator] += 1


class Patched(Graph):
    """A graph with some resources changed or gone, made from its indexes: a fiftieth of the work of a new one."""

    def __init__(self, whole: Graph, changed: Mapping[str, Resource | None]) -> None:
        self._whole = whole
        self._changed = changed
        self.resources = tuple(each for old in whole.resources if (each := changed.get(old.urn, old)) is not None)
        self._by_urn = {each.urn: each for each in self.resources}
        self._by_type = dict(whole._by_type)
        self._by_package = dict(whole._by_package)
        self._referrers = dict(whole._referrers)
        for urn, new in changed.items():
            old = whole._by_urn[urn]
            for index, key in ((self._by_type, old.type), (self._by_package, old.type.partition(":")[0])):
                index[key] = [each for each in (new if each.urn == urn else each for each in index[key]) if each]
            for resource in [each for each in (old, new) if each is not None]:
                for property_, targets in resource.edges.items():
                    for target in targets:
                        referrers = self._referrers.get(key := (target, old.type, property_), [])
                        others = [each for each in referrers if each.urn != urn]
                        named = new is not None and target in new.edges.get(property_, ())
                        both = [*others, *([new] if new is not None and named else [])]
                        self._referrers[key] = sorted(both, key=lambda each: each.urn)

    def region(self, resource: Resource) -> Read:
        # It depends on the resource alone.
        return super().region(resource) if resource.urn in self._changed else self._whole.region(resource)


class Remembering(Graph):
    """A graph that looks up a resource's region once."""

    def __init__(self, resources: Iterable[Resource]) -> None:
        super().__init__(resources)
        self._regions: dict[str, Read] = {}

    def region(self, resource: Resource) -> Read:
        if resource.urn not in self._regions:
            self._regions[resource.urn] = super().region(resource)
        return self._regions[resource.urn]


class Golden:
    """A graph that keeps every rule, or leaves open what one stack must, and all that was touched in judging it."""

    def __init__(self, resources: Iterable[Resource], rules: Iterable[Rule] = RULES, most: int | None = None) -> None:
        """Judge them; ``most``: no more than so many resources of a type by a rule."""
        self.whole = Remembering(resources)
        self.resources = {each.urn: each for each in self.whole.resources}
        self.touched: dict[Place, set[Judgement]] = {}
        self.anywhere: set[tuple[Judgement, Place]] = set()
        """Places that a rule came upon in going through all that there is."""
        self.places: dict[Spot, list[Place]] = {}
        """By spot all that are alike, sorted."""
        self.looked: dict[Judgement, set[Place]] = {}
        self.said: dict[Judgement, Said] = {}
        found: dict[Spot, set[Place]] = {}
        # Evidence reads all of a value, and decides nothing.
        shown, Read.shown = Read.shown, lambda self: ""  # pyright: ignore[reportUnknownLambdaType]
        try:
            for rule in rules:
                self._trace(rule, most, found)
        finally:
            Read.shown = shown
        self.places = {spot: sorted(places, key=str) for spot, places in found.items()}

    def _trace(self, rule: Rule, most: int | None, found: dict[Spot, set[Place]]) -> None:
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
            notes.clear()
            graph = TouchedGraph([_single(resource)], notes) if alone(rule) else whole
            judgement = Judgement(rule.id, resource.urn)
            given = cast("Resource", graph.get(resource.urn))
            self.said[judgement] = _said(rule, given, graph)
            # Of all that there is, what may matter to one is what it waits for.
            ahead = self.whole.awaited(resource)
            anywhere = {each for each in notes.anywhere - notes.places if each[0] in ahead}
            self.anywhere |= {(judgement, place) for place in anywhere}
            # Without itself there is nothing to judge.
            self.looked[judgement] = (notes.places | anywhere) - {(resource.urn, (ITSELF,))}
            for place in self.looked[judgement]:
                self.touched.setdefault(place, set()).add(judgement)
                found.setdefault(self.spot(judgement, place), set()).add(place)

    def spot(self, judgement: Judgement, place: Place) -> Spot:
        """Which spot of a rule a place is."""
        urn, path = place
        resource = self.resources[urn]
        role = "own" if urn == judgement.urn else "other"
        if (judgement, place) in self.anywhere:
            text = normal(path[:1] if path[0] == EDGE else path)
            return Spot(judgement.id, ANY, text, role, "" if text.startswith("<") else kind(resource, path))
        return Spot(judgement.id, resource.type, normal(path), role, kind(resource, path))

    def sample(self, each: int = PER_SPOT, paths: int = 0, of: Collection[str] = ()) -> dict[Spot, list[Place]]:
        """By spot, the places that stand for all: first, last, and the one in the middle.

        Args:
            each: So many of a spot.
            paths: No more than so many of a type, evenly picked.
            of: For these rules.
        """
        of_type: defaultdict[tuple[str, str, str], list[Spot]] = defaultdict(list)
        for spot in sorted(self.places):
            of_type[spot.id, spot.type, spot.role].append(spot)
        picked: dict[Spot, list[Place]] = {}
        for spots in of_type.values():
            for spot in spots[:: -(-len(spots) // paths) if spots[0].id in of else 1]:
                places = self.places[spot]
                picked[spot] = list(dict.fromkeys((places[0], places[-1], places[len(places) // 2])))[:each]
        return picked

    def asked(self, place: Place) -> list[Judgement]:
        """Who judges again if a place is broken: a few of each rule's that looked there."""
        taken: Counter[Spot] = Counter()
        asked: list[Judgement] = []
        for judgement in sorted(self.touched[place]):
            spot = self.spot(judgement, place)
            taken[spot] += 1
            if taken[spot] <= PER_RULE:
                asked.append(judgement)
        return asked

    def broken(self, broken: Iterable[Change]) -> dict[str, Resource | None]:
        """Resources as they are after changes, one after the other; None: gone."""
        changed: dict[str, Resource | None] = {}
        for change in broken:
            urn, path = change.place
            resource = changed.get(urn, self.resources[urn])
            if resource is None:
                continue
            same = [each for mutator, each in mutants(resource, path) if mutator == change.mutator]
            if change.number < len(same):
                changed[urn] = same[change.number]
        return changed

    def judged(self, changed: Mapping[str, Resource | None], judgements: Iterable[Judgement]) -> dict[Judgement, Said]:
        """What is said after resources have changed."""
        whole: Graph | None = None
        said: dict[Judgement, Said] = {}
        for judgement in judgements:
            rule = BY_ID[judgement.id]
            own = changed.get(judgement.urn, self.resources[judgement.urn])
            if own is None:
                continue
            if alone(rule):
                own = _single(own)
                said[judgement] = _said(rule, own, Graph([own]))
                continue
            whole = whole or Patched(self.whole, changed)
            said[judgement] = _said(rule, own, whole)
        return said


def worse(now: Said, before: Said) -> bool:
    """Whether more fails, or is unproven, than before."""
    return now[Outcome.FAIL] > before[Outcome.FAIL] or now[Outcome.UNPROVEN] > before[Outcome.UNPROVEN]


def _single(resource: Resource) -> Resource:
    return replace(resource, edges={}, dependencies=())


def _said(rule: Rule, resource: Resource, graph: Graph) -> Said:
    return Counter(each.outcome for each in verdicts(rule, resource, graph, SETTINGS[rule.id]))
