"""Keys, database and buckets lose nothing to a zone, and cannot be deleted by mistake."""

import json
from typing import Any

import pulumi
import pytest

from components.database import Database, DatabaseArgs, GlobalDatabase
from components.keys import EncryptionKey, EncryptionKeyArgs
from components.storage import Bucket, BucketReplication
from tests.house import ground
from tests.house.iam import granted
from tests.house.recorder import Recording, record

KEY = "arn:aws:kms:us-east-1:000000000000:key/mrk-1234abcd12ab34cd56ef1234567890ab"


def place(region: str = "us-east-1") -> dict[str, Any]:
    """Network, key and name of what stands in a region."""
    network = ground.network(region)
    return {
        "vpc_id": network.vpc_id,
        "subnet_ids": list(network.database_subnet_ids),
        "zones": network.zones,
        "client_cidrs": ["10.10.0.0/19"],
        "key_arn": ground.key(region).arn,
        "identifier": f"tandem-{region}",
        "region": region,
    }


CLUSTER, INSTANCE = "aws:rds/cluster:Cluster", "aws:rds/clusterInstance:ClusterInstance"


CREDENTIALS = {"database_name": "prefect", "master_username": "tandem", "master_password": "long-enough"}


def make_shell() -> GlobalDatabase:
    return GlobalDatabase("shell", {"identifier": "tandem", "engine_version": "17.5", "database_name": "prefect"})


def make_database(name: str, member_of: pulumi.Input[str], **changes: Any) -> Database:
    args: DatabaseArgs = {
        "engine_version": "17.5",
        "instance_class": "db.r6g.large",
        "instances": 3,
        "global_cluster_identifier": member_of,
        "backup_retention_days": 14,
        **changes,  # type: ignore[typeddict-item]
    }
    return Database(name, args)


def database(**changes: Any) -> Recording:
    return record(lambda: make_database("database", make_shell().identifier, **{**place(), **CREDENTIALS, **changes}))


def test_writer_and_readers_stand_in_different_zones() -> None:
    instances = database().all(INSTANCE)
    assert sorted(instance.plain["availabilityZone"] for instance in instances) == ground.ZONES
    assert sorted(instance.plain["promotionTier"] for instance in instances) == [0, 1, 2]


def test_a_switchover_or_an_upgrade_of_the_shell_is_not_undone() -> None:
    assert set(database().one(CLUSTER).ignore_changes) >= {
        "replicationSourceIdentifier",
        "globalClusterIdentifier",
        "engineVersion",
        "enableGlobalWriteForwarding",
    }


def test_sessions_can_write_whichever_region_writes() -> None:
    assert database().one(CLUSTER).plain["enableGlobalWriteForwarding"] is True


def test_reading_the_database_s_name_back_does_not_replace_the_global_database() -> None:
    assert "databaseName" in database().one("aws:rds/globalCluster:GlobalCluster").ignore_changes


def test_a_joining_member_brings_no_credentials_of_its_own() -> None:
    def program() -> None:
        shell = make_shell()
        founder = make_database("founder", shell.identifier, **place(), **CREDENTIALS)
        founded = pulumi.Output.all(shell.identifier, founder.cluster_identifier).apply(lambda known: known[0])
        make_database("member", founded, **place("us-west-2"))

    member = record(program).one(CLUSTER, "member").plain
    assert member["region"] == "us-west-2"
    assert not {"masterUsername", "masterPassword", "databaseName"} & set(member)


def test_connections_are_encrypted_and_come_from_nodes_only() -> None:
    recording = database()
    [parameter] = recording.one("aws:rds/clusterParameterGroup:ClusterParameterGroup").plain["parameters"]
    assert (parameter["name"], parameter["value"]) == ("rds.force_ssl", "1")
    rule = recording.one("aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule", "database-from-0")
    assert (rule.plain["cidrIpv4"], rule.plain["fromPort"]) == ("10.10.0.0/19", 5432)


@pytest.mark.parametrize("protected", [True, False])
def test_the_database_is_protected_in_all_its_parts_or_not_at_all(protected: bool) -> None:
    recording = database(protected=protected)
    cluster = recording.one(CLUSTER)
    assert cluster.plain["deletionProtection"] is protected
    assert {part.protect for part in [cluster, *recording.all(INSTANCE)]} == {protected}
    assert cluster.plain["skipFinalSnapshot"] is False


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"instances": 1}, "instances: got 1, must be at least 2"),
        ({"zones": ground.ZONES[:1]}, "zones: got 1, must be at least 2"),
        ({"engine_version": "17"}, "must be of the form '17.5'"),
    ],
)
def test_a_database_that_would_not_survive_is_refused(changes: dict[str, Any], told: str) -> None:
    with pytest.raises(ValueError, match=told):
        database(**changes)


def key(**changes: Any) -> Recording:
    args: EncryptionKeyArgs = {"description": "Data", "alias": "data", "account_id": "000000000000", **changes}  # type: ignore[typeddict-item]
    return record(lambda: EncryptionKey("key", args))


def test_a_key_is_rotated_protected_and_slow_to_delete() -> None:
    registered = key(multi_region=True).one("aws:kms/key:Key")
    assert registered.protect
    assert registered.plain["enableKeyRotation"] is True
    assert registered.plain["multiRegion"] is True
    assert registered.plain["deletionWindowInDays"] == 30


def test_a_replica_is_of_the_founder_s_key() -> None:
    def program() -> None:
        args: EncryptionKeyArgs = {"description": "Data", "alias": "data", "account_id": "000000000000"}
        EncryptionKey("replica", {**args, "primary_key_arn": ground.key().arn, "region": "us-west-2"})

    recording = record(program)
    replica = recording.one("aws:kms/replicaKey:ReplicaKey")
    assert replica.property_dependencies["primaryKeyArn"] == [recording.one("aws:kms/key:Key").urn]
    assert replica.plain["region"] == "us-west-2"


