"""Disks of pods."""

import re
from typing import NotRequired, TypedDict

import pulumi
import pulumi_kubernetes as k8s

_NAME = re.compile(r"[a-z0-9]([-a-z0-9.]{0,61}[a-z0-9])?")

DRIVER = "ebs.csi.aws.com"


class StorageClassArgs(TypedDict):
    """Inputs of StorageClass."""

    class_name: str
    """Name that claims ask for; the same in both regions, so that a restored claim finds it."""
    key_arn: pulumi.Input[str]
    """Key of this region, which must let EC2 encrypt disks with it (EncryptionKey with ``disks``)."""
    retain: NotRequired[bool]
    """Keep a volume whose claim is deleted, to be looked after by hand. Default false: it goes with its claim."""
    default: NotRequired[bool]
    """Serve claims that name no class. At most one class of a cluster should. Default false."""


class StorageClass(pulumi.ComponentResource):
    """Encrypted gp3 disks that may grow, each made in the zone of the pod that waits for it.

    A disk lives in one zone: losing the zone, its pod waits until the zone is back, or a backup is restored. What must
    not wait keeps copies in other zones by itself, one disk a replica. A class cannot be changed: another key or
    another ``retain`` makes another class of the same name, and leaves the disks there are as they were.

    Disks are made by the EBS driver (AddOns), under its own rights. Cost when idle: none; disks by the size asked for.
    State: none of its own. Regions: one cluster's.
    """

    class_name: pulumi.Output[str]
    """Name that claims ask for, known once the class is there."""

    def __init__(self, name: str, args: StorageClassArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        class_name = args["class_name"]
        if not _NAME.fullmatch(class_name):
            raise ValueError(f"class_name: got {class_name!r}, must be small letters, digits and hyphens: 'encrypted'")
        is_default = args.get("default", False)
        super().__init__("tandem:index:StorageClass", name, {}, opts)
        made = k8s.storage.v1.StorageClass(
            name,
            metadata=k8s.meta.v1.ObjectMetaArgs(
                name=class_name,
                annotations={"storageclass.kubernetes.io/is-default-class": "true" if is_default else "false"},
            ),
            provisioner=DRIVER,
            parameters={
                "type": "gp3",
                "encrypted": "true",
                "kmsKeyId": args["key_arn"],
                "csi.storage.k8s.io/fstype": "ext4",
            },
            reclaim_policy="Retain" if args.get("retain", False) else "Delete",
            # Immediately bound, a disk may lie in a zone in which its pod finds no room, for ever.
            volume_binding_mode="WaitForFirstConsumer",
            allow_volume_expansion=True,
            # By far the most fields cannot be changed, and two classes of one name cannot stand at once.
            opts=pulumi.ResourceOptions(parent=self, delete_before_replace=True),
        )
        self.class_name = made.metadata.apply(lambda metadata: str(metadata.name))
        self.register_outputs({"className": self.class_name})
