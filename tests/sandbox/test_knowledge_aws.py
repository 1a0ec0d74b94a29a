"""AWS inputs are refused for what AWS would refuse, and for nothing else."""

import copy
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sandbox.knowledge import Failure, check, coverage, known
from sandbox.knowledge.names import COUNTERPARTS
from sandbox.values import SIGNATURE_KEY, UNKNOWN
from tests.sandbox.compliant_inputs import COMPLIANT, GROUP, KEY, ROLE, SUBNET, VPC

IDS = [f"{type_.rpartition(':')[2]}-{index}" for index, (type_, _) in enumerate(COMPLIANT)]


@pytest.mark.parametrize(("type_", "inputs"), COMPLIANT, ids=IDS)
def test_what_aws_accepts_is_accepted(type_: str, inputs: dict[str, Any]) -> None:
    assert known(type_)
    assert check(type_, inputs, region="us-east-1") == []


def test_every_type_of_the_name_table_has_inputs_that_are_accepted() -> None:
    assert set(COUNTERPARTS) - {type_ for type_, _ in COMPLIANT} == set()


def paths(value: Any, at: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    if isinstance(value, dict):
        return [at, *(path for key, item in value.items() for path in paths(item, (*at, key)))]
    if isinstance(value, list):
        return [at, *(path for index, item in enumerate(value) for path in paths(item, (*at, index)))]
    return [at]


def replaced(value: Any, path: tuple[Any, ...], new: Any) -> Any:
    if not path:
        return new
    changed = copy.copy(value)
    changed[path[0]] = replaced(value[path[0]], path[1:], new)
    return changed


@settings(deadline=None, max_examples=300)
@given(st.data())
def test_an_unknown_value_is_never_judged(data: st.DataObject) -> None:
    type_, inputs = data.draw(st.sampled_from(COMPLIANT))
    # An asset's signature is part of the protocol, so never unknown.
    path = data.draw(st.sampled_from([path for path in paths(inputs) if path and path[-1] != SIGNATURE_KEY]))
    assert check(type_, replaced(inputs, path, UNKNOWN), region="us-east-1") == []


JUNK = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text() | st.just(UNKNOWN),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=5,
)


@settings(deadline=None, max_examples=300)
@given(st.data())
def test_no_input_makes_the_check_raise(data: st.DataObject) -> None:
    type_, inputs = data.draw(st.sampled_from(COMPLIANT))
    path = data.draw(st.sampled_from([path for path in paths(inputs) if path]))
    junk = replaced(inputs, path, data.draw(JUNK))
    assert all(isinstance(failure, Failure) for failure in check(type_, junk, region="us-east-1"))


CLUSTER, INSTANCE = "aws:rds/cluster:Cluster", "aws:rds/clusterInstance:ClusterInstance"
GROUP_TYPE = "aws:elasticache/replicationGroup:ReplicationGroup"
MEMBER = {"clusterIdentifier": "tandem", "engine": "aurora-postgresql"}
NODES = {"clusterName": "tandem", "nodeRoleArn": ROLE, "subnetIds": [SUBNET]}
SIZES = {"minSize": 1, "desiredSize": 1, "maxSize": 2}
RULE = {"securityGroupId": GROUP, "ipProtocol": "tcp", "fromPort": 443, "toPort": 443}
EKS = {"roleArn": ROLE, "vpcConfig": {"subnetIds": [SUBNET]}}

