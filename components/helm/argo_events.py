"""What turns an alert into a recovery run."""

from collections.abc import Mapping
from typing import Any, NotRequired, TypedDict

import pulumi
import pulumi_kubernetes as k8s

from components._pod_security import POD_SECURITY, READ_ONLY
from components._scheduling import HOST, ZONE, node_loss_tolerations, resources, spread, spread_affinity
from components.charts import ARGO_EVENTS
from components.helm._budget import disruption_budget
from components.helm._release import release
from components.helm.prefect_worker import FLOW_IMAGE
from components.kubernetes import Priority

EVENTS_SERVICE_ACCOUNT = "argo-events-controller"
EVENTS_WEBHOOK_SERVICE_ACCOUNT = "argo-events-webhook"

EVENTS_WEBHOOK_PORT = 8443

BUS = "default"
"""Event bus of the namespace: event sources and sensors that name none take this one."""

BUS_VERSION = "2.10.10"
"""NATS of the bus, one of the versions that the chart knows (configs.jetstream.versions)."""

BUS_REPLICAS = 3
"""The fewest of which one may be lost: two still agree on what was stored."""

ALERTS_PORT = 12000
ALERTS_PATH = "/alerts"

RECOVERY_JOB_ACCOUNT = "alert-recovery"
"""Service account of the jobs that ask Prefect for a run. It has no rights, neither in the cluster nor in AWS."""

CONTAINER_SECURITY = {**POD_SECURITY, **READ_ONLY}

EVENTS_USER = 9731
"""User of argo-events' containers, as in its own manifests; the image, made from nothing, names none."""

NATS_USER = 1000

ALERT = "(index .Input.body.alerts 0)"

RUN_NAME = f"recovery-{{{{ {ALERT}.fingerprint }}}}-{{{{ {ALERT}.startsAt | substr 0 13 | replace `T` `-` }}}}"
"""Name of what an alert starts: the same for the same labels that fire within the same hour. Two Alertmanagers tell of
one alert, and tell again while it lasts, and each Prometheus has its own second in which it began."""

ASK_PREFECT = """
import json, os
from prefect.deployments import run_deployment

run = run_deployment(
    os.environ["DEPLOYMENT"],
    parameters={"alert": json.loads(os.environ["ALERT"])},
    idempotency_key=os.environ["KEY"],
    timeout=0,
    as_subflow=False,
)
print(f"{run.name} ({run.id})")
"""
"""Prefect creates runs by a deployment's id, which nobody knows beforehand: its client looks the name up (prefect
3.6, deployments/flow_runs.py). The key makes retries find the run that is there."""


class ArgoEventsArgs(TypedDict):
    """Inputs of ArgoEvents."""

    namespace: pulumi.Input[str]
    """Existing namespace, of the controller and of the event bus."""
    storage_class: NotRequired[pulumi.Input[str]]
    """Storage class of the bus's volumes; it must wait for the pod before it picks a zone. Default: the cluster's."""
    bus_gib: NotRequired[int]
    """Size of each of the bus's three volumes. Default 10."""
    replicas: NotRequired[int]
    """Controllers and webhooks, at least 2 each. Default 2."""


