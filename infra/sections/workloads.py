"""What runs in the clusters: orchestrators, model servers, and what keeps them alive."""

from enum import StrEnum
from typing import Annotated, Literal, Self

from pydantic import AfterValidator, StringConstraints, model_validator

from components.kubernetes import amount
from infra.namespaces import PLATFORM, TEAMS
from infra.sections.kinds import Misplaced, Name, PathPattern, RetentionDays, SecretName, Section, all_different, say

HttpsUrl = Annotated[str, StringConstraints(pattern=r"^https://[^\s/]+(/\S*)?$")]
"""Address that begins with https://."""
GitUrl = Annotated[str, StringConstraints(pattern=r"^(https://|ssh://|git@)\S+$")]
"""Address of a Git repository."""
SSH = ("git@", "ssh://")
"""How addresses of repositories begin that ask for a key."""
KnownHosts = Annotated[
    str, StringConstraints(pattern=r"^((#[^\n]*|\S+ (ssh|ecdsa|sk)-\S+ [A-Za-z0-9+/=]+[^\n]*)(\n+|$))+$")
]
"""Lines of a known_hosts file: host, type and key."""
Image = Annotated[
    str, StringConstraints(pattern=r"^[\w./-]+(:\d+/[\w./-]+)?(:[\w][\w.-]{0,127}|@sha256:[0-9a-f]{64})$")
]
"""Container image with a tag or a digest: what has neither is another image tomorrow."""
Quantity = Annotated[str, StringConstraints(pattern=r"^\d+(\.\d+)?(m|Ki|Mi|Gi|Ti)?$")]
"""Kubernetes quantity such as 500m or 2Gi."""
Cores = Annotated[str, StringConstraints(pattern=r"^([1-9]\d*(\.\d+)?|0\.\d*[1-9]|[1-9]\d*m)$")]
"""CPU such as 2, 0.5 or 500m, in quotes."""
Query = Annotated[str, StringConstraints(pattern=r"\$selector")]
"""PromQL with ``$selector`` in it, which stands for the labels of a model's pods."""
Memory = Annotated[str, StringConstraints(pattern=r"^[1-9]\d*(\.\d+)?(Mi|Gi|Ti)$")]
"""Memory such as 16Gi."""


DomainArn = Annotated[str, StringConstraints(pattern=r"^arn:aws[a-z-]*:es:[a-z0-9-]+:\d{12}:domain/[a-z0-9-]+$")]
"""ARN of a domain of Amazon OpenSearch Service."""


class Orchestrator(StrEnum):
    """What keeps the state of runs."""

    PREFECT = "prefect"
    ARGO_WORKFLOWS = "argo-workflows"
    AIRFLOW = "airflow"
    TEMPORAL = "temporal"


class WorkPool(Section):
    """A Prefect work pool and the workers that take runs from it."""

    name: Name = say(costs="Nothing")
    """Name of the pool; its first worker makes it."""
    workers: int = say(2, ge=2, le=100, unit="pods", costs="CPU and memory of the nodes")
    """Workers that share the pool's runs."""
    cpu: Quantity = say("500m", costs="What runs hold while they last")
    """CPU that each run asks for, unless its deployment says otherwise."""
    memory: Quantity = say("1Gi", costs="What runs hold while they last")
    """Memory that each run asks for, and its limit."""
    gpus: int = say(0, ge=0, le=8, unit="GPUs", costs="GPU nodes while runs last")
    """GPUs of each run."""


def _pools_told_apart(pools: list[WorkPool]) -> list[WorkPool]:
    all_different([pool.name for pool in pools])
    return pools


class Prefect(Section):
    """Prefect, where it is among the orchestrators."""

    servers: int = say(3, ge=3, le=50, unit="pods", costs="CPU and memory of the nodes")
    """API servers that always run, one a zone. Under load there are up to twice as many, or 10 if that is more."""
    work_pools: Annotated[list[WorkPool], AfterValidator(_pools_told_apart)] = say(
        [WorkPool(name="kubernetes")], min_length=1, costs="The workers"
    )
    """Work pools, each with workers of its own."""


