"""A server of one model."""

import hashlib
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NotRequired, TypedDict, cast

import pulumi
import pulumi_kubernetes as k8s

from components._scheduling import NODE_LOSS_SECONDS
from components.charts import MODEL_SERVER
from components.helm._release import release
from components.iam import allow, document
from components.kubernetes import POOL_LABEL, Priority

HTTP_PORT = 8000
"""Port of the inference API over HTTP, of every engine. Triton's gRPC is on 8001, its metrics are on 8002."""

EDGE_PORT = 8080
"""Port that the edge's pods listen on, where a shadow or a fallback puts one before the servers."""

CHART_FOLDER = Path(__file__).with_name("model-server")

ENGINES = ("triton", "vllm", "container")
STRATEGIES = ("rolling", "canary", "blueGreen")


class WarmUp(TypedDict):
    """A request that each replica answers before it counts as started."""

    path: str
    """Its path, such as ``/v2/models/classifier/infer``."""
    body: NotRequired[str]
    """Its body, JSON, which is posted. Default: none, and a GET. Of the engine ``container``: none."""


class ContainerApi(TypedDict):
    """Where a container of the engine ``container`` answers."""

    port: NotRequired[int]
    """Port of its HTTP API. Default 8000."""
    readiness_path: NotRequired[str]
    """Answers 2xx or 3xx when requests may come. Default ``/``."""
    liveness_path: NotRequired[str]
    """Answers so as long as it lives. Default: ``readiness_path``."""
    metrics_path: NotRequired[str]
    """Path of its metrics, in Prometheus' format. Default: none are collected; with a query ``/metrics``."""
    latency_query: NotRequired[str]
    """PromQL of its latency in seconds, with ``$selector`` where labels go. Canary and blue/green need it."""
    error_query: NotRequired[str]
    """PromQL of its failed requests, from 0 to 1, likewise."""
    queue_query: NotRequired[str]
    """PromQL of the seconds that a request waits, likewise. Scaling by the queue needs it."""


class Shadow(TypedDict):
    """Another version that gets copies of the requests."""

    model_version: NotRequired[str]
    """Its folder below ``model_repository``. Default: that of the servers."""
    image: NotRequired[str]
    """Its image with an exact tag. Default: that of the servers."""
    percent: NotRequired[int]
    """Percent of the requests that are copied, 1 to 100. Default 100."""
    replicas: NotRequired[int]
    """Its replicas, at least 2. Default 2."""
    timeout_seconds: NotRequired[int]
    """Longest time for a copy. Default 10."""


class Fallback(TypedDict):
    """Who answers when no replica does: either ``url``, or ``sagemaker_endpoint`` and ``region``."""

    url: NotRequired[pulumi.Input[str]]
    """The same API elsewhere, such as ``https://models.us-west-2.example.com``."""
    header: NotRequired[str]
    """Header with the secret of ``url``, such as ``Authorization``. It replaces the client's own credentials."""
    header_secret: NotRequired[str]
    """Existing Kubernetes secret (ExternalSecret) with that header's whole value under the key ``value``: no quotes,
    dollars or line ends in it."""
    sagemaker_endpoint: NotRequired[str]
    """Name of an endpoint of Amazon SageMaker. Give ``edge_service_account`` the right to it
    (``sagemaker_fallback_policy``) with PodIdentity."""
    region: NotRequired[str]
    """AWS region of that endpoint."""
    timeout_seconds: NotRequired[int]
    """Longest time for its answer. Default 60."""


