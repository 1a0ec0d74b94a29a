"""An alert starts one recovery run, whichever zone is gone."""

import json
import re
from collections.abc import Callable
from typing import Any

import pulumi
import pulumi_kubernetes as k8s
import pytest

from components.charts import ARGO_EVENTS
from components.helm import (
    EVENTS_SERVICE_ACCOUNT,
    RECOVERY_JOB_ACCOUNT,
    AlertRecovery,
    AlertRecoveryArgs,
    ArgoEvents,
    ArgoEventsArgs,
    PrefectRecovery,
    WorkflowRecovery,
)
from components.helm.argo_events import (
    ASK_PREFECT,
    BUS_VERSION,
    RUN_NAME,
    bus_labels,
    plan_events,
    plan_recovery,
    render_argo_events,
    render_bus,
    render_prefect_trigger,
    render_sensor,
    render_source,
    render_workflow_trigger,
    sensor_labels,
    source_labels,
)
from components.observability import RECOVERY_LABEL, RECOVERY_WORKFLOW
from sandbox.knowledge.helm import check_values, table
from tests.house.recorder import Recording, record

RELEASE = "kubernetes:helm.sh/v3:Release"
BUDGET = "kubernetes:policy/v1:PodDisruptionBudget"
ROLE = "kubernetes:rbac.authorization.k8s.io/v1:Role"
BINDING = "kubernetes:rbac.authorization.k8s.io/v1:RoleBinding"
ACCOUNT = "kubernetes:core/v1:ServiceAccount"
EVENT_BUS = "kubernetes:argoproj.io/v1alpha1:EventBus"
SOURCE = "kubernetes:argoproj.io/v1alpha1:EventSource"
SENSOR = "kubernetes:argoproj.io/v1alpha1:Sensor"
VALUES = render_argo_events(release_name="events", replicas=2)
PREFECT: PrefectRecovery = {
    "namespace": "prefect",
    "api_url": "http://prefect.prefect.svc.cluster.local:4200/api",
    "sign_in_secret": "prefect-sign-in",
    "deployment": "recover/auto",
}
WORKFLOW: WorkflowRecovery = {
    "namespace": "workflows",
    "workflow_template": "recover",
    "service_account": "recovery-steps",
}


def installed(
    events: dict[str, Any] | None = None, recovery: dict[str, Any] | None = None, *, preview: bool = False
) -> Recording:
    """The bus, and what an alert starts by both orchestrators."""
    events_args: ArgoEventsArgs = {"namespace": "events", **(events or {})}  # type: ignore[typeddict-item]
    recovery_args: AlertRecoveryArgs = {  # type: ignore[typeddict-item]
        "namespace": "events",
        "prefect": PREFECT,
        "workflow": WORKFLOW,
        **(recovery or {}),
    }

    def program() -> None:
        provider = k8s.Provider("cluster", kubeconfig="{}")
        namespaces = [
            k8s.core.v1.Namespace(
                name, metadata=k8s.meta.v1.ObjectMetaArgs(name=name), opts=pulumi.ResourceOptions(provider=provider)
            )
            for name in ("events", "prefect", "workflows")
        ]
        opts = pulumi.ResourceOptions(providers=[provider], depends_on=namespaces)
        made = ArgoEvents("events", events_args, opts)
        found = AlertRecovery(
            "recovery",
            recovery_args,
            pulumi.ResourceOptions.merge(opts, pulumi.ResourceOptions(depends_on=[made])),
        )
        pulumi.export("webhook", found.webhook_url)

    return record(program, preview=preview)


def test_every_key_is_one_that_the_chart_reads() -> None:
    assert check_values(table(ARGO_EVENTS.name), VALUES) == []  # type: ignore[arg-type]


@pytest.mark.parametrize(("part", "name"), [("controller", "controller-manager"), ("webhook", "events-webhook")])
def test_controllers_and_webhooks_run_twice_spread_by_the_labels_they_carry(part: str, name: str) -> None:
    values = VALUES[part]
    assert values["replicas"] == 2
    zones, hosts = values["topologySpreadConstraints"]
    assert (zones["topologyKey"], hosts["topologyKey"]) == ("topology.kubernetes.io/zone", "kubernetes.io/hostname")
    labels = {"app.kubernetes.io/name": f"argo-events-{name}", "app.kubernetes.io/instance": "events"}
    assert zones["labelSelector"]["matchLabels"] == labels
    budget = installed().one(BUDGET, f"events-{name}").props["spec"]
    assert budget["selector"]["matchLabels"] == labels
    assert values["pdb"] == {"enabled": False}, "never two budgets on one pod"


