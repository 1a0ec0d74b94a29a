"""Rebuild what the sandbox knows of custom resources: which fields each has, of which type, with which values.

    python scripts/custom_resource_tables.py FOLDER            # from definitions in FOLDER/<chart>/
    python scripts/custom_resource_tables.py FOLDER --check    # write nothing; exit 1 if it is out of date

Each chart's folder holds the definitions of the version that components/charts.py pins, as files of YAML from its
SOURCES below. Argo Events says nothing of its fields in its definitions; its JSON schema does. Facts are taken, not
text: names, types, enumerations, patterns, bounds. What has the fields of a definition of Kubernetes' own, such as a
container, is called that and judged as that; what is the same as somewhere else is said once; what this project never
writes is left open. Rules written in CEL are not among them; the few that matter stand in
sandbox/knowledge/custom_resources.py.
"""

import argparse
import json
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any, cast

import yaml

from components import charts
from sandbox.knowledge import kubernetes

ROOT = Path(__file__).resolve().parents[1]
TABLE = ROOT / "sandbox" / "knowledge" / "custom_resources.json"

BOUNDS = ("minimum", "maximum", "minItems", "maxItems", "maxLength")

_Schema = Mapping[str, Any]


@dataclass(frozen=True)
class Source:
    """Where a chart's definitions are, and what is taken of them."""

    chart: charts.Chart
    path: str
    """In the repository of the application."""
    kinds: Mapping[str, str]
    """Version that the project writes, by kind."""
    keep: Mapping[str, Sequence[str]] = field(default_factory=dict[str, Sequence[str]])
    """Of a block, by its path with the kind before it: fields that are taken. The others are open."""
    leave: Sequence[str] = ()
    """Blocks that are open, by their path with the kind before it."""


_TRIGGER_TEMPLATE = ("name", "conditions", "conditionsReset", "argoWorkflow", "k8s", "http", "log")

SOURCES = (
    Source(charts.LOAD_BALANCER_CONTROLLER, "config/crd/bases", {"TargetGroupBinding": "elbv2.k8s.aws/v1beta1"}),
    Source(
        charts.KARPENTER,
        "pkg/apis/crds",
        {"EC2NodeClass": "karpenter.k8s.aws/v1", "NodePool": "karpenter.sh/v1"},
    ),
    Source(
        charts.EXTERNAL_SECRETS,
        "config/crds/bases",
        {"ClusterSecretStore": "external-secrets.io/v1", "ExternalSecret": "external-secrets.io/v1"},
        keep={"ClusterSecretStore spec.provider": ("aws",)},
    ),
    Source(
        charts.CERT_MANAGER,
        "deploy/crds",
        {"Certificate": "cert-manager.io/v1", "ClusterIssuer": "cert-manager.io/v1"},
        keep={"ClusterIssuer spec": ("ca", "selfSigned")},
    ),
    Source(
        charts.KEDA,
        "config/crd/bases",
        {"ScaledObject": "keda.sh/v1alpha1", "TriggerAuthentication": "keda.sh/v1alpha1"},
    ),
    Source(
        charts.PROMETHEUS_STACK,
        "charts/kube-prometheus-stack/charts/crds/crds",
        {kind: "monitoring.coreos.com/v1" for kind in ("PodMonitor", "Probe", "PrometheusRule", "ServiceMonitor")},
    ),
    Source(
        charts.ARGO_ROLLOUTS,
        "manifests/crds",
        {"AnalysisTemplate": "argoproj.io/v1alpha1", "Rollout": "argoproj.io/v1alpha1"},
        keep={"AnalysisTemplate spec.metrics[].provider": ("job", "prometheus", "web")},
    ),
    Source(
        charts.ARGO_EVENTS,
        "api/jsonschema/schema.json",
        {kind: "argoproj.io/v1alpha1" for kind in ("EventBus", "EventSource", "Sensor")},
        keep={
            "EventSource spec": (
                "calendar",
                "eventBusName",
                "replicas",
                "resource",
                "service",
                "sns",
                "sqs",
                "template",
                "webhook",
            ),
            "Sensor spec.triggers[].template": _TRIGGER_TEMPLATE,
        },
        leave=("EventBus spec.kafka", "EventBus spec.jetstreamExotic"),
    ),
    Source(
        charts.ARGO_CD,
        "manifests/crds",
        {"AppProject": "argoproj.io/v1alpha1", "Application": "argoproj.io/v1alpha1"},
    ),
    Source(
        charts.ARGO_WORKFLOWS,
        "manifests/base/crds/full",
        {"CronWorkflow": "argoproj.io/v1alpha1", "WorkflowTemplate": "argoproj.io/v1alpha1"},
    ),
    Source(
        charts.VELERO,
        "config/crd/v1/bases",
        {"BackupStorageLocation": "velero.io/v1", "Schedule": "velero.io/v1"},
    ),
    Source(charts.KYVERNO, "config/crds/kyverno", {"ClusterPolicy": "kyverno.io/v1"}),
    Source(
        charts.GATEKEEPER,
        "charts/gatekeeper/crds",
        {"ConstraintTemplate": "templates.gatekeeper.sh/v1"},
    ),
    Source(
        charts.KSERVE_CRD,
        "config/crd/full",
        {"ClusterServingRuntime": "serving.kserve.io/v1alpha1", "InferenceService": "serving.kserve.io/v1beta1"},
        leave=("InferenceService spec.explainer", "InferenceService spec.canary"),
    ),
    Source(
        charts.OPENTELEMETRY_OPERATOR,
        "config/crd/bases",
        {"Instrumentation": "opentelemetry.io/v1alpha1", "OpenTelemetryCollector": "opentelemetry.io/v1beta1"},
    ),
)

