"""The page about others' stacks, held to the commands and rules that there are."""

import re
from pathlib import Path
from typing import Any

import yaml

from policies import check, pull_request
from policies.catalog import all_rules
from policies.settings import baseline, read_config

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs/own-stack.md").read_text()
PINNED = re.compile(r"uses: (\S+ # v\S+)")


def test_its_commands_exist() -> None:
    commands = re.findall(r"python -m policies (\S+) ([^#\n]*)", PAGE)
    assert [name for name, _ in commands] == ["check", "pull-request", "pull-request"]
    for name, arguments in commands:
        (check.parser() if name == "check" else pull_request.parser()).parse_args(arguments.split())
    assert re.findall(r"policy-pack-config \.\./tandem/(\S+)", PAGE) == [str(baseline("dev").relative_to(ROOT))]
    assert "$(INSTALLED):" in (ROOT / "Makefile").read_text()


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
    assert " ".join(workflow["jobs"]["judge"]["if"].split()) in " ".join(theirs["jobs"]["publish"]["if"].split())
    assert theirs["jobs"]["judge"]["permissions"] == workflow["jobs"]["judge"]["permissions"]


def test_what_it_says_nobody_judges_nobody_judges() -> None:
    [table] = re.findall(r"\| \| types \|\n(.*?)\n\n", PAGE, re.DOTALL)
    types = re.findall(r"`(\S+)`", table)
    assert len(types) == 7
    judged = {type_ for rule in all_rules() for type_ in rule.types}
    assert {each for each in types if any(type_.startswith(each) for type_ in judged)} == set()
    assert not [type_ for type_ in judged if type_.startswith("azure")]
