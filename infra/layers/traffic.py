"""The way in, and the names that lead to it."""

from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

from components.dns import Certificate, FailoverRecord, FailoverRole
from components.kubernetes import Cluster
from components.network import LoadBalancer, Network, ServiceArgs
from infra.peer import Founder
from infra.settings import Settings

ORCHESTRATOR = "prefect"
HEALTH_PATH = "/api/health"
"""Answers 200 while Prefect's API runs; Route 53 decides by it whether the region can serve."""


@dataclass(frozen=True)
class Entrance:
    """A load balancer that nothing points at yet."""

    zone_id: pulumi.Output[str]
    name_servers: pulumi.Output[list[str]] | None
    """What the parent zone must delegate to; None unless this stack made the zone."""
    domain_name: str
    regional_name: str
    load_balancer: LoadBalancer


def build_entrance(
    settings: Settings,
    network: Network,
    cluster: Cluster,
    founder: Founder | None,
    opts: pulumi.ResourceOptions,
    invoke_opts: pulumi.InvokeOptions,
) -> Entrance:
    """Hosted zone (the founder's), certificate, and load balancer."""
    dns = settings.platform.dns
    domain_name = f"api.{dns.zone_name}"
    regional_name = f"{settings.region_name}.{domain_name}"
    zone_id, name_servers = _zone(settings, opts, invoke_opts) if founder is None else (founder.zone_id, None)
    certificate = Certificate(
        "certificate",
        {
            "domain_name": domain_name,
            "alternative_names": [regional_name],
            # The shared name is proved by the founder, for both.
            "prove": [domain_name, regional_name] if founder is None else [regional_name],
            "zone_id": zone_id,
        },
        opts,
    )
    checkers = aws.ec2.get_managed_prefix_list_output(
        name=f"com.amazonaws.{settings.region_name}.route53-healthchecks", opts=invoke_opts
    )
    services: list[ServiceArgs] = [{"name": ORCHESTRATOR, "port": 4200, "health_path": HEALTH_PATH}]
    services += [
        ServiceArgs(name=model.name, port=8000, health_path="/v2/health/ready", paths=list(model.paths))
        for model in settings.platform.models
    ]
    load_balancer = LoadBalancer(
        settings.platform.name,
        {
            "vpc_id": network.vpc_id,
            "subnet_ids": list(network.public_subnet_ids),
            "certificate_arn": certificate.arn,
            "allowed_cidrs": settings.platform.traffic.allowed_cidrs,
            # Runs call the platform by its public name, and so come from the NAT gateways.
            "allowed_addresses": list(network.nat_addresses),
            "allowed_prefix_list_ids": [checkers.id],
            "services": services,
            "target_security_group_id": cluster.security_group_id,
            "protected": settings.region.protected,
        },
        opts,
    )
    return Entrance(zone_id, name_servers, domain_name, regional_name, load_balancer)


def announce(settings: Settings, entrance: Entrance, opts: pulumi.ResourceOptions) -> FailoverRecord:
    """Point the platform's name at this region, once it can serve: first while it founds, else as the standby."""
    dns = settings.platform.dns
    return FailoverRecord(
        "failover",
        {
            "zone_id": entrance.zone_id,
            "domain_name": entrance.domain_name,
            "regional_name": entrance.regional_name,
            "role": FailoverRole.PRIMARY if settings.founds else FailoverRole.SECONDARY,
            "set_identifier": settings.region_name,
            "load_balancer_dns_name": entrance.load_balancer.dns_name,
            "load_balancer_zone_id": entrance.load_balancer.zone_id,
            "health_path": HEALTH_PATH,
            "ttl_seconds": dns.ttl_seconds,
            "interval_seconds": dns.health_check_interval_seconds,
            "failure_threshold": dns.health_check_failure_threshold,
        },
        opts,
    )


def _zone(
    settings: Settings, opts: pulumi.ResourceOptions, invoke_opts: pulumi.InvokeOptions
) -> tuple[pulumi.Output[str], pulumi.Output[list[str]] | None]:
    dns = settings.platform.dns
    if not dns.create_zone:
        return aws.route53.get_zone_output(name=dns.zone_name, opts=invoke_opts).zone_id, None
    zone = aws.route53.Zone(
        "zone",
        name=dns.zone_name,
        comment=f"Names of {settings.platform.name}",
        opts=pulumi.ResourceOptions.merge(opts, pulumi.ResourceOptions(protect=settings.region.protected)),
    )
    return zone.zone_id, zone.name_servers.apply(list)
