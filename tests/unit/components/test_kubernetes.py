"""The cluster comes up, survives a zone, and can be taken down."""

import json
from typing import Any

import pytest

from components.iam import allow, document
from components.kubernetes import AddOns, Cluster, ClusterArgs, NodePool, NodePoolArgs, PodIdentity
from components.kubernetes._kubeconfig import render_kubeconfig
from components.kubernetes.add_ons import render_dns_configuration
from tests.house import ground
from tests.house.recorder import Recording, record

ADMIN = "arn:aws:iam::000000000000:role/platform-admin"


def make_cluster(**changes: Any) -> Cluster:
    args: ClusterArgs = {
        "cluster_name": "tandem-us-east-1",
        "version": "1.33",
        "subnet_ids": list(ground.network().private_subnet_ids),
        "key_arn": ground.key().arn,
        "admin_role_arns": [ADMIN],
        "region": "us-east-1",
        **changes,  # type: ignore[typeddict-item]
    }
    return Cluster("cluster", args)


def cluster(**changes: Any) -> Recording:
    return record(lambda: make_cluster(**changes))


def test_the_api_server_is_private_unless_networks_are_named() -> None:
    private = cluster().one("aws:eks/cluster:Cluster").plain["vpcConfig"]
    assert (private["endpointPrivateAccess"], private["endpointPublicAccess"]) == (True, False)
    public = cluster(public_access_cidrs=["198.51.100.0/24"]).one("aws:eks/cluster:Cluster").plain["vpcConfig"]
    assert (public["endpointPublicAccess"], public["publicAccessCidrs"]) == (True, ["198.51.100.0/24"])


def test_the_control_plane_is_encrypted_logged_and_shiftable() -> None:
    recording = cluster(log_retention_days=30)
    registered = recording.one("aws:eks/cluster:Cluster")
    props = registered.plain
    assert registered.property_dependencies["encryptionConfig"] == [recording.one("aws:kms/key:Key").urn]
    assert len(props["enabledClusterLogTypes"]) == 5
    assert props["zonalShiftConfig"]["enabled"] is True
    assert props["accessConfig"] == {
        "authenticationMode": "API",
        "bootstrapClusterCreatorAdminPermissions": False,
    }
    logs = recording.one("aws:cloudwatch/logGroup:LogGroup")
    assert logs.plain["name"] == "/aws/eks/tandem-us-east-1/cluster"
    assert logs.plain["retentionInDays"] == 30


def test_the_log_group_is_there_before_the_cluster_makes_its_own() -> None:
    recording = cluster()
    assert (
        recording.one("aws:cloudwatch/logGroup:LogGroup").urn in recording.one("aws:eks/cluster:Cluster").dependencies
    )


def test_a_cluster_that_nobody_may_use_is_refused() -> None:
    with pytest.raises(ValueError, match="admin_role_arns: is empty"):
        cluster(admin_role_arns=[])


@pytest.mark.parametrize("protected", [True, False])
def test_the_cluster_is_protected_twice_or_not_at_all(protected: bool) -> None:
    registered = cluster(protected=protected).one("aws:eks/cluster:Cluster")
    assert registered.protect is protected
    assert registered.plain["deletionProtection"] is protected


def pool(**changes: Any) -> Recording:
    def program() -> None:
        network, key = ground.network(), ground.key()
        subnets, made = list(network.private_subnet_ids), key.arn
        control = Cluster(
            "cluster",
            {
                "cluster_name": "tandem-us-east-1",
                "version": "1.33",
                "subnet_ids": list(subnets),
                "key_arn": made,
                "admin_role_arns": [ADMIN],
            },
        )
        args: NodePoolArgs = {
            "cluster_name": control.name_with_first_add_ons,
            "role_arn": control.node_role_arn,
            "subnet_ids": list(subnets),
            "instance_types": ["m7i.xlarge"],
            "floor_per_zone": 1,
            "max_per_zone": 3,
            "key_arn": made,
            **changes,  # type: ignore[typeddict-item]
        }
        AddOns("add-ons", {"cluster_name": NodePool("pool", args).cluster_name})

    return record(program)


