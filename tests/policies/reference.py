"""A small platform that breaks no rule, and every way to break one: a module of mutants for each module of rules."""

from importlib import import_module

from policies.catalog import DOMAINS
from tests.policies.platform import Mutant, Platform, Thing

TABLES = [import_module(f"tests.policies.mutants_{domain}") for domain in DOMAINS]
MUTANTS: list[Mutant] = [mutant for table in TABLES for mutant in table.MUTANTS]
GOOD: list[Mutant] = [("as it is", lambda p: p, set()), *[good for table in TABLES for good in table.GOOD]]
QUOTED: list[tuple[str, set[str]]] = [pair for table in TABLES for pair in vars(table).get("EVIDENCE", {}).items()]
EVIDENCE: dict[str, set[str]] = {
    name: set[str]().union(*[words for each, words in QUOTED if each == name]) for name, _ in QUOTED
}
"""Some of what is said of them, good or bad, word for word and by their names: ``AUR-01: …``."""
ALWAYS: set[str] = set[str]().union(*[table.ALWAYS for table in TABLES])
"""What nobody can say of one stack alone."""


def reference() -> Platform:
    """Breaks no rule, as at first preview: ids are unknown, and the other region's stack is not in view."""
    things: dict[str, Thing] = {}
    for table in TABLES:
        made = table.things()
        assert not things.keys() & made.keys(), f"two tables make {things.keys() & made.keys()}"
        things |= made
    return Platform(things)
