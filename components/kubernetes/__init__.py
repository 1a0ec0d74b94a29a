"""The cluster, its nodes, and what pods may do in AWS."""

from components.kubernetes._plan import least_per_zone
from components.kubernetes.add_ons import AddOns, AddOnsArgs
from components.kubernetes.cluster import Cluster, ClusterArgs
from components.kubernetes.node_pool import GPU_TAINT, POOL_LABEL, NodePool, NodePoolArgs
from components.kubernetes.pod_identity import PodIdentity, PodIdentityArgs

__all__ = [
    "GPU_TAINT",
    "POOL_LABEL",
    "AddOns",
    "AddOnsArgs",
    "Cluster",
    "ClusterArgs",
    "NodePool",
    "NodePoolArgs",
    "PodIdentity",
    "PodIdentityArgs",
    "least_per_zone",
]
