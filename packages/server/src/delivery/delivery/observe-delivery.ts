import { setImmediate as nextTurn } from 'node:timers/promises'
import type { KubeClient } from '@flotilla/kube'
import { asFlotillaError, type Delivery, type Known, known, refKey, unknown } from '@flotilla/model'
import {
  type Barred,
  type ConnectionSight,
  type DeliveryObserved,
  type DeliverySet,
  type HookSight,
  type Inventory,
  type LiveSight,
  isHookOf,
  isSameWish,
  prepareAhead,
} from '@flotilla/reconcile'
import type { DeliveryControllerDeps, Workbench } from './deps.ts'
import { type DeliveryMemory, digestsOf, type SetCache } from './delivery-memory.ts'
import { mayAdopt } from './dry-run-objects.ts'
import type { StoredSet } from '../rendered-set.ts'
import { readInventory } from './inventory-config-map.ts'
import { seeHook } from './see-hook.ts'

/** How long an inventory that we know may be believed: only somebody's hand changes it behind our back. */
const inventoryMs = 300_000
/** Of a Delivery that leaves: its namespace and its rights may go with it. */
const leavingInventoryMs = 5_000

/** Reads what a decision about one Delivery needs. Requests are made for the inventory and for a hook in hand, at most. */
export async function observeDelivery(
  bench: Omit<Workbench, 'client'>,
  client: Known<KubeClient>,
  cache: SetCache,
  now: string,
): Promise<DeliveryObserved> {
  const { deps, delivery, memory } = bench
  const connection = observeConnection(deps, delivery)
  const sets = observeSets(delivery, memory, cache, deps.clock.elapsed())
  await prepareSets(bench, sets)
  const reached = connection.state === 'connected' ? client : unknown('the cluster is not connected')
  const { inventory, barred } = await observeInventory(bench, reached)
  wantKinds(deps, delivery, inventory, sets)
  const live = observeLive(deps, delivery)
  const blind = connection.state === 'connected' && !(live.known && inventory.known)
  memory.blindSince = blind ? (memory.blindSince ?? now) : undefined
  return {
    connection,
    sets,
    live,
    inventory,
    releases: observeReleases(deps, delivery, inventory, sets),
    hook: await observeHook(bench, reached),
    results: memory.results,
    hashKey: deps.digestKey,
    adopt: mayAdopt(delivery, deps),
    blindSince: memory.blindSince,
    trouble: memory.trouble,
    ...(barred === undefined ? {} : { barred }),
  }
}

function observeConnection({ fleet }: DeliveryControllerDeps, { spec }: Delivery): ConnectionSight {
  return fleet.get(spec.target.cluster)?.connection ?? { state: 'absent' }
}

/** How long the event loop may be held at one time. */
const turnMs = 10

/** Hashes over all of a set are made once, in small turns, before a decision asks for them. */
async function prepareSets(
  { deps, delivery, signal }: Omit<Workbench, 'client'>,
  sets: ReadonlyMap<string, DeliverySet | undefined>,
): Promise<void> {
  const { spec, status } = delivery
  // at rest nothing is prepared, unless something drifted
  if (status?.attempt === undefined && isSameWish({ spec }, status?.applied)) return
  let since = performance.now()
  for (const { digest } of spec.desired?.components ?? []) {
    const set = sets.get(digest)
    if (set === undefined) continue
    await prepareAhead(delivery, set, deps.digestKey, async () => {
      if (performance.now() - since < turnMs) return
      await nextTurn()
      signal.throwIfAborted()
      since = performance.now()
    })
  }
}

/** How long a set that is gone counts as gone before it is looked for again. */
const missingMs = 5_000

function observeSets(
  delivery: Delivery,
  memory: DeliveryMemory,
  cache: SetCache,
  now: number,
): Map<string, DeliverySet | undefined> {
  const digests = digestsOf(delivery, memory)
  const loaded = new Map<string, StoredSet>()
  const missing: [string, undefined][] = []
  for (const digest of digests) {
    const set = cache.get(digest)
    if (set !== undefined) loaded.set(digest, set)
    else if (now - (memory.missingSets.get(digest) ?? -Infinity) < missingMs) missing.push([digest, undefined])
  }
  const hook = delivery.status?.attempt?.hook
  // a hook may outlive the wish for its set
  memory.hide(loaded, (digest) => digests.has(digest) || (hook !== undefined && isHookOf(hook, digest)))
  return new Map<string, DeliverySet | undefined>([...loaded, ...missing])
}

interface InventorySight {
  readonly inventory: Known<Inventory | undefined>
  readonly barred?: Barred | undefined
}

