"""Runs a program against the simulated cloud and keeps everything it registered.

    from tests.house.recorder import record

    def program() -> None:
        Network("net", {"cidr": "10.10.0.0/16", "zones": ["us-east-1a", "us-east-1b"]})

    recording = record(program)                      # as `pulumi up` would: outputs are known
    vpc = recording.one("aws:ec2/vpc:Vpc", "net")    # a Registration
    assert vpc.props["cidrBlock"] == "10.10.0.0/16"  # checked inputs, secrets as Secret, unknowns as UNKNOWN
    assert recording.one("aws:ec2/natGateway:NatGateway", "net-us-east-1a").property_dependencies["subnetId"] == [...]
    assert recording.unregistered_components() == []

    record(program, preview=True)                    # as `pulumi preview`: what only a cloud could say is UNKNOWN
    record(program, stack="secondary", region="us-west-2", config={"tandem:region": {...}},
           peer_outputs={"contract": {...}})         # what every StackReference reads

The first thing the cloud or the engine would refuse is raised: a misspelt or missing input, a name twice, a subnet
outside its VPC (`sandbox.mocks.Refusal`), two resources with one URN (`DuplicateUrn`), an exception of the program.
Plain mocks miss all of these.

Types are given in full (`aws:ec2/vpc:Vpc`) or by their end (`Vpc`, `ec2/vpc:Vpc`). Runs share nothing.
"""

import asyncio
import contextvars
import json
import threading
from collections.abc import Callable, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Any, cast

import pulumi
from google.protobuf import empty_pb2
from pulumi.runtime import config as pulumi_config
from pulumi.runtime import mocks as pulumi_mocks
from pulumi.runtime import settings
from pulumi.runtime.proto import resource_pb2

from sandbox.cloud import World
from sandbox.mocks import Mocks
from sandbox.values import UNKNOWN, decode, encode, unwrapped

STACK = "pulumi:pulumi:Stack"


class DuplicateUrn(Exception):
    """Two resources with one URN; the engine refuses the second."""


@dataclass(frozen=True)
class Registration:
    """One resource as the program asked for it, and what it got.

    Attributes:
        urn: with the types of its parents in it, as the engine writes it.
        type: Pulumi token.
        name: the program's name.
        parent: URN of the parent; empty for the stack's own children.
        props: inputs by wire name, with UNKNOWN and Secret; what the program said, nothing filled in.
        custom: False for components.
        protect: refuses deletion.
        retain_on_delete: stays in the cloud when it leaves the stack.
        deleted_with: URN of what takes it along; empty for none.
        ignore_changes: property paths.
        replace_on_changes: property paths.
        aliases: former names, types and parents, as the SDK sent them.
        provider: reference of its explicit provider, `<urn>::<id>`; empty for the default one.
        providers: references that components hand to their children, by package.
        dependencies: URNs of everything it waits for.
        property_dependencies: URNs by property.
        additional_secret_outputs: outputs the program marks secret.
        custom_timeouts: seconds as text, by create, update and delete.
        source: file and line in the program, where the SDK sent it.
        id: the provider's id; None in a preview and for components.
        outputs: what it got, with UNKNOWN and Secret; for a component what it registered, None when it never did.
        region: where it stands: its own `region`, else its provider's; empty for what has none.
    """

    urn: str
    type: str
    name: str
    parent: str
    props: Mapping[str, Any]
    custom: bool
    protect: bool
    retain_on_delete: bool
    deleted_with: str
    ignore_changes: Sequence[str]
    replace_on_changes: Sequence[str]
    aliases: Sequence[str]
    provider: str
    providers: Mapping[str, str]
    dependencies: Sequence[str]
    property_dependencies: Mapping[str, Sequence[str]]
    additional_secret_outputs: Sequence[str]
    custom_timeouts: Mapping[str, str]
    source: str
    id: str | None
    outputs: Mapping[str, Any] | None
    region: str

    @property
    def plain(self) -> Mapping[str, Any]:
        """Inputs with secrets unwrapped."""
        return cast(Mapping[str, Any], unwrapped(self.props))


@dataclass(frozen=True)
class Call:
    """One data source that the program asked."""

    token: str
    args: Mapping[str, Any]
    provider: str
    answer: Mapping[str, Any]


