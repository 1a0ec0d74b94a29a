"""Pulumi's values on the wire and as plain Python.

Plain means JSON-like: dict, list, str, bool, int, float and None, with three additions: `UNKNOWN` for what a preview
does not know yet, `Secret` around what must stay secret, and assets, archives and resource references, which stay
mappings under their signature key because nothing in the sandbox reads their contents.

The signatures are those of sdk/go/common/resource/sig and sdk/go/common/resource/plugin/rpc.go of Pulumi 3.257.
"""

import enum
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final, Literal, cast

from google.protobuf import struct_pb2

SIGNATURE_KEY = "4dabf18193072939515e22adb298388d"
"""Marks a mapping that is more than a mapping."""
SECRET_SIGNATURE = "1b47061264138c4ac30d75fd1eb44270"  # noqa: S105  (a public constant of the protocol)
OUTPUT_SIGNATURE = "d0e6a833031e9bbcd3f4e8bde6ca49a4"
ASSET_SIGNATURE = "c44067f5952c0a294b673a41bacd8c17"
ARCHIVE_SIGNATURE = "0def7320c3a5731c473e5ecbe6d01bc7"
REFERENCE_SIGNATURE = "5cf8f73096256a8f31e491e813e4eb8e"

_UNKNOWN_TEXT = "04da6b54-80e4-46f7-96ec-b56ff0331ba9"
# One sentinel for each type the unknown value would have; all mean the same here.
_UNKNOWN_TEXTS = frozenset(
    {
        _UNKNOWN_TEXT,
        "1c4a061d-8072-4f0a-a4cb-0ff528b18fe7",  # bool
        "3eeb2bf0-c639-47a8-9e75-3b44932eb421",  # number
        "6a19a0b0-7e62-4c92-b797-7f8e31da9cc2",  # array
        "030794c1-ac77-496b-92df-f27374a8bd58",  # asset
        "e48ece36-62e2-4504-bad9-02848725956a",  # archive
        "dd056dcd-154b-4c76-9bd3-c8f88648b5ff",  # object
    }
)


class Unknown(enum.Enum):
    """The type of `UNKNOWN`; an enum so that copies and pickles stay the same object."""

    UNKNOWN = "unknown"

    def __repr__(self) -> str:
        return "UNKNOWN"


UNKNOWN: Final[Literal[Unknown.UNKNOWN]] = Unknown.UNKNOWN
"""A value that is not known before the resource it comes from exists."""


@dataclass(frozen=True)
class Secret:
    """A value that the engine must encrypt and never print."""

    value: Any

    def __repr__(self) -> str:
        return "Secret(...)"


def decode(properties: struct_pb2.Struct) -> dict[str, Any]:
    """Read a protobuf Struct; whole numbers become int, output values become what they hold."""
    return {key: _decode_value(value) for key, value in properties.fields.items()}


def encode(properties: Mapping[str, Any], *, keep_secrets: bool = True) -> struct_pb2.Struct:
    """Write plain values as a protobuf Struct.

    Args:
        properties: plain values, as `decode` returns them.
        keep_secrets: False for a receiver that does not understand secrets and gets what they hold.

    Raises:
        TypeError: for a value that is not plain; the message names its path.
    """
    struct = struct_pb2.Struct()
    for key, value in properties.items():
        _encode_into(struct.fields[key], value, key, keep_secrets)
    return struct


def unwrapped(value: Any) -> Any:
    """The same value with every secret replaced by what it holds."""
    if isinstance(value, Secret):
        return unwrapped(value.value)
    if isinstance(value, Mapping):
        return {key: unwrapped(item) for key, item in cast(Mapping[str, Any], value).items()}
    if isinstance(value, list):
        return [unwrapped(item) for item in cast(list[Any], value)]
    return value


def listed(value: Any) -> list[Any]:
    """The value if it is a list, else none of anything: for lists that may be missing or unknown."""
    return cast(list[Any], value) if isinstance(value, list) else []


def mapped(value: Any) -> Mapping[str, Any]:
    """The value if it is a mapping, else an empty one: for blocks that may be missing or unknown."""
    return cast(Mapping[str, Any], value) if isinstance(value, Mapping) else {}


def has_secret(value: Any) -> bool:
    """Whether a secret is anywhere inside."""
    return _any_inside(value, _is_secret)


def has_unknown(value: Any) -> bool:
    """Whether anything inside is unknown, also within secrets."""
    return _any_inside(unwrapped(value), _is_unknown)


def _is_secret(value: Any) -> bool:
    return isinstance(value, Secret)


def _is_unknown(value: Any) -> bool:
    return value is UNKNOWN


def _any_inside(value: Any, test: Callable[[Any], bool]) -> bool:
    if isinstance(value, Mapping):
        return any(_any_inside(item, test) for item in cast(Mapping[str, Any], value).values())
    if isinstance(value, list):
        return any(_any_inside(item, test) for item in cast(list[Any], value))
    return test(value)


def _decode_value(value: struct_pb2.Value) -> Any:
    match value.WhichOneof("kind"):
        case "string_value":
            return UNKNOWN if value.string_value in _UNKNOWN_TEXTS else value.string_value
        case "number_value":
            number = value.number_value
            return int(number) if number.is_integer() else number
        case "bool_value":
            return value.bool_value
        case "list_value":
            return [_decode_value(item) for item in value.list_value.values]
        case "struct_value":
            return _decode_struct(value.struct_value)
        case _:
            return None


def _decode_struct(struct: struct_pb2.Struct) -> Any:
    fields = struct.fields
    signature = fields[SIGNATURE_KEY].string_value if SIGNATURE_KEY in fields else None
    if signature == SECRET_SIGNATURE:
        return Secret(_decode_value(fields["value"]))
    if signature == OUTPUT_SIGNATURE:
        # An output value without a value is one that is not known yet.
        held = _decode_value(fields["value"]) if "value" in fields else UNKNOWN
        return Secret(held) if "secret" in fields and fields["secret"].bool_value else held
    return decode(struct)


def _encode_into(target: struct_pb2.Value, value: Any, path: str, keep_secrets: bool) -> None:
    match value:
        case None:
            target.null_value = struct_pb2.NULL_VALUE
        case Unknown.UNKNOWN:
            target.string_value = _UNKNOWN_TEXT
        case bool():
            target.bool_value = value
        case int() | float():
            target.number_value = value
        case str():
            # Also enums of the SDKs, whose members are strings.
            target.string_value = str.__str__(value)
        case Secret() if not keep_secrets:
            _encode_into(target, value.value, path, keep_secrets)
        case Secret():
            fields = target.struct_value.fields
            fields[SIGNATURE_KEY].string_value = SECRET_SIGNATURE
            _encode_into(fields["value"], value.value, path, keep_secrets)
        case Mapping():
            target.struct_value.SetInParent()
            for key, item in cast(Mapping[str, Any], value).items():
                _encode_into(target.struct_value.fields[key], item, f"{path}.{key}", keep_secrets)
        case list() | tuple():
            target.list_value.SetInParent()
            for position, item in enumerate(cast(list[Any], value)):
                _encode_into(target.list_value.values.add(), item, f"{path}[{position}]", keep_secrets)
        case _:
            raise TypeError(f"{path}: {type(value).__name__} is not a value that Pulumi can carry")
