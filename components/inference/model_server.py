"""A model server on GPUs."""

import hashlib
import os
from pathlib import Path
from typing import Any, NotRequired, TypedDict

import pulumi
import pulumi_kubernetes as k8s

from components.charts import MODEL_SERVER
from components.helm._release import release
from components.helm._scheduling import NODE_LOSS_SECONDS
from components.kubernetes import POOL_LABEL

HTTP_PORT = 8000
"""Port of the inference API over HTTP; gRPC is on 8001, metrics are on 8002."""

CHART_FOLDER = Path(__file__).with_name("model-server")


class ModelServerArgs(TypedDict):
    """Inputs of ModelServer."""

    namespace: pulumi.Input[str]
    """Existing namespace."""
    region: pulumi.Input[str]
    """Region of the bucket."""
    model_repository: pulumi.Input[str]
    """Models to serve, as Triton lays them out: ``s3://<bucket>/<prefix>``."""
    service_account: str
    """Service account of its pods, created here. Give it the right to read the models with PodIdentity."""
    gpus_per_replica: NotRequired[int]
    """GPUs of each replica, 1 to 8. Default 1."""
    replicas: NotRequired[int]
    """Replicas that always run, at least 2. Default 2."""
    max_replicas: NotRequired[int]
    """Most replicas under load. Default 6."""
    startup_seconds: NotRequired[int]
    """Longest time for loading the weights, 30 to 7200; after it a replica is started anew. Default 600."""
    repository_gib: NotRequired[int]
    """Room on the node's disk for the models, in GiB. Default 40."""
    target_cpu_percent: NotRequired[int]
    """CPU use, in percent of the request, above which replicas are added, 10 to 95. Default 70."""
    priority_class: NotRequired[str]
    """Existing priority class of its pods. Default: none."""
    pool: NotRequired[str]
    """Value of the pool label (POOL_LABEL) on nodes with GPUs. Default ``gpu``, as NodePool sets it."""


class ModelServer(pulumi.ComponentResource):
    """Triton on GPU nodes, from a chart of this project, spread over zones and never updated below its replicas.

    Losing a zone loses the replicas in it; they start elsewhere within NODE_LOSS_SECONDS plus the time that models
    take to copy and load, if a GPU is free. Models are copied from the bucket to the node before the server starts:
    the AWS client that does it knows Pod Identity, Triton's own is not known to. An empty repository serves nothing and
    is ready; models that are added or changed later are served by replicas that start later.

    Needs the GPU device plugin, and the metrics server to scale.

    Cost when idle: its GPU nodes. State: none; a replica's copy of the models is only that. Regions: all children
    regional.
    """

    service_name: pulumi.Output[str]
    """Service of the inference API, on HTTP_PORT."""
    url: pulumi.Output[str]
    """Inference API as pods of the cluster reach it."""
    release: k8s.helm.v3.Release
    """To depend on."""

    def __init__(self, name: str, args: ModelServerArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        plan_model_server(
            gpus_per_replica=int(args.get("gpus_per_replica", 1)),
            replicas=int(args.get("replicas", 2)),
            max_replicas=int(args.get("max_replicas", 6)),
            startup_seconds=int(args.get("startup_seconds", 600)),
            target_cpu_percent=int(args.get("target_cpu_percent", 70)),
        )
        startup_seconds = int(args.get("startup_seconds", 600))
        super().__init__("tandem:index:ModelServer", name, {}, opts)
        self.release = release(
            name,
            MODEL_SERVER,
            # Relative, so that it is the same text in every clone and changes nothing; the Helm provider runs in
            # the program's folder, and so does this.
            path=os.path.relpath(CHART_FOLDER),
            namespace=args["namespace"],
            values=render_model_server(
                region=args["region"],
                model_repository=args["model_repository"],
                service_account=args["service_account"],
                gpus_per_replica=int(args.get("gpus_per_replica", 1)),
                replicas=int(args.get("replicas", 2)),
                max_replicas=int(args.get("max_replicas", 6)),
                startup_seconds=startup_seconds,
                repository_gib=int(args.get("repository_gib", 40)),
                target_cpu_percent=int(args.get("target_cpu_percent", 70)),
                priority_class=args.get("priority_class"),
                pool=args.get("pool", "gpu"),
                chart_digest=digest(CHART_FOLDER),
            ),
            parent=self,
            timeout_seconds=startup_timeout_seconds(startup_seconds),
        )
        self.service_name = self.release.name.apply(lambda _: name)
        self.url = pulumi.Output.concat(
            "http://", self.service_name, ".", args["namespace"], f".svc.cluster.local:{HTTP_PORT}"
        )
        self.register_outputs({"serviceName": self.service_name, "url": self.url})


def plan_model_server(
    *, gpus_per_replica: int, replicas: int, max_replicas: int, startup_seconds: int, target_cpu_percent: int
) -> None:
    """Check the numbers of a model server.

    Raises:
        ValueError: With what is wrong and what is allowed.
    """
    if not 1 <= gpus_per_replica <= 8:
        raise ValueError(f"gpus_per_replica: got {gpus_per_replica}, must be 1 to 8, the most that one node has")
    if replicas < 2:
        raise ValueError(f"replicas: got {replicas}, must be at least 2, in two zones")
    if max_replicas <= replicas:
        raise ValueError(f"max_replicas: got {max_replicas}, must be above replicas ({replicas})")
    if not 30 <= startup_seconds <= 7200:
        raise ValueError(f"startup_seconds: got {startup_seconds}, must be 30 to 7200")
    if not 10 <= target_cpu_percent <= 95:
        raise ValueError(f"target_cpu_percent: got {target_cpu_percent}, must be 10 to 95")


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


def render_model_server(
    *,
    region: pulumi.Input[str],
    model_repository: pulumi.Input[str],
    service_account: str,
    gpus_per_replica: int,
    replicas: int,
    max_replicas: int,
    startup_seconds: int,
    repository_gib: int,
    target_cpu_percent: int,
    priority_class: str | None,
    pool: str,
    chart_digest: str,
) -> dict[str, Any]:
    """Values of the model-server chart."""
    values: dict[str, Any] = {
        "chartDigest": chart_digest,
        "region": region,
        "modelRepository": model_repository,
        "repositoryGiB": repository_gib,
        "serviceAccount": {"name": service_account},
        "gpus": gpus_per_replica,
        "replicas": {"min": replicas, "max": max_replicas, "targetCPUPercent": target_cpu_percent},
        "startupSeconds": startup_seconds,
        "progressDeadlineSeconds": startup_timeout_seconds(startup_seconds),
        "nodeLossSeconds": NODE_LOSS_SECONDS,
        "nodeSelector": {POOL_LABEL: pool},
    }
    if priority_class is not None:
        values["priorityClassName"] = priority_class
    return values
