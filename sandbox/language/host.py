"""Pulumi's `LanguageRuntime` service for Python programs, policy packs and plugins.

The engine starts one host per command, in a process group of its own, and stops it with SIGINT to that group
followed, five seconds later, by SIGKILL. Programs run in sessions of their own, so the SIGINT reaches this process
alone, and it is this process that ends them: at once and without a traceback.
"""

import contextlib
import json
import os
import platform
import queue
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from types import FrameType
from typing import Any, NoReturn

import grpc
from google.protobuf import empty_pb2, json_format
from pulumi.runtime.proto import language_pb2, language_pb2_grpc, plugin_pb2

from sandbox.language.program import ALREADY_REPORTED
from sandbox.language.toolchain import OptionError, Toolchain, toolchain

PROGRAM = Path(__file__).with_name("program.py")
INSTALLED = Path(__file__).with_name("installed.py")

# The engine sends whole configurations and schemas in one message; gRPC's own limit is 4 MiB.
MESSAGE_LIMIT_BYTES = 400 * 1024 * 1024


class Processes:
    """The programs running now. Each leads a session, so that ending it ends what it started."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._running: set[subprocess.Popen[bytes]] = set()
        self._closed = False
        # Never written: children see its end when this process is gone. See program.end_with_host.
        self._read_end, self._write_end = os.pipe()

    def start(
        self, python: str, arguments: list[str], cwd: str, environment: Mapping[str, str], *, output: int | None
    ) -> subprocess.Popen[bytes]:
        """Start `program.py` in that Python; `output` is where stdout and stderr go, None for this process's own."""
        with self._lock:
            if self._closed:
                raise ConnectionAbortedError("the engine has cancelled this host")
            process = subprocess.Popen(
                [python, "-u", "-P", str(PROGRAM), "--host-pipe", str(self._read_end), *arguments],
                cwd=cwd,
                env=dict(environment),
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                pass_fds=[self._read_end],
                start_new_session=True,
            )
            self._running.add(process)
            return process

    def finish(self, process: subprocess.Popen[bytes]) -> int:
        """Wait for the program, end what it left behind, and return its exit code."""
        code = process.wait()
        kill(process)
        with self._lock:
            self._running.discard(process)
        return code

    def end(self, process: subprocess.Popen[bytes]) -> None:
        """End a program now, unless it has ended: its number may be another process's by now."""
        with self._lock:
            if process in self._running:
                kill(process)

    def close(self) -> None:
        """End every program now and start no more."""
        with self._lock:
            self._closed = True
            for process in self._running:
                kill(process)

    @property
    def closed(self) -> bool:
        """Whether the engine has cancelled."""
        return self._closed


def kill(process: subprocess.Popen[bytes]) -> None:
    """End a program's whole process group; it may be gone already."""
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(process.pid, signal.SIGKILL)


