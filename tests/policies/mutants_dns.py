"""Rules of names and health checks, by the ways to break them."""

# One mutant a line, or the table cannot be read as one.
# ruff: noqa: E501

from tests.policies.platform import UNKNOWN_TEXT, Mutant, Thing

ALWAYS: set[str] = set()
"""What nobody can say of one stack alone."""


def things() -> dict[str, Thing]:
    """What breaks none of them."""
    return {
        "zone": Thing("aws:route53/zone:Zone", {"name": "example.com"}, protect=True),
        "check": Thing(
            "aws:route53/healthCheck:HealthCheck",
            {"type": "HTTPS", "requestInterval": 10, "failureThreshold": 2},
        ),
        "record": Thing(
            "aws:route53/record:Record",
            {
                "name": "api.example.com",
                "ttl": 30,
                "failoverRoutingPolicies": [{"type": "PRIMARY"}],
                "healthCheckId": UNKNOWN_TEXT,
            },
            {"healthCheckId": ["check"]},
        ),
    }


MUTANTS: list[Mutant] = [
    ("primary unchecked", lambda p: p.delete("record", "healthCheckId").cut("record", "healthCheckId"), {"DNS-02"}),
    ("primary's check empty", lambda p: p.put("record", "healthCheckId", "").cut("record", "healthCheckId"), {"DNS-02"}),
    ("primary alias does not look", lambda p: p.delete("record", "healthCheckId").cut("record", "healthCheckId").put("record", "aliases", [{"evaluateTargetHealth": False}]), {"DNS-02"}),
    ("primary's check not in view", lambda p: p.cut("record", "healthCheckId"), {"DNS-02?"}),
    ("TTL off by one", lambda p: p.put("record", "ttl", 61), {"DNS-04"}),
    ("no TTL", lambda p: p.delete("record", "ttl"), {"DNS-04"}),
    ("TTL of a weighted record", lambda p: p.delete("record", "failoverRoutingPolicies").put("record", "weightedRoutingPolicies", [{"weight": 1}]).put("record", "ttl", 300), {"DNS-04"}),
    ("TTL unknown", lambda p: p.hide("record", "ttl"), {"DNS-04?"}),
    ("check off", lambda p: p.put("check", "disabled", True), {"DNS-05"}),
    ("check inverted", lambda p: p.put("check", "invertHealthcheck", True), {"DNS-05"}),
    ("four failures", lambda p: p.put("check", "failureThreshold", 4), {"DNS-05"}),
    ("interval that AWS does not know", lambda p: p.put("check", "requestInterval", 60), {"DNS-05"}),
    ("check from two regions", lambda p: p.put("check", "regions", ["us-east-1", "us-west-2"]), {"DNS-05"}),
    ("threshold unknown", lambda p: p.hide("check", "failureThreshold"), {"DNS-05?"}),
    ("check's regions unknown", lambda p: p.hide("check", "regions"), {"DNS-05?"}),
    ("check's type unknown", lambda p: p.hide("check", "type"), {"DNS-05?"}),
    ("zone destroyed with records", lambda p: p.put("zone", "forceDestroy", True), {"DNS-09"}),
    ("zone destruction as text", lambda p: p.put("zone", "forceDestroy", "true"), {"DNS-09"}),
    ("zone destruction as a number", lambda p: p.put("zone", "forceDestroy", 1), {"DNS-09"}),
    ("zone destruction unknown", lambda p: p.hide("zone", "forceDestroy"), {"DNS-09?"}),
]  # fmt: skip

GOOD: list[Mutant] = [
    ("alias that looks at its target", lambda p: p.delete("record", "healthCheckId").delete("record", "ttl").cut("record", "healthCheckId").put("record", "aliases", [{"evaluateTargetHealth": True}]), set()),
    ("secondary record unchecked", lambda p: p.put("record", "failoverRoutingPolicies", [{"type": "SECONDARY"}]).delete("record", "healthCheckId").cut("record", "healthCheckId"), set()),
    ("slow record that never moves", lambda p: p.delete("record", "failoverRoutingPolicies").put("record", "ttl", 300), set()),
    ("check by calculation, inverted", lambda p: p.put("check", "type", "CALCULATED").put("check", "invertHealthcheck", True), set()),
]  # fmt: skip
