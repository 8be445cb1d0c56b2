import { failpoint } from '@flotilla/engine'
import {
  asFlotillaError,
  DeliveryKind,
  fieldManager,
  finalizer,
  group,
  type HookInHand,
  type KubeObject,
  version,
} from '@flotilla/model'
import type { DeliveryEffect, EffectResult, LiveSight, ObjectFailure } from '@flotilla/reconcile'
import { recordFinding } from '../../fleet/record-finding.ts'
import { applyObjects } from './apply-objects.ts'
import { checkDrift } from './check-drift.ts'
import type { Workbench } from './deps.ts'
import { digestsOf, type SetCache } from './delivery-memory.ts'
import { dryRunObjects, isTransport } from './dry-run-objects.ts'
import { removeHelmRecords, writeHelmRecord } from './helm-records.ts'
import { inventoryKey, writeInventory } from './inventory-config-map.ts'
import { recordOrphan } from './orphans.ts'
import { podsOf, readPodLog } from '../runs/run-log.ts'
import { pruneObjects, releaseObjects } from './remove-objects.ts'
import { finishHook, removeHooks, startHook } from './run-hook.ts'

/** Does one effect and keeps what came of it. What could not be asked throws, and is asked again later. */
export async function executeEffect(
  bench: Workbench,
  effect: DeliveryEffect,
  live: LiveSight,
  cache: SetCache,
): Promise<void> {
  const { memory, signal, client, delivery, deps } = bench
  switch (effect.kind) {
    case 'addFinalizer':
      return setFinalizer(bench, true)
    case 'removeFinalizer':
      return setFinalizer(bench, false)
    case 'loadSets':
      return loadSets(bench, effect.digests, cache)
    case 'dryRun':
      return memory.remember(effect.key, await dryRunObjects(bench, effect, live))
    case 'startHook':
      return memory.remember(effect.key, await startHook(bench, effect.run))
    case 'finishHook':
      return memory.remember(effect.key, await finish(bench, effect))
    case 'removeHooks':
      return memory.remember(effect.key, await removeHooks(bench, effect.refs, effect.deliveryUid))
    case 'writeInventory':
      return memory.remember(effect.key, await keepInventory(bench, effect))
    case 'apply':
      return memory.remember(effect.key, await applyObjects(bench, effect, live))
    case 'prune':
      return memory.remember(effect.key, await pruneObjects(bench, effect.objects))
    case 'release':
      return release(bench, effect)
    case 'writeHelmRecord':
      return memory.remember(
        effect.key,
        await writeHelmRecord(bench, effect.record, cache.get(effect.record.setDigest)),
      )
    case 'removeHelmRecords':
      return memory.remember(effect.key, await removeHelmRecords(bench, effect.releases))
    case 'checkDrift':
      for (const [key, result] of await checkDrift(bench, effect.checks)) memory.remember(key, result)
      return
    case 'removeInventory':
      await client.delete(inventoryKey(delivery), { signal })
      memory.inventory = { value: undefined, at: deps.clock.elapsed() }
      failpoint('delivery-inventory-removed')
      return
    case 'recordOrphan':
      return recordOrphan(deps.fleet.host, delivery, effect.policy, signal)
    case 'recordLeft':
      return recordLeft(bench, effect.key, effect.message)
    default:
      effect satisfies never
  }
}

type Of<Kind extends DeliveryEffect['kind']> = Extract<DeliveryEffect, { kind: Kind }>

function whoFinishes(bench: Workbench, { asPlatform }: Of<'finishHook'>): Workbench {
  if (asPlatform !== true) return bench
  const { fleet } = bench.deps
  const platform = fleet.client(bench.delivery.spec.target.cluster)
  return platform.known ? { ...bench, client: platform.value } : bench
}

function finish(bench: Workbench, effect: Of<'finishHook'>): Promise<EffectResult> {
  const { hook, remove } = effect
  const who = whoFinishes(bench, effect)
  return finishHook(who, hook, remove, (object) => keepHookLog(who, hook, object))
}

