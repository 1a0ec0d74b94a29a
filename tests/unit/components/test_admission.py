"""The cluster's door: what is let in, judged by an engine of the policies' language, and who holds the door."""

import copy
from collections.abc import Callable
from typing import Any

import pytest

from components.helm.gatekeeper import Gatekeeper, render_gatekeeper
from components.helm.kyverno import CONTROLLERS, Kyverno, render_kyverno
from components.kubernetes import POOL_LABEL
from components.kubernetes.admission import (
    EXEMPT_NAMESPACES,
    ROLLOUT,
    RULES,
    SCALED_BY,
    SINGLETON,
    WORKLOADS,
    AdmissionEngine,
    AdmissionMode,
    AdmissionPolicies,
    Rule,
    render_constraint_template,
    render_validating_policy,
)
from policies.catalog import all_rules
from tests.house.recorder import Recording, record

POLICY = "kubernetes:policies.kyverno.io/v1:ValidatingPolicy"
TEMPLATE = "kubernetes:templates.gatekeeper.sh/v1:ConstraintTemplate"
RELEASE = "kubernetes:helm.sh/v3:Release"
ZONE = "topology.kubernetes.io/zone"
HOST = "kubernetes.io/hostname"

BY_ID = {rule.id: rule for rule in RULES}


def workload() -> dict[str, Any]:
    """Breaks no rule."""
    return {
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": {"name": "api", "namespace": "serving"},
        "spec": {
            "replicas": 2,
            "template": {
                "metadata": {"labels": {"app": "api"}},
                "spec": {
                    "priorityClassName": "tandem-serving",
                    "terminationGracePeriodSeconds": 60,
                    "serviceAccountName": "api",
                    "topologySpreadConstraints": [
                        {"topologyKey": ZONE, "maxSkew": 1},
                        {"topologyKey": HOST, "maxSkew": 1},
                    ],
                    "tolerations": [
                        {"key": key, "operator": "Exists", "effect": "NoExecute", "tolerationSeconds": 30}
                        for key in ("node.kubernetes.io/not-ready", "node.kubernetes.io/unreachable")
                    ],
                    "securityContext": {"runAsNonRoot": True},
                    "initContainers": [container(name="fetch", image="example.com:5000/fetch@sha256:" + "0" * 64)],
                    "containers": [
                        container(
                            ports=[{"containerPort": 8000}],
                            readinessProbe={"httpGet": {"path": "/ready", "port": 8000}},
                            lifecycle={"preStop": {"sleep": {"seconds": 15}}},
                        ),
                        container(name="sidecar", lifecycle={"preStop": {"exec": {"command": ["sleep", "20"]}}}),
                    ],
                },
            },
        },
    }


def container(**changes: Any) -> dict[str, Any]:
    return {
        "name": "api",
        "image": "example.com:5000/team/api:1.4.2",
        "resources": {"requests": {"cpu": "100m", "memory": "1Gi"}, "limits": {"memory": "1Gi"}},
        "securityContext": {"allowPrivilegeEscalation": False},
        "livenessProbe": {"httpGet": {"path": "/live", "port": 8000}},
        **changes,
    }


def budget(**spec: Any) -> dict[str, Any]:
    spec = {"unhealthyPodEvictionPolicy": "AlwaysAllow", **spec}
    return {"kind": "PodDisruptionBudget", "metadata": {"name": "api"}, "spec": spec}


def storage_class(**changes: Any) -> dict[str, Any]:
    return {"kind": "StorageClass", "metadata": {"name": "disks"}, "provisioner": "ebs.csi.aws.com", **changes}


def autoscaler(**spec: Any) -> dict[str, Any]:
    return {"kind": "HorizontalPodAutoscaler", "metadata": {"name": "api"}, "spec": spec}


def pod(change: Callable[[dict[str, Any]], Any]) -> dict[str, Any]:
    """The workload with a change to its pods."""
    changed = workload()
    change(changed["spec"]["template"]["spec"])
    return changed


def first(**changes: Any) -> dict[str, Any]:
    """The workload with a change to its first container; None takes a field away."""
    changed = workload()
    containers = changed["spec"]["template"]["spec"]["containers"]
    merged = {**containers[0], **changes}
    containers[0] = {key: value for key, value in merged.items() if value is not None}
    return changed


