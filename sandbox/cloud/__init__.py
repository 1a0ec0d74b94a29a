"""One simulated cloud: a memory of what stands, and providers that judge, make, change and remove it."""

from sandbox.cloud.errors import NotSimulated, Outage, Refused
from sandbox.cloud.simulator import Checked, Difference, Simulator
from sandbox.cloud.world import Resource, World

__all__ = ["Checked", "Difference", "NotSimulated", "Outage", "Refused", "Resource", "Simulator", "World"]
