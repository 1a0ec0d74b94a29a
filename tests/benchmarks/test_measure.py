"""Times are of the whole command, and a limit is broken only twice."""

import json
import os
import sys
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
import yaml
from rich.console import Console

from benchmarks import __main__ as bench
from benchmarks import programs
from benchmarks.measure import BenchmarkError, Limit, Run, alternate, run, settle
from tests.house import stacks
from tests.house.recorder import Recording, record

SPIN = "import time\nstart = time.process_time()\nwhile time.process_time() - start < 0.3: pass\n"


def python(program: str, folder: Path) -> Run:
    return run([sys.executable, "-c", program], folder, os.environ)


def test_the_work_of_a_command_s_children_counts(tmp_path: Path) -> None:
    alone = python("import time; time.sleep(0.3)", tmp_path)
    assert alone.wall_seconds >= 0.3
    assert alone.cpu_seconds < 0.3
    child = f"import subprocess, sys; subprocess.run([sys.executable, '-c', {SPIN!r}])"
    assert python(child, tmp_path).cpu_seconds >= 0.3


def test_what_fails_is_not_measured(tmp_path: Path) -> None:
    with pytest.raises(BenchmarkError, match=r"ended with exit code 3:\nno such luck"):
        python("print('no such luck'); raise SystemExit(3)", tmp_path)


def test_a_broken_limit_is_measured_once_more_and_all_runs_decide() -> None:
    for measured, holds, times in (([1.0, 9.0], True, 1), ([3.0, 0.5], True, 2), ([3.0, 3.0], False, 2)):
        seen: list[float] = []
        limit = Limit("seconds", 2.0, lambda seen=seen: sum(seen) / len(seen))
        following = iter(measured)
        settle([limit], lambda seen=seen, following=following: seen.append(next(following)))
        assert (limit.holds, len(seen)) == (holds, times)


def test_programs_take_turns() -> None:
    order: list[str] = []
    alternate(2, lambda: order.append("a"), lambda: order.append("b"))
    assert order == ["a", "b", "a", "b"]


def test_one_disturbed_run_moves_nothing() -> None:
    series = bench.Series("", Path(), runs=[Run(wall, 2 * wall, "") for wall in (1.0, 1.1, 60.0)])
    assert (series.wall, series.cpu) == (1.1, 2.2)


@pytest.mark.parametrize(("figure", "code"), [(1.25, 0), (1.26, 1)])
def test_a_broken_limit_is_an_exit_code(
    figure: float, code: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bench, "KEPT", tmp_path / "build" / "bench.json")
    monkeypatch.setattr(bench.paths, "ROOT", tmp_path)
    with (tmp_path / "shown").open("w") as shown:
        assert bench.verdict([Limit("preview", 1.25, lambda: figure)], {}, Console(file=shown, width=120)) == code
    assert ("BROKEN" in (tmp_path / "shown").read_text()) == bool(code)
    assert f'"measured": {figure}' in (tmp_path / "build" / "bench.json").read_text()


def test_a_program_that_registers_something_else_is_noticed() -> None:
    assert bench.difference(Counter("ab"), Counter("ab")) == []
    assert bench.difference(Counter("aab"), Counter("ab")) == ["  only in the primary: a"]
    assert bench.difference(Counter("a"), Counter("ac")) == ["  only in the other: c"]


def settings(folder: Path) -> dict[str, Any]:
    """What the engine hands to a program of this project folder."""
    project = yaml.safe_load((folder / "Pulumi.yaml").read_text())["config"]
    return stacks.stack_config("primary") | {programs.PLATFORM: json.dumps(project[programs.PLATFORM]["value"])}


def counted(recording: Recording) -> Counter[str]:
    return Counter(made.type for made in recording.registrations)


def test_a_grown_program_is_the_primary_and_more(tmp_path: Path) -> None:
    folder = programs.grown(tmp_path, "primary", 2)
    program = (folder / "__main__.py").read_text()
    grown = counted(record(lambda: exec(program, {}), preview=True, config=settings(folder)))
    more = grown - counted(stacks.recorded("primary", preview=True))
    assert {type_: count for type_, count in more.items() if type_.startswith("tandem:")} == {
        "tandem:index:ModelServer": 2,
        "tandem:index:PodIdentity": 2,
        "tandem:index:TargetGroupBinding": 2,
        "tandem:index:NodePool": 2 * programs.POOLS_PER_UNIT,
        "tandem:index:Bucket": 2 * programs.BUCKETS_PER_UNIT,
    }
    assert counted(stacks.recorded("primary", preview=True)) - grown == Counter()


def test_starting_is_everything_but_the_program_s_resources() -> None:
    program = programs.STARTED.format(program=str(programs.PROGRAM))
    started = record(lambda: exec(program, {}), preview=True, config=stacks.stack_config("primary"))
    assert sorted(made.type.split(":")[0] for made in started.registrations if ":providers:" not in made.type) == [
        "aws",
        "kubernetes",
        "random",
    ]


def test_imports_end_where_the_settings_are_read(tmp_path: Path) -> None:
    alone = tmp_path / "alone.py"
    alone.write_text(programs.LOADED_ALONE.format(program=str(programs.PROGRAM)))
    told = {**os.environ, **programs.environment_alone("primary"), "PYTHONPATH": str(programs.paths.ROOT)}
    command = [sys.executable, "-W", "ignore", "-P", str(alone)]
    assert 0.1 < float(run(command, tmp_path, told).output) < 60
    with pytest.raises(BenchmarkError, match="tandem:platform: is missing"):
        run(command, tmp_path, {**told, "PULUMI_CONFIG": "{}"})
