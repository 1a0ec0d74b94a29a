import re

import pytest

from resilience.facts import FACTS, Class, Fact, Facts, Measured, Unit


@pytest.mark.parametrize("fact", FACTS, ids=lambda fact: fact.id)
def test_every_number_says_where_it_is_from(fact: Fact) -> None:
    assert re.fullmatch(r"[a-z0-9_]+(\.[a-z0-9_]+)+", fact.id)
    assert fact.source.strip()
    assert re.fullmatch(r"20\d\d(-\d\d(-\d\d)?)?", fact.date)
    assert isinstance(fact.unit, Unit)
    assert fact.value >= 0
    if fact.class_ is Class.ASSUMPTION:
        assert fact.note, "an assumption says why"
    if fact.class_ is Class.SLA and fact.unit is Unit.PERCENT:
        assert fact.id.startswith("sla.")


def test_no_fact_is_said_twice() -> None:
    ids = [fact.id for fact in FACTS]
    assert len(ids) == len(set(ids))


def test_what_is_worst_is_no_better_than_what_is_typical() -> None:
    facts = Facts()
    pairs = [
        (fact, facts[fact.id.removesuffix("typical") + "worst"])
        for fact in FACTS
        if fact.id.endswith(".typical") and any(each.id == fact.id.removesuffix("typical") + "worst" for each in FACTS)
    ]
    assert len(pairs) > 10
    assert [typical.id for typical, worst in pairs if typical.value > worst.value] == []
    assert [typical.id for typical, worst in pairs if typical.unit is not worst.unit] == []


def test_a_measured_value_replaces_a_fact_and_says_so() -> None:
    fact = Facts({"aurora.failover.typical": 12})["aurora.failover.typical"]
    assert (fact.value, fact.class_, fact.unit) == (12.0, Class.MEASURED, Unit.SECONDS)
    assert Facts()["aurora.failover.typical"].value == 30


def test_a_measured_value_brings_its_own_source_and_date() -> None:
    fact = Facts({"aurora.failover.typical": Measured(12, "drill of November", "2026-11-21")})[
        "aurora.failover.typical"
    ]
    assert (fact.value, fact.class_, fact.source, fact.date) == (
        12.0,
        Class.MEASURED,
        "drill of November",
        "2026-11-21",
    )


@pytest.mark.parametrize(
    ("measured", "message"),
    [
        (
            {"aurora.failover.typcal": 12},
            "'aurora.failover.typcal' is no fact; did you mean 'aurora.failover.typical'?",
        ),
        ({"zzz": 12}, "facts: 'zzz' is no fact"),
        ({"sla.eks": 101}, "facts: sla.eks is 101 %, must be 0 to 100"),
        ({"decide.typical": -1}, "facts: decide.typical is -1 s, must be 0 or more"),
        ({"decide.typical": float("nan")}, "facts: decide.typical is nan s, must be 0 or more"),
        ({"decide.typical": True}, "facts: decide.typical is True, must be a number of s"),
        ({"decide.typical": 10**400}, "facts: decide.typical is more than 1e+09 s from 0, must be less"),
        ({"decide.typical": 10**5000}, "facts: decide.typical is more than 1e+09 s from 0, must be less"),
        (
            {"aurora.failover.typical": 90},
            "facts: aurora.failover.typical is 90 s, and aurora.failover.worst is 60: what is typical must be no more",
        ),
        (
            {"aurora.failover.worst": 20},
            "facts: aurora.failover.typical is 30 s, and aurora.failover.worst is 20: what is typical must be no more",
        ),
        (
            {"kubernetes.pod.detect": 31},
            "facts: kubernetes.pod.detect is 31 s, and kubernetes.pod.detect.worst is 30: what is typical must",
        ),
        ({"decide.typical": "5"}, "facts: decide.typical is '5', must be a number of s"),
    ],
)
def test_a_measured_value_that_cannot_be_is_refused(measured: dict[str, float], message: str) -> None:
    with pytest.raises(ValueError, match=re.escape(message)):
        Facts(measured)


def test_a_pair_that_was_measured_together_may_be_anything() -> None:
    facts = Facts({"aurora.failover.typical": 90, "aurora.failover.worst": 90})
    assert facts["aurora.failover.worst"].value == 90


def test_every_mistake_is_told_at_once() -> None:
    with pytest.raises(ValueError, match="facts: 'a' is no fact\nfacts: 'b' is no fact"):
        Facts({"a": 1, "b": 2})
