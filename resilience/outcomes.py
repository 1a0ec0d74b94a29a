"""What every fault does to every journey: how it ends, after how long, with what capacity, and what is lost.

An outcome is how things stand while the fault lasts, once everything that happens by itself or by a plan has happened.
Time is a sum of named terms along the longest of the ways that run side by side. What is not known makes an outcome
UNKNOWN wherever it could make it worse.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from enum import IntEnum
from functools import lru_cache

from resilience.diagram import Block, Chain, Diagram, Pool, Role, Site, typical, worst
from resilience.facts import Facts
from resilience.faults import Fault, faults
from resilience.graph import Graph
from resilience.journeys import Hints, diagrams


class Verdict(IntEnum):
    """How a journey stands while a fault lasts; greater is better."""

    DOWN = 0
    """It comes back with what was lost, and not before. So is what has no capacity left: no pod, no step can start."""
    UNKNOWN = 1
    """Nobody can say."""
    DEGRADED = 2
    """It goes on, with less."""
    SURVIVES = 3
    """It goes on as before, at once or after a time."""


@dataclass(frozen=True, slots=True)
class Duration:
    """A time, as it mostly goes and at most; each with the terms that sum up to it."""

    typical: Chain = ()
    worst: Chain = ()

    @property
    def typical_seconds(self) -> float:
        """Sum of the typical terms."""
        return typical(self.typical)

    @property
    def worst_seconds(self) -> float:
        """Sum of the worst terms; infinite where nobody gives a bound."""
        return worst(self.worst)


NOTHING = Duration()


@dataclass(frozen=True, slots=True)
class Outcome:
    """What one fault does to one journey."""

    journey: str
    fault: str
    verdict: Verdict
    capacity: float | None
    """Of what it has while all is well, 0 to 1, once it has recovered; None: nobody can say."""
    at_once: float
    """The same, in the moment of the fault."""
    slots: int | None
    """Steps that can still start beside all that runs; None for journeys that start none, and where nobody knows."""
    rto: Duration | None
    """Until it stands so; None: never while the fault lasts, or nobody can say."""
    rpo: Duration | None
    """What was written and is lost; None: all of it, or nobody can say."""
    dark: tuple[str, ...] = ()
    """URNs of what is lost of what it leans on."""
    takes_over: tuple[str, ...] = ()
    """URNs of what serves in place of it."""
    because: tuple[str, ...] = ()
    doubts: tuple[str, ...] = ()
    """What would have to be known to say more."""
    then: float | None = None
    """Of what it has while all is well, 0 to 1, when it serves again: at the end of ``rto`` at worst. The rest of
    ``capacity`` comes later, when what was lost has been made anew. None: it does not serve, or nobody can say."""

    @property
    def facts(self) -> tuple[str, ...]:
        """Ids of the facts that it leans on."""
        chains = [chain for each in (self.rto, self.rpo) if each is not None for chain in (each.typical, each.worst)]
        return tuple(sorted({id_ for chain in chains for term in chain for id_ in term.facts}))


@dataclass(frozen=True, slots=True)
class _Part:
    """How one block stands."""

    block: Block
    verdict: Verdict
    capacity: float | None = 1.0
    at_once: float = 1.0
    chain: Chain = ()
    loses: Chain | None = ()
    interrupted: bool = False
    """Whether nobody is served by it at first."""
    gone: bool = False
    """Whether all of it is lost for as long as the fault lasts."""
    then: float | None = None
    """Capacity once the chain has passed; None: all that it will have."""
    slots: int | None = None
    before: int | None = None
    copied: bool = False
    """Whether it is as lost elsewhere: what is deleted or wrong here is copied as it is."""
    touched: bool = True
    """Whether the fault does anything to it."""
    why: str = ""
    doubts: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class _Stand:
    """How a site stands."""

    site: Site
    parts: tuple[_Part, ...]
    verdict: Verdict
    capacity: float | None
    at_once: float
    chains: tuple[Chain, ...]
    touched: tuple[_Part, ...]

    @property
    def serves(self) -> bool:
        return self.verdict >= Verdict.DEGRADED


def outcomes(graph: Graph, facts: Facts | None = None, hints: Hints | None = None) -> dict[tuple[str, str], Outcome]:
    """Every fault of a graph for every journey in it.

    Args:
        graph: One stack or several.
        facts: With what is measured; the table as it is by default.
        hints: What no graph says.

    Returns:
        Outcomes by journey and fault, in the order of both.
    """
    table = facts or Facts()
    known = hints or Hints()
    return {
        (diagram.journey, fault.id): outcome(diagram, fault)
        for diagram in diagrams(graph, table, known)
        for fault in faults(graph, table)
    }


def outcome(diagram: Diagram, fault: Fault) -> Outcome:
    """What a fault does to a journey."""
    takes = fault.takes
    for block in diagram.front:
        if not block.whole.isdisjoint(takes):
            if block.doubts:
                return _nobody_knows(diagram, fault, block.doubts)
            return _down(diagram, fault, block.urns, f"the {block.title} is lost, and with it every way in")
    if diagram.doubts or not diagram.sites:
        return _nobody_knows(diagram, fault, diagram.doubts)
    dark = frozenset(filter(_is_region, takes))
    stands = [_stand(site, takes, dark) for site in diagram.sites]
    active = [stand for stand in stands if stand.site.share > 0] or stands[:1]
    moved = [_moved(stand, stands, takes) for stand in active]
    return _summed(diagram, fault, stands, moved)


# Blocks.


def _part(block: Block, site: Site, takes: frozenset[str]) -> _Part:
    """How a block stands once units are taken away."""
    if not block.whole.isdisjoint(takes):
        before = site.pools[block.pool].slots(block.step, frozenset(), bought=True) if block.step is not None else None
        why = f"{block.title} is lost"
        return _Part(block, Verdict.DOWN, 0.0, 0.0, gone=True, interrupted=True, why=why, slots=0, before=before)
    if block.role is Role.ROOM:
        return _room(block, site, takes)
    mishaps = [block.repairs[unit] for unit in sorted(takes & block.repairs.keys())]
    for repair in mishaps:
        if block.doubts:
            return _unknown(block, block.doubts)
        lost = repair.chain is None
        return _Part(
            block,
            Verdict.DOWN if lost else Verdict.SURVIVES,
            0.0 if lost else 1.0,
            repair.left,
            repair.chain or (),
            repair.loses,
            interrupted=repair.left == 0,
            gone=lost,
            then=repair.then,
            copied=lost,
            why=f"{block.title}: {repair.why}",
        )
    sure = min(block.members, sum(block.risk.get(unit, 0) for unit in takes))
    perhaps = min(block.members - sure, sum(block.unsure.get(unit, 0) for unit in takes))
    if sure + perhaps == 0:
        return _crowded(block, site, takes) if block.demand else _Part(block, Verdict.SURVIVES, touched=False)
    if block.doubts:
        return _unknown(block, block.doubts)
    left = block.members - sure - perhaps
    if left < block.needed <= block.members - sure:
        return _unknown(block, (f"where {block.title} stands is not known",))
    return _thinned(block, site, takes, left)


def _thinned(block: Block, site: Site, takes: frozenset[str], left: int) -> _Part:
    """A block that has lost members."""
    share, starts = _again(block, site, takes)
    leads = block.promote is not None
    why = f"{block.title} has {left} of {block.members} left"
    if left >= block.needed:
        at_once = 0.0 if leads else left / block.members
        capacity: float | None = 1.0
        if block.demand:
            capacity = share if starts else left / block.members
        chain = block.promote if block.promote is not None else block.reroute
        loses = block.loses if leads else ()
        found = _judged(block, capacity, at_once, chain, loses, leads, why)
        return found if leads or not block.demand else replace(found, then=left / block.members)
    if block.remake is None or not starts:
        return _Part(block, Verdict.DOWN, 0.0, 0.0, gone=True, interrupted=True, why=why, loses=block.loses)
    chain = block.remake
    if block.demand:
        there = site.pools[block.pool].share(block.demand, takes, bought=False, raised=_stands_by(site))
        if there is not None and share is not None and there < share:
            chain = (*chain[:-1], *block.buys, chain[-1])
    return _judged(block, share, 0.0, chain, block.loses, interrupted=True, why=why)


def _judged(
    block: Block,
    capacity: float | None,
    at_once: float,
    chain: Chain,
    loses: Chain | None,
    interrupted: bool,
    why: str,
) -> _Part:
    if capacity is None:
        return _unknown(block, (f"whether there is room for {block.title} is not known",))
    if capacity <= 0:
        return _Part(block, Verdict.DOWN, 0.0, at_once, gone=True, interrupted=True, why=f"{why}, and no room for more")
    verdict = Verdict.SURVIVES if capacity >= 1 else Verdict.DEGRADED
    return _Part(block, verdict, capacity, at_once, chain, loses, interrupted=interrupted, why=why)


def _again(block: Block, site: Site, takes: frozenset[str]) -> tuple[float | None, bool]:
    """Share of a block's pods that has room after a fault, and whether new ones can start at all."""
    if not block.demand:
        return 1.0, True
    pool = site.pools[block.pool]
    # What runs already has its nodes; what is yet to start needs room that is there.
    bought = _buys(site, takes) or (not block.raised and _stands_by(site))
    share = pool.share(block.demand, takes, bought=bought, raised=_stands_by(site))
    needs = [site.blocks[name] for name in block.starts if name in site.blocks]
    starts = all(_part(each, site, takes).verdict >= Verdict.DEGRADED for each in needs)
    return share, starts and _somewhere(pool, takes)


