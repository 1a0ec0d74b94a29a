"""Aurora PostgreSQL: the global shell, and a region's cluster in it."""

from typing import NotRequired, TypedDict

import pulumi
import pulumi_aws as aws

from components._outputs import known_once
from components._protection import stateful
from components._security_groups import admit
from components.database._plan import parameter_family, plan_instances, plan_observation, plan_parameters
from components.iam import trust

ENGINE = "aurora-postgresql"
PORT = 5432


class GlobalDatabaseArgs(TypedDict):
    """Inputs of GlobalDatabase."""

    identifier: str
    """Physical name, unique in the account over all regions."""
    engine_version: str
    """Aurora PostgreSQL version of every member; set here only, members follow."""
    database_name: str
    """Database made at creation. The founding member must name the same one."""
    protected: NotRequired[bool]
    """Refuse deletion. Default true."""
    region: NotRequired[str]
    """Region whose control plane it is made through. Default: the provider's."""


class GlobalDatabase(pulumi.ComponentResource):
    """The shell that joins the regions' clusters. Which of them writes now is not said here: that changes at run time.

    Losing the writer's region costs seconds of writes (replication lag, typically under 1 s) and minutes until another
    is promoted; a switchover costs none (Aurora User Guide, global database disaster recovery).

    Cost when idle: none of its own. State: membership; protected. Regions: global.
    """

    identifier: pulumi.Output[str]
    """What members join by."""
    writer_endpoint: pulumi.Output[str]
    """Host of whichever region writes, once one does; its name stays through switchovers and failovers. Reaching it
    needs a route into that region, and resolvers that keep the name for seconds."""

    def __init__(self, name: str, args: GlobalDatabaseArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        parameter_family(args["engine_version"])
        protected = args.get("protected", True)
        super().__init__("tandem:index:GlobalDatabase", name, {}, opts)
        shell = aws.rds.GlobalCluster(
            name,
            global_cluster_identifier=args["identifier"],
            engine=ENGINE,
            engine_version=args["engine_version"],
            database_name=args["database_name"],
            storage_encrypted=True,
            deletion_protection=protected,
            region=args.get("region"),
            # AWS reports the name of the writer's database; reading it back must not replace the whole
            # (terraform-provider-aws#28187).
            opts=stateful(self, protected, ignore_changes=["databaseName"]),
        )
        self.identifier = shell.id
        # Given from the first moment on, before there is a member (terraform-provider-aws'
        # TestAccRDSGlobalCluster_basic, read 2026-11).
        self.writer_endpoint = shell.endpoint
        self.register_outputs({"identifier": self.identifier, "writerEndpoint": self.writer_endpoint})


class DatabaseArgs(TypedDict):
    """Inputs of Database."""

    identifier: str
    """Physical name of the cluster, unique in the region."""
    engine_version: str
    """Aurora PostgreSQL version at creation, the global database's. Upgrades go through the shell."""
    instance_class: str
    """Class of every instance, so that a promoted reader carries the load."""
    instances: int
    """Instances, at least two."""
    zones: list[str]
    """Zones to spread the instances over."""
    vpc_id: pulumi.Input[str]
    """VPC of the subnets."""
    subnet_ids: list[pulumi.Input[str]]
    """Database subnets, one a zone."""
    client_cidrs: NotRequired[list[str]]
    """Networks that may connect. Default none: name clients by their group (``admit_group``)."""
    peer_cidrs: NotRequired[list[str]]
    """Private networks of the other region that may connect, where the regions are peered: a security group cannot be
    named across regions. Default none."""
    key_arn: pulumi.Input[str]
    """Key of this region that encrypts storage, snapshots and Performance Insights."""
    log_key_arn: NotRequired[pulumi.Input[str]]
    """Key of this region that encrypts the logs; CloudWatch Logs must be allowed to use it. Default: CloudWatch's
    own."""
    log_retention_days: NotRequired[int]
    """Days that the server's log is kept. Default 90."""
    global_cluster_identifier: pulumi.Input[str]
    """The global database it is a member of."""
    database_name: NotRequired[str]
    """Database made at creation; the founding member only."""
    master_username: NotRequired[str]
    """Owner of the database; the founding member only, the others replicate it."""
    master_password: NotRequired[pulumi.Input[str]]
    """The owner's first password; the founding member only. RDS cannot manage it in a global database
    (terraform-aws-rds-aurora#428); once it is set, rotation has it."""
    recovery_point_seconds: NotRequired[int]
    """Seconds of writes that may be lost with a region, 20 or more: while the other region lags by more, commits wait.
    They wait while it is dark, too: this keeps an objective at the price of writing (Aurora User Guide, "Managing RPOs
    for Aurora PostgreSQL-based global databases"). Give it to the founding member only: of two regions the other,
    promoted alone, would wait for one that is gone. While it stands, no major version can be upgraded. Default: no
    guard."""
    write_forwarding: NotRequired[bool]
    """Let readers forward writes while another region writes. Set at creation, then left to AWS. Default true."""
    backup_retention_days: int
    """Days of point-in-time recovery, 7 to 35."""
    backup_window: NotRequired[str]
    """When the daily snapshot is taken, UTC, such as ``09:00-10:00``. Default: AWS chooses."""
    maintenance_window: NotRequired[str]
    """When AWS may restart instances, UTC, such as ``sun:12:00-sun:13:00``; not that of the other region, and not the
    backup's. Default: AWS chooses."""
    monitoring_interval_seconds: NotRequired[int]
    """Seconds between two readings of an instance's operating system: 1, 5, 10, 15, 30 or 60. Default 60."""
    insights_retention_days: NotRequired[int]
    """Days that Performance Insights keeps: 7, a multiple of 31 up to 713, or 731; more than 7 cost. Default 7."""
    protected: NotRequired[bool]
    """Refuse deletion. Default true."""
    region: NotRequired[str]
    """Region of every child. Default: the provider's."""


class Database(pulumi.ComponentResource):
    """A region's Aurora cluster: a writer (or none, where another region writes) and readers in other zones.

    Losing the writer's zone loses no write: a reader is promoted, typically within 30 to 60 s
    (Aurora User Guide, "High availability for Amazon Aurora"). Losing any other zone costs a reader. While another
    region writes, this one's readers forward what their sessions write; not schema changes, not savepoints (Aurora User
    Guide, "Write forwarding in an Aurora global database").

    Cost when idle: every instance. State: the data; protected, with a final snapshot. Regions: the monitoring role is
    global, everything else regional.
    """

    cluster_identifier: pulumi.Output[str]
    """Physical name, once its instances are there."""
    arn: pulumi.Output[str]
    """ARN of the cluster, once its instances are there."""
    resource_id: pulumi.Output[str]
    """Id that rights to sign in by IAM are given to: ``rds-db:connect`` on ``dbuser:<this>/<role>``."""
    subnet_group_name: pulumi.Output[str]
    """Subnets of the instances, for a restore beside them."""
    security_group_id: pulumi.Output[str]
    """Group of the instances; let a client's group in with ``admit_group``."""
    endpoint: pulumi.Output[str]
    """Host that writes go to while this region writes; follows a failover between zones."""
    reader_endpoint: pulumi.Output[str]
    """Host that reads are spread from."""
    port: int
    """TCP port, TLS forced."""
    instance_identifiers: list[str]
    """Physical names of the instances, for alarms."""

    def __init__(self, name: str, args: DatabaseArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        plan = plan_instances(instances=int(args["instances"]), zones=args["zones"])
        family = parameter_family(args["engine_version"])
        monitoring_interval = int(args.get("monitoring_interval_seconds", 60))
        insights_retention = int(args.get("insights_retention_days", 7))
        plan_observation(monitoring_interval_seconds=monitoring_interval, insights_retention_days=insights_retention)
        recovery_point = args.get("recovery_point_seconds")
        values = plan_parameters(None if recovery_point is None else int(recovery_point))
        region = args.get("region")
        protected = args.get("protected", True)
        super().__init__("tandem:index:Database", name, {}, opts)
        child = pulumi.ResourceOptions(parent=self)

        subnets = aws.rds.SubnetGroup(
            name, name=args["identifier"], subnet_ids=args["subnet_ids"], region=region, opts=child
        )
        group = aws.ec2.SecurityGroup(
            name, description="PostgreSQL from nodes and pods", vpc_id=args["vpc_id"], region=region, opts=child
        )
        admit(f"{name}-from", group.id, PORT, cidrs=args.get("client_cidrs", []), region=region, opts=child)
        admit(f"{name}-from-peer", group.id, PORT, cidrs=args.get("peer_cidrs", []), region=region, opts=child)
        parameters = aws.rds.ClusterParameterGroup(
            name,
            name=f"{args['identifier']}-{family}",
            family=family,
            description="TLS forced",
            parameters=[
                aws.rds.ClusterParameterGroupParameterArgs(name=key, value=value) for key, value in values.items()
            ],
            region=region,
            opts=child,
        )
        # RDS would make it itself, unencrypted and kept for ever.
        log = aws.cloudwatch.LogGroup(
            name,
            name=f"/aws/rds/cluster/{args['identifier']}/postgresql",
            retention_in_days=int(args.get("log_retention_days", 90)),
            kms_key_id=args.get("log_key_arn"),
            region=region,
            opts=child,
        )
        observer = aws.iam.Role(
            f"{name}-monitoring", assume_role_policy=trust("monitoring.rds.amazonaws.com"), opts=child
        )
        permission = aws.iam.RolePolicyAttachment(
            f"{name}-monitoring",
            role=observer.name,
            policy_arn="arn:aws:iam::aws:policy/service-role/AmazonRDSEnhancedMonitoringRole",
            opts=child,
        )
        observer_arn = known_once(observer.arn, permission.id)
        cluster = aws.rds.Cluster(
            name,
            cluster_identifier=args["identifier"],
            global_cluster_identifier=args["global_cluster_identifier"],
            engine=ENGINE,
            engine_version=args["engine_version"],
            database_name=args.get("database_name"),
            master_username=args.get("master_username"),
            master_password=args.get("master_password"),
            db_subnet_group_name=subnets.name,
            vpc_security_group_ids=[group.id],
            db_cluster_parameter_group_name=parameters.name,
            storage_encrypted=True,
            kms_key_id=args["key_arn"],
            # In the region that writes now it does nothing until that region no longer does (RDS API,
            # EnableGlobalWriteForwarding), so it is the same in both.
            enable_global_write_forwarding=args.get("write_forwarding", True),
            iam_database_authentication_enabled=True,
            backup_retention_period=int(args["backup_retention_days"]),
            preferred_backup_window=args.get("backup_window"),
            preferred_maintenance_window=args.get("maintenance_window"),
            copy_tags_to_snapshot=True,
            delete_automated_backups=False,
            skip_final_snapshot=False,
            final_snapshot_identifier=f"{args['identifier']}-final",
            enabled_cloudwatch_logs_exports=["postgresql"],
            deletion_protection=protected,
            region=region,
            # A switchover changes who replicates from whom, an upgrade of the shell every member's version, a rotation
            # the password. None of these may be undone by the next `pulumi up`
            # (cloudposse/terraform-aws-rds-cluster#281, aws#34203).
            opts=pulumi.ResourceOptions.merge(
                stateful(
                    self,
                    protected,
                    ignore_changes=[
                        "replicationSourceIdentifier",
                        "globalClusterIdentifier",
                        "engineVersion",
                        "enableGlobalWriteForwarding",
                        "masterPassword",
                        # A member that no longer writes reports the writer's, or none.
                        "masterUsername",
                        "databaseName",
                    ],
                ),
                pulumi.ResourceOptions(depends_on=[log]),
            ),
        )
        instances = [
            aws.rds.ClusterInstance(
                f"{name}-{position}",
                identifier=f"{args['identifier']}-{position}",
                cluster_identifier=cluster.id,
                engine=aws.rds.EngineType.AURORA_POSTGRESQL,
                instance_class=args["instance_class"],
                availability_zone=instance.zone,
                promotion_tier=instance.promotion_tier,
                db_subnet_group_name=subnets.name,
                auto_minor_version_upgrade=True,
                preferred_maintenance_window=args.get("maintenance_window"),
                performance_insights_enabled=True,
                performance_insights_kms_key_id=args["key_arn"],
                performance_insights_retention_period=insights_retention,
                monitoring_interval=monitoring_interval,
                monitoring_role_arn=observer_arn,
                publicly_accessible=False,
                region=region,
                opts=stateful(self, protected),
            )
            for position, instance in enumerate(plan)
        ]
        self.endpoint = cluster.endpoint
        self.reader_endpoint = cluster.reader_endpoint
        self.port = PORT
        self.instance_identifiers = [f"{args['identifier']}-{position}" for position in range(len(plan))]
        ids = [instance.id for instance in instances]
        self.cluster_identifier = known_once(cluster.cluster_identifier, *ids)
        self.arn = known_once(cluster.arn, *ids)
        self.resource_id = cluster.cluster_resource_id
        self.subnet_group_name = subnets.name
        self.security_group_id = group.id
        self.register_outputs(
            {
                "arn": self.arn,
                "endpoint": self.endpoint,
                "readerEndpoint": self.reader_endpoint,
                "securityGroupId": self.security_group_id,
            }
        )
