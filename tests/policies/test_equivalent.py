"""Mutants that are said to do what the code does: the entries fit the code, and the page of the last run has them."""

import re
from collections import Counter
from pathlib import Path

import pytest

from tests.mutation import equivalent
from tests.mutation.equivalent import EQUIVALENT, Change, change, unneeded

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs/mutation/code.md").read_text()
MOST = 0.03
"""Of a module's mutants. Who needs more has not looked for the test."""

SOURCE = "def f(a):\n    if a > 0:\n        return [0]\n    return a\n"
MUTANT = "def f(a):\n    if a > 0:\n        return [ 1]\n    return a\n"


@pytest.mark.parametrize("entry", EQUIVALENT, ids=str)
def test_an_entry_is_about_code_that_there_is(entry: Change) -> None:
    code = " ".join((ROOT / entry.module).read_text().split())
    assert entry.was in code
    assert entry.function == "module" or f"def {entry.function}(" in code
    assert EQUIVALENT[entry].strip()


@pytest.mark.parametrize("entry", EQUIVALENT, ids=str)
def test_an_entry_has_survived_the_last_run(entry: Change) -> None:
    if re.search(rf"\| `{entry.module}` \| \d+ \| all \|", PAGE):
        assert f"- {entry}: {EQUIVALENT[entry]}\n" in PAGE, "run `make mutants`, or take the entry away"


def test_few_are_equivalent() -> None:
    made = {module: int(count) for module, count in re.findall(r"\| `(.*?)` \| (\d+) \| all \|", PAGE)}
    entries = Counter(entry.module for entry in EQUIVALENT if entry.module in made)
    assert {module: count for module, count in entries.items() if count > max(1, MOST * made[module])} == {}


def test_a_change_is_the_line_that_differs() -> None:
    assert change("m.py", "f", SOURCE, MUTANT) == Change("m.py", "f", "return [0]", "return [ 1]")


def test_an_entry_is_needed_only_where_a_mutant_survives(monkeypatch: pytest.MonkeyPatch) -> None:
    one, other = (Change("m.py", "f", "return [0]", f"return [ {each}]") for each in (1, -1))
    monkeypatch.setattr(equivalent, "EQUIVALENT", {one: "the first is the last", other: "the same"})
    assert unneeded([one], ["m.py"]) == [other]
    assert unneeded([one, other], ["m.py"]) == []
    # What has not been tried says nothing.
    assert unneeded([], ["n.py"]) == []
