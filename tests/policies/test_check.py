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
from policies.check import read_exports, stacks
from policies.pull_request import judged as judged_together
from policies.registry import Outcome
from policies.report.contents import Report
from policies.settings import settle
from policies.waivers import WAIVER_RULES, Waivers
from resilience.adapters.state import BYTES, FEATURES

ROOT = Path(__file__).parents[2]


def export(stack: str, type_: str, name: str, **outputs: Any) -> dict[str, Any]:
    row = {"urn": f"urn:pulumi:{stack}::tandem::{type_}::{name}", "type": type_, "protect": True, "outputs": outputs}
    return {"version": 3, "deployment": {"resources": [row]}}


def check(*arguments: Path | str, cwd: Path = ROOT, **environment: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "policies", "check", *map(str, arguments)]
    given = {**os.environ, "PYTHONPATH": str(ROOT), **environment}
    return subprocess.run(command, cwd=cwd, env=given, capture_output=True, text=True, check=False)


def test_a_good_state_has_no_findings(tmp_path: Path) -> None:
    file = tmp_path / "good.json"
    file.write_text(json.dumps(export("primary", "aws:kms/key:Key", "k", deletionWindowInDays=30)))
    done = check(file)
    number = len(all_rules())
    judged = f"primary: 1 resource\n{number} rules: 0 mandatory findings, 0 advisory\n"
    assert (done.returncode, done.stdout, done.stderr) == (0, judged, "")


def test_a_bad_state_fails_with_the_rule_s_name(tmp_path: Path) -> None:
    file = tmp_path / "bad.json"
    file.write_text(json.dumps(export("primary", "aws:kms/key:Key", "k", deletionWindowInDays=7)))
    done = check(file)
    assert done.returncode == 1
    assert "mandatory  KMS-02  (high)  primary  k\n" in done.stdout
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
        ('{"version": 2, "deployment": {}}', "is of version 2, must be 3 or 4"),
        ('{"version": 5, "deployment": {}}', "is of version 5, must be 3 or 4"),
        (
            json.dumps({"version": 4, "features": ["taint", "tiants"], "deployment": {"resources": [ROW]}}),
            "features: this stack uses 'tiants', which is not known here; there are byteString, extensionParam",
        ),
        (json.dumps({"version": 4, "features": 7, "deployment": {"resources": [ROW]}}), "features: is 7, must be list"),
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


def judged(files: list[Path]) -> Report:
    settings = settle((*all_rules(), *WAIVER_RULES), {})
    previews = stacks(read_exports(files), all_rules(), settings)
    return judged_together(all_rules(), previews, settings, Waivers(), datetime.now(UTC).date())


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
    assert [len(each.resources) for each in judged([one, other]).previews] == [1, 1]


def test_stacks_of_one_name_in_two_projects_are_two(tmp_path: Path) -> None:
    """A global database in one, a member of it in each."""
    shell = "aws:rds/globalCluster:GlobalCluster"
    files = [tmp_path / "east.json", tmp_path / "west.json"]
    for file, region in zip(files, ("us-east-1", "us-west-2"), strict=True):
        member = {"globalClusterIdentifier": "g", "region": region, "engine": "aurora-postgresql"}
        state = export("prod", "aws:rds/cluster:Cluster", "c", **member)
        rows = state["deployment"]["resources"]
        if file is files[0]:
            rows += export("prod", shell, "g", globalClusterIdentifier="g")["deployment"]["resources"]
            rows[0]["propertyDependencies"] = {"globalClusterIdentifier": [rows[1]["urn"]]}
        file.write_text(json.dumps(state).replace("::tandem::", f"::{file.stem}::"))
    alone, together = check(files[0]), check(*files)
    assert "members in other stacks than prod are not in view" in alone.stdout
    assert "RDS-08" not in together.stdout
    assert "  prod  c\n" in alone.stdout
    assert {"  east/prod  c", "  west/prod  c"} < {line[-14:] for line in together.stdout.splitlines()}
    assert "east/prod: 2 resources\nwest/prod: 1 resource\n" in together.stdout


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
    [stack] = checked.previews
    assert [each.name for each in stack.resources if each.urn == f"{URN}::a"] == ["k::a"]


def test_a_baseline_or_a_file_of_ones_own_says_what_stops(tmp_path: Path) -> None:
    file, config = tmp_path / "bad.json", tmp_path / "config.json"
    file.write_text(json.dumps(export("primary", "aws:kms/key:Key", "k", deletionWindowInDays=7)))
    config.write_text('{"KMS-02": {"enforcementLevel": "advisory", "minDays": 8}}')
    assert check("--baseline", "prod", file).returncode == 1
    dev = check("--baseline", "dev", file)
    assert dev.returncode == 0
    assert dev.stdout.endswith("rules: 0 mandatory findings, 0 advisory\n")
    own = check("--config", config, file)
    assert own.returncode == 0
    assert own.stdout.startswith("advisory   KMS-02")
    assert own.stdout.endswith(f"\n{len(all_rules())} rules: 0 mandatory findings, 1 advisory\n")
    wrong = check("--baseline", "prd", file)
    assert (wrong.returncode, wrong.stderr) == (
        2,
        "policies: prd: no baseline has this name; did you mean prod?\n",
    )


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


