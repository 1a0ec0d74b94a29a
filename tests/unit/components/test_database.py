"""The database loses nothing to a zone, cannot be deleted by mistake, and lets in whom it names."""

import json
import re
import subprocess
from pathlib import Path
from typing import Any

import pulumi
import pulumi_aws as aws
import pulumi_kubernetes as k8s
import pytest

from components._security_groups import admit_group
from components.database import (
    Database,
    DatabaseArgs,
    DatabaseProxy,
    DatabaseProxyArgs,
    DatabaseRoles,
    DatabaseRolesArgs,
    GlobalDatabase,
    render_secrets_policy,
)
from components.database._plan import plan_proxy_share, plan_roles
from components.database.roles import AWS_CLI_IMAGE, render_fetch, render_run, render_sql
from components.secrets import Credential
from sandbox.mocks import Refusal
from tests.house import ground
from tests.house.recorder import UNKNOWN, Recording, record


def place(region: str = "us-east-1") -> dict[str, Any]:
    """Network, key and name of what stands in a region."""
    network = ground.network(region)
    return {
        "vpc_id": network.vpc_id,
        "subnet_ids": list(network.database_subnet_ids),
        "zones": network.zones,
        "key_arn": ground.key(region).arn,
        "identifier": f"tandem-{region}",
        "region": region,
    }


CLUSTER, INSTANCE = "aws:rds/cluster:Cluster", "aws:rds/clusterInstance:ClusterInstance"


CREDENTIALS = {"database_name": "prefect", "master_username": "tandem", "master_password": "long-enough"}


SHELL = "aws:rds/globalCluster:GlobalCluster"


def make_shell(**changes: Any) -> GlobalDatabase:
    return GlobalDatabase(
        "shell",
        {"identifier": "tandem", "engine_version": "17.5", "database_name": "prefect", **changes},  # type: ignore[typeddict-item]
    )


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


PARAMETERS = "aws:rds/clusterParameterGroup:ClusterParameterGroup"
INGRESS = "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule"
EGRESS = "aws:vpc/securityGroupEgressRule:SecurityGroupEgressRule"
GROUP, ROLE, LOG = "aws:ec2/securityGroup:SecurityGroup", "aws:iam/role:Role", "aws:cloudwatch/logGroup:LogGroup"


def parameters(recording: Recording) -> dict[str, str]:
    return {entry["name"]: entry["value"] for entry in recording.one(PARAMETERS).plain["parameters"]}


def test_connections_are_encrypted() -> None:
    recording = database()
    assert parameters(recording) == {"rds.force_ssl": "1"}
    [group] = recording.all("aws:rds/clusterParameterGroup:ClusterParameterGroup")
    assert recording.one(CLUSTER).plain["dbClusterParameterGroupName"] == group.plain["name"]


def test_nobody_is_let_in_unasked() -> None:
    recording = database()
    group = recording.one(GROUP, "database").id
    assert [rule for rule in recording.all(INGRESS) if rule.plain["securityGroupId"] == group] == []


def test_the_other_region_is_let_in_by_its_networks() -> None:
    recording = database(peer_cidrs=["10.20.0.0/19"])
    rule = recording.one(INGRESS, "database-from-peer-0").plain
    assert (rule["cidrIpv4"], rule["fromPort"], rule["toPort"]) == ("10.20.0.0/19", 5432, 5432)


def test_clients_are_let_in_by_their_group() -> None:
    def program() -> None:
        here = place()
        made = make_database("database", make_shell().identifier, **{**here, **CREDENTIALS})
        clients = aws.ec2.SecurityGroup("clients", vpc_id=here["vpc_id"])
        admit_group(
            "clients", made.security_group_id, clients.id, made.port, region="us-east-1", opts=pulumi.ResourceOptions()
        )

    recording = record(program)
    rule = recording.one(INGRESS, "clients").plain
    assert rule["securityGroupId"] == recording.one(GROUP, "database").id
    assert rule["referencedSecurityGroupId"] == recording.one(GROUP, "clients").id
    assert (rule["ipProtocol"], rule["fromPort"], rule["toPort"]) == ("tcp", 5432, 5432)
    assert "cidrIpv4" not in rule


def test_the_recovery_point_is_guarded_where_it_is_asked_for() -> None:
    assert parameters(database(recovery_point_seconds=60))["rds.global_db_rpo"] == "60"
    # Of two regions, the other would wait for one that is gone.
    assert "rds.global_db_rpo" not in parameters(database())


