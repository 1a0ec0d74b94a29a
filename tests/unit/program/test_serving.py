"""What serves models, and how requests reach it, over whole stacks."""

import json

from tests.house import stacks
from tests.house.recorder import Recording

BINDING = "kubernetes:elbv2.k8s.aws/v1beta1:TargetGroupBinding"
NAMESPACE = "kubernetes:core/v1:Namespace"


def with_every_orchestrator() -> Recording:
    config = stacks.example_config("primary", "airflow")
    platform = json.loads(config["tandem:platform"])
    platform["orchestrators"] = ["prefect", "argo-workflows", "airflow", "temporal"]
    return stacks.record_program("primary", {**config, "tandem:platform": json.dumps(platform)}, preview=True)


def labels_of(recording: Recording, namespace: str) -> dict[str, str]:
    (found,) = [each for each in recording.all(NAMESPACE) if each.plain["metadata"]["name"] == namespace]
    return found.plain["metadata"].get("labels", {})


def test_whoever_a_load_balancer_leads_to_waits_for_its_health_checks() -> None:
    recording = with_every_orchestrator()
    bound = {each.plain["metadata"]["namespace"] for each in recording.all(BINDING)}
    assert bound == {"models", "monitoring", "prefect", "argo-workflows", "airflow", "temporal"}
    for namespace in bound:
        assert labels_of(recording, namespace).get("elbv2.k8s.aws/pod-readiness-gate-inject") == "enabled", namespace
