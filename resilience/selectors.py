"""Which pods a Kubernetes label selector means, as far as anyone can say. None stands for: nobody can."""

from collections import Counter
from collections.abc import Collection, Hashable, Iterable, Sequence
from functools import lru_cache
from typing import Generic, TypeVar

from resilience.graph import Graph, Read, Resource

NAMESPACE = "kubernetes:core/v1:Namespace"
RELEASE = "kubernetes:helm.sh/v3:Release"
ZONE = "topology.kubernetes.io/zone"
HOST = "kubernetes.io/hostname"
T = TypeVar("T")


def selects(selector: Read, labels: Read) -> bool | None:
    """Whether a selector, labels and expressions, matches labels; an empty one matches all, a missing one none."""
    if selector.missing:
        return False
    if selector.unknown or labels.unknown:
        return None
    wanted = selector.field("matchLabels")
    expressions = selector.field("matchExpressions")
    answers = [_same(value, labels.field(key)) for key, value in wanted.fields().items()]
    answers += [_expression(each, labels) for each in expressions.each()]
    if wanted.unknown:
        answers.append(None)
    return every(answers)


def has_labels(wanted: Read, labels: Read) -> bool | None:
    """Whether a plain map of labels, as a Service's selector, matches; an empty or missing one matches none."""
    if wanted.unknown or labels.unknown:
        return None
    return bool(wanted.fields()) and every([_same(value, labels.field(key)) for key, value in wanted.fields().items()])


def same_namespace(one: Resource, other: Resource, graph: Graph) -> bool | None:
    """Whether two objects, or releases, are in one namespace of one cluster."""
    if one.stack != other.stack or _provider(one) != _provider(other):
        return False
    first, second = namespace(one), namespace(other)
    if not first.unknown and not second.unknown:
        return (first.content or "default") == (second.content or "default")
    home, its_home = (graph.targets(each, _where(each), NAMESPACE) for each in (one, other))
    return True if len(home) == 1 and home == its_home else None


def namespace(resource: Resource) -> Read:
    """The namespace that an object says it is in."""
    return resource.read("namespace" if resource.type == RELEASE else "metadata.namespace")


def neighbours(resource: Resource, graph: Graph, *types: str) -> tuple[Resource, ...]:
    """Resources of these types that are in its namespace, or may be: nobody may know yet."""
    known, unknown = _by_namespace(graph, types)
    home = (resource.stack, _provider(resource))
    read = namespace(resource)
    if read.unknown:
        everywhere = [each for where, found in known.items() if where[:2] == home for each in found]
        return tuple([*everywhere, *unknown.get(home, [])])
    return tuple([*known.get((*home, str(read.content or "default")), []), *unknown.get(home, [])])


@lru_cache(maxsize=64)
def _by_namespace(
    graph: Graph, types: tuple[str, ...]
) -> tuple[dict[tuple[str, str, str], list[Resource]], dict[tuple[str, str], list[Resource]]]:
    """Resources by stack, cluster and namespace, once a graph; and those whose namespace is not known."""
    known: dict[tuple[str, str, str], list[Resource]] = {}
    unknown: dict[tuple[str, str], list[Resource]] = {}
    for each in graph.of(*types):
        read = namespace(each)
        home = (each.stack, _provider(each))
        if read.unknown:
            unknown.setdefault(home, []).append(each)
        else:
            known.setdefault((*home, str(read.content or "default")), []).append(each)
    return known, unknown


class Index(Generic[T]):
    """Things by their namespace and by what they may be asked for, so that nothing is compared with everything.

    What is not known never narrows the search: it is found by every question that it may be the answer to.
    """

    def __init__(self, entries: Iterable[tuple[T, Resource, Collection[Hashable] | None]]) -> None:
        """Index the things.

        Args:
            entries: Each with what says its namespace, and the keys by which it is found; None: by any.
        """
        self._homes: dict[tuple[str, str, str | None], tuple[list[T], dict[Hashable, list[T]], list[T]]] = {}
        self._spaces: dict[tuple[str, str], list[str | None]] = {}
        for thing, place, keys in entries:
            home, space = (place.stack, _provider(place)), _space(place)
            if (*home, space) not in self._homes:
                self._homes[*home, space] = ([], {}, [])
                self._spaces.setdefault(home, []).append(space)
            everything, by_key, anyway = self._homes[*home, space]
            everything.append(thing)
            if keys is None:
                anyway.append(thing)
            for key in keys or ():
                by_key.setdefault(key, []).append(thing)

    def near(self, place: Resource, keys: Collection[Hashable] | None) -> list[T]:
        """What is, or may be, in a resource's namespace and found by one of the keys, or by any if that is None."""
        home, space = (place.stack, _provider(place)), _space(place)
        spaces = self._spaces.get(home, []) if space is None else [space, None]
        found: dict[int, T] = {}
        for each in spaces:
            everything, by_key, anyway = self._homes.get((*home, each), ([], {}, []))
            asked = [everything] if keys is None else [anyway, *(by_key.get(key, []) for key in keys)]
            found |= {id(thing): thing for things in asked for thing in things}
        return list(found.values())


