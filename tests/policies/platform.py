"""What a platform is made of, and the ways to spoil it."""

import copy
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from google.protobuf import struct_pb2
from pulumi.runtime.proto import analyzer_pb2

from resilience.adapters.analyzer import SECRET, SIGNATURE, UNKNOWNS
from resilience.graph import UNKNOWN, Provider, Resource, Secret

UNKNOWN_TEXT = "04da6b54-80e4-46f7-96ec-b56ff0331ba9"
SECRET_MARK = {"4dabf18193072939515e22adb298388d": "1b47061264138c4ac30d75fd1eb44270"}


@dataclass
class Thing:
    """One resource of the platform; edges name other things."""

    type: str
    props: dict[str, Any]
    edges: dict[str, list[str]] = field(default_factory=dict)
    protect: bool = False
    provider: str = "explicit"
    region: str | None = "us-east-1"
    stack: str = "primary"
    after: list[str] = field(default_factory=list)
    """What it waits for without needing a value of it."""
    ignore: list[str] = field(default_factory=list)
    """Properties whose changes are ignored."""
    called: str = ""
    """Its name in the program, where another stack has one of the same."""
    placed: dict[str, Any] | None = None
    """What its provider is configured with besides the region. Default: what says where its package's things go."""


class Platform:
    """Things by name, and mutations of them. Every mutation returns the platform."""

    def __init__(self, things: dict[str, Thing]) -> None:
        self.things = things

    def copy(self) -> "Platform":
        return Platform(copy.deepcopy(self.things))

    def put(self, name: str, path: str, value: Any) -> "Platform":
        holder, last = self._holder(name, path)
        holder[last] = value
        return self

    def delete(self, name: str, path: str) -> "Platform":
        holder, last = self._holder(name, path)
        del holder[last]
        return self

    def hide(self, name: str, path: str) -> "Platform":
        """Make it unknown."""
        return self.put(name, path, UNKNOWN_TEXT)

    def drop(self, *names: str) -> "Platform":
        for name in names:
            del self.things[name]
        return self

    def add(self, name: str, thing: Thing) -> "Platform":
        """A copy of it: what is done to this platform is done to no other's."""
        self.things[name] = copy.deepcopy(thing)
        return self

    def cut(self, name: str, property_: str) -> "Platform":
        """Take an edge away; the property stays."""
        del self.things[name].edges[property_]
        return self

    def point(self, name: str, property_: str, *targets: str) -> "Platform":
        self.things[name].edges[property_] = list(targets)
        return self

    def wait(self, name: str, *others: str) -> "Platform":
        """Let it wait for others, and for nothing else that it needs no value of."""
        self.things[name].after = list(others)
        return self

    def unprotect(self, name: str) -> "Platform":
        self.things[name].protect = False
        return self

    def ignoring(self, name: str, *properties: str) -> "Platform":
        self.things[name].ignore = list(properties)
        return self

    def through(self, name: str, provider: str, placed: dict[str, Any] | None = None) -> "Platform":
        """Make it by another provider, configured like the first, or with this besides the region."""
        self.things[name].provider = provider
        self.things[name].placed = placed
        return self

    def urn(self, name: str) -> str:
        thing = self.things[name]
        return f"urn:pulumi:{thing.stack}::tandem::{thing.type}::{thing.called or name}"

    def _holder(self, name: str, path: str) -> tuple[Any, Any]:
        *way, last = [int(step) if step.isdecimal() else step for step in path.split("/")]
        holder: Any = self.things[name].props
        for step in way:
            holder = holder[step]
        return holder, last

    def resources(self) -> dict[str, Resource]:
        """What the adapter makes of the wire, without the wire."""
        return {
            name: Resource(
                self.urn(name),
                thing.type,
                thing.called or name,
                decoded(thing.props),
                "",
                Provider(
                    thing.provider,
                    provider_type(thing),
                    decoded(configured(thing)),
                    self._provider_urn(thing),
                ),
                {
                    key: tuple(self.urn(target) for target in targets if target in self.things)
                    for key, targets in thing.edges.items()
                },
                thing.protect,
                tuple(thing.ignore),
                tuple(self.urn(target) for target in thing.after if target in self.things),
            )
            for name, thing in self.things.items()
        }

    # The wire.

    def analyze_requests(self) -> list[analyzer_pb2.AnalyzeRequest]:
        return [
            analyzer_pb2.AnalyzeRequest(
                urn=self.urn(name),
                type=thing.type,
                name=thing.called or name,
                properties=struct(thing.props),
                options=_options(thing),
                provider=self._provider(thing),
            )
            for name, thing in self.things.items()
        ]

    def stack_request(self) -> analyzer_pb2.AnalyzeStackRequest:
        return analyzer_pb2.AnalyzeStackRequest(
            resources=[
                analyzer_pb2.AnalyzerResource(
                    urn=self.urn(name),
                    type=thing.type,
                    name=thing.called or name,
                    properties=struct(thing.props),
                    options=_options(thing),
                    provider=self._provider(thing),
                    dependencies=[self.urn(target) for target in thing.after if target in self.things],
                    propertyDependencies={
                        key: analyzer_pb2.AnalyzerPropertyDependencies(
                            urns=[self.urn(target) for target in targets if target in self.things]
                        )
                        for key, targets in thing.edges.items()
                    },
                )
                for name, thing in self.things.items()
            ]
        )

    def _provider(self, thing: Thing) -> analyzer_pb2.AnalyzerProviderResource:
        return analyzer_pb2.AnalyzerProviderResource(
            urn=self._provider_urn(thing),
            type=provider_type(thing),
            name=thing.provider,
            properties=struct(configured(thing)),
        )

    def _provider_urn(self, thing: Thing) -> str:
        return f"urn:pulumi:{thing.stack}::tandem::{provider_type(thing)}::{thing.provider}"


