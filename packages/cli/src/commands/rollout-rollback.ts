import { UsageError } from '../exit.ts'
import { findRollout } from '../find-rollout.ts'
import type { Io } from '../io.ts'
import { matchTargets } from '../parse-target.ts'
import { connect } from '../settings/connect.ts'
import type { ReleaseOptions } from './release-options.ts'
import { sayStarted } from './rollout-start.ts'
import { watchRollout } from './rollout-watch.ts'

export interface RollbackOptions extends ReleaseOptions {
  readonly reason: string
  readonly target?: readonly string[]
  readonly stage?: readonly string[]
  readonly name?: string
  readonly force?: boolean
  readonly watch?: boolean
  readonly exitOnPause?: boolean
}

/** Takes targets, stages or the whole back to what they had, as a new rollout; the application is on hold from then on. */
export async function rollBack(io: Io, text: string, options: RollbackOptions): Promise<void> {
  const { target, stage, name, reason, force } = options
  const { api } = await connect(io, options.context)
  const params = await findRollout(io, api, text, options.project)
  const before = await api.rollouts.get({ params, signal: io.signal })
  const unknown = stage?.find((one) => !before.stages.some((known) => known.name === one))
  if (unknown !== undefined)
    throw new UsageError(
      `there is no stage ${unknown}; there are: ${before.stages.map((known) => known.name).join(', ')}`,
    )
  const known = before.stages.flatMap(({ targets }) => targets)
  const targets = target?.flatMap((one) => matchTargets(known, one))
  const started = await api.rollouts.rollback({
    params,
    body: {
      reason,
      force: force === true,
      ...(name === undefined ? {} : { name }),
      ...(stage === undefined ? {} : { stages: [...stage] }),
      ...(targets === undefined ? {} : { targets: targets.map(({ cluster, namespace }) => ({ cluster, namespace })) }),
    },
    signal: io.signal,
  })
  await sayStarted(io, started, options)
  const { project, application } = started
  io.err(
    `${project}/${application} is on hold: no release of it goes out until flotilla hold lift ${project}/${application}\n`,
  )
  if (options.watch === true) await watchRollout(io, api, { project, rollout: started.name }, options)
}
