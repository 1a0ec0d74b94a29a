"""What joins two regions, stands before them, and leads to them."""

import json
from collections.abc import Callable
from typing import Any

import pulumi
import pulumi_aws as aws
import pytest

from components.network import (
    Accelerator,
    AcceleratorArgs,
    AcceleratorEndpoint,
    Firewall,
    FirewallArgs,
    PeeringLink,
    PeeringLinkArgs,
    TransitGatewayLink,
    TransitGatewayLinkArgs,
)
from tests.house import ground
from tests.house.recorder import Recording, Registration, record

HERE, THERE = "us-east-1", "us-west-2"
ROUTE = "aws:ec2/route:Route"
TGW = "aws:ec2transitgateway"


class Side:
    """A VPC with route tables of its own, for the far end of a link."""

    def __init__(self, region: str, cidr: str) -> None:
        self.cidr = cidr
        self.vpc = aws.ec2.Vpc(f"vpc-{region}", cidr_block=cidr, region=region)
        network = cidr.rpartition(".")[0].rpartition(".")[0]
        self.subnets = [
            aws.ec2.Subnet(
                f"subnet-{region}{letter}",
                vpc_id=self.vpc.id,
                cidr_block=f"{network}.{position}.0/24",
                availability_zone=f"{region}{letter}",
                region=region,
            ).id
            for position, letter in enumerate("ab")
        ]
        self.tables = [
            aws.ec2.RouteTable(f"table-{region}-{position}", vpc_id=self.vpc.id, region=region).id
            for position in range(2)
        ]


def peering(**changes: Any) -> Recording:
    def program() -> None:
        here, there = Side(HERE, "10.1.0.0/16"), Side(THERE, "10.2.0.0/16")
        args: PeeringLinkArgs = {
            "vpc_id": here.vpc.id,
            "cidr": here.cidr,
            "route_table_ids": list(here.tables),
            "region": HERE,
            "peer_vpc_id": there.vpc.id,
            "peer_cidr": there.cidr,
            "peer_region": THERE,
            "peer_route_table_ids": pulumi.Output.all(*there.tables),
            "peer_route_tables": 2,
            **changes,  # type: ignore[typeddict-item]
        }
        PeeringLink("link", args)

    return record(program)


def transit(**changes: Any) -> Recording:
    def program() -> None:
        here, there = Side(HERE, "10.1.0.0/16"), Side(THERE, "10.2.0.0/16")
        args: TransitGatewayLinkArgs = {
            "vpc_id": here.vpc.id,
            "cidr": here.cidr,
            "subnet_ids": list(here.subnets),
            "route_table_ids": list(here.tables),
            "region": HERE,
            "peer_vpc_id": there.vpc.id,
            "peer_cidr": there.cidr,
            "peer_subnet_ids": pulumi.Output.all(*there.subnets),
            "peer_region": THERE,
            "peer_route_table_ids": pulumi.Output.all(*there.tables),
            "peer_route_tables": 2,
            **changes,  # type: ignore[typeddict-item]
        }
        TransitGatewayLink("link", args)

    return record(program)


def routed(recording: Recording) -> set[tuple[str, str]]:
    """Region and destination of every route of a VPC's."""
    return {(route.region, route.plain["destinationCidrBlock"]) for route in recording.all(ROUTE)}


@pytest.mark.parametrize("link", [peering, transit])
def test_every_route_table_of_both_sides_leads_to_the_other(link: Callable[[], Recording]) -> None:
    recording = link()
    assert routed(recording) == {(HERE, "10.2.0.0/16"), (THERE, "10.1.0.0/16")}
    tables = {route.plain["routeTableId"] for route in recording.all(ROUTE)}
    assert tables == {table.id for table in recording.all("aws:ec2/routeTable:RouteTable")}
    assert len(tables) == 4


@pytest.mark.parametrize("link", [peering, transit])
def test_every_child_says_which_side_it_is_on(link: Callable[[], Recording]) -> None:
    recording = link()
    children = recording.children_of(next(each for each in recording.registrations if not each.custom))
    assert {child.plain["region"] for child in children} == {HERE, THERE}


