"""What operations work on stands twice: in the simulated cloud, and for real in the local AWS that boto3 talks to."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, cast

from sandbox import paths
from sandbox.cloud.errors import Refused
from sandbox.values import listed, mapped

_Outputs = dict[str, Any]


@dataclass(frozen=True)
class Real:
    """One resource in the local AWS.

    Attributes:
        aws: makes boto3 clients: service, region.
        id: the resource's id; while it is being made, the one the simulated cloud would give.
        inputs: plain.
        region: where it stands; that of the control plane for what is global.
    """

    aws: "LocalAws"
    id: str
    inputs: Mapping[str, Any]
    region: str

    def client(self, service: str) -> Any:
        """A boto3 client in the resource's region."""
        return self.aws.client(service, self.region)


@dataclass(frozen=True)
class _Mirroring:
    """How a type stands in the local AWS: each takes the resource and, but for `remove`, gives outputs, `id` too."""

    make: Callable[[Real], _Outputs]
    look: Callable[[Real], _Outputs]
    remove: Callable[[Real], object]
    change: Callable[[Real], object] | None = None


class LocalAws:
    """The local AWS of this sandbox, started by `python -m sandbox start`."""

    def __init__(self, account: str) -> None:
        """Clients are made, and boto3 is loaded, when the first is needed."""
        self._account = account
        self._clients: dict[tuple[str, str], Any] = {}

    def client(self, service: str, region: str) -> Any:
        """A boto3 client.

        Raises:
            Refused: when the local AWS was never started.
        """
        if (service, region) not in self._clients:
            # Half a second to load, and only mirrored resources need it.
            import boto3
            from botocore.config import Config

            self._clients[service, region] = boto3.client(  # pyright: ignore[reportUnknownMemberType]
                cast(Any, service),
                region_name=region,
                endpoint_url=_endpoint(),
                # The local AWS takes the account from the access key.
                aws_access_key_id=self._account,
                aws_secret_access_key="sandbox",  # noqa: S106
                config=Config(retries={"total_max_attempts": 1}, connect_timeout=5, read_timeout=30,
                              s3={"addressing_style": "path"}),
            )  # fmt: skip
        return self._clients[service, region]


class Mirror:
    """Makes, reads, changes and removes mirrored resources in the local AWS."""

    def __init__(self, account: str) -> None:
        """Nothing is reached before the first mirrored resource."""
        self._aws = LocalAws(account)

    def mirrors(self, type_: str) -> bool:
        """Whether resources of this type stand in the local AWS too."""
        return type_ in _MIRRORED

    def make(self, type_: str, id_: str, inputs: Mapping[str, Any], region: str) -> _Outputs:
        """Make it; what it really is called and answers.

        Raises:
            Refused: as the local AWS refuses, or when it does not run.
        """
        return self._called(type_, lambda: _MIRRORED[type_].make(self._real(id_, inputs, region)))

    def look(self, type_: str, id_: str, inputs: Mapping[str, Any], region: str) -> _Outputs | None:
        """What it answers now, None when it is gone."""
        try:
            return self._called(type_, lambda: _MIRRORED[type_].look(self._real(id_, inputs, region)))
        except _Gone:
            return None

    def change(self, type_: str, id_: str, inputs: Mapping[str, Any], region: str) -> None:
        """Bring it to its new inputs, as far as the local AWS has them."""
        change = _MIRRORED[type_].change
        if change is not None:
            self._called(type_, lambda: change(self._real(id_, inputs, region)))

    def remove(self, type_: str, id_: str, inputs: Mapping[str, Any], region: str) -> None:
        """Remove it; one that is gone already is no error."""
        try:
            self._called(type_, lambda: _MIRRORED[type_].remove(self._real(id_, inputs, region)))
        except _Gone:
            return

    def _real(self, id_: str, inputs: Mapping[str, Any], region: str) -> Real:
        return Real(self._aws, id_, inputs, region or "us-east-1")

    def _called(self, type_: str, call: Callable[[], Any]) -> Any:
        from botocore.exceptions import BotoCoreError, ClientError

        try:
            return call()
        except ClientError as error:
            answer = cast(Mapping[str, Any], error.response).get("Error", {})
            code, message = str(answer.get("Code", "")), str(answer.get("Message", ""))
            if "NotFound" in code or code.startswith("NoSuch") or code == "404":
                raise _Gone(f"{code}: {message}") from error
            raise Refused(f"{code}: {type_.rpartition(':')[2]}: {message} (the local AWS says so)") from error
        except BotoCoreError as error:
            raise Refused(
                f"the local AWS does not answer at {_endpoint()} ({type(error).__name__}); "
                "run `python -m sandbox start` to start it"
            ) from error


