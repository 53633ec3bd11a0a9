{{/*
A Job that runs one command of the image before anything is replaced: as a hook of Helm, or as a
plain Job whose name tells revision and content, for a Job cannot be changed. Takes root, name, module,
arguments and given (env, mounts, volumes).
*/}}
{{- define "otklik.job" -}}
{{- $root := .root -}}
{{- $values := $root.Values -}}
{{- $hook := eq $values.database.migrate "hook" -}}
{{- $base := printf "%s-%s" (include "otklik.fullname" $root) .name -}}
{{- $labels := dict "root" $root "component" .name -}}
{{- $pod := include "otklik.podCommon" (dict "root" $root "said" dict) -}}
apiVersion: batch/v1
kind: Job
metadata:
  name: {{ ternary $base (printf "%s-r%d-%s" $base (int $root.Release.Revision) (printf "%s %s %s" (include "otklik.image" $root) (toJson .given) $pod | sha256sum | trunc 6)) $hook }}
  labels: {{- include "otklik.labels" $labels | nindent 4 }}
  {{- if $hook }}
  annotations:
    helm.sh/hook: pre-install,pre-upgrade
    helm.sh/hook-weight: "0"
    helm.sh/hook-delete-policy: before-hook-creation,hook-succeeded
  {{- end }}
spec:
  backoffLimit: 6
  activeDeadlineSeconds: 900
  {{- if not $hook }}
  ttlSecondsAfterFinished: 86400
  {{- end }}
  template:
    metadata:
      labels: {{- include "otklik.podLabels" $labels | nindent 8 }}
    spec:
      restartPolicy: Never
      serviceAccountName: {{ include "otklik.fullname" $root }}-jobs
      {{- $pod | nindent 6 }}
      containers:
        - name: {{ .name }}
          {{- include "otklik.containerCommon" (dict "root" $root) | nindent 10 }}
          command: [{{ $values.image.python | quote }}, "-m", {{ .module | quote }}]
          args: {{- toJson .arguments | nindent 12 }}
          env: {{- toYaml .given.env | nindent 12 }}
          resources: {{- include "otklik.resources" (dict "requests" (dict "cpu" "100m" "memory" "256Mi")) | nindent 12 }}
          volumeMounts:
            - {name: tmp, mountPath: /tmp}
            {{- with get .given "mounts" }}{{- toYaml . | nindent 12 }}{{- end }}
      volumes:
        - name: tmp
          emptyDir: {sizeLimit: 64Mi}
        {{- with get .given "volumes" }}{{- toYaml . | nindent 8 }}{{- end }}
{{- end -}}

{{/* Which Jobs run: those of services whose store a Job brings up to date, and that of the topics. */}}
{{- define "otklik.jobs" -}}
{{- $jobs := list -}}
{{- if and .Values.database.existingSecret (ne .Values.database.migrate "start") -}}
{{- range $service := keys .Values.database.keys | sortAlpha -}}{{- $jobs = append $jobs (printf "migrate-%s" $service) -}}{{- end -}}
{{- end -}}
{{- if eq .Values.kafka.topics.create "job" -}}{{- $jobs = append $jobs "topics" -}}{{- end -}}
{{- $jobs | toJson -}}
{{- end -}}
