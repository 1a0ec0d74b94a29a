"""Every alert rule of the cluster, as data: what is asked, from when on it is wrong, what that means, and what to do.

Replication of the database, the cache and the buckets is watched where its numbers are, in CloudWatch
(components/monitoring): nothing in the cluster measures it, and nobody is told twice. Drift is seen by its traces: what
was declared and is not done (group ``drift``), Argo CD's applications out of sync, the findings of admission policies.
What Pulumi made in AWS is compared by ``pulumi refresh --preview-only`` (docs/playbooks/drift.md).
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, NotRequired, TypedDict

import pulumi
import pulumi_kubernetes as k8s

ZONE_LABEL = "topology.kubernetes.io/zone"
"""Label of nodes that kube-state-metrics must be told to show (``metricLabelsAllowlist``): else no rule knows zones."""

REPLACES = (
    "KubeDeploymentGenerationMismatch",
    "KubeDeploymentReplicasMismatch",
    "KubeDeploymentRolloutStuck",
    "KubeHpaMaxedOut",
    "KubeNodeNotReady",
    "KubePersistentVolumeFillingUp",
    "KubePodCrashLooping",
    "KubeStatefulSetGenerationMismatch",
    "KubeStatefulSetReplicasMismatch",
    "KubeStatefulSetUpdateNotRolledOut",
    "KubeVersionMismatch",
    "PrometheusRuleFailures",
    "TargetDown",
    "Watchdog",
)
"""Alerts of kube-prometheus-stack that say the same as one of these (its values: ``defaultRules.disabled``)."""

RECOVERY_LABEL = "recovery"
"""Label of alerts that Argo Events turns into a recovery run; its value is RECOVERY_WORKFLOW."""

RECOVERY_WORKFLOW = "workflow"


class Severity(StrEnum):
    """Who is told, and when."""

    CRITICAL = "critical"
    """Wakes people: requests or runs are being lost, or soon are."""
    WARNING = "warning"
    """Read by day: one more fault and it is critical."""
    NONE = "none"
    """Says that watching works."""


@dataclass(frozen=True)
class AlertRule:
    """One alert.

    Attributes:
        name: as people see it.
        expression: in PromQL; ``<limit>`` stands for one of LIMITS.
        for_seconds: how long it must hold.
        severity: who is told.
        summary: one line; may name labels by ``{{ $labels.x }}``.
        description: what it means, in words.
        playbook: page of docs/playbooks, without its ending.
    """

    name: str
    expression: str
    for_seconds: int
    severity: Severity
    summary: str
    description: str
    playbook: str


@dataclass(frozen=True)
class Recording:
    """A series that Prometheus computes and keeps, because several rules ask for it."""

    name: str
    expression: str


@dataclass(frozen=True)
class Group:
    """Rules that belong together.

    Attributes:
        rules: its alerts.
        recordings: what they share; evaluated first.
        always: whether every cluster has it; else the caller says that what it watches is installed.
    """

    rules: tuple[AlertRule, ...]
    recordings: tuple[Recording, ...] = ()
    always: bool = False


LIMITS: dict[str, float] = {
    "zones": 3,
    "gpu_floor": 0,
    "stuck_run_seconds": 6 * 3600,
    "backup_seconds": 26 * 3600,
    "late_seconds": 300,
    "predict_seconds": 5,
}
"""Numbers that a platform may choose, with their defaults."""

_POD = "* on (namespace, pod) group_left (node, zone) tandem:pod_zone"
"""Gives a pod's series its node and zone: an alert of a zone that is gone silences those of its pods (routing.py)."""

# Names of namespaces: a metric that has a label `namespace` of its own keeps it only if its monitor honours labels;
# else it becomes `exported_namespace`, and `namespace` is that of the exporter.
_WHERE = "{{ or $labels.exported_namespace $labels.namespace }}"

# What NVIDIA's own device plugin does not count against a GPU, either (k8s-device-plugin, internal/rm/health.go,
# read 2026-11): faults of the program on it, not of the GPU.
_PROGRAM_XIDS = (13, 31, 43, 45, 68, 109)


def _workloads(question: str) -> str:
    """A question to each kind of workload, with the workload's name in one label; ``{kind}`` is the metrics' prefix."""
    return " or ".join(
        f'label_replace({question.replace("{kind}", f"kube_{kind}")}, "workload", "$1", "{kind}", "(.+)")'
        for kind in ("deployment", "statefulset", "daemonset")
    )


