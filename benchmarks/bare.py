"""A recorded stack as one flat program: the same resources with the same inputs, and no components.

What a stack costs because of its components is what it costs more than this. The program is written from a recording,
so that it follows the stack by itself; `benchmarks.__main__` has the engine confirm that it is the same.
"""

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from importlib import import_module, metadata
from typing import Any, cast

import pulumi._types as pulumi_types
from pulumi.runtime import rpc

from sandbox.values import UNKNOWN, Secret
from tests.house.recorder import Recording, Registration

PROVIDER = "pulumi:providers:"

HEAD = '''\
"""{count} resources, flat; written by benchmarks/bare.py. For previews only: ids stand for every unknown value."""

{imports}
from pulumi import CustomResource, InvokeOptions, Output, ProviderResource, ResourceOptions
from pulumi.runtime import invoke


def after(dependencies, value):
    """A value that waits for resources as the recorded one did."""
    return Output.all(*[each.urn for each in dependencies]).apply(lambda _: value)


'''


def render(recording: Recording, *, sdks: bool) -> str:
    """Write the program.

    Args:
        recording: of a preview of the whole stack.
        sdks: register through the classes of the provider SDKs, as anybody's program does; without them a generic
            resource stands for each, which nobody writes, and nothing is leaner.

    Raises:
        ValueError: for two resources that only their components tell apart, which a flat program cannot have.
    """
    flat = _Flat(recording, sdks=sdks)
    lines = [flat.statement(made) for made in recording.registrations if made.custom]
    # Nothing waits for the answers: what came of them is known in a preview, and stands in the inputs.
    lines += [flat.question(call.token, call.args, call.provider) for call in recording.calls]
    imports = "\n".join(f"import {module}" for module in sorted(flat.modules))
    return HEAD.format(count=len(flat.names), imports=imports) + "\n".join(lines) + "\n"


