"""Rules of EKS, by the ways to break them."""

# One mutant a line, or the table cannot be read as one.
# ruff: noqa: E501

import copy
import json

from tests.policies.other_region import with_other_region
from tests.policies.platform import NODE_GROUP, PRIVATE, UNKNOWN_TEXT, Mutant, Platform, Thing

ALWAYS: set[str] = {"EKS-16?"}
"""What nobody can say of one stack alone."""

ADDON = "aws:eks/addon:Addon"
FIRST = ("vpc-cni", "kube-proxy", "eks-pod-identity-agent")


def things() -> dict[str, Thing]:
    """What breaks none of them."""
    made = {
        "eks": Thing(
            "aws:eks/cluster:Cluster",
            {
                "version": "1.34",
                "vpcConfig": {
                    "subnetIds": [UNKNOWN_TEXT] * 3,
                    "endpointPrivateAccess": True,
                    "endpointPublicAccess": True,
                    "publicAccessCidrs": ["203.0.113.0/24"],
                },
                "encryptionConfig": {"provider": {"keyArn": UNKNOWN_TEXT}, "resources": ["secrets"]},
                "enabledClusterLogTypes": ["api", "audit", "authenticator", "controllerManager", "scheduler"],
                "accessConfig": {"authenticationMode": "API", "bootstrapClusterCreatorAdminPermissions": False},
                "bootstrapSelfManagedAddons": False,
                "deletionProtection": True,
                "zonalShiftConfig": {"enabled": True},
            },
            {"vpcConfig": PRIVATE},
        ),
        "access": Thing(
            "aws:eks/accessPolicyAssociation:AccessPolicyAssociation",
            {"clusterName": UNKNOWN_TEXT, "accessScope": {"type": "cluster"}},
            {"clusterName": ["eks"]},
        ),
        # The provider's name is the one that everything in the cluster gives.
        "explicit": Thing(
            "pulumi:providers:kubernetes",
            {"kubeconfig": UNKNOWN_TEXT},
            {"kubeconfig": ["eks"]},
            region=None,
            after=["access"],
        ),
        "nodes": Thing(
            NODE_GROUP,
            {
                "clusterName": UNKNOWN_TEXT,
                "subnetIds": [UNKNOWN_TEXT] * 3,
                "instanceTypes": ["m7i.xlarge"],
                "capacityType": "ON_DEMAND",
                "scalingConfig": {"minSize": 3, "desiredSize": 3, "maxSize": 9},
                "updateConfig": {"maxUnavailable": 1},
                "nodeRepairConfig": {"enabled": True},
            },
            {"clusterName": ["eks", *FIRST], "subnetIds": PRIVATE},
        ),
        "template": Thing("aws:ec2/launchTemplate:LaunchTemplate", {"metadataOptions": {"httpTokens": "required"}}),
        "coredns": Thing(
            ADDON,
            {
                "addonName": "coredns",
                "clusterName": UNKNOWN_TEXT,
                "configurationValues": json.dumps({"replicaCount": 3, "topologySpreadConstraints": OVER_ZONES}),
            },
            {"clusterName": ["nodes"]},
        ),
        "karpenter": Thing(
            "kubernetes:helm.sh/v3:Release",
            {
                "name": "karpenter",
                "namespace": "kube-system",
                "chart": "oci://charts.example.com/karpenter/karpenter",
                "version": "1.8.1",
                "atomic": True,
                "timeout": 600,
                "values": {
                    "settings": {"interruptionQueue": UNKNOWN_TEXT},
                    "controller": {"resources": {"requests": {"cpu": 1}, "limits": {"memory": "1Gi"}}},
                },
            },
            region=None,
        ),
        "elastic": pool("a", "b", "c"),
    }
    for zone in "ab":
        made[f"gpu-{zone}"] = Thing(
            NODE_GROUP,
            {
                "clusterName": UNKNOWN_TEXT,
                "subnetIds": [UNKNOWN_TEXT],
                "instanceTypes": ["g6.xlarge"],
                "capacityType": "ON_DEMAND",
                "scalingConfig": {"minSize": 1, "desiredSize": 1, "maxSize": 4},
                "nodeRepairConfig": {"enabled": True},
            },
            {"clusterName": ["eks", *FIRST], "subnetIds": [f"private-{zone}"]},
        )
        made[f"elastic-gpu-{zone}"] = pool(zone, taint="nvidia.com/gpu")
    for name in FIRST:
        made[name] = Thing(ADDON, {"addonName": name, "clusterName": UNKNOWN_TEXT}, {"clusterName": ["eks"]})
    return made


def pool(*zones: str, taint: str | None = None) -> Thing:
    """A Karpenter pool over these zones; over any if none is given."""
    requirements: list[object] = [{"key": "kubernetes.io/arch", "operator": "In", "values": ["amd64"]}]
    if zones:
        values = [f"us-east-1{zone}" for zone in zones]
        requirements.append({"key": "topology.kubernetes.io/zone", "operator": "In", "values": values})
    spec: dict[str, object] = {"requirements": requirements}
    if taint:
        spec["taints"] = [{"key": taint, "value": "true", "effect": "NoSchedule"}]
    return Thing(
        "kubernetes:karpenter.sh/v1:NodePool",
        {
            "metadata": {"name": "elastic"},
            "spec": {
                "template": {"spec": spec},
                "limits": {"cpu": "100"},
                "disruption": {"budgets": [{"nodes": "10%"}]},
            },
        },
        region=None,
    )