class _Gone(Refused):
    """The local AWS has no such thing."""


def _endpoint() -> str:
    try:
        return str(json.loads(paths.local_aws().read_text())["endpoint"])
    except (OSError, ValueError, KeyError):
        raise Refused("the local AWS is not running; run `python -m sandbox start` to start it") from None


def _nothing(real: Real) -> _Outputs:
    return {}


def _make_bucket(real: Real) -> _Outputs:
    where = {} if real.region == "us-east-1" else {"CreateBucketConfiguration": {"LocationConstraint": real.region}}
    real.client("s3").create_bucket(Bucket=real.inputs["bucket"], **where)
    return {}


def _look_bucket(real: Real) -> _Outputs:
    real.client("s3").head_bucket(Bucket=real.id)
    return {}


def _remove_bucket(real: Real) -> None:
    s3 = real.client("s3")
    if real.inputs.get("forceDestroy") is True:
        for page in s3.get_paginator("list_object_versions").paginate(Bucket=real.id):
            doomed = [*page.get("Versions", []), *page.get("DeleteMarkers", [])]
            objects = [{"Key": one["Key"], "VersionId": one["VersionId"]} for one in doomed]
            if objects:
                s3.delete_objects(Bucket=real.id, Delete={"Objects": objects})
    s3.delete_bucket(Bucket=real.id)


def _set_versioning(real: Real) -> _Outputs:
    settings = {"Status": real.inputs["versioningConfiguration"]["status"]}
    if settings["Status"] != "Disabled":
        real.client("s3").put_bucket_versioning(Bucket=real.inputs["bucket"], VersioningConfiguration=settings)
    return {}


def _look_versioning(real: Real) -> _Outputs:
    status = real.client("s3").get_bucket_versioning(Bucket=real.id).get("Status", "Disabled")
    return {"versioningConfiguration": {**real.inputs["versioningConfiguration"], "status": status}}


def _remove_versioning(real: Real) -> None:
    real.client("s3").put_bucket_versioning(Bucket=real.id, VersioningConfiguration={"Status": "Suspended"})


def _set_encryption(real: Real) -> _Outputs:
    rules = [
        {
            "ApplyServerSideEncryptionByDefault": _capitalised(
                mapped(rule.get("applyServerSideEncryptionByDefault")),
                {"sseAlgorithm": "SSEAlgorithm", "kmsMasterKeyId": "KMSMasterKeyID"},
            ),
            "BucketKeyEnabled": bool(rule.get("bucketKeyEnabled")),
        }
        for rule in real.inputs["rules"]
    ]
    real.client("s3").put_bucket_encryption(
        Bucket=real.inputs["bucket"], ServerSideEncryptionConfiguration={"Rules": rules}
    )
    return {}


def _set_public_access_block(real: Real) -> _Outputs:
    flags = ("blockPublicAcls", "blockPublicPolicy", "ignorePublicAcls", "restrictPublicBuckets")
    settings = {f"{flag[0].upper()}{flag[1:]}": bool(real.inputs.get(flag)) for flag in flags}
    real.client("s3").put_public_access_block(Bucket=real.inputs["bucket"], PublicAccessBlockConfiguration=settings)
    return {}


_REPLICATION_NAMES = {"id": "ID", "replicaKmsKeyId": "ReplicaKmsKeyID"}


def _set_replication(real: Real) -> _Outputs:
    rules = [_capitalised(rule, _REPLICATION_NAMES) for rule in real.inputs["rules"]]
    real.client("s3").put_bucket_replication(
        Bucket=real.inputs["bucket"], ReplicationConfiguration={"Role": real.inputs["role"], "Rules": rules}
    )
    return {}


def _set_bucket_policy(real: Real) -> _Outputs:
    real.client("s3").put_bucket_policy(Bucket=real.inputs["bucket"], Policy=real.inputs["policy"])
    return {}