class ArgoWorkflows(Section):
    """Argo Workflows, where it is among the orchestrators."""

    servers: int = say(3, ge=2, le=20, unit="pods", costs="CPU and memory of the nodes")
    """API server replicas."""
    parallelism: int = say(200, ge=1, le=10_000, unit="workflows", costs="Nothing")
    """Workflows that run at once; the others wait."""
    recovery_image: Image | None = say(None, costs="A short pod at the end of each workflow")
    """Image with Python 3.11 and boto3 1.36 or later. With it the reference workflow that resumes from checkpoints
    (workflows/argo) is installed as ``argo-workflows-recovery``, and its template ``exit`` keeps in the bucket of
    artifacts how each workflow ended that has no exit handler of its own."""


class Airflow(Section):
    """Airflow, where it is among the orchestrators."""

    dags_repository: GitUrl = say(costs="Nothing")
    """Git repository that DAGs are read from, every minute."""
    dags_branch: str = say("main", min_length=1, costs="Nothing")
    """Its branch."""
    dags_folder: str = say("dags", min_length=1, costs="Nothing")
    """Folder of the DAGs in it."""
    dags_ssh_secret: SecretName | None = say(None, costs="A secret by the month, in each region")
    """Secret of Secrets Manager, in each region, whose ``privateKey`` may read the repository: for an address that
    begins with ``git@`` or ``ssh://``."""
    dags_known_hosts: KnownHosts | None = say(None, costs="Nothing")
    """Keys of the repository's host, as ``ssh-keyscan`` prints them, compared with those that the host publishes."""
    workers: int = say(2, ge=2, le=100, unit="pods", costs="CPU and memory of the nodes")
    """Celery workers that always run."""
    max_workers: int = say(10, ge=3, le=1000, unit="pods", costs="Nodes while they are needed")
    """Most of them, while tasks wait."""

    @model_validator(mode="after")
    def _max_is_above_floor(self) -> Self:
        if self.max_workers <= self.workers:
            raise Misplaced("max_workers", self.max_workers, f"must be above workers ({self.workers})")
        return self

    @model_validator(mode="after")
    def _a_key_belongs_to_an_address_of_ssh(self) -> Self:
        for field in ("dags_ssh_secret", "dags_known_hosts"):
            said = getattr(self, field)
            if self.dags_repository.startswith(SSH) and said is None:
                raise Misplaced(field, None, f"must be set, because dags_repository is {self.dags_repository}")
            if not self.dags_repository.startswith(SSH) and said is not None:
                raise Misplaced(field, said, f"means nothing unless dags_repository begins with {' or '.join(SSH)}")
        return self


class Temporal(Section):
    """Temporal, where it is among the orchestrators."""

    replicas: int = say(3, ge=3, le=50, unit="pods", costs="CPU and memory of the nodes")
    """Replicas of each of its four services."""
    history_shards: int = say(512, ge=1, le=16_384, unit="shards", costs="Nothing; it can never be changed")
    """Parts that workflows are spread over."""
    namespaces: Annotated[list[Name], AfterValidator(all_different)] = say(["default"], min_length=1, costs="Nothing")
    """Temporal's namespaces, by which teams keep workflows apart: made where they are not there yet, never removed.
    Workers are told of the first."""
    retention_days: int = say(7, ge=1, le=365, unit="days", costs="Room in the database")
    """Days that a workflow is found after its end, in namespaces as they are made; those that are there keep theirs."""


class Engine(StrEnum):
    """What answers for a model."""

    TRITON = "triton"
    VLLM = "vllm"
    CONTAINER = "container"


class Rollout(StrEnum):
    """How a new version of a model takes over."""

    ROLLING = "rolling"
    CANARY = "canary"
    BLUE_GREEN = "blue-green"


