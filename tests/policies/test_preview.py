"""Previewing and judging stacks together, with an engine that does as it is told.

The real one is in tests/engine.
"""

import contextlib
import json
import os
import re
import signal
import subprocess
import sys
import textwrap
import time
from collections.abc import Generator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any
from xml.etree import ElementTree

import pytest

from policies import kept
from policies.catalog import all_rules
from policies.judge import Finding, judge
from policies.preview import Place, places_in, preview
from policies.registry import Outcome, Rule, Scope
from policies.settings import Level, settle
from policies.waivers import WAIVER_RULES
from resilience.adapters import picture
from resilience.adapters.analyzer import stack_resources
from resilience.graph import Graph, Resource
from tests.policies.other_region import with_other_region
from tests.policies.platform import Platform
from tests.policies.reference import reference

ROOT = Path(__file__).parents[2]
SETTINGS = settle((*all_rules(), *WAIVER_RULES), {})
OF_ONE_STACK = [rule for rule in all_rules() if rule.scope is not Scope.STACKS]
"""What the pack has put in each preview."""

ENGINE = '''
#!{python}
"""Answers as `pulumi preview` does, with what lies ready."""
import os, shutil, signal, sys, time
from pathlib import Path

options = dict(zip(sys.argv[2:], sys.argv[3:]))
ready = Path(os.environ["READY"], options["--stack"])
told = ready / "asked"
told.write_text("\\n".join(sys.argv[1:]))
shutil.copy(ready / "events", options["--event-log"])
(ready / "folder").write_text(os.path.dirname(os.environ["TANDEM_PICTURE"]))
if (ready / "wait").exists():
    def stop(*_):
        with (ready / "stopped").open("a") as file:
            file.write("interrupt\\n")
        if not (ready / "stubborn").exists():
            sys.exit(255)
    signal.signal(signal.SIGINT, stop)
    (ready / "pid").write_text(str(os.getpid()))
    (ready / "waiting").touch()
    while True:
        time.sleep(0.05)
if (ready / "slow").exists():
    time.sleep(1)
if (ready / "picture").exists():
    shutil.copy(ready / "picture", os.environ["TANDEM_PICTURE"])
    shutil.copy(ready / "picture.findings", os.environ["TANDEM_PICTURE"] + ".findings")
sys.stdout.write((ready / "digest").read_text())
sys.stderr.write((ready / "stderr").read_text())
sys.exit(int((ready / "code").read_text()))
'''


@dataclass
class Project:
    """A project whose previews lie ready."""

    folder: Path

    def ready(self, stack: str, **given: str | int | list[Resource] | list[dict[str, Any]]) -> None:
        folder = self.folder / "ready" / stack
        folder.mkdir(parents=True, exist_ok=True)
        for name, value in ({"events": "", "digest": "{}", "stderr": "", "code": 0} | given).items():
            if name == "picture":
                continue
            lines = "\n".join(json.dumps(each) for each in value) if isinstance(value, list) else str(value)
            (folder / name).write_text(lines)
        if "picture" in given:
            resources = given["picture"]
            if isinstance(resources, str):
                (folder / "picture").write_text(resources)
                (folder / "picture.findings").write_text(resources)
            else:
                picture.write(folder / "picture", resources)  # pyright: ignore[reportArgumentType]
                found = judge(OF_ONE_STACK, Graph(resources), SETTINGS)  # pyright: ignore[reportArgumentType]
                kept.write(folder / "picture.findings", found)

    def asked(self, stack: str) -> list[str]:
        return (self.folder / "ready" / stack / "asked").read_text().splitlines()

    @property
    def environment(self) -> dict[str, str]:
        path = f"{self.folder / 'bin'}{os.pathsep}{os.environ['PATH']}"
        return {**os.environ, "PATH": path, "READY": str(self.folder / "ready"), "PYTHONPATH": str(ROOT)}

    def command(self, *arguments: str) -> list[str]:
        return [sys.executable, "-m", "policies", "pull-request", *arguments]

    def judge(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            self.command(*arguments),
            cwd=self.folder,
            env=self.environment,
            capture_output=True,
            text=True,
            check=False,
            timeout=60,
        )

    def read(self, name: str) -> str:
        return (self.folder / "build/policies" / name).read_text()