def _without(method: str) -> Callable[[Real], object]:
    def remove(real: Real) -> object:
        return getattr(real.client("s3"), method)(Bucket=real.id)

    return remove


def _make_global_database(real: Real) -> _Outputs:
    made = real.client("rds").create_global_cluster(
        GlobalClusterIdentifier=real.inputs["globalClusterIdentifier"],
        **_given(
            real,
            engine="Engine",
            engineVersion="EngineVersion",
            databaseName="DatabaseName",
            storageEncrypted="StorageEncrypted",
            deletionProtection="DeletionProtection",
        ),
    )["GlobalCluster"]
    return _global_database(made)


def _look_global_database(real: Real) -> _Outputs:
    found = real.client("rds").describe_global_clusters(GlobalClusterIdentifier=real.id)["GlobalClusters"]
    return _global_database(found[0])


def _global_database(found: Mapping[str, Any]) -> _Outputs:
    return {
        "globalClusterResourceId": found["GlobalClusterResourceId"],
        "globalClusterMembers": [
            {"dbClusterArn": member["DBClusterArn"], "isWriter": member["IsWriter"]}
            for member in found.get("GlobalClusterMembers", [])
        ],
    }


def _remove_global_database(real: Real) -> None:
    rds = real.client("rds")
    rds.modify_global_cluster(GlobalClusterIdentifier=real.id, DeletionProtection=False)
    rds.delete_global_cluster(GlobalClusterIdentifier=real.id)


def _make_aurora(real: Real) -> _Outputs:
    real.client("rds").create_db_cluster(
        DBClusterIdentifier=real.inputs["clusterIdentifier"],
        **_given(
            real,
            engine="Engine",
            engineVersion="EngineVersion",
            globalClusterIdentifier="GlobalClusterIdentifier",
            databaseName="DatabaseName",
            masterUsername="MasterUsername",
            masterPassword="MasterUserPassword",
            kmsKeyId="KmsKeyId",
            storageEncrypted="StorageEncrypted",
            deletionProtection="DeletionProtection",
        ),
    )
    return {}


def _look_aurora(real: Real) -> _Outputs:
    found = real.client("rds").describe_db_clusters(DBClusterIdentifier=real.id)["DBClusters"][0]
    looked: _Outputs = {"replicationSourceIdentifier": found.get("ReplicationSourceIdentifier") or ""}
    shell = real.inputs.get("globalClusterIdentifier")
    if shell:
        looked["globalClusterIdentifier"] = shell if found["DBClusterArn"] in _member_arns(real, shell) else ""
    return looked


def _member_arns(real: Real, shell: str) -> list[str]:
    rds = real.client("rds")
    try:
        found = rds.describe_global_clusters(GlobalClusterIdentifier=shell)["GlobalClusters"]
    except rds.exceptions.GlobalClusterNotFoundFault:
        return []
    return [member["DBClusterArn"] for shell_ in found for member in shell_.get("GlobalClusterMembers", [])]


def _remove_aurora(real: Real) -> None:
    rds = real.client("rds")
    found = rds.describe_db_clusters(DBClusterIdentifier=real.id)["DBClusters"][0]
    shell = real.inputs.get("globalClusterIdentifier")
    if shell and found["DBClusterArn"] in _member_arns(real, shell):
        # As the AWS provider does: a member is taken out before it is deleted.
        rds.remove_from_global_cluster(GlobalClusterIdentifier=shell, DbClusterIdentifier=found["DBClusterArn"])
    rds.modify_db_cluster(DBClusterIdentifier=real.id, DeletionProtection=False, ApplyImmediately=True)
    rds.delete_db_cluster(DBClusterIdentifier=real.id, SkipFinalSnapshot=True)


def _make_aurora_instance(real: Real) -> _Outputs:
    real.client("rds").create_db_instance(
        DBInstanceIdentifier=real.inputs["identifier"],
        DBClusterIdentifier=real.inputs["clusterIdentifier"],
        DBInstanceClass=real.inputs["instanceClass"],
        Engine=real.inputs["engine"],
        **_given(real, availabilityZone="AvailabilityZone", promotionTier="PromotionTier"),
    )
    return _look_aurora_instance(real)


