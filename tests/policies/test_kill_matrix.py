"""Whatever a rule looks at, broken in every way: what must hold of what it says then."""

from pathlib import Path

from tests.mutation.matrix import HELD_TWICE, PROVES_ANYWAY, RULES, of_reference, page
from tests.policies.reference import ALWAYS, MUTANTS

PAGE = Path(__file__).parents[2] / "docs/mutation/kill-matrix.md"


def test_the_platform_as_it_is_leaves_open_what_one_stack_must() -> None:
    assert of_reference().open >= ALWAYS
    assert {each for each in of_reference().open if not each.endswith("?")} == set()


def test_no_rule_breaks_on_a_mutant() -> None:
    assert of_reference().crashed == set()


def test_what_is_unknown_never_passes_where_some_value_fails() -> None:
    assert {spot: why for spot, why in of_reference().passed.items() if spot not in PROVES_ANYWAY} == {}


def test_every_exemption_is_needed() -> None:
    assert PROVES_ANYWAY.keys() - of_reference().passed.keys() == set()


def test_every_rule_finds_mutants_and_some_alone() -> None:
    kills = of_reference()
    by_hand = {next(iter(found)) for _, _, found in MUTANTS if len(found) == 1}
    found = {id_ for id_, _ in kills.killed}
    assert {rule.id for rule in RULES} - found == HELD_TWICE.keys()
    assert {rule.id for rule in RULES} - kills.alone.keys() - by_hand == set()


def test_the_page_is_what_comes_out() -> None:
    assert PAGE.read_text() == page(), "run `make kill-matrix`"
