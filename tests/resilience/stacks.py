"""Graphs of recorded stacks, as the engine would show them."""

import functools
from collections.abc import Mapping
from typing import Any, cast

from resilience.graph import UNKNOWN, Graph, Provider, Resource, Secret
from sandbox import values
from tests.house.recorder import STACK, Recording, Registration
from tests.house.stacks import recorded, recorded_example


@functools.cache
def platform(*stacks: str, preview: bool = False) -> Graph:
    """The committed stacks; both unless named."""
    return Graph(
        [each for stack in stacks or ("primary", "secondary") for each in resources(recorded(stack, preview=preview))]
    )


@functools.cache
def example(name: str) -> Graph:
    """Both stacks of an example, at their first preview."""
    return Graph([each for stack in ("primary", "secondary") for each in resources(recorded_example(stack, name))])


def resources(recording: Recording) -> list[Resource]:
    """What a program registered."""
    providers = {
        f"{each.urn}::{each.id}": Provider(each.name, each.type, _tree(each.props), each.urn)
        for each in recording.registrations
        if each.type.startswith("pulumi:providers:")
    }
    urn = recording.registrations[0].urn
    stack, project = urn.removeprefix("urn:pulumi:").split("::")[:2]
    name = f"{project}-{stack}"
    root = Resource(f"urn:pulumi:{stack}::{project}::{STACK}::{name}", STACK, name, _tree(recording.outputs))
    return [root, *(_resource(each, providers) for each in recording.registrations)]


def _resource(each: Registration, providers: Mapping[str, Provider]) -> Resource:
    return Resource(
        each.urn,
        each.type,
        each.name,
        _tree(each.props if not each.custom else {**each.props, **(each.outputs or {})}),
        each.parent,
        next((found for key, found in providers.items() if key.startswith(each.provider) and each.provider), None),
        {name: tuple(urns) for name, urns in each.property_dependencies.items() if urns},
        each.protect,
        tuple(each.ignore_changes),
        tuple(each.dependencies),
    )


def _tree(value: Any) -> Any:
    if value is values.UNKNOWN:
        return UNKNOWN
    if isinstance(value, values.Secret):
        return Secret(_tree(value.value))
    if isinstance(value, Mapping):
        return {name: _tree(member) for name, member in cast("Mapping[str, Any]", value).items()}
    if isinstance(value, list | tuple):
        return [_tree(member) for member in cast("list[Any]", value)]
    if isinstance(value, float) and value.is_integer():
        return int(value)
    return value