@dataclass(frozen=True)
class Recording:
    """Everything a program registered, in order."""

    registrations: Sequence[Registration]
    calls: Sequence[Call]
    outputs: Mapping[str, Any]
    """What the stack exports, with UNKNOWN and Secret."""
    world: World
    """What stands in the simulated cloud afterwards."""

    def all(self, type_: str) -> list[Registration]:
        """Every resource of a type."""
        return [found for found in self.registrations if _is(found.type, type_)]

    def one(self, type_: str, name: str | None = None) -> Registration:
        """The only resource of a type, or of that type and name."""
        found = [entry for entry in self.all(type_) if name is None or entry.name == name]
        if len(found) != 1:
            there = ", ".join(sorted(f"{entry.type} {entry.name}" for entry in (self.all(type_) or self.registrations)))
            raise LookupError(f"{len(found)} resources are {type_} {name or ''}; there are: {there}")
        return found[0]

    def by_urn(self, urn: str) -> Registration:
        """The resource with that URN."""
        return next(entry for entry in self.registrations if entry.urn == urn)

    def children_of(self, parent: Registration | str) -> list[Registration]:
        """Direct children of a resource or URN."""
        urn = parent if isinstance(parent, str) else parent.urn
        return [entry for entry in self.registrations if entry.parent == urn]

    def names(self) -> list[str]:
        """`type name` of everything, sorted: for golden lists."""
        return sorted(f"{entry.type} {entry.name}" for entry in self.registrations)

    def waits_for(self, one: Registration, other: Registration) -> bool:
        """Whether `one` is made only after `other`, directly, over others, or over a component's children."""
        seen: set[str] = set()
        queue = [one.urn]
        while queue:
            entry = self.by_urn(queue.pop())
            if entry.urn in seen:
                continue
            seen.add(entry.urn)
            queue += [urn for urn in entry.dependencies if any(known.urn == urn for known in self.registrations)]
        return other.urn in seen - {one.urn}

    def unregistered_components(self) -> list[str]:
        """URNs of components that never called `register_outputs`."""
        return [entry.urn for entry in self.registrations if not entry.custom and entry.outputs is None]


class RecordingMonitor(pulumi_mocks.MockMonitor):
    """A monitor that keeps every request and answers from the simulated cloud; see `record`."""

    def __init__(self, mocks: Mocks) -> None:
        super().__init__(mocks)
        self.cloud = mocks
        self.registered: dict[str, Registration] = {}
        self.called: list[Call] = []
        self.stack_outputs: dict[str, Any] = {}
        self.errors: list[BaseException] = []
        self._lock = threading.RLock()

    def make_urn(self, parent: str, type_: str, name: str) -> str:
        """As the engine makes it: with the types of all parents but the stack."""
        above = parent.split("::")[2] if parent else ""
        qualified = f"{above}${type_}" if above and above != STACK else type_
        return f"urn:pulumi:{pulumi.get_stack()}::{pulumi.get_project()}::{qualified}::{name}"

    def RegisterResource(self, request: Any) -> Any:
        """Keep what was asked, and make it."""
        urn = self.make_urn(request.parent, request.type, request.name)
        if request.type == STACK:
            return resource_pb2.RegisterResourceResponse(urn=urn)
        props = decode(request.object)
        with self._lock, self._kept():
            if urn in self.registered:
                raise DuplicateUrn(f"Duplicate resource URN {urn!r}; try giving it a unique name")
            provider = request.provider or self._inherited(request)
            entry = _registration(request, urn, props, provider)
            self.registered[urn] = entry
            id_, outputs = self.cloud.register(
                urn, request.type, props, provider=provider, custom=request.custom, read_id=request.importId
            )
            region = outputs.get("region") if request.type.startswith("aws:") else None
            self.registered[urn] = replace(
                entry,
                id=id_,
                outputs=outputs if request.custom else None,
                region=region if isinstance(region, str) else "",
            )
        self.resources[urn] = pulumi_mocks.MockMonitor.ResourceRegistration(urn, id_ or "", unwrapped(outputs))
        # Inputs come back, as from the engine; a component has nothing else.
        shown = outputs if request.custom else props
        return resource_pb2.RegisterResourceResponse(urn=urn, id=id_ or "", object=encode(shown))

    def ReadResource(self, request: Any) -> Any:
        """Look up something that stands already, or a stack's outputs."""
        urn = self.make_urn(request.parent, request.type, request.name)
        with self._lock, self._kept():
            _, outputs = self.cloud.register(
                urn, request.type, decode(request.properties), provider=request.provider, read_id=request.id
            )
        return resource_pb2.ReadResourceResponse(urn=urn, properties=encode(outputs))

    def Invoke(self, request: Any) -> Any:
        """Answer a data source."""
        if request.tok.startswith("pulumi:pulumi:"):
            return cast(Any, super()).Invoke(request)
        args = decode(request.args)
        with self._lock, self._kept():
            answer = self.cloud.invoke(request.tok, args, provider=request.provider)
            self.called.append(Call(request.tok, args, request.provider, answer))
        fields: dict[str, Any] = {"return": encode(answer)}
        return resource_pb2.ResourceInvokeResponse(**fields)

    def RegisterResourceOutputs(self, request: Any) -> Any:
        """Keep what a component, or the stack, says it has made."""
        outputs = decode(request.outputs)
        with self._lock:
            if request.urn in self.registered:
                self.registered[request.urn] = replace(self.registered[request.urn], outputs=outputs)
            else:
                self.stack_outputs = outputs
        return empty_pb2.Empty()

    def _inherited(self, request: Any) -> str:
        # The SDK resolves providers of children itself; what is left is the default one.
        return str(dict(request.providers).get(request.type.partition(":")[0], "")) if request.custom else ""

    @contextmanager
    def _kept(self) -> Any:
        try:
            yield
        except BaseException as error:
            self.errors.append(error)
            raise


