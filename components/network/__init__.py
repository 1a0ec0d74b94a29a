"""Networks and what lets traffic in."""

from components.network.load_balancer import LoadBalancer, LoadBalancerArgs, ServiceArgs
from components.network.vpc import NatGateways, Network, NetworkArgs

__all__ = ["LoadBalancer", "LoadBalancerArgs", "NatGateways", "Network", "NetworkArgs", "ServiceArgs"]