def test_nodes_come_after_the_add_ons_they_need_and_before_those_that_need_them() -> None:
    recording = pool()
    nodes = recording.one("aws:eks/nodeGroup:NodeGroup")
    needed = {recording.by_urn(urn).name for urn in nodes.property_dependencies["clusterName"]}
    assert needed >= {"cluster-vpc-cni", "cluster-kube-proxy", "cluster-eks-pod-identity-agent"}
    for name in ("add-ons-coredns", "add-ons-ebs"):
        assert nodes.urn in recording.one("aws:eks/addon:Addon", name).property_dependencies["clusterName"]


def test_the_right_of_an_add_on_comes_before_it_and_goes_after_it() -> None:
    recording = pool()
    for add_on, right in (("cluster-vpc-cni", "cluster-cni"), ("add-ons-ebs", "add-ons-ebs")):
        attachment = recording.one("aws:iam/rolePolicyAttachment:RolePolicyAttachment", right)
        assert attachment.urn in recording.one("aws:eks/addon:Addon", add_on).dependencies


def test_nodes_are_repaired_and_updated_one_at_a_time() -> None:
    props = pool().one("aws:eks/nodeGroup:NodeGroup").plain
    assert (props["nodeRepairConfig"], props["updateConfig"]) == ({"enabled": True}, {"maxUnavailable": 1})


def test_a_pool_has_its_floor_in_every_zone_and_room_for_a_lost_one() -> None:
    scaling = pool().one("aws:eks/nodeGroup:NodeGroup").plain["scalingConfig"]
    assert (scaling["minSize"], scaling["desiredSize"], scaling["maxSize"]) == (3, 3, 9)


def test_a_number_of_nodes_scaled_by_others_is_left_alone() -> None:
    assert pool().one("aws:eks/nodeGroup:NodeGroup").ignore_changes == ["scalingConfig.desiredSize"]


def test_gpu_nodes_have_the_driver_and_keep_other_pods_away() -> None:
    plain, gpu = (pool(gpu=gpu).one("aws:eks/nodeGroup:NodeGroup").plain for gpu in (False, True))
    assert gpu["amiType"] == "AL2023_x86_64_NVIDIA"
    assert gpu["taints"] == [{"key": "nvidia.com/gpu", "value": "true", "effect": "NO_SCHEDULE"}]
    assert "taints" not in plain


def test_pods_cannot_borrow_the_node_s_rights() -> None:
    options = pool().one("aws:ec2/launchTemplate:LaunchTemplate").plain["metadataOptions"]
    assert (options["httpTokens"], options["httpPutResponseHopLimit"]) == ("required", 1)


def test_a_pool_without_room_registers_nothing() -> None:
    with pytest.raises(ValueError, match="max_per_zone: got 1, must be at least 2"):
        pool(max_per_zone=1)


def test_rights_are_for_one_service_account_and_come_before_its_pods() -> None:
    def program() -> None:
        policy = document([allow(["s3:ListBucket"], ["arn:aws:s3:::tandem"])])
        of = make_cluster().name
        PodIdentity("flows", {"cluster_name": of, "namespace": "prefect", "service_account": "flows", "policy": policy})

    recording = record(program)
    association = recording.one("aws:eks/podIdentityAssociation:PodIdentityAssociation")
    assert (association.plain["namespace"], association.plain["serviceAccount"]) == ("prefect", "flows")
    assert recording.one("aws:iam/rolePolicy:RolePolicy").urn in association.dependencies
    trust = json.loads(recording.one("aws:iam/role:Role", "flows").plain["assumeRolePolicy"])["Statement"][0]
    assert trust["Principal"] == {"Service": "pods.eks.amazonaws.com"}


def test_the_kubeconfig_names_the_region_and_holds_no_token() -> None:
    config = json.loads(render_kubeconfig("tandem-us-west-2", "https://example", "Q0E=", "us-west-2"))
    arguments = config["users"][0]["user"]["exec"]["args"]
    assert arguments[arguments.index("--region") + 1] == "us-west-2"
    assert "token" not in config["users"][0]["user"]
    assert config["clusters"][0]["cluster"]["certificate-authority-data"] == "Q0E="


def test_name_resolution_is_spread_over_zones() -> None:
    values = json.loads(render_dns_configuration(3))
    assert values["replicaCount"] == 3
    assert values["topologySpreadConstraints"][0]["topologyKey"] == "topology.kubernetes.io/zone"


def test_a_single_resolver_is_refused() -> None:
    with pytest.raises(ValueError, match="dns_replicas: got 1, must be at least 2"):
        record(lambda: AddOns("add-ons", {"cluster_name": "c", "dns_replicas": 1}))