def test_a_peering_is_used_only_once_it_is_accepted() -> None:
    recording = peering()
    accepted = recording.one("aws:ec2/vpcPeeringConnectionAccepter:VpcPeeringConnectionAccepter")
    assert (accepted.plain["autoAccept"], accepted.region) == (True, THERE)
    options = recording.all("aws:ec2/peeringConnectionOptions:PeeringConnectionOptions")
    users = [*recording.all(ROUTE), *options]
    assert len(users) == 6
    assert {tuple(user.property_dependencies["vpcPeeringConnectionId"]) for user in users} == {(accepted.urn,)}


def test_each_side_of_a_peering_resolves_the_other_s_names() -> None:
    options = peering().all("aws:ec2/peeringConnectionOptions:PeeringConnectionOptions")
    resolving = {"allowRemoteVpcDnsResolution": True}
    assert {each.region: (each.plain.get("requester"), each.plain.get("accepter")) for each in options} == {
        HERE: (resolving, None),
        THERE: (None, resolving),
    }


def test_a_gateway_is_reached_from_every_zone_given() -> None:
    attachments = transit().all(f"{TGW}/vpcAttachment:VpcAttachment")
    assert {each.region: len(each.plain["subnetIds"]) for each in attachments} == {HERE: 2, THERE: 2}


def test_gateways_route_to_their_vpc_and_across_once_that_is_accepted() -> None:
    recording = transit()
    accepted = recording.one(f"{TGW}/peeringAttachmentAccepter:PeeringAttachmentAccepter")
    assert accepted.region == THERE
    across = recording.all(f"{TGW}/route:Route")
    assert {(route.region, route.plain["destinationCidrBlock"]) for route in across} == routed(recording)
    tables = {table.region: table.urn for table in recording.all(f"{TGW}/routeTable:RouteTable")}
    for route in across:
        assert accepted.urn in route.property_dependencies["transitGatewayAttachmentId"]
        assert route.property_dependencies["transitGatewayRouteTableId"] == [tables[route.region]]
    propagated = recording.all(f"{TGW}/routeTablePropagation:RouteTablePropagation")
    assert {each.property_dependencies["transitGatewayRouteTableId"][0] for each in propagated} == set(tables.values())


def test_both_attachments_of_a_gateway_use_its_own_route_table() -> None:
    recording = transit()
    associations = recording.all(f"{TGW}/routeTableAssociation:RouteTableAssociation")
    accepted = recording.one(f"{TGW}/peeringAttachmentAccepter:PeeringAttachmentAccepter")
    across = [each for each in associations if accepted.urn in each.property_dependencies["transitGatewayAttachmentId"]]
    assert (len(associations), {each.region for each in across}) == (4, {HERE, THERE})
    for gateway in recording.all(f"{TGW}/transitGateway:TransitGateway"):
        assert gateway.plain["defaultRouteTableAssociation"] == "disable"
        assert gateway.plain["defaultRouteTablePropagation"] == "disable"


def test_a_vpc_is_routed_to_a_gateway_only_once_attached() -> None:
    recording = transit()
    attachments = {each.region: each.urn for each in recording.all(f"{TGW}/vpcAttachment:VpcAttachment")}
    for route in recording.all(ROUTE):
        assert attachments[route.region] in route.property_dependencies["transitGatewayId"]


def test_peered_gateways_have_different_numbers() -> None:
    numbers = {gateway.plain["amazonSideAsn"] for gateway in transit().all(f"{TGW}/transitGateway:TransitGateway")}
    assert len(numbers) == 2


@pytest.mark.parametrize("link", [peering, transit])
@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"peer_region": HERE}, "peer_region: got us-east-1, which is this side's"),
        ({"route_table_ids": []}, "each side needs at least one route table"),
        ({"peer_route_tables": 0}, "each side needs at least one route table"),
    ],
)
def test_half_a_link_is_refused(link: Callable[..., Recording], changes: dict[str, Any], told: str) -> None:
    with pytest.raises(ValueError, match=told):
        link(**changes)


def test_gateways_of_one_number_are_refused() -> None:
    with pytest.raises(ValueError, match="peer_asn: got 64512, which is this side's"):
        transit(peer_asn=64512)


ENDPOINT_GROUP = "aws:globalaccelerator/endpointGroup:EndpointGroup"