def record(
    program: Callable[[], Any],
    *,
    preview: bool = False,
    stack: str = "primary",
    project: str = "tandem",
    config: Mapping[str, Any] | None = None,
    secret_config: Sequence[str] = (),
    region: str = "us-east-1",
    peer_outputs: Mapping[str, Any] | None = None,
    world: World | None = None,
) -> Recording:
    """Run a program to its end and keep what it registered.

    Args:
        program: registers resources; may export and may be async.
        preview: leave unknown what only a cloud could say.
        stack: the stack's name.
        project: the project's name.
        config: values by full key, such as `tandem:region`; what is not text is sent as JSON.
        secret_config: keys of `config` that are secret.
        region: of the default AWS provider.
        peer_outputs: what every StackReference reads.
        world: the cloud to make things in, to run a second program beside the first.

    Raises:
        DuplicateUrn, sandbox.mocks.Refusal: as the engine and the clouds would refuse.
        Exception: the first that the program itself raised, in its body or in an `apply`.
    """
    cloud = Mocks(region=region, world=world, peer_outputs=peer_outputs, preview=preview)
    monitor = RecordingMonitor(cloud)
    texts = {key: value if isinstance(value, str) else json.dumps(value) for key, value in (config or {}).items()}

    def run() -> None:
        settings.configure(
            pulumi_mocks.MockSettings(
                monitor=monitor,
                engine=pulumi_mocks.MockEngine(None),
                project=project,
                stack=stack,
                organization="organization",
                dry_run=preview,
                outputs=set(),
                lock=threading.Lock(),
                feature_support={},
                package_refs={},
                callbacks=None,
                legacy_apply_enabled=False,
            )
        )
        pulumi_config.set_all_config(texts, list(secret_config))
        with asyncio.Runner() as runner:
            # What fails is raised below, once; the SDK leaves every future that waited for it unread.
            runner.get_loop().set_exception_handler(lambda _loop, _context: None)
            runner.run(pulumi.runtime.run_in_stack(program))

    try:
        # The SDK keeps its settings in context variables: a context of its own makes every run a first one.
        contextvars.Context().run(run)
    except BaseException as error:
        # What the cloud refused says more than the SDK's report of it.
        raise (monitor.errors[0] if monitor.errors else error) from None
    if monitor.errors:
        raise monitor.errors[0]
    return Recording(list(monitor.registered.values()), list(monitor.called), monitor.stack_outputs, cloud.world)


def _registration(request: Any, urn: str, props: Mapping[str, Any], provider: str) -> Registration:
    position = request.sourcePosition
    timeouts = request.customTimeouts
    return Registration(
        urn=urn,
        type=request.type,
        name=request.name,
        parent="" if f"::{STACK}::" in request.parent else request.parent,
        props=props,
        custom=request.custom,
        protect=request.protect,
        retain_on_delete=request.retainOnDelete,
        deleted_with=request.deletedWith,
        ignore_changes=list(request.ignoreChanges),
        replace_on_changes=list(request.replaceOnChanges),
        aliases=[str(alias).strip() for alias in (*request.aliases, *request.aliasURNs)],
        provider=provider,
        providers=dict(request.providers),
        dependencies=list(request.dependencies),
        property_dependencies={key: list(value.urns) for key, value in request.propertyDependencies.items()},
        additional_secret_outputs=list(request.additionalSecretOutputs),
        custom_timeouts={
            key: getattr(timeouts, key) for key in ("create", "update", "delete") if getattr(timeouts, key)
        },
        source=f"{position.uri}:{position.line}" if position.uri else "",
        id=None,
        outputs=None,
        region="",
    )


def _is(type_: str, wanted: str) -> bool:
    return type_ == wanted or type_.endswith((f":{wanted}", f"/{wanted}"))


__all__ = ["UNKNOWN", "Call", "DuplicateUrn", "Recording", "RecordingMonitor", "Registration", "record"]
