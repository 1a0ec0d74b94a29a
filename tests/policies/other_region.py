"""What the other region's stack adds to the picture, breaking no rule."""

from tests.policies.platform import CLUSTER, SUBNET, UNKNOWN_TEXT, VPC, ZONES, Platform, Thing

STACK = "secondary"
REGION = "us-west-2"


def other_region(region: str, identifier: str) -> dict[str, Thing]:
    """The second of everything that there are two of; its database in this region, of this global database."""
    instance = Thing(
        "aws:rds/clusterInstance:ClusterInstance",
        {"clusterIdentifier": UNKNOWN_TEXT},
        {"clusterIdentifier": ["db-west"]},
        stack=STACK,
    )
    return {
        "peer": Thing("pulumi:pulumi:StackReference", {"name": "primary"}, stack=STACK, region=None),
        "db-west": Thing(
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
            stack=STACK,
        ),
        "west-0": instance,
        "west-1": instance,
        **_network(),
        **_cluster(),
        **_names(),
    }


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
        )
    }


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


def with_other_region(platform: Platform, region: str = REGION, identifier: str = "tandem") -> Platform:
    """Put both stacks into one picture."""
    for name, thing in other_region(region, identifier).items():
        platform.add(name, thing)
    return platform
