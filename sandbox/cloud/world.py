"""What stands in the simulated cloud, kept where several provider processes see it at once."""

import contextlib
import json
import sqlite3
import threading
from collections.abc import Generator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

_SCHEMA = """
CREATE TABLE IF NOT EXISTS resources (
    provider TEXT NOT NULL,
    type     TEXT NOT NULL,
    id       TEXT NOT NULL,
    region   TEXT NOT NULL,
    urn      TEXT NOT NULL,
    account  TEXT NOT NULL,
    name     TEXT NOT NULL,
    claim    TEXT UNIQUE,
    inputs   TEXT NOT NULL,
    outputs  TEXT NOT NULL,
    PRIMARY KEY (provider, type, account, region, id)
);
CREATE INDEX IF NOT EXISTS resources_by_urn ON resources (urn);
CREATE TABLE IF NOT EXISTS dark (place TEXT PRIMARY KEY);
"""

# Providers of one `up` write at once; each write is short.
_BUSY_SECONDS = 30.0


class NameTaken(Exception):
    """Another resource holds the name in the scope where names are unique."""

    def __init__(self, holder: "Resource") -> None:
        self.holder = holder
        super().__init__(f"{holder.name} belongs to {holder.urn}")


@dataclass(frozen=True)
class Resource:
    """One thing in the simulated cloud.

    Attributes:
        provider: package, such as `aws`.
        type: Pulumi token, such as `aws:ec2/vpc:Vpc`.
        id: the provider's id, unique with type, account and region.
        urn: of the Pulumi resource that made it.
        account: AWS account, GCP project or Kubernetes cluster.
        region: where it stands; empty for what is global.
        name: physical name; empty for what has none.
        inputs: as checked; secrets unwrapped.
        outputs: what reading it answers; secrets unwrapped.
        claim: where and what name it holds to itself, None for names that may repeat.
    """

    provider: str
    type: str
    id: str
    urn: str
    account: str
    region: str
    name: str
    inputs: Mapping[str, Any] = field(default_factory=dict[str, Any])
    outputs: Mapping[str, Any] = field(default_factory=dict[str, Any])
    claim: str | None = None


class World:
    """The simulated cloud's memory: a file that processes share, or memory that dies with this object."""

    def __init__(self, path: Path | None = None) -> None:
        """Open the cloud at `path`, made if it is not there; None keeps it in memory."""
        if path is not None:
            path.parent.mkdir(parents=True, exist_ok=True)
        self._lock = threading.RLock()
        # Serialised by the lock, so threads may share the connection.
        self._db = sqlite3.connect(
            path or ":memory:", timeout=_BUSY_SECONDS, isolation_level=None, check_same_thread=False
        )
        if path is not None:
            # Inputs hold passwords in the clear.
            path.chmod(0o600)
            self._db.execute("PRAGMA journal_mode=WAL")
            self._db.execute("PRAGMA synchronous=NORMAL")
        self._db.executescript(_SCHEMA)

    def close(self) -> None:
        """Let go of the file."""
        with self._lock:
            self._db.close()

    def create(self, resource: Resource) -> None:
        """Add a resource.

        The same thing made again by the same URN replaces what an interrupted run left behind.

        Raises:
            NameTaken: when the claim belongs to a resource of another id or URN.
        """
        with self._transaction():
            holder = self.holder(resource.claim) if resource.claim else None
            if holder is not None and (holder.urn, holder.id) != (resource.urn, resource.id):
                raise NameTaken(holder)
            self._write(resource)

    def update(self, resource: Resource) -> None:
        """Replace what is known of a resource.

        Raises:
            NameTaken: when its new claim belongs to another.
        """
        with self._transaction():
            holder = self.holder(resource.claim) if resource.claim else None
            if holder is not None and (holder.type, holder.id) != (resource.type, resource.id):
                raise NameTaken(holder)
            self._write(resource)

    def delete(self, resource: Resource) -> None:
        """Remove a resource; one that is gone already stays gone."""
        with self._transaction():
            self._db.execute(
                "DELETE FROM resources WHERE provider = ? AND type = ? AND account = ? AND region = ? AND id = ?",
                (resource.provider, resource.type, resource.account, resource.region, resource.id),
            )

    def find(self, type_: str, id_: str, region: str, account: str | None = None) -> Resource | None:
        """The resource of that type and id in a region, and in an account where several share the region."""
        query, values = "type = ? AND id = ? AND region = ?", [type_, id_, region]
        if account is not None:
            query, values = f"{query} AND account = ?", [*values, account]
        return next(iter(self._select(query, values)), None)

    def holder(self, claim: str) -> Resource | None:
        """Who holds a name to itself."""
        return next(iter(self._select("claim = ?", [claim])), None)

    def gives_out(self, region: str, id_: str) -> bool:
        """Whether anything in a region has that id, or made it for something of its own."""
        condition = "region = ? AND (id = ? OR instr(outputs, ?) AND NOT instr(inputs, ?))"
        return bool(self._select(condition, [region, id_, json.dumps(id_), json.dumps(id_)]))

    def everything(self) -> list[Resource]:
        """All that stands, in the order it was made."""
        return self._select("TRUE", [])

    def resources(self, *types: str) -> list[Resource]:
        """All that stands of the given types, in the order it was made; of no types, nothing."""
        if not types:
            return []
        return self._select(f"type IN ({', '.join('?' * len(types))})", list(types))

    def is_empty(self) -> bool:
        """Whether nothing stands."""
        return not self._select("TRUE", [])

    def dark(self, place: str) -> None:
        """Take a region or zone down: every call to it fails until `light`."""
        with self._transaction():
            self._db.execute("INSERT OR IGNORE INTO dark VALUES (?)", (place,))

    def light(self, place: str) -> None:
        """Bring a region or zone back."""
        with self._transaction():
            self._db.execute("DELETE FROM dark WHERE place = ?", (place,))

    def darkened(self) -> frozenset[str]:
        """Regions and zones that are down."""
        with self._lock:
            return frozenset(row[0] for row in self._db.execute("SELECT place FROM dark"))

    def _write(self, resource: Resource) -> None:
        self._db.execute(
            "INSERT INTO resources VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?) "
            "ON CONFLICT (provider, type, account, region, id) DO UPDATE SET urn = excluded.urn, "
            "name = excluded.name, claim = excluded.claim, inputs = excluded.inputs, outputs = excluded.outputs",
            (
                resource.provider,
                resource.type,
                resource.id,
                resource.region,
                resource.urn,
                resource.account,
                resource.name,
                resource.claim,
                json.dumps(resource.inputs),
                json.dumps(resource.outputs),
            ),
        )

    def _select(self, condition: str, values: list[str]) -> list[Resource]:
        with self._lock:
            # The conditions are the literals above; values are bound.
            rows = self._db.execute(
                "SELECT provider, type, id, urn, account, region, name, inputs, outputs, claim FROM resources "  # noqa: S608
                f"WHERE {condition} ORDER BY rowid",
                values,
            ).fetchall()
        return [Resource(*row[:7], inputs=json.loads(row[7]), outputs=json.loads(row[8]), claim=row[9]) for row in rows]

    @contextlib.contextmanager
    def _transaction(self) -> Generator[None]:
        with self._lock:
            self._db.execute("BEGIN IMMEDIATE")
            try:
                yield
            except BaseException:
                self._db.execute("ROLLBACK")
                raise
            self._db.execute("COMMIT")
