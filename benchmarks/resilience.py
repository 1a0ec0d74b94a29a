"""Every fault for every journey, of both regions' stacks together, and with more resources beside them.

What is added are copies of policies, alarms and network rules under other names: more to look through, and no more to
lose, so that journeys and faults are as many as before. Several platforms are both stacks several times, as under other
names of stacks and project: each has faults of its own, and every journey may go to all of them.
"""

import time
from dataclasses import replace

from resilience.facts import Facts
from resilience.faults import faults
from resilience.graph import Graph, Resource
from resilience.journeys import diagrams
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


def platforms(number: int) -> Graph:
    """Both stacks so many times: the same program, deployed under other names of stacks and project."""
    own = platform(*STACKS).resources
    return Graph([each if not copy else _elsewhere(each, copy) for copy in range(number) for each in own])


def _elsewhere(resource: Resource, copy: int) -> Resource:
    provider = resource.provider and replace(resource.provider, urn=_urn(resource.provider.urn, copy))
    return replace(
        resource,
        urn=_urn(resource.urn, copy),
        parent=_urn(resource.parent, copy),
        provider=provider,
        edges={name: tuple(_urn(urn, copy) for urn in urns) for name, urns in resource.edges.items()},
        dependencies=tuple(_urn(urn, copy) for urn in resource.dependencies),
    )


def _urn(urn: str, copy: int) -> str:
    """A URN in a copy's stack and project; a stack reference, whose name leads to the other stack, in its copy."""
    for stack in STACKS:
        urn = urn.replace(f"urn:pulumi:{stack}::", f"urn:pulumi:{stack}-{copy}::")
        urn = urn.removesuffix(f"/{stack}") + f"/{stack}-{copy}" if urn.endswith(f"/{stack}") else urn
    return urn.replace("::tandem::", f"::tandem-{copy}::")


def _copied(resource: Resource, number: int) -> Resource:
    return replace(resource, urn=f"{resource.urn}-{number}", name=f"{resource.name}-{number}")


def computed(given: Graph) -> tuple[float, int]:
    """Processor seconds of this process for every fault and journey, and how many pairs of them there are.

    Args:
        given: Nothing that is remembered of it counts: another graph of the same resources is computed.
    """
    fresh, facts, begin = Graph(given.resources), Facts(), time.process_time()
    outcomes(fresh, facts)
    passed = time.process_time() - begin
    # Of platforms alike, faults have the same names: by name they would be counted once.
    return passed, len(diagrams(fresh, facts)) * len(faults(fresh, facts))
