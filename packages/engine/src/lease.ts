import type { Clock, KubeClient, ObjectKey } from '@flotilla/kube'
import { asFlotillaError, type KubeObject } from '@flotilla/model'
import type { Log } from './log.ts'

export interface LeaseOptions {
  /** One that writes also while the lease is not current, to renew it. */
  readonly client: KubeClient
  readonly namespace: string
  readonly name: string
  /** Who holds it. The same identity takes it over at once: only one process may use it at a time. */
  readonly identity: string
  readonly clock: Clock
  readonly log: Log
  readonly signal: AbortSignal
  readonly limits?: Partial<LeaseLimits>
}

export interface LeaseLimits {
  /** Others take the lease when it was not renewed for this long, by their own clock. */
  readonly durationMs: number
  /** The holder gives up by itself after this long without a renewal: well before anybody else may start. */
  readonly giveUpMs: number
  readonly renewMs: number
}

export interface HeldLease {
  /** Counts the holders over time: whoever acts with a smaller one is late. */
  readonly epoch: number
  /** Aborts when the lease is lost; whoever acts under it stops then. */
  readonly signal: AbortSignal
  /**
   * Whether it still is ours by the clock. A process that was paused wakes up in the middle of what it did, before any
   * timer tells it that its lease is over: whoever writes asks here first.
   */
  isCurrent(): boolean
  /** Gives it back, so that the next one need not wait. */
  release(): Promise<void>
}

const defaults: LeaseLimits = { durationMs: 15_000, giveUpMs: 10_000, renewMs: 3_000 }

interface LeaseSpec {
  holderIdentity?: string
  leaseTransitions?: number
  renewTime?: string
  acquireTime?: string
  leaseDurationSeconds?: number
}

/**
 * Waits until this process holds the lease (coordination.k8s.io), then keeps renewing it. No clock of another machine
 * is believed, nor the time of day of ours: a lease is over when it did not change for its duration while we watched.
 */
export async function acquireLease(options: LeaseOptions): Promise<HeldLease> {
  const { clock, log, signal } = options
  const limits = { ...defaults, ...options.limits }
  let seen: { version: string; at: number } | undefined
  let toldOf: string | undefined
  for (;;) {
    signal.throwIfAborted()
    try {
      const lease = await options.client.find(keyOf(options), { signal })
      const spec = specOf(lease)
      const version = lease?.metadata.resourceVersion ?? ''
      if (seen?.version !== version) seen = { version, at: clock.elapsed() }
      const holder = spec.holderIdentity ?? ''
      const over = clock.elapsed() - seen.at >= limits.durationMs
      if (holder === '' || holder === options.identity || over) {
        const held = await write(options, lease, (spec.leaseTransitions ?? 0) + 1, limits)
        return hold(options, held, limits)
      }
      if (toldOf !== holder) log.info('waiting for the lease', { holder })
      toldOf = holder
    } catch (thrown) {
      signal.throwIfAborted()
      log.warn('lease not acquired yet', { code: asFlotillaError(thrown).code })
    }
    await clock.sleep(limits.renewMs * (0.5 + clock.random()), signal)
  }
}

const read = (clock: Clock) => ({ now: clock.now(), elapsed: clock.elapsed() })

function hold(options: LeaseOptions, acquired: KubeObject, limits: LeaseLimits): HeldLease {
  const { clock, log } = options
  const lost = new AbortController()
  const ended = new AbortController()
  const epoch = specOf(acquired).leaseTransitions ?? 0
  let current = acquired
  let renewed = read(clock)
  const sinceRenewal = (): number => clock.elapsed() - renewed.elapsed

  async function renew(): Promise<void> {
    while (!ended.signal.aborted) {
      await clock.sleep(limits.renewMs, ended.signal)
      const left = limits.giveUpMs - sinceRenewal()
      try {
        if (left <= 0) throw new Error('not renewed in time')
        const began = read(clock)
        current = await write({ ...options, signal: ended.signal }, current, epoch, limits, left)
        renewed = began
      } catch (thrown) {
        if (ended.signal.aborted) return
        const { code } = asFlotillaError(thrown)
        // another one wrote it: it is theirs now
        const taken = code === 'kube.conflict' && !(await stillOurs())
        if (taken || sinceRenewal() >= limits.giveUpMs) {
          log.error('lease lost', { code, epoch })
          lost.abort(new Error('the lease was lost'))
          return
        }
      }
    }
  }

  async function stillOurs(): Promise<boolean> {
    const lease = await options.client.find(keyOf(options), { signal: ended.signal }).catch(() => current)
    const spec = specOf(lease)
    if (lease === undefined || spec.holderIdentity !== options.identity || spec.leaseTransitions !== epoch) return false
    current = lease
    return true
  }

  const end = (): void => ended.abort()
  options.signal.addEventListener('abort', end, { once: true })
  const renewing = renew().catch(() => 'the sleep was ended')
  return {
    epoch,
    signal: lost.signal,
    // a machine that slept knows it only by the time of day; somebody who sets the time costs us one renewal
    isCurrent: () =>
      !lost.signal.aborted && sinceRenewal() < limits.giveUpMs && clock.now() - renewed.now < limits.giveUpMs,
    release: async () => {
      options.signal.removeEventListener('abort', end)
      end()
      await renewing
      if (lost.signal.aborted) return
      const spec = { ...specOf(current), holderIdentity: '' }
      await options.client.update({ ...current, spec }, { timeoutMs: 2_000 }).catch(() => 'it runs out by itself')
    },
  }
}

/** Creates or replaces the lease; fails with `kube.conflict` when somebody else wrote it since `before`. */
function write(
  options: LeaseOptions,
  before: KubeObject | undefined,
  epoch: number,
  limits: LeaseLimits,
  timeoutMs = limits.giveUpMs,
): Promise<KubeObject> {
  // MicroTime, as the API wants it
  const now = new Date(options.clock.now()).toISOString().replace('Z', '000Z')
  const old = specOf(before)
  const spec: LeaseSpec = {
    holderIdentity: options.identity,
    leaseDurationSeconds: Math.ceil(limits.durationMs / 1000),
    leaseTransitions: epoch,
    renewTime: now,
    acquireTime: old.leaseTransitions === epoch ? (old.acquireTime ?? now) : now,
  }
  const { signal } = options
  if (before !== undefined) return options.client.update({ ...before, spec }, { signal, timeoutMs })
  const { namespace, name } = options
  const lease = { apiVersion: 'coordination.k8s.io/v1', kind: 'Lease', metadata: { name, namespace }, spec }
  return options.client.create(lease, { signal, timeoutMs })
}

const keyOf = ({ namespace, name }: LeaseOptions): ObjectKey => ({
  group: 'coordination.k8s.io',
  version: 'v1',
  kind: 'Lease',
  namespace,
  name,
})

function specOf(lease: KubeObject | undefined): LeaseSpec {
  const spec: unknown = lease?.['spec'] ?? {}
  return spec as LeaseSpec
}
