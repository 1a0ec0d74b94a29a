"""Ten small platforms, computed by hand: the arithmetic is in the comments, and the model must come to the same."""

import math

import pytest

from resilience.availability import at_least, over_zones
from resilience.facts import Facts
from resilience.faults import faults
from resilience.graph import UNKNOWN, Graph
from resilience.journeys import diagrams
from resilience.outcomes import Outcome, Verdict, outcomes
from tests.resilience.small import Small

FACTS = Facts()


def of(graph: Graph, fault: str, journey: str = "use-shop") -> Outcome:
    found = outcomes(graph, FACTS)
    assert (journey, fault) in found, sorted(found)
    return found[journey, fault]


def times(outcome: Outcome) -> tuple[float, float]:
    assert outcome.rto is not None
    return outcome.rto.typical_seconds, outcome.rto.worst_seconds


def steps(outcome: Outcome) -> list[str]:
    assert outcome.rto is not None
    return [term.step.value for term in outcome.rto.worst]


def test_three_zones_lose_one_and_serve_on() -> None:
    graph = Small().network().cluster().service().entrance().name().graph()
    outcome = of(graph, "zone-us-east-1a")
    # Pods: 10 s x 2 = 20, at worst 10 x 3 + 5 = 35. The load balancer's own address: 60, at worst 120. Side by side:
    # the longer one. Pods: one of three is gone, and made anew: 3 x 0.5 cores fit into two nodes of 3.88.
    assert (outcome.verdict, outcome.capacity) == (Verdict.SURVIVES, 1.0)
    assert outcome.at_once == pytest.approx(2 / 3)
    assert times(outcome) == (60, 120)
    assert steps(outcome) == ["reroute"]


def test_two_zones_lose_one_and_have_half_the_room() -> None:
    # 2 nodes of 4 x 0.97 = 3.88 cores for 2 pods of 3: one node is left, which has room for 3.88 of 6 cores: 0.6466….
    small = Small().network(("a", "b")).cluster(2, zones=("a", "b")).service(replicas=2, cpu="3")
    outcome = of(small.entrance(zones=("a", "b")).name().graph(), "zone-us-east-1b")
    assert outcome.verdict is Verdict.DEGRADED
    assert outcome.capacity == pytest.approx(3.88 / 6)
    assert outcome.at_once == 0.5


def test_replicas_on_one_node_go_with_it() -> None:
    # Nothing keeps them apart. Down: 50 s until the node is given up, 300 s until its pods are (by default), then
    # 30 s to start, at worst 180. The load balancer's 20 to 35 s pass meanwhile.
    graph = Small().network().cluster().service(spread=False).entrance().name().graph()
    outcome = of(graph, "node-us-east-1-nodes")
    assert outcome.at_once == 0
    assert times(outcome) == (50 + 300 + 30, 50 + 300 + 180)
    assert steps(outcome) == ["detect", "evict", "start"]
    # All of them may be in any zone; its loss takes as long, and longer than the load balancer's 60 to 120 s.
    zone = of(graph, "zone-us-east-1b")
    assert (zone.at_once, times(zone)) == (0, (380, 530))
    apart = of(Small().network().cluster().service().entrance().name().graph(), "node-us-east-1-nodes")
    assert (apart.at_once, times(apart)) == (pytest.approx(2 / 3), (20, 35))


def test_pods_that_do_not_wait_come_back_sooner() -> None:
    # The same, with tolerationSeconds 30: 50 + 30 + 30, at worst 50 + 30 + 180.
    graph = Small().network().cluster().service(spread=False, toleration=30).entrance().name().graph()
    assert times(of(graph, "node-us-east-1-nodes")) == (110, 260)


def test_an_aurora_of_one_instance_is_made_anew() -> None:
    # Its writer: 600 s, at worst 1800. Its zone: somebody makes one in another zone, 1800 to 14400, and then as much.
    graph = Small().network().cluster().aurora(("a",)).service().entrance().name().graph()
    writer = of(graph, "database-writer-us-east-1-database")
    assert times(writer) == (600, 1800)
    assert writer.at_once == 0
    zone = of(graph, "zone-us-east-1a")
    assert times(zone) == (1800 + 600, 14400 + 1800)
    assert steps(zone) == ["decide", "restore"]
    # In another zone nothing of it is lost.
    assert times(of(graph, "zone-us-east-1b")) == (60, 120)


def test_an_aurora_of_three_fails_over() -> None:
    # 30 s, at worst 60, and nothing is lost; a reader: 5 s, at worst 60.
    graph = Small().network().cluster().aurora().service().entrance().name().graph()
    writer = of(graph, "database-writer-us-east-1-database")
    assert times(writer) == (30, 60)
    assert writer.rpo is not None
    assert writer.rpo.worst_seconds == 0
    assert times(of(graph, "database-reader-us-east-1-database")) == (5, 60)


