"""Each orchestrator's database and role, made from inside the founder's cluster."""

from collections.abc import Sequence

import pulumi
import pulumi_kubernetes as kubernetes

from components.database import DatabaseRoles, render_secrets_policy
from components.kubernetes import PodIdentity
from infra.layers.cluster import Compute
from infra.layers.data import ORCHESTRATORS, OWNER, OWNER_NAME, Data
from infra.layers.keys import Keys
from infra.settings import Settings

NAMESPACE = "databases"
SERVICE_ACCOUNT = "database-roles"


def build(
    settings: Settings,
    keys: Keys,
    data: Data,
    compute: Compute,
    doors: Sequence[pulumi.Resource],
    in_aws: pulumi.ResourceOptions,
    in_cluster: pulumi.ResourceOptions,
) -> list[pulumi.Resource]:
    """What every orchestrator waits for. Who joins finds it all in the database already, by replication."""
    if not settings.founds:
        return []
    secrets = [data.secret_arns[OWNER], *(data.secret_arns[name] for name in ORCHESTRATORS)]
    rights = PodIdentity(
        "database-roles-rights",
        {
            "cluster_name": compute.cluster.name,
            "namespace": NAMESPACE,
            "service_account": SERVICE_ACCOUNT,
            "policy": pulumi.Output.all(keys.secrets.arn, *secrets).apply(
                lambda arns: render_secrets_policy(arns[1:], arns[0], settings.region_name)
            ),
        },
        in_aws,
    )
    namespace = kubernetes.core.v1.Namespace(
        NAMESPACE,
        metadata=kubernetes.meta.v1.ObjectMetaArgs(
            name=NAMESPACE, labels={"pod-security.kubernetes.io/enforce": "restricted"}
        ),
        opts=in_cluster,
    )
    roles = DatabaseRoles(
        "database-roles",
        {
            "namespace": namespace.metadata.name.apply(str),
            "region_name": settings.region_name,
            # Where another region writes, this leads to a reader, who has it all by replication.
            "host": pulumi.Output.all(*data.writer_hosts).apply(",".join),
            "port": data.database.port,
            "service_account": SERVICE_ACCOUNT,
            "owner": OWNER_NAME,
            "owner_secret_arn": data.secret_arns[OWNER],
            "roles": [{"database": name, "role": name, "secret_arn": data.secret_arns[name]} for name in ORCHESTRATORS],
        },
        # The shell has a writer once the founder's cluster is in it, and takes connections once that lets the pods in.
        pulumi.ResourceOptions.merge(in_cluster, pulumi.ResourceOptions(depends_on=[rights, data.database, *doors])),
    )
    return [roles]