def fargate(platform: Platform, *zones: str) -> Platform:
    """A profile for pods on Fargate, in these zones' subnets."""
    subnets = [f"private-{zone}" for zone in zones]
    props = {"clusterName": UNKNOWN_TEXT, "subnetIds": [UNKNOWN_TEXT] * len(zones)}
    profile = Thing("aws:eks/fargateProfile:FargateProfile", props, {"clusterName": ["eks"], "subnetIds": subnets})
    return platform.add("serverless", profile)


def without_nodes(platform: Platform) -> Platform:
    """No node group, and no add-on that waits for one."""
    return platform.drop("nodes", "gpu-a", "gpu-b", "coredns")


def autoscaler(platform: Platform, name: str, image: str = "registry.example.com/web:1.2.3") -> Platform:
    """A Deployment that adds nodes, if anything does, in place of Karpenter's release; as good as the one that is."""
    scaler = copy.deepcopy(platform.things["web"])
    scaler.props["metadata"]["name"] = name
    scaler.props["spec"]["template"]["spec"]["containers"][0]["image"] = image
    return platform.drop("karpenter").add("scaling", scaler)


def coredns(platform: Platform, **values: object) -> Platform:
    """Configure CoreDNS."""
    return platform.put("coredns", "configurationValues", json.dumps(values))


def only_gpus(platform: Platform) -> Platform:
    """Taint the nodes with GPUs, and let CoreDNS wait for those alone."""
    taints = [{"key": "nvidia.com/gpu", "value": "true", "effect": "NO_SCHEDULE"}]
    return platform.put("gpu-a", "taints", taints).point("coredns", "clusterName", "gpu-a")


def without_rights(platform: Platform) -> Platform:
    """Let the provider wait for nothing but the cluster."""
    return platform.wait("explicit")


def each_with_rights(platform: Platform) -> Platform:
    """Let everything in the cluster wait for the right, and not the provider."""
    for name, thing in without_rights(platform).things.items():
        if thing.type.startswith("kubernetes:"):
            platform.wait(name, "access")
    return platform


OVER_ZONES = [{"topologyKey": "topology.kubernetes.io/zone"}]
OVER_HOSTS = [{"topologyKey": "kubernetes.io/hostname"}]
BUDGETS = "spec/disruption/budgets"
ZONES_OF = "spec/template/spec/requirements/1/values"


