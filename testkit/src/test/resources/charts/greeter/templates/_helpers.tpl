{{- define "greeter.labels" -}}
app.kubernetes.io/name: {{ .Chart.Name }}
app.kubernetes.io/instance: {{ .Release.Name }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
helm.sh/chart: {{ printf "%s-%s" .Chart.Name .Chart.Version }}
{{- end }}

{{- /* A Job that says when it ran: (list hook weight context) */ -}}
{{- define "greeter.hook" -}}
{{- $hook := index . 0 }}{{ $weight := index . 1 }}{{ $context := index . 2 -}}
apiVersion: batch/v1
kind: Job
metadata:
  name: {{ $context.Release.Name }}-{{ $hook }}-{{ $weight }}
  labels: {hook: {{ $hook }}}
  annotations:
    helm.sh/hook: {{ $hook }}
    helm.sh/hook-weight: {{ $weight | quote }}
    helm.sh/hook-delete-policy: before-hook-creation
spec:
  backoffLimit: 0
  template:
    spec:
      restartPolicy: Never
      containers:
        - name: hook
          image: busybox
          command: [sh, -c, {{ printf "echo %s of revision %d" $hook $context.Release.Revision | quote }}]
{{- end }}
