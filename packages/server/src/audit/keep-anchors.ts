import type { Log } from '@flotilla/engine'
import type { Clock, KubeClient } from '@flotilla/kube'
import { asFlotillaError, systemNamespace } from '@flotilla/model'
import { type Anchor, joinAnchors, readAnchors, thinAnchors, writeAnchors } from './anchors.ts'
import type { ChainHead } from './chain.ts'

/** The anchors in the host: a ConfigMap in a namespace where no person writes through Flotilla. */
export interface AnchorKeeper {
  read(signal: AbortSignal): Promise<readonly Anchor[]>
  /** Puts the head beside those that are there, unless it is there already. */
  anchor(head: ChainHead, signal: AbortSignal): Promise<void>
}

const anchorsName = 'flotilla-audit-anchors'
const anchorManager = 'flotilla-audit'

export function createAnchorKeeper(options: {
  readonly host: Pick<KubeClient, 'find' | 'apply' | 'create'>
  readonly clock: Pick<Clock, 'now'>
  readonly log: Log
  /** Somebody took away, or changed, what was anchored. */
  readonly onMissing: (missing: number) => void
  /** Of the ConfigMap; another one in tests, which share a host. */
  readonly name?: string | undefined
}): AnchorKeeper {
  const { host, clock, log, onMissing, name = anchorsName } = options
  const key = { group: '', kind: 'ConfigMap', namespace: systemNamespace, name }
  /** What this process knows to be there. */
  let known: readonly Anchor[] = []

  async function look(signal: AbortSignal) {
    const object = await host.find(key, { signal })
    const text = (object?.['data'] as { anchors?: string } | undefined)?.anchors ?? ''
    const read = readAnchors(text)
    const byNumber = new Map(read.map((anchor) => [anchor.number, anchor.hash]))
    const all = joinAnchors(known, read)
    // another server that anchors thins as this one does
    const kept = new Set(thinAnchors(all).map(({ number }) => number))
    const missing = known.filter(({ number, hash }) => kept.has(number) && byNumber.get(number) !== hash).length
    return { all, missing, resourceVersion: object?.metadata.resourceVersion }
  }

  return {
    read: async (signal) => (await look(signal)).all,
    anchor: async (head, signal) => {
      const { all, missing, resourceVersion } = await look(signal)
      if (missing > 0) onMissing(missing)
      const last = all.at(-1)
      if (last?.hash === head.hash && missing === 0) return
      const at = new Date(clock.now()).toISOString()
      const next: Anchor = { number: (last?.number ?? 0) + 1, sequence: head.sequence, hash: head.hash, at }
      const anchors = thinAnchors([...all, next])
      const object = {
        apiVersion: 'v1',
        kind: 'ConfigMap',
        metadata: { name, namespace: systemNamespace },
        data: { anchors: writeAnchors(anchors) },
      }
      const how = { fieldManager: anchorManager, signal }
      // what another server anchored meanwhile is not written over: its conflict is tried again
      await (resourceVersion === undefined
        ? host.create(object, how)
        : host.apply({ ...object, metadata: { ...object.metadata, resourceVersion } }, { ...how, force: true }))
      known = anchors
      // a second place, where logs are collected
      log.info('audit anchored', { sequence: head.sequence, hash: head.hash })
    },
  }
}

const tickMs = 10_000
const atLeastEveryMs = 60_000
const recordsBetween = 1_000
const writeMs = 5_000

/** Anchors the head each minute in which something was written, and after each thousand records. Ends with the signal. */
export async function keepAnchors(options: {
  readonly keeper: AnchorKeeper
  readonly head: () => ChainHead | undefined
  readonly clock: Clock
  readonly log: Log
  readonly signal: AbortSignal
}): Promise<void> {
  const { keeper, head, clock, log, signal } = options
  let anchored = 0
  let at = -Infinity
  while (!signal.aborted) {
    await clock.sleep(tickMs, signal).catch(() => undefined)
    const now = head()
    if (signal.aborted || now === undefined || now.sequence === anchored) continue
    if (now.sequence - anchored < recordsBetween && clock.elapsed() - at < atLeastEveryMs) continue
    at = clock.elapsed()
    try {
      await keeper.anchor(now, AbortSignal.any([signal, AbortSignal.timeout(writeMs)]))
      anchored = now.sequence
    } catch (thrown) {
      if (!signal.aborted) log.warn('audit not anchored', { reason: asFlotillaError(thrown).message })
    }
  }
}
