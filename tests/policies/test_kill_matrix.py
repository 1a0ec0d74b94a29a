"""Whatever a rule looks at, broken in every way: what must hold of what it says then."""

import json
from dataclasses import replace
from typing import Any

import pytest

from resilience.graph import Graph
from tests.mutation.classes import Class, Company
from tests.mutation.graphs import Golden, Patched, Spot
from tests.mutation.matrix import (
    IDLE,
    PROVES_ANYWAY,
    RULES,
    SILENT_ANYWAY,
    THROUGH_ALL,
    Kills,
    classes,
    exempt,
    goldens,
    kept_spots,
    of_reference,
    page,
    reason,
    silenced,
    unexplained,
)
from tests.mutation.paths import PAGES, STACKS
from tests.mutation.real import MOST, PATHS, graph
from tests.mutation.real import page as of_stacks
from tests.policies.other_region import with_other_region
from tests.policies.reference import ALWAYS, MUTANTS, reference


def test_the_platform_as_it_is_leaves_open_what_one_stack_must() -> None:
    assert of_reference().open >= ALWAYS
    assert {each for each in of_reference().open if not each.endswith("?")} == set()


def test_no_rule_breaks_on_a_mutant() -> None:
    assert of_reference().crashed == set()


def test_what_is_unknown_never_passes_where_some_value_fails() -> None:
    assert {spot: why for spot, why in of_reference().passed.items() if exempt(spot) is None} == {}


def test_every_exemption_is_needed() -> None:
    assert PROVES_ANYWAY.keys() - {exempt(spot) for spot in of_reference().passed} == set()


def test_what_is_unknown_silences_no_rule() -> None:
    assert {spot for spot in of_reference().silent if silenced(spot) is None} == set()


def test_every_silence_that_is_allowed_is_needed() -> None:
    assert SILENT_ANYWAY.keys() - {silenced(spot) for spot in of_reference().silent} == set()


def test_every_rule_finds_mutants_and_some_alone() -> None:
    kills = of_reference()
    by_hand = {next(iter(found)) for _, _, found in MUTANTS if len(found) == 1}
    found = {id_ for id_, _ in kills.killed}
    assert {rule.id for rule in RULES} - found == set()
    assert {rule.id for rule in RULES} - kills.alone.keys() - by_hand == set()


def test_every_place_that_no_single_change_explains_is_kept() -> None:
    idle = set(unexplained(of_reference()))
    assert idle - kept_spots().keys() == set(), "run `make kill-matrix`"


def test_what_is_kept_is_still_looked_at() -> None:
    idle = set(unexplained(of_reference()))
    assert kept_spots().keys() - idle == set(), "run `make kill-matrix`"


def test_what_changes_nothing_has_a_reason() -> None:
    idle = [spot for spot, each in classes().items() if each is Class.IDLE]
    assert [spot for spot in idle if not reason(spot.id, spot.path)] == []
    named = {(spot.id, spot.path) for spot in idle}
    stale = [key for key in IDLE if not any(key[0] in (id_, "*") and key[1] in (path, "*") for id_, path in named)]
    assert stale == []


def test_what_is_kept_comes_out_again() -> None:
    samples = [(golden, golden.sample()) for golden in goldens()]
    kept = [spot for spot, each in kept_spots().items() if each in (Class.SHARED, Class.PAIRED)]
    for spot in kept[::40]:
        found = {
            Company(golden, judgement).matters(spot)
            for golden, sample in samples
            for place in sample.get(spot, ())
            for judgement in golden.asked(place)
            if golden.spot(judgement, place) == spot
        }
        assert kept_spots()[spot] in found, spot


@pytest.mark.parametrize("gone", [True, False], ids=["gone", "changed"])
def test_a_patched_graph_is_the_one_that_would_be_made(gone: bool) -> None:
    resources = with_other_region(reference()).resources()
    whole = Graph(resources.values())
    types = {each.type for each in whole.resources}
    edges = {
        (target, each.type, name)
        for each in whole.resources
        for name, targets in each.edges.items()
        for urn in targets
        if (target := whole.get(urn)) is not None
    }
    for resource in whole.resources[::5]:
        other = (
            None
            if gone
            else replace(resource, edges={"subnetIds": tuple(resources[each].urn for each in ["vpc", "db"])})
        )
        patched = Patched(whole, {resource.urn: other})
        made = Graph([each for old in whole.resources if (each := other if old is resource else old) is not None])
        assert patched.resources == made.resources
        assert all(patched.of(type_) == made.of(type_) for type_ in types)
        assert all(
            patched.referrers(target, type_, name) == made.referrers(target, type_, name)
            for target, type_, name in edges
        )


def test_the_page_is_what_comes_out() -> None:
    assert (PAGES / "kill-matrix.md").read_text() == page(), "run `make kill-matrix`"


RESULTS = [json.loads(file.read_text()) for file in sorted(STACKS.glob("*.json"))]
"""What came of the graphs of what is deployed, when they were last broken."""


def test_the_page_of_what_is_deployed_is_what_came_out() -> None:
    assert (PAGES / "stacks.md").read_text() == of_stacks(STACKS), "run `python -m tests.mutation stacks`"


@pytest.mark.parametrize("result", RESULTS, ids=[each["graph"] for each in RESULTS])
def test_what_is_deployed_breaks_no_rule_and_none_breaks_on_it(result: dict[str, Any]) -> None:
    assert [each for each in result["open"] if not each.endswith("?")] == []
    assert result["crashed"] == []
    assert [spot for *row, _ in result["passed"] if exempt(spot := Spot(*row), up=True) is None] == []


def test_what_decided_on_a_stack_decides_still() -> None:
    golden = Golden(graph("primary"), RULES[::12], most=MOST)
    result = next(each for each in RESULTS if each["graph"] == "primary")
    decided = {Spot(*row) for *row, class_ in result["classes"] if class_ == Class.DECIDES.value}
    sample = golden.sample(each=1, paths=PATHS, of=THROUGH_ALL)
    again = {spot: sample[spot] for spot in sorted(decided & sample.keys())[::10]}
    kills = Kills()
    kills.add(golden, again)
    assert {kills.classes[spot] for spot in again} == {Class.DECIDES}
