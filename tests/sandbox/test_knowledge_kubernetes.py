"""Kubernetes objects are refused for what the API server of the pinned version would refuse."""

import math
from typing import Any

import pytest

from sandbox.knowledge import Failure, check, coverage, known, replaces
from sandbox.values import UNKNOWN

CONTAINER: dict[str, Any] = {
    "name": "server",
    "image": "nvcr.io/nvidia/tritonserver:25.08-py3",
    "imagePullPolicy": "IfNotPresent",
    "args": ["--model-repository=/models"],
    "env": [
        {"name": "REGION", "value": "us-east-1"},
        {"name": "KEY", "valueFrom": {"secretKeyRef": {"name": "a", "key": "b"}}},
    ],
    "ports": [{"name": "http", "containerPort": 8000.0, "protocol": "TCP"}],
    "readinessProbe": {"httpGet": {"path": "/v2/health/ready", "port": "http"}, "periodSeconds": 5.0},
    "livenessProbe": {"tcpSocket": {"port": 8000.0}},
    "resources": {
        "requests": {"cpu": "500m", "memory": "1.5Gi", "nvidia.com/gpu": 1.0},
        "limits": {"memory": "2Gi", "nvidia.com/gpu": "1"},
    },
    "volumeMounts": [{"name": "models", "mountPath": "/models"}],
    "securityContext": {"runAsNonRoot": True, "capabilities": {"drop": ["ALL"]}},
}
POD: dict[str, Any] = {
    "serviceAccountName": "model-server",
    "containers": [CONTAINER],
    "volumes": [{"name": "models", "emptyDir": {"sizeLimit": "20Gi"}}],
    "tolerations": [{"key": "nvidia.com/gpu", "operator": "Exists", "effect": "NoSchedule"}],
    "topologySpreadConstraints": [
        {
            "maxSkew": 1.0,
            "topologyKey": "topology.kubernetes.io/zone",
            "whenUnsatisfiable": "DoNotSchedule",
            "minDomains": 3.0,
            "labelSelector": {"matchLabels": {"app": "model-server"}},
        },
    ],
}


def deployment(**spec: Any) -> dict[str, Any]:
    return {
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": {
            "name": "model-server",
            "namespace": "models",
            "labels": {"app.kubernetes.io/name": "model-server"},
        },
        "spec": {
            "replicas": 3.0,
            "selector": {"matchLabels": {"app": "model-server"}},
            "template": {"metadata": {"labels": {"app": "model-server", "version": "1"}}, "spec": POD},
            "strategy": {"type": "RollingUpdate", "rollingUpdate": {"maxSurge": 1.0, "maxUnavailable": "25%"}},
            **spec,
        },
    }


def pod(**changes: Any) -> dict[str, Any]:
    template = {"metadata": {"labels": {"app": "model-server"}}, "spec": {**POD, **changes}}
    return deployment(template=template)


def container(**changes: Any) -> dict[str, Any]:
    return pod(containers=[{**CONTAINER, **changes}])


DEPLOYMENT = "kubernetes:apps/v1:Deployment"

