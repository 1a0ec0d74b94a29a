"""Rules of the whole, by the ways to break them."""

# One mutant a line, or the table cannot be read as one.
# ruff: noqa: E501

import copy

from tests.policies.other_region import with_other_region
from tests.policies.platform import UNKNOWN_TEXT, Mutant, Platform, Thing, secret

ALWAYS: set[str] = {"SYS-03?"}
"""What nobody can say of one stack alone."""


def things() -> dict[str, Thing]:
    """All of it is made elsewhere."""
    return {}


def floor(platform: Platform, system: object, gpus: object) -> Platform:
    """Give the other region so many nodes to begin with."""
    with_other_region(platform).put("nodes-west", "scalingConfig/minSize", system)
    return platform.put("gpu-west", "scalingConfig/minSize", gpus)


def two_hundred(platform: Platform, half: int) -> Platform:
    """Have a floor of four hundred vCPUs here, and in the other region of so many nodes of one."""
    with_other_region(platform).put("nodes", "scalingConfig", {"minSize": 100, "maxSize": 300})
    platform.put("nodes-west", "scalingConfig", {"minSize": half, "maxSize": 300})
    return platform.put("nodes-west", "instanceTypes", ["m7g.medium"])


def far(platform: Platform, name: str = "far", **edges: list[str]) -> Platform:
    """Make something in the other region, in this stack."""
    return platform.add(name, Thing("aws:ec2/eip:Eip", {"region": "us-west-2"}, edges))


MUTANTS: list[Mutant] = [
    # SYS-03
    ("standby without GPUs", lambda p: with_other_region(p).drop("gpu-west"), {"SYS-03"}),
    ("standby of smaller nodes", lambda p: with_other_region(p).put("nodes-west", "instanceTypes", ["m7i.medium"]), {"SYS-03"}),
    ("standby of a mix with smaller nodes", lambda p: with_other_region(p).put("nodes-west", "instanceTypes", ["m7i.xlarge", "m7i.medium"]), {"SYS-03"}),
    ("standby of less than half by one", lambda p: two_hundred(p, 199), {"SYS-03", "GCP-14"}),
    ("standby of GPUs or none", lambda p: with_other_region(p).put("gpu-west", "instanceTypes", ["g6.xlarge", "m7i.xlarge"]), {"SYS-03"}),
    ("floors of both unknown", lambda p: floor(p, UNKNOWN_TEXT, 3).hide("nodes", "scalingConfig/minSize"), {"EKS-03?", "EKS-04?", "GCP-14?", "SYS-03?"}),
    ("primary less than half of the standby", lambda p: with_other_region(p).put("nodes-west", "instanceTypes", ["m7i.4xlarge"]), {"SYS-03"}),
    ("standby's floor unknown", lambda p: floor(p, UNKNOWN_TEXT, 3), {"EKS-03?", "EKS-04?", "GCP-14?", "SYS-03?"}),
    ("standby of machines nobody knows", lambda p: with_other_region(p).put("gpu-west", "instanceTypes", ["g6.metal"]), {"GCP-14?", "SYS-03?"}),
    # SYS-04
    ("nodes that wait for the other region", lambda p: far(p).point("nodes", "launchTemplate", "far"), {"SYS-04"}),
    ("workload that waits for the other region in the end", lambda p: far(p).add("between", Thing("random:index/randomId:RandomId", {}, {"keepers": ["far"]}, region=None)).wait("release", "between"), {"SYS-04"}),
    ("load balancer that names the other region", lambda p: p.put("listener", "certificateArn", "arn:aws:acm:us-west-2:123456789012:certificate/1"), {"SYS-04"}),
    ("workload that pulls from the other region", lambda p: p.put("release", "values/image", "123456789012.dkr.ecr.us-west-2.amazonaws.com/tandem/server:1"), {"SYS-04"}),
    ("workload with the other region's database in a secret", lambda p: p.put("release", "values/url", secret("postgresql://tandem.cluster-1.us-west-2.rds.amazonaws.com/prefect")), {"SYS-04"}),
    ("cluster of the other cloud that waits for this one", lambda p: p.wait("gke", "key"), {"SYS-04"}),
    ("node pool of the other cloud that waits for another region of it", lambda p: p.put("gke", "location", "us-east4-a").put("gke", "nodeLocations", ["us-east4-b", "us-east4-c"]).put("gke-pool", "location", "us-central1"), {"GCP-01", "SYS-04"}),
    ("region of a subnet unknown", lambda p: p.put("private-a", "region", UNKNOWN_TEXT), {"SYS-04?"}),
]  # fmt: skip

GOOD: list[Mutant] = [
    ("standby of half of four hundred", lambda p: two_hundred(p, 200), {"GCP-14"}),
    ("standby of t3.nano nodes", lambda p: with_other_region(p).put("nodes-west", "instanceTypes", ["t3.nano"]), set()),
    ("standby of t4g.medium nodes", lambda p: with_other_region(p).put("nodes-west", "instanceTypes", ["t4g.medium"]), set()),
    ("standby of m7i.large nodes", lambda p: with_other_region(p).put("nodes-west", "instanceTypes", ["m7i.large"]), set()),
    ("standby of half", lambda p: with_other_region(p).put("nodes-west", "instanceTypes", ["m7i.2xlarge"]), set()),
    ("what joins the regions knows both", lambda p: far(p, association=["eks"]), set()),
    ("standby that makes nodes as it needs them", lambda p: with_other_region(p).add("eks-more", copy.deepcopy(p.things["eks-west"])), set()),
    ("ARNs in this region", lambda p: p.put("listener", "certificateArn", "arn:aws:acm:us-east-1:123456789012:certificate/1"), set()),
    ("cluster of the other cloud in a zone of its own region", lambda p: p.put("gke", "location", "us-central1-a").put("gke", "nodeLocations", ["us-central1-b", "us-central1-c"]).put("gke-pool", "location", "us-central1"), {"GCP-01"}),
    ("names in this region", lambda p: p.put("release", "values/image", "123456789012.dkr.ecr.us-east-1.amazonaws.com/tandem/server:1"), set()),
    ("names that hold a region", lambda p: p.put("release", "values/url", "https://us-west-2.api.example.com"), set()),
]  # fmt: skip

EVIDENCE: dict[str, set[str]] = {
    "standby of t3.nano nodes": {"SYS-03: without GPUs: a floor of 6 vCPUs, and of 12 in primary"},
    "standby of t4g.medium nodes": {"SYS-03: without GPUs: a floor of 6 vCPUs, and of 12 in primary"},
    "standby of m7i.large nodes": {"SYS-03: without GPUs: a floor of 6 vCPUs, and of 12 in primary"},
    "standby of smaller nodes": {"SYS-03: without GPUs: a floor of 3 vCPUs, and of 12 in primary; it must be 50 % of it"},
    "standby without GPUs": {"SYS-03: with GPUs: a floor of 0 vCPUs, and of 8 in primary; it must be 50 % of it"},
    "floors of both unknown": {"SYS-03: with GPUs: a floor of 8 vCPUs, and of 12 in secondary; not known: nodes.scalingConfig.minSize, nodes-west.scalingConfig.minSize"},
    "standby of machines nobody knows": {"SYS-03: with GPUs: a floor of 0 vCPUs, and of 8 in primary; not known: gpu-west.instanceTypes"},
    "load balancer that names the other region": {"SYS-04: certificateArn names something in us-west-2, and it is in us-east-1"},
    "ARNs in this region": {"SYS-04: all that it waits for and names is in us-east-1"},
}  # fmt: skip
"""What is said of some of them, word for word."""
