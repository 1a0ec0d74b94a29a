"""What is deleted before what, over the whole graph of both stacks.

Destroying goes the other way round than creating, and only where somebody waits for somebody: the engine deletes what a
resource waits for after it, and everything else in any order (pkg/resource/graph/dependency_graph.go of Pulumi 3.257,
`DependenciesOf`). So "a is deleted before b" holds when a waits for b, directly or over others, and is luck otherwise.

ORDER is the table of what users of other platforms complain about when they destroy,
one row a pair of kinds. A row speaks of every resource it selects, whatever is added later.
"""

import functools
import json
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

import pytest

from sandbox.values import mapped
from tests.house import stacks
from tests.house.recorder import Recording, Registration

BOTH = pytest.mark.parametrize("stack", stacks.STACKS)

Waits = Mapping[str, frozenset[str]]
"""URNs that a resource waits for directly, by its URN."""


def direct_waits(registrations: Sequence[Registration]) -> Waits:
    """Whom each resource waits for by itself, as the engine counts: what it depends on, its provider, what takes it
    along, its parent, and of a component that it depends on the children that are there already."""
    position = {made.urn: place for place, made in enumerate(registrations)}
    by_urn = {made.urn: made for made in registrations}
    inside: dict[str, list[str]] = {}
    for made in registrations:
        above = made.parent
        while above in by_urn:
            inside.setdefault(above, []).append(made.urn)
            above = by_urn[above].parent
    waits: dict[str, frozenset[str]] = {}
    for made in registrations:
        named = {
            *made.dependencies,
            *(urn for urns in made.property_dependencies.values() for urn in urns),
            made.provider.rpartition("::")[0],
            made.deleted_with,
        } & by_urn.keys()
        for component in [urn for urn in named if not by_urn[urn].custom]:
            named |= {urn for urn in inside.get(component, ()) if position[urn] < position[made.urn]}
        waits[made.urn] = frozenset((named | ({made.parent} & by_urn.keys())) - {made.urn})
    return waits


def everything_awaited(waits: Waits) -> Callable[[str], frozenset[str]]:
    """All that a resource waits for, directly and over others."""

    @functools.cache
    def awaited(urn: str) -> frozenset[str]:
        found: set[str] = set()
        ahead = list(waits[urn])
        while ahead:
            other = ahead.pop()
            if other not in found:
                found.add(other)
                ahead += waits[other]
        return frozenset(found)

    return awaited


Selector = Callable[[Registration], bool]
Pairing = Callable[[Registration, Registration], bool]


@dataclass(frozen=True)
class Row:
    """One order: every resource of `first` is deleted before every one of `then` that it is paired with."""

    first: Selector
    then: Selector
    why: str
    thread: str
    """Where people met it."""
    paired: Pairing = lambda _first, _then: True

    def pairs(self, registrations: Sequence[Registration]) -> Iterator[tuple[Registration, Registration]]:
        """What the row speaks of in a stack."""
        later = [made for made in registrations if self.then(made)]
        for one in registrations:
            if self.first(one):
                yield from ((one, other) for other in later if other.urn != one.urn and self.paired(one, other))


def of(*types: str) -> Selector:
    """Resources of these types."""
    return lambda made: made.type in types


def in_the_cluster(made: Registration) -> bool:
    return made.custom and made.type.startswith("kubernetes:")


def brings_pods(made: Registration) -> bool:
    """Whether pods start by it. What only names a namespace, as many of its rules do, may outlive their rights."""
    return made.type == RELEASE or made.type in ("kubernetes:batch/v1:Job", "kubernetes:apps/v1:Deployment")


def release_of(*charts: str) -> Selector:
    # A chart in a registry is one address.
    return lambda made: made.type == RELEASE and str(made.plain["chart"]).rpartition("/")[2] in charts


def either(*selectors: Selector) -> Selector:
    return lambda made: any(selector(made) for selector in selectors)


def text(made: Registration) -> str:
    """Everything a resource is told, to look names up in."""
    return json.dumps(made.plain, default=str)


