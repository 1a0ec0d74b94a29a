"""What measures the cluster, keeps the measurements, tells of alerts and draws them."""

import re
from collections.abc import Sequence
from typing import Any, NotRequired, TypedDict

import pulumi
import pulumi_kubernetes as k8s

from components._pod_security import READ_ONLY
from components._scheduling import ZONE, node_loss_tolerations, resources, spread, spread_affinity
from components.charts import PROMETHEUS_STACK
from components.database.roles import CLIENT_IMAGE
from components.helm._budget import disruption_budget
from components.helm._release import release
from components.helm.external_secret import ExternalSecret
from components.iam import allow, document
from components.kubernetes import Priority

PROMETHEUS_SERVICE_ACCOUNT = "prometheus"
"""Give it ``prometheus_policy`` when samples are written to Amazon Managed Prometheus."""
ALERTMANAGER_SERVICE_ACCOUNT = "alertmanager"
"""Give it ``alertmanager_policy`` when alerts go to a topic."""
GRAFANA_SERVICE_ACCOUNT = "grafana"
"""Give it ``grafana_policy``: its dashboards show what only CloudWatch measures."""

PROMETHEUS_PORT = 9090
ALERTMANAGER_PORT = 9093
GRAFANA_PORT = 80
GRAFANA_POD_PORT = 3000
"""Port of Grafana's pods, for a load balancer that leads to pods."""

CLOUDWATCH = "cloudwatch"
"""Grafana's data source of that kind, by its uid. Each query names its region: one Grafana shows both."""
GRAFANA_DATABASE = "grafana"
"""Database in PostgreSQL."""
DASHBOARD_LABEL = {"grafana_dashboard": "1"}
"""Label of ConfigMaps, in the same namespace, whose files are dashboards."""

PROMETHEUS_REPLICAS = 2
ALERTMANAGER_REPLICAS = 3

_NAME = re.compile(r"[a-z]([a-z0-9-]{0,24}[a-z0-9])?")

# Asked every 15 s, believed after 4 equal answers: the seconds in which a reader of the same region is promoted must
# not restart Grafana.
_ASK_DATABASE = """\
trap 'exit 0' TERM INT
last= same=0
while :; do
  if [ "$(timeout 10 psql -XAtc 'SELECT pg_is_in_recovery()')" = f ]; then seen=postgres; else seen=sqlite3; fi
  if [ "$seen" = "$last" ]; then same=$((same + 1)); else last=$seen same=1; fi
  if [ ! -e "$STATE" ] || [ "$same" -ge 4 ]; then echo "$seen" > "$STATE.new"; mv "$STATE.new" "$STATE"; fi
  sleep "$INTERVAL" & wait $!
done
"""

# What is told of the database changed: end, and be started again by the kubelet with the other one. Whoever stops the
# pod is heard from the first line on, and Grafana is told until it has gone: a process just started loses a signal.
_RUN_GRAFANA = """\
grafana= stopping=
trap 'stopping=1; [ -z "$grafana" ] || kill "$grafana"' TERM INT
read -r GF_DATABASE_TYPE < "$STATE"
export GF_DATABASE_TYPE
echo "database: $GF_DATABASE_TYPE"
"${RUN:-/run.sh}" & grafana=$!
while [ -z "$stopping" ] && kill -0 "$grafana" 2>/dev/null &&
  read -r now < "$STATE" && [ "$now" = "$GF_DATABASE_TYPE" ]; do
  sleep "$INTERVAL" & wait $!
done
while kill "$grafana" 2>/dev/null; do sleep 1; done
wait "$grafana"
"""


