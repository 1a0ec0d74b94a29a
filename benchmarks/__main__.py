"""Measure the program and hold it to its limits: `python -m benchmarks [--pairs N] [--rounds N]`.

Every figure is of whole commands, the medians of runs that take turns; a limit that is broken is measured once more,
and all runs together decide. Exit code 1 says that a limit is broken. What was measured is kept in build/bench.json.

Three things are promised:

- A preview of the primary takes at most 1.25 times what a program without components takes, that registers the same
  resources with the same inputs, in time that passes and in processor time. The engine's own events say that they are
  the same. That program uses the providers' SDKs, as any program does; what one takes that uses none is shown beside
  it, and limited by nothing, because nobody writes such a one.
- With three and ten times the resources, a resource takes at most 5 % longer. What starting takes is left out, or the
  figure would only fall: engine, language host, imports, settings and providers. It is counted in processor time,
  which a busy machine disturbs by a few per cent; the time that passes, by a half. Beside it stands what each further
  resource takes; two of its figures differ by 7 % from run to run with nothing changed, so that no limit is on it.
- Importing the program and reading its settings takes at most 1 second of processor time.
"""

import argparse
import contextlib
import itertools
import json
import os
import re
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

from benchmarks import bare, programs
from benchmarks.measure import BenchmarkError, Limit, Run, alternate, median, run, settle
from sandbox import engine, environment, home, paths
from sandbox.engine.run import read_events
from tests.house import stacks

STACK = "primary"
KEPT = paths.ROOT / "build" / "bench.json"

MOST_OVER_BARE = 1.25
MOST_GROWTH = 1.05
MOST_IMPORT_SECONDS = 1.0
SIZES = (1, 3, 10)


@dataclass
class Series:
    """Runs of one program."""

    name: str
    folder: Path
    resources: int = 0
    runs: list[Run] = field(default_factory=list[Run])

    @property
    def wall(self) -> float:
        """Median of the seconds that passed."""
        return median(run.wall_seconds for run in self.runs)

    @property
    def cpu(self) -> float:
        """Median of the seconds that processors worked."""
        return median(run.cpu_seconds for run in self.runs)


@dataclass(frozen=True)
class Bench:
    """The engine in a sandbox of its own, and a folder to write programs in."""

    folder: Path
    environment: dict[str, str]

    def previewed(self, series: Series) -> None:
        """Preview a program once more."""
        series.runs.append(run(self._command(), series.folder, self.environment))

    def registered(self, folder: Path) -> Counter[str]:
        """Every resource but components, as the engine was asked for it, by type, name and inputs."""
        log = self.folder / "events.jsonl"
        log.unlink(missing_ok=True)
        told = self.environment | {"PULUMI_DEBUG_COMMANDS": "true"}
        run([*self._command(), "--event-log", str(log)], folder, told)
        made = [event["resourcePreEvent"]["metadata"] for event in read_events(log) if "resourcePreEvent" in event]
        return Counter(
            json.dumps(
                [each["type"], each["urn"].rpartition("::")[2], asked_for(each["new"]["inputs"])], sort_keys=True
            )
            for each in made
            if each["new"].get("custom")
        )

    def count(self, folder: Path) -> int:
        """How many resources a program registers, components and the stack itself among them."""
        said = run(self._command(), folder, self.environment).output
        found = re.search(r"\+ (\d+) to create", said)
        return int(found.group(1)) if found else 0

    def _command(self) -> list[str]:
        return ["pulumi", "preview", "-s", STACK, "--non-interactive"]


