"""Every rule, by the ways to break it: each mutant is found by exactly the rules named, and by no other."""

# One mutant a line, or the table cannot be read as one.
# ruff: noqa: E501

import re
from collections.abc import Callable, Iterator
from importlib.util import find_spec
from pathlib import Path

import pytest
from pulumi.runtime.proto import analyzer_pb2_grpc

from policies.catalog import all_rules
from policies.rules.eks import GPU_FAMILIES
from tests.policies.platform import CLUSTER, UNKNOWN_TEXT, Platform, Thing, reference
from tests.policies.serving import serving, verdicts

Mutate = Callable[[Platform], Platform]
ALWAYS = {"RDS-08?"}
"""In one stack alone nobody can see the other region's member."""


@pytest.fixture(scope="module")
def stub() -> Iterator[analyzer_pb2_grpc.AnalyzerStub]:
    with serving() as made:
        yield made


def table(name: str) -> Thing:
    """A route table with its routes inside it, through one zone's NAT gateway."""
    return Thing(
        "aws:ec2/routeTable:RouteTable",
        {"routes": [{"cidrBlock": "0.0.0.0/0", "natGatewayId": UNKNOWN_TEXT}]},
        {"routes": [name]},
    )


def scaler(least: int) -> Thing:
    """An autoscaler that owns the number of the workload's replicas."""
    return Thing(
        "kubernetes:autoscaling/v2:HorizontalPodAutoscaler",
        {
            "metadata": {"name": "web", "namespace": "serving"},
            "spec": {"scaleTargetRef": {"kind": "Deployment", "name": "web"}, "minReplicas": least, "maxReplicas": 9},
        },
        region=None,
    )


def other_region(region: str = "us-west-2", identifier: str = "tandem") -> tuple[Thing, Thing]:
    reference_to_primary = Thing("pulumi:pulumi:StackReference", {"name": "primary"}, stack="secondary", region=None)
    cluster = Thing(
        CLUSTER,
        {
            "globalClusterIdentifier": identifier,
            "backupRetentionPeriod": 7,
            "deletionProtection": True,
            "deleteAutomatedBackups": False,
        },
        {"globalClusterIdentifier": ["peer"]},
        protect=True,
        region=region,
        stack="secondary",
    )
    return reference_to_primary, cluster


def with_other_region(platform: Platform, region: str = "us-west-2", identifier: str = "tandem") -> Platform:
    peer, cluster = other_region(region, identifier)
    instance = Thing(
        "aws:rds/clusterInstance:ClusterInstance",
        {"clusterIdentifier": UNKNOWN_TEXT},
        {"clusterIdentifier": ["db-west"]},
        stack="secondary",
    )
    for name, thing in {"peer": peer, "db-west": cluster, "west-0": instance, "west-1": instance}.items():
        platform.add(name, thing)
    return platform


