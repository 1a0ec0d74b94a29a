"""``python policies`` serves the pack to the engine; its commands are for people.

The engine runs this folder as a program and reads the port from the first line of its output: nothing else may be
printed before it.
"""

import contextlib
import difflib
import os
import re
import sys
import threading
from concurrent import futures
from pathlib import Path

# Run as a folder, the folder itself comes first on the path and the project is not on it.
ROOT = str(Path(__file__).resolve().parent.parent)
sys.path[:] = [ROOT, *(entry for entry in sys.path if Path(entry).resolve() != Path(__file__).resolve().parent)]

from policies.catalog import all_rules  # noqa: E402

PARENT_CHECK_SECONDS = 1.0
COMMANDS = ("check", "pull-request", "report")
ADDRESS = re.compile(r"(127\.0\.0\.1|localhost|\[::1\]):\d+")
"""Where the engine is to be reached, 127.0.0.1:port: pulumi/pulumi 3.257.0, pkg/host/host_server.go."""
USAGE = """usage:
  python -m policies check EXPORT [EXPORT…]  judge `pulumi stack export` files, together
  python -m policies pull-request STACK [STACK…]
                                             preview stacks and judge them together, with a report for a pull request
  python -m policies report EVENTS [EVENTS…] the same report of events that the engine has written
"""


def serve() -> None:
    """Answer the engine until it cancels or is gone."""
    import grpc
    from pulumi.runtime.proto import analyzer_pb2_grpc

    from policies.servicer import PICTURE, Analyzer
    from policies.waivers import find, read

    ended = threading.Event()
    parent = os.getppid()
    # Sizes of messages are the engine's to limit: a stack arrives in one.
    server = grpc.server(
        futures.ThreadPoolExecutor(max_workers=4),
        options=[("grpc.max_receive_message_length", -1), ("grpc.max_send_message_length", -1)],
    )
    rules = all_rules()
    waivers = read(find(Path.cwd(), os.environ), rules)
    kept = Path(os.environ[PICTURE]) if PICTURE in os.environ else None
    analyzer_pb2_grpc.add_AnalyzerServicer_to_server(Analyzer(rules, ended.set, waivers, kept=kept), server)
    port = server.add_insecure_port("127.0.0.1:0")
    server.start()
    sys.stdout.buffer.write(f"{port}\n".encode())
    sys.stdout.flush()
    # Ctrl-C reaches every process of the terminal; it is no error here.
    with contextlib.suppress(KeyboardInterrupt):
        # Whoever started this may be killed without a word; nobody else would end it then.
        while not ended.wait(PARENT_CHECK_SECONDS) and os.getppid() == parent:
            pass
    server.stop(grace=0.2).wait()


def main(arguments: list[str]) -> int:
    """Run a command, or serve."""
    # The engine's own flags may stand before its address (pulumi/pulumi 3.257.0, pkg/resource/plugin/plugin.go,
    # buildPluginArguments), and the pack's folder after it (analyzer_plugin.go). Both language hosts pass them on.
    if any(map(ADDRESS.fullmatch, arguments)) and arguments[0] not in COMMANDS:
        serve()
        return 0
    command, *rest = arguments or [""]
    if command == "check":
        from policies import check

        return check.main(rest, os.environ)
    if command == "pull-request":
        from policies import pull_request

        return pull_request.main(rest, os.environ)
    if command == "report":
        from policies import pull_request

        return pull_request.report_main(rest, os.environ)
    if command not in ("-h", "--help", "help"):
        near = difflib.get_close_matches(command, COMMANDS, n=1)
        hint = f"; did you mean {near[0]}?" if near else ""
        said = f"{command} is no command{hint}" if command else "a command must be given"
        sys.stderr.write(f"policies: {said}\n{USAGE}")
        return 2
    sys.stdout.write(USAGE)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
