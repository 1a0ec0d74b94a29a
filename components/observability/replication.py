"""What CloudWatch says of replication, as panels of a dashboard: of the alarms' own table, so that neither forgets."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypedDict

from components.helm import CLOUDWATCH
from components.monitoring import LATENCY, RECOVERY_POINT, REPLICATION, Watch, threshold

DATASOURCE = {"type": "cloudwatch", "uid": CLOUDWATCH}
"""Every query names its region: a region that is gone empties its own panels only."""

_LOOKS: Mapping[str, tuple[str, str]] = {
    "AuroraGlobalDBRPOLag": ("Aurora: work a failover would lose", "ms"),
    "AuroraGlobalDBReplicationLag": ("Aurora: storage behind", "ms"),
    "GlobalDatastoreReplicationLag": ("Redis: behind the other region", "s"),
    "ReplicationLag": ("Redis: replicas behind their primary", "s"),
    "ReplicationLatency": ("S3: slowest object on its way here", "s"),
    "BytesPendingReplication": ("S3: waiting to come here", "bytes"),
    "OperationsFailedReplication": ("S3: not copied away", "short"),
}
"""Title and unit of each metric; units are CloudWatch's."""

_WIDTH, _HEIGHT, _COLUMNS = 6, 8, 24


class ReplicatedRegion(TypedDict):
    """One region of a pair, as its CloudWatch names what is replicated."""

    region: str
    """The region."""
    alarm_prefix: str
    """What the names of its alarms begin with (AlarmsArgs.prefix)."""
    database: str
    """Its Aurora cluster."""
    caches: Sequence[str]
    """Its caches: what the ids of their nodes begin with."""
    global_caches: Sequence[str]
    """Those among them that follow a cache of the other region, or lead it."""
    buckets: Mapping[str, str]
    """Its buckets that are replicated both ways, by what they hold."""


class Replication(TypedDict):
    """What a pair promises of its copies."""

    regions: Sequence[ReplicatedRegion]
    """Both, or the only one."""
    rule_id: str
    """Id of the buckets' replication rules."""
    recovery_point_seconds: int
    """As in AlarmsArgs."""
    latency_seconds: int
    """As in ReplicationAlarmsArgs."""


@dataclass(frozen=True)
class _Series:
    """Where one query looks: dimensions, or what ids that change begin with."""

    name: str
    dimensions: Mapping[str, str]
    begins: str = ""


def with_replication(dashboard: dict[str, Any], replication: Replication) -> dict[str, Any]:
    """The dashboard with a row for each region below what it has: a panel for each alarm on replication.

    Each draws the alarm's threshold, and a mark where an alarm on its metric began or ended. Grafana has no panel for
    what state an alarm is in; a line above the threshold is one that fires, after the alarm's own time.
    """
    panels: list[dict[str, Any]] = list(dashboard["panels"])
    marks: list[dict[str, Any]] = list(dashboard["annotations"]["list"])
    number = max(panel["id"] for panel in panels)
    y = max(panel["gridPos"]["y"] + panel["gridPos"]["h"] for panel in panels)
    objectives = {
        RECOVERY_POINT: float(replication["recovery_point_seconds"]),
        LATENCY: float(replication["latency_seconds"]),
    }
    for region in replication["regions"]:
        number += 1
        panels.append(
            {
                "id": number,
                "type": "row",
                "title": f"Replication, {region['region']}",
                "collapsed": False,
                "gridPos": {"h": 1, "w": _COLUMNS, "x": 0, "y": y},
                "panels": [],
            }
        )
        y += 1
        x = 0
        for watch in REPLICATION:
            series = list(_series(watch, region, replication))
            if not series:
                continue
            number += 1
            if x + _WIDTH > _COLUMNS:
                x, y = 0, y + _HEIGHT
            place = {"h": _HEIGHT, "w": _WIDTH, "x": x, "y": y}
            panels.append(_panel(number, watch, region["region"], series, threshold(watch, objectives), place))
            marks.append(_marks(number, watch, region))
            x += _WIDTH
        y += _HEIGHT
    return {**dashboard, "panels": panels, "annotations": {"list": marks}}


