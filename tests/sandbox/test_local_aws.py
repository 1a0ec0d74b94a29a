"""The local AWS: one real ministack behind its door, shared by these tests."""

import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import boto3
import pytest
from botocore.config import Config
from botocore.exceptions import ConnectionClosedError

from sandbox import local_aws, paths
from sandbox.cloud.world import World
from sandbox.local_aws.door import closing, region_of

pytestmark = pytest.mark.engine


def ignore(line: str) -> None:
    del line


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    folder = tmp_path_factory.mktemp("local-aws")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("TANDEM_SANDBOX_HOME", str(folder))
        yield folder
        local_aws.stop()


def client(service: str, region: str) -> Any:
    return boto3.client(
        service,
        region_name=region,
        endpoint_url=local_aws.start(ignore),
        aws_access_key_id="test",
        aws_secret_access_key="test",
        config=Config(retries={"max_attempts": 0}),
    )


@pytest.mark.usefixtures("home")
def test_calls_for_a_dark_region_get_no_answer_and_others_do() -> None:
    world = World(paths.cloud())
    world.dark("us-east-1")
    try:
        with pytest.raises(ConnectionClosedError, match="Connection was closed"):
            client("kms", "us-east-1").list_keys()
        with pytest.raises(ConnectionClosedError, match="Connection was closed"):
            client("route53", "us-east-1").list_hosted_zones()
        assert client("kms", "us-west-2").list_keys()["Keys"] == []
    finally:
        world.light("us-east-1")
        world.close()
    assert client("kms", "us-east-1").list_keys()["Keys"] == []


@pytest.mark.usefixtures("home")
def test_what_stands_outlives_a_restart() -> None:
    made = client("kms", "us-west-2").create_key()["KeyMetadata"]["KeyId"]
    buckets = client("s3", "us-east-1")
    buckets.create_bucket(Bucket="kept")
    buckets.put_object(Bucket="kept", Key="model", Body=b"x" * 2_000_000)
    assert local_aws.stop()
    assert local_aws.endpoint() is None
    assert [key["KeyId"] for key in client("kms", "us-west-2").list_keys()["Keys"]] == [made]
    assert len(client("s3", "us-east-1").get_object(Bucket="kept", Key="model")["Body"].read()) == 2_000_000


@pytest.mark.usefixtures("home")
def test_starting_twice_is_starting_once() -> None:
    assert local_aws.start(ignore) == local_aws.start(ignore)


def test_a_stale_file_with_a_living_process_in_it_harms_nobody(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TANDEM_SANDBOX_HOME", str(tmp_path))
    paths.local_aws().write_text(json.dumps({"endpoint": "http://127.0.0.1:1", "pid": os.getpid()}))
    assert local_aws.endpoint() is None
    assert not local_aws.stop()  # would have ended this very process
    assert not paths.local_aws().exists()


@pytest.mark.parametrize(
    ("head", "region"),
    [
        (
            b"GET / HTTP/1.1\r\nAuthorization: AWS4-HMAC-SHA256 Credential=A/20260101/eu-west-1/s3/aws4_request, S",
            "eu-west-1",
        ),
        (b"GET /b/k?X-Amz-Credential=A%2F20260101%2Fus-west-2%2Fs3%2Faws4_request&X HTTP/1.1\r\n", "us-west-2"),
        (b"GET /health HTTP/1.1\r\nHost: x\r\n\r\n", None),
    ],
)
def test_the_region_is_read_from_the_signature(head: bytes, region: str | None) -> None:
    assert region_of(head) == region


def test_each_connection_carries_one_request() -> None:
    head = b"POST / HTTP/1.1\r\nHost: x\r\nConnection: keep-alive\r\nA: b\r\n\r\n"
    assert closing(head) == b"POST / HTTP/1.1\r\nHost: x\r\nA: b\r\nConnection: close\r\n\r\n"
