"""The reference recovery workflow of Temporal.

    python workflows/temporal/recovery_workflow.py worker        # or in the cluster: worker.yaml
    python workflows/temporal/recovery_workflow.py start invoices-2026-11-21 --fail-at 2

TEMPORAL_ADDRESS says where the frontend is, default ``localhost:7233``, and TEMPORAL_NAMESPACE which of its namespaces
to work in, default ``default``. The workflow's id is the run's name, so that there is one of them at a time. Temporal
itself remembers which activities ended; checkpoints are for what it cannot remember: a state that is too large for its
history, and a run that is started anew in the other region.
"""

import argparse
import asyncio
import contextlib
import os
import signal
import sys
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from temporalio import activity, workflow
from temporalio.client import Client
from temporalio.common import RetryPolicy
from temporalio.exceptions import ApplicationError
from temporalio.worker import Worker

# Workflow code runs in a sandbox that loads modules anew for each workflow; these have nothing to do with its replay.
with workflow.unsafe.imports_passed_through():
    from workflows import reference

TASK_QUEUE = "recovery"

STOPPING = timedelta(seconds=60)
"""Time that activities have to end when their worker must go; others then take up what is left."""

ALIVE, BEAT_SECONDS = "/tmp/alive", 10  # noqa: S108  (in a pod, and says nothing)
"""File that a worker touches, and how often."""


@dataclass
class Job:
    """What to do."""

    run: str
    """The same in every attempt, and in the other region."""
    batches: int = 5
    fail_at: int | None = None
    """Batch to fail at, once."""


@activity.defn
def advance(job: Job, batch: int) -> reference.State:
    """Bring the run to the end of a batch."""
    try:
        return reference.advance(job.run, batch, fail_at=job.fail_at)
    except Exception as error:
        if reference.may_pass(error):
            raise
        raise ApplicationError(str(error), type=type(error).__name__, non_retryable=True) from error


@workflow.defn
class Recovery:
    """Does the whole job, or what is left of it."""

    @workflow.run
    async def run(self, job: Job) -> reference.State:
        """Go through the batches; each is an activity that may be repeated on another worker."""
        state = reference.START
        for batch in range(job.batches):
            state = await workflow.execute_activity(
                advance,
                args=[job, batch],
                # A worker that is gone is noticed after this; longer than a batch takes.
                start_to_close_timeout=timedelta(minutes=5),
                retry_policy=RetryPolicy(
                    initial_interval=timedelta(seconds=2),
                    backoff_coefficient=2,
                    maximum_interval=timedelta(minutes=2),
                    maximum_attempts=20,
                ),
            )
        return state


async def connect() -> Client:
    """A client of the frontend, and the namespace, that the environment says."""
    return await Client.connect(
        os.environ.get("TEMPORAL_ADDRESS", "localhost:7233"), namespace=os.environ.get("TEMPORAL_NAMESPACE", "default")
    )


async def wait_for_servers() -> Client:
    """The same, as soon as somebody answers: of two regions one has servers, and workers stand in both."""
    while True:
        try:
            return await connect()
        except RuntimeError as error:
            # What the SDK calls every failure to connect ("Failed client connect: ...").
            print(f"trying again: {error}", file=sys.stderr)
        Path(ALIVE).touch()
        await asyncio.sleep(BEAT_SECONDS)


async def work(client: Client) -> None:
    """Run workflows and activities until told to stop; what runs then has STOPPING to end."""
    stop = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stop.set)
    with ThreadPoolExecutor(10) as threads:
        async with Worker(
            client,
            task_queue=TASK_QUEUE,
            workflows=[Recovery],
            activities=[advance],
            activity_executor=threads,
            graceful_shutdown_timeout=STOPPING,
        ):
            while not stop.is_set():
                # For the kubelet, which starts a worker again whose loop does not turn (worker.yaml).
                Path(ALIVE).touch()
                with contextlib.suppress(TimeoutError):
                    await asyncio.wait_for(stop.wait(), BEAT_SECONDS)


async def main() -> None:
    """Be a worker, or start a run."""
    parser = argparse.ArgumentParser(description="Run or resume the job.")
    commands = parser.add_subparsers(dest="command", required=True)
    commands.add_parser("worker")
    start = commands.add_parser("start")
    start.add_argument("run")
    start.add_argument("--batches", type=int, default=5)
    start.add_argument("--fail-at", type=int, default=None)
    said = parser.parse_args()
    if said.command == "worker":
        await work(await wait_for_servers())
        return
    client, job = await connect(), Job(said.run, said.batches, said.fail_at)
    print(await client.execute_workflow(Recovery.run, job, id=f"recovery-{job.run}", task_queue=TASK_QUEUE))


if __name__ == "__main__":
    asyncio.run(main())
