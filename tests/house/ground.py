"""What a component under test stands on: the simulated cloud refuses ids that lead nowhere."""

from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

from components.keys import EncryptionKey
from components.network._plan import plan_subnets

ZONES = ["us-east-1a", "us-east-1b", "us-east-1c"]


@dataclass(frozen=True)
class Ground:
    """The least of a network: what a Network hands out under the same names, without what makes it one."""

    vpc_id: pulumi.Output[str]
    zones: list[str]
    public_subnet_ids: list[pulumi.Output[str]]
    private_subnet_ids: list[pulumi.Output[str]]
    database_subnet_ids: list[pulumi.Output[str]]


def network(region: str = "us-east-1") -> Ground:
    """A VPC with three kinds of subnets in three zones of a region."""
    plan = plan_subnets("10.10.0.0/16", [f"{region}{letter}" for letter in "abc"])
    vpc = aws.ec2.Vpc(f"ground-{region}", cidr_block="10.10.0.0/16", region=region)

    def subnet(kind: str, zone: str, cidr: str) -> pulumi.Output[str]:
        return aws.ec2.Subnet(
            f"ground-{kind}-{zone}", vpc_id=vpc.id, cidr_block=cidr, availability_zone=zone, region=region
        ).id

    return Ground(
        vpc_id=vpc.id,
        zones=[zone.zone for zone in plan],
        public_subnet_ids=[subnet("public", zone.zone, zone.public) for zone in plan],
        private_subnet_ids=[subnet("private", zone.zone, zone.private) for zone in plan],
        database_subnet_ids=[subnet("database", zone.zone, zone.database) for zone in plan],
    )


def key(region: str = "us-east-1") -> EncryptionKey:
    """A key in a region."""
    return EncryptionKey(
        f"ground-{region}",
        {
            "description": "Ground",
            "alias": "ground",
            "account_id": "000000000000",
            "multi_region": True,
            "region": region,
        },
    )
