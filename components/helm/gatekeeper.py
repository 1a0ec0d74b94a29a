"""Who checks the admission policies: OPA Gatekeeper."""

from typing import Any, NotRequired, TypedDict

import pulumi
import pulumi_kubernetes as k8s

from components._scheduling import node_loss_tolerations, resources, spread
from components.charts import GATEKEEPER
from components.helm._budget import disruption_budget
from components.helm._release import release
from components.kubernetes import POOL_LABEL
from components.kubernetes.admission import EXEMPT_NAMESPACES

GATEKEEPER_WEBHOOK_PORT = 8443
"""Port of its pods that the API server calls."""

GATEKEEPER_METRICS_PORT = 8888

AUDIT_LABELS = {"control-plane": "audit-controller", "gatekeeper.sh/operation": "audit"}
"""Labels that the audit's pod has and no other."""


class GatekeeperArgs(TypedDict):
    """Inputs of Gatekeeper."""

    namespace: pulumi.Input[str]
    """Existing namespace, of its own; the chart's objects have fixed names, so one a cluster."""
    replicas: NotRequired[int]
    """Replicas that answer the API server, at least 3. Default 3, one a zone."""
    exempt_namespaces: NotRequired[list[str]]
    """Namespaces whose objects never come to it, besides EXEMPT_NAMESPACES and its own."""


class Gatekeeper(pulumi.ComponentResource):
    """Gatekeeper, with three replicas at the API server's call, and one audit.

    Losing a zone leaves two that answer, and without any the API server goes on (``failurePolicy: Ignore``). The audit,
    which finds what was let in meanwhile, is a singleton by design: the chart has one replica written into it. It keeps
    no state but what it reported, leaves a lost node after 30 s and begins anew; its budget lets it go. The one webhook
    that must be answered guards the label with which a namespace is exempt.

    Nothing of EXEMPT_NAMESPACES is asked of it, and its own pods run on the node groups' system nodes, which no webhook
    starts. It makes and renews its own certificates. Should it ever hang, delete the ValidatingWebhookConfiguration
    ``gatekeeper-validating-webhook-configuration``; the next update of the release makes it anew. The chart's budget
    has no policy for ill pods: one that is not ready can keep its node from being drained for as long.

    Ports: the API server to GATEKEEPER_WEBHOOK_PORT; Prometheus to GATEKEEPER_METRICS_PORT. Rights in AWS: none.
    Definitions of monitors must be there. Cost when idle: four pods. State: none but reports. Regions: one cluster's.
    """

    release: k8s.helm.v3.Release
    """To depend on: policies of AdmissionPolicies need its definitions."""

    def __init__(self, name: str, args: GatekeeperArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        replicas = int(args.get("replicas", 3))
        if replicas < 3:
            raise ValueError(f"replicas: got {replicas}, must be at least 3: an update and a lost zone may coincide")
        super().__init__("tandem:index:Gatekeeper", name, {}, opts)
        self.release = release(
            name,
            GATEKEEPER,
            namespace=args["namespace"],
            values=render_gatekeeper(
                replicas=replicas, exempt=[*EXEMPT_NAMESPACES, *args.get("exempt_namespaces", [])]
            ),
            parent=self,
        )
        disruption_budget(f"{name}-audit", namespace=args["namespace"], labels=AUDIT_LABELS, parent=self)
        k8s.apiextensions.CustomResource(
            name,
            api_version="monitoring.coreos.com/v1",
            kind="PodMonitor",
            metadata=k8s.meta.v1.ObjectMetaArgs(name=name, namespace=args["namespace"]),
            spec={
                "selector": {"matchLabels": {"gatekeeper.sh/system": "yes"}},
                "podMetricsEndpoints": [{"port": "metrics"}],
            },
            opts=pulumi.ResourceOptions(parent=self, depends_on=[self.release]),
        )
        self.register_outputs({})


def render_gatekeeper(*, replicas: int, exempt: list[str]) -> dict[str, Any]:
    """Values of the gatekeeper chart."""
    system = {"kubernetes.io/os": "linux", POOL_LABEL: "system"}
    labels = {"control-plane": "controller-manager", "gatekeeper.sh/system": "yes"}
    return {
        "replicas": replicas,
        # The chart knows no maxUnavailable.
        "pdb": {"controllerManager": {"minAvailable": replicas - 1}},
        "enableK8sNativeValidation": True,
        "validatingWebhookFailurePolicy": "Ignore",
        "validatingWebhookCheckIgnoreFailurePolicy": "Fail",
        # Besides the label that exempts a namespace: these are exempt before anybody could set it.
        "validatingWebhookExemptNamespacesLabels": {"kubernetes.io/metadata.name": sorted(set(exempt))},
        # Nothing is changed on its way in, so nobody needs to ask.
        "disableMutation": True,
        "controllerManager": {
            "exemptNamespaces": sorted(set(exempt)),
            "nodeSelector": system,
            "priorityClassName": "system-cluster-critical",
            "topologySpreadConstraints": spread(labels),
            "tolerations": node_loss_tolerations(),
            "resources": resources("100m", "512Mi"),
        },
        "audit": {
            "nodeSelector": system,
            "priorityClassName": "system-cluster-critical",
            "tolerations": node_loss_tolerations(),
            "resources": resources("100m", "512Mi"),
        },
        "crds": {"resources": resources("50m", "128Mi")},
        "postInstall": {"labelNamespace": {"enabled": False}, "probeWebhook": {"enabled": False}},
    }
