"""The workflow that users have in their repository, held to what GitHub does with it, without GitHub."""

import json
import os
import re
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from policies.preview import PATIENCE_SECONDS
from policies.pull_request import JUNIT, MARKDOWN, SARIF, parser
from policies.report.markdown import MARK
from resilience.__main__ import MARKDOWN as OUTCOMES
from resilience.__main__ import parser as outcomes_parser
from resilience.adapters import picture
from resilience.report.markdown import MARK as OUTCOMES_MARK
from sandbox.engine import VERSION

ROOT = Path(__file__).parents[2]
FILE = ROOT / ".github/workflows/policies.yml"
TEXT = FILE.read_text()
WORKFLOW: dict[Any, Any] = yaml.safe_load(TEXT)
# YAML 1.1 reads the key `on` as true.
TRIGGERS = WORKFLOW[True]
JUDGE, PUBLISH = WORKFLOW["jobs"]["judge"], WORKFLOW["jobs"]["publish"]

CONTEXTS = {
    *("github.event.pull_request.number", "github.event.pull_request.head.repo.full_name", "github.repository"),
    *("github.event.pull_request.base.sha", "github.token", "needs.judge.result", "env.ON_AWS"),
    *("vars.POLICIES_ROLE_ARN", "vars.POLICIES_AWS_REGION", "vars.POLICIES_BACKEND_URL"),
    *("secrets.PULUMI_ACCESS_TOKEN", "secrets.PULUMI_CONFIG_PASSPHRASE"),
    *("github.event_name", "github.actor", "github.ref", "github.sha"),
}
FUNCTIONS = {"always", "cancelled", "hashFiles"}
TOKEN = re.compile(r"'[^']*'|[A-Za-z_][\w.]*|&&|\|\||[!=]=|!|[()]|\s+")


def steps() -> Iterator[dict[str, Any]]:
    for job in WORKFLOW["jobs"].values():
        yield from job["steps"]


def step(name: str) -> dict[str, Any]:
    [found] = [each for each in steps() if each["name"] == name]
    return found


def everything(node: Any) -> Iterator[tuple[str, str]]:
    """Every text with the key it stands under."""
    if isinstance(node, dict):
        for key, value in node.items():
            yield from ((str(key), value) for _ in [0] if isinstance(value, str))
            yield from everything(value)
    elif isinstance(node, list):
        for value in node:
            yield from everything(value)


def expressions() -> list[str]:
    found = [each for _, text in everything(WORKFLOW) for each in re.findall(r"\$\{\{(.*?)\}\}", text)]
    return found + [text for key, text in everything(WORKFLOW) if key == "if"]


def evaluated(expression: str, values: dict[str, Any]) -> Any:
    """What GitHub makes of an expression: its operators are Python's by other names."""
    words: list[str] = []
    for token in TOKEN.findall(expression):
        names = {"&&": " and ", "||": " or ", "!": " not "}
        words.append(repr(values[token]) if "." in token and token in values else names.get(token, token))
    asked = {each: (lambda *_, each=each: values[each]) for each in FUNCTIONS}
    return eval("".join(words).strip(), asked)


def test_every_expression_is_made_of_what_exists() -> None:
    assert len(expressions()) > 12
    for expression in expressions():
        assert "".join(TOKEN.findall(expression)) == expression, expression
        assert expression.count("(") == expression.count(")")
        names = {each for each in TOKEN.findall(expression) if re.match(r"[A-Za-z_]", each)}
        assert names <= CONTEXTS | FUNCTIONS, expression
    assert TEXT.count("${{") == TEXT.count("}}")


