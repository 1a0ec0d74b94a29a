"""A journey as a reliability block diagram: what it leans on, in which places, and what is done when one is lost.

A **unit** is what a fault can take away: a region, a zone, a node of a pool, a resource, the leader of a workload, a
service of AWS in a region. Units are words (``zone("us-east-1a")``), and a fault is a set of them.

A **block** is one thing that a journey needs, made of ``members`` that do the same: pods, instances, gateways. Where
they stand is said as ``risk``: how many of them go at most when a unit is taken away. The scheduler decides where pods
run; all that a plan can promise is that bound, and so it is the bound that is kept. ``unsure`` counts those of which
not even that can be said. At least ``needed`` of them must be left.

What happens then is in the block as well, as chains of terms, each with its seconds, its reason and its facts:

- ``reroute``: until nobody asks the lost ones any more, while enough others are left; of room for steps, until those
  that were lost start anew;
- ``promote``: until another one leads, where one of them does (a database's writer);
- ``remake``: until lost ones are made anew in the same region, which needs room in their ``pool`` of nodes and the
  blocks in ``starts``; None: they come back with what was lost, and not before;
- ``repairs``: for a unit that is no place but a mishap: a bad version, a deleted object.

A **site** is all of it in one region, in series: it serves while each of its blocks does. A **diagram** has the sites
of a journey, in the order in which its names lead to them, and how its clients get from one to the next.

``resilience.outcomes`` takes units away and adds up chains; ``resilience.availability`` multiplies probabilities.
Both read this structure and nothing else.
"""

import math
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from enum import Enum
from functools import cached_property


class Step(Enum):
    """What passes while a journey is out, in words of a timeline."""

    DETECT = "detect"
    DECIDE = "decide"
    REROUTE = "reroute"
    """The lost ones are still asked: a health check, an address or an endpoint has to leave them out first."""
    EVICT = "evict"
    """Pods of a node that does not answer are kept for it to come back (``tolerationSeconds``), then evicted."""
    DNS = "DNS"
    PROMOTE = "promote"
    START = "start"
    WARM_UP = "warm up"
    RESTORE = "restore"
    REPLICATE = "replicate"
    """Written, and not yet copied: what is lost."""


@dataclass(frozen=True, slots=True)
class Term:
    """One summand of a time."""

    step: Step
    typical: float
    """Seconds."""
    worst: float
    """Seconds; infinite where nobody gives a bound."""
    because: str
    facts: tuple[str, ...] = ()
    """Ids of the facts that it was taken from."""
    urns: tuple[str, ...] = ()
    """Resources that it is read from, or that it is about."""
    needs: frozenset[str] = frozenset()
    """Units without which it does not come to pass: an alarm is gone with its region."""
    otherwise: tuple["Term", ...] = ()
    """What comes to pass in place of it then."""


Chain = tuple[Term, ...]
"""One after the other."""


def typical(chain: Chain) -> float:
    """Seconds of a chain, as it mostly goes."""
    return math.fsum(term.typical for term in chain)


def worst(chain: Chain) -> float:
    """Seconds of a chain, at most."""
    return math.fsum(term.worst for term in chain)


class Role(Enum):
    """What a block is there for."""

    NAME = "name"
    ENTRANCE = "entrance"
    WORKLOAD = "workload"
    DATABASE = "database"
    CACHE = "cache"
    STORE = "object store"
    KEY = "key"
    CONTROL_PLANE = "control plane"
    ROOM = "room for steps"
    EGRESS = "way out"
    BUS = "event bus"


def region(name: str) -> str:
    """The unit of a region."""
    return f"region {name}"


def zone(name: str) -> str:
    """The unit of a zone."""
    return f"zone {name}"


def node(pool: str) -> str:
    """The unit of one node of a group of nodes, by the group's URN."""
    return f"node of {pool}"


def service(name: str, where: str) -> str:
    """The unit of a service of AWS in a region: ``service("s3", "us-east-1")``."""
    return f"service {name} in {where}"