GROUPS: dict[str, Group] = {
    "watching": Group(
        always=True,
        rules=(
            AlertRule(
                "Watchdog",
                "vector(1)",
                0,
                Severity.NONE,
                "Alerting works",
                "Always firing. Whoever receives it must alarm when it stops: then nobody would hear of anything else.",
                "watching",
            ),
            AlertRule(
                "AlertsNotDelivered",
                "sum by (integration) (rate(alertmanager_notifications_failed_total[5m])) > 0",
                300,
                Severity.CRITICAL,
                "Alerts do not get through by {{ $labels.integration }}",
                "Alertmanager could not deliver notifications for 5 minutes. People may be missing other alerts.",
                "watching",
            ),
            AlertRule(
                "TargetsSilent",
                "100 * count by (job, namespace) (up == 0) / count by (job, namespace) (up) > 10",
                600,
                Severity.WARNING,
                "{{ $labels.job }} in {{ $labels.namespace }} is not measured",
                "More than a tenth of its targets did not answer Prometheus for 10 minutes: its alerts are blind.",
                "watching",
            ),
            AlertRule(
                "RulesFailing",
                "sum by (rule_group) (increase(prometheus_rule_evaluation_failures_total[5m])) > 0",
                300,
                Severity.WARNING,
                "Rules of {{ $labels.rule_group }} cannot be evaluated",
                "Alerts of this group cannot fire.",
                "watching",
            ),
        ),
    ),
    "zones": Group(
        always=True,
        recordings=(
            Recording(
                "tandem:node_zone",
                'max by (node, zone) (label_replace(kube_node_labels{label_topology_kubernetes_io_zone!=""}, '
                '"zone", "$1", "label_topology_kubernetes_io_zone", "(.+)"))',
            ),
            Recording(
                "tandem:pod_zone",
                'max by (namespace, pod, node, zone) (kube_pod_info{node!=""} '
                "* on (node) group_left (zone) tandem:node_zone)",
            ),
            Recording(
                "tandem:workload_pod_zone",
                "max by (namespace, workload, pod, zone) (label_replace("
                'kube_pod_info{node!="",created_by_kind=~"ReplicaSet|StatefulSet"} '
                'and on (namespace, pod) (kube_pod_status_phase{phase="Running"} == 1), '
                '"workload", "$1", "created_by_name", "(.+)") '
                "* on (node) group_left (zone) tandem:node_zone)",
            ),
        ),
        rules=(
            AlertRule(
                "ZoneDown",
                "sum by (zone) (tandem:node_zone * on (node) group_left () "
                'max by (node) (kube_node_status_condition{condition="Ready",status="true"})) == 0',
                60,
                Severity.CRITICAL,
                "No node of zone {{ $labels.zone }} is ready",
                "Its pods are being started in the other zones. Alerts of its nodes and pods are silenced meanwhile.",
                "zone-lost",
            ),
            AlertRule(
                "ZoneMissing",
                "(count(count by (zone) (tandem:node_zone)) or vector(0)) < <zones>",
                600,
                Severity.CRITICAL,
                "Nodes stand in {{ $value }} zones only",
                "One more zone lost and capacity is what is left in the others.",
                "zone-lost",
            ),
            AlertRule(
                "NodeNotReady",
                'tandem:node_zone and on (node) (kube_node_status_condition{condition="Ready",status="true"} == 0)',
                300,
                Severity.WARNING,
                "Node {{ $labels.node }} in {{ $labels.zone }} is not ready",
                "Its pods were started elsewhere 30 s after it stopped answering, if there was room.",
                "node-not-ready",
            ),
            AlertRule(
                "ZoneImbalance",
                "count by (namespace, workload) (count by (namespace, workload, zone) (tandem:workload_pod_zone)) == 1 "
                "and on (namespace, workload) count by (namespace, workload) (tandem:workload_pod_zone) > 1 "
                "and on () count(count by (zone) (tandem:node_zone)) > 1",
                900,
                Severity.WARNING,
                "All replicas of {{ $labels.namespace }}/{{ $labels.workload }} are in one zone",
                "Losing that zone would stop it, though others have nodes.",
                "zone-imbalance",
            ),
            AlertRule(
                "ZonesUnseen",
                "absent(tandem:node_zone)",
                900,
                Severity.WARNING,
                "Prometheus does not know in which zone a node is",
                "kube-state-metrics does not show the zones of nodes: no alert of pods or zones can fire.",
                "watching",
            ),
        ),
    ),
    "workloads": Group(
        always=True,
        rules=(
            AlertRule(
                "WorkloadDown",
                "label_replace(kube_deployment_status_replicas_available == 0 and kube_deployment_spec_replicas > 0, "
                '"workload", "$1", "deployment", "(.+)") or '
                "label_replace(kube_statefulset_status_replicas_ready == 0 and kube_statefulset_replicas > 0, "
                '"workload", "$1", "statefulset", "(.+)")',
                120,
                Severity.CRITICAL,
                "No replica of {{ $labels.namespace }}/{{ $labels.workload }} is ready",
                "It answers nobody.",
                "workload-short",
            ),
            AlertRule(
                "WorkloadShort",
                "label_replace(kube_deployment_spec_replicas - kube_deployment_status_replicas_available > 0, "
                '"workload", "$1", "deployment", "(.+)") or '
                "label_replace(kube_statefulset_replicas - kube_statefulset_status_replicas_ready > 0, "
                '"workload", "$1", "statefulset", "(.+)")',
                900,
                Severity.WARNING,
                "{{ $labels.namespace }}/{{ $labels.workload }} lacks {{ $value }} replicas",
                "It serves with fewer replicas than it should, and may not survive the next fault.",
                "workload-short",
            ),
            AlertRule(
                "PodRestarting",
                f"sum by (namespace, pod, container) (increase(kube_pod_container_status_restarts_total[15m])) {_POD} "
                "> 3",
                0,
                Severity.WARNING,
                "{{ $labels.namespace }}/{{ $labels.pod }} restarts again and again",
                "Container {{ $labels.container }} ended more than three times within 15 minutes.",
                "pod-restarting",
            ),
            AlertRule(
                "ProbeFailing",
                "sum by (namespace, pod, container, probe_type) "
                '(rate(prober_probe_total{probe_type=~"Liveness|Readiness",result="failed"}[5m])) '
                "/ sum by (namespace, pod, container, probe_type) "
                f'(rate(prober_probe_total{{probe_type=~"Liveness|Readiness"}}[5m])) {_POD} > 0.5',
                300,
                Severity.WARNING,
                "{{ $labels.probe_type }} probe of {{ $labels.namespace }}/{{ $labels.pod }} fails",
                "More than half of the probes of {{ $labels.container }} failed: it gets no traffic, or is restarted.",
                "probe-failing",
            ),
            AlertRule(
                "PodUnschedulable",
                "max by (namespace, pod) (kube_pod_status_unschedulable) == 1",
                600,
                Severity.WARNING,
                "{{ $labels.namespace }}/{{ $labels.pod }} finds no node",
                "For 10 minutes no node had room for it, nor was one started.",
                "no-room",
            ),
            AlertRule(
                "BudgetWithoutRoom",
                "kube_poddisruptionbudget_status_pod_disruptions_allowed == 0 "
                "and kube_poddisruptionbudget_status_expected_pods > 0",
                1800,
                Severity.WARNING,
                "Budget {{ $labels.namespace }}/{{ $labels.poddisruptionbudget }} lets no pod go",
                "Its nodes cannot be drained: an update of nodes or a zonal shift waits for it.",
                "budget-without-room",
            ),
            AlertRule(
                "AutoscalerAtMaximum",
                "kube_horizontalpodautoscaler_status_current_replicas "
                ">= kube_horizontalpodautoscaler_spec_max_replicas "
                "and kube_horizontalpodautoscaler_spec_max_replicas > kube_horizontalpodautoscaler_spec_min_replicas",
                900,
                Severity.WARNING,
                "{{ $labels.namespace }}/{{ $labels.horizontalpodautoscaler }} cannot grow further",
                "It has been at its most replicas for 15 minutes. A failover doubles its load.",
                "autoscaler-at-maximum",
            ),
            AlertRule(
                "AutoscalerBlind",
                'kube_horizontalpodautoscaler_status_condition{condition="ScalingActive",status="false"} == 1 '
                # Scaled to nothing, it rests (KEDA).
                "unless on (namespace, horizontalpodautoscaler) "
                "kube_horizontalpodautoscaler_status_desired_replicas == 0",
                600,
                Severity.WARNING,
                "{{ $labels.namespace }}/{{ $labels.horizontalpodautoscaler }} cannot read what it scales by",
                "Replicas stay as they are, however much load a failover brings.",
                "autoscaler-blind",
            ),
            AlertRule(
                "VolumeFilling",
                "kubelet_volume_stats_available_bytes / kubelet_volume_stats_capacity_bytes < 0.1",
                600,
                Severity.WARNING,
                "{{ $labels.namespace }}/{{ $labels.persistentvolumeclaim }} is over 90 % full",
                "When it is full, its pod fails to write.",
                "volume-filling",
            ),
            AlertRule(
                "JobStuck",
                "time() - kube_job_status_start_time > <stuck_run_seconds> and kube_job_status_active > 0",
                300,
                Severity.WARNING,
                "Job {{ $labels.namespace }}/{{ $labels.job_name }} does not end",
                "It has run for {{ $value | humanizeDuration }}, longer than a run may.",
                "run-stuck",
            ),
        ),
    ),
    "drift": Group(
        always=True,
        rules=(
            AlertRule(
                "KubernetesVersionsDiffer",
                'count(count by (minor) (label_replace(kube_node_info, "minor", "$1", "kubelet_version", '
                '"v([0-9]+[.][0-9]+).*"))) > 1',
                86400,
                Severity.WARNING,
                "Nodes run {{ $value }} versions of Kubernetes",
                "An update has been standing half done for a day: nodes of one kind are new, others were left out.",
                "update-half-done",
            ),
            AlertRule(
                "NodeCordoned",
                "tandem:node_zone and on (node) (kube_node_spec_unschedulable == 1)",
                4 * 3600,
                Severity.WARNING,
                "Node {{ $labels.node }} in {{ $labels.zone }} takes no pods",
                "Somebody closed it and did not open it again: its room is missing when a zone is lost.",
                "update-half-done",
            ),
            AlertRule(
                "ChangeNotSeen",
                _workloads("{kind}_metadata_generation != {kind}_status_observed_generation"),
                900,
                Severity.WARNING,
                "Nobody acts on a change of {{ $labels.namespace }}/{{ $labels.workload }}",
                "Its declaration changed a quarter of an hour ago, and its controller has not read it.",
                "change-stuck",
            ),
            AlertRule(
                "ChangeHalfDone",
                "label_replace(kube_deployment_spec_replicas - kube_deployment_status_replicas_updated > 0, "
                '"workload", "$1", "deployment", "(.+)") or '
                "label_replace(kube_statefulset_replicas - kube_statefulset_status_replicas_updated > 0, "
                '"workload", "$1", "statefulset", "(.+)")',
                3600,
                Severity.WARNING,
                "{{ $value }} replicas of {{ $labels.namespace }}/{{ $labels.workload }} are of an old version",
                "An update has been standing half done for an hour: both versions serve.",
                "change-stuck",
            ),
            AlertRule(
                "ChangesPaused",
                'label_replace(kube_deployment_spec_paused == 1, "workload", "$1", "deployment", "(.+)")',
                3600,
                Severity.WARNING,
                "Changes of {{ $labels.namespace }}/{{ $labels.workload }} are paused",
                "No declaration here pauses: somebody did, by hand, and what is declared since does not run.",
                "change-stuck",
            ),
            AlertRule(
                "ImagesDiffer",
                "count by (namespace, workload, container) (count by (namespace, workload, container, digest) ("
                'label_replace(kube_pod_container_info{image_id=~".+@sha256:.+"}, "digest", "$1", "image_id", '
                '".+@(sha256:.+)") * on (namespace, pod) group_left (workload) '
                "max by (namespace, pod, workload) (label_replace("
                'kube_pod_info{created_by_kind=~"ReplicaSet|StatefulSet|DaemonSet"}, '
                '"workload", "$1", "created_by_name", "(.+)")))) > 1',
                3600,
                Severity.WARNING,
                "Pods of {{ $labels.namespace }}/{{ $labels.workload }} run {{ $value }} different images",
                "Container {{ $labels.container }} is declared once: its tag was pushed again, or a pod was changed by "
                "hand. Which one answers is chance, and after a failover it is the new one.",
                "images-differ",
            ),
        ),
    ),
    "load_balancer": Group(
        rules=(
            AlertRule(
                "BindingsFailing",
                'sum by (controller) (rate(controller_runtime_reconcile_errors_total{controller="targetGroupBinding"}'
                "[5m])) > 0",
                600,
                Severity.WARNING,
                "Pods are not brought to the load balancer",
                "For 10 minutes the controller has failed to enter or take out targets: pods that start elsewhere get "
                "no traffic.",
                "bindings-failing",
            ),
            AlertRule(
                "LoadBalancerCallsRefused",
                "sum by (service, operation) (increase(aws_api_call_permission_errors_total[15m])) > 0",
                0,
                Severity.WARNING,
                "AWS refuses {{ $labels.service }}:{{ $labels.operation }} to the load-balancer controller",
                "Its rights no longer fit what it does.",
                "bindings-failing",
            ),
            AlertRule(
                "BindingsUnwatched",
                'absent(controller_runtime_reconcile_total{controller="targetGroupBinding"})',
                900,
                Severity.WARNING,
                "The load-balancer controller is not measured",
                "Whether pods reach the load balancer is unseen.",
                "watching",
            ),
        )
    ),
    "karpenter": Group(
        rules=(
            AlertRule(
                "NodesNotMade",
                'sum by (error) (rate(karpenter_cloudprovider_errors_total{method="Create"}[5m])) > 0 '
                "and on () sum(kube_pod_status_unschedulable) > 0",
                600,
                Severity.CRITICAL,
                'Karpenter starts no nodes: {{ or $labels.error "see its log" }}',
                "Pods have waited for 10 minutes while AWS refuses instances: a failover has no room to grow into.",
                "nodes-not-made",
            ),
            AlertRule(
                "NodePoolNearLimit",
                "max by (nodepool, resource_type) (karpenter_nodepools_usage) "
                "/ max by (nodepool, resource_type) (karpenter_nodepools_limit > 0) > 0.9",
                900,
                Severity.WARNING,
                "Node pool {{ $labels.nodepool }} has {{ $value | humanizePercentage }} of its "
                "{{ $labels.resource_type }}",
                "At the limit Karpenter starts no more nodes. A failover doubles the load.",
                "nodes-not-made",
            ),
            AlertRule(
                "KarpenterOutOfStep",
                "max(karpenter_cluster_state_synced) == 0",
                900,
                Severity.WARNING,
                "Karpenter does not know its cluster",
                "What it knows of nodes has not agreed with the API server for 15 minutes: until then it decides "
                "nothing.",
                "nodes-not-made",
            ),
            AlertRule(
                "KarpenterUnwatched",
                "absent(karpenter_cluster_state_synced)",
                900,
                Severity.WARNING,
                "Karpenter is not measured",
                "Whether nodes can be started is unseen.",
                "watching",
            ),
        )
    ),
    "metrics_server": Group(
        rules=(
            AlertRule(
                "PodsNotMeasured",
                'sum(rate(metrics_server_kubelet_request_total{success="false"}[5m])) '
                "/ sum(rate(metrics_server_kubelet_request_total[5m])) > 0.1",
                600,
                Severity.WARNING,
                "{{ $value | humanizePercentage }} of kubelets do not say how busy their pods are",
                "Autoscalers do not see that load.",
                "autoscaler-blind",
            ),
            AlertRule(
                "MetricsServerUnwatched",
                "absent(metrics_server_kubelet_request_total)",
                900,
                Severity.WARNING,
                "The metrics server is not measured",
                "Whether autoscalers see load is unseen, unless they say it themselves.",
                "watching",
            ),
        )
    ),
    "gpu": Group(
        rules=(
            AlertRule(
                "GpuLost",
                'kube_node_status_capacity{resource="nvidia_com_gpu"} '
                '- kube_node_status_allocatable{resource="nvidia_com_gpu"} > 0',
                60,
                Severity.CRITICAL,
                "{{ $value }} GPUs of node {{ $labels.node }} are ill",
                "The device plugin took them away; pods on them fail, and no new ones get them.",
                "gpu-lost",
            ),
            AlertRule(
                "GpuBelowFloor",
                '(sum(kube_node_status_allocatable{resource="nvidia_com_gpu"}) or vector(0)) < <gpu_floor>',
                300,
                Severity.CRITICAL,
                "Only {{ $value }} GPUs are left",
                "Fewer than this region needs to serve.",
                "gpu-lost",
            ),
            AlertRule(
                "GpuError",
                "max by (UUID, gpu, modelName, Hostname, hostname) (DCGM_FI_DEV_XID_ERRORS > 0 unless "
                f"({' or '.join(f'DCGM_FI_DEV_XID_ERRORS == {xid}' for xid in _PROGRAM_XIDS)}))",
                0,
                Severity.WARNING,
                "GPU {{ $labels.gpu }} of {{ or $labels.Hostname $labels.hostname }} reports XID {{ $value }}",
                "An error of the GPU itself, not of the program on it.",
                "gpu-lost",
            ),
            AlertRule(
                "GpuUnwatched",
                'count(kube_node_status_capacity{resource="nvidia_com_gpu"} > 0) > 0 '
                "unless on () count(DCGM_FI_DEV_GPU_TEMP)",
                900,
                Severity.WARNING,
                "No GPU is measured",
                "There are GPUs, and none reports: their errors stay unseen.",
                "watching",
            ),
        ),
    ),
    "keda": Group(
        rules=(
            AlertRule(
                "ScalerFailing",
                "sum by (namespace, exported_namespace, scaledObject) (rate(keda_scaled_object_errors_total[5m])) > 0",
                600,
                Severity.WARNING,
                f"KEDA cannot scale {_WHERE}/{{{{ $labels.scaledObject }}}}",
                "What it scales by could not be read for 10 minutes; replicas stay as they were, or fall back.",
                "autoscaler-at-maximum",
            ),
        )
    ),
    "cert_manager": Group(
        rules=(
            AlertRule(
                "CertificateExpiring",
                "min by (namespace, exported_namespace, name) "
                "(certmanager_certificate_expiration_timestamp_seconds) - time() < 14 * 86400",
                3600,
                Severity.WARNING,
                f"Certificate {_WHERE}/{{{{ $labels.name }}}} expires in {{{{ $value | humanizeDuration }}}}",
                "cert-manager should have renewed it by now.",
                "certificate-expiring",
            ),
            AlertRule(
                "CertificateExpiresSoon",
                "min by (namespace, exported_namespace, name) "
                "(certmanager_certificate_expiration_timestamp_seconds) - time() < 3 * 86400",
                600,
                Severity.CRITICAL,
                f"Certificate {_WHERE}/{{{{ $labels.name }}}} expires in {{{{ $value | humanizeDuration }}}}",
                "After that, what uses it refuses connections.",
                "certificate-expiring",
            ),
            AlertRule(
                "CertificateNotReady",
                "max by (namespace, exported_namespace, name) "
                '(certmanager_certificate_ready_status{condition="False"}) == 1',
                900,
                Severity.WARNING,
                f"Certificate {_WHERE}/{{{{ $labels.name }}}} could not be issued",
                "A new one has no secret yet; an old one is not renewed.",
                "certificate-expiring",
            ),
        )
    ),
    "external_secrets": Group(
        rules=(
            AlertRule(
                "SecretNotSynced",
                "max by (namespace, exported_namespace, name) "
                '(externalsecret_status_condition{condition="Ready",status="False"}) == 1',
                900,
                Severity.WARNING,
                f"Secret {_WHERE}/{{{{ $labels.name }}}} does not follow Secrets Manager",
                "Pods go on with the old value: after a rotation they are locked out.",
                "secret-not-synced",
            ),
        )
    ),
    "velero": Group(
        rules=(
            AlertRule(
                "BackupFailed",
                "sum by (schedule) (increase(velero_backup_failure_total[1h])) "
                "+ sum by (schedule) (increase(velero_backup_partial_failure_total[1h])) > 0",
                0,
                Severity.WARNING,
                "Backup {{ $labels.schedule }} failed",
                "It failed in whole or in part within the last hour.",
                "backup-failed",
            ),
            AlertRule(
                "BackupTooOld",
                'time() - max by (schedule) (velero_backup_last_successful_timestamp{schedule!=""}) > <backup_seconds>',
                600,
                Severity.CRITICAL,
                "The last good backup {{ $labels.schedule }} is {{ $value | humanizeDuration }} old",
                "More would be lost than was promised.",
                "backup-failed",
            ),
            AlertRule(
                "BackupLocationGone",
                "min by (backup_location_name) (velero_backup_location_status_gauge) == 0",
                900,
                Severity.WARNING,
                "Backup location {{ $labels.backup_location_name }} cannot be reached",
                "Neither backups nor restores work with it.",
                "backup-failed",
            ),
        )
    ),
    "argo_cd": Group(
        rules=(
            AlertRule(
                "ApplicationOutOfSync",
                'max by (name, sync_status) (argocd_app_info{sync_status!="Synced"}) == 1',
                1800,
                Severity.WARNING,
                "Application {{ $labels.name }} is {{ $labels.sync_status }}",
                "The cluster has drifted from what Git says for half an hour.",
                "drift",
            ),
            AlertRule(
                "ApplicationUnhealthy",
                'max by (name, health_status) (argocd_app_info{health_status=~"Degraded|Missing|Unknown"}) == 1',
                900,
                Severity.WARNING,
                "Application {{ $labels.name }} is {{ $labels.health_status }}",
                "It is as Git says, and does not work.",
                "drift",
            ),
        )
    ),
    "kyverno": Group(
        rules=(
            AlertRule(
                "PolicyFindings",
                "sum by (policy_name, rule_name) (increase(kyverno_policy_results_total"
                '{rule_result="fail",rule_execution_cause="background_scan"}[1h])) > 0',
                0,
                Severity.WARNING,
                "Objects of the cluster break {{ $labels.policy_name }}",
                "Something was changed past the program that checks them (rule {{ $labels.rule_name }}).",
                "drift",
            ),
        )
    ),
    "gatekeeper": Group(
        rules=(
            AlertRule(
                "AuditFindings",
                "sum by (enforcement_action) (gatekeeper_violations) > 0",
                3600,
                Severity.WARNING,
                "{{ $value }} objects of the cluster break a constraint",
                "Something was changed past the program that checks them ({{ $labels.enforcement_action }}).",
                "drift",
            ),
        )
    ),
    "prefect": Group(
        rules=(
            AlertRule(
                "PrefectRunsLate",
                "max by (work_pool_name, work_queue_name) (prefect_work_queues_late_runs_count) > 0",
                300,
                Severity.WARNING,
                "{{ $value }} runs of {{ $labels.work_pool_name }}/{{ $labels.work_queue_name }} are late",
                "Nobody took them up for 5 minutes: no worker polls, or it has no room.",
                "runs-late",
            ),
            AlertRule(
                "PrefectPoolWithoutWorker",
                'max by (work_pool_name) (prefect_info_work_pools{status="NOT_READY"}) == 1',
                300,
                Severity.CRITICAL,
                "No worker polls {{ $labels.work_pool_name }}",
                "None of its runs starts.",
                "runs-late",
            ),
            AlertRule(
                "PrefectRunStuck",
                "max by (flow_name, deployment_name, flow_run_id) (prefect_flow_runs_ongoing_run_time) "
                "> <stuck_run_seconds>",
                300,
                Severity.WARNING,
                "Run {{ $labels.flow_run_id }} of {{ $labels.flow_name }} does not end",
                "It has run for {{ $value | humanizeDuration }}, longer than a run may.",
                "run-stuck",
            ),
            AlertRule(
                "PrefectUnwatched",
                "absent(prefect_work_pools_total)",
                600,
                Severity.WARNING,
                "Prefect's runs are not measured",
                "Its exporter gets no answer from the API: late and stuck runs stay unseen.",
                "watching",
            ),
        )
    ),
    "argo_workflows": Group(
        rules=(
            AlertRule(
                "ArgoWorkflowsQueueSlow",
                "histogram_quantile(0.95, sum by (le, queue_name) "
                "(rate(argo_workflows_queue_latency_bucket[5m]))) > 60",
                600,
                Severity.WARNING,
                "Workflows wait {{ $value | humanizeDuration }} in {{ $labels.queue_name }}",
                "The controller does not keep up: one of twenty waits longer than a minute for its next step.",
                "runs-late",
            ),
            AlertRule(
                "ArgoWorkflowsLeaderless",
                "(sum(argo_workflows_is_leader) or vector(0)) < 1",
                120,
                Severity.CRITICAL,
                "No workflow controller leads",
                "No workflow goes on. Running pods end, and nothing follows them.",
                "runs-late",
            ),
            AlertRule(
                "ArgoWorkflowsStuck",
                'sum(argo_workflows_gauge{phase="Running"}) > 0 '
                'and on () (sum(argo_workflows_pods_gauge{phase="Running"}) or vector(0)) == 0',
                3600,
                Severity.WARNING,
                "{{ $value }} workflows run without a pod",
                "For an hour none of them had a pod running: they wait for room, or are suspended.",
                "run-stuck",
            ),
            AlertRule(
                "ArgoWorkflowsErrors",
                "sum by (cause) (increase(argo_workflows_error_count[15m])) > 0",
                0,
                Severity.WARNING,
                "Workflow controller: {{ $labels.cause }}",
                "A schedule could not start its workflow, or the controller failed on one.",
                "run-stuck",
            ),
        )
    ),
    "airflow": Group(
        rules=(
            AlertRule(
                "AirflowSchedulerSilent",
                "sum(rate(airflow_scheduler_heartbeat[5m])) == 0 or absent(airflow_scheduler_heartbeat)",
                120,
                Severity.CRITICAL,
                "No Airflow scheduler beats",
                "No task is scheduled, or the statsd exporter, of which there is one, is down.",
                "runs-late",
            ),
            AlertRule(
                "AirflowTasksStarving",
                "max(airflow_scheduler_tasks_starving) > 0",
                900,
                Severity.WARNING,
                "{{ $value }} tasks find no slot in their pool",
                "Workers, or the pool's slots, are too few.",
                "runs-late",
            ),
            AlertRule(
                "AirflowRunsLate",
                'max by (dag_id) (airflow_dagrun_schedule_delay{quantile="0.99"}) > <late_seconds>',
                300,
                Severity.WARNING,
                "Runs of {{ $labels.dag_id }} start {{ $value | humanizeDuration }} late",
                "The scheduler does not keep up.",
                "runs-late",
            ),
        )
    ),
    "temporal": Group(
        rules=(
            AlertRule(
                "TemporalBacklog",
                "max by (namespace, exported_namespace, taskqueue, task_type) (approximate_backlog_age_seconds) "
                "> <late_seconds>",
                300,
                Severity.WARNING,
                f"Tasks of {_WHERE}/{{{{ $labels.taskqueue }}}} wait {{{{ $value | humanizeDuration }}}}",
                "Its workers are gone, or too few, to start what is scheduled.",
                "runs-late",
            ),
            AlertRule(
                "TemporalPersistenceFailing",
                "sum by (error_type) (rate(persistence_error_with_type[5m])) > 1",
                300,
                Severity.CRITICAL,
                "Temporal's database answers with {{ $labels.error_type }}",
                "More than one request a second failed for 5 minutes: workflows stand still.",
                "runs-late",
            ),
        )
    ),
    "triton": Group(
        rules=(
            AlertRule(
                "ModelFailing",
                "sum by (namespace, model) (rate(nv_inference_request_failure[5m])) "
                "/ (sum by (namespace, model) (rate(nv_inference_request_failure[5m])) "
                "+ sum by (namespace, model) (rate(nv_inference_request_success[5m]))) > 0.05",
                300,
                Severity.CRITICAL,
                "{{ $value | humanizePercentage }} of the requests to {{ $labels.model }} fail",
                "More than one of twenty for 5 minutes.",
                "inference-errors",
            ),
            AlertRule(
                "ModelBacklog",
                "sum by (namespace, model) (nv_inference_pending_request_count) > 100",
                300,
                Severity.WARNING,
                "{{ $value }} requests wait for {{ $labels.model }}",
                "Replicas are too few, or ill.",
                "inference-slow",
            ),
        )
    ),
    "vllm": Group(
        rules=(
            AlertRule(
                "LanguageModelFailing",
                'sum by (namespace, model_name) (rate(vllm:request_success_total{finished_reason="error"}[5m])) '
                "/ sum by (namespace, model_name) (rate(vllm:request_success_total[5m])) > 0.05",
                300,
                Severity.CRITICAL,
                "{{ $value | humanizePercentage }} of the requests to {{ $labels.model_name }} fail",
                "More than one of twenty for 5 minutes.",
                "inference-errors",
            ),
            AlertRule(
                "LanguageModelBacklog",
                # Routers of the production stack repeat it, an engine each, without a model.
                'sum by (namespace, model_name) (vllm:num_requests_waiting{model_name!=""}) > 100',
                300,
                Severity.WARNING,
                "{{ $value }} requests wait for {{ $labels.model_name }}",
                "Replicas are too few, ill, or their memory for sequences is full.",
                "inference-slow",
            ),
        )
    ),
    "vllm_stack": Group(
        rules=(
            AlertRule(
                "RoutedModelUnanswered",
                "sum by (namespace, model) (rate(vllm:num_incoming_requests_total[5m])) > 0 "
                "unless on (namespace, model) "
                'sum by (namespace, model) (rate(vllm:request_latency_seconds_count{status="success"}[5m])) > 0',
                300,
                Severity.CRITICAL,
                "No request to {{ $labels.model }} is answered",
                "Requests reach the routers, and none has had an answer for 5 minutes: no engine serves the model.",
                "inference-errors",
            ),
            AlertRule(
                "RoutedModelFailing",
                "sum by (namespace, model) (rate(vllm:request_errors_total[5m])) "
                "/ sum by (namespace, model) (rate(vllm:num_incoming_requests_total[5m])) > 0.05",
                300,
                Severity.CRITICAL,
                "Engines of {{ $labels.model }} break off {{ $value | humanizePercentage }} of the requests",
                "The routers lost them on the way: engines crash, or are gone and still asked. The chart moves none.",
                "inference-errors",
            ),
        )
    ),
    "kserve": Group(
        rules=(
            AlertRule(
                "PredictorSlow",
                "histogram_quantile(0.95, sum by (le, namespace, model_name) "
                "(rate(request_predict_seconds_bucket[5m]))) > <predict_seconds>",
                600,
                Severity.WARNING,
                "{{ $labels.namespace }}/{{ $labels.model_name }} takes {{ $value | humanizeDuration }} to predict",
                "One of twenty predictions takes longer than it should: replicas are too few, or ill.",
                "inference-slow",
            ),
            AlertRule(
                "PredictorsUnwatched",
                'count(kube_pod_info{created_by_kind="ReplicaSet",created_by_name=~".+-predictor-[a-z0-9]+"}) > 0 '
                'unless on () count(up{job=~".*/predictors"} == 1)',
                900,
                Severity.WARNING,
                "No predictor of KServe is measured",
                "There are some, and none answers Prometheus: how models do stays unseen.",
                "watching",
            ),
        )
    ),
    "argo_rollouts": Group(
        rules=(
            AlertRule(
                "RolloutDegraded",
                "max by (namespace, exported_namespace, name) "
                '(rollout_info{phase=~"Degraded|Error|Timeout|Abort|InvalidSpec"}) == 1',
                60,
                Severity.WARNING,
                f"The new version of {_WHERE}/{{{{ $labels.name }}}} was not taken",
                "Its analysis failed or it never became ready; the old version keeps serving.",
                "rollout-degraded",
            ),
        )
    ),
    "argo_events": Group(
        rules=(
            AlertRule(
                "RecoveryNotStarted",
                "sum by (namespace, exported_namespace, sensor_name) "
                "(increase(argo_events_action_failed_total[10m])) > 0",
                0,
                Severity.CRITICAL,
                "Sensor {{ $labels.sensor_name }} could not start a recovery run",
                "An alert called for recovery, and nothing followed.",
                "recovery-not-started",
            ),
            AlertRule(
                "RecoveryAlertLost",
                "sum by (namespace, exported_namespace, eventsource_name) "
                "(increase(argo_events_events_sent_failed_total[10m]) "
                "+ increase(argo_events_events_processing_failed_total[10m])) > 0",
                0,
                Severity.CRITICAL,
                "Event source {{ $labels.eventsource_name }} could not pass an alert on",
                "An alert that calls for recovery may be lost: the event bus does not take it.",
                "recovery-not-started",
            ),
        )
    ),
}
"""Groups by what they watch; a group that is not always there is named by AlertRulesArgs.groups."""


