"""Networks and what lets traffic in."""

from components.network._plan import MAX_ZONES
from components.network.load_balancer import LoadBalancer, LoadBalancerArgs, ServiceArgs
from components.network.vpc import NatGateways, Network, NetworkArgs

__all__ = ["MAX_ZONES", "LoadBalancer", "LoadBalancerArgs", "NatGateways", "Network", "NetworkArgs", "ServiceArgs"]