@pytest.mark.parametrize("feature", sorted(FEATURES))
def test_a_state_of_the_newer_format_is_read_as_the_older(tmp_path: Path, feature: str) -> None:
    """As the engine writes it for a stack with hooks, a taint, a view of something: tests/engine has a real one."""
    file = tmp_path / "newer.json"
    newer = export("primary", "aws:kms/key:Key", "k", deletionWindowInDays=7)
    file.write_text(json.dumps({**newer, "version": 4, "features": [feature]}))
    assert [each.rule.id for each in judged([file]).findings] == ["KMS-02"]


def test_a_text_of_bytes_is_a_text(tmp_path: Path) -> None:
    file = tmp_path / "bytes.json"
    mark = {"4dabf18193072939515e22adb298388d": BYTES}
    rows = [
        {**ROW, "urn": f"{URN}{number}", "protect": True, "outputs": {"deletionWindowInDays": {**mark, "value": text}}}
        for number, text in enumerate(["Nw==", "MzA=", "%", 7])
    ]
    file.write_text(json.dumps({"version": 4, "features": ["byteString"], "deployment": {"resources": rows}}))
    assert [(each.urn[-1], each.outcome) for each in judged([file]).findings] == [
        *(("0", Outcome.FAIL), ("2", Outcome.UNPROVEN), ("3", Outcome.UNPROVEN)),
    ]


def test_what_the_program_only_reads_is_no_finding_and_stays_in_sight(tmp_path: Path) -> None:
    """`Bucket.get`: another program answers for it, and rules about what leads to it still find it."""
    file, bucket = tmp_path / "read.json", "aws:s3/bucket:Bucket"
    key = export("primary", "aws:kms/key:Key", "k", deletionWindowInDays=7)["deployment"]["resources"][0]
    urn = f"urn:pulumi:primary::tandem::{bucket}::logs"
    logs = {"urn": urn, "type": bucket, "id": "logs", "protect": False, "outputs": {"bucket": "logs"}}
    found: dict[bool, set[str]] = {}
    for external in (False, True):
        rows = [{**key, "external": external}, {**logs, "external": external}]
        file.write_text(json.dumps({"version": 3, "deployment": {"resources": rows}}))
        report = judged([file])
        found[external] = {each.rule.id for each in report.findings}
        assert [each.urn for each in report.previews[0].resources] == [key["urn"], urn]
    assert {"KMS-02", "S3-01"} < found[False]
    assert found[True] == set()


def test_what_a_provider_keeps_of_nothing_is_not_set(tmp_path: Path) -> None:
    """An instance as pulumi-aws keeps it: a replica of nothing is no replica."""
    file = tmp_path / "standing.json"
    given = {"engine": "postgres", "engineVersion": "16.4", "backupRetentionPeriod": 0, "skipFinalSnapshot": True}
    kept = {**given, "replicateSourceDb": "", "kmsKeyId": "", "deletionProtection": False, "multiAz": False}
    found: list[set[str]] = []
    for outputs in ({}, kept):
        state = export("primary", "aws:rds/instance:Instance", "db", **outputs)
        state["deployment"]["resources"][0]["inputs"] = given
        file.write_text(json.dumps(state))
        found.append({each.rule.id for each in judged([file]).findings})
    assert {"RDS-05", "RDS-06", "RDS-07", "RDS-20"} < found[0]
    assert found[1] == found[0]


def test_names_cannot_take_over_the_terminal(tmp_path: Path) -> None:
    file = tmp_path / "hostile.json"
    hostile = "k\x1b[2J\x07\u202e"
    file.write_text(json.dumps(export("primary", "aws:kms/key:Key", hostile, deletionWindowInDays=7)))
    done = check(file)
    assert done.returncode == 1
    assert not [each for each in done.stdout if each in "\x1b\x07\u202e"]


def test_it_writes_the_report_where_it_is_told_and_nowhere_else(tmp_path: Path) -> None:
    file, out = tmp_path / "bad.json", tmp_path / "out"
    file.write_text(json.dumps(export("primary", "aws:kms/key:Key", "k", deletionWindowInDays=7)))
    assert check(file, cwd=tmp_path).returncode == 1
    assert list(tmp_path.iterdir()) == [file]
    done = check(file, "--out", out, cwd=tmp_path)
    assert done.returncode == 1
    assert sorted(each.name for each in out.iterdir()) == ["policies.md", "policies.sarif", "policies.xml"]
    [result] = json.loads((out / "policies.sarif").read_text())["runs"][0]["results"]
    assert result["ruleId"] == "KMS-02"
    number = len(all_rules())
    assert f"\n{number} rules.\n" in (out / "policies.md").read_text()
    assert f"\n{number} rules: 1 mandatory finding, 0 advisory\n" in done.stdout
    good = (out / "policies.sarif").read_text()
    assert check(tmp_path / "none.json", "--out", out).returncode == 2
    assert (out / "policies.sarif").read_text() == good, "a mistyped file changes nothing"
    assert check(file, "--out", out, "--baseline", "prd").returncode == 2
    assert [each.name for each in out.iterdir()] == ["policies.md"]
    assert "## Policies: not judged" in (out / "policies.md").read_text()
    assert "prd: no baseline has this name" in (out / "policies.md").read_text()


def test_without_a_file_it_says_how() -> None:
    done = check()
    assert done.returncode == 2
    assert "policies check [-h]" in done.stderr