def test_write_forwarding_can_be_left_off() -> None:
    assert database(write_forwarding=False).one(CLUSTER).plain["enableGlobalWriteForwarding"] is False


def test_a_rotated_password_is_not_set_back() -> None:
    assert "masterPassword" in database().one(CLUSTER).ignore_changes


def test_the_log_is_there_before_the_cluster_and_ends() -> None:
    recording = database(log_retention_days=365)
    log = recording.one(LOG, "database")
    assert log.plain["name"] == "/aws/rds/cluster/tandem-us-east-1/postgresql"
    assert log.plain["retentionInDays"] == 365
    assert log.urn in recording.one(CLUSTER).dependencies
    assert "postgresql" in recording.one(CLUSTER).plain["enabledCloudwatchLogsExports"]


def test_the_log_has_the_key_that_is_given() -> None:
    def program() -> None:
        here = place()
        changes = {**here, **CREDENTIALS, "log_key_arn": here["key_arn"]}
        make_database("database", make_shell().identifier, **changes)

    log = record(program).one(LOG, "database")
    assert log.plain["kmsKeyId"].startswith("arn:aws:kms:us-east-1:")


def test_instances_are_watched_and_their_role_can_write_before_they_start() -> None:
    recording = database()
    permission = recording.one("aws:iam/rolePolicyAttachment:RolePolicyAttachment", "database-monitoring")
    assert permission.plain["policyArn"].endswith("/service-role/AmazonRDSEnhancedMonitoringRole")
    role = recording.one(ROLE, "database-monitoring")
    assert json.loads(role.plain["assumeRolePolicy"])["Statement"][0]["Principal"] == {
        "Service": "monitoring.rds.amazonaws.com"
    }
    for instance in recording.all(INSTANCE):
        assert instance.plain["monitoringInterval"] == 60
        assert instance.plain["monitoringRoleArn"] == (role.outputs or {})["arn"]
        assert instance.plain["performanceInsightsRetentionPeriod"] == 7
        assert recording.waits_for(instance, permission)


def test_roles_may_sign_in_by_iam() -> None:
    assert database().one(CLUSTER).plain["iamDatabaseAuthenticationEnabled"] is True


def test_clients_find_the_writer_wherever_it_is() -> None:
    def program() -> None:
        pulumi.export("writer", make_shell().writer_endpoint)

    found = record(program).outputs["writer"]
    assert re.fullmatch(r"tandem\.global-[a-z0-9]{12}\.global\.rds\.amazonaws\.com", found)


def test_who_needs_the_cluster_waits_for_its_instances() -> None:
    def program() -> None:
        made = make_database("database", make_shell().identifier, **{**place(), **CREDENTIALS})
        for name in ("cluster_identifier", "arn"):
            aws.ssm.Parameter(name, name=f"/{name}", type="String", value=getattr(made, name))
        pulumi.export("arn", made.arn)
        pulumi.export("resource", made.resource_id)

    recording = record(program)
    for name in ("cluster_identifier", "arn"):
        reader = recording.one("aws:ssm/parameter:Parameter", name)
        assert all(recording.waits_for(reader, instance) for instance in recording.all(INSTANCE))
    assert recording.outputs["arn"].endswith(":cluster:tandem-us-east-1")
    assert recording.outputs["resource"].startswith("cluster-")


@pytest.mark.parametrize("protected", [True, False])
def test_the_shell_is_protected_or_not(protected: bool) -> None:
    shell = record(lambda: make_shell(protected=protected)).one(SHELL)
    assert (shell.protect, shell.plain["deletionProtection"]) == (protected, protected)
    assert shell.plain["storageEncrypted"] is True


def test_a_shell_of_no_version_is_refused() -> None:
    with pytest.raises(ValueError, match=r"engine_version: got '17', must be of the form '17\.5'"):
        record(lambda: make_shell(engine_version="17"))


def test_storage_and_insights_are_encrypted_by_the_region_s_key() -> None:
    recording = database()
    key, cluster = recording.one("aws:kms/key:Key").urn, recording.one(CLUSTER)
    assert cluster.plain["storageEncrypted"] is True
    assert cluster.property_dependencies["kmsKeyId"] == [key]
    for instance in recording.all(INSTANCE):
        assert instance.property_dependencies["performanceInsightsKmsKeyId"] == [key]
        assert instance.plain["publiclyAccessible"] is False


