"""What holds for every resource: protection, knowing where it goes, and the same on both sides; and keys."""

import re

from policies.registry import Option, Options, Scope, Severity, Verdicts, fails, holds, passes, rule, unproven
from resilience.graph import Graph, Provider, Resource

KEY, REPLICA_KEY = "aws:kms/key:Key", "aws:kms/replicaKey:ReplicaKey"
KEYS = (KEY, REPLICA_KEY)
DATABASE = "aws:rds/cluster:Cluster"
STATEFUL = (
    "aws:rds/cluster:Cluster",
    "aws:rds/globalCluster:GlobalCluster",
    "aws:rds/instance:Instance",
    "aws:elasticache/replicationGroup:ReplicationGroup",
    "aws:s3/bucket:Bucket",
    "aws:s3/bucketV2:BucketV2",
    *KEYS,
    "aws:dynamodb/table:Table",
    "aws:efs/fileSystem:FileSystem",
    "aws:route53/zone:Zone",
    "aws:elasticache/globalReplicationGroup:GlobalReplicationGroup",
    "aws:ecr/repository:Repository",
    "aws:backup/vault:Vault",
    "aws:secretsmanager/secret:Secret",
    "aws:opensearch/domain:Domain",
    "gcp:sql/databaseInstance:DatabaseInstance",
    "gcp:storage/bucket:Bucket",
)
"""What holds data, or names, keys and passwords without which data cannot be reached."""
PLACED = (
    *STATEFUL,
    "aws:ec2/vpc:Vpc",
    "aws:eks/cluster:Cluster",
    "aws:lb/loadBalancer:LoadBalancer",
    "gcp:container/cluster:Cluster",
)
"""What decides which region everything around it is in."""
PLACING: dict[str, tuple[tuple[str, ...], ...]] = {
    "aws": (
        ("region",),
        ("allowedAccountIds", "forbiddenAccountIds", "assumeRoles", "assumeRole", "assumeRoleWithWebIdentity"),
    ),
    "kubernetes": (("kubeconfig", "clusterIdentifier", "renderYamlToDirectory"),),
    "gcp": (("project",),),
}
"""What says where things go, by package; of each group one property is enough. A role that is assumed is of one
account; up to pulumi-aws 6 it is called assumeRole. Whoever names a Kubernetes cluster makes its kubeconfig of it,
which a first preview may not show at all."""
OF_RESOURCES = ("region", "project")
"""What a resource may say itself, in place of its provider."""
MUST_NOT_DRIFT: dict[str, tuple[str, ...]] = {
    "aws:autoscaling/group:Group": (
        *("vpcZoneIdentifiers", "availabilityZones", "healthCheckType", "targetGroupArns", "loadBalancers"),
        *("capacityRebalance", "mixedInstancesPolicy"),
    ),
    "aws:backup/plan:Plan": ("rules",),
    "aws:backup/restoreTestingPlan:RestoreTestingPlan": ("scheduleExpression",),
    "aws:backup/restoreTestingSelection:RestoreTestingSelection": ("protectedResourceArns", "protectedResourceType"),
    "aws:backup/selection:Selection": ("resources", "notResources", "selectionTags", "conditions"),
    "aws:backup/vaultLockConfiguration:VaultLockConfiguration": (
        "minRetentionDays",
        "maxRetentionDays",
        "changeableForDays",
    ),
    "aws:cloudwatch/compositeAlarm:CompositeAlarm": ("alarmActions", "actionsEnabled", "alarmRule"),
    "aws:cloudwatch/metricAlarm:MetricAlarm": (
        *("alarmActions", "actionsEnabled", "threshold", "comparisonOperator", "dimensions", "metricName"),
        "treatMissingData",
    ),
    "aws:dynamodb/table:Table": ("pointInTimeRecovery", "deletionProtectionEnabled"),
    "aws:ec2/flowLog:FlowLog": ("trafficType",),
    "aws:ec2/launchTemplate:LaunchTemplate": ("metadataOptions",),
    "aws:ec2/natGateway:NatGateway": ("availabilityMode", "subnetId"),
    "aws:ec2/route:Route": ("natGatewayId", "destinationCidrBlock"),
    "aws:ec2/routeTable:RouteTable": ("routes",),
    "aws:ec2/routeTableAssociation:RouteTableAssociation": ("routeTableId", "subnetId"),
    "aws:ec2/securityGroup:SecurityGroup": ("ingress",),
    "aws:ec2/subnet:Subnet": ("availabilityZone", "availabilityZoneId", "cidrBlock", "ipv6Native"),
    "aws:ec2/vpc:Vpc": ("cidrBlock",),
    "aws:ec2/vpcEndpoint:VpcEndpoint": (
        *("subnetIds", "routeTableIds", "privateDnsEnabled", "serviceName", "vpcEndpointType"),
    ),
    "aws:ec2/vpnConnection:VpnConnection": ("customerGatewayId", "vpnGatewayId", "transitGatewayId"),
    "aws:ec2transitgateway/vpcAttachment:VpcAttachment": ("subnetIds",),
    "aws:ecr/replicationConfiguration:ReplicationConfiguration": ("replicationConfiguration",),
    "aws:ecr/repository:Repository": ("imageTagMutability", "imageScanningConfiguration"),
    "aws:efs/backupPolicy:BackupPolicy": ("backupPolicy",),
    "aws:efs/fileSystem:FileSystem": ("availabilityZoneName",),
    "aws:efs/mountTarget:MountTarget": ("subnetId", "securityGroups"),
    "aws:eks/addon:Addon": ("configurationValues",),
    "aws:eks/cluster:Cluster": (
        *("vpcConfig.subnetIds", "vpcConfig.endpointPrivateAccess", "vpcConfig.endpointPublicAccess"),
        *("vpcConfig.publicAccessCidrs", "deletionProtection", "zonalShiftConfig", "encryptionConfig"),
        *("accessConfig", "computeConfig", "enabledClusterLogTypes"),
    ),
    "aws:eks/nodeGroup:NodeGroup": (
        *("scalingConfig.minSize", "scalingConfig.maxSize", "subnetIds", "updateConfig", "nodeRepairConfig"),
        *("capacityType", "instanceTypes", "taints"),
    ),
    "aws:elasticache/replicationGroup:ReplicationGroup": (
        *("automaticFailoverEnabled", "multiAzEnabled", "numCacheClusters", "replicasPerNodeGroup", "numNodeGroups"),
        *("snapshotRetentionLimit", "finalSnapshotIdentifier", "securityGroupIds", "autoMinorVersionUpgrade"),
        *("atRestEncryptionEnabled", "transitEncryptionEnabled", "userGroupIds", "globalReplicationGroupId"),
    ),
    "aws:elasticache/subnetGroup:SubnetGroup": ("subnetIds",),
    "aws:fis/experimentTemplate:ExperimentTemplate": ("stopConditions",),
    "aws:iam/policy:Policy": ("policy",),
    "aws:iam/rolePolicy:RolePolicy": ("policy",),
    "aws:kms/key:Key": ("deletionWindowInDays", "multiRegion", "policy"),
    "aws:kms/replicaKey:ReplicaKey": ("deletionWindowInDays", "policy"),
    "aws:lambda/function:Function": ("vpcConfig", "deadLetterConfig"),
    "aws:lb/listener:Listener": ("defaultActions", "protocol"),
    "aws:lb/loadBalancer:LoadBalancer": (
        *("subnets", "subnetMappings", "enableDeletionProtection", "enableZonalShift", "enableCrossZoneLoadBalancing"),
        "internal",
    ),
    "aws:iam/role:Role": ("assumeRolePolicy",),
    "aws:lambda/permission:Permission": ("principal", "sourceAccount", "sourceArn", "principalOrgId"),
    "aws:lb/targetGroup:TargetGroup": ("healthCheck", "deregistrationDelay", "targetType"),
    DATABASE: (
        *("backupRetentionPeriod", "deletionProtection", "deleteAutomatedBackups", "storageEncrypted", "kmsKeyId"),
        *("dbClusterParameterGroupName", "skipFinalSnapshot", "finalSnapshotIdentifier", "copyTagsToSnapshot"),
        *("preferredMaintenanceWindow", "serverlessv2ScalingConfiguration", "vpcSecurityGroupIds"),
    ),
    "aws:rds/clusterInstance:ClusterInstance": (
        *("instanceClass", "promotionTier", "publiclyAccessible", "autoMinorVersionUpgrade", "availabilityZone"),
    ),
    "aws:rds/clusterParameterGroup:ClusterParameterGroup": ("parameters",),
    "aws:rds/globalCluster:GlobalCluster": ("deletionProtection", "forceDestroy", "storageEncrypted"),
    "aws:rds/instance:Instance": (
        *("multiAz", "backupRetentionPeriod", "deletionProtection", "skipFinalSnapshot", "finalSnapshotIdentifier"),
        *("copyTagsToSnapshot", "autoMinorVersionUpgrade", "publiclyAccessible", "vpcSecurityGroupIds"),
        *("deleteAutomatedBackups", "storageEncrypted", "kmsKeyId", "parameterGroupName"),
    ),
    "aws:rds/parameterGroup:ParameterGroup": ("parameters",),
    "aws:rds/proxy:Proxy": ("vpcSubnetIds", "requireTls", "vpcSecurityGroupIds"),
    "aws:rds/subnetGroup:SubnetGroup": ("subnetIds",),
    "aws:route53/healthCheck:HealthCheck": (
        *("requestInterval", "failureThreshold", "regions", "childHealthThreshold", "childHealthchecks", "disabled"),
        *("cloudwatchAlarmName", "insufficientDataHealthStatus", "invertHealthcheck", "resourcePath", "type"),
    ),
    "aws:route53/record:Record": (
        *("healthCheckId", "ttl", "failoverRoutingPolicies", "weightedRoutingPolicies", "latencyRoutingPolicies"),
        *("geolocationRoutingPolicies", "geoproximityRoutingPolicy", "cidrRoutingPolicy", "aliases", "records"),
        "multivalueAnswerRoutingPolicy",
    ),
    "aws:route53/zone:Zone": ("forceDestroy",),
    "aws:s3/bucket:Bucket": ("forceDestroy", "objectLockEnabled", "versioning"),
    "aws:s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration": ("rules",),
    "aws:s3/bucketPolicy:BucketPolicy": ("policy",),
    "aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock": (
        *("blockPublicAcls", "blockPublicPolicy", "ignorePublicAcls", "restrictPublicBuckets"),
    ),
    "aws:s3/bucketReplicationConfig:BucketReplicationConfig": ("rules",),
    "aws:s3/bucketVersioning:BucketVersioning": ("versioningConfiguration",),
    "aws:secretsmanager/secret:Secret": ("replicas", "recoveryWindowInDays"),
    "aws:sns/topic:Topic": ("kmsMasterKeyId", "policy"),
    "aws:sns/topicPolicy:TopicPolicy": ("policy",),
    "aws:sqs/queue:Queue": (
        *("kmsMasterKeyId", "sqsManagedSseEnabled", "messageRetentionSeconds", "redrivePolicy", "policy"),
    ),
    "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule": ("cidrIpv4", "cidrIpv6", "prefixListId"),
    "gcp:compute/vPNTunnel:VPNTunnel": ("vpnGatewayInterface",),
    "gcp:container/cluster:Cluster": (
        *("addonsConfig", "deletionProtection", "enableAutopilot", "location", "maintenancePolicy", "nodeLocations"),
        "releaseChannel",
    ),
    "gcp:container/nodePool:NodePool": (
        *("autoscaling.minNodeCount", "autoscaling.maxNodeCount", "autoscaling.totalMinNodeCount"),
        *("autoscaling.totalMaxNodeCount", "location", "management", "nodeLocations", "upgradeSettings"),
        *("nodeConfig.guestAccelerators", "nodeConfig.machineType", "nodeConfig.preemptible", "nodeConfig.spot"),
    ),
    "gcp:gkebackup/backupPlan:BackupPlan": ("backupConfig", "backupSchedule", "deactivated"),
    "gcp:sql/databaseInstance:DatabaseInstance": (
        *("deletionProtection", "settings.availabilityType", "settings.backupConfiguration"),
        "settings.deletionProtectionEnabled",
    ),
    "gcp:storage/bucket:Bucket": ("customPlacementConfig", "location", "rpo", "versioning", "forceDestroy"),
    "kubernetes:apps/v1:Deployment": ("spec.template",),
    "kubernetes:apps/v1:StatefulSet": ("spec.replicas", "spec.template"),
    "kubernetes:core/v1:Service": ("spec.selector", "spec.type"),
    "kubernetes:elbv2.k8s.aws/v1beta1:TargetGroupBinding": ("spec",),
    "kubernetes:helm.sh/v3:Release": (
        *("version", "values", "atomic", "chart", "skipAwait", "timeout", "valueYamlFiles"),
    ),
    "kubernetes:karpenter.sh/v1:NodePool": ("spec.disruption", "spec.limits", "spec.template"),
    "kubernetes:networking.k8s.io/v1:NetworkPolicy": ("spec",),
    "kubernetes:policy/v1:PodDisruptionBudget": ("spec",),
    "kubernetes:storage.k8s.io/v1:StorageClass": ("volumeBindingMode",),
    "kubernetes:velero.io/v1:Schedule": ("spec",),
}
"""What other rules judge, by type; a test looks at what they read. What AWS, Google or an autoscaler changes by itself
is not among it: desired size, replicas of a Deployment, the writer of a global database, a minor version, a rotated
password."""
VERSIONED: dict[str, tuple[str, ...]] = {
    "kubernetes:helm.sh/v3:Release": ("chart", "version"),
    "aws:eks/addon:Addon": ("addonName", "addonVersion"),
    "aws:eks/nodeGroup:NodeGroup": ("version", "amiType"),
    "aws:elasticache/replicationGroup:ReplicationGroup": ("engineVersion",),
}
"""What says which version a resource is of, by type; clusters are EKS-16's, databases RDS-11's."""


