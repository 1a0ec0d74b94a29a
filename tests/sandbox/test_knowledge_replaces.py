"""What cannot be changed in place is replaced, and the rest is not."""

import pytest

from sandbox.knowledge import regions, replaces, zones
from sandbox.knowledge.names import COUNTERPARTS
from sandbox.knowledge.sdk import inputs_of

REPLACED: dict[str, set[str]] = {
    "aws:ec2/vpc:Vpc": {"cidrBlock"},
    "aws:ec2/subnet:Subnet": {"vpcId", "cidrBlock", "availabilityZone"},
    "aws:ec2/natGateway:NatGateway": {"subnetId", "allocationId"},
    "aws:ec2/securityGroup:SecurityGroup": {"name", "namePrefix", "description", "vpcId"},
    "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule": {"securityGroupId"},
    "aws:eks/cluster:Cluster": {"name", "roleArn", "kubernetesNetworkConfig.serviceIpv4Cidr"},
    "aws:eks/nodeGroup:NodeGroup": {"clusterName", "instanceTypes", "subnetIds", "amiType", "nodeGroupNamePrefix"},
    "aws:eks/addon:Addon": {"clusterName", "addonName"},
    "aws:eks/accessPolicyAssociation:AccessPolicyAssociation": {"clusterName", "principalArn", "policyArn"},
    "aws:rds/cluster:Cluster": {"clusterIdentifier", "databaseName", "kmsKeyId", "dbSubnetGroupName", "masterUsername"},
    "aws:rds/clusterInstance:ClusterInstance": {"identifier", "clusterIdentifier", "availabilityZone"},
    "aws:elasticache/replicationGroup:ReplicationGroup": {"replicationGroupId", "subnetGroupName", "kmsKeyId"},
    "aws:s3/bucket:Bucket": {"bucket", "bucketPrefix"},
    "aws:s3/bucketVersioning:BucketVersioning": {"bucket"},
    "aws:kms/alias:Alias": {"name", "namePrefix"},
    "aws:lb/targetGroup:TargetGroup": {"name", "port", "protocol", "vpcId", "targetType"},
    "aws:lb/loadBalancer:LoadBalancer": {"name", "internal", "loadBalancerType"},
    "aws:lb/listener:Listener": {"loadBalancerArn"},
    "aws:route53/record:Record": {"zoneId", "name"},
    "aws:route53/healthCheck:HealthCheck": {"type", "requestInterval"},
    "aws:iam/role:Role": {"name", "path"},
    "aws:iam/rolePolicyAttachment:RolePolicyAttachment": {"role", "policyArn"},
    "aws:sqs/queue:Queue": {"name", "fifoQueue"},
    "random:index/randomPassword:RandomPassword": {"length", "keepers", "special"},
}
UPDATED: dict[str, set[str]] = {
    "aws:ec2/vpc:Vpc": {"enableDnsHostnames", "tags"},
    "aws:ec2/subnet:Subnet": {"mapPublicIpOnLaunch"},
    "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule": {"cidrIpv4", "fromPort"},
    "aws:eks/cluster:Cluster": {"version", "vpcConfig", "enabledClusterLogTypes", "accessConfig"},
    "aws:eks/nodeGroup:NodeGroup": {"scalingConfig", "version", "labels", "taints"},
    "aws:rds/cluster:Cluster": {"engineVersion", "backupRetentionPeriod", "masterPassword"},
    "aws:rds/clusterInstance:ClusterInstance": {"instanceClass", "promotionTier"},
    "aws:elasticache/replicationGroup:ReplicationGroup": {"nodeType", "engineVersion", "numCacheClusters"},
    "aws:lb/targetGroup:TargetGroup": {"healthCheck", "deregistrationDelay"},
    "aws:lb/loadBalancer:LoadBalancer": {"securityGroups", "subnets"},
    "aws:route53/record:Record": {"records", "ttl", "aliases"},
    "aws:iam/role:Role": {"assumeRolePolicy", "description"},
}


@pytest.mark.parametrize(("type_", "properties"), REPLACED.items(), ids=REPLACED)
def test_a_change_that_aws_cannot_make_in_place_replaces(type_: str, properties: set[str]) -> None:
    assert properties - replaces(type_) == set()


@pytest.mark.parametrize(("type_", "properties"), UPDATED.items(), ids=UPDATED)
def test_a_change_that_aws_makes_in_place_does_not_replace(type_: str, properties: set[str]) -> None:
    assert properties & replaces(type_) == set()


@pytest.mark.parametrize("type_", sorted(COUNTERPARTS))
def test_a_regional_resource_is_replaced_when_its_region_changes(type_: str) -> None:
    assert ("region" in replaces(type_)) == ("region" in inputs_of(type_))


def test_iam_and_route_53_are_global() -> None:
    assert "region" not in replaces("aws:iam/role:Role") | replaces("aws:route53/record:Record")


def test_every_replaced_property_is_an_input() -> None:
    for type_ in COUNTERPARTS:
        assert {name.partition(".")[0] for name in replaces(type_)} <= inputs_of(type_)


def test_every_name_of_the_table_is_an_input() -> None:
    for type_, counterpart in COUNTERPARTS.items():
        stated = {*counterpart.names, *counterpart.replaced, *counterpart.updated}
        assert {name.partition(".")[0] for name in stated} - inputs_of(type_) == set(), type_


def test_nothing_is_claimed_about_other_packages() -> None:
    assert replaces("gcp:storage/bucket:Bucket") == frozenset()


def test_regions_have_their_own_zones() -> None:
    assert {"us-east-1", "us-west-2", "eu-central-1"} <= set(regions())
    assert zones("us-west-2") == ("us-west-2a", "us-west-2b", "us-west-2c", "us-west-2d")
    assert all(zone.startswith(region) for region in regions() for zone in zones(region))


def test_a_region_that_does_not_exist_has_no_zones() -> None:
    with pytest.raises(ValueError, match="'us-esat-1' is not an AWS region; nearest: 'us-east-1'"):
        zones("us-esat-1")
