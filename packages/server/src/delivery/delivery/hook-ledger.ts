import { type Delivery, FlotillaError, type HookInHand, type KubeObject } from '@flotilla/model'
import type { EffectResult } from '@flotilla/reconcile'
import type { MigrationKey } from '../../store/migration-ledger.ts'
import { beginMigration, isNamespaceYounger } from '../migration/begin-migration.ts'
import type { HookBench } from './deps.ts'

type HookMigration = NonNullable<HookInHand['migration']>

const keyOf = ({ spec }: Delivery, { digest, scope }: HookMigration): MigrationKey => ({
  projectUid: spec.project.uid,
  digest,
  scope,
})

const holderOf = ({ metadata }: Delivery, { id, key }: HookInHand): string => `${metadata.uid ?? ''}/${id}/${key}`

/**
 * Records that this hook is about to migrate, before it is created. Gives what there is instead of a run; undefined: it is to be created, if
 * it is not there. `existing` is its own object, where it was created before. Errors: `delivery.hook_waits` while the same one runs elsewhere.
 */
export async function beginHookMigration(
  { deps, client, delivery, signal }: HookBench,
  hook: HookInHand,
  existing: KubeObject | undefined,
): Promise<EffectResult | undefined> {
  const { migration } = hook
  if (migration === undefined) return undefined
  const { project, application, target } = delivery.spec
  const { cluster, namespace } = target
  const holder = holderOf(delivery, hook)
  const startedAt = new Date(deps.clock.now()).toISOString()
  const claim = {
    ...keyOf(delivery, migration),
    project: project.name,
    application: application.name,
    name: hook.name,
    holder,
    job: { cluster, namespace: hook.namespace === '' ? namespace : hook.namespace, name: hook.name },
    reversible: migration.reversible,
    idempotent: migration.idempotent,
    startedAt,
  }
  const turn = await beginMigration(deps, claim, signal)
  const { record } = turn
  const where = `${record.job.cluster}/${record.job.namespace}`
  if (turn.mine) {
    if (turn.fresh || existing !== undefined) return undefined
    if (!(await isNamespaceYounger(client, claim.job.namespace, record.startedAt, signal))) return undefined
    const message = `namespace ${claim.job.namespace} was made anew after it was begun`
    await deps.ledger.end(claim, holder, { state: 'Uncertain', message, at: startedAt })
    return { kind: 'refused', code: 'delivery.hook_uncertain', message: unknownEnd(where, message) }
  }
  if (record.state === 'Succeeded')
    return { kind: 'ranBefore', message: `it ran before, on ${where} for ${record.application}` }
  if (record.state === 'Uncertain')
    return { kind: 'refused', code: 'delivery.hook_uncertain', message: unknownEnd(where, record.message) }
  throw new FlotillaError('delivery.hook_waits', {
    message: `${record.application} runs the same migration on ${where} since ${record.startedAt}`,
    retryAfter: 5,
  })
}

const unknownEnd = (where: string, message = 'no reason given'): string =>
  `nobody knows how this migration ended on ${where}: ${message}`

/** The hook's outcome stands in the status: the ledger hears of it before the object may go. */
export async function endHookMigration(
  { deps, delivery }: Pick<HookBench, 'deps' | 'delivery'>,
  hook: HookInHand,
): Promise<void> {
  const { migration, outcome, message } = hook
  if (migration === undefined || outcome === undefined) return
  const at = new Date(deps.clock.now()).toISOString()
  // one that another ran, or that was never begun, is not ours to end
  await deps.ledger.end(keyOf(delivery, migration), holderOf(delivery, hook), { state: outcome, message, at })
}
