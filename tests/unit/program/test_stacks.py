"""Both stacks, as the program registers them."""

import json
from collections.abc import Mapping
from typing import Any

import pytest

from infra.peer import PeerError
from sandbox.values import Secret, unwrapped
from tests.house import stacks
from tests.house.iam import granted
from tests.house.recorder import Recording

BOTH = pytest.mark.parametrize("stack", stacks.STACKS)


@BOTH
def test_names_parents_and_types_are_as_promised(stack: str) -> None:
    assert stacks.golden_text(stacks.recorded(stack)) == (stacks.GOLDEN / f"{stack}.txt").read_text()


@BOTH
def test_every_component_says_when_it_is_done(stack: str) -> None:
    assert stacks.recorded(stack).unregistered_components() == []


@BOTH
def test_everything_in_aws_goes_through_the_guarded_provider(stack: str) -> None:
    recording = stacks.recorded(stack)
    guarded = recording.one("pulumi:providers:aws")
    # A provider's lists and maps travel as JSON text.
    assert json.loads(guarded.plain["allowedAccountIds"]) == ["000000000000"]
    made = [child for child in recording.registrations if child.type.startswith("aws:")]
    assert made
    assert {child.provider.split("::")[-2] for child in made} == {"aws"}


@BOTH
def test_everything_in_the_cluster_goes_through_the_stack_s_own_provider(stack: str) -> None:
    recording = stacks.recorded(stack)
    made = [child for child in recording.registrations if child.type.startswith("kubernetes:")]
    assert made
    assert {child.provider.split("::")[-2] for child in made} == {"kubernetes"}


@BOTH
def test_the_cluster_is_destroyed_workloads_first_and_access_last(stack: str) -> None:
    recording = stacks.recorded(stack)
    needed = {recording.by_urn(urn).type for urn in recording.one("pulumi:providers:kubernetes").dependencies}
    assert {
        "aws:eks/nodeGroup:NodeGroup",
        "aws:eks/addon:Addon",
        "aws:eks/accessPolicyAssociation:AccessPolicyAssociation",
    } <= needed


@BOTH
def test_nothing_of_aws_is_left_to_go_with_the_cluster(stack: str) -> None:
    recording = stacks.recorded(stack)
    by_urn = {one.urn: one for one in recording.registrations}

    def goes_with(urn: str) -> str:
        # The engine hands the option down from parent to child.
        return by_urn[urn].deleted_with or (goes_with(by_urn[urn].parent) if by_urn[urn].parent else "")

    with_cluster = {one.type.split(":")[0] for one in recording.registrations if one.custom and goes_with(one.urn)}
    assert with_cluster == {"kubernetes"}


@BOTH
def test_every_gpu_pool_stands_in_one_zone_and_every_zone_has_one(stack: str) -> None:
    recording = stacks.recorded(stack)
    zones = [
        recording.by_urn(urn).plain["availabilityZone"]
        for pool in recording.all("aws:eks/nodeGroup:NodeGroup")
        if "taints" in pool.plain
        for urn in pool.property_dependencies["subnetIds"]
    ]
    assert sorted(zones) == json.loads(stacks.stack_config(stack)["tandem:region"])["zones"]


@BOTH
def test_what_opens_doors_is_exported_secret(stack: str) -> None:
    recording = stacks.recorded(stack)
    secret = {name for name, value in recording.outputs.items() if isinstance(value, Secret)}
    assert secret == {"kubeconfig", "databasePassword", "signInPassword"}


@BOTH
def test_a_first_preview_needs_nothing_that_is_not_there_yet(stack: str) -> None:
    previewed, made = stacks.recorded(stack, preview=True), stacks.recorded(stack)
    assert {one.urn for one in previewed.registrations} == {one.urn for one in made.registrations}


def joined() -> Recording:
    return stacks.recorded("secondary")


def test_artifacts_are_copied_both_ways_each_from_its_own_region() -> None:
    configs = joined().all("aws:s3/bucketReplicationConfig:BucketReplicationConfig")
    copied = {config.plain["region"]: config.plain for config in configs}
    assert set(copied) == {"us-east-1", "us-west-2"}
    assert copied["us-east-1"]["bucket"].endswith("us-east-1")
    assert copied["us-east-1"]["rules"][0]["destination"]["bucket"].endswith("us-west-2")
    assert copied["us-west-2"]["rules"][0]["destination"]["bucket"].endswith("us-east-1")


def test_the_founder_knows_nothing_of_who_joins() -> None:
    primary = stacks.recorded("primary")
    assert not primary.all("pulumi:pulumi:StackReference")
    assert "us-west-2" not in json.dumps([one.plain for one in primary.registrations], default=str)


def test_the_member_joins_the_founder_s_database_and_key() -> None:
    recording, founder = joined(), stacks.recorded("primary")
    contract: Any = unwrapped(founder.outputs)["contract"]
    cluster = recording.one("aws:rds/cluster:Cluster")
    assert cluster.plain["globalClusterIdentifier"] == contract["global_cluster_identifier"]
    assert not recording.all("aws:rds/globalCluster:GlobalCluster")
    assert recording.one("aws:kms/replicaKey:ReplicaKey").plain["primaryKeyArn"] == contract["data_key_arn"]


