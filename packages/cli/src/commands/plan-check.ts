import type { PlanCheck } from '@flotilla/api'
import { NotAsWanted, UsageError } from '../exit.ts'
import { findPlan } from '../find-plan.ts'
import type { Io } from '../io.ts'
import { findingText, hasErrors } from '../print/findings.ts'
import { neutraliseLine } from '../print/neutralise.ts'
import { printResult } from '../print/result.ts'
import { table } from '../print/table.ts'
import { connect } from '../settings/connect.ts'
import type { ReleaseOptions } from './release-options.ts'

export interface CheckPlanOptions extends ReleaseOptions {
  readonly release: string
}

/** What starting a release with this plan would say; nothing is written. */
export async function checkPlan(io: Io, text: string, options: CheckPlanOptions): Promise<void> {
  const { api } = await connect(io, options.context)
  const params = await findPlan(io, api, text, options.project)
  const release = releaseIn(options.release, params.project)
  const answer = await api.plans.check({
    params,
    body: { release },
    signal: io.signal,
  })
  if (options.output !== 'table') await printResult(io, options.output, answer)
  else print(io, answer)
  if (hasErrors(answer.findings)) throw new NotAsWanted('')
}

/** `web-3`, or `shop/web-3` where the plan is of that project. */
function releaseIn(text: string, project: string): string {
  const [first = '', second] = text.split('/')
  if (second === undefined) return first
  if (first !== project) throw new UsageError(`--release ${text} is not of project ${project}, as the plan is`)
  return second
}

const mostNamed = 8

function print(io: Io, { stages, left, findings }: PlanCheck): void {
  const rows = stages.map(({ name, targets }) => [name, targets.length, namesOf(targets)])
  if (left.length > 0) rows.push(['(no stage)', left.length, namesOf(left)])
  io.out(table(io, ['STAGE', 'TARGETS', 'WHICH'], rows))
  for (const finding of findings) io.out(`${findingText(io, finding)}\n`)
  io.out(neutraliseLine(hasErrors(findings) ? 'It would be refused' : 'It would begin') + '\n')
}

function namesOf(targets: PlanCheck['left']): string {
  const names = targets.slice(0, mostNamed).map(({ cluster, namespace }) => `${cluster}/${namespace}`)
  return `${names.join(', ')}${targets.length > names.length ? ` and ${targets.length - names.length} more` : ''}`
}
