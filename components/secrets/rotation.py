"""A password of PostgreSQL that changes by itself."""

from typing import NotRequired, TypedDict

import pulumi
import pulumi_aws as aws

from components._security_groups import admit_group, reach_group
from components.secrets._plan import EXCLUDED_CHARACTERS, plan_rotation

APPLICATION = "arn:aws:serverlessrepo:us-east-1:297356227824:applications/SecretsManagerRDSPostgreSQLRotationSingleUser"
VERSION = "1.1.671"
"""Application and version as aws-cdk pins them (``aws-secretsmanager/lib/secret-rotation.ts``, read 2026-11)."""
PORT = 5432
HTTPS_PORT = 443


class RotationArgs(TypedDict):
    """Inputs of Rotation."""

    function_name: str
    """Physical name of the function, unique in the region, at most 64 characters; its log group is named after it."""
    secret_arn: pulumi.Input[str]
    """Secret in this region (Credential.arn) of a role that can sign in by now: the first thing done is a try. Its host
    is the global writer endpoint."""
    key_arn: pulumi.Input[str]
    """Key of this region that encrypts the secret."""
    days: NotRequired[int]
    """Days between two passwords, 1 to 1000. Default 30."""
    region_name: str
    """Region it stands in, whose Secrets Manager it asks."""
    vpc_id: pulumi.Input[str]
    """VPC of the database."""
    subnet_ids: list[pulumi.Input[str]]
    """Subnets for the function, of at least two zones."""
    database_security_group_id: pulumi.Input[str]
    """Group of the database's instances (Database.security_group_id), which it is let into."""
    peer_cidrs: NotRequired[list[str]]
    """Networks of the other region's database, where the regions are peered. Without them a rotation while the other
    region writes fails, and is tried again after it. Default none."""
    endpoint_security_group_id: pulumi.Input[str]
    """Group of the VPC's endpoint of Secrets Manager, the function's only way to it."""
    log_key_arn: NotRequired[pulumi.Input[str]]
    """Key of this region that encrypts the log; CloudWatch Logs must be allowed to use it. Default: CloudWatch's
    own."""
    log_retention_days: NotRequired[int]
    """Days that its log is kept. Default 90."""
    region: NotRequired[str]
    """Region of every child. Default: the provider's."""


class Rotation(pulumi.ComponentResource):
    """AWS's own rotation function, in the database's VPC, and the schedule on one secret.

    It signs in as the role itself, at the writer, and sets a new password: the one way that works in a global database,
    where RDS manages none. The old password ends at that moment; who reads the secret again on a refused sign-in misses
    nothing. Losing a zone loses nothing: the function runs in another. While this region is dark nothing rotates, and
    passwords stay good.

    Cost when idle: none worth naming. State: none. Regions: the function's role is global.
    """

    function_arn: pulumi.Output[str]
    """ARN of the function."""
    function_name: str
    """Name of the function, for alarms on its errors."""

    def __init__(self, name: str, args: RotationArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        days = int(args.get("days", 30))
        plan_rotation(days)
        if len(args["subnet_ids"]) < 2:
            raise ValueError(f"subnet_ids: got {len(args['subnet_ids'])}, must be at least 2, in different zones")
        region = args.get("region")
        super().__init__("tandem:index:Rotation", name, {}, opts)
        child = pulumi.ResourceOptions(parent=self)

        log = aws.cloudwatch.LogGroup(
            name,
            name=f"/aws/lambda/{args['function_name']}",
            retention_in_days=int(args.get("log_retention_days", 90)),
            kms_key_id=args.get("log_key_arn"),
            region=region,
            opts=child,
        )
        group = aws.ec2.SecurityGroup(
            name,
            description="Rotation of database passwords",
            vpc_id=args["vpc_id"],
            region=region,
            opts=child,
        )
        database = args["database_security_group_id"]
        endpoint = args["endpoint_security_group_id"]
        ways = [
            reach_group(f"{name}-to-database", group.id, database, PORT, region=region, opts=child),
            admit_group(f"{name}-into-database", database, group.id, PORT, region=region, opts=child),
            reach_group(f"{name}-to-secrets", group.id, endpoint, HTTPS_PORT, region=region, opts=child),
        ]
        for position, cidr in enumerate(args.get("peer_cidrs", [])):
            aws.vpc.SecurityGroupEgressRule(
                f"{name}-to-peer-{position}",
                security_group_id=group.id,
                cidr_ipv4=cidr,
                ip_protocol="tcp",
                from_port=PORT,
                to_port=PORT,
                region=region,
                opts=child,
            )
        application = aws.serverlessrepository.CloudFormationStack(
            name,
            name=args["function_name"],
            application_id=APPLICATION,
            semantic_version=VERSION,
            capabilities=["CAPABILITY_IAM", "CAPABILITY_RESOURCE_POLICY"],
            parameters={
                "functionName": args["function_name"],
                "endpoint": f"https://secretsmanager.{args['region_name']}.amazonaws.com",
                "vpcSubnetIds": pulumi.Output.all(*args["subnet_ids"]).apply(",".join),
                "vpcSecurityGroupIds": group.id,
                "kmsKeyArn": args["key_arn"],
                "excludeCharacters": EXCLUDED_CHARACTERS,
            },
            region=region,
            opts=pulumi.ResourceOptions(parent=self, depends_on=[log]),
        )
        self.function_arn = application.outputs["RotationLambdaARN"]
        aws.secretsmanager.SecretRotation(
            name,
            secret_id=args["secret_arn"],
            rotation_lambda_arn=self.function_arn,
            # Not at once: until the first scheduled one, what the program has given is still right. The function's way
            # to the database is tried all the same (RotateSecret, RotateImmediately).
            rotate_immediately=False,
            rotation_rules=aws.secretsmanager.SecretRotationRotationRulesArgs(automatically_after_days=days),
            region=region,
            opts=pulumi.ResourceOptions(parent=self, depends_on=ways),
        )
        self.function_name = args["function_name"]
        self.register_outputs({"functionArn": self.function_arn})
