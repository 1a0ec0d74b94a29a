"""Object storage and its copies."""

from components.storage.bucket import REQUEST_METRICS, Bucket, BucketArgs, BucketWriter, ObjectLockMode
from components.storage.replication import EVERYTHING, REPLICATION_MINUTES, BucketReplication, BucketReplicationArgs

__all__ = [
    "EVERYTHING",
    "REPLICATION_MINUTES",
    "REQUEST_METRICS",
    "Bucket",
    "BucketArgs",
    "BucketReplication",
    "BucketReplicationArgs",
    "BucketWriter",
    "ObjectLockMode",
]
