"""Ten small platforms, computed by hand: the arithmetic is in the comments, and the model must come to the same."""

import math
from dataclasses import replace
from typing import Any

import pytest

from resilience.availability import YEAR, Availability, at_least, availability, over_zones
from resilience.diagram import Block, Demand, Diagram, Need, Nodes, Pool, Role, Site, Step, Term, region
from resilience.facts import Facts
from resilience.faults import Fault, Kind, faults
from resilience.graph import UNKNOWN, Graph
from resilience.journeys import diagrams
from resilience.outcomes import Outcome, Verdict, outcomes
from resilience.outcomes import outcome as outcome_of
from resilience.survey import UNKNOWN_PRIORITY, survey
from tests.resilience.small import APPROVAL, CAPACITY, DATABASE, TRAFFIC, Small

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


def test_a_database_instance_and_a_cache_keep_journeys_waiting() -> None:
    # A standby takes over within 60 s, at worst 120; a host alone is made anew: 600, at worst 1800.
    for standby_, expected in ((True, (60, 120)), (False, (600, 1800))):
        graph = Small().network().cluster().rds(standby=standby_).service().entrance().name().graph()
        writer = of(graph, "database-writer-us-east-1-database")
        assert (writer.at_once, times(writer)) == (0, expected)
        assert writer.because == ("database: the host that takes writes is gone",)
    # A cache's replica: 10 s, at worst 60; without failover a new node: 600, at worst 1800.
    for fails_over, expected in ((True, (10, 60)), (False, (600, 1800))):
        graph = Small().network().cluster().cache(fails_over=fails_over).service().entrance().name().graph()
        primary = of(graph, "cache-primary-us-east-1-cache")
        assert (primary.at_once, times(primary)) == (0, expected)
        assert primary.because == ("cache: its primary is gone",)


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


def led_by_a_plan(alarm: Any, *steps: dict[str, Any], target: Any = None) -> Graph:
    """Two regions and names without a health check: only a plan, or somebody, leads on from the first."""
    home = Small().network().cluster().service().entrance().name(role="PRIMARY")
    home.plan(*steps, alarm=alarm, target=target)
    return home.graph(Small("us-west-2", "two").network().cluster().service().entrance().name(role="SECONDARY"))


@pytest.mark.parametrize(
    ("alarm", "region_steps", "balancer_steps"),
    [
        ("", ["detect", "decide", "DNS"], ["detect", "decide", "DNS"]),
        # An alarm is gone with its region; while only a load balancer is lost, it fires.
        ("us-east-1", ["detect", "decide", "DNS"], ["detect", "DNS"]),
        ("us-west-2", ["detect", "DNS"], ["detect", "DNS"]),
        # Where it stands is not known: it may be there.
        (UNKNOWN, ["detect", "decide", "DNS"], ["detect", "DNS"]),
    ],
)
def test_an_alarm_starts_a_plan_unless_it_is_lost_with_its_region(
    alarm: Any, region_steps: list[str], balancer_steps: list[str]
) -> None:
    graph = led_by_a_plan(alarm)
    lost = of(graph, "region-us-east-1")
    assert (lost.verdict, steps(lost)) == (Verdict.SURVIVES, region_steps)
    # An alert: 120 s, at worst 600. Somebody decides: 300, at worst 3600. The names are kept for 60.
    assert times(lost) == ((120 + 300 + 60, 600 + 3600 + 60) if "decide" in region_steps else (30 + 60, 120 + 60))
    assert steps(of(graph, "load-balancer-us-east-1-lb")) == balancer_steps


def test_a_plan_that_somebody_approves_is_not_started_by_an_alarm_alone() -> None:
    graph = led_by_a_plan("us-west-2", APPROVAL, TRAFFIC)
    assert "decide" in steps(of(graph, "load-balancer-us-east-1-lb"))


