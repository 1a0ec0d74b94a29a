"""Large language models behind one router."""

import re
from collections.abc import Sequence
from typing import Any, NotRequired, TypedDict

import pulumi
import pulumi_kubernetes as k8s

from components._pod_security import POD_SECURITY, READ_ONLY
from components._scheduling import node_loss_tolerations, resources, spread_affinity
from components.charts import VLLM_STACK
from components.helm import ExternalSecret
from components.helm._release import release
from components.kubernetes import GPU_TAINT, POOL_LABEL, Priority

ROUTER_PORT = 80
"""Port of the router's service: the OpenAI API of every model."""

ENGINE_REPOSITORY, ENGINE_TAG = "vllm/vllm-openai", "v0.24.0"
"""vLLM's own image, as of the model-server chart; the chart's own is lmcache/vllm-openai:latest."""

ROUTER_REPOSITORY, ROUTER_TAG = "lmcache/lmstack-router", f"v{VLLM_STACK.version}"
"""Released with the chart (production-stack, .github/workflows/helm-release.yml)."""

SCRATCH = "/tmp"  # noqa: S108 - a volume of each pod's own: nothing else of its file system may be written
NAME = re.compile(r"[a-z0-9]([a-z0-9-]*[a-z0-9])?")
HOST_NAME_LENGTH = 63


class VllmModel(TypedDict):
    """One model of a VllmStack."""

    name: str
    """Name of its objects: lower-case letters, digits and hyphens."""
    model: str
    """What clients ask for and engines load: a model of Hugging Face, such as ``Qwen/Qwen3-8B``."""
    revision: str
    """Its commit on Hugging Face: a branch would load other weights after a restart."""
    gpus_per_replica: NotRequired[int]
    """GPUs of each engine, 1 to 8. Default 1."""
    cpu: NotRequired[str]
    """CPU of each engine. Default ``2``."""
    memory: NotRequired[str]
    """Memory of each engine, and no more; 2Gi of it are ``/dev/shm``. Default ``10Gi``, which the smallest node with a
    GPU has left (``g6.xlarge``: 16 GiB)."""
    weights_gib: NotRequired[int]
    """Room on the node's disk for the weights and caches, in GiB. Default 40."""
    replicas: NotRequired[int]
    """Engines that always run, at least 2. Default 2."""
    max_replicas: NotRequired[int]
    """Most engines under load, with ``prometheus_url``. Default: one more than twice ``replicas``."""
    waiting_requests: NotRequired[int]
    """Requests that wait, an engine, above which KEDA adds engines. Default 4."""
    arguments: NotRequired[list[str]]
    """Arguments added to ``vllm serve``, such as ``--max-model-len=8192``."""


class VllmStackArgs(TypedDict):
    """Inputs of VllmStack."""

    namespace: pulumi.Input[str]
    """Existing namespace."""
    models: list[VllmModel]
    """Models to serve."""
    hugging_face_secret: NotRequired[pulumi.Input[str]]
    """Secret of Secrets Manager with a Hugging Face token under ``token``. Default: none, for open models."""
    startup_seconds: NotRequired[int]
    """Longest time for fetching and loading the weights, 60 to 7200. Default 1800."""
    prometheus_url: NotRequired[pulumi.Input[str]]
    """The cluster's Prometheus: engines and routers are monitored, and KEDA adds engines. Default: neither."""
    routers: NotRequired[int]
    """Routers that always run, at least 2. Default 2."""
    max_routers: NotRequired[int]
    """Most routers under load. Default 6."""
    pool: NotRequired[str]
    """Value of the pool label (POOL_LABEL) on nodes with GPUs. Default ``gpu``."""