class Shadow(Section):
    """Another version of a model that gets copies of the requests; its answers are thrown away."""

    version: Annotated[str, StringConstraints(pattern=r"^[\w.-]+$")] | None = say(None, costs="Nothing")
    """Its folder below ``repository_prefix``. Default: that of the servers."""
    image: Image | None = say(None, costs="Nothing")
    """Its image. Default: that of the servers."""
    percent: int = say(100, ge=1, le=100, unit="percent", costs="What the copies take of the shadow")
    """Share of the requests that is copied."""
    replicas: int = say(2, ge=2, le=100, unit="pods", costs="The GPU nodes")
    """Its replicas."""

    @model_validator(mode="after")
    def _differs(self) -> Self:
        if self.version is None and self.image is None:
            raise Misplaced("version", None, "must be set, or image: a shadow is another version")
        return self


class Fallback(Section):
    """Who answers while no replica of a model does, with the same interface: one of the two."""

    url: HttpsUrl | None = say(None, costs="What is asked there")
    """Another model, region or provider."""
    sagemaker_endpoint: Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9]([A-Za-z0-9-]{0,62})$")] | None = say(
        None, costs="The endpoint"
    )
    """Endpoint of Amazon SageMaker, in this region."""
    header: Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9-]+$")] | None = say(None, costs="Nothing")
    """Header that ``url`` knows its callers by, such as ``Authorization``. It replaces the client's own credentials."""
    header_secret: SecretName | None = say(None, costs="A secret by the month, in each region")
    """Secret of Secrets Manager, in each region, with that header's whole value under ``value``: no quotes, dollars or
    line ends in it."""

    @model_validator(mode="after")
    def _is_one(self) -> Self:
        if (self.url is None) == (self.sagemaker_endpoint is None):
            raise Misplaced("url", self.url, "must be set, or sagemaker_endpoint, and not both")
        if (self.header is None) != (self.header_secret is None):
            missing = "header" if self.header is None else "header_secret"
            raise Misplaced(missing, None, "must be set, too: header and header_secret belong together")
        if self.header is not None and self.url is None:
            raise Misplaced("header", self.header, "is of url; SageMaker is asked with rights of AWS")
        return self


class Metrics(Section):
    """What a container tells of itself to Prometheus. What no query asks for cannot be judged."""

    path: PathPattern = say("/metrics", costs="Nothing")
    """Path, on ``port``, of its metrics in Prometheus' format."""
    latency_query: Query | None = say(None, costs="Nothing")
    """PromQL of its latency in seconds, with ``$selector`` where the labels of its pods go, such as
    ``histogram_quantile(0.95, sum by (le) (rate(request_seconds_bucket{$selector}[2m])))``. With ``error_query`` it
    judges ``canary`` and ``blue-green``, and each has an alert."""
    error_query: Query | None = say(None, costs="Nothing")
    """PromQL of the share of its requests that fail, 0 to 1, likewise."""
    queue_query: Query | None = say(None, costs="Nothing")
    """PromQL of the seconds that a request waits for its turn, likewise; ``scale_on_queue`` goes by it."""


class WarmUp(Section):
    """A request that a replica answers before it counts as started."""

    path: PathPattern = say(costs="Nothing")
    """Its path, such as ``/v2/models/classifier/infer``."""
    body: str = say("", costs="Nothing")
    """Its body, JSON, which is posted. Default: none, and a GET; a ``container`` takes none."""