def told(made: Registration, value: object) -> bool:
    """Whether a resource is told exactly this text somewhere."""
    return isinstance(value, str) and json.dumps(value) in text(made)


def output(made: Registration, name: str) -> object:
    return (made.outputs or {}).get(name)


RELEASE = "kubernetes:helm.sh/v3:Release"
BINDING = "kubernetes:elbv2.k8s.aws/v1beta1:TargetGroupBinding"
INGRESS = "kubernetes:networking.k8s.io/v1:Ingress"
CLUSTER, NODE_GROUP, ADD_ON = "aws:eks/cluster:Cluster", "aws:eks/nodeGroup:NodeGroup", "aws:eks/addon:Addon"
ENTRY, ENTRY_POLICY = "aws:eks/accessEntry:AccessEntry", "aws:eks/accessPolicyAssociation:AccessPolicyAssociation"
POD_IDENTITY = "aws:eks/podIdentityAssociation:PodIdentityAssociation"
LOG_GROUP = "aws:cloudwatch/logGroup:LogGroup"
ROLE_POLICY, ATTACHMENT = "aws:iam/rolePolicy:RolePolicy", "aws:iam/rolePolicyAttachment:RolePolicyAttachment"
VPC, SUBNET, SECURITY_GROUP = "aws:ec2/vpc:Vpc", "aws:ec2/subnet:Subnet", "aws:ec2/securityGroup:SecurityGroup"
NAT, INTERNET = "aws:ec2/natGateway:NatGateway", "aws:ec2/internetGateway:InternetGateway"
GROUP_RULES = (
    "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule",
    "aws:vpc/securityGroupEgressRule:SecurityGroupEgressRule",
)
BALANCER, TARGETS = "aws:lb/loadBalancer:LoadBalancer", "aws:lb/targetGroup:TargetGroup"
LISTENER, LISTENER_RULE = "aws:lb/listener:Listener", "aws:lb/listenerRule:ListenerRule"
DATABASE, INSTANCE = "aws:rds/cluster:Cluster", "aws:rds/clusterInstance:ClusterInstance"
SHELL = "aws:rds/globalCluster:GlobalCluster"
REPLICATION = "aws:s3/bucketReplicationConfig:BucketReplicationConfig"
VERSIONING = "aws:s3/bucketVersioning:BucketVersioning"
RECORD = "aws:route53/record:Record"

BEFORE_NODES = {"vpc-cni", "kube-proxy", "eks-pod-identity-agent"}
"""What a node needs to become ready; every other add-on needs a node (terraform-aws-eks `before_compute`)."""


def first_phase(made: Registration) -> bool:
    return made.type == ADD_ON and made.plain["addonName"] in BEFORE_NODES


def second_phase(made: Registration) -> bool:
    return made.type == ADD_ON and made.plain["addonName"] not in BEFORE_NODES


def nodes_for_everybody(made: Registration) -> bool:
    """Node groups without a taint: where the second phase of add-ons runs."""
    return made.type == NODE_GROUP and not made.plain.get("taints")


def load_balancers_of_the_controller(made: Registration) -> bool:
    """What the load-balancer controller has a finalizer on."""
    asks = made.type == "kubernetes:core/v1:Service" and made.plain.get("spec", {}).get("type") == "LoadBalancer"
    return asks or made.type in (BINDING, INGRESS)


def elastic_nodes(made: Registration) -> bool:
    """What Karpenter has a finalizer on."""
    return made.custom and re.match(r"kubernetes:karpenter\.(k8s\.aws|sh)/", made.type) is not None


def same_cluster(one: Registration, other: Registration) -> bool:
    return told(one, other.plain.get("clusterName", output(other, "name")))


def in_its_namespace(one: Registration, other: Registration) -> bool:
    namespace = one.plain.get("namespace") or one.plain.get("metadata", {}).get("namespace")
    return namespace == output(other, "id")


