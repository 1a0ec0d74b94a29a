"""What a Pulumi package's own SDK says about a resource: its inputs, their types, and its outputs.

Every installed `pulumi_<package>` carries its schema as Python types: `<Resource>Args` with nested `...Args`, wire
names on the getters, and required inputs as constructor parameters without a default. This module reads those types
once per class, turns them into small checking functions, and judges inputs as they arrive on the wire.
"""

import enum
import importlib
import importlib.util
import inspect
import json
import sys
import threading
import typing
import warnings
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from types import NoneType, UnionType
from typing import Any, Literal, Union

import pulumi
import pulumi._types as pulumi_types
from pulumi.runtime import rpc

from sandbox.knowledge.failure import Failure, choices, did_you_mean, index_path, key_path
from sandbox.values import ARCHIVE_SIGNATURE, ASSET_SIGNATURE, REFERENCE_SIGNATURE, SIGNATURE_KEY, UNKNOWN

_Check = Callable[[Any, str, list[Failure]], None]

# The SDKs load their sub-packages through importlib's LazyLoader, which races under threads before Python 3.12
# (python/cpython#114763), and the provider's gRPC server is threaded.
_LOADING = threading.RLock()

# What the engine itself adds to every provider's inputs.
_ENGINE_PROVIDER_INPUTS = {"version", "pluginDownloadURL"}


class UnknownResourceType(LookupError):
    """The package is installed but has no such resource; the message names the nearest one."""


@dataclass(frozen=True)
class _Block:
    """The fields of one Args class, by wire name."""

    fields: Mapping[str, _Check]
    required: frozenset[str]


def known(type_: str) -> bool:
    """Whether an installed SDK defines the resource type `type_` (a Pulumi token such as `aws:ec2/vpc:Vpc`)."""
    try:
        return _resource_class(type_) is not None
    except UnknownResourceType:
        return False


def check(type_: str, inputs: Mapping[str, Any]) -> list[Failure]:
    """Judge inputs against the SDK's argument types: unknown, missing and wrongly typed ones, at any depth.

    Args:
        type_: Pulumi token of the resource or of its provider (`pulumi:providers:aws`).
        inputs: plain values by wire name; UNKNOWN is never judged and keys that start with `__` are the engine's.

    Returns:
        Every mistake; empty when the package is not installed here, since nothing is known then.
    """
    try:
        cls = _resource_class(type_)
    except UnknownResourceType as error:
        return [Failure("", str(error))]
    args = _args_class(cls) if cls is not None else None
    if args is None:
        return []
    failures: list[Failure] = []
    if issubclass(typing.cast(type, cls), pulumi.ProviderResource):
        inputs = _decoded_provider_inputs(args, inputs)
    _check_block(args, inputs, "", failures)
    return failures


def inputs_of(type_: str) -> frozenset[str]:
    """Wire names of the inputs of `type_`; empty when no installed SDK defines it."""
    cls = _resource_class(type_) if known(type_) else None
    args = _args_class(cls) if cls is not None else None
    return frozenset(_block(args).fields) if args is not None else frozenset()


@cache
def output_types(type_: str) -> Mapping[str, Any]:
    """Output types of `type_` by wire name, as the SDK annotates them; empty when no installed SDK defines it."""
    with _LOADING:
        cls = _resource_class(type_) if known(type_) else None
        return dict(pulumi_types.resource_types(cls)) if cls is not None else {}


@cache
def _resource_class(type_: str) -> type | None:
    """The SDK class of a token; None when its package is not installed here."""
    package, _, rest = type_.partition(":")
    if package == "pulumi" and rest.startswith("providers:"):
        return _provider_class(rest.removeprefix("providers:"))
    with _LOADING:
        if not rest or _sdk(package) is None:
            return None
        module_name, _, class_name = rest.rpartition(":")
        module = rpc.get_resource_module(package, module_name, "")
        info: Mapping[str, Any] = getattr(module, "mod_info", {})
        python_name = info.get("classes", {}).get(type_)
        if python_name is None:
            near = did_you_mean(type_, _tokens(package))
            raise UnknownResourceType(f"{class_name!r} ({type_}) is not a resource type of the {package} package{near}")
        with warnings.catch_warnings():
            # Importing a sub-package warns of whatever in it is deprecated, used or not.
            warnings.simplefilter("ignore", DeprecationWarning)
            return getattr(importlib.import_module(info["fqn"]), python_name)


def _provider_class(package: str) -> type | None:
    with _LOADING:
        sdk = _sdk(package)
        return None if sdk is None else sdk.Provider


