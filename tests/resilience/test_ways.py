"""Ways from one region to another, and out of one: small platforms, computed by hand."""

from dataclasses import replace
from typing import Any

import pytest

from resilience.facts import Facts
from resilience.graph import UNKNOWN, Graph
from resilience.outcomes import Duration, Outcome, Verdict, outcomes
from tests.resilience.small import ZONES, Small
from tests.resilience.stacks import platform

LOST = "region-us-east-1"
BY_HAND = (120 + 300 + 1800 + 60, 600 + 3600 + 14400 + 60)
"""An alert, somebody decides, and leads clients on by hand; resolvers keep the old answer for a minute."""


def of(graph: Graph, fault: str, journey: str = "use-shop") -> Outcome:
    return outcomes(graph)[journey, fault]


def times(outcome: Outcome) -> tuple[float, float]:
    assert outcome.rto is not None
    return outcome.rto.typical_seconds, outcome.rto.worst_seconds


def shop(region: str = "us-east-1", stack: str = "one", *, data: bool = False) -> Small:
    made = Small(region, stack).network().cluster(nodes=6)
    return (made.aurora() if data else made).service().entrance()


def there() -> Small:
    return shop("us-west-2", "two").name(role="SECONDARY")


def given(small: Small, name: str, properties: dict[str, Any], **edges: tuple[str, ...]) -> Small:
    """Say something more of one resource."""
    before = small.parts[name]
    more = {key: tuple(map(small.urn, names)) for key, names in edges.items()}
    small.parts[name] = replace(before, properties={**before.properties, **properties}, edges={**before.edges, **more})
    return small


# Health checks.


@pytest.mark.parametrize(
    ("silent", "expected"),
    [
        # Two minutes of the alarm, metrics that come 30 s late, at worst 120, and the TTL.
        ("Unhealthy", (120 + 30 + 60, 120 + 120 + 60)),
        # An alarm of the dark region says nothing new.
        ("LastKnownStatus", BY_HAND),
        (None, BY_HAND),
    ],
)
def test_a_check_that_follows_an_alarm_moves_clients_if_silence_is_ill(
    silent: str | None, expected: tuple[float, float]
) -> None:
    home = shop().name(role="PRIMARY", interval=10)
    home.add("aws:cloudwatch/metricAlarm:MetricAlarm", "alarm", {"period": 60, "evaluationPeriods": 2})
    said = {"type": "CLOUDWATCH_METRIC", "insufficientDataHealthStatus": silent}
    home.add("aws:route53/healthCheck:HealthCheck", "check", said, cloudwatchAlarmName="alarm")
    assert times(of(home.graph(there()), LOST)) == expected


@pytest.mark.parametrize(
    ("least", "expected"),
    [
        # Of a check every 10 s (two failures) and one every 30 s (three): the first alone, or both.
        (2, (10 * 2 + 60, 10 * 3 + 6 + 60)),
        (1, (30 * 3 + 60, 30 * 4 + 6 + 60)),
        # None of them needs to be well.
        (0, BY_HAND),
    ],
)
def test_a_check_of_checks_waits_until_too_few_are_well(least: int, expected: tuple[float, float]) -> None:
    home = shop().name(role="PRIMARY", interval=10)
    for name, interval, failures in (("quick", 10, 2), ("slow", 30, 3)):
        said = {"type": "HTTPS", "requestInterval": interval, "failureThreshold": failures}
        home.add("aws:route53/healthCheck:HealthCheck", name, said)
    said = {"type": "CALCULATED", "childHealthThreshold": least, "childHealthchecks": [UNKNOWN, UNKNOWN]}
    home.add("aws:route53/healthCheck:HealthCheck", "check", said, childHealthchecks=["quick", "slow"])
    assert times(of(home.graph(there()), LOST)) == expected


