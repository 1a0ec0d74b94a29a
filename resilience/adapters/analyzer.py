"""From the engine's analyzer protocol to resources. Each message is decoded once."""

from collections.abc import Iterable
from typing import Any

from google.protobuf import struct_pb2
from pulumi.runtime.proto import analyzer_pb2

from resilience.graph import UNKNOWN, Provider, Resource, Secret

SIGNATURE = "4dabf18193072939515e22adb298388d"
SECRET = "1b47061264138c4ac30d75fd1eb44270"  # noqa: S105
OUTPUT = "d0e6a833031e9bbcd3f4e8bde6ca49a4"
"""Marks of special objects on the wire: pulumi/sdk, go/common/resource/sig."""

UNKNOWNS = frozenset(
    {
        "1c4a061d-8072-4f0a-a4cb-0ff528b18fe7",
        "3eeb2bf0-c639-47a8-9e75-3b44932eb421",
        "04da6b54-80e4-46f7-96ec-b56ff0331ba9",
        "6a19a0b0-7e62-4c92-b797-7f8e31da9cc2",
        "030794c1-ac77-496b-92df-f27374a8bd58",
        "e48ece36-62e2-4504-bad9-02848725956a",
        "dd056dcd-154b-4c76-9bd3-c8f88648b5ff",
    }
)
"""Stand for an unknown bool, number, string, array, asset, archive and object: pulumi/sdk, go/common/resource/plugin,
rpc.go."""
DEEPEST = 100
"""Levels of a property that are read. What is deeper in counts as unknown: nobody looks there, and everything that
walks a property calls itself once a level."""


def checked_resource(request: analyzer_pb2.AnalyzeRequest) -> Resource:
    """A single resource as the engine is about to register it: checked inputs, and no edges."""
    return Resource(
        request.urn,
        request.type,
        request.name,
        decode(request.properties),
        request.options.parent,
        _provider(request),
        {},
        request.options.protect,
        tuple(request.options.ignoreChanges),
    )


def stack_resources(resources: Iterable[analyzer_pb2.AnalyzerResource]) -> list[Resource]:
    """All resources of a stack, with their edges."""
    return [
        Resource(
            each.urn,
            each.type,
            each.name,
            decode(each.properties),
            each.parent or each.options.parent,
            _provider(each),
            {name: tuple(edges.urns) for name, edges in each.propertyDependencies.items()},
            each.options.protect,
            tuple(each.options.ignoreChanges),
            tuple(each.dependencies),
        )
        for each in resources
    ]


def decode(properties: struct_pb2.Struct) -> dict[str, Any]:
    """A property map as plain values, UNKNOWN and Secret; whole numbers become ints."""
    return {name: _decode(value, 1) for name, value in properties.fields.items()}


def _decode(value: struct_pb2.Value, level: int) -> Any:
    kind = value.WhichOneof("kind")
    if kind == "string_value":
        text = value.string_value
        return UNKNOWN if text in UNKNOWNS else text
    if kind == "number_value":
        number = value.number_value
        return int(number) if number.is_integer() else number
    if kind == "bool_value":
        return value.bool_value
    if kind in ("list_value", "struct_value") and level == DEEPEST:
        return UNKNOWN
    if kind == "list_value":
        return [_decode(element, level + 1) for element in value.list_value.values]
    if kind == "struct_value":
        members = {name: _decode(member, level + 1) for name, member in value.struct_value.fields.items()}
        signature = members.get(SIGNATURE)
        if signature == SECRET:
            return Secret(members.get("value"))
        if signature == OUTPUT:
            content = members.get("value", UNKNOWN)
            return Secret(content) if members.get("secret") else content
        return members
    return None


def _provider(message: analyzer_pb2.AnalyzeRequest | analyzer_pb2.AnalyzerResource) -> Provider | None:
    if not message.HasField("provider"):
        return None
    return Provider(
        message.provider.name, message.provider.type, decode(message.provider.properties), message.provider.urn
    )
