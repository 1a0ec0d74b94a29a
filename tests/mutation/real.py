"""What both stacks and the examples deploy, broken: docs/mutation/stacks.md, with the date of the run."""

import json
import time
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from resilience.adapters.analyzer import stack_resources
from resilience.graph import Resource
from tests.house.recorder import Recording
from tests.house.stacks import EXAMPLES, STACKS, recorded, recorded_example
from tests.house.wire import stack
from tests.mutation.classes import Class
from tests.mutation.graphs import Golden, Place, Spot, at
from tests.mutation.matrix import FATES, MUTATORS, RULES, THROUGH_ALL, Kills, classes, exempt

MOST = 1
"""Resources of a type that a rule is put to."""
PATHS = 4
"""Paths of one type that are broken for one rule: one goes through whatever properties there are."""
ASK_THE_MODEL = ("SYS-01", "SYS-02", "SYS-05")
"""They look at all that there is, for half a second, and say what the model says, which tests/resilience breaks."""
NAMES = ("together", *STACKS, *EXAMPLES)


def graph(name: str) -> list[Resource]:
    """``together``, ``primary``, ``small``: recorded without an engine; an example's two stacks together."""
    made: tuple[Recording, ...]
    if name in STACKS:
        made = (recorded(name),)
    elif name == "together":
        made = tuple(recorded(each) for each in STACKS)
    else:
        made = tuple(recorded_example(each, name) for each in STACKS)
    return list(stack_resources(stack(*made).resources))


def run(names: Iterable[str], results: Path) -> Iterator[str]:
    """Break one graph after the other; what is done is written at once, and a line told of it."""
    before: set[tuple[Spot, str, bool]] = set()
    for name in names or NAMES:
        began = time.process_time()
        resources = graph(name)
        golden = Golden(resources, [rule for rule in RULES if rule.id not in ASK_THE_MODEL], most=MOST)
        kills = Kills()
        sample: dict[Spot, list[Place]] = {}
        for spot, places in golden.sample(each=1, paths=PATHS, of=THROUGH_ALL).items():
            key = (spot, _content(golden, places[0]), name in STACKS)
            if key not in before:
                sample[spot] = places
                before.add(key)
        kills.add(golden, sample)
        result = _result(name, len(resources), golden, kills, time.process_time() - began)
        (results / f"{name}.json").write_text(json.dumps(result, indent=1, sort_keys=True) + "\n")
        yield f"{name}: {kills.mutants} mutants at {len(sample)} of {len(golden.places)} spots"


def _content(golden: Golden, place: Place) -> str:
    urn, path = place
    return "" if str(path[0]).startswith("<") else repr(at(golden.resources[urn].properties, path))


def _result(name: str, resources: int, golden: Golden, kills: Kills, seconds: float) -> dict[str, object]:
    return {
        "graph": name,
        "date": f"{datetime.now(UTC):%Y-%m-%d}",
        "resources": resources,
        "spots": len(golden.places),
        "broken": len(kills.classes),
        "mutants": kills.mutants,
        "seconds": round(seconds),
        "open": sorted(kills.open),
        "crashed": sorted(kills.crashed),
        "passed": [[*asdict(spot).values(), how] for spot, how in sorted(kills.passed.items())],
        "classes": [[*asdict(spot).values(), each.value] for spot, each in sorted(kills.classes.items())],
        "fates": [[*row, count] for row, count in sorted(_by_rule(kills).items())],
    }


def _by_rule(kills: Kills) -> Counter[tuple[str, str, str]]:
    """Mutants where a single change decides, by rule, mutator and fate."""
    found: Counter[tuple[str, str, str]] = Counter()
    for (spot, mutator, fate), count in kills.fates.items():
        if kills.classes.get(spot) is Class.DECIDES:
            found[spot.id, mutator, fate] += count
    return found