class Model(Section):
    """A model server."""

    name: Name = say(costs="Nothing")
    """Name of its release; unique among the models."""
    engine: Engine = say(Engine.TRITON, costs="Nothing")
    """``triton``; ``vllm``, for language models, whose weights must be in the bucket before it is installed; or
    ``container``, any image that answers HTTP, such as FastAPI or BentoML."""
    image: Image | None = say(None, costs="Nothing")
    """Image of the server. Default: the engine's own, pinned; a ``container`` has none and must say."""
    port: int = say(8000, ge=1, le=65_535, unit="TCP port", costs="Nothing")
    """Port that it answers on, where ``engine`` is ``container``."""
    ready_path: PathPattern = say("/health", costs="Nothing")
    """Path that answers 200 once it can serve, where ``engine`` is ``container``."""
    metrics: Metrics | None = None
    """What is measured of it, where ``engine`` is ``container``; of ``triton`` and ``vllm`` it is known. Without it
    a container updates by ``rolling``, scales by CPU, and has alerts on its replicas alone."""
    repository_prefix: Annotated[str, StringConstraints(pattern=r"^[\w.-]+(/[\w.-]+)*$")] = say(
        "models", costs="Nothing"
    )
    """Prefix of its model repository in the bucket of models."""
    version: Annotated[str, StringConstraints(pattern=r"^[\w.-]+$")] | None = say(None, costs="Nothing")
    """Folder below ``repository_prefix`` that is served, with the checksums of its files in ``SHA256SUMS``. Another one
    is warm before the old one leaves. Default: what lies in ``repository_prefix`` itself."""
    manifest_digest: Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")] | None = say(None, costs="Nothing")
    """SHA-256 of ``SHA256SUMS`` itself: the very files that were released, or no start. Default: any, as long as the
    files are those that it lists."""
    repository_gib: int = say(40, ge=1, le=16_000, unit="GiB", costs="The disks of the nodes")
    """Room on the node's disk for the models that are copied there."""
    gpus_per_replica: int = say(1, ge=0, le=8, unit="GPUs", costs="The GPU nodes")
    """GPUs of one replica; none where ``engine`` is ``container`` and the model needs none."""
    cpu: Cores = say("2", costs="The nodes")
    """CPU of one replica."""
    memory: Memory = say("10Gi", costs="The nodes")
    """Memory of one replica, and no more."""
    shared_memory_gib: int = say(1, ge=1, le=1024, unit="GiB", costs="Nothing; what is used of it counts as memory")
    """Size of ``/dev/shm``: through it Python backends pass tensors, and several GPUs of a replica talk."""
    replicas: int = say(2, ge=2, le=100, unit="pods", costs="The GPU nodes, in both regions")
    """Replicas that always run."""
    max_replicas: int = say(3, ge=2, le=500, unit="pods", costs="GPU nodes while they are needed")
    """Most replicas under load."""
    startup_seconds: int = say(600, ge=30, le=7200, unit="seconds", costs="A broken replica is noticed later")
    """Longest time for loading the weights; after it a replica counts as failed."""
    request_seconds: int = say(30, ge=1, le=3600, unit="seconds", costs="Nodes are drained later")
    """Longest time that a running request has to end when its replica stops."""
    warm_up: WarmUp | None = None
    """Request that makes a replica warm. Without it: one token of ``vllm``, nothing of the others."""
    arguments: list[str] = say([], costs="Nothing")
    """Arguments added to the engine's own, such as ``--max-model-len=8192`` of ``vllm``; of a ``container`` all."""
    environment: dict[Annotated[str, StringConstraints(pattern=r"^[A-Za-z_][A-Za-z0-9_]*$")], str] = say(
        {}, costs="Nothing"
    )
    """Environment of the server. Nothing secret: it can be read in the cluster, and in Pulumi's state."""
    paths: list[PathPattern] = say(["/v2/*"], min_length=1, max_length=5, costs="Nothing")
    """Path patterns that the load balancer sends to it; no two models share one."""
    scale_on_queue: bool = say(False, costs="Nothing")
    """Add replicas while requests wait (KEDA asks Prometheus), not when processors are busy. A ``container`` needs
    ``metrics.queue_query``."""
    rollout: Rollout = say(Rollout.ROLLING, costs="``blue-green`` holds twice the GPUs while it lasts")
    """How a new version takes over: ``rolling``; ``canary``, share by share, back at once if it is slow or wrong;
    ``blue-green``, all at once, once the new ones are warm. A ``container`` needs ``metrics.latency_query`` and
    ``metrics.error_query`` for the latter two."""
    latency_seconds: float = say(2.0, gt=0, le=600, unit="seconds", costs="Nothing")
    """95 of 100 requests should take less; an alert, and the end of a canary, if they do not."""
    error_percent: float = say(1.0, gt=0, le=50, unit="percent", costs="Nothing")
    """Most requests that may fail; as above."""
    shadow: Shadow | None = None
    """Another version that gets copies of the requests."""
    fallback: Fallback | None = None
    """Who answers while no replica does."""

    @model_validator(mode="after")
    def _holds_together(self) -> Self:
        if self.max_replicas <= self.replicas:
            raise Misplaced("max_replicas", self.max_replicas, f"must be above replicas ({self.replicas})")
        if self.engine is Engine.CONTAINER and self.image is None:
            raise Misplaced("image", None, "must be set, because engine is container")
        if self.engine is Engine.CONTAINER and self.warm_up is not None and self.warm_up.body:
            reason = "is sent by nobody where engine is container: the kubelet asks for a path alone"
            raise Misplaced("warm_up.body", self.warm_up.body, reason)
        if self.manifest_digest is not None and self.version is None:
            raise Misplaced("version", None, "must be set, because manifest_digest is: it pins the files of a version")
        if self.shared_memory_gib * 2**30 >= amount("memory", self.memory):
            reason = f"must be below memory ({self.memory}), which it is part of"
            raise Misplaced("shared_memory_gib", self.shared_memory_gib, reason)
        if self.engine is not Engine.CONTAINER and self.gpus_per_replica == 0:
            raise Misplaced("gpus_per_replica", 0, f"must be at least 1, because engine is {self.engine}")
        self._can_be_judged()
        return self

    def _can_be_judged(self) -> None:
        metrics = self.metrics or Metrics()
        if self.engine is not Engine.CONTAINER:
            if self.metrics is not None:
                raise Misplaced("metrics", None, f"is of a container; {self.engine} is measured where it always is")
            return
        if self.scale_on_queue and metrics.queue_query is None:
            reason = "must be set, because scale_on_queue is: nobody else knows how long a container's requests wait"
            raise Misplaced("metrics.queue_query", None, reason)
        for name in ("latency_query", "error_query"):
            if self.rollout is not Rollout.ROLLING and getattr(metrics, name) is None:
                reason = f"must be set, because rollout is {self.rollout}, which judges a new version by it"
                raise Misplaced(f"metrics.{name}", None, reason)

    @property
    def fronted(self) -> bool:
        """Whether something stands before its servers that copies requests, or asks elsewhere."""
        return self.shadow is not None or self.fallback is not None


