"""Replication on the dashboard: the alarms' own metrics, thresholds and names, in both regions."""

import json
import re
from collections.abc import Iterator
from typing import Any

import pulumi
import pulumi_kubernetes as k8s
import pytest

from components.helm import CLOUDWATCH, grafana_policy
from components.monitoring import REPLICATION
from components.observability import Dashboards, ReplicatedRegion, Replication
from components.observability.dashboards import FAILING_OVER, read_dashboards
from components.observability.replication import with_replication
from sandbox.values import unwrapped
from tests.house import stacks
from tests.house.iam import granted
from tests.house.recorder import record

BOTH = pytest.mark.parametrize("stack", stacks.STACKS)
OWN = json.loads(read_dashboards()[FAILING_OVER])


def region(name: str) -> ReplicatedRegion:
    return {
        "region": name,
        "alarm_prefix": f"tandem-{name}",
        "database": f"tandem-{name}",
        "caches": [f"tandem-{name}-broker", f"tandem-{name}-app"],
        "global_caches": [f"tandem-{name}-app"],
        "buckets": {"models": f"tandem-models-{name}", "audit": f"tandem-audit-{name}"},
    }


def replication(*regions: str) -> Replication:
    return {
        "regions": [region(name) for name in regions],
        "rule_id": "everything",
        "recovery_point_seconds": 60,
        "latency_seconds": 900,
    }


PAIR = with_replication(OWN, replication("us-east-1", "us-west-2"))


def added(dashboard: dict[str, Any]) -> list[dict[str, Any]]:
    """Panels of CloudWatch, without the rows above them."""
    return [each for each in dashboard["panels"] if each.get("datasource", {}).get("type") == "cloudwatch"]


def shows(dashboard: dict[str, Any], metric: str, where: str) -> dict[str, Any]:
    (panel,) = [
        each
        for each in added(dashboard)
        if all(target["metricName"] == metric and target["region"] == where for target in each["targets"])
    ]
    return panel


def limit(panel: dict[str, Any]) -> float:
    return panel["fieldConfig"]["defaults"]["thresholds"]["steps"][1]["value"]


def test_what_was_there_stays_and_nothing_covers_anything() -> None:
    assert PAIR["panels"][: len(OWN["panels"])] == OWN["panels"]
    ids = [each["id"] for each in PAIR["panels"]]
    assert len(set(ids)) == len(ids)
    taken: set[tuple[int, int]] = set()
    for each in PAIR["panels"]:
        place = each["gridPos"]
        assert place["x"] + place["w"] <= 24
        cells = {
            (x, y)
            for x in range(place["x"], place["x"] + place["w"])
            for y in range(place["y"], place["y"] + place["h"])
        }
        assert not taken & cells, each["title"]
        taken |= cells


def test_rows_of_replication_are_not_repeated_for_each_prometheus() -> None:
    rows = [each for each in PAIR["panels"] if each["type"] == "row"]
    assert [each.get("repeat") for each in rows] == ["datasource", None, None]
    assert [each["title"] for each in rows[1:]] == ["Replication, us-east-1", "Replication, us-west-2"]


@pytest.mark.parametrize("where", ["us-east-1", "us-west-2"])
@pytest.mark.parametrize(
    ("metric", "threshold", "unit"),
    [
        ("AuroraGlobalDBRPOLag", 60_000, "ms"),
        ("AuroraGlobalDBReplicationLag", 30_000, "ms"),
        ("GlobalDatastoreReplicationLag", 60, "s"),
        ("ReplicationLag", 60, "s"),
        ("ReplicationLatency", 900, "s"),
        ("BytesPendingReplication", 100 * 1024**3, "bytes"),
        ("OperationsFailedReplication", 0, "short"),
    ],
)
def test_each_panel_draws_its_alarm_s_threshold_in_its_metric_s_unit(
    where: str, metric: str, threshold: float, unit: str
) -> None:
    panel = shows(PAIR, metric, where)
    assert limit(panel) == threshold
    assert panel["fieldConfig"]["defaults"]["unit"] == unit
    assert panel["fieldConfig"]["defaults"]["custom"]["thresholdsStyle"]["mode"] != "off"


