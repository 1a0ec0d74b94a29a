"""The simulated cloud itself: what it refuses, what it calls things, and what must stand before what."""

import json
import string
import threading

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sandbox.cloud import NotSimulated, Outage, Refused, Resource, Simulator, World
from sandbox.cloud.world import NameTaken
from sandbox.values import UNKNOWN, Secret

VPC = "aws:ec2/vpc:Vpc"
SUBNET = "aws:ec2/subnet:Subnet"
BUCKET = "aws:s3/bucket:Bucket"
ROLE = "aws:iam/role:Role"
ATTACHMENT = "aws:iam/rolePolicyAttachment:RolePolicyAttachment"
VERSIONING = "aws:s3/bucketVersioning:BucketVersioning"
REPLICATION = "aws:s3/bucketReplicationConfig:BucketReplicationConfig"
TRUST = '{"Version":"2012-10-17","Statement":[]}'


def urn(type_, name):
    return f"urn:pulumi:primary::tandem::{type_}::{name}"


class Cloud:
    """A provider with a shorter way of making things."""

    def __init__(self, package="aws", world=None, **config):
        self.world = world or World()
        self.simulator = Simulator(package, self.world)
        self.simulator.configure({"region": "us-east-1", **config} if package == "aws" else config)

    def check(self, type_, name, inputs, olds=None):
        return self.simulator.check(urn(type_, name), type_, inputs, olds)

    def failures(self, type_, name, inputs, olds=None):
        return {f.property: f.reason for f in self.check(type_, name, inputs, olds).failures}

    def make(self, type_, name, inputs):
        checked = self.check(type_, name, inputs)
        assert checked.failures == []
        id_, outputs = self.simulator.create(urn(type_, name), type_, checked.inputs)
        return id_, outputs, checked.inputs

    def delete(self, type_, name, made):
        self.simulator.delete(urn(type_, name), type_, made[0], made[1])


@pytest.fixture
def cloud():
    return Cloud()


# Refusals that take two


def test_a_subnet_outside_its_vpc_is_refused_at_preview(cloud):
    cloud.check(VPC, "net", {"cidrBlock": "10.0.0.0/16"})
    found = cloud.failures(SUBNET, "a", {"vpcId": UNKNOWN, "cidrBlock": "10.1.0.0/24"})
    assert "10.1.0.0/24 is outside its VPC's 10.0.0.0/16" in found["cidrBlock"]


def test_overlapping_subnets_of_one_unknown_vpc_are_refused_at_preview(cloud):
    cloud.check(VPC, "net", {"cidrBlock": "10.0.0.0/16"})
    assert cloud.failures(SUBNET, "a", {"vpcId": UNKNOWN, "cidrBlock": "10.0.0.0/20"}) == {}
    assert (
        "overlaps 10.0.0.0/20"
        in cloud.failures(SUBNET, "b", {"vpcId": UNKNOWN, "cidrBlock": "10.0.1.0/24"})["cidrBlock"]
    )


def test_a_second_block_of_the_vpc_counts(cloud):
    vpc = cloud.make(VPC, "net", {"cidrBlock": "10.0.0.0/16"})
    type_ = "aws:ec2/vpcIpv4CidrBlockAssociation:VpcIpv4CidrBlockAssociation"
    cloud.make(type_, "more", {"vpcId": vpc[0], "cidrBlock": "10.9.0.0/16"})
    assert cloud.failures(SUBNET, "a", {"vpcId": vpc[0], "cidrBlock": "10.9.1.0/24"}) == {}


def test_equal_subnets_of_two_vpcs_are_fine(cloud):
    for name in ("one", "two"):
        vpc = cloud.make(VPC, name, {"cidrBlock": "10.0.0.0/16"})
        cloud.make(SUBNET, name, {"vpcId": vpc[0], "cidrBlock": "10.0.0.0/24"})


def test_a_subnet_that_stands_does_not_overlap_itself_under_a_new_name(cloud):
    vpc = cloud.make(VPC, "net", {"cidrBlock": "10.0.0.0/16"})
    inputs = {"vpcId": vpc[0], "cidrBlock": "10.0.0.0/24"}
    made = cloud.make(SUBNET, "old", inputs)
    again = Cloud(world=cloud.world)
    assert again.failures(SUBNET, "new", inputs, olds=made[2]) == {}
    assert "overlaps" in Cloud(world=cloud.world).failures(SUBNET, "new", inputs)["cidrBlock"]


def test_a_zone_of_another_region_is_refused_in_lists_too(cloud):
    found = cloud.failures(
        "aws:elasticache/replicationGroup:ReplicationGroup",
        "cache",
        {"description": "x", "preferredCacheClusterAzs": ["us-east-1a", "us-west-2a"]},
    )
    assert "us-west-2a" in found["preferredCacheClusterAzs[1]"]