class LanguageHost(language_pb2_grpc.LanguageRuntimeServicer):
    """Answers the engine. Methods not here (code generation, packing, linking) are answered UNIMPLEMENTED."""

    def __init__(self, engine: str, processes: Processes) -> None:
        self._engine = engine
        self._processes = processes

    def Handshake(
        self, request: language_pb2.LanguageHandshakeRequest, context: grpc.ServicerContext
    ) -> language_pb2.LanguageHandshakeResponse:
        """Take the engine's address from an engine that attaches to a running host."""
        self._engine = request.engine_address or self._engine
        return language_pb2.LanguageHandshakeResponse()

    def GetPluginInfo(self, request: empty_pb2.Empty, context: grpc.ServicerContext) -> plugin_pb2.PluginInfo:
        """Say which SDK this host was made for."""
        from importlib.metadata import version

        return plugin_pb2.PluginInfo(version=version("pulumi"))

    def GetRequiredPackages(
        self, request: language_pb2.GetRequiredPackagesRequest, context: grpc.ServicerContext
    ) -> language_pb2.GetRequiredPackagesResponse:
        """Name the provider plugins, with versions, of the SDKs installed beside the program."""
        packages: list[plugin_pb2.PackageDependency] = []
        for plugin in installed(chosen(request.info, context), "pulumi", context):
            package = plugin_pb2.PackageDependency(
                name=plugin["name"], kind="resource", version=plugin["version"], server=plugin.get("server", "")
            )
            if parameters := plugin.get("parameterization"):
                json_format.ParseDict(parameters, package.parameterization)
            if parameters := plugin.get("extensionParameterization"):
                json_format.ParseDict(parameters, package.extension)
            packages.append(package)
        return language_pb2.GetRequiredPackagesResponse(packages=packages)

    def GetProgramDependencies(
        self, request: language_pb2.GetProgramDependenciesRequest, context: grpc.ServicerContext
    ) -> language_pb2.GetProgramDependenciesResponse:
        """List what is installed beside the program, for `pulumi about` and update metadata."""
        what = "all" if request.transitiveDependencies else "top"
        return language_pb2.GetProgramDependenciesResponse(
            dependencies=[
                language_pb2.DependencyInfo(name=item["name"], version=item["version"])
                for item in installed(chosen(request.info, context), what, context)
            ]
        )

    def About(self, request: language_pb2.AboutRequest, context: grpc.ServicerContext) -> language_pb2.AboutResponse:
        """Say which Python runs the program."""
        options = chosen(request.info, context)
        python = interpreter_of(options, context)
        version = platform.python_version()
        if python != sys.executable:
            asked = subprocess.run([python, "--version"], capture_output=True, text=True, check=True)
            version = asked.stdout.split()[-1]
        return language_pb2.AboutResponse(
            executable=python, version=version, metadata={"toolchain": options.tool, "host": "tandem sandbox"}
        )

    def RuntimeOptionsPrompts(
        self, request: language_pb2.RuntimeOptionsRequest, context: grpc.ServicerContext
    ) -> language_pb2.RuntimeOptionsResponse:
        """Ask for the one option a new project must decide, unless it has."""
        if "toolchain" in request.info.options:
            return language_pb2.RuntimeOptionsResponse()
        prompt = language_pb2.RuntimeOptionPrompt
        choices = [
            prompt.RuntimeOptionValue(promptType=prompt.STRING, stringValue=tool, displayName=tool)
            for tool in ("pip", "uv", "poetry")
        ]
        return language_pb2.RuntimeOptionsResponse(
            prompts=[
                prompt(
                    key="toolchain",
                    description="The toolchain to use for installing dependencies and running the program",
                    promptType=prompt.STRING,
                    choices=choices,
                    default=choices[0],
                )
            ]
        )

    def InstallDependencies(
        self, request: language_pb2.InstallDependenciesRequest, context: grpc.ServicerContext
    ) -> Iterator[language_pb2.InstallDependenciesResponse]:
        """Install the program's requirements with its toolchain, passing the tool's output on as it comes."""
        options = chosen(request.info, context)
        for command in options.install_commands():
            yield language_pb2.InstallDependenciesResponse(stdout=f"$ {' '.join(command)}\n".encode())
            try:
                process = subprocess.Popen(
                    command, cwd=options.root, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, start_new_session=True
                )
            except FileNotFoundError:
                context.abort(grpc.StatusCode.FAILED_PRECONDITION, f"{command[0]} is not installed")
                return
            context.add_callback(lambda running=process: kill(running))
            assert process.stdout is not None
            for line in process.stdout:
                yield language_pb2.InstallDependenciesResponse(stdout=line)
            if code := process.wait():
                context.abort(grpc.StatusCode.ABORTED, f"`{' '.join(command)}` ended with exit code {code}")

    def Run(self, request: language_pb2.RunRequest, context: grpc.ServicerContext) -> language_pb2.RunResponse:
        """Run a program to its end. What it prints goes to the engine through this process's own output, unbuffered."""
        try:
            python = toolchain_of(request.info).python()
        except OptionError as error:
            return language_pb2.RunResponse(error=str(error))
        environment = {
            **os.environ,
            "PYTHONUNBUFFERED": "1",
            "PULUMI_CONFIG": json.dumps(dict(request.config)),
            "PULUMI_CONFIG_SECRET_KEYS": json.dumps(list(request.configSecretKeys)),
        }
        started_with = {
            "monitor": request.monitor_address,
            "engine": self._engine,
            "project": request.project,
            "stack": request.stack,
            "parallel": request.parallel,
            "dry_run": request.dryRun,
            "organization": request.organization,
            "root_directory": request.info.root_directory,
            "program": program_of(request.info),
        }
        try:
            process = self._processes.start(
                python,
                ["program", json.dumps(started_with), *request.args],
                request.pwd or request.info.program_directory,
                environment,
                output=None,
            )
        except ConnectionAbortedError:
            return language_pb2.RunResponse(bail=True)
        except OSError as error:
            return language_pb2.RunResponse(error=f"cannot start {python}: {error}")
        # The engine may hang up instead of cancelling; there is nobody left to run the program for then.
        context.add_callback(lambda: self._processes.end(process))
        code = self._processes.finish(process)
        if code == 0:
            return language_pb2.RunResponse()
        if code == ALREADY_REPORTED or self._processes.closed:
            return language_pb2.RunResponse(bail=True)
        if code < 0:
            return language_pb2.RunResponse(error=f"Program was ended by {signal.Signals(-code).name}")
        return language_pb2.RunResponse(error=f"Program exited with non-zero exit code: {code}")

    def RunPlugin(
        self, request: language_pb2.RunPluginRequest, context: grpc.ServicerContext
    ) -> Iterator[language_pb2.RunPluginResponse]:
        """Run a policy pack or a plugin, passing its output on as it comes, then its exit code."""
        python = interpreter_of(chosen(request.info, context), context)
        kind = "analyzer" if request.kind == "analyzer" else "plugin"
        environment = dict(entry.split("=", 1) for entry in request.env) or dict(os.environ)
        environment["PYTHONUNBUFFERED"] = "1"
        try:
            process = self._processes.start(
                python,
                [kind, program_of(request.info), *request.args],
                request.pwd,
                environment,
                output=subprocess.PIPE,
            )
        except (ConnectionAbortedError, OSError) as error:
            context.abort(grpc.StatusCode.ABORTED, f"cannot start {request.info.program_directory}: {error}")
            return
        # The engine stops a policy pack by cancelling this call.
        context.add_callback(lambda: self._processes.end(process))
        yield from output(process)
        yield language_pb2.RunPluginResponse(exitcode=self._processes.finish(process))

    def Cancel(self, request: empty_pb2.Empty, context: grpc.ServicerContext) -> empty_pb2.Empty:
        """End whatever runs: sent on Ctrl-C, and before the engine closes this host."""
        self._processes.close()
        return empty_pb2.Empty()