def test_every_kind_of_alarm_on_replication_has_its_panel_in_both_regions() -> None:
    shown = [target["metricName"] for each in added(PAIR) for target in each["targets"][:1]]
    assert sorted(shown) == sorted(2 * [watch.metric for watch in REPLICATION])
    watched = {watch.key for watch in REPLICATION}
    assert {each["description"].split()[1] for each in added(PAIR)} == watched


def test_objects_are_asked_for_where_they_arrive_and_failures_where_they_leave() -> None:
    def ends(metric: str, where: str) -> set[tuple[str, str]]:
        targets = shows(PAIR, metric, where)["targets"]
        assert {each["dimensions"]["RuleId"] for each in targets} == {"everything"}
        return {(each["dimensions"]["SourceBucket"], each["dimensions"]["DestinationBucket"]) for each in targets}

    into_east = {(f"tandem-{each}-us-west-2", f"tandem-{each}-us-east-1") for each in ("models", "audit")}
    assert ends("ReplicationLatency", "us-east-1") == ends("BytesPendingReplication", "us-east-1") == into_east
    assert ends("OperationsFailedReplication", "us-west-2") == into_east


def test_nodes_of_a_cache_are_looked_for_by_what_their_ids_begin_with() -> None:
    queries = [each["expression"] for each in shows(PAIR, "ReplicationLag", "us-west-2")["targets"]]
    assert queries[0] == (
        'REMOVE_EMPTY(SEARCH(\'{AWS/ElastiCache,CacheClusterId} MetricName="ReplicationLag" '
        "CacheClusterId=tandem-us-west-2-broker', 'Maximum', 60))"
    )
    assert len(queries) == 2
    # CloudWatch takes no longer ones.
    assert max(len(each) for each in queries) < 1024
    assert len(shows(PAIR, "GlobalDatastoreReplicationLag", "us-west-2")["targets"]) == 1


def test_an_alarm_s_beginning_and_end_are_marked_in_its_panel_alone() -> None:
    marks = PAIR["annotations"]["list"]
    panels = {each["id"]: each for each in added(PAIR)}
    assert len(marks) == len(panels)
    for each in marks:
        (number,) = each["filter"]["ids"]
        assert each["filter"]["exclude"] is False
        asked, target = each["target"], panels[number]["targets"][0]
        for key in ("region", "namespace", "metricName", "statistic"):
            assert asked[key] == target[key]
        assert asked["queryMode"] == "Annotations"
        assert asked["prefixMatching"] is True


def test_a_region_alone_has_no_other_to_copy_to() -> None:
    alone = with_replication(OWN, replication("us-east-1"))
    assert {target["namespace"] for each in added(alone) for target in each["targets"]} == {
        "AWS/RDS",
        "AWS/ElastiCache",
    }


def test_without_a_pair_the_dashboard_is_as_in_its_file() -> None:
    def maps(**changes: Any) -> dict[str, str]:
        def program() -> None:
            provider = k8s.Provider("cluster", kubeconfig="{}")
            namespace = k8s.core.v1.Namespace(
                "monitoring",
                metadata=k8s.meta.v1.ObjectMetaArgs(name="monitoring"),
                opts=pulumi.ResourceOptions(provider=provider),
            )
            opts = pulumi.ResourceOptions(providers=[provider], depends_on=[namespace])
            Dashboards("dashboards", {"namespace": "monitoring", **changes}, opts)  # type: ignore[typeddict-item]

        return {
            file: text
            for each in record(program).all("kubernetes:core/v1:ConfigMap")
            for file, text in each.props["data"].items()
        }

    plain, paired = maps(), maps(replication=replication("us-east-1", "us-west-2"))
    assert json.loads(plain["failing-over.json"]) == OWN
    assert json.loads(paired["failing-over.json"]) == PAIR
    assert {file for file in plain if plain[file] != paired[file]} == {"failing-over.json"}
    # The API server takes no larger ConfigMap.
    assert len(paired["failing-over.json"]) < 1024 * 1024


