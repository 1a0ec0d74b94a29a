"""ElastiCache for Redis OSS, not sharded."""

from typing import NotRequired, TypedDict

import pulumi
import pulumi_aws as aws

from components._naming import physical
from components._protection import stateful
from components._security_groups import admit

PORT = 6379
GROUP_ID_LIMIT = 40
"""https://docs.aws.amazon.com/AmazonElastiCache/latest/APIReference/API_CreateReplicationGroup.html (read 2026-11)."""


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
    client_cidrs: list[str]
    """Networks that may connect."""
    key_arn: pulumi.Input[str]
    """Key of this region that encrypts data at rest."""
    auth_token: pulumi.Input[str]
    """Password of every client, 16 to 128 characters."""
    snapshot_retention_days: int
    """Days that daily snapshots are kept."""
    protected: NotRequired[bool]
    """Refuse deletion. Default true."""
    region: NotRequired[str]
    """Region of every child. Default: the provider's."""


class Cache(pulumi.ComponentResource):
    """A primary node and replicas in other zones, TLS only. Not sharded: Prefect's broker knows standalone Redis only.

    Losing the primary's zone promotes a replica, "usually just a few seconds" (ElastiCache User Guide, automatic
    failover); what was not yet replicated is lost. Clients follow by the primary endpoint's name.

    Cost when idle: every node. State: queues and leases in flight; protected. Regions: all children regional.
    """

    primary_endpoint: pulumi.Output[str]
    """Host that follows the primary node."""
    port: int
    """TCP port, TLS."""

    def __init__(self, name: str, args: CacheArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        replicas = int(args["replicas"])
        if not 1 <= replicas <= 5:
            raise ValueError(f"replicas: got {replicas}, must be 1 to 5; without a replica a lost zone loses the queue")
        if len(args["zones"]) < 2:
            raise ValueError(f"zones: got {len(args['zones'])}, must be at least 2 for automatic failover")
        zones = [args["zones"][position % len(args["zones"])] for position in range(replicas + 1)]
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
        admit(f"{name}-from", group.id, PORT, cidrs=args["client_cidrs"], region=region, opts=child)
        nodes = aws.elasticache.ReplicationGroup(
            name,
            replication_group_id=physical(args["identifier"], limit=GROUP_ID_LIMIT),
            description="Broker, cache and leases of the orchestrator",
            engine="redis",
            engine_version="7.1",
            node_type=args["node_type"],
            num_cache_clusters=replicas + 1,
            preferred_cache_cluster_azs=zones,
            automatic_failover_enabled=True,
            multi_az_enabled=True,
            port=PORT,
            subnet_group_name=subnets.name,
            security_group_ids=[group.id],
            at_rest_encryption_enabled=True,
            kms_key_id=args["key_arn"],
            transit_encryption_enabled=True,
            auth_token=args["auth_token"],
            auto_minor_version_upgrade=True,
            snapshot_retention_limit=int(args["snapshot_retention_days"]),
            final_snapshot_identifier=f"{args['identifier']}-final",
            apply_immediately=False,
            region=region,
            opts=stateful(self, protected),
        )
        self.primary_endpoint = nodes.primary_endpoint_address
        self.port = PORT
        self.register_outputs({"primaryEndpoint": self.primary_endpoint})
