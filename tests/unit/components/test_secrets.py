"""Passwords that nobody chose, copied to the other region, and changed by themselves."""

import json
from typing import Any

import pulumi
import pulumi_aws as aws
import pytest

from components.keys import EncryptionKey
from components.secrets import Credential, CredentialArgs, Rotation, RotationArgs
from sandbox.mocks import Refusal
from sandbox.values import Secret
from tests.house import ground
from tests.house.recorder import UNKNOWN, Recording, record

SECRET, VERSION = "aws:secretsmanager/secret:Secret", "aws:secretsmanager/secretVersion:SecretVersion"
ROTATION = "aws:secretsmanager/secretRotation:SecretRotation"
APPLICATION = "aws:serverlessrepository/cloudFormationStack:CloudFormationStack"
INGRESS = "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule"
EGRESS = "aws:vpc/securityGroupEgressRule:SecurityGroupEgressRule"
HOST = "tandem.global-abc.global.rds.amazonaws.com"
GROUP = "aws:ec2/securityGroup:SecurityGroup"


def make_credential(**changes: Any) -> Credential:
    args: CredentialArgs = {
        "secret_name": "tandem/database/owner",
        "username": "tandem",
        "key_arn": changes.get("key_arn") or ground.key().arn,
        "engine": "postgres",
        "host": HOST,
        "port": 5432,
        "database_name": "postgres",
        **changes,  # type: ignore[typeddict-item]
    }
    return Credential("owner", args)


def credential(*, preview: bool = False, **changes: Any) -> Recording:
    def program() -> None:
        made = make_credential(**changes)
        pulumi.export("arn", made.arn)
        pulumi.export("password", made.password)
        pulumi.export("json", made.json)
        for region, arn in made.replica_arns.items():
            pulumi.export(region, arn)

    return record(program, preview=preview)


def test_a_secret_holds_what_rotation_and_proxies_read() -> None:
    recording = credential()
    password = recording.one("random:index/randomPassword:RandomPassword").outputs
    assert password is not None
    assert json.loads(recording.one(VERSION).plain["secretString"]) == {
        "engine": "postgres",
        "host": HOST,
        "port": 5432,
        "dbname": "postgres",
        "username": "tandem",
        "password": password["result"].value if isinstance(password["result"], Secret) else password["result"],
        "ssl": True,
    }


def test_a_cache_s_user_has_a_name_and_a_password_alone() -> None:
    def program() -> None:
        Credential("user", {"secret_name": "tandem/cache/app", "username": "app", "key_arn": ground.key().arn})

    assert set(json.loads(record(program).one(VERSION).plain["secretString"])) == {"username", "password"}


def test_the_password_is_secret_wherever_it_goes() -> None:
    recording = credential()
    assert isinstance(recording.one(VERSION).props["secretString"], Secret)
    assert isinstance(recording.outputs["password"], Secret)
    assert isinstance(recording.outputs["json"], Secret)


def test_a_password_can_stand_in_a_url_as_it_is() -> None:
    props = credential().one("random:index/randomPassword:RandomPassword").plain
    assert (props["length"], props["special"]) == (40, False)


def test_a_rotated_password_does_not_come_back_as_the_first() -> None:
    assert "secretString" in credential().one(VERSION).ignore_changes


def test_a_secret_is_encrypted_slow_to_go_and_protected() -> None:
    recording = credential()
    secret = recording.one(SECRET)
    assert secret.plain["recoveryWindowInDays"] == 30
    assert secret.property_dependencies["kmsKeyId"] == [recording.one("aws:kms/key:Key").urn]
    assert (secret.protect, recording.one(VERSION).protect) == (True, True)


def test_what_may_be_deleted_is_not_protected() -> None:
    recording = credential(protected=False, recovery_window_days=0)
    assert recording.one(SECRET).plain["recoveryWindowInDays"] == 0
    assert not any(entry.protect for entry in [recording.one(SECRET), recording.one(VERSION)])


