"""What nodes a cluster gets and what they run, before anything is created."""

import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum


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


class AmiFamily(StrEnum):
    """Operating system of nodes, in the image that AWS builds for EKS; x86 only."""

    AL2023 = "al2023"
    BOTTLEROCKET = "bottlerocket"


AMI_TYPES: Mapping[AmiFamily, tuple[str, str]] = {
    AmiFamily.AL2023: ("AL2023_x86_64_STANDARD", "AL2023_x86_64_NVIDIA"),
    AmiFamily.BOTTLEROCKET: ("BOTTLEROCKET_x86_64", "BOTTLEROCKET_x86_64_NVIDIA"),
}
"""What EKS calls a family's image without and with NVIDIA's driver (EKS API, ``amiType``)."""

AMI_RELEASES: Mapping[AmiFamily, str] = {AmiFamily.AL2023: "v20260714", AmiFamily.BOTTLEROCKET: "v1.63.0"}
"""Releases that nodes outside of node groups start from. AL2023: amazon-eks-ami's changelog, Kubernetes 1.30 to 1.36.
Bottlerocket: its release notes of 17 July 2026, Kubernetes 1.33 among them. Read 2026-11."""

BOTTLEROCKET_SYSTEM_GIB = 4
"""Disk of Bottlerocket itself, read-only; images and logs have a second one (Karpenter's own default, v1.14)."""

_RELEASE = {AmiFamily.AL2023: r"v\d{8}", AmiFamily.BOTTLEROCKET: r"v\d+\.\d+\.\d+"}
_RESERVATION = re.compile(r"cr-[0-9a-z]+")
_INSTANCE_TYPE = re.compile(r"[a-z0-9-]+\.[a-z0-9-]+")
_ADD_ON_VERSION = re.compile(r"v\d+\.\d+\.\d+-eksbuild\.\d+")

FIRST_ADD_ONS = ("vpc-cni", "kube-proxy", "eks-pod-identity-agent")
"""Add-ons that nodes need to become ready."""
LAST_ADD_ONS = ("coredns", "aws-ebs-csi-driver", "snapshot-controller", "eks-node-monitoring-agent")
"""Add-ons that need nodes to become healthy."""


def ami_type(family: AmiFamily, *, gpu: bool) -> str:
    """EKS's name of the image for nodes of a family."""
    return AMI_TYPES[family][gpu]


def needs_device_plugin(family: AmiFamily) -> bool:
    """Whether GPUs stay unknown to the scheduler until a device plugin is installed.

    Amazon Linux's image has the driver alone. Bottlerocket's has a plugin of its own, and two on a node fight over its
    GPUs (bottlerocket#4162).
    """
    return family is AmiFamily.AL2023


def plan_disks(family: AmiFamily, disk_gib: int) -> dict[str, int]:
    """Disks of a node by device name, in GiB; the last one holds container images.

    Raises:
        ValueError: If images would not fit.
    """
    if disk_gib < 20:
        raise ValueError(f"disk_gib: got {disk_gib}, must be at least 20: an image with a model server takes ten")
    if family is AmiFamily.BOTTLEROCKET:
        return {"/dev/xvda": BOTTLEROCKET_SYSTEM_GIB, "/dev/xvdb": disk_gib}
    return {"/dev/xvda": disk_gib}


def plan_ami_alias(family: AmiFamily, release: str) -> str:
    """What Karpenter calls one release of a family's images.

    Raises:
        ValueError: If it is no exact release.
    """
    if not re.fullmatch(_RELEASE[family], release):
        raise ValueError(
            f"ami_release: got {release!r}, must be an exact release of {family.value} such as "
            f"{AMI_RELEASES[family]!r}; 'latest' would replace every node on the day AWS publishes one"
        )
    return f"{family.value}@{release}"


def check_reservations(name: str, ids: Sequence[str]) -> None:
    """Refuse what is no capacity reservation.

    Raises:
        ValueError: If an id is malformed or given twice.
    """
    for reservation in ids:
        if not _RESERVATION.fullmatch(reservation):
            raise ValueError(
                f"{name}: got {reservation!r}, must be the id of a capacity reservation such as 'cr-0123456789abcdef0'"
            )
    if len(set(ids)) != len(ids):
        raise ValueError(f"{name}: got {list(ids)}; name each reservation once")


