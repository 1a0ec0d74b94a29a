"""Each orchestrator's database and role, made from inside the founder's cluster."""

import pulumi

from components.database import DatabaseRoles, render_secrets_policy
from infra.layers.below import Below
from infra.layers.data import OWNER, OWNER_NAME
from infra.layers.data import databases as wanted
from infra.layers.platform import Services
from infra.namespaces import DATABASE_ROLES

SERVICE_ACCOUNT = "database-roles"


def build(below: Below, services: Services) -> list[pulumi.Resource]:
    """What every orchestrator waits for. Who joins finds it all in the database already, by replication."""
    settings, data = below.settings, below.data
    if not settings.founds:
        return []
    names = wanted(settings)
    secrets = [data.secret_arns[OWNER], *(data.secret_arns[name] for name in names)]
    rights = below.rights(
        DATABASE_ROLES,
        SERVICE_ACCOUNT,
        pulumi.Output.all(below.keys.secrets.arn, *secrets).apply(
            lambda arns: render_secrets_policy(arns[1:], arns[0], settings.region_name)
        ),
    )
    roles = DatabaseRoles(
        "database-roles",
        {
            "namespace": below.namespace(DATABASE_ROLES),
            "region_name": settings.region_name,
            # Where another region writes, this leads to a reader, who has it all by replication.
            "host": pulumi.Output.all(*data.writer_hosts).apply(",".join),
            "port": data.database.port,
            "service_account": SERVICE_ACCOUNT,
            "owner": OWNER_NAME,
            "owner_secret_arn": data.secret_arns[OWNER],
            "roles": [{"database": name, "role": name, "secret_arn": data.secret_arns[name]} for name in names],
        },
        # The shell has a writer once the founder's cluster is in it, and takes connections once that lets the pods in.
        below.after(rights, data.database, services.priorities, *below.doors),
    )
    return [roles]