/** What a migration wrote, under the uid of its Delivery. */
async function keepHookLog(bench: Workbench, hook: HookInHand, object: KubeObject): Promise<void> {
  const { client, delivery, deps, memory, signal } = bench
  const [pod] = await podsOf(client, object, signal)
  if (pod === undefined) return
  const telling = { clean: (text: string) => memory.clean(text), withLog: memory.knowsSecretsOf(hook) }
  await deps.stepLogs.put({
    projectUid: delivery.spec.project.uid,
    rolloutUid: delivery.metadata.uid ?? '',
    step: `${hook.id}/${hook.key}`,
    attempt: 1,
    text: await readPodLog(client, pod, telling, signal),
    at: new Date(deps.clock.now()).toISOString(),
  })
}

/** An object that refuses to be let go of holds up nobody: it is said, and stays with our labels. */
async function release(bench: Workbench, { key, refs }: Of<'release'>): Promise<void> {
  const failures = await releaseObjects(bench, refs)
  bench.memory.remember(key, { kind: 'failures', failures, skipped: [] })
  if (failures.length > 0) await recordLeft(bench, `${key}/${bench.delivery.metadata.uid ?? ''}`, keptText(failures))
}

export const keptText = (failures: readonly ObjectFailure[]): string =>
  `${failures.length} objects were to be let go of and still carry the labels of Flotilla: ${failures
    .slice(0, 5)
    .map(({ message }) => message)
    .join('; ')}`

async function recordLeft({ deps, memory, signal }: Workbench, key: string, message: string): Promise<void> {
  const at = new Date(deps.clock.now()).toISOString()
  const finding = { key, reason: 'LeftBehind', message: memory.clean(message), at } as const
  await recordFinding(deps.fleet.host, deps.log, finding, signal)
}

async function loadSets(
  { deps, delivery, memory }: Workbench,
  digests: readonly string[],
  cache: SetCache,
): Promise<void> {
  const together = new Set([...digestsOf(delivery, memory), ...digests])
  for (const digest of digests) {
    const loaded = await deps.sets.load(digest)
    if (loaded === undefined) {
      memory.missingSets.set(digest, deps.clock.elapsed())
      deps.setMissing?.(digest)
    } else {
      memory.missingSets.delete(digest)
      cache.put(digest, loaded, together)
    }
  }
}

async function keepInventory(
  bench: Workbench,
  { inventory }: Extract<DeliveryEffect, { kind: 'writeInventory' }>,
): Promise<EffectResult> {
  const { memory, deps, signal } = bench
  try {
    // whatever comes of it, what was read before no longer counts
    memory.inventory = undefined
    const written = await writeInventory(bench, inventory)
    memory.inventory = { value: written, at: deps.clock.elapsed() }
    failpoint('delivery-inventory-written')
    return { kind: 'done' }
  } catch (thrown) {
    signal.throwIfAborted()
    const error = asFlotillaError(thrown)
    if (isTransport(error) || error.code === 'kube.conflict') throw error
    return { kind: 'refused', code: error.code, message: `The inventory cannot be written: ${error.message}` }
  }
}

async function setFinalizer({ deps, delivery, memory, signal }: Workbench, wanted: boolean): Promise<void> {
  const { metadata } = delivery
  const others = (metadata.finalizers ?? []).filter((name) => name !== finalizer)
  const finalizers = wanted ? [...others, finalizer] : others
  const key = { group, version, kind: DeliveryKind.kind, namespace: metadata.namespace, name: metadata.name }
  const body = { metadata: { resourceVersion: metadata.resourceVersion, finalizers } }
  const patched: KubeObject = await deps.fleet.host.patch(key, { type: 'merge', body }, { fieldManager, signal })
  memory.wrote({
    ...delivery,
    metadata: { ...metadata, finalizers, resourceVersion: patched.metadata.resourceVersion },
  })
  failpoint('delivery-finalizer-written')
}
