import { type DeliveryStatus, known, type Known, refKey, settled, waiting } from '@flotilla/model'
import { hashOf } from './hash.ts'
import type { HelmChange } from './helm-changes.ts'
import { computeWaves } from './install-order.ts'
import type { Inventory, InventoryEntry } from './inventory.ts'
import type { LiveSight } from './live-sight.ts'
import { prepareObjects } from './prepare-objects.ts'
import { failuresText } from './refusals.ts'
import type {
  DeliveryDecision,
  DeliveryEffect,
  DeliveryInput,
  DriftCheck,
  EffectResult,
  PreparedObject,
} from './types.ts'
import { countOf, decide, seenComponents } from './work.ts'

export interface SettledFacts {
  readonly inventory: Inventory
  readonly live: LiveSight
  readonly changes: Known<readonly HelmChange[]>
}

type Found = { readonly entry: InventoryEntry; readonly what: 'Changed' | 'Missing'; readonly paths: readonly string[] }

/** Everything was delivered: keep it so. What differs is checked by a dry-run before it counts as drift. */
export function upkeep(input: DeliveryInput, facts: SettledFacts): DeliveryDecision {
  const { object, observed, now } = input
  const { inventory, live, changes } = facts
  const suspects = findSuspects(inventory, live, observed.results)
  const prepared = suspects.length === 0 ? [] : preparedOf(input, inventory)
  const changed = changes.known ? changes.value.map(({ message }) => message).join('; ') : ''
  const helmChanged = changed === '' ? (changes.known ? undefined : object.status?.helmChanged) : changed
  const news = (drift: DeliveryStatus['drift']) => ({
    phase: 'Settled' as const,
    attempt: undefined,
    components: seenComponents(object, inventory, known(live)),
    helmChanged,
    inventory: countOf(inventory),
    drift,
  })
  if (suspects.length === 0) return decide(object, news({ state: 'None' }), now, { next: settled })
  const driftBefore = object.status?.drift ?? { state: 'None' as const }
  if (prepared === undefined) {
    const digests = Object.values(inventory.components).map(({ digest }) => digest)
    const effects: DeliveryEffect[] = [{ kind: 'loadSets', key: `load/${digests.join()}`, digests }]
    return decide(object, news(driftBefore), now, { effects, next: waiting(30, 'drift being looked at') })
  }
  const { checks, found } = judge(suspects, prepared, live, observed.results)
  const effects: DeliveryEffect[] = checks.length === 0 ? [] : [{ kind: 'checkDrift', key: checkKey(checks), checks }]
  const drift = found.length === 0 ? { state: 'None' as const } : describe(found, object.status?.drift, now)
  const held = object.spec.paused || object.spec.driftPolicy === 'Report' || helmChanged !== undefined || !changes.known
  if (held || found.length === 0) {
    return decide(object, news(checks.length > 0 && found.length === 0 ? driftBefore : drift), now, {
      effects,
      next: checks.length === 0 ? settled : waiting(30, 'drift being looked at'),
    })
  }
  const repair = repairEffect(found, prepared, inventory, live, now)
  const lastResult = observed.results.get(repair.key)
  if (lastResult === undefined) effects.push(repair)
  const failed = lastResult?.kind === 'applied' ? failuresText(lastResult.failures) : ''
  const trouble = lastResult === undefined ? (observed.trouble ?? '') : failed
  return decide(object, { ...news(drift), ...(trouble === '' ? {} : { trouble }) }, now, {
    effects,
    next: waiting(5, `${found.length} drifted`),
  })
}

/** Entries whose object is gone, or is not as the last apply left it and was not found harmless since. */
function findSuspects(
  inventory: Inventory,
  live: LiveSight,
  results: ReadonlyMap<string, EffectResult>,
): InventoryEntry[] {
  return inventory.entries.filter((entry) => {
    if (entry.leaving === true || entry.desired === undefined) return false
    const seen = live.get(refKey(entry.ref))
    if (seen === undefined) return true
    if (seen.contentHash === entry.live) return false
    const checked = results.get(driftKey(entry, seen.contentHash))
    return !(checked?.kind === 'drift' && checked.paths.length === 0)
  })
}

/** One verdict per object, wish and content: an answer is good for as long as none of them changes. */
export const driftKey = (entry: Pick<InventoryEntry, 'ref' | 'desired'>, contentHash: string): string =>
  `drift/${hashOf([refKey(entry.ref), entry.desired, contentHash])}`

function preparedOf({ object, observed }: DeliveryInput, inventory: Inventory): PreparedObject[] | undefined {
  const prepared: PreparedObject[] = []
  for (const { digest } of Object.values(inventory.components)) {
    if (!observed.sets.has(digest)) return undefined
    const set = observed.sets.get(digest)
    if (set !== undefined) prepared.push(...prepareObjects(object, set, observed.hashKey))
  }
  return prepared
}

function judge(
  suspects: readonly InventoryEntry[],
  prepared: readonly PreparedObject[],
  live: LiveSight,
  results: ReadonlyMap<string, EffectResult>,
): { checks: DriftCheck[]; found: Found[] } {
  const byKey = new Map(prepared.map((object) => [refKey(object.ref), object]))
  const checks: DriftCheck[] = []
  const found: Found[] = []
  for (const entry of suspects) {
    const key = refKey(entry.ref)
    const object = byKey.get(key)
    const seen = live.get(key)
    if (object === undefined) continue
    if (seen === undefined) {
      found.push({ entry, what: 'Missing', paths: [] })
      continue
    }
    const checked = results.get(driftKey(entry, seen.contentHash))
    if (checked?.kind === 'drift') found.push({ entry, what: 'Changed', paths: checked.paths })
    else checks.push({ object, resultKey: driftKey(entry, seen.contentHash) })
  }
  return { checks, found }
}

const checkKey = (checks: readonly DriftCheck[]): string => `check/${hashOf(checks.map(({ resultKey }) => resultKey))}`

/** Whoever makes the same change over and over meets at most one repair in this many seconds. */
const repairSeconds = 10

function repairEffect(
  found: readonly Found[],
  prepared: readonly PreparedObject[],
  inventory: Inventory,
  live: LiveSight,
  now: string,
): DeliveryEffect {
  const keys = new Set(found.map(({ entry }) => refKey(entry.ref)))
  const objects = prepared.filter(({ ref }) => keys.has(refKey(ref)))
  const turn = Math.floor(Date.parse(now) / 1000 / repairSeconds)
  const contents = objects.map(({ ref }) => [refKey(ref), live.get(refKey(ref))?.contentHash ?? 'missing'])
  return {
    kind: 'apply',
    key: `repair/${turn}/${hashOf(contents)}`,
    waves: computeWaves(objects),
    inventory,
    takeOver: false,
  }
}

type Drift = NonNullable<DeliveryStatus['drift']>

function describe(found: readonly Found[], before: Drift | undefined, now: string): Drift {
  const objects = found.slice(0, 50).map(({ entry: { ref }, what, paths }) => {
    const { kind, group, namespace, name } = ref
    return paths.length === 0
      ? { kind, group, namespace, name, what }
      : { kind, group, namespace, name, what, paths: paths.slice(0, 20) }
  })
  return { state: 'Drifted', objects, since: before?.state === 'Drifted' ? (before.since ?? now) : now }
}
