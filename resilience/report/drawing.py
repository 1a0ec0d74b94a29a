"""The regions as drawings: names above, zones side by side with what stands in them, and below what they share.

Each thing drawn knows the units that take it away (``resilience.diagram``), so that a page can show what goes dark.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from html import escape

from resilience.diagram import Block, Nodes, Role, Site, region, service, zone
from resilience.report.contents import Report, percent
from resilience.routes import names, ways
from resilience.survey import NAT_GATEWAY, Cluster, floor_of, survey
from resilience.words import plain, shown_name

WIDTH = 440
"""Of a region, in pixels of the drawing."""
EDGE, GAP, LINE, HEAD = 8, 6, 21, 20
"""Pixels: to the border, between things, of a thing, of a heading."""
MARK = 15
"""Pixels before a title, for the sign of what becomes of the thing."""
CHARACTER = 5.7
"""Pixels of a character at the size that things are labelled in."""

IN_ZONES = (Role.WORKLOAD, Role.BUS, Role.DATABASE, Role.CACHE)
SHARED = (Role.CONTROL_PLANE, Role.STORE, Role.KEY)


@dataclass(frozen=True, slots=True)
class Figure:
    """One thing that is drawn."""

    id: str
    region: str
    zone: str
    """Empty: it is in none, or in all."""
    kind: str
    """A class of the drawing: ``name``, ``entrance``, ``way-out``, ``nodes``, ``workload``, ``data``, ``shared``."""
    title: str
    urns: tuple[str, ...]
    lost_by: frozenset[str] = frozenset()
    """Units that take it away."""
    thinned_by: frozenset[str] = frozenset()
    """Units that take some of it away, or spoil it."""
    inside: str = ""
    """Id of the nodes that it runs on."""
    note: str = ""
    """How many, or how much."""


@dataclass(frozen=True, slots=True)
class Drawing:
    """One region."""

    region: str
    zones: tuple[str, ...]
    figures: tuple[Figure, ...]


def drawings(report: Report) -> tuple[Drawing, ...]:
    """A drawing of each region that journeys go on in."""
    seen = survey(report.graph, report.facts)
    every = dict.fromkeys((*report.regions, *seen.regions))
    made: list[Drawing] = []
    for place in every:
        zones = tuple(name for name, home in seen.zones.items() if home == place)
        clusters = [cluster for cluster in seen.clusters if cluster.region == place]
        figures = [
            *_names(report, place),
            *_ways_out(report, place),
            *(figure for cluster in clusters for figure in _nodes(cluster)),
            *_blocks(report, place, zones),
        ]
        made.append(Drawing(place, zones, tuple(_numbered(figures))))
    return tuple(made)


def _numbered(figures: Iterable[Figure]) -> Iterator[Figure]:
    """Ids as an element of a page may have them; those of one thing in several zones differ."""
    given: dict[str, int] = {}
    for figure in figures:
        number = given[figure.id] = given.get(figure.id, 0) + 1
        yield figure if number == 1 else replace(figure, id=f"{figure.id}-{number}")


def _names(report: Report, place: str) -> Iterator[Figure]:
    """Names that lead here, with their share of the clients."""
    index = names(report.graph, report.facts)
    fronts = {block.urns for diagram in report.diagrams for block in diagram.front}
    for name in sorted(index.by_name):
        found = ways(index, name)
        if tuple(sorted({record.urn for way in found for record in way.records})) not in fronts:
            # A name on the way to a load balancer, which nobody types.
            continue
        for way in found:
            if report.graph.region(way.balancer).content == place:
                title = name if "::" not in name else shown_name(name)
                yield Figure(
                    f"name-{place}-{title}",
                    place,
                    "",
                    "name",
                    plain(title),
                    # With what they lead to: they take over as it does.
                    (way.balancer.urn, *(record.urn for record in way.records)),
                    frozenset({service("dns", "every region")}),
                    note=f"{percent(way.share)} of clients" if way.share else "stands by",
                )


def _ways_out(report: Report, place: str) -> Iterator[Figure]:
    for gateway in report.graph.of(NAT_GATEWAY):
        where, home = report.graph.zone(gateway), report.graph.region(gateway)
        if home.content == place:
            name = str(where.content) if where.known else ""
            units = {gateway.urn, region(place), *([zone(name)] if name else [])}
            yield Figure(f"nat-{gateway.name}", place, name, "way-out", "NAT gateway", (gateway.urn,), frozenset(units))


def _nodes(cluster: Cluster) -> Iterator[Figure]:
    for kind, pool in cluster.pools.items():
        for nodes in pool.nodes:
            yield Figure(
                _id_of(nodes, kind),
                cluster.region,
                _zone_of(nodes, cluster),
                "bought" if nodes.bought else "nodes",
                _pool_name(nodes, cluster),
                (nodes.urn,),
                nodes.on,
                frozenset({nodes.one}) if nodes.one else frozenset(),
                inside=kind,
                note=_room(nodes),
            )


def _id_of(nodes: Nodes, kind: str) -> str:
    return f"nodes-{kind}-{shown_name(nodes.urn)}"


def _zone_of(nodes: Nodes, cluster: Cluster) -> str:
    own = [name for name in cluster.zones if zone(name) in nodes.on]
    return own[0] if len(own) == 1 else ""


def _pool_name(nodes: Nodes, cluster: Cluster) -> str:
    """A group's name, without the zone that it is drawn in."""
    name = shown_name(nodes.urn)
    for each in cluster.zones:
        name = name.replace(f"-{each}", "")
    return f"{name} nodes" if not nodes.bought else f"{name}, to buy"