EMBEDDED = tuple(
    f"io.k8s.{name}"
    for name in (
        "api.autoscaling.v2.HorizontalPodAutoscalerBehavior",
        "api.autoscaling.v2.MetricSpec",
        "api.batch.v1.JobSpec",
        "api.core.v1.Affinity",
        "api.core.v1.Container",
        "api.core.v1.ContainerPort",
        "api.core.v1.EnvFromSource",
        "api.core.v1.EnvVar",
        "api.core.v1.Lifecycle",
        "api.core.v1.PersistentVolumeClaimSpec",
        "api.core.v1.PodDNSConfig",
        "api.core.v1.PodSecurityContext",
        "api.core.v1.PodSpec",
        "api.core.v1.Probe",
        "api.core.v1.ResourceRequirements",
        "api.core.v1.SecretKeySelector",
        "api.core.v1.SecurityContext",
        "api.core.v1.ServicePort",
        "api.core.v1.Toleration",
        "api.core.v1.TopologySpreadConstraint",
        "api.core.v1.Volume",
        "api.core.v1.VolumeMount",
        "apimachinery.pkg.apis.meta.v1.LabelSelector",
    )
)
"""Definitions of Kubernetes that others copy into theirs."""

POD_TEMPLATE = "io.k8s.api.core.v1.PodTemplateSpec"
"""It has two fields, too few to know it by: whatever has metadata and the spec of a pod."""

ALIKE = 0.75
"""Part of a definition's fields that a copy has at least: copies are older, or leave out what they do not support."""


@dataclass
class _Kind:
    """One kind while it is read."""

    name: str
    source: Source
    definitions: Mapping[str, Any]
    """JSON schema definitions that references lead to."""
    same: dict[str, str]
    """Where a block was seen first, by what it is; over all kinds of a chart."""
    fields: dict[str, Any] = field(default_factory=dict[str, Any])


def build(definitions: Mapping[str, Sequence[Mapping[str, Any]]]) -> str:
    """The table of all definitions, by chart, as JSON text.

    Raises:
        SystemExit: If one that SOURCES names is not there.
    """
    found: dict[str, Any] = {}
    missing: list[str] = []
    for source in SOURCES:
        same: dict[str, str] = {}
        for name, api_version in sorted(source.kinds.items()):
            entry = _find(definitions.get(source.chart.name, ()), name, api_version)
            if entry is None:
                missing.append(f"{api_version} {name} ({source.chart.name})")
                continue
            spec, scope, references = entry
            kind = _Kind(f"{api_version} {name}", source, references, same)
            _visit("spec", spec, kind)
            found[kind.name] = {
                "chart": source.chart.name,
                "version": source.chart.version,
                "scope": scope,
                "fields": dict(sorted(kind.fields.items())),
            }
    if missing:
        raise SystemExit(f"no definition of {', '.join(missing)} is among those files")
    return _text(found)