def test_a_plan_s_steps_are_taken_one_after_another() -> None:
    # An alert, one decision of who starts and who approves, 15 minutes for capacity at worst, the database, the names.
    whole = of(led_by_a_plan("", APPROVAL, CAPACITY, DATABASE, TRAFFIC), "region-us-east-1")
    assert times(whole) == (120 + 300 + 60 + 60 + 60, 600 + 3600 + 900 + 300 + 60)
    # What comes after the names is nobody's wait.
    assert times(of(led_by_a_plan("", TRAFFIC, CAPACITY, DATABASE), "region-us-east-1")) == (480, 4260)
    # Without `failover` somebody gives up by hand what the dark region has not sent.
    graceful = {**DATABASE, "globalAuroraConfigs": [{"behavior": "switchoverOnly"}]}
    asked = of(led_by_a_plan("", graceful, TRAFFIC), "region-us-east-1")
    assert times(asked) == (120 + 300 + 1800 + 60 + 60, 600 + 3600 + 14400 + 300 + 60)
    # Steps in parallel take no longer than one after another.
    parallel = {"executionBlockType": "Parallel", "parallelConfigs": [{"steps": [CAPACITY, DATABASE]}]}
    assert times(of(led_by_a_plan("", APPROVAL, parallel, TRAFFIC), "region-us-east-1")) == times(whole)


def test_a_shorter_time_to_approve_makes_nobody_faster_and_a_second_approval_slower() -> None:
    def approved(minutes: int) -> dict[str, Any]:
        return {**APPROVAL, "executionApprovalConfigs": [{"timeoutMinutes": minutes}]}

    def told(*steps: dict[str, Any]) -> tuple[float, float]:
        return times(of(led_by_a_plan("", *steps, TRAFFIC), "region-us-east-1"))

    assert told(approved(1)) == told(approved(60)) == told(approved(600)) == (480, 4260)
    assert told(APPROVAL, APPROVAL) == (480 + 300, 4260 + 3600)


@pytest.mark.parametrize(
    ("steps_of_it", "target"),
    [
        ([CAPACITY], None),
        ([{**TRAFFIC, "route53HealthCheckConfigs": [{"recordName": "other.example.com"}]}], None),
        ([{**TRAFFIC, "route53HealthCheckConfigs": [{"recordName": UNKNOWN}]}], None),
        ([TRAFFIC], "us-east-1"),
        ([TRAFFIC], UNKNOWN),
    ],
    ids=["no names", "other names", "names nobody knows", "the other way", "a way nobody knows"],
)
def test_a_plan_that_does_not_turn_these_names_to_the_other_region_is_none(
    steps_of_it: list[dict[str, Any]], target: Any
) -> None:
    lost = of(led_by_a_plan("", *steps_of_it, target=target), "region-us-east-1")
    # Somebody does it by hand: 1,800 s, at worst 14,400.
    assert times(lost) == (120 + 300 + 1800 + 60, 600 + 3600 + 14400 + 60)
    there = of(led_by_a_plan("", TRAFFIC, target="us-west-2"), "region-us-east-1")
    assert times(there) == (480, 4260)


@pytest.mark.parametrize(
    ("nodes", "zones", "verdicts", "at_once"),
    [
        # Subnets are in three zones, and all nodes in one: with it every pod is gone, and no room is left.
        (3, ("a",), ["DOWN", "SURVIVES", "SURVIVES"], [0, 2 / 3, 2 / 3]),
        # Three pods on nodes in two zones: two of them may be in either. Zone c takes a third of the load balancer.
        (6, ("a", "b"), ["SURVIVES"] * 3, [1 / 3, 1 / 3, 2 / 3]),
        # Two nodes somewhere in three zones.
        (2, ("a", "b", "c"), ["SURVIVES"] * 3, [1 / 3] * 3),
        (3, ("a", "b", "c"), ["SURVIVES"] * 3, [2 / 3] * 3),
    ],
)
def test_pods_are_where_nodes_are(
    nodes: int, zones: tuple[str, ...], verdicts: list[str], at_once: list[float]
) -> None:
    graph = Small().network().cluster(nodes, zones=zones).service().entrance().name().graph()
    found = [of(graph, f"zone-us-east-1{letter}") for letter in "abc"]
    assert [each.verdict.name for each in found] == verdicts
    assert [each.at_once for each in found] == pytest.approx(at_once)


