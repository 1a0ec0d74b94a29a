"""What stands where, for a person: one table a region, its zones side by side, read from Pulumi's own state."""

import json
import os
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, cast

from rich.console import Console, Group, RenderableType
from rich.markup import escape
from rich.table import Table
from rich.text import Text

from sandbox import paths

SUBNET = "aws:ec2/subnet:Subnet"
NODES = "aws:eks/nodeGroup:NodeGroup"
RELEASE = "kubernetes:helm.sh/v3:Release"
STACK = "pulumi:pulumi:Stack"

ROWS: Mapping[str, str] = {
    SUBNET: "subnets",
    "aws:ec2/natGateway:NatGateway": "NAT gateways",
    "aws:ec2/vpcEndpoint:VpcEndpoint": "endpoints",
    "aws:lb/loadBalancer:LoadBalancer": "load balancers",
    NODES: "nodes, floor",
    "aws:rds/clusterInstance:ClusterInstance": "databases",
    "aws:elasticache/replicationGroup:ReplicationGroup": "cache nodes",
}
"""What stands in zones, and what its row is called, from the outside in."""

IN_SUBNETS = ("subnetId", "subnetIds", "subnets")
"""Properties that put a resource into the zones of the subnets they name."""
ZONE_PER_NODE = ("preferredCacheClusterAzs",)
"""Properties that list a zone for every node."""

Resource = Mapping[str, Any]


@dataclass
class Standing:
    """What one stack has in its region."""

    stack: str
    region: str
    count: int
    """Resources, components and providers left out."""
    zones: dict[str, Counter[str]] = field(default_factory=dict[str, Counter[str]])
    """How many of each row stand in each zone."""
    parts: Counter[str] = field(default_factory=Counter[str])
    """Resources of each component, by its name; of what has none, by the resource's own."""
    releases: list[str] = field(default_factory=list[str])
    """Helm releases, by name."""


UNPROVEN = ": unproven. "
"""In the message of a finding that the stack alone does not prove; the policy pack's words."""


def standing(stack: str, resources: Sequence[Resource]) -> Standing | None:
    """Sum up an exported stack; None if nothing stands.

    Args:
        stack: Its name.
        resources: The ``resources`` of its deployment.
    """
    made = [resource for resource in resources if is_made(resource)]
    if not made:
        return None
    by_urn = {resource["urn"]: resource for resource in resources}
    home = Counter(region for resource in made if (region := region_of(resource))).most_common(1)
    found = Standing(stack, home[0][0] if home else "no region", len(made))
    for resource in made:
        found.parts[part_of(resource, by_urn)] += 1
        if resource["type"] == RELEASE:
            found.releases.append(name_of(resource))
        for zone, count in zones_of(resource, by_urn).items():
            found.zones.setdefault(zone, Counter())[resource["type"]] += count
    return found


def is_made(resource: Resource) -> bool:
    """Whether a resource stands in a cloud: no component, no provider, nothing that was only read."""
    return bool(resource.get("custom")) and not resource["type"].startswith("pulumi:") and not resource.get("external")


def name_of(resource: Resource) -> str:
    """The name that the program gave it."""
    return resource["urn"].rpartition("::")[2]


def region_of(resource: Resource) -> str:
    """Region of a resource by its outputs; empty for what has none."""
    outputs: Mapping[str, Any] = resource.get("outputs") or {}
    region, arn = outputs.get("region"), outputs.get("arn")
    if isinstance(region, str):
        return region
    return arn.split(":")[3] if isinstance(arn, str) and arn.count(":") >= 5 else ""


def part_of(resource: Resource, by_urn: Mapping[str, Resource]) -> str:
    """Name of the outermost component that a resource belongs to, or its own."""
    top = resource
    while (parent := by_urn.get(top.get("parent", ""))) is not None and parent["type"] != STACK:
        top = parent
    return name_of(top)


def kind(type_: str) -> str:
    """Short name of a resource type: ``aws:ec2/subnet:Subnet`` is Subnet."""
    return type_.rpartition(":")[2]


