"""Caches lose nothing to a zone, take only clients they know, and join two regions within AWS' limits."""

from typing import Any

import pytest

from components.cache import Cache, CacheArgs, GlobalCache, ShardedCache, ShardedCacheArgs
from tests.house import ground
from tests.house.recorder import Recording, record

GROUP = "aws:elasticache/replicationGroup:ReplicationGroup"
PARAMETERS = "aws:elasticache/parameterGroup:ParameterGroup"
USER, USERS = "aws:elasticache/user:User", "aws:elasticache/userGroup:UserGroup"
SHELL = "aws:elasticache/globalReplicationGroup:GlobalReplicationGroup"
LOG = "aws:cloudwatch/logGroup:LogGroup"
PASSWORD = "a-password-that-is-long-enough"
PREFECT: Any = {"name": "prefect", "password": PASSWORD, "access": "on ~* &* +@all -@dangerous"}
APPS: Any = {**PREFECT, "name": "apps"}


def place(region: str = "us-east-1") -> dict[str, Any]:
    """Network, key and name of what stands in a region."""
    network = ground.network(region)
    return {
        "vpc_id": network.vpc_id,
        "subnet_ids": list(network.database_subnet_ids),
        "key_arn": ground.key(region).arn,
        "identifier": f"tandem-{region}",
        "region": region,
    }


def cache(**changes: Any) -> Recording:
    def program() -> None:
        args: CacheArgs = {
            "node_type": "cache.r7g.large",
            "replicas": 2,
            "zones": ground.ZONES,
            "users": [PREFECT],
            "snapshot_retention_days": 7,
            **place(),  # type: ignore[typeddict-item]
            **changes,  # type: ignore[typeddict-item]
        }
        if args.get("users") is None:
            args.pop("users", None)
        Cache("cache", args)

    return record(program)


def make_sharded(name: str, **changes: Any) -> ShardedCache:
    args: ShardedCacheArgs = {
        "node_type": "cache.r7g.large",
        "users": [APPS],
        "snapshot_retention_days": 7,
        **changes,  # type: ignore[typeddict-item]
    }
    return ShardedCache(name, args)


def sharded(**changes: Any) -> Recording:
    return record(lambda: make_sharded("apps", **{**place(), **changes}))


def test_losing_the_primary_node_s_zone_leaves_replicas_in_others() -> None:
    props = cache().one(GROUP).plain
    assert (props["automaticFailoverEnabled"], props["multiAzEnabled"]) == (True, True)
    assert sorted(props["preferredCacheClusterAzs"]) == ground.ZONES
    assert props["numCacheClusters"] == 3


def test_what_was_in_the_cache_is_kept_when_it_is_deleted() -> None:
    assert cache().one(GROUP).plain["finalSnapshotIdentifier"] == "tandem-us-east-1-final"


def test_the_broker_is_not_sharded() -> None:
    assert not {"numNodeGroups", "replicasPerNodeGroup"} & set(cache().one(GROUP).plain)


def test_a_full_broker_refuses_work_and_loses_none() -> None:
    recording = cache()
    [parameter] = recording.one(PARAMETERS).plain["parameters"]
    assert (parameter["name"], parameter["value"]) == ("maxmemory-policy", "noeviction")
    assert "parameterGroupName" in recording.one(GROUP).property_dependencies


@pytest.mark.parametrize("make", [cache, sharded])
def test_a_cache_is_encrypted_both_ways(make: Any) -> None:
    recording = make()
    props = recording.one(GROUP).plain
    assert (props["transitEncryptionEnabled"], props["atRestEncryptionEnabled"]) == (True, True)
    assert "kmsKeyId" in recording.one(GROUP).property_dependencies


@pytest.mark.parametrize("make", [cache, sharded])
def test_nobody_connects_without_a_name(make: Any) -> None:
    recording = make()
    nobody = next(user for user in recording.all(USER) if user.plain["userName"] == "default")
    assert nobody.plain["accessString"].startswith("off ")
    assert "+" not in nobody.plain["accessString"]
    group = recording.one(USERS)
    assert nobody.outputs is not None
    assert nobody.outputs["userId"] in group.plain["userIds"]
    assert recording.one(GROUP).plain["userGroupIds"] == [group.plain["userGroupId"]]


