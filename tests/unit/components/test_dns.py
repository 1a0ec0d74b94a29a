"""Names follow the region that is healthy."""

from typing import Any

import pulumi_aws as aws
import pytest

from components.dns import (
    Certificate,
    RegionAlarm,
    RegionHealth,
    RegionHealthArgs,
    Routing,
    TrafficRecord,
    TrafficRecordArgs,
)
from tests.house import ground
from tests.house.recorder import Recording, Registration, record

RECORD = "aws:route53/record:Record"
CHECK = "aws:route53/healthCheck:HealthCheck"

ALARMS: list[RegionAlarm] = [
    {"name": "cache", "alarm_name": "tandem-cache-cpu", "region": "us-east-1"},
    {"name": "database", "alarm_name": "tandem-database-cpu", "region": "us-east-1", "settings": "90 for 5 minutes"},
]


def health(**changes: Any) -> Recording:
    def program() -> None:
        zone = aws.route53.Zone("zone", name="tandem.example.com")
        balancer = aws.lb.LoadBalancer("entrance", subnets=list(ground.network().public_subnet_ids))
        args: RegionHealthArgs = {
            "zone_id": zone.zone_id,
            "regional_name": "us-east-1.api.tandem.example.com",
            "region_name": "us-east-1",
            "load_balancer_dns_name": balancer.dns_name,
            "load_balancer_zone_id": balancer.zone_id,
            "health_path": "/api/health",
            "interval_seconds": 10,
            "failure_threshold": 2,
            **changes,  # type: ignore[typeddict-item]
        }
        RegionHealth("health", args)

    return record(program)


def calculated(recording: Recording) -> Registration:
    return next(check for check in recording.all(CHECK) if check.plain["type"] == "CALCULATED")


def test_a_region_is_healthy_only_while_its_endpoint_answers_and_no_alarm_fires() -> None:
    recording = health(alarms=ALARMS)
    whole = calculated(recording)
    others = {check.urn for check in recording.all(CHECK)} - {whole.urn}
    assert len(others) == 3
    assert set(whole.property_dependencies["childHealthchecks"]) == others
    assert whole.plain["childHealthThreshold"] == 3


def test_without_alarms_the_endpoint_decides() -> None:
    whole = calculated(health())
    assert (len(whole.plain["childHealthchecks"]), whole.plain["childHealthThreshold"]) == (1, 1)


def test_an_alarm_without_data_leaves_a_region_as_it_was() -> None:
    recording = health(alarms=ALARMS)
    watched = {
        check.plain["cloudwatchAlarmName"]: check.plain["insufficientDataHealthStatus"]
        for check in recording.all(CHECK)
        if check.plain["type"] == "CLOUDWATCH_METRIC"
    }
    assert watched == {"tandem-cache-cpu": "LastKnownStatus", "tandem-database-cpu": "LastKnownStatus"}


def test_a_check_follows_its_alarm_s_settings() -> None:
    recording = health(alarms=ALARMS)
    assert recording.one(CHECK, "health-database").plain["triggers"] == {"settings": "90 for 5 minutes"}
    assert "triggers" not in recording.one(CHECK, "health-cache").plain


def test_the_endpoint_is_asked_by_the_region_s_own_name_once_it_leads_there() -> None:
    recording = health()
    endpoint = recording.one(CHECK, "health-endpoint")
    assert endpoint.property_dependencies["fqdn"] == [recording.one(RECORD, "health-regional").urn]
    assert (endpoint.plain["requestInterval"], endpoint.plain["failureThreshold"]) == (10, 2)
    assert (endpoint.plain["type"], endpoint.plain["port"], endpoint.plain["resourcePath"]) == (
        "HTTPS",
        443,
        "/api/health",
    )


@pytest.mark.parametrize("region", ["us-east-1", "us-west-1", "eu-central-1"])
def test_three_other_regions_ask_by_default(region: str) -> None:
    regions = health(region_name=region).one(CHECK, "health-endpoint").plain["regions"]
    assert len(set(regions)) == 3
    assert region not in regions


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"interval_seconds": 20}, "interval_seconds: got 20, must be 10 or 30"),
        ({"failure_threshold": 0}, "failure_threshold: got 0, must be 1 to 10"),
        ({"failure_threshold": 11}, "failure_threshold: got 11, must be 1 to 10"),
        ({"health_path": "/"}, "health_path: must be a path"),
        ({"health_path": ""}, "health_path: must be a path"),
        ({"checker_regions": ["us-west-1", "eu-west-1"]}, "checker_regions: got 2, must be at least 3"),
        ({"checker_regions": ["eu-west-1", "us-west-1", "us-west-1"]}, "names a region twice"),
        ({"checker_regions": ["eu-west-1", "us-west-1", "eu-central-1"]}, "does not check from eu-central-1"),
        ({"checker_regions": ["us-east-1", "us-west-1", "eu-west-1"]}, "us-east-1 would check itself"),
        ({"alarms": [ALARMS[0], ALARMS[0]]}, "alarms: cache, cache has a name twice"),
        ({"alarms": [{**ALARMS[0], "name": "endpoint"}]}, "are names of this component's own"),
        (
            {"alarms": [{**ALARMS[0], "name": f"alarm-{number}"} for number in range(255)]},
            "alarms: got 255, must be at most 254",
        ),
    ],
)
def test_a_health_that_proves_nothing_is_refused(changes: dict[str, Any], told: str) -> None:
    with pytest.raises(ValueError, match=told):
        health(**changes)


