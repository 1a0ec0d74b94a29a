"""The page about others' stacks, held to the commands and rules that there are."""

import json
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

from policies import check, pull_request
from policies.catalog import all_rules
from policies.settings import baseline, read_config

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs/own-stack.md").read_text()
COMMANDS = [found.strip() for found in re.findall(r"\S*/bin/python \S+ (?:check|pull-request)[^#\n]*", PAGE)]
PINNED = re.compile(r"uses: (\S+ # v\S+)")


def test_its_commands_exist() -> None:
    assert [command.split()[2] for command in COMMANDS] == ["check", "pull-request", "pull-request"]
    for command in COMMANDS:
        _, _, name, *arguments = command.split()
        (check.parser() if name == "check" else pull_request.parser()).parse_args(arguments)
    assert re.findall(r"policy-pack-config \.\./tandem/(\S+)", PAGE) == [str(baseline("dev").relative_to(ROOT))]
    assert "$(INSTALLED):" in (ROOT / "Makefile").read_text()


@pytest.mark.parametrize("command", COMMANDS)
def test_its_commands_run_ours_where_there_is_a_pack_of_the_user_s_own(tmp_path: Path, command: str) -> None:
    """What a repository calls `policies` is its own, and with `-m` it would come first."""
    theirs = tmp_path / "shop"
    (theirs / "policies").mkdir(parents=True)
    for name in ("__init__.py", "__main__.py"):
        (theirs / "policies" / name).write_text("print('theirs')\n")
    for place in (tmp_path / "tandem", theirs / ".tandem"):
        place.symlink_to(ROOT)
    key = "aws:kms/key:Key"
    row = {"urn": f"urn:pulumi:dev::shop::{key}::k", "type": key, "outputs": {"deletionWindowInDays": 7}}
    (theirs / "dev.json").write_text(json.dumps({"version": 3, "deployment": {"resources": [row]}}))
    python, *rest = command.split()
    assert python in ("../tandem/.venv/bin/python", ".tandem/.venv/bin/python")
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    done = subprocess.run(
        [sys.executable, *rest], cwd=theirs, env=environment, capture_output=True, text=True, check=False
    )
    expected = (
        (1, "mandatory  KMS-02  (high)  dev  k\n", "") if "check" in rest else (2, "", "shop: has no Pulumi.yaml; ")
    )
    assert (done.returncode, expected[1] in done.stdout, expected[2] in done.stderr) == (expected[0], True, True), done
    assert "theirs" not in done.stdout


def test_its_settings_can_be_read(tmp_path: Path) -> None:
    shown = re.findall(r"`(\{.*?\})`", PAGE)
    assert len(shown) == 2
    for each in shown:
        (tmp_path / "levels.json").write_text(each)
        assert "all" in read_config(tmp_path / "levels.json")


def test_its_workflow_is_ours_without_the_sandbox() -> None:
    [text] = re.findall(r"```yaml\n(.*?)```", PAGE, re.DOTALL)
    workflow: dict[Any, Any] = yaml.safe_load(text)
    ours = (ROOT / ".github/workflows/policies.yml").read_text()
    assert set(PINNED.findall(text)) < set(PINNED.findall(ours))
    assert workflow["permissions"] == {}
    assert "sandbox" not in text
    theirs: dict[Any, Any] = yaml.safe_load(ours)
    # YAML 1.1 reads the key `on` as true.
    assert workflow[True] == theirs[True]
    # Whatever has no role is left out here, for want of a sandbox.
    on_aws = " ".join(theirs["jobs"]["judge"]["env"]["ON_AWS"].split())
    assert on_aws == f"${{{{ vars.POLICIES_ROLE_ARN != '' && {workflow['jobs']['judge']['if']} }}}}"
    assert theirs["jobs"]["judge"]["permissions"] == workflow["jobs"]["judge"]["permissions"]


def test_what_it_says_nobody_judges_nobody_judges() -> None:
    [table] = re.findall(r"\| \| types \|\n(.*?)\n\n", PAGE, re.DOTALL)
    types = re.findall(r"`(\S+)`", table)
    assert len(types) == 7
    judged = {type_ for rule in all_rules() for type_ in rule.types}
    assert {each for each in types if any(type_.startswith(each) for type_ in judged)} == set()
    assert not [type_ for type_ in judged if type_.startswith("azure")]