def _look_aurora_instance(real: Real) -> _Outputs:
    rds = real.client("rds")
    rds.describe_db_instances(DBInstanceIdentifier=real.inputs["identifier"])
    cluster = rds.describe_db_clusters(DBClusterIdentifier=real.inputs["clusterIdentifier"])["DBClusters"][0]
    writers = [one["DBInstanceIdentifier"] for one in cluster.get("DBClusterMembers", []) if one["IsClusterWriter"]]
    return {"writer": real.inputs["identifier"] in writers}


def _remove_aurora_instance(real: Real) -> None:
    real.client("rds").delete_db_instance(DBInstanceIdentifier=real.id, SkipFinalSnapshot=True)


def _make_zone(real: Real) -> _Outputs:
    made = real.client("route53").create_hosted_zone(
        Name=real.inputs["name"],
        CallerReference=real.id,
        HostedZoneConfig={"Comment": real.inputs.get("comment") or "Managed by Pulumi"},
    )
    id_ = made["HostedZone"]["Id"].rpartition("/")[2]
    return {"id": id_, "nameServers": [name.rstrip(".") for name in made["DelegationSet"]["NameServers"]]}


def _look_zone(real: Real) -> _Outputs:
    found = real.client("route53").get_hosted_zone(Id=real.id)
    return {"nameServers": [name.rstrip(".") for name in found["DelegationSet"]["NameServers"]]}


def _remove_zone(real: Real) -> None:
    route53 = real.client("route53")
    if real.inputs.get("forceDestroy") is True:
        for page in route53.get_paginator("list_resource_record_sets").paginate(HostedZoneId=real.id):
            for record in page["ResourceRecordSets"]:
                if record["Type"] not in ("NS", "SOA"):
                    _change_record(route53, real.id, "DELETE", record)
    route53.delete_hosted_zone(Id=real.id)


def _set_record(real: Real) -> _Outputs:
    _change_record(real.client("route53"), real.inputs["zoneId"], "UPSERT", _record(real.inputs))
    return {}


def _look_record(real: Real) -> _Outputs:
    wanted = _record(real.inputs)
    pages = real.client("route53").get_paginator("list_resource_record_sets").paginate(
        HostedZoneId=real.inputs["zoneId"]
    )  # fmt: skip
    for record in (entry for page in pages for entry in page["ResourceRecordSets"]):
        key = ("Name", "Type", "SetIdentifier")
        if [str(record.get(part, "")).rstrip(".") for part in key] == [
            str(wanted.get(part, "")).rstrip(".") for part in key
        ]:
            return {}
    raise _Gone(f"NoSuchRecord: {real.id}")


def _remove_record(real: Real) -> None:
    _change_record(real.client("route53"), real.inputs["zoneId"], "DELETE", _record(real.inputs))


def _change_record(route53: Any, zone: str, action: str, record: Mapping[str, Any]) -> None:
    changes = [{"Action": action, "ResourceRecordSet": dict(record)}]
    route53.change_resource_record_sets(HostedZoneId=zone, ChangeBatch={"Changes": changes})


def _record(inputs: Mapping[str, Any]) -> dict[str, Any]:
    record: dict[str, Any] = {"Name": inputs["name"], "Type": inputs["type"]}
    if inputs.get("records"):
        record["ResourceRecords"] = [{"Value": value} for value in inputs["records"]]
        record["TTL"] = inputs.get("ttl", 300)
    for alias in listed(inputs.get("aliases")):
        record["AliasTarget"] = {
            "HostedZoneId": alias["zoneId"],
            "DNSName": alias["name"],
            "EvaluateTargetHealth": bool(alias["evaluateTargetHealth"]),
        }
    for policy in listed(inputs.get("failoverRoutingPolicies")):
        record["Failover"] = policy["type"]
    for policy in listed(inputs.get("weightedRoutingPolicies")):
        record["Weight"] = policy["weight"]
    for policy in listed(inputs.get("latencyRoutingPolicies")):
        record["Region"] = policy["region"]
    if inputs.get("setIdentifier"):
        record["SetIdentifier"] = inputs["setIdentifier"]
    if inputs.get("healthCheckId"):
        record["HealthCheckId"] = inputs["healthCheckId"]
    return record


_HEALTH_CHECK_NAMES = {"fqdn": "FullyQualifiedDomainName", "ipAddress": "IPAddress", "enableSni": "EnableSNI"}
_HEALTH_CHECK_KEYS = ("type", "fqdn", "ipAddress", "port", "resourcePath", "requestInterval", "failureThreshold",
                      "measureLatency", "enableSni", "searchString", "disabled", "inverted")  # fmt: skip


