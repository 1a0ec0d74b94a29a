"""Load balancers: in several zones, and there to stay."""

from policies.registry import Options, Scope, Severity, Verdicts, counts, is_true, rule
from resilience.graph import Graph, Resource

BALANCERS = ("aws:lb/loadBalancer:LoadBalancer", "aws:alb/loadBalancer:LoadBalancer")


@rule(
    "LB-01",
    title="A load balancer is in two zones",
    why="A load balancer in one zone is lost with it, and everything behind it.",
    fix="subnets (or subnet_mappings) with one subnet a zone",
    severity=Severity.CRITICAL,
    scope=Scope.STACK,
    types=BALANCERS,
    frameworks=["AWS FSBP ELB.13"],
)
def zones(balancer: Resource, graph: Graph, _: Options) -> Verdicts:
    """Count the zones of its subnets, named one way or the other."""
    # Whichever way the program names them, AWS reports both.
    if balancer.edges.get("subnetMappings"):
        elements = [mapping.field("subnetId") for mapping in balancer.read("subnetMappings").each()]
        yield counts(graph.zones(balancer, "subnetMappings", elements), 2, "zones of its subnets")
    else:
        yield counts(graph.zones(balancer, "subnets"), 2, "zones of its subnets")


@rule(
    "LB-02",
    title="A load balancer cannot be deleted by mistake",
    why="A new one has another name: every record that pointed at the old one points at nothing.",
    fix="enable_deletion_protection=True on aws.lb.LoadBalancer",
    severity=Severity.MEDIUM,
    scope=Scope.RESOURCE,
    types=BALANCERS,
    frameworks=["AWS FSBP ELB.6"],
)
def deletion(balancer: Resource, _: Graph, __: Options) -> Verdicts:
    """Deletion protection must be on."""
    yield is_true(balancer.read("enableDeletionProtection"))
