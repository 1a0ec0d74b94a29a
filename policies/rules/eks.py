"""EKS: control planes, nodes that a lost zone does not take all of, and the order in which everything comes up."""

import itertools
import json
import math
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, cast

from policies.addresses import everyone, network
from policies.registry import (
    Option,
    Options,
    Outcome,
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
from resilience.graph import Graph, Members, Read, Resource, State

CLUSTER = "aws:eks/cluster:Cluster"
GKE = "gcp:container/cluster:Cluster"
"""Whoever may deploy into one is not said by EKS' access policies."""
NODE_GROUP = "aws:eks/nodeGroup:NodeGroup"
FARGATE = "aws:eks/fargateProfile:FargateProfile"
ADDON = "aws:eks/addon:Addon"
ACCESS = "aws:eks/accessPolicyAssociation:AccessPolicyAssociation"
LAUNCH_TEMPLATE = "aws:ec2/launchTemplate:LaunchTemplate"
KUBERNETES = "pulumi:providers:kubernetes"
RELEASE = "kubernetes:helm.sh/v3:Release"
CHART = "kubernetes:helm.sh/v4:Chart"
UNSAID_CHART = "kubernetes:helm.sh/v3:Chart"
"""A component that says of no chart it is; what it makes is below it, once its values are known."""
DEPLOYMENT = "kubernetes:apps/v1:Deployment"
NODE_POOL = "kubernetes:karpenter.sh/v1:NodePool"
NODE_CLASS = "kubernetes:karpenter.k8s.aws/v1:EC2NodeClass"
ZONE_LABEL = "topology.kubernetes.io/zone"
AUTOSCALERS = ("karpenter", "cluster-autoscaler")
LOG_TYPES = ("api", "audit", "authenticator", "controllerManager", "scheduler")
FIRST_ADD_ONS = ("vpc-cni", "kube-proxy", "eks-pod-identity-agent")
"""Add-ons without which no node becomes ready."""
LAST_ADD_ONS = ("coredns", "aws-ebs-csi-driver", "aws-efs-csi-driver", "metrics-server", "snapshot-controller")
"""Add-ons whose pods are no daemons: they are degraded until there are nodes."""
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
    frameworks=["AWS Well-Architected REL10-BP01"],
    options={"minZones": Option(2, 2, 6, "Zones of the control plane's subnets.")},
)
def control_plane_zones(cluster: Resource, graph: Graph, options: Options) -> Verdicts:
    """Count the zones of its subnets."""
    members = graph.zones(cluster, "vpcConfig", cluster.read("vpcConfig.subnetIds").each())
    yield counts(members, options["minZones"], "zones of its subnets")


@rule(
    "EKS-02",
    title="Worker nodes, and pods on Fargate, are in two zones",
    why="Nodes in one zone are all lost with it, whatever the pods' replicas: budgets, spread and probes keep their "
    "word, and nothing runs."
    " On 2021-12-22 a zone of us-east-1 lost its power, and Slack and Asana had trouble with it (The Register, "
    "same day).",
    fix="aws.eks.NodeGroup.subnet_ids, or aws.eks.FargateProfile.subnet_ids, with one private subnet a zone",
    severity=Severity.CRITICAL,
    scope=Scope.STACK,
    types=[CLUSTER],
    frameworks=["AWS Well-Architected REL10-BP01"],
    options={"minZones": Option(2, 2, 6, "Zones of the nodes of a cluster, over all of its node groups.")},
)
def node_zones(cluster: Resource, graph: Graph, options: Options) -> Verdicts:
    """Count the zones of all node groups' subnets, and of each profile's: every one is for pods of its own."""
    if cluster.read("computeConfig.enabled").content is True:
        yield passes("EKS Auto Mode places nodes in all zones of the cluster's subnets")
        return
    groups, profiles = (graph.referrers(cluster, type_, "clusterName") for type_ in (NODE_GROUP, FARGATE))
    if groups:
        yield counts(_zones(groups, graph), options["minZones"], "zones of its nodes")
    for profile in profiles:
        yield counts(graph.zones(profile, "subnetIds"), options["minZones"], f"zones of {profile.name}")
    if not groups and not profiles:
        yield unproven("no node group or Fargate profile of this cluster is in view (an edge from clusterName)")