@rule(
    "STK-01",
    title="What holds data is protected",
    why="A renamed resource or a wrong stack is enough for the engine to delete it; protected, it refuses.",
    fix="opts=pulumi.ResourceOptions(protect=True)",
    severity=Severity.HIGH,
    scope=Scope.RESOURCE,
    types=STATEFUL,
)
def protected(resource: Resource, _: Graph, __: Options) -> Verdicts:
    """The engine's own protection must be on; it is always known."""
    yield passes("protect is set") if resource.protect else fails("protect is not set")


@rule(
    "STK-02",
    title="Everything is placed by the program, and not by a shell",
    why="What its provider is not told, it takes from the shell of whoever runs it: a wrong profile deploys one region "
    "into the other, or into another account, and workloads go into whatever cluster kubectl points at."
    " A command that Resend ran locally on 2024-02-21 pointed to production, and dropped its tables "
    "(resend.com/blog/incident-report-for-february-21-2024).",
    fix="aws.Provider(region=..., allowed_account_ids=[...]), kubernetes.Provider(kubeconfig=...), "
    "gcp.Provider(project=...), or the same in the stack's config, such as aws:allowedAccountIds",
    severity=Severity.HIGH,
    scope=Scope.RESOURCE,
    types=[*PLACED, "kubernetes:*"],
)
def told_where(resource: Resource, _: Graph, __: Options) -> Verdicts:
    """Look at what its provider is configured with; what is only not known yet is configured."""
    provider = resource.provider
    if provider is None:
        # Components, and resources that the engine hands over without one, go nowhere by themselves.
        return
    made = "made up by the engine" if provider.default else "of the program's own"
    for names in PLACING.get(provider.type.rpartition(":")[2], ()):
        given = next((name for name in names if _given(resource, provider, name)), "")
        if given:
            yield passes(f"{given} is set")
        else:
            wanted = " or ".join(names)
            yield fails(f"its provider {provider.name}, {made}, has no {wanted}, and takes it from the shell")