def with_its_rights(one: Registration, other: Registration) -> bool:
    """Whether a release, or whatever else brings pods, runs as the service account of a Pod Identity association."""
    namespace = one.plain.get("namespace") or one.plain.get("metadata", {}).get("namespace")
    values = {key: value for key, value in one.plain.get("values", {}).items() if key != "engine"}
    # An engine's name may be a model's, too.
    without_engine = replace(one, props={**one.props, "values": values}) if values else one
    return namespace == other.plain["namespace"] and told(without_engine, other.plain["serviceAccount"])


def of_its_role(role: str) -> Pairing:
    """The permissions of the role whose ARN a resource is told under this name."""
    return lambda one, other: str(one.plain.get(role, "")).rpartition("/")[2] == str(other.plain["role"])


def logs_of(prefix: str, name: str) -> Pairing:
    """The log group that a service writes to by its name alone."""
    return lambda one, other: f"{other.plain.get('name')}/".startswith(f"{prefix}/{one.plain[name]}/")


def names_its_group(one: Registration, other: Registration) -> bool:
    return other.id in (one.plain.get("securityGroupId"), one.plain.get("referencedSecurityGroupId"))


def names_the_cluster_s_group(one: Registration, other: Registration) -> bool:
    group = mapped(output(other, "vpcConfig")).get("clusterSecurityGroupId")
    return group is not None and group in (one.plain.get("securityGroupId"), one.plain.get("referencedSecurityGroupId"))


def binds_its_targets(one: Registration, other: Registration) -> bool:
    """Whether a listener, or a rule of it, sends to the target group of a binding."""
    return told(other, one.plain["spec"]["targetGroupARN"])


def is_member(one: Registration, other: Registration) -> bool:
    return one.plain.get("clusterIdentifier") == other.plain.get("clusterIdentifier")


def copies_to_or_from(one: Registration, other: Registration) -> bool:
    bucket = other.plain["bucket"]
    return one.plain["bucket"] == bucket or told(one, f"arn:aws:s3:::{bucket}")