@pytest.mark.parametrize(
    ("type_", "inputs", "property_", "elsewhere"),
    [
        (BUCKET, {"bucket": "tandem-artifacts"}, "bucket", "taken"),
        (ROLE, {"name": "node", "assumeRolePolicy": TRUST}, "name", "taken"),
        ("aws:cloudwatch/logGroup:LogGroup", {"name": "/aws/eks"}, "name", "free"),
        ("aws:rds/subnetGroup:SubnetGroup", {"name": "db", "subnetIds": [UNKNOWN, UNKNOWN]}, "name", "free"),
    ],
)
def test_a_name_stands_once_in_its_scope(type_, inputs, property_, elsewhere):
    cloud = Cloud()
    assert cloud.failures(type_, "one", inputs) == {}
    assert "is taken" in cloud.failures(type_, "two", inputs)[property_]
    moved = Cloud()
    moved.check(type_, "one", inputs)
    if type_ != ROLE:
        found = moved.failures(type_, "two", {**inputs, "region": "us-west-2"})
        assert ("is taken" in found.get(property_, "")) == (elsewhere == "taken")


def test_a_name_that_stands_is_refused_to_another_stack(cloud):
    cloud.make(BUCKET, "one", {"bucket": "tandem-artifacts"})
    found = Cloud(world=cloud.world).failures(BUCKET, "two", {"bucket": "tandem-artifacts"})
    assert urn(BUCKET, "one") in found["bucket"]


def test_records_differ_by_set_identifier(cloud):
    zone = cloud.make("aws:route53/zone:Zone", "z", {"name": "example.com"})[0]
    type_ = "aws:route53/record:Record"
    record = {"zoneId": zone, "name": "api.example.com", "type": "CNAME", "records": ["a.example.com"], "ttl": 30,
              "failoverRoutingPolicies": [{"type": "PRIMARY"}], "setIdentifier": "east"}  # fmt: skip
    assert cloud.failures(type_, "east", record) == {}
    assert cloud.failures(type_, "west", {**record, "setIdentifier": "west"}) == {}
    assert "is taken" in next(iter(cloud.failures(type_, "again", record).values()))


