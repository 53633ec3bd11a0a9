{{/* What is wrong with the values, a line each: what was expected, what came, where. */}}
{{- define "otklik.refusals" -}}
{{- include "otklik.refusals.kafka" . -}}
{{- include "otklik.refusals.partitions" . -}}
{{- include "otklik.refusals.stores" . -}}
{{- include "otklik.refusals.replicas" . -}}
{{- include "otklik.refusals.files" . -}}
{{- end -}}

{{- define "otklik.refusals.kafka" -}}
{{- $kafka := .Values.kafka -}}
{{- $security := $kafka.security -}}
{{- if not $kafka.bootstrapServers }}
kafka.bootstrapServers: expected host:port of your brokers, got nothing
{{- end }}
{{- $mtls := and (eq $security.protocol "SSL") $security.certificateKey }}
{{- if and (ne $security.protocol "SSL") (or $security.certificateKey $security.privateKeyKey) }}
kafka.security.certificateKey, privateKeyKey: expected them with protocol SSL (mTLS), got {{ $security.protocol }}
{{- end }}
{{- if ne (empty $security.certificateKey) (empty $security.privateKeyKey) }}
kafka.security: expected certificateKey and privateKeyKey together, got one
{{- end }}
{{- if or (hasPrefix "SASL" $security.protocol) $mtls }}
{{- $needed := list }}
{{- range $name, $one := include "otklik.workloads" . | fromJson }}
{{- if and (get $one "kafka") (not (include "otklik.kafkaSecret" (dict "root" $ "names" (list $name $one.service)))) }}{{- $needed = append $needed $one.service }}{{- end }}
{{- end }}
{{- if and $.Values.autoscaling.keda.enabled (not (include "otklik.kafkaSecret" (dict "root" . "names" (list "scaler")))) }}{{- $needed = append $needed "scaler" }}{{- end }}
{{- if and (eq $kafka.topics.create "job") (not (include "otklik.kafkaSecret" (dict "root" . "names" (list "topics")))) }}{{- $needed = append $needed "topics" }}{{- end }}
{{- range $needed | uniq }}
kafka.existingSecretPerWorkload.{{ . }}: expected the name of a Secret for protocol {{ $security.protocol }}, got nothing
{{- end }}
{{- end }}
{{- if and (eq $kafka.topics.create "job") $kafka.strimzi.cluster }}
kafka.topics.create: expected one way to create topics, got job beside kafka.strimzi.cluster {{ $kafka.strimzi.cluster }}; with a Strimzi cluster use strimzi, or none
{{- end }}
{{- if and (eq $kafka.topics.create "strimzi") (not $kafka.strimzi.cluster) }}
kafka.strimzi.cluster: expected the name of your Kafka resource for kafka.topics.create strimzi, got nothing
{{- end }}
{{- if and $kafka.strimzi.cluster $kafka.strimzi.users (hasPrefix "SASL" $security.protocol) (ne $security.mechanism "SCRAM-SHA-512") }}
kafka.security.mechanism: expected SCRAM-SHA-512, all that Strimzi's KafkaUsers know, got {{ $security.mechanism }}
{{- end }}
{{- end -}}

{{- define "otklik.refusals.partitions" -}}
{{- $live := lookup "v1" "ConfigMap" .Release.Namespace (printf "%s-installation" (include "otklik.fullname" .)) -}}
{{- if $live }}
{{- range $path, $now := dict "topicPrefix" .Values.topicPrefix "kafka.partitions" (.Values.kafka.partitions | int | toString) }}
{{- $was := get $live.data (trimPrefix "kafka." $path) }}
{{- if ne $was $now }}
{{ $path }}: expected {{ $was }}, fixed when this installation was made, got {{ $now }}; install a second one for that, with its own topicPrefix and database
{{- end }}
{{- end }}
{{- end }}
{{- end -}}

