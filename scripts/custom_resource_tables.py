"""Rebuild what the sandbox knows of custom resources: which fields each has, of which type, with which values.

    python scripts/custom_resource_tables.py FOLDER            # from definitions in FOLDER/*.yaml
    python scripts/custom_resource_tables.py FOLDER --check    # write nothing; exit 1 if it is out of date

The definitions of Karpenter are in ``pkg/apis/crds`` of its repository, at the version of components/charts.py. Facts
are taken, not text: names, types, enumerations, patterns, bounds. Rules written in CEL are not among them; the few that
matter stand in sandbox/knowledge/custom_resources.py.
"""

import argparse
import json
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any, cast

import yaml

from components.charts import KARPENTER

ROOT = Path(__file__).resolve().parents[1]
TABLE = ROOT / "sandbox" / "knowledge" / "custom_resources.json"

KINDS = ("EC2NodeClass", "NodePool")
"""Those that this project makes."""

BOUNDS = ("minimum", "maximum", "minItems", "maxItems", "maxLength")


def build(definitions: list[Mapping[str, Any]], version: str) -> str:
    """The table of all definitions as JSON text."""
    found: dict[str, Any] = {}
    for definition in definitions:
        names = definition["spec"]["names"]
        if names["kind"] not in KINDS:
            continue
        for served in definition["spec"]["versions"]:
            if served["served"]:
                fields: dict[str, Any] = {}
                spec = served["schema"]["openAPIV3Schema"]["properties"]["spec"]
                _visit("spec", spec, fields)
                api_version = f"{definition['spec']['group']}/{served['name']}"
                found[f"{api_version} {names['kind']}"] = {
                    "scope": definition["spec"]["scope"],
                    "fields": dict(sorted(fields.items())),
                }
    missing = [kind for kind in KINDS if not any(key.endswith(f" {kind}") for key in found)]
    if missing:
        raise SystemExit(f"no definition of {', '.join(missing)} is among those files")
    return json.dumps({"version": version, "kinds": dict(sorted(found.items()))}, indent=1) + "\n"


def _visit(path: str, schema: Mapping[str, Any], fields: dict[str, Any]) -> None:
    if schema.get("x-kubernetes-int-or-string"):
        kind = "integer|string"
    elif schema.get("additionalProperties"):
        kind = "map"
    else:
        kind = str(schema["type"])
    entry: dict[str, Any] = {"type": kind}
    for key in ("enum", "pattern", *BOUNDS):
        if key in schema:
            entry[key] = schema[key]
    if schema.get("required"):
        entry["required"] = sorted(schema["required"])
    fields[path] = entry
    for key, child in cast("Mapping[str, Any]", schema.get("properties", {})).items():
        _visit(f"{path}.{key}", child, fields)
    if "items" in schema:
        _visit(f"{path}[]", schema["items"], fields)
    if kind == "map":
        _visit(f"{path}{{}}", schema["additionalProperties"], fields)


def main(arguments: list[str] | None = None) -> int:
    """Rebuild or check the table; the exit code."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path, help="folder of definitions")
    parser.add_argument("--check", action="store_true", help="write nothing; exit 1 if the table is out of date")
    options = parser.parse_args(arguments)
    definitions = [yaml.safe_load(file.read_text()) for file in sorted(options.folder.glob("*.yaml"))]
    table = build(definitions, KARPENTER.version)
    stale = not TABLE.exists() or TABLE.read_text() != table
    if stale and not options.check:
        TABLE.write_text(table)
    verb = "out of date" if options.check else "rebuilt"
    sys.stdout.write(f"{verb}: {TABLE.name}\n" if stale else f"{TABLE.name} is up to date\n")
    return 1 if stale and options.check else 0


if __name__ == "__main__":
    sys.exit(main())
