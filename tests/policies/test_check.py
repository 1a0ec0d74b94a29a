"""Judging exported states from the command line."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[2]


def export(stack: str, type_: str, name: str, **outputs: Any) -> dict[str, Any]:
    row = {"urn": f"urn:pulumi:{stack}::tandem::{type_}::{name}", "type": type_, "protect": True, "outputs": outputs}
    return {"version": 3, "deployment": {"resources": [row]}}


def check(*files: Path) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "policies", "check", *map(str, files)]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)


def test_a_good_state_has_no_findings(tmp_path: Path) -> None:
    file = tmp_path / "good.json"
    file.write_text(json.dumps(export("primary", "aws:kms/key:Key", "k", deletionWindowInDays=30)))
    done = check(file)
    assert (done.returncode, done.stdout, done.stderr) == (0, "no findings\n", "")


def test_a_bad_state_fails_with_the_rule_s_name(tmp_path: Path) -> None:
    file = tmp_path / "bad.json"
    file.write_text(json.dumps(export("primary", "aws:kms/key:Key", "k", deletionWindowInDays=7)))
    done = check(file)
    assert done.returncode == 1
    assert done.stdout.startswith("mandatory  KMS-02  (high)  urn:pulumi:primary::tandem::aws:kms/key:Key::k\n")
    assert "deletionWindowInDays is 7; it must be at least 30" in done.stdout


def test_two_states_make_one_picture(tmp_path: Path) -> None:
    shell = export("primary", "aws:rds/globalCluster:GlobalCluster", "g", globalClusterIdentifier="t")
    key = export("secondary", "aws:kms/key:Key", "k")
    files = [tmp_path / "one.json", tmp_path / "two.json"]
    for file, state in zip(files, [shell, key], strict=True):
        file.write_text(json.dumps(state))
    assert "unproven" in check(files[0]).stdout
    together = check(*files)
    assert together.returncode == 1
    assert "there must be at least 2 in the stacks primary, secondary" in together.stdout


@pytest.mark.parametrize(("text", "said"), [("{", "is not JSON"), ("{}", "has no `deployment`")])
def test_what_is_no_export_is_refused(tmp_path: Path, text: str, said: str) -> None:
    file = tmp_path / "none.json"
    file.write_text(text)
    done = check(file)
    assert (done.returncode, done.stdout) == (2, "")
    assert said in done.stderr


def test_without_a_file_it_says_how() -> None:
    done = check()
    assert done.returncode == 2
    assert "policies check EXPORT" in done.stderr
