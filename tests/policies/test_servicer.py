import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import grpc
import pytest
import yaml
from google.protobuf import empty_pb2
from pulumi.runtime.proto import analyzer_pb2, analyzer_pb2_grpc

from policies.catalog import all_rules
from policies.registry import Scope, rule
from policies.servicer import PACK, VERSION
from policies.waivers import WAIVER_RULES
from resilience.adapters import picture
from tests.policies.platform import Platform, Thing, secret, struct
from tests.policies.reference import ALWAYS, reference
from tests.policies.serving import LEVELS, diagnostics, serving, verdicts

ROOT = Path(__file__).parents[2]
ALONE = {finding.rstrip("?"): analyzer_pb2.ADVISORY for finding in ALWAYS}
"""Levels of what nobody can say of one stack alone."""


@pytest.fixture
def stub() -> Iterator[analyzer_pb2_grpc.AnalyzerStub]:
    with serving() as made:
        yield made


def configure(stub: analyzer_pb2_grpc.AnalyzerStub, **given: tuple[str, dict[str, object]]) -> None:
    config = {
        name.replace("_", "-"): analyzer_pb2.PolicyConfig(enforcementLevel=LEVELS[level], properties=struct(properties))
        for name, (level, properties) in given.items()
    }
    stub.Configure(analyzer_pb2.ConfigureAnalyzerRequest(policyConfig=config))


def levels(stub: analyzer_pb2_grpc.AnalyzerStub, platform: Platform) -> dict[str, int]:
    return {each.policyName: each.enforcementLevel for each in diagnostics(stub, platform)}


def test_every_rule_is_announced_by_its_own_name(stub: analyzer_pb2_grpc.AnalyzerStub) -> None:
    info = stub.GetAnalyzerInfo(empty_pb2.Empty())
    rules = [*all_rules(), *WAIVER_RULES]
    assert [policy.name for policy in info.policies] == [each.id for each in rules]
    for policy, each in zip(info.policies, rules, strict=True):
        alone = each.scope is Scope.RESOURCE
        assert policy.policy_type == (
            analyzer_pb2.POLICY_TYPE_RESOURCE if alone else analyzer_pb2.POLICY_TYPE_STACK
        )  # fmt: skip
        assert policy.enforcementLevel == analyzer_pb2.MANDATORY
        assert policy.severity != analyzer_pb2.POLICY_SEVERITY_UNSPECIFIED
        assert policy.remediation_steps == each.fix
        assert "onUnknown" in policy.configSchema.properties


def test_the_pack_has_one_name_and_version() -> None:
    project = yaml.safe_load((ROOT / "policies/PulumiPolicy.yaml").read_text())
    assert (project["name"], project["version"]) == (PACK, VERSION)


def test_titles_are_unique() -> None:
    titles = [each.title for each in all_rules()]
    assert len(set(titles)) == len(titles)


def test_a_rule_of_one_resource_stops_it_before_it_is_made(stub: analyzer_pb2_grpc.AnalyzerStub) -> None:
    platform = reference().put("db", "deletionProtection", False)
    request = next(each for each in platform.analyze_requests() if each.name == "db")
    [found] = stub.Analyze(request).diagnostics
    assert (found.policyName, found.urn, found.enforcementLevel) == ("RDS-06", request.urn, analyzer_pb2.MANDATORY)
    assert found.severity == analyzer_pb2.POLICY_SEVERITY_CRITICAL
    assert "deletionProtection is false; it must be true" in found.message
    assert "deletion_protection=True" in found.message


def test_a_secret_is_never_shown(stub: analyzer_pb2_grpc.AnalyzerStub) -> None:
    platform = (
        reference().put("release", "version", secret("swordfish")).put("db", "deletionProtection", secret("swordfish"))
    )
    shown = [each.message for each in diagnostics(stub, platform)]
    assert [message for message in shown if "[secret]" in message]
    assert "swordfish" not in "".join(shown)


def test_levels_follow_the_settings(stub: analyzer_pb2_grpc.AnalyzerStub) -> None:
    platform = reference().put("db", "deletionProtection", False).put("record", "ttl", 61)
    configure(stub, RDS_06=("advisory", {}), DNS_04=("disabled", {}))
    assert levels(stub, platform) == {**ALONE, "RDS-06": analyzer_pb2.ADVISORY}


