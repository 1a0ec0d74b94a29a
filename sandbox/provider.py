"""A simulated provider as the Pulumi engine runs it: `python -m sandbox.provider aws` prints its port and serves.

It ends when the engine does. What it does is logged in `<sandbox home>/logs/provider-<package>.log`.
"""

import argparse
import contextlib
import logging
import os
import re
import signal
import sys
import threading
from collections.abc import Callable
from concurrent import futures
from importlib import metadata
from pathlib import Path
from typing import Any, NoReturn, TypeVar

import grpc
from google.protobuf import empty_pb2
from pulumi.runtime.proto import plugin_pb2, provider_pb2, provider_pb2_grpc

from sandbox import paths
from sandbox.cloud import NotSimulated, Refused, Simulator, World
from sandbox.cloud.aws import SANDBOX_ACCOUNT
from sandbox.cloud.mirror import Mirror
from sandbox.values import UNKNOWN, decode, encode

_LOG = logging.getLogger("sandbox.provider")
_PARENT_CHECK_SECONDS = 1.0
_GRACE_SECONDS = 5.0
_MESSAGE_BYTES = 400 * 1024 * 1024
_UNLIMITED = [("grpc.max_receive_message_length", _MESSAGE_BYTES), ("grpc.max_send_message_length", _MESSAGE_BYTES)]
# Providers whose inputs name what everything in them stands in: another value is another provider.
_IDENTITIES = {"kubernetes": ("clusterIdentifier",), "gcp": ("project",)}

_Answer = TypeVar("_Answer")


