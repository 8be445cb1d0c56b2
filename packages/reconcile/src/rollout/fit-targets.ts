import type { RolloutTarget, StepRecord } from '@flotilla/model'
import { clip, isInHand } from './run.ts'

/** What an API server takes of one object is 1.5 MiB, and a status has more in it than its targets. */
const mostBytes = 1_000_000

/** How much is kept of what has ended, where all of it would be too much. */
interface Detail {
  /** Of a step that succeeded; who approved is always kept. */
  readonly lines: number
  readonly line: number
  /** Of a step that ended otherwise. */
  readonly otherLines: number
  readonly message: number
  readonly waitingFor: number
  readonly job: boolean
}

const details: readonly Detail[] = [
  { lines: 2, line: 128, otherLines: 20, message: 1024, waitingFor: 512, job: true },
  { lines: 1, line: 64, otherLines: 2, message: 256, waitingFor: 160, job: false },
  { lines: 0, line: 64, otherLines: 1, message: 80, waitingFor: 80, job: false },
]

/**
 * Targets with as much of what their steps said as an API server takes: of thousands of steps that succeeded nobody reads every
 * measurement, and a status that is refused would stop the run. What a step that runs has measured stays, as it goes on from it.
 */
export function fitTargets(targets: readonly RolloutTarget[], most = mostBytes): RolloutTarget[] {
  let fitting = [...targets]
  for (const detail of details) {
    if (sizeOf(fitting) <= most) return fitting
    fitting = targets.map((target) => shorten(target, detail))
  }
  return fitting
}

/** A few targets fit whatever they say. */
function sizeOf(targets: readonly RolloutTarget[]): number {
  return targets.length <= 10 ? 0 : new TextEncoder().encode(JSON.stringify(targets)).length
}

function shorten(target: RolloutTarget, detail: Detail): RolloutTarget {
  const { steps } = target
  return {
    ...shortenTexts(target, detail),
    ...(steps === undefined ? {} : { steps: steps.map((record) => shortenRecord(record, detail)) }),
  }
}

function shortenTexts<T extends { readonly message?: string | undefined; readonly waitingFor?: string | undefined }>(
  said: T,
  { message, waitingFor }: Detail,
): T {
  return {
    ...said,
    ...(said.message === undefined ? {} : { message: clip(said.message, message) }),
    ...(said.waitingFor === undefined ? {} : { waitingFor: clip(said.waitingFor, waitingFor) }),
  }
}

function shortenRecord(record: StepRecord, detail: Detail): StepRecord {
  const { evidence, job, ...rest } = shortenTexts(record, detail)
  const hasSucceeded = record.phase === 'Succeeded'
  const kept =
    evidence === undefined || isInHand(record)
      ? evidence
      : shortenLines(evidence, hasSucceeded ? detail.lines : detail.otherLines, detail.line)
  return {
    ...rest,
    ...(job === undefined || (hasSucceeded && record.held !== true && !detail.job) ? {} : { job }),
    ...(kept === undefined || kept.length === 0 ? {} : { evidence: kept }),
  }
}

function shortenLines(lines: readonly string[], most: number, length: number): string[] {
  const approvals = lines.filter((line) => line.startsWith('approved by '))
  if (approvals.length > 0) return approvals
  // the first sums up, the last is the newest
  const kept =
    lines.length <= most || most < 2 ? lines.slice(0, most) : [...lines.slice(0, most - 1), ...lines.slice(-1)]
  return kept.map((line) => clip(line, length))
}

/** Bytes that a target, and a step of it, take at the least. */
const least = { target: 450, step: 170 }

/** Whether so many targets with so many steps each have room in one status, however little is said of them. */
export const isTooMuch = (stages: readonly { readonly targets: number; readonly steps: number }[]): boolean =>
  stages.reduce((sum, { targets, steps }) => sum + targets * (least.target + steps * least.step), 0) > 1_350_000
