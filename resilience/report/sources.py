"""Where a report's graph comes from: files, stacks as they stand, as they are planned, or as a revision plans them."""

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, cast

from resilience.adapters import picture
from resilience.adapters.state import read_export
from resilience.graph import Graph, Resource

ROOT = Path(__file__).resolve().parents[2]
PACK = ROOT / "policies"
"""The engine hands whole plans to policy packs alone, so this one keeps them. It is run as a command."""
JUDGED = (0, 1)
"""Exit codes of the pack's command that mean it has seen all; 1: it found something, which is not asked here."""

SAID = 4_000
"""Last characters of what a command has said that are passed on."""

Progress = Callable[[str], None]


class SourceError(Exception):
    """A source cannot be read; the message says why, and what to do."""


def read(sources: Sequence[str], project: Path, progress: Progress, *, planned: bool = False) -> Graph:
    """One graph of files and stacks.

    Args:
        sources: Files, which are state exports or kept pictures, and names of stacks.
        project: Folder with Pulumi.yaml, for names of stacks.
        progress: Takes one line of news at a time.
        planned: Preview the named stacks; default: take what stands.

    Raises:
        SourceError: If one of them cannot be read: one line a mistake.
    """
    files = [Path(each) for each in sources if is_file(each)]
    stacks = [each for each in dict.fromkeys(sources) if not is_file(each)]
    resources: list[Resource] = []
    mistakes: list[str] = []
    for file in files:
        try:
            resources += read_file(file)
        except ValueError as error:
            mistakes.append(str(error))
    if mistakes:
        raise SourceError("\n".join(mistakes))
    if stacks:
        resources += _previewed(stacks, project, {}, progress) if planned else _exported(stacks, project, progress)
    return Graph(resources)


def at_revision(revision: str, stacks: Sequence[str], project: Path, progress: Progress) -> Graph:
    """Stacks as the program of a git revision plans them, against what stands now.

    Args:
        revision: Anything that names a commit.
        stacks: Names of stacks.
        project: Folder with Pulumi.yaml, in the work tree of its repository.
        progress: Takes one line of news at a time.

    Raises:
        SourceError: If there is no such revision, or it cannot be previewed.
    """
    commit = _git(project, "rev-parse", "--verify", "--quiet", "--end-of-options", f"{revision}^{{commit}}")
    inside = _git(project, "rev-parse", "--show-prefix")
    if commit is None or inside is None:
        raise SourceError(
            f"{revision}: names no commit of the repository of {project}; `git fetch` it, or see `git log`"
        )
    with tempfile.TemporaryDirectory(prefix="tandem-revision-") as name:
        tree = Path(name) / "tree"
        if _git(project, "worktree", "add", "--detach", "--quiet", str(tree), commit) is None:
            raise SourceError(
                f"{revision}: git could not check it out into {tree}; `git worktree prune`, and try again"
            )
        try:
            there = tree / inside
            # What is installed is no part of a revision; its own modules come before it.
            if (project / ".venv").exists() and not (there / ".venv").exists():
                (there / ".venv").symlink_to((project / ".venv").resolve())
            progress(f"{revision}: checked out as {commit[:12]}")
            return Graph(_previewed(stacks, there, {"PYTHONPATH": str(there)}, progress))
        finally:
            _git(project, "worktree", "remove", "--force", str(tree))


def is_file(source: str) -> bool:
    """Whether a source is a file, and no name of a stack."""
    return Path(source).is_file() or source.endswith(".json") or source.startswith((".", "/"))


def read_file(file: Path) -> list[Resource]:
    """Resources of a state export or of a kept picture, whichever it is.

    Raises:
        ValueError: If it is neither, or cannot be read.
    """
    try:
        document: Any = json.loads(file.read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError):
        # Those that read it say better what is wrong.
        document = None
    kept = isinstance(document, dict) and "picture" in cast("dict[str, Any]", document)
    return picture.read(file) if kept else read_export(file)


def _exported(stacks: Sequence[str], project: Path, progress: Progress) -> list[Resource]:
    found: list[Resource] = []
    with tempfile.TemporaryDirectory(prefix="tandem-state-") as name:
        for number, stack in enumerate(stacks):
            progress(f"{stack}: exporting what stands")
            file = Path(name) / f"{number}.json"
            file.touch(mode=0o600)
            _run(["pulumi", "stack", "export", "--stack", stack, "--file", str(file)], project, {}, stack)
            try:
                standing = read_export(file)
            except ValueError as error:
                raise SourceError(f"{stack}: {error}") from error
            if not standing:
                raise SourceError(f"{stack}: nothing stands; bring it up (in the sandbox: `make up`), or use --planned")
            found += standing
    return found


def _previewed(stacks: Sequence[str], project: Path, variables: dict[str, str], progress: Progress) -> list[Resource]:
    with tempfile.TemporaryDirectory(prefix="tandem-pictures-") as name:
        folder = Path(name)
        command = [sys.executable, str(PACK), "pull-request", *stacks, "--pictures", str(folder), "--out", str(folder)]
        progress(f"{', '.join(stacks)}: previewing")
        said = _run(command, project, variables, ", ".join(stacks), allowed=JUDGED)
        # What breaks before it has seen anything ends with 1 as well.
        if gone := [stack for stack in stacks if not (folder / picture.name_for(stack)).exists()]:
            raise SourceError(f"{', '.join(gone)}: was not planned\n{said}")
        try:
            return [resource for stack in stacks for resource in picture.read(folder / picture.name_for(stack))]
        except ValueError as error:
            raise SourceError(str(error)) from error


def _run(
    command: list[str], project: Path, variables: dict[str, str], what: str, *, allowed: Sequence[int] = (0,)
) -> str:
    """What a command has said, its last words at least."""
    if not (project / "Pulumi.yaml").exists():
        raise SourceError(
            f"{what}: {project} has no Pulumi.yaml; run this in the folder of the project, or name a file of "
            "`pulumi stack export --file`"
        )
    try:
        done = subprocess.run(
            command,
            cwd=project,
            env={**os.environ, **variables},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
        )
    except FileNotFoundError as error:
        raise SourceError(
            f"{what}: there is no `{error.filename}` on PATH; install it, or enter the sandbox first: "
            'eval "$(.venv/bin/python -m sandbox env)"'
        ) from error
    said = "\n".join(each for each in (done.stdout.strip(), done.stderr.strip()) if each)[-SAID:]
    if done.returncode not in allowed:
        raise SourceError(f"{what}: `{command[0]}` ended with exit code {done.returncode}\n{said}")
    return said


def _git(project: Path, *arguments: str) -> str | None:
    """What git answers; None: it refuses."""
    try:
        done = subprocess.run(
            ["git", "-C", str(project), *arguments],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
        )
    except FileNotFoundError as error:
        raise SourceError("there is no `git` on PATH; install it, or name files to compare with") from error
    return done.stdout.strip() if done.returncode == 0 else None
