"""Networks, what joins them, and what lets traffic in."""

from components.network._plan import MAX_ZONES
from components.network.accelerator import Accelerator, AcceleratorArgs, AcceleratorEndpoint
from components.network.firewall import Firewall, FirewallArgs
from components.network.load_balancer import LoadBalancer, LoadBalancerArgs, ServiceArgs
from components.network.peering import PeeringLink, PeeringLinkArgs
from components.network.transit_gateway import TransitGatewayLink, TransitGatewayLinkArgs
from components.network.vpc import NatGateways, Network, NetworkArgs
from components.network.zonal_autoshift import ZonalAutoshift, ZonalAutoshiftArgs

__all__ = [
    "MAX_ZONES",
    "Accelerator",
    "AcceleratorArgs",
    "AcceleratorEndpoint",
    "Firewall",
    "FirewallArgs",
    "LoadBalancer",
    "LoadBalancerArgs",
    "NatGateways",
    "Network",
    "NetworkArgs",
    "PeeringLink",
    "PeeringLinkArgs",
    "ServiceArgs",
    "TransitGatewayLink",
    "TransitGatewayLinkArgs",
    "ZonalAutoshift",
    "ZonalAutoshiftArgs",
]
