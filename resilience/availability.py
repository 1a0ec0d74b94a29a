"""How much of a year a journey answers: what agreements promise for its parts, less what every way round costs.

In series all must be up: A = A₁ · A₂ · … (Trivedi, Probability and Statistics with Reliability, 2nd ed., 2002, §2.3).
Of n alike and independent members at least k are up with Σ C(n, i) aⁱ (1−a)ⁿ⁻ⁱ for i = k … n (the same, §2.4). Members
in one zone share its fate: the numbers of members that are up are summed over zones, each of which is up or not.

Nothing that takes over does so at once. What goes on without an answer is a share of the time of each outage, the time
until somebody else answers over the time that the outage lasts, f = min(1, takeover / outage), both at worst:

- Of members (pods, zones) each one's outage costs its own share of the answers until it is no longer asked, and so adds
  (1 − a) · f to what k of n leave; together never more than one member alone. An agreement has this in it already.
- A part that is lost as a whole costs u · (f + (1 − f) · u₂), where u₂ is how much the other region is not there. What
  nobody leads clients away from costs all of u; so does what both regions share, the same resource in both.
- A region that is dark costs its faults a year, times the time until another one answers, and no more than the outage.
  In one region alone it is the outage.

The share of answers is what AWS measures availability by (AWS, Availability and Beyond, 2021). Of regions that answer
at once, each counts with its share of the clients.

Agreements promise, they do not measure; faults of one cause are not independent; how long outages last is assumed. The
figure ranks designs and names the part that costs most. It is no forecast.
"""

import math
from dataclasses import dataclass

from resilience.diagram import Block, Diagram, Role, Site, worst
from resilience.facts import Facts
from resilience.outcomes import Outcome, Verdict

YEAR: float = 365.25 * 24 * 3600
"""Seconds."""


@dataclass(frozen=True, slots=True)
class Share:
    """What one block gives to a journey's availability."""

    block: str
    region: str
    value: float | None
    """0 to 1; None: nobody can say."""
    facts: tuple[str, ...]
    rerouted: float = 0.0
    """What the value lacks because lost members are asked for a while: as a share of all answers."""


@dataclass(frozen=True, slots=True)
class Availability:
    """How much of a year a journey is there."""

    journey: str
    value: float | None
    """0 to 1; None: nobody can say."""
    shares: tuple[Share, ...]
    failover_seconds: float
    """Seconds a year without an answer while a region is dark."""
    doubts: tuple[str, ...] = ()
    assumed: tuple[str, ...] = ()
    """Ids of the facts that it leans on beside those of its shares."""

    @property
    def percent(self) -> float | None:
        """As agreements say it."""
        return None if self.value is None else self.value * 100

    @property
    def seconds_a_year(self) -> float | None:
        """How long it is not there."""
        return None if self.value is None else (1 - self.value) * YEAR


def availability(diagram: Diagram, facts: Facts, regional: dict[str, Outcome]) -> Availability:
    """Availability of a journey.

    Args:
        diagram: The journey.
        facts: Agreements, and what is measured.
        regional: What the loss of each region does to it, by region.
    """
    front = [_share(block, facts) for block in diagram.front]
    parts = [[(block, _share(block, facts)) for block in site.needs] for site in diagram.sites]
    shares = (*front, *(share for own in parts for _, share in own))
    doubts = (*diagram.doubts, *(doubt for site in diagram.sites for block in site.needs for doubt in block.doubts))
    there = _series([share.value for share in front])
    active = [number for number, site in enumerate(diagram.sites) if site.share > 0] or [0]
    clients = math.fsum(diagram.sites[number].share for number in active) if diagram.sites else 0.0
    values: list[float | None] = []
    for number in active if diagram.sites else ():
        others = [other for other in range(len(parts)) if diagram.sites[other].region != diagram.sites[number].region]
        away = [(diagram.sites[other], parts[other]) for other in others]
        values.append(_served(diagram.sites[number], parts[number], away, facts))
    known = [value for value in values if value is not None]
    if there is None or not values or len(known) < len(values):
        return Availability(diagram.journey, None, shares, 0.0, doubts)
    weights = [diagram.sites[number].share / clients if clients else 1.0 for number in active]
    there *= math.fsum(weight * value for weight, value in zip(weights, known, strict=True))
    dark = facts["region.faults"].value * math.fsum(_dark(each, facts) for each in regional.values())
    return Availability(diagram.journey, max(0.0, there - dark / YEAR), shares, dark, doubts, LASTS)


LASTS = ("region.faults", "region.outage", "service.outage", "pod.outage")
"""Facts of how often, and for how long."""


