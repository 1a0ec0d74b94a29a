"""Nodes come when pods wait, in zones that live, with no more rights than that takes."""

import json
from collections.abc import Callable
from typing import Any

import pulumi
import pulumi_kubernetes as k8s
import pytest

from components.helm import Karpenter
from components.helm.gpu_device_plugin import render_gpu_device_plugin
from components.helm.karpenter import render_karpenter
from components.kubernetes import (
    KARPENTER_NAMESPACE,
    KARPENTER_SERVICE_ACCOUNT,
    POOL_LABEL,
    AmiFamily,
    CapacityType,
    Cluster,
    ElasticNodes,
    ElasticNodesArgs,
    KarpenterAccess,
)
from components.kubernetes.karpenter_access import render_karpenter_policy, render_queue_policy
from tests.house import ground
from tests.house.iam import granted
from tests.house.recorder import UNKNOWN, Recording, Registration, record

ACCOUNT = "000000000000"
CLUSTER = "tandem-us-east-1"
NODE_CLASS = "kubernetes:karpenter.k8s.aws/v1:EC2NodeClass"
NODE_POOL = "kubernetes:karpenter.sh/v1:NodePool"
RELEASE = "kubernetes:helm.sh/v3:Release"
GPU = {"instance_types": ["g6.2xlarge", "g6.4xlarge"], "limit_per_zone": 4}


def elastic(*, preview: bool = False, **changes: Any) -> Recording:
    """Everything of Karpenter's, as a stack has it."""

    def program() -> None:
        network, key = ground.network(), ground.key()
        cluster = Cluster(
            "cluster",
            {
                "cluster_name": CLUSTER,
                "version": "1.33",
                "subnet_ids": list(network.private_subnet_ids),
                "key_arn": key.arn,
                "admin_role_arns": [f"arn:aws:iam::{ACCOUNT}:role/platform-admin"],
            },
        )
        access = KarpenterAccess(
            "access",
            {
                "cluster": cluster.name,
                "cluster_name": CLUSTER,
                "account_id": ACCOUNT,
                "region_name": "us-east-1",
                "region": "us-east-1",
            },
        )
        provider = k8s.Provider("cluster", kubeconfig=cluster.kubeconfig, cluster_identifier=CLUSTER)
        opts = pulumi.ResourceOptions(providers=[provider], depends_on=[*cluster.admin_access, access])
        controller = Karpenter(
            "karpenter",
            {
                "cluster_name": CLUSTER,
                "cluster_endpoint": cluster.endpoint,
                "interruption_queue": access.queue_name,
            },
            opts,
        )
        arguments: ElasticNodesArgs = {
            "instance_profile": access.instance_profile,
            "zones": ground.ZONES,
            "subnet_ids": list(network.private_subnet_ids),
            "security_group_id": cluster.security_group_id,
            "key_arn": key.arn,
            "cpu_limit": 64,
            **changes,  # type: ignore[typeddict-item]
        }
        ElasticNodes(
            "elastic", arguments, pulumi.ResourceOptions.merge(opts, pulumi.ResourceOptions(depends_on=[controller]))
        )

    return record(program, preview=preview)


@pytest.fixture(scope="module")
def whole() -> Recording:
    return elastic(gpu={**GPU, "capacity_reservation_ids": ["cr-0123456789abcdef0"]})


def pool(recording: Recording, name: str) -> Any:
    return recording.one(NODE_POOL, f"elastic-{name}").plain["spec"]


def requirements(spec: Any) -> dict[str, list[str]]:
    return {each["key"]: each["values"] for each in spec["template"]["spec"]["requirements"]}


def test_there_is_a_pool_over_all_zones_and_one_a_zone_for_gpus(whole: Recording) -> None:
    zones = "topology.kubernetes.io/zone"
    assert {
        each.plain["metadata"]["name"]: requirements(each.plain["spec"])[zones] for each in whole.all(NODE_POOL)
    } == {
        "cpu": ground.ZONES,
        "gpu-us-east-1a": ["us-east-1a"],
        "gpu-us-east-1b": ["us-east-1b"],
        "gpu-us-east-1c": ["us-east-1c"],
    }


def test_without_gpus_there_is_nothing_of_them() -> None:
    recording = elastic()
    assert [each.plain["metadata"]["name"] for each in recording.all(NODE_POOL)] == ["cpu"]
    assert [each.plain["metadata"]["name"] for each in recording.all(NODE_CLASS)] == ["cpu"]