def main(arguments: Sequence[str]) -> int:
    """Measure, show, keep; return the exit code."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--pairs", type=int, default=7, help="turns of the primary and the bare programs (default 7)")
    parser.add_argument("--rounds", type=int, default=3, help="turns of the sizes (default 3)")
    asked = parser.parse_args(arguments)
    # Not folded where there is no terminal, in a log for instance.
    console = Console() if sys.stdout.isatty() else Console(width=120)
    with tempfile.TemporaryDirectory(prefix="tandem-bench-") as folder:
        os.environ["TANDEM_SANDBOX_HOME"] = str(Path(folder, "sandbox"))
        variables = environment.base(home.install(engine.ensure(console.print)))
        environment.initialise(paths.ROOT, (STACK,), variables, lambda _line: None)
        bench = Bench(Path(folder), environment.applied(variables))
        try:
            limits, kept = measured(bench, asked.pairs, asked.rounds, console)
        except BenchmarkError as error:
            console.print(str(error), markup=False, highlight=False, soft_wrap=True)
            return 2
    return verdict(limits, kept, console)


Part = tuple[list[Limit], dict[str, Any]]
"""Limits, and the figures to keep."""


def measured(bench: Bench, pairs: int, rounds: int, console: Console) -> Part:
    """Measure everything."""
    limits: list[Limit] = []
    kept: dict[str, Any] = {}
    parts: list[tuple[str, Callable[[], Part]]] = [
        ("imports and settings", lambda: imports(bench, 3 * rounds, console)),
        ("the primary and the same without components", lambda: components(bench, pairs, console)),
        ("more resources", lambda: growth(bench, rounds, console)),
    ]
    for name, part in parts:
        console.print(f"Measuring {name}")
        more, kept[name] = part()
        limits += more
    return limits, kept


def imports(bench: Bench, rounds: int, console: Console) -> Part:
    """Importing the program and reading its settings."""
    program = bench.folder / "loaded.py"
    program.write_text(programs.LOADED_ALONE.format(program=str(programs.PROGRAM)))
    told = {**bench.environment, **programs.environment_alone(STACK), "PYTHONPATH": str(paths.ROOT)}
    seconds: list[float] = []

    def once() -> None:
        seconds.append(float(run([sys.executable, "-P", str(program)], paths.ROOT, told).output.split()[-1]))

    limit = Limit("processor seconds of imports and settings", MOST_IMPORT_SECONDS, lambda: median(seconds))
    once()
    # The first one may have had to compile.
    seconds.clear()
    settle([limit], lambda: alternate(rounds, once))
    table = Table("import and settings", "runs", "CPU s", "from", "to")
    least, middle, most = (f"{value:.2f}" for value in spread(seconds))
    table.add_row("the primary", str(len(seconds)), middle, least, most)
    console.print(table)
    return [limit], {"cpu_seconds": seconds}


def components(bench: Bench, pairs: int, console: Console) -> Part:
    """The primary against the same resources without components."""
    # Where the program runs, or the folder of a chart would be another.
    with contextlib.chdir(programs.PROGRAM):
        recording = stacks.recorded(STACK, preview=True)
    whole = Series("the primary", paths.ROOT)
    flat = Series("no components", programs.write(bench.folder / "bare", STACK, bare.render(recording, sdks=True)))
    least = Series("no SDK either", programs.write(bench.folder / "least", STACK, bare.render(recording, sdks=False)))
    registered = bench.registered(whole.folder)
    for other in (flat, least):
        if differing := difference(registered, bench.registered(other.folder)):
            raise BenchmarkError(f"{other.name}: is not the same program; it differs in\n" + "\n".join(differing))
        other.resources = sum(registered.values()) + 1
    whole.resources = bench.count(whole.folder)
    limits = [
        Limit("preview, compared with no components: time", MOST_OVER_BARE, lambda: whole.wall / flat.wall),
        Limit("preview, compared with no components: processor time", MOST_OVER_BARE, lambda: whole.cpu / flat.cpu),
    ]
    settle(limits, lambda: alternate(pairs, *(turn(bench, series) for series in (whole, flat, least))))
    console.print(compared(whole, flat, least))
    return limits, {series.name: figures(series) for series in (whole, flat, least)}


def growth(bench: Bench, rounds: int, console: Console) -> Part:
    """Three and ten times the resources."""
    once, unit = (bench.count(programs.grown(bench.folder / f"unit-{units}", STACK, units)) for units in (0, 1))
    unit -= once
    started = programs.write(bench.folder / "started", STACK, programs.STARTED.format(program=str(programs.PROGRAM)))
    start = Series("starting", started)
    sizes: list[Series] = []
    for size in SIZES:
        units = round((size - 1) * once / unit)
        folder = programs.grown(bench.folder / f"size-{size}", STACK, units)
        sizes.append(Series(f"{size} times", folder, once + units * unit))

    def each(series: Series) -> float:
        return (series.cpu - start.cpu) / series.resources

    def grows(smaller: Series, larger: Series) -> Limit:
        what = f"processor time of a resource, {larger.name} compared with {smaller.name}"
        return Limit(what, MOST_GROWTH, lambda: each(larger) / each(smaller))

    limits = [grows(smaller, larger) for smaller, larger in itertools.pairwise(sizes)]
    settle(limits, lambda: alternate(rounds, *(turn(bench, series) for series in (start, *sizes))))
    table = Table("resources", "", "runs", "wall s", "CPU s", "CPU ms a resource", "CPU ms a further one")
    table.add_row(start.name, "1", str(len(start.runs)), f"{start.wall:.2f}", f"{start.cpu:.2f}")
    before: Series | None = None
    for series in sizes:
        further = (series.cpu - before.cpu) / (series.resources - before.resources) if before else None
        table.add_row(
            series.name,
            str(series.resources),
            str(len(series.runs)),
            f"{series.wall:.2f}",
            f"{series.cpu:.2f}",
            f"{1000 * each(series):.1f}",
            f"{1000 * further:.1f}" if further else "",
        )
        before = series
    console.print(table)
    return limits, {series.name: figures(series) for series in (start, *sizes)}


def turn(bench: Bench, series: Series) -> Callable[[], None]:
    """One more run of a program."""
    return lambda: bench.previewed(series)


def asked_for(inputs: dict[str, Any]) -> dict[str, Any]:
    """Inputs without what the provider makes up where the program gives none: names that end differently each time."""
    made_up = {"__defaults", *inputs.get("__defaults", ())}
    return {name: value for name, value in inputs.items() if name not in made_up}


def difference(registered: Counter[str], others: Counter[str]) -> list[str]:
    """What one program registers and the other does not."""
    return [
        *(f"  only in the primary: {line[:400]}" for line in registered - others),
        *(f"  only in the other: {line[:400]}" for line in others - registered),
    ]


def compared(whole: Series, *others: Series) -> Table:
    """The primary beside what it is compared with."""
    table = Table("preview", "resources", "runs", "wall s", "from", "to", "CPU s", "the primary takes")
    for series in (whole, *others):
        ratio = "" if series is whole else f"{whole.wall / series.wall:.2f} x, CPU {whole.cpu / series.cpu:.2f} x"
        least, middle, most = (f"{value:.2f}" for value in spread([each.wall_seconds for each in series.runs]))
        shown = (str(series.resources), str(len(series.runs)), middle, least, most, f"{series.cpu:.2f}", ratio)
        table.add_row(series.name, *shown)
    return table


def spread(values: Sequence[float]) -> tuple[float, float, float]:
    """Least, median and most."""
    return min(values), median(values), max(values)


def figures(series: Series) -> dict[str, Any]:
    """What is kept of a series."""
    return {
        "resources": series.resources,
        "wall_seconds": [each.wall_seconds for each in series.runs],
        "cpu_seconds": [each.cpu_seconds for each in series.runs],
    }


def verdict(limits: Sequence[Limit], kept: dict[str, Any], console: Console) -> int:
    """Show whether the limits hold, keep everything, and return the exit code."""
    table = Table("limit", "measured", "at most", "")
    for limit in limits:
        table.add_row(limit.what, f"{limit.figure():.2f}", f"{limit.most:.2f}", "holds" if limit.holds else "BROKEN")
    console.print(table)
    commit = subprocess.run(
        ["git", "describe", "--always", "--dirty"], cwd=paths.ROOT, capture_output=True, text=True, check=False
    )
    kept |= {
        "taken": datetime.now(UTC).isoformat(timespec="seconds"),
        "commit": commit.stdout.strip(),
        "processors": os.cpu_count(),
        "python": sys.version.split()[0],
        "limits": [
            {"what": each.what, "measured": each.figure(), "most": each.most, "holds": each.holds} for each in limits
        ],
    }
    KEPT.parent.mkdir(exist_ok=True)
    KEPT.write_text(json.dumps(kept, indent=2) + "\n")
    console.print(f"[dim]Kept in {KEPT.relative_to(paths.ROOT)}[/]")
    return 0 if all(limit.holds for limit in limits) else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