class _Flat:
    def __init__(self, recording: Recording, *, sdks: bool) -> None:
        self._known = {made.urn: made for made in recording.registrations}
        self._sdks = sdks
        self.modules: set[str] = set()
        self.names: dict[str, str] = {}
        """Variable by URN."""
        told_apart: dict[tuple[str, str], str] = {}
        for made in recording.registrations:
            if not made.custom:
                continue
            twin = told_apart.setdefault((made.type, made.name), made.urn)
            if twin != made.urn:
                raise ValueError(f"{made.urn} and {twin} are one resource without their components; rename one")
            self.names[made.urn] = f"r{len(self.names)}"

    def statement(self, made: Registration) -> str:
        """The statement that registers one resource."""
        found = sdk_class(made.type) if self._sdks else None
        if found is None:
            kind = "ProviderResource" if made.type.startswith(PROVIDER) else "CustomResource"
            props = "".join(f"\n    {key!r}: {text}," for key, text in self._properties(made).items())
            arguments = f"{made.type.removeprefix(PROVIDER)!r}, {made.name!r}, {{{props}\n}}, "
            version: str | None = _version(made.type)
        else:
            kind, python_names, constant = found
            self.modules.add(kind.rpartition(".")[0])
            props = "".join(
                f"\n    {python_names[key]}={text},"
                for key, text in self._properties(made).items()
                if key in python_names and key not in constant
            )
            arguments = f"{made.name!r},{props}\n    opts="
            version = None
        options = {"version": repr(version) if version else None, **self._options(made)}
        told = "".join(f"\n        {name}={value}," for name, value in options.items() if value is not None)
        return f"{self.names[made.urn]} = {kind}({arguments}ResourceOptions({told}\n    ))"

    def question(self, token: str, args: Mapping[str, Any], provider: str) -> str:
        """The statement that asks a data source."""
        asked = self.names[provider.rpartition("::")[0]]
        return (
            f"invoke({token!r}, {self._value(args, ())}, InvokeOptions(provider={asked}, version={_version(token)!r}))"
        )

    def _properties(self, made: Registration) -> dict[str, str]:
        provider = self._sdks and made.type.startswith(PROVIDER)
        return {
            # An SDK's provider writes whatever is not text as JSON; so it must be given what it was.
            key: self._property(_undone(value) if provider else value, made.property_dependencies.get(key, ()))
            for key, value in made.props.items()
        }

    def _property(self, value: Any, urns: Sequence[str]) -> str:
        dependencies = [urn for urn in urns if urn in self.names]
        text = self._value(value, dependencies)
        if not dependencies or (value is UNKNOWN and len(dependencies) == 1):
            return text
        return f"after({self._listed(dependencies)}, {text})"

    def _value(self, value: Any, dependencies: Sequence[str]) -> str:
        if value is UNKNOWN:
            if not dependencies:
                raise ValueError("an unknown value that comes from no resource; record a preview of the whole stack")
            return f"{self.names[dependencies[0]]}.id"
        if isinstance(value, Secret):
            return f"Output.secret({self._value(value.value, dependencies)})"
        if isinstance(value, Mapping):
            items = cast("Mapping[str, Any]", value).items()
            return "{" + ", ".join(f"{key!r}: {self._value(item, dependencies)}" for key, item in items) + "}"
        if isinstance(value, list):
            return "[" + ", ".join(self._value(item, dependencies) for item in cast("list[Any]", value)) + "]"
        return repr(value)

    def _options(self, made: Registration) -> dict[str, str | None]:
        by_property = {urn for urns in made.property_dependencies.values() for urn in urns}
        return {
            "provider": self.names[made.provider.rpartition("::")[0]] if made.provider else None,
            "depends_on": self._listed([urn for urn in self._waited_for(made) if urn not in by_property]),
            "deleted_with": self.names.get(self._deleted_with(made)),
            "protect": "True" if made.protect else None,
            "retain_on_delete": "True" if made.retain_on_delete else None,
            "ignore_changes": _shown(made.ignore_changes),
            "replace_on_changes": _shown(made.replace_on_changes),
            "additional_secret_outputs": _shown(made.additional_secret_outputs),
            "custom_timeouts": repr(dict(made.custom_timeouts)) if made.custom_timeouts else None,
        }

    def _waited_for(self, made: Registration) -> Iterator[str]:
        """What a resource waits for by itself, and what its components wait for on its behalf."""
        above, found = made.urn, list[str]()
        while above in self._known:
            found += self._known[above].dependencies
            above = self._known[above].parent
        yield from (urn for urn in dict.fromkeys(found) if urn in self.names)

    def _deleted_with(self, made: Registration) -> str:
        return made.deleted_with or (self._deleted_with(self._known[made.parent]) if made.parent else "")

    def _listed(self, urns: Sequence[str]) -> str | None:
        return f"[{', '.join(self.names[urn] for urn in urns)}]" if urns else None


def sdk_class(type_: str) -> tuple[str, Mapping[str, str], frozenset[str]] | None:
    """Where an SDK keeps the class of a resource, its arguments by wire name, and what it says without being asked."""
    token = type_.removeprefix(PROVIDER)
    package = token.partition(":")[0]
    if token != type_:
        module, name = f"pulumi_{package}", "Provider"
    else:
        import_module(f"pulumi_{package}")
        registered = rpc.get_resource_module(package, token.partition(":")[2].rpartition(":")[0], "")
        info: Mapping[str, Any] = getattr(registered, "mod_info", {})
        if token not in info.get("classes", {}):
            return None
        module, name = info["fqn"], info["classes"][token]
    there = vars(import_module(module)).get(name) or getattr(import_module(module), name)
    beside = vars(import_module(there.__module__))
    args = beside.get(f"{name}InitArgs") or beside[f"{name}Args"]
    names = {wire: python for python, wire in pulumi_types.input_type_py_to_pulumi_names(args).items()}
    constant = frozenset({"kind", "apiVersion"}) if package == "kubernetes" else frozenset[str]()
    return f"{module}.{name}", names, constant


def _undone(value: Any) -> Any:
    return json.loads(value) if isinstance(value, str) and re.match(r"[\[{]|(true|false|\d+)$", value) else value


def _shown(values: Sequence[str]) -> str | None:
    return repr(list(values)) if values else None


def _version(token: str) -> str:
    """Version of the SDK that a resource is of; the engine takes the provider of the same."""
    return metadata.version(f"pulumi-{token.removeprefix(PROVIDER).partition(':')[0]}")
