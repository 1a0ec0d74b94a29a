"""What each fault takes away, and what its terms lean on: small platforms, computed by hand."""

import functools
from typing import Any

import pytest

from resilience.facts import Facts
from resilience.faults import Kind, faults
from resilience.graph import Graph
from resilience.outcomes import Outcome, Verdict, outcomes
from resilience.report.contents import sentence
from tests.resilience.small import Small


def of(graph: Graph, fault: str, journey: str, measured: dict[str, float] | None = None) -> Outcome:
    found = outcomes(graph, Facts(measured))
    assert (journey, fault) in found, sorted(found)
    return found[journey, fault]


def times(outcome: Outcome) -> tuple[float, float]:
    assert outcome.rto is not None
    return outcome.rto.typical_seconds, outcome.rto.worst_seconds


def model(**values: Any) -> Small:
    """A model server on nodes with a GPU each."""
    return Small().network().cluster().nodes("gpu", 3, "g6.xlarge").model(**values)


# Target groups.


@pytest.mark.parametrize(
    ("check", "expected"),
    [
        ({"interval": 10, "unhealthyThreshold": 2, "timeout": 5}, (10 * 2, 10 * 3 + 5)),
        # The provider fills in 3 where a check is given, and AWS itself 30 s and 2 where none is.
        ({"interval": 10, "timeout": 5}, (10 * 3, 10 * 4 + 5)),
        ({"timeout": 5}, (30 * 3, 30 * 4 + 5)),
        (None, (30 * 2, 30 * 3 + 30)),
    ],
)
def test_a_target_group_believes_as_many_failures_as_it_is_given(
    check: dict[str, Any] | None, expected: tuple[float, float]
) -> None:
    small = Small().network().cluster().service().entrance().name()
    small.add("aws:lb/targetGroup:TargetGroup", "group", {} if check is None else {"healthCheck": check})
    assert times(of(small.graph(), "pod-us-east-1-shop", "use-shop")) == expected


# Versions of models.

WRONG = "bad-model-version-us-east-1-vision-servers"


@pytest.mark.parametrize(
    ("rollout", "left", "seconds", "facts"),
    [
        # 120 s, and 5 measurements of 60 s; a quarter of the replicas has it.
        ({"strategy": "canary"}, 0.75, 420, ["rollout.interval", "rollout.measurements", "rollout.pause"]),
        ({"strategy": "canary", "weights": [10, 50], "intervalSeconds": 30}, 0.9, 270, None),
        ({"strategy": "canary", "pauseSeconds": 0, "measurements": 2, "intervalSeconds": 10}, 0.75, 20, []),
        # All of them have it.
        ({"strategy": "blueGreen"}, 0.0, 420, None),
    ],
)
def test_a_wrong_version_serves_until_it_is_measured(
    rollout: dict[str, Any], left: float, seconds: float, facts: list[str] | None
) -> None:
    found = of(model(rollout=rollout).graph(), WRONG, "infer-vision")
    assert (found.at_once, times(found)) == (pytest.approx(left), (seconds, seconds))
    assert facts is None or list(found.facts) == facts


def test_a_wrong_version_that_nobody_measures_serves_until_somebody_sees_it() -> None:
    # An alert 120 to 600, somebody decides 300 to 3600, goes back 120 to 900, and the model starts: 240 to 600.
    found = of(model().graph(), WRONG, "infer-vision")
    assert (found.at_once, times(found)) == (0.0, (120 + 300 + 120 + 240, 600 + 3600 + 900 + 600))


def test_what_a_chart_does_by_default_can_be_measured_better() -> None:
    canary = model(rollout={"strategy": "canary"}).graph()
    own = {"rollout.first": 0.1, "rollout.pause": 60.0, "rollout.measurements": 3.0, "rollout.interval": 20.0}
    found = of(canary, WRONG, "infer-vision", own)
    assert (found.at_once, times(found)) == (pytest.approx(0.9), (120, 120))


# Capacity when it serves again.


