"""What turns scheduled runs into jobs of the cluster."""

import json
from typing import Any, NotRequired, TypedDict

import pulumi
import pulumi_kubernetes as k8s

from components._pod_security import CONFINED, POD_SECURITY
from components._scheduling import node_loss_tolerations, resources, spread_affinity
from components.charts import PREFECT_WORKER
from components.helm._release import release
from components.helm.prefect_server import PREFECT_CONTAINER, PREFECT_POD, REPOSITORY
from components.helm.runs import RunFailoverArgs, render_run_environment
from components.kubernetes import GPU_TAINT, Priority

WORKER_TAG = f"{PREFECT_WORKER.app_version}-python3.11-kubernetes"
FLOW_IMAGE = f"{REPOSITORY}:{PREFECT_WORKER.app_version}-python3.11"

MOST_GPUS = 8
"""On the largest instances."""

HOME = "/home/prefect"
"""Folder that runs start in and may write to."""


class PrefectWorkerArgs(TypedDict):
    """Inputs of PrefectWorker."""

    namespace: pulumi.Input[str]
    """Existing namespace; runs become jobs in it, too. Several pools may share it."""
    api_url: pulumi.Input[str]
    """API of the server (PrefectServer.api_url)."""
    sign_in_secret: NotRequired[str | None]
    """Secret with the sign-in (PrefectServer.sign_in_secret). None or absent: the API has no sign-in."""
    work_pool: str
    """Work pool to take runs from; created by the first worker. One PrefectWorker a pool."""
    flow_service_account: str
    """Service account of the pool's runs, created here: another for each pool. Give it its AWS rights with
    PodIdentity."""
    failover_endpoint: pulumi.Input[str]
    """Where runs reach the platform in the other region: FAILOVER_ENDPOINT in every run's environment."""
    artifact_bucket: pulumi.Input[str]
    """Bucket for what runs leave behind: ARTIFACT_BUCKET in every run's environment."""
    checkpoint_bucket: pulumi.Input[str]
    """Bucket for what runs resume from: CHECKPOINT_BUCKET in every run's environment."""
    failover: NotRequired[RunFailoverArgs]
    """Copies of the checkpoints. Absent: this region has none elsewhere."""
    replicas: NotRequired[int]
    """Workers, at least 2; they share the pool's runs. Default 2."""
    run_cpu: NotRequired[str]
    """CPU of a run, as Kubernetes writes it, unless its deployment says otherwise. Default ``500m``."""
    run_memory: NotRequired[str]
    """Memory of a run, likewise. Default ``1Gi``."""
    run_gpus: NotRequired[int]
    """GPUs of a run, likewise. Above 0 the pool's runs go to GPU nodes. Default 0."""


