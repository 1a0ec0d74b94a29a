"""The job that every reference workflow here runs: batches are summed up, and what each adds is published once.

    python -m workflows.reference RUN [--batches 5] [--fail-at 2]

A real job keeps this form and changes ``score`` and ``publish``.
"""

import argparse
import json
import os
import sys
import uuid
from collections.abc import Callable, Mapping
from typing import Any

from botocore.exceptions import ClientError

from workflows import recovery

State = dict[str, int]
Publish = Callable[[str, dict[str, Any]], Any]

TRY_AGAIN = 75
"""Exit code that says so: EX_TEMPFAIL of sysexits.h."""

START: State = {"done": 0, "total": 0}


class Rehearsal(Exception):
    """The failure that was asked for. It comes once in a run; the next attempt goes on after the last checkpoint."""


def may_pass(error: BaseException) -> bool:
    """Whether another attempt may do better: not after a mistake, nor when another process went on with the run."""
    return isinstance(error, (Rehearsal, OSError)) or (isinstance(error, Exception) and recovery.is_dark(error))


def score(batch: int) -> int:
    """The work of a batch; the same every time, so a step may be repeated."""
    return (batch + 1) ** 2


def advance(run: str, batch: int, *, fail_at: int | None = None, publish: Publish | None = None) -> State:
    """Bring the run to the end of a batch, from its last good checkpoint; return its state.

    Batches that are done are passed over. When the last checkpoint cannot be read, the batches since the one before are
    done again, whatever the orchestrator believes.
    """
    store, last = recovery.from_environment(run)
    return go_on(store, last, batch, fail_at=fail_at, publish=publish or publisher(os.environ))


def go_on(
    store: recovery.Checkpoints,
    last: recovery.Checkpoint | None,
    batch: int,
    *,
    publish: Publish,
    fail_at: int | None = None,
) -> State:
    """The same, in a given store from a given checkpoint."""
    state: State = json.loads(last.state) if last else START
    for current in range(state["done"], batch + 1):
        added = score(current)
        published = store.once(
            f"batch-{current}",
            lambda key, current=current, added=added: publish(key, {"batch": current, "adds": added}),
        )
        if current == fail_at:
            _fail_once(store, current)
        state = {"done": current + 1, "total": state["total"] + int(published["adds"])}
        store.save(f"batch-{current}", json.dumps(state).encode())
    return state


def _fail_once(store: recovery.Checkpoints, batch: int) -> None:
    """Fail at the worst moment, after the effect and before its checkpoint, if nobody failed there yet."""
    mine = uuid.uuid4().hex
    if store.once(f"rehearsal-{batch}", lambda _key: mine) == mine:
        raise Rehearsal(f"run {store.run}: failing at batch {batch}, as asked; try again")


def publisher(environment: Mapping[str, str]) -> Publish:
    """Where results go: PUBLISH_ENDPOINT or else FAILOVER_PUBLISH_ENDPOINT, or without the former ARTIFACT_BUCKET.

    Not to FAILOVER_ENDPOINT: that is the orchestrator in the other region, which takes runs and no results.
    """
    if endpoint := environment.get("PUBLISH_ENDPOINT"):
        endpoints = [endpoint, *filter(None, [environment.get("FAILOVER_PUBLISH_ENDPOINT")])]

        def post(key: str, result: dict[str, Any]) -> Any:
            recovery.deliver(endpoints, "/results", result, key)
            return result

        return post
    return lambda key, result: put_once(recovery.client(), environment["ARTIFACT_BUCKET"], key, result)


def put_once(s3: Any, bucket: str, key: str, result: dict[str, Any]) -> dict[str, Any]:
    """Write a result as an object, the first time; a receiver that knows its keys."""
    try:
        s3.put_object(Bucket=bucket, Key=f"results/{key}.json", Body=json.dumps(result).encode(), IfNoneMatch="*")
    except ClientError as error:
        if error.response["Error"]["Code"] != "PreconditionFailed":
            raise
    return result


def report(run: str, status: str) -> None:
    """Keep how a run ended outside of the cluster it ran in; the last word counts."""
    body = json.dumps({"run": run, "status": status}).encode()
    recovery.client().put_object(Bucket=os.environ["ARTIFACT_BUCKET"], Key=f"outcomes/{run}.json", Body=body)


def main(arguments: list[str] | None = None) -> None:
    """Do the whole job, or what is left of it; end with TRY_AGAIN when another attempt may do better."""
    parser = argparse.ArgumentParser(prog="python -m workflows.reference", description="Run or resume the job.")
    parser.add_argument("run", help="name of the run, the same in every attempt")
    parser.add_argument("--batches", type=int, default=5)
    parser.add_argument("--fail-at", type=int, default=None, help="batch to fail at, once; -1 for none")
    parser.add_argument("--outcome", default=None, help="only keep that the run ended so")
    said = parser.parse_args(arguments)
    try:
        if said.outcome is not None:
            report(said.run, said.outcome)
            return
        state = advance(said.run, said.batches - 1, fail_at=said.fail_at)
    except Exception as error:
        if not may_pass(error):
            raise
        print(error, file=sys.stderr)
        raise SystemExit(TRY_AGAIN) from error
    print(json.dumps(state, sort_keys=True))


if __name__ == "__main__":
    main()
