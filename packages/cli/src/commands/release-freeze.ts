import { setTimeout as sleep } from 'node:timers/promises'
import type { ApiClient, ReleaseDetail } from '@flotilla/api'
import { NotAsWanted } from '../exit.ts'
import { findRelease, type NamedRelease } from '../find-release.ts'
import type { Io } from '../io.ts'
import { findingText, hasErrors } from '../print/findings.ts'
import { neutraliseLine } from '../print/neutralise.ts'
import { countsText } from '../print/release-text.ts'
import { printResult } from '../print/result.ts'
import { connect } from '../settings/connect.ts'
import { type ReleaseOptions, waitMs } from './release-options.ts'

const lookMs = 1000
/** What passes is tried again after five seconds: what is wrong for longer, with nothing waited for, is for a person. */
const looksThatFailed = 7

export interface FreezeOptions extends ReleaseOptions {
  readonly wait?: string
}

/** Has a draft rendered for every target; from then on it never changes. */
export async function freezeRelease(io: Io, text: string, options: FreezeOptions): Promise<void> {
  const ms = waitMs(options.wait)
  const { api } = await connect(io, options.context)
  const params = await findRelease(io, api, text, options.project)
  const asked = await api.releases.freeze({ params, body: {}, signal: io.signal })
  const detail = ms === undefined ? asked : await waitFrozen(io, api, params, ms)
  if (options.output !== 'table') return await printResult(io, options.output, detail)
  if (detail.phase !== 'Draft') return sayFrozen(io, detail)
  const name = `${params.project}/${params.release}`
  io.out(`${name} is being frozen: it is rendered for every target, once\n`)
  io.err(`See: flotilla release show ${name}\n`)
}

/** Looks until it is frozen; how far it is goes to standard error. */
export async function waitFrozen(io: Io, api: ApiClient, params: NamedRelease, ms: number): Promise<ReleaseDetail> {
  const until = io.now() + ms
  let said = ''
  let failed = 0
  for (;;) {
    const detail = await api.releases.get({ params, signal: io.signal })
    if (detail.phase !== 'Draft') return detail
    const line = detail.waitingFor ?? ''
    if (line !== said && line !== '') io.err(`${neutraliseLine(line)}\n`)
    said = line
    failed = detail.waitingFor === undefined && hasErrors(detail.findingList) ? failed + 1 : 0
    const over = io.now() > until
    if (failed >= looksThatFailed || over) {
      for (const finding of detail.findingList) io.err(`${findingText(io, finding)}\n`)
      const why = detail.message === undefined ? '' : `: ${detail.message}`
      throw new NotAsWanted(
        `${params.project}/${params.release} ${over ? 'is not frozen in time' : 'could not be frozen'}${why}`,
      )
    }
    await sleep(lookMs, undefined, { signal: io.signal })
  }
}

/** What a frozen one is, and what comes next. */
export function sayFrozen(io: Io, detail: ReleaseDetail): void {
  const name = `${detail.project}/${detail.name}`
  if (detail.phase === 'Rejected') throw new NotAsWanted(`${name} was rejected`)
  io.out(
    neutraliseLine(
      `${name} is frozen: ${countsText(detail.changes)} objects in ${detail.targets} targets, digest ${detail.digest ?? '-'}`,
    ) + '\n',
  )
  io.err(neutraliseLine(`Read it: flotilla release diff ${name}`) + '\n')
  io.err(neutraliseLine(`Send it out: flotilla rollout start ${name} --plan PLAN --watch`) + '\n')
}
