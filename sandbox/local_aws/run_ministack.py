"""Run ministack in its own Python, and end it, state saved, when the door that started it is gone."""

import os
import runpy
import signal
import sys
import threading


def end_with_door(fd: int) -> None:
    """Wait for the end of the pipe whose other end only the door holds."""
    os.read(fd, 1)
    os.kill(os.getpid(), signal.SIGTERM)


threading.Thread(target=end_with_door, args=(int(sys.argv[1]),), daemon=True).start()
sys.argv = ["ministack"]
runpy.run_module("ministack", run_name="__main__", alter_sys=True)
