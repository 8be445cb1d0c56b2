import {
  type Cluster,
  deliveryIdentity,
  type Known,
  known,
  systemNamespace,
  unknown,
  canonicalJson,
} from '@flotilla/model'
import { type Clock, createWatch, type KubeClient } from '@flotilla/kube'
import { type Log } from '@flotilla/engine'
import type { AddressGuard } from '@flotilla/render'
import type { AgentTunnels } from './agents/agent-tunnels.ts'
import { clusterSecretName, type MemberCredential, parseClusterSecret } from './cluster-secret.ts'
import type { HostKind } from './host-state.ts'
import { MemberLink } from './member-link.ts'

export type ConnectionState =
  | { readonly state: 'connecting'; readonly since: string }
  | { readonly state: 'connected'; readonly since: string; readonly version: string }
  | { readonly state: 'lost'; readonly since: string; readonly reason: string }

export interface ClusterEntry {
  readonly name: string
  readonly labels: Readonly<Record<string, string>>
  readonly edge: boolean
  readonly connection: ConnectionState
}

/** The members as the server sees them now. The host is not among them unless it was added as a Cluster. */
export interface FleetConnections {
  /** The host cluster, as the platform itself. */
  readonly host: KubeClient
  list(): readonly ClusterEntry[]
  get(cluster: string): ClusterEntry | undefined
  /** A member as the platform. Known also while the cluster is lost, so that a probe can find it back; unknown when there is no such cluster or no usable credential. */
  client(cluster: string): Known<KubeClient>
  /** A member as a project's delivery group. */
  deliveryClient(cluster: string, projectUid: string): Known<KubeClient>
  /** Called after a cluster was added, changed, lost, found back or removed. Returns the way to stop listening. */
  onChange(listener: (cluster: string) => void): () => void
}

export interface FleetConnectionsOptions {
  readonly host: KubeClient
  readonly clusters: HostKind<Cluster>
  readonly clock: Clock
  readonly log: Log
  readonly signal: AbortSignal
  readonly userAgent: string
  /** Decides which addresses may be dialled. */
  readonly guard: AddressGuard
  /** The ways to members that an agent connects. */
  readonly agents: Pick<AgentTunnels, 'account' | 'connectTo' | 'onChange'>
  /** What to tell of a member whose agent has not come. */
  readonly agentMissing: string
  /** Asked before each write to a member. */
  readonly beforeWrite?: (() => void) | undefined
}

/** Between the first dials of two members, on average: a restart is no storm. */
const startSpreadMs = 50
const longestStartMs = 10_000
/** Agents of a server that has just started are on their way for so long. */
const agentsComeMs = 30_000

interface Member {
  cluster: Cluster
  credential: MemberCredential | undefined
  link: MemberLink | undefined
  /** What the link was made from; another one means another link. */
  madeFrom: string
}

