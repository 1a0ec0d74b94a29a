"""What both stacks and the examples deploy, broken: docs/mutation/stacks.md, with the date of the run."""

import time
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from pathlib import Path

from resilience.adapters.analyzer import stack_resources
from resilience.graph import Resource
from tests.house.recorder import Recording
from tests.house.stacks import EXAMPLES, STACKS, recorded, recorded_example
from tests.mutation.matrix import PROVES_ANYWAY, RULES, Kills, of_stacks
from tests.policies.test_components_comply import stack

MOST = 1
"""Resources of a type that a rule is put to."""


def graphs(names: Iterable[str]) -> Iterator[tuple[str, list[Resource]]]:
    """``together``, ``primary``, ``small/secondary``: recorded without an engine."""
    for name in names or ["together", *STACKS, *(f"{size}/{each}" for size in EXAMPLES for each in STACKS)]:
        size, _, one = name.rpartition("/")
        made: tuple[Recording, ...]
        if name == "together":
            made = tuple(recorded(each) for each in STACKS)
        elif size:
            made = (recorded_example(one, size),)
        else:
            made = (recorded(name),)
        yield name, list(stack_resources(stack(*made).resources))


def write(page: Path, names: Iterable[str]) -> None:
    """Break one graph after the other; what is done is written at once."""
    rows: list[str] = []
    unsound: set[str] = set()
    crashed: set[str] = set()
    finding: set[str] = set()
    for name, resources in graphs(names):
        began = time.process_time()
        kills = of_stacks([resources], MOST)
        finding |= {id_ for id_, _ in kills.killed}
        crashed |= kills.crashed
        unsound |= {
            f"{id_}, `{path}` of `{type_}`: {how}"
            for (id_, type_, path), how in kills.passed.items()
            if (id_, type_, path) not in PROVES_ANYWAY
        }
        rows.append(_row(name, len(resources), kills, time.process_time() - began))
        page.write_text(_page(rows, finding, crashed, unsound))
        print(rows[-1], flush=True)


def _row(name: str, resources: int, kills: Kills, seconds: float) -> str:
    failing = sorted(each for each in kills.open if not each.endswith("?"))
    rules = {id_ for id_, _ in kills.made}
    cells = [
        *(name, resources, kills.mutants, len(rules), len({id_ for id_, _ in kills.killed}), len(kills.spots)),
        *(len(kills.decisive), ", ".join(failing) or "none", f"{seconds:.0f}"),
    ]
    return f"| {' | '.join(map(str, cells))} |"


def _page(rows: list[str], finding: set[str], crashed: set[str], unsound: set[str]) -> str:
    return "\n".join(
        [
            "# Mutants of what is deployed",
            "",
            f"Run on {datetime.now(UTC):%Y-%m-%d} by `make mutants`, over the graphs of both stacks and the examples",
            "as they are recorded without an engine. Each rule is put to one resource of a type, and all that it",
            "touches there is broken in every way, as in [the kill matrix](kill-matrix.md).",
            "",
            "| Graph | Resources | Mutants | Rules that look | that find some | Spots | with a mutant found"
            " | Fails as it is | CPU s |",
            "|---|--:|--:|--:|--:|--:|--:|---|--:|",
            *rows,
            "",
            f"{len(finding)} of {len(RULES)} rules find mutants of these; the others are about what the examples do not"
            " deploy, and find theirs in the kill matrix.",
            "",
            f"Rules that broke on a mutant: {', '.join(sorted(crashed)) or 'none'}.",
            "",
            f"Unknown that passed where a value fails: {'' if unsound else 'none.'}",
            "",
            *[f"- {each}" for each in sorted(unsound)],
            *([""] if unsound else []),
        ]
    )
