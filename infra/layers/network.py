"""The network of the region."""

import pulumi

from components.network import Network
from infra.layers.keys import Keys
from infra.settings import Settings


def build(settings: Settings, keys: Keys, opts: pulumi.ResourceOptions) -> Network:
    """Subnets in every zone, each with its own way out."""
    section = settings.platform.network
    return Network(
        "network",
        {
            "cidr": settings.cidr,
            "zones": settings.zones,
            "nat_gateways": section.nat_gateways,
            "cluster_name": settings.regional_name,
            "flow_log_name": settings.regional_name,
            "flow_log_key_arn": keys.logs.arn,
            "log_retention_days": settings.platform.logs.network_days,
        },
        opts,
    )
