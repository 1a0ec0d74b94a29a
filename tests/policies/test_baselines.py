"""Baselines as the engine takes them: they fit the rules, and each is at least as strict as the one before."""

import json
import re
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft7Validator

from policies.catalog import all_rules
from policies.judge import judge
from policies.settings import BASELINES, Given, Level, RuleSettings, baseline, read_config, schema, settle
from policies.waivers import WAIVER_RULES
from resilience.adapters.analyzer import stack_resources
from resilience.graph import Graph
from tests.house.stacks import STACKS, recorded
from tests.house.wire import stack
from tests.policies.reference import GOOD, MUTANTS, reference

RULES = {rule.id: rule for rule in (*all_rules(), *WAIVER_RULES)}
NAMES = ("dev", "prod", "critical")
HARDER = [Level.DISABLED, Level.ADVISORY, Level.MANDATORY]


def settled(name: str) -> dict[str, RuleSettings]:
    return settle(RULES.values(), read_config(baseline(name)))


def test_there_are_three_and_each_says_what_for() -> None:
    assert {file.stem for file in BASELINES.glob("*.json")} == set(NAMES)
    intents = re.findall(r"^\| `(\w+)` \| .{10,} \| .{10,} \| .{10,} \|$", (BASELINES / "README.md").read_text(), re.M)
    assert tuple(intents) == NAMES


@pytest.mark.parametrize("name", NAMES)
def test_a_baseline_fits_the_rules_and_what_they_tell_the_engine(name: str) -> None:
    settled(name)
    for id_, given in read_config(baseline(name)).items():
        if id_ != "all":
            told = {"type": "object", "properties": schema(RULES[id_]), "additionalProperties": False}
            Draft7Validator(told).validate(dict(given.properties))


@pytest.mark.parametrize("name", NAMES)
def test_a_baseline_says_nothing_twice(name: str) -> None:
    """What a default or ``all`` says already is not said again: it would be overlooked where that changes."""
    given = read_config(baseline(name))
    every = given.pop("all")
    for id_, own in given.items():
        assert own.level != every.level, id_
        for option, value in own.properties.items():
            assert value != RULES[id_].options[option].default, f"{id_}.{option}"


def strict(name: str, value: int) -> int:
    return -value if name.startswith("max") else value


@pytest.mark.parametrize(("softer", "harder"), list(pairwise(NAMES)))
@pytest.mark.parametrize("id_", RULES)
def test_a_baseline_is_at_least_as_strict_as_the_one_before(softer: str, harder: str, id_: str) -> None:
    one, other = settled(softer)[id_], settled(harder)[id_]
    assert HARDER.index(one.level) <= HARDER.index(other.level)
    assert HARDER.index(one.on_unknown) <= HARDER.index(other.on_unknown)
    for name, value in one.options.items():
        assert strict(name, value) <= strict(name, other.options[name]), name


def test_stricter_numbers_find_more() -> None:
    """That a maximum is stricter where it is lower is no more than its name: here is what the rules make of it."""
    before: dict[str, set[tuple[str, str]]] = {}
    settings = {name: settled(name) for name in NAMES}
    numbered = [rule for rule in all_rules() if rule.options]
    seen = dict.fromkeys(NAMES, 0)
    for label, mutate, _ in [*GOOD, *MUTANTS]:
        graph = Graph(stack_resources(mutate(reference()).stack_request().resources))
        for name in NAMES:
            found = {(each.rule.id, each.urn) for each in judge(numbered, graph, settings[name])}
            assert before.get(label, set()) <= found, (label, name)
            before[label] = found
            seen[name] += len(found)
    assert seen["dev"] < seen["prod"] < seen["critical"]


def test_dev_stops_what_strangers_could_use() -> None:
    stops = {id_ for id_, each in settled("dev").items() if each.level is Level.MANDATORY}
    assert {"SEC-04", "SEC-05", "RDS-21", "S3-09"} <= stops
    assert not [id_ for id_ in stops if id_.startswith(("K8S-", "HELM-", "DNS-"))]


def test_this_project_keeps_prod_and_is_told_what_critical_asks_for_beyond() -> None:
    graph = Graph(stack_resources(stack(*(recorded(name) for name in STACKS)).resources))
    assert judge(all_rules(), graph, settled("prod")) == []
    assert {each.rule.id for each in judge(all_rules(), graph, settled("critical"))} == {"BKP-01", "RDS-05"}


def config(tmp_path: Path, text: str) -> Path:
    file = tmp_path / "config.json"
    file.write_text(text)
    return file


def test_a_config_is_read_as_the_engine_reads_it(tmp_path: Path) -> None:
    text: dict[str, Any] = {
        "all": {"enforcementLevel": "advisory", "onUnknown": "disabled"},
        "NET-01": {"minZones": 2},
        "RDS-06": "remediate",
        "environments": ["shared/policies"],
    }
    assert read_config(config(tmp_path, json.dumps(text))) == {
        "all": Given(Level.ADVISORY, {"onUnknown": "disabled"}),
        "NET-01": Given(None, {"minZones": 2}),
        "RDS-06": Given(Level.MANDATORY, {}),
    }


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("{", "config.json: is not JSON"),
        ("[]", "config.json: must be an object of rules and their settings, is list"),
        ('{"all": "loud"}', "all: is 'loud', must be one of advisory, disabled, mandatory, remediate"),
        ('{"RDS-06": []}', "RDS-06: is [], must be one of"),
        ('{"RDS-06": 1}', "RDS-06: is 1, must be one of"),
        ('{"RDS-06": {"enforcementLevel": null}}', "RDS-06: is None, must be one of"),
        ('{"RDS-06": "advisory", "RDS-06": "mandatory"}', "config.json: RDS-06: is given twice"),
        ('{"all": {"onUnknown": "advisory"}}', "all: must have an enforcementLevel beside onUnknown"),
        ("[" * 100_000, "config.json: is not JSON"),
    ],
)
def test_a_config_that_is_none_is_refused(tmp_path: Path, text: str, said: str) -> None:
    with pytest.raises(ValueError, match=re.escape(said)):
        read_config(config(tmp_path, text))


def test_a_baseline_that_does_not_exist_is_named() -> None:
    with pytest.raises(ValueError, match=r"prd: no baseline has this name; did you mean prod\?"):
        baseline("prd")


def test_every_number_of_a_rule_says_which_way_is_stricter() -> None:
    names = {name for rule in RULES.values() for name in rule.options}
    assert {name for name in names if not re.match(r"m(in|ax)[A-Z]", name)} <= {"compliance", "drainSeconds"}