def _room(nodes: Nodes) -> str:
    if not nodes.bought:
        return f"× {nodes.count}" if nodes.each is not None or nodes.count else "× ?"
    if nodes.each is None:
        return "any number"
    return f"≤ {nodes.each.gpus:g} GPUs" if nodes.each.gpus else f"≤ {nodes.each.cpu:.0f} cores"


def _blocks(report: Report, place: str, zones: Sequence[str]) -> Iterator[Figure]:
    found: dict[str, Block] = {}
    for diagram in report.diagrams:
        for site in diagram.sites:
            for block in _own(site, place):
                before = found.setdefault(block.name, block)
                # One journey knows of a mishap that another does not lean on.
                found[block.name] = replace(
                    before,
                    repairs={**before.repairs, **block.repairs},
                    risk={**before.risk, **block.risk},
                    urns=tuple(dict.fromkeys((*before.urns, *block.urns))),
                )
    for block in sorted(found.values(), key=lambda each: (list(Role).index(each.role), each.name)):
        title = plain(block.title)
        if block.role in IN_ZONES and block.risk:
            yield from _in_zones(block, title, zones)
        elif block.role is Role.ENTRANCE or block.role in (*IN_ZONES, *SHARED):
            some = frozenset({*block.risk, *block.unsure, *block.repairs})
            kind = "entrance" if block.role is Role.ENTRANCE else "shared"
            shown = f"load balancer {shown_name(block.urns[0])}" if block.role is Role.ENTRANCE else title
            yield Figure(
                f"{kind}-{place}-{block.name}", place, "", kind, shown, block.urns, block.whole, some - block.whole
            )


def _own(site: Site, place: str) -> Iterator[Block]:
    return (block for block in (*site.needs, *site.beside) if block.region == place)


def _in_zones(block: Block, title: str, zones: Sequence[str]) -> Iterator[Figure]:
    counts = {name: block.risk.get(zone(name), 0) + block.unsure.get(zone(name), 0) for name in zones}
    exact = sum(counts.values()) == block.members
    places = {unit for name in zones for unit in (zone(name), *(floor_of(name, kind) for kind in ("cpu", "gpu")))}
    several = frozenset({*block.risk, *block.unsure, *block.repairs}) - places
    for name, count in counts.items():
        if count or not block.members:
            own = {zone(name), *(floor_of(name, kind) for kind in ("cpu", "gpu") if floor_of(name, kind) in block.risk)}
            note = f"× {count}" if exact else f"≤ {count}"
            yield Figure(
                f"{block.role.value}-{name}-{block.name}",
                block.region,
                name,
                "workload" if block.role in (Role.WORKLOAD, Role.BUS) else "data",
                title,
                block.urns,
                block.whole | own,
                several - block.whole,
                inside=block.pool,
                note=note if block.members else "none yet",
            )


# SVG.