ORDER: Mapping[str, Row] = {
    # Workloads, load-balancer controller, node pools, security groups, network.
    "bindings before their controller": Row(
        load_balancers_of_the_controller,
        release_of("aws-load-balancer-controller"),
        "without the controller nobody takes its finalizer off: the namespace stays Terminating, targets are left",
        "terraform-aws-eks-blueprints#1114, #524, #353; terraform-aws-eks#285",
    ),
    "elastic nodes before their controller": Row(
        elastic_nodes,
        release_of("karpenter", "karpenter-crd"),
        "instances that Karpenter started are its own: without it and its definitions they outlive the cluster",
        "data-on-eks#408, #685",
    ),
    "objects before their namespace": Row(
        in_the_cluster,
        of("kubernetes:core/v1:Namespace"),
        "a namespace with objects stays Terminating",
        "terraform-aws-eks-blueprints#1114, #524",
        in_its_namespace,
    ),
    "workloads before nodes": Row(
        in_the_cluster,
        of(NODE_GROUP),
        "without nodes no finalizer is run and no volume is detached; load balancers and addresses are left",
        "pulumi-eks#1226, #640; nebari#1924",
    ),
    "workloads before add-ons": Row(
        in_the_cluster,
        of(ADD_ON),
        "pods leave with network, names and volumes; without the driver volumes are left",
        "terraform-aws-eks-blueprints#1449",
    ),
    "workloads before the cluster": Row(
        in_the_cluster, of(CLUSTER), "nothing can be deleted in a cluster that is gone", "pulumi-kubernetes#1739"
    ),
    "nodes before the network": Row(
        of(NODE_GROUP, CLUSTER),
        of(VPC, SUBNET),
        "their network interfaces hold subnets and VPC",
        "pulumi-eks#194, #382; data-on-eks#685",
        lambda one, other: other.type == VPC or told(one, other.id),
    ),
    "security-group rules before the groups they name": Row(
        of(*GROUP_RULES),
        of(SECURITY_GROUP),
        "a group that another group's rule names cannot be deleted: DependencyViolation",
        "pulumi-eks#1226, #640",
        names_its_group,
    ),
    "rules on the cluster's own group before the cluster": Row(
        of(*GROUP_RULES),
        of(CLUSTER),
        "EKS deletes that group with the cluster, and leaves it behind while somebody's rule names it",
        "pulumi-eks#1226; nebari#1924",
        names_the_cluster_s_group,
    ),
    "security groups before the network": Row(
        of(SECURITY_GROUP), of(VPC), "a VPC with groups cannot be deleted", "pulumi-eks#382"
    ),
    # Rights outlive what needs them.
    "cluster-admin rights after everything in the cluster": Row(
        in_the_cluster,
        # Those of the failover plan only scale, and go before.
        lambda made: made.type == ENTRY_POLICY and made.plain["policyArn"].endswith("/AmazonEKSClusterAdminPolicy"),
        "Unauthorized: a release cannot be uninstalled by somebody who has lost the right to",
        "terraform-aws-eks#2923, #2903, #3005",
    ),
    "access entries after everything in the cluster": Row(
        in_the_cluster,
        lambda made: made.type == ENTRY and made.name.startswith("cluster-admin"),
        "Unauthorized, as above",
        "terraform-aws-eks#2923",
    ),
    "elastic nodes before their access entry": Row(
        elastic_nodes,
        lambda made: made.type == ENTRY and made.plain.get("type") == "EC2_LINUX",
        "a node that has lost its entry is not ready, and is not drained",
        "containers-roadmap#2425",
    ),
    "pods before their Pod Identity": Row(
        brings_pods,
        of(POD_IDENTITY),
        "credentials are injected when a pod starts, and a controller needs them to clean up",
        "terraform-aws-eks-blueprints#1449; sample-genai-on-eks-starter-kit#39",
        with_its_rights,
    ),
    "a Pod Identity before its role's rights": Row(
        of(POD_IDENTITY),
        of(ROLE_POLICY, ATTACHMENT),
        "a pod that starts between the two may do nothing",
        "sample-genai-on-eks-starter-kit#39",
        of_its_role("roleArn"),
    ),
    "nodes before their role's rights": Row(
        of(NODE_GROUP),
        of(ATTACHMENT),
        "EKS cannot end instances and interfaces of nodes whose role has lost its rights",
        "pulumi-eks#1226 (and the note on aws_eks_node_group in Terraform's documentation)",
        of_its_role("nodeRoleArn"),
    ),
    "the cluster before its role's rights": Row(
        of(CLUSTER),
        of(ATTACHMENT),
        "EKS cannot delete its network interfaces without them",
        "pulumi-eks#194",
        of_its_role("roleArn"),
    ),
    "a replication rule before its role's rights": Row(
        of(REPLICATION),
        of(ROLE_POLICY),
        "S3 refuses a rule whose role may not copy",
        "s3-bucket#172",
        of_its_role("role"),
    ),
    # Add-ons in two phases.
    "nodes after the add-ons they need": Row(
        of(NODE_GROUP),
        first_phase,
        "a node without CNI does not become ready, and pods on it end without giving addresses back",
        "terraform-aws-eks#3327, #3288",
    ),
    "add-ons that need nodes after the nodes": Row(
        second_phase,
        nodes_for_everybody,
        "CoreDNS is DEGRADED for 20 minutes where it has no node",
        "terraform-aws-eks#3001; pulumi-eks#1819, #1525",
    ),
    "add-ons before the cluster": Row(of(ADD_ON), of(CLUSTER), "they are in it", "terraform-aws-eks#3327"),
    # What a service would make by itself if it came first.
    "the cluster before its log group": Row(
        of(CLUSTER),
        of(LOG_GROUP),
        "a control plane that still writes makes the group again, without key and retention",
        "terraform-aws-eks-blueprints#1449",
        logs_of("/aws/eks", "name"),
    ),
    "a database before its log group": Row(
        of(DATABASE),
        of(LOG_GROUP),
        "as above",
        "terraform-aws-eks-blueprints#1449",
        logs_of("/aws/rds/cluster", "clusterIdentifier"),
    ),
    # The network.
    "NAT gateways before the internet gateway": Row(
        of(NAT), of(INTERNET), "a VPC with mapped public addresses keeps its gateway", "data-on-eks#685; pulumi-eks#382"
    ),
    "internet-facing balancers before the internet gateway": Row(
        lambda made: made.type == BALANCER and not made.plain.get("internal"),
        of(INTERNET),
        "the same; and a balancer that comes first is refused: InvalidSubnet, the VPC has no internet gateway",
        "data-on-eks#685; pulumi-eks#382",
    ),
    "routes before the gateway they lead to": Row(
        of("aws:ec2/route:Route"),
        of(NAT, INTERNET),
        "a route to what is gone is a black hole",
        "pulumi-eks#382",
        lambda one, other: other.id in (one.plain.get("gatewayId"), one.plain.get("natGatewayId")),
    ),
    # The way in.
    "bindings after the listener that uses their targets": Row(
        of(BINDING),
        of(LISTENER, LISTENER_RULE),
        "targets of a group that no listener uses are never checked, so pods never become ready",
        "terraform-aws-eks-blueprints#353",
        binds_its_targets,
    ),
    "listeners before the balancer and the targets": Row(
        of(LISTENER, LISTENER_RULE),
        of(BALANCER, TARGETS),
        "a target group in use cannot be deleted",
        "data-on-eks#685",
        lambda one, other: other.type == BALANCER or told(one, other.id),
    ),
    "names before what they lead to": Row(
        lambda made: made.type == RECORD and "aliases" in made.plain,
        of(BALANCER, BINDING),
        "a name that leads nowhere is an outage, a deleted record is an answer",
        "kubernetes-sigs/external-dns#2362",
    ),
    # The database.
    "instances before their cluster": Row(
        of(INSTANCE),
        of(DATABASE),
        "a cluster with instances cannot be deleted",
        "terraform-provider-aws#12499, #13126; cloud-nuke#597",
        is_member,
    ),
    "members before the global database": Row(
        of(INSTANCE, DATABASE),
        of(SHELL),
        "a global database with members cannot be deleted",
        "terraform-provider-aws#8186, #16065; cloud-nuke#597",
    ),
    "databases and caches before their subnets' groups": Row(
        either(of(DATABASE, INSTANCE), lambda made: made.type.startswith("aws:elasticache/replicationGroup:")),
        lambda made: made.type.endswith((":SubnetGroup", "ParameterGroup")),
        "a group in use cannot be deleted",
        "terraform-provider-aws#12499",
        lambda one, other: made_in_the_same_service(one, other) and told(one, output(other, "name")),
    ),
    # Copies.
    "replication after both versionings": Row(
        of(REPLICATION),
        of(VERSIONING),
        "S3 refuses a rule between buckets of which one is not versioned, or stops being",
        "terraform-aws-s3-bucket#172, #350",
        copies_to_or_from,
    ),
}


