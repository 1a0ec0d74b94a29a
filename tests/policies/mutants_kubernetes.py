"""Rules of workloads, by the ways to break them."""

# One mutant a line, or the table cannot be read as one.
# ruff: noqa: E501

import copy
from typing import Any

from tests.policies.other_region import twin, with_other_region
from tests.policies.platform import UNKNOWN_TEXT, Mutant, Platform, Thing

ALWAYS: set[str] = {"K8S-25?"}
"""What nobody can say of one stack alone."""

POD = "spec/template/spec"
ONE = f"{POD}/containers/0"
LABELS = {"app": "web", "tier": "front"}
ZONE, HOST = "topology.kubernetes.io/zone", "kubernetes.io/hostname"
OLDER = ("v1", "v2beta1", "v2beta2")
"""Of an autoscaler's API."""
REQUIRED = "requiredDuringSchedulingIgnoredDuringExecution"
PREFERRED = "preferredDuringSchedulingIgnoredDuringExecution"


def container(name: str = "web") -> dict[str, Any]:
    """A container that breaks no rule."""
    return {
        "name": name,
        "image": "registry.example.com/web:1.2.3",
        "ports": [{"containerPort": 8080}],
        "readinessProbe": {"httpGet": {"path": "/ready", "port": 8080}, "failureThreshold": 2},
        "livenessProbe": {"httpGet": {"path": "/live", "port": 8080}, "failureThreshold": 6},
        "resources": {"requests": {"cpu": "250m", "memory": "512Mi"}, "limits": {"memory": "512Mi"}},
        "securityContext": {
            "allowPrivilegeEscalation": False,
            "readOnlyRootFilesystem": True,
            "capabilities": {"drop": ["ALL"]},
        },
    }


def template(labels: dict[str, str]) -> dict[str, Any]:
    """A pod template that breaks no rule."""
    return {
        "metadata": {"labels": dict(labels)},
        "spec": {
            "serviceAccountName": "web",
            "priorityClassName": "tandem-serving",
            "securityContext": {"runAsNonRoot": True},
            "tolerations": [
                {"key": f"node.kubernetes.io/{what}", "operator": "Exists", "effect": "NoExecute", "tolerationSeconds": 30}
                for what in ("not-ready", "unreachable")
            ],
            "topologySpreadConstraints": [
                {"topologyKey": key, "maxSkew": 1, "labelSelector": {"matchLabels": {"app": labels["app"]}}}
                for key in (ZONE, HOST)
            ],
            "containers": [container()],
        },
    }  # fmt: skip


def thing(type_: str, name: str, spec: dict[str, Any] | None = None, **more: Any) -> Thing:
    """An object of the namespace of the workload."""
    return Thing(
        f"kubernetes:{type_}",
        {"metadata": {"name": name, "namespace": "serving"}, **({} if spec is None else {"spec": spec}), **more},
        region=None,
    )


def things() -> dict[str, Thing]:
    """What breaks none of them."""
    return {
        "web": thing("apps/v1:Deployment", "web", {"replicas": 3, "template": template(LABELS)}),
        "budget": thing(
            "policy/v1:PodDisruptionBudget",
            "web",
            {
                "maxUnavailable": 1,
                "unhealthyPodEvictionPolicy": "AlwaysAllow",
                "selector": {
                    "matchLabels": {"app": "web"},
                    "matchExpressions": [{"key": "tier", "operator": "In", "values": ["front", "back"]}],
                },
            },
        ),
        "policy": thing(
            "networking.k8s.io/v1:NetworkPolicy", "closed", {"podSelector": {}, "policyTypes": ["Ingress"]}
        ),
        "priority": Thing(
            "kubernetes:scheduling.k8s.io/v1:PriorityClass",
            {"metadata": {"name": "tandem-serving"}, "value": 800000},
            region=None,
        ),
        "disks": Thing(
            "kubernetes:storage.k8s.io/v1:StorageClass",
            {"provisioner": "ebs.csi.aws.com", "volumeBindingMode": "WaitForFirstConsumer"},
            region=None,
        ),
        "claim": thing("core/v1:PersistentVolumeClaim", "claim", {"storageClassName": "disks"}),
        "nightly": Thing(
            "kubernetes:velero.io/v1:Schedule",
            {
                "metadata": {"name": "nightly", "namespace": "velero"},
                "spec": {"schedule": "0 3 * * *", "template": {"includedNamespaces": ["serving"]}},
            },
            region=None,
        ),
    }


def workload(kind: str, name: str = "other", **changes: Any) -> Thing:
    """Another workload, of another app, that breaks no rule that it is under."""
    group = "argoproj.io/v1alpha1" if kind == "Rollout" else "batch/v1" if "Job" in kind else "apps/v1"
    made = template({"app": name})
    spec = {"replicas": 3, "template": made, **changes}
    return thing(f"{group}:{kind}", name, {"jobTemplate": {"spec": spec}} if kind == "CronJob" else spec)


def budget(selector: Any, **changes: Any) -> Thing:
    """Another budget."""
    spec = {"maxUnavailable": 1, "unhealthyPodEvictionPolicy": "AlwaysAllow", "selector": selector, **changes}
    return thing("policy/v1:PodDisruptionBudget", "stale", spec)


def scaler(least: int, most: int = 9, name: str = "web", kind: str = "Deployment", version: str = "v2") -> Thing:
    """An autoscaler that owns the number of the workload's replicas."""
    target = {"kind": kind, "name": name}
    spec = {"scaleTargetRef": target, "minReplicas": least, "maxReplicas": most}
    return thing(f"autoscaling/{version}:HorizontalPodAutoscaler", "web", spec)


def scaled(**spec: Any) -> Thing:
    """KEDA's own."""
    return thing("keda.sh/v1alpha1:ScaledObject", "web", {"scaleTargetRef": {"name": "web"}, **spec})


def on_gke(platform: Platform, config: Any = None, **changes: Any) -> Platform:
    """Make the claim in a cluster of Google's, whose plan of backups is such."""
    config = {"allNamespaces": True, "includeVolumeData": True} if config is None else config
    access = Thing("pulumi:providers:kubernetes", {"kubeconfig": UNKNOWN_TEXT}, {"kubeconfig": ["gke"]}, region=None)
    platform.add("gke-access", access).through("claim", "gke-access").put("gke-backups", "backupConfig", config)
    platform.things["gke-backups"].props |= changes
    return platform


def service(selector: Any, **spec: Any) -> Thing:
    """Another service."""
    return thing("core/v1:Service", "lost", {"selector": selector, **spec})


def in_namespace(made: Thing, name: str) -> Thing:
    """The same elsewhere."""
    made.props["metadata"]["namespace"] = name
    return made


def second(platform: Platform, changes: dict[str, Any]) -> Platform:
    """A second container; a None takes a key away."""
    other = {key: value for key, value in {**container("second"), **changes}.items() if value is not None}
    return platform.put("web", f"{POD}/containers", [container(), other])


def gpu(platform: Platform, **probe: Any) -> Platform:
    """A container with a GPU, and a startup probe."""
    inside(platform, "web")["containers"][0]["resources"]["limits"]["nvidia.com/gpu"] = "1"
    return platform.put("web", f"{ONE}/startupProbe", probe) if probe else platform


def inside(platform: Platform, name: str) -> Any:
    """A workload's pod, to change what has a slash in its name."""
    return platform.things[name].props["spec"]["template"]["spec"]


def selecting(platform: Platform, selector: dict[str, str]) -> Platform:
    inside(platform, "web")["nodeSelector"] = selector
    return platform


def apart(key: str, labels: dict[str, str], *, required: bool = False) -> dict[str, Any]:
    """An anti-affinity."""
    term = {"topologyKey": key, "labelSelector": {"matchLabels": labels}}
    inner = {REQUIRED: [term]} if required else {PREFERRED: [{"weight": 100, "podAffinityTerm": term}]}
    return {"podAntiAffinity": inner}


