"""Every release of every stack: pinned, whole or not at all, and of a chart that the project knows."""

from typing import Any

import pytest

from components.charts import CHARTS, Chart
from sandbox.knowledge.helm import check_values, table
from tests.house import stacks
from tests.house.recorder import Recording

RELEASE = "kubernetes:helm.sh/v3:Release"
BY_NAME = {chart.name: chart for chart in CHARTS}
PROGRAMS = [*stacks.STACKS, *(f"{size}/primary" for size in stacks.EXAMPLES if size != "default")]


def program(name: str) -> Recording:
    size, _, stack = name.rpartition("/")
    return stacks.recorded_example(stack, size) if size else stacks.recorded(stack)


def chart_of(release: dict[str, Any]) -> Chart:
    return BY_NAME[str(release["chart"]).rstrip("/").rpartition("/")[2]]


@pytest.mark.parametrize("name", PROGRAMS)
def test_every_release_is_pinned_waits_and_rolls_back(name: str) -> None:
    releases = [each.plain for each in program(name).all(RELEASE)]
    assert len(releases) > 10
    for release in releases:
        chart = chart_of(release)
        assert release["version"] == chart.version
        assert (release["atomic"], release["cleanupOnFail"], release["waitForJobs"]) == (True, True, True)
        assert release["skipAwait"] is False
        assert release["timeout"] >= 300
        if (chart.repository or "").startswith("oci://"):
            # An address in a registry; beside it Helm would look for a repository's index.
            assert (release["chart"], "repositoryOpts" in release) == (f"{chart.repository}/{chart.name}", False)
        else:
            assert release.get("repositoryOpts", {}).get("repo") == chart.repository


@pytest.mark.parametrize("name", PROGRAMS)
def test_every_release_says_only_what_its_chart_reads(name: str) -> None:
    for each in program(name).all(RELEASE):
        chart = chart_of(each.plain)
        known = table(chart.name)
        assert known is not None
        assert check_values(known, each.plain.get("values", {})) == [], each.name


def test_every_chart_of_the_table_is_released_somewhere() -> None:
    released = {chart_of(each.plain).name for name in PROGRAMS for each in program(name).all(RELEASE)}
    assert released == set(BY_NAME)
