"""What EC2 instances have, by family and size: derived, not listed.

Sizes double: ``4xlarge`` has four times the vCPUs of ``xlarge``, which has four
(https://docs.aws.amazon.com/ec2/latest/instancetypes/instance-types.html). Within a family the memory of a vCPU is one
number. GPUs follow no rule and are listed. What is not known gives None, never a guess.
"""

import re
from collections.abc import Mapping

from resilience.diagram import Need

GIB_PER_VCPU: Mapping[str, float] = {
    **dict.fromkeys(("c5", "c5a", "c5d", "c5n", "c6a", "c6i", "c6id", "c6in", "c7a", "c7i", "c8i"), 2.0),
    **dict.fromkeys(("c6g", "c6gd", "c6gn", "c7g", "c7gd", "c7gn", "c8g"), 2.0),
    **dict.fromkeys(("m4", "m5", "m5a", "m5d", "m5n", "m6a", "m6i", "m6id", "m6in", "m7a", "m7i", "m8i"), 4.0),
    **dict.fromkeys(("m6g", "m6gd", "m7g", "m7gd", "m8g"), 4.0),
    **dict.fromkeys(("r5", "r5a", "r5d", "r5n", "r6a", "r6i", "r6id", "r6in", "r7a", "r7i", "r8i"), 8.0),
    **dict.fromkeys(("r6g", "r6gd", "r7g", "r7gd", "r8g"), 8.0),
    **dict.fromkeys(("g4dn", "g5", "g6"), 4.0),
    "g6e": 8.0,
    "p5": 2048 / 192,
}
"""Memory of a vCPU, in GiB, of families whose every size keeps to it (AWS, EC2 instance types, 2025-11). c5n (2.625)
does not and is rounded down."""

GPUS: Mapping[str, Mapping[str, int]] = {
    family: {
        "xlarge": 1,
        "2xlarge": 1,
        "4xlarge": 1,
        "8xlarge": 1,
        "16xlarge": 1,
        "12xlarge": 4,
        "24xlarge": 4,
        "48xlarge": 8,
    }
    for family in ("g5", "g6", "g6e")
} | {
    "g4dn": {"xlarge": 1, "2xlarge": 1, "4xlarge": 1, "8xlarge": 1, "16xlarge": 1, "12xlarge": 4},
    "p5": {"48xlarge": 8},
}
"""GPUs by family and size (the same)."""

ACCELERATED = re.compile(r"(g|p|inf|trn|dl|vt|f)\d")
"""Families with an accelerator: what is not in GPUS has some number of them that nobody here knows."""


def capacity(instance_type: str) -> Need | None:
    """Cores, GiB and GPUs of an instance type such as ``m7i.xlarge``; None: not known here."""
    family, _, size = instance_type.partition(".")
    match = re.fullmatch(r"(\d*)xlarge", size)
    if size in ("large", "medium"):
        cores = 2 if size == "large" else 1
    elif match:
        cores = 4 * int(match[1] or 1)
    else:
        return None
    memory = GIB_PER_VCPU.get(family)
    if memory is None:
        return None
    if not ACCELERATED.match(family):
        return Need(cores, cores * memory)
    gpus = GPUS.get(family, {}).get(size)
    return None if gpus is None else Need(cores, cores * memory, gpus)


def has_gpus(instance_type: str) -> bool:
    """Whether an instance type is of an accelerated family."""
    return ACCELERATED.match(instance_type) is not None