@pytest.fixture
def project(tmp_path: Path) -> Project:
    (tmp_path / "bin").mkdir()
    engine = tmp_path / "bin/pulumi"
    engine.write_text(ENGINE.lstrip().format(python=sys.executable))
    engine.chmod(0o755)
    (tmp_path / "Pulumi.yaml").write_text("name: tandem\nruntime: python\nmain: infra/\n")
    return Project(tmp_path)


def both() -> Platform:
    return with_other_region(reference())


def planned(platform: Platform, stack: str) -> list[Resource]:
    return [each for each in stack_resources(platform.stack_request().resources) if each.stack == stack]


def happened(**changes: int) -> list[dict[str, Any]]:
    return [{"summaryEvent": {"resourceChanges": changes}}]


def digest(urn: str, *frames: str | None) -> str:
    trace = [{"sourcePosition": each} if each else {} for each in frames]
    return json.dumps({"steps": [{"urn": urn, "newState": {"sourcePosition": frames[0], "stackTrace": trace}}]})


@pytest.fixture
def pair(project: Project) -> Project:
    """Two stacks that break no rule together."""
    for stack in ("primary", "secondary"):
        project.ready(stack, picture=planned(both(), stack), events=happened(create=3))
    return project


def test_rules_over_both_stacks_are_settled_before_anything_is_deployed(pair: Project) -> None:
    alone = pair.judge("primary")
    assert "RDS-08" in alone.stdout
    together = pair.judge("primary", "secondary")
    assert (together.returncode, "RDS-08" in together.stdout) == (0, False), together.stdout + together.stderr
    assert "0 mandatory findings" in together.stdout
    assert "every rule holds" in pair.read("policies.md")


def test_a_mandatory_finding_is_told_in_every_form_and_stops(pair: Project) -> None:
    spoilt = both().put("db", "deletionProtection", False)
    pair.ready(
        "primary",
        picture=planned(spoilt, "primary"),
        events=happened(create=3),
        digest=digest(spoilt.urn("db"), "project:///components/db.py#7", "project:///infra/layers/data.py#31"),
    )
    done = pair.judge("primary", "secondary")
    assert done.returncode == 1, done.stderr
    assert "mandatory  RDS-06  (critical)  primary  db  infra/layers/data.py:31" in done.stdout
    [result] = json.loads(pair.read("policies.sarif"))["runs"][0]["results"]
    assert (result["ruleId"], result["level"]) == ("RDS-06", "error")
    assert result["locations"][0]["physicalLocation"]["region"]["startLine"] == 31
    assert ElementTree.fromstring(pair.read("policies.xml")).attrib["failures"] == "1"
    assert "**RDS-06**" in pair.read("policies.md")
    assert "`infra/layers/data.py:31`" in pair.read("policies.md")


def test_a_stack_may_be_named_with_its_organization(project: Project) -> None:
    spoilt, named = both().put("db", "deletionProtection", False), "acme/tandem/{}".format
    for stack in ("primary", "secondary"):
        project.ready(named(stack), picture=planned(spoilt, stack), events=happened(create=3))
    done = project.judge(named("primary"), named("secondary"), "--pictures", "kept")
    assert done.returncode == 1, done.stderr
    assert "mandatory  RDS-06  (critical)  primary  db\n" in done.stdout
    assert "| `primary` | " in project.read("policies.md")
    assert "| 3 create | 1 | 0 |\n" in project.read("policies.md")
    # Whoever asks for it knows it by the name that was given.
    assert sorted(each.name for each in (project.folder / "kept").iterdir()) == [
        *("acme%2Ftandem%2Fprimary.json", "acme%2Ftandem%2Fsecondary.json"),
    ]


