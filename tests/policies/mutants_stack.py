"""Rules of every resource, and keys, by the ways to break them."""

# One mutant a line, or the table cannot be read as one.

from tests.policies.platform import Mutant, Thing

ALWAYS: set[str] = set()
"""What nobody can say of one stack alone."""


def things() -> dict[str, Thing]:
    """What breaks none of them."""
    return {"key": Thing("aws:kms/key:Key", {"deletionWindowInDays": 30}, protect=True)}


MUTANTS: list[Mutant] = [
    ("bucket unprotected", lambda p: p.unprotect("bucket"), {"STK-01"}),
    ("database unprotected", lambda p: p.unprotect("db"), {"STK-01"}),
    ("zone unprotected", lambda p: p.unprotect("zone"), {"STK-01"}),
    ("bucket by default provider", lambda p: p.through("bucket", "default_7_51_1"), {"STK-02"}),
    ("VPC by default provider", lambda p: p.through("vpc", "default"), {"STK-02"}),
    ("workload by default provider", lambda p: p.through("release", "default_4_34_2"), {"STK-02"}),
    ("key deleted in 29 days", lambda p: p.put("key", "deletionWindowInDays", 29), {"KMS-02"}),
    ("key deleted in a week", lambda p: p.put("key", "deletionWindowInDays", 7), {"KMS-02"}),
    ("key window as text", lambda p: p.put("key", "deletionWindowInDays", "30"), {"KMS-02"}),
    ("key window unknown", lambda p: p.hide("key", "deletionWindowInDays"), {"KMS-02?"}),
]  # fmt: skip

GOOD: list[Mutant] = [
    ("default key window", lambda p: p.delete("key", "deletionWindowInDays"), set()),
]  # fmt: skip