def test_every_child_but_a_role_gets_the_region() -> None:
    recording = proxy(region="us-east-1")
    for component in ("Database", "DatabaseProxy"):
        children = recording.children_of(recording.one(f"tandem:index:{component}"))
        without = {child.type.split("/")[0] for child in children if child.plain.get("region") != "us-east-1"}
        assert without == {"aws:iam"}
    assert recording.unregistered_components() == []


@pytest.mark.parametrize("protected", [True, False])
def test_the_database_is_protected_in_all_its_parts_or_not_at_all(protected: bool) -> None:
    recording = database(protected=protected)
    cluster = recording.one(CLUSTER)
    assert cluster.plain["deletionProtection"] is protected
    assert {part.protect for part in [cluster, *recording.all(INSTANCE)]} == {protected}
    assert cluster.plain["skipFinalSnapshot"] is False
    assert cluster.plain["finalSnapshotIdentifier"] == "tandem-us-east-1-final"
    assert cluster.plain["deleteAutomatedBackups"] is False


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"instances": 1}, "instances: got 1, must be at least 2"),
        ({"zones": ground.ZONES[:1]}, "zones: got 1, must be at least 2"),
        ({"engine_version": "17"}, "must be of the form '17.5'"),
        ({"recovery_point_seconds": 19}, "recovery_point_seconds: got 19, must be 20 to 2147483647"),
        ({"recovery_point_seconds": 2_147_483_648}, "recovery_point_seconds: got 2147483648, must be 20"),
        ({"monitoring_interval_seconds": 20}, "monitoring_interval_seconds: got 20, must be one of 1, 5, 10"),
        ({"insights_retention_days": 94}, "insights_retention_days: got 94, must be 7, a multiple of 31"),
    ],
)
def test_a_database_that_would_not_survive_is_refused(changes: dict[str, Any], told: str) -> None:
    with pytest.raises(ValueError, match=told):
        database(**changes)


def proxy(*, preview: bool = False, secrets: int = 2, **changes: Any) -> Recording:
    def program() -> None:
        here = place()
        made = make_database("database", make_shell().identifier, **{**here, **CREDENTIALS})
        users = [
            Credential(f"user-{n}", {"secret_name": f"user-{n}", "username": f"user{n}", "key_arn": here["key_arn"]})
            for n in range(secrets)
        ]
        args: DatabaseProxyArgs = {
            "identifier": "tandem-us-east-1",
            "cluster_identifier": made.cluster_identifier,
            "secret_arns": [user.arn for user in users],
            "key_arn": here["key_arn"],
            "region_name": "us-east-1",
            "vpc_id": here["vpc_id"],
            "subnet_ids": here["subnet_ids"],
            "database_security_group_id": made.security_group_id,
            "region": "us-east-1",
            **changes,  # type: ignore[typeddict-item]
        }
        built = DatabaseProxy("proxy", args)
        aws.ssm.Parameter("client", name="/client", type="String", value=built.endpoint)
        aws.ssm.Parameter("reader", name="/reader", type="String", value=built.reader_endpoint)
        pulumi.export("endpoint", built.endpoint)
        pulumi.export("readers", built.reader_endpoint)

    return record(program, preview=preview)


PROXY, TARGETS = "aws:rds/proxy:Proxy", "aws:rds/proxyDefaultTargetGroup:ProxyDefaultTargetGroup"
TARGET, READERS = "aws:rds/proxyTarget:ProxyTarget", "aws:rds/proxyEndpoint:ProxyEndpoint"
SECRET = "aws:secretsmanager/secret:Secret"


def test_the_proxy_takes_encrypted_connections_of_the_roles_it_is_given() -> None:
    recording = proxy()
    props = recording.one(PROXY).plain
    assert (props["requireTls"], props["engineFamily"], props["debugLogging"]) == (True, "POSTGRESQL", False)
    assert [auth["secretArn"] for auth in props["auths"]] == [recording.one(SECRET, f"user-{n}").id for n in range(2)]
    assert {auth["authScheme"] for auth in props["auths"]} == {"SECRETS"}