def models_told_apart(models: list[Model]) -> list[Model]:
    """Refuse two models of one name, or on one path."""
    all_different([model.name for model in models])
    all_different([path for model in models for path in model.paths])
    return models


class VllmStack(Section):
    """A language model behind vLLM's production stack: engines, and a router that knows them."""

    name: Name = say(costs="Nothing")
    """Name of its release."""
    model: str = say(min_length=1, costs="Nothing")
    """Model on Hugging Face, such as ``mistralai/Mistral-7B-Instruct-v0.3``."""
    revision: Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{40}$")] = say(costs="Nothing")
    """Its commit there: a branch would load other weights after a restart."""
    gpus_per_replica: int = say(1, ge=1, le=8, unit="GPUs", costs="The GPU nodes")
    """GPUs of one engine."""
    replicas: int = say(2, ge=2, le=100, unit="pods", costs="The GPU nodes, in both regions")
    """Engines."""
    cpu: Cores = say("2", costs="The GPU nodes")
    """CPU of one engine."""
    memory: Memory = say("10Gi", costs="The GPU nodes")
    """Memory of one engine, and no more. Two GiB of it are for what its GPUs say to one another."""
    weights_gib: int = say(40, ge=1, le=16_000, unit="GiB", costs="The disks of the GPU nodes")
    """Room on the node's disk for the weights, as they come from Hugging Face, and caches."""
    arguments: list[str] = say([], costs="Nothing")
    """Arguments added to ``vllm serve``, such as ``--max-model-len=8192``."""
    token_secret: SecretName | None = say(None, costs="A secret by the month, in each region")
    """Secret of Secrets Manager, in each region, with a token of Hugging Face under ``token``: for models that ask
    for one."""
    latency_seconds: float = say(30.0, gt=0, le=600, unit="seconds", costs="Nothing")
    """95 of 100 requests should take less in whole, and wait less than half of it; alerts if they do not."""
    error_percent: float = say(1.0, gt=0, le=50, unit="percent", costs="Nothing")
    """Most requests that engines may end with an error; an alert above it."""


