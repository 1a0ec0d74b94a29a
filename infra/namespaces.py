"""Namespaces of the clusters, by whose they are."""

MONITORING = "monitoring"
"""Of Prometheus, whom every other one lets in."""
KEDA, ROLLOUTS, EVENTS = "keda", "argo-rollouts", "argo-events"
"""Of controllers, two of which ask Prometheus."""
EXTERNAL_SECRETS, EXTERNAL_DNS, CERT_MANAGER = "external-secrets", "external-dns", "cert-manager"
VELERO, VAULT, ARGO_CD, KYVERNO, GATEKEEPER = "velero", "vault", "argo-cd", "kyverno", "gatekeeper-system"
"""Of other controllers; Argo CD's user of the broker has its name, too."""
NODE_AGENTS, TELEMETRY = "node-agents", "telemetry"
"""Of what runs on every node and looks at it, and of whoever takes what programs measure of themselves."""
DATABASE_ROLES, MODELS, KSERVE = "databases", "models", "kserve"
"""Of the job that makes databases and roles, of model servers, and of what KServe runs itself."""
PLATFORM = (
    *(MONITORING, KEDA, ROLLOUTS, EVENTS),
    *(EXTERNAL_SECRETS, EXTERNAL_DNS, CERT_MANAGER, VELERO, VAULT, ARGO_CD, KYVERNO, GATEKEEPER),
    *(NODE_AGENTS, TELEMETRY, DATABASE_ROLES, MODELS, KSERVE),
)
"""Of the platform's own workloads, beside those of orchestrators."""

WORKFLOWS, TEMPORAL_WORKERS = "workflows", "temporal-workers"
"""Of Argo's workflows, and of teams' Temporal workers."""
TEAMS = (WORKFLOWS, TEMPORAL_WORKERS)
"""Made by the platform, for what teams bring."""