def plan_add_on_versions(versions: Mapping[str, str], of: Sequence[str]) -> dict[str, str]:
    """Versions of those add-ons that are pinned.

    Args:
        versions: Versions by add-on; those of the other phase may be among them.
        of: Add-ons of this phase.

    Raises:
        ValueError: If an add-on is not one of this project's or a version is not one of EKS's.
    """
    for add_on, version in versions.items():
        known = (*FIRST_ADD_ONS, *LAST_ADD_ONS)
        if add_on not in known:
            raise ValueError(f"add_on_versions: got {add_on!r}, must be one of {', '.join(known)}")
        if not _ADD_ON_VERSION.fullmatch(version):
            raise ValueError(
                f"add_on_versions: got {version!r} for {add_on}, must be a version as EKS writes it, such as "
                "'v1.20.4-eksbuild.2' (aws eks describe-addon-versions)"
            )
    return {add_on: version for add_on, version in versions.items() if add_on in of}


class CapacityType(StrEnum):
    """How elastic nodes are bought."""

    ON_DEMAND = "on-demand"
    SPOT = "spot"


@dataclass(frozen=True)
class ElasticPlan:
    """What Karpenter may make."""

    zones: Sequence[str]
    cpu_limit: int
    """vCPUs, over all zones."""
    capacity_types: Sequence[str]
    gpu_instance_types: Sequence[str]
    gpu_limit_per_zone: int
    """GPUs."""
    gpu_reservation_ids: Sequence[str]
    ami_alias: str
    cpu_disks: Mapping[str, int]
    gpu_disks: Mapping[str, int]
    expire_after_hours: int


def plan_elastic_nodes(
    *,
    zones: Sequence[str],
    subnets: int,
    cpu_limit: int,
    capacity_types: Sequence[CapacityType],
    gpu_instance_types: Sequence[str] | None,
    gpu_limit_per_zone: int,
    gpu_reservation_ids: Sequence[str],
    family: AmiFamily,
    release: str,
    disk_gib: int,
    gpu_disk_gib: int,
    expire_after_hours: int,
) -> ElasticPlan:
    """What Karpenter may make: one pool over all zones, and a GPU pool a zone unless its instance types are None.

    Raises:
        ValueError: If a limit would let nothing start, or an input is malformed.
    """
    if not zones or len(set(zones)) != len(zones):
        raise ValueError(f"zones: got {list(zones)}, must be at least one zone, each once")
    if subnets != len(zones):
        raise ValueError(f"subnet_ids: got {subnets}, must be one a zone ({len(zones)})")
    if cpu_limit < 1:
        raise ValueError(f"cpu_limit: got {cpu_limit}, must be at least 1 vCPU; without elastic nodes leave them out")
    if not capacity_types:
        raise ValueError("capacity_types: is empty; write ['on-demand'], or ['on-demand', 'spot'] for what may be lost")
    if gpu_instance_types is not None and not gpu_instance_types:
        raise ValueError("gpu.instance_types: is empty; name one, or leave gpu out")
    for instance_type in gpu_instance_types or ():
        if not _INSTANCE_TYPE.fullmatch(instance_type):
            raise ValueError(
                f"gpu.instance_types: got {instance_type!r}, must be an instance type such as 'g6.2xlarge'"
            )
    if gpu_instance_types is not None and gpu_limit_per_zone < 1:
        raise ValueError(f"gpu.limit_per_zone: got {gpu_limit_per_zone}, must be at least 1 GPU a zone")
    check_reservations("gpu.capacity_reservation_ids", gpu_reservation_ids)
    if expire_after_hours < 24:
        raise ValueError(
            f"expire_after_hours: got {expire_after_hours}, must be at least 24: every expired node moves its pods"
        )
    return ElasticPlan(
        zones=zones,
        cpu_limit=cpu_limit,
        capacity_types=[each.value for each in capacity_types],
        gpu_instance_types=gpu_instance_types or (),
        gpu_limit_per_zone=gpu_limit_per_zone,
        gpu_reservation_ids=gpu_reservation_ids,
        ami_alias=plan_ami_alias(family, release),
        cpu_disks=plan_disks(family, disk_gib),
        gpu_disks=plan_disks(family, gpu_disk_gib),
        expire_after_hours=expire_after_hours,
    )
