"""Custom resources are refused for what their definitions refuse, or would drop without a word."""

import copy
import json
from pathlib import Path
from typing import Any

import pytest

from components.charts import KARPENTER
from sandbox.knowledge import Failure, check
from sandbox.values import UNKNOWN
from scripts.custom_resource_tables import build, main

NODE_CLASS = "kubernetes:karpenter.k8s.aws/v1:EC2NodeClass"
NODE_POOL = "kubernetes:karpenter.sh/v1:NodePool"
TABLE = Path(__file__).parents[2] / "sandbox" / "knowledge" / "custom_resources.json"

SPECS: dict[str, dict[str, Any]] = {
    NODE_CLASS: {
        "instanceProfile": "nodes",
        "amiSelectorTerms": [{"alias": "al2023@v20260714"}],
        "subnetSelectorTerms": [{"id": "subnet-0a1b2c3d4e5f60718"}],
        "securityGroupSelectorTerms": [{"id": "sg-0a1b2c3d4e5f60718"}],
        "capacityReservationSelectorTerms": [{"id": "cr-0a1b2c3d4e5f60718"}],
        "metadataOptions": {"httpTokens": "required", "httpPutResponseHopLimit": 1.0},
        "blockDeviceMappings": [{"deviceName": "/dev/xvda", "ebs": {"volumeSize": "100Gi", "volumeType": "gp3"}}],
        "tags": {"team": "platform"},
    },
    NODE_POOL: {
        "template": {
            "metadata": {"labels": {"team": "platform"}},
            "spec": {
                "nodeClassRef": {"group": "karpenter.k8s.aws", "kind": "EC2NodeClass", "name": "default"},
                "requirements": [
                    {"key": "topology.kubernetes.io/zone", "operator": "In", "values": ["us-east-1a"]},
                    {"key": "karpenter.k8s.aws/instance-generation", "operator": "Gt", "values": ["4"]},
                ],
                "taints": [{"key": "nvidia.com/gpu", "value": "true", "effect": "NoSchedule"}],
                "expireAfter": "720h",
            },
        },
        "limits": {"cpu": "64", "nvidia.com/gpu": 8.0},
        "disruption": {"consolidateAfter": "5m", "budgets": [{"nodes": "10%"}, {"nodes": "1"}]},
    },
}


def judged(type_: str, spec: Any, **others: Any) -> dict[str, str]:
    inputs = {"metadata": {"name": "default"}, "spec": spec, **others}
    return {failure.property: failure.reason for failure in check(type_, inputs)}


def changed(type_: str, path: str, value: Any) -> dict[str, Any]:
    spec = copy.deepcopy(SPECS[type_])
    target: Any = spec
    *way, last = [int(part) if part.isdigit() else part for part in path.split()]
    for part in way:
        target = target[part]
    if value is ...:
        del target[last]
    else:
        target[last] = value
    return spec


@pytest.mark.parametrize("type_", sorted(SPECS))
def test_what_the_definition_has_is_accepted(type_: str) -> None:
    assert judged(type_, SPECS[type_]) == {}


REFUSED: list[tuple[str, str, Any, str, str]] = [
    (NODE_CLASS, "subnetSelectorTerm", [], "subnetSelectorTerm", "would be dropped; nearest: 'subnetSelectorTerms'"),
    (NODE_CLASS, "subnetSelectorTerms", ..., "subnetSelectorTerms", "is required and missing"),
    (NODE_CLASS, "amiSelectorTerms", [], "amiSelectorTerms", "has 0 items, must have at least 1"),
    (NODE_CLASS, "subnetSelectorTerms", [{}] * 31, "subnetSelectorTerms", "has 31 items, may have at most 30"),
    (NODE_CLASS, "amiSelectorTerms 0 alias", "latest", "amiSelectorTerms[0].alias", "is not family@version"),
    (
        NODE_CLASS,
        "amiSelectorTerms 0 alias",
        f"al2023@v{0:030}",
        "amiSelectorTerms[0].alias",
        "is longer than 30 characters",
    ),
    (NODE_CLASS, "amiSelectorTerms 0 id", "ami-1", "amiSelectorTerms[0].alias", "excludes every other field"),
    (NODE_CLASS, "instanceProfile", ..., "", "exactly one of role and instanceProfile; it has neither"),
    (NODE_CLASS, "role", "nodes", "", "it has role and instanceProfile"),
    (NODE_CLASS, "metadataOptions httpTokens", "always", "metadataOptions.httpTokens", "is not one of 'required'"),
    (
        NODE_CLASS,
        "metadataOptions httpPutResponseHopLimit",
        65,
        "metadataOptions.httpPutResponseHopLimit",
        "65 is above 64",
    ),
    (
        NODE_CLASS,
        "blockDeviceMappings 0 ebs encrypted",
        "true",
        "blockDeviceMappings[0].ebs.encrypted",
        "it takes: boolean",
    ),
    (
        NODE_CLASS,
        "blockDeviceMappings 0 ebs volumeSize",
        100,
        "blockDeviceMappings[0].ebs.volumeSize",
        "it takes: string",
    ),
    (NODE_CLASS, "blockDeviceMappings 0 ebs volumeSize", ..., "blockDeviceMappings[0].ebs", "needs a volumeSize"),
    (
        NODE_CLASS,
        "capacityReservationSelectorTerms 0 id",
        "r-1",
        "capacityReservationSelectorTerms[0].id",
        "does not match",
    ),
    (NODE_CLASS, "tags karpenter.sh/nodepool", "x", 'tags["karpenter.sh/nodepool"]', "Karpenter sets itself"),
    (NODE_POOL, "template spec nodeClassRef group", ..., "template.spec.nodeClassRef.group", "is required and missing"),
    (NODE_POOL, "template spec expireAfter", "30d", "template.spec.expireAfter", "'30d' does not match"),
    (NODE_POOL, "template spec taints 0 effect", "NO_SCHEDULE", "template.spec.taints[0].effect", "is not one of"),
    (
        NODE_POOL,
        "template spec requirements 0 values",
        [],
        "template.spec.requirements[0].values",
        "at least one value",
    ),
    (
        NODE_POOL,
        "template spec requirements 1 values",
        ["x"],
        "template.spec.requirements[1].values",
        "one whole number",
    ),
    (
        NODE_POOL,
        "template spec requirements 0 operator",
        "Is",
        "template.spec.requirements[0].operator",
        "is not one of",
    ),
    (NODE_POOL, "template spec requirements 0 minValues", 0, "template.spec.requirements[0].minValues", "0 is below 1"),
    (
        NODE_POOL,
        "template spec requirements 0 key",
        "karpenter.sh/nodepool",
        "template.spec.requirements[0].key",
        "by Karpenter itself",
    ),
    (NODE_POOL, "limits cpu", "many", "limits.cpu", "'many' does not match"),
    (NODE_POOL, "disruption consolidateAfter", ..., "disruption.consolidateAfter", "is required and missing"),
    (NODE_POOL, "disruption budgets 0 nodes", "101%", "disruption.budgets[0].nodes", "does not match"),
    (NODE_POOL, "disruption budgets 0 schedule", "@daily", "disruption.budgets[0]", "schedule and duration"),
]
"""Kind, field by its path, what stands there (`...` for nothing), what is refused, and why."""


