"""What answers for models: servers of our own chart, vLLM's production stack, KServe."""

import pulumi

from components.failover import PlanWorkload
from components.helm import ExternalSecret, PrometheusStack
from components.iam import allow, document
from components.inference import (
    EDGE_PORT,
    HTTP_PORT,
    KSERVE_WEBHOOK_PORT,
    ContainerApi,
    Fallback,
    InferenceService,
    InferenceServiceArgs,
    KServe,
    ModelServer,
    ModelServerArgs,
    Shadow,
    VllmStack,
    VllmStackArgs,
    WarmUp,
    sagemaker_fallback_policy,
)
from components.kubernetes import PodIdentity
from infra.layers.below import Below
from infra.layers.controllers import Controllers
from infra.layers.platform import Services, bind
from infra.layers.traffic import door
from infra.namespaces import KSERVE, MODELS, MONITORING
from infra.sections import Engine, KServeModel, Model, Rollout
from infra.settings import Settings

STRATEGIES = {Rollout.ROLLING: "rolling", Rollout.CANARY: "canary", Rollout.BLUE_GREEN: "blueGreen"}
"""As the chart calls them."""


def build(
    below: Below, services: Services, prometheus: PrometheusStack, controllers: Controllers
) -> list[pulumi.Resource]:
    """Every model, bound to the load balancer: what must run before names may lead here."""
    models = below.settings.platform.models
    ports = sorted({door(model)[0] for model in models} | {EDGE_PORT, HTTP_PORT})
    namespace = below.namespace(MODELS, pod_security="restricted", holds_runs=True, entrance_ports=ports)
    _other_ways(below, namespace, services, prometheus, controllers)
    return [_serve(below, model, namespace, services, prometheus, controllers) for model in models]


def _other_ways(
    below: Below,
    namespace: pulumi.Output[str],
    services: Services,
    prometheus: PrometheusStack,
    controllers: Controllers,
) -> None:
    """What other charts serve, for clients inside the cluster."""
    section = below.settings.platform.serving
    needs = [*services.for_all, *services.for_gpus, services.metrics, prometheus, controllers.scaling]
    for stack in section.vllm_stacks:
        args: VllmStackArgs = {
            "namespace": namespace,
            "models": [
                {
                    "name": stack.name,
                    "model": stack.model,
                    "revision": stack.revision,
                    "gpus_per_replica": stack.gpus_per_replica,
                    "replicas": stack.replicas,
                    "cpu": stack.cpu,
                    "memory": stack.memory,
                    "weights_gib": stack.weights_gib,
                    "arguments": stack.arguments,
                }
            ],
            "prometheus_url": prometheus.prometheus_url,
        }
        if stack.token_secret is not None:
            args["hugging_face_secret"] = stack.token_secret
        VllmStack(stack.name, args, below.after(*needs))
    if section.kserve:
        kserve = KServe(
            KSERVE,
            {
                "namespace": below.namespace(KSERVE, pod_security="baseline", webhook_ports=[KSERVE_WEBHOOK_PORT]),
                "region": below.settings.region_name,
            },
            below.after(services.priorities, services.metrics, controllers.certificates.issuer),
        )
        for served in section.inference_services:
            _infer(below, served, namespace, [kserve, *services.for_gpus])


def _infer(below: Below, served: KServeModel, namespace: pulumi.Output[str], needs: list[pulumi.Resource]) -> None:
    """A model of KServe's, with the right to read it."""
    bucket = below.data.buckets["models"]
    folder = served.repository_prefix if served.version is None else f"{served.repository_prefix}/{served.version}"
    args: InferenceServiceArgs = {
        "namespace": namespace,
        "model_format": served.model_format,
        "storage_uri": pulumi.Output.concat("s3://", bucket.bucket_name, f"/{folder}"),
        "service_account": served.name,
        "arguments": served.arguments,
        "gpus_per_replica": served.gpus_per_replica,
        "cpu": served.cpu,
        "memory": served.memory,
        "replicas": served.replicas,
        "max_replicas": served.max_replicas,
        "startup_seconds": served.startup_seconds,
    }
    if served.protocol_version is not None:
        args["protocol_version"] = served.protocol_version
    rights = _may_read(below, served.name, served.repository_prefix)
    InferenceService(served.name, args, below.after(rights, *needs))


def plan_workloads(settings: Settings) -> list[PlanWorkload]:
    """What of the models a failover brings to strength."""
    return [
        {"namespace": MODELS, "deployment": model.name, "hpa": model.name}
        for model in settings.platform.models
        # ARC scales Deployments; the others hold their floor in both regions anyway.
        if model.rollout is Rollout.ROLLING
    ]


