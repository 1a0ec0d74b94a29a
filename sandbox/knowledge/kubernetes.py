"""What the API server of the pinned Kubernetes version refuses.

The OpenAPI definitions (PyPI `kubernetes-validate`) give fields, types and required ones; what the API server checks
beyond its own schema (names, labels, quantities, selectors, ranges) stands here as one rule per definition, with
Kubernetes' documented limits.
"""

import importlib.util
import json
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any, cast

from sandbox.knowledge import custom_resources
from sandbox.knowledge.failure import Failure, choices, did_you_mean, index_path, key_path
from sandbox.values import UNKNOWN

MINOR = "1.35"

_JsonObject = Mapping[str, Any]
_Rule = Callable[[_JsonObject, str, list[Failure]], None]

_DNS_LABEL = re.compile(r"[a-z0-9]([-a-z0-9]*[a-z0-9])?")
_DNS_1035_LABEL = re.compile(r"[a-z]([-a-z0-9]*[a-z0-9])?")
_DNS_SUBDOMAIN = re.compile(r"[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*")
_QUALIFIED_NAME = re.compile(r"[A-Za-z0-9]([-A-Za-z0-9_.]*[A-Za-z0-9])?")
# apimachinery/pkg/api/resource: <signedNumber><suffix>, suffix binary, decimal or an exponent.
_QUANTITY = re.compile(r"([+-]?(?:\d+\.?\d*|\.\d+))(Ki|Mi|Gi|Ti|Pi|Ei|n|u|m|k|M|G|T|P|E|[eE][+-]?\d+)?")
_SUFFIXES = {
    **{"n": Decimal("1e-9"), "u": Decimal("1e-6"), "m": Decimal("1e-3"), None: Decimal(1)},
    **{suffix: Decimal(1000) ** power for power, suffix in enumerate(("k", "M", "G", "T", "P", "E"), start=1)},
    **{suffix: Decimal(1024) ** power for power, suffix in enumerate(("Ki", "Mi", "Gi", "Ti", "Pi", "Ei"), start=1)},
}
_LABEL_LENGTH = 63
_SUBDOMAIN_LENGTH = 253
_HIGHEST_PORT = 65535

# The definitions leave these as plain strings; the values are those their descriptions and validation.go give.
_ENUMS: Mapping[tuple[str, str], Sequence[str]] = {
    ("io.k8s.api.core.v1.Container", "imagePullPolicy"): ("Always", "IfNotPresent", "Never"),
    ("io.k8s.api.core.v1.ContainerPort", "protocol"): ("TCP", "UDP", "SCTP"),
    ("io.k8s.api.core.v1.PodSpec", "restartPolicy"): ("Always", "OnFailure", "Never"),
    ("io.k8s.api.core.v1.PodSpec", "dnsPolicy"): ("ClusterFirst", "ClusterFirstWithHostNet", "Default", "None"),
    ("io.k8s.api.core.v1.ServicePort", "protocol"): ("TCP", "UDP", "SCTP"),
    ("io.k8s.api.core.v1.ServiceSpec", "type"): ("ClusterIP", "ExternalName", "LoadBalancer", "NodePort"),
    ("io.k8s.api.core.v1.ServiceSpec", "externalTrafficPolicy"): ("Cluster", "Local"),
    ("io.k8s.api.core.v1.Toleration", "effect"): ("", "NoSchedule", "PreferNoSchedule", "NoExecute"),
    ("io.k8s.api.core.v1.Toleration", "operator"): ("", "Exists", "Equal"),
    ("io.k8s.api.core.v1.TopologySpreadConstraint", "whenUnsatisfiable"): ("DoNotSchedule", "ScheduleAnyway"),
    ("io.k8s.api.core.v1.TopologySpreadConstraint", "nodeAffinityPolicy"): ("Honor", "Ignore"),
    ("io.k8s.api.core.v1.TopologySpreadConstraint", "nodeTaintsPolicy"): ("Honor", "Ignore"),
    ("io.k8s.api.core.v1.NodeSelectorRequirement", "operator"): ("In", "NotIn", "Exists", "DoesNotExist", "Gt", "Lt"),
    ("io.k8s.apimachinery.pkg.apis.meta.v1.LabelSelectorRequirement", "operator"): (
        "In",
        "NotIn",
        "Exists",
        "DoesNotExist",
    ),
    ("io.k8s.api.apps.v1.DeploymentStrategy", "type"): ("Recreate", "RollingUpdate"),
    ("io.k8s.api.apps.v1.StatefulSetSpec", "podManagementPolicy"): ("OrderedReady", "Parallel"),
    ("io.k8s.api.batch.v1.CronJobSpec", "concurrencyPolicy"): ("Allow", "Forbid", "Replace"),
    ("io.k8s.api.policy.v1.PodDisruptionBudgetSpec", "unhealthyPodEvictionPolicy"): ("IfHealthyBudget", "AlwaysAllow"),
    ("io.k8s.api.storage.v1.StorageClass", "volumeBindingMode"): ("Immediate", "WaitForFirstConsumer"),
    ("io.k8s.api.storage.v1.StorageClass", "reclaimPolicy"): ("Delete", "Retain"),
    ("io.k8s.api.networking.v1.HTTPIngressPath", "pathType"): ("Exact", "Prefix", "ImplementationSpecific"),
}

