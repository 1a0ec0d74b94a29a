"""The one picture of one or several stacks: resources, what is known of them, and how they hang together.

A read never guesses. It gives VALUE, MISSING (the program does not set it) or UNKNOWN (the engine cannot say yet), and
whoever reads has to deal with all three. Edges come from property dependencies, which the engine knows even while ids
are unknown; ids are never compared within a stack.
"""

import json
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import Enum
from functools import cache, cached_property
from typing import Any, Final, cast

SUBNET = "aws:ec2/subnet:Subnet"
SHOWN_LENGTH = 80
SECRET_LENGTH = 4
"""Characters of a secret from which on it is taken out of any text. Fewer are in half the words there are, and tell
nobody anything: they are hidden by ``Read.shown`` alone."""

GLOBAL_SERVICES = frozenset({"aws:iam", "aws:route53", "aws:cloudfront", "aws:globalaccelerator", "aws:organizations"})
"""AWS services whose resources belong to no region. Their ``region`` property, where there is one, means nothing
(pulumi-aws v7: "Enhanced region support", resources that are global ignore it)."""


class State(Enum):
    """What a read found."""

    VALUE = "value"
    MISSING = "missing"
    UNKNOWN = "unknown"


class Unknown(Enum):
    """Type of UNKNOWN."""

    UNKNOWN = "unknown"


UNKNOWN: Final = Unknown.UNKNOWN
"""Stands in a property tree for whatever is not known yet."""


@dataclass(frozen=True, slots=True)
class Secret:
    """Stands in a property tree around what must not be shown."""

    value: Any = field(repr=False)


@dataclass(frozen=True, slots=True)
class Read:
    """The answer to one question about a resource."""

    path: str
    """Pulumi path of what was asked, or of the unknown that hides it."""
    state: State
    content: Any = field(default=None, repr=False)
    """Scalar, dict or list, if the state is VALUE; it may hold UNKNOWN and Secret further in. Ask with ``field``,
    ``at`` and ``each``, which deal with them."""
    secret: bool = False
    """Whether the answer must not be shown."""

    @property
    def known(self) -> bool:
        """Whether there is a value."""
        return self.state is State.VALUE

    @property
    def unknown(self) -> bool:
        """Whether nobody can say yet."""
        return self.state is State.UNKNOWN

    @property
    def missing(self) -> bool:
        """Whether the program leaves it out."""
        return self.state is State.MISSING

    @property
    def whole(self) -> int | None:
        """The whole number that it holds; None if it holds anything else, or nobody can say."""
        return self.content if isinstance(self.content, int) and not isinstance(self.content, bool) else None

    def field(self, name: str) -> "Read":
        """A member of an object by its exact name, dots and all."""
        path = f"{self.path}.{name}" if self.path else name
        if self.state is State.UNKNOWN:
            return self
        members = _members(self.content)
        return _read(path, members.get(name), self.secret)

    def at(self, path: str) -> "Read":
        """A member further in: ``scalingConfig.minSize``, ``rules[0].status``."""
        read = self
        for step in _steps(path):
            read = read.field(step) if isinstance(step, str) else read._element(step)
        return read

    def each(self) -> list["Read"]:
        """Elements of a list, which may be unknown one by one; a single unknown one, ``[*]``, if the whole list is."""
        if self.state is State.UNKNOWN:
            return [Read(f"{self.path}[*]", State.UNKNOWN, secret=self.secret)]
        elements = _elements(self.content)
        return [_read(f"{self.path}[{index}]", element, self.secret) for index, element in enumerate(elements)]

    def fields(self) -> dict[str, "Read"]:
        """Members of an object by name; none if it is missing, unknown or no object."""
        members = _members(self.content)
        return {name: self.field(name) for name in members}

    def shown(self) -> str:
        """Text for evidence: short, and never a secret."""
        if self.state is State.UNKNOWN:
            return "unknown"
        if self.state is State.MISSING:
            return "not set"
        if self.secret:
            return "[secret]"
        # Sorted: a protobuf map hands its keys over in any order.
        text = json.dumps(_showable(self.content), ensure_ascii=False, sort_keys=True)
        return text if len(text) <= SHOWN_LENGTH else f"{text[:SHOWN_LENGTH]}…"

    def _element(self, index: int) -> "Read":
        if self.state is State.UNKNOWN:
            return self
        elements = _elements(self.content)
        element = elements[index] if index < len(elements) else None
        return _read(f"{self.path}[{index}]", element, self.secret)