ACCEPTED: list[tuple[str, dict[str, Any]]] = [
    (DEPLOYMENT, deployment()),
    (DEPLOYMENT, pod(volumes=UNKNOWN)),
    (DEPLOYMENT, deployment(selector={"matchLabels": {"app": UNKNOWN}})),
    (DEPLOYMENT, {"spec": UNKNOWN, "metadata": {"name": UNKNOWN}}),
    ("kubernetes:core/v1:Namespace", {"metadata": {"name": "models"}}),
    ("kubernetes:core/v1:Secret", {"metadata": {"name": "db"}, "type": "Opaque", "stringData": {"url": UNKNOWN}}),
    ("kubernetes:core/v1:ConfigMap", {"metadata": {"name": "a.b"}, "data": {"file.yaml": "a: 1"}}),
    (
        "kubernetes:core/v1:Service",
        {
            "metadata": {"annotations": {"service.beta.kubernetes.io/aws-load-balancer-type": "external"}},
            "spec": {
                "type": "ClusterIP",
                "selector": {"app": "a"},
                "ports": [
                    {"name": "http", "port": 80.0, "targetPort": "http"},
                    {"name": "grpc", "port": 81, "targetPort": 81},
                ],
            },
        },
    ),
    (
        "kubernetes:rbac.authorization.k8s.io/v1:ClusterRoleBinding",
        {
            "metadata": {"name": "system:nodes"},
            "roleRef": {"apiGroup": "rbac.authorization.k8s.io", "kind": "ClusterRole", "name": "view"},
            "subjects": [{"kind": "Group", "name": "operators", "apiGroup": "rbac.authorization.k8s.io"}],
        },
    ),
    (
        "kubernetes:policy/v1:PodDisruptionBudget",
        {"spec": {"minAvailable": "50%", "selector": {"matchLabels": {"a": "b"}}}},
    ),
    (
        "kubernetes:autoscaling/v2:HorizontalPodAutoscaler",
        {
            "spec": {
                "minReplicas": 2.0,
                "maxReplicas": 10.0,
                "scaleTargetRef": {"apiVersion": "apps/v1", "kind": "Deployment", "name": "model-server"},
                "metrics": [
                    {
                        "type": "Resource",
                        "resource": {"name": "cpu", "target": {"type": "Utilization", "averageUtilization": 70.0}},
                    },
                ],
            },
        },
    ),
    (
        "kubernetes:storage.k8s.io/v1:StorageClass",
        {
            "metadata": {"name": "gp3", "annotations": {"storageclass.kubernetes.io/is-default-class": "true"}},
            "provisioner": "ebs.csi.aws.com",
            "parameters": {"type": "gp3", "encrypted": "true"},
            "volumeBindingMode": "WaitForFirstConsumer",
        },
    ),
    (
        "kubernetes:elbv2.k8s.aws/v1beta1:TargetGroupBinding",
        {
            "apiVersion": "elbv2.k8s.aws/v1beta1",
            "kind": "TargetGroupBinding",
            "metadata": {"name": "prefect", "namespace": "prefect"},
            "spec": {"targetGroupARN": UNKNOWN, "serviceRef": {"name": "prefect-server", "port": 4200}},
        },
    ),
    (
        "kubernetes:apps/v1:DeploymentPatch",
        {
            "metadata": {"name": "coredns"},
            "spec": {
                "replicas": 3,
                "template": {
                    "spec": {"containers": [{"name": "a", "volumeMounts": [{"name": "theirs", "mountPath": "/a"}]}]},
                },
            },
        },
    ),
]


@pytest.mark.parametrize(("type_", "inputs"), ACCEPTED, ids=[f"{t}-{i}" for i, (t, _) in enumerate(ACCEPTED)])
def test_what_the_api_server_accepts_is_accepted(type_: str, inputs: dict[str, Any]) -> None:
    assert check(type_, inputs) == []


SPEC = "spec.template.spec"
FIRST = f"{SPEC}.containers[0]"
SPREAD = {**POD["topologySpreadConstraints"][0], "whenUnsatisfiable": "ScheduleAnyway"}