def leader(block: str) -> str:
    """The unit of whichever member leads."""
    return f"leader of {block}"


def follower(block: str) -> str:
    """The unit of one member that does not lead."""
    return f"follower of {block}"


def version(block: str) -> str:
    """The unit of a new version that starts and answers wrongly."""
    return f"version of {block}"


def deployment(block: str) -> str:
    """The unit of a new version that does not start."""
    return f"deployment of {block}"


def object_in(bucket: str) -> str:
    """The unit of an object that somebody deletes, by the bucket's URN."""
    return f"object in {bucket}"


def checkpoint_in(bucket: str) -> str:
    """The unit of a checkpoint whose bytes are wrong, by the bucket's URN."""
    return f"checkpoint in {bucket}"


@dataclass(frozen=True, slots=True)
class Need:
    """What a pod asks for, or a node has."""

    cpu: float = 0.0
    """Cores."""
    memory: float = 0.0
    """GiB."""
    gpus: float = 0.0

    def __add__(self, other: "Need") -> "Need":
        return Need(self.cpu + other.cpu, self.memory + other.memory, self.gpus + other.gpus)

    def __sub__(self, other: "Need") -> "Need":
        return Need(self.cpu - other.cpu, self.memory - other.memory, self.gpus - other.gpus)

    def times(self, number: float) -> "Need":
        """So many of it; nothing stays nothing, however many."""
        return Need(*(each * number if each else 0.0 for each in (self.cpu, self.memory, self.gpus)))

    def fits(self, room: "Need") -> float:
        """How often it fits into that room, in parts."""
        pairs = ((self.cpu, room.cpu), (self.memory, room.memory), (self.gpus, room.gpus))
        return max(0.0, min((have / want for want, have in pairs if want > 0), default=math.inf))


@dataclass(frozen=True, slots=True)
class Nodes:
    """Nodes of a pool that share their fate: a group's in one zone, or what may be bought there."""

    urn: str
    count: int
    each: Need | None
    """What pods may use of one; None: nobody can say. Of bought ones: all that may be bought."""
    on: frozenset[str]
    """Units that take all of them away."""
    starts: frozenset[str]
    """Units without which nothing new starts there: a NAT gateway, through which images come."""
    bought: bool = False
    """They are not there yet; in an outage others want them too."""
    one: str = ""
    """Unit of one of them; empty: of one elsewhere in the group."""


@dataclass(frozen=True, slots=True)
class Demand:
    """Pods of one workload that a pool has to hold."""

    workload: str
    priority: int
    each: Need | None
    """None: nobody can say."""
    count: int
    raised: int = 0
    """How many a plan makes of them where they stand by with none."""