def test_a_copy_in_the_other_region_has_its_own_key_and_the_same_name() -> None:
    def program() -> None:
        here = ground.key()
        there = EncryptionKey(
            "there",
            {
                "description": "Data",
                "alias": "data",
                "account_id": "000000000000",
                "primary_key_arn": here.arn,
                "region": "us-west-2",
            },
        )
        made = Credential(
            "owner",
            {
                "secret_name": "tandem/database/owner",
                "username": "tandem",
                "key_arn": here.arn,
                "replicas": [{"region": "us-west-2", "key_arn": there.arn}],
            },
        )
        pulumi.export("here", made.arn)
        pulumi.export("there", made.replica_arns["us-west-2"])

    recording = record(program)
    [replica] = recording.one(SECRET).plain["replicas"]
    assert replica["region"] == "us-west-2"
    assert replica["kmsKeyId"].startswith("arn:aws:kms:us-west-2:")
    here = recording.outputs["here"]
    assert here.startswith("arn:aws:secretsmanager:us-east-1:000000000000:secret:tandem/database/owner-")
    assert recording.outputs["there"] == here.replace("us-east-1", "us-west-2")


def test_a_secret_without_copies_says_nothing_of_them() -> None:
    assert "replicas" not in credential().one(SECRET).plain


def test_a_copy_without_a_key_is_encrypted_by_the_other_region_s_own() -> None:
    [replica] = credential(replicas=[{"region": "us-west-2"}]).one(SECRET).plain["replicas"]
    assert replica == {"region": "us-west-2"}


def test_readers_wait_for_a_value() -> None:
    recording = credential(preview=True)
    assert recording.outputs["arn"] is UNKNOWN

    def program() -> None:
        made = make_credential()
        Credential("reader", {"secret_name": "b", "username": "b", "key_arn": ground.key("us-west-2").arn,
                              "host": made.arn, "region": "us-west-2"})  # fmt: skip

    read = record(program)
    assert read.waits_for(read.one(VERSION, "reader"), read.one(VERSION, "owner"))


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"recovery_window_days": 6}, "recovery_window_days: got 6, must be 7 to 30, or 0"),
        ({"recovery_window_days": 31}, "recovery_window_days: got 31, must be 7 to 30"),
        ({"replicas": [{"region": "us-west-2"}] * 2}, "replicas: us-west-2 is named twice"),
    ],
)
def test_a_secret_that_aws_would_refuse_is_refused_first(changes: dict[str, Any], told: str) -> None:
    with pytest.raises(ValueError, match=told):
        credential(**changes)


def rotation(**changes: Any) -> Recording:
    def program() -> None:
        network, key = ground.network(), ground.key()
        database, endpoint = (
            aws.ec2.SecurityGroup(name, vpc_id=network.vpc_id).id for name in ("database", "endpoint")
        )
        args: RotationArgs = {
            "function_name": "tandem-us-east-1-rotation",
            "secret_arn": make_credential(key_arn=key.arn).arn,
            "key_arn": key.arn,
            "region_name": "us-east-1",
            "vpc_id": network.vpc_id,
            "subnet_ids": list(network.private_subnet_ids),
            "database_security_group_id": database,
            "endpoint_security_group_id": endpoint,
            "region": "us-east-1",
            **changes,  # type: ignore[typeddict-item]
        }
        made = Rotation("rotation", args)
        pulumi.export("function", made.function_arn)

    return record(program)


def test_the_function_is_aws_s_own_in_a_pinned_version() -> None:
    recording = rotation()
    props = recording.one(APPLICATION).plain
    assert props["applicationId"].endswith(":297356227824:applications/SecretsManagerRDSPostgreSQLRotationSingleUser")
    assert props["semanticVersion"] == "1.1.671"
    assert set(props["capabilities"]) == {"CAPABILITY_IAM", "CAPABILITY_RESOURCE_POLICY"}
    assert recording.outputs["function"].endswith(":function:tandem-us-east-1-rotation")


