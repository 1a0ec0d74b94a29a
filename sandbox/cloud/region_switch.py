"""The health checks that a Region switch plan makes for the records it switches."""

from collections.abc import Iterator

from sandbox.cloud.identity import Facts
from sandbox.cloud.world import Resource, World
from sandbox.values import listed, mapped

PLAN = "aws:arcregionswitch/plan:Plan"


def health_checks(plan: Resource) -> list[dict[str, str]]:
    """One a region for each record that a step names; they stand in an account of AWS', not in the plan's."""
    found: dict[tuple[str, str, str], dict[str, str]] = {}
    for workflow in listed(plan.inputs.get("workflows")):
        for step in listed(mapped(workflow).get("steps")):
            for config in listed(mapped(step).get("route53HealthCheckConfigs")):
                zone, name = (str(mapped(config).get(key)) for key in ("hostedZoneId", "recordName"))
                for region in listed(plan.inputs.get("regions")):
                    id_ = str(Facts(f"{plan.id} {zone} {name} {region}", {}).fill("{uuid}"))
                    found[zone, name, str(region)] = {
                        "healthCheckId": id_,
                        "hostedZoneId": zone,
                        "recordName": name,
                        "region": str(region),
                        "status": "unknown",
                    }
    return list(found.values())


def all_health_checks(world: World) -> Iterator[str]:
    """Ids of all that plans have made."""
    for plan in world.resources(PLAN):
        yield from (check["healthCheckId"] for check in health_checks(plan))