def _find(files: Sequence[Mapping[str, Any]], kind: str, api_version: str) -> tuple[_Schema, str, _Schema] | None:
    for document in files:
        if "definitions" in document:
            references = cast(_Schema, document["definitions"])
            for name, schema in references.items():
                # Argo Events' own; Kubernetes has an EventSource, too.
                if name.endswith(f".{kind}") and not name.startswith("io.k8s."):
                    return schema["properties"]["spec"], "Namespaced", references
        elif document["spec"]["names"]["kind"] == kind:
            for served in document["spec"]["versions"]:
                if served["served"] and f"{document['spec']['group']}/{served['name']}" == api_version:
                    schema = served["schema"]["openAPIV3Schema"]
                    return schema["properties"]["spec"], document["spec"]["scope"], {}
    return None


def _visit(path: str, schema: _Schema, kind: _Kind) -> None:
    reference = str(schema.get("$ref", "")).rpartition("/")[2]
    if reference.rpartition(".")[2] in ("IntOrString", "Quantity"):
        kind.fields[path] = {"type": "integer|string"}
        return
    if reference.startswith("io.k8s.") and kubernetes.definition(reference) is not None:
        kind.fields[path] = {"type": "kubernetes", "definition": reference}
        return
    if reference:
        schema = kind.definitions[reference]
    copied = _copied(schema)
    if copied is not None:
        name, optional = copied
        kind.fields[path] = {"type": "kubernetes", "definition": name} | ({"optional": optional} if optional else {})
        return
    entry = _entry(schema)
    if kind.definitions:
        # There it says only which fields Go always writes: none is missed where it is read.
        entry.pop("required", None)
    place = f"{kind.name.partition(' ')[2]} {path}"
    if place in kind.source.leave:
        entry = {"type": "open"}
    kind.fields[path] = entry
    if entry["type"] == "open":
        return
    properties = cast(_Schema, schema.get("properties", {}))
    if len(properties) > 2:
        what = reference or json.dumps(_facts(schema), sort_keys=True)
        first = kind.same.setdefault(what, f"{kind.name}#{path}")
        if first != f"{kind.name}#{path}":
            kind.fields[path] = {"type": "object", "like": first}
            return
    kept = kind.source.keep.get(place)
    for key, child in properties.items():
        if kept is not None and key not in kept:
            kind.fields[f"{path}.{key}"] = {"type": "open"}
        else:
            _visit(f"{path}.{key}", child, kind)
    if "items" in schema:
        _visit(f"{path}[]", schema["items"], kind)
    if entry["type"] == "map":
        _visit(f"{path}{{}}", schema["additionalProperties"], kind)


def _entry(schema: _Schema) -> dict[str, Any]:
    declared = schema.get("type")
    if schema.get("x-kubernetes-int-or-string"):
        type_ = "integer|string"
    elif isinstance(schema.get("additionalProperties"), Mapping) and schema["additionalProperties"]:
        type_ = "map"
    elif isinstance(declared, list):
        type_ = "|".join(sorted(cast(list[str], declared)))
    elif declared in (None, "object") and not schema.get("properties"):
        # A block of anything: said to be kept as it is, or a map of what no schema says.
        type_ = "any" if declared is None else "open"
    else:
        type_ = str(declared)
    entry: dict[str, Any] = {"type": type_}
    for key in ("enum", *BOUNDS):
        if key in schema:
            entry[key] = schema[key]
    if "pattern" in schema:
        pattern = str(schema["pattern"])
        # Go takes a flag anywhere, Python at the beginning only.
        entry["pattern"] = "(?i)" + pattern.replace("(?i)", "") if "(?i)" in pattern else pattern
    if schema.get("x-kubernetes-preserve-unknown-fields") and type_ == "object":
        entry["keeps"] = True
    properties = cast(_Schema, schema.get("properties", {}))
    # What has a default is filled in before anything is missed.
    required = sorted(key for key in schema.get("required", []) if "default" not in properties.get(key, {}))
    if required:
        entry["required"] = required
    return entry