# Namespaces and Services are narrower than the DNS subdomain other kinds take; RBAC names may hold nearly anything
# (apimachinery/pkg/api/validation/path), such as `system:node-proxier`.
_NARROW_NAMES: Mapping[str, tuple[re.Pattern[str], str]] = {
    "Namespace": (_DNS_LABEL, "lower-case letters, digits and '-'"),
    "Service": (_DNS_1035_LABEL, "lower-case letters, digits and '-', beginning with a letter"),
}
_ANY_NAME = {"Role", "RoleBinding", "ClusterRole", "ClusterRoleBinding"}

# Tokens under the kubernetes package that are no API objects.
_NOT_OBJECTS = ("kubernetes:helm.sh/", "kubernetes:yaml", "kubernetes:kustomize")

# Fields that the API server refuses to change in place, or (for a StatefulSet's spec) all but those it allows;
# pkg/apis/*/validation, and what pulumi-kubernetes replaces on (provider/pkg/clients/force-new.go).
_ALWAYS_REPLACED = frozenset({"apiVersion", "kind", "metadata.name", "metadata.namespace"})
_IMMUTABLE: Mapping[str, frozenset[str]] = {
    "Deployment": frozenset({"spec.selector"}),
    "DaemonSet": frozenset({"spec.selector"}),
    "ReplicaSet": frozenset({"spec.selector"}),
    "StatefulSet": frozenset(
        {"spec.selector", "spec.serviceName", "spec.podManagementPolicy", "spec.volumeClaimTemplates"}
    ),
    "Job": frozenset({"spec.selector", "spec.template", "spec.completionMode", "spec.podFailurePolicy"}),
    "Service": frozenset({"spec.clusterIP", "spec.clusterIPs"}),
    "StorageClass": frozenset({"parameters", "provisioner", "reclaimPolicy", "volumeBindingMode"}),
    "PersistentVolumeClaim": frozenset(
        {"spec.accessModes", "spec.selector", "spec.storageClassName", "spec.volumeMode", "spec.volumeName"}
    ),
    "PriorityClass": frozenset({"value", "globalDefault", "preemptionPolicy"}),
    "Secret": frozenset({"type"}),
    "RoleBinding": frozenset({"roleRef"}),
    "ClusterRoleBinding": frozenset({"roleRef"}),
    "RuntimeClass": frozenset({"handler"}),
    "CustomResourceDefinition": frozenset({"spec.names.kind", "spec.group", "spec.scope"}),
}


def is_object(type_: str) -> bool:
    """Whether a Pulumi token stands for one Kubernetes API object, custom resources included."""
    return type_.startswith("kubernetes:") and type_.count(":") == 2 and not type_.startswith(_NOT_OBJECTS)


def known(type_: str) -> bool:
    """Whether the pinned Kubernetes version has this object's kind; of custom resources none is in it."""
    return is_object(type_) and _definition_of(*_api_version_and_kind(type_)) is not None