MUTANTS: list[Mutant] = [
    # EKS-01
    ("control plane in one subnet", lambda p: p.put("eks", "vpcConfig/subnetIds", [UNKNOWN_TEXT]).point("eks", "vpcConfig", "private-a"), {"EKS-01"}),
    ("control plane in one of three subnets", lambda p: p.put("eks", "vpcConfig/subnetIds", ["subnet-1"]), {"EKS-01"}),
    ("control plane in two subnets of a zone", lambda p: p.put("eks", "vpcConfig/subnetIds", [UNKNOWN_TEXT] * 2).point("eks", "vpcConfig", "private-a", "public-a"), {"EKS-01"}),
    ("control plane's subnets unknown", lambda p: p.hide("eks", "vpcConfig/subnetIds"), {"EKS-01?"}),
    # EKS-02
    ("nodes in one zone", lambda p: p.put("nodes", "subnetIds", [UNKNOWN_TEXT]).point("nodes", "subnetIds", "private-a").drop("gpu-b").drop("gpu-a"), {"EKS-02"}),
    ("nodes twice in a zone", lambda p: p.put("nodes", "subnetIds", [UNKNOWN_TEXT] * 2).point("nodes", "subnetIds", "private-a", "public-a").drop("gpu-a", "gpu-b"), {"EKS-02"}),
    ("nodes of another cluster", lambda p: p.point("nodes", "clusterName").point("gpu-a", "clusterName").point("gpu-b", "clusterName"), {"EKS-02?", "EKS-20?"}),
    ("nodes in one of three subnets", lambda p: p.put("nodes", "subnetIds", ["subnet-1"]).drop("gpu-a", "gpu-b"), {"EKS-02"}),
    ("nodes' subnets unknown", lambda p: p.hide("nodes", "subnetIds").drop("gpu-a", "gpu-b"), {"EKS-02?", "EKS-03?"}),
    ("two groups that each name one of the subnets of two zones", lambda p: p.put("nodes", "subnetIds", ["subnet-1"]).point("nodes", "subnetIds", "private-a", "private-b").put("gpu-a", "subnetIds", ["subnet-1"]).point("gpu-a", "subnetIds", "private-a", "private-b").drop("gpu-b"), {"EKS-02?", "EKS-13"}),
    ("pods on Fargate in one zone", lambda p: fargate(p, "a"), {"EKS-02"}),
    ("pods on Fargate in one zone, and no nodes", lambda p: fargate(without_nodes(p), "a"), {"EKS-02"}),
    ("zones of pods on Fargate unknown", lambda p: fargate(p, "a", "b").hide("serverless", "subnetIds"), {"EKS-02?"}),
    ("nodes in one zone, and pods on Fargate in two", lambda p: fargate(p, "a", "b").put("nodes", "subnetIds", [UNKNOWN_TEXT]).point("nodes", "subnetIds", "private-a").drop("gpu-b", "gpu-a"), {"EKS-02"}),
    # EKS-03
    ("floor off by one", lambda p: p.put("nodes", "scalingConfig/minSize", 2), {"EKS-03"}),
    ("no floor", lambda p: p.delete("nodes", "scalingConfig"), {"EKS-03"}),
    ("floor of one in one zone", lambda p: p.put("nodes", "subnetIds", [UNKNOWN_TEXT]).point("nodes", "subnetIds", "private-c").put("nodes", "scalingConfig/minSize", 1), {"EKS-03"}),
    ("floor unknown", lambda p: p.hide("nodes", "scalingConfig/minSize"), {"EKS-03?", "EKS-04?"}),
    ("instance types unknown", lambda p: p.hide("nodes", "instanceTypes"), {"EKS-03?", "EKS-13?", "EKS-22?"}),
    # EKS-05
    ("two nodes at once", lambda p: p.put("nodes", "updateConfig/maxUnavailable", 2), {"EKS-05"}),
    ("half at once", lambda p: p.put("nodes", "updateConfig", {"maxUnavailablePercentage": 50}), {"EKS-05"}),
    ("34 percent at once", lambda p: p.put("nodes", "updateConfig", {"maxUnavailablePercentage": 34}), {"EKS-05"}),
    ("update unknown", lambda p: p.hide("nodes", "updateConfig"), {"EKS-05?"}),
    # EKS-08, EKS-09
    ("cluster deletable", lambda p: p.put("eks", "deletionProtection", False), {"EKS-08"}),
    ("cluster deletable by default", lambda p: p.delete("eks", "deletionProtection"), {"EKS-08"}),
    ("cluster protection of the wrong type", lambda p: p.put("eks", "deletionProtection", "on"), {"EKS-08"}),
    ("cluster protection unknown", lambda p: p.hide("eks", "deletionProtection"), {"EKS-08?"}),
    ("zonal shift off", lambda p: p.put("eks", "zonalShiftConfig/enabled", False), {"EKS-09"}),
    ("zonal shift left out", lambda p: p.delete("eks", "zonalShiftConfig"), {"EKS-09"}),
    ("zonal shift empty", lambda p: p.put("eks", "zonalShiftConfig", {}), {"EKS-09"}),
    ("zonal shift unknown", lambda p: p.hide("eks", "zonalShiftConfig"), {"EKS-09?"}),
    # EKS-13
    ("GPU group dropped", lambda p: p.drop("gpu-b"), {"EKS-13"}),
    ("GPU groups in one zone", lambda p: p.point("gpu-b", "subnetIds", "private-a"), {"EKS-13"}),
    ("one GPU group empty", lambda p: p.put("gpu-b", "scalingConfig/minSize", 0), {"EKS-13", "EKS-22"}),
    ("all GPU groups empty", lambda p: p.put("gpu-a", "scalingConfig/minSize", 0).put("gpu-b", "scalingConfig/minSize", 0), {"EKS-13", "EKS-22"}),
    ("GPUs told by the image", lambda p: p.put("gpu-b", "instanceTypes", ["x9.large"]).put("gpu-b", "amiType", "AL2023_x86_64_NVIDIA").drop("gpu-a"), {"EKS-13"}),
    ("GPUs told by the older image", lambda p: p.put("gpu-b", "instanceTypes", ["x9.large"]).put("gpu-b", "amiType", "AL2_x86_64_GPU").drop("gpu-a"), {"EKS-13"}),
    ("GPUs told by the taint", lambda p: p.put("gpu-b", "instanceTypes", ["x9.large"]).put("gpu-b", "taints", [{"key": "nvidia.com/gpu"}]).drop("gpu-a"), {"EKS-13"}),
    ("GPU floor unknown", lambda p: p.hide("gpu-b", "scalingConfig/minSize"), {"EKS-04?", "EKS-13?", "EKS-22?"}),
    ("two groups of unknown types", lambda p: p.hide("nodes", "instanceTypes").hide("gpu-a", "instanceTypes"), {"EKS-03?", "EKS-13?", "EKS-22?"}),
    ("GPU subnet not in view", lambda p: p.cut("gpu-b", "subnetIds"), {"EKS-13?"}),
    # EKS-04
    ("nodes at their maximum", lambda p: p.put("nodes", "scalingConfig/maxSize", 3), {"EKS-04"}),
    ("room for a lost zone off by one", lambda p: p.put("nodes", "scalingConfig/maxSize", 4), {"EKS-04"}),
    ("no room for the other zone's GPU node", lambda p: p.put("gpu-a", "scalingConfig/maxSize", 1), {"EKS-04"}),
    ("room for a lost zone of two", lambda p: p.put("nodes", "subnetIds", [UNKNOWN_TEXT] * 2).point("nodes", "subnetIds", "private-a", "private-b").put("nodes", "scalingConfig/maxSize", 5), {"EKS-04"}),
    ("no room for the other zone's three GPU nodes", lambda p: p.put("gpu-a", "scalingConfig/minSize", 3).put("gpu-a", "scalingConfig/maxSize", 5), {"EKS-04"}),
    ("maximum as text", lambda p: p.put("nodes", "scalingConfig/maxSize", "9"), {"EKS-04"}),
    ("maximum unknown", lambda p: p.hide("nodes", "scalingConfig/maxSize"), {"EKS-04?"}),
    ("room that a zone not in view decides", lambda p: p.cut("nodes", "subnetIds").put("nodes", "scalingConfig/maxSize", 5), {"EKS-04?"}),
    ("room for a lost zone of at most six off by one", lambda p: p.hide("nodes", "subnetIds").put("nodes", "scalingConfig", {"minSize": 30, "maxSize": 35}), {"EKS-03?", "EKS-04"}),
    ("just the room for a lost zone of at most six", lambda p: p.hide("nodes", "subnetIds").put("nodes", "scalingConfig", {"minSize": 30, "maxSize": 36}), {"EKS-03?", "EKS-04?"}),
    ("five nodes at once, beside a percentage that a provider keeps as 0", lambda p: p.put("nodes", "updateConfig", {"maxUnavailable": 5, "maxUnavailablePercentage": 0}), {"EKS-05"}),
    # EKS-06
    ("spot instances only", lambda p: p.put("nodes", "capacityType", "SPOT").put("nodes", "instanceTypes", ["m7i.large", "m7a.large", "m6i.large"]).drop("gpu-a", "gpu-b"), {"EKS-06"}),
    ("spot instances, and none with GPUs kept", lambda p: p.put("nodes", "capacityType", "SPOT").put("nodes", "instanceTypes", ["m7i.large", "m7a.large", "m6i.large"]).drop("gpu-a", "gpu-b").add("spare", Thing(NODE_GROUP, {"subnetIds": [UNKNOWN_TEXT], "instanceTypes": ["g6.xlarge"], "scalingConfig": {"minSize": 0, "maxSize": 1}, "nodeRepairConfig": {"enabled": True}}, {"clusterName": ["eks", *FIRST], "subnetIds": ["private-a"]})), {"EKS-06", "EKS-13", "EKS-22"}),
    ("GPU spot instances only", lambda p: p.drop("nodes", "gpu-b").put("gpu-a", "capacityType", "SPOT").put("gpu-a", "instanceTypes", ["g6.xlarge", "g5.xlarge", "g4dn.xlarge"]).put("gpu-a", "subnetIds", [UNKNOWN_TEXT] * 2).point("gpu-a", "subnetIds", "private-a", "private-b").put("gpu-a", "scalingConfig/minSize", 2).point("coredns", "clusterName", "gpu-a"), {"EKS-06"}),
    ("spot instances over all zones", lambda p: p.put("nodes", "capacityType", "SPOT").put("nodes", "instanceTypes", ["m7i.large", "m7a.large", "m6i.large"]).put("gpu-a", "capacityType", "SPOT").put("gpu-a", "instanceTypes", ["g6.xlarge", "g5.xlarge", "g4dn.xlarge"]).put("gpu-b", "capacityType", "SPOT").put("gpu-b", "instanceTypes", ["g6.xlarge", "g5.xlarge", "g4dn.xlarge"]), {"EKS-06"}),
    ("capacity unknown", lambda p: p.hide("nodes", "capacityType").drop("gpu-a", "gpu-b"), {"EKS-06?", "EKS-07?"}),
    # EKS-07
    ("spot instances of one type", lambda p: p.put("gpu-a", "capacityType", "SPOT"), {"EKS-07"}),
    ("spot instances of two types", lambda p: p.put("gpu-a", "capacityType", "SPOT").put("gpu-a", "instanceTypes", ["g6.xlarge", "g5.xlarge"]), {"EKS-07"}),
    ("spot instances of a type named three times", lambda p: p.put("nodes", "capacityType", "SPOT").put("nodes", "instanceTypes", ["m7i.large"] * 3), {"EKS-07"}),
    ("spot instances of the default type", lambda p: p.put("nodes", "capacityType", "SPOT").delete("nodes", "instanceTypes"), {"EKS-07"}),
    ("spot instances of types unknown", lambda p: p.put("gpu-a", "capacityType", "SPOT").hide("gpu-a", "instanceTypes"), {"EKS-03?", "EKS-07?", "EKS-13?", "EKS-22?"}),
    ("spot instances of a type unknown", lambda p: p.put("gpu-a", "capacityType", "SPOT").put("gpu-a", "instanceTypes", ["g6.xlarge", "g5.xlarge", UNKNOWN_TEXT]), {"EKS-07?"}),
    # EKS-10
    ("version out of support", lambda p: p.put("eks", "version", "1.31"), {"EKS-10"}),
    ("version long out of support", lambda p: p.put("eks", "version", "1.9"), {"EKS-10"}),
    ("version left to AWS", lambda p: p.delete("eks", "version"), {"EKS-10"}),
    ("version with a patch", lambda p: p.put("eks", "version", "1.34.1"), {"EKS-10"}),
    ("version as a number", lambda p: p.put("eks", "version", 1.34), {"EKS-10"}),
    ("Kubernetes version unknown", lambda p: p.hide("eks", "version"), {"EKS-10?"}),
    # EKS-11
    ("one CoreDNS", lambda p: coredns(p, replicaCount=1, topologySpreadConstraints=OVER_ZONES), {"EKS-11"}),
    ("CoreDNS by default", lambda p: p.delete("coredns", "configurationValues"), {"EKS-11"}),
    ("CoreDNS not spread", lambda p: coredns(p, replicaCount=3), {"EKS-11"}),
    ("CoreDNS spread over hosts", lambda p: coredns(p, replicaCount=3, topologySpreadConstraints=OVER_HOSTS), {"EKS-11"}),
    ("CoreDNS autoscaled from one", lambda p: coredns(p, replicaCount=3, autoScaling={"enabled": True, "minReplicas": 1}, topologySpreadConstraints=OVER_ZONES), {"EKS-11"}),
    ("CoreDNS configured with no JSON", lambda p: p.put("coredns", "configurationValues", "replicaCount: 3"), {"EKS-11"}),
    ("CoreDNS configured with a list", lambda p: p.put("coredns", "configurationValues", "[3]"), {"EKS-11"}),
    ("CoreDNS unknown", lambda p: p.hide("coredns", "configurationValues"), {"EKS-11?"}),
    # EKS-12
    ("nodes not repaired", lambda p: p.put("nodes", "nodeRepairConfig/enabled", False), {"EKS-12"}),
    ("nodes not repaired by default", lambda p: p.delete("nodes", "nodeRepairConfig"), {"EKS-12"}),
    ("GPU nodes not repaired", lambda p: p.put("gpu-b", "nodeRepairConfig", {}), {"EKS-12"}),
    ("repair unknown", lambda p: p.hide("nodes", "nodeRepairConfig"), {"EKS-12?"}),
    # EKS-14
    ("no autoscaler", lambda p: p.drop("karpenter"), {"EKS-14"}),
    ("autoscaler of another cluster", lambda p: p.through("karpenter", "other"), {"EKS-14"}),
    ("no autoscaler, and pods on Fargate beside nodes", lambda p: fargate(p, "a", "b").drop("karpenter"), {"EKS-14"}),
    ("autoscaler of another cluster by a Deployment", lambda p: autoscaler(p, "cluster-autoscaler").through("scaling", "other"), {"EKS-14", "K8S-02", "K8S-13?", "K8S-29"}),
    ("image of what may be an autoscaler unknown", lambda p: p.drop("karpenter").hide("web", "spec/template/spec/containers/0/image"), {"EKS-14?", "K8S-26?"}),
    ("autoscaler by a chart that says nothing of itself", lambda p: p.drop("karpenter").add("scaling", Thing("kubernetes:helm.sh/v3:Chart", {}, region=None)), {"EKS-14?"}),
    ("only Karpenter's definitions", lambda p: p.put("karpenter", "chart", "oci://charts.example.com/karpenter/karpenter-crd"), {"EKS-14"}),
    ("autoscaler's chart unknown", lambda p: p.hide("karpenter", "chart"), {"EKS-14?", "EKS-26?", "HELM-02?", "HELM-03?", "HELM-05?"}),
    ("no provider of the cluster", lambda p: p.cut("explicit", "kubeconfig"), {"EKS-14?"}),
    # EKS-15
    ("pool without limits", lambda p: p.delete("elastic", "spec/limits"), {"EKS-15"}),
    ("pool with empty limits", lambda p: p.put("elastic", "spec/limits", {}), {"EKS-15"}),
    ("pool with no budget at all", lambda p: p.put("elastic", BUDGETS, []), {"EKS-15"}),
    ("pool with a budget off by one", lambda p: p.put("elastic", BUDGETS, [{"nodes": "34%"}]), {"EKS-15"}),
    ("pool with a budget at night only", lambda p: p.put("elastic", BUDGETS, [{"nodes": "10%", "schedule": "0 0 * * *", "duration": "8h"}]), {"EKS-15"}),
    ("pool with a budget of one reason only", lambda p: p.put("elastic", BUDGETS, [{"nodes": "10%", "reasons": ["Drifted"]}]), {"EKS-15"}),
    ("pool's budget unknown", lambda p: p.put("elastic", BUDGETS, [UNKNOWN_TEXT]), {"EKS-15?"}),
    ("pool's budgets unknown", lambda p: p.hide("elastic", BUDGETS), {"EKS-15?"}),
    ("pool's limits unknown", lambda p: p.hide("elastic", "spec/limits"), {"EKS-15?"}),
    # EKS-16
    ("the other region's version older", lambda p: with_other_region(p).put("eks-west", "version", "1.33"), {"EKS-16"}),
    ("the other region's version newer", lambda p: with_other_region(p).put("eks-west", "version", "1.35"), {"EKS-16"}),
    ("this region's version newer", lambda p: with_other_region(p).put("eks", "version", "1.35"), {"EKS-16"}),
    ("the other region's version unknown", lambda p: with_other_region(p).hide("eks-west", "version"), {"EKS-16?", "EKS-10?"}),
    # EKS-17
    ("elastic nodes in one zone", lambda p: p.put("elastic", ZONES_OF, ["us-east-1a"]), {"EKS-17"}),
    ("elastic GPUs in one zone", lambda p: p.drop("elastic-gpu-b"), {"EKS-17"}),
    ("elastic GPUs twice in a zone", lambda p: p.put("elastic-gpu-b", ZONES_OF, ["us-east-1a"]), {"EKS-17"}),
    ("elastic GPUs of the other zone in another cluster", lambda p: p.through("elastic-gpu-b", "other"), {"EKS-17"}),
    ("elastic GPUs of the other zone with other taints", lambda p: p.put("elastic-gpu-b", "spec/template/spec/taints", [{"key": "spare"}]), {"EKS-17"}),
    ("what elastic nodes are pinned to unknown", lambda p: p.put("elastic", "spec/template/spec/requirements", [UNKNOWN_TEXT]), {"EKS-17?"}),
    ("elastic zone unknown", lambda p: p.put("elastic", ZONES_OF, [UNKNOWN_TEXT]), {"EKS-17?"}),
    ("elastic taints unknown", lambda p: p.hide("elastic-gpu-b", "spec/template/spec/taints"), {"EKS-17?"}),
    ("elastic zones unknown", lambda p: p.put("elastic", ZONES_OF, [UNKNOWN_TEXT] * 2), {"EKS-17?"}),
    # EKS-18
    ("no logs of the control plane", lambda p: p.delete("eks", "enabledClusterLogTypes"), {"EKS-18"}),
    ("audit log only", lambda p: p.put("eks", "enabledClusterLogTypes", ["audit"]), {"EKS-18"}),
    ("all logs but one", lambda p: p.put("eks", "enabledClusterLogTypes", ["api", "audit", "authenticator", "scheduler"]), {"EKS-18"}),
    ("logs unknown", lambda p: p.hide("eks", "enabledClusterLogTypes"), {"EKS-18?"}),
    # EKS-19
    ("no private endpoint", lambda p: p.put("eks", "vpcConfig/endpointPrivateAccess", False), {"EKS-19"}),
    ("no private endpoint by default", lambda p: p.delete("eks", "vpcConfig/endpointPrivateAccess"), {"EKS-19"}),
    ("endpoint for everyone", lambda p: p.put("eks", "vpcConfig/publicAccessCidrs", ["203.0.113.0/24", "0.0.0.0/0"]), {"EKS-19"}),
    ("endpoint for everyone in two halves", lambda p: p.put("eks", "vpcConfig/publicAccessCidrs", ["0.0.0.0/1", "128.0.0.0/1"]), {"EKS-19"}),
    ("endpoint for everyone, and for somebody unknown", lambda p: p.put("eks", "vpcConfig/publicAccessCidrs", [UNKNOWN_TEXT, "::/0"]), {"EKS-19"}),
    ("endpoint for everyone by default", lambda p: p.delete("eks", "vpcConfig/publicAccessCidrs"), {"EKS-19"}),
    ("public endpoint by default", lambda p: p.delete("eks", "vpcConfig/endpointPublicAccess").put("eks", "vpcConfig/publicAccessCidrs", []), {"EKS-19"}),
    ("networks of the endpoint unknown", lambda p: p.hide("eks", "vpcConfig/publicAccessCidrs"), {"EKS-19?"}),
    # EKS-20
    ("CoreDNS before nodes", lambda p: p.point("coredns", "clusterName", "eks"), {"EKS-20"}),
    ("CoreDNS after nodes with GPUs only", only_gpus, {"EKS-20"}),
    ("network add-on after nodes", lambda p: p.point("nodes", "clusterName", "eks", "kube-proxy", "eks-pod-identity-agent").point("gpu-a", "clusterName", "eks", "kube-proxy", "eks-pod-identity-agent").point("gpu-b", "clusterName", "eks", "kube-proxy", "eks-pod-identity-agent").point("vpc-cni", "clusterName", "nodes"), {"EKS-20"}),
    ("nodes that do not wait for their network", lambda p: p.point("nodes", "clusterName", "eks", "kube-proxy", "eks-pod-identity-agent"), {"EKS-20"}),
    ("GPU nodes that do not wait for pod identities", lambda p: p.point("gpu-b", "clusterName", "eks", "vpc-cni", "kube-proxy"), {"EKS-20"}),
    ("nodes that do not wait for their network, of a cluster that may have one", lambda p: p.point("nodes", "clusterName", "eks", "kube-proxy", "eks-pod-identity-agent").hide("eks", "bootstrapSelfManagedAddons"), {"EKS-20?"}),
    ("CoreDNS before nodes that have a network", lambda p: p.point("coredns", "clusterName", "eks").delete("eks", "bootstrapSelfManagedAddons"), {"EKS-20"}),
    ("which add-on unknown", lambda p: p.hide("coredns", "addonName"), {"EKS-11?", "EKS-20?"}),
    ("add-on's cluster not in view", lambda p: p.cut("coredns", "clusterName"), {"EKS-20?"}),
    # EKS-21
    ("workloads before their right", without_rights, {"EKS-21"}),
    ("right for another cluster", lambda p: p.point("access", "clusterName"), {"EKS-21"}),
    ("right in a namespace only", lambda p: p.put("access", "accessScope", {"type": "namespace", "namespaces": ["serving"]}), {"EKS-21"}),
    ("no right at all", lambda p: p.drop("access"), {"EKS-21"}),
    ("one workload waits for its right, others do not", lambda p: without_rights(p).wait("web", "access"), {"EKS-21"}),
    ("three do not wait for their right", lambda p: each_with_rights(p).wait("web").wait("budget").wait("policy"), {"EKS-21"}),
    ("four do not wait for their right", lambda p: each_with_rights(p).wait("web").wait("budget").wait("policy").wait("claim"), {"EKS-21"}),
    ("kubeconfig from elsewhere", lambda p: p.point("explicit", "kubeconfig", "vpc"), {"EKS-14?", "EKS-21?"}),
    ("creator's rights unknown", lambda p: p.drop("access").hide("eks", "accessConfig/bootstrapClusterCreatorAdminPermissions"), {"EKS-21?", "EKS-24?"}),
    # EKS-22
    ("GPU floor of one in two zones", lambda p: p.put("gpu-a", "subnetIds", [UNKNOWN_TEXT] * 2).point("gpu-a", "subnetIds", "private-a", "private-c"), {"EKS-22"}),
    ("no GPU floor in a third zone", lambda p: p.add("gpu-c", Thing(NODE_GROUP, {"subnetIds": [UNKNOWN_TEXT], "instanceTypes": ["g6.xlarge"], "scalingConfig": {"minSize": 0, "maxSize": 4}, "nodeRepairConfig": {"enabled": True}}, {"clusterName": ["eks", *FIRST], "subnetIds": ["private-c"]})), {"EKS-22"}),
    ("GPU group without a floor", lambda p: p.add("gpu-c", Thing(NODE_GROUP, {"subnetIds": [UNKNOWN_TEXT], "amiType": "BOTTLEROCKET_x86_64_NVIDIA", "nodeRepairConfig": {"enabled": True}}, {"clusterName": ["eks", *FIRST], "subnetIds": ["private-c"]})), {"EKS-22"}),
    ("GPU group without a floor or a subnet", lambda p: p.put("gpu-a", "subnetIds", []).point("gpu-a", "subnetIds").put("gpu-a", "scalingConfig/minSize", 0), {"EKS-13", "EKS-22"}),
    ("GPU group of unknown subnets", lambda p: p.hide("gpu-a", "subnetIds"), {"EKS-13?", "EKS-22?"}),
    # EKS-23
    ("secrets not encrypted", lambda p: p.delete("eks", "encryptionConfig"), {"EKS-23"}),
    ("encryption of nothing", lambda p: p.put("eks", "encryptionConfig/resources", []), {"EKS-23"}),
    ("encryption without a key", lambda p: p.put("eks", "encryptionConfig/provider", {}), {"EKS-23"}),
    ("what is encrypted unknown", lambda p: p.put("eks", "encryptionConfig/resources", [UNKNOWN_TEXT]), {"EKS-23?"}),
    ("encryption unknown", lambda p: p.hide("eks", "encryptionConfig"), {"EKS-23?"}),
    ("key of an encryption unknown", lambda p: p.hide("eks", "encryptionConfig/provider"), {"EKS-23?"}),
    # EKS-24
    ("access by config map too", lambda p: p.put("eks", "accessConfig/authenticationMode", "API_AND_CONFIG_MAP"), {"EKS-24"}),
    ("access by default", lambda p: p.delete("eks", "accessConfig"), {"EKS-24"}),
    ("hidden rights of the creator", lambda p: p.put("eks", "accessConfig/bootstrapClusterCreatorAdminPermissions", True), {"EKS-24"}),
    ("rights of the creator instead of entries", lambda p: p.drop("access").put("eks", "accessConfig/bootstrapClusterCreatorAdminPermissions", True), {"EKS-24"}),
    ("rights of the creator by default", lambda p: p.delete("eks", "accessConfig/bootstrapClusterCreatorAdminPermissions"), {"EKS-24"}),
    ("access mode unknown", lambda p: p.hide("eks", "accessConfig/authenticationMode"), {"EKS-24?"}),
    # EKS-25
    ("metadata without tokens", lambda p: p.put("template", "metadataOptions/httpTokens", "optional"), {"EKS-25"}),
    ("metadata without tokens by default", lambda p: p.delete("template", "metadataOptions"), {"EKS-25"}),
    ("elastic nodes' metadata without tokens", lambda p: p.add("class", Thing("kubernetes:karpenter.k8s.aws/v1:EC2NodeClass", {"spec": {"metadataOptions": {"httpTokens": "optional"}}}, region=None)), {"EKS-25"}),
    ("metadata unknown", lambda p: p.hide("template", "metadataOptions"), {"EKS-25?"}),
    # EKS-26
    ("Karpenter without a queue", lambda p: p.delete("karpenter", "values/settings/interruptionQueue"), {"EKS-26"}),
    ("Karpenter's queue empty", lambda p: p.put("karpenter", "values/settings/interruptionQueue", ""), {"EKS-26"}),
    ("Karpenter without values", lambda p: p.delete("karpenter", "values"), {"EKS-26", "HELM-05"}),
    ("Karpenter without settings", lambda p: p.delete("karpenter", "values/settings"), {"EKS-26"}),
    ("Karpenter's settings unknown", lambda p: p.hide("karpenter", "values/settings"), {"EKS-26?"}),
]  # fmt: skip

