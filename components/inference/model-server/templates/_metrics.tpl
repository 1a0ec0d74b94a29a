{{/* Labels of the series of a role's pods: a PodMonitor's job is named after its namespace and itself. */}}
{{- define "model-server.series" -}}
{{- $ := index . 0 -}}
job="{{ $.Release.Namespace }}/{{ include "model-server.name" . }}"
{{- end -}}

{{/* PromQL of a number of this engine: (list $ number selector). Triton counts, so its latency is a mean; vLLM's is the
95th percentile. A server that nobody asks gives no number. */}}
{{- define "model-server.query" -}}
{{- $ := index . 0 }}
{{- $number := index . 1 }}
{{- $selector := index . 2 }}
{{- $queries := $.Values.metrics.queries }}
{{- if eq $.Values.engine "triton" }}
{{- $success := printf "sum(rate(nv_inference_request_success{%s}[2m]))" $selector }}
{{- $failure := printf "sum(rate(nv_inference_request_failure{%s}[2m]))" $selector }}
{{- $queries = dict
  "latencySeconds" (printf "sum(rate(nv_inference_request_duration_us{%s}[2m])) / %s / 1e6" $selector $success)
  "errorRatio" (printf "%s / (%s + %s)" $failure $success $failure)
  "queueSeconds" (printf "sum(rate(nv_inference_queue_duration_us{%s}[2m])) / %s / 1e6" $selector $success) }}
{{- else if eq $.Values.engine "vllm" }}
{{- $all := printf "sum(rate(http_requests_total{%s}[2m]))" $selector }}
{{- $failed := printf "sum(rate(http_requests_total{%s,status=\"5xx\"}[2m]))" $selector }}
{{- $latency := printf "sum by (le) (rate(vllm:e2e_request_latency_seconds_bucket{%s}[2m]))" $selector }}
{{- $queue := "sum(rate(vllm:request_queue_time_seconds" }}
{{- $queries = dict
  "latencySeconds" (printf "histogram_quantile(0.95, %s)" $latency)
  "errorRatio" (printf "(%s or %s * 0) / %s" $failed $all $all)
  "queueSeconds" (printf "%s_sum{%s}[2m])) / %s_count{%s}[2m]))" $queue $selector $queue $selector) }}
{{- end }}
{{- index $queries $number | replace "$selector" $selector }}
{{- end -}}
