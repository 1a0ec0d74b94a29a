"""Rules that the cluster itself holds workloads to, whoever brings them."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, NotRequired, TypedDict

import pulumi
import pulumi_kubernetes as k8s

SINGLETON = "tandem.dev/singleton"
"""Annotation of a workload that runs once: why it must, and what brings it back."""

SCALED_BY = "tandem.dev/scaled-by"
"""Annotation of a workload whose replicas an autoscaler keeps: which. Admission sees one object at a time, so that it
cannot look the autoscaler up; that one is judged by itself (K8S-15)."""

EXEMPT_NAMESPACES = ("gatekeeper-system", "karpenter", "kube-node-lease", "kube-public", "kube-system", "kyverno")
"""What must start before, and for, whoever checks the rules (kyverno#11122, #16177)."""

RULE_ANNOTATION = "tandem.dev/rule"


class AdmissionEngine(StrEnum):
    """Who checks."""

    KYVERNO = "kyverno"
    GATEKEEPER = "gatekeeper"


class AdmissionMode(StrEnum):
    """What happens to an object that breaks a rule."""

    AUDIT = "audit"
    """It is let in and reported."""
    ENFORCE = "enforce"
    """It is refused."""


@dataclass(frozen=True)
class Kind:
    """A kind of objects."""

    group: str
    version: str
    kind: str
    resource: str


DEPLOYMENT = Kind("apps", "v1", "Deployment", "deployments")
STATEFUL_SET = Kind("apps", "v1", "StatefulSet", "statefulsets")
ROLLOUT = Kind("argoproj.io", "v1alpha1", "Rollout", "rollouts")
BUDGET = Kind("policy", "v1", "PodDisruptionBudget", "poddisruptionbudgets")
AUTOSCALER = Kind("autoscaling", "v2", "HorizontalPodAutoscaler", "horizontalpodautoscalers")
STORAGE_CLASS = Kind("storage.k8s.io", "v1", "StorageClass", "storageclasses")

WORKLOADS = (DEPLOYMENT, STATEFUL_SET, ROLLOUT)

WORKLOAD_VARIABLES = (
    # A rollout may take its pods from a deployment, which is judged by itself.
    ("elsewhere", "!has(object.spec.template)"),
    ("pod", "object.spec.template.spec"),
    (
        "containers",
        "variables.pod.containers + (has(variables.pod.initContainers) ? variables.pod.initContainers : [])",
    ),
    (
        "singleton",
        "has(object.metadata.annotations) && "
        f"'{SINGLETON}' in object.metadata.annotations && object.metadata.annotations['{SINGLETON}'] != ''",
    ),
    (
        "scaled",
        "has(object.metadata.annotations) && "
        f"'{SCALED_BY}' in object.metadata.annotations && object.metadata.annotations['{SCALED_BY}'] != ''",
    ),
    (
        "grace",
        "has(variables.pod.terminationGracePeriodSeconds) ? variables.pod.terminationGracePeriodSeconds : 30",
    ),
    # What an update may take away at once; a quarter where nothing is said.
    (
        "taken",
        "has(object.spec.strategy) && has(object.spec.strategy.rollingUpdate) && "
        "has(object.spec.strategy.rollingUpdate.maxUnavailable) ? "
        "string(object.spec.strategy.rollingUpdate.maxUnavailable) : "
        "has(object.spec.strategy) && has(object.spec.strategy.canary) && "
        "has(object.spec.strategy.canary.maxUnavailable) ? "
        "string(object.spec.strategy.canary.maxUnavailable) : '25%'",
    ),
)
"""Names that expressions share, each in terms of those before it."""

_ZONE_LABELS = (
    "['topology.kubernetes.io/zone', 'failure-domain.beta.kubernetes.io/zone', 'topology.k8s.aws/zone-id', "
    "'topology.ebs.csi.aws.com/zone']"
)
_REQUIRED = "requiredDuringSchedulingIgnoredDuringExecution"
_PREFERRED = "preferredDuringSchedulingIgnoredDuringExecution"


def _spread_over(topology: str) -> str:
    """True of a workload whose replicas a constraint or an anti-affinity keeps apart."""
    apart = "variables.pod.affinity.podAntiAffinity"
    return (
        "variables.singleton || variables.elsewhere || "
        "(has(variables.pod.topologySpreadConstraints) && "
        f"variables.pod.topologySpreadConstraints.exists(c, c.topologyKey == '{topology}')) || "
        f"(has(variables.pod.affinity) && has({apart}) && "
        f"((has({apart}.{_PREFERRED}) && {apart}.{_PREFERRED}.exists(t, t.podAffinityTerm.topologyKey == '{topology}'))"
        f" || (has({apart}.{_REQUIRED}) && {apart}.{_REQUIRED}.exists(t, t.topologyKey == '{topology}'))))"
    )


@dataclass(frozen=True)
class Rule:
    """One rule.

    K8S ids are those of the policy pack's rules, of which these are the mirror: of those that one object answers. ADM
    are the pack's K8S-27 and K8S-26 for what a chart in a release leaves to the object: its rights and its image.
    """

    id: str
    title: str
    message: str
    """What is wrong and what to write instead."""
    kinds: tuple[Kind, ...]
    expression: str
    """True of what is right, in CEL without extensions: every engine of Kubernetes' evaluates that alike."""


RULES = (
    Rule(
        "K8S-01",
        "A workload runs twice at least",
        f"spec.replicas must be at least 2; a workload that runs once says why in the annotation {SINGLETON}, one "
        f"that an autoscaler scales names it in {SCALED_BY}",
        WORKLOADS,
        "variables.singleton || variables.scaled || "
        "(has(object.spec.replicas) && (object.spec.replicas == 0 || object.spec.replicas >= 2))",
    ),
    Rule(
        "K8S-03",
        "A disruption budget lets one pod go, and not all",
        "spec.maxUnavailable must be at least 1 and below 100%, or spec.minAvailable below 100%: write maxUnavailable",
        (BUDGET,),
        "has(object.spec.maxUnavailable) ? !(string(object.spec.maxUnavailable) in ['0', '0%', '100%']) : "
        "has(object.spec.minAvailable) && string(object.spec.minAvailable) != '100%'",
    ),
    Rule(
        "K8S-06",
        "Replicas are spread over zones",
        "pods must have a topologySpreadConstraint, or a podAntiAffinity, on topology.kubernetes.io/zone",
        WORKLOADS,
        _spread_over("topology.kubernetes.io/zone"),
    ),
    Rule(
        "K8S-07",
        "Replicas are spread over nodes",
        "pods must have a topologySpreadConstraint, or a podAntiAffinity, on kubernetes.io/hostname",
        WORKLOADS,
        _spread_over("kubernetes.io/hostname"),
    ),
    Rule(
        "K8S-08",
        "What serves says when it can",
        "every container that has ports must have a readinessProbe",
        WORKLOADS,
        "variables.elsewhere || "
        "variables.pod.containers.all(c, !has(c.ports) || size(c.ports) == 0 || has(c.readinessProbe))",
    ),
    Rule(
        "K8S-09",
        "What hangs is started again",
        "every container must have a livenessProbe, and another than its readinessProbe: under load that one fails too",
        WORKLOADS,
        "variables.elsewhere || variables.pod.containers.all(c, has(c.livenessProbe) && "
        "(!has(c.readinessProbe) || c.livenessProbe != c.readinessProbe))",
    ),
    Rule(
        "K8S-10",
        "What loads weights is given the time",
        "a container with a GPU must have a startupProbe whose failureThreshold times periodSeconds is 300 s or more",
        WORKLOADS,
        "variables.elsewhere || variables.pod.containers.all(c, !has(c.resources) || !has(c.resources.limits) || "
        "!('nvidia.com/gpu' in c.resources.limits) || (has(c.startupProbe) && "
        "(has(c.startupProbe.failureThreshold) ? c.startupProbe.failureThreshold : 3) * "
        "(has(c.startupProbe.periodSeconds) ? c.startupProbe.periodSeconds : 10) + "
        "(has(c.startupProbe.initialDelaySeconds) ? c.startupProbe.initialDelaySeconds : 0) >= 300))",
    ),
    Rule(
        "K8S-11",
        "Every container asks for CPU and memory",
        "every container must have resources.requests.cpu and resources.requests.memory",
        WORKLOADS,
        "variables.elsewhere || variables.containers.all(c, has(c.resources) && has(c.resources.requests) && "
        "'cpu' in c.resources.requests && 'memory' in c.resources.requests)",
    ),
    Rule(
        "K8S-12",
        "Every container's memory has an end",
        "every container must have resources.limits.memory",
        WORKLOADS,
        "variables.elsewhere || variables.containers.all(c, has(c.resources) && has(c.resources.limits) && "
        "'memory' in c.resources.limits)",
    ),
    Rule(
        "K8S-13",
        "A workload says how much it matters",
        "pods must have a priorityClassName: with a zone gone, it decides who runs",
        WORKLOADS,
        "variables.elsewhere || (has(variables.pod.priorityClassName) && variables.pod.priorityClassName != '')",
    ),
    Rule(
        "K8S-14",
        "An update keeps the pods that serve",
        "spec.strategy must not be Recreate, nor its maxUnavailable above 25% of the replicas",
        WORKLOADS,
        "variables.singleton || !has(object.spec.strategy) || "
        "(!(has(object.spec.strategy.type) && object.spec.strategy.type == 'Recreate') && "
        "(variables.taken == '0' || variables.taken.matches('^(1?[0-9]|2[0-5])%$') || "
        "(variables.taken.matches('^[0-9]+$') && (variables.scaled || "
        "(has(object.spec.replicas) && int(variables.taken) * 4 <= object.spec.replicas)))))",
    ),
    Rule(
        "K8S-15",
        "An autoscaler keeps two replicas at least, and can add some",
        "spec.minReplicas must be at least 2 and spec.maxReplicas above it",
        (AUTOSCALER,),
        "has(object.spec.minReplicas) && object.spec.minReplicas >= 2 && "
        "object.spec.maxReplicas > object.spec.minReplicas",
    ),
    Rule(
        "K8S-17",
        "A pod's time to stop is longer than its sleep before",
        "terminationGracePeriodSeconds (30 when missing) must be above the seconds that preStop sleeps",
        WORKLOADS,
        "variables.elsewhere || variables.pod.containers.all(c, !has(c.lifecycle) || !has(c.lifecycle.preStop) || "
        "((!has(c.lifecycle.preStop.sleep) || c.lifecycle.preStop.sleep.seconds < variables.grace) && "
        "(!has(c.lifecycle.preStop.exec) || !has(c.lifecycle.preStop.exec.command) || "
        "size(c.lifecycle.preStop.exec.command) != 2 || c.lifecycle.preStop.exec.command[0] != 'sleep' || "
        "!c.lifecycle.preStop.exec.command[1].matches('^[0-9]+$') || "
        "int(c.lifecycle.preStop.exec.command[1]) < variables.grace)))",
    ),
    Rule(
        "K8S-18",
        "A volume is made where its pod is",
        "volumeBindingMode must be WaitForFirstConsumer: a volume made at once ties its pod to any one zone",
        (STORAGE_CLASS,),
        "object.provisioner in ['efs.csi.aws.com', 's3.csi.aws.com', 'secrets-store.csi.k8s.io'] || "
        "(has(object.volumeBindingMode) && object.volumeBindingMode == 'WaitForFirstConsumer')",
    ),
    Rule(
        "K8S-21",
        "A disruption budget lets ill pods go",
        "spec.unhealthyPodEvictionPolicy must be AlwaysAllow: else an ill pod keeps its node from being drained",
        (BUDGET,),
        "has(object.spec.unhealthyPodEvictionPolicy) && object.spec.unhealthyPodEvictionPolicy == 'AlwaysAllow'",
    ),
    Rule(
        "K8S-22",
        "Pods of a lost node start elsewhere soon",
        "pods must tolerate node.kubernetes.io/not-ready and node.kubernetes.io/unreachable (NoExecute) for 60 s at "
        "most; Kubernetes waits 300 s",
        WORKLOADS,
        "variables.elsewhere || ['node.kubernetes.io/not-ready', 'node.kubernetes.io/unreachable'].all(taint, "
        "has(variables.pod.tolerations) && variables.pod.tolerations.exists(t, "
        "(has(t.key) ? t.key == taint : has(t.operator) && t.operator == 'Exists') && "
        "(!has(t.effect) || t.effect == 'NoExecute') && has(t.tolerationSeconds) && t.tolerationSeconds <= 60))",
    ),
    Rule(
        "K8S-23",
        "A workload is tied to no single zone",
        "neither nodeSelector nor a required node affinity may leave one zone alone",
        WORKLOADS,
        "variables.elsewhere || "
        f"(!(has(variables.pod.nodeSelector) && {_ZONE_LABELS}.exists(l, l in variables.pod.nodeSelector)) && "
        "!(has(variables.pod.affinity) && has(variables.pod.affinity.nodeAffinity) && "
        f"has(variables.pod.affinity.nodeAffinity.{_REQUIRED}) && "
        f"variables.pod.affinity.nodeAffinity.{_REQUIRED}.nodeSelectorTerms.exists(one, has(one.matchExpressions) && "
        f"one.matchExpressions.exists(z, z.key in {_ZONE_LABELS} && z.operator == 'In' && size(z.values) == 1 && "
        f"variables.pod.affinity.nodeAffinity.{_REQUIRED}.nodeSelectorTerms.all(other, has(other.matchExpressions) && "
        f"other.matchExpressions.exists(e, e.key in {_ZONE_LABELS} && e.operator == 'In' && e.values == z.values))))))",
    ),
    Rule(
        "K8S-28",
        "A workload has a service account of its own",
        "pods must have a serviceAccountName other than default, or automountServiceAccountToken: false",
        WORKLOADS,
        "variables.elsewhere || (has(variables.pod.serviceAccountName) ? "
        "!(variables.pod.serviceAccountName in ['', 'default']) : "
        "has(variables.pod.automountServiceAccountToken) && !variables.pod.automountServiceAccountToken)",
    ),
    Rule(
        "ADM-01",
        "No container runs as root, or can become it",
        "every container must have securityContext.allowPrivilegeEscalation: false and no privileged: true, and it or "
        "its pod runAsNonRoot: true",
        WORKLOADS,
        "variables.elsewhere || variables.containers.all(c, has(c.securityContext) && "
        "has(c.securityContext.allowPrivilegeEscalation) && !c.securityContext.allowPrivilegeEscalation && "
        "!(has(c.securityContext.privileged) && c.securityContext.privileged) && "
        "(has(c.securityContext.runAsNonRoot) ? c.securityContext.runAsNonRoot : "
        "has(variables.pod.securityContext) && has(variables.pod.securityContext.runAsNonRoot) && "
        "variables.pod.securityContext.runAsNonRoot))",
    ),
    Rule(
        "ADM-02",
        "Every image is of a version",
        "every image must have a tag other than latest, or a digest: a pod that starts elsewhere must be the same",
        WORKLOADS,
        "variables.elsewhere || variables.containers.all(c, c.image.contains('@sha256:') || "
        "(c.image.matches(':[^:/]+$') && !c.image.endsWith(':latest')))",
    ),
)
"""By id."""


class AdmissionPoliciesArgs(TypedDict):
    """Inputs of AdmissionPolicies."""

    engine: AdmissionEngine
    """Who checks; its release must stand (``depends_on``)."""
    mode: NotRequired[AdmissionMode]
    """What happens to what breaks a rule. Default audit: look at the reports before refusing anything."""
    exempt_namespaces: NotRequired[Sequence[str]]
    """Namespaces that are not judged, besides EXEMPT_NAMESPACES."""
    rollouts: NotRequired[bool]
    """Judge Argo Rollouts' objects too; their definition must be there. Default false."""


class AdmissionPolicies(pulumi.ComponentResource):
    """The policy pack's Kubernetes rules once more, at the cluster's door: for what comes by charts, kubectl or GitOps.

    Written once, in CEL, the one language that Kyverno (ValidatingPolicy), Gatekeeper (K8sNativeValidation) and the API
    server itself (ValidatingAdmissionPolicy) evaluate alike; a ClusterPolicy of Kyverno's is the older form of it.
    With nobody there to check, objects are let in (``failurePolicy: Ignore``) and found by the scan afterwards: after a
    lost zone, what must start again must not wait for whoever judges it.

    Cost when idle: none. State: none. Regions: one cluster's.
    """

    policies: list[k8s.apiextensions.CustomResource]
    """Those that judge, by rule."""

    def __init__(self, name: str, args: AdmissionPoliciesArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        engine, mode = AdmissionEngine(args["engine"]), AdmissionMode(args.get("mode", AdmissionMode.AUDIT))
        exempt = sorted({*EXEMPT_NAMESPACES, *args.get("exempt_namespaces", ())})
        rollouts = args.get("rollouts", False)
        super().__init__("tandem:index:AdmissionPolicies", name, {}, opts)
        self.policies = []
        for rule in RULES:
            child, metadata = f"{name}-{rule.id.lower()}", {RULE_ANNOTATION: rule.id}
            kinds = [kind for kind in rule.kinds if rollouts or kind is not ROLLOUT]
            depends_on: list[pulumi.Resource] = []
            if engine is AdmissionEngine.KYVERNO:
                api_version, kind = "policies.kyverno.io/v1", "ValidatingPolicy"
                spec = render_validating_policy(rule, kinds=kinds, mode=mode, exempt=exempt)
            else:
                api_version, kind = "constraints.gatekeeper.sh/v1beta1", constraint_kind(rule)
                spec = render_constraint(kinds=kinds, mode=mode, exempt=exempt)
                depends_on.append(
                    k8s.apiextensions.CustomResource(
                        f"{child}-template",
                        api_version="templates.gatekeeper.sh/v1",
                        kind="ConstraintTemplate",
                        metadata=k8s.meta.v1.ObjectMetaArgs(
                            name=kind.lower(),
                            # Gatekeeper makes the constraint's definition of it, some moments later.
                            annotations={**metadata, "pulumi.com/waitFor": "jsonpath={.status.created}=true"},
                        ),
                        spec=render_constraint_template(rule),
                        opts=pulumi.ResourceOptions(parent=self),
                    )
                )
            self.policies.append(
                k8s.apiextensions.CustomResource(
                    child,
                    api_version=api_version,
                    kind=kind,
                    metadata=k8s.meta.v1.ObjectMetaArgs(name=child, annotations=metadata),
                    spec=spec,
                    opts=pulumi.ResourceOptions(parent=self, depends_on=depends_on),
                )
            )
        self.register_outputs({})


def rule_variables(rule: Rule) -> list[dict[str, str]]:
    """Names that a rule's expression may use, in order."""
    named = WORKLOAD_VARIABLES if rule.kinds == WORKLOADS else ()
    return [{"name": name, "expression": expression} for name, expression in named]


def validation(rule: Rule) -> dict[str, str]:
    """A rule's expression with what is said to whoever breaks it."""
    return {"expression": rule.expression, "message": f"{rule.id}: {rule.message}"}


def render_validating_policy(
    rule: Rule, *, kinds: Sequence[Kind], mode: AdmissionMode, exempt: Sequence[str]
) -> dict[str, Any]:
    """Specification of Kyverno's ValidatingPolicy."""
    return {
        "validationActions": ["Deny" if mode is AdmissionMode.ENFORCE else "Audit"],
        "failurePolicy": "Ignore",
        "evaluation": {"admission": {"enabled": True}, "background": {"enabled": True}},
        # Of pods no rules are made: pods of runs and of operators would be judged by rules for workloads.
        "autogen": {"podControllers": {"controllers": []}},
        "matchConstraints": {
            "namespaceSelector": {
                "matchExpressions": [
                    {"key": "kubernetes.io/metadata.name", "operator": "NotIn", "values": list(exempt)}
                ]
            },
            "resourceRules": [
                {
                    "apiGroups": [kind.group],
                    "apiVersions": [kind.version],
                    "operations": ["CREATE", "UPDATE"],
                    "resources": [kind.resource],
                }
                for kind in kinds
            ],
        },
        "variables": rule_variables(rule),
        "validations": [validation(rule)],
    }


def constraint_kind(rule: Rule) -> str:
    """Kind of Gatekeeper's constraints of a rule, such as ``TandemK8S01``."""
    return f"Tandem{rule.id.replace('-', '')}"


def render_constraint_template(rule: Rule) -> dict[str, Any]:
    """Specification of Gatekeeper's ConstraintTemplate."""
    source = {
        "failurePolicy": "Ignore",
        "variables": rule_variables(rule),
        "validations": [validation(rule)],
    }
    return {
        "crd": {"spec": {"names": {"kind": constraint_kind(rule)}}},
        "targets": [
            {
                "target": "admission.k8s.gatekeeper.sh",
                "code": [{"engine": "K8sNativeValidation", "source": source}],
            }
        ],
    }


def render_constraint(*, kinds: Sequence[Kind], mode: AdmissionMode, exempt: Sequence[str]) -> dict[str, Any]:
    """Specification of a constraint: to whom a template applies."""
    return {
        "enforcementAction": "deny" if mode is AdmissionMode.ENFORCE else "dryrun",
        "match": {
            "kinds": [{"apiGroups": [kind.group], "kinds": [kind.kind]} for kind in kinds],
            "excludedNamespaces": list(exempt),
        },
    }
