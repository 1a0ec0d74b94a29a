"""Inputs that AWS accepts, as people write them in pulumi-aws and as the engine sends them (numbers are doubles)."""

import json
from typing import Any

ACCOUNT = "000000000000"
ROLE = f"arn:aws:iam::{ACCOUNT}:role/tandem-cluster"
KEY = f"arn:aws:kms:us-east-1:{ACCOUNT}:key/mrk-1234abcd12ab34cd56ef1234567890ab"
VPC, SUBNET, GROUP = "vpc-0123456789abcdef0", "subnet-0123456789abcdef0", "sg-0123456789abcdef0"
OTHER_SUBNET = "subnet-0fedcba9876543210"
LOAD_BALANCER = f"arn:aws:elasticloadbalancing:us-east-1:{ACCOUNT}:loadbalancer/app/entrance/50dc6c495c0c9188"
TARGETS = f"arn:aws:elasticloadbalancing:us-east-1:{ACCOUNT}:targetgroup/prefect/73e2d6bc24d8a067"
LISTENER = f"arn:aws:elasticloadbalancing:us-east-1:{ACCOUNT}:listener/app/entrance/50dc6c495c0c9188/f2f7dc8efc522ab2"
CERTIFICATE = f"arn:aws:acm:us-east-1:{ACCOUNT}:certificate/12345678-1234-1234-1234-123456789012"
TOPIC = f"arn:aws:sns:us-east-1:{ACCOUNT}:alarms"
QUEUE = f"arn:aws:sqs:us-east-1:{ACCOUNT}:events"
ACCELERATOR = f"arn:aws:globalaccelerator::{ACCOUNT}:accelerator/1234abcd-abcd-1234-abcd-1234abcdefgh"
TRUST = json.dumps(
    {
        "Version": "2012-10-17",
        "Statement": [
            {"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": {"Service": "eks.amazonaws.com"}},
        ],
    }
)
TAGS = {"Name": "tandem", "kubernetes.io/role/internal-elb": "1"}

