"""Both committed stacks keep every rule, at the first preview and once they are up."""

import pytest
from pulumi.runtime.proto import analyzer_pb2

from policies.catalog import all_rules
from policies.judge import verdicts
from policies.registry import RULES
from policies.settings import Level, RuleSettings
from tests.house.recorder import Recording
from tests.house.stacks import EXAMPLES, STACKS, recorded, recorded_example
from tests.house.wire import checked, stack
from tests.policies.serving import serving
from tests.resilience.stacks import example

BOTH = {"DNS-03", "EKS-16", "K8S-25", "NET-06", "S3-02", "STK-06", "SYS-03"}
ALONE = {
    # The founder's key, images, and its global database, have their second half in the other stack.
    "primary": {*BOTH, "ECR-01", "KMS-01", "RDS-08", "RDS-10", "RDS-11", "RDS-13"},
    # It is the joining stack that copies, from and to a bucket of the other, and names the other's health check.
    "secondary": {*BOTH, "DNS-07", "DNS-10", "S3-04"},
}
"""Rules over both stacks, which in one alone can only say that they cannot say."""
LATE = {rule.id for rule in all_rules() if rule.known_late}
"""Rules that a first preview knows too little for."""


def broken(name: str, recording: Recording, *, preview: bool, also_alone: frozenset[str] = frozenset()) -> list[str]:
    """Findings of a stack by itself, but for those that one stack alone, or a first preview, cannot answer."""
    with serving() as stub:
        found = [each for request in checked(recording) for each in stub.Analyze(request).diagnostics]
        found += stub.AnalyzeStack(stack(recording)).diagnostics
    unanswered = ALONE[name] | also_alone
    expected = unanswered | LATE if preview else unanswered
    alone = [each for each in found if each.policyName in expected and ": unproven. " in each.message]
    assert {each.enforcementLevel for each in alone} <= {analyzer_pb2.ADVISORY}
    assert {each.policyName for each in alone} - LATE == unanswered
    return [f"{each.policyName} {each.urn}: {each.message}" for each in found if each not in alone]


@pytest.mark.parametrize("preview", [True, False], ids=["preview", "up"])
@pytest.mark.parametrize("name", STACKS)
def test_a_committed_stack_keeps_every_rule(name: str, preview: bool) -> None:
    assert broken(name, recorded(name, preview=preview), preview=preview) == []


@pytest.mark.parametrize("size", EXAMPLES)
@pytest.mark.parametrize("name", STACKS)
def test_an_example_keeps_every_rule(name: str, size: str) -> None:
    # A global datastore's second member, and the zones of the founder's VPC that a transit gateway is attached to.
    # Temporal stands by where it is not at work.
    halves = {
        ("primary", "large"): {"EC-06"},
        ("secondary", "large"): {"NET-05"},
        ("secondary", "temporal"): {"HELM-06"},
    }
    also = frozenset(halves.get((name, size), ()))
    assert broken(name, recorded_example(name, size), preview=True, also_alone=also) == []


@pytest.mark.parametrize("size", EXAMPLES)
def test_a_budget_lets_go_even_of_what_runs_once(size: str) -> None:
    graph, rule = example(size), RULES["HELM-03"]
    settings = RuleSettings(Level.MANDATORY, Level.MANDATORY, {})
    judged = [(each, verdict) for each in graph.of(*rule.types) for verdict in verdicts(rule, each, graph, settings)]
    assert judged
    assert [f"{each.name}: {one.evidence}" for each, one in judged if "needs no budget" in one.evidence] == []


def test_both_stacks_together_leave_nothing_unproven() -> None:
    with serving() as stub:
        found = stub.AnalyzeStack(stack(*(recorded(name) for name in STACKS))).diagnostics
    assert [f"{each.policyName} {each.urn}: {each.message}" for each in found] == []
