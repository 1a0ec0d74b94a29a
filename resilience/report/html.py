"""One page that needs nothing else: the regions drawn, every fault for every journey, and what each figure comes from.

The page is readable as it is written here; its script shows what goes dark and what takes over where a cell is chosen.
Names come from whoever wrote the program, and are escaped wherever they stand.
"""

import json
import math
from collections.abc import Mapping, Sequence
from html import escape
from pathlib import Path
from typing import Any
from urllib.parse import quote

from resilience.diagram import Chain, Term
from resilience.facts import Class, Fact
from resilience.faults import Fault, Kind
from resilience.outcomes import Duration, Outcome, Verdict
from resilience.report.changes import Change, Changes, beside, difference, summary
from resilience.report.contents import (
    DOWN,
    LEVELS,
    LONGER,
    MEANING,
    UNKNOWN,
    Report,
    after_losing,
    available,
    badness,
    cell,
    cell_parts,
    level,
    losses,
    named,
    percent,
    promised,
    sentence,
    short,
    spoken,
    thinned,
    touched,
)
from resilience.report.drawing import Drawing, drawings, svg
from resilience.words import plain, what_of

FOLDER = Path(__file__).parent
LEGEND = (
    "nobody waits",
    *(f"up to {short(seconds)}" for seconds in LEVELS[1:]),
    "longer",
    "down",
    "nobody can say",
)
"""What each level means; by index."""


def render(report: Report, changes: Changes | None = None) -> str:
    """The page; the same for the same report, byte for byte.

    Args:
        report: What there is, or would be.
        changes: What of it is different; None: nothing is compared.
    """
    drawn = drawings(report)
    numbers = {
        (figure.region, figure.id): number
        for number, figure in enumerate(figure for drawing in drawn for figure in drawing.figures)
    }
    data = json.dumps(embedded(report, drawn), ensure_ascii=False, separators=(",", ":"), allow_nan=False)
    parts = {
        "style": (FOLDER / "page.css").read_text(encoding="utf-8"),
        "stacks": escape(", ".join(map(plain, report.graph.stacks))),
        "summary": _summary(report),
        "changes": _changes(changes) if changes is not None else "",
        "drawings": "\n".join(f'<figure class="place">{svg(each, numbers)}</figure>' for each in drawn),
        "kinds": "".join(_option(kind.value) for kind in Kind if any(each.kind is kind for each in report.faults)),
        "regions": "".join(map(_option, report.regions)),
        "meaning": escape(MEANING),
        "legend": "".join(
            f'<li><span class="swatch l{number}">{_example(number)}</span> {text}</li>'
            for number, text in enumerate(LEGEND)
        ),
        "matrix": _matrix(report),
        "untouched": str(len(_untouched(report))),
        "availability": "\n".join(_availability(report, diagram.journey) for diagram in report.diagrams),
        "promises": _list(list(map(promised, report.promises))) or "<p>Nothing.</p>",
        "assumed": _list(report.assumed) or "<p>Nothing.</p>",
        "doubts": _doubts(report),
        "facts": "\n".join(_fact(report.facts[id_]) for id_ in report.used),
        # In a script element nothing is markup but its end, and what begins with this.
        "data": data.replace("<", "\\u003c"),
        "script": (FOLDER / "page.js").read_text(encoding="utf-8"),
    }
    pieces = (FOLDER / "page.html").read_text(encoding="utf-8").split("{{")
    # A name may contain what looks like a place of the template: nothing that was put in is looked at again.
    made = [pieces[0]]
    for piece in pieces[1:]:
        name, _, rest = piece.partition("}}")
        made += [parts[name], rest]
    return "".join(made)


# Data.


