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


TIME_AND_ROOM = "how much is remembered changes nothing but time and room"

EQUIVALENT: dict[Change, str] = {
    **{
        Change(f"policies/rules/{each}.py", "module", "@lru_cache(maxsize=4)", f"@lru_cache(maxsize= {size})"): (
            "how many graphs are remembered changes nothing but time and room"
        )
        for each in ("s3", "load_balancer", "system")
        for size in (3, 5)
    },
    **{
        Change("policies/rules/aurora.py", "module", "DAY = 24 * 60", longer): "windows overlap by their order, which "
        "days that are all longer do not change"
        for longer in ("DAY = 25 * 60", "DAY = 24 * 61")
    },
    **{
        Change("policies/rules/network.py", "module", "@lru_cache(maxsize=4)", f"@lru_cache(maxsize= {size})"): (
            TIME_AND_ROOM
        )
        for size in (3, 5)
    },
    Change(
        "policies/rules/eks.py",
        "node_update",
        'yield holds(group.read("updateConfig.maxUnavailable"), lambda nodes: nodes <= 1, "1", default=1)',
        'yield holds(group.read("updateConfig.maxUnavailable"), lambda nodes: nodes <= 1, "1", default= 0)',
    ): "the default passes either way, and nobody is told what passes",
    Change("policies/rules/kubernetes.py", "module", "GRAPHS = 4", "GRAPHS = 5"): TIME_AND_ROOM,
    Change("policies/rules/kubernetes.py", "module", "GRAPHS = 4", "GRAPHS = 3"): TIME_AND_ROOM,
    Change(
        "policies/rules/kubernetes.py", "room", "allowed = _share(most, 100)", "allowed = _share(most, 101)"
    ): "of any number of pods a share above 0 % is rounded up to one",
    Change(
        "policies/rules/kubernetes.py", "room", "allowed = _share(most, 100)", "allowed = _share(most, 99)"
    ): "of any number of pods a share above 0 % is rounded up to one",
    Change(
        "policies/rules/helm.py",
        "installs_whole",
        'yield holds(release.read("timeout"), lambda seconds: seconds >= least, f"at least {least}", default=300)',
        'yield holds(release.read("timeout"), lambda seconds: seconds >= least, f"at least {least}", default= 301)',
    ): "the default passes either way, and nobody is told what passes",
    Change("resilience/selectors.py", "module", "@lru_cache(maxsize=64)", "@lru_cache(maxsize= 65)"): TIME_AND_ROOM,
    Change("resilience/selectors.py", "module", "@lru_cache(maxsize=64)", "@lru_cache(maxsize= 63)"): TIME_AND_ROOM,
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
