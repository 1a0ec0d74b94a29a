"""The pack keeps the stack's picture for someone who judges it with others'."""

from pathlib import Path

import grpc
import pytest
from pulumi.runtime.proto import analyzer_pb2

from policies.catalog import all_rules
from policies.judge import judge
from policies.settings import settle
from resilience.adapters import picture
from resilience.graph import Graph
from tests.policies.platform import secret
from tests.policies.reference import reference
from tests.policies.serving import diagnostics, serving


def test_the_picture_judged_says_what_the_pack_has_said_and_nothing_stops(tmp_path: Path) -> None:
    file = tmp_path / "picture"
    platform = (
        reference()
        .put("db", "deletionProtection", False)
        .put("db", "masterPassword", secret("swordfish"))
        .drop("nat-b")
        .hide("db", "storageEncrypted")
        .unprotect("db")
    )
    with serving(kept=file) as stub:
        said = diagnostics(stub, platform)
    resources = picture.read(file)
    found = judge(all_rules(), Graph(resources), settle(all_rules(), {}))
    assert {(each.urn, each.rule.id, each.message) for each in found} == {
        (each.urn, each.policyName, each.message) for each in said
    }
    assert {each.level.value for each in found} == {"advisory", "mandatory"}
    assert {each.enforcementLevel for each in said} == {analyzer_pb2.ADVISORY}
    assert len(resources) == len(platform.things)
    assert "swordfish" not in file.read_text()


def test_a_picture_that_cannot_be_kept_is_an_error(tmp_path: Path) -> None:
    with serving(kept=tmp_path / "none" / "picture") as stub, pytest.raises(grpc.RpcError, match="cannot be kept: No"):
        stub.AnalyzeStack(reference().stack_request())


def test_without_a_file_a_mandatory_finding_stops(tmp_path: Path) -> None:
    with serving() as stub:
        said = diagnostics(stub, reference().put("db", "deletionProtection", False))
    assert analyzer_pb2.MANDATORY in {each.enforcementLevel for each in said}
