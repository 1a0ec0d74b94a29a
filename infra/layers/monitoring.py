"""What tells people, and Route 53 and the plan, how the region is."""

from dataclasses import dataclass

import pulumi

from components.dns import RegionAlarm
from components.monitoring import Alarms, AlarmsArgs, Notifications, NotificationsArgs
from components.network import Network, ZonalAutoshift
from infra.layers.cluster import Compute
from infra.layers.data import Data
from infra.layers.keys import Keys
from infra.layers.traffic import Entrance, leading
from infra.peer import Founder
from infra.settings import Settings, secret


@dataclass(frozen=True)
class Watch:
    """What others lean on."""

    topic_arn: pulumi.Output[str]
    """Where alarms go."""
    cannot_serve_arn: pulumi.Output[str]
    """Alarm that says that this region cannot serve."""
    serving: list[RegionAlarm]
    """The alarms among its reasons that Route 53 can read."""


def build(
    settings: Settings,
    keys: Keys,
    network: Network,
    compute: Compute,
    data: Data,
    entrance: Entrance,
    founder: Founder | None,
    opts: pulumi.ResourceOptions,
) -> Watch:
    """Who hears, what of, and the weekly rehearsal of losing a zone, which an alarm ends."""
    topic_arn = _notifications(settings, keys, founder, opts).topic_arn
    broker, application = settings.platform.cache.broker, settings.platform.cache.application
    args: AlarmsArgs = {
        "region_name": settings.region_name,
        "prefix": settings.regional_name,
        "topic_arn": topic_arn,
        "recovery_point_seconds": settings.platform.objectives.recovery_point_seconds,
        "database": {
            "cluster_identifier": data.database.cluster_identifier,
            "instances": list(data.database.instance_identifiers),
        },
        "global_database": True,
        "caches": {
            "broker": {"node_ids": data.broker.node_ids, "nodes": broker.replicas + 1},
            "application": {
                "node_ids": data.application_cache.node_ids,
                "nodes": application.shards * (application.replicas_per_shard + 1),
                "evicts": True,
                "two_regions": application.global_datastore,
            },
        },
        "nat_gateways": dict(network.nat_gateway_ids),
        "load_balancer": {
            "arn": entrance.load_balancer.arn,
            "target_groups": dict(entrance.load_balancer.target_group_arns),
            # A model that is down is an incident of its own; the orchestrator decides whether the region serves.
            "serves": [leading(settings)],
        },
        "node_groups": {
            name: {"asg_name": pool.autoscaling_group_name, "floor": pool.floor} for name, pool in compute.pools.items()
        },
        "certificate_arn": entrance.certificate_arn,
        "queues": {"karpenter": compute.karpenter.queue_name},
        "cluster_name": compute.cluster.name,
        "backup_vault_name": settings.regional_name,
    }
    if settings.other_region is not None:
        args["copy_vault_name"] = settings.regional_name_in(settings.other_region)
    if data.proxy is not None:
        args["proxy_name"] = settings.regional_name
    alarms = Alarms("alarms", args, opts)
    if settings.platform.kubernetes.autoshift_practice:
        for name, arn in {"entrance": entrance.load_balancer.arn, "cluster": compute.cluster.arn}.items():
            ZonalAutoshift(
                f"{name}-autoshift", {"resource_arn": arn, "outcome_alarm_arn": alarms.cannot_serve_arn}, opts
            )
    return Watch(topic_arn=topic_arn, cannot_serve_arn=alarms.cannot_serve_arn, serving=alarms.serving)


def _notifications(
    settings: Settings, keys: Keys, founder: Founder | None, opts: pulumi.ResourceOptions
) -> Notifications:
    section = settings.platform.alerts
    args: NotificationsArgs = {
        "topic_name": f"{settings.regional_name}-alarms",
        "key_arn": keys.logs.arn,
        "account_id": settings.platform.account_id,
        "emails": section.emails,
        "urls": {key.removesuffix("_url"): secret(key) for key in section.secret_keys},
    }
    # An account knows a channel once: who joins tells it of both regions.
    if settings.founds and settings.other_region is not None:
        return Notifications("notifications", args, opts)
    if founder is not None:
        args["chat_topic_arns"] = [founder.topic_arn]
    if section.slack is not None:
        args["slack"] = {"workspace_id": section.slack.workspace_id, "channel_id": section.slack.channel_id}
    if section.teams is not None:
        args["teams"] = {
            "tenant_id": section.teams.tenant_id,
            "team_id": section.teams.team_id,
            "channel_id": section.teams.channel_id,
        }
    return Notifications("notifications", args, opts)