def only_in(*zones: Any, key: str = ZONE, operator: Any = "In") -> dict[str, Any]:
    """A required node affinity, a term for each list of zones."""
    terms = [{"matchExpressions": [{"key": key, "operator": operator, "values": each}]} for each in zones]
    return {"nodeAffinity": {REQUIRED: {"nodeSelectorTerms": terms}}}


def annotated(platform: Platform, name: str, key: str, value: str) -> Platform:
    return platform.put(name, "metadata/annotations", {key: value})


def single(platform: Platform) -> Platform:
    return platform.put("web", "spec/replicas", 1).drop("budget")


def rights(platform: Platform, **changes: Any) -> Platform:
    """The container's security context, changed; a None takes a key away."""
    kept = {**container()["securityContext"], **changes}
    return platform.put("web", f"{ONE}/securityContext", {k: v for k, v in kept.items() if v is not None})


def job(**changes: Any) -> Thing:
    """A job whose container lacks something, or has something else."""
    made = workload("Job")
    one = made.props["spec"]["template"]["spec"]["containers"][0]
    for key, value in changes.items():
        one[key] = value
    return made


def rollout(name: str = "other", **changes: Any) -> dict[str, Thing]:
    """A Rollout of Argo's, with a budget."""
    made = budget({"matchLabels": {"app": name}})
    return {"rollout": workload("Rollout", name, **changes), "rollout-budget": made}


def plus(platform: Platform, more: dict[str, Thing]) -> Platform:
    for name, each in more.items():
        platform.add(name, each)
    return platform


def binding(name: Any) -> Thing:
    """A target group binding of a service."""
    spec = {"serviceRef": {"name": name, "port": 80}, "targetGroupARN": "arn"}
    return thing("elbv2.k8s.aws/v1beta1:TargetGroupBinding", "lost", spec)


def stop(**hook: Any) -> dict[str, Any]:
    return {"preStop": hook}


def command(text: str) -> dict[str, Any]:
    return stop(exec={"command": ["/bin/sh", "-c", text]})


def pod(**metadata: Any) -> Thing:
    made = thing("core/v1:Pod", "naked", template({"app": "naked"})["spec"])
    made.props["metadata"] |= metadata
    return made


def chart(name: str, home: str, **values: Any) -> Thing:
    """A release of another chart."""
    return Thing(
        "kubernetes:helm.sh/v3:Release",
        {"name": "other", "namespace": home, "chart": name, "version": "1.2.3", "atomic": True, "timeout": 600, "values": values},
        region=None,
    )  # fmt: skip


def velero(schedules: Any) -> Thing:
    """A release of Velero that breaks no rule."""
    return chart(
        "velero",
        "velero",
        schedules=schedules,
        priorityClassName="tandem-serving",
        resources=container()["resources"],
        containerSecurityContext=container()["securityContext"],
        podSecurityContext={"runAsNonRoot": True},
    )


def state_of_velero(**schedules: Any) -> dict[str, Thing]:
    """The release, in a namespace that is closed."""
    closed = in_namespace(thing("networking.k8s.io/v1:NetworkPolicy", "closed", {"podSelector": {}}), "velero")
    return {"velero": velero(schedules), "velero-closed": closed}


UNKNOWN_CHART = {"HELM-02?", "HELM-03?", "HELM-05?"}
"""What nobody can say of a chart that is in no table."""
DISKS: dict[str, Any] = {"volumeClaimTemplates": [{"metadata": {"name": "data"}, "spec": {}}]}
OLD = {"matchLabels": {"app": "old"}}
WEB = {"matchLabels": {"app": "web"}}

