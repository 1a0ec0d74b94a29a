{{/* Labels that select the pods of one role of this release, and nothing else; they cannot change after the first
install. Called with (list $ role); the role of the servers is "". */}}
{{- define "model-server.selector" -}}
{{- $ := index . 0 -}}
app.kubernetes.io/name: {{ $.Chart.Name }}{{ with index . 1 }}-{{ . }}{{ end }}
app.kubernetes.io/instance: {{ $.Release.Name }}
{{- end -}}

{{- define "model-server.labels" -}}
{{- $ := index . 0 -}}
{{ include "model-server.selector" . }}
app.kubernetes.io/part-of: {{ $.Release.Name }}
app.kubernetes.io/managed-by: {{ $.Release.Service }}
helm.sh/chart: {{ printf "%s-%s" $.Chart.Name $.Chart.Version }}
{{- end -}}

{{/* Name of an object of a role. */}}
{{- define "model-server.name" -}}
{{- $ := index . 0 -}}
{{ $.Release.Name }}{{ with index . 1 }}-{{ . }}{{ end }}
{{- end -}}

{{/* "yes" where requests pass through the edge. */}}
{{- define "model-server.edge" -}}
{{- if or .Values.shadow.enabled (ne .Values.fallback.kind "none") }}yes{{ end -}}
{{- end -}}

{{/* Service that selects the servers: the release's own name, unless the edge answers to that. */}}
{{- define "model-server.backend" -}}
{{ .Release.Name }}{{ if include "model-server.edge" . }}-server{{ end }}
{{- end -}}

{{/* "yes" where Argo Rollouts updates the servers. */}}
{{- define "model-server.progressive" -}}
{{- if ne .Values.rollout.strategy "rolling" }}yes{{ end -}}
{{- end -}}

{{/* What owns the servers' pods. */}}
{{- define "model-server.owner" -}}
apiVersion: {{ if include "model-server.progressive" . }}argoproj.io/v1alpha1{{ else }}apps/v1{{ end }}
kind: {{ if include "model-server.progressive" . }}Rollout{{ else }}Deployment{{ end }}
name: {{ .Release.Name }}
{{- end -}}

{{- define "model-server.tolerations" -}}
{{- range list "not-ready" "unreachable" }}
- key: node.kubernetes.io/{{ . }}
  operator: Exists
  effect: NoExecute
  tolerationSeconds: {{ $.Values.nodeLossSeconds }}
{{- end }}
{{- end -}}

{{/* Uneven rather than not at all: with a zone gone, its replicas must start in the others.
Called with (list $ role hash-label). */}}
{{- define "model-server.spread" -}}
{{- $call := . }}
{{- range list "topology.kubernetes.io/zone" "kubernetes.io/hostname" }}
- maxSkew: 1
  topologyKey: {{ . }}
  whenUnsatisfiable: ScheduleAnyway
  labelSelector:
    matchLabels: {{- include "model-server.selector" $call | nindent 6 }}
  matchLabelKeys: [{{ index $call 2 }}]
{{- end }}
{{- end -}}

{{- define "model-server.containerSecurity" -}}
allowPrivilegeEscalation: false
readOnlyRootFilesystem: true
capabilities:
  drop: [ALL]
{{- end -}}
