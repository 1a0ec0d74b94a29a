"""Rules of releases, by the ways to break them."""

# One mutant a line, or the table cannot be read as one.
# ruff: noqa: E501

from typing import Any

from tests.policies.mutants_kubernetes import ZONE, apart, budget, in_namespace, velero
from tests.policies.other_region import with_other_region
from tests.policies.platform import Mutant, Platform, Thing

ALWAYS: set[str] = set()
"""What nobody can say of one stack alone."""


NAMES = ("server", "background-services")
HOME = {"namespace": "orchestration"}


def labels(component: str) -> dict[str, str]:
    """What the chart's pods carry."""
    return {
        "app.kubernetes.io/name": "prefect-server",
        "app.kubernetes.io/instance": "prefect",
        "app.kubernetes.io/component": component,
    }


def part(component: str) -> dict[str, Any]:
    """What is said to one of the chart's workloads."""
    return {
        "priorityClassName": "tandem-serving",
        "affinity": apart(ZONE, labels(component)),
        "containerSecurityContext": {"capabilities": {"drop": ["ALL"]}},
    }


def things() -> dict[str, Thing]:
    """What breaks none of them."""
    budgets = {
        f"{name.partition('-')[0]}-budget": Thing(
            "kubernetes:policy/v1:PodDisruptionBudget",
            {
                "metadata": {"name": name, **HOME},
                "spec": {
                    "maxUnavailable": 1,
                    "unhealthyPodEvictionPolicy": "AlwaysAllow",
                    "selector": {"matchLabels": labels(name)},
                },
            },
            region=None,
        )
        for name in NAMES
    }
    return {
        "release": Thing(
            "kubernetes:helm.sh/v3:Release",
            {
                "name": "prefect",
                "namespace": "orchestration",
                "chart": "prefect-server",
                "version": "2026.8.1",
                "repositoryOpts": {"repo": "https://charts.example.com"},
                "atomic": True,
                "skipAwait": False,
                "timeout": 600,
                "values": {
                    "postgresql": {"enabled": False},
                    "server": {**part("server"), "autoscaling": {"enabled": True, "minReplicas": 3}},
                    "backgroundServices": {
                        **part("background-services"),
                        "runAsSeparateDeployment": True,
                        "replicaCount": 2,
                    },
                },
            },
            region=None,
        ),
        **budgets,
        "policy-server": Thing(
            "kubernetes:networking.k8s.io/v1:NetworkPolicy",
            {"metadata": {"name": "closed", **HOME}, "spec": {"podSelector": {}, "policyTypes": ["Ingress"]}},
            region=None,
        ),
    }


def other(platform: Platform, chart: str, **values: Any) -> Platform:
    """The release, of another chart; no budgets beside it."""
    platform.drop("server-budget", "background-budget")
    return platform.put("release", "chart", chart).put("release", "values", values)


def metrics(**changes: Any) -> dict[str, Any]:
    """Values of a chart with keys for everything, which break no rule."""
    return {
        "replicas": 2,
        "podDisruptionBudget": {"enabled": True, "maxUnavailable": 1},
        "topologySpreadConstraints": [
            {
                "topologyKey": ZONE,
                "maxSkew": 1,
                "labelSelector": {"matchLabels": {"app.kubernetes.io/name": "metrics-server"}},
            }
        ],
        "resources": {"limits": {"memory": "256Mi"}},
        **changes,
    }


def engine(name: str, **changes: Any) -> dict[str, Any]:
    """A model of the vLLM stack that breaks no rule."""
    return {
        "name": name,
        "replicaCount": 2,
        "pdb": {"enabled": True, "maxUnavailable": 1},
        "affinity": apart(ZONE, {"model": name, "app.kubernetes.io/instance": "prefect"}),
        "priorityClassName": "tandem-serving",
        "resources": RESOURCES,
        **changes,
    }


def engines(*models: Any) -> dict[str, Any]:
    confined = {
        "runAsNonRoot": True,
        "allowPrivilegeEscalation": False,
        "readOnlyRootFilesystem": True,
        "capabilities": {"drop": ["ALL"]},
    }
    serving = {"modelSpec": list(models), "containerSecurityContext": confined}
    return {"routerSpec": {"enableRouter": False}, "servingEngineSpec": serving}


QUEUE = {"interruptionQueue": "queue"}
RESOURCES = {"requests": {"cpu": 1, "memory": "1Gi"}, "limits": {"memory": "1Gi"}}


