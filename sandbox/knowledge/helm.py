"""What a Helm chart refuses or silently ignores of a release's values.

A chart's key table (`components/helm/tables/<chart>.json`, data that the project derives from the pinned chart) says
which keys it reads, of what type, and in which blocks its own schema refuses the rest. A chart in a local folder that
has no table is judged by the `values.schema.json` beside it.
"""

import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any, cast

from jsonschema.validators import validator_for

from sandbox.knowledge.failure import Failure, choices, did_you_mean, index_path, key_path
from sandbox.values import UNKNOWN

RELEASE = "kubernetes:helm.sh/v3:Release"

_Json = Mapping[str, Any]

_PROJECT = Path(__file__).parents[2]
_TABLES = _PROJECT / "components" / "helm" / "tables"
# A chart's path is relative to the folder that the program runs in: the project's `main` in Pulumi.yaml.
_PROGRAM = _PROJECT / "infra"
# Helm looks for no index at such an address: it is the chart's own.
_REGISTRY = "oci://"


def check(inputs: _Json) -> list[Failure]:
    """Judge a Release: the chart's version and repository, and every key of its values."""
    chart = inputs.get("chart")
    if not isinstance(chart, str):
        return []
    found = table(chart)
    values = inputs.get("values")
    given: _Json = cast(_Json, values) if isinstance(values, Mapping) else {}
    if found is None:
        schema = _local_schema(chart)
        return [] if schema is None else _check_by_schema(schema, given)
    failures = _check_origin(found, inputs)
    return failures if values is UNKNOWN else failures + check_values(found, given)


def table(chart: str) -> _Json | None:
    """The key table of a chart, by its name or the path of its folder; None when the project has none."""
    return _read_table(chart.rstrip("/").rpartition("/")[2])


def judges(inputs: _Json) -> bool:
    """Whether a Release's values can be judged: its chart has a key table, or is a folder with a values schema."""
    chart = inputs.get("chart")
    return isinstance(chart, str) and (table(chart) is not None or _local_schema(chart) is not None)


def check_values(table: _Json, values: _Json) -> list[Failure]:
    """Judge a release's values against a chart's key table; pure.

    Args:
        table: `keys` by dotted name with their types, `strict` blocks, `enums`, `required` keys.
        values: the values as given; None deletes a default and UNKNOWN is not judged.
    """
    failures: list[Failure] = []
    _check_block(table, "", values, "values", failures)
    for dotted in table.get("required", []):
        if _value_at(values, dotted) in (None, ""):
            path = _path_of(dotted)
            failures.append(Failure(path, f"is required: {table['chart']} does not render without it"))
    return failures


@cache
def _read_table(name: str) -> _Json | None:
    path = _TABLES / f"{name}.json"
    return json.loads(path.read_text(encoding="utf-8")) if path.is_file() else None


def _check_origin(table: _Json, inputs: _Json) -> list[Failure]:
    failures: list[Failure] = []
    name, version, pinned = table["chart"], inputs.get("version"), table["version"]
    if version is None:
        failures.append(
            Failure("version", f"is missing, so Helm would take the newest; {name} is pinned at {pinned!r}")
        )
    elif version is not UNKNOWN and version != pinned:
        failures.append(Failure("version", f"{version!r} is not the version {name} is pinned at, {pinned!r}"))
    options = inputs.get("repositoryOpts")
    repository = cast(_Json, options).get("repo") if isinstance(options, Mapping) else None
    expected, chart = table.get("repository"), str(inputs["chart"])
    if chart.startswith(_REGISTRY) or str(expected).startswith(_REGISTRY):
        address = f"{expected}/{name}" if expected else name
        if chart != address:
            failures.append(Failure("chart", f"got {chart!r}, but {name} comes from {address!r}"))
        if repository not in (None, UNKNOWN):
            reason = f"got {repository!r}, but a chart in a registry has no repository: its address says where it is"
            failures.append(Failure("repositoryOpts.repo", reason))
    elif options is not UNKNOWN and repository is not UNKNOWN and not _same_address(repository, expected):
        where = f"comes from {expected!r}" if expected else "is a chart of this project and comes from no repository"
        failures.append(Failure("repositoryOpts.repo", f"got {repository!r}, but {name} {where}"))
    return failures


def _same_address(given: Any, expected: Any) -> bool:
    return str(given or "").rstrip("/") == str(expected or "").rstrip("/")


def _check_block(table: _Json, dotted: str, values: _Json, path: str, failures: list[Failure]) -> None:
    keys: Mapping[str, str] = table["keys"]
    kind = keys.get(dotted, "block")
    for key, value in values.items():
        if key.startswith("__"):
            continue
        where = key_path(path, key)
        inner = f"{dotted}.{key}" if dotted else key
        declared = keys.get(inner)
        if declared is None:
            if kind == "block":
                failures.append(Failure(where, _unknown_key(table, dotted, key)))
        elif value is not None and value is not UNKNOWN:
            _check_value(table, inner, declared, value, where, failures)


