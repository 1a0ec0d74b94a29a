"""RDS Proxy: connections that outlive a failover between zones."""

from typing import NotRequired, TypedDict

import pulumi
import pulumi_aws as aws

from components._outputs import known_once
from components._security_groups import admit_group, reach_group
from components.database._plan import plan_proxy, plan_proxy_share
from components.database.aurora import PORT
from components.iam import allow, document, trust

BORROW_TIMEOUT_SECONDS = 120
"""Longest that a client waits for a connection: through a failover between zones, typically 30 to 60 s."""
IDLE_CLIENT_TIMEOUT_SECONDS = 1800


class DatabaseProxyArgs(TypedDict):
    """Inputs of DatabaseProxy."""

    identifier: str
    """Physical name, unique in the region; letters, digits and single hyphens."""
    cluster_identifier: pulumi.Input[str]
    """Cluster behind it, known once its instances are there (Database.cluster_identifier): a proxy finds no target in
    an empty one (aws-cdk#31304)."""
    secret_arns: list[pulumi.Input[str]]
    """Secrets in this region that it signs in with, one for each role that clients use (Credential.arn)."""
    key_arn: pulumi.Input[str]
    """Key of this region that the secrets are encrypted with."""
    region_name: str
    """Region it stands in: its right to decrypt ends with that region's Secrets Manager."""
    vpc_id: pulumi.Input[str]
    """VPC of the subnets."""
    subnet_ids: list[pulumi.Input[str]]
    """Subnets of at least two zones."""
    database_security_group_id: pulumi.Input[str]
    """Group of the instances (Database.security_group_id), which it is let into."""
    write_forwarding: NotRequired[bool]
    """Whether the other region forwards writes, which need connections of their own. Default true."""
    connections_percent: NotRequired[int]
    """Percent of an instance's connections that it may open. Default 70 beside write forwarding, 95 without."""
    log_key_arn: NotRequired[pulumi.Input[str]]
    """Key of this region that encrypts the log; CloudWatch Logs must be allowed to use it. Default: CloudWatch's
    own."""
    log_retention_days: NotRequired[int]
    """Days that its log is kept. Default 90."""
    region: NotRequired[str]
    """Region of every child. Default: the provider's."""


class DatabaseProxy(pulumi.ComponentResource):
    """A pool of connections in every zone, TLS only, that holds its clients while a reader is promoted.

    Losing a zone loses the proxy's part in it; clients connect again to the rest. While another region writes, its
    endpoint refuses every request, because it has no writer to send one to; the reader endpoint goes on serving reads
    (Aurora User Guide, "Using RDS Proxy with Aurora global databases", read 2026-11). So it is for clients that follow
    the region that writes, not for those that forward.

    Cost when idle: by the hour, for the vCPUs of all instances behind it. State: none. Regions: the role is global.
    """

    endpoint: pulumi.Output[str]
    """Host that leads to the writer, known once it has a cluster behind it."""
    reader_endpoint: pulumi.Output[str]
    """Host that spreads reads, known once it has a cluster behind it."""
    security_group_id: pulumi.Output[str]
    """Group of the proxy; let a client's group in with ``admit_group``."""

    def __init__(self, name: str, args: DatabaseProxyArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        forwarding = args.get("write_forwarding", True)
        percent = int(args.get("connections_percent", plan_proxy_share(write_forwarding=forwarding)))
        plan_proxy(connections_percent=percent, write_forwarding=forwarding, secrets=len(args["secret_arns"]))
        if len(args["subnet_ids"]) < 2:
            raise ValueError(f"subnet_ids: got {len(args['subnet_ids'])}, must be at least 2, in different zones")
        region = args.get("region")
        super().__init__("tandem:index:DatabaseProxy", name, {}, opts)
        child = pulumi.ResourceOptions(parent=self)

        log = aws.cloudwatch.LogGroup(
            name,
            name=f"/aws/rds/proxy/{args['identifier']}",
            retention_in_days=int(args.get("log_retention_days", 90)),
            kms_key_id=args.get("log_key_arn"),
            region=region,
            opts=child,
        )
        role = aws.iam.Role(name, assume_role_policy=trust("rds.amazonaws.com"), opts=child)
        permission = aws.iam.RolePolicy(
            name,
            role=role.id,
            policy=pulumi.Output.all(args["key_arn"], *args["secret_arns"]).apply(
                lambda arns: render_secrets_policy(arns[1:], arns[0], args["region_name"])
            ),
            opts=child,
        )
        group = aws.ec2.SecurityGroup(
            name,
            description="PostgreSQL through the proxy",
            vpc_id=args["vpc_id"],
            region=region,
            opts=child,
        )
        database = args["database_security_group_id"]
        ways = [
            reach_group(f"{name}-to-database", group.id, database, PORT, region=region, opts=child),
            admit_group(f"{name}-into-database", database, group.id, PORT, region=region, opts=child),
        ]
        proxy = aws.rds.Proxy(
            name,
            name=args["identifier"],
            engine_family="POSTGRESQL",
            role_arn=known_once(role.arn, permission.id),
            vpc_subnet_ids=args["subnet_ids"],
            vpc_security_group_ids=[group.id],
            require_tls=True,
            idle_client_timeout=IDLE_CLIENT_TIMEOUT_SECONDS,
            # With it on, statements and what they carry are in the log (RDS API, CreateDBProxy, DebugLogging).
            debug_logging=False,
            auths=[
                aws.rds.ProxyAuthArgs(
                    auth_scheme="SECRETS",
                    iam_auth="DISABLED",
                    client_password_auth_type="POSTGRES_SCRAM_SHA_256",  # noqa: S106  (a kind, not a password)
                    secret_arn=arn,
                )
                for arn in args["secret_arns"]
            ],
            region=region,
            opts=pulumi.ResourceOptions(parent=self, depends_on=[log]),
        )
        targets = aws.rds.ProxyDefaultTargetGroup(
            name,
            db_proxy_name=proxy.name,
            connection_pool_config=aws.rds.ProxyDefaultTargetGroupConnectionPoolConfigArgs(
                max_connections_percent=percent,
                max_idle_connections_percent=percent // 2,
                connection_borrow_timeout=BORROW_TIMEOUT_SECONDS,
            ),
            region=region,
            opts=child,
        )
        target = aws.rds.ProxyTarget(
            name,
            db_proxy_name=proxy.name,
            target_group_name=targets.name,
            db_cluster_identifier=args["cluster_identifier"],
            region=region,
            opts=pulumi.ResourceOptions(parent=self, depends_on=ways),
        )
        readers = aws.rds.ProxyEndpoint(
            f"{name}-readers",
            db_proxy_name=proxy.name,
            db_proxy_endpoint_name=f"{args['identifier']}-readers",
            vpc_subnet_ids=args["subnet_ids"],
            vpc_security_group_ids=[group.id],
            target_role="READ_ONLY",
            region=region,
            opts=child,
        )
        self.endpoint = known_once(proxy.endpoint, target.id)
        self.reader_endpoint = known_once(readers.endpoint, target.id)
        self.security_group_id = group.id
        self.register_outputs({"endpoint": self.endpoint, "readerEndpoint": self.reader_endpoint})


def render_secrets_policy(secret_arns: list[str], key_arn: str, region_name: str) -> str:
    """What reads secrets: these, and their key through that region's Secrets Manager only."""
    return document(
        [
            allow(["secretsmanager:GetSecretValue"], secret_arns),
            allow(
                ["kms:Decrypt"],
                [key_arn],
                {"StringEquals": {"kms:ViaService": f"secretsmanager.{region_name}.amazonaws.com"}},
            ),
        ]
    )