def _served(
    site: Site, parts: list[tuple[Block, Share]], others: list[tuple[Site, list[tuple[Block, Share]]]], facts: Facts
) -> float | None:
    """Share of its clients' questions that a site answers, or another one in its place; None: nobody can say."""
    groups: dict[tuple[str, ...], list[tuple[Block, Share]]] = {}
    for block, share in parts:
        # A region's buckets are lost together, and so are its keys: each service counts once.
        alike = block.role in (Role.STORE, Role.KEY) and share.value is not None
        groups.setdefault((block.role.value, *share.facts) if alike else (block.name,), []).append((block, share))
    values: list[float | None] = []
    for group in groups.values():
        value = group[0][1].value
        if value is None:
            return None
        rerouted = max(share.rerouted for _, share in group)
        lost = 1 - value - rerouted
        least = lost
        for other, its in others:
            left = _apart(parts, its)
            if left is None:
                continue
            late = max(_late(block, site, other, facts) for block, _ in group)
            least = min(least, lost * (late + (1 - late) * left))
        # What members cost until they are no longer asked, no other region spares anybody.
        values.append(1 - least - rerouted)
    return _series(values)


def _apart(parts: list[tuple[Block, Share]], others: list[tuple[Block, Share]]) -> float | None:
    """How much another site is not there, of what it has for itself; None: nobody can say."""
    shared = {urn for block, _ in parts for urn in block.urns}
    value = _series([share.value for block, share in others if shared.isdisjoint(block.urns)])
    return None if value is None else 1 - value


def _late(block: Block, site: Site, other: Site, facts: Facts) -> float:
    """Time until another site serves in place of a block that is lost, over the time that it is: 0 to 1, at worst."""
    twin = other.blocks.get(block.name)
    seen = block.name in site.seen and site.moves is not None
    clients = site.moves if seen else site.summons
    if clients is None or twin is None or not set(twin.urns).isdisjoint(block.urns):
        return 1.0
    wakes = [each.wake for each in other.needs if each.name == block.name or not each.ready]
    lasts = facts["pod.outage" if block.each == "pod.availability" else "service.outage"].value
    return _over(max(map(worst, [clients, *wakes])), lasts)


def _over(late: float, lasts: float) -> float:
    return min(1.0, late / lasts) if lasts else 1.0


def _dark(outcome: Outcome, facts: Facts) -> float:
    """Seconds without an answer when a region is dark, as a whole; at worst, and no longer than that lasts."""
    lasts = facts["region.outage"].value
    serves = outcome.verdict >= Verdict.DEGRADED and outcome.rto is not None
    late = min(lasts, outcome.rto.worst_seconds) if serves and outcome.rto is not None else lasts
    return late * (1 - outcome.at_once)


def _series(values: list[float | None]) -> float | None:
    known = [value for value in values if value is not None]
    return math.prod(known) if len(known) == len(values) else None


def _share(block: Block, facts: Facts) -> Share:
    """A block by its agreement, or by its members and the zones that they are in."""
    if block.doubts:
        return Share(block.title, block.region, None, ())
    if block.all:
        return Share(block.title, block.region, facts[block.all].value / 100, (block.all,))
    if not block.each or block.zones is None or not block.zones or (block.members < 1 and not block.raised):
        return Share(block.title, block.region, None if block.each else 1.0, ())
    used = tuple(dict.fromkeys([block.each, "zone.availability"]))
    place = facts["zone.availability"].value / 100
    alone = block.each == "zone.availability"
    one = 1.0 if alone else facts[block.each].value / 100
    members = block.zones if alone else max(block.members, block.zones)
    up = at_least(block.needed, members, place) if alone else over_zones(members, block.zones, block.needed, one, place)
    late = worst(block.reroute)
    asked = [(1 - one) * _over(late, facts["pod.outage"].value)]
    asked += [(1 - place) * _over(late, facts["service.outage"].value)]
    # One member alone is never asked in vain for longer than it is lost.
    rerouted = max(0.0, min(math.fsum(asked), up - one * place))
    return Share(block.title, block.region, up - rerouted, used, rerouted)


def at_least(needed: int, members: int, each: float) -> float:
    """Probability that so many of alike members are up.

    Args:
        needed: How many must be.
        members: How many there are.
        each: Probability that one is up, 0 to 1.
    """
    return math.fsum(
        math.comb(members, up) * each**up * (1 - each) ** (members - up) for up in range(needed, members + 1)
    )


def over_zones(members: int, zones: int, needed: int, each: float, zone: float) -> float:
    """Probability that so many members are up, spread evenly over zones that fail as one.

    Args:
        members: How many there are.
        zones: How many zones they are in.
        needed: How many must be up.
        each: Probability that a member in a zone that is up is up, 0 to 1.
        zone: Probability that a zone is up, 0 to 1.
    """
    # Distribution of members that are up, zone by zone.
    chances = [1.0]
    for index in range(zones):
        count = members // zones + (index < members % zones)
        own = [math.comb(count, up) * each**up * (1 - each) ** (count - up) * zone for up in range(count + 1)]
        own[0] += 1 - zone
        chances = [
            math.fsum(chances[up - other] * own[other] for other in range(count + 1) if 0 <= up - other < len(chances))
            for up in range(len(chances) + count)
        ]
    return math.fsum(chances[needed:])
