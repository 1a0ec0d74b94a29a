"""What the cluster does by itself: scale, update, react, back up, admit, follow a repository."""

from dataclasses import dataclass

import pulumi

from components.helm import (
    ALERTS_PORT,
    ARGO_CD_PORT,
    ARGO_CD_SERVICE_PORT,
    CERT_MANAGER_WEBHOOK_PORT,
    CLUSTER_ISSUER,
    EVENTS_WEBHOOK_PORT,
    GATEKEEPER_WEBHOOK_PORT,
    INJECTOR_PORT,
    KEDA_API_PORT,
    KEDA_WEBHOOK_PORT,
    KYVERNO_WEBHOOK_PORT,
    VAULT_PORT,
    VAULT_SERVICE_ACCOUNT,
    VELERO_SERVICE_ACCOUNT,
    ArgoCd,
    ArgoEvents,
    ArgoRollouts,
    CertManager,
    Gatekeeper,
    Keda,
    Kyverno,
    Vault,
    Velero,
    VeleroArgs,
    vault_policy,
    velero_policy,
)
from components.kubernetes import AdmissionEngine, AdmissionMode, AdmissionPolicies
from infra.layers.below import Below, own_namespaces
from infra.layers.data import BACKUPS
from infra.layers.platform import Services, bind
from infra.namespaces import (
    ARGO_CD,
    CERT_MANAGER,
    EVENTS,
    GATEKEEPER,
    KEDA,
    KYVERNO,
    MONITORING,
    ROLLOUTS,
    VAULT,
    VELERO,
)
from infra.sections.workloads import GitOps

BACKUP_DAYS = 30
"""Days that backups of volumes and objects are kept; the bucket keeps deleted versions longer."""


@dataclass(frozen=True)
class Controllers:
    """What to depend on."""

    certificates: CertManager
    scaling: Keda
    rollouts: ArgoRollouts
    events: ArgoEvents
    events_namespace: pulumi.Output[str]


def build(below: Below, services: Services, monitors: pulumi.Resource) -> Controllers:
    """Every controller that workloads may ask for something.

    Args:
        below: the region.
        services: what they lean on.
        monitors: what brings the definitions of monitors.
    """
    after = below.after(services.priorities, monitors)
    events_namespace = below.namespace(EVENTS, webhook_ports=[EVENTS_WEBHOOK_PORT], admits={MONITORING: [ALERTS_PORT]})
    certificates = below.namespace(CERT_MANAGER, webhook_ports=[CERT_MANAGER_WEBHOOK_PORT])
    controllers = Controllers(
        certificates=CertManager(CERT_MANAGER, {"namespace": certificates}, after),
        # Its webhook, and the metrics that the API server asks it for.
        scaling=Keda(
            "keda", {"namespace": below.namespace(KEDA, webhook_ports=[KEDA_WEBHOOK_PORT, KEDA_API_PORT])}, after
        ),
        rollouts=ArgoRollouts(ROLLOUTS, {"namespace": below.namespace(ROLLOUTS)}, after),
        events=ArgoEvents(EVENTS, {"namespace": events_namespace, "storage_class": services.storage_class}, after),
        events_namespace=events_namespace,
    )
    _back_up(below, after)
    _admit(below, after, controllers.rollouts)
    if below.settings.platform.services.vault:
        _keep_secrets(below, services, after, controllers.certificates)
    if below.settings.platform.services.gitops is not None:
        _follow(below, below.settings.platform.services.gitops, services, after)
    return controllers