class ModelObjective(TypedDict):
    """What a model promises."""

    name: str
    """As its engine names it: Triton's model, or vLLM's served model name."""
    engine: str
    """``triton`` or ``vllm``."""
    latency_seconds: float
    """Triton: the average of a request, queue included. vLLM: what 95 of 100 requests take in whole."""
    error_ratio: float
    """Share of requests that may fail, between 0 and 1."""
    queue_seconds: float
    """Time that a request may wait: on average for Triton, for 95 of 100 requests for vLLM."""


class AlertRulesArgs(TypedDict):
    """Inputs of AlertRules."""

    namespace: pulumi.Input[str]
    """Existing namespace; Prometheus must take rules from it."""
    playbook_base_url: str
    """Where docs/playbooks can be read, such as ``https://github.com/example/tandem/blob/main/docs/playbooks``."""
    groups: NotRequired[list[str]]
    """What is installed, by names of GROUPS: gpu, prefect, triton and so on. Those that always are come anyway."""
    models: NotRequired[list[ModelObjective]]
    """Models that promise something of their own."""
    zones: NotRequired[int]
    """Zones that nodes stand in, at least 2. Default 3."""
    gpu_floor: NotRequired[int]
    """Fewest GPUs that serve this region. Default 0: a region may do without."""
    stuck_run_seconds: NotRequired[int]
    """From when on a run is stuck. Default 6 hours."""
    late_seconds: NotRequired[int]
    """From when on a run that has not started is late (Airflow, Temporal). Default 300."""
    backup_seconds: NotRequired[int]
    """Oldest that Velero's last good backup may be. Default 26 hours, for daily ones."""
    recover: NotRequired[list[str]]
    """Alerts, by name, that Argo Events turns into a recovery run (AlertRecovery). Default none."""