def _given(resource: Resource, provider: Provider, name: str) -> bool:
    """Whether a resource or its provider has a property, other than empty, or needs none."""
    if name == "region" and resource.type.startswith("aws:route53/"):
        return True
    reads = [each.read(name) for each in (provider, resource) if each is provider or name in OF_RESOURCES]
    return any(read.unknown or read.content not in (None, "", "[]", "{}", [], {}) for read in reads)


@rule(
    "KMS-02",
    title="A deleted key can be brought back for thirty days",
    why="A key deleted by mistake is every backup deleted by mistake, in one call and without touching a backup; AWS "
    "waits at most thirty days before it does.",
    fix="deletion_window_in_days=30 on aws.kms.Key",
    severity=Severity.HIGH,
    scope=Scope.RESOURCE,
    types=KEYS,
    frameworks=["AWS FSBP KMS.3"],
    options={"minDays": Option(30, 7, 30, "Shortest wait before a key is deleted.")},
)
def key_deletion_window(key: Resource, _: Graph, options: Options) -> Verdicts:
    """Compare the days with what is wanted; AWS' default is thirty."""
    days = options["minDays"]
    yield holds(key.read("deletionWindowInDays"), lambda wait: wait >= days, f"at least {days}", default=30)


@rule(
    "STK-03",
    title="What a rule judges is not ignored",
    why="A change that is ignored is judged by every rule and made by nobody: the program says three zones, the cloud "
    "has one.",
    fix="leave it out of ignore_changes, or name only what changes by itself, such as scalingConfig.desiredSize",
    severity=Severity.HIGH,
    scope=Scope.RESOURCE,
    types=tuple(MUST_NOT_DRIFT),
)
def nothing_ignored(resource: Resource, _: Graph, __: Options) -> Verdicts:
    """Compare what is ignored with what may not be; the engine always knows both."""
    hidden = [
        (ignored, path)
        for ignored in resource.ignore_changes
        for path in MUST_NOT_DRIFT[resource.type]
        if _covers(ignored, path)
    ]
    if hidden:
        yield from (fails(f"changes of {ignored} are ignored, and so those of {path}") for ignored, path in hidden)
    else:
        yield passes("changes of what is judged are made")


