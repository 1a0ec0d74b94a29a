"""Fast, and linear in resources: measured with bounds that a busy machine keeps, or counted."""

import sys
import time
from types import FrameType

from benchmarks.resilience import platforms
from resilience.facts import Facts
from resilience.faults import faults
from resilience.graph import Graph, Resource
from resilience.journeys import diagrams
from resilience.outcomes import outcomes
from tests.resilience.stacks import platform


def fresh(graph: Graph) -> Graph:
    """The same graph, of which nothing is remembered."""
    return Graph(graph.resources)


def seconds(graph: Graph) -> float:
    found: list[float] = []
    for _ in range(3):
        again, facts = fresh(graph), Facts()
        start = time.process_time()
        outcomes(again, facts)
        found.append(time.process_time() - start)
    return min(found)


def test_both_stacks_take_a_second() -> None:
    graph = platform()
    assert len(graph.resources) > 1000
    assert seconds(graph) < 1


def test_four_times_the_resources_cost_no_more_than_their_number() -> None:
    graph, times = platform(), 4
    idle = [
        Resource(f"{each.urn}-{number}", each.type, f"{each.name}-{number}", each.properties)
        for each in graph.resources
        if each.type.startswith(("aws:iam", "aws:cloudwatch", "kubernetes:networking"))
        for number in range(times * 3)
    ]
    many = Graph([*graph.resources, *idle])
    assert len(many.resources) > times * len(graph.resources)
    assert seconds(many) < 2 * times * seconds(graph)


def calls_of_an_outcome(number: int) -> float:
    """Calls of functions for an outcome in a graph of so many platforms: as many whatever else the machine does."""
    graph, facts, count = fresh(platforms(number)), Facts(), 0

    def hook(_frame: FrameType, event: str, _given: object) -> None:
        nonlocal count
        count += event == "call"

    before = sys.getprofile()
    sys.setprofile(hook)
    try:
        outcomes(graph, facts)
    finally:
        sys.setprofile(before)
    return count / (len(diagrams(graph, facts)) * len(faults(graph, facts)))


def test_an_outcome_costs_hardly_more_among_several_platforms() -> None:
    # Each journey has four times as many places to go to there, of which a fault touches one, or a zone's touches all.
    assert calls_of_an_outcome(4) < 1.8 * calls_of_an_outcome(1)
