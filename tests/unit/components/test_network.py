"""The network survives a zone, and lets in only who may come."""

from typing import Any

import pulumi_aws as aws
import pytest

from components.network import LoadBalancer, LoadBalancerArgs, NatGateways, Network, NetworkArgs, ServiceArgs
from tests.house import ground
from tests.house.recorder import Recording, Registration, record

ZONES = ["us-east-1a", "us-east-1b", "us-east-1c"]


def recorded(**changes: Any) -> Recording:
    args: NetworkArgs = {"cidr": "10.10.0.0/16", "zones": ZONES, "region": "us-east-1", **changes}  # type: ignore[typeddict-item]
    return record(lambda: Network("net", args))


def test_every_zone_has_its_own_way_out() -> None:
    recording = recorded()
    nats = {nat.urn: nat for nat in recording.all("aws:ec2/natGateway:NatGateway")}
    zones_of = {subnet.urn: subnet.plain["availabilityZone"] for subnet in recording.all("aws:ec2/subnet:Subnet")}
    table_zone = {
        association.property_dependencies["routeTableId"][0]: zones_of[association.property_dependencies["subnetId"][0]]
        for association in recording.all("aws:ec2/routeTableAssociation:RouteTableAssociation")
        if "private" in association.name
    }
    routes = [route for route in recording.all("aws:ec2/route:Route") if "natGatewayId" in route.property_dependencies]
    ways = {
        table_zone[route.property_dependencies["routeTableId"][0]]: zones_of[
            nats[route.property_dependencies["natGatewayId"][0]].property_dependencies["subnetId"][0]
        ]
        for route in routes
    }
    assert ways == {zone: zone for zone in ZONES}


def test_a_single_nat_gateway_must_be_spelled_out() -> None:
    assert len(recorded(nat_gateways=NatGateways.SINGLE).all("aws:ec2/natGateway:NatGateway")) == 1


def test_database_subnets_have_no_way_out() -> None:
    recording = recorded()
    routed = {
        urn
        for association in recording.all("aws:ec2/routeTableAssociation:RouteTableAssociation")
        for urn in association.property_dependencies["subnetId"]
    }
    databases = [subnet for subnet in recording.all("aws:ec2/subnet:Subnet") if "database" in subnet.name]
    assert len(databases) == 3
    assert not routed & {subnet.urn for subnet in databases}


def test_images_are_pulled_without_a_nat_gateway_in_every_zone() -> None:
    endpoints = {
        endpoint.plain["serviceName"]: endpoint for endpoint in recorded().all("aws:ec2/vpcEndpoint:VpcEndpoint")
    }
    assert set(endpoints) == {
        "com.amazonaws.us-east-1.s3",
        "com.amazonaws.us-east-1.ecr.api",
        "com.amazonaws.us-east-1.ecr.dkr",
    }
    assert len(endpoints["com.amazonaws.us-east-1.ecr.dkr"].property_dependencies["subnetIds"]) == 3
    assert len(endpoints["com.amazonaws.us-east-1.s3"].property_dependencies["routeTableIds"]) == 3


def test_every_regional_child_gets_the_region() -> None:
    children = [child for child in recorded().registrations if child.type.startswith("aws:")]
    assert children
    assert {child.plain.get("region") for child in children} == {"us-east-1"}


def test_a_bad_network_registers_nothing() -> None:
    with pytest.raises(ValueError, match="zones: got 1, must be 2 to 4"):
        recorded(zones=ZONES[:1])


SERVICES: list[ServiceArgs] = [
    {"name": "api", "port": 4200, "health_path": "/api/health"},
    {"name": "model", "port": 8000, "health_path": "/ready", "paths": ["/v2/*"]},
]


def balancer(services: list[ServiceArgs] = SERVICES, **changes: Any) -> Recording:
    def program() -> None:
        network = ground.network()
        pods = aws.ec2.SecurityGroup("pods", vpc_id=network.vpc_id)
        certificate = aws.acm.Certificate("names", domain_name="api.example.com", validation_method="DNS")
        args: LoadBalancerArgs = {
            "vpc_id": network.vpc_id,
            "subnet_ids": list(network.public_subnet_ids),
            "certificate_arn": certificate.arn,
            "allowed_cidrs": ["203.0.113.0/24"],
            "allowed_prefix_list_ids": ["pl-0123456789abcdef0"],
            "services": services,
            "target_security_group_id": pods.id,
            "region": "us-east-1",
            **changes,  # type: ignore[typeddict-item]
        }
        LoadBalancer("entrance", args)

    return record(program)


def let_in(recording: Recording, group: str) -> list[Registration]:
    """Ingress rules of a security group of the load balancer's."""
    urn = recording.one("aws:ec2/securityGroup:SecurityGroup", group).urn
    return [
        rule
        for rule in recording.all("aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule")
        if rule.property_dependencies["securityGroupId"] == [urn]
    ]


def test_each_service_has_a_target_group_that_notices_a_dead_pod_within_its_deregistration() -> None:
    groups = balancer().all("aws:lb/targetGroup:TargetGroup")
    assert {group.plain["port"] for group in groups} == {4200, 8000}
    for group in groups:
        check = group.plain["healthCheck"]
        assert check["interval"] * check["unhealthyThreshold"] <= 20
        assert group.plain["deregistrationDelay"] < 30


def test_what_no_rule_takes_goes_to_the_service_without_paths() -> None:
    recording = balancer()
    [default] = recording.one("aws:lb/listener:Listener").property_dependencies["defaultActions"]
    assert recording.by_urn(default).plain["port"] == 4200
    [rule] = recording.all("aws:lb/listenerRule:ListenerRule")
    assert rule.plain["conditions"][0]["pathPattern"]["values"] == ["/v2/*"]


def test_only_allowed_networks_come_in_and_only_on_443() -> None:
    outside = let_in(balancer(), "entrance-lb")
    assert {rule.plain.get("cidrIpv4") or rule.plain["prefixListId"] for rule in outside} == {
        "203.0.113.0/24",
        "pl-0123456789abcdef0",
    }
    assert {(rule.plain["fromPort"], rule.plain["toPort"]) for rule in outside} == {(443, 443)}


def test_pods_let_the_load_balancer_in_on_the_services_ports_only() -> None:
    recording = balancer()
    inside = let_in(recording, "pods")
    assert {(rule.plain["fromPort"], rule.plain["toPort"]) for rule in inside} == {(4200, 4200), (8000, 8000)}
    entrance = recording.one("aws:ec2/securityGroup:SecurityGroup", "entrance-lb").urn
    assert {tuple(rule.property_dependencies["referencedSecurityGroupId"]) for rule in inside} == {(entrance,)}


@pytest.mark.parametrize("protected", [True, False])
def test_deletion_protection_follows_the_setting(protected: bool) -> None:
    entrance = balancer(protected=protected).one("aws:lb/loadBalancer:LoadBalancer")
    assert entrance.plain["enableDeletionProtection"] is protected
    assert entrance.plain["enableZonalShift"] is True


@pytest.mark.parametrize(
    ("services", "told"),
    [
        ([SERVICES[0], SERVICES[0]], "has a name twice"),
        ([SERVICES[1]], "exactly one must have no paths and get the rest; got none"),
        ([SERVICES[0], {**SERVICES[0], "name": "other"}], "got api, other"),
    ],
)
def test_ambiguous_services_are_refused(services: list[ServiceArgs], told: str) -> None:
    with pytest.raises(ValueError, match=told):
        balancer(services)
