"""ElastiCache for Redis OSS, not sharded."""

from typing import NotRequired, TypedDict

import pulumi
import pulumi_aws as aws

from components._naming import physical
from components._protection import stateful
from components._security_groups import admit
from components.cache._log import slow_log
from components.cache._plan import check_users, spread
from components.cache._users import CacheUser, user_group

PORT = 6379
GROUP_ID_LIMIT = 40
"""https://docs.aws.amazon.com/AmazonElastiCache/latest/APIReference/API_CreateReplicationGroup.html (read 2026-11)."""
ENGINE_VERSION = "7.1"
FAMILY = "redis7"


class CacheArgs(TypedDict):
    """Inputs of Cache."""

    identifier: str
    """Physical name, unique in the region."""
    node_type: str
    """Type of every node."""
    replicas: int
    """Replicas beside the primary node, 1 to 5."""
    zones: list[str]
    """Zones to spread the nodes over."""
    vpc_id: pulumi.Input[str]
    """VPC of the subnets."""
    subnet_ids: list[pulumi.Input[str]]
    """Database subnets, one a zone."""
    client_cidrs: NotRequired[list[str]]
    """Networks that may connect. Default none: let groups in by ``security_group_id``."""
    key_arn: pulumi.Input[str]
    """Key of this region that encrypts data at rest."""
    users: NotRequired[list[CacheUser]]
    """Who may connect, and what each may do. Nobody else may."""
    auth_token: NotRequired[pulumi.Input[str]]
    """One password for every client, 16 to 128 characters, instead of users."""
    snapshot_retention_days: int
    """Days that daily snapshots are kept."""
    eviction: NotRequired[str]
    """Redis' ``maxmemory-policy``. Default noeviction: a broker that is full refuses work; it loses none."""
    log_retention_days: NotRequired[int]
    """Days that CloudWatch keeps the log of slow commands. Default: there is none."""
    log_key_arn: NotRequired[pulumi.Input[str]]
    """Key of this region that encrypts that log. Default: CloudWatch's own."""
    protected: NotRequired[bool]
    """Refuse deletion. Default true."""
    region: NotRequired[str]
    """Region of every child. Default: the provider's."""


class Cache(pulumi.ComponentResource):
    """A primary node and replicas in other zones, TLS only. Not sharded: Prefect's broker knows standalone Redis only.

    Losing the primary's zone promotes a replica, "usually just a few seconds" (ElastiCache User Guide, automatic
    failover); what was not yet replicated is lost. Clients follow by the primary endpoint's name. Losing the region
    loses what was queued: a broker's queue belongs to the region that serves, so it never joins a global cache.

    Cost when idle: every node. State: queues and leases in flight; protected. Regions: all children regional.
    """

    primary_endpoint: pulumi.Output[str]
    """Host that follows the primary node."""
    port: int
    """TCP port, TLS."""
    security_group_id: pulumi.Output[str]
    """Group of the nodes, for the rules that let clients in."""
    group_id: pulumi.Output[str]
    """Id of the replication group, for alarms."""
    node_ids: pulumi.Output[list[str]]
    """Ids of the nodes, for alarms."""

    def __init__(self, name: str, args: CacheArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        zones = spread(replicas=int(args["replicas"]), zones=args["zones"])
        users = args.get("users")
        if (users is None) == ("auth_token" not in args):
            raise ValueError("users and auth_token: give one of them; ElastiCache takes either users or one password")
        if users is not None:
            check_users([user["name"] for user in users])
        region = args.get("region")
        protected = args.get("protected", True)
        super().__init__("tandem:index:Cache", name, {}, opts)
        child = pulumi.ResourceOptions(parent=self)

        subnets = aws.elasticache.SubnetGroup(
            name, name=args["identifier"], subnet_ids=args["subnet_ids"], region=region, opts=child
        )
        group = aws.ec2.SecurityGroup(
            name, description="Redis from nodes and pods", vpc_id=args["vpc_id"], region=region, opts=child
        )
        admit(f"{name}-from", group.id, PORT, cidrs=args.get("client_cidrs", []), region=region, opts=child)
        parameters = aws.elasticache.ParameterGroup(
            name,
            name=f"{args['identifier']}-{FAMILY}",
            family=FAMILY,
            description=f"Not sharded, {args.get('eviction', 'noeviction')}",
            parameters=[
                aws.elasticache.ParameterGroupParameterArgs(
                    name="maxmemory-policy", value=args.get("eviction", "noeviction")
                )
            ],
            region=region,
            opts=child,
        )
        admitted = None if users is None else [user_group(name, args["identifier"], users, region=region, opts=child)]
        nodes = aws.elasticache.ReplicationGroup(
            name,
            replication_group_id=physical(args["identifier"], limit=GROUP_ID_LIMIT),
            description="Broker, cache and leases of the orchestrator",
            engine="redis",
            engine_version=ENGINE_VERSION,
            node_type=args["node_type"],
            num_cache_clusters=len(zones),
            preferred_cache_cluster_azs=zones,
            automatic_failover_enabled=True,
            multi_az_enabled=True,
            port=PORT,
            parameter_group_name=parameters.name,
            subnet_group_name=subnets.name,
            security_group_ids=[group.id],
            at_rest_encryption_enabled=True,
            kms_key_id=args["key_arn"],
            transit_encryption_enabled=True,
            auth_token=args.get("auth_token"),
            user_group_ids=admitted,
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
        self.primary_endpoint = nodes.primary_endpoint_address
        self.port = PORT
        self.security_group_id = group.id
        self.group_id = nodes.replication_group_id
        self.node_ids = nodes.member_clusters.apply(sorted)
        self.register_outputs({"primaryEndpoint": self.primary_endpoint})
