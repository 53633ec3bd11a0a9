{{/*
What may come in and go out: in is a list of from and port, out of to and ports; nobody where from or
to is empty. Takes root, component, in, out and extra (rules of the user's own).
*/}}
{{- define "otklik.networkPolicy" -}}
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata:
  name: {{ include "otklik.fullname" .root }}-{{ .component }}
  labels: {{- include "otklik.labels" . | nindent 4 }}
spec:
  podSelector:
    matchLabels: {{- include "otklik.selector" . | nindent 6 }}
  policyTypes: [Ingress, Egress]
  {{- $rules := list }}
  {{- range .in }}
  {{- if .from }}{{- $rules = append $rules (dict "from" .from "ports" (list (dict "port" .port "protocol" "TCP"))) }}{{- end }}
  {{- end }}
  {{- with $rules }}
  ingress: {{- toYaml . | nindent 4 }}
  {{- end }}
  {{- $rules = list }}
  {{- range .out }}
  {{- $ports := list }}
  {{- range .ports }}{{- $ports = append $ports (dict "port" (int .) "protocol" "TCP") }}{{- end }}
  {{- if .to }}{{- $rules = append $rules (dict "to" .to "ports" $ports) }}{{- end }}
  {{- end }}
  {{- with concat $rules .extra }}
  egress: {{- toYaml . | nindent 4 }}
  {{- end }}
{{- end -}}
