"""The cluster comes up, survives a zone, and can be taken down."""

import json
from typing import Any

import pytest

from components.iam import allow, document
from components.keys import EncryptionKey
from components.kubernetes import (
    AddOns,
    AmiFamily,
    Cluster,
    ClusterArgs,
    NodePool,
    NodePoolArgs,
    PodIdentity,
    needs_device_plugin,
)
from components.kubernetes._kubeconfig import render_kubeconfig
from components.kubernetes.add_ons import render_dns_configuration
from components.network.zonal_autoshift import ZonalAutoshift, ZonalAutoshiftArgs
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


def pool(zones: int = 3, **changes: Any) -> Recording:
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
            "subnet_ids": list(subnets)[:zones],
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
    for name in ("add-ons-coredns", "add-ons-ebs", "add-ons-snapshots"):
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


def test_a_floor_that_is_raised_raises_the_number_of_nodes_too() -> None:
    group = pool().one("aws:eks/nodeGroup:NodeGroup")
    assert group.plain["scalingConfig"]["desiredSize"] == group.plain["scalingConfig"]["minSize"]
    assert group.ignore_changes == []


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


def test_logs_may_have_a_key_of_their_own() -> None:
    def program() -> None:
        logs = EncryptionKey("logs", {"description": "Logs", "alias": "logs", "account_id": "000000000000"})
        make_cluster(log_key_arn=logs.arn)

    recording = record(program)
    own = recording.one("aws:kms/key:Key", "logs").urn
    assert recording.one("aws:cloudwatch/logGroup:LogGroup").property_dependencies["kmsKeyId"] == [own]
    assert own not in recording.one("aws:eks/cluster:Cluster").property_dependencies["encryptionConfig"]


def test_a_version_is_upgraded_when_its_support_ends_unless_more_is_paid_for() -> None:
    def policy(recording: Recording) -> Any:
        return recording.one("aws:eks/cluster:Cluster").plain["upgradePolicy"]["supportType"]

    assert (policy(cluster()), policy(cluster(support_type="EXTENDED"))) == ("STANDARD", "EXTENDED")
    with pytest.raises(ValueError, match="support_type: got 'FOREVER', must be one of STANDARD, EXTENDED"):
        cluster(support_type="FOREVER")


def test_network_policies_are_enforced() -> None:
    configuration = cluster().one("aws:eks/addon:Addon", "cluster-vpc-cni").plain["configurationValues"]
    assert json.loads(configuration) == {"enableNetworkPolicy": "true"}


VERSIONS = {"vpc-cni": "v1.20.4-eksbuild.2", "coredns": "v1.12.1-eksbuild.2"}


def test_an_add_on_has_the_version_that_is_pinned_for_it_in_either_phase() -> None:
    first = cluster(add_on_versions=VERSIONS)
    last = record(lambda: AddOns("add-ons", {"cluster_name": make_cluster().name, "add_on_versions": VERSIONS}))
    pinned = {
        each.plain["addonName"]: each.plain.get("addonVersion")
        for recording, parent in ((first, "cluster"), (last, "add-ons"))
        for each in recording.all("aws:eks/addon:Addon")
        if each.name.startswith(parent)
    }
    assert pinned == {
        **VERSIONS,
        "kube-proxy": None,
        "eks-pod-identity-agent": None,
        "aws-ebs-csi-driver": None,
        "snapshot-controller": None,
        "eks-node-monitoring-agent": None,
    }


