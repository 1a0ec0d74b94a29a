"""The controller that brings secrets of AWS Secrets Manager into the cluster, and the store that it reads."""

from collections.abc import Sequence
from typing import Any, NotRequired, TypedDict

import pulumi
import pulumi_kubernetes as k8s

from components._scheduling import node_loss_tolerations, resources, spread
from components.charts import EXTERNAL_SECRETS
from components.helm._release import release
from components.helm.external_secret import CLUSTER_STORE
from components.iam import allow, document
from components.kubernetes import Priority

EXTERNAL_SECRETS_SERVICE_ACCOUNT = "external-secrets"
"""Service account of the controller, which gets its AWS rights through Pod Identity."""

EXTERNAL_SECRETS_WEBHOOK_PORT = 10250
"""Port of the webhook's pods that the API server calls."""

_CONTROLLER = EXTERNAL_SECRETS.name
_WEBHOOK = f"{EXTERNAL_SECRETS.name}-webhook"
_CERTIFICATE_KEEPER = f"{EXTERNAL_SECRETS.name}-cert-controller"


class ExternalSecretsOperatorArgs(TypedDict):
    """Inputs of ExternalSecretsOperator."""

    namespace: pulumi.Input[str]
    """Existing namespace, of its own: whoever enters it enters every secret of the cluster."""
    region: pulumi.Input[str]
    """Region whose Secrets Manager the store reads: the cluster's own, where the other region's secrets have their
    replicas. So nothing of it needs the other region."""
    namespaces: NotRequired[Sequence[str]]
    """Namespaces whose ExternalSecrets may use the store. Default: all, so that whoever may write one anywhere reads
    every secret that the controller reads."""
    replicas: NotRequired[int]
    """Replicas of each of its three parts, at least 2. Default 2."""


