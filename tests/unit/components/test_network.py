"""The network survives a zone, and lets in only who may come."""

import json
from typing import Any
from zlib import crc32

import pulumi
import pulumi_aws as aws
import pytest

from components.network import LoadBalancer, LoadBalancerArgs, NatGateways, Network, NetworkArgs, ServiceArgs
from components.network.load_balancer import plan_priorities
from tests.house import ground
from tests.house.recorder import Recording, Registration, record

ZONES = ["us-east-1a", "us-east-1b", "us-east-1c"]
SUBNET = "aws:ec2/subnet:Subnet"
ENDPOINT = "aws:ec2/vpcEndpoint:VpcEndpoint"
ASSOCIATION = "aws:ec2/routeTableAssociation:RouteTableAssociation"
ROUTE = "aws:ec2/route:Route"
INTERFACES = {
    "autoscaling",
    "ec2",
    "ec2messages",
    "ecr.api",
    "ecr.dkr",
    "eks",
    "eks-auth",
    "elasticloadbalancing",
    "kms",
    "logs",
    "secretsmanager",
    "sqs",
    "ssm",
    "ssmmessages",
    "sts",
}


def recorded(**changes: Any) -> Recording:
    def program() -> None:
        args: NetworkArgs = {
            "cidr": "10.10.0.0/16",
            "zones": ZONES,
            "cluster_name": "tandem",
            "flow_log_name": "tandem",
            "flow_log_key_arn": ground.key().arn,
            "log_retention_days": 90,
            "region": "us-east-1",
            **changes,  # type: ignore[typeddict-item]
        }
        network = Network("net", args)
        for kind, ids in (("public", network.public_subnet_ids), ("private", network.private_subnet_ids)):
            for position, subnet_id in enumerate(ids):
                aws.ec2.NetworkInterface(f"{kind}-{position}", subnet_id=subnet_id, region="us-east-1")
        pulumi.export("endpoints", network.endpoint_ids)
        pulumi.export("room", network.room)

    return record(program)


def subnets(recording: Recording, kind: str) -> list[Registration]:
    """The subnets of one kind."""
    return [subnet for subnet in recording.all(SUBNET) if f"net-{kind}-" in subnet.name]


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


def test_database_subnets_have_a_route_table_that_leads_nowhere() -> None:
    recording = recorded()
    tables = {
        urn: association.property_dependencies["routeTableId"]
        for association in recording.all(ASSOCIATION)
        for urn in association.property_dependencies["subnetId"]
    }
    own = recording.one("aws:ec2/routeTable:RouteTable", "net-database").urn
    databases = subnets(recording, "database")
    assert len(databases) == 3
    assert {tuple(tables[subnet.urn]) for subnet in databases} == {(own,)}
    assert own not in {urn for route in recording.all(ROUTE) for urn in route.property_dependencies["routeTableId"]}
    assert {urn for urn, given in tables.items() if own in given} == {subnet.urn for subnet in databases}


def test_nodes_start_and_pull_images_without_a_nat_gateway_in_every_zone() -> None:
    recording = recorded()
    pods = {subnet.urn for subnet in subnets(recording, "private")}
    interfaces = [each for each in recording.all(ENDPOINT) if each.plain["vpcEndpointType"] == "Interface"]
    assert {each.plain["serviceName"].removeprefix("com.amazonaws.us-east-1.") for each in interfaces} == INTERFACES
    for endpoint in interfaces:
        assert endpoint.plain["privateDnsEnabled"] is True
        assert set(endpoint.property_dependencies["subnetIds"]) == pods
    assert len(pods) == 3


def test_interface_endpoints_answer_the_vpc_alone() -> None:
    recording = recorded()
    [rule] = let_in(recording, "net-endpoints")
    assert (rule.plain["cidrIpv4"], rule.plain["fromPort"], rule.plain["toPort"]) == ("10.10.0.0/16", 443, 443)
    group = recording.one("aws:ec2/securityGroup:SecurityGroup", "net-endpoints").urn
    interfaces = [each for each in recording.all(ENDPOINT) if each.plain["vpcEndpointType"] == "Interface"]
    assert {tuple(each.property_dependencies["securityGroupIds"]) for each in interfaces} == {(group,)}