COMPLIANT: list[tuple[str, dict[str, Any]]] = [
    (
        "aws:ec2/vpc:Vpc",
        {"cidrBlock": "10.0.0.0/16", "enableDnsHostnames": True, "instanceTenancy": "default", "tags": TAGS},
    ),
    (
        "aws:ec2/subnet:Subnet",
        {
            "vpcId": VPC,
            "cidrBlock": "10.0.32.0/20",
            "availabilityZone": "us-east-1a",
            "mapPublicIpOnLaunch": False,
            "privateDnsHostnameTypeOnLaunch": "ip-name",
            "tags": TAGS,
        },
    ),
    ("aws:ec2/internetGateway:InternetGateway", {"vpcId": VPC, "tags": TAGS}),
    ("aws:ec2/eip:Eip", {"domain": "vpc", "tags": TAGS}),
    ("aws:ec2/natGateway:NatGateway", {"allocationId": "eipalloc-0123456789abcdef0", "subnetId": SUBNET}),
    ("aws:ec2/natGateway:NatGateway", {"connectivityType": "private", "subnetId": SUBNET}),
    ("aws:ec2/routeTable:RouteTable", {"vpcId": VPC, "routes": [{"cidrBlock": "0.0.0.0/0", "gatewayId": "igw-1"}]}),
    (
        "aws:ec2/route:Route",
        {
            "routeTableId": "rtb-0123456789abcdef0",
            "destinationCidrBlock": "0.0.0.0/0",
            "natGatewayId": "nat-0123456789abcdef0",
        },
    ),
    (
        "aws:ec2/route:Route",
        {"routeTableId": "rtb-1", "destinationIpv6CidrBlock": "::/0", "egressOnlyGatewayId": "eigw-1"},
    ),
    (
        "aws:ec2/routeTableAssociation:RouteTableAssociation",
        {"routeTableId": "rtb-0123456789abcdef0", "subnetId": SUBNET},
    ),
    (
        "aws:ec2/vpcEndpoint:VpcEndpoint",
        {
            "vpcId": VPC,
            "serviceName": "com.amazonaws.us-east-1.ecr.api",
            "vpcEndpointType": "Interface",
            "privateDnsEnabled": True,
            "subnetIds": [SUBNET],
            "securityGroupIds": [GROUP],
            "policy": TRUST,
            "dnsOptions": {"dnsRecordIpType": "ipv4"},
        },
    ),
    (
        "aws:ec2/vpcEndpoint:VpcEndpoint",
        {
            "vpcId": VPC,
            "serviceName": "com.amazonaws.us-east-1.s3",
            "vpcEndpointType": "Gateway",
            "routeTableIds": ["rtb-0123456789abcdef0"],
        },
    ),
    (
        "aws:ec2/securityGroup:SecurityGroup",
        {
            "vpcId": VPC,
            "name": "tandem-database",
            "description": "Database, from the nodes only",
            "ingress": [{"protocol": "tcp", "fromPort": 5432.0, "toPort": 5432.0, "cidrBlocks": ["10.0.0.0/16"]}],
            "egress": [{"protocol": "-1", "fromPort": 0, "toPort": 0, "cidrBlocks": ["0.0.0.0/0"]}],
        },
    ),
    (
        "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule",
        {"securityGroupId": GROUP, "ipProtocol": "tcp", "fromPort": 443.0, "toPort": 443.0, "cidrIpv4": "10.0.0.0/16"},
    ),
    (
        "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule",
        {
            "securityGroupId": GROUP,
            "ipProtocol": "tcp",
            "fromPort": 80,
            "toPort": 80,
            "referencedSecurityGroupId": GROUP,
        },
    ),
    (
        "aws:vpc/securityGroupEgressRule:SecurityGroupEgressRule",
        {"securityGroupId": GROUP, "ipProtocol": "-1", "cidrIpv4": "0.0.0.0/0"},
    ),
    (
        "aws:ec2/flowLog:FlowLog",
        {
            "vpcId": VPC,
            "trafficType": "ALL",
            "logDestinationType": "s3",
            "logDestination": "arn:aws:s3:::tandem-flow-logs",
            "maxAggregationInterval": 60.0,
        },
    ),
    (
        "aws:ec2/flowLog:FlowLog",
        {
            "vpcId": VPC,
            "trafficType": "REJECT",
            "iamRoleArn": ROLE,
            "logDestination": f"arn:aws:logs:us-east-1:{ACCOUNT}:log-group:flows",
        },
    ),
    (
        "aws:kms/key:Key",
        {
            "description": "tandem",
            "multiRegion": True,
            "enableKeyRotation": True,
            "rotationPeriodInDays": 365.0,
            "deletionWindowInDays": 30.0,
            "customerMasterKeySpec": "SYMMETRIC_DEFAULT",
            "keyUsage": "ENCRYPT_DECRYPT",
            "policy": TRUST,
        },
    ),
    ("aws:kms/alias:Alias", {"name": "alias/tandem", "targetKeyId": "mrk-1234abcd12ab34cd56ef1234567890ab"}),
    ("aws:kms/replicaKey:ReplicaKey", {"primaryKeyArn": KEY, "deletionWindowInDays": 7.0, "policy": TRUST}),
    (
        "aws:iam/role:Role",
        {
            "name": "tandem-cluster",
            "assumeRolePolicy": TRUST,
            "maxSessionDuration": 3600.0,
            "path": "/tandem/",
            "managedPolicyArns": ["arn:aws:iam::aws:policy/AmazonEKSClusterPolicy"],
        },
    ),
    ("aws:iam/policy:Policy", {"name": "tandem", "policy": TRUST, "path": "/"}),
    ("aws:iam/rolePolicy:RolePolicy", {"name": "artifacts", "role": "tandem-cluster", "policy": TRUST}),
    (
        "aws:iam/rolePolicyAttachment:RolePolicyAttachment",
        {"role": "tandem-cluster", "policyArn": "arn:aws:iam::aws:policy/service-role/AmazonEBSCSIDriverPolicy"},
    ),
    ("aws:iam/instanceProfile:InstanceProfile", {"name": "nodes", "role": "nodes"}),
    (
        "aws:eks/cluster:Cluster",
        {
            "name": "tandem-us-east-1",
            "roleArn": ROLE,
            "version": "1.33",
            "bootstrapSelfManagedAddons": False,
            "deletionProtection": True,
            "enabledClusterLogTypes": ["api", "audit", "authenticator", "controllerManager", "scheduler"],
            "accessConfig": {"authenticationMode": "API", "bootstrapClusterCreatorAdminPermissions": False},
            "vpcConfig": {
                "subnetIds": [SUBNET, OTHER_SUBNET],
                "securityGroupIds": [GROUP],
                "endpointPrivateAccess": True,
                "endpointPublicAccess": True,
                "publicAccessCidrs": ["203.0.113.0/24"],
            },
            "encryptionConfig": {"provider": {"keyArn": KEY}, "resources": ["secrets"]},
            "kubernetesNetworkConfig": {"serviceIpv4Cidr": "172.20.0.0/16", "ipFamily": "ipv4"},
            "upgradePolicy": {"supportType": "STANDARD"},
            "zonalShiftConfig": {"enabled": True},
        },
    ),
    (
        "aws:eks/nodeGroup:NodeGroup",
        {
            "clusterName": "tandem-us-east-1",
            "nodeGroupNamePrefix": "system-",
            "nodeRoleArn": ROLE,
            "subnetIds": [SUBNET],
            "amiType": "BOTTLEROCKET_x86_64_NVIDIA",
            "capacityType": "ON_DEMAND",
            "instanceTypes": ["g5.xlarge", "g6.xlarge"],
            "scalingConfig": {"minSize": 1.0, "desiredSize": 2.0, "maxSize": 4.0},
            "updateConfig": {"maxUnavailable": 1.0},
            "labels": {"tandem.dev/pool": "gpu"},
            "taints": [{"key": "nvidia.com/gpu", "value": "true", "effect": "NO_SCHEDULE"}],
            "launchTemplate": {"id": "lt-0123456789abcdef0", "version": "1"},
            "nodeRepairConfig": {"enabled": True},
        },
    ),
    (
        "aws:eks/addon:Addon",
        {
            "clusterName": "tandem-us-east-1",
            "addonName": "vpc-cni",
            "addonVersion": "v1.20.0-eksbuild.1",
            "configurationValues": '{"enableNetworkPolicy": "true"}',
            "resolveConflictsOnCreate": "OVERWRITE",
            "resolveConflictsOnUpdate": "PRESERVE",
            "podIdentityAssociations": [{"roleArn": ROLE, "serviceAccount": "aws-node"}],
        },
    ),
    (
        "aws:eks/accessEntry:AccessEntry",
        {"clusterName": "tandem-us-east-1", "principalArn": ROLE, "type": "STANDARD", "kubernetesGroups": ["admins"]},
    ),
    (
        "aws:eks/accessPolicyAssociation:AccessPolicyAssociation",
        {
            "clusterName": "tandem-us-east-1",
            "principalArn": ROLE,
            "policyArn": "arn:aws:eks::aws:cluster-access-policy/AmazonEKSClusterAdminPolicy",
            "accessScope": {"type": "cluster"},
        },
    ),
    (
        "aws:eks/podIdentityAssociation:PodIdentityAssociation",
        {
            "clusterName": "tandem-us-east-1",
            "namespace": "prefect",
            "serviceAccount": "prefect-worker",
            "roleArn": ROLE,
        },
    ),
    (
        "aws:ec2/launchTemplate:LaunchTemplate",
        {
            "namePrefix": "system-",
            "description": "Nodes of the system pool",
            "instanceType": "m6i.large",
            "imageId": "ami-0123456789abcdef0",
            "updateDefaultVersion": True,
            "metadataOptions": {"httpEndpoint": "enabled", "httpTokens": "required", "httpPutResponseHopLimit": 1.0},
            "blockDeviceMappings": [
                {
                    "deviceName": "/dev/xvda",
                    "ebs": {"volumeSize": 100.0, "volumeType": "gp3", "encrypted": "true", "kmsKeyId": KEY},
                },
            ],
            "tagSpecifications": [{"resourceType": "instance", "tags": TAGS}],
            "vpcSecurityGroupIds": [GROUP],
            "userData": "W3NldHRpbmdzXQ==",
            "monitoring": {"enabled": True},
        },
    ),
    (
        "aws:ec2/instance:Instance",
        {
            "ami": "ami-0123456789abcdef0",
            "instanceType": "t3.micro",
            "subnetId": SUBNET,
            "vpcSecurityGroupIds": [GROUP],
            "rootBlockDevice": {"volumeType": "gp3", "volumeSize": 20.0},
        },
    ),
    (
        "aws:rds/cluster:Cluster",
        {
            "clusterIdentifier": "tandem-us-east-1",
            "engine": "aurora-postgresql",
            "engineMode": "provisioned",
            "engineVersion": "17.5",
            "globalClusterIdentifier": "tandem",
            "databaseName": "prefect",
            "masterUsername": "tandem",
            "masterPassword": "a-password-that-is-long",
            "dbSubnetGroupName": "tandem",
            "dbClusterParameterGroupName": "tandem",
            "vpcSecurityGroupIds": [GROUP],
            "availabilityZones": ["us-east-1a", "us-east-1b", "us-east-1c"],
            "storageEncrypted": True,
            "storageType": "aurora-iopt1",
            "kmsKeyId": KEY,
            "backupRetentionPeriod": 14.0,
            "preferredBackupWindow": "03:00-04:00",
            "preferredMaintenanceWindow": "sun:05:00-sun:06:00",
            "copyTagsToSnapshot": True,
            "deletionProtection": True,
            "skipFinalSnapshot": False,
            "finalSnapshotIdentifier": "tandem-final",
            "enabledCloudwatchLogsExports": ["postgresql"],
            "iamDatabaseAuthenticationEnabled": True,
            "serverlessv2ScalingConfiguration": {"minCapacity": 0.5, "maxCapacity": 16.0},
            "port": 5432.0,
        },
    ),
    (
        "aws:rds/cluster:Cluster",
        {
            "engine": "aurora-mysql",
            "engineVersion": "8.0.mysql_aurora.3.08.0",
            "manageMasterUserPassword": True,
            "masterUsername": "admin",
            "masterUserSecretKmsKeyId": KEY,
            "allowMajorVersionUpgrade": True,
        },
    ),
    ("aws:rds/cluster:Cluster", {"engine": "aurora-postgresql", "engineVersion": "16", "skipFinalSnapshot": True}),
    (
        "aws:rds/clusterInstance:ClusterInstance",
        {
            "clusterIdentifier": "tandem-us-east-1",
            "identifier": "tandem-us-east-1-0",
            "engine": "aurora-postgresql",
            "engineVersion": "17.5",
            "instanceClass": "db.r6g.large",
            "availabilityZone": "us-east-1a",
            "promotionTier": 0.0,
            "performanceInsightsEnabled": True,
            "performanceInsightsRetentionPeriod": 7.0,
            "performanceInsightsKmsKeyId": KEY,
            "monitoringInterval": 60.0,
            "monitoringRoleArn": ROLE,
            "publiclyAccessible": False,
            "copyTagsToSnapshot": True,
            "caCertIdentifier": "rds-ca-rsa2048-g1",
        },
    ),
    (
        "aws:rds/clusterInstance:ClusterInstance",
        {"clusterIdentifier": "tandem", "engine": "aurora-postgresql", "instanceClass": "db.serverless"},
    ),
    (
        "aws:rds/instance:Instance",
        {
            "identifier": "reports",
            "engine": "postgres",
            "engineVersion": "16.10",
            "instanceClass": "db.t4g.medium",
            "allocatedStorage": 50.0,
            "maxAllocatedStorage": 200.0,
            "storageType": "gp3",
            "username": "reports",
            "password": "a-password-that-is-long",
            "multiAz": True,
            "backupWindow": "03:00-04:00",
            "vpcSecurityGroupIds": [GROUP],
        },
    ),
    (
        "aws:rds/globalCluster:GlobalCluster",
        {
            "globalClusterIdentifier": "tandem",
            "engine": "aurora-postgresql",
            "engineVersion": "17.5",
            "databaseName": "prefect",
            "storageEncrypted": True,
            "deletionProtection": True,
        },
    ),
    ("aws:rds/subnetGroup:SubnetGroup", {"name": "tandem", "description": "Data", "subnetIds": [SUBNET, OTHER_SUBNET]}),
    (
        "aws:rds/clusterParameterGroup:ClusterParameterGroup",
        {
            "name": "tandem",
            "family": "aurora-postgresql17",
            "parameters": [{"name": "rds.force_ssl", "value": "1", "applyMethod": "immediate"}],
        },
    ),
    (
        "aws:rds/parameterGroup:ParameterGroup",
        {"family": "postgres16", "parameters": [{"name": "log_min_duration_statement", "value": "500"}]},
    ),
    (
        "aws:rds/proxy:Proxy",
        {
            "name": "tandem",
            "engineFamily": "POSTGRESQL",
            "roleArn": ROLE,
            "vpcSubnetIds": [SUBNET, OTHER_SUBNET],
            "requireTls": True,
            "idleClientTimeout": 1800.0,
            "auths": [
                {
                    "authScheme": "SECRETS",
                    "iamAuth": "DISABLED",
                    "secretArn": f"arn:aws:secretsmanager:us-east-1:{ACCOUNT}:secret:tandem-AbCdEf",
                },
            ],
        },
    ),
    (
        "aws:elasticache/replicationGroup:ReplicationGroup",
        {
            "replicationGroupId": "tandem",
            "description": "Sessions and queues",
            "engine": "valkey",
            "engineVersion": "8.0",
            "nodeType": "cache.r7g.large",
            "numNodeGroups": 2.0,
            "replicasPerNodeGroup": 1.0,
            "automaticFailoverEnabled": True,
            "multiAzEnabled": True,
            "atRestEncryptionEnabled": True,
            "transitEncryptionEnabled": True,
            "transitEncryptionMode": "required",
            "authToken": "a-token-that-is-long-enough",
            "kmsKeyId": KEY,
            "parameterGroupName": "default.valkey8.cluster.on",
            "subnetGroupName": "tandem",
            "securityGroupIds": [GROUP],
            "snapshotRetentionLimit": 7.0,
            "snapshotWindow": "03:00-04:00",
            "maintenanceWindow": "sun:05:00-sun:06:00",
            "port": 6379.0,
            "autoMinorVersionUpgrade": True,
            "logDeliveryConfigurations": [
                {
                    "destination": "/tandem/cache",
                    "destinationType": "cloudwatch-logs",
                    "logFormat": "json",
                    "logType": "slow-log",
                },
            ],
        },
    ),
    (
        "aws:elasticache/replicationGroup:ReplicationGroup",
        {"description": "Joins the primary", "globalReplicationGroupId": "ldgnf-tandem", "numCacheClusters": 3},
    ),
    ("aws:elasticache/subnetGroup:SubnetGroup", {"name": "tandem", "subnetIds": [SUBNET, OTHER_SUBNET]}),
    (
        "aws:elasticache/parameterGroup:ParameterGroup",
        {"name": "tandem", "family": "valkey8", "parameters": [{"name": "maxmemory-policy", "value": "noeviction"}]},
    ),
    (
        "aws:elasticache/user:User",
        {
            "userId": "prefect",
            "userName": "prefect",
            "engine": "valkey",
            "accessString": "on ~* +@all",
            "authenticationMode": {"type": "password", "passwords": ["a-password-that-is-long"]},
        },
    ),
    (
        "aws:elasticache/userGroup:UserGroup",
        {"engine": "valkey", "userGroupId": "tandem", "userIds": ["default", "prefect"]},
    ),
    (
        "aws:elasticache/globalReplicationGroup:GlobalReplicationGroup",
        {"globalReplicationGroupIdSuffix": "tandem", "primaryReplicationGroupId": "tandem-us-east-1"},
    ),
    ("aws:s3/bucket:Bucket", {"bucket": "tandem-artifacts-us-east-1", "forceDestroy": False, "tags": TAGS}),
    ("aws:s3/bucket:Bucket", {"bucketPrefix": "tandem-", "objectLockEnabled": True}),
    (
        "aws:s3/bucketVersioning:BucketVersioning",
        {"bucket": "tandem-artifacts", "versioningConfiguration": {"status": "Enabled", "mfaDelete": "Disabled"}},
    ),
    (
        "aws:s3/bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration",
        {
            "bucket": "tandem-artifacts",
            "rules": [
                {
                    "applyServerSideEncryptionByDefault": {"sseAlgorithm": "aws:kms", "kmsMasterKeyId": KEY},
                    "bucketKeyEnabled": True,
                },
            ],
        },
    ),
    (
        "aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock",
        {
            "bucket": "tandem-artifacts",
            "blockPublicAcls": True,
            "blockPublicPolicy": True,
            "ignorePublicAcls": True,
            "restrictPublicBuckets": True,
        },
    ),
    ("aws:s3/bucketPolicy:BucketPolicy", {"bucket": "tandem-artifacts", "policy": TRUST}),
    (
        "aws:s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration",
        {
            "bucket": "tandem-artifacts",
            "rules": [
                {
                    "id": "old-versions",
                    "status": "Enabled",
                    "filter": {"prefix": ""},
                    "expiration": {"expiredObjectDeleteMarker": True},
                    "noncurrentVersionExpiration": {"noncurrentDays": 90.0, "newerNoncurrentVersions": 3.0},
                    "noncurrentVersionTransitions": [{"noncurrentDays": 30.0, "storageClass": "STANDARD_IA"}],
                    "abortIncompleteMultipartUpload": {"daysAfterInitiation": 7.0},
                },
                {
                    "id": "logs",
                    "status": "Disabled",
                    "filter": {"and": {"prefix": "logs/", "tags": {"a": "b"}}},
                    "transitions": [{"days": 30.0, "storageClass": "GLACIER_IR"}],
                    "expiration": {"days": 365.0},
                },
            ],
        },
    ),
    (
        "aws:s3/bucketReplicationConfig:BucketReplicationConfig",
        {
            "bucket": "tandem-artifacts",
            "role": ROLE,
            "rules": [
                {
                    "id": "all",
                    "status": "Enabled",
                    "priority": 0.0,
                    "filter": {"prefix": ""},
                    "deleteMarkerReplication": {"status": "Enabled"},
                    "existingObjectReplication": {"status": "Enabled"},
                    "sourceSelectionCriteria": {
                        "replicaModifications": {"status": "Enabled"},
                        "sseKmsEncryptedObjects": {"status": "Enabled"},
                    },
                    "destination": {
                        "bucket": "arn:aws:s3:::tandem-artifacts-us-west-2",
                        "storageClass": "STANDARD",
                        "encryptionConfiguration": {"replicaKmsKeyId": KEY.replace("us-east-1", "us-west-2")},
                        "metrics": {"status": "Enabled", "eventThreshold": {"minutes": 15.0}},
                        "replicationTime": {"status": "Enabled", "time": {"minutes": 15.0}},
                    },
                },
            ],
        },
    ),
    (
        "aws:s3/bucketOwnershipControls:BucketOwnershipControls",
        {"bucket": "tandem-artifacts", "rule": {"objectOwnership": "BucketOwnerEnforced"}},
    ),
    (
        "aws:s3/bucketLogging:BucketLogging",
        {"bucket": "tandem-artifacts", "targetBucket": "tandem-logs", "targetPrefix": "artifacts/"},
    ),
    ("aws:s3/bucketMetric:BucketMetric", {"bucket": "tandem-artifacts", "name": "EntireBucket"}),
    (
        "aws:s3/bucketObjectLockConfiguration:BucketObjectLockConfiguration",
        {
            "bucket": "tandem-audit",
            "objectLockEnabled": "Enabled",
            "rule": {"defaultRetention": {"mode": "COMPLIANCE", "days": 365.0}},
        },
    ),
    (
        "aws:secretsmanager/secret:Secret",
        {
            "name": "tandem/database",
            "kmsKeyId": KEY,
            "recoveryWindowInDays": 7.0,
            "replicas": [{"region": "us-west-2", "kmsKeyId": KEY.replace("us-east-1", "us-west-2")}],
        },
    ),
    ("aws:secretsmanager/secretVersion:SecretVersion", {"secretId": "tandem/database", "secretString": "{}"}),
    (
        "aws:secretsmanager/secretRotation:SecretRotation",
        {
            "secretId": f"arn:aws:secretsmanager:us-east-1:{ACCOUNT}:secret:tandem-AbCdEf",
            "rotationLambdaArn": f"arn:aws:lambda:us-east-1:{ACCOUNT}:function:tandem-rotation",
            "rotateImmediately": False,
            "rotationRules": {"automaticallyAfterDays": 30.0},
        },
    ),
    (
        "aws:rds/proxyDefaultTargetGroup:ProxyDefaultTargetGroup",
        {
            "dbProxyName": "tandem",
            "connectionPoolConfig": {"maxConnectionsPercent": 70.0, "connectionBorrowTimeout": 120.0},
        },
    ),
    (
        "aws:rds/proxyEndpoint:ProxyEndpoint",
        {
            "dbProxyName": "tandem",
            "dbProxyEndpointName": "tandem-readers",
            "vpcSubnetIds": [SUBNET, OTHER_SUBNET],
            "targetRole": "READ_ONLY",
        },
    ),
    (
        "aws:lb/loadBalancer:LoadBalancer",
        {
            "name": "tandem-entrance",
            "loadBalancerType": "application",
            "internal": False,
            "ipAddressType": "ipv4",
            "securityGroups": [GROUP],
            "subnets": [SUBNET, OTHER_SUBNET],
            "dropInvalidHeaderFields": True,
            "enableDeletionProtection": True,
            "idleTimeout": 120.0,
            "accessLogs": {"bucket": "tandem-logs", "enabled": True},
        },
    ),
    (
        "aws:lb/targetGroup:TargetGroup",
        {
            "name": "prefect",
            "port": 4200.0,
            "protocol": "HTTP",
            "protocolVersion": "HTTP1",
            "targetType": "ip",
            "vpcId": VPC,
            "deregistrationDelay": 30.0,
            "healthCheck": {
                "enabled": True,
                "path": "/api/health",
                "port": "traffic-port",
                "protocol": "HTTP",
                "matcher": "200-299",
                "interval": 10.0,
                "timeout": 5.0,
                "healthyThreshold": 2.0,
                "unhealthyThreshold": 3.0,
            },
        },
    ),
    (
        "aws:lb/listener:Listener",
        {
            "loadBalancerArn": LOAD_BALANCER,
            "port": 443.0,
            "protocol": "HTTPS",
            "sslPolicy": "ELBSecurityPolicy-TLS13-1-2-2021-06",
            "certificateArn": CERTIFICATE,
            "defaultActions": [{"type": "forward", "targetGroupArn": TARGETS}],
        },
    ),
    (
        "aws:lb/listener:Listener",
        {
            "loadBalancerArn": LOAD_BALANCER,
            "port": 80.0,
            "protocol": "HTTP",
            "defaultActions": [
                {"type": "redirect", "redirect": {"port": "443", "protocol": "HTTPS", "statusCode": "HTTP_301"}},
            ],
        },
    ),
    (
        "aws:lb/listener:Listener",
        {
            "loadBalancerArn": LOAD_BALANCER,
            "port": 8080.0,
            "protocol": "HTTP",
            "defaultActions": [
                {"type": "fixed-response", "fixedResponse": {"contentType": "text/plain", "statusCode": "404"}},
            ],
        },
    ),
    (
        "aws:lb/listenerRule:ListenerRule",
        {
            "listenerArn": LISTENER,
            "priority": 100.0,
            "actions": [
                {
                    "type": "forward",
                    "forward": {"targetGroups": [{"arn": TARGETS, "weight": 90.0}, {"arn": TARGETS, "weight": 10.0}]},
                },
            ],
            "conditions": [{"pathPattern": {"values": ["/v2/*"]}}, {"hostHeader": {"values": ["models.example.com"]}}],
        },
    ),
    ("aws:route53/zone:Zone", {"name": "tandem.example.com", "comment": "tandem", "forceDestroy": False}),
    (
        "aws:route53/record:Record",
        {
            "zoneId": "Z0123456789ABCDEFGHIJ",
            "name": "api.tandem.example.com",
            "type": "A",
            "setIdentifier": "us-east-1",
            "healthCheckId": "abcdef11-2222-3333-4444-555555fedcba",
            "failoverRoutingPolicies": [{"type": "PRIMARY"}],
            "aliases": [
                {
                    "name": "entrance-1234567890.us-east-1.elb.amazonaws.com",
                    "zoneId": "Z35SXDOTRQ7X7K",
                    "evaluateTargetHealth": True,
                },
            ],
        },
    ),
    (
        "aws:route53/record:Record",
        {
            "zoneId": "Z0123456789ABCDEFGHIJ",
            "name": "_a79865eb4cd1a6ab990a45779b4e0b96.api.tandem.example.com",
            "type": "CNAME",
            "ttl": 60.0,
            "records": ["_424c7224e9b0146f9a8808af955727d0.acm-validations.aws."],
        },
    ),
    (
        "aws:route53/record:Record",
        {"zoneId": "Z01", "name": "tandem.example.com", "type": "TXT", "ttl": 60, "records": ["v=spf1 -all"]},
    ),
    (
        "aws:route53/record:Record",
        {
            "zoneId": "Z01",
            "name": "m",
            "type": "A",
            "ttl": 60,
            "records": ["192.0.2.1"],
            "setIdentifier": "a",
            "weightedRoutingPolicies": [{"weight": 10}],
        },
    ),
    (
        "aws:route53/healthCheck:HealthCheck",
        {
            "type": "HTTPS",
            "fqdn": "api-us-east-1.tandem.example.com",
            "port": 443.0,
            "resourcePath": "/api/health",
            "requestInterval": 10.0,
            "failureThreshold": 3.0,
            "measureLatency": True,
            "enableSni": True,
            "regions": ["us-east-1", "us-west-2", "eu-west-1"],
        },
    ),
    (
        "aws:route53/healthCheck:HealthCheck",
        {
            "type": "CLOUDWATCH_METRIC",
            "cloudwatchAlarmName": "replication-lag",
            "cloudwatchAlarmRegion": "us-east-1",
            "insufficientDataHealthStatus": "Healthy",
        },
    ),
    (
        "aws:route53/healthCheck:HealthCheck",
        {
            "type": "CALCULATED",
            "childHealthThreshold": 1.0,
            "childHealthchecks": ["abcdef11-2222-3333-4444-555555fedcba"],
        },
    ),
    (
        "aws:acm/certificate:Certificate",
        {
            "domainName": "api.tandem.example.com",
            "subjectAlternativeNames": ["*.tandem.example.com"],
            "validationMethod": "DNS",
            "keyAlgorithm": "EC_prime256v1",
            "options": {"certificateTransparencyLoggingPreference": "ENABLED"},
        },
    ),
    (
        "aws:acm/certificateValidation:CertificateValidation",
        {"certificateArn": CERTIFICATE, "validationRecordFqdns": ["a.b"]},
    ),
    (
        "aws:cloudwatch/metricAlarm:MetricAlarm",
        {
            "name": "replication-lag",
            "comparisonOperator": "GreaterThanThreshold",
            "evaluationPeriods": 3.0,
            "metricName": "AuroraGlobalDBReplicationLag",
            "namespace": "AWS/RDS",
            "period": 60.0,
            "statistic": "Maximum",
            "threshold": 1000.0,
            "treatMissingData": "breaching",
            "alarmActions": [TOPIC, "arn:aws:automate:us-east-1:ec2:recover"],
            "dimensions": {"DBClusterIdentifier": "tandem"},
        },
    ),
    ("aws:cloudwatch/logGroup:LogGroup", {"name": "/aws/eks/tandem/cluster", "retentionInDays": 90.0, "kmsKeyId": KEY}),
    ("aws:cloudwatch/logGroup:LogGroup", {"name": "/tandem/audit", "retentionInDays": 0}),
    (
        "aws:cloudwatch/compositeAlarm:CompositeAlarm",
        {
            "alarmName": "tandem-cannot-serve",
            "alarmDescription": "The region cannot serve.",
            "alarmRule": 'ALARM("one") OR (ALARM("two") AND ALARM("three"))',
            "alarmActions": [TOPIC],
            "okActions": [TOPIC],
            "actionsSuppressor": {"alarm": "deploying", "extensionPeriod": 60.0, "waitPeriod": 60.0},
        },
    ),
    (
        "aws:chatbot/slackChannelConfiguration:SlackChannelConfiguration",
        {
            "configurationName": "tandem-us-east-1",
            "iamRoleArn": ROLE,
            "slackTeamId": "T07EA123LEP",
            "slackChannelId": "C07EZ1ABC23",
            "snsTopicArns": [TOPIC],
            "loggingLevel": "ERROR",
            "guardrailPolicyArns": ["arn:aws:iam::aws:policy/CloudWatchReadOnlyAccess"],
        },
    ),
    (
        "aws:chatbot/teamsChannelConfiguration:TeamsChannelConfiguration",
        {
            "configurationName": "tandem-us-east-1",
            "iamRoleArn": ROLE,
            "teamId": "74361522-da01-538d-aa2e-ac7918c6bb92",
            "tenantId": "1234abcd-12ab-34cd-56ef-1234567890ab",
            "channelId": "19%3A2f3b4c5d6e7f8091a2b3c4d5e6f70819%40thread.tacv2",
            "snsTopicArns": [TOPIC],
        },
    ),
    ("aws:sns/topic:Topic", {"name": "alarms", "kmsMasterKeyId": "alias/aws/sns", "policy": TRUST}),
    ("aws:sns/topicSubscription:TopicSubscription", {"topic": TOPIC, "protocol": "sqs", "endpoint": QUEUE}),
    ("aws:sns/topicSubscription:TopicSubscription", {"topic": TOPIC, "protocol": "email", "endpoint": "a@example.com"}),
    (
        "aws:sqs/queue:Queue",
        {
            "name": "events.fifo",
            "fifoQueue": True,
            "contentBasedDeduplication": True,
            "messageRetentionSeconds": 1209600.0,
            "visibilityTimeoutSeconds": 30.0,
            "receiveWaitTimeSeconds": 20.0,
            "maxMessageSize": 262144.0,
            "redrivePolicy": json.dumps({"deadLetterTargetArn": QUEUE, "maxReceiveCount": 5}),
        },
    ),
    (
        "aws:ecr/repository:Repository",
        {
            "name": "tandem/model-server",
            "imageTagMutability": "IMMUTABLE",
            "imageScanningConfiguration": {"scanOnPush": True},
            "encryptionConfigurations": [{"encryptionType": "KMS", "kmsKey": KEY}],
        },
    ),
    (
        "aws:ecr/replicationConfiguration:ReplicationConfiguration",
        {
            "replicationConfiguration": {
                "rules": [
                    {
                        "destinations": [{"region": "us-west-2", "registryId": ACCOUNT}],
                        "repositoryFilters": [{"filter": "tandem/", "filterType": "PREFIX_MATCH"}],
                    },
                ],
            },
        },
    ),
    (
        "aws:ecr/pullThroughCacheRule:PullThroughCacheRule",
        {
            "ecrRepositoryPrefix": "docker-hub",
            "upstreamRegistryUrl": "registry-1.docker.io",
            "credentialArn": f"arn:aws:secretsmanager:us-east-1:{ACCOUNT}:secret:ecr-pullthroughcache/docker-AbCdEf",
        },
    ),
    (
        "aws:ecr/repositoryCreationTemplate:RepositoryCreationTemplate",
        {
            "prefix": "docker-hub",
            "appliedFors": ["PULL_THROUGH_CACHE"],
            "imageTagMutability": "MUTABLE",
            "customRoleArn": ROLE,
            "encryptionConfigurations": [{"encryptionType": "KMS", "kmsKey": KEY}],
        },
    ),
    (
        "aws:ecr/registryScanningConfiguration:RegistryScanningConfiguration",
        {
            "scanType": "ENHANCED",
            "rules": [
                {
                    "scanFrequency": "CONTINUOUS_SCAN",
                    "repositoryFilters": [{"filter": "tandem/*", "filterType": "WILDCARD"}],
                },
            ],
        },
    ),
    (
        "aws:dynamodb/table:Table",
        {
            "name": "checkpoints",
            "billingMode": "PAY_PER_REQUEST",
            "hashKey": "run",
            "rangeKey": "step",
            "attributes": [{"name": "run", "type": "S"}, {"name": "step", "type": "N"}],
            "streamEnabled": True,
            "streamViewType": "NEW_AND_OLD_IMAGES",
            "pointInTimeRecovery": {"enabled": True},
            "serverSideEncryption": {"enabled": True, "kmsKeyArn": KEY},
            "replicas": [{"regionName": "us-west-2", "pointInTimeRecovery": True}],
            "ttl": {"attributeName": "expires", "enabled": True},
            "deletionProtectionEnabled": True,
        },
    ),
    (
        "aws:autoscaling/group:Group",
        {
            "name": "nodes",
            "minSize": 1.0,
            "desiredCapacity": 2.0,
            "maxSize": 4.0,
            "vpcZoneIdentifiers": [SUBNET],
            "healthCheckType": "EC2",
            "healthCheckGracePeriod": 300.0,
            "launchTemplate": {"id": "lt-0123456789abcdef0", "version": "$Latest"},
            "tags": [{"key": "Name", "value": "nodes", "propagateAtLaunch": True}],
        },
    ),
    (
        "aws:autoscaling/policy:Policy",
        {
            "name": "cpu",
            "autoscalingGroupName": "nodes",
            "policyType": "TargetTrackingScaling",
            "targetTrackingConfiguration": {
                "targetValue": 70.0,
                "predefinedMetricSpecification": {"predefinedMetricType": "ASGAverageCPUUtilization"},
            },
        },
    ),
    (
        "aws:cloudwatch/eventRule:EventRule",
        {"name": "failover", "eventPattern": '{"source": ["aws.rds"]}', "state": "ENABLED", "description": "Failovers"},
    ),
    ("aws:cloudwatch/eventRule:EventRule", {"name": "drill", "scheduleExpression": "rate(7 days)"}),
    (
        "aws:cloudwatch/eventTarget:EventTarget",
        {
            "rule": "failover",
            "arn": TOPIC,
            "targetId": "alarms",
            "roleArn": ROLE,
            "retryPolicy": {"maximumRetryAttempts": 3.0, "maximumEventAgeInSeconds": 3600.0},
        },
    ),
    (
        "aws:arczonalshift/zonalAutoshiftConfiguration:ZonalAutoshiftConfiguration",
        {
            "resourceArn": f"arn:aws:eks:us-east-1:{ACCOUNT}:cluster/tandem",
            "zonalAutoshiftStatus": "ENABLED",
            "outcomeAlarms": [
                {"alarmIdentifier": f"arn:aws:cloudwatch:us-east-1:{ACCOUNT}:alarm:well", "type": "CLOUDWATCH"}
            ],
            "blockedWindows": ["Mon:08:00-Mon:18:00"],
            "blockedDates": ["2026-12-24"],
        },
    ),
    (
        "aws:backup/plan:Plan",
        {
            "name": "daily",
            "rules": [
                {
                    "ruleName": "daily",
                    "targetVaultName": "tandem",
                    "schedule": "cron(0 5 ? * * *)",
                    "startWindow": 60.0,
                    "completionWindow": 180.0,
                    "lifecycle": {"coldStorageAfter": 30.0, "deleteAfter": 365.0},
                    "copyActions": [{"destinationVaultArn": f"arn:aws:backup:us-west-2:{ACCOUNT}:backup-vault:tandem"}],
                },
            ],
        },
    ),
    ("aws:backup/vault:Vault", {"name": "tandem", "kmsKeyArn": KEY, "forceDestroy": False}),
    (
        "aws:backup/vaultLockConfiguration:VaultLockConfiguration",
        {"backupVaultName": "tandem", "minRetentionDays": 7.0, "maxRetentionDays": 400.0, "changeableForDays": 3.0},
    ),
    (
        "aws:backup/restoreTestingPlan:RestoreTestingPlan",
        {
            "name": "tandem_weekly",
            "scheduleExpression": "cron(0 6 ? * SUN *)",
            "startWindowHours": 1.0,
            "recoveryPointSelection": {
                "algorithm": "LATEST_WITHIN_WINDOW",
                "includeVaults": [f"arn:aws:backup:us-east-1:{ACCOUNT}:backup-vault:tandem"],
                "recoveryPointTypes": ["SNAPSHOT"],
                "selectionWindowDays": 7.0,
            },
        },
    ),
    (
        "aws:backup/restoreTestingSelection:RestoreTestingSelection",
        {
            "name": "databases",
            "restoreTestingPlanName": "tandem_weekly",
            "protectedResourceType": "Aurora",
            "protectedResourceArns": [f"arn:aws:rds:us-east-1:{ACCOUNT}:cluster:tandem"],
            "iamRoleArn": ROLE,
            "restoreMetadataOverrides": {"dbSubnetGroupName": "tandem"},
        },
    ),
    (
        "aws:backup/selection:Selection",
        {
            "name": "tandem",
            "planId": "12345678-1234-1234-1234-123456789012",
            "iamRoleArn": ROLE,
            "selectionTags": [{"type": "STRINGEQUALS", "key": "backup", "value": "daily"}],
        },
    ),
    (
        "aws:globalaccelerator/accelerator:Accelerator",
        {"name": "tandem", "ipAddressType": "IPV4", "enabled": True, "attributes": {"flowLogsEnabled": False}},
    ),
    (
        "aws:globalaccelerator/listener:Listener",
        {
            "acceleratorArn": ACCELERATOR,
            "protocol": "TCP",
            "clientAffinity": "SOURCE_IP",
            "portRanges": [{"fromPort": 443.0, "toPort": 443.0}],
        },
    ),
    (
        "aws:globalaccelerator/endpointGroup:EndpointGroup",
        {
            "listenerArn": f"{ACCELERATOR}/listener/0123vxyz",
            "endpointGroupRegion": "us-east-1",
            "healthCheckProtocol": "HTTPS",
            "healthCheckPath": "/api/health",
            "healthCheckIntervalSeconds": 10.0,
            "thresholdCount": 3.0,
            "trafficDialPercentage": 100.0,
            "endpointConfigurations": [{"endpointId": LOAD_BALANCER, "weight": 128.0}],
        },
    ),
    (
        "aws:wafv2/webAcl:WebAcl",
        {
            "name": "tandem",
            "scope": "REGIONAL",
            "defaultAction": {"allow": {}},
            "visibilityConfig": {
                "cloudwatchMetricsEnabled": True,
                "metricName": "tandem",
                "sampledRequestsEnabled": True,
            },
            "rules": [
                {
                    "name": "common",
                    "priority": 1.0,
                    "overrideAction": {"none": {}},
                    "statement": {
                        "managedRuleGroupStatement": {"name": "AWSManagedRulesCommonRuleSet", "vendorName": "AWS"},
                    },
                    "visibilityConfig": {
                        "cloudwatchMetricsEnabled": True,
                        "metricName": "common",
                        "sampledRequestsEnabled": True,
                    },
                },
            ],
        },
    ),
    (
        "aws:ssm/parameter:Parameter",
        {"name": "/tandem/kill-switch", "type": "SecureString", "value": "off", "keyId": KEY, "tier": "Standard"},
    ),
    (
        "aws:arcregionswitch/plan:Plan",
        {
            "name": "tandem",
            "executionRole": ROLE,
            "recoveryApproach": "activePassive",
            "regions": ["us-east-1", "us-west-2"],
            "primaryRegion": "us-east-1",
            "recoveryTimeObjectiveMinutes": 15.0,
            "workflows": [
                {
                    "workflowTargetAction": "activate",
                    "workflowTargetRegion": "us-west-2",
                    "steps": [
                        {
                            "name": "approve",
                            "executionBlockType": "ManualApproval",
                            "executionApprovalConfigs": [{"approvalRole": ROLE, "timeoutMinutes": 60.0}],
                        },
                    ],
                },
            ],
        },
    ),
    (
        "aws:fis/experimentTemplate:ExperimentTemplate",
        {
            "description": "Lose a zone",
            "roleArn": ROLE,
            "stopConditions": [{"source": "none"}],
            "actions": [
                {
                    "name": "disrupt",
                    "actionId": "aws:network:disrupt-connectivity",
                    "parameters": [{"key": "duration", "value": "PT5M"}],
                    "target": {"key": "Subnets", "value": "zone"},
                },
            ],
            "targets": [
                {
                    "name": "zone",
                    "resourceType": "aws:ec2:subnet",
                    "selectionMode": "ALL",
                    "resourceArns": [f"arn:aws:ec2:us-east-1:{ACCOUNT}:subnet/{SUBNET}"],
                },
            ],
        },
    ),
    (
        "aws:lambda/function:Function",
        {
            "name": "on-failover",
            "role": ROLE,
            "runtime": "python3.13",
            "handler": "main.handler",
            "timeout": 60.0,
            "memorySize": 256.0,
            "architectures": ["arm64"],
            "packageType": "Zip",
            "code": {"4dabf18193072939515e22adb298388d": "0def7320c3a5731c473e5ecbe6d01bc7", "hash": "0"},
            "environment": {"variables": {"TOPIC": TOPIC}},
            "vpcConfig": {"subnetIds": [SUBNET], "securityGroupIds": [GROUP]},
            "tracingConfig": {"mode": "Active"},
        },
    ),
]
