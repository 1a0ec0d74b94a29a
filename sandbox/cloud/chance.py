"""The random provider, without chance: the same resource with the same inputs always gets the same values."""

import base64
import json
import string
import uuid
from collections.abc import Mapping
from typing import Any

from sandbox.cloud.errors import NotSimulated
from sandbox.cloud.identity import characters
from sandbox.cloud.service import Place

_SPECIAL = "!@#$%&*()-_=+[]{}<>:?"
_ADJECTIVES = ("brave", "calm", "eager", "fair", "gentle", "keen", "lively", "patient", "quick", "wise")
_ANIMALS = ("badger", "crane", "dolphin", "falcon", "heron", "lynx", "marten", "otter", "raven", "tern")


class Chance:
    """The random provider; it stands nowhere, so no outage touches it."""

    remembers = False

    def configure(self, config: Mapping[str, Any]) -> None:
        """It has nothing to configure."""

    def name(self, urn: str, type_: str, news: Mapping[str, Any], olds: Mapping[str, Any], salt: str) -> dict[str, Any]:
        """Random values have no names."""
        return dict(news)

    def name_property(self, type_: str) -> str | None:
        """Random values have no names."""
        return None

    def place(self, type_: str, inputs: Mapping[str, Any]) -> Place:
        """Nowhere: the values are made by the provider itself."""
        return Place("", "", control=None)

    def claim(self, type_: str, inputs: Mapping[str, Any]) -> str | None:
        """Nothing is claimed."""
        return None

    def scope(self, type_: str) -> str:
        """Nothing is claimed."""
        return ""

    def identify(self, urn: str, type_: str, inputs: Mapping[str, Any], salt: str) -> str:
        """The value itself, where it is not a secret."""
        kind = type_.rpartition(":")[2]
        if kind in ("RandomPassword", "RandomBytes"):
            return "none"
        if kind == "RandomShuffle":
            return "-"
        values = _values(kind, f"{urn} {salt}" if salt else urn, inputs)
        return str(values.get("b64Url") or values.get("result") or values["id"])

    def outputs(
        self, urn: str, type_: str, id_: str, inputs: Mapping[str, Any], olds: Mapping[str, Any]
    ) -> dict[str, Any]:
        """The values; those that exist already stay."""
        kind = type_.rpartition(":")[2]
        made = _values(kind, urn, inputs)
        kept = {key: olds[key] for key in made if key in olds}
        return {**made, **kept, "id": id_}


def _values(kind: str, urn: str, inputs: Mapping[str, Any]) -> dict[str, Any]:
    seed = f"{urn} {json.dumps(inputs, sort_keys=True, default=str)}"
    match kind:
        case "RandomPassword":
            result = _text(seed, inputs)
            return {"result": result, "bcryptHash": f"$2a$10${characters(f'{seed} hash', 53, string.ascii_letters)}"}
        case "RandomString":
            return {"result": _text(seed, inputs)}
        case "RandomInteger":
            low, high = int(inputs["min"]), int(inputs["max"])
            return {"result": low + _number(seed) % (high - low + 1)}
        case "RandomUuid":
            return {"result": str(uuid.uuid5(uuid.NAMESPACE_URL, seed))}
        case "RandomPet":
            words = int(inputs.get("length") or 2)
            chosen = [_pick(f"{seed} {n}", _ADJECTIVES) for n in range(words - 1)] + [_pick(seed, _ANIMALS)]
            separator = inputs.get("separator", "-")
            return {"id": separator.join([*([inputs["prefix"]] if inputs.get("prefix") else []), *chosen])}
        case "RandomShuffle":
            items = list(inputs.get("inputs") or [])
            shuffled = sorted(items, key=lambda item: _number(f"{seed} {item}"))
            return {"results": shuffled[: int(inputs.get("resultCount") or len(items))]}
        case "RandomId" | "RandomBytes":
            length = int(inputs.get("byteLength") or inputs.get("length") or 8)
            raw = bytes.fromhex(characters(seed, 2 * length, "0123456789abcdef"))
            standard = base64.b64encode(raw).decode()
            if kind == "RandomBytes":
                return {"base64": standard, "hex": raw.hex()}
            prefix = inputs.get("prefix") or ""
            return {
                "b64Std": prefix + standard,
                "b64Url": prefix + base64.urlsafe_b64encode(raw).decode().rstrip("="),
                "hex": prefix + raw.hex(),
                "dec": prefix + str(int.from_bytes(raw)),
            }
        case _:
            raise NotSimulated(f"the sandbox does not simulate random:{kind}; add it to sandbox/cloud/chance.py")


def _text(seed: str, inputs: Mapping[str, Any]) -> str:
    length = int(inputs["length"])
    special = inputs.get("overrideSpecial") or _SPECIAL
    classes = {
        "upper": string.ascii_uppercase,
        "lower": string.ascii_lowercase,
        "numeric": string.digits,
        "special": special,
    }
    used = {name: alphabet for name, alphabet in classes.items() if inputs.get(name, True) is not False}
    required = "".join(
        characters(f"{seed} {name}", int(inputs.get(f"min{name.capitalize()}") or 0), alphabet)
        for name, alphabet in used.items()
    )
    rest = characters(f"{seed} rest", max(0, length - len(required)), "".join(used.values()))
    mixed = sorted(enumerate(required + rest), key=lambda entry: _number(f"{seed} place {entry[0]}"))
    return "".join(letter for _, letter in mixed)


def _pick(seed: str, words: tuple[str, ...]) -> str:
    return words[_number(seed) % len(words)]


def _number(seed: str) -> int:
    return int(characters(seed, 12, "0123456789abcdef"), 16)