def test_what_is_only_left_out_is_made_anew_later() -> None:
    # Of two pods one is left out after 50 s, and serves again only once another has started and loaded its model.
    zone = of(model().graph(), "zone-us-east-1a", "infer-vision")
    assert (zone.at_once, zone.then, zone.capacity, times(zone)) == (0.5, 0.5, 1, (50, 50))
    pod = of(model().graph(), "pod-us-east-1-vision-servers", "infer-vision")
    assert (pod.at_once, pod.then, pod.capacity, times(pod)) == (0.5, 0.5, 1, (10, 30))
    # One alone is waited for; then all of it is there.
    alone = of(model(replicas={"min": 1}).graph(), "pod-us-east-1-vision-servers", "infer-vision")
    assert (alone.at_once, alone.then, alone.capacity, times(alone)) == (0, 1, 1, (10 + 240, 30 + 600))
    assert sentence(zone) == "serves again after 50 s, with 50 % of its capacity, later 100 %"
    assert sentence(alone) == "serves again after 4 min 10 s, 10 min 30 s at most"


def test_a_reader_that_is_left_out_is_made_anew_later() -> None:
    graph = Small().network().cluster().aurora().service().entrance().name().graph()
    reader = of(graph, "database-reader-us-east-1-database", "use-shop")
    assert (reader.at_once, reader.then, reader.capacity) == (pytest.approx(2 / 3), pytest.approx(2 / 3), 1)
    # The one that takes its place leads, with all that there is.
    writer = of(graph, "database-writer-us-east-1-database", "use-shop")
    assert (writer.at_once, writer.then, writer.capacity) == (0, 1, 1)


def test_where_clients_are_led_on_it_has_what_the_other_region_has() -> None:
    home = Small().network().cluster().service().entrance().name(role="PRIMARY", interval=10)
    there = Small("us-west-2", "two").network().cluster().service(replicas=1).entrance().name(role="SECONDARY")
    region = of(home.graph(there), "region-us-east-1", "use-shop")
    assert (region.at_once, region.then, region.capacity) == (0, pytest.approx(1 / 3), pytest.approx(1 / 3))
    assert sentence(region).endswith(", with 33 % of its capacity")
    gone = of(home.graph(), "region-us-east-1", "use-shop")
    assert (gone.then, sentence(gone)) == (None, "down until what is lost is back")


# Room.


def test_what_a_model_asks_for_by_default_can_be_measured_better() -> None:
    # Three nodes of 16 GiB x 0.9 = 14.4 with a GPU each, for two replicas of 10 GiB; without one zone there are two.
    zone = of(model().graph(), "zone-us-east-1a", "infer-vision")
    assert zone.capacity == 1
    # No node has 15 GiB for pods.
    larger = of(model().graph(), "zone-us-east-1a", "infer-vision", {"model_server.memory": 15.0})
    assert (larger.verdict, larger.capacity) == (Verdict.DOWN, 0)
    # Two GPUs each: no node has two.
    assert of(model().graph(), "zone-us-east-1a", "infer-vision", {"model_server.gpus": 2.0}).capacity == 0


# All twenty kinds.


@functools.cache
def whole() -> Graph:
    """Everything that can be lost, once."""
    made = Small().network().cluster(6).nodes("gpu", 3, "g6.xlarge").bucket().aurora().cache()
    return made.flows().model().name().graph()


RELEASES = "urn:pulumi:one::p::kubernetes:helm.sh/v3:Release"
CONTROLLER, SERVER = f"{RELEASES}::flows controller", f"{RELEASES}::flows server"
MODEL = f"{RELEASES}::vision servers"
AWS = "urn:pulumi:one::p::aws:"
DATABASE, CACHE = f"{AWS}rds/cluster:Cluster::database", f"{AWS}elasticache/replicationGroup:ReplicationGroup::cache"
BUCKET = f"{AWS}s3/bucket:Bucket::artifacts"

