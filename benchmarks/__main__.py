"""Measure program and policies and hold them to their limits: `python -m benchmarks [PART…] [--pairs N] [--rounds N]`.

Every figure is of whole commands, the medians of runs that take turns; a limit that is broken is measured once more,
and all runs together decide. Exit code 1 says that a limit is broken. What was measured is kept in build/bench.json.

Five things are promised, by five parts that can be asked for alone (imports, components, growth, policies, resilience):

- A preview of the primary takes at most 1.25 times what a program without components takes, that registers the same
  resources with the same inputs, in time that passes and in processor time. The engine's own events say that they are
  the same. That program uses the providers' SDKs, as any program does; what one takes that uses none is shown beside
  it, and limited by nothing, because nobody writes such a one.
- With three and ten times the resources, a resource takes at most 5 % longer. What starting takes is left out, or the
  figure would only fall: engine, language host, imports, settings and providers. It is counted in processor time,
  which a busy machine disturbs by a few per cent; the time that passes, by a half. Beside it stands what each further
  resource takes; two of its figures differ by 7 % from run to run with nothing changed, so that no limit is on it.
- Importing the program and reading its settings takes at most 1 second of processor time.
- The policy pack puts all rules to 1,000 resources in at most 0.5 seconds beyond decoding them, and answers the engine
  for them in at most 1 second in all, to 10,000 in at most ten times that; and it is up in at most 1 second. These are
  counted in processor time too, a second process at the other end of the wire left out. What Pulumi's own servicer
  takes for the same rules, as one policy each, is measured beside it.
- Every fault is put to every journey of both regions' stacks together, over 1,000 resources, in at most 1 second of
  processor time after imports; with four times the resources in at most five times that. In a graph of four platforms
  an outcome takes at most twice as long as in one of one: each journey may go to four times as many places there.
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

from benchmarks import bare, policies, programs, resilience, sdk_pack
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
MOST_BOOT_SECONDS = 1.0
MOST_JUDGED_SECONDS = 0.5
MOST_SERVED_SECONDS = 1.0
"""Of 1,000 resources; of more, as many times as much."""
GRAPH_SIZES = (1_000, 10_000)
MOST_OUTCOMES_SECONDS = 1.0
MOST_OUTCOMES_GROWTH = 5.0
MOST_OUTCOME_GROWTH = 2.0
PLATFORMS = 4
OUTCOME_SIZES = (1, 4)
PARTS = ("imports", "components", "growth", "policies", "resilience")


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
    parser.add_argument("parts", nargs="*", metavar="PART", help=f"of {', '.join(PARTS)} (default all)")
    parser.add_argument("--pairs", type=int, default=7, help="turns of the primary and the bare programs (default 7)")
    parser.add_argument("--rounds", type=int, default=3, help="turns of the sizes (default 3)")
    asked = parser.parse_args(arguments)
    if unknown := [part for part in asked.parts if part not in PARTS]:
        parser.error(f"{unknown[0]}: is no part; there are {', '.join(PARTS)}")
    wanted = asked.parts or PARTS
    # Not folded where there is no terminal, in a log for instance.
    console = Console() if sys.stdout.isatty() else Console(width=120)
    with tempfile.TemporaryDirectory(prefix="tandem-bench-") as folder:
        try:
            limits, kept = measured(Path(folder), wanted, asked.pairs, asked.rounds, console)
        except BenchmarkError as error:
            console.print(str(error), markup=False, highlight=False, soft_wrap=True)
            return 2
    return verdict(limits, kept, console)


Part = tuple[list[Limit], dict[str, Any]]
"""Limits, and the figures to keep."""


def measured(folder: Path, wanted: Sequence[str], pairs: int, rounds: int, console: Console) -> Part:
    """Measure the parts that are wanted; only the program's need an engine."""
    limits: list[Limit] = []
    kept: dict[str, Any] = {}
    bench = prepared(folder, console) if set(wanted) - {"policies", "resilience"} else Bench(folder, dict(os.environ))
    parts: dict[str, tuple[str, Callable[[], Part]]] = {
        "imports": ("imports and settings", lambda: imports(bench, 3 * rounds, console)),
        "components": ("the primary and the same without components", lambda: components(bench, pairs, console)),
        "growth": ("more resources", lambda: growth(bench, rounds, console)),
        "policies": ("the policy pack", lambda: pack(rounds, console)),
        "resilience": ("every fault for every journey", lambda: survived(rounds, console)),
    }
    for part in PARTS:
        if part in wanted:
            name, measure = parts[part]
            console.print(f"Measuring {name}")
            more, kept[name] = measure()
            limits += more
    return limits, kept


def prepared(folder: Path, console: Console) -> Bench:
    """An engine in a sandbox of its own."""
    os.environ["TANDEM_SANDBOX_HOME"] = str(folder / "sandbox")
    variables = environment.base(home.install(engine.ensure(console.print)))
    environment.initialise(paths.ROOT, (STACK,), variables, lambda _line: None)
    return Bench(folder, environment.applied(variables))


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


