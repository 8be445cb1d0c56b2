import type { RolloutDetail } from '@flotilla/api'
import { findRollout } from '../find-rollout.ts'
import type { Io } from '../io.ts'
import { UsageError } from '../exit.ts'
import { neutralise } from '../print/neutralise.ts'
import { printResult } from '../print/result.ts'
import { matchTarget } from '../parse-target.ts'
import { findStep, placeText } from '../rollout/placed-steps.ts'
import { connect } from '../settings/connect.ts'
import type { ReleaseOptions } from './release-options.ts'

export interface RolloutLogsOptions extends ReleaseOptions {
  readonly stage?: string
  readonly step?: string
  readonly hook?: string
  readonly target?: string
  readonly attempt?: string
}

/** What a step printed, or a hook of a chart that migrates; kept with the run, also when its Job is gone. */
export async function rolloutLogs(io: Io, text: string, options: RolloutLogsOptions): Promise<void> {
  const attempt = attemptOf(options.attempt)
  const { api } = await connect(io, options.context)
  const params = await findRollout(io, api, text, options.project)
  const { what, ...meant } = findMeant(await api.rollouts.get({ params, signal: io.signal }), options)
  const query = { ...meant, ...(attempt === undefined ? {} : { attempt }) }
  const log = await api.rollouts.log({ params, query, signal: io.signal })
  if (options.output !== 'table') return await printResult(io, options.output, log)
  io.err(`${what}, attempt ${log.attempt}${log.running ? ', still running' : `, ended ${log.at}`}\n`)
  const lines = neutralise(log.text)
  io.out(lines === '' || lines.endsWith('\n') ? lines : `${lines}\n`)
}

function findMeant(detail: RolloutDetail, { stage, step, hook, target }: RolloutLogsOptions) {
  if (step !== undefined && hook === undefined) {
    const found = findStep(detail, { stage, step, target })
    const place = found.target && { cluster: found.target.cluster, namespace: found.target.namespace }
    return { what: placeText(found), stage: found.stage.name, step: found.step.name, ...place }
  }
  if (hook === undefined || step !== undefined || target === undefined)
    throw new UsageError('say which: --step NAME, or --hook NAME with --target')
  const targets = detail.stages.flatMap((one) => one.targets)
  const { cluster, namespace } = matchTarget(targets, target)
  return { what: `hook ${hook} in ${cluster}/${namespace}`, hook, cluster, namespace }
}

function attemptOf(text: string | undefined): number | undefined {
  if (text === undefined) return undefined
  const attempt = Number(text)
  if (!Number.isSafeInteger(attempt) || attempt < 1) throw new UsageError('--attempt is a number from 1 on')
  return attempt
}