def output(process: subprocess.Popen[bytes]) -> Iterator[language_pb2.RunPluginResponse]:
    """Yield what a process writes, as it writes it, until both its streams end."""
    assert process.stdout is not None
    assert process.stderr is not None
    written: queue.Queue[language_pb2.RunPluginResponse | None] = queue.Queue()

    def read(fd: int, stream: str) -> None:
        while chunk := os.read(fd, 65536):
            written.put(
                language_pb2.RunPluginResponse(stdout=chunk)
                if stream == "stdout"
                else language_pb2.RunPluginResponse(stderr=chunk)
            )
        written.put(None)

    open_streams = {"stdout": process.stdout.fileno(), "stderr": process.stderr.fileno()}
    for stream, fd in open_streams.items():
        threading.Thread(target=read, args=(fd, stream), daemon=True).start()
    ended = 0
    while ended < len(open_streams):
        message = written.get()
        if message is None:
            ended += 1
        else:
            yield message


def program_of(info: language_pb2.ProgramInfo) -> str:
    """Return the path to run: the program's folder, or a file in it when `main` names one."""
    return os.path.normpath(Path(info.program_directory, info.entry_point or "."))


def toolchain_of(info: language_pb2.ProgramInfo) -> Toolchain:
    """Read the program's runtime options."""
    options: Mapping[str, Any] = json_format.MessageToDict(info.options)
    return toolchain(info.root_directory, info.program_directory, options)


def chosen(info: language_pb2.ProgramInfo, context: grpc.ServicerContext) -> Toolchain:
    """Read the program's runtime options, failing the call with what is wrong with them."""
    try:
        return toolchain_of(info)
    except OptionError as error:
        context.abort(grpc.StatusCode.INVALID_ARGUMENT, str(error))
        raise


def interpreter_of(options: Toolchain, context: grpc.ServicerContext) -> str:
    """Return the program's Python, failing the call when there is none."""
    try:
        return options.python()
    except OptionError as error:
        context.abort(grpc.StatusCode.FAILED_PRECONDITION, str(error))
        raise


def installed(options: Toolchain, what: str, context: grpc.ServicerContext) -> list[dict[str, Any]]:
    """Ask the program's Python what is installed in it."""
    python = interpreter_of(options, context)
    asked = subprocess.run([python, "-P", str(INSTALLED), what], capture_output=True, text=True, check=False)
    if asked.returncode:
        context.abort(grpc.StatusCode.INTERNAL, f"cannot list what is installed in {python}:\n{asked.stderr}")
    return json.loads(asked.stdout)


def end_with_engine(processes: Processes) -> None:
    """Leave when the engine is gone without a word: a killed engine must not leave programs running."""
    engine = os.getppid()
    while os.getppid() == engine:
        time.sleep(0.25)
    processes.close()
    os._exit(1)


def serve(engine: str) -> NoReturn:
    """Serve one engine until it stops this process; prints the port, which is how the engine finds it."""
    processes = Processes()

    def stop(number: int, frame: FrameType | None) -> None:
        processes.close()
        os._exit(0)

    signal.signal(signal.SIGINT, stop)
    signal.signal(signal.SIGTERM, stop)
    limits = [("grpc.max_receive_message_length", MESSAGE_LIMIT_BYTES), ("grpc.max_send_message_length", -1)]
    # Run and RunPlugin hold a thread as long as their program lives; the engine may run several packs and plugins.
    server = grpc.server(ThreadPoolExecutor(max_workers=64), options=limits)
    language_pb2_grpc.add_LanguageRuntimeServicer_to_server(LanguageHost(engine, processes), server)
    port = server.add_insecure_port("127.0.0.1:0")
    server.start()
    sys.stdout.write(f"{port}\n")
    sys.stdout.flush()
    end_with_engine(processes)
    raise SystemExit(1)
