{{/* What all pods have in common; takes root and said (a workload's own values, or none). */}}
{{- define "otklik.podCommon" -}}
{{- $values := .root.Values -}}
automountServiceAccountToken: false
enableServiceLinks: false
securityContext:
  runAsNonRoot: true
  {{- if not (kindIs "invalid" $values.runAsUser) }}
  runAsUser: {{ int $values.runAsUser }}
  runAsGroup: {{ int $values.runAsUser }}
  {{- end }}
  {{- if not (kindIs "invalid" $values.fsGroup) }}
  fsGroup: {{ int $values.fsGroup }}
  fsGroupChangePolicy: OnRootMismatch
  {{- end }}
  seccompProfile: {type: RuntimeDefault}
{{- with $values.imagePullSecrets }}
imagePullSecrets: {{- toYaml . | nindent 2 }}
{{- end }}
{{- with get .said "priorityClassName" | default $values.priorityClassName }}
priorityClassName: {{ . }}
{{- end }}
{{- range $key := list "nodeSelector" "tolerations" "affinity" }}
{{- with get $.said $key | default (get $values $key) }}
{{ $key }}: {{- toYaml . | nindent 2 }}
{{- end }}
{{- end }}
{{- end -}}

{{/* What all containers have in common; takes root. */}}
{{- define "otklik.containerCommon" -}}
image: {{ include "otklik.image" .root | quote }}
imagePullPolicy: {{ .root.Values.image.pullPolicy }}
securityContext:
  allowPrivilegeEscalation: false
  readOnlyRootFilesystem: true
  runAsNonRoot: true
  capabilities: {drop: [ALL]}
  seccompProfile: {type: RuntimeDefault}
{{- end -}}

{{/* Requests, and the memory as limit: a process that grows is ended, not its neighbours. */}}
{{- define "otklik.resources" -}}
requests: {{- toYaml .requests | nindent 2 }}
limits:
  memory: {{ .requests.memory }}
{{- end -}}

{{/*
How a pod comes to the brokers: env, mounts and volumes as one map. Takes root, names (whose Secret)
and principal.
*/}}
{{- define "otklik.kafka" -}}
{{- $kafka := .root.Values.kafka -}}
{{- $security := $kafka.security -}}
{{- $secret := include "otklik.kafkaSecret" . -}}
{{- $sasl := hasPrefix "SASL" $security.protocol -}}
{{- $mtls := and (eq $security.protocol "SSL") $security.certificateKey -}}
env:
  - {name: KAFKA_BOOTSTRAP_SERVERS, value: {{ $kafka.bootstrapServers | quote }}}
  - {name: KAFKA_SECURITY_PROTOCOL, value: {{ $security.protocol }}}
  {{- if $sasl }}
  - {name: KAFKA_SASL_MECHANISM, value: {{ $security.mechanism }}}
  {{- if $security.usernameKey }}
  - {name: KAFKA_USERNAME_FILE, value: /secrets/kafka/{{ $security.usernameKey }}}
  {{- else }}
  - {name: KAFKA_USERNAME, value: {{ printf "%s-%s" .root.Values.topicPrefix .principal }}}
  {{- end }}
  - {name: KAFKA_PASSWORD_FILE, value: /secrets/kafka/{{ $security.passwordKey }}}
  {{- end }}
  {{- if $security.caSecret.name }}
  - {name: KAFKA_CA_FILE, value: /secrets/kafka-ca/{{ $security.caSecret.key }}}
  {{- end }}
  {{- if $mtls }}
  - {name: KAFKA_CERTIFICATE_FILE, value: /secrets/kafka/{{ $security.certificateKey }}}
  - {name: KAFKA_KEY_FILE, value: /secrets/kafka/{{ $security.privateKeyKey }}}
  {{- end }}
mounts:
  {{- if or $sasl $mtls }}
  - {name: kafka, mountPath: /secrets/kafka, readOnly: true}
  {{- end }}
  {{- if $security.caSecret.name }}
  - {name: kafka-ca, mountPath: /secrets/kafka-ca, readOnly: true}
  {{- end }}