MUTANTS: list[tuple[str, Mutate, set[str]]] = [
    # NET-01
    ("two zones", lambda p: p.put("public-c", "availabilityZone", "us-east-1a").put("private-c", "availabilityZone", "us-east-1a"), {"NET-01", "RDS-03"}),
    ("subnets of another VPC", lambda p: p.point("public-c", "vpcId").point("private-c", "vpcId"), {"NET-01"}),
    ("subnets of two zones of another VPC", lambda p: p.point("public-b", "vpcId").point("private-b", "vpcId").point("public-c", "vpcId").point("private-c", "vpcId"), {"NET-01"}),
    ("a VPC without subnets", lambda p: p.add("empty", Thing("aws:ec2/vpc:Vpc", {"cidrBlock": "10.1.0.0/16"})), {"NET-01"}),
    ("a zone left to AWS", lambda p: p.delete("public-c", "availabilityZone").delete("private-c", "availabilityZone"), {"NET-01?", "NET-02?", "RDS-03?"}),
    ("a zone unknown", lambda p: p.hide("public-c", "availabilityZone").hide("private-c", "availabilityZone"), {"NET-01?", "NET-02?", "RDS-03?"}),
    # NET-02
    ("one NAT gateway for all", lambda p: p.point("out-b", "natGatewayId", "nat-a").point("out-c", "natGatewayId", "nat-a").drop("nat-b", "nat-c"), {"NET-02"}),
    ("NAT gateway in another zone", lambda p: p.point("nat-b", "subnetId", "public-a"), {"NET-02"}),
    ("route table shared by two zones", lambda p: p.point("association-b", "routeTableId", "table-a"), {"NET-02"}),
    ("routes inside the table", lambda p: p.add("inline", table("nat-a")).point("association-b", "routeTableId", "inline"), {"NET-02"}),
    ("NAT gateway not in view", lambda p: p.cut("out-b", "natGatewayId"), {"NET-02?"}),
    ("NAT gateway's subnet not in view", lambda p: p.cut("nat-b", "subnetId"), {"NET-02?"}),
    ("routed subnet not in view", lambda p: p.cut("association-b", "subnetId"), {"NET-02?"}),
    # EKS-01
    ("control plane in one subnet", lambda p: p.put("eks", "vpcConfig", {"subnetIds": [UNKNOWN_TEXT]}).point("eks", "vpcConfig", "private-a"), {"EKS-01"}),
    ("control plane in one of three subnets", lambda p: p.put("eks", "vpcConfig", {"subnetIds": ["subnet-1"]}), {"EKS-01"}),
    ("control plane in two subnets of a zone", lambda p: p.put("eks", "vpcConfig", {"subnetIds": [UNKNOWN_TEXT] * 2}).point("eks", "vpcConfig", "private-a", "public-a"), {"EKS-01"}),
    ("control plane's subnets unknown", lambda p: p.hide("eks", "vpcConfig"), {"EKS-01?"}),
    # EKS-02
    ("nodes in one zone", lambda p: p.put("nodes", "subnetIds", [UNKNOWN_TEXT]).point("nodes", "subnetIds", "private-a").drop("gpu-b").drop("gpu-a"), {"EKS-02"}),
    ("nodes twice in a zone", lambda p: p.put("nodes", "subnetIds", [UNKNOWN_TEXT] * 2).point("nodes", "subnetIds", "private-a", "public-a").drop("gpu-a", "gpu-b"), {"EKS-02"}),
    ("nodes of another cluster", lambda p: p.point("nodes", "clusterName").point("gpu-a", "clusterName").point("gpu-b", "clusterName"), {"EKS-02?"}),
    ("nodes in one of three subnets", lambda p: p.put("nodes", "subnetIds", ["subnet-1"]).drop("gpu-a", "gpu-b"), {"EKS-02"}),
    ("nodes' subnets unknown", lambda p: p.hide("nodes", "subnetIds").drop("gpu-a", "gpu-b"), {"EKS-02?", "EKS-03?"}),
    # EKS-03
    ("floor off by one", lambda p: p.put("nodes", "scalingConfig/minSize", 2), {"EKS-03"}),
    ("no floor", lambda p: p.delete("nodes", "scalingConfig"), {"EKS-03"}),
    ("floor of one in one zone", lambda p: p.put("nodes", "subnetIds", [UNKNOWN_TEXT]).point("nodes", "subnetIds", "private-c").put("nodes", "scalingConfig/minSize", 1), {"EKS-03"}),
    ("floor unknown", lambda p: p.hide("nodes", "scalingConfig/minSize"), {"EKS-03?"}),
    ("instance types unknown", lambda p: p.hide("nodes", "instanceTypes"), {"EKS-03?", "EKS-13?"}),
    # EKS-05
    ("two nodes at once", lambda p: p.put("nodes", "updateConfig/maxUnavailable", 2), {"EKS-05"}),
    ("half at once", lambda p: p.put("nodes", "updateConfig", {"maxUnavailablePercentage": 50}), {"EKS-05"}),
    ("34 percent at once", lambda p: p.put("nodes", "updateConfig", {"maxUnavailablePercentage": 34}), {"EKS-05"}),
    ("update unknown", lambda p: p.hide("nodes", "updateConfig"), {"EKS-05?"}),
    # EKS-08, EKS-09
    ("cluster deletable", lambda p: p.put("eks", "deletionProtection", False), {"EKS-08"}),
    ("cluster deletable by default", lambda p: p.delete("eks", "deletionProtection"), {"EKS-08"}),
    ("cluster protection of the wrong type", lambda p: p.put("eks", "deletionProtection", "true"), {"EKS-08"}),
    ("cluster protection unknown", lambda p: p.hide("eks", "deletionProtection"), {"EKS-08?"}),
    ("zonal shift off", lambda p: p.put("eks", "zonalShiftConfig/enabled", False), {"EKS-09"}),
    ("zonal shift left out", lambda p: p.delete("eks", "zonalShiftConfig"), {"EKS-09"}),
    ("zonal shift empty", lambda p: p.put("eks", "zonalShiftConfig", {}), {"EKS-09"}),
    ("zonal shift unknown", lambda p: p.hide("eks", "zonalShiftConfig"), {"EKS-09?"}),
    # EKS-13
    ("GPU group dropped", lambda p: p.drop("gpu-b"), {"EKS-13"}),
    ("GPU groups in one zone", lambda p: p.point("gpu-b", "subnetIds", "private-a"), {"EKS-13"}),
    ("one GPU group empty", lambda p: p.put("gpu-b", "scalingConfig/minSize", 0), {"EKS-13"}),
    ("all GPU groups empty", lambda p: p.put("gpu-a", "scalingConfig/minSize", 0).put("gpu-b", "scalingConfig/minSize", 0), {"EKS-13"}),
    ("GPUs told by the image", lambda p: p.put("gpu-b", "instanceTypes", ["x9.large"]).put("gpu-b", "amiType", "AL2023_x86_64_NVIDIA").drop("gpu-a"), {"EKS-13"}),
    ("GPU floor unknown", lambda p: p.hide("gpu-b", "scalingConfig/minSize"), {"EKS-13?"}),
    ("GPU subnet not in view", lambda p: p.cut("gpu-b", "subnetIds"), {"EKS-13?"}),
    # RDS-01
    ("no reader", lambda p: p.drop("db-1"), {"RDS-01"}),
    ("no instance", lambda p: p.drop("db-0", "db-1"), {"RDS-01"}),
    ("reader of another cluster", lambda p: with_other_region(p).point("db-1", "clusterIdentifier", "db-west"), {"RDS-01", "-RDS-08?"}),
    ("reader's cluster not in view", lambda p: p.cut("db-1", "clusterIdentifier"), {"RDS-01?"}),
    # RDS-02
    ("reader in the writer's zone", lambda p: p.put("db-1", "availabilityZone", "us-east-1a"), {"RDS-02"}),
    ("writer moved to the reader's zone", lambda p: p.put("db-0", "availabilityZone", "us-east-1b"), {"RDS-02"}),
    ("both in a third zone", lambda p: p.put("db-0", "availabilityZone", "us-east-1c").put("db-1", "availabilityZone", "us-east-1c"), {"RDS-02"}),
    ("reader's zone unknown", lambda p: p.hide("db-1", "availabilityZone"), {"RDS-02?"}),
    # RDS-03
    ("subnet group of two zones", lambda p: p.put("db-subnets", "subnetIds", [UNKNOWN_TEXT] * 2).point("db-subnets", "subnetIds", "private-a", "private-b"), {"RDS-03"}),
    ("subnet group twice in a zone", lambda p: p.point("db-subnets", "subnetIds", "private-a", "private-b", "public-b"), {"RDS-03"}),
    ("subnet group names two of three", lambda p: p.put("db-subnets", "subnetIds", ["subnet-1", "subnet-2"]), {"RDS-03"}),
    ("subnet group's edges gone", lambda p: p.cut("db-subnets", "subnetIds"), {"RDS-03?"}),
    ("subnet group unknown", lambda p: p.hide("db-subnets", "subnetIds"), {"RDS-03?"}),
    # RDS-05, RDS-06, RDS-14
    ("backups of six days", lambda p: p.put("db", "backupRetentionPeriod", 6), {"RDS-05"}),
    ("backups by default", lambda p: p.delete("db", "backupRetentionPeriod"), {"RDS-05"}),
    ("no backups", lambda p: p.put("db", "backupRetentionPeriod", 0), {"RDS-05"}),
    ("backups unknown", lambda p: p.hide("db", "backupRetentionPeriod"), {"RDS-05?"}),
    ("database deletable", lambda p: p.put("db", "deletionProtection", False), {"RDS-06"}),
    ("database deletable by default", lambda p: p.delete("db", "deletionProtection"), {"RDS-06"}),
    ("database protection null", lambda p: p.put("db", "deletionProtection", None), {"RDS-06"}),
    ("database protection unknown", lambda p: p.hide("db", "deletionProtection"), {"RDS-06?"}),
    ("backups deleted along", lambda p: p.put("db", "deleteAutomatedBackups", True), {"RDS-14"}),
    ("backups deleted along by default", lambda p: p.delete("db", "deleteAutomatedBackups"), {"RDS-14"}),
    ("fate of backups null", lambda p: p.put("db", "deleteAutomatedBackups", None), {"RDS-14"}),
    ("fate of backups unknown", lambda p: p.hide("db", "deleteAutomatedBackups"), {"RDS-14?"}),
    # RDS-08
    ("both members in one region", lambda p: with_other_region(p, region="us-east-1"), {"RDS-08", "-RDS-08?"}),
    ("member of another global database", lambda p: with_other_region(p, identifier="tandem2"), {"RDS-08", "-RDS-08?"}),
    ("member that is alone", lambda p: with_other_region(p).delete("db-west", "globalClusterIdentifier"), {"RDS-08", "-RDS-08?"}),
    ("member unknown", lambda p: with_other_region(p).hide("db-west", "globalClusterIdentifier"), {"RDS-08?"}),
    # Cache
    ("no failover", lambda p: p.put("cache", "automaticFailoverEnabled", False), {"EC-01"}),
    ("no failover by default", lambda p: p.delete("cache", "automaticFailoverEnabled"), {"EC-01"}),
    ("failover null", lambda p: p.put("cache", "automaticFailoverEnabled", None), {"EC-01"}),
    ("failover unknown", lambda p: p.hide("cache", "automaticFailoverEnabled"), {"EC-01?"}),
    ("one zone", lambda p: p.put("cache", "multiAzEnabled", False), {"EC-02"}),
    ("one zone by default", lambda p: p.delete("cache", "multiAzEnabled"), {"EC-02"}),
    ("zones as text", lambda p: p.put("cache", "multiAzEnabled", "yes"), {"EC-02"}),
    ("zones unknown", lambda p: p.hide("cache", "multiAzEnabled"), {"EC-02?"}),
    ("no replica", lambda p: p.put("cache", "numCacheClusters", 1), {"EC-03"}),
    ("no replica by default", lambda p: p.delete("cache", "numCacheClusters"), {"EC-03"}),
    ("no replica of a shard", lambda p: p.delete("cache", "numCacheClusters").put("cache", "replicasPerNodeGroup", 0), {"EC-03"}),
    ("replicas unknown", lambda p: p.hide("cache", "numCacheClusters"), {"EC-03?"}),
    ("cache subnets in one zone", lambda p: p.point("cache-subnets", "subnetIds", "private-a", "public-a").put("cache-subnets", "subnetIds", [UNKNOWN_TEXT] * 2), {"EC-05"}),
    ("one cache subnet", lambda p: p.point("cache-subnets", "subnetIds", "private-a").put("cache-subnets", "subnetIds", [UNKNOWN_TEXT]), {"EC-05"}),
    ("one cache subnet of three", lambda p: p.put("cache-subnets", "subnetIds", ["subnet-1"]), {"EC-05"}),
    ("cache subnets unknown", lambda p: p.hide("cache-subnets", "subnetIds"), {"EC-05?"}),
    # S3
    ("versioning dropped", lambda p: p.drop("versioning"), {"S3-01"}),
    ("versioning suspended", lambda p: p.put("versioning", "versioningConfiguration/status", "Suspended"), {"S3-01"}),
    ("versioning of another bucket", lambda p: p.add("other", Thing("aws:s3/bucket:Bucket", {"versioning": {"enabled": True}}, protect=True)).point("versioning", "bucket", "other"), {"S3-01"}),
    ("versioning without a status", lambda p: p.put("versioning", "versioningConfiguration", {}), {"S3-01"}),
    ("versioning unknown", lambda p: p.hide("versioning", "versioningConfiguration"), {"S3-01?"}),
    ("versioned bucket not in view", lambda p: p.cut("versioning", "bucket"), {"S3-01?"}),
    ("bucket destroyed with objects", lambda p: p.put("bucket", "forceDestroy", True), {"S3-06"}),
    ("bucket destruction as text", lambda p: p.put("bucket", "forceDestroy", "true"), {"S3-06"}),
    ("bucket destruction as a number", lambda p: p.put("bucket", "forceDestroy", 1), {"S3-06"}),
    ("bucket destruction unknown", lambda p: p.hide("bucket", "forceDestroy"), {"S3-06?"}),
    # DNS
    ("primary unchecked", lambda p: p.delete("record", "healthCheckId").cut("record", "healthCheckId"), {"DNS-02"}),
    ("primary's check empty", lambda p: p.put("record", "healthCheckId", "").cut("record", "healthCheckId"), {"DNS-02"}),
    ("primary alias does not look", lambda p: p.delete("record", "healthCheckId").cut("record", "healthCheckId").put("record", "aliases", [{"evaluateTargetHealth": False}]), {"DNS-02"}),
    ("primary's check not in view", lambda p: p.cut("record", "healthCheckId"), {"DNS-02?"}),
    ("TTL off by one", lambda p: p.put("record", "ttl", 61), {"DNS-04"}),
    ("no TTL", lambda p: p.delete("record", "ttl"), {"DNS-04"}),
    ("TTL of a weighted record", lambda p: p.delete("record", "failoverRoutingPolicies").put("record", "weightedRoutingPolicies", [{"weight": 1}]).put("record", "ttl", 300), {"DNS-04"}),
    ("TTL unknown", lambda p: p.hide("record", "ttl"), {"DNS-04?"}),
    ("check off", lambda p: p.put("check", "disabled", True), {"DNS-05"}),
    ("check inverted", lambda p: p.put("check", "invertHealthcheck", True), {"DNS-05"}),
    ("four failures", lambda p: p.put("check", "failureThreshold", 4), {"DNS-05"}),
    ("interval that AWS does not know", lambda p: p.put("check", "requestInterval", 60), {"DNS-05"}),
    ("check from two regions", lambda p: p.put("check", "regions", ["us-east-1", "us-west-2"]), {"DNS-05"}),
    ("threshold unknown", lambda p: p.hide("check", "failureThreshold"), {"DNS-05?"}),
    ("check's regions unknown", lambda p: p.hide("check", "regions"), {"DNS-05?"}),
    ("check's type unknown", lambda p: p.hide("check", "type"), {"DNS-05?"}),
    ("zone destroyed with records", lambda p: p.put("zone", "forceDestroy", True), {"DNS-09"}),
    ("zone destruction as text", lambda p: p.put("zone", "forceDestroy", "true"), {"DNS-09"}),
    ("zone destruction as a number", lambda p: p.put("zone", "forceDestroy", 1), {"DNS-09"}),
    ("zone destruction unknown", lambda p: p.hide("zone", "forceDestroy"), {"DNS-09?"}),
    # Load balancer
    ("balancer in one subnet", lambda p: p.put("balancer", "subnets", [UNKNOWN_TEXT]).point("balancer", "subnets", "public-a"), {"LB-01"}),
    ("balancer twice in a zone", lambda p: p.put("balancer", "subnets", [UNKNOWN_TEXT] * 2).point("balancer", "subnets", "public-a", "private-a"), {"LB-01"}),
    ("balancer mapped into one zone", lambda p: p.delete("balancer", "subnets").cut("balancer", "subnets").put("balancer", "subnetMappings", [{"subnetId": UNKNOWN_TEXT}]).point("balancer", "subnetMappings", "public-a"), {"LB-01"}),
    ("balancer's subnets not in view", lambda p: p.cut("balancer", "subnets"), {"LB-01?"}),
    ("balancer's subnets unknown", lambda p: p.hide("balancer", "subnets"), {"LB-01?"}),
    ("balancer deletable", lambda p: p.put("balancer", "enableDeletionProtection", False), {"LB-02"}),
    ("balancer deletable by default", lambda p: p.delete("balancer", "enableDeletionProtection"), {"LB-02"}),
    ("balancer protection null", lambda p: p.put("balancer", "enableDeletionProtection", None), {"LB-02"}),
    ("balancer protection unknown", lambda p: p.hide("balancer", "enableDeletionProtection"), {"LB-02?"}),
    # Kubernetes
    ("no budget", lambda p: p.drop("budget"), {"K8S-02"}),
    ("budget in another namespace", lambda p: p.put("budget", "metadata/namespace", "default"), {"K8S-02"}),
    ("budget in another cluster", lambda p: p.through("budget", "other"), {"K8S-02"}),
    ("budget's selector too wide", lambda p: p.put("budget", "spec/selector/matchLabels/app", "api"), {"K8S-02"}),
    ("budget's selector one label too many", lambda p: p.put("budget", "spec/selector/matchLabels/version", "2"), {"K8S-02"}),
    ("budget's expression excludes", lambda p: p.put("budget", "spec/selector/matchExpressions/0/operator", "NotIn"), {"K8S-02"}),
    ("budget's expression wants nothing there", lambda p: p.put("budget", "spec/selector/matchExpressions/0/operator", "DoesNotExist"), {"K8S-02"}),
    ("budget without a selector", lambda p: p.delete("budget", "spec/selector"), {"K8S-02"}),
    ("namespace unknown", lambda p: p.hide("budget", "metadata/namespace"), {"K8S-02?"}),
    ("labels unknown", lambda p: p.hide("web", "spec/template/metadata/labels/app"), {"K8S-02?", "K8S-06?"}),
    ("budget of zero", lambda p: p.put("budget", "spec/maxUnavailable", 0), {"K8S-03"}),
    ("budget of zero percent", lambda p: p.put("budget", "spec/maxUnavailable", "0%"), {"K8S-03"}),
    ("budget of all", lambda p: p.put("budget", "spec/maxUnavailable", "100%"), {"K8S-03"}),
    ("budget of nothing", lambda p: p.delete("budget", "spec/maxUnavailable"), {"K8S-03"}),
    ("budget keeps every replica", lambda p: p.delete("budget", "spec/maxUnavailable").put("budget", "spec/minAvailable", 3), {"K8S-03"}),
    ("budget rounds up to every replica", lambda p: p.delete("budget", "spec/maxUnavailable").put("budget", "spec/minAvailable", "67%"), {"K8S-03"}),
    ("budget unknown", lambda p: p.hide("budget", "spec/maxUnavailable"), {"K8S-03?"}),
    ("budget of a workload not in view", lambda p: p.delete("budget", "spec/maxUnavailable").put("budget", "spec/minAvailable", 1).drop("web"), {"K8S-03?"}),
    ("no spread", lambda p: p.delete("web", "spec/template/spec/topologySpreadConstraints"), {"K8S-06"}),
    ("spread over hosts", lambda p: p.put("web", "spec/template/spec/topologySpreadConstraints/0/topologyKey", "kubernetes.io/hostname"), {"K8S-06"}),
    ("skew of two", lambda p: p.put("web", "spec/template/spec/topologySpreadConstraints/0/maxSkew", 2), {"K8S-06"}),
    ("spread of other pods", lambda p: p.put("web", "spec/template/spec/topologySpreadConstraints/0/labelSelector/matchLabels/app", "api"), {"K8S-06"}),
    ("spread unknown", lambda p: p.hide("web", "spec/template/spec/topologySpreadConstraints"), {"K8S-06?"}),
    ("autoscaled and not spread", lambda p: p.delete("web", "spec/replicas").delete("web", "spec/template/spec/topologySpreadConstraints").add("scaler", scaler(3)), {"K8S-06"}),
    ("replicas of a workload unknown", lambda p: p.hide("web", "spec/replicas").delete("web", "spec/template/spec/topologySpreadConstraints"), {"K8S-02?", "K8S-06?"}),
    # Helm
    ("not atomic", lambda p: p.put("release", "atomic", False), {"HELM-01"}),
    ("not atomic by default", lambda p: p.delete("release", "atomic"), {"HELM-01"}),
    ("does not wait", lambda p: p.put("release", "skipAwait", True), {"HELM-01"}),
    ("timeout off by one", lambda p: p.put("release", "timeout", 299), {"HELM-01"}),
    ("any version", lambda p: p.delete("release", "version"), {"HELM-01"}),
    ("range of versions", lambda p: p.put("release", "version", "^2026.8.1"), {"HELM-01"}),
    ("version with a gap", lambda p: p.put("release", "version", "2026.x"), {"HELM-01"}),
    ("version unknown", lambda p: p.hide("release", "version"), {"HELM-01?"}),
    ("bundled database", lambda p: p.put("release", "values/postgresql/enabled", True), {"HELM-04"}),
    ("bundled database by default", lambda p: p.delete("release", "values/postgresql"), {"HELM-04"}),
    ("bundled cache", lambda p: p.put("release", "values/redis", {"enabled": True}), {"HELM-04"}),
    ("bundled database unknown", lambda p: p.hide("release", "values/postgresql"), {"HELM-04?"}),
    ("values unknown", lambda p: p.hide("release", "values"), {"HELM-04?"}),
    # Stack
    ("bucket unprotected", lambda p: p.unprotect("bucket"), {"STK-01"}),
    ("database unprotected", lambda p: p.unprotect("db"), {"STK-01"}),
    ("zone unprotected", lambda p: p.unprotect("zone"), {"STK-01"}),
    ("bucket by default provider", lambda p: p.through("bucket", "default_7_51_1"), {"STK-02"}),
    ("VPC by default provider", lambda p: p.through("vpc", "default"), {"STK-02"}),
    ("workload by default provider", lambda p: p.through("release", "default_4_34_2"), {"STK-02"}),
    ("key deleted in 29 days", lambda p: p.put("key", "deletionWindowInDays", 29), {"KMS-02"}),
    ("key deleted in a week", lambda p: p.put("key", "deletionWindowInDays", 7), {"KMS-02"}),
    ("key window as text", lambda p: p.put("key", "deletionWindowInDays", "30"), {"KMS-02"}),
    ("key window unknown", lambda p: p.hide("key", "deletionWindowInDays"), {"KMS-02?"}),
]  # fmt: skip

