"""A picture kept in a file: what the engine showed the pack of a planned stack, to be judged later or with others.

Whole and symmetric: what is written is what is read, but for secrets, of which nothing but their place is kept.
"""

import json
import os
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, cast
from urllib.parse import quote

from resilience.graph import UNKNOWN, Provider, Resource, Secret

FORMAT = 1
"""Version of what is written here. Another is not read."""

MARK = "tandem:value"
"""Key of an object that stands for what JSON cannot say."""
HIDDEN, NOT_KNOWN, OBJECT = "secret", "unknown", "object"
"""What it stands for: a secret, UNKNOWN, and an object that has such a key of its own."""


def name_for(stack: str) -> str:
    """Name of the file that a stack's picture is kept in, one of several in a folder: ``org%2Fproject%2Fdev.json``."""
    return f"{quote(stack, safe='')}.json"


def write(path: Path, resources: Iterable[Resource]) -> None:
    """Keep a picture, readable by its owner alone; it appears in one go or not at all.

    Raises:
        OSError: If the file cannot be written.
    """
    text = json.dumps(encoded(resources), separators=(",", ":"), sort_keys=True)
    unfinished = path.with_name(f"{path.name}.{os.getpid()}")
    unfinished.touch(mode=0o600)
    unfinished.write_text(text)
    unfinished.replace(path)


def read(path: Path) -> list[Resource]:
    """Resources of a picture; secrets are unknown.

    Raises:
        ValueError: If the file cannot be read, or is no picture of that format; says what is wrong.
    """
    try:
        document: Any = json.loads(path.read_text())
    except OSError as error:
        raise ValueError(f"{path}: {error.strerror}") from error
    except ValueError as error:
        raise ValueError(f"{path}: is no picture of a stack ({error})") from error
    if not isinstance(document, dict) or "picture" not in document:
        raise ValueError(f"{path}: is no picture of a stack; it has no `picture`, the version of its format")
    found = cast("dict[str, Any]", document)
    if found["picture"] != FORMAT:
        raise ValueError(f"{path}: is a picture of format {found['picture']}, must be {FORMAT}; take it again")
    try:
        return decoded(found)
    except (KeyError, IndexError, TypeError, AttributeError) as error:
        raise ValueError(f"{path}: is a damaged picture ({type(error).__name__}: {error}); take it again") from error


def encoded(resources: Iterable[Resource]) -> dict[str, Any]:
    """A picture as JSON has it; each provider once."""
    providers: list[Provider] = []
    places: dict[tuple[str, str], int] = {}
    rows: list[dict[str, Any]] = []
    for each in resources:
        place = None
        if each.provider is not None:
            # A provider comes with every resource that is made through it, decoded each time anew.
            key = (each.provider.urn, json.dumps([each.provider.name, each.provider.type, _kept(each.provider)]))
            place = places.setdefault(key, len(providers))
            if place == len(providers):
                providers.append(each.provider)
        rows.append(
            {
                "urn": each.urn,
                "type": each.type,
                "name": each.name,
                "properties": _members(each.properties),
                "parent": each.parent,
                "provider": place,
                "edges": {name: list(urns) for name, urns in each.edges.items()},
                "protect": each.protect,
                "ignoreChanges": list(each.ignore_changes),
                "dependencies": list(each.dependencies),
                "external": each.external,
            }
        )
    return {
        "picture": FORMAT,
        "providers": [
            {"name": each.name, "type": each.type, "urn": each.urn, "properties": _kept(each)} for each in providers
        ],
        "resources": rows,
    }


def decoded(picture: Mapping[str, Any]) -> list[Resource]:
    """Resources of what ``encoded`` gave."""
    providers: list[Provider] = [
        Provider(row["name"], row["type"], _read_members(row["properties"]), row["urn"]) for row in picture["providers"]
    ]
    return [
        Resource(
            row["urn"],
            row["type"],
            row["name"],
            _read_members(row["properties"]),
            row["parent"],
            _through(row["provider"], providers),
            {name: tuple(urns) for name, urns in row["edges"].items()},
            row["protect"],
            tuple(row["ignoreChanges"]),
            tuple(row["dependencies"]),
            row.get("external", False),
        )
        for row in cast("list[dict[str, Any]]", picture["resources"])
    ]


def _through(place: int | None, providers: list[Provider]) -> Provider | None:
    return None if place is None else providers[place]


def _kept(provider: Provider) -> dict[str, Any]:
    return _members(provider.properties)


def _members(tree: Mapping[str, Any]) -> dict[str, Any]:
    return {name: _encode(member) for name, member in tree.items()}


def _encode(content: Any) -> Any:
    if isinstance(content, Secret):
        return {MARK: HIDDEN}
    if content is UNKNOWN:
        return {MARK: NOT_KNOWN}
    if isinstance(content, dict):
        members = _members(cast("dict[str, Any]", content))
        return {MARK: OBJECT, "members": members} if MARK in members else members
    if isinstance(content, list):
        return [_encode(element) for element in cast("list[Any]", content)]
    return content


def _read_members(tree: Mapping[str, Any]) -> dict[str, Any]:
    return {name: _decode(member) for name, member in tree.items()}


def _decode(content: Any) -> Any:
    if isinstance(content, dict):
        members = cast("dict[str, Any]", content)
        meant = members.get(MARK)
        if meant == HIDDEN:
            return Secret(UNKNOWN)
        if meant == NOT_KNOWN:
            return UNKNOWN
        return _read_members(members["members"] if meant == OBJECT else members)
    if isinstance(content, list):
        return [_decode(element) for element in cast("list[Any]", content)]
    return content
