{{- define "vod2live.name" -}}
{{- if contains .Chart.Name .Release.Name }}{{ .Release.Name | trunc 63 | trimSuffix "-" }}
{{- else }}{{ printf "%s-%s" .Release.Name .Chart.Name | trunc 63 | trimSuffix "-" }}
{{- end }}
{{- end }}

{{- define "vod2live.selector" -}}
app.kubernetes.io/name: vod2live
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end }}

{{- define "vod2live.labels" -}}
{{ include "vod2live.selector" . }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
helm.sh/chart: {{ .Chart.Name }}-{{ .Chart.Version }}
{{- end }}

{{- define "vod2live.serviceAccount" -}}
{{- if .Values.serviceAccount.create }}{{ .Values.serviceAccount.name | default (include "vod2live.name" .) }}
{{- else }}{{ .Values.serviceAccount.name | default "default" }}
{{- end }}
{{- end }}

{{- define "vod2live.secret" -}}
{{- if .Values.existingSecret }}{{ .Values.existingSecret }}
{{- else if .Values.secrets }}{{ include "vod2live.name" . }}
{{- end }}
{{- end }}

{{- /* A value as it was written: numbers of values are floats, and a million of them would be 1e+06. */ -}}
{{- define "vod2live.text" -}}
{{- if and (kindIs "float64" .) (eq . (floor .)) }}{{ int64 . }}{{ else }}{{ . }}{{ end }}
{{- end }}

{{- /* Until the pod is killed: it drains after preStop, and both must have ended before. */ -}}
{{- define "vod2live.grace" -}}
{{- add (int64 .Values.preStopSeconds) (trimSuffix "s" .Values.drain | int) 10 }}
{{- end }}
