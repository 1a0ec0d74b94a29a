"""The helm command line for tests that render charts."""

import subprocess
import tempfile
from pathlib import Path
from typing import Any

import yaml

from tests.house.go_tools import Tool

HELM = Tool("helm", "helm.sh/helm/v3/cmd/helm", "v3.18.6", r"^v3\.", asked=("version", "--short"))
"""Any other 3.x renders the same."""

KUBERNETES = "1.35.0"
"""Version that charts are rendered for."""


def template(helm: Path, release: str, chart: Path, values: dict[str, Any]) -> list[dict[str, Any]]:
    """The objects that a release of a chart consists of.

    Raises:
        RuntimeError: With helm's own words, if it refuses.
    """
    with tempfile.NamedTemporaryFile("w", suffix=".yaml") as file:
        yaml.safe_dump(values, file)
        file.flush()
        arguments = [release, str(chart), "--namespace", "serving", "--kube-version", KUBERNETES, "--values", file.name]
        result = subprocess.run([str(helm), "template", *arguments], check=False, capture_output=True, text=True)
    if result.returncode != 0:
        raise RuntimeError(result.stderr)
    return [each for each in yaml.safe_load_all(result.stdout) if each]


def lint(helm: Path, chart: Path, values: dict[str, Any]) -> str:
    """What ``helm lint --strict`` says; it raises CalledProcessError where that is not good."""
    with tempfile.NamedTemporaryFile("w", suffix=".yaml") as file:
        yaml.safe_dump(values, file)
        file.flush()
        command = [str(helm), "lint", "--strict", str(chart), "--values", file.name]
        return subprocess.run(command, check=True, capture_output=True, text=True).stdout
