"""Nodes that come when pods wait for them and go when they stand empty."""

from collections.abc import Mapping, Sequence
from typing import Any, NotRequired, TypedDict

import pulumi
import pulumi_kubernetes as k8s

from components.kubernetes._plan import (
    AMI_RELEASES,
    AmiFamily,
    CapacityType,
    ElasticPlan,
    plan_elastic_nodes,
)
from components.kubernetes.node_pool import GPU_TAINT, POOL_LABEL

ELASTIC_POOL = "elastic"
"""Value of POOL_LABEL on elastic nodes without GPUs. Those with GPUs have ``gpu``, as NodePool's."""

DRAIN_HOURS = 24
"""Longest that a node which must go waits for pods that refuse to: a blocked disruption budget, a step that must not
be disturbed. Without an end such a node would stay unpatched for ever (karpenter.sh, "Disruption", read 2026-11)."""

NODE_CLASS_API = "karpenter.k8s.aws/v1"
NODE_POOL_API = "karpenter.sh/v1"


class ElasticGpuArgs(TypedDict):
    """GPU nodes among ElasticNodes."""

    instance_types: list[str]
    """Instance types with NVIDIA GPUs, any of them."""
    limit_per_zone: int
    """Most GPUs in each zone, beside those of the node groups."""
    capacity_reservation_ids: NotRequired[list[str]]
    """Capacity reservations that are used up before other capacity is asked for; any zone of the cluster's."""
    disk_gib: NotRequired[int]
    """Disk for container images in GiB. Default 200."""


class ElasticNodesArgs(TypedDict):
    """Inputs of ElasticNodes."""

    instance_profile: pulumi.Input[str]
    """Instance profile of the nodes, known once they may join (KarpenterAccess.instance_profile)."""
    zones: list[str]
    """Zones that nodes may stand in."""
    subnet_ids: list[pulumi.Input[str]]
    """Private subnets, one a zone."""
    security_group_id: pulumi.Input[str]
    """Security group of nodes and pods (Cluster.security_group_id)."""
    key_arn: pulumi.Input[str]
    """Key that encrypts the disks; its policy must let EC2 use it for this account."""
    cpu_limit: int
    """Most vCPUs of elastic nodes without GPUs, over all zones. Count what a lost zone's pods will ask for."""
    instance_categories: NotRequired[list[str]]
    """Kinds of instances without GPUs, by their letter. Default ``c``, ``m`` and ``r``."""
    capacity_types: NotRequired[list[CapacityType]]
    """How nodes without GPUs are bought. Default on demand alone: spot instances end at two minutes' notice."""
    gpu: NotRequired[ElasticGpuArgs]
    """GPU nodes. Default none."""
    ami_family: NotRequired[AmiFamily]
    """Operating system. Default Amazon Linux 2023."""
    ami_release: NotRequired[str]
    """Exact release of its image. Default: the one in AMI_RELEASES. A change replaces nodes, within the budgets."""
    disk_gib: NotRequired[int]
    """Disk for container images in GiB, of nodes without GPUs. Default 100."""
    expire_after_hours: NotRequired[int]
    """Age at which a node is replaced, so that none runs unpatched. Default 720, 30 days."""
    tags: NotRequired[dict[str, str]]
    """Tags of instances and disks: a provider's default tags do not reach what Karpenter makes."""