def vault(replicas: int, affinity: str = f"topologyKey: {ZONE}") -> dict[str, Any]:
    """Values of Vault that break no rule, with three."""
    return {
        "injector": {"enabled": False},
        "server": {
            "ha": {"enabled": True, "replicas": replicas},
            "affinity": affinity,
            "resources": RESOURCES,
            "priorityClassName": "tandem-serving",
            "livenessProbe": {"enabled": True},
            "statefulSet": {
                "securityContext": {"container": {"allowPrivilegeEscalation": False, "capabilities": {"drop": ["ALL"]}}}
            },
        },
    }


def worker(**changes: Any) -> dict[str, Any]:
    """Values of a Prefect worker that break no rule."""
    return {
        "replicaCount": 2,
        "podDisruptionBudget": {"maxUnavailable": 1},
        "affinity": apart(ZONE, {"app.kubernetes.io/name": "prefect-worker"}),
        "priorityClassName": "tandem-serving",
        "containerSecurityContext": {"capabilities": {"drop": ["ALL"]}},
        "livenessProbe": {"enabled": True},
        **changes,
    }


def beside(labels_: dict[str, str]) -> Thing:
    """One more budget in the release's namespace."""
    return in_namespace(budget({"matchLabels": labels_}), "orchestration")


def both(p: Platform, path: str, value: Any) -> Platform:
    """The same in both regions' releases."""
    return p.put("release", path, value).put("release-west", path, value)


