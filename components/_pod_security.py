"""What pods and containers may not do: the level ``restricted`` (kubernetes.io, "Pod Security Standards").

Charts differ in where they take it; who a pod runs as is added there.
"""

from typing import Any

POD_SECURITY: dict[str, Any] = {"runAsNonRoot": True, "seccompProfile": {"type": "RuntimeDefault"}}
"""Context of a pod."""

CONFINED: dict[str, Any] = {"allowPrivilegeEscalation": False, "capabilities": {"drop": ["ALL"]}}
"""Context of a container that writes to files of its image."""

READ_ONLY: dict[str, Any] = {**CONFINED, "readOnlyRootFilesystem": True}
"""Context of any other container."""