class AlertRules(pulumi.ComponentResource):
    """Alert rules as one PrometheusRule a group, each alert with the address of its playbook page.

    It needs the definitions of kube-prometheus-stack; let it depend on that release. Rules are evaluated by every
    Prometheus of the cluster, so that one of them lost loses no alert.

    Cost when idle: none. State: none; what is pending starts anew when Prometheus restarts without its volume.
    Regions: one cluster's.
    """

    def __init__(self, name: str, args: AlertRulesArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        base = plan_base_url(args["playbook_base_url"])
        limits = plan_limits({key: args[key] for key in LIMITS if key in args})  # type: ignore[literal-required]
        groups = plan_groups(args.get("groups", []), args.get("models", []))
        recover = plan_recover(args.get("recover", []), groups)
        super().__init__("tandem:index:AlertRules", name, {}, opts)
        for key, group in groups.items():
            k8s.apiextensions.CustomResource(
                f"{name}-{key.replace('_', '-')}",
                api_version="monitoring.coreos.com/v1",
                kind="PrometheusRule",
                metadata=k8s.meta.v1.ObjectMetaArgs(
                    name=f"{name}-{key.replace('_', '-')}", namespace=args["namespace"]
                ),
                spec={"groups": [render_group(key, group, limits=limits, playbook_base_url=base, recover=recover)]},
                opts=pulumi.ResourceOptions(parent=self),
            )
        self.register_outputs({})


def plan_base_url(url: str) -> str:
    """The address without a final slash.

    Raises:
        ValueError: If a person could not open it.
    """
    if not re.match(r"https?://[^/]+", url):
        raise ValueError(f"playbook_base_url: got {url!r}, must be an address such as https://example.com/playbooks")
    return url.rstrip("/")


def plan_limits(chosen: Mapping[str, float]) -> dict[str, float]:
    """Every limit, chosen or default.

    Raises:
        ValueError: If one makes its alert fire always or never.
    """
    limits = {**LIMITS, **chosen}
    if limits["zones"] < 2:
        raise ValueError(f"zones: got {limits['zones']:g}, must be at least 2")
    for key in ("stuck_run_seconds", "late_seconds", "backup_seconds"):
        if limits[key] < 60:
            raise ValueError(f"{key}: got {limits[key]:g}, must be at least 60")
    if limits["gpu_floor"] < 0:
        raise ValueError(f"gpu_floor: got {limits['gpu_floor']:g}, must not be negative")
    return limits


def plan_groups(installed: Sequence[str], models: Sequence[ModelObjective]) -> dict[str, Group]:
    """The groups that every cluster has, those of what is installed, and one for each model.

    Raises:
        ValueError: If a group is unknown, or two models share a name.
    """
    by_choice = [name for name, group in GROUPS.items() if not group.always]
    for name in installed:
        if name not in by_choice:
            raise ValueError(f"groups: got {name!r}, must be one of {', '.join(sorted(by_choice))}")
    groups = {name: group for name, group in GROUPS.items() if group.always or name in installed}
    for model in models:
        key = f"model-{slug(model['name'])}"
        if key in groups:
            raise ValueError(f"models: {model['name']!r} reads as {key}, as another does; name each model once")
        groups[key] = Group(model_rules(model))
    return groups


def plan_recover(chosen: Sequence[str], groups: Mapping[str, Group]) -> frozenset[str]:
    """Names of alerts that call for a recovery run.

    Raises:
        ValueError: If no rule of these groups has the name.
    """
    known = {rule.name for group in groups.values() for rule in group.rules}
    for name in chosen:
        if name not in known:
            raise ValueError(
                f"recover: got {name!r}, which is no alert of the groups chosen: {', '.join(sorted(known))}"
            )
    return frozenset(chosen)


def slug(name: str) -> str:
    """A model's name as part of an object's: ``Org/Model-7B`` becomes ``org-model-7b``."""
    return re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-")


def model_rules(model: ModelObjective) -> tuple[AlertRule, ...]:
    """Alerts of one model's own objectives.

    Raises:
        ValueError: If the engine is unknown, or an objective is out of range.
    """
    name, engine = model["name"], model["engine"]
    if not slug(name):
        raise ValueError(f"models: got the name {name!r}, must have a letter or a digit")
    if '"' in name or "\\" in name or "{{" in name:
        raise ValueError(f"models: the name {name!r} must have neither quotes, backslashes nor braces")
    if not 0 < model["error_ratio"] < 1:
        raise ValueError(f"models.{name}.error_ratio: got {model['error_ratio']:g}, must be between 0 and 1")
    for key in ("latency_seconds", "queue_seconds"):
        if model[key] <= 0:
            raise ValueError(f"models.{name}.{key}: got {model[key]:g}, must be above 0")
    if engine == "triton":
        only = f'{{model="{name}"}}[5m]'
        done = f"sum(rate(nv_inference_request_success{only}))"
        failed = f"sum(rate(nv_inference_request_failure{only}))"
        errors = f"{failed} / ({failed} + {done})"
        latency = f"sum(rate(nv_inference_request_duration_us{only})) / {done} / 1e6"
        queue = f"sum(rate(nv_inference_queue_duration_us{only})) / {done} / 1e6"
    elif engine == "vllm":
        only = f'{{model_name="{name}"}}[5m]'
        failed = f'sum(rate(vllm:request_success_total{{model_name="{name}",finished_reason="error"}}[5m]))'
        errors = f"{failed} / sum(rate(vllm:request_success_total{only}))"
        latency = f"histogram_quantile(0.95, sum by (le) (rate(vllm:e2e_request_latency_seconds_bucket{only})))"
        queue = f"histogram_quantile(0.95, sum by (le) (rate(vllm:request_queue_time_seconds_bucket{only})))"
    else:
        raise ValueError(f"models.{name}.engine: got {engine!r}, must be triton or vllm")
    return (
        AlertRule(
            "ModelErrorObjective",
            f"{errors} > {model['error_ratio']:g}",
            300,
            Severity.CRITICAL,
            f"{{{{ $value | humanizePercentage }}}} of the requests to {name} fail",
            f"It promises that no more than {model['error_ratio']:.3%} do.",
            "inference-errors",
        ),
        AlertRule(
            "ModelLatencyObjective",
            f"{latency} > {model['latency_seconds']:g}",
            600,
            Severity.CRITICAL,
            f"{name} takes {{{{ $value | humanizeDuration }}}}",
            f"It promises {model['latency_seconds']:g} s.",
            "inference-slow",
        ),
        AlertRule(
            "ModelQueueObjective",
            f"{queue} > {model['queue_seconds']:g}",
            300,
            Severity.WARNING,
            f"Requests to {name} wait {{{{ $value | humanizeDuration }}}}",
            f"They should wait {model['queue_seconds']:g} s at most: replicas are too few.",
            "inference-slow",
        ),
    )


def filled(expression: str, limits: Mapping[str, float]) -> str:
    """The expression with its limits in place."""
    return re.sub(r"<([a-z_]+)>", lambda found: f"{limits[found[1]]:g}", expression)


def render_group(
    name: str,
    group: Group,
    *,
    limits: Mapping[str, float],
    playbook_base_url: str,
    recover: frozenset[str],
) -> dict[str, Any]:
    """The group as Prometheus reads it."""
    recordings: list[dict[str, Any]] = [{"record": each.name, "expr": each.expression} for each in group.recordings]
    alerts = [
        {
            "alert": rule.name,
            "expr": filled(rule.expression, limits),
            "for": f"{rule.for_seconds}s",
            "labels": {
                "severity": rule.severity.value,
                **({RECOVERY_LABEL: RECOVERY_WORKFLOW} if rule.name in recover else {}),
                **({"model": name.removeprefix("model-")} if name.startswith("model-") else {}),
            },
            "annotations": {
                "summary": rule.summary,
                "description": rule.description,
                "runbook_url": f"{playbook_base_url}/{rule.playbook}.md",
            },
        }
        for rule in group.rules
    ]
    return {"name": f"tandem-{name}", "interval": "30s", "rules": recordings + alerts}
