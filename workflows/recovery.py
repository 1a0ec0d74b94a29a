"""Checkpoints that survive a crash, a corrupted object and a region, and effects that happen once. Needs boto3 alone.

    store, last = recovery.from_environment("invoices-2026-11-21")
    state = json.loads(last.state) if last else {"next": 0}
    for batch in range(state["next"], 10):
        store.once(f"send-{batch}", lambda key: send(batch, idempotency_key=key))
        state = {"next": batch + 1}
        store.save(f"batch-{batch}", json.dumps(state).encode())

What S3 must do: strong consistency, and conditional writes (``If-None-Match: *`` and ``If-Match`` of PutObject; S3 User
Guide, "How to prevent object overwrites with conditional writes"). The role of the run needs s3:GetObject,
s3:PutObject and s3:ListBucket; without the last, S3 answers 403 instead of 404 for what is not there.
"""

import contextlib
import hashlib
import http.client
import json
import os
import time
import urllib.error
import urllib.parse
import urllib.request
import uuid
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, cast

import boto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError, ConnectionError, HTTPClientError

LEASE_SECONDS = 60.0
"""How long a claimed effect is left to whoever claimed it. Longer than the effect takes."""

POLL_SECONDS = 2.0
"""How often to look whether another's effect is done."""

REFUSED = {"PreconditionFailed", "ConditionalRequestConflict", "NoSuchKey"}
"""What a conditional write is refused with: the object changed, is just being written, or was removed."""


class Superseded(Exception):
    """Another process went on with this run; this one must stop. What it did stays valid."""


class Refused(Exception):
    """A receiver will not have this, however often it is asked."""


@dataclass(frozen=True)
class Checkpoint:
    """A state of a run that was read back whole."""

    number: int
    """Place in the order of the run's checkpoints."""
    step: str
    """The step that ended with it."""
    state: bytes
    """What was saved."""


