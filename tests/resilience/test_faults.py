"""What each fault takes away, and what its terms lean on: small platforms, computed by hand."""

from typing import Any

import pytest

from resilience.facts import Facts
from resilience.graph import Graph
from resilience.outcomes import Outcome, Verdict, outcomes
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
