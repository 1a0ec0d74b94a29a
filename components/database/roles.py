"""Roles and databases of those who share the cluster, made by a job from inside."""

import hashlib
import json
from typing import Any, NotRequired, TypedDict, cast

import pulumi
import pulumi_kubernetes as k8s

from components._pod_security import POD_SECURITY, READ_ONLY
from components._scheduling import node_loss_tolerations, resources
from components.database._plan import RolePlan, plan_roles
from components.kubernetes import Priority

AWS_CLI_IMAGE = "public.ecr.aws/aws-cli/aws-cli:2.31.18"
CLIENT_IMAGE = "public.ecr.aws/docker/library/postgres:17.6"
"""For its ``psql`` alone, which talks to older and newer servers."""
USER_ID = 65532
RETRIES = 6
DEADLINE_SECONDS = 900
"""Six retries wait ten seconds and then twice as long each time, ten minutes and a half in all."""


class DatabaseRoleArgs(TypedDict):
    """One role and the database it owns."""

    database: str
    """Database; lower-case letters, digits and underscores."""
    role: str
    """Role that owns it and signs in; likewise."""
    secret_arn: pulumi.Input[str]
    """Secret with the role's password (Credential.arn, or the copy's in this region)."""


class DatabaseRolesArgs(TypedDict):
    """Inputs of DatabaseRoles."""

    namespace: pulumi.Input[str]
    """Existing namespace of the job."""
    service_account: str
    """Service account of the job, created here. Give it the right to read the secrets with PodIdentity and
    ``render_secrets_policy``, and let this depend on it."""
    region_name: str
    """Region of the secrets."""
    host: pulumi.Input[str]
    """Host to sign in at: of the writer, or of a replica that need only be looked at."""
    port: int
    """TCP port there."""
    owner: str
    """Who makes roles and databases: the owner of the cluster."""
    owner_secret_arn: pulumi.Input[str]
    """Secret with the owner's password."""
    roles: list[DatabaseRoleArgs]
    """Roles and their databases, at least one."""
    certificate_authorities: NotRequired[pulumi.Input[str]]
    """Certificates of RDS' authorities as PEM text (the bundle that AWS publishes); with them the server's name is
    checked. Default: encrypted, unchecked."""


