"""What every workload in the cluster leans on."""

from dataclasses import dataclass

import pulumi

from components.helm import (
    CONTROLLER_NAMESPACE,
    CONTROLLER_SERVICE_ACCOUNT,
    GpuDevicePlugin,
    LoadBalancerController,
    MetricsServer,
)
from components.iam import allow, document
from components.kubernetes import PodIdentity
from components.network import Network
from infra.layers.cluster import Compute
from infra.settings import Settings

CONTROLLER_POLICY = document(
    [
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
            ["elasticloadbalancing:RegisterTargets", "elasticloadbalancing:DeregisterTargets"],
            ["arn:aws:elasticloadbalancing:*:*:targetgroup/*/*"],
        ),
    ]
)
"""The controller binds pods to target groups and nothing else: load balancers and security groups are Pulumi's."""


@dataclass(frozen=True)
class Services:
    """What to depend on."""

    load_balancer_controller: pulumi.Resource
    metrics: pulumi.Resource
    gpus: pulumi.Resource


def build(
    settings: Settings,
    network: Network,
    compute: Compute,
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
            "policy": CONTROLLER_POLICY,
        },
        in_aws,
    )
    return Services(
        load_balancer_controller=LoadBalancerController(
            "load-balancer-controller",
            {
                "cluster_name": compute.cluster_name,
                "region": settings.region_name,
                "vpc_id": network.vpc_id,
            },
            pulumi.ResourceOptions.merge(in_cluster, pulumi.ResourceOptions(depends_on=[rights])),
        ),
        metrics=MetricsServer("metrics-server", {}, in_cluster),
        gpus=GpuDevicePlugin("gpu-device-plugin", {}, in_cluster),
    )
