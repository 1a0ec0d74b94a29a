"""Every number that the model of what survives leans on: with its unit, where it is said, and how far to trust it.

A fact is looked up by its id and never written down again elsewhere. Whoever has measured better says so:
``Facts({"aurora.failover.typical": 12})``; the result then names the fact with the class MEASURED.
"""

import difflib
import math
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from enum import Enum
from types import MappingProxyType
from typing import Final


class Unit(Enum):
    """What a value counts."""

    SECONDS = "s"
    PERCENT = "%"
    """Of a month in which a service is there."""
    RATIO = "ratio"
    """From 0 to 1."""
    COUNT = "count"
    PER_YEAR = "1/a"
    """How often in a year."""
    CORES = "cores"
    GIB = "GiB"


class Class(Enum):
    """How far to trust a value, best first."""

    SLA = "SLA"
    """Promised, with credits when it is missed; not what was seen."""
    DOCUMENTED = "documented"
    """The maker's own documentation says so."""
    MEASURED = "measured"
    """Somebody measured it, here or elsewhere."""
    ASSUMPTION = "assumption"
    """Nobody says so; the note says why it is taken to be so."""


@dataclass(frozen=True, slots=True)
class Fact:
    """One number."""

    id: str
    """``aurora.failover.typical``: what, and which of its values."""
    value: float
    unit: Unit
    class_: Class
    source: str
    """Document and place in it, with its address where it has one."""
    date: str
    """Of the document, or when it was read: YYYY-MM or YYYY-MM-DD."""
    note: str = ""
    """What the value means, or why it was assumed."""


_AURORA_GUIDE = "Amazon Aurora User Guide, github.com/awsdocs/amazon-aurora-user-guide @7a931b46"
_ROUTE_53_GUIDE = "Amazon Route 53 Developer Guide, github.com/awsdocs/amazon-route53-docs @b5a28eb3"
_KUBERNETES = "Kubernetes documentation"
_CLOUD_SLA = "github.com/mikaelvesavuori/cloud-sla, data/aws.json: a collection by others of AWS' agreements"
_OURS = "assumed by this model"
_MODEL_SERVER = "components/inference/model-server/values.yaml"
_KSERVE = "KServe's Helm chart, values.yaml, kserve.controller.resources"


def _seconds(id_: str, value: float, class_: Class, source: str, date: str, note: str = "") -> Fact:
    return Fact(id_, value, Unit.SECONDS, class_, source, date, note)


def _sla(id_: str, value: float, source: str, date: str, note: str = "") -> Fact:
    return Fact(f"sla.{id_}", value, Unit.PERCENT, Class.SLA, source, date, note)


_S, _D, _M, _A = Class.SLA, Class.DOCUMENTED, Class.MEASURED, Class.ASSUMPTION

