"""What a place means to a rule, by trial: every spot that a rule looks at is of one class, and no class is a guess.

In this order; a spot is of the first that one of its places is of:

- ``decides``: some known change there, by itself, is found by the rule.
- ``scopes``: none is found; some change takes a verdict away, or makes one better. It says to whom the rule applies.
- ``shared``: none matters by itself; the same change at all places of the spot that the judgement looked at, or at all
  of that path whatever their type, changes what is said. Several of a kind hold it together.
- ``paired``: none matters by itself; with another place of the same judgement changed as well, it changes what is said.
  The other place hides it: a second way to the same, or an exception that is not taken here.
- ``elsewhere``: nothing of that here; on another platform of the rules' own tables, good or broken by hand, a change
  there changes what is said.
- ``idle``: nothing tried there changes what the rule says, alone or with any other. It must have a reason.

A known change is one that puts or takes away a value, a member, an edge or a resource; that something is unknown is no
change of it, and what is said then is held to separately.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from enum import Enum

from tests.mutation.graphs import Change, Golden, Judgement, Place, Spot, at, changes, with_value, worse


class Class(Enum):
    """What a spot means to its rule."""

    DECIDES = "decides"
    SCOPES = "scopes"
    SHARED = "shared"
    PAIRED = "paired"
    ELSEWHERE = "elsewhere"
    IDLE = "idle"


def alike(one: Spot, other: Spot) -> bool:
    """Whether two spots differ in no more than the type."""
    return (one.path, one.role) == (other.path, other.role)


def matters_in(golden: Golden, spot: Spot) -> bool:
    """Whether a single change at a spot, whatever is there, changes what its rule says of a graph."""
    for here, places in golden.sample().items():
        if (here.id, here.type, here.path, here.role) != (spot.id, spot.type, spot.path, spot.role):
            continue
        for place in places:
            asked = golden.asked(place)
            for change in changes(golden.resources[place[0]], place[1]):
                said = golden.judged(golden.broken([change]), asked)
                if any(now != golden.said[judgement] for judgement, now in said.items()):
                    return True
    return False


@dataclass
class Company:
    """What else a judgement looked at, changed in every way, and what is said then."""

    golden: Golden
    judgement: Judgement
    _spots: dict[Spot, list[Place]] = field(init=False)
    _others: list[tuple[Spot, list[Change]]] = field(init=False)

    def __post_init__(self) -> None:
        """Look up what it touched."""
        spots: defaultdict[Spot, list[Place]] = defaultdict(list)
        for place in self.golden.looked[self.judgement]:
            spots[self.golden.spot(self.judgement, place)].append(place)
        self._spots = {spot: sorted(places, key=str) for spot, places in sorted(spots.items())}
        self._others = [(spot, each) for spot, places in self._spots.items() for each in self._ways(places)]

    def matters(self, spot: Spot) -> Class:
        """What a spot means where no single change of it does anything."""
        before = self.golden.said[self.judgement]
        places = self._spots[spot]
        same = [place for each, found in self._spots.items() for place in found if alike(each, spot)]
        groups = [*(self._alike(places) if len(places) > 1 else ()), *(self._alike(same) if same != places else ())]
        if any(self._said(each) != before for each in groups):
            return Class.SHARED
        own = [*groups, *self._single(places[0])]
        for other, with_ in self._others:
            if other == spot:
                continue
            beside = self._said(with_)
            # An order of changes that takes away where the other is to be put changes nothing by itself.
            if any(self._said([*each, *with_]) != beside for each in own):
                return Class.PAIRED
        return Class.IDLE

    def _ways(self, places: list[Place]) -> Iterator[list[Change]]:
        yield from self._alike(places)
        if len(places) > 1:
            yield from self._single(places[0])

    def _single(self, place: Place) -> Iterator[list[Change]]:
        for change in changes(self.golden.resources[place[0]], place[1]):
            yield [change]

    def _alike(self, places: list[Place]) -> Iterator[list[Change]]:
        """Each way to change all places in the same way; later elements of a list first, or they would move."""
        ways: defaultdict[tuple[str, int], list[Change]] = defaultdict(list)
        for place in sorted(places, key=str, reverse=True):
            for change in changes(self.golden.resources[place[0]], place[1]):
                ways[change.mutator, change.number].append(change)
        yield from ways.values()

    def _said(self, broken: Iterable[Change]) -> object:
        key = tuple(broken)
        if key not in self._known:
            changed = self.golden.broken(key)
            self._known[key] = self.golden.judged(changed, [self.judgement]).get(self.judgement)
        return self._known[key]

    _known: dict[tuple[Change, ...], object] = field(default_factory=dict[tuple[Change, ...], object], init=False)


@dataclass(frozen=True, order=True)
class Bound:
    """Where on a number's line a rule turns."""

    good: int
    found: int


def bounds(golden: Golden, judgement: Judgement, place: Place, least: int = 0, most: int = 10**6) -> list[Bound]:
    """The nearest numbers below and above what is there that a rule finds, each beside the last that it lets pass."""
    urn, path = place
    now = at(golden.resources[urn].properties, path)

    def found(value: int) -> bool:
        said = golden.judged({urn: with_value(golden.resources[urn], path, value)}, [judgement])[judgement]
        return worse(said, golden.said[judgement])

    turns: list[Bound] = []
    for direction, end in ((-1, least), (1, most)):
        good, step = now, 1
        while good != end:
            tried = max(least, min(most, good + direction * step))
            if not found(tried):
                good, step = tried, step * 2
            elif step == 1:
                turns.append(Bound(good, tried))
                break
            else:
                step = max(1, step // 4)
    return turns