def test_only_links_touch_the_founder_s_region() -> None:
    away = [one for one in joined().registrations if one.plain.get("region") == "us-east-1"]
    assert {one.type for one in away} == {
        "aws:s3/bucketReplicationConfig:BucketReplicationConfig",
        "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule",
    }


@BOTH
def test_runs_reach_the_platform_by_its_name_in_their_own_region(stack: str) -> None:
    recording = stacks.recorded(stack)
    addresses = {one.outputs["publicIp"] for one in recording.all("aws:ec2/eip:Eip") if one.outputs}
    let_in = {
        rule.plain.get("cidrIpv4")
        for rule in recording.all("aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule")
        if rule.name.startswith("tandem-lb-from-address")
    }
    assert len(addresses) == 3
    assert let_in == {f"{address}/32" for address in addresses}


def test_runs_reach_the_platform_in_the_other_region() -> None:
    here, founder = joined(), stacks.recorded("primary")
    rules = {rule.name: rule for rule in here.all("aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule")}
    there = [rule.plain for name, rule in rules.items() if name.startswith("founder-from-here")]
    assert {rule["securityGroupId"] for rule in there} == {founder.outputs["contract"]["entrance_security_group"]}
    assert len({rule["cidrIpv4"] for rule in there}) == 3
    runs = here.one("aws:ec2/managedPrefixList:ManagedPrefixList")
    assert {entry["cidr"] for entry in runs.plain["entries"]} == {
        f"{address}/32" for address in founder.outputs["contract"]["nat_addresses"]
    }
    assert rules["here-from-founder"].property_dependencies["prefixListId"] == [runs.urn]


def test_a_zone_that_was_made_says_what_to_delegate_to() -> None:
    assert len(stacks.recorded("primary").outputs["nameServers"]) == 4
    assert "nameServers" not in joined().outputs


@BOTH
def test_each_service_account_may_do_what_it_needs_and_no_more(stack: str) -> None:
    recording = stacks.recorded(stack)
    bucket = recording.one("aws:s3/bucket:Bucket").outputs["arn"]
    key = (recording.all("aws:kms/replicaKey:ReplicaKey") or [recording.one("aws:kms/key:Key", "data-key")])[0]

    def rights(name: str) -> dict[str, set[str]]:
        return granted(recording.one("aws:iam/rolePolicy:RolePolicy", name).plain["policy"])

    assert rights("flow-rights") == {
        "s3:ListBucket": {bucket},
        **{f"s3:{action}": {f"{bucket}/*"} for action in ("GetObject", "GetObjectVersion", "PutObject")},
        **{f"kms:{action}": {key.outputs["arn"]} for action in ("Decrypt", "GenerateDataKey")},
    }
    assert rights("triton-rights") == {
        "s3:ListBucket": {bucket},
        "s3:GetObject": {f"{bucket}/models/*"},
        "kms:Decrypt": {key.outputs["arn"]},
    }
    changing = {action for action in rights("load-balancer-controller-rights") if ":Describe" not in action}
    assert changing == {"elasticloadbalancing:RegisterTargets", "elasticloadbalancing:DeregisterTargets"}


def test_the_regions_answer_for_one_name_first_and_second() -> None:
    kinds = {
        stack: [
            record.plain["failoverRoutingPolicies"][0]["type"]
            for record in stacks.recorded(stack).all("aws:route53/record:Record")
            if "failoverRoutingPolicies" in record.plain
        ]
        for stack in stacks.STACKS
    }
    assert kinds == {"primary": ["PRIMARY"], "secondary": ["SECONDARY"]}


def with_peer(peer: Mapping[str, Any]) -> Recording:
    return stacks.record_program("secondary", stacks.stack_config("secondary"), preview=True, peer=peer)


def test_joining_a_stack_that_is_not_up_says_what_to_run() -> None:
    with pytest.raises(PeerError, match=r"stack primary is not up yet.*run `pulumi up -s primary` first"):
        with_peer({})


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"version": 0}, "exports version 0 of its contract, this program reads version 1"),
        ({"region": "us-west-2"}, "a pair in one region survives no region"),
        ({"cidr": "10.20.128.0/17"}, r"10\.20\.0\.0/16 overlaps 10\.20\.128\.0/17 of stack primary"),
    ],
)
def test_a_peer_that_cannot_be_joined_says_why(change: dict[str, Any], told: str) -> None:
    outputs = stacks.recorded("primary").outputs
    with pytest.raises(PeerError, match=told):
        with_peer({**outputs, "contract": {**outputs["contract"], **change}})


def test_one_nat_gateway_must_be_asked_for() -> None:
    config = stacks.stack_config("primary")
    config["tandem:platform"] = json.dumps(json.loads(config["tandem:platform"]) | {"nat_gateways": "single"})
    assert len(stacks.record_program("primary", config).all("aws:ec2/natGateway:NatGateway")) == 1
    assert len(stacks.recorded("primary").all("aws:ec2/natGateway:NatGateway")) == 3