def regions(*, interval: int, threshold: int, ttl: int) -> Graph:
    home = (
        Small()
        .network()
        .cluster()
        .service()
        .entrance()
        .name(role="PRIMARY", interval=interval, times=threshold, ttl=ttl)
    )
    other = Small("us-west-2", "two").network().cluster().service().entrance().name(role="SECONDARY", ttl=ttl)
    return home.graph(other)


@pytest.mark.parametrize(
    ("interval", "threshold", "ttl", "typical", "worst"),
    [
        # Typical: interval x threshold + TTL. Worst: once more the interval, 6 s until a checker gives up, and the TTL.
        (30, 3, 300, 30 * 3 + 300, 30 * 4 + 6 + 300),  # 390, 426
        (30, 3, 60, 30 * 3 + 60, 30 * 4 + 6 + 60),  # 150, 186
        (10, 2, 30, 10 * 2 + 30, 10 * 3 + 6 + 30),  # 50, 66
    ],
)
def test_a_region_is_left_as_fast_as_its_health_check_and_ttl_let_it(
    interval: int, threshold: int, ttl: int, typical: float, worst: float
) -> None:
    graph = regions(interval=interval, threshold=threshold, ttl=ttl)
    outcome = of(graph, "region-us-east-1")
    assert (outcome.verdict, times(outcome), steps(outcome)) == (Verdict.SURVIVES, (typical, worst), ["detect", "DNS"])
    assert any("us-west-2" in word for word in outcome.because)
    assert of(graph, "region-us-west-2").rto is not None
    assert times(of(graph, "region-us-west-2")) == (0, 0)


def test_one_region_alone_is_down_with_it() -> None:
    graph = Small().network().cluster().service().entrance().name().graph()
    outcome = of(graph, "region-us-east-1")
    assert (outcome.verdict, outcome.capacity, outcome.rto, outcome.rpo) == (Verdict.DOWN, 0.0, None, None)


def test_a_single_nat_gateway_keeps_pods_from_starting_anywhere() -> None:
    # Serving needs no way out. With its zone, one of three pods is lost, and no other can be pulled: 2 of 3 are left.
    single = Small().network(nats=("a",)).cluster().service().entrance().name().graph()
    assert times(of(single, "nat-us-east-1-nat-a")) == (0, 0)
    outcome = of(single, "zone-us-east-1a")
    assert (outcome.verdict, outcome.capacity) == (Verdict.DEGRADED, pytest.approx(2 / 3))
    # Another zone takes no way out with it.
    assert of(single, "zone-us-east-1b").verdict is Verdict.SURVIVES
    each = Small().network().cluster().service().entrance().name().graph()
    assert of(each, "zone-us-east-1a").verdict is Verdict.SURVIVES


def test_what_is_not_known_is_not_good() -> None:
    # An instance type that nobody knows: whether two nodes have room for three pods cannot be said.
    graph = Small().network().cluster(instance="z9.huge").service().entrance().name().graph()
    assert of(graph, "zone-us-east-1a").verdict is Verdict.UNKNOWN
    # Where a single instance is cannot be said: it may be in any zone.
    hidden = Small().network().cluster().aurora((UNKNOWN,)).service().entrance().name().graph()
    outcomes_ = [of(hidden, f"zone-us-east-1{letter}") for letter in "abc"]
    assert [each.verdict for each in outcomes_] == [Verdict.UNKNOWN] * 3
    assert outcomes_[0].doubts == ("where database database stands is not known",)
    # How many pods there are cannot be said.
    several = Small().network().cluster().service(replicas=UNKNOWN).entrance().name().graph()
    assert of(several, "pod-us-east-1-shop").verdict is Verdict.UNKNOWN


def test_availability_by_hand() -> None:
    # 2 of 3 at 0.9: 3 x 0.81 x 0.1 + 0.729 = 0.972.
    assert at_least(2, 3, 0.9) == pytest.approx(0.972)
    # Two pods of 0.9 in two zones of 0.5: each way is up with 0.45; 1 - 0.55² = 0.6975.
    assert over_zones(2, 2, 1, 0.9, 0.5) == pytest.approx(0.6975)
    # Both in one zone: 0.5 x (1 - 0.1²) = 0.495.
    assert over_zones(2, 1, 1, 0.9, 0.5) == pytest.approx(0.495)


def test_every_time_is_the_sum_of_its_terms_and_every_fact_is_in_the_table() -> None:
    graph = regions(interval=30, threshold=3, ttl=60)
    known = {fact.id for fact in FACTS}
    for outcome in outcomes(graph, FACTS).values():
        assert set(outcome.facts) <= known
        if outcome.rto is not None:
            assert outcome.rto.worst_seconds == math.fsum(term.worst for term in outcome.rto.worst)
            assert outcome.rto.typical_seconds <= outcome.rto.worst_seconds


def test_faults_have_names_of_their_own() -> None:
    ids = [fault.id for fault in faults(regions(interval=30, threshold=3, ttl=60), FACTS)]
    assert len(ids) == len(set(ids))


def test_a_graph_without_an_entrance_has_no_journey() -> None:
    assert diagrams(Small().network().graph(), FACTS) == ()
