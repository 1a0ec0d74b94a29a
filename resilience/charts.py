"""What pods each chart makes, and which of its values decide how they survive: facts about charts, one row a workload.

Rules that judge a release's values read them here; a chart that is missing is one of which nobody can say. Every fact
is one of the chart version that components/charts.py pins, read in its values.yaml, or in its templates where a label
or a condition is written only there (read 2026-11, rendered with helm v3.18.6). This imports no component, so the
names are said again; tests/policies/test_chart_workloads.py holds the two together, paths and defaults included.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, cast

from resilience.graph import UNKNOWN, Read, Resource, State
from resilience.selectors import every

FULL = {"requests": {"cpu": "set", "memory": "set"}, "limits": {"memory": "set"}}
"""Stands for a chart's own requests for CPU and memory and its limit of memory, whatever they are."""
HARDENED = {
    "allowPrivilegeEscalation": False,
    "capabilities": {"drop": ["ALL"]},
    "readOnlyRootFilesystem": True,
}
"""What a hardened container's security context says; whether it may be root is asked for beside it."""


@dataclass(frozen=True, slots=True)
class Key:
    """A value of a chart, and what it is where a release leaves it out."""

    path: str
    """Dotted; of a row with ``each``, one that begins with a dot is of the list's element. Empty: nobody can say
    otherwise than the chart."""
    default: Any = None
    """The chart's own; None: nothing, or empty."""


@dataclass(frozen=True, slots=True)
class On:
    """A condition: the value is ``wanted``."""

    path: str
    default: Any = True
    wanted: Any = True
    within: bool = False
    """It is enough that the value contains it."""
    unless: bool = False
    """The other way round: the value must not be ``wanted``."""


@dataclass(frozen=True, slots=True)
class Budget:
    """How a chart is told to make a PodDisruptionBudget."""

    block: str
    """Where ``maxUnavailable`` and ``minAvailable`` are said; empty: the chart says them itself."""
    switch: Key | None = None
    """Value that must be true as well; None: the block, if not empty, is enough."""
    most: Any = None
    """maxUnavailable by default."""
    least: Any = None
    """minAvailable by default, where maxUnavailable is not said."""


@dataclass(frozen=True, slots=True)
class Security:
    """Where a container's security context is said, and its pod's."""

    container: Key
    pod: Key | None = None
    writable: str = ""
    """Why its root file system cannot be read-only; empty: it can."""


@dataclass(frozen=True, slots=True)
class Workload:
    """One workload of a chart."""

    name: str
    """What it is called here."""
    labels: Mapping[str, str]
    """Labels of its pods that last. ``{release}`` stands for the release's name, ``{fullname}`` for what the chart
    makes of it, ``{name}`` for the name of the list's element."""
    when: tuple[On, ...] = ()
    """It runs only if all of these hold."""
    replicas: tuple[Key, ...] = ()
    """Where their number is said; the first that is set counts, and the last one's default."""
    scalers: tuple[tuple[On, Key], ...] = ()
    """Autoscalers by what switches them on; one that is on owns the number, and its minimum counts."""
    least: int = 2
    """Fewest replicas that survive a lost pod."""
    singleton: str = ""
    """Why there is only one of it, and what losing it costs; empty: there are to be several."""
    daemon: bool = False
    """One on every node: neither counted, nor spread, nor kept by a budget."""
    budget: Budget | None = None
    """None: the chart has no key; then a PodDisruptionBudget beside the release selects its pods."""
    spread: tuple[str, ...] = ()
    """Where spread constraints or an affinity are said; the first that is not empty counts."""
    fills: bool = False
    """Whether the chart puts its pods' labels into a constraint that names none."""
    spread_by_default: bool = False
    """Whether the chart spreads over zones where nothing is said."""
    resources: tuple[Key, ...] = ()
    """Where each container's requests and limits are said; empty: the chart says them itself, or lets nobody."""
    priority: tuple[Key, ...] = ()
    """Where the priority class is said; the first that is not empty counts. Empty: the chart lets nobody."""
    probes: tuple[str, ...] = ()
    """Switches of probes that are off by default."""
    security: tuple[Security, ...] = ()
    """Empty: the chart says it itself, or what the workload does needs more, as on a node."""
    each: str = ""
    """List of which every element makes one such workload."""


NON_ROOT = {**HARDENED, "runAsNonRoot": True}
NO_ROOT = {"runAsNonRoot": True}
UNPRIVILEGED = {key: HARDENED[key] for key in ("allowPrivilegeEscalation", "capabilities")}


def _named(name: str, **more: str) -> dict[str, str]:
    """The labels that most charts select by."""
    return {"app.kubernetes.io/name": name, "app.kubernetes.io/instance": "{release}", **more}


def _parts(name: str, component: str, of: str) -> dict[str, str]:
    return {
        **_named(name),
        "app.kubernetes.io/component": component,
        "app.kubernetes.io/part-of": of,
        "app.kubernetes.io/managed-by": "Helm",
    }


def _scaled(path: str, minimum: str = "minReplicas", default: int = 1) -> tuple[tuple[On, Key], ...]:
    return ((On(f"{path}.enabled", default=False), Key(f"{path}.{minimum}", default)),)


def _airflow(
    part: str,
    component: str,
    *,
    when: tuple[On, ...] = (),
    replicas: str = "",
    scalers: tuple[tuple[On, Key], ...] = (),
    singleton: str = "",
    budget: bool = True,
    user: int = 50000,
    sidecar: str = "logGroomerSidecar",
) -> Workload:
    block = f"{part}.podDisruptionBudget"
    return Workload(
        part,
        {"tier": "airflow", "component": component, "release": "{release}"},
        when=when,
        replicas=() if singleton else (Key(replicas or f"{part}.replicas", 1),),
        scalers=scalers,
        singleton=singleton,
        budget=Budget(f"{block}.config", Key(f"{block}.enabled", default=False), most=1) if budget else None,
        spread=(f"{part}.topologySpreadConstraints", "topologySpreadConstraints", f"{part}.affinity", "affinity"),
        resources=(Key(f"{part}.resources"), *((Key(f"{part}.{sidecar}.resources"),) if sidecar else ())),
        priority=(Key(f"{part}.priorityClassName"),),
        security=(
            Security(
                Key(f"{part}.securityContexts.container", UNPRIVILEGED),
                Key(f"{part}.securityContexts.pod", {"runAsUser": user}),
                writable="Airflow writes below AIRFLOW_HOME, over which the chart mounts nothing",
            ),
        ),
    )


