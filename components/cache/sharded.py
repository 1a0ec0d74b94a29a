"""ElastiCache for Redis OSS in cluster mode, regional or a member of a cache of two regions."""

from typing import NotRequired, TypedDict

import pulumi
import pulumi_aws as aws

from components._naming import physical
from components._protection import stateful
from components.cache._log import slow_log
from components.cache._plan import check_global, check_shards, check_users
from components.cache._users import CacheUser, user_group
from components.cache.redis import ENGINE_VERSION, FAMILY, GROUP_ID_LIMIT, PORT


class ShardedCacheArgs(TypedDict):
    """Inputs of ShardedCache."""

    identifier: str
    """Physical name, unique in the region."""
    node_type: str
    """Type of every node. A member of a cache of two regions has the founder's, whatever stands here."""
    shards: NotRequired[int]
    """Shards that keys are spread over. Default 2. A member has the founder's, whatever stands here."""
    replicas_per_shard: NotRequired[int]
    """Replicas beside each shard's primary node, 1 to 5. Default 1."""
    vpc_id: pulumi.Input[str]
    """VPC of the subnets."""
    subnet_ids: list[pulumi.Input[str]]
    """Database subnets, one a zone."""
    key_arn: pulumi.Input[str]
    """Key of this region that encrypts data at rest."""
    users: list[CacheUser]
    """Who may connect, and what each may do. Nobody else may. They are this region's: a cache of two regions copies
    keys, not users."""
    snapshot_retention_days: int
    """Days that daily snapshots are kept."""
    eviction: NotRequired[str]
    """Redis' ``maxmemory-policy``. Default volatile-lru: only keys that expire anyway make room for others."""
    member_of: NotRequired[pulumi.Input[str]]
    """The cache of two regions to join. Default: none, so that this one is regional or founds one."""
    log_retention_days: NotRequired[int]
    """Days that CloudWatch keeps the log of slow commands. Default: there is none."""
    log_key_arn: NotRequired[pulumi.Input[str]]
    """Key of this region that encrypts that log. Default: CloudWatch's own."""
    protected: NotRequired[bool]
    """Refuse deletion. Default true."""
    region: NotRequired[str]
    """Region of every child. Default: the provider's."""


class ShardedCache(pulumi.ComponentResource):
    """The applications' cache: shards in cluster mode, each a primary node and replicas in other zones, TLS only.

    Losing a zone promotes a replica of each shard whose primary stood there, "usually just a few seconds" (ElastiCache
    User Guide, automatic failover); what was not yet replicated is lost. Losing the region loses the cache, or, in a
    cache of two regions, the last second of it (see GlobalCache). Clients must speak the cluster protocol.

    Cost when idle: every node. State: what applications cache; protected. Regions: all children regional.
    """

    configuration_endpoint: pulumi.Output[str]
    """Host that a client asks for the nodes of each shard."""
    port: int
    """TCP port, TLS."""
    security_group_id: pulumi.Output[str]
    """Group of the nodes, for the rules that let clients in."""
    group_id: pulumi.Output[str]
    """Id of the replication group, for GlobalCache and for alarms."""
    node_ids: pulumi.Output[list[str]]
    """Ids of the nodes, for alarms."""

    def __init__(self, name: str, args: ShardedCacheArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        shards, replicas = int(args.get("shards", 2)), int(args.get("replicas_per_shard", 1))
        check_shards(shards=shards, replicas_per_shard=replicas, zones=len(args["subnet_ids"]))
        check_users([user["name"] for user in args["users"]])
        joins = "member_of" in args
        if joins:
            check_global(args["node_type"])
        region = args.get("region")
        protected = args.get("protected", True)
        eviction = args.get("eviction", "volatile-lru")
        super().__init__("tandem:index:ShardedCache", name, {}, opts)
        child = pulumi.ResourceOptions(parent=self)

        subnets = aws.elasticache.SubnetGroup(
            name, name=args["identifier"], subnet_ids=args["subnet_ids"], region=region, opts=child
        )
        group = aws.ec2.SecurityGroup(
            name, description="Sharded Redis from nodes and pods", vpc_id=args["vpc_id"], region=region, opts=child
        )
        # AWS gives a member parameters derived from the founder's, and refuses others (terraform-provider-aws#20893).
        parameters = (
            None
            if joins
            else aws.elasticache.ParameterGroup(
                name,
                name=f"{args['identifier']}-{FAMILY}-sharded",
                family=FAMILY,
                description=f"Sharded, {eviction}",
                parameters=[
                    aws.elasticache.ParameterGroupParameterArgs(name="cluster-enabled", value="yes"),
                    aws.elasticache.ParameterGroupParameterArgs(name="maxmemory-policy", value=eviction),
                ],
                region=region,
                opts=child,
            )
        )
        admitted = user_group(name, args["identifier"], args["users"], region=region, opts=child)
        nodes = aws.elasticache.ReplicationGroup(
            name,
            replication_group_id=physical(args["identifier"], limit=GROUP_ID_LIMIT),
            description="Cache of the applications",
            global_replication_group_id=args.get("member_of"),
            # A member may not say what it has from the founder (terraform-provider-aws, ConflictsWith of
            # global_replication_group_id, read 2026-11).
            engine=None if joins else "redis",
            engine_version=None if joins else ENGINE_VERSION,
            node_type=None if joins else args["node_type"],
            num_node_groups=None if joins else shards,
            parameter_group_name=parameters.name if parameters else None,
            at_rest_encryption_enabled=None if joins else True,
            transit_encryption_enabled=None if joins else True,
            # Zones are ElastiCache's choice, which with Multi-AZ are different ones within a shard: the provider would
            # replace the whole when a promotion moves a primary out of the zone that is written here.
            replicas_per_node_group=replicas,
            automatic_failover_enabled=True,
            multi_az_enabled=True,
            port=PORT,
            subnet_group_name=subnets.name,
            security_group_ids=[group.id],
            kms_key_id=args["key_arn"],
            user_group_ids=[admitted],
            auto_minor_version_upgrade=True,
            snapshot_retention_limit=int(args["snapshot_retention_days"]),
            final_snapshot_identifier=f"{args['identifier']}-final",
            log_delivery_configurations=slow_log(
                name,
                args["identifier"],
                retention_days=args.get("log_retention_days"),
                key_arn=args.get("log_key_arn"),
                region=region,
                opts=child,
            ),
            apply_immediately=False,
            region=region,
            opts=stateful(self, protected),
        )
        self.configuration_endpoint = nodes.configuration_endpoint_address
        self.port = PORT
        self.security_group_id = group.id
        self.group_id = nodes.replication_group_id
        self.node_ids = nodes.member_clusters.apply(sorted)
        self.register_outputs({"configurationEndpoint": self.configuration_endpoint})