MUTANTS: list[Mutant] = [
    ("not atomic", lambda p: p.put("release", "atomic", False), {"HELM-01"}),
    ("not atomic by default", lambda p: p.delete("release", "atomic"), {"HELM-01"}),
    ("does not wait", lambda p: p.put("release", "skipAwait", True), {"HELM-01"}),
    ("timeout off by one", lambda p: p.put("release", "timeout", 299), {"HELM-01"}),
    ("any version", lambda p: p.delete("release", "version"), {"HELM-01"}),
    ("range of versions", lambda p: p.put("release", "version", "^2026.8.1"), {"HELM-01"}),
    ("version with a gap", lambda p: p.put("release", "version", "2026.x"), {"HELM-01"}),
    ("version unknown", lambda p: p.hide("release", "version"), {"HELM-01?"}),
    ("any version of a chart of nowhere", lambda p: p.delete("release", "version").delete("release", "repositoryOpts"), {"HELM-01"}),
    ("any version of a chart of a known repository", lambda p: p.delete("release", "version").delete("release", "repositoryOpts").put("release", "chart", "stable/prefect-server"), {"HELM-01"}),
    ("any version of a chart in a repository's folder", lambda p: p.delete("release", "version").put("release", "chart", "charts/stable/prefect-server"), {"HELM-01"}),
    ("any version of an image", lambda p: p.delete("karpenter", "version"), {"HELM-01"}),
    # HELM-02
    ("a chart's one replica by default", lambda p: p.delete("release", "values/backgroundServices/replicaCount"), {"HELM-02"}),
    ("a chart's one replica", lambda p: p.put("release", "values/backgroundServices/replicaCount", 1), {"HELM-02"}),
    ("a chart's autoscaler goes down to one", lambda p: p.put("release", "values/server/autoscaling/minReplicas", 1), {"HELM-02"}),
    ("a chart's autoscaler goes down to one by default", lambda p: p.delete("release", "values/server/autoscaling/minReplicas"), {"HELM-02"}),
    ("a chart's autoscaler is off", lambda p: p.put("release", "values/server/autoscaling/enabled", False), {"HELM-02"}),
    ("one replica of a model", lambda p: other(p, "vllm-stack", **engines(engine("a"), engine("b", replicaCount=1))), {"HELM-02"}),
    ("too few for a majority", lambda p: other(p, "vault", **vault(2)), {"HELM-02"}),
    ("chart's replicas unknown", lambda p: p.hide("release", "values/backgroundServices/replicaCount"), {"HELM-02?"}),
    ("chart's autoscaler unknown", lambda p: p.hide("release", "values/server/autoscaling/enabled"), {"HELM-02?"}),
    ("whether a chart runs it unknown", lambda p: p.hide("release", "values/backgroundServices/runAsSeparateDeployment"), {"HELM-02?", "HELM-03?", "HELM-05?", "K8S-04?"}),
    ("chart of which nobody knows", lambda p: other(p, "tools"), {"HELM-02?", "HELM-03?", "HELM-05?"}),
    ("chart unknown", lambda p: p.hide("release", "chart").drop("server-budget", "background-budget"), {"EKS-26?", "HELM-02?", "HELM-03?", "HELM-05?"}),
    ("values in files", lambda p: p.put("release", "valueYamlFiles", [{"path": "values.yaml"}]).delete("release", "values/backgroundServices/replicaCount"), {"HELM-02?", "HELM-05?"}),
    # HELM-06
    ("services stand by in both regions", lambda p: both(with_other_region(p), "values/backgroundServices/replicaCount", 0), {"HELM-06"}),
    ("servers stand by in both regions", lambda p: both(with_other_region(p), "values/server/autoscaling/minReplicas", 0), {"HELM-06"}),
    (
        "servers without an autoscaler stand by in both regions",
        lambda p: both(both(with_other_region(p), "values/server/autoscaling/enabled", False), "values/server/replicaCount", 0),
        {"HELM-06"},
    ),
    (
        "services stand by for who knows whom",
        lambda p: with_other_region(p).put("release", "values/backgroundServices/replicaCount", 0).hide("release-west", "values/backgroundServices/replicaCount"),
        {"HELM-02?", "HELM-06?"},
    ),
    ("services stand by for a release of another name", lambda p: with_other_region(p).put("release", "values/backgroundServices/replicaCount", 0).put("release-west", "name", "other"), {"HELM-03", "HELM-06", "K8S-04", "K8S-25"}),
    # HELM-03
    ("a chart's pods without a budget", lambda p: p.drop("server-budget"), {"HELM-03"}),
    ("a chart's budget off by default", lambda p: other(p, "metrics-server", **metrics(podDisruptionBudget={"maxUnavailable": 1})), {"HELM-03"}),
    ("a chart's budget lets none go", lambda p: other(p, "metrics-server", **metrics(podDisruptionBudget={"enabled": True, "minAvailable": 2})), {"HELM-03"}),
    ("a chart's budget says nothing", lambda p: other(p, "metrics-server", **metrics(podDisruptionBudget={"enabled": True})), {"HELM-03"}),
    ("a budget of a chart's pods and its own", lambda p: other(p, "metrics-server", **metrics()).add("more", beside({"app.kubernetes.io/name": "metrics-server"})), {"HELM-03"}),
    ("a chart's budget unknown, and one beside it", lambda p: other(p, "metrics-server", **metrics()).hide("release", "values/podDisruptionBudget").add("more", beside({"app.kubernetes.io/name": "metrics-server"})), {"HELM-03?"}),
    ("a second budget of a chart's pods unknown", lambda p: p.add("more", beside({"app.kubernetes.io/component": "server"})).hide("more", "spec/selector"), {"HELM-03?", "K8S-04?"}),
    ("two budgets of a chart's pods", lambda p: p.add("more", beside({"app.kubernetes.io/component": "server"})), {"HELM-03"}),
    ("a chart's single pod is never let go", lambda p: other(p, "velero", **velero({}).props["values"]).put("release", "values/podDisruptionBudget", {"enabled": True}), {"HELM-03"}),
    ("a model without a budget", lambda p: other(p, "vllm-stack", **engines(engine("a"), engine("b", pdb={}))), {"HELM-03"}),
    ("a worker without a budget", lambda p: other(p, "prefect-worker", worker=worker(podDisruptionBudget={})), {"HELM-03"}),
    ("a chart's pods in any zone", lambda p: p.delete("release", "values/server/affinity"), {"HELM-03"}),
    ("a chart's pods kept apart over hosts", lambda p: p.put("release", "values/server/affinity", apart("kubernetes.io/hostname", labels("server"))), {"HELM-03"}),
    ("a chart's pods kept apart from others", lambda p: p.put("release", "values/server/affinity", apart(ZONE, labels("background-services"))), {"HELM-03"}),
    ("a chart's pods spread two by two", lambda p: other(p, "metrics-server", **metrics()).put("release", "values/topologySpreadConstraints/0/maxSkew", 2), {"HELM-03"}),
    ("a chart's own spread taken away", lambda p: other(p, "karpenter", settings=QUEUE, topologySpreadConstraints=[], controller={"resources": RESOURCES}), {"HELM-03"}),
    ("a template that spreads over hosts", lambda p: other(p, "vault", **vault(3, affinity="topologyKey: kubernetes.io/hostname")), {"HELM-03"}),
    ("a chart's budget unknown", lambda p: other(p, "metrics-server", **metrics()).hide("release", "values/podDisruptionBudget"), {"HELM-03?"}),
    ("what a chart's budget says unknown", lambda p: other(p, "metrics-server", **metrics()).hide("release", "values/podDisruptionBudget/maxUnavailable"), {"HELM-03?"}),
    ("a chart's spread unknown", lambda p: p.hide("release", "values/server/affinity"), {"HELM-03?"}),
    ("a chart's names are others", lambda p: p.put("release", "values/nameOverride", "api"), {"HELM-03?", "K8S-04?"}),
    ("a chart's budget taken away", lambda p: other(p, "karpenter", settings=QUEUE, controller={"resources": RESOURCES}, podDisruptionBudget={"maxUnavailable": None}), {"HELM-03"}),
    # HELM-04
    ("bundled database", lambda p: p.put("release", "values/postgresql/enabled", True), {"HELM-04"}),
    ("bundled database by default", lambda p: p.delete("release", "values/postgresql"), {"HELM-04"}),
    ("bundled cache", lambda p: p.put("release", "values/redis", {"enabled": True}), {"HELM-04"}),
    ("bundled database unknown", lambda p: p.hide("release", "values/postgresql"), {"HELM-04?"}),
    ("values unknown", lambda p: p.hide("release", "values").drop("server-budget", "background-budget"), {"HELM-02?", "HELM-03?", "HELM-04?", "HELM-05?"}),
    # HELM-05
    ("a chart's container without a limit on memory", lambda p: other(p, "metrics-server", **metrics(resources={})), {"HELM-05"}),
    ("a chart's container without requests", lambda p: other(p, "karpenter", settings=QUEUE, controller={}), {"HELM-05"}),
    ("a chart's container that asks for no CPU", lambda p: other(p, "metrics-server", **metrics(resources={"requests": {"cpu": 0, "memory": "1Gi"}, "limits": {"memory": "1Gi"}})), {"HELM-05"}),
    ("a chart's daemon without requests", lambda p: other(p, "nvidia-device-plugin"), {"HELM-05"}),
    ("a chart's pods without a priority", lambda p: p.delete("release", "values/server/priorityClassName"), {"HELM-05"}),
    ("a chart's pods of a priority that is not in view", lambda p: p.put("release", "values/server/priorityClassName", "urgent"), {"HELM-05?"}),
    ("a chart's container keeps capabilities", lambda p: p.delete("release", "values/server/containerSecurityContext"), {"HELM-05"}),
    ("a chart's container is root", lambda p: other(p, "metrics-server", **metrics(securityContext={"runAsNonRoot": False, "runAsUser": 0})), {"HELM-05"}),
    ("a chart's container may write its program", lambda p: other(p, "metrics-server", **metrics(securityContext={"readOnlyRootFilesystem": False})), {"HELM-05"}),
    ("a chart's probe is off by default", lambda p: other(p, "prefect-worker", worker=worker(livenessProbe={})), {"HELM-05"}),
    ("a chart's priority unknown", lambda p: p.hide("release", "values/server/priorityClassName"), {"HELM-05?"}),
    ("a chart's resources unknown", lambda p: p.hide("release", "values/server/resources"), {"HELM-05?"}),
    ("a chart's probe unknown", lambda p: other(p, "prefect-worker", worker=worker()).hide("release", "values/worker/livenessProbe/enabled"), {"HELM-05?"}),
]  # fmt: skip