class PrefectWorker(pulumi.ComponentResource):
    """Workers of one work pool that start each run as a Kubernetes job.

    Losing a zone loses a worker; the others take up its share. Runs that were in the zone are reported as crashed and
    retried as their deployment says. Karpenter leaves nodes alone while a run is on them.

    Runs are nobody special: no user but 1001, nothing of the image writable but HOME and ``/tmp``, and the priority of
    what can be repeated. A deployment whose image needs more says so by the variables ``run_as_user`` and
    ``read_only_root``. ``/tmp`` and HOME are on the node, and gone with the pod.

    Ports: none; each worker answers its own node's probe on 8080. AWS rights: the runs' alone. Cost when idle: its
    pods. State: none; the pool is in the server's database. Regions: all children regional.
    """

    release: k8s.helm.v3.Release
    """To depend on."""

    def __init__(self, name: str, args: PrefectWorkerArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        replicas = int(args.get("replicas", 2))
        if replicas < 2:
            raise ValueError(f"replicas: got {replicas}, must be at least 2: without a worker no run starts")
        if not args["work_pool"]:
            raise ValueError("work_pool: is empty; name the pool to take runs from, such as kubernetes")
        gpus = int(args.get("run_gpus", 0))
        if not 0 <= gpus <= MOST_GPUS:
            raise ValueError(f"run_gpus: got {gpus}, must be 0 to {MOST_GPUS}, the most a node has")
        namespace = args["namespace"]
        super().__init__("tandem:index:PrefectWorker", name, {}, opts)
        child = pulumi.ResourceOptions(parent=self)
        account = k8s.core.v1.ServiceAccount(
            f"{name}-flows",
            metadata=k8s.meta.v1.ObjectMetaArgs(name=args["flow_service_account"], namespace=namespace),
            # Runs talk to AWS and to Prefect, not to the cluster; Pod Identity brings a token of its own.
            automount_service_account_token=False,
            opts=child,
        )
        environment = k8s.core.v1.ConfigMap(
            f"{name}-flows",
            metadata=k8s.meta.v1.ObjectMetaArgs(name=f"{name}-flows", namespace=namespace),
            data={
                **render_run_environment(args),
                # Of the image's it may not write to.
                "HOME": HOME,
            },
            opts=child,
        )
        self.release = release(
            name,
            PREFECT_WORKER,
            namespace=namespace,
            values=render_prefect_worker(
                release_name=name,
                api_url=args["api_url"],
                sign_in_secret=args.get("sign_in_secret"),
                work_pool=args["work_pool"],
                job_template=render_job_template(
                    service_account=args["flow_service_account"],
                    environment=f"{name}-flows",
                    cpu=args.get("run_cpu", "500m"),
                    memory=args.get("run_memory", "1Gi"),
                    gpus=gpus,
                ),
                environment=f"{name}-flows",
                replicas=replicas,
            ),
            parent=self,
            depends_on=[account, environment],
        )
        self.register_outputs({})


def render_prefect_worker(
    *,
    release_name: str,
    api_url: pulumi.Input[str],
    sign_in_secret: str | None,
    work_pool: str,
    job_template: str,
    environment: str,
    replicas: int,
) -> dict[str, Any]:
    """Values of the prefect-worker chart."""
    labels = {
        "app.kubernetes.io/name": PREFECT_WORKER.name,
        "app.kubernetes.io/instance": release_name,
        "app.kubernetes.io/component": "worker",
    }
    server: dict[str, Any] = {"apiUrl": api_url}
    if sign_in_secret is not None:
        server["basicAuth"] = {"enabled": True, "existingSecret": sign_in_secret}
    return {
        "fullnameOverride": release_name,
        "serviceAccount": {"create": True, "name": release_name},
        "worker": {
            "apiConfig": "selfHostedServer",
            "selfHostedServerApiConfig": server,
            "image": {"repository": REPOSITORY, "prefectTag": WORKER_TAG},
            # No `name`: workers that share one are taken for the same worker.
            "config": {
                "workPool": work_pool,
                "type": "kubernetes",
                "installPolicy": "never",
                "baseJobTemplate": {"configuration": job_template, "name": f"{release_name}-job-template"},
            },
            "replicaCount": replicas,
            "podDisruptionBudget": {"maxUnavailable": 1, "unhealthyPodEvictionPolicy": "AlwaysAllow"},
            "affinity": spread_affinity(labels),
            "tolerations": node_loss_tolerations(),
            # Off by default, and workers do hang (prefect#11561).
            "livenessProbe": {"enabled": True},
            "resources": resources("250m", "512Mi"),
            "priorityClassName": Priority.ORCHESTRATION.value,
            "podSecurityContext": PREFECT_POD,
            "containerSecurityContext": PREFECT_CONTAINER,
            "initContainer": {
                "containerSecurityContext": PREFECT_CONTAINER,
                "resources": resources("250m", "512Mi"),
            },
            "extraEnvVarsCMs": [environment],
        },
    }


def render_job_template(*, service_account: str, environment: str, cpu: str, memory: str, gpus: int) -> str:
    """Base job template of the work pool as JSON text.

    Every run gets the service account, the environment of a config map, requests for CPU, memory and GPUs, and a job
    that is removed a day after it ended. Deployments may set what stands under ``variables``.
    """
    limits = {"memory": "{{ memory }}"}
    tolerations = node_loss_tolerations()
    if gpus:
        limits["nvidia.com/gpu"] = "{{ gpus }}"
        tolerations.append({"key": GPU_TAINT, "operator": "Exists", "effect": "NoSchedule"})
    container = {
        "name": "prefect-job",
        "image": "{{ image }}",
        "imagePullPolicy": "{{ image_pull_policy }}",
        "args": "{{ command }}",
        "env": "{{ env }}",
        "envFrom": [{"configMapRef": {"name": environment}}],
        "workingDir": HOME,
        "resources": {
            "requests": {"cpu": "{{ cpu }}", "memory": "{{ memory }}"},
            "limits": limits,
        },
        "securityContext": {**CONFINED, "readOnlyRootFilesystem": "{{ read_only_root }}"},
        "volumeMounts": [
            {"name": "scratch", "mountPath": HOME, "subPath": "home"},
            {"name": "scratch", "mountPath": "/tmp", "subPath": "tmp"},  # noqa: S108  (the pod's own)
        ],
    }
    manifest: dict[str, Any] = {
        "apiVersion": "batch/v1",
        "kind": "Job",
        "metadata": {"labels": "{{ labels }}", "namespace": "{{ namespace }}", "generateName": "{{ name }}-"},
        "spec": {
            # Prefect retries runs; a second pod of the same job would run it twice.
            "backoffLimit": 0,
            "ttlSecondsAfterFinished": "{{ finished_job_ttl }}",
            "template": {
                # A run that would be moved to a cheaper node would begin anew (karpenter.sh, "Disruption").
                "metadata": {"annotations": {"karpenter.sh/do-not-disrupt": "true"}},
                "spec": {
                    "parallelism": 1,
                    "completions": 1,
                    "restartPolicy": "Never",
                    "serviceAccountName": "{{ service_account_name }}",
                    "priorityClassName": Priority.RUNS.value,
                    "tolerations": tolerations,
                    "securityContext": {**POD_SECURITY, "runAsUser": "{{ run_as_user }}", "fsGroup": 1001},
                    "containers": [container],
                    "volumes": [{"name": "scratch", "emptyDir": {}}],
                },
            },
        },
    }
    variables = {
        "command": _variable("Command", "Command of the run; Prefect's own when empty."),
        "cpu": _variable("CPU", "CPU requested for the run.", default=cpu),
        "env": _variable("Environment", "Environment variables of the run.", kind="object"),
        "finished_job_ttl": _variable(
            "Finished job TTL", "Seconds that a finished job is kept.", kind="integer", default=86400
        ),
        "image": _variable("Image", "Image of the run.", default=FLOW_IMAGE),
        "image_pull_policy": _variable("Image pull policy", "When to pull the image.", default="IfNotPresent"),
        "job_watch_timeout_seconds": _variable(
            "Job watch timeout", "Seconds to wait for each event of the job; no end when empty.", kind="integer"
        ),
        "labels": _variable("Labels", "Labels of the job.", kind="object"),
        "memory": _variable("Memory", "Memory requested for the run, and its limit.", default=memory),
        "name": _variable("Name", "Name of the job; Prefect's own when empty."),
        "namespace": _variable("Namespace", "Namespace of the job; the worker's when empty."),
        "pod_watch_timeout_seconds": _variable(
            "Pod watch timeout", "Seconds that a pod may take to start.", kind="integer", default=600
        ),
        "read_only_root": _variable(
            "Read-only root", "Whether the image's own files are kept as they are.", kind="boolean", default=True
        ),
        "run_as_user": _variable("User", "Number of the user, not 0.", kind="integer", default=1001),
        "service_account_name": _variable("Service account", "Its AWS rights.", default=service_account),
        "stream_output": _variable("Stream output", "Show the run's output.", kind="boolean", default=True),
    }
    if gpus:
        variables["gpus"] = _variable("GPUs", "GPUs of the run.", kind="integer", default=gpus)
    configuration: dict[str, Any] = {
        "command": "{{ command }}",
        "env": "{{ env }}",
        "job_manifest": manifest,
        "job_watch_timeout_seconds": "{{ job_watch_timeout_seconds }}",
        "labels": "{{ labels }}",
        "name": "{{ name }}",
        "namespace": "{{ namespace }}",
        "pod_watch_timeout_seconds": "{{ pod_watch_timeout_seconds }}",
        "stream_output": "{{ stream_output }}",
    }
    return json.dumps(
        {"job_configuration": configuration, "variables": {"type": "object", "properties": variables}},
        sort_keys=True,
    )


def _variable(title: str, description: str, *, kind: str = "string", default: Any = None) -> dict[str, Any]:
    variable = {"title": title, "description": description, "type": kind}
    return variable if default is None else {**variable, "default": default}
