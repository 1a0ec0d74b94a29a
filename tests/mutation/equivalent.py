"""Mutants that no test can see, because they do what the code does, each with the reason.

Matched by the function and the text of its lines, as it is and as the mutant has it; a line may move. ``make mutants``
refuses an entry that no mutant survives for any more, and a test holds the entries to the code and to the page.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Change:
    """What a mutant does: the changed lines of a function without indentation, joined by a space."""

    module: str
    """Such as ``policies/rules/aurora.py``."""
    function: str
    """``module`` for what is in none."""
    was: str
    becomes: str

    def __str__(self) -> str:
        return f"`{self.module}`, `{self.function}`: ``{self.was}`` → ``{self.becomes}``"


EQUIVALENT: dict[Change, str] = {
    Change(
        "policies/rules/eks.py",
        "node_update",
        'yield holds(group.read("updateConfig.maxUnavailable"), lambda nodes: nodes <= 1, "1", default=1)',
        'yield holds(group.read("updateConfig.maxUnavailable"), lambda nodes: nodes <= 1, "1", default= 0)',
    ): "the default passes either way, and nobody is told what passes",
}
"""With the reason why nobody can tell the two apart."""


def change(module: str, function: str, source: str, mutant: str) -> Change:
    """What differs between the texts of a module and of its mutant, which has as many lines."""
    pairs = list(zip(source.splitlines(), mutant.splitlines(), strict=True))
    different = [(one.strip(), re.sub(" +", " ", other.strip())) for one, other in pairs if one != other]
    return Change(module, function, *(" ".join(lines) for lines in zip(*different, strict=True)))


def unneeded(survived: Iterable[Change], tried: Iterable[str]) -> list[Change]:
    """Entries about modules that have been tried, for which no mutant survives."""
    return [each for each in EQUIVALENT if each.module in set(tried) and each not in set(survived)]