GOOD: list[Mutant] = [
    (
        "services that stand by for the other region's",
        lambda p: with_other_region(p).put("release", "values/backgroundServices/replicaCount", 0),
        set(),
    ),
    (
        "services that stand by for who is not in view",
        lambda p: p.put("release", "values/backgroundServices/replicaCount", 0),
        {"HELM-06?"},
    ),
    ("chart in a folder", lambda p: other(p, "../components/inference/model-server", priorityClassName="tandem-serving").delete("release", "version").delete("release", "repositoryOpts"), set()),
    ("chart in a folder further in", lambda p: other(p, "components/inference/model-server", priorityClassName="tandem-serving").delete("release", "version").delete("release", "repositoryOpts"), set()),
    ("chart in a folder beside", lambda p: other(p, "./model-server", priorityClassName="tandem-serving").delete("release", "version").delete("release", "repositoryOpts"), set()),
    ("Helm's own timeout", lambda p: p.delete("release", "timeout"), set()),
    ("timeout of five minutes", lambda p: p.put("release", "timeout", 300), set()),
    ("values are a secret", lambda p: p.put("release", "values", {"4dabf18193072939515e22adb298388d": "1b47061264138c4ac30d75fd1eb44270", "value": p.things["release"].props["values"]}), set()),
    ("chart of definitions", lambda p: other(p, "oci://public.ecr.aws/karpenter/karpenter-crd"), set()),
    ("a chart with keys for everything", lambda p: other(p, "metrics-server", **metrics()), set()),
    ("a chart's budget keeps one of two", lambda p: other(p, "metrics-server", **metrics(podDisruptionBudget={"enabled": True, "minAvailable": 1})), set()),
    ("a budget beside a chart that has a key", lambda p: other(p, "metrics-server", **metrics(podDisruptionBudget={"enabled": False})).add("more", beside({"app.kubernetes.io/name": "metrics-server"})), set()),
    ("a chart that spreads by itself", lambda p: other(p, "karpenter", settings=QUEUE, controller={"resources": RESOURCES}), set()),
    ("a chart that fills in its labels", lambda p: other(p, "karpenter", settings=QUEUE, controller={"resources": RESOURCES}, topologySpreadConstraints=[{"topologyKey": ZONE, "maxSkew": 1}]), set()),
    ("a chart that may not run it", lambda p: p.put("release", "values/backgroundServices", {}).drop("background-budget"), set()),
    ("a chart's budget in quotes", lambda p: other(p, "metrics-server", **metrics(podDisruptionBudget={"enabled": True, "maxUnavailable": "1"})), set()),
    ("a chart's budget whose other half is unknown", lambda p: other(p, "metrics-server", **metrics()).hide("release", "values/podDisruptionBudget/minAvailable"), set()),
    ("a chart's default taken away", lambda p: other(p, "karpenter", settings=QUEUE, controller={"resources": RESOURCES}, podDisruptionBudget={"maxUnavailable": None, "minAvailable": 1}), set()),
    ("a singleton by nature", lambda p: other(p, "velero", **velero({}).props["values"]), set()),
    ("a singleton that is let go", lambda p: other(p, "velero", **velero({}).props["values"], podDisruptionBudget={"enabled": True, "maxUnavailable": 1}), set()),
    ("models", lambda p: other(p, "vllm-stack", **engines(engine("a"), engine("b"))), set()),
    ("a majority", lambda p: other(p, "vault", **vault(3)), set()),
    ("a worker", lambda p: other(p, "prefect-worker", worker=worker()), set()),
    ("resources that are a limit", lambda p: other(p, "metrics-server", **metrics(resources={"limits": {"cpu": 1, "memory": "1Gi"}})), set()),
]  # fmt: skip