def replicas(count: int | None) -> dict[str, Any]:
    changed = workload()
    changed["spec"]["replicas"] = count
    if count is None:
        del changed["spec"]["replicas"]
    return changed


def annotated(count: int, key: str, value: str) -> dict[str, Any]:
    changed = replicas(count)
    changed["metadata"]["annotations"] = {key: value}
    return changed


def spread_over(*topologies: str) -> dict[str, Any]:
    constraints = [{"topologyKey": topology, "maxSkew": 1} for topology in topologies]
    return pod(lambda spec: spec.update(topologySpreadConstraints=constraints))


def anti_affinity(kind: str, term: dict[str, Any], *spread: str) -> dict[str, Any]:
    """The workload with an anti-affinity, spread over these topologies alone."""
    changed = spread_over(*spread)
    affinity = {"podAntiAffinity": {f"{kind}DuringSchedulingIgnoredDuringExecution": [term]}}
    changed["spec"]["template"]["spec"]["affinity"] = affinity
    return changed


def on_nodes(*terms: dict[str, list[str]]) -> dict[str, Any]:
    """The workload where a required node affinity names these values of labels, one term each."""
    listed = [
        {"matchExpressions": [{"key": key, "operator": "In", "values": values} for key, values in term.items()]}
        for term in terms
    ]
    required = {"requiredDuringSchedulingIgnoredDuringExecution": {"nodeSelectorTerms": listed}}
    return pod(lambda spec: spec.update(affinity={"nodeAffinity": required}))


def updated(count: int | None, **strategy: Any) -> dict[str, Any]:
    changed = replicas(count)
    changed["spec"]["strategy"] = strategy
    return changed


def scaled(given: dict[str, Any]) -> dict[str, Any]:
    given["metadata"]["annotations"] = {SCALED_BY: "api (HorizontalPodAutoscaler)"}
    return given


def with_gpu(**probe: Any) -> dict[str, Any]:
    limits = {"memory": "1Gi", "nvidia.com/gpu": 1}
    resources = {"requests": {"cpu": "1", "memory": "1Gi"}, "limits": limits}
    return first(resources=resources, startupProbe=probe or None)


def tolerating(*tolerations: dict[str, Any]) -> dict[str, Any]:
    return pod(lambda spec: spec.update(tolerations=list(tolerations)))


def annotated_update(count: int, **strategy: Any) -> dict[str, Any]:
    return {**updated(count, **strategy), "metadata": annotated(count, SINGLETON, "holds a lock")["metadata"]}


def sleeps(spec: dict[str, Any], seconds: int) -> None:
    spec["containers"][0]["lifecycle"]["preStop"]["sleep"]["seconds"] = seconds


REQUIRED_ZONE = {"topologyKey": ZONE}
REQUIRED_HOST = {"topologyKey": HOST}
READINESS = {"httpGet": {"path": "/ready", "port": 8000}}
UNREACHABLE = {"key": "node.kubernetes.io/unreachable", "operator": "Exists", "tolerationSeconds": 60}
NOT_READY = {**UNREACHABLE, "key": "node.kubernetes.io/not-ready"}
SIDECAR = {"exec": {"command": ["sleep", "60"]}}