MUTANTS: list[Mutant] = [
    # K8S-01
    ("one replica", single, {"K8S-01"}),
    ("one replica by default", lambda p: single(p).delete("web", "spec/replicas"), {"K8S-01"}),
    ("no replica at all", lambda p: single(p).put("web", "spec/replicas", 0), {"K8S-01"}),
    ("one replica for no reason", lambda p: annotated(single(p), "web", "tandem.dev/singleton", ""), {"K8S-01"}),
    ("a rollout of one", lambda p: plus(p, rollout(replicas=1)), {"K8S-01"}),
    ("autoscaled to one", lambda p: p.add("scaler", scaler(1)), {"K8S-01", "K8S-15"}),
    *(
        (f"autoscaled to one by {version}", lambda p, version=version: p.add("scaler", scaler(1, version=version)), {"K8S-01", "K8S-15"})
        for version in OLDER
    ),
    ("autoscaled to one by default", lambda p: p.add("scaler", scaler(1)).delete("scaler", "spec/minReplicas"), {"K8S-01", "K8S-15"}),
    ("scaled to none by KEDA's default", lambda p: p.add("scaled", scaled(maxReplicaCount=9)), {"K8S-01", "K8S-15"}),
    ("number of pods unknown", lambda p: p.hide("web", "spec/replicas"), {"K8S-01?", "K8S-02?"}),
    ("reason for one replica unknown", lambda p: single(p).hide("web", "metadata/annotations"), {"K8S-01?"}),
    # K8S-02
    ("no budget", lambda p: p.drop("budget"), {"K8S-02"}),
    ("budget of another workload", lambda p: p.put("budget", "spec/selector", {"matchLabels": {"app": "other"}}).add("job", workload("Job")), {"K8S-02"}),
    ("rollout without a budget", lambda p: p.add("rollout", workload("Rollout")), {"K8S-02"}),
    ("budget in another namespace", lambda p: p.put("budget", "metadata/namespace", "default"), {"K8S-02", "K8S-04"}),
    ("budget in another cluster", lambda p: p.through("budget", "other"), {"K8S-02", "K8S-04"}),
    ("budget's selector too wide", lambda p: p.put("budget", "spec/selector/matchLabels/app", "api"), {"K8S-02", "K8S-04"}),
    ("budget's selector one label too many", lambda p: p.put("budget", "spec/selector/matchLabels/version", "2"), {"K8S-02", "K8S-04"}),
    ("budget's expression excludes", lambda p: p.put("budget", "spec/selector/matchExpressions/0/operator", "NotIn"), {"K8S-02", "K8S-04"}),
    ("budget's expression wants nothing there", lambda p: p.put("budget", "spec/selector/matchExpressions/0/operator", "DoesNotExist"), {"K8S-02", "K8S-04"}),
    ("budget without a selector", lambda p: p.delete("budget", "spec/selector"), {"K8S-02", "K8S-04"}),
    ("namespace unknown", lambda p: p.hide("budget", "metadata/namespace"), {"K8S-02?", "K8S-04?"}),
    ("labels unknown", lambda p: p.hide("web", f"{POD[:-5]}/metadata/labels/app"), {"K8S-02?", "K8S-04?", "K8S-06?", "K8S-07?", "K8S-24?", "LB-05?"}),
    ("two of a workload without a budget", lambda p: p.drop("budget").put("web", "spec/replicas", 2), {"K8S-02"}),
    # K8S-03
    ("budget of zero", lambda p: p.put("budget", "spec/maxUnavailable", 0), {"K8S-03"}),
    ("budget of zero percent", lambda p: p.put("budget", "spec/maxUnavailable", "0%"), {"K8S-03"}),
    ("budget of all", lambda p: p.put("budget", "spec/maxUnavailable", "100%"), {"K8S-03"}),
    ("budget of all replicas", lambda p: p.put("budget", "spec/maxUnavailable", 3), {"K8S-03"}),
    ("budget of more than all replicas", lambda p: p.put("budget", "spec/maxUnavailable", 4), {"K8S-03"}),
    ("budget of all replicas once rounded up", lambda p: p.put("budget", "spec/maxUnavailable", "67%"), {"K8S-03"}),
    ("budget of all replicas that KEDA keeps", lambda p: p.put("budget", "spec/maxUnavailable", 2).add("scaled", scaled(minReplicaCount=2)), {"K8S-03"}),
    ("budget of two of nobody knows how many", lambda p: p.hide("web", "spec/replicas").put("budget", "spec/maxUnavailable", 2), {"K8S-01?", "K8S-02?", "K8S-03?"}),
    ("budget of two of a workload not in view", lambda p: p.put("budget", "spec/maxUnavailable", 2).drop("web"), {"K8S-03?", "K8S-04", "K8S-24"}),
    ("budget of nothing", lambda p: p.delete("budget", "spec/maxUnavailable"), {"K8S-03"}),
    ("budget keeps none", lambda p: p.delete("budget", "spec/maxUnavailable").put("budget", "spec/minAvailable", 0), {"K8S-03"}),
    ("budget keeps every replica", lambda p: p.delete("budget", "spec/maxUnavailable").put("budget", "spec/minAvailable", 3), {"K8S-03"}),
    ("budget keeps every replica that KEDA does", lambda p: p.delete("budget", "spec/maxUnavailable").put("budget", "spec/minAvailable", 2).add("scaled", scaled(minReplicaCount=2)), {"K8S-03"}),
    ("budget rounds up to every replica", lambda p: p.delete("budget", "spec/maxUnavailable").put("budget", "spec/minAvailable", "67%"), {"K8S-03"}),
    ("budget unknown", lambda p: p.hide("budget", "spec/maxUnavailable"), {"K8S-03?"}),
    ("budget of a workload not in view", lambda p: p.delete("budget", "spec/maxUnavailable").put("budget", "spec/minAvailable", 1).drop("web"), {"K8S-03?", "K8S-04", "K8S-24"}),
    ("budget keeps the one replica that there is by default", lambda p: p.delete("web", "spec/replicas").delete("budget", "spec/maxUnavailable").put("budget", "spec/minAvailable", 1), {"K8S-01", "K8S-03"}),
    ("budget keeps some of nobody knows how many", lambda p: p.hide("web", "spec/replicas").delete("budget", "spec/maxUnavailable").put("budget", "spec/minAvailable", 1), {"K8S-01?", "K8S-02?", "K8S-03?"}),
    ("budget keeps what is no share", lambda p: p.delete("budget", "spec/maxUnavailable").put("budget", "spec/minAvailable", "20"), {"K8S-03"}),
    ("what the budget keeps unknown", lambda p: p.hide("budget", "spec/maxUnavailable").put("budget", "spec/minAvailable", 1), {"K8S-03?"}),
    # K8S-04
    ("budget of a workload that is gone", lambda p: p.add("stale", budget(OLD)), {"K8S-04"}),
    ("budget of the right labels in the wrong namespace", lambda p: p.add("stale", in_namespace(budget(WEB), "default")), {"K8S-04"}),
    ("budget of the right labels in the wrong cluster", lambda p: p.add("stale", budget(WEB)).through("stale", "other"), {"K8S-04"}),
    ("budget of a chart's pods by a label that they lack", lambda p: p.add("stale", in_namespace(budget({"matchLabels": {"app.kubernetes.io/name": "prefect"}}), "orchestration")), {"K8S-04"}),
    ("budget of pods that a release does not run", lambda p: p.add("stale", in_namespace(budget({"matchLabels": {"app.kubernetes.io/component": "background-services"}}), "orchestration")).drop("background-budget").put("release", "values/backgroundServices", {}), {"K8S-04"}),
    ("budget of what nobody knows", lambda p: p.add("stale", budget(OLD)).hide("stale", "spec/selector"), {"K8S-04?", "K8S-05?"}),
    ("budget beside a chart of which nobody knows", lambda p: p.add("stale", in_namespace(budget(OLD), "tools")).add("tools", chart("tools", "tools")).add("tools-closed", in_namespace(thing("networking.k8s.io/v1:NetworkPolicy", "closed", {"podSelector": {}}), "tools")), {"K8S-04?", *UNKNOWN_CHART}),
    ("budget beside what an operator runs", lambda p: p.add("stale", budget(OLD)).add("metrics", thing("monitoring.coreos.com/v1:Prometheus", "default", {})), {"K8S-04?"}),
    ("budget beside a bus of another name", lambda p: p.add("stale", budget({"matchLabels": {"eventbus-name": "main"}})).add("bus", thing("argoproj.io/v1alpha1:EventBus", "default", {})), {"K8S-04"}),
    ("budget beside a bus without a name", lambda p: p.add("stale", budget({"matchLabels": {"eventbus-name": "main"}})).add("bus", thing("argoproj.io/v1alpha1:EventBus", "default", {})).hide("bus", "metadata/name"), {"K8S-04?"}),
    ("budget of a singleton of another name", lambda p: plus(p, state_of_velero()).add("stale", in_namespace(budget({"matchLabels": {"name": "node"}}), "velero")), {"K8S-04"}),
    ("release's name unknown", lambda p: p.hide("release", "name"), {"HELM-03?", "K8S-04?"}),
    # K8S-05
    ("two budgets", lambda p: p.add("stale", budget(WEB)), {"K8S-05"}),
    ("a budget of everything beside it", lambda p: p.add("stale", budget({})), {"K8S-05"}),
    ("a budget by expression beside it", lambda p: p.add("stale", budget({"matchExpressions": [{"key": "tier", "operator": "Exists"}]})), {"K8S-05"}),
    # K8S-06
    ("no spread", lambda p: p.delete("web", f"{POD}/topologySpreadConstraints"), {"K8S-06", "K8S-07"}),
    ("spread over hosts alone", lambda p: p.put("web", f"{POD}/topologySpreadConstraints/0/topologyKey", HOST), {"K8S-06"}),
    ("skew of two", lambda p: p.put("web", f"{POD}/topologySpreadConstraints/0/maxSkew", 2), {"K8S-06"}),
    ("spread of other pods", lambda p: p.put("web", f"{POD}/topologySpreadConstraints/0/labelSelector/matchLabels/app", "api"), {"K8S-06"}),
    ("spread unknown", lambda p: p.hide("web", f"{POD}/topologySpreadConstraints"), {"K8S-06?", "K8S-07?"}),
    ("affinity unknown", lambda p: p.delete("web", f"{POD}/topologySpreadConstraints/0").hide("web", f"{POD}/affinity"), {"K8S-06?", "K8S-23?"}),
    ("kept apart from other pods over zones", lambda p: p.delete("web", f"{POD}/topologySpreadConstraints/0").put("web", f"{POD}/affinity", apart(ZONE, {"app": "api"})), {"K8S-06"}),
    ("autoscaled and not spread", lambda p: p.delete("web", "spec/replicas").delete("web", f"{POD}/topologySpreadConstraints").add("scaler", scaler(3)), {"K8S-06", "K8S-07"}),
    ("replicas of a workload unknown", lambda p: p.hide("web", "spec/replicas").delete("web", f"{POD}/topologySpreadConstraints"), {"K8S-01?", "K8S-02?", "K8S-06?", "K8S-07?"}),
    # K8S-07
    ("spread over zones alone", lambda p: p.delete("web", f"{POD}/topologySpreadConstraints/1"), {"K8S-07"}),
    ("spread of other pods over hosts", lambda p: p.put("web", f"{POD}/topologySpreadConstraints/1/labelSelector/matchLabels/app", "api"), {"K8S-07"}),
    ("two on a node", lambda p: p.put("web", f"{POD}/topologySpreadConstraints/1/maxSkew", 2), {"K8S-07"}),
    ("kept apart over zones alone", lambda p: p.delete("web", f"{POD}/topologySpreadConstraints/1").put("web", f"{POD}/affinity", apart(ZONE, {"app": "web"}, required=True)), {"K8S-07"}),
    # K8S-08
    ("never said to be ready", lambda p: p.delete("web", f"{ONE}/readinessProbe"), {"K8S-08"}),
    ("second container never said to be ready", lambda p: second(p, {"readinessProbe": None}), {"K8S-08"}),
    ("served without a port, and never said to be ready", lambda p: p.delete("web", f"{ONE}/readinessProbe").delete("web", f"{ONE}/ports"), {"K8S-08"}),
    ("readiness unknown", lambda p: p.hide("web", f"{ONE}/readinessProbe"), {"K8S-08?", "K8S-09?"}),
    # K8S-09
    ("never started again", lambda p: p.delete("web", f"{ONE}/livenessProbe"), {"K8S-09"}),
    ("started again when busy", lambda p: p.put("web", f"{ONE}/livenessProbe", container()["readinessProbe"]), {"K8S-09"}),
    ("second container never started again", lambda p: second(p, {"livenessProbe": None}), {"K8S-09"}),
    ("liveness unknown", lambda p: p.hide("web", f"{ONE}/livenessProbe"), {"K8S-09?"}),
    ("a part of the liveness unknown", lambda p: p.hide("web", f"{ONE}/livenessProbe/failureThreshold"), {"K8S-09?"}),
    # K8S-10
    ("weights without time to load", gpu, {"K8S-10"}),
    ("weights with a second too little", lambda p: gpu(p, failureThreshold=299, periodSeconds=1), {"K8S-10"}),
    ("weights with Kubernetes' own time", lambda p: gpu(p, httpGet={"path": "/", "port": 80}), {"K8S-10"}),
    ("weights with Kubernetes' own failures", lambda p: gpu(p, periodSeconds=99), {"K8S-10"}),
    ("time to load unknown", lambda p: gpu(p, failureThreshold=300, periodSeconds=1).hide("web", f"{ONE}/startupProbe/failureThreshold"), {"K8S-10?"}),
    ("whether it has a GPU unknown", lambda p: p.hide("web", f"{ONE}/resources/limits"), {"K8S-10?", "K8S-12?"}),
    ("weights with Kubernetes' own period a failure short", lambda p: gpu(p, failureThreshold=29), {"K8S-10"}),
    # K8S-11
    ("no request for CPU", lambda p: p.delete("web", f"{ONE}/resources/requests/cpu"), {"K8S-11"}),
    ("no requests", lambda p: p.delete("web", f"{ONE}/resources/requests"), {"K8S-11"}),
    ("no request for CPU in a second container", lambda p: second(p, {"resources": {"limits": {"memory": "1Gi"}}}), {"K8S-11"}),
    ("no request for CPU in a job", lambda p: p.add("job", job(resources={"limits": {"memory": "1Gi"}})), {"K8S-11"}),
    ("requests unknown", lambda p: p.hide("web", f"{ONE}/resources/requests"), {"K8S-10?", "K8S-11?"}),
    # K8S-12
    ("no limit on memory", lambda p: p.delete("web", f"{ONE}/resources/limits"), {"K8S-12"}),
    ("no limit on memory in a job", lambda p: p.add("job", job(resources={"requests": {"cpu": 1, "memory": "1Gi"}})), {"K8S-12"}),
    ("among GPUs without one", lambda p: p.put("web", f"{POD}/tolerations", [*template(LABELS)["spec"]["tolerations"], {"key": "nvidia.com/gpu", "operator": "Exists"}]), {"K8S-12"}),
    ("a daemon's limit on memory", lambda p: p.add("daemon", workload("DaemonSet")).delete("daemon", f"{ONE}/resources/limits"), {"K8S-12"}),
    ("whether it has one of the GPUs unknown", lambda p: p.put("web", f"{POD}/tolerations", [*template(LABELS)["spec"]["tolerations"], {"key": "nvidia.com/gpu", "operator": "Exists"}]).hide("web", f"{ONE}/resources/requests"), {"K8S-10?", "K8S-11?", "K8S-12?"}),
    # K8S-13
    ("no priority", lambda p: p.delete("web", f"{POD}/priorityClassName"), {"K8S-13"}),
    ("priority without a name", lambda p: p.put("web", f"{POD}/priorityClassName", ""), {"K8S-13"}),
    ("priority of the system's that is not there", lambda p: p.put("web", f"{POD}/priorityClassName", "system-critical"), {"K8S-13"}),
    ("priority that is not in view", lambda p: p.put("web", f"{POD}/priorityClassName", "urgent"), {"K8S-13?"}),
    ("no priority of a scheduled job", lambda p: p.add("job", workload("CronJob")).delete("job", "spec/jobTemplate/spec/template/spec/priorityClassName"), {"K8S-13"}),
    ("priority of another cluster", lambda p: p.add("there", copy.deepcopy(p.things["priority"])).put("there", "metadata/name", "urgent").through("there", "other").put("web", f"{POD}/priorityClassName", "urgent"), {"K8S-13?"}),
    ("priority unknown", lambda p: p.hide("web", f"{POD}/priorityClassName"), {"K8S-13?"}),
    ("name of a priority unknown", lambda p: p.put("web", f"{POD}/priorityClassName", "urgent").add("new", copy.deepcopy(p.things["priority"])).hide("new", "metadata/name"), {"K8S-13?"}),
    # K8S-14
    ("taken down to be updated", lambda p: p.put("web", "spec/strategy", {"type": "Recreate"}), {"K8S-14"}),
    ("a quarter and a bit updated at once", lambda p: p.put("web", "spec/strategy", {"rollingUpdate": {"maxUnavailable": "26%"}}), {"K8S-14"}),
    ("one of three updated at once", lambda p: p.put("web", "spec/strategy", {"rollingUpdate": {"maxUnavailable": 1}}), {"K8S-14"}),
    ("updated at once by what is no number", lambda p: p.put("web", "spec/strategy", {"rollingUpdate": {"maxUnavailable": "1"}}), {"K8S-14"}),
    ("half a rollout at once", lambda p: plus(p, rollout(strategy={"canary": {"maxUnavailable": "50%"}})), {"K8S-14"}),
    ("strategy unknown", lambda p: p.put("web", "spec/strategy", {"type": "RollingUpdate"}).hide("web", "spec/strategy/rollingUpdate"), {"K8S-14?"}),
    ("type of strategy unknown", lambda p: p.put("web", "spec/strategy", {}).hide("web", "spec/strategy/type"), {"K8S-14?"}),
    ("share of unknown replicas", lambda p: p.put("web", "spec/strategy", {"rollingUpdate": {"maxUnavailable": 1}}).hide("web", "spec/replicas"), {"K8S-01?", "K8S-02?", "K8S-14?"}),
    ("a bit more than a quarter of many updated at once", lambda p: p.put("web", "spec/replicas", 103).put("web", "spec/strategy", {"rollingUpdate": {"maxUnavailable": 26}}), {"K8S-14"}),
    # K8S-15
    ("autoscaled to what it has", lambda p: p.add("scaler", scaler(3, 3)), {"K8S-15"}),
    ("autoscaled to less than it has", lambda p: p.add("scaler", scaler(3, 2)), {"K8S-15"}),
    ("autoscaled to nobody knows how many", lambda p: p.add("scaler", scaler(3)).delete("scaler", "spec/maxReplicas"), {"K8S-15"}),
    ("scaled to what it has", lambda p: p.add("scaled", scaled(minReplicaCount=100)), {"K8S-15"}),
    ("a release's workload scaled to one", lambda p: p.add("scaler", in_namespace(scaler(1, name="prefect-server"), "orchestration")), {"K8S-15"}),
    ("least unknown", lambda p: p.add("scaler", scaler(3)).hide("scaler", "spec/minReplicas"), {"K8S-01?", "K8S-02?", "K8S-15?"}),
    ("most unknown", lambda p: p.add("scaler", scaler(3)).hide("scaler", "spec/maxReplicas"), {"K8S-15?"}),
    # K8S-16
    ("scales nothing", lambda p: p.add("scaler", scaler(3, name="api")), {"K8S-16"}),
    ("scales nothing by v1", lambda p: p.add("scaler", scaler(3, name="api", version="v1")), {"K8S-16"}),
    ("scales another kind", lambda p: p.add("scaler", scaler(3, kind="StatefulSet")), {"K8S-16"}),
    ("scales in another namespace", lambda p: p.add("scaler", in_namespace(scaler(3), "default")), {"K8S-16"}),
    ("scales nothing by KEDA", lambda p: p.add("scaled", scaled(minReplicaCount=3, scaleTargetRef={"name": "api"})), {"K8S-16"}),
    ("scales nothing of a release", lambda p: p.add("scaler", in_namespace(scaler(3, name="server"), "orchestration")), {"K8S-16"}),
    ("target unknown", lambda p: p.add("scaler", scaler(3)).hide("scaler", "spec/scaleTargetRef/name"), {"K8S-16?"}),
    ("workload's name unknown", lambda p: p.add("scaler", scaler(3)).hide("web", "metadata/name"), {"K8S-16?"}),
    ("target of a release whose name is unknown", lambda p: p.add("scaler", in_namespace(scaler(3, name="server"), "orchestration")).hide("release", "name"), {"HELM-03?", "K8S-04?", "K8S-16?"}),
    ("scales one of another kind", lambda p: p.add("scaler", scaler(1, kind="StatefulSet")), {"K8S-15", "K8S-16"}),
    ("scales to one in nobody knows which namespace", lambda p: p.add("scaler", scaler(1)).hide("scaler", "metadata/namespace"), {"K8S-15", "K8S-16?"}),
    ("kind of the target unknown", lambda p: p.add("scaler", scaler(3)).hide("scaler", "spec/scaleTargetRef/kind"), {"K8S-16?"}),
    # K8S-17
    ("waits too long", lambda p: p.put("web", f"{ONE}/lifecycle", stop(sleep={"seconds": 21})), {"K8S-17"}),
    ("waits too long in a shell", lambda p: p.put("web", f"{ONE}/lifecycle", command("quit; sleep 21")), {"K8S-17"}),
    ("waits too long twice", lambda p: p.put("web", f"{ONE}/lifecycle", command("sleep 11 && sleep 10")), {"K8S-17"}),
    ("a second too little", lambda p: p.put("web", f"{ONE}/lifecycle", stop(sleep={"seconds": 30})).put("web", f"{POD}/terminationGracePeriodSeconds", 39), {"K8S-17"}),
    ("a second container waits too long", lambda p: second(p, {"lifecycle": stop(sleep={"seconds": 21})}), {"K8S-17"}),
    ("a program that takes too long", lambda p: annotated(p, "web", "tandem.dev/pre-stop-seconds", "21").put("web", f"{ONE}/lifecycle", command("drain")), {"K8S-17"}),
    ("a program that takes a while", lambda p: annotated(p, "web", "tandem.dev/pre-stop-seconds", "a while").put("web", f"{ONE}/lifecycle", command("drain")), {"K8S-17?"}),
    ("wait unknown", lambda p: p.put("web", f"{ONE}/lifecycle", stop(sleep={"seconds": 1})).hide("web", f"{ONE}/lifecycle/preStop/sleep/seconds"), {"K8S-17?"}),
    ("wait of a program that nobody knows", lambda p: p.put("web", f"{ONE}/lifecycle", command("drain")), {"K8S-17?"}),
    ("nine seconds, and no wait", lambda p: plus(p, rollout()).put("rollout", f"{POD}/terminationGracePeriodSeconds", 9), {"K8S-17"}),
    # K8S-18
    ("volumes made at once", lambda p: p.put("disks", "volumeBindingMode", "Immediate"), {"K8S-18"}),
    ("volumes made at once by default", lambda p: p.delete("disks", "volumeBindingMode"), {"K8S-18"}),
    ("volumes made at once by whom nobody knows", lambda p: p.hide("disks", "provisioner").delete("disks", "volumeBindingMode"), {"K8S-18"}),
    ("when volumes are made unknown", lambda p: p.hide("disks", "volumeBindingMode"), {"K8S-18?"}),
    # K8S-19
    ("no schedule", lambda p: p.drop("nightly"), {"K8S-19"}),
    ("schedule of other namespaces", lambda p: p.put("nightly", "spec/template/includedNamespaces", ["default", "velero"]), {"K8S-19"}),
    ("schedule of all namespaces but this", lambda p: p.put("nightly", "spec/template", {"excludedNamespaces": ["serving"]}), {"K8S-19"}),
    ("schedule is paused", lambda p: p.put("nightly", "spec/paused", True), {"K8S-19"}),
    ("schedule of another cluster", lambda p: p.through("nightly", "other"), {"K8S-19"}),
    ("stateful set in no schedule", lambda p: p.add("state", in_namespace(workload("StatefulSet", "other", **DISKS), "default")).add("state-budget", in_namespace(budget({"matchLabels": {"app": "other"}}), "default")).add("state-closed", in_namespace(thing("networking.k8s.io/v1:NetworkPolicy", "closed", {"podSelector": {}}), "default")), {"K8S-19"}),
    ("plan of other namespaces", lambda p: on_gke(p, {"selectedNamespaces": {"namespaces": ["default"]}, "includeVolumeData": True}), {"K8S-19"}),
    ("plan without volumes", lambda p: on_gke(p, {"allNamespaces": True}), {"K8S-19"}),
    ("plan of a GKE cluster that is off", lambda p: on_gke(p, deactivated=True), {"GCP-13", "K8S-19"}),
    ("plan that is paused", lambda p: on_gke(p, backupSchedule={"cronSchedule": "0 3 * * *", "paused": True}), {"GCP-13", "K8S-19"}),
    ("plan that nothing starts", lambda p: on_gke(p, backupSchedule={}), {"GCP-13", "K8S-19"}),
    ("plan of another cluster of Google's", lambda p: on_gke(p).add("gke-2", p.things["gke"]).point("gke-access", "kubeconfig", "gke-2"), {"GCP-13", "K8S-19"}),
    ("plan of Google's for a cluster of Amazon's", lambda p: on_gke(p).point("gke-access", "kubeconfig", "eks").wait("gke-access", "access"), {"K8S-19"}),
    ("plan of a cluster that is not in view", lambda p: on_gke(p).cut("gke-backups", "cluster"), {"GCP-13?", "K8S-19?"}),
    ("cluster of Google's that is not in view", lambda p: on_gke(p).point("gke-access", "kubeconfig"), {"K8S-19?"}),
    ("plan's namespaces unknown", lambda p: on_gke(p, {"selectedNamespaces": UNKNOWN_TEXT, "includeVolumeData": True}), {"K8S-19?"}),
    ("plan's namespaces chosen by labels", lambda p: on_gke(p, {"selectedNamespaceLabels": {"resourceLabels": []}, "includeVolumeData": True}), {"K8S-19?"}),
    ("whether a plan is off unknown", lambda p: on_gke(p, deactivated=UNKNOWN_TEXT), {"GCP-13?", "K8S-19?"}),
    ("schedule unknown", lambda p: p.hide("nightly", "spec/template/includedNamespaces"), {"K8S-19?"}),
    ("whether the schedule is paused unknown", lambda p: p.hide("nightly", "spec/paused"), {"K8S-19?"}),
    ("claim's namespace unknown", lambda p: p.hide("claim", "metadata/namespace"), {"K8S-19?"}),
    ("schedules in the values of another chart", lambda p: p.drop("nightly").put("release", "values/schedules", {"nightly": {"template": {}}}), {"K8S-19"}),
    ("schedules in the values of a release unknown", lambda p: plus(p.drop("nightly"), state_of_velero()).hide("velero", "values/schedules"), {"K8S-19?"}),
    # K8S-20
    ("a naked pod", lambda p: p.add("naked", pod()), {"K8S-20"}),
    ("a naked pod elsewhere", lambda p: p.add("naked", in_namespace(pod(), "default")), {"K8S-20"}),
    ("a pod owned by nobody", lambda p: p.add("naked", pod(ownerReferences=[])), {"K8S-20"}),
    ("a pod's owner unknown", lambda p: p.add("naked", pod()).hide("naked", "metadata/ownerReferences"), {"K8S-20?"}),
    # K8S-21
    ("ill pods stay by default", lambda p: p.delete("budget", "spec/unhealthyPodEvictionPolicy"), {"K8S-21"}),
    ("ill pods stay", lambda p: p.put("budget", "spec/unhealthyPodEvictionPolicy", "IfHealthyBudget"), {"K8S-21"}),
    ("ill pods of a chart stay", lambda p: p.delete("server-budget", "spec/unhealthyPodEvictionPolicy"), {"K8S-21"}),
    ("whether ill pods stay unknown", lambda p: p.hide("budget", "spec/unhealthyPodEvictionPolicy"), {"K8S-21?"}),
    # K8S-22
    ("stays on lost nodes by default", lambda p: p.delete("web", f"{POD}/tolerations"), {"K8S-22"}),
    ("stays on lost nodes for five minutes", lambda p: p.put("web", f"{POD}/tolerations/1/tolerationSeconds", 300), {"K8S-22"}),
    ("stays on lost nodes for ever", lambda p: p.delete("web", f"{POD}/tolerations/0/tolerationSeconds"), {"K8S-22"}),
    ("stays on lost nodes with all else", lambda p: p.put("web", f"{POD}/tolerations", [{"operator": "Exists"}]), {"K8S-22"}),
    ("leaves only nodes that are not ready", lambda p: p.delete("web", f"{POD}/tolerations/1"), {"K8S-22"}),
    ("tolerates another effect", lambda p: p.put("web", f"{POD}/tolerations/1/effect", "NoSchedule"), {"K8S-22"}),
    ("tolerations unknown", lambda p: p.hide("web", f"{POD}/tolerations"), {"K8S-22?"}),
    ("seconds on lost nodes unknown", lambda p: p.hide("web", f"{POD}/tolerations/0/tolerationSeconds"), {"K8S-22?"}),
    ("taint of a toleration unknown", lambda p: p.hide("web", f"{POD}/tolerations/1/key"), {"K8S-22?"}),
    ("effect of a toleration unknown", lambda p: p.hide("web", f"{POD}/tolerations/1/effect"), {"K8S-22?"}),
    ("stays a second too long on lost nodes", lambda p: p.put("web", f"{POD}/tolerations/1/tolerationSeconds", 61), {"K8S-22"}),
    # K8S-23
    ("tied to a zone", lambda p: selecting(p, {ZONE: "us-east-1a"}), {"K8S-23"}),
    ("tied to a zone by its old name", lambda p: selecting(p, {"failure-domain.beta.kubernetes.io/zone": "us-east-1a"}), {"K8S-23"}),
    ("tied to a zone by an affinity", lambda p: p.put("web", f"{POD}/affinity", only_in(["us-east-1a"])), {"K8S-23"}),
    ("tied to the same zone twice", lambda p: p.put("web", f"{POD}/affinity", only_in(["us-east-1a"], ["us-east-1a"])), {"K8S-23"}),
    ("tied to a zone by two lists of them", lambda p: p.put("web", f"{POD}/affinity", {"nodeAffinity": {REQUIRED: {"nodeSelectorTerms": [{"matchExpressions": [{"key": ZONE, "operator": "In", "values": each} for each in (["us-east-1a", "us-east-1b"], ["us-east-1b", "us-east-1c"])]}]}}}), {"K8S-23"}),
    ("node selector unknown", lambda p: p.hide("web", f"{POD}/nodeSelector"), {"K8S-23?"}),
    ("zones of an affinity unknown", lambda p: p.put("web", f"{POD}/affinity", only_in(["us-east-1a"])).hide("web", f"{POD}/affinity/nodeAffinity/{REQUIRED}/nodeSelectorTerms/0/matchExpressions/0/values"), {"K8S-23?"}),
    ("what an affinity is about unknown", lambda p: p.put("web", f"{POD}/affinity", only_in(["us-east-1a"], key=UNKNOWN_TEXT)), {"K8S-23?"}),
    ("how an affinity is meant unknown", lambda p: p.put("web", f"{POD}/affinity", only_in(["us-east-1a"], operator=UNKNOWN_TEXT)), {"K8S-23?"}),
    ("tied to a pool in one zone", lambda p: p.put("web", f"{POD}/affinity", {"nodeAffinity": {REQUIRED: {"nodeSelectorTerms": [{"matchExpressions": [{"key": "tandem.dev/pool", "operator": "In", "values": ["system"]}, {"key": ZONE, "operator": "In", "values": ["us-east-1a"]}]}]}}}), {"K8S-23"}),
    # K8S-24
    ("service of a workload that is gone", lambda p: p.add("lost", service({"app": "old"})), {"K8S-24"}),
    ("service in another namespace", lambda p: p.add("lost", in_namespace(service({"app": "web"}), "default")), {"K8S-24"}),
    ("service wants a label too many", lambda p: p.add("lost", service({**LABELS, "version": "2"})), {"K8S-24"}),
    ("service of a chart's pods by a label that they lack", lambda p: p.add("lost", in_namespace(service({"app.kubernetes.io/name": "prefect"}), "orchestration")), {"K8S-24"}),
    ("binding of no service", lambda p: p.add("lost", binding("api")), {"K8S-24"}),
    ("binding of a service in another namespace", lambda p: p.add("lost", in_namespace(binding("web"), "default")), {"K8S-24"}),
    ("service of what nobody knows", lambda p: p.add("lost", service({"app": "old"})).hide("lost", "spec/selector/app"), {"K8S-24?"}),
    ("service beside what an operator runs", lambda p: p.add("lost", service({"app": "old"})).add("metrics", thing("monitoring.coreos.com/v1:Prometheus", "default", {})), {"K8S-24?"}),
    ("binding of what nobody knows", lambda p: p.add("lost", binding("api")).hide("lost", "spec/serviceRef/name"), {"K8S-24?"}),
    ("binding of a service whose name is unknown", lambda p: p.add("lost", binding("api")).add("new", service({"app": "web"})).hide("new", "metadata/name"), {"K8S-24?", "LB-05?"}),
    ("binding in nobody knows which namespace", lambda p: p.add("lost", binding("api")).hide("lost", "metadata/namespace"), {"K8S-24?"}),
    # K8S-25
    ("workload in one region", lambda p: with_other_region(p).drop("web-west", "budget-west", "service-west"), {"K8S-25"}),
    ("workload of another name in the other region", lambda p: with_other_region(p).put("web-west", "metadata/name", "web2"), {"K8S-25"}),
    ("workload in another namespace in the other region", lambda p: with_other_region(p).put("web-west", "metadata/namespace", "other").put("budget-west", "metadata/namespace", "other").put("policy-west", "metadata/namespace", "other").put("service-west", "metadata/namespace", "other"), {"K8S-25"}),
    ("a workload more in the other region", lambda p: plus(with_other_region(p), {name: twin(each) for name, each in rollout().items()}), {"K8S-25"}),
    ("name of the other region's workload unknown", lambda p: with_other_region(p).hide("web-west", "metadata/name"), {"K8S-25?"}),
    # K8S-26
    ("the image pushed last", lambda p: p.put("web", f"{ONE}/image", "web:latest"), {"K8S-26"}),
    ("the image pushed last by default", lambda p: p.put("web", f"{ONE}/image", "registry.example.com:5000/web"), {"K8S-26"}),
    ("the first image pushed last", lambda p: p.put("web", f"{POD}/initContainers", [{**container(), "image": "busybox"}]), {"K8S-26"}),
    ("no image", lambda p: p.delete("web", f"{ONE}/image"), {"K8S-26"}),
    ("image unknown", lambda p: p.hide("web", f"{ONE}/image"), {"K8S-26?"}),
    # K8S-27
    ("root", lambda p: p.delete("web", f"{POD}/securityContext"), {"K8S-27"}),
    ("root in one container", lambda p: rights(p, runAsNonRoot=False), {"K8S-27"}),
    ("root by number", lambda p: rights(p, runAsUser=0).delete("web", f"{POD}/securityContext"), {"K8S-27"}),
    ("may become root", lambda p: rights(p, allowPrivilegeEscalation=True), {"K8S-27"}),
    ("may become root by default", lambda p: rights(p, allowPrivilegeEscalation=None), {"K8S-27"}),
    ("keeps capabilities", lambda p: rights(p, capabilities={"drop": ["NET_RAW"]}), {"K8S-27"}),
    ("may write its program", lambda p: rights(p, readOnlyRootFilesystem=None), {"K8S-27"}),
    ("privileged", lambda p: rights(p, privileged=True), {"K8S-27"}),
    ("root at first", lambda p: p.put("web", f"{POD}/initContainers", [{**container(), "securityContext": {}}]), {"K8S-27"}),
    ("whether it is root unknown", lambda p: p.hide("web", f"{POD}/securityContext/runAsNonRoot"), {"K8S-27?"}),
    ("rights of a container unknown", lambda p: p.hide("web", f"{ONE}/securityContext"), {"K8S-27?"}),
    ("reason for rights unknown", lambda p: rights(p, readOnlyRootFilesystem=False).hide("web", "metadata/annotations"), {"K8S-01?", "K8S-27?"}),
    ("rights for no reason", lambda p: annotated(rights(p, privileged=True), "web", "tandem.dev/privileges", ""), {"K8S-27"}),
    # K8S-28
    ("account of everybody", lambda p: p.put("web", f"{POD}/serviceAccountName", "default"), {"K8S-28"}),
    ("account of everybody by default", lambda p: p.delete("web", f"{POD}/serviceAccountName"), {"K8S-28"}),
    ("account of everybody in a job", lambda p: p.add("job", workload("Job")).delete("job", f"{POD}/serviceAccountName"), {"K8S-28"}),
    ("account unknown", lambda p: p.hide("web", f"{POD}/serviceAccountName"), {"K8S-28?"}),
    ("whether it has a token unknown", lambda p: p.delete("web", f"{POD}/serviceAccountName").hide("web", f"{POD}/automountServiceAccountToken"), {"K8S-28?"}),
    # K8S-29
    ("open to everybody", lambda p: p.drop("policy"), {"K8S-29"}),
    ("closed elsewhere", lambda p: p.put("policy", "metadata/namespace", "default"), {"K8S-29"}),
    ("closed for other pods", lambda p: p.put("policy", "spec/podSelector", OLD), {"K8S-29"}),
    ("closed on the way out alone", lambda p: p.put("policy", "spec/policyTypes", ["Egress"]), {"K8S-29"}),
    ("a chart's pods open to everybody", lambda p: p.drop("policy-server"), {"K8S-29"}),
    ("one of a chart's pods open to everybody", lambda p: p.put("policy-server", "spec/podSelector", {"matchLabels": {"app.kubernetes.io/component": "server"}}), {"K8S-29"}),
    ("for whom it is closed unknown", lambda p: p.hide("policy", "spec/podSelector"), {"K8S-29?"}),
    ("which way it is closed unknown", lambda p: p.hide("policy", "spec/policyTypes"), {"K8S-29?"}),
]  # fmt: skip

