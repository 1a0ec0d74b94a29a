"""Kubernetes clusters: objects stand in the cluster that the provider's kubeconfig names."""

import json
import re
import uuid
from collections.abc import Mapping
from typing import Any, cast

from sandbox.cloud.identity import auto_name
from sandbox.cloud.service import Place
from sandbox.values import UNKNOWN, has_unknown, listed, mapped

RELEASE = "kubernetes:helm.sh/v3:Release"
NAMESPACE = "kubernetes:core/v1:Namespace"

_EKS_ENDPOINT = re.compile(r"https://[0-9A-F]{32}\.\w+\.([a-z0-9-]+)\.eks\.amazonaws\.com")
_NAME_LIMIT = 63
# Kinds that stand in no namespace (kubectl api-resources --namespaced=false, Kubernetes 1.35).
_CLUSTER_WIDE = frozenset(
    {
        "Namespace", "Node", "PersistentVolume", "ClusterRole", "ClusterRoleBinding", "StorageClass", "PriorityClass",
        "CustomResourceDefinition", "RuntimeClass", "IngressClass", "CSIDriver", "APIService",
        "MutatingWebhookConfiguration", "ValidatingWebhookConfiguration", "ValidatingAdmissionPolicy",
        "ValidatingAdmissionPolicyBinding", "NodePool", "EC2NodeClass", "ClusterIssuer", "ClusterSecretStore",
        "IngressClassParams", "ClusterPolicy",
    }
)  # fmt: skip


class Kubernetes:
    """The cluster one configured provider talks to."""

    remembers = True

    def __init__(self) -> None:
        """Before `configure`: no cluster."""
        self.cluster = ""
        self.region = ""
        self._namespace = "default"

    def configure(self, config: Mapping[str, Any]) -> None:
        """Take the cluster from the provider's `clusterIdentifier` and kubeconfig; either may still be unknown."""
        kubeconfig = config.get("kubeconfig")
        server, context_cluster = _server(kubeconfig) if isinstance(kubeconfig, str) else ("", "")
        identifier = config.get("clusterIdentifier")
        self.cluster = identifier if isinstance(identifier, str) and identifier else context_cluster
        endpoint = _EKS_ENDPOINT.match(server)
        self.region = endpoint[1] if endpoint else ""
        namespace = config.get("namespace")
        self._namespace = namespace if isinstance(namespace, str) and namespace else "default"

    def name(self, urn: str, type_: str, news: Mapping[str, Any], olds: Mapping[str, Any], salt: str) -> dict[str, Any]:
        """The object with a name and, where it stands in one, a namespace."""
        named = dict(news)
        logical = urn.rpartition("::")[2]
        if type_ == RELEASE:
            if named.get("name") is None:
                named["name"] = olds.get("name") or auto_name(logical, urn, salt, limit=53)
            if named.get("namespace") is None:
                named["namespace"] = self._namespace
            return named
        if _is_group(type_) or named.get("metadata") is UNKNOWN:
            return named
        metadata = dict(mapped(named.get("metadata")))
        old_metadata = mapped(olds.get("metadata"))
        if metadata.get("name") is None and metadata.get("generateName") is None:
            metadata["name"] = old_metadata.get("name") or auto_name(logical.lower(), urn, salt, limit=_NAME_LIMIT)
            metadata["annotations"] = {**(metadata.get("annotations") or {}), "pulumi.com/autonamed": "true"}
        if metadata.get("namespace") is None and type_.rpartition(":")[2] not in _CLUSTER_WIDE:
            metadata["namespace"] = self._namespace
        api_version, kind = _version_and_kind(type_, named)
        return {**named, "apiVersion": api_version, "kind": kind, "metadata": metadata}

    def name_property(self, type_: str) -> str | None:
        """Releases have a name of their own; objects have it in their metadata."""
        return "name" if type_ == RELEASE else None

    def place(self, type_: str, inputs: Mapping[str, Any]) -> Place:
        """In the cluster, reached through its region."""
        return Place(self.region, self.cluster, control=self.region or None)

    def claim(self, type_: str, inputs: Mapping[str, Any]) -> str | None:
        """An object's name, once in its namespace."""
        where = f"{type_} {self.cluster}"
        if _is_group(type_) or not self.cluster:
            return None
        if type_ == RELEASE:
            parts = [inputs.get("namespace"), inputs.get("name")]
        else:
            metadata = inputs.get("metadata")
            if not isinstance(metadata, Mapping):
                return None
            found = cast(Mapping[str, Any], metadata)
            parts = [found.get("namespace", ""), found.get("name")]
        if any(has_unknown(part) or part is None for part in parts):
            return None
        return f"{where} {'/'.join(map(str, parts))}"

    def scope(self, type_: str) -> str:
        """Names are unique in a namespace."""
        return "in the namespace"

    def identify(self, urn: str, type_: str, inputs: Mapping[str, Any], salt: str) -> str:
        """`namespace/name`, as the provider gives it."""
        if type_ == RELEASE:
            return f"{inputs['namespace']}/{inputs['name']}"
        metadata = mapped(inputs.get("metadata"))
        name = (
            metadata.get("name") or f"{metadata.get('generateName', '')}{uuid.uuid5(uuid.NAMESPACE_URL, urn).hex[:5]}"
        )
        return f"{metadata['namespace']}/{name}" if metadata.get("namespace") else str(name)

    def outputs(
        self, urn: str, type_: str, id_: str, inputs: Mapping[str, Any], olds: Mapping[str, Any]
    ) -> dict[str, Any]:
        """The object as the API server stores it, without the defaults it would add; a release as deployed."""
        if type_ == RELEASE:
            version = inputs.get("version") or ""
            return {
                "id": id_,
                "resourceNames": {},
                "status": {
                    "name": inputs["name"],
                    "namespace": inputs["namespace"],
                    "chart": inputs.get("chart"),
                    "version": version,
                    "appVersion": version,
                    "revision": int(mapped(olds.get("status")).get("revision", 0)) + 1,
                    "status": "deployed",
                },
            }
        if _is_group(type_):
            return {"id": id_}
        uid = str(uuid.uuid5(uuid.NAMESPACE_URL, f"{self.cluster} {type_} {id_}"))
        name = id_.rpartition("/")[2]
        made: dict[str, Any] = {
            "id": id_,
            "metadata": {
                "name": name,
                "uid": uid,
                "resourceVersion": "1",
                "generation": 1,
                "creationTimestamp": "2026-01-01T00:00:00Z",
            },
        }
        return made | _status(type_, name)