GOOD: list[tuple[str, Mutate, set[str]]] = [
    ("as it is", lambda p: p, ALWAYS),
    ("both regions in view", with_other_region, set()),
    ("regional NAT gateway", lambda p: p.point("out-b", "natGatewayId", "nat-a").put("nat-a", "availabilityMode", "regional"), ALWAYS),
    ("default key window", lambda p: p.delete("key", "deletionWindowInDays"), ALWAYS),
    ("node update by default", lambda p: p.delete("nodes", "updateConfig"), ALWAYS),
    ("a third at once", lambda p: p.put("nodes", "updateConfig", {"maxUnavailablePercentage": 33}), ALWAYS),
    ("no GPUs at all", lambda p: p.drop("gpu-a", "gpu-b"), ALWAYS),
    ("zones left to Aurora", lambda p: p.delete("db-1", "availabilityZone").put("db-0", "availabilityZone", "us-east-1a"), ALWAYS),
    ("sharded cache", lambda p: p.delete("cache", "numCacheClusters").put("cache", "replicasPerNodeGroup", 1), ALWAYS),
    ("versioning of the bucket's own", lambda p: p.drop("versioning").put("bucket", "versioning", {"enabled": True}), ALWAYS),
    ("alias that looks at its target", lambda p: p.delete("record", "healthCheckId").delete("record", "ttl").cut("record", "healthCheckId").put("record", "aliases", [{"evaluateTargetHealth": True}]), ALWAYS),
    ("secondary record unchecked", lambda p: p.put("record", "failoverRoutingPolicies", [{"type": "SECONDARY"}]).delete("record", "healthCheckId").cut("record", "healthCheckId"), ALWAYS),
    ("slow record that never moves", lambda p: p.delete("record", "failoverRoutingPolicies").put("record", "ttl", 300), ALWAYS),
    ("check by calculation, inverted", lambda p: p.put("check", "type", "CALCULATED").put("check", "invertHealthcheck", True), ALWAYS),
    ("balancer mapped into two zones", lambda p: p.delete("balancer", "subnets").cut("balancer", "subnets").put("balancer", "subnetMappings", [{"subnetId": UNKNOWN_TEXT}] * 2).point("balancer", "subnetMappings", "public-a", "public-b"), ALWAYS),
    ("a single pod needs no budget", lambda p: p.put("web", "spec/replicas", 1).drop("budget"), ALWAYS),
    ("empty selector selects all", lambda p: p.put("budget", "spec/selector", {}), ALWAYS),
    ("budget keeps two of three", lambda p: p.delete("budget", "spec/maxUnavailable").put("budget", "spec/minAvailable", "50%"), ALWAYS),
    ("budget of an unseen workload", lambda p: p.drop("web"), ALWAYS),
    ("chart in a folder", lambda p: p.put("release", "chart", "../components/inference/model-server").delete("release", "version").delete("release", "repositoryOpts"), ALWAYS),
    ("values are a secret", lambda p: p.put("release", "values", {"4dabf18193072939515e22adb298388d": "1b47061264138c4ac30d75fd1eb44270", "value": {"postgresql": {"enabled": False}}}), ALWAYS),
    ("an instance type that only looks like GPUs", lambda p: p.put("nodes", "instanceTypes", ["gr7.large"]), ALWAYS),
    ("auto mode has no node groups", lambda p: p.drop("nodes", "gpu-a", "gpu-b").put("eks", "computeConfig", {"enabled": True}), ALWAYS),
    ("Multi-AZ DB cluster makes its own readers", lambda p: p.drop("db-0", "db-1").put("db", "dbClusterInstanceClass", "db.r6gd.large"), ALWAYS),
]  # fmt: skip