class KServeModel(Section):
    """A model that KServe serves, from the bucket of models, to clients inside the cluster."""

    name: Name = say(costs="Nothing")
    """Its name; unique among all that is served."""
    model_format: str = say(min_length=1, costs="Nothing")
    """What the model is, such as ``sklearn``, ``xgboost``, ``huggingface``, ``triton``: it chooses the runtime."""
    protocol_version: Literal["v1", "v2"] | None = say(None, costs="Nothing")
    """Version of KServe's protocol. Default: the runtime's own."""
    repository_prefix: Annotated[str, StringConstraints(pattern=r"^[\w.-]+(/[\w.-]+)*$")] = say(costs="Nothing")
    """Prefix of the model in the bucket of models."""
    version: Annotated[str, StringConstraints(pattern=r"^[\w.-]+$")] | None = say(None, costs="Nothing")
    """Folder below ``repository_prefix`` that is served; another one is ready before the old one leaves. KServe holds
    its files against no checksums. Default: what lies in ``repository_prefix`` itself."""
    arguments: list[str] = say([], costs="Nothing")
    """Arguments added to the runtime's own."""
    gpus_per_replica: int = say(0, ge=0, le=8, unit="GPUs", costs="The GPU nodes")
    """GPUs of one replica."""
    cpu: Cores = say("2", costs="The nodes")
    """CPU of one replica."""
    memory: Memory = say("8Gi", costs="The nodes")
    """Memory of one replica, and no more."""
    replicas: int = say(2, ge=2, le=100, unit="pods", costs="The nodes, in both regions")
    """Replicas that always run."""
    max_replicas: int = say(3, ge=3, le=500, unit="pods", costs="Nodes while they are needed")
    """Most replicas under load."""
    startup_seconds: int = say(1200, ge=60, le=7200, unit="seconds", costs="A broken model is noticed later")
    """Longest time for fetching and loading the model; after it an update has failed."""

    @model_validator(mode="after")
    def _max_is_above_floor(self) -> Self:
        if self.max_replicas <= self.replicas:
            raise Misplaced("max_replicas", self.max_replicas, f"must be above replicas ({self.replicas})")
        return self


class Serving(Section):
    """Other ways to serve, through charts of their own, for clients inside the cluster."""

    vllm_stacks: list[VllmStack] = say([], costs="The GPU nodes")
    """Language models behind vLLM's production stack."""
    kserve: bool = say(False, costs="CPU and memory of the nodes")
    """Install KServe in its Standard mode, for ``inference_services`` and for those that teams bring themselves."""
    inference_services: list[KServeModel] = say([], costs="Their replicas")
    """Models that KServe serves."""

    @model_validator(mode="after")
    def _somebody_serves_them(self) -> Self:
        if self.inference_services and not self.kserve:
            raise Misplaced("kserve", self.kserve, "must be true, because there are inference_services")
        return self


