"""Which Python runs a program, and how its requirements are installed: the `runtime` options of Pulumi.yaml."""

import os
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any


class OptionError(ValueError):
    """An option of the `runtime` section that cannot be followed; the message says what to write instead."""


@dataclass(frozen=True)
class Toolchain:
    """A program's `runtime.options`, resolved against the folder they stand in."""

    root: Path
    """The folder with Pulumi.yaml, PulumiPolicy.yaml or PulumiPlugin.yaml."""
    program: Path
    """The folder of the program."""
    tool: str
    """pip, uv or poetry."""
    virtualenv: Path | None
    """The virtual environment, if the options name one or the tool has a usual place."""

    def python(self) -> str:
        """Return the program's interpreter: that of its virtual environment, else the one this host runs in."""
        if self.tool == "poetry" and self.virtualenv is None:
            answer = subprocess.run(
                ["poetry", "env", "info", "--executable"], cwd=self.root, capture_output=True, text=True, check=False
            )
            if answer.returncode:
                raise OptionError(f"poetry has no environment for {self.root}: run `poetry install` there")
            return answer.stdout.strip()
        if self.virtualenv is None:
            return sys.executable
        python = interpreter(self.virtualenv)
        if not python.exists():
            raise OptionError(
                f"runtime option `virtualenv` points at {self.virtualenv}, where there is no Python. "
                f"Create it with `pulumi install`, or `python3 -m venv {self.virtualenv}` and pip, "
                "or correct the option"
            )
        return str(python)

    def install_commands(self) -> list[list[str]]:
        """Return the commands that install the program's requirements, in order; run in `root`."""
        if self.tool == "uv":
            return [["uv", "sync"]]
        if self.tool == "poetry":
            return [["poetry", "install", "--no-ansi"]]
        commands: list[list[str]] = []
        python = sys.executable
        if self.virtualenv is not None:
            if not interpreter(self.virtualenv).exists():
                commands.append([sys.executable, "-m", "venv", str(self.virtualenv)])
            python = str(interpreter(self.virtualenv))
        for folder in (self.program, self.root):
            if (folder / "requirements.txt").exists():
                commands.append([python, "-m", "pip", "install", "-r", str(folder / "requirements.txt")])
                break
            if (folder / "pyproject.toml").exists():
                commands.append([python, "-m", "pip", "install", "-e", str(folder)])
                break
        return commands


def interpreter(virtualenv: Path) -> Path:
    """Return where a virtual environment keeps its Python."""
    if os.name == "nt":
        return virtualenv / "Scripts" / "python.exe"
    return virtualenv / "bin" / "python"


def toolchain(root: str, program: str, options: Mapping[str, Any]) -> Toolchain:
    """Read the `runtime.options` of a project; raises OptionError for a toolchain that does not exist."""
    tool = str(options.get("toolchain") or "pip").lower()
    if tool not in ("pip", "uv", "poetry"):
        raise OptionError(f"runtime option `toolchain` is {tool!r}; it can be pip, uv or poetry")
    named = options.get("virtualenv")
    virtualenv = Path(root, str(named)) if named else None
    if virtualenv is None and tool == "uv":
        virtualenv = Path(root, os.environ.get("UV_PROJECT_ENVIRONMENT") or ".venv")
    return Toolchain(Path(root), Path(program), tool, virtualenv)