GOOD: list[Mutant] = [
    ("node update by default", lambda p: p.delete("nodes", "updateConfig"), set()),
    ("one node at once, beside a percentage that a provider keeps as 0", lambda p: p.put("nodes", "updateConfig", {"maxUnavailable": 1, "maxUnavailablePercentage": 0}), set()),
    ("a third at once, beside a number that a provider keeps as 0", lambda p: p.put("nodes", "updateConfig", {"maxUnavailable": 0, "maxUnavailablePercentage": 33}), set()),
    ("a third at once", lambda p: p.put("nodes", "updateConfig", {"maxUnavailablePercentage": 33}), set()),
    ("pods on Fargate alone", lambda p: fargate(without_nodes(p), "a", "b").drop("karpenter"), set()),
    ("pods on Fargate beside nodes", lambda p: fargate(p, "a", "b"), set()),
    ("autoscaler by a Deployment's name", lambda p: autoscaler(p, "cluster-autoscaler-aws-cluster-autoscaler"), set()),
    ("autoscaler by a Deployment's image", lambda p: autoscaler(p, "scaling", "registry.k8s.io/autoscaling/cluster-autoscaler:v1.34.0"), set()),
    ("network that EKS installs by default", lambda p: p.point("nodes", "clusterName", "eks").delete("eks", "bootstrapSelfManagedAddons"), set()),
    ("network that nodes wait for, whether or not EKS installs one", lambda p: p.hide("eks", "bootstrapSelfManagedAddons"), set()),
    ("pool with budgets by default", lambda p: p.delete("elastic", "spec/disruption"), set()),
    ("pool with a budget of nodes by default", lambda p: p.put("elastic", BUDGETS, [{}]), set()),
    ("no GPUs at all", lambda p: p.drop("gpu-a", "gpu-b"), set()),
    ("an instance type that only looks like GPUs", lambda p: p.put("nodes", "instanceTypes", ["gr7.large"]), set()),
    ("an image without GPUs", lambda p: p.put("nodes", "amiType", "AL2023_x86_64_STANDARD"), set()),
    ("auto mode has no node groups", lambda p: p.drop("nodes", "gpu-a", "gpu-b", "coredns").put("eks", "computeConfig", {"enabled": True}), set()),
    ("clusters of both regions", with_other_region, set()),
    ("just room for a lost zone", lambda p: p.put("nodes", "scalingConfig/maxSize", 5), set()),
    ("spot instances beside others", lambda p: p.put("gpu-a", "capacityType", "SPOT").put("gpu-a", "instanceTypes", ["g6.xlarge", "g5.xlarge", "g4dn.xlarge"]), set()),
    ("CoreDNS autoscaled from two", lambda p: coredns(p, autoScaling={"enabled": True, "minReplicas": 2}, topologySpreadConstraints=OVER_ZONES), set()),
    ("another add-on needs no replicas", lambda p: p.add("agent", Thing(ADDON, {"addonName": "eks-node-monitoring-agent"}, {"clusterName": ["eks"]})), set()),
    ("an add-on that says it waits for nodes", lambda p: p.point("coredns", "clusterName", "eks").wait("coredns", "nodes"), set()),
    ("nodes that say they wait for their network", lambda p: p.point("nodes", "clusterName", "eks").wait("nodes", *FIRST), set()),
    ("cluster-autoscaler instead", lambda p: p.put("karpenter", "chart", "cluster-autoscaler"), {"HELM-02?", "HELM-03?", "HELM-05?"}),
    ("version just in support", lambda p: p.put("eks", "version", "1.32"), set()),
    ("two clusters of one stack on two versions", lambda p: p.add("eks-2", copy.deepcopy(p.things["eks"])).put("eks-2", "version", "1.35").put("eks-2", "computeConfig", {"enabled": True}), set()),
    ("a third of the elastic nodes at once", lambda p: p.put("elastic", BUDGETS, [{"nodes": "33%"}]), set()),
    ("what another provider makes needs no right here", lambda p: each_with_rights(p).wait("release").through("release", "other"), {"HELM-03", "HELM-05?", "K8S-04", "K8S-29"}),
    ("a number of elastic nodes at once", lambda p: p.put("elastic", BUDGETS, [{"nodes": "50"}]), set()),
    ("elastic nodes anywhere", lambda p: p.add("elastic", pool()), set()),
    ("a second budget at night", lambda p: p.put("elastic", BUDGETS, [{"nodes": "1"}, {"nodes": "0", "schedule": "0 8 * * *", "duration": "8h"}]), set()),
    ("private endpoint only", lambda p: p.put("eks", "vpcConfig/endpointPublicAccess", False).delete("eks", "vpcConfig/publicAccessCidrs"), set()),
    ("every resource waits for its right", each_with_rights, set()),
    ("cluster made elsewhere", lambda p: p.add("there", Thing("pulumi:providers:kubernetes", {"kubeconfig": "text"}, region=None)), set()),
    ("tokens by Karpenter's default", lambda p: p.add("class", Thing("kubernetes:karpenter.k8s.aws/v1:EC2NodeClass", {"spec": {}}, region=None)), set()),
]  # fmt: skip

