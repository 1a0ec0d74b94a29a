"""EKS: control planes, and nodes that a lost zone does not take all of."""

from policies.registry import (
    Option,
    Options,
    Scope,
    Severity,
    Verdicts,
    counts,
    fails,
    holds,
    is_true,
    passes,
    rule,
    unproven,
)
from resilience.graph import Graph, Members, Resource

CLUSTER = "aws:eks/cluster:Cluster"
NODE_GROUP = "aws:eks/nodeGroup:NodeGroup"
GPU_TAINT = "nvidia.com/gpu"
GPU_FAMILIES = (
    *("g4dn", "g5", "g5g", "g6", "g6e", "g6f", "g7", "g7e", "gr6", "gr6f"),
    *("p3", "p3dn", "p4d", "p4de", "p5", "p5e", "p5en", "p6-b200", "p6-b300"),
)
"""EC2 families with NVIDIA GPUs: https://docs.aws.amazon.com/ec2/latest/instancetypes/ac.html (read 2026-11)."""


@rule(
    "EKS-01",
    title="A control plane is reached in two zones",
    why="EKS puts its network interfaces into the subnets it is given; in one zone, losing that cuts nodes off.",
    fix="vpc_config.subnet_ids with one subnet a zone",
    severity=Severity.HIGH,
    scope=Scope.STACK,
    types=[CLUSTER],
    options={"minZones": Option(2, 2, 6, "Zones of the control plane's subnets.")},
)
def control_plane_zones(cluster: Resource, graph: Graph, options: Options) -> Verdicts:
    """Count the zones of its subnets."""
    members = graph.zones(cluster, "vpcConfig", cluster.read("vpcConfig.subnetIds").each())
    yield counts(members, options["minZones"], "zones of its subnets")


@rule(
    "EKS-02",
    title="Worker nodes are in two zones",
    why="Nodes in one zone are all lost with it, whatever the pods' replicas.",
    fix="aws.eks.NodeGroup.subnet_ids with one private subnet a zone",
    severity=Severity.CRITICAL,
    scope=Scope.STACK,
    types=[CLUSTER],
    frameworks=["AWS Well-Architected REL10-BP01"],
    options={"minZones": Option(2, 2, 6, "Zones of the nodes of a cluster, over all of its node groups.")},
)
def node_zones(cluster: Resource, graph: Graph, options: Options) -> Verdicts:
    """Count the zones of all node groups' subnets."""
    if cluster.read("computeConfig.enabled").content is True:
        yield passes("EKS Auto Mode places nodes in all zones of the cluster's subnets")
        return
    groups = graph.referrers(cluster, NODE_GROUP, "clusterName")
    if not groups:
        yield unproven("no node group of this cluster is in view (an edge from clusterName)")
        return
    yield counts(_zones(groups, graph), options["minZones"], "zones of its nodes")


@rule(
    "EKS-03",
    title="A node group has a floor of a node a zone, and of two",
    why="Below that a zone can be without nodes, and what must move there waits minutes for machines.",
    fix="scaling_config.min_size of at least the number of subnets, and 2",
    severity=Severity.HIGH,
    scope=Scope.RESOURCE,
    types=[NODE_GROUP],
    options={"minNodes": Option(2, 1, 100, "Fewest nodes of a group, however few zones it has.")},
)
def floor(group: Resource, _: Graph, options: Options) -> Verdicts:
    """Compare the floor with the number of subnets; GPU groups are EKS-13's."""
    gpu = _has_gpus(group)
    if gpu:
        return
    subnets = group.read("subnetIds").each()
    if gpu is None or any("[*]" in read.path for read in subnets):
        unknown = "subnetIds" if gpu is False else "instanceTypes"
        yield unproven(f"{unknown} is not known yet; the floor must be at least a node for each subnet")
        return
    number = len({str(read.content) for read in subnets if read.known}) + sum(read.unknown for read in subnets)
    wanted = max(options["minNodes"], number)
    yield holds(
        group.read("scalingConfig.minSize"),
        lambda nodes: nodes >= wanted,
        f"at least {wanted} (a node for each of {number} subnets)",
    )


