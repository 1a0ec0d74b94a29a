"""The whole: both regions on the real engine, with the real policies, as a user runs them.

One sandbox for all of it; the tests stand in the order a day goes: up, again, mistakes, an outage, a switchover, down.
"""

import copy
import json
import os
import re
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import boto3
import pytest
import yaml

from sandbox import environment
from sandbox.engine.run import Outcome
from tests.house.engine import TIMEOUT_SECONDS, Engine, Finished
from tests.house.stacks import ROOT

pytestmark = pytest.mark.engine


def sandbox(engine: Engine, *arguments: str) -> Finished:
    """Run a command of the sandbox's in this session's private one."""
    done = subprocess.run(
        [sys.executable, "-m", "sandbox", *arguments],
        cwd=ROOT,
        env={**os.environ, "TANDEM_SANDBOX_HOME": str(engine.home), "NO_COLOR": "1", "COLUMNS": "160"},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=TIMEOUT_SECONDS,
        check=False,
    )
    return Finished(done.returncode, done.stdout, Outcome(done.returncode))


@pytest.fixture(scope="module")
def cut_short(engine: Engine) -> Finished:
    """What is said to stand after the engine was killed in the middle of the first up."""
    killed_in_the_middle(engine)
    return sandbox(engine, "status")


@pytest.fixture(scope="module")
def brought_up(engine: Engine, cut_short: Finished) -> Finished:
    """Both regions."""
    return sandbox(engine, "up").ok()


def killed_in_the_middle(engine: Engine) -> None:
    environment.initialise(ROOT, environment.STACKS, engine.variables, print)
    with engine.start(ROOT, "up", "-s", "primary", "--yes", "--skip-preview") as process:
        assert process.stdout is not None
        made = 0
        while made < 40 and (line := process.stdout.readline()):
            made += " created (" in line
        os.killpg(process.pid, signal.SIGKILL)
    assert made == 40
    # Half a file beside the state would make the state unreadable.
    assert {file.suffix for file in (engine.home / "state").rglob("primary.json*")} <= {".json", ".bak", ".tmp"}
    assert 0 < len(engine.export(ROOT, "primary").get("resources", [])) < 400


def test_after_a_first_up_cut_short_status_says_what_stands(engine: Engine, cut_short: Finished) -> None:
    assert "us-east-1" in cut_short.ok().output


def test_a_killed_engine_s_lock_and_half_made_things_are_taken_care_of(brought_up: Finished) -> None:
    assert "an update was killed and left its lock; removing it" in brought_up.output


def told(folder: Path, stack: str, *changes: tuple[str, Any]) -> str:
    """A stack file like the committed one, with settings changed; dotted paths below the shared settings."""
    project = yaml.safe_load((ROOT / "Pulumi.yaml").read_text())["config"]
    own = yaml.safe_load((ROOT / f"Pulumi.{stack}.yaml").read_text())
    settings = {"tandem:platform": copy.deepcopy(project["tandem:platform"]["value"]), **own["config"]}
    for path, value in changes:
        *parents, last = [int(part) if part.isdigit() else part for part in path.split(".")]
        here: Any = settings
        for part in parents:
            here = here[part]
        here[last] = value
    file = folder / f"Pulumi.{stack}.yaml"
    file.write_text(yaml.safe_dump({**own, "config": settings}))
    return str(file)


def previewed(engine: Engine, folder: Path, stack: str, *changes: tuple[str, Any]) -> Finished:
    return engine.preview(ROOT, stack, "--policy-pack", "policies", "--config-file", told(folder, stack, *changes))


def test_up_ends_with_what_stands_where(brought_up: Finished) -> None:
    said = brought_up.output
    for place in ("us-east-1a", "us-east-1b", "us-east-1c", "us-west-2a", "us-west-2b", "us-west-2c"):
        assert place in said
    assert "https://us-west-2.api.tandem.example.com" in said
    assert re.search(r"Policies on primary: \d{3} rules judged, none violated \(\d+ that one stack alone", said)
    assert "Policies on both regions together: none violated" in said
    # What it survives: the zones' row of the matrix.
    assert re.search(r"^zone us-east-1a.* \d+ s ", said, re.MULTILINE)
    assert "availability in %" in " ".join(said.split())
    assert "make down" in said


def test_no_secret_is_shown_or_kept_plain(engine: Engine, brought_up: Finished) -> None:
    passwords: set[str] = set()
    kept = brought_up.output
    for stack in ("primary", "secondary"):
        plain = json.loads(engine.run(ROOT, "stack", "export", "--show-secrets", "-s", stack).ok().output)
        passwords |= {
            json.loads(resource["outputs"]["result"]["plaintext"])
            for resource in plain["deployment"]["resources"]
            if resource["type"] == "random:index/randomPassword:RandomPassword"
        }
        kept += json.dumps(engine.export(ROOT, stack))
    kept += "".join(path.read_text(errors="ignore") for path in (engine.home / "logs").glob("*.log"))
    assert len(passwords) == 9
    assert [password for password in passwords if password in kept] == []


