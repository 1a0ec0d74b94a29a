"""Previewing a stack with the pack, by whichever engine is on PATH: what would change, stand, and where it is written.

Nothing is left behind: what the engine writes goes to a folder of this process's own, which is gone with it.
"""

import contextlib
import itertools
import json
import os
import re
import signal
import subprocess
import tempfile
import urllib.parse
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from typing import Any, cast

import yaml

from policies import events
from policies import kept as verdicts
from policies.events import PACK_FOLDER, Violation
from policies.judge import Finding
from policies.registry import Rule
from policies.servicer import PICTURE
from policies.settings import RuleSettings
from policies.waivers import ENVIRONMENT
from resilience.adapters import picture
from resilience.graph import Resource, home_of

TOLD_SECONDS = 5.0
"""Between two lines of progress."""
PATIENCE_SECONDS = 6.0
"""How long the engine may take to stop after an interrupt before it is killed. GitHub gives a cancelled step 7.5
seconds after its interrupt, and 2.5 after another: docs.github.com, workflow cancellation (read 2026-11)."""
SHOWN_LINES = 60
"""Most lines of a reason that are passed on; an engine's last words are the ones that count."""

Progress = Callable[[str], None]


@dataclass(frozen=True, slots=True, order=True)
class Place:
    """A line of the program."""

    file: str
    """Relative to the folder with Pulumi.yaml, with slashes."""
    line: int


@dataclass(frozen=True, slots=True)
class Preview:
    """What one stack's preview has shown."""

    stack: str
    """Its name, as it was asked for."""
    failure: str = ""
    """Why the stack could not be judged; empty if it could."""
    resources: tuple[Resource, ...] = ()
    """The planned stack; empty if it could not be judged."""
    findings: tuple[Finding, ...] = ()
    """What rules over one stack say of it, waived by nobody yet."""
    changes: Mapping[str, int] = field(default_factory=dict[str, int])
    """Resources by what would happen to them."""
    violations: tuple[Violation, ...] = ()
    """What the engine passed on of this pack and others."""
    places: Mapping[str, tuple[Place, ...]] = field(default_factory=dict[str, tuple[Place, ...]])
    """By URN: the program's line that makes a resource, then the component's in between, if there is one."""

    @property
    def home(self) -> tuple[str, str]:
        """Stack and project as the engine calls them; the project is empty if nothing is told of the stack.

        What a person types may have an organization and a project before the name: ``org/project/dev``.
        """
        name = self.stack.rpartition("/")[2]
        told = (home_of(each.urn) for each in itertools.chain(self.resources, self.findings, self.violations))
        return next((home for home in told if home[0] == name), (name, ""))


class EngineMissing(Exception):
    """There is nothing to preview with; the message says what to do."""


def preview(
    stack: str,
    project: Path,
    progress: Progress,
    rules: Iterable[Rule],
    settings: Mapping[str, RuleSettings],
    config: Path | None = None,
) -> Preview:
    """Preview a stack with the pack, which keeps what it sees.

    Args:
        stack: Its name, as ``pulumi -s`` takes it.
        project: Folder with Pulumi.yaml.
        progress: Takes one line of news at a time.
        rules: All of the pack's.
        settings: Of every rule.
        config: The policy configuration that these are of; None for the pack's own.

    Raises:
        EngineMissing: If there is no ``pulumi`` on PATH.
        KeyboardInterrupt: After the engine has stopped.
    """
    with tempfile.TemporaryDirectory(prefix="tandem-preview-") as name:
        folder = Path(name)
        log, kept, digest, said = (folder / each for each in ("events", "picture", "digest", "stderr"))
        code = _run(stack, project, folder, progress, config)
        told = events.read(_lines(log))
        places = places_in(digest.read_text(errors="replace"), _main_folder(project))
        resources: list[Resource] = []
        found: list[Finding] = []
        failure = ""
        try:
            if code == 0:
                resources = picture.read(kept)
                found = verdicts.read(verdicts.findings_of(kept), rules, settings)
        except ValueError as error:
            failure = f"the pack has kept no picture of the stack: {error.args[0].partition(': ')[2]}"
            resources = []
        if code:
            failure = _reason(code, told, said.read_text(errors="replace"))
        return Preview(stack, failure, tuple(resources), tuple(found), told.changes, told.violations, places)