def test_the_proxy_stands_in_every_zone_and_waits_for_instances() -> None:
    recording = proxy()
    assert len(recording.one(PROXY).plain["vpcSubnetIds"]) == 3
    target = recording.one(TARGET)
    assert target.plain["dbClusterIdentifier"] == "tandem-us-east-1"
    assert all(recording.waits_for(target, instance) for instance in recording.all(INSTANCE))
    assert all(recording.waits_for(target, recording.one(kind, f"proxy-{way}-database")) for kind, way in
               ((EGRESS, "to"), (INGRESS, "into")))  # fmt: skip


def test_reads_have_an_endpoint_of_their_own() -> None:
    recording = proxy()
    readers = recording.one(READERS).plain
    assert readers["targetRole"] == "READ_ONLY"
    # Without a group of its own it would have the VPC's default one.
    assert readers["vpcSecurityGroupIds"] == recording.one(PROXY).plain["vpcSecurityGroupIds"]
    assert recording.outputs["endpoint"].startswith("tandem-us-east-1.proxy-")
    assert recording.outputs["readers"].startswith("tandem-us-east-1-readers.endpoint.proxy-")
    assert proxy(preview=True).outputs["endpoint"] is UNKNOWN


def test_clients_of_the_proxy_wait_until_a_cluster_is_behind_it() -> None:
    recording = proxy()
    for name in ("client", "reader"):
        client = recording.one("aws:ssm/parameter:Parameter", name)
        assert recording.waits_for(client, recording.one(TARGET))


def test_the_proxy_reaches_the_database_alone() -> None:
    recording = proxy()
    own, data = recording.one(GROUP, "proxy").id, recording.one(GROUP, "database").id
    [out] = [rule.plain for rule in recording.all(EGRESS) if rule.plain["securityGroupId"] == own]
    assert (out["referencedSecurityGroupId"], out["fromPort"], out["toPort"]) == (data, 5432, 5432)
    [into] = [rule.plain for rule in recording.all(INGRESS) if rule.plain["securityGroupId"] == data]
    assert into["referencedSecurityGroupId"] == own


def test_the_proxy_reads_its_own_secrets_only() -> None:
    recording = proxy()
    secrets = [recording.one(SECRET, f"user-{n}").id for n in range(2)]
    key = (recording.one("aws:kms/key:Key").outputs or {})["arn"]
    assert json.loads(recording.one("aws:iam/rolePolicy:RolePolicy", "proxy").plain["policy"])["Statement"] == [
        {"Effect": "Allow", "Action": ["secretsmanager:GetSecretValue"], "Resource": secrets},
        {
            "Effect": "Allow",
            "Action": ["kms:Decrypt"],
            "Resource": [key],
            "Condition": {"StringEquals": {"kms:ViaService": "secretsmanager.us-east-1.amazonaws.com"}},
        },
    ]
    assert recording.waits_for(recording.one(PROXY), recording.one("aws:iam/rolePolicy:RolePolicy", "proxy"))


@pytest.mark.parametrize(("forwarding", "percent"), [(True, 70), (False, 95)])
def test_the_proxy_leaves_connections_for_forwarded_writes(forwarding: bool, percent: int) -> None:
    pool = proxy(write_forwarding=forwarding).one(TARGETS).plain["connectionPoolConfig"]
    assert pool["maxConnectionsPercent"] == percent == plan_proxy_share(write_forwarding=forwarding)
    assert pool["maxIdleConnectionsPercent"] < percent


def test_the_proxy_s_log_is_there_first() -> None:
    recording = proxy(log_retention_days=30)
    log = recording.one(LOG, "proxy")
    assert (log.plain["name"], log.plain["retentionInDays"]) == ("/aws/rds/proxy/tandem-us-east-1", 30)
    assert log.urn in recording.one(PROXY).dependencies


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"secret_arns": []}, "secret_arns: is empty"),
        ({"subnet_ids": ["subnet-1"]}, "subnet_ids: got 1, must be at least 2"),
        ({"connections_percent": 76}, "connections_percent: got 76, must be 1 to 75; 25 are the other region's"),
        ({"connections_percent": 101, "write_forwarding": False}, "connections_percent: got 101, must be 1 to 100$"),
        ({"connections_percent": 0}, "connections_percent: got 0"),
    ],
)
def test_a_proxy_that_could_not_serve_is_refused(changes: dict[str, Any], told: str) -> None:
    with pytest.raises(ValueError, match=told):
        proxy(**changes)


