"""Names of services and ingresses in Route 53."""

import re
from collections.abc import Sequence
from typing import Any, TypedDict

import pulumi
import pulumi_kubernetes as k8s

from components._scheduling import node_loss_tolerations, resources
from components.charts import EXTERNAL_DNS
from components.helm._budget import disruption_budget
from components.helm._release import release
from components.iam import allow, document
from components.kubernetes import Priority

EXTERNAL_DNS_SERVICE_ACCOUNT = "external-dns"
"""Service account that gets its AWS rights through Pod Identity."""

_OWNER = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*")
_DOMAIN = re.compile(r"([a-z0-9]([-a-z0-9]*[a-z0-9])?\.)+[a-z0-9]([-a-z0-9]*[a-z0-9])?")


class ExternalDnsArgs(TypedDict):
    """Inputs of ExternalDns."""

    namespace: pulumi.Input[str]
    """Existing namespace."""
    region: pulumi.Input[str]
    """Region of the cluster. Told, because nodes let no pod ask their metadata service."""
    owner_id: str
    """Name of this cluster and of no other that writes these zones: each touches only the records it owns. Never to be
    changed: the new owner would leave the old one's records alone for ever."""
    domains: list[str]
    """Domains that names must lie in, such as ``apps.example.com``."""
    zone_ids: list[pulumi.Input[str]]
    """Hosted zones that it writes."""


class ExternalDns(pulumi.ComponentResource):
    """external-dns: writes records of Route 53 for services and ingresses, and deletes none.

    Records of failover are not its own: Pulumi makes them, and in another zone or under another name than the domains
    here. Route 53 answers for what stands, whether this runs or not.

    One replica, because the chart has no second: external-dns elects no leader, and two would race each other
    (external-dns#2430). Losing its zone or node delays new names by the time to start it elsewhere, about a minute:
    30 s until it is evicted, then one pod of a high priority and a small image. Its budget lets a drain take it.

    It never deletes a record (``upsert-only``): a cluster that is being torn down, or a mistake in an ingress, takes no
    name away. What is left behind is deleted by hand.

    Give EXTERNAL_DNS_SERVICE_ACCOUNT its rights (``external_dns_policy``, PodIdentity) before this. It writes through
    Route 53's control plane, which is in us-east-1 alone: with that region dark no name changes.

    Ports: 7979 from Prometheus.

    Cost when idle: none of its own. State: none but the records. Regions: one cluster's; Route 53 is global.
    """

    release: k8s.helm.v3.Release
    """To depend on."""

    def __init__(self, name: str, args: ExternalDnsArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        plan_external_dns(owner_id=args["owner_id"], domains=args["domains"], zones=len(args["zone_ids"]))
        super().__init__("tandem:index:ExternalDns", name, {}, opts)
        self.release = release(
            name,
            EXTERNAL_DNS,
            namespace=args["namespace"],
            values=render_external_dns(
                region=args["region"],
                owner_id=args["owner_id"],
                domains=args["domains"],
                zone_ids=args["zone_ids"],
            ),
            parent=self,
        )
        disruption_budget(
            f"{name}-budget", namespace=args["namespace"], labels=pod_labels(release_name=name), parent=self
        )
        self.register_outputs({})


def plan_external_dns(*, owner_id: str, domains: Sequence[str], zones: int) -> None:
    """Check whom it is and what it may write.

    Raises:
        ValueError: With what is wrong and what to write instead.
    """
    if not _OWNER.fullmatch(owner_id):
        raise ValueError(
            f"owner_id: got {owner_id!r}, must be letters, digits, '.', '_' and '-': it stands in a TXT record between "
            "commas; write the cluster's name"
        )
    if not domains:
        raise ValueError("domains: is empty, so every name of the zones could be written; name the domains")
    for domain in domains:
        if not _DOMAIN.fullmatch(domain):
            raise ValueError(f"domains: got {domain!r}, must be a domain in lower case, such as 'apps.example.com'")
    if zones < 1:
        raise ValueError("zone_ids: is empty, so every zone of the account could be written; name the zones")


def pod_labels(*, release_name: str) -> dict[str, str]:
    """Labels that its pod has and no other."""
    return {"app.kubernetes.io/name": EXTERNAL_DNS.name, "app.kubernetes.io/instance": release_name}


def render_external_dns(
    *,
    region: pulumi.Input[str],
    owner_id: str,
    domains: Sequence[str],
    zone_ids: Sequence[pulumi.Input[str]],
) -> dict[str, Any]:
    """Values of the external-dns chart.

    Its probes and security contexts stay: non-root, read-only root, no capabilities.
    """
    return {
        "provider": {"name": "aws"},
        "sources": ["service", "ingress"],
        "policy": "upsert-only",
        "registry": "txt",
        "txtOwnerId": owner_id,
        # With the type in it and a point at its end a prefix works for a zone's apex, too; without one the note of the
        # apex would lie outside the zone (external-dns, "The TXT registry", v0.21.0). Never to be changed either.
        "txtPrefix": "owner-%{record_type}.",
        "domainFilters": list(domains),
        "extraArgs": {"zone-id-filter": list(zone_ids)},
        "interval": "1m",
        # At once, too, when something changes.
        "triggerLoopOnEvent": True,
        "env": [{"name": "AWS_REGION", "value": region}],
        "serviceAccount": {"create": True, "name": EXTERNAL_DNS_SERVICE_ACCOUNT},
        # The one before must be gone first: two would race each other.
        "deploymentStrategy": {"type": "Recreate"},
        "terminationGracePeriodSeconds": 10,
        "priorityClassName": str(Priority.SERVICES),
        "tolerations": node_loss_tolerations(),
        "resources": resources("50m", "128Mi"),
        "serviceMonitor": {"enabled": True},
    }


def external_dns_policy(zone_arns: Sequence[str]) -> str:
    """What it needs, as JSON text: write these zones, and list all, which AWS grants for all or none.

    The actions are those of external-dns' own "AWS" tutorial, v0.21.0.

    Raises:
        ValueError: If there is no zone to write.
    """
    if not zone_arns:
        raise ValueError("zone_arns: is empty; name the hosted zones that it writes")
    return document(
        [
            allow(
                ["route53:ChangeResourceRecordSets", "route53:ListResourceRecordSets", "route53:ListTagsForResources"],
                zone_arns,
            ),
            allow(["route53:ListHostedZones"], ["*"]),
        ]
    )