@dataclass(frozen=True)
class Pool:
    """Nodes that pods of one kind may run on, with all that has to fit."""

    name: str
    nodes: tuple[Nodes, ...]
    demands: tuple[Demand, ...]
    everywhere: Need | None = Need()
    """What runs on every node, and is not left for others; None: nobody can say."""

    def room(self, each: Need, takes: Collection[str], *, starting: bool, bought: bool) -> Need | None:
        """What is left for pods once units are taken away; None: nobody can say.

        Args:
            each: One of the pods; a node that is too small for it, empty as it may be, is no room.
            takes: Units that are gone.
            starting: Count only nodes where something new can start.
            bought: Count what may be bought as well.
        """
        left = Need()
        for nodes in self.nodes:
            gone = not nodes.on.isdisjoint(takes) or (starting and not nodes.starts.isdisjoint(takes))
            if gone or (nodes.bought and not bought):
                continue
            if nodes.each is None or self.everywhere is None:
                return None
            of_one = nodes.each if nodes.bought else nodes.each - self.everywhere
            if each.fits(of_one) >= 1:
                left += of_one.times(max(0, nodes.count - (nodes.one in takes)))
        return left

    def share(self, workload: str, takes: Collection[str], *, bought: bool, raised: bool = False) -> float | None:
        """How much of a workload's pods has room: 0 to 1. What has priority over it comes first; None: nobody knows.

        Args:
            workload: What its pods are called among the demands.
            takes: Units that are gone.
            bought: Count what may be bought as well.
            raised: Count those that a plan makes.
        """
        mine = self._named.get(workload)
        if mine is None or mine.each is None or mine.each == Need():
            return None
        room = self.room(mine.each, takes, starting=False, bought=bought)
        asked = self._asked[mine.priority, raised]
        if room is None or asked is None:
            return None
        before, beside = asked
        # Of those of one priority nobody comes first; only what this workload asks for can be short for it.
        alike = Need(*(b if m else 0.0 for b, m in zip(_parts(beside), _parts(mine.each), strict=True)))
        return min(1.0, alike.fits(room - before))

    def slots(self, each: Need, takes: Collection[str], *, bought: bool, raised: bool = False) -> int | None:
        """How many more pods such as this could start beside all that runs; None: nobody can say."""
        room = self.room(each, takes, starting=True, bought=bought)
        taken = self._taken[raised]
        if room is None or taken is None:
            return None
        fits = each.fits(room - taken)
        return int(fits) if math.isfinite(fits) else None

    # Summed up once: every fault asks for every workload.

    @cached_property
    def _named(self) -> Mapping[str, Demand]:
        return {demand.workload: demand for demand in reversed(self.demands)}

    @cached_property
    def _asked(self) -> Mapping[tuple[int, bool], tuple[Need, Need] | None]:
        """By priority, and with or without what a plan makes: what comes before it, and what has the same one."""
        return {
            (priority, raised): (before, beside) if before is not None and beside is not None else None
            for priority in {demand.priority for demand in self.demands}
            for raised in (False, True)
            for before in [_sum((each for each in self.demands if each.priority > priority), raised=raised)]
            for beside in [_sum((each for each in self.demands if each.priority == priority), raised=raised)]
        }

    @cached_property
    def _taken(self) -> Mapping[bool, Need | None]:
        """With or without what a plan makes: what all ask for."""
        return {raised: _sum(self.demands, raised=raised) for raised in (False, True)}


def _sum(demands: Iterable[Demand], *, raised: bool) -> Need | None:
    """What demands ask for; None: nobody can say of one of them."""
    total = Need()
    for demand in demands:
        if demand.each is None:
            return None
        total += demand.each.times(demand.count + (demand.raised if raised else 0))
    return total


def _parts(need: Need) -> tuple[float, float, float]:
    return need.cpu, need.memory, need.gpus


@dataclass(frozen=True, slots=True)
class Repair:
    """What a mishap does to a block, and how it is put right."""

    left: float
    """Share that serves meanwhile: 0 to 1."""
    chain: Chain | None
    """Until all of it serves again; None: never."""
    why: str
    loses: Chain | None = ()
    """What is lost of what was written; None: all of it."""
    then: float = 1.0
    """Share that serves once the chain has passed: less than all, where what is lost is only left out by then."""