def test_each_client_has_its_own_password_and_rights() -> None:
    recording = cache(users=[PREFECT, {"name": "metrics", "password": PASSWORD, "access": "on +info"}])
    metrics = recording.one(USER, "cache-metrics")
    assert metrics.plain["accessString"] == "on +info"
    assert metrics.plain["authenticationMode"]["passwords"] == [PASSWORD]
    assert len(recording.one(USERS).plain["userIds"]) == 3


def test_a_password_is_a_secret_even_when_it_is_given_plainly() -> None:
    assert "Secret" in repr(cache().one(USER, "cache-prefect").props["authenticationMode"])


def test_one_password_for_everybody_excludes_users() -> None:
    recording = cache(users=None, auth_token="a-token-that-is-long-enough")
    assert not recording.all(USER)
    assert "userGroupIds" not in recording.one(GROUP).plain
    with pytest.raises(ValueError, match="users and auth_token: give one of them"):
        cache(auth_token="a-token-that-is-long-enough")
    with pytest.raises(ValueError, match="users and auth_token: give one of them"):
        cache(users=None)


@pytest.mark.parametrize(
    ("names", "told"),
    [
        ([], "users: got none"),
        (["Prefect"], "users: got 'Prefect', must be lower-case"),
        (["default"], "'default' is switched off"),
        (["prefect", "prefect"], "'prefect' stands twice"),
    ],
)
def test_users_that_elasticache_refuses_are_refused(names: list[str], told: str) -> None:
    with pytest.raises(ValueError, match=told):
        cache(users=[{**PREFECT, "name": name} for name in names])


def test_two_caches_of_one_region_have_users_of_their_own() -> None:
    def program() -> None:
        here = place()
        make_sharded("one", **{**here, "identifier": "tandem-one"})
        make_sharded("two", **{**here, "identifier": "tandem-two"})

    ids = [user.plain["userId"] for user in record(program).all(USER)]
    assert len(ids) == len(set(ids)) == 4


def test_only_named_networks_or_groups_are_let_in() -> None:
    def rules(recording: Recording) -> list[Any]:
        made = recording.children_of(recording.one("tandem:index:Cache"))
        return [each.plain for each in made if each.type.endswith(":SecurityGroupIngressRule")]

    assert not rules(cache())
    [admitted] = rules(cache(client_cidrs=["10.10.0.0/19"]))
    assert (admitted["cidrIpv4"], admitted["fromPort"]) == ("10.10.0.0/19", 6379)


def test_slow_commands_are_logged_only_when_asked() -> None:
    assert not cache().all(LOG)
    recording = cache(log_retention_days=30)
    log = recording.one(LOG).plain
    assert (log["name"], log["retentionInDays"]) == ("/aws/elasticache/tandem-us-east-1", 30)
    [delivery] = recording.one(GROUP).plain["logDeliveryConfigurations"]
    assert (delivery["logType"], delivery["destination"]) == ("slow-log", log["name"])


def test_the_log_is_encrypted_with_the_key_that_is_given() -> None:
    def program() -> None:
        here = place()
        make_sharded("apps", **here, log_retention_days=30, log_key_arn=here["key_arn"])

    recording = record(program)
    assert recording.waits_for(recording.one(LOG), recording.one("aws:kms/key:Key"))


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"replicas": 0}, "replicas: got 0"),
        ({"replicas": 6}, "replicas: got 6, must be 1 to 5"),
        ({"zones": ground.ZONES[:1]}, "zones: got 1"),
    ],
)
def test_a_cache_without_failover_is_refused(changes: dict[str, Any], told: str) -> None:
    with pytest.raises(ValueError, match=told):
        cache(**changes)


