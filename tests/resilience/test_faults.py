"""What each fault takes away, and what its terms lean on: small platforms, computed by hand."""

from typing import Any

import pytest

from resilience.facts import Facts
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
