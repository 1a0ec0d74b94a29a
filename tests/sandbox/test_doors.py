"""One cloud, two doors: the engine's gRPC and the unit tests' Mocks answer alike."""

import grpc
import pytest
from pulumi.runtime.proto import provider_pb2, provider_pb2_grpc

from sandbox import provider as door
from sandbox.cloud import World
from sandbox.mocks import Mocks, Refusal
from sandbox.values import UNKNOWN, Secret, decode, encode

TRUST = '{"Version":"2012-10-17","Statement":[]}'
ON = {"versioningConfiguration": {"status": "Enabled"}}
KUBECONFIG = (
    '{"clusters":[{"name":"c","cluster":{"server":"https://0123456789ABCDEF0123456789ABCDEF.gr7.us-east-1.'
    'eks.amazonaws.com"}}],"contexts":[{"name":"c","context":{"cluster":"c","user":"c"}}],"current-context":"c"}'
)
CONFIGURATIONS = {
    "aws": {"region": "us-east-1", "defaultTags": '{"tags":{"stack":"primary"}}'},
    "kubernetes": {"kubeconfig": KUBECONFIG, "clusterIdentifier": "c"},
    "random": {},
}

# In the order they come up. `@name.output` stands for an output of an earlier one.
RESOURCES = [
    ("aws:ec2/vpc:Vpc", "net", {"cidrBlock": "10.0.0.0/16", "tags": {"Name": "net"}}),
    ("aws:ec2/internetGateway:InternetGateway", "igw", {"vpcId": "@net.id"}),
    ("aws:ec2/subnet:Subnet", "a", {"vpcId": "@net.id", "cidrBlock": "10.0.0.0/24", "availabilityZone": "us-east-1a"}),
    ("aws:ec2/subnet:Subnet", "b", {"vpcId": "@net.id", "cidrBlock": "10.0.1.0/24", "availabilityZone": "us-east-1b"}),
    ("aws:ec2/eip:Eip", "address", {"domain": "vpc"}),
    ("aws:ec2/natGateway:NatGateway", "nat", {"subnetId": "@a.id", "allocationId": "@address.id"}),
    ("aws:ec2/routeTable:RouteTable", "table", {"vpcId": "@net.id"}),
    ("aws:ec2/route:Route", "out", {"routeTableId": "@table.id", "destinationCidrBlock": "0.0.0.0/0",
                                    "natGatewayId": "@nat.id"}),
    ("aws:ec2/routeTableAssociation:RouteTableAssociation", "a", {"subnetId": "@a.id", "routeTableId": "@table.id"}),
    ("aws:ec2/securityGroup:SecurityGroup", "group", {"vpcId": "@net.id", "description": "nodes"}),
    ("aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule", "https",
     {"securityGroupId": "@group.id", "ipProtocol": "tcp", "fromPort": 443, "toPort": 443, "cidrIpv4": "10.0.0.0/16"}),
    ("aws:ec2/vpcEndpoint:VpcEndpoint", "s3", {"vpcId": "@net.id", "serviceName": "com.amazonaws.us-east-1.s3",
                                               "routeTableIds": ["@table.id"]}),
    ("aws:ec2/launchTemplate:LaunchTemplate", "nodes", {"updateDefaultVersion": True}),
    ("aws:kms/key:Key", "key", {"multiRegion": True, "enableKeyRotation": True}),
    ("aws:kms/replicaKey:ReplicaKey", "replica", {"primaryKeyArn": "@key.arn", "region": "us-west-2"}),
    ("aws:kms/alias:Alias", "key", {"name": "alias/tandem", "targetKeyId": "@key.keyId"}),
    ("aws:iam/role:Role", "role", {"assumeRolePolicy": TRUST}),
    ("aws:iam/rolePolicyAttachment:RolePolicyAttachment", "role",
     {"role": "@role.name", "policyArn": "arn:aws:iam::aws:policy/AmazonEKSClusterPolicy"}),
    ("aws:cloudwatch/logGroup:LogGroup", "logs", {"retentionInDays": 90, "kmsKeyId": "@key.arn"}),
    ("aws:eks/cluster:Cluster", "cluster", {"name": "c", "version": "1.33", "roleArn": "@role.arn",
                                            "vpcConfig": {"subnetIds": ["@a.id", "@b.id"]}}),
    ("aws:eks/nodeGroup:NodeGroup", "nodes",
     {"clusterName": "@cluster.name", "nodeRoleArn": "@role.arn", "subnetIds": ["@a.id", "@b.id"],
      "scalingConfig": {"minSize": 2, "maxSize": 4, "desiredSize": 2}}),
    ("aws:eks/addon:Addon", "dns", {"clusterName": "@cluster.name", "addonName": "coredns"}),
    ("aws:eks/accessEntry:AccessEntry", "admin", {"clusterName": "@cluster.name", "principalArn": "@role.arn"}),
    ("aws:rds/subnetGroup:SubnetGroup", "db", {"subnetIds": ["@a.id", "@b.id"]}),
    ("aws:rds/globalCluster:GlobalCluster", "shell",
     {"globalClusterIdentifier": "shell", "engine": "aurora-postgresql", "engineVersion": "17.5"}),
    ("aws:rds/cluster:Cluster", "db",
     {"clusterIdentifier": "db", "engine": "aurora-postgresql", "engineVersion": "17.5", "masterUsername": "owner",
      "masterPassword": Secret("not-that-secret"), "globalClusterIdentifier": "@shell.id",
      "dbSubnetGroupName": "@db.name", "skipFinalSnapshot": True, "storageEncrypted": True}),
    ("aws:rds/clusterInstance:ClusterInstance", "db-0",
     {"clusterIdentifier": "db", "engine": "aurora-postgresql", "instanceClass": "db.r6g.large"}),
    ("aws:elasticache/subnetGroup:SubnetGroup", "cache", {"subnetIds": ["@a.id", "@b.id"]}),
    ("aws:elasticache/replicationGroup:ReplicationGroup", "cache",
     {"description": "cache", "nodeType": "cache.r7g.large", "numCacheClusters": 2, "subnetGroupName": "@cache.name",
      "automaticFailoverEnabled": True, "transitEncryptionEnabled": True, "authToken": Secret("sixteen-characters")}),
    ("aws:s3/bucket:Bucket", "artifacts", {}),
    ("aws:s3/bucket:Bucket", "copies", {"region": "us-west-2"}),
    ("aws:s3/bucketVersioning:BucketVersioning", "artifacts", {"bucket": "@artifacts.bucket", **ON}),
    ("aws:s3/bucketVersioning:BucketVersioning", "copies", {"bucket": "@copies.bucket", "region": "us-west-2", **ON}),
    ("aws:s3/bucketReplicationConfig:BucketReplicationConfig", "copy",
     {"bucket": "@artifacts.bucket", "role": "@role.arn",
      "rules": [{"status": "Enabled", "destination": {"bucket": "@copies.arn"}}]}),
    ("aws:lb/loadBalancer:LoadBalancer", "entrance", {"subnets": ["@a.id", "@b.id"], "securityGroups": ["@group.id"]}),
    ("aws:lb/targetGroup:TargetGroup", "pods", {"port": 80, "protocol": "HTTP", "vpcId": "@net.id",
                                                  "targetType": "ip"}),
    ("aws:route53/zone:Zone", "zone", {"name": "tandem.example.com"}),
    ("aws:route53/healthCheck:HealthCheck", "health", {"type": "HTTPS", "fqdn": "api.tandem.example.com", "port": 443,
                                                       "requestInterval": 10, "failureThreshold": 2}),
    ("aws:route53/record:Record", "api",
     {"zoneId": "@zone.zoneId", "name": "api.tandem.example.com", "type": "A",
      "aliases": [{"name": "@entrance.dnsName", "zoneId": "@entrance.zoneId", "evaluateTargetHealth": True}]}),
    ("aws:secretsmanager/secret:Secret", "secret", {"kmsKeyId": "@key.arn"}),
    ("aws:secretsmanager/secretVersion:SecretVersion", "secret",
     {"secretId": "@secret.id", "secretString": Secret("hunter2")}),
    ("aws:sns/topic:Topic", "alarms", {}),
    ("aws:acm/certificate:Certificate", "certificate", {"domainName": "api.tandem.example.com",
                                                        "validationMethod": "DNS"}),
    ("random:index/randomPassword:RandomPassword", "password", {"length": 40, "special": False}),
    ("random:index/randomPet:RandomPet", "pet", {}),
    ("kubernetes:core/v1:Namespace", "apps", {"metadata": {"name": "apps"}}),
    ("kubernetes:core/v1:Secret", "token", {"metadata": {"namespace": "apps"}, "stringData": {"a": Secret("b")}}),
    ("kubernetes:core/v1:ConfigMap", "settings", {"metadata": {"namespace": "apps"}, "data": {"a": "b"}}),
]  # fmt: skip

