"""What the API server refuses, or silently drops, of the custom resources that the project makes.

Their definitions live in the cluster; the table `custom_resources.json` holds the facts of them, rebuilt by
`scripts/custom_resource_tables.py`. A field that a definition lacks is dropped by the API server without a word, which
here is a refusal. Where a definition copies one of Kubernetes' own, such as a pod's, that one judges. Rules that
definitions write in CEL, or that a controller has of its own, stand below, one function a kind.
"""

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, cast

from sandbox.knowledge.failure import Failure, choices, did_you_mean, index_path, key_path
from sandbox.values import UNKNOWN, listed, mapped

_Json = Mapping[str, Any]
_JudgeDefinition = Callable[[str, Any, str, list[Failure]], None]
"""Judges a value by a definition of Kubernetes' own: its name, the value, its path, and where failures go."""

_TABLE = Path(__file__).with_suffix(".json")


def known(api_version: str, kind: str) -> bool:
    """Whether the fields of this kind are known."""
    return f"{api_version} {kind}" in _kinds()


def check(api_version: str, kind: str, inputs: _Json, judge_definition: _JudgeDefinition) -> list[Failure]:
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
    _Judge(kind, judge_definition, failures).judge(f"{api_version} {kind}", "spec", inputs["spec"], "spec")
    rule = _RULES.get(kind)
    if rule is not None and not failures and isinstance(inputs["spec"], Mapping):
        rule(cast(_Json, inputs["spec"]), failures)
    return failures


@cache
def _kinds() -> Mapping[str, Any]:
    return json.loads(_TABLE.read_text(encoding="utf-8"))


@dataclass(frozen=True)
class _Judge:
    kind: str
    judge_definition: _JudgeDefinition
    failures: list[Failure]

    def judge(self, table: str, at: str, value: Any, path: str) -> None:
        if value is None or value is UNKNOWN:
            return
        fields = cast(_Json, _kinds()[table]["fields"])
        said = fields[at]
        rules: _Json = {"type": said} if isinstance(said, str) else said
        if "like" in rules:
            table, _, at = cast(str, rules["like"]).partition("#")
            self.judge(table, at, value, path)
        elif rules["type"] == "kubernetes":
            self._judge_copy(rules, value, path)
        elif rules["type"] != "any":
            self._judge_own(table, at, rules, value, path)

    def _judge_copy(self, rules: _Json, value: Any, path: str) -> None:
        found: list[Failure] = []
        self.judge_definition(rules["definition"], value, path, found)
        # A template of a container, for one, need not say the name that the controller gives it.
        optional = {key_path(path, key) for key in rules.get("optional", [])}
        self.failures.extend(
            each for each in found if not (each.property in optional and each.reason == "is required and missing")
        )

    def _judge_own(self, table: str, at: str, rules: _Json, value: Any, path: str) -> None:
        if not any(_TYPE_TESTS[each](value) for each in rules["type"].split("|")):
            shown = type(cast(object, value)).__name__ if isinstance(value, Mapping | list) else repr(value)
            wanted = "object" if rules["type"] == "open" else rules["type"]
            self.failures.append(Failure(path, f"got {shown}; it takes: {wanted}"))
            return
        _judge_value(rules, value, path, self.failures)
        if rules["type"] == "open":
            return
        fields = cast(_Json, _kinds()[table]["fields"])
        if isinstance(value, list):
            if f"{at}[]" in fields:
                for index, item in enumerate(cast(list[Any], value)):
                    self.judge(table, f"{at}[]", item, index_path(path, index))
        elif isinstance(value, Mapping):
            given = {key: item for key, item in cast(_Json, value).items() if not key.startswith("__")}
            for key, item in given.items():
                inner = f"{at}{{}}" if rules["type"] == "map" else f"{at}.{key}"
                if inner in fields:
                    self.judge(table, inner, item, key_path(path, key))
                elif not rules.get("keeps"):
                    siblings = _children(fields, at)
                    near = did_you_mean(key, siblings) or f"; it has {choices(sorted(siblings))}"
                    reason = f"is not a field of {self.kind} and would be dropped{near}"
                    self.failures.append(Failure(key_path(path, key), reason))
            for key in rules.get("required", []):
                if given.get(key) is None:
                    self.failures.append(Failure(key_path(path, key), "is required and missing"))


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
    "number": lambda value: isinstance(value, int | float) and not isinstance(value, bool),
    "open": lambda value: isinstance(value, Mapping | list),
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


def _judge_external_secret(spec: _Json, failures: list[Failure]) -> None:
    if spec.get("data") is None and spec.get("dataFrom") is None:
        failures.append(Failure("spec", "needs data or dataFrom: it would read nothing"))


def _judge_scaled_object(spec: _Json, failures: list[Failure]) -> None:
    # KEDA's own defaults (ScaledObject specification, v2.20).
    low, high, idle = spec.get("minReplicaCount"), spec.get("maxReplicaCount"), spec.get("idleReplicaCount")
    low, high = 0 if low is None else low, 100 if high is None else high
    if UNKNOWN in (low, high, idle):
        return
    if low > high:
        failures.append(Failure("spec.minReplicaCount", f"{low:g} is above maxReplicaCount, {high:g}"))
    if idle is not None and idle >= low:
        failures.append(Failure("spec.idleReplicaCount", f"{idle:g} must be below minReplicaCount, {low:g}"))


def _judge_rollout(spec: _Json, failures: list[Failure]) -> None:
    for block, keys in (("spec", ("template", "workloadRef")), ("spec.strategy", ("blueGreen", "canary"))):
        value = spec if block == "spec" else spec.get("strategy")
        if value is UNKNOWN:
            continue
        given = [key for key in keys if mapped(value).get(key) is not None]
        if len(given) != 1:
            reason = f"needs exactly one of {' and '.join(keys)}; it has {' and '.join(given) or 'neither'}"
            failures.append(Failure(block, reason))


def _judge_certificate(spec: _Json, failures: list[Failure]) -> None:
    for key in ("duration", "renewBefore"):
        text = spec.get(key)
        if isinstance(text, str) and _seconds(text) is None:
            failures.append(Failure(f"spec.{key}", f"{text!r} is not a length of time in h, m and s, such as '2160h'"))
    # cert-manager's own default (its API reference, v1.21).
    length, before = _seconds(spec.get("duration", "2160h")), _seconds(spec.get("renewBefore"))
    if length is not None and before is not None and before >= length:
        reason = f"{spec['renewBefore']!r} must be shorter than the certificate's life"
        failures.append(Failure("spec.renewBefore", reason))


def _seconds(length: Any) -> float | None:
    if not isinstance(length, str) or not re.fullmatch(r"(\d+(\.\d+)?[hms])+", length):
        return None
    return sum(float(n) * {"h": 3600, "m": 60, "s": 1}[unit] for n, unit in re.findall(r"([\d.]+)([hms])", length))


_RULES: Mapping[str, Callable[[_Json, list[Failure]], None]] = {
    "Certificate": _judge_certificate,
    "EC2NodeClass": _judge_node_class,
    "ExternalSecret": _judge_external_secret,
    "NodePool": _judge_node_pool,
    "Rollout": _judge_rollout,
    "ScaledObject": _judge_scaled_object,
}
