import type { KubeObject } from '@flotilla/model'

/** What one application is in the repository: a chart of four objects, whose version is a value. */
export const chartFiles = (name: string, image: string): Readonly<Record<string, string>> => ({
  'Chart.yaml': `apiVersion: v2\nname: ${name}\nversion: 1.0.0\n`,
  'templates/service-account.yaml': serviceAccount,
  'templates/config-map.yaml': configMap,
  'templates/service.yaml': service,
  'templates/deployment.yaml': deployment.replace('IMAGE', image),
})

export const valuesFile = (version: string): string =>
  ['version: "VERSION"', 'replicas: 0', 'port: 8080', 'settings:', '  log: info', '  cache: "64"', '  region: west', '']
    .join('\n')
    .replace('VERSION', version)

export const objectsPerApp = 4

/** The kinds of an application, as they are read back from the cluster. */
export const appKinds = [
  { group: '', kind: 'ServiceAccount' },
  { group: '', kind: 'ConfigMap' },
  { group: '', kind: 'Service' },
  { group: 'apps', kind: 'Deployment' },
] as const

/** What has to be in the cluster of an application, as `describeObject` tells it. */
export const expectedObjects = (name: string, version: string, image: string): readonly unknown[] => [
  ['ServiceAccount', name],
  ['ConfigMap', name, { cache: '64', log: 'info', region: 'west', version }],
  ['Service', name, { app: name }, 80, 8080],
  ['Deployment', name, 0, { 'bench/version': version }, image, [{ name: 'VERSION', value: version }]],
]

interface Shown {
  readonly data?: unknown
  readonly spec?: {
    readonly selector?: unknown
    readonly replicas?: number
    readonly ports?: readonly { readonly port: number; readonly targetPort: number }[]
    readonly template?: {
      readonly metadata?: { readonly annotations?: unknown }
      readonly spec?: { readonly containers?: readonly { readonly image?: string; readonly env?: unknown }[] }
    }
  }
}

/** The part of an object that the chart decides: equal for whoever delivered it. */
export function describeObject(kind: string, object: KubeObject): unknown {
  const { data, spec } = object as KubeObject & Shown
  const { name } = object.metadata
  const container = spec?.template?.spec?.containers?.[0]
  if (kind === 'ConfigMap') return [kind, name, data]
  if (kind === 'Service') return [kind, name, spec?.selector, spec?.ports?.[0]?.port, spec?.ports?.[0]?.targetPort]
  if (kind !== 'Deployment') return [kind, name]
  return [kind, name, spec?.replicas, spec?.template?.metadata?.annotations, container?.image, container?.env]
}

const metadata = `metadata:
  name: {{ .Release.Name }}
  labels:
    app: {{ .Release.Name }}
`
const serviceAccount = `apiVersion: v1
kind: ServiceAccount
${metadata}`
const configMap = `apiVersion: v1
kind: ConfigMap
${metadata}data:
  version: {{ .Values.version | quote }}
  {{- range $key, $value := .Values.settings }}
  {{ $key }}: {{ $value | quote }}
  {{- end }}
`
const service = `apiVersion: v1
kind: Service
${metadata}spec:
  selector:
    app: {{ .Release.Name }}
  ports:
    - name: http
      port: 80
      targetPort: {{ .Values.port }}
`
const deployment = `apiVersion: apps/v1
kind: Deployment
${metadata}spec:
  replicas: {{ .Values.replicas }}
  selector:
    matchLabels:
      app: {{ .Release.Name }}
  template:
    metadata:
      labels:
        app: {{ .Release.Name }}
      annotations:
        bench/version: {{ .Values.version | quote }}
    spec:
      serviceAccountName: {{ .Release.Name }}
      containers:
        - name: main
          image: IMAGE
          ports:
            - name: http
              containerPort: {{ .Values.port }}
          env:
            - name: VERSION
              value: {{ .Values.version | quote }}
`
