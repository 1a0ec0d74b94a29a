"""What keeps the state of runs and starts their steps: each in a namespace of its own, on a database of its own."""

import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

import pulumi
import pulumi_kubernetes as kubernetes

from components.failover import PlanWorkload
from components.helm import (
    AIRFLOW_PORT,
    AIRFLOW_SERVICE_ACCOUNTS,
    ARGO_PORT,
    ARGO_RUNS_SERVICE_ACCOUNT,
    ARGO_SERVER_SERVICE_ACCOUNT,
    PGBOUNCER_PORT,
    SERVER_PORT,
    TEMPORAL_PORT,
    TEMPORAL_SERVICES,
    TEMPORAL_UI_PORT,
    Airflow,
    AirflowArgs,
    ArgoWorkflows,
    ArgoWorkflowsArgs,
    PrefectExporter,
    PrefectServer,
    PrefectServerArgs,
    PrefectWorker,
    PrefectWorkerArgs,
    PrometheusStack,
    TargetGroupBinding,
    Temporal,
    airflow_policy,
    argo_runs_policy,
    argo_server_policy,
)
from components.iam import allow, document
from infra.layers.below import KEDA, TEMPORAL_WORKERS, WORKFLOWS, Below
from infra.layers.data import AIRFLOW_KEYS, AIRFLOW_SIGN_IN, BROKER_USERS, DATABASES, SIGN_IN
from infra.layers.platform import Services
from infra.layers.traffic import host_in
from infra.sections import Orchestrator
from infra.settings import Settings

RECOVERY_FOLDER = Path(__file__).parents[2] / "workflows"
FLOWS = "prefect-flows"
"""Service account of Prefect's runs, with the pool's name after it."""


@dataclass(frozen=True)
class Interface:
    """A service that the load balancer leads to."""

    namespace: pulumi.Output[str]
    service_name: pulumi.Output[str]
    port: int
    prefect: PrefectServer | None = None
    """Prefect's server, if it is that."""
    runs_as: str | None = None
    """Service account of runs that an alert may start, in ``namespace``."""
    serves_in: pulumi.Output[str] | None = None
    """Namespace of the service, if it is another."""


@dataclass(frozen=True)
class Standing:
    """The orchestrators."""

    bindings: list[pulumi.Resource]
    """What must run before names may lead here."""
    prefect: tuple[pulumi.Output[str], PrefectServer] | None
    """Prefect, with its namespace."""
    workflows: tuple[pulumi.Output[str], str] | None
    """Namespace of Argo's workflows, and the service account of their pods."""


def build(below: Below, services: Services, databases: list[pulumi.Resource], prometheus: PrometheusStack) -> Standing:
    """Every orchestrator that is asked for, bound to the load balancer."""
    needs = [*services.for_all, services.metrics, *below.doors, *databases, prometheus]
    bindings: list[pulumi.Resource] = []
    faces: dict[Orchestrator, Interface] = {}
    for orchestrator in below.settings.platform.orchestrators:
        face = faces[orchestrator] = _BUILDERS[orchestrator](below, needs)
        bindings.append(
            TargetGroupBinding(
                orchestrator,
                {
                    "namespace": face.serves_in or face.namespace,
                    "service_name": face.service_name,
                    "service_port": face.port,
                    "target_group_arn": below.entrance.load_balancer.target_group_arns[orchestrator],
                },
                below.after(services.load_balancer_controller),
            )
        )
    prefect, workflows = faces.get(Orchestrator.PREFECT), faces.get(Orchestrator.ARGO_WORKFLOWS)
    return Standing(
        bindings,
        prefect=(prefect.namespace, prefect.prefect) if prefect and prefect.prefect else None,
        workflows=(workflows.namespace, workflows.runs_as) if workflows and workflows.runs_as else None,
    )


def plan_workloads(settings: Settings) -> list[PlanWorkload]:
    """What of the orchestrators a failover brings to strength; each stands in both clusters under one name."""
    return [entry for each in settings.platform.orchestrators for entry in _WORKLOADS[each](settings)]


def runs_policy(bucket_arns: list[str], copy_arns: list[str], key_arns: list[str]) -> str:
    """What runs need: read and write artifacts and checkpoints, and go on from copies in the other region."""
    everywhere = [*bucket_arns, *copy_arns]
    return document(
        [
            allow(["s3:ListBucket"], everywhere),
            allow(["s3:GetObject", "s3:GetObjectVersion", "s3:PutObject"], [f"{arn}/*" for arn in everywhere]),
            allow(["kms:Decrypt", "kms:GenerateDataKey"], key_arns),
        ]
    )


