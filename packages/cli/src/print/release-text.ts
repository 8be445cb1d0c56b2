import type { ReleaseDetail, ReleaseDifference } from '@flotilla/api'
import { shortVersion } from '@flotilla/model/short-version'
import type { Io } from '../io.ts'
import { age } from './age.ts'
import { paint, stateColour } from './colour.ts'
import { findingText } from './findings.ts'
import { neutralise, neutraliseLine } from './neutralise.ts'
import { table } from './table.ts'

type Components = ReleaseDifference['components']
type Counts = ReleaseDetail['changes']

export const countsText = ({ added, changed, removed }: Counts): string => `+${added} ~${changed} -${removed}`

export const targetName = ({ cluster, namespace }: { readonly cluster: string; readonly namespace: string }): string =>
  `${cluster}/${namespace}`

/** Definition and artifacts of each component, before and after; empty when none changes. */
export function componentsText(io: Io, components: Components): string {
  const rows = components.flatMap(({ component, definition, images }) => [
    ...(definition.before === definition.after
      ? []
      : [[component, 'definition', short(definition.before), short(definition.after)]]),
    ...images.map(({ image, before, after }) => [component, `image ${image}`, short(before), short(after)]),
  ])
  return rows.length === 0 ? '' : table(io, ['COMPONENT', 'WHAT', 'BEFORE', 'AFTER'], rows)
}

const short = (version: string | undefined): string | undefined =>
  version === undefined ? undefined : shortVersion(version)

/** Counts of objects per target. */
export function targetsText(io: Io, targets: readonly ReleaseDifference['targets'][number][]): string {
  return table(
    io,
    ['TARGET', 'ENVIRONMENT', 'ADDED', 'CHANGED', 'REMOVED'],
    targets.map((target) => [targetName(target), target.environment, target.added, target.changed, target.removed]),
  )
}

/** All of a release, for a person. */
export function releaseText(io: Io, detail: ReleaseDetail): string {
  const head = [`${paint(io, 'bold', `${detail.project}/${detail.name}`)}  ${phaseText(io, detail)}`]
  if (detail.title !== undefined) head.push(neutraliseLine(detail.title))
  head.push(neutraliseLine(`Application ${detail.application}, by ${names(detail.authors)}, ${ageOf(io, detail)}`))
  if (detail.tickets.length > 0) head.push(neutraliseLine(`Tickets: ${detail.tickets.join(', ')}`))
  if (detail.copiedFrom !== undefined) head.push(neutraliseLine(`Versions taken from ${targetName(detail.copiedFrom)}`))
  if (detail.digest !== undefined) head.push(neutraliseLine(`Digest: ${detail.digest}`))
  if (detail.waitingFor !== undefined) head.push(waitsText(io, detail.waitingFor, detail.waitingSince))
  const { rejected } = detail
  if (rejected !== undefined) head.push(neutraliseLine(`Rejected by ${rejected.by.name}: ${rejected.reason}`))
  return [
    `${head.join('\n')}\n`,
    ...(detail.notes === undefined ? [] : [`${neutralise(detail.notes)}\n`]),
    componentsText(io, detail.components),
    detail.targetList.length === 0 ? '' : targetsOf(io, detail),
    migrationsText(detail),
    approvalsText(io, detail),
    rolloutsText(io, detail),
    detail.findingList.map((finding) => `${findingText(io, finding)}\n`).join(''),
  ]
    .filter((part) => part !== '')
    .join('\n')
}

const names = (people: ReleaseDetail['authors']): string => people.map(({ name }) => name).join(', ')
const ageOf = (io: Io, { createdAt }: ReleaseDetail): string => `${age(createdAt, io.now())} ago`

function phaseText(io: Io, { phase, freezing, message }: ReleaseDetail): string {
  const word = paint(io, stateColour(phase), freezing ? `${phase}, being frozen` : phase)
  return message === undefined ? word : `${word}: ${neutraliseLine(message)}`
}

/** What is waited for, and since when. */
export function waitsText(io: Pick<Io, 'now'>, waitingFor: string, since: string | undefined): string {
  const at = since === undefined ? '' : ` since ${since} (${age(since, io.now())})`
  return neutraliseLine(`Waits for ${waitingFor}${at}`)
}

function targetsOf(io: Io, { targetList }: ReleaseDetail): string {
  return table(
    io,
    ['TARGET', 'ENVIRONMENT', 'CHANGES', 'BASELINE', 'NOW'],
    targetList.map((target) => [
      targetName(target),
      target.environment,
      countsText(target),
      target.baselineRelease ?? short(target.baseline) ?? 'nothing',
      target.running === target.digest
        ? 'this release'
        : target.running === target.baseline
          ? 'its baseline'
          : { text: 'something else', colour: 'yellow' as const },
    ]),
  )
}

export function migrationsText({ migrations }: Pick<ReleaseDetail, 'migrations'>): string {
  if (migrations.length === 0) return ''
  const each = migrations.map(
    ({ component, name, reversible }) => `${component}/${name}${reversible ? '' : ' (cannot be taken back)'}`,
  )
  return `${neutraliseLine(`Migrations: ${each.join(', ')}`)}\n`
}

const voidText: Record<NonNullable<ReleaseDetail['approvalList'][number]['voidBecause']>, string> = {
  digest: 'of another digest',
  author: 'by its author: void',
  'not-asked': 'not asked: void',
}

function approvalsText(io: Io, { approvalList }: ReleaseDetail): string {
  if (approvalList.length === 0) return ''
  return table(
    io,
    ['WHO', 'SAID', 'FOR', 'AGE', 'NOTE'],
    approvalList.map(({ by, decision, step, at, note, voidBecause }) => [
      by.name,
      voidBecause === undefined
        ? { text: decision, colour: stateColour(decision) }
        : { text: `${decision}, ${voidText[voidBecause]}`, colour: 'grey' as const },
      step ?? 'all of it',
      age(at, io.now()),
      note,
    ]),
  )
}

function rolloutsText(io: Io, { rollouts }: ReleaseDetail): string {
  if (rollouts.length === 0) return ''
  return table(
    io,
    ['ROLLOUT', 'ACTION', 'PHASE', 'STARTED'],
    rollouts.map(({ name, action, phase, startedAt }) => [
      name,
      action,
      { text: phase, colour: stateColour(phase) },
      age(startedAt, io.now()),
    ]),
  )
}