class ArgoEvents(pulumi.ComponentResource):
    """Argo Events with a bus of three NATS servers that agree on what was stored (JetStream).

    Losing a zone loses one of three servers; events go on, stored twice. The lost one's volume stays in its zone and so
    does it, until the zone is back. Losing two stops the bus: event sources answer with an error, and Alertmanager
    tries again. Losing the controller's leader changes nothing that runs.

    The chart's budgets cannot say how ill pods are treated, so both have one of their own. The bus has a startup and a
    liveness probe, and no readiness probe: argo-events gives none and has no key for it.

    Ports: 8443, admission webhook, from the API server; 4222, bus, and 6222, between its servers, within the namespace;
    7777, metrics, from Prometheus.

    Cost when idle: its pods and three volumes. State: events of the last 72 hours, on the volumes; a lost bus loses
    what was not yet handled. Regions: all children regional; a bus spans zones, never regions.
    """

    release: k8s.helm.v3.Release
    """To depend on."""
    bus: k8s.apiextensions.CustomResource
    """To depend on: event sources and sensors start only with a bus."""

    def __init__(self, name: str, args: ArgoEventsArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        replicas, bus_gib = plan_events(int(args.get("replicas", 2)), int(args.get("bus_gib", 10)))
        namespace = args["namespace"]
        super().__init__("tandem:index:ArgoEvents", name, {}, opts)
        self.release = release(
            name,
            ARGO_EVENTS,
            namespace=namespace,
            values=render_argo_events(release_name=name, replicas=replicas),
            parent=self,
        )
        for part in ("controller-manager", "events-webhook"):
            disruption_budget(f"{name}-{part}", namespace=namespace, labels=pod_labels(name, part), parent=self)
        disruption_budget(f"{name}-bus", namespace=namespace, labels=bus_labels(BUS), parent=self)
        self.bus = k8s.apiextensions.CustomResource(
            f"{name}-bus",
            api_version="argoproj.io/v1alpha1",
            kind="EventBus",
            metadata=k8s.meta.v1.ObjectMetaArgs(name=BUS, namespace=namespace),
            spec=render_bus(BUS, storage_class=args.get("storage_class"), gib=bus_gib),
            opts=pulumi.ResourceOptions(parent=self, depends_on=[self.release]),
        )
        # Of what the controller makes for others; the controller itself has the chart's.
        k8s.apiextensions.CustomResource(
            f"{name}-monitor",
            api_version="monitoring.coreos.com/v1",
            kind="PodMonitor",
            metadata=k8s.meta.v1.ObjectMetaArgs(name=f"{name}-events", namespace=namespace),
            spec={
                "selector": {
                    "matchExpressions": [
                        {
                            "key": "controller",
                            "operator": "In",
                            "values": ["eventsource-controller", "sensor-controller", "eventbus-controller"],
                        }
                    ]
                },
                "podMetricsEndpoints": [{"port": "metrics", "interval": "30s"}],
            },
            opts=pulumi.ResourceOptions(parent=self),
        )
        self.register_outputs({})


def plan_events(replicas: int, bus_gib: int) -> tuple[int, int]:
    """Check the number of controllers and the size of the bus.

    Raises:
        ValueError: If a lost pod would leave none, or the bus could not hold what it keeps.
    """
    if replicas < 2:
        raise ValueError(f"replicas: got {replicas}, must be at least 2: one leads, another takes over")
    if bus_gib < 2:
        raise ValueError(f"bus_gib: got {bus_gib}, must be at least 2: a stream keeps up to 1 GB")
    return replicas, bus_gib


def pod_labels(release_name: str, part: str) -> dict[str, str]:
    """Labels by which the chart selects the pods of one of its deployments."""
    return {"app.kubernetes.io/name": f"{ARGO_EVENTS.name}-{part}", "app.kubernetes.io/instance": release_name}


def bus_labels(bus: str) -> dict[str, str]:
    """Labels that the controller gives the pods of a bus (argo-events v1.9, docs/dr_ha_recommendations.md)."""
    return {"controller": "eventbus-controller", "eventbus-name": bus}


def source_labels(source: str) -> dict[str, str]:
    """Labels that the controller gives the pods of an event source (pkg/reconciler/eventsource/controller.go)."""
    return {"controller": "eventsource-controller", "eventsource-name": source}


def sensor_labels(sensor: str) -> dict[str, str]:
    """Labels that the controller gives the pods of a sensor (pkg/reconciler/sensor/controller.go)."""
    return {"controller": "sensor-controller", "sensor-name": sensor}


def render_argo_events(*, release_name: str, replicas: int) -> dict[str, Any]:
    """Values of the argo-events chart."""

    def part(part_name: str, service_account: str) -> dict[str, Any]:
        return {
            "replicas": replicas,
            # Theirs could not let ill pods go; components/helm/_budget.py has them.
            "pdb": {"enabled": False},
            "containerSecurityContext": {**CONTAINER_SECURITY, "runAsUser": EVENTS_USER},
            "topologySpreadConstraints": spread(pod_labels(release_name, part_name)),
            "tolerations": node_loss_tolerations(),
            "priorityClassName": Priority.SERVICES.value,
            "resources": resources("50m", "128Mi"),
            "serviceAccount": {"create": True, "name": service_account},
        }

    return {
        "fullnameOverride": release_name,
        "crds": {"install": True, "keep": True},
        "controller": {
            **part("controller-manager", EVENTS_SERVICE_ACCOUNT),
            "metrics": {"enabled": True, "serviceMonitor": {"enabled": True}},
        },
        "webhook": {
            "enabled": True,
            # It tells the API server itself; on 443 only root may listen.
            "port": EVENTS_WEBHOOK_PORT,
            **part("events-webhook", EVENTS_WEBHOOK_SERVICE_ACCOUNT),
        },
    }


def render_bus(bus: str, *, storage_class: pulumi.Input[str] | None, gib: int) -> dict[str, Any]:
    """Specification of an event bus that outlives a zone."""
    term = {"labelSelector": {"matchLabels": bus_labels(bus)}}
    restricted = {**CONTAINER_SECURITY, "runAsUser": NATS_USER}
    persistence: dict[str, Any] = {"accessMode": "ReadWriteOnce", "volumeSize": f"{gib}Gi"}
    if storage_class is not None:
        persistence["storageClassName"] = storage_class
    return {
        "jetstream": {
            "version": BUS_VERSION,
            "replicas": BUS_REPLICAS,
            "persistence": persistence,
            # Two servers on one node would be lost together, and the third alone may decide nothing.
            "affinity": {
                "podAntiAffinity": {
                    "requiredDuringSchedulingIgnoredDuringExecution": [{"topologyKey": HOST, **term}],
                    "preferredDuringSchedulingIgnoredDuringExecution": [
                        {"weight": 100, "podAffinityTerm": {"topologyKey": ZONE, **term}}
                    ],
                }
            },
            "tolerations": node_loss_tolerations(),
            "priorityClassName": Priority.SERVICES.value,
            "securityContext": {**POD_SECURITY, "runAsUser": NATS_USER, "fsGroup": NATS_USER},
            "containerTemplate": {"resources": resources("100m", "256Mi"), "securityContext": restricted},
            "reloaderContainerTemplate": {"resources": resources("10m", "64Mi"), "securityContext": restricted},
            "metricsContainerTemplate": {"resources": resources("10m", "64Mi"), "securityContext": restricted},
        }
    }


class PrefectRecovery(TypedDict):
    """A recovery run by Prefect."""

    namespace: pulumi.Input[str]
    """Existing namespace that reaches the API; the jobs that ask for a run are made in it."""
    api_url: pulumi.Input[str]
    """API of the server (PrefectServer.api_url)."""
    sign_in_secret: NotRequired[str | None]
    """Secret with the sign-in (PrefectServer.sign_in_secret), in that namespace. Absent: the API has none."""
    deployment: str
    """``flow/deployment``. Its flow takes ``alert``: the labels of the alert, as a mapping."""


class WorkflowRecovery(TypedDict):
    """A recovery run by Argo Workflows."""

    namespace: pulumi.Input[str]
    """Existing namespace of the template, and of the workflows made from it."""
    workflow_template: str
    """WorkflowTemplate. It takes the parameters ``alert`` (labels as JSON), ``alertname`` and ``fingerprint``."""
    service_account: str
    """Existing service account of the workflow's pods."""


class AlertRecoveryArgs(TypedDict):
    """Inputs of AlertRecovery."""

    namespace: pulumi.Input[str]
    """Existing namespace of the event bus (ArgoEvents)."""
    prefect: NotRequired[PrefectRecovery]
    """Start a run of Prefect's."""
    workflow: NotRequired[WorkflowRecovery]
    """Start a workflow of Argo's. Both may be given; at least one must."""


class AlertRecovery(pulumi.ComponentResource):
    """Turns an alert that Alertmanager sends with the label ``recovery: workflow`` into a recovery run.

    Alertmanager posts to the event source, of which two pods answer at a time; the bus stores the alert before they do.
    One of two sensor pods, chosen through the bus, makes one object by the name of the alert's fingerprint and hour: a
    second notice of the same alert finds it there and changes nothing. For Prefect the object is a job that looks the
    deployment up and asks for a run with that name as the idempotency key; for Argo it is the workflow. Losing a zone
    loses one pod of each; an alert on its way is read again from the bus.

    A run is started at most once an hour for each alert, unless the alert began as the hour turned: it must bear being
    started twice. What cannot be started after five tries is an alert itself (RecoveryNotStarted).

    Neither event sources nor sensors have keys for probes or spread constraints: they spread by affinity, and a pod
    that hangs is seen by its metrics alone. They need the definitions of ArgoEvents and its bus: let this depend on it.

    Ports: 12000 of the event source, from Alertmanager alone: nothing signs in there. 7777, metrics, from Prometheus.
    Out: sensors to the API server; jobs to Prefect's API.

    Cost when idle: four pods. State: none; the bus has it. Regions: one cluster's; each region recovers itself.
    """

    webhook_url: pulumi.Output[str]
    """Where Alertmanager sends such alerts to."""

    def __init__(self, name: str, args: AlertRecoveryArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        prefect, workflow = args.get("prefect"), args.get("workflow")
        plan_recovery(prefect, workflow)
        namespace = args["namespace"]
        super().__init__("tandem:index:AlertRecovery", name, {}, opts)
        child = pulumi.ResourceOptions(parent=self)
        accounts = {
            role: k8s.core.v1.ServiceAccount(
                f"{name}-{role}",
                metadata=k8s.meta.v1.ObjectMetaArgs(name=f"{name}-{role}", namespace=namespace),
                # Only the sensor speaks to the API server.
                automount_service_account_token=role == "sensor",
                opts=child,
            )
            for role in ("source", "sensor")
        }
        triggers: list[dict[str, Any]] = []
        before: list[pulumi.Resource] = list(accounts.values())
        if prefect is not None:
            before.append(
                k8s.core.v1.ServiceAccount(
                    f"{name}-job",
                    metadata=k8s.meta.v1.ObjectMetaArgs(name=RECOVERY_JOB_ACCOUNT, namespace=prefect["namespace"]),
                    automount_service_account_token=False,
                    opts=child,
                )
            )
            before.append(self._grant(name, "jobs", "batch", prefect["namespace"], namespace))
            triggers.append(render_prefect_trigger(prefect))
        if workflow is not None:
            before.append(self._grant(name, "workflows", "argoproj.io", workflow["namespace"], namespace))
            triggers.append(render_workflow_trigger(workflow))
        source = k8s.apiextensions.CustomResource(
            f"{name}-source",
            api_version="argoproj.io/v1alpha1",
            kind="EventSource",
            metadata=k8s.meta.v1.ObjectMetaArgs(name=name, namespace=namespace),
            spec=render_source(name),
            opts=pulumi.ResourceOptions(parent=self, depends_on=before),
        )
        k8s.apiextensions.CustomResource(
            f"{name}-sensor",
            api_version="argoproj.io/v1alpha1",
            kind="Sensor",
            metadata=k8s.meta.v1.ObjectMetaArgs(name=name, namespace=namespace),
            spec=render_sensor(name, triggers),
            opts=pulumi.ResourceOptions(parent=self, depends_on=[source]),
        )
        disruption_budget(f"{name}-source", namespace=namespace, labels=source_labels(name), parent=self)
        disruption_budget(f"{name}-sensor", namespace=namespace, labels=sensor_labels(name), parent=self)
        self.webhook_url = pulumi.Output.from_input(namespace).apply(lambda inside: alerts_url(name, inside))
        self.register_outputs({"webhookUrl": self.webhook_url})

    def _grant(
        self,
        name: str,
        kind: str,
        api_group: str,
        namespace: pulumi.Input[str],
        sensor_namespace: pulumi.Input[str],
    ) -> "k8s.rbac.v1.RoleBinding":
        """Let the sensor make objects of one kind in one namespace; it looks first whether one is there."""
        child = pulumi.ResourceOptions(parent=self)
        metadata = k8s.meta.v1.ObjectMetaArgs(name=f"{name}-{kind}", namespace=namespace)
        k8s.rbac.v1.Role(
            f"{name}-{kind}",
            metadata=metadata,
            rules=[{"api_groups": [api_group], "resources": [kind], "verbs": ["get", "create", "patch"]}],
            opts=child,
        )
        return k8s.rbac.v1.RoleBinding(
            f"{name}-{kind}",
            metadata=metadata,
            role_ref={"api_group": "rbac.authorization.k8s.io", "kind": "Role", "name": f"{name}-{kind}"},
            subjects=[{"kind": "ServiceAccount", "name": f"{name}-sensor", "namespace": sensor_namespace}],
            opts=child,
        )


def alerts_url(name: str, namespace: str) -> str:
    """Where an AlertRecovery of this name, in this namespace, takes alerts: known before it is there."""
    # argo-events names the service after the source.
    return f"http://{name}-eventsource-svc.{namespace}.svc.cluster.local:{ALERTS_PORT}{ALERTS_PATH}"


def plan_recovery(prefect: PrefectRecovery | None, workflow: WorkflowRecovery | None) -> None:
    """Check what an alert is to start.

    Raises:
        ValueError: If that is nothing, or a deployment that cannot be.
    """
    if prefect is None and workflow is None:
        raise ValueError("prefect, workflow: neither is given; name the run that an alert is to start")
    if prefect is not None:
        flow, slash, deployment = prefect["deployment"].partition("/")
        if not (flow and slash and deployment):
            raise ValueError(
                f"prefect.deployment: got {prefect['deployment']!r}, must be <flow>/<deployment>, such as recover/auto"
            )
    if workflow is not None and not workflow["workflow_template"]:
        raise ValueError("workflow.workflow_template: is empty; name an existing WorkflowTemplate")


def render_source(name: str) -> dict[str, Any]:
    """Specification of the event source that Alertmanager posts to."""
    return {
        "eventBusName": BUS,
        "replicas": 2,
        "template": _template(f"{name}-source", source_labels(name)),
        "service": {"ports": [{"name": "alerts", "port": ALERTS_PORT, "targetPort": ALERTS_PORT}]},
        # `url` is for those who must be told where to post; the definition wants it of all.
        "webhook": {"alerts": {"port": str(ALERTS_PORT), "endpoint": ALERTS_PATH, "method": "POST", "url": ""}},
    }


def render_sensor(name: str, triggers: list[dict[str, Any]]) -> dict[str, Any]:
    """Specification of the sensor that makes recovery runs of firing alerts."""
    return {
        "eventBusName": BUS,
        "replicas": 2,
        "template": _template(f"{name}-sensor", sensor_labels(name)),
        "dependencies": [
            {
                "name": "alert",
                "eventSourceName": name,
                "eventName": "alerts",
                # Alertmanager tells of the end of an alert, too.
                "filters": {
                    "dataLogicalOperator": "and",
                    "data": [
                        {"path": "body.status", "type": "string", "value": ["firing"]},
                        {"path": "body.alerts.0.labels.recovery", "type": "string", "value": ["workflow"]},
                    ],
                },
            }
        ],
        "triggers": triggers,
    }


def render_prefect_trigger(prefect: PrefectRecovery) -> dict[str, Any]:
    """Trigger that makes a job, which asks Prefect for a run."""
    environment: list[dict[str, Any]] = [
        {"name": "ALERT", "value": ""},
        {"name": "KEY", "value": ""},
        {"name": "DEPLOYMENT", "value": prefect["deployment"]},
        {"name": "PREFECT_API_URL", "value": prefect["api_url"]},
        {"name": "HOME", "value": "/home/prefect"},
        {"name": "TMPDIR", "value": "/home/prefect"},
    ]
    sign_in = prefect.get("sign_in_secret")
    if sign_in is not None:
        environment.append(
            {
                "name": "PREFECT_API_AUTH_STRING",
                "valueFrom": {"secretKeyRef": {"name": sign_in, "key": "auth-string"}},
            }
        )
    job: dict[str, Any] = {
        "apiVersion": "batch/v1",
        "kind": "Job",
        "metadata": {"name": "recovery", "namespace": prefect["namespace"]},
        "spec": {
            "backoffLimit": 5,
            "activeDeadlineSeconds": 900,
            # Longer than an hour: until then a second notice must find it.
            "ttlSecondsAfterFinished": 86400,
            "template": {
                "metadata": {"labels": {"app.kubernetes.io/part-of": "alert-recovery"}},
                "spec": {
                    "restartPolicy": "Never",
                    "serviceAccountName": RECOVERY_JOB_ACCOUNT,
                    "automountServiceAccountToken": False,
                    "priorityClassName": Priority.SERVICES.value,
                    "tolerations": node_loss_tolerations(),
                    "securityContext": {**POD_SECURITY, "runAsUser": 1001, "fsGroup": 1001},
                    "containers": [
                        {
                            "name": "ask",
                            "image": FLOW_IMAGE,
                            "command": ["python", "-c", ASK_PREFECT],
                            # The only writable folder; Prefect keeps its profile in it.
                            "workingDir": "/home/prefect",
                            "env": environment,
                            "resources": resources("100m", "512Mi"),
                            "securityContext": CONTAINER_SECURITY,
                            "volumeMounts": [{"name": "home", "mountPath": "/home/prefect"}],
                        }
                    ],
                    "volumes": [{"name": "home", "emptyDir": {}}],
                },
            },
        },
    }
    container = "spec.template.spec.containers.0"
    parameters = [
        {"src": _from_alert(RUN_NAME), "dest": "metadata.name"},
        {"src": {"dependencyName": "alert", "dataKey": "body.alerts.0.labels"}, "dest": f"{container}.env.0.value"},
        {"src": _from_alert(RUN_NAME), "dest": f"{container}.env.1.value"},
    ]
    return _trigger("prefect", job, parameters, "application/strategic-merge-patch+json")


def render_workflow_trigger(workflow: WorkflowRecovery) -> dict[str, Any]:
    """Trigger that makes a workflow of a template."""
    resource: dict[str, Any] = {
        "apiVersion": "argoproj.io/v1alpha1",
        "kind": "Workflow",
        "metadata": {
            "name": "recovery",
            "namespace": workflow["namespace"],
            "labels": {"app.kubernetes.io/part-of": "alert-recovery"},
        },
        "spec": {
            "workflowTemplateRef": {"name": workflow["workflow_template"]},
            "serviceAccountName": workflow["service_account"],
            "arguments": {
                "parameters": [{"name": each, "value": ""} for each in ("alert", "alertname", "fingerprint")]
            },
        },
    }
    keys = ("body.alerts.0.labels", "body.alerts.0.labels.alertname", "body.alerts.0.fingerprint")
    parameters: list[dict[str, Any]] = [
        {"src": _from_alert(RUN_NAME), "dest": "metadata.name"},
        *(
            {"src": {"dependencyName": "alert", "dataKey": key}, "dest": f"spec.arguments.parameters.{index}.value"}
            for index, key in enumerate(keys)
        ),
    ]
    # Of a kind that the API server does not know by heart, a list can only be replaced as a whole.
    return _trigger("workflow", resource, parameters, "application/merge-patch+json")


def _trigger(name: str, resource: Mapping[str, Any], parameters: list[dict[str, Any]], strategy: str) -> dict[str, Any]:
    """A trigger that makes an object unless one of its name is there.

    ``create`` would fail on a second notice, and a failure is an alert. ``patch`` makes what is not there, and lays the
    same values over what is (argo-events v1.9, pkg/sensors/triggers/standard-k8s): only what an alert's fingerprint
    stands for, its labels, may therefore be in them.
    """
    return {
        "template": {
            "name": name,
            "k8s": {
                "operation": "patch",
                "patchStrategy": strategy,
                "source": {"resource": resource},
                "parameters": parameters,
            },
        },
        "atLeastOnce": True,
        "retryStrategy": {"steps": 5, "duration": "5s", "factor": 2},
    }


def _from_alert(template: str) -> dict[str, str]:
    return {"dependencyName": "alert", "dataTemplate": template}


def _template(service_account: str, labels: Mapping[str, str]) -> dict[str, Any]:
    """What event sources and sensors let their pods be told."""
    return {
        "serviceAccountName": service_account,
        "metadata": {"labels": {"app.kubernetes.io/part-of": "alert-recovery"}},
        "affinity": spread_affinity(labels),
        "tolerations": node_loss_tolerations(),
        "priorityClassName": Priority.SERVICES.value,
        "securityContext": {**POD_SECURITY, "runAsUser": EVENTS_USER, "fsGroup": EVENTS_USER},
        "container": {"resources": resources("50m", "128Mi"), "securityContext": CONTAINER_SECURITY},
    }