def _check_value(table: _Json, dotted: str, declared: str, value: Any, path: str, failures: list[Failure]) -> None:
    kinds = declared.split("|")
    if not any(_TYPE_TESTS[kind](value) for kind in kinds):
        shown = value if not isinstance(value, Mapping | list) else type(cast(object, value)).__name__
        wanted = " or ".join("object" if kind in ("block", "open", "map") else kind for kind in kinds)
        failures.append(Failure(path, f"got {shown!r}, which {table['chart']} does not take here; it takes: {wanted}"))
    elif isinstance(value, Mapping) and ("block" in kinds or "open" in kinds):
        _check_block(table, dotted, cast(_Json, value), path, failures)
    elif isinstance(value, list | tuple) and (item := table["keys"].get(f"{dotted}[]")) is not None:
        for index, each in enumerate(cast(Sequence[Any], value)):
            if each is not None and each is not UNKNOWN:
                _check_value(table, f"{dotted}[]", item, each, index_path(path, index), failures)
    allowed = table.get("enums", {}).get(dotted)
    if allowed is not None and isinstance(value, str) and value not in allowed:
        failures.append(Failure(path, f"{value!r} is not one of {choices(allowed)}{did_you_mean(value, allowed)}"))


def _unknown_key(table: _Json, dotted: str, key: str) -> str:
    prefix = f"{dotted}." if dotted else ""
    below = [k.removeprefix(prefix) for k in table["keys"] if k.startswith(prefix)]
    siblings = [k for k in below if "." not in k and not k.endswith("[]")]
    near = did_you_mean(key, siblings) or f"; it has {choices(siblings)}"
    strict = dotted in table.get("strict", [])
    effect = "its schema refuses the release" if strict else "Helm would silently ignore it"
    return f"is not a value of {table['chart']} {table['version']}: {effect}{near}"


def _is_whole(value: Any) -> bool:
    # Every number is a double on Pulumi's wire, so 3.0 is how 3 arrives.
    return _is_number(value) and float(value).is_integer()


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _is_object(value: Any) -> bool:
    return isinstance(value, Mapping)


_TYPE_TESTS: Mapping[str, Callable[[Any], bool]] = {
    "any": lambda value: True,
    "array": lambda value: isinstance(value, list | tuple),
    "block": _is_object,
    "boolean": lambda value: isinstance(value, bool),
    "integer": _is_whole,
    "map": _is_object,
    "number": _is_number,
    "open": _is_object,
    "string": lambda value: isinstance(value, str),
}


def _value_at(values: Any, dotted: str) -> Any:
    for part in dotted.split("."):
        if not isinstance(values, Mapping):
            return values if values is UNKNOWN else None
        values = cast(_Json, values).get(part)
    return values


def _path_of(keys: str | Iterable[str | int]) -> str:
    path = "values"
    for key in keys.split(".") if isinstance(keys, str) else keys:
        path = index_path(path, key) if isinstance(key, int) else key_path(path, key)
    return path


@cache
def _local_schema(chart: str) -> _Json | None:
    for folder in (Path(chart), _PROGRAM / chart):
        path = folder / "values.schema.json"
        if path.is_file():
            return json.loads(path.read_text(encoding="utf-8"))
    return None


def _check_by_schema(schema: _Json, values: _Json) -> list[Failure]:
    unknown = {tuple(path) for path in _unknown_paths(values, ())}
    validator: Any = cast(Any, validator_for)(schema)(schema)
    failures: list[Failure] = []
    for error in validator.iter_errors(_without_unknown(values)):
        at: tuple[str | int, ...] = tuple(error.absolute_path)
        # A missing key, or a failed alternative, may be one that is only not known yet.
        if not any(path[: len(at)] == at for path in unknown):
            failures.append(Failure(_path_of(at), error.message))
    return failures


def _unknown_paths(value: Any, path: tuple[str | int, ...]) -> Iterator[tuple[str | int, ...]]:
    if value is UNKNOWN:
        yield path
    elif isinstance(value, Mapping):
        for key, item in cast(_Json, value).items():
            yield from _unknown_paths(item, (*path, key))
    elif isinstance(value, list):
        for index, item in enumerate(cast(list[Any], value)):
            yield from _unknown_paths(item, (*path, index))


def _without_unknown(value: Any) -> Any:
    if isinstance(value, Mapping):
        given = cast(_Json, value)
        return {key: _without_unknown(item) for key, item in given.items() if item is not UNKNOWN}
    if isinstance(value, list):
        return [_without_unknown(item) for item in cast(list[Any], value) if item is not UNKNOWN]
    return value
