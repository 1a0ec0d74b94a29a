"""Everything a plain `pulumi` or boto3 command needs to work in the sandbox, as environment variables."""

import os
import shlex
import subprocess
from collections.abc import Callable, Mapping
from pathlib import Path

from sandbox import engine, home, local_aws, paths

STACKS = ("primary", "secondary")
"""In the order they come up; down is the other way round."""

# Public on purpose: what the sandbox encrypts is worth nothing, and the salt that fits it is committed in the stack
# files, because the engine would otherwise write a new one into them and dirty the checkout.
PASSPHRASE = "sandbox"  # noqa: S105

# Each of these would lead the program past the sandbox, into a real account or another backend.
UNSET = (
    "AWS_PROFILE",
    "AWS_DEFAULT_PROFILE",
    "AWS_SESSION_TOKEN",
    "AWS_DEFAULT_REGION",
    "PULUMI_ACCESS_TOKEN",
    "PULUMI_CONFIG_PASSPHRASE_FILE",
)

Progress = Callable[[str], None]


class SandboxError(Exception):
    """The sandbox cannot do what was asked; the message is for the person who asked."""


def prepare(progress: Progress, project: Path = paths.ROOT, stacks: tuple[str, ...] = STACKS) -> dict[str, str]:
    """Make or start whatever is missing, and return the variables that differ from a plain shell's.

    Args:
        progress: Takes one line of news at a time.
        project: The folder with Pulumi.yaml.
        stacks: Initialised in the backend if they are not there; the first is selected.

    Raises:
        EngineError, LocalAwsError, SandboxError: With what to do about it.
    """
    cli = engine.ensure(progress)
    folder = home.install(cli)
    variables = {**base(folder), **aws(local_aws.start(progress))}
    initialise(project, stacks, variables, progress)
    return variables


def base(folder: Path) -> dict[str, str]:
    """Return what the engine needs, its CLI being in `folder`."""
    paths.state().mkdir(parents=True, exist_ok=True)
    path = os.environ.get("PATH", os.defpath)
    if path.split(os.pathsep)[0] != str(folder):
        path = f"{folder}{os.pathsep}{path}"
    return {
        "PATH": path,
        "PULUMI_HOME": str(paths.pulumi_home()),
        # Without the files of attributes the backend would write beside each state: a killed engine leaves one empty,
        # and then the state, itself replaced in one step, "failed to load checkpoint: EOF".
        "PULUMI_BACKEND_URL": f"file://{paths.state()}?metadata=skip",
        "PULUMI_CONFIG_PASSPHRASE": PASSPHRASE,
        "PULUMI_SKIP_UPDATE_CHECK": "true",
        # A provider of the user's own on PATH would be taken before the simulated one, and reach the real cloud.
        "PULUMI_IGNORE_AMBIENT_PLUGINS": "true",
        # Whatever is missing here is a mistake of ours, and no reason to go to the network.
        "PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION": "true",
        "TANDEM_SANDBOX_HOME": str(paths.home()),
    }


def aws(endpoint: str) -> dict[str, str]:
    """Return what boto3 and the AWS CLI need to talk to the local AWS."""
    return {
        "AWS_ENDPOINT_URL": endpoint,
        "AWS_ACCESS_KEY_ID": "test",
        "AWS_SECRET_ACCESS_KEY": "test",
        "AWS_REGION": "us-east-1",
        "AWS_EC2_METADATA_DISABLED": "true",
    }


def applied(variables: Mapping[str, str]) -> dict[str, str]:
    """Return this process's environment with the sandbox's in it, and nothing that leads past it."""
    return {name: value for name, value in os.environ.items() if name not in UNSET} | dict(variables)


def initialise(project: Path, stacks: tuple[str, ...], variables: Mapping[str, str], progress: Progress) -> None:
    """Make the stacks known to the backend, selecting the first if none is selected yet."""
    name = next(
        line.partition(":")[2].strip()
        for line in (project / "Pulumi.yaml").read_text().splitlines()
        if line.startswith("name:")
    )
    known = paths.state() / ".pulumi" / "stacks" / name
    for stack in reversed(stacks):
        if (known / f"{stack}.json").exists():
            continue
        progress(f"initialising stack {stack}")
        done = subprocess.run(
            ["pulumi", "stack", "init", stack, "--non-interactive", *(() if stack == stacks[0] else ("--no-select",))],
            cwd=project,
            env=applied(variables),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode:
            raise SandboxError(f"pulumi stack init {stack} failed:\n{done.stderr.strip()}")


def exports(variables: Mapping[str, str], shell: str) -> str:
    """Return lines for the shell to evaluate."""
    if shell == "fish":
        lines = [f"set -e {name};" for name in UNSET]
        for name, value in variables.items():
            values = value.split(os.pathsep) if name == "PATH" else [value]
            lines.append(f"set -gx {name} {' '.join(fish_quoted(each) for each in values)};")
    else:
        lines = [f"unset {' '.join(UNSET)};"]
        lines += [f"export {name}={shlex.quote(value)};" for name, value in variables.items()]
    return "\n".join(lines) + "\n"


def fish_quoted(value: str) -> str:
    """Quote for fish, where only a backslash and the quote itself mean something inside single quotes."""
    return "'" + value.replace("\\", "\\\\").replace("'", "\\'") + "'"