def test_what_is_advised_does_not_stop(pair: Project) -> None:
    pair.ready("primary", picture=planned(both().put("db", "deletionProtection", False), "primary"))
    (pair.folder / "levels.json").write_text('{"all": "advisory"}')
    done = pair.judge("primary", "secondary", "--config", "levels.json")
    assert done.returncode == 0, done.stderr
    assert "advisory   RDS-06" in done.stdout


def test_a_waived_finding_stays_in_sight_and_does_not_stop(pair: Project) -> None:
    spoilt = both().put("db", "deletionProtection", False)
    pair.ready("primary", picture=planned(spoilt, "primary"))
    day = time.strftime("%Y-%m-%d", time.gmtime(time.time() + 5 * 86400))
    (pair.folder / "policies.waivers.yaml").write_text(
        textwrap.dedent(f"""
            exceptions:
              moving:
                policies: [RDS-06]
                stacks: [primary]
                resources: [{{urn: "{spoilt.urn("db")}"}}]
                owner: data@example.com
                reason: It moves this week
                expires: {day}
            """)
    )
    done = pair.judge("primary", "secondary")
    assert done.returncode == 0, done.stdout + done.stderr
    [result] = json.loads(pair.read("policies.sarif"))["runs"][0]["results"]
    assert result["suppressions"][0]["justification"].startswith("It moves this week (by data@example.com")
    assert "### Waived (1)" in pair.read("policies.md")


def test_the_engine_is_asked_for_all_that_is_needed_and_stopped_by_nothing(pair: Project) -> None:
    pair.judge("primary")
    asked = pair.asked("primary")
    assert asked[0] == "preview"
    assert asked[asked.index("--policy-pack") + 1] == str(ROOT / "policies")
    assert {"--non-interactive", "--json", "--show-sames"} <= set(asked)


def test_nothing_is_left_of_what_the_engine_wrote(pair: Project) -> None:
    pair.judge("primary", "secondary")
    for stack in ("primary", "secondary"):
        folder = Path((pair.folder / "ready" / stack / "folder").read_text())
        assert folder.name.startswith("tandem-preview-")
        assert not folder.exists()
    assert sorted(each.name for each in (pair.folder / "build/policies").iterdir()) == [
        *("policies.md", "policies.sarif", "policies.xml"),
    ]


def test_planned_stacks_are_kept_for_whoever_asks(pair: Project) -> None:
    kept = pair.folder / "kept"
    kept.mkdir()
    (kept / "secondary.json").write_text("of an earlier run")
    pair.ready("secondary", code=1, stderr="refused")
    pair.judge("primary", "secondary", "--pictures", str(kept))
    # What an earlier run has kept is not to be taken for this one's.
    assert [each.name for each in kept.iterdir()] == ["primary.json"]
    assert picture.encoded(picture.read(kept / "primary.json")) == picture.encoded(planned(both(), "primary"))
    assert picture.name_for("org/tandem/dev") == "org%2Ftandem%2Fdev.json"


def complaint(message: str) -> dict[str, Any]:
    return {"diagnosticEvent": {"message": message, "severity": "error"}}


URN = "urn:pulumi:stack::tandem::aws:rds/cluster:Cluster::db"


def violated(urn: str, message: str, level: str = "advisory", policy: str = "RDS-06") -> dict[str, Any]:
    told = {"policyPackName": "tandem-resilience", "policyName": policy, "enforcementLevel": level}
    return {"policyEvent": {**told, "resourceUrn": urn, "message": message}}


def foreign(level: str) -> dict[str, Any]:
    told = {"policyPackName": "costs", "policyName": "cheap", "enforcementLevel": level}
    return {"policyEvent": {**told, "resourceUrn": URN, "message": "too dear"}}


