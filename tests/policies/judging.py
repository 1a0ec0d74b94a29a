"""A platform through the rules in this process: what the engine would be told, without the wire.

tests/policies/test_wire.py holds it to the real servicer behind a real channel.
"""

import json

from policies.catalog import all_rules
from policies.judge import Finding, alone, judge
from policies.registry import Outcome
from policies.settings import settle
from resilience.graph import Graph, Resource
from tests.policies.platform import Platform

RULES = all_rules()
SETTINGS = settle(RULES, {})
OF_ONE = tuple(rule for rule in RULES if alone(rule))
OF_ALL = tuple(rule for rule in RULES if not alone(rule))

_of_one: dict[str, list[Finding]] = {}
"""What is said of single resources, by all that they are: most are in every mutant as they were."""


def findings(platform: Platform) -> list[Finding]:
    """Each resource first, by itself and before it has edges; then the stacks as a whole."""
    resources = platform.resources()
    found = [finding for name in platform.things for finding in _alone(name, platform, resources[name])]
    return found + judge(OF_ALL, Graph(resources.values()), SETTINGS)


def said(platform: Platform) -> set[str]:
    """Rule ids of what fails, with a question mark behind those that are unproven."""
    marks = {Outcome.FAIL: "", Outcome.UNPROVEN: "?", Outcome.CRASHED: "!"}
    return {f"{each.rule.id}{marks[each.outcome]}" for each in findings(platform)}


def _alone(name: str, platform: Platform, resource: Resource) -> list[Finding]:
    thing = platform.things[name]
    key = json.dumps(
        [platform.urn(name), thing.props, thing.protect, thing.provider, thing.placed, thing.region, thing.ignore]
    )
    if key not in _of_one:
        by_itself = Resource(
            resource.urn,
            resource.type,
            resource.name,
            resource.properties,
            provider=resource.provider,
            protect=resource.protect,
            ignore_changes=resource.ignore_changes,
        )
        _of_one[key] = judge(OF_ONE, Graph([by_itself]), SETTINGS)
    return _of_one[key]