REFUSED: list[tuple[str, str, dict[str, Any], str, str]] = [
    # What is wrong, type, inputs, property, a part of the reason.
    (
        "instance class misspelt",
        INSTANCE,
        {**MEMBER, "instanceClass": "db.r6g.lage"},
        "instanceClass",
        "'db.r6g.lage' is not an instance class offered in us-east-1 for aurora-postgresql; nearest: 'db.r6g.large'",
    ),
    (
        "node type misspelt",
        GROUP_TYPE,
        {"description": "a", "engine": "valkey", "nodeType": "cache.r7g.lrge"},
        "nodeType",
        "not a node type offered in us-east-1 for valkey; nearest: 'cache.r7g.large'",
    ),
    (
        "instance type misspelt",
        "aws:eks/nodeGroup:NodeGroup",
        {**NODES, "scalingConfig": SIZES, "instanceTypes": ["m6i.large", "m6i.lage"]},
        "instanceTypes[1]",
        "'m6i.lage' is not an instance type offered in us-east-1; nearest: 'm6i.large'",
    ),
    (
        "instance type of a launch template",
        "aws:ec2/launchTemplate:LaunchTemplate",
        {"instanceType": "p5.48xlarg"},
        "instanceType",
        "nearest: 'p5.48xlarge'",
    ),
    (
        "engine version that does not exist",
        CLUSTER,
        {"engine": "aurora-postgresql", "engineVersion": "16.99"},
        "engineVersion",
        "'16.99' is not an engine version of aurora-postgresql",
    ),
    (
        "engine version of a global cluster",
        "aws:rds/globalCluster:GlobalCluster",
        {"globalClusterIdentifier": "tandem", "engine": "aurora-postgresql", "engineVersion": "99.1"},
        "engineVersion",
        "'99.1' is not an engine version of aurora-postgresql",
    ),
    (
        "cache engine version",
        GROUP_TYPE,
        {"description": "a", "engine": "valkey", "engineVersion": "7.9"},
        "engineVersion",
        "'7.9' is not an engine version of valkey",
    ),
    ("engine misspelt", CLUSTER, {"engine": "aurora-postgres"}, "engine", "nearest: 'aurora-postgresql'"),
    (
        "storage that Aurora does not have",
        CLUSTER,
        {"engine": "aurora-postgresql", "storageType": "gp3"},
        "storageType",
        "'gp3' is not one of 'aurora', 'aurora-iopt1'",
    ),
    (
        "property that Aurora does not take",
        CLUSTER,
        {"engine": "aurora-postgresql", "iops": 3000},
        "iops",
        "cannot be set for aurora-postgresql",
    ),
    (
        "retention too long",
        CLUSTER,
        {"engine": "aurora-postgresql", "backupRetentionPeriod": 99.0},
        "backupRetentionPeriod",
        "99 is above 35 (allowed: 1 to 35)",
    ),
    (
        "capacity upside down",
        CLUSTER,
        {"engine": "aurora-postgresql", "serverlessv2ScalingConfiguration": {"minCapacity": 8, "maxCapacity": 2.5}},
        "serverlessv2ScalingConfiguration.minCapacity",
        "8 is more than maxCapacity, 2.5",
    ),
    (
        "zone of another region",
        "aws:ec2/subnet:Subnet",
        {"vpcId": VPC, "cidrBlock": "10.0.0.0/20", "availabilityZone": "us-west-2a"},
        "availabilityZone",
        "'us-west-2a' is not a zone of us-east-1",
    ),
    (
        "zone of another region in a list",
        CLUSTER,
        {"engine": "aurora-postgresql", "availabilityZones": ["us-east-1a", "eu-west-1b"]},
        "availabilityZones[1]",
        "'eu-west-1b' is not a zone of us-east-1",
    ),
    (
        "no network",
        "aws:ec2/vpc:Vpc",
        {"cidrBlock": "10.0.0.0/40"},
        "cidrBlock",
        "'10.0.0.0/40' is not a network in CIDR notation",
    ),
    (
        "host bits in a network",
        "aws:ec2/vpc:Vpc",
        {"cidrBlock": "10.0.0.1/16"},
        "cidrBlock",
        "did you mean '10.0.0.0/16'",
    ),
    ("network too large", "aws:ec2/vpc:Vpc", {"cidrBlock": "10.0.0.0/8"}, "cidrBlock", "AWS takes /16 to /28"),
    (
        "network of a rule",
        "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule",
        {**RULE, "cidrIpv4": "10.0.0"},
        "cidrIpv4",
        "is not a network",
    ),
    (
        "network deep inside",
        "aws:ec2/securityGroup:SecurityGroup",
        {"ingress": [{"protocol": "tcp", "fromPort": 1, "toPort": 1, "cidrBlocks": ["10.0.0.0/33"]}]},
        "ingress[0].cidrBlocks[0]",
        "is not a network",
    ),
    (
        "tenancy misspelt",
        "aws:ec2/vpc:Vpc",
        {"cidrBlock": "10.0.0.0/16", "instanceTenancy": "dedicatd"},
        "instanceTenancy",
        "nearest: 'dedicated'",
    ),
    ("id of something else", "aws:ec2/routeTable:RouteTable", {"vpcId": SUBNET}, "vpcId", "is not a VPC id"),
    (
        "log type misspelt",
        "aws:eks/cluster:Cluster",
        {**EKS, "enabledClusterLogTypes": ["api", "autid"]},
        "enabledClusterLogTypes[1]",
        "nearest: 'audit'",
    ),
    (
        "authentication mode",
        "aws:eks/cluster:Cluster",
        {**EKS, "accessConfig": {"authenticationMode": "IAM"}},
        "accessConfig.authenticationMode",
        "'IAM' is not one of 'CONFIG_MAP'",
    ),
    ("cluster name", "aws:eks/cluster:Cluster", {**EKS, "name": "-tandem"}, "name", "does not match the pattern"),
    ("no ARN", "aws:eks/cluster:Cluster", {**EKS, "roleArn": "tandem-cluster"}, "roleArn", "is not an ARN"),
    (
        "ARN of something else",
        "aws:eks/cluster:Cluster",
        {**EKS, "roleArn": KEY},
        "roleArn",
        "is not the ARN of an IAM role",
    ),
    (
        "taint effect as Kubernetes spells it",
        "aws:eks/nodeGroup:NodeGroup",
        {**NODES, "scalingConfig": SIZES, "taints": [{"key": "gpu", "effect": "NoSchedule"}]},
        "taints[0].effect",
        "nearest: 'NO_SCHEDULE'",
    ),
    (
        "sizes upside down",
        "aws:eks/nodeGroup:NodeGroup",
        {**NODES, "scalingConfig": {"minSize": 3, "desiredSize": 3, "maxSize": 2}},
        "scalingConfig.desiredSize",
        "3 is more than maxSize, 2",
    ),
    (
        "add-on conflicts",
        "aws:eks/addon:Addon",
        {"clusterName": "a", "addonName": "coredns", "resolveConflictsOnCreate": "PRESERVE"},
        "resolveConflictsOnCreate",
        "'PRESERVE' is not one of 'NONE', 'OVERWRITE'",
    ),
    ("key alias", "aws:kms/alias:Alias", {"name": "tandem", "targetKeyId": KEY}, "name", "is not a key alias"),
    ("deletion window", "aws:kms/key:Key", {"deletionWindowInDays": 3}, "deletionWindowInDays", "3 is below 7"),
    ("policy that is no JSON", "aws:kms/key:Key", {"policy": '{"Version"'}, "policy", "is not valid JSON"),
    (
        "role session",
        "aws:iam/role:Role",
        {"assumeRolePolicy": "{}", "maxSessionDuration": 60},
        "maxSessionDuration",
        "60 is below 3600",
    ),
    ("role name", "aws:iam/role:Role", {"assumeRolePolicy": "{}", "name": "a b"}, "name", "does not match the pattern"),
    ("bucket name", "aws:s3/bucket:Bucket", {"bucket": "Artifacts_1"}, "bucket", "is not a bucket name"),
    (
        "encryption algorithm",
        "aws:s3/bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration",
        {"bucket": "a", "rules": [{"applyServerSideEncryptionByDefault": {"sseAlgorithm": "kms"}}]},
        "rules[0].applyServerSideEncryptionByDefault.sseAlgorithm",
        "'kms' is not one of 'aws:kms'",
    ),
    (
        "versioning status",
        "aws:s3/bucketVersioning:BucketVersioning",
        {"bucket": "a", "versioningConfiguration": {"status": "enabled"}},
        "versioningConfiguration.status",
        "nearest: 'Enabled'",
    ),
    (
        "ownership",
        "aws:s3/bucketOwnershipControls:BucketOwnershipControls",
        {"bucket": "a", "rule": {"objectOwnership": "BucketOwner"}},
        "rule.objectOwnership",
        "is not one of 'ObjectWriter'",
    ),
    (
        "storage class",
        "aws:s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration",
        {
            "bucket": "a",
            "rules": [{"id": "a", "status": "Enabled", "transitions": [{"days": 1, "storageClass": "IA"}]}],
        },
        "rules[0].transitions[0].storageClass",
        "'IA' is not one of",
    ),
    (
        "replication status",
        "aws:s3/bucketReplicationConfig:BucketReplicationConfig",
        {"bucket": "a", "role": ROLE, "rules": [{"status": "on", "destination": {"bucket": "arn:aws:s3:::b"}}]},
        "rules[0].status",
        "'on' is not one of 'Disabled', 'Enabled'",
    ),
    (
        "one subnet under a load balancer",
        "aws:lb/loadBalancer:LoadBalancer",
        {"loadBalancerType": "application", "subnets": [SUBNET]},
        "subnets",
        "has 1 of at least 2 elements",
    ),
    (
        "health check of a target group",
        "aws:lb/targetGroup:TargetGroup",
        {"vpcId": VPC, "port": 80, "protocol": "HTTP", "healthCheck": {"interval": 1}},
        "healthCheck.interval",
        "1 is below 5 (allowed: 5 to 300)",
    ),
    (
        "port",
        "aws:lb/targetGroup:TargetGroup",
        {"vpcId": VPC, "port": 70000, "protocol": "HTTP"},
        "port",
        "70000 is above 65535",
    ),
    (
        "redirect",
        "aws:lb/listener:Listener",
        {"loadBalancerArn": UNKNOWN, "defaultActions": [{"type": "redirect", "redirect": {"statusCode": "301"}}]},
        "defaultActions[0].redirect.statusCode",
        "'301' is not one of 'HTTP_301', 'HTTP_302'",
    ),
    (
        "failover role",
        "aws:route53/record:Record",
        {"zoneId": "Z1", "name": "a", "type": "A", "failoverRoutingPolicies": [{"type": "PRIMRY"}]},
        "failoverRoutingPolicies[0].type",
        "nearest: 'PRIMARY'",
    ),
    (
        "address of a record",
        "aws:route53/record:Record",
        {"zoneId": "Z1", "name": "a", "type": "A", "ttl": 60, "records": ["192.0.2"]},
        "records[0]",
        "is not an IPv4 address",
    ),
    (
        "health check type",
        "aws:route53/healthCheck:HealthCheck",
        {"type": "HTTPSS", "fqdn": "a.example.com"},
        "type",
        "nearest: 'HTTPS'",
    ),
    (
        "health check interval",
        "aws:route53/healthCheck:HealthCheck",
        {"type": "HTTPS", "fqdn": "a.example.com", "requestInterval": 20},
        "requestInterval",
        "20 is not one of 10, 30",
    ),
    (
        "alarm period",
        "aws:cloudwatch/metricAlarm:MetricAlarm",
        {"name": "a", "comparisonOperator": "GreaterThanThreshold", "evaluationPeriods": 1, "period": 90},
        "period",
        "90 is not a multiple of 60",
    ),
    (
        "log retention",
        "aws:cloudwatch/logGroup:LogGroup",
        {"name": "a", "retentionInDays": 31},
        "retentionInDays",
        "31 is not one of",
    ),
    (
        "retries of an event's target",
        "aws:cloudwatch/eventTarget:EventTarget",
        {"rule": "a", "arn": UNKNOWN, "retryPolicy": {"maximumRetryAttempts": 999}},
        "retryPolicy.maximumRetryAttempts",
        "999 is above 185",
    ),
    (
        "table attribute",
        "aws:dynamodb/table:Table",
        {"attributes": [{"name": "a", "type": "str"}]},
        "attributes[0].type",
        "'str'",
    ),
    ("runtime", "aws:lambda/function:Function", {"role": ROLE, "runtime": "python3.99"}, "runtime", "'python3.99'"),
    (
        "replica region",
        "aws:secretsmanager/secret:Secret",
        {"replicas": [{"region": "us-wset-2"}]},
        "replicas[0].region",
        "us-west-2",
    ),
    ("tag that AWS reserves", "aws:sns/topic:Topic", {"tags": {"aws:owner": "a"}}, 'tags["aws:owner"]', "AWS reserves"),
    (
        "tag too long",
        "aws:sns/topic:Topic",
        {"tags": {"note": "x" * 257}},
        "tags.note",
        "257 characters, 256 are allowed",
    ),
]