def test_no_alarm_leads_into_the_region_that_it_leads_away_from() -> None:
    assert of(led_by_a_plan("us-west-2"), "region-us-west-2").rto is not None
    back = led_by_a_plan("us-west-2")
    plan = next(each for each in back.resources if each.name == "plan")
    trigger = {**plan.properties["triggers"][0], "targetRegion": "us-east-1"}
    other = replace(plan, properties={**plan.properties, "triggers": [trigger]})
    graph = Graph([other if each is plan else each for each in back.resources])
    assert steps(of(graph, "region-us-east-1")) == ["detect", "decide", "DNS"]


def test_a_region_that_stands_in_with_less_is_said() -> None:
    home = Small().network().cluster().service(replicas=4).entrance().name(role="PRIMARY", interval=10)

    def beside(replicas: int) -> Graph:
        other = Small("us-west-2", "two").network().cluster().service(replicas=replicas).entrance()
        return home.graph(other.name(role="SECONDARY"))

    # 1 of 4 pods.
    less = of(beside(1), "region-us-east-1")
    assert (less.verdict, less.capacity) == (Verdict.DEGRADED, 0.25)
    assert "shop has 1 pods in us-west-2, of 4 before" in less.because
    assert not any("before" in word for word in of(beside(4), "region-us-east-1").because)
    # None of them: nobody is answered, whoever is led there.
    none = of(beside(0), "region-us-east-1")
    assert (none.verdict, none.capacity, none.rto) == (Verdict.DOWN, 0.0, None)
    assert "shop has 0 pods in us-west-2, of 4 before" in none.because


@pytest.mark.parametrize(
    ("name", "title"),
    [
        ("database database", "database"),
        ("key data-key", "data-key"),
        ("database shop", "database shop"),
        ("bucket buckets", "bucket buckets"),
        ("control plane", "control plane"),
        ("entrance", "entrance"),
    ],
)
def test_a_block_says_what_it_is_once(name: str, title: str) -> None:
    assert Block(name, Role.DATABASE, "us-east-1", ()).title == title


def standby(nodes: int, cpu: str) -> Graph:
    home = Small().network().cluster(6).service(cpu=cpu).entrance().name(role="PRIMARY", interval=10)
    other = Small("us-west-2", "two").network().cluster(nodes).service(cpu=cpu).entrance().name(role="SECONDARY")
    return home.graph(other)


def test_a_standby_has_no_more_room_than_its_nodes_offer() -> None:
    # One node of 3.88 cores for 3 pods of 1.5: 3.88 of 4.5. Two have room for all; none, for none.
    small = of(standby(1, "1500m"), "region-us-east-1")
    assert (small.verdict, small.capacity) == (Verdict.DEGRADED, pytest.approx(3.88 / 4.5))
    assert "in us-west-2: there is room for 86% of shop" in small.because
    enough = of(standby(2, "1500m"), "region-us-east-1")
    assert (enough.verdict, enough.capacity) == (Verdict.SURVIVES, 1.0)
    none = of(standby(0, "1500m"), "region-us-east-1")
    assert (none.verdict, none.capacity, none.rto) == (Verdict.DOWN, 0.0, None)
    # It is led to after the load balancer is lost too.
    assert of(standby(0, "1500m"), "load-balancer-us-east-1-lb").verdict is Verdict.DOWN


def test_what_a_plan_raises_takes_room_from_others() -> None:
    # 2 nodes of 3.88 are 7.76 cores. Three of 2 cores run, and as many of another Deployment stand by with none: they
    # are raised when the region is lost, and all six ask for 12.
    pool = Pool(
        "cpu",
        (Nodes("nodes", 2, Need(3.88, 14), frozenset(), frozenset()),),
        (Demand("runs", 0, Need(2, 1), 3), Demand("stands by", 0, Need(2, 1), 0, raised=3)),
    )
    assert pool.share("runs", (), bought=False) == 1
    assert pool.share("runs", (), bought=False, raised=True) == pytest.approx(7.76 / 12)
    assert pool.slots(Need(1, 1), (), bought=False) == 1
    assert pool.slots(Need(1, 1), (), bought=False, raised=True) == 0


