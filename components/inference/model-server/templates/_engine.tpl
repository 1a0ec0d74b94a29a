{{/* What the engines differ in. */}}
{{- define "model-server.engine" -}}
{{- if eq .Values.engine "triton" }}
name: triton
ports: {http: 8000, grpc: 8001, metrics: 8002}
metrics: {port: metrics, path: /metrics}
ready: /v2/health/ready
live: /v2/health/live
{{- else if eq .Values.engine "vllm" }}
name: vllm
ports: {http: 8000}
metrics: {port: http, path: /metrics}
ready: /health
live: /health
{{- else }}
{{- with .Values.container }}
name: server
ports:
  http: {{ .port }}
  {{- with .grpcPort }}
  grpc: {{ . }}
  {{- end }}
  {{- with .metricsPort }}
  metrics: {{ . }}
  {{- end }}
metrics:
  port: {{ if .metricsPort }}metrics{{ else }}http{{ end }}
  path: {{ .metricsPath }}
ready: {{ .readinessPath }}
live: {{ .livenessPath | default .readinessPath }}
{{- end }}
{{- end }}
{{- end -}}

{{- define "model-server.image" -}}
{{- with .Values.image }}
{{- if .repository }}{{ printf "%s:%s" .repository .tag }}{{ else }}{{ index $.Values.engines $.Values.engine }}{{ end }}
{{- end }}
{{- end -}}

{{/* Where the models of a version are: (list $ version). */}}
{{- define "model-server.source" -}}
{{- $ := index . 0 -}}
{{ $.Values.modelRepository }}{{ with index . 1 }}/{{ . }}{{ end }}
{{- end -}}

{{/* Copies the models, then holds every file against the manifest: what differs, is missing or is not listed ends the
container, and with it the pod's start, with a word on what it was. */}}
{{- define "model-server.sync" -}}
aws s3 sync --only-show-errors --delete "$SOURCE" /models
cd /models
fail() { echo "$SOURCE: $1" >&2; exit 1; }
if [ ! -f "$MANIFEST" ]; then
  [ "$REQUIRED" = false ] || fail "has no $MANIFEST, so nothing says that its files are whole"
  echo "$SOURCE: has no $MANIFEST; its files are not verified"
  exit 0
fi
if [ -n "$DIGEST" ]; then
  echo "$DIGEST  $MANIFEST" | sha256sum --check --strict --quiet - || fail "$MANIFEST is not the one that was released"
fi
sha256sum --check --strict --quiet "$MANIFEST" || fail "files differ from $MANIFEST"
declare -A listed=()
while read -r _ file; do file="${file#\*}"; listed["${file#./}"]=1; done < "$MANIFEST"
shopt -s globstar dotglob nullglob
for file in **; do
  [ -d "$file" ] || [ "$file" = "$MANIFEST" ] || [ -n "${listed[$file]:-}" ] || fail "$file is not listed in $MANIFEST"
done
echo "$SOURCE: ${#listed[@]} files verified"
{{- end -}}

{{/* Path and body of the request that a server answers before it counts as started. */}}
{{- define "model-server.warmUp" -}}
{{- if .Values.warmUp.path }}
path: {{ .Values.warmUp.path | quote }}
body: {{ .Values.warmUp.body | quote }}
{{- else if eq .Values.engine "vllm" }}
path: /v1/completions
body: {{ dict "model" .Values.vllm.servedModelName "prompt" "Hello" "max_tokens" 1 | toJson | quote }}
{{- end }}
{{- end -}}

{{- define "model-server.startupProbe" -}}
{{- $engine := include "model-server.engine" . | fromYaml }}
{{- $warmUp := include "model-server.warmUp" . | fromYaml }}
{{- if .Values.warmUp.command }}
exec:
  command: {{- toYaml .Values.warmUp.command | nindent 4 }}
{{- else if and $warmUp (ne .Values.engine "container") }}
# The first request compiles, allocates and pages in: no client waits for that.
exec:
  command:
    - python3
    - -c
    - |
      import sys, urllib.request
      url, body, seconds = sys.argv[1:]
      headers = {"Content-Type": "application/json"}
      request = urllib.request.Request(url, data=body.encode() or None, headers=headers)
      urllib.request.urlopen(request, timeout=float(seconds)).read()
    - http://127.0.0.1:{{ $engine.ports.http }}{{ $warmUp.path }}
    - {{ $warmUp.body | quote }}
    - {{ .Values.warmUp.timeoutSeconds | quote }}
{{- else }}
httpGet: {path: {{ dig "path" $engine.ready $warmUp | quote }}, port: http}
{{- end }}
periodSeconds: 10
timeoutSeconds: {{ if or $warmUp .Values.warmUp.command }}{{ add .Values.warmUp.timeoutSeconds 5 }}{{ else }}5{{ end }}
failureThreshold: {{ div (add .Values.startupSeconds 9) 10 }}
{{- end -}}

{{/* A stopping server goes on answering while load balancers take it out. Triton then ends its requests by itself; vLLM
cuts them off when it is told to stop, so it is told when there are none. */}}
{{- define "model-server.preStop" -}}
{{- if eq .Values.engine "vllm" }}
exec:
  command:
    - python3
    - -c
    - |
      import re, sys, time, urllib.request
      drain, longest = (float(each) for each in sys.argv[1:])
      time.sleep(drain)
      end = time.time() + longest
      while time.time() < end:
          text = urllib.request.urlopen("http://127.0.0.1:8000/metrics", timeout=5).read().decode()
          if not sum(map(float, re.findall(r"^vllm:num_requests_(?:running|waiting)\b.* (\S+)$", text, re.M))):
              break
          time.sleep(1)
    - {{ .Values.drainSeconds | quote }}
    - {{ .Values.requestSeconds | quote }}
{{- else }}
sleep:
  seconds: {{ .Values.drainSeconds }}
{{- end }}
{{- end -}}