MISTAKES = [
    ("aws:ec2/vpc:Vpc", {"cidrBlok": "10.0.0.0/16"}),
    ("aws:ec2/vpc:Vpc", {"cidrBlock": "10.0.0.0/33"}),
    ("aws:ec2/subnet:Subnet", {"vpcId": UNKNOWN, "cidrBlock": "10.0.0.0/24", "availabilityZone": "us-west-2a"}),
    ("aws:rds/clusterInstance:ClusterInstance",
     {"clusterIdentifier": "db", "engine": "aurora-postgresql", "instanceClass": "db.r6g.lage"}),
    ("kubernetes:core/v1:ConfigMap", {"metadata": {"name": "m"}, "dta": {"a": "b"}}),
]  # fmt: skip


class Grpc:
    """The engine's door, with a server for each package."""

    def __init__(self):
        world = World()
        self.servers, self.stubs = [], {}
        for package, configuration in CONFIGURATIONS.items():
            server, port = door.serve(package, world)
            channel = grpc.insecure_channel(f"127.0.0.1:{port}")
            stub = provider_pb2_grpc.ResourceProviderStub(channel)
            stub.Configure(provider_pb2.ConfigureRequest(args=encode(configuration)))
            self.servers.append((server, channel))
            self.stubs[package] = stub

    def register(self, urn, type_, inputs, *, preview=False):
        stub = self.stubs[type_.partition(":")[0]]
        checked = stub.Check(provider_pb2.CheckRequest(urn=urn, type=type_, news=encode(inputs)))
        failures = [(failure.property, failure.reason) for failure in checked.failures]
        if failures:
            return failures, None
        made = stub.Create(provider_pb2.CreateRequest(urn=urn, type=type_, properties=checked.inputs, preview=preview))
        return made.id or None, decode(made.properties)

    def close(self):
        for server, channel in self.servers:
            channel.close()
            server.stop(None)


