"""The disruption budget of pods whose chart has none to give."""

from collections.abc import Mapping

import pulumi
import pulumi_kubernetes as k8s


def disruption_budget(
    name: str,
    *,
    namespace: pulumi.Input[str],
    labels: Mapping[str, str],
    parent: pulumi.Resource,
) -> "k8s.policy.v1.PodDisruptionBudget":
    """Let one pod with these labels go at a time, and an ill one always: it must not keep its node from being drained.

    Args:
        name: Name of the resource and of the object.
        namespace: Namespace of the pods.
        labels: Labels that these pods have and no others: the eviction API refuses a pod that two budgets select.
        parent: Component that it belongs to.

    Raises:
        ValueError: If there are no labels: it would hold the pods of a whole namespace.
    """
    if not labels:
        raise ValueError("labels: is empty, which selects every pod of the namespace; write what its pods alone have")
    return k8s.policy.v1.PodDisruptionBudget(
        name,
        metadata=k8s.meta.v1.ObjectMetaArgs(name=name, namespace=namespace),
        spec=k8s.policy.v1.PodDisruptionBudgetSpecArgs(
            max_unavailable=1,
            unhealthy_pod_eviction_policy="AlwaysAllow",
            selector=k8s.meta.v1.LabelSelectorArgs(match_labels=labels),
        ),
        opts=pulumi.ResourceOptions(parent=parent),
    )
