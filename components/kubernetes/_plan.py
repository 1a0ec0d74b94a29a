"""How many nodes a pool has, before anything is created."""

import math
from dataclasses import dataclass


@dataclass(frozen=True)
class PoolPlan:
    """Sizes of one node group, in nodes."""

    minimum: int
    maximum: int


def least_per_zone(*, zones: int, floor_per_zone: int) -> int:
    """Nodes that each zone must have room for, so that the others can hold those of a lost one."""
    return floor_per_zone if zones == 1 else math.ceil(floor_per_zone * zones / (zones - 1))


def plan_pool(*, zones: int, floor_per_zone: int, max_per_zone: int) -> PoolPlan:
    """Sizes of a node group over ``zones`` zones that can hold the nodes of a lost zone in the others.

    Raises:
        ValueError: If the floor is below one or the maximum leaves no room for a lost zone.
    """
    if floor_per_zone < 1:
        raise ValueError(f"floor_per_zone: got {floor_per_zone}, must be at least 1, so that no zone starts empty")
    needed = least_per_zone(zones=zones, floor_per_zone=floor_per_zone)
    if max_per_zone < needed:
        raise ValueError(
            f"max_per_zone: got {max_per_zone}, must be at least {needed} to hold the nodes of a lost zone "
            f"({zones} zones, floor {floor_per_zone})"
        )
    return PoolPlan(minimum=floor_per_zone * zones, maximum=max_per_zone * zones)
