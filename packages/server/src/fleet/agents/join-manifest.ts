import { type KubeObject, labels, systemNamespace } from '@flotilla/model'

/** What the objects in a cluster are called that an agent connects. */
export const agentName = 'flotilla-agent'

export interface JoinOptions {
  readonly cluster: string
  /** Where the agent dials: https://host[:port]. */
  readonly server: string
  readonly token: string
  readonly image: string
  /** Where the usual authorities do not vouch for the server: who does, and the name to ask for when it is not the host. */
  readonly tls?: { readonly ca: string; readonly serverName?: string | undefined } | undefined
}

const rbac = 'rbac.authorization.k8s.io'
const keyFolder = '/run/flotilla'
const healthPort = 8081
/** Kubernetes cannot judge names when it is to run nothing as root. */
const nobody = 65532

/** Everything that connects a cluster, in the order in which it is to be applied. */
export function computeJoinObjects(options: JoinOptions): KubeObject[] {
  const { cluster, token, tls } = options
  const ours = { [labels.managed]: 'agent', 'app.kubernetes.io/name': agentName }
  const metadata = { name: agentName, namespace: systemNamespace, labels: ours }
  const base64 = (text: string): string => Buffer.from(text).toString('base64')
  return [
    { apiVersion: 'v1', kind: 'Namespace', metadata: { name: systemNamespace } },
    { apiVersion: 'v1', kind: 'ServiceAccount', metadata },
    {
      // the platform gives projects their rights there, and acts as their groups
      apiVersion: `${rbac}/v1`,
      kind: 'ClusterRoleBinding',
      metadata: { name: agentName, labels: ours },
      roleRef: { apiGroup: rbac, kind: 'ClusterRole', name: 'cluster-admin' },
      subjects: [{ kind: 'ServiceAccount', name: agentName, namespace: systemNamespace }],
    },
    {
      apiVersion: 'v1',
      kind: 'Secret',
      metadata: { ...metadata, labels: { ...ours, [labels.cluster]: cluster } },
      type: 'Opaque',
      data: { token: base64(token), ...(tls === undefined ? {} : { 'ca.crt': base64(tls.ca) }) },
    },
    {
      apiVersion: 'apps/v1',
      kind: 'Deployment',
      metadata,
      spec: {
        replicas: 1,
        // never two at once: the newer one would fence the older one
        strategy: { type: 'Recreate' },
        selector: { matchLabels: { 'app.kubernetes.io/name': agentName } },
        template: { metadata: { labels: ours }, spec: podOf(options) },
      },
    },
  ]
}

/** The same for the chart `charts/flotilla-agent`. */
export function computeJoinValues({ cluster, server, token, image, tls }: JoinOptions): Record<string, string> {
  const { serverName } = tls ?? {}
  return {
    cluster,
    server,
    token,
    image,
    ...(tls === undefined ? {} : { ca: tls.ca }),
    ...(serverName === undefined ? {} : { serverName }),
  }
}

function podOf({ cluster, server, image, tls }: JoinOptions): Record<string, unknown> {
  const flags = [
    `--server=${server}`,
    `--cluster=${cluster}`,
    `--token-file=${keyFolder}/token`,
    `--token-secret=${systemNamespace}/${agentName}`,
    `--health-port=${healthPort}`,
    ...(tls === undefined ? [] : [`--ca-file=${keyFolder}/ca.crt`]),
    ...(tls?.serverName === undefined ? [] : [`--server-name=${tls.serverName}`]),
  ]
  const probe = (path: string, more: Record<string, number>) => ({ httpGet: { path, port: healthPort }, ...more })
  return {
    serviceAccountName: agentName,
    terminationGracePeriodSeconds: 10,
    securityContext: {
      runAsNonRoot: true,
      runAsUser: nobody,
      runAsGroup: nobody,
      fsGroup: nobody,
      seccompProfile: { type: 'RuntimeDefault' },
    },
    // it is what makes a cluster reachable that is not well
    tolerations: [{ operator: 'Exists', effect: 'NoSchedule' }],
    containers: [
      {
        name: 'agent',
        image,
        args: flags,
        ports: [{ name: 'health', containerPort: healthPort }],
        resources: { requests: { cpu: '10m', memory: '64Mi' }, limits: { memory: '192Mi' } },
        livenessProbe: probe('/healthz', { periodSeconds: 20, timeoutSeconds: 5 }),
        readinessProbe: probe('/readyz', { periodSeconds: 5, timeoutSeconds: 5 }),
        securityContext: {
          allowPrivilegeEscalation: false,
          readOnlyRootFilesystem: true,
          capabilities: { drop: ['ALL'] },
        },
        volumeMounts: [{ name: 'keys', mountPath: keyFolder, readOnly: true }],
      },
    ],
    volumes: [{ name: 'keys', secret: { secretName: agentName, defaultMode: 0o440 } }],
  }
}