REFUSED: list[tuple[str, str, dict[str, Any], str, str]] = [
    (
        "field misspelt",
        DEPLOYMENT,
        deployment(replcas=2),
        "spec.replcas",
        "is not a field in Kubernetes 1.35; nearest: 'replicas'",
    ),
    (
        "field misspelt deep inside",
        DEPLOYMENT,
        container(imagePullPolcy="Always"),
        f"{FIRST}.imagePullPolcy",
        "nearest: 'imagePullPolicy'",
    ),
    ("field missing", DEPLOYMENT, {"spec": {"template": {"spec": POD}}}, "spec.selector", "is required and missing"),
    ("wrong type", DEPLOYMENT, container(image=3), f"{FIRST}.image", "got 3, which is not a string"),
    (
        "env value that is a number",
        DEPLOYMENT,
        container(env=[{"name": "A", "value": 1}]),
        f"{FIRST}.env[0].value",
        "is not a string",
    ),
    ("broken replica count", DEPLOYMENT, deployment(replicas=1.5), "spec.replicas", "is not an integer"),
    ("negative replica count", DEPLOYMENT, deployment(replicas=-1), "spec.replicas", "-1 is below 0"),
    (
        "quantity",
        DEPLOYMENT,
        container(resources={"limits": {"memory": "1gb"}}),
        f"{FIRST}.resources.limits.memory",
        "'1gb' is not a quantity",
    ),
    (
        "request above its limit",
        DEPLOYMENT,
        container(resources={"requests": {"cpu": "2"}, "limits": {"cpu": "1500m"}}),
        f"{FIRST}.resources.requests.cpu",
        "'2' is more than its limit '1500m'",
    ),
    (
        "GPU without a limit",
        DEPLOYMENT,
        container(resources={"requests": {"nvidia.com/gpu": 1}}),
        f'{FIRST}.resources.requests["nvidia.com/gpu"]',
        "cannot be overcommitted",
    ),
    (
        "GPU requests and limits that differ",
        DEPLOYMENT,
        container(resources={"requests": {"nvidia.com/gpu": 1}, "limits": {"nvidia.com/gpu": 2}}),
        f'{FIRST}.resources.requests["nvidia.com/gpu"]',
        "1 differs from its limit 2",
    ),
    ("pull policy", DEPLOYMENT, container(imagePullPolicy="always"), f"{FIRST}.imagePullPolicy", "nearest: 'Always'"),
    (
        "port",
        DEPLOYMENT,
        container(ports=[{"containerPort": 80000}]),
        f"{FIRST}.ports[0].containerPort",
        "80000 is not a port",
    ),
    ("container name", DEPLOYMENT, container(name="Server_1"), f"{FIRST}.name", "is not a container name"),
    (
        "container name twice",
        DEPLOYMENT,
        pod(containers=[CONTAINER, CONTAINER]),
        f"{SPEC}.containers[1].name",
        "already the name",
    ),
    ("no container", DEPLOYMENT, pod(containers=[]), f"{SPEC}.containers", "needs at least one container"),
    (
        "volume that does not exist",
        DEPLOYMENT,
        pod(volumes=[{"name": "model"}]),
        f"{FIRST}.volumeMounts[0].name",
        "nearest: 'model'",
    ),
    (
        "probe of two kinds",
        DEPLOYMENT,
        container(livenessProbe={"exec": {}, "grpc": {"port": 1}}),
        f"{FIRST}.livenessProbe",
        "exactly one",
    ),
    (
        "taint effect as EKS spells it",
        DEPLOYMENT,
        pod(tolerations=[{"key": "a", "effect": "NO_SCHEDULE"}]),
        f"{SPEC}.tolerations[0].effect",
        "nearest: 'NoSchedule'",
    ),
    (
        "spread that counts zones but does not mind",
        DEPLOYMENT,
        pod(topologySpreadConstraints=[SPREAD]),
        f"{SPEC}.topologySpreadConstraints[0].minDomains",
        "'DoNotSchedule'",
    ),
    (
        "selector that misses its pods",
        DEPLOYMENT,
        deployment(selector={"matchLabels": {"app": "model"}}),
        "spec.selector.matchLabels.app",
        "'model' does not match the pod template's label, which is 'model-server'",
    ),
    (
        "object name",
        DEPLOYMENT,
        {**deployment(), "metadata": {"name": "Model_Server"}},
        "metadata.name",
        "at most 253 characters",
    ),
    (
        "namespace name",
        "kubernetes:core/v1:Namespace",
        {"metadata": {"name": "a.b"}},
        "metadata.name",
        "at most 63 characters",
    ),
    (
        "service name",
        "kubernetes:core/v1:Service",
        {"metadata": {"name": "1st"}},
        "metadata.name",
        "beginning with a letter",
    ),
    (
        "label",
        "kubernetes:core/v1:Namespace",
        {"metadata": {"labels": {"team": "a b"}}},
        "metadata.labels.team",
        "'a b' is not a label value",
    ),
    (
        "annotation key",
        "kubernetes:core/v1:Namespace",
        {"metadata": {"annotations": {"a/b/c": "d"}}},
        'metadata.annotations["a/b/c"]',
        "is not a label or annotation key",
    ),
    (
        "number in a ConfigMap",
        "kubernetes:core/v1:ConfigMap",
        {"data": {"replicas": 3}},
        "data.replicas",
        "got 3, which is not a string",
    ),
    (
        "nameless ports",
        "kubernetes:core/v1:Service",
        {"spec": {"ports": [{"port": 80}, {"port": 81, "name": "b"}]}},
        "spec.ports[0].name",
        "is required where a Service has several ports",
    ),
    (
        "both sides of a budget",
        "kubernetes:policy/v1:PodDisruptionBudget",
        {"spec": {"minAvailable": 1, "maxUnavailable": 1}},
        "spec",
        "exclude each other",
    ),
    (
        "autoscaler upside down",
        "kubernetes:autoscaling/v2:HorizontalPodAutoscaler",
        {"spec": {"minReplicas": 5, "maxReplicas": 2, "scaleTargetRef": {"kind": "Deployment", "name": "a"}}},
        "spec.minReplicas",
        "5 is more than maxReplicas, 2",
    ),
    ("kind that does not exist", "kubernetes:apps/v1:Deploymnet", {}, "kind", "nearest: 'Deployment'"),
    (
        "version that is gone",
        "kubernetes:policy/v1beta1:PodDisruptionBudget",
        {},
        "kind",
        "is not served by Kubernetes 1.35",
    ),
    (
        "version that contradicts the type",
        DEPLOYMENT,
        {**deployment(), "apiVersion": "v1"},
        "apiVersion",
        "'v1' does not match",
    ),
    (
        "name of a custom resource",
        "kubernetes:karpenter.sh/v1:NodePool",
        {"metadata": {"name": "GPU"}, "spec": {"anything": 1}},
        "metadata.name",
        "is not a name a NodePool may have",
    ),
]