GOOD: list[Mutant] = [
    ("budget of a bus", lambda p: p.add("stale", budget({"matchLabels": {"eventbus-name": "default"}})).add("bus", thing("argoproj.io/v1alpha1:EventBus", "default", {})), set()),
    ("claim in a plan of all namespaces", on_gke, set()),
    ("claim in a plan of its namespace", lambda p: on_gke(p, {"selectedNamespaces": {"namespaces": ["serving"]}, "includeVolumeData": True}), set()),
    ("claim in a plan by how much may be lost", lambda p: on_gke(p, backupSchedule={"rpoConfig": {"targetRpoMinutes": 60}}), set()),
    ("budget of a singleton", lambda p: plus(p, state_of_velero()).add("stale", in_namespace(budget({"matchLabels": {"name": "velero"}}), "velero")), set()),
    ("a documented singleton", lambda p: annotated(single(p), "web", "tandem.dev/singleton", "it locks"), set()),
    ("empty selector selects all", lambda p: p.put("budget", "spec/selector", {}), set()),
    ("budget keeps two of three", lambda p: p.delete("budget", "spec/maxUnavailable").put("budget", "spec/minAvailable", "50%"), set()),
    ("budget of two of three", lambda p: p.put("budget", "spec/maxUnavailable", 2), set()),
    ("budget of two thirds of three", lambda p: p.put("budget", "spec/maxUnavailable", "66%"), set()),
    ("budget of half of nobody knows how many", lambda p: p.hide("web", "spec/replicas").put("budget", "spec/maxUnavailable", "50%"), {"K8S-01?", "K8S-02?"}),
    ("budget of two of a single pod", lambda p: p.put("web", "spec/replicas", 1).put("budget", "spec/maxUnavailable", 2), {"K8S-01"}),
    ("budget of five percent", lambda p: p.put("budget", "spec/maxUnavailable", "5%"), set()),
    ("budget keeps three quarters of four", lambda p: p.put("web", "spec/replicas", 4).delete("budget", "spec/maxUnavailable").put("budget", "spec/minAvailable", "75%"), set()),
    ("autoscaled", lambda p: p.delete("web", "spec/replicas").add("scaler", scaler(2)), set()),
    ("autoscaled by v1", lambda p: p.delete("web", "spec/replicas").add("scaler", scaler(2, version="v1")), set()),
    ("scaled by KEDA", lambda p: p.delete("web", "spec/replicas").add("scaled", scaled(minReplicaCount=2)), set()),
    ("scaled by KEDA to one less than its most by default", lambda p: p.add("scaled", scaled(minReplicaCount=99)), set()),
    ("autoscaler of a rollout that is called as a deployment is", lambda p: plus(p, rollout()).put("rollout", "metadata/name", "web").add("scaler", scaler(3, kind="Rollout")), set()),
    ("kept apart over zones and hosts", lambda p: p.delete("web", f"{POD}/topologySpreadConstraints").put("web", f"{POD}/affinity", {"podAntiAffinity": {PREFERRED: [{"weight": 1, "podAffinityTerm": {"topologyKey": key, "labelSelector": {"matchLabels": {"app": "web"}}}} for key in (ZONE, HOST)]}}), set()),
    ("kept apart over zones by force", lambda p: p.delete("web", f"{POD}/topologySpreadConstraints/0").put("web", f"{POD}/affinity", apart(ZONE, {"app": "web"}, required=True)), set()),
    ("a daemon is on every node", lambda p: p.add("daemon", workload("DaemonSet")).delete("daemon", f"{POD}/topologySpreadConstraints").delete("daemon", f"{POD}/tolerations").delete("daemon", f"{ONE}/livenessProbe"), set()),
    ("a job ends", lambda p: p.add("job", workload("Job")).delete("job", f"{POD}/topologySpreadConstraints").delete("job", f"{ONE}/livenessProbe").delete("job", f"{ONE}/readinessProbe").delete("job", f"{POD}/tolerations"), set()),
    ("a scheduled job ends", lambda p: p.add("job", workload("CronJob")), set()),
    ("a rollout in blue and green", lambda p: plus(p, rollout(strategy={"blueGreen": {}})), set()),
    ("a rollout of a template elsewhere", lambda p: plus(p, rollout(workloadRef={"kind": "Deployment", "name": "web"})).delete("rollout", "spec/template"), {"K8S-02?", "K8S-04?", "K8S-05?", "K8S-06?", "K8S-07?", "K8S-08?", "K8S-09?", "K8S-10?", "K8S-11?", "K8S-12?", "K8S-13?", "K8S-17?", "K8S-22?", "K8S-23?", "K8S-26?", "K8S-27?", "K8S-28?"}),
    ("what nobody asks need not be ready", lambda p: plus(p, rollout()).delete("rollout", f"{ONE}/ports").delete("rollout", f"{ONE}/readinessProbe"), set()),
    ("of what is served without a port, the first has to be ready", lambda p: second(p, {"readinessProbe": None, "ports": None}).delete("web", f"{ONE}/ports"), set()),
    ("a GPU and the time for it", lambda p: gpu(p, failureThreshold=30, periodSeconds=10), set()),
    ("time for it with Kubernetes' own period, and a delay", lambda p: gpu(p, failureThreshold=29, initialDelaySeconds=10), set()),
    ("time for it with Kubernetes' own failures", lambda p: gpu(p, periodSeconds=100), set()),
    ("a priority of Kubernetes' own", lambda p: p.put("web", f"{POD}/priorityClassName", "system-cluster-critical"), set()),
    ("a limit on memory is a request for it", lambda p: p.delete("web", f"{ONE}/resources/requests/memory"), set()),
    ("a quarter updated at once", lambda p: p.put("web", "spec/strategy", {"rollingUpdate": {"maxUnavailable": "25%"}}), set()),
    ("none of an unknown number updated at once", lambda p: p.put("web", "spec/strategy", {"rollingUpdate": {"maxUnavailable": 0}}).add("scaler", scaler(3)).hide("scaler", "spec/minReplicas"), {"K8S-01?", "K8S-02?", "K8S-15?"}),
    ("one of four updated at once", lambda p: p.put("web", "spec/replicas", 4).put("web", "spec/strategy", {"rollingUpdate": {"maxUnavailable": 1}}), set()),
    ("a single pod must never be two", lambda p: annotated(single(p), "web", "tandem.dev/singleton", "it locks").put("web", "spec/strategy", {"type": "Recreate"}), set()),
    ("a program, and the time for it", lambda p: annotated(p, "web", "tandem.dev/pre-stop-seconds", "20").put("web", f"{ONE}/lifecycle", command("drain")), set()),
    ("ten seconds, and no wait", lambda p: plus(p, rollout()).put("rollout", f"{POD}/terminationGracePeriodSeconds", 10), set()),
    ("waits, and has the time", lambda p: p.put("web", f"{ONE}/lifecycle", stop(sleep={"seconds": 20})), set()),
    ("a file system of all zones", lambda p: p.put("disks", "provisioner", "efs.csi.aws.com").delete("disks", "volumeBindingMode"), set()),
    ("schedule of all namespaces", lambda p: p.put("nightly", "spec/template", {}), set()),
    ("schedule of a star", lambda p: p.put("nightly", "spec/template/includedNamespaces", ["*"]), set()),
    ("schedule in the values of a release", lambda p: plus(p.drop("nightly"), state_of_velero(nightly={"template": {"includedNamespaces": ["serving"]}})), set()),
    ("a stateful set without volumes", lambda p: p.drop("nightly", "claim").add("state", workload("StatefulSet")).add("state-budget", budget({"matchLabels": {"app": "other"}})), set()),
    ("a pod that something owns", lambda p: p.add("naked", pod(ownerReferences=[{"kind": "Job"}])), set()),
    ("leaves lost nodes with all else", lambda p: p.put("web", f"{POD}/tolerations", [{"operator": "Exists", "tolerationSeconds": 30}]), set()),
    ("leaves lost nodes after a minute", lambda p: p.put("web", f"{POD}/tolerations/1/tolerationSeconds", 60), set()),
    ("tied to a zone and another that nobody knows yet", lambda p: p.put("web", f"{POD}/affinity", only_in(["us-east-1a", UNKNOWN_TEXT])), set()),
    ("tied to two zones", lambda p: p.put("web", f"{POD}/affinity", only_in(["us-east-1a", "us-east-1b"])), set()),
    ("tied to one zone or the other", lambda p: p.put("web", f"{POD}/affinity", only_in(["us-east-1a"], ["us-east-1b"])), set()),
    ("tied to a pool", lambda p: p.put("web", f"{POD}/affinity", only_in(["system"], key="tandem.dev/pool")), set()),
    ("not in one zone", lambda p: p.put("web", f"{POD}/affinity", only_in(["us-east-1a"], operator="NotIn")), set()),
    ("service of a name elsewhere", lambda p: p.add("lost", service(None, type="ExternalName")), set()),
    ("service with endpoints of its own", lambda p: p.add("lost", thing("core/v1:Service", "lost", {})), set()),
    ("service of a chart's pods", lambda p: p.add("lost", in_namespace(service({"app.kubernetes.io/name": "prefect-server"}), "orchestration")), set()),
    ("binding of a release's service", lambda p: p.add("lost", in_namespace(binding("prefect-server"), "orchestration")), set()),
    ("autoscaler of a release", lambda p: p.add("scaler", in_namespace(scaler(2, name="prefect-server"), "orchestration")), set()),
    ("an image by its digest", lambda p: p.put("web", f"{ONE}/image", "web@sha256:" + "0" * 64), set()),
    ("not root by number", lambda p: rights(p, runAsUser=1000).delete("web", f"{POD}/securityContext"), set()),
    ("not root by the smallest number", lambda p: rights(p, runAsUser=1).delete("web", f"{POD}/securityContext"), set()),
    ("rights for a reason", lambda p: annotated(rights(p, privileged=True), "web", "tandem.dev/privileges", "it mounts"), set()),
    ("no token", lambda p: p.delete("web", f"{POD}/serviceAccountName").put("web", f"{POD}/automountServiceAccountToken", False), set()),
    ("closed by default on the way in", lambda p: p.delete("policy", "spec/policyTypes"), set()),
    ("closed for its pods", lambda p: p.put("policy", "spec/podSelector", WEB), set()),
]  # fmt: skip