class DatabaseRoles(pulumi.ComponentResource):
    """A job that makes each role and its database where they are missing, and sets each password to its secret's.

    It runs again when anything in it changes. While this cluster of the global database is a replica, which nothing can
    be made in, it only looks whether everything has arrived. Passwords go from Secrets Manager into the pod's memory:
    neither Kubernetes nor the program's state has them. What is no longer listed stays, because databases hold data.

    Losing a zone while it runs starts its pod again elsewhere; every step may be taken twice.

    Cost when idle: none. State: none; what it makes is in the database. Regions: all children regional.
    """

    done: pulumi.Output[str]
    """Name of the job, known once it has succeeded: to depend on."""

    def __init__(self, name: str, args: DatabaseRolesArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        plan = plan_roles(owner=args["owner"], roles=[(entry["database"], entry["role"]) for entry in args["roles"]])
        super().__init__("tandem:index:DatabaseRoles", name, {}, opts)
        child = pulumi.ResourceOptions(parent=self)
        namespace = args["namespace"]
        files: dict[str, pulumi.Input[str]] = {
            "fetch.sh": render_fetch(plan),
            "run.sh": render_run(plan),
            "roles.sql": render_sql(plan),
        }
        connection: dict[str, pulumi.Input[str]] = {
            "PGHOST": args["host"],
            "PGPORT": str(int(args["port"])),
            "PGUSER": args["owner"],
            "PGSSLMODE": "require",
        }
        if "certificate_authorities" in args:
            files["authorities.pem"] = args["certificate_authorities"]
            connection |= {"PGSSLMODE": "verify-full", "PGSSLROOTCERT": "/scripts/authorities.pem"}
        arns = [args["owner_secret_arn"], *(entry["secret_arn"] for entry in args["roles"])]

        account = k8s.core.v1.ServiceAccount(
            name,
            metadata=k8s.meta.v1.ObjectMetaArgs(name=args["service_account"], namespace=namespace),
            # It talks to AWS and to the database, not to the cluster; Pod Identity brings a token of its own.
            automount_service_account_token=False,
            opts=child,
        )
        digest = pulumi.Output.all(args["host"], files, arns, [AWS_CLI_IMAGE, CLIENT_IMAGE]).apply(
            lambda known: hashlib.sha256(json.dumps(known, sort_keys=True).encode()).hexdigest()[:10]
        )
        metadata = k8s.meta.v1.ObjectMetaArgs(name=pulumi.Output.concat(name, "-", digest), namespace=namespace)
        scripts = k8s.core.v1.ConfigMap(name, metadata=metadata, data=files, opts=child)
        job = k8s.batch.v1.Job(
            name,
            metadata=metadata,
            spec=cast(
                k8s.batch.v1.JobSpecArgsDict,
                render_job(
                    service_account=args["service_account"],
                    scripts=scripts.metadata.name.apply(str),
                    region=args["region_name"],
                    arns=arns,
                    connection=connection,
                ),
            ),
            # A job cannot be changed, only replaced; a change that leaves its name alone must take the old one away
            # first.
            opts=pulumi.ResourceOptions(parent=self, depends_on=[account], delete_before_replace=True),
        )
        self.done = job.metadata.name.apply(str)
        self.register_outputs({"done": self.done})


def render_fetch(plan: list[RolePlan]) -> str:
    """The script that puts the owner's secret and each role's into a file of its own."""
    lines = ["set -eu", "umask 077"]
    for position in range(len(plan) + 1):
        lines.append(
            f'aws secretsmanager get-secret-value --secret-id "$SECRET_{position}" --query SecretString --output text '
            f"> /secrets/{position}.json"
        )
    return "\n".join(lines) + "\n"


def render_run(plan: list[RolePlan]) -> str:
    """The script that looks at a replica, and works on a writer."""
    wanted = len(plan)
    databases = ", ".join(f"'{entry.database}'" for entry in plan)
    arrived = f"SELECT count(*) FROM pg_database WHERE datname IN ({databases})"  # noqa: S608  (names are checked)
    return "\n".join(
        [
            "set -eu",
            "password() {",
            # Passwords hold neither quotes nor backslashes (components/secrets), so JSON is read as far as needed.
            r"""  found=$(sed -n 's/.*"password": *"\([^"\\]*\)".*/\1/p' "/secrets/$1.json")""",
            '  if [ -z "$found" ]; then echo "secret $1 holds no password" >&2; exit 1; fi',
            '  printf %s "$found"',
            "}",
            "PGPASSWORD=$(password 0); export PGPASSWORD",
            'replica=$(psql -XAtc "SELECT pg_is_in_recovery()")',
            'if [ "$replica" = t ]; then',
            f'  there=$(psql -XAtc "{arrived}")',
            f'  if [ "$there" = {wanted} ]; then echo "a replica, and every database is there"; exit 0; fi',
            f'  echo "a replica, with $there of {wanted} databases; they come from the region that writes" >&2',
            "  exit 1",
            "fi",
            *(f"PASSWORD_{n}=$(password {n}); export PASSWORD_{n}" for n in range(1, wanted + 1)),
            "exec psql -X -v ON_ERROR_STOP=1 -f /scripts/roles.sql",
            "",
        ]
    )


def render_sql(plan: list[RolePlan]) -> str:
    """The statements, for ``psql``; passwords come from its environment.

    Names are put in as they are: ``plan_roles`` has let through letters, digits and underscores only.
    """
    lines: list[str] = []
    for position, entry in enumerate(plan, start=1):
        role, database = f'"{entry.role}"', f'"{entry.database}"'
        lines += [
            f"\\getenv password PASSWORD_{position}",
            f"SELECT 'CREATE ROLE {role} LOGIN'",
            f"  WHERE NOT EXISTS (SELECT FROM pg_roles WHERE rolname = '{entry.role}') \\gexec",
            # The owner is no superuser: it may give away only what a role that it belongs to could own. Before the
            # password, because the server logs a statement that fails as it stands (log_min_error_statement), and of
            # another's role this one fails already.
            f"GRANT {role} TO CURRENT_USER;",
            f"ALTER ROLE {role} LOGIN PASSWORD :'password';",
            f"SELECT 'CREATE DATABASE {database} OWNER {role}'",
            f"  WHERE NOT EXISTS (SELECT FROM pg_database WHERE datname = '{entry.database}') \\gexec",
            f"ALTER DATABASE {database} OWNER TO {role};",
            f"REVOKE ALL ON DATABASE {database} FROM PUBLIC;",
            # Aurora signs in as this one for what the other region forwards; with PUBLIC's right gone it needs its own.
            f"SELECT 'GRANT CONNECT ON DATABASE {database} TO rdswriteforwarduser'",
            "  WHERE EXISTS (SELECT FROM pg_roles WHERE rolname = 'rdswriteforwarduser') \\gexec",
        ]
    return "\n".join([*lines, ""])


def render_job(
    *,
    service_account: str,
    scripts: pulumi.Input[str],
    region: str,
    arns: list[pulumi.Input[str]],
    connection: dict[str, pulumi.Input[str]],
) -> dict[str, Any]:
    """Spec of the job: secrets are fetched into memory, then the statements are run."""
    mounts = [
        {"name": "scripts", "mountPath": "/scripts", "readOnly": True},
        {"name": "scratch", "mountPath": "/tmp"},  # noqa: S108  (the pod's own)
    ]
    fetch = {
        "name": "secrets",
        "image": AWS_CLI_IMAGE,
        "command": ["sh", "/scripts/fetch.sh"],
        "env": [
            *_environment({"AWS_REGION": region, "HOME": "/tmp"}),  # noqa: S108
            *_environment({f"SECRET_{position}": arn for position, arn in enumerate(arns)}),
        ],
        "resources": resources("100m", "256Mi"),
        "securityContext": READ_ONLY,
        "volumeMounts": [*mounts, {"name": "secrets", "mountPath": "/secrets"}],
    }
    run = {
        "name": "roles",
        "image": CLIENT_IMAGE,
        "command": ["sh", "/scripts/run.sh"],
        "env": _environment(
            {
                **connection,
                "PGDATABASE": "postgres",
                "PGCONNECT_TIMEOUT": "10",
                "HOME": "/tmp",  # noqa: S108
            }
        ),
        "resources": resources("50m", "64Mi"),
        "securityContext": READ_ONLY,
        "volumeMounts": [*mounts, {"name": "secrets", "mountPath": "/secrets", "readOnly": True}],
    }
    return {
        "backoffLimit": RETRIES,
        "activeDeadlineSeconds": DEADLINE_SECONDS,
        "template": {
            "spec": {
                "restartPolicy": "Never",
                "priorityClassName": Priority.SERVICES.value,
                "serviceAccountName": service_account,
                "automountServiceAccountToken": False,
                "securityContext": {
                    **POD_SECURITY,
                    "runAsUser": USER_ID,
                    "runAsGroup": USER_ID,
                    "fsGroup": USER_ID,
                },
                "tolerations": node_loss_tolerations(),
                "initContainers": [fetch],
                "containers": [run],
                "volumes": [
                    {"name": "scripts", "configMap": {"name": scripts}},
                    {"name": "secrets", "emptyDir": {"medium": "Memory", "sizeLimit": "1Mi"}},
                    {"name": "scratch", "emptyDir": {}},
                ],
            }
        },
    }


def _environment(values: dict[str, Any]) -> list[dict[str, Any]]:
    return [{"name": key, "value": value} for key, value in values.items()]
