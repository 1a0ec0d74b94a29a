"""Runs one Pulumi program, as the host tells it: ``python execute.py '<json>'``.

Run by the program's own interpreter, which may have nothing of the sandbox installed, so it imports pulumi and the
standard library only.
"""

import asyncio
import json
import os
import runpy
import signal
import sys
import threading
import time
import traceback
from pathlib import Path
from typing import Any

PROGRAM_HAS_REPORTED = 32
PARENT_CHECK_SECONDS = 0.5


def main() -> int:
    """Run the program; 0 when it ended well, 32 when its errors have been told to the engine."""
    told: dict[str, Any] = json.loads(sys.argv[1])
    _end_with_parent()
    # Cancelled: at once and without a word, the engine has said why.
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: os._exit(1))
    program = Path(told["program"])
    sys.argv = [str(program), *told["arguments"]]
    sys.path[0] = str(program if program.is_dir() else program.parent)

    import pulumi
    from pulumi.runtime import Settings, configure, run_in_stack

    loop = asyncio.new_event_loop()
    asyncio.set_event_loop(loop)
    configure(
        Settings(
            monitor=told["monitor"],
            engine=told["engine"],
            project=told["project"],
            stack=told["stack"],
            organization=told["organization"],
            parallel=told["parallel"],
            dry_run=told["dry_run"],
            root_directory=told["root_directory"],
        )
    )
    try:
        loop.run_until_complete(run_in_stack(lambda: runpy.run_path(str(program), run_name="__main__") and None))
    except pulumi.RunError as error:
        # Written for a person; where in the code it was raised helps nobody.
        pulumi.log.error(str(error))
    except Exception:
        pulumi.log.error("Program failed with an unhandled exception:\n" + _of_program(program))
    except SystemExit as left:
        return left.code if isinstance(left.code, int) else int(left.code is not None)
    else:
        return 0
    return PROGRAM_HAS_REPORTED


def _of_program(program: Path) -> str:
    """The traceback, from where the program begins."""
    kind, error, trace = sys.exc_info()
    while trace is not None and not Path(trace.tb_frame.f_code.co_filename).is_relative_to(program):
        trace = trace.tb_next
    return "".join(traceback.format_exception(kind, error, trace or sys.exc_info()[2]))


def _end_with_parent() -> None:
    parent = os.getppid()

    def watch() -> None:
        while os.getppid() == parent:
            time.sleep(PARENT_CHECK_SECONDS)
        os._exit(1)

    threading.Thread(target=watch, daemon=True).start()


if __name__ == "__main__":
    status = main()
    sys.stdout.flush()
    sys.stderr.flush()
    # Threads of gRPC may wait for an engine that has gone.
    os._exit(status)
