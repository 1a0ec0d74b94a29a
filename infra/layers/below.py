"""What everything in the cluster stands on, and the few things that every layer of it asks for."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pulumi

from components.kubernetes import (
    ContainerDefaults,
    Namespace,
    NamespaceArgs,
    PodIdentity,
    PodSecurity,
    Quota,
    gpu_room,
)
from components.network import Network
from infra.layers.cluster import Compute
from infra.layers.data import Data
from infra.layers.keys import Keys
from infra.layers.traffic import Entrance
from infra.namespaces import MONITORING, PLATFORM
from infra.settings import Settings

RECOVERY = "alert-recovery"
"""What starts a run for an alert, in the namespace of events."""


def own_namespaces(settings: Settings) -> list[str]:
    """Namespaces of the platform's own workloads, which the pull request has judged: what teams bring is elsewhere."""
    return [*PLATFORM, *(each.value for each in settings.platform.orchestrators)]


CONTAINER_DEFAULTS: ContainerDefaults = {"cpu": "100m", "memory": "256Mi", "memory_limit": "1Gi"}
"""Of containers that say nothing: the small helpers of charts, and what a team forgot."""


@dataclass(frozen=True)
class Below:
    """The region, before anything runs in it."""

    settings: Settings
    keys: Keys
    network: Network
    data: Data
    compute: Compute
    entrance: Entrance
    topic_arn: pulumi.Output[str]
    """Where alarms are told."""
    doors: list[pulumi.Resource]
    """What lets pods in to the data."""
    in_aws: pulumi.ResourceOptions
    in_cluster: pulumi.ResourceOptions

    def after(self, *resources: pulumi.Resource) -> pulumi.ResourceOptions:
        """Options of what needs these resources first."""
        return pulumi.ResourceOptions.merge(self.in_cluster, pulumi.ResourceOptions(depends_on=list(resources)))

    def rights(self, namespace: str, service_account: str, policy: pulumi.Input[str]) -> PodIdentity:
        """What pods of a service account may do in AWS. Named by the namespace, too: people name models and pools.

        Made in AWS, not in the cluster: what is deleted with the cluster would leave its role behind.
        """
        return PodIdentity(
            f"{namespace}-{service_account}-rights",
            {
                "cluster_name": self.compute.cluster.name,
                "namespace": namespace,
                "service_account": service_account,
                "policy": policy,
            },
            self.in_aws,
        )

    def namespace(
        self,
        name: str,
        *,
        pod_security: PodSecurity = "restricted",
        holds_runs: bool = False,
        webhook_ports: Sequence[int] = (),
        entrance_ports: Sequence[int] = (),
        admits: Mapping[str, Sequence[int]] | None = None,
    ) -> pulumi.Output[str]:
        """A namespace that lets in whom it names, and Prometheus.

        Args:
            name: of the namespace.
            pod_security: strictest level that its pods satisfy.
            holds_runs: whether what comes and goes with the load is in it: it may fill elastic and GPU nodes.
            webhook_ports: ports that the API server calls.
            entrance_ports: ports that the load balancer calls.
            admits: ports by the namespace that calls them.
        """
        args: NamespaceArgs = {
            "namespace": name,
            "pod_security": pod_security,
            "vpc_cidrs": [self.settings.cidr],
            "monitoring_namespace": MONITORING,
            "webhook_ports": list(webhook_ports),
            "entrance_ports": list(entrance_ports),
            "admits": [{"namespace": who, "ports": list(ports)} for who, ports in (admits or {}).items()],
            "quota": self._quota(holds_runs),
            "container_defaults": CONTAINER_DEFAULTS,
        }
        return Namespace(f"namespace-{name}", args, self.in_cluster).namespace_name

    def _quota(self, holds_runs: bool) -> Quota:
        # A mistake in one namespace must not take the room of the others; 64 vCPU is more than any service asks for.
        cpu = 64 + (self.settings.platform.kubernetes.elastic_nodes.cpu_limit + self._gpu_cores() if holds_runs else 0)
        return {
            "cpu": str(cpu),
            # As much as nodes of the roomiest category have, 8 GiB for a vCPU.
            "memory": f"{cpu * 8}Gi",
            "memory_limit": f"{cpu * 16}Gi",
            "pods": cpu * 16,
        }

    def _gpu_cores(self) -> int:
        """Cores of all GPU nodes that groups may have, of the largest type that is known."""
        nodes = self.settings.platform.kubernetes.gpu_nodes
        rooms = [gpu_room(each, nodes.disk_gib) for each in nodes.instance_types]
        largest = max((room.cpu for room in rooms if room is not None), default=0.0)
        return math.ceil(largest * nodes.max_per_zone * len(self.settings.zones))