def test_a_preview_that_fails_says_why_and_what_was_found_until_then(pair: Project) -> None:
    pair.ready("secondary", code=255, events=[violated(both().urn("db"), "odd"), complaint("no such zone: us-west-2z")])
    done = pair.judge("primary", "secondary")
    assert done.returncode == 2
    assert "secondary: could not be judged\n  no such zone: us-west-2z" in done.stdout
    assert "mandatory  RDS-06" in done.stdout
    assert "no such zone: us-west-2z" in pair.read("policies.md")
    assert "no such zone: us-west-2z" in pair.read("policies.xml")
    assert not json.loads(pair.read("policies.sarif"))["runs"][0]["invocations"][0]["executionSuccessful"]


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"code": 137, "stderr": "out of memory\n"}, "out of memory"),
        ({"code": 3}, "`pulumi preview` ended with exit code 3 and said nothing"),
        ({"code": 0}, "the pack has kept no picture of the stack: No such file"),
        ({"code": 0, "picture": "{"}, "the pack has kept no picture of the stack: is no picture"),
        (
            {"code": 255, "stderr": "\n".join(f"line {n}" for n in range(100))},
            r"\(40 lines are left out here\)\n  line 40",
        ),
    ],
)
def test_an_engine_that_goes_wrong_is_told_of(project: Project, given: dict[str, Any], said: str) -> None:
    project.ready("primary", **given)
    done = project.judge("primary")
    assert done.returncode == 2
    assert re.search(said, done.stdout), done.stdout


def test_another_pack_s_veto_is_the_reason(project: Project) -> None:
    veto = {"policyPackName": "costs", "policyName": "cheap", "enforcementLevel": "mandatory", "message": "too dear"}
    project.ready("primary", code=255, events=[{"policyEvent": {**veto, "resourceUrn": "urn"}}])
    done = project.judge("primary")
    assert (done.returncode, "cheap of costs: too dear" in done.stdout) == (2, True)


def test_an_earlier_report_is_not_taken_for_this_one(pair: Project) -> None:
    assert pair.judge("primary", "secondary").returncode == 0
    assert pair.judge("primary", "--config", "none.json").returncode == 2
    assert "none.json: No such file" in pair.read("policies.md")
    assert not (pair.folder / "build/policies/policies.sarif").exists()
    assert pair.judge("primary", "secondary").returncode == 0
    pair.ready("primary", code=255)
    (pair.folder / "bin/pulumi").unlink()
    path = {**pair.environment, "PATH": str(pair.folder / "bin")}
    done = subprocess.run(
        pair.command("primary"), cwd=pair.folder, env=path, capture_output=True, text=True, check=False, timeout=60
    )
    assert done.returncode == 2
    assert "there is no `pulumi` on PATH; install it, or enter the sandbox first" in done.stderr
    left = pair.folder / "build/policies"
    assert [each.name for each in left.iterdir()] == ["policies.md"]
    assert "## Policies: not judged" in pair.read("policies.md")
    assert "there is no `pulumi` on PATH" in pair.read("policies.md")


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["primary", "--config", "none.json"], "none.json: No such file"),
        (["primary", "--baseline", "prd"], "prd: no baseline has this name; did you mean prod?"),
        (["primary", "--config", "wrong.json"], "RDS-6: no rule has this name; did you mean RDS-"),
        (["primary", "--out", "Pulumi.yaml"], "Pulumi.yaml: File exists"),
        ([], "the following arguments are required: STACK"),
        (
            ["acme/primary", "primary"],
            "acme/primary, primary: have one name, and their resources the same URNs; give one",
        ),
    ],
)
def test_what_cannot_be_done_is_said_before_the_engine_runs(project: Project, arguments: list[str], said: str) -> None:
    project.ready("primary")
    (project.folder / "wrong.json").write_text('{"RDS-6": "advisory"}')
    done = project.judge(*arguments)
    assert (done.returncode, said in done.stderr) == (2, True), done.stderr
    assert not (project.folder / "ready/primary/asked").exists()


