"""Backups of a cluster's objects and volumes, kept in S3 and readable in the other region."""

import json
import re
from collections.abc import Mapping
from typing import Any, NotRequired, TypedDict

import pulumi
import pulumi_kubernetes as k8s

from components._pod_security import POD_SECURITY, READ_ONLY
from components._scheduling import node_loss_tolerations, resources
from components.charts import VELERO
from components.helm._budget import disruption_budget
from components.helm._release import release
from components.iam import allow, document
from components.kubernetes import GPU_TAINT, Priority
from components.kubernetes.admission import SINGLETON

VELERO_SERVICE_ACCOUNT = "velero"
"""Service account of the server, its node agents and the pods that move data: one association for them all."""

OWN_LOCATION = "own-region"
"""Backup location that this region writes."""

OTHER_LOCATION = "other-region"
"""Backup location with the other region's backups, which this region only reads."""

METRICS_PORT = 8085

AWS_PLUGIN = "velero/velero-plugin-for-aws:v1.14.2"
"""Of the line that belongs to Velero 1.18 (velero-plugin-for-aws, "Compatibility", read 2026-11)."""

STOP_SECONDS = 120
"""Time to stop. The chart's 3600 would keep the next server from starting: the old one must be gone first."""

NODE_AGENT_CONFIG = "node-agent"
"""Config map of the node agents; the chart puts the release's name before it."""

_PREFIX = re.compile(r"[a-zA-Z0-9._-]+(/[a-zA-Z0-9._-]+)*")
_SCHEDULE_NAME = re.compile(r"[a-z0-9]([-a-z0-9]{0,40}[a-z0-9])?")
_CRON_FIELD = re.compile(r"[0-9*/,-]+")


class BackupSchedule(TypedDict):
    """What is backed up, and when."""

    cron: str
    """Five fields, in UTC, such as ``0 */6 * * *``: an hour's distance is an hour that can be lost."""
    ttl_days: int
    """Days that each backup is kept, at least 1."""
    namespaces: list[str]
    """Namespaces, with the volumes in them."""


class VeleroArgs(TypedDict):
    """Inputs of Velero."""

    namespace: pulumi.Input[str]
    """Existing namespace, of its own: whoever may write here may restore anything."""
    region: str
    """Region of the cluster and of both buckets."""
    bucket: pulumi.Input[str]
    """Bucket that this region's backups go to."""
    prefix: str
    """Folder for them, without a slash at the ends. Velero must be alone in it: it refuses a location in which it finds
    folders of others."""
    key_arn: pulumi.Input[str]
    """This region's key, with which the bucket encrypts by default."""
    other_bucket: NotRequired[pulumi.Input[str]]
    """Bucket in this region that the other region's backups are replicated into. Default: none are read."""
    other_prefix: NotRequired[str]
    """Folder of theirs: the prefix that the other region writes to."""
    schedules: Mapping[str, BackupSchedule]
    """Backups by name: letters, digits and hyphens."""