def test_pods_and_databases_reach_s3_and_dynamodb_without_a_nat_gateway() -> None:
    recording = recorded()
    gateways = {
        each.plain["serviceName"]: set(each.property_dependencies["routeTableIds"])
        for each in recording.all(ENDPOINT)
        if each.plain["vpcEndpointType"] == "Gateway"
    }
    tables = {table.urn for table in recording.all("aws:ec2/routeTable:RouteTable") if "public" not in table.name}
    assert len(tables) == 4
    assert gateways == {"com.amazonaws.us-east-1.s3": tables, "com.amazonaws.us-east-1.dynamodb": tables}


def test_endpoints_are_handed_out_by_service() -> None:
    recording = recorded()
    given = {
        each.plain["serviceName"].removeprefix("com.amazonaws.us-east-1."): each.id for each in recording.all(ENDPOINT)
    }
    assert recording.outputs["endpoints"] == given


def test_all_traffic_is_logged_encrypted_by_a_role_that_may_do_nothing_else() -> None:
    recording = recorded()
    flow = recording.one("aws:ec2/flowLog:FlowLog")
    group = recording.one("aws:cloudwatch/logGroup:LogGroup")
    permission = recording.one("aws:iam/rolePolicy:RolePolicy")
    assert flow.property_dependencies["vpcId"] == [recording.one("aws:ec2/vpc:Vpc").urn]
    assert (flow.plain["trafficType"], flow.property_dependencies["logDestination"]) == ("ALL", [group.urn])
    assert permission.urn in flow.property_dependencies["iamRoleArn"]
    assert (group.plain["name"], group.plain["retentionInDays"]) == ("/aws/vpc/tandem", 90)
    assert group.property_dependencies["kmsKeyId"] == [recording.one("aws:kms/key:Key").urn]
    [statement] = json.loads(permission.plain["policy"])["Statement"]
    arn = (group.outputs or {})["arn"]
    assert statement["Resource"] == [arn, f"{arn}:*"]
    assert not any("*" in action for action in statement["Action"])


def test_clusters_and_karpenter_find_their_subnets_by_name() -> None:
    recording = recorded(cluster_name="primary")
    tagged = {
        kind: {frozenset(subnet.plain["tags"].items()) - {("Name", subnet.name)} for subnet in subnets(recording, kind)}
        for kind in ("public", "private", "database")
    }
    shared = ("kubernetes.io/cluster/primary", "shared")
    assert tagged == {
        "public": {frozenset({("kubernetes.io/role/elb", "1"), shared})},
        "private": {
            frozenset({("kubernetes.io/role/internal-elb", "1"), ("karpenter.sh/discovery", "primary"), shared})
        },
        "database": {frozenset()},
    }


@pytest.mark.parametrize(("kind", "way"), [("public", "gatewayId"), ("private", "natGatewayId")])
def test_what_stands_in_a_subnet_waits_for_its_way_out(kind: str, way: str) -> None:
    recording = recorded()
    standing = {each.name: each for each in recording.all("aws:ec2/networkInterface:NetworkInterface")}
    for position, zone in enumerate(ZONES):
        subnet = recording.one(SUBNET, f"net-{kind}-{zone}")
        [association] = [
            each for each in recording.all(ASSOCIATION) if each.property_dependencies["subnetId"] == [subnet.urn]
        ]
        routes = [
            route
            for route in recording.all(ROUTE)
            if route.property_dependencies["routeTableId"] == association.property_dependencies["routeTableId"]
            and way in route.property_dependencies
        ]
        assert len(routes) == 1
        assert {subnet.urn, association.urn, routes[0].urn} <= set(standing[f"{kind}-{position}"].dependencies)


def test_a_network_says_how_many_pods_survive_a_zone() -> None:
    # Two of three /19 without the five that AWS keeps of each.
    assert recorded().outputs["room"] == 2 * (8192 - 5)


def test_nodes_that_would_not_fit_without_a_zone_are_refused() -> None:
    with pytest.raises(ValueError, match=r"has 16374 addresses for nodes and pods once a zone is lost.*may be 16375"):
        recorded(max_addresses=16375)
    recorded(max_addresses=16374)