def _covers(ignored: str, path: str) -> bool:
    """Whether ignoring one path hides changes of another, or of a part of it."""
    steps = re.split(r"[.\[\]\"]+", ignored)
    return all(step in ("*", other) for step, other in zip(steps, path.split("."), strict=False))


@rule(
    "STK-06",
    title="Both regions run the same versions",
    why="What was never tried in the other region is tried for the first time when it is needed.",
    fix="the version in one setting of Pulumi.yaml, not in a stack's own; `pulumi up` of both stacks",
    severity=Severity.MEDIUM,
    scope=Scope.STACKS,
    types=tuple(VERSIONED),
    frameworks=["AWS Well-Architected REL13-BP04"],
)
def same_versions(resource: Resource, graph: Graph, _: Options) -> Verdicts:
    """Compare it with what has its name in other stacks."""
    if len(graph.stacks) == 1:
        # Once is enough.
        if resource is next(iter(graph.of(*VERSIONED))):
            yield unproven(f"versions in other stacks than {resource.stack} are not in view")
        return
    for other in graph.of(resource.type):
        if other.name != resource.name or other.stack == resource.stack:
            continue
        for path in VERSIONED[resource.type]:
            own, its = resource.read(path), other.read(path)
            if own.unknown or its.unknown:
                where = resource if own.unknown else other
                yield unproven(f"{path} of {where.name} in {where.stack} is not known yet")
            elif own.content == its.content:
                yield passes(f"{path} is {own.shown()} in both")
            else:
                yield fails(f"{path} is {own.shown()}, and {its.shown()} in {other.stack}")


