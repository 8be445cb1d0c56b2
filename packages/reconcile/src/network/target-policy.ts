import { isIsolated, type KubeObject, labels, type NetworkPeers, type Target } from '@flotilla/model'
import type { Project } from '@flotilla/model'
import { projectLabels } from '../project/objects.ts'

interface Owner {
  readonly project: Project
  readonly workspaceName: string
}

/** Of the one NetworkPolicy that a project has in a namespace. */
export const policyName = 'flotilla'

/** Kubernetes' own label, on every namespace. */
const nameLabel = 'kubernetes.io/metadata.name'
const dnsPorts = [
  { protocol: 'UDP', port: 53 },
  { protocol: 'TCP', port: 53 },
  // where OpenShift's name servers listen behind port 53
  { protocol: 'UDP', port: 5353 },
  { protocol: 'TCP', port: 5353 },
]
/** Of the cache that some clusters have on each node (NodeLocal DNSCache). */
const nodeCache = '169.254.20.10/32'

type Peer = Readonly<Record<string, unknown>>

/**
 * Who may speak with the pods of a target, for a project that asks for isolation. Policies only ever add up: others in
 * the namespace may allow more, never less.
 */
export function targetPolicy(owner: Owner, { namespace }: Pick<Target, 'namespace'>): KubeObject | undefined {
  const { network } = owner.project.spec
  if (network === undefined || !isIsolated(network)) return undefined
  const own = inNamespaces({ [labels.owner]: owner.project.metadata.uid ?? '' })
  const egress = network.egress === 'Isolated'
  return {
    apiVersion: 'networking.k8s.io/v1',
    kind: 'NetworkPolicy',
    metadata: { name: policyName, namespace, labels: projectLabels(owner) },
    spec: {
      podSelector: {},
      policyTypes: ['Ingress', ...(egress ? ['Egress'] : [])],
      ingress: [{ from: [own, ...peersOf(owner, network.allowFrom)] }],
      ...(egress
        ? {
            egress: [
              { to: [own, ...peersOf(owner, network.allowTo)] },
              { to: [{ namespaceSelector: {} }, { ipBlock: { cidr: nodeCache } }], ports: dnsPorts },
            ],
          }
        : {}),
    },
  }
}

/** An empty selector would let in the whole cluster, so what names nobody is left out. */
function peersOf({ workspaceName }: Owner, peers: NetworkPeers = {}): Peer[] {
  const { workspace = false, namespaces = [], namespaceLabels = {}, addresses = [] } = peers
  return [
    ...(workspace ? [inNamespaces({ [labels.managed]: 'project', [labels.workspace]: workspaceName })] : []),
    ...(namespaces.length > 0
      ? [
          {
            namespaceSelector: {
              matchExpressions: [{ key: nameLabel, operator: 'In', values: [...new Set(namespaces)].sort() }],
            },
          },
        ]
      : []),
    ...(Object.keys(namespaceLabels).length > 0 ? [inNamespaces(namespaceLabels)] : []),
    ...[...new Set(addresses)].sort().map((cidr) => ({ ipBlock: { cidr } })),
  ]
}

const inNamespaces = (matchLabels: Readonly<Record<string, string>>): Peer => ({
  namespaceSelector: { matchLabels: { ...matchLabels } },
})