@pytest.mark.parametrize(
    ("raised", "bought", "starts", "verdict"),
    [
        # What runs there already has its nodes; what is to start needs nodes that stand there, and to be able to start.
        (False, True, True, Verdict.SURVIVES),
        (True, True, True, Verdict.DOWN),
        (True, False, True, Verdict.SURVIVES),
        (True, False, False, Verdict.DOWN),
    ],
)
def test_what_a_plan_raises_needs_nodes_that_stand_there(
    raised: bool, bought: bool, starts: bool, verdict: Verdict
) -> None:
    lost = frozenset({region("us-east-1"), "gateway"})
    needed = frozenset[str]() if starts else frozenset({"gateway"})
    nodes = Nodes("nodes", 1, Need(8, 32), frozenset(), needed, bought=bought)
    demand = Demand("shop", 0, Need(1, 1), 0 if raised else 3, raised=3 if raised else 0)
    whole = frozenset({region("us-east-1")})
    here = Block("shop", Role.WORKLOAD, "us-east-1", (), members=3, whole=whole)
    there = Block("shop", Role.WORKLOAD, "us-west-2", (), 0 if raised else 3, raised=raised, pool="cpu", demand="shop")
    sites = (
        Site("us-east-1", (here,), summons=(Term(Step.DECIDE, 1, 1, "somebody decides"),)),
        Site("us-west-2", (there,), pools={"cpu": Pool("cpu", (nodes,), (demand,))}, share=0.0),
    )
    fault = Fault("region", Kind.REGION, "region us-east-1", "us-east-1", lost)
    assert outcome_of(Diagram("use-shop", "use shop", (), sites), fault).verdict is verdict


def test_what_stands_by_is_counted_as_often_as_it_runs_elsewhere() -> None:
    home = Small().network().cluster().service(replicas=4)
    other = Small("us-west-2", "two").network().cluster().service(replicas=0)
    first, second = survey(home.graph(other), FACTS).clusters
    assert [(each.count, each.raised) for each in first.pools["cpu"].demands] == [(4, 0)]
    assert [(each.count, each.raised) for each in second.pools["cpu"].demands] == [(0, 4)]


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
    assert outcomes_[0].doubts == ("where database stands is not known",)
    # How many pods there are cannot be said.
    several = Small().network().cluster().service(replicas=UNKNOWN).entrance().name().graph()
    assert of(several, "pod-us-east-1-shop").verdict is Verdict.UNKNOWN


def crowded(type_: str, name: str, properties: dict[str, Any]) -> Outcome:
    graph = Small().network().cluster().service().entrance().name().add(type_, name, properties).graph()
    return of(graph, "zone-us-east-1a")


def agent(resources: Any) -> dict[str, Any]:
    spec = {"containers": [{"name": "agent", "resources": resources}]}
    return {"metadata": {"namespace": "default"}, "spec": {"template": {"spec": spec}}}


def test_what_nobody_knows_may_take_all_room() -> None:
    # A release of a chart that nobody knows, a DaemonSet that does not say what it asks for, and a Deployment of a
    # priority that is not in view.
    daemon = "kubernetes:apps/v1:DaemonSet"
    assert crowded("kubernetes:helm.sh/v3:Release", "mystery", {"chart": "mystery"}).verdict is Verdict.UNKNOWN
    assert crowded(daemon, "agent", agent(UNKNOWN)).verdict is Verdict.UNKNOWN
    assert crowded(daemon, "agent", agent({"requests": {"cpu": "100m", "memory": "64Mi"}})).verdict is Verdict.SURVIVES
    other = agent({"requests": {"cpu": "100m", "memory": "64Mi"}})
    other["spec"]["template"]["spec"]["priorityClassName"] = "not-in-view"
    small = Small().network().cluster().service().entrance().name().add("kubernetes:apps/v1:Deployment", "other", other)
    first = small.parts["shop"].properties["spec"]["template"]["spec"]
    for own in ("", "system-cluster-critical"):
        first["priorityClassName"] = own
        assert of(small.graph(), "zone-us-east-1a").verdict is Verdict.UNKNOWN


