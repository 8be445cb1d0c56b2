import { findRollout } from '../find-rollout.ts'
import type { Io } from '../io.ts'
import { UsageError } from '../exit.ts'
import { neutralise } from '../print/neutralise.ts'
import { printResult } from '../print/result.ts'
import { findStep, placeText } from '../rollout/placed-steps.ts'
import { connect } from '../settings/connect.ts'
import type { ReleaseOptions } from './release-options.ts'

export interface RolloutLogsOptions extends ReleaseOptions {
  readonly stage?: string
  readonly step: string
  readonly target?: string
  readonly attempt?: string
}

/** What a step printed; kept with the run, also when its Job is gone. */
export async function rolloutLogs(io: Io, text: string, options: RolloutLogsOptions): Promise<void> {
  const attempt = attemptOf(options.attempt)
  const { api } = await connect(io, options.context)
  const params = await findRollout(io, api, text, options.project)
  const found = findStep(await api.rollouts.get({ params, signal: io.signal }), options)
  const { target } = found
  const log = await api.rollouts.log({
    params,
    query: {
      stage: found.stage.name,
      step: found.step.name,
      ...(target === undefined ? {} : { cluster: target.cluster, namespace: target.namespace }),
      ...(attempt === undefined ? {} : { attempt }),
    },
    signal: io.signal,
  })
  if (options.output !== 'table') return await printResult(io, options.output, log)
  io.err(`${placeText(found)}, attempt ${log.attempt}${log.running ? ', still running' : `, ended ${log.at}`}\n`)
  const lines = neutralise(log.text)
  io.out(lines === '' || lines.endsWith('\n') ? lines : `${lines}\n`)
}

function attemptOf(text: string | undefined): number | undefined {
  if (text === undefined) return undefined
  const attempt = Number(text)
  if (!Number.isSafeInteger(attempt) || attempt < 1) throw new UsageError('--attempt is a number from 1 on')
  return attempt
}