@pytest.mark.parametrize(
    ("type_", "inputs", "property_", "reason"), [case[1:] for case in REFUSED], ids=[c[0] for c in REFUSED]
)
def test_what_aws_refuses_is_refused_by_property_and_reason(
    type_: str, inputs: dict[str, Any], property_: str, reason: str
) -> None:
    failures = {failure.property: failure.reason for failure in check(type_, inputs, region="us-east-1")}
    assert reason in failures.get(property_, f"nothing refused at {property_}, but: {failures}")


def test_one_mistake_gives_one_failure() -> None:
    assert [f.property for f in check(INSTANCE, {**MEMBER, "instanceClass": "db.x.y"}, region="us-east-1")] == [
        "instanceClass"
    ]


def test_an_instance_class_is_refused_where_only_other_regions_offer_it() -> None:
    inputs = {**MEMBER, "instanceClass": "db.r8g.large"}
    assert check(INSTANCE, inputs, region="us-east-1") == []
    [failure] = check(INSTANCE, inputs, region="ap-southeast-7")
    assert "not an instance class offered in ap-southeast-7" in failure.reason


def test_a_resource_is_judged_by_its_own_region_before_the_provider_s() -> None:
    inputs = {"vpcId": VPC, "cidrBlock": "10.0.0.0/20", "availabilityZone": "us-west-2a", "region": "us-west-2"}
    assert check("aws:ec2/subnet:Subnet", inputs, region="us-east-1") == []


