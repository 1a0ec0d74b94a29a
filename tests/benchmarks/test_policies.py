"""Graphs of any size are the stacks' own, copied whole; each part of the benchmark can be asked for alone."""

from collections import Counter

import pytest
from pulumi.runtime.proto import analyzer_pb2
from rich.console import Console

from benchmarks import __main__ as bench
from benchmarks import policies, sdk_pack
from sandbox import paths
from tests.house.recorder import record


def program() -> None:
    import pulumi
    import pulumi_aws as aws

    provider = aws.Provider("aws", region="us-east-1")
    vpc = aws.ec2.Vpc("vpc", cidr_block="10.0.0.0/16", opts=pulumi.ResourceOptions(provider=provider))
    aws.ec2.Subnet(
        "subnet",
        vpc_id=vpc.id,
        cidr_block="10.0.0.0/20",
        availability_zone="us-east-1a",
        opts=pulumi.ResourceOptions(provider=provider, parent=vpc),
    )


@pytest.fixture
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    recording = record(program)
    monkeypatch.setattr(policies, "recorded", lambda _stack: recording)
    monkeypatch.setattr(policies, "STACKS", ("primary",))


@pytest.mark.usefixtures("small")
def test_a_graph_has_the_size_asked_and_every_copy_holds_together() -> None:
    made = policies.graphs(8)
    assert (len(made.ones), len(made.all.resources)) == (8, 8)
    urns = [each.urn for each in made.all.resources]
    assert urns == [each.urn for each in made.ones]
    assert len(set(urns)) == 8
    copies = [each for each in made.all.resources if each.type == "aws:ec2/subnet:Subnet"]
    vpcs = [each.urn for each in made.all.resources if each.type == "aws:ec2/vpc:Vpc"]
    providers = [each.urn for each in made.all.resources if each.type == "pulumi:providers:aws"]
    assert len(copies) == 2
    for subnet, vpc, provider in zip(copies, vpcs, providers, strict=False):
        assert list(subnet.propertyDependencies["vpcId"].urns) == [vpc]
        assert vpc in subnet.dependencies
        assert subnet.parent == vpc
        assert subnet.provider.urn == provider


def test_a_copy_s_objects_are_in_namespaces_of_their_own() -> None:
    request = analyzer_pb2.AnalyzeRequest(name="web", urn="urn:web")
    request.properties.update({"metadata": {"namespace": "serving", "name": "web"}, "namespace": "kube-system"})
    copied = policies._copied(request, 3)
    assert dict(copied.properties["metadata"]) == {"namespace": "serving-3", "name": "web"}
    assert copied.properties["namespace"] == "kube-system-3"
    assert request.properties["namespace"] == "kube-system"


@pytest.mark.usefixtures("small")
def test_the_pack_s_own_process_is_measured_and_both_servicers_say_the_same() -> None:
    graphs = policies.graphs(6)
    found: list[analyzer_pb2.AnalyzeDiagnostic] = []
    life = policies.lived(lambda stub: found.extend(policies.ask(stub, graphs)))
    assert life.boot_seconds > 0.05
    assert life.cpu_seconds > 0.05
    assert life.asked_seconds > 0
    seconds, theirs = policies.served_by_the_sdk(graphs)
    assert seconds > 0
    assert found
    assert sdk_pack.difference(found, theirs) == []
    decoding, judging = policies.judged(graphs)
    assert decoding > 0
    assert judging > 0


def test_a_pack_that_does_not_start_says_why(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(policies, "PACK", paths.ROOT / "policies/none")
    with pytest.raises(bench.BenchmarkError, match=r"did not start:\n.*none"):
        policies.lived(lambda _stub: None)


def test_a_part_alone_needs_no_engine(monkeypatch: pytest.MonkeyPatch, tmp_path: object) -> None:
    ran: Counter[str] = Counter()
    monkeypatch.setattr(bench, "prepared", lambda *_: ran.update(["engine"]))
    for part in ("imports", "components", "growth", "pack"):
        monkeypatch.setattr(bench, part, lambda *_, part=part: (ran.update([part]), ([], {}))[1])
    bench.measured(tmp_path, ["policies"], 1, 1, Console(quiet=True))  # type: ignore[arg-type]
    assert ran == {"pack": 1}
    ran.clear()
    bench.measured(tmp_path, bench.PARTS, 1, 1, Console(quiet=True))  # type: ignore[arg-type]
    assert ran == {"engine": 1, "imports": 1, "components": 1, "growth": 1, "pack": 1}


def test_a_part_that_is_none_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit, match="2"):
        bench.main(["policy"])
    assert "policy: is no part; there are imports, components, growth, policies, resilience" in capsys.readouterr().err