@pytest.mark.parametrize("part", ["controller", "webhook"])
def test_containers_may_write_nothing_and_have_no_rights_on_their_node(part: str) -> None:
    security = VALUES[part]["containerSecurityContext"]
    assert security["runAsNonRoot"] is True
    assert security["runAsUser"] > 0
    assert security["readOnlyRootFilesystem"] is True
    assert security["capabilities"] == {"drop": ["ALL"]}
    assert VALUES[part]["priorityClassName"] == "tandem-services"
    assert VALUES["webhook"]["port"] > 1024
    assert VALUES["controller"]["serviceAccount"]["name"] == EVENTS_SERVICE_ACCOUNT


def test_the_bus_keeps_events_on_three_nodes() -> None:
    bus = render_bus("default", storage_class=None, gib=10)["jetstream"]
    assert bus["replicas"] == 3
    assert bus["version"] == BUS_VERSION
    assert bus["persistence"] == {"accessMode": "ReadWriteOnce", "volumeSize": "10Gi"}
    (required,) = bus["affinity"]["podAntiAffinity"]["requiredDuringSchedulingIgnoredDuringExecution"]
    assert required["topologyKey"] == "kubernetes.io/hostname"
    assert required["labelSelector"]["matchLabels"] == bus_labels("default")
    (preferred,) = bus["affinity"]["podAntiAffinity"]["preferredDuringSchedulingIgnoredDuringExecution"]
    assert preferred["podAffinityTerm"]["topologyKey"] == "topology.kubernetes.io/zone"
    for container in ("containerTemplate", "reloaderContainerTemplate", "metricsContainerTemplate"):
        assert bus[container]["resources"]["limits"]["memory"]
        assert bus[container]["securityContext"]["readOnlyRootFilesystem"] is True


def test_the_bus_s_volumes_take_the_class_they_are_given() -> None:
    bus = installed({"storage_class": "gp3", "bus_gib": 20}).one(EVENT_BUS).props["spec"]["jetstream"]
    assert bus["persistence"] == {"accessMode": "ReadWriteOnce", "volumeSize": "20Gi", "storageClassName": "gp3"}


@pytest.mark.parametrize(
    ("budget", "labels"),
    [
        ("events-bus", bus_labels("default")),
        ("recovery-source", source_labels("recovery")),
        ("recovery-sensor", sensor_labels("recovery")),
    ],
)
def test_what_the_controller_makes_is_drained_one_at_a_time(budget: str, labels: dict[str, str]) -> None:
    spec = installed().one(BUDGET, budget).props["spec"]
    assert spec["maxUnavailable"] == 1
    assert spec["unhealthyPodEvictionPolicy"] == "AlwaysAllow"
    assert spec["selector"] == {"matchLabels": labels}


def test_no_two_budgets_choose_the_same_pods() -> None:
    selectors = [frozenset(each.props["spec"]["selector"]["matchLabels"].items()) for each in installed().all(BUDGET)]
    assert len(selectors) == 5
    assert not any(one < other or other < one for one in selectors for other in selectors)
    assert len(set(selectors)) == len(selectors)


@pytest.mark.parametrize("kind", ["source", "sensor"])
def test_sources_and_sensors_run_twice_apart_from_each_other(kind: str) -> None:
    spec = render_source("recovery") if kind == "source" else render_sensor("recovery", [])
    labels = source_labels("recovery") if kind == "source" else sensor_labels("recovery")
    assert spec["replicas"] == 2
    assert spec["eventBusName"] == "default"
    template = spec["template"]
    terms = template["affinity"]["podAntiAffinity"]["preferredDuringSchedulingIgnoredDuringExecution"]
    assert [each["podAffinityTerm"]["labelSelector"]["matchLabels"] for each in terms] == [labels, labels]
    assert template["serviceAccountName"] == f"recovery-{kind}"
    assert template["priorityClassName"] == "tandem-services"
    assert template["container"]["resources"]["limits"]["memory"]
    assert {each["tolerationSeconds"] for each in template["tolerations"]} == {30}


def test_alertmanager_is_told_where_the_source_listens() -> None:
    recording = installed()
    (service,) = recording.one(SOURCE).props["spec"]["service"]["ports"]
    webhook = recording.one(SOURCE).props["spec"]["webhook"]["alerts"]
    assert str(service["targetPort"]) == str(int(float(webhook["port"]))) == "12000"
    url = "http://recovery-eventsource-svc.events.svc.cluster.local:12000" + webhook["endpoint"]
    assert recording.outputs["webhook"] == url


