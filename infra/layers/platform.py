"""What every workload in the cluster leans on."""

from dataclasses import dataclass

import pulumi

from components.helm import (
    CONTROLLER_NAMESPACE,
    CONTROLLER_SERVICE_ACCOUNT,
    GpuDevicePlugin,
    Karpenter,
    LoadBalancerController,
    MetricsServer,
)
from components.iam import allow, document
from components.kubernetes import ElasticNodes, ElasticNodesArgs, PodIdentity, needs_device_plugin
from components.network import Network
from infra.layers.cluster import Compute
from infra.layers.traffic import Entrance
from infra.settings import Settings


def controller_policy(target_group_arns: list[str]) -> str:
    """The controller binds pods to these target groups and nothing else: load balancers and groups are Pulumi's."""
    return document(
        [
            # Describing knows no resources.
            allow(
                [
                    "ec2:DescribeAvailabilityZones",
                    "ec2:DescribeInstances",
                    "ec2:DescribeNetworkInterfaces",
                    "ec2:DescribeSecurityGroups",
                    "ec2:DescribeSubnets",
                    "ec2:DescribeVpcs",
                    "elasticloadbalancing:DescribeTargetGroups",
                    "elasticloadbalancing:DescribeTargetHealth",
                ],
                ["*"],
            ),
            allow(
                ["elasticloadbalancing:RegisterTargets", "elasticloadbalancing:DeregisterTargets"], target_group_arns
            ),
        ]
    )


@dataclass(frozen=True)
class Services:
    """What to depend on."""

    load_balancer_controller: pulumi.Resource
    metrics: pulumi.Resource
    for_gpus: list[pulumi.Resource]
    """What pods with GPUs need first."""
    elastic_nodes: ElasticNodes


def build(
    settings: Settings,
    network: Network,
    compute: Compute,
    entrance: Entrance,
    in_aws: pulumi.ResourceOptions,
    in_cluster: pulumi.ResourceOptions,
) -> Services:
    """The controller first: bindings can be neither made nor deleted without it.

    Rights are made in AWS, not in the cluster: what is deleted with the cluster would leave its roles behind.
    """
    rights = PodIdentity(
        "load-balancer-controller-rights",
        {
            "cluster_name": compute.cluster.name,
            "namespace": CONTROLLER_NAMESPACE,
            "service_account": CONTROLLER_SERVICE_ACCOUNT,
            "policy": pulumi.Output.all(*entrance.load_balancer.target_group_arns.values()).apply(controller_policy),
        },
        in_aws,
    )
    device_plugin = needs_device_plugin(settings.platform.kubernetes.ami_family)
    return Services(
        load_balancer_controller=LoadBalancerController(
            "load-balancer-controller",
            {
                "cluster_name": compute.cluster_name,
                "region": settings.region_name,
                "vpc_id": network.vpc_id,
            },
            _after(in_cluster, rights),
        ),
        metrics=MetricsServer("metrics-server", {}, in_cluster),
        for_gpus=[GpuDevicePlugin("gpu-device-plugin", {}, in_cluster)] if device_plugin else [],
        elastic_nodes=_elastic_nodes(settings, network, compute, in_cluster),
    )


def _elastic_nodes(
    settings: Settings, network: Network, compute: Compute, in_cluster: pulumi.ResourceOptions
) -> ElasticNodes:
    """What comes and goes with the load, beside the floors; with GPUs of the floors' types."""
    section = settings.platform.kubernetes
    karpenter = Karpenter(
        "karpenter",
        {
            "cluster_name": compute.cluster_name,
            "cluster_endpoint": compute.cluster.endpoint,
            "interruption_queue": compute.karpenter.queue_name,
        },
        _after(in_cluster, compute.karpenter),
    )
    args: ElasticNodesArgs = {
        "instance_profile": compute.karpenter.instance_profile,
        "zones": network.zones,
        "subnet_ids": list(network.private_subnet_ids),
        "security_group_id": compute.cluster.security_group_id,
        "key_arn": compute.key.arn,
        "cpu_limit": section.elastic_nodes.cpu_limit,
        "instance_categories": section.elastic_nodes.instance_categories,
        "ami_family": section.ami_family,
        "tags": {"platform": settings.platform.name, "managed-by": "karpenter"},
    }
    if section.elastic_nodes.gpu_limit_per_zone:
        args["gpu"] = {
            "instance_types": section.gpu_nodes.instance_types,
            "limit_per_zone": section.elastic_nodes.gpu_limit_per_zone,
        }
    return ElasticNodes("elastic", args, _after(in_cluster, karpenter))


def _after(opts: pulumi.ResourceOptions, *resources: pulumi.Resource) -> pulumi.ResourceOptions:
    return pulumi.ResourceOptions.merge(opts, pulumi.ResourceOptions(depends_on=list(resources)))
