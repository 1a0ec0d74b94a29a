"""Every rule, by the ways to break it: each mutant is found by exactly the rules named, and by no other."""

import re
from importlib.util import find_spec
from pathlib import Path

import pytest

from policies.catalog import all_rules
from policies.judge import verdicts
from policies.registry import RULES
from policies.rules.eks import GPU_FAMILIES
from resilience.graph import Graph
from tests.policies.judging import SETTINGS, findings, said
from tests.policies.platform import Mutate, Platform
from tests.policies.reference import ALWAYS, EVIDENCE, GOOD, MUTANTS, reference


def expected(platform: Platform, named: set[str]) -> set[str]:
    """What one stack alone leaves open is settled once both are in view, or once enough is wrong here."""
    alone = len({thing.stack for thing in platform.things.values()}) == 1
    return named | {each for each in ALWAYS if alone and each.rstrip("?") not in named}


@pytest.mark.parametrize(("mutate", "found"), [row[1:] for row in GOOD], ids=[row[0] for row in GOOD])
def test_what_is_good_is_left_alone(mutate: Mutate, found: set[str]) -> None:
    platform = mutate(reference())
    assert said(platform) == expected(platform, found)


@pytest.mark.parametrize(("mutate", "found"), [row[1:] for row in MUTANTS], ids=[row[0] for row in MUTANTS])
def test_a_mutant_is_found_by_exactly_its_rules(mutate: Mutate, found: set[str]) -> None:
    platform = mutate(reference())
    assert said(platform) == expected(platform, found)


@pytest.mark.parametrize("name", EVIDENCE)
def test_a_mutant_is_described_as_it_is(name: str) -> None:
    (mutate,) = [mutate for each, mutate, _ in GOOD + MUTANTS if each == name]
    graph = Graph(mutate(reference()).resources().values())
    quoted = [RULES[id_] for id_ in {words.partition(":")[0] for words in EVIDENCE[name]}]
    found = {
        f"{rule.id}: {verdict.evidence}"
        for rule in quoted
        for each in graph.of(*rule.types)
        for verdict in verdicts(rule, each, graph, SETTINGS[rule.id])
    }
    assert EVIDENCE[name] - found == set()


def test_what_one_stack_leaves_open_is_said_of_one_resource() -> None:
    ids = [finding.rule.id for finding in findings(reference())]
    assert set(ids) == {each.rstrip("?") for each in ALWAYS}
    assert len(set(ids)) == len(ids)


@pytest.mark.parametrize("id_", [rule.id for rule in all_rules()])
def test_a_rule_alone_finds_three_mutants(id_: str) -> None:
    alone = [name for name, _, found in MUTANTS if found == {id_}]
    assert len(alone) >= 3


NEVER_UNKNOWN = {"STK-01", "STK-02", "STK-03"}
"""The engine itself says whether a resource is protected, which provider makes it, and what is ignored."""


@pytest.mark.parametrize("id_", [rule.id for rule in all_rules() if rule.id not in NEVER_UNKNOWN])
def test_a_rule_says_when_it_cannot_say(id_: str) -> None:
    assert any(f"{id_}?" in found for _, _, found in MUTANTS)


def test_a_mutant_has_a_name_of_its_own() -> None:
    names = [row[0] for row in MUTANTS + GOOD]
    assert len(set(names)) == len(names)


def test_every_gpu_family_is_one_that_ec2_has() -> None:
    spec = find_spec("cfnlint")
    assert spec is not None
    assert spec.origin is not None
    enums = (Path(spec.origin).parent / "data/schemas/extensions/aws_ec2_instance").glob("*.json")
    offered = {family for file in enums for family in re.findall(r'"([a-z0-9-]+)\.[a-z0-9-]+"', file.read_text())}
    assert set(GPU_FAMILIES) - offered == set()
    assert {family for family in offered if re.match(r"(g[4-9]|gr|p[3-9])", family)} - {"g4ad"} == set(GPU_FAMILIES)
