"""Rules of S3, by the ways to break them."""

# One mutant a line, or the table cannot be read as one.
# ruff: noqa: E501

from tests.policies.platform import UNKNOWN_TEXT, Mutant, Thing

ALWAYS: set[str] = set()
"""What nobody can say of one stack alone."""


def things() -> dict[str, Thing]:
    """What breaks none of them."""
    return {
        "bucket": Thing("aws:s3/bucket:Bucket", {"bucket": "b", "forceDestroy": False}, protect=True),
        "versioning": Thing(
            "aws:s3/bucketVersioning:BucketVersioning",
            {"bucket": UNKNOWN_TEXT, "versioningConfiguration": {"status": "Enabled"}},
            {"bucket": ["bucket"]},
        ),
    }


MUTANTS: list[Mutant] = [
    ("versioning dropped", lambda p: p.drop("versioning"), {"S3-01"}),
    ("versioning suspended", lambda p: p.put("versioning", "versioningConfiguration/status", "Suspended"), {"S3-01"}),
    ("versioning of another bucket", lambda p: p.add("other", Thing("aws:s3/bucket:Bucket", {"versioning": {"enabled": True}}, protect=True)).point("versioning", "bucket", "other"), {"S3-01"}),
    ("versioning without a status", lambda p: p.put("versioning", "versioningConfiguration", {}), {"S3-01"}),
    ("versioning unknown", lambda p: p.hide("versioning", "versioningConfiguration"), {"S3-01?"}),
    ("versioned bucket not in view", lambda p: p.cut("versioning", "bucket"), {"S3-01?"}),
    ("bucket destroyed with objects", lambda p: p.put("bucket", "forceDestroy", True), {"S3-06"}),
    ("bucket destruction as text", lambda p: p.put("bucket", "forceDestroy", "true"), {"S3-06"}),
    ("bucket destruction as a number", lambda p: p.put("bucket", "forceDestroy", 1), {"S3-06"}),
    ("bucket destruction unknown", lambda p: p.hide("bucket", "forceDestroy"), {"S3-06?"}),
]  # fmt: skip

GOOD: list[Mutant] = [
    ("versioning of the bucket's own", lambda p: p.drop("versioning").put("bucket", "versioning", {"enabled": True}), set()),
]  # fmt: skip
