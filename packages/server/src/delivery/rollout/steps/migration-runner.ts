import { failpoint } from '@flotilla/engine'
import type { KubeClient } from '@flotilla/kube'
import { asFlotillaError, FlotillaError } from '@flotilla/model'
import type { StepInHand, StepSight } from '@flotilla/reconcile'
import type { MigrationRecord } from '../../../store/migration-ledger.ts'
import { beginMigration, findEndOfOther, isNamespaceYounger } from '../../migration/begin-migration.ts'
import { computeMigrationEnd } from '../../migration/migration-end.ts'
import { waitUntilGone } from '../../runs/let-go-of-run.ts'
import { observeObject } from '../../runs/observe-run.ts'
import { createStepJob, isJobOf } from './create-step-job.ts'
import { closeStepJob, removeStepJob } from './end-step-job.ts'
import { observeStepJob, refOfJob, sightOfJob } from './job-runner.ts'
import { memberOfStep } from './member-of-step.ts'
import { type Claim, type Migration, parseMigration } from './step-migration.ts'
import {
  holderOf,
  type Refusals,
  type StepAnswer,
  type StepContext,
  type StepDeps,
  type StepRunner,
} from './step-runner.ts'
import { tellOf } from './step-telling.ts'

export interface MigrationRunner extends StepRunner {
  /** As `letGo`; one that only waited for another's waits no more. */
  cancel(step: StepInHand, context: StepContext, signal: AbortSignal): Promise<void>
  /** A person says how it ended. False: its outcome is known, and is another one. */
  resolve(step: StepInHand, context: StepContext, answer: StepAnswer, signal: AbortSignal): Promise<boolean>
}

/**
 * Runs a Job once for what it does and where, whatever rollout, attempt or retry it comes with. The ledger has the intent before there is
 * a Job, and the outcome before the Job may go. The Job carries our finalizer from its first moment on, so that after a kill one that is
 * not there was never created, and is created now under the same name; no second write is needed to tell. Two things could still take
 * it away: somebody's force, which is theirs to answer for, and the end of its namespace or cluster. So where the namespace is
 * younger than the intent, nobody can say what ran in the one before, and a person is asked.
 */