def test_gpu_nodes_are_found_by_the_device_plugin_and_keep_other_pods_away(whole: Recording) -> None:
    template = pool(whole, "gpu-us-east-1a")["template"]
    plugin = render_gpu_device_plugin(pool="gpu")
    assert plugin["nodeSelector"].items() <= template["metadata"]["labels"].items()
    (taint,) = template["spec"]["taints"]
    assert taint == {"key": plugin["tolerations"][0]["key"], "value": "true", "effect": "NoSchedule"}
    cpu = pool(whole, "cpu")["template"]
    assert cpu["metadata"]["labels"] == {POOL_LABEL: "elastic"}
    assert "taints" not in cpu["spec"]


def test_every_pool_has_a_limit_and_lets_go_of_few_nodes_at_a_time(whole: Recording) -> None:
    assert pool(whole, "cpu")["limits"] == {"cpu": "64"}
    assert pool(whole, "cpu")["disruption"]["budgets"] == [{"nodes": "10%"}]
    gpu = pool(whole, "gpu-us-east-1c")
    assert gpu["limits"] == {"nvidia.com/gpu": "4"}
    assert gpu["disruption"]["budgets"] == [{"nodes": "1"}]
    assert gpu["disruption"]["consolidationPolicy"] == "WhenEmpty"


def test_no_node_grows_old_or_waits_for_ever_to_go() -> None:
    for name in ("cpu", "gpu-us-east-1b"):
        node = pool(elastic(gpu=GPU, expire_after_hours=240), name)["template"]["spec"]
        assert (node["expireAfter"], node["terminationGracePeriod"]) == ("240h", "24h")


def test_reserved_gpus_are_used_before_others(whole: Recording) -> None:
    gpu, cpu = (whole.one(NODE_CLASS, f"elastic-{kind}-class").plain["spec"] for kind in ("gpu", "cpu"))
    assert gpu["capacityReservationSelectorTerms"] == [{"id": "cr-0123456789abcdef0"}]
    assert "capacityReservationSelectorTerms" not in cpu
    bought = "karpenter.sh/capacity-type"
    assert requirements(pool(whole, "gpu-us-east-1a"))[bought] == ["reserved", "on-demand"]
    assert requirements(pool(elastic(gpu=GPU), "gpu-us-east-1a"))[bought] == ["on-demand"]


def test_nodes_are_bought_on_demand_unless_told_otherwise(whole: Recording) -> None:
    bought = "karpenter.sh/capacity-type"
    assert requirements(pool(whole, "cpu"))[bought] == ["on-demand"]
    spot = elastic(capacity_types=[CapacityType.ON_DEMAND, CapacityType.SPOT])
    assert requirements(pool(spot, "cpu"))[bought] == ["on-demand", "spot"]


def test_instances_are_encrypted_private_and_of_an_exact_image(whole: Recording) -> None:
    registered = whole.one(NODE_CLASS, "elastic-cpu-class")
    spec = registered.plain["spec"]
    assert spec["amiSelectorTerms"] == [{"alias": "al2023@v20260714"}]
    assert spec["metadataOptions"]["httpTokens"] == "required"
    assert spec["metadataOptions"]["httpPutResponseHopLimit"] == 1
    (disk,) = spec["blockDeviceMappings"]
    assert disk["deviceName"] == "/dev/xvda"
    assert disk["ebs"]["encrypted"] is True
    assert disk["ebs"]["volumeSize"] == "100Gi"
    assert whole.one("aws:kms/key:Key").urn in registered.property_dependencies["spec"]
    subnets = {each.id for each in whole.all("aws:ec2/subnet:Subnet") if "private" in each.name}
    assert {term["id"] for term in spec["subnetSelectorTerms"]} == subnets
    assert "tags" not in spec


def test_bottlerocket_keeps_images_on_a_disk_of_their_own() -> None:
    recording = elastic(gpu={**GPU, "disk_gib": 300}, ami_family=AmiFamily.BOTTLEROCKET, tags={"team": "platform"})
    spec = recording.one(NODE_CLASS, "elastic-gpu-class").plain["spec"]
    sizes = {disk["deviceName"]: disk["ebs"]["volumeSize"] for disk in spec["blockDeviceMappings"]}
    assert sizes == {"/dev/xvda": "4Gi", "/dev/xvdb": "300Gi"}
    assert spec["amiSelectorTerms"] == [{"alias": "bottlerocket@v1.63.0"}]
    assert spec["tags"] == {"team": "platform"}