def test_outside_of_a_project_it_says_where_to_run(project: Project) -> None:
    (project.folder / "Pulumi.yaml").unlink()
    done = project.judge("primary")
    assert (done.returncode, "has no Pulumi.yaml; run this in the folder of the project" in done.stderr) == (2, True)


@pytest.mark.parametrize("sent", [signal.SIGINT, signal.SIGTERM])
def test_an_interrupt_reaches_the_engine_once_and_nothing_is_left(pair: Project, sent: signal.Signals) -> None:
    ready = pair.folder / "ready/primary"
    (ready / "wait").touch()
    with running(pair, "primary", "secondary") as process:
        until(ready / "waiting")
        process.send_signal(sent)
        out, error = process.communicate(timeout=120)
    assert process.returncode == 130
    assert (out, "Traceback" in error) == ("", False)
    assert "interrupted; nothing was changed and nothing is left behind" in error
    assert (ready / "stopped").read_text() == "interrupt\n"
    assert not Path((ready / "folder").read_text()).exists()
    assert not (pair.folder / "ready/secondary/asked").exists()


def test_a_second_interrupt_ends_an_engine_that_does_not_stop(pair: Project) -> None:
    ready = pair.folder / "ready/primary"
    (ready / "wait").touch()
    (ready / "stubborn").touch()
    with running(pair, "primary") as process:
        until(ready / "waiting")
        process.send_signal(signal.SIGINT)
        until(ready / "stopped")
        process.send_signal(signal.SIGINT)
        process.communicate(timeout=120)
    assert process.returncode == 130
    assert not Path((ready / "folder").read_text()).exists()


@contextlib.contextmanager
def running(pair: Project, *stacks: str) -> Generator[subprocess.Popen[str]]:
    """The command under way, which does not outlive the test."""
    with subprocess.Popen(
        pair.command(*stacks),
        cwd=pair.folder,
        env=pair.environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        process_group=0,
    ) as process:
        try:
            yield process
        finally:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)


def until(file: Path) -> None:
    deadline = time.monotonic() + 120
    while not file.exists():
        assert time.monotonic() < deadline
        time.sleep(0.05)