@rule(
    "EKS-03",
    title="A node group has a floor of a node a zone, and of two",
    why="Below that a zone can be without nodes, and what must move there waits minutes for machines.",
    fix="scaling_config.min_size of at least the number of subnets, and 2",
    severity=Severity.HIGH,
    scope=Scope.RESOURCE,
    types=[NODE_GROUP],
    frameworks=["AWS Well-Architected REL11-BP05"],
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
    """One node, or a third; AWS' default is one. A percentage of 0, which AWS refuses, is how providers keep none."""
    percentage = group.read("updateConfig.maxUnavailablePercentage")
    if percentage.missing or percentage.content == 0:
        yield holds(group.read("updateConfig.maxUnavailable"), lambda nodes: nodes <= 1, "1", default=1)
    else:
        yield holds(percentage, lambda percent: percent <= 33, "at most 33")


@rule(
    "EKS-08",
    title="A cluster cannot be deleted by mistake",
    why="Deleting a cluster takes every workload of the region with it, and a rename in the program is enough: the "
    "preview says `replace` in one line of six hundred.",
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
    frameworks=["AWS Well-Architected REL11-BP02"],
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
    frameworks=["AWS Well-Architected REL10-BP01"],
)
def gpu_zones(cluster: Resource, graph: Graph, _: Options) -> Verdicts:
    """Count the zones of the node groups with GPUs that keep a node."""
    groups = graph.referrers(cluster, NODE_GROUP, "clusterName")
    hidden = next((group for group in groups if _has_gpus(group) is None), None)
    if hidden:
        yield unproven(f"{hidden.name}.instanceTypes is not known yet, and so whether it has GPUs")
        return
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
    if re.search("NVIDIA|GPU", str(group.read("amiType").content)):
        return True
    return None if any(read.unknown for read in [*taints, *types]) else False


def _zones(groups: tuple[Resource, ...], graph: Graph) -> Members:
    """Zones of several groups together: as many as the widest has at least, as all have at most."""
    named = [(group.name, graph.zones(group, "subnetIds")) for group in groups]
    each = [members for _, members in named]
    # Groups whose every subnet is certain add up; the others count for what they alone prove.
    certain = {zone for members in each if members.least == len(members.known) for zone in members.known}
    known = tuple(sorted({zone for members in each for zone in members.known}))
    bounds = [(members.most, len(members.known)) for members in each if members.most is not None]
    surplus = sum(max(0, most - seen) for most, seen in bounds)
    unbounded = len(bounds) < len(each)
    most = None if unbounded else min(len(known) + surplus, sum(most for most, _ in bounds))
    unknown = tuple(f"{name}.{path}" for name, members in named for path in members.unknown)
    return Members(known, max([len(certain), *(members.least for members in each)]), most, unknown)


@rule(
    "EKS-04",
    title="Node groups may grow to hold a lost zone's nodes",
    why="A group at its maximum starts nothing when a zone is lost, and that zone's pods wait until it is back.",
    fix="scaling_config.max_size of at least min_size x n / (n - 1), rounded up, for n zones",
    severity=Severity.HIGH,
    scope=Scope.STACK,
    types=[NODE_GROUP],
)
def room_to_grow(group: Resource, graph: Graph, _: Options) -> Verdicts:
    """Compare the maximum with the floor; groups of one zone each stand in for one another."""
    low, high = group.read("scalingConfig.minSize"), group.read("scalingConfig.maxSize")
    if low.missing:
        return
    unknown = next((read for read in (low, high) if read.unknown), None)
    if unknown:
        yield unproven(f"{unknown.path} is not known yet")
        return
    shown = f"{high.path} is {high.shown()}, {low.path} {low.shown()}"
    if not isinstance(low.content, int) or not isinstance(high.content, int):
        yield fails(f"{shown}; both must be numbers")
        return
    zones = graph.zones(group, "subnetIds")
    if zones.most == 1:
        gpu = _has_gpus(group)
        peers = [
            peer
            for cluster in graph.targets(group, "clusterName", CLUSTER)
            for peer in graph.referrers(cluster, NODE_GROUP, "clusterName")
            if _has_gpus(peer) == gpu
        ]
        zones = _zones(tuple(peers), graph) if peers else zones
    if zones.most is not None and zones.most < 2:
        return
    # The fewer zones, the more of the nodes are lost with one.
    worst, best = (math.ceil(low.content * number / (number - 1)) for number in (max(2, zones.least), zones.most or 6))
    if high.content >= worst:
        yield passes(shown)
    elif high.content < best:
        yield fails(f"{shown}; without one of {zones.most or 'its'} zones it must hold {best}")
    else:
        yield unproven(f"{shown}; whether that is enough depends on {', '.join(zones.unknown)}")


@rule(
    "EKS-06",
    title="A cluster keeps nodes that AWS does not take back",
    why="Spot capacity goes first where capacity is short, and it is short when everyone leaves a zone at once.",
    fix='a aws.eks.NodeGroup with capacity_type="ON_DEMAND" and min_size above 0',
    severity=Severity.CRITICAL,
    scope=Scope.STACK,
    types=[CLUSTER],
)
def not_only_spot(cluster: Resource, graph: Graph, _: Options) -> Verdicts:
    """Find a group that is not of spot instances and keeps nodes; without any group EKS-02 speaks."""
    groups = graph.referrers(cluster, NODE_GROUP, "clusterName")
    reads = [(group, group.read("capacityType"), group.read("scalingConfig.minSize")) for group in groups]
    kept = [(group, kind, low) for group, kind, low in reads if kind.content != "SPOT" and low.content != 0]
    sure = [group.name for group, kind, low in kept if not kind.unknown and low.known]
    if sure:
        yield passes(f"on demand: {', '.join(sure)}")
    elif any(kind.unknown or low.unknown for _, kind, low in kept):
        yield unproven("capacityType or scalingConfig.minSize of a node group is not known yet")
    elif groups:
        names = ", ".join(group.name for group in groups)
        yield fails(f"of {names} none is on demand and keeps a node")


@rule(
    "EKS-07",
    title="A spot group may use three instance types",
    why="AWS takes spot instances back by type: a group of one type is taken back as a whole.",
    fix="aws.eks.NodeGroup.instance_types with at least three types",
    severity=Severity.MEDIUM,
    scope=Scope.RESOURCE,
    types=[NODE_GROUP],
    frameworks=["AWS FSBP AutoScaling.6"],
    options={"minTypes": Option(3, 2, 20, "Instance types of a spot group.")},
)
def spot_types(group: Resource, _: Graph, options: Options) -> Verdicts:
    """Count the types of groups of spot instances."""
    kind = group.read("capacityType")
    if kind.unknown:
        yield unproven("capacityType is not known yet, and so whether it is SPOT")
    elif kind.content == "SPOT":
        yield counts(Members.listed(group.read("instanceTypes")), options["minTypes"], "its instance types")


@rule(
    "EKS-10",
    title="A cluster's Kubernetes is supported by AWS",
    why="At the end of support AWS upgrades the control plane by itself, in one region before the other, ready or not.",
    fix='aws.eks.Cluster.version="1.35" or whatever is in support',
    severity=Severity.HIGH,
    scope=Scope.RESOURCE,
    types=[CLUSTER],
    frameworks=["AWS FSBP EKS.2"],
    options={
        "minMinor": Option(
            # Extended support of 1.31 ends 26 November 2026, of 1.32 on 23 March 2027: EKS release calendar.
            32,
            30,
            99,
            "Oldest minor version, the 32 of 1.32, that AWS still supports.",
        )
    },
)
def supported_version(cluster: Resource, _: Graph, options: Options) -> Verdicts:
    """Compare the minor version with the oldest that is wanted."""
    oldest = options["minMinor"]
    yield holds(cluster.read("version"), lambda version: _is_from(version, oldest), f"1.{oldest} or newer")


@rule(
    "EKS-16",
    title="Clusters of both regions run the same Kubernetes",
    why="What was never tried on the other version is tried for the first time when the region is needed.",
    fix="aws.eks.Cluster.version the same in both stacks, outside of an upgrade",
    severity=Severity.MEDIUM,
    scope=Scope.STACKS,
    types=[CLUSTER],
    frameworks=["AWS Well-Architected REL13-BP04"],
)
def same_version(cluster: Resource, graph: Graph, _: Options) -> Verdicts:
    """Compare the version with the other stacks' clusters."""
    own = cluster.read("version")
    others = [other for other in graph.of(CLUSTER) if other.stack != cluster.stack]
    versions = [(other, other.read("version")) for other in others]
    different = next(((each, read) for each, read in versions if own.known and read.known and read != own), None)
    hidden = next((each for each, read in ((cluster, own), *versions) if not read.known), None)
    if different:
        other, version = different
        yield fails(f"version is {own.shown()}, and {version.shown()} in {other.stack}")
    elif len(graph.stacks) == 1:
        yield unproven(f"clusters of other stacks than {cluster.stack} are not in view")
    elif hidden:
        yield unproven(f"version of {hidden.name} in {hidden.stack} is not known")
    else:
        yield passes(f"version is {own.shown()} in all")


@rule(
    "EKS-11",
    title="CoreDNS has replicas in several zones",
    why="Nothing in a cluster finds anything without it. Both of the two that it has by default may be in one zone.",
    fix="aws.eks.Addon.configuration_values with replicaCount of 2 or more and topologySpreadConstraints over zones",
    severity=Severity.HIGH,
    scope=Scope.RESOURCE,
    types=[ADDON],
    frameworks=["AWS Well-Architected REL10-BP01"],
    options={"minReplicas": Option(2, 2, 20, "Replicas of CoreDNS.")},
)
def name_resolution(add_on: Resource, _: Graph, options: Options) -> Verdicts:
    """Read what CoreDNS is configured with."""
    name, text = add_on.read("addonName"), add_on.read("configurationValues")
    if name.unknown or (name.content == "coredns" and text.unknown):
        yield unproven(f"{(name if name.unknown else text).path} is not known yet")
    if name.content != "coredns" or text.unknown:
        return
    values = _parsed(text)
    autoscaled = values.field("autoScaling")
    whole = autoscaled.field("enabled").content is True
    least = (autoscaled.field("minReplicas") if whole else values.field("replicaCount")).content
    spreads = [spread.field("topologyKey").content for spread in values.field("topologySpreadConstraints").each()]
    wanted = options["minReplicas"]
    if not isinstance(least, int) or least < wanted:
        yield fails(f"configurationValues give {least!r} replicas; there must be at least {wanted}")
    elif ZONE_LABEL not in spreads:
        yield fails("configurationValues have no topologySpreadConstraints over zones")
    else:
        yield passes(f"{least} replicas, spread over zones")


@rule(
    "EKS-12",
    title="Broken nodes are replaced",
    why="A node whose GPU, disk or network has failed stays ready for Kubernetes and keeps getting pods that fail.",
    fix="node_repair_config=aws.eks.NodeGroupNodeRepairConfigArgs(enabled=True)",
    severity=Severity.MEDIUM,
    scope=Scope.RESOURCE,
    types=[NODE_GROUP],
    frameworks=["AWS Well-Architected REL11-BP03"],
)
def node_repair(group: Resource, _: Graph, __: Options) -> Verdicts:
    """Auto repair must be on; AWS has it off."""
    yield is_true(group.read("nodeRepairConfig.enabled"))


@rule(
    "EKS-14",
    title="Something in a cluster adds nodes",
    why="Pods of a lost zone start on what is free elsewhere. Where nothing adds nodes, that is all there will be.",
    fix="the karpenter chart (components: Karpenter and ElasticNodes), cluster-autoscaler, EKS Auto Mode, or Fargate "
    "for all pods",
    severity=Severity.HIGH,
    scope=Scope.STACK,
    types=[CLUSTER],
    frameworks=["AWS Well-Architected REL07-BP01"],
)
def autoscaler(cluster: Resource, graph: Graph, _: Options) -> Verdicts:
    """Find an autoscaler in the cluster, through the provider that leads there: a release, a chart or a Deployment."""
    if cluster.read("computeConfig.enabled").content is True:
        yield passes("EKS Auto Mode adds nodes")
        return
    if graph.referrers(cluster, FARGATE, "clusterName") and not graph.referrers(cluster, NODE_GROUP, "clusterName"):
        yield passes("Fargate adds a node for every pod")
        return
    providers = graph.referrers(cluster, KUBERNETES, "kubeconfig")
    if not providers:
        yield unproven("no Kubernetes provider of this cluster is in view (an edge from kubeconfig)")
        return
    made = [each for each in graph.of(RELEASE, CHART, DEPLOYMENT) if any(_is(each, provider) for provider in providers)]
    answers = [(each.name, _adds_nodes(each)) for each in made]
    found = [name for name, answer in answers if answer]
    hidden = [name for name, answer in answers if answer is None]
    if not found and not hidden:
        parents = {each.parent for each in graph.resources}
        hidden = [chart.name for chart in graph.of(UNSAID_CHART) if chart.urn not in parents]
    if found:
        yield passes(f"nodes are added by {', '.join(found)}")
    elif hidden:
        yield unproven(f"what {hidden[0]} runs is not known yet")
    else:
        yield fails(f"no release, chart or Deployment of {' or '.join(AUTOSCALERS)} is in it")


def _adds_nodes(resource: Resource) -> bool | None:
    """Whether a release, a chart or a Deployment is an autoscaler's, by its chart, its name or its image."""
    if resource.type != DEPLOYMENT:
        chart = resource.read("chart")
        return None if chart.unknown else str(chart.content).rpartition("/")[2] in AUTOSCALERS
    name = resource.read("metadata.name")
    containers = resource.read("spec.template.spec.containers").each()
    reads = [name, *(container.field("image") for container in containers)]
    if str(name.content).endswith(AUTOSCALERS):
        return True
    if any(set(AUTOSCALERS) & set(re.split("[/:@]", str(read.content))) for read in reads):
        return True
    return None if any(read.unknown for read in reads) else False


@rule(
    "EKS-15",
    title="A Karpenter pool has limits, and a budget for moving its nodes",
    why="Without limits a loop in a workload buys nodes without end. Where budgets are given and none of them holds at "
    "all times, Karpenter may replace any number of nodes at once between them; where none is given, a tenth.",
    fix='spec.limits, and spec.disruption.budgets with nodes of "33%" or less, or a number, without a schedule',
    severity=Severity.HIGH,
    scope=Scope.RESOURCE,
    types=[NODE_POOL],
)
def pool_limits(pool: Resource, _: Graph, __: Options) -> Verdicts:
    """Find limits, and a budget that always holds: outside of a schedule nothing is held back.

    Karpenter's defaults: one budget of 10%, and of a budget that names no nodes. kubernetes-sigs/karpenter,
    pkg/apis/v1/nodepool.go (read 2026-11).
    """
    limits, given = pool.read("spec.limits"), pool.read("spec.disruption.budgets")
    yield holds(
        limits, lambda resources: isinstance(resources, dict) and len(cast("dict[str, Any]", resources)) > 0, "set"
    )
    if given.missing:
        yield passes(f"{given.path} is one of 10% by default")
        return
    budgets = given.each()
    always = [
        each for each in budgets if each.known and each.field("schedule").missing and each.field("reasons").missing
    ]
    verdicts = [holds(each.field("nodes"), _is_small, "a number, or at most 33%", default="10%") for each in always]
    if any(verdict.outcome is Outcome.PASS for verdict in verdicts):
        yield passes(f"spec.disruption.budgets[].nodes: {', '.join(each.field('nodes').shown() for each in always)}")
    elif any(each.unknown for each in [*budgets, *(each.field("nodes") for each in always)]):
        yield unproven("spec.disruption.budgets is not known yet")
    else:
        seen = ", ".join(each.field("nodes").shown() for each in always) or "none that holds at all times"
        yield fails(f"spec.disruption.budgets[].nodes: {seen}; one must be a number or at most 33%")


@rule(
    "EKS-17",
    title="Karpenter may start nodes of a kind in two zones",
    why="Pods that only a pool of one zone takes wait until that zone is back.",
    fix="no requirement on topology.kubernetes.io/zone, or one pool a zone with the same taints",
    severity=Severity.HIGH,
    scope=Scope.STACK,
    types=[NODE_POOL],
    frameworks=["AWS Well-Architected REL10-BP01"],
)
def pool_zones(pool: Resource, graph: Graph, _: Options) -> Verdicts:
    """Count the zones of all pools of a cluster that have the same taints."""
    own, cluster = _taints(pool), _pools(graph)[_made_through(pool)]
    if own is None:
        # It alone is sure to have its own; any other may have the same.
        alike = _kind([pool])
        others = (each for each in cluster.unlike if each[0] != pool.urn)
    else:
        alike, others = cluster.kinds[own], iter(cluster.unsaid)
    if alike.free:
        yield passes(f"{alike.free} is pinned to no zone")
        return
    seen = f"zones of pools with its taints: {', '.join(alike.zones) or 'none'}"
    doubts = [*alike.doubts, *itertools.islice(others, 1)]
    if len(alike.zones) >= 2:
        yield passes(seen)
    elif doubts:
        yield unproven(f"{seen}; {min(doubts)[1]}")
    else:
        yield fails(f"{seen}; there must be at least 2")


@rule(
    "EKS-18",
    title="A control plane writes all of its logs",
    why="AWS runs the control plane: its logs are all there is to say why an API call, a node or a pod was refused.",
    fix=f"enabled_cluster_log_types={list(LOG_TYPES)}",
    severity=Severity.MEDIUM,
    scope=Scope.RESOURCE,
    types=[CLUSTER],
    frameworks=["AWS FSBP EKS.8", "CIS EKS v1.8.0 2.1.1"],
)
def control_plane_logs(cluster: Resource, _: Graph, __: Options) -> Verdicts:
    """All five kinds must be on."""
    reads = cluster.read("enabledClusterLogTypes").each()
    missing = [kind for kind in LOG_TYPES if kind not in [read.content for read in reads if read.known]]
    if not missing:
        yield passes("all five kinds are written")
    elif any(read.unknown for read in reads):
        yield unproven(f"enabledClusterLogTypes is not known yet; it must have {', '.join(missing)} in it")
    else:
        yield fails(f"enabledClusterLogTypes has no {', '.join(missing)}")


@rule(
    "EKS-19",
    title="A control plane is reached from inside, and from outside by named networks only",
    why="Nodes that reach it through a NAT gateway lose it with that gateway; one that the whole internet reaches is "
    "one stolen credential away from being everyone's.",
    fix="vpc_config with endpoint_private_access=True, and endpoint_public_access=False or public_access_cidrs",
    severity=Severity.CRITICAL,
    scope=Scope.RESOURCE,
    types=[CLUSTER],
    frameworks=["AWS FSBP EKS.1", "CIS EKS v1.8.0 5.4.1", "CIS EKS v1.8.0 5.4.2"],
)
def control_plane_access(cluster: Resource, _: Graph, __: Options) -> Verdicts:
    """Look at both ways in; AWS' defaults are the wrong ones."""
    yield is_true(cluster.read("vpcConfig.endpointPrivateAccess"))
    public, networks = cluster.read("vpcConfig.endpointPublicAccess"), cluster.read("vpcConfig.publicAccessCidrs")
    named = networks.each()
    open_to = everyone(each for each in map(network, named) if each is not None)
    if public.content is False:
        yield passes("endpointPublicAccess is false")
    elif public.unknown or (any(each.unknown for each in named) and not open_to):
        yield unproven("endpointPublicAccess or publicAccessCidrs is not known yet")
    elif not named or open_to:
        yield fails(f"endpointPublicAccess is not false, and publicAccessCidrs is {networks.shown()}")
    else:
        yield passes(f"publicAccessCidrs is {networks.shown()}")


@rule(
    "EKS-20",
    title="Add-ons come in two phases, before nodes and after them",
    why="Nodes without their network add-on never become ready, and an add-on whose pods have no node is degraded "
    "until its creation times out (terraform-aws-eks#3001, #3327).",
    fix="node groups that depend on vpc-cni, kube-proxy and eks-pod-identity-agent; coredns and CSI drivers that "
    "depend on node groups",
    severity=Severity.HIGH,
    scope=Scope.STACK,
    types=[ADDON],
)
def phases(add_on: Resource, graph: Graph, _: Options) -> Verdicts:
    """Follow what the add-on and the cluster's nodes wait for.

    A cluster that bootstraps add-ons of its own, as it does by default, has a network before its first node.
    """
    name = add_on.read("addonName")
    if name.unknown:
        yield unproven("addonName is not known yet, and so whether nodes need it")
    if name.content not in (*FIRST_ADD_ONS, *LAST_ADD_ONS):
        return
    cluster = _cluster(add_on, graph)
    if cluster is None:
        yield unproven("clusterName leads to no cluster in view, so its nodes are not known")
        return
    groups = graph.referrers(cluster, NODE_GROUP, "clusterName")
    if not groups:
        return
    own = cluster.read("bootstrapSelfManagedAddons")
    if name.content in FIRST_ADD_ONS and not own.unknown and own.content is not False:
        yield passes(f"{own.path} is not false: nodes become ready with what EKS installs before")
        return
    awaited = graph.awaited(add_on)
    before = [group.name for group in groups if group.urn in awaited]
    if name.content in FIRST_ADD_ONS:
        hasty = [group.name for group in groups if add_on.urn not in graph.awaited(group)]
        if own.unknown and (before or hasty):
            yield unproven(
                f"{own.path} of {cluster.name} is not known yet, and not all of its nodes wait for it", own.path
            )
        elif before:
            yield fails(f"it waits for nodes, of {', '.join(before)}, that need it")
        elif hasty:
            yield fails(f"nodes that do not wait for it: {', '.join(hasty)}")
        else:
            yield passes(f"{', '.join(group.name for group in groups)} wait for it")
    elif any(group.urn in awaited and not _tainted(group) for group in groups):
        yield passes(f"it waits for {', '.join(before)}")
    else:
        only = f" but {', '.join(before)}, which take only pods with GPUs" if before else ""
        yield fails(f"it waits for no nodes{only}")


@rule(
    "EKS-21",
    title="Workloads come after the right to deploy them, and go before it",
    why="Destroyed in no order, the access entry may go first: nobody may delete the workloads any more, and what they "
    "hold in AWS blocks the rest (terraform-aws-eks#2923).",
    fix="opts=pulumi.ResourceOptions(depends_on=[association]) on the Kubernetes provider or on its resources",
    severity=Severity.HIGH,
    scope=Scope.STACK,
    types=[KUBERNETES],
)
def access_first(provider: Resource, graph: Graph, _: Options) -> Verdicts:
    """Find, for everything that a provider makes, an access policy of its cluster that it waits for."""
    workloads = [each for each in graph.of("kubernetes:*") if _is(each, provider)]
    for cluster in graph.targets(provider, "kubeconfig", CLUSTER):
        # One of a namespace alone is somebody else's.
        rights = {
            each.urn
            for each in graph.referrers(cluster, ACCESS, "clusterName")
            if each.read("accessScope.type").content != "namespace"
        }
        creator = cluster.read("accessConfig.bootstrapClusterCreatorAdminPermissions")
        if not rights and creator.unknown:
            yield unproven(f"{creator.path} of {cluster.name} is not known yet, and no access policy is in view")
        elif not rights and creator.content is not False:
            yield passes(f"who creates {cluster.name} may deploy into it")
        elif rights & graph.awaited(provider):
            yield passes("the provider waits for an access policy")
        else:
            hasty = [each.name for each in workloads if not rights & graph.awaited(each)]
            more = f" and {len(hasty) - 3} more" if len(hasty) > 3 else ""
            yield (
                fails(f"no access policy is awaited by {', '.join(hasty[:3])}{more}")
                if hasty
                else passes("all of its resources wait for an access policy")
            )
    if not graph.targets(provider, "kubeconfig", CLUSTER, GKE) and provider.edges.get("kubeconfig"):
        yield unproven("kubeconfig leads to no cluster in view, so its access policies are not known")


@rule(
    "EKS-22",
    title="A group with GPUs keeps a node in each of its zones",
    why="GPU capacity is what AWS runs out of first. What is not there before a zone or a region is lost is not to be "
    "had after.",
    fix="scaling_config.min_size of at least the number of subnets, in the standby region too",
    severity=Severity.HIGH,
    scope=Scope.RESOURCE,
    types=[NODE_GROUP],
    frameworks=["AWS Well-Architected REL11-BP05"],
)
def gpu_floor(group: Resource, _: Graph, __: Options) -> Verdicts:
    """Compare the floor with the number of subnets; groups without GPUs are EKS-03's."""
    gpu = _has_gpus(group)
    if gpu is False:
        return
    subnets = group.read("subnetIds").each()
    if gpu is None or any("[*]" in read.path for read in subnets):
        unknown = "subnetIds" if gpu else "instanceTypes"
        yield unproven(f"{unknown} is not known yet; with GPUs the floor must be a node for each subnet")
        return
    number = len({str(read.content) for read in subnets if read.known}) + sum(read.unknown for read in subnets)
    wanted = max(1, number)
    yield holds(
        group.read("scalingConfig.minSize"),
        lambda nodes: nodes >= wanted,
        f"at least {wanted} (a node for each of {number} subnets)",
    )


@rule(
    "EKS-23",
    title="Secrets in a cluster are encrypted with a key of one's own",
    why="Without it, whoever gets at a copy of the control plane's data reads every password in the cluster.",
    fix='encryption_config=aws.eks.ClusterEncryptionConfigArgs(resources=["secrets"], provider=...)',
    severity=Severity.HIGH,
    scope=Scope.RESOURCE,
    types=[CLUSTER],
    frameworks=["AWS Security Hub EKS.3", "CIS EKS v1.8.0 5.3.1"],
)
def envelope_encryption(cluster: Resource, _: Graph, __: Options) -> Verdicts:
    """The key must be given, whether its ARN is known yet or not, and secrets named."""
    given = cluster.read("encryptionConfig")
    resources = given.field("resources").each()
    key = given.field("provider").field("keyArn")
    if given.field("provider").unknown or (not key.missing and any(each.unknown for each in resources)):
        yield unproven("encryptionConfig is not known yet")
    elif key.missing or not any(each.content == "secrets" for each in resources):
        yield fails(f"encryptionConfig is {given.shown()}; it must have a key, and secrets among resources")
    else:
        yield passes("encryptionConfig has a key for secrets")


@rule(
    "EKS-24",
    title="Access to a cluster is by access entries alone",
    why="A config map inside the cluster locks everyone out when it is lost, and hidden rights of whoever created the "
    "cluster are gone with that role.",
    fix='access_config with authentication_mode="API" and bootstrap_cluster_creator_admin_permissions=False',
    severity=Severity.MEDIUM,
    scope=Scope.RESOURCE,
    types=[CLUSTER],
)
def access_entries(cluster: Resource, _: Graph, __: Options) -> Verdicts:
    """Both must be said: AWS' defaults are the older ways."""
    yield holds(cluster.read("accessConfig.authenticationMode"), lambda mode: mode == "API", '"API"')
    creator = cluster.read("accessConfig.bootstrapClusterCreatorAdminPermissions")
    yield holds(creator, lambda value: value is False, "false")


@rule(
    "EKS-25",
    title="Nodes answer for their metadata by token only",
    why="Without tokens any request that a pod can be tricked into sending returns the node's own rights."
    " In March 2019 whoever got the credentials of one role at Capital One copied the data of 106 million people "
    "with them.",
    fix='metadata_options with http_tokens="required" on aws.ec2.LaunchTemplate',
    severity=Severity.HIGH,
    scope=Scope.RESOURCE,
    types=[LAUNCH_TEMPLATE, NODE_CLASS],
    frameworks=["AWS FSBP EC2.170", "CIS AWS Foundations v5.0.0 5.7"],
)
def metadata_tokens(template: Resource, _: Graph, __: Options) -> Verdicts:
    """Tokens must be required; Karpenter requires them by default."""
    if template.type == NODE_CLASS:
        tokens, default = template.read("spec.metadataOptions.httpTokens"), "required"
    else:
        tokens, default = template.read("metadataOptions.httpTokens"), None
    yield holds(tokens, lambda value: value == "required", '"required"', default=default)


@rule(
    "EKS-26",
    title="Karpenter hears of nodes that are about to go",
    why="Without its queue Karpenter learns of a spot interruption, a failing host or planned maintenance when the "
    "node is gone, and its pods with it.",
    fix="settings.interruptionQueue in the values of the karpenter chart (components: KarpenterAccess.queue_name)",
    severity=Severity.MEDIUM,
    scope=Scope.RESOURCE,
    types=[RELEASE],
)
def interruptions(release: Resource, _: Graph, __: Options) -> Verdicts:
    """The queue must be given, whether its name is known yet or not."""
    chart = release.read("chart")
    if chart.unknown:
        yield unproven("chart is not known yet, and so whether it is Karpenter's")
    if str(chart.content).rpartition("/")[2] != "karpenter":
        return
    queue = release.read("values.settings.interruptionQueue")
    if queue.unknown and queue.path != "values.settings.interruptionQueue":
        yield unproven(f"{queue.path} is not known yet")
    elif queue.missing or queue.content == "":
        yield fails("values.settings.interruptionQueue is not set")
    else:
        yield passes("values.settings.interruptionQueue is set")


def _is_from(version: Any, oldest: int) -> bool:
    match = re.fullmatch(r"1\.(\d+)", version)
    return match is not None and int(match[1]) >= oldest


def _parsed(text: Read) -> Read:
    """What a JSON text says; nothing, if it is none."""
    try:
        return Read(text.path, State.VALUE, json.loads(str(text.content)) if text.known else {})
    except (ValueError, RecursionError):
        return Read(text.path, State.VALUE, {})


def _is_small(nodes: Any) -> bool:
    """Whether a budget is a number, or at most a third."""
    match = re.fullmatch(r"(\d+)(%?)", str(nodes))
    return match is not None and (not match[2] or int(match[1]) <= 33)


def _is(resource: Resource, provider: Resource) -> bool:
    return resource.provider is not None and resource.provider.urn == provider.urn


Doubt = tuple[str, str]
"""URN of a pool, and what nobody knows of it."""


@dataclass(frozen=True, slots=True)
class _Kind:
    """Karpenter's pools that are sure to have the same taints."""

    free: str
    """The first that is pinned to no zone; empty if all are."""
    zones: tuple[str, ...]
    doubts: tuple[Doubt, ...]
    """At most one: the first."""


@dataclass(frozen=True, slots=True)
class _Pools:
    """Karpenter's pools of a cluster, by what each of them asks of the others."""

    kinds: dict[tuple[str, ...], _Kind]
    """By taints."""
    unsaid: tuple[Doubt, ...]
    """Of those whose taints are not known."""
    unlike: tuple[Doubt, ...]
    """Of all of them, for one whose own taints are not known."""


@lru_cache(maxsize=4)
def _pools(graph: Graph) -> dict[str, _Pools]:
    """Pools by cluster, once a graph: none of thousands is compared with all the others."""
    homes: dict[str, list[Resource]] = {}
    for pool in graph.of(NODE_POOL):
        homes.setdefault(_made_through(pool), []).append(pool)
    made: dict[str, _Pools] = {}
    for home, pools in homes.items():
        kinds: dict[tuple[str, ...], list[Resource]] = {}
        unsaid: list[Doubt] = []
        unlike: list[Doubt] = []
        for pool in pools:
            taints = _taints(pool)
            doubt = next(_doubts(pool), f"whether {pool.name} has the same taints is not known yet")
            unlike.append((pool.urn, doubt))
            if taints is None:
                unsaid.append((pool.urn, doubt))
            else:
                kinds.setdefault(taints, []).append(pool)
        made[home] = _Pools({taints: _kind(each) for taints, each in kinds.items()}, tuple(unsaid), tuple(unlike))
    return made


def _kind(pools: Sequence[Resource]) -> _Kind:
    pinned = [(pool, _zone_requirements(pool)) for pool in pools]
    values = [value for _, required in pinned for one in required for value in one.field("values").each()]
    zones = tuple(sorted({str(value.content) for value in values if value.known}))
    doubts = ((pool.urn, doubt) for pool in pools for doubt in _doubts(pool))
    return _Kind(
        next((pool.name for pool, required in pinned if not required), ""), zones, tuple(itertools.islice(doubts, 1))
    )


def _doubts(pool: Resource) -> Iterator[str]:
    """What is not known of the zones that a pool is pinned to."""
    required = _zone_requirements(pool)
    values = [value for one in required for value in one.field("values").each()]
    return (f"{pool.name}.{read.path} is not known yet" for read in (*required, *values) if read.unknown)


def _zone_requirements(pool: Resource) -> list[Read]:
    return [one for one in pool.read("spec.template.spec.requirements").each() if _on_zones(one)]


def _made_through(resource: Resource) -> str:
    """The provider that stands for its cluster."""
    return resource.provider.urn if resource.provider else ""


def _taints(pool: Resource) -> tuple[str, ...] | None:
    """Keys of a Karpenter pool's taints; None if nobody can say."""
    keys = [taint.field("key") for taint in pool.read("spec.template.spec.taints").each()]
    return None if any(key.unknown for key in keys) else tuple(sorted(str(key.content) for key in keys))


def _on_zones(requirement: Read) -> bool:
    """Whether a requirement of a Karpenter pool may pin it to zones."""
    if requirement.unknown:
        return True
    key, operator = requirement.field("key"), requirement.field("operator")
    return (key.unknown or key.content == ZONE_LABEL) and (operator.unknown or operator.content == "In")


def _cluster(resource: Resource, graph: Graph) -> Resource | None:
    """The cluster that a name was read from, itself or by way of nodes and other add-ons."""
    ahead: list[Resource] = [resource]
    seen: set[str] = set()
    while ahead:
        each = ahead.pop()
        seen.add(each.urn)
        for found in graph.targets(each, "clusterName", CLUSTER):
            return found
        ahead += [next_ for next_ in graph.targets(each, "clusterName", NODE_GROUP, ADDON) if next_.urn not in seen]
    return None


def _tainted(group: Resource) -> bool:
    return any(taint.field("key").content == GPU_TAINT for taint in group.read("taints").each() if taint.known)