def check(type_: str, inputs: _JsonObject) -> list[Failure]:
    """Judge one object as the API server of Kubernetes MINOR would.

    A custom resource is judged for apiVersion, kind and metadata: its schema lives in the cluster. Of those that the
    project makes itself it is known (`custom_resources`).
    """
    api_version, kind = _api_version_and_kind(type_)
    patch = kind.endswith("Patch") and _definition_of(api_version, kind) is None
    kind = kind.removesuffix("Patch") if patch else kind
    failures: list[Failure] = []
    for key, expected in (("apiVersion", api_version), ("kind", kind)):
        given = inputs.get(key)
        if given is not None and given is not UNKNOWN and given != expected:
            failures.append(Failure(key, f"{given!r} does not match the resource's type, which says {expected!r}"))
    definition = _definition_of(api_version, kind)
    if definition is None:
        group = api_version.rpartition("/")[0]
        if group in _groups():
            near = did_you_mean(kind, _kinds(group))
            failures.append(Failure("kind", f"{api_version} {kind} is not served by Kubernetes {MINOR}{near}"))
        definition = "io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta"
        _judge_definition(definition, inputs.get("metadata"), "metadata", failures)
        if not patch:
            failures += custom_resources.check(api_version, kind, inputs, _judge_definition)
    else:
        body = {key: value for key, value in inputs.items() if not key.startswith("__") and key not in _IDENTITY}
        _judge_definition(definition, body, "", failures, required=not patch)
    _check_name(kind, inputs, failures)
    return failures


def has_definition(type_: str) -> bool:
    """Whether this custom resource's definition is known."""
    return is_object(type_) and custom_resources.known(*_api_version_and_kind(type_))


def definition(name: str) -> _JsonObject | None:
    """An OpenAPI definition of the pinned Kubernetes version, by its name such as `io.k8s.api.core.v1.Container`."""
    return _definitions().get(name)


def replaces(type_: str) -> frozenset[str]:
    """Dotted properties of a Kubernetes object that cannot be changed in place."""
    _, kind = _api_version_and_kind(type_)
    return _ALWAYS_REPLACED | _IMMUTABLE.get(kind, frozenset())


_IDENTITY = {"apiVersion", "kind", "status"}


def _api_version_and_kind(type_: str) -> tuple[str, str]:
    _, api_version, kind = type_.split(":")
    return api_version.removeprefix("core/"), kind


@cache
def _definitions() -> Mapping[str, _JsonObject]:
    spec = importlib.util.find_spec("kubernetes_validate")
    if spec is None or spec.origin is None:
        raise ModuleNotFoundError("the sandbox needs the package kubernetes-validate; install the project's dev extra")
    path = Path(spec.origin).parent / "kubernetes-json-schema" / f"v{MINOR}.0-local-strict" / "_definitions.json"
    return json.loads(path.read_text(encoding="utf-8"))["$defs"]


@cache
def _by_version_and_kind() -> Mapping[tuple[str, str], str]:
    found: dict[tuple[str, str], str] = {}
    for name, definition in _definitions().items():
        for gvk in definition.get("x-kubernetes-group-version-kind", []):
            # DeleteOptions and WatchEvent are listed under every group; an object's definition is named after its kind.
            if name.endswith(f".{gvk['kind']}"):
                api_version = f"{gvk['group']}/{gvk['version']}" if gvk["group"] else gvk["version"]
                found[api_version, gvk["kind"]] = name
    return found


def _definition_of(api_version: str, kind: str) -> str | None:
    return _by_version_and_kind().get((api_version, kind))


@cache
def _groups() -> frozenset[str]:
    return frozenset(api_version.rpartition("/")[0] for api_version, _ in _by_version_and_kind())


def _kinds(group: str) -> list[str]:
    return [kind for api_version, kind in _by_version_and_kind() if api_version.rpartition("/")[0] == group]


def _judge_definition(name: str, value: Any, path: str, failures: list[Failure], *, required: bool = True) -> None:
    if value is None or value is UNKNOWN:
        return
    _judge(_definitions()[name], value, path, failures, name, required=required)
    rule = _RULES.get(name)
    # A Patch is a part of an object, of which the rules would miss the rest.
    if rule is not None and isinstance(value, Mapping) and required:
        rule(cast(_JsonObject, value), path, failures)