@rule(
    "KMS-01",
    title="A key of replicated data is in both regions",
    why="What one region's key encrypted, the other cannot read without a copy of it: the data is there, and no use.",
    fix="multi_region=True on aws.kms.Key, and an aws.kms.ReplicaKey of it in the other region's stack",
    severity=Severity.HIGH,
    scope=Scope.STACKS,
    types=[KEY],
)
def key_in_both_regions(key: Resource, graph: Graph, _: Options) -> Verdicts:
    """Find a copy in another region of a key that is meant to have one, or has to."""
    databases = [
        each for each in graph.referrers(key, DATABASE, "kmsKeyId") if not each.read("globalClusterIdentifier").missing
    ]
    multi = key.read("multiRegion")
    if multi.unknown:
        yield unproven("multiRegion is not known yet")
    elif multi.content is not True:
        for database in databases:
            yield fails(f"multiRegion is {multi.shown()}, and it encrypts {database.name} of a global database")
    if multi.content is not True:
        return
    own, arn = graph.region(key), key.read("arn")
    copies = list(graph.referrers(key, REPLICA_KEY, "primaryKeyArn"))
    doubts: list[str] = [] if own.known else ["its region is not known"]
    for copy in graph.of(REPLICA_KEY):
        of = copy.read("primaryKeyArn")
        # Edges end at a stack's border: there ARNs alone say what belongs together.
        if copy.stack != key.stack and arn.known and of.content == arn.content:
            copies.append(copy)
        elif copy.stack != key.stack and not (arn.known and of.known):
            doubts.append(f"whether {copy.name} in {copy.stack} is a copy of it is not known yet")
    regions = {str(read.content) for read in map(graph.region, copies) if read.known}
    doubts += ["the region of a copy is not known" for copy in copies if not graph.region(copy).known]
    seen = f"regions of its copies: {', '.join(sorted(regions)) or 'none'}"
    if own.known and regions - {str(own.content)}:
        yield passes(seen)
    elif doubts:
        yield unproven(f"{seen}; {doubts[0]}")
    elif len(graph.stacks) == 1:
        yield unproven(f"{seen}; copies in other stacks than {key.stack} are not in view")
    else:
        yield fails(f"{seen}; there must be one in another than {own.content}")