def test_the_function_stands_in_the_database_s_network_and_asks_its_own_region() -> None:
    recording = rotation()
    parameters = recording.one(APPLICATION).plain["parameters"]
    assert parameters["functionName"] == "tandem-us-east-1-rotation"
    assert parameters["endpoint"] == "https://secretsmanager.us-east-1.amazonaws.com"
    assert parameters["vpcSecurityGroupIds"] == recording.one(GROUP, "rotation").id
    # Registered as they come, so in any order.
    subnets = {entry.name: entry.id for entry in recording.all("aws:ec2/subnet:Subnet")}
    zones = [subnets[f"ground-private-{zone}"] for zone in ground.ZONES]
    assert parameters["vpcSubnetIds"].split(",") == zones
    assert parameters["kmsKeyArn"] == (recording.one("aws:kms/key:Key").outputs or {})["arn"]


def test_a_rotated_password_can_stand_in_a_url_as_it_is() -> None:
    excluded = rotation().one(APPLICATION).plain["parameters"]["excludeCharacters"]
    # Reserved in URLs (RFC 3986), or read by shells and quoting.
    assert set(":/?#[]@!$&'()*+,;=%\"\\`{}|<>^ ") - {" "} <= set(excluded)
    # The function asks Secrets Manager for one of each kind; with no sign left it would be refused.
    assert not set("-._") & set(excluded)


def test_the_function_reaches_the_database_and_secrets_manager_and_nothing_else() -> None:
    recording = rotation()
    own = recording.one(GROUP, "rotation").id
    ways = {
        (rule.plain["referencedSecurityGroupId"], rule.plain["fromPort"], rule.plain["toPort"])
        for rule in recording.all(EGRESS)
        if rule.plain["securityGroupId"] == own
    }
    database, endpoint = recording.one(GROUP, "database").id, recording.one(GROUP, "endpoint").id
    assert ways == {(database, 5432, 5432), (endpoint, 443, 443)}
    [admitted] = [rule for rule in recording.all(INGRESS) if rule.plain.get("referencedSecurityGroupId") == own]
    assert (admitted.plain["securityGroupId"], admitted.plain["fromPort"]) == (database, 5432)


def test_a_writer_in_the_other_region_is_reached_where_the_regions_are_peered() -> None:
    recording = rotation(peer_cidrs=["10.20.96.0/24", "10.20.97.0/24"])
    found = {
        rule.plain["cidrIpv4"]: rule.plain["fromPort"] for rule in recording.all(EGRESS) if "cidrIpv4" in rule.plain
    }
    assert found == {"10.20.96.0/24": 5432, "10.20.97.0/24": 5432}


def test_rotation_waits_for_its_ways_and_does_not_begin_at_once() -> None:
    recording = rotation(days=14)
    schedule = recording.one(ROTATION)
    assert schedule.plain["rotateImmediately"] is False
    assert schedule.plain["rotationRules"] == {"automaticallyAfterDays": 14}
    names = ["rotation-to-database", "rotation-to-secrets"]
    rules = [recording.one(EGRESS, name) for name in names] + [recording.one(INGRESS, "rotation-into-database")]
    assert all(recording.waits_for(schedule, rule) for rule in rules)
    assert recording.waits_for(schedule, recording.one(VERSION))


def test_the_function_s_log_is_there_first_and_ends() -> None:
    recording = rotation(log_retention_days=365)
    log = recording.one("aws:cloudwatch/logGroup:LogGroup")
    assert (log.plain["name"], log.plain["retentionInDays"]) == ("/aws/lambda/tandem-us-east-1-rotation", 365)
    assert log.urn in recording.one(APPLICATION).dependencies


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"days": 0}, "days: got 0, must be 1 to 1000"),
        ({"days": 1001}, "days: got 1001, must be 1 to 1000"),
        ({"subnet_ids": ["subnet-1"]}, "subnet_ids: got 1, must be at least 2"),
    ],
)
def test_a_rotation_that_would_not_run_is_refused(changes: dict[str, Any], told: str) -> None:
    with pytest.raises(ValueError, match=told):
        rotation(**changes)


def test_a_secret_that_is_not_there_cannot_be_rotated() -> None:
    with pytest.raises(Refusal, match=r"ResourceNotFoundException: SecretRotation.secretId"):
        rotation(secret_arn="arn:aws:secretsmanager:us-east-1:000000000000:secret:gone-AbCdEf")
