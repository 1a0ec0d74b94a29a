"""The cluster, its nodes, and what pods may do in AWS."""

from components.kubernetes._gpu_room import GpuRoom, gpu_room
from components.kubernetes._plan import AmiFamily, CapacityType, least_per_zone, needs_device_plugin
from components.kubernetes.add_ons import AddOns, AddOnsArgs
from components.kubernetes.admission import (
    EXEMPT_NAMESPACES,
    SCALED_BY,
    SINGLETON,
    AdmissionEngine,
    AdmissionMode,
    AdmissionPolicies,
    AdmissionPoliciesArgs,
)
from components.kubernetes.cluster import Cluster, ClusterArgs
from components.kubernetes.karpenter_access import (
    KARPENTER_NAMESPACE,
    KARPENTER_SERVICE_ACCOUNT,
    KarpenterAccess,
    KarpenterAccessArgs,
)
from components.kubernetes.karpenter_pools import ELASTIC_POOL, ElasticGpuArgs, ElasticNodes, ElasticNodesArgs
from components.kubernetes.namespace import (
    CONTAINER_DEFAULTS,
    ContainerDefaults,
    Namespace,
    NamespaceArgs,
    PodSecurity,
    Quota,
    amount,
)
from components.kubernetes.node_pool import GPU_TAINT, POOL_LABEL, NodePool, NodePoolArgs
from components.kubernetes.pod_identity import PodIdentity, PodIdentityArgs
from components.kubernetes.priority_classes import Priority, PriorityClasses
from components.kubernetes.storage_class import StorageClass, StorageClassArgs

__all__ = [
    "CONTAINER_DEFAULTS",
    "ELASTIC_POOL",
    "EXEMPT_NAMESPACES",
    "GPU_TAINT",
    "KARPENTER_NAMESPACE",
    "KARPENTER_SERVICE_ACCOUNT",
    "POOL_LABEL",
    "SCALED_BY",
    "SINGLETON",
    "AddOns",
    "AddOnsArgs",
    "AdmissionEngine",
    "AdmissionMode",
    "AdmissionPolicies",
    "AdmissionPoliciesArgs",
    "AmiFamily",
    "CapacityType",
    "Cluster",
    "ClusterArgs",
    "ContainerDefaults",
    "ElasticGpuArgs",
    "ElasticNodes",
    "ElasticNodesArgs",
    "GpuRoom",
    "KarpenterAccess",
    "KarpenterAccessArgs",
    "Namespace",
    "NamespaceArgs",
    "NodePool",
    "NodePoolArgs",
    "PodIdentity",
    "PodIdentityArgs",
    "PodSecurity",
    "Priority",
    "PriorityClasses",
    "Quota",
    "StorageClass",
    "StorageClassArgs",
    "amount",
    "gpu_room",
    "least_per_zone",
    "needs_device_plugin",
]