def test_what_no_priority_is_known_of_may_come_before_all() -> None:
    # Whoever has a priority of its own comes before those with none, and not before those of which nobody knows.
    pool = Pool(
        "cpu",
        (Nodes("nodes", 2, Need(3.88, 14), frozenset(), frozenset()),),
        (Demand("first", 1000, Need(2, 1), 3), Demand("hidden", UNKNOWN_PRIORITY, None, 1)),
    )
    assert pool.share("first", (), bought=False) is None


def test_a_node_that_has_to_be_bought_takes_its_time() -> None:
    # All three may be in the zone that is lost; 2 nodes of 3.88 cores have room for 7.76 of 10.5, and Karpenter may buy
    # 30 cores over three zones: 20 in two. 50 s until the node is given up, 300 until its pods are, 60 s for the new
    # node, at worst 300, and 30 to 180 s to start.
    small = Small().network().cluster().service(spread=False, cpu="3500m").entrance().name()
    short = of(small.graph(), "zone-us-east-1a")
    assert (short.capacity, times(short)) == (pytest.approx(7.76 / 10.5), (380, 530))
    small.add("kubernetes:karpenter.sh/v1:NodePool", "elastic", {"spec": {"limits": {"cpu": "30", "memory": "60Gi"}}})
    bought = of(small.graph(), "zone-us-east-1a")
    assert (bought.verdict, times(bought)) == (Verdict.SURVIVES, (50 + 300 + 60 + 30, 50 + 300 + 300 + 180))
    assert steps(bought) == ["detect", "evict", "start", "start"]
    # What has room without it does not wait for it.
    roomy = Small().network().cluster(6).service(spread=False, cpu="1").entrance().name()
    roomy.add("kubernetes:karpenter.sh/v1:NodePool", "elastic", {"spec": {"limits": {"cpu": "30", "memory": "60Gi"}}})
    assert times(of(roomy.graph(), "zone-us-east-1a")) == (380, 530)


def test_callers_in_the_cluster_wait_as_well() -> None:
    # Of two pods on two nodes: until the node is given up, 50 s; of a pod, until its probe fails, 10 s, at worst 30.
    small = Small().network().cluster().nodes("gpus", 3, "g6.xlarge")
    small.add("kubernetes:helm.sh/v3:Release", "model", {"chart": "model-server", "values": {"replicas": {"min": 2}}})
    graph = small.graph()
    assert times(of(graph, "zone-us-east-1a", "infer-model")) == (50, 50)
    pod = of(graph, "pod-us-east-1-model-servers", "infer-model")
    assert (pod.at_once, times(pod)) == (0.5, (10, 30))


def bus(count: int) -> Graph:
    labels = {"controller": "eventbus-controller", "eventbus-name": "bus"}
    apart = [
        {"topologyKey": key, "labelSelector": {"matchLabels": labels}}
        for key in ("kubernetes.io/hostname", "topology.kubernetes.io/zone")
    ]
    stream = {
        "replicas": count,
        "containerTemplate": {"resources": {"requests": {"cpu": "100m", "memory": "1Gi"}}},
        "affinity": {"podAntiAffinity": {"requiredDuringSchedulingIgnoredDuringExecution": apart}},
    }
    properties = {"metadata": {"namespace": "default", "name": "bus"}, "spec": {"jetstream": stream}}
    small = Small().network().cluster().service().entrance().name()
    return small.add("kubernetes:argoproj.io/v1alpha1:EventBus", "bus", properties).graph()


def test_an_event_bus_needs_its_quorum_and_a_way_in() -> None:
    # Of three two are needed: the rest elects another leader, 15 s, at worst 17. Of two both are: 10 s until a probe
    # fails, at worst 30, and 30 s to start, at worst 180.
    three, two = (of(bus(count), "pod-us-east-1-bus", "event") for count in (3, 2))
    assert (three.at_once, times(three)) == (pytest.approx(2 / 3), (15, 17))
    assert (two.at_once, times(two)) == (0, (40, 210))
    # A version that does not start: one of three is away until somebody brings the last one back, and no quorum of two.
    stuck, broken = (of(bus(count), "bad-deployment-us-east-1-bus", "event") for count in (3, 2))
    assert (stuck.at_once, times(stuck)) == (pytest.approx(2 / 3), (1800, 14400))
    assert (broken.at_once, times(broken)) == (0, (1800, 14400))
    # Senders follow the name to the load balancer.
    assert of(bus(3), "dns", "event").verdict is Verdict.DOWN
    assert of(bus(3), "load-balancer-us-east-1-lb", "event").verdict is Verdict.DOWN