def page(results: Path) -> str:
    """docs/mutation/stacks.md, from what has been run."""
    runs = [json.loads(file.read_text()) for name in NAMES if (file := results / f"{name}.json").exists()]
    seen = {row[0] for run in runs for row in run["classes"]}
    unseen = [rule.id for rule in RULES if rule.id not in seen]
    crashed = sorted({each for run in runs for each in run["crashed"]})
    unsound = sorted({f"{id_}, `{path}` of `{type_}`" for id_, type_, path in _unsound(runs)})
    unexplained = _unexplained(runs)
    return "\n".join(
        [
            "# Mutants of what is deployed",
            "",
            "Run by `make mutants`, over the graphs of both committed stacks, together and each alone, and of every",
            "example's two stacks together, as they are recorded without an engine. Each rule is put to one resource",
            "of a type; what it touches there is broken in every way, as in [the kill matrix](kill-matrix.md), one",
            f"place standing for all of its spot, and {PATHS} paths of a type at most for a rule that goes through",
            "whatever properties there are. What a graph has just as one before it in a run is not broken again.",
            f"Not put to these are {', '.join(ASK_THE_MODEL)}: what they say is the model's, for all that there is.",
            "",
            "| Graph | Date | Resources | Spots | Broken here | Mutants | decide | scope | neither by itself"
            " | Fails as it is | CPU s |",
            "|---|---|--:|--:|--:|--:|--:|--:|--:|---|--:|",
            *map(_row, runs),
            "",
            "At places that decide, the same mutants by what became of them:",
            "",
            f"| Graph | {' | '.join(FATES)} |",
            f"|---|{'--:|' * len(FATES)}",
            *map(_fates, runs),
            "",
            f"Rules that broke on a mutant: {', '.join(crashed) or 'none'}.",
            "",
            f"Unknown that passed where a value fails: {', '.join(unsound) or 'none'}.",
            "",
            "## Rules that see none of this",
            "",
            f"{len(RULES) - len(unseen)} of {len(RULES)} rules look at something here. The others are about what",
            "neither the stacks nor the examples deploy, or ask the model, and are proved on the tests' platform only:",
            f"{', '.join(unseen)}.",
            "",
            "## Rules that look, and find no single change",
            "",
            "What these hold is there several times over, or takes two changes: three zones where two are asked for, a",
            "record's pair, a value and the switch above it. The hand-written mutants break them.",
            "",
            ", ".join(_finding_none(runs)) or "None.",
            "",
            "## Spots that no single change explains",
            "",
            "What a spot means that neither decides nor scopes by itself is said by two changes, on the tests'",
            "platform. Spots of rules, paths and roles that are classed there are not repeated here; others are:",
            "",
            *[f"- {id_}: {', '.join(f'`{path}`' for path in paths)}" for id_, paths in unexplained.items()],
            "",
            "## Rules by mutators",
            "",
            "Found, of made at places that decide, over all graphs.",
            "",
            *_table(runs),
            "",
        ]
    )


def _unsound(runs: Iterable[dict[str, Any]]) -> set[tuple[str, str, str]]:
    return {
        (id_, type_, path)
        for run in runs
        for id_, type_, path, role, kind, _ in run["passed"]
        if exempt(Spot(id_, type_, path, role, kind), up=True) is None
    }


def _row(run: dict[str, Any]) -> str:
    counted = Counter(row[-1] for row in run["classes"])
    failing = [each for each in run["open"] if not each.endswith("?")]
    cells = [
        *(run["graph"], run["date"], run["resources"], run["spots"], run["broken"], run["mutants"]),
        *(counted[each.value] for each in (Class.DECIDES, Class.SCOPES, Class.IDLE)),
        *(", ".join(failing) or "nothing", run["seconds"]),
    ]
    return f"| {' | '.join(map(str, cells))} |"


def _fates(run: dict[str, Any]) -> str:
    counted: Counter[str] = Counter()
    for _, _, fate, count in run["fates"]:
        counted[fate] += count
    return f"| {run['graph']} | {' | '.join(str(counted[fate]) for fate in FATES)} |"


def _finding_none(runs: Iterable[dict[str, Any]]) -> list[str]:
    rows = [row for run in runs for row in run["classes"]]
    finding = {row[0] for row in rows if row[-1] == Class.DECIDES.value}
    return [rule.id for rule in RULES if rule.id in {row[0] for row in rows} - finding]


def _unexplained(runs: Iterable[dict[str, Any]]) -> dict[str, list[str]]:
    """By rule, paths that do nothing by themselves on any graph, and that the tests' platform does not have."""
    rows = [tuple(row) for run in runs for row in run["classes"]]
    explained = {(id_, path, role) for id_, _, path, role, _, each in rows if each != Class.IDLE.value}
    explained |= {(spot.id, spot.path, spot.role) for spot in classes()}
    left: defaultdict[str, set[str]] = defaultdict(set)
    for id_, _, path, role, _, _ in rows:
        if (id_, path, role) not in explained:
            left[id_].add(path)
    return {id_: sorted(left[id_]) for id_ in sorted(left)}


def _table(runs: Iterable[dict[str, Any]]) -> list[str]:
    found: Counter[tuple[str, str]] = Counter()
    made: Counter[tuple[str, str]] = Counter()
    for run in runs:
        for id_, mutator, fate, count in run["fates"]:
            made[id_, mutator] += count
            found[id_, mutator] += count if fate == "found" else 0
    used = [mutator for mutator in MUTATORS if any(each == mutator for _, each in made)]
    lines = [f"| Rule | {' | '.join(used)} |", f"|---|{'--:|' * len(used)}"]
    for rule in RULES:
        if any(id_ == rule.id for id_, _ in made):
            cells = [f"{found[rule.id, each]}/{made[rule.id, each]}" if made[rule.id, each] else "" for each in used]
            lines.append(f"| {rule.id} | {' | '.join(cells)} |")
    return lines
