"""The rules on graphs of a size: both regions' own, again and again under other names, sent as the engine would.

What the pack takes in all is the processor time of its own process, over real messages and a real channel; what it
takes beyond decoding is measured in this process, where decoding can be told from judging.
"""

import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from concurrent import futures
from dataclasses import dataclass
from typing import Any, TypeVar

import grpc
from google.protobuf import empty_pb2, struct_pb2
from pulumi.runtime.proto import analyzer_pb2, analyzer_pb2_grpc

from benchmarks.measure import BenchmarkError
from benchmarks.sdk_pack import sdk_servicer
from policies.catalog import all_rules
from policies.judge import alone, judge
from policies.settings import settle
from resilience.adapters.analyzer import checked_resource, stack_resources
from resilience.graph import Graph
from sandbox import paths
from tests.house.stacks import STACKS, recorded
from tests.house.wire import checked, stack

PACK = paths.ROOT / "policies"
UNLIMITED = (("grpc.max_receive_message_length", -1), ("grpc.max_send_message_length", -1))
TIMEOUT_SECONDS = 900


@dataclass(frozen=True)
class Graphs:
    """What the engine would send of so many resources."""

    ones: list[analyzer_pb2.AnalyzeRequest]
    """Each by itself."""
    all: analyzer_pb2.AnalyzeStackRequest
    """Everything together."""


def graphs(size: int) -> Graphs:
    """Both regions' stacks once up, copied until there are so many resources."""
    recordings = [recorded(name) for name in STACKS]
    ones = [request for recording in recordings for request in checked(recording)]
    rows = list(stack(*recordings).resources)
    copies = range(-(-size // len(rows)))
    return Graphs(
        [_copied(each, number) for number in copies for each in ones][:size],
        analyzer_pb2.AnalyzeStackRequest(
            resources=[_copied(each, number) for number in copies for each in rows][:size]
        ),
    )


Message = TypeVar("Message", analyzer_pb2.AnalyzeRequest, analyzer_pb2.AnalyzerResource)


def _copied(resource: Message, number: int) -> Message:
    """The same in another copy of its stack: with other names, and in namespaces of its own."""
    made = type(resource)()
    made.CopyFrom(resource)
    if number == 0:
        return made
    made.name, made.urn = f"{made.name}-{number}", f"{made.urn}-{number}"
    if made.options.parent:
        made.options.parent += f"-{number}"
    if made.HasField("provider"):
        made.provider.urn += f"-{number}"
    _namespaced(made.properties, number)
    if isinstance(made, analyzer_pb2.AnalyzerResource):
        made.parent = made.parent and f"{made.parent}-{number}"
        made.dependencies[:] = [f"{urn}-{number}" for urn in made.dependencies]
        for edges in made.propertyDependencies.values():
            edges.urns[:] = [f"{urn}-{number}" for urn in edges.urns]
    return made


def _namespaced(properties: struct_pb2.Struct, number: int) -> None:
    for name, value in properties.fields.items():
        if name == "namespace" and value.WhichOneof("kind") == "string_value":
            value.string_value += f"-{number}"
        elif value.WhichOneof("kind") == "struct_value":
            _namespaced(value.struct_value, number)


def judged(graphs: Graphs) -> tuple[float, float]:
    """Seconds that processors work to decode a graph, and to judge it, in this process."""
    rules, settings = all_rules(), settle(all_rules(), {})
    of_one, of_all = ([rule for rule in rules if alone(rule) is single] for single in (True, False))
    started = time.process_time()
    ones = [checked_resource(request) for request in graphs.ones]
    together = stack_resources(graphs.all.resources)
    decoded = time.process_time()
    for one in ones:
        judge(of_one, Graph([one]), settings)
    judge(of_all, Graph(together), settings)
    return decoded - started, time.process_time() - decoded


@dataclass(frozen=True)
class Life:
    """What the pack took from start to end, as a process of its own."""

    boot_seconds: float
    """That passed until it had said its port."""
    asked_seconds: float
    """That passed while it was asked."""
    cpu_seconds: float
    """That processors worked, start included."""


def lived(asked: Callable[[analyzer_pb2_grpc.AnalyzerStub], object]) -> Life:
    """Start the pack as the engine does, ask, and end it.

    Raises:
        BenchmarkError: if it does not start.
    """
    before, begin = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
    # The engine's address, at which nobody asks here.
    command = [sys.executable, str(PACK), "127.0.0.1:1"]
    with subprocess.Popen(
        command, cwd=tempfile.gettempdir(), stdout=subprocess.PIPE, stderr=subprocess.PIPE
    ) as process:
        assert process.stdout
        assert process.stderr
        line = process.stdout.readline()
        up = time.perf_counter()
        if not line:
            raise BenchmarkError(f"the policy pack did not start:\n{process.stderr.read().decode()[-4000:]}")
        try:
            with grpc.insecure_channel(f"127.0.0.1:{int(line)}", options=UNLIMITED) as channel:
                stub: Any = analyzer_pb2_grpc.AnalyzerStub(channel)
                stub.GetAnalyzerInfo(empty_pb2.Empty())
                ready = time.perf_counter()
                asked(stub)
                done = time.perf_counter()
        finally:
            process.terminate()
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return Life(up - begin, done - ready, cpu)


def served_by_the_sdk(graphs: Graphs) -> tuple[float, list[analyzer_pb2.AnalyzeDiagnostic]]:
    """Seconds that processors work, at both ends, while the SDK's own servicer answers the same; and its answers."""
    server = grpc.server(futures.ThreadPoolExecutor(max_workers=4), options=UNLIMITED)
    analyzer_pb2_grpc.add_AnalyzerServicer_to_server(sdk_servicer(all_rules()), server)
    port = server.add_insecure_port("127.0.0.1:0")
    server.start()
    try:
        with grpc.insecure_channel(f"127.0.0.1:{port}", options=UNLIMITED) as channel:
            begin = time.process_time()
            found = ask(analyzer_pb2_grpc.AnalyzerStub(channel), graphs)
            return time.process_time() - begin, found
    finally:
        server.stop(grace=None).wait()


def ask(stub: Any, graphs: Graphs) -> list[analyzer_pb2.AnalyzeDiagnostic]:
    """What the engine asks of a pack: of each resource, then of all together.

    Args:
        stub: an ``AnalyzerStub``; its methods have no types.
        graphs: what is sent.
    """
    answers: list[analyzer_pb2.AnalyzeResponse] = [stub.Analyze(each, timeout=TIMEOUT_SECONDS) for each in graphs.ones]
    answers.append(stub.AnalyzeStack(graphs.all, timeout=TIMEOUT_SECONDS))
    return [found for answer in answers for found in answer.diagnostics]
