"""What a refusal looks like, and how paths and near names are spelt in it."""

import difflib
import re
from collections.abc import Iterable
from dataclasses import dataclass

_PLAIN_KEY = re.compile(r"[A-Za-z_$][A-Za-z0-9_$-]*")
_SHOWN = 6


@dataclass(frozen=True)
class Failure:
    """One input the cloud would refuse.

    Attributes:
        property: Pulumi property path, such as `vpcConfig.subnetIds[0]`; empty for the resource as a whole.
        reason: the value, what is allowed and the nearest allowed value, for the person at the keyboard.
    """

    property: str
    reason: str


def key_path(parent: str, key: str) -> str:
    """The Pulumi path of `key` inside `parent`; keys with dots or slashes are bracketed, as Pulumi writes them."""
    if not _PLAIN_KEY.fullmatch(key):
        return f'{parent}["{key}"]'
    return f"{parent}.{key}" if parent else key


def index_path(parent: str, index: int) -> str:
    """The Pulumi path of element `index` of the list at `parent`."""
    return f"{parent}[{index}]"


def nearest(name: str, allowed: Iterable[str]) -> str | None:
    """The allowed name closest to `name`, ignoring case and snake_case, or None when nothing is close."""
    by_folded = {_folded(candidate): candidate for candidate in allowed}
    meant = _folded(name)
    matches = difflib.get_close_matches(meant, by_folded, n=5, cutoff=0.6)
    # Letters in the wrong order cost difflib twice, so that it prefers `us-west-1` for `us-esat-1`.
    matches.sort(key=lambda match: sorted(match) != sorted(meant))
    return by_folded[matches[0]] if matches else None


def did_you_mean(name: str, allowed: Iterable[str]) -> str:
    """`; nearest: 'x'` when something allowed is close to `name`, else nothing."""
    match = nearest(name, allowed)
    return f"; nearest: {match!r}" if match else ""


def choices(allowed: Iterable[object]) -> str:
    """The first few of the allowed values, and how many there are."""
    values = [repr(value) for value in allowed]
    if len(values) <= _SHOWN:
        return ", ".join(values)
    return f"{', '.join(values[:_SHOWN])} and {len(values) - _SHOWN} more"


def _folded(name: str) -> str:
    return name.replace("_", "").lower()