def pack(rounds: int, console: Console) -> Part:
    """The policy pack, and Pulumi's own servicer with the same rules."""
    graphs = {size: policies.graphs(size) for size in GRAPH_SIZES}
    boots: list[policies.Life] = []
    decoding: dict[int, list[float]] = {size: [] for size in GRAPH_SIZES}
    judging: dict[int, list[float]] = {size: [] for size in GRAPH_SIZES}
    lives: dict[int, list[policies.Life]] = {size: [] for size in GRAPH_SIZES}

    def judge(size: int) -> None:
        decoded, judged = policies.judged(graphs[size])
        decoding[size].append(decoded)
        judging[size].append(judged)

    answers: dict[int, list[Any]] = {}

    def serve(size: int) -> None:
        lives[size].append(policies.lived(lambda stub: answers.update({size: policies.ask(stub, graphs[size])})))

    def boot() -> float:
        return median(life.cpu_seconds for life in boots)

    def served(size: int) -> float:
        return median(life.cpu_seconds for life in lives[size]) - median(life.cpu_seconds for life in boots)

    limits = [Limit("processor seconds until the policy pack is up", MOST_BOOT_SECONDS, boot)]
    for size in GRAPH_SIZES:
        times = size / GRAPH_SIZES[0]
        what = f"all rules, {size:,} resources: processor seconds"
        limits += [
            Limit(f"{what} beyond decoding", times * MOST_JUDGED_SECONDS, lambda size=size: median(judging[size])),
            Limit(f"{what} in all", times * MOST_SERVED_SECONDS, lambda size=size: served(size)),
        ]

    # The first start may have to compile.
    policies.lived(lambda _stub: None)
    turns = [lambda: boots.append(policies.lived(lambda _stub: None))]
    turns += [lambda size=size: judge(size) for size in GRAPH_SIZES]
    turns += [lambda size=size: serve(size) for size in GRAPH_SIZES]
    settle(limits, lambda: alternate(rounds, *turns))
    smallest = GRAPH_SIZES[0]
    theirs, found = policies.served_by_the_sdk(graphs[smallest])
    if differing := sdk_pack.difference(answers[smallest], found):
        raise BenchmarkError("Pulumi's own servicer finds something else:\n" + "\n".join(differing))
    ratio = theirs / served(smallest)
    table = Table("policies", "resources", "runs", "CPU s", "of it judging", "of it decoding", "wall s")
    table.add_row(
        "up", "", str(len(boots)), f"{boot():.2f}", "", "", f"{median(life.boot_seconds for life in boots):.2f}"
    )
    for size in GRAPH_SIZES:
        table.add_row(
            "ours",
            f"{size:,}",
            str(len(lives[size])),
            f"{served(size):.2f}",
            f"{median(judging[size]):.2f}",
            f"{median(decoding[size]):.2f}",
            f"{median(life.asked_seconds for life in lives[size]):.2f}",
        )
    table.add_row(f"Pulumi's own, {ratio:.0f} x", f"{smallest:,}", "1", f"{theirs:.2f}", "", "", "")
    console.print(table)
    return limits, {
        "boot_seconds": [life.boot_seconds for life in boots],
        "boot_cpu_seconds": [life.cpu_seconds for life in boots],
        "judging_cpu_seconds": judging,
        "decoding_cpu_seconds": decoding,
        "served_cpu_seconds": {size: [life.cpu_seconds for life in several] for size, several in lives.items()},
        "served_seconds": {size: [life.asked_seconds for life in several] for size, several in lives.items()},
        "sdk_cpu_seconds": theirs,
    }


def survived(rounds: int, console: Console) -> Part:
    """Every fault for every journey, of both stacks and of more resources."""
    graphs = {times: resilience.graph(times) for times in OUTCOME_SIZES}
    seconds: dict[int, list[float]] = {times: [] for times in OUTCOME_SIZES}
    outcomes: dict[int, int] = {}

    def compute(times: int) -> None:
        passed, outcomes[times] = resilience.computed(graphs[times])
        seconds[times].append(passed)

    several = resilience.platforms(PLATFORMS)
    of_several: list[float] = []
    pairs = 0

    def compute_several() -> None:
        nonlocal pairs
        passed, pairs = resilience.computed(several)
        of_several.append(passed)

    least, most = OUTCOME_SIZES
    size = len(graphs[least].resources)
    limits = [
        Limit(
            f"every fault for every journey, {size:,} resources: processor seconds",
            MOST_OUTCOMES_SECONDS,
            lambda: median(seconds[least]),
        ),
        Limit(
            f"every fault for every journey, {most} times the resources: times as long",
            MOST_OUTCOMES_GROWTH,
            lambda: median(seconds[most]) / median(seconds[least]),
        ),
        Limit(
            f"an outcome among {PLATFORMS} platforms: times as long as among one",
            MOST_OUTCOME_GROWTH,
            lambda: (median(of_several) / pairs) / (median(seconds[least]) / outcomes[least]),
        ),
    ]
    # The first one may have had to compile.
    resilience.computed(graphs[least])
    turns = [*(lambda times=times: compute(times) for times in OUTCOME_SIZES), compute_several]
    settle(limits, lambda: alternate(rounds, *turns))
    table = Table("resilience", "resources", "outcomes", "runs", "CPU s")
    for times in OUTCOME_SIZES:
        row = f"{len(graphs[times].resources):,}", f"{outcomes[times]:,}", str(len(seconds[times]))
        table.add_row(f"{times} times", *row, f"{median(seconds[times]):.2f}")
    row = f"{len(several.resources):,}", f"{pairs:,}", str(len(of_several)), f"{median(of_several):.2f}"
    table.add_row(f"{PLATFORMS} platforms", *row)
    console.print(table)
    return limits, {"cpu_seconds": seconds, "outcomes": outcomes, "platforms_cpu_seconds": of_several}


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
