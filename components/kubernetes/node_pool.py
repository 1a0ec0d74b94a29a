"""Worker nodes."""

from typing import NotRequired, TypedDict

import pulumi
import pulumi_aws as aws

from components.kubernetes._plan import plan_pool

GPU_TAINT = "nvidia.com/gpu"
POOL_LABEL = "tandem.dev/pool"


class NodePoolArgs(TypedDict):
    """Inputs of NodePool."""

    cluster_name: pulumi.Input[str]
    """Cluster that the nodes join."""
    role_arn: pulumi.Input[str]
    """Role of the nodes."""
    subnet_ids: list[pulumi.Input[str]]
    """Subnets to spread over, one a zone. A single one makes a pool of one zone."""
    instance_types: list[str]
    """In order of preference."""
    floor_per_zone: int
    """Nodes that are always there in each zone."""
    max_per_zone: int
    """Most nodes in each zone."""
    key_arn: pulumi.Input[str]
    """Key that encrypts the disks."""
    disk_gib: NotRequired[int]
    """Root disk in GiB. Default 100: model images are large."""
    gpu: NotRequired[bool]
    """Nodes with NVIDIA GPUs: the AMI that has the driver, and a taint that keeps other pods away."""
    region: NotRequired[str]
    """Region of every child. Default: the provider's."""


class NodePool(pulumi.ComponentResource):
    """A managed node group with a floor in every zone, repaired and updated one node at a time.

    Losing a zone takes its nodes; the others may grow up to ``max_per_zone``, if something scales them.

    Cost when idle: the floor's instances. State: none, nothing may be kept on a node. Regions: all children regional.
    """

    cluster_name: pulumi.Output[str]
    """Name of the cluster, known once these nodes are there: for what needs nodes to become healthy."""

    def __init__(self, name: str, args: NodePoolArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        plan = plan_pool(
            zones=len(args["subnet_ids"]),
            floor_per_zone=int(args["floor_per_zone"]),
            max_per_zone=int(args["max_per_zone"]),
        )
        gpu = args.get("gpu", False)
        region = args.get("region")
        super().__init__("tandem:index:NodePool", name, {}, opts)
        child = pulumi.ResourceOptions(parent=self)

        template = aws.ec2.LaunchTemplate(
            name,
            block_device_mappings=[
                aws.ec2.LaunchTemplateBlockDeviceMappingArgs(
                    device_name="/dev/xvda",
                    ebs=aws.ec2.LaunchTemplateBlockDeviceMappingEbsArgs(
                        volume_type="gp3",
                        volume_size=int(args.get("disk_gib", 100)),
                        encrypted="true",
                        kms_key_id=args["key_arn"],
                        delete_on_termination="true",
                    ),
                )
            ],
            # One hop: pods get their rights from Pod Identity, never from the node's metadata service.
            metadata_options=aws.ec2.LaunchTemplateMetadataOptionsArgs(
                http_endpoint="enabled", http_tokens="required", http_put_response_hop_limit=1
            ),
            update_default_version=True,
            region=region,
            opts=child,
        )
        group = aws.eks.NodeGroup(
            name,
            cluster_name=args["cluster_name"],
            node_role_arn=args["role_arn"],
            subnet_ids=args["subnet_ids"],
            instance_types=args["instance_types"],
            capacity_type="ON_DEMAND",
            ami_type="AL2023_x86_64_NVIDIA" if gpu else "AL2023_x86_64_STANDARD",
            launch_template=aws.eks.NodeGroupLaunchTemplateArgs(
                id=template.id, version=template.latest_version.apply(str)
            ),
            scaling_config=aws.eks.NodeGroupScalingConfigArgs(
                min_size=plan.minimum, desired_size=plan.minimum, max_size=plan.maximum
            ),
            update_config=aws.eks.NodeGroupUpdateConfigArgs(max_unavailable=1),
            node_repair_config=aws.eks.NodeGroupNodeRepairConfigArgs(enabled=True),
            labels={POOL_LABEL: "gpu" if gpu else "system"},
            taints=[aws.eks.NodeGroupTaintArgs(key=GPU_TAINT, value="true", effect="NO_SCHEDULE")] if gpu else None,
            region=region,
            # Between floor and maximum the number of nodes is whoever's who scales them: an operator, an autoscaler.
            opts=pulumi.ResourceOptions(parent=self, ignore_changes=["scalingConfig.desiredSize"]),
        )
        self.cluster_name = group.cluster_name
        self.register_outputs({"clusterName": self.cluster_name})
