"""What a stack promises to others. The only place that exports."""

from dataclasses import dataclass
from typing import Any

import pulumi

from infra.sections.objectives import Objectives

CONTRACT_VERSION = 3
"""Raised when a joining stack of the version before could no longer read the contract."""

OBJECTIVES_VERSION = 1
"""Of ``resilienceObjectives``, which resilience/objectives.py reads."""


@dataclass(frozen=True)
class Contract:
    """What a joining stack needs of the founding one, and operations of both."""

    region: str
    """AWS region."""
    cidr: str
    """Network of the VPC."""
    zones: int
    """Availability zones."""
    vpc_id: pulumi.Output[str]
    """The VPC."""
    private_subnets: list[pulumi.Output[str]]
    """Subnet of each zone's nodes and pods, for a link between the regions to stand in."""
    route_tables: list[pulumi.Output[str]]
    """Route table of each zone's nodes and pods."""
    nat_addresses: list[pulumi.Output[str]]
    """Public addresses that the region's pods come from."""
    zone_id: pulumi.Output[str]
    """Hosted zone of the platform's names."""
    entrance: pulumi.Output[str]
    """ARN of the load balancer."""
    entrance_security_group: pulumi.Output[str]
    """Its security group."""
    data_key_arn: pulumi.Output[str]
    """The multi-region key of data, in this region."""
    secret_arns: dict[str, pulumi.Output[str]]
    """Credentials by what they are of, in this region; each has a replica of the same name in the other one."""
    buckets: dict[str, dict[str, pulumi.Output[str]]]
    """``name`` and ``arn`` of each bucket, by what it holds."""
    global_cluster_identifier: pulumi.Output[str]
    """The global database."""
    database_writer: pulumi.Output[str]
    """Host that leads to the writer, in whichever region it is."""
    database_cluster_arn: pulumi.Output[str]
    """ARN of this region's cluster in it."""
    global_cache: pulumi.Output[str] | None
    """The applications' global datastore, if there is one."""
    cluster_name: str
    """Name of the EKS cluster."""
    cluster_arn: pulumi.Output[str]
    """Its ARN."""
    health_check_id: pulumi.Output[str]
    """Route 53 health check of this region."""
    cannot_serve_alarm_arn: pulumi.Output[str]
    """Alarm that says that this region cannot serve."""
    topic_arn: pulumi.Output[str]
    """Topic of this region's alarms."""
    hold_arn: pulumi.Output[str] | None
    """What a joining stack must hold on to; the founder's alone."""


def publish(
    contract: Contract,
    *,
    endpoints: dict[str, pulumi.Input[str] | None],
    name_servers: pulumi.Output[list[str]] | None,
    failover_plan: pulumi.Output[str] | None,
    memory: pulumi.Output[Any] | None,
    kubeconfig: pulumi.Output[str],
    passwords: dict[str, pulumi.Output[str]],
    objectives: Objectives,
    regions: list[str],
) -> None:
    """Export the contract, the endpoints people use, what is promised, and, marked secret, what opens doors."""
    pulumi.export("contract", {"version": CONTRACT_VERSION, **vars(contract)})
    pulumi.export("endpoints", {name: value for name, value in endpoints.items() if value is not None})
    # Policies see the graph alone; the stack's outputs are part of it, in previews as in exports.
    pulumi.export(
        "resilienceObjectives",
        {
            "version": OBJECTIVES_VERSION,
            "regions": regions,
            "journeys": {name: each.model_dump(exclude_none=True) for name, each in objectives.journeys.items()},
            "measured": {id_: each.model_dump() for id_, each in objectives.measured.items()},
        },
    )
    if name_servers is not None:
        # The zone answers nobody, and its certificate is never issued, until its parent zone delegates to these.
        pulumi.export("nameServers", name_servers)
    if failover_plan is not None:
        pulumi.export("failoverPlan", failover_plan)
    if memory is not None:
        # For this stack's own next update.
        pulumi.export("failoverChecks", memory)
    # Apart from the contract: one secret in an object would make all of it secret.
    pulumi.export("kubeconfig", pulumi.Output.secret(kubeconfig))
    for name, password in passwords.items():
        pulumi.export(f"{name}Password", pulumi.Output.secret(password))