RIGHT: list[tuple[str, dict[str, Any]]] = [
    *((rule.id, workload()) for rule in RULES if rule.kinds == WORKLOADS),
    ("K8S-01", replicas(0)),
    ("K8S-01", annotated(1, SINGLETON, "elects no leader; back within a minute")),
    ("K8S-01", annotated(1, SCALED_BY, "api (HorizontalPodAutoscaler)")),
    ("K8S-03", budget(maxUnavailable=1)),
    ("K8S-03", budget(maxUnavailable="25%")),
    ("K8S-03", budget(minAvailable=2)),
    ("K8S-06", anti_affinity("preferred", {"weight": 1, "podAffinityTerm": REQUIRED_ZONE}, HOST)),
    ("K8S-06", anti_affinity("required", REQUIRED_ZONE, HOST)),
    ("K8S-07", anti_affinity("preferred", {"weight": 1, "podAffinityTerm": REQUIRED_HOST}, ZONE)),
    ("K8S-07", anti_affinity("required", REQUIRED_HOST, ZONE)),
    ("K8S-09", first(ports=None, readinessProbe=None)),
    ("K8S-10", with_gpu(failureThreshold=30)),
    ("K8S-10", with_gpu(periodSeconds=80, initialDelaySeconds=60)),
    ("K8S-14", updated(4, type="RollingUpdate", rollingUpdate={"maxUnavailable": 1})),
    ("K8S-14", updated(2, type="RollingUpdate", rollingUpdate={"maxUnavailable": 0})),
    ("K8S-14", updated(2, rollingUpdate={"maxUnavailable": "25%"})),
    ("K8S-14", updated(2, blueGreen={"activeService": "api"})),
    ("K8S-14", updated(8, canary={"maxUnavailable": 2})),
    ("K8S-14", scaled(updated(None, rollingUpdate={"maxUnavailable": 1}))),
    ("K8S-14", annotated_update(1, type="Recreate")),
    ("K8S-18", storage_class(volumeBindingMode="WaitForFirstConsumer")),
    ("K8S-18", storage_class(provisioner="efs.csi.aws.com")),
    ("K8S-21", budget(maxUnavailable=1)),
    ("K8S-22", tolerating(UNREACHABLE, NOT_READY)),
    ("K8S-22", tolerating({"operator": "Exists", "tolerationSeconds": 0})),
    ("K8S-23", pod(lambda spec: spec.update(nodeSelector={"kubernetes.io/arch": "arm64"}))),
    ("K8S-23", on_nodes({ZONE: ["us-east-1a", "us-east-1b"]})),
    ("K8S-23", on_nodes({ZONE: ["us-east-1a"]}, {ZONE: ["us-east-1b"]})),
    ("K8S-23", on_nodes({ZONE: ["us-east-1a"]}, {"kubernetes.io/arch": ["arm64"]})),
    ("K8S-28", pod(lambda spec: [spec.pop("serviceAccountName"), spec.update(automountServiceAccountToken=False)])),
    ("K8S-08", first(ports=None, readinessProbe=None)),
    ("K8S-15", autoscaler(minReplicas=2, maxReplicas=6)),
    ("K8S-17", first(lifecycle={"preStop": {"exec": {"command": ["/bin/drain"]}}})),
    ("K8S-17", first(lifecycle={"postStart": {"exec": {"command": ["true"]}}})),
    ("ADM-01", first(securityContext={"allowPrivilegeEscalation": False, "runAsNonRoot": True})),
    ("ADM-02", first(image="example.com/api:latest@sha256:" + "0" * 64)),
]

