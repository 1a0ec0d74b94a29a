"""Every fault for every journey, of both regions' stacks together, and with more resources beside them.

What is added are copies of policies, alarms and network rules under other names: more to look through, and no more to
lose, so that journeys and faults are as many as before. More platforms in one graph are more of both, and cost as the
product of them; that is not measured here.
"""

import time
from dataclasses import replace

from resilience.facts import Facts
from resilience.graph import Graph, Resource
from resilience.outcomes import outcomes
from tests.house.stacks import STACKS
from tests.resilience.stacks import platform

ADDED = ("aws:iam", "aws:cloudwatch", "kubernetes:networking")


def graph(times: int) -> Graph:
    """Both stacks together, with so many times their resources."""
    own = platform(*STACKS).resources
    added = [each for each in own if each.type.startswith(ADDED)]
    missing = (times - 1) * len(own)
    copies = [_copied(each, number) for number in range(1, missing // len(added) + 2) for each in added]
    return Graph([*own, *copies[:missing]])


def _copied(resource: Resource, number: int) -> Resource:
    return replace(resource, urn=f"{resource.urn}-{number}", name=f"{resource.name}-{number}")


def computed(given: Graph) -> tuple[float, int]:
    """Processor seconds of this process for every fault and journey, and how many outcomes there are.

    Args:
        given: Nothing that is remembered of it counts: another graph of the same resources is computed.
    """
    fresh, begin = Graph(given.resources), time.process_time()
    found = outcomes(fresh, Facts())
    return time.process_time() - begin, len(found)
