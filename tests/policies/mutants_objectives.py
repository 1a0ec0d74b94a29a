"""Rules of objectives, by the ways to break them: what is promised of the web server that the load balancer leads to."""

# One mutant a line, or the table cannot be read as one.
# ruff: noqa: E501

from typing import Any

from tests.policies.platform import UNKNOWN_TEXT, Mutant, Platform, Thing

ALWAYS: set[str] = set()
"""Who promises nothing is asked for nothing."""
MEASURED = {"date": "2026-11-21", "source": "drill"}
BOTH = ["us-east-1", "us-west-2"]


def things() -> dict[str, Thing]:
    """Nothing is promised."""
    return {}


def promising(platform: Platform, *, regions: list[str] | None = None, measured: Any = None, **of_web: Any) -> Platform:
    """Let the stack promise something of the web server, which the model can follow to its pods and their nodes."""
    platform.point("listener", "loadBalancerArn", "balancer").point("listener", "defaultActions", "targets")
    for part in ("server", "backgroundServices"):
        platform.put(
            "release",
            f"values/{part}/resources",
            {"requests": {"cpu": "250m", "memory": "512Mi"}, "limits": {"memory": "512Mi"}},
        )
    said = {"version": 1, "regions": regions or [], "journeys": {"use-web": of_web}, "measured": measured or {}}
    return platform.add("stack", Thing("pulumi:pulumi:Stack", {"resilienceObjectives": said}, region=None))


def said(platform: Platform, path: str, value: Any) -> Platform:
    """Promise something that can be kept, and say one part of it differently."""
    return promising(platform, zone={"rto_seconds": 120}).put("stack", f"resilienceObjectives{path}", value)


MUTANTS: list[Mutant] = [
    # SYS-01
    ("promised sooner than a load balancer leaves a zone", lambda p: promising(p, zone={"rto_seconds": 60}), {"SYS-01"}),
    ("promised though one region is all there is", lambda p: promising(p, regions=["us-east-1"], region={"rto_seconds": 3600}), {"SYS-01"}),
    ("promised by a measurement that says otherwise", lambda p: promising(p, zone={"rto_seconds": 120}, measured={"elb.zone.worst": {"value": 200, "unit": "s", **MEASURED}}), {"SYS-01"}),
    ("promised for a region that is not in view", lambda p: promising(p, regions=BOTH, region={"rto_seconds": 3600}), {"SYS-01?"}),
    ("promised of a journey that nobody finds", lambda p: said(p, "/journeys", {"use-wep": {"zone": {"rto_seconds": 120}}}), {"SYS-01?"}),
    ("more capacity promised than two pods of three are", lambda p: promising(p, zone={"capacity_percent": 70}), {"SYS-01"}),
    # SYS-02
    ("writes promised to outlive the only region", lambda p: promising(p, region={"rpo_seconds": 60}), {"SYS-02"}),
    ("a day of writes promised of the only region", lambda p: promising(p, regions=["us-east-1"], region={"rpo_seconds": 86_400}), {"SYS-02"}),
    ("no write promised to be lost with a region, and with a zone", lambda p: promising(p, zone={"rpo_seconds": 0}, region={"rpo_seconds": 0}), {"SYS-02"}),
    ("writes promised to outlive a region whose other one is not in view", lambda p: promising(p, regions=BOTH, region={"rpo_seconds": 60}), {"SYS-02?"}),
    ("no write promised to be lost with a zone, and one of three not known", lambda p: promising(p, zone={"rpo_seconds": 0}).hide("private-c", "availabilityZone"), {"NET-02?", "NET-03?", "RDS-03?", "SYS-02?"}),
    ("writes promised to outlive a region where no cluster is", lambda p: promising(p, regions=["us-east-1"], region={"rpo_seconds": 60}).add("far", Thing("aws:lb/loadBalancer:LoadBalancer", {}, region="us-west-2")), {"LB-01", "LB-02", "LB-06", "SYS-02"}),
    # SYS-05
    ("more promised of a year than a load balancer's agreement gives", lambda p: promising(p, availability_percent=99.999), {"SYS-05"}),
    ("more promised of a year than was measured of the load balancer", lambda p: promising(p, availability_percent=99.9, measured={"sla.elb": {"value": 99, "unit": "%", **MEASURED}}), {"SYS-05"}),
    ("more promised of a year than was measured of pods", lambda p: promising(p, availability_percent=99.9, measured={"pod.availability": {"value": 50, "unit": "%", **MEASURED}}), {"SYS-05"}),
    ("more promised of a year than one region gives, the other not in view", lambda p: promising(p, regions=BOTH, availability_percent=99.999), {"SYS-05?"}),
    # All of them
    ("what is promised not known yet", lambda p: promising(p).put("stack", "resilienceObjectives", UNKNOWN_TEXT), {"SYS-01?", "SYS-02?", "SYS-05?"}),
    ("promises in words", lambda p: promising(p).put("stack", "resilienceObjectives", "the best we can"), {"SYS-01", "SYS-02", "SYS-05"}),
    ("promises of another version", lambda p: said(p, "/version", 2), {"SYS-01", "SYS-02", "SYS-05"}),
    ("promises in other words", lambda p: said(p, "/journeys/use-web/zone", {"rto": 120}), {"SYS-01", "SYS-02", "SYS-05"}),
]  # fmt: skip

