"""What keeps the state of runs and starts their steps: each in a namespace of its own, on a database of its own."""

import os
from collections.abc import Callable, Mapping, Sequence
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
    DagsArgs,
    PrefectExporter,
    PrefectServer,
    PrefectServerArgs,
    PrefectWorker,
    PrefectWorkerArgs,
    PrometheusStack,
    RunArgs,
    Temporal,
    airflow_policy,
    argo_runs_policy,
    argo_server_policy,
    render_run_environment,
    runs_policy,
)
from infra.layers.below import Below
from infra.layers.data import AIRFLOW_KEYS, AIRFLOW_SIGN_IN, BROKER_USERS, DATABASES, SIGN_IN
from infra.layers.platform import Services, bind
from infra.layers.traffic import host_in
from infra.namespaces import KEDA, TEMPORAL_WORKERS, WORKFLOWS
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


@dataclass(frozen=True)
class Prefect(Interface):
    """Prefect's."""

    server: PrefectServer


@dataclass(frozen=True)
class Argo(Interface):
    """Argo Workflows'."""

    runs_namespace: pulumi.Output[str]
    """Namespace of its workflows."""


@dataclass(frozen=True)
class Standing:
    """The orchestrators."""

    bindings: list[pulumi.Resource]
    """What must run before names may lead here."""
    prefect: Prefect | None
    argo: Argo | None


def build(below: Below, services: Services, databases: list[pulumi.Resource], prometheus: PrometheusStack) -> Standing:
    """Every orchestrator that is asked for, bound to the load balancer."""
    needs = [*services.for_all, services.metrics, *below.doors, *databases, prometheus]
    bindings: list[pulumi.Resource] = []
    interfaces: list[Interface] = []
    for orchestrator in below.settings.platform.orchestrators:
        interface = _BUILDERS[orchestrator](below, needs)
        interfaces.append(interface)
        bindings.append(
            bind(below, services, orchestrator, interface.namespace, interface.service_name, interface.port)
        )
    return Standing(
        bindings,
        prefect=next((each for each in interfaces if isinstance(each, Prefect)), None),
        argo=next((each for each in interfaces if isinstance(each, Argo)), None),
    )


def plan_workloads(settings: Settings) -> list[PlanWorkload]:
    """What of the orchestrators a failover brings to strength; each stands in both clusters under one name."""
    return [entry for each in settings.platform.orchestrators for entry in _WORKLOADS[each](settings)]


def _told(below: Below, orchestrator: Orchestrator) -> RunArgs:
    """What runs know of the platform: their buckets, and the same orchestrator in the other region."""
    settings, buckets, other = below.settings, below.data.buckets, below.entrance.other_name
    host = host_in(orchestrator.value, other) if orchestrator.value in below.entrance.hosts else other
    told: RunArgs = {
        "failover_endpoint": f"https://{host}",
        "artifact_bucket": buckets["artifacts"].bucket_name,
        "checkpoint_bucket": buckets["checkpoints"].bucket_name,
    }
    if settings.other_region is not None:
        told["failover"] = {
            "region": settings.other_region,
            "checkpoint_bucket": _copy(settings, settings.other_region),
        }
    return told


def _copy(settings: Settings, region: str) -> str:
    """Another region's bucket of checkpoints: its name is computed, since the founder knows no other stack."""
    return settings.bucket_name_in(region, "checkpoints")


def _copies(settings: Settings) -> list[str]:
    if settings.other_region is None:
        return []
    return [f"arn:aws:s3:::{_copy(settings, settings.other_region)}"]


def _keys(settings: Settings, key_arn: str) -> list[str]:
    """The multi-region key, by its ARN in each region (AWS KMS, "Multi-Region keys": only the region differs)."""
    if settings.other_region is None:
        return [key_arn]
    return [key_arn, key_arn.replace(f":{settings.region_name}:", f":{settings.other_region}:", 1)]


def _policy(below: Below, render: Callable[[str, str, str], str]) -> pulumi.Output[str]:
    """A policy of what holds artifacts, what holds checkpoints, and the key of both: their ARNs in this region."""
    buckets = below.data.buckets
    arns = pulumi.Output.all(buckets["artifacts"].arn, buckets["checkpoints"].arn, below.keys.data.arn)
    return arns.apply(lambda known: render(*known))