TAKES: dict[Kind, dict[str, set[str]]] = {
    Kind.POD: {
        "pod-us-east-1-flows-controller": {f"follower of {CONTROLLER}"},
        "pod-us-east-1-flows-server": {f"follower of {SERVER}"},
        "pod-us-east-1-vision-servers": {f"follower of {MODEL}"},
    },
    Kind.NODE: {
        "node-us-east-1-gpu": {f"node of {AWS}eks/nodeGroup:NodeGroup::gpu"},
        "node-us-east-1-nodes": {f"node of {AWS}eks/nodeGroup:NodeGroup::nodes"},
    },
    Kind.ZONE: {f"zone-us-east-1{letter}": {f"zone us-east-1{letter}"} for letter in "abc"},
    Kind.NAT: {f"nat-us-east-1-nat-{letter}": {f"{AWS}ec2/natGateway:NatGateway::nat-{letter}"} for letter in "abc"},
    Kind.GPU_POOL: {f"gpus-us-east-1{letter}": {f"gpu nodes in us-east-1{letter}"} for letter in "abc"},
    Kind.DATABASE_WRITER: {"database-writer-us-east-1-database": {f"leader of {DATABASE}"}},
    Kind.DATABASE_READER: {"database-reader-us-east-1-database": {f"follower of {DATABASE}"}},
    Kind.CACHE_PRIMARY: {"cache-primary-us-east-1-cache": {f"leader of {CACHE}"}},
    Kind.REPLICAS: {"replicas-us-east-1": {f"follower of {each}" for each in (CONTROLLER, SERVER, MODEL)}},
    Kind.LEADER: {"orchestrator-leader-us-east-1-flows-controller": {f"leader of {CONTROLLER}"}},
    Kind.LOAD_BALANCER: {"load-balancer-us-east-1-lb": {f"{AWS}lb/loadBalancer:LoadBalancer::lb"}},
    Kind.CONTROL_PLANE: {"cluster-control-plane-us-east-1-cluster": {f"{AWS}eks/cluster:Cluster::cluster"}},
    Kind.OBJECT_STORE: {"s3-us-east-1": {"service s3 in us-east-1"}},
    Kind.KEY_SERVICE: {"kms-us-east-1": {"service kms in us-east-1"}},
    Kind.REGION: {"region-us-east-1": {"region us-east-1"}},
    Kind.DNS: {"dns": {"service dns in every region"}},
    Kind.MODEL_VERSION: {"bad-model-version-us-east-1-vision-servers": {f"version of {MODEL}"}},
    Kind.DEPLOYMENT: {
        "bad-deployment-us-east-1-flows-controller": {f"deployment of {CONTROLLER}"},
        "bad-deployment-us-east-1-flows-server": {f"deployment of {SERVER}"},
        "bad-deployment-us-east-1-vision-servers": {f"deployment of {MODEL}"},
    },
    Kind.OBJECT: {"deleted-object-us-east-1-artifacts": {f"object in {BUCKET}"}},
    Kind.CHECKPOINT: {"corrupted-checkpoint-us-east-1-artifacts": {f"checkpoint in {BUCKET}"}},
}


@pytest.mark.parametrize("kind", Kind)
def test_a_fault_takes_what_it_says_and_nothing_else(kind: Kind) -> None:
    found = [fault for fault in faults(whole(), Facts()) if fault.kind is kind]
    assert {fault.id: set(fault.takes) for fault in found} == TAKES[kind]
    assert {fault.region for fault in found} == {"" if kind is Kind.DNS else "us-east-1"}


def test_faults_come_in_the_order_of_their_kinds() -> None:
    order = list(Kind)
    places = [order.index(fault.kind) for fault in faults(whole(), Facts())]
    assert places == sorted(places)


GONE = (Verdict.DOWN, 0.0, None)
BACK = Verdict.SURVIVES


