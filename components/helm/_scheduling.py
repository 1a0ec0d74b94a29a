"""Where pods go (components._scheduling)."""

from components._scheduling import (
    HOST,
    NODE_LOSS_SECONDS,
    ZONE,
    node_loss_tolerations,
    resources,
    spread,
    spread_affinity,
)

__all__ = ["HOST", "NODE_LOSS_SECONDS", "ZONE", "node_loss_tolerations", "resources", "spread", "spread_affinity"]