WRONG: list[tuple[str, dict[str, Any]]] = [
    ("K8S-01", replicas(1)),
    ("K8S-01", replicas(None)),
    ("K8S-01", annotated(1, SINGLETON, "")),
    ("K8S-01", annotated(1, SCALED_BY, "")),
    ("K8S-01", annotated(1, "tandem.dev/other", "yes")),
    ("K8S-03", budget(maxUnavailable=0)),
    ("K8S-03", budget(maxUnavailable="0%")),
    ("K8S-03", budget(maxUnavailable="100%")),
    ("K8S-03", budget(minAvailable="100%")),
    ("K8S-03", budget()),
    ("K8S-06", spread_over(HOST)),
    ("K8S-06", anti_affinity("preferred", {"weight": 1, "podAffinityTerm": REQUIRED_HOST})),
    ("K8S-06", anti_affinity("required", REQUIRED_HOST)),
    ("K8S-07", spread_over(ZONE)),
    ("K8S-07", anti_affinity("preferred", {"weight": 1, "podAffinityTerm": REQUIRED_ZONE})),
    ("K8S-07", anti_affinity("required", REQUIRED_ZONE)),
    ("K8S-09", first(livenessProbe=None)),
    ("K8S-09", first(livenessProbe=READINESS)),
    ("K8S-10", with_gpu()),
    ("K8S-10", with_gpu(failureThreshold=29)),
    ("K8S-10", with_gpu(periodSeconds=80)),
    ("K8S-14", updated(4, type="Recreate")),
    ("K8S-14", updated(3, type="RollingUpdate", rollingUpdate={"maxUnavailable": 1})),
    ("K8S-14", updated(8, rollingUpdate={"maxUnavailable": "26%"})),
    ("K8S-14", updated(8, rollingUpdate={"maxUnavailable": "100%"})),
    ("K8S-14", updated(7, canary={"maxUnavailable": 2})),
    ("K8S-18", storage_class()),
    ("K8S-18", storage_class(volumeBindingMode="Immediate")),
    ("K8S-21", budget(maxUnavailable=1, unhealthyPodEvictionPolicy="IfHealthyBudget")),
    ("K8S-22", tolerating()),
    ("K8S-22", tolerating(NOT_READY)),
    ("K8S-22", tolerating(NOT_READY, {**UNREACHABLE, "tolerationSeconds": 61})),
    ("K8S-22", tolerating(NOT_READY, {**UNREACHABLE, "effect": "NoSchedule"})),
    ("K8S-22", tolerating(NOT_READY, {"key": UNREACHABLE["key"], "operator": "Exists"})),
    ("K8S-23", pod(lambda spec: spec.update(nodeSelector={ZONE: "us-east-1a"}))),
    ("K8S-23", on_nodes({ZONE: ["us-east-1a"]})),
    ("K8S-23", on_nodes({ZONE: ["us-east-1a"], "kubernetes.io/arch": ["arm64"]}, {ZONE: ["us-east-1a"]})),
    ("K8S-28", pod(lambda spec: spec.pop("serviceAccountName"))),
    ("K8S-28", pod(lambda spec: spec.update(serviceAccountName="default"))),
    ("K8S-08", first(readinessProbe=None)),
    ("K8S-11", first(resources={"requests": {"cpu": "1"}, "limits": {"memory": "1Gi"}})),
    ("K8S-11", first(resources={"requests": {"memory": "1Gi"}, "limits": {"memory": "1Gi"}})),
    ("K8S-11", pod(lambda spec: spec["initContainers"][0]["resources"].pop("requests"))),
    ("K8S-12", first(resources={"requests": {"cpu": "1", "memory": "1Gi"}})),
    ("K8S-12", pod(lambda spec: spec["initContainers"][0]["resources"].pop("limits"))),
    ("K8S-13", pod(lambda spec: spec.pop("priorityClassName"))),
    ("K8S-13", pod(lambda spec: spec.update(priorityClassName=""))),
    ("K8S-15", autoscaler(minReplicas=1, maxReplicas=6)),
    ("K8S-15", autoscaler(maxReplicas=6)),
    ("K8S-15", autoscaler(minReplicas=3, maxReplicas=3)),
    ("K8S-17", first(lifecycle={"preStop": {"sleep": {"seconds": 60}}})),
    ("K8S-17", pod(lambda spec: spec["containers"][1].update(lifecycle={"preStop": SIDECAR}))),
    ("K8S-17", pod(lambda spec: [spec.pop("terminationGracePeriodSeconds"), sleeps(spec, 30)])),
    ("ADM-01", pod(lambda spec: spec.pop("securityContext"))),
    ("ADM-01", first(securityContext=None)),
    ("ADM-01", first(securityContext={})),
    ("ADM-01", first(securityContext={"allowPrivilegeEscalation": True})),
    ("ADM-01", first(securityContext={"allowPrivilegeEscalation": False, "privileged": True})),
    ("ADM-01", first(securityContext={"allowPrivilegeEscalation": False, "runAsNonRoot": False})),
    ("ADM-02", first(image="example.com/api:latest")),
    ("ADM-02", first(image="example.com:5000/team/api")),
    ("ADM-02", pod(lambda spec: spec["initContainers"][0].update(image="busybox"))),
]


def holds(variables: list[dict[str, str]], expression: str, given: dict[str, Any]) -> bool:
    """Evaluate as the engines do: variables when they are asked for, and an error is none of a refusal's."""
    cel: Any = pytest.importorskip(
        "cel_expr_python.cel", reason="no engine of the policies' language: pip install cel-expr-python==0.1.3"
    )
    environment = cel.NewEnv(variables={"object": cel.Type.DYN, "variables": cel.Type.DYN})
    known: dict[str, Any] = {}
    for variable in variables:
        value = environment.compile(variable["expression"]).eval(data={"object": given, "variables": known})
        # One that errs is missing, so that what leans on it errs too.
        if value.type() != cel.Type.ERROR:
            known[variable["name"]] = value.plain_value()
    answer = environment.compile(expression).eval(data={"object": given, "variables": known})
    assert answer.type() == cel.Type.BOOL, f"{expression}: {answer}"
    return bool(answer.value())


