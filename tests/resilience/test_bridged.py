"""Empty text that a bridged provider keeps for what nobody set."""

from typing import Any

import pytest

from resilience.adapters.bridged import TAGS, set_in
from resilience.adapters.state import exported_resources
from resilience.graph import UNKNOWN, Secret


@pytest.mark.parametrize(
    ("outputs", "inputs", "told"),
    [
        ({"a": "", "b": "x", "c": 0, "d": False, "e": []}, {}, {"b": "x", "c": 0, "d": False, "e": []}),
        ({"a": ""}, {"a": ""}, {"a": ""}),
        ({"a": ""}, {"a": UNKNOWN}, {"a": ""}),
        ({"a": ""}, {"a": Secret("")}, {"a": ""}),
        ({"a": Secret("")}, {}, {}),
        ({"a": Secret("")}, {"a": ""}, {"a": Secret("")}),
        # Somebody took it away since.
        ({"a": ""}, {"a": "x"}, {}),
        ({"a": {"b": {"c": "", "d": 1}}}, {}, {"a": {"b": {"d": 1}}}),
        ({"a": {"b": {"c": "", "d": ""}}}, {"a": {"b": {"c": ""}}}, {"a": {"b": {"c": ""}}}),
        ({"a": Secret({"b": "", "c": ""})}, {"a": {"b": ""}}, {"a": Secret({"b": ""})}),
        ({"a": {"b": "", "c": ""}}, {"a": Secret({"b": ""})}, {"a": {"b": ""}}),
        # A set comes back in another order.
        ({"a": [{"b": "", "c": ""}, {"c": 2}]}, {"a": [{"c": 2}, {"b": ""}]}, {"a": [{"b": ""}, {"c": 2}]}),
        ({"a": [{"b": ""}]}, {"a": Secret([{"b": ""}])}, {"a": [{"b": ""}]}),
        ({"a": [{"b": ""}]}, {"a": [7, {"b": 1}]}, {"a": [{}]}),
        ({"a": [[{"b": ""}], "", UNKNOWN]}, {}, {"a": [[{}], "", UNKNOWN]}),
        ({"a": {"b": ""}}, {"a": "x", "b": ""}, {"a": {}}),
        # An empty tag is one, and the provider's own stand in no resource's inputs.
        *[({name: {"a": ""}}, {}, {name: {"a": ""}}) for name in sorted(TAGS)],
    ],
)  # fmt: skip
def test_empty_text_is_not_set_unless_the_program_gives_it(
    outputs: dict[str, Any], inputs: dict[str, Any], told: dict[str, Any]
) -> None:
    assert set_in(outputs, inputs) == told


@pytest.mark.parametrize(
    ("type_", "told"),
    [
        ("aws:rds/instance:Instance", {"kmsKeyId": ""}),
        ("gcp:sql/databaseInstance:DatabaseInstance", {"kmsKeyId": ""}),
        ("kubernetes:core/v1:ConfigMap", {"replicateSourceDb": "", "kmsKeyId": ""}),
        ("awsx:ec2:Vpc", {"replicateSourceDb": "", "kmsKeyId": ""}),
    ],
)
def test_a_state_s_outputs_are_read_beside_its_inputs(type_: str, told: dict[str, Any]) -> None:
    row = {"urn": f"urn:pulumi:dev::shop::{type_}::x", "type": type_, "inputs": {"kmsKeyId": "", "given": 1.0}}
    kept = {**row, "outputs": {"replicateSourceDb": "", "kmsKeyId": ""}}
    [resource] = exported_resources({"deployment": {"resources": [kept]}})
    assert resource.properties == told
    # What only stands in the program so far.
    [resource] = exported_resources({"deployment": {"resources": [row]}})
    assert resource.properties == {"kmsKeyId": "", "given": 1}