@pytest.mark.parametrize(("type_", "path", "value", "property_", "reason"), REFUSED)
def test_what_the_definition_refuses_is_refused(type_: str, path: str, value: Any, property_: str, reason: str) -> None:
    failures = judged(type_, changed(type_, path, value))
    where = f"spec.{property_}" if property_ else "spec"
    assert reason in failures.get(where, f"nothing refused at {where}, but: {failures}")


def test_a_field_beside_the_spec_is_refused() -> None:
    assert "is not a field of NodePool" in judged(NODE_POOL, SPECS[NODE_POOL], limits={})["limits"]


def test_an_object_without_a_spec_is_refused() -> None:
    assert judged(NODE_POOL, None)["spec"] == "is required and missing"


@pytest.mark.parametrize("type_", sorted(SPECS))
def test_what_is_not_known_yet_is_not_judged(type_: str) -> None:
    assert judged(type_, UNKNOWN) == {}
    for key in SPECS[type_]:
        assert judged(type_, {**SPECS[type_], key: UNKNOWN}) == {}
    assert judged(NODE_POOL, changed(NODE_POOL, "template spec requirements 0 values", UNKNOWN)) == {}


@pytest.mark.parametrize("junk", [3, "text", [], {}, [None], {"amiSelectorTerms": [3]}, {"template": {"spec": 1}}])
@pytest.mark.parametrize("type_", sorted(SPECS))
def test_no_object_makes_the_check_raise(type_: str, junk: Any) -> None:
    failures = check(type_, {"metadata": {"name": "a"}, "spec": junk})
    assert failures
    assert all(isinstance(failure, Failure) for failure in failures)


def test_the_table_is_of_the_pinned_version() -> None:
    assert json.loads(TABLE.read_text())["version"] == KARPENTER.version


def definition(kind: str) -> dict[str, Any]:
    spec = {
        "type": "object",
        "required": ["size"],
        "properties": {
            "size": {"type": "integer", "minimum": 1, "description": "how many"},
            "terms": {"type": "array", "items": {"type": "object", "properties": {"id": {"type": "string"}}}},
            "limits": {"type": "object", "additionalProperties": {"x-kubernetes-int-or-string": True}},
        },
    }
    version = {"name": "v1", "served": True, "schema": {"openAPIV3Schema": {"properties": {"spec": spec}}}}
    return {"spec": {"group": "example.com", "names": {"kind": kind}, "scope": "Cluster", "versions": [version]}}


def test_a_table_has_the_facts_of_a_definition_and_not_its_text() -> None:
    table = json.loads(build([definition(kind) for kind in ("EC2NodeClass", "NodePool", "NodeClaim")], "1.2.3"))
    assert sorted(table["kinds"]) == ["example.com/v1 EC2NodeClass", "example.com/v1 NodePool"]
    assert table["kinds"]["example.com/v1 NodePool"] == {
        "scope": "Cluster",
        "fields": {
            "spec": {"type": "object", "required": ["size"]},
            "spec.size": {"type": "integer", "minimum": 1},
            "spec.terms": {"type": "array"},
            "spec.terms[]": {"type": "object"},
            "spec.terms[].id": {"type": "string"},
            "spec.limits": {"type": "map"},
            "spec.limits{}": {"type": "integer|string"},
        },
    }


def test_a_folder_without_a_definition_is_refused(tmp_path: Path) -> None:
    with pytest.raises(SystemExit, match="no definition of EC2NodeClass, NodePool is among those files"):
        main([str(tmp_path)])
