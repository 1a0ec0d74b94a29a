"""What a bridged provider keeps of text that nobody set: an empty one, which is not set.

Terraform's SDK cannot tell one from none, and the bridge hands on what it keeps: in what pulumi-aws recorded of an RDS
instance ``replicateSourceDb`` and ``performanceInsightsKmsKeyId`` are empty, and the program sets neither
(pulumi/pulumi-aws, provider/testdata/recorded/TestProviderUpgrade/rds-instance/5.42.0, read 2026-11).
"""

from collections.abc import Mapping, Sequence
from typing import Any, cast

from resilience.graph import UNKNOWN, Secret

PACKAGES = frozenset({"aws", "gcp"})
"""Those with rules that are bridged. Kubernetes' provider keeps what the API server has."""

TAGS = frozenset({"tags", "tagsAll", "labels", "effectiveLabels", "pulumiLabels"})
"""Whose members have names of the user's. An empty tag is one, and the provider's own stand in no resource's inputs."""


def bridged(type_: str) -> bool:
    """Whether resources of a type are a bridged provider's."""
    return type_.partition(":")[0] in PACKAGES


def set_in(outputs: Mapping[str, Any], inputs: Mapping[str, Any]) -> Mapping[str, Any]:
    """Outputs without members that are empty text, at any depth, where the inputs give no empty one.

    Of a list's elements, which a provider may put in another order, a member stays that any of the inputs' gives. What
    is text itself stays: each has its place.
    """
    return cast("Mapping[str, Any]", _set(outputs, [inputs]))


def _set(content: Any, given: Sequence[Any]) -> Any:
    if isinstance(content, Secret):
        return Secret(_set(content.value, given))
    if isinstance(content, dict):
        told = [_open(each) for each in given]
        found: dict[str, Any] = {}
        for name, member in cast("dict[str, Any]", content).items():
            its = [cast("dict[str, Any]", each)[name] for each in told if isinstance(each, dict) and name in each]
            if _open(member) == "":
                if any(_open(each) in ("", UNKNOWN) for each in its):
                    found[name] = member
            else:
                found[name] = member if name in TAGS else _set(member, its)
        return found
    if isinstance(content, list):
        lists = [cast("list[Any]", each) for each in map(_open, given) if isinstance(each, list)]
        elements = [element for each in lists for element in each]
        return [_set(element, elements) for element in cast("list[Any]", content)]
    return content


def _open(content: Any) -> Any:
    while isinstance(content, Secret):
        content = content.value
    return content
