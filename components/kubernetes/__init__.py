"""The cluster, its nodes, and what pods may do in AWS."""

from components.kubernetes._plan import AmiFamily, CapacityType, least_per_zone, needs_device_plugin
from components.kubernetes.add_ons import AddOns, AddOnsArgs
from components.kubernetes.cluster import Cluster, ClusterArgs
from components.kubernetes.karpenter_access import (
    KARPENTER_NAMESPACE,
    KARPENTER_SERVICE_ACCOUNT,
    KarpenterAccess,
    KarpenterAccessArgs,
)
from components.kubernetes.karpenter_pools import ELASTIC_POOL, ElasticGpuArgs, ElasticNodes, ElasticNodesArgs
from components.kubernetes.node_pool import GPU_TAINT, POOL_LABEL, NodePool, NodePoolArgs
from components.kubernetes.pod_identity import PodIdentity, PodIdentityArgs
from components.kubernetes.priority_classes import Priority, PriorityClasses

__all__ = [
    "ELASTIC_POOL",
    "GPU_TAINT",
    "KARPENTER_NAMESPACE",
    "KARPENTER_SERVICE_ACCOUNT",
    "POOL_LABEL",
    "AddOns",
    "AddOnsArgs",
    "AmiFamily",
    "CapacityType",
    "Cluster",
    "ClusterArgs",
    "ElasticGpuArgs",
    "ElasticNodes",
    "ElasticNodesArgs",
    "KarpenterAccess",
    "KarpenterAccessArgs",
    "NodePool",
    "NodePoolArgs",
    "PodIdentity",
    "PodIdentityArgs",
    "Priority",
    "PriorityClasses",
    "least_per_zone",
    "needs_device_plugin",
]
