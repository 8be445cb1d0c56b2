import { kindOfStep } from '@flotilla/model'
import type { StepInHand, StepSight } from '@flotilla/reconcile'
import { createAnalysisRunner } from './analysis-runner.ts'
import { createHelmTestRunner } from './helm-test-runner.ts'
import { createJobRunner } from './job-runner.ts'
import { createMigrationRunner } from './migration-runner.ts'
import { holderOf, Refusals, type StepAnswer, type StepContext, type StepDeps, type StepRunner } from './step-runner.ts'
import { createWebhookRunner } from './webhook-runner.ts'

export interface StepRunners extends StepRunner {
  /** Asks a step that runs to end, and takes what it left away. A migration that is ended in the middle is uncertain from then on. */
  cancel(step: StepInHand, context: StepContext, signal: AbortSignal): Promise<void>
  /** A person said how an uncertain migration ended: the ledger hears of it. False where it is known to have ended otherwise. */
  resolve(step: StepInHand, context: StepContext, answer: StepAnswer, signal: AbortSignal): Promise<boolean>
}

/** Runs the steps of rollouts, each by its kind. */
export function createStepRunners(deps: StepDeps): StepRunners {
  const refusals = new Refusals()
  const jobs = createJobRunner(deps, refusals, ({ step }) => step.job ?? step.test?.job ?? { template: {} })
  const migrations = createMigrationRunner(deps, refusals)
  const helmTests = createHelmTestRunner(deps, refusals)
  const analyses = createAnalysisRunner(deps)
  const webhooks = createWebhookRunner(deps)

  const runnerOf = ({ step }: StepInHand): StepRunner => {
    const kind = kindOfStep(step)
    switch (kind) {
      case 'job':
        return step.job?.migration === undefined ? jobs : migrations
      case 'test':
        return step.test?.helm === undefined ? jobs : helmTests
      case 'analysis':
        return analyses
      case 'webhook':
        return webhooks
      case 'wait':
      case 'approval':
        return decidedElsewhere
      default:
        return kind satisfies never
    }
  }

  const isMigration = ({ step }: StepInHand): boolean => step.job?.migration !== undefined

  return {
    begin: (step, context, signal) => runnerOf(step).begin(step, context, signal),
    see: async (step, context, signal) => {
      const message = refusals.get(holderOf(step, context))
      return bounded(
        message === undefined ? await runnerOf(step).see(step, context, signal) : { state: 'failed', message },
      )
    },
    letGo: async (step, context, signal) => {
      await runnerOf(step).letGo(step, context, signal)
      refusals.forget(holderOf(step, context))
    },
    cancel: async (step, context, signal) => {
      if (isMigration(step)) return migrations.cancel(step, context, signal)
      await runnerOf(step).letGo(step, context, signal)
      refusals.add(holderOf(step, context), { message: 'It was asked to end', remedy: undefined })
    },
    resolve: async (step, context, answer, signal) => {
      if (isMigration(step)) return migrations.resolve(step, context, answer, signal)
      await runnerOf(step).letGo(step, context, signal)
      return true
    },
  }
}

/** Waiting and approving: the decision about the rollout sees to them. */
const decidedElsewhere: StepRunner = {
  begin: async () => {},
  see: async () => ({ state: 'running' }),
  letGo: async () => {},
}

/** What a record of a step takes. */
const most = { message: 1024, waitingFor: 512, lines: 20, line: 256 }

function bounded(sight: StepSight): StepSight {
  const evidence =
    'evidence' in sight ? { evidence: sight.evidence?.slice(0, most.lines).map(atMost(most.line)) ?? [] } : {}
  switch (sight.state) {
    case 'absent':
      return sight
    case 'running':
      return { ...sight, ...evidence, waitingFor: sight.waitingFor?.slice(0, most.waitingFor) }
    case 'succeeded':
      return { ...sight, ...evidence, message: sight.message?.slice(0, most.message) }
    case 'failed':
      return { ...sight, ...evidence, message: sight.message.slice(0, most.message) }
    case 'uncertain':
      return { ...sight, message: sight.message.slice(0, most.message) }
    default:
      return sight satisfies never
  }
}

const atMost =
  (length: number) =>
  (text: string): string =>
    text.slice(0, length)
