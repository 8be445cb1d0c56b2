import { type StepRef, targetKey } from '@flotilla/model'
import type { StepContext } from './steps.ts'

/** Whether a reference by a person names this step. */
export function isNamed(ref: StepRef, { stage, target, step }: StepContext): boolean {
  if (ref.stage !== stage.name || ref.step !== step.name) return false
  if (ref.target === undefined || target === undefined) return ref.target === target
  return targetKey(ref.target) === targetKey(target)
}
