"""What a person is told of what stands."""

import re
from typing import Any

import pytest
from rich.console import Console

from policies.catalog import all_rules
from policies.judge import Finding
from policies.registry import Outcome
from policies.settings import Level
from resilience.graph import UNKNOWN, Graph
from sandbox import summary
from tests.resilience.small import Small

SUBNETS = {zone: f"urn:pulumi:p::t::aws:ec2/subnet:Subnet::{zone}" for zone in ("us-east-1a", "us-east-1b")}


def resource(type_: str, name: str, **more: Any) -> dict[str, Any]:
    return {"urn": f"urn:pulumi:p::t::{type_}::{name}", "type": type_, "custom": True, **more}


def stack(*resources: dict[str, Any]) -> summary.Standing:
    subnets = [
        {**resource(summary.SUBNET, zone), "outputs": {"region": "us-east-1", "availabilityZone": zone}}
        for zone in SUBNETS
    ]
    found = summary.standing("primary", [*subnets, *resources])
    assert found is not None
    return found


def test_nothing_is_said_of_an_empty_stack() -> None:
    assert summary.standing("primary", []) is None
    assert summary.standing("primary", [resource("pulumi:providers:aws", "aws")]) is None


def test_a_resource_stands_in_the_zones_of_its_subnets() -> None:
    nat = resource("aws:ec2/natGateway:NatGateway", "nat", propertyDependencies={"subnetId": [SUBNETS["us-east-1b"]]})
    found = stack(nat)
    assert found.zones["us-east-1b"]["aws:ec2/natGateway:NatGateway"] == 1
    assert found.zones["us-east-1a"]["aws:ec2/natGateway:NatGateway"] == 0


def test_the_floor_of_a_node_group_is_shared_out_over_its_zones() -> None:
    nodes = resource(
        summary.NODES,
        "system",
        outputs={"scalingConfig": {"minSize": 3}},
        propertyDependencies={"subnetIds": list(SUBNETS.values())},
    )
    assert [stack(nodes).zones[zone][summary.NODES] for zone in SUBNETS] == [2, 1]


def test_a_cache_has_a_node_in_every_zone_it_lists() -> None:
    kind = "aws:elasticache/replicationGroup:ReplicationGroup"
    found = stack(resource(kind, "cache", inputs={"preferredCacheClusterAzs": ["us-east-1a", "us-east-1a"]}))
    assert found.zones["us-east-1a"][kind] == 2


def test_resources_are_counted_for_the_outermost_component() -> None:
    network = {"urn": "urn:pulumi:p::t::x:index:Network::network", "type": "x:index:Network", "parent": "root"}
    inner = {"urn": "urn:pulumi:p::t::x:index:Zone::a", "type": "x:index:Zone", "parent": network["urn"]}
    root = {"urn": "root", "type": summary.STACK}
    found = stack(root, network, inner, resource("aws:ec2/eip:Eip", "eip", parent=inner["urn"]))
    assert found.parts["network"] == 1
    assert found.count == 3


def test_a_zone_without_what_the_others_have_is_shown_as_none() -> None:
    nat = resource("aws:ec2/natGateway:NatGateway", "n", propertyDependencies={"subnetId": [SUBNETS["us-east-1a"]]})
    console = Console(width=80, record=True, file=None, quiet=False, force_terminal=False)
    with console.capture() as captured:
        console.print(summary.render(stack(nat, resource(summary.RELEASE, "prefect"))))
    [row] = [line for line in captured.get().splitlines() if "NAT gateways" in line]
    assert [cell.strip() for cell in row.strip("│ ").split("│")] == ["NAT gateways", "1", "0"]
    assert "charts: prefect" in captured.get()


def test_a_region_is_read_from_an_arn_and_global_things_have_none() -> None:
    assert summary.region_of({"outputs": {"arn": "arn:aws:kms:us-west-2:000000000000:key/1"}}) == "us-west-2"
    assert summary.region_of({"outputs": {"arn": "arn:aws:iam::000000000000:role/r"}}) == ""
    assert summary.region_of({}) == ""