def _somewhere(pool: Pool, takes: frozenset[str]) -> bool:
    """Whether there is a node left where something new can start."""
    return any(
        (nodes.count > 0) and nodes.on.isdisjoint(takes) and nodes.starts.isdisjoint(takes) for nodes in pool.nodes
    )


def _buys(site: Site, takes: frozenset[str]) -> bool:
    """Whether nodes can be bought: not where a site stands in for a dark region, as everybody does at that hour."""
    return site.share > 0 or not _dark(takes)


def _stands_by(site: Site) -> bool:
    """Whether a site serves nobody until another one is lost; what is asked of it is whether it can take over."""
    return not site.share


def _dark(takes: frozenset[str]) -> bool:
    return any(map(_is_region, takes))


def _is_region(unit: str) -> bool:
    return unit.startswith("region ")


def _crowded(block: Block, site: Site, takes: frozenset[str]) -> _Part:
    """A block that has lost nothing, on nodes that others have to share now: those with priority displace it.

    Where a site stands by, nothing has shown yet that there is room for it: it is counted whatever is lost.
    """
    pool, waits = site.pools[block.pool], _stands_by(site)
    if not waits and all(nodes.on.isdisjoint(takes) and nodes.one not in takes for nodes in pool.nodes):
        return _Part(block, Verdict.SURVIVES, touched=False)
    share, starts = _again(block, site, takes)
    if share is None:
        return _unknown(block, (f"whether there is room for {block.title} is not known",))
    if block.raised and not starts:
        share = 0.0
    if share >= 1:
        return _Part(block, Verdict.SURVIVES, touched=False)
    if waits:
        why = f"there is room for {share:.0%} of {block.title}"
        return _Part(block, Verdict.DEGRADED if share > 0 else Verdict.DOWN, share, share, gone=share <= 0, why=why)
    return _Part(block, Verdict.DEGRADED if share > 0 else Verdict.DOWN, share, 1.0, why=f"{block.title} is displaced")


