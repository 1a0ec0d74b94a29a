"""What a platform is judged without the wire is what the real servicer says of it over a real channel."""

from collections.abc import Iterator

import pytest
from pulumi.runtime.proto import analyzer_pb2, analyzer_pb2_grpc

from policies.catalog import all_rules
from policies.servicer import LEVELS
from resilience.adapters.analyzer import stack_resources
from tests.policies.judging import findings
from tests.policies.platform import Mutate, Platform, secret
from tests.policies.reference import GOOD, MUTANTS, reference
from tests.policies.serving import serving


class Engine:
    """Sends what the engine sends; a resource that is what it was when it was last sent is not sent again."""

    def __init__(self, stub: analyzer_pb2_grpc.AnalyzerStub) -> None:
        self.stub = stub
        self.sent: dict[str, tuple[analyzer_pb2.AnalyzeRequest, analyzer_pb2.AnalyzeResponse]] = {}

    def diagnostics(self, platform: Platform) -> list[analyzer_pb2.AnalyzeDiagnostic]:
        found: list[analyzer_pb2.AnalyzeDiagnostic] = []
        for request in platform.analyze_requests():
            if request.urn not in self.sent or self.sent[request.urn][0] != request:
                self.sent[request.urn] = (request, self.stub.Analyze(request))
            found += self.sent[request.urn][1].diagnostics
        return [*found, *self.stub.AnalyzeStack(platform.stack_request()).diagnostics]


@pytest.fixture(scope="module")
def engine() -> Iterator[Engine]:
    with serving() as stub:
        yield Engine(stub)


def chosen() -> dict[str, Mutate]:
    """For every rule the first mutant that breaks it and the first that leaves it open, and some of what is good."""
    picked: dict[str, tuple[str, Mutate]] = {}
    for name, mutate, found in MUTANTS:
        for id_ in found:
            picked.setdefault(id_, (name, mutate))
    return dict(picked.values()) | {name: mutate for name, mutate, _ in GOOD[:20]}


CHOSEN = chosen()


@pytest.mark.parametrize("mutate", CHOSEN.values(), ids=CHOSEN)
def test_the_servicer_says_the_same(engine: Engine, mutate: Mutate) -> None:
    platform = mutate(reference())
    over_the_wire = [
        (each.policyName, each.urn, each.message, each.enforcementLevel) for each in engine.diagnostics(platform)
    ]
    in_process = [(each.rule.id, each.urn, each.message, LEVELS[each.level]) for each in findings(platform)]
    assert sorted(over_the_wire) == sorted(in_process)


def test_every_rule_goes_over_the_wire() -> None:
    said = {found.rstrip("?") for name, _, ids in MUTANTS for found in ids if name in CHOSEN}
    assert said == {rule.id for rule in all_rules()}


def test_what_is_decoded_here_is_what_the_adapter_decodes() -> None:
    def with_everything(platform: Platform) -> Platform:
        odd = {"a": 1.0, "b": 1.5, "c": None, "d": [True, secret({"e": "x", "f": [2]})]}
        return platform.put("db", "odd", odd).wait("db", "shell").ignoring("db", "odd")

    platform = with_everything(reference())
    ours, adapted = platform.resources().values(), stack_resources(platform.stack_request().resources)
    for one, other in zip(ours, adapted, strict=True):
        assert {**vars(one), "provider": None} == {**vars(other), "provider": None}
        assert one.provider is not None
        assert other.provider is not None
        for name in ("name", "type", "properties", "urn"):
            assert getattr(one.provider, name) == getattr(other.provider, name)
