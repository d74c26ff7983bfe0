{{- /* What would be rendered without a word, and not work. */ -}}
{{- define "vod2live.refuse" -}}
{{- if not .Values.config.origins }}
  {{- fail "config.origins: at least one is needed, such as --set config.origins.vod.url=https://cdn.example.com/vod" }}
{{- end }}
{{- if and .Values.ingress.enabled (not .Values.ingress.hosts) }}
  {{- fail "ingress.hosts: at least one is needed" }}
{{- end }}
{{- if and .Values.ingress.enabled .Values.tls.secretName }}
  {{- $told := print (keys (.Values.ingress.annotations | default dict)) (keys (.Values.service.annotations | default dict)) }}
  {{- if not (regexMatch "(?i)protocol|scheme|server-ssl" $told) }}
    {{- fail "tls.secretName with ingress.enabled: the ingress would speak plain HTTP to pods that want TLS; leave tls.secretName out (ingress.tls is for viewers), or tell it by ingress.annotations or service.annotations, such as nginx.ingress.kubernetes.io/backend-protocol: HTTPS" }}
  {{- end }}
{{- end }}
{{- if and .Values.serviceMonitor.enabled .Values.networkPolicy.enabled (not .Values.networkPolicy.operatorFrom) }}
  {{- fail "networkPolicy.operatorFrom: with serviceMonitor.enabled Prometheus must be among these, or it can't scrape" }}
{{- end }}
{{- $cache := include "vod2live.bytes" (get .Values.settings "segment-cache" | default .Values.config.segment_cache) }}
{{- $memory := include "vod2live.bytes" .Values.memory }}
{{- if gt (float64 $cache) (mulf $memory 0.75) }}
  {{- fail (printf "memory: %s is less than a third more than the segment cache, of which it is a part; see values.yaml" .Values.memory) }}
{{- end }}
{{- end }}

{{- /* A size such as 512MiB; what is none, the program refuses. */ -}}
{{- define "vod2live.bytes" -}}
{{- $units := dict "" 1 "B" 1 "KiB" 1024 "MiB" 1048576 "GiB" 1073741824 "TiB" 1099511627776 "KB" 1000 "MB" 1000000 "GB" 1000000000 "TB" 1000000000000 }}
{{- $size := ternary (printf "%.0f" (float64 .)) (toString .) (kindIs "float64" .) }}
{{- mul (regexFind "^[0-9]+" $size | default 0 | int64) (get $units (regexFind "[A-Za-z]*$" $size) | default 0) }}
{{- end }}