@pytest.mark.parametrize(
    ("role", "event", "head", "actor", "on_aws"),
    [
        ("arn:aws:iam::1:role/p", "pull_request", "own/it", "octocat", True),
        ("arn:aws:iam::1:role/p", "pull_request", "fork/it", "octocat", False),
        ("arn:aws:iam::1:role/p", "pull_request", "own/it", "dependabot[bot]", False),
        ("", "pull_request", "own/it", "octocat", False),
        ("arn:aws:iam::1:role/p", "push", None, "octocat", True),
        ("", "push", None, "octocat", False),
        # What Dependabot has merged runs without secrets too.
        ("arn:aws:iam::1:role/p", "push", None, "dependabot[bot]", False),
    ],
)
def test_only_this_repository_s_own_branches_reach_aws(
    role: str, event: str, head: str | None, actor: str, on_aws: bool
) -> None:
    values = {
        **{"vars.POLICIES_ROLE_ARN": role, "github.event_name": event, "github.actor": actor},
        "github.event.pull_request.head.repo.full_name": head,
        "github.repository": "own/it",
    }
    [expression] = re.findall(r"\$\{\{(.*)\}\}", JUDGE["env"]["ON_AWS"], re.DOTALL)
    assert evaluated(expression, values) is on_aws
    told = {
        **{"env.ON_AWS": "true" if on_aws else "false", "github.event_name": event},
        **{"cancelled": False, "hashFiles": "ab12"},
    }
    ran = [each["name"] for each in JUDGE["steps"] if "ON_AWS" in each.get("if", "") and evaluated(each["if"], told)]
    where = "on AWS" if on_aws else "in the sandbox"
    before = ["Take the role on AWS"] if on_aws else ["Check out the base", "Bring the base up, in the sandbox"]
    # A push changes nothing of what it is judged against.
    after = [f"Say what the change does, {where}"] if event == "pull_request" else []
    assert ran == [*before, f"Judge, {where}", *after]
    if after:
        for missing in ({"hashFiles": ""}, {"cancelled": True}):
            assert not evaluated(step(after[0])["if"], {**told, **missing})


@pytest.mark.parametrize(
    ("result", "cancelled", "event", "head", "actor", "published"),
    [
        ("success", False, "pull_request", "own/it", "octocat", True),
        ("failure", False, "pull_request", "own/it", "octocat", True),
        ("failure", True, "pull_request", "own/it", "octocat", False),
        ("skipped", False, "pull_request", "own/it", "octocat", False),
        ("success", False, "pull_request", "fork/it", "octocat", False),
        ("success", False, "pull_request", "own/it", "dependabot[bot]", False),
        ("failure", False, "push", None, "octocat", True),
        ("failure", True, "push", None, "octocat", False),
    ],
)
def test_findings_are_published_too_and_a_fork_s_are_not(
    result: str, cancelled: bool, event: str, head: str | None, actor: str, published: bool
) -> None:
    values = {
        **{"github.event_name": event, "github.actor": actor},
        "needs.judge.result": result,
        "cancelled": cancelled,
        "github.event.pull_request.head.repo.full_name": head,
        "github.repository": "own/it",
    }
    assert evaluated(PUBLISH["if"], values) is published


def test_secrets_are_where_they_are_needed_and_nowhere_near_a_fork() -> None:
    # A push to another branch would run it with this repository's secrets, before anybody has asked for it.
    assert TRIGGERS == {"pull_request": None, "push": {"branches": ["main"]}}
    with_secrets = [each["name"] for each in steps() if "secrets." in json.dumps(each)]
    assert with_secrets == ["Judge, on AWS", "Say what the change does, on AWS"]
    assert step("Judge, on AWS")["if"] == "env.ON_AWS == 'true'"
    assert "env.ON_AWS == 'true' &&" in step("Say what the change does, on AWS")["if"]
    assert "secrets." not in json.dumps({key: value for key, value in JUDGE.items() if key != "steps"})
    assert "secrets" not in json.dumps(PUBLISH)


def test_what_runs_a_stranger_s_code_may_write_nothing() -> None:
    assert WORKFLOW["permissions"] == {}
    assert JUDGE["permissions"] == {"contents": "read", "id-token": "write"}
    assert PUBLISH["permissions"] == {"actions": "read", "security-events": "write", "pull-requests": "write"}
    checkouts = [each for each in steps() if each.get("uses", "").startswith("actions/checkout@")]
    assert [each["with"]["persist-credentials"] for each in checkouts] == [False, False]
    assert not [each for each in PUBLISH["steps"] if each.get("uses", "").startswith("actions/checkout@")]