def _judge(
    schema: _JsonObject, value: Any, path: str, failures: list[Failure], name: str = "", *, required: bool = True
) -> None:
    if value is None or value is UNKNOWN:
        return
    if "$ref" in schema:
        _judge_definition(schema["$ref"].rpartition("/")[2], value, path, failures, required=required)
        return
    if name == _QUANTITY_DEFINITION:
        _judge_quantity(value, path, failures)
        return
    if "oneOf" in schema:
        allowed = {kind for option in schema["oneOf"] for kind in _types_of(option)}
        _judge_type(allowed, value, path, failures)
        return
    if not _judge_type(_types_of(schema), value, path, failures):
        return
    if isinstance(value, Mapping):
        _judge_object(schema, cast(_JsonObject, value), path, failures, name, required=required)
    elif isinstance(value, list):
        for index, item in enumerate(cast(list[Any], value)):
            _judge(schema.get("items", {}), item, index_path(path, index), failures, required=required)


def _types_of(schema: _JsonObject) -> set[str]:
    declared = schema.get("type", [])
    return {declared} - {"null"} if isinstance(declared, str) else set(declared) - {"null"}


def _judge_type(allowed: set[str], value: Any, path: str, failures: list[Failure]) -> bool:
    if not allowed or any(_TYPE_TESTS[kind](value) for kind in allowed):
        return True
    article = " or ".join(f"{'an' if kind[0] in 'aio' else 'a'} {kind}" for kind in sorted(allowed))
    shown = value if not isinstance(value, list | Mapping) else type(cast(object, value)).__name__
    failures.append(Failure(path, f"got {shown!r}, which is not {article}"))
    return False


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


_TYPE_TESTS: Mapping[str, Callable[[Any], bool]] = {
    "object": lambda value: isinstance(value, Mapping),
    "array": lambda value: isinstance(value, list | tuple),
    "string": lambda value: isinstance(value, str),
    "boolean": lambda value: isinstance(value, bool),
    "number": _is_number,
    # Every number is a double on Pulumi's wire, so 3.0 is how 3 arrives.
    "integer": lambda value: _is_number(value) and float(value).is_integer(),
}


def _judge_object(
    schema: _JsonObject, value: _JsonObject, path: str, failures: list[Failure], name: str, *, required: bool
) -> None:
    properties: _JsonObject = schema.get("properties", {})
    additional: Any = schema.get("additionalProperties", True)
    for key, item in value.items():
        if key.startswith("__"):
            continue
        if key in properties:
            _judge(properties[key], item, key_path(path, key), failures, required=required)
            _judge_enum(name, key, item, path, failures)
        elif isinstance(additional, Mapping):
            _judge(cast(_JsonObject, additional), item, key_path(path, key), failures, required=required)
        elif not additional and properties:
            near = did_you_mean(key, properties) or f"; it takes {choices(sorted(properties))}"
            failures.append(Failure(key_path(path, key), f"is not a field in Kubernetes {MINOR}{near}"))
    if required:
        for key in schema.get("required", []):
            if value.get(key) is None:
                failures.append(Failure(key_path(path, key), "is required and missing"))


def _judge_enum(name: str, key: str, value: Any, path: str, failures: list[Failure]) -> None:
    allowed = _ENUMS.get((name, key))
    if allowed is not None and isinstance(value, str) and value not in allowed:
        near = did_you_mean(value, allowed)
        failures.append(Failure(key_path(path, key), f"{value!r} is not one of {choices(allowed)}{near}"))


_QUANTITY_DEFINITION = "io.k8s.apimachinery.pkg.api.resource.Quantity"


def _judge_quantity(value: Any, path: str, failures: list[Failure]) -> None:
    if _amount(value) is None:
        failures.append(Failure(path, f"{value!r} is not a quantity such as '500m', '2' or '1.5Gi'"))


def _amount(quantity: Any) -> Decimal | None:
    """A quantity as a number; None when it is none."""
    if _is_number(quantity):
        return Decimal(str(quantity))
    match = _QUANTITY.fullmatch(quantity) if isinstance(quantity, str) else None
    if match is None:
        return None
    number, suffix = match.groups()
    factor = _SUFFIXES.get(suffix)
    return Decimal(number) * factor if factor is not None else Decimal(f"{number}{suffix}")