def test_a_region_that_does_not_exist_names_the_nearest() -> None:
    [failure] = check("aws:sns/topic:Topic", {"region": "us-esat-1"})
    assert failure == Failure("region", "'us-esat-1' is not an AWS region; nearest: 'us-east-1'")


def test_a_type_that_a_region_lacks_is_refused_there() -> None:
    inputs = dict.fromkeys(("name", "executionRole", "recoveryApproach", "regions", "workflows"), UNKNOWN)
    [failure] = check("aws:arcregionswitch/plan:Plan", inputs, region="cn-north-1")
    assert failure == Failure("", "AWS::ARCRegionSwitch::Plan is not offered in cn-north-1")


SOFT: list[tuple[str, str, dict[str, Any]]] = [
    ("leading part of a version", CLUSTER, {"engine": "aurora-postgresql", "engineVersion": "16"}),
    ("leading part of a cache's version", GROUP_TYPE, {"description": "a", "engine": "redis", "engineVersion": "6.x"}),
    ("empty string for nothing", CLUSTER, {"engine": "aurora-postgresql", "engineMode": "", "kmsKeyId": ""}),
    (
        "list that is not wholly known",
        "aws:lb/loadBalancer:LoadBalancer",
        {"loadBalancerType": "application", "subnets": [UNKNOWN]},
    ),
    (
        "list with a gap",
        "aws:lb/loadBalancer:LoadBalancer",
        {"loadBalancerType": "application", "subnets": [SUBNET, None]},
    ),
    (
        "bucket of a time with looser names",
        "aws:s3/bucketVersioning:BucketVersioning",
        {"bucket": "Legacy_Bucket", "versioningConfiguration": {"status": "Enabled"}},
    ),
]