def embedded(report: Report, drawn: Sequence[Drawing]) -> dict[str, Any]:
    """What the page's script reads: everything that the model says, each thing once."""
    urns: dict[str, int] = {}
    terms: dict[Term, int] = {}
    outcomes: dict[str, int] = {}
    matrix: list[list[int]] = []
    for fault in report.faults:
        row: list[int] = []
        for outcome in report.row(fault):
            told = json.dumps(_outcome(outcome, urns, terms), ensure_ascii=False)
            row.append(outcomes.setdefault(told, len(outcomes)))
        matrix.append(row)
    figures = [figure for drawing in drawn for figure in drawing.figures]
    return {
        "journeys": [
            {
                "id": diagram.journey,
                "title": plain(diagram.title),
                "named": bool(diagram.front),
                "hints": list(map(plain, diagram.hints)),
            }
            for diagram in report.diagrams
        ],
        "faults": [
            {
                "id": fault.id,
                "kind": fault.kind.value,
                "title": plain(fault.title),
                "region": fault.region,
                "places": sorted(unit for unit in fault.takes if unit.startswith(("zone ", "region "))),
                "lost": [number for number, each in enumerate(figures) if each.lost_by & fault.takes],
                "thinned": [
                    number
                    for number, each in enumerate(figures)
                    if each.thinned_by & fault.takes and not each.lost_by & fault.takes
                ],
            }
            for fault in report.faults
        ],
        "groups": _groups(report),
        "matrix": matrix,
        "outcomes": [json.loads(told) for told in outcomes],
        "terms": [_term(term, urns) for term in terms],
        "figures": [
            {
                "title": each.title,
                "region": each.region,
                "zone": each.zone,
                "urns": [urns[urn] for urn in each.urns if urn in urns],
            }
            for each in figures
        ],
        "urns": [what_of(urn) for urn in urns],
        "facts": {id_: f"{_value(report.facts[id_])}, {report.facts[id_].class_.value}" for id_ in report.used},
        "first": _first(report),
    }


def _groups(report: Report) -> list[list[int]]:
    places = {fault.id: number for number, fault in enumerate(report.faults)}
    return [[places[fault.id] for fault in group] for group in report.groups_of_a_kind]


def _first(report: Report) -> str:
    """What the page opens with: the region that clients are led to first, for a journey that begins with a name."""
    lost = next(
        (each for each in report.faults if each.kind is Kind.REGION and each.region in report.regions[:1]), None
    )
    begun = sorted(report.diagrams, key=lambda diagram: not diagram.front)
    return f"{lost.id}/{begun[0].journey}" if lost is not None and begun else ""


def _outcome(outcome: Outcome, urns: dict[str, int], terms: dict[Term, int]) -> dict[str, Any]:
    def known(found: Sequence[str]) -> list[int]:
        return [urns.setdefault(urn, len(urns)) for urn in found]

    def chain(each: Chain) -> list[int]:
        return [terms.setdefault(term, len(terms)) for term in each]

    def duration(each: Duration | None) -> dict[str, list[int]] | None:
        return None if each is None else {"typical": chain(each.typical), "worst": chain(each.worst)}

    return {
        "verdict": outcome.verdict.name,
        "level": level(outcome),
        "cell": cell(outcome),
        "says": sentence(outcome),
        "loses": losses(outcome),
        "capacity": outcome.capacity,
        "atOnce": outcome.at_once,
        "left": None if outcome.capacity is None else percent(outcome.capacity),
        "leftAtOnce": percent(outcome.at_once),
        "then": outcome.then,
        "leftThen": percent(outcome.then) if thinned(outcome) and outcome.then is not None else None,
        "slots": outcome.slots,
        "rto": duration(outcome.rto),
        "rpo": duration(outcome.rpo),
        "dark": known(outcome.dark),
        "over": known(outcome.takes_over),
        "because": list(map(plain, outcome.because)),
        "doubts": list(map(plain, outcome.doubts)),
    }


