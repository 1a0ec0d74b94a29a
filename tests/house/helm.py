"""The helm command line for tests that render charts: from PATH, else cached, else built from its module."""

import fcntl
import os
import re
import shutil
import subprocess
import tempfile
from pathlib import Path
from typing import Any

import yaml

VERSION = "v3.18.6"
"""Built when there is none. Any other 3.x renders the same."""

KUBERNETES = "1.35.0"
"""Version that charts are rendered for."""


def find_or_build() -> Path | None:
    """The helm to use; None where there is neither helm nor Go to build it with.

    Raises:
        RuntimeError: With Go's own words, if it cannot be built.
    """
    found = shutil.which("helm")
    if found is not None and _is_helm_3(Path(found)):
        return Path(found)
    cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "tandem" / "helm" / VERSION
    binary = cache / "helm"
    if binary.exists():
        return binary
    go = shutil.which("go")
    if go is None:
        return None
    cache.mkdir(parents=True, exist_ok=True)
    with (cache / "lock").open("w") as lock, tempfile.TemporaryDirectory(dir=cache) as scratch:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not binary.exists():
            result = subprocess.run(
                [go, "install", f"helm.sh/helm/v3/cmd/helm@{VERSION}"],
                env={**os.environ, "GOBIN": scratch, "GOFLAGS": "-mod=mod"},
                check=False,
                capture_output=True,
                text=True,
            )
            if result.returncode != 0:
                raise RuntimeError(f"helm {VERSION} could not be built:\n{result.stderr}")
            # Under its name only when it is whole: an interrupted build leaves none.
            (Path(scratch) / "helm").replace(binary)
    return binary


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


def _is_helm_3(binary: Path) -> bool:
    said = subprocess.run([str(binary), "version", "--short"], check=False, capture_output=True, text=True)
    return re.match(r"v3\.", said.stdout) is not None
