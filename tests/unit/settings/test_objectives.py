"""What may be promised, and what of it a plan carries to the policies."""

import re
from typing import Any

import pytest

from infra import settings
from infra.sections.measurable import UNITS
from resilience.facts import FACTS, Facts
from resilience.journeys import diagrams
from tests.house.stacks import example_config
from tests.resilience.stacks import example, platform
from tests.unit.settings.test_settings import changed

MEASURED = {"value": 12, "unit": "s", "date": "2026-11-21", "source": "drill of November"}


def said(path: str, value: Any) -> str:
    with pytest.raises(settings.SettingsError, match="in the settings; nothing was changed") as raised:
        settings.parse(changed(f"platform.objectives.{path}", value))
    return str(raised.value)


@pytest.mark.parametrize(
    ("path", "value", "message"),
    [
        ("journeys.submitt", {"zone": {"rto_seconds": 1}}, "journeys.submitt: is no journey of this platform; did you"),
        ("journeys.submitt", {"zone": {"rto_seconds": 1}}, "did you mean submit?"),
        ("journeys.infer-vison", {"zone": {"rto_seconds": 1}}, "did you mean infer-vision?"),
        ("journeys.submit-airflow", {"zone": {"rto_seconds": 1}}, "did you mean submit?"),
        ("journeys.submit", {}, "journeys.submit.zone: must be set, or region, or availability_percent"),
        ("journeys.submit", {"zone": {}}, "submit.zone.rto_seconds: must be set, or rpo_seconds: without both nothing"),
        ("journeys.submit.zone.rto", 5, "submit.zone.rto: is not a setting; did you mean rto_seconds?"),
        ("journeys.submit.zones", {}, "journeys.submit.zones: is not a setting; did you mean zone?"),
        ("journeys.submit.zone.rto_seconds", -1, "rto_seconds: must be greater than or equal to 0 (got -1)"),
        ("journeys.submit.zone.rto_seconds", 604_801, "zone.rto_seconds: must be less than or equal to 604800"),
        (
            "journeys.submit.zone.capacity_percent",
            101,
            "zone.capacity_percent: must be less than or equal to 100 (got 1",
        ),
        ("journeys.submit.zone.rpo_seconds", "60", 'zone.rpo_seconds: must be a valid integer (got "60")'),
        ("journeys.submit.availability_percent", 100, "availability_percent: must be less than 100 (got 100)"),
        ("journeys.submit.availability_percent", 0, "availability_percent: must be greater than 0 (got 0)"),
        ("measured", {"aurora.failover.typcal": MEASURED}, "is no fact of the model; did you mean aurora.failover.typ"),
        ("measured", {"zzz": MEASURED}, "measured.zzz: is no fact of the model; infra/sections/measurable.py lists"),
        ("measured", {"sla.eks": MEASURED}, 'measured.sla.eks.unit: must be %, what the model counts it in (got "s")'),
        ("measured", {"sla.eks": {**MEASURED, "value": 101, "unit": "%"}}, "sla.eks.value: must be at most 100 (got 1"),
        ("measured", {"decide.typical": {**MEASURED, "value": -1}}, "value: must be greater than or equal to 0 (got -"),
        ("measured", {"decide.typical": {**MEASURED, "unit": "ms"}}, "decide.typical.unit: must be 's', '%', 'ratio',"),
        (
            "measured",
            {"decide.typical": {**MEASURED, "date": "November"}},
            "date: must be a date such as 2026-11-21",
        ),
        (
            "measured",
            {"decide.typical": {**MEASURED, "source": ""}},
            "source: string should have at least 3 char",
        ),
        ("measured", {"decide.typical": {"value": 5}}, "measured.decide.typical.source: is missing"),
    ],
)
def test_a_mistake_is_named_with_what_to_write(path: str, value: Any, message: str) -> None:
    assert message in said(path, value)


def test_every_mistake_is_told_at_once() -> None:
    told = said("measured", {"a1": MEASURED, "b2": MEASURED})
    assert re.search("measured.a1: is no fact.*\n.*measured.b2: is no fact", told)


def test_the_settings_know_every_fact_and_its_unit() -> None:
    assert {fact.id: fact.unit.value for fact in FACTS} == UNITS


@pytest.mark.parametrize("stacks", [("primary", "secondary"), ("primary",)])
def test_the_platform_s_journeys_are_those_of_its_graph(stacks: tuple[str, ...]) -> None:
    found = {diagram.journey for diagram in diagrams(platform(*stacks), Facts())}
    assert found == set(settings.parse(changed("platform.mode", "active-passive")).platform.journeys)


@pytest.mark.parametrize("name", ["large"])
def test_an_example_s_journeys_are_those_of_its_graph(name: str) -> None:
    found = {diagram.journey for diagram in diagrams(example(name), Facts())}
    assert found == set(settings.parse(example_config("primary", name)).platform.journeys)