def test_only_a_firing_alert_that_calls_for_it_starts_a_run() -> None:
    (dependency,) = render_sensor("recovery", [])["dependencies"]
    filters = dependency["filters"]
    assert filters["dataLogicalOperator"] == "and"
    assert {each["path"]: each["value"] for each in filters["data"]} == {
        "body.status": ["firing"],
        f"body.alerts.0.labels.{RECOVERY_LABEL}": [RECOVERY_WORKFLOW],
    }
    assert dependency["eventName"] in render_source("recovery")["webhook"]


def go_template(text: str, alert: dict[str, Any]) -> str:
    """What Go makes of RUN_NAME: fields, ``substr`` and ``replace`` of its pipelines."""

    def value(found: re.Match[str]) -> str:
        field, *steps = (part.strip() for part in found[1].split("|"))
        result = str(alert[field.rpartition(".")[2]])
        for step in steps:
            name, first, second = step.replace("`", "").split()
            result = result[int(first) : int(second)] if name == "substr" else result.replace(first, second)
        return result

    return re.sub(r"\{\{(.+?)\}\}", value, text)


def test_what_a_run_is_called_is_the_alert_s_own_for_an_hour() -> None:
    first = go_template(RUN_NAME, {"fingerprint": "95d87c3e1f0a2b4c", "startsAt": "2026-11-21T12:00:31.123Z"})
    again = go_template(RUN_NAME, {"fingerprint": "95d87c3e1f0a2b4c", "startsAt": "2026-11-21T12:00:44.9Z"})
    later = go_template(RUN_NAME, {"fingerprint": "95d87c3e1f0a2b4c", "startsAt": "2026-11-21T15:00:00Z"})
    other = go_template(RUN_NAME, {"fingerprint": "0000000000000000", "startsAt": "2026-11-21T12:00:31.123Z"})
    assert first == again == "recovery-95d87c3e1f0a2b4c-2026-11-21-12"
    assert len({first, later, other}) == 3
    # A job's name becomes a label of its pods.
    assert re.fullmatch(r"[a-z0-9]([-a-z0-9]*[a-z0-9])?", first)
    assert len(first) <= 63


@pytest.mark.parametrize("trigger", [render_prefect_trigger(PREFECT), render_workflow_trigger(WORKFLOW)])
def test_a_second_notice_of_an_alert_finds_what_the_first_made(trigger: dict[str, Any]) -> None:
    how = trigger["template"]["k8s"]
    assert how["operation"] == "patch"
    names = [each["src"] for each in how["parameters"] if each["dest"] == "metadata.name"]
    assert names == [{"dependencyName": "alert", "dataTemplate": RUN_NAME}]
    # Annotations hold measured values, which change from notice to notice.
    said = [each["src"].get("dataKey", "") for each in how["parameters"]]
    assert not any("annotations" in key or key in ("body", "body.alerts.0") for key in said)
    assert trigger["atLeastOnce"] is True
    assert trigger["retryStrategy"]["steps"] >= 3


def place(document: Any, path: str) -> Any:
    for key in path.split("."):
        document = document[int(key)] if key.isdigit() else document[key]
    return document


@pytest.mark.parametrize("trigger", [render_prefect_trigger(PREFECT), render_workflow_trigger(WORKFLOW)])
def test_what_an_alert_says_has_a_place_in_what_it_starts(trigger: dict[str, Any]) -> None:
    how = trigger["template"]["k8s"]
    for each in how["parameters"]:
        assert isinstance(place(how["source"]["resource"], each["dest"]), str)


def test_the_job_asks_for_a_run_by_name_and_only_once() -> None:
    how = render_prefect_trigger(PREFECT)["template"]["k8s"]
    job = how["source"]["resource"]
    pod = job["spec"]["template"]["spec"]
    (container,) = pod["containers"]
    names = [each["name"] for each in container["env"]]
    targets = {names[int(each["dest"].split(".")[-2])] for each in how["parameters"] if ".env." in each["dest"]}
    assert targets == {"ALERT", "KEY"}
    values = {each["name"]: each.get("value") for each in container["env"]}
    assert values["DEPLOYMENT"] == "recover/auto"
    assert values["PREFECT_API_URL"] == PREFECT["api_url"]
    (sign_in,) = [each for each in container["env"] if each["name"] == "PREFECT_API_AUTH_STRING"]
    assert sign_in["valueFrom"] == {"secretKeyRef": {"name": "prefect-sign-in", "key": "auth-string"}}
    assert container["command"] == ["python", "-c", ASK_PREFECT]
    assert set(re.findall(r'os\.environ\["(\w+)"\]', ASK_PREFECT)) <= set(names)
    compile(ASK_PREFECT, "ask", "exec")
    assert "idempotency_key=" in ASK_PREFECT
    assert pod["serviceAccountName"] == RECOVERY_JOB_ACCOUNT
    assert pod["automountServiceAccountToken"] is False
    assert job["spec"]["ttlSecondsAfterFinished"] > 3600