/** Follows the Clusters and their Secrets in the host and keeps a link to each. Links end with the signal. */
export function createFleetConnections(options: FleetConnectionsOptions): FleetConnections {
  const { host, clock, log, signal, agents } = options
  const started = clock.elapsed()
  const agentsMayCome = (): boolean => clock.elapsed() - started < agentsComeMs
  const members = new Map<string, Member>()
  const secrets = new Map<string, MemberCredential | undefined>()
  const listeners = new Set<(cluster: string) => void>()

  const tell = (cluster: string): void => {
    for (const listener of listeners) {
      try {
        listener(cluster)
      } catch (thrown) {
        log.error('listener failed', { cluster, stack: thrown instanceof Error ? thrown.stack : undefined })
      }
    }
  }

  function reportChange(name: string): void {
    const connection = members.get(name)?.link?.connection
    if (connection?.state === 'connected') log.info('cluster connected', { cluster: name, version: connection.version })
    if (connection?.state === 'lost') {
      log.warn('cluster lost', { cluster: name, since: connection.since, reason: connection.reason })
    }
    tell(name)
  }

  function startLink(name: string, cluster: Cluster, credential: MemberCredential): MemberLink {
    const link: MemberLink = new MemberLink({
      cluster,
      credential,
      connect: isAgent(cluster) ? agents.connectTo(name) : undefined,
      clock,
      userAgent: options.userAgent,
      startAfterMs: isAgent(cluster) ? 0 : clock.random() * Math.min(longestStartMs, startSpreadMs * members.size),
      guard: options.guard,
      beforeWrite: options.beforeWrite,
      onChange: () => {
        // a link that was replaced speaks for nobody
        if (members.get(name)?.link === link) reportChange(name)
      },
    })
    return link
  }

  function follow(name: string): void {
    const cluster = options.clusters.get('', name)
    const before = members.get(name)
    if (cluster === undefined) {
      // an object that cannot be read is still there: what is known of it stays
      if (before === undefined || options.clusters.unreadable.has(`/${name}`)) return
      members.delete(name)
      void before.link?.close()
      return tell(name)
    }
    const credential = isAgent(cluster) ? agents.account(name) : secrets.get(cluster.spec.connection.secretName ?? '')
    const madeFrom = canonicalJson([cluster.metadata.uid, cluster.spec.connection, withoutToken(credential)])
    if (before !== undefined && before.madeFrom === madeFrom) {
      const shown = shownOf(before.cluster)
      before.cluster = cluster
      before.credential = credential
      if (credential !== undefined) before.link?.renew(credential)
      // most changes of a Cluster are of its status, which comes from here
      return shown === shownOf(cluster) ? undefined : tell(name)
    }
    void before?.link?.close()
    const link = credential === undefined ? undefined : startLink(name, cluster, credential)
    members.set(name, { cluster, credential, link, madeFrom })
    tell(name)
  }

  const secretWatch = createWatch({
    client: host,
    kind: { group: '', version: 'v1', kind: 'Secret' },
    namespace: systemNamespace,
    signal,
    // other Secrets of the namespace are none of this watch's business
    project: (secret) =>
      secret.metadata.name.startsWith(clusterSecretName('')) ? parseClusterSecret(secret) : undefined,
    onEvent: ({ type, key, object }) => {
      const name = key.slice(key.indexOf('/') + 1)
      if (type === 'deleted') secrets.delete(name)
      else secrets.set(name, object)
      for (const cluster of options.clusters.list()) {
        if (cluster.spec.connection.secretName === name) follow(cluster.metadata.name)
      }
    },
  })
  // those without a Secret are told apart from those whose Secret was not read yet
  void secretWatch.synced().then(
    () => {
      for (const [name, { link }] of members) if (link === undefined) tell(name)
      return undefined
    },
    () => 'closed before',
  )
  options.clusters.onChange((key) => follow(key.slice(1)))
  agents.onChange((name) => {
    const { cluster, link } = members.get(name) ?? {}
    if (cluster === undefined || !isAgent(cluster)) return
    follow(name)
    link?.look()
  })
  const late = setTimeout(() => {
    for (const [name, { cluster, link }] of members) if (link === undefined && isAgent(cluster)) tell(name)
  }, agentsComeMs)
  late.unref()
  signal.addEventListener('abort', () => {
    clearTimeout(late)
    for (const { link } of members.values()) void link?.close()
  })

  const withoutLink = (cluster: Cluster): ConnectionState => {
    const since = cluster.status?.since ?? cluster.metadata.creationTimestamp ?? new Date(clock.now()).toISOString()
    const isEarly = isAgent(cluster) ? agentsMayCome() : secretWatch.state.state === 'syncing'
    return isEarly
      ? { state: 'connecting', since }
      : { state: 'lost', since, reason: withoutCredential(cluster, options.agentMissing) }
  }
  const entryOf = (name: string, { cluster, link }: Member): ClusterEntry => ({
    name,
    labels: cluster.metadata.labels ?? {},
    edge: cluster.spec.edge,
    connection: link?.connection ?? withoutLink(cluster),
  })
  const client = (name: string): Known<KubeClient> => {
    const member = members.get(name)
    if (member === undefined) return unknown(`There is no cluster ${name}.`)
    return member.link === undefined
      ? unknown(withoutCredential(member.cluster, options.agentMissing))
      : known(member.link.client)
  }

  return {
    host,
    client,
    list: () => [...members].map(([name, member]) => entryOf(name, member)).sort((a, b) => (a.name < b.name ? -1 : 1)),
    get: (name) => {
      const member = members.get(name)
      return member === undefined ? undefined : entryOf(name, member)
    },
    deliveryClient: (name, projectUid) => {
      const platform = client(name)
      return platform.known ? known(platform.value.as(deliveryIdentity(projectUid))) : platform
    },
    onChange: (listener) => {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
  }
}

const shownOf = ({ metadata, spec }: Cluster): string =>
  canonicalJson([metadata.labels, spec.edge, metadata.deletionTimestamp])

/** A rotated token needs no new link; everything else does. */
function withoutToken(credential: MemberCredential | undefined): unknown {
  return credential !== undefined && 'token' in credential ? { ...credential, token: true } : credential
}

const isAgent = ({ spec }: Cluster): boolean => spec.connection.type === 'agent'

const withoutCredential = (cluster: Cluster, agentMissing: string): string =>
  isAgent(cluster) ? agentMissing : withoutSecret(cluster)

const withoutSecret = ({ spec }: Cluster): string =>
  `The Secret ${systemNamespace}/${spec.connection.secretName} holds no usable credential: it needs ca.crt and token, or tls.crt and tls.key.`
