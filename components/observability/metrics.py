"""Every metric that alert rules and dashboards name, and where its name was read."""

_KSM = "kube-state-metrics v2.20, docs/metrics"
_PREFECT = "prometheus-prefect-exporter 3.6.1, metrics/metrics.py; 4.0.0, which the chart runs, could not be read"
_ARGO_WORKFLOWS = "argo-workflows v4.0.6, docs/metrics.md, with the prefix argo_workflows_"
_AIRFLOW = "airflow, chart/files/statsd-mappings.yml"
_AIRFLOW_DOTS = "airflow, scheduler_job_runner.py: a gauge whose dots become underscores in the statsd exporter"
_TEMPORAL = "temporal, common/metrics/metric_defs.go; the chart's reporter adds no suffix to counters and gauges"
_TRITON = "triton server, docs/user_guide/metrics.md"
_VLLM = "vllm, v1/metrics/loggers.py"
_DCGM = "dcgm-exporter 4.5.3-4.8.2, etc/default-counters.csv"
_VELERO = "velero v1.18.1, pkg/metrics/metrics.go, namespace velero"
_CERTIFICATES = "cert-manager v1.21, internal/collectors/certificate_collector.go"
_KEDA = "keda 2.20, pkg/metricscollector/prommetrics.go, namespace keda"
_EVENTS = "argo-events v1.9, docs/metrics.md"
_PROMETHEUS = "prometheus v3.14, rules/manager.go and scrape/manager.go"
_ALERTMANAGER = "alertmanager v0.34, notify/notify.go"
_KARPENTER = "karpenter v1.14, pkg/cloudprovider/metrics, pkg/controllers/{metrics/nodepool,state}/metrics"
_RUNTIME = "controller-runtime, pkg/internal/controller/metrics; the name of the controller is its program's"
_LOAD_BALANCER = "aws-load-balancer-controller v3.5, pkg/metrics/aws/instruments.go"
_METRICS_SERVER = "metrics-server v0.8, pkg/scraper/scraper.go"
_ROUTER = "production-stack 0.1.12, src/vllm_router/services/metrics_service; counters end in _total"
_OURS = "recorded by the group zones (alert_rules.py)"

