"""Backups leave the region, nobody's disks are in reach, and the other region's backups are only read."""

import json
from typing import Any

import pytest

from components.helm.velero import (
    NODE_AGENT_CONFIG,
    OTHER_LOCATION,
    OWN_LOCATION,
    VELERO_SERVICE_ACCOUNT,
    BackupSchedule,
    Velero,
    render_velero,
    velero_policy,
)
from components.kubernetes import GPU_TAINT
from tests.house import ground
from tests.house.iam import granted
from tests.house.recorder import UNKNOWN, Recording, record

RELEASE = "kubernetes:helm.sh/v3:Release"
KEY = "arn:aws:kms:us-east-1:000000000000:key/mrk-0"
DAILY: BackupSchedule = {"cron": "30 3 * * *", "ttl_days": 30, "namespaces": ["orchestration", "serving"]}


def made(*, preview: bool = False, **changes: Any) -> Recording:
    def program() -> None:
        arguments: Any = {
            "namespace": "velero",
            "region": "us-east-1",
            "bucket": "backups-us-east-1",
            "prefix": "velero/us-east-1",
            "key_arn": ground.key().arn,
            "schedules": {"daily": DAILY},
            **changes,
        }
        Velero("velero", arguments)

    return record(program, preview=preview)


def values(**changes: Any) -> dict[str, Any]:
    arguments: dict[str, Any] = {
        "release_name": "velero",
        "region": "us-east-1",
        "bucket": "backups-us-east-1",
        "prefix": "velero/us-east-1",
        "key_arn": KEY,
        "other_bucket": "backups-us-east-1",
        "other_prefix": "velero/us-west-2",
        "schedules": {"daily": DAILY},
    }
    return render_velero(**{**arguments, **changes})


def test_it_writes_its_own_folder_and_only_reads_the_other_region_s() -> None:
    own, other = values()["configuration"]["backupStorageLocation"]
    assert (own["name"], own["prefix"], own["accessMode"], own["default"]) == (
        OWN_LOCATION,
        "velero/us-east-1",
        "ReadWrite",
        True,
    )
    assert own["config"] == {"region": "us-east-1", "kmsKeyId": KEY}
    assert (other["name"], other["prefix"], other["accessMode"]) == (OTHER_LOCATION, "velero/us-west-2", "ReadOnly")
    assert "default" not in other
    assert other["config"] == {"region": "us-east-1"}


def test_without_another_region_there_is_one_location() -> None:
    locations = values(other_bucket=None, other_prefix=None)["configuration"]["backupStorageLocation"]
    assert [each["name"] for each in locations] == [OWN_LOCATION]


def test_contents_of_volumes_leave_the_region_and_no_native_snapshot_is_made() -> None:
    said = values()
    assert said["snapshotsEnabled"] is False
    assert said["deployNodeAgent"] is True
    configuration = said["configuration"]
    assert configuration["defaultSnapshotMoveData"] is True
    assert configuration["features"] == "EnableCSI"
    (snapshots,) = said["extraObjects"]
    assert snapshots["driver"] == "ebs.csi.aws.com"
    assert snapshots["metadata"]["labels"] == {"velero.io/csi-volumesnapshot-class": "true"}


def test_no_key_of_aws_lies_in_the_cluster() -> None:
    said = values()
    assert said["credentials"] == {"useSecret": False}
    assert said["serviceAccount"] == {"server": {"create": True, "name": VELERO_SERVICE_ACCOUNT}}


def test_node_agents_run_beside_gpus_and_see_no_folder_of_their_node() -> None:
    agent = values()["nodeAgent"]
    assert [each["key"] for each in agent["tolerations"]] == [GPU_TAINT]
    assert agent["disableHostPath"] is True
    assert agent["priorityClassName"] == "system-node-critical"


def test_node_agents_read_the_settings_that_the_chart_names_after_the_release() -> None:
    said = values(release_name="backups")
    assert said["nodeAgent"]["extraArgs"] == ["--node-agent-configmap=backups-node-agent"]
    settings = json.loads(said["configMaps"][NODE_AGENT_CONFIG]["data"]["config.json"])
    assert settings["podResources"]["memoryLimit"] == "4Gi"
    assert settings["priorityClassName"] == "tandem-runs"


def test_the_one_server_is_back_soon_and_keeps_no_node_from_being_drained() -> None:
    said = values()
    assert said["podDisruptionBudget"] == {"enabled": False}
    assert said["annotations"].keys() == {"tandem.dev/singleton"}
    assert said["terminationGracePeriodSeconds"] == 120
    assert {each["tolerationSeconds"] for each in said["tolerations"]} == {30}
    assert said["priorityClassName"] == "tandem-services"


def test_the_plugin_is_of_an_exact_version_and_confined_like_the_server() -> None:
    said = values()
    (plugin,) = said["initContainers"]
    assert plugin["image"] == "velero/velero-plugin-for-aws:v1.14.2"
    assert plugin["securityContext"] == said["containerSecurityContext"]
    assert plugin["securityContext"]["readOnlyRootFilesystem"] is True
    assert said["podSecurityContext"]["runAsNonRoot"] is True
    # With a root that cannot be written, the home must be a folder that can.
    assert said["configuration"]["extraEnvVars"] == [{"name": "HOME", "value": "/scratch"}]