def _members(content: Any) -> dict[str, Any]:
    return cast("dict[str, Any]", content) if isinstance(content, dict) else {}


def _elements(content: Any) -> list[Any]:
    return cast("list[Any]", content) if isinstance(content, list) else []


def _read(path: str, content: Any, secret: bool) -> Read:
    while isinstance(content, Secret):
        secret, content = True, content.value
    if content is UNKNOWN:
        return Read(path, State.UNKNOWN, secret=secret)
    if content is None:
        return Read(path, State.MISSING, secret=secret)
    return Read(path, State.VALUE, content, secret)


@cache
def _steps(path: str) -> tuple[str | int, ...]:
    return tuple(int(index) if index else name for name, index in re.findall(r"([^.\[\]]+)(?!\])|\[(\d+)\]", path))


def _showable(content: Any) -> Any:
    if isinstance(content, Secret):
        return "[secret]"
    if content is UNKNOWN:
        return "unknown"
    if isinstance(content, dict):
        return {name: _showable(member) for name, member in cast("dict[str, Any]", content).items()}
    if isinstance(content, list):
        return [_showable(element) for element in cast("list[Any]", content)]
    return content


def _secret_texts(content: Any, *, secret: bool) -> Iterator[str]:
    """Texts and numbers of a property tree that must not be shown."""
    if isinstance(content, Secret):
        yield from _secret_texts(content.value, secret=True)
    elif isinstance(content, dict):
        for member in cast("dict[str, Any]", content).values():
            yield from _secret_texts(member, secret=secret)
    elif isinstance(content, list):
        for element in cast("list[Any]", content):
            yield from _secret_texts(element, secret=secret)
    elif secret and isinstance(content, (str, int, float)) and not isinstance(content, bool):
        yield str(content)


def stack_of(urn: str) -> str:
    """Name of the stack that a resource is in; empty for no resource."""
    return urn.removeprefix("urn:pulumi:").partition("::")[0]


def project_of(urn: str) -> str:
    """Name of the project that a resource's stack is of; empty for no resource."""
    return (*urn.split("::", 2), "")[1]


def home_of(urn: str) -> tuple[str, str]:
    """Stack and project of a resource, which together say which stack it is; empty for no resource."""
    return stack_of(urn), project_of(urn)


def stack_names(homes: Iterable[tuple[str, str]]) -> dict[tuple[str, str], str]:
    """What to call stacks in view, by stack and project: ``prod``, or ``east/prod`` where several have that name."""
    known = set(homes)
    alike = Counter(stack for stack, _ in known)
    return {
        (stack, project): f"{project}/{stack}" if alike[stack] > 1 and project else stack for stack, project in known
    }


def type_of(urn: str) -> str:
    """Type of a resource, without its parents'; empty for no resource."""
    parts = urn.split("::", 3)
    return parts[2].rpartition("$")[2] if len(parts) > 3 else ""


def name_of(urn: str) -> str:
    """Name of a resource in its program, in which ``::`` may stand; what is no URN is a name."""
    return urn.split("::", 3)[-1]


@dataclass(frozen=True, slots=True, eq=False)
class Provider:
    """The provider that a resource is made through."""

    name: str
    type: str
    properties: Mapping[str, Any]
    urn: str = ""
    """The provider is itself a resource of the stack; empty if nobody says which."""

    @property
    def default(self) -> bool:
        """Whether the engine made it up because the program named none."""
        return re.fullmatch(r"default(_\d+_\d+_\d+.*)?", self.name) is not None

    def read(self, path: str) -> Read:
        """What the provider is configured with."""
        return Read("", State.VALUE, self.properties).at(path)


