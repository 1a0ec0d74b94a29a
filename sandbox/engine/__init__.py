"""The Pulumi CLI: the one on PATH, else the cached one, else built here from Pulumi's own Go modules."""

import contextlib
import fcntl
import os
import re
import shutil
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Generator
from pathlib import Path
from typing import TextIO

from sandbox import paths

VERSION = "3.257.0"
"""What `go.mod` beside this file pins and the Python SDK is pinned to."""

MODULE = Path(__file__).parent
# Counted on linux/amd64 with Go 1.26; progress only, other platforms differ by a few.
PACKAGES = 1650
WAITING_SECONDS = 15
OURS = ".tandem"
"""Marks a folder on PATH as a sandbox's own."""
_SEMVER = re.compile(r"v?(\d+)\.(\d+)\.(\d+)")

Progress = Callable[[str], None]


class EngineError(Exception):
    """No engine can be had; the message says what to do."""


def ensure(progress: Progress) -> Path:
    """Return a Pulumi CLI new enough for the SDK, building one if there is none.

    Args:
        progress: Takes one line of news at a time; called only when something takes time.

    Raises:
        EngineError: Neither a CLI nor a Go able to build one is here, or the build failed.
    """
    found = on_path()
    if found is not None and new_enough(version_of(found)):
        return found
    cached = paths.cache() / "engine" / f"v{VERSION}" / "pulumi"
    if cached.exists():
        return cached
    go = usable_go(found)
    cached.parent.mkdir(parents=True, exist_ok=True)
    with sole_builder(cached.parent, progress):
        # Another clone may have built it while this one waited.
        if not cached.exists():
            build(go, cached, progress)
    return cached


def on_path() -> Path | None:
    """Return the first CLI on PATH that no sandbox put there: a shell may have this or another clone's `env` in it."""
    for folder in os.get_exec_path():
        cli = shutil.which("pulumi", path=folder)
        if cli is not None and not (Path(folder) / OURS).exists():
            return Path(cli).absolute()
    return None


def version_of(cli: Path) -> tuple[int, int, int] | None:
    """Ask a CLI for its version; None when it does not run or answers something else."""
    try:
        answer = subprocess.run(
            [cli, "version"],
            env={**os.environ, "PULUMI_SKIP_UPDATE_CHECK": "true"},
            capture_output=True,
            text=True,
            timeout=30,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired):
        return None
    return parse(answer.stdout) if answer.returncode == 0 else None


def parse(text: str) -> tuple[int, int, int] | None:
    """Read a version, `v3.257.0` or `3.257.0-dev`, as three numbers."""
    match = _SEMVER.match(text.strip())
    return (int(match[1]), int(match[2]), int(match[3])) if match else None


def new_enough(version: tuple[int, int, int] | None) -> bool:
    """Whether a CLI of this version serves the pinned SDK: its own minor line or a later one of the same major.

    Pulumi promises that an engine serves older SDKs of its major version, and not that it serves newer ones.
    """
    pinned = parse(VERSION)
    assert pinned is not None
    return version is not None and version[0] == pinned[0] and version[1] >= pinned[1]


def usable_go(old_cli: Path | None) -> str:
    """Return a `go` able to build the engine, or raise with both remedies."""
    needed = re.search(r"^go (\S+)$", (MODULE / "go.mod").read_text(), re.MULTILINE)
    assert needed is not None
    either = (
        f"Either install the Pulumi CLI {VERSION} or later (https://www.pulumi.com/docs/install/) "
        f"or Go {needed[1]} or later (https://go.dev/doc/install), with which it is built here; then run this again."
    )
    go = shutil.which("go")
    if go is None:
        cause = f"the Pulumi CLI at {old_cli} is older than {VERSION}" if old_cli else "there is no Pulumi CLI on PATH"
        raise EngineError(f"No engine: {cause}, and there is no Go to build one with.\n{either}")
    # Inside the module, so that Go takes or fetches the toolchain that go.mod asks for, as GOTOOLCHAIN allows.
    asked = subprocess.run([go, "version"], cwd=MODULE, capture_output=True, text=True, check=False)
    if asked.returncode:
        raise EngineError(f"No engine: {go} cannot build it.\n{asked.stderr.strip()}\n{either}")
    return go


@contextlib.contextmanager
def sole_builder(folder: Path, progress: Progress) -> Generator[None]:
    """Hold the cache folder's lock, clearing what an interrupted build left; the system frees it if we are killed."""
    with (folder / "lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            progress("another process of yours is building the engine; waiting for it")
            wait_for(lock, progress)
        for leftover in folder.glob("building-*"):
            leftover.unlink()
        yield


def wait_for(lock: TextIO, progress: Progress) -> None:
    """Wait until a lock is free, saying now and then that it is not."""
    started = said = time.monotonic()
    while True:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            time.sleep(0.2)
        else:
            return
        if time.monotonic() - said >= WAITING_SECONDS:
            said = time.monotonic()
            progress(f"still waiting for the other build, {int(said - started)} s")


def build(go: str, target: Path, progress: Progress) -> None:
    """Build the CLI and put it in place whole; nothing is left behind when interrupted."""
    partial = target.with_name(f"building-{os.getpid()}")
    command = [
        *(go, "build", "-v", "-trimpath", "-mod=readonly", "-buildvcs=false"),
        *("-ldflags", f"-s -w -X github.com/pulumi/pulumi/sdk/v3/go/common/version.Version=v{VERSION}"),
        *("-o", str(partial), "github.com/pulumi/pulumi/pkg/v3/cmd/pulumi"),
    ]
    progress(f"building the Pulumi engine {VERSION} from source; about 4 minutes on two cores, once per machine")
    process = subprocess.Popen(
        command,
        cwd=MODULE,
        env={**os.environ, "CGO_ENABLED": "0", "GOWORK": "off"},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    try:
        said = follow(process, progress)
        if process.wait():
            tail = "\n".join(said[-20:])
            raise EngineError(f"Building the engine failed, `go build` in {MODULE} said:\n{tail}")
        partial.replace(target)
    finally:
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGTERM)
            process.wait()
        if process.stderr is not None:
            process.stderr.close()
        partial.unlink(missing_ok=True)
    progress(f"engine ready: {target}")


def follow(process: subprocess.Popen[str], progress: Progress) -> list[str]:
    """Report how far a build is, every few seconds and also while it is silent; return what else Go said."""
    started = time.monotonic()
    compiled = downloaded = 0
    said: list[str] = []
    finished = threading.Event()
    every_seconds = 1.0 if sys.stderr.isatty() else 15.0

    def report() -> None:
        while not finished.wait(every_seconds):
            elapsed = int(time.monotonic() - started)
            if compiled:
                share = min(99, 100 * compiled // PACKAGES)
                progress(f"building the engine: {elapsed} s, {compiled} packages of about {PACKAGES} ({share} %)")
            elif downloaded:
                progress(f"building the engine: {elapsed} s, {downloaded} modules downloaded")
            else:
                progress(f"building the engine: {elapsed} s, looking what must be compiled")

    reporter = threading.Thread(target=report, daemon=True)
    reporter.start()
    assert process.stderr is not None
    try:
        for line in process.stderr:
            text = line.strip()
            if text.startswith("go: downloading"):
                downloaded += 1
            elif re.fullmatch(r"[\w.~/-]+", text):
                compiled += 1
            else:
                said.append(text)
    finally:
        finished.set()
        reporter.join()
    return said