class Checkpoints:
    """What a run needs to go on after its process is gone, in one bucket.

    A checkpoint is a state, then a manifest that names it with its checksum: one that has no manifest was never made.
    Manifests are numbered and written only if there is none of that number yet, so of two processes that believe that
    they are the run, one is told to stop (Superseded). Nothing is ever changed in place; let the bucket's lifecycle
    remove what is old.

    Args:
        s3: Client of boto3.
        bucket: Bucket in this region.
        run: Name of the run, the same in every attempt and region: a date or an order's number, not an attempt's id.
        lease_seconds: See LEASE_SECONDS.
        clock: Seconds since 1970.
        sleep: How to wait.
    """

    def __init__(
        self,
        s3: Any,
        bucket: str,
        run: str,
        *,
        lease_seconds: float = LEASE_SECONDS,
        clock: Callable[[], float] = time.time,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        if not run:
            raise ValueError("run: is empty; name it by what it does, such as invoices-2026-11-21")
        self.run = run
        self.bucket = bucket
        self._s3 = s3
        self._prefix = f"runs/{urllib.parse.quote(run, safe='')}"
        self._lease_seconds = lease_seconds
        self._clock = clock
        self._sleep = sleep
        self._writer = uuid.uuid4().hex
        self._next: int | None = None

    def save(self, step: str, state: bytes) -> Checkpoint:
        """Keep a state, at most 5 GB: what one PutObject takes. Larger ones go as objects of their own, named in it.

        Raises:
            Superseded: Since this process last looked, another one saved a checkpoint of this run in this bucket.
        """
        if self._next is None:
            self.latest_good()
        number = self._next or 0
        checksum = hashlib.sha256(state).hexdigest()
        # By content: whatever another process writes to the same name is the same.
        key = f"{self._prefix}/states/{number:08d}-{checksum}"
        self._s3.put_object(Bucket=self.bucket, Key=key, Body=state)
        manifest = _seal({"step": step, "state": key, "sha256": checksum, "writer": self._writer})
        # The bucket's name keeps the lines of two regions apart when replication brings them together.
        address = f"{self._prefix}/manifests/{number:08d}-{self.bucket}"
        while not self._put(address, manifest, etag=None):
            _, found = self._get(address)
            # The client itself repeats a request whose answer was lost, and is then refused because of its own success.
            if found == manifest:
                break
            if found is not None:
                raise Superseded(f"run {self.run}: checkpoint {number} was written by another process; stop this one")
        self._next = number + 1
        return Checkpoint(number, step, state)

    def latest_good(self) -> Checkpoint | None:
        """The newest checkpoint that can be read back whole; None when the run must start from its beginning.

        A manifest or a state that is gone or fails its checksum is passed over for the one before.
        """
        pages = self._s3.get_paginator("list_objects_v2").paginate(
            Bucket=self.bucket, Prefix=f"{self._prefix}/manifests/"
        )
        found = sorted((item["Key"] for page in pages for item in page.get("Contents", [])), reverse=True)
        numbers = {address: int(address.rsplit("/", 1)[1].split("-", 1)[0]) for address in found}
        self._next = numbers[found[0]] + 1 if found else 0
        for address in found:
            manifest = _unseal(self._get(address)[1])
            if manifest is None:
                continue
            _, state = self._get(manifest["state"])
            if state is not None and hashlib.sha256(state).hexdigest() == manifest["sha256"]:
                return Checkpoint(numbers[address], manifest["step"], state)
        return None

    def once(self, key: str, effect: Callable[[str], Any]) -> Any:
        """Have an effect once and return its result, the same to everyone who ever asks for it; JSON must hold it.

        The effect is claimed, had, and recorded. It is called with an idempotency key that is the same in every
        attempt, process and region. It is called again only if whoever claimed it neither recorded nor gave up within
        the lease: then it may have happened or not, and nothing here can know. So:

        - Guaranteed, in one bucket: one result is recorded, and whoever returns from this returns that one. An effect
          whose record is there is not called again.
        - Guaranteed together with a receiver that does nothing for a key it has seen (an ``Idempotency-Key`` header, a
          unique column, a conditional write): it happened exactly once when this returns.
        - Not guaranteed: with a receiver that ignores the key, it happens at least once. Between two buckets that
          replicate each other, a record that was not copied yet is not seen: there, too, only the receiver can tell. A
          receiver that forgets keys (SQS FIFO does after 5 minutes) must remember them longer than a failover takes.

        Clocks that disagree, or an effect that takes longer than the lease, cost a second call, not a second record.
        """
        address = f"{self._prefix}/effects/{urllib.parse.quote(key, safe='')}"
        token = uuid.uuid4().hex
        had: list[Any] = []
        while True:
            etag, data = self._get(address)
            # A record that is corrupted is one that is not there: the receiver still knows the key.
            record = _unseal(data)
            if record is not None and "result" in record:
                return record["result"]
            if had:
                self._put(address, _seal({"claim": token, "result": had[0]}), etag=etag)
            elif record is not None and record["claim"] == token:
                try:
                    had.append(effect(f"{self.run}/{key}"))
                except Exception:
                    # Whoever tries again need not wait; if this fails, they wait for the lease.
                    with contextlib.suppress(BotoCoreError, ClientError):
                        self._put(address, _seal({"claim": token, "until": 0}), etag=etag)
                    raise
            elif record is not None and (left := record["until"] - self._clock()) > 0:
                self._sleep(min(left, POLL_SECONDS))
            else:
                # Whether the claim is ours is read, not concluded: see save().
                self._put(address, _seal({"claim": token, "until": self._clock() + self._lease_seconds}), etag=etag)

    def _get(self, key: str) -> tuple[str | None, bytes | None]:
        try:
            answer = self._s3.get_object(Bucket=self.bucket, Key=key)
        except ClientError as error:
            if error.response["Error"]["Code"] == "NoSuchKey":
                return None, None
            raise
        return answer["ETag"], answer["Body"].read()

    def _put(self, key: str, body: bytes, *, etag: str | None) -> bool:
        condition = {"IfNoneMatch": "*"} if etag is None else {"IfMatch": etag}
        try:
            self._s3.put_object(Bucket=self.bucket, Key=key, Body=body, **condition)
        except ClientError as error:
            if error.response["Error"]["Code"] in REFUSED:
                return False
            raise
        return True


def with_failover(primary: Checkpoints, other: Checkpoints) -> tuple[Checkpoints, Checkpoint | None]:
    """Where a run goes on, and from what: in its region's bucket, or when that is dark in the other region's.

    The other bucket holds what replication copied. What it had not copied is missing in any order, so a manifest may be
    there without its state: then it is the checkpoint before, and the steps since are repeated, with the same keys.
    Go on with what this returns: what the run writes there is copied back when the region is.
    """
    try:
        return primary, primary.latest_good()
    except (BotoCoreError, ClientError) as error:
        if not is_dark(error):
            raise
        return other, other.latest_good()


def is_dark(error: Exception) -> bool:
    """Whether an error of boto3 says that nobody answered, rather than that somebody refused."""
    if isinstance(error, ClientError):
        return cast(Any, error).response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0) >= 500
    return isinstance(error, (HTTPClientError, ConnectionError))