class ElasticNodes(pulumi.ComponentResource):
    """Karpenter's node pools: one over all zones, and one a zone for GPUs.

    A zone without GPUs to sell, or a mistake in one pool, must not hold up the others (karpenter-provider-aws#8637).
    Losing a zone moves its pods to new nodes in the others, if AWS has capacity there at that moment; what must not
    depend on that stands in the node groups' floor or in a reservation. Voluntary disruption takes a tenth of the nodes
    at a time, one GPU node a zone. Must depend on the running controller: node pools, and the nodes with them, can be
    neither made nor taken down without it; deleting waits for the last node to drain.

    Cost when idle: none, an empty node goes after minutes. State: none. Regions: all children regional.
    """

    pools: list[pulumi.Resource]
    """The node pools, for pods that need elastic nodes to depend on."""

    def __init__(self, name: str, args: ElasticNodesArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        family = AmiFamily(args.get("ami_family", AmiFamily.AL2023))
        gpu = args.get("gpu")
        plan = plan_elastic_nodes(
            zones=args["zones"],
            subnets=len(args["subnet_ids"]),
            cpu_limit=int(args["cpu_limit"]),
            capacity_types=[CapacityType(each) for each in args.get("capacity_types", [CapacityType.ON_DEMAND])],
            gpu_instance_types=gpu["instance_types"] if gpu else None,
            gpu_limit_per_zone=int(gpu["limit_per_zone"]) if gpu else 0,
            gpu_reservation_ids=gpu.get("capacity_reservation_ids", []) if gpu else [],
            family=family,
            release=args.get("ami_release", AMI_RELEASES[family]),
            disk_gib=int(args.get("disk_gib", 100)),
            gpu_disk_gib=int(gpu.get("disk_gib", 200)) if gpu else 200,
            expire_after_hours=int(args.get("expire_after_hours", 720)),
        )
        super().__init__("tandem:index:ElasticNodes", name, {}, opts)

        kinds: list[tuple[str, Mapping[str, int], Sequence[str]]] = [("cpu", plan.cpu_disks, ())]
        if gpu:
            kinds.append(("gpu", plan.gpu_disks, plan.gpu_reservation_ids))
        classes = {
            kind: self._custom(
                f"{name}-{kind}-class",
                NODE_CLASS_API,
                "EC2NodeClass",
                kind,
                render_node_class(
                    instance_profile=args["instance_profile"],
                    subnet_ids=args["subnet_ids"],
                    security_group_id=args["security_group_id"],
                    key_arn=args["key_arn"],
                    ami_alias=plan.ami_alias,
                    disks=disks,
                    reservation_ids=reservation_ids,
                    tags=args.get("tags", {}),
                ),
            )
            for kind, disks, reservation_ids in kinds
        }
        specs = {"cpu": render_cpu_pool(plan, args.get("instance_categories", ["c", "m", "r"]))}
        specs |= {f"gpu-{zone}": render_gpu_pool(plan, zone) for zone in plan.zones if gpu}
        self.pools = [
            self._custom(f"{name}-{pool}", NODE_POOL_API, "NodePool", pool, spec, after=classes[pool.partition("-")[0]])
            for pool, spec in specs.items()
        ]
        self.register_outputs({})

    def _custom(
        self,
        name: str,
        api_version: str,
        kind: str,
        object_name: str,
        spec: Mapping[str, Any],
        after: pulumi.Resource | None = None,
    ) -> "k8s.apiextensions.CustomResource":
        return k8s.apiextensions.CustomResource(
            name,
            api_version=api_version,
            kind=kind,
            metadata=k8s.meta.v1.ObjectMetaArgs(
                name=object_name,
                # An image or a profile that AWS does not know shows here, not when the first pod waits in vain.
                annotations={"pulumi.com/waitFor": "condition=Ready"},
            ),
            spec=spec,
            opts=pulumi.ResourceOptions(
                parent=self,
                depends_on=[after] if after else None,
                # Draining every node may take as long as its slowest pod; ten minutes, the default, would leave
                # instances behind that nobody manages.
                custom_timeouts=pulumi.CustomTimeouts(delete="60m"),
            ),
        )


def render_node_class(
    *,
    instance_profile: pulumi.Input[str],
    subnet_ids: Sequence[pulumi.Input[str]],
    security_group_id: pulumi.Input[str],
    key_arn: pulumi.Input[str],
    ami_alias: str,
    disks: Mapping[str, int],
    reservation_ids: Sequence[str],
    tags: Mapping[str, str],
) -> dict[str, Any]:
    """Spec of an EC2NodeClass: what an instance is made of."""
    spec: dict[str, Any] = {
        "instanceProfile": instance_profile,
        "amiSelectorTerms": [{"alias": ami_alias}],
        "subnetSelectorTerms": [{"id": subnet_id} for subnet_id in subnet_ids],
        "securityGroupSelectorTerms": [{"id": security_group_id}],
        # One hop, as on the node groups: pods get their rights from Pod Identity.
        "metadataOptions": {
            "httpEndpoint": "enabled",
            "httpTokens": "required",
            "httpPutResponseHopLimit": 1,
            "httpProtocolIPv6": "disabled",
        },
        "blockDeviceMappings": [
            {
                "deviceName": device,
                "ebs": {
                    "volumeSize": f"{gib}Gi",
                    "volumeType": "gp3",
                    "encrypted": True,
                    "kmsKeyID": key_arn,
                    "deleteOnTermination": True,
                },
            }
            for device, gib in disks.items()
        ],
    }
    if reservation_ids:
        spec["capacityReservationSelectorTerms"] = [{"id": reservation} for reservation in reservation_ids]
    if tags:
        spec["tags"] = dict(tags)
    return spec


def render_cpu_pool(plan: ElasticPlan, instance_categories: Sequence[str]) -> dict[str, Any]:
    """Spec of the NodePool without GPUs."""
    return {
        "template": _template(
            plan,
            node_class="cpu",
            label=ELASTIC_POOL,
            requirements=[
                _within("topology.kubernetes.io/zone", plan.zones),
                _within("karpenter.sh/capacity-type", plan.capacity_types),
                _within("karpenter.k8s.aws/instance-category", instance_categories),
                # Older generations have no Nitro, whose disks and network the others' numbers assume.
                {"key": "karpenter.k8s.aws/instance-generation", "operator": "Gt", "values": ["4"]},
            ],
        ),
        "limits": {"cpu": str(plan.cpu_limit)},
        "disruption": {
            "consolidationPolicy": "WhenEmptyOrUnderutilized",
            "consolidateAfter": "5m",
            "budgets": [{"nodes": "10%"}],
        },
    }


def render_gpu_pool(plan: ElasticPlan, zone: str) -> dict[str, Any]:
    """Spec of the NodePool with GPUs in one zone."""
    # A pool that may not use reservations would leave them idle and paid for.
    capacity_types = ["reserved", "on-demand"] if plan.gpu_reservation_ids else ["on-demand"]
    return {
        "template": _template(
            plan,
            node_class="gpu",
            label="gpu",
            requirements=[
                _within("topology.kubernetes.io/zone", [zone]),
                _within("karpenter.sh/capacity-type", capacity_types),
                _within("node.kubernetes.io/instance-type", plan.gpu_instance_types),
            ],
        ),
        "limits": {"nvidia.com/gpu": str(plan.gpu_limit_per_zone)},
        # Only empty ones: moving a model server to a cheaper node costs minutes of loading, and GPUs may be sold out.
        "disruption": {
            "consolidationPolicy": "WhenEmpty",
            "consolidateAfter": "10m",
            "budgets": [{"nodes": "1"}],
        },
    }


def _template(plan: ElasticPlan, *, node_class: str, label: str, requirements: list[dict[str, Any]]) -> dict[str, Any]:
    spec: dict[str, Any] = {
        "nodeClassRef": {"group": NODE_CLASS_API.partition("/")[0], "kind": "EC2NodeClass", "name": node_class},
        "requirements": [
            _within("kubernetes.io/arch", ["amd64"]),
            _within("kubernetes.io/os", ["linux"]),
            *requirements,
        ],
        "expireAfter": f"{plan.expire_after_hours}h",
        "terminationGracePeriod": f"{DRAIN_HOURS}h",
    }
    if node_class == "gpu":
        spec["taints"] = [{"key": GPU_TAINT, "value": "true", "effect": "NoSchedule"}]
    return {"metadata": {"labels": {POOL_LABEL: label}}, "spec": spec}


def _within(key: str, values: Sequence[str]) -> dict[str, Any]:
    return {"key": key, "operator": "In", "values": list(values)}
