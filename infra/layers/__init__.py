"""The program in layers, in the order they come up. Each takes its section of the settings and what is below it."""

from infra.layers import (
    backup,
    cluster,
    data,
    databases,
    failover,
    images,
    keys,
    links,
    monitoring,
    network,
    pair,
    platform,
    promises,
    traffic,
    workloads,
)

__all__ = [
    "backup",
    "cluster",
    "data",
    "databases",
    "failover",
    "images",
    "keys",
    "links",
    "monitoring",
    "network",
    "pair",
    "platform",
    "promises",
    "traffic",
    "workloads",
]
