"""The real servicer behind a real gRPC channel."""

from collections.abc import Callable, Iterable, Iterator
from concurrent import futures
from contextlib import contextmanager
from datetime import UTC, date, datetime
from pathlib import Path

import grpc
from pulumi.runtime.proto import analyzer_pb2, analyzer_pb2_grpc

from policies.catalog import all_rules
from policies.registry import Rule
from policies.servicer import Analyzer
from policies.waivers import Waivers
from tests.policies.platform import Platform

LEVELS = {"advisory": analyzer_pb2.ADVISORY, "mandatory": analyzer_pb2.MANDATORY, "disabled": analyzer_pb2.DISABLED}


@contextmanager
def serving(
    rules: Iterable[Rule] | None = None,
    waivers: Waivers | None = None,
    today: Callable[[], date] = lambda: datetime.now(UTC).date(),
    kept: Path | None = None,
) -> Iterator[analyzer_pb2_grpc.AnalyzerStub]:
    server = grpc.server(futures.ThreadPoolExecutor(max_workers=4))
    pack = Analyzer(all_rules() if rules is None else rules, lambda: None, waivers, today, kept)
    analyzer_pb2_grpc.add_AnalyzerServicer_to_server(pack, server)
    port = server.add_insecure_port("127.0.0.1:0")
    server.start()
    try:
        with grpc.insecure_channel(f"127.0.0.1:{port}") as channel:
            yield analyzer_pb2_grpc.AnalyzerStub(channel)
    finally:
        server.stop(grace=None).wait()


def diagnostics(stub: analyzer_pb2_grpc.AnalyzerStub, platform: Platform) -> list[analyzer_pb2.AnalyzeDiagnostic]:
    """What the engine would show: each resource first, then the stack."""
    found = [each for request in platform.analyze_requests() for each in stub.Analyze(request).diagnostics]
    return [*found, *stub.AnalyzeStack(platform.stack_request()).diagnostics]


def verdicts(stub: analyzer_pb2_grpc.AnalyzerStub, platform: Platform) -> set[str]:
    """Rule ids of what fails, with a question mark behind those that are unproven."""
    return {
        f"{each.policyName}?" if ": unproven. " in each.message else each.policyName
        for each in diagnostics(stub, platform)
    }