@pytest.mark.parametrize(("evaluates", "expected"), [(True, (60 + 60, 120 + 60)), (False, BY_HAND), (UNKNOWN, BY_HAND)])
def test_an_alias_that_evaluates_its_target_is_left_as_its_load_balancer_is(
    evaluates: Any, expected: tuple[float, float]
) -> None:
    # 60 s, at worst 120, until no target is healthy to Route 53, and an alias has a TTL of 60 s.
    home = shop().name(role="PRIMARY")
    alias = {"name": UNKNOWN, "evaluateTargetHealth": evaluates}
    given(home, "record", {"aliases": [alias], "records": None, "ttl": None}, aliases=("lb",), records=())
    assert times(of(home.graph(there()), LOST)) == expected


@pytest.mark.parametrize(("checked", "expected"), [(True, (10 * 3 + 60, 10 * 4 + 6 + 60)), (False, BY_HAND)])
def test_regions_that_share_clients_by_weight_have_half_when_one_is_dark(
    checked: bool, expected: tuple[float, float]
) -> None:
    stacks: list[Small] = []
    for small, weight in ((shop(), 3), (shop("us-west-2", "two"), 1)):
        small.name(interval=10 if checked else None)
        policies = [{"weight": weight}]
        stacks.append(given(small, "record", {"weightedRoutingPolicies": policies, "setIdentifier": small.stack}))
    graph = stacks[0].graph(stacks[1])
    for region in ("us-east-1", "us-west-2"):
        found = of(graph, f"region-{region}")
        # Six pods served, and three do.
        assert (found.verdict, found.capacity, found.then) == (Verdict.DEGRADED, 0.5, 0.5)
        assert times(found) == expected


# Databases.


@pytest.mark.parametrize(
    ("forwards", "expected"),
    [
        # The database in us-east-1 lives on, and writes are forwarded to it: only clients have to be led on.
        (True, (10 * 3 + 60, 10 * 4 + 6 + 60)),
        # Somebody promotes by hand: alert, decision, hours, and a promotion of 60 s, at worst 300.
        (False, (120 + 300 + 1800 + 60, 600 + 3600 + 14400 + 300)),
    ],
)
def test_a_region_that_forwards_writes_serves_before_its_database_is_promoted(
    forwards: bool, expected: tuple[float, float]
) -> None:
    home = shop(data=True).add("aws:rds/globalCluster:GlobalCluster", "world").name(role="PRIMARY", interval=10)
    other = shop("us-west-2", "two", data=True).name(role="SECONDARY")
    for small in (home, other):
        said = {"globalClusterIdentifier": "world", "enableGlobalWriteForwarding": forwards}
        given(small, "database", said, globalClusterIdentifier=("world",))
    found = of(home.graph(other), "load-balancer-us-east-1-lb")
    assert (found.verdict, times(found)) == (Verdict.SURVIVES, expected)
    # With the region its writer is gone: it is promoted, whatever it forwarded; a second is lost, at worst a minute.
    region = of(home.graph(other), LOST)
    assert times(region) == (120 + 300 + 1800 + 60, 600 + 3600 + 14400 + 300)
    assert region.rpo is not None
    assert (region.rpo.typical_seconds, region.rpo.worst_seconds) == (1, 60)


# Buckets.


def copying(timed: Any = "Enabled", key: bool = False, **said: Any) -> Graph:
    """A bucket that a rule copies into the other region's."""
    home, other = (
        Small(region, stack).network().cluster(6).bucket().flows().name(role=role)
        for region, stack, role in (("us-east-1", "one", "PRIMARY"), ("us-west-2", "two", "SECONDARY"))
    )
    given(other, "artifacts", {"bucket": "copies"})
    into = {"bucket": "arn:aws:s3:::copies", "replicationTime": {"status": timed}}
    rules = [{"status": "Enabled", "destination": into, **said}]
    home.add("aws:s3/bucketReplicationConfig:BucketReplicationConfig", "copying", {"rules": rules}, bucket="artifacts")
    if key:
        by = {"rules": [{"applyServerSideEncryptionByDefault": {"sseAlgorithm": "aws:kms"}}]}
        type_ = "aws:s3/bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration"
        home.add(type_, "encrypted", by, bucket="artifacts")
    return home.graph(other)