def test_actions_are_pinned_to_commits_with_their_version_beside() -> None:
    used = [each["uses"] for each in steps() if "uses" in each]
    assert len(used) == 8
    for each in used:
        assert re.fullmatch(r"[\w-]+/[\w-]+(/[\w-]+)*@[0-9a-f]{40}", each), each
        assert re.search(rf"{re.escape(each)} # v\d+\.\d+\.\d+\n", TEXT), each


def test_a_newer_push_ends_the_older_run() -> None:
    assert WORKFLOW["concurrency"]["cancel-in-progress"] is True
    [group] = re.findall(r"\$\{\{(.*)\}\}", WORKFLOW["concurrency"]["group"])
    numbers = {"github.event.pull_request.number": 7, "github.ref": "refs/pull/7/merge"}
    assert evaluated(group, numbers) == 7
    assert evaluated(group, {"github.event.pull_request.number": None, "github.ref": "main"}) == "main"
    assert all(job["timeout-minutes"] <= 60 for job in WORKFLOW["jobs"].values())


def test_nothing_of_the_pull_request_is_pasted_into_a_script() -> None:
    scripts = [each["run"] for each in steps() if "run" in each]
    assert len(scripts) == 8
    for script in scripts:
        assert "${{" not in script
        subprocess.run(["bash", "-n", "-c", script], check=True)


def test_the_engine_is_the_one_that_is_tested() -> None:
    assert step("Install Pulumi")["with"]["pulumi-version"] == VERSION


def test_the_commands_and_files_exist() -> None:
    run = [each["run"] for each in steps() if "run" in each]
    commands = [line.strip() for script in run for line in script.splitlines() if "-m policies" in line]
    assert len(commands) == 2
    for command in commands:
        asked = parser().parse_args(command.split("pull-request ")[1].partition(" || ")[0].split())
        assert asked.stacks == ["primary", "secondary"]
        assert f"{asked.out}/" == step("Keep the report")["with"]["path"]
        assert f"{asked.out}/{MARKDOWN}" in step("Show the report")["run"]
        pictures = [f"{asked.pictures}/{picture.name_for(stack)}" for stack in asked.stacks]
        # What `make policies` runs.
        assert f"-m policies pull-request {' '.join(asked.stacks)}\n" in (ROOT / "Makefile").read_text()
    assert all((ROOT / f"Pulumi.{stack}.yaml").exists() for stack in ("primary", "secondary"))
    assert "\n$(INSTALLED):" in (ROOT / "Makefile").read_text()
    modules = {name for script in run for name in re.findall(r"python -m (\w+)", script)}
    assert modules == {"policies", "sandbox", "resilience"}
    compared = [
        script.replace("\\\n", " ").split("-m resilience ")[1].split("\n")[0] for script in run if "-m res" in script
    ]
    assert len(compared) == 2
    for command in compared:
        told = outcomes_parser().parse_args(command.split())
        assert (told.sources, told.against, f"{told.out}/") == (
            pictures,
            asked.stacks,
            step("Keep the report")["with"]["path"],
        )
    assert (ROOT / step("Set up Python")["with"]["cache-dependency-path"]).exists()
    folder = step("Fetch the report")["with"]["path"]
    assert step("Show each finding at its line")["with"]["sarif_file"] == f"{folder}/{SARIF}"
    posted = step("Write it into the pull request, in place of the last")["run"]
    [names] = re.findall(r"for name in (.*); do", posted)
    assert [f"{name}.md" for name in names.split()] == [MARKDOWN, OUTCOMES]
    assert f"@{folder}/$name.md" in posted
    assert step("Fetch the report")["with"]["name"] == step("Keep the report")["with"]["name"]
    assert JUNIT.endswith(".xml")


