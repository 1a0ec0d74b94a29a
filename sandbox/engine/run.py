"""Run the Pulumi CLI on a project: output live, events read afterwards, an interrupt passed on exactly once."""

import json
import os
import signal
import socket
import subprocess
import tempfile
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from sandbox import paths

INTERRUPTED = 130
"""The exit code of a command ended by Ctrl-C."""
KILLED = 137
"""The exit code of a command ended by signal 9."""


UNTOUCHED = frozenset({"same", "read", "read-replacement", "discard", "refresh"})
"""What the engine does to resources that leaves them as they are. A stack reads its own last outputs, which change
once, with its second update."""


@dataclass(frozen=True)
class Outcome:
    """How one command went."""

    code: int
    events: list[dict[str, Any]] = field(default_factory=list[dict[str, Any]])

    @property
    def changes(self) -> Counter[str]:
        """Resources by what happened to them: create, update, replace, delete, same."""
        found = [event["summaryEvent"] for event in self.events if "summaryEvent" in event]
        return Counter(found[-1].get("resourceChanges", {})) if found else Counter()

    @property
    def changed(self) -> int:
        """How many resources were touched."""
        return sum(count for operation, count in self.changes.items() if operation not in UNTOUCHED)

    @property
    def violations(self) -> list[dict[str, Any]]:
        """Policy findings, as the engine reports them."""
        return [event["policyEvent"] for event in self.events if "policyEvent" in event]

    @property
    def rules(self) -> frozenset[str]:
        """Names of the policies that judged something."""
        names: set[str] = set()
        for event in self.events:
            for kind in ("policyAnalyzeSummaryEvent", "policyAnalyzeStackSummaryEvent"):
                judged = event.get(kind, {})
                names.update(judged.get("passed", ()), judged.get("failed", ()))
        return frozenset(names)


def pulumi(arguments: list[str], project: Path, environment: Mapping[str, str], *, events: bool = False) -> Outcome:
    """Run one command to its end, its output going where this process's goes.

    Ctrl-C reaches the engine exactly once, so that it stops between resources and records what stands; a second
    Ctrl-C makes it stop at once. The engine's process group is its own for that: the terminal would send it another.
    """
    with tempfile.TemporaryDirectory(prefix="tandem-events-") as folder:
        log = Path(folder) / "events.jsonl"
        command = ["pulumi", *arguments, "--non-interactive", *(("--event-log", str(log)) if events else ())]
        process = subprocess.Popen(
            command,
            cwd=project,
            # The flag that writes events is one of the engine's own debugging flags.
            env={**environment, "PULUMI_DEBUG_COMMANDS": "true"} if events else dict(environment),
            stdin=subprocess.DEVNULL,
            process_group=0,
        )
        interrupted = False
        while True:
            try:
                code = process.wait()
                break
            except KeyboardInterrupt:
                interrupted = True
                os.killpg(process.pid, signal.SIGINT)
        # As shells count it: ended by signal N is 128 + N.
        code = 128 - code if code < 0 else code
        return Outcome(INTERRUPTED if interrupted else code, list(read_events(log)))


def read_events(log: Path) -> Iterator[dict[str, Any]]:
    """Read the engine's event log."""
    if log.exists():
        yield from events_in(log.read_text())


def events_in(text: str) -> Iterator[dict[str, Any]]:
    """Read events, one a line; the last line of a killed engine's may be half."""
    for line in text.splitlines():
        try:
            yield json.loads(line)
        except json.JSONDecodeError:
            return


def answer(arguments: list[str], project: Path, environment: Mapping[str, str]) -> Any:
    """Run a command that answers in JSON and return the answer."""
    done = subprocess.run(
        ["pulumi", *arguments, "--non-interactive"],
        cwd=project,
        env=dict(environment),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise RuntimeError(f"pulumi {' '.join(arguments)} failed:\n{done.stderr.strip()}")
    return json.loads(done.stdout)


def export(stack: str, project: Path, environment: Mapping[str, str]) -> dict[str, Any]:
    """Return a stack's deployment: its resources and the operations an interruption left pending."""
    exported = answer(["stack", "export", "-s", stack], project, environment)
    return exported.get("deployment") or {}


def analyze(state: Mapping[str, Any], pack: str, project: Path, environment: Mapping[str, str]) -> Outcome:
    """Judge an exported state, of one stack or several, by a policy pack."""
    with tempfile.TemporaryDirectory(prefix="tandem-state-") as folder:
        file = Path(folder) / "state.json"
        file.write_text(json.dumps(state))
        done = subprocess.run(
            ["pulumi", "policy", "analyze", "--file", str(file), "--policy-pack", pack, "--json"],
            cwd=project,
            env=dict(environment),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
        )
    return Outcome(done.returncode, list(events_in(done.stdout)))


def stale_locks(stack: str) -> Iterator[Path]:
    """Yield the backend's locks on a stack whose process, on this machine, is dead."""
    for lock in (paths.state() / ".pulumi" / "locks").glob(f"*/*/{stack}/*.json"):
        holder = json.loads(lock.read_text())
        if holder.get("hostname") == socket.gethostname() and not is_engine(int(holder.get("pid", 0))):
            yield lock


def is_engine(pid: int) -> bool:
    """Whether a process is there and, where the system tells, a Pulumi engine and not another with its number."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    name = Path(f"/proc/{pid}/comm")
    return not name.exists() or name.read_text().startswith("pulumi")