def _argo_cd(
    part: str,
    component: str,
    *,
    when: tuple[On, ...] = (),
    scales: bool = False,
    singleton: str = "",
    probes: bool = False,
    budget: bool = True,
    security: Security | None = None,
) -> Workload:
    return Workload(
        part,
        _parts(f"argocd-{component}", component, "argocd"),
        when=when,
        replicas=() if singleton else (Key(f"{part}.replicas", 1),),
        scalers=_scaled(f"{part}.autoscaling") if scales else (),
        singleton=singleton,
        budget=Budget(f"{part}.pdb", Key(f"{part}.pdb.enabled", default=False), least=0) if budget else None,
        # By default "soft" anti-affinity, over hosts alone (templates/_common.tpl).
        spread=(f"{part}.topologySpreadConstraints", "global.topologySpreadConstraints", f"{part}.affinity"),
        fills=True,
        resources=(Key(f"{part}.resources"),),
        priority=(Key(f"{part}.priorityClassName"), Key("global.priorityClassName")),
        probes=(f"{part}.livenessProbe.enabled", f"{part}.readinessProbe.enabled") if probes else (),
        security=(security or Security(Key(f"{part}.containerSecurityContext", NON_ROOT)),),
    )


def _cert_manager(part: str, name: str, component: str) -> Workload:
    block = f"{part}." if part else ""
    return Workload(
        component,
        _named(name, **{"app.kubernetes.io/component": component, "app": name, "app.kubernetes.io/managed-by": "Helm"}),
        when=(On(f"{part}.enabled"),) if part == "cainjector" else (),
        replicas=(Key(f"{block}replicaCount", 1),),
        budget=Budget(
            f"{block}podDisruptionBudget", Key(f"{block}podDisruptionBudget.enabled", default=False), least=1
        ),
        spread=(f"{block}topologySpreadConstraints", f"{block}affinity"),
        resources=(Key(f"{block}resources"),),
        priority=(Key("global.priorityClassName"),),
        security=(
            Security(Key(f"{block}containerSecurityContext", HARDENED), Key(f"{block}securityContext", NO_ROOT)),
        ),
    )


def _external_secrets(part: str, name: str, *, when: tuple[On, ...] = (), probes: tuple[str, ...]) -> Workload:
    block = f"{part}." if part else ""
    return Workload(
        part or "controller",
        {**_named(name), "app.kubernetes.io/managed-by": "Helm"},
        when=when,
        replicas=(Key(f"{block}replicaCount", 1),),
        budget=Budget(
            f"{block}podDisruptionBudget", Key(f"{block}podDisruptionBudget.enabled", default=False), least=1
        ),
        spread=(
            *(f"{block}topologySpreadConstraints", "global.topologySpreadConstraints"),
            *(f"{block}affinity", "global.affinity"),
        ),
        fills=True,
        resources=(Key(f"{block}resources"),),
        priority=(Key(f"{block}priorityClassName"),),
        probes=tuple(f"{block}{probe}.enabled" for probe in probes),
        security=(Security(Key(f"{block}securityContext", NON_ROOT)),),
    )


def _keda(part: str, app: str, *, singular: str = "", when: tuple[On, ...] = ()) -> Workload:
    key = singular or part
    return Workload(
        part,
        {
            "app": app,
            **_named(app),
            "app.kubernetes.io/component": "operator",
            "app.kubernetes.io/part-of": "keda-operator",
        },
        when=when,
        replicas=(Key(f"{part}.replicaCount", 1),),
        budget=Budget(f"podDisruptionBudget.{key}"),
        spread=(f"topologySpreadConstraints.{part}", f"{part}.affinity", "affinity"),
        resources=(Key(f"resources.{key}", FULL),),
        priority=(Key("priorityClassName"),),
        security=(Security(Key(f"securityContext.{key}", HARDENED), Key(f"podSecurityContext.{key}", NO_ROOT)),),
    )


def _kyverno(part: str, component: str, *, container: str = "", when: tuple[On, ...] = ()) -> Workload:
    return Workload(
        part,
        _parts(f"kyverno-{component}", component, "{fullname}"),
        when=when,
        replicas=(Key(f"{part}.replicas"),),
        scalers=_scaled(f"{part}.autoscaling") if container else (),
        # Made wherever there is more than one replica, whatever `enabled` says.
        budget=Budget(f"{part}.podDisruptionBudget", least=1),
        spread=(f"{part}.topologySpreadConstraints",),
        resources=(Key(f"{part}.{container}resources", FULL),),
        priority=(Key(f"{part}.priorityClassName"), Key("global.priorityClassName")),
        security=(Security(Key(f"{part}.{container}securityContext", NON_ROOT)),),
    )


def _temporal(part: str, *, when: tuple[On, ...]) -> Workload:
    return Workload(
        part,
        _parts("temporal", part.rpartition(".")[2], "temporal"),
        when=when,
        replicas=(
            (Key("web.replicaCount", 1),)
            if part == "web"
            else (Key(f"{part}.replicaCount"), Key("server.replicaCount", 1))
        ),
        budget=Budget(f"{part}.podDisruptionBudget"),
        spread=(
            f"{part}.topologySpreadConstraints",
            f"{part}.affinity",
            *(() if part == "web" else ("server.affinity",)),
        ),
        resources=(Key(f"{part}.resources"),),
        security=(
            Security(
                Key(f"{part}.containerSecurityContext"),
                Key("web.securityContext") if part == "web" else Key("server.securityContext", {"runAsUser": 1000}),
                writable="its start writes its configuration beside the program" if part == "web" else "",
            ),
        ),
    )