def test_up_again_changes_nothing(engine: Engine, brought_up: Finished) -> None:
    assert "No changes: both stacks stand as the program describes them." in sandbox(engine, "up").ok().output


def test_both_states_together_satisfy_every_rule(engine: Engine, brought_up: Finished, tmp_path: Path) -> None:
    exports = [engine.run(ROOT, "stack", "export", "-s", stack).ok().output for stack in ("primary", "secondary")]
    files: list[str] = []
    for number, export in enumerate(exports):
        file = tmp_path / f"{number}.json"
        file.write_text(export)
        files.append(str(file))
    one = engine.run(ROOT, "policy", "analyze", "--file", files[0], "--policy-pack", "policies").ok()
    assert "RDS-08" in one.output, "in one stack alone the second member is out of view"
    both = subprocess.run(
        [sys.executable, "-m", "policies", "check", *files], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert both.returncode == 0, both.stdout + both.stderr
    assert "RDS-08" not in both.stdout


def test_a_pull_request_is_judged_over_both_stacks_with_the_program_s_lines(
    engine: Engine, brought_up: Finished, tmp_path: Path
) -> None:
    harder = tmp_path / "harder.json"
    harder.write_text('{"NET-01": {"minZones": 4}}')
    told = subprocess.run(
        [
            *(sys.executable, "-m", "policies", "pull-request", "primary", "secondary"),
            *("--config", str(harder), "--out", str(tmp_path / "out")),
        ],
        cwd=ROOT,
        env={**engine.environment, "TMPDIR": str(tmp_path)},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=600,
        check=False,
    )
    assert told.returncode == 1, told.stdout + told.stderr
    document = json.loads((tmp_path / "out/policies.sarif").read_text())
    # Nothing else: what one stack alone cannot prove, both planned stacks have proved together.
    assert {result["ruleId"] for result in document["runs"][0]["results"]} == {"NET-01"}, told.stdout
    assert {result["properties"]["stack"] for result in document["runs"][0]["results"]} == {"primary", "secondary"}
    for result in document["runs"][0]["results"]:
        place = result["locations"][0]["physicalLocation"]
        line = (ROOT / place["artifactLocation"]["uri"]).read_text().splitlines()[place["region"]["startLine"] - 1]
        assert "Network(" in line, result
    markdown = (tmp_path / "out/policies.md").read_text()
    assert "`primary` and `secondary` judged together." in markdown
    assert re.search(r"\| `secondary` \| \d{3} \| .*\d{3} unchanged \|", markdown), markdown
    assert "secondary: previewing" in told.stderr
    assert sorted(each.name for each in tmp_path.iterdir()) == ["harder.json", "out"]


@pytest.mark.parametrize(
    ("changes", "rule", "resource"),
    [
        ([("tandem:platform.network.nat_gateways", "single")], "NET-02", "network-private-us-east-1b-out"),
        ([("tandem:region.zones", ["us-east-1a", "us-east-1b"])], "NET-01", "network"),
    ],
)
def test_a_setting_that_would_not_survive_fails_the_preview_by_the_rule_s_name(
    engine: Engine, brought_up: Finished, tmp_path: Path, changes: list[tuple[str, Any]], rule: str, resource: str
) -> None:
    refused = previewed(engine, tmp_path, "primary", *changes)
    assert refused.code != 0
    found = [each for each in refused.outcome.violations if each["policyName"] == rule]
    assert {each["enforcementLevel"] for each in found} == {"mandatory"}
    assert any(each["resourceUrn"].endswith(f"::{resource}") for each in found), found


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        (
            [("tandem:platform.database.instance_class", "db.r6g.lage")],
            ["database-", "instanceClass", "'db.r6g.lage'", "db.r6g.large"],
        ),
        ([("tandem:platform.database.engine_version", "17.99")], ["database", "engineVersion", "'17.99'"]),
        ([("tandem:platform.cache.broker.node_type", "cache.r99.large")], ["broker", "nodeType", "'cache.r99.large'"]),
        (
            [("tandem:region.zones", ["us-east-1a", "us-east-1b", "us-east-1z"])],
            ["-us-east-1z': property availabilityZone", "'us-east-1z'", "us-east-1c"],
        ),
        (
            [("tandem:platform.kubernetes.system_nodes.instance_types", ["m7i.xlarg"])],
            ["system", "instanceTypes", "m7i.xlarge"],
        ),
    ],
)
def test_what_aws_would_refuse_fails_the_preview_with_resource_property_value_and_reason(
    engine: Engine, brought_up: Finished, tmp_path: Path, changes: list[tuple[str, Any]], said: list[str]
) -> None:
    refused = previewed(engine, tmp_path, "primary", *changes)
    assert refused.code != 0
    assert [word for word in said if word not in refused.output] == [], refused.output


def test_all_mistakes_in_the_settings_are_told_before_anything_changes(
    engine: Engine, brought_up: Finished, tmp_path: Path
) -> None:
    refused = previewed(
        engine, tmp_path, "primary", ("tandem:platform.database.instances", 1), ("tandem:region.protected", "no")
    )
    assert refused.code != 0
    assert "2 mistakes in the settings; nothing was changed." in refused.output
    assert "Traceback" not in refused.output