def test_a_proxy_of_a_cluster_that_is_not_there_is_refused() -> None:
    with pytest.raises(Refusal, match=r"DBClusterNotFoundFault: ProxyTarget.dbClusterIdentifier"):
        proxy(cluster_identifier="gone")


ROLES = [("prefect", "prefect"), ("airflow", "airflow_app")]


def roles(*, preview: bool = False, **changes: Any) -> Recording:
    def program() -> None:
        namespace = k8s.core.v1.Namespace("platform", metadata={"name": "platform"})
        args: DatabaseRolesArgs = {
            "namespace": namespace.metadata.name.apply(str),
            "service_account": "database-roles",
            "region_name": "us-east-1",
            "host": "tandem.global-abc.global.rds.amazonaws.com",
            "port": 5432,
            "owner": "tandem",
            "owner_secret_arn": arn("owner"),
            "roles": [{"database": each, "role": role, "secret_arn": arn(role)} for each, role in ROLES],
            **changes,  # type: ignore[typeddict-item]
        }
        pulumi.export("done", DatabaseRoles("roles", args).done)

    return record(program, preview=preview)


def arn(name: str) -> str:
    return f"arn:aws:secretsmanager:us-east-1:000000000000:secret:{name}-AbCdEf"


JOB, SCRIPTS = "kubernetes:batch/v1:Job", "kubernetes:core/v1:ConfigMap"


def pod(recording: Recording) -> dict[str, Any]:
    spec: dict[str, Any] = recording.one(JOB).plain["spec"]["template"]["spec"]
    return spec


def environment(container: dict[str, Any]) -> dict[str, str]:
    return {entry["name"]: entry["value"] for entry in container["env"]}


def test_the_job_reads_each_password_by_its_own_right_into_memory() -> None:
    spec = pod(roles())
    [fetch] = spec["initContainers"]
    found = environment(fetch)
    assert [found[f"SECRET_{n}"] for n in range(3)] == [arn("owner"), arn("prefect"), arn("airflow_app")]
    assert found["AWS_REGION"] == "us-east-1"
    assert {"name": "secrets", "emptyDir": {"medium": "Memory", "sizeLimit": "1Mi"}} in spec["volumes"]
    assert (spec["serviceAccountName"], spec["automountServiceAccountToken"]) == ("database-roles", False)


def test_the_job_knows_no_password() -> None:
    recording = roles()
    assert not [key for key in environment(pod(recording)["containers"][0]) if "PASSWORD" in key]
    for text in recording.one(SCRIPTS).plain["data"].values():
        assert not re.search(r"PASSWORD '", text)


def test_the_job_signs_in_over_tls_as_the_owner() -> None:
    found = environment(pod(roles())["containers"][0])
    assert found["PGHOST"] == "tandem.global-abc.global.rds.amazonaws.com"
    assert (found["PGPORT"], found["PGUSER"], found["PGDATABASE"]) == ("5432", "tandem", "postgres")
    assert found["PGSSLMODE"] == "require"
    assert "PGSSLROOTCERT" not in found


def test_with_authorities_given_the_server_s_name_is_checked() -> None:
    recording = roles(certificate_authorities="-----BEGIN CERTIFICATE-----")
    found = environment(pod(recording)["containers"][0])
    assert (found["PGSSLMODE"], found["PGSSLROOTCERT"]) == ("verify-full", "/scripts/authorities.pem")
    assert recording.one(SCRIPTS).plain["data"]["authorities.pem"] == "-----BEGIN CERTIFICATE-----"


def test_the_job_is_confined_and_ends() -> None:
    recording = roles()
    spec = pod(recording)
    assert spec["restartPolicy"] == "Never"
    assert spec["securityContext"]["runAsNonRoot"] is True
    for container in (*spec["initContainers"], *spec["containers"]):
        assert container["securityContext"]["readOnlyRootFilesystem"] is True
        assert container["securityContext"]["capabilities"] == {"drop": ["ALL"]}
        assert {"requests", "limits"} <= set(container["resources"])
    job = recording.one(JOB).plain["spec"]
    assert (job["backoffLimit"], job["activeDeadlineSeconds"]) == (6, 900)
    # Gone by itself, it would be drift.
    assert "ttlSecondsAfterFinished" not in job
    assert recording.waits_for(recording.one(JOB), recording.one("kubernetes:core/v1:ServiceAccount"))


