"""Where pods go, and how soon they leave a node that is gone."""

from collections.abc import Mapping
from typing import Any

ZONE = "topology.kubernetes.io/zone"
HOST = "kubernetes.io/hostname"

NODE_LOSS_SECONDS = 30
"""Time until pods of a lost node are started elsewhere. Kubernetes' own default is 300."""


def node_loss_tolerations() -> list[dict[str, Any]]:
    """Tolerations that evict a pod NODE_LOSS_SECONDS after its node stopped answering."""
    return [
        {
            "key": f"node.kubernetes.io/{condition}",
            "operator": "Exists",
            "effect": "NoExecute",
            "tolerationSeconds": NODE_LOSS_SECONDS,
        }
        for condition in ("not-ready", "unreachable")
    ]


def spread(labels: Mapping[str, str]) -> list[dict[str, Any]]:
    """Constraints that spread pods with these labels over zones, then over nodes.

    Pods are placed unevenly rather than not at all: with a zone gone, its pods must start in the others.
    """
    return [
        {
            "maxSkew": 1,
            "topologyKey": key,
            "whenUnsatisfiable": "ScheduleAnyway",
            "labelSelector": {"matchLabels": dict(labels)},
        }
        for key in (ZONE, HOST)
    ]


def spread_affinity(labels: Mapping[str, str]) -> dict[str, Any]:
    """The same as ``spread``, for charts that take an affinity but no spread constraints."""
    return {
        "podAntiAffinity": {
            "preferredDuringSchedulingIgnoredDuringExecution": [
                {
                    "weight": weight,
                    "podAffinityTerm": {"topologyKey": key, "labelSelector": {"matchLabels": dict(labels)}},
                }
                for key, weight in ((ZONE, 100), (HOST, 50))
            ]
        }
    }


def resources(cpu: str, memory: str) -> dict[str, Any]:
    """Requests for CPU and memory, and a limit on memory alone: a CPU limit slows a pod down on an idle node."""
    return {"requests": {"cpu": cpu, "memory": memory}, "limits": {"memory": memory}}