@dataclass(frozen=True, eq=False)
class Resource:
    """One resource, as checked inputs, planned outputs, or state."""

    urn: str
    type: str
    name: str
    properties: Mapping[str, Any]
    """Tree of plain values, with UNKNOWN and Secret in it; whole numbers are ints."""
    parent: str = ""
    """URN, or empty."""
    provider: Provider | None = None
    edges: Mapping[str, tuple[str, ...]] = field(default_factory=dict[str, tuple[str, ...]])
    """URNs that a top-level property was computed from."""
    protect: bool = False
    ignore_changes: tuple[str, ...] = ()
    dependencies: tuple[str, ...] = ()
    """URNs of what it waits for, whether a property needs them or the program only says so."""
    external: bool = False
    """Whether the program only reads it, and somebody else answers for it."""
    stack_is_shared: bool = False
    """Whether a stack of another project in view has the name of its own; the graph finds out."""

    @cached_property
    def stack(self) -> str:
        """The stack that it is in: its name, or ``east/prod`` where another project in view has a stack of it."""
        # Asked of every pair by rules over several stacks: it is found once.
        name = stack_of(self.urn)
        return f"{project_of(self.urn)}/{name}" if self.stack_is_shared else name

    def read(self, path: str) -> Read:
        """Answer a question such as ``scalingConfig.minSize``."""
        return Read("", State.VALUE, self.properties).at(path)

    def known_better_by(self, earlier: "Resource") -> "Resource":
        """This resource, with what is unknown in it filled in from another sight of it.

        At preview a provider's planned outputs know less than the checked inputs: a set with one unknown member
        becomes unknown as a whole.
        """
        return Resource(
            self.urn,
            self.type,
            self.name,
            cast("Mapping[str, Any]", _filled(self.properties, earlier.properties)),
            self.parent,
            self.provider or earlier.provider,
            self.edges,
            self.protect,
            self.ignore_changes,
            self.dependencies,
            self.external,
        )


def _filled(content: Any, earlier: Any) -> Any:
    if content is UNKNOWN:
        return UNKNOWN if earlier is None else earlier
    if isinstance(content, Secret) and isinstance(earlier, Secret):
        return Secret(_filled(content.value, earlier.value))
    if isinstance(content, Secret):
        return Secret(_filled(content.value, earlier))
    if isinstance(content, dict):
        before = _members(earlier)
        # A provider that is not configured yet plans nothing at all, as in the first preview of a cluster's objects.
        return before | {name: _filled(member, before.get(name)) for name, member in _members(content).items()}
    members, others = _elements(content), _elements(earlier)
    if members and len(members) == len(others):
        return [_filled(member, others[index]) for index, member in enumerate(members)]
    return content


@dataclass(frozen=True, slots=True)
class Members:
    """How many different things there are, as far as anyone can say."""

    known: tuple[str, ...]
    """The different ones that are known, sorted."""
    least: int
    """There are no fewer."""
    most: int | None
    """There are no more; None: no bound."""
    unknown: tuple[str, ...] = ()
    """Paths of what would have to be known to say more."""

    @classmethod
    def listed(cls, read: Read) -> "Members":
        """The different elements of a list."""
        elements = read.each()
        known = tuple(sorted({str(each.content) for each in elements if each.known}))
        hidden = tuple(each.path for each in elements if each.unknown)
        # A list that is unknown as a whole may hold any number.
        return cls(known, len(known), None if read.unknown else len(known) + len(hidden), hidden)

    @classmethod
    def told(cls, reads: Sequence[tuple[Resource, Read]]) -> "Members":
        """What several resources say of themselves; one that leaves it out is given something, nobody knows what."""
        known = tuple(sorted({str(read.content) for _, read in reads if read.known}))
        hidden = tuple(f"{resource.name}.{read.path}" for resource, read in reads if not read.known)
        return cls(known, len(known), len(known) + len(hidden), hidden)


