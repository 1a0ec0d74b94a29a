"""What tells Prometheus how runs and queues of Prefect do."""

from typing import Any, NotRequired, TypedDict

import pulumi
import pulumi_kubernetes as k8s

from components._pod_security import POD_SECURITY, READ_ONLY
from components._scheduling import node_loss_tolerations, resources
from components.charts import PREFECT_EXPORTER
from components.helm._release import release


class PrefectExporterArgs(TypedDict):
    """Inputs of PrefectExporter."""

    namespace: pulumi.Input[str]
    """Existing namespace, the server's: the sign-in is a secret of it."""
    api_url: pulumi.Input[str]
    """API of the server (PrefectServer.api_url)."""
    sign_in_secret: NotRequired[str | None]
    """Secret with the sign-in (PrefectServer.sign_in_secret). None or absent: the API has no sign-in."""


class PrefectExporter(pulumi.ComponentResource):
    """Prefect's exporter: runs by state, deployments, work pools and queues, asked of the API at each scrape.

    One by nature: each copy asks the API everything and says the same, so two would double both the load and every sum.
    It keeps nothing and starts in seconds: losing its zone or node loses half a minute of measurements. Its budget lets
    it go, so that it never holds a node.

    No probes, though the chart has them: any path it serves asks the whole API, so a slow API would have it killed, and
    every probe would cost what a scrape does. Prometheus sees when it does not answer (``up``). The chart takes no
    priority class either.

    Ports: 8000 for Prometheus; to the API's.

    Cost when idle: its pod. State: none. Regions: all children regional.
    """

    release: k8s.helm.v3.Release
    """To depend on."""

    def __init__(self, name: str, args: PrefectExporterArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("tandem:index:PrefectExporter", name, {}, opts)
        self.release = release(
            name,
            PREFECT_EXPORTER,
            namespace=args["namespace"],
            values=render_prefect_exporter(
                release_name=name, api_url=args["api_url"], sign_in_secret=args.get("sign_in_secret")
            ),
            parent=self,
        )
        self.register_outputs({})


def render_prefect_exporter(
    *, release_name: str, api_url: pulumi.Input[str], sign_in_secret: str | None
) -> dict[str, Any]:
    """Values of the prometheus-prefect-exporter chart."""
    sign_in: dict[str, Any] = {"enabled": False}
    if sign_in_secret is not None:
        sign_in = {"enabled": True, "existingSecret": sign_in_secret}
    return {
        "fullnameOverride": release_name,
        "replicaCount": 1,
        "image": {"tag": PREFECT_EXPORTER.app_version},
        "prefectApiUrl": api_url,
        "basicAuth": sign_in,
        "podDisruptionBudget": {"maxUnavailable": 1, "unhealthyPodEvictionPolicy": "AlwaysAllow"},
        "tolerations": node_loss_tolerations(),
        "resources": resources("50m", "256Mi"),
        # The image names `nobody`, which the kubelet cannot tell from root.
        "podSecurityContext": {**POD_SECURITY, "runAsUser": 65534, "runAsGroup": 65534},
        "securityContext": READ_ONLY,
        # The chart gives no volume for what Python leaves in a temporary folder; every container has this one.
        "env": {"TMPDIR": "/dev/shm"},  # noqa: S108
        "serviceMonitor": {"enabled": True, "interval": "60s", "scrapeTimeout": "30s"},
    }
