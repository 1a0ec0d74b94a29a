"""Run one Pulumi program or policy pack; started by the language host, by path, in the program's own Python.

It may import nothing of this project: the program's virtual environment need not have it installed.
"""

import argparse
import asyncio
import json
import logging
import os
import runpy
import signal
import sys
import threading
import traceback
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, NoReturn

# The host answers "bail" for this exit code: the user has been told, the engine adds nothing. The official host
# uses the same number, so a program that ends itself with it means the same under both.
ALREADY_REPORTED = 32


def end_with_host(fd: int) -> None:
    """Kill this process group as soon as the host is gone, however it went.

    The host holds the other end of the pipe, so its death closes it. PR_SET_PDEATHSIG would fire when the host's
    worker *thread* ends, and exists on Linux only.
    """
    os.set_inheritable(fd, False)

    def wait() -> None:
        os.read(fd, 1)
        os.killpg(0, signal.SIGKILL)

    threading.Thread(target=wait, name="end-with-host", daemon=True).start()


def arguments() -> argparse.Namespace:
    """Parse what the host passes."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--host-pipe", type=int, required=True)
    kinds = parser.add_subparsers(dest="kind", required=True)
    program = kinds.add_parser("program")
    program.add_argument("request", type=json.loads)
    plugin = kinds.add_parser("plugin")
    plugin.add_argument("path")
    analyzer = kinds.add_parser("analyzer")
    analyzer.add_argument("path")
    for kind in (program, plugin, analyzer):
        kind.add_argument("rest", nargs=argparse.REMAINDER)
    return parser.parse_args()


def users_traceback(error: BaseException, folder: str) -> str:
    """Format an exception without the frames above the user's first own line."""
    frames = error.__traceback__
    while frames is not None and not frames.tb_frame.f_code.co_filename.startswith(folder + os.sep):
        frames = frames.tb_next
    return "".join(traceback.format_exception(type(error), error, frames or error.__traceback__))


def touches(error: BaseException, folder: str) -> bool:
    """Whether any frame of an exception, or of one behind it, is of a program's own folder."""
    frames = error.__traceback__
    while frames is not None:
        if frames.tb_frame.f_code.co_filename.startswith(folder + os.sep):
            return True
        frames = frames.tb_next
    return error.__cause__ is not None and touches(error.__cause__, folder)


def run_program(request: dict[str, Any], arguments: list[str]) -> int:
    """Run a program against the engine named in the request; return the process's exit code."""
    try:
        import pulumi
        import pulumi.runtime
    except ImportError:
        sys.stderr.write(
            f"The Pulumi SDK is not installed in {sys.executable}: {traceback.format_exc(limit=0).strip()}\n"
            f"Install the program's requirements there: {sys.executable} -m pip install -r requirements.txt\n"
        )
        return 1

    pulumi.runtime.set_all_config(pulumi.runtime.get_config_env(), pulumi.runtime.get_config_secret_keys_env())
    pulumi.runtime.configure(
        pulumi.runtime.Settings(
            monitor=request["monitor"],
            engine=request["engine"],
            project=request["project"],
            stack=request["stack"],
            parallel=request["parallel"],
            dry_run=request["dry_run"],
            organization=request["organization"],
            root_directory=request["root_directory"],
        )
    )
    program: str = request["program"]
    if Path(program).is_dir() and not Path(program, "__main__.py").is_file():
        pulumi.log.error(f"no program in {program}: it has no __main__.py. Write one, or correct `main` in Pulumi.yaml")
        return ALREADY_REPORTED
    sys.argv = [program, *arguments]

    loop = asyncio.new_event_loop()
    asyncio.set_event_loop(loop)
    # Every resource in flight holds up to four waiting calls; asyncio's own pool is sized by processors instead.
    loop.set_default_executor(ThreadPoolExecutor(max_workers=4 * max(request["parallel"], 1)))
    # A failing program leaves futures nobody awaits, by design of the SDK; asyncio would print one complaint for each.
    logging.getLogger("asyncio").setLevel(logging.CRITICAL)

    def run() -> None:
        runpy.run_path(program, run_name="__main__")

    try:
        loop.run_until_complete(pulumi.runtime.run_in_stack(run))
    except pulumi.RunError as error:
        pulumi.log.error(str(error))
        return ALREADY_REPORTED
    except Exception as error:
        folder = program if Path(program).is_dir() else str(Path(program).parent)
        if touches(error, folder):
            pulumi.log.error("Program failed with an unhandled exception:\n" + users_traceback(error, folder))
        else:
            # A call of the SDK's that the cloud refused: where in the SDK it was noticed helps nobody.
            pulumi.log.error(str(error))
        return ALREADY_REPORTED
    return 0


def run_analyzer(path: str, arguments: list[str]) -> int:
    """Serve the policy pack in `path`; the engine's address comes first in the arguments."""
    sys.argv = ["pulumi.policy", *arguments, path]
    runpy.run_module("pulumi.policy", run_name="__main__", alter_sys=True)
    return 0


def run_plugin(path: str, arguments: list[str]) -> int:
    """Serve the plugin in `path`, a component provider for instance."""
    sys.argv = [path, *arguments]
    runpy.run_path(path, run_name="__main__")
    return 0


def leave(code: int) -> NoReturn:
    """End now: threads that still wait for an engine that has stopped listening must not hold the process."""
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(code)


def guarded(run: Callable[[], int]) -> int:
    """Run, turning a program's own `sys.exit` into the code it asked for."""
    try:
        return run()
    except SystemExit as ended:
        if ended.code is None or isinstance(ended.code, int):
            return ended.code or 0
        sys.stderr.write(f"{ended.code}\n")
        return 1
    except KeyboardInterrupt:
        return 128 + signal.SIGINT
    except BaseException:
        traceback.print_exc()
        return 1


def main() -> NoReturn:
    """Run what the host asks for."""
    asked = arguments()
    end_with_host(asked.host_pipe)
    if asked.kind == "program":
        code = guarded(lambda: run_program(asked.request, asked.rest))
    elif asked.kind == "analyzer":
        code = guarded(lambda: run_analyzer(asked.path, asked.rest))
    else:
        code = guarded(lambda: run_plugin(asked.path, asked.rest))
    leave(code)


if __name__ == "__main__":
    main()