def zones_of(resource: Resource, by_urn: Mapping[str, Resource]) -> Counter[str]:
    """How many of a resource stand in each zone: nodes of a group, nodes of a cache, else itself."""
    if resource["type"] not in ROWS:
        return Counter()
    outputs: Mapping[str, Any] = {**(resource.get("inputs") or {}), **(resource.get("outputs") or {})}
    zone = outputs.get("availabilityZone")
    if isinstance(zone, str):
        return Counter([zone])
    for name in ZONE_PER_NODE:
        if isinstance(outputs.get(name), list):
            return Counter(outputs[name])
    edges: Mapping[str, list[str] | None] = resource.get("propertyDependencies") or {}
    subnets = [by_urn[urn] for name in IN_SUBNETS for urn in edges.get(name) or () if urn in by_urn]
    zones = sorted({subnet["outputs"]["availabilityZone"] for subnet in subnets if subnet["type"] == SUBNET})
    if resource["type"] == NODES and zones:
        # An auto scaling group keeps its zones level.
        floor = int(outputs["scalingConfig"]["minSize"])
        return Counter(
            {zone: floor // len(zones) + (position < floor % len(zones)) for position, zone in enumerate(zones)}
        )
    return Counter(zones)


def render(found: Standing) -> RenderableType:
    """A table with the region's zones side by side, and below it what stands over all of them."""
    table = Table(title=f"[bold]{found.region}[/]  stack {found.stack}, {found.count} resources", title_justify="left")
    table.add_column("")
    zones = sorted(found.zones)
    for zone in zones:
        table.add_column(zone, justify="right")
    for type_, label in ROWS.items():
        counts = [found.zones[zone][type_] for zone in zones]
        if any(counts):
            table.add_row(label, *(str(count) if count else "[bold red]0[/]" for count in counts))
    lines = [Text.from_markup(f"parts: {escape(listed(found.parts))}")]
    if found.releases:
        lines.append(Text.from_markup(f"charts: {escape(', '.join(sorted(found.releases)))}"))
    return Group(table, *lines, Text(""))


def listed(parts: Mapping[str, int]) -> str:
    """Names with counts, most first."""
    return ", ".join(f"{name} {count}" for name, count in sorted(parts.items(), key=lambda part: (-part[1], part[0])))


def unsettled(
    findings: Sequence[Mapping[str, Any]], over_both: Sequence[Mapping[str, Any]] | None
) -> tuple[list[Mapping[str, Any]], int]:
    """What is left of one stack's findings once both regions have been judged together.

    Args:
        findings: of one stack, as the engine tells them.
        over_both: of both stacks together; None if they were not judged so.

    Returns:
        Those still open, and the number of those that were unproven of one stack alone and are no findings over both.
    """
    if over_both is None:
        return list(findings), 0
    kept = {(each["policyName"], each.get("resourceUrn")) for each in over_both}
    left = [
        each
        for each in findings
        if UNPROVEN not in each["message"] or (each["policyName"], each.get("resourceUrn")) in kept
    ]
    return left, len(findings) - len(left)


def survived(exports: Mapping[str, Mapping[str, Any]], console: Console) -> Text:
    """What the stacks survive together: every fault for every journey, as ``python -m resilience`` tells it.

    Args:
        exports: Deployments by stack, as the engine exports them.
        console: Where it will be shown; its width and colours are kept to.
    """
    with tempfile.TemporaryDirectory(prefix="tandem-state-") as folder:
        files = [Path(folder) / f"{number}.json" for number in range(len(exports))]
        for file, deployment in zip(files, exports.values(), strict=True):
            file.write_text(json.dumps({"version": 3, "deployment": deployment}), encoding="utf-8")
        colours = {"FORCE_COLOR": "1"} if console.is_terminal and not console.no_color else {"NO_COLOR": "1"}
        done = subprocess.run(
            [sys.executable, "-m", "resilience", "report", *map(str, files), "--short"],
            cwd=paths.ROOT,
            env={**os.environ, **colours, "COLUMNS": str(console.width)},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
        )
    return Text.from_ansi(f"{done.stdout}{done.stderr}".rstrip())


def addresses(value: Any, name: str = "") -> Iterable[tuple[str, str]]:
    """The stack outputs that are names to connect to: host names and URLs, however deep. No secrets."""
    if isinstance(value, Mapping):
        fields = cast("Mapping[str, Any]", value)
        # Pulumi's mark of a secret or other special value.
        if "4dabf18193072939515e22adb298388d" not in fields:
            for key, each in fields.items():
                yield from addresses(each, f"{name}.{key}" if name else key)
    elif isinstance(value, str) and ("endpoint" in name.lower() or "host" in name.lower() or value.startswith("http")):
        yield name, value