GOOD: list[Mutant] = [
    ("promised what is so", lambda p: promising(p, zone={"rto_seconds": 120, "rpo_seconds": 0}, availability_percent=99.9), set()),
    ("promised of a zone, the other region not in view", lambda p: promising(p, regions=BOTH, zone={"rto_seconds": 120, "rpo_seconds": 0}), set()),
    ("promised by a measurement", lambda p: promising(p, zone={"rto_seconds": 60}, measured={"elb.zone.worst": {"value": 50, "unit": "s", **MEASURED}, "elb.zone.typical": {"value": 40, "unit": "s", **MEASURED}}), set()),
    ("nothing promised of anything", lambda p: said(p, "/journeys", {}), set()),
]  # fmt: skip

EVIDENCE: dict[str, set[str]] = {
    "more capacity promised than two pods of three are": {
        "SYS-01: use-web without zone us-east-1a (as without zone us-east-1b, zone us-east-1c) has 66.6 % of its capacity when it serves again; promised is 70 %. Because entrance has 2 of 3 left; web has 2 of 3 left. None of the changes tried keeps it",
    },
    "promised sooner than a load balancer leaves a zone": {
        "SYS-01: use-web without zone us-east-1a (as without zone us-east-1b, zone us-east-1c) is back after 120 s at worst with 66.6 % of its capacity; promised is 60 s. Terms: reroute 120 s (the load balancer's name leaves out its address in the dark zone [elb.zone.worst, assumption: assumed by this model]). None of the changes tried keeps it",
    },
    "promised though one region is all there is": {
        "SYS-01: use-web without region us-east-1 stays down; promised is 3,600 s. Because entrance is lost; web is lost. None of the changes tried keeps it",
    },
    "writes promised to outlive the only region": {
        "SYS-02: use-web without region us-east-1 does without all that was written while it lasts; promised is 60 s. Because entrance is lost; web is lost. None of the changes tried keeps it",
    },
    "more promised of a year than a load balancer's agreement gives": {
        "SYS-05: use-web is there 99.9670 % of a year; promised is 99.999 %, and that is 316 s a year without it. Weakest: web in us-east-1 99.99 % [pod.availability, assumption: assumed by this model], entrance in us-east-1 99.99 % [sla.elb, SLA: aws.amazon.com/elasticloadbalancing/sla]. None of the changes tried keeps it",
    },
    "more promised of a year than was measured of the load balancer": {
        "SYS-05: use-web is there 98.9771 % of a year; promised is 99.9 %, and that is 31,558 s a year without it. Weakest: entrance in us-east-1 99 % [sla.elb, measured: drill], web in us-east-1 99.99 % [pod.availability, assumption: assumed by this model]. None of the changes tried keeps it",
    },
    "promised what is so": {
        "SYS-01: use-web without zone us-east-1a (as without zone us-east-1b, zone us-east-1c) is back after 120 s at worst with 66.6 % of its capacity; promised is 120 s",
    },
    "no write promised to be lost with a zone, and one of three not known": {
        "SYS-02: use-web without zone us-east-1a (as without zone us-east-1b, zone us-east-1c) loses writes of 0 s at worst; promised is 0 s",
        "SYS-02: use-web: which zone is the one of private-c is not known",
    },
    "writes promised to outlive a region where no cluster is": {
        "SYS-02: use-web without region us-west-2 loses writes of 0 s at worst; promised is 60 s",
    },
}