@dataclass(frozen=True, slots=True)
class Block:
    """One thing that a journey needs in one region."""

    name: str
    """Unique within its site, and the same in each: ``prefect server``."""
    role: Role
    region: str
    urns: tuple[str, ...]
    """Resources that it is made of."""
    members: int = 1
    needed: int = 1
    whole: frozenset[str] = frozenset()
    """Units that take all of it away."""
    risk: Mapping[str, int] = field(default_factory=dict[str, int])
    """Members that a unit takes away, at most."""
    unsure: Mapping[str, int] = field(default_factory=dict[str, int])
    """Further members that it may take away: nobody can say where they are."""
    spare: frozenset[str] = frozenset()
    """Units of which it is known that they take nobody away who leads."""
    reroute: Chain = ()
    promote: Chain | None = None
    remake: Chain | None = None
    buys: Chain = ()
    """Before new ones start, where all that is left has too little room and nodes are bought: until one is ready."""
    loses: Chain | None = ()
    """What is lost with the one that leads, or with all of them; None: all that was written."""
    pool: str = ""
    """Name of the pool of nodes that its members run on; empty: on none."""
    demand: str = ""
    """What its pods are called among the pool's demands."""
    step: Need | None = None
    """Of a block that is room for steps: what one step asks for."""
    starts: tuple[str, ...] = ()
    """Names of blocks of the site without which no member is made anew."""
    repairs: Mapping[str, Repair] = field(default_factory=dict[str, Repair])
    """By unit."""
    wake: Chain = ()
    """Until it serves as the first one, where it stands by for another region's."""
    ready: bool = True
    """Whether a site whose other blocks serve can lean on it at once, with ``wake`` only if the other is lost."""
    raised: bool = False
    """Whether it has no members until a plan gives it as many as it has elsewhere."""
    behind: Chain | None = ()
    """What it lacks of the other region's when that is lost; None: all of it."""
    each: str = ""
    """Fact of how available one member is; empty: it is never ill by itself."""
    all: str = ""
    """Fact of how available it is as a whole, where an agreement says so; it replaces ``each``."""
    zones: int | None = None
    """In how many zones its members are; None: nobody can say."""
    doubts: tuple[str, ...] = ()
    """What would have to be known to say anything; with one of them, no fault that touches it has a good outcome."""

    @property
    def title(self) -> str:
        """Its name in a sentence: a name that says what it is says it once, as do ``database`` and ``data-key``."""
        kind, _, own = self.name.partition(" ")
        return own if kind in own.split("-") else self.name


@dataclass(frozen=True, eq=False)
class Site:
    """A journey in one region: blocks in series. One is another even with the same blocks."""

    region: str
    needs: tuple[Block, ...]
    """Each must serve."""
    beside: tuple[Block, ...] = ()
    """Needed to start things alone."""
    pools: Mapping[str, Pool] = field(default_factory=dict[str, Pool])
    share: float = 1.0
    """Of the clients, while all is well."""
    moves: Chain | None = None
    """Until clients that were led here are led on to the next site by itself; None: they are not."""
    seen: frozenset[str] = frozenset()
    """Names of blocks whose loss makes clients be led on; the region's loss always does."""
    summons: Chain | None = None
    """Until somebody, or a plan, has led clients and databases on to another site; None: nobody can."""
    doubts: tuple[str, ...] = ()

    @cached_property
    def blocks(self) -> Mapping[str, Block]:
        """All blocks by name."""
        return {block.name: block for block in (*self.beside, *self.needs)}

    @cached_property
    def units(self) -> frozenset[str]:
        """Units that do something to it when they are taken away; another region's loss does, to one that stands by."""
        blocks = (*self.beside, *self.needs)
        nodes = [nodes for pool in self.pools.values() for nodes in pool.nodes]
        return frozenset[str]().union(
            *(units for each in blocks for units in (each.whole, each.risk, each.unsure, each.repairs)),
            *(units for each in nodes for units in (each.on, each.starts, (each.one,))),
        )


@dataclass(frozen=True)
class Diagram:
    """One journey, wherever it goes."""

    journey: str
    title: str
    front: tuple[Block, ...]
    """What is needed wherever the journey goes: the name."""
    sites: tuple[Site, ...]
    """In the order in which clients are led to them."""
    hints: tuple[str, ...] = ()
    """What the graph cannot know, and was taken to be so."""
    doubts: tuple[str, ...] = ()
    """What would have to be known to say anything at all."""
    slots: bool = False
    """Whether capacity is counted in steps that can start."""


def evenly(count: int, zones: Iterable[str], *, spread: bool) -> dict[str, int]:
    """Members that go with a zone at most: evenly over the zones, or, where nothing says so, all in any one."""
    names = sorted(set(zones))
    most = math.ceil(count / len(names)) if spread and names else count
    return {zone(name): most for name in names}
