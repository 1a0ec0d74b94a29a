"""Rebuild the key tables of the pinned charts: which keys each has, of which type, and where it takes no others.

    python scripts/chart_tables.py                    # from ../shared/charts if it is there, else from the repositories
    python scripts/chart_tables.py --charts FOLDER    # from folders FOLDER/<chart>/values.yaml
    python scripts/chart_tables.py --check            # write nothing; exit 1 if a table is out of date

From the repositories it needs ``helm`` on PATH. What a table says: components/helm/tables/README.md.
"""

import argparse
import json
import re
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any, cast

import yaml

from components.charts import CHARTS, Chart

ROOT = Path(__file__).resolve().parents[1]
TABLES = ROOT / "components" / "helm" / "tables"
SHARED = ROOT.parent / "shared" / "charts"

KUBERNETES_NAMES = frozenset(
    {
        "affinity", "annotations", "containerSecurityContext", "dnsConfig", "emptyDir", "env", "labels", "lifecycle",
        "livenessProbe", "nodeSelector", "podSecurityContext", "readinessProbe", "resources", "securityContext",
        "startupProbe", "strategy", "tmpVolume", "tolerations", "updateStrategy",
        "ingress[]", "metricsEndpoints[]",
    }
)  # fmt: skip
"""Keys, and items of lists, that charts copy into a Kubernetes object as they are: any key that object has may stand in
them."""

REQUIRED = {
    "aws-load-balancer-controller": ["clusterName"],
    "karpenter": ["settings.clusterName"],
    "opentelemetry-collector": ["mode", "image.repository"],
    "prefect-worker": ["worker.config.workPool", "worker.selfHostedServerApiConfig.apiUrl"],
}
"""Keys whose absence the templates answer with ``fail`` or with an object that cannot work; read there."""


SILENT: Mapping[str, Mapping[str, str]] = {
    "aws-for-fluent-bit": {
        "priorityClassName": "string",
        "input.extraInputs": "string",
        "cloudWatchLogs.extraOutputs": "string",
        "opensearch.extraOutputs": "string",
    },
    "kube-prometheus-stack": {
        "prometheusOperator.priorityClassName": "string",
        "prometheusOperator.admissionWebhooks.deployment.priorityClassName": "string",
        "alertmanager.alertmanagerSpec.configSecret": "string",
    },
    "temporal": {"server.dynamicConfig": "map"},
    "vault": {"fullnameOverride": "string"},
    "vllm-stack": {"servingEngineSpec.modelSpec[].pdb": "map"},
}
"""Keys that the templates read and values.yaml only mentions, or does not; read there."""

FREE = {
    "argo-cd": ["configs.cm", "configs.params", "configs.rbac"],
    "opentelemetry-collector": ["alternateConfig", "config"],
    "opentelemetry-operator": ["manager.featureGatesMap"],
}
"""Blocks that charts copy into a configuration file as they are: any key that the program knows may stand in them."""


def read_folder(folder: Path) -> tuple[dict[str, Any], dict[str, Any], dict[str, Any]]:
    """Chart.yaml, values.yaml and values.schema.json ({} if there is none) of a chart."""
    schema = folder / "values.schema.json"
    return (
        yaml.safe_load((folder / "Chart.yaml").read_text()),
        yaml.safe_load((folder / "values.yaml").read_text()) or {},
        json.loads(schema.read_text()) if schema.exists() else {},
    )


def pull(chart: Chart, target: Path) -> Path:
    """Fetch a chart with ``helm`` and return its folder.

    Raises:
        SystemExit: If helm is missing or cannot fetch it; the message says what it said.
    """
    repository = str(chart.repository)
    in_registry = repository.startswith("oci://")
    address = [f"{repository}/{chart.name}"] if in_registry else [chart.name, "--repo", repository]
    command = ["helm", "pull", *address, "--version", chart.version]
    try:
        subprocess.run([*command, "--untar", "--untardir", str(target)], check=True, capture_output=True, text=True)
    except FileNotFoundError:
        raise SystemExit("helm is not on PATH: install it, or name a folder of charts with --charts") from None
    except subprocess.CalledProcessError as error:
        raise SystemExit(f"{' '.join(command)}: {error.stderr.strip()}") from error
    return target / chart.name