def _copies(settings: Settings) -> list[str]:
    """The other region's bucket of checkpoints: its name is computed, since the founder knows no other stack."""
    if settings.other_region is None:
        return []
    return [f"arn:aws:s3:::{settings.bucket_name_in(settings.other_region, 'checkpoints')}"]


def _keys(settings: Settings, key_arn: str) -> list[str]:
    """The multi-region key, by its ARN in each region (AWS KMS, "Multi-Region keys": only the region differs)."""
    if settings.other_region is None:
        return [key_arn]
    return [key_arn, key_arn.replace(f":{settings.region_name}:", f":{settings.other_region}:", 1)]


def _runs_policy(below: Below) -> pulumi.Output[str]:
    data, settings = below.data, below.settings
    return pulumi.Output.all(data.buckets["artifacts"].arn, data.buckets["checkpoints"].arn, below.keys.data.arn).apply(
        lambda arns: runs_policy(arns[:-1], _copies(settings), _keys(settings, arns[-1]))
    )


def _prefect(below: Below, needs: list[pulumi.Resource]) -> Interface:
    settings, data, entrance = below.settings, below.data, below.entrance
    name = Orchestrator.PREFECT.value
    namespace = below.namespace(name, holds_runs=True, entrance_ports=[SERVER_PORT])
    user = BROKER_USERS[Orchestrator.PREFECT]
    args: PrefectServerArgs = {
        "namespace": namespace,
        "public_url": f"https://{entrance.hosts.get(name, entrance.domain_name)}",
        "database_hosts": list(data.writer_hosts),
        "database_port": data.database.port,
        "database_name": name,
        "database_secret": data.secret_arns[name],
        "redis_host": data.broker.primary_endpoint,
        "redis_port": data.broker.port,
        "redis_secret": data.broker_secret_arns[user],
        "sign_in_secret": data.secret_arns[SIGN_IN],
        "replicas": settings.platform.prefect.servers,
    }
    server = PrefectServer(name, args, below.after(*needs))
    for pool in settings.platform.prefect.work_pools:
        account = f"{FLOWS}-{pool.name}"
        rights = below.rights(name, account, _runs_policy(below))
        worker: PrefectWorkerArgs = {
            "namespace": namespace,
            "api_url": server.api_url,
            "sign_in_secret": server.sign_in_secret,
            "work_pool": pool.name,
            "flow_service_account": account,
            "failover_endpoint": f"{_failover_endpoint(below, name)}/api",
            "artifact_bucket": data.buckets["artifacts"].bucket_name,
            "checkpoint_bucket": data.buckets["checkpoints"].bucket_name,
            "replicas": pool.workers,
            "run_cpu": pool.cpu,
            "run_memory": pool.memory,
            "run_gpus": pool.gpus,
        }
        if settings.other_region is not None:
            worker["failover_region"] = settings.other_region
            worker["failover_checkpoint_bucket"] = settings.bucket_name_in(settings.other_region, "checkpoints")
        PrefectWorker(_worker(pool.name), worker, below.after(rights))
    PrefectExporter(
        "prefect-exporter",
        {"namespace": namespace, "api_url": server.api_url, "sign_in_secret": server.sign_in_secret},
        below.after(*needs),
    )
    return Interface(namespace, server.service_name, SERVER_PORT, prefect=server)


def _worker(pool: str) -> str:
    return f"prefect-worker-{pool}"


def _prefect_workloads(settings: Settings) -> list[PlanWorkload]:
    name = Orchestrator.PREFECT.value
    pools = settings.platform.prefect.work_pools
    return [
        {"namespace": name, "deployment": name, "hpa": name},
        *(PlanWorkload(namespace=name, deployment=_worker(pool.name)) for pool in pools),
    ]