def judged(rule: Rule, given: dict[str, Any]) -> bool:
    """What Kyverno's policy says, which Gatekeeper's must say too."""
    policy = render_validating_policy(rule, kinds=rule.kinds, mode=AdmissionMode.ENFORCE, exempt=[])
    (target,) = render_constraint_template(rule)["targets"]
    (code,) = target["code"]
    source = code["source"]
    answers = {
        holds(each["variables"], each["validations"][0]["expression"], copy.deepcopy(given))
        for each in (policy, source)
    }
    assert len(answers) == 1
    return answers.pop()


@pytest.mark.parametrize(("rule", "given"), RIGHT, ids=lambda value: value if isinstance(value, str) else "")
def test_what_is_right_is_let_in(rule: str, given: dict[str, Any]) -> None:
    assert judged(BY_ID[rule], given) is True


@pytest.mark.parametrize(("rule", "given"), WRONG, ids=lambda value: value if isinstance(value, str) else "")
def test_what_breaks_a_rule_is_refused_by_it_and_no_other(rule: str, given: dict[str, Any]) -> None:
    kinds = BY_ID[rule].kinds
    refusing = [each.id for each in RULES if each.kinds == kinds and not judged(each, given)]
    assert refusing == [rule]


def test_a_rollout_that_takes_its_pods_from_elsewhere_is_judged_by_its_replicas_alone() -> None:
    rollout = {"kind": "Rollout", "metadata": {"name": "api"}, "spec": {"replicas": 3, "workloadRef": {"name": "api"}}}
    assert [rule.id for rule in RULES if ROLLOUT in rule.kinds and not judged(rule, rollout)] == []


_OTHERS = "one object does not show the others"
NOT_AT_THE_DOOR = {
    **dict.fromkeys(
        ("K8S-02", "K8S-04", "K8S-05", "K8S-16", "K8S-24", "K8S-29"), "one object does not show the others"
    ),
    "K8S-19": "backups are not the claim's own",
    "K8S-20": "pods of runs and operators come by the thousand, and whoever owns them is judged",
    "K8S-25": "a cluster does not know the other region's",
    "K8S-26": "ADM-02",
    "K8S-27": "ADM-01",
}
"""Of the pack's rules for Kubernetes those that are no mirror's, and why."""


def test_the_pack_s_rules_are_mirrored_or_it_is_said_why_not() -> None:
    pack = {rule.id for rule in all_rules() if rule.id.startswith("K8S-")}
    mirrored = {rule.id for rule in RULES if rule.id.startswith("K8S-")}
    assert mirrored | set(NOT_AT_THE_DOOR) == pack
    assert mirrored & set(NOT_AT_THE_DOOR) == set()


def test_every_rule_is_tried_both_ways() -> None:
    assert {rule for rule, _ in RIGHT} == {rule for rule, _ in WRONG} == set(BY_ID)
    assert len(BY_ID) == len(RULES)


def made(**changes: Any) -> Recording:
    return record(lambda: AdmissionPolicies("admission", {"engine": AdmissionEngine.KYVERNO, **changes}))  # type: ignore[typeddict-item]


def test_kyverno_gets_one_policy_a_rule_that_reports_until_told_to_refuse() -> None:
    recording = made()
    policies = recording.all(POLICY)
    assert {each.name: each.plain["metadata"]["annotations"] for each in policies} == {
        f"admission-{rule.id.lower()}": {"tandem.dev/rule": rule.id} for rule in RULES
    }
    assert {tuple(each.plain["spec"]["validationActions"]) for each in policies} == {("Audit",)}
    enforced = made(mode=AdmissionMode.ENFORCE).all(POLICY)
    assert {tuple(each.plain["spec"]["validationActions"]) for each in enforced} == {("Deny",)}
    assert recording.unregistered_components() == []