class PrometheusStackArgs(TypedDict):
    """Inputs of PrometheusStack."""

    namespace: pulumi.Input[str]
    """Existing namespace."""
    region: pulumi.Input[str]
    """Region of the cluster: a label of every sample, and where requests to Amazon Managed Prometheus are signed."""
    cluster_name: pulumi.Input[str]
    """Label ``cluster`` of every sample; its name is the one that Amazon Managed Prometheus looks for."""
    storage_class: pulumi.Input[str]
    """Storage class of the volumes of Prometheus and Alertmanager, one that waits for the pod."""
    alertmanager_secret: pulumi.Input[str]
    """Existing Kubernetes secret with Alertmanager's configuration under ``alertmanager.yaml``."""
    admin_secret: pulumi.Input[str]
    """Secret of Secrets Manager with ``password``, that of Grafana's user ``admin``."""
    database_host: pulumi.Input[str]
    """PostgreSQL's host: one, Grafana takes no list. Best the name that leads to whichever region writes."""
    database_port: pulumi.Input[int]
    """Its port."""
    database_secret: pulumi.Input[str]
    """Secret of Secrets Manager with ``username`` and ``password`` of the owner of the database GRAFANA_DATABASE. The
    password must hold no white space, quotes or backslashes: Grafana puts it into a connection string as it is."""
    remote_write_url: NotRequired[pulumi.Input[str]]
    """Where samples are written to as well (ManagedPrometheus.remote_write_url). Default nowhere."""
    retention_days: NotRequired[int]
    """Days that Prometheus keeps samples, at least 1. Default 15."""
    storage_gib: NotRequired[int]
    """Volume of each Prometheus, at least 10 GiB; the oldest samples go when it is four fifths full. Default 100."""
    replaced_alerts: NotRequired[Sequence[str]]
    """Alerts of the chart's that somebody else asks more precisely, so that nobody hears of one thing twice. Default
    none."""
    memory_gib: NotRequired[int]
    """Memory of each Prometheus, at least 1 GiB. Default 4."""


