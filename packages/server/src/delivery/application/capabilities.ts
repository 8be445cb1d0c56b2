import type { Clock } from '@flotilla/kube'
import { asFlotillaError, type Delivery, type Known, known, unknown, canonicalJson } from '@flotilla/model'
import { canonicalDigest, readRenderedFrom } from '@flotilla/reconcile'
import type { FleetConnections } from '../../fleet/connections.ts'
import type { BlobStore } from '../../store/store.ts'

/** What a cluster can do, as far as rendering asks. Two clusters with the same content share their renders. */
export interface Capabilities {
  readonly kubeVersion: string
  /** `v1`, `apps/v1`, `apps/v1/Deployment` ..., sorted. */
  readonly apiVersions: readonly string[]
  /** `group/Kind` of what lives outside namespaces, sorted. */
  readonly clusterScoped: readonly string[]
}

export interface KnownCapabilities {
  /** Over the content. */
  readonly digest: string
  readonly capabilities: Capabilities
}

export interface CapabilityDeps {
  readonly fleet: Pick<FleetConnections, 'client' | 'get'>
  readonly blobs: BlobStore
  readonly clock: Clock
  /** Deliveries of any application in a cluster: their annotations tell what it could do when it was last seen. */
  readonly deliveriesIn: (cluster: string) => readonly Delivery[]
}

const freshMs = 60_000
/** From then on it is asked again while it still counts, so that nobody waits for the answer. */
const renewMs = 30_000
const askMs = 10_000

interface Entry {
  readonly at: number
  readonly value: KnownCapabilities
}

/** Capabilities per cluster. A cluster that cannot be reached keeps what it was last seen with, also over a restart. */
export class CapabilityMemory {
  readonly #deps: CapabilityDeps
  readonly #entries = new Map<string, Entry>()
  readonly #asking = new Map<string, Promise<Known<KnownCapabilities>>>()

  constructor(deps: CapabilityDeps) {
    this.#deps = deps
  }

  /** Never waits longer than 10 s for a cluster; unknown only for one that was never seen. */
  observe(cluster: string): Promise<Known<KnownCapabilities>> {
    const entry = this.#entries.get(cluster)
    const age = entry === undefined ? Number.POSITIVE_INFINITY : this.#deps.clock.elapsed() - entry.at
    if (entry === undefined || age >= freshMs) return this.#renew(cluster)
    if (age >= renewMs) void this.#renew(cluster).catch(() => 'the next question asks again')
    return Promise.resolve(known(entry.value))
  }

  #renew(cluster: string): Promise<Known<KnownCapabilities>> {
    const asking = this.#asking.get(cluster)
    if (asking !== undefined) return asking
    const question = this.#look(cluster).finally(() => this.#asking.delete(cluster))
    this.#asking.set(cluster, question)
    return question
  }

  /** The next question asks the cluster again. */
  forget(cluster: string): void {
    const entry = this.#entries.get(cluster)
    if (entry !== undefined) this.#entries.set(cluster, { ...entry, at: Number.NEGATIVE_INFINITY })
  }

  async #look(cluster: string): Promise<Known<KnownCapabilities>> {
    const last = this.#entries.get(cluster)?.value ?? (await this.#lastSeen(cluster))
    const reach = await this.#ask(cluster, last?.capabilities)
    if (reach.known) {
      const value = { digest: canonicalDigest(reach.value), capabilities: reach.value }
      if (value.digest !== last?.digest)
        await this.#deps.blobs.put(capabilityKey(value.digest), Buffer.from(canonicalJson(value.capabilities), 'utf8'))
      this.#entries.set(cluster, { at: this.#deps.clock.elapsed(), value })
      return known(value)
    }
    if (last === undefined) return unknown(`${cluster} was never seen, so what it can do is not known: ${reach.reason}`)
    // a lost cluster is asked again when it is found back; one that fails otherwise, after a while
    this.#entries.set(cluster, { at: this.#deps.clock.elapsed(), value: last })
    return known(last)
  }

  async #ask(cluster: string, last: Capabilities | undefined): Promise<Known<Capabilities>> {
    const { fleet } = this.#deps
    const connection = fleet.get(cluster)?.connection
    if (connection?.state === 'lost') return unknown(connection.reason)
    const client = fleet.client(cluster)
    if (!client.known) return client
    const options = { timeoutMs: askMs }
    try {
      const { discovery } = client.value
      const version = await client.value.serverVersion(options)
      const apiVersions = await discovery.apiVersions(options)
      const kinds = await discovery.kinds(options)
      const away = await discovery.unavailable(options)
      const clusterScoped = kinds.filter(({ namespaced }) => !namespaced).map(({ group, kind }) => `${group}/${kind}`)
      return known(
        withUnavailable(
          { kubeVersion: version.gitVersion, apiVersions, clusterScoped: clusterScoped.toSorted() },
          away,
          last,
        ),
      )
    } catch (thrown) {
      return unknown(asFlotillaError(thrown).message)
    }
  }

  async #lastSeen(cluster: string): Promise<KnownCapabilities | undefined> {
    for (const delivery of this.#deps.deliveriesIn(cluster)) {
      for (const { capabilities: digest } of Object.values(readRenderedFrom(delivery))) {
        const stored = await this.#deps.blobs.get(capabilityKey(digest))
        if (stored === undefined) continue
        // written by `#look`, under a digest of the content
        return { digest, capabilities: JSON.parse(Buffer.from(stored).toString('utf8')) as Capabilities }
      }
    }
    return undefined
  }
}

export const capabilityKey = (digest: string): string => `capabilities/${digest}`

/**
 * A group that is registered but does not answer at the moment (an aggregated API that restarts) is still there: charts
 * would drop objects over it otherwise.
 */
function withUnavailable(now: Capabilities, away: readonly string[], last: Capabilities | undefined): Capabilities {
  if (away.length === 0 || last === undefined) return now
  const ofAway = (apiVersion: string): boolean =>
    away.some((version) => apiVersion === version || apiVersion.startsWith(`${version}/`))
  const groups = new Set(away.map((version) => version.split('/')[0]))
  const union = (a: readonly string[], b: readonly string[]) => [...new Set([...a, ...b])].toSorted()
  return {
    kubeVersion: now.kubeVersion,
    apiVersions: union(now.apiVersions, last.apiVersions.filter(ofAway)),
    clusterScoped: union(
      now.clusterScoped,
      last.clusterScoped.filter((kind) => groups.has(kind.split('/')[0])),
    ),
  }
}
