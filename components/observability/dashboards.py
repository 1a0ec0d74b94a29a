"""What people look at while something fails over."""

import json
from pathlib import Path
from typing import NotRequired, TypedDict

import pulumi
import pulumi_kubernetes as k8s

from components.helm import DASHBOARD_LABEL
from components.observability.replication import Replication, with_replication

FOLDER = Path(__file__).parent / "dashboards"
"""One file a dashboard, as Grafana exports it. Their data source is a variable: one region's Prometheus, or in "Failing
over" all of them, a row each."""
FAILING_OVER = "failing-over"
"""The one that shows replication."""


class DashboardsArgs(TypedDict):
    """Inputs of Dashboards."""

    namespace: pulumi.Input[str]
    """Existing namespace; Grafana must take dashboards from it (PrometheusStack)."""
    replication: NotRequired[Replication]
    """What CloudWatch measures of the copies of the data, for the dashboard "Failing over". Default: it shows none."""


class Dashboards(pulumi.ComponentResource):
    """Dashboards as one ConfigMap each, which Grafana takes in by their label, changes within a minute.

    They need no database: a Grafana that starts anew shows them. Changes made in Grafana itself are not kept.

    Cost when idle: none. State: none. Regions: one cluster's; each region shows both, if its Grafana has both as data
    sources.
    """

    def __init__(self, name: str, args: DashboardsArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("tandem:index:Dashboards", name, {}, opts)
        texts = read_dashboards()
        if "replication" in args:
            texts[FAILING_OVER] = json.dumps(
                with_replication(json.loads(texts[FAILING_OVER]), args["replication"]), indent=2
            )
        for title, text in texts.items():
            k8s.core.v1.ConfigMap(
                f"{name}-{title}",
                metadata=k8s.meta.v1.ObjectMetaArgs(
                    name=f"{name}-{title}", namespace=args["namespace"], labels=DASHBOARD_LABEL
                ),
                data={f"{title}.json": text},
                opts=pulumi.ResourceOptions(parent=self),
            )
        self.register_outputs({})


def read_dashboards() -> dict[str, str]:
    """Text of each dashboard, by the name of its file without its ending."""
    return {path.stem: path.read_text(encoding="utf-8") for path in sorted(FOLDER.glob("*.json"))}
