"""Programs that Go modules have, for tests: from PATH, else cached, else built."""

import fcntl
import os
import re
import shutil
import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Tool:
    """A program that a Go module has.

    Attributes:
        name: of the program.
        package: that it is built from.
        version: of the module, built when there is none.
        on_path: what the version of one on PATH must look like.
        tags: that the build is made with.
        asked: arguments that make it say its version.
    """

    name: str
    package: str
    version: str
    on_path: str
    tags: str = ""
    asked: tuple[str, ...] = ("--version",)


def find_or_build(tool: Tool) -> Path | None:
    """The program to use; None where there is neither it nor Go to build it with.

    Raises:
        RuntimeError: With Go's own words, if it cannot be built.
    """
    found = shutil.which(tool.name)
    if found is not None and re.search(tool.on_path, _said([found, *tool.asked])):
        return Path(found)
    cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "tandem" / tool.name / tool.version
    binary = cache / tool.name
    if binary.exists():
        return binary
    go = shutil.which("go")
    if go is None:
        return None
    cache.mkdir(parents=True, exist_ok=True)
    with (cache / "lock").open("w") as lock, tempfile.TemporaryDirectory(dir=cache) as scratch:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not binary.exists():
            # In a module of its own: `go install` refuses one that replaces its dependencies, as Prometheus' does.
            (Path(scratch) / "go.mod").write_text(f"module tandem/{tool.name}\n")
            _go(tool, scratch, [go, "get", f"{tool.package}@{tool.version}"])
            built = Path(scratch) / tool.name
            _go(tool, scratch, [go, "build", "-tags", tool.tags, "-ldflags", "-s -w", "-o", str(built), tool.package])
            # Under its name only when it is whole: an interrupted build leaves none.
            built.replace(binary)
    return binary


def _go(tool: Tool, folder: str, command: list[str]) -> None:
    result = subprocess.run(
        command,
        cwd=folder,
        env={**os.environ, "GOFLAGS": "-mod=mod", "GOWORK": "off"},
        check=False,
        capture_output=True,
        text=True,
    )
    if result.returncode != 0:
        raise RuntimeError(f"{tool.name} {tool.version} could not be built:\n{result.stderr}")


def _said(command: list[str]) -> str:
    result = subprocess.run(command, check=False, capture_output=True, text=True)
    return result.stdout + result.stderr
