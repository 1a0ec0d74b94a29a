"""Rules of workloads, by the ways to break them."""

# One mutant a line, or the table cannot be read as one.
# ruff: noqa: E501

from tests.policies.platform import Mutant, Thing

ALWAYS: set[str] = set()
"""What nobody can say of one stack alone."""


def things() -> dict[str, Thing]:
    """What breaks none of them."""
    return {
        "web": Thing(
            "kubernetes:apps/v1:Deployment",
            {
                "metadata": {"name": "web", "namespace": "serving"},
                "spec": {
                    "replicas": 3,
                    "template": {
                        "metadata": {"labels": {"app": "web", "tier": "front"}},
                        "spec": {
                            "topologySpreadConstraints": [
                                {
                                    "topologyKey": "topology.kubernetes.io/zone",
                                    "maxSkew": 1,
                                    "labelSelector": {"matchLabels": {"app": "web"}},
                                }
                            ]
                        },
                    },
                },
            },
            region=None,
        ),
        "budget": Thing(
            "kubernetes:policy/v1:PodDisruptionBudget",
            {
                "metadata": {"name": "web", "namespace": "serving"},
                "spec": {
                    "maxUnavailable": 1,
                    "selector": {
                        "matchLabels": {"app": "web"},
                        "matchExpressions": [{"key": "tier", "operator": "In", "values": ["front", "back"]}],
                    },
                },
            },
            region=None,
        ),
    }


def scaler(least: int) -> Thing:
    """An autoscaler that owns the number of the workload's replicas."""
    return Thing(
        "kubernetes:autoscaling/v2:HorizontalPodAutoscaler",
        {
            "metadata": {"name": "web", "namespace": "serving"},
            "spec": {"scaleTargetRef": {"kind": "Deployment", "name": "web"}, "minReplicas": least, "maxReplicas": 9},
        },
        region=None,
    )


MUTANTS: list[Mutant] = [
    ("no budget", lambda p: p.drop("budget"), {"K8S-02"}),
    ("budget in another namespace", lambda p: p.put("budget", "metadata/namespace", "default"), {"K8S-02"}),
    ("budget in another cluster", lambda p: p.through("budget", "other"), {"K8S-02"}),
    ("budget's selector too wide", lambda p: p.put("budget", "spec/selector/matchLabels/app", "api"), {"K8S-02"}),
    ("budget's selector one label too many", lambda p: p.put("budget", "spec/selector/matchLabels/version", "2"), {"K8S-02"}),
    ("budget's expression excludes", lambda p: p.put("budget", "spec/selector/matchExpressions/0/operator", "NotIn"), {"K8S-02"}),
    ("budget's expression wants nothing there", lambda p: p.put("budget", "spec/selector/matchExpressions/0/operator", "DoesNotExist"), {"K8S-02"}),
    ("budget without a selector", lambda p: p.delete("budget", "spec/selector"), {"K8S-02"}),
    ("namespace unknown", lambda p: p.hide("budget", "metadata/namespace"), {"K8S-02?"}),
    ("labels unknown", lambda p: p.hide("web", "spec/template/metadata/labels/app"), {"K8S-02?", "K8S-06?", "LB-05?"}),
    ("budget of zero", lambda p: p.put("budget", "spec/maxUnavailable", 0), {"K8S-03"}),
    ("budget of zero percent", lambda p: p.put("budget", "spec/maxUnavailable", "0%"), {"K8S-03"}),
    ("budget of all", lambda p: p.put("budget", "spec/maxUnavailable", "100%"), {"K8S-03"}),
    ("budget of nothing", lambda p: p.delete("budget", "spec/maxUnavailable"), {"K8S-03"}),
    ("budget keeps every replica", lambda p: p.delete("budget", "spec/maxUnavailable").put("budget", "spec/minAvailable", 3), {"K8S-03"}),
    ("budget rounds up to every replica", lambda p: p.delete("budget", "spec/maxUnavailable").put("budget", "spec/minAvailable", "67%"), {"K8S-03"}),
    ("budget unknown", lambda p: p.hide("budget", "spec/maxUnavailable"), {"K8S-03?"}),
    ("budget of a workload not in view", lambda p: p.delete("budget", "spec/maxUnavailable").put("budget", "spec/minAvailable", 1).drop("web"), {"K8S-03?"}),
    ("no spread", lambda p: p.delete("web", "spec/template/spec/topologySpreadConstraints"), {"K8S-06"}),
    ("spread over hosts", lambda p: p.put("web", "spec/template/spec/topologySpreadConstraints/0/topologyKey", "kubernetes.io/hostname"), {"K8S-06"}),
    ("skew of two", lambda p: p.put("web", "spec/template/spec/topologySpreadConstraints/0/maxSkew", 2), {"K8S-06"}),
    ("spread of other pods", lambda p: p.put("web", "spec/template/spec/topologySpreadConstraints/0/labelSelector/matchLabels/app", "api"), {"K8S-06"}),
    ("spread unknown", lambda p: p.hide("web", "spec/template/spec/topologySpreadConstraints"), {"K8S-06?"}),
    ("autoscaled and not spread", lambda p: p.delete("web", "spec/replicas").delete("web", "spec/template/spec/topologySpreadConstraints").add("scaler", scaler(3)), {"K8S-06"}),
    ("replicas of a workload unknown", lambda p: p.hide("web", "spec/replicas").delete("web", "spec/template/spec/topologySpreadConstraints"), {"K8S-02?", "K8S-06?"}),
]  # fmt: skip

GOOD: list[Mutant] = [
    ("a single pod needs no budget", lambda p: p.put("web", "spec/replicas", 1).drop("budget"), set()),
    ("empty selector selects all", lambda p: p.put("budget", "spec/selector", {}), set()),
    ("budget keeps two of three", lambda p: p.delete("budget", "spec/maxUnavailable").put("budget", "spec/minAvailable", "50%"), set()),
    ("budget of an unseen workload", lambda p: p.drop("web"), set()),
]  # fmt: skip