def pairs(labels: Read) -> list[Hashable] | None:
    """Keys to find pods by: each label with its value; None if one of them is not known."""
    members = labels.fields()
    if labels.unknown or any(value.unknown for value in members.values()):
        return None
    return [(key, str(value.content)) for key, value in members.items()]


def pair(wanted: Read) -> list[Hashable] | None:
    """A key that pods must have which a map of labels matches: one of its labels; None if none is known."""
    known = sorted((key, str(value.content)) for key, value in wanted.fields().items() if value.known)
    return [*known[-1:]] or None


def rarest(wanted: Sequence[Read]) -> list[list[Hashable] | None]:
    """The same for many maps at once: of each, the label that fewest of them want.

    What thousands have in common, as the name of what they are parts of, tells none of them from the others.
    """
    known = [
        [(key, str(value.content)) for key, value in sorted(each.fields().items()) if value.known] for each in wanted
    ]
    common = Counter(label for labels in known for label in labels)
    return [[min(labels, key=lambda label: common[label])] if labels else None for labels in known]


def spreads(constraint: Read, labels: Read, topology: str, *, fills: bool = False) -> bool | None:
    """Whether a spread constraint keeps pods with these labels evenly over a topology.

    Args:
        constraint: One of topologySpreadConstraints.
        labels: The pods' own.
        topology: Label of nodes, such as ZONE.
        fills: Whether a chart puts in the pods' labels where the constraint names none.
    """
    key, skew, selector = (constraint.field(name) for name in ("topologyKey", "maxSkew", "labelSelector"))
    return every(
        [
            None if key.unknown else key.content == topology,
            None if skew.unknown else skew.content == 1,
            True if fills and selector.missing else selects(selector, labels),
        ]
    )


def keeps_apart(affinity: Read, labels: Read, topology: str) -> bool | None:
    """Whether an anti-affinity, required or preferred, keeps pods with these labels apart over a topology."""
    away = affinity.field("podAntiAffinity")
    terms = away.field("requiredDuringSchedulingIgnoredDuringExecution").each()
    preferred = away.field("preferredDuringSchedulingIgnoredDuringExecution").each()
    answers = [
        _apart(term, labels, topology) for term in [*terms, *(each.field("podAffinityTerm") for each in preferred)]
    ]
    return any_of([None if affinity.unknown else False, *answers])


def _apart(term: Read, labels: Read, topology: str) -> bool | None:
    key = term.field("topologyKey")
    return every([None if key.unknown else key.content == topology, selects(term.field("labelSelector"), labels)])


def any_of(answers: list[bool | None]) -> bool | None:
    """Whether one is true: that decides, and one that nobody knows leaves it open otherwise."""
    if True in answers:
        return True
    return None if None in answers else False


def every(answers: list[bool | None]) -> bool | None:
    """Whether all are true: one that is false decides, one that nobody knows leaves it open."""
    if False in answers:
        return False
    return None if None in answers else True


def _where(resource: Resource) -> str:
    return "namespace" if resource.type == RELEASE else "metadata"


def _space(resource: Resource) -> str | None:
    read = namespace(resource)
    return None if read.unknown else str(read.content or "default")


def _provider(resource: Resource) -> str:
    return resource.provider.name if resource.provider else ""


def _same(wanted: Read, label: Read) -> bool | None:
    if wanted.unknown or label.unknown:
        return None
    return label.known and wanted.content == label.content


def _expression(expression: Read, labels: Read) -> bool | None:
    key, operator = expression.field("key"), expression.field("operator")
    if key.unknown or operator.unknown:
        return None
    label = labels.field(str(key.content))
    if operator.content == "Exists":
        return not label.missing
    if operator.content == "DoesNotExist":
        return label.missing
    found = [_same(value, label) for value in expression.field("values").each()]
    within = any_of(found)
    if operator.content == "In":
        return within
    return None if within is None else not within