@pytest.fixture
def engine():
    opened = Grpc()
    yield opened
    opened.close()


def mocks(preview=False):
    opened = Mocks(preview=preview)
    for package, configuration in CONFIGURATIONS.items():
        opened.register(provider_urn(package), f"pulumi:providers:{package}", configuration)
    return opened


def provider_urn(package):
    return f"urn:pulumi:primary::tandem::pulumi:providers:{package}::{package}"


def urn_of(type_, name):
    return f"urn:pulumi:primary::tandem::{type_}::{name}"


def resolve(value, made):
    if isinstance(value, str) and value.startswith("@"):
        name, _, output = value[1:].partition(".")
        return made[name][output]
    if isinstance(value, dict):
        return {key: resolve(item, made) for key, item in value.items()}
    if isinstance(value, list):
        return [resolve(item, made) for item in value]
    return value


@pytest.mark.parametrize("preview", [False, True])
def test_both_doors_give_the_same_answers(engine, preview):
    tests = mocks(preview)
    made = {}
    for type_, name, inputs in RESOURCES:
        wanted = resolve(inputs, made)
        package = type_.partition(":")[0]
        through_grpc = engine.register(urn_of(type_, name), type_, wanted, preview=preview)
        through_mocks = tests.register(urn_of(type_, name), type_, wanted, provider=f"{provider_urn(package)}::id")
        assert through_grpc == through_mocks, f"{type_} {name}"
        # A name may stand for several: the first keeps its outputs, but for those only a later one has.
        made[name] = {**through_grpc[1], **made.get(name, {}), "name": through_grpc[1].get("name")}
    assert len(RESOURCES) >= 40


@pytest.mark.parametrize(("type_", "inputs"), MISTAKES)
def test_both_doors_refuse_the_same(engine, type_, inputs):
    failures, _ = engine.register(urn_of(type_, "x"), type_, inputs)
    with pytest.raises(Refusal, match=f"{type_} 'x'") as refused:
        mocks().register(urn_of(type_, "x"), type_, inputs, provider=f"{provider_urn(type_.partition(':')[0])}::id")
    assert failures
    for property_, reason in failures:
        assert f"{property_}: {reason}" in str(refused.value)
