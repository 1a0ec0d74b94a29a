"""How much of a year a journey is there: what agreements promise for its parts, multiplied and combined.

In series all must be up: A = A₁ · A₂ · … (Trivedi, Probability and Statistics with Reliability, 2nd ed., 2002, §2.3).
Of n alike and independent members at least k are up with Σ C(n, i) aⁱ (1−a)ⁿ⁻ⁱ for i = k … n (the same, §2.4). Members
in one zone share its fate: the numbers of members that are up are summed over zones, each of which is up or not. Of two
regions one must be up: A = 1 − (1 − A₁)(1 − A₂), less the time that clients need to get from one to the other: faults a
year of the region, times the recovery time, over the seconds of a year (AWS, Availability and Beyond, 2021).

Agreements promise, they do not measure; faults of one cause are not independent; a region that is left for the loss of
one service costs the way to the other each time, and only the loss of whole regions is counted so. The figure ranks
designs and names the part that costs most. It is no forecast.
"""

import math
from dataclasses import dataclass

from resilience.diagram import Block, Diagram, Role, Site
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


@dataclass(frozen=True, slots=True)
class Availability:
    """How much of a year a journey is there."""

    journey: str
    value: float | None
    """0 to 1; None: nobody can say."""
    shares: tuple[Share, ...]
    failover_seconds: float
    """Seconds a year spent on the way from one region to the other."""
    doubts: tuple[str, ...] = ()

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
    shares = [_share(block, facts) for block in diagram.front]
    values: list[float | None] = []
    for site in diagram.sites:
        own = [_share(block, facts) for block in site.needs]
        shares += own
        values.append(_series([share.value for share in _apart(site, own)]))
    doubts = (*diagram.doubts, *(doubt for site in diagram.sites for block in site.needs for doubt in block.doubts))
    front = _series([share.value for share in shares[: len(diagram.front)]])
    if not values or front is None or values[0] is None:
        return Availability(diagram.journey, None, tuple(shares), 0.0, doubts)
    there, away = values[0], 0.0
    for site, value in zip(diagram.sites[1:], values[1:], strict=True):
        if _reached(diagram.sites[0], regional) is None or value is None or site.region == diagram.sites[0].region:
            continue
        there = 1 - (1 - there) * (1 - value)
    moves = _reached(diagram.sites[0], regional)
    if len(values) > 1 and moves is not None:
        away = facts["region.faults"].value * moves
    return Availability(diagram.journey, max(0.0, front * there - away / YEAR), tuple(shares), away, doubts)


def _apart(site: Site, shares: list[Share]) -> list[Share]:
    """Shares of a site, with each service once: its buckets are lost together, and so are its keys."""
    kept: dict[tuple[str, ...], Share] = {}
    for block, share in zip(site.needs, shares, strict=True):
        alike = block.role in (Role.STORE, Role.KEY) and share.value is not None
        kept[(block.role.value, *share.facts) if alike else (block.name,)] = share
    return list(kept.values())


def _reached(site: Site, regional: dict[str, Outcome]) -> float | None:
    """Seconds until another region serves in place of a site's; None: none does, or nobody can say."""
    outcome = regional.get(site.region)
    if outcome is None or outcome.verdict < Verdict.DEGRADED or outcome.rto is None:
        return None
    return outcome.rto.typical_seconds


def _series(values: list[float | None]) -> float | None:
    known = [value for value in values if value is not None]
    return math.prod(known) if len(known) == len(values) else None


def _share(block: Block, facts: Facts) -> Share:
    """A block by its agreement, or by its members and the zones that they are in."""
    if block.doubts:
        return Share(block.name, block.region, None, ())
    if block.all:
        return Share(block.name, block.region, facts[block.all].value / 100, (block.all,))
    if not block.each or block.zones is None or not block.zones or (block.members < 1 and not block.raised):
        return Share(block.name, block.region, None if block.each else 1.0, ())
    used = tuple(dict.fromkeys([block.each, "zone.availability"]))
    one, place = facts[block.each].value / 100, facts["zone.availability"].value / 100
    if block.each == "zone.availability":
        return Share(block.name, block.region, at_least(block.needed, block.zones, place), used)
    members = max(block.members, block.zones)
    return Share(block.name, block.region, over_zones(members, block.zones, block.needed, one, place), used)


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