METRICS: dict[str, str] = {
    "ALERTS": "prometheus v3.14, rules/alerting.go: one series for each pending or firing alert",
    "DCGM_FI_DEV_FB_FREE": _DCGM,
    "DCGM_FI_DEV_FB_USED": _DCGM,
    "DCGM_FI_DEV_GPU_TEMP": _DCGM,
    "DCGM_FI_DEV_GPU_UTIL": _DCGM,
    "DCGM_FI_DEV_XID_ERRORS": _DCGM,
    "airflow_dagrun_schedule_delay": _AIRFLOW,
    "airflow_executor_queued_tasks": _AIRFLOW,
    "airflow_executor_running_tasks": _AIRFLOW,
    "airflow_scheduler_heartbeat": _AIRFLOW,
    "airflow_scheduler_tasks_starving": _AIRFLOW_DOTS,
    "alertmanager_notifications_failed_total": _ALERTMANAGER,
    "approximate_backlog_age_seconds": _TEMPORAL,
    "approximate_backlog_count": _TEMPORAL,
    "argo_events_action_failed_total": _EVENTS,
    "argo_events_action_triggered_total": _EVENTS,
    "argo_events_events_processing_failed_total": _EVENTS,
    "argo_events_events_sent_failed_total": _EVENTS,
    "argo_workflows_error_count": _ARGO_WORKFLOWS,
    "argo_workflows_gauge": _ARGO_WORKFLOWS,
    "argo_workflows_is_leader": _ARGO_WORKFLOWS,
    "argo_workflows_pods_gauge": _ARGO_WORKFLOWS,
    "argo_workflows_queue_latency_bucket": _ARGO_WORKFLOWS,
    "argocd_app_info": "argo-cd v3.4, docs/operator-manual/metrics.md",
    "aws_api_call_permission_errors_total": _LOAD_BALANCER,
    "certmanager_certificate_expiration_timestamp_seconds": _CERTIFICATES,
    "certmanager_certificate_ready_status": _CERTIFICATES,
    "controller_runtime_reconcile_errors_total": _RUNTIME,
    "controller_runtime_reconcile_total": _RUNTIME,
    "externalsecret_status_condition": "external-secrets v2.9, docs/api/metrics.md",
    "gatekeeper_violations": "gatekeeper v3.23, website/docs/metrics.md",
    "karpenter_cloudprovider_errors_total": _KARPENTER,
    "karpenter_cluster_state_synced": _KARPENTER,
    "karpenter_nodepools_limit": _KARPENTER,
    "karpenter_nodepools_usage": _KARPENTER,
    "keda_scaled_object_errors_total": _KEDA,
    "keda_scaler_metrics_value": _KEDA,
    "kube_daemonset_metadata_generation": _KSM,
    "kube_daemonset_status_observed_generation": _KSM,
    "kube_deployment_metadata_generation": _KSM,
    "kube_deployment_spec_paused": _KSM,
    "kube_deployment_spec_replicas": _KSM,
    "kube_deployment_status_observed_generation": _KSM,
    "kube_deployment_status_replicas_available": _KSM,
    "kube_deployment_status_replicas_updated": _KSM,
    "kube_horizontalpodautoscaler_spec_max_replicas": _KSM,
    "kube_horizontalpodautoscaler_spec_min_replicas": _KSM,
    "kube_horizontalpodautoscaler_status_condition": _KSM,
    "kube_horizontalpodautoscaler_status_current_replicas": _KSM,
    "kube_horizontalpodautoscaler_status_desired_replicas": _KSM,
    "kube_job_status_active": _KSM,
    "kube_job_status_start_time": _KSM,
    "kube_node_info": _KSM,
    "kube_node_labels": _KSM + "; only labels that metricLabelsAllowlist names",
    "kube_node_spec_unschedulable": _KSM,
    "kube_node_status_allocatable": _KSM,
    "kube_node_status_capacity": _KSM,
    "kube_node_status_condition": _KSM,
    "kube_pod_container_info": _KSM,
    "kube_pod_container_resource_requests": _KSM,
    "kube_pod_container_status_restarts_total": _KSM,
    "kube_pod_info": _KSM,
    "kube_pod_status_phase": _KSM,
    "kube_pod_status_unschedulable": _KSM,
    "kube_poddisruptionbudget_status_expected_pods": _KSM,
    "kube_poddisruptionbudget_status_pod_disruptions_allowed": _KSM,
    "kube_statefulset_metadata_generation": _KSM,
    "kube_statefulset_replicas": _KSM,
    "kube_statefulset_status_observed_generation": _KSM,
    "kube_statefulset_status_replicas_ready": _KSM,
    "kube_statefulset_status_replicas_updated": _KSM,
    "kubelet_volume_stats_available_bytes": "kubernetes, pkg/kubelet/metrics/collectors/volume_stats.go",
    "kubelet_volume_stats_capacity_bytes": "kubernetes, pkg/kubelet/metrics/collectors/volume_stats.go",
    "kyverno_policy_results_total": "kyverno v1.19, pkg/metrics/policy_engine.go: an OpenTelemetry counter",
    "metrics_server_kubelet_request_total": _METRICS_SERVER,
    "nv_inference_pending_request_count": _TRITON,
    "nv_inference_queue_duration_us": _TRITON,
    "nv_inference_request_duration_us": _TRITON,
    "nv_inference_request_failure": _TRITON,
    "nv_inference_request_success": _TRITON,
    "persistence_error_with_type": _TEMPORAL,
    "prefect_flow_runs_ongoing_run_time": _PREFECT,
    "prefect_info_flow_runs": _PREFECT,
    "prefect_info_work_pools": _PREFECT,
    "prefect_work_pools_total": _PREFECT,
    "prefect_work_queues_late_runs_count": _PREFECT,
    "prober_probe_total": "kubernetes, pkg/kubelet/prober/prober_manager.go; at /metrics/probes of each kubelet",
    "prometheus_rule_evaluation_failures_total": _PROMETHEUS,
    "request_predict_seconds_bucket": "kserve v0.20, python/kserve/kserve/metrics.py: of its own servers",
    "rollout_info": "argo-rollouts v1.9, docs/features/controller-metrics.md",
    "tandem:node_zone": _OURS,
    "tandem:pod_zone": _OURS,
    "tandem:workload_pod_zone": _OURS,
    "up": "prometheus v3.14: one series for each target",
    "velero_backup_failure_total": _VELERO,
    "velero_backup_last_successful_timestamp": _VELERO,
    "velero_backup_location_status_gauge": _VELERO,
    "velero_backup_partial_failure_total": _VELERO,
    "vllm:e2e_request_latency_seconds_bucket": _VLLM,
    "vllm:kv_cache_usage_perc": _VLLM,
    "vllm:num_incoming_requests_total": _ROUTER,
    "vllm:num_requests_running": _VLLM,
    "vllm:num_requests_waiting": _VLLM,
    "vllm:request_errors_total": _ROUTER,
    "vllm:request_latency_seconds_count": _ROUTER + "; once for each attempt; status is success or error",
    "vllm:request_queue_time_seconds_bucket": _VLLM,
    "vllm:request_success_total": _VLLM + "; reasons in v1/engine: stop, length, abort, error, repetition",
    "vllm:time_to_first_token_seconds_bucket": _VLLM,
}
"""Name, and the source in which it was read (2026-11 where a version stands)."""