FACTS: Final[tuple[Fact, ...]] = (
    # Route 53.
    _seconds(
        "route53.interval.default",
        30,
        _D,
        f"{_ROUTE_53_GUIDE}, health-checks-creating-values",
        "2023-05",
        "Of a health check that names none.",
    ),
    Fact(
        "route53.threshold.default",
        3,
        Unit.COUNT,
        _D,
        "AWS News Blog, Faster Interval for Route 53 Health Checks",
        "2013-09",
        "Failures in a row of a health check that names none.",
    ),
    _seconds(
        "route53.answer",
        6,
        _D,
        f"{_ROUTE_53_GUIDE}, dns-failover-determining-health-of-endpoints",
        "2023-05",
        "A checker waits 4 s for a connection and 2 s for an answer.",
    ),
    _seconds(
        "route53.alias.ttl",
        60,
        _D,
        f"{_ROUTE_53_GUIDE}, resource-record-sets-choosing-alias-non-alias",
        "2023-05",
        "An alias to a load balancer is answered with the load balancer's own TTL.",
    ),
    _seconds(
        "route53.alarm.typical",
        30,
        _A,
        _OURS,
        "2026-11",
        "CloudWatch gets a metric half a minute late; an alarm's periods are counted by themselves.",
    ),
    _seconds(
        "route53.alarm.worst",
        120,
        _A,
        _OURS,
        "2026-11",
        "CloudWatch gets a metric of a service two minutes late.",
    ),
    # Load balancer.
    _seconds(
        "elb.interval.default",
        30,
        _D,
        "Elastic Load Balancing, Health checks for Application Load Balancer target groups",
        "2024-01",
    ),
    Fact(
        "elb.threshold.default",
        2,
        Unit.COUNT,
        _D,
        "Elastic Load Balancing, Health checks for Application Load Balancer target groups",
        "2024-01",
        "UnhealthyThresholdCount of a target group without a health check of its own.",
    ),
    Fact(
        "elb.threshold.provider",
        3,
        Unit.COUNT,
        _D,
        "Pulumi AWS provider 7.51.1, aws.lb.TargetGroup, healthCheck.unhealthyThreshold: “Defaults to 3”",
        "2026-11",
        "Failures in a row of a health check that is given and says none: the provider sends its own default.",
    ),
    _seconds(
        "elb.zone.typical",
        60,
        _A,
        _OURS,
        "2026-11",
        "Until a load balancer's own node in a dark zone is no longer in its name: its alias has a TTL of 60 s.",
    ),
    _seconds(
        "elb.zone.worst",
        120,
        _A,
        _OURS,
        "2026-11",
        "The same, with the detection by Route 53 before it.",
    ),
    # Aurora.
    _seconds(
        "aurora.failover.typical",
        30,
        _D,
        f"{_AURORA_GUIDE}, Concepts.AuroraHighAvailability.md:42",
        "2023-12",
        "“often less than 30 seconds”, with a replica in the cluster.",
    ),
    _seconds(
        "aurora.failover.worst",
        60,
        _D,
        f"{_AURORA_GUIDE}, Concepts.AuroraHighAvailability.md:42",
        "2023-12",
        "“typically less than 60 seconds”: the bound of what is typical, and of nothing else.",
    ),
    _seconds(
        "aurora.recreate.typical",
        600,
        _D,
        f"{_AURORA_GUIDE}, Concepts.AuroraHighAvailability.md:42",
        "2023-12",
        "A cluster of one instance gets a new one, “typically less than 10 minutes”.",
    ),
    _seconds(
        "aurora.recreate.worst",
        1800,
        _A,
        _OURS,
        "2026-11",
        "Best effort, in the zone where the old one was: three times as long as what is typical.",
    ),
    _seconds(
        "aurora.reader.typical",
        5,
        _A,
        _OURS,
        "2026-11",
        "Until the reader endpoint answers without the lost one: the TTL of its name is 5 s.",
    ),
    _seconds("aurora.reader.worst", 60, _A, _OURS, "2026-11", "The same, with clients that keep connections open."),
    _seconds(
        "aurora.global.typical",
        60,
        _D,
        f"{_AURORA_GUIDE}, aurora-global-database-disaster-recovery.md: “in the order of minutes”; AWS "
        "Well-Architected Labs, disaster recovery workshop: “under a minute”",
        "2023-12",
        "Promotion of another region's cluster.",
    ),
    _seconds(
        "aurora.global.worst",
        300,
        _A,
        _OURS,
        "2026-11",
        "“In the order of minutes” (the guide gives no bound), taken as five.",
    ),
    _seconds(
        "aurora.global.rpo.typical",
        1,
        _D,
        f"{_AURORA_GUIDE}, aurora-global-database.md",
        "2023-12",
        "“latency typically under a second”.",
    ),
    _seconds(
        "aurora.global.rpo.worst",
        60,
        _A,
        _OURS,
        "2026-11",
        "No bound is promised without rds.global_db_rpo; what is lost under load is taken as a minute.",
    ),
    _seconds(
        "aurora.restore.typical",
        1800,
        _A,
        _OURS,
        "2026-11",
        "A cluster from a backup or to a point in time.",
    ),
    _seconds("aurora.restore.worst", 14400, _A, _OURS, "2026-11", "The same, for terabytes."),
    _seconds(
        "aurora.pitr.rpo",
        300,
        _D,
        f"{_AURORA_GUIDE}, aurora-pitr.md",
        "2023-12",
        "A cluster can be restored to within five minutes of now.",
    ),
    _seconds(
        "rds.failover.typical",
        60,
        _D,
        "Amazon RDS User Guide, Concepts.MultiAZSingleStandby: “typically 60–120 seconds”",
        "2024-01",
    ),
    _seconds(
        "rds.failover.worst",
        120,
        _D,
        "Amazon RDS User Guide, Concepts.MultiAZSingleStandby: “typically 60–120 seconds”",
        "2024-01",
        "The bound of what is typical; large transactions take longer.",
    ),
    # ElastiCache.
    _seconds(
        "elasticache.failover.typical",
        10,
        _D,
        "Amazon ElastiCache User Guide, github.com/awsdocs/amazon-elasticache-docs @7ed0a8ac, redis/AutoFailover.md",
        "2023-06",
        "“promotion usually takes just a few seconds”, with the detection before it.",
    ),
    _seconds("elasticache.failover.worst", 60, _A, _OURS, "2026-11", "With clients that look the name up anew."),
    _seconds(
        "elasticache.recreate.typical",
        600,
        _A,
        _OURS,
        "2026-11",
        "A node without a replica is made anew, empty.",
    ),
    _seconds("elasticache.recreate.worst", 1800, _A, _OURS, "2026-11", "The same, where capacity is short."),
    _seconds(
        "elasticache.global.typical",
        60,
        _M,
        "disaster-recovery.workshop.aws, ElastiCache Global Datastore",
        "2023",
        "Promotion by hand; nobody does it automatically.",
    ),
    _seconds("elasticache.global.worst", 300, _A, _OURS, "2026-11", "Five times as long."),
    _seconds(
        "elasticache.rpo.typical",
        1,
        _M,
        "disaster-recovery.workshop.aws, ElastiCache Global Datastore",
        "2023",
        "Replication is asynchronous, within a region and between two.",
    ),
    _seconds("elasticache.rpo.worst", 10, _A, _OURS, "2026-11", "The same, under load."),
    # S3.
    _seconds(
        "s3.replication.typical",
        15,
        _D,
        "Amazon S3 FAQs: most objects replicate within seconds",
        "2024-01",
        "Small objects.",
    ),
    _seconds(
        "s3.rtc.bound",
        900,
        _S,
        "Amazon S3 User Guide, github.com/awsdocs/amazon-s3-userguide @cc53dd6a, replication-time-control.md; "
        "aws.amazon.com/s3/sla-rtc",
        "2022-05-04",
        "99.9 % of objects of a month, with Replication Time Control.",
    ),
    _seconds(
        "s3.replication.worst",
        14400,
        _D,
        "Amazon S3 User Guide, github.com/awsdocs/amazon-s3-userguide @cc53dd6a, replication-time-control.md",
        "2022-05",
        "Without Replication Time Control “several hours” for large objects, taken as four.",
    ),
    # Kubernetes.
    _seconds(
        "kubernetes.node.detect",
        50,
        _D,
        f"{_KUBERNETES}, kube-controller-manager, node-monitor-grace-period",
        "2025-04",
        "Default since 1.32; before it 40 s.",
    ),
    _seconds(
        "kubernetes.node.toleration",
        300,
        _D,
        f"{_KUBERNETES}, Taints and Tolerations, DefaultTolerationSeconds",
        "2025-04",
        "Until pods of a node that does not answer are made anew elsewhere, where they say nothing.",
    ),
    _seconds(
        "kubernetes.pod.detect", 10, _D, f"{_KUBERNETES}, Configure Probes, periodSeconds", "2025-04", "One period."
    ),
    _seconds(
        "kubernetes.pod.detect.worst",
        30,
        _D,
        f"{_KUBERNETES}, Configure Probes, periodSeconds x failureThreshold",
        "2025-04",
        "Three periods.",
    ),
    _seconds("kubernetes.lease.typical", 15, _D, f"{_KUBERNETES}, client-go leaderelection, LeaseDuration", "2025-04"),
    _seconds(
        "kubernetes.lease.worst",
        17,
        _D,
        f"{_KUBERNETES}, client-go leaderelection, LeaseDuration and RetryPeriod",
        "2025-04",
    ),
    _seconds(
        "pod.start.typical",
        30,
        _A,
        _OURS,
        "2026-11",
        "A server's pod, image at hand or pulled in the region: schedule, start, become ready.",
    ),
    _seconds("pod.start.worst", 180, _A, _OURS, "2026-11", "The same with a large image that has to be pulled."),
    _seconds(
        "model.start.typical",
        240,
        _A,
        _OURS,
        "2026-11",
        "A model server: pull the image, copy and load the model; the chart's startupSeconds bounds it.",
    ),
    _seconds("model.start.worst", 600, _A, _OURS, "2026-11", "Where the release does not say startupSeconds."),
    _seconds(
        "node.start.typical", 60, _A, _OURS, "2026-11", "Karpenter or EKS Auto Mode: instance asked for until Ready."
    ),
    _seconds("node.start.worst", 300, _A, _OURS, "2026-11", "The same, while many ask; with drivers of GPUs."),
    _seconds("rollback.typical", 120, _A, _OURS, "2026-11", "Somebody asks for the last version, and its pods start."),
    _seconds("rollback.worst", 900, _A, _OURS, "2026-11", "The same, through a pipeline."),
    Fact(
        "node.allocatable.cpu",
        0.97,
        Unit.RATIO,
        _A,
        _OURS,
        "2026-11",
        "The rest is the kubelet's: 80m of four cores on EKS, and less of more.",
    ),
    Fact(
        "node.allocatable.memory",
        0.9,
        Unit.RATIO,
        _A,
        _OURS,
        "2026-11",
        "The rest is the hypervisor's and the kubelet's: 255 MiB, 11 MiB a pod and 100 MiB on EKS.",
    ),
    Fact(
        "step.cpu",
        0.5,
        Unit.CORES,
        _A,
        _OURS,
        "2026-11",
        "Asked for by a CPU step: what a small container of Python is given; flows are not in the graph.",
    ),
    Fact("step.memory", 1, Unit.GIB, _A, _OURS, "2026-11", "The same."),
    Fact("step.gpu.cpu", 1, Unit.CORES, _A, _OURS, "2026-11", "Asked for by a GPU step, beside its GPUs."),
    Fact("step.gpu.memory", 4, Unit.GIB, _A, _OURS, "2026-11", "The same."),
    Fact("step.gpu.gpus", 1, Unit.COUNT, _A, _OURS, "2026-11", "The least that can be asked for."),
    # Charts, where a release says nothing.
    Fact("rollout.first", 0.25, Unit.RATIO, _D, _MODEL_SERVER, "2026-11", "Of replicas that a canary begins with."),
    _seconds("rollout.pause", 120, _D, _MODEL_SERVER, "2026-11", "Before an analysis of a new version measures."),
    Fact("rollout.measurements", 5, Unit.COUNT, _D, _MODEL_SERVER, "2026-11", "Until an analysis is sure."),
    _seconds("rollout.interval", 60, _D, _MODEL_SERVER, "2026-11", "Between measurements of an analysis."),
    Fact("model_server.cpu", 2, Unit.CORES, _D, _MODEL_SERVER, "2026-11", "Asked for by a replica."),
    Fact("model_server.memory", 10, Unit.GIB, _D, _MODEL_SERVER, "2026-11", "The same."),
    Fact("model_server.gpus", 1, Unit.COUNT, _D, _MODEL_SERVER, "2026-11", "The same."),
    Fact("model_server.edge.cpu", 0.25, Unit.CORES, _D, _MODEL_SERVER, "2026-11", "Asked for by what routes to them."),
    Fact("model_server.edge.memory", 0.25, Unit.GIB, _D, _MODEL_SERVER, "2026-11", "The same."),
    Fact("kserve.controller.cpu", 0.1, Unit.CORES, _D, _KSERVE, "2026-11", "Asked for by the controller."),
    Fact("kserve.controller.memory", 300 / 1024, Unit.GIB, _D, _KSERVE, "2026-11", "300Mi."),
    # People.
    _seconds(
        "alert.typical", 120, _A, _OURS, "2026-11", "Two periods of a minute until an alarm is sure, and a message."
    ),
    _seconds("alert.worst", 600, _A, _OURS, "2026-11", "Five periods, late metrics, and a message that is read late."),
    _seconds("decide.typical", 300, _A, _OURS, "2026-11", "Somebody on call reads an alert and says yes."),
    _seconds(
        "decide.worst",
        3600,
        _A,
        _OURS,
        "2026-11",
        "The same, at night. An approval that lapses before is asked for anew: a plan's timeout shortens nothing.",
    ),
    _seconds(
        "arc.step.typical",
        60,
        _A,
        _OURS,
        "2026-11",
        "A step of a plan of ARC Region switch, beside what the step itself waits for.",
    ),
    _seconds("manual.typical", 1800, _A, _OURS, "2026-11", "Somebody promotes or restores by hand, from a playbook."),
    _seconds("manual.worst", 14400, _A, _OURS, "2026-11", "The same, at night, for the first time."),
    _seconds("restore.object.typical", 300, _A, _OURS, "2026-11", "Somebody takes a delete marker away."),
    _seconds("restore.object.worst", 3600, _A, _OURS, "2026-11", "The same, for many objects."),
    _seconds(
        "checkpoint.interval.typical",
        600,
        _A,
        _OURS,
        "2026-11",
        "A run writes a checkpoint every ten minutes.",
    ),
    _seconds("checkpoint.interval.worst", 3600, _A, _OURS, "2026-11", "A run writes a checkpoint every hour."),
    # Availability: agreements.
    _sla("eks", 99.95, "aws.amazon.com/eks/sla", "2022-05-04", "The endpoint of the control plane."),
    _sla("aurora.multi_az", 99.99, "aws.amazon.com/rds/aurora/sla", "2022-05-19", "Instances in two zones."),
    _sla("aurora.single_az", 99.9, "aws.amazon.com/rds/aurora/sla", "2022-05-19"),
    _sla("rds.multi_az", 99.95, "aws.amazon.com/rds/sla", "2024-01-22"),
    _sla("rds.single_az", 99.5, "aws.amazon.com/rds/sla", "2024-01-22"),
    _sla("elasticache.multi_az", 99.99, "AWS Database Blog, copy of the agreement", "2023-02"),
    _sla("elasticache.single_az", 99.5, "AWS Database Blog, copy of the agreement", "2023-02"),
    _sla("s3", 99.9, "aws.amazon.com/s3/sla", "2019-07", "Standard; the text of 2019, which the one of today repeats."),
    _sla("route53", 100, f"{_CLOUD_SLA}; quoted from aws.amazon.com/route53/sla", "2023-01", "Answers, not changes."),
    _sla("elb", 99.99, "aws.amazon.com/elasticloadbalancing/sla", "2022-07-25", "In two zones."),
    _sla("elb.single_az", 99.9, "aws.amazon.com/elasticloadbalancing/sla", "2022-07-25"),
    _sla("nat", 99.9, _CLOUD_SLA, "2023-01", "One gateway; the official page was not read."),
    _sla("kms", 99.999, "aws.amazon.com/kms/sla", "2022-11-29"),
    _sla("ec2.instance", 99.5, _CLOUD_SLA, "2023-01", "One instance."),
    _sla("ec2.region", 99.99, _CLOUD_SLA, "2023-01", "Instances in two zones."),
    _sla("msk", 99.9, _CLOUD_SLA, "2023-01", "In two zones."),
    Fact(
        "zone.availability",
        99.95,
        Unit.PERCENT,
        _A,
        _OURS,
        "2026-11",
        "A zone as a whole: between an instance's 99.5 % and a region's 99.99 %; no agreement says it.",
    ),
    Fact("pod.availability", 99.9, Unit.PERCENT, _A, _OURS, "2026-11", "One pod, its roll-outs and crashes included."),
    Fact(
        "region.faults",
        0.2,
        Unit.PER_YEAR,
        _A,
        _OURS,
        "2026-11",
        "Events in which a region's service is lost as a whole: one in five years.",
    ),
    _seconds(
        "region.outage",
        14400,
        _A,
        _OURS,
        "2026-11",
        "How long such an event lasts: four hours, as S3 in us-east-1 on 2017-02-28 (aws.amazon.com/message/41926).",
    ),
    _seconds(
        "service.outage",
        3600,
        _A,
        _OURS,
        "2026-11",
        "How long one service or zone is lost: an hour. The shorter, the less is spared by who takes over.",
    ),
    _seconds(
        "pod.outage",
        300,
        _A,
        _OURS,
        "2026-11",
        "How long one pod is lost: between a server's start (180 s at worst) and a model's (600 s).",
    ),
)
"""The table; ids are unique."""

