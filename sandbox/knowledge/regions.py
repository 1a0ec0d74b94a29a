"""AWS regions and their zones, as cfn-lint records them."""

import ast
import importlib.util
from collections.abc import Mapping
from functools import cache
from pathlib import Path

from sandbox.knowledge.failure import did_you_mean


def regions() -> tuple[str, ...]:
    """Every AWS region, sorted."""
    return tuple(sorted(_zones_by_region()))


def zones(region: str) -> tuple[str, ...]:
    """The availability zones of `region`, sorted.

    Raises:
        ValueError: there is no such region; the message names the nearest one.
    """
    found = _zones_by_region().get(region)
    if found is None:
        raise ValueError(f"{region!r} is not an AWS region{did_you_mean(region, _zones_by_region())}")
    return found


@cache
def cfnlint_folder() -> Path:
    """The installed cfn-lint package, found without importing it: its import takes over a second."""
    spec = importlib.util.find_spec("cfnlint")
    if spec is None or spec.origin is None:
        raise ModuleNotFoundError("the sandbox needs the package cfn-lint; install the project's dev extra")
    return Path(spec.origin).parent


@cache
def _zones_by_region() -> Mapping[str, tuple[str, ...]]:
    module = ast.parse((cfnlint_folder() / "helpers.py").read_text(encoding="utf-8"))
    for statement in module.body:
        if isinstance(statement, ast.Assign) and ast.unparse(statement.targets[0]) == "AVAILABILITY_ZONES":
            table: dict[str, list[str]] = ast.literal_eval(statement.value)
            return {region: tuple(sorted(names)) for region, names in table.items()}
    raise LookupError("cfnlint/helpers.py no longer defines AVAILABILITY_ZONES; pin the cfn-lint version that does")
