/** A chart with a hook that migrates, which leaves a line for each of its runs in a folder of the node, and one that comes last. */
export const migratingChart = (folder: string): Record<string, string> => ({
  'values.yaml': 'value: "1"\nfile: runs\nscript: "true"\nlast: ""\n',
  'templates/config.yaml':
    'apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: "{{ .Release.Name }}-config"\ndata:\n  value: {{ .Values.value | quote }}\n',
  'templates/migrate.yaml': hook('migrate', 'pre-install,pre-upgrade', '{{ .Values.script }}', folder),
  'templates/last.yaml': `{{ if .Values.last }}\n${hook('last', 'post-upgrade', '{{ .Values.last }}', folder)}{{ end }}\n`,
})

/** It asks for its Job to be gone as soon as it has finished. */
const hook = (name: string, events: string, script: string, folder: string): string => `apiVersion: batch/v1
kind: Job
metadata:
  name: "{{ .Release.Name }}-${name}"
  annotations:
    helm.sh/hook: "${events}"
    flotilla.dev/migration: "${name === 'migrate'}"
spec:
  backoffLimit: 0
  ttlSecondsAfterFinished: 0
  template:
    spec:
      restartPolicy: Never
      terminationGracePeriodSeconds: 0
      volumes: [{ name: record, hostPath: { path: ${folder}, type: DirectoryOrCreate } }]
      containers:
        - name: main
          image: busybox:1.35
          command: [sh, -c, 'echo $NAMESPACE >> /record/{{ .Values.file }}${name === 'migrate' ? '' : `-${name}`}; echo ${name}; ${script}']
          env: [{ name: NAMESPACE, valueFrom: { fieldRef: { fieldPath: metadata.namespace } } }]
          volumeMounts: [{ name: record, mountPath: /record }]
          resources: { requests: { cpu: 1m } }
`