def _check_name(kind: str, inputs: _JsonObject, failures: list[Failure]) -> None:
    metadata = inputs.get("metadata")
    name = cast(_JsonObject, metadata).get("name") if isinstance(metadata, Mapping) else None
    if not isinstance(name, str) or kind in _ANY_NAME:
        return
    pattern, wording = _NARROW_NAMES.get(kind, (_DNS_SUBDOMAIN, "lower-case letters, digits, '-' and '.'"))
    longest = _SUBDOMAIN_LENGTH if pattern is _DNS_SUBDOMAIN else _LABEL_LENGTH
    if not pattern.fullmatch(name) or len(name) > longest:
        reason = f"{name!r} is not a name a {kind} may have: at most {longest} characters, {wording}"
        failures.append(Failure("metadata.name", reason))


def _check_metadata(metadata: _JsonObject, path: str, failures: list[Failure]) -> None:
    namespace = metadata.get("namespace")
    if isinstance(namespace, str) and (not _DNS_LABEL.fullmatch(namespace) or len(namespace) > _LABEL_LENGTH):
        wording = f"at most {_LABEL_LENGTH} lower-case letters, digits and '-'"
        failures.append(Failure(key_path(path, "namespace"), f"{namespace!r} is not a namespace name: {wording}"))
    for field in ("labels", "annotations"):
        for key, value in _entries(metadata.get(field)):
            where = key_path(key_path(path, field), key)
            _check_key(key, where, failures)
            if field == "labels":
                _check_label_value(value, where, failures)


def _check_key(key: str, where: str, failures: list[Failure]) -> None:
    prefix, slash, name = key.rpartition("/")
    prefix_fits = not slash or (len(prefix) <= _SUBDOMAIN_LENGTH and _DNS_SUBDOMAIN.fullmatch(prefix.lower()))
    if not prefix_fits or len(name) > _LABEL_LENGTH or not _QUALIFIED_NAME.fullmatch(name):
        reason = f"{key!r} is not a label or annotation key: [DNS name/]name with at most {_LABEL_LENGTH} letters, "
        failures.append(Failure(where, f"{reason}digits, '-', '_' and '.'"))


def _check_label_value(value: Any, where: str, failures: list[Failure]) -> None:
    if isinstance(value, str) and value and (len(value) > _LABEL_LENGTH or not _QUALIFIED_NAME.fullmatch(value)):
        wording = (
            f"at most {_LABEL_LENGTH} letters, digits, '-', '_' and '.', beginning and ending with one of the first two"
        )
        failures.append(Failure(where, f"{value!r} is not a label value: {wording}"))


def _check_selector(spec: _JsonObject, path: str, failures: list[Failure]) -> None:
    _check_replicas(spec, path, failures)
    wanted = _at(spec, "selector", "matchLabels")
    labels = _at(spec, "template", "metadata", "labels")
    if isinstance(spec.get("selector"), Mapping) and wanted is None and not _at(spec, "selector", "matchExpressions"):
        failures.append(Failure(key_path(path, "selector"), "selects nothing: matchLabels is missing"))
        return
    if labels is UNKNOWN or not isinstance(labels, Mapping | None):
        return
    given = cast(_JsonObject, labels or {})
    for key, value in _entries(wanted):
        found = given.get(key)
        if value is not UNKNOWN and found is not UNKNOWN and found != value:
            where = key_path(f"{path}.selector.matchLabels", key)
            reason = f"{value!r} does not match the pod template's label, which is {found!r}"
            failures.append(Failure(where, reason))


def _check_replicas(spec: _JsonObject, path: str, failures: list[Failure]) -> None:
    replicas = spec.get("replicas")
    if _is_number(replicas) and cast(float, replicas) < 0:
        failures.append(Failure(key_path(path, "replicas"), f"{replicas} is below 0"))