def _back_up(below: Below, after: pulumi.ResourceOptions) -> None:
    """Objects and volumes, where the other region reads them."""
    settings, bucket = below.settings, below.data.buckets[BACKUPS]
    other = settings.other_region
    here = settings.region_name
    rights = below.rights(
        VELERO,
        VELERO_SERVICE_ACCOUNT,
        pulumi.Output.all(bucket.arn, below.keys.data.arn).apply(
            lambda arns: velero_policy(
                region=here,
                bucket_arn=arns[0],
                prefix=here,
                key_arn=arns[1],
                other_bucket_arn=None if other is None else arns[0],
                other_prefix=other,
            )
        ),
    )
    args: VeleroArgs = {
        # Whoever moves the contents of volumes reads them as root.
        "namespace": below.namespace(VELERO, pod_security="baseline"),
        "region": here,
        "bucket": bucket.bucket_name,
        "prefix": here,
        "key_arn": below.keys.data.arn,
        "schedules": {
            "daily": {
                "cron": f"30 {settings.platform.backup.hour_utc} * * *",
                "ttl_days": BACKUP_DAYS,
                "namespaces": ["*"],
            }
        },
    }
    if other is not None:
        # The other region's backups come into this bucket by replication.
        args["other_bucket"] = bucket.bucket_name
        args["other_prefix"] = other
    Velero(VELERO, args, pulumi.ResourceOptions.merge(after, pulumi.ResourceOptions(depends_on=[rights])))


def _admit(below: Below, after: pulumi.ResourceOptions, rollouts: ArgoRollouts) -> None:
    section = below.settings.platform.services
    # The pack has judged these in the pull request, with what it knows of each chart; at the door are the teams'.
    exempt = own_namespaces(below.settings)
    match section.admission:
        case "none":
            return
        case "kyverno":
            namespace = below.namespace(KYVERNO, webhook_ports=[KYVERNO_WEBHOOK_PORT])
            judge: pulumi.Resource = Kyverno("kyverno", {"namespace": namespace, "exempt_namespaces": exempt}, after)
        case "gatekeeper":
            namespace = below.namespace(GATEKEEPER, webhook_ports=[GATEKEEPER_WEBHOOK_PORT])
            judge = Gatekeeper("gatekeeper", {"namespace": namespace, "exempt_namespaces": exempt}, after)
    AdmissionPolicies(
        "admission",
        {
            "engine": AdmissionEngine(section.admission),
            "mode": AdmissionMode(section.admission_mode),
            "exempt_namespaces": exempt,
            "rollouts": True,
        },
        below.after(judge, rollouts),
    )


def _keep_secrets(below: Below, services: Services, after: pulumi.ResourceOptions, certificates: CertManager) -> None:
    """Vault, for applications that ask for it: each region's own, unsealed by a key of that region."""
    key = below.keys.secrets.arn
    rights = below.rights(VAULT, VAULT_SERVICE_ACCOUNT, key.apply(vault_policy))
    Vault(
        VAULT,
        {
            "namespace": below.namespace(
                VAULT, pod_security="baseline", webhook_ports=[INJECTOR_PORT], entrance_ports=[VAULT_PORT]
            ),
            "region": below.settings.region_name,
            "key_arn": key,
            "issuer": {"kind": "ClusterIssuer", "name": CLUSTER_ISSUER},
            "storage_class": services.storage_class,
            "data_gib": 20,
            "audit_gib": 20,
            "replicas": 3,
        },
        pulumi.ResourceOptions.merge(after, pulumi.ResourceOptions(depends_on=[rights, certificates.issuer])),
    )


def _follow(below: Below, section: GitOps, services: Services, after: pulumi.ResourceOptions) -> None:
    """Argo CD: what teams keep in a repository, in namespaces that are nobody else's."""
    data = below.data
    for name in section.namespaces:
        below.namespace(name, holds_runs=True)
    namespace = below.namespace(ARGO_CD, pod_security="baseline", entrance_ports=[ARGO_CD_PORT])
    followed = ArgoCd(
        ARGO_CD,
        {
            "namespace": namespace,
            "domain": below.entrance.hosts[ARGO_CD],
            "redis_host": data.broker.primary_endpoint,
            "redis_port": data.broker.port,
            "redis_secret": data.broker_secret_arns[ARGO_CD],
            "repository_url": section.repository,
            "revision": section.revision,
            "path": section.folder,
            "application_namespaces": list(section.namespaces),
        },
        pulumi.ResourceOptions.merge(after, pulumi.ResourceOptions(depends_on=[services.secrets.store, *below.doors])),
    )
    bind(below, services, ARGO_CD, namespace, followed.service_name, ARGO_CD_SERVICE_PORT)