def test_a_mistake_shows_in_the_update_and_not_when_the_first_pod_waits(whole: Recording) -> None:
    for each in (*whole.all(NODE_POOL), *whole.all(NODE_CLASS)):
        assert each.plain["metadata"]["annotations"] == {"pulumi.com/waitFor": "condition=Ready"}


def test_pools_go_before_their_class_their_controller_and_its_rights(whole: Recording) -> None:
    controller = whole.one(RELEASE, "karpenter")
    definitions = whole.one(RELEASE, "karpenter-crds")
    assert definitions.urn in controller.dependencies
    # What a component depends on its children do, over their parent.
    component = whole.one("tandem:index:Karpenter")
    assert controller.parent == component.urn
    assert whole.one("aws:eks/podIdentityAssociation:PodIdentityAssociation").urn in component.dependencies
    assert controller.urn in whole.one("tandem:index:ElasticNodes").dependencies
    for each in whole.all(NODE_POOL):
        kind = each.name.split("-")[1]
        assert whole.one(NODE_CLASS, f"elastic-{kind}-class").urn in each.dependencies
        assert each.plain["spec"]["template"]["spec"]["nodeClassRef"]["name"] == kind
        assert each.custom_timeouts["delete"] == "60m"
    for each in whole.all(NODE_CLASS):
        assert whole.waits_for(each, whole.one("aws:eks/accessEntry:AccessEntry", "access-node"))


def test_the_definitions_are_upgraded_with_the_controller(whole: Recording) -> None:
    controller, definitions = (whole.one(RELEASE, name).plain for name in ("karpenter", "karpenter-crds"))
    assert controller["skipCrds"] is True
    assert "skipCrds" not in definitions
    assert controller["version"] == definitions["version"]


BAD: list[tuple[dict[str, Any], str]] = [
    ({"zones": ["us-east-1a", "us-east-1a", "us-east-1b"]}, "zones: got .* each once"),
    ({"zones": ["us-east-1a"]}, r"subnet_ids: got 3, must be one a zone \(1\)"),
    ({"cpu_limit": 0}, "cpu_limit: got 0, must be at least 1 vCPU"),
    ({"capacity_types": []}, "capacity_types: is empty"),
    (
        {"gpu": {"instance_types": ["g6"], "limit_per_zone": 4}},
        "gpu.instance_types: got 'g6', must be an instance type",
    ),
    ({"gpu": {"instance_types": [], "limit_per_zone": 4}}, "gpu.instance_types: is empty"),
    ({"gpu": {**GPU, "limit_per_zone": 0}}, "gpu.limit_per_zone: got 0, must be at least 1 GPU"),
    ({"gpu": {**GPU, "capacity_reservation_ids": ["r-1"]}}, "gpu.capacity_reservation_ids: got 'r-1', must be the id"),
    ({"gpu": {**GPU, "capacity_reservation_ids": ["cr-1", "cr-1"]}}, "name each reservation once"),
    ({"gpu": {**GPU, "disk_gib": 10}}, "disk_gib: got 10, must be at least 20"),
    ({"ami_release": "latest"}, "ami_release: got 'latest', must be an exact release of al2023 such as 'v20260714'"),
    ({"ami_family": AmiFamily.BOTTLEROCKET, "ami_release": "v20260714"}, "exact release of bottlerocket"),
    ({"expire_after_hours": 1}, "expire_after_hours: got 1, must be at least 24"),
]


