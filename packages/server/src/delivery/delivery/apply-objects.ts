import { failpoint } from '@flotilla/engine'
import { asFlotillaError, FlotillaError, type KubeObject, refKey } from '@flotilla/model'
import {
  type AppliedObject,
  computeHealth,
  computeOwnership,
  contentHash,
  type DeliveryEffect,
  type EffectResult,
  type Inventory,
  type LiveSight,
  type ObjectFailure,
  type PreparedObject,
  stripFields,
} from '@flotilla/reconcile'
import type { Workbench } from './deps.ts'
import { asFailure, atOnce, isTransport, ownershipContext } from './dry-run-objects.ts'
import { applyObject, takeOverFields } from './field-owners.ts'
import { inParallel } from './in-parallel.ts'
import { recordKey } from './helm-records.ts'

type Apply = Extract<DeliveryEffect, { kind: 'apply' }>

/** Wave after wave; within one in parallel. A wave with a failure is the last: what needs it would fail as well. */
export async function applyObjects(
  bench: Workbench,
  { waves, inventory, key, takeOver }: Apply,
  live: LiveSight,
): Promise<EffectResult> {
  const repairs = key.startsWith('repair/')
  if (repairs) await checkReleases(bench, waves.flat(), inventory)
  const applied = new Map<string, AppliedObject>()
  const skipped: string[] = []
  for (const wave of waves) {
    const outcomes = await inParallel(wave, atOnce, (prepared) =>
      applyOne(bench, prepared, { live, inventory, repairs, takeOver }),
    )
    const failures: ObjectFailure[] = []
    const definitions: KubeObject[] = []
    for (const [at, outcome] of outcomes.entries()) {
      const prepared = wave[at]
      if (prepared === undefined) continue
      if (outcome.is === 'failed') failures.push(outcome.failure)
      else if (outcome.is === 'skipped') skipped.push(refKey(prepared.ref))
      else {
        applied.set(refKey(prepared.ref), outcome.applied)
        if (prepared.ref.kind === 'CustomResourceDefinition') definitions.push(outcome.object)
      }
    }
    const at = new Date(bench.deps.clock.now()).toISOString()
    if (failures.length > 0) return { kind: 'applied', applied, failures, skipped, at }
    if (definitions.length > 0) await waitEstablished(bench, definitions)
    failpoint('delivery-wave-applied')
  }
  return { kind: 'applied', applied, failures: [], skipped, at: new Date(bench.deps.clock.now()).toISOString() }
}

type Outcome =
  | { readonly is: 'applied'; readonly applied: AppliedObject; readonly object: KubeObject }
  | { readonly is: 'skipped' }
  | { readonly is: 'failed'; readonly failure: ObjectFailure }

interface ApplyContext {
  readonly live: LiveSight
  readonly inventory: Inventory
  readonly repairs: boolean
  readonly takeOver: boolean
}

async function applyOne(bench: Workbench, prepared: PreparedObject, context: ApplyContext): Promise<Outcome> {
  const { client, signal, deps, counters, owners } = bench
  const { live, inventory, repairs, takeOver } = context
  const seen = live.get(refKey(prepared.ref))
  try {
    // what the watch does not show is not there, or not ours: a dry-run cannot have looked at all of it
    const existing = seen === undefined || takeOver ? await owners.read(bench, prepared) : undefined
    if (existing !== undefined) {
      const of = ownershipContext(bench, prepared, inventory)
      // an object of ours whose labels somebody took off is still ours
      const failure = computeOwnership(existing, repairs ? { ...of, adopt: true } : of)
      if (failure !== undefined) return prepared.fromCrdFolder ? { is: 'skipped' } : { is: 'failed', failure }
      if (takeOver) await takeOverFields(bench, existing)
    }
    const { object, scaled } =
      existing === undefined
        ? await owners.strip(bench, prepared, seen?.resourceVersion)
        : stripFields(prepared, existing)
    counters.add('applies')
    const answer = await applyObject(client, object, { dryRun: false, signal })
    failpoint('delivery-object-applied')
    const hash = contentHash(answer, deps.digestKey, { withoutReplicas: scaled })
    return {
      is: 'applied',
      object: answer,
      applied: { live: hash, resourceVersion: answer.metadata.resourceVersion ?? '' },
    }
  } catch (thrown) {
    signal.throwIfAborted()
    const error = asFlotillaError(thrown)
    if (isTransport(error)) throw error
    return { is: 'failed', failure: asFailure(prepared, error) }
  }
}

const establishedMs = 60_000
const lookMs = 250

/** Custom resources can be written once the API server serves their kind. */
async function waitEstablished(
  { client, deps: { clock }, signal, counters }: Workbench,
  definitions: readonly KubeObject[],
): Promise<void> {
  const until = clock.elapsed() + establishedMs
  await inParallel(definitions, atOnce, async ({ metadata: { name } }) => {
    for (;;) {
      counters.add('reads')
      const key = { group: 'apiextensions.k8s.io', kind: 'CustomResourceDefinition', name }
      const health = computeHealth(await client.get(key, { signal }))
      if (health.state === 'Healthy') return
      if (health.state === 'Failed' || clock.elapsed() > until) {
        throw new FlotillaError('kube.group_unavailable', {
          message: `CustomResourceDefinition ${name}: ${health.message}`,
        })
      }
      await clock.sleep(lookMs, signal)
    }
  })
  client.discovery.forget()
}

/** Helm writes a record before it touches an object: a repair must not fight a rollback that the watch did not show yet. */
async function checkReleases(
  bench: Workbench,
  objects: readonly PreparedObject[],
  inventory: Inventory,
): Promise<void> {
  const { client, delivery, signal, counters } = bench
  for (const component of new Set(objects.map((object) => object.component))) {
    const release = inventory.components[component]?.release
    if (release === undefined) continue
    const { namespace } = delivery.spec.target
    counters.add('reads', 2)
    const [ours, next] = await Promise.all([
      client.find(recordKey(namespace, release.name, release.revision), { signal }),
      client.find(recordKey(namespace, release.name, release.revision + 1), { signal }),
    ])
    const status = ours?.metadata.labels?.['status']
    if (next !== undefined || ours === undefined || status?.startsWith('uninstall') === true) {
      throw new FlotillaError('kube.conflict', {
        message: `Plain helm is at work on the release ${release.name}`,
        retryAfter: 1,
      })
    }
  }
}
