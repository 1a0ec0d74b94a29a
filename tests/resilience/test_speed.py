"""Fast, and linear in resources: measured with bounds that a busy machine keeps."""

import time

from resilience.facts import Facts
from resilience.graph import Graph, Resource
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