def test_whoever_waits_is_told_how_far_it_is(pair: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    (pair.folder / "ready/primary/slow").touch()
    pair.ready("primary", events=[{"resourcePreEvent": {"metadata": {"op": "create"}}}] * 7)
    for name, value in pair.environment.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr("policies.preview.TOLD_SECONDS", 0.2)
    told: list[str] = []
    assert preview("primary", pair.folder, told.append, all_rules(), SETTINGS).changes == {"create": 7}
    assert told[0] == "primary: previewing"
    assert set(told[1:]) == {"primary: 7 resources planned"}


INFRA = PurePosixPath("infra")


@pytest.mark.parametrize(
    ("frames", "found"),
    [
        (["project:///infra/data.py#31"], (Place("infra/data.py", 31),)),
        (
            ["project:///components/db.py#7", "project:///infra/data.py#31", "project:///infra/__main__.py#2"],
            (Place("infra/data.py", 31), Place("components/db.py", 7)),
        ),
        (["project:///infra/my%20data.py#31,4"], (Place("infra/my data.py", 31),)),
        (["project:///.venv/lib/python3/site-packages/pulumi/stack.py#251", None], None),
        (
            ["project:///../../usr/lib/python3/asyncio.py#80", "project:///infra/late.py#3"],
            (Place("infra/late.py", 3),),
        ),
        (["project:///infra2/data.py#31", "file:///infra/data.py#31", "project:///infra/data.py"], None),
        ([None], None),
    ],
)
def test_the_place_is_the_program_s_line_and_the_component_s_in_between(
    frames: list[str | None], found: tuple[Place, ...] | None
) -> None:
    assert places_in(digest("urn", *frames), INFRA) == ({} if found is None else {"urn": found})


@pytest.mark.parametrize("text", ["", "{", "[]", "null", '{"steps": null}', '{"steps": [{"urn": "u"}]}'])
def test_a_digest_that_never_came_is_no_error(text: str) -> None:
    assert places_in(text, INFRA) == {}


def test_a_program_at_the_project_s_root_has_places_too() -> None:
    told = digest("urn", "project:///venv/lib/site-packages/x.py#1", "project:///__main__.py#3")
    assert places_in(told, PurePosixPath()) == {"urn": (Place("__main__.py", 3),)}


# Of events that are there already.


def test_the_pack_is_told_the_settings(pair: Project) -> None:
    """What it says of each stack follows them: a number of days is no level, which could be set afterwards."""
    pair.judge("primary")
    assert "--policy-pack-config" not in pair.asked("primary")
    (pair.folder / "levels.json").write_text('{"all": "advisory"}')
    pair.judge("primary", "--config", "levels.json")
    asked = pair.asked("primary")
    assert asked[asked.index("--policy-pack-config") + 1] == str(pair.folder / "levels.json")
    pair.judge("primary", "--baseline", "dev")
    assert pair.asked("primary")[-1] == str(ROOT / "policies/baselines/dev.json")


def test_a_judge_that_is_killed_leaves_word_that_nothing_was_judged(pair: Project) -> None:
    assert pair.judge("primary", "secondary").returncode == 0
    ready = pair.folder / "ready/primary"
    (ready / "wait").touch()
    process = subprocess.Popen(
        pair.command("primary"), cwd=pair.folder, env=pair.environment, stderr=subprocess.DEVNULL
    )
    deadline = time.monotonic() + 20
    while not (ready / "waiting").exists():
        assert time.monotonic() < deadline
        time.sleep(0.05)
    process.kill()
    process.wait()
    # The engine is its own group; nobody is left to tell it.
    os.kill(int((ready / "pid").read_text()), signal.SIGKILL)
    assert [each.name for each in (pair.folder / "build/policies").iterdir()] == ["policies.md"]
    assert "## Policies: not judged" in pair.read("policies.md")
    assert "the run has not come to its end" in pair.read("policies.md")


def test_verdicts_that_cannot_be_read_are_told_of(pair: Project) -> None:
    for text in ("{", "[7]", '[["RDS-99", "urn", "fail", "e", ""]]', '[["RDS-06", "urn", "good", "e", ""]]'):
        (pair.folder / "ready/primary/picture.findings").write_text(text)
        done = pair.judge("primary")
        assert (done.returncode, "is no file of verdicts" in done.stdout) == (2, True), text


def report(project: Project, *files: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "policies", "report", *files]
    return subprocess.run(
        command, cwd=project.folder, env=project.environment, capture_output=True, text=True, check=False, timeout=60
    )


def written(project: Project, name: str, *told: dict[str, Any]) -> str:
    (project.folder / name).write_text("\n".join(json.dumps(each) for each in told))
    return name


PUT: dict[str, Any] = {"policyAnalyzeStackSummaryEvent": {"policyPackName": "tandem-resilience"}}
ANALYZED: dict[str, Any] = {
    "summaryEvent": {"resourceChanges": None, "PolicyPacks": {"tandem-resilience": "0.1.0"}, "isPreview": False}
}
STARTED: dict[str, Any] = {"resourcePreEvent": {"metadata": {"op": "create", "urn": "urn:pulumi:primary::a::b::c"}}}


def ended(result: str = "succeeded") -> dict[str, Any]:
    return {"summaryEvent": {"resourceChanges": {"create": 3}, "result": result}}


def test_events_of_previews_that_were_run_elsewhere_become_the_same_report(project: Project) -> None:
    urn = both().urn("db")
    [title] = [rule.title for rule in all_rules() if rule.id == "RDS-06"]
    unproven = f"{title}: unproven. deletionProtection is not known yet."
    one = written(project, "one.jsonl", violated(urn, unproven), PUT, ended())
    two = written(project, "two.jsonl", violated(urn.replace("primary", "secondary"), "odd"), PUT, ended())
    done = report(project, one, two)
    assert done.returncode == 1, done.stderr
    results = json.loads(project.read("policies.sarif"))["runs"][0]["results"]
    assert [(each["properties"]["stack"], each["properties"]["outcome"]) for each in results] == [
        *(("secondary", "fail"), ("primary", "unproven")),
    ]
    assert "| `primary` | ? | 3 create | 1 | 0 |" in project.read("policies.md")
    assert "judged together" not in project.read("policies.md")


@pytest.mark.parametrize(
    ("told", "code", "said"),
    [
        ([PUT, ended()], 0, "stack: 3 create"),
        ([PUT, complaint("a provider grumbled"), ended()], 0, "0 mandatory"),
        ([PUT, complaint("no such zone"), ended("failed")], 2, "stack: could not be judged\n  no such zone"),
        ([STARTED], 2, "did not come"),
        ([complaint("killed")], 2, "stack: could not be judged\n  killed"),
        # A preview without the pack: every rule holds in it, for none was put.
        ([STARTED, ended()], 2, "the events tell of no tandem-resilience; preview with --policy-pack /"),
        ([STARTED, {**PUT, "policyAnalyzeStackSummaryEvent": {"policyPackName": "costs"}}, ended()], 2, "tell of no"),
        # `pulumi policy analyze`; an update that says the same has put the rules only so far.
        ([ANALYZED], 0, "0 mandatory"),
        ([STARTED, ANALYZED], 2, "tell of no tandem-resilience"),
        ([PUT, ended("failed")], 2, "the engine says that it failed, and not why"),
        ([violated(URN, "odd", "mandatory"), ended("failed")], 2, "stopped before tandem-resilience was put to the"),
        ([violated(URN, "odd", "mandatory"), PUT, ended("failed")], 1, "1 mandatory finding"),
        # What the engine really sends then; and where something else is wrong as well, or nobody was told why.
        ([STARTED, violated(URN, "odd", "mandatory"), PUT, complaint("preview failed")], 1, "1 mandatory finding"),
        ([STARTED, PUT, complaint("preview failed")], 2, "\n  preview failed"),
        (
            [STARTED, violated(URN, "odd", "mandatory"), PUT, complaint("no such zone"), complaint("preview failed")],
            2,
            "\n  no such zone\n  preview failed",
        ),
        ([STARTED, violated(URN, "odd", "mandatory"), complaint("preview failed")], 2, "stopped before tandem-res"),
        (
            [STARTED, violated(URN, "odd", "mandatory"), foreign("mandatory"), PUT, complaint("preview failed")],
            2,
            "\n  cheap of costs: too dear",
        ),
        ([foreign("mandatory"), PUT, ended("failed")], 2, "\n  cheap of costs: too dear"),
        ([foreign("remediate"), PUT, ended("failed")], 2, "\n  cheap of costs: too dear"),
        ([foreign("advisory"), PUT, ended()], 0, "0 mandatory"),
        (
            [violated(URN, "it is gone", "mandatory", "GONE-99"), PUT, ended("failed")],
            2,
            "\n  GONE-99 of tandem-resilience: it is gone",
        ),
    ],
)
def test_events_say_whether_the_stack_was_judged(
    project: Project, told: list[dict[str, Any]], code: int, said: str
) -> None:
    done = report(project, written(project, "stack.jsonl", *told))
    assert (done.returncode, said in done.stdout) == (code, True), done.stdout + done.stderr


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ('{"steps": []}', "events.json: holds no events of the engine"),
        ("", "events.json: holds no events"),
        (None, "events.json: No such"),
    ],
)
def test_what_holds_no_events_is_refused(project: Project, content: str | None, said: str) -> None:
    if content is not None:
        (project.folder / "events.json").write_text(content)
    done = report(project, "events.json")
    assert (done.returncode, said in done.stderr) == (2, True), done.stderr