def _room(block: Block, site: Site, takes: frozenset[str]) -> _Part:
    """Steps that can still start."""
    pool, step = site.pools[block.pool], block.step
    if step is None or block.doubts:
        return _unknown(block, block.doubts)
    raised = _stands_by(site)
    before = pool.slots(step, frozenset(), bought=True)
    sure = pool.slots(step, takes, bought=_buys(site, takes), raised=raised)
    after = pool.slots(step, takes, bought=True, raised=raised)
    if before is None or after is None or sure is None:
        return replace(
            _unknown(block, (f"how many nodes there are, or what runs on them, is not known in {site.region}",))
        )
    if sure == 0:
        # That nodes may be bought at that hour nobody promises: no step starts until what was lost is back.
        later = f", and {after} only if nodes can be bought" if after else ""
        why = f"no step can start beside all that runs{later}"
        return _Part(block, Verdict.DOWN, 0.0, 0.0, gone=True, interrupted=True, why=why, slots=0, before=before)
    if sure >= before:
        return _Part(block, Verdict.SURVIVES, touched=False, slots=sure, before=before)
    return _Part(
        block,
        Verdict.DEGRADED,
        sure / before,
        sure / before,
        block.reroute,
        slots=sure,
        before=before,
        why=f"{sure} of {before} steps can start beside all that runs"
        + (f", and {after} once nodes are bought" if after > sure else ""),
    )