class ModelServerArgs(TypedDict):
    """Inputs of ModelServer."""

    namespace: pulumi.Input[str]
    """Existing namespace."""
    region: pulumi.Input[str]
    """Region of the bucket."""
    model_repository: NotRequired[pulumi.Input[str]]
    """Models to serve: ``s3://<bucket>/<prefix>``. As Triton lays them out; as Hugging Face does for vLLM; what a
    container finds in ``/models``. Only a container may do without."""
    service_account: str
    """Service account of its pods, created here. Give it the right to read the models with PodIdentity."""
    engine: NotRequired[str]
    """``triton``, ``vllm`` or ``container``. Default ``triton``."""
    image: NotRequired[str]
    """Image with an exact tag. Default: the engine's own, pinned by the chart; a container has none."""
    model_version: NotRequired[str]
    """Folder below ``model_repository`` that is served, with a manifest ``SHA256SUMS`` in it that lists every file, as
    ``sha256sum`` writes it. Another one is a hot swap. Default: the repository itself, verified if it has a
    manifest."""
    manifest_digest: NotRequired[str]
    """SHA-256 of the manifest itself, in hexadecimal: pins the very files. Default: any manifest."""
    served_model_name: NotRequired[str]
    """Of vLLM: name that clients ask for. Default: the component's name."""
    arguments: NotRequired[list[str]]
    """Arguments added to the engine's; all of them for a container."""
    environment: NotRequired[Mapping[str, str]]
    """Environment of the server; nothing secret."""
    container: NotRequired[ContainerApi]
    """Of the engine ``container``: where it answers."""
    warm_up: NotRequired[WarmUp]
    """Request that makes a replica warm. Default: one token of vLLM, nothing of the others; Triton's own
    ``model_warmup`` in a model's configuration works as well."""
    gpus_per_replica: NotRequired[int]
    """GPUs of each replica, 0 to 8; 0 for CPU only. Default 1."""
    cpu: NotRequired[str]
    """CPU of each replica. Default ``2``."""
    memory: NotRequired[str]
    """Memory of each replica, and no more. Default ``10Gi``."""
    shared_memory_gib: NotRequired[int]
    """Size of ``/dev/shm``, counted as memory: several GPUs of one replica talk through it. Default 1."""
    replicas: NotRequired[int]
    """Replicas that always run, at least 2. Default 2."""
    max_replicas: NotRequired[int]
    """Most replicas under load. Default 6."""
    startup_seconds: NotRequired[int]
    """Longest time for loading the weights, 30 to 7200; after it a replica is started anew. Default 600."""
    request_seconds: NotRequired[int]
    """Longest time that a running request has to end when its replica stops, 1 to 3600. Default 30."""
    repository_gib: NotRequired[int]
    """Room on the node's disk for the models, in GiB. Default 40."""
    target_cpu_percent: NotRequired[int]
    """CPU use, in percent of the request, above which replicas are added, 10 to 95. Default 70."""
    target_queue_seconds: NotRequired[float]
    """Instead: mean wait in the queue above which KEDA adds replicas. Needs ``prometheus_url``."""
    prometheus_url: NotRequired[pulumi.Input[str]]
    """The cluster's Prometheus, such as ``http://prometheus.monitoring:9090``: metrics are collected, of a container
    those that it says it has. Default: none."""
    prometheus_namespace: NotRequired[str]
    """Namespace that it collects from. Default ``monitoring``."""
    runbook_url: NotRequired[str]
    """Page for people whom an alert woke; with ``prometheus_url`` it makes this model's alerts, of a container without
    metrics those on its replicas. Default: no alerts."""
    latency_objective_seconds: NotRequired[float]
    """Latency that is good enough, for alerts and updates: Triton's mean, vLLM's 95th percentile. Default 2."""
    error_objective_percent: NotRequired[float]
    """Failed requests that are good enough, in percent, likewise. Default 1."""
    strategy: NotRequired[str]
    """``rolling``; ``canary`` or ``blueGreen`` by Argo Rollouts, which need ``prometheus_url``. Default ``rolling``."""
    canary_weights: NotRequired[list[int]]
    """Percent of replicas on the new version, step by step. Default 25, then 50."""
    shadow: NotRequired[Shadow]
    """Another version that gets copies of the requests. Default: none."""
    fallback: NotRequired[Fallback]
    """Who answers when no replica does. Default: nobody."""
    client_cidrs: NotRequired[list[str]]
    """Networks that may ask, beside the namespace's own pods: those of load balancers. Default: private addresses."""
    priority_class: NotRequired[str]
    """Existing priority class of its pods. Default ``Priority.SERVING``."""
    pool: NotRequired[str]
    """Value of the pool label (POOL_LABEL) on nodes with GPUs. Default ``gpu``, as NodePool sets it; without GPUs,
    any node."""


