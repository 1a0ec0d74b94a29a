"""Finding, caching and building the engine, with a `go` that only pretends to."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from sandbox import engine

GO = """#!{python}
import os, pathlib, sys, time
calls = pathlib.Path({calls!r})
if sys.argv[1] == "version":
    print("go version go1.99 linux/amd64")
    sys.exit(0)
calls.open("a").write(str(os.getpid()) + "\\n")
target = pathlib.Path(sys.argv[sys.argv.index("-o") + 1])
target.write_text("half")
print("internal/goarch", file=sys.stderr, flush=True)
time.sleep({seconds})
if {fails!r}:
    print("no space left on device", file=sys.stderr)
    sys.exit(1)
target.write_text("#!/bin/sh\\necho v3.257.0\\n")
target.chmod(0o755)
"""


class Machine:
    """A PATH with nothing on it but what a test puts there, and an empty cache."""

    def __init__(self, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        self.bin = folder / "bin"
        self.bin.mkdir()
        self.calls = folder / "calls"
        self.cached = folder / "cache" / "tandem" / "engine" / f"v{engine.VERSION}"
        monkeypatch.setenv("PATH", str(self.bin))
        monkeypatch.setenv("XDG_CACHE_HOME", str(folder / "cache"))

    def has_go(self, *, seconds: float = 0, fails: bool = False) -> None:
        self.put("go", GO.format(python=sys.executable, calls=str(self.calls), seconds=seconds, fails=fails))

    def has_pulumi(self, version: str) -> Path:
        return self.put("pulumi", f"#!/bin/sh\necho {version}\n")

    def put(self, name: str, text: str) -> Path:
        path = self.bin / name
        path.write_text(text)
        path.chmod(0o755)
        return path

    def builds(self) -> int:
        return len(self.calls.read_text().splitlines()) if self.calls.exists() else 0

    def ensuring(self) -> subprocess.Popen[str]:
        program = "from sandbox import engine; print(engine.ensure(lambda line: None))"
        return subprocess.Popen(
            [sys.executable, "-c", program],
            stdout=subprocess.PIPE,
            text=True,
            # A shell's background jobs, and whatever they start, ignore SIGINT; a person's terminal does not.
            preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
        )


@pytest.fixture
def machine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Machine:
    monkeypatch.setenv("PYTHONPATH", str(Path(__file__).parents[2]))
    return Machine(tmp_path, monkeypatch)


def ignore(line: str) -> None:
    del line


@pytest.mark.parametrize("version", ["v3.257.0", "v3.257.4", "v3.300.1"])
def test_a_cli_of_the_pinned_minor_line_or_later_is_used(machine: Machine, version: str) -> None:
    cli = machine.has_pulumi(version)
    assert engine.ensure(ignore) == cli


@pytest.mark.parametrize("version", ["v3.256.9", "v4.0.0", "v2.300.0", "nonsense"])
def test_any_other_cli_is_passed_over_for_a_built_one(machine: Machine, version: str) -> None:
    machine.has_pulumi(version)
    machine.has_go()
    assert engine.ensure(ignore) == machine.cached / "pulumi"


def test_a_sandboxs_own_cli_on_path_is_not_taken_for_the_users(machine: Machine) -> None:
    machine.has_pulumi("v3.257.0")
    (machine.bin / engine.OURS).touch()
    machine.has_go()
    assert engine.ensure(ignore) == machine.cached / "pulumi"


def test_a_second_clone_reuses_what_the_first_built(machine: Machine) -> None:
    machine.has_go()
    assert engine.ensure(ignore) == engine.ensure(ignore)
    assert machine.builds() == 1


def test_without_go_and_without_cli_both_remedies_are_named(machine: Machine) -> None:
    with pytest.raises(engine.EngineError, match=r"(?s)no Pulumi CLI on PATH.*install the Pulumi CLI .* or Go 1\.25"):
        engine.ensure(ignore)
    machine.has_pulumi("v3.100.0")
    with pytest.raises(engine.EngineError, match=r"(?s)is older than 3\.257\.0.*Go 1\.25"):
        engine.ensure(ignore)


def test_a_go_that_cannot_be_used_is_quoted(machine: Machine) -> None:
    machine.put("go", "#!/bin/sh\necho 'go.mod requires go >= 1.25.11 (running go 1.20)' >&2\nexit 1\n")
    with pytest.raises(engine.EngineError, match=r"(?s)requires go >= 1\.25\.11.*Either install the Pulumi CLI"):
        engine.ensure(ignore)


def test_a_failed_build_says_what_go_said_and_leaves_nothing(machine: Machine) -> None:
    machine.has_go(fails=True)
    with pytest.raises(engine.EngineError, match="no space left on device"):
        engine.ensure(ignore)
    assert [path.name for path in machine.cached.iterdir()] == ["lock"]


def test_two_clones_building_at_once_share_one_build(machine: Machine) -> None:
    machine.has_go(seconds=1)
    with machine.ensuring() as one, machine.ensuring() as two:
        answers = [one.communicate(timeout=30)[0], two.communicate(timeout=30)[0]]
    assert answers == [f"{machine.cached / 'pulumi'}\n"] * 2
    assert machine.builds() == 1


@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGKILL])
def test_an_interrupted_build_leaves_no_engine_and_the_next_one_cleans_up(
    machine: Machine, how: signal.Signals
) -> None:
    machine.has_go(seconds=30)
    with machine.ensuring() as building:
        deadline = time.monotonic() + 10
        while not list(machine.cached.glob("building-*")) and time.monotonic() < deadline:
            time.sleep(0.02)
        os.kill(building.pid, how)
        building.communicate(timeout=20)
    assert not (machine.cached / "pulumi").exists()
    if how is signal.SIGKILL:  # its `go` is still there: the kernel ends no children
        os.kill(int(machine.calls.read_text()), signal.SIGKILL)
    machine.has_go()
    assert engine.ensure(ignore) == machine.cached / "pulumi"
    assert list(machine.cached.glob("building-*")) == []


def test_a_silent_build_still_shows_that_time_passes(machine: Machine, monkeypatch: pytest.MonkeyPatch) -> None:
    machine.has_go(seconds=2.5)
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True, raising=False)
    said: list[str] = []
    engine.ensure(said.append)
    assert any("1 packages of about" in line for line in said)


def test_the_pinned_engine_is_the_sdks_version() -> None:
    requirements = (engine.MODULE / "go.mod").read_text()
    assert f"github.com/pulumi/pulumi/pkg/v3 v{engine.VERSION}" in requirements
    from importlib.metadata import version

    assert version("pulumi") == engine.VERSION
