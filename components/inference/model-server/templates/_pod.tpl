{{/* Pods that serve a version of the model: (list $ role hash-label version image). */}}
{{- define "model-server.pod" -}}
{{- $ := index . 0 }}
{{- $role := index . 1 }}
{{- $engine := include "model-server.engine" $ | fromYaml }}
metadata:
  # No chart version among them: raising the chart alone must not reload the weights everywhere.
  labels: {{- include "model-server.selector" (list $ $role) | nindent 4 }}
spec:
  serviceAccountName: {{ $.Values.serviceAccount.name }}
  automountServiceAccountToken: false
  {{- with $.Values.priorityClassName }}
  priorityClassName: {{ . }}
  {{- end }}
  {{- with $.Values.nodeSelector }}
  nodeSelector: {{- toYaml . | nindent 4 }}
  {{- end }}
  tolerations:
    {{- if $.Values.gpus }}
    - key: nvidia.com/gpu
      operator: Exists
      effect: NoSchedule
    {{- end }}
    {{- include "model-server.tolerations" $ | nindent 4 }}
  topologySpreadConstraints: {{- include "model-server.spread" (list $ $role (index . 2)) | nindent 4 }}
  # The wait for load balancers, the requests that are running then, and room to spare.
  terminationGracePeriodSeconds: {{ add $.Values.drainSeconds $.Values.requestSeconds 15 }}
  securityContext:
    runAsUser: 1000
    runAsGroup: 1000
    fsGroup: 1000
    runAsNonRoot: true
    seccompProfile:
      type: RuntimeDefault
  {{- if $.Values.modelRepository }}
  initContainers:
    - name: models
      image: {{ $.Values.sync.image }}
      command: [bash, -euo, pipefail, -c]
      args:
        - | {{- include "model-server.sync" $ | nindent 10 }}
      env:
        - name: SOURCE
          value: {{ include "model-server.source" (list $ (index . 3)) | quote }}
        - name: MANIFEST
          value: {{ $.Values.checksums.manifest | quote }}
        - name: REQUIRED
          value: {{ $.Values.checksums.required | quote }}
        - name: DIGEST
          # Of the servers' version; a shadow serves another.
          value: {{ ternary "" $.Values.checksums.digest (eq $role "shadow") | quote }}
        - name: AWS_REGION
          value: {{ $.Values.region }}
        - name: AWS_DEFAULT_REGION
          value: {{ $.Values.region }}
        - name: HOME
          value: /tmp
      # What was wrong shows in the pod's status, too.
      terminationMessagePolicy: FallbackToLogsOnError
      resources:
        requests: {cpu: 500m, memory: 1Gi}
        limits: {memory: 1Gi}
      securityContext: {{- include "model-server.containerSecurity" $ | nindent 8 }}
      volumeMounts:
        - {name: models, mountPath: /models}
        - {name: scratch, mountPath: /tmp}
  {{- end }}
  containers:
    - name: {{ $engine.name }}
      image: {{ index . 4 }}
      imagePullPolicy: {{ $.Values.image.pullPolicy }}
      {{- if eq $.Values.engine "triton" }}
      args:
        - tritonserver
        - --model-repository=/models
        - --model-control-mode=none
        - --strict-readiness=true
        - --exit-timeout-secs={{ $.Values.requestSeconds }}
        {{- range $.Values.args }}
        - {{ . | quote }}
        {{- end }}
      {{- else if eq $.Values.engine "vllm" }}
      command: [vllm, serve]
      args:
        - /models
        - --served-model-name={{ $.Values.vllm.servedModelName }}
        - --host=0.0.0.0
        - --port=8000
        - --tensor-parallel-size={{ max 1 $.Values.gpus }}
        {{- range $.Values.args }}
        - {{ . | quote }}
        {{- end }}
      {{- else }}
      {{- with $.Values.command }}
      command: {{- toYaml . | nindent 8 }}
      {{- end }}
      {{- with $.Values.args }}
      args: {{- toYaml . | nindent 8 }}
      {{- end }}
      {{- end }}
      env:
        {{- with $.Values.region }}
        - name: AWS_REGION
          value: {{ . }}
        - name: AWS_DEFAULT_REGION
          value: {{ . }}
        {{- end }}
        - name: HOME
          value: /tmp
        {{- if eq $.Values.engine "vllm" }}
        # PyTorch names its caches after the user, whom the image's list of users does not know.
        - name: USER
          value: vllm
        - name: XDG_CACHE_HOME
          value: /tmp/cache
        # All there is comes from the bucket: no start waits for a hub that is down.
        - name: HF_HUB_OFFLINE
          value: "1"
        - name: VLLM_NO_USAGE_STATS
          value: "1"
        {{- end }}
        {{- range $name, $value := $.Values.env }}
        - name: {{ $name }}
          value: {{ $value | quote }}
        {{- end }}
      {{- with $.Values.envFromSecret }}
      envFrom:
        - secretRef:
            name: {{ . }}
      {{- end }}
      ports:
        {{- range $name, $port := $engine.ports }}
        - {name: {{ $name }}, containerPort: {{ $port }}}
        {{- end }}
      resources:
        requests:
          cpu: {{ $.Values.resources.cpu | quote }}
          memory: {{ $.Values.resources.memory }}
          {{- if $.Values.modelRepository }}
          ephemeral-storage: {{ $.Values.repositoryGiB }}Gi
          {{- end }}
          {{- with $.Values.gpus }}
          nvidia.com/gpu: {{ . }}
          {{- end }}
        limits:
          memory: {{ $.Values.resources.memory }}
          {{- with $.Values.gpus }}
          nvidia.com/gpu: {{ . }}
          {{- end }}
      # Started means that the weights are loaded and a first request is answered; until then nothing else is asked.
      startupProbe: {{- include "model-server.startupProbe" $ | nindent 8 }}
      livenessProbe:
        httpGet: {path: {{ $engine.live | quote }}, port: http}
        periodSeconds: 10
        timeoutSeconds: 5
        failureThreshold: 3
      readinessProbe:
        httpGet: {path: {{ $engine.ready | quote }}, port: http}
        periodSeconds: 5
        timeoutSeconds: 5
        failureThreshold: 2
      lifecycle:
        preStop: {{- include "model-server.preStop" $ | nindent 10 }}
      securityContext: {{- include "model-server.containerSecurity" $ | nindent 8 }}
      volumeMounts:
        {{- if $.Values.modelRepository }}
        - {name: models, mountPath: /models, readOnly: true}
        {{- end }}
        - {name: scratch, mountPath: /tmp}
        - {name: shared-memory, mountPath: /dev/shm}
  volumes:
    {{- if $.Values.modelRepository }}
    - name: models
      emptyDir:
        sizeLimit: {{ $.Values.repositoryGiB }}Gi
    {{- end }}
    - name: scratch
      emptyDir: {}
    # Python backends pass tensors through it, GPUs of one replica their parts; a container's own has 64 MiB.
    - name: shared-memory
      emptyDir:
        medium: Memory
        sizeLimit: {{ $.Values.sharedMemoryGiB }}Gi
{{- end -}}