class VllmStack(pulumi.ComponentResource):
    """The production stack of vLLM: for each model two engines at least in two zones, and routers in front of all.

    Losing a zone loses its engines and routers; requests that they had are lost to their clients, who must ask again:
    the chart moves none (production-stack#855). Routers find the engines that are left by the API server within
    seconds. With several routers requests go round in turn: what else a router could go by, each knows alone
    (production-stack#166). Engines start only while Hugging Face answers; ModelServer starts from a bucket of one's
    own, verifies what it copied, drains, and needs no hub: prefer it for a model that must survive alone.

    What the chart cannot do: it sets the engines back to ``replicas`` with each upgrade, until KEDA looks again, within
    seconds; it drains no engine and no router (no hook, no grace period), tolerates nothing for
    routers, which leave a lost node after Kubernetes' 300 s, sets no health rule on its budgets, so that an engine
    that never gets ready may hold up its node's drain, and has no network policy.

    Needs the GPU device plugin; the metrics server for routers; with ``prometheus_url`` KEDA and the Prometheus
    operator's definitions; with ``hugging_face_secret`` the external-secrets controller. Without Prometheus KEDA keeps
    ``max_replicas``.

    Ports: 8000 of routers from load balancers; 8000 of engines from routers and Prometheus. AWS rights: none.
    Cost when idle: its GPU nodes, and a gigabyte of memory for each router, whose image weighs about 10 GB. State:
    none; weights are fetched anew by each engine. Regions: all children regional.
    """

    service_name: pulumi.Output[str]
    """Service of the routers, on ROUTER_PORT."""
    url: pulumi.Output[str]
    """OpenAI API as pods of the cluster reach it, without ``/v1``."""
    release: k8s.helm.v3.Release
    """To depend on."""

    def __init__(self, name: str, args: VllmStackArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        startup_seconds = int(args.get("startup_seconds", 1800))
        routers, max_routers = int(args.get("routers", 2)), int(args.get("max_routers", 6))
        plan_vllm_stack(
            name, args["models"], startup_seconds=startup_seconds, routers=routers, max_routers=max_routers
        )  # fmt: skip
        super().__init__("tandem:index:VllmStack", name, {}, opts)
        before: list[pulumi.Resource] = []
        token_secret: str | None = None
        if "hugging_face_secret" in args:
            token = ExternalSecret(
                f"{name}-hugging-face",
                {
                    "namespace": args["namespace"],
                    "sources": {"hub": {"secret": args["hugging_face_secret"], "properties": ["token"]}},
                    "template": {"token": "{{ .hub_token }}"},
                },
                pulumi.ResourceOptions(parent=self),
            )
            token_secret = token.secret_name
            before.append(token)
        # The chart names one and makes none.
        account = k8s.core.v1.ServiceAccount(
            f"{name}-engines",
            metadata=k8s.meta.v1.ObjectMetaArgs(name=f"{name}-engines", namespace=args["namespace"]),
            automount_service_account_token=False,
            opts=pulumi.ResourceOptions(parent=self),
        )
        self.release = release(
            name,
            VLLM_STACK,
            namespace=args["namespace"],
            values=render_vllm_stack(
                release_name=name,
                models=args["models"],
                service_account=f"{name}-engines",
                token_secret=token_secret,
                startup_seconds=startup_seconds,
                prometheus_url=args.get("prometheus_url"),
                routers=routers,
                max_routers=max_routers,
                pool=args.get("pool", "gpu"),
            ),
            parent=self,
            depends_on=[*before, account],
            # GPU nodes, then two loads in a row.
            timeout_seconds=1200 + 2 * startup_seconds,
        )
        if "prometheus_url" in args:
            for model in args["models"]:
                # The chart's own has no way in for a trigger: its schema takes a mapping, where KEDA takes a list.
                k8s.apiextensions.CustomResource(
                    f"{name}-{model['name']}-scaler",
                    api_version="keda.sh/v1alpha1",
                    kind="ScaledObject",
                    metadata=k8s.meta.v1.ObjectMetaArgs(name=f"{name}-{model['name']}", namespace=args["namespace"]),
                    spec=render_scaler(model, release_name=name, prometheus_url=args["prometheus_url"]),
                    opts=pulumi.ResourceOptions(parent=self, depends_on=[self.release]),
                )
        self.service_name = self.release.name.apply(lambda _: f"{name}-router-service")
        self.url = pulumi.Output.concat("http://", self.service_name, ".", args["namespace"], ".svc.cluster.local")
        self.register_outputs({"serviceName": self.service_name, "url": self.url})


def plan_vllm_stack(
    release_name: str, models: Sequence[VllmModel], *, startup_seconds: int, routers: int, max_routers: int
) -> None:
    """Check models and numbers.

    Raises:
        ValueError: With what is wrong and what is allowed.
    """
    if not models:
        raise ValueError("models: is empty; name one at least")
    names = [model["name"] for model in models]
    for name in names:
        if names.count(name) > 1:
            raise ValueError(f"models: {name!r} is there twice; names tell their objects apart")
    for index, model in enumerate(models):
        at = f"models[{index}]"
        host_name = f"{release_name}-{model['name']}-{VLLM_STACK.name}"
        gpus, replicas = int(model.get("gpus_per_replica", 1)), int(model.get("replicas", 2))
        if not NAME.fullmatch(model["name"]):
            raise ValueError(f"{at}.name: got {model['name']!r}, must be lower-case letters, digits and hyphens")
        if len(host_name) > HOST_NAME_LENGTH:
            raise ValueError(f"{at}.name: {host_name!r}, its engines' host name, is longer than {HOST_NAME_LENGTH}")
        if not re.fullmatch(r"[0-9a-f]{40}", model["revision"]):
            raise ValueError(f"{at}.revision: got {model['revision']!r}, must be a commit of 40 hexadecimal digits")
        if not 1 <= gpus <= 8:
            raise ValueError(f"{at}.gpus_per_replica: got {gpus}, must be 1 to 8, the most that one node has")
        if replicas < 2:
            raise ValueError(f"{at}.replicas: got {replicas}, must be at least 2, in two zones")
        if int(model.get("max_replicas", replicas + 1)) <= replicas:
            raise ValueError(f"{at}.max_replicas: got {model.get('max_replicas')}, must be above replicas ({replicas})")
        if int(model.get("waiting_requests", 4)) < 1:
            raise ValueError(f"{at}.waiting_requests: got {model.get('waiting_requests')}, must be at least 1")
    if not 60 <= startup_seconds <= 7200:
        raise ValueError(f"startup_seconds: got {startup_seconds}, must be 60 to 7200")
    if routers < 2:
        raise ValueError(f"routers: got {routers}, must be at least 2, in two zones")
    if max_routers <= routers:
        raise ValueError(f"max_routers: got {max_routers}, must be above routers ({routers})")


def render_vllm_stack(
    *,
    release_name: str,
    models: Sequence[VllmModel],
    service_account: str,
    token_secret: str | None,
    startup_seconds: int,
    prometheus_url: pulumi.Input[str] | None,
    routers: int,
    max_routers: int,
    pool: str,
) -> dict[str, Any]:
    """Values of the vllm-stack chart."""
    # By these routers find engines: with the chart's own they would find those of every other stack, too.
    labels = {"environment": "engine", "release": release_name}
    monitored = prometheus_url is not None
    pod_security = {**POD_SECURITY, "runAsUser": 1000, "runAsGroup": 1000, "fsGroup": 1000}
    container_security = {**READ_ONLY, "runAsNonRoot": True}
    update = {"type": "RollingUpdate", "rollingUpdate": {"maxUnavailable": 0, "maxSurge": 1}}
    health = {"httpGet": {"path": "/health", "port": 8000}}
    scratch_mount = {"name": "scratch", "mountPath": SCRATCH}
    return {
        "servingEngineSpec": {
            "labels": labels,
            # The chart's "nvidia" is a class that EKS' own GPU images neither have nor need.
            "runtimeClassName": "",
            "imagePullPolicy": "IfNotPresent",
            "strategy": update,
            "securityContext": pod_security,
            "containerSecurityContext": container_security,
            "startupProbe": {
                **health,
                "initialDelaySeconds": 15,
                "periodSeconds": 10,
                "timeoutSeconds": 5,
                "failureThreshold": (startup_seconds + 9) // 10,
            },
            "livenessProbe": {**health, "periodSeconds": 10, "timeoutSeconds": 5, "failureThreshold": 3},
            "readinessProbe": {**health, "periodSeconds": 5, "timeoutSeconds": 5, "failureThreshold": 2},
            "tolerations": [
                {"key": GPU_TAINT, "operator": "Exists", "effect": "NoSchedule"},
                *node_loss_tolerations(),
            ],
            "serviceMonitor": {"enabled": monitored, "interval": "15s", "scrapeTimeout": "10s"},
            "modelSpec": [
                _engine(
                    model,
                    release_name=release_name,
                    service_account=service_account,
                    token_secret=token_secret,
                    pool=pool,
                )
                for model in models
            ],
        },
        "routerSpec": {
            "repository": ROUTER_REPOSITORY,
            "tag": ROUTER_TAG,
            "imagePullPolicy": "IfNotPresent",
            "labels": {"environment": "router", "release": release_name},
            "routingLogic": "roundrobin",
            "replicaCount": routers,
            "autoscaling": {
                "enabled": True,
                "minReplicas": routers,
                "maxReplicas": max_routers,
                "targetCPUUtilizationPercentage": 70,
            },
            "pdb": {"enabled": True, "maxUnavailable": 1},
            "strategy": update,
            "affinity": spread_affinity(
                {"app.kubernetes.io/component": "router", "app.kubernetes.io/instance": release_name}
            ),
            "priorityClassName": Priority.SERVING.value,
            "resources": resources("500m", "1Gi"),
            "securityContext": pod_security,
            "containerSecurityContext": container_security,
            "env": [{"name": "HOME", "value": SCRATCH}],
            "extraVolumes": [{"name": "scratch", "emptyDir": {}}],
            "extraVolumeMounts": [scratch_mount],
            "startupProbe": {**health, "periodSeconds": 5, "timeoutSeconds": 5, "failureThreshold": 60},
            "livenessProbe": {**health, "periodSeconds": 10, "timeoutSeconds": 5, "failureThreshold": 3},
            "readinessProbe": {**health, "periodSeconds": 5, "timeoutSeconds": 5, "failureThreshold": 2},
            "serviceMonitor": {"enabled": monitored, "interval": "15s", "scrapeTimeout": "10s"},
        },
        "cacheserverSpec": {"enabled": False},
        "loraController": {"enableLoraController": False},
        # A cluster has one Prometheus, and KEDA serves external metrics.
        "kube-prometheus-stack": {"enabled": False},
        "prometheus-adapter": {"enabled": False},
    }


def _engine(
    model: VllmModel,
    *,
    release_name: str,
    service_account: str,
    token_secret: str | None,
    pool: str,
) -> dict[str, Any]:
    gpus, replicas = int(model.get("gpus_per_replica", 1)), int(model.get("replicas", 2))
    cpu, memory = model.get("cpu", "2"), model.get("memory", "10Gi")
    weights = f"{int(model.get('weights_gib', 40))}Gi"
    node = {"key": POOL_LABEL, "operator": "In", "values": [pool]}
    spec: dict[str, Any] = {
        "name": model["name"],
        "repository": ENGINE_REPOSITORY,
        "tag": ENGINE_TAG,
        "modelURL": model["model"],
        "modelRevision": model["revision"],
        "replicaCount": replicas,
        "serviceAccountName": service_account,
        "priorityClassName": Priority.SERVING.value,
        "runtimeClassName": "",
        "resources": {
            "requests": {"cpu": cpu, "memory": memory, "nvidia.com/gpu": gpus, "ephemeral-storage": weights},
            "limits": {"memory": memory, "nvidia.com/gpu": gpus},
        },
        "vllmConfig": {
            "tensorParallelSize": gpus,
            "enablePrefixCaching": True,
            "extraArgs": list(model.get("arguments", [])),
        },
        # Counted as memory; the chart's own 20Gi would be most of it.
        "shmSize": "2Gi",
        "env": [
            {"name": "HOME", "value": SCRATCH},
            # PyTorch names its caches after the user, whom the image's list of users does not know.
            {"name": "USER", "value": "vllm"},
            {"name": "VLLM_NO_USAGE_STATS", "value": "1"},
        ],
        "extraVolumes": [{"name": "scratch", "emptyDir": {"sizeLimit": weights}}],
        "extraVolumeMounts": [{"name": "scratch", "mountPath": SCRATCH}],
        "affinity": {
            "nodeAffinity": {
                "requiredDuringSchedulingIgnoredDuringExecution": {"nodeSelectorTerms": [{"matchExpressions": [node]}]}
            },
            **spread_affinity({"model": model["name"], "helm-release-name": release_name}),
        },
        # Not among the chart's values, but read by its template.
        "pdb": {"enabled": True, "maxUnavailable": 1},
    }
    if token_secret is not None:
        spec["hf_token"] = {"secretName": token_secret, "secretKey": "token"}
    return spec


def render_scaler(model: VllmModel, *, release_name: str, prometheus_url: pulumi.Input[str]) -> dict[str, Any]:
    """Spec of the ScaledObject of a model's engines."""
    replicas = int(model.get("replicas", 2))
    max_replicas = int(model.get("max_replicas", 2 * replicas + 1))
    service = f"{release_name}-{model['name']}-engine-service"
    return {
        "scaleTargetRef": {
            "apiVersion": "apps/v1",
            "kind": "Deployment",
            "name": f"{release_name}-{model['name']}-deployment-vllm",
        },
        "minReplicaCount": replicas,
        "maxReplicaCount": max_replicas,
        "pollingInterval": 15,
        "fallback": {"failureThreshold": 3, "replicas": max_replicas},
        "triggers": [
            {
                "type": "prometheus",
                "metricType": "AverageValue",
                "metadata": {
                    "serverAddress": prometheus_url,
                    "query": f'sum(vllm:num_requests_waiting{{service="{service}"}})',
                    "threshold": str(int(model.get("waiting_requests", 4))),
                    # No engine to be seen is an error, and so the fallback.
                    "ignoreNullValues": "false",
                },
            }
        ],
        "advanced": {
            "horizontalPodAutoscalerConfig": {
                "behavior": {
                    "scaleUp": {"stabilizationWindowSeconds": 0},
                    "scaleDown": {
                        "stabilizationWindowSeconds": 600,
                        "policies": [{"type": "Pods", "value": 1, "periodSeconds": 120}],
                    },
                }
            }
        },
    }
