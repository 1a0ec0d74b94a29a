"""Our servicer and the SDK's own find the same with the same rules, but for what is unknown: there the SDK gives up."""

from collections.abc import Iterator
from concurrent import futures
from contextlib import contextmanager
from typing import Any

import grpc
import pytest
from pulumi.runtime.proto import analyzer_pb2_grpc

from benchmarks.sdk_pack import difference, said, sdk_servicer
from policies.catalog import all_rules
from policies.judge import alone
from policies.registry import Rule
from tests.policies.judging import findings
from tests.policies.platform import UNKNOWN_TEXT, Mutate, Platform
from tests.policies.reference import MUTANTS, reference
from tests.policies.serving import diagnostics, serving


@contextmanager
def sdk() -> Iterator[analyzer_pb2_grpc.AnalyzerStub]:
    server = grpc.server(futures.ThreadPoolExecutor(max_workers=1))
    analyzer_pb2_grpc.add_AnalyzerServicer_to_server(sdk_servicer(all_rules()), server)
    port = server.add_insecure_port("127.0.0.1:0")
    server.start()
    try:
        with grpc.insecure_channel(f"127.0.0.1:{port}") as channel:
            yield analyzer_pb2_grpc.AnalyzerStub(channel)
    finally:
        server.stop(grace=None).wait()


def known(platform: Platform) -> Platform:
    """The same once it is up: every unknown value has become one."""

    def settled(name: str, value: Any) -> Any:
        if isinstance(value, dict):
            return {key: settled(name, member) for key, member in value.items()}
        if isinstance(value, list):
            return [settled(name, each) for each in value]
        return f"id-of-{name}" if value == UNKNOWN_TEXT else value

    for name, thing in platform.things.items():
        thing.props = settled(name, thing.props)
        if thing.type.startswith("kubernetes:") and thing.placed is None:
            # Until its cluster is there, a provider's kubeconfig is unknown.
            thing.placed = {"kubeconfig": "{}"}
    return platform


def spoiled(mutations: list[Mutate]) -> Platform:
    """A platform with as many mistakes at once as go together."""
    platform = reference()
    for mutate in mutations:
        tried = platform.copy()
        try:
            platform = mutate(tried)
        except (KeyError, IndexError, TypeError):
            # An earlier mistake took away what this one spoils.
            continue
    return known(platform)


def corpus() -> list[Platform]:
    """Platforms that between them break every rule."""
    left = {rule.id for rule in all_rules()}
    platforms: list[Platform] = []
    while left and len(platforms) < MOST_PLATFORMS:
        chosen = {}
        # From the other end each time: what got in another's way last time comes first.
        for _, mutate, found in MUTANTS if len(platforms) % 2 else MUTANTS[::-1]:
            for id_ in found & left:
                chosen.setdefault(id_, mutate)
        platform = spoiled(list(dict.fromkeys(chosen.values())))
        broken = {each.rule.id for each in findings(platform)}
        # Alone, where it goes with no other; one that needs something unknown breaks nothing here.
        alone_ = (known(mutate(reference())) for _, mutate, found in MUTANTS if found & left)
        if not broken & left:
            platform = next(each for each in alone_ if {finding.rule.id for finding in findings(each)} & left)
        platforms.append(platform)
        left -= {each.rule.id for each in findings(platforms[-1])}
    return platforms


MOST_PLATFORMS = 12


def test_both_find_the_same_where_all_is_known() -> None:
    platforms = corpus()
    broken: set[str] = set()
    with serving() as ours, sdk() as theirs:
        for platform in platforms:
            found = diagnostics(ours, platform)
            broken |= {each.policyName for each in found}
            assert difference(found, diagnostics(theirs, platform)) == []
    assert {rule.id for rule in all_rules()} - broken == set()


def looks_at(rule: Rule, platform: Platform, name: str | None = None) -> bool:
    types = {thing.type for key, thing in platform.things.items() if name in (None, key)}
    return any(type_ in rule.types or f"{type_.partition(':')[0]}:*" in rule.types for type_ in types)


def test_at_one_unknown_value_the_sdk_gives_up_every_rule_of_the_stack_and_ours_says_what_is_unknown() -> None:
    # Two mistakes, and beside them one value that only one rule asks for.
    platform = known(reference()).unprotect("bucket").drop("db-1").hide("db", "deletionProtection")
    with serving() as ours, sdk() as theirs:
        ours_found, theirs_found = diagnostics(ours, platform), diagnostics(theirs, platform)
    blind = {
        rule.id for rule in all_rules() if (looks_at(rule, platform, "db") if alone(rule) else looks_at(rule, platform))
    }
    gave_up = [each for each in theirs_found if "can't run policy" in each.message]
    assert {each.policyName for each in gave_up} == blind
    assert {each.urn for each in gave_up} == {""}
    # What is left of the SDK's is ours; what it lacks, it was blind for.
    here, there = said(ours_found), said(each for each in theirs_found if each not in gave_up)
    assert there - here == {}
    assert {rule for rule, _, _ in here - there} <= blind
    assert {rule for rule, _, _ in there} >= {"STK-01"}
    hidden = {rule: message for rule, _, message in here - there}
    assert "RDS-01" in hidden
    assert "unproven. deletionProtection is not known yet" in hidden["RDS-06"]


@pytest.mark.parametrize("changed", ["policyName", "urn", "message"])
def test_a_difference_is_seen(changed: str) -> None:
    platform = known(reference()).unprotect("bucket")
    with serving() as ours:
        found = diagnostics(ours, platform)
        other = diagnostics(ours, platform)
    assert difference(found, other) == []
    setattr(other[0], changed, "other")
    assert len(difference(found, other)) == 2