def _unknown(block: Block, doubts: tuple[str, ...]) -> _Part:
    return _Part(block, Verdict.UNKNOWN, None, 0.0, interrupted=True, doubts=doubts, loses=None)


# Sites.


def _stand(site: Site, takes: frozenset[str], dark: frozenset[str]) -> _Stand:
    return _undisturbed(site, dark) if takes.isdisjoint(site.units) else _disturbed(site, takes)


@lru_cache(maxsize=1024)
def _undisturbed(site: Site, dark: frozenset[str]) -> _Stand:
    """A site that loses nothing of its own, as most do of most faults; what else is dark matters if it stands by."""
    return _disturbed(site, dark)


def _disturbed(site: Site, takes: frozenset[str]) -> _Stand:
    parts = tuple(_part(block, site, takes) for block in site.needs)
    touched = tuple(part for part in parts if part.touched)
    verdict = _worst(part.verdict for part in parts)
    known = [part.capacity for part in parts if part.capacity is not None]
    capacity = None if len(known) < len(parts) else min(known, default=1.0)
    return _Stand(
        site,
        parts,
        verdict,
        capacity,
        min((part.at_once for part in parts), default=1.0),
        tuple(part.chain for part in touched),
        touched,
    )


def _worst(verdicts: Iterable[Verdict]) -> Verdict:
    """A series is as good as its worst block; that one is lost for sure says more than that another may be."""
    return min(verdicts, default=Verdict.SURVIVES)


@dataclass(frozen=True, slots=True)
class _Moved:
    """Where the clients of a site end up."""

    stand: _Stand
    """Where they were."""
    target: _Stand | None
    """Where they are served now; None: nowhere."""
    chains: tuple[Chain, ...]
    """Side by side."""
    losses: tuple[Chain | None, ...]
    because: tuple[str, ...]


def _moved(stand: _Stand, stands: Sequence[_Stand], takes: frozenset[str]) -> _Moved:
    """Stay, if the site serves, or go to the first one that does."""
    because = tuple(part.why for part in stand.touched if part.why)
    if stand.serves:
        losses = tuple(part.loses for part in stand.touched)
        chains = stand.chains
        out = [part for part in stand.touched if part.interrupted]
        if any(part.block.name in stand.site.seen for part in out) and all(_stateless(part) for part in out):
            # The health check sees it too, and may be faster; what goes on here takes its time all the same.
            rest = [part.chain for part in stand.touched if not part.interrupted]
            for other in _elsewhere(stand, stands):
                away = _takeover(stand, other, takes)
                if away is not None and _lasts([*away.chains, *rest]) < _lasts(chains):
                    both = (*away.chains, *rest)
                    return replace(away, target=stand, chains=both, because=(*because, *away.because), losses=losses)
        return _Moved(stand, stand, chains, losses, because)
    if stand.verdict is Verdict.UNKNOWN:
        # Whether it has to be left is what nobody knows.
        return _Moved(stand, None, (), (None,), because)
    for other in _elsewhere(stand, stands):
        away = _takeover(stand, other, takes)
        if away is not None:
            return replace(away, because=(*because, *away.because, *_there(other)))
    others = [each for each in stands if each is not stand and not each.serves]
    return _Moved(stand, None, (), (None,), (*because, *(word for each in others for word in _there(each))))


def _there(stand: _Stand) -> tuple[str, ...]:
    """What a fault does to the site that clients are led to."""
    return tuple(f"in {stand.site.region}: {part.why}" for part in stand.touched if part.why)


def _stateless(part: _Part) -> bool:
    """Whether another region's does as well, at once, and without a loss."""
    return part.block.role in (Role.WORKLOAD, Role.ENTRANCE)