@pytest.mark.parametrize(
    ("type_", "inputs", "property_", "reason"), [case[1:] for case in REFUSED], ids=[c[0] for c in REFUSED]
)
def test_what_the_api_server_refuses_is_refused(
    type_: str, inputs: dict[str, Any], property_: str, reason: str
) -> None:
    failures = {failure.property: failure.reason for failure in check(type_, inputs)}
    assert reason in failures.get(property_, f"nothing refused at {property_}, but: {failures}")


def test_all_mistakes_are_told_at_once() -> None:
    failures = check(DEPLOYMENT, {**deployment(replcas=1), "metadata": {"name": "A", "lables": {}}})
    assert {failure.property for failure in failures} == {"spec.replcas", "metadata.name", "metadata.lables"}


@pytest.mark.parametrize("junk", [None, 3, math.inf, math.nan, "text", [], {}, [None], {"spec": 3}, UNKNOWN])
def test_no_object_makes_the_check_raise(junk: Any) -> None:
    for inputs in (
        {"metadata": junk, "spec": junk},
        deployment(selector=junk, replicas=junk, template=junk),
        pod(containers=junk),
    ):
        assert all(isinstance(failure, Failure) for failure in check(DEPLOYMENT, inputs))


def test_what_cannot_change_in_place_replaces() -> None:
    assert replaces(DEPLOYMENT) == {"apiVersion", "kind", "metadata.name", "metadata.namespace", "spec.selector"}
    assert replaces("kubernetes:storage.k8s.io/v1:StorageClass") >= {"provisioner", "parameters"}
    assert replaces("kubernetes:batch/v1:Job") >= {"spec.template"}
    assert "spec.template" not in replaces("kubernetes:apps/v1:StatefulSet")


def test_coverage_tells_objects_from_custom_resources() -> None:
    assert known(DEPLOYMENT)
    assert not known("kubernetes:example.com/v1:Thing")
    assert coverage(DEPLOYMENT)[-1] == "the OpenAPI of Kubernetes 1.35"
    assert coverage("kubernetes:example.com/v1:Thing") == ("Kubernetes' rules for metadata",)
    assert known("kubernetes:karpenter.sh/v1:NodePool")
    assert coverage("kubernetes:karpenter.sh/v1:NodePool")[-1] == "its definition's fields"