def test_a_secret_is_no_address() -> None:
    secret = {"4dabf18193072939515e22adb298388d": "1b47061264138c4ac30d75fd1eb44270", "ciphertext": "http://x"}
    outputs = {"endpoints": {"database": "db.example", "url": "https://x"}, "endpointPassword": secret, "size": 3}
    assert sorted(summary.addresses(outputs)) == [("endpoints.database", "db.example"), ("endpoints.url", "https://x")]


def finding(rule: str, name: str, message: str) -> dict[str, Any]:
    return {"policyName": rule, "resourceUrn": f"urn:pulumi:p::t::x::{name}", "message": message}


def test_what_both_regions_together_prove_is_no_finding_of_one() -> None:
    proved = finding("S3-02", "models", "A bucket is copied: unproven. it may be made elsewhere.")
    still = finding("S3-02", "audit", "A bucket is copied: unproven. it may be made elsewhere.")
    broken = finding("NET-02", "network", "Each zone has a way out: one NAT gateway")
    assert summary.unsettled([proved, still, broken], [still]) == ([still, broken], 1)


def test_a_stack_that_was_judged_alone_keeps_its_findings() -> None:
    unproven = finding("S3-02", "models", "A bucket is copied: unproven. it may be made elsewhere.")
    assert summary.unsettled([unproven], None) == ([unproven], 0)


def test_unproven_is_said_in_the_policy_pack_s_words() -> None:
    told = Finding(all_rules()[0], "urn", Outcome.UNPROVEN, "nobody knows", Level.ADVISORY).message
    assert summary.UNPROVEN in told


def known(tree: Any) -> Any:
    if isinstance(tree, dict):
        return {name: known(member) for name, member in tree.items()}
    return [known(each) for each in tree] if isinstance(tree, list) else "later" if tree is UNKNOWN else tree


def exported(graph: Graph) -> dict[str, dict[str, Any]]:
    """Deployments by stack, as the engine exports them."""
    found: dict[str, list[dict[str, Any]]] = {}
    providers: dict[str, dict[str, Any]] = {}
    for each in graph.resources:
        row: dict[str, Any] = {"urn": each.urn, "type": each.type, "custom": True}
        # Once it stands, everything is known.
        row["outputs"] = known(each.properties)
        row["propertyDependencies"] = {name: list(urns) for name, urns in each.edges.items()}
        if each.provider is not None:
            row["provider"] = f"{each.provider.urn}::id"
            inputs = dict(each.provider.properties)
            kind = {"urn": each.provider.urn, "type": each.provider.type, "id": "id", "inputs": inputs}
            if graph.get(each.provider.urn) is None:
                providers.setdefault(each.provider.urn, kind)
        if each.type.startswith("pulumi:providers:"):
            row["id"] = "id"
        found.setdefault(each.stack, []).append(row)
    return {
        stack: {"resources": [*rows, *(each for urn, each in providers.items() if f":{stack}::" in urn)]}
        for stack, rows in found.items()
    }


@pytest.mark.parametrize("width", [80, 120])
def test_what_is_survived_is_told_of_all_stacks_together(width: int) -> None:
    home = Small().network().cluster().service().entrance().name(role="PRIMARY", interval=10, times=2, ttl=30)
    other = Small("us-west-2", "two").network().cluster().service().entrance().name(role="SECONDARY", ttl=30)
    exports = exported(home.graph(other))
    assert list(exports) == ["one", "two"]
    text = summary.survived(exports, Console(width=width, no_color=True)).plain
    assert max(map(len, text.splitlines())) <= width
    assert "use shop" in text
    # 10 s x 3 + 6 s + 30 s: the other region takes over.
    assert re.search(r"region us-east-1\s+66 s", text)
    assert "\x1b" not in text


def test_what_cannot_be_told_does_not_end_what_went_well() -> None:
    text = summary.survived({"one": {"resources": [{"urn": "nonsense"}]}}, Console(width=80)).plain
    assert "deployment.resources[0].urn" in text
    assert "no journey is in view" in summary.survived({"one": {}}, Console(width=80)).plain
