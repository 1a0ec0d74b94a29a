"""Address arithmetic of a network: which subnets there are, before anything is created."""

from dataclasses import dataclass
from ipaddress import IPv4Network

MIN_ZONES, MAX_ZONES = 2, 4
"""Fewer than two zones cannot survive one; the plan reserves address space for four."""

POD_BITS, SMALL_BITS = 3, 8
"""A pod subnet is an eighth of the VPC (/19 of a /16: 8,187 addresses); public and database subnets are a 256th (/24 of
a /16)."""

KEPT_BY_AWS = 5
"""Addresses of each subnet that nobody gets: https://docs.aws.amazon.com/vpc/latest/userguide/subnet-sizing.html."""


@dataclass(frozen=True)
class ZonePlan:
    """The subnets of one zone, in CIDR notation."""

    zone: str
    public: str
    private: str
    database: str


def plan_subnets(cidr: str, zones: list[str], *, addresses: int = 0) -> list[ZonePlan]:
    """Cut a VPC into public, private and database subnets, one of each in every zone.

    Pod subnets fill the first half of the network, the small ones lie in the second. A zone's place depends only on
    its position, so that a fourth zone added later moves no subnet of the first three.

    Args:
        cidr: the VPC's network.
        zones: the zones, in an order that never changes.
        addresses: how many nodes, pods and endpoints there may be in all.

    Raises:
        ValueError: If the network is too small, also for all addresses once a zone is lost, or the zones are too few,
            too many, or repeated.
    """
    network = IPv4Network(cidr)
    if not MIN_ZONES <= len(zones) <= MAX_ZONES:
        raise ValueError(f"zones: got {len(zones)}, must be {MIN_ZONES} to {MAX_ZONES}; name the zones to spread over")
    if len(set(zones)) != len(zones):
        raise ValueError(f"zones: {', '.join(zones)} names a zone twice; every zone may stand once")
    if network.prefixlen + SMALL_BITS > 28:
        # https://docs.aws.amazon.com/vpc/latest/userguide/subnet-sizing.html (read 2026-11): /28 is the smallest.
        raise ValueError(f"cidr: {cidr} is too small; its subnets would be below /28. Use /20 or larger")
    if addresses > room(cidr, len(zones)):
        raise ValueError(
            f"cidr: {cidr} over {len(zones)} zones has {room(cidr, len(zones))} addresses for nodes and pods once a "
            f"zone is lost, and there may be {addresses}; use a larger network, more zones or fewer nodes"
        )
    pods = list(network.subnets(prefixlen_diff=POD_BITS))[:MAX_ZONES]
    _, second_half = network.subnets(prefixlen_diff=1)
    small = list(second_half.subnets(new_prefix=network.prefixlen + SMALL_BITS))
    return [
        ZonePlan(zone, str(small[position]), str(pods[position]), str(small[MAX_ZONES + position]))
        for position, zone in enumerate(zones)
    ]


def room(cidr: str, zones: int) -> int:
    """Addresses for nodes and pods that are left when one zone is lost: all there may be at any time.

    Whoever keeps to it may lose any zone. Spread evenly, ``n`` zones then use at most ``(n - 1) / n`` of each pod
    subnet, half of it with two zones, two thirds with three, three quarters with four; and what the lost one held,
    shared out among the others, fills them up and no more.
    """
    return (zones - 1) * (2 ** (32 - IPv4Network(cidr).prefixlen - POD_BITS) - KEPT_BY_AWS)
