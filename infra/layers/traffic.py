"""The way in, the names that lead to it, and which region they lead to."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

from components.dns import Certificate, RegionAlarm, RegionHealth, Routing, TrafficRecord, plan_detection
from components.helm import AIRFLOW_PORT, ARGO_CD_PORT, ARGO_PORT, GRAFANA_POD_PORT, SERVER_PORT, TEMPORAL_UI_PORT
from components.inference import EDGE_PORT, HTTP_PORT
from components.kubernetes import Cluster
from components.network import Firewall, LoadBalancer, Network, ServiceArgs
from infra.layers.data import ARGO_CD, LOGS, Data
from infra.layers.keys import Keys
from infra.peer import Founder
from infra.sections import Engine, Model, Orchestrator
from infra.settings import Settings

GRAFANA = "grafana"


@dataclass(frozen=True)
class Face:
    """What of a service people and clients reach."""

    port: int
    """Port that its pods listen on."""
    health_path: str
    """Path that answers 200, to anybody, while a pod serves."""
    sticky: bool = False
    """Whether a pod may know of a sign-in what the others do not."""


SIGNED_IN_SECONDS = 24 * 60 * 60
"""Time that a browser comes back to the pod that knows it."""

FACES: Mapping[str, Face] = {
    Orchestrator.PREFECT: Face(SERVER_PORT, "/api/health"),
    # The page that asks for a token: every path of the API does.
    Orchestrator.ARGO_WORKFLOWS: Face(ARGO_PORT, "/index.html"),
    Orchestrator.AIRFLOW: Face(AIRFLOW_PORT, "/api/v2/monitor/health"),
    Orchestrator.TEMPORAL: Face(TEMPORAL_UI_PORT, "/healthz"),
    # While the database does not write, sign-ins are in each pod's own file.
    GRAFANA: Face(GRAFANA_POD_PORT, "/api/health", sticky=True),
    ARGO_CD: Face(ARGO_CD_PORT, "/healthz"),
}
"""Of each orchestrator, of the dashboards, and of who follows repositories."""


def leading(settings: Settings) -> Orchestrator:
    """The orchestrator that answers on the platform's own name; Route 53 judges a region by it."""
    return settings.platform.orchestrators[0]


def hosts(settings: Settings) -> dict[str, str]:
    """Names of whoever does not answer on the platform's own, by service."""
    domain_name = f"api.{settings.platform.dns.zone_name}"
    others = [each for each in settings.platform.orchestrators if each is not leading(settings)]
    followers = [ARGO_CD] if settings.platform.services.gitops else []
    return {str(name): host_in(name, domain_name) for name in (*others, GRAFANA, *followers)}


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
    hosts: dict[str, str]
    """Names of whoever does not answer on the clients' name, by service."""
    other_name: str
    """The other region's own; the clients' name, if there is to be no other region."""
    load_balancer: LoadBalancer
    certificate_arn: pulumi.Output[str]


def host_in(name: str, domain_name: str) -> str:
    """Name of a service below the clients' name, or below a region's own."""
    return f"{name}.{domain_name}"


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
            # The names of the further services; proved with the name above them, by the same record.
            "alternative_names": [regional_name, f"*.{domain_name}", f"*.{regional_name}"],
            # The shared name is proved by the founder, for both.
            "prove": [domain_name, regional_name] if founder is None else [regional_name],
            "zone_id": zone_id,
        },
        opts,
    )
    checkers = aws.ec2.get_managed_prefix_list_output(
        name=f"com.amazonaws.{settings.region_name}.route53-healthchecks", opts=invoke_opts
    )
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
            "services": _services(settings, regional_name),
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
    for service in hosts(settings):
        # For runs of the other region, whose FAILOVER_ENDPOINT is this region's own name.
        aws.route53.Record(
            f"{service}-regional-name",
            zone_id=zone_id,
            name=host_in(service, regional_name),
            type="CNAME",
            records=[regional_name],
            ttl=plan_detection(settings.platform.objectives.redirect_seconds).ttl_seconds,
            opts=opts,
        )
    other = settings.other_region
    return Entrance(
        zone_id=zone_id,
        name_servers=name_servers,
        domain_name=domain_name,
        regional_name=regional_name,
        hosts=hosts(settings),
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
            "health_path": FACES[leading(settings)].health_path,
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
    The further names follow that one, wherever it leads.
    """
    ttl_seconds = plan_detection(settings.platform.objectives.redirect_seconds).ttl_seconds
    for service, host in hosts(settings).items():
        aws.route53.Record(
            f"{service}-name",
            zone_id=entrance.zone_id,
            name=host,
            type="CNAME",
            records=[entrance.domain_name],
            ttl=ttl_seconds,
            opts=opts,
        )
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
            "ttl_seconds": ttl_seconds,
        },
        opts,
    )


def _services(settings: Settings, regional_name: str) -> list[ServiceArgs]:
    faced = [_faced(leading(settings))]
    faced += [_faced(name, host, host_in(name, regional_name)) for name, host in hosts(settings).items()]
    models = [
        ServiceArgs(name=model.name, port=port, health_path=path, paths=list(model.paths))
        for model in settings.platform.models
        for port, path in [door(model)]
    ]
    return [*faced, *models]


def _faced(name: str, *hosts: str) -> ServiceArgs:
    face = FACES[name]
    faced = ServiceArgs(name=name, port=face.port, health_path=face.health_path)
    if hosts:
        faced["hosts"] = list(hosts)
    if face.sticky:
        faced["sticky_seconds"] = SIGNED_IN_SECONDS
    return faced


def door(model: Model) -> tuple[int, str]:
    """Port that a model's pods listen on, and the path that answers 200 once they can serve."""
    port, path = {
        Engine.TRITON: (HTTP_PORT, "/v2/health/ready"),
        Engine.VLLM: (HTTP_PORT, "/health"),
        Engine.CONTAINER: (model.port, model.ready_path),
    }[model.engine]
    return (EDGE_PORT if model.fronted else port), path


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
