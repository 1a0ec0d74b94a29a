"""Certificates that the cluster signs for itself."""

from typing import Any, NotRequired, TypedDict

import pulumi
import pulumi_kubernetes as k8s

from components._scheduling import node_loss_tolerations, resources, spread
from components.charts import CERT_MANAGER
from components.helm._release import release
from components.kubernetes import Priority

CERT_MANAGER_SERVICE_ACCOUNT = "cert-manager"
"""Service account of the controller. It has no AWS rights and needs none."""

CERT_MANAGER_WEBHOOK_PORT = 10250
"""Port of the webhook's pods that the API server calls."""

CLUSTER_ISSUER = "in-cluster"
"""ClusterIssuer that signs with the cluster's own authority: for webhooks, never for what people or other regions
call."""

SELF_SIGNED = "self-signed"
"""ClusterIssuer of certificates that sign themselves: the authority's own."""

AUTHORITY_HOURS = 87_600
"""Ten years of life of the authority."""

AUTHORITY_RENEWAL_HOURS = 8_760
"""It is renewed a year before its end: longer than any certificate that it signed still lives."""


class CertManagerArgs(TypedDict):
    """Inputs of CertManager."""

    namespace: pulumi.Input[str]
    """Existing namespace, of its own: whoever enters it may sign for every webhook of the cluster."""
    replicas: NotRequired[int]
    """Replicas of each of its three parts, at least 2. Default 2."""


class CertManager(pulumi.ComponentResource):
    """cert-manager: controller, webhook, injector, and an authority of the cluster's own, CLUSTER_ISSUER.

    Losing a zone loses a replica of each. Leaders' successors go on after the length of a lease, about 60 s; the other
    webhook answers. With all of it gone, every certificate serves until its end; renewal begins at two thirds of its
    life.

    The authority is the cluster's alone: another region's has its own, and neither trusts the other. Load balancers
    have certificates of ACM; nothing public comes from here, so no rights in Route 53 are needed.

    Ports: 10250 from the API server (webhook), 9402 from Prometheus. The injector has no probes: the chart has no keys
    for them.

    Cost when idle: none of its own. State: the authority's key, a Kubernetes secret; were it lost, a new one would be
    made and all certificates issued again. Regions: one cluster's.
    """

    release: k8s.helm.v3.Release
    """The chart, which brings the definitions of Certificate and Issuer."""
    issuer: k8s.apiextensions.CustomResource
    """To depend on, for what asks CLUSTER_ISSUER for a certificate: it is ready."""

    def __init__(self, name: str, args: CertManagerArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        replicas = int(args.get("replicas", 2))
        if replicas < 2:
            raise ValueError(f"replicas: got {replicas}, must be at least 2: one leads, another takes over")
        super().__init__("tandem:index:CertManager", name, {}, opts)
        self.release = release(
            name,
            CERT_MANAGER,
            namespace=args["namespace"],
            values=render_cert_manager(release_name=name, namespace=args["namespace"], replicas=replicas),
            parent=self,
        )
        self_signed = self._ready(
            f"{name}-self-signed", "ClusterIssuer", SELF_SIGNED, {"selfSigned": {}}, after=self.release
        )
        authority = self._ready(
            f"{name}-authority",
            "Certificate",
            "authority",
            render_authority(),
            after=self_signed,
            # Where the issuer below looks for its secret.
            namespace=args["namespace"],
        )
        self.issuer = self._ready(
            f"{name}-in-cluster",
            "ClusterIssuer",
            CLUSTER_ISSUER,
            {"ca": {"secretName": "authority"}},
            after=authority,
        )
        self.register_outputs({})

    def _ready(
        self,
        name: str,
        kind: str,
        object_name: str,
        spec: dict[str, Any],
        *,
        after: pulumi.Resource,
        namespace: pulumi.Input[str] | None = None,
    ) -> "k8s.apiextensions.CustomResource":
        return k8s.apiextensions.CustomResource(
            name,
            api_version="cert-manager.io/v1",
            kind=kind,
            metadata=k8s.meta.v1.ObjectMetaArgs(
                name=object_name, namespace=namespace, annotations={"pulumi.com/waitFor": "condition=Ready"}
            ),
            spec=spec,
            opts=pulumi.ResourceOptions(parent=self, depends_on=[after]),
        )


def render_cert_manager(*, release_name: str, namespace: pulumi.Input[str], replicas: int) -> dict[str, Any]:
    """Values of the cert-manager chart. Its security contexts stay: non-root, read-only root, no capabilities."""

    def part(name: str, memory: str) -> dict[str, Any]:
        labels = {"app.kubernetes.io/name": name, "app.kubernetes.io/instance": release_name}
        return {
            "replicaCount": replicas,
            "strategy": {"type": "RollingUpdate", "rollingUpdate": {"maxUnavailable": 0, "maxSurge": 1}},
            "podDisruptionBudget": {
                "enabled": True,
                "maxUnavailable": 1,
                "unhealthyPodEvictionPolicy": "AlwaysAllow",
            },
            "topologySpreadConstraints": spread(labels),
            "tolerations": node_loss_tolerations(),
            "resources": resources("50m", memory),
        }

    return {
        # Kept when the release goes: with them every certificate of the cluster would go.
        "crds": {"enabled": True, "keep": True},
        "global": {
            "priorityClassName": str(Priority.SERVICES),
            # In kube-system by default, where a release of another namespace has no business.
            "leaderElection": {"namespace": namespace},
        },
        "serviceAccount": {"create": True, "name": CERT_MANAGER_SERVICE_ACCOUNT},
        "livenessProbe": {"enabled": True},
        "prometheus": {"enabled": True, "servicemonitor": {"enabled": True}},
        **part(CERT_MANAGER.name, "256Mi"),
        "webhook": {"securePort": CERT_MANAGER_WEBHOOK_PORT, **part("webhook", "128Mi")},
        "cainjector": part("cainjector", "256Mi"),
        # A job after the installation that ends when the webhook answers: what depends on the release may ask for
        # certificates at once.
        "startupapicheck": {
            "enabled": True,
            "tolerations": node_loss_tolerations(),
            "resources": resources("50m", "64Mi"),
        },
    }


def render_authority() -> dict[str, Any]:
    """Spec of the authority's certificate."""
    return {
        "isCA": True,
        "commonName": "tandem in-cluster authority",
        "secretName": "authority",
        "duration": f"{AUTHORITY_HOURS}h",
        "renewBefore": f"{AUTHORITY_RENEWAL_HOURS}h",
        # One key for all of its life: certificates that it signed before a renewal stay valid under the renewed one.
        "privateKey": {"algorithm": "ECDSA", "size": 256, "rotationPolicy": "Never"},
        "issuerRef": {"group": "cert-manager.io", "kind": "ClusterIssuer", "name": SELF_SIGNED},
    }