def _health_check(real: Real) -> dict[str, Any]:
    given = {key: real.inputs[key] for key in _HEALTH_CHECK_KEYS if real.inputs.get(key) is not None}
    if "invertHealthcheck" in real.inputs:
        given["inverted"] = real.inputs["invertHealthcheck"]
    return _capitalised(given, _HEALTH_CHECK_NAMES)


def _make_health_check(real: Real) -> _Outputs:
    made = real.client("route53").create_health_check(
        CallerReference=real.id, HealthCheckConfig=_health_check(real)
    )  # fmt: skip
    return {"id": made["HealthCheck"]["Id"]}


def _change_health_check(real: Real) -> None:
    fixed = ("Type", "RequestInterval", "MeasureLatency")
    settings = {key: value for key, value in _health_check(real).items() if key not in fixed}
    real.client("route53").update_health_check(HealthCheckId=real.id, **settings)


def _make_key(real: Real) -> _Outputs:
    kms = real.client("kms")
    made = kms.create_key(
        MultiRegion=bool(real.inputs.get("multiRegion")), **_given(real, description="Description", policy="Policy")
    )["KeyMetadata"]
    if real.inputs.get("enableKeyRotation") is True:
        kms.enable_key_rotation(KeyId=made["KeyId"])
    return {"id": made["KeyId"]}


def _look_key(real: Real) -> _Outputs:
    found = real.client("kms").describe_key(KeyId=real.id)["KeyMetadata"]
    if found["KeyState"] == "PendingDeletion":
        raise _Gone(f"NotFoundException: {real.id} is pending deletion")
    return {}


def _remove_key(real: Real) -> None:
    days = real.inputs.get("deletionWindowInDays") or 30
    real.client("kms").schedule_key_deletion(KeyId=real.id, PendingWindowInDays=days)


def _make_replica_key(real: Real) -> _Outputs:
    arn = str(real.inputs["primaryKeyArn"])
    made = real.aws.client("kms", arn.split(":")[3]).replicate_key(
        KeyId=arn.rpartition("/")[2], ReplicaRegion=real.region, **_given(real, description="Description")
    )
    return {"id": made["ReplicaKeyMetadata"]["KeyId"]}


def _make_alias(real: Real) -> _Outputs:
    real.client("kms").create_alias(AliasName=real.inputs["name"], TargetKeyId=real.inputs["targetKeyId"])
    return {}


def _change_alias(real: Real) -> None:
    real.client("kms").update_alias(AliasName=real.inputs["name"], TargetKeyId=real.inputs["targetKeyId"])


def _make_secret(real: Real) -> _Outputs:
    made = real.client("secretsmanager").create_secret(
        Name=real.inputs["name"], **_given(real, description="Description", kmsKeyId="KmsKeyId")
    )
    _replicate_secret(real, made["ARN"])
    return {"id": made["ARN"]}


def _replicate_secret(real: Real, arn: str) -> None:
    # The local AWS overlooks copies that are asked for while the secret is made, and takes none away again.
    secrets = real.client("secretsmanager")
    standing = {one["Region"] for one in secrets.describe_secret(SecretId=arn).get("ReplicationStatus", [])}
    new = [
        {"Region": one["region"], **({"KmsKeyId": one["kmsKeyId"]} if one.get("kmsKeyId") else {})}
        for one in listed(real.inputs.get("replicas"))
        if one["region"] not in standing
    ]
    if new:
        secrets.replicate_secret_to_regions(SecretId=arn, AddReplicaRegions=new)


def _change_secret(real: Real) -> None:
    _replicate_secret(real, real.id)


def _look_secret(real: Real) -> _Outputs:
    found = real.client("secretsmanager").describe_secret(SecretId=real.id)
    if found.get("DeletedDate"):
        raise _Gone(f"ResourceNotFoundException: {real.id} is deleted")
    return {}


def _remove_secret(real: Real) -> None:
    # The name would stay taken for the recovery window; a sandbox goes up and down all day.
    real.client("secretsmanager").delete_secret(SecretId=real.id, ForceDeleteWithoutRecovery=True)


