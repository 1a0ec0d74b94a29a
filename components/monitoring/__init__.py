"""What is watched, what that means, and who hears of it."""

from components.monitoring._plan import (
    LATENCY,
    RECOVERY_POINT,
    REPLICATION,
    AlarmClass,
    Watch,
    load_balancer_suffix,
    target_group_suffix,
    threshold,
)
from components.monitoring.alarms import (
    Alarms,
    AlarmsArgs,
    WatchedCache,
    WatchedDatabase,
    WatchedLoadBalancer,
    WatchedNodes,
)
from components.monitoring.managed_prometheus import ManagedPrometheus, ManagedPrometheusArgs
from components.monitoring.notifications import Notifications, NotificationsArgs, SlackChannel, TeamsChannel
from components.monitoring.replication import ReplicationAlarms, ReplicationAlarmsArgs

__all__ = [
    "LATENCY",
    "RECOVERY_POINT",
    "REPLICATION",
    "AlarmClass",
    "Alarms",
    "AlarmsArgs",
    "ManagedPrometheus",
    "ManagedPrometheusArgs",
    "Notifications",
    "NotificationsArgs",
    "ReplicationAlarms",
    "ReplicationAlarmsArgs",
    "SlackChannel",
    "TeamsChannel",
    "Watch",
    "WatchedCache",
    "WatchedDatabase",
    "WatchedLoadBalancer",
    "WatchedNodes",
    "load_balancer_suffix",
    "target_group_suffix",
    "threshold",
]
