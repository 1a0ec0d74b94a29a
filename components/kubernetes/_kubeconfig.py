"""The kubeconfig of an EKS cluster: a pure function, so that it is known from state and holds no token."""

import json


def render_kubeconfig(cluster_name: str, endpoint: str, certificate_authority: str, region: str) -> str:
    """Kubeconfig as JSON text that gets its token from ``aws eks get-token``.

    The region is spelled out: without it a second region's cluster is looked for in the caller's default region and
    "not found" (pulumi-eks#1038).

    Args:
        cluster_name: Name of the cluster; also the name of its context and user.
        endpoint: URL of the API server.
        certificate_authority: Its CA certificate, PEM in base64.
        region: AWS region of the cluster.
    """
    token = {
        "apiVersion": "client.authentication.k8s.io/v1",
        "command": "aws",
        "args": ["eks", "get-token", "--cluster-name", cluster_name, "--region", region, "--output", "json"],
        "interactiveMode": "Never",
    }
    config = {
        "apiVersion": "v1",
        "kind": "Config",
        "clusters": [
            {
                "name": cluster_name,
                "cluster": {"server": endpoint, "certificate-authority-data": certificate_authority},
            }
        ],
        "contexts": [{"name": cluster_name, "context": {"cluster": cluster_name, "user": cluster_name}}],
        "current-context": cluster_name,
        "users": [{"name": cluster_name, "user": {"exec": token}}],
    }
    return json.dumps(config)