def test_among_six_checkers_one_may_be_the_region_itself() -> None:
    chosen = ["us-east-1", "us-west-1", "eu-west-1", "sa-east-1", "ap-northeast-1", "ap-southeast-1"]
    assert health(checker_regions=chosen).one(CHECK, "health-endpoint").plain["regions"] == chosen


def traffic(routing: Routing, **changes: Any) -> Recording:
    def program() -> None:
        zone = aws.route53.Zone("zone", name="tandem.example.com")
        check = aws.route53.HealthCheck("check", type="CALCULATED", child_health_threshold=0, child_healthchecks=[])
        args: TrafficRecordArgs = {
            "zone_id": zone.zone_id,
            "domain_name": "api.tandem.example.com",
            "target_name": "us-east-1.api.tandem.example.com",
            "region_name": "us-east-1",
            "routing": routing,
            "health_check_id": check.id,
            "ttl_seconds": 30,
            **changes,  # type: ignore[typeddict-item]
        }
        TrafficRecord("traffic", args)

    return record(program)


POLICIES = ("failoverRoutingPolicies", "latencyRoutingPolicies", "weightedRoutingPolicies")


@pytest.mark.parametrize(
    ("routing", "changes", "policies"),
    [
        (Routing.FAILOVER_PRIMARY, {}, {"failoverRoutingPolicies": [{"type": "PRIMARY"}]}),
        (Routing.FAILOVER_SECONDARY, {}, {"failoverRoutingPolicies": [{"type": "SECONDARY"}]}),
        (Routing.LATENCY, {}, {"latencyRoutingPolicies": [{"region": "us-east-1"}]}),
        (Routing.WEIGHTED, {"weight": 0}, {"weightedRoutingPolicies": [{"weight": 0}]}),
        (Routing.WEIGHTED, {"weight": 255}, {"weightedRoutingPolicies": [{"weight": 255}]}),
    ],
)
def test_a_record_is_routed_one_way_and_follows_its_region_s_health(
    routing: Routing, changes: dict[str, Any], policies: dict[str, Any]
) -> None:
    recording = traffic(routing, **changes)
    shared = recording.one(RECORD, "traffic")
    assert {policy: shared.plain[policy] for policy in POLICIES if policy in shared.plain} == policies
    assert shared.property_dependencies["healthCheckId"] == [recording.one(CHECK, "check").urn]
    assert (shared.plain["setIdentifier"], shared.plain["records"], shared.plain["ttl"]) == (
        "us-east-1",
        ["us-east-1.api.tandem.example.com"],
        30,
    )


@pytest.mark.parametrize(
    ("routing", "changes", "told"),
    [
        (Routing.WEIGHTED, {}, "weight: is missing"),
        (Routing.WEIGHTED, {"weight": 256}, "weight: got 256, must be 0 to 255"),
        (Routing.WEIGHTED, {"weight": -1}, "weight: got -1, must be 0 to 255"),
        (Routing.LATENCY, {"weight": 1}, "weight: got 1, but latency routing has none"),
        (Routing.LATENCY, {"ttl_seconds": 0}, "ttl_seconds: got 0, must be at least 1"),
    ],
)
def test_a_record_that_would_not_do_what_is_meant_is_refused(
    routing: Routing, changes: dict[str, Any], told: str
) -> None:
    with pytest.raises(ValueError, match=told):
        traffic(routing, **changes)


def certificate(prove: list[str]) -> Recording:
    def program() -> None:
        Certificate(
            "certificate",
            {
                "domain_name": "api.tandem.example.com",
                "alternative_names": ["us-east-1.api.tandem.example.com"],
                "prove": prove,
                "zone_id": aws.route53.Zone("zone", name="tandem.example.com").zone_id,
            },
        )

    return record(program)


def test_each_name_is_proved_by_the_record_asked_for_it() -> None:
    recording = certificate(["api.tandem.example.com", "us-east-1.api.tandem.example.com"])
    records = recording.all(RECORD)
    assert len({record.plain["name"] for record in records}) == 2
    validation = recording.one("aws:acm/certificateValidation:CertificateValidation")
    assert {record.urn for record in records} <= set(validation.dependencies)


def test_a_name_proved_elsewhere_gets_no_second_record() -> None:
    [record] = certificate(["us-east-1.api.tandem.example.com"]).all(RECORD)
    assert record.name == "certificate-us-east-1.api.tandem.example.com"


def test_proving_a_foreign_name_is_refused() -> None:
    with pytest.raises(ValueError, match=r"prove: www\.example\.com is not among"):
        certificate(["www.example.com"])
