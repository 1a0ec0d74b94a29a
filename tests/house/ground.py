"""What a component under test stands on: the simulated cloud refuses ids that lead nowhere."""

from components.keys import EncryptionKey
from components.network import Network

ZONES = ["us-east-1a", "us-east-1b", "us-east-1c"]


def network(region: str = "us-east-1") -> Network:
    """A network over three zones of a region."""
    zones = [f"{region}{letter}" for letter in "abc"]
    return Network(f"ground-{region}", {"cidr": "10.10.0.0/16", "zones": zones, "region": region})


def key(region: str = "us-east-1") -> EncryptionKey:
    """A key in a region."""
    return EncryptionKey(
        f"ground-{region}",
        {
            "description": "Ground",
            "alias": "ground",
            "account_id": "000000000000",
            "multi_region": True,
            "region": region,
        },
    )
