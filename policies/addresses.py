"""Networks that a rule lets in, and which of them are everyone's."""

from collections.abc import Iterable
from ipaddress import IPv4Network, IPv6Network, collapse_addresses, ip_network

from resilience.graph import Read

Network = IPv4Network | IPv6Network

PRIVATE = [ip_network(text) for text in ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "100.64.0.0/10", "fc00::/7")]
"""RFC 1918, RFC 6598 (EKS takes it for pods) and RFC 4193."""
EVERYONE = {4: 8, 6: 32}
"""Prefix lengths, by version, below which a network is as good as everyone: S3 calls a policy for one public. Amazon S3
User Guide, "Blocking public access to your Amazon S3 storage", the meaning of public (read 2026-11)."""


def network(read: Read) -> Network | None:
    """The network that a text says; None if it is no network, or not known."""
    try:
        return ip_network(str(read.content), strict=False)
    except ValueError:
        return None


def private(given: Network) -> bool:
    """Whether it lies inside a private range."""
    return any(given.version == own.version and given.subnet_of(own) for own in PRIVATE)  # pyright: ignore[reportArgumentType]


def everyone(given: Iterable[Network]) -> list[Network]:
    """Those that are as good as everyone, once neighbours are put together: two halves of the world are the world."""
    found = list(given)
    four = collapse_addresses(each for each in found if isinstance(each, IPv4Network))
    six = collapse_addresses(each for each in found if isinstance(each, IPv6Network))
    return [each for each in (*four, *six) if each.prefixlen < EVERYONE[each.version] and not private(each)]