class Velero(pulumi.ComponentResource):
    """Velero, which backs up objects to S3 and moves the contents of volumes there.

    A singleton by design: the chart has no replicas and the server elects no leader. It replaces itself by Recreate,
    leaves a lost node after 30 s, and is wanted only when a backup or a restore is due. A backup that its server left
    in the middle is marked failed; the schedule makes the next. Its disruption budget lets it go. Losing a zone loses
    backups and restores in progress there, and no finished backup.

    An EBS snapshot stays in its region (velero#4799). So the EBS driver takes one, a data mover pod reads it into the
    bucket, and the snapshot is gone again; what S3 replicates is all of it. Velero therefore has no right to EC2.
    Replication is neither instant nor in order: a backup can be restored in the other region once its last object has
    come, some minutes after it has completed.

    Keys: objects of backups name ``key_arn``; the data mover names none, so the bucket must encrypt with the same key
    by default. S3 takes a multi-region key for one of its own region: replication decrypts here and encrypts with the
    other region's key there, and a restore there uses that alone, with this region dark. Restored volumes have the key
    of that region's storage class of the same name. The data mover's own encryption uses Velero's well-known password,
    the same in every cluster: KMS keeps the secret.

    Before it: the snapshot controller with its definitions (EKS add-on ``snapshot-controller``), and those of monitors.
    Restore on the bad day: ``velero restore create --from-backup <name>``, of what ``velero backup get`` shows of
    OTHER_LOCATION.

    Ports: Prometheus to METRICS_PORT; the pods of this namespace reach the API server, S3 and STS.
    Rights: ``velero_policy`` for VELERO_SERVICE_ACCOUNT; Kubernetes: cluster administrator, as a restore must be.
    Node agents run as root but see no folder of their node; data mover pods run as root to read all files of a volume.

    Cost when idle: a pod, an agent a node, stored bytes twice. State: in the buckets. Regions: one cluster's.
    """

    release: k8s.helm.v3.Release
    """To depend on."""

    def __init__(self, name: str, args: VeleroArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        other_prefix = args.get("other_prefix")
        if ("other_bucket" in args) != (other_prefix is not None):
            raise ValueError("other_bucket and other_prefix: give both, or neither")
        plan_prefixes(args["prefix"], other_prefix)
        plan_schedules(args["schedules"])
        super().__init__("tandem:index:Velero", name, {}, opts)
        self.release = release(
            name,
            VELERO,
            namespace=args["namespace"],
            values=render_velero(
                release_name=name,
                region=args["region"],
                bucket=args["bucket"],
                prefix=args["prefix"],
                key_arn=args["key_arn"],
                other_bucket=args.get("other_bucket"),
                other_prefix=other_prefix,
                schedules=args["schedules"],
            ),
            parent=self,
        )
        disruption_budget(f"{name}-server", namespace=args["namespace"], labels=server_labels(name), parent=self)
        self.register_outputs({})


def server_labels(release_name: str) -> dict[str, str]:
    """Labels that the server's pod has and no other, the node agents' among them."""
    return {"app.kubernetes.io/instance": release_name, "name": "velero"}


def plan_prefixes(prefix: str, other_prefix: str | None) -> None:
    """Check the folders.

    Raises:
        ValueError: If Velero would refuse the location, or take one region's backups for the other's.
    """
    for field, value in (("prefix", prefix), ("other_prefix", other_prefix)):
        if value is not None and not _PREFIX.fullmatch(value):
            raise ValueError(
                f"{field}: got {value!r}, must be a folder without a slash at its ends: 'velero/us-east-1'"
            )
    if other_prefix is not None and (
        f"{other_prefix}/".startswith(f"{prefix}/") or f"{prefix}/".startswith(f"{other_prefix}/")
    ):
        raise ValueError(
            f"other_prefix: got {other_prefix!r} with prefix {prefix!r}; neither may hold the other, since replication "
            "keeps names and Velero must be alone in its folder"
        )


def plan_schedules(schedules: Mapping[str, BackupSchedule]) -> None:
    """Check the schedules.

    Raises:
        ValueError: With what is wrong and what to write instead.
    """
    for name, schedule in schedules.items():
        where = f"schedules.{name}"
        if not _SCHEDULE_NAME.fullmatch(name):
            raise ValueError(f"{where}: must be letters, digits and hyphens, at most 42: objects are called by it")
        fields = schedule["cron"].split()
        if len(fields) != 5 or not all(_CRON_FIELD.fullmatch(field) for field in fields):
            raise ValueError(f"{where}.cron: got {schedule['cron']!r}, must be five fields such as '0 */6 * * *'")
        if int(schedule["ttl_days"]) < 1:
            raise ValueError(f"{where}.ttl_days: got {schedule['ttl_days']}, must be at least 1")
        if not schedule["namespaces"]:
            raise ValueError(f"{where}.namespaces: is empty, which Velero takes for all; name them")


def velero_policy(
    *,
    region: str,
    bucket_arn: str,
    prefix: str,
    key_arn: str,
    other_bucket_arn: str | None = None,
    other_prefix: str | None = None,
) -> str:
    """What VELERO_SERVICE_ACCOUNT may do, as JSON text: write its own folder, read the other region's. No EC2."""
    own, listed = f"{bucket_arn}/{prefix}/*", [bucket_arn]
    statements = [
        allow(
            [
                "s3:GetObject",
                "s3:PutObject",
                "s3:DeleteObject",
                "s3:AbortMultipartUpload",
                "s3:ListMultipartUploadParts",
            ],
            [own],
        )
    ]
    if other_bucket_arn is not None and other_prefix is not None:
        statements.append(allow(["s3:GetObject"], [f"{other_bucket_arn}/{other_prefix}/*"]))
        listed = sorted({bucket_arn, other_bucket_arn})
    # Not narrowed to the folder: that the bucket is there is asked without one (HeadBucket).
    statements.append(allow(["s3:ListBucket"], listed))
    statements.append(
        allow(
            ["kms:Decrypt", "kms:GenerateDataKey"],
            [key_arn],
            {"StringEquals": {"kms:ViaService": f"s3.{region}.amazonaws.com"}},
        )
    )
    return document(statements)


def render_velero(
    *,
    release_name: str,
    region: str,
    bucket: pulumi.Input[str],
    prefix: str,
    key_arn: pulumi.Input[str],
    other_bucket: pulumi.Input[str] | None,
    other_prefix: str | None,
    schedules: Mapping[str, BackupSchedule],
) -> dict[str, Any]:
    """Values of the velero chart."""
    locations: list[dict[str, Any]] = [
        {
            "name": OWN_LOCATION,
            "provider": "aws",
            "bucket": bucket,
            "prefix": prefix,
            "default": True,
            "accessMode": "ReadWrite",
            "config": {"region": region, "kmsKeyId": key_arn},
        }
    ]
    if other_bucket is not None:
        locations.append(
            {
                "name": OTHER_LOCATION,
                "provider": "aws",
                "bucket": other_bucket,
                "prefix": other_prefix,
                # Its backups belong to the other region: this one must neither end nor extend their lives.
                "accessMode": "ReadOnly",
                "config": {"region": region},
            }
        )
    # The repository library keeps settings and a cache below its home, which a read-only root has not.
    home = [{"name": "HOME", "value": "/scratch"}]
    return {
        "fullnameOverride": release_name,
        "annotations": {SINGLETON: "elects no leader; replaced by Recreate, wanted only for a backup or a restore"},
        "resources": resources("250m", "512Mi"),
        "upgradeJobResources": resources("50m", "256Mi"),
        "initContainers": [
            {
                "name": "velero-plugin-for-aws",
                "image": AWS_PLUGIN,
                "imagePullPolicy": "IfNotPresent",
                "resources": resources("50m", "64Mi"),
                "securityContext": READ_ONLY,
                "volumeMounts": [{"mountPath": "/target", "name": "plugins"}],
            }
        ],
        "podSecurityContext": {**POD_SECURITY, "runAsUser": 65532, "runAsGroup": 65532, "fsGroup": 65532},
        "containerSecurityContext": READ_ONLY,
        "priorityClassName": Priority.SERVICES.value,
        "tolerations": node_loss_tolerations(),
        "terminationGracePeriodSeconds": STOP_SECONDS,
        "podDisruptionBudget": {"enabled": False},
        "metrics": {
            "enabled": True,
            # Else the chart asks the API server whether monitors are defined, which a preview has none of.
            "serviceMonitor": {"enabled": True, "autodetect": False},
            "nodeAgentPodMonitor": {"enabled": True, "autodetect": False},
        },
        "configuration": {
            "backupStorageLocation": locations,
            "defaultBackupStorageLocation": OWN_LOCATION,
            "features": "EnableCSI",
            "uploaderType": "kopia",
            "defaultSnapshotMoveData": True,
            "extraEnvVars": home,
            "repositoryMaintenanceJob": {
                "repositoryConfigData": {
                    "global": {
                        "keepLatestMaintenanceJobs": 3,
                        "podResources": pod_resources("250m", "512Mi", "2Gi"),
                        "priorityClassName": Priority.RUNS.value,
                    }
                }
            },
        },
        # Native snapshots, which never leave the region and need rights to every volume of the account.
        "snapshotsEnabled": False,
        "credentials": {"useSecret": False},
        "serviceAccount": {"server": {"create": True, "name": VELERO_SERVICE_ACCOUNT}},
        "deployNodeAgent": True,
        "nodeAgent": {
            # Folders of the node are for backups of file systems, of which there are none here.
            "disableHostPath": True,
            "priorityClassName": "system-node-critical",
            "resources": resources("50m", "256Mi"),
            # A volume that binds late is restored on the node of the pod that waits for it, which may be one with GPUs.
            "tolerations": [{"key": GPU_TAINT, "operator": "Exists", "effect": "NoSchedule"}],
            "podSecurityContext": {"runAsUser": 0, "seccompProfile": {"type": "RuntimeDefault"}},
            "containerSecurityContext": {"allowPrivilegeEscalation": False},
            "extraArgs": [f"--node-agent-configmap={release_name}-{NODE_AGENT_CONFIG}"],
            "extraEnvVars": home,
        },
        "configMaps": {
            NODE_AGENT_CONFIG: {
                "data": {
                    "config.json": json.dumps(
                        {
                            "loadConcurrency": {"globalNum": 2},
                            "podResources": pod_resources("500m", "1Gi", "4Gi"),
                            "priorityClassName": Priority.RUNS.value,
                        }
                    )
                }
            }
        },
        "extraObjects": [
            {
                "apiVersion": "snapshot.storage.k8s.io/v1",
                "kind": "VolumeSnapshotClass",
                "metadata": {
                    "name": f"{release_name}-ebs",
                    # By which Velero finds the class of a driver.
                    "labels": {"velero.io/csi-volumesnapshot-class": "true"},
                },
                "driver": "ebs.csi.aws.com",
                "deletionPolicy": "Delete",
            }
        ],
        "schedules": {
            name: {
                "schedule": schedule["cron"],
                # With an owner, deleting a schedule would delete every backup it ever made.
                "useOwnerReferencesInBackup": False,
                "template": {
                    "ttl": f"{int(schedule['ttl_days']) * 24}h0m0s",
                    "storageLocation": OWN_LOCATION,
                    "includedNamespaces": list(schedule["namespaces"]),
                    "snapshotMoveData": True,
                },
            }
            for name, schedule in schedules.items()
        },
    }


def pod_resources(cpu: str, memory: str, memory_limit: str) -> dict[str, str]:
    """Resources of pods that Velero starts by itself; "0" is no limit."""
    return {"cpuRequest": cpu, "cpuLimit": "0", "memoryRequest": memory, "memoryLimit": memory_limit}
