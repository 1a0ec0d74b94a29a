"""Showing that long work goes on, on stderr: stdout may be read by a shell."""

import sys
import time
from dataclasses import dataclass, field

PLAIN_INTERVAL_SECONDS = 15


class SandboxError(Exception):
    """The sandbox cannot go on. The message is for the person at the keyboard: what is wrong and what to do."""


@dataclass
class Progress:
    """One long piece of work: a line that is rewritten on a terminal, and now and then a new line elsewhere."""

    title: str
    expected: int | None = None
    """Steps there will be, if known."""
    done: int = 0
    started: float = field(default_factory=time.monotonic)
    _shown: float = 0.0

    def __post_init__(self) -> None:
        """Show the title at once: the first step may take long."""
        self._show(force=True)

    def step(self) -> None:
        """One step more is done."""
        self.done += 1
        self._show()

    def tick(self) -> None:
        """Time has passed."""
        self._show()

    def finish(self) -> None:
        """The work is done."""
        self._write(f"{self.title}: done in {self._elapsed()}", last=True)

    def _show(self, *, force: bool = False) -> None:
        now = time.monotonic()
        interval = 0.2 if sys.stderr.isatty() else PLAIN_INTERVAL_SECONDS
        if force or now - self._shown >= interval:
            self._shown = now
            of = f" {min(self.done * 100 // self.expected, 99)} %" if self.expected and self.done else ""
            self._write(f"{self.title}:{of} {self._elapsed()}")

    def _elapsed(self) -> str:
        seconds = int(time.monotonic() - self.started)
        return f"{seconds // 60} min {seconds % 60:02d} s" if seconds >= 60 else f"{seconds} s"

    def _write(self, line: str, *, last: bool = False) -> None:
        if sys.stderr.isatty():
            sys.stderr.write(f"\r\x1b[K{line}" + ("\n" if last else ""))
        else:
            sys.stderr.write(line + "\n")
        sys.stderr.flush()


def say(line: str) -> None:
    """One line for the person, on stderr."""
    sys.stderr.write(line + "\n")
    sys.stderr.flush()
