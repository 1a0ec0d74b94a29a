"""The local AWS: ministack in a virtual environment of its own, behind a door that knows which regions are dark.

It keeps what stands in it over a restart (in `<sandbox home>/local-aws/`), provided that it was stopped and not killed.
"""

import contextlib
import fcntl
import hashlib
import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Generator
from pathlib import Path

from sandbox import paths

REQUIREMENTS = Path(__file__).with_name("requirements.txt")
LOG = "local-aws.log"
STOP_SECONDS = 30.0

Progress = Callable[[str], None]


class LocalAwsError(Exception):
    """The local AWS cannot be had; the message says why and where its log is."""


def endpoint() -> str | None:
    """Return where the local AWS listens, or None when it does not run."""
    if not running():
        return None
    try:
        return str(json.loads(paths.local_aws().read_text())["endpoint"])
    except FileNotFoundError:
        return None


def running() -> bool:
    """Whether this sandbox's local AWS runs: its door holds a lock as long as it lives, which a number cannot tell."""
    with paths.local_aws().with_suffix(".lock").open("a") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return True
    return False


def start(progress: Progress) -> str:
    """Return the endpoint of the local AWS, starting it if it does not run."""
    paths.logs().mkdir(parents=True, exist_ok=True)
    if not running():
        python = ministack_python(progress)
        paths.local_aws().unlink(missing_ok=True)
        log = paths.logs() / LOG
        with log.open("ab") as output:
            # Returns at once: the door goes on in the background, holding the lock.
            subprocess.run(
                [sys.executable, "-P", "-m", "sandbox.local_aws.door", str(python)],
                env={**os.environ, "PYTHONPATH": str(paths.ROOT), "TANDEM_SANDBOX_HOME": str(paths.home())},
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                start_new_session=True,
                check=False,
            )
    # The door gives up by itself when ministack does not answer, and lets go of the lock.
    while running():
        if found := endpoint():
            return found
        time.sleep(0.05)
    raise LocalAwsError(f"The local AWS did not come up; see {paths.logs() / LOG}:\n{tail(paths.logs() / LOG)}")


def stop() -> bool:
    """Stop the local AWS, saving what stands in it; return whether it ran."""
    if not running():
        paths.local_aws().unlink(missing_ok=True)
        return False
    deadline = time.monotonic() + STOP_SECONDS
    # The lock is held, so the process in the file is the door, and not another one that got its number.
    with contextlib.suppress(FileNotFoundError, ProcessLookupError):
        os.kill(int(json.loads(paths.local_aws().read_text())["pid"]), signal.SIGTERM)
    while running():
        if time.monotonic() > deadline:
            raise LocalAwsError(f"The local AWS does not stop; see {paths.logs() / LOG}")
        time.sleep(0.05)
    return True


def forget() -> None:
    """Remove what a stopped local AWS kept."""
    shutil.rmtree(paths.home() / "local-aws", ignore_errors=True)


def tail(log: Path) -> str:
    """Return a log's last lines."""
    return "\n".join(log.read_text(errors="replace").splitlines()[-15:])


def ministack_python(progress: Progress) -> Path:
    """Return the Python ministack is installed in, a virtual environment every clone shares; makes it if need be.

    One of its own, because ministack pins a botocore that is not the program's.
    """
    key = hashlib.sha256(REQUIREMENTS.read_bytes()).hexdigest()[:16]
    venv = paths.cache() / "local-aws" / f"{key}-py{sys.version_info.major}.{sys.version_info.minor}"
    if not (venv / "bin" / "python").exists():
        venv.parent.mkdir(parents=True, exist_ok=True)
        with sole_installer(venv.parent):
            if not (venv / "bin" / "python").exists():
                progress("installing the local AWS (ministack) into a virtual environment of its own")
                install(venv)
    return venv / "bin" / "python"


@contextlib.contextmanager
def sole_installer(folder: Path) -> Generator[None]:
    """Hold the folder's lock, clearing what an interrupted installation left."""
    with (folder / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        for leftover in folder.glob("installing-*"):
            shutil.rmtree(leftover)
        yield


def install(venv: Path) -> None:
    """Make the virtual environment beside its place and move it there when it is complete.

    Only `python -m` is used in it, so it does not matter that its scripts still name the first place.
    """
    partial = Path(tempfile.mkdtemp(dir=venv.parent, prefix="installing-"))
    try:
        for command in (
            [sys.executable, "-m", "venv", str(partial)],
            [
                *(str(partial / "bin" / "python"), "-m", "pip", "install", "--quiet", "--disable-pip-version-check"),
                *("--require-hashes", "-r", str(REQUIREMENTS)),
            ],
        ):
            done = subprocess.run(command, capture_output=True, text=True, check=False)
            if done.returncode:
                raise LocalAwsError(f"Installing the local AWS failed:\n{done.stderr.strip() or done.stdout.strip()}")
        partial.replace(venv)
    finally:
        shutil.rmtree(partial, ignore_errors=True)
