"""The table of invariants names rules that there are, and every rule."""

import re
from pathlib import Path

from policies.catalog import all_rules

PAGE = Path(__file__).parents[2] / "docs" / "policies-coverage.md"
TEXT = PAGE.read_text()
ROW = re.compile(r"^\| ([A-Z0-9]+-\d\d) \| ([^|]+) \| ([^|]+) \|$", re.MULTILINE)
BEYOND = re.compile(r"^\| \[([A-Z0-9]+-\d\d)\]\([^)]+\) \| ([^|]+) \|$", re.MULTILINE)
RULE = re.compile(r"\[([A-Z0-9]+-\d\d)\]\((policies/[A-Z0-9-]+\.md)\)")
ROWS = ROW.findall(TEXT)
RULES = {rule.id: rule for rule in all_rules()}


def named(cell: str) -> list[str]:
    return [id_ for id_, _ in RULE.findall(cell)]


def test_every_invariant_has_a_row_of_its_own() -> None:
    assert len(ROWS) == len({id_ for id_, _, _ in ROWS}) == 143


def test_a_row_names_rules_or_says_why_not() -> None:
    assert [id_ for id_, _, cell in ROWS if not named(cell) and not cell.startswith("not covered: ")] == []


def test_what_is_named_is_a_rule_with_a_page() -> None:
    assert {id_ for id_, _ in RULE.findall(TEXT)} - RULES.keys() == set()
    assert {path for _, path in RULE.findall(TEXT) if not (PAGE.parent / path).exists()} == set()
    assert {path for id_, path in RULE.findall(TEXT) if path != f"policies/{id_}.md"} == set()


def test_every_rule_is_in_the_table_or_beyond_it() -> None:
    within = {id_ for _, _, cell in ROWS for id_ in named(cell)}
    beyond = dict(BEYOND.findall(TEXT))
    assert within | beyond.keys() == RULES.keys()
    assert within & beyond.keys() == set()
    assert {id_: RULES[id_].title for id_ in beyond} == beyond


def test_the_page_counts_its_rows() -> None:
    without = sum(not named(cell) for _, _, cell in ROWS)
    partly = sum("; in part: " in cell for _, _, cell in ROWS)
    assert f"{len(ROWS) - without - partly} are covered, {partly} in part, {without} not" in TEXT.replace("\n", " ")
