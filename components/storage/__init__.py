"""Object storage and its copies."""

from components.storage.bucket import REQUEST_METRICS, Bucket, BucketArgs, BucketWriter, ObjectLockMode
from components.storage.replication import EVERYTHING, BucketReplication, BucketReplicationArgs

__all__ = [
    "EVERYTHING",
    "REQUEST_METRICS",
    "Bucket",
    "BucketArgs",
    "BucketReplication",
    "BucketReplicationArgs",
    "BucketWriter",
    "ObjectLockMode",
]