def test_of_two_creates_at_once_one_gets_the_name(tmp_path):
    worlds = [World(tmp_path / "cloud.sqlite") for _ in range(8)]
    outcomes = []

    def create(number):
        try:
            worlds[number].create(Resource("aws", BUCKET, "b", f"urn{number}", "0", "us-east-1", "b", claim="b"))
            outcomes.append("made")
        except NameTaken:
            outcomes.append("taken")

    threads = [threading.Thread(target=create, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(outcomes) == ["made"] + ["taken"] * 7
    assert len(World(tmp_path / "cloud.sqlite").everything()) == 1


# Names and identities


def test_a_name_is_made_once_and_kept(cloud):
    first = cloud.check(BUCKET, "Artifacts", {}).inputs
    assert first["bucket"].startswith("artifacts-")
    assert cloud.check(BUCKET, "Artifacts", {}).inputs["bucket"] == first["bucket"]
    assert cloud.check(BUCKET, "Artifacts", {"tags": {"a": "b"}}, olds=first).inputs["bucket"] == first["bucket"]


def test_a_replacement_gets_another_name_and_id(cloud):
    id_, _, inputs = cloud.make(ROLE, "node", {"assumeRolePolicy": TRUST})
    cloud.simulator.diff(urn(ROLE, "node"), ROLE, id_, inputs, {**inputs, "path": "/x/"})
    assert cloud.check(ROLE, "node", {"assumeRolePolicy": TRUST, "path": "/x/"}).inputs["name"] != id_


def test_a_create_that_was_interrupted_can_be_repeated(cloud):
    first = cloud.make(VPC, "net", {"cidrBlock": "10.0.0.0/16"})
    again = Cloud(world=cloud.world).make(VPC, "net", {"cidrBlock": "10.0.0.0/16"})
    assert again[0] == first[0]
    assert len(cloud.world.everything()) == 1


def test_a_prefix_is_honoured(cloud):
    named = cloud.check(ROLE, "node", {"assumeRolePolicy": TRUST, "namePrefix": "team-"}).inputs["name"]
    assert named.startswith("team-")


def test_outputs_say_where_a_thing_stands(cloud):
    east = cloud.make("aws:sns/topic:Topic", "t", {"name": "alarms"})[1]
    west = cloud.make("aws:sns/topic:Topic", "u", {"name": "alarms", "region": "us-west-2"})[1]
    assert east["arn"] == "arn:aws:sns:us-east-1:000000000000:alarms"
    assert west["arn"] == "arn:aws:sns:us-west-2:000000000000:alarms"
    assert west["region"] == "us-west-2"


def test_default_tags_are_in_tags_all_and_yield_to_the_resources_own():
    cloud = Cloud(defaultTags=json.dumps({"tags": {"stack": "primary", "a": "default"}}))
    outputs = cloud.make(VPC, "net", {"cidrBlock": "10.0.0.0/16", "tags": {"a": "own"}})[1]
    assert outputs["tagsAll"] == {"stack": "primary", "a": "own"}
    assert outputs["tags"] == {"a": "own"}


def test_another_account_is_refused():
    with pytest.raises(Refused, match="account ID not allowed: 000000000000"):
        Cloud(allowedAccountIds='["111111111111"]')


def test_a_replica_key_shares_the_id_of_its_primary(cloud):
    key = cloud.make("aws:kms/key:Key", "k", {"multiRegion": True})
    replica = cloud.make("aws:kms/replicaKey:ReplicaKey", "r", {"primaryKeyArn": key[1]["arn"], "region": "us-west-2"})
    assert key[0].startswith("mrk-")
    assert replica[1]["arn"] == key[1]["arn"].replace("us-east-1", "us-west-2")


def test_a_preview_knows_only_what_the_program_said(cloud):
    subnet = {"vpcId": UNKNOWN, "cidrBlock": "10.0.0.0/24", "tags": {"a": "b"}}
    _, outputs = cloud.simulator.create(urn(SUBNET, "a"), SUBNET, subnet, preview=True)
    assert outputs["id"] is UNKNOWN
    assert outputs["arn"] is UNKNOWN
    assert outputs["vpcId"] is UNKNOWN
    assert outputs["cidrBlock"] == "10.0.0.0/24"
    assert outputs["region"] == "us-east-1"
    assert cloud.world.is_empty()


def test_unknown_is_also_inside_a_block_that_the_program_began(cloud):
    type_ = "aws:eks/cluster:Cluster"
    inputs = {"name": "c", "roleArn": UNKNOWN, "vpcConfig": {"subnetIds": [UNKNOWN], "endpointPrivateAccess": True}}
    _, outputs = cloud.simulator.create(urn(type_, "c"), type_, inputs, preview=True)
    assert outputs["vpcConfig"]["clusterSecurityGroupId"] is UNKNOWN
    assert outputs["vpcConfig"]["endpointPrivateAccess"] is True


def test_an_update_keeps_what_it_does_not_touch(cloud):
    type_ = "aws:ec2/launchTemplate:LaunchTemplate"
    id_, outputs, inputs = cloud.make(type_, "t", {"imageId": "ami-0123456789abcdef0"})
    news = {**inputs, "imageId": "ami-00000000000000000"}
    shown = cloud.simulator.update(urn(type_, "t"), type_, id_, outputs, news, preview=True)
    assert shown["arn"] == outputs["arn"]
    assert shown["latestVersion"] is UNKNOWN
    done = cloud.simulator.update(urn(type_, "t"), type_, id_, outputs, news)
    assert done["latestVersion"] == 2


def test_secrets_stay_secret(cloud):
    type_ = "aws:ssm/parameter:Parameter"
    _, outputs, inputs = cloud.make(type_, "p", {"type": "SecureString", "name": "/p", "value": Secret("x")})
    assert inputs["value"] == Secret("x")
    assert outputs["value"] == Secret("x")


def test_any_type_of_the_sdk_has_outputs(cloud):
    outputs = cloud.make("aws:apprunner/connection:Connection", "c", {"providerType": "GITHUB", "connectionName": "c"})[
        1
    ]
    assert isinstance(outputs["status"], str)
    assert outputs["arn"].startswith("arn:aws:apprunner:us-east-1:000000000000:")


# Diff


def test_no_change_is_no_difference(cloud):
    made = cloud.make(VPC, "net", {"cidrBlock": "10.0.0.0/16", "tags": {"a": "b"}})
    found = cloud.simulator.diff(
        urn(VPC, "net"), VPC, made[0], made[2], cloud.check(VPC, "net", made[2], made[2]).inputs
    )
    assert found.changes == {}


def test_a_difference_names_the_path_and_what_replaces(cloud):
    before = {"cidrBlock": "10.0.0.0/16", "tags": {"a": "b", "c": "d"}}
    after = {"cidrBlock": "10.1.0.0/16", "tags": {"a": "x"}, "enableDnsSupport": True}
    found = cloud.simulator.diff(urn(VPC, "net"), VPC, "vpc-1", before, after)
    assert found.changes == {"cidrBlock": "update", "tags.a": "update", "tags.c": "delete", "enableDnsSupport": "add"}
    assert found.replaces == ("cidrBlock",)


def test_an_unknown_value_of_a_replacing_property_replaces(cloud):
    found = cloud.simulator.diff(urn(VPC, "net"), VPC, "v", {"cidrBlock": "10.0.0.0/16"}, {"cidrBlock": UNKNOWN})
    assert found.replaces == ("cidrBlock",)


def test_what_is_ignored_is_no_difference(cloud):
    before, after = (
        {"scalingConfig": {"desiredSize": 3, "minSize": 1}},
        {"scalingConfig": {"desiredSize": 1, "minSize": 1}},
    )
    type_ = "aws:eks/nodeGroup:NodeGroup"
    found = cloud.simulator.diff(urn(type_, "n"), type_, "n", before, after, ["scalingConfig.desiredSize"])
    assert found.changes == {}


@pytest.mark.parametrize(("inputs", "first"), [({"name": "node"}, True), ({}, False)])
def test_a_chosen_name_forces_the_old_one_out_first(cloud, inputs, first):
    made = cloud.make(ROLE, "node", {**inputs, "assumeRolePolicy": TRUST})
    news = cloud.check(ROLE, "node", {**inputs, "assumeRolePolicy": TRUST, "path": "/x/"}, made[2]).inputs
    found = cloud.simulator.diff(urn(ROLE, "node"), ROLE, made[0], made[2], news)
    assert found.replaces == ("path",)
    assert found.delete_first is first


# What must stand before what


def test_a_subnet_that_does_not_exist_is_refused(cloud):
    with pytest.raises(
        Refused, match=r"InvalidSubnetID.NotFound: NatGateway.subnetId: the subnet 'subnet-0123456789abcdef0'"
    ):
        cloud.make("aws:ec2/natGateway:NatGateway", "n", {"subnetId": "subnet-0123456789abcdef0"})


def test_a_subnet_of_another_region_does_not_exist_here(cloud):
    vpc = cloud.make(VPC, "net", {"cidrBlock": "10.0.0.0/16", "region": "us-west-2"})
    with pytest.raises(Refused, match=r"InvalidVpcID.NotFound.*us-east-1"):
        cloud.make(SUBNET, "a", {"vpcId": vpc[0], "cidrBlock": "10.0.0.0/24"})


def test_a_security_group_that_a_cluster_made_exists(cloud):
    role = cloud.make(ROLE, "r", {"assumeRolePolicy": TRUST})
    vpc = cloud.make(VPC, "net", {"cidrBlock": "10.0.0.0/16"})
    subnets = [
        cloud.make(SUBNET, z, {"vpcId": vpc[0], "cidrBlock": f"10.0.{n}.0/24", "availabilityZone": f"us-east-1{z}"})[0]
        for n, z in enumerate("ab")
    ]
    type_ = "aws:eks/cluster:Cluster"
    cluster = cloud.make(type_, "c", {"name": "c", "roleArn": role[1]["arn"], "vpcConfig": {"subnetIds": subnets}})
    group = cluster[1]["vpcConfig"]["clusterSecurityGroupId"]
    rule = {"securityGroupId": group, "ipProtocol": "-1", "cidrIpv4": "10.0.0.0/16"}
    cloud.make("aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule", "r", rule)


PEERING = "aws:ec2/vpcPeeringConnection:VpcPeeringConnection"
ACCEPTER = "aws:ec2/vpcPeeringConnectionAccepter:VpcPeeringConnectionAccepter"


def test_a_peering_names_a_vpc_of_its_other_region_and_stands_in_both(cloud):
    own, _, _ = cloud.make(VPC, "own", {"cidrBlock": "10.1.0.0/16"})
    other, _, _ = cloud.make(VPC, "other", {"cidrBlock": "10.2.0.0/16", "region": "us-west-2"})
    with pytest.raises(Refused, match=r"InvalidVpcID.NotFound.*peerVpcId.*us-west-2"):
        cloud.make(PEERING, "itself", {"vpcId": own, "peerVpcId": own, "peerRegion": "us-west-2"})
    peering, _, _ = cloud.make(PEERING, "link", {"vpcId": own, "peerVpcId": other, "peerRegion": "us-west-2"})
    with pytest.raises(Refused, match=r"InvalidVpcPeeringConnectionID.NotFound.*eu-west-1"):
        cloud.make(ACCEPTER, "elsewhere", {"vpcPeeringConnectionId": peering, "region": "eu-west-1"})
    accepted, _, _ = cloud.make(ACCEPTER, "link", {"vpcPeeringConnectionId": peering, "region": "us-west-2"})
    assert accepted == peering


def test_a_transit_gateway_with_attachments_is_not_deleted(cloud):
    vpc, _, _ = cloud.make(VPC, "vpc", {"cidrBlock": "10.1.0.0/16"})
    subnet, _, _ = cloud.make(SUBNET, "subnet", {"vpcId": vpc, "cidrBlock": "10.1.0.0/24"})
    gateway = cloud.make("aws:ec2transitgateway/transitGateway:TransitGateway", "gateway", {})
    cloud.make(
        "aws:ec2transitgateway/vpcAttachment:VpcAttachment",
        "attachment",
        {"vpcId": vpc, "subnetIds": [subnet], "transitGatewayId": gateway[0]},
    )
    with pytest.raises(Refused, match="IncorrectState"):
        cloud.delete("aws:ec2transitgateway/transitGateway:TransitGateway", "gateway", gateway)


def test_a_key_of_another_region_is_refused(cloud):
    key = cloud.make("aws:kms/key:Key", "k", {"region": "us-west-2"})[1]["arn"]
    with pytest.raises(Refused, match="is a key of us-west-2; it must be one of us-east-1"):
        cloud.make("aws:cloudwatch/logGroup:LogGroup", "l", {"kmsKeyId": key})


def replication(source, destination):
    rule = {"status": "Enabled", "destination": {"bucket": f"arn:aws:s3:::{destination}"}}
    return {"bucket": source, "role": "arn:aws:iam::000000000000:role/r", "rules": [rule]}


def test_replication_waits_for_versioning_at_both_ends(cloud):
    cloud.make(BUCKET, "one", {"bucket": "one-tandem"})
    cloud.make(BUCKET, "two", {"bucket": "two-tandem", "region": "us-west-2"})
    on = {"versioningConfiguration": {"status": "Enabled"}}
    with pytest.raises(Refused, match="versioning must be 'Enabled' on the bucket 'one-tandem'"):
        cloud.make(REPLICATION, "r", replication("one-tandem", "two-tandem"))
    cloud.make(VERSIONING, "one", {"bucket": "one-tandem", **on})
    with pytest.raises(Refused, match="the destination 'two-tandem' must exist and have versioning"):
        cloud.make(REPLICATION, "r", replication("one-tandem", "two-tandem"))
    cloud.make(VERSIONING, "two", {"bucket": "two-tandem", "region": "us-west-2", **on})
    cloud.make(REPLICATION, "r", replication("one-tandem", "two-tandem"))


def test_a_vpc_goes_after_its_subnets(cloud):
    vpc = cloud.make(VPC, "net", {"cidrBlock": "10.0.0.0/16"})
    subnet = cloud.make(SUBNET, "a", {"vpcId": vpc[0], "cidrBlock": "10.0.0.0/24"})
    with pytest.raises(Refused, match=f"DependencyViolation: Vpc {vpc[0]} is still used by .*::a"):
        cloud.delete(VPC, "net", vpc)
    cloud.delete(SUBNET, "a", subnet)
    cloud.delete(VPC, "net", vpc)
    assert cloud.world.is_empty()


def test_a_policy_stays_while_a_role_has_it(cloud):
    anyone = {"assumeRolePolicy": '{"Version":"2012-10-17","Statement":[]}'}
    role = cloud.make("aws:iam/role:Role", "r", {"name": "r", **anyone})
    policy = cloud.make("aws:iam/policy:Policy", "p", {"policy": '{"Version":"2012-10-17","Statement":[]}'})
    held = cloud.make(ATTACHMENT, "a", {"role": role[1]["name"], "policyArn": policy[1]["arn"]})
    with pytest.raises(Refused, match=r"DeleteConflict: Policy .* is still used by .*::a"):
        cloud.delete("aws:iam/policy:Policy", "p", policy)
    cloud.delete(ATTACHMENT, "a", held)
    cloud.delete("aws:iam/policy:Policy", "p", policy)


def aurora(cloud, name, **more):
    type_ = "aws:rds/cluster:Cluster"
    return cloud.make(type_, name, {"clusterIdentifier": name, "engine": "aurora-postgresql", "skipFinalSnapshot": True,
                                    "globalClusterIdentifier": "shell", **more})  # fmt: skip


def test_a_global_database_goes_from_the_secondary_to_the_shell(cloud):
    shell_type, type_ = "aws:rds/globalCluster:GlobalCluster", "aws:rds/cluster:Cluster"
    with pytest.raises(Refused, match="GlobalClusterNotFoundFault"):
        aurora(cloud, "first", masterUsername="owner", masterPassword=Secret("not-that-secret"))
    shell = cloud.make(shell_type, "g", {"globalClusterIdentifier": "shell", "engine": "aurora-postgresql"})
    first = aurora(cloud, "first", masterUsername="owner", masterPassword=Secret("not-that-secret"))
    second = aurora(cloud, "second", region="us-west-2")
    with pytest.raises(Refused, match="InvalidGlobalClusterStateFault"):
        cloud.delete(shell_type, "g", shell)
    with pytest.raises(Refused, match="is the primary of global database shell"):
        cloud.delete(type_, "first", first)
    cloud.delete(type_, "second", second)
    cloud.delete(type_, "first", first)
    cloud.delete(shell_type, "g", shell)
    assert cloud.world.is_empty()


def test_a_global_cache_goes_from_the_member_to_the_founder(cloud):
    shell_type = "aws:elasticache/globalReplicationGroup:GlobalReplicationGroup"
    type_ = "aws:elasticache/replicationGroup:ReplicationGroup"
    sharded = {"description": "x", "replicasPerNodeGroup": 1, "automaticFailoverEnabled": True}
    with pytest.raises(Refused, match="ReplicationGroupNotFoundFault"):
        cloud.make(shell_type, "g", {"globalReplicationGroupIdSuffix": "g", "primaryReplicationGroupId": "first"})
    first = cloud.make(type_, "first", {"replicationGroupId": "first", "numNodeGroups": 2, **sharded})
    assert first[1]["memberClusters"] == ["first-0001-001", "first-0001-002", "first-0002-001", "first-0002-002"]
    shell = cloud.make(shell_type, "g", {"globalReplicationGroupIdSuffix": "g", "primaryReplicationGroupId": "first"})
    joins = {"replicationGroupId": "second", "globalReplicationGroupId": shell[0], "region": "us-west-2", **sharded}
    with pytest.raises(Refused, match="GlobalReplicationGroupNotFoundFault"):
        cloud.make(type_, "second", {**joins, "globalReplicationGroupId": "none"})
    second = cloud.make(type_, "second", joins)
    assert second[1]["configurationEndpointAddress"].startswith("clustercfg.")
    with pytest.raises(Refused, match="InvalidGlobalReplicationGroupState"):
        cloud.delete(shell_type, "g", shell)
    with pytest.raises(Refused, match="InvalidReplicationGroupState"):
        cloud.delete(type_, "first", first)
    cloud.delete(type_, "second", second)
    cloud.delete(shell_type, "g", shell)
    cloud.delete(type_, "first", first)
    assert cloud.world.is_empty()


def test_what_is_protected_is_not_deleted(cloud):
    type_ = "aws:rds/globalCluster:GlobalCluster"
    inputs = {"globalClusterIdentifier": "shell", "engine": "aurora-postgresql", "deletionProtection": True}
    made = cloud.make(type_, "g", inputs)
    with pytest.raises(Refused, match="cannot be deleted while deletionProtection is on"):
        cloud.delete(type_, "g", made)


def test_a_bucket_takes_its_settings_along(cloud):
    made = cloud.make(BUCKET, "one", {"bucket": "one-tandem"})
    cloud.make(VERSIONING, "one", {"bucket": "one-tandem", "versioningConfiguration": {"status": "Enabled"}})
    cloud.delete(BUCKET, "one", made)
    assert cloud.world.is_empty()


def test_deleting_what_is_gone_is_no_error(cloud):
    made = cloud.make(VPC, "net", {"cidrBlock": "10.0.0.0/16"})
    cloud.delete(VPC, "net", made)
    cloud.delete(VPC, "net", made)


# Dark places


@pytest.mark.parametrize("region", ["us-west-2", "eu-central-1"])
def test_a_dark_region_answers_nothing_that_stands_in_it(cloud, region):
    made = cloud.make(VPC, "net", {"cidrBlock": "10.0.0.0/16", "region": region})
    cloud.world.dark(region)
    arguments = (urn(VPC, "net"), VPC, made[0])
    for call in (
        lambda: cloud.make(VPC, "other", {"cidrBlock": "10.1.0.0/16", "region": region}),
        lambda: cloud.simulator.read(*arguments, made[1], made[2]),
        lambda: cloud.simulator.update(*arguments, made[1], {**made[2], "tags": {"a": "b"}}),
        lambda: cloud.delete(VPC, "net", made),
        lambda: cloud.simulator.invoke("aws:index/getAvailabilityZones:getAvailabilityZones", {"region": region}),
    ):
        with pytest.raises(Outage, match=f"{region}: dial tcp: i/o timeout"):
            call()
    cloud.make(VPC, "here", {"cidrBlock": "10.1.0.0/16"})
    cloud.world.light(region)
    assert cloud.simulator.read(*arguments, made[1], made[2]) is not None


def test_without_us_east_1_nothing_global_changes_but_what_stands_can_be_judged():
    cloud = Cloud(region="us-west-2")
    made = cloud.make(ROLE, "r", {"assumeRolePolicy": TRUST})
    cloud.world.dark("us-east-1")
    with pytest.raises(Outage, match="us-east-1"):
        cloud.make(ROLE, "s", {"assumeRolePolicy": TRUST})
    assert cloud.check(ROLE, "r", {"assumeRolePolicy": TRUST}, made[2]).failures == []
    assert cloud.simulator.diff(urn(ROLE, "r"), ROLE, made[0], made[2], made[2]).changes == {}
    cloud.make(VPC, "local", {"cidrBlock": "10.0.0.0/16"})


def test_a_region_switch_plan_makes_health_checks_that_only_us_east_1_lists():
    cloud = Cloud(region="us-west-2")
    config = {"hostedZoneId": "Z1", "recordName": "switch.tandem.example"}
    step = {"name": "s", "executionBlockType": "Route53HealthCheck", "route53HealthCheckConfigs": [config]}
    made = cloud.make(
        "aws:arcregionswitch/plan:Plan",
        "p",
        {
            "name": "p",
            "executionRole": "arn:aws:iam::000000000000:role/r",
            "recoveryApproach": "activePassive",
            "regions": ["us-east-1", "us-west-2"],
            "workflows": [{"workflowTargetAction": "activate", "steps": [step]}] * 2,
        },
    )
    token = "aws:arcregionswitch/getRoute53HealthChecks:getRoute53HealthChecks"
    checks = cloud.simulator.invoke(token, {"planArn": made[0]})["healthChecks"]
    assert [check["region"] for check in checks] == ["us-east-1", "us-west-2"]
    zone = cloud.make("aws:route53/zone:Zone", "z", {"name": "tandem.example"})
    record = {"zoneId": zone[0], "name": "x", "type": "CNAME", "records": ["y"], "ttl": 30, "setIdentifier": "a"}
    record |= {"weightedRoutingPolicies": [{"weight": 1}]}
    cloud.make("aws:route53/record:Record", "r", {**record, "healthCheckId": checks[0]["healthCheckId"]})
    with pytest.raises(Refused, match="NoSuchHealthCheck"):
        cloud.make("aws:route53/record:Record", "s", {**record, "setIdentifier": "b", "healthCheckId": "none"})
    with pytest.raises(Refused, match="the plan 'gone' does not exist"):
        cloud.simulator.invoke(token, {"planArn": "gone"})
    cloud.world.dark("us-east-1")
    with pytest.raises(Outage, match="us-east-1"):
        cloud.simulator.invoke(token, {"planArn": made[0]})


def test_a_dark_zone_takes_only_its_own(cloud):
    vpc = cloud.make(VPC, "net", {"cidrBlock": "10.0.0.0/16"})
    cloud.world.dark("us-east-1a")
    with pytest.raises(Outage, match="us-east-1a"):
        cloud.make(SUBNET, "a", {"vpcId": vpc[0], "cidrBlock": "10.0.0.0/24", "availabilityZone": "us-east-1a"})
    cloud.make(SUBNET, "b", {"vpcId": vpc[0], "cidrBlock": "10.0.1.0/24", "availabilityZone": "us-east-1b"})


def test_a_dark_place_is_waited_for():
    world, waits = World(), []
    simulator = Simulator("aws", world, wait=waits.append)
    world.dark("us-east-1")
    with pytest.raises(Outage, match="us-east-1"):
        simulator.create(urn(VPC, "net"), VPC, {"cidrBlock": "10.0.0.0/16"})
    assert waits == [1.0]


# Random values

PASSWORD = "random:index/randomPassword:RandomPassword"


@given(
    st.integers(8, 64), st.booleans(), st.booleans(), st.integers(0, 2), st.integers(0, 2), st.text("abc", min_size=1)
)
def test_a_password_keeps_its_rules(length, special, upper, min_numeric, min_lower, name):
    simulator = Simulator("random", World())
    inputs = {"length": length, "special": special, "upper": upper, "minNumeric": min_numeric, "minLower": min_lower}
    _, outputs = simulator.create(urn(PASSWORD, name), PASSWORD, inputs)
    result = outputs["result"].value
    assert len(result) == length
    assert special or all(letter in string.ascii_letters + string.digits for letter in result)
    assert upper or not any(letter.isupper() for letter in result)
    assert sum(letter.isdigit() for letter in result) >= min_numeric
    assert sum(letter.islower() for letter in result) >= min_lower
    assert simulator.create(urn(PASSWORD, name), PASSWORD, inputs)[1] == outputs


def test_two_passwords_are_two_secrets_also_after_a_refresh():
    simulator = Simulator("random", World())
    made = {}
    for name in ("one", "two"):
        id_, outputs = simulator.create(urn(PASSWORD, name), PASSWORD, {"length": 40})
        assert isinstance(outputs["result"], Secret)
        made[name] = simulator.read(urn(PASSWORD, name), PASSWORD, id_, outputs, {"length": 40})[0]["result"]
    assert made["one"] != made["two"]


# Kubernetes

NAMESPACE, CONFIG_MAP = "kubernetes:core/v1:Namespace", "kubernetes:core/v1:ConfigMap"
RELEASE = "kubernetes:helm.sh/v3:Release"


def kubeconfig(region="us-east-1"):
    server = f"https://0123456789ABCDEF0123456789ABCDEF.gr7.{region}.eks.amazonaws.com"
    return json.dumps({
        "clusters": [{"name": "c", "cluster": {"server": server}}],
        "contexts": [{"name": "c", "context": {"cluster": "c", "user": "c"}}],
        "current-context": "c",
    })  # fmt: skip


@pytest.fixture
def cluster(cloud):
    cloud.world.create(Resource("aws", "aws:eks/cluster:Cluster", "c", "urn", "000000000000", "us-east-1", "c"))
    return Cloud("kubernetes", cloud.world, kubeconfig=kubeconfig(), clusterIdentifier="c")


def test_an_object_needs_its_namespace(cluster):
    with pytest.raises(Refused, match='namespaces "apps" not found in cluster c'):
        cluster.make(CONFIG_MAP, "m", {"metadata": {"namespace": "apps"}, "data": {"a": "b"}})
    cluster.make(NAMESPACE, "apps", {"metadata": {"name": "apps"}})
    id_, outputs, _ = cluster.make(CONFIG_MAP, "m", {"metadata": {"namespace": "apps"}, "data": {"a": "b"}})
    assert id_ == f"apps/{outputs['metadata']['name']}"
    assert outputs["metadata"]["name"].startswith("m-")
    assert outputs["metadata"]["uid"]
    assert outputs["data"] == {"a": "b"}


def test_an_object_needs_its_cluster(cloud):
    nowhere = Cloud("kubernetes", cloud.world, kubeconfig=kubeconfig(), clusterIdentifier="gone")
    with pytest.raises(Refused, match="no such EKS cluster stands"):
        nowhere.make(NAMESPACE, "apps", {})


def test_a_cluster_that_is_not_known_yet_previews(cloud):
    provider = Cloud("kubernetes", cloud.world, kubeconfig=UNKNOWN, clusterIdentifier="c")
    checked = provider.check(NAMESPACE, "apps", {"metadata": {"name": "apps"}})
    _, outputs = provider.simulator.create(urn(NAMESPACE, "apps"), NAMESPACE, checked.inputs, preview=True)
    assert outputs["metadata"]["name"] == "apps"
    assert outputs["metadata"]["uid"] is UNKNOWN


def test_a_cluster_in_a_dark_region_does_not_answer(cluster):
    cluster.world.dark("us-east-1")
    with pytest.raises(Outage, match="kubernetes in us-east-1"):
        cluster.make(NAMESPACE, "apps", {"metadata": {"name": "apps"}})


def test_a_cluster_takes_its_objects_along(cloud, cluster):
    cluster.make(NAMESPACE, "apps", {"metadata": {"name": "apps"}})
    standing = cloud.world.find("aws:eks/cluster:Cluster", "c", "us-east-1")
    cloud.simulator.delete(standing.urn, standing.type, "c", {"name": "c"})
    assert cloud.world.is_empty()


# Data sources


def invoke(cloud, token, **args):
    return cloud.simulator.invoke(token, args)


def test_data_sources_answer_for_the_region(cloud):
    zones = invoke(cloud, "aws:index/getAvailabilityZones:getAvailabilityZones")
    assert zones["names"][:2] == ["us-east-1a", "us-east-1b"]
    assert zones["zoneIds"][0] == "use1-az1"
    assert invoke(cloud, "aws:index/getRegion:getRegion")["region"] == "us-east-1"
    assert invoke(cloud, "aws:index/getCallerIdentity:getCallerIdentity")["accountId"] == "000000000000"


def test_a_data_source_that_is_not_simulated_says_so(cloud):
    with pytest.raises(NotSimulated, match="aws:ec2/getAmi:getAmi"):
        invoke(cloud, "aws:ec2/getAmi:getAmi", owners=["self"])


def test_a_zone_is_found_by_name_once_it_stands(cloud):
    with pytest.raises(Refused, match=r"no matching Route 53 Hosted Zone found: example.com"):
        invoke(cloud, "aws:route53/getZone:getZone", name="example.com.")
    made = cloud.make("aws:route53/zone:Zone", "z", {"name": "example.com"})
    assert invoke(cloud, "aws:route53/getZone:getZone", name="example.com.")["zoneId"] == made[0]


def test_a_policy_document_is_rendered(cloud):
    answer = invoke(
        cloud,
        "aws:iam/getPolicyDocument:getPolicyDocument",
        statements=[
            {
                "sid": "Use",
                "actions": ["s3:GetObject", "s3:PutObject"],
                "resources": ["arn:aws:s3:::b/*"],
                "principals": [{"type": "AWS", "identifiers": ["*"]}],
                "conditions": [{"test": "Bool", "variable": "aws:SecureTransport", "values": ["false"]}],
            },
            {
                "effect": "Deny",
                "notActions": ["iam:*"],
                "resources": ["*"],
                "principals": [{"type": "*", "identifiers": ["*"]}],
            },
        ],
    )
    assert json.loads(answer["json"]) == {
        "Version": "2012-10-17",
        "Statement": [
            {
                "Sid": "Use",
                "Effect": "Allow",
                "Principal": {"AWS": "*"},
                "Action": ["s3:PutObject", "s3:GetObject"],
                "Resource": "arn:aws:s3:::b/*",
                "Condition": {"Bool": {"aws:SecureTransport": "false"}},
            },
            {"Effect": "Deny", "Principal": "*", "NotAction": "iam:*", "Resource": "*"},
        ],
    }


def test_a_prefix_list_of_another_region_is_not_found(cloud):
    token = "aws:ec2/getManagedPrefixList:getManagedPrefixList"
    assert invoke(cloud, token, name="com.amazonaws.us-east-1.s3")["id"].startswith("pl-")
    with pytest.raises(Refused, match=r"no matching EC2 Managed Prefix List found: com.amazonaws.us-west-2.s3"):
        invoke(cloud, token, name="com.amazonaws.us-west-2.s3")