def provider_type(thing: Thing) -> str:
    return f"pulumi:providers:{thing.type.partition(':')[0]}"


PLACED: dict[str, dict[str, Any]] = {
    "aws": {"allowedAccountIds": '["123456789012"]'},
    "kubernetes": {"kubeconfig": UNKNOWN_TEXT},
    "gcp": {"project": "tandem"},
}
"""What says where things go, by package. A list is text in what a provider is configured with."""


def configured(thing: Thing) -> dict[str, Any]:
    """What its provider is configured with."""
    region = {"region": thing.region} if thing.region else {}
    return region | (PLACED.get(thing.type.partition(":")[0], {}) if thing.placed is None else thing.placed)


def decoded(value: Any) -> Any:
    """What comes out of the wire where this goes in."""
    if isinstance(value, str):
        return UNKNOWN if value in UNKNOWNS else value
    if isinstance(value, float):
        return int(value) if value.is_integer() else value
    if isinstance(value, dict):
        if value.get(SIGNATURE) == SECRET:
            return Secret(decoded(value["value"]))
        return {key: decoded(member) for key, member in value.items()}
    if isinstance(value, list | tuple):
        return [decoded(element) for element in value]
    assert value is None or isinstance(value, bool | int), f"{value!r} is nothing that the wire carries"
    return value


def _options(thing: Thing) -> analyzer_pb2.AnalyzerResourceOptions:
    return analyzer_pb2.AnalyzerResourceOptions(protect=thing.protect, ignoreChanges=thing.ignore)


def struct(properties: dict[str, Any]) -> struct_pb2.Struct:
    made = struct_pb2.Struct()
    made.update(properties)
    return made


def secret(value: Any) -> dict[str, Any]:
    return {**SECRET_MARK, "value": value}


VPC = "aws:ec2/vpc:Vpc"
SUBNET = "aws:ec2/subnet:Subnet"
NODE_GROUP = "aws:eks/nodeGroup:NodeGroup"
CLUSTER = "aws:rds/cluster:Cluster"
ZONES = "abc"
PUBLIC = [f"public-{zone}" for zone in ZONES]
PRIVATE = [f"private-{zone}" for zone in ZONES]

Mutate = Callable[[Platform], Platform]
Mutant = tuple[str, Mutate, set[str]]
"""A name, what is done to the platform, and the rules that find it, with a question mark behind what is unproven."""
