"""Keys and buckets lose nothing by mistake, and let in nobody but whom they name."""

import json
from typing import Any

import pulumi_aws as aws
import pytest

from components.keys import EncryptionKey, EncryptionKeyArgs
from components.storage import (
    EVERYTHING,
    Bucket,
    BucketArgs,
    BucketReplication,
    BucketReplicationArgs,
    ObjectLockMode,
)
from tests.house import ground
from tests.house.iam import granted
from tests.house.recorder import Recording, record

KEY = "arn:aws:kms:us-east-1:000000000000:key/mrk-1234abcd12ab34cd56ef1234567890ab"
ACCOUNT = "000000000000"


def key(**changes: Any) -> Recording:
    args: EncryptionKeyArgs = {"description": "Data", "alias": "data", "account_id": "000000000000", **changes}  # type: ignore[typeddict-item]
    return record(lambda: EncryptionKey("key", args))


def test_a_key_is_rotated_protected_and_slow_to_delete() -> None:
    registered = key(multi_region=True).one("aws:kms/key:Key")
    assert registered.protect
    assert registered.plain["enableKeyRotation"] is True
    assert registered.plain["multiRegion"] is True
    assert registered.plain["deletionWindowInDays"] == 30


def test_people_find_a_key_by_its_alias() -> None:
    recording = key()
    alias = recording.one("aws:kms/alias:Alias").plain
    outputs = recording.one("aws:kms/key:Key").outputs
    assert outputs is not None
    assert (alias["name"], alias["targetKeyId"]) == ("alias/data", outputs["keyId"])


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


@pytest.mark.parametrize(
    ("service", "condition"),
    [
        ("cloudwatch.amazonaws.com", {"StringEquals": {"aws:SourceAccount": ACCOUNT}}),
        # EventBridge's messages would be lost: it names no account.
        ("events.amazonaws.com", None),
        ("backup.amazonaws.com", None),
    ],
)
def test_a_publisher_encrypts_for_its_account_where_it_says_which(service: str, condition: Any) -> None:
    policy = json.loads(key(publishers=[service]).one("aws:kms/key:Key").plain["policy"])
    [published] = [each for each in policy["Statement"] if each["Principal"] == {"Service": service}]
    assert published["Action"] == ["kms:Decrypt", "kms:GenerateDataKey"]
    assert published.get("Condition") == condition


def test_delivered_logs_are_encrypted_for_this_account_alone() -> None:
    delivered = statement("DeliveryLogsEncrypts", publishers=["delivery.logs.amazonaws.com"])
    assert "kms:Encrypt*" in delivered["Action"]
    assert delivered["Condition"] == {"StringEquals": {"aws:SourceAccount": ACCOUNT}}


def test_a_publisher_that_is_no_service_is_refused() -> None:
    with pytest.raises(ValueError, match=r"publishers: got 'cloudwatch', must be such as 'cloudwatch\.amazonaws\.com'"):
        key(publishers=["cloudwatch"])


def bucket(*, without_key: bool = False, **changes: Any) -> Recording:
    def program() -> None:
        args: BucketArgs = {"bucket_name": "tandem-artifacts", **changes}  # type: ignore[typeddict-item]
        if not without_key:
            args["key_arn"] = ground.key().arn
        Bucket("artifacts", args)

    return record(program)


LOGS: dict[str, Any] = {"load_balancer_logs": True, "account_id": ACCOUNT, "without_key": True}
LIFECYCLE = "aws:s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration"
LOCK = "aws:s3/bucketObjectLockConfiguration:BucketObjectLockConfiguration"
ENCRYPTION = "aws:s3/bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration"


def test_objects_are_versioned_encrypted_and_private() -> None:
    recording = bucket()
    assert recording.one("aws:s3/bucketVersioning:BucketVersioning").plain["versioningConfiguration"] == {
        "status": "Enabled"
    }
    closed = recording.one("aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock").plain
    assert all(
        closed[name] for name in ("blockPublicAcls", "blockPublicPolicy", "ignorePublicAcls", "restrictPublicBuckets")
    )
    owner = recording.one("aws:s3/bucketOwnershipControls:BucketOwnershipControls").plain
    assert owner["rule"] == {"objectOwnership": "BucketOwnerEnforced"}
    [rule] = recording.one(ENCRYPTION).plain["rules"]
    key = recording.one("aws:kms/key:Key").outputs
    assert key is not None
    assert rule == {
        "bucketKeyEnabled": True,
        "applyServerSideEncryptionByDefault": {"sseAlgorithm": "aws:kms", "kmsMasterKeyId": key["arn"]},
    }


