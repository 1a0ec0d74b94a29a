"""The simulated cloud's other door: `pulumi.runtime.Mocks` for unit tests, with the answers the providers give."""

import itertools
from collections.abc import Mapping
from typing import Any, cast

import pulumi
from pulumi.runtime import rpc
from pulumi.runtime.mocks import MockCallArgs, MockResourceArgs

from sandbox.cloud import Refused, Simulator, World
from sandbox.cloud.aws import SANDBOX_ACCOUNT
from sandbox.values import Secret

_STACK_REFERENCE = "pulumi:pulumi:StackReference"


class Refusal(Exception):
    """A resource the cloud would not take; the message names resource, property and reason."""


class Mocks(pulumi.runtime.Mocks):
    """Answers as the sandbox's providers do, in memory: refuses what Check refuses, makes the same outputs.

    Usage: `pulumi.runtime.set_mocks(Mocks(region="us-west-2", peer_outputs={"contract": {...}}))`. Tests that also
    look at what the program asked for use `tests.house.recorder` instead, which wraps this.
    """

    def __init__(
        self,
        region: str = "us-east-1",
        account: str = SANDBOX_ACCOUNT,
        world: World | None = None,
        *,
        peer_outputs: Mapping[str, Any] | None = None,
        preview: bool = False,
    ) -> None:
        """An empty cloud, or the given one.

        Args:
            region: of the AWS provider, until a provider of the program says otherwise.
            account: the AWS account everything is made in.
            world: where resources stand; in memory by default.
            peer_outputs: what every StackReference reads.
            preview: outputs that only a cloud could know are UNKNOWN, and nothing is made.
        """
        self.world = world or World()
        self.preview = preview
        self._region = region
        self._account = account
        self._peer_outputs = dict(peer_outputs or {})
        self._simulators: dict[str, Simulator] = {}
        self._unnamed = itertools.count()

    def new_resource(self, args: MockResourceArgs) -> tuple[str | None, dict[str, Any]]:
        """Make a resource for a plain `MockMonitor`, which tells no URN."""
        urn = f"urn:pulumi:stack::project::{args.typ}::{args.name}"
        id_, outputs = self.register(
            urn, args.typ, cast(Mapping[str, Any], _from_sdk(cast(Any, args).inputs)), provider=args.provider or "",
            custom=args.custom is not False, read_id=args.resource_id or "",
        )  # fmt: skip
        return id_, cast(dict[str, Any], _to_sdk(outputs))

    def call(self, args: MockCallArgs) -> tuple[dict[str, Any], list[tuple[str, str]] | None]:
        """Answer a data source for a plain `MockMonitor`."""
        answer = self.invoke(
            args.token, cast(Mapping[str, Any], _from_sdk(cast(Any, args).args)), provider=args.provider or ""
        )
        return cast(dict[str, Any], _to_sdk(answer)), None

    def register(
        self,
        urn: str,
        type_: str,
        inputs: Mapping[str, Any],
        *,
        provider: str = "",
        custom: bool = True,
        read_id: str = "",
    ) -> tuple[str | None, dict[str, Any]]:
        """Make a resource from plain values (`sandbox.values`).

        Args:
            urn: of the resource.
            type_: its Pulumi token.
            inputs: with UNKNOWN and secrets in them.
            provider: reference of its explicit provider, `<urn>::<id>`; empty for the default one.
            custom: False for components, which stand nowhere.
            read_id: id of something that stands already, to import or read.

        Returns:
            Its id, None for what has none yet, and its outputs.

        Raises:
            Refusal: when the cloud would not take it.
        """
        if type_ == _STACK_REFERENCE:
            return str(inputs.get("name")), {"name": inputs.get("name"), "outputs": dict(self._peer_outputs),
                                             "secretOutputNames": []}  # fmt: skip
        if not custom:
            return None, dict(inputs)
        if type_.startswith("pulumi:providers:"):
            return self._configure(urn, type_.rpartition(":")[2], inputs)
        simulator = self._simulator(type_.partition(":")[0], provider)
        checked = simulator.check(urn, type_, inputs)
        if checked.failures:
            raise Refusal(_refusals(urn, type_, checked.failures))
        try:
            if read_id:
                found = simulator.read(urn, type_, read_id, checked.inputs, {})
                if found is None:
                    raise Refused(f"{read_id!r} does not exist")
                return read_id, found[0]
            id_, outputs = simulator.create(urn, type_, checked.inputs, preview=self.preview)
        except Refused as refusal:
            raise Refusal(f"{_title(urn, type_)}: {refusal}") from refusal
        return id_ or None, outputs

    def invoke(self, token: str, args: Mapping[str, Any], *, provider: str = "") -> dict[str, Any]:
        """Answer a data source from plain values."""
        return self._simulator(token.partition(":")[0], provider).invoke(token, args)

    def _configure(self, urn: str, package: str, inputs: Mapping[str, Any]) -> tuple[str, dict[str, Any]]:
        simulator = Simulator(package, self.world)
        failures = simulator.check_config(inputs)
        if failures:
            raise Refusal(_refusals(urn, f"pulumi:providers:{package}", failures))
        simulator.configure(inputs)
        self._simulators[urn] = simulator
        return f"provider-{next(self._unnamed)}", dict(inputs)

    def _simulator(self, package: str, provider: str) -> Simulator:
        urn = provider.rpartition("::")[0]
        # A plain MockMonitor writes stack and project of a URN in the other order than anyone else.
        key = next((known for known in self._simulators if urn and _tail(known) == _tail(urn)), package)
        if key not in self._simulators:
            simulator = Simulator(package, self.world)
            simulator.configure({"region": self._region} if package == "aws" else {})
            self._simulators[key] = simulator
        return self._simulators[key]


def _tail(urn: str) -> list[str]:
    return urn.split("::")[2:]


def _title(urn: str, type_: str) -> str:
    return f"{type_} {urn.rpartition('::')[2]!r}"


def _refusals(urn: str, type_: str, failures: Any) -> str:
    title = _title(urn, type_)
    return "\n".join(
        f"{title}: {failure.property}: {failure.reason}" if failure.property else f"{title}: {failure.reason}"
        for failure in failures
    )


def _from_sdk(value: Any) -> Any:
    """Plain values from what the SDK's mocks hand over: its own mark for secrets becomes `Secret`."""
    if rpc.is_rpc_secret(value):
        return Secret(_from_sdk(rpc.unwrap_rpc_secret(value)))
    if isinstance(value, float) and value.is_integer():
        return int(value)
    if isinstance(value, Mapping):
        return {key: _from_sdk(item) for key, item in cast(Mapping[str, Any], value).items()}
    if isinstance(value, list | tuple):
        return [_from_sdk(item) for item in cast(list[Any], value)]
    return value


def _to_sdk(value: Any) -> Any:
    if isinstance(value, Secret):
        return pulumi.Output.secret(_to_sdk(value.value))
    if isinstance(value, Mapping):
        return {key: _to_sdk(item) for key, item in cast(Mapping[str, Any], value).items()}
    if isinstance(value, list):
        return [_to_sdk(item) for item in cast(list[Any], value)]
    return value
