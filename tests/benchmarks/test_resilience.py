"""What the benchmark of resilience measures: the same faults and journeys, among more resources."""

from pathlib import Path

from rich.console import Console

from benchmarks import __main__ as bench
from benchmarks import resilience


def test_more_resources_are_no_more_faults_or_journeys() -> None:
    once, twice = resilience.graph(1), resilience.graph(2)
    assert len(once.resources) >= 1000
    assert len(twice.resources) == 2 * len(once.resources)
    assert len({each.urn for each in twice.resources}) == len(twice.resources)
    (passed, outcomes), (_, more) = resilience.computed(once), resilience.computed(twice)
    assert passed > 0
    assert outcomes == more > 100


def test_the_part_stands_alone_and_has_a_limit_of_time_and_one_of_growth(tmp_path: Path) -> None:
    limits, kept = bench.measured(tmp_path, ["resilience"], 1, 1, Console(quiet=True))
    assert [limit.most for limit in limits] == [1.0, 5.0, 2.0]
    seconds = kept["every fault for every journey"]["cpu_seconds"]
    assert set(seconds) == {1, 4}
    # Broken limits are measured once more.
    assert all(1 <= len(runs) <= 2 for runs in seconds.values())
    assert limits[1].figure() > 0
    assert limits[2].figure() > 0


def test_several_platforms_are_so_many_times_all_that_may_be_lost() -> None:
    once, twice = resilience.platforms(1), resilience.platforms(2)
    assert len(twice.resources) == 2 * len(once.resources)
    assert len(twice.stacks) == 2 * len(once.stacks)
    # All that a copy leads to is in it, or is a reference to its other stack, which is no resource of a recording.
    edges = {urn for each in twice.resources for urns in each.edges.values() for urn in urns}
    outside = {urn for urn in edges if twice.get(urn) is None}
    assert all("StackReference" in urn for urn in outside)
    assert {urn.rpartition("/")[2] for urn in outside} == set(twice.stacks)
    (_, outcomes), (_, more) = resilience.computed(once), resilience.computed(twice)
    # What is not lost twice: zones, regions and the services in them.
    assert 1.8 * outcomes < more < 2 * outcomes