_OPERATOR = "kube-prometheus-stack-operator"
_WEBHOOK = "prometheusOperator.admissionWebhooks.deployment"

CHARTS: Mapping[str, tuple[Workload, ...]] = {
    "airflow": (
        _airflow(
            "apiServer",
            "api-server",
            when=(On("apiServer.enabled"),),
            sidecar="",
            scalers=_scaled("apiServer.hpa", "minReplicaCount"),
        ),
        _airflow("scheduler", "scheduler", when=(On("scheduler.enabled"),)),
        # dagProcessor.enabled is empty by default, and then on with Airflow 3.
        _airflow(
            "dagProcessor",
            "dag-processor",
            when=(On("dagProcessor.enabled", None, wanted=False, unless=True),),
            budget=False,
        ),
        _airflow(
            "triggerer",
            "triggerer",
            when=(On("triggerer.enabled"),),
            scalers=_scaled("triggerer.keda", "minReplicaCount", 0),
        ),
        _airflow(
            "workers",
            "worker",
            when=(On("executor", "CeleryExecutor", "Celery", within=True),),
            replicas="workers.celery.replicas",
            scalers=_scaled("workers.keda", "minReplicaCount", 0) + _scaled("workers.hpa", "minReplicaCount", 0),
        ),
        _airflow(
            "pgbouncer",
            "pgbouncer",
            when=(On("pgbouncer.enabled", default=False),),
            user=65534,
            sidecar="metricsExporterSidecar",
        ),
        _airflow(
            "statsd",
            "statsd",
            when=(On("statsd.enabled"),),
            budget=False,
            user=65534,
            sidecar="",
            singleton="it adds up counters that reach it over UDP; two would each have half of them. While it "
            "restarts, Airflow runs on and metrics have a gap",
        ),
    ),
    "argo-cd": (
        _argo_cd(
            "controller",
            "application-controller",
            singleton="replicas are shards of clusters, not standbys, and there is one cluster. While it restarts "
            "nothing is reconciled, and nothing breaks",
        ),
        _argo_cd("server", "server", scales=True),
        _argo_cd("repoServer", "repo-server", scales=True),
        _argo_cd("applicationSet", "applicationset-controller", probes=True),
        _argo_cd(
            "notifications",
            "notifications-controller",
            when=(On("notifications.enabled"),),
            probes=True,
            singleton="two would tell everything twice: it elects no leader. While it restarts, messages wait",
        ),
        _argo_cd(
            "dex",
            "dex-server",
            when=(On("dex.enabled"),),
            probes=True,
            singleton="the chart has no key, and it keeps sign-ins in memory. While it restarts, nobody can sign in",
        ),
        _argo_cd(
            "redis",
            "redis",
            when=(On("redis.enabled"), On("redis-ha.enabled", default=False, wanted=False)),
            probes=True,
            security=Security(Key("redis.containerSecurityContext", HARDENED), Key("redis.securityContext", NO_ROOT)),
            singleton="a cache that is filled again from the cluster; external or redis-ha where that is too slow",
        ),
        _argo_cd(
            "commitServer",
            "commit-server",
            when=(On("commitServer.enabled", default=False),),
            budget=False,
            singleton="the chart has no key. While it restarts, hydrated manifests wait",
        ),
    ),
    "argo-events": tuple(
        Workload(
            part,
            _parts(f"argo-events-{component}", component, "argo-events"),
            when=when,
            replicas=(Key(f"{part}.replicas", 1),),
            budget=Budget(f"{part}.pdb", Key(f"{part}.pdb.enabled", default=False), least=0),
            spread=(f"{part}.topologySpreadConstraints", f"{part}.affinity"),
            fills=True,
            resources=(Key(f"{part}.resources"),),
            priority=(Key(f"{part}.priorityClassName"),),
            security=(Security(Key(f"{part}.containerSecurityContext"), Key("global.securityContext")),),
        )
        for part, component, when in (
            ("controller", "controller-manager", ()),
            ("webhook", "events-webhook", (On("webhook.enabled", default=False),)),
        )
    ),
    "argo-rollouts": tuple(
        Workload(
            part,
            _named("argo-rollouts", **{"app.kubernetes.io/component": component}),
            when=when,
            replicas=(Key(f"{part}.replicas", replicas),),
            budget=Budget(f"{part}.pdb", Key(f"{part}.pdb.enabled", default=False), least=0),
            spread=(f"{part}.topologySpreadConstraints", f"{part}.affinity"),
            fills=True,
            resources=(Key(f"{part}.resources"),),
            priority=(Key(f"{part}.priorityClassName"),),
            security=(security,),
        )
        for part, component, replicas, when, security in (
            (
                "controller",
                "rollouts-controller",
                2,
                (),
                Security(Key("containerSecurityContext", HARDENED), Key("podSecurityContext", NO_ROOT)),
            ),
            (
                "dashboard",
                "rollouts-dashboard",
                1,
                (On("dashboard.enabled", default=False),),
                Security(Key("dashboard.containerSecurityContext"), Key("dashboard.podSecurityContext", NO_ROOT)),
            ),
        )
    ),
    "argo-workflows": (
        Workload(
            "controller",
            _parts("argo-workflows-workflow-controller", "workflow-controller", "argo-workflows")
            | {"app": "workflow-controller"},
            replicas=(Key("controller.replicas", 1),),
            budget=Budget("controller.pdb", Key("controller.pdb.enabled", default=False), least=0),
            spread=("controller.topologySpreadConstraints", "controller.affinity"),
            fills=True,
            resources=(Key("controller.resources"),),
            priority=(Key("controller.priorityClassName"),),
            security=(Security(Key("controller.securityContext", NON_ROOT)),),
        ),
        Workload(
            "server",
            _parts("argo-workflows-server", "server", "argo-workflows") | {"app": "server"},
            when=(On("server.enabled"),),
            replicas=(Key("server.replicas", 1),),
            scalers=_scaled("server.autoscaling"),
            budget=Budget("server.pdb", Key("server.pdb.enabled", default=False), least=0),
            spread=("server.topologySpreadConstraints", "server.affinity"),
            fills=True,
            resources=(Key("server.resources"),),
            priority=(Key("server.priorityClassName"),),
            probes=("server.livenessProbe.enabled",),
            security=(Security(Key("server.securityContext", {**NON_ROOT, "readOnlyRootFilesystem": False})),),
        ),
    ),
    "aws-for-fluent-bit": (
        Workload(
            "agent",
            {"app.kubernetes.io/name": "aws-for-fluent-bit", "app.kubernetes.io/instance": "{fullname}"},
            daemon=True,
            resources=(Key("resources", FULL),),
            # In the template, not in values.yaml (templates/daemonset.yaml).
            priority=(Key("priorityClassName"),),
        ),
    ),
    "aws-load-balancer-controller": (
        Workload(
            "controller",
            _named("aws-load-balancer-controller"),
            replicas=(Key("replicaCount", 2),),
            scalers=_scaled("autoscaling"),
            budget=Budget("podDisruptionBudget"),
            spread=("topologySpreadConstraints", "affinity"),
            resources=(Key("resources"),),
            priority=(Key("priorityClassName", "system-cluster-critical"),),
            security=(
                Security(
                    Key(
                        "securityContext",
                        {"readOnlyRootFilesystem": True, "runAsNonRoot": True, "allowPrivilegeEscalation": False},
                    )
                ),
            ),
        ),
    ),
    "cert-manager": (
        _cert_manager("", "cert-manager", "controller"),
        _cert_manager("webhook", "webhook", "webhook"),
        _cert_manager("cainjector", "cainjector", "cainjector"),
    ),
    "dcgm-exporter": (
        Workload(
            "exporter",
            _named("dcgm-exporter", **{"app.kubernetes.io/component": "dcgm-exporter"}),
            daemon=True,
            resources=(Key("resources", FULL),),
            priority=(Key("priorityClassName", "system-node-critical"),),
        ),
    ),
    "external-dns": (
        Workload(
            "controller",
            _named("external-dns"),
            singleton="it elects no leader, and two would write the same records (external-dns#2430). While it "
            "restarts, records stay as they are",
            spread=("topologySpreadConstraints", "affinity"),
            fills=True,
            resources=(Key("resources"),),
            priority=(Key("priorityClassName"),),
            security=(Security(Key("securityContext", NON_ROOT), Key("podSecurityContext", NO_ROOT)),),
        ),
    ),
    "external-secrets": (
        _external_secrets("", "external-secrets", probes=("livenessProbe", "readinessProbe")),
        _external_secrets(
            "webhook", "external-secrets-webhook", when=(On("webhook.create"),), probes=("livenessProbe",)
        ),
        _external_secrets(
            "certController",
            "external-secrets-cert-controller",
            when=(On("certController.create"),),
            probes=("livenessProbe",),
        ),
    ),
    "gatekeeper": (
        Workload(
            "controllerManager",
            {
                "app": "gatekeeper",
                "chart": "gatekeeper",
                "control-plane": "controller-manager",
                "release": "{release}",
                "gatekeeper.sh/operation": "webhook",
                "gatekeeper.sh/system": "yes",
                "heritage": "Helm",
                **_named("gatekeeper"),
            },
            replicas=(Key("replicas", 3),),
            budget=Budget("pdb.controllerManager", least=1),
            spread=("controllerManager.topologySpreadConstraints", "controllerManager.affinity"),
            resources=(Key("controllerManager.resources", FULL),),
            priority=(Key("controllerManager.priorityClassName", "system-cluster-critical"),),
            security=(Security(Key("controllerManager.securityContext", NON_ROOT)),),
        ),
        Workload(
            "audit",
            {
                "app": "gatekeeper",
                "chart": "gatekeeper",
                "control-plane": "audit-controller",
                "release": "{release}",
                "gatekeeper.sh/operation": "audit",
                "gatekeeper.sh/system": "yes",
                "heritage": "Helm",
                **_named("gatekeeper"),
            },
            when=(On("disableAudit", default=False, wanted=False),),
            singleton="the chart has no key: one looks over what is there already, and admits nothing. While it "
            "restarts, the next look comes later",
            spread=("audit.affinity",),
            resources=(Key("audit.resources", FULL),),
            priority=(Key("audit.priorityClassName", "system-cluster-critical"),),
            security=(Security(Key("audit.securityContext", NON_ROOT)),),
        ),
    ),
    "karpenter": (
        Workload(
            "controller",
            _named("karpenter"),
            replicas=(Key("replicas", 2),),
            budget=Budget("podDisruptionBudget", most=1),
            spread=("topologySpreadConstraints",),
            fills=True,
            spread_by_default=True,
            resources=(Key("controller.resources"),),
            priority=(Key("priorityClassName", "system-cluster-critical"),),
            # The template says all of it (templates/deployment.yaml).
        ),
    ),
    "keda": (
        _keda("operator", "keda-operator"),
        _keda(
            "metricsServer",
            "keda-operator-metrics-apiserver",
            singular="metricServer",
            when=(On("metricsServer.enabled"),),
        ),
        _keda("webhooks", "keda-admission-webhooks", when=(On("webhooks.enabled"),)),
    ),
    "kserve-resources": (
        Workload(
            "controller",
            {
                "app.kubernetes.io/name": "kserve-controller-manager",
                "control-plane": "kserve-controller-manager",
                "controller-tools.k8s.io": "1.0",
            },
            singleton="the chart has no key for replicas. While it restarts, no inference service can be made or "
            "changed; those that run, run on",
            spread=("kserve.controller.topologySpreadConstraints", "kserve.controller.affinity"),
            resources=(Key("kserve.controller.resources", FULL), Key("kserve.controller.rbacProxy.resources", FULL)),
            security=(
                Security(Key("kserve.controller.containerSecurityContext", NON_ROOT)),
                Security(Key("kserve.controller.rbacProxy.securityContext", NON_ROOT)),
            ),
        ),
    ),
    "kube-prometheus-stack": (
        Workload(
            "prometheus",
            {
                "app.kubernetes.io/name": "prometheus",
                "app.kubernetes.io/instance": "{fullname}-prometheus",
                "app.kubernetes.io/managed-by": "prometheus-operator",
                "operator.prometheus.io/name": "{fullname}-prometheus",
                "prometheus": "{fullname}-prometheus",
            },
            when=(On("prometheus.enabled"),),
            replicas=(Key("prometheus.prometheusSpec.replicas", 1),),
            budget=Budget(
                "prometheus.podDisruptionBudget", Key("prometheus.podDisruptionBudget.enabled", default=False), least=1
            ),
            spread=("prometheus.prometheusSpec.topologySpreadConstraints", "prometheus.prometheusSpec.affinity"),
            resources=(Key("prometheus.prometheusSpec.resources"),),
            priority=(Key("prometheus.prometheusSpec.priorityClassName"),),
            # The operator hardens the containers.
        ),
        Workload(
            "alertmanager",
            {
                "app.kubernetes.io/name": "alertmanager",
                "app.kubernetes.io/instance": "{fullname}-alertmanager",
                "app.kubernetes.io/managed-by": "prometheus-operator",
                "alertmanager": "{fullname}-alertmanager",
            },
            when=(On("alertmanager.enabled"),),
            replicas=(Key("alertmanager.alertmanagerSpec.replicas", 1),),
            budget=Budget(
                "alertmanager.podDisruptionBudget",
                Key("alertmanager.podDisruptionBudget.enabled", default=False),
                least=1,
            ),
            spread=(
                "alertmanager.alertmanagerSpec.topologySpreadConstraints",
                "alertmanager.alertmanagerSpec.affinity",
            ),
            resources=(Key("alertmanager.alertmanagerSpec.resources"),),
            priority=(Key("alertmanager.alertmanagerSpec.priorityClassName"),),
        ),
        Workload(
            "prometheusOperator",
            {
                "app": _OPERATOR,
                "release": "{release}",
                "app.kubernetes.io/component": "prometheus-operator",
                **_named("kube-prometheus-stack-prometheus-operator"),
            },
            when=(On("prometheusOperator.enabled"),),
            singleton="the chart has no key for replicas. While it restarts, what it made runs on, unchanged",
            budget=Budget(
                "prometheusOperator.podDisruptionBudget",
                Key("prometheusOperator.podDisruptionBudget.enabled", default=False),
                least=1,
            ),
            spread=("prometheusOperator.affinity",),
            resources=(Key("prometheusOperator.resources"),),
            security=(
                Security(
                    Key("prometheusOperator.containerSecurityContext", HARDENED),
                    Key("prometheusOperator.securityContext", NO_ROOT),
                ),
            ),
        ),
        Workload(
            "admissionWebhooks",
            {
                "app": f"{_OPERATOR}-webhook",
                "release": "{release}",
                "app.kubernetes.io/component": "prometheus-operator-webhook",
                **_named("kube-prometheus-stack-prometheus-operator"),
            },
            when=(On("prometheusOperator.enabled"), On(f"{_WEBHOOK}.enabled", default=False)),
            replicas=(Key(f"{_WEBHOOK}.replicas", 1),),
            budget=Budget(
                f"{_WEBHOOK}.podDisruptionBudget",
                Key(f"{_WEBHOOK}.podDisruptionBudget.enabled", default=False),
                least=1,
            ),
            spread=(f"{_WEBHOOK}.affinity",),
            resources=(Key(f"{_WEBHOOK}.resources"),),
            security=(
                Security(
                    Key(f"{_WEBHOOK}.containerSecurityContext", HARDENED), Key(f"{_WEBHOOK}.securityContext", NO_ROOT)
                ),
            ),
        ),
        Workload(
            "grafana",
            _named("grafana"),
            when=(On("grafana.enabled"),),
            replicas=(Key("grafana.replicas", 1),),
            scalers=_scaled("grafana.autoscaling"),
            budget=Budget("grafana.podDisruptionBudget"),
            spread=("grafana.topologySpreadConstraints", "grafana.affinity"),
            resources=(Key("grafana.resources"), Key("grafana.sidecar.resources")),
            priority=(Key("grafana.priorityClassName"),),
            security=(
                Security(
                    Key("grafana.containerSecurityContext", UNPRIVILEGED), Key("grafana.securityContext", NO_ROOT)
                ),
            ),
        ),
        Workload(
            "kube-state-metrics",
            _named("kube-state-metrics", **{"app.kubernetes.io/component": "metrics"}),
            when=(On("kubeStateMetrics.enabled"),),
            singleton="every replica would report every object again: alerts count twice. While it restarts, its "
            "metrics have a gap",
            budget=Budget("kube-state-metrics.podDisruptionBudget"),
            spread=("kube-state-metrics.topologySpreadConstraints", "kube-state-metrics.affinity"),
            resources=(Key("kube-state-metrics.resources"),),
            priority=(Key("kube-state-metrics.priorityClassName"),),
            security=(
                Security(
                    Key("kube-state-metrics.containerSecurityContext", HARDENED),
                    Key("kube-state-metrics.securityContext", NO_ROOT),
                ),
            ),
        ),
        Workload(
            "node-exporter",
            _named("prometheus-node-exporter", **{"app.kubernetes.io/component": "metrics"}),
            when=(On("nodeExporter.enabled"),),
            daemon=True,
            resources=(Key("prometheus-node-exporter.resources"),),
            priority=(Key("prometheus-node-exporter.priorityClassName"),),
        ),
    ),
    "kyverno": (
        _kyverno("admissionController", "admission-controller", container="container."),
        _kyverno("backgroundController", "background-controller", when=(On("backgroundController.enabled"),)),
        _kyverno("cleanupController", "cleanup-controller", when=(On("cleanupController.enabled"),)),
        _kyverno("reportsController", "reports-controller", when=(On("reportsController.enabled"),)),
    ),
    "metrics-server": (
        Workload(
            "server",
            _named("metrics-server"),
            replicas=(Key("replicas", 1),),
            budget=Budget("podDisruptionBudget", Key("podDisruptionBudget.enabled", default=False)),
            spread=("topologySpreadConstraints", "affinity"),
            resources=(Key("resources", {"requests": FULL["requests"]}),),
            priority=(Key("priorityClassName", "system-cluster-critical"),),
            security=(Security(Key("securityContext", NON_ROOT)),),
        ),
    ),
    # The chart says the rest itself: tests/unit/components/test_model_server_chart.py and rendered manifests.
    "model-server": (
        Workload(
            "servers",
            _named("model-server"),
            replicas=(Key("replicas.min", 2),),
            budget=Budget("", most=1),
            spread_by_default=True,
            priority=(Key("priorityClassName"),),
        ),
        Workload(
            "edge",
            _named("model-server-edge"),
            # There with shadow or fallback alone, and right even where it is not.
            replicas=(Key("edge.replicas", 2),),
            budget=Budget("", most=1),
            spread_by_default=True,
            priority=(Key("priorityClassName"),),
        ),
        Workload(
            "shadow",
            _named("model-server-shadow"),
            when=(On("shadow.enabled", default=False),),
            replicas=(Key("shadow.replicas", 2),),
            budget=Budget("", most=1),
            spread_by_default=True,
            priority=(Key("priorityClassName"),),
        ),
    ),
    "nvidia-device-plugin": (
        Workload(
            "plugin",
            _named("nvidia-device-plugin"),
            daemon=True,
            resources=(Key("resources"),),
            priority=(Key("priorityClassName", "system-node-critical"),),
        ),
    ),
    "opentelemetry-collector": (
        Workload(
            "collector",
            _named("opentelemetry-collector", component="standalone-collector"),
            when=(On("mode", "", "deployment"),),
            replicas=(Key("replicaCount", 1),),
            scalers=_scaled("autoscaling"),
            budget=Budget("podDisruptionBudget", Key("podDisruptionBudget.enabled", default=False)),
            spread=("topologySpreadConstraints", "affinity"),
            resources=(Key("resources"),),
            priority=(Key("priorityClassName"),),
            security=(Security(Key("securityContext"), Key("podSecurityContext")),),
        ),
        Workload(
            "stateful collector",
            _named("opentelemetry-collector", component="statefulset-collector"),
            when=(On("mode", "", "statefulset"),),
            replicas=(Key("replicaCount", 1),),
            scalers=_scaled("autoscaling"),
            budget=Budget("podDisruptionBudget", Key("podDisruptionBudget.enabled", default=False)),
            spread=("topologySpreadConstraints", "affinity"),
            resources=(Key("resources"),),
            priority=(Key("priorityClassName"),),
            security=(Security(Key("securityContext"), Key("podSecurityContext")),),
        ),
        Workload(
            "agent",
            _named("opentelemetry-collector", component="agent-collector"),
            when=(On("mode", "", "daemonset"),),
            daemon=True,
            resources=(Key("resources"),),
            priority=(Key("priorityClassName"),),
        ),
    ),
    "opentelemetry-operator": (
        Workload(
            "manager",
            _parts("opentelemetry-operator", "controller-manager", "opentelemetry-operator"),
            replicas=(Key("replicaCount", 1),),
            budget=Budget("pdb", Key("pdb.create", default=False), least=1),
            spread=("topologySpreadConstraints", "affinity"),
            resources=(Key("manager.resources"),),
            priority=(Key("priorityClassName"),),
            security=(Security(Key("manager.securityContext", {**UNPRIVILEGED, **NO_ROOT})),),
        ),
    ),
    "prefect-server": (
        Workload(
            "server",
            _named("prefect-server", **{"app.kubernetes.io/component": "server"}),
            replicas=(Key("server.replicaCount", 1),),
            scalers=_scaled("server.autoscaling"),
            spread=("server.affinity",),
            resources=(Key("server.resources", FULL),),
            priority=(Key("server.priorityClassName"),),
            security=(
                Security(
                    Key("server.containerSecurityContext", {**NON_ROOT, "capabilities": {}}),
                    Key("server.podSecurityContext", NO_ROOT),
                ),
            ),
        ),
        Workload(
            "backgroundServices",
            _named("prefect-server", **{"app.kubernetes.io/component": "background-services"}),
            when=(On("backgroundServices.runAsSeparateDeployment", default=False),),
            replicas=(Key("backgroundServices.replicaCount", 1),),
            spread=("backgroundServices.affinity",),
            resources=(Key("backgroundServices.resources", FULL),),
            priority=(Key("backgroundServices.priorityClassName"),),
            security=(
                Security(
                    Key("backgroundServices.containerSecurityContext", {**NON_ROOT, "capabilities": {}}),
                    Key("backgroundServices.podSecurityContext", NO_ROOT),
                ),
            ),
        ),
    ),
    "prefect-worker": (
        Workload(
            "worker",
            _named("prefect-worker", **{"app.kubernetes.io/component": "worker"}),
            replicas=(Key("worker.replicaCount", 1),),
            scalers=_scaled("worker.autoscaling"),
            budget=Budget("worker.podDisruptionBudget"),
            spread=("worker.affinity",),
            resources=(Key("worker.resources", FULL),),
            priority=(Key("worker.priorityClassName"),),
            probes=("worker.livenessProbe.enabled",),
            security=(
                Security(
                    Key("worker.containerSecurityContext", {**NON_ROOT, "capabilities": {}}),
                    Key("worker.podSecurityContext", NO_ROOT),
                ),
            ),
        ),
    ),
    "prometheus-prefect-exporter": (
        Workload(
            "exporter",
            _named("prometheus-prefect-exporter"),
            singleton="every replica would report every run again. While it restarts, its metrics have a gap",
            budget=Budget("podDisruptionBudget"),
            spread=("affinity",),
            resources=(Key("resources"),),
            security=(Security(Key("securityContext"), Key("podSecurityContext")),),
        ),
    ),
    "temporal": (
        *(
            _temporal(
                f"server.{part}", when=(On("server.enabled"), On(f"server.{part}.enabled", part != "internal-frontend"))
            )
            for part in ("frontend", "internal-frontend", "history", "matching", "worker")
        ),
        _temporal("web", when=(On("web.enabled"),)),
        Workload(
            "admintools",
            _parts("temporal", "admintools", "temporal"),
            when=(On("admintools.enabled"),),
            singleton="a shell for people: nothing depends on it",
            budget=Budget("admintools.podDisruptionBudget"),
            resources=(Key("admintools.resources"),),
            security=(
                Security(
                    Key("admintools.containerSecurityContext"),
                    Key("admintools.securityContext"),
                    writable="a shell's home",
                ),
            ),
        ),
    ),
    "vault": (
        Workload(
            "server",
            _named("vault", component="server"),
            # "-" means: on, as global.enabled is.
            when=(On("server.enabled", "-", wanted=False, unless=True),),
            replicas=(Key("", 1),),
            scalers=((On("server.ha.enabled", default=False), Key("server.ha.replicas", 3)),),
            least=3,
            # Half of them, rounded down, less one (templates/_helpers.tpl, vault.pdb.maxUnavailable).
            budget=Budget(
                "server.ha.disruptionBudget", Key("server.ha.disruptionBudget.enabled", default=True), most=1
            ),
            spread=("server.topologySpreadConstraints", "server.affinity"),
            resources=(Key("server.resources"),),
            priority=(Key("server.priorityClassName"),),
            probes=("server.livenessProbe.enabled",),
            security=(
                Security(
                    Key("server.statefulSet.securityContext.container"),
                    Key("server.statefulSet.securityContext.pod", NO_ROOT),
                    writable="its entry point writes its configuration to /tmp",
                ),
            ),
        ),
        Workload(
            "injector",
            _named("vault-agent-injector", component="webhook"),
            when=(On("injector.enabled", "-", wanted=False, unless=True),),
            replicas=(Key("injector.replicas", 1),),
            budget=Budget("injector.podDisruptionBudget"),
            spread=("injector.topologySpreadConstraints", "injector.affinity"),
            resources=(Key("injector.resources"),),
            priority=(Key("injector.priorityClassName"),),
            security=(
                Security(
                    Key("injector.securityContext.container", UNPRIVILEGED),
                    Key("injector.securityContext.pod", NO_ROOT),
                ),
            ),
        ),
        Workload(
            "csi",
            _named("vault-csi-provider"),
            when=(On("csi.enabled", default=False),),
            daemon=True,
            resources=(Key("csi.resources"), Key("csi.agent.resources")),
            priority=(Key("csi.priorityClassName"),),
        ),
    ),
    "velero": (
        Workload(
            "server",
            {**_named("velero"), "name": "velero", "app.kubernetes.io/managed-by": "Helm"},
            singleton="it elects no leader. While it restarts, a backup under way fails, and the next one is taken in "
            "time",
            budget=Budget("podDisruptionBudget", Key("podDisruptionBudget.enabled", default=False), least=1),
            spread=("affinity",),
            resources=(Key("resources"),),
            priority=(Key("priorityClassName"),),
            security=(Security(Key("containerSecurityContext"), Key("podSecurityContext")),),
        ),
        Workload(
            "nodeAgent",
            {**_named("velero"), "name": "node-agent", "role": "node-agent", "app.kubernetes.io/managed-by": "Helm"},
            when=(On("deployNodeAgent", default=False),),
            daemon=True,
            resources=(Key("nodeAgent.resources"),),
            priority=(Key("nodeAgent.priorityClassName"),),
        ),
    ),
    "vllm-stack": (
        Workload(
            "router",
            {
                "app.kubernetes.io/name": "router",
                "app.kubernetes.io/instance": "{release}",
                "app.kubernetes.io/component": "router",
                "app.kubernetes.io/part-of": "vllm-stack",
                "app.kubernetes.io/managed-by": "helm",
                "environment": "router",
                "release": "router",
            },
            when=(On("routerSpec.enableRouter"),),
            replicas=(Key("routerSpec.replicaCount", 1),),
            scalers=_scaled("routerSpec.autoscaling"),
            budget=Budget("routerSpec.pdb", Key("routerSpec.pdb.enabled", default=False), least=0),
            spread=("routerSpec.affinity",),
            resources=(Key("routerSpec.resources", FULL),),
            priority=(Key("routerSpec.priorityClassName"),),
            security=(
                Security(
                    Key("routerSpec.containerSecurityContext"),
                    Key("routerSpec.securityContext"),
                    writable="the router writes its dynamic configuration and caches below /",
                ),
            ),
        ),
        Workload(
            "engine",
            {
                "model": "{name}",
                "helm-release-name": "{release}",
                "app.kubernetes.io/name": "{name}",
                "app.kubernetes.io/instance": "{release}",
                "app.kubernetes.io/component": "serving-engine",
                "app.kubernetes.io/part-of": "vllm-stack",
                "app.kubernetes.io/managed-by": "helm",
                "environment": "test",
                "release": "test",
            },
            when=(On("servingEngineSpec.enableEngine"),),
            each="servingEngineSpec.modelSpec",
            replicas=(Key(".replicaCount", 1),),
            scalers=((On(".keda.enabled", default=False), Key(".keda.minReplicaCount", 1)),),
            # Not in values.yaml, and in the template (templates/pdb-vllm-multi.yaml).
            budget=Budget(".pdb", Key(".pdb.enabled", default=False), least=0),
            spread=(".affinity",),
            # Or in words of the chart's own, requestCPU and the like, which no rule reads.
            resources=(Key(".resources"),),
            priority=(Key(".priorityClassName"),),
            # All three probes are on by default, and a release can only say them otherwise.
            security=(
                Security(
                    Key("servingEngineSpec.containerSecurityContext", {"runAsNonRoot": False}),
                    Key("servingEngineSpec.securityContext"),
                ),
            ),
        ),
    ),
}
"""Workloads by chart."""