def _elsewhere(stand: _Stand, stands: Sequence[_Stand]) -> list[_Stand]:
    return [other for other in stands if other is not stand and other.serves]


def _lasts(chains: Sequence[Chain]) -> float:
    return max((worst(chain) for chain in chains), default=0.0)


def _takeover(stand: _Stand, other: _Stand, takes: frozenset[str]) -> _Moved | None:
    """The other site in place of this one; None: nobody can lead clients there."""
    if any(part.copied for part in stand.parts):
        return None
    lost = {part.block.name for part in stand.parts if part.gone or part.interrupted}
    dark = _dark(takes) and len(lost) == len(stand.parts)
    # A region that is dark is seen by whoever asks its entrance, whatever this journey leans on.
    seen = dark or bool(lost & stand.site.seen)
    clients = stand.site.moves if seen and stand.site.moves is not None else stand.site.summons
    if clients is None:
        return None
    chains: list[Chain] = [_come_to_pass(clients, takes)]
    losses: list[Chain | None] = []
    for block in other.site.needs:
        gone = block.name in lost
        if block.wake and (gone or not block.ready):
            chains.append(_come_to_pass(block.wake, takes))
        if gone:
            losses.append(block.behind)
    chains += other.chains
    losses += [part.loses for part in other.touched]
    how = "by their health check" if clients is stand.site.moves else "when somebody decides it"
    return _Moved(
        stand,
        other,
        tuple(chains),
        tuple(losses),
        (f"clients are led from {stand.site.region} to {other.site.region} {how}",),
    )


def _come_to_pass(chain: Chain, takes: frozenset[str]) -> Chain:
    """A chain without what is lost itself, and with what is done in place of it."""
    return tuple(each for term in chain for each in ((term,) if term.needs.isdisjoint(takes) else term.otherwise))


# Journeys.


def _summed(diagram: Diagram, fault: Fault, stands: Sequence[_Stand], moved: Sequence[_Moved]) -> Outcome:
    active = [each.stand for each in moved]
    serving = {id(each.target): each.target for each in moved if each.target is not None}
    lost = [each for each in moved if each.target is None]
    because = tuple(dict.fromkeys(word for each in moved for word in each.because))
    touched = [part for stand in (*active, *serving.values()) for part in stand.touched]
    doubts = tuple(
        dict.fromkeys(
            [
                *(word for part in touched for word in part.doubts),
                *(w for s in stands for w in s.site.doubts if _hurts(s)),
            ]
        )
    )
    dark = tuple(sorted({urn for part in touched if part.at_once < 1 for urn in part.block.urns}))
    if lost and len(lost) == len(moved):
        verdict = Verdict.DOWN if all(each.stand.verdict is Verdict.DOWN for each in lost) else Verdict.UNKNOWN
        if verdict is Verdict.UNKNOWN:
            return Outcome(diagram.journey, fault.id, verdict, None, 0.0, None, None, None, dark, (), because, doubts)
        return replace(_down(diagram, fault, dark, *because), doubts=doubts)
    capacity, slots, short = _capacity(active, list(serving.values()), slots=diagram.slots)
    then, _, _ = _capacity(active, [_at_first(stand) for stand in serving.values()], slots=diagram.slots)
    because = (*because, *short)
    if capacity is not None and capacity <= 0:
        # What serves there has none of its pods: nobody is answered.
        return replace(_down(diagram, fault, dark, *because), doubts=doubts)
    at_once = min((stand.at_once for stand in active), default=1.0)
    if capacity is None or any(each.stand.verdict is Verdict.UNKNOWN for each in lost):
        verdict = Verdict.UNKNOWN
    elif lost or capacity < 1 or any(stand.verdict is Verdict.DEGRADED for stand in serving.values()):
        verdict = Verdict.DEGRADED
    else:
        verdict = Verdict.SURVIVES
    chains = [chain for each in moved for chain in each.chains]
    losses = [loss for each in moved for loss in each.losses]
    here = {id(stand) for stand in active}
    helpers = {
        urn
        for number, stand in serving.items()
        if number not in here
        for part in stand.parts
        for urn in part.block.urns
    }
    local = {urn for part in touched if part.verdict >= Verdict.DEGRADED for urn in part.block.urns}
    return Outcome(
        diagram.journey,
        fault.id,
        verdict,
        capacity,
        at_once,
        slots,
        None if lost or verdict is Verdict.UNKNOWN else longest(chains),
        None
        if any(loss is None for loss in losses) or verdict is Verdict.UNKNOWN
        else longest([loss for loss in losses if loss is not None]),
        dark,
        tuple(sorted(helpers | local)),
        because,
        doubts,
        None if verdict is Verdict.UNKNOWN else then,
    )