TYPICAL, WORST = ".typical", ".worst"
"""How the ids of a pair end."""
MOST = 10**9
"""Of anything that is counted: thirty years in seconds."""


@dataclass(frozen=True, slots=True)
class Measured:
    """What a user has measured, and where it is said."""

    value: float
    """In the fact's own unit."""
    source: str = "your own measurement"
    date: str = ""
    """YYYY-MM-DD; empty: nobody says when."""


class Facts:
    """The table, with what the user knows better."""

    def __init__(self, measured: Mapping[str, float | Measured] | None = None) -> None:
        """Lay measured values over the table.

        Args:
            measured: Values by id, in the fact's own unit, with where they are said if anybody does.

        Raises:
            ValueError: If an id is not in the table, a value is none for its unit, or what is typical is longer than
                what is worst: one line a mistake.
        """
        table = {fact.id: fact for fact in FACTS}
        given = {id_: each if isinstance(each, Measured) else Measured(each) for id_, each in (measured or {}).items()}
        mistakes = list(_mistakes(table, {id_: each.value for id_, each in given.items()}))
        if mistakes:
            raise ValueError("\n".join(mistakes))
        for id_, own in given.items():
            table[id_] = replace(
                table[id_], value=float(own.value), class_=Class.MEASURED, source=own.source, date=own.date
            )
        if mistakes := list(_crossed(table, given)):
            raise ValueError("\n".join(mistakes))
        self._table = MappingProxyType(table)

    def __getitem__(self, id_: str) -> Fact:
        """The fact of that id."""
        return self._table[id_]

    def __iter__(self) -> Iterator[Fact]:
        """All facts, in the table's order."""
        return iter(self._table.values())


