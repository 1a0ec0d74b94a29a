"""A user name and a password that nobody chose, in Secrets Manager."""

import json
from typing import Any, NotRequired, TypedDict

import pulumi
import pulumi_aws as aws
import pulumi_random as random

from components._outputs import known_once
from components._protection import stateful
from components.secrets._plan import plan_credential

PASSWORD_LENGTH = 40


class ReplicaArgs(TypedDict):
    """Another region that holds a copy of the secret."""

    region: str
    """Region of the copy."""
    key_arn: NotRequired[pulumi.Input[str]]
    """Key of that region that encrypts the copy; it must stand first. Default: Secrets Manager's own there."""


class CredentialArgs(TypedDict):
    """Inputs of Credential."""

    secret_name: str
    """Physical name, the same in every region of its copies."""
    username: str
    """Who signs in."""
    key_arn: pulumi.Input[str]
    """Key of this region that encrypts the secret."""
    engine: NotRequired[str]
    """Kind of what is signed in to, as rotation wants it: ``postgres``. Default: not said."""
    host: NotRequired[pulumi.Input[str]]
    """Where to sign in. For a database that is rotated: the global writer endpoint, which stays right after a failover.
    Default: not said."""
    port: NotRequired[int]
    """TCP port there. Default: not said."""
    database_name: NotRequired[str]
    """Database there. Default: not said."""
    replicas: NotRequired[list[ReplicaArgs]]
    """Other regions that hold copies. Default none."""
    recovery_window_days: NotRequired[int]
    """Days that a deleted secret can be called back, 7 to 30; its name is taken as long. 0 deletes it at once and for
    good. Default 30."""
    protected: NotRequired[bool]
    """Refuse deletion. Default true."""
    region: NotRequired[str]
    """Region of every child. Default: the provider's."""


class Credential(pulumi.ComponentResource):
    """A generated password in a secret, with copies that are read while this region is dark.

    Copies follow every change, a rotation's too, and cannot be written. With this region gone for good a copy is
    promoted (``stop-replication-to-replica``), and rotated where it stands. What the program gives is the first value:
    after it the secret is the truth, and readers must ask it, not the program.

    Cost when idle: by the month, for each copy. State: the password; protected. Regions: the secret here, copies where
    asked.
    """

    arn: pulumi.Output[str]
    """ARN of the secret in this region, known once it has a value."""
    replica_arns: dict[str, pulumi.Output[str]]
    """ARNs of the copies by region, known once the secret has a value."""
    name: pulumi.Output[str]
    """Physical name."""
    username: str
    """Who signs in."""
    password: pulumi.Output[str]
    """The first password, secret: to create the user with, and for nothing else once rotation runs."""
    json: pulumi.Output[str]
    """The first value of the secret, secret."""

    def __init__(self, name: str, args: CredentialArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        replicas = args.get("replicas", [])
        window = int(args.get("recovery_window_days", 30))
        plan_credential(recovery_window_days=window, replica_regions=[replica["region"] for replica in replicas])
        region = args.get("region")
        protected = args.get("protected", True)
        super().__init__("tandem:index:Credential", name, {}, opts)

        # Letters and digits only: it becomes part of connection URLs.
        password = random.RandomPassword(
            name, length=PASSWORD_LENGTH, special=False, opts=pulumi.ResourceOptions(parent=self)
        ).result
        secret = aws.secretsmanager.Secret(
            name,
            name=args["secret_name"],
            description=f"Sign-in of {args['username']}",
            kms_key_id=args["key_arn"],
            replicas=[
                aws.secretsmanager.SecretReplicaArgs(region=replica["region"], kms_key_id=replica.get("key_arn"))
                for replica in replicas
            ]
            or None,
            recovery_window_in_days=window,
            region=region,
            opts=stateful(self, protected),
        )
        self.username = args["username"]
        self.password = pulumi.Output.secret(password)
        self.json = pulumi.Output.secret(
            pulumi.Output.all(password, args.get("host")).apply(
                lambda known: render_value(
                    username=args["username"],
                    password=known[0],
                    engine=args.get("engine"),
                    host=known[1],
                    port=args.get("port"),
                    database_name=args.get("database_name"),
                )
            )
        )
        version = aws.secretsmanager.SecretVersion(
            name,
            secret_id=secret.id,
            secret_string=self.json,
            region=region,
            # A rotation writes the versions after this one; the first must not come back with the next `pulumi up`.
            opts=stateful(self, protected, ignore_changes=["secretString"]),
        )
        self.arn = known_once(secret.arn, version.id)
        self.replica_arns = {
            replica["region"]: self.arn.apply(lambda arn, place=replica["region"]: replica_arn(arn, place))
            for replica in replicas
        }
        self.name = secret.name
        self.register_outputs({"arn": self.arn, "name": self.name})


def render_value(
    *,
    username: str,
    password: str,
    engine: str | None,
    host: str | None,
    port: int | None,
    database_name: str | None,
) -> str:
    """A secret's value as JSON text, with the keys that rotation and RDS Proxy read."""
    said: dict[str, Any] = {
        "engine": engine,
        "host": host,
        "port": None if port is None else int(port),
        "dbname": database_name,
        "username": username,
        "password": password,
    }
    # Without it the rotation function falls back to a connection without TLS.
    if engine is not None:
        said["ssl"] = True
    return json.dumps({key: value for key, value in said.items() if value is not None})


def replica_arn(arn: str, region: str) -> str:
    """ARN of a secret's copy: the same but for the region.

    Secrets Manager User Guide, "Replicate AWS Secrets Manager secrets across Regions" (read 2026-11).
    """
    parts = arn.split(":")
    return ":".join([*parts[:3], region, *parts[4:]])
