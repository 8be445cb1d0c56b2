import { FlotillaError, type JobStep } from '@flotilla/model'
import { migrationDigest, migrationScope, type StepInHand } from '@flotilla/reconcile'
import type { MigrationClaim, MigrationKey } from '../../../store/migration-ledger.ts'
import { computeStepJob, type StepJob } from './step-job.ts'
import { holderOf, type StepContext } from './step-runner.ts'

/** All of what is claimed but when. */
export type Claim = Omit<MigrationClaim, 'startedAt'>

export interface Migration {
  readonly claim: Claim & MigrationKey
  readonly job: StepJob
}

/** What a step migrates. Errors: `input.invalid` where it does not, or where no Job can be made of it. */
export function parseMigration(step: StepInHand, context: StepContext, digestKey: Uint8Array): Migration {
  const { job: given } = step.step
  const migration: JobStep['migration'] = given?.migration
  if (given === undefined || migration === undefined || context.action === 'Rollback')
    throw new FlotillaError('input.invalid', { message: 'A rollback runs no migration', field: 'job.migration' })
  const job = computeStepJob(step, context, given)
  const { cluster, namespace } = step.place
  const claim: Claim = {
    projectUid: context.project.uid,
    project: context.project.name,
    application: context.application.name,
    digest: migrationDigest(digestKey, job.template),
    scope: migrationScope(step.place, migration.database),
    name: step.step.name,
    holder: holderOf(step, context),
    job: { cluster, namespace, name: job.ref.name },
    reversible: migration.reversible,
    idempotent: migration.idempotent,
  }
  return { claim, job }
}
