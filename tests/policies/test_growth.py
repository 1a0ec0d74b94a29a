"""What a rule takes grows with the resources, and not with their square."""

from collections.abc import Callable
from time import process_time

import pytest

from policies.catalog import all_rules
from policies.judge import judge
from policies.settings import settle
from resilience.graph import UNKNOWN, Graph, Resource

RULES = {rule.id: rule for rule in all_rules()}
SETTINGS = settle(RULES.values(), {})
FEWER, MORE, MOST_TIMES = 1000, 3000, 6
"""Three times as many take three times as long; squared it were nine."""


def resource(type_: str, name: object, properties: dict[str, object], **edges: list[Resource]) -> Resource:
    urns = {key: tuple(each.urn for each in targets) for key, targets in edges.items()}
    return Resource(f"urn:pulumi:one::tandem::{type_}::{name}", type_, str(name), properties, edges=urns)


def records(number: int) -> list[Resource]:
    """Each leads to the next but one, in pairs of one name."""
    return [
        resource(
            "aws:route53/record:Record",
            each,
            {
                **{"name": f"n{each // 2}", "type": "CNAME", "setIdentifier": str(each), "records": [f"x{each}"]},
                "failoverRoutingPolicies": [{"type": "SECONDARY" if each % 2 else "PRIMARY"}],
            },
        )
        for each in range(number)
    ]


def route_tables(number: int) -> list[Resource]:
    """All of them in the lists of the same two endpoints."""
    tables = [
        resource("aws:ec2/routeTable:RouteTable", each, {"routes": [{"natGatewayId": "nat-1"}]})
        for each in range(number)
    ]
    ends = [
        resource(
            "aws:ec2/vpcEndpoint:VpcEndpoint",
            service,
            {"serviceName": f"com.amazonaws.us-east-1.{service}", "routeTableIds": [UNKNOWN] * number},
            routeTableIds=tables,
        )
        for service in ("s3", "dynamodb")
    ]
    return [*tables, *ends]


def networks(number: int) -> list[Resource]:
    """Each with nodes and an endpoint of its own."""
    made: list[Resource] = []
    for each in range(number):
        vpc = resource("aws:ec2/vpc:Vpc", each, {"cidrBlock": UNKNOWN})
        subnet = resource("aws:ec2/subnet:Subnet", each, {"vpcId": UNKNOWN}, vpcId=[vpc])
        nodes = resource("aws:eks/nodeGroup:NodeGroup", each, {"subnetIds": [UNKNOWN]}, subnetIds=[subnet])
        end = resource("aws:ec2/vpcEndpoint:VpcEndpoint", each, {"vpcEndpointType": "Interface"}, vpcId=[vpc])
        made += [vpc, subnet, nodes, end]
    return made


def alarms(number: int) -> list[Resource]:
    """Half of them heard by the other half."""
    return [
        resource("aws:cloudwatch/metricAlarm:MetricAlarm", each, {"name": f"a{each}"})
        if each % 2
        else resource("aws:cloudwatch/compositeAlarm:CompositeAlarm", each, {"alarmRule": f"ALARM(a{each + 1})"})
        for each in range(number)
    ]


def databases(number: int) -> list[Resource]:
    """All of them in the list of one selection."""
    made = [resource("aws:rds/cluster:Cluster", each, {"arn": UNKNOWN}) for each in range(number)]
    selection = resource("aws:backup/selection:Selection", "all", {"resources": [UNKNOWN] * number}, resources=made)
    return [*made, selection]


def elastic(number: int) -> list[Resource]:
    """All of them in one zone, with the same taints; those of every tenth are not known."""
    where = [{"key": "topology.kubernetes.io/zone", "operator": "In", "values": ["a"]}]
    return [
        resource(
            "kubernetes:karpenter.sh/v1:NodePool",
            each,
            {
                "spec": {
                    "template": {"spec": {"taints": [{"key": "gpu"}] if each % 10 else UNKNOWN, "requirements": where}}
                }
            },
        )
        for each in range(number)
    ]


def parts(number: int) -> list[Resource]:
    """Workloads of one platform, each with a budget and a network policy of its own."""
    made: list[Resource] = []
    for each in range(number // 3):
        labels = {"app": f"a{each}", "part-of": "tandem"}
        metadata = {"namespace": "apps", "name": f"a{each}"}
        template = {"metadata": {"labels": labels}}
        for type_, spec in (
            ("apps/v1:Deployment", {"replicas": 2, "template": template}),
            ("policy/v1:PodDisruptionBudget", {"selector": {"matchLabels": labels}, "maxUnavailable": 1}),
            ("networking.k8s.io/v1:NetworkPolicy", {"podSelector": {"matchLabels": labels}}),
        ):
            made.append(resource(f"kubernetes:{type_}", each, {"metadata": metadata, "spec": spec}))
    return made


def releases(number: int) -> list[Resource]:
    """Of one chart, each with a budget beside it."""
    made: list[Resource] = []
    for each in range(number // 2):
        labels = {"app.kubernetes.io/instance": f"r{each}", "app.kubernetes.io/name": "argocd-server"}
        made += [
            resource(
                "kubernetes:helm.sh/v3:Release",
                each,
                {"chart": "argo-cd", "namespace": "a", "name": f"r{each}", "values": {}},
            ),
            resource(
                "kubernetes:policy/v1:PodDisruptionBudget",
                each,
                {"metadata": {"namespace": "a"}, "spec": {"selector": {"matchLabels": labels}, "maxUnavailable": 1}},
            ),
        ]
    return made


@pytest.mark.parametrize(
    ("id_", "make"),
    [
        ("K8S-02", parts),
        ("K8S-05", parts),
        ("K8S-29", parts),
        ("HELM-03", releases),
        ("EKS-17", elastic),
        ("DNS-01", records),
        ("DNS-03", records),
        ("NET-07", route_tables),
        ("NET-09", networks),
        ("MON-01", alarms),
        ("RDS-16", databases),
    ],
)
def test_three_times_as_many_take_no_nine_times_as_long(id_: str, make: Callable[[int], list[Resource]]) -> None:
    times = [min(seconds(id_, make(number)) for _ in range(3)) for number in (FEWER, MORE)]
    assert times[1] <= times[0] * MOST_TIMES


def test_names_that_fork_are_each_followed_once() -> None:
    """Forty layers of two records, each of which leads to both of the next: a trillion ways through."""
    layers = [
        resource(
            "aws:route53/record:Record",
            f"{layer}-{side}",
            {
                **{"name": f"n{layer}", "type": "CNAME", "setIdentifier": side, "records": [f"n{layer + 1}"]},
                "failoverRoutingPolicies": [{"type": side}],
            },
        )
        for layer in range(40)
        for side in ("PRIMARY", "SECONDARY")
    ]
    assert seconds("DNS-03", layers) < 5


def seconds(id_: str, resources: list[Resource]) -> float:
    graph, before = Graph(resources), process_time()
    judge([RULES[id_]], graph, SETTINGS)
    return process_time() - before