def _check_pod(spec: _JsonObject, path: str, failures: list[Failure]) -> None:
    volumes = spec.get("volumes")
    volume_names = _names(volumes)
    seen: set[str] = set()
    for field in ("initContainers", "containers"):
        for where, container in _objects(spec.get(field), key_path(path, field)):
            name = container.get("name")
            if isinstance(name, str):
                _check_container_name(name, seen, where, failures)
            for mount_path, mount in _objects(container.get("volumeMounts"), f"{where}.volumeMounts"):
                mounted = mount.get("name")
                if volume_names is not None and isinstance(mounted, str) and mounted not in volume_names:
                    near = did_you_mean(mounted, volume_names)
                    reason = f"{mounted!r} is not one of the pod's volumes ({choices(sorted(volume_names)) or 'none'})"
                    failures.append(Failure(f"{mount_path}.name", f"{reason}{near}"))
    if not spec.get("containers"):
        failures.append(Failure(key_path(path, "containers"), "needs at least one container"))


def _check_container_name(name: str, seen: set[str], where: str, failures: list[Failure]) -> None:
    if not _DNS_LABEL.fullmatch(name) or len(name) > _LABEL_LENGTH:
        wording = f"at most {_LABEL_LENGTH} lower-case letters, digits and '-'"
        failures.append(Failure(f"{where}.name", f"{name!r} is not a container name: {wording}"))
    if name in seen:
        failures.append(Failure(f"{where}.name", f"{name!r} is already the name of another container in this pod"))
    seen.add(name)


def _check_resources(resources: _JsonObject, path: str, failures: list[Failure]) -> None:
    limits = resources.get("limits")
    requests = resources.get("requests")
    if limits is UNKNOWN or requests is UNKNOWN:
        return
    known_limits = dict(_entries(limits))
    for key, requested in _entries(requests):
        limit = known_limits.get(key)
        amount, most = _amount(requested), _amount(limit)
        # Extended resources (a '/' in the name, such as nvidia.com/gpu) cannot be overcommitted.
        extended = "/" in key and not key.startswith("kubernetes.io/")
        where = key_path(key_path(path, "requests"), key)
        if extended and limit is None:
            failures.append(Failure(where, f"{requested!r} needs the same limit: {key} cannot be overcommitted"))
        elif amount is not None and most is not None and (amount > most or (extended and amount != most)):
            relation = "differs from" if extended else "is more than"
            failures.append(Failure(where, f"{requested!r} {relation} its limit {limit!r}"))


def _check_probe(probe: _JsonObject, path: str, failures: list[Failure]) -> None:
    handlers = [key for key in ("exec", "grpc", "httpGet", "tcpSocket") if probe.get(key) is not None]
    if len(handlers) != 1:
        given = " and ".join(handlers) or "none"
        failures.append(Failure(path, f"needs exactly one of exec, grpc, httpGet and tcpSocket; it has {given}"))
    for key, least in (("periodSeconds", 1), ("timeoutSeconds", 1), ("failureThreshold", 1), ("successThreshold", 1)):
        value = probe.get(key)
        if _is_number(value) and cast(float, value) < least and value != 0:
            failures.append(Failure(key_path(path, key), f"{value} is below {least}"))


def _check_ports(*fields: str) -> _Rule:
    def check_ports(owner: _JsonObject, path: str, failures: list[Failure]) -> None:
        for field in fields:
            port = owner.get(field)
            if _is_number(port) and not 0 < cast(float, port) <= _HIGHEST_PORT:
                failures.append(Failure(key_path(path, field), f"{port} is not a port: 1 to {_HIGHEST_PORT}"))

    return check_ports


def _check_service(spec: _JsonObject, path: str, failures: list[Failure]) -> None:
    ports = list(_objects(spec.get("ports"), key_path(path, "ports")))
    if len(ports) > 1:
        for where, port in ports:
            if port.get("name") is None:
                failures.append(Failure(f"{where}.name", "is required where a Service has several ports"))
    names = [port["name"] for _, port in ports if isinstance(port.get("name"), str)]
    for where, port in ports:
        if names.count(port.get("name")) > 1:
            failures.append(Failure(f"{where}.name", f"{port['name']!r} names more than one port"))