@pytest.mark.parametrize(
    "changes",
    [
        {"host": "other.global-abc.global.rds.amazonaws.com"},
        {"roles": [{"database": "prefect", "role": "prefect", "secret_arn": arn("prefect")}]},
        {"owner_secret_arn": arn("another")},
        {"certificate_authorities": "-----BEGIN CERTIFICATE-----"},
    ],
)
def test_the_job_runs_again_when_anything_in_it_changes(changes: dict[str, Any]) -> None:
    before = roles().outputs["done"]
    assert before == roles().outputs["done"]
    assert before.startswith("roles-")
    assert roles(**changes).outputs["done"] != before


def test_the_job_s_scripts_change_with_it() -> None:
    recording = roles()
    scripts = recording.one(SCRIPTS).plain["metadata"]["name"]
    assert scripts == recording.outputs["done"] == recording.one(JOB).plain["metadata"]["name"]
    assert {"name": "scripts", "configMap": {"name": scripts}} in pod(recording)["volumes"]


def test_the_model_server_s_and_the_job_s_client_of_aws_are_the_same() -> None:
    values = Path("components/inference/model-server/values.yaml").read_text()
    assert f"image: {AWS_CLI_IMAGE}\n" in values


@pytest.mark.parametrize(
    ("database_", "role", "told"),
    [
        ("prefect; DROP DATABASE prefect", "prefect", r"roles\[0\].database: got 'prefect; DROP DATABASE prefect'"),
        ("prefect", "prefect' --", r"roles\[0\].role: got \"prefect' --\", must begin with a lower-case letter"),
        ('pre"fect', "prefect", r"roles\[0\].database: got"),
        ("$(id)", "prefect", r"roles\[0\].database: got"),
        ("prefect\n", "prefect", r"roles\[0\].database: got"),
        ("p" * 64, "prefect", r"roles\[0\].database: got"),
        ("prefect", "rds_superuser", r"roles\[0\].role: rds_superuser is PostgreSQL's or RDS' own"),
        ("prefect", "pg_monitor", r"roles\[0\].role: pg_monitor is PostgreSQL's"),
        ("prefect", "public", r"roles\[0\].role: public is PostgreSQL's"),
        ("postgres", "prefect", r"roles\[0\].database: postgres is the server's own"),
        ("prefect", "tandem", r"roles\[0\].role: tandem is the owner of all"),
    ],
)
def test_a_name_that_is_more_than_a_name_is_refused(database_: str, role: str, told: str) -> None:
    with pytest.raises(ValueError, match=told):
        plan_roles(owner="tandem", roles=[(database_, role)])


def test_names_are_refused_before_anything_is_made() -> None:
    with pytest.raises(ValueError, match=r"roles\[0\].database: got 'a-b'"):
        roles(roles=[{"database": "a-b", "role": "a", "secret_arn": arn("a")}])


@pytest.mark.parametrize(
    ("given", "told"),
    [
        ([], "roles: is empty"),
        ([("a", "one"), ("b", "one")], r"roles\[1\]: b or one is named twice"),
        ([("a", "one"), ("a", "two")], r"roles\[1\]: a or two is named twice"),
    ],
)
def test_each_database_has_a_role_of_its_own(given: list[tuple[str, str]], told: str) -> None:
    with pytest.raises(ValueError, match=told):
        plan_roles(owner="tandem", roles=given)


def test_the_statements_can_be_run_again() -> None:
    # Run by hand on PostgreSQL 15 and 16 as an owner that is no superuser, twice, and on a standby.
    sql = render_sql(plan_roles(owner="tandem", roles=[("airflow", "airflow_app")]))
    assert sql.splitlines() == [
        "\\getenv password PASSWORD_1",
        "SELECT 'CREATE ROLE \"airflow_app\" LOGIN'",
        "  WHERE NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'airflow_app') \\gexec",
        'GRANT "airflow_app" TO CURRENT_USER;',
        "ALTER ROLE \"airflow_app\" LOGIN PASSWORD :'password';",
        'SELECT \'CREATE DATABASE "airflow" OWNER "airflow_app"\'',
        "  WHERE NOT EXISTS (SELECT FROM pg_database WHERE datname = 'airflow') \\gexec",
        'ALTER DATABASE "airflow" OWNER TO "airflow_app";',
        'REVOKE ALL ON DATABASE "airflow" FROM PUBLIC;',
        "SELECT 'GRANT CONNECT ON DATABASE \"airflow\" TO rdswriteforwarduser'",
        "  WHERE EXISTS (SELECT FROM pg_roles WHERE rolname = 'rdswriteforwarduser') \\gexec",
    ]