def test_a_rule_s_numbers_can_be_set(stub: analyzer_pb2_grpc.AnalyzerStub) -> None:
    platform = reference().put("record", "ttl", 80)
    configure(stub, DNS_04=("mandatory", {"maxSeconds": 80}))
    assert verdicts(stub, platform) == ALWAYS
    configure(stub, DNS_04=("mandatory", {"maxSeconds": 79}))
    assert verdicts(stub, platform) == ALWAYS | {"DNS-04"}


def test_what_is_unknown_has_a_level_of_its_own(stub: analyzer_pb2_grpc.AnalyzerStub) -> None:
    platform = reference().hide("db", "deletionProtection")
    assert levels(stub, platform) == {**ALONE, "RDS-06": analyzer_pb2.MANDATORY}
    configure(stub, RDS_08=("mandatory", {"onUnknown": "mandatory"}), RDS_06=("mandatory", {"onUnknown": "advisory"}))
    harder = {"RDS-06": analyzer_pb2.ADVISORY, "RDS-08": analyzer_pb2.MANDATORY}
    assert levels(stub, platform) == {**ALONE, **harder}
    configure(stub, all=("mandatory", {"onUnknown": "disabled"}))
    assert levels(stub, platform) == {}


def test_what_is_unknown_is_never_above_the_rule(stub: analyzer_pb2_grpc.AnalyzerStub) -> None:
    configure(stub, RDS_06=("advisory", {"onUnknown": "mandatory"}))
    assert levels(stub, reference().hide("db", "deletionProtection"))["RDS-06"] == analyzer_pb2.ADVISORY


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"EKSS_08": ("mandatory", {})}, "EKSS-08: no rule has this name; did you mean EKS-08"),
        ({"RDS_06": ("mandatory", {"onunknown": "advisory"})}, "RDS-06.onunknown: .* did you mean onUnknown"),
        ({"RDS_06": ("mandatory", {"onUnknown": "loud"})}, "RDS-06.onUnknown: is 'loud', must be one of advisory"),
        ({"NET_01": ("mandatory", {"minZones": 1})}, "NET-01.minZones: is 1.0, must be a whole number from 2 to 6"),
        ({"NET_01": ("mandatory", {"minZones": 2.5})}, "NET-01.minZones: is 2.5, must be a whole number"),
        ({"NET_01": ("mandatory", {"minZones": True})}, "NET-01.minZones: is True, must be a whole number"),
        ({"NET_01": ("mandatory", {"minZones": "3"})}, "NET-01.minZones: is '3', must be a whole number"),
        ({"all": ("mandatory", {"minZones": 3})}, "all.minZones: must be given to a rule"),
    ],
)
def test_a_wrong_setting_is_refused(
    stub: analyzer_pb2_grpc.AnalyzerStub, given: dict[str, tuple[str, dict[str, object]]], said: str
) -> None:
    with pytest.raises(grpc.RpcError, match=said):
        configure(stub, **given)


def test_a_rule_that_breaks_is_a_finding_and_hides_no_other() -> None:
    @rule(
        "TST-99",
        title="Breaks",
        why="-",
        fix="-",
        severity=all_rules()[0].severity,
        scope=Scope.RESOURCE,
        types=["aws:rds/cluster:Cluster"],
    )
    def breaks(*_: object) -> Iterator[object]:
        raise KeyError("swordfish")
        yield

    from policies.registry import RULES

    try:
        rules = [*(each for each in all_rules() if each.id != "TST-99"), RULES["TST-99"]]
    finally:
        del RULES["TST-99"]
    with serving(rules) as stub:
        found = diagnostics(stub, reference().put("db", "deletionProtection", False))
    assert {each.policyName for each in found} == {*ALONE, "RDS-06", "TST-99"}
    [broken] = [each.message for each in found if each.policyName == "TST-99"]
    assert "the rule itself broke at test_servicer.py" in broken
    assert "swordfish" not in broken