WITHOUT_WORKLOADS: Mapping[str, str] = {
    "karpenter-crd": "definitions alone",
    "kserve-crd": "definitions alone",
    "kserve-runtime-configs": "runtimes that inference services name, and no pod by itself",
}
"""Charts that make no pods, and why."""

FULLNAME_WIDTH: Mapping[str, int] = {"kube-prometheus-stack": 26}
"""Where a chart cuts what it makes of a release's name; 63 elsewhere."""


@dataclass(frozen=True, slots=True)
class Pods:
    """The pods of one workload of a release."""

    release: Resource
    workload: Workload
    labels: Read
    element: Read | None
    """Of a list, the element that they are made from."""

    @property
    def name(self) -> str:
        """What to call them in evidence."""
        own = self.element.field("name") if self.element is not None else None
        return f"{self.workload.name} {own.content}" if own is not None and own.known else self.workload.name

    def value(self, key: Key) -> Read:
        """What a release says under a key, laid over the chart's default as Helm does it."""
        if not key.path:
            return Read("the chart's own number", State.VALUE, key.default)
        inner = key.path.startswith(".") and self.element is not None
        base = cast(Read, self.element if inner else self.release.read("values"))
        way, _, last = key.path.lstrip(".").rpartition(".")
        block = base.at(way) if way else base
        read = block.field(last)
        if read.unknown or (read.known and read.content not in ("", {})):
            return Read(read.path, read.state, _over(key.default, read.content), read.secret)
        if read.missing and last in _members(block.content):
            # Null is how a release takes a chart's default away.
            return read
        if not self.release.read("valueYamlFiles").missing:
            return Read(f"valueYamlFiles, which may say {read.path},", State.UNKNOWN)
        if key.default is None:
            return Read(read.path, State.MISSING)
        return Read(f"{read.path} by default", State.VALUE, key.default)

    def first(self, keys: tuple[Key, ...]) -> Read:
        """The first of several values that is set, or not known."""
        reads = [self.value(key) for key in keys]
        return next((read for read in reads if not read.missing), reads[-1])

    def runs(self) -> bool | None:
        """Whether the release runs them; None: nobody can say yet."""
        return every([self._holds(condition) for condition in self.workload.when])

    def replicas(self) -> Read:
        """Fewest of them."""
        for condition, minimum in self.workload.scalers:
            on = self._holds(condition)
            if on is None:
                return self.value(Key(condition.path))
            if on:
                return self.value(minimum)
        if not self.workload.replicas:
            return Read("its only pod", State.VALUE, 1)
        return self.first(self.workload.replicas)

    def _holds(self, condition: On) -> bool | None:
        read = self.value(Key(condition.path, condition.default))
        if read.unknown:
            return None
        same = str(condition.wanted) in str(read.content) if condition.within else read.content == condition.wanted
        return same is not condition.unless