def test_grafana_reads_metrics_of_these_regions_and_changes_nothing() -> None:
    policy = grafana_policy(["us-east-1", "us-west-2"], "000000000000")
    alarms = {f"arn:aws:cloudwatch:{each}:000000000000:alarm:*" for each in ("us-east-1", "us-west-2")}
    assert granted(policy) == {
        "cloudwatch:GetMetricData": {"*"},
        "cloudwatch:ListMetrics": {"*"},
        "cloudwatch:DescribeAlarms": alarms,
        "cloudwatch:DescribeAlarmHistory": alarms,
    }
    (metrics,) = [each for each in json.loads(policy)["Statement"] if each["Resource"] == ["*"]]
    assert metrics["Condition"] == {"StringEquals": {"aws:RequestedRegion": ["us-east-1", "us-west-2"]}}


# Of the platform, as it is made


def dashboard(stack: str) -> dict[str, Any]:
    recording = stacks.recorded(stack)
    return json.loads(
        recording.one("kubernetes:core/v1:ConfigMap", "dashboards-failing-over").plain["data"]["failing-over.json"]
    )


def alarms() -> Iterator[dict[str, Any]]:
    """Alarms of both regions; those on buckets are made by whoever joins."""
    for stack in stacks.STACKS:
        recording = stacks.recorded(stack)
        for each in recording.all("aws:cloudwatch/metricAlarm:MetricAlarm"):
            yield {**each.plain, "region": each.plain.get("region") or stacks.stack_config(stack)["aws:region"]}


@BOTH
def test_what_each_region_shows_is_what_alarms_of_both_watch(stack: str) -> None:
    metrics = {watch.metric for watch in REPLICATION}
    watched = {
        (each["region"], each["metricName"], name, value)
        for each in map(unwrapped, alarms())
        if each["metricName"] in metrics
        for name, value in each["dimensions"].items()
    }
    assert len({region for region, *_ in watched}) == 2
    shown = [(target, each) for each in added(dashboard(stack)) for target in each["targets"]]
    for region, metric, name, value in watched:
        if name == "CacheClusterId":
            prefixes = [
                found[1]
                for target, _ in shown
                if (target["region"], target["metricName"]) == (region, metric)
                and (found := re.search(r"CacheClusterId=([a-z0-9-]+)'", target["expression"]))
            ]
            assert any(value.startswith(f"{prefix}-") for prefix in prefixes), (region, metric, value, prefixes)
        else:
            assert any(
                (target["region"], target["metricName"], target["dimensions"].get(name)) == (region, metric, value)
                for target, _ in shown
            ), (region, metric, name, value)


@BOTH
def test_thresholds_and_names_are_those_of_the_alarms(stack: str) -> None:
    shown = dashboard(stack)
    prefixes = {
        (mark["target"]["region"], mark["target"]["metricName"]): mark["target"]["alarmNamePrefix"]
        for mark in shown["annotations"]["list"]
    }
    seen = 0
    for each in map(unwrapped, alarms()):
        key = (each["region"], each["metricName"])
        if each["metricName"] in {watch.metric for watch in REPLICATION}:
            seen += 1
            assert each["name"].startswith(prefixes[key])
            assert limit(shows(shown, each["metricName"], each["region"])) == each["threshold"]
    assert seen > 20


@BOTH
def test_grafana_has_the_source_and_its_account_the_rights(stack: str) -> None:
    recording = stacks.recorded(stack)
    release = unwrapped(recording.one("kubernetes:helm.sh/v3:Release", "prometheus").plain["values"])
    (source,) = release["grafana"]["additionalDataSources"]
    own = stacks.stack_config(stack)["aws:region"]
    assert (source["type"], source["uid"]) == ("cloudwatch", CLOUDWATCH)
    assert source["jsonData"] == {"authType": "default", "defaultRegion": own}
    (association,) = [
        each
        for each in recording.all("aws:eks/podIdentityAssociation:PodIdentityAssociation")
        if each.plain["serviceAccount"] == release["grafana"]["serviceAccount"]["name"]
    ]
    assert association.plain["namespace"] == "monitoring"
