import type { Step, StepRecord } from '@flotilla/model'
import { lookAtStep } from './look-step.ts'
import { isInHand, type May, type Run, type StagePlan } from './run.ts'
import { mayHaveRun, type StepContext, type StepListName, runsOutside, stepText, withTrouble } from './steps.ts'

export type ListState =
  | { readonly state: 'done' }
  | { readonly state: 'open'; readonly waitingFor: string }
  | { readonly state: 'failed'; readonly step: string; readonly message: string }
  | { readonly state: 'uncertain'; readonly step: string; readonly message: string }

export interface ListQuestion {
  readonly run: Run
  readonly stage: StagePlan
  readonly target: StepContext['target']
  readonly list: StepListName
  /** Those of the list that are gone through. */
  readonly steps: readonly Step[]
  readonly records: readonly StepRecord[]
  /** Whether a step may begin now. */
  readonly may: (context: StepContext) => May
}

/** Goes through a list, one step after another. A step that begins is in the records first; its effect follows from them. */
export function advanceSteps(question: ListQuestion): { readonly records: readonly StepRecord[] } & ListState {
  const { run, stage, target, list } = question
  let { records } = question
  for (const step of question.steps) {
    const context: StepContext = { run, stage, target, list, step }
    let record = records.find(({ name }) => name === step.name)
    if (record === undefined || record.again === true) {
      const may = record?.held === true ? letGoFirst(context, record) : question.may(context)
      if (!may.begin) return { records, state: 'open', waitingFor: `${stepText(step)}: ${may.why}` }
      const before = record
      record = lookAtStep(context, beginStep(context, before))
      records = before === undefined ? [...records, record] : swap(records, before, record)
    }
    if (isInHand(record)) return { records, state: 'open', waitingFor: record.waitingFor ?? stepText(step) }
    if (record.phase === 'Failed')
      return { records, state: 'failed', step: step.name, message: record.message ?? 'no reason was given' }
    if (record.phase === 'Uncertain')
      return { records, state: 'uncertain', step: step.name, message: record.message ?? 'nobody knows how it ended' }
  }
  return { records, state: 'done' }
}

function letGoFirst(context: StepContext, record: StepRecord): May {
  const { target, stage } = context
  const text = `its last attempt in ${target?.cluster ?? `stage ${stage.name}`} to be let go of`
  return { begin: false, why: withTrouble(context, record, text) }
}

function beginStep(context: StepContext, before: StepRecord | undefined): StepRecord {
  const { run, step } = context
  return {
    name: step.name,
    // what is decided here needs nobody to begin it
    phase: runsOutside(step) ? 'Intended' : 'Running',
    attempt: before === undefined ? 0 : before.attempt + 1,
    since: run.now,
    waitingFor: `${stepText(step)} to begin`,
    ...(before !== undefined && mayHaveRun(context, before) ? { ran: true } : {}),
  }
}

function swap(records: readonly StepRecord[], old: StepRecord, record: StepRecord): StepRecord[] {
  return records.map((one) => (one === old ? record : one))
}
