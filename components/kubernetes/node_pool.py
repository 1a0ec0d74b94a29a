"""Worker nodes."""

from typing import NotRequired, TypedDict

import pulumi
import pulumi_aws as aws

from components.kubernetes._plan import AmiFamily, ami_type, check_reservations, plan_disks, plan_pool

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
    """Disk for container images in GiB, at least 20. Default 100: model images are large."""
    ami_family: NotRequired[AmiFamily]
    """Operating system. Default Amazon Linux 2023. A change replaces the nodes."""
    capacity_reservation_id: NotRequired[str]
    """Capacity reservation that all nodes of a pool of one zone live in; a reservation is of one zone. It must hold
    ``max_per_zone`` instances: beyond it none starts."""
    gpu: NotRequired[bool]
    """Nodes with NVIDIA GPUs: the image that has the driver, and a taint that keeps other pods away."""
    region: NotRequired[str]
    """Region of every child. Default: the provider's."""


class NodePool(pulumi.ComponentResource):
    """A managed node group with a floor in every zone, repaired and updated one node at a time.

    Losing a zone takes its nodes; the others may grow up to ``max_per_zone``, if something scales them.

    Cost when idle: the floor's instances. State: none, nothing may be kept on a node. Regions: all children regional.
    """

    cluster_name: pulumi.Output[str]
    """Name of the cluster, known once these nodes are there: for what needs nodes to become healthy."""
    autoscaling_group_name: pulumi.Output[str]
    """Auto Scaling group that keeps the nodes, for alarms."""
    floor: int
    """Nodes that are always there, over all zones."""

    def __init__(self, name: str, args: NodePoolArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        plan = plan_pool(
            zones=len(args["subnet_ids"]),
            floor_per_zone=int(args["floor_per_zone"]),
            max_per_zone=int(args["max_per_zone"]),
        )
        gpu = args.get("gpu", False)
        family = AmiFamily(args.get("ami_family", AmiFamily.AL2023))
        disks = plan_disks(family, int(args.get("disk_gib", 100)))
        reservation = args.get("capacity_reservation_id")
        if reservation is not None:
            check_reservations("capacity_reservation_id", [reservation])
            if len(args["subnet_ids"]) > 1:
                raise ValueError(
                    f"capacity_reservation_id: got {reservation!r} for {len(args['subnet_ids'])} subnets, but a "
                    "reservation is of one zone; make a pool a zone, each with its own"
                )
            if len(args["instance_types"]) > 1:
                raise ValueError(
                    f"instance_types: got {', '.join(args['instance_types'])}, but the reservation {reservation!r} is "
                    "of one type; name that one"
                )
        region = args.get("region")
        super().__init__("tandem:index:NodePool", name, {}, opts)
        child = pulumi.ResourceOptions(parent=self)

        template = aws.ec2.LaunchTemplate(
            name,
            block_device_mappings=[
                aws.ec2.LaunchTemplateBlockDeviceMappingArgs(
                    device_name=device,
                    ebs=aws.ec2.LaunchTemplateBlockDeviceMappingEbsArgs(
                        volume_type="gp3",
                        volume_size=gib,
                        encrypted="true",
                        kms_key_id=args["key_arn"],
                        delete_on_termination="true",
                    ),
                )
                for device, gib in disks.items()
            ],
            # Told to use the reservation alone, so that an instance beside it, paid twice, cannot start unnoticed
            # (EC2 API, CapacityReservationSpecification, read 2026-11).
            capacity_reservation_specification=None
            if reservation is None
            else aws.ec2.LaunchTemplateCapacityReservationSpecificationArgs(
                capacity_reservation_preference="capacity-reservations-only",
                capacity_reservation_target=aws.ec2.LaunchTemplateCapacityReservationSpecificationCapacityReservationTargetArgs(
                    capacity_reservation_id=reservation
                ),
            ),
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
            ami_type=ami_type(family, gpu=gpu),
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
            # The number of nodes is the floor; what load adds is Karpenter's. Left to others it would be below a floor
            # that is raised, which EKS refuses.
            opts=child,
        )
        self.cluster_name = group.cluster_name
        self.autoscaling_group_name = group.resources[0].autoscaling_groups[0].name.apply(str)
        self.floor = plan.minimum
        self.register_outputs({"clusterName": self.cluster_name})