def test_hostile_resources_pass_through(stub: analyzer_pb2_grpc.AnalyzerStub) -> None:
    platform = Platform(
        {
            "empty": Thing("aws:eks/cluster:Cluster", {}),
            "wrong": Thing("aws:rds/cluster:Cluster", {"deletionProtection": [], "backupRetentionPeriod": {"a": 1}}),
            "odd": Thing("kubernetes:policy/v1:PodDisruptionBudget", {"spec": "text"}),
            "cycle": Thing("aws:ec2/subnet:Subnet", {"subnetId": "x"}, {"subnetId": ["cycle"], "vpcId": ["cycle"]}),
            "foreign": Thing("example:index:Thing", {"deep": [[[{"a": [1, None]}]]]}),
            "long": Thing("kubernetes:helm.sh/v3:Release", {"version": "9" * 100_000, "values": []}),
        }
    )
    found = diagnostics(stub, platform)
    assert found
    assert not [each.message for each in found if "broke" in each.message]
    assert max(len(each.message) for each in found) < 1000


def test_planned_outputs_that_know_less_than_inputs_do_not_hide_them(stub: analyzer_pb2_grpc.AnalyzerStub) -> None:
    platform = reference()
    for request in platform.analyze_requests():
        assert stub.Analyze(request).diagnostics == []
    # A provider plans a set with unknown members as one unknown.
    planned = platform.hide("db-subnets", "subnetIds").hide("eks", "vpcConfig").hide("nodes", "subnetIds")
    found = stub.AnalyzeStack(planned.stack_request()).diagnostics
    assert {each.policyName for each in found} == set(ALONE)


def test_an_empty_plan_does_not_hide_what_the_program_said(stub: analyzer_pb2_grpc.AnalyzerStub) -> None:
    # While a provider's own configuration is unknown the engine asks it nothing and plans no output at all.
    platform = reference()
    for request in platform.analyze_requests():
        stub.Analyze(request)
    planned = platform.copy()
    for name in ("web", "budget", "release"):
        planned.things[name].props = {}
    assert {each.policyName for each in stub.AnalyzeStack(planned.stack_request()).diagnostics} == set(ALONE)


def test_what_a_provider_keeps_of_nothing_is_not_set(stub: analyzer_pb2_grpc.AnalyzerStub) -> None:
    """The program says nothing of its members' class or of a global database; the provider keeps both."""
    standing = reference().drop("db-0", "db-1").put("db", "dbClusterInstanceClass", "")
    standing.put("db", "globalClusterIdentifier", "")
    given = standing.copy().delete("db", "dbClusterInstanceClass").delete("db", "globalClusterIdentifier")
    for request in given.analyze_requests():
        stub.Analyze(request)
    first = {(each.policyName, each.urn) for each in stub.AnalyzeStack(given.stack_request()).diagnostics}
    again = {(each.policyName, each.urn) for each in stub.AnalyzeStack(standing.stack_request()).diagnostics}
    assert ("RDS-01", given.urn("db")) in first
    assert again == first


def test_what_nobody_set_of_one_route_is_not_taken_from_another(tmp_path: Path) -> None:
    """A provider plans a set in an order of its own, each element with all that an element may have."""
    table = "aws:ec2/routeTable:RouteTable"
    urn = f"urn:pulumi:dev::shop::{table}::private"
    near = {"cidrBlock": "10.0.0.0/8", "transitGatewayId": "tgw-1"}
    far = {"cidrBlock": "0.0.0.0/0", "natGatewayId": "nat-1"}
    kept = tmp_path / "picture"
    with serving(kept=kept) as stub:
        stub.Analyze(analyzer_pb2.AnalyzeRequest(urn=urn, type=table, properties=struct({"routes": [near, far]})))
        routes = [{"transitGatewayId": "", **far}, {"natGatewayId": "", **near}]
        planned = analyzer_pb2.AnalyzerResource(urn=urn, type=table, properties=struct({"routes": routes}))
        stub.AnalyzeStack(analyzer_pb2.AnalyzeStackRequest(resources=[planned]))
    [resource] = picture.read(kept)
    assert resource.properties == {"routes": [far, near]}