def _sdk(package: str) -> Any | None:
    name = f"pulumi_{package.replace('-', '_')}"
    if name not in sys.modules and importlib.util.find_spec(name) is None:
        return None
    return importlib.import_module(name)


def _tokens(package: str) -> list[str]:
    # Only reached when a token is misspelt; the registry has no public way to list itself.
    registry: Mapping[str, Sequence[Any]] = rpc._RESOURCE_MODULES  # pyright: ignore[reportPrivateUsage]
    modules = [module for key, found in registry.items() if key.startswith(f"{package}:") for module in found]
    return [token for module in modules for token in getattr(module, "mod_info", {}).get("classes", {})]


@cache
def _args_class(cls: type) -> type | None:
    """The inputs class generated beside a resource: `<Name>Args`, or `<Name>InitArgs` where that name was taken."""
    module = sys.modules[cls.__module__]
    for name in (f"{cls.__name__}InitArgs", f"{cls.__name__}Args"):
        candidate = getattr(module, name, None)
        if isinstance(candidate, type) and pulumi_types.is_input_type(candidate):
            return candidate
    return None


@cache
def _block(args: type) -> _Block:
    with _LOADING:
        wire_names = pulumi_types.input_type_py_to_pulumi_names(args)
        parameters = list(inspect.signature(args).parameters.values())
        required = {wire_names[p.name] for p in parameters if p.default is inspect.Parameter.empty}
        fields = {name: _check_of(hint) for name, hint in pulumi_types.input_type_types(args).items()}
        return _Block(fields, frozenset(required))


def _check_block(args: type, value: Mapping[str, Any], path: str, failures: list[Failure]) -> None:
    block = _block(args)
    for key, given in value.items():
        if key.startswith("__"):
            continue
        check_field = block.fields.get(key)
        if check_field is None:
            near = did_you_mean(key, block.fields) or f"; it takes {choices(sorted(block.fields))}"
            failures.append(Failure(key_path(path, key), f"is not an input here{near}"))
        elif given is not None and given is not UNKNOWN:
            check_field(given, key_path(path, key), failures)
    for key in sorted(block.required):
        if value.get(key) is None:
            failures.append(Failure(key_path(path, key), "is required and missing"))


def _decoded_provider_inputs(args: type, inputs: Mapping[str, Any]) -> dict[str, Any]:
    """Provider inputs with the JSON undone that the SDKs put around everything that is not a string."""
    hints = pulumi_types.input_type_types(args)
    decoded: dict[str, Any] = {}
    for key, value in inputs.items():
        if key in _ENGINE_PROVIDER_INPUTS and key not in hints:
            continue
        decoded[key] = value
        if isinstance(value, str) and key in hints and hints[key] is not str:
            try:
                decoded[key] = json.loads(value)
            except ValueError:
                # Not JSON: a string where something else belongs, which the type check reports.
                continue
    return decoded


def _check_of(hint: Any) -> _Check:
    """The check for one type annotation, with Input, Output, Optional and ArgsDict wrappings removed."""
    options = _options(hint)
    if len(options) == 1:
        return _check_of_one(options[0])
    if any(option is Any or option is object for option in options):
        return _accept
    if str in options:
        # `Union[str, SomeEnum]` is how the SDKs write an enum that the provider does not enforce.
        options = [option for option in options if not _is_enum(option)]
        if len(options) == 1:
            return _check_text
    return _check_any([_check_of_one(option) for option in options])


def _options(hint: Any) -> list[Any]:
    if typing.get_origin(hint) is pulumi.Output:
        return _options(typing.get_args(hint)[0])
    if typing.get_origin(hint) not in (Union, UnionType):
        return [hint]
    members = [m for m in typing.get_args(hint) if m is not NoneType and not _is_future(m)]
    flat = [option for member in members for option in _options(member)]
    distinct = [option for i, option in enumerate(flat) if option not in flat[:i]]
    has_args = any(_is_args(option) for option in distinct)
    return [option for option in distinct if not (has_args and typing.is_typeddict(option))]


def _is_future(hint: Any) -> bool:
    return typing.get_origin(hint) in (pulumi.Output, Awaitable, typing.Awaitable)


def _is_args(hint: Any) -> bool:
    return isinstance(hint, type) and pulumi_types.is_input_type(hint)


def _is_enum(hint: Any) -> bool:
    return isinstance(hint, type) and issubclass(hint, enum.Enum)


