"""The platform as a whole: each region stands by itself, and carries the other's load."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from functools import lru_cache

from policies.registry import Option, Options, Scope, Severity, Verdicts, fails, passes, rule, unproven
from policies.rules.eks import CLUSTER, GPU_FAMILIES, KUBERNETES, NODE_GROUP
from resilience.graph import Graph, Read, Resource, State

GKE_CLUSTER = "gcp:container/cluster:Cluster"
VCPUS = {"medium": 1, "large": 2, "xlarge": 4}
"""vCPUs by the size of an EC2 instance; ``4xlarge`` has four times those of ``xlarge``:
https://docs.aws.amazon.com/ec2/latest/instancetypes/instance-types.html. Within a family that is exact."""
BURSTABLE = re.compile(r"t[34]\w*\.(nano|micro|small|medium)")
"""Types that have two, as their ``large`` has."""
SERVING = (
    "aws:acm/certificate:Certificate",
    "aws:ec2/launchTemplate:LaunchTemplate",
    "aws:ec2/natGateway:NatGateway",
    "aws:ec2/securityGroup:SecurityGroup",
    "aws:ec2/subnet:Subnet",
    "aws:ec2/vpc:Vpc",
    "aws:ec2/vpcEndpoint:VpcEndpoint",
    CLUSTER,
    "aws:eks/addon:Addon",
    "aws:eks/podIdentityAssociation:PodIdentityAssociation",
    NODE_GROUP,
    "aws:elasticache/subnetGroup:SubnetGroup",
    "aws:lb/listener:Listener",
    "aws:lb/listenerRule:ListenerRule",
    "aws:lb/loadBalancer:LoadBalancer",
    "aws:lb/targetGroup:TargetGroup",
    "aws:rds/clusterInstance:ClusterInstance",
    "aws:rds/clusterParameterGroup:ClusterParameterGroup",
    "aws:rds/proxy:Proxy",
    "aws:rds/proxyDefaultTargetGroup:ProxyDefaultTargetGroup",
    "aws:rds/proxyTarget:ProxyTarget",
    "aws:rds/subnetGroup:SubnetGroup",
    "kubernetes:*",
    "gcp:compute/subnetwork:Subnetwork",
    GKE_CLUSTER,
    "gcp:container/nodePool:NodePool",
)
"""What a region serves with. What joins the regions, such as keys, replication and members of a global database, is not
among it: that may know both."""
REGION = r"([a-z]{2}(?:-[a-z]+)+-\d)"
NAMED = re.compile(rf"arn:aws[a-z-]*:[a-z0-9-]+:{REGION}:|[.@/]{REGION}\.(?:[a-z0-9-]+\.)*amazonaws\.com")
"""A region in an ARN or a host name of AWS': ``….dkr.ecr.us-east-1.amazonaws.com``."""


@rule(
    "SYS-03",
    title="The other region carries half of the load at once",
    why="Capacity that has to be bought in an outage is bought together with everybody else.",
    fix="scaling_config.min_size of the node groups (settings: floor_per_zone) closer to the other stack's",
    severity=Severity.HIGH,
    scope=Scope.STACKS,
    types=[CLUSTER],
    frameworks=["AWS Well-Architected REL11-BP05"],
    options={"minPercent": Option(50, 1, 100, "Floor of a region's nodes, of the other region's, in vCPUs.")},
)
def standby(cluster: Resource, graph: Graph, options: Options) -> Verdicts:
    """Compare the floor of its node groups with that of other stacks' clusters, GPUs by themselves."""
    others = [other for other in graph.of(CLUSTER) if other.stack != cluster.stack]
    if len(graph.stacks) == 1:
        yield unproven(f"clusters of other stacks than {cluster.stack} are not in view")
    own, hidden = floor(cluster, graph)
    if cluster.read("computeConfig.enabled").content is True and not own:
        yield passes("EKS Auto Mode starts nodes as pods ask for them")
        return
    for other in others:
        theirs, hidden_there = floor(other, graph)
        for kind in sorted(theirs):
            have, want = own.get(kind, 0), theirs[kind]
            seen = f"{kind}: a floor of {have} vCPUs, and of {want} in {other.stack}"
            if hidden or hidden_there:
                yield unproven(f"{seen}; not known: {', '.join([*hidden, *hidden_there])}")
            elif have * 100 >= want * options["minPercent"]:
                yield passes(seen)
            else:
                yield fails(f"{seen}; it must be {options['minPercent']} % of it")