GH = """#!{python}
import json, os, sys
from pathlib import Path
said = Path(os.environ["SAID"])
if "--paginate" in sys.argv:
    query = sys.argv[sys.argv.index("--jq") + 1]
    print(json.dumps(query), file=said.open("a"))
    print(os.environ["FOUND"], end="")
else:
    body = [each for each in sys.argv if each.startswith("body=@")][0].removeprefix("body=@")
    print(json.dumps([sys.argv[1:], Path(body).read_text()]), file=said.open("a"))
"""


@pytest.mark.parametrize(("file", "mark"), [(MARKDOWN, MARK), (OUTCOMES, OUTCOMES_MARK)])
@pytest.mark.parametrize(
    ("found", "method", "path"),
    [
        ("", "POST", "repos/own/it/issues/7/comments"),
        ("41\n", "PATCH", "repos/own/it/issues/comments/41"),
        ("41\n42\n", "PATCH", "repos/own/it/issues/comments/41"),
    ],
)
@pytest.mark.parametrize("written", [True, False])
def test_there_is_one_comment_however_often_it_runs(
    tmp_path: Path, found: str, method: str, path: str, file: str, mark: str, written: bool
) -> None:
    (tmp_path / "gh").write_text(GH.format(python=sys.executable))
    (tmp_path / "gh").chmod(0o755)
    if written:
        (tmp_path / "policies").mkdir()
        (tmp_path / "policies" / file).write_text(f"{mark}\nwords\n")
    told = step("Write it into the pull request, in place of the last")
    environment = {
        **{"PATH": f"{tmp_path}{os.pathsep}{os.environ['PATH']}", "FOUND": found, "SAID": str(tmp_path / "said")},
        **{"GH_TOKEN": "t", "GH_REPO": "own/it", "NUMBER": "7"},
        **{"GITHUB_SERVER_URL": "https://github.com", "GITHUB_REPOSITORY": "own/it", "GITHUB_RUN_ID": "99"},
    }
    assert set(told["env"]) <= set(environment)
    subprocess.run(["bash", "-e", "-c", told["run"]], cwd=tmp_path, env=environment, check=True)
    asked = [json.loads(line) for line in (tmp_path / "said").read_text().splitlines()]
    assert len(asked) == 4, "two comments, each looked for and then written"
    [body] = [each for query, (arguments, each) in zip(asked[::2], asked[1::2], strict=True) if mark in query]
    for query, (arguments, _) in zip(asked[::2], asked[1::2], strict=True):
        assert 'select(.user.login == "github-actions[bot]" and' in query
        assert arguments[:5] == ["api", "--silent", "--method", method, path]
    if written:
        assert body == f"{mark}\nwords\n"
    else:
        assert body.startswith(f"{mark}\n## {Path(file).stem.capitalize()}: not judged\n")
        assert "(https://github.com/own/it/actions/runs/99)" in body


def test_a_push_changes_no_pull_request_and_no_report_uploads_nothing() -> None:
    comment, scan = step("Write it into the pull request, in place of the last"), step("Show each finding at its line")
    assert [evaluated(comment["if"], {"github.event_name": each}) for each in ("pull_request", "push")] == [True, False]
    assert [evaluated(scan["if"], {"hashFiles": each}) for each in ("ab12", "")] == [True, False]
    assert scan["with"]["sarif_file"] in scan["if"]
    assert step("Fetch the report")["continue-on-error"] is True
    base = step("Check out the base")["with"]["ref"].strip("${} ")
    own = {"github.sha": "merged"}
    assert evaluated(base, {**own, "github.event.pull_request.base.sha": "base"}) == "base"
    assert evaluated(base, {**own, "github.event.pull_request.base.sha": None}) == "merged"


