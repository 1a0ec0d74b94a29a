"""The network of the region."""

import pulumi

from components.network import Network
from infra.settings import Settings


def build(settings: Settings, opts: pulumi.ResourceOptions) -> Network:
    """Subnets in every zone, each with its own way out."""
    return Network(
        "network",
        {
            "cidr": settings.region.cidr,
            "zones": settings.region.zones,
            "nat_gateways": settings.platform.nat_gateways,
        },
        opts,
    )
