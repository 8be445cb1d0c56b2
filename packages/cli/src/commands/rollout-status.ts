import { findRollout } from '../find-rollout.ts'
import type { Io } from '../io.ts'
import { printResult } from '../print/result.ts'
import { rolloutText } from '../rollout/rollout-text.ts'
import { connect } from '../settings/connect.ts'
import type { ReleaseOptions } from './release-options.ts'
import { endWith, watchRollout } from './rollout-watch.ts'

export interface RolloutStatusOptions extends ReleaseOptions {
  readonly watch?: boolean
  readonly exitOnPause?: boolean
}

/** Stages, targets and steps of a run, and what it waits for; with --watch until it ended. */
export async function rolloutStatus(io: Io, text: string, options: RolloutStatusOptions): Promise<void> {
  const { api } = await connect(io, options.context)
  const params = await findRollout(io, api, text, options.project)
  if (options.watch === true) return await watchRollout(io, api, params, options)
  const detail = await api.rollouts.get({ params, signal: io.signal })
  if (options.output === 'table') io.out(rolloutText(io, detail))
  else await printResult(io, options.output, detail)
  endWith(detail, options.exitOnPause === true)
}
