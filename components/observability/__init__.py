"""Observability that is about failing over: what is asked of the cluster, who hears of it, and what they see."""

from components.observability.alert_rules import (
    RECOVERY_LABEL,
    RECOVERY_WORKFLOW,
    REPLACES,
    ZONE_LABEL,
    AlertRules,
    AlertRulesArgs,
    ModelObjective,
    Severity,
)
from components.observability.dashboards import Dashboards, DashboardsArgs
from components.observability.predictors import PredictorMonitor, PredictorMonitorArgs
from components.observability.replication import ReplicatedRegion, Replication
from components.observability.routing import AlertRouting, AlertRoutingArgs, render_alertmanager

__all__ = [
    "RECOVERY_LABEL",
    "RECOVERY_WORKFLOW",
    "REPLACES",
    "ZONE_LABEL",
    "AlertRouting",
    "AlertRoutingArgs",
    "AlertRules",
    "AlertRulesArgs",
    "Dashboards",
    "DashboardsArgs",
    "ModelObjective",
    "PredictorMonitor",
    "PredictorMonitorArgs",
    "ReplicatedRegion",
    "Replication",
    "Severity",
    "render_alertmanager",
]