def accelerator(changes: dict[str, dict[str, Any]] | None = None, **more: Any) -> Recording:
    def program() -> None:
        balancers = {
            region: aws.lb.LoadBalancer(
                f"entrance-{region}", subnets=list(ground.network(region).public_subnet_ids), region=region
            )
            for region in (HERE, THERE)
        }
        endpoints = [
            AcceleratorEndpoint(
                **{"region": region, "load_balancer_arn": balancer.arn, **(changes or {}).get(region, {})}
            )
            for region, balancer in balancers.items()
        ]
        args: AcceleratorArgs = {"accelerator_name": "tandem", "endpoints": endpoints, **more}  # type: ignore[typeddict-item]
        pulumi.export("addresses", Accelerator("near", args).ip_addresses)

    return record(program)


def test_each_region_is_one_endpoint_group_that_keeps_clients_addresses() -> None:
    recording = accelerator()
    groups = {group.plain["endpointGroupRegion"]: group for group in recording.all(ENDPOINT_GROUP)}
    assert set(groups) == {HERE, THERE}
    for region, group in groups.items():
        [endpoint] = group.plain["endpointConfigurations"]
        assert endpoint["clientIpPreservationEnabled"] is True
        assert endpoint["weight"] == 128
        assert endpoint["endpointId"].startswith(f"arn:aws:elasticloadbalancing:{region}:")


def test_an_accelerator_has_two_addresses_on_443_and_is_protected() -> None:
    recording = accelerator()
    assert len(set(recording.outputs["addresses"])) == 2
    listener = recording.one("aws:globalaccelerator/listener:Listener")
    assert (listener.plain["protocol"], listener.plain["portRanges"]) == ("TCP", [{"fromPort": 443, "toPort": 443}])
    assert recording.one("aws:globalaccelerator/accelerator:Accelerator").protect is True
    assert accelerator(protected=False).one("aws:globalaccelerator/accelerator:Accelerator").protect is False


def test_a_region_that_stands_by_keeps_its_weight() -> None:
    groups = {
        group.plain["endpointGroupRegion"]: group
        for group in accelerator({THERE: {"traffic_percent": 0}}).all(ENDPOINT_GROUP)
    }
    assert (groups[HERE].plain["trafficDialPercentage"], groups[THERE].plain["trafficDialPercentage"]) == (100, 0)
    assert groups[THERE].plain["endpointConfigurations"][0]["weight"] == 128


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({HERE: {"weight": 256}}, "weight of us-east-1: got 256, must be 0 to 255"),
        ({HERE: {"weight": -1}}, "weight of us-east-1: got -1, must be 0 to 255"),
        ({THERE: {"traffic_percent": 101}}, "traffic_percent of us-west-2: got 101, must be 0 to 100"),
        ({HERE: {"traffic_percent": 0}, THERE: {"weight": 0}}, "no region takes any client"),
        ({THERE: {"region": HERE}}, "us-east-1, us-east-1 names a region twice"),
    ],
)
def test_an_accelerator_that_leads_nowhere_is_refused(changes: dict[str, dict[str, Any]], told: str) -> None:
    with pytest.raises(ValueError, match=told):
        accelerator(changes)


def test_an_accelerator_of_one_region_is_refused() -> None:
    with pytest.raises(ValueError, match="endpoints: got 1, must be at least 2"):
        accelerator(endpoints=[{"region": HERE, "load_balancer_arn": "arn"}])


def firewall(**changes: Any) -> Recording:
    def program() -> None:
        balancer = aws.lb.LoadBalancer("entrance", subnets=list(ground.network().public_subnet_ids))
        args: FirewallArgs = {
            "firewall_name": "tandem",
            "load_balancer_arn": balancer.arn,
            "requests_per_five_minutes": 2000,
            "log_key_arn": ground.key().arn,
            "log_retention_days": 90,
            "region": HERE,
            **changes,  # type: ignore[typeddict-item]
        }
        Firewall("wall", args)

    return record(program)


def acl(recording: Recording) -> Registration:
    return recording.one("aws:wafv2/webAcl:WebAcl")


def test_too_many_requests_of_one_address_are_turned_away() -> None:
    rule = acl(firewall()).plain["rules"][0]
    assert rule["action"] == {"block": {}}
    rate = rule["statement"]["rateBasedStatement"]
    assert (rate["limit"], rate["evaluationWindowSec"], rate["aggregateKeyType"]) == (2000, 300, "IP")
    assert "scopeDownStatement" not in rate


