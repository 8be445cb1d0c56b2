import { setTimeout as wait } from 'node:timers/promises'
import type { Application, Delivery, Release, Rollout } from '@flotilla/model'
import type { HostKind } from '../../fleet/host-state.ts'
import type { Store } from '../../store/store.ts'
import type { StepLogs } from '../../store/step-logs.ts'
import type { FrozenDocuments } from '../release/frozen-documents.ts'
import {
  blobsOfApplication,
  blobsOfDelivery,
  blobsOfRelease,
  blobsOfRevision,
  blobsOfRollout,
  documentsOfReleases,
  documentsOfRollouts,
  type NeededBlobs,
  revisionsOfDelivery,
  setsOfDelivery,
} from './references.ts'

/** Revisions of an application that are kept where its spec does not say how many. */
const defaultHistory = 20
/** What nobody names is left alone this long: an upload before its `apply`, a set before its Delivery. */
export const graceMs = 24 * 3_600_000
/** How long what a step printed is kept. */
export const logMs = 180 * 24 * 3_600_000
/** Blobs looked at, or applications read, in one step. */
const pageSize = 500
/** Steps of a pass; what is left then is for the next one. */
const mostSteps = 400

export interface PruneDeps {
  readonly state: {
    readonly applications: Pick<HostKind<Application>, 'list' | 'unreadable'>
    readonly deliveries: Pick<HostKind<Delivery>, 'list' | 'unreadable'>
    readonly releases: Pick<HostKind<Release>, 'list' | 'unreadable'>
    readonly rollouts: Pick<HostKind<Rollout>, 'list' | 'unreadable'>
  }
  readonly store: Pick<Store, 'blobs' | 'revisions'> & { readonly stepLogs: Pick<StepLogs, 'prune'> }
  readonly documents: FrozenDocuments
  readonly renderMemory: { blobKeys(digests: ReadonlySet<string>): string[] }
  readonly now: () => number
  readonly signal: AbortSignal
  /** Between two steps, so that others get at the database. */
  readonly pauseMs: number
}

/** What a pass remembers for the next one. */
export interface PruneMemory {
  /** Since when a history belongs to no application, by uid. */
  readonly ownerless: Map<string, number>
  /** Where the blobs are gone on with. */
  after?: string | undefined
}

type Pruned =
  | { readonly revisions: number; readonly blobs: number; readonly logs: number }
  | { readonly skipped: string; readonly logs: number }

/**
 * One pass: histories are cut to their length, then blobs go that nothing names. Nothing goes while an Application, a
 * Delivery, a Release or a Rollout cannot be read, since it may name anything.
 */
export async function pruneStore(deps: PruneDeps, memory: PruneMemory): Promise<Pruned> {
  const { state, store, signal } = deps
  const logs = await pruneLogs(deps)
  const kinds = [state.applications, state.deliveries, state.releases, state.rollouts]
  const unreadable = kinds
    .find((kind) => kind.unreadable.size > 0)
    ?.unreadable.keys()
    .next().value
  if (unreadable !== undefined) return { skipped: `${unreadable} cannot be read`, logs }
  // from here on everything that is made anew is younger than the bound
  const before = new Date(deps.now() - graceMs).toISOString()
  const revisions = await pruneHistories(deps, memory)
  const keep = await collectReferences(deps)
  let blobs = 0
  for (let step = 0; step < mostSteps; step++) {
    signal.throwIfAborted()
    const { gone, next } = await store.blobs.prune({ before, keep, limit: pageSize, after: memory.after })
    blobs += gone
    memory.after = next
    if (next === undefined) break
    await wait(deps.pauseMs, undefined, { signal })
  }
  return { revisions, blobs, logs }
}

/** What steps printed goes by its age alone; that they ran, and how they ended, stays in history and ledger. */
async function pruneLogs({ store, now, signal, pauseMs }: PruneDeps): Promise<number> {
  const before = new Date(now() - logMs).toISOString()
  let logs = 0
  for (let step = 0; step < mostSteps; step++) {
    signal.throwIfAborted()
    const gone = await store.stepLogs.prune(before)
    logs += gone
    if (gone === 0) break
    await wait(pauseMs, undefined, { signal })
  }
  return logs
}

