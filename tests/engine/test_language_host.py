"""The language host under the real engine."""

import os
import signal
import textwrap
import time
from pathlib import Path

import pytest

from tests.house.engine import Engine, processes_of

pytestmark = pytest.mark.engine

WAITING = textwrap.dedent(
    """
    import subprocess, sys, time
    import pulumi
    child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"])
    print("waiting")
    time.sleep(600)
    """
)


def gone(home: Path, seconds: float) -> list[str]:
    deadline = time.monotonic() + seconds
    while (left := processes_of(home)) and time.monotonic() < deadline:
        time.sleep(0.1)
    return left


def test_a_program_sees_its_stack_its_config_and_whether_this_is_a_preview(engine: Engine, tmp_path: Path) -> None:
    project = engine.project(
        tmp_path / "sees",
        textwrap.dedent(
            """
            import pathlib, pulumi
            config = pulumi.Config()
            pulumi.export("plain", config.require("plain"))
            pulumi.export("secret", config.require_secret("secret"))
            pulumi.export("where", [pulumi.get_organization(), pulumi.get_project(), pulumi.get_stack()])
            pulumi.export("root", pulumi.get_root_directory())
            pathlib.Path("ran").open("a").write(f"{pulumi.runtime.is_dry_run()} ")
            """
        ),
    )
    engine.run(project, "config", "set", "plain", "seen", "-s", "dev").ok()
    engine.run(project, "config", "set", "--secret", "secret", "hidden", "-s", "dev").ok()
    engine.preview(project, "dev").ok()
    assert "hidden" not in engine.up(project, "dev").ok().output
    shown = engine.run(project, "stack", "output", "--json", "-s", "dev").ok().output
    assert '"plain": "seen"' in shown
    assert '"secret": "[secret]"' in shown
    assert '"organization",\n    "sees",\n    "dev"' in shown
    assert f'"root": "{project}"' in shown
    assert (project / "ran").read_text() == "True False "


def test_an_exception_is_shown_once_from_the_users_own_line(engine: Engine, tmp_path: Path) -> None:
    project = engine.project(tmp_path / "raises", "def wrong():\n    raise LookupError('no such thing')\nwrong()\n")
    finished = engine.preview(project, "dev")
    assert finished.code != 0
    assert finished.output.count("LookupError: no such thing") <= 2  # progress and diagnostics
    assert "run_in_stack" not in finished.output
    assert "non-zero exit code" not in finished.output


def test_a_programs_own_exit_code_fails_the_command(engine: Engine, tmp_path: Path) -> None:
    project = engine.project(tmp_path / "exits", "import sys\nprint('two mistakes', file=sys.stderr)\nsys.exit(7)\n")
    finished = engine.preview(project, "dev")
    assert finished.code != 0
    assert "two mistakes" in finished.output
    assert "exit code: 7" in finished.output


def test_a_virtualenv_that_is_not_there_is_named(engine: Engine, tmp_path: Path) -> None:
    project = engine.project(tmp_path / "venv", "", runtime="\n  name: python\n  options:\n    virtualenv: .nowhere")
    finished = engine.preview(project, "dev")
    assert finished.code != 0
    assert "`virtualenv` points at" in finished.output
    assert ".nowhere" in finished.output


def test_output_arrives_while_the_program_runs_and_ctrl_c_ends_everything_quietly(
    engine: Engine, tmp_path: Path
) -> None:
    project = engine.project(tmp_path / "waits", WAITING)
    command = engine.start(project, "preview", "-s", "dev")
    assert command.stdout is not None
    for line in command.stdout:
        if "waiting" in line:
            break
    assert any("sleep(600)" in process for process in processes_of(engine.home))
    started = time.monotonic()
    os.kill(command.pid, signal.SIGINT)
    rest = command.stdout.read()
    command.stdout.close()
    assert command.wait(timeout=30) != 0
    assert time.monotonic() - started < 3
    assert "Traceback" not in rest
    assert "KeyboardInterrupt" not in rest
    assert gone(engine.home, 1) == []


@pytest.mark.parametrize("victim", ["pulumi", "sandbox.language"])
def test_a_killed_engine_or_host_leaves_no_process(engine: Engine, tmp_path: Path, victim: str) -> None:
    project = engine.project(tmp_path / f"killed-{victim.replace('.', '-')}", WAITING)
    command = engine.start(project, "preview", "-s", "dev")
    assert command.stdout is not None
    for line in command.stdout:
        if "waiting" in line:
            break
    if victim == "pulumi":
        os.kill(command.pid, signal.SIGKILL)
    else:
        children = Path(f"/proc/{command.pid}/task").glob("*/children")
        pids = {int(pid) for each in children for pid in each.read_text().split()}
        for pid in pids:
            if victim in Path(f"/proc/{pid}/cmdline").read_text():
                os.kill(pid, signal.SIGKILL)
    command.stdout.close()
    command.wait(timeout=30)
    assert gone(engine.home, 3) == []


def test_a_mandatory_violation_ends_the_preview_at_once_without_a_traceback(engine: Engine, tmp_path: Path) -> None:
    project = engine.project(
        tmp_path / "violates",
        "import time\nimport pulumi\npulumi.Stash('one', input='bad')\ntime.sleep(1)\npulumi.Stash('two', input='x')\n",
    )
    pack = tmp_path / "pack"
    pack.mkdir()
    (pack / "PulumiPolicy.yaml").write_text("runtime: python\nversion: 0.0.1\nname: little\ndescription: one rule\n")
    (pack / "__main__.py").write_text(
        textwrap.dedent(
            """
            from pulumi_policy import EnforcementLevel, PolicyPack, ResourceValidationPolicy

            def judge(args, report):
                if args.props.get("input") == "bad":
                    report("bad is not allowed")

            PolicyPack("little", [ResourceValidationPolicy("no-bad", "says no", judge)], EnforcementLevel.MANDATORY)
            """
        )
    )
    started = time.monotonic()
    finished = engine.preview(project, "dev", "--policy-pack", str(pack))
    assert finished.code != 0
    assert time.monotonic() - started < 8
    assert [found["policyName"] for found in finished.outcome.violations] == ["no-bad"]
    assert "no-bad" in finished.outcome.rules
    assert "Traceback" not in finished.output
    assert gone(engine.home, 1) == []