def expected(named: set[str]) -> set[str]:
    dropped = {name[1:] for name in named if name.startswith("-")}
    return (ALWAYS - dropped) | {name for name in named if not name.startswith("-")}


@pytest.mark.parametrize(("mutate", "found"), [row[1:] for row in GOOD], ids=[row[0] for row in GOOD])
def test_what_is_good_is_left_alone(
    stub: analyzer_pb2_grpc.AnalyzerStub, mutate: Mutate, found: set[str]
) -> None:  # fmt: skip
    assert verdicts(stub, mutate(reference())) == found


@pytest.mark.parametrize(("mutate", "found"), [row[1:] for row in MUTANTS], ids=[row[0] for row in MUTANTS])
def test_a_mutant_is_found_by_exactly_its_rules(
    stub: analyzer_pb2_grpc.AnalyzerStub, mutate: Mutate, found: set[str]
) -> None:  # fmt: skip
    assert verdicts(stub, mutate(reference())) == expected(found)


@pytest.mark.parametrize("id_", [rule.id for rule in all_rules()])
def test_a_rule_alone_finds_three_mutants(id_: str) -> None:
    alone = [name for name, _, found in MUTANTS if {each for each in found if not each.startswith("-")} == {id_}]
    assert len(alone) >= 3


NEVER_UNKNOWN = {"STK-01", "STK-02"}
"""The engine itself says whether a resource is protected and which provider makes it; that is always known."""


@pytest.mark.parametrize("id_", [rule.id for rule in all_rules() if rule.id not in NEVER_UNKNOWN])
def test_a_rule_says_when_it_cannot_say(id_: str) -> None:
    assert any(f"{id_}?" in found for _, _, found in MUTANTS)


def test_a_mutant_has_a_name_of_its_own() -> None:
    names = [row[0] for row in MUTANTS + GOOD]
    assert len(set(names)) == len(names)


def test_every_gpu_family_is_one_that_ec2_has() -> None:
    spec = find_spec("cfnlint")
    assert spec is not None
    assert spec.origin is not None
    enums = (Path(spec.origin).parent / "data/schemas/extensions/aws_ec2_instance").glob("*.json")
    offered = {family for file in enums for family in re.findall(r'"([a-z0-9-]+)\.[a-z0-9-]+"', file.read_text())}
    assert set(GPU_FAMILIES) - offered == set()
    assert {family for family in offered if re.match(r"(g[4-9]|gr|p[3-9])", family)} - {"g4ad"} == set(GPU_FAMILIES)
