"""What a GPU node has for a pod: a replica that fits on none would wait for one for ever."""

from collections.abc import Mapping
from dataclasses import dataclass

_SIZES: Mapping[str, int] = {
    "xlarge": 1, "2xlarge": 1, "4xlarge": 1, "8xlarge": 1, "16xlarge": 1, "12xlarge": 4, "24xlarge": 4, "48xlarge": 8,
}  # fmt: skip

GPUS: Mapping[str, Mapping[str, int]] = {
    **dict.fromkeys(("g5", "g6", "g6e"), _SIZES),
    "g4dn": {size: gpus for size, gpus in _SIZES.items() if size not in ("24xlarge", "48xlarge")},
    "p5": {"48xlarge": 8},
}
"""GPUs by family and size (AWS, EC2 instance types, 2025-11). tests/unit/plans/test_gpu_room.py holds this and the next
table to resilience/instances.py, which components may not import."""

GIB_PER_VCPU: Mapping[str, float] = {**dict.fromkeys(("g4dn", "g5", "g6"), 4.0), "g6e": 8.0, "p5": 2048 / 192}
"""Memory of a vCPU by family, in GiB (the same)."""

ALLOCATABLE_CPU, ALLOCATABLE_MEMORY = 0.97, 0.9
"""What the kubelet and the hypervisor leave (resilience/facts.py, ``node.allocatable.*``)."""

AGENTS_CPU, AGENTS_MEMORY_GIB = 0.6, 1.5
"""What this platform runs on every GPU node: agents for logs, backups, metrics and GPUs, 0.35 cores and 1.2 GiB by
their requests, and EKS' own, the network's, the disks' and Pod Identity's."""


@dataclass(frozen=True, slots=True)
class GpuRoom:
    """What pods of one's own may ask for on a node, or what one of them asks for."""

    gpus: int
    cpu: float
    """Cores."""
    memory_gib: float
    disk_gib: float


def gpu_room(instance_type: str, disk_gib: int) -> GpuRoom | None:
    """Room on a GPU node of an instance type such as ``g6.xlarge``; None: its size is not known here."""
    family, _, size = instance_type.partition(".")
    gpus = GPUS.get(family, {}).get(size)
    if gpus is None:
        return None
    cores = 4 * int(size.removesuffix("xlarge") or 1)
    return GpuRoom(
        gpus=gpus,
        cpu=cores * ALLOCATABLE_CPU - AGENTS_CPU,
        memory_gib=cores * GIB_PER_VCPU[family] * ALLOCATABLE_MEMORY - AGENTS_MEMORY_GIB,
        # A tenth is where the kubelet evicts, and a GiB is its own (amazon-eks-ami, nodeadm's kubelet defaults).
        disk_gib=disk_gib * 0.9 - 1,
    )
