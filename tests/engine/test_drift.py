"""The command of the playbook that looks for drift of the cloud, under the real engine."""

import json
import re
import textwrap
from pathlib import Path

import pytest

from tests.house.engine import Engine

pytestmark = pytest.mark.engine

PAGE = Path(__file__).parents[2] / "docs/playbooks/drift.md"
PROGRAM = textwrap.dedent(
    """
    import pulumi_aws as aws
    aws.cloudwatch.LogGroup("runs", name="runs", retention_in_days=30)
    """
)


def command() -> list[str]:
    """What the page says, for a stack of this test."""
    (line,) = re.findall(r"^pulumi (refresh .+) --stack primary$", PAGE.read_text(), re.MULTILINE)
    return [*line.split(), "--stack", "dev"]


def test_the_page_s_command_ends_with_an_error_when_the_cloud_has_drifted_and_changes_nothing(
    engine: Engine, tmp_path: Path
) -> None:
    project = engine.project(tmp_path / "drifts", PROGRAM)
    engine.run(project, "config", "set", "aws:region", "us-east-1", "-s", "dev").ok()
    engine.up(project, "dev").ok()
    engine.run(project, *command()).ok()
    # As if somebody had deleted it by hand: the state knows one that the cloud has not.
    told = engine.run(project, "stack", "export", "-s", "dev").ok().output
    state = json.loads(told)
    (group,) = [each for each in state["deployment"]["resources"] if each["type"] == "aws:cloudwatch/logGroup:LogGroup"]
    group["id"] = "gone"
    file = tmp_path / "state.json"
    file.write_text(json.dumps(state))
    engine.run(project, "stack", "import", "--file", str(file), "-s", "dev").ok()
    before = engine.export(project, "dev")["resources"]
    found = engine.run(project, *command())
    assert found.code != 0
    assert "no changes were expected for refresh but changes were proposed" in found.output
    assert engine.export(project, "dev")["resources"] == before
    # The sandbox is shared: whoever comes next takes everything down and finds nothing left.
    file.write_text(told)
    engine.run(project, "stack", "import", "--file", str(file), "-s", "dev").ok()
    engine.destroy(project, "dev").ok()
