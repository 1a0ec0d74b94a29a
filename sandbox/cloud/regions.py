"""What differs between AWS regions besides their names and zones, which sandbox.knowledge knows."""

from collections.abc import Mapping

from sandbox import knowledge
from sandbox.cloud.identity import characters

DEFAULT_REGION = "us-east-1"

# https://docs.aws.amazon.com/general/latest/gr/elb.html, column "Route 53 hosted zone ID" (read 2026-11).
APPLICATION_LOAD_BALANCER_ZONES: Mapping[str, str] = {
    "us-east-1": "Z35SXDOTRQ7X7K",
    "us-east-2": "Z3AADJGX6KTTL2",
    "us-west-1": "Z368ELLRRE2KJ0",
    "us-west-2": "Z1H1FL5HABSF5",
    "ca-central-1": "ZQSVJUPU6J1EY",
    "eu-central-1": "Z215JYRZR1TBD5",
    "eu-north-1": "Z23TAZ6LKFMNIO",
    "eu-west-1": "Z32O12XQLNTSW2",
    "eu-west-2": "ZHURV8PSTC4K8",
    "eu-west-3": "Z3Q77PNBQS71R4",
    "ap-northeast-1": "Z14GRHDCWA56QT",
    "ap-northeast-2": "ZWKZPGTI48KDX",
    "ap-south-1": "ZP97RAFLXTNZK",
    "ap-southeast-1": "Z1LMS91P8CMLE5",
    "ap-southeast-2": "Z1GM3OXH4ZPM65",
    "sa-east-1": "Z2P70J7HTTTPLU",
}
NETWORK_LOAD_BALANCER_ZONES: Mapping[str, str] = {
    "us-east-1": "Z26RNL4JYFTOTI",
    "us-east-2": "ZLMOA37VPKANP",
    "us-west-1": "Z24FKFUX50B4VW",
    "us-west-2": "Z18D5FSROUN65G",
    "ca-central-1": "Z2EPGBW3API2WT",
    "eu-central-1": "Z3F0SRJ5LGBH90",
    "eu-north-1": "Z1UDT6IFJ4EJM",
    "eu-west-1": "Z2IFOLAFXWLO4F",
    "eu-west-2": "ZD4D7Y8KGAS4G",
    "eu-west-3": "Z1CMS0P5QUZ6D5",
    "ap-northeast-1": "Z31USIVHYNEOWT",
    "ap-northeast-2": "ZIBE1TIR4HY56",
    "ap-south-1": "ZVDDRBQ08TROA",
    "ap-southeast-1": "ZKVM4W9LS7TM",
    "ap-southeast-2": "ZCT6FZBF4DROD",
    "sa-east-1": "ZTK26PT1VY4CU",
}
# https://docs.aws.amazon.com/general/latest/gr/s3.html, website endpoints (read 2026-11).
S3_WEBSITE_ZONES: Mapping[str, str] = {
    "us-east-1": "Z3AQBSTGFYJSTF",
    "us-east-2": "Z2O1EMRO9K5GLX",
    "us-west-1": "Z2F56UZL2M1ACD",
    "us-west-2": "Z3BJ6K6RIION7M",
    "ca-central-1": "Z1QDHH18159H29",
    "eu-central-1": "Z21DNDUVLTQW6Q",
    "eu-north-1": "Z3BAZG2TWCNX0D",
    "eu-west-1": "Z1BKCTXD74EZPE",
    "eu-west-2": "Z3GKZC51ZF0DB4",
    "eu-west-3": "Z3R1K369G5AVDG",
    "ap-northeast-1": "Z2M4EHUR26P7ZW",
    "ap-northeast-2": "Z3W03O7B5YMIYP",
    "ap-south-1": "Z11RGJOFQNVJUP",
    "ap-southeast-1": "Z3O0J2DXBE1FTB",
    "ap-southeast-2": "Z1WCIGYICN2BYD",
    "sa-east-1": "Z7KQH4QJS55SO",
}

# The number in a zone's id (`use1-az1`) belongs to a place, the letter to an account; here they go in order.
_ZONE_ID_DIRECTIONS = {
    "north": "n",
    "south": "s",
    "east": "e",
    "west": "w",
    "central": "c",
    "northeast": "ne",
    "southeast": "se",
    "northwest": "nw",
    "southwest": "sw",
}


def hosted_zone(table: Mapping[str, str], region: str) -> str:
    """The hosted zone AWS keeps for a service in a region; made up for regions the table lacks."""
    return table.get(region) or f"Z{characters(f'hosted zone {region}', 13, 'ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789')}"


def zone_id(zone: str) -> str:
    """The id of an availability zone by its name: `use1-az1` for `us-east-1a`; empty for no zone."""
    if not zone:
        return ""
    *front, direction, last = zone.split("-")
    return f"{''.join(front)}{_ZONE_ID_DIRECTIONS.get(direction, direction)}{last[:-1]}-az{ord(last[-1]) - 96}"


def region_of_zone(zone: str) -> str:
    """The region a zone's name says it is in: `us-east-1` for `us-east-1a`."""
    return zone.rstrip("abcdefghijklmnopqrstuvwxyz")


def default_zones(region: str) -> list[str]:
    """Three zones of a region, or as many as it has."""
    return list(knowledge.zones(region))[:3]


def ec2_domain(region: str) -> str:
    """Domain of public EC2 host names."""
    return "compute-1.amazonaws.com" if region == DEFAULT_REGION else f"{region}.compute.amazonaws.com"


def internal_domain(region: str) -> str:
    """Domain of private EC2 host names."""
    return "ec2.internal" if region == DEFAULT_REGION else f"{region}.compute.internal"
