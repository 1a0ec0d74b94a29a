"""The link between pods and a load balancer that Pulumi owns."""

from typing import NotRequired, TypedDict

import pulumi
import pulumi_kubernetes as k8s


class TargetGroupBindingArgs(TypedDict):
    """Inputs of TargetGroupBinding."""

    namespace: pulumi.Input[str]
    """Namespace of the service."""
    service_name: pulumi.Input[str]
    """Service whose ready pods become targets."""
    service_port: int
    """Port of the service."""
    target_group_arn: pulumi.Input[str]
    """Target group of type ``ip``, known once a listener uses it."""
    vpc_id: NotRequired[pulumi.Input[str]]
    """VPC of the target group. Default: the controller's."""


class TargetGroupBinding(pulumi.ComponentResource):
    """Keeps a target group's targets equal to a service's ready pods.

    The target group outlives the cluster, so DNS can point at its load balancer before any pod runs. Letting the
    load balancer into the pods is a security group rule of Pulumi's: a rule made by the controller would be left
    behind and block the security groups' deletion. Must depend on the controller, which has to be there to delete it.

    Cost when idle: none. State: none. Regions: all children regional.
    """

    def __init__(self, name: str, args: TargetGroupBindingArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        port = int(args["service_port"])
        if not 1 <= port <= 65535:
            raise ValueError(f"service_port: got {port}, must be a port, 1 to 65535")
        super().__init__("tandem:index:TargetGroupBinding", name, {}, opts)
        spec: dict[str, pulumi.Input[object]] = {
            "serviceRef": {"name": args["service_name"], "port": port},
            "targetGroupARN": args["target_group_arn"],
            "targetType": "ip",
        }
        if "vpc_id" in args:
            spec["vpcID"] = args["vpc_id"]
        k8s.apiextensions.CustomResource(
            name,
            api_version="elbv2.k8s.aws/v1beta1",
            kind="TargetGroupBinding",
            metadata=k8s.meta.v1.ObjectMetaArgs(name=name, namespace=args["namespace"]),
            spec=spec,
            opts=pulumi.ResourceOptions(parent=self),
        )
        self.register_outputs({})
