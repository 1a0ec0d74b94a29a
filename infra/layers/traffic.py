"""The way in, the names that lead to it, and which region they lead to."""

from collections.abc import Sequence
from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

from components.dns import Certificate, RegionAlarm, RegionHealth, Routing, TrafficRecord, plan_detection
from components.kubernetes import Cluster
from components.network import Firewall, LoadBalancer, Network, ServiceArgs
from infra.layers.data import LOGS, Data
from infra.layers.keys import Keys
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
    """The name clients use."""
    regional_name: str
    """This region's own."""
    other_name: str
    """The other region's own; the clients' name, if there is to be no other region."""
    load_balancer: LoadBalancer
    certificate_arn: pulumi.Output[str]


def build_entrance(
    settings: Settings,
    keys: Keys,
    network: Network,
    data: Data,
    cluster: Cluster,
    founder: Founder | None,
    opts: pulumi.ResourceOptions,
    invoke_opts: pulumi.InvokeOptions,
) -> Entrance:
    """Hosted zone (the founder's), certificate, load balancer, and a firewall if one is asked for."""
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
            "access_logs_bucket": data.buckets[LOGS].writable,
            "target_security_group_id": cluster.security_group_id,
            "protected": settings.region.protected,
        },
        opts,
    )
    if settings.platform.traffic.firewall:
        Firewall(
            "firewall",
            {
                "firewall_name": settings.regional_name,
                "load_balancer_arn": load_balancer.arn,
                "requests_per_five_minutes": settings.platform.traffic.requests_per_five_minutes,
                "log_key_arn": keys.logs.arn,
                "log_retention_days": settings.platform.logs.network_days,
            },
            opts,
        )
    other = settings.other_region
    return Entrance(
        zone_id=zone_id,
        name_servers=name_servers,
        domain_name=domain_name,
        regional_name=regional_name,
        other_name=domain_name if other is None else f"{other}.{domain_name}",
        load_balancer=load_balancer,
        certificate_arn=certificate.arn,
    )


def judge(
    settings: Settings, entrance: Entrance, alarms: Sequence[RegionAlarm], opts: pulumi.ResourceOptions
) -> RegionHealth:
    """The verdict on this region: its entrance answers, and no alarm says that it cannot serve."""
    detection = plan_detection(settings.platform.objectives.redirect_seconds)
    return RegionHealth(
        "health",
        {
            "zone_id": entrance.zone_id,
            "regional_name": entrance.regional_name,
            "region_name": settings.region_name,
            "load_balancer_dns_name": entrance.load_balancer.dns_name,
            "load_balancer_zone_id": entrance.load_balancer.zone_id,
            "health_path": HEALTH_PATH,
            "interval_seconds": detection.interval_seconds,
            "failure_threshold": detection.failure_threshold,
            "alarms": list(alarms),
        },
        opts,
    )


def announce(
    settings: Settings, entrance: Entrance, health: RegionHealth, opts: pulumi.ResourceOptions
) -> TrafficRecord:
    """Let the founder answer for the platform's name, once it can serve, until another region joins.

    Who joins lays a record of weight over this one of none (infra.layers.failover): nothing of the founder's changes.
    """
    return TrafficRecord(
        "traffic",
        {
            "zone_id": entrance.zone_id,
            "domain_name": entrance.domain_name,
            "target_name": health.fqdn,
            "region_name": settings.region_name,
            "routing": Routing.WEIGHTED,
            "weight": 0,
            "health_check_id": health.health_check_id,
            "ttl_seconds": plan_detection(settings.platform.objectives.redirect_seconds).ttl_seconds,
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
