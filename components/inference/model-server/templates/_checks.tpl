{{/* What no schema can say: values that contradict one another. */}}
{{- define "model-server.checks" -}}
{{- with .Values }}
{{- $container := eq .engine "container" }}
{{- if le (int .progressDeadlineSeconds) (int .startupSeconds) }}
{{- fail "progressDeadlineSeconds must be above startupSeconds: an update would count as failed while the weights load" }}
{{- end }}
{{- if le (int .replicas.max) (int .replicas.min) }}
{{- fail (printf "replicas.max (%v) must be above replicas.min (%v): load could add no replica" .replicas.max .replicas.min) }}
{{- end }}
{{- if and (not $container) (not .modelRepository) }}
{{- fail (printf "modelRepository: %s serves what is in it; write s3://<bucket>/<prefix>" .engine) }}
{{- end }}
{{- if and $container (not .image.repository) }}
{{- fail "image.repository: the engine container has no image of its own; name one, with image.tag" }}
{{- end }}
{{- if ne (empty .image.repository) (empty .image.tag) }}
{{- fail "image.repository and image.tag: give both, or neither for the engine's own image" }}
{{- end }}
{{- if and (not .modelRepository) (or .modelVersion .checksums.required .checksums.digest) }}
{{- fail "modelVersion and checksums: there is no modelRepository that they could be of" }}
{{- end }}
{{- if and .checksums.digest (not .checksums.required) }}
{{- fail "checksums.digest: set checksums.required, too; else a missing manifest would pass" }}
{{- end }}
{{- if and (eq .engine "vllm") (not .vllm.servedModelName) }}
{{- fail "vllm.servedModelName: write the name that clients ask for" }}
{{- end }}
{{- if and (eq .engine "vllm") (not .gpus) (not .image.repository) }}
{{- fail "gpus: vLLM's image needs GPUs; without any, name an image that needs none, such as vllm/vllm-openai-cpu" }}
{{- end }}
{{- if and (not $container) .command }}
{{- fail (printf "command: %s has its own; add to it by args" .engine) }}
{{- end }}
{{- if and .warmUp.body (not .warmUp.path) }}
{{- fail "warmUp.body: needs warmUp.path" }}
{{- end }}
{{- if and $container .warmUp.body (not .warmUp.command) }}
{{- fail "warmUp.body: a kubelet cannot send it; give warmUp.command, which the image must hold" }}
{{- end }}
{{- if and (ne .scaling.by "cpu") (not .prometheus.url) }}
{{- fail "scaling.by: the queue's numbers come from Prometheus; write prometheus.url" }}
{{- end }}
{{- if and (ne .scaling.by "cpu") (not .metrics.enabled) }}
{{- fail "scaling.by: set metrics.enabled, too: nobody would collect the queue's numbers" }}
{{- end }}
{{- if and $container (ne .scaling.by "cpu") (not .metrics.queries.queueSeconds) }}
{{- fail "metrics.queries.queueSeconds: a container's queue is not known; write its PromQL with $selector" }}
{{- end }}
{{- if or (lt (int .replicas.max) (int .scaling.fallbackReplicas)) (and .scaling.fallbackReplicas (lt (int .scaling.fallbackReplicas) (int .replicas.min))) }}
{{- fail (printf "scaling.fallbackReplicas (%v) must be from replicas.min (%v) to replicas.max (%v), or 0 for the latter" .scaling.fallbackReplicas .replicas.min .replicas.max) }}
{{- end }}
{{- if ne .rollout.strategy "rolling" }}
{{- if or (not .prometheus.url) (not .metrics.enabled) }}
{{- fail (printf "rollout.strategy: %s judges the new version by Prometheus; set prometheus.url and metrics.enabled" .rollout.strategy) }}
{{- end }}
{{- if and $container (not (and .metrics.queries.latencySeconds .metrics.queries.errorRatio)) }}
{{- fail "metrics.queries: write latencySeconds and errorRatio with $selector: a container is judged by them" }}
{{- end }}
{{- end }}
{{- if and (eq .rollout.strategy "blueGreen") (le (int .rollout.scaleDownDelaySeconds) (mul .rollout.measurements .rollout.intervalSeconds | int)) }}
{{- fail (printf "rollout.scaleDownDelaySeconds (%v) must be above measurements x intervalSeconds (%v): the old version must outlast the judgement" .rollout.scaleDownDelaySeconds (mul .rollout.measurements .rollout.intervalSeconds)) }}
{{- end }}
{{- $queries := .metrics.queries }}
{{- if and .alerts.enabled (not .metrics.enabled) (or (not $container) $queries.latencySeconds $queries.errorRatio $queries.queueSeconds) }}
{{- fail "alerts.enabled: set metrics.enabled, too: alerts would look at nothing" }}
{{- end }}
{{- if and .alerts.enabled (not .alerts.runbookUrl) }}
{{- fail "alerts.runbookUrl: write where people read what to do" }}
{{- end }}
{{- if and .shadow.enabled (eq .shadow.modelVersion .modelVersion) (not .shadow.image) }}
{{- fail "shadow: is the same as what serves; give shadow.modelVersion or shadow.image" }}
{{- end }}
{{- if and .shadow.modelVersion (not .modelRepository) }}
{{- fail "shadow.modelVersion: there is no modelRepository that it could be of; give shadow.image" }}
{{- end }}
{{- if and (eq .fallback.kind "http") (not .fallback.url) }}
{{- fail "fallback.url: write where requests go when no server answers" }}
{{- end }}
{{- if and (eq .fallback.kind "sagemaker") (not (and .fallback.region .fallback.endpoint)) }}
{{- fail "fallback.region and fallback.endpoint: name the SageMaker endpoint" }}
{{- end }}
{{- if and .fallback.url (ne .fallback.kind "http") }}
{{- fail (printf "fallback.url: kind %s does not use it" .fallback.kind) }}
{{- end }}
{{- if and .fallback.header.name (or (ne .fallback.kind "http") (not (and .fallback.header.secretName .fallback.header.secretKey))) }}
{{- fail "fallback.header: is for kind http, and needs secretName and secretKey" }}
{{- end }}
{{- end }}
{{- end -}}