async function observeInventory(bench: Omit<Workbench, 'client'>, client: Known<KubeClient>): Promise<InventorySight> {
  const { memory, deps, delivery, signal } = bench
  if (!client.known) return { inventory: client }
  const remembered = memory.inventory
  const leaves = delivery.metadata.deletionTimestamp !== undefined
  const believed = leaves ? leavingInventoryMs : inventoryMs
  if (remembered !== undefined && deps.clock.elapsed() - remembered.at < believed)
    return { inventory: known(remembered.value) }
  try {
    const value = await readInventory({ ...bench, client: client.value })
    memory.inventory = { value, at: deps.clock.elapsed() }
    return { inventory: known(value) }
  } catch (thrown) {
    signal.throwIfAborted()
    const { code, message } = asFlotillaError(thrown)
    const inventory = unknown(message)
    if (!leaves || code !== 'kube.forbidden') return { inventory }
    return { inventory, barred: await observeBarred(deps, delivery, message, signal) }
  }
}

/** Who is refused asks the platform whether the namespace is still there. Undefined: that is not known either. */
async function observeBarred(
  { fleet }: DeliveryControllerDeps,
  { spec: { target } }: Delivery,
  reason: string,
  signal: AbortSignal,
): Promise<Barred | undefined> {
  const platform = fleet.client(target.cluster)
  if (!platform.known) return undefined
  try {
    const found = await platform.value.find(
      { group: '', version: 'v1', kind: 'Namespace', name: target.namespace },
      { signal },
    )
    if (found === undefined) return { reason, namespace: 'gone' }
    return { reason, namespace: found.metadata.deletionTimestamp === undefined ? 'present' : 'going' }
  } catch {
    signal.throwIfAborted()
    return undefined
  }
}

/** Everything that is there, or is about to come, is watched before it is decided on. */
function wantKinds(
  { live }: DeliveryControllerDeps,
  { metadata, spec }: Delivery,
  inventory: Known<Inventory | undefined>,
  sets: ReadonlyMap<string, DeliverySet | undefined>,
): void {
  const kinds = new Map<string, { group: string; kind: string }>()
  const add = (group: string, kind: string): void => {
    kinds.set(`${group}/${kind}`, { group, kind })
  }
  for (const { ref } of (inventory.known ? inventory.value?.entries : undefined) ?? []) add(ref.group, ref.kind)
  for (const set of sets.values()) {
    for (const { apiVersion, kind } of [...(set?.crds ?? []), ...(set?.objects ?? [])]) add(groupOf(apiVersion), kind)
    // so that a hook that ends is heard at once
    for (const { object } of set?.hooks ?? []) add(groupOf(object.apiVersion), object.kind)
  }
  // a delivery of nothing has no kind of its own, and is known all the same
  if (kinds.size === 0) add('', 'ConfigMap')
  live.wantFor(spec.target.cluster, metadata.uid ?? '', [...kinds.values()])
}

const groupOf = (apiVersion: string): string =>
  apiVersion.includes('/') ? apiVersion.slice(0, apiVersion.indexOf('/')) : ''

function observeLive({ live }: DeliveryControllerDeps, { metadata, spec }: Delivery): Known<LiveSight> {
  const objects = live.objects(spec.target.cluster, metadata.uid ?? '')
  return objects.known ? known(new Map(objects.value.map((object) => [refKey(object.ref), object]))) : objects
}

function observeReleases(
  { live }: DeliveryControllerDeps,
  { spec }: Delivery,
  inventory: Known<Inventory | undefined>,
  sets: ReadonlyMap<string, DeliverySet | undefined>,
): DeliveryObserved['releases'] {
  const recorded = Object.values((inventory.known ? inventory.value : undefined)?.components ?? {})
  const any =
    recorded.some(({ release }) => release !== undefined) || [...sets.values()].some((set) => set?.helm !== undefined)
  return any ? live.releases(spec.target.cluster, spec.target.namespace) : known(new Map())
}

async function observeHook(
  { delivery, memory, signal }: Omit<Workbench, 'client'>,
  client: Known<KubeClient>,
): Promise<Known<HookSight>> {
  const hook = delivery.status?.attempt?.hook
  if (hook === undefined) return unknown('no hook is in hand')
  if (!client.known) return client
  if (hook.outcome !== undefined) return unknown('its outcome is recorded')
  try {
    const clean = (text: string): string => memory.clean(text)
    return known(await seeHook(client.value, hook, { clean, withLog: memory.knowsSecretsOf(hook) }, signal))
  } catch (thrown) {
    signal.throwIfAborted()
    return unknown(asFlotillaError(thrown).message)
  }
}
