"""The local AWS's front door: passes requests on to ministack, unless they are signed for a region that is dark.

`python -m sandbox.local_aws.door` runs as long as the local AWS does. It starts ministack behind it and ends it.

Every AWS request names its region in its signature (SigV4's credential scope). One signed for a dark region gets its
connection closed without an answer, which boto3 reports as it reports an endpoint that is gone. IAM's, Route 53's and
global STS's APIs are signed for us-east-1 and go dark with it: that is where their control planes are
(docs.aws.amazon.com/whitepapers/latest/aws-fault-isolation-boundaries/global-services.html). What survives there,
answering DNS queries and evaluating permissions, is no API call and does not come through this door.
"""

import asyncio
import contextlib
import fcntl
import json
import os
import re
import signal
import subprocess
import sys
import urllib.error
import urllib.request
from pathlib import Path

from sandbox import paths
from sandbox.cloud.world import World

RUN_MINISTACK = Path(__file__).with_name("run_ministack.py")
READY_SECONDS = 60.0
_SCOPE = re.compile(rb"Credential=[^/&\s]+/\d{8}/([a-z0-9-]+)/", re.IGNORECASE)
_PRESIGNED_SCOPE = re.compile(rb"X-Amz-Credential=[^&\s]+?%2F\d{8}%2F([a-z0-9-]+)%2F", re.IGNORECASE)
_HEAD_BYTES = 256 * 1024


def region_of(head: bytes) -> str | None:
    """Return the region a request's head is signed for; None for an unsigned one."""
    scope = _SCOPE.search(head) or _PRESIGNED_SCOPE.search(head)
    return scope[1].decode() if scope else None


def closing(head: bytes) -> bytes:
    """Return the head with `Connection: close`: one request a connection, so that each is judged."""
    start, _, headers = head.partition(b"\r\n")
    kept = [line for line in headers.rstrip(b"\r\n").split(b"\r\n") if not line.lower().startswith(b"connection:")]
    return b"\r\n".join([start, *kept, b"Connection: close", b"", b""])


async def copy(source: asyncio.StreamReader, target: asyncio.StreamWriter) -> None:
    """Pass bytes on until their source ends."""
    with contextlib.suppress(ConnectionError):
        while chunk := await source.read(65536):
            target.write(chunk)
            await target.drain()


class Door:
    """Judges each request by the region it is signed for."""

    def __init__(self, world: World, port: int) -> None:
        """Stand before a ministack on `port`, in a world that knows what is dark."""
        self._world = world
        self._port = port

    async def answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Serve one connection, which is one request."""
        try:
            head = await reader.readuntil(b"\r\n\r\n")
            region = region_of(head)
            if region is not None and region in self._world.darkened():
                writer.transport.abort()
                return
            from_aws, to_aws = await asyncio.open_connection("127.0.0.1", self._port)
            to_aws.write(closing(head))
            upload = asyncio.create_task(copy(reader, to_aws))
            try:
                await copy(from_aws, writer)
            finally:
                upload.cancel()
                to_aws.close()
        except (ConnectionError, asyncio.IncompleteReadError, asyncio.LimitOverrunError):
            writer.transport.abort()
        finally:
            writer.close()


def free_port() -> int:
    """Return a loopback port nothing listens on now."""
    import socket

    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def start_ministack(python: str, port: int) -> tuple[subprocess.Popen[bytes], int]:
    """Start ministack; it saves what stands in it when it ends, and ends when the returned pipe end closes."""
    saved = paths.home() / "local-aws"
    saved.mkdir(parents=True, exist_ok=True)
    read_end, write_end = os.pipe()
    environment = {name: value for name, value in os.environ.items() if not name.startswith("AWS_")}
    environment |= {
        "BIND_HOST": "127.0.0.1",
        "GATEWAY_PORT": str(port),
        "PERSIST_STATE": "1",
        "STATE_DIR": str(saved / "state"),
        "S3_PERSIST": "1",
        "S3_DATA_DIR": str(saved / "s3"),
        "MINISTACK_ACCOUNT_ID": "000000000000",
    }
    process = subprocess.Popen(
        [python, "-P", str(RUN_MINISTACK), str(read_end)], env=environment, pass_fds=[read_end], cwd=saved
    )
    os.close(read_end)
    return process, write_end


async def ready(process: subprocess.Popen[bytes], port: int) -> None:
    """Wait until ministack answers; raises when it ends or takes too long."""

    def healthy() -> bool:
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{port}/_ministack/health", timeout=2) as answer:
                return answer.status == 200
        except (urllib.error.URLError, OSError):
            return False

    async with asyncio.timeout(READY_SECONDS):
        while not await asyncio.to_thread(healthy):
            if process.poll() is not None:
                raise SystemExit(f"ministack ended with exit code {process.returncode} while starting")
            await asyncio.sleep(0.1)


async def serve(python: str) -> None:
    """Run ministack and the door until told to stop."""
    stopping = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stopping.set)
    port = free_port()
    process, alive = start_ministack(python, port)
    try:
        await ready(process, port)
        door = Door(World(paths.cloud()), port)
        server = await asyncio.start_server(door.answer, "127.0.0.1", 0, limit=_HEAD_BYTES)
        address = server.sockets[0].getsockname()
        described = paths.local_aws().with_suffix(".new")
        described.write_text(json.dumps({"endpoint": f"http://127.0.0.1:{address[1]}", "pid": os.getpid()}))
        described.replace(paths.local_aws())
        ended = asyncio.create_task(asyncio.to_thread(process.wait))
        async with server:
            await asyncio.wait([ended, asyncio.create_task(stopping.wait())], return_when=asyncio.FIRST_COMPLETED)
        server.close()
    finally:
        paths.local_aws().unlink(missing_ok=True)
        process.terminate()
        try:
            await asyncio.to_thread(process.wait, 15)
        except subprocess.TimeoutExpired:
            process.kill()
        os.close(alive)


def main() -> None:
    """Hold the lock that says the local AWS is up, as long as it is."""
    with paths.local_aws().with_suffix(".lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise SystemExit("the local AWS of this sandbox is running already") from None
        # The command that starts this ends long before it, and must not have to wait for it; the lock stays held.
        if os.fork():
            os._exit(0)
        asyncio.run(serve(sys.argv[1]))


if __name__ == "__main__":
    main()
