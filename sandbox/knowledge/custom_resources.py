"""What the API server refuses, or silently drops, of the custom resources that the project makes.

Their definitions live in the cluster; the table `custom_resources.json` holds the facts of them, rebuilt by
`scripts/custom_resource_tables.py`. A field that a definition lacks is dropped by the API server without a word, which
here is a refusal. Rules that definitions write in CEL stand below, one function a kind.
"""

import json
import re
from collections.abc import Callable, Mapping
from functools import cache
from pathlib import Path
from typing import Any, cast

from sandbox.knowledge.failure import Failure, choices, did_you_mean, index_path, key_path
from sandbox.values import UNKNOWN, listed, mapped

_Json = Mapping[str, Any]

_TABLE = Path(__file__).with_suffix(".json")


def known(api_version: str, kind: str) -> bool:
    """Whether the fields of this kind are known."""
    return f"{api_version} {kind}" in _kinds()


def check(api_version: str, kind: str, inputs: _Json) -> list[Failure]:
    """Judge an object's spec; nothing is said of kinds that are not known."""
    entry = _kinds().get(f"{api_version} {kind}")
    if entry is None:
        return []
    failures: list[Failure] = []
    if inputs.get("spec") is None:
        return [Failure("spec", "is required and missing")]
    for key in inputs:
        if key not in ("apiVersion", "kind", "metadata", "spec", "status") and not key.startswith("__"):
            failures.append(Failure(key, f"is not a field of {kind}{did_you_mean(key, ['metadata', 'spec'])}"))
    _judge(entry["fields"], "spec", inputs["spec"], "spec", kind, failures)
    if not failures and isinstance(inputs["spec"], Mapping):
        _RULES[kind](cast(_Json, inputs["spec"]), failures)
    return failures


@cache
def _kinds() -> Mapping[str, Any]:
    return json.loads(_TABLE.read_text(encoding="utf-8"))["kinds"]


def _judge(fields: _Json, at: str, value: Any, path: str, kind: str, failures: list[Failure]) -> None:
    if value is None or value is UNKNOWN:
        return
    rules = cast(_Json, fields[at])
    if not any(_TYPE_TESTS[each](value) for each in rules["type"].split("|")):
        shown = type(cast(object, value)).__name__ if isinstance(value, Mapping | list) else repr(value)
        failures.append(Failure(path, f"got {shown}; it takes: {rules['type']}"))
        return
    _judge_value(rules, value, path, failures)
    if isinstance(value, list):
        for index, item in enumerate(cast(list[Any], value)):
            _judge(fields, f"{at}[]", item, index_path(path, index), kind, failures)
    elif isinstance(value, Mapping):
        given = {key: item for key, item in cast(_Json, value).items() if not key.startswith("__")}
        for key, item in given.items():
            inner = f"{at}{{}}" if rules["type"] == "map" else f"{at}.{key}"
            if inner in fields:
                _judge(fields, inner, item, key_path(path, key), kind, failures)
            else:
                siblings = _children(fields, at)
                near = did_you_mean(key, siblings) or f"; it has {choices(sorted(siblings))}"
                failures.append(Failure(key_path(path, key), f"is not a field of {kind} and would be dropped{near}"))
        for key in rules.get("required", []):
            if given.get(key) is None:
                failures.append(Failure(key_path(path, key), "is required and missing"))


def _children(fields: _Json, at: str) -> list[str]:
    prefix = f"{at}."
    rest = [field.removeprefix(prefix) for field in fields if field.startswith(prefix)]
    return [key for key in rest if not re.search(r"[.\[{]", key)]


def _judge_value(rules: _Json, value: Any, path: str, failures: list[Failure]) -> None:
    if "enum" in rules and value not in rules["enum"]:
        near = did_you_mean(str(value), rules["enum"])
        failures.append(Failure(path, f"{value!r} is not one of {choices(rules['enum'])}{near}"))
    if "pattern" in rules and isinstance(value, str) and not re.search(rules["pattern"], value):
        failures.append(Failure(path, f"{value!r} does not match {rules['pattern']}"))
    if "maxLength" in rules and isinstance(value, str) and len(value) > rules["maxLength"]:
        failures.append(Failure(path, f"{value!r} is longer than {rules['maxLength']} characters"))
    if isinstance(value, int | float):
        if "minimum" in rules and value < rules["minimum"]:
            failures.append(Failure(path, f"{value} is below {rules['minimum']}"))
        if "maximum" in rules and value > rules["maximum"]:
            failures.append(Failure(path, f"{value} is above {rules['maximum']}"))
    if isinstance(value, list):
        count = len(cast(list[Any], value))
        if count < rules.get("minItems", 0):
            failures.append(Failure(path, f"has {count} items, must have at least {rules['minItems']}"))
        if count > rules.get("maxItems", count):
            failures.append(Failure(path, f"has {count} items, may have at most {rules['maxItems']}"))