def made_in_the_same_service(one: Registration, other: Registration) -> bool:
    return one.type.partition("/")[0] == other.type.partition("/")[0]


NOT_IN_EVERY_PLATFORM = {
    "a database before its log group",
    "elastic nodes before their controller",
    "elastic nodes before their access entry",
}
"""Rows that may speak of nothing in the committed stacks; they are proved on resources made up below."""


def wrong_in(row: Row, registrations: Sequence[Registration], waits: Waits) -> list[str]:
    """Pairs whose order is left to luck."""
    awaited = everything_awaited(waits)
    return [
        f"{one.type} {one.name} may outlive {other.type} {other.name}"
        for one, other in row.pairs(registrations)
        if other.urn not in awaited(one.urn)
    ]


@functools.cache
def graph(stack: str) -> tuple[Sequence[Registration], Waits]:
    registrations = stacks.recorded(stack).registrations
    return registrations, direct_waits(registrations)


EACH_ROW = pytest.mark.parametrize("name", sorted(ORDER))


@BOTH
@EACH_ROW
def test_deleting_goes_in_order(stack: str, name: str) -> None:
    assert wrong_in(ORDER[name], *graph(stack)) == [], f"{ORDER[name].why} ({ORDER[name].thread})"


def test_every_row_speaks_of_something() -> None:
    silent = {
        name for name, row in ORDER.items() if not any(any(row.pairs(graph(stack)[0])) for stack in stacks.STACKS)
    }
    assert silent <= NOT_IN_EVERY_PLATFORM