@pytest.mark.parametrize(
    ("fault", "journey", "expected"),
    [
        # The load balancer asks every 10 s, and believes two failures: 20, at worst 10 x 3 + 5.
        ("pod-us-east-1-flows-server", "submit", (BACK, 2 / 3, (20, 35))),
        # Nobody outside asks the controller: a probe fails, every 10 s, at most three times.
        ("pod-us-east-1-flows-controller", "cpu-step", (BACK, 1 / 2, (10, 30))),
        # All servers may be on that node: given up after 50, evicted after 300, 30 to start, at worst 180.
        ("node-us-east-1-nodes", "submit", (BACK, 0.0, (380, 530))),
        ("zone-us-east-1b", "submit", (BACK, 0.0, (380, 530))),
        # Steps that ran behind it start anew: given up after 50, evicted after 300, 60 to buy a node, at worst 300, and
        # 30 to start, at worst 180.
        ("nat-us-east-1-nat-a", "cpu-step", (Verdict.DEGRADED, 28 / 44, (440, 830))),
        ("nat-us-east-1-nat-a", "submit", (BACK, 1.0, (0, 0))),
        # Two replicas of the model on three nodes: no step can start on the third, once one of them is gone.
        ("gpus-us-east-1a", "gpu-step", GONE),
        ("gpus-us-east-1a", "infer-vision", (BACK, 1 / 2, (50, 50))),
        ("gpus-us-east-1a", "cpu-step", (BACK, 1.0, (0, 0))),
        ("database-writer-us-east-1-database", "submit", (BACK, 0.0, (30, 60))),
        ("database-reader-us-east-1-database", "submit", (BACK, 2 / 3, (5, 60))),
        ("cache-primary-us-east-1-cache", "submit", (BACK, 0.0, (10, 60))),
        # The worst of all that lose one at once.
        ("replicas-us-east-1", "submit", (BACK, 2 / 3, (20, 35))),
        ("replicas-us-east-1", "cpu-step", (BACK, 1 / 2, (20, 35))),
        ("replicas-us-east-1", "infer-vision", (BACK, 1 / 2, (10, 30))),
        # Another controller gets the lease: 15, at worst 17.
        ("orchestrator-leader-us-east-1-flows-controller", "cpu-step", (BACK, 0.0, (15, 17))),
        ("orchestrator-leader-us-east-1-flows-controller", "submit", (BACK, 1.0, (0, 0))),
        ("load-balancer-us-east-1-lb", "submit", GONE),
        ("load-balancer-us-east-1-lb", "infer-vision", (BACK, 1.0, (0, 0))),
        # What runs, runs on; no step starts.
        ("cluster-control-plane-us-east-1-cluster", "submit", (BACK, 1.0, (0, 0))),
        ("cluster-control-plane-us-east-1-cluster", "cpu-step", GONE),
        # Who serves has its model; who writes an artifact has nowhere to.
        ("s3-us-east-1", "infer-vision", (BACK, 1.0, (0, 0))),
        ("s3-us-east-1", "artifact", GONE),
        ("kms-us-east-1", "submit", (BACK, 1.0, (0, 0))),
        ("kms-us-east-1", "artifact", GONE),
        ("region-us-east-1", "infer-vision", GONE),
        ("dns", "submit", GONE),
        ("dns", "cpu-step", (BACK, 1.0, (0, 0))),
        # An alert 120 to 600, somebody decides 300 to 3600 and goes back 120 to 900, the model starts 240 to 600.
        ("bad-model-version-us-east-1-vision-servers", "infer-vision", (BACK, 0.0, (780, 5700))),
        # Somebody goes back by hand.
        ("bad-deployment-us-east-1-flows-server", "submit", (BACK, 0.0, (1800, 14400))),
        # Somebody takes the delete marker away; the run goes on from the checkpoint before.
        ("deleted-object-us-east-1-artifacts", "artifact", (BACK, 0.0, (300, 3600))),
        ("corrupted-checkpoint-us-east-1-artifacts", "artifact", (BACK, 0.0, (30, 180))),
    ],
)
def test_what_a_fault_does_by_hand(
    fault: str, journey: str, expected: tuple[Verdict, float, tuple[float, float] | None]
) -> None:
    found = of(whole(), fault, journey)
    verdict, at_once, waited = expected
    assert (found.verdict, found.at_once) == (verdict, pytest.approx(at_once))
    assert (times(found) if found.rto is not None else None) == waited


def test_a_corrupted_checkpoint_loses_what_was_done_since_the_one_before() -> None:
    found = of(whole(), "corrupted-checkpoint-us-east-1-artifacts", "cpu-step")
    assert found.rpo is not None
    assert (found.rpo.typical_seconds, found.rpo.worst_seconds) == (600, 3600)
    # An object that is deleted is there again as it was.
    found = of(whole(), "deleted-object-us-east-1-artifacts", "cpu-step")
    assert found.rpo is not None
    assert found.rpo.worst_seconds == 0


def test_what_a_bucket_without_versions_loses_is_gone() -> None:
    graph = Small().network().cluster(6).bucket(versions=False).flows().name().graph()
    for fault in ("deleted-object-us-east-1-artifacts", "corrupted-checkpoint-us-east-1-artifacts"):
        found = of(graph, fault, "artifact")
        assert (found.verdict, found.rto, found.rpo) == (Verdict.DOWN, None, None)


# Steps.


def test_what_a_step_asks_for_can_be_measured_better() -> None:
    # Six nodes of 4 x 0.97 cores and 16 x 0.9 GiB, less five pods of 0.25 cores and 0.5 GiB: 22.03 cores, 83.9 GiB.
    assert of(whole(), "dns", "cpu-step").slots == 44
    assert of(whole(), "dns", "cpu-step", {"step.cpu": 2.0}).slots == 11
    assert of(whole(), "dns", "cpu-step", {"step.memory": 8.0}).slots == 10
    assert of(whole(), "dns", "gpu-step").slots == 1
    assert of(whole(), "dns", "gpu-step", {"step.gpu.gpus": 2.0}).slots == 0
