import {
  type ComponentStatus,
  type Delivery,
  type DeliveryPhase,
  type DeliveryStatus,
  known,
  type Known,
  type Next,
  refKey,
  unknown,
} from '@flotilla/model'
import type { DesiredObject } from '../decision.ts'
import { type Attempt, attemptId } from './attempt.ts'
import { computeComponents } from './delivery-health.ts'
import { composeStatus, type StatusNews } from './delivery-status.ts'
import type { Inventory } from './inventory.ts'
import type { LiveSight } from './live-sight.ts'
import { prepareObjects } from './prepare-objects.ts'
import type { DeliveryDecision, DeliveryEffect, DeliveryObserved, DeliverySet, PreparedObject } from './types.ts'

export type Desired = NonNullable<Delivery['spec']['desired']>
export type DesiredComponent = Desired['components'][number]

/** All that the phases of one attempt look at. */
export interface Work {
  readonly object: Delivery
  readonly uid: string
  readonly observed: DeliveryObserved
  readonly now: string
  readonly attempt: Attempt
  readonly id: string
  readonly phase: DeliveryPhase
  readonly desired: Desired
  readonly sets: ReadonlyMap<string, DeliverySet>
  readonly prepared: readonly PreparedObject[]
  readonly inventory: Inventory | undefined
  readonly live: LiveSight
  /** A person asked: write everything once more, whatever was written before. */
  readonly forced: boolean
}

/** What a phase says: go on to the next one, or these things first. */
export type PhaseStep =
  | { readonly go: DeliveryPhase; readonly attempt?: Attempt }
  | {
      readonly act: readonly DeliveryEffect[]
      readonly waitingFor: string
      readonly attempt?: Attempt
      readonly seconds?: number
    }
  | { readonly fail: string; readonly attempt: Attempt; readonly act: readonly DeliveryEffect[] }
  | { readonly settle: DeliveryStatus['applied'] & {}; readonly findings: DeliveryStatus['findings'] }

export function beginWork(
  { object, observed, now }: { object: Delivery; observed: DeliveryObserved; now: string },
  facts: Pick<Work, 'attempt' | 'phase' | 'desired' | 'sets' | 'inventory' | 'live'>,
): Work {
  const prepared = facts.desired.components.flatMap(({ digest }) => {
    const set = facts.sets.get(digest)
    return set === undefined ? [] : prepareObjects(object, set, observed.hashKey)
  })
  return {
    ...facts,
    object,
    uid: object.metadata.uid ?? '',
    observed,
    now,
    id: attemptId(object, facts.attempt),
    prepared: withoutDoubles(prepared),
    forced: facts.attempt.syncRequest !== object.status?.applied?.syncRequest,
  }
}

/** Two charts may bring the same definition in their `crds/`; it is one object. Other doubles are refused elsewhere. */
function withoutDoubles(objects: readonly PreparedObject[]): PreparedObject[] {
  const seen = new Set<string>()
  return objects.filter((object) => {
    const key = refKey(object.ref)
    if (object.fromCrdFolder && seen.has(key)) return false
    seen.add(key)
    return true
  })
}

/** Objects that have to be written: not what was sent before and is as it was then. */
export function objectsToWrite({ prepared, inventory, live, forced }: Work): PreparedObject[] {
  if (forced) return [...prepared]
  const entries = new Map((inventory?.entries ?? []).map((entry) => [refKey(entry.ref), entry]))
  return prepared.filter(({ ref, hash }) => {
    const entry = entries.get(refKey(ref))
    const seen = live.get(refKey(ref))
    return entry?.desired !== hash || entry.live === undefined || seen?.contentHash !== entry.live
  })
}

/** Components whose set is another than the one applied, or that come anew: only their hooks run, only they get a Helm record. */
export function changedComponents(work: Pick<Work, 'desired' | 'inventory' | 'attempt'>): DesiredComponent[] {
  const { desired, inventory, attempt } = work
  return desired.components.filter(
    ({ name, digest }) => attempt.installs?.includes(name) === true || inventory?.components[name]?.digest !== digest,
  )
}

const defaultHookTimeout = 300
export const hookTimeout = (desired: Desired | undefined, component: string): number =>
  desired?.components.find(({ name }) => name === component)?.hookTimeoutSeconds ?? defaultHookTimeout

export function seenComponents(
  object: Delivery,
  inventory: Inventory | undefined,
  live: Known<LiveSight>,
): ComponentStatus[] | undefined {
  if (!live.known || inventory === undefined) return undefined
  return computeComponents(object, inventory, live.value)
}

export const countOf = (inventory: Inventory): { objects: number; epoch: number } => ({
  objects: inventory.entries.length,
  epoch: inventory.epoch,
})

const longestTrouble = 800

/** What is waited for, and why it did not come yet, where an effect is tried again and again. */
export function waitText(waitingFor: string, { trouble }: Pick<DeliveryObserved, 'trouble'>): string {
  return trouble === undefined ? waitingFor : `${waitingFor}: ${trouble.slice(0, longestTrouble)}`
}

/** Puts a decision together. */
export function decide(
  object: Delivery,
  news: StatusNews,
  now: string,
  rest: {
    readonly effects?: readonly DeliveryEffect[]
    readonly next: Next
    readonly prepared?: readonly PreparedObject[]
  },
): DeliveryDecision {
  const cluster = object.spec.target.cluster
  const objects: Known<readonly DesiredObject[]> =
    rest.prepared === undefined
      ? unknown('the rendered sets are not looked at')
      : known(rest.prepared.map((prepared) => ({ cluster, object: prepared.object })))
  return { objects, effects: rest.effects ?? [], status: composeStatus(object, news, now), next: rest.next }
}