def _check_budget(spec: _JsonObject, path: str, failures: list[Failure]) -> None:
    if spec.get("minAvailable") is not None and spec.get("maxUnavailable") is not None:
        failures.append(Failure(path, "minAvailable and maxUnavailable exclude each other; keep one"))
    for key in ("minAvailable", "maxUnavailable"):
        value = spec.get(key)
        if isinstance(value, str) and not re.fullmatch(r"\d+%", value):
            failures.append(Failure(key_path(path, key), f"{value!r} is neither a number nor a percentage like '50%'"))


def _check_autoscaler(spec: _JsonObject, path: str, failures: list[Failure]) -> None:
    least, most = spec.get("minReplicas"), spec.get("maxReplicas")
    if _is_number(most) and cast(float, most) < 1:
        failures.append(Failure(key_path(path, "maxReplicas"), f"{most} is below 1"))
    if _is_number(least) and _is_number(most) and cast(float, least) > cast(float, most):
        failures.append(Failure(key_path(path, "minReplicas"), f"{least} is more than maxReplicas, {most}"))


def _check_spread(constraint: _JsonObject, path: str, failures: list[Failure]) -> None:
    skew = constraint.get("maxSkew")
    if _is_number(skew) and cast(float, skew) < 1:
        failures.append(Failure(key_path(path, "maxSkew"), f"{skew} is below 1"))
    if constraint.get("minDomains") is not None and constraint.get("whenUnsatisfiable") == "ScheduleAnyway":
        reason = "can only be set where whenUnsatisfiable is 'DoNotSchedule'"
        failures.append(Failure(key_path(path, "minDomains"), reason))


_RULES: Mapping[str, _Rule] = {
    "io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta": _check_metadata,
    "io.k8s.api.apps.v1.DeploymentSpec": _check_selector,
    "io.k8s.api.apps.v1.StatefulSetSpec": _check_selector,
    "io.k8s.api.apps.v1.ReplicaSetSpec": _check_selector,
    "io.k8s.api.apps.v1.DaemonSetSpec": _check_selector,
    "io.k8s.api.core.v1.PodSpec": _check_pod,
    "io.k8s.api.core.v1.ResourceRequirements": _check_resources,
    "io.k8s.api.core.v1.Probe": _check_probe,
    "io.k8s.api.core.v1.ContainerPort": _check_ports("containerPort"),
    "io.k8s.api.core.v1.ServicePort": _check_ports("port", "nodePort", "targetPort"),
    "io.k8s.api.core.v1.HTTPGetAction": _check_ports("port"),
    "io.k8s.api.core.v1.TCPSocketAction": _check_ports("port"),
    "io.k8s.api.core.v1.GRPCAction": _check_ports("port"),
    "io.k8s.api.core.v1.ServiceSpec": _check_service,
    "io.k8s.api.core.v1.TopologySpreadConstraint": _check_spread,
    "io.k8s.api.policy.v1.PodDisruptionBudgetSpec": _check_budget,
    "io.k8s.api.autoscaling.v1.HorizontalPodAutoscalerSpec": _check_autoscaler,
    "io.k8s.api.autoscaling.v2.HorizontalPodAutoscalerSpec": _check_autoscaler,
}


def _at(value: Any, *keys: str) -> Any:
    for key in keys:
        if value is UNKNOWN or not isinstance(value, Mapping):
            return value if value is UNKNOWN else None
        value = cast(_JsonObject, value).get(key)
    return value


def _entries(value: Any) -> Iterator[tuple[str, Any]]:
    if isinstance(value, Mapping):
        yield from ((k, v) for k, v in cast(_JsonObject, value).items() if v is not None and not k.startswith("__"))


def _objects(value: Any, path: str) -> Iterator[tuple[str, _JsonObject]]:
    for index, item in enumerate(cast(list[Any], value) if isinstance(value, list) else []):
        if isinstance(item, Mapping):
            yield index_path(path, index), cast(_JsonObject, item)


def _names(value: Any) -> set[str] | None:
    """Names of a list of objects; None when some of it is not known yet."""
    if value is UNKNOWN or (isinstance(value, list) and UNKNOWN in value):
        return None
    names = [item.get("name") for _, item in _objects(value, "")]
    return None if UNKNOWN in names else {name for name in names if isinstance(name, str)}