def test_with_nobody_to_judge_objects_are_let_in() -> None:
    assert {each.plain["spec"]["failurePolicy"] for each in made().all(POLICY)} == {"Ignore"}
    for template in made(engine=AdmissionEngine.GATEKEEPER).all(TEMPLATE):
        (target,) = template.plain["spec"]["targets"]
        assert target["code"][0]["source"]["failurePolicy"] == "Ignore"
    values = render_kyverno(release_name="kyverno", replicas=3, exempt=[])
    assert values["features"] == {"forceFailurePolicyIgnore": {"enabled": True}}
    assert gatekeeper()["validatingWebhookFailurePolicy"] == "Ignore"


def test_what_judging_leans_on_is_not_judged() -> None:
    exempt = sorted([*EXEMPT_NAMESPACES, "velero"])
    assert {"kube-system", "kyverno", "karpenter", "gatekeeper-system"} <= set(EXEMPT_NAMESPACES)
    for policy in made(exempt_namespaces=["velero"]).all(POLICY):
        (term,) = policy.plain["spec"]["matchConstraints"]["namespaceSelector"]["matchExpressions"]
        assert term == {"key": "kubernetes.io/metadata.name", "operator": "NotIn", "values": exempt}
    recording = made(engine=AdmissionEngine.GATEKEEPER, exempt_namespaces=["velero"])
    for rule in RULES:
        constraint = recording.one(f"kubernetes:constraints.gatekeeper.sh/v1beta1:Tandem{rule.id.replace('-', '')}")
        assert constraint.plain["spec"]["match"]["excludedNamespaces"] == exempt


def test_gatekeeper_gets_a_template_a_rule_and_its_constraint_once_that_is_defined() -> None:
    recording = made(engine=AdmissionEngine.GATEKEEPER, mode=AdmissionMode.ENFORCE)
    for rule in RULES:
        template = recording.one(TEMPLATE, f"admission-{rule.id.lower()}-template")
        kind = template.plain["spec"]["crd"]["spec"]["names"]["kind"]
        # Gatekeeper refuses a template that is not called by its kind in small letters.
        assert template.plain["metadata"]["name"] == kind.lower()
        assert template.plain["metadata"]["annotations"]["pulumi.com/waitFor"] == "jsonpath={.status.created}=true"
        constraint = recording.one(f"kubernetes:constraints.gatekeeper.sh/v1beta1:{kind}")
        assert template.urn in constraint.dependencies
        assert constraint.plain["spec"]["enforcementAction"] == "deny"
    audited = made(engine=AdmissionEngine.GATEKEEPER).one("kubernetes:constraints.gatekeeper.sh/v1beta1:TandemK8S01")
    assert audited.plain["spec"]["enforcementAction"] == "dryrun"


def test_rollouts_are_judged_only_where_they_are_defined() -> None:
    def resources(**changes: Any) -> set[str]:
        found = made(**changes).one(POLICY, "admission-k8s-06").plain["spec"]["matchConstraints"]["resourceRules"]
        return {name for each in found for name in each["resources"]}

    assert resources() == {"deployments", "statefulsets"}
    assert resources(rollouts=True) == {"deployments", "statefulsets", "rollouts"}


def kyverno(**changes: Any) -> dict[str, Any]:
    arguments: dict[str, Any] = {"release_name": "kyverno", "replicas": 3, "exempt": list(EXEMPT_NAMESPACES)}
    return render_kyverno(**{**arguments, **changes})


def gatekeeper(**changes: Any) -> dict[str, Any]:
    arguments: dict[str, Any] = {"replicas": 3, "exempt": list(EXEMPT_NAMESPACES)}
    return render_gatekeeper(**{**arguments, **changes})


