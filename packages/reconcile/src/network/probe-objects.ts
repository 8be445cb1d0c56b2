import { type KubeObject, labels, networkProbeNamespace } from '@flotilla/model'

/**
 * Who takes part in a measurement. `early` connects before there is a policy, `friend` is let in by the policy, and
 * `stranger` is not.
 */
export const probeRoles = ['listener', 'early', 'stranger', 'friend'] as const
export type ProbeRole = (typeof probeRoles)[number]
/** What a client that has ended wrote down. */
export const probeWords = { connected: 'connected', blocked: 'blocked' } as const

export const probeLabel = 'network-policy'
const namespace = networkProbeNamespace
const port = 8080
/** For so long a client tries: a policy takes a moment until it acts. */
const clientSeconds = 20
/** Whoever has not connected for so long is blocked; a pod's network may take a second or two to come up. */
const blockedSeconds = 6
/** If nobody takes the namespace away, its pods end all the same. */
const longestSeconds = 300

const listen = `require('net').createServer((s)=>{s.on('error',()=>{});s.end('flotilla')}).listen(${port})`

/**
 * Ends with what it wants when it has it: a connection, or none for long. At the end of its time it says the other word,
 * so that a policy that comes too late is never taken for one that blocks.
 */
const connect = `
const [host, seconds, wants] = process.argv.slice(1)
const until = Date.now() + Number(seconds) * 1000
let last = Date.now()
const say = (word) => { require('fs').writeFileSync('/dev/termination-log', word); process.exit(0) }
const attempt = () => {
  let over = false
  const socket = require('net').connect({ host, port: ${port} })
  const end = (connected) => {
    if (over) return
    over = true
    socket.destroy()
    if (connected) last = Date.now()
    if (connected && wants === '${probeWords.connected}') say(wants)
    if (Date.now() - last >= ${blockedSeconds * 1000} && wants === '${probeWords.blocked}') say(wants)
    if (Date.now() > until) say(wants === '${probeWords.blocked}' ? '${probeWords.connected}' : '${probeWords.blocked}')
    setTimeout(attempt, 300)
  }
  socket.setTimeout(1500, () => end(false))
  socket.on('data', () => end(true))
  socket.on('error', () => end(false))
  socket.on('close', () => end(false))
}
attempt()
`

export const probeNamespaceObject = (): KubeObject => ({
  apiVersion: 'v1',
  kind: 'Namespace',
  metadata: {
    name: namespace,
    labels: { [labels.probe]: probeLabel, [labels.podSecurityEnforce]: 'restricted' },
  },
})

/** Lets `friend` in, and nobody else. */
export const probePolicy = (): KubeObject => ({
  apiVersion: 'networking.k8s.io/v1',
  kind: 'NetworkPolicy',
  metadata: { name: probeLabel, namespace, labels: { [labels.probe]: probeLabel } },
  spec: {
    podSelector: { matchLabels: { [labels.probe]: 'listener' } },
    policyTypes: ['Ingress'],
    ingress: [{ from: [{ podSelector: { matchLabels: { [labels.probe]: 'friend' } } }] }],
  },
})

export interface ProbeImage {
  /** Has `node`. */
  readonly image: string
}

/** @param host address of the listener, for a client */
export function probePod(role: ProbeRole, { image }: ProbeImage, host = ''): KubeObject {
  const wants = role === 'stranger' ? probeWords.blocked : probeWords.connected
  const script = role === 'listener' ? [listen] : [connect, host, String(clientSeconds), wants]
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name: role, namespace, labels: { [labels.probe]: role } },
    spec: {
      restartPolicy: 'Never',
      activeDeadlineSeconds: longestSeconds,
      terminationGracePeriodSeconds: 1,
      automountServiceAccountToken: false,
      enableServiceLinks: false,
      nodeSelector: { 'kubernetes.io/os': 'linux' },
      securityContext: { runAsNonRoot: true, runAsUser: 65532, seccompProfile: { type: 'RuntimeDefault' } },
      containers: [
        {
          name: 'probe',
          image,
          imagePullPolicy: 'IfNotPresent',
          command: ['node', '-e', ...script],
          resources: { requests: { cpu: '10m', memory: '32Mi' }, limits: { memory: '128Mi' } },
          securityContext: {
            allowPrivilegeEscalation: false,
            readOnlyRootFilesystem: true,
            capabilities: { drop: ['ALL'] },
          },
        },
      ],
    },
  }
}
