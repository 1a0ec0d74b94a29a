from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any

class WorkerOutcome(StrEnum):
    NORMAL = "normal"

class TestOutcome(StrEnum):
    SURVIVED = "survived"
    KILLED = "killed"
    INCOMPETENT = "incompetent"

@dataclass(frozen=True)
class WorkResult:
    worker_outcome: WorkerOutcome
    output: str | None = None
    test_outcome: TestOutcome | None = None
    diff: str | None = None

    @property
    def is_killed(self) -> bool: ...

@dataclass(frozen=True)
class MutationSpec:
    module_path: Path
    operator_name: str
    occurrence: int
    start_pos: tuple[int, int]
    end_pos: tuple[int, int]
    operator_args: dict[str, Any]
    definition_name: str | None

@dataclass(frozen=True)
class WorkItem:
    job_id: str
    mutations: tuple[MutationSpec, ...]
