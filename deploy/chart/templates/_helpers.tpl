{{/* The name of everything: the release's, with the chart's where it is not in it. */}}
{{- define "turnout.fullname" -}}
{{- if .Values.fullnameOverride -}}
{{- .Values.fullnameOverride | trunc 50 | trimSuffix "-" -}}
{{- else if contains .Chart.Name .Release.Name -}}
{{- .Release.Name | trunc 50 | trimSuffix "-" -}}
{{- else -}}
{{- printf "%s-%s" .Release.Name .Chart.Name | trunc 50 | trimSuffix "-" -}}
{{- end -}}
{{- end -}}

{{/* What selects our pods. Never changed: a Deployment's selector cannot be. */}}
{{- define "turnout.selector" -}}
app.kubernetes.io/name: turnout
app.kubernetes.io/component: gateway
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end -}}

{{- define "turnout.labels" -}}
{{ include "turnout.selector" . }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
helm.sh/chart: {{ printf "%s-%s" .Chart.Name .Chart.Version }}
{{- end -}}

{{- define "turnout.rulesName" -}}
{{- .Values.rules.existingConfigMap | default (printf "%s-rules" (include "turnout.fullname" .)) -}}
{{- end -}}

{{- define "turnout.stateName" -}}
{{- printf "%s-state" (include "turnout.fullname" .) -}}
{{- end -}}

{{- define "turnout.tokenSecret" -}}
{{- .Values.rollouts.existingTokenSecret | default (printf "%s-admin" (include "turnout.fullname" .)) -}}
{{- end -}}

{{/* The name of a variable out of that of a setting. */}}
{{- define "turnout.variable" -}}
{{- printf "TURNOUT_%s" (. | upper | replace "-" "_") -}}
{{- end -}}