@pytest.mark.parametrize("where", ["in the sandbox", "on AWS"])
@pytest.mark.parametrize("name", ["Judge", "Say what the change does"])
def test_a_cancelled_run_interrupts_who_works(tmp_path: Path, name: str, where: str) -> None:
    """GitHub signals the shell that runs the step, and nobody else."""
    bin_ = tmp_path / ".venv/bin"
    bin_.mkdir(parents=True)
    (bin_ / "python").write_text(
        f"#!{sys.executable}\nimport signal, sys, time\nfrom pathlib import Path\n"
        "if 'sandbox' not in sys.argv:\n"
        "    signal.signal(signal.SIGINT, lambda *_: (Path('said').write_text('interrupt'), sys.exit(130)))\n"
        "    Path('ready').touch()\n    time.sleep(20)\n"
    )
    (bin_ / "python").chmod(0o755)
    (tmp_path / "script.sh").write_text(step(f"{name}, {where}")["run"])
    # As GitHub runs `bash`: docs.github.com, workflow syntax, jobs.<job_id>.steps[*].shell.
    command = ["bash", "--noprofile", "--norc", "-eo", "pipefail", "script.sh"]
    shell = subprocess.Popen(command, cwd=tmp_path)
    try:
        deadline = time.monotonic() + 10
        while not (tmp_path / "ready").exists():
            assert time.monotonic() < deadline
            time.sleep(0.02)
        shell.send_signal(signal.SIGINT)
        assert shell.wait(timeout=5) == 130
        assert (tmp_path / "said").read_text() == "interrupt"
    finally:
        shell.kill()
        shell.wait()


def test_the_engine_has_stopped_before_github_ends_everything() -> None:
    assert PATIENCE_SECONDS < 7.5 - 1


@pytest.mark.parametrize("written", [True, False])
def test_the_summary_shows_the_report_or_that_there_is_none(tmp_path: Path, written: bool) -> None:
    if written:
        (tmp_path / "build/policies").mkdir(parents=True)
        (tmp_path / "build/policies" / MARKDOWN).write_text("words\n")
    environment = {"PATH": os.environ["PATH"], "GITHUB_STEP_SUMMARY": str(tmp_path / "summary")}
    script = step("Show the report")["run"]
    subprocess.run(["bash", "-e", "-c", script], cwd=tmp_path, env=environment, check=True)
    assert ("words" if written else "Nothing was judged") in (tmp_path / "summary").read_text()


@pytest.mark.parametrize(
    "name",
    [
        *("Bring the base up, in the sandbox", "Judge, in the sandbox", "Judge, on AWS"),
        *("Say what the change does, in the sandbox", "Say what the change does, on AWS"),
    ],
)
def test_what_is_run_in_the_sandbox_is_run_as_the_sandbox_wants_it(tmp_path: Path, name: str) -> None:
    """Each command with the folder and the variables it gets; what they do is in tests/engine."""
    bin_ = tmp_path / ".venv/bin"
    bin_.mkdir(parents=True)
    (tmp_path / ".base").mkdir()
    (bin_ / "python").write_text(
        f'#!{shutil.which("bash")}\necho "$PWD $* ${{TANDEM_SANDBOX_HOME-}} ${{PYTHONPATH-}} ${{INSIDE-}}" >>"$SAID"\n'
        '[ "$3" != env ] || echo "export INSIDE=yes;"\n'
    )
    (bin_ / "python").chmod(0o755)
    environment = {"PATH": os.environ["PATH"], "SAID": str(tmp_path / "said")}
    subprocess.run(["bash", "-e", "-c", step(name)["run"]], cwd=tmp_path, env=environment, check=True)
    said = (tmp_path / "said").read_text().splitlines()
    judged = f"{tmp_path} -m policies pull-request primary secondary --pictures build/pictures  "
    files = "build/pictures/primary.json build/pictures/secondary.json"
    told = f"{tmp_path} -m resilience report {files} --against primary secondary --out build/policies  "
    entered = f"{tmp_path} -m sandbox env   "
    assert (
        said
        == {
            "Bring the base up, in the sandbox": [
                f"{tmp_path}/.base -m sandbox up {tmp_path}/.sandbox {tmp_path}/.base "
            ],
            "Judge, in the sandbox": [entered, f"{judged} yes"],
            "Judge, on AWS": [f"{judged} "],
            "Say what the change does, in the sandbox": [entered, f"{told} yes"],
            "Say what the change does, on AWS": [f"{told} "],
        }[name]
    )
