"""What the other region's stack adds to the picture, breaking no rule."""

import json

from tests.policies.platform import CLUSTER, NODE_GROUP, SUBNET, UNKNOWN_TEXT, VPC, ZONES, Platform, Thing

STACK = "secondary"
REGION = "us-west-2"
KEY_ARN = "arn:aws:kms:us-east-1:123456789012:key/mrk-1"
VAULT_ARN = "arn:aws:backup:us-east-1:123456789012:backup-vault:tandem"
TWINS = (
    *("bucket", "versioning", "lifecycle", "no-public", "tls-only"),
    *("vault", "vault-lock", "plan-of-backups", "selected", "rehearsal", "rehearsed-databases"),
    *("images", "db-parameters", "db-group", "behind"),
    *("web", "budget", "policy", "priority", "service"),
    *("karpenter", "release", "server-budget", "background-budget", "policy-server"),
    *(f"to-{service}" for service in ("ec2", "ecr.api", "ecr.dkr", "eks", "eks-auth", "sts")),
)
"""What both regions have of their own, and alike."""
RENAMED = {name: f"{name}-west" for name in (*TWINS, "db", "key", "vpc")} | {
    f"private-{zone}": f"west-{zone}" for zone in ZONES
}


def other_region(region: str, identifier: str) -> dict[str, Thing]:
    """The second of everything that there are two of; its database in this region, of this global database."""
    instance = Thing(
        "aws:rds/clusterInstance:ClusterInstance",
        {"clusterIdentifier": UNKNOWN_TEXT, "instanceClass": "db.r6g.large"},
        {"clusterIdentifier": ["db-west"]},
        region=region,
        stack=STACK,
    )
    return {
        "peer": Thing("pulumi:pulumi:StackReference", {"name": "primary"}, stack=STACK, region=None),
        "db-west": Thing(
            CLUSTER,
            {
                "globalClusterIdentifier": identifier,
                "engine": "aurora-postgresql",
                "engineVersion": "17.5",
                "backupRetentionPeriod": 7,
                "deletionProtection": True,
                "deleteAutomatedBackups": False,
                "finalSnapshotIdentifier": "final",
                "copyTagsToSnapshot": True,
                "storageEncrypted": True,
                "kmsKeyId": UNKNOWN_TEXT,
                "dbClusterParameterGroupName": "own-17",
                "preferredMaintenanceWindow": "tue:09:00-tue:10:00",
            },
            {"globalClusterIdentifier": ["peer"], "kmsKeyId": ["key-west" if region == REGION else "key"]},
            protect=True,
            region=region,
            stack=STACK,
        ),
        "west-0": instance,
        "west-1": instance,
        "key-west": Thing(
            "aws:kms/replicaKey:ReplicaKey",
            {"primaryKeyArn": KEY_ARN, "deletionWindowInDays": 30},
            {"primaryKeyArn": ["peer"]},
            protect=True,
            region=REGION,
            stack=STACK,
        ),
        **_copies(),
        **_network(),
        **_cluster(),
        **_names(),
    }


def _copies() -> dict[str, Thing]:
    """What copies objects and images; the joining stack makes both ways."""
    made: dict[str, Thing] = {}
    for way, source, destination, region in (
        ("here", "bucket", "bucket-west", "us-east-1"),
        ("back", "bucket-west", "bucket", REGION),
    ):
        here = destination if way == "here" else source
        made[f"copy-{way}"] = Thing(
            "aws:s3/bucketReplicationConfig:BucketReplicationConfig",
            {
                "bucket": f"{source}-name",
                "rules": [
                    {
                        "status": "Enabled",
                        "deleteMarkerReplication": {"status": "Enabled"},
                        "sourceSelectionCriteria": {"replicaModifications": {"status": "Enabled"}},
                        "destination": {
                            "bucket": f"arn:aws:s3:::{destination}-name",
                            "replicationTime": {"status": "Enabled"},
                            "metrics": {"status": "Enabled"},
                        },
                    }
                ],
            },
            {"rules" if way == "here" else "bucket": [here, "versioning-west"]},
            region=region,
            stack=STACK,
        )
    made["copy-images"] = Thing(
        "aws:ecr/replicationConfiguration:ReplicationConfiguration",
        {
            "replicationConfiguration": {
                "rules": [
                    {
                        "destinations": [{"region": REGION, "registryId": "123456789012"}],
                        "repositoryFilters": [{"filter": "tandem/", "filterType": "PREFIX_MATCH"}],
                    }
                ]
            }
        },
        stack=STACK,
    )
    return made


