"""How the platform moves: the plan for both directions, and the name that follows it. Owned by who joins."""

import pulumi

from components.dns import RegionHealth, plan_detection
from components.failover import Approach, FailoverPlan, FailoverPlanArgs, SwitchedName, SwitchedNameArgs
from infra.layers import models, orchestrators
from infra.layers.cluster import Compute
from infra.layers.data import AUDIT, Data
from infra.layers.keys import Keys
from infra.layers.monitoring import Watch
from infra.layers.traffic import Entrance
from infra.peer import Founder, Remembered
from infra.settings import Settings

REPORTS = "failover"
"""Folder, in the audit bucket, of what each run of the plan did."""


def build(
    settings: Settings,
    founder: Founder,
    keys: Keys,
    compute: Compute,
    data: Data,
    entrance: Entrance,
    health: RegionHealth,
    watch: Watch,
    remembered: Remembered,
    opts: pulumi.ResourceOptions,
) -> FailoverPlan:
    """The plan, then the name: clients follow it once the plan stands and both regions can be judged."""
    section, objectives = settings.platform.failover, settings.platform.objectives
    here, there = settings.region_name, founder.region
    passive = settings.platform.mode == "active-passive"
    approach = Approach.ACTIVE_PASSIVE if passive else Approach.ACTIVE_ACTIVE
    switch_name = f"switch.{entrance.domain_name}"
    args: FailoverPlanArgs = {
        "name": settings.platform.name,
        "account_id": settings.platform.account_id,
        "regions": [there, here],
        "primary_region": there,
        "approach": approach,
        "recovery_time_minutes": objectives.recovery_time_minutes,
        "approval": section.approval,
        "database": {
            "global_cluster_identifier": data.global_cluster_identifier,
            "cluster_arns": {there: founder.database_cluster_arn, here: data.database.arn},
            "accept_loss": section.accept_data_loss,
        },
        "clusters": {
            there: {"cluster_name": founder.cluster_name, "cluster_arn": founder.cluster_arn},
            here: {"cluster_name": compute.cluster.name, "cluster_arn": compute.cluster.arn},
        },
        # What answers requests, and the workers behind it.
        "workloads": [*orchestrators.plan_workloads(settings), *models.plan_workloads(settings)],
        "records": {
            "zone_id": entrance.zone_id,
            "name": switch_name,
            "identifiers": {there: there, here: here},
        },
        "alarms": {
            there: {"health_arn": founder.cannot_serve_alarm_arn},
            here: {"health_arn": watch.cannot_serve_arn},
        },
        "report": {
            "bucket_name": data.buckets[AUDIT].bucket_name,
            "prefix": REPORTS,
            "key_arn": keys.data.arn,
        },
        "remembered": remembered.failover_checks,
    }
    if section.approval_role_arn is not None:
        args["approval_role_arn"] = section.approval_role_arn
    if section.start_on_alarm:
        for region in (there, here):
            args["alarms"][region]["trigger_arn"] = args["alarms"][region]["health_arn"]
    plan = FailoverPlan("failover", args, opts)

    name: SwitchedNameArgs = {
        "zone_id": entrance.zone_id,
        "domain_name": entrance.domain_name,
        "switch_name": switch_name,
        "regions": [there, here],
        "primary_region": there,
        "approach": approach,
        "regional_names": {there: entrance.other_name, here: entrance.regional_name},
        "health_check_ids": {there: founder.health_check_id, here: health.health_check_id},
        "switch_ids": dict(plan.health_check_ids),
        "ttl_seconds": plan_detection(objectives.redirect_seconds).ttl_seconds,
    }
    if not passive and settings.platform.traffic.active_routing == "weighted":
        name["weights"] = {region: settings.platform.traffic.weights.get(region, 100) for region in (there, here)}
    SwitchedName("name", name, opts)
    return plan