@pytest.mark.parametrize("part", ["admission", *CONTROLLERS])
def test_each_of_kyverno_s_controllers_survives_a_zone_and_a_drain(part: str) -> None:
    controller = kyverno()[f"{part}Controller"]
    assert controller["replicas"] == (3 if part == "admission" else 2)
    zones, hosts = controller["topologySpreadConstraints"]
    assert (zones["topologyKey"], hosts["topologyKey"]) == (ZONE, "kubernetes.io/hostname")
    assert zones["labelSelector"]["matchLabels"]["app.kubernetes.io/component"] == f"{part}-controller"
    assert {each["tolerationSeconds"] for each in controller["tolerations"]} == {30}
    # The chart refuses both, and its default is the other.
    assert controller["podDisruptionBudget"] == {
        "enabled": True,
        "minAvailable": None,
        "maxUnavailable": 1,
        "unhealthyPodEvictionPolicy": "AlwaysAllow",
    }
    assert controller["serviceMonitor"] == {"enabled": True}


def test_kyverno_is_not_asked_about_what_starts_it() -> None:
    values = kyverno(exempt=["kube-system", "karpenter"])
    (term,) = values["config"]["webhooks"]["namespaceSelector"]["matchExpressions"]
    assert term["values"] == ["karpenter", "kube-system"]
    assert values["config"]["excludeKyvernoNamespace"] is True
    assert values["global"]["nodeSelector"][POOL_LABEL] == "system"


def test_gatekeeper_is_not_asked_about_what_starts_it() -> None:
    values = gatekeeper(exempt=["kube-system", "karpenter"])
    name = "kubernetes.io/metadata.name"
    assert values["validatingWebhookExemptNamespacesLabels"] == {name: ["karpenter", "kube-system"]}
    assert values["controllerManager"]["exemptNamespaces"] == ["karpenter", "kube-system"]
    assert values["controllerManager"]["nodeSelector"][POOL_LABEL] == "system"
    # What marks a namespace exempt is asked about with this; an answer must be had, or nobody could be.
    assert values["validatingWebhookCheckIgnoreFailurePolicy"] == "Fail"


def test_gatekeeper_survives_a_zone_and_a_drain() -> None:
    values = gatekeeper()
    assert values["replicas"] == 3
    assert values["pdb"] == {"controllerManager": {"minAvailable": 2}}
    zones, hosts = values["controllerManager"]["topologySpreadConstraints"]
    assert (zones["topologyKey"], hosts["topologyKey"]) == (ZONE, "kubernetes.io/hostname")
    assert zones["labelSelector"]["matchLabels"] == {
        "control-plane": "controller-manager",
        "gatekeeper.sh/system": "yes",
    }
    for part in ("controllerManager", "audit"):
        assert {each["tolerationSeconds"] for each in values[part]["tolerations"]} == {30}


def test_more_replicas_of_gatekeeper_let_one_go_at_a_time_all_the_same() -> None:
    assert gatekeeper(replicas=5)["pdb"] == {"controllerManager": {"minAvailable": 4}}


def test_gatekeeper_s_pods_are_watched_by_an_object_of_ours() -> None:
    recording = record(lambda: Gatekeeper("gatekeeper", {"namespace": "gatekeeper-system"}), preview=True)
    monitor = recording.one("kubernetes:monitoring.coreos.com/v1:PodMonitor", "gatekeeper")
    assert monitor.plain["metadata"] == {"name": "gatekeeper", "namespace": "gatekeeper-system"}
    assert monitor.plain["spec"]["selector"] == {"matchLabels": {"gatekeeper.sh/system": "yes"}}
    assert monitor.plain["spec"]["podMetricsEndpoints"] == [{"port": "metrics"}]
    assert recording.one(RELEASE, "gatekeeper").plain["namespace"] == "gatekeeper-system"
    assert recording.unregistered_components() == []


def test_kyverno_is_released_into_its_namespace() -> None:
    recording = record(
        lambda: Kyverno("kyverno", {"namespace": "kyverno", "exempt_namespaces": ["velero"]}), preview=True
    )
    values = recording.one(RELEASE, "kyverno").plain["values"]
    (term,) = values["config"]["webhooks"]["namespaceSelector"]["matchExpressions"]
    assert "velero" in term["values"]
    assert recording.unregistered_components() == []


@pytest.mark.parametrize("component", [Kyverno, Gatekeeper])
def test_fewer_than_three_that_answer_are_refused(component: Any) -> None:
    with pytest.raises(ValueError, match="replicas: got 2, must be at least 3"):
        record(lambda: component("door", {"namespace": "door", "replicas": 2}))
