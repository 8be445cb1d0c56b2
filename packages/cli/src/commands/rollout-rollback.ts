import { NotAsWanted, UsageError } from '../exit.ts'
import { findRollout } from '../find-rollout.ts'
import type { Io } from '../io.ts'
import { matchTargets } from '../parse-target.ts'
import { neutraliseLine } from '../print/neutralise.ts'
import { connect } from '../settings/connect.ts'
import type { ReleaseOptions } from './release-options.ts'
import { sayStarted } from './rollout-start.ts'
import { watchRollout } from './rollout-watch.ts'
import { showRollback } from './show-rollback.ts'

export interface RollbackOptions extends ReleaseOptions {
  readonly reason: string
  readonly target?: readonly string[]
  readonly stage?: readonly string[]
  readonly name?: string
  readonly force?: boolean
  readonly yes?: boolean
  readonly watch?: boolean
  readonly exitOnPause?: boolean
}

/** Shows what targets go back to, asks on a terminal, and takes them back as a new rollout; the application is on hold from then on. */
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
  await showRollback(io, api, before, { stages: stage, targets, force: force === true })
  // a script said what it means; a person looks first
  if (options.yes !== true && io.interactive) {
    const answer = await io.ask(neutraliseLine(`Roll ${params.project}/${params.rollout} back? [y/N] `))
    if (!['y', 'yes'].includes(answer.trim().toLowerCase())) throw new NotAsWanted('Nothing was begun')
  }
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
