"""Times of whole commands, what they say, and whether a limit holds."""

import resource
import statistics
import subprocess
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

TIMEOUT_SECONDS = 600


class BenchmarkError(Exception):
    """What was to be measured did not run; the message says what it said."""


@dataclass(frozen=True)
class Run:
    """One command that ended well."""

    wall_seconds: float
    """From start to end."""
    cpu_seconds: float
    """Of all its processes: engine, language host, program, providers."""
    output: str


def run(command: Sequence[str], folder: Path, environment: Mapping[str, str]) -> Run:
    """Run a command to its end and say what it took.

    Raises:
        BenchmarkError: if it fails.
    """
    before, started = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
    done = subprocess.run(
        command,
        cwd=folder,
        env=dict(environment),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=TIMEOUT_SECONDS,
        check=False,
    )
    wall, after = time.perf_counter() - started, resource.getrusage(resource.RUSAGE_CHILDREN)
    if done.returncode:
        raise BenchmarkError(f"`{' '.join(command)}` ended with exit code {done.returncode}:\n{done.stdout[-4000:]}")
    # The engine waits for its plugins and its program, so their times are in its own.
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return Run(wall, cpu, done.stdout)


@dataclass(frozen=True)
class Limit:
    """A promise about a figure."""

    what: str
    most: float
    figure: Callable[[], float]
    """Reads the figure off everything that was measured so far."""

    @property
    def holds(self) -> bool:
        """Whether the figure is within the promise."""
        return self.figure() <= self.most


def settle(limits: Sequence[Limit], measure: Callable[[], None]) -> None:
    """Measure; and if a limit is broken, once more: this machine may have been busy. All runs together decide."""
    measure()
    if not all(limit.holds for limit in limits):
        measure()


def alternate(rounds: int, *runs: Callable[[], None]) -> None:
    """Take turns, so that what else the machine does falls on all of them alike."""
    for _ in range(rounds):
        for each in runs:
            each()


def median(values: Iterable[float]) -> float:
    """The middle one: a single disturbed run does not move it."""
    return statistics.median(values)