def test_the_rate_does_not_hold_for_trusted_addresses() -> None:
    recording = firewall(trusted_addresses=["203.0.113.7"])
    trusted = recording.one("aws:wafv2/ipSet:IpSet")
    assert trusted.plain["addresses"] == ["203.0.113.7/32"]
    scope = acl(recording).plain["rules"][0]["statement"]["rateBasedStatement"]["scopeDownStatement"]
    assert scope["notStatement"]["statement"]["ipSetReferenceStatement"]["arn"] == (trusted.outputs or {})["arn"]


def test_aws_s_own_rules_block_but_what_a_model_s_body_looks_like_is_only_counted() -> None:
    groups = {
        rule["name"]: rule["statement"]["managedRuleGroupStatement"]
        for rule in acl(firewall()).plain["rules"]
        if "managedRuleGroupStatement" in rule["statement"]
    }
    assert set(groups) == {
        "AWSManagedRulesAmazonIpReputationList",
        "AWSManagedRulesKnownBadInputsRuleSet",
        "AWSManagedRulesCommonRuleSet",
    }
    overrides = groups.pop("AWSManagedRulesCommonRuleSet")["ruleActionOverrides"]
    counted = {override["name"] for override in overrides if override["actionToUse"] == {"count": {}}}
    assert "SizeRestrictions_BODY" in counted
    assert all(name.endswith("_BODY") for name in counted)
    assert not any("ruleActionOverrides" in group for group in groups.values())


def test_rules_are_asked_in_an_order_without_ties() -> None:
    priorities = [rule["priority"] for rule in acl(firewall()).plain["rules"]]
    assert priorities == sorted(set(priorities))


def test_a_firewall_stands_before_its_load_balancer() -> None:
    recording = firewall()
    association = recording.one("aws:wafv2/webAclAssociation:WebAclAssociation")
    assert association.property_dependencies["resourceArn"] == [
        recording.one("aws:lb/loadBalancer:LoadBalancer", "entrance").urn
    ]
    assert association.property_dependencies["webAclArn"] == [acl(recording).urn]


def test_what_it_sees_is_logged_encrypted_and_without_what_lets_a_reader_in() -> None:
    recording = firewall()
    group = recording.one("aws:cloudwatch/logGroup:LogGroup", "wall")
    assert group.plain["name"] == "aws-waf-logs-tandem"
    assert group.plain["retentionInDays"] == 90
    assert group.property_dependencies["kmsKeyId"]
    logging = recording.one("aws:wafv2/webAclLoggingConfiguration:WebAclLoggingConfiguration")
    assert logging.property_dependencies["logDestinationConfigs"] == [group.urn]
    redacted = {field["singleHeader"]["name"] for field in logging.plain["redactedFields"]}
    assert redacted == {"authorization", "cookie"}
    policy = recording.one("aws:cloudwatch/logResourcePolicy:LogResourcePolicy")
    assert policy.urn in logging.dependencies
    [statement] = json.loads(policy.plain["policyDocument"])["Statement"]
    assert statement["Resource"] == f"{(group.outputs or {})['arn']}:log-stream:*"
    assert statement["Principal"] == {"Service": "delivery.logs.amazonaws.com"}
    account = (group.outputs or {})["arn"].split(":")[4]
    assert statement["Condition"] == {
        "StringEquals": {"aws:SourceAccount": account},
        "ArnLike": {"aws:SourceArn": f"arn:aws:logs:us-east-1:{account}:*"},
    }


def test_every_child_of_a_firewall_gets_the_region() -> None:
    recording = firewall(trusted_addresses=["203.0.113.7"])
    component = next(each for each in recording.registrations if each.type == "tandem:index:Firewall")
    assert {child.plain["region"] for child in recording.children_of(component)} == {HERE}


@pytest.mark.parametrize("rate", [9, 2_000_000_001])
def test_a_rate_that_waf_does_not_know_is_refused(rate: int) -> None:
    with pytest.raises(ValueError, match=f"requests_per_five_minutes: got {rate}, must be 10 to 2000000000"):
        firewall(requests_per_five_minutes=rate)