def test_each_shard_survives_a_zone() -> None:
    props = sharded().one(GROUP).plain
    assert (props["numNodeGroups"], props["replicasPerNodeGroup"]) == (2, 1)
    assert (props["automaticFailoverEnabled"], props["multiAzEnabled"]) == (True, True)


def test_a_promotion_does_not_replace_the_sharded_cache() -> None:
    assert not {"nodeGroupConfigurations", "preferredCacheClusterAzs"} & set(sharded().one(GROUP).plain)


def test_the_sharded_cache_speaks_the_cluster_protocol() -> None:
    recording = sharded()
    parameters = {each["name"]: each["value"] for each in recording.one(PARAMETERS).plain["parameters"]}
    assert parameters == {"cluster-enabled": "yes", "maxmemory-policy": "volatile-lru"}
    endpoint = recording.one("tandem:index:ShardedCache").outputs
    assert endpoint is not None
    assert endpoint["configurationEndpoint"].startswith("clustercfg.")


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"shards": 0}, "shards: got 0"),
        ({"replicas_per_shard": 0}, "replicas: got 0"),
        ({"shards": 100, "replicas_per_shard": 5}, "are 600 nodes, must be at most 500"),
        ({"users": []}, "users: got none"),
    ],
)
def test_a_sharded_cache_that_a_zone_could_empty_is_refused(changes: dict[str, Any], told: str) -> None:
    with pytest.raises(ValueError, match=told):
        sharded(**changes)


def two_regions(**changes: Any) -> Recording:
    def program() -> None:
        founder = make_sharded("founder", **place())
        shell = GlobalCache(
            "shell",
            {
                "identifier": "tandem",
                "primary_group_id": founder.group_id,
                "node_type": "cache.r7g.large",
                "region": "us-east-1",
                **changes,  # type: ignore[typeddict-item]
            },
        )
        make_sharded("member", **place("us-west-2"), member_of=shell.identifier, replicas_per_shard=2)

    return record(program)


def test_a_member_brings_nothing_that_it_has_from_the_founder() -> None:
    recording = two_regions()
    member = recording.one(GROUP, "member").plain
    assert not {
        "engine",
        "engineVersion",
        "nodeType",
        "numNodeGroups",
        "parameterGroupName",
        "transitEncryptionEnabled",
        "atRestEncryptionEnabled",
    } & set(member)
    assert not [each for each in recording.all(PARAMETERS) if each.name == "member"]


def test_a_member_has_its_own_replicas_users_and_key() -> None:
    recording = two_regions()
    member = recording.one(GROUP, "member")
    assert member.plain["replicasPerNodeGroup"] == 2
    assert recording.waits_for(member, recording.one(USERS, "member"))
    assert recording.waits_for(member, recording.one("aws:kms/key:Key", "ground-us-west-2"))
    assert recording.waits_for(member, recording.one(SHELL))


def test_every_child_of_a_member_stands_in_its_region() -> None:
    recording = two_regions()
    children = recording.children_of(recording.one("tandem:index:ShardedCache", "member"))
    assert {child.region for child in children} == {"us-west-2"}


def test_a_promotion_of_the_other_region_does_not_replace_the_global_cache() -> None:
    assert "primaryReplicationGroupId" in two_regions().one(SHELL).ignore_changes


@pytest.mark.parametrize("protected", [True, False])
def test_caches_are_protected_or_not_as_told(protected: bool) -> None:
    assert cache(protected=protected).one(GROUP).protect is protected
    assert sharded(protected=protected).one(GROUP).protect is protected
    assert two_regions(protected=protected).one(SHELL).protect is protected


@pytest.mark.parametrize("node_type", ["cache.t4g.medium", "cache.r4.large", "cache.m6g.medium", "r7g.large"])
def test_node_types_without_a_global_datastore_are_refused(node_type: str) -> None:
    with pytest.raises(ValueError, match="a Global Datastore runs only on"):
        two_regions(node_type=node_type)
    with pytest.raises(ValueError, match="a Global Datastore runs only on"):
        sharded(node_type=node_type, member_of="ldgnf-tandem")
