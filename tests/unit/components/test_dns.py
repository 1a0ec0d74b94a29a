"""Names follow the region that is healthy."""

from typing import Any

import pulumi_aws as aws
import pytest

from components.dns import Certificate, FailoverRecord, FailoverRecordArgs, FailoverRole
from tests.house import ground
from tests.house.recorder import Recording, record

RECORD = "aws:route53/record:Record"


def failover(**changes: Any) -> Recording:
    def program() -> None:
        zone = aws.route53.Zone("zone", name="tandem.example.com")
        balancer = aws.lb.LoadBalancer("entrance", subnets=list(ground.network().public_subnet_ids))
        args: FailoverRecordArgs = {
            "zone_id": zone.zone_id,
            "domain_name": "api.tandem.example.com",
            "regional_name": "us-east-1.api.tandem.example.com",
            "role": FailoverRole.PRIMARY,
            "set_identifier": "us-east-1",
            "load_balancer_dns_name": balancer.dns_name,
            "load_balancer_zone_id": balancer.zone_id,
            "health_path": "/api/health",
            "ttl_seconds": 30,
            "interval_seconds": 10,
            "failure_threshold": 2,
            **changes,  # type: ignore[typeddict-item]
        }
        FailoverRecord("failover", args)

    return record(program)


@pytest.mark.parametrize("role", list(FailoverRole))
def test_the_record_fails_over_by_its_own_region_s_health(role: FailoverRole) -> None:
    recording = failover(role=role)
    shared = recording.one(RECORD, "failover")
    assert shared.plain["failoverRoutingPolicies"] == [{"type": role.value}]
    assert shared.property_dependencies["healthCheckId"] == [recording.one("aws:route53/healthCheck:HealthCheck").urn]
    assert (shared.plain["records"], shared.plain["ttl"]) == (["us-east-1.api.tandem.example.com"], 30)


def test_the_health_check_asks_the_region_s_own_name() -> None:
    recording = failover()
    check = recording.one("aws:route53/healthCheck:HealthCheck")
    assert check.property_dependencies["fqdn"] == [recording.one(RECORD, "failover-regional").urn]
    assert (check.plain["requestInterval"], check.plain["failureThreshold"]) == (10, 2)


@pytest.mark.parametrize(
    ("changes", "told"),
    [({"interval_seconds": 20}, "interval_seconds: got 20"), ({"health_path": "/"}, "health_path: must be a path")],
)
def test_a_check_that_proves_nothing_is_refused(changes: dict[str, Any], told: str) -> None:
    with pytest.raises(ValueError, match=told):
        failover(**changes)


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