def test_a_schedule_moves_data_and_its_end_does_not_end_its_backups() -> None:
    daily = values()["schedules"]["daily"]
    assert daily["schedule"] == "30 3 * * *"
    assert daily["useOwnerReferencesInBackup"] is False
    assert daily["template"] == {
        "ttl": "720h0m0s",
        "storageLocation": OWN_LOCATION,
        "includedNamespaces": ["orchestration", "serving"],
        "snapshotMoveData": True,
    }


def test_monitors_are_rendered_without_asking_a_cluster() -> None:
    metrics = values()["metrics"]
    assert metrics["serviceMonitor"] == metrics["nodeAgentPodMonitor"] == {"enabled": True, "autodetect": False}


def policy(**changes: Any) -> str:
    arguments: dict[str, Any] = {
        "region": "us-east-1",
        "bucket_arn": "arn:aws:s3:::backups",
        "prefix": "velero/us-east-1",
        "key_arn": KEY,
        "other_bucket_arn": "arn:aws:s3:::backups",
        "other_prefix": "velero/us-west-2",
    }
    return velero_policy(**{**arguments, **changes})


def test_its_rights_are_its_folder_the_other_s_to_read_and_nothing_of_ec2() -> None:
    rights = granted(policy())
    own, other = "arn:aws:s3:::backups/velero/us-east-1/*", "arn:aws:s3:::backups/velero/us-west-2/*"
    assert rights["s3:GetObject"] == {own, other}
    assert rights["s3:PutObject"] == rights["s3:DeleteObject"] == {own}
    assert rights["s3:ListBucket"] == {"arn:aws:s3:::backups"}
    assert {action.partition(":")[0] for action in rights} == {"s3", "kms"}
    assert not any("*" in action for action in rights)


def test_the_key_is_used_through_s3_alone() -> None:
    (use,) = [each for each in json.loads(policy())["Statement"] if "kms:Decrypt" in each["Action"]]
    assert use["Resource"] == [KEY]
    assert use["Condition"] == {"StringEquals": {"kms:ViaService": "s3.us-east-1.amazonaws.com"}}


def test_a_bucket_of_its_own_for_the_other_region_is_listed_and_read_too() -> None:
    rights = granted(policy(other_bucket_arn="arn:aws:s3:::replica"))
    assert rights["s3:ListBucket"] == {"arn:aws:s3:::backups", "arn:aws:s3:::replica"}
    assert "arn:aws:s3:::replica/velero/us-west-2/*" in rights["s3:GetObject"]
    alone = granted(policy(other_bucket_arn=None, other_prefix=None))
    assert alone["s3:GetObject"] == {"arn:aws:s3:::backups/velero/us-east-1/*"}


def test_the_release_is_made_in_its_namespace_and_a_preview_knows_all_but_the_key() -> None:
    recording = made(preview=True, other_bucket="backups-us-east-1", other_prefix="velero/us-west-2")
    registered = recording.one(RELEASE, "velero")
    assert registered.plain["namespace"] == "velero"
    own, other = registered.plain["values"]["configuration"]["backupStorageLocation"]
    assert own["config"]["kmsKeyId"] is UNKNOWN
    assert other["bucket"] == "backups-us-east-1"
    assert recording.unregistered_components() == []


BAD: list[tuple[dict[str, Any], str]] = [
    ({"prefix": "/velero"}, "prefix: got '/velero', must be a folder"),
    ({"prefix": ""}, "prefix: got '', must be a folder"),
    ({"other_bucket": "b"}, "other_bucket and other_prefix: give both"),
    ({"other_prefix": "b"}, "other_bucket and other_prefix: give both"),
    ({"other_bucket": "b", "other_prefix": "b/"}, "other_prefix: got 'b/', must be a folder"),
    ({"other_bucket": "b", "other_prefix": "velero/us-east-1"}, "neither may hold the other"),
    ({"other_bucket": "b", "other_prefix": "velero"}, "neither may hold the other"),
    ({"schedules": {"Daily": DAILY}}, "schedules.Daily: must be letters"),
    ({"schedules": {"daily": {**DAILY, "cron": "@daily"}}}, "schedules.daily.cron: got '@daily', must be five fields"),
    ({"schedules": {"daily": {**DAILY, "cron": "0 3 * *"}}}, "schedules.daily.cron: got '0 3"),
    ({"schedules": {"daily": {**DAILY, "ttl_days": 0}}}, "schedules.daily.ttl_days: got 0, must be at least 1"),
    ({"schedules": {"daily": {**DAILY, "namespaces": []}}}, "schedules.daily.namespaces: is empty"),
]


@pytest.mark.parametrize(("changes", "message"), BAD)
def test_what_would_back_up_nothing_or_too_much_is_refused(changes: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        made(**changes)