class GitOps(Section):
    """What Argo CD keeps in the clusters, beside what Pulumi does."""

    repository: HttpsUrl = say(costs="Nothing")
    """Git repository of the applications, over HTTPS."""
    revision: str = say("main", min_length=1, costs="Nothing")
    """Branch or tag of it."""
    folder: str = say("applications", min_length=1, costs="Nothing")
    """Folder in it with one Argo CD Application a file."""
    namespaces: Annotated[list[Name], AfterValidator(all_different)] = say(
        ["applications"], min_length=1, costs="Nothing"
    )
    """Namespaces that applications may write to; made here, and nobody else's."""

    @model_validator(mode="after")
    def _namespaces_are_nobody_else_s(self) -> Self:
        taken = {*PLATFORM, *TEAMS, *(each.value for each in Orchestrator), "default"}
        for position, name in enumerate(self.namespaces):
            if name in taken or name.startswith("kube-"):
                reason = "is a namespace of the platform's or of Kubernetes'; name one that nobody has"
                raise Misplaced(f"namespaces[{position}]", name, reason)
        return self


class Services(Section):
    """What workloads lean on, beside what they always have."""

    gitops: GitOps | None = say(None, costs="CPU and memory of the nodes")
    """Install Argo CD, and let it follow a repository."""
    admission: Literal["none", "kyverno", "gatekeeper"] = say("none", costs="CPU and memory of the nodes")
    """Who checks objects as they enter the cluster, by the same rules as the policy pack."""
    admission_mode: Literal["audit", "enforce"] = say("audit", costs="``enforce`` refuses what breaks a rule")
    """Whether what breaks a rule is reported or refused."""
    vault: bool = say(False, costs="CPU, memory and disks of three pods")
    """Install HashiCorp Vault, for applications that ask for it. The platform itself needs none."""


class OpenSearch(Section):
    """A domain of Amazon OpenSearch Service, in this region."""

    host: Annotated[str, StringConstraints(pattern=r"^[a-z0-9.-]+$")] = say(costs="The domain")
    """Its host, without ``https://``."""
    domain_arn: Annotated[
        str, StringConstraints(pattern=r"^arn:aws[a-z-]*:es:[a-z0-9-]+:\d{12}:domain/[a-z0-9-]+$")
    ] = say(costs="Nothing")
    """Its ARN: the shipper may write there, if the domain's own policy lets it."""


class Recovery(Section):
    """A run that certain alerts start, by Argo Events."""

    alerts: Annotated[list[str], AfterValidator(all_different)] = say(min_length=1, costs="Nothing")
    """Names of the alerts, as in components/observability/alert_rules.py, such as ``PrefectRunStuck``."""
    prefect_deployment: Annotated[str, StringConstraints(pattern=r"^[^/]+/[^/]+$")] | None = say(None, costs="The run")
    """``flow/deployment`` of Prefect's that is run."""
    workflow_template: Name | None = say(None, costs="The run")
    """WorkflowTemplate of Argo Workflows' that is run, in their namespace."""

    @model_validator(mode="after")
    def _runs_something(self) -> Self:
        if self.prefect_deployment is None and self.workflow_template is None:
            raise Misplaced("prefect_deployment", None, "must be set, or workflow_template")
        return self


class Observability(Section):
    """What is measured and written down in the clusters, and who is told."""

    playbooks_url: HttpsUrl = say(costs="Nothing")
    """Where your people read docs/playbooks; every alert links its page there."""

    metrics_days: int = say(15, ge=1, le=365, unit="days", costs="Disks of both Prometheus")
    """Days that metrics are kept in the cluster."""
    metrics_gib: int = say(100, ge=10, le=16_000, unit="GiB", costs="Disks of both Prometheus")
    """Disk of each Prometheus."""
    managed_prometheus: bool = say(False, costs="By the sample")
    """Send metrics to Amazon Managed Service for Prometheus too: they outlive the cluster."""
    pod_log_days: RetentionDays = say(30, unit="days", costs="Log storage")
    """Days that the pods' logs are kept in CloudWatch."""
    recovery: Recovery | None = None
    """What alerts start by themselves."""