@pytest.mark.parametrize("rule", WAIVER_RULES, ids=[rule.id for rule in WAIVER_RULES])
def test_what_is_wrong_with_a_waiver_is_in_the_report_of_events_too(project: Project, rule: Rule) -> None:
    root = "urn:pulumi:primary::tandem::pulumi:pulumi:Stack::tandem-primary"
    finding = Finding(rule, root, Outcome.FAIL, "policies.waivers.yaml:7: reports of a is wrong", Level.MANDATORY)
    told = violated(root, finding.message, "mandatory", rule.id)
    done = report(project, written(project, "one.jsonl", told, PUT, ended("failed")))
    assert done.returncode == 1, done.stdout + done.stderr
    assert f"mandatory  {rule.id}" in done.stdout
    [result] = json.loads(project.read("policies.sarif"))["runs"][0]["results"]
    place = result["locations"][0]["physicalLocation"]
    assert (place["artifactLocation"]["uri"], place["region"]["startLine"]) == ("policies.waivers.yaml", 7)


def test_what_is_wrong_with_the_file_of_waivers_is_told_once(pair: Project) -> None:
    """The engine passes it on of a stack whose preview fails, and it is found again over the one that stands."""
    (pair.folder / "policies.waivers.yaml").write_text("exceptions: 7\n")
    [rule] = [each for each in WAIVER_RULES if each.id == "WAIVER-01"]
    root = "urn:pulumi:secondary::tandem::pulumi:pulumi:Stack::tandem-secondary"
    message = Finding(
        rule, root, Outcome.FAIL, "policies.waivers.yaml:1: exceptions: must be an object", Level.ADVISORY
    ).message
    pair.ready("secondary", code=255, events=[violated(root, message, policy=rule.id), complaint("no such zone")])
    done = pair.judge("primary", "secondary")
    assert done.stdout.count("WAIVER-01") == 1, done.stdout