class Provider(provider_pb2_grpc.ResourceProviderServicer):
    """The engine's door to a `Simulator`; here is only translation."""

    def __init__(self, package: str, world: World, mirror: Mirror | None = None) -> None:
        """A provider of `package` whose resources stand in `world`, and some in a local AWS too."""
        self._package = package
        self._cancelled = threading.Event()
        self._simulator = Simulator(package, world, wait=self._cancelled.wait, mirror=mirror)

    def Handshake(self, request: Any, context: grpc.ServicerContext) -> Any:
        """Secrets are kept as such; references to resources may come as their ids."""
        return provider_pb2.ProviderHandshakeResponse(accept_secrets=True, accept_resources=False, accept_outputs=False)

    def Attach(self, request: Any, context: grpc.ServicerContext) -> Any:
        """Nothing is sent back to the engine, so there is nothing to attach to."""
        return empty_pb2.Empty()

    def GetPluginInfo(self, request: Any, context: grpc.ServicerContext) -> Any:
        """The version of the SDK, which is the one the engine asks for."""
        return plugin_pb2.PluginInfo(version=sdk_version(self._package))

    def GetSchema(self, request: Any, context: grpc.ServicerContext) -> Any:
        """A schema with a name and nothing else: programs bring their SDK along."""
        return provider_pb2.GetSchemaResponse(schema=f'{{"name": "{self._package}"}}')

    def Parameterize(self, request: Any, context: grpc.ServicerContext) -> NoReturn:
        """Not simulated."""
        _unimplemented(context, f"the simulated {self._package} provider takes no parameters")

    def GetMapping(self, request: Any, context: grpc.ServicerContext) -> Any:
        """There is nothing to convert from."""
        return provider_pb2.GetMappingResponse()

    def GetMappings(self, request: Any, context: grpc.ServicerContext) -> Any:
        """There is nothing to convert from."""
        return provider_pb2.GetMappingsResponse()

    def CheckConfig(self, request: Any, context: grpc.ServicerContext) -> Any:
        """Judge the provider's own inputs, and leave out what a preview does not know yet.

        The engine asks nothing of a provider with an unknown input: at the first preview no Kubernetes object would be
        judged, because the kubeconfig of a cluster that is not there is unknown. The simulated one needs none to judge.
        """

        def check() -> Any:
            news = decode(request.news)
            failures = self._simulator.check_config(news)
            known = {key: value for key, value in news.items() if value is not UNKNOWN}
            return provider_pb2.CheckResponse(inputs=encode(known), failures=_failures(failures))

        return self._answered(context, "CheckConfig", request.type, check)

    def DiffConfig(self, request: Any, context: grpc.ServicerContext) -> Any:
        """Another cluster or project is another provider; everything else changes in place."""

        def diff() -> Any:
            olds, news = decode(request.old_inputs), decode(request.news)
            changed = sorted(key for key in olds.keys() | news.keys() if olds.get(key) != news.get(key))
            identity = _IDENTITIES.get(self._package, ())
            return provider_pb2.DiffResponse(
                changes=_changes(bool(changed)), diffs=changed, replaces=[key for key in changed if key in identity]
            )

        return self._answered(context, "DiffConfig", request.type, diff)

    def Configure(self, request: Any, context: grpc.ServicerContext) -> Any:
        """Take the provider's inputs."""

        def configure() -> Any:
            self._simulator.configure(decode(request.args))
            return provider_pb2.ConfigureResponse(
                acceptSecrets=True, supportsPreview=True, acceptResources=False, acceptOutputs=False
            )

        return self._answered(context, "Configure", self._package, configure)

    def Check(self, request: Any, context: grpc.ServicerContext) -> Any:
        """Judge a resource's inputs and complete them."""

        def check() -> Any:
            type_ = _type(request)
            checked = self._simulator.check(request.urn, type_, decode(request.news), decode(request.olds))
            return provider_pb2.CheckResponse(inputs=encode(checked.inputs), failures=_failures(checked.failures))

        return self._answered(context, "Check", _type(request), check)

    def Diff(self, request: Any, context: grpc.ServicerContext) -> Any:
        """Compare what stands with what is wanted."""

        def diff() -> Any:
            found = self._simulator.diff(
                request.urn,
                _type(request),
                request.id,
                decode(request.old_inputs),
                decode(request.news),
                list(request.ignoreChanges),
            )
            detailed = {
                path: provider_pb2.PropertyDiff(kind=_kind(change, path in found.replaces), inputDiff=True)
                for path, change in found.changes.items()
            }
            return provider_pb2.DiffResponse(
                changes=_changes(bool(found.changes)),
                replaces=list(found.replaces),
                diffs=sorted({path.partition(".")[0].partition("[")[0] for path in found.changes}),
                deleteBeforeReplace=found.delete_first,
                detailedDiff=detailed,
                hasDetailedDiff=True,
            )

        return self._answered(context, "Diff", _type(request), diff)

    def Create(self, request: Any, context: grpc.ServicerContext) -> Any:
        """Bring a resource up, or foresee it."""

        def create() -> Any:
            id_, outputs = self._simulator.create(
                request.urn, _type(request), decode(request.properties), preview=request.preview
            )
            return provider_pb2.CreateResponse(id=id_, properties=encode(outputs))

        return self._answered(context, "Create", _type(request), create)

    def Read(self, request: Any, context: grpc.ServicerContext) -> Any:
        """What stands now; an empty id says that nothing does."""

        def read() -> Any:
            found = self._simulator.read(
                request.urn, _type(request), request.id, decode(request.properties), decode(request.inputs)
            )
            if found is None:
                return provider_pb2.ReadResponse()
            outputs, inputs = found
            return provider_pb2.ReadResponse(id=request.id, properties=encode(outputs), inputs=encode(inputs))

        return self._answered(context, "Read", _type(request), read)

    def Update(self, request: Any, context: grpc.ServicerContext) -> Any:
        """Change a resource in place, or foresee it."""

        def update() -> Any:
            outputs = self._simulator.update(
                request.urn,
                _type(request),
                request.id,
                decode(request.olds),
                decode(request.news),
                preview=request.preview,
            )
            return provider_pb2.UpdateResponse(properties=encode(outputs))

        return self._answered(context, "Update", _type(request), update)

    def Delete(self, request: Any, context: grpc.ServicerContext) -> Any:
        """Remove a resource."""

        def delete() -> Any:
            self._simulator.delete(request.urn, _type(request), request.id, decode(request.properties))
            return empty_pb2.Empty()

        return self._answered(context, "Delete", _type(request), delete)

    def Invoke(self, request: Any, context: grpc.ServicerContext) -> Any:
        """Answer a data source."""

        def invoke() -> Any:
            answer = encode(self._simulator.invoke(request.tok, decode(request.args)))
            return _invoked(answer)

        return self._answered(context, "Invoke", request.tok, invoke)

    def Call(self, request: Any, context: grpc.ServicerContext) -> NoReturn:
        """Not simulated."""
        _unimplemented(context, f"the sandbox does not simulate the method {request.tok}")

    def Construct(self, request: Any, context: grpc.ServicerContext) -> NoReturn:
        """Not simulated."""
        _unimplemented(context, f"the sandbox does not simulate the component {request.type} of {self._package}")

    def Cancel(self, request: Any, context: grpc.ServicerContext) -> Any:
        """End every wait at once."""
        self._cancelled.set()
        return empty_pb2.Empty()

    def _answered(self, context: grpc.ServicerContext, method: str, what: str, work: Callable[[], _Answer]) -> _Answer:
        try:
            answer = work()
        except (Refused, NotSimulated) as refusal:
            _LOG.info("%s %s: %s", method, what, refusal)
            # Not UNAVAILABLE, which the engine takes for a provider that died.
            _abort(context, grpc.StatusCode.UNKNOWN, str(refusal))
        except Exception as error:
            _LOG.exception("%s %s", method, what)
            _abort(
                context,
                grpc.StatusCode.INTERNAL,
                f"the simulated {self._package} provider broke in {method} of {what}: {type(error).__name__}: {error}; "
                f"this is a bug of the sandbox, see {log_path(self._package)}",
            )
        _LOG.debug("%s %s", method, what)
        return answer


