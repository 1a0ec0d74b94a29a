"""Disks are encrypted, lie where their pod is, and grow."""

from typing import Any

import pytest

from components.kubernetes.storage_class import StorageClass
from tests.house import ground
from tests.house.recorder import Recording, Registration, record

KIND = "kubernetes:storage.k8s.io/v1:StorageClass"


def made(*, preview: bool = False, **changes: Any) -> Recording:
    def program() -> None:
        StorageClass("disks", {"class_name": "encrypted", "key_arn": ground.key().arn, **changes})  # type: ignore[typeddict-item]

    return record(program, preview=preview)


def one(recording: Recording) -> Registration:
    return recording.one(KIND, "disks")


def test_a_disk_is_made_in_the_zone_of_its_pod_and_may_grow() -> None:
    plain = one(made()).plain
    assert plain["provisioner"] == "ebs.csi.aws.com"
    assert plain["volumeBindingMode"] == "WaitForFirstConsumer"
    assert plain["allowVolumeExpansion"] is True
    assert plain["parameters"]["type"] == "gp3"


def test_disks_are_encrypted_with_the_region_s_key() -> None:
    recording = made()
    parameters = one(recording).plain["parameters"]
    key = recording.one("aws:kms/key:Key")
    assert parameters["encrypted"] == "true"
    assert key.outputs is not None
    assert parameters["kmsKeyId"] == key.outputs["arn"]


@pytest.mark.parametrize(("retain", "policy"), [(None, "Delete"), (False, "Delete"), (True, "Retain")])
def test_a_disk_outlives_its_claim_only_where_told(retain: bool | None, policy: str) -> None:
    changes = {} if retain is None else {"retain": retain}
    assert one(made(**changes)).plain["reclaimPolicy"] == policy


@pytest.mark.parametrize(("default", "shown"), [(False, "false"), (True, "true")])
def test_it_is_the_cluster_s_default_only_where_told(default: bool, shown: str) -> None:
    metadata = one(made(default=default)).plain["metadata"]
    assert metadata["name"] == "encrypted"
    assert metadata["annotations"] == {"storageclass.kubernetes.io/is-default-class": shown}


def test_a_preview_tells_the_class_and_a_component_its_outputs() -> None:
    recording = made(preview=True)
    assert one(recording).plain["volumeBindingMode"] == "WaitForFirstConsumer"
    assert recording.unregistered_components() == []
    assert made().one("tandem:index:StorageClass").outputs == {"className": "encrypted"}


@pytest.mark.parametrize("name", ["", "Encrypted", "-disk", "a b"])
def test_a_name_that_kubernetes_refuses_is_refused(name: str) -> None:
    with pytest.raises(ValueError, match=r"class_name: got .*, must be small letters"):
        made(class_name=name)
