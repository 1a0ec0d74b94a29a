"""Which networks are everyone's, and which are nobody's but one's own."""

from ipaddress import ip_network

import pytest

from policies.addresses import everyone, network, private
from resilience.graph import UNKNOWN, Read, State


@pytest.mark.parametrize(
    ("content", "read"),
    [
        ("10.0.0.0/8", "10.0.0.0/8"),
        # AWS takes one whose host bits are set, and clears them.
        ("10.1.2.3/8", "10.0.0.0/8"),
        ("192.0.2.7", "192.0.2.7/32"),
        ("2001:db8::/32", "2001:db8::/32"),
        ("pl-12345678", None),
        ("10.0.0.0/33", None),
        (["10.0.0.0/8"], None),
        (UNKNOWN, None),
    ],
)
def test_a_network_is_read_or_is_none(content: object, read: str | None) -> None:
    found = network(Read("cidrBlocks[0]", State.VALUE, content))
    assert (str(found) if found else None) == read


@pytest.mark.parametrize(
    ("given", "own"),
    [
        ("10.0.0.0/8", True),
        ("10.255.0.0/16", True),
        ("10.0.0.0/7", False),
        ("172.16.0.0/12", True),
        ("172.32.0.0/16", False),
        ("192.168.7.0/24", True),
        ("100.64.0.0/10", True),
        ("100.128.0.0/10", False),
        ("fd00::/8", True),
        ("fe00::/8", False),
        ("8.8.8.0/24", False),
    ],
)
def test_what_is_private_is_inside_a_private_range(given: str, own: bool) -> None:
    assert private(ip_network(given)) is own


@pytest.mark.parametrize(
    ("given", "found"),
    [
        (["0.0.0.0/0"], ["0.0.0.0/0"]),
        (["::/0"], ["::/0"]),
        # Two halves of the world, in either order.
        (["128.0.0.0/1", "0.0.0.0/1"], ["0.0.0.0/0"]),
        (["8000::/1", "::/1"], ["::/0"]),
        # S3 draws the line at /8 and /32.
        (["54.0.0.0/7"], ["54.0.0.0/7"]),
        (["54.0.0.0/8"], []),
        (["2600::/31"], ["2600::/31"]),
        (["2600::/32"], []),
        # Neighbours that are too small each.
        (["54.0.0.0/8", "55.0.0.0/8"], ["54.0.0.0/7"]),
        (["2600::/32", "2600:1::/32"], ["2600::/31"]),
        # Private, however many.
        (["fc00::/7"], []),
        (["10.0.0.0/8", "172.16.0.0/12"], []),
        (["0.0.0.0/0", "::/0", "192.0.2.0/24"], ["0.0.0.0/0", "::/0"]),
        ([], []),
    ],
)
def test_everyone_is_whoever_a_network_is_too_wide_to_name(given: list[str], found: list[str]) -> None:
    assert [str(each) for each in everyone(ip_network(each) for each in given)] == found