def log_path(package: str) -> Path:
    """Where a provider logs."""
    return paths.logs() / f"provider-{package}.log"


def sdk_version(package: str) -> str:
    """Version of the installed SDK of a package; the engine looks for a plugin of that version."""
    try:
        return metadata.version(f"pulumi-{package}")
    except metadata.PackageNotFoundError:
        return "0.0.0"


def serve(package: str, world: World, mirror: Mirror | None = None) -> tuple[grpc.Server, int]:
    """Start serving on a free loopback port; the caller stops the server."""
    server = grpc.server(futures.ThreadPoolExecutor(max_workers=32), options=_UNLIMITED)
    provider_pb2_grpc.add_ResourceProviderServicer_to_server(Provider(package, world, mirror), server)
    port = server.add_insecure_port("127.0.0.1:0")
    server.start()
    return server, port


def main() -> None:
    """Serve until the engine is gone."""
    parser = argparse.ArgumentParser(prog="python -m sandbox.provider", description=__doc__)
    parser.add_argument("package", help="Pulumi package to simulate, such as aws")
    # The engine adds its own address and flags.
    arguments, _ = parser.parse_known_args()
    log = log_path(arguments.package)
    log.parent.mkdir(parents=True, exist_ok=True)
    logging.basicConfig(filename=log, level=logging.DEBUG, format="%(asctime)s %(process)d %(levelname)s %(message)s")
    # botocore logs every request's body, passwords and all.
    for noisy in ("asyncio", "boto3", "botocore", "urllib3"):
        logging.getLogger(noisy).setLevel(logging.WARNING)
    engine = os.getppid()
    server, port = serve(arguments.package, World(paths.cloud()), Mirror(SANDBOX_ACCOUNT))
    # An engine that is done interrupts what it has started, and reports one that does not end well; a terminal's Ctrl-C
    # does not come here, because each is in a process group of its own. Where the engine runs in a script's background,
    # its children are born deaf to interrupts.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    with contextlib.suppress(KeyboardInterrupt):
        sys.stdout.write(f"{port}\n")
        sys.stdout.flush()
        # A killed engine says nothing: its child finds itself with another parent.
        while os.getppid() == engine and server.wait_for_termination(_PARENT_CHECK_SECONDS):
            pass
    # What is half made is finished, within reason; then threads that wait for something dark must not hold the process.
    server.stop(grace=_GRACE_SECONDS).wait()
    os._exit(0)


def _invoked(answer: Any) -> Any:
    # The field is called `return`, which Python cannot spell as an argument.
    fields: dict[str, Any] = {"return": answer}
    return provider_pb2.InvokeResponse(**fields)


def _type(request: Any) -> str:
    return request.type or request.urn.split("::")[2].rpartition("$")[2]


def _failures(failures: Any) -> list[Any]:
    return [_failure(failure.property, failure.reason) for failure in failures]


def _failure(path: str, reason: str) -> Any:
    # The engine shows the value of a top-level property, and knows of no deeper path.
    top = re.split(r"[.\[]", path, maxsplit=1)[0]
    return provider_pb2.CheckFailure(property=top, reason=reason if top == path else f"{path}: {reason}")


def _changes(any_: bool) -> Any:
    return provider_pb2.DiffResponse.DIFF_SOME if any_ else provider_pb2.DiffResponse.DIFF_NONE


def _kind(change: str, replaces: bool) -> Any:
    return provider_pb2.PropertyDiff.Kind.Value(f"{change.upper()}{'_REPLACE' if replaces else ''}")


def _abort(context: grpc.ServicerContext, code: grpc.StatusCode, message: str) -> NoReturn:
    context.abort(code, message)
    raise AssertionError("abort returned")


def _unimplemented(context: grpc.ServicerContext, message: str) -> NoReturn:
    _abort(context, grpc.StatusCode.UNIMPLEMENTED, message)


if __name__ == "__main__":
    main()