def _at_first(stand: _Stand) -> _Stand:
    """A site as it is once it serves again, with what is left out and not made anew yet."""
    least = [part.then for part in stand.parts if part.then is not None]
    return stand if stand.capacity is None else replace(stand, capacity=min([stand.capacity, *least]))


def _hurts(stand: _Stand) -> bool:
    return stand.verdict < Verdict.SURVIVES


def _capacity(
    active: Sequence[_Stand], serving: Sequence[_Stand], *, slots: bool
) -> tuple[float | None, int | None, tuple[str, ...]]:
    """What serves now, of what served before: by each workload's pods, or by the steps that can start.

    Returns:
        The share, the steps, and why clients that were led on find less than they had, if they do.
    """
    if any(stand.capacity is None for stand in serving):
        return None, None, ()
    led_on = not {id(stand) for stand in serving} <= {id(stand) for stand in active}
    where = " and ".join(stand.site.region for stand in serving)
    if slots:
        rooms = [next(part for part in stand.parts if part.block.role is Role.ROOM) for stand in (*active, *serving)]
        before = [room.before for room in rooms[: len(active)]]
        after = [room.slots for room in rooms[len(active) :]]
        known_before = [each for each in before if each is not None]
        known_after = [each for each in after if each is not None]
        if len(known_before) < len(before) or len(known_after) < len(after):
            # A dark site counts no steps; what it had is not known any better than that.
            return min((stand.capacity or 0.0 for stand in serving), default=0.0), None, ()
        total, had = sum(known_after), sum(known_before)
        # What the fault does to the room there has told of it already.
        new = led_on and total < had and not any(room.why for room in rooms[len(active) :])
        why = (f"there is room for {total} of {had} steps in {where}",) if new else ()
        return min(1.0, total / had) if had else 0.0, total, why
    shares: list[float] = [min(1.0, sum((stand.capacity or 0.0) for stand in serving) / max(1, len(active)))]
    fewer: list[str] = []
    for block in active[0].site.needs if active else ():
        if block.role is not Role.WORKLOAD:
            continue
        had = sum(_members(stand, block) for stand in active)
        have = sum(_members(stand, block) * (stand.capacity or 0.0) for stand in serving)
        shares.append(min(1.0, have / had) if had else 0.0)
        there = sum(_members(stand, block) for stand in serving)
        if led_on and there < had:
            fewer.append(f"{block.title} has {there} pods in {where}, of {had} before")
    return min(shares), None, tuple(fewer)


def _members(stand: _Stand, of: Block) -> int:
    block = stand.site.blocks.get(of.name)
    if block is None:
        return 0
    return of.members if block.raised else block.members


def _nobody_knows(diagram: Diagram, fault: Fault, doubts: tuple[str, ...]) -> Outcome:
    return Outcome(diagram.journey, fault.id, Verdict.UNKNOWN, None, 0.0, None, None, None, doubts=doubts)


def _down(diagram: Diagram, fault: Fault, dark: Sequence[str], *because: str) -> Outcome:
    return Outcome(
        diagram.journey,
        fault.id,
        Verdict.DOWN,
        0.0,
        0.0,
        0 if diagram.slots else None,
        None,
        None,
        tuple(dark),
        (),
        because,
    )


def longest(chains: Sequence[Chain]) -> Duration:
    """Of what goes on side by side, the longest; its terms sum up to the time of all."""

    def key(chain: Chain, seconds: float) -> tuple[float, tuple[str, ...]]:
        return seconds, tuple(term.because for term in chain)

    if not chains:
        return NOTHING
    return Duration(
        max(chains, key=lambda chain: key(chain, typical(chain))),
        max(chains, key=lambda chain: key(chain, worst(chain))),
    )