def run(folder: Path, secrets: dict[int, str], *, replica: str, there: int = 2) -> subprocess.CompletedProcess[str]:
    """Run the job's script with a server that answers so, and says which passwords it was given."""
    (folder / "secrets").mkdir(exist_ok=True)
    for position, text in secrets.items():
        (folder / f"secrets/{position}.json").write_text(text)
    client = folder / "psql"
    client.write_text(
        f"""#!/bin/sh
case "$*" in
  *pg_is_in_recovery*) echo {replica};;
  *count*) echo {there};;
  *) echo "ran $* as $PGPASSWORD, $PASSWORD_1, $PASSWORD_2";;
esac
"""
    )
    client.chmod(0o755)
    script = render_run(plan_roles(owner="tandem", roles=ROLES)).replace("/secrets/", f"{folder}/secrets/")
    return subprocess.run(
        ["/bin/sh", "-c", script],
        env={"PATH": f"{folder}:/usr/bin:/bin"},
        capture_output=True,
        text=True,
        check=False,
    )


GIVEN = {
    0: '{"engine": "postgres", "username": "tandem", "password": "own-er.1_x", "ssl": true}',
    1: '{"username":"prefect","password":"first"}',
    2: '{"password": "second", "username": "airflow_app"}',
}


def test_on_the_writer_the_statements_run_with_every_password(tmp_path: Path) -> None:
    done = run(tmp_path, GIVEN, replica="f")
    assert done.stdout == "ran -X -v ON_ERROR_STOP=1 -f /scripts/roles.sql as own-er.1_x, first, second\n"
    assert done.returncode == 0


def test_on_a_replica_with_everything_there_nothing_is_done(tmp_path: Path) -> None:
    done = run(tmp_path, GIVEN, replica="t")
    assert (done.stdout, done.returncode) == ("a replica, and every database is there\n", 0)


def test_on_a_replica_that_lacks_a_database_the_job_tries_again(tmp_path: Path) -> None:
    done = run(tmp_path, GIVEN, replica="t", there=1)
    assert (done.stdout, done.returncode) == ("", 1)
    assert "with 1 of 2 databases; they come from the region that writes" in done.stderr


@pytest.mark.parametrize("position", [0, 2])
def test_a_secret_without_a_password_sets_none(tmp_path: Path, position: int) -> None:
    done = run(tmp_path, {**GIVEN, position: '{"username": "x"}'}, replica="f")
    assert (done.stdout, done.stderr, done.returncode) == ("", f"secret {position} holds no password\n", 1)


def test_each_secret_is_fetched_into_a_file_that_only_the_pod_reads(tmp_path: Path) -> None:
    (tmp_path / "secrets").mkdir()
    client = tmp_path / "aws"
    client.write_text('#!/bin/sh\necho "$*"\n')
    client.chmod(0o755)
    script = render_fetch(plan_roles(owner="tandem", roles=ROLES)).replace("/secrets/", f"{tmp_path}/secrets/")
    names = {f"SECRET_{n}": f"arn-{n}" for n in range(3)}
    subprocess.run(["/bin/sh", "-c", script], env={"PATH": f"{tmp_path}:/bin", **names}, check=True)
    for position in range(3):
        file = tmp_path / f"secrets/{position}.json"
        wanted = f"secretsmanager get-secret-value --secret-id arn-{position} --query SecretString --output text\n"
        assert file.read_text() == wanted
        assert file.stat().st_mode & 0o077 == 0


def test_rights_to_secrets_end_with_them_and_their_region() -> None:
    first, second = json.loads(render_secrets_policy([arn("a"), arn("b")], "key", "us-west-2"))["Statement"]
    assert (first["Action"], first["Resource"]) == (["secretsmanager:GetSecretValue"], [arn("a"), arn("b")])
    assert second["Resource"] == ["key"]
    assert second["Condition"]["StringEquals"] == {"kms:ViaService": "secretsmanager.us-west-2.amazonaws.com"}