def _make_secret_version(real: Real) -> _Outputs:
    made = real.client("secretsmanager").put_secret_value(
        SecretId=real.inputs["secretId"], SecretString=real.inputs.get("secretString") or ""
    )
    return {"id": f"{real.inputs['secretId']}|{made['VersionId']}", "versionId": made["VersionId"]}


def _make_topic(real: Real) -> _Outputs:
    return {"id": real.client("sns").create_topic(Name=real.inputs["name"])["TopicArn"]}


def _given(real: Real, **names: str) -> dict[str, Any]:
    """The inputs that were given, under the API's names."""
    return {there: real.inputs[here] for here, there in names.items() if real.inputs.get(here) not in (None, "")}


def _capitalised(value: Any, names: Mapping[str, str]) -> Any:
    """Pulumi's camelCase as the API's PascalCase, with the names that are spelt otherwise."""
    if isinstance(value, Mapping):
        return {
            names.get(key, f"{key[0].upper()}{key[1:]}"): _capitalised(item, names)
            for key, item in cast(Mapping[str, Any], value).items()
            if item is not None
        }
    if isinstance(value, list):
        return [_capitalised(item, names) for item in cast(list[Any], value)]
    return value


def _call(service: str, method: str, key: str) -> Callable[[Real], _Outputs]:
    """A call that takes the id alone and whose answer says nothing new."""

    def call(real: Real) -> _Outputs:
        getattr(real.client(service), method)(**{key: real.id})
        return {}

    return call


def _bucket_setting(set_: Callable[[Real], _Outputs], get: str, delete: str) -> _Mirroring:
    return _Mirroring(set_, _call("s3", get, "Bucket"), _without(delete), set_)


_MIRRORED: Mapping[str, _Mirroring] = {
    "aws:s3/bucket:Bucket": _Mirroring(_make_bucket, _look_bucket, _remove_bucket),
    "aws:s3/bucketVersioning:BucketVersioning": _Mirroring(
        _set_versioning, _look_versioning, _remove_versioning, _set_versioning
    ),
    "aws:s3/bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration": _bucket_setting(
        _set_encryption, "get_bucket_encryption", "delete_bucket_encryption"
    ),
    "aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock": _bucket_setting(
        _set_public_access_block, "get_public_access_block", "delete_public_access_block"
    ),
    "aws:s3/bucketReplicationConfig:BucketReplicationConfig": _bucket_setting(
        _set_replication, "get_bucket_replication", "delete_bucket_replication"
    ),
    "aws:s3/bucketPolicy:BucketPolicy": _bucket_setting(
        _set_bucket_policy, "get_bucket_policy", "delete_bucket_policy"
    ),
    "aws:rds/globalCluster:GlobalCluster": _Mirroring(
        _make_global_database, _look_global_database, _remove_global_database
    ),
    "aws:rds/cluster:Cluster": _Mirroring(_make_aurora, _look_aurora, _remove_aurora),
    "aws:rds/clusterInstance:ClusterInstance": _Mirroring(
        _make_aurora_instance, _look_aurora_instance, _remove_aurora_instance
    ),
    "aws:route53/zone:Zone": _Mirroring(_make_zone, _look_zone, _remove_zone),
    "aws:route53/record:Record": _Mirroring(_set_record, _look_record, _remove_record, _set_record),
    "aws:route53/healthCheck:HealthCheck": _Mirroring(
        _make_health_check,
        _call("route53", "get_health_check", "HealthCheckId"),
        _call("route53", "delete_health_check", "HealthCheckId"),
        _change_health_check,
    ),
    "aws:kms/key:Key": _Mirroring(_make_key, _look_key, _remove_key),
    "aws:kms/replicaKey:ReplicaKey": _Mirroring(_make_replica_key, _look_key, _remove_key),
    "aws:kms/alias:Alias": _Mirroring(_make_alias, _nothing, _call("kms", "delete_alias", "AliasName"), _change_alias),
    "aws:secretsmanager/secret:Secret": _Mirroring(_make_secret, _look_secret, _remove_secret, _change_secret),
    "aws:secretsmanager/secretVersion:SecretVersion": _Mirroring(_make_secret_version, _nothing, _nothing),
    "aws:sns/topic:Topic": _Mirroring(
        _make_topic, _call("sns", "get_topic_attributes", "TopicArn"), _call("sns", "delete_topic", "TopicArn")
    ),
}