def rolled(kind: str, replicas: int, spec: dict[str, Any]) -> Outcome:
    small = Small().network().cluster().service(replicas=replicas).entrance().name()
    shop = small.parts["shop"]
    small.parts["shop"] = replace(
        shop,
        type=f"kubernetes:apps/v1:{kind}",
        urn=shop.urn.replace("Deployment", kind),
        properties={**shop.properties, "spec": {**shop.properties["spec"], **spec}},
    )
    return of(small.graph(), "bad-deployment-us-east-1-shop")


@pytest.mark.parametrize(
    ("kind", "replicas", "spec", "left"),
    [
        # A quarter, rounded down; of one or three none.
        ("Deployment", 1, {}, 1),
        ("Deployment", 3, {}, 1),
        ("Deployment", 4, {}, 3 / 4),
        ("Deployment", 3, {"strategy": {"rollingUpdate": {"maxUnavailable": "100%"}}}, 0),
        ("Deployment", 3, {"strategy": {"rollingUpdate": {"maxUnavailable": 2}}}, 1 / 3),
        ("Deployment", 3, {"strategy": {"rollingUpdate": {"maxSurge": 0}}}, 2 / 3),
        ("Deployment", 4, {"strategy": {"rollingUpdate": {"maxUnavailable": "49%", "maxSurge": "0%"}}}, 3 / 4),
        ("Deployment", 3, {"strategy": {"type": "Recreate"}}, 0),
        ("Deployment", 3, {"strategy": UNKNOWN}, 0),
        ("Deployment", 3, {"strategy": {"rollingUpdate": {"maxUnavailable": UNKNOWN}}}, 0),
        # One, before its successor is asked to start.
        ("StatefulSet", 1, {}, 0),
        ("StatefulSet", 3, {}, 2 / 3),
        ("StatefulSet", 3, {"updateStrategy": {"rollingUpdate": {"maxUnavailable": "40%"}}}, 1 / 3),
    ],
)
def test_a_version_that_never_starts_takes_as_many_as_it_may(
    kind: str, replicas: int, spec: dict[str, Any], left: float
) -> None:
    outcome = rolled(kind, replicas, spec)
    assert outcome.at_once == pytest.approx(left)
    assert times(outcome) == ((0, 0) if left == 1 else (1800, 14400))


def test_a_cache_that_does_not_fail_over_waits_for_a_person() -> None:
    # Its zone is dark, and nothing makes a node elsewhere: 1800 s, at worst 14400, and then 600, at worst 1800.
    for nodes, fails_over in ((1, True), (2, True), (2, False)):
        graph = (
            Small()
            .network()
            .cluster()
            .cache(nodes, fails_over=fails_over, apart=False)
            .service()
            .entrance()
            .name()
            .graph()
        )
        assert times(of(graph, "zone-us-east-1a")) == (1800 + 600, 14400 + 1800)
    # With a node in another zone somebody makes that one the primary: 10 s more, at worst 60.
    graph = Small().network().cluster().cache(fails_over=False).service().entrance().name().graph()
    assert times(of(graph, "zone-us-east-1a")) == (1810, 14460)
    sound = Small().network().cluster().cache().service().entrance().name().graph()
    assert times(of(sound, "zone-us-east-1a")) == (60, 120)


def test_nobody_can_say_what_a_load_balancer_without_a_name_needs() -> None:
    outcome = of(Small().network().cluster().service().entrance().graph(), "dns")
    assert outcome.verdict is Verdict.UNKNOWN
    assert outcome.doubts == ("which name leads to the load balancer is not in view",)


def test_availability_by_hand() -> None:
    # 2 of 3 at 0.9: 3 x 0.81 x 0.1 + 0.729 = 0.972.
    assert at_least(2, 3, 0.9) == pytest.approx(0.972)
    # Two pods of 0.9 in two zones of 0.5: each way is up with 0.45; 1 - 0.55² = 0.6975.
    assert over_zones(2, 2, 1, 0.9, 0.5) == pytest.approx(0.6975)
    # Both in one zone: 0.5 x (1 - 0.1²) = 0.495.
    assert over_zones(2, 1, 1, 0.9, 0.5) == pytest.approx(0.495)


