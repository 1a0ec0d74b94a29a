"""What the commands say and decide, without an engine."""

import json
import os
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from sandbox import environment, home, lifecycle, paths
from sandbox.__main__ import main
from sandbox.cloud.world import Resource, World
from sandbox.engine import run


@pytest.fixture(autouse=True)
def _private_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TANDEM_SANDBOX_HOME", str(tmp_path / "sandbox"))


def command(monkeypatch: pytest.MonkeyPatch, *arguments: str) -> int:
    monkeypatch.setattr(sys, "argv", ["sandbox", *arguments])
    return main()


def darkened() -> frozenset[str]:
    world = World(paths.cloud())
    try:
        return world.darkened()
    finally:
        world.close()


def test_a_region_or_zone_goes_dark_and_light_again(monkeypatch: pytest.MonkeyPatch) -> None:
    assert command(monkeypatch, "dark", "us-east-1") == 0
    assert command(monkeypatch, "dark", "us-west-2b") == 0
    assert darkened() == {"us-east-1", "us-west-2b"}
    assert command(monkeypatch, "light", "us-east-1") == 0
    assert darkened() == {"us-west-2b"}
    assert command(monkeypatch, "light", "--all") == 0
    assert darkened() == frozenset()


def test_a_misspelt_region_is_answered_with_the_nearest_and_changes_nothing(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert command(monkeypatch, "dark", "us-esat-1") == 1
    assert "Did you mean us-east-1" in capsys.readouterr().err
    assert darkened() == frozenset()


def test_a_failing_env_makes_the_shell_notice(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    assert command(monkeypatch, "env") == 1
    said = capsys.readouterr()
    assert said.out == "false\n"
    assert "go.dev" in said.err


@pytest.mark.parametrize("value", ["plain", "with space", "it's", 'quo"te', "dollar$HOME", "back\\slash"])
def test_exports_survive_the_shell(value: str) -> None:
    script = environment.exports({"CHECKED": value}, "bash") + 'printf %s "$CHECKED"'
    said = subprocess.run(["sh", "-c", script], capture_output=True, text=True, check=True)
    assert said.stdout == value


def test_exports_take_away_what_leads_to_a_real_account(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_PROFILE", "production")
    script = environment.exports({}, "bash") + 'printf %s "${AWS_PROFILE-none}"'
    assert subprocess.run(["sh", "-c", script], capture_output=True, text=True, check=True).stdout == "none"
    assert "AWS_PROFILE" not in environment.applied({})


def test_each_sdk_gets_one_provider_of_its_version_and_old_ones_go() -> None:
    home.install_providers({"aws": "7.0.0", "random": "4.0.0"})
    home.install_providers({"aws": "7.1.0"})
    plugins = paths.pulumi_home() / "plugins"
    assert [folder.name for folder in plugins.iterdir()] == ["resource-aws-v7.1.0"]
    launcher = plugins / "resource-aws-v7.1.0" / "pulumi-resource-aws"
    assert os.access(launcher, os.X_OK)
    assert sys.executable in launcher.read_text()


def test_a_provider_of_another_python_is_replaced(monkeypatch: pytest.MonkeyPatch) -> None:
    home.install_providers({"aws": "7.1.0"})
    monkeypatch.setattr(sys, "executable", "/elsewhere/python")
    home.install_providers({"aws": "7.1.0"})
    launcher = paths.pulumi_home() / "plugins" / "resource-aws-v7.1.0" / "pulumi-resource-aws"
    assert "/elsewhere/python" in launcher.read_text()


def lock(pid: int, host: str) -> Path:
    path = paths.state() / ".pulumi" / "locks" / "organization" / "tandem" / "primary" / f"{pid}.json"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps({"pid": pid, "hostname": host, "username": "me"}))
    return path


def test_only_locks_of_dead_processes_of_this_machine_are_stale() -> None:
    with subprocess.Popen(["true"]) as ended:
        ended.wait()
    stale = lock(ended.pid, socket.gethostname())
    lock(ended.pid + 1_000_000, "elsewhere")
    assert list(run.stale_locks("primary")) == [stale]
    assert list(run.stale_locks("secondary")) == []


def test_half_a_line_at_the_end_of_the_events_is_left_out(tmp_path: Path) -> None:
    log = tmp_path / "log"
    log.write_text('{"summaryEvent": {"resourceChanges": {"create": 2, "same": 3}}}\n{"policyEv')
    outcome = run.Outcome(0, list(run.read_events(log)))
    assert outcome.changes == {"create": 2, "same": 3}
    assert outcome.changed == 2


def test_deletion_protection_is_lifted_only_from_what_the_stack_holds() -> None:
    world = World(paths.cloud())
    try:
        for urn in ("urn:ours", "urn:theirs"):
            world.create(
                Resource(
                    provider="aws",
                    type="aws:rds/cluster:Cluster",
                    id=urn,
                    urn=urn,
                    account="000000000000",
                    region="us-east-1",
                    name=urn,
                    inputs={"deletionProtection": True},
                )
            )
        assert lifecycle.lift_deletion_protection({"urn:ours"}) == 1
        on = {resource.urn: resource.inputs["deletionProtection"] for resource in world.everything()}
    finally:
        world.close()
    assert on == {"urn:ours": False, "urn:theirs": True}


@pytest.mark.parametrize(
    ("command", "so_far"), [("preview", "Nothing was changed"), ("up", "What was made is recorded")]
)
def test_an_interrupted_step_says_what_is_left_and_how_to_go_on(
    monkeypatch: pytest.MonkeyPatch, command: str, so_far: str
) -> None:
    monkeypatch.setattr(run, "pulumi", lambda *_, **__: run.Outcome(run.INTERRUPTED))
    with pytest.raises(lifecycle.StepFailed, match=f"{so_far}: run `make up` to go on") as stopped:
        lifecycle.step([command], Path(), {}, "primary")
    assert stopped.value.code == 130


def test_a_killed_engine_is_called_that(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(run, "pulumi", lambda *_, **__: run.Outcome(run.KILLED))
    with pytest.raises(lifecycle.StepFailed, match=r"The engine was killed \(signal 9\) during `up` of primary"):
        lifecycle.step(["up"], Path(), {}, "primary")
