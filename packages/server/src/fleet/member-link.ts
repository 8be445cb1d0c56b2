import type { Clock, ClusterConnection, Connect, KubeClient } from '@flotilla/kube'
import type { AddressGuard } from '@flotilla/render'
import { createKubeClient } from '@flotilla/kube'
import { asFlotillaError, type Cluster } from '@flotilla/model'
import { apiServerTarget } from '@flotilla/tunnel'
import { authOf, type MemberCredential } from './cluster-secret.ts'
import type { ConnectionState } from './connections.ts'

export interface MemberLinkOptions {
  readonly cluster: Cluster
  readonly credential: MemberCredential
  /** Sockets through the tunnel of the cluster's agent; without it the API server is dialled. */
  readonly connect?: Connect | undefined
  readonly userAgent: string
  readonly clock: Clock
  /** Waits this long before it dials for the first time. */
  readonly startAfterMs: number
  readonly guard: AddressGuard
  readonly beforeWrite: (() => void) | undefined
  readonly onChange: () => void
}

/** A cluster that was heard this recently is not asked whether it is there. */
const quietMs = 5_000
const probeTimeoutMs = 4_000
const secondLookMs = 1_000
/** The longest pause between two looks at a lost cluster: what is healed is to be noticed within seconds. */
const lostMs = 1_000
/** The same for one that was never reached: it may refuse for good. */
const neverSeenMs = 4_000
/** The name of a lost cluster is looked up again at least this often. */
const resolveMs = 30_000

/** The way to one member: its client, and whether it answers. */
export class MemberLink {
  readonly client: KubeClient
  #state: ConnectionState
  readonly #options: MemberLinkOptions
  readonly #ended = new AbortController()
  #pause = new AbortController()
  /** Something happened on the way there: what was heard a moment ago tells nothing. */
  #isDoubtful = false
  #token: string
  /** What the name of its address resolved to, and passed the guard, when it was looked up last. */
  #addresses: ReadonlySet<string> = new Set()
  #lookedUp: Promise<void> | undefined
  /** What the host remembers from before this process: a cluster that was lost then is lost since then. */
  #remembered: { readonly state: 'Connected' | 'Lost'; readonly since: string } | undefined

  constructor(options: MemberLinkOptions) {
    this.#options = options
    const { cluster, credential, clock } = options
    this.#token = 'token' in credential ? credential.token : ''
    this.client = createKubeClient({
      name: cluster.metadata.name,
      userAgent: options.userAgent,
      clock,
      beforeWrite: options.beforeWrite,
      connection: {
        ...this.#way(),
        caPem: credential.caPem,
        auth: authOf(credential, () => this.#token),
      },
    })
    this.#state = { state: 'connecting', since: this.#now() }
    const { state, since } = cluster.status ?? {}
    if (since !== undefined && (state === 'Connected' || state === 'Lost')) this.#remembered = { state, since }
    this.client.transport.onBreaker((breaker) => {
      if (breaker.state === 'open') this.#lost(breaker.reason, breaker.since)
    })
    void this.#watchOver().catch(() => 'the link was closed')
  }

  #way(): Pick<ClusterConnection, 'server' | 'tlsServerName' | 'connect' | 'allowAddress'> {
    const { cluster, credential, connect } = this.#options
    if (connect !== undefined)
      return { server: `https://${apiServerTarget}`, tlsServerName: credential.serverName, connect }
    const { server = '', tlsServerName } = cluster.spec.connection
    return {
      server,
      tlsServerName,
      allowAddress: async (address) => {
        // whoever is first need not be the one who watches over the link
        await (this.#lookedUp ??= this.#resolve(this.#ended.signal).catch(() => undefined))
        return this.#addresses.has(address)
      },
    }
  }

  get connection(): ConnectionState {
    return this.#state
  }

  /** Takes a rotated credential over; false when that needs a link of its own. */
  renew(credential: MemberCredential): boolean {
    const before = this.#options.credential
    if (!('token' in credential) || !('token' in before) || credential.caPem !== before.caPem) return false
    this.#token = credential.token
    return true
  }

  /** Looks now whether it answers, whatever was heard last. */
  look(): void {
    this.#isDoubtful = true
    this.#pause.abort()
  }

  async close(): Promise<void> {
    this.#ended.abort(new Error('the cluster was removed or its connection changed'))
    await this.client.close()
  }

  async #watchOver(): Promise<void> {
    const { clock, startAfterMs } = this.#options
    const { signal } = this.#ended
    await clock.sleep(startAfterMs, signal)
    for (;;) {
      const failure = await this.#probe(signal)
      if (failure !== undefined && this.#state.state !== 'lost') {
        await clock.sleep(secondLookMs, signal)
        const again = await this.#probe(signal)
        if (again !== undefined) this.#lost(again)
      } else if (failure !== undefined) {
        this.#lost(failure)
      }
      if (this.#state.state === 'connected') await this.#sleep(quietMs, signal)
      else await this.#sleepWhileLost(signal)
    }
  }

  /** Ends early when the client hears the cluster again. */
  async #sleepWhileLost(signal: AbortSignal): Promise<void> {
    const { clock } = this.#options
    const { transport } = this.client
    if (transport.breaker.state !== 'closed') {
      // not for good: its name may have got another address meanwhile
      const bounded = AbortSignal.any([signal, AbortSignal.timeout(resolveMs)])
      await transport.whenReachable(bounded).catch(() => signal.throwIfAborted())
      return
    }
    const longestMs = this.#state.state === 'lost' ? lostMs : neverSeenMs
    await this.#sleep(longestMs * (0.5 + clock.random() / 2), signal)
  }

