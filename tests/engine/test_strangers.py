"""A program that is not this project's, previewed by the real engine with the pack."""

import re
from pathlib import Path

import pytest

from tests.house.engine import Engine
from tests.house.stacks import ROOT
from tests.policies.strangers.expected import EXPECTED

pytestmark = pytest.mark.engine

PROGRAM = (ROOT / "tests/policies/strangers/plain_aws.py").read_text()
TRANSFORMED = """
def loosened(args):
    if args.type_ == "aws:s3/bucket:Bucket":
        return pulumi.ResourceTransformResult(props={**args.props, "forceDestroy": True}, opts=args.opts)
    return None


pulumi.runtime.register_resource_transform(loosened)
"""
"""What a team puts around others' components: rules have to see what comes out of it."""
FOUND = re.compile(r"\[(?:mandatory|advisory)\].*?([A-Z0-9]+-\d\d) +\(\S+: ([^)]+)\)\n +(.*)")


def test_the_pack_says_of_a_stranger_s_program_what_is_right(engine: Engine, tmp_path: Path) -> None:
    head, separator, rest = PROGRAM.partition("\n\nclass ")
    program = f"{head}\n{TRANSFORMED}{separator}{rest}"
    project = engine.project(tmp_path / "shop", program)
    engine.run(project, "config", "set", "aws:region", "us-east-1", "-s", "dev").ok()
    seen = engine.preview(project, "dev", "--policy-pack", str(ROOT / "policies"))
    found = {
        (f"{rule}?" if ": unproven. " in message else rule, resource)
        for rule, resource, message in FOUND.findall(seen.output)
    }
    expected = {(rule, resource) for rule, resources, _ in EXPECTED["plain_aws"] for resource in resources.split()}
    assert seen.code != 0
    assert found == expected | {("S3-06", "pictures")}
