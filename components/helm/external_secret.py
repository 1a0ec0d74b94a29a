"""A Kubernetes secret that follows secrets of AWS Secrets Manager."""

import re
from collections.abc import Mapping
from typing import TypedDict

import pulumi
import pulumi_kubernetes as k8s

CLUSTER_STORE = "aws-secrets-manager"
"""ClusterSecretStore that reads the region's own Secrets Manager with the controller's Pod Identity."""

REFRESH = "1h"
"""How soon a changed secret reaches the cluster; pods that took it from their environment need a restart."""

_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_ACTION = re.compile(r"\{\{(.*?)\}\}", re.DOTALL)
_QUOTED = re.compile(r'"(?:[^"\\]|\\.)*"|`[^`]*`')
_FIELD = re.compile(r"(?<![\w)$])\.([A-Za-z_]\w*)")


class Source(TypedDict):
    """A secret of Secrets Manager: a JSON object."""

    secret: pulumi.Input[str]
    """Its name or ARN, in this region."""
    properties: list[str]
    """Keys of the object that templates may name: letters, digits and underscores."""


class ExternalSecretArgs(TypedDict):
    """Inputs of ExternalSecret."""

    namespace: pulumi.Input[str]
    """Existing namespace."""
    sources: Mapping[str, Source]
    """What is read, by an alias of letters, digits and underscores."""
    template: Mapping[str, pulumi.Input[str]]
    """Keys of the Kubernetes secret, and what stands in each: text in which ``{{ .<alias>_<property> }}`` is replaced.
    Within a URL write ``{{ .<alias>_<property> | urlquery }}``."""


class ExternalSecret(pulumi.ComponentResource):
    """Keeps a Kubernetes secret of the same name equal to secrets of AWS Secrets Manager, through CLUSTER_STORE.

    What is secret passes from AWS to the cluster, and through no state file. With the controller or Secrets Manager
    gone, the Kubernetes secret stays as it was: pods start as before. Ready means that the secret is there; so what
    depends on this finds it. After a change of this object it has been ready since before: what depends on it may go on
    a moment before the secret has changed, too (its status says nothing of the generation it is of; external-secrets
    v2.9.0).

    Cost when idle: none; each refresh is a call of Secrets Manager's API. State: none. Regions: one cluster's.
    """

    secret_name: str
    """The Kubernetes secret."""

    def __init__(self, name: str, args: ExternalSecretArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        plan_sources(args["sources"], args["template"])
        super().__init__("tandem:index:ExternalSecret", name, {}, opts)
        k8s.apiextensions.CustomResource(
            name,
            api_version="external-secrets.io/v1",
            kind="ExternalSecret",
            metadata=k8s.meta.v1.ObjectMetaArgs(
                name=name,
                namespace=args["namespace"],
                annotations={"pulumi.com/waitFor": "condition=Ready"},
            ),
            spec={
                "refreshInterval": REFRESH,
                "secretStoreRef": {"kind": "ClusterSecretStore", "name": CLUSTER_STORE},
                "target": {
                    "name": name,
                    "creationPolicy": "Owner",
                    # The pods that read it outlive a mistake in this object.
                    "deletionPolicy": "Retain",
                    "template": {"engineVersion": "v2", "data": dict(args["template"])},
                },
                "data": [
                    {
                        "secretKey": f"{alias}_{key}",
                        "remoteRef": {"key": source["secret"], "property": key},
                    }
                    for alias, source in args["sources"].items()
                    for key in source["properties"]
                ],
            },
            opts=pulumi.ResourceOptions(parent=self),
        )
        self.secret_name = name
        self.register_outputs({})


def plan_sources(sources: Mapping[str, Source], template: Mapping[str, pulumi.Input[str]]) -> None:
    """Check that every template names what is read. A name that is not would leave the secret unready for ever.

    Raises:
        ValueError: With what is wrong and what to write instead.
    """
    if not sources:
        raise ValueError("sources: is empty; name one secret of Secrets Manager at least")
    if not template:
        raise ValueError("template: is empty; write a key of the Kubernetes secret and what stands in it")
    names: list[str] = []
    for alias, source in sources.items():
        if not _NAME.fullmatch(alias):
            raise ValueError(f"sources: {alias!r} must be letters, digits and underscores: templates name it")
        if not source["properties"]:
            raise ValueError(f"sources.{alias}.properties: is empty; name what templates may use, such as password")
        for key in source["properties"]:
            if not re.fullmatch(r"[A-Za-z0-9_]+", key):
                raise ValueError(
                    f"sources.{alias}.properties: {key!r} must be letters, digits and underscores: templates name it"
                )
            if f"{alias}_{key}" in names:
                raise ValueError(f"sources.{alias}.properties: {alias}_{key} stands for two things; rename the alias")
            names.append(f"{alias}_{key}")
    for key, text in template.items():
        if not isinstance(text, str):
            continue
        for action in _ACTION.findall(text):
            for name in _FIELD.findall(_QUOTED.sub("", action)):
                if name not in names:
                    raise ValueError(
                        f"template.{key}: {name} is not among the sources; write one of {', '.join(sorted(names))}"
                    )