@EACH_ROW
def test_a_lost_dependency_is_noticed(name: str) -> None:
    # For every pair of the row: its first, cut off from whatever it waited for.
    row = ORDER[name]
    for stack in stacks.STACKS:
        registrations, waits = graph(stack)
        for one, other in row.pairs(registrations):
            cut = wrong_in(row, registrations, {**waits, one.urn: frozenset()})
            assert f"{one.type} {one.name} may outlive {other.type} {other.name}" in cut


@EACH_ROW
def test_the_order_the_other_way_round_is_wrong(name: str) -> None:
    row = ORDER[name]
    for stack in stacks.STACKS:
        registrations, waits = graph(stack)
        turned: dict[str, set[str]] = {urn: set() for urn in waits}
        for urn, others in waits.items():
            for other in others:
                turned[other].add(urn)
        pairs = list(row.pairs(registrations))
        assert len(wrong_in(row, registrations, {urn: frozenset(found) for urn, found in turned.items()})) == len(pairs)


IDENTIFIER = re.compile(
    r"(vpc|subnet|sg|rtb|igw|nat|eipalloc|vpce|lt|pl|tgw|tgw-attach|pcx|pa|fs|ap)-[0-9a-f]{8,}|arn:.+"
)


def named_without_waiting(registrations: Sequence[Registration], waits: Waits) -> list[str]:
    """Resources that are told the id or the ARN of another of the stack and may outlive it."""
    owners: dict[str, Registration] = {}
    for made in registrations:
        for value in (made.id, output(made, "arn")):
            if made.custom and isinstance(value, str) and IDENTIFIER.fullmatch(value):
                # A second owner is a part of the first: a versioning has its bucket's name.
                owners.setdefault(value, made)
    awaited = everything_awaited(waits)
    return [
        f"{made.type} {made.name} names {owner.type} {owner.name}"
        for made in registrations
        if made.custom
        for value, owner in owners.items()
        if owner.urn != made.urn and told(made, value) and owner.urn not in awaited(made.urn)
    ]


@BOTH
def test_whatever_names_another_by_its_id_or_arn_is_deleted_before_it(stack: str) -> None:
    assert named_without_waiting(*graph(stack)) == []


def test_a_literal_id_is_noticed() -> None:
    registrations, waits = graph("primary")
    nat = next(made for made in registrations if made.type == NAT)
    said = named_without_waiting(registrations, {**waits, nat.urn: frozenset()})
    assert any(line.startswith(f"{NAT} {nat.name} names {SUBNET} ") for line in said)


@BOTH
def test_nothing_waits_for_itself(stack: str) -> None:
    registrations, waits = graph(stack)
    awaited = everything_awaited(waits)
    assert [made.urn for made in registrations if made.urn in awaited(made.urn)] == []


def made_up(type_: str, name: str, props: Mapping[str, object], *waits_for: Registration) -> Registration:
    """A resource that no stack has."""
    return Registration(
        urn=f"urn:pulumi:primary::tandem::{type_}::{name}",
        type=type_,
        name=name,
        parent="",
        props=props,
        custom=True,
        protect=False,
        retain_on_delete=False,
        deleted_with="",
        ignore_changes=[],
        replace_on_changes=[],
        aliases=[],
        provider="",
        providers={},
        dependencies=[other.urn for other in waits_for],
        property_dependencies={},
        additional_secret_outputs=[],
        custom_timeouts={},
        source="",
        id=name,
        outputs={"id": name, "name": name},
        region="us-east-1",
    )