@pytest.mark.parametrize(
    ("versions", "message"),
    [
        ({"core-dns": "v1.12.1-eksbuild.2"}, "got 'core-dns', must be one of vpc-cni, kube-proxy"),
        ({"coredns": "latest"}, "got 'latest' for coredns, must be a version as EKS writes it"),
    ],
)
def test_a_version_that_eks_would_not_know_is_refused(versions: dict[str, str], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        cluster(add_on_versions=versions)
    with pytest.raises(ValueError, match=message):
        record(lambda: AddOns("add-ons", {"cluster_name": "c", "add_on_versions": versions}))


@pytest.mark.parametrize(
    ("family", "gpu", "image"),
    [
        (AmiFamily.AL2023, False, "AL2023_x86_64_STANDARD"),
        (AmiFamily.AL2023, True, "AL2023_x86_64_NVIDIA"),
        (AmiFamily.BOTTLEROCKET, False, "BOTTLEROCKET_x86_64"),
        (AmiFamily.BOTTLEROCKET, True, "BOTTLEROCKET_x86_64_NVIDIA"),
    ],
)
def test_nodes_run_the_system_that_was_chosen(family: AmiFamily, gpu: bool, image: str) -> None:
    assert pool(ami_family=family, gpu=gpu).one("aws:eks/nodeGroup:NodeGroup").plain["amiType"] == image


def test_only_an_image_without_a_plugin_of_its_own_needs_one() -> None:
    assert needs_device_plugin(AmiFamily.AL2023)
    assert not needs_device_plugin(AmiFamily.BOTTLEROCKET)


def test_container_images_lie_on_the_large_disk_and_every_disk_is_encrypted() -> None:
    def disks(family: AmiFamily) -> dict[str, int]:
        found = pool(ami_family=family, disk_gib=150).one("aws:ec2/launchTemplate:LaunchTemplate").plain
        mappings = found["blockDeviceMappings"]
        assert all(each["ebs"]["encrypted"] == "true" and each["ebs"]["kmsKeyId"] for each in mappings)
        return {each["deviceName"]: each["ebs"]["volumeSize"] for each in mappings}

    assert disks(AmiFamily.AL2023) == {"/dev/xvda": 150}
    assert disks(AmiFamily.BOTTLEROCKET) == {"/dev/xvda": 4, "/dev/xvdb": 150}
    with pytest.raises(ValueError, match="disk_gib: got 10, must be at least 20"):
        pool(disk_gib=10)


RESERVATION = "cr-0123456789abcdef0"


def test_reserved_nodes_live_in_the_reservation_or_not_at_all() -> None:
    reserved = pool(zones=1, capacity_reservation_id=RESERVATION).one("aws:ec2/launchTemplate:LaunchTemplate").plain
    assert reserved["capacityReservationSpecification"] == {
        "capacityReservationPreference": "capacity-reservations-only",
        "capacityReservationTarget": {"capacityReservationId": RESERVATION},
    }
    others = pool(zones=1).one("aws:ec2/launchTemplate:LaunchTemplate").plain
    assert "capacityReservationSpecification" not in others


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        (
            {"zones": 3},
            "capacity_reservation_id: got 'cr-0123456789abcdef0' for 3 subnets, but a reservation is of one zone",
        ),
        ({"capacity_reservation_id": "my-gpus"}, "capacity_reservation_id: got 'my-gpus', must be the id"),
        ({"instance_types": ["g6.2xlarge", "g6.4xlarge"]}, "got g6.2xlarge, g6.4xlarge, but the reservation"),
    ],
)
def test_a_reservation_that_cannot_hold_the_pool_is_refused(changes: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        pool(**{"zones": 1, "capacity_reservation_id": RESERVATION, **changes})


def test_a_pool_tells_alarms_its_group_and_its_floor() -> None:
    made: list[NodePool] = []
    names: list[str] = []

    def program() -> None:
        network, key = ground.network(), ground.key()
        control = Cluster(
            "cluster",
            {
                "cluster_name": "tandem-us-east-1",
                "version": "1.33",
                "subnet_ids": list(network.private_subnet_ids),
                "key_arn": key.arn,
                "admin_role_arns": [ADMIN],
            },
        )
        made.append(
            NodePool(
                "pool",
                {
                    "cluster_name": control.name,
                    "role_arn": control.node_role_arn,
                    "subnet_ids": list(network.private_subnet_ids),
                    "instance_types": ["m7i.xlarge"],
                    "floor_per_zone": 2,
                    "max_per_zone": 3,
                    "key_arn": key.arn,
                },
            )
        )
        made[0].autoscaling_group_name.apply(names.append)

    group = record(program).one("aws:eks/nodeGroup:NodeGroup")
    assert made[0].floor == 6
    assert names == [group.outputs["resources"][0]["autoscalingGroups"][0]["name"]]  # type: ignore[index]


ALARM = "arn:aws:cloudwatch:us-east-1:000000000000:alarm:serving"


def autoshift(**changes: Any) -> Any:
    def program() -> None:
        args: ZonalAutoshiftArgs = {
            "resource_arn": make_cluster().arn,
            "outcome_alarm_arn": ALARM,
            "region": "us-east-1",
            **changes,  # type: ignore[typeddict-item]
        }
        ZonalAutoshift("autoshift", args)

    found = record(program).one("aws:arczonalshift/zonalAutoshiftConfiguration:ZonalAutoshiftConfiguration")
    assert found.plain["region"] == "us-east-1"
    return found.plain


def test_aws_may_leave_a_failing_zone_and_rehearses_it_until_the_alarm_fires() -> None:
    plain = autoshift()
    assert plain["zonalAutoshiftStatus"] == "ENABLED"
    assert plain["resourceArn"].endswith(":cluster/tandem-us-east-1")
    assert plain["outcomeAlarms"] == [{"alarmIdentifier": ALARM, "type": "CLOUDWATCH"}]
    assert not {"blockingAlarms", "blockedWindows", "allowedWindows", "blockedDates"} & set(plain)


def test_rehearsals_keep_to_their_times_and_away_from_another_incident() -> None:
    other = f"{ALARM}-incident"
    plain = autoshift(
        blocking_alarm_arn=other, blocked_windows=["Mon:08:00-Fri:18:00"], blocked_dates=["2026-12-24"]
    )  # fmt: skip
    assert plain["blockingAlarms"] == [{"alarmIdentifier": other, "type": "CLOUDWATCH"}]
    assert (plain["blockedWindows"], plain["blockedDates"]) == (["Mon:08:00-Fri:18:00"], ["2026-12-24"])
    assert autoshift(allowed_windows=["Tue:02:00-Tue:04:00"])["allowedWindows"] == ["Tue:02:00-Tue:04:00"]


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        (
            {"blocked_windows": ["Mon:08:00-Mon:18:00"], "allowed_windows": ["Tue:08:00-Tue:18:00"]},
            "blocked_windows and allowed_windows: exclude each other",
        ),
        ({"blocked_windows": ["Monday 8-18"]}, "blocked_windows: got 'Monday 8-18', must be such as"),
        ({"allowed_windows": ["Mon:08:00-Mon:24:00"]}, "allowed_windows: got 'Mon:08:00-Mon:24:00'"),
        ({"blocked_dates": ["24.12.2026"]}, "blocked_dates: got '24.12.2026', must be such as '2026-12-24'"),
        ({"blocked_dates": ["2026-12-24"] * 16}, "blocked_dates: got 16, must be at most 15"),
    ],
)
def test_times_that_arc_would_not_take_are_refused(changes: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        autoshift(**changes)
