"""Judging exported states from the command line."""

import json
import os
import re
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from policies.catalog import all_rules
from policies.check import Checked
from policies.check import check as judge_files
from policies.registry import Outcome
from policies.settings import settle
from policies.waivers import WAIVER_RULES, Waivers

ROOT = Path(__file__).parents[2]


def export(stack: str, type_: str, name: str, **outputs: Any) -> dict[str, Any]:
    row = {"urn": f"urn:pulumi:{stack}::tandem::{type_}::{name}", "type": type_, "protect": True, "outputs": outputs}
    return {"version": 3, "deployment": {"resources": [row]}}


def check(*arguments: Path | str, **environment: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "policies", "check", *map(str, arguments)]
    given = {**os.environ, **environment}
    return subprocess.run(command, cwd=ROOT, env=given, capture_output=True, text=True, check=False)


def test_a_good_state_has_no_findings(tmp_path: Path) -> None:
    file = tmp_path / "good.json"
    file.write_text(json.dumps(export("primary", "aws:kms/key:Key", "k", deletionWindowInDays=30)))
    done = check(file)
    number = len(all_rules())
    judged = f"1 resource of 1 stack (primary) judged by {number} rules: no findings\n"
    assert (done.returncode, done.stdout, done.stderr) == (0, judged, "")


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


def rows(*given: Any) -> str:
    return json.dumps({"version": 3, "deployment": {"resources": list(given)}})


URN = "urn:pulumi:primary::tandem::aws:kms/key:Key::k"
ROW = {"urn": URN, "type": "aws:kms/key:Key"}


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("{", "is not JSON"),
        ("{}", "has no `deployment`"),
        ("[" * 100_000, "is nested too deeply to be read"),
        ('{"version": 4, "deployment": {}}', "is of version 4, must be 3"),
        ('{"version": 3, "deployment": []}', "deployment.resources: must be a list"),
        ('{"version": 3, "deployment": {"resources": {}}}', "deployment.resources: must be a list"),
        ('{"version": 3, "deployment": {}}', "has no resources; the stack is empty"),
        (rows("x"), "deployment.resources[0]: must be an object, is str"),
        (rows(ROW, {"urn": "k"}), "deployment.resources[1].urn: is 'k', must be urn:pulumi:<stack>::"),
        (rows({"urn": URN}), f"deployment.resources[0].type: is None, must be str (of {URN})"),
        (rows({**ROW, "outputs": []}), "deployment.resources[0].outputs: is [], must be dict"),
        (rows({**ROW, "parent": 1}), "deployment.resources[0].parent: is 1, must be str"),
        (rows(ROW, ROW), f"deployment.resources[1].urn: {URN} stands in it twice"),
    ],
)
def test_what_is_no_export_is_refused(tmp_path: Path, text: str, said: str) -> None:
    file = tmp_path / "none.json"
    file.write_text(text)
    with pytest.raises(ValueError, match=re.escape(said)):
        judged([file])


def judged(files: list[Path]) -> Checked:
    settings = settle((*all_rules(), *WAIVER_RULES), {})
    return judge_files(all_rules(), files, settings, Waivers(), datetime.now(UTC).date())


def test_every_file_that_is_none_is_told_of(tmp_path: Path) -> None:
    (tmp_path / "one.json").write_text("{")
    done = check(tmp_path / "one.json", tmp_path / "two.json")
    assert (done.returncode, done.stdout) == (2, "")
    assert "one.json: is not JSON" in done.stderr
    assert "two.json: No such file or directory" in done.stderr


def test_two_files_of_one_stack_are_refused(tmp_path: Path) -> None:
    for name, urn in (("one", URN), ("two", f"{URN}2"), ("other", URN.replace("tandem", "other"))):
        (tmp_path / f"{name}.json").write_text(rows({**ROW, "urn": urn}))
    one, two, other = (tmp_path / f"{name}.json" for name in ("one", "two", "other"))
    with pytest.raises(ValueError, match=r"two\.json: is of stack primary of tandem, and so is .*one\.json; give"):
        judged([one, two])
    assert len(judged([one, other]).graph.resources) == 2


def test_odd_rows_pass_through(tmp_path: Path) -> None:
    file = tmp_path / "odd.json"
    secret = {"4dabf18193072939515e22adb298388d": "1b47061264138c4ac30d75fd1eb44270"}
    left = {**ROW, "delete": True, "outputs": {"deletionWindowInDays": 7}}
    odd = [
        {**ROW, "protect": True, "parent": None, "provider": None, "propertyDependencies": {"x": None}},
        *(left, left),
        {**ROW, "urn": f"{URN}::a", "protect": True, "outputs": {"a": {**secret, "plaintext": "{"}}},
        {**ROW, "urn": f"{URN}2", "protect": True, "outputs": {"deletionWindowInDays": {**secret, "ciphertext": ""}}},
        {"urn": "urn:pulumi:primary::tandem::some:component:Thing::t", "type": "some:component:Thing"},
    ]
    file.write_text(rows(*odd))
    checked = judged([file])
    assert [(each.rule.id, each.urn, each.outcome) for each in checked.findings] == [
        ("KMS-02", f"{URN}2", Outcome.UNPROVEN)
    ]
    named = checked.graph.get(f"{URN}::a")
    assert named is not None
    assert named.name == "k::a"


def test_a_baseline_or_a_file_of_ones_own_says_what_stops(tmp_path: Path) -> None:
    file, config = tmp_path / "bad.json", tmp_path / "config.json"
    file.write_text(json.dumps(export("primary", "aws:kms/key:Key", "k", deletionWindowInDays=7)))
    config.write_text('{"KMS-02": {"enforcementLevel": "advisory", "minDays": 8}}')
    assert check("--baseline", "prod", file).returncode == 1
    dev = check("--baseline", "dev", file)
    assert dev.returncode == 0
    assert dev.stdout.endswith("rules: no findings\n")
    own = check("--config", config, file)
    assert own.returncode == 0
    assert own.stdout.startswith("advisory   KMS-02")
    assert own.stdout.endswith(f"1 resource of 1 stack (primary) judged by {len(all_rules())} rules: 1 advisory\n")
    wrong = check("--baseline", "prd", file)
    assert (wrong.returncode, wrong.stderr) == (2, "prd: no baseline has this name; did you mean prod?\n")


def test_what_is_waived_is_shown_and_stops_nothing(tmp_path: Path) -> None:
    file, waivers = tmp_path / "bad.json", tmp_path / "waivers.yaml"
    file.write_text(json.dumps(export("primary", "aws:kms/key:Key", "k", deletionWindowInDays=7)))
    soon = datetime.now(UTC).date() + timedelta(days=30)
    waivers.write_text(
        "exceptions:\n  k:\n    policies: [KMS-02]\n    stacks: [primary, staging]\n    owner: data@example.com\n"
        f"    resources: [{{type: 'aws:kms/key:Key', name: k}}]\n    reason: Empty.\n    expires: {soon}\n"
    )
    done = check(file, TANDEM_WAIVERS=str(waivers))
    assert done.returncode == 0
    assert f"waived by data@example.com until {soon} (k): Empty. A deleted key" in done.stdout
    assert "1 advisory, 1 of them waived\nwaivers for other stacks were not looked at: staging\n" in done.stdout


def test_without_a_file_it_says_how() -> None:
    done = check()
    assert done.returncode == 2
    assert "policies check [-h]" in done.stderr
