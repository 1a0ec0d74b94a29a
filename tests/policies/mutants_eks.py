"""Rules of EKS, by the ways to break them."""

# One mutant a line, or the table cannot be read as one.
# ruff: noqa: E501

from tests.policies.platform import NODE_GROUP, PRIVATE, UNKNOWN_TEXT, Mutant, Thing

ALWAYS: set[str] = set()
"""What nobody can say of one stack alone."""


def things() -> dict[str, Thing]:
    """What breaks none of them."""
    made = {
        "eks": Thing(
            "aws:eks/cluster:Cluster",
            {
                "vpcConfig": {"subnetIds": [UNKNOWN_TEXT] * 3},
                "deletionProtection": True,
                "zonalShiftConfig": {"enabled": True},
            },
            {"vpcConfig": PRIVATE},
        ),
        "nodes": Thing(
            NODE_GROUP,
            {
                "clusterName": UNKNOWN_TEXT,
                "subnetIds": [UNKNOWN_TEXT] * 3,
                "instanceTypes": ["m7i.xlarge"],
                "scalingConfig": {"minSize": 3, "desiredSize": 3, "maxSize": 9},
                "updateConfig": {"maxUnavailable": 1},
            },
            {"clusterName": ["eks"], "subnetIds": PRIVATE},
        ),
    }
    for zone in "ab":
        made[f"gpu-{zone}"] = Thing(
            NODE_GROUP,
            {
                "clusterName": UNKNOWN_TEXT,
                "subnetIds": [UNKNOWN_TEXT],
                "instanceTypes": ["g6.xlarge"],
                "scalingConfig": {"minSize": 1, "desiredSize": 1, "maxSize": 4},
            },
            {"clusterName": ["eks"], "subnetIds": [f"private-{zone}"]},
        )
    return made


MUTANTS: list[Mutant] = [
    # EKS-01
    ("control plane in one subnet", lambda p: p.put("eks", "vpcConfig", {"subnetIds": [UNKNOWN_TEXT]}).point("eks", "vpcConfig", "private-a"), {"EKS-01"}),
    ("control plane in one of three subnets", lambda p: p.put("eks", "vpcConfig", {"subnetIds": ["subnet-1"]}), {"EKS-01"}),
    ("control plane in two subnets of a zone", lambda p: p.put("eks", "vpcConfig", {"subnetIds": [UNKNOWN_TEXT] * 2}).point("eks", "vpcConfig", "private-a", "public-a"), {"EKS-01"}),
    ("control plane's subnets unknown", lambda p: p.hide("eks", "vpcConfig"), {"EKS-01?"}),
    # EKS-02
    ("nodes in one zone", lambda p: p.put("nodes", "subnetIds", [UNKNOWN_TEXT]).point("nodes", "subnetIds", "private-a").drop("gpu-b").drop("gpu-a"), {"EKS-02"}),
    ("nodes twice in a zone", lambda p: p.put("nodes", "subnetIds", [UNKNOWN_TEXT] * 2).point("nodes", "subnetIds", "private-a", "public-a").drop("gpu-a", "gpu-b"), {"EKS-02"}),
    ("nodes of another cluster", lambda p: p.point("nodes", "clusterName").point("gpu-a", "clusterName").point("gpu-b", "clusterName"), {"EKS-02?"}),
    ("nodes in one of three subnets", lambda p: p.put("nodes", "subnetIds", ["subnet-1"]).drop("gpu-a", "gpu-b"), {"EKS-02"}),
    ("nodes' subnets unknown", lambda p: p.hide("nodes", "subnetIds").drop("gpu-a", "gpu-b"), {"EKS-02?", "EKS-03?"}),
    # EKS-03
    ("floor off by one", lambda p: p.put("nodes", "scalingConfig/minSize", 2), {"EKS-03"}),
    ("no floor", lambda p: p.delete("nodes", "scalingConfig"), {"EKS-03"}),
    ("floor of one in one zone", lambda p: p.put("nodes", "subnetIds", [UNKNOWN_TEXT]).point("nodes", "subnetIds", "private-c").put("nodes", "scalingConfig/minSize", 1), {"EKS-03"}),
    ("floor unknown", lambda p: p.hide("nodes", "scalingConfig/minSize"), {"EKS-03?"}),
    ("instance types unknown", lambda p: p.hide("nodes", "instanceTypes"), {"EKS-03?", "EKS-13?"}),
    # EKS-05
    ("two nodes at once", lambda p: p.put("nodes", "updateConfig/maxUnavailable", 2), {"EKS-05"}),
    ("half at once", lambda p: p.put("nodes", "updateConfig", {"maxUnavailablePercentage": 50}), {"EKS-05"}),
    ("34 percent at once", lambda p: p.put("nodes", "updateConfig", {"maxUnavailablePercentage": 34}), {"EKS-05"}),
    ("update unknown", lambda p: p.hide("nodes", "updateConfig"), {"EKS-05?"}),
    # EKS-08, EKS-09
    ("cluster deletable", lambda p: p.put("eks", "deletionProtection", False), {"EKS-08"}),
    ("cluster deletable by default", lambda p: p.delete("eks", "deletionProtection"), {"EKS-08"}),
    ("cluster protection of the wrong type", lambda p: p.put("eks", "deletionProtection", "true"), {"EKS-08"}),
    ("cluster protection unknown", lambda p: p.hide("eks", "deletionProtection"), {"EKS-08?"}),
    ("zonal shift off", lambda p: p.put("eks", "zonalShiftConfig/enabled", False), {"EKS-09"}),
    ("zonal shift left out", lambda p: p.delete("eks", "zonalShiftConfig"), {"EKS-09"}),
    ("zonal shift empty", lambda p: p.put("eks", "zonalShiftConfig", {}), {"EKS-09"}),
    ("zonal shift unknown", lambda p: p.hide("eks", "zonalShiftConfig"), {"EKS-09?"}),
    # EKS-13
    ("GPU group dropped", lambda p: p.drop("gpu-b"), {"EKS-13"}),
    ("GPU groups in one zone", lambda p: p.point("gpu-b", "subnetIds", "private-a"), {"EKS-13"}),
    ("one GPU group empty", lambda p: p.put("gpu-b", "scalingConfig/minSize", 0), {"EKS-13"}),
    ("all GPU groups empty", lambda p: p.put("gpu-a", "scalingConfig/minSize", 0).put("gpu-b", "scalingConfig/minSize", 0), {"EKS-13"}),
    ("GPUs told by the image", lambda p: p.put("gpu-b", "instanceTypes", ["x9.large"]).put("gpu-b", "amiType", "AL2023_x86_64_NVIDIA").drop("gpu-a"), {"EKS-13"}),
    ("GPU floor unknown", lambda p: p.hide("gpu-b", "scalingConfig/minSize"), {"EKS-13?"}),
    ("GPU subnet not in view", lambda p: p.cut("gpu-b", "subnetIds"), {"EKS-13?"}),
]  # fmt: skip

GOOD: list[Mutant] = [
    ("node update by default", lambda p: p.delete("nodes", "updateConfig"), set()),
    ("a third at once", lambda p: p.put("nodes", "updateConfig", {"maxUnavailablePercentage": 33}), set()),
    ("no GPUs at all", lambda p: p.drop("gpu-a", "gpu-b"), set()),
    ("an instance type that only looks like GPUs", lambda p: p.put("nodes", "instanceTypes", ["gr7.large"]), set()),
    ("auto mode has no node groups", lambda p: p.drop("nodes", "gpu-a", "gpu-b").put("eks", "computeConfig", {"enabled": True}), set()),
]  # fmt: skip