@pytest.mark.parametrize(("timed", "worst"), [("Enabled", 900), ("Disabled", 14400), (None, 14400)])
def test_a_bucket_that_is_copied_in_time_loses_a_quarter_of_an_hour(timed: str | None, worst: float) -> None:
    graph = copying(timed)
    found = of(graph, LOST, "artifact")
    assert found.rpo is not None
    assert (found.rpo.typical_seconds, found.rpo.worst_seconds) == (15, worst)
    # Nothing is copied the other way, and nothing serves there while all is well.
    assert of(graph, "region-us-west-2", "artifact").rpo == Duration()


SELECTED = {"sseKmsEncryptedObjects": {"status": "Enabled"}}


@pytest.mark.parametrize(
    ("said", "copied"),
    [
        ({"filter": {"prefix": ""}}, True),
        ({"filter": {"prefix": "logs/"}}, False),
        ({"prefix": "logs/"}, False),
        ({"filter": {"tag": {"key": "keep"}}}, False),
        ({"filter": UNKNOWN}, False),
        ({"status": UNKNOWN}, False),
        ({"key": True, "sourceSelectionCriteria": SELECTED}, True),
        ({"key": True}, False),
        ({"key": True, "sourceSelectionCriteria": {"sseKmsEncryptedObjects": {"status": UNKNOWN}}}, False),
    ],
)
def test_a_bucket_counts_as_copied_only_where_surely_all_of_it_is(said: dict[str, Any], copied: bool) -> None:
    whole, found = of(copying(), LOST, "artifact"), of(copying(**said), LOST, "artifact")
    assert whole.rpo is not None
    assert (found.rpo == whole.rpo) is copied


def kept(*, nats: tuple[str, ...], endpoint: bool) -> Graph:
    made = Small().network(nats=nats).add("aws:ec2/vpc:Vpc", "vpc")
    for letter in ZONES:
        given(made, f"subnet-{letter}", {}, vpcId=("vpc",))
    if endpoint:
        made.add("aws:ec2/vpcEndpoint:VpcEndpoint", "s3", {"serviceName": "com.amazonaws.us-east-1.s3"}, vpcId="vpc")
    return made.cluster(6).bucket().flows().name().graph()


def test_a_way_out_written_into_the_route_table_is_seen_too() -> None:
    def routed(within: bool) -> Graph:
        made = Small().network(nats=("a",)).cluster(6).bucket().flows().name()
        for letter in ZONES if within else ():
            given(made, f"table-{letter}", {"routes": [{"natGatewayId": UNKNOWN}]}, routes=("nat-a",))
            del made.parts[f"out-{letter}"]
        return made.graph()

    for fault in ("nat-us-east-1-nat-a", "zone-us-east-1a"):
        beside, within = (of(routed(each), fault, "artifact") for each in (False, True))
        assert (beside.verdict, beside.capacity, beside.because) == (within.verdict, within.capacity, within.because)
        assert beside.verdict is Verdict.DOWN


def test_artifacts_leave_by_nat_gateways_unless_there_is_an_endpoint() -> None:
    alone = of(kept(nats=("a",), endpoint=False), "nat-us-east-1-nat-a", "artifact")
    assert (alone.verdict, alone.because) == (Verdict.DOWN, ("way out has 0 of 1 left",))
    for graph in (kept(nats=ZONES, endpoint=False), kept(nats=("a",), endpoint=True)):
        assert of(graph, "nat-us-east-1-nat-a", "artifact").verdict is Verdict.SURVIVES
    three = of(kept(nats=ZONES, endpoint=False), "nat-us-east-1-nat-a", "artifact")
    assert three.at_once == pytest.approx(2 / 3)
    assert of(kept(nats=("a",), endpoint=True), "nat-us-east-1-nat-a", "artifact").at_once == 1


# Of the platform.


def test_every_term_of_the_platform_says_where_its_seconds_are_from() -> None:
    known = {fact.id for fact in Facts()}
    nameless: set[str] = set()
    number = 0
    for outcome in outcomes(platform("primary", "secondary")).values():
        for duration in (outcome.rto, outcome.rpo):
            for term in (*duration.typical, *duration.worst) if duration is not None else ():
                number += 1
                assert set(term.facts) <= known
                if not term.facts and not term.urns:
                    nameless.add(term.because)
    assert number > 100
    assert nameless == set()