def test_an_api_without_a_sign_in_is_asked_without_one() -> None:
    job = render_prefect_trigger({**PREFECT, "sign_in_secret": None})["template"]["k8s"]["source"]["resource"]
    assert "AUTH_STRING" not in json.dumps(job)


def test_a_workflow_is_made_of_the_template_with_the_alert_s_parameters() -> None:
    how = render_workflow_trigger(WORKFLOW)["template"]["k8s"]
    spec = how["source"]["resource"]["spec"]
    assert spec["workflowTemplateRef"] == {"name": "recover"}
    assert spec["serviceAccountName"] == "recovery-steps"
    names = [each["name"] for each in spec["arguments"]["parameters"]]
    filled = {
        names[int(each["dest"].split(".")[-2])]: each["src"]["dataKey"]
        for each in how["parameters"]
        if each["dest"].startswith("spec.")
    }
    assert filled == {
        "alert": "body.alerts.0.labels",
        "alertname": "body.alerts.0.labels.alertname",
        "fingerprint": "body.alerts.0.fingerprint",
    }


def test_the_sensor_may_make_what_it_makes_where_it_makes_it_and_nothing_else() -> None:
    recording = installed()
    rights = {
        each.props["metadata"]["namespace"]: [
            (rule["apiGroups"], rule["resources"], rule["verbs"]) for rule in each.props["rules"]
        ]
        for each in recording.all(ROLE)
    }
    assert rights == {
        "prefect": [(["batch"], ["jobs"], ["get", "create", "patch"])],
        "workflows": [(["argoproj.io"], ["workflows"], ["get", "create", "patch"])],
    }
    subjects = [subject for each in recording.all(BINDING) for subject in each.props["subjects"]]
    assert {(each["name"], each["namespace"]) for each in subjects} == {("recovery-sensor", "events")}
    tokens = {each.name: each.props["automountServiceAccountToken"] for each in recording.all(ACCOUNT)}
    assert [name for name, mounted in tokens.items() if mounted] == ["recovery-sensor"]


def test_one_orchestrator_brings_the_rights_of_one() -> None:
    recording = record_only_workflow()
    assert [each.name for each in recording.all(ROLE)] == ["recovery-workflows"]
    (trigger,) = recording.one(SENSOR).props["spec"]["triggers"]
    assert trigger["template"]["name"] == "workflow"


def record_only_workflow() -> Recording:
    def program() -> None:
        provider = k8s.Provider("cluster", kubeconfig="{}")
        namespaces = [
            k8s.core.v1.Namespace(
                name, metadata=k8s.meta.v1.ObjectMetaArgs(name=name), opts=pulumi.ResourceOptions(provider=provider)
            )
            for name in ("events", "workflows")
        ]
        opts = pulumi.ResourceOptions(providers=[provider], depends_on=namespaces)
        AlertRecovery("recovery", {"namespace": "events", "workflow": WORKFLOW}, opts)

    return record(program)


def test_the_bus_comes_after_the_controller_and_the_sensor_after_all_of_them() -> None:
    recording = installed()
    release, bus = recording.one(RELEASE), recording.one(EVENT_BUS)
    source, sensor = recording.one(SOURCE), recording.one(SENSOR)
    assert release.props["version"] == ARGO_EVENTS.version
    assert recording.waits_for(bus, release)
    assert recording.waits_for(recording.one("tandem:index:AlertRecovery"), bus)
    assert recording.waits_for(sensor, source)
    assert all(recording.waits_for(sensor, each) for each in recording.all(BINDING))
    assert recording.unregistered_components() == []


def test_a_preview_shows_all_of_it() -> None:
    assert installed(preview=True).names() == installed().names()


@pytest.mark.parametrize(
    ("plan", "match"),
    [
        (lambda: plan_events(1, 10), "replicas: got 1, must be at least 2"),
        (lambda: plan_events(2, 1), "bus_gib: got 1, must be at least 2"),
        (lambda: plan_recovery(None, None), "prefect, workflow: neither is given"),
        (
            lambda: plan_recovery({**PREFECT, "deployment": "recover"}, None),
            "got 'recover', must be <flow>/<deployment>",
        ),
        (lambda: plan_recovery({**PREFECT, "deployment": "/auto"}, None), "got '/auto', must be <flow>/<deployment>"),
        (lambda: plan_recovery(None, {**WORKFLOW, "workflow_template": ""}), "workflow_template: is empty"),
    ],
)
def test_what_cannot_be_is_said_before_anything_is_made(plan: Callable[[], Any], match: str) -> None:
    with pytest.raises(ValueError, match=match):
        plan()