def _argo(below: Below, needs: list[pulumi.Resource]) -> Interface:
    settings, data, keys = below.settings, below.data, below.keys
    name = Orchestrator.ARGO_WORKFLOWS.value
    namespace = below.namespace(name, entrance_ports=[ARGO_PORT])
    runs = below.namespace(WORKFLOWS, holds_runs=True)
    artifacts, checkpoints = data.buckets["artifacts"], data.buckets["checkpoints"]
    rights = [
        below.rights(
            name,
            ARGO_SERVER_SERVICE_ACCOUNT,
            pulumi.Output.all(artifacts.arn, keys.data.arn).apply(lambda arns: argo_server_policy(*arns)),
        ),
        below.rights(
            WORKFLOWS,
            ARGO_RUNS_SERVICE_ACCOUNT,
            pulumi.Output.all(artifacts.arn, checkpoints.arn, keys.data.arn).apply(
                lambda arns: argo_runs_policy([*arns[:2], *_copies(settings)], _keys(settings, arns[2]))
            ),
        ),
    ]
    linked = settings.platform.network.link != "none"
    args: ArgoWorkflowsArgs = {
        "namespace": namespace,
        "cluster_name": settings.regional_name,
        "runs_namespaces": [runs],
        "database_hosts": list(data.writer_hosts),
        "database_port": data.database.port,
        "database_name": DATABASES[Orchestrator.ARGO_WORKFLOWS][0],
        "database_secret": data.secret_arns[DATABASES[Orchestrator.ARGO_WORKFLOWS][0]],
        "writes_are_forwarded": not (settings.founds or linked),
        "region": settings.region_name,
        "artifact_bucket": artifacts.bucket_name,
        "artifact_key_arn": keys.data.arn,
        "checkpoint_bucket": checkpoints.bucket_name,
        "failover_endpoint": _failover_endpoint(below, name),
        "servers": settings.platform.argo_workflows.servers,
        "max_servers": 2 * settings.platform.argo_workflows.servers,
        "parallelism": settings.platform.argo_workflows.parallelism,
        "namespace_parallelism": settings.platform.argo_workflows.parallelism,
    }
    image = settings.platform.argo_workflows.recovery_image
    if image is not None:
        args["recovery"] = {"image": image, "folder": os.path.relpath(RECOVERY_FOLDER)}
    if settings.other_region is not None:
        args["failover"] = {
            "region": settings.other_region,
            "checkpoint_bucket": settings.bucket_name_in(settings.other_region, "checkpoints"),
        }
    argo = ArgoWorkflows(name, args, below.after(*needs, *rights))
    return Interface(runs, argo.service_name, ARGO_PORT, runs_as=ARGO_RUNS_SERVICE_ACCOUNT, serves_in=namespace)


def _argo_workloads(_: Settings) -> list[PlanWorkload]:
    name = Orchestrator.ARGO_WORKFLOWS.value
    return [
        {"namespace": name, "deployment": f"{name}-server", "hpa": f"{name}-server"},
        {"namespace": name, "deployment": f"{name}-workflow-controller"},
    ]


def _airflow_workloads(_: Settings) -> list[PlanWorkload]:
    name = Orchestrator.AIRFLOW.value
    return [
        PlanWorkload(namespace=name, deployment=f"{name}-{part}")
        for part in ("scheduler", "dag-processor", "triggerer")
    ]


def _temporal_workloads(_: Settings) -> list[PlanWorkload]:
    name = Orchestrator.TEMPORAL.value
    return [PlanWorkload(namespace=name, deployment=f"{name}-{part}") for part in TEMPORAL_SERVICES]


def _airflow(below: Below, needs: list[pulumi.Resource]) -> Interface:
    settings, data, entrance = below.settings, below.data, below.entrance
    section = settings.platform.airflow
    if section is None:
        raise ValueError("airflow: is not set")
    name = Orchestrator.AIRFLOW.value
    namespace = below.namespace(
        name,
        # The image's own files stay writable, and its user is no number of ours.
        pod_security="baseline",
        holds_runs=True,
        entrance_ports=[AIRFLOW_PORT],
        admits={KEDA: [PGBOUNCER_PORT]},
    )
    rights = [
        below.rights(
            name,
            account,
            pulumi.Output.all(
                data.buckets["artifacts"].arn, data.buckets["checkpoints"].arn, below.keys.data.arn
            ).apply(
                lambda arns, account=account: airflow_policy(
                    account,
                    artifact_bucket_arn=arns[0],
                    checkpoint_bucket_arn=arns[1],
                    key_arn=arns[2],
                    copy_arns=_copies(settings),
                    copy_key_arns=_keys(settings, arns[2])[1:],
                )
            ),
        )
        for account in AIRFLOW_SERVICE_ACCOUNTS.values()
    ]
    fernet, api, jwt = AIRFLOW_KEYS
    args: AirflowArgs = {
        "namespace": namespace,
        "public_url": f"https://{entrance.hosts.get(name, entrance.domain_name)}",
        "region_name": settings.region_name,
        "database_host": data.writer,
        "database_port": data.database.port,
        "database_name": name,
        "database_secret": data.secret_arns[name],
        "broker": {
            "host": data.broker.primary_endpoint,
            "port": data.broker.port,
            "secret": data.broker_secret_arns[BROKER_USERS[Orchestrator.AIRFLOW]],
        },
        "fernet_secret": data.secret_arns[fernet],
        "api_secret": data.secret_arns[api],
        "jwt_secret": data.secret_arns[jwt],
        "sign_in_secret": data.secret_arns[AIRFLOW_SIGN_IN],
        "dags": {
            "repository": section.dags_repository,
            "branch": section.dags_branch,
            "folder": section.dags_folder,
        },
        "failover_endpoint": _failover_endpoint(below, name),
        "artifact_bucket": data.buckets["artifacts"].bucket_name,
        "checkpoint_bucket": data.buckets["checkpoints"].bucket_name,
        "workers": section.workers,
        "max_workers": section.max_workers,
    }
    if settings.other_region is not None:
        args["failover_region"] = settings.other_region
        args["failover_checkpoint_bucket"] = settings.bucket_name_in(settings.other_region, "checkpoints")
    airflow = Airflow(name, args, below.after(*needs, *rights))
    return Interface(namespace, airflow.service_name, AIRFLOW_PORT)


