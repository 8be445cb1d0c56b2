import type { RolloutDetail } from '@flotilla/api'
import type { Io } from '../io.ts'
import { age } from '../print/age.ts'
import { paint, stateColour } from '../print/colour.ts'
import { neutraliseLine } from '../print/neutralise.ts'
import { waitsText } from '../print/release-text.ts'
import { table } from '../print/table.ts'
import { nextSteps } from './next-steps.ts'
import { rolloutLines, shortenLines } from './rollout-lines.ts'

/** A run for a person: what it waits for, its stages with targets and steps, and what can be done. `most` lines per stage. */
export function rolloutText(io: Io, detail: RolloutDetail, most = Number.POSITIVE_INFINITY): string {
  const lines = shortenLines(rolloutLines(detail), most)
  const rows = lines.map(({ label, phase, since, note }) => [
    label,
    { text: phase, colour: stateColour(phase) },
    age(since, io.now()),
    note,
  ])
  const body = table(io, ['STAGE, TARGET, STEP', 'PHASE', 'FOR', 'NOTE'], rows)
  const next = nextSteps(detail).map((line) => neutraliseLine(`To ${line}`))
  return `${[...headOf(io, detail), '', body.trimEnd(), ...(next.length === 0 ? [] : ['', ...next])].join('\n')}\n`
}

function headOf(io: Io, detail: RolloutDetail): string[] {
  const { phase, action, targets } = detail
  const what =
    action === 'Release'
      ? `release ${detail.release}`
      : `takes back ${detail.of ?? 'a rollout'} of release ${detail.release}`
  const began = age(detail.startedAt ?? detail.createdAt, io.now())
  const head = [
    `${paint(io, 'bold', neutraliseLine(`${detail.project}/${detail.name}`))}  ${neutraliseLine(`${what} of ${detail.application} by plan ${detail.plan}, begun by ${detail.author.name} ${began} ago`)}`,
    `${paint(io, stateColour(phase), phase)}${forHow(io, detail)}${whyOf(detail)}`,
  ]
  if (detail.waitingFor !== undefined) head.push(waitsText(io, detail.waitingFor, detail.waitingSince))
  const { paused, aborted, left, why } = detail
  if (why !== undefined) head.push(neutraliseLine(`Reason: ${why}`))
  if (paused !== undefined)
    head.push(neutraliseLine(`Paused by ${paused.by.name}${paused.reason === undefined ? '' : `: ${paused.reason}`}`))
  if (aborted !== undefined) head.push(neutraliseLine(`Aborted by ${aborted.by.name}: ${aborted.reason}`))
  const counts = [
    `${targets.done} of ${targets.total} done`,
    ...(targets.failed > 0 ? [`${targets.failed} failed`] : []),
    ...(targets.deferred > 0 ? [`${targets.deferred} deferred until they can be reached`] : []),
  ]
  head.push(`Targets: ${counts.join(', ')}`)
  if (left.length > 0) {
    const some = left.slice(0, 5).map(({ cluster, namespace }) => `${cluster}/${namespace}`)
    const more = left.length > some.length ? ` and ${left.length - some.length} more` : ''
    head.push(neutraliseLine(`Came after it began, and have no part in it: ${some.join(', ')}${more}`))
  }
  return head
}

function forHow(io: Io, { since }: RolloutDetail): string {
  const text = age(since, io.now())
  return text === '' ? '' : ` for ${text}`
}

function whyOf({ reason, message }: RolloutDetail): string {
  const text = [reason, message].filter((one) => one !== undefined && one !== '').join(': ')
  return text === '' ? '' : neutraliseLine(`: ${text}`)
}
