"""From ``pulumi stack export`` to resources. Exports of several stacks make one picture."""

import base64
import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, cast

from resilience.adapters.analyzer import DEEPEST, SECRET, SIGNATURE
from resilience.adapters.bridged import bridged, set_in
from resilience.graph import UNKNOWN, Provider, Resource, Secret, name_of

FIELDS: dict[str, type] = {
    **dict.fromkeys(("type", "id", "parent", "provider"), str),
    **dict.fromkeys(("inputs", "outputs", "propertyDependencies"), dict),
    **dict.fromkeys(("dependencies", "ignoreChanges"), list),
}
"""What is read of a row, where it is there."""
FORMATS = (3, 4)
"""Versions of the export format that this reads. The engine writes the later one for a stack that has any of FEATURES:
pulumi/pulumi 3.257.0, sdk/go/common/apitype/core.go, DeploymentSchemaVersionLatest."""
FEATURES = frozenset(
    {
        *("refreshBeforeUpdate", "views", "hooks", "taint", "replaceWith"),
        *("snippets-prototype", "extensionParameterization", "byteString"),
    }
)
"""What may be in it and is read here, or changes nothing that is: pkg/resource/stack/deployment.go of the same version,
supportedFeatures. The engine refuses a state with another, and so does this: nobody knows what it says."""

BYTES = "803fd3297a5875dc03ca845dda5d2a98"
"""Mark of a text that is no UTF-8, which stands in base64: sdk/go/common/resource/sig."""


def read_export(path: Path) -> list[Resource]:
    """Resources of an export file.

    Raises:
        ValueError: If the file cannot be read, or is no export of that format; says what is wrong.
    """
    try:
        document: Any = json.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise ValueError(f"{path}: {error.strerror}") from error
    except ValueError as error:
        raise ValueError(f"{path}: is not JSON ({error}); write it with `pulumi stack export --file`") from error
    except RecursionError as error:
        raise ValueError(f"{path}: is nested too deeply to be read") from error
    if not isinstance(document, dict) or "deployment" not in document:
        raise ValueError(f"{path}: has no `deployment`; write it with `pulumi stack export --file`")
    export = cast("dict[str, Any]", document)
    if export.get("version") not in FORMATS:
        known = " or ".join(map(str, FORMATS))
        raise ValueError(f"{path}: is of version {export.get('version')}, must be {known}; export it again")
    wrong = [*_unknown_features(export.get("features")), *_mistakes(export["deployment"])]
    if wrong:
        raise ValueError("\n".join(f"{path}: {each}" for each in wrong))
    return exported_resources(export)


def exported_resources(export: Mapping[str, Any]) -> list[Resource]:
    """Resources of an export; secrets that are still encrypted are unknown."""
    rows = cast("list[dict[str, Any]]", export["deployment"].get("resources") or [])
    # A resource that a replacement has left behind has the URN of the one that replaced it.
    living = [row for row in rows if not row.get("delete")]
    providers = {
        f"{row['urn']}::{row.get('id', '')}": Provider(
            name_of(row["urn"]), row["type"], _properties(row.get("inputs")), row["urn"]
        )
        for row in rows
        if row["type"].startswith("pulumi:providers:")
    }
    return [
        Resource(
            row["urn"],
            row["type"],
            name_of(row["urn"]),
            _told(row),
            row.get("parent") or "",
            providers.get(row.get("provider") or ""),
            _edges(row),
            bool(row.get("protect")),
            tuple(row.get("ignoreChanges") or ()),
            tuple(row.get("dependencies") or ()),
            bool(row.get("external")),
        )
        for row in living
    ]


def _unknown_features(features: Any) -> Iterator[str]:
    if not isinstance(features, list | None):
        yield f"features: is {features!r:.80}, must be list"
        return
    for each in cast("list[Any]", features or []):
        if each not in FEATURES:
            known = ", ".join(sorted(FEATURES))
            yield f"features: this stack uses {each!r:.80}, which is not known here; there are {known}"


def _mistakes(deployment: Any) -> Iterator[str]:
    """What keeps rows from being resources."""
    rows = cast("dict[str, Any]", deployment).get("resources") if isinstance(deployment, dict) else deployment
    if rows is None and isinstance(deployment, dict):
        # An empty stack has none.
        return
    if not isinstance(rows, list) or rows is deployment:
        yield "deployment.resources: must be a list; export the stack again"
        return
    living: set[str] = set()
    for index, row in enumerate(cast("list[Any]", rows)):
        where = f"deployment.resources[{index}]"
        if not isinstance(row, dict):
            yield f"{where}: must be an object, is {type(row).__name__}"
            continue
        fields = cast("dict[str, Any]", row)
        urn = fields.get("urn")
        if not isinstance(urn, str) or not urn.startswith("urn:pulumi:") or urn.count("::") < 3:
            yield f"{where}.urn: is {urn!r:.80}, must be urn:pulumi:<stack>::<project>::<type>::<name>"
            continue
        for name, kind in FIELDS.items():
            if not isinstance(fields.get(name), kind | None) or (name == "type" and not fields.get(name)):
                yield f"{where}.{name}: is {fields.get(name)!r:.80}, must be {kind.__name__} (of {urn})"
        if not fields.get("delete"):
            if urn in living:
                yield f"{where}.urn: {urn} stands in it twice"
            living.add(urn)


def _told(row: Mapping[str, Any]) -> Mapping[str, Any]:
    """What a resource is, as its provider keeps it; what the program asks for, if that has kept nothing."""
    outputs = _properties(row.get("outputs"))
    if outputs and not bridged(row["type"]):
        return outputs
    inputs = _properties(row.get("inputs"))
    return set_in(outputs, inputs) if outputs else inputs


def _edges(row: Mapping[str, Any]) -> dict[str, tuple[str, ...]]:
    dependencies = cast("dict[str, list[str] | None]", row.get("propertyDependencies") or {})
    return {name: tuple(urns) for name, urns in dependencies.items() if urns}


def _properties(tree: Any) -> dict[str, Any]:
    return {name: _decode(value, 1) for name, value in cast("dict[str, Any]", tree or {}).items()}


def _decode(value: Any, level: int) -> Any:
    if isinstance(value, float) and value.is_integer():
        return int(value)
    if isinstance(value, (list, dict)) and level == DEEPEST:
        return UNKNOWN
    if isinstance(value, list):
        return [_decode(element, level + 1) for element in cast("list[Any]", value)]
    if isinstance(value, dict):
        members = cast("dict[str, Any]", value)
        if members.get(SIGNATURE) == SECRET:
            return Secret(_plain(members.get("plaintext"), level))
        if members.get(SIGNATURE) == BYTES:
            return _text(members.get("value"))
        return {name: _decode(member, level + 1) for name, member in members.items()}
    return value


def _text(encoded: Any) -> Any:
    """What a text of any bytes says as far as it is UTF-8; UNKNOWN if it cannot be read."""
    try:
        return base64.b64decode(encoded, validate=True).decode(errors="replace")
    except (ValueError, TypeError):
        return UNKNOWN


def _plain(text: Any, level: int) -> Any:
    """What a secret holds; UNKNOWN while it is encrypted, or is no JSON."""
    try:
        return _decode(json.loads(text), level + 1) if isinstance(text, str) else UNKNOWN
    except (ValueError, RecursionError):
        return UNKNOWN