export function createMigrationRunner(deps: StepDeps, refusals: Refusals): MigrationRunner {
  const { ledger, clock } = deps
  const now = (): string => new Date(clock.now()).toISOString()

  async function begin(step: StepInHand, context: StepContext, signal: AbortSignal): Promise<void> {
    const holder = holderOf(step, context)
    const migration = parse(step, context)
    if (migration instanceof FlotillaError) return refusals.add(holder, migration)
    const client = memberOfStep(deps, step, context)
    const { claim, job } = migration
    const turn = await beginMigration(deps, { ...claim, startedAt: now() }, signal)
    if (!turn.mine) return
    failpoint('step-job-intended')
    if (claim.idempotent) await removeCut(client, step, context, signal)
    const { ref } = job
    if (!turn.fresh && (await client.find(ref, { signal })) === undefined) {
      if (await isNamespaceYounger(client, ref.namespace, turn.record.startedAt, signal)) {
        const message = `namespace ${ref.namespace} was made anew on ${step.place.cluster} after it was begun`
        await ledger.end(claim, holder, { state: 'Uncertain', message, at: now() })
        return
      }
    }
    const refused = await createStepJob(client, job, holder, signal)
    if (refused !== undefined) await ledger.end(claim, holder, { state: 'Failed', message: refused.message, at: now() })
  }

  /** What was cut off and may be repeated makes room for the next. */
  async function removeCut(client: KubeClient, step: StepInHand, context: StepContext, signal: AbortSignal) {
    const sight = await observeStepJob(deps, step, context, signal)
    if (sight.state !== 'failed' || !sight.cut || sight.expired) return
    const ref = refOfJob(step, context)
    const job = await client.find(ref, { signal })
    if (job === undefined) return
    const ended = await closeStepJob(deps, client, job, step, context, signal)
    const current = ended ? job : await client.find(ref, { signal })
    if (current !== undefined) await removeStepJob(client, current, { ref }, signal)
    await waitUntilGone(client, ref, job.metadata.uid, clock, signal)
  }

  async function see(step: StepInHand, context: StepContext, signal: AbortSignal): Promise<StepSight> {
    const sight = await look(step, context, signal)
    if (sight !== 'ours now') return sight
    if (context.evidence?.some((line) => line.startsWith(waited)) !== true) return { state: 'absent' }
    // it waited for somebody who has ended: nothing of its own is there yet, and it is not to pass for one that vanished
    await begin(step, context, signal)
    const after = await look(step, context, signal)
    const isUnderWay = after === 'ours now' || after.state === 'absent'
    return isUnderWay ? { state: 'running', waitingFor: 'its Job to be created' } : after
  }

  async function look(step: StepInHand, context: StepContext, signal: AbortSignal): Promise<StepSight | 'ours now'> {
    const holder = holderOf(step, context)
    const migration = parse(step, context)
    if (migration instanceof FlotillaError) return { state: 'failed', message: migration.message }
    const { claim } = migration
    const record = await ledger.get(claim)
    if (record === undefined) return { state: 'absent' }
    const mine = record.holder === holder
    switch (record.state) {
      case 'Succeeded':
        return {
          state: 'succeeded',
          evidence: [ranText(record, mine)],
          job: record.job,
          ...(!mine && ranBefore(record, context) ? { ranBefore: true } : {}),
        }
      case 'Uncertain':
        return claim.idempotent ? 'ours now' : { state: 'uncertain', message: uncertainText(record), job: record.job }
      case 'Failed':
        return mine ? { state: 'failed', message: record.message ?? 'it failed', job: record.job } : 'ours now'
      case 'Running':
        return mine ? seeMine(step, context, claim, signal) : seeOther(record, signal)
      default:
        return record.state satisfies never
    }
  }

  async function seeMine(
    step: StepInHand,
    context: StepContext,
    claim: Claim,
    signal: AbortSignal,
  ): Promise<StepSight> {
    const sight = await observeStepJob(deps, step, context, signal)
    if (sight.state !== 'failed' || !sight.cut) return sightOfJob(sight, step, claim.job.name)
    if (!claim.idempotent) return { state: 'uncertain', message: sight.message, job: claim.job }
    // it may run again, as long as it has time
    return sight.expired ? { state: 'failed', message: sight.message } : { state: 'absent' }
  }

  /** One that ended, or that nobody can end any more: `begin` records that. */
  async function seeOther(record: MigrationRecord, signal: AbortSignal): Promise<StepSight | 'ours now'> {
    if ((await findEndOfOther(deps, record, signal)) !== undefined) return 'ours now'
    const { job, application, startedAt } = record
    const waitingFor = `the same migration, which ${application} runs on ${job.cluster}/${job.namespace} since ${startedAt}`
    const evidence = [`${waited} ${application} on ${job.cluster}/${job.namespace}`]
    return { state: 'running', waitingFor, evidence, job }
  }

  async function letGo(step: StepInHand, context: StepContext, signal: AbortSignal): Promise<void> {
    const holder = holderOf(step, context)
    const migration = parse(step, context)
    if (migration instanceof FlotillaError) return
    const { claim } = migration
    const record = await ledger.get(claim)
    const open = record?.state === 'Running' && record.holder === holder
    // whoever never held it has no Job either
    if (record === undefined) return
    const client = memberOfStep(deps, step, context)
    const ref = refOfJob(step, context)
    const job = await client.find(ref, { signal })
    if (job === undefined || !isJobOf(job, holder)) {
      if (open) await ledger.end(claim, holder, { state: 'Uncertain', message: neverSeen, at: now() })
      return
    }
    const tell = () => tellOf(deps.sets, step.place)
    // of the very object that is closed next: a Job may end in between
    const sight = open ? await observeObject(client, job, tell, signal) : undefined
    const ended = await closeStepJob(deps, client, job, step, context, signal)
    if (sight !== undefined) {
      const end = ended ? computeMigrationEnd(sight, now()) : undefined
      await ledger.end(claim, holder, end ?? { state: 'Uncertain', message: stopped, at: now() })
    }
    failpoint('step-job-ended')
    const current = ended ? job : await client.find(ref, { signal })
    if (current !== undefined) await removeStepJob(client, current, { ref }, signal)
  }

  async function cancel(step: StepInHand, context: StepContext, signal: AbortSignal): Promise<void> {
    await letGo(step, context, signal)
    const migration = parse(step, context)
    const record = migration instanceof FlotillaError ? undefined : await ledger.get(migration.claim)
    const holder = holderOf(step, context)
    // what it waited for goes on without it
    if (record?.holder !== holder)
      refusals.add(holder, { message: 'It was given up before it began', remedy: undefined })
  }

  async function resolve(
    step: StepInHand,
    context: StepContext,
    answer: StepAnswer,
    signal: AbortSignal,
  ): Promise<boolean> {
    const migration = parse(step, context)
    if (migration instanceof FlotillaError) return false
    const { claim } = migration
    try {
      // a pod that still runs must not run beside the next
      await letGo(step, context, signal)
    } catch (thrown) {
      signal.throwIfAborted()
      // the person knows more than a cluster that does not answer
      if (!['cluster.unreachable', 'kube.conflict'].includes(asFlotillaError(thrown).code)) throw thrown
    }
    const at = now()
    // that it is uncertain may so far only have been seen
    await ledger.end(claim, holderOf(step, context), { state: 'Uncertain', at })
    failpoint('step-job-uncertain')
    if (await ledger.resolve(claim, { ...answer, at })) return true
    return (await ledger.get(claim))?.state === answer.outcome
  }

  function parse(step: StepInHand, context: StepContext): Migration | FlotillaError {
    try {
      return parseMigration(step, context, deps.digestKey)
    } catch (thrown) {
      const error = asFlotillaError(thrown)
      if (error.code !== 'input.invalid') throw error
      return error
    }
  }

  return { begin, see, letGo, cancel, resolve }
}

/** In the record of a step that was seen to wait for somebody else's run. */
const waited = 'waited for the run of'
const neverSeen = 'it was begun and given up before its Job was seen'
const stopped = 'it was ended while it ran'

/** Over before the release was frozen: what a rollback goes back to has run with it. Where that cannot be told it has not. */
const ranBefore = ({ endedAt }: MigrationRecord, { frozenAt }: StepContext): boolean =>
  endedAt !== undefined && frozenAt !== undefined && Date.parse(endedAt) < Date.parse(frozenAt)

function ranText({ application, job, endedAt, resolved }: MigrationRecord, mine: boolean): string {
  if (resolved !== undefined) return `${resolved.by} said at ${resolved.at} that it succeeded`
  return mine
    ? `ran on ${job.cluster}/${job.namespace}, ended ${endedAt ?? ''}`
    : `ran before, on ${job.cluster}/${job.namespace} for ${application}, ended ${endedAt ?? ''}`
}

const uncertainText = ({ message, job }: MigrationRecord): string =>
  `nobody knows how the migration on ${job.cluster}/${job.namespace} ended: ${message ?? 'no reason given'}`
