"""How this project installs a chart."""

from collections.abc import Mapping, Sequence
from typing import Any

import pulumi
import pulumi_kubernetes as k8s

from components.charts import Chart


def release(
    name: str,
    chart: Chart,
    *,
    namespace: pulumi.Input[str],
    values: Mapping[str, Any],
    parent: pulumi.Resource,
    depends_on: Sequence[pulumi.Resource] = (),
    timeout_seconds: int = 600,
    path: str | None = None,
    skip_crds: bool = False,
) -> "k8s.helm.v3.Release":
    """Install a chart of the table at its exact version, wait until it is healthy, and roll back if it is not.

    Args:
        name: Name of the resource and, spelled out, of the release: an upgrade must find the release it made.
        chart: Row of the chart table.
        namespace: Existing namespace.
        values: Values, as rendered by the chart's own function.
        parent: Component that it belongs to.
        depends_on: What must stand before its pods start.
        timeout_seconds: Longest time to wait for all of its pods.
        path: Folder of a chart that no repository publishes, relative to the folder the program runs in.
        skip_crds: Leave out the definitions that the chart brings along, because another release keeps them.
    """
    # A chart in a registry is one address; only classic repositories have an index to look its name up in.
    in_registry = chart.repository is not None and chart.repository.startswith("oci://")
    address = f"{chart.repository}/{chart.name}" if in_registry else chart.name
    index = None if in_registry else chart.repository
    return k8s.helm.v3.Release(
        name,
        name=name,
        namespace=namespace,
        chart=path or address,
        version=chart.version,
        repository_opts=k8s.helm.v3.RepositoryOptsArgs(repo=index) if index else None,
        values=values,
        # A half-started release is worse than the one before it.
        atomic=True,
        cleanup_on_fail=True,
        skip_await=False,
        wait_for_jobs=True,
        skip_crds=skip_crds or None,
        timeout=timeout_seconds,
        max_history=10,
        opts=pulumi.ResourceOptions(parent=parent, depends_on=list(depends_on)),
    )