def test_the_same_events_twice_or_none_change_nothing(project: Project) -> None:
    one = written(project, "one.jsonl", PUT, ended())
    assert report(project, one).returncode == 0
    good = project.read("policies.md")
    for files, said in (
        ([one, f"./{one}"], "is given twice; give the events of each stack once"),
        ([one, "tow.jsonl"], "tow.jsonl: No such file"),
        ([one, written(project, "no.json")], "no.json: holds no events"),
    ):
        done = report(project, *files)
        assert (done.returncode, said in done.stderr) == (2, True), done.stderr
        assert project.read("policies.md") == good


@pytest.mark.parametrize(
    ("named", "said", "place"),
    [
        ("shared/waivers.yaml", "shared/waivers.yaml:1: ", ("shared/waivers.yaml", 1)),
        ("{folder}/shared/waivers.yaml", "shared/waivers.yaml:1: ", ("shared/waivers.yaml", 1)),
        # Outside of the repository GitHub finds no file.
        ("../waivers.yaml", "../waivers.yaml:1: ", ("Pulumi.yaml", 1)),
    ],
)
def test_what_is_wrong_with_a_named_file_of_waivers_is_told_where_it_is(
    pair: Project, named: str, said: str, place: tuple[str, int]
) -> None:
    (pair.folder / ".git").mkdir()
    file = named.format(folder=pair.folder)
    (pair.folder / file).parent.mkdir(exist_ok=True)
    (pair.folder / file).write_text("exceptions: 7\n")
    environment = {**pair.environment, "TANDEM_WAIVERS": file}
    done = subprocess.run(
        pair.command("primary"), cwd=pair.folder, env=environment, capture_output=True, text=True, check=False
    )
    (pair.folder / file).unlink()
    assert said in done.stdout
    [result] = [
        each for each in json.loads(pair.read("policies.sarif"))["runs"][0]["results"] if each["ruleId"] == "WAIVER-01"
    ]
    found = result["locations"][0]["physicalLocation"]
    assert (found["artifactLocation"]["uri"], found["region"]["startLine"]) == place
