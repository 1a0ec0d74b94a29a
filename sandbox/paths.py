"""Where the sandbox keeps its things: a private folder per clone, and a cache every clone of a user shares."""

import os
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
"""The checkout: the folder with Pulumi.yaml."""


def home() -> Path:
    """Return this clone's private folder, absolute; `TANDEM_SANDBOX_HOME` moves it."""
    return Path(os.environ.get("TANDEM_SANDBOX_HOME") or ROOT / ".sandbox").absolute()


def cache() -> Path:
    """Return the user's cache for what is expensive to make and the same for every clone, absolute."""
    base = os.environ.get("XDG_CACHE_HOME") or Path("~/.cache").expanduser()
    return Path(base).absolute() / "tandem"


def state() -> Path:
    """Return the folder of Pulumi's file backend."""
    return home() / "state"


def pulumi_home() -> Path:
    """Return the private PULUMI_HOME that holds the simulated providers."""
    return home() / "pulumi"


def cloud() -> Path:
    """Return the simulated cloud's database."""
    return home() / "cloud.sqlite"


def local_aws() -> Path:
    """Return the file that says where the local AWS listens and which processes it is."""
    return home() / "local-aws.json"


def logs() -> Path:
    """Return the folder of logs."""
    return home() / "logs"
