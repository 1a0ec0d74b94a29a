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
    assert [limit.most for limit in limits] == [1.0, 5.0]
    seconds = kept["every fault for every journey"]["cpu_seconds"]
    assert set(seconds) == {1, 4}
    # Broken limits are measured once more.
    assert all(1 <= len(runs) <= 2 for runs in seconds.values())
    assert limits[1].figure() > 0
