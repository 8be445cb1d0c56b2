import type { RolloutTargetView, StepView } from '@flotilla/api'
import type { StepPlace } from './step-place.ts'
import { findUncertainHook } from './uncertain-hook.ts'

export type StepActionName = 'approve' | 'resolve' | 'retry' | 'skip'

/** What a person can do about a step of a run that goes on. An approval is given, never skipped. */
export function offerStepActions(
  { target }: Pick<StepPlace, 'target'>,
  { phase, type }: Pick<StepView, 'phase' | 'type'>,
): readonly StepActionName[] {
  const approval = type === 'approval'
  if (phase === 'Uncertain') return ['resolve']
  if (approval && (phase === 'Running' || phase === 'Intended')) return ['approve']
  if (phase !== 'Failed') return []
  // a failed step of a target is tried again with its target
  const again = target === undefined ? (['retry'] as const) : []
  // who rejected it may approve it after all
  return approval ? ['approve', ...again] : [...again, 'skip']
}

/** What a person can do about a target of a run that goes on. */
export function offerTargetActions(target: Pick<RolloutTargetView, 'phase' | 'message'>): readonly StepActionName[] {
  const { phase } = target
  if (findUncertainHook(target) !== undefined) return ['resolve', 'retry', 'skip']
  if (phase === 'Failed' || phase === 'RollbackFailed') return ['retry', 'skip']
  return phase === 'Deferred' ? ['skip'] : []
}
