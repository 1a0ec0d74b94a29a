"""What the layers amount to: the contract a joining stack reads, and what people use."""

from dataclasses import dataclass

import pulumi

from components.dns import RegionHealth
from components.failover import FailoverPlan
from components.network import Network
from infra import exports
from infra.layers.cluster import Compute
from infra.layers.data import Data
from infra.layers.keys import Keys
from infra.layers.monitoring import Watch
from infra.layers.traffic import Entrance
from infra.settings import Settings


@dataclass(frozen=True)
class Stack:
    """Everything that stands, by layer."""

    settings: Settings
    keys: Keys
    network: Network
    data: Data
    compute: Compute
    entrance: Entrance
    health: RegionHealth
    watch: Watch
    hold_arn: pulumi.Output[str] | None
    """The founder's."""
    plan: FailoverPlan | None
    """The joining stack's."""


def make(stack: Stack) -> None:
    """Export it all."""
    settings, network, data, entrance = stack.settings, stack.network, stack.data, stack.entrance
    exports.publish(
        exports.Contract(
            region=settings.region_name,
            cidr=settings.cidr,
            zones=len(settings.zones),
            vpc_id=network.vpc_id,
            private_subnets=list(network.private_subnet_ids),
            route_tables=list(network.private_route_table_ids),
            nat_addresses=network.nat_addresses,
            zone_id=entrance.zone_id,
            entrance=entrance.load_balancer.arn,
            entrance_security_group=entrance.load_balancer.security_group_id,
            data_key_arn=stack.keys.data.arn,
            secret_arns=data.secret_arns,
            buckets={holds: {"name": each.bucket_name, "arn": each.arn} for holds, each in data.buckets.items()},
            global_cluster_identifier=data.global_cluster_identifier,
            database_writer=data.writer,
            database_cluster_arn=data.database.arn,
            global_cache=data.global_cache,
            cluster_name=stack.compute.cluster_name,
            cluster_arn=stack.compute.cluster.arn,
            health_check_id=stack.health.health_check_id,
            cannot_serve_alarm_arn=stack.watch.cannot_serve_arn,
            topic_arn=stack.watch.topic_arn,
            hold_arn=stack.hold_arn,
        ),
        endpoints={
            "url": f"https://{entrance.domain_name}",
            "regionalUrl": stack.health.regional_url,
            "loadBalancer": entrance.load_balancer.dns_name,
            "database": data.database.endpoint,
            "databaseWriter": data.writer,
            "databaseProxy": data.proxy.endpoint if data.proxy else None,
            "broker": data.broker.primary_endpoint,
            "applicationCache": data.application_cache.configuration_endpoint,
        },
        name_servers=entrance.name_servers,
        failover_plan=stack.plan.arn if stack.plan else None,
        memory=stack.plan.memory if stack.plan else None,
        kubeconfig=stack.compute.cluster.kubeconfig,
        passwords=data.passwords,
        objectives=settings.platform.objectives,
        regions=list(settings.platform.network.cidrs),
    )
