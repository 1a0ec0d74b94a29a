"""Object storage and its copies."""

from components.storage.bucket import Bucket, BucketArgs
from components.storage.replication import BucketReplication, BucketReplicationArgs

__all__ = ["Bucket", "BucketArgs", "BucketReplication", "BucketReplicationArgs"]
