import type { ReleaseRow, RolloutRow, RolloutStageView, RolloutTargetView, StepView } from '@flotilla/api'
import type { Look } from '../status/health-look.ts'

/** The shape and colour of every phase: one table for each kind of thing that has one. */
export const releaseLooks: Record<ReleaseRow['phase'], Look> = {
  Draft: 'unknown',
  Frozen: 'suspended',
  Rolling: 'progressing',
  Active: 'healthy',
  Superseded: 'unknown',
  RolledBack: 'degraded',
  Rejected: 'failed',
}

export const rolloutLooks: Record<RolloutRow['phase'], Look> = {
  Pending: 'unknown',
  Running: 'progressing',
  Paused: 'suspended',
  Succeeded: 'healthy',
  Failed: 'failed',
  Aborted: 'failed',
  RolledBack: 'healthy',
  RollbackFailed: 'failed',
}

export const stageLooks: Record<RolloutStageView['phase'], Look> = {
  Pending: 'unknown',
  Before: 'progressing',
  Targets: 'progressing',
  After: 'progressing',
  Succeeded: 'healthy',
  Failed: 'failed',
  RollingBack: 'progressing',
  RolledBack: 'degraded',
}

export const targetLooks: Record<RolloutTargetView['phase'], Look> = {
  Pending: 'unknown',
  PreHooks: 'progressing',
  Applying: 'progressing',
  WaitingHealth: 'progressing',
  Verifying: 'progressing',
  Soaking: 'progressing',
  Succeeded: 'healthy',
  Failed: 'failed',
  Deferred: 'suspended',
  Skipped: 'missing',
  RollingBack: 'progressing',
  RolledBack: 'degraded',
  RollbackFailed: 'failed',
}

export const stepLooks: Record<StepView['phase'], Look> = {
  Planned: 'unknown',
  Intended: 'progressing',
  Running: 'progressing',
  Succeeded: 'healthy',
  Failed: 'failed',
  Uncertain: 'degraded',
  Skipped: 'missing',
}

/** A phase that comes as a plain word; one that is not known here is shown as unknown. */
export const rolloutLookOf = (phase: string): Look =>
  Object.entries(rolloutLooks).find(([name]) => name === phase)?.[1] ?? 'unknown'
