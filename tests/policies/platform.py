"""A small platform that breaks no rule, and the ways to spoil it."""

import copy
from dataclasses import dataclass, field
from typing import Any

from google.protobuf import struct_pb2
from pulumi.runtime.proto import analyzer_pb2

UNKNOWN_TEXT = "04da6b54-80e4-46f7-96ec-b56ff0331ba9"
SECRET_MARK = {"4dabf18193072939515e22adb298388d": "1b47061264138c4ac30d75fd1eb44270"}


@dataclass
class Thing:
    """One resource of the platform; edges name other things."""

    type: str
    props: dict[str, Any]
    edges: dict[str, list[str]] = field(default_factory=dict)
    protect: bool = False
    provider: str = "explicit"
    region: str | None = "us-east-1"
    stack: str = "primary"


class Platform:
    """Things by name, and mutations of them. Every mutation returns the platform."""

    def __init__(self, things: dict[str, Thing]) -> None:
        self.things = things

    def copy(self) -> "Platform":
        return Platform(copy.deepcopy(self.things))

    def put(self, name: str, path: str, value: Any) -> "Platform":
        holder, last = self._holder(name, path)
        holder[last] = value
        return self

    def delete(self, name: str, path: str) -> "Platform":
        holder, last = self._holder(name, path)
        del holder[last]
        return self

    def hide(self, name: str, path: str) -> "Platform":
        """Make it unknown."""
        return self.put(name, path, UNKNOWN_TEXT)

    def drop(self, *names: str) -> "Platform":
        for name in names:
            del self.things[name]
        return self

    def add(self, name: str, thing: Thing) -> "Platform":
        self.things[name] = thing
        return self

    def cut(self, name: str, property_: str) -> "Platform":
        """Take an edge away; the property stays."""
        del self.things[name].edges[property_]
        return self

    def point(self, name: str, property_: str, *targets: str) -> "Platform":
        self.things[name].edges[property_] = list(targets)
        return self

    def unprotect(self, name: str) -> "Platform":
        self.things[name].protect = False
        return self

    def through(self, name: str, provider: str) -> "Platform":
        self.things[name].provider = provider
        return self

    def urn(self, name: str) -> str:
        thing = self.things[name]
        return f"urn:pulumi:{thing.stack}::tandem::{thing.type}::{name}"

    def _holder(self, name: str, path: str) -> tuple[Any, Any]:
        *way, last = [int(step) if step.isdecimal() else step for step in path.split("/")]
        holder: Any = self.things[name].props
        for step in way:
            holder = holder[step]
        return holder, last

    # The wire.

    def analyze_requests(self) -> list[analyzer_pb2.AnalyzeRequest]:
        return [
            analyzer_pb2.AnalyzeRequest(
                urn=self.urn(name),
                type=thing.type,
                name=name,
                properties=struct(thing.props),
                options=analyzer_pb2.AnalyzerResourceOptions(protect=thing.protect),
                provider=self._provider(thing),
            )
            for name, thing in self.things.items()
        ]

    def stack_request(self) -> analyzer_pb2.AnalyzeStackRequest:
        return analyzer_pb2.AnalyzeStackRequest(
            resources=[
                analyzer_pb2.AnalyzerResource(
                    urn=self.urn(name),
                    type=thing.type,
                    name=name,
                    properties=struct(thing.props),
                    options=analyzer_pb2.AnalyzerResourceOptions(protect=thing.protect),
                    provider=self._provider(thing),
                    propertyDependencies={
                        key: analyzer_pb2.AnalyzerPropertyDependencies(
                            urns=[self.urn(target) for target in targets if target in self.things]
                        )
                        for key, targets in thing.edges.items()
                    },
                )
                for name, thing in self.things.items()
            ]
        )

    def _provider(self, thing: Thing) -> analyzer_pb2.AnalyzerProviderResource:
        type_ = f"pulumi:providers:{thing.type.partition(':')[0]}"
        return analyzer_pb2.AnalyzerProviderResource(
            urn=f"urn:pulumi:{thing.stack}::tandem::{type_}::{thing.provider}",
            type=type_,
            name=thing.provider,
            properties=struct({"region": thing.region} if thing.region else {}),
        )


