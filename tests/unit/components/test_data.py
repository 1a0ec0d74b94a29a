"""The database loses nothing to a zone, and cannot be deleted by mistake."""

from typing import Any

import pulumi
import pytest

from components.database import Database, DatabaseArgs, GlobalDatabase
from tests.house import ground
from tests.house.recorder import Recording, record


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