def _network() -> dict[str, Thing]:
    made = {"vpc-west": Thing(VPC, {"cidrBlock": "10.1.0.0/16"}, region=REGION, stack=STACK)}
    for zone in ZONES:
        made[f"west-{zone}"] = Thing(
            SUBNET,
            {"vpcId": UNKNOWN_TEXT, "availabilityZone": f"{REGION}{zone}"},
            {"vpcId": ["vpc-west"]},
            region=REGION,
            stack=STACK,
        )
    made["west-log"] = Thing(
        "aws:ec2/flowLog:FlowLog",
        {"vpcId": UNKNOWN_TEXT, "trafficType": "ALL"},
        {"vpcId": ["vpc-west"]},
        region=REGION,
        stack=STACK,
    )
    return made


def _cluster() -> dict[str, Thing]:
    return {
        "eks-west": Thing(
            "aws:eks/cluster:Cluster",
            {
                "version": "1.34",
                "vpcConfig": {
                    "subnetIds": [UNKNOWN_TEXT] * 3,
                    "endpointPrivateAccess": True,
                    "endpointPublicAccess": False,
                },
                "encryptionConfig": {"provider": {"keyArn": "arn"}, "resources": ["secrets"]},
                "enabledClusterLogTypes": ["api", "audit", "authenticator", "controllerManager", "scheduler"],
                "accessConfig": {"authenticationMode": "API", "bootstrapClusterCreatorAdminPermissions": False},
                "computeConfig": {"enabled": True},
                "deletionProtection": True,
                "zonalShiftConfig": {"enabled": True},
            },
            {"vpcConfig": [f"west-{zone}" for zone in ZONES]},
            region=REGION,
            stack=STACK,
        ),
        "nodes-west": _nodes("m7i.xlarge", 3),
        "gpu-west": _nodes("g6.xlarge", 3),
    }


def _nodes(instance_type: str, floor: int) -> Thing:
    return Thing(
        NODE_GROUP,
        {
            "clusterName": UNKNOWN_TEXT,
            "subnetIds": [UNKNOWN_TEXT] * 3,
            "instanceTypes": [instance_type],
            "capacityType": "ON_DEMAND",
            "scalingConfig": {"minSize": floor, "desiredSize": floor, "maxSize": 9},
            "nodeRepairConfig": {"enabled": True},
        },
        {"clusterName": ["eks-west"], "subnetIds": [f"west-{zone}" for zone in ZONES]},
        region=REGION,
        stack=STACK,
    )


def _names() -> dict[str, Thing]:
    return {
        "balancer-west": Thing(
            "aws:lb/loadBalancer:LoadBalancer",
            {
                "subnets": [UNKNOWN_TEXT] * 3,
                "loadBalancerType": "application",
                "enableDeletionProtection": True,
                "enableZonalShift": True,
            },
            {"subnets": [f"west-{zone}" for zone in ZONES]},
            region=REGION,
            stack=STACK,
        ),
        "regional-west": Thing(
            "aws:route53/record:Record",
            {
                "name": "us-west-2.api.example.com",
                "type": "A",
                "aliases": [{"name": UNKNOWN_TEXT, "evaluateTargetHealth": True}],
            },
            {"aliases": ["balancer-west"]},
            stack=STACK,
        ),
        "record-west": Thing(
            "aws:route53/record:Record",
            {
                "name": "api.example.com",
                "type": "CNAME",
                "records": ["us-west-2.api.example.com"],
                "ttl": 30,
                "setIdentifier": "us-west-2",
                "failoverRoutingPolicies": [{"type": "SECONDARY"}],
            },
            stack=STACK,
        ),
    }


def twin(thing: Thing) -> Thing:
    """The same in the other region's stack."""
    props = json.loads(json.dumps(thing.props).replace("us-east-1", REGION))
    edges = {key: [RENAMED.get(target, target) for target in targets] for key, targets in thing.edges.items()}
    return Thing(thing.type, props, edges, thing.protect, thing.provider, REGION if thing.region else None, STACK)


def with_other_region(platform: Platform, region: str = REGION, identifier: str = "tandem") -> Platform:
    """Put both stacks into one picture."""
    # The founder is up by then, so its names and ARNs are known.
    platform.put("key", "arn", KEY_ARN)
    for name, thing in other_region(region, identifier).items():
        platform.add(name, thing)
    for name in TWINS:
        platform.add(f"{name}-west", twin(platform.things[name]))
    platform.put("bucket-west", "bucket", "bucket-west-name")
    policy = platform.things["tls-only"].props["policy"].replace("bucket-name", "bucket-west-name")
    platform.put("tls-only-west", "policy", policy)
    platform.put("plan-of-backups-west", "rules/0/copyActions/0/destinationVaultArn", VAULT_ARN)
    return platform
