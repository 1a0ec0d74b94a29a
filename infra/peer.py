"""The founding stack as a joining stack sees it. The only reader of StackReference."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from ipaddress import IPv4Network
from typing import Any

import pulumi

from infra.exports import CONTRACT_VERSION
from infra.settings import Settings


class PeerError(pulumi.RunError):
    """The founding stack cannot be joined. The message says what to do."""


@dataclass(frozen=True)
class FoundersBucket:
    """A bucket in the founder's region."""

    name: pulumi.Output[str]
    arn: pulumi.Output[str]


@dataclass(frozen=True)
class Founder:
    """What the founding stack promises (infra.exports.Contract)."""

    stack: str
    region: str
    """Known from the settings; the contract is checked against it."""
    vpc_id: pulumi.Output[str]
    private_subnets: pulumi.Output[list[str]]
    route_tables: pulumi.Output[list[str]]
    nat_addresses: pulumi.Output[list[str]]
    zone_id: pulumi.Output[str]
    entrance: pulumi.Output[str]
    entrance_security_group: pulumi.Output[str]
    data_key_arn: pulumi.Output[str]
    secret_arns: Mapping[str, pulumi.Output[str]]
    """As the founder has them; ``replica`` gives those of this region."""
    buckets: Mapping[str, FoundersBucket]
    global_cluster_identifier: pulumi.Output[str]
    database_writer: pulumi.Output[str]
    database_cluster_arn: pulumi.Output[str]
    global_cache: pulumi.Output[str]
    """Not to be used unless the settings ask for a global datastore."""
    cluster_name: pulumi.Output[str]
    cluster_arn: pulumi.Output[str]
    health_check_id: pulumi.Output[str]
    cannot_serve_alarm_arn: pulumi.Output[str]
    topic_arn: pulumi.Output[str]
    hold_arn: pulumi.Output[str]
    passwords: Mapping[str, pulumi.Output[str]]
    """Secret, by what they open."""

    def replica(self, arn: pulumi.Output[str], region: str) -> pulumi.Output[str]:
        """ARN of the replica, in a region, of a secret of the founder's: AWS gives it the same name."""
        return arn.apply(lambda founders: founders.replace(f":{self.region}:", f":{region}:", 1))


def read_founder(
    settings: Settings, stack: str, credentials: Sequence[str], passwords: Sequence[str], buckets: Sequence[str]
) -> Founder:
    """Read what the founding stack exports.

    It is read from the state backend, not from the founder's region, so it can be read while that region is dark.

    Args:
        settings: of this stack.
        stack: name of the founding one.
        credentials: what it must have secrets of.
        passwords: those of them whose passwords it must export.
        buckets: what it must have buckets for.

    Raises:
        PeerError: In the outputs, when the founder is not up, is of another version, or is this region's twin; at
            once, when the settings name no other region.
    """
    if stack == pulumi.get_stack():
        raise PeerError(
            f"tandem:region.joins: is {stack}, this very stack; it must name the stack that founded the platform"
        )
    if settings.other_region is None:
        raise PeerError(
            f"tandem:platform.network.cidrs: names {settings.region_name} alone, which joins stack {stack}; "
            "the founder's region must stand there too"
        )
    reference = pulumi.StackReference(f"{pulumi.get_organization()}/{pulumi.get_project()}/{stack}")
    contract = reference.get_output("contract").apply(lambda exported: check_contract(exported, settings, stack))

    def promised(*path: str) -> pulumi.Output[Any]:
        def find(known: Any) -> Any:
            for part in path:
                known = known[part]
            return known

        return contract.apply(find)

    return Founder(
        stack=stack,
        region=settings.other_region,
        vpc_id=promised("vpc_id"),
        private_subnets=promised("private_subnets").apply(list),
        route_tables=promised("route_tables").apply(list),
        nat_addresses=promised("nat_addresses").apply(list),
        zone_id=promised("zone_id"),
        entrance=promised("entrance"),
        entrance_security_group=promised("entrance_security_group"),
        data_key_arn=promised("data_key_arn"),
        secret_arns={name: promised("secret_arns", name) for name in credentials},
        buckets={
            name: FoundersBucket(promised("buckets", name, "name"), promised("buckets", name, "arn"))
            for name in buckets
        },
        global_cluster_identifier=promised("global_cluster_identifier"),
        database_writer=promised("database_writer"),
        database_cluster_arn=promised("database_cluster_arn"),
        # Absent unless the settings ask for one.
        global_cache=contract.apply(_global_cache),
        cluster_name=promised("cluster_name"),
        cluster_arn=promised("cluster_arn"),
        health_check_id=promised("health_check_id"),
        cannot_serve_alarm_arn=promised("cannot_serve_alarm_arn"),
        topic_arn=promised("topic_arn"),
        hold_arn=promised("hold_arn"),
        passwords={name: pulumi.Output.secret(reference.get_output(f"{name}Password")) for name in passwords},
    )


def _global_cache(contract: Mapping[str, Any]) -> Any:
    return contract.get("global_cache")


@dataclass(frozen=True)
class Remembered:
    """What this stack found out at its last update, and needs not ask again."""

    failover_checks: pulumi.Output[Any]
    """FailoverPlan.memory; None before the first update."""


def read_own() -> Remembered:
    """Read what this very stack exported last."""
    own = pulumi.StackReference(f"{pulumi.get_organization()}/{pulumi.get_project()}/{pulumi.get_stack()}")
    return Remembered(failover_checks=own.get_output("failoverChecks"))


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
    if exported["region"] != settings.other_region:
        raise PeerError(
            f"tandem:platform.network.cidrs: has no network for {exported['region']}, the region of stack {stack}, "
            "which this one joins"
        )
    if IPv4Network(exported["cidr"]).overlaps(IPv4Network(settings.cidr)):
        # The settings hold the two apart; a founder brought up by other settings does not.
        raise PeerError(
            f"tandem:platform.network.cidrs: {settings.cidr} overlaps {exported['cidr']} of stack {stack}; "
            "the regions could never be linked"
        )
    if settings.platform.cache.application.global_datastore and not exported.get("global_cache"):
        raise PeerError(
            f"tandem:platform.cache.application.global_datastore: is on, and stack {stack} has none yet; "
            f"run `pulumi up -s {stack}` first"
        )
    linked = settings.platform.network.link != "none"
    if linked and int(exported["zones"]) != len(settings.zones):
        raise PeerError(
            f"tandem:region.zones: {len(settings.zones)} here, {int(exported['zones'])} in stack {stack}; linked "
            "regions need as many routes each: give both as many zones, or set tandem:platform.network.link to none"
        )
    return exported