@pytest.mark.parametrize(("type_", "inputs"), [case[1:] for case in SOFT], ids=[case[0] for case in SOFT])
def test_where_the_provider_is_softer_than_the_schema_the_provider_counts(type_: str, inputs: dict[str, Any]) -> None:
    assert check(type_, inputs, region="us-east-1") == []


def test_an_element_that_is_not_judged_does_not_shift_the_blame() -> None:
    inputs = {**EKS, "enabledClusterLogTypes": [None, "audit", "schedular"]}
    assert [f.property for f in check("aws:eks/cluster:Cluster", inputs)] == ["enabledClusterLogTypes[2]"]
    subnets = {"loadBalancerType": "application", "subnets": [SUBNET, 3]}
    assert [f.property for f in check("aws:lb/loadBalancer:LoadBalancer", subnets)] == ["subnets[1]"]


def test_nothing_regional_is_judged_while_the_region_is_not_known() -> None:
    assert check(INSTANCE, {**MEMBER, "instanceClass": "db.any.thing", "availabilityZone": "mars-1a"}) == []


def test_a_local_zone_is_a_zone_of_its_region() -> None:
    inputs = {"vpcId": VPC, "cidrBlock": "10.0.0.0/20", "availabilityZone": "us-east-1-bos-1a"}
    assert check("aws:ec2/subnet:Subnet", inputs, region="us-east-1") == []


def test_coverage_says_what_a_type_is_judged_by() -> None:
    assert coverage(CLUSTER) == ("the Pulumi SDK's types", "the schema of AWS::RDS::DBCluster")
    assert coverage("aws:efs/fileSystem:FileSystem") == ("the Pulumi SDK's types",)