def _run(stack: str, project: Path, folder: Path, progress: Progress, config: Path | None) -> int:
    """Run the engine to its end, telling how far it is; an interrupt reaches it exactly once."""
    # The log of events comes while the engine works; the digest, at the end, says where each resource is written.
    command = ["pulumi", "preview", "--stack", stack, "--policy-pack", str(PACK_FOLDER), "--non-interactive"]
    command += ["--json", "--show-sames", "--event-log", str(folder / "events")]
    if config is not None:
        command += ["--policy-pack-config", str(config.resolve())]
    # The flag that writes events is one of the engine's own debugging flags.
    environment = {**os.environ, PICTURE: str(folder / "picture"), "PULUMI_DEBUG_COMMANDS": "true"}
    if named := environment.get(ENVIRONMENT):
        # The engine runs the pack in the program's folder.
        environment[ENVIRONMENT] = str(Path(named).resolve())
    # Else it would stream the events in place of the digest.
    environment.pop("PULUMI_ENABLE_STREAMING_JSON_PREVIEW", None)
    progress(f"{stack}: previewing")
    with (folder / "digest").open("wb") as output, (folder / "stderr").open("wb") as errors:
        try:
            process = subprocess.Popen(
                command,
                cwd=project,
                env=environment,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=errors,
                # The terminal would send it a second interrupt, which makes it stop without tidying up.
                process_group=0,
            )
        except FileNotFoundError as error:
            raise EngineMissing(
                "there is no `pulumi` on PATH; install it, or enter the sandbox first: "
                'eval "$(.venv/bin/python -m sandbox env)"'
            ) from error
        try:
            while True:
                try:
                    return process.wait(TOLD_SECONDS)
                except subprocess.TimeoutExpired:
                    count = sum('"resourcePreEvent"' in line for line in _lines(folder / "events"))
                    if count:
                        progress(f"{stack}: {count} resources planned")
        finally:
            _end(process)


def _end(process: subprocess.Popen[bytes]) -> None:
    """Let a running engine stop, and make it stop if it does not."""
    if process.poll() is not None:
        return
    os.killpg(process.pid, signal.SIGINT)
    try:
        process.wait(PATIENCE_SECONDS)
    except (subprocess.TimeoutExpired, KeyboardInterrupt):
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def _lines(file: Path) -> list[str]:
    return file.read_text(errors="replace").splitlines() if file.exists() else []


def _reason(code: int, told: events.Events, said: str) -> str:
    """Why a preview failed, by the first of those who know."""
    forbidden = [f"{each.policy} of {each.pack}: {each.message}" for each in told.violations if each.stops]
    lines = "\n".join(told.errors or forbidden).splitlines() or said.strip().splitlines()
    if not lines:
        lines = [f"`pulumi preview` ended with exit code {code} and said nothing"]
    left = len(lines) - SHOWN_LINES
    return "\n".join([*([f"({left} lines are left out here)"] if left > 0 else []), *lines[-SHOWN_LINES:]])


def places_in(digest: str, main: PurePosixPath) -> dict[str, tuple[Place, ...]]:
    """Where the program makes each resource, by URN.

    Args:
        digest: What ``pulumi preview --json`` prints. It is empty if the engine was killed.
        main: Folder of the program, relative to the project's.
    """
    try:
        document: Any = json.loads(digest)
    except ValueError:
        return {}
    steps = cast("dict[str, Any]", document).get("steps") if isinstance(document, dict) else None
    found: dict[str, tuple[Place, ...]] = {}
    for step in cast("list[dict[str, Any]]", steps or []):
        state: dict[str, Any] = step.get("newState") or {}
        trace: list[dict[str, Any]] = state.get("stackTrace") or []
        # The innermost first. What an SDK makes on its own, or the engine, has none.
        frames: list[str | None] = [state.get("sourcePosition"), *(each.get("sourcePosition") for each in trace)]
        own = [place for frame in frames if (place := _place(frame)) is not None]
        called = [place for place in own if PurePosixPath(place.file).is_relative_to(main)]
        if called:
            found[step["urn"]] = tuple(dict.fromkeys([called[0], own[0]]))
    return found


def _place(position: str | None) -> Place | None:
    """A place in the project; None for one outside, or in a library."""
    match = re.fullmatch(r"project:///(.+)#(\d+)(,\d+)?", position or "")
    if match is None:
        return None
    file = PurePosixPath(urllib.parse.unquote(match[1]))
    return None if {"..", "site-packages"} & set(file.parts) else Place(str(file), int(match[2]))


def _main_folder(project: Path) -> PurePosixPath:
    """Folder of the program, relative to the project's."""
    try:
        told: Any = yaml.safe_load((project / "Pulumi.yaml").read_text())
    except (OSError, yaml.YAMLError):
        # The engine has said so, better.
        return PurePosixPath()
    main = PurePosixPath(str(cast("dict[str, Any]", told).get("main") or "") if isinstance(told, dict) else "")
    return main.parent if main.suffix else main
