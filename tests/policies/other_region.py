"""What the other region's stack adds to the picture, breaking no rule."""

from tests.policies.platform import CLUSTER, UNKNOWN_TEXT, Platform, Thing

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
    }


def with_other_region(platform: Platform, region: str = "us-west-2", identifier: str = "tandem") -> Platform:
    """Put both stacks into one picture."""
    for name, thing in other_region(region, identifier).items():
        platform.add(name, thing)
    return platform
