import type { RolloutDetail } from '@flotilla/api'
import { findRelease } from '../find-release.ts'
import type { Io } from '../io.ts'
import { matchTargets } from '../parse-target.ts'
import { findingText } from '../print/findings.ts'
import { neutraliseLine } from '../print/neutralise.ts'
import { printResult } from '../print/result.ts'
import { connect } from '../settings/connect.ts'
import type { ReleaseOptions } from './release-options.ts'
import { watchRollout } from './rollout-watch.ts'

export interface StartOptions extends ReleaseOptions {
  readonly plan: string
  readonly target?: readonly string[]
  readonly name?: string
  readonly reason?: string
  readonly watch?: boolean
  readonly exitOnPause?: boolean
}

/** Sends a frozen release out by a plan; that very content, or it is refused. */
export async function startRollout(io: Io, text: string, options: StartOptions): Promise<void> {
  const { api } = await connect(io, options.context)
  const params = await findRelease(io, api, text, options.project)
  const { project, release } = params
  const { digest, targetList } = await api.releases.get({ params, signal: io.signal })
  const { plan, target, name, reason } = options
  const targets = target?.flatMap((one) => matchTargets(targetList, one))
  const started = await api.rollouts.start({
    params: { project },
    body: {
      release,
      plan,
      ...(name === undefined ? {} : { name }),
      ...(reason === undefined ? {} : { reason }),
      ...(digest === undefined ? {} : { digest }),
      ...(targets === undefined ? {} : { targets: targets.map(({ cluster, namespace }) => ({ cluster, namespace })) }),
    },
    signal: io.signal,
  })
  await sayStarted(io, started, options)
  if (options.watch === true) await watchRollout(io, api, { project, rollout: started.name }, options)
}

/** What began, and where it is seen. */
export async function sayStarted(
  io: Io,
  started: RolloutDetail,
  { output, watch }: Pick<StartOptions, 'output' | 'watch'>,
): Promise<void> {
  // whoever watches gets it as the first document
  if (output !== 'table') return watch === true ? undefined : await printResult(io, output, started)
  const { project, name, release, plan, targets, stages, action, of = '', findings = [] } = started
  const what = action === 'Release' ? `sends ${release} out` : `takes back ${of}`
  // it is opened in a moment; then it is known what it is made of
  const counts = stages.length === 0 ? '' : `: ${targets.total} targets in ${stages.length} stages`
  io.out(neutraliseLine(`Rollout ${project}/${name} ${what} by plan ${plan}${counts}`) + '\n')
  for (const finding of findings) io.err(`${findingText(io, finding)}\n`)
  if (watch !== true) io.err(neutraliseLine(`See: flotilla rollout status ${project}/${name} --watch`) + '\n')
}