def chart_of(release: Resource) -> str | None:
    """A release's chart by its name, whatever repository or folder it is in; None: nobody can say."""
    chart = release.read("chart")
    return str(chart.content).rstrip("/").rpartition("/")[2] if chart.known else None


@lru_cache(maxsize=1024)
def pods_of(release: Resource) -> tuple[Pods, ...] | None:
    """The pods that a release makes, whether they run or not; None: its chart is not in the table."""
    chart = chart_of(release)
    if chart in WITHOUT_WORKLOADS:
        return ()
    if chart is None or chart not in CHARTS or release.read("values").unknown:
        return None
    made: list[Pods] = []
    for workload in CHARTS[chart]:
        elements = release.read("values").at(workload.each).each() if workload.each else [None]
        made += [Pods(release, workload, _labels(release, chart, workload, each), each) for each in elements]
    return tuple(made)


def _labels(release: Resource, chart: str, workload: Workload, element: Read | None) -> Read:
    override = release.read("values.nameOverride")
    if override.unknown or override.content:
        return Read(override.path, State.UNKNOWN)
    name, full = release.read("name"), release.read("values.fullnameOverride")
    parts = {"release": str(name.content) if name.known else None}
    if full.known and full.content:
        parts["fullname"] = str(full.content)
    elif name.known and not full.unknown:
        # "contains" of Helm's own scaffold, which every chart here has kept.
        made = str(name.content) if chart in str(name.content) else f"{name.content}-{chart}"
        parts["fullname"] = made[: FULLNAME_WIDTH.get(chart, 63)].rstrip("-")
    own = element.field("name") if element is not None else None
    parts["name"] = str(own.content) if own is not None and own.known else None
    labels = {key: _filled(text, parts) for key, text in workload.labels.items()}
    return Read(f"labels of {chart}'s {workload.name}", State.VALUE, labels)


def _filled(text: str, parts: Mapping[str, str | None]) -> Any:
    for name in ("release", "fullname", "name"):
        part = parts.get(name)
        if f"{{{name}}}" in text:
            if part is None:
                return UNKNOWN
            text = text.replace(f"{{{name}}}", part)
    return text


def _over(default: Any, given: Any) -> Any:
    if not isinstance(default, dict) or not isinstance(given, dict):
        return given
    under, over = _members(cast(Any, default)), _members(cast(Any, given))
    return {**under, **{key: _over(under.get(key), value) for key, value in over.items()}}


def _members(content: Any) -> dict[str, Any]:
    return cast("dict[str, Any]", content) if isinstance(content, dict) else {}