def test_the_secondary_changes_while_the_primary_s_region_is_dark(
    engine: Engine, brought_up: Finished, tmp_path: Path
) -> None:
    more = ("tandem:platform.prefect.work_pools.0.workers", 3)
    sandbox(engine, "dark", "us-east-1").ok()
    try:
        changed = engine.up(ROOT, "secondary", "--config-file", told(tmp_path, "secondary", more)).ok()
        assert changed.outcome.changed > 0
        refused = engine.up(ROOT, "primary", "--config-file", told(tmp_path, "primary", more))
        assert refused.code != 0
        assert "us-east-1 is dark" in refused.output
        assert "Traceback" not in refused.output
        assert "Dark now: us-east-1." in sandbox(engine, "status").ok().output
    finally:
        sandbox(engine, "light", "us-east-1").ok()
    for stack in ("primary", "secondary"):
        engine.up(ROOT, stack).ok()


def moved(rds: Any, how: str, target: str) -> None:
    """Let another cluster write: as planned, or as when the writer's region is gone."""
    if how == "switchover":
        rds.switchover_global_cluster(GlobalClusterIdentifier="tandem", TargetDbClusterIdentifier=target)
    else:
        rds.failover_global_cluster(
            GlobalClusterIdentifier="tandem", TargetDbClusterIdentifier=target, AllowDataLoss=True
        )


@pytest.mark.parametrize("how", ["switchover", "failover"])
def test_after_another_region_writes_both_stacks_have_nothing_to_change(
    engine: Engine, brought_up: Finished, how: str
) -> None:
    rds: Any = boto3.client(
        "rds",
        region_name="us-west-2",
        endpoint_url=engine.variables["AWS_ENDPOINT_URL"],
        aws_access_key_id="test",
        aws_secret_access_key="test",
    )

    def members() -> dict[str, bool]:
        [shell] = rds.describe_global_clusters(GlobalClusterIdentifier="tandem")["GlobalClusters"]
        return {member["DBClusterArn"]: member["IsWriter"] for member in shell["GlobalClusterMembers"]}

    before = members()
    [standby] = [arn for arn, writes in before.items() if not writes]
    [writer] = [arn for arn, writes in before.items() if writes]
    moved(rds, how, standby)
    try:
        assert members() == {writer: False, standby: True}
        for stack in ("primary", "secondary"):
            engine.run(ROOT, "refresh", "-s", stack, "--yes", "--skip-preview").ok()
            engine.preview(ROOT, stack, "--expect-no-changes").ok()
    finally:
        moved(rds, "switchover", writer)
    assert members() == before


def test_the_founder_cannot_be_destroyed_while_another_region_has_joined(
    engine: Engine, brought_up: Finished, tmp_path: Path
) -> None:
    released = told(tmp_path, "primary", ("tandem:region.protected", False))
    engine.up(ROOT, "primary", "--config-file", released).ok()
    before = {resource["urn"] for resource in engine.export(ROOT, "primary")["resources"]}
    try:
        refused = engine.destroy(ROOT, "primary")
        assert refused.code != 0
        assert "destroy-joining-stacks-first" in refused.output
        assert "DeleteConflict" in refused.output
        assert {resource["urn"] for resource in engine.export(ROOT, "primary")["resources"]} == before
    finally:
        engine.up(ROOT, "primary").ok()


def test_the_secondary_is_taken_down_as_on_aws_by_its_own_setting(
    engine: Engine, brought_up: Finished, tmp_path: Path
) -> None:
    protected = engine.destroy(ROOT, "secondary")
    assert protected.code != 0
    assert "protect" in protected.output
    released = told(tmp_path, "secondary", ("tandem:region.protected", False))
    engine.up(ROOT, "secondary", "--config-file", released).ok()
    engine.destroy(ROOT, "secondary").ok()
    assert engine.export(ROOT, "secondary").get("resources", []) == []


def test_down_leaves_nothing(engine: Engine, brought_up: Finished) -> None:
    said = sandbox(engine, "down").ok().output
    assert "nothing is left" in " ".join(said.split())
    assert engine.export(ROOT, "primary").get("resources", []) == []


def test_a_second_region_without_a_first_says_what_to_run(engine: Engine, brought_up: Finished) -> None:
    refused = engine.preview(ROOT, "secondary")
    assert refused.code != 0
    assert "run `pulumi up -s primary` first" in refused.output


@pytest.mark.parametrize("size", ["small", "large", "argo-workflows", "airflow", "temporal", "serving"])
def test_an_example_goes_through_its_first_preview_with_the_policies(
    engine: Engine, brought_up: Finished, size: str
) -> None:
    file = str(ROOT / f"examples/{size}/Pulumi.primary.yaml")
    seen = engine.preview(ROOT, "primary", "--policy-pack", "policies", "--config-file", file).ok()
    assert seen.outcome.changes["create"] > 500
    assert [each for each in seen.outcome.violations if each["enforcementLevel"] == "mandatory"] == []
