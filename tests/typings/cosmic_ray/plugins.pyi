from collections.abc import Callable
from typing import Any

def get_operator(name: str) -> Callable[..., Any]: ...