def test_every_regional_child_gets_the_region() -> None:
    children = [child for child in recorded().registrations if child.type.startswith("aws:")]
    elsewhere = {child.type for child in children if child.plain.get("region") != "us-east-1"}
    assert elsewhere == {"aws:iam/role:Role", "aws:iam/rolePolicy:RolePolicy"}


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


HOSTED: ServiceArgs = {"name": "argo", "port": 2746, "health_path": "/", "hosts": ["argo.example.com"]}


def test_a_host_is_asked_before_any_path() -> None:
    recording = balancer([SERVICES[0], HOSTED, SERVICES[1]])
    rules = sorted(recording.all("aws:lb/listenerRule:ListenerRule"), key=lambda rule: rule.plain["priority"])
    assert [list(rule.plain["conditions"][0]) for rule in rules] == [["hostHeader"], ["pathPattern"]]
    assert rules[0].plain["conditions"][0]["hostHeader"]["values"] == ["argo.example.com"]


def test_what_others_come_and_go_changes_no_rule_s_priority() -> None:
    def priorities(services: list[ServiceArgs]) -> dict[str, int]:
        rules = balancer(services).all("aws:lb/listenerRule:ListenerRule")
        return {rule.name: rule.plain["priority"] for rule in rules}

    few, more = priorities([SERVICES[0], SERVICES[1]]), priorities([SERVICES[0], HOSTED, SERVICES[1]])
    assert few.items() <= more.items()


def test_the_more_precise_path_is_asked_first() -> None:
    narrow: ServiceArgs = {"name": "vision", "port": 8000, "health_path": "/", "paths": ["/v2/models/vision/*"]}
    for services in ([SERVICES[0], SERVICES[1], narrow], [SERVICES[0], narrow, SERVICES[1]]):
        planned = plan_priorities([each for each in services if "paths" in each])
        assert planned["vision"] < planned["model"]


def test_the_platform_s_own_services_never_meet_by_chance() -> None:
    names = ["prefect", "argo-workflows", "airflow", "temporal", "grafana"]
    planned = plan_priorities(
        [{"name": name, "port": 1, "health_path": "/", "hosts": [f"{name}.example.com"]} for name in names]
    )
    assert len(set(planned.values())) == len(names)


def test_two_rules_of_one_priority_are_refused() -> None:
    first: ServiceArgs = {"name": "a", "port": 1, "health_path": "/", "hosts": ["a.example.com"]}
    chance = crc32(b"a") % 999
    twin = next(f"s{n}" for n in range(100_000) if crc32(f"s{n}".encode()) % 999 == chance)
    with pytest.raises(ValueError, match=f"a and {twin} come to one priority"):
        plan_priorities([first, {**first, "name": twin}])


def test_a_host_with_paths_takes_what_matches_both() -> None:
    recording = balancer([SERVICES[0], {**HOSTED, "paths": ["/ui/*"]}])
    [rule] = recording.all("aws:lb/listenerRule:ListenerRule")
    assert [list(condition) for condition in rule.plain["conditions"]] == [["hostHeader"], ["pathPattern"]]


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


def test_requests_are_written_down_where_asked_and_nowhere_else() -> None:
    kind = "aws:lb/loadBalancer:LoadBalancer"
    logs = balancer(access_logs_bucket="tandem-logs", access_logs_prefix="entrance").one(kind).plain["accessLogs"]
    assert logs == {"bucket": "tandem-logs", "prefix": "entrance", "enabled": True}
    assert "accessLogs" not in balancer().one(kind).plain


@pytest.mark.parametrize("prefix", ["", "/entrance", "entrance/", "AWSLogs"])
def test_a_folder_that_aws_does_not_write_to_is_refused(prefix: str) -> None:
    with pytest.raises(ValueError, match="access_logs_prefix: got"):
        balancer(access_logs_bucket="tandem-logs", access_logs_prefix=prefix)


@pytest.mark.parametrize(
    ("services", "told"),
    [
        ([SERVICES[0], SERVICES[0]], "has a name twice"),
        ([SERVICES[1]], "exactly one must have no paths and no hosts and get the rest; got none"),
        ([SERVICES[0], {**SERVICES[0], "name": "other"}], "got api, other"),
    ],
)
def test_ambiguous_services_are_refused(services: list[ServiceArgs], told: str) -> None:
    with pytest.raises(ValueError, match=told):
        balancer(services)