def struct(properties: dict[str, Any]) -> struct_pb2.Struct:
    made = struct_pb2.Struct()
    made.update(properties)
    return made


def secret(value: Any) -> dict[str, Any]:
    return {**SECRET_MARK, "value": value}


VPC = "aws:ec2/vpc:Vpc"
SUBNET = "aws:ec2/subnet:Subnet"
NODE_GROUP = "aws:eks/nodeGroup:NodeGroup"
CLUSTER = "aws:rds/cluster:Cluster"
ZONES = "abc"


def reference() -> Platform:
    """Breaks no rule, as at first preview: ids are unknown, and RDS-08 cannot see the other region's member."""
    things: dict[str, Thing] = {"vpc": Thing(VPC, {"cidrBlock": "10.0.0.0/16"})}
    for zone in ZONES:
        for tier in ("public", "private"):
            things[f"{tier}-{zone}"] = Thing(
                SUBNET, {"vpcId": UNKNOWN_TEXT, "availabilityZone": f"us-east-1{zone}"}, {"vpcId": ["vpc"]}
            )
        things[f"nat-{zone}"] = Thing(
            "aws:ec2/natGateway:NatGateway", {"subnetId": UNKNOWN_TEXT}, {"subnetId": [f"public-{zone}"]}
        )
        things[f"table-{zone}"] = Thing(
            "aws:ec2/routeTable:RouteTable", {"vpcId": UNKNOWN_TEXT}, {"vpcId": ["vpc"]}
        )  # fmt: skip
        things[f"out-{zone}"] = Thing(
            "aws:ec2/route:Route",
            {"destinationCidrBlock": "0.0.0.0/0", "natGatewayId": UNKNOWN_TEXT, "routeTableId": UNKNOWN_TEXT},
            {"natGatewayId": [f"nat-{zone}"], "routeTableId": [f"table-{zone}"]},
        )
        things[f"association-{zone}"] = Thing(
            "aws:ec2/routeTableAssociation:RouteTableAssociation",
            {"subnetId": UNKNOWN_TEXT, "routeTableId": UNKNOWN_TEXT},
            {"subnetId": [f"private-{zone}"], "routeTableId": [f"table-{zone}"]},
        )
    private = [f"private-{zone}" for zone in ZONES]
    public = [f"public-{zone}" for zone in ZONES]
    ids = [UNKNOWN_TEXT] * 3
    things |= {
        "eks": Thing(
            "aws:eks/cluster:Cluster",
            {
                "vpcConfig": {"subnetIds": list(ids)},
                "deletionProtection": True,
                "zonalShiftConfig": {"enabled": True},
            },
            {"vpcConfig": private},
        ),
        "nodes": Thing(
            NODE_GROUP,
            {
                "clusterName": UNKNOWN_TEXT,
                "subnetIds": list(ids),
                "instanceTypes": ["m7i.xlarge"],
                "scalingConfig": {"minSize": 3, "desiredSize": 3, "maxSize": 9},
                "updateConfig": {"maxUnavailable": 1},
            },
            {"clusterName": ["eks"], "subnetIds": private},
        ),
        "shell": Thing(
            "aws:rds/globalCluster:GlobalCluster",
            {"globalClusterIdentifier": "tandem", "region": "us-east-1"},
            protect=True,
        ),
        "db-subnets": Thing("aws:rds/subnetGroup:SubnetGroup", {"subnetIds": list(ids)}, {"subnetIds": private}),
        "db": Thing(
            CLUSTER,
            {
                "globalClusterIdentifier": UNKNOWN_TEXT,
                "backupRetentionPeriod": 14,
                "deletionProtection": True,
                "deleteAutomatedBackups": False,
                "masterPassword": secret("swordfish"),
            },
            {"globalClusterIdentifier": ["shell"]},
            protect=True,
        ),
        "cache-subnets": Thing(
            "aws:elasticache/subnetGroup:SubnetGroup", {"subnetIds": list(ids)}, {"subnetIds": private}
        ),
        "cache": Thing(
            "aws:elasticache/replicationGroup:ReplicationGroup",
            {"automaticFailoverEnabled": True, "multiAzEnabled": True, "numCacheClusters": 3},
            protect=True,
        ),
        "bucket": Thing("aws:s3/bucket:Bucket", {"bucket": "b", "forceDestroy": False}, protect=True),
        "versioning": Thing(
            "aws:s3/bucketVersioning:BucketVersioning",
            {"bucket": UNKNOWN_TEXT, "versioningConfiguration": {"status": "Enabled"}},
            {"bucket": ["bucket"]},
        ),
        "key": Thing("aws:kms/key:Key", {"deletionWindowInDays": 30}, protect=True),
        "zone": Thing("aws:route53/zone:Zone", {"name": "example.com"}, protect=True),
        "check": Thing(
            "aws:route53/healthCheck:HealthCheck",
            {"type": "HTTPS", "requestInterval": 10, "failureThreshold": 2},
        ),
        "record": Thing(
            "aws:route53/record:Record",
            {
                "name": "api.example.com",
                "ttl": 30,
                "failoverRoutingPolicies": [{"type": "PRIMARY"}],
                "healthCheckId": UNKNOWN_TEXT,
            },
            {"healthCheckId": ["check"]},
        ),
        "balancer": Thing(
            "aws:lb/loadBalancer:LoadBalancer",
            {"subnets": list(ids), "enableDeletionProtection": True},
            {"subnets": public},
        ),
        "web": Thing(
            "kubernetes:apps/v1:Deployment",
            {
                "metadata": {"name": "web", "namespace": "serving"},
                "spec": {
                    "replicas": 3,
                    "template": {
                        "metadata": {"labels": {"app": "web", "tier": "front"}},
                        "spec": {
                            "topologySpreadConstraints": [
                                {
                                    "topologyKey": "topology.kubernetes.io/zone",
                                    "maxSkew": 1,
                                    "labelSelector": {"matchLabels": {"app": "web"}},
                                }
                            ]
                        },
                    },
                },
            },
            region=None,
        ),
        "budget": Thing(
            "kubernetes:policy/v1:PodDisruptionBudget",
            {
                "metadata": {"name": "web", "namespace": "serving"},
                "spec": {
                    "maxUnavailable": 1,
                    "selector": {
                        "matchLabels": {"app": "web"},
                        "matchExpressions": [{"key": "tier", "operator": "In", "values": ["front", "back"]}],
                    },
                },
            },
            region=None,
        ),
        "release": Thing(
            "kubernetes:helm.sh/v3:Release",
            {
                "chart": "prefect-server",
                "version": "2026.8.1",
                "repositoryOpts": {"repo": "https://charts.example.com"},
                "atomic": True,
                "skipAwait": False,
                "timeout": 600,
                "values": {"postgresql": {"enabled": False}},
            },
            region=None,
        ),
    }
    for zone in "ab":
        things[f"gpu-{zone}"] = Thing(
            NODE_GROUP,
            {
                "clusterName": UNKNOWN_TEXT,
                "subnetIds": [UNKNOWN_TEXT],
                "instanceTypes": ["g6.xlarge"],
                "scalingConfig": {"minSize": 1, "desiredSize": 1, "maxSize": 4},
            },
            {"clusterName": ["eks"], "subnetIds": [f"private-{zone}"]},
        )
    for number, zone in enumerate("ab"):
        things[f"db-{number}"] = Thing(
            "aws:rds/clusterInstance:ClusterInstance",
            {"clusterIdentifier": UNKNOWN_TEXT, "availabilityZone": f"us-east-1{zone}"},
            {"clusterIdentifier": ["db"]},
        )
    return Platform(things)