def build(chart: Chart, description: Mapping[str, Any], values: dict[str, Any], schema: dict[str, Any]) -> str:
    """The key table of a chart as JSON text."""
    subcharts = {entry.get("alias", entry["name"]) for entry in description.get("dependencies", [])}
    keys: dict[str, str] = {}
    enums: dict[str, list[str]] = {}
    strict: list[str] = []

    def visit(path: str, default: Any, rules: Mapping[str, Any], loose: bool) -> None:
        rules = _resolved(rules, schema)
        defaults = cast("dict[str, Any]", default) if isinstance(default, dict) else {}
        described = cast("dict[str, Any]", rules.get("properties", {}))
        children = {**described, **defaults}
        closed = rules.get("additionalProperties") is False
        loose = (
            loose or path in subcharts or _is_kubernetes(path.rsplit(".", 1)[-1]) or path in FREE.get(chart.name, ())
        )
        if closed:
            strict.append(path)
        if path:
            keys[path] = _type(default, rules, children)
            if keys[path] == "block" and not closed and (loose or path == "global"):
                keys[path] = "open"
        if any(isinstance(value, str) for value in rules.get("enum", [])):
            enums[path] = sorted(value for value in rules["enum"] if isinstance(value, str))
        for key in children:
            if "." in key and loose:
                continue  # A label in an open block, where any may stand.
            if "." in key:
                raise SystemExit(f"{chart.name}: key {key!r} of {path or 'the root'} holds a dot")
            visit(f"{path}.{key}".lstrip("."), defaults.get(key), described.get(key, {}), loose)
        items = _resolved(rules.get("items", {}), schema)
        if "properties" in items and not loose and not _of_kubernetes(rules["items"]):
            # Where values.yaml has an example, schema and example have all that there is; else more may stand there.
            first = cast("list[Any]", default)[0] if isinstance(default, list) and default else None
            visit(f"{path}[]", first, items, first is None)

    visit("", values, schema, False)
    # What the schema requires and the chart itself gives is required of nobody.
    asked = [key for key, rules in _required(schema, schema) if not _satisfies(_default(values, key), rules)]
    for key, kind in SILENT.get(chart.name, {}).items():
        if key in keys:
            raise SystemExit(f"{chart.name}: {key} is among the chart's values now; it need not be named here")
        keys[key] = kind
    required = sorted({*REQUIRED.get(chart.name, []), *asked})
    missing = [key for key in required if key not in keys]
    if missing:
        raise SystemExit(f"{chart.name}: required keys {', '.join(missing)} are not keys of the chart any more")
    table = {
        "chart": chart.name,
        "version": chart.version,
        "repository": chart.repository,
        "required": required,
        "strict": sorted(strict),
        "enums": dict(sorted(enums.items())),
        "keys": dict(sorted(keys.items())),
    }
    return json.dumps(table, indent=1) + "\n"


def _default(values: Any, dotted: str) -> Any:
    for part in dotted.split("."):
        values = cast("Mapping[str, Any]", values).get(part) if isinstance(values, dict) else None
    return values


def _resolved(rules: Any, schema: Mapping[str, Any]) -> Mapping[str, Any]:
    """Follow references to definitions in the same schema; one to elsewhere, and ``true``, say nothing."""
    while isinstance(rules, dict):
        reference = str(cast("Mapping[str, Any]", rules).get("$ref", ""))
        if not reference.startswith("#/"):
            return cast("Mapping[str, Any]", rules)
        target: Any = schema
        for part in reference[2:].split("/"):
            target = target[part]
        rules = target
    return {}


def _type(default: Any, rules: Mapping[str, Any], children: Mapping[str, Any]) -> str:
    named = rules.get("type", [])
    types = [each for each in ([named] if isinstance(named, str) else named) if each != "null"]
    if types:
        return "|".join(("block" if children else "map") if each == "object" else each for each in sorted(types))
    match default:
        case None:
            return "any"
        case bool():
            return "boolean"
        case int():
            return "integer"
        case float():
            return "number"
        case str():
            return "string"
        case list():
            return "array"
        case _:
            return "block" if children else "map"


def _of_kubernetes(rules: Any) -> bool:
    """Whether a schema is one of Kubernetes' own objects, of which the chart knows nothing more than the cluster."""
    return "io.k8s." in str(rules.get("$ref", ""))


def _is_kubernetes(path: str) -> bool:
    name = path.rpartition(".")[2]
    return name in KUBERNETES_NAMES or name.endswith(("Annotations", "Labels"))


def _required(rules: Any, schema: Mapping[str, Any], path: str = "") -> list[tuple[str, Mapping[str, Any]]]:
    rules = _resolved(rules, schema)
    here: list[tuple[str, Mapping[str, Any]]] = []
    for key, inner in rules.get("properties", {}).items():
        child = f"{path}.{key}".lstrip(".")
        if key in rules.get("required", []):
            here += _required(inner, schema, child) or [(child, _resolved(inner, schema))]
    return here


def _satisfies(default: Any, rules: Mapping[str, Any]) -> bool:
    if default is None or (isinstance(default, str) and len(default) < rules.get("minLength", 0)):
        return False
    return default in rules.get("enum", [default]) and re.search(rules.get("pattern", ""), str(default)) is not None


def main(arguments: list[str] | None = None) -> int:
    """Rebuild or check every table; the exit code."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--charts", type=Path, default=SHARED if SHARED.is_dir() else None, help="folder of charts")
    parser.add_argument("--check", action="store_true", help="write nothing; exit 1 if a table is out of date")
    options = parser.parse_args(arguments)
    stale: list[str] = []
    absent: list[str] = []
    with tempfile.TemporaryDirectory() as scratch:
        for chart in CHARTS:
            if chart.repository is None:
                folder = ROOT / chart.source
            elif options.charts is not None:
                folder = options.charts / chart.name
                if not folder.is_dir():
                    absent.append(chart.name)
                    continue
            else:
                folder = pull(chart, Path(scratch))
            table = build(chart, *read_folder(folder))
            file = TABLES / f"{chart.name}.json"
            if not file.exists() or file.read_text() != table:
                stale.append(chart.name)
                if not options.check:
                    file.write_text(table)
    if absent:
        sys.stdout.write(f"not in {options.charts}, so left alone: {', '.join(absent)}\n")
    verb = "out of date" if options.check else "rebuilt"
    sys.stdout.write(f"{verb}: {', '.join(stale)}\n" if stale else "all tables are up to date\n")
    return 1 if stale and options.check else 0


if __name__ == "__main__":
    sys.exit(main())