@pytest.mark.parametrize(("changes", "message"), BAD)
def test_what_would_start_no_node_is_refused(changes: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        elastic(**changes)


def render_policy(cluster: str = CLUSTER) -> str:
    return render_karpenter_policy(
        cluster_name=cluster,
        account_id=ACCOUNT,
        region="us-east-1",
        queue_name=f"{cluster}-karpenter",
        node_role_name=f"{cluster}-karpenter-node",
    )


def statements(policy: str) -> list[dict[str, Any]]:
    return json.loads(policy)["Statement"]


def test_the_controller_ends_only_nodes_of_its_cluster() -> None:
    (ending,) = [each for each in statements(render_policy()) if "ec2:TerminateInstances" in each["Action"]]
    assert ending["Condition"]["StringEquals"] == {f"aws:ResourceTag/kubernetes.io/cluster/{CLUSTER}": "owned"}
    assert ending["Condition"]["StringLike"] == {"aws:ResourceTag/karpenter.sh/nodepool": "*"}


def test_the_controller_makes_nothing_that_is_not_marked_as_its_cluster_s() -> None:
    made = [each for each in statements(render_policy()) if any(":instance/*" in arn for arn in each["Resource"])]
    assert len(made) == 4
    for each in made:
        assert f"/kubernetes.io/cluster/{CLUSTER}" in json.dumps(each["Condition"]["StringEquals"])


def test_the_controller_passes_on_one_role_and_writes_nothing_in_iam() -> None:
    rights = granted(render_policy())
    assert rights["iam:PassRole"] == {f"arn:aws:iam::{ACCOUNT}:role/{CLUSTER}-karpenter-node"}
    assert {action for action in rights if action.startswith("iam:")} == {
        "iam:PassRole",
        "iam:ListInstanceProfiles",
        "iam:GetInstanceProfile",
    }


def test_the_controller_s_rights_end_at_its_region() -> None:
    for each in statements(render_policy()):
        for arn in each["Resource"]:
            assert arn == "*" or arn.split(":")[3] in ("us-east-1", "")
        if any(action.startswith("ec2:Describe") for action in each["Action"]):
            assert each["Condition"]["StringEquals"] == {"aws:RequestedRegion": "us-east-1"}


def test_no_action_is_a_wildcard_and_only_reading_is_allowed_on_everything() -> None:
    for action, resources in granted(render_policy()).items():
        assert "*" not in action
        if "*" in resources:
            assert action.split(":")[1].startswith(("Describe", "Get", "List"))


def test_the_controller_s_policy_fits_into_a_role() -> None:
    # IAM: inline policies of a role, 10,240 characters without white space.
    assert len("".join(render_policy("c" * 100).split())) < 10_240


def test_only_those_rules_may_tell_of_interruptions_and_nobody_in_the_clear() -> None:
    sends, denies = statements(render_queue_policy("arn:aws:sqs:us-east-1:0:q", ["arn:aws:events:us-east-1:0:rule/r"]))
    assert sends["Principal"] == {"Service": "events.amazonaws.com"}
    assert sends["Condition"] == {"ArnEquals": {"aws:SourceArn": ["arn:aws:events:us-east-1:0:rule/r"]}}
    assert (denies["Effect"], denies["Condition"]) == ("Deny", {"Bool": {"aws:SecureTransport": "false"}})


def test_every_kind_of_interruption_reaches_an_encrypted_queue(whole: Recording) -> None:
    queue = whole.one("aws:sqs/queue:Queue")
    assert queue.plain["sqsManagedSseEnabled"] is True
    assert queue.plain["name"] == f"{CLUSTER}-karpenter"
    policy = whole.one("aws:sqs/queuePolicy:QueuePolicy")
    targets = whole.all("aws:cloudwatch/eventTarget:EventTarget")
    kinds = {
        json.loads(rule.plain["eventPattern"])["detail-type"][0]
        for rule in whole.all("aws:cloudwatch/eventRule:EventRule")
    }
    assert kinds == {
        "AWS Health Event",
        "EC2 Capacity Reservation Instance Interruption Warning",
        "EC2 Instance Rebalance Recommendation",
        "EC2 Instance State-change Notification",
        "EC2 Spot Instance Interruption Warning",
    }
    assert len(targets) == len(kinds)
    for target in targets:
        assert target.plain["arn"] == queue.outputs["arn"]  # type: ignore[index]
        assert policy.urn in target.dependencies


def test_the_queue_is_told_to_the_controller_once_events_reach_it(whole: Recording) -> None:
    controller = whole.one(RELEASE, "karpenter")
    assert controller.plain["values"]["settings"]["interruptionQueue"] == f"{CLUSTER}-karpenter"
    for target in whole.all("aws:cloudwatch/eventTarget:EventTarget"):
        assert whole.waits_for(controller, target)


def test_karpenter_s_nodes_have_a_role_of_their_own_that_may_join(whole: Recording) -> None:
    entry = whole.one("aws:eks/accessEntry:AccessEntry", "access-node")
    role = whole.one("aws:iam/role:Role", "access-node")
    assert (entry.plain["type"], entry.plain["principalArn"]) == ("EC2_LINUX", role.outputs["arn"])  # type: ignore[index]
    profile = whole.one("aws:iam/instanceProfile:InstanceProfile")
    node_class = whole.one(NODE_CLASS, "elastic-cpu-class")
    assert node_class.plain["spec"]["instanceProfile"] == profile.plain["name"]
    for attachment in whole.all("aws:iam/rolePolicyAttachment:RolePolicyAttachment"):
        if attachment.name.startswith("access-node"):
            assert whole.waits_for(node_class, attachment)


def test_the_controller_s_rights_are_those_of_its_service_account(whole: Recording) -> None:
    association = whole.one("aws:eks/podIdentityAssociation:PodIdentityAssociation").plain
    assert (association["namespace"], association["serviceAccount"]) == (
        KARPENTER_NAMESPACE,
        KARPENTER_SERVICE_ACCOUNT,
    )
    release = whole.one(RELEASE, "karpenter").plain
    assert release["namespace"] == KARPENTER_NAMESPACE
    assert release["values"]["serviceAccount"]["name"] == KARPENTER_SERVICE_ACCOUNT


def test_a_first_preview_shows_the_whole_policy() -> None:
    recording = elastic(preview=True)
    policy = recording.one("aws:iam/rolePolicy:RolePolicy").plain["policy"]
    assert policy is not UNKNOWN
    assert policy == render_policy()


def test_the_names_and_parents_of_the_children_are_a_contract(whole: Recording) -> None:
    names = {each.urn: each.name for each in whole.registrations}
    mine = ("KarpenterAccess", "ElasticNodes", "PodIdentity")

    def belongs(each: Registration) -> bool:
        return bool(each.parent) and whole.by_urn(each.parent).type in {f"tandem:index:{name}" for name in mine}

    events = ("spot-interruption", "rebalance", "state-change", "scheduled-change", "reservation-interruption")
    policies = ("AmazonEKSWorkerNodePolicy", "AmazonEC2ContainerRegistryPullOnly", "AmazonSSMManagedInstanceCore")
    zones = ("us-east-1a", "us-east-1b", "us-east-1c")
    assert sorted(
        f"{each.type.split(':')[-1]} {each.name} < {names[each.parent]}"
        for each in whole.registrations
        if belongs(each)
    ) == sorted(
        [
            "Role access-node < access",
            *(f"RolePolicyAttachment access-node-{policy} < access" for policy in policies),
            "InstanceProfile access-node < access",
            "AccessEntry access-node < access",
            "Queue access-interruptions < access",
            "QueuePolicy access-interruptions < access",
            *(f"EventRule access-{event} < access" for event in events),
            *(f"EventTarget access-{event} < access" for event in events),
            "PodIdentity access-controller < access",
            "Role access-controller < access-controller",
            "RolePolicy access-controller < access-controller",
            "PodIdentityAssociation access-controller < access-controller",
            "EC2NodeClass elastic-cpu-class < elastic",
            "EC2NodeClass elastic-gpu-class < elastic",
            "NodePool elastic-cpu < elastic",
            *(f"NodePool elastic-gpu-{zone} < elastic" for zone in zones),
        ]
    )
    assert whole.unregistered_components() == []


def values(**changes: Any) -> dict[str, Any]:
    arguments: dict[str, Any] = {
        "release_name": "karpenter",
        "cluster_name": CLUSTER,
        "cluster_endpoint": "https://example",
        "interruption_queue": "queue",
        "replicas": 2,
    }
    return render_karpenter(**{**arguments, **changes})


def test_the_controller_lives_on_nodes_that_it_does_not_make_and_resolves_without_them() -> None:
    assert values()["nodeSelector"] == {POOL_LABEL: "system"}
    assert "affinity" not in values()
    assert values()["dnsPolicy"] == "Default"


def test_the_controller_starts_no_node_in_a_zone_that_is_being_left() -> None:
    assert values()["settings"]["enableZonalShift"] is True
    statement = next(
        each for each in statements(render_policy()) if "arc-zonal-shift:GetManagedResource" in each["Action"]
    )
    assert statement["Condition"]["StringEquals"] == {
        "arc-zonal-shift:ResourceIdentifier": f"arn:aws:eks:us-east-1:{ACCOUNT}:cluster/{CLUSTER}"
    }


def test_a_failed_node_is_replaced() -> None:
    assert values()["settings"]["featureGates"] == {"nodeRepair": True}


def test_a_single_controller_is_refused() -> None:
    arguments: Callable[[], Any] = lambda: Karpenter(  # noqa: E731
        "karpenter",
        {"cluster_name": "c", "cluster_endpoint": "https://e", "interruption_queue": "q", "replicas": 1},
    )
    with pytest.raises(ValueError, match="replicas: got 1, must be at least 2"):
        record(arguments)
