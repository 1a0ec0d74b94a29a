"""Models served by KServe: its controller, and one model at a time."""

import re
from typing import Any, NotRequired, TypedDict

import pulumi
import pulumi_kubernetes as k8s

from components._pod_security import POD_SECURITY
from components._scheduling import node_loss_tolerations, resources, spread
from components.charts import KSERVE, KSERVE_CRD, KSERVE_RUNTIMES
from components.helm._budget import disruption_budget
from components.helm._release import release
from components.kubernetes import GPU_TAINT, POOL_LABEL, Priority

CONTROLLER = "kserve-controller-manager"
"""Deployment of the controller, and its service account: the chart's names, whatever the release is called."""

CONTROLLER_LABELS = {"control-plane": CONTROLLER}
KSERVE_WEBHOOK_PORT = 9443
"""Port of the controller that the API server calls."""

PREDICTOR_PORT = 80
"""Port of a model's service."""

TRITON_TAG, VLLM_TAG = "26.07-py3", "v0.24.0"
"""As of the model-server chart; the chart's own are of 2023 and ``latest``."""

CPU_LIMIT = "64"
NAME = re.compile(r"[a-z]([-a-z0-9]*[a-z0-9])?")
LONGEST_NAME = 50
"""A service's 63 characters without ``-predictor`` and what the controller adds to it."""


class KServeArgs(TypedDict):
    """Inputs of KServe."""

    namespace: pulumi.Input[str]
    """Existing namespace of its own, for the controller."""
    region: pulumi.Input[str]
    """Region of the buckets that models come from."""
    replicas: NotRequired[int]
    """Controllers, at least 2; one leads, all answer the API server. Default 2."""


