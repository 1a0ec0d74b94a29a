"""Two fixed addresses that lead to whichever region is near and healthy."""

from typing import NotRequired, TypedDict

import pulumi
import pulumi_aws as aws

MAX_WEIGHT = 255
"""AWS CDK reference, ApplicationLoadBalancerEndpointOptions, weight (read 2026-11)."""


class AcceleratorEndpoint(TypedDict):
    """One region behind an accelerator."""

    region: str
    """The region."""
    load_balancer_arn: pulumi.Input[str]
    """Its application load balancer."""
    weight: NotRequired[int]
    """Share within the region, 0 to 255. Default 128; with 0 it gets nothing, not even when the others fail."""
    traffic_percent: NotRequired[int]
    """Part that the region takes of the clients it is nearest to, 0 to 100. Default 100. With 0 it stands by: it gets
    clients only when no other region is healthy, because failing over ignores this (Global Accelerator Developer
    Guide, "How failover works for unhealthy endpoints", read 2026-11)."""


class AcceleratorArgs(TypedDict):
    """Inputs of Accelerator."""

    accelerator_name: str
    """Physical name, unique in the account, at most 64 characters."""
    endpoints: list[AcceleratorEndpoint]
    """The regions it leads to, at least two."""
    protected: NotRequired[bool]
    """Refuse deletion. Default true: a deleted accelerator's addresses never come back."""


class Accelerator(pulumi.ComponentResource):
    """Anycast addresses, with one endpoint group a region, for clients that must not wait for DNS.

    A region whose load balancer has no healthy target gets no new connection after some 30 s (Global Accelerator
    Developer Guide, ibidem), whatever resolvers have kept: nothing is looked up again. Health is the load balancer's
    own; Global Accelerator ignores settings of its own for it ("Endpoint groups for standard accelerators", read
    2026-11). Open connections to a zone or region that dies break, and are made again elsewhere.

    Clients' addresses are kept, so that security groups and rate limits mean them. For that AWS puts network
    interfaces and a security group named GlobalAccelerator into each VPC. The group stays when the accelerator goes,
    and blocks deleting the VPC until somebody deletes it (provider's documentation of EndpointGroup, read 2026-11).

    It spans regions, so the joining region's stack owns it. Its control plane is in us-west-2 alone: while that region
    is dark the accelerator keeps working and failing over, and nobody can change it.

    Cost when idle: the accelerator, by the hour. State: its addresses; protected. Regions: all children global.
    """

    dns_name: pulumi.Output[str]
    """Name of the addresses, for alias records."""
    hosted_zone_id: pulumi.Output[str]
    """Hosted zone of that name."""
    ip_addresses: pulumi.Output[list[str]]
    """The addresses, for clients' firewalls."""
    arn: pulumi.Output[str]
    """ARN of the accelerator."""

    def __init__(self, name: str, args: AcceleratorArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        check_endpoints(args["endpoints"])
        protected = args.get("protected", True)
        super().__init__("tandem:index:Accelerator", name, {}, opts)
        child = pulumi.ResourceOptions(parent=self)

        accelerator = aws.globalaccelerator.Accelerator(
            name,
            name=args["accelerator_name"],
            ip_address_type="IPV4",
            enabled=True,
            opts=pulumi.ResourceOptions(parent=self, protect=protected),
        )
        listener = aws.globalaccelerator.Listener(
            name,
            accelerator_arn=accelerator.arn,
            protocol="TCP",
            port_ranges=[aws.globalaccelerator.ListenerPortRangeArgs(from_port=443, to_port=443)],
            opts=child,
        )
        for endpoint in args["endpoints"]:
            aws.globalaccelerator.EndpointGroup(
                f"{name}-{endpoint['region']}",
                listener_arn=listener.arn,
                endpoint_group_region=endpoint["region"],
                traffic_dial_percentage=float(endpoint.get("traffic_percent", 100)),
                endpoint_configurations=[
                    aws.globalaccelerator.EndpointGroupEndpointConfigurationArgs(
                        endpoint_id=endpoint["load_balancer_arn"],
                        weight=int(endpoint.get("weight", 128)),
                        client_ip_preservation_enabled=True,
                    )
                ],
                opts=child,
            )
        self.dns_name = accelerator.dns_name
        self.hosted_zone_id = accelerator.hosted_zone_id
        self.ip_addresses = accelerator.ip_sets.apply(
            lambda sets: [address for each in sets for address in each.ip_addresses or []]
        )
        self.arn = accelerator.arn
        self.register_outputs({"dnsName": self.dns_name, "ipAddresses": self.ip_addresses})


def check_endpoints(endpoints: list[AcceleratorEndpoint]) -> None:
    """Refuse an accelerator that leads nowhere when a region dies.

    Raises:
        ValueError: With what to write instead.
    """
    regions = [endpoint["region"] for endpoint in endpoints]
    if len(regions) < 2:
        raise ValueError(f"endpoints: got {len(regions)}, must be at least 2; with one region there is none to go to")
    if len(set(regions)) != len(regions):
        raise ValueError(f"endpoints: {', '.join(regions)} names a region twice; each has one endpoint group")
    for endpoint in endpoints:
        weight, percent = endpoint.get("weight", 128), endpoint.get("traffic_percent", 100)
        if not 0 <= weight <= MAX_WEIGHT:
            raise ValueError(f"weight of {endpoint['region']}: got {weight}, must be 0 to {MAX_WEIGHT}")
        if not 0 <= percent <= 100:
            raise ValueError(f"traffic_percent of {endpoint['region']}: got {percent}, must be 0 to 100")
    if not any(endpoint.get("weight", 128) and endpoint.get("traffic_percent", 100) for endpoint in endpoints):
        raise ValueError("endpoints: no region takes any client; give one a weight and a traffic_percent above 0")