EVIDENCE: dict[str, set[str]] = {
    "nodes' subnets unknown": {"EKS-03: subnetIds is not known yet; the floor must be at least a node for each subnet"},
    "instance types unknown": {
        "EKS-03: instanceTypes is not known yet; the floor must be at least a node for each subnet",
        "EKS-22: instanceTypes is not known yet; with GPUs the floor must be a node for each subnet",
    },
    "GPU group of unknown subnets": {"EKS-22: subnetIds is not known yet; with GPUs the floor must be a node for each subnet"},
    "nodes at their maximum": {"EKS-04: scalingConfig.maxSize is 3, scalingConfig.minSize 3; without one of 3 zones it must hold 5"},
    "room for a lost zone of at most six off by one": {"EKS-04: scalingConfig.maxSize is 35, scalingConfig.minSize 30; without one of its zones it must hold 36"},
    "the other region's version older": {'EKS-16: version is "1.34", and "1.33" in secondary'},
    "CoreDNS unknown": {"EKS-11: configurationValues is not known yet"},
    "which add-on unknown": {"EKS-11: addonName is not known yet"},
    "pool with budgets by default": {"EKS-15: spec.disruption.budgets is one of 10% by default"},
    "pool with no budget at all": {"EKS-15: spec.disruption.budgets[].nodes: none that holds at all times; one must be a number or at most 33%"},
    "pool with a budget off by one": {'EKS-15: spec.disruption.budgets[].nodes: "34%"; one must be a number or at most 33%'},
    "elastic nodes in one zone": {"EKS-17: zones of pools with its taints: us-east-1a; there must be at least 2"},
    "elastic zones unknown": {"EKS-17: zones of pools with its taints: none; elastic.spec.template.spec.requirements[1].values[0] is not known yet"},
    "CoreDNS before nodes": {"EKS-20: it waits for no nodes"},
    "CoreDNS after nodes with GPUs only": {"EKS-20: it waits for no nodes but gpu-a, which take only pods with GPUs"},
    "three do not wait for their right": {"EKS-21: no access policy is awaited by web, policy, budget"},
    "four do not wait for their right": {"EKS-21: no access policy is awaited by web, claim, policy and 1 more"},
}  # fmt: skip
"""What some say, word for word."""