def test_a_key_cannot_be_primary_and_replica() -> None:
    with pytest.raises(ValueError, match="either a primary or a replica"):
        key(multi_region=True, primary_key_arn=KEY)


def statement(sid: str, **changes: Any) -> dict[str, Any]:
    policy = json.loads(key(**changes).one("aws:kms/key:Key").plain["policy"])
    return next(each for each in policy["Statement"] if each["Sid"] == sid)


def test_logs_use_the_key_only_for_this_account_s_groups() -> None:
    logs = statement("LogsEncrypt", logs_in="us-east-1")
    assert logs["Principal"] == {"Service": "logs.us-east-1.amazonaws.com"}
    assert logs["Condition"]["ArnLike"] == {
        "kms:EncryptionContext:aws:logs:arn": "arn:aws:logs:us-east-1:000000000000:*"
    }


def test_node_groups_may_start_instances_with_encrypted_disks() -> None:
    disks = statement("DisksEncrypt", disks=True)
    assert "kms:CreateGrant" in disks["Action"]
    assert disks["Condition"]["StringEquals"] == {"kms:CallerAccount": "000000000000"}
    assert disks["Condition"]["StringLike"] == {"kms:ViaService": "ec2.*.amazonaws.com"}


def test_a_key_for_nothing_special_is_the_account_s_alone() -> None:
    policy = json.loads(key().one("aws:kms/key:Key").plain["policy"])
    assert [each["Sid"] for each in policy["Statement"]] == ["AccountGrantsThroughIam"]


def bucket(**changes: Any) -> Recording:
    return record(
        lambda: Bucket("artifacts", {"bucket_name": "tandem-artifacts", "key_arn": ground.key().arn, **changes})  # type: ignore[typeddict-item]
    )


def test_objects_are_versioned_encrypted_and_private() -> None:
    recording = bucket()
    assert recording.one("aws:s3/bucketVersioning:BucketVersioning").plain["versioningConfiguration"] == {
        "status": "Enabled"
    }
    closed = recording.one("aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock").plain
    assert all(closed[name] for name in ("blockPublicAcls", "blockPublicPolicy", "ignorePublicAcls"))
    statement = json.loads(recording.one("aws:s3/bucketPolicy:BucketPolicy").plain["policy"])["Statement"][0]
    assert (statement["Effect"], statement["Condition"]) == ("Deny", {"Bool": {"aws:SecureTransport": "false"}})


def test_only_replaced_versions_ever_expire() -> None:
    lifecycle = bucket(noncurrent_days=45).one("aws:s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration")
    [rule] = lifecycle.plain["rules"]
    assert rule["noncurrentVersionExpiration"]["noncurrentDays"] == 45
    assert "expiration" not in rule


@pytest.mark.parametrize("protected", [True, False])
def test_a_bucket_with_objects_goes_only_when_unprotected(protected: bool) -> None:
    registered = bucket(protected=protected).one("aws:s3/bucket:Bucket")
    assert (registered.protect, registered.plain["forceDestroy"]) == (protected, not protected)


def test_versions_kept_for_no_time_are_refused() -> None:
    with pytest.raises(ValueError, match="noncurrent_days: got 0, must be 1 to 3650"):
        bucket(noncurrent_days=0)


def test_replication_is_configured_in_the_source_s_region_with_time_control() -> None:
    def program() -> None:
        here_key, there_key = ground.key("us-west-2").arn, ground.key("us-east-1").arn
        here = Bucket("here", {"bucket_name": "tandem-here", "key_arn": here_key, "region": "us-west-2"})
        there = Bucket("there", {"bucket_name": "tandem-there", "key_arn": there_key, "region": "us-east-1"})
        BucketReplication(
            "copy",
            {
                "source_bucket": there.bucket_name,
                "source_arn": there.arn,
                "source_key_arn": there_key,
                "source_region": "us-east-1",
                "destination_arn": here.arn,
                "destination_key_arn": here_key,
            },
        )

    recording = record(program, region="us-west-2")
    config = recording.one("aws:s3/bucketReplicationConfig:BucketReplicationConfig")
    assert config.plain["region"] == "us-east-1"
    [rule] = config.plain["rules"]
    assert rule["destination"]["replicationTime"]["status"] == "Enabled"
    assert rule["deleteMarkerReplication"]["status"] == "Enabled"
    permission = recording.one("aws:iam/rolePolicy:RolePolicy")
    assert permission.urn in config.dependencies
    assert granted(permission.plain["policy"]) == {
        "s3:GetReplicationConfiguration": {"arn:aws:s3:::tandem-there"},
        "s3:ListBucket": {"arn:aws:s3:::tandem-there"},
        "s3:GetObjectVersionForReplication": {"arn:aws:s3:::tandem-there/*"},
        "s3:GetObjectVersionAcl": {"arn:aws:s3:::tandem-there/*"},
        "s3:GetObjectVersionTagging": {"arn:aws:s3:::tandem-there/*"},
        "s3:ReplicateObject": {"arn:aws:s3:::tandem-here/*"},
        "s3:ReplicateDelete": {"arn:aws:s3:::tandem-here/*"},
        "s3:ReplicateTags": {"arn:aws:s3:::tandem-here/*"},
        "kms:Decrypt": {recording.one("aws:kms/key:Key", "ground-us-east-1").outputs["arn"]},
        "kms:Encrypt": {recording.one("aws:kms/key:Key", "ground-us-west-2").outputs["arn"]},
    }
    versionings = recording.all("aws:s3/bucketVersioning:BucketVersioning")
    assert all(recording.waits_for(config, versioning) for versioning in versionings)
