"""Both committed stacks, recorded without an engine: the program as it is, against the simulated cloud.

``python -m tests.house.stacks`` rewrites the golden lists in tests/golden; review their diff as you would review the
change, because names, parents and types are what the next preview of every user shows.
"""

import functools
import json
import runpy
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml

from sandbox.cloud import World
from tests.house.recorder import Recording, record

ROOT = Path(__file__).parents[2]
GOLDEN = ROOT / "tests/golden"
STACKS = ("primary", "secondary")
EXAMPLES = ("small", "default", "large", "argo-workflows", "airflow", "temporal", "serving")


def stack_config(stack: str) -> dict[str, str]:
    """The committed settings of a stack as the engine hands them to the program."""
    project = yaml.safe_load((ROOT / "Pulumi.yaml").read_text())["config"]
    own = yaml.safe_load((ROOT / f"Pulumi.{stack}.yaml").read_text())["config"]
    return {
        "tandem:platform": json.dumps(project["tandem:platform"]["value"]),
        "tandem:region": json.dumps(own["tandem:region"]),
        "aws:region": own["aws:region"],
    }


def example_config(stack: str, size: str) -> dict[str, str]:
    """The settings of an example's stack file as the engine hands them to the program."""
    own = yaml.safe_load((ROOT / f"examples/{size}/Pulumi.{stack}.yaml").read_text())["config"]
    return {key: value if isinstance(value, str) else json.dumps(value) for key, value in own.items()}


def record_program(
    stack: str,
    config: dict[str, str],
    *,
    preview: bool = False,
    peer: Mapping[str, Any] | None = None,
    world: World | None = None,
) -> Recording:
    """Run infra/__main__.py as a stack, with the founder's outputs for one that joins."""

    def program() -> None:
        runpy.run_path(str(ROOT / "infra/__main__.py"))

    return record(
        program,
        preview=preview,
        stack=stack,
        project="tandem",
        config=config,
        region=config["aws:region"],
        peer_outputs=peer or {},
        world=world,
    )


@functools.cache
def recorded(stack: str, *, preview: bool = False) -> Recording:
    """A committed stack; the secondary joins the primary as it was recorded, in the same cloud."""
    if stack == "primary":
        return record_program(stack, stack_config(stack), preview=preview)
    founder = recorded("primary")
    return record_program(stack, stack_config(stack), preview=preview, peer=founder.outputs, world=founder.world)


@functools.cache
def recorded_example(stack: str, size: str) -> Recording:
    """An example's stack, at its first preview; the secondary joins the primary as it was recorded once up."""
    config = example_config(stack, size)
    if stack == "primary":
        return record_program(stack, config, preview=True)
    founder = record_program("primary", example_config("primary", size))
    return record_program(stack, config, preview=True, peer=founder.outputs, world=founder.world)


def golden_text(recording: Recording) -> str:
    """One line a resource: its type and name under its parent's, sorted."""
    names = {registration.urn: registration.name for registration in recording.registrations}
    lines = sorted(
        f"{registration.type}  {registration.name}  <  {names.get(registration.parent, '-')}"
        for registration in recording.registrations
    )
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    for name in STACKS:
        (GOLDEN / f"{name}.txt").write_text(golden_text(recorded(name)))