@pytest.mark.parametrize(
    ("name", "later", "first", "told_"),
    [
        (
            "a database before its log group",
            made_up(LOG_GROUP, "logs", {"name": "/aws/rds/cluster/tandem-us-east-1/postgresql"}),
            DATABASE,
            {"clusterIdentifier": "tandem-us-east-1"},
        ),
        (
            "elastic nodes before their controller",
            made_up(RELEASE, "karpenter", {"chart": "oci://public.ecr.aws/karpenter/karpenter"}),
            "kubernetes:karpenter.sh/v1:NodePool",
            {"spec": {}},
        ),
        (
            "elastic nodes before their controller",
            made_up(RELEASE, "karpenter-crds", {"chart": "oci://public.ecr.aws/karpenter/karpenter-crd"}),
            "kubernetes:karpenter.k8s.aws/v1:EC2NodeClass",
            {"spec": {}},
        ),
        (
            "elastic nodes before their access entry",
            made_up(ENTRY, "nodes", {"type": "EC2_LINUX"}),
            "kubernetes:karpenter.k8s.aws/v1:EC2NodeClass",
            {"spec": {}},
        ),
    ],
)
def test_a_row_that_may_be_silent_speaks_when_it_must(
    name: str, later: Registration, first: str, told_: dict[str, object]
) -> None:
    for waits_for, expected in (((), 1), ((later,), 0)):
        registrations = [later, made_up(first, "first", told_, *waits_for)]
        assert len(list(ORDER[name].pairs(registrations))) == 1
        assert len(wrong_in(ORDER[name], registrations, direct_waits(registrations))) == expected


def recorded_again(change: Callable[[Registration], Registration]) -> tuple[Sequence[Registration], Waits]:
    """The primary with some resources registered otherwise."""
    registrations = [change(made) for made in stacks.recorded("primary").registrations]
    return registrations, direct_waits(registrations)


def without(*lost: str) -> Callable[[Registration], Registration]:
    """Registered without these ways of waiting."""
    empty: Mapping[str, object] = {
        "dependencies": [], "property_dependencies": {}, "provider": "", "deleted_with": "", "parent": ""
    }  # fmt: skip
    return lambda made: replace(made, **{name: empty[name] for name in lost})  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("lost", "name"),
    [
        # What a program says with `depends_on` of a component reaches its children over their parent alone.
        ("parent", "bindings before their controller"),
        # What the Kubernetes provider depends on reaches every object over the provider alone.
        ("provider", "workloads before nodes"),
        ("property_dependencies", "security groups before the network"),
        ("dependencies", "NAT gateways before the internet gateway"),
    ],
)
def test_each_way_of_waiting_counts(lost: str, name: str) -> None:
    # The engine repeats property dependencies among the dependencies.
    together = ("dependencies", lost) if lost == "property_dependencies" else (lost,)
    assert wrong_in(ORDER[name], *graph("primary")) == []
    assert wrong_in(ORDER[name], *recorded_again(without(*together)))


def test_depending_on_a_component_is_depending_on_what_stands_in_it() -> None:
    registrations = list(stacks.recorded("primary").registrations)
    network = next(made for made in registrations if made.type == "tandem:index:Network")
    last = replace(registrations[-1], dependencies=[network.urn], property_dependencies={}, provider="", parent="")
    waits = direct_waits([*registrations[:-1], last])
    inside = {made.urn for made in registrations if made.parent == network.urn}
    assert inside
    assert waits[last.urn] == inside | {network.urn}


def test_a_stack_is_recorded_in_the_order_it_comes_up() -> None:
    # `direct_waits` counts a component's children by it.
    recording: Recording = stacks.recorded("secondary")
    position = {made.urn: place for place, made in enumerate(recording.registrations)}
    late = [
        (made.urn, urn)
        for made in recording.registrations
        for urn in made.dependencies
        if urn in position and position[urn] > position[made.urn]
    ]
    assert late == []