  /** Ends early when somebody asks to look. */
  async #sleep(ms: number, signal: AbortSignal): Promise<void> {
    if (this.#pause.signal.aborted) this.#pause = new AbortController()
    await this.#options.clock
      .sleep(ms, AbortSignal.any([signal, this.#pause.signal]))
      .catch(() => signal.throwIfAborted())
  }

  /** @returns why the cluster counts as not reachable, or undefined */
  async #probe(signal: AbortSignal): Promise<string | undefined> {
    const isHeard = this.client.transport.silentMs < quietMs && !this.#isDoubtful
    if (this.#state.state === 'connected' && isHeard) return undefined
    this.#isDoubtful = false
    try {
      const options = { signal, timeoutMs: probeTimeoutMs }
      await this.#resolve(signal)
      await this.client.readyz(options)
      if (this.#state.state !== 'connected') this.#connected((await this.client.serverVersion(options)).gitVersion)
      return undefined
    } catch (thrown) {
      signal.throwIfAborted()
      return asFlotillaError(thrown).message
    }
  }

  /** A name may come to mean another address; each is judged before it is dialled. */
  async #resolve(signal: AbortSignal): Promise<void> {
    const { guard, cluster, connect } = this.#options
    // what an agent dials is none of this machine's addresses
    if (connect !== undefined) return
    const { addresses } = await guard.pin(cluster.spec.connection.server ?? '', 'spec.connection.server', signal)
    this.#addresses = new Set(addresses.map(({ address }) => address))
  }

  #connected(version: string): void {
    const since = this.#remembered?.state === 'Connected' ? this.#remembered.since : this.#now()
    this.#remembered = undefined
    this.#state = { state: 'connected', since, version }
    this.#options.onChange()
  }

  #lost(reason: string, lastHeard?: number): void {
    if (this.#state.state === 'lost') {
      // since holds still; the reason may get clearer
      if (this.#state.reason !== reason) this.#state = { ...this.#state, reason }
      return
    }
    const heard = lastHeard ?? this.client.transport.lastHeard
    const since = this.#state.state === 'connected' && heard > 0 ? new Date(heard).toISOString() : this.#now()
    const remembered = this.#remembered?.state === 'Lost' ? this.#remembered.since : since
    this.#remembered = undefined
    this.#state = { state: 'lost', since: remembered, reason }
    this.#options.onChange()
  }

  #now(): string {
    return new Date(this.#options.clock.now()).toISOString()
  }
}
