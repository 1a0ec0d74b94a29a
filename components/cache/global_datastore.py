"""A cache of two regions: ElastiCache Global Datastore."""

from typing import NotRequired, TypedDict

import pulumi
import pulumi_aws as aws

from components._protection import stateful
from components.cache._plan import check_global


class GlobalCacheArgs(TypedDict):
    """Inputs of GlobalCache."""

    identifier: str
    """End of its physical name; ElastiCache puts the founding region's letters before it."""
    primary_group_id: pulumi.Input[str]
    """Replication group that founds it: a ShardedCache's ``group_id``."""
    node_type: str
    """Type of the founder's nodes, which every member gets."""
    protected: NotRequired[bool]
    """Refuse deletion. Default true."""
    region: NotRequired[str]
    """Region of the founder. Default: the provider's."""


class GlobalCache(pulumi.ComponentResource):
    """The shell that copies one region's cache to another's. Which of them is written to now is not said here.

    Only one member takes writes, the others are read. Losing its region costs generally less than a second of writes,
    and about a minute once somebody promotes another: ElastiCache does not do so by itself (ElastiCache User Guide,
    global datastores; the numbers: AWS disaster recovery workshop). It is for the applications' cache alone. A broker's
    queue belongs to the region that serves: copied, it would run a job twice.

    Members have one node type, version, number of shards and set of parameters, the founder's; each has its own
    replicas and users. A cache that joins is emptied first.

    Cost when idle: none of its own; bytes copied between regions. State: membership; protected. Regions: global, made
    through the founder's.
    """

    identifier: pulumi.Output[str]
    """What members join by: a ShardedCache's ``member_of``."""

    def __init__(self, name: str, args: GlobalCacheArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        check_global(args["node_type"])
        protected = args.get("protected", True)
        super().__init__("tandem:index:GlobalCache", name, {}, opts)
        shell = aws.elasticache.GlobalReplicationGroup(
            name,
            global_replication_group_id_suffix=args["identifier"],
            global_replication_group_description="Cache of the applications in both regions",
            primary_replication_group_id=args["primary_group_id"],
            region=args.get("region"),
            # After a promotion AWS reports the other region's group as the primary; replacing the shell for it would
            # take both apart.
            opts=stateful(self, protected, ignore_changes=["primaryReplicationGroupId"]),
        )
        self.identifier = shell.global_replication_group_id
        self.register_outputs({"identifier": self.identifier})
