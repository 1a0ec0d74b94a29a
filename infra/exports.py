"""What a stack promises to others. The only place that exports."""

from dataclasses import dataclass

import pulumi

CONTRACT_VERSION = 1
"""Raised when a joining stack of the version before could no longer read the contract."""


@dataclass(frozen=True)
class Contract:
    """What a joining stack needs of the founding one, and operations of both."""

    region: str
    """AWS region."""
    cidr: str
    """Network of the VPC."""
    zone_id: pulumi.Output[str]
    """Hosted zone of the platform's names."""
    data_key_arn: pulumi.Output[str]
    """The multi-region key, in this region."""
    entrance_security_group: pulumi.Output[str]
    """Security group of the load balancer."""
    nat_addresses: list[pulumi.Output[str]]
    """Public addresses that the region's pods come from."""
    artifacts_bucket: pulumi.Output[str]
    """Name of the artifact bucket."""
    artifacts_arn: pulumi.Output[str]
    """Its ARN."""
    global_cluster_identifier: pulumi.Output[str]
    """The global database."""
    database_cluster: pulumi.Output[str]
    """Identifier of this region's cluster in it."""
    database_name: str
    """The orchestrator's database."""
    database_username: str
    """Its owner."""
    cluster_name: str
    """Name of the EKS cluster."""
    health_check_id: pulumi.Output[str]
    """Route 53 health check of this region."""


def publish(
    contract: Contract,
    *,
    url: str,
    regional_url: str,
    database_endpoint: pulumi.Output[str],
    cache_endpoint: pulumi.Output[str],
    load_balancer: pulumi.Output[str],
    name_servers: pulumi.Output[list[str]] | None,
    kubeconfig: pulumi.Output[str],
    database_password: pulumi.Output[str],
    sign_in_password: pulumi.Output[str],
) -> None:
    """Export the contract, the endpoints people use, and, marked secret, what opens doors."""
    pulumi.export("contract", {"version": CONTRACT_VERSION, **vars(contract)})
    pulumi.export(
        "endpoints",
        {
            "url": url,
            "regionalUrl": regional_url,
            "loadBalancer": load_balancer,
            "database": database_endpoint,
            "cache": cache_endpoint,
        },
    )
    if name_servers is not None:
        # The zone answers nobody, and its certificate is never issued, until its parent zone delegates to these.
        pulumi.export("nameServers", name_servers)
    # Apart from the contract: one secret in an object would make all of it secret.
    pulumi.export("kubeconfig", pulumi.Output.secret(kubeconfig))
    pulumi.export("databasePassword", pulumi.Output.secret(database_password))
    pulumi.export("signInPassword", pulumi.Output.secret(sign_in_password))