def _temporal(below: Below, needs: list[pulumi.Resource]) -> Interface:
    settings, data = below.settings, below.data
    name = Orchestrator.TEMPORAL.value
    persistence, visibility = DATABASES[Orchestrator.TEMPORAL]
    namespace = below.namespace(
        name,
        pod_security="baseline",
        entrance_ports=[TEMPORAL_UI_PORT],
        admits={TEMPORAL_WORKERS: [TEMPORAL_PORT]},
    )
    temporal = Temporal(
        name,
        {
            "namespace": namespace,
            "database_host": data.writer,
            "database_port": data.database.port,
            "persistence": {"name": persistence, "username": persistence, "secret": data.secret_arns[persistence]},
            "visibility": {"name": visibility, "username": visibility, "secret": data.secret_arns[visibility]},
            "history_shards": settings.platform.temporal.history_shards,
            "replicas": settings.platform.temporal.replicas,
            # Servers of two regions on one database would become one ring; the plan starts these.
            "standby": not settings.founds,
        },
        below.after(*needs),
    )
    _temporal_workers(below, temporal)
    return Interface(namespace, temporal.ui_service_name, TEMPORAL_UI_PORT)


def _temporal_workers(below: Below, temporal: Temporal) -> None:
    """Where teams run their workers: a namespace that reaches the frontend, an account with rights, an environment."""
    settings, data = below.settings, below.data
    namespace = below.namespace(TEMPORAL_WORKERS, holds_runs=True)
    below.rights(TEMPORAL_WORKERS, TEMPORAL_WORKERS, _runs_policy(below))
    kubernetes.core.v1.ServiceAccount(
        TEMPORAL_WORKERS,
        metadata=kubernetes.meta.v1.ObjectMetaArgs(name=TEMPORAL_WORKERS, namespace=namespace),
        automount_service_account_token=False,
        opts=below.in_cluster,
    )
    told: dict[str, pulumi.Input[str]] = {
        "TEMPORAL_ADDRESS": pulumi.Output.concat(
            temporal.service_name, f".{Orchestrator.TEMPORAL.value}.svc.cluster.local:{TEMPORAL_PORT}"
        ),
        "FAILOVER_ENDPOINT": _failover_endpoint(below, Orchestrator.TEMPORAL.value),
        "ARTIFACT_BUCKET": data.buckets["artifacts"].bucket_name,
        "CHECKPOINT_BUCKET": data.buckets["checkpoints"].bucket_name,
    }
    if settings.other_region is not None:
        told["FAILOVER_REGION"] = settings.other_region
        told["FAILOVER_CHECKPOINT_BUCKET"] = settings.bucket_name_in(settings.other_region, "checkpoints")
    kubernetes.core.v1.ConfigMap(
        TEMPORAL_WORKERS,
        metadata=kubernetes.meta.v1.ObjectMetaArgs(name=TEMPORAL_WORKERS, namespace=namespace),
        data=told,
        opts=below.in_cluster,
    )


def _failover_endpoint(below: Below, name: str) -> str:
    """Where runs reach the same orchestrator in the other region."""
    other = below.entrance.other_name
    return f"https://{host_in(name, other) if name in below.entrance.hosts else other}"


_BUILDERS: Mapping[Orchestrator, Callable[[Below, list[pulumi.Resource]], Interface]] = {
    Orchestrator.PREFECT: _prefect,
    Orchestrator.ARGO_WORKFLOWS: _argo,
    Orchestrator.AIRFLOW: _airflow,
    Orchestrator.TEMPORAL: _temporal,
}
_WORKLOADS: Mapping[Orchestrator, Callable[[Settings], list[PlanWorkload]]] = {
    Orchestrator.PREFECT: _prefect_workloads,
    Orchestrator.ARGO_WORKFLOWS: _argo_workloads,
    Orchestrator.AIRFLOW: _airflow_workloads,
    Orchestrator.TEMPORAL: _temporal_workloads,
}
