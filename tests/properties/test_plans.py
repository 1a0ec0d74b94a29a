"""Arithmetic that must hold for every network, pool, database and name."""

from ipaddress import IPv4Network
from itertools import combinations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from components._naming import physical
from components.database._plan import (
    FORWARDED_PERCENT,
    parameter_family,
    plan_instances,
    plan_parameters,
    plan_proxy,
    plan_proxy_share,
    plan_roles,
)
from components.dns._plan import plan_checkers, plan_detection
from components.kubernetes._plan import plan_pool
from components.network._plan import KEPT_BY_AWS, plan_subnets, room

networks = st.builds(
    lambda second, prefix: str(IPv4Network(f"10.{second}.0.0/{prefix}")), st.integers(0, 255), st.integers(16, 20)
)
zone_lists = st.integers(2, 4).map(lambda count: [f"us-east-1{letter}" for letter in "abcd"[:count]])
zone_counts = st.integers(2, 4)


@given(networks, zone_lists)
def test_subnets_lie_in_the_network_and_never_overlap(cidr: str, zones: list[str]) -> None:
    subnets = [
        IPv4Network(subnet)
        for plan in plan_subnets(cidr, zones)
        for subnet in (plan.public, plan.private, plan.database)
    ]
    assert len(subnets) == 3 * len(zones)
    assert all(subnet.subnet_of(IPv4Network(cidr)) for subnet in subnets)
    assert not any(one.overlaps(other) for one, other in combinations(subnets, 2))


