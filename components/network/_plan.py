"""Address arithmetic of a network: which subnets there are, before anything is created."""

from dataclasses import dataclass
from ipaddress import IPv4Network

MIN_ZONES, MAX_ZONES = 2, 4
"""Fewer than two zones cannot survive one; the plan reserves address space for four."""

POD_BITS, SMALL_BITS = 3, 8
"""A pod subnet is an eighth of the VPC (/19 of a /16: 8,187 addresses, AWS keeps five), so that two of them hold the
pods of three; public and database subnets are a 256th (/24 of a /16)."""


@dataclass(frozen=True)
class ZonePlan:
    """The subnets of one zone, in CIDR notation."""

    zone: str
    public: str
    private: str
    database: str


def plan_subnets(cidr: str, zones: list[str]) -> list[ZonePlan]:
    """Cut a VPC into public, private and database subnets, one of each in every zone.

    Pod subnets fill the first half of the network, the small ones lie in the second. A zone's place depends only on
    its position, so that a fourth zone added later moves no subnet of the first three.

    Raises:
        ValueError: If the network is too small or the zones are too few, too many, or repeated.
    """
    network = IPv4Network(cidr)
    if not MIN_ZONES <= len(zones) <= MAX_ZONES:
        raise ValueError(f"zones: got {len(zones)}, must be {MIN_ZONES} to {MAX_ZONES}; name the zones to spread over")
    if len(set(zones)) != len(zones):
        raise ValueError(f"zones: {', '.join(zones)} names a zone twice; every zone may stand once")
    if network.prefixlen + SMALL_BITS > 28:
        # https://docs.aws.amazon.com/vpc/latest/userguide/subnet-sizing.html (read 2026-11): /28 is the smallest.
        raise ValueError(f"cidr: {cidr} is too small; its subnets would be below /28. Use /20 or larger")
    pods = list(network.subnets(prefixlen_diff=POD_BITS))[:MAX_ZONES]
    _, second_half = network.subnets(prefixlen_diff=1)
    small = list(second_half.subnets(new_prefix=network.prefixlen + SMALL_BITS))
    return [
        ZonePlan(zone, str(small[position]), str(pods[position]), str(small[MAX_ZONES + position]))
        for position, zone in enumerate(zones)
    ]