@rule(
    "SYS-04",
    title="What serves in a region needs nothing of another",
    why="With that other region dark it cannot be changed, made anew, or started: the day it is there for.",
    fix="a copy in the same region: of the certificate, the key, the image, the secret, the endpoint",
    severity=Severity.CRITICAL,
    scope=Scope.STACK,
    types=SERVING,
)
def stands_alone(resource: Resource, graph: Graph, _: Options) -> Verdicts:
    """Look at what it waits for, and at the regions that ARNs and host names in it are of."""
    home = _home(resource, graph)
    if not home.known:
        if home.unknown:
            yield unproven("its region is not known yet")
        return
    far = _waiting(graph, str(home.content)).get(resource.urn)
    if far is not None:
        yield fails(f"it waits for {far.name} in {_region(far, graph).content}, and is in {home.content}")
    named = next(((path, region) for path, region in _regions(resource) if region != home.content), None)
    if named is not None:
        yield fails(f"{named[0]} names something in {named[1]}, and it is in {home.content}")
    elif far is None:
        yield passes(f"all that it waits for and names is in {home.content}")


def floor(cluster: Resource, graph: Graph) -> tuple[dict[str, int], list[str]]:
    """Count vCPUs of the least nodes of a cluster, with and without GPUs, and what would have to be known to say."""
    floor: dict[str, int] = {}
    hidden: list[str] = []
    for group in graph.referrers(cluster, NODE_GROUP, "clusterName"):
        least, types = group.read("scalingConfig.minSize"), group.read("instanceTypes").each()
        sizes = [_vcpus(str(each.content)) for each in types]
        known = [size for size in sizes if size is not None]
        if least.whole is None or not types or len(known) < len(types):
            hidden.append(f"{group.name}.{'scalingConfig.minSize' if least.whole is None else 'instanceTypes'}")
            continue
        families = {str(each.content).partition(".")[0] for each in types}
        kind = "with GPUs" if all(family in GPU_FAMILIES for family in families) else "without GPUs"
        floor[kind] = floor.get(kind, 0) + least.whole * min(known)
    return floor, hidden


def _vcpus(instance_type: str) -> int | None:
    """``m7i.4xlarge`` has 16; None for bare metal, and for what is no type."""
    size = "large" if BURSTABLE.fullmatch(instance_type) else instance_type.rpartition(".")[2]
    match = re.fullmatch(r"(\d+)xlarge", size)
    return int(match[1]) * VCPUS["xlarge"] if match else VCPUS.get(size)


def _home(resource: Resource, graph: Graph) -> Read:
    """Where a resource serves: its region, or that of the cluster it is in."""
    if not resource.type.startswith("kubernetes:"):
        return _region(resource, graph)
    provider = graph.get(resource.provider.urn) if resource.provider else None
    if provider and provider.type == KUBERNETES:
        for cluster in graph.targets(provider, "kubeconfig", CLUSTER, GKE_CLUSTER):
            return _region(cluster, graph)
    return resource.read("region")


def _region(resource: Resource, graph: Graph) -> Read:
    """Its region; of what Google places by location, that of the location. MISSING for what is in several."""
    if not resource.type.startswith("gcp:"):
        return graph.region(resource)
    place = resource.read("location")
    if not place.known:
        return graph.region(resource)
    # A zone's name is its region's and a letter: us-central1-a.
    region = re.fullmatch(r"([a-z]+-[a-z]+\d+)(?:-[a-z])?", str(place.content).lower())
    return replace(place, content=region[1]) if region else Read("location", State.MISSING)


@lru_cache(maxsize=4)
def _waiting(graph: Graph, home: str) -> Mapping[str, Resource]:
    """By URN, what waits, however indirectly, for something in another region, and for what."""
    waiting: dict[str, Resource] = {}
    behind: dict[str, list[Resource]] = {}
    for resource in graph.resources:
        edges = (urn for urns in resource.edges.values() for urn in urns)
        for urn in {*resource.dependencies, *edges}:
            behind.setdefault(urn, []).append(resource)
    for far in graph.resources:
        region = _region(far, graph)
        if not region.known or region.content == home:
            continue
        ahead = [far]
        while ahead:
            for each in behind.get(ahead.pop().urn, []):
                if each.urn not in waiting:
                    waiting[each.urn] = far
                    ahead.append(each)
    return waiting


def _regions(resource: Resource) -> Iterator[tuple[str, str]]:
    """Regions that ARNs and host names in a resource's properties name, with where; secrets too, unseen."""
    ahead = list(resource.read("").fields().values())
    while ahead:
        read = ahead.pop()
        ahead += [*read.fields().values(), *(each for each in read.each() if not read.unknown)]
        if read.known and isinstance(read.content, str):
            for match in NAMED.finditer(read.content):
                yield read.path, match[1] or match[2]