def svg(drawing: Drawing, numbers: dict[tuple[str, str], int]) -> str:
    """A region as an SVG element.

    Args:
        drawing: The region.
        numbers: By region and figure's id, the number that the page's data knows the figure by.
    """
    parts: list[str] = []
    y = EDGE
    above = [figure for figure in drawing.figures if figure.kind == "name"]
    for figure in above:
        parts.append(_box(figure, EDGE, y, WIDTH - 2 * EDGE, numbers))
        y += LINE + 4
    entrances = [figure for figure in drawing.figures if figure.kind == "entrance"]
    if above and entrances:
        middle = WIDTH / 2
        parts.append(f'<path class="way" d="M{middle:g} {y - 2} V{y + 12} m-4 -5 l4 5 l4 -5"/>')
        y += 16
    top = y
    y += HEAD + 6
    for figure in entrances:
        parts.append(_box(figure, 2 * EDGE, y, WIDTH - 4 * EDGE, numbers))
        y += LINE + GAP
    columns = drawing.zones or ("",)
    wide = (WIDTH - 4 * EDGE - GAP * (len(columns) - 1)) / len(columns)
    bottoms: list[float] = []
    boxes: list[str] = []
    for number, name in enumerate(columns):
        x = 2 * EDGE + number * (wide + GAP)
        inner, end = _zone(drawing, name, x, y, wide, numbers)
        boxes.append(inner)
        bottoms.append(end)
    low = max(bottoms)
    for number, name in enumerate(columns):
        x = 2 * EDGE + number * (wide + GAP)
        shown = escape(name.removeprefix(drawing.region) if name.startswith(drawing.region) else name)
        parts.append(
            f'<g class="zone" data-unit="{escape(zone(name))}"><rect class="plate" x="{x:g}" y="{y:g}" '
            f'width="{wide:g}" height="{low - y:g}" rx="6"/>'
            f'<text class="head" x="{x + 8:g}" y="{y + 15:g}">zone {shown}</text></g>'
        )
    parts += boxes
    y = low + GAP
    shared = [figure for figure in drawing.figures if figure.kind == "shared" or (not figure.zone and _loose(figure))]
    half = (WIDTH - 4 * EDGE - GAP) / 2
    for number, figure in enumerate(shared):
        parts.append(_box(figure, 2 * EDGE + (number % 2) * (half + GAP), y, half, numbers))
        if number % 2 or number == len(shared) - 1:
            y += LINE + 4
    bottom = y + EDGE - 4
    frame = (
        f'<g class="region" data-unit="{escape(region(drawing.region))}"><rect class="plate" x="{EDGE}" y="{top}" '
        f'width="{WIDTH - 2 * EDGE}" height="{bottom - top:g}" rx="8"/>'
        f'<text class="head" x="{2 * EDGE}" y="{top + 19}">{escape(drawing.region)}</text></g>'
    )
    label = f"Region {drawing.region} with {len(drawing.zones)} zones"
    return (
        f'<svg viewBox="0 0 {WIDTH} {bottom + EDGE:g}" role="img" aria-label="{escape(label)}">'
        f"{frame}{''.join(parts)}</svg>"
    )


def _loose(figure: Figure) -> bool:
    """Whether it belongs into zones, and nobody knows into which."""
    return figure.kind in ("way-out", "nodes", "bought", "workload", "data")


def _zone(
    drawing: Drawing, name: str, x: float, y: float, wide: float, numbers: dict[tuple[str, str], int]
) -> tuple[str, float]:
    here = [figure for figure in drawing.figures if figure.zone == name and name]
    parts: list[str] = []
    y += HEAD
    left, inner = x + 6, wide - 12
    for figure in here:
        if figure.kind == "way-out":
            parts.append(_box(figure, left, y, inner, numbers))
            y += LINE + 4
    kinds = list(dict.fromkeys(each.inside for each in here if each.kind in ("nodes", "bought", "workload")))
    for kind in kinds:
        for nodes in (each for each in here if each.kind in ("nodes", "bought") and each.inside == kind):
            # What runs on nodes that stand is drawn in the first of them.
            first = nodes is next((each for each in here if each.kind == "nodes" and each.inside == kind), None)
            pods = [each for each in here if each.kind == "workload" and each.inside == kind] if first else []
            high = LINE + len(pods) * (LINE + 3) + (3 if pods else 0)
            parts.append(_box(nodes, left, y, inner, numbers, high))
            for number, pod in enumerate(pods):
                parts.append(_box(pod, left + 5, y + LINE + number * (LINE + 3), inner - 10, numbers))
            y += high + 4
        if not any(each.kind == "nodes" and each.inside == kind for each in here):
            for pod in (each for each in here if each.kind == "workload" and each.inside == kind):
                parts.append(_box(pod, left, y, inner, numbers))
                y += LINE + 4
    for figure in here:
        if figure.kind == "data":
            parts.append(_box(figure, left, y, inner, numbers))
            y += LINE + 4
    return "".join(parts), y + 2


def _box(
    figure: Figure,
    x: float,
    y: float,
    wide: float,
    numbers: dict[tuple[str, str], int],
    high: float = LINE,
) -> str:
    # One is what a thing is where nothing is said.
    note = "" if figure.note in ("× 1", "≤ 1") and figure.kind != "nodes" else figure.note
    # How much may be bought says more than what the pool is called.
    shown, note = (f"{note} to buy", "") if figure.kind == "bought" else (figure.title, note)
    room = int((wide - MARK - 5 - (len(note) + 1) * CHARACTER * bool(note)) / CHARACTER)
    title = shown if len(shown) <= room else f"{shown[: max(1, room - 1)]}…"
    number = numbers[figure.region, figure.id]
    told = (
        f'<text class="note" x="{x + wide - 5:g}" y="{y + 14.5:g}" text-anchor="end">{escape(note)}</text>'
        if note
        else ""
    )
    return (
        f'<g class="thing {figure.kind}" data-figure="{number}">'
        f"<title>{escape(f'{figure.title} {figure.note}'.strip())}</title>"
        f'<rect x="{x:g}" y="{y:g}" width="{wide:g}" height="{high:g}" rx="3"/>'
        f'<text class="mark" x="{x + 8:g}" y="{y + 14.5:g}" text-anchor="middle"></text>'
        f'<text x="{x + MARK:g}" y="{y + 14.5:g}">{escape(title)}</text>{told}</g>'
    )