def _check_of_one(hint: Any) -> _Check:
    origin = typing.get_origin(hint)
    if hint in _SCALAR_CHECKS:
        return _SCALAR_CHECKS[hint]
    if origin is Literal:
        return _check_choice(list(typing.get_args(hint)))
    if origin in (list, Sequence):
        return _check_list(_check_of(typing.get_args(hint)[0]))
    if origin in (dict, Mapping):
        return _check_map(_check_of(typing.get_args(hint)[1]))
    if _is_enum(hint):
        return _check_choice([member.value for member in hint])
    if isinstance(hint, type) and issubclass(hint, pulumi.Asset | pulumi.Archive):
        return _check_asset
    return _check_nested(typing.cast(Any, hint)) if _is_args(hint) else _accept


def _accept(value: Any, path: str, failures: list[Failure]) -> None:
    """A type that says nothing, such as Any."""


def _check_text(value: Any, path: str, failures: list[Failure]) -> None:
    if not isinstance(value, str):
        _refuse(value, "a string", path, failures)


def _check_flag(value: Any, path: str, failures: list[Failure]) -> None:
    if not isinstance(value, bool):
        _refuse(value, "true or false", path, failures)


def _check_whole(value: Any, path: str, failures: list[Failure]) -> None:
    # Every number is a double on Pulumi's wire, so 3.0 is how 3 arrives.
    if isinstance(value, bool) or not isinstance(value, int | float) or value != value // 1:
        _refuse(value, "a whole number", path, failures)


def _check_number(value: Any, path: str, failures: list[Failure]) -> None:
    if isinstance(value, bool) or not isinstance(value, int | float):
        _refuse(value, "a number", path, failures)


def _check_asset(value: Any, path: str, failures: list[Failure]) -> None:
    signature = typing.cast(Mapping[str, Any], value).get(SIGNATURE_KEY) if isinstance(value, Mapping) else None
    if signature not in (ASSET_SIGNATURE, ARCHIVE_SIGNATURE) and not isinstance(value, pulumi.Asset | pulumi.Archive):
        _refuse(value, "an asset or archive (pulumi.FileAsset, pulumi.AssetArchive, ...)", path, failures)


_SCALAR_CHECKS: dict[Any, _Check] = {
    str: _check_text,
    bool: _check_flag,
    int: _check_whole,
    float: _check_number,
    Any: _accept,
    object: _accept,
}


def _check_choice(allowed: list[Any]) -> _Check:
    def check_choice(value: Any, path: str, failures: list[Failure]) -> None:
        if value not in allowed:
            near = did_you_mean(str(value), map(str, allowed))
            failures.append(Failure(path, f"{_shown(value)} is not one of {choices(allowed)}{near}"))

    return check_choice


def _check_list(check_item: _Check) -> _Check:
    def check_list(value: Any, path: str, failures: list[Failure]) -> None:
        if not isinstance(value, list | tuple):
            _refuse(value, "a list", path, failures)
            return
        for index, item in enumerate(typing.cast(Sequence[Any], value)):
            if item is not None and item is not UNKNOWN:
                check_item(item, index_path(path, index), failures)

    return check_list


def _check_map(check_item: _Check) -> _Check:
    def check_map(value: Any, path: str, failures: list[Failure]) -> None:
        if not isinstance(value, Mapping):
            _refuse(value, "a map", path, failures)
            return
        for key, item in typing.cast(Mapping[str, Any], value).items():
            if item is not None and item is not UNKNOWN and not key.startswith("__"):
                check_item(item, key_path(path, key), failures)

    return check_map


def _check_nested(args: type) -> _Check:
    def check_nested(value: Any, path: str, failures: list[Failure]) -> None:
        if not isinstance(value, Mapping):
            _refuse(value, "an object", path, failures)
            return
        given = typing.cast(Mapping[str, Any], value)
        if given.get(SIGNATURE_KEY) != REFERENCE_SIGNATURE:
            _check_block(args, given, path, failures)

    return check_nested


def _check_any(checks: list[_Check]) -> _Check:
    def check_any(value: Any, path: str, failures: list[Failure]) -> None:
        attempts: list[list[Failure]] = []
        for check_option in checks:
            attempt: list[Failure] = []
            check_option(value, path, attempt)
            if not attempt:
                return
            attempts.append(attempt)
        # The option that got furthest into the value is the one that was meant.
        failures.extend(max(attempts, key=lambda attempt: max(len(f.property) for f in attempt)))

    return check_any


def _refuse(value: Any, wanted: str, path: str, failures: list[Failure]) -> None:
    failures.append(Failure(path, f"got {_shown(value)}, which is not {wanted}"))


def _shown(value: Any) -> str:
    if isinstance(value, Mapping):
        return "an object"
    if isinstance(value, list | tuple):
        return "a list"
    if isinstance(value, bool):
        return str(value).lower()
    text = repr(value)
    return text if len(text) <= 80 else f"{text[:77]}..."
