"""Helm releases: all or nothing, the same chart every time, and no database in a pod."""

import re

from policies.registry import (
    Option,
    Options,
    Scope,
    Severity,
    Verdicts,
    fails,
    holds,
    is_not_true,
    is_true,
    passes,
    rule,
    unproven,
)
from resilience.graph import Graph, Read, Resource

RELEASE = "kubernetes:helm.sh/v3:Release"
EXACT_VERSION = re.compile(r"v?\d+\.\d+\.\d+(-[0-9A-Za-z.-]+)?(\+[0-9A-Za-z.-]+)?")
DATABASES = ("postgresql", "postgresql-ha", "mysql", "mariadb", "mongodb", "redis", "valkey")
"""Names that charts give to the database charts they bring along."""
ON_BY_DEFAULT = {
    "prefect-server": ("postgresql",),
    "airflow": ("postgresql", "redis"),
}
"""Charts that bring one along unless told not to: values.yaml of prefect-server 2026.8.18172642 and of Apache Airflow's
chart 1.x (read 2026-11)."""


@rule(
    "HELM-01",
    title="A release is atomic, waits, and pins its chart",
    why="A release that does not wait is green while its pods crash; one that is not atomic stays half upgraded; one "
    "without an exact version installs another chart in the second region than in the first.",
    fix='atomic=True, skip_await left out, timeout=300 or more, version="1.2.3" on kubernetes.helm.v3.Release',
    severity=Severity.HIGH,
    scope=Scope.RESOURCE,
    types=[RELEASE],
    options={"minTimeoutSeconds": Option(300, 1, 7200, "Shortest time that a release waits for its pods.")},
)
def installs_whole(release: Resource, _: Graph, options: Options) -> Verdicts:
    """Look at atomic, skipAwait, timeout and version; a chart in a folder is pinned by being there."""
    yield is_true(release.read("atomic"))
    yield is_not_true(release.read("skipAwait"))
    least = options["minTimeoutSeconds"]
    yield holds(release.read("timeout"), lambda seconds: seconds >= least, f"at least {least}", default=300)
    version, chart = release.read("version"), release.read("chart")
    if chart.unknown and version.missing:
        yield unproven("chart is not known yet, and so whether it needs a version")
    elif not (version.missing and _is_folder(chart, release)):
        yield holds(version, lambda text: EXACT_VERSION.fullmatch(text) is not None, "one exact version, no range")


def _is_folder(chart: Read, release: Resource) -> bool:
    text = str(chart.content)
    remote = "://" in text or not release.read("repositoryOpts.repo").missing
    return not remote and (text.startswith((".", "/")) or text.count("/") > 1)


@rule(
    "HELM-04",
    title="No release brings its own database",
    why="A chart's bundled database is one pod on one disk in one zone, without backups.",
    fix="values {<database>: {enabled: False}}, and the address of Aurora or ElastiCache instead",
    severity=Severity.CRITICAL,
    scope=Scope.RESOURCE,
    types=[RELEASE],
)
def no_bundled_database(release: Resource, _: Graph, __: Options) -> Verdicts:
    """Look for the sub-charts' switches in the values, and for charts where they are on by default."""
    values = release.read("values")
    if values.unknown:
        yield unproven("values is not known yet")
        return
    chart = str(release.read("chart").content or "").rpartition("/")[2]
    for name in DATABASES:
        switch = values.field(name).field("enabled")
        if switch.unknown:
            yield unproven(f"{switch.path} is not known yet")
        elif switch.content is True:
            yield fails(f"values.{name}.enabled is true")
        elif switch.missing and name in ON_BY_DEFAULT.get(chart, ()):
            yield fails(f"values.{name}.enabled is not set, and {chart} has it on by default")
    yield passes("no bundled database is on")
