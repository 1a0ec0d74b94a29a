"""Moving the platform from one region to the other, and back."""

from components.failover._plan import Approach
from components.failover.region_switch import (
    FailoverPlan,
    FailoverPlanArgs,
    PlanAlarms,
    PlanCluster,
    PlanDatabase,
    PlanRecords,
    PlanReport,
    PlanWorkload,
    RememberedChecks,
)
from components.failover.switched_name import SwitchedName, SwitchedNameArgs

__all__ = [
    "Approach",
    "FailoverPlan",
    "FailoverPlanArgs",
    "PlanAlarms",
    "PlanCluster",
    "PlanDatabase",
    "PlanRecords",
    "PlanReport",
    "PlanWorkload",
    "RememberedChecks",
    "SwitchedName",
    "SwitchedNameArgs",
]