def _is_integer(value: Any) -> bool:
    # Every number is a double on Pulumi's wire, so 3.0 is how 3 arrives.
    return isinstance(value, int | float) and not isinstance(value, bool) and float(value).is_integer()


_TYPE_TESTS: Mapping[str, Callable[[Any], bool]] = {
    "object": lambda value: isinstance(value, Mapping),
    "map": lambda value: isinstance(value, Mapping),
    "array": lambda value: isinstance(value, list),
    "string": lambda value: isinstance(value, str),
    "boolean": lambda value: isinstance(value, bool),
    "integer": _is_integer,
}


_RESERVED_TAGS = (
    "eks:eks-cluster-name", "karpenter.sh/nodepool", "karpenter.sh/nodeclaim", "karpenter.k8s.aws/ec2nodeclass"
)  # fmt: skip
_ALIAS = re.compile(r"(al2|al2023|bottlerocket|windows2019|windows2022|windows2025)@.+")


def _judge_node_class(spec: _Json, failures: list[Failure]) -> None:
    roles = [key for key in ("role", "instanceProfile") if spec.get(key) is not None]
    if len(roles) != 1:
        given = " and ".join(roles) or "neither"
        failures.append(Failure("spec", f"needs exactly one of role and instanceProfile; it has {given}"))
    terms = [mapped(term) for term in listed(spec.get("amiSelectorTerms"))]
    for index, term in enumerate(terms):
        where, alias = f"spec.amiSelectorTerms[{index}]", term.get("alias")
        if not term:
            continue
        if alias is not None and (len(term) > 1 or len(terms) > 1):
            failures.append(Failure(f"{where}.alias", "excludes every other field and term"))
        if isinstance(alias, str) and not _ALIAS.fullmatch(alias):
            failures.append(Failure(f"{where}.alias", f"{alias!r} is not family@version, such as 'al2023@v20260714'"))
    for index, mapping in enumerate(listed(spec.get("blockDeviceMappings"))):
        disk = mapped(mapped(mapping).get("ebs"))
        if disk and disk.get("volumeSize") is None and disk.get("snapshotID") is None:
            failures.append(Failure(f"spec.blockDeviceMappings[{index}].ebs", "needs a volumeSize or a snapshotID"))
    for tag in mapped(spec.get("tags")):
        if tag in _RESERVED_TAGS or tag.startswith("kubernetes.io/cluster"):
            failures.append(Failure(key_path("spec.tags", tag), "is a tag that Karpenter sets itself"))


def _judge_node_pool(spec: _Json, failures: list[Failure]) -> None:
    node = mapped(mapped(spec.get("template")).get("spec"))
    for index, each in enumerate(listed(node.get("requirements"))):
        requirement = mapped(each)
        where = f"spec.template.spec.requirements[{index}]"
        operator, values = requirement.get("operator"), requirement.get("values")
        if values is UNKNOWN:
            continue
        count = len(listed(values))
        if operator == "In" and count == 0:
            failures.append(Failure(f"{where}.values", "must name at least one value for 'In'"))
        elif operator in ("Gt", "Lt", "Gte", "Lte") and not (count == 1 and str(listed(values)[0]).isdigit()):
            failures.append(Failure(f"{where}.values", f"must be one whole number, as text, for {operator!r}"))
        if requirement.get("key") in ("karpenter.sh/nodepool", "kubernetes.io/hostname"):
            failures.append(Failure(f"{where}.key", f"{requirement['key']!r} is set by Karpenter itself"))
    for index, each in enumerate(listed(mapped(spec.get("disruption")).get("budgets"))):
        if (mapped(each).get("schedule") is None) != (mapped(each).get("duration") is None):
            failures.append(Failure(f"spec.disruption.budgets[{index}]", "needs schedule and duration, or neither"))


_RULES: Mapping[str, Callable[[_Json, list[Failure]], None]] = {
    "EC2NodeClass": _judge_node_class,
    "NodePool": _judge_node_pool,
}