def _serve(
    below: Below,
    model: Model,
    namespace: pulumi.Output[str],
    services: Services,
    prometheus: PrometheusStack,
    controllers: Controllers,
) -> pulumi.Resource:
    settings, bucket = below.settings, below.data.buckets["models"]
    rights = _may_read(below, model.name, model.repository_prefix)
    args: ModelServerArgs = {
        "namespace": namespace,
        "region": settings.region_name,
        "model_repository": pulumi.Output.concat("s3://", bucket.bucket_name, f"/{model.repository_prefix}"),
        "service_account": model.name,
        "engine": model.engine.value,
        "repository_gib": model.repository_gib,
        "gpus_per_replica": model.gpus_per_replica,
        "cpu": model.cpu,
        "memory": model.memory,
        "shared_memory_gib": model.shared_memory_gib,
        "replicas": model.replicas,
        "max_replicas": model.max_replicas,
        "startup_seconds": model.startup_seconds,
        "request_seconds": model.request_seconds,
        "arguments": model.arguments,
        "environment": model.environment,
        "latency_objective_seconds": model.latency_seconds,
        "error_objective_percent": model.error_percent,
        "strategy": STRATEGIES[model.rollout],
        "client_cidrs": [settings.cidr],
        "prometheus_url": prometheus.prometheus_url,
        "prometheus_namespace": MONITORING,
        "runbook_url": settings.platform.observability.playbooks_url,
    }
    if model.engine is Engine.CONTAINER:
        args["container"] = _container(model)
    if model.image is not None:
        args["image"] = model.image
    if model.version is not None:
        args["model_version"] = model.version
    if model.manifest_digest is not None:
        args["manifest_digest"] = model.manifest_digest
    if model.warm_up is not None:
        warm_up: WarmUp = {"path": model.warm_up.path, "body": model.warm_up.body}
        args["warm_up"] = warm_up
    if model.scale_on_queue:
        args["target_queue_seconds"] = model.latency_seconds / 2
    if model.shadow is not None:
        shadow: Shadow = {"percent": model.shadow.percent, "replicas": model.shadow.replicas}
        if model.shadow.version is not None:
            shadow["model_version"] = model.shadow.version
        if model.shadow.image is not None:
            shadow["image"] = model.shadow.image
        args["shadow"] = shadow
    needs = [rights, *services.for_gpus, services.metrics, services.priorities, prometheus]
    if model.fallback is not None:
        fallback = _fallback(below, model.fallback.url, model.fallback.sagemaker_endpoint)
        if model.fallback.header is not None and model.fallback.header_secret is not None:
            header = ExternalSecret(
                f"{model.name}-fallback",
                {
                    "namespace": namespace,
                    "sources": {"fallback": {"secret": model.fallback.header_secret, "properties": ["value"]}},
                    "template": {"value": "{{ .fallback_value }}"},
                },
                below.after(*services.for_all),
            )
            fallback["header"], fallback["header_secret"] = model.fallback.header, header.secret_name
            needs.append(header)
        args["fallback"] = fallback
    server = ModelServer(model.name, args, below.after(*needs, controllers.scaling, controllers.rollouts))
    if model.fallback is not None and model.fallback.sagemaker_endpoint and server.edge_service_account:
        below.rights(
            MODELS,
            server.edge_service_account,
            sagemaker_fallback_policy(
                f"arn:aws:sagemaker:{settings.region_name}:{settings.platform.account_id}:endpoint/"
                + model.fallback.sagemaker_endpoint
            ),
        )
    return bind(below, services, model.name, namespace, server.service_name, HTTP_PORT)


def _may_read(below: Below, service_account: str, prefix: str) -> PodIdentity:
    arns = pulumi.Output.all(below.data.buckets["models"].arn, below.keys.data.arn)
    return below.rights(MODELS, service_account, arns.apply(lambda known: models_policy(*known, prefix=prefix)))


def _container(model: Model) -> ContainerApi:
    api: ContainerApi = {"port": model.port, "readiness_path": model.ready_path}
    if model.metrics is not None:
        api["metrics_path"] = model.metrics.path
        if model.metrics.latency_query is not None:
            api["latency_query"] = model.metrics.latency_query
        if model.metrics.error_query is not None:
            api["error_query"] = model.metrics.error_query
        if model.metrics.queue_query is not None:
            api["queue_query"] = model.metrics.queue_query
    return api


def _fallback(below: Below, url: str | None, endpoint: str | None) -> Fallback:
    if url is not None:
        return {"url": url}
    return {"sagemaker_endpoint": str(endpoint), "region": below.settings.region_name}


def models_policy(bucket_arn: str, key_arn: str, *, prefix: str) -> str:
    """What a model server needs: read its own models."""
    return document(
        [
            allow(["s3:ListBucket"], [bucket_arn], {"StringLike": {"s3:prefix": [prefix, f"{prefix}/*"]}}),
            allow(["s3:GetObject"], [f"{bucket_arn}/{prefix}/*"]),
            allow(["kms:Decrypt"], [key_arn]),
        ]
    )