EVIDENCE: dict[str, set[str]] = {
    "one replica by default": {"K8S-01: spec.replicas is 1 by default; it must be at least 2"},
    "autoscaled to one by default": {
        "K8S-01: spec.minReplicas is 1; it must be at least 2",
        "K8S-15: spec.minReplicas is 1 by default; it must be at least 2",
    },
    "scaled to none by KEDA's default": {
        "K8S-01: spec.minReplicaCount is 0; it must be at least 2",
        "K8S-15: spec.minReplicaCount is 0 by default; it must be at least 2",
    },
    "budget of all replicas": {"K8S-03: web: spec.maxUnavailable is 3 of 3 replicas: every pod may go at once"},
    "budget of two of nobody knows how many": {"K8S-03: web: spec.maxUnavailable is 2, and spec.replicas is not known yet"},
    "budget of a workload not in view": {"K8S-03: spec.minAvailable is 1, and what it selects is not in view"},
    "budget keeps some of nobody knows how many": {"K8S-03: web: spec.minAvailable is 1, and spec.replicas is not known yet"},
    "budget keeps the one replica that there is by default": {"K8S-03: web: spec.minAvailable is 1 of 1 replicas"},
    "two budgets": {"K8S-05: budget, stale select its pods"},
    "budget of what nobody knows": {"K8S-05: budget selects its pods; whether stale does too is not known yet"},
    "second container never said to be ready": {"K8S-08: spec.template.spec.containers[1].readinessProbe (container second) is not set"},
    "waits too long": {"K8S-17: spec.template.spec.terminationGracePeriodSeconds is 30 by default; it must be at least 31: 21 before the signal, and 10 after it"},
    "no schedule": {"K8S-19: no schedule of Velero or Backup for GKE takes the namespace 'serving'"},
    "leaves only nodes that are not ready": {"K8S-22: it says nothing of node.kubernetes.io/unreachable, and so stays 300 s; it must be at most 60"},
    "tied to a zone by an affinity": {"K8S-23: a required node affinity names us-east-1a"},
    "workload in one region": {"K8S-25: secondary has no Deployment 'web' in the namespace 'serving'"},
    "root": {"K8S-27: spec.template.spec.containers[0].securityContext.runAsNonRoot is not set; it must be true, here or for the pod"},
}  # fmt: skip
"""What some say, word for word."""
