"""The Pulumi engine: found, cached, or built from its own Go modules.

Built because a package registry is all the network that is needed for it: 3 min 15 s cold on two cores, 114 MB
(measured 2026-11). go.mod pins the version; the Python SDK is pinned to the same one.
"""

import contextlib
import fcntl
import os
import re
import shutil
import signal
import subprocess
import tempfile
import threading
from collections.abc import Iterator
from pathlib import Path

from sandbox import paths
from sandbox.progress import Progress, SandboxError, say

SOURCE = Path(__file__).parent
MODULE = "github.com/pulumi/pulumi/pkg/v3/cmd/pulumi"
PACKAGES = 1400
"""Packages that `go build` names when it compiles all of them (counted for 3.257.0); for the percentage only."""


def pinned_version() -> str:
    """Version that go.mod pins, such as ``3.257.0``."""
    found = re.search(r"github\.com/pulumi/pulumi/pkg/v3 v(\S+)", (SOURCE / "go.mod").read_text())
    if found is None:
        raise SandboxError(f"{SOURCE / 'go.mod'} does not pin the Pulumi CLI; restore it from git")
    return found[1]


def ensure() -> Path:
    """Path of a Pulumi CLI: the one on PATH if it is as new as the pinned one, else the cached one, else built now.

    Raises:
        SandboxError: When there is neither a CLI nor a Go that can build one. The message names both remedies.
    """
    wanted = pinned_version()
    found = shutil.which("pulumi")
    if found is not None:
        version = _version_of(Path(found))
        if version is not None and _numbers(version) >= _numbers(wanted):
            return Path(found)
        say(f"The pulumi on PATH is {version or 'not usable'}; the sandbox needs {wanted} or newer and uses its own.")
    cached = paths.cache() / "engine" / f"v{wanted}" / "pulumi"
    if not cached.is_file():
        with _only_one(cached.parent):
            # Another clone may have built it while this one waited.
            if not cached.is_file():
                _build(cached, wanted)
    return cached


def _version_of(cli: Path) -> str | None:
    try:
        answer = subprocess.run([cli, "version"], capture_output=True, text=True, timeout=30)
    except (OSError, subprocess.TimeoutExpired):
        return None
    found = re.match(r"v?(\d+\.\d+\.\d+)", answer.stdout.strip())
    return found[1] if found else None


def _numbers(version: str) -> tuple[int, ...]:
    return tuple(int(part) for part in version.split("."))


def _build(target: Path, version: str) -> None:
    go = shutil.which("go")
    if go is None:
        raise SandboxError(
            "There is neither a Pulumi CLI nor Go on this machine, and the sandbox needs one of them:\n"
            f"  - install the Pulumi CLI {version} or newer (https://www.pulumi.com/docs/install/), or\n"
            "  - install Go 1.24 or newer (https://go.dev/doc/install); the CLI is then built once, in about five minutes."
        )
    scratch = Path(tempfile.mkdtemp(prefix="building-", dir=target.parent))
    built = scratch / "pulumi"
    command = [
        go,
        "build",
        "-v",
        "-trimpath",
        "-mod=readonly",
        "-ldflags",
        f"-s -w -X github.com/pulumi/pulumi/sdk/v3/go/common/version.Version=v{version}",
        "-o",
        str(built),
        MODULE,
    ]
    progress = Progress(f"Building the Pulumi CLI {version} from its Go modules (once; about five minutes)", PACKAGES)
    try:
        status, output = _run_showing(command, progress)
        if status != 0:
            raise SandboxError(
                f"Go could not build the Pulumi CLI {version}:\n{output[-3000:]}\n"
                "If Go is older than 1.24, update it; if the network failed, run the command again: what was "
                "downloaded is kept."
            )
        # Only a whole binary ever has the name that is looked for.
        built.replace(target)
    finally:
        shutil.rmtree(scratch, ignore_errors=True)
    progress.finish()


def _run_showing(command: list[str], progress: Progress) -> tuple[int, str]:
    """Run Go, counting the packages it names. Interrupted, it takes its compilers along."""
    process = subprocess.Popen(
        command,
        cwd=SOURCE,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
        env={**os.environ, "GOFLAGS": "", "CGO_ENABLED": "0"},
    )
    assert process.stderr is not None
    lines: list[str] = []

    def read() -> None:
        for line in process.stderr or ():
            lines.append(line)
            if not line.startswith("go: "):
                progress.step()

    reader = threading.Thread(target=read, daemon=True)
    reader.start()
    try:
        while True:
            try:
                status = process.wait(timeout=1)
                break
            except subprocess.TimeoutExpired:
                progress.tick()
    except BaseException:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()
        raise
    reader.join(timeout=5)
    return status, "".join(lines)


@contextlib.contextmanager
def _only_one(folder: Path) -> Iterator[None]:
    """Hold the folder for this process, and clear away what an interrupted build left in it."""
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / ".lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            say("Another process is building the Pulumi CLI; waiting for it.")
            fcntl.flock(lock, fcntl.LOCK_EX)
        for leftover in folder.glob("building-*"):
            shutil.rmtree(leftover, ignore_errors=True)
        yield