def _copied(schema: _Schema) -> tuple[str, list[str]] | None:
    """The definition of Kubernetes that a schema is a copy of, and what the copy does not require of it."""
    keys = set(cast(_Schema, schema.get("properties", {})))
    if "additionalProperties" in schema or len(keys) < 2:
        return None
    required = set(schema.get("required", []))
    if keys == {"metadata", "spec"}:
        inner = _copied(schema["properties"]["spec"])
        return (POD_TEMPLATE, []) if inner is not None and inner[0].endswith(".PodSpec") else None
    best: tuple[float, str, list[str]] | None = None
    for name in EMBEDDED:
        fields, needed = _fields_of(name)
        alike = len(keys) / len(fields)
        fits = keys <= fields and alike >= ALIKE and required <= needed
        if fits and (best is None or alike > best[0]) and _inside(schema, {"$ref": name}):
            best = (alike, name, sorted(needed - required))
    return None if best is None else (best[1], best[2])


def _inside(schema: _Schema, definition: _Schema) -> bool:
    """Whether a definition of Kubernetes has every field of a schema, those of its parts too."""
    while "$ref" in definition:
        definition = kubernetes.definition(definition["$ref"].rpartition("/")[2]) or {}
    if "properties" in schema:
        known = cast(_Schema, definition.get("properties", {}))
        return all(key in known and _inside(child, known[key]) for key, child in schema["properties"].items())
    return "items" not in schema or _inside(schema["items"], definition.get("items", {}))


@cache
def _fields_of(name: str) -> tuple[frozenset[str], frozenset[str]]:
    definition = kubernetes.definition(name)
    if definition is None:
        raise SystemExit(f"{name} is not a definition of Kubernetes {kubernetes.MINOR}")
    return frozenset(definition["properties"]), frozenset(definition.get("required", []))


def _facts(schema: Any) -> Any:
    """A schema without its words, by which two are the same."""
    if isinstance(schema, Mapping):
        given = cast(_Schema, schema)
        # A field may be called description: then it is a schema, not words.
        return {
            key: _facts(value) for key, value in given.items() if key != "description" or isinstance(value, Mapping)
        }
    return [_facts(each) for each in cast(list[Any], schema)] if isinstance(schema, list) else schema


def _text(kinds: Mapping[str, Any]) -> str:
    """JSON with a line a field, so that a diff shows which changed. What has only a type is said by that alone."""
    lines: list[str] = []
    for name, kind in sorted(kinds.items()):
        said = {key: json.dumps(kind[key]) for key in ("chart", "version", "scope")}
        fields = ",\n".join(
            f"   {json.dumps(path)}: {json.dumps(entry['type'] if len(entry) == 1 else entry)}"
            for path, entry in kind["fields"].items()
        )
        head = ",\n".join(f'  "{key}": {value}' for key, value in said.items())
        lines.append(f' {json.dumps(name)}: {{\n{head},\n  "fields": {{\n{fields}\n  }}\n }}')
    return "{\n" + ",\n".join(lines) + "\n}\n"


def read(folder: Path) -> dict[str, list[Mapping[str, Any]]]:
    """All definitions of a folder, by the name of the folder in it that holds them."""
    return {each.name: list(_documents(each)) for each in sorted(folder.iterdir()) if each.is_dir()}


def _documents(folder: Path) -> Iterator[Mapping[str, Any]]:
    loader: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    for file in sorted(folder.iterdir()):
        if file.suffix == ".json":
            yield json.loads(file.read_text(encoding="utf-8"))
        elif file.suffix == ".yaml":
            yield from (each for each in yaml.load_all(file.read_text(encoding="utf-8"), loader) if each)


def main(arguments: list[str] | None = None) -> int:
    """Rebuild or check the table; the exit code."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path, help="folder of folders of definitions")
    parser.add_argument("--check", action="store_true", help="write nothing; exit 1 if the table is out of date")
    options = parser.parse_args(arguments)
    table = build(read(options.folder))
    stale = not TABLE.exists() or TABLE.read_text(encoding="utf-8") != table
    if stale and not options.check:
        TABLE.write_text(table, encoding="utf-8")
    verb = "out of date" if options.check else "rebuilt"
    sys.stdout.write(f"{verb}: {TABLE.name}\n" if stale else f"{TABLE.name} is up to date\n")
    return 1 if stale and options.check else 0


if __name__ == "__main__":
    sys.exit(main())