@given(networks, zone_lists, st.data())
def test_the_pods_of_any_lost_zone_fit_into_the_others(cidr: str, zones: list[str], data: st.DataObject) -> None:
    holds = [IPv4Network(plan.private).num_addresses - KEPT_BY_AWS for plan in plan_subnets(cidr, zones)]
    pods = data.draw(st.integers(0, room(cidr, len(zones))))
    # Spread evenly, as the scheduler does: no two zones differ by more than one.
    spread = [pods // len(zones) + (position < pods % len(zones)) for position in range(len(zones))]
    for lost in range(len(zones)):
        left = [
            free - used for position, (free, used) in enumerate(zip(holds, spread, strict=True)) if position != lost
        ]
        assert min(left) >= 0
        assert sum(left) >= spread[lost]


@pytest.mark.parametrize(("zones", "used"), [(2, 1 / 2), (3, 2 / 3), (4, 3 / 4)])
def test_a_zone_is_filled_only_as_far_as_the_others_can_take_it_in(zones: int, used: float) -> None:
    each = 8192 - 5
    assert room("10.0.0.0/16", zones) == pytest.approx(used * zones * each)
    # One more would have no place.
    assert room("10.0.0.0/16", zones) + 1 > (zones - 1) * each


@given(networks, zone_lists)
def test_more_pods_than_fit_without_a_zone_are_refused(cidr: str, zones: list[str]) -> None:
    most = room(cidr, len(zones))
    assert plan_subnets(cidr, zones, addresses=most) == plan_subnets(cidr, zones)
    with pytest.raises(ValueError, match=f"has {most} addresses .* once a zone is lost, and there may be {most + 1}"):
        plan_subnets(cidr, zones, addresses=most + 1)


@given(st.sampled_from(["10.0.0.0/16", "172.16.0.0/17"]), zone_lists)
def test_pod_subnets_are_equal_and_large(cidr: str, zones: list[str]) -> None:
    prefixes = {IPv4Network(plan.private).prefixlen for plan in plan_subnets(cidr, zones)}
    assert len(prefixes) == 1
    assert prefixes.pop() <= 20


@given(networks, zone_lists)
def test_a_zone_added_later_moves_no_subnet(cidr: str, zones: list[str]) -> None:
    assert plan_subnets(cidr, [*zones, "us-east-1e"][:4])[: len(zones)] == plan_subnets(cidr, zones)


@pytest.mark.parametrize(
    ("cidr", "zones", "told"),
    [
        ("10.0.0.0/16", ["a"], "zones: got 1, must be 2 to 4"),
        ("10.0.0.0/16", list("abcde"), "zones: got 5, must be 2 to 4"),
        ("10.0.0.0/16", ["a", "a"], "names a zone twice"),
        ("10.0.0.0/21", ["a", "b"], "too small; its subnets would be below /28"),
        ("10.0.0.1/16", ["a", "b"], "host bits set"),
    ],
)
def test_an_impossible_network_is_refused(cidr: str, zones: list[str], told: str) -> None:
    with pytest.raises(ValueError, match=told):
        plan_subnets(cidr, zones)


@given(zone_counts, st.integers(1, 50), st.integers(1, 100))
def test_a_pool_holds_the_nodes_of_a_lost_zone_or_is_refused(zones: int, floor: int, most: int) -> None:
    try:
        plan = plan_pool(zones=zones, floor_per_zone=floor, max_per_zone=most)
    except ValueError:
        assert most * (zones - 1) < floor * zones
        return
    assert plan.minimum == floor * zones
    assert plan.maximum - most >= plan.minimum


@pytest.mark.parametrize(
    ("floor", "most", "told"), [(0, 3, "floor_per_zone: got 0"), (2, 2, "max_per_zone: got 2, must be at least 3")]
)
def test_a_pool_without_floor_or_room_is_refused(floor: int, most: int, told: str) -> None:
    with pytest.raises(ValueError, match=told):
        plan_pool(zones=3, floor_per_zone=floor, max_per_zone=most)


def test_a_pool_of_one_zone_needs_no_room_for_another() -> None:
    assert plan_pool(zones=1, floor_per_zone=2, max_per_zone=2).maximum == 2


@given(st.integers(2, 15), zone_lists)
def test_instances_are_spread_evenly_and_the_next_writer_is_in_another_zone(instances: int, zones: list[str]) -> None:
    plan = plan_instances(instances=instances, zones=zones)
    counts = [sum(instance.zone == zone for instance in plan) for zone in zones]
    assert max(counts) - min(counts) <= 1
    assert plan[0].zone != plan[1].zone
    assert [instance.promotion_tier for instance in plan] == sorted(instance.promotion_tier for instance in plan)


@pytest.mark.parametrize(
    ("instances", "zones", "told"), [(1, ["a", "b"], "instances: got 1"), (2, ["a"], "zones: got 1")]
)
def test_a_database_that_would_not_survive_a_zone_is_refused(instances: int, zones: list[str], told: str) -> None:
    with pytest.raises(ValueError, match=told):
        plan_instances(instances=instances, zones=zones)


def test_the_parameter_family_is_the_major_version_s() -> None:
    assert parameter_family("17.5") == "aurora-postgresql17"
    with pytest.raises(ValueError, match=r"must be of the form '17\.5'"):
        parameter_family("17")


@given(st.integers(20, 2**31 - 1))
def test_tls_is_forced_whether_or_not_commits_are_held_back(seconds: int) -> None:
    assert plan_parameters(None) == {"rds.force_ssl": "1"}
    assert plan_parameters(seconds) == {"rds.force_ssl": "1", "rds.global_db_rpo": str(seconds)}


@given(st.integers(-(2**31), 19) | st.integers(2**31, 2**40))
def test_a_recovery_point_that_aurora_cannot_hold_is_refused(seconds: int) -> None:
    with pytest.raises(ValueError, match=f"recovery_point_seconds: got {seconds}, must be 20 to 2147483647"):
        plan_parameters(seconds)


@given(st.booleans(), st.integers(1, 100))
def test_a_proxy_never_takes_the_connections_of_forwarded_writes(forwarding: bool, percent: int) -> None:
    share = plan_proxy_share(write_forwarding=forwarding)
    plan_proxy(connections_percent=share, write_forwarding=forwarding, secrets=1)
    assert share < 100
    if percent + (FORWARDED_PERCENT if forwarding else 0) <= 100:
        plan_proxy(connections_percent=percent, write_forwarding=forwarding, secrets=1)
    else:
        with pytest.raises(ValueError, match=f"connections_percent: got {percent}, must be 1 to 75"):
            plan_proxy(connections_percent=percent, write_forwarding=forwarding, secrets=1)


@given(st.text("abyz09_-A'\"$`;\\\n ", max_size=66))
def test_a_name_that_is_let_through_means_nothing_to_a_shell_or_to_sql(name: str) -> None:
    try:
        [plan] = plan_roles(owner="tandem", roles=[(name, name)])
    except ValueError:
        return
    assert plan.role == plan.database == name
    assert set(name) <= set("abcdefghijklmnopqrstuvwxyz0123456789_")
    assert len(name) <= 63


parts = st.lists(st.text("abcdefghij0123456789-", min_size=1, max_size=30), min_size=1, max_size=4)


@given(parts, st.integers(16, 63))
def test_a_physical_name_keeps_its_limit(given_parts: list[str], limit: int) -> None:
    assert len(physical(*given_parts, limit=limit)) <= limit


@given(parts, parts, st.integers(16, 63))
def test_different_names_stay_different(one: list[str], other: list[str], limit: int) -> None:
    if "-".join(one) != "-".join(other):
        assert physical(*one, limit=limit) != physical(*other, limit=limit)


@given(st.integers(31, 100_000))
def test_clients_are_elsewhere_within_the_objective(redirect: int) -> None:
    plan = plan_detection(redirect)
    assert plan.worst_seconds <= redirect
    # research/platform.md 4.2: one interval more than the threshold, 6 s of time-outs, and the TTL.
    assert plan.worst_seconds == plan.interval_seconds * (plan.failure_threshold + 1) + 6 + plan.ttl_seconds
    assert plan.typical_seconds == plan.interval_seconds * plan.failure_threshold + plan.ttl_seconds
    assert plan.interval_seconds == 10
    assert 1 <= plan.failure_threshold <= 3
    assert 5 <= plan.ttl_seconds <= 60


@given(st.integers(31, 100_000))
def test_more_time_never_makes_detection_jumpier(redirect: int) -> None:
    assert plan_detection(redirect).failure_threshold <= plan_detection(redirect + 1).failure_threshold


@given(st.integers(31, 100_000))
def test_no_time_is_left_unused(redirect: int) -> None:
    plan = plan_detection(redirect)
    assert plan.worst_seconds == redirect or plan.ttl_seconds == 60


@pytest.mark.parametrize(
    ("redirect", "threshold", "ttl", "typical", "worst"),
    [
        (31, 1, 5, 15, 31),
        (40, 1, 14, 24, 40),
        (41, 2, 5, 25, 41),
        (66, 2, 30, 50, 66),
        (75, 2, 39, 59, 75),
        (76, 3, 30, 60, 76),
        (106, 3, 60, 90, 106),
        (3600, 3, 60, 90, 106),
    ],
)
def test_an_objective_gives_the_steadiest_detection(
    redirect: int, threshold: int, ttl: int, typical: int, worst: int
) -> None:
    plan = plan_detection(redirect)
    assert (plan.failure_threshold, plan.ttl_seconds) == (threshold, ttl)
    assert (plan.typical_seconds, plan.worst_seconds) == (typical, worst)


@pytest.mark.parametrize("redirect", [30, 0, -5])
def test_an_objective_that_no_check_can_meet_is_refused(redirect: int) -> None:
    with pytest.raises(ValueError, match=f"redirect_seconds: got {redirect}, must be at least 31"):
        plan_detection(redirect)


@given(st.sampled_from(["us-east-1", "us-west-2", "eu-west-1", "eu-central-1", "ap-southeast-1", "us-west-1"]))
def test_no_region_is_checked_from_itself_by_default(region: str) -> None:
    checkers = plan_checkers(region)
    assert len(set(checkers)) == 3
    assert region not in checkers
