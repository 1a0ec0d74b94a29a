"""The reference recovery workflow of Prefect 3.

    prefect config set PREFECT_API_URL=...            # or none: a server of its own for this one run
    python workflows/prefect/recovery_flow.py invoices-2026-11-21 --fail-at 2

A task fails, is retried by Prefect, and goes on after the last good checkpoint. When the flow's process is gone
with its node, or its region, start the flow again with the same ``run``: what was done is passed over.
"""

import argparse
from collections.abc import Mapping
from typing import Any

from prefect import flow, task
from prefect.concurrency.sync import concurrency

from workflows import reference


def may_pass(_task: Any, _task_run: Any, state: Any) -> bool:
    """Whether to retry: a bucket that does not answer may answer later, a mistake stays one."""
    return reference.may_pass(state.result(raise_on_failure=False))


@task(
    task_run_name="batch-{batch}",
    retries=4,
    retry_delay_seconds=[2, 10, 30, 90],
    retry_jitter_factor=0.5,
    retry_condition_fn=may_pass,
    # Results are for Prefect's eyes: they lie where the process ran. What the run resumes from is the checkpoint.
    persist_result=False,
)
def advance(run: str, batch: int, fail_at: int | None) -> reference.State:
    """Bring the run to the end of a batch."""
    return reference.advance(run, batch, fail_at=fail_at)


def run_of(alert: Mapping[str, str]) -> str:
    """The run that an alert's labels are about.

    Raises:
        ValueError: If it is about none, and has no name either.
    """
    run = alert.get("run") or alert.get("alertname")
    if not run:
        raise ValueError("run: is empty, and no alert says which; name what is to be done, such as invoices-2026-11-21")
    return run


@flow(name="recovery", persist_result=False)
def recovery(
    run: str = "", batches: int = 5, fail_at: int | None = None, alert: dict[str, str] | None = None
) -> reference.State:
    """Do the whole job, or what is left of it.

    ``alert`` is what an alert that starts it says (AlertRecovery): the run to go on with is its label ``run``, or, if
    it has none, one of the alert's own name, so that a second alert goes on where the first one came to.

    ``prefect gcl create recovery --limit 10`` bounds how many do so at a time; without that there is no bound.
    """
    run = run or run_of(alert or {})
    with concurrency("recovery", occupy=1):
        state = reference.START
        for batch in range(batches):
            state = advance(run, batch, fail_at)
        return state


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description="Run or resume the job.")
    parser.add_argument("run")
    parser.add_argument("--batches", type=int, default=5)
    parser.add_argument("--fail-at", type=int, default=None)
    said = parser.parse_args()
    print(recovery(said.run, said.batches, said.fail_at))