class ExternalSecretsOperator(pulumi.ComponentResource):
    """External Secrets: controller, webhook, keeper of the webhook's certificate, and the store CLUSTER_STORE.

    Losing a zone loses a replica of each. The leading controller's successor goes on after the length of a lease, about
    15 s; the other webhook answers. With all of it gone, secrets of the cluster stay as they were: pods start as
    before. Only changes wait, to secrets in AWS and, as the webhook fails closed, to ExternalSecrets themselves.

    Give EXTERNAL_SECRETS_SERVICE_ACCOUNT its rights (``external_secrets_policy``, PodIdentity) before this: the store
    becomes ready only with them.

    Ports: 10250 from the API server (webhook), 8080 from Prometheus (ExternalSecretsMonitor).

    Cost when idle: none of its own. State: none but the definitions of its objects. Regions: one cluster's.
    """

    release: k8s.helm.v3.Release
    """The chart, which brings the definitions of ExternalSecret and ClusterSecretStore."""
    store: k8s.apiextensions.CustomResource
    """To depend on, for what makes an ExternalSecret: it is ready."""

    def __init__(
        self, name: str, args: ExternalSecretsOperatorArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        replicas = int(args.get("replicas", 2))
        if replicas < 2:
            raise ValueError(f"replicas: got {replicas}, must be at least 2: one leads, another takes over")
        super().__init__("tandem:index:ExternalSecretsOperator", name, {}, opts)
        self.release = release(
            name,
            EXTERNAL_SECRETS,
            namespace=args["namespace"],
            values=render_external_secrets(release_name=name, replicas=replicas),
            parent=self,
        )
        self.store = k8s.apiextensions.CustomResource(
            f"{name}-store",
            api_version="external-secrets.io/v1",
            kind="ClusterSecretStore",
            metadata=k8s.meta.v1.ObjectMetaArgs(
                name=CLUSTER_STORE, annotations={"pulumi.com/waitFor": "condition=Ready"}
            ),
            spec=render_store(args["region"], args.get("namespaces", ())),
            opts=pulumi.ResourceOptions(parent=self, depends_on=[self.release]),
        )
        self.register_outputs({})


class ExternalSecretsMonitorArgs(TypedDict):
    """Inputs of ExternalSecretsMonitor."""

    namespace: pulumi.Input[str]
    """Namespace of the operator."""
    operator: str
    """Name of the ExternalSecretsOperator."""


class ExternalSecretsMonitor(pulumi.ComponentResource):
    """Lets Prometheus measure an ExternalSecretsOperator: secrets that do not follow, and how long each refresh takes.

    Apart from the operator, because it comes later: Prometheus brings the definition of PodMonitor, and waits itself
    for secrets that the operator brings. Must depend on both.

    Cost when idle: none. State: none. Regions: one cluster's.
    """

    def __init__(self, name: str, args: ExternalSecretsMonitorArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("tandem:index:ExternalSecretsMonitor", name, {}, opts)
        k8s.apiextensions.CustomResource(
            name,
            api_version="monitoring.coreos.com/v1",
            kind="PodMonitor",
            metadata=k8s.meta.v1.ObjectMetaArgs(name=name, namespace=args["namespace"]),
            spec=render_monitor(operator=args["operator"]),
            opts=pulumi.ResourceOptions(parent=self),
        )
        self.register_outputs({})


def render_monitor(*, operator: str) -> dict[str, Any]:
    """Spec of the PodMonitor of all three parts."""
    return {
        "selector": {
            "matchLabels": {"app.kubernetes.io/instance": operator},
            "matchExpressions": [
                {
                    "key": "app.kubernetes.io/name",
                    "operator": "In",
                    "values": [_CONTROLLER, _WEBHOOK, _CERTIFICATE_KEEPER],
                }
            ],
        },
        "podMetricsEndpoints": [{"port": "metrics", "interval": "30s"}],
    }


def render_external_secrets(*, release_name: str, replicas: int) -> dict[str, Any]:
    """Values of the external-secrets chart. Its security contexts stay: non-root, read-only root, no capabilities."""

    def part(name: str, memory: str) -> dict[str, Any]:
        labels = {"app.kubernetes.io/name": name, "app.kubernetes.io/instance": release_name}
        return {
            "replicaCount": replicas,
            "strategy": {"type": "RollingUpdate", "rollingUpdate": {"maxUnavailable": 0, "maxSurge": 1}},
            # The chart's schema has no maxUnavailable, and no policy for pods that are ill.
            "podDisruptionBudget": {"enabled": True, "minAvailable": replicas - 1},
            "topologySpreadConstraints": spread(labels),
            "tolerations": node_loss_tolerations(),
            "priorityClassName": str(Priority.SERVICES),
            "resources": resources("50m", memory),
        }

    return {
        "installCRDs": True,
        # Off by default: two controllers would both write every secret.
        "leaderElect": True,
        "serviceAccount": {"create": True, "name": EXTERNAL_SECRETS_SERVICE_ACCOUNT},
        # Both off by default.
        "livenessProbe": {"enabled": True},
        "readinessProbe": {"enabled": True},
        # Of their own, ExternalSecretsMonitor: Prometheus brings their definition, and its own passwords come by this.
        "serviceMonitor": {"enabled": False},
        **part(_CONTROLLER, "256Mi"),
        "webhook": {
            "port": EXTERNAL_SECRETS_WEBHOOK_PORT,
            "livenessProbe": {"enabled": True},
            **part(_WEBHOOK, "128Mi"),
        },
        "certController": {
            "livenessProbe": {"enabled": True},
            **part(_CERTIFICATE_KEEPER, "256Mi"),
        },
    }


def render_store(region: pulumi.Input[str], namespaces: Sequence[str] = ()) -> dict[str, Any]:
    """Spec of the ClusterSecretStore. It names no credentials: the controller's are those of Pod Identity."""
    store: dict[str, Any] = {"provider": {"aws": {"service": "SecretsManager", "region": region}}}
    if namespaces:
        store["conditions"] = [{"namespaces": list(namespaces)}]
    return store


def external_secrets_policy(secret_arns: Sequence[str], key_arns: Sequence[str]) -> str:
    """What the controller needs, as JSON text: read these secrets, and none by searching.

    Args:
        secret_arns: ARNs of secrets, whole or as patterns, such as ``arn:aws:secretsmanager:us-east-1:<account>:
            secret:tandem/*``.
        key_arns: ARNs of the keys that encrypt them.

    Raises:
        ValueError: If there is nothing to read.
    """
    if not secret_arns:
        raise ValueError("secret_arns: is empty; name the secrets that the cluster reads")
    statements = [allow(["secretsmanager:GetSecretValue", "secretsmanager:DescribeSecret"], secret_arns)]
    if key_arns:
        statements.append(
            # Only as Secrets Manager asks it for them: the keys may encrypt more than secrets.
            allow(["kms:Decrypt"], key_arns, {"StringLike": {"kms:ViaService": "secretsmanager.*.amazonaws.com"}})
        )
    return document(statements)
