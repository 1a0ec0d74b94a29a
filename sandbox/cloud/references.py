"""What must stand before a resource can be made, and what must go before it can be removed."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, cast

from sandbox.cloud.errors import Refused
from sandbox.cloud.region_switch import all_health_checks
from sandbox.cloud.rules import SUBNET, VPC
from sandbox.cloud.service import Place
from sandbox.cloud.world import Resource, World
from sandbox.values import listed, mapped

# What a reference looks like, what it is called in messages, and the error code of the service.
_EC2_IDS: Mapping[str, tuple[str, str]] = {
    "vpc": ("VPC", "InvalidVpcID.NotFound"),
    "subnet": ("subnet", "InvalidSubnetID.NotFound"),
    "sg": ("security group", "InvalidGroup.NotFound"),
    "rtb": ("route table", "InvalidRouteTableID.NotFound"),
    "igw": ("internet gateway", "InvalidInternetGatewayID.NotFound"),
    "nat": ("NAT gateway", "InvalidNatGatewayID.NotFound"),
    "eipalloc": ("address", "InvalidAllocationID.NotFound"),
    "lt": ("launch template", "InvalidLaunchTemplateId.NotFound"),
    "vpce": ("endpoint", "InvalidVpcEndpointId.NotFound"),
    "tgw": ("transit gateway", "InvalidTransitGatewayID.NotFound"),
    "pcx": ("peering connection", "InvalidVpcPeeringConnectionID.NotFound"),
}
_EC2_ID = re.compile(rf"({'|'.join(_EC2_IDS)})-[0-9a-f]{{8,17}}")
_KEY_ARN = re.compile(r"arn:aws:kms:([a-z0-9-]+):\d{12}:key/(\S+)")


@dataclass(frozen=True)
class _Hold:
    """A resource that keeps another from being removed: its type and the property that names the other."""

    type: str
    property: str


@dataclass(frozen=True)
class _Need:
    """A property that names something that must stand in the same region."""

    property: str
    type: str
    code: str
    by: str = "id"


_CLUSTER = "aws:eks/cluster:Cluster"
_AURORA = "aws:rds/cluster:Cluster"
_AURORA_INSTANCE = "aws:rds/clusterInstance:ClusterInstance"
_PROXY = "aws:rds/proxy:Proxy"
_GLOBAL_DATABASE = "aws:rds/globalCluster:GlobalCluster"
_CACHE = "aws:elasticache/replicationGroup:ReplicationGroup"
_GLOBAL_CACHE = "aws:elasticache/globalReplicationGroup:GlobalReplicationGroup"
_BUCKET = "aws:s3/bucket:Bucket"
_ROLE = "aws:iam/role:Role"
_VERSIONING = "aws:s3/bucketVersioning:BucketVersioning"
_REPLICATION = "aws:s3/bucketReplicationConfig:BucketReplicationConfig"

_CLUSTER_NEED = _Need("clusterName", _CLUSTER, "ResourceNotFoundException", by="name")
_BUCKET_NEED = _Need("bucket", _BUCKET, "NoSuchBucket", by="name")
_PROXY_NEED = _Need("dbProxyName", _PROXY, "DBProxyNotFoundFault", by="name")
_RESTORE_TEST = "aws:backup/restoreTestingPlan:RestoreTestingPlan"
_VAULT_NEED = _Need("backupVaultName", "aws:backup/vault:Vault", "ResourceNotFoundException", by="name")
_ZONE_NEED = _Need("zoneId", "aws:route53/zone:Zone", "NoSuchHostedZone")
_NEEDS: Mapping[str, tuple[_Need, ...]] = {
    "aws:eks/nodeGroup:NodeGroup": (_CLUSTER_NEED,),
    "aws:eks/addon:Addon": (_CLUSTER_NEED,),
    "aws:eks/accessEntry:AccessEntry": (_CLUSTER_NEED,),
    "aws:eks/accessPolicyAssociation:AccessPolicyAssociation": (_CLUSTER_NEED,),
    "aws:eks/podIdentityAssociation:PodIdentityAssociation": (_CLUSTER_NEED,),
    "aws:eks/fargateProfile:FargateProfile": (_CLUSTER_NEED,),
    _AURORA: (
        _Need("globalClusterIdentifier", _GLOBAL_DATABASE, "GlobalClusterNotFoundFault"),
        _Need("dbSubnetGroupName", "aws:rds/subnetGroup:SubnetGroup", "DBSubnetGroupNotFoundFault", by="name"),
    ),
    _AURORA_INSTANCE: (_Need("clusterIdentifier", _AURORA, "DBClusterNotFoundFault", by="name"),),
    _CACHE: (
        _Need("subnetGroupName", "aws:elasticache/subnetGroup:SubnetGroup", "CacheSubnetGroupNotFoundFault", by="name"),
        _Need("globalReplicationGroupId", _GLOBAL_CACHE, "GlobalReplicationGroupNotFoundFault"),
    ),
    _GLOBAL_CACHE: (_Need("primaryReplicationGroupId", _CACHE, "ReplicationGroupNotFoundFault"),),
    "aws:route53/record:Record": (_ZONE_NEED, _Need("healthCheckId", "aws:route53/healthCheck:HealthCheck",
                                                    "NoSuchHealthCheck")),
    "aws:ecr/lifecyclePolicy:LifecyclePolicy": (
        _Need("repository", "aws:ecr/repository:Repository", "RepositoryNotFoundException", by="name"),
    ),
    **{
        f"aws:backup/{part[0].lower()}{part[1:]}:{part}": (_VAULT_NEED,)
        for part in ("VaultPolicy", "VaultLockConfiguration", "VaultNotifications")
    },
    "aws:backup/selection:Selection": (_Need("planId", "aws:backup/plan:Plan", "ResourceNotFoundException"),),
    "aws:backup/restoreTestingSelection:RestoreTestingSelection": (
        _Need("restoreTestingPlanName", _RESTORE_TEST, "ResourceNotFoundException", by="name"),
    ),
    "aws:iam/rolePolicy:RolePolicy": (_Need("role", _ROLE, "NoSuchEntity", by="name"),),
    "aws:iam/rolePolicyAttachment:RolePolicyAttachment": (_Need("role", _ROLE, "NoSuchEntity", by="name"),),
    "aws:lb/listener:Listener": (
        _Need("loadBalancerArn", "aws:lb/loadBalancer:LoadBalancer", "LoadBalancerNotFound"),
        _Need("certificateArn", "aws:acm/certificate:Certificate", "CertificateNotFound"),
    ),
    "aws:lb/listenerRule:ListenerRule": (_Need("listenerArn", "aws:lb/listener:Listener", "ListenerNotFound"),),
    "aws:secretsmanager/secretVersion:SecretVersion": (
        _Need("secretId", "aws:secretsmanager/secret:Secret", "ResourceNotFoundException"),
    ),
    "aws:secretsmanager/secretRotation:SecretRotation": (
        _Need("secretId", "aws:secretsmanager/secret:Secret", "ResourceNotFoundException"),
    ),
    "aws:rds/proxyDefaultTargetGroup:ProxyDefaultTargetGroup": (_PROXY_NEED,),
    "aws:rds/proxyEndpoint:ProxyEndpoint": (_PROXY_NEED,),
    "aws:rds/proxyTarget:ProxyTarget": (
        _PROXY_NEED,
        _Need("dbClusterIdentifier", _AURORA, "DBClusterNotFoundFault", by="name"),
    ),
    **{
        f"aws:s3/bucket{part}:Bucket{part}": (_BUCKET_NEED,)
        for part in (
            "Versioning", "ServerSideEncryptionConfiguration", "PublicAccessBlock", "OwnershipControls", "Policy",
            "LifecycleConfiguration", "ReplicationConfig", "Logging", "Notification", "ObjectLockConfiguration",
        )
    },
}  # fmt: skip

_BUCKET_PARTS = tuple(_Hold(type_, "bucket") for type_, needs in _NEEDS.items() if _BUCKET_NEED in needs)

_DEPENDENCY = "DependencyViolation"
_HOLDS: Mapping[str, tuple[str, tuple[_Hold, ...]]] = {
    VPC: (
        _DEPENDENCY,
        tuple(
            _Hold(type_, "vpcId")
            for type_ in (
                SUBNET, "aws:ec2/securityGroup:SecurityGroup", "aws:ec2/routeTable:RouteTable",
                "aws:ec2/internetGateway:InternetGateway", "aws:ec2/vpcEndpoint:VpcEndpoint",
                "aws:lb/loadBalancer:LoadBalancer",
            )
        ),
    ),
    SUBNET: (
        _DEPENDENCY,
        (
            _Hold("aws:ec2/natGateway:NatGateway", "subnetId"),
            _Hold("aws:ec2/vpcEndpoint:VpcEndpoint", "subnetIds"),
            _Hold("aws:ec2/instance:Instance", "subnetId"),
            _Hold("aws:eks/nodeGroup:NodeGroup", "subnetIds"),
            _Hold(_CLUSTER, "vpcConfig"),
            _Hold("aws:lb/loadBalancer:LoadBalancer", "subnets"),
            _Hold("aws:rds/subnetGroup:SubnetGroup", "subnetIds"),
            _Hold(_PROXY, "vpcSubnetIds"),
            _Hold("aws:rds/proxyEndpoint:ProxyEndpoint", "vpcSubnetIds"),
            _Hold("aws:elasticache/subnetGroup:SubnetGroup", "subnetIds"),
            _Hold("aws:ec2transitgateway/vpcAttachment:VpcAttachment", "subnetIds"),
        ),
    ),
    "aws:ec2transitgateway/transitGateway:TransitGateway": (
        "IncorrectState",
        (
            _Hold("aws:ec2transitgateway/vpcAttachment:VpcAttachment", "transitGatewayId"),
            _Hold("aws:ec2transitgateway/peeringAttachment:PeeringAttachment", "transitGatewayId"),
        ),
    ),
    "aws:ec2/securityGroup:SecurityGroup": (
        _DEPENDENCY,
        (
            _Hold("aws:ec2/vpcEndpoint:VpcEndpoint", "securityGroupIds"),
            _Hold("aws:lb/loadBalancer:LoadBalancer", "securityGroups"),
            _Hold(_AURORA, "vpcSecurityGroupIds"),
            _Hold(_PROXY, "vpcSecurityGroupIds"),
            _Hold("aws:rds/proxyEndpoint:ProxyEndpoint", "vpcSecurityGroupIds"),
            _Hold(_CACHE, "securityGroupIds"),
            _Hold(_CLUSTER, "vpcConfig"),
            _Hold("aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule", "referencedSecurityGroupId"),
            _Hold("aws:vpc/securityGroupEgressRule:SecurityGroupEgressRule", "referencedSecurityGroupId"),
        ),
    ),
    "aws:ec2/routeTable:RouteTable": (
        _DEPENDENCY,
        (_Hold("aws:ec2/routeTableAssociation:RouteTableAssociation", "routeTableId"),),
    ),
    "aws:ec2/eip:Eip": (
        "InvalidIPAddress.InUse",
        (_Hold("aws:ec2/natGateway:NatGateway", "allocationId"),),
    ),
    _CLUSTER: (
        "ResourceInUseException",
        (
            _Hold("aws:eks/nodeGroup:NodeGroup", "clusterName"),
            _Hold("aws:eks/fargateProfile:FargateProfile", "clusterName"),
        ),
    ),
    _AURORA: ("InvalidDBClusterStateFault", (_Hold(_AURORA_INSTANCE, "clusterIdentifier"),)),
    _GLOBAL_DATABASE: ("InvalidGlobalClusterStateFault", (_Hold(_AURORA, "globalClusterIdentifier"),)),
    "aws:rds/subnetGroup:SubnetGroup": ("InvalidDBSubnetGroupStateFault", (_Hold(_AURORA, "dbSubnetGroupName"),)),
    "aws:rds/clusterParameterGroup:ClusterParameterGroup": (
        "InvalidDBParameterGroupState",
        (_Hold(_AURORA, "dbClusterParameterGroupName"),),
    ),
    "aws:elasticache/subnetGroup:SubnetGroup": ("CacheSubnetGroupInUse", (_Hold(_CACHE, "subnetGroupName"),)),
    "aws:elasticache/parameterGroup:ParameterGroup": (
        "InvalidCacheParameterGroupState",
        (_Hold(_CACHE, "parameterGroupName"),),
    ),
    "aws:elasticache/userGroup:UserGroup": ("InvalidUserGroupState", (_Hold(_CACHE, "userGroupIds"),)),
    # AWS Backup Developer Guide, "Deleting a backup plan"; "Restore testing", deleting a plan (read 2026-11).
    "aws:backup/plan:Plan": ("InvalidRequestException", (_Hold("aws:backup/selection:Selection", "planId"),)),
    _RESTORE_TEST: (
        "InvalidRequestException",
        (_Hold("aws:backup/restoreTestingSelection:RestoreTestingSelection", "restoreTestingPlanName"),),
    ),
    _CACHE: ("InvalidReplicationGroupState", (_Hold(_GLOBAL_CACHE, "primaryReplicationGroupId"),)),
    _GLOBAL_CACHE: ("InvalidGlobalReplicationGroupState", (_Hold(_CACHE, "globalReplicationGroupId"),)),
    "aws:iam/policy:Policy": (
        "DeleteConflict",
        (_Hold("aws:iam/rolePolicyAttachment:RolePolicyAttachment", "policyArn"),),
    ),
    _ROLE: (
        "DeleteConflict",
        (
            _Hold("aws:iam/rolePolicy:RolePolicy", "role"),
            _Hold("aws:iam/rolePolicyAttachment:RolePolicyAttachment", "role"),
            _Hold("aws:iam/instanceProfile:InstanceProfile", "role"),
        ),
    ),
    "aws:lb/targetGroup:TargetGroup": (
        "ResourceInUse",
        (
            _Hold("aws:lb/listener:Listener", "defaultActions"),
            _Hold("aws:lb/listenerRule:ListenerRule", "actions"),
        ),
    ),
    "aws:acm/certificate:Certificate": (
        "ResourceInUseException",
        (_Hold("aws:lb/listener:Listener", "certificateArn"),),
    ),
    "aws:kms/key:Key": (
        "KMSInvalidStateException",
        (_Hold("aws:kms/replicaKey:ReplicaKey", "primaryKeyArn"),),
    ),
    "aws:route53/zone:Zone": ("HostedZoneNotEmpty", (_Hold("aws:route53/record:Record", "zoneId"),)),
}  # fmt: skip

# What goes along when its owner does; `deleted_with` relies on it, and nobody asks for each.
_TAKEN_ALONG: Mapping[str, tuple[_Hold, ...]] = {
    _CLUSTER: tuple(
        _Hold(type_, "clusterName")
        for type_ in (
            "aws:eks/addon:Addon", "aws:eks/accessEntry:AccessEntry",
            "aws:eks/accessPolicyAssociation:AccessPolicyAssociation",
            "aws:eks/podIdentityAssociation:PodIdentityAssociation",
        )
    ),
    _BUCKET: _BUCKET_PARTS,
    "aws:ec2/routeTable:RouteTable": (_Hold("aws:ec2/route:Route", "routeTableId"),),
    "aws:ec2/securityGroup:SecurityGroup": (
        _Hold("aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule", "securityGroupId"),
        _Hold("aws:vpc/securityGroupEgressRule:SecurityGroupEgressRule", "securityGroupId"),
        _Hold("aws:ec2/securityGroupRule:SecurityGroupRule", "securityGroupId"),
    ),
    "aws:lb/loadBalancer:LoadBalancer": (_Hold("aws:lb/listener:Listener", "loadBalancerArn"),),
    "aws:lb/listener:Listener": (_Hold("aws:lb/listenerRule:ListenerRule", "listenerArn"),),
    "aws:secretsmanager/secret:Secret": (
        _Hold("aws:secretsmanager/secretVersion:SecretVersion", "secretId"),
        _Hold("aws:secretsmanager/secretRotation:SecretRotation", "secretId"),
    ),
    _PROXY: (
        _Hold("aws:rds/proxyDefaultTargetGroup:ProxyDefaultTargetGroup", "dbProxyName"),
        _Hold("aws:rds/proxyEndpoint:ProxyEndpoint", "dbProxyName"),
        _Hold("aws:rds/proxyTarget:ProxyTarget", "dbProxyName"),
    ),
    "aws:sns/topic:Topic": (_Hold("aws:sns/topicSubscription:TopicSubscription", "topic"),),
}  # fmt: skip

# Deletion protection, by the input that switches it on.
_PROTECTIONS: Mapping[str, str] = {
    _CLUSTER: "deletionProtection",
    _AURORA: "deletionProtection",
    _GLOBAL_DATABASE: "deletionProtection",
    "aws:rds/instance:Instance": "deletionProtection",
    "aws:lb/loadBalancer:LoadBalancer": "enableDeletionProtection",
    "aws:dynamodb/table:Table": "deletionProtectionEnabled",
}


def judge_create(world: World, type_: str, inputs: Mapping[str, Any], place: Place) -> None:
    """Refuse a resource that names something that does not stand where it must.

    Raises:
        Refused: with the service's error code.
    """
    if type_.startswith("kubernetes:"):
        _judge_object(world, type_, inputs, place)
    if not type_.startswith("aws:"):
        return
    kind = type_.rpartition(":")[2]
    for path, text in _texts(inputs, ""):
        _judge_ec2_id(world, kind, path, text, _side(inputs, path, place))
        _judge_key(world, kind, path, text, place, cross_region=type_ in _CROSS_REGION_KEYS)
    for need in _NEEDS.get(type_, ()):
        value = inputs.get(need.property)
        if isinstance(value, str) and value and not _stands(world, need, value, place):
            where = f" in {place.region}" if place.region else ""
            what = need.type.rpartition(":")[2]
            raise Refused(f"{need.code}: {kind}.{need.property}: {what} {value!r} does not exist{where}")
    if type_ == _REPLICATION:
        _judge_replication(world, inputs)


def judge_delete(world: World, resource: Resource) -> None:
    """Refuse to remove what something else still needs.

    Raises:
        Refused: with the service's error code and who needs it.
    """
    kind = resource.type.rpartition(":")[2]
    protection = _PROTECTIONS.get(resource.type)
    if protection and resource.inputs.get(protection) is True:
        raise Refused(
            f"InvalidParameterCombination: {kind} {resource.id} cannot be deleted while {protection} is on; "
            "set it to false and run `pulumi up` first"
        )
    if resource.type == "aws:route53/zone:Zone" and resource.inputs.get("forceDestroy") is True:
        return
    code, holds = _HOLDS.get(resource.type, ("", ()))
    for hold in holds:
        for other in _naming(world, hold, resource):
            raise Refused(
                f"{code}: {kind} {resource.id} is still used by {other.urn} ({hold.property}); it must go first"
            )
    if resource.type == _AURORA:
        _judge_last_writer(world, resource)


def taken_along(world: World, resource: Resource) -> list[Resource]:
    """What the cloud removes together with a resource."""
    along = [other for hold in _TAKEN_ALONG.get(resource.type, ()) for other in _naming(world, hold, resource)]
    if resource.type == _CLUSTER:
        along += [
            other for other in world.everything() if other.provider == "kubernetes" and other.account == resource.id
        ]
    deeper = [nested for other in along for nested in taken_along(world, other)]
    return along + deeper


# Their keys live in another region on purpose.
_CROSS_REGION_KEYS = frozenset(
    {_REPLICATION, "aws:kms/replicaKey:ReplicaKey", "aws:secretsmanager/secret:Secret", "aws:iam/rolePolicy:RolePolicy",
     "aws:iam/policy:Policy", "aws:dynamodb/table:Table"}
)  # fmt: skip


def _side(inputs: Mapping[str, Any], path: str, place: Place) -> str:
    """The region that an id is looked up in: a link names what it joins in the other one."""
    other = inputs.get("peerRegion")
    return other if isinstance(other, str) and path in ("peerVpcId", "peerTransitGatewayId") else place.region


def _judge_ec2_id(world: World, kind: str, path: str, text: str, region: str) -> None:
    found = _EC2_ID.fullmatch(text)
    if found is None:
        return
    what, code = _EC2_IDS[found[1]]
    # A peering connection stands in both regions under one id.
    peered = found[1] == "pcx" and any(
        connection.id == text and connection.inputs.get("peerRegion") == region
        for connection in world.resources("aws:ec2/vpcPeeringConnection:VpcPeeringConnection")
    )
    if not peered and not world.gives_out(region, text):
        raise Refused(f"{code}: {kind}.{path}: the {what} {text!r} does not exist in {region}")


def _judge_key(world: World, kind: str, path: str, text: str, place: Place, *, cross_region: bool) -> None:
    found = _KEY_ARN.fullmatch(text)
    if found is None:
        return
    region, id_ = found.groups()
    if place.region and region != place.region and not cross_region:
        raise Refused(f"InvalidKmsKey: {kind}.{path}: {text} is a key of {region}; it must be one of {place.region}")
    if not any(world.find(type_, id_, region) for type_ in ("aws:kms/key:Key", "aws:kms/replicaKey:ReplicaKey")):
        raise Refused(f"NotFoundException: {kind}.{path}: the key {text} does not exist")


def _stands(world: World, need: _Need, value: str, place: Place) -> bool:
    candidates = [other for other in world.resources(need.type) if other.region in (place.region, "")]
    if need.type in (_GLOBAL_DATABASE, _GLOBAL_CACHE):
        candidates = world.resources(need.type)
    if need.property == "healthCheckId" and value in all_health_checks(world):
        return True
    return any(value in (other.id, other.name if need.by == "name" else other.id) for other in candidates)


def _judge_replication(world: World, inputs: Mapping[str, Any]) -> None:
    source = inputs.get("bucket")
    versioned = {
        other.inputs.get("bucket")
        for other in world.resources(_VERSIONING)
        if mapped(other.inputs.get("versioningConfiguration")).get("status") == "Enabled"
    }
    if source not in versioned:
        raise Refused(
            f"InvalidRequest: BucketReplicationConfig.bucket: versioning must be 'Enabled' on the bucket {source!r} "
            "before its objects can be replicated"
        )
    for position, rule in enumerate(listed(inputs.get("rules"))):
        arn = str(mapped(mapped(rule).get("destination")).get("bucket") or "")
        destination = arn.removeprefix("arn:aws:s3:::")
        if destination not in versioned:
            raise Refused(
                f"InvalidRequest: BucketReplicationConfig.rules[{position}].destination.bucket: the destination "
                f"{destination!r} must exist and have versioning 'Enabled'"
            )


def _judge_last_writer(world: World, resource: Resource) -> None:
    shell = resource.inputs.get("globalClusterIdentifier")
    if not shell:
        return
    others = [
        other
        for other in world.resources(_AURORA)
        if other.inputs.get("globalClusterIdentifier") == shell and other.urn != resource.urn
    ]
    joined = [other for other in others if not other.inputs.get("masterUsername")]
    if resource.inputs.get("masterUsername") and joined:
        raise Refused(
            f"InvalidDBClusterStateFault: Cluster {resource.id} is the primary of global database {shell} and cannot "
            f"be deleted while {joined[0].urn} replicates from it"
        )


def _judge_object(world: World, type_: str, inputs: Mapping[str, Any], place: Place) -> None:
    cluster = place.account
    if cluster and not any(other.name == cluster for other in world.resources(_CLUSTER)):
        raise Refused(f"the cluster {cluster!r} does not answer: no such EKS cluster stands")
    release = type_ == "kubernetes:helm.sh/v3:Release"
    metadata = inputs if release else mapped(inputs.get("metadata"))
    namespace = metadata.get("namespace")
    if not namespace or (release and inputs.get("createNamespace") is True):
        return
    if namespace in ("default", "kube-system", "kube-public", "kube-node-lease"):
        return
    spaces = [other for other in world.resources("kubernetes:core/v1:Namespace") if other.account == cluster]
    releases = [
        other.inputs.get("namespace")
        for other in world.resources("kubernetes:helm.sh/v3:Release")
        if other.account == cluster and other.inputs.get("createNamespace") is True
    ]
    if namespace not in [space.id for space in spaces] + releases:
        raise Refused(f'namespaces "{namespace}" not found in cluster {cluster}')


def _naming(world: World, hold: _Hold, resource: Resource) -> Iterator[Resource]:
    names = {resource.id, resource.name, str(resource.outputs.get("arn") or resource.id)} - {""}
    # Of two things made by one URN, the new one stands in for the old.
    for other in world.resources(hold.type):
        same_place = other.region == resource.region or "" in (other.region, resource.region) or resource.type in (
            _GLOBAL_DATABASE, _GLOBAL_CACHE, "aws:kms/key:Key"
        )  # fmt: skip
        if same_place and names & {text for _, text in _texts(other.inputs.get(hold.property), "")}:
            yield other


def _texts(value: Any, path: str) -> Iterator[tuple[str, str]]:
    if isinstance(value, str):
        yield path, value
    elif isinstance(value, Mapping):
        for key, item in cast(Mapping[str, Any], value).items():
            yield from _texts(item, f"{path}.{key}" if path else key)
    elif isinstance(value, list):
        for position, item in enumerate(cast(list[Any], value)):
            yield from _texts(item, f"{path}[{position}]")