def year(graph: Graph, facts: Facts = FACTS, journey: str = "use-shop") -> Availability:
    diagram = next(each for each in diagrams(graph, facts) if each.journey == journey)
    found = outcomes(graph, facts)
    lost = [fault for fault in faults(graph, facts) if fault.kind is Kind.REGION]
    return availability(diagram, facts, {fault.region: found[journey, fault.id] for fault in lost})


def test_a_year_in_one_region_by_hand() -> None:
    # Load balancer 0.9999. Three pods of 0.999 in three zones of 0.9995: one is up with 0.9985005, and none with
    # 0.0014995³ = 3.4e-9. Those lost are asked for 35 s at worst: 0.001 x 35/300 + 0.0005 x 35/3600 = 0.000121528.
    # The region: 0.2 x 14400 s = 2880 s a year.
    own = 1 - 0.0014995**3 - (0.001 * 35 / 300 + 0.0005 * 35 / 3600)
    found = year(Small().network().cluster().service().entrance().name().graph())
    assert found.value == pytest.approx(0.9999 * own - 2880 / YEAR, abs=1e-12)
    assert found.failover_seconds == pytest.approx(2880)


def test_a_year_in_two_regions_by_hand() -> None:
    # 30 s x 4 + 6 + 60 = 186 s at worst until clients are led on, after the load balancer's outage of an hour, or the
    # pods' of five minutes; and where they are led, the other region is not there either with 1 - 0.9999 x own.
    late, asked = 186, 0.001 * 35 / 300 + 0.0005 * 35 / 3600
    away = 1 - 0.9999 * (1 - 0.0014995**3 - asked)
    balancer = 0.0001 * (late / 3600 + (1 - late / 3600) * away)
    pods = 0.0014995**3 * (late / 300 + (1 - late / 300) * away) + asked
    found = year(regions(interval=30, threshold=3, ttl=60))
    assert found.value == pytest.approx((1 - balancer) * (1 - pods) - 0.2 * 186 / YEAR, abs=1e-12)
    assert found.failover_seconds == pytest.approx(0.2 * 186)


def lone(region: str, stack: str, role: str, interval: int | None = None) -> Small:
    small = Small(region, stack).network().cluster().service(replicas=1).entrance()
    return small.name(role=role, interval=interval)


def test_a_second_region_that_nobody_is_led_to_by_itself_spares_no_pod() -> None:
    alone = year(lone("us-east-1", "one", "").graph())
    unseen = year(lone("us-east-1", "one", "PRIMARY").graph(lone("us-west-2", "two", "SECONDARY")))
    led = year(lone("us-east-1", "one", "PRIMARY", 10).graph(lone("us-west-2", "two", "SECONDARY")))
    assert alone.value is not None
    assert unseen.value is not None
    assert led.value is not None
    # One pod: 0.999 x 0.9995, and nobody to go to while it is made anew.
    assert unseen.value < 0.999 * 0.9995
    assert alone.value <= unseen.value < led.value


def test_what_both_regions_share_is_counted_once_and_spares_neither() -> None:
    shared = Block("database database", Role.DATABASE, "us-east-1", ("urn",), all="sla.aurora.single_az")
    apart = replace(shared, urns=("other",))
    moves = (Term(Step.DNS, 0, 0, "at once"),)

    def value(second: Block) -> float | None:
        home = Site("us-east-1", (shared,), moves=moves, seen=frozenset({shared.name}))
        diagram = Diagram("use", "use", (), (home, Site("us-west-2", (second,), share=0)))
        return availability(diagram, FACTS, {}).value

    assert value(shared) == pytest.approx(0.999)
    assert value(apart) == pytest.approx(1 - 0.001**2)


def test_what_agreements_do_not_say_is_not_known_for_the_year() -> None:
    several = Small().network().cluster().service(replicas=UNKNOWN).entrance().name().graph()
    assert year(several).value is None


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
