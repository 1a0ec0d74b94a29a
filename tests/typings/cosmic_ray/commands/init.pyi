from collections.abc import Iterable
from pathlib import Path
from typing import Any

from cosmic_ray.work_item import WorkItem

def _all_work_items(  # pyright: ignore[reportUnusedFunction]
    module_paths: Iterable[Path], operator_cfgs: dict[str, Any]
) -> Iterable[WorkItem]: ...