def _term(term: Term, urns: Mapping[str, int]) -> dict[str, Any]:
    return {
        "step": term.step.value,
        # JSON has no infinity.
        "typical": None if math.isinf(term.typical) else term.typical,
        "worst": None if math.isinf(term.worst) else term.worst,
        "because": plain(term.because),
        "facts": list(term.facts),
    }


# Parts of the page.


def _summary(report: Report) -> str:
    rows = [report.row(fault) for fault in report.faults]
    every = [outcome for row in rows for outcome in row]
    if not every:
        return "<p>There is no journey in view: nothing leads to a workload.</p>"
    worst = max(every, key=badness)
    late = max((each for each in every if each.rto is not None), key=badness, default=worst)
    faults = {fault.id: fault for fault in report.faults}
    journeys = {diagram.journey: plain(diagram.title) for diagram in report.diagrams}
    tiles = [
        (str(len(report.faults)), "faults, one at a time"),
        (str(len(_untouched(report))), "of them nobody notices"),
        (_number(every, Verdict.DOWN), "outcomes down"),
        (_number(every, Verdict.UNKNOWN), "nobody can say"),
        (
            short(late.rto.worst_seconds) if late.rto is not None else "none",
            f"longest way back: {journeys[late.journey]} {after_losing([faults[late.fault]])}",
        ),
    ]
    return "".join(f"<div><dt>{escape(what)}</dt><dd>{escape(number)}</dd></div>" for number, what in tiles)


def _changes(changes: Changes) -> str:
    lines = [f'<section id="changes" aria-label="What the change does"><h2>{escape(summary(changes))}</h2>']
    gone = [f"{word}: {plain(text)}" for word, text in beside(changes)]
    new = [f"new: {title}" for title in changes.journeys_new]
    lost = [
        f"{what}: {named(faults)}"
        for what, faults in (("no more to lose", changes.faults_gone), ("new to lose", changes.faults_new))
        if faults
    ]
    lines.append(_list([*gone, *new, *lost]))
    if changes.all:
        heads = ("", "Journey", "After", "Before → after", "Because")
        lines.append('<div class="scroll" tabindex="0"><table class="changes"><thead><tr>')
        lines += [f'<th scope="col">{head}</th>' for head in heads]
        lines.append("</tr></thead><tbody>")
        lines += map(_change, changes.all)
        lines.append("</tbody></table></div>")
    return "".join([*lines, "</section>"])


def _change(change: Change) -> str:
    word = "worse" if change.worse else "better"
    link = f"#{quote(change.faults[0].id, safe='')}/{quote(change.after.journey, safe='')}"
    why = "<br>".join(escape(plain(reason)) for reason in change.because)
    return (
        f'<tr><th scope="row" class="{word}">{word}</th><td>{escape(plain(", ".join(change.titles)))}</td>'
        f'<td><a href="{link}">{escape(after_losing(change.faults).removeprefix("after "))}</a></td>'
        f"<td>{escape(difference(change))}</td><td>{why}</td></tr>"
    )


def _number(every: Sequence[Outcome], verdict: Verdict) -> str:
    return str(sum(outcome.verdict is verdict for outcome in every))


def _untouched(report: Report) -> list[Fault]:
    return [fault for fault in report.faults if not any(map(touched, report.row(fault)))]


def _example(number: int) -> str:
    if number < LONGER:
        return short(LEVELS[number])
    return {LONGER: "5 h", DOWN: "down", UNKNOWN: "?"}[number]


