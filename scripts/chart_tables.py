"""Rebuild the key tables of the pinned charts: which keys each has, of which type, and where it takes no others.

    python scripts/chart_tables.py                    # from ../shared/charts if it is there, else from the repositories
    python scripts/chart_tables.py --charts FOLDER    # from folders FOLDER/<chart>/values.yaml
    python scripts/chart_tables.py --check            # write nothing; exit 1 if a table is out of date

From the repositories it needs ``helm`` on PATH. What a table says: components/helm/tables/README.md.
"""

import argparse
import json
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
    }
)  # fmt: skip
"""Keys that charts copy into a Kubernetes object as they are: any key that object has may stand in them."""

REQUIRED = {
    "aws-load-balancer-controller": ["clusterName"],
    "karpenter": ["settings.clusterName"],
    "prefect-worker": ["worker.config.workPool", "worker.selfHostedServerApiConfig.apiUrl"],
}
"""Keys whose absence the templates answer with ``fail`` or with an object that cannot work; read there."""


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
        defaults = cast("dict[str, Any]", default) if isinstance(default, dict) else {}
        described = cast("dict[str, Any]", rules.get("properties", {}))
        children = {**described, **defaults}
        closed = rules.get("additionalProperties") is False
        loose = loose or path in subcharts or _is_kubernetes(path.rsplit(".", 1)[-1])
        if closed:
            strict.append(path)
        if path:
            keys[path] = _type(default, rules, children)
            if keys[path] == "block" and not closed and (loose or path == "global"):
                keys[path] = "open"
        if rules.get("enum"):
            enums[path] = sorted(rules["enum"])
        for key in children:
            if "." in key and loose:
                continue  # A label in an open block, where any may stand.
            if "." in key:
                raise SystemExit(f"{chart.name}: key {key!r} of {path or 'the root'} holds a dot")
            visit(f"{path}.{key}".lstrip("."), defaults.get(key), described.get(key, {}), loose)

    visit("", values, schema, False)
    required = sorted({*REQUIRED.get(chart.name, []), *_required(schema)})
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


def _is_kubernetes(name: str) -> bool:
    return name in KUBERNETES_NAMES or name.endswith(("Annotations", "Labels"))


def _required(schema: Mapping[str, Any], path: str = "") -> list[str]:
    here: list[str] = []
    for key, rules in schema.get("properties", {}).items():
        child = f"{path}.{key}".lstrip(".")
        if key in schema.get("required", []):
            here += _required(rules, child) or [child]
    return here


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
