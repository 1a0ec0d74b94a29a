"""The orchestrator and the model servers, bound to the load balancer."""

from dataclasses import dataclass

import pulumi
import pulumi_kubernetes as kubernetes

from components.helm import SERVER_PORT, PrefectServer, PrefectWorker, TargetGroupBinding
from components.iam import allow, document
from components.inference import HTTP_PORT, ModelServer
from components.kubernetes import PodIdentity
from infra.layers.cluster import Compute
from infra.layers.data import SIGN_IN, Data
from infra.layers.keys import Keys
from infra.layers.platform import Services
from infra.layers.traffic import ORCHESTRATOR, Entrance
from infra.sections import Model
from infra.settings import Settings

ORCHESTRATOR_NAMESPACE = "prefect"
MODELS_NAMESPACE = "models"
WORKER = f"{ORCHESTRATOR}-worker"
FLOW_SERVICE_ACCOUNT = "prefect-flows"


@dataclass(frozen=True)
class Below:
    """What the workloads stand on."""

    settings: Settings
    keys: Keys
    data: Data
    compute: Compute
    entrance: Entrance
    services: Services
    databases: list[pulumi.Resource]
    """What must stand before the orchestrators can use theirs."""
    in_aws: pulumi.ResourceOptions
    in_cluster: pulumi.ResourceOptions

    def after(self, *resources: pulumi.Resource) -> pulumi.ResourceOptions:
        """Options of what needs these resources first."""
        return pulumi.ResourceOptions.merge(self.in_cluster, pulumi.ResourceOptions(depends_on=list(resources)))


def build(below: Below) -> list[pulumi.Resource]:
    """Everything that answers requests: what must run before names may lead here."""
    models = _namespace(MODELS_NAMESPACE, below.in_cluster)
    return [_orchestrator(below), *(_model(below, model, models) for model in below.settings.platform.models)]


def _orchestrator(below: Below) -> pulumi.Resource:
    settings, data, entrance = below.settings, below.data, below.entrance
    namespace = _namespace(ORCHESTRATOR_NAMESPACE, below.in_cluster).metadata.name.apply(str)
    rights = PodIdentity(
        "flow-rights",
        {
            "cluster_name": below.compute.cluster.name,
            "namespace": ORCHESTRATOR_NAMESPACE,
            "service_account": FLOW_SERVICE_ACCOUNT,
            "policy": pulumi.Output.all(
                data.buckets["artifacts"].arn, data.buckets["checkpoints"].arn, below.keys.data.arn
            ).apply(lambda arns: runs_policy(arns[:-1], arns[-1])),
        },
        below.in_aws,
    )
    server = PrefectServer(
        ORCHESTRATOR,
        {
            "namespace": namespace,
            "public_url": f"https://{entrance.domain_name}",
            "database_hosts": list(data.writer_hosts),
            "database_port": data.database.port,
            "database_name": ORCHESTRATOR,
            "database_secret": data.secret_arns[ORCHESTRATOR],
            "redis_host": data.broker.primary_endpoint,
            "redis_port": data.broker.port,
            "redis_secret": data.broker_secret_arns[ORCHESTRATOR],
            "sign_in_secret": data.secret_arns[SIGN_IN],
            "replicas": settings.platform.prefect.servers,
        },
        below.after(below.services.metrics, *below.databases),
    )
    PrefectWorker(
        WORKER,
        {
            "namespace": namespace,
            "api_url": server.api_url,
            "sign_in_secret": server.sign_in_secret,
            "work_pool": settings.platform.prefect.work_pool,
            "flow_service_account": FLOW_SERVICE_ACCOUNT,
            "failover_endpoint": f"https://{entrance.other_name}/api",
            "artifact_bucket": data.buckets["artifacts"].bucket_name,
            "checkpoint_bucket": data.buckets["checkpoints"].bucket_name,
            "replicas": settings.platform.prefect.workers,
        },
        below.after(rights),
    )
    return TargetGroupBinding(
        ORCHESTRATOR,
        {
            "namespace": namespace,
            "service_name": server.service_name,
            "service_port": SERVER_PORT,
            "target_group_arn": entrance.load_balancer.target_group_arns[ORCHESTRATOR],
        },
        below.after(below.services.load_balancer_controller),
    )


def _model(below: Below, model: Model, namespace: "kubernetes.core.v1.Namespace") -> pulumi.Resource:
    data = below.data
    rights = PodIdentity(
        f"{model.name}-rights",
        {
            "cluster_name": below.compute.cluster.name,
            "namespace": MODELS_NAMESPACE,
            "service_account": model.name,
            "policy": pulumi.Output.all(data.buckets["models"].arn, below.keys.data.arn).apply(
                lambda arns: models_policy(*arns, prefix=model.repository_prefix)
            ),
        },
        below.in_aws,
    )
    server = ModelServer(
        model.name,
        {
            "namespace": namespace.metadata.name.apply(str),
            "region": below.settings.region_name,
            "model_repository": pulumi.Output.concat(
                "s3://", data.buckets["models"].bucket_name, f"/{model.repository_prefix}"
            ),
            "service_account": model.name,
            "gpus_per_replica": model.gpus_per_replica,
            "replicas": model.replicas,
            "max_replicas": model.max_replicas,
            "startup_seconds": model.startup_seconds,
        },
        below.after(rights, *below.services.for_gpus, below.services.metrics),
    )
    return TargetGroupBinding(
        model.name,
        {
            "namespace": namespace.metadata.name.apply(str),
            "service_name": server.service_name,
            "service_port": HTTP_PORT,
            "target_group_arn": below.entrance.load_balancer.target_group_arns[model.name],
        },
        below.after(below.services.load_balancer_controller),
    )


def runs_policy(bucket_arns: list[str], key_arn: str) -> str:
    """What runs need: read and write artifacts and checkpoints."""
    return document(
        [
            allow(["s3:ListBucket"], bucket_arns),
            allow(["s3:GetObject", "s3:GetObjectVersion", "s3:PutObject"], [f"{arn}/*" for arn in bucket_arns]),
            allow(["kms:Decrypt", "kms:GenerateDataKey"], [key_arn]),
        ]
    )


def models_policy(bucket_arn: str, key_arn: str, *, prefix: str) -> str:
    """What a model server needs: read its own models."""
    return document(
        [
            allow(["s3:ListBucket"], [bucket_arn], {"StringLike": {"s3:prefix": [prefix, f"{prefix}/*"]}}),
            allow(["s3:GetObject"], [f"{bucket_arn}/{prefix}/*"]),
            allow(["kms:Decrypt"], [key_arn]),
        ]
    )


def _namespace(name: str, opts: pulumi.ResourceOptions) -> "kubernetes.core.v1.Namespace":
    return kubernetes.core.v1.Namespace(
        name,
        metadata=kubernetes.meta.v1.ObjectMetaArgs(
            name=name, labels={"pod-security.kubernetes.io/enforce": "baseline"}
        ),
        opts=opts,
    )