{{- define "otklik.refusals.stores" -}}
{{- $workloads := include "otklik.workloads" . | fromJson -}}
{{- $database := .Values.database -}}
{{- if and (not $database.existingSecret) (not $database.allowSqlite) }}
database.existingSecret: expected the name of a Secret with the URLs of PostgreSQL, got nothing (database.allowSqlite: true tries it out without)
{{- end }}
{{- if and $database.existingSecret $database.allowSqlite }}
database.allowSqlite: expected false beside database.existingSecret, got true
{{- end }}
{{- if and (not $database.existingSecret) $database.allowSqlite }}
{{- $byService := dict }}
{{- range $name, $one := $workloads }}
{{- if get $one "database" }}
{{- $_ := set $byService $one.service (append (get $byService $one.service | default list) $name) }}
{{- if gt (int $one.least) 1 }}
workloads.{{ $name }}.replicas: expected 1 on SQLite, got {{ $one.least }}; use PostgreSQL (database.existingSecret) for more
{{- end }}
{{- if get $one "scaled" }}
autoscaling: expected none on SQLite, got one for {{ $name }}
{{- end }}
{{- end }}
{{- end }}
{{- range $service, $names := $byService }}
{{- if gt (len $names) 1 }}
workloads: expected one workload of {{ $service }} on SQLite, got {{ join ", " $names }}; leave one of them with `role: all` and set `enabled: false` for the others
{{- end }}
{{- end }}
{{- end }}
{{- end -}}

{{- define "otklik.refusals.replicas" -}}
{{- $scaling := .Values.autoscaling -}}
{{- $partitions := int .Values.kafka.partitions -}}
{{- if and $scaling.hpa.enabled $scaling.keda.enabled }}
autoscaling: expected hpa or keda, got both; two scalers of one Deployment undo each other
{{- end }}
{{- range $name, $one := include "otklik.workloads" . | fromJson }}
{{- $replicas := int $one.replicas }}
{{- if and (get $one "singleton") (ne $replicas 1) }}
workloads.{{ $name }}.replicas: expected 1, it runs once, got {{ $replicas }} (`enabled: false` switches it off)
{{- end }}
{{- if and (get $one "consumer") (gt $replicas $partitions) }}
workloads.{{ $name }}.replicas: expected at most kafka.partitions ({{ $partitions }}), got {{ $replicas }}; what is more would stand idle
{{- end }}
{{- if and (get $one "spool") $.Values.spool.existingClaim (or (gt $replicas 1) $one.scaled) }}
spool.existingClaim: expected one replica of {{ $name }} and no autoscaling, got more; a spool belongs to one process
{{- end }}
{{- end }}
{{- with $scaling.keda }}
{{- if and .enabled (gt (int .maxReplicas) $partitions) }}
autoscaling.keda.maxReplicas: expected at most kafka.partitions ({{ $partitions }}), got {{ int .maxReplicas }}
{{- end }}
{{- if and .enabled (gt (int .fallbackReplicas) (int .maxReplicas)) }}
autoscaling.keda.fallbackReplicas: expected at most maxReplicas ({{ int .maxReplicas }}), got {{ int .fallbackReplicas }}
{{- end }}
{{- end }}
{{- range $kind := list "hpa" "keda" }}
{{- $one := index $scaling $kind }}
{{- if and $one.enabled (gt (int $one.minReplicas) (int $one.maxReplicas)) }}
autoscaling.{{ $kind }}.minReplicas: expected at most maxReplicas ({{ int $one.maxReplicas }}), got {{ int $one.minReplicas }}
{{- end }}
{{- end }}
{{- end -}}

{{- define "otklik.refusals.files" -}}
{{- if eq .Values.image.tag "latest" }}
image.tag: expected a version, got latest; better, image.digest
{{- end }}
{{- range $label, $_ := .Values.podLabels }}
{{- if hasPrefix "app.kubernetes.io/" $label }}
podLabels: expected labels of your own, got {{ $label }}, by which pods are selected
{{- end }}
{{- end }}
{{- range $what := list "policy" "brands" }}
{{- $file := index $.Values $what }}
{{- if and $file.inline $file.existingConfigMap }}
{{ $what }}: expected inline or existingConfigMap, got both
{{- end }}
{{- end }}
{{- if not (or .Values.brands.inline .Values.brands.existingConfigMap) }}
brands: expected inline or existingConfigMap, got neither; ingest starts with no account otherwise
{{- end }}
{{- range $name, $door := .Values.ingress }}
{{- if and $door.enabled (not $door.host) }}
ingress.{{ $name }}.host: expected the public host name, got nothing
{{- end }}
{{- end }}
{{- end -}}