def _crossed(table: Mapping[str, Fact], given: Iterable[str]) -> Iterator[str]:
    """What is typical, and longer than what is worst: that one was measured may make the other wrong."""
    stems = dict.fromkeys(id_.removesuffix(TYPICAL).removesuffix(WORST) for id_ in given)
    for stem in stems:
        # The probes' own pair has the typical one under the bare id.
        low, high = (stem + TYPICAL if stem + TYPICAL in table else stem), stem + WORST
        if low in table and high in table and table[low].value > table[high].value:
            typical, worst = table[low], table[high]
            yield (
                f"facts: {low} is {typical.value:g} {typical.unit.value}, and {high} is {worst.value:g}: what is "
                "typical must be no more than what is worst; measure both, or set both"
            )


def _mistakes(table: Mapping[str, Fact], measured: Mapping[str, float]) -> Iterator[str]:
    for id_, value in measured.items():
        if id_ not in table:
            near = difflib.get_close_matches(id_, table, 1)
            yield f"facts: {id_!r} is no fact" + (f"; did you mean {near[0]!r}?" if near else "")
            continue
        # From YAML and JSON anything may come; true is no number of seconds.
        if isinstance(value, bool) or not isinstance(value, int | float):  # pyright: ignore[reportUnnecessaryIsInstance]
            yield f"facts: {id_} is {value!r}, must be a number of {table[id_].unit.value}"
            continue
        if MOST < abs(value) < math.inf:
            # Said without its digits: there may be more of them than can be told.
            yield f"facts: {id_} is more than {MOST:g} {table[id_].unit.value} from 0, must be less"
            continue
        most = {Unit.PERCENT: 100.0, Unit.RATIO: 1.0}.get(table[id_].unit, math.inf)
        if not (math.isfinite(value) and 0 <= value <= most):
            bound = "0 or more" if most == math.inf else f"0 to {most:g}"
            yield f"facts: {id_} is {value:g} {table[id_].unit.value}, must be {bound}"