def test_findings_come_in_one_order(stub: analyzer_pb2_grpc.AnalyzerStub) -> None:
    platform = reference().drop("db-1", "versioning", "budget").point("nat-b", "subnetId", "public-a")
    forward = platform.stack_request()
    backward = analyzer_pb2.AnalyzeStackRequest(resources=list(forward.resources)[::-1])
    first, second = stub.AnalyzeStack(forward).diagnostics, stub.AnalyzeStack(backward).diagnostics
    assert len(first) >= 4
    assert list(first) == list(second)


def test_a_thousand_resources_are_judged_in_half_a_second(stub: analyzer_pb2_grpc.AnalyzerStub) -> None:
    from policies.judge import judge
    from policies.settings import settle
    from resilience.adapters.analyzer import stack_resources
    from resilience.graph import Graph

    one = reference()
    copies = -(-1000 // len(one.things))
    requests = []
    for number in range(copies):
        copied = one.copy()
        for thing in copied.things.values():
            thing.stack = f"stack-{number}"
        requests += copied.stack_request().resources
    assert len(requests) >= 1000
    resources = stack_resources(requests)
    settings = settle(all_rules(), {})
    # Of the processor's time: other tests, and whatever else runs here, have their own.
    started = time.process_time()
    judge(all_rules(), Graph(resources), settings)
    assert time.process_time() - started < 0.5


@pytest.mark.parametrize(
    "extra",
    [
        ["127.0.0.1:1"],
        ["127.0.0.1:1", str(ROOT / "policies")],
        ["--logtostderr", "-v=9", "--tracing", "tcp://127.0.0.1:2", "127.0.0.1:1"],
    ],
)
def test_the_folder_run_from_elsewhere_prints_its_port_and_answers(tmp_path: Path, extra: list[str]) -> None:
    """The second is what `pulumi --logflow --logtostderr -v=9 --tracing …` passes on."""
    process = subprocess.Popen(
        [sys.executable, str(ROOT / "policies"), *extra], cwd=tmp_path, stdout=subprocess.PIPE, env={"PATH": ""}
    )
    try:
        assert process.stdout
        port = int(process.stdout.readline())
        with grpc.insecure_channel(f"127.0.0.1:{port}") as channel:
            pack = analyzer_pb2_grpc.AnalyzerStub(channel)
            assert pack.GetPluginInfo(empty_pb2.Empty()).version == VERSION
            pack.Cancel(empty_pb2.Empty())
        assert process.wait(timeout=10) == 0
        assert process.stdout.read() == b""
    finally:
        process.kill()
        process.wait()
        if process.stdout:
            process.stdout.close()


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (["chek", "x.json"], 2, "policies: chek is no command; did you mean check?\nusage:"),
        (["pullrequest"], 2, "policies: pullrequest is no command; did you mean pull-request?\nusage:"),
        (["primary"], 2, "policies: primary is no command\nusage:"),
        (["-v"], 2, "policies: -v is no command\nusage:"),
        ([], 2, "policies: a command must be given\nusage:"),
        (["--help"], 0, "usage:"),
        (["check", "127.0.0.1:1"], 2, "policies: 127.0.0.1:1: No such file or directory"),
    ],
)
def test_only_the_engine_is_served(arguments: list[str], code: int, said: str) -> None:
    done = subprocess.run(
        [sys.executable, str(ROOT / "policies"), *arguments], capture_output=True, text=True, check=False, timeout=20
    )
    assert done.returncode == code
    assert (done.stderr or done.stdout).startswith(said)


def test_the_pack_ends_with_whoever_started_it(tmp_path: Path) -> None:
    # The shell is the parent: it says the pack's id and ends without a word.
    pack = f"{sys.executable} {ROOT / 'policies'} 127.0.0.1:1 >{tmp_path}/port"
    started = f"{pack} & echo $!; while [ ! -s {tmp_path}/port ]; do sleep 0.05; done"
    shell = subprocess.run(["/bin/sh", "-c", started], capture_output=True, text=True, check=True, timeout=20)
    pid = int(shell.stdout)
    deadline = time.monotonic() + 10
    while Path(f"/proc/{pid}/cmdline").exists() and Path(f"/proc/{pid}/cmdline").read_bytes():
        assert time.monotonic() < deadline
        time.sleep(0.05)