def client(region: str | None = None) -> Any:
    """A client of S3 that gives a dark region up within a minute: boto3's own tries for many."""
    return cast(Any, boto3).client(
        "s3",
        region_name=region,
        config=Config(connect_timeout=3, read_timeout=10, retries={"mode": "standard", "total_max_attempts": 2}),
    )


def from_environment(run: str, environment: Mapping[str, str] = os.environ) -> tuple[Checkpoints, Checkpoint | None]:
    """Where the run goes on, and from what, by its environment.

    CHECKPOINT_BUCKET is the bucket of this region. FAILOVER_CHECKPOINT_BUCKET and FAILOVER_REGION, where both are set,
    name its copy.
    """
    here = Checkpoints(client(), environment["CHECKPOINT_BUCKET"], run)
    bucket, region = environment.get("FAILOVER_CHECKPOINT_BUCKET"), environment.get("FAILOVER_REGION")
    if not (bucket and region):
        return here, here.latest_good()
    return with_failover(here, Checkpoints(client(region), bucket, run))


def deliver(endpoints: Sequence[str], path: str, body: Any, key: str, timeout_seconds: float = 10) -> bytes:
    """Post JSON to the first endpoint that answers, with its idempotency key; for use as an effect.

    Write ``[os.environ["PUBLISH_ENDPOINT"], os.environ["FAILOVER_PUBLISH_ENDPOINT"]]``: one receiver in two regions. An
    endpoint whose answer was lost may have done it, so the other must know keys of the first.

    Raises:
        Refused: An endpoint answered with a status of 400 to 499.
        OSError: None answered.
    """
    last: Exception | None = None
    for endpoint in endpoints:
        if not endpoint.startswith(("https://", "http://")):
            raise ValueError(f"endpoints: got {endpoint!r}, must begin with https://")
        request = urllib.request.Request(  # noqa: S310  (checked above)
            endpoint.rstrip("/") + path,
            data=json.dumps(body).encode(),
            headers={"Content-Type": "application/json", "Idempotency-Key": key},
            method="POST",
        )
        try:
            with urllib.request.urlopen(request, timeout=timeout_seconds) as answer:  # noqa: S310
                return answer.read()
        except urllib.error.HTTPError as error:
            with error:
                if error.code < 500:
                    raise Refused(f"{endpoint}{path} answered {error.code}") from error
            last = error
        except (OSError, http.client.HTTPException) as error:
            last = error
    raise OSError(f"none of {', '.join(endpoints)} answered") from last


def _seal(body: Mapping[str, Any]) -> bytes:
    text = json.dumps(body, sort_keys=True)
    return json.dumps({"body": body, "sha256": hashlib.sha256(text.encode()).hexdigest()}, sort_keys=True).encode()


def _unseal(data: bytes | None) -> Any:
    """What was sealed; None if it is not there, or not as it was."""
    try:
        body = json.loads(data or b"null")["body"]
    except (ValueError, TypeError, KeyError):
        return None
    return body if data == _seal(body) else None
