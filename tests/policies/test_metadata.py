"""What every rule tells about itself, and about what it finds."""

import ast
import re

import pytest

from policies.catalog import all_rules
from policies.frameworks import STANDARDS, known
from policies.judge import judge
from policies.registry import Outcome, Rule, Severity
from policies.settings import settle
from policies.waivers import WAIVER_RULES
from resilience.adapters.analyzer import stack_resources
from resilience.graph import Graph
from tests.policies.reference import MUTANTS, reference

RULES = (*all_rules(), *WAIVER_RULES)
FRAMEWORK = re.compile(
    r"Checkov CKV2?_[A-Z0-9]+_\d+|(kube-linter|Polaris|Kyverno|Datree|Prowler) \S.*"
    r"|Kubernetes Pod Security Standards \w+"
)


@pytest.mark.parametrize("rule", RULES, ids=[rule.id for rule in RULES])
def test_a_rule_says_what_why_how_bad_and_what_to_write(rule: Rule) -> None:
    assert isinstance(rule.severity, Severity)
    assert not rule.title.endswith(".")
    assert rule.why.endswith(".")
    assert len(rule.why) > 30
    assert len(rule.fix) > 15
    assert len(set(rule.frameworks)) == len(rule.frameworks)
    assert [each for each in rule.frameworks if not known(each) and not FRAMEWORK.fullmatch(each)] == []
    for name, option in rule.options.items():
        assert option.minimum <= option.default <= option.maximum, name
        assert option.meaning.endswith("."), name


def test_a_control_of_the_table_is_asked_for_by_a_rule() -> None:
    asked = {each for rule in RULES for each in rule.frameworks}
    assert {f"{each.name} {id_}" for each in STANDARDS for id_ in each.controls} - asked == set()
    assert not known("AWS FSBP EC2.10")
    assert not known("AWS Well-Architected REL10-BP04")


def arguments(fix: str) -> list[str]:
    """Assignments in a fix, ``name=value``, as Python reads them."""
    return re.findall(r"(\b[a-z_]\w*=(?:True|False|\d+|\"[^\"]*\"))(?=[\s,;.)\]]|$)", fix)


@pytest.mark.parametrize("rule", all_rules(), ids=[rule.id for rule in all_rules()])
def test_a_fix_is_written_in_python_s_names(rule: Rule) -> None:
    for each in arguments(rule.fix):
        ast.parse(f"f({each})")
    # What a Kubernetes object or a chart's values hold has the API's own names in Python too.
    if not rule.id.startswith(("K8S", "HELM", "EKS", "DNS", "STK", "GCP", "LB")):
        camel = [name for name in re.findall(r"\b([a-z]+[A-Z]\w*)\s*=", rule.fix) if not name.startswith("aws:")]
        assert camel == []


ABSENT = {"HELM-01", "HELM-06", "K8S-04", "K8S-19", "K8S-20", "K8S-25", "NET-09"}
"""Rules whose evidence may be that something is not there, by its kind."""


def test_evidence_names_what_breaks_the_rule() -> None:
    """Over a quarter of the mutants: a property's path, a value, a count, or another resource."""
    settings = settle(all_rules(), {})
    bare: set[str] = set()
    seen: set[str] = set()
    for _, mutate, _ in MUTANTS[::4]:
        graph = Graph(stack_resources(mutate(reference()).stack_request().resources))
        names = [resource.name for resource in graph.resources]
        for each in judge(all_rules(), graph, settings):
            if each.outcome is not Outcome.FAIL:
                continue
            seen.add(each.rule.id)
            resource = graph.get(each.urn)
            assert resource is not None
            asked = (*names, *resource.properties, "protect", "region", "provider")
            valued = re.search(r"\d|\"|[a-z][A-Z]|\.", each.evidence)
            if not valued and not any(name in each.evidence for name in asked):
                bare.add(each.rule.id)
            assert each.message.endswith(f"Fix: {each.rule.fix}")
    assert bare <= ABSENT
    assert len(seen) > 100
