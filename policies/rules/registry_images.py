"""Registries of images: the same images in both regions."""

from policies.registry import Options, Scope, Severity, Verdicts, fails, holds, passes, rule, unproven
from resilience.graph import Graph, Read, Resource

REPOSITORY = "aws:ecr/repository:Repository"
REPLICATION = "aws:ecr/replicationConfiguration:ReplicationConfiguration"
SCANNING = "aws:ecr/registryScanningConfiguration:RegistryScanningConfiguration"


@rule(
    "ECR-01",
    title="Images are in both regions",
    why="Nodes that start in one region and pull from the other do not start while that is dark.",
    fix="components: RegistryReplication, or aws.ecr.ReplicationConfiguration in the repository's region",
    severity=Severity.HIGH,
    scope=Scope.STACKS,
    types=[REPOSITORY],
)
def replicated(repository: Resource, graph: Graph, _: Options) -> Verdicts:
    """Find a replication of its name out of its region, or into it."""
    own, name = graph.region(repository), repository.read("name")
    doubts = [] if own.known and name.known else ["its name or region is not known"]
    for config in graph.of(REPLICATION):
        source = graph.region(config)
        for each in config.read("replicationConfiguration.rules").each():
            destinations = [one.field("region") for one in each.field("destinations").each()]
            covers = _covers(each, name)
            if covers is False:
                continue
            if covers is None or source.unknown or any(read.unknown for read in destinations):
                doubts.append(f"what {config.name} copies, or where to, is not known yet")
                continue
            regions = {str(read.content) for read in destinations}
            out = source.content == own.content and regions - {str(own.content)}
            into = source.content != own.content and str(own.content) in regions
            if out or into:
                yield passes(f"{config.name} copies it from {source.content} to {', '.join(sorted(regions))}")
                return
    if doubts:
        yield unproven("; ".join(doubts))
    elif len(graph.stacks) == 1:
        yield unproven(f"replication may be made in another stack than {repository.stack}")
    else:
        yield fails("no aws.ecr.ReplicationConfiguration copies it to another region, or from one")


@rule(
    "ECR-02",
    title="A tag always means the same image",
    why="A tag that moves is one image here and, until it is copied, another there; going back to it goes nowhere.",
    fix='image_tag_mutability="IMMUTABLE" on aws.ecr.Repository',
    severity=Severity.MEDIUM,
    scope=Scope.RESOURCE,
    types=[REPOSITORY],
    frameworks=["AWS FSBP ECR.2"],
)
def immutable(repository: Resource, _: Graph, __: Options) -> Verdicts:
    """Tags move by default."""
    yield holds(repository.read("imageTagMutability"), lambda kind: kind == "IMMUTABLE", '"IMMUTABLE"')


@rule(
    "ECR-03",
    title="Images are scanned",
    why="Nobody learns otherwise that what runs in both regions has a hole in both.",
    fix="image_scanning_configuration.scan_on_push=True, or aws.ecr.RegistryScanningConfiguration",
    severity=Severity.MEDIUM,
    scope=Scope.STACK,
    types=[REPOSITORY],
    frameworks=["AWS FSBP ECR.1"],
)
def scanned(repository: Resource, graph: Graph, _: Options) -> Verdicts:
    """On push, or by the whole registry of its region."""
    own = repository.read("imageScanningConfiguration.scanOnPush")
    kinds = [
        each.read("scanType")
        for each in graph.of(SCANNING)
        if each.stack == repository.stack and graph.region(each) == graph.region(repository)
    ]
    if own.content is True or any(kind.content == "ENHANCED" for kind in kinds):
        yield passes("on push, or by the registry all the time")
    elif own.unknown or any(kind.unknown for kind in kinds):
        yield unproven(f"{own.path} or the registry's scanType is not known yet")
    else:
        yield fails(f"{own.path} is {own.shown()}, and the registry is not scanned all the time")


def _covers(rule_: Read, name: Read) -> bool | None:
    """Whether a rule's filters, if it has any, match a repository's name."""
    filters = [each.field("filter") for each in rule_.field("repositoryFilters").each()]
    if not filters:
        return not rule_.unknown
    if any(str(name.content).startswith(str(each.content)) for each in filters):
        return True
    return None if name.unknown or any(each.unknown for each in filters) else False