EVIDENCE: dict[str, set[str]] = {
    "chart of which nobody knows": {"HELM-02: resilience/charts.py does not say what pods the chart tools makes"},
    "chart unknown": {"HELM-02: chart is not known yet"},
    "values unknown": {"HELM-02: values is not known yet"},
    "a chart's pods without a budget": {"HELM-03: server: no budget selects its pods: the chart has no key for one, and no PodDisruptionBudget beside the release does"},
    "a chart's budget off by default": {"HELM-03: server: no budget selects its pods: values.podDisruptionBudget.enabled is not set, and no PodDisruptionBudget beside the release does"},
    "a worker without a budget": {"HELM-03: worker: no budget selects its pods: values.worker.podDisruptionBudget is not set, and no PodDisruptionBudget beside the release does"},
    "a chart's budget unknown": {"HELM-03: server: whether the chart's own budget selects its pods is not known yet"},
    "a chart's names are others": {"HELM-03: server: whether background-budget, server-budget selects its pods is not known yet"},
    "two budgets of a chart's pods": {"HELM-03: server: more and server-budget select its pods, and evictions then fail"},
    "a chart's pods in any zone": {"HELM-03: server: nothing spreads its pods over zones: none of values.server.affinity is set"},
}  # fmt: skip
"""What some say, word for word."""
