"""No secret is shown, whatever a rule does with it on the way to its evidence."""

from collections import Counter
from dataclasses import replace
from typing import Any

import pytest

from policies.catalog import all_rules
from policies.judge import judge
from policies.settings import settle
from resilience.graph import UNKNOWN, Graph, Resource, Secret
from tests.policies.reference import MUTANTS, reference

RULES = all_rules()
SETTINGS = settle(RULES, {})
OF_A_KIND = 2
"""Mutants that break the same rules; more are no other evidence, and take their time."""
LONG, LARGE = 4, 1000


def marked(content: Any, seen: set[str]) -> Any:
    """A property tree with every long text and large number marked as secret."""
    if isinstance(content, dict):
        return {name: marked(member, seen) for name, member in content.items()}
    if isinstance(content, list):
        return [marked(element, seen) for element in content]
    if isinstance(content, Secret):
        return Secret(marked(content.value, seen))
    if content is UNKNOWN or isinstance(content, bool):
        return content
    if (isinstance(content, str) and len(content) >= LONG) or (isinstance(content, int) and content >= LARGE):
        seen.add(str(content))
        return Secret(content)
    return content


def hidden(resources: list[Resource]) -> tuple[Graph, set[str]]:
    seen: set[str] = set()
    graph = Graph([replace(each, properties=marked(each.properties, seen)) for each in resources])
    return graph, seen - {each.name for each in resources}


def test_no_mutant_s_evidence_shows_a_secret() -> None:
    shown: dict[str, str] = {}
    told: set[str] = set()
    kinds: Counter[frozenset[str]] = Counter()
    for name, mutate, expected in MUTANTS:
        kinds[frozenset(expected)] += 1
        if kinds[frozenset(expected)] > OF_A_KIND:
            continue
        resources = list(mutate(reference()).resources().values())
        graph, secrets = hidden(resources)
        for each in judge(RULES, graph, SETTINGS):
            told.add(each.rule.id)
            leaked = [secret for secret in secrets if secret.lower() in each.evidence.replace("[secret]", "").lower()]
            if leaked:
                shown[f"{each.rule.id} in {name}"] = f"{each.evidence} ({leaked[0]})"
    assert shown == {}
    assert told >= {rule.id for rule in RULES if any({rule.id, f"{rule.id}?"} & set(broken) for *_, broken in MUTANTS)}


def test_a_secret_changes_no_verdict_but_its_evidence() -> None:
    """Over a part of the mutants: who only counts or compares a secret still does."""
    for _, mutate, _ in MUTANTS[::40]:
        resources = list(mutate(reference()).resources().values())
        open_, secret = judge(RULES, Graph(resources), SETTINGS), judge(RULES, hidden(resources)[0], SETTINGS)
        assert sorted((each.rule.id, each.urn, each.outcome.value) for each in secret) == sorted(
            (each.rule.id, each.urn, each.outcome.value) for each in open_
        )


@pytest.mark.parametrize(
    ("secret", "text", "shown"),
    [
        ("swordfish", "a swordfish, Swordfishes", "a [secret], [secret]es"),
        ("x" * 90, f"begins with {'x' * 60}…", f"begins with [secret]{'x' * 20}…"),
        ("a.c(d", "a.c(d and abc(d", "[secret] and abc(d"),
        (44321, "44321 of 4432", "[secret] of 4432"),
        (7, "7 of 8", "7 of 8"),
        ("web", "web", "web"),
        ("the-name", "the-name", "the-name"),
        (True, "True", "True"),
    ],
)
def test_what_is_hidden_and_what_is_not(secret: Any, text: str, shown: str) -> None:
    urn = "urn:pulumi:s::p::t::the-name"
    graph = Graph([Resource(urn, "t", "the-name", {"a": [{"b": Secret({"c": secret})}], "open": "8 of them"})])
    assert graph.hidden(text) == shown
    assert Graph([]).hidden(text) == text


@pytest.mark.parametrize(("arn", "known"), [("arn:aws:kms:eu-west-3:1:key/k", True), ("secret", False)])
def test_a_region_that_only_a_secret_tells_is_not_told(arn: str, known: bool) -> None:
    given = arn if known else Secret("arn:aws:kms:eu-west-3:1:key/k")
    key = Resource("urn:pulumi:s::p::aws:kms/key:Key::k", "aws:kms/key:Key", "k", {"arn": given})
    region = Graph([key]).region(key)
    assert (region.known, region.unknown) == (known, not known)