def _status(type_: str, name: str) -> dict[str, Any]:
    if type_ == NAMESPACE:
        return {"status": {"phase": "Active"}}
    if type_ == "kubernetes:core/v1:Service":
        return {"status": {"loadBalancer": {}}}
    return {}


def _is_group(type_: str) -> bool:
    # Components of the SDK (ConfigGroup, Chart) and its patches are no objects of the cluster.
    return type_.startswith(("kubernetes:yaml", "kubernetes:helm.sh/v4", "kubernetes:kustomize"))


def _version_and_kind(type_: str, inputs: Mapping[str, Any]) -> tuple[Any, Any]:
    _, group_version, kind = type_.split(":")
    version = group_version.removeprefix("core/")
    return inputs.get("apiVersion") or version, inputs.get("kind") or kind


def _server(kubeconfig: str) -> tuple[str, str]:
    """API server and cluster of the current context; kubeconfigs are YAML, of which JSON is a part."""
    try:
        config = json.loads(kubeconfig)
    except ValueError:
        import yaml

        config = yaml.safe_load(kubeconfig)
    found = mapped(config)
    contexts: dict[str, str] = {entry["name"]: entry["context"]["cluster"] for entry in listed(found.get("contexts"))}
    clusters: dict[str, str] = {
        entry["name"]: entry["cluster"].get("server", "") for entry in listed(found.get("clusters"))
    }
    current = contexts.get(str(found.get("current-context")), next(iter(clusters), ""))
    return clusters.get(current, ""), current
