"""Recovery at every crash point, with any object corrupted: the same result, and every effect once."""

import contextlib
import itertools
import json
import re
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import boto3
import pytest
from botocore.config import Config
from botocore.exceptions import ClientError, ConnectTimeoutError, NoCredentialsError, ReadTimeoutError
from hypothesis import given, settings
from hypothesis import strategies as st

from sandbox import local_aws
from tests.workflows.double import S3, refusal
from workflows import recovery, reference
from workflows.recovery import Checkpoint, Checkpoints, Superseded

BATCHES = 3
TOTAL = sum(reference.score(batch) for batch in range(BATCHES))
KEYS = {f"sum/batch-{batch}" for batch in range(BATCHES)}


class Crash(BaseException):
    """The process is gone: nothing of it runs any more, so no `except Exception` sees it."""


class Clock:
    """Time that passes only when somebody sleeps."""

    def __init__(self) -> None:
        self.now = 1_800_000_000.0

    def __call__(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.now += seconds


class Receiver:
    """Somebody who does nothing for a key seen before, and counts."""

    def __init__(self) -> None:
        self.applied: dict[str, int] = {}
        self.calls: list[str] = []

    def __call__(self, key: str, result: dict[str, Any]) -> dict[str, Any]:
        self.calls.append(key)
        self.applied.setdefault(key, 0)
        if self.applied[key] == 0:
            self.applied[key] = 1
        return result


class World:
    """A bucket, a receiver and a clock, and a process that may crash at any point of talking to them."""

    def __init__(self) -> None:
        self.s3, self.clock, self.receiver = S3(), Clock(), Receiver()
        self.s3.create_bucket("here")

    def store(self, bucket: str = "here", s3: S3 | None = None) -> Checkpoints:
        return Checkpoints(s3 or self.s3, bucket, "sum", clock=self.clock, sleep=self.clock.sleep)

    def attempt(self, crash_at: int | None = None) -> int:
        """Run the job until it ends or crashes; return how many points it passed.

        Each request is two points, before and after S3 did it, and so is each effect.
        """
        points = itertools.count()
        passed = 0

        def point(_: str = "") -> None:
            nonlocal passed
            passed += 1
            if next(points) == crash_at:
                raise Crash("the process is gone")

        def publish(key: str, result: dict[str, Any]) -> dict[str, Any]:
            point()
            answer = self.receiver(key, result)
            point()
            return answer

        self.s3.before = self.s3.after = point
        try:
            store = self.store()
            assert reference.go_on(store, store.latest_good(), BATCHES - 1, publish=publish) == DONE
        finally:
            self.s3.before = self.s3.after = lambda _: None
        return passed


DONE = {"done": BATCHES, "total": TOTAL}
POINTS = World().attempt()


def ends_well(world: World) -> None:
    world.attempt()
    assert world.receiver.applied == dict.fromkeys(KEYS, 1)
    last = world.store().latest_good()
    assert last is not None
    assert json.loads(last.state) == DONE


def test_a_run_has_enough_points_to_crash_at() -> None:
    # Each batch claims, looks, has its effect, records and looks, then writes a state and a manifest.
    assert POINTS >= BATCHES * 2 * 7


@pytest.mark.parametrize("point", range(POINTS))
def test_a_run_that_crashed_anywhere_ends_with_the_same_result_and_every_effect_once(point: int) -> None:
    world = World()
    with pytest.raises(Crash, match="the process is gone"):
        world.attempt(point)
    ends_well(world)


@given(st.lists(st.integers(0, POINTS - 1), max_size=8))
def test_so_does_one_that_crashed_again_and_again(crashes: list[int]) -> None:
    world = World()
    for point in crashes:
        try:
            world.attempt(point)
        except Crash:
            continue
    ends_well(world)


CORRUPTIONS: dict[str, Callable[[bytes], bytes | None]] = {
    "gone": lambda _: None,
    "empty": lambda _: b"",
    "truncated": lambda data: data[:-1],
    "one bit": lambda data: data[: len(data) // 2] + bytes([data[len(data) // 2] ^ 1]) + data[len(data) // 2 + 1 :],
    "other JSON": lambda _: b'{"body": {"result": {"adds": 99}, "state": "x", "sha256": ""}, "sha256": ""}',
    "no object": lambda _: b"[1]",
}


def corrupt(objects: dict[str, bytes], key: str, how: str) -> None:
    data = CORRUPTIONS[how](objects[key])
    if data is None:
        del objects[key]
    else:
        objects[key] = data


@given(st.integers(0, POINTS - 1), st.data())
@settings(max_examples=300)
def test_so_does_one_that_crashed_and_whose_objects_were_corrupted(point: int, data: st.DataObject) -> None:
    world = World()
    with pytest.raises(Crash, match="the process is gone"):
        world.attempt(point)
    objects = world.s3.buckets["here"]
    for key in data.draw(st.sets(st.sampled_from(sorted(objects))) if objects else st.just(set[str]())):
        corrupt(objects, key, data.draw(st.sampled_from(sorted(CORRUPTIONS))))
    ends_well(world)


@pytest.mark.parametrize("how", CORRUPTIONS)
@pytest.mark.parametrize("part", ["manifests", "states"])
def test_a_corrupted_checkpoint_is_passed_over_for_the_one_before(part: str, how: str) -> None:
    world = World()
    world.store().save("one", b"first")
    world.store().save("two", b"second")
    objects = world.s3.buckets["here"]
    corrupt(objects, max(key for key in objects if part in key), how)
    store = world.store()
    assert store.latest_good() == Checkpoint(0, "one", b"first")
    # What comes next takes no number that was used, unless it is gone without a trace.
    store.save("three", b"third")
    assert world.store().latest_good() in (Checkpoint(2, "three", b"third"), Checkpoint(1, "three", b"third"))


def test_a_run_without_a_checkpoint_starts_from_its_beginning() -> None:
    world = World()
    assert world.store().latest_good() is None
    world.store().save("one", b"")
    assert world.store().latest_good() == Checkpoint(0, "one", b"")


def test_runs_know_nothing_of_each_other_even_where_one_name_begins_like_the_other() -> None:
    world = World()
    Checkpoints(world.s3, "here", "a/b").save("one", b"")
    Checkpoints(world.s3, "here", "ab").save("one", b"")
    assert Checkpoints(world.s3, "here", "a").latest_good() is None
    with pytest.raises(ValueError, match=r"^run: is empty; name it by what it does"):
        Checkpoints(world.s3, "here", "")


@pytest.mark.parametrize("point", range(POINTS))
@pytest.mark.parametrize("pause_seconds", [0, recovery.LEASE_SECONDS + 1])
def test_a_process_that_was_thought_dead_stops_or_agrees(point: int, pause_seconds: float) -> None:
    """The second process runs from start to end while the first stands still at one of its points."""
    world = World()
    points = itertools.count()

    def interrupt(_: str = "") -> None:
        if next(points) == point:
            world.s3.before = world.s3.after = lambda _: None
            world.clock.now += pause_seconds
            world.attempt()

    def publish(key: str, result: dict[str, Any]) -> dict[str, Any]:
        interrupt()
        answer = world.receiver(key, result)
        interrupt()
        return answer

    store = world.store()
    world.s3.before = world.s3.after = interrupt
    with contextlib.suppress(Superseded):
        assert reference.go_on(store, store.latest_good(), BATCHES - 1, publish=publish) == DONE
    ends_well(world)


def test_the_second_process_to_save_is_told_to_stop() -> None:
    world = World()
    one, other = world.store(), world.store()
    one.latest_good()
    other.save("the same", b"x")
    with pytest.raises(Superseded, match=r"^run sum: checkpoint 0 was written by another process"):
        one.save("the same", b"x")


def losing_answers(world: World, operation: str, part: str) -> None:
    """S3 does what it was asked; the answer is lost, and the client asks again, as botocore's retries do."""
    real = world.s3.put_object

    def put_object(**said: Any) -> dict[str, Any]:
        answer = real(**said)
        return real(**said) if part in said["Key"] else answer

    assert operation == "PutObject"
    world.s3.put_object = put_object  # type: ignore[method-assign]


@pytest.mark.parametrize("part", ["manifests", "effects", "states"])
def test_a_write_whose_answer_was_lost_is_not_taken_for_another_s(part: str) -> None:
    world = World()
    losing_answers(world, "PutObject", part)
    ends_well(world)
    assert len(world.receiver.calls) == BATCHES


def test_a_write_that_s3_was_too_busy_for_is_repeated() -> None:
    world = World()
    real, refused = world.s3.put_object, set[str]()

    def put_object(**said: Any) -> dict[str, Any]:
        if "IfNoneMatch" in said and said["Key"] not in refused:
            refused.add(said["Key"])
            raise refusal("ConditionalRequestConflict", 409, "PutObject")
        return real(**said)

    world.s3.put_object = put_object  # type: ignore[method-assign]
    ends_well(world)
    assert len(refused) == 2 * BATCHES


def test_everyone_gets_the_result_that_was_recorded() -> None:
    world = World()
    results = iter([{"paid": (1, 2)}, {"paid": "again"}])
    assert world.store().once("pay", lambda _: next(results)) == {"paid": [1, 2]}
    assert world.store().once("pay", lambda _: next(results)) == {"paid": [1, 2]}
    assert world.store().once("other", lambda _: next(results)) == {"paid": "again"}


@pytest.mark.parametrize("point", range(12))
@pytest.mark.parametrize("pause_seconds", [0, recovery.LEASE_SECONDS + 1])
@pytest.mark.parametrize("claimed_before", [False, True])
def test_two_at_once_get_one_result(point: int, pause_seconds: float, claimed_before: bool) -> None:
    """One stands still at one of its points while another has the effect from start to end, with another result."""
    world = World()

    def die(_: str) -> None:
        raise Crash("the process is gone")

    if claimed_before:
        with pytest.raises(Crash, match="the process is gone"):
            world.store().once("pay", die)
        world.clock.now += recovery.LEASE_SECONDS
    points, others = itertools.count(), list[str]()

    def interrupt(_: str = "") -> None:
        if next(points) == point:
            world.s3.before = world.s3.after = lambda _: None
            world.clock.now += pause_seconds
            others.append(world.store().once("pay", lambda _: "the other's"))

    world.s3.before = world.s3.after = interrupt
    mine = world.store().once("pay", lambda _: "mine")
    assert world.store().once("pay", die) == mine
    assert others in ([], [mine])


def test_the_key_of_an_effect_is_the_same_in_every_attempt() -> None:
    world = World()
    keys: list[str] = []

    def effect(key: str) -> str:
        keys.append(key)
        if len(keys) == 1:
            raise Crash("the process is gone")
        return key

    with pytest.raises(Crash, match="the process is gone"):
        world.store().once("pay", effect)
    began = world.clock()
    assert world.store().once("pay", effect) == "sum/pay"
    assert keys == ["sum/pay", "sum/pay"]
    assert recovery.LEASE_SECONDS <= world.clock() - began < recovery.LEASE_SECONDS + recovery.POLL_SECONDS


def test_who_failed_makes_nobody_wait() -> None:
    world = World()
    with pytest.raises(ZeroDivisionError, match="division by zero"):
        world.store().once("pay", lambda _: 1 / 0)
    began = world.clock()
    assert world.store().once("pay", lambda _: "paid") == "paid"
    assert world.clock() == began


def test_a_failure_is_told_even_when_the_bucket_goes_dark_with_it() -> None:
    world = World()

    def effect(_: str) -> None:
        world.s3.dark = True
        raise ZeroDivisionError("the effect's own")

    with pytest.raises(ZeroDivisionError, match="the effect's own"):
        world.store().once("pay", effect)


def test_who_took_too_long_gives_the_result_that_others_have() -> None:
    world = World()

    def slow(_: str) -> str:
        world.clock.now += recovery.LEASE_SECONDS + 1
        assert world.store().once("pay", lambda _: "the other's") == "the other's"
        return "mine"

    assert world.store().once("pay", slow) == "the other's"


def test_who_waits_for_a_living_claim_has_no_effect_of_its_own() -> None:
    world = World()
    inside = world.store()

    def effect(_: str) -> str:
        other = Checkpoints(world.s3, "here", "sum", clock=world.clock, sleep=stop)
        with pytest.raises(Crash, match="waiting"):
            other.once("pay", lambda _: pytest.fail("called while another has it"))
        return "mine"

    def stop(seconds: float) -> None:
        assert 0 < seconds <= recovery.POLL_SECONDS
        raise Crash("waiting")

    assert inside.once("pay", effect) == "mine"


# --- two regions


@given(st.integers(0, POINTS - 1), st.data())
@settings(max_examples=200)
def test_a_run_goes_on_from_what_was_copied_when_its_bucket_is_dark(point: int, data: st.DataObject) -> None:
    world = World()
    with pytest.raises(Crash, match="the process is gone"):
        world.attempt(point)
    there = S3()
    there.create_bucket("there")
    objects = world.s3.buckets["here"]
    # Replication keeps names, and no order.
    for key in data.draw(st.sets(st.sampled_from(sorted(objects))) if objects else st.just(set[str]())):
        there.put_object(Bucket="there", Key=key, Body=objects[key])
    world.s3.dark = True
    store, last = recovery.with_failover(world.store(), world.store("there", there))
    assert store.bucket == "there"
    assert reference.go_on(store, last, BATCHES - 1, publish=world.receiver) == DONE
    assert world.receiver.applied == dict.fromkeys(KEYS, 1)
    # The region is back, and both lines come together; whichever has come further is gone on with.
    world.s3.dark = False
    for key, body in there.buckets["there"].items():
        world.s3.put_object(Bucket="here", Key=key, Body=body)
    ends_well(world)


def test_two_regions_that_went_on_from_one_checkpoint_overwrite_nothing_of_each_other() -> None:
    world, there = World(), S3()
    there.create_bucket("there")
    one, other = world.store(), world.store("there", there)
    one.save("here", b"1")
    other.save("there", b"2")
    assert not set(world.s3.buckets["here"]) & set(there.buckets["there"])


def test_a_checkpoint_whose_state_was_not_copied_is_passed_over() -> None:
    world, there = World(), S3()
    there.create_bucket("there")
    store = world.store()
    store.save("one", b"first")
    store.save("two", b"second")
    for key, body in world.s3.buckets["here"].items():
        if not key.startswith("runs/sum/states/00000001"):
            there.put_object(Bucket="there", Key=key, Body=body)
    world.s3.dark = True
    found, last = recovery.with_failover(world.store(), world.store("there", there))
    assert (found.bucket, last) == ("there", Checkpoint(0, "one", b"first"))


def test_a_region_that_answers_keeps_its_runs() -> None:
    world, there = World(), S3()
    there.create_bucket("there")
    world.store("there", there).save("theirs", b"")
    store, last = recovery.with_failover(world.store(), world.store("there", there))
    assert (store.bucket, last) == ("here", None)


@pytest.mark.parametrize(
    ("error", "dark"),
    [
        (ConnectTimeoutError(endpoint_url="https://s3"), True),
        (ReadTimeoutError(endpoint_url="https://s3"), True),
        (refusal("SlowDown", 503, "GetObject"), True),
        (refusal("InternalError", 500, "GetObject"), True),
        (refusal("AccessDenied", 403, "GetObject"), False),
        (refusal("NoSuchBucket", 404, "GetObject"), False),
        (NoCredentialsError(), False),
    ],
    ids=lambda value: str(value)[:40],
)
def test_only_silence_is_darkness(error: Exception, dark: bool) -> None:
    assert recovery.is_dark(error) is dark


def test_a_bucket_that_refuses_is_no_reason_to_go_elsewhere() -> None:
    world = World()
    with pytest.raises(ClientError, match="NoSuchBucket"):
        recovery.with_failover(world.store("missing"), world.store())


# --- delivery over HTTP


@pytest.fixture
def receivers() -> Iterator[Callable[[int], tuple[str, list[tuple[str, str, Any]]]]]:
    running: list[tuple[HTTPServer, threading.Thread]] = []

    def serve(status: int) -> tuple[str, list[tuple[str, str, Any]]]:
        got: list[tuple[str, str, Any]] = []

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
                got.append((self.path, self.headers["Idempotency-Key"], body))
                self.send_response(status)
                self.end_headers()
                self.wfile.write(b"done")

            def log_message(self, format: str, *args: object) -> None:
                del format, args

        server = HTTPServer(("127.0.0.1", 0), Handler)
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        running.append((server, thread))
        return f"http://127.0.0.1:{server.server_port}/api/", got

    yield serve
    for server, thread in running:
        server.shutdown()
        thread.join()
        server.server_close()


NOBODY = "http://127.0.0.1:9"


def test_what_this_region_does_not_take_goes_to_the_other_with_the_same_key(receivers: Any) -> None:
    (ill, first), (well, second) = receivers(503), receivers(200)
    assert recovery.deliver([NOBODY, ill, well], "/results", {"adds": 1}, "sum/batch-0") == b"done"
    assert first == second == [("/api/results", "sum/batch-0", {"adds": 1})]


def test_a_refusal_goes_nowhere_else(receivers: Any) -> None:
    (refusing, _), (well, unasked) = receivers(422), receivers(200)
    with pytest.raises(recovery.Refused, match=r"/api//results answered 422$"):
        recovery.deliver([refusing, well], "/results", {}, "key")
    assert unasked == []


def test_when_nobody_answers_the_step_fails() -> None:
    with pytest.raises(OSError, match=r"^none of http://127.0.0.1:9 answered$"):
        recovery.deliver([NOBODY], "/results", {}, "key")
    with pytest.raises(ValueError, match=r"^endpoints: got 'file:///etc/hosts', must begin with https://"):
        recovery.deliver(["file:///etc/hosts"], "", {}, "key")


def test_results_go_to_the_receiver_in_the_other_region_when_this_region_s_is_gone(receivers: Any) -> None:
    well, got = receivers(200)
    publish = reference.publisher({"PUBLISH_ENDPOINT": NOBODY, "FAILOVER_PUBLISH_ENDPOINT": well})
    assert publish("sum/batch-0", {"adds": 1}) == {"adds": 1}
    assert got == [("/api/results", "sum/batch-0", {"adds": 1})]


def test_results_never_go_to_the_orchestrator_in_the_other_region(receivers: Any) -> None:
    """It knows no /results: its 404 would make a mistake, which nobody repeats, of a receiver that is away."""
    orchestrator, asked = receivers(404)
    publish = reference.publisher({"PUBLISH_ENDPOINT": NOBODY, "FAILOVER_ENDPOINT": orchestrator})
    with pytest.raises(OSError, match=r"^none of http://127.0.0.1:9 answered$") as raised:
        publish("sum/batch-0", {"adds": 1})
    assert reference.may_pass(raised.value)
    assert asked == []


# --- the double and the local AWS answer alike, and the job runs on the latter


@pytest.fixture(scope="module")
def local(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("TANDEM_SANDBOX_HOME", str(tmp_path_factory.mktemp("recovery")))
        yield local_aws.start(lambda line: None)
        local_aws.stop()


def local_s3(endpoint: str) -> Any:
    return boto3.client(
        "s3",
        region_name="us-east-1",
        endpoint_url=endpoint,
        aws_access_key_id="test",
        aws_secret_access_key="test",
        config=Config(retries={"max_attempts": 0}),
    )


@pytest.fixture(params=["double", pytest.param("local AWS", marks=pytest.mark.engine)])
def s3(request: pytest.FixtureRequest) -> Any:
    found: Any = S3() if request.param == "double" else local_s3(request.getfixturevalue("local"))
    found.create_bucket(Bucket="contract")
    return found


def code(call: Callable[[], Any]) -> str:
    try:
        call()
    except ClientError as error:
        return str(error.response["Error"]["Code"])
    return "done"


def test_the_double_keeps_s3_s_contract(s3: Any) -> None:
    where = {"Bucket": "contract", "Key": "runs/x/manifests/00000000-contract"}
    assert code(lambda: s3.get_object(**where)) == "NoSuchKey"
    assert code(lambda: s3.put_object(**where, Body=b"1", IfMatch='"none"')) == "NoSuchKey"
    first = s3.put_object(**where, Body=b"1", IfNoneMatch="*")["ETag"]
    assert code(lambda: s3.put_object(**where, Body=b"2", IfNoneMatch="*")) == "PreconditionFailed"
    second = s3.put_object(**where, Body=b"2", IfMatch=first)["ETag"]
    assert code(lambda: s3.put_object(**where, Body=b"3", IfMatch=first)) == "PreconditionFailed"
    answer = s3.get_object(**where)
    assert (answer["ETag"], answer["Body"].read()) == (second, b"2")
    assert code(lambda: s3.get_object(Bucket="elsewhere", Key="x")) == "NoSuchBucket"
    pages = s3.get_paginator("list_objects_v2")
    assert [
        item["Key"]
        for page in pages.paginate(Bucket="contract", Prefix="runs/x/manifests/")
        for item in page.get("Contents", [])
    ] == [where["Key"]]
    assert [page.get("Contents", []) for page in pages.paginate(Bucket="contract", Prefix="none/")] == [[]]
    s3.delete_object(**where)
    assert code(lambda: s3.get_object(**where)) == "NoSuchKey"


@pytest.mark.engine
def test_the_job_fails_and_resumes_on_the_local_aws(
    local: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    s3 = local_s3(local)
    for bucket in ("checkpoints", "artifacts"):
        s3.create_bucket(Bucket=bucket)
    for name, value in {
        "AWS_ENDPOINT_URL": local,
        "AWS_ACCESS_KEY_ID": "test",
        "AWS_SECRET_ACCESS_KEY": "test",
        "AWS_DEFAULT_REGION": "us-east-1",
        "CHECKPOINT_BUCKET": "checkpoints",
        "ARTIFACT_BUCKET": "artifacts",
    }.items():
        monkeypatch.setenv(name, value)
    with pytest.raises(SystemExit, match="75"):
        reference.main(["nightly", "--batches", "3", "--fail-at", "1"])
    assert capsys.readouterr().err == "run nightly: failing at batch 1, as asked; try again\n"
    manifests = [
        item["Key"] for item in s3.list_objects_v2(Bucket="checkpoints", Prefix="runs/nightly/man")["Contents"]
    ]
    assert manifests == ["runs/nightly/manifests/00000000-checkpoints"]
    reference.main(["nightly", "--batches", "3", "--fail-at", "1"])
    assert json.loads(capsys.readouterr().out) == {"done": 3, "total": 14}
    published = s3.list_objects_v2(Bucket="artifacts")["Contents"]
    assert [item["Key"] for item in published] == [f"results/nightly/batch-{batch}.json" for batch in range(3)]

    reference.main(["nightly", "--outcome", "Succeeded"])
    kept = s3.get_object(Bucket="artifacts", Key="outcomes/nightly.json")["Body"].read()
    assert json.loads(kept) == {"run": "nightly", "status": "Succeeded"}


@pytest.mark.parametrize(
    ("error", "ends"),
    [
        (ReadTimeoutError(endpoint_url="https://s3"), SystemExit),
        (ConnectionRefusedError("nobody"), SystemExit),
        (refusal("AccessDenied", 403, "GetObject"), ClientError),
        (Superseded("another"), Superseded),
        (recovery.Refused("no"), recovery.Refused),
    ],
    ids=lambda value: getattr(value, "__name__", type(value).__name__),
)
def test_only_what_may_pass_asks_for_another_attempt(
    error: Exception, ends: type[BaseException], monkeypatch: pytest.MonkeyPatch
) -> None:
    def advance(*_: object, **__: object) -> None:
        raise error

    monkeypatch.setattr(reference, "advance", advance)
    with pytest.raises(ends, match="75" if ends is SystemExit else re.escape(str(error))):
        reference.main(["nightly"])


def test_the_library_needs_boto3_alone() -> None:
    text = Path(recovery.__file__).read_text()
    assert "import pulumi" not in text
    assert "from workflows" not in text