def test_a_request_without_tls_is_denied_for_the_bucket_and_for_every_object() -> None:
    recording = bucket()
    policy = recording.one("aws:s3/bucketPolicy:BucketPolicy")
    [denied] = [each for each in json.loads(policy.plain["policy"])["Statement"] if each["Effect"] == "Deny"]
    assert (denied["Principal"], denied["Action"]) == ("*", "s3:*")
    assert denied["Resource"] == ["arn:aws:s3:::tandem-artifacts", "arn:aws:s3:::tandem-artifacts/*"]
    assert denied["Condition"] == {"Bool": {"aws:SecureTransport": "false"}}
    assert recording.waits_for(policy, recording.one("aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock"))


def test_uploads_that_nobody_ends_are_ended() -> None:
    rules = bucket().one(LIFECYCLE).plain["rules"]
    assert rules[0]["abortIncompleteMultipartUpload"] == {"daysAfterInitiation": 7}


def test_whoever_fills_a_bucket_waits_until_it_keeps_versions_and_encrypts() -> None:
    def program() -> None:
        made = Bucket("artifacts", {"bucket_name": "tandem-artifacts", "key_arn": ground.key().arn})
        aws.cloudwatch.LogGroup("after", name=made.bucket_name)

    recording = record(program)
    after = recording.one("aws:cloudwatch/logGroup:LogGroup")
    for setting in (ENCRYPTION, "aws:s3/bucketVersioning:BucketVersioning"):
        assert recording.waits_for(after, recording.one(setting))


def test_only_replaced_versions_ever_expire() -> None:
    lifecycle = bucket(noncurrent_days=45).one(LIFECYCLE)
    [rule] = lifecycle.plain["rules"]
    assert rule["noncurrentVersionExpiration"]["noncurrentDays"] == 45
    assert "expiration" not in rule


@pytest.mark.parametrize("protected", [True, False])
def test_a_bucket_with_objects_goes_only_when_unprotected(protected: bool) -> None:
    registered = bucket(protected=protected).one("aws:s3/bucket:Bucket")
    assert (registered.protect, registered.plain["forceDestroy"]) == (protected, not protected)


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"noncurrent_days": 0}, "noncurrent_days: got 0, must be 1 to 3650"),
        ({"object_lock_days": 4000}, "object_lock_days: got 4000, must be 1 to 3650"),
        ({"expire_days": 30}, "expire_days: would delete objects that may stand nowhere else"),
        ({"disposable": True}, "disposable: says that objects may go, but not when"),
        (
            {"disposable": True, "expire_days": 30, "object_lock_days": 31},
            r"expire_days: got 30, must be at least object_lock_days \(31\)",
        ),
        ({"object_lock_mode": ObjectLockMode.COMPLIANCE}, "nothing is locked without object_lock_days"),
        (
            {"object_lock_mode": ObjectLockMode.COMPLIANCE, "object_lock_days": 9, "protected": False},
            "nobody, not even root, deletes objects locked in compliance mode",
        ),
        ({"without_key": True}, "key_arn: missing"),
        ({**LOGS, "without_key": False}, "key_arn: a bucket of load balancer logs must have none"),
        ({"load_balancer_logs": True, "without_key": True}, "account_id: missing"),
        ({"writers": [{"service": "cloudtrail.amazonaws.com", "prefix": ""}]}, "account_id: missing"),
        (
            {"account_id": ACCOUNT, "writers": [{"service": "cloudtrail", "prefix": ""}]},
            "got 'cloudtrail', must be such as 'cloudtrail.amazonaws.com'",
        ),
        (
            {"account_id": ACCOUNT, "writers": [{"service": "cloudtrail.amazonaws.com", "prefix": "a/"}]},
            "without a slash at the ends",
        ),
        (
            {"account_id": ACCOUNT, "writers": [{"service": "cloudtrail.amazonaws.com", "prefix": "a"}] * 2},
            "one stands twice",
        ),
        (
            {
                "account_id": ACCOUNT,
                "writers": [{"service": "logdelivery.elasticloadbalancing.amazonaws.com", "prefix": ""}],
            },
            "give load_balancer_logs instead",
        ),
    ],
)
def test_a_bucket_that_would_lose_objects_or_serve_nobody_is_refused(changes: dict[str, Any], told: str) -> None:
    with pytest.raises(ValueError, match=told):
        bucket(**changes)


def test_objects_of_a_disposable_bucket_expire() -> None:
    [replaced, disposable] = bucket(disposable=True, expire_days=30).one(LIFECYCLE).plain["rules"]
    assert "expiration" not in replaced
    assert disposable["expiration"] == {"days": 30}


@pytest.mark.parametrize("mode", list(ObjectLockMode))
def test_locked_objects_are_kept_from_the_first_on(mode: ObjectLockMode) -> None:
    recording = bucket(object_lock_days=400, object_lock_mode=mode)
    assert recording.one("aws:s3/bucket:Bucket").plain["objectLockEnabled"] is True
    lock = recording.one(LOCK)
    assert lock.plain["rule"] == {"defaultRetention": {"mode": mode.value, "days": 400}}
    assert recording.waits_for(lock, recording.one("aws:s3/bucketVersioning:BucketVersioning"))


