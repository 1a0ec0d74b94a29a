"""A Kubernetes secret that follows secrets of AWS Secrets Manager."""

from collections.abc import Mapping
from typing import TypedDict

import pulumi
import pulumi_kubernetes as k8s

CLUSTER_STORE = "aws-secrets-manager"
"""ClusterSecretStore that reads the region's own Secrets Manager with the controller's Pod Identity."""

REFRESH = "1h"
"""How soon a changed secret reaches the cluster; pods that took it from their environment need a restart."""


class Source(TypedDict):
    """A secret of Secrets Manager: a JSON object."""

    secret: pulumi.Input[str]
    """Its name or ARN, in this region."""
    properties: list[str]
    """Keys of the object that templates may name."""


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
    depends on this finds it.

    Cost when idle: none; each refresh is a call of Secrets Manager's API. State: none. Regions: one cluster's.
    """

    secret_name: str
    """The Kubernetes secret."""

    def __init__(self, name: str, args: ExternalSecretArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        plan_sources(args["sources"])
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


def plan_sources(sources: Mapping[str, Source]) -> None:
    """Check the aliases.

    Raises:
        ValueError: With what is wrong and what to write instead.
    """
    if not sources:
        raise ValueError("sources: is empty; name one secret of Secrets Manager at least")
    for alias, source in sources.items():
        if not alias.isidentifier():
            raise ValueError(f"sources: {alias!r} must be letters, digits and underscores: templates name it")
        if not source["properties"]:
            raise ValueError(f"sources.{alias}.properties: is empty; name what templates may use, such as password")
