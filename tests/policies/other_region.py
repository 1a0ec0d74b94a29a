"""What the other region's stack adds to the picture, breaking no rule."""

from tests.policies.platform import CLUSTER, SUBNET, UNKNOWN_TEXT, VPC, ZONES, Platform, Thing

STACK = "secondary"


def other_region(region: str, identifier: str) -> dict[str, Thing]:
    """Both members of everything that has two; edges end at the stack's border."""
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
        **_network(region),
        **_cluster(region),
    }


def _network(region: str) -> dict[str, Thing]:
    made = {"vpc-west": Thing(VPC, {"cidrBlock": "10.1.0.0/16"}, region=region, stack=STACK)}
    for zone in ZONES:
        made[f"west-{zone}"] = Thing(
            SUBNET,
            {"vpcId": UNKNOWN_TEXT, "availabilityZone": f"{region}{zone}"},
            {"vpcId": ["vpc-west"]},
            region=region,
            stack=STACK,
        )
    made["west-log"] = Thing(
        "aws:ec2/flowLog:FlowLog",
        {"vpcId": UNKNOWN_TEXT, "trafficType": "ALL"},
        {"vpcId": ["vpc-west"]},
        region=region,
        stack=STACK,
    )
    return made


def _cluster(region: str) -> dict[str, Thing]:
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
            region=region,
            stack=STACK,
        )
    }


def with_other_region(platform: Platform, region: str = "us-west-2", identifier: str = "tandem") -> Platform:
    """Put both stacks into one picture."""
    for name, thing in other_region(region, identifier).items():
        platform.add(name, thing)
    return platform
