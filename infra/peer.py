"""The founding stack as a joining stack sees it. The only reader of StackReference."""

from collections.abc import Mapping
from dataclasses import dataclass
from ipaddress import IPv4Network
from typing import Any

import pulumi

from infra.exports import CONTRACT_VERSION
from infra.settings import Settings


class PeerError(pulumi.RunError):
    """The founding stack cannot be joined. The message says what to do."""


@dataclass(frozen=True)
class Founder:
    """What the founding stack promises (infra.exports.Contract)."""

    region: pulumi.Output[str]
    zone_id: pulumi.Output[str]
    data_key_arn: pulumi.Output[str]
    entrance_security_group: pulumi.Output[str]
    nat_addresses: pulumi.Output[list[str]]
    artifacts_bucket: pulumi.Output[str]
    artifacts_arn: pulumi.Output[str]
    global_cluster_identifier: pulumi.Output[str]
    database_name: pulumi.Output[str]
    database_username: pulumi.Output[str]
    database_password: pulumi.Output[str]
    """Secret."""
    sign_in_password: pulumi.Output[str]
    """Secret."""


def read_founder(settings: Settings, stack: str) -> Founder:
    """Read what the founding stack exports.

    It is read from the state backend, not from the founder's region, so it can be read while that region is dark.

    Raises:
        PeerError: In the outputs, when the founder is not up, is of another version, or is this region's twin.
    """
    reference = pulumi.StackReference(f"{pulumi.get_organization()}/{pulumi.get_project()}/{stack}")
    contract = reference.get_output("contract").apply(lambda exported: check_contract(exported, settings, stack))

    def promised(name: str) -> pulumi.Output[str]:
        return contract.apply(lambda known: known[name])

    return Founder(
        region=promised("region"),
        zone_id=promised("zone_id"),
        data_key_arn=promised("data_key_arn"),
        entrance_security_group=promised("entrance_security_group"),
        nat_addresses=contract.apply(lambda known: list(known["nat_addresses"])),
        artifacts_bucket=promised("artifacts_bucket"),
        artifacts_arn=promised("artifacts_arn"),
        global_cluster_identifier=promised("global_cluster_identifier"),
        database_name=promised("database_name"),
        database_username=promised("database_username"),
        database_password=pulumi.Output.secret(reference.get_output("databasePassword")),
        sign_in_password=pulumi.Output.secret(reference.get_output("signInPassword")),
    )


def check_contract(exported: Mapping[str, Any] | None, settings: Settings, stack: str) -> Mapping[str, Any]:
    """The founder's contract, if this stack can join it.

    Raises:
        PeerError: With the command to run or the setting to change.
    """
    if exported is None:
        raise PeerError(
            f"stack {stack} is not up yet, and {settings.region_name} joins it; run `pulumi up -s {stack}` first"
        )
    version = int(exported.get("version", 0))
    if version != CONTRACT_VERSION:
        raise PeerError(
            f"stack {stack} exports version {version} of its contract, this program reads version {CONTRACT_VERSION}; "
            f"run `pulumi up -s {stack}` with this program first"
        )
    if exported["region"] == settings.region_name:
        raise PeerError(
            f"aws:region: {settings.region_name} is the region of stack {stack}, which this one joins; "
            "a pair in one region survives no region"
        )
    if IPv4Network(exported["cidr"]).overlaps(IPv4Network(settings.region.cidr)):
        raise PeerError(
            f"tandem:region.cidr: {settings.region.cidr} overlaps {exported['cidr']} of stack {stack}; "
            "the regions could never be peered"
        )
    return exported
