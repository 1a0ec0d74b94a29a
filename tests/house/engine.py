"""The real engine in a sandbox of its own, for tests."""

import json
import os
import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sandbox import environment
from sandbox.engine.run import Outcome, read_events

TIMEOUT_SECONDS = 1200
"""For one command: some forty times what it takes alone, because machines are shared."""


@dataclass(frozen=True)
class Finished:
    """A command that ended."""

    code: int
    output: str
    """What it wrote to stdout and stderr, in the order it was written."""
    outcome: Outcome

    def ok(self) -> "Finished":
        """Insist on success, showing what the engine said otherwise."""
        assert self.code == 0, self.output
        return self


@dataclass(frozen=True)
class Engine:
    """Runs plain `pulumi` commands on program folders, with a backend, providers and a cloud of this test session."""

    home: Path
    variables: dict[str, str]

    @property
    def environment(self) -> dict[str, str]:
        """The whole environment of a command."""
        return {**environment.applied(self.variables), "PULUMI_DEBUG_COMMANDS": "true", "NO_COLOR": "1"}

    def run(self, project: Path, *arguments: str) -> Finished:
        """Run one command to its end."""
        with tempfile.TemporaryDirectory() as folder:
            log = Path(folder, "events")
            logged = ("--event-log", str(log)) if arguments[0] in ("preview", "up", "destroy", "refresh") else ()
            done = subprocess.run(
                ["pulumi", *arguments, "--non-interactive", *logged],
                cwd=project,
                env=self.environment,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                text=True,
                timeout=TIMEOUT_SECONDS,
                check=False,
            )
            return Finished(done.returncode, done.stdout, Outcome(done.returncode, list(read_events(log))))

    def start(self, project: Path, *arguments: str) -> subprocess.Popen[str]:
        """Start a command in a process group of its own and return it running; its output is one pipe."""
        return subprocess.Popen(
            ["pulumi", *arguments, "--non-interactive"],
            cwd=project,
            env=self.environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            process_group=0,
        )

    def preview(self, project: Path, stack: str, *more: str) -> Finished:
        """Preview a stack."""
        return self.run(project, "preview", "-s", stack, *more)

    def up(self, project: Path, stack: str, *more: str) -> Finished:
        """Bring a stack up."""
        return self.run(project, "up", "-s", stack, "--yes", "--skip-preview", *more)

    def destroy(self, project: Path, stack: str, *more: str) -> Finished:
        """Destroy a stack's resources."""
        return self.run(project, "destroy", "-s", stack, "--yes", "--skip-preview", *more)

    def export(self, project: Path, stack: str) -> dict[str, Any]:
        """Return a stack's deployment."""
        return json.loads(self.run(project, "stack", "export", "-s", stack).ok().output)["deployment"]

    def project(
        self, folder: Path, program: str, *, name: str | None = None, stack: str = "dev", runtime: str = "python"
    ) -> Path:
        """Write a project with one program and make its stack."""
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "Pulumi.yaml").write_text(f"name: {name or folder.name}\nruntime: {runtime}\n")
        (folder / "__main__.py").write_text(program)
        self.run(folder, "stack", "init", stack).ok()
        return folder


def processes_of(home: Path) -> list[str]:
    """Return the command lines of living processes that belong to a sandbox, the local AWS left out."""
    mine = f"TANDEM_SANDBOX_HOME={home}".encode()
    found: list[str] = []
    for process in Path("/proc").glob("[0-9]*"):
        try:
            environ = (process / "environ").read_bytes().split(b"\0")
            command = (process / "cmdline").read_bytes().replace(b"\0", b" ").decode()
        except (FileNotFoundError, ProcessLookupError, PermissionError):
            continue
        if mine in environ and int(process.name) != os.getpid() and command and "local_aws" not in command:
            found.append(command)
    return found
