{{- define "flotilla.labels" -}}
app.kubernetes.io/name: flotilla
app.kubernetes.io/instance: {{ .Release.Name }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
{{- end }}

{{- define "flotilla.selector" -}}
app.kubernetes.io/name: flotilla
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end }}

{{- /* The Secret that the server presents, when it has not one of its own. */}}
{{- define "flotilla.tlsSecret" -}}
{{- if .Values.tls.secretName }}{{ .Values.tls.secretName }}
{{- else if .Values.tls.certManager.issuer }}flotilla-tls
{{- end }}
{{- end }}

{{- define "flotilla.proxiedHost" -}}
{{ .Values.ingress.host | default .Values.gateway.host }}
{{- end }}

{{- define "flotilla.publicUrl" -}}
{{- if .Values.publicUrl }}{{ .Values.publicUrl }}
{{- else if include "flotilla.proxiedHost" . }}https://{{ include "flotilla.proxiedHost" . }}
{{- end }}
{{- end }}

{{- define "flotilla.publicCa" -}}
{{- if .Values.publicCa }}{{ .Values.publicCa }}
{{- else if include "flotilla.proxiedHost" . }}system
{{- end }}
{{- end }}

{{- /* Values that an older chart did not have are absent after `helm upgrade --reuse-values`: each has its default here. */}}
{{- define "flotilla.databaseSecret" -}}
{{ dig "urlSecret" "" (.Values.database | default dict) }}
{{- end }}

{{- define "flotilla.replicas" -}}
{{ .Values.replicas | default 1 }}
{{- end }}

{{- /* How the volume of the data is got; with a PostgreSQL there is nothing to keep. */}}
{{- define "flotilla.persistence" -}}
{{- if include "flotilla.databaseSecret" . }}none
{{- else }}{{ .Values.persistence.kind }}
{{- end }}
{{- end }}

{{- /* Options that `flotilla serve` needs to find its database. */}}
{{- define "flotilla.databaseOptions" -}}
{{- if include "flotilla.databaseSecret" . }}--database-url-file /run/flotilla/database/url
{{- else }}--data /var/lib/flotilla/data
{{- end }}
{{- end }}

{{- /* What would not work is refused before anything is written. */}}
{{- define "flotilla.check" -}}
{{- if ne .Release.Namespace "flotilla-system" }}
{{- fail "install it in the namespace flotilla-system: helm install flotilla ... -n flotilla-system --create-namespace" }}
{{- end }}
{{- if and (include "flotilla.tlsSecret" .) (include "flotilla.proxiedHost" .) }}
{{- fail "an ingress or a gateway ends TLS before the server: leave tls.secretName and tls.certManager.issuer empty with it" }}
{{- end }}
{{- if and .Values.tls.certManager.issuer (not .Values.publicUrl) }}
{{- fail "publicUrl is missing: a certificate of cert-manager's is made for its host" }}
{{- end }}
{{- if and .Values.gateway.host (not .Values.gateway.parentRefs) }}
{{- fail "gateway.parentRefs is missing: which Gateway takes the route" }}
{{- end }}
{{- if and (eq .Values.publicCa "secret") (not .Values.publicCaSecret) }}
{{- fail "publicCaSecret is missing: the Secret that has the authority in ca.crt" }}
{{- end }}
{{- if and (gt (int (include "flotilla.replicas" .)) 1) (not (include "flotilla.databaseSecret" .)) }}
{{- fail "database.urlSecret is missing: more than one replica share a PostgreSQL" }}
{{- end }}
{{- if and (eq .Values.persistence.kind "existing") (not .Values.persistence.existingClaim) }}
{{- fail "persistence.existingClaim is missing: the name of the PersistentVolumeClaim" }}
{{- end }}
{{- if and (eq .Values.persistence.kind "hostPath") (not .Values.persistence.hostPath) }}
{{- fail "persistence.hostPath is missing: the folder on the node" }}
{{- end }}
{{- end }}
