"""Programs that are not this project's get the findings that are right for them, reviewed one by one, and no others.

Two are programs, run against the simulated cloud and judged as the export of their stack; three are exports, in the
shape that Pulumi's YAML, TypeScript and Go leave behind: the last with all that a bridged provider keeps of what nobody
said, empty text, 0 and false.
"""

import runpy
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from policies.catalog import all_rules
from policies.judge import Finding, judge
from policies.registry import Outcome
from policies.settings import settle
from resilience.adapters.state import exported_resources, read_export
from resilience.graph import Graph
from sandbox.values import unwrapped
from tests.house.recorder import Recording, record
from tests.policies.strangers.expected import EXPECTED

FOLDER = Path(__file__).parent / "strangers"
RULES = all_rules()
PLACES = {"aws": {"region": "us-east-1"}, "gcp": {"region": "europe-west1"}}
"""What the default providers are configured with."""


def exported(recording: Recording) -> Mapping[str, Any]:
    """What `pulumi stack export` writes of it, with the providers that the engine makes up."""
    providers = {
        package: {
            "urn": f"urn:pulumi:dev::shop::pulumi:providers:{package}::default",
            "type": f"pulumi:providers:{package}",
            "id": "made-up",
            "inputs": inputs,
        }
        for package, inputs in PLACES.items()
    }
    rows = [
        {
            "urn": each.urn,
            "type": each.type,
            "custom": each.custom,
            "outputs": unwrapped(each.outputs or {}),
            "parent": each.parent,
            "provider": f"{providers[each.type.partition(':')[0]]['urn']}::made-up" if each.custom else "",
            "dependencies": list(each.dependencies),
            "propertyDependencies": {name: list(urns) for name, urns in each.property_dependencies.items()},
            "protect": each.protect,
        }
        for each in recording.registrations
    ]
    return {"version": 3, "deployment": {"resources": [*providers.values(), *rows]}}


def findings(name: str) -> list[Finding]:
    file = FOLDER / f"{name}.json"
    if file.exists():
        return judge(RULES, Graph(read_export(file)), settle(RULES, {}))
    recording = record(lambda: runpy.run_path(str(FOLDER / f"{name}.py")), stack="dev", project="shop")
    return judge(RULES, Graph(exported_resources(exported(recording))), settle(RULES, {}))


def said(found: Finding) -> tuple[str, str]:
    mark = {Outcome.FAIL: "", Outcome.UNPROVEN: "?", Outcome.CRASHED: "!"}[found.outcome]
    return found.rule.id + mark, found.urn.rpartition("::")[2]


@pytest.mark.parametrize("name", EXPECTED)
def test_a_stranger_s_findings_are_the_right_ones(name: str) -> None:
    expected = {(rule, resource) for rule, resources, _ in EXPECTED[name] for resource in resources.split()}
    found = {said(each): each.message for each in findings(name)}
    assert {key: found[key] for key in found.keys() - expected} == {}
    assert expected - found.keys() == set()


def test_a_rule_of_the_list_is_one() -> None:
    ids = {rule.id for rule in RULES}
    assert {rule for rows in EXPECTED.values() for rule, _, _ in rows if rule.rstrip("?") not in ids} == set()