@rule(
    "EKS-05",
    title="A node update takes one node at a time, or at most a third of a group",
    why="An update that drains more takes as much capacity as losing a zone does, and on purpose.",
    fix="update_config=aws.eks.NodeGroupUpdateConfigArgs(max_unavailable=1)",
    severity=Severity.MEDIUM,
    scope=Scope.RESOURCE,
    types=[NODE_GROUP],
)
def node_update(group: Resource, _: Graph, __: Options) -> Verdicts:
    """One node, or a third; AWS' default is one."""
    percentage = group.read("updateConfig.maxUnavailablePercentage")
    if percentage.missing:
        yield holds(group.read("updateConfig.maxUnavailable"), lambda nodes: nodes <= 1, "1", default=1)
    else:
        yield holds(percentage, lambda percent: percent <= 33, "at most 33")


@rule(
    "EKS-08",
    title="A cluster cannot be deleted by mistake",
    why="Deleting a cluster takes every workload of the region with it.",
    fix="deletion_protection=True on aws.eks.Cluster",
    severity=Severity.HIGH,
    scope=Scope.RESOURCE,
    types=[CLUSTER],
)
def cluster_deletion(cluster: Resource, _: Graph, __: Options) -> Verdicts:
    """Deletion protection must be on."""
    yield is_true(cluster.read("deletionProtection"))


@rule(
    "EKS-09",
    title="Traffic can be shifted away from a zone",
    why="A zone that is ill but not dead is left by a zonal shift; without it pods there keep getting requests.",
    fix="zonal_shift_config=aws.eks.ClusterZonalShiftConfigArgs(enabled=True)",
    severity=Severity.MEDIUM,
    scope=Scope.RESOURCE,
    types=[CLUSTER],
)
def zonal_shift(cluster: Resource, _: Graph, __: Options) -> Verdicts:
    """Zonal shift must be enabled."""
    yield is_true(cluster.read("zonalShiftConfig.enabled"))


@rule(
    "EKS-13",
    title="GPU nodes are in two zones",
    why="GPU capacity is short: after losing the only zone with it there is none to be had elsewhere.",
    fix="one GPU aws.eks.NodeGroup a zone, or one over several, with a floor each",
    severity=Severity.HIGH,
    scope=Scope.STACK,
    types=[CLUSTER],
)
def gpu_zones(cluster: Resource, graph: Graph, _: Options) -> Verdicts:
    """Count the zones of the node groups with GPUs that keep a node."""
    groups = graph.referrers(cluster, NODE_GROUP, "clusterName")
    for group in groups:
        if _has_gpus(group) is None:
            yield unproven(f"{group.name}.instanceTypes is not known yet, and so whether it has GPUs")
    with_gpus = [group for group in groups if _has_gpus(group)]
    if not with_gpus:
        yield passes("no node group with GPUs")
        return
    warm = [group for group in with_gpus if group.read("scalingConfig.minSize").content != 0]
    if any(group.read("scalingConfig.minSize").unknown for group in warm):
        yield unproven("scalingConfig.minSize of a GPU node group is not known yet")
        return
    if not warm:
        yield fails(f"no group keeps a node: {', '.join(group.name for group in with_gpus)} have a minSize of 0")
        return
    yield counts(_zones(tuple(warm), graph), 2, "zones of nodes with GPUs that are always there")


def _has_gpus(group: Resource) -> bool | None:
    """None if nobody can say."""
    taints = group.read("taints").each()
    types = group.read("instanceTypes").each()
    if any(taint.field("key").content == GPU_TAINT for taint in taints if taint.known):
        return True
    if any(str(type_.content).split(".")[0] in GPU_FAMILIES for type_ in types if type_.known):
        return True
    ami = group.read("amiType")
    if ami.known and ("NVIDIA" in str(ami.content) or "GPU" in str(ami.content)):
        return True
    return None if any(read.unknown for read in [*taints, *types]) else False


def _zones(groups: tuple[Resource, ...], graph: Graph) -> Members:
    """Zones of several groups together: as many as the widest has at least, as all have at most."""
    each = [graph.zones(group, "subnetIds") for group in groups]
    # Groups whose every subnet is certain add up; the others count for what they alone prove.
    certain = {zone for members in each if members.least == len(members.known) for zone in members.known}
    known = tuple(sorted({zone for members in each for zone in members.known}))
    unbounded = any(members.most is None for members in each)
    surplus = sum(max(0, (members.most or 0) - len(members.known)) for members in each)
    unknown = tuple(
        f"{group.name}.{path}" for group, members in zip(groups, each, strict=True) for path in members.unknown
    )
    most = None if unbounded else min(len(known) + surplus, sum(members.most or 0 for members in each))
    return Members(known, max([len(certain), *(members.least for members in each)]), most, unknown)