volumes:
  {{- if or $sasl $mtls }}
  - name: kafka
    secret: {secretName: {{ $secret }}, defaultMode: 0440}
  {{- end }}
  {{- if $security.caSecret.name }}
  - name: kafka-ca
    secret: {secretName: {{ $security.caSecret.name }}, defaultMode: 0440}
  {{- end }}
{{- end -}}

{{/* A service's store; takes root, service and sqlite. */}}
{{- define "otklik.database" -}}
{{- $database := .root.Values.database -}}
{{- if .sqlite }}
env:
  - {name: DATABASE_URL, value: sqlite:////data/{{ .service }}.db}
  - {name: MIGRATE, value: start}
mounts:
  - {name: data, mountPath: /data}
volumes:
  - name: data
    emptyDir: {}
{{- else }}
{{- $key := index $database.keys .service }}
env:
  - {name: DATABASE_URL_FILE, value: /secrets/database/{{ $key }}}
  - {name: MIGRATE, value: {{ ternary "start" "job" (eq $database.migrate "start") }}}
mounts:
  - {name: database, mountPath: /secrets/database, readOnly: true}
volumes:
  - name: database
    secret:
      secretName: {{ $database.existingSecret }}
      defaultMode: 0440
      items: [{key: {{ $key }}, path: {{ $key }}}]
{{- end }}
{{- end -}}

{{/* A file that the business owns: setting, name, what (policy, brands). Takes root, name, setting. */}}
{{- define "otklik.file" -}}
{{- $what := index .root.Values .name -}}
{{- if or $what.inline $what.existingConfigMap }}
env:
  - {name: {{ .setting }}, value: /config/{{ .name }}/{{ $what.key }}}
mounts:
  - {name: {{ .name }}, mountPath: /config/{{ .name }}, readOnly: true}
volumes:
  - name: {{ .name }}
    configMap: {name: {{ $what.existingConfigMap | default (printf "%s-%s" (include "otklik.fullname" .root) .name) }}}
{{- end }}
{{- end -}}

{{/* Settings of a service that are secret, each a file. Takes root and service. */}}
{{- define "otklik.secrets" -}}
{{- $secret := get .root.Values.secrets .service -}}
{{- if and $secret (get $secret "existingSecret") }}
env:
  {{- range $secret.settings }}
  - {name: {{ . }}_FILE, value: /secrets/settings/{{ . }}}
  {{- end }}
mounts:
  - {name: settings, mountPath: /secrets/settings, readOnly: true}
volumes:
  - name: settings
    secret: {secretName: {{ $secret.existingSecret }}, defaultMode: 0440}
{{- end }}
{{- end -}}

{{/* The tokens that may call a workload's API: the file is hot. Takes root and tokens. */}}
{{- define "otklik.tokens" -}}
{{- $file := index .root.Values.auth .tokens.auth -}}
{{- if $file.existingSecret }}
env:
  - {name: {{ .tokens.setting }}, value: /secrets/tokens/{{ $file.key }}}
mounts:
  - {name: tokens, mountPath: /secrets/tokens, readOnly: true}
volumes:
  - name: tokens
    secret: {secretName: {{ $file.existingSecret }}, defaultMode: 0440}
{{- end }}
{{- end -}}

{{/* All that a workload is told and given, as one map of env, mounts and volumes. */}}
{{- define "otklik.given" -}}
{{- $root := .root -}}
{{- $one := .workload -}}
{{- $values := $root.Values -}}
{{- $parts := list -}}
{{- if get $one "kafka" -}}
{{- $parts = append $parts (include "otklik.kafka" (dict "root" $root "names" (list .name $one.service) "principal" $one.service)) -}}
{{- end -}}
{{- if get $one "database" -}}
{{- $parts = append $parts (include "otklik.database" (dict "root" $root "service" $one.service "sqlite" $one.sqlite)) -}}
{{- end -}}
{{- if get $one "policy" -}}
{{- $parts = append $parts (include "otklik.file" (dict "root" $root "name" "policy" "setting" "POLICY")) -}}
{{- end -}}
{{- if get $one "brands" -}}
{{- $parts = append $parts (include "otklik.file" (dict "root" $root "name" "brands" "setting" "BRANDS")) -}}
{{- end -}}
{{- $parts = append $parts (include "otklik.secrets" (dict "root" $root "service" $one.service)) -}}
{{- with get $one "tokens" -}}
{{- $parts = append $parts (include "otklik.tokens" (dict "root" $root "tokens" .)) -}}
{{- end -}}
{{- $env := list (dict "name" "HOST" "value" "0.0.0.0") (dict "name" "PORT" "value" "8080") (dict "name" "TOPIC_PREFIX" "value" $values.topicPrefix) (dict "name" "PARTITIONS" "value" ($values.kafka.partitions | int | toString)) -}}
{{- range $listener, $port := get $one "listeners" | default dict -}}
{{- $env = concat $env (list (dict "name" (printf "%s_HOST" (upper $listener)) "value" "0.0.0.0") (dict "name" (printf "%s_PORT" (upper $listener)) "value" ($port | int | toString))) -}}
{{- end -}}
{{- with get $one "public" -}}
{{- $door := index $values.ingress .ingress -}}
{{- if and $door.enabled $door.host -}}{{- $env = append $env (dict "name" "PUBLIC_URL" "value" (printf "https://%s" $door.host)) -}}{{- end -}}
{{- end -}}
{{- $mounts := list (dict "name" "tmp" "mountPath" "/tmp") -}}
{{- $volumes := list (dict "name" "tmp" "emptyDir" (dict "sizeLimit" "256Mi")) -}}
{{- if get $one "spool" -}}
{{- $env = append $env (dict "name" "SPOOL" "value" "/spool") -}}
{{- $mounts = append $mounts (dict "name" "spool" "mountPath" "/spool") -}}
{{- $claim := $values.spool.existingClaim -}}
{{- $volumes = append $volumes (ternary (dict "name" "spool" "persistentVolumeClaim" (dict "claimName" $claim)) (dict "name" "spool" "emptyDir" (dict "sizeLimit" $values.spool.sizeLimit)) (ne $claim "")) -}}
{{- end -}}
{{- if get $one "quarantine" -}}
{{- $env = append $env (dict "name" "QUARANTINE" "value" "/config/quarantine/quarantine.yaml") -}}
{{- $mounts = append $mounts (dict "name" "quarantine" "mountPath" "/config/quarantine" "readOnly" true) -}}
{{- $volumes = append $volumes (dict "name" "quarantine" "configMap" (dict "name" (printf "%s-quarantine" (include "otklik.fullname" $root)))) -}}
{{- end -}}
{{- if $values.tracing.endpoint -}}
{{- $env = concat $env (list (dict "name" "OTEL_EXPORTER_OTLP_ENDPOINT" "value" $values.tracing.endpoint) (dict "name" "OTEL_TRACES_SAMPLER_ARG" "value" ($values.tracing.ratio | toString))) -}}
{{- end -}}
{{- range $parts -}}
{{- $part := fromYaml . -}}
{{- $env = concat $env (get $part "env" | default list) -}}
{{- $mounts = concat $mounts (get $part "mounts" | default list) -}}
{{- $volumes = concat $volumes (get $part "volumes" | default list) -}}
{{- end -}}
{{- $env = concat $env $values.extraEnv (get $one.said "extraEnv" | default list) -}}
{{- $from := concat $values.extraEnvFrom (get $one.said "extraEnvFrom" | default list) -}}
{{- if and (get $one "brands") $values.brands.existingSecret -}}
{{- $from = append $from (dict "secretRef" (dict "name" $values.brands.existingSecret)) -}}
{{- end -}}
{{- dict "env" $env "envFrom" $from "mounts" $mounts "volumes" $volumes | toJson -}}
{{- end -}}
