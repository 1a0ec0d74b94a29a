"""What the simulated cloud knows about what the clouds accept: pure functions, no state, no gRPC.

Nothing here is a hand-written list of allowed values where a machine-readable source exists: inputs and their types
come from the installed Pulumi SDKs, AWS rules from the resource schemas that cfn-lint ships, Kubernetes rules from
the OpenAPI definitions of the pinned version, and chart keys from the project's key tables.
"""

from collections.abc import Mapping
from typing import Any

from sandbox.knowledge import cloudformation, helm, kubernetes, random, sdk
from sandbox.knowledge.failure import Failure
from sandbox.knowledge.names import COUNTERPARTS
from sandbox.knowledge.regions import regions, zones
from sandbox.knowledge.sdk import output_types

__all__ = ["Failure", "check", "coverage", "known", "output_types", "regions", "replaces", "zones"]


def check(type_: str, inputs: Mapping[str, Any], *, region: str | None = None) -> list[Failure]:
    """Judge a resource's inputs as its cloud would; every mistake found, each once.

    Args:
        type_: Pulumi token of a resource (`aws:rds/cluster:Cluster`) or provider (`pulumi:providers:aws`).
        inputs: plain values by wire name; UNKNOWN anywhere is never judged, secrets are already unwrapped.
        region: the AWS region of the provider; an AWS resource's own `region` input goes before it.

    Returns:
        Failures in no particular order of importance; empty when all is well or nothing is known about the package.
    """
    if kubernetes.is_object(type_):
        return kubernetes.check(type_, inputs)
    failures = sdk.check(type_, inputs)
    if type_.startswith("aws:"):
        own = inputs.get("region")
        wrong = {failure.property for failure in failures}
        there = own if isinstance(own, str) else None if own is not None else region
        failures += [f for f in cloudformation.check(type_, inputs, there) if f.property not in wrong]
    elif type_ == helm.RELEASE:
        failures += helm.check(inputs)
    return failures


def known(type_: str) -> bool:
    """Whether anything is known about the resource type: an installed SDK or the Kubernetes version has it."""
    return sdk.known(type_) or kubernetes.known(type_) or kubernetes.has_definition(type_)


def replaces(type_: str) -> frozenset[str]:
    """Dotted Pulumi properties whose change replaces the resource; empty where nothing is known about that."""
    if kubernetes.is_object(type_):
        return kubernetes.replaces(type_)
    if type_ == helm.RELEASE:
        return frozenset({"name", "namespace"})
    if type_.startswith("aws:"):
        return cloudformation.replaces(type_)
    if type_.startswith("random:"):
        return random.replaces(type_)
    return frozenset()


def coverage(type_: str, inputs: Mapping[str, Any] | None = None) -> tuple[str, ...]:
    """By what the resource type is judged, for a summary to the user; empty when nothing is known about it.

    Args:
        type_: Pulumi token.
        inputs: for a Helm release, whose chart decides whether its values are judged.
    """
    found = ["the Pulumi SDK's types"] if sdk.known(type_) else []
    if type_ in COUNTERPARTS:
        found.append(f"the schema of AWS::{COUNTERPARTS[type_].type}")
    if kubernetes.known(type_):
        found.append(f"the OpenAPI of Kubernetes {kubernetes.MINOR}")
    elif kubernetes.is_object(type_):
        found.append("Kubernetes' rules for metadata")
        if kubernetes.has_definition(type_):
            found.append("its definition's fields")
    if type_ == helm.RELEASE and inputs is not None and helm.judges(inputs):
        found.append("the chart's key table")
    return tuple(found)
