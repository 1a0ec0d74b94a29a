"""A bucket in memory, held to S3 as documented by the tests that run against it and against the local AWS alike."""

import hashlib
import io
import itertools
from collections.abc import Callable, Iterator
from typing import Any

from botocore.exceptions import ClientError, EndpointConnectionError


def refusal(code: str, status: int, operation: str) -> ClientError:
    return ClientError(
        {"Error": {"Code": code, "Message": code}, "ResponseMetadata": {"HTTPStatusCode": status}},  # type: ignore[arg-type]
        operation,
    )


class S3:
    """Buckets of one region: strongly consistent, with conditional writes."""

    def __init__(self) -> None:
        self.buckets: dict[str, dict[str, bytes]] = {}
        self._tags: dict[tuple[str, str], str] = {}
        self._count = itertools.count()
        self.dark = False
        self.before: Callable[[str], None] = lambda operation: None
        self.after: Callable[[str], None] = lambda operation: None

    def create_bucket(self, Bucket: str) -> None:
        self.buckets[Bucket] = {}

    def put_object(
        self, *, Bucket: str, Key: str, Body: bytes, IfNoneMatch: str | None = None, IfMatch: str | None = None
    ) -> dict[str, Any]:
        with self._call("PutObject"):
            bucket = self._bucket(Bucket)
            if IfNoneMatch is not None and Key in bucket:
                raise refusal("PreconditionFailed", 412, "PutObject")
            if IfMatch is not None and Key not in bucket:
                raise refusal("NoSuchKey", 404, "PutObject")
            if IfMatch is not None and self._tags[Bucket, Key] != IfMatch:
                raise refusal("PreconditionFailed", 412, "PutObject")
            bucket[Key] = Body
            # Of objects encrypted with KMS the tag is no checksum of the content: each write has another.
            self._tags[Bucket, Key] = f'"{hashlib.md5(str(next(self._count)).encode()).hexdigest()}"'
            return {"ETag": self._tags[Bucket, Key]}

    def get_object(self, *, Bucket: str, Key: str) -> dict[str, Any]:
        with self._call("GetObject"):
            bucket = self._bucket(Bucket)
            if Key not in bucket:
                raise refusal("NoSuchKey", 404, "GetObject")
            return {"ETag": self._tags[Bucket, Key], "Body": io.BytesIO(bucket[Key])}

    def delete_object(self, *, Bucket: str, Key: str) -> None:
        self._bucket(Bucket).pop(Key, None)

    def get_paginator(self, operation: str) -> "S3":
        assert operation == "list_objects_v2"
        return self

    def paginate(self, *, Bucket: str, Prefix: str) -> Iterator[dict[str, Any]]:
        with self._call("ListObjectsV2"):
            found = sorted(key for key in self._bucket(Bucket) if key.startswith(Prefix))
        # Pages of two, the last without the key, as S3's are.
        for start in range(0, len(found), 2):
            yield {"Contents": [{"Key": key} for key in found[start : start + 2]]}
        yield {}

    def _bucket(self, name: str) -> dict[str, bytes]:
        if name not in self.buckets:
            raise refusal("NoSuchBucket", 404, "Any")
        return self.buckets[name]

    def _call(self, operation: str) -> "_Call":
        return _Call(self, operation)


class _Call:
    def __init__(self, s3: S3, operation: str) -> None:
        self._s3, self._operation = s3, operation

    def __enter__(self) -> None:
        if self._s3.dark:
            raise EndpointConnectionError(endpoint_url="https://s3.example.com")
        self._s3.before(self._operation)

    def __exit__(self, kind: object, error: object, trace: object) -> None:
        if kind is None:
            self._s3.after(self._operation)