class PrometheusStack(pulumi.ComponentResource):
    """Prometheus twice, Alertmanager three times, Grafana twice, and what measures nodes and objects.

    Both Prometheus scrape and judge everything, each for itself; Alertmanagers agree on who tells, and drop what both
    Prometheus send. Losing a zone loses one of each. A volume stays in its zone, so those of Prometheus and
    Alertmanager wait for it to come back, and the others go on meanwhile; its Prometheus then has a gap that the other
    has not, nor Amazon Managed Prometheus, which takes one of the two series (``cluster`` and ``__replica__``; Amazon
    Managed Service for Prometheus User Guide, "Send high-availability data").

    Alone are the operator, which has no replicas in the chart, and kube-state-metrics, whose second copy would count
    everything twice. Neither holds state, both start in seconds: without the operator changes wait, without
    kube-state-metrics the alerts that read it pause. The webhook that judges rules runs twice and lets rules pass when
    it is gone; the operator judges them again. Its certificate is the chart's own, made by a job before the install:
    nothing here waits for cert-manager. Etcd, scheduler and controller manager are AWS's, and kube-proxy answers on its
    node only: none is scraped, so none is missed.

    **Grafana and its database.** Grafana takes one host (pkg/services/sqlstore/database_config.go splits it into one
    name and one port; grafana#3676, #39422) and does not live on a reader: it writes when it starts and whenever
    somebody signs in, and Aurora forwards neither data definitions nor ``nextval`` (Aurora User Guide, "Limitations of
    write forwarding"; grafana#13399). So a container beside it asks the database every 15 s whether it writes. While it
    does, Grafana keeps users, stars and dashboards there. While it does not, or is gone, Grafana runs from a file of
    its own, with the same dashboards, data sources and administrator, and forgets the rest when it stops. A change
    restarts both within two minutes, whichever way it goes. So the release does not fail for want of the database, and
    dashboards are there while the database fails over. In the region whose database only reads, that is how Grafana
    runs, unless ``database_host`` is the name of the region that writes; both regions then share the database. Which it
    is says the first line of Grafana's log; a wrong password looks like a database that is gone. A sign-in made in one
    pod is not known in the other while they run from files: who leads there keeps a browser at one pod.
    Alerts are Alertmanager's; Grafana's own alerting is off.

    Grafana asks CloudWatch with the rights of its service account, by Pod Identity: the plugin comes with the image, in
    a process of its own, and gets the names of the credentials from Grafana because ``cloudwatch`` is among the plugins
    of ``[aws] forward_settings_to_plugins`` by default (grafana, pkg/services/pluginsintegration/pluginconfig/
    envvars.go, read 2026-11; an older SDK of Grafana's refused Pod Identity's address, grafana#100801).

    Definitions (``monitoring.coreos.com``) come with the first install and are replaced by a job before each upgrade:
    whatever has a ServiceMonitor, PodMonitor or PrometheusRule depends on ``release``.

    Ports: PROMETHEUS_PORT and ALERTMANAGER_PORT for whoever asks; GRAFANA_POD_PORT for the load balancer; 10250 for the
    API server's webhook calls; from Prometheus out to every scraped port of every namespace. AWS: Prometheus writes
    samples (``prometheus_policy``), Alertmanager publishes (``alertmanager_policy``), Grafana reads metrics and alarms
    (``grafana_policy``).

    Cost when idle: its pods and five volumes. State: samples, silences; Grafana's in the database. Regions: all
    children regional.
    """

    release: k8s.helm.v3.Release
    """To depend on, for whatever has monitors or rules."""
    prometheus_url: pulumi.Output[str]
    """Prometheus as pods of the cluster reach it."""
    alertmanager_url: pulumi.Output[str]
    """Alertmanager as pods of the cluster reach it."""
    grafana_service: pulumi.Output[str]
    """Service of Grafana, on GRAFANA_PORT."""

    def __init__(self, name: str, args: PrometheusStackArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        retention_days, storage_gib, memory_gib = plan_prometheus(
            name=name,
            retention_days=int(args.get("retention_days", 15)),
            storage_gib=int(args.get("storage_gib", 100)),
            memory_gib=int(args.get("memory_gib", 4)),
        )
        namespace = args["namespace"]
        super().__init__("tandem:index:PrometheusStack", name, {}, opts)
        child = pulumi.ResourceOptions(parent=self)

        admin = ExternalSecret(
            f"{name}-grafana-admin",
            {
                "namespace": namespace,
                "sources": {"admin": {"secret": args["admin_secret"], "properties": ["password"]}},
                "template": {"admin-user": "admin", "admin-password": "{{ .admin_password }}"},
            },
            child,
        )
        database = ExternalSecret(
            f"{name}-grafana-database",
            {
                "namespace": namespace,
                "sources": {
                    "database": {"secret": args["database_secret"], "properties": ["username", "password"]},
                },
                "template": {
                    "GF_DATABASE_USER": "{{ .database_username }}",
                    "GF_DATABASE_PASSWORD": "{{ .database_password }}",
                },
            },
            child,
        )
        # Numbers are doubles on Pulumi's wire.
        port = pulumi.Output.from_input(args["database_port"]).apply(lambda number: str(int(number)))
        self.release = release(
            name,
            PROMETHEUS_STACK,
            namespace=namespace,
            values=render_prometheus_stack(
                release_name=name,
                namespace=namespace,
                region=args["region"],
                cluster_name=args["cluster_name"],
                storage_class=args["storage_class"],
                alertmanager_secret=args["alertmanager_secret"],
                admin_secret=admin.secret_name,
                database_host=args["database_host"],
                database_port=port,
                database_address=pulumi.Output.concat(args["database_host"], ":", port),
                database_secret=database.secret_name,
                remote_write_url=args.get("remote_write_url"),
                retention_days=retention_days,
                storage_gib=storage_gib,
                memory_gib=memory_gib,
                replaced_alerts=args.get("replaced_alerts", ()),
            ),
            parent=self,
            depends_on=[admin, database],
            # Grafana alone may take ten minutes to make its tables in another region's database.
            timeout_seconds=900,
        )
        # The chart's own knows only `minAvailable`, which a single pod cannot meet and be evicted.
        disruption_budget(
            f"{name}-operator",
            namespace=namespace,
            labels={"app": f"{PROMETHEUS_STACK.name}-operator", "release": name},
            parent=self,
        )
        ready = self.release.name.apply(lambda _: name)
        inside = pulumi.Output.concat(".", namespace, ".svc.cluster.local:")
        self.prometheus_url = pulumi.Output.concat("http://", ready, "-prometheus", inside, str(PROMETHEUS_PORT))
        self.alertmanager_url = pulumi.Output.concat("http://", ready, "-alertmanager", inside, str(ALERTMANAGER_PORT))
        self.grafana_service = pulumi.Output.concat(ready, "-grafana")
        self.register_outputs(
            {
                "prometheusUrl": self.prometheus_url,
                "alertmanagerUrl": self.alertmanager_url,
                "grafanaService": self.grafana_service,
            }
        )


def plan_prometheus(*, name: str, retention_days: int, storage_gib: int, memory_gib: int) -> tuple[int, int, int]:
    """Check the sizes, and the name that the chart cuts off without a word.

    Raises:
        ValueError: With what to write instead.
    """
    if not _NAME.fullmatch(name):
        raise ValueError(
            f"name: got {name!r}, must be 1 to 26 small letters, digits and hyphens: the chart cuts off the rest"
        )
    if retention_days < 1:
        raise ValueError(f"retention_days: got {retention_days}, must be at least 1")
    if storage_gib < 10:
        raise ValueError(f"storage_gib: got {storage_gib}, must be at least 10")
    if memory_gib < 1:
        raise ValueError(f"memory_gib: got {memory_gib}, must be at least 1")
    return retention_days, storage_gib, memory_gib


def prometheus_policy(workspace_arn: str) -> str:
    """What PROMETHEUS_SERVICE_ACCOUNT may do: write samples to one workspace."""
    return document([allow(["aps:RemoteWrite"], [workspace_arn])])


def alertmanager_policy(topic_arn: str, key_arn: str) -> str:
    """What ALERTMANAGER_SERVICE_ACCOUNT may do: publish to one topic, encrypted with one key."""
    return document(
        [
            allow(["sns:Publish"], [topic_arn]),
            # Publishing to an encrypted topic takes both (SNS Developer Guide, "Key management").
            allow(["kms:Decrypt", "kms:GenerateDataKey"], [key_arn]),
        ]
    )


def grafana_policy(regions: Sequence[str], account_id: str) -> str:
    """What GRAFANA_SERVICE_ACCOUNT may do: read metrics, and what became of alarms, in these regions.

    Of what Grafana's documentation lists for metrics ("Configure CloudWatch", read 2026-11) without
    ``DescribeAlarmsForMetric`` and ``GetInsightRuleReport``: dashboards look for alarms by name, and ask no insight.
    """
    return document(
        [
            # Metrics know no resources (Service Authorization Reference, "Amazon CloudWatch").
            allow(
                ["cloudwatch:GetMetricData", "cloudwatch:ListMetrics"],
                ["*"],
                {"StringEquals": {"aws:RequestedRegion": list(regions)}},
            ),
            allow(
                ["cloudwatch:DescribeAlarms", "cloudwatch:DescribeAlarmHistory"],
                [f"arn:aws:cloudwatch:{region}:{account_id}:alarm:*" for region in regions],
            ),
        ]
    )


def render_prometheus_stack(
    *,
    release_name: str,
    namespace: pulumi.Input[str],
    region: pulumi.Input[str],
    cluster_name: pulumi.Input[str],
    storage_class: pulumi.Input[str],
    alertmanager_secret: pulumi.Input[str],
    admin_secret: str,
    database_host: pulumi.Input[str],
    database_port: pulumi.Input[str],
    database_address: pulumi.Input[str],
    database_secret: str,
    remote_write_url: pulumi.Input[str] | None,
    retention_days: int,
    storage_gib: int,
    memory_gib: int,
    replaced_alerts: Sequence[str],
) -> dict[str, Any]:
    """Values of the kube-prometheus-stack chart."""
    state_metrics = {"app.kubernetes.io/name": "kube-state-metrics", "app.kubernetes.io/instance": release_name}
    return {
        "fullnameOverride": release_name,
        # Definitions are no part of what Helm upgrades; this job applies them before each install and upgrade.
        "crds": {
            "enabled": True,
            "upgradeJob": {
                "enabled": True,
                "image": {"busybox": {"tag": "1.38.0"}},
                "resources": resources("50m", "256Mi"),
                "tolerations": node_loss_tolerations(),
            },
        },
        "kubeControllerManager": {"enabled": False},
        "kubeScheduler": {"enabled": False},
        "kubeEtcd": {"enabled": False},
        "kubeProxy": {"enabled": False},
        "defaultRules": {
            "create": True,
            "disabled": dict.fromkeys(replaced_alerts, True),
            "rules": {
                "etcd": False,
                "kubeControllerManager": False,
                "kubeProxy": False,
                "kubeSchedulerAlerting": False,
                "kubeSchedulerRecording": False,
                "windows": False,
            },
        },
        "prometheusOperator": _operator(release_name),
        "prometheus": _prometheus(
            release_name=release_name,
            region=region,
            cluster_name=cluster_name,
            storage_class=storage_class,
            remote_write_url=remote_write_url,
            retention_days=retention_days,
            storage_gib=storage_gib,
            memory_gib=memory_gib,
        ),
        "alertmanager": _alertmanager(release_name, storage_class, alertmanager_secret),
        "kube-state-metrics": {
            "fullnameOverride": f"{release_name}-kube-state-metrics",
            "replicas": 1,
            # Off by default: without it no alert knows in which zone a pod is.
            "metricLabelsAllowlist": [f"nodes=[{ZONE}]"],
            "podDisruptionBudget": {"maxUnavailable": 1, "unhealthyPodEvictionPolicy": "AlwaysAllow"},
            "topologySpreadConstraints": spread(state_metrics),
            "tolerations": node_loss_tolerations(),
            "priorityClassName": Priority.SERVICES.value,
            "resources": resources("50m", "256Mi"),
        },
        "prometheus-node-exporter": {
            "fullnameOverride": f"{release_name}-node-exporter",
            # On every node, whatever keeps other pods away.
            "tolerations": [{"operator": "Exists"}],
            "priorityClassName": "system-node-critical",
            "resources": resources("50m", "64Mi"),
            "securityContext": {"seccompProfile": {"type": "RuntimeDefault"}},
            "containerSecurityContext": READ_ONLY,
        },
        "grafana": _grafana(
            release_name=release_name,
            namespace=namespace,
            region=region,
            admin_secret=admin_secret,
            database_host=database_host,
            database_port=database_port,
            database_address=database_address,
            database_secret=database_secret,
        ),
    }


def _operator(release_name: str) -> dict[str, Any]:
    webhook = {"app": f"{PROMETHEUS_STACK.name}-operator-webhook", "release": release_name}
    return {
        "tolerations": node_loss_tolerations(),
        "priorityClassName": Priority.SERVICES.value,
        "resources": resources("100m", "256Mi"),
        "prometheusConfigReloader": {"resources": resources("10m", "64Mi"), "enableProbe": True},
        "admissionWebhooks": {
            # Between the install and the job that hands out its certificate, and with both pods gone, rules pass.
            "failurePolicy": "Ignore",
            "deployment": {
                "enabled": True,
                "replicas": 2,
                "podDisruptionBudget": {"enabled": True, "minAvailable": 1},
                "affinity": spread_affinity(webhook),
                "tolerations": node_loss_tolerations(),
                "priorityClassName": Priority.SERVICES.value,
                "resources": resources("10m", "64Mi"),
            },
            "patch": {
                "tolerations": node_loss_tolerations(),
                "resources": resources("10m", "64Mi"),
                "priorityClassName": Priority.SERVICES.value,
            },
        },
    }


def _prometheus(
    *,
    release_name: str,
    region: pulumi.Input[str],
    cluster_name: pulumi.Input[str],
    storage_class: pulumi.Input[str],
    remote_write_url: pulumi.Input[str] | None,
    retention_days: int,
    storage_gib: int,
    memory_gib: int,
) -> dict[str, Any]:
    labels = {"app.kubernetes.io/name": "prometheus", "operator.prometheus.io/name": f"{release_name}-prometheus"}
    remote_write = [] if remote_write_url is None else [{"url": remote_write_url, "sigv4": {"region": region}}]
    return {
        "serviceAccount": {"create": True, "name": PROMETHEUS_SERVICE_ACCOUNT},
        "podDisruptionBudget": {"enabled": True, "minAvailable": PROMETHEUS_REPLICAS - 1},
        "prometheusSpec": {
            "replicas": PROMETHEUS_REPLICAS,
            "topologySpreadConstraints": spread(labels),
            "tolerations": node_loss_tolerations(),
            "priorityClassName": Priority.SERVICES.value,
            "resources": resources("500m", f"{memory_gib}Gi"),
            "retention": f"{retention_days}d",
            # Full, a volume stops Prometheus; the log of what is not yet a block comes on top.
            "retentionSize": f"{storage_gib * 4 // 5}GiB",
            "storageSpec": {"volumeClaimTemplate": {"spec": _claim(storage_class, storage_gib)}},
            "walCompression": True,
            "externalLabels": {"cluster": cluster_name, "region": region},
            "replicaExternalLabelName": "__replica__",
            "remoteWrite": remote_write,
            # Without these it takes only what carries this release's label.
            "serviceMonitorSelectorNilUsesHelmValues": False,
            "podMonitorSelectorNilUsesHelmValues": False,
            "probeSelectorNilUsesHelmValues": False,
            "ruleSelectorNilUsesHelmValues": False,
            "scrapeConfigSelectorNilUsesHelmValues": False,
        },
    }


def _alertmanager(
    release_name: str, storage_class: pulumi.Input[str], alertmanager_secret: pulumi.Input[str]
) -> dict[str, Any]:
    labels = {"app.kubernetes.io/name": "alertmanager", "alertmanager": f"{release_name}-alertmanager"}
    return {
        "serviceAccount": {"create": True, "name": ALERTMANAGER_SERVICE_ACCOUNT},
        "podDisruptionBudget": {"enabled": True, "minAvailable": ALERTMANAGER_REPLICAS - 1},
        "alertmanagerSpec": {
            "replicas": ALERTMANAGER_REPLICAS,
            "useExistingSecret": True,
            # The chart's own key for this has no default, so nobody could tell it from one misspelt.
            "additionalConfig": {"configSecret": alertmanager_secret},
            "topologySpreadConstraints": spread(labels),
            "tolerations": node_loss_tolerations(),
            "priorityClassName": Priority.SERVICES.value,
            "resources": resources("50m", "256Mi"),
            "storage": {"volumeClaimTemplate": {"spec": _claim(storage_class, 5)}},
        },
    }


def _claim(storage_class: pulumi.Input[str], gib: int) -> dict[str, Any]:
    return {
        "storageClassName": storage_class,
        "accessModes": ["ReadWriteOnce"],
        "resources": {"requests": {"storage": f"{gib}Gi"}},
    }


def _grafana(
    *,
    release_name: str,
    namespace: pulumi.Input[str],
    region: pulumi.Input[str],
    admin_secret: str,
    database_host: pulumi.Input[str],
    database_port: pulumi.Input[str],
    database_address: pulumi.Input[str],
    database_secret: str,
) -> dict[str, Any]:
    labels = {"app.kubernetes.io/name": "grafana", "app.kubernetes.io/instance": release_name}
    state = {"STATE": "/run/database/type", "INTERVAL": "15"}
    confined = {**READ_ONLY, "seccompProfile": {"type": "RuntimeDefault"}}
    shared = {"name": "database", "mountPath": "/run/database"}
    return {
        "fullnameOverride": f"{release_name}-grafana",
        "replicas": 2,
        "podDisruptionBudget": {"maxUnavailable": 1, "unhealthyPodEvictionPolicy": "AlwaysAllow"},
        "topologySpreadConstraints": spread(labels),
        "tolerations": node_loss_tolerations(),
        "priorityClassName": Priority.SERVICES.value,
        "resources": resources("100m", "512Mi"),
        "containerSecurityContext": confined,
        "serviceAccount": {"create": True, "name": GRAFANA_SERVICE_ACCOUNT},
        "rbac": {"namespaced": True},
        "service": {"port": GRAFANA_PORT, "targetPort": GRAFANA_POD_PORT},
        "admin": {"existingSecret": admin_secret, "userKey": "admin-user", "passwordKey": "admin-password"},
        "envFromSecret": database_secret,
        "env": state,
        "command": ["/bin/sh", "-c"],
        "args": [_RUN_GRAFANA],
        "extraInitContainers": [
            {
                "name": "database",
                "image": CLIENT_IMAGE,
                # Beside Grafana for as long as it runs, and before it starts (Kubernetes, "Sidecar containers").
                "restartPolicy": "Always",
                "command": ["/bin/sh", "-c", _ASK_DATABASE],
                "env": [
                    *({"name": key, "value": value} for key, value in state.items()),
                    {"name": "PGHOST", "value": database_host},
                    {"name": "PGPORT", "value": database_port},
                    {"name": "PGDATABASE", "value": GRAFANA_DATABASE},
                    {"name": "PGSSLMODE", "value": "require"},
                    {"name": "PGCONNECT_TIMEOUT", "value": "5"},
                    {"name": "PGOPTIONS", "value": "-c statement_timeout=5s"},
                    _from_secret("PGUSER", database_secret, "GF_DATABASE_USER"),
                    _from_secret("PGPASSWORD", database_secret, "GF_DATABASE_PASSWORD"),
                ],
                "startupProbe": {
                    "exec": {"command": ["test", "-s", state["STATE"]]},
                    "periodSeconds": 2,
                    "failureThreshold": 30,
                },
                "resources": resources("10m", "64Mi"),
                "securityContext": confined,
                "volumeMounts": [shared],
            }
        ],
        "extraVolumes": [{"name": "database", "emptyDir": {}}, {"name": "tmp", "emptyDir": {}}],
        "extraVolumeMounts": [{**shared, "readOnly": True}, {"name": "tmp", "mountPath": "/tmp"}],  # noqa: S108
        # Making its tables takes minutes where the database is an ocean away.
        "startupProbe": {
            "httpGet": {"path": "/api/health", "port": "grafana"},
            "periodSeconds": 10,
            "failureThreshold": 60,
        },
        "initChownData": {"enabled": False},
        "testFramework": {"enabled": False},
        "grafana.ini": {
            "analytics": {
                "reporting_enabled": False,
                "check_for_updates": False,
                "check_for_plugin_updates": False,
            },
            "database": {
                "type": "postgres",
                "host": database_address,
                "name": GRAFANA_DATABASE,
                "ssl_mode": "require",
                "max_open_conn": 20,
                # Older connections lead to who wrote before a failover. Default 4 hours.
                "conn_max_lifetime": 60,
            },
            "unified_alerting": {"enabled": False},
            "users": {"allow_sign_up": False},
        },
        "serviceMonitor": {"enabled": True},
        "additionalDataSources": [
            {
                "name": "CloudWatch",
                "uid": CLOUDWATCH,
                "type": "cloudwatch",
                "access": "proxy",
                "editable": False,
                # What the AWS SDK finds: the service account's rights.
                "jsonData": {"authType": "default", "defaultRegion": region},
            }
        ],
        "sidecar": {
            "resources": resources("10m", "128Mi"),
            "securityContext": confined,
            "dashboards": {
                "enabled": True,
                "label": "grafana_dashboard",
                "labelValue": DASHBOARD_LABEL["grafana_dashboard"],
                # The chart's own is every namespace, with the right to read every secret.
                "searchNamespace": namespace,
                "resource": "configmap",
            },
            "datasources": {
                "enabled": True,
                "defaultDatasourceEnabled": True,
                "name": "Prometheus",
                "uid": "prometheus",
                "searchNamespace": namespace,
                "resource": "configmap",
            },
        },
    }


def _from_secret(variable: str, secret: str, key: str) -> dict[str, Any]:
    return {"name": variable, "valueFrom": {"secretKeyRef": {"name": secret, "key": key}}}