async function pruneHistories({ state, store, now, signal, pauseMs }: PruneDeps, memory: PruneMemory): Promise<number> {
  const applications = new Map(state.applications.list().map((one) => [one.metadata.uid ?? '', one]))
  const needed = Map.groupBy(state.deliveries.list(), ({ spec }) => spec.application.uid)
  let gone = 0
  let after: string | undefined
  for (let step = 0; step < mostSteps; step++) {
    const uids = await store.revisions.applications({ after, limit: pageSize })
    for (const uid of uids) {
      signal.throwIfAborted()
      const application = applications.get(uid)
      const keep = new Set((needed.get(uid) ?? []).flatMap(revisionsOfDelivery))
      if (application !== undefined) {
        memory.ownerless.delete(uid)
        gone += await store.revisions.prune(uid, {
          newest: application.spec.revisionHistoryLimit ?? defaultHistory,
          keep,
        })
        continue
      }
      const since = memory.ownerless.get(uid) ?? now()
      memory.ownerless.set(uid, since)
      // a server that was shown the wrong host for a while loses nothing
      if (keep.size > 0 || now() - since < graceMs) continue
      memory.ownerless.delete(uid)
      gone += await store.revisions.prune(uid, { newest: 0, keep })
    }
    after = uids.at(-1)
    if (uids.length < pageSize) break
    await wait(pauseMs, undefined, { signal })
  }
  return gone
}

async function collectReferences(deps: PruneDeps): Promise<Set<string>> {
  const { state, store, renderMemory, signal } = deps
  const keep = new Set<string>()
  const add = (keys: readonly string[]): void => keys.forEach((key) => keep.add(key))
  let after: string | undefined
  for (let step = 0; step < mostSteps; step++) {
    const uids = await store.revisions.applications({ after, limit: pageSize })
    for (const uid of uids) {
      signal.throwIfAborted()
      for (const revision of await listAll(store, uid)) add(blobsOfRevision(revision))
    }
    after = uids.at(-1)
    if (uids.length < pageSize) break
  }
  const { keys, sets } = await collectDocuments(deps)
  add(keys)
  // last, and at one go: what was declared while the histories were read is in it
  const deliveries = state.deliveries.list()
  for (const delivery of deliveries) add(blobsOfDelivery(delivery))
  for (const application of state.applications.list()) add(blobsOfApplication(application))
  add(renderMemory.blobKeys(new Set([...deliveries.flatMap(setsOfDelivery), ...sets])))
  return keep
}

/** What frozen releases and rollouts go by. One whose document is gone can go nowhere, and names nothing any more. */
async function collectDocuments({ state, documents, signal }: PruneDeps): Promise<{ keys: string[]; sets: string[] }> {
  const keys: string[] = []
  const sets: string[] = []
  const add = (needed: NeededBlobs): void => {
    keys.push(...needed.keys)
    sets.push(...needed.sets)
  }
  for (const digest of documentsOfReleases(state.releases.list())) {
    signal.throwIfAborted()
    const document = await documents.releases.get(digest)
    if (document !== undefined) add(blobsOfRelease(digest, document))
  }
  for (const digest of documentsOfRollouts(state.rollouts.list())) {
    signal.throwIfAborted()
    const document = await documents.rollouts.get(digest)
    if (document !== undefined) add(blobsOfRollout(digest, document))
  }
  return { keys, sets }
}

/** A history is at most as long as its limit and the targets of its application. */
async function listAll({ revisions }: PruneDeps['store'], uid: string) {
  const all = []
  let before: number | undefined
  for (;;) {
    const page = await revisions.list(uid, { limit: pageSize, ...(before === undefined ? {} : { before }) })
    all.push(...page)
    before = page.at(-1)?.revision
    if (page.length < pageSize) return all
  }
}
