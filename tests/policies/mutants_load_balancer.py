"""Rules of load balancers, by the ways to break them."""

# One mutant a line, or the table cannot be read as one.
# ruff: noqa: E501

from tests.policies.platform import PUBLIC, UNKNOWN_TEXT, Mutant, Thing

ALWAYS: set[str] = set()
"""What nobody can say of one stack alone."""


def things() -> dict[str, Thing]:
    """What breaks none of them."""
    return {
        "balancer": Thing(
            "aws:lb/loadBalancer:LoadBalancer",
            {"subnets": [UNKNOWN_TEXT] * 3, "enableDeletionProtection": True},
            {"subnets": PUBLIC},
        ),
    }


MUTANTS: list[Mutant] = [
    ("balancer in one subnet", lambda p: p.put("balancer", "subnets", [UNKNOWN_TEXT]).point("balancer", "subnets", "public-a"), {"LB-01"}),
    ("balancer twice in a zone", lambda p: p.put("balancer", "subnets", [UNKNOWN_TEXT] * 2).point("balancer", "subnets", "public-a", "private-a"), {"LB-01"}),
    ("balancer mapped into one zone", lambda p: p.delete("balancer", "subnets").cut("balancer", "subnets").put("balancer", "subnetMappings", [{"subnetId": UNKNOWN_TEXT}]).point("balancer", "subnetMappings", "public-a"), {"LB-01"}),
    ("balancer's subnets not in view", lambda p: p.cut("balancer", "subnets"), {"LB-01?"}),
    ("balancer's subnets unknown", lambda p: p.hide("balancer", "subnets"), {"LB-01?"}),
    ("balancer deletable", lambda p: p.put("balancer", "enableDeletionProtection", False), {"LB-02"}),
    ("balancer deletable by default", lambda p: p.delete("balancer", "enableDeletionProtection"), {"LB-02"}),
    ("balancer protection null", lambda p: p.put("balancer", "enableDeletionProtection", None), {"LB-02"}),
    ("balancer protection unknown", lambda p: p.hide("balancer", "enableDeletionProtection"), {"LB-02?"}),
]  # fmt: skip

GOOD: list[Mutant] = [
    ("balancer mapped into two zones", lambda p: p.delete("balancer", "subnets").cut("balancer", "subnets").put("balancer", "subnetMappings", [{"subnetId": UNKNOWN_TEXT}] * 2).point("balancer", "subnetMappings", "public-a", "public-b"), set()),
]  # fmt: skip
