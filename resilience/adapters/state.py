"""From ``pulumi stack export`` to resources. Exports of several stacks make one picture."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any, cast

from resilience.adapters.analyzer import SECRET, SIGNATURE
from resilience.graph import UNKNOWN, Provider, Resource, Secret

FORMAT = 3
"""Version of the export format that this reads."""


def read_export(path: Path) -> list[Resource]:
    """Resources of an export file.

    Raises:
        ValueError: If the file cannot be read, or is no export of that format; says what is wrong.
    """
    try:
        document: Any = json.loads(path.read_text())
    except OSError as error:
        raise ValueError(f"{path}: {error.strerror}") from error
    except ValueError as error:
        raise ValueError(f"{path}: is not JSON ({error}); write it with `pulumi stack export --file`") from error
    if not isinstance(document, dict) or "deployment" not in document:
        raise ValueError(f"{path}: has no `deployment`; write it with `pulumi stack export --file`")
    export = cast("dict[str, Any]", document)
    if export.get("version") != FORMAT:
        raise ValueError(f"{path}: is of version {export.get('version')}, must be {FORMAT}; export it again")
    return exported_resources(export)


def exported_resources(export: Mapping[str, Any]) -> list[Resource]:
    """Resources of an export; secrets that are still encrypted are unknown."""
    rows = cast("list[dict[str, Any]]", export["deployment"].get("resources") or [])
    # A resource that a replacement has left behind has the URN of the one that replaced it.
    living = [row for row in rows if not row.get("delete")]
    providers = {
        f"{row['urn']}::{row.get('id', '')}": Provider(
            row["urn"].rpartition("::")[2], row["type"], _properties(row.get("inputs")), row["urn"]
        )
        for row in rows
        if row["type"].startswith("pulumi:providers:")
    }
    return [
        Resource(
            row["urn"],
            row["type"],
            row["urn"].rpartition("::")[2],
            _properties(row.get("outputs") or row.get("inputs")),
            row.get("parent", ""),
            providers.get(row.get("provider", "")),
            _edges(row),
            bool(row.get("protect")),
            tuple(row.get("ignoreChanges") or ()),
            tuple(row.get("dependencies") or ()),
        )
        for row in living
    ]


def _edges(row: Mapping[str, Any]) -> dict[str, tuple[str, ...]]:
    dependencies = cast("dict[str, list[str] | None]", row.get("propertyDependencies") or {})
    return {name: tuple(urns) for name, urns in dependencies.items() if urns}


def _properties(tree: Any) -> dict[str, Any]:
    return {name: _decode(value) for name, value in cast("dict[str, Any]", tree or {}).items()}


def _decode(value: Any) -> Any:
    if isinstance(value, float) and value.is_integer():
        return int(value)
    if isinstance(value, list):
        return [_decode(element) for element in cast("list[Any]", value)]
    if isinstance(value, dict):
        members = cast("dict[str, Any]", value)
        if members.get(SIGNATURE) == SECRET:
            return Secret(_decode(json.loads(members["plaintext"])) if "plaintext" in members else UNKNOWN)
        return {name: _decode(member) for name, member in members.items()}
    return value
