"""What AWS refuses because of another resource, judged before anything is made."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from ipaddress import IPv4Network
from typing import Any, cast

from sandbox import knowledge
from sandbox.cloud.regions import region_of_zone
from sandbox.cloud.service import Planned
from sandbox.knowledge import Failure
from sandbox.values import UNKNOWN

VPC = "aws:ec2/vpc:Vpc"
SUBNET = "aws:ec2/subnet:Subnet"
CIDR_ASSOCIATION = "aws:ec2/vpcIpv4CidrBlockAssociation:VpcIpv4CidrBlockAssociation"

NEIGHBOURS: Mapping[str, tuple[str, ...]] = {SUBNET: (VPC, SUBNET, CIDR_ASSOCIATION)}
"""What a type is judged against."""

_ZONE_PROPERTIES = ("availabilityZone", "availabilityZones", "preferredCacheClusterAzs", "preferredAvailabilityZones")


def name_refusals(
    planned: Planned, others: Iterable[Planned], standing: Iterable[Planned], *, property_: str, scope: str
) -> list[Failure]:
    """A name that something else in this plan, or already there, holds to itself."""
    if planned.claim is None:
        return []
    # The claim is the type, the scope and the name; what the person wrote says more, where there is such a thing.
    shown = planned.inputs.get(property_)
    what = repr(shown) if isinstance(shown, str) else "what it sets"
    for other in (*others, *standing):
        if other.claim == planned.claim:
            return [Failure(property_, f"{what} is taken: it may stand only once {scope}, and {other.urn} has it")]
    return []


def judge(
    planned: Planned, others: Sequence[Planned], standing: Sequence[Planned], before: Mapping[str, Any]
) -> list[Failure]:
    """Everything else.

    Args:
        planned: the resource to judge.
        others: what else this plan has seen so far.
        standing: what stands and is not in this plan so far.
        before: inputs of the resource as it stands; empty for a new one.
    """
    failures = list(_zones_outside(planned))
    if planned.type == SUBNET:
        failures += _subnet(planned, others, standing, before)
    return failures


def _zones_outside(planned: Planned) -> Iterator[Failure]:
    region = planned.place.region
    offered = knowledge.zones(region) if region else ()
    if not offered:
        return
    for key in _ZONE_PROPERTIES:
        value = planned.inputs.get(key)
        listed = isinstance(value, list)
        for position, zone in enumerate(cast(list[Any], value) if listed else [value]):
            if isinstance(zone, str) and zone not in offered:
                where = f"{key}[{position}]" if listed else key
                home = region_of_zone(zone)
                of = f" (it is in {home})" if home != region and home in knowledge.regions() else ""
                yield Failure(where, f"{zone!r} is no zone of {region}{of}; its zones are {', '.join(offered)}")


def _subnet(
    planned: Planned, others: Sequence[Planned], standing: Sequence[Planned], before: Mapping[str, Any]
) -> Iterator[Failure]:
    cidr = _network(planned.inputs.get("cidrBlock"))
    if cidr is None:
        return
    everything = [*others, *standing]
    vpc = _vpc_of(planned, others, standing)
    if vpc is not None:
        blocks = [_network(vpc.inputs.get("cidrBlock"))] + [
            _network(other.inputs.get("cidrBlock"))
            for other in everything
            if other.type == CIDR_ASSOCIATION and _vpc_of(other, others, standing) is vpc
        ]
        known = [block for block in blocks if block is not None]
        if known and not any(cidr.subnet_of(block) for block in known):
            yield Failure("cidrBlock", f"{cidr} is outside its VPC's {', '.join(map(str, known))} ({vpc.urn})")
    if before and all(before.get(key) == planned.inputs.get(key) for key in ("cidrBlock", "vpcId")):
        # It stands, so AWS has judged it already, perhaps under another URN.
        everything = list(others)
    for other in everything:
        theirs = _network(other.inputs.get("cidrBlock")) if other.type == SUBNET else None
        if theirs is not None and theirs.overlaps(cidr) and _same_vpc(planned, other, others, standing):
            yield Failure("cidrBlock", f"{cidr} overlaps {theirs} of {other.urn} in the same VPC")


def _same_vpc(one: Planned, two: Planned, others: Sequence[Planned], standing: Sequence[Planned]) -> bool:
    ours, theirs = one.inputs.get("vpcId"), two.inputs.get("vpcId")
    if isinstance(ours, str) and isinstance(theirs, str):
        return ours == theirs
    vpc = _vpc_of(one, others, standing)
    return vpc is not None and _vpc_of(two, others, standing) is vpc


def _vpc_of(planned: Planned, others: Sequence[Planned], standing: Sequence[Planned]) -> Planned | None:
    """The VPC a resource is in; one that is not known yet can only be the plan's own, if it has just one there."""
    wanted = planned.inputs.get("vpcId")
    region = planned.place.region
    if wanted is UNKNOWN:
        new = [other for other in others if other.type == VPC and other.place.region == region]
        return new[0] if len(new) == 1 else None
    return next((other for other in standing if other.type == VPC and other.id == wanted), None)


def _network(value: Any) -> IPv4Network | None:
    if not isinstance(value, str):
        return None
    try:
        return IPv4Network(value)
    except ValueError:
        # Check has refused it already, with AWS' own pattern.
        return None
