{{/* Begin of all names; short enough for the longest name of a Job behind it. */}}
{{- define "otklik.fullname" -}}
{{- $name := .Values.fullnameOverride | default (ternary .Release.Name (printf "%s-%s" .Release.Name .Chart.Name) (contains .Chart.Name .Release.Name)) -}}
{{- $name | trunc 32 | trimSuffix "-" -}}
{{- end -}}

{{/* The image: by its digest, else by its tag. */}}
{{- define "otklik.image" -}}
{{- with .Values.imageRegistry }}{{ trimSuffix "/" . }}/{{ end -}}
{{- .Values.image.repository -}}
{{- if .Values.image.digest }}@{{ .Values.image.digest }}{{ else }}:{{ .Values.image.tag | default .Chart.AppVersion }}{{ end -}}
{{- end -}}

{{/* What never changes: a selector. Takes root and component. */}}
{{- define "otklik.selector" -}}
app.kubernetes.io/name: {{ .root.Chart.Name }}
app.kubernetes.io/instance: {{ .root.Release.Name }}
{{- with .component }}
app.kubernetes.io/component: {{ . }}
{{- end }}
{{- end -}}

{{/* All labels; takes root and component. */}}
{{- define "otklik.labels" -}}
{{ include "otklik.selector" . }}
app.kubernetes.io/version: {{ .root.Chart.AppVersion | quote }}
app.kubernetes.io/part-of: otklik
app.kubernetes.io/managed-by: {{ .root.Release.Service }}
helm.sh/chart: {{ printf "%s-%s" .root.Chart.Name .root.Chart.Version | replace "+" "_" }}
{{- end -}}

{{/* Labels of pods: none that a mere chart version would change. Takes root and component. */}}
{{- define "otklik.podLabels" -}}
{{- with .root.Values.podLabels }}{{ toYaml . }}
{{ end -}}
{{ include "otklik.selector" . }}
app.kubernetes.io/version: {{ .root.Chart.AppVersion | quote }}
app.kubernetes.io/part-of: otklik
{{- end -}}

{{/* Where a Kafka is: the namespace of its resource. */}}
{{- define "otklik.kafkaNamespace" -}}
{{- .Values.kafka.strimzi.namespace | default .Release.Namespace -}}
{{- end -}}

{{/*
The workloads that run, as a map by name: the table's row, with what the values say of it. `role: all`
takes over what the others of its service can do.
*/}}
{{- define "otklik.workloads" -}}
{{- $table := .Files.Get "files/workloads.yaml" | fromYaml -}}
{{- $found := dict -}}
{{- range $name, $row := $table -}}
{{- $said := index $.Values.workloads $name -}}
{{- if ne (get $said "enabled" | toString) "false" -}}
{{- $one := deepCopy $row -}}
{{- if eq (get $said "role") "all" -}}
{{- range $other := $table -}}
{{- if eq $other.service $row.service -}}{{- $one = merge $one (deepCopy $other) -}}{{- end -}}
{{- end -}}
{{- $_ := set $one "role" "all" -}}
{{- end -}}
{{- $_ := set $one "said" $said -}}
{{- $_ := set $one "replicas" (ternary (get $said "replicas") 1 (hasKey $said "replicas") | int) -}}
{{- $_ := set $one "sqlite" (and (get $one "database") (not $.Values.database.existingSecret)) -}}
{{- $scaled := or (and (eq (get $one "scaler") "cpu") (or $.Values.autoscaling.hpa.enabled $.Values.autoscaling.keda.enabled)) (and (eq (get $one "scaler") "lag") $.Values.autoscaling.keda.enabled) -}}
{{- $_ := set $one "scaled" $scaled -}}
{{- $least := ternary $.Values.autoscaling.keda.minReplicas $.Values.autoscaling.hpa.minReplicas $.Values.autoscaling.keda.enabled -}}
{{- $_ := set $one "least" (ternary $least $one.replicas $scaled | int) -}}
{{- $_ := set $found $name $one -}}
{{- end -}}
{{- end -}}
{{- $found | toJson -}}
{{- end -}}

{{/* The Secret of a Kafka user: the first of the names that has one. Takes root and names. */}}
{{- define "otklik.kafkaSecret" -}}
{{- $found := "" -}}
{{- range .names -}}
{{- if not $found -}}{{- $found = get $.root.Values.kafka.existingSecretPerWorkload . | default "" -}}{{- end -}}
{{- end -}}
{{- $found -}}
{{- end -}}

{{/* The ports of the brokers. */}}
{{- define "otklik.kafkaPorts" -}}
{{- $ports := list -}}
{{- range .Values.networkPolicy.kafkaPorts -}}{{- $ports = append $ports (int .) -}}{{- end -}}
{{- if not $ports -}}
{{- range splitList "," .Values.kafka.bootstrapServers -}}{{- $ports = append $ports (regexFind "[0-9]+$" (trim .) | int) -}}{{- end -}}
{{- end -}}
{{- $ports | uniq | toJson -}}
{{- end -}}
