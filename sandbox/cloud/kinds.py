"""What AWS hands out: ids, ARNs and endpoints of each kind of resource, as data.

Templates are filled from the resource's inputs by wire name and from:

    {account} {region} {logical} {name}   account, region, the program's name, the physical name
    {id}                                  the id, in everything but the id itself
    {hex8} {HEX32} {upper20} {digits9}    so many characters, the same for the same resource every time
    {uuid}                                an UUID, likewise

ARN shapes: the Service Authorization Reference,
https://docs.aws.amazon.com/service-authorization/latest/reference/reference_policies_actions-resources-contextkeys.html
(read 2026-11). Prefixes of EC2 ids: https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/resource-ids.html.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum
from typing import Any


class Scope(Enum):
    """Where a physical name may stand only once."""

    WORLD = "in all of AWS"
    ACCOUNT = "in the account"
    REGION = "in the account and region"


@dataclass(frozen=True)
class Kind:
    """One kind of AWS resource.

    Attributes:
        id: template of the id; None for the name, or a made-up id where there is no name.
        arn: template of the ARN; None for the service's usual shape.
        name: wire name of the input that holds the physical name; None where there is none.
        unique: template of what must be unique; None for the name.
        scope: where that is unique; None where it may repeat.
        outputs: templates of further outputs, nested as the outputs are.
        made_of: template of the seed; what two resources share when they are the same thing in two regions.
    """

    id: str | None = None
    arn: str | None = None
    name: str | None = None
    unique: str | None = None
    scope: Scope | None = None
    outputs: Mapping[str, Any] = field(default_factory=dict[str, Any])


def _ec2(prefix: str, resource: str, **outputs: Any) -> Kind:
    return Kind(
        id=f"{prefix}-0{{hex16}}",
        arn=f"arn:aws:ec2:{{region}}:{{account}}:{resource}/{{id}}",
        outputs={"ownerId": "{account}", **outputs},
    )


def _named(arn: str, scope: Scope = Scope.REGION, *, name: str = "name", id: str = "{name}", **outputs: Any) -> Kind:
    return Kind(id=id, arn=arn, name=name, scope=scope, outputs=outputs)


def _part_of(id_template: str, **outputs: Any) -> Kind:
    """A setting of another resource, of which there can be one."""
    return Kind(id=id_template, unique=id_template, scope=Scope.REGION, outputs=outputs)


_ELB = "arn:aws:elasticloadbalancing:{region}:{account}"
_RDS = "arn:aws:rds:{region}:{account}"
_EKS = "arn:aws:eks:{region}:{account}"
_CACHE = "arn:aws:elasticache:{region}:{account}"

KINDS: Mapping[str, Kind] = {
    # Network
    "aws:ec2/vpc:Vpc": _ec2(
        "vpc",
        "vpc",
        defaultSecurityGroupId="sg-0{hex16}",
        defaultNetworkAclId="acl-0{hex16}",
        defaultRouteTableId="rtb-0{hex16}",
        mainRouteTableId="rtb-0{hex16}",
        dhcpOptionsId="dopt-0{hex16}",
        instanceTenancy="default",
        enableDnsSupport=True,
        enableDnsHostnames=False,
    ),
    "aws:ec2/subnet:Subnet": _ec2("subnet", "subnet", availabilityZoneId="{zone_id}", mapPublicIpOnLaunch=False),
    "aws:ec2/vpcIpv4CidrBlockAssociation:VpcIpv4CidrBlockAssociation": _ec2("vpc-cidr-assoc", "vpc-cidr-block"),
    "aws:ec2/internetGateway:InternetGateway": _ec2("igw", "internet-gateway"),
    "aws:ec2/egressOnlyInternetGateway:EgressOnlyInternetGateway": _ec2("eigw", "egress-only-internet-gateway"),
    "aws:ec2/natGateway:NatGateway": _ec2(
        "nat",
        "natgateway",
        publicIp="{public_ip}",
        privateIp="{private_ip}",
        networkInterfaceId="eni-0{hex16}",
        associationId="eipassoc-0{hex16}",
        connectivityType="public",
    ),
    "aws:ec2/eip:Eip": Kind(
        id="eipalloc-0{hex16}",
        arn="arn:aws:ec2:{region}:{account}:elastic-ip/{id}",
        outputs={
            "allocationId": "{id}",
            "publicIp": "{public_ip}",
            "publicDns": "ec2-{public_ip_dashed}.{ec2_domain}",
            "domain": "vpc",
            "publicIpv4Pool": "amazon",
            "networkBorderGroup": "{region}",
        },
    ),
    "aws:ec2/routeTable:RouteTable": _ec2("rtb", "route-table", routes=[], propagatingVgws=[]),
    "aws:ec2/route:Route": Kind(
        id="r-{routeTableId}{hex8}",
        unique="{routeTableId} {destinationCidrBlock}{destinationIpv6CidrBlock}{destinationPrefixListId}",
        scope=Scope.REGION,
        outputs={"origin": "CreateRoute", "state": "active"},
    ),
    "aws:ec2/routeTableAssociation:RouteTableAssociation": Kind(
        id="rtbassoc-0{hex16}", unique="{subnetId}{gatewayId}", scope=Scope.REGION
    ),
    "aws:ec2/networkAcl:NetworkAcl": _ec2("acl", "network-acl"),
    "aws:ec2/securityGroup:SecurityGroup": Kind(
        id="sg-0{hex16}",
        arn="arn:aws:ec2:{region}:{account}:security-group/{id}",
        name="name",
        unique="{vpcId} {name}",
        scope=Scope.REGION,
        outputs={"ownerId": "{account}", "description": "Managed by Pulumi", "ingress": [], "egress": []},
    ),
    "aws:ec2/securityGroupRule:SecurityGroupRule": Kind(
        id="sgrule-{digits9}", outputs={"securityGroupRuleId": "sgr-0{hex16}"}
    ),
    "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule": Kind(
        id="sgr-0{hex16}",
        arn="arn:aws:ec2:{region}:{account}:security-group-rule/{id}",
        outputs={"securityGroupRuleId": "{id}"},
    ),
    "aws:vpc/securityGroupEgressRule:SecurityGroupEgressRule": Kind(
        id="sgr-0{hex16}",
        arn="arn:aws:ec2:{region}:{account}:security-group-rule/{id}",
        outputs={"securityGroupRuleId": "{id}"},
    ),
    "aws:ec2/vpcEndpoint:VpcEndpoint": _ec2(
        "vpce",
        "vpc-endpoint",
        state="available",
        prefixListId="pl-{hex8}",
        cidrBlocks=[],
        requesterManaged=False,
        ipAddressType="ipv4",
        vpcEndpointType="Gateway",
        dnsEntries=[{"dnsName": "{id}-{hex8}.{service}.{region}.vpce.amazonaws.com", "hostedZoneId": "Z{upper13}"}],
    ),
    "aws:ec2/flowLog:FlowLog": _ec2("fl", "vpc-flow-log", logFormat="", maxAggregationInterval=600),
    "aws:ec2/vpcPeeringConnection:VpcPeeringConnection": _ec2(
        "pcx", "vpc-peering-connection", acceptStatus="pending-acceptance", peerOwnerId="{account}"
    ),
    "aws:ec2/vpcPeeringConnectionAccepter:VpcPeeringConnectionAccepter": Kind(
        id="{vpcPeeringConnectionId}", outputs={"acceptStatus": "active"}
    ),
    "aws:ec2/peeringConnectionOptions:PeeringConnectionOptions": Kind(id="{vpcPeeringConnectionId}"),
    "aws:ec2/managedPrefixList:ManagedPrefixList": _ec2("pl", "prefix-list", version=1),
    "aws:ec2transitgateway/transitGateway:TransitGateway": _ec2("tgw", "transit-gateway"),
    "aws:ec2transitgateway/vpcAttachment:VpcAttachment": _ec2("tgw-attach", "transit-gateway-attachment"),
    "aws:ec2transitgateway/peeringAttachment:PeeringAttachment": _ec2(
        "tgw-attach", "transit-gateway-attachment", state="pendingAcceptance"
    ),
    "aws:ec2transitgateway/peeringAttachmentAccepter:PeeringAttachmentAccepter": Kind(
        id="{transitGatewayAttachmentId}"
    ),
    "aws:ec2transitgateway/routeTable:RouteTable": _ec2(
        "tgw-rtb",
        "transit-gateway-route-table",
        defaultAssociationRouteTable=False,
        defaultPropagationRouteTable=False,
    ),
    "aws:ec2transitgateway/route:Route": _part_of("{transitGatewayRouteTableId}_{destinationCidrBlock}"),
    "aws:ec2transitgateway/routeTableAssociation:RouteTableAssociation": _part_of(
        "{transitGatewayRouteTableId}_{transitGatewayAttachmentId}"
    ),
    "aws:ec2transitgateway/routeTablePropagation:RouteTablePropagation": _part_of(
        "{transitGatewayRouteTableId}_{transitGatewayAttachmentId}"
    ),
    "aws:ec2/instance:Instance": _ec2(
        "i",
        "instance",
        instanceState="running",
        privateIp="{private_ip}",
        publicIp="",
        privateDns="ip-{private_ip_dashed}.{internal_domain}",
        primaryNetworkInterfaceId="eni-0{hex16}",
    ),
    "aws:ec2/launchTemplate:LaunchTemplate": Kind(
        id="lt-0{hex16}",
        arn="arn:aws:ec2:{region}:{account}:launch-template/{id}",
        name="name",
        scope=Scope.REGION,
        outputs={"latestVersion": 1, "defaultVersion": 1},
    ),
    "aws:ec2/placementGroup:PlacementGroup": _named(
        "arn:aws:ec2:{region}:{account}:placement-group/{name}", placementGroupId="pg-0{hex16}"
    ),
    "aws:ec2/keyPair:KeyPair": _named(
        "arn:aws:ec2:{region}:{account}:key-pair/{name}", name="keyName", keyPairId="key-0{hex16}"
    ),
    "aws:ebs/volume:Volume": _ec2("vol", "volume"),
    "aws:autoscaling/group:Group": _named(
        "arn:aws:autoscaling:{region}:{account}:autoScalingGroup:{uuid}:autoScalingGroupName/{name}"
    ),
    # Load balancing
    "aws:lb/loadBalancer:LoadBalancer": Kind(
        id=_ELB + ":loadbalancer/{lb_path}/{name}/{hex16}",
        arn="{id}",
        name="name",
        scope=Scope.REGION,
        outputs={
            "arnSuffix": "{lb_path}/{name}/{hex16}",
            "dnsName": "{lb_dns}",
            "zoneId": "{lb_zone}",
            "loadBalancerType": "application",
            "ipAddressType": "ipv4",
            "internal": False,
        },
    ),
    "aws:lb/targetGroup:TargetGroup": Kind(
        id=_ELB + ":targetgroup/{name}/{hex16}",
        arn="{id}",
        name="name",
        scope=Scope.REGION,
        outputs={"arnSuffix": "targetgroup/{name}/{hex16}", "loadBalancerArns": [], "ipAddressType": "ipv4"},
    ),
    "aws:lb/listener:Listener": Kind(
        id="{listener_arn}", arn="{id}", unique="{loadBalancerArn} {port}", scope=Scope.REGION
    ),
    "aws:lb/listenerRule:ListenerRule": Kind(
        id="{listener_rule_arn}", arn="{id}", unique="{listenerArn} {priority}", scope=Scope.REGION
    ),
    # Keys, secrets, certificates
    "aws:kms/key:Key": Kind(
        id="{key_id}",
        arn="arn:aws:kms:{region}:{account}:key/{id}",
        outputs={
            "keyId": "{id}",
            "keyUsage": "ENCRYPT_DECRYPT",
            "customerMasterKeySpec": "SYMMETRIC_DEFAULT",
            "isEnabled": True,
            "rotationPeriodInDays": 365,
            "enableKeyRotation": False,
        },
    ),
    "aws:kms/replicaKey:ReplicaKey": Kind(
        id="{replica_key_id}",
        arn="arn:aws:kms:{region}:{account}:key/{id}",
        unique="{replica_key_id}",
        scope=Scope.REGION,
        outputs={
            "keyId": "{id}",
            "keyUsage": "ENCRYPT_DECRYPT",
            "keySpec": "SYMMETRIC_DEFAULT",
            "keyRotationEnabled": True,
            "enabled": True,
        },
    ),
    "aws:kms/alias:Alias": _named(
        "arn:aws:kms:{region}:{account}:{name}", targetKeyArn="arn:aws:kms:{region}:{account}:key/{targetKeyId}"
    ),
    "aws:secretsmanager/secret:Secret": Kind(
        id="arn:aws:secretsmanager:{region}:{account}:secret:{name}-{upper6}",
        arn="{id}",
        name="name",
        scope=Scope.REGION,
    ),
    "aws:secretsmanager/secretVersion:SecretVersion": Kind(
        id="{secretId}|{uuid}",
        arn="{secretId}",
        outputs={"versionId": "{uuid}", "versionStages": ["AWSCURRENT"]},
    ),
    "aws:secretsmanager/secretRotation:SecretRotation": Kind(
        id="{secretId}", unique="{secretId}", scope=Scope.REGION, outputs={"rotationEnabled": True}
    ),
    "aws:serverlessrepository/cloudFormationStack:CloudFormationStack": Kind(
        id="arn:aws:cloudformation:{region}:{account}:stack/serverlessrepo-{name}/{uuid}",
        name="name",
        scope=Scope.REGION,
        outputs={"outputs": "{application_outputs}"},
    ),
    "aws:ssm/parameter:Parameter": _named(
        "arn:aws:ssm:{region}:{account}:parameter/{name_without_slash}", version=1, dataType="text", tier="Standard"
    ),
    "aws:acm/certificate:Certificate": Kind(
        id="arn:aws:acm:{region}:{account}:certificate/{uuid}",
        arn="{id}",
        outputs={
            "status": "PENDING_VALIDATION",
            "type": "AMAZON_ISSUED",
            "keyAlgorithm": "RSA_2048",
            "notBefore": "",
            "notAfter": "",
            "renewalEligibility": "INELIGIBLE",
            "pendingRenewal": False,
            "validationEmails": [],
        },
    ),
    "aws:acm/certificateValidation:CertificateValidation": Kind(id="{certificateArn}"),
    # Identity
    "aws:iam/role:Role": _named(
        "arn:aws:iam::{account}:role{path}{name}",
        Scope.ACCOUNT,
        uniqueId="AROA{upper17}",
        path="/",
        maxSessionDuration=3600,
        forceDetachPolicies=False,
    ),
    "aws:iam/policy:Policy": _named(
        "arn:aws:iam::{account}:policy{path}{name}",
        Scope.ACCOUNT,
        id="{arn}",
        policyId="ANPA{upper17}",
        path="/",
        attachmentCount=0,
    ),
    "aws:iam/rolePolicy:RolePolicy": Kind(id="{role}:{name}", name="name", unique="{role} {name}", scope=Scope.ACCOUNT),
    "aws:iam/rolePolicyAttachment:RolePolicyAttachment": Kind(
        id="{role}/{policyArn}", unique="{role} {policyArn}", scope=Scope.ACCOUNT
    ),
    "aws:iam/instanceProfile:InstanceProfile": _named(
        "arn:aws:iam::{account}:instance-profile{path}{name}", Scope.ACCOUNT, uniqueId="AIPA{upper17}", path="/"
    ),
    "aws:iam/user:User": _named("arn:aws:iam::{account}:user{path}{name}", Scope.ACCOUNT, path="/"),
    "aws:iam/group:Group": _named("arn:aws:iam::{account}:group{path}{name}", Scope.ACCOUNT, path="/"),
    "aws:iam/openIdConnectProvider:OpenIdConnectProvider": Kind(
        id="arn:aws:iam::{account}:oidc-provider/{url_without_scheme}",
        arn="{id}",
        unique="{url}",
        scope=Scope.ACCOUNT,
    ),
    # Kubernetes
    "aws:eks/cluster:Cluster": _named(
        _EKS + ":cluster/{name}",
        endpoint="https://{HEX32}.gr7.{region}.eks.amazonaws.com",
        certificateAuthority={"data": "{certificate}"},
        certificateAuthorities=[{"data": "{certificate}"}],
        identities=[{"oidcs": [{"issuer": "https://oidc.eks.{region}.amazonaws.com/id/{HEX32}"}]}],
        platformVersion="eks.1",
        status="ACTIVE",
        createdAt="2026-01-01T00:00:00Z",
        vpcConfig={"clusterSecurityGroupId": "sg-0{hex16}", "vpcId": "{vpc_of_subnets}"},
        kubernetesNetworkConfig={"serviceIpv4Cidr": "172.20.0.0/16", "ipFamily": "ipv4"},
    ),
    "aws:eks/nodeGroup:NodeGroup": Kind(
        id="{clusterName}:{name}",
        arn=_EKS + ":nodegroup/{clusterName}/{name}/{uuid}",
        name="nodeGroupName",
        unique="{clusterName} {name}",
        scope=Scope.REGION,
        outputs={
            "status": "ACTIVE",
            "resources": [{"autoscalingGroups": [{"name": "eks-{name}-{uuid}"}], "remoteAccessSecurityGroupId": ""}],
        },
    ),
    "aws:eks/addon:Addon": Kind(
        id="{clusterName}:{addonName}",
        arn=_EKS + ":addon/{clusterName}/{addonName}/{uuid}",
        unique="{clusterName} {addonName}",
        scope=Scope.REGION,
        outputs={
            "addonVersion": "v1.20.4-eksbuild.2",
            "configurationValues": "",
            "createdAt": "2026-01-01T00:00:00Z",
            "modifiedAt": "2026-01-01T00:00:00Z",
        },
    ),
    "aws:eks/accessEntry:AccessEntry": Kind(
        id="{clusterName}:{principalArn}",
        unique="{clusterName} {principalArn}",
        scope=Scope.REGION,
        outputs={
            "accessEntryArn": _EKS + ":access-entry/{clusterName}/role/{account}/{last_of_principal}/{uuid}",
            "type": "STANDARD",
            "userName": "arn:aws:sts::{account}:assumed-role/{last_of_principal}/{{{{SessionName}}}}",
            "kubernetesGroups": [],
        },
    ),
    "aws:eks/accessPolicyAssociation:AccessPolicyAssociation": Kind(
        id="{clusterName}#{principalArn}#{policyArn}",
        unique="{clusterName} {principalArn} {policyArn}",
        scope=Scope.REGION,
        outputs={"associatedAt": "2026-01-01T00:00:00Z", "modifiedAt": "2026-01-01T00:00:00Z"},
    ),
    "aws:eks/podIdentityAssociation:PodIdentityAssociation": Kind(
        id="a-{hex17}",
        arn=_EKS + ":podidentityassociation/{clusterName}/a-{hex17}",
        unique="{clusterName} {namespace} {serviceAccount}",
        scope=Scope.REGION,
        outputs={
            "associationArn": _EKS + ":podidentityassociation/{clusterName}/{id}",
            "associationId": "{id}",
            "externalId": "{uuid}",
        },
    ),
    "aws:eks/fargateProfile:FargateProfile": Kind(
        id="{clusterName}:{name}",
        arn=_EKS + ":fargateprofile/{clusterName}/{name}/{uuid}",
        name="fargateProfileName",
        unique="{clusterName} {name}",
        scope=Scope.REGION,
    ),
    # Databases and caches
    "aws:rds/globalCluster:GlobalCluster": Kind(
        id="{globalClusterIdentifier}",
        arn="arn:aws:rds::{account}:global-cluster:{id}",
        name="globalClusterIdentifier",
        scope=Scope.ACCOUNT,
        outputs={
            "globalClusterResourceId": "cluster-{hex16}",
            "endpoint": "{id}.global-{hex12}.global.rds.amazonaws.com",
            "engineVersionActual": "{engineVersion}",
            "engineLifecycleSupport": "open-source-rds-extended-support",
            "globalClusterMembers": [],
        },
    ),
    "aws:rds/cluster:Cluster": Kind(
        id="{clusterIdentifier}",
        arn=_RDS + ":cluster:{id}",
        name="clusterIdentifier",
        scope=Scope.REGION,
        outputs={
            "clusterResourceId": "cluster-{HEX26}",
            "endpoint": "{id}.cluster-{hex12}.{region}.rds.amazonaws.com",
            "readerEndpoint": "{id}.cluster-ro-{hex12}.{region}.rds.amazonaws.com",
            "hostedZoneId": "Z{upper13}",
            "engineVersionActual": "{engineVersion}",
            "port": 5432,
            "networkType": "IPV4",
            "engineMode": "provisioned",
            "databaseInsightsMode": "standard",
            "clusterMembers": [],
            "masterUserSecrets": [],
            "caCertificateIdentifier": "rds-ca-rsa2048-g1",
            "preferredBackupWindow": "07:00-09:00",
            "preferredMaintenanceWindow": "sun:05:00-sun:06:00",
            "availabilityZones": "{three_zones}",
        },
    ),
    "aws:rds/clusterInstance:ClusterInstance": Kind(
        id="{identifier}",
        arn=_RDS + ":db:{id}",
        name="identifier",
        scope=Scope.REGION,
        outputs={
            "dbiResourceId": "db-{HEX26}",
            "endpoint": "{id}.{hex12}.{region}.rds.amazonaws.com",
            "port": 5432,
            "writer": False,
            "engineVersionActual": "{engineVersion}",
            "storageEncrypted": True,
            "networkType": "IPV4",
            "caCertIdentifier": "rds-ca-rsa2048-g1",
        },
    ),
    "aws:rds/instance:Instance": Kind(
        id="db-{HEX26}",
        arn=_RDS + ":db:{name}",
        name="identifier",
        scope=Scope.REGION,
        outputs={
            "resourceId": "{id}",
            "address": "{name}.{hex12}.{region}.rds.amazonaws.com",
            "endpoint": "{name}.{hex12}.{region}.rds.amazonaws.com:{port}",
            "engineVersionActual": "{engineVersion}",
            "status": "available",
            "hostedZoneId": "Z{upper13}",
            "port": 5432,
        },
    ),
    "aws:rds/subnetGroup:SubnetGroup": _named(
        _RDS + ":subgrp:{name}",
        vpcId="{vpc_of_subnets}",
        description="Managed by Pulumi",
        supportedNetworkTypes=["IPV4"],
    ),
    "aws:rds/clusterParameterGroup:ClusterParameterGroup": _named(
        _RDS + ":cluster-pg:{name}", description="Managed by Pulumi"
    ),
    "aws:rds/parameterGroup:ParameterGroup": _named(_RDS + ":pg:{name}", description="Managed by Pulumi"),
    "aws:rds/proxy:Proxy": _named(
        _RDS + ":db-proxy:prx-{hex17}", endpoint="{name}.proxy-{hex12}.{region}.rds.amazonaws.com"
    ),
    "aws:rds/proxyDefaultTargetGroup:ProxyDefaultTargetGroup": Kind(
        id="{dbProxyName}",
        arn=_RDS + ":target-group:prx-tg-{hex17}",
        unique="{dbProxyName}",
        scope=Scope.REGION,
        outputs={"name": "default"},
    ),
    "aws:rds/proxyTarget:ProxyTarget": Kind(
        id="{dbProxyName}/{targetGroupName}/TRACKED_CLUSTER/{dbClusterIdentifier}",
        outputs={
            "type": "TRACKED_CLUSTER",
            "rdsResourceId": "{dbClusterIdentifier}",
            "trackedClusterId": "{dbClusterIdentifier}",
            "port": 5432,
        },
    ),
    "aws:rds/proxyEndpoint:ProxyEndpoint": Kind(
        id="{dbProxyName}/{dbProxyEndpointName}",
        arn=_RDS + ":db-proxy-endpoint:prx-endpoint-{hex17}",
        unique="{dbProxyEndpointName}",
        scope=Scope.REGION,
        outputs={
            "endpoint": "{dbProxyEndpointName}.endpoint.proxy-{hex12}.{region}.rds.amazonaws.com",
            "isDefault": False,
            "vpcId": "{vpc_of_subnets}",
        },
    ),
    "aws:elasticache/replicationGroup:ReplicationGroup": Kind(
        id="{replicationGroupId}",
        arn=_CACHE + ":replicationgroup:{id}",
        name="replicationGroupId",
        scope=Scope.REGION,
        outputs={
            "primaryEndpointAddress": "{cache_host_master}",
            "readerEndpointAddress": "{cache_host_replica}",
            "configurationEndpointAddress": "{cache_host_configuration}",
            "memberClusters": "{cache_members}",
            "engineVersionActual": "{engineVersion}",
            "clusterEnabled": "{cache_sharded}",
            "numNodeGroups": 1,
            "replicasPerNodeGroup": 0,
            "clusterMode": "{cache_mode}",
            "networkType": "ipv4",
            "ipDiscovery": "ipv4",
            "snapshotWindow": "08:00-09:00",
            "maintenanceWindow": "sun:05:00-sun:06:00",
            "transitEncryptionMode": "required",
            "parameterGroupName": "default.redis7",
        },
    ),
    "aws:elasticache/globalReplicationGroup:GlobalReplicationGroup": Kind(
        id="{three_letters}-{globalReplicationGroupIdSuffix}",
        arn="arn:aws:elasticache::{account}:globalreplicationgroup:{id}",
        outputs={"globalReplicationGroupId": "{id}"},
    ),
    "aws:elasticache/user:User": _named(_CACHE + ":user:{name}", name="userId"),
    "aws:elasticache/userGroup:UserGroup": _named(_CACHE + ":usergroup:{name}", name="userGroupId"),
    "aws:elasticache/cluster:Cluster": _named(_CACHE + ":cluster:{name}", name="clusterId"),
    "aws:elasticache/subnetGroup:SubnetGroup": _named(
        _CACHE + ":subnetgroup:{name}", vpcId="{vpc_of_subnets}", description="Managed by Pulumi"
    ),
    "aws:elasticache/parameterGroup:ParameterGroup": _named(
        _CACHE + ":parametergroup:{name}", description="Managed by Pulumi"
    ),
    "aws:dynamodb/table:Table": _named("arn:aws:dynamodb:{region}:{account}:table/{name}"),
    # Storage
    "aws:s3/bucket:Bucket": Kind(
        id="{bucket}",
        arn="arn:aws:s3:::{id}",
        name="bucket",
        scope=Scope.WORLD,
        outputs={
            "bucketDomainName": "{id}.s3.amazonaws.com",
            "bucketRegionalDomainName": "{id}.s3.{region}.amazonaws.com",
            "bucketRegion": "{region}",
            "hostedZoneId": "{s3_zone}",
            "requestPayer": "BucketOwner",
            "objectLockEnabled": False,
            "forceDestroy": False,
        },
    ),
    "aws:s3/bucketVersioning:BucketVersioning": _part_of("{bucket}"),
    "aws:s3/bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration": _part_of("{bucket}"),
    "aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock": _part_of("{bucket}"),
    "aws:s3/bucketOwnershipControls:BucketOwnershipControls": _part_of("{bucket}"),
    "aws:s3/bucketPolicy:BucketPolicy": _part_of("{bucket}"),
    "aws:s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration": _part_of(
        "{bucket}", transitionDefaultMinimumObjectSize="all_storage_classes_128K"
    ),
    "aws:s3/bucketReplicationConfig:BucketReplicationConfig": _part_of("{bucket}"),
    "aws:s3/bucketLogging:BucketLogging": _part_of("{bucket}"),
    "aws:s3/bucketNotification:BucketNotification": _part_of("{bucket}"),
    "aws:s3/bucketAcl:BucketAcl": _part_of("{bucket}"),
    "aws:s3/bucketCorsConfiguration:BucketCorsConfiguration": _part_of("{bucket}"),
    "aws:s3/bucketObjectLockConfiguration:BucketObjectLockConfiguration": _part_of("{bucket}"),
    "aws:efs/fileSystem:FileSystem": Kind(
        id="fs-0{hex16}",
        arn="arn:aws:elasticfilesystem:{region}:{account}:file-system/{id}",
        outputs={"dnsName": "{id}.efs.{region}.amazonaws.com", "ownerId": "{account}"},
    ),
    "aws:ecr/repository:Repository": _named(
        "arn:aws:ecr:{region}:{account}:repository/{name}",
        registryId="{account}",
        repositoryUrl="{account}.dkr.ecr.{region}.amazonaws.com/{name}",
    ),
    "aws:ecr/replicationConfiguration:ReplicationConfiguration": Kind(
        id="{account}", unique="registry", scope=Scope.REGION, outputs={"registryId": "{account}"}
    ),
    **{
        f"aws:ecr/{part[0].lower()}{part[1:]}:{part}": Kind(
            id="{account}", unique=part, scope=Scope.REGION, outputs={"registryId": "{account}"}
        )
        for part in ("RegistryPolicy", "RegistryScanningConfiguration")
    },
    "aws:ecr/lifecyclePolicy:LifecyclePolicy": _part_of("{repository}", registryId="{account}"),
    "aws:ecr/pullThroughCacheRule:PullThroughCacheRule": _part_of("{ecrRepositoryPrefix}", registryId="{account}"),
    "aws:ecr/repositoryCreationTemplate:RepositoryCreationTemplate": _part_of("{prefix}", registryId="{account}"),
    # Names
    "aws:route53/zone:Zone": Kind(
        id="Z0{upper19}",
        arn="arn:aws:route53:::hostedzone/{id}",
        name="name",
        outputs={"zoneId": "{id}", "nameServers": "{name_servers}", "primaryNameServer": "{name_server}"},
    ),
    "aws:route53/record:Record": Kind(
        id="{record_id}",
        unique="{record_id}",
        scope=Scope.ACCOUNT,
        outputs={"fqdn": "{record_fqdn}"},
    ),
    "aws:route53/healthCheck:HealthCheck": Kind(
        id="{uuid}", arn="arn:aws:route53:::healthcheck/{id}", outputs={"disabled": False}
    ),
    # Watching and telling
    "aws:cloudwatch/logGroup:LogGroup": _named(
        "arn:aws:logs:{region}:{account}:log-group:{name}", logGroupClass="STANDARD", retentionInDays=0
    ),
    "aws:cloudwatch/metricAlarm:MetricAlarm": _named("arn:aws:cloudwatch:{region}:{account}:alarm:{name}"),
    # Both kinds of alarms share their names: one with a taken name would overwrite the other.
    "aws:cloudwatch/compositeAlarm:CompositeAlarm": _named(
        "arn:aws:cloudwatch:{region}:{account}:alarm:{alarmName}", name="alarmName", id="{alarmName}"
    ),
    "aws:cloudwatch/dashboard:Dashboard": Kind(
        id="{dashboardName}",
        arn="arn:aws:cloudwatch::{account}:dashboard/{dashboardName}",
        name="dashboardName",
        scope=Scope.ACCOUNT,
        outputs={"dashboardArn": "arn:aws:cloudwatch::{account}:dashboard/{id}"},
    ),
    "aws:sns/topic:Topic": Kind(
        id="arn:aws:sns:{region}:{account}:{name}",
        arn="{id}",
        name="name",
        scope=Scope.REGION,
        outputs={"owner": "{account}"},
    ),
    "aws:sns/topicPolicy:TopicPolicy": Kind(
        id="{arn}", unique="{arn}", scope=Scope.REGION, outputs={"owner": "{account}"}
    ),
    "aws:sns/topicSubscription:TopicSubscription": Kind(
        id="{topic}:{uuid}", arn="{id}", outputs={"ownerId": "{account}", "pendingConfirmation": False}
    ),
    "aws:sqs/queue:Queue": Kind(
        id="https://sqs.{region}.amazonaws.com/{account}/{name}",
        arn="arn:aws:sqs:{region}:{account}:{name}",
        name="name",
        scope=Scope.REGION,
        outputs={"url": "{id}"},
    ),
    "aws:cloudwatch/eventRule:EventRule": _named("arn:aws:events:{region}:{account}:rule/{name}"),
    "aws:lambda/function:Function": _named(
        "arn:aws:lambda:{region}:{account}:function:{name}",
        version="$LATEST",
        invokeArn=(
            "arn:aws:apigateway:{region}:lambda:path/2015-03-31/functions/"
            "arn:aws:lambda:{region}:{account}:function:{name}/invocations"
        ),
    ),
    "aws:sfn/stateMachine:StateMachine": Kind(
        id="arn:aws:states:{region}:{account}:stateMachine:{name}", arn="{id}", name="name", scope=Scope.REGION
    ),
    "aws:backup/vault:Vault": _named("arn:aws:backup:{region}:{account}:backup-vault:{name}", recoveryPoints=0),
    "aws:backup/plan:Plan": Kind(id="{uuid}", arn="arn:aws:backup:{region}:{account}:backup-plan:{id}", name="name"),
    "aws:backup/vaultPolicy:VaultPolicy": _part_of("{backupVaultName}"),
    "aws:backup/vaultLockConfiguration:VaultLockConfiguration": _part_of("{backupVaultName}"),
    "aws:backup/vaultNotifications:VaultNotifications": _part_of("{backupVaultName}"),
    "aws:backup/restoreTestingPlan:RestoreTestingPlan": _named(
        "arn:aws:backup:{region}:{account}:restore-testing-plan:{name}-{uuid}"
    ),
    "aws:backup/restoreTestingSelection:RestoreTestingSelection": Kind(
        id="{name}:{restoreTestingPlanName}", unique="{name}:{restoreTestingPlanName}", scope=Scope.REGION
    ),
    "aws:arcregionswitch/plan:Plan": Kind(
        id="arn:aws:arc-region-switch::{account}:plan/{name}:{hex6}", arn="{id}", name="name", scope=Scope.ACCOUNT
    ),
    "aws:globalaccelerator/accelerator:Accelerator": Kind(
        id="arn:aws:globalaccelerator::{account}:accelerator/{uuid}",
        arn="{id}",
        name="name",
        outputs={
            "dnsName": "a{hex16}.awsglobalaccelerator.com",
            "hostedZoneId": "Z2BJ6XQ5FK7U4H",
            "ipSets": [{"ipFamily": "IPv4", "ipAddresses": ["{public_ip}", "{second_ip}"]}],
        },
    ),
    "aws:fis/experimentTemplate:ExperimentTemplate": Kind(id="EXT{upper15}"),
    "aws:msk/cluster:Cluster": Kind(
        id="arn:aws:kafka:{region}:{account}:cluster/{name}/{uuid}-1",
        arn="{id}",
        name="clusterName",
        scope=Scope.REGION,
    ),
}

GLOBAL_MODULES = frozenset(
    {"iam", "route53", "cloudfront", "globalaccelerator", "organizations", "shield", "arcregionswitch"}
)
"""SDK modules whose resources stand in no region. Their control planes run in us-east-1 (Global Accelerator's
elsewhere): https://docs.aws.amazon.com/whitepapers/latest/aws-fault-isolation-boundaries/global-services.html
(read 2026-11); Region switch's by botocore's endpoint rules (UseControlPlaneEndpoint, read 2026-11)."""

CONTROL_PLANE_REGION: Mapping[str, str] = {
    "iam": "us-east-1",
    "route53": "us-east-1",
    "cloudfront": "us-east-1",
    "organizations": "us-east-1",
    "shield": "us-east-1",
    "arcregionswitch": "us-east-1",
    "globalaccelerator": "us-west-2",
}

SERVICE_OF_MODULE: Mapping[str, str] = {
    "lb": "elasticloadbalancing",
    "alb": "elasticloadbalancing",
    "vpc": "ec2",
    "ebs": "ec2",
    "ec2transitgateway": "ec2",
    "efs": "elasticfilesystem",
    "cloudwatch": "cloudwatch",
    "sfn": "states",
    "msk": "kafka",
    "opensearch": "es",
    "mwaa": "airflow",
    "amp": "aps",
}
"""ARN service of SDK modules that are called otherwise."""

SECRET_OUTPUTS: Mapping[str, frozenset[str]] = {
    "aws:rds/cluster:Cluster": frozenset({"masterPassword"}),
    "aws:rds/instance:Instance": frozenset({"password"}),
    "aws:elasticache/replicationGroup:ReplicationGroup": frozenset({"authToken"}),
    "aws:secretsmanager/secretVersion:SecretVersion": frozenset({"secretString", "secretBinary"}),
    "aws:ssm/parameter:Parameter": frozenset({"value"}),
    "aws:iam/accessKey:AccessKey": frozenset({"secret", "sesSmtpPasswordV4"}),
    "random:index/randomPassword:RandomPassword": frozenset({"result", "bcryptHash"}),
    "random:index/randomBytes:RandomBytes": frozenset({"base64", "hex"}),
}
"""Outputs that the providers' own schemas mark secret."""
