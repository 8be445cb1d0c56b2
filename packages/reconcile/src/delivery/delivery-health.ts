import {
  type ComponentStatus,
  type Delivery,
  type HealthState,
  type ObjectRef,
  refKey,
  refText,
  summariseHealth,
} from '@flotilla/model'
import type { Inventory, InventoryEntry } from './inventory.ts'
import type { LiveObjectSight, LiveSight } from './live-sight.ts'

interface SeenEntry {
  readonly ref: ObjectRef
  readonly state: HealthState
  readonly message: string
  readonly live: LiveObjectSight | undefined
}

const missing = 'it is not there'

/** What each component looks like, from its own objects as they were seen. */
export function computeComponents(delivery: Delivery, inventory: Inventory, live: LiveSight): ComponentStatus[] {
  const names = new Set([
    ...(delivery.spec.desired?.components ?? []).map(({ name }) => name),
    ...Object.keys(inventory.components),
  ])
  const seen = new Map<string, SeenEntry[]>()
  for (const entry of inventory.entries) {
    if (entry.leaving === true || !names.has(entry.component)) continue
    const list = seen.get(entry.component) ?? []
    list.push(look(entry, live))
    seen.set(entry.component, list)
  }
  return [...names].map((name) => computeComponent(name, inventory, seen.get(name) ?? []))
}

function look(entry: InventoryEntry, live: LiveSight): SeenEntry {
  const object = live.get(refKey(entry.ref))
  if (object === undefined) return { ref: entry.ref, state: 'Missing', message: missing, live: undefined }
  return { ref: entry.ref, ...object.health, live: object }
}

function computeComponent(name: string, inventory: Inventory, entries: readonly SeenEntry[]): ComponentStatus {
  const applied = inventory.components[name]
  // wanted, and nothing of it was ever applied: not well, and not ill either
  const state = applied === undefined && entries.length === 0 ? 'Progressing' : summarise(entries)
  const worst = entries.find((entry) => entry.state === state && entry.message !== '')
  const counted = entries.flatMap(({ live }) => (live?.wanted === undefined ? [] : [live]))
  const images = [...new Set(entries.flatMap(({ live }) => live?.images ?? []))].slice(0, 50)
  return {
    name,
    health: state,
    ...(worst === undefined ? {} : { message: `${refText(worst.ref)}: ${worst.message}`.slice(0, 1024) }),
    ...(applied?.version === undefined ? {} : { version: applied.version }),
    ...(applied === undefined ? {} : { digest: applied.digest }),
    ...(images.length === 0 ? {} : { images }),
    ...(counted.length === 0
      ? {}
      : {
          ready: counted.reduce((sum, { ready }) => sum + (ready ?? 0), 0),
          wanted: counted.reduce((sum, { wanted }) => sum + (wanted ?? 0), 0),
        }),
    ...(applied?.release === undefined ? {} : { helmRevision: applied.release.revision }),
  }
}

const summarise = (entries: readonly SeenEntry[]): HealthState =>
  summariseHealth(entries.map(({ state }) => state)).state

/** Kinds that say how they fare but hold up no delivery: they need what comes after it, or run for as long as they like. */
const notAwaited = new Set([
  'HorizontalPodAutoscaler',
  'PodDisruptionBudget',
  'Job',
  'CronJob',
  'Ingress',
  'Service',
  'PersistentVolumeClaim',
  'APIService',
])

/** Why a delivered object is not yet as it should be before the delivery goes on; undefined when it is. */
export function computeUnready(ref: ObjectRef, live: LiveObjectSight | undefined): string | undefined {
  if (live === undefined) return `${refText(ref)}: ${missing}`
  const { state, message } = live.health
  if (state === 'Healthy' || state === 'Suspended') return undefined
  if (notAwaited.has(ref.kind) && state !== 'Failed') return undefined
  return `${refText(ref)}: ${message}`
}