def test_a_lock_is_asked_for() -> None:
    recording = bucket()
    assert "objectLockEnabled" not in recording.one("aws:s3/bucket:Bucket").plain
    assert recording.all(LOCK) == []


def allowed(recording: Recording) -> list[dict[str, Any]]:
    policy = json.loads(recording.one("aws:s3/bucketPolicy:BucketPolicy").plain["policy"])
    return [each for each in policy["Statement"] if each["Effect"] == "Allow"]


def test_load_balancers_of_this_account_and_region_write_their_logs_with_s3_s_own_keys() -> None:
    recording = bucket(**LOGS, load_balancer_log_prefix="alb", region="us-west-2")
    assert allowed(recording) == [
        {
            "Effect": "Allow",
            "Principal": {"Service": "logdelivery.elasticloadbalancing.amazonaws.com"},
            "Action": ["s3:PutObject"],
            "Resource": ["arn:aws:s3:::tandem-artifacts/alb/AWSLogs/000000000000/*"],
            "Condition": {
                "ArnLike": {"aws:SourceArn": "arn:aws:elasticloadbalancing:us-west-2:000000000000:loadbalancer/*"}
            },
        }
    ]
    [rule] = recording.one(ENCRYPTION).plain["rules"]
    assert rule["applyServerSideEncryptionByDefault"] == {"sseAlgorithm": "AES256"}


def test_a_writer_writes_to_its_folder_for_its_account() -> None:
    writers = [{"service": "cloudtrail.amazonaws.com", "prefix": "trail"}]
    write, look = allowed(bucket(writers=writers, account_id=ACCOUNT))
    assert write["Principal"] == look["Principal"] == {"Service": "cloudtrail.amazonaws.com"}
    assert (write["Action"], write["Resource"]) == (["s3:PutObject"], ["arn:aws:s3:::tandem-artifacts/trail/*"])
    assert (look["Action"], look["Resource"]) == (["s3:GetBucketAcl"], ["arn:aws:s3:::tandem-artifacts"])
    assert write["Condition"] == look["Condition"] == {"StringEquals": {"aws:SourceAccount": ACCOUNT}}


def test_nobody_else_writes_to_a_bucket() -> None:
    assert allowed(bucket()) == []


def test_whoever_writes_waits_for_the_right_to() -> None:
    def program() -> None:
        logs = Bucket("logs", {"bucket_name": "tandem-logs", "load_balancer_logs": True, "account_id": ACCOUNT})
        aws.cloudwatch.LogGroup("after", name=logs.writable)

    recording = record(program)
    after = recording.one("aws:cloudwatch/logGroup:LogGroup")
    assert recording.waits_for(after, recording.one("aws:s3/bucketPolicy:BucketPolicy"))


def test_requests_are_counted_when_asked_for() -> None:
    assert bucket().all("aws:s3/bucketMetric:BucketMetric") == []
    assert bucket(request_metrics=True).one("aws:s3/bucketMetric:BucketMetric").plain["name"] == "EntireBucket"


def replication(*, object_lock: bool = False) -> Recording:
    def program() -> None:
        here_key, there_key = ground.key("us-west-2").arn, ground.key("us-east-1").arn
        here = Bucket("here", {"bucket_name": "tandem-here", "key_arn": here_key, "region": "us-west-2"})
        there = Bucket("there", {"bucket_name": "tandem-there", "key_arn": there_key, "region": "us-east-1"})
        args: BucketReplicationArgs = {
            "source_bucket": there.bucket_name,
            "source_arn": there.arn,
            "source_key_arn": there_key,
            "source_region": "us-east-1",
            "destination_arn": here.arn,
            "destination_key_arn": here_key,
        }
        if object_lock:
            args["object_lock"] = True
        BucketReplication("copy", args)

    return record(program, region="us-west-2")


def test_copies_keep_the_lock_of_the_original() -> None:
    permission = replication(object_lock=True).one("aws:iam/rolePolicy:RolePolicy")
    rights = granted(permission.plain["policy"])
    for action in ("s3:GetObjectRetention", "s3:GetObjectLegalHold"):
        assert rights[action] == {"arn:aws:s3:::tandem-there/*"}


def test_replication_is_configured_in_the_source_s_region_with_time_control() -> None:
    recording = replication()
    config = recording.one("aws:s3/bucketReplicationConfig:BucketReplicationConfig")
    assert config.plain["region"] == "us-east-1"
    [rule] = config.plain["rules"]
    assert rule["destination"]["replicationTime"]["status"] == "Enabled"
    assert rule["deleteMarkerReplication"]["status"] == "Enabled"
    # A dimension of its metrics.
    assert rule["id"] == EVERYTHING == "everything"
    copies = recording.one("aws:kms/key:Key", "ground-us-west-2").outputs
    assert copies is not None
    assert rule["destination"]["encryptionConfiguration"] == {"replicaKmsKeyId": copies["arn"]}
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