def _matrix(report: Report) -> str:
    heads = "".join(f'<th scope="col"><span>{escape(plain(each.title))}</span></th>' for each in report.diagrams)
    lines = [f'<thead><tr><th scope="col"><span>Fault</span></th>{heads}</tr></thead>', "<tbody>"]
    places = {fault.id: number for number, fault in enumerate(report.faults)}
    for number, group in enumerate(report.groups_of_a_kind):
        row = report.row(group[0])
        quiet = ' class="untouched"' if not any(map(touched, row)) else ""
        words = escape(" ".join(plain(fault.title) for fault in group))
        lines.append(
            f'<tr data-group="{number}" data-kind="{escape(group[0].kind.value)}" '
            f'data-region="{escape(" ".join(sorted({fault.region for fault in group})))}" data-words="{words}"{quiet}>'
            f'<th scope="row" tabindex="-1" data-fault="{places[group[0].id]}">{escape(named(group, 3))}</th>'
        )
        lines += [_cell(outcome, journey, places[group[0].id]) for journey, outcome in enumerate(row)]
        lines.append("</tr>")
    return "\n".join([*lines, "</tbody>"])


def _cell(outcome: Outcome, journey: int, fault: int) -> str:
    time, left = cell_parts(outcome)
    share = f" <small>{escape(left)}</small>" if left else ""
    return (
        f'<td class="l{level(outcome)}" tabindex="-1" data-fault="{fault}" data-journey="{journey}">'
        f"{escape(time)}{share}</td>"
    )


def _availability(report: Report, journey: str) -> str:
    found = report.availabilities[journey]
    title = next(plain(diagram.title) for diagram in report.diagrams if diagram.journey == journey)
    missing = "" if found.seconds_a_year is None else f"{spoken(found.seconds_a_year)} a year without it"
    rows = "".join(
        f'<tr><th scope="row">{escape(plain(share.block))}</th><td>{escape(share.region) or "everywhere"}</td>'
        f'<td class="number">{available(share.value)}</td><td>{_links(report, share.facts)}</td></tr>'
        for share in found.shares
    )
    away = (
        f"<p>{spoken(found.failover_seconds)} a year of it are without an answer while a region is dark "
        f"({_links(report, ('region.faults', 'region.outage'))}).</p>"
        if found.failover_seconds
        else ""
    )
    doubts = _list(tuple(dict.fromkeys(found.doubts)))
    return (
        f"<details><summary><span>{escape(title)}</span> <strong>{available(found.value)}</strong>"
        f'<span class="quiet">{missing}</span></summary>{away}{doubts}'
        '<div class="scroll" tabindex="0"><table><thead><tr><th scope="col">Part</th><th scope="col">Region</th>'
        '<th scope="col">Is there</th><th scope="col">By</th></tr></thead>'
        f"<tbody>{rows}</tbody></table></div></details>"
    )


def _doubts(report: Report) -> str:
    doubts = [doubt for diagram in report.diagrams for doubt in diagram.doubts]
    doubts += [doubt for outcome in report.outcomes.values() for doubt in outcome.doubts]
    words = _list(tuple(dict.fromkeys(doubts)))
    return words or "<p>Everything that these figures lean on is known.</p>"


def _list(texts: Sequence[str]) -> str:
    items = "".join(f"<li>{escape(plain(text))}</li>" for text in texts)
    return f"<ul>{items}</ul>" if items else ""


def _links(report: Report, facts: Sequence[str]) -> str:
    return ", ".join(
        f'<a href="#fact-{escape(id_)}" title="{escape(_value(report.facts[id_]))}">{escape(id_)}</a>' for id_ in facts
    )


def _fact(fact: Fact) -> str:
    kind = ' class="assumption"' if fact.class_ is Class.ASSUMPTION else ""
    return (
        f'<tr id="fact-{escape(fact.id)}"><th scope="row">{escape(fact.id)}</th>'
        f'<td class="number">{escape(_value(fact))}</td><td{kind}>{fact.class_.value}</td>'
        f"<td>{escape(fact.source)}, {escape(fact.date)}</td><td>{escape(fact.note)}</td></tr>"
    )


def _value(fact: Fact) -> str:
    unit = "" if fact.unit.value in ("ratio", "count") else f" {fact.unit.value}"
    return f"{fact.value:g}{unit}"


def _option(text: str) -> str:
    return f'<option value="{escape(text)}">{escape(text)}</option>'