class ModelServer(pulumi.ComponentResource):
    """Triton, vLLM or a container from a chart of this project: spread, warm before it is asked, updated without a gap.

    Losing a zone loses the replicas in it; they start elsewhere within NODE_LOSS_SECONDS plus the time that models
    take to copy and load, if a GPU is free. Models are copied from the bucket to the node before the server starts:
    the AWS client that does it knows Pod Identity, Triton's own is not known to. What differs from the manifest of a
    version keeps the pod from starting, and its status says which file; the replicas before it go on. An empty
    repository of Triton serves nothing and is ready; vLLM starts only with its weights, so they must be in the bucket
    before this is installed. Models that are added or changed later are served by replicas that start later.

    A hot swap is another ``model_version`` or ``image``: its replicas are ready only after their warm-up request, and
    only then do the old ones leave. ``canary`` gives a growing share of replicas, and so of requests, to the new
    version; ``blueGreen`` starts all replicas anew beside the old ones (twice the GPUs, for some minutes), asks them,
    hands over, and keeps the old ones until the new ones have proved good. Both are taken back at once when latency or
    errors exceed the objectives; without a single request to judge by, they wait for a person. Helm does not wait for
    Argo Rollouts: this is done when the update has begun. Changing from or to ``rolling`` removes one set of pods while
    the other starts: do that in a region that does not serve.

    With ``shadow`` or ``fallback`` two nginx pods, the edge, stand in front of the servers and take over the service's
    name, HTTP only (gRPC stays on ``grpc_service_name``). They add one hop, about a millisecond. A copy costs the
    shadow's GPUs, and its request's body in nginx's memory; its answer is thrown away, its failures hurt nobody, but a
    client's next request on the same connection may wait ``timeout_seconds`` for a slow copy. The fallback answers when
    servers refuse, say 502, 503 or 504, or are silent; its answers carry ``X-Served-By: fallback``, and the service's
    health is then the fallback's. SageMaker is asked through a signer with the edge's own rights. Vertex AI wants
    Google tokens that expire within the hour, which nothing here can fetch: put a proxy of yours that adds them behind
    ``url``, with a key in ``header``.

    Needs the GPU device plugin for GPUs; the metrics server, or KEDA for ``target_queue_seconds``; the definitions of
    the Prometheus operator with ``prometheus_url``; Argo Rollouts for its strategies. With Prometheus gone KEDA keeps
    ``max_replicas``.

    Ports: HTTP_PORT from load balancers (``client_cidrs``) and pods of the namespace; metrics from
    ``prometheus_namespace``. A network policy of its own says so. Rights: ``service_account`` reads the models;
    ``edge_service_account`` invokes the SageMaker endpoint.

    Cost when idle: its GPU nodes. State: none; a replica's copy of the models is only that. Regions: all children
    regional.
    """

    service_name: pulumi.Output[str]
    """Service of the inference API, on HTTP_PORT."""
    grpc_service_name: pulumi.Output[str]
    """Service of the servers themselves, with gRPC where the engine has it."""
    url: pulumi.Output[str]
    """Inference API as pods of the cluster reach it."""
    edge_service_account: str | None
    """Service account of the edge. None: no edge."""
    release: k8s.helm.v3.Release
    """To depend on."""

    def __init__(self, name: str, args: ModelServerArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        plan_model_server(args)
        super().__init__("tandem:index:ModelServer", name, {}, opts)
        self.release = release(
            name,
            MODEL_SERVER,
            # Relative, so that it is the same text in every clone and changes nothing; the Helm provider runs in
            # the program's folder, and so does this.
            path=os.path.relpath(CHART_FOLDER),
            namespace=args["namespace"],
            values=render_model_server(args, release_name=name, chart_digest=digest(CHART_FOLDER)),
            parent=self,
            timeout_seconds=startup_timeout_seconds(int(args.get("startup_seconds", 600))),
        )
        has_edge = "shadow" in args or "fallback" in args
        self.edge_service_account = f"{name}-edge" if has_edge else None
        self.service_name = self.release.name.apply(lambda _: name)
        self.grpc_service_name = self.release.name.apply(lambda _: f"{name}-server" if has_edge else name)
        self.url = pulumi.Output.concat(
            "http://", self.service_name, ".", args["namespace"], f".svc.cluster.local:{HTTP_PORT}"
        )
        self.register_outputs(
            {"serviceName": self.service_name, "grpcServiceName": self.grpc_service_name, "url": self.url}
        )


def plan_model_server(args: ModelServerArgs) -> None:
    """Check what can be said wrong of a model server.

    Raises:
        ValueError: With what is wrong and what is allowed.
    """
    _plan_numbers(args)
    engine = args.get("engine", "triton")
    if engine not in ENGINES:
        raise ValueError(f"engine: got {engine!r}, must be one of {', '.join(ENGINES)}")
    if engine != "container" and "container" in args:
        raise ValueError(f"container: is of the engine container; {engine} answers where it always does")
    if engine != "container" and "model_repository" not in args:
        raise ValueError(f"model_repository: is missing; {engine} serves what is in it: s3://<bucket>/<prefix>")
    if engine == "container" and "image" not in args:
        raise ValueError("image: is missing; the engine container has none of its own")
    if engine == "container" and args.get("warm_up", {}).get("body"):
        raise ValueError("warm_up.body: the kubelet that asks a container cannot send one; write a path that warms it")
    if engine == "vllm" and int(args.get("gpus_per_replica", 1)) == 0 and "image" not in args:
        raise ValueError("gpus_per_replica: got 0, but vLLM's image needs GPUs; name one for CPUs with image")
    if "served_model_name" in args and engine != "vllm":
        raise ValueError(f"served_model_name: is of the engine vllm; {engine} names its models itself")
    _plan_image("image", args.get("image"))
    if "model_version" in args and "model_repository" not in args:
        raise ValueError("model_version: there is no model_repository that it could be of")
    if "manifest_digest" in args and "model_version" not in args:
        raise ValueError("manifest_digest: give model_version, too: without a version the files may change at any time")
    _plan_judgement(args, engine)
    _plan_edge(args)


def _plan_numbers(args: ModelServerArgs) -> None:
    gpus = int(args.get("gpus_per_replica", 1))
    replicas, max_replicas = int(args.get("replicas", 2)), int(args.get("max_replicas", 6))
    startup_seconds = int(args.get("startup_seconds", 600))
    request_seconds = int(args.get("request_seconds", 30))
    target_cpu_percent = int(args.get("target_cpu_percent", 70))
    if not 0 <= gpus <= 8:
        raise ValueError(f"gpus_per_replica: got {gpus}, must be 0 to 8, the most that one node has")
    if replicas < 2:
        raise ValueError(f"replicas: got {replicas}, must be at least 2, in two zones")
    if max_replicas <= replicas:
        raise ValueError(f"max_replicas: got {max_replicas}, must be above replicas ({replicas})")
    if not 30 <= startup_seconds <= 7200:
        raise ValueError(f"startup_seconds: got {startup_seconds}, must be 30 to 7200")
    if not 1 <= request_seconds <= 3600:
        raise ValueError(f"request_seconds: got {request_seconds}, must be 1 to 3600")
    if not 10 <= target_cpu_percent <= 95:
        raise ValueError(f"target_cpu_percent: got {target_cpu_percent}, must be 10 to 95")


def _plan_judgement(args: ModelServerArgs, engine: str) -> None:
    strategy = args.get("strategy", "rolling")
    queries = args.get("container", {})
    if strategy not in STRATEGIES:
        raise ValueError(f"strategy: got {strategy!r}, must be one of {', '.join(STRATEGIES)}")
    if strategy != "rolling" and "prometheus_url" not in args:
        raise ValueError(f"strategy: {strategy} judges the new version by Prometheus; give prometheus_url")
    if strategy != "rolling" and engine == "container" and not {"latency_query", "error_query"} <= queries.keys():
        raise ValueError(f"container: {strategy} judges a container by latency_query and error_query; give both")
    if "canary_weights" in args:
        weights = [int(weight) for weight in args["canary_weights"]]
        if strategy != "canary":
            raise ValueError(f"canary_weights: the strategy is {strategy}; write canary")
        if not weights or weights != sorted(set(weights)) or not 1 <= weights[0] <= weights[-1] <= 99:
            raise ValueError(f"canary_weights: got {weights}, must rise, from 1 to 99")
    if "target_queue_seconds" in args:
        if "prometheus_url" not in args:
            raise ValueError("target_queue_seconds: the queue's numbers come from Prometheus; give prometheus_url")
        if engine == "container" and "queue_query" not in queries:
            raise ValueError("target_queue_seconds: a container's queue is not known; give container.queue_query")
        if args["target_queue_seconds"] <= 0:
            raise ValueError(f"target_queue_seconds: got {args['target_queue_seconds']}, must be above 0")
    if "runbook_url" in args and "prometheus_url" not in args:
        raise ValueError("runbook_url: alerts come from Prometheus; give prometheus_url")


def _plan_edge(args: ModelServerArgs) -> None:
    if "shadow" in args:
        shadow = args["shadow"]
        percent, replicas = int(shadow.get("percent", 100)), int(shadow.get("replicas", 2))
        _plan_image("shadow.image", shadow.get("image"))
        if (
            shadow.get("model_version", args.get("model_version")) == args.get("model_version")
            and "image" not in shadow
        ):
            raise ValueError("shadow: is the same as what serves; give model_version or image")
        if "model_version" in shadow and "model_repository" not in args:
            raise ValueError("shadow.model_version: there is no model_repository that it could be of; give image")
        if not 1 <= percent <= 100:
            raise ValueError(f"shadow.percent: got {percent}, must be 1 to 100")
        if replicas < 2:
            raise ValueError(f"shadow.replicas: got {replicas}, must be at least 2")
    if "fallback" in args:
        fallback = args["fallback"]
        if ("url" in fallback) == ("sagemaker_endpoint" in fallback):
            raise ValueError("fallback: give either url or sagemaker_endpoint")
        if ("sagemaker_endpoint" in fallback) != ("region" in fallback):
            raise ValueError("fallback: sagemaker_endpoint and region belong together")
        if ("header" in fallback) != ("header_secret" in fallback):
            raise ValueError("fallback: header and header_secret belong together")
        if "header" in fallback and "url" not in fallback:
            raise ValueError("fallback.header: is of url; SageMaker is asked with the edge's own rights")


def _plan_image(path: str, image: str | None) -> None:
    if image is None:
        return
    tag = image.rpartition("/")[2].partition("@")[0].partition(":")[2]
    if not any(character.isdigit() for character in tag):
        raise ValueError(
            f"{path}: got {image!r}, must end with an exact tag, such as :1.2.3; a moving one restarts anew"
        )


def startup_timeout_seconds(startup_seconds: int) -> int:
    """Time to wait for all replicas: 1200 s for a GPU node and the copy of the models, then two loads in a row."""
    return 1200 + 2 * startup_seconds


def digest(folder: Path) -> str:
    """A value that changes when any file of a chart does; Helm's provider sees its values and version only."""
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    whole = hashlib.sha256()
    for path in files:
        whole.update(f"{path.relative_to(folder).as_posix()}\n".encode())
        whole.update(path.read_bytes())
    return whole.hexdigest()[:16]


def sagemaker_fallback_policy(endpoint_arn: str) -> str:
    """What the edge needs to ask a SageMaker endpoint, in whatever region."""
    return document([allow(["sagemaker:InvokeEndpoint"], [endpoint_arn])])


def render_model_server(args: ModelServerArgs, *, release_name: str, chart_digest: str) -> dict[str, Any]:
    """Values of the model-server chart."""
    startup_seconds = int(args.get("startup_seconds", 600))
    gpus = int(args.get("gpus_per_replica", 1))
    values: dict[str, Any] = {
        "chartDigest": chart_digest,
        "engine": args.get("engine", "triton"),
        "region": args["region"],
        "modelRepository": args.get("model_repository", ""),
        "modelVersion": args.get("model_version", ""),
        "checksums": {"required": "model_version" in args, "digest": args.get("manifest_digest", "")},
        "repositoryGiB": int(args.get("repository_gib", 40)),
        "serviceAccount": {"name": args["service_account"]},
        "args": list(args.get("arguments", [])),
        "env": dict(args.get("environment", {})),
        "gpus": gpus,
        "resources": {"cpu": args.get("cpu", "2"), "memory": args.get("memory", "10Gi")},
        "sharedMemoryGiB": int(args.get("shared_memory_gib", 1)),
        "replicas": {
            "min": int(args.get("replicas", 2)),
            "max": int(args.get("max_replicas", 6)),
            "targetCPUPercent": int(args.get("target_cpu_percent", 70)),
        },
        "objectives": {
            "latencySeconds": args.get("latency_objective_seconds", 2),
            "errorPercent": args.get("error_objective_percent", 1),
        },
        "rollout": {
            "strategy": args.get("strategy", "rolling"),
            "weights": [int(weight) for weight in args.get("canary_weights", [25, 50])],
        },
        "startupSeconds": startup_seconds,
        "progressDeadlineSeconds": startup_timeout_seconds(startup_seconds),
        "requestSeconds": int(args.get("request_seconds", 30)),
        "nodeLossSeconds": NODE_LOSS_SECONDS,
        "priorityClassName": args.get("priority_class", Priority.SERVING.value),
        "nodeSelector": {POOL_LABEL: args.get("pool", "gpu")} if gpus else {},
    }
    if "image" in args:
        repository, _, tag = args["image"].partition("@")[0].rpartition(":")
        _, at, pinned = args["image"].partition("@")
        values["image"] = {"repository": repository, "tag": f"{tag}{at}{pinned}"}
    if values["engine"] == "vllm":
        values["vllm"] = {"servedModelName": args.get("served_model_name", release_name)}
    if "warm_up" in args:
        values["warmUp"] = dict(args["warm_up"])
    if "target_queue_seconds" in args:
        values["scaling"] = {"by": "queue", "queueSeconds": args["target_queue_seconds"]}
    if "client_cidrs" in args:
        values["network"] = {"cidrs": list(args["client_cidrs"])}
    if "prometheus_url" in args:
        values["prometheus"] = {
            "url": args["prometheus_url"],
            "namespace": args.get("prometheus_namespace", "monitoring"),
        }
        # Who has no metrics must not be asked for any: a target that does not answer is an alert.
        measured = {"metrics_path", "latency_query", "error_query", "queue_query"}
        if values["engine"] != "container" or measured & args.get("container", {}).keys():
            values["metrics"] = {"enabled": True}
    if "runbook_url" in args:
        values["alerts"] = {"enabled": True, "runbookUrl": args["runbook_url"]}
    if "container" in args:
        _render_container(args["container"], values)
    if "shadow" in args:
        names = {
            "model_version": "modelVersion",
            "image": "image",
            "percent": "percent",
            "replicas": "replicas",
            "timeout_seconds": "timeoutSeconds",
        }
        values["shadow"] = {"enabled": True, **_renamed(args["shadow"], names)}
    if "fallback" in args:
        fallback = args["fallback"]
        names = {
            "url": "url",
            "sagemaker_endpoint": "endpoint",
            "region": "region",
            "timeout_seconds": "timeoutSeconds",
        }
        values["fallback"] = {"kind": "http" if "url" in fallback else "sagemaker", **_renamed(fallback, names)}
        if "header" in fallback:
            values["fallback"]["header"] = {
                "name": fallback["header"],
                "secretName": fallback.get("header_secret", ""),
                "secretKey": "value",
            }
    return values


def _render_container(container: ContainerApi, values: dict[str, Any]) -> None:
    values["container"] = _renamed(
        container,
        {
            "port": "port",
            "readiness_path": "readinessPath",
            "liveness_path": "livenessPath",
            "metrics_path": "metricsPath",
        },
    )
    queries = _renamed(
        container,
        {"latency_query": "latencySeconds", "error_query": "errorRatio", "queue_query": "queueSeconds"},
    )
    if queries:
        values["metrics"] = {**values.get("metrics", {}), "queries": queries}


def _renamed(given: Any, names: Mapping[str, str]) -> dict[str, Any]:
    found = cast("Mapping[str, Any]", given)
    # Numbers come as doubles from programs in other languages.
    whole = {key: int(value) if isinstance(value, float) else value for key, value in found.items()}
    return {to: whole[key] for key, to in names.items() if key in whole}