def _series(watch: Watch, region: ReplicatedRegion, replication: Replication) -> Iterator[_Series]:
    """What an alarm of this kind watches in a region."""
    match watch.dimensions:
        case ("DBClusterIdentifier",):
            yield _Series(region["database"], {"DBClusterIdentifier": region["database"]})
        case ("CacheClusterId",):
            followed = watch.metric == "GlobalDatastoreReplicationLag"
            for cache in region["global_caches"] if followed else region["caches"]:
                yield _Series(cache, {"CacheClusterId": ""}, begins=cache)
        case _:
            # Published where objects arrive, but for failures, which are where they leave.
            leaves = watch.metric == "OperationsFailedReplication"
            for other in replication["regions"]:
                if other["region"] == region["region"]:
                    continue
                source, destination = (region, other) if leaves else (other, region)
                for holds, bucket in source["buckets"].items():
                    ends = (bucket, destination["buckets"][holds], replication["rule_id"])
                    yield _Series(holds, dict(zip(watch.dimensions, ends, strict=True)))


def _panel(
    number: int, watch: Watch, region: str, series: Sequence[_Series], limit: float, place: Mapping[str, int]
) -> dict[str, Any]:
    title, unit = _LOOKS[watch.metric]
    return {
        "id": number,
        "type": "timeseries",
        "title": title,
        "description": f"Alarm {watch.key} ({watch.class_}), {watch.periods} x {watch.period} s above the line: "
        f"{watch.meaning}."
        + (" Where the writer is it has no data." if watch.missing == "missing" and "Global" in watch.metric else ""),
        "datasource": DATASOURCE,
        "gridPos": dict(place),
        "targets": [
            {"refId": chr(ord("A") + position), "datasource": DATASOURCE, **_query(watch, region, each)}
            for position, each in enumerate(series)
        ],
        "fieldConfig": {
            "defaults": {
                "unit": unit,
                "min": 0,
                "thresholds": {
                    "mode": "absolute",
                    "steps": [{"color": "green", "value": None}, {"color": "red", "value": limit}],
                },
                "custom": {"thresholdsStyle": {"mode": "line+area"}},
            },
            "overrides": [],
        },
        "options": {
            "legend": {"displayMode": "list", "placement": "bottom"},
            "tooltip": {"mode": "multi", "sort": "desc"},
        },
    }


def _query(watch: Watch, region: str, series: _Series) -> dict[str, Any]:
    """One query of Grafana's CloudWatch plugin, as its editor writes it."""
    asked = {
        "id": "",
        "queryMode": "Metrics",
        # Search, by the builder.
        "metricQueryType": 0,
        "metricEditorMode": 0,
        "region": region,
        "namespace": watch.namespace,
        "metricName": watch.metric,
        "statistic": watch.statistic,
        "period": str(watch.period),
        "matchExact": True,
        "dimensions": dict(series.dimensions),
        "expression": "",
        "label": series.name,
    }
    if not series.begins:
        return asked
    # Nodes come and go; a term without quotes matches what has its parts in a row (CloudWatch User Guide,
    # "CloudWatch search expression syntax", composite tokens).
    (dimension,) = watch.dimensions
    term = f'MetricName="{watch.metric}" {dimension}={series.begins}'
    return {
        **asked,
        "metricEditorMode": 1,
        "dimensions": {},
        "expression": f"REMOVE_EMPTY(SEARCH('{{{watch.namespace},{dimension}}} {term}', "
        f"'{watch.statistic}', {watch.period}))",
        "label": f"${{PROP('Dim.{dimension}')}}",
    }


def _marks(panel: int, watch: Watch, region: ReplicatedRegion) -> dict[str, Any]:
    """When alarms of this kind began and ended, in their own panel only."""
    return {
        "name": f"{region['region']}: {watch.key}",
        "datasource": DATASOURCE,
        "enable": True,
        "hide": True,
        "iconColor": "red",
        "filter": {"exclude": False, "ids": [panel]},
        "target": {
            "refId": "alarms",
            "queryMode": "Annotations",
            "region": region["region"],
            "namespace": watch.namespace,
            "metricName": watch.metric,
            "statistic": watch.statistic,
            "dimensions": {},
            "prefixMatching": True,
            "alarmNamePrefix": f"{region['alarm_prefix']}-{watch.key}",
            # All of them tell a topic; CloudWatch takes no empty prefix.
            "actionPrefix": "arn:aws:sns:",
        },
    }