class Graph:
    """Resources of one or several stacks, with indexes. The order in which they come changes nothing."""

    def __init__(self, resources: Iterable[Resource]) -> None:
        """Index the resources; of two with one URN the last stands."""
        by_urn = {resource.urn: resource for resource in resources}
        names = stack_names(map(home_of, by_urn))
        for urn, resource in by_urn.items():
            if resource.stack != names[home_of(urn)]:
                by_urn[urn] = replace(resource, stack_is_shared=not resource.stack_is_shared)
        self.resources: tuple[Resource, ...] = tuple(by_urn[urn] for urn in sorted(by_urn))
        self._by_urn = by_urn
        self._by_type: dict[str, list[Resource]] = {}
        self._by_package: dict[str, list[Resource]] = {}
        self._referrers: dict[tuple[str, str, str], list[Resource]] = {}
        for resource in self.resources:
            self._by_type.setdefault(resource.type, []).append(resource)
            self._by_package.setdefault(resource.type.partition(":")[0], []).append(resource)
            for property_, targets in resource.edges.items():
                for target in dict.fromkeys(targets):
                    self._referrers.setdefault((target, resource.type, property_), []).append(resource)

    @cached_property
    def stacks(self) -> tuple[str, ...]:
        """Names of the stacks in view."""
        return tuple(sorted({resource.stack for resource in self.resources}))

    def hidden(self, text: str) -> str:
        """Text for evidence without the secrets of any resource in view, however they came into it.

        ``Read.shown`` hides what is asked for; what is counted, compared or listed has lost its mark by then.
        """
        return self._secrets.sub("[secret]", text) if self._secrets else text

    @cached_property
    def _secrets(self) -> re.Pattern[str] | None:
        trees = [each.properties for each in self.resources]
        trees += [each.provider.properties for each in self.resources if each.provider is not None]
        # A name is in the URN, for all to see.
        names = {resource.name for resource in self.resources}
        found = {text for tree in trees for text in _secret_texts(tree, secret=False)} - names
        # Of a long one, a part is no less secret; what shows values cuts them.
        texts = {part for text in found if len(text) >= SECRET_LENGTH for part in (text, text[: SHOWN_LENGTH // 2])}
        longest_first = sorted(texts, key=lambda text: (-len(text), text))
        return re.compile("|".join(map(re.escape, longest_first)), re.IGNORECASE) if texts else None

    def get(self, urn: str) -> Resource | None:
        """The resource with this URN."""
        return self._by_urn.get(urn)

    def of(self, *types: str) -> tuple[Resource, ...]:
        """Resources of these types, sorted by URN within a type; ``kubernetes:*`` means every type of a package."""
        found: list[Resource] = []
        for type_ in types:
            found += self._by_package.get(type_[:-2], []) if type_.endswith(":*") else self._by_type.get(type_, [])
        return tuple(found)

    def targets(self, resource: Resource, property_: str, *types: str) -> tuple[Resource, ...]:
        """Resources of these types that a top-level property was computed from."""
        found = (self._by_urn.get(urn) for urn in dict.fromkeys(resource.edges.get(property_, ())))
        return tuple(each for each in found if each is not None and each.type in types)

    def referrers(self, resource: Resource, type_: str, property_: str) -> tuple[Resource, ...]:
        """Resources of a type whose property was computed from this resource."""
        return tuple(self._referrers.get((resource.urn, type_, property_), ()))

    def awaited(self, resource: Resource) -> frozenset[str]:
        """URNs of all that must stand before a resource is made, and until it is gone.

        Through values, words, providers and parents, as the engine orders deletions: pulumi/pulumi,
        pkg/resource/graph/dependency_graph.go, DependenciesOf (read 2026-11).
        """
        found: set[str] = set()
        ahead = [resource]
        while ahead:
            each = ahead.pop()
            above = (each.parent, each.provider.urn if each.provider else "")
            urns = {*above, *each.dependencies, *(urn for edges in each.edges.values() for urn in edges)} - found
            found |= urns
            ahead += [next_ for urn in urns if (next_ := self._by_urn.get(urn)) is not None]
        return frozenset(found - {""})

    def region(self, resource: Resource) -> Read:
        """Where a resource lives: its own region, else its provider's, else its ARN's. MISSING for global ones."""
        if resource.type.partition("/")[0] in GLOBAL_SERVICES:
            return Read("region", State.MISSING)
        own = resource.read("region")
        if not own.missing:
            return own
        provided = resource.provider.read("region") if resource.provider else own
        if not provided.missing:
            return Read("provider.region", provided.state, provided.content, provided.secret)
        arn = resource.read("arn")
        if arn.secret:
            # A part of it would be no less secret, and could not be told from any other region.
            return Read("region", State.UNKNOWN)
        if arn.known and isinstance(arn.content, str) and arn.content.count(":") >= 5:
            return _read("arn", arn.content.split(":")[3] or None, secret=False)
        return Read("region", State.UNKNOWN) if arn.unknown else Read("region", State.MISSING)

    def zone(self, resource: Resource) -> Read:
        """The availability zone that a resource is in, its own or its subnet's; MISSING if it is in none or several."""
        name, identifier = resource.read("availabilityZone"), resource.read("availabilityZoneId")
        for read in (name, identifier):
            if read.known:
                return read
        for read in (name, identifier):
            if read.unknown:
                return read
        subnets = self.targets(resource, "subnetId", SUBNET)
        if len(subnets) == 1:
            return self.zone(*subnets)
        # In a subnet that is not in view.
        outside = not resource.read("subnetId").missing
        return Read("subnetId", State.UNKNOWN) if outside else Read("availabilityZone", State.MISSING)

    def zones(self, resource: Resource, property_: str, elements: Sequence[Read] | None = None) -> Members:
        """In how many zones the subnets of a property are.

        Args:
            resource: Whose property it is.
            property_: Top-level property that the subnets are named in; its edges lead to them.
            elements: Where in it the subnets' ids are. Default: the property is a list of them.
        """
        given = resource.read(property_).each() if elements is None else list(elements)
        subnets = self.targets(resource, property_, SUBNET)
        reads = [(subnet, self.zone(subnet)) for subnet in subnets]
        sizes = Counter(str(read.content) for _, read in reads if read.known)
        hidden = [f"{subnet.name}.{read.path}" for subnet, read in reads if not read.known]
        known = tuple(sorted(sizes))
        whole = next((read.path for read in given if "[*]" in read.path), None)
        if whole:
            # A list that is unknown as a whole may name any of the subnets that it was computed from, or none.
            return Members(known, 0, None, (whole, *hidden))
        count = len({str(read.content) for read in given if read.known}) + sum(read.unknown for read in given)
        if count < len(subnets):
            # Computed from more subnets than it names: which ones it names, nobody can say.
            return Members(
                known, _fewest(sizes, len(hidden), count), min(count, len(known) + len(hidden)), (property_,)
            )
        outside = count - len(subnets)
        unknown = (*hidden, *([property_] if outside else []))
        return Members(known, len(known) or min(1, len(hidden)), len(known) + len(hidden) + outside, unknown)


def _fewest(sizes: Counter[str], hidden: int, count: int) -> int:
    """The fewest zones that so many of the subnets can be in; those of unknown zone may all be in the largest."""
    counts = sorted(sizes.values(), reverse=True)
    counts = [sum(counts[:1]) + hidden, *counts[1:]]
    zones = 0
    while count > 0:
        count -= counts[zones]
        zones += 1
    return zones
