"""Prometheus' and Alertmanager's own checkers for tests."""

import json
import re
import subprocess
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import yaml

from tests.house.go_tools import Tool

PROMTOOL = Tool(
    "promtool",
    "github.com/prometheus/prometheus/cmd/promtool",
    "v0.314.0",
    r"version 3\.",
    # Without the clouds in which Prometheus finds its targets, 2 minutes instead of 10: rules need none of them.
    "remove_all_sd",
)
"""Of the Prometheus that kube-prometheus-stack runs, 3.14.0."""

AMTOOL = Tool("amtool", "github.com/prometheus/alertmanager/cmd/amtool", "v0.34.0", r"version 0\.(3[4-9]|[4-9]\d)\.")
"""Of the Alertmanager that kube-prometheus-stack runs, 0.34.0."""


def check_rules(promtool: Path, groups: Sequence[dict[str, Any]]) -> None:
    """Check rule groups as Prometheus would when it loads them.

    Raises:
        RuntimeError: With promtool's own words.
    """
    with tempfile.TemporaryDirectory() as folder:
        rules = Path(folder) / "rules.yaml"
        rules.write_text(yaml.safe_dump({"groups": list(groups)}))
        # Findings of style end it with 3; none of them is wanted.
        _run([str(promtool), "check", "rules", "--lint=all", "--lint-fatal", str(rules)])


def try_rules(promtool: Path, groups: Sequence[dict[str, Any]], test: dict[str, Any]) -> None:
    """Let rule groups see synthetic series, and check which alerts fire when.

    Args:
        promtool: from find_or_build.
        groups: as in check_rules.
        test: as promtool's unit tests have it (prometheus.io, "Unit testing for rules").

    Raises:
        RuntimeError: With promtool's own words, where an alert that was expected does not fire or another does.
    """
    with tempfile.TemporaryDirectory() as folder:
        rules, tests = Path(folder) / "rules.yaml", Path(folder) / "tests.yaml"
        rules.write_text(yaml.safe_dump({"groups": list(groups)}))
        tests.write_text(
            yaml.safe_dump({"rule_files": [str(rules)], "evaluation_interval": "30s", "tests": [test]}, sort_keys=False)
        )
        _run([str(promtool), "test", "rules", str(tests)])


def check_alertmanager(amtool: Path, configuration: str) -> None:
    """Check a configuration, and the templates in it, as Alertmanager would when it loads it.

    Raises:
        RuntimeError: With amtool's own words.
    """
    with tempfile.NamedTemporaryFile("w", suffix=".yaml") as file:
        file.write(configuration)
        file.flush()
        _run([str(amtool), "check-config", file.name])


def receivers_of(amtool: Path, configuration: str, labels: dict[str, str]) -> list[str]:
    """Who is told of an alert with these labels.

    Raises:
        RuntimeError: With amtool's own words.
    """
    with tempfile.NamedTemporaryFile("w", suffix=".yaml") as file:
        file.write(configuration)
        file.flush()
        given = [f"{key}={value}" for key, value in labels.items()]
        return _run([str(amtool), "config", "routes", "test", f"--config.file={file.name}", *given]).strip().split(",")


def rendered_notice(amtool: Path, template: str, notice: dict[str, Any]) -> str:
    """What Alertmanager makes of a template for a notice.

    Raises:
        RuntimeError: With amtool's own words.
    """
    with tempfile.TemporaryDirectory() as folder:
        data, none = Path(folder) / "notice.json", Path(folder) / "none.tmpl"
        data.write_text(json.dumps(notice))
        none.write_text('{{ define "none" }}{{ end }}')
        files = [f"--template.glob={none}", f"--template.data={data}"]
        return _run([str(amtool), "template", "render", *files, f"--template.text={template}"])


def metrics_in(expression: str) -> set[str]:
    """Names of metrics in an expression: what is followed neither by a bracket nor by an assignment."""
    bare = re.sub(r'"[^"]*"', '""', expression)
    bare = re.sub(r"\{[^}]*\}", "", bare)
    bare = re.sub(r"\b(by|on|ignoring|group_left|group_right|without)\s*\([^)]*\)", " ", bare)
    bare = re.sub(r"\[[0-9a-z]+\]|<[a-z_]+>", "", bare)
    names = set(re.findall(r"(?<![\w:.])[A-Za-z_][\w:]*(?!\s*\(|[\w:])", bare))
    return names - {"and", "or", "unless", "bool", "offset", "by", "on", "group_left", "without"}


def _run(command: list[str]) -> str:
    result = subprocess.run(command, check=False, capture_output=True, text=True)
    if result.returncode != 0:
        raise RuntimeError(result.stdout + result.stderr)
    return result.stdout