class KServe(pulumi.ComponentResource):
    """KServe in its Standard mode: models become Deployments, without Knative and without Istio.

    Three releases in the order that they need: definitions, controller, runtimes. Losing the controller stops changes
    of models, never their answers. The chart gives the controller no number of replicas, though it elects a leader and
    its webhooks answer in each: an autoscaler of ours owns the number, so that no webhook, which the API server must
    hear (``failurePolicy: Fail``), hangs on one pod. What the chart cannot do: it sets no priority class, and serves
    its metrics only to those whom its proxy knows.

    No ingress is made for models: bind ``InferenceService.service_name`` to a target group. TorchServe and TensorFlow
    Serving are switched off: the one is no longer maintained, the other's image is of 2021.

    Needs cert-manager, whose certificates its webhooks answer with, and the metrics server.

    Ports: KSERVE_WEBHOOK_PORT from the API server. AWS rights: none; each model has its own. Cost when idle: its
    pods. State: none but the definitions of its objects: deleting those deletes the models. Regions: all children
    regional.
    """

    release: k8s.helm.v3.Release
    """The last of the three. To depend on."""

    def __init__(self, name: str, args: KServeArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        replicas = int(args.get("replicas", 2))
        if replicas < 2:
            raise ValueError(f"replicas: got {replicas}, must be at least 2: the API server waits for its webhooks")
        super().__init__("tandem:index:KServe", name, {}, opts)
        namespace = args["namespace"]
        definitions = release(f"{name}-crds", KSERVE_CRD, namespace=namespace, values={}, parent=self)
        controller = release(
            name,
            KSERVE,
            namespace=namespace,
            values=render_kserve(region=args["region"]),
            parent=self,
            depends_on=[definitions],
        )
        scaler = k8s.autoscaling.v2.HorizontalPodAutoscaler(
            f"{name}-controller",
            metadata=k8s.meta.v1.ObjectMetaArgs(name=f"{name}-controller", namespace=namespace),
            spec=k8s.autoscaling.v2.HorizontalPodAutoscalerSpecArgs(
                scale_target_ref=k8s.autoscaling.v2.CrossVersionObjectReferenceArgs(
                    api_version="apps/v1", kind="Deployment", name=CONTROLLER
                ),
                min_replicas=replicas,
                max_replicas=replicas + 1,
                metrics=[
                    k8s.autoscaling.v2.MetricSpecArgs(
                        type="Resource",
                        resource=k8s.autoscaling.v2.ResourceMetricSourceArgs(
                            name="cpu",
                            target=k8s.autoscaling.v2.MetricTargetArgs(type="Utilization", average_utilization=80),
                        ),
                    )
                ],
            ),
            opts=pulumi.ResourceOptions(parent=self, depends_on=[controller]),
        )
        disruption_budget(f"{name}-controller", namespace=namespace, labels=CONTROLLER_LABELS, parent=self)
        # Its webhook judges each runtime that is made.
        self.release = release(
            f"{name}-runtimes",
            KSERVE_RUNTIMES,
            namespace=namespace,
            values=render_kserve_runtimes(),
            parent=self,
            depends_on=[controller, scaler],
        )
        self.register_outputs({})


def render_kserve(*, region: pulumi.Input[str]) -> dict[str, Any]:
    """Values of the kserve-resources chart."""
    return {
        "kserve": {
            "controller": {
                "deploymentMode": "Standard",
                "imagePullPolicy": "IfNotPresent",
                "resources": resources("100m", "512Mi"),
                "tolerations": node_loss_tolerations(),
                "topologySpreadConstraints": spread(CONTROLLER_LABELS),
                "gateway": {
                    # Of Istio and Knative, which are not there; the load balancer reaches pods by itself.
                    "disableIstioVirtualHost": True,
                    "disableIngressCreation": True,
                },
            },
            # No names of keys: pods read buckets by their own rights.
            "storage": {"s3": {"region": region}},
        }
    }


def render_kserve_runtimes() -> dict[str, Any]:
    """Values of the kserve-runtime-configs chart."""
    return {
        "kserve": {
            # Of LLMInferenceService, whose definitions another chart brings.
            "llmisvcConfigs": {"enabled": False},
            "servingruntime": {
                "enabled": True,
                "tritonserver": {"tag": TRITON_TAG},
                "vllmserver": {"tag": VLLM_TAG},
                "torchserve": {"disabled": True},
                "tensorflow": {"disabled": True},
                # Over several nodes: the loss of any of them is the loss of the model.
                "huggingfaceserver_multinode": {"disabled": True},
            },
        }
    }


class InferenceServiceArgs(TypedDict):
    """Inputs of InferenceService."""

    namespace: pulumi.Input[str]
    """Existing namespace."""
    model_format: str
    """What the model is, such as ``triton``, ``vLLM``, ``sklearn``, ``huggingface``: it chooses the runtime."""
    storage_uri: pulumi.Input[str]
    """Where the model is: ``s3://<bucket>/<prefix>``. A folder a version: another one is a hot swap."""
    service_account: str
    """Service account of its pods, created here. Give it the right to read the model with PodIdentity."""
    runtime: NotRequired[str]
    """Runtime, such as ``kserve-tritonserver``. Default: the one that fits."""
    protocol_version: NotRequired[str]
    """``v1`` or ``v2`` of KServe's protocol. Default: the runtime's own."""
    arguments: NotRequired[list[str]]
    """Arguments added to the runtime's."""
    gpus_per_replica: NotRequired[int]
    """GPUs of each replica, 0 to 8; 0 for CPU only. Default 0."""
    cpu: NotRequired[str]
    """CPU of each replica. Default ``2``."""
    memory: NotRequired[str]
    """Memory of each replica, and no more. Default ``8Gi``."""
    replicas: NotRequired[int]
    """Replicas that always run, at least 2. Default 2."""
    max_replicas: NotRequired[int]
    """Most replicas under load. Default 6."""
    target_cpu_percent: NotRequired[int]
    """CPU use, in percent of the request, above which replicas are added, 10 to 95. Default 70."""
    startup_seconds: NotRequired[int]
    """Longest time for fetching and loading the model, 60 to 7200. Default 1200."""
    pool: NotRequired[str]
    """Value of the pool label (POOL_LABEL) on nodes with GPUs. Default ``gpu``."""


class InferenceService(pulumi.ComponentResource):
    """One model on KServe: a predictor of two replicas at least, spread over zones and nodes, with a budget of its own.

    Losing a zone loses the replicas in it; they start elsewhere within NODE_LOSS_SECONDS plus the time that the model
    takes. A new ``storage_uri`` starts new replicas, ready before the old ones leave. KServe copies a model without
    holding it against a manifest, has no warm-up and no drain, lets runtimes write to their file system, and tells
    Prometheus of no predictor: ModelServer does better in each.

    Let it depend on KServe, whose webhook judges it. Ports: 8080 of its pods from load balancers. AWS rights: reading
    the model, by ``service_account``. Cost when idle: its replicas. State: none. Regions: one cluster's.
    """

    service_name: pulumi.Output[str]
    """Service of its API, on PREDICTOR_PORT."""
    url: pulumi.Output[str]
    """Its API as pods of the cluster reach it."""

    def __init__(self, name: str, args: InferenceServiceArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        plan_inference_service(name, args)
        super().__init__("tandem:index:InferenceService", name, {}, opts)
        namespace = args["namespace"]
        account = k8s.core.v1.ServiceAccount(
            f"{name}-account",
            metadata=k8s.meta.v1.ObjectMetaArgs(name=args["service_account"], namespace=namespace),
            automount_service_account_token=False,
            opts=pulumi.ResourceOptions(parent=self),
        )
        disruption_budget(name, namespace=namespace, labels=predictor_labels(name), parent=self)
        wait = f"{1200 + 2 * int(args.get('startup_seconds', 1200))}s"
        service = k8s.apiextensions.CustomResource(
            name,
            api_version="serving.kserve.io/v1beta1",
            kind="InferenceService",
            metadata=k8s.meta.v1.ObjectMetaArgs(
                name=name,
                namespace=namespace,
                annotations={
                    "serving.kserve.io/deploymentMode": "Standard",
                    "serving.kserve.io/autoscalerClass": "hpa",
                    "pulumi.com/waitFor": "condition=Ready",
                },
            ),
            spec=render_inference_service(name, args),
            opts=pulumi.ResourceOptions(
                parent=self,
                depends_on=[account],
                custom_timeouts=pulumi.CustomTimeouts(create=wait, update=wait),
            ),
        )
        self.service_name = service.id.apply(lambda _: f"{name}-predictor")
        self.url = pulumi.Output.concat("http://", self.service_name, ".", namespace, ".svc.cluster.local")
        self.register_outputs({"serviceName": self.service_name, "url": self.url})


def predictor_labels(name: str) -> dict[str, str]:
    """Labels that the controller gives a model's pods, and selects them by."""
    return {"app": f"isvc.{name}-predictor"}


def plan_inference_service(name: str, args: InferenceServiceArgs) -> None:
    """Check the name and the numbers.

    Raises:
        ValueError: With what is wrong and what is allowed.
    """
    gpus, replicas = int(args.get("gpus_per_replica", 0)), int(args.get("replicas", 2))
    max_replicas, target = int(args.get("max_replicas", 6)), int(args.get("target_cpu_percent", 70))
    startup_seconds = int(args.get("startup_seconds", 1200))
    if not NAME.fullmatch(name) or len(name) > LONGEST_NAME:
        raise ValueError(
            f"name: got {name!r}, must be lower-case letters, digits and hyphens, begin with a letter, "
            f"and be no longer than {LONGEST_NAME}"
        )
    if args.get("protocol_version", "v2") not in ("v1", "v2"):
        raise ValueError(f"protocol_version: got {args.get('protocol_version')!r}, must be v1 or v2")
    if not 0 <= gpus <= 8:
        raise ValueError(f"gpus_per_replica: got {gpus}, must be 0 to 8, the most that one node has")
    if replicas < 2:
        raise ValueError(f"replicas: got {replicas}, must be at least 2, in two zones")
    if max_replicas <= replicas:
        raise ValueError(f"max_replicas: got {max_replicas}, must be above replicas ({replicas})")
    if not 10 <= target <= 95:
        raise ValueError(f"target_cpu_percent: got {target}, must be 10 to 95")
    if not 60 <= startup_seconds <= 7200:
        raise ValueError(f"startup_seconds: got {startup_seconds}, must be 60 to 7200")


def render_inference_service(name: str, args: InferenceServiceArgs) -> dict[str, Any]:
    """The object's spec."""
    gpus = int(args.get("gpus_per_replica", 0))
    room = resources(args.get("cpu", "2"), args.get("memory", "8Gi"))
    tolerations = node_loss_tolerations()
    if gpus:
        for part in ("requests", "limits"):
            room[part] = {**room[part], "nvidia.com/gpu": str(gpus)}
        tolerations = [{"key": GPU_TAINT, "operator": "Exists", "effect": "NoSchedule"}, *tolerations]
    # What is not said here is the runtime's, whose limit of one core is below the request.
    room["limits"] = {**room["limits"], "cpu": CPU_LIMIT}
    model: dict[str, Any] = {
        "modelFormat": {"name": args["model_format"]},
        "storageUri": args["storage_uri"],
        "resources": room,
    }
    if "runtime" in args:
        model["runtime"] = args["runtime"]
    if "protocol_version" in args:
        model["protocolVersion"] = args["protocol_version"]
    if "arguments" in args:
        model["args"] = list(args["arguments"])
    predictor: dict[str, Any] = {
        "minReplicas": int(args.get("replicas", 2)),
        "maxReplicas": int(args.get("max_replicas", 6)),
        "scaleMetric": "cpu",
        "scaleTarget": int(args.get("target_cpu_percent", 70)),
        "serviceAccountName": args["service_account"],
        "automountServiceAccountToken": False,
        "priorityClassName": Priority.SERVING.value,
        "tolerations": tolerations,
        "topologySpreadConstraints": spread(predictor_labels(name)),
        "terminationGracePeriodSeconds": 60,
        "deploymentStrategy": {"type": "RollingUpdate", "rollingUpdate": {"maxUnavailable": 0, "maxSurge": 1}},
        "securityContext": {**POD_SECURITY, "runAsUser": 1000, "runAsGroup": 1000, "fsGroup": 1000},
        "model": model,
    }
    if gpus:
        predictor["nodeSelector"] = {POOL_LABEL: args.get("pool", "gpu")}
    return {"predictor": predictor}