def _runs_policy(
    below: Below, render: Callable[[Sequence[str], Sequence[str]], str] = runs_policy
) -> pulumi.Output[str]:
    """Rights of runs to their buckets, and to copies of checkpoints in the other region."""
    settings = below.settings
    return _policy(
        below,
        lambda artifacts, checkpoints, key: render([artifacts, checkpoints, *_copies(settings)], _keys(settings, key)),
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
        "max_replicas": max(10, 2 * settings.platform.prefect.servers),
    }
    server = PrefectServer(name, args, below.after(*needs))
    told = _told(below, Orchestrator.PREFECT)
    told["failover_endpoint"] = f"{told['failover_endpoint']}/api"
    for pool in settings.platform.prefect.work_pools:
        account = f"{FLOWS}-{pool.name}"
        rights = below.rights(name, account, _runs_policy(below))
        worker: PrefectWorkerArgs = {
            "namespace": namespace,
            "api_url": server.api_url,
            "sign_in_secret": server.sign_in_secret,
            "work_pool": pool.name,
            "flow_service_account": account,
            **told,
            "replicas": pool.workers,
            "run_cpu": pool.cpu,
            "run_memory": pool.memory,
            "run_gpus": pool.gpus,
        }
        PrefectWorker(_worker(pool.name), worker, below.after(rights))
    PrefectExporter(
        "prefect-exporter",
        {"namespace": namespace, "api_url": server.api_url, "sign_in_secret": server.sign_in_secret},
        below.after(*needs),
    )
    return Prefect(namespace, server.service_name, SERVER_PORT, server)


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
    settings, data = below.settings, below.data
    name = Orchestrator.ARGO_WORKFLOWS.value
    namespace = below.namespace(name, entrance_ports=[ARGO_PORT])
    runs = below.namespace(WORKFLOWS, holds_runs=True)
    rights = [
        below.rights(
            name,
            ARGO_SERVER_SERVICE_ACCOUNT,
            pulumi.Output.all(data.buckets["artifacts"].arn, below.keys.data.arn).apply(
                lambda arns: argo_server_policy(*arns)
            ),
        ),
        below.rights(WORKFLOWS, ARGO_RUNS_SERVICE_ACCOUNT, _runs_policy(below, argo_runs_policy)),
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
        "artifact_key_arn": below.keys.data.arn,
        **_told(below, Orchestrator.ARGO_WORKFLOWS),
        "servers": settings.platform.argo_workflows.servers,
        "max_servers": 2 * settings.platform.argo_workflows.servers,
        "parallelism": settings.platform.argo_workflows.parallelism,
        "namespace_parallelism": settings.platform.argo_workflows.parallelism,
    }
    image = settings.platform.argo_workflows.recovery_image
    if image is not None:
        args["recovery"] = {"image": image, "folder": os.path.relpath(RECOVERY_FOLDER)}
        # Every namespace of runs has it, so it may be everybody's.
        args["exit_template"] = f"{name}-recovery"
    argo = ArgoWorkflows(name, args, below.after(*needs, *rights))
    return Argo(namespace, argo.service_name, ARGO_PORT, runs)


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
    assert section is not None, "Platform asks for it where Airflow is chosen"
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
            _policy(
                below,
                lambda artifacts, checkpoints, key, account=account: airflow_policy(
                    account,
                    artifact_bucket_arn=artifacts,
                    checkpoint_bucket_arn=checkpoints,
                    key_arn=key,
                    copy_arns=_copies(settings),
                    copy_key_arns=_keys(settings, key)[1:],
                ),
            ),
        )
        for account in AIRFLOW_SERVICE_ACCOUNTS.values()
    ]
    dags: DagsArgs = {
        "repository": section.dags_repository,
        "branch": section.dags_branch,
        "folder": section.dags_folder,
    }
    if section.dags_ssh_secret is not None and section.dags_known_hosts is not None:
        dags["ssh_secret"] = section.dags_ssh_secret
        dags["known_hosts"] = section.dags_known_hosts
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
        "dags": dags,
        **_told(below, Orchestrator.AIRFLOW),
        "workers": section.workers,
        "max_workers": section.max_workers,
    }
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
            "temporal_namespaces": settings.platform.temporal.namespaces,
            "retention_days": settings.platform.temporal.retention_days,
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
        "TEMPORAL_NAMESPACE": below.settings.platform.temporal.namespaces[0],
        **render_run_environment(_told(below, Orchestrator.TEMPORAL)),
    }
    kubernetes.core.v1.ConfigMap(
        TEMPORAL_WORKERS,
        metadata=kubernetes.meta.v1.ObjectMetaArgs(name=TEMPORAL_WORKERS, namespace=namespace),
        data=told,
        opts=below.in_cluster,
    )


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
