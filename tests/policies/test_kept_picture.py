"""The pack keeps the stack's picture for someone who judges it with others'."""

from datetime import date
from pathlib import Path

import grpc
import pytest
from pulumi.runtime.proto import analyzer_pb2

from policies import kept
from policies.catalog import all_rules
from policies.preview import Preview
from policies.pull_request import judged
from policies.settings import settle
from policies.waivers import WAIVER_RULES, Waivers
from resilience.adapters import picture
from tests.policies.platform import UNKNOWN_TEXT, secret
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
    # A provider does not say yet what the cloud makes of what the program leaves out.
    planned = platform.copy().put("check", "disabled", UNKNOWN_TEXT)
    with serving(kept=file) as stub:
        said = [each for request in platform.analyze_requests() for each in stub.Analyze(request).diagnostics]
        said += stub.AnalyzeStack(planned.stack_request()).diagnostics
    settings = settle((*all_rules(), *WAIVER_RULES), {})
    resources, own = picture.read(file), kept.read(kept.findings_of(file), all_rules(), settings)
    preview = Preview("primary", resources=tuple(resources), findings=tuple(own))
    found = judged(all_rules(), [preview], settings, Waivers(), date(2026, 11, 21)).findings
    assert {(each.urn, each.rule.id, each.message) for each in found} == {
        (each.urn, each.policyName, each.message) for each in said
    }
    assert {each.level.value for each in found} == {"advisory", "mandatory"}
    assert {each.enforcementLevel for each in said} == {analyzer_pb2.ADVISORY}
    assert len(resources) == len(platform.things)
    assert "swordfish" not in file.read_text() + kept.findings_of(file).read_text()
    assert {each.stat().st_mode & 0o777 for each in tmp_path.iterdir()} == {0o600}


def test_a_picture_that_cannot_be_kept_is_an_error(tmp_path: Path) -> None:
    with serving(kept=tmp_path / "none" / "picture") as stub, pytest.raises(grpc.RpcError, match="cannot be kept: No"):
        stub.AnalyzeStack(reference().stack_request())


def test_without_a_file_a_mandatory_finding_stops(tmp_path: Path) -> None:
    with serving() as stub:
        said = diagnostics(stub, reference().put("db", "deletionProtection", False))
    assert analyzer_pb2.MANDATORY in {each.enforcementLevel for each in said}
