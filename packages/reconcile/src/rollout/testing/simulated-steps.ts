import { known, kindOfStep, type Known, unknown } from '@flotilla/model'
import type { StepInHand, StepOutcome, StepSight } from '../types.ts'

export type StepBehaviour = 'ok' | 'fail' | 'hang' | 'uncertain' | 'before'

interface SimulatedRun {
  readonly step: StepInHand
  state: 'running' | 'succeeded' | 'failed' | 'uncertain' | 'gone' | 'before'
}

/** What runs steps, and the ledger, in memory. It counts what must not happen. */
export class SimulatedSteps {
  readonly runs = new Map<string, SimulatedRun>()
  /** Every time something of a step was really begun, by key. */
  readonly begun: string[] = []
  /** How steps of a name end. */
  readonly behaviours = new Map<string, StepBehaviour>()
  readonly violations: string[] = []
  /** Of migrations that succeeded: stage, target and step, of one rollout. */
  private readonly migrated = new Set<string>()
  private readonly resolved = new Set<string>()

  begin(step: StepInHand): void {
    const there = this.runs.get(step.key)
    if (step.step.job?.migration !== undefined && this.migrated.has(identityOf(step.key)))
      this.violations.push(`the migration ${step.key} was begun after it had succeeded`)
    // a name of its own for each key: nothing is made twice
    if (there !== undefined && there.state !== 'gone') return
    // the ledger has it from another run: nothing is begun
    if (step.step.job?.migration !== undefined && this.behaviours.get(step.step.name) === 'before') {
      this.runs.set(step.key, { step, state: 'before' })
      return
    }
    if ([...this.runs.values()].some((run) => run.state === 'running' && run.step.key === step.key))
      this.violations.push(`two runs of ${step.key}`)
    this.begun.push(step.key)
    this.runs.set(step.key, { step, state: 'running' })
  }

  see(step: StepInHand, lost: boolean): Known<StepSight> {
    if (lost && isInMember(step)) return unknown(`cluster ${step.place.cluster} is lost`)
    const run = this.runs.get(step.key)
    if (run === undefined) return known({ state: 'absent' })
    const job = { cluster: step.place.cluster, namespace: step.place.namespace, name: 'made' }
    switch (run.state) {
      case 'gone':
        return known(isOnceOnly(step) ? { state: 'uncertain', message: 'its Job is gone' } : { state: 'absent' })
      case 'running':
        return known({ state: 'running', job })
      case 'succeeded':
        return known({ state: 'succeeded', evidence: ['done'] })
      case 'before':
        return known({ state: 'succeeded', evidence: ['ran before'], ranBefore: true, job })
      case 'failed':
        return known({ state: 'failed', message: 'exit code 1', job })
      case 'uncertain':
        return known({ state: 'uncertain', message: 'nobody knows' })
      default:
        return run.state satisfies never
    }
  }

  cancel(step: StepInHand): void {
    const run = this.runs.get(step.key)
    if (run?.state === 'running') run.state = 'gone'
  }

  letGo(step: StepInHand, outcome: StepOutcome): void {
    const run = this.runs.get(step.key)
    if (run?.state !== 'running') return
    // only a person goes past what cannot be seen
    if (outcome === 'Skipped' || outcome === 'Uncertain') run.state = 'gone'
    else if (!this.resolved.has(step.key)) this.violations.push(`${step.key} was let go of while it ran`)
  }

  resolve(step: StepInHand, outcome: 'Succeeded' | 'Failed'): void {
    this.resolved.add(step.key)
    const run = this.runs.get(step.key)
    if (run !== undefined) run.state = outcome === 'Succeeded' ? 'succeeded' : 'failed'
    if (outcome === 'Succeeded') this.noteSuccess(step)
  }

  /** A Job taken away behind everybody's back. */
  vanish(): void {
    for (const run of this.runs.values()) if (run.state === 'running') run.state = 'gone'
  }

  /** What runs in clusters that work ends, as it is to. */
  tick(): void {
    for (const run of this.runs.values()) {
      if (run.state !== 'running') continue
      const behaviour = this.behaviours.get(run.step.step.name) ?? 'ok'
      if (behaviour === 'hang') continue
      run.state =
        behaviour === 'ok' || behaviour === 'before' ? 'succeeded' : behaviour === 'fail' ? 'failed' : 'uncertain'
      if (run.state === 'succeeded') this.noteSuccess(run.step)
    }
  }

  private noteSuccess({ step, key }: StepInHand): void {
    if (step.job?.migration !== undefined) this.migrated.add(identityOf(key))
  }
}

/** A key without its attempt. */
const identityOf = (key: string): string => key.slice(0, key.lastIndexOf('/'))
export const isInMember = ({ step }: StepInHand): boolean => ['job', 'test'].includes(kindOfStep(step))
const isOnceOnly = ({ step }: StepInHand): boolean => step.job?.migration?.idempotent === false
